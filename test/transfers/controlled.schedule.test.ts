/** Controlled transfers under random schedules of commands, delays and lost requests. */
import type * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import type { Controlled } from "effect-cos/Controlled"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import { byItself, expectAllowed } from "../support/states.js"
import * as World from "../support/world.js"

const stateOf = <A, E, C>(transfer: Controlled<A, E, C>) => Effect.map(transfer.current, ({ state }) => state)

const { array, constantFrom, nat, record, tuple } = FastCheck

type Transfer = Controlled<unknown, unknown, unknown>

/** What is done to a transfer, and how many milliseconds later than what was done before. */
const schedule = record({
  kind: constantFrom("upload", "single upload", "download", "copy"),
  concurrency: constantFrom(1, 3),
  /** Milliseconds that a request takes before it is carried out, and that its answer takes. */
  delays: tuple(nat(900), nat(900)),
  /** Requests that are lost. */
  lost: array(nat(30), { maxLength: 2 }),
  commands: array(tuple(nat(4000), constantFrom("pause", "resume", "pause and resume", "cancel")), { maxLength: 6 }),
  end: constantFrom("await", "cancel", "close")
})

const commands: { readonly [name: string]: (transfer: Transfer) => Effect.Effect<unknown> } = {
  pause: ({ pause }) => pause,
  resume: ({ resume }) => resume,
  "pause and resume": ({ pause, resume }) => Effect.all([pause, resume], { concurrency: 2 }),
  cancel: ({ cancel }) => cancel,
  close: () => Effect.void,
  await: (transfer) => Effect.zipRight(transfer.resume, Effect.ignore(transfer.await))
}

/** What a stream of a transfer says, over all of its runs. */
const watch = <A>(stream: Stream.Stream<A>) =>
  Effect.gen(function* () {
    const seen: Array<A> = []
    const collect = Effect.forkDaemon(
      Stream.runForEach(stream, (value) =>
        Effect.sync(() => {
          if (value !== seen.at(-1)) seen.push(value)
        })
      )
    )
    let fiber = yield* collect
    return {
      /** Watches again if the stream has ended. */
      again: Effect.suspend(() =>
        fiber.unsafePoll() === null
          ? Effect.void
          : Effect.map(collect, (next) => {
              fiber = next
            })
      ),
      seen: Effect.suspend(() => Effect.as(Fiber.join(fiber), seen))
    }
  })

const bytes = content(4 * MiB + 100)
const follow = ({
  commands: given,
  concurrency,
  delays,
  end,
  kind,
  lost
}: typeof schedule extends FastCheck.Arbitrary<infer A> ? A : never) =>
  Effect.gen(function* () {
    const disk = yield* Disk
    const emulator = yield* Emulator
    disk.put("/data", bytes)
    yield* Cos.putObject({ key: "source", body: bytes })
    const always = Number.POSITIVE_INFINITY
    yield* emulator.fault({ on: { times: always }, do: Fault.delay(delays[0]) })
    yield* emulator.fault({ on: { times: always }, do: Fault.delay(delays[1], "after") })
    for (const nth of lost) yield* emulator.fault({ on: { nth: nth + 1 }, do: Fault.resetBefore })

    const scope = yield* Scope.make()
    const options = { partSize: MiB, threshold: kind === "single upload" ? 16 * MiB : 0, concurrency }
    const started: Effect.Effect<Transfer, unknown, CosClient | FileSystem.FileSystem | Scope.Scope> =
      kind === "download"
        ? Download.controlled({ key: "source", path: "/out" }, options)
        : kind === "copy"
          ? Copy.controlled({ key: "a", source: { key: "source" } }, options)
          : Upload.controlled({ key: "a", path: "/data" }, options)
    const transfer = yield* started.pipe(Scope.extend(scope))
    const states = yield* watch(transfer.state)
    const progress = yield* watch(transfer.progress)
    // A failure ends the streams; a transfer that is resumed is watched again.
    const watched: Transfer = {
      ...transfer,
      resume: Effect.zipRight(transfer.resume, Effect.zipRight(states.again, progress.again))
    }
    const running: Array<Fiber.RuntimeFiber<unknown, unknown>> = []
    for (const [millis, command] of given) {
      yield* TestClock.adjust(millis)
      running.push(yield* Effect.fork(commands[command]?.(watched) ?? Effect.void))
    }
    yield* drive(Fiber.awaitAll(running))
    yield* drive(commands[end]?.(watched) ?? Effect.void)
    const before = yield* stateOf(transfer)
    yield* drive(Scope.close(scope, Exit.void))

    const state = yield* stateOf(transfer)
    const seen = yield* drive(states.seen)
    expectAllowed(seen, byItself)
    expect(seen.at(-1)).toBe(state)
    const moved = Array.from(yield* drive(progress.seen), ({ transferred }) => transferred)
    expect(moved).toEqual(moved.toSorted((a, b) => a - b))

    // Nothing is under way, and nothing is left.
    const asked = (yield* World.requests()).length
    yield* TestClock.adjust("1 hour")
    expect((yield* World.requests()).length).toBe(asked)
    expect(yield* World.unfinishedUploads).toEqual([])
    expect(yield* World.partsAgain).toEqual([])
    expect(["succeeded", "failed", "cancelled"]).toContain(state)
    expect(disk.paths).toEqual(state === "succeeded" && kind === "download" ? ["/data", "/out"] : ["/data"])
    if (state === "succeeded") {
      expect(moved.at(-1)).toBe(bytes.byteLength)
      if (kind === "download") expect(firstDifference(disk.bytes("/out") ?? new Uint8Array(0), bytes)).toBeUndefined()
      else yield* World.expectStored("a", bytes)
    }
    // What nobody cancelled has succeeded.
    if (end === "await" && !given.some(([, command]) => command === "cancel")) expect(before).toBe("succeeded")
  }).pipe(Effect.scoped, Effect.provide(World.inProcess()), Effect.provide(TestContext.TestContext))

describe("at any moment", () => {
  it("pause, resume and cancel leave no upload, no partial file, and the same bytes", { timeout: 120_000 }, () =>
    FastCheck.assert(
      FastCheck.asyncProperty(schedule, (schedule) => Effect.runPromise(follow(schedule))),
      { seed: 20261122, numRuns: 60 }
    )
  )
})
