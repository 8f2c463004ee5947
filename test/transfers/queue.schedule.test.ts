/** Whatever is done to a queue, and whenever: no upload is left, no partial file, and every byte is right. */
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as Checkpoint from "effect-cos/Checkpoint"
import type { State } from "effect-cos/Controlled"
import * as Cos from "effect-cos/Cos"
import * as TransferQueue from "effect-cos/TransferQueue"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import { expectAllowed, inQueue } from "../support/states.js"
import * as World from "../support/world.js"

type Queue = TransferQueue.TransferQueue.Service
type Ticket = TransferQueue.Ticket<TransferQueue.Kind>

const { array, boolean, nat, oneof, record, tuple } = FastCheck
const among = <const A>(...values: ReadonlyArray<A>) => FastCheck.constantFrom(...values)

const bytes = content(3 * MiB + 100)

/** Who: one of the transfers, or all. */
const command = oneof(
  record({ what: among("pause", "resume", "cancel", "remove"), who: nat(5) }),
  record({ what: among("pauseAll", "resumeAll", "cancelAll", "removeFinished", "limit 1", "limit 3") })
)

const schedule = record({
  transfers: array(among("upload", "small upload", "download", "copy"), { minLength: 1, maxLength: 6 }),
  concurrency: among(1, 2, 4),
  /** Milliseconds that a request takes before it is carried out, and that its answer takes. */
  delays: tuple(nat(900), nat(900)),
  /** Requests whose connection breaks. */
  lost: array(nat(40), { maxLength: 2 }),
  /** One that is refused; not an abort, of which something would be left. */
  refused: array(
    tuple(
      among("putObject", "uploadPart", "completeMultipartUpload", "getObject", "headObject", "uploadPartCopy"),
      nat(5)
    ),
    { maxLength: 1 }
  ),
  /** Each so many milliseconds after the one before. */
  commands: array(tuple(nat(3000), command), { maxLength: 8 }),
  /** The process ends in between, and its queue is taken up by another. */
  restart: boolean(),
  end: among("drain", "close")
})
type Schedule = typeof schedule extends FastCheck.Arbitrary<infer A> ? A : never

const submit = (queue: Queue, kind: Schedule["transfers"][number], i: number): Effect.Effect<Ticket> => {
  const options = { partSize: MiB, threshold: 0, concurrency: 2 }
  switch (kind) {
    case "upload":
      return queue.upload({ key: `up${i}`, path: "/data" }, options)
    case "small upload":
      return queue.upload({ key: `up${i}`, path: "/data" })
    case "download":
      return queue.download({ key: "source", path: `/down${i}` }, { partSize: MiB, concurrency: 2 })
    case "copy":
      return queue.copy({ key: `up${i}`, source: { key: "source" } }, options)
  }
}

const perform = (queue: Queue, tickets: ReadonlyArray<Ticket>, { what, ...rest }: Schedule["commands"][number][1]) => {
  const ticket = "who" in rest ? tickets[rest.who] : undefined
  switch (what) {
    case "pause":
    case "resume":
    case "cancel":
    case "remove":
      return ticket === undefined
        ? Effect.void
        : Effect.asVoid(Effect.orDie<unknown, unknown, never>(queue[what](ticket.id)))
    case "limit 1":
      return Effect.orDie(queue.setConcurrency(1))
    case "limit 3":
      return Effect.orDie(queue.setConcurrency(3))
    default:
      return queue[what]
  }
}

const follow = ({ commands, concurrency, delays, end, lost, refused, restart, transfers }: Schedule) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const emulator = yield* Emulator
    disk.put("/data", bytes)
    yield* Cos.putObject({ key: "source", body: bytes })
    const always = Number.POSITIVE_INFINITY
    yield* emulator.fault({ on: { times: always }, do: Fault.delay(delays[0]) })
    yield* emulator.fault({ on: { times: always }, do: Fault.delay(delays[1], "after") })
    for (const nth of lost) yield* emulator.fault({ on: { nth: nth + 1 }, do: Fault.resetBefore })
    for (const [operation, nth] of refused) {
      yield* emulator.fault({ on: { operation, nth: nth + 1 }, do: Fault.status(403, { code: "AccessDenied" }) })
    }

    // --- what is done

    let scope = yield* Scope.make()
    const open = TransferQueue.make({ concurrency, restore: "paused" })
    let queue = yield* open.pipe(Scope.extend(scope))
    const tickets: Array<Ticket> = []
    const seen: Array<Fiber.RuntimeFiber<Chunk.Chunk<State>>> = []
    for (const [i, kind] of transfers.entries()) {
      const ticket: Ticket = yield* submit(queue, kind, i)
      tickets.push(ticket)
      seen.push(yield* Effect.fork(Stream.runCollect(ticket.state)))
    }
    const running: Array<Fiber.RuntimeFiber<void>> = []
    for (const [millis, command] of commands) {
      yield* TestClock.adjust(millis)
      running.push(yield* Effect.fork(perform(queue, tickets, command)))
      const busy = (yield* queue.list).filter(({ state }) => state === "checking" || state === "transferring")
      expect(busy.length).toBeLessThanOrEqual(Math.max(concurrency, 3))
    }
    yield* drive(Fiber.awaitAll(running))
    const given = commands.map(([, { what }]) => what)
    const last = new Map<string, State>()
    if (restart) {
      yield* drive(Scope.close(scope, Exit.void))
      for (const ticket of tickets) last.set(ticket.id, (yield* ticket.current).state)
      scope = yield* Scope.make()
      queue = yield* open.pipe(Scope.extend(scope))
    }
    if (end === "drain") {
      // Each request is refused or lost but once.
      const drained = Effect.gen(function* () {
        yield* queue.resumeAll
        const left = (yield* queue.list).filter(({ state }) => state !== "succeeded" && state !== "cancelled")
        yield* Effect.forEach(left, ({ id }) =>
          Effect.flatMap(queue.get(id), (ticket) => Effect.ignore(Effect.flatMap(ticket, ({ await: end }) => end)))
        )
      })
      for (let i = 0; i < 4; i++) yield* drive(drained)
      const states = (yield* queue.list).map(({ state }) => state)
      expect(
        states.every((state) => state === "succeeded" || state === "cancelled"),
        states.join()
      ).toBe(true)
      if (!restart && given.every((what) => what !== "cancel" && what !== "remove" && what !== "cancelAll")) {
        for (const ticket of tickets) expect((yield* ticket.current).state).toBe("succeeded")
      }
    } else yield* drive(queue.removeAll)
    for (const entry of yield* queue.list) last.set(entry.id, entry.state)
    yield* drive(Scope.close(scope, Exit.void))

    // --- what is left

    const asked = (yield* World.requests()).length
    yield* TestClock.adjust("1 hour")
    expect((yield* World.requests()).length).toBe(asked)
    expect(yield* World.unfinishedUploads).toEqual([])
    expect(yield* World.partsAgain).toEqual([])
    expect(yield* Effect.flatMap(Checkpoint.Store, ({ list }) => list)).toEqual([])
    expect(disk.paths.filter((path) => !/^\/(data|down\d)$/.test(path))).toEqual([])
    for (const path of disk.paths)
      expect(firstDifference(disk.bytes(path) ?? new Uint8Array(0), bytes), path).toBeUndefined()
    for (const { key } of yield* emulator.objects(World.bucket)) yield* World.expectStored(key, bytes)
    for (const [i, { id }] of tickets.entries()) {
      if (last.get(id) !== "succeeded") continue
      if (transfers[i] === "download") expect(disk.bytes(`/down${i}`)).toBeDefined()
      else yield* World.expectStored(`up${i}`, bytes)
    }
    for (const fiber of seen) {
      expectAllowed(Chunk.toReadonlyArray(yield* drive(Fiber.join(fiber))), inQueue)
    }
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.merge(World.inProcess(), Checkpoint.layerMemory)),
    Effect.provide(TestContext.TestContext)
  )

describe("a queue", () => {
  it("keeps its invariants under any schedule", { timeout: 180_000 }, () =>
    FastCheck.assert(
      FastCheck.asyncProperty(schedule, (schedule) => Effect.runPromise(follow(schedule))),
      { seed: 20261122, numRuns: 25 }
    )
  )
})
