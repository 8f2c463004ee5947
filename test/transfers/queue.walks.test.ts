/** Every way of a queued transfer from one state to another, in process and on a port. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { State } from "effect-cos/Controlled"
import * as Cos from "effect-cos/Cos"
import * as TransferQueue from "effect-cos/TransferQueue"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, firstDifference, MiB } from "../support/content.js"
import { inQueue, steps } from "../support/states.js"
import * as World from "../support/world.js"

type Queue = TransferQueue.TransferQueue.Service
type Ticket = TransferQueue.Ticket<TransferQueue.Kind>

const data = content(3 * MiB)
const always = Number.POSITIVE_INFINITY
const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const

const doors = {
  "in process": Layer.merge(World.inProcess(), NodeContext.layer),
  "on a port": Layer.merge(World.onPort(), NodeContext.layer)
}

interface Kind {
  readonly kind: TransferQueue.Kind
  readonly submit: (queue: Queue, directory: string) => Effect.Effect<Ticket>
  /** What is asked for before bytes move, if anything is, and to move them. */
  readonly checking: string | undefined
  readonly transferring: string
  /** Which of the latter is held up, or refused. */
  readonly nth: number
}

const kinds: Readonly<Record<string, Kind>> = {
  "upload in one request": {
    kind: "upload",
    submit: (queue, directory) => queue.upload({ key: "target", path: `${directory}/source` }),
    checking: undefined,
    transferring: "putObject",
    nth: 1
  },
  "upload in one request that is read while it is sent": {
    kind: "upload",
    submit: (queue, directory) =>
      queue.upload(
        { key: "target", path: `${directory}/source` },
        { partSize: MiB, maxPartBuffer: MiB, threshold: 3 * MiB }
      ),
    checking: undefined,
    transferring: "putObject",
    nth: 1
  },
  "upload from memory": {
    kind: "upload",
    submit: (queue) => queue.upload({ key: "target", body: data }, inParts),
    checking: "initiateMultipartUpload",
    transferring: "uploadPart",
    nth: 2
  },
  upload: {
    kind: "upload",
    submit: (queue, directory) => queue.upload({ key: "target", path: `${directory}/source` }, inParts),
    checking: "initiateMultipartUpload",
    transferring: "uploadPart",
    nth: 2
  },
  download: {
    kind: "download",
    submit: (queue, directory) =>
      queue.download({ key: "source", path: `${directory}/target` }, { partSize: MiB, concurrency: 1 }),
    checking: "headObject",
    transferring: "getObject",
    nth: 2
  },
  copy: {
    kind: "copy",
    submit: (queue) => queue.copy({ key: "target", source: { key: "source" } }, inParts),
    checking: "headObject",
    transferring: "uploadPartCopy",
    nth: 2
  }
}

const arrives = (ticket: Ticket, state: State) =>
  Stream.runDrain(Stream.takeUntil(ticket.state, (now) => now === state)).pipe(
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => `it never was ${state}` })
  )

/** Lets no request of this operation be answered until the effect has run; the first passes by, if asked. */
const holding = <A, E, R>(operation: string, self: Effect.Effect<A, E, R>, from = 1) =>
  Effect.flatMap(Emulator, (emulator) =>
    Effect.acquireUseRelease(
      emulator.fault({ on: { operation, nth: from, times: always }, do: Fault.silence() }),
      () => self,
      ({ remove }) => remove
    )
  )

/** Refuses one request. */
const refusing = (operation: string, nth: number) =>
  World.fault({ on: { operation, nth }, do: Fault.status(403, { code: "AccessDenied" }) })

/** What leads to a state, and the states on the way; the first is `waiting`, until the turn is given. */
interface Walk {
  readonly name: string
  readonly states: ReadonlyArray<State>
  /** Whether a request is held up, or refused, before bytes move. */
  readonly whileChecking?: boolean
  readonly run: (
    ticket: Ticket,
    giveTurn: Effect.Effect<void>,
    kind: Kind
  ) => Effect.Effect<unknown, unknown, Emulator | Scope.Scope>
}

const happy = ["waiting", "checking", "transferring"] as const

const walks: ReadonlyArray<Walk> = [
  {
    name: "from submission to success, which is for good",
    states: [...happy, "succeeded"],
    run: (ticket, giveTurn) => Effect.all([giveTurn, ticket.await, ticket.pause, ticket.cancel, ticket.resume])
  },
  {
    name: "paused while it waits",
    states: ["waiting", "paused", ...happy, "succeeded"],
    run: (ticket, giveTurn) => Effect.all([ticket.pause, ticket.resume, giveTurn, ticket.await])
  },
  {
    name: "cancelled while it waits, which is for good",
    states: ["waiting", "cancelled"],
    run: (ticket, giveTurn) => Effect.all([ticket.cancel, giveTurn, ticket.resume, ticket.pause])
  },
  {
    name: "paused while it checks",
    whileChecking: true,
    states: ["waiting", "checking", "paused", ...happy, "succeeded"],
    run: (ticket, giveTurn, { checking = "" }) =>
      Effect.gen(function* () {
        yield* holding(checking, Effect.all([giveTurn, arrives(ticket, "checking"), ticket.pause]))
        yield* ticket.resume
        yield* ticket.await
      })
  },
  {
    name: "cancelled while it checks",
    whileChecking: true,
    states: ["waiting", "checking", "cancelled"],
    run: (ticket, giveTurn, { checking = "" }) =>
      holding(checking, Effect.all([giveTurn, arrives(ticket, "checking"), ticket.cancel]))
  },
  {
    name: "fails while it checks",
    whileChecking: true,
    states: ["waiting", "checking", "failed", ...happy, "succeeded"],
    run: (ticket, giveTurn, { checking = "" }) =>
      Effect.zipRight(
        refusing(checking, 1),
        Effect.all([giveTurn, Effect.flip(ticket.await), ticket.resume, ticket.await])
      )
  },
  {
    name: "paused while bytes move",
    states: [...happy, "paused", ...happy, "succeeded"],
    run: (ticket, giveTurn, { nth, transferring }) =>
      Effect.gen(function* () {
        yield* holding(transferring, Effect.all([giveTurn, arrives(ticket, "transferring"), ticket.pause]), nth)
        yield* ticket.resume
        yield* ticket.await
      })
  },
  {
    name: "cancelled while bytes move",
    states: [...happy, "cancelled"],
    run: (ticket, giveTurn, { nth, transferring }) =>
      holding(transferring, Effect.all([giveTurn, arrives(ticket, "transferring"), ticket.cancel]), nth)
  },
  {
    name: "fails while bytes move",
    states: [...happy, "failed", ...happy, "succeeded"],
    run: (ticket, giveTurn, { nth, transferring }) =>
      Effect.zipRight(
        refusing(transferring, nth),
        Effect.all([giveTurn, Effect.flip(ticket.await), ticket.resume, ticket.await])
      )
  },
  {
    name: "cancelled while it is paused",
    states: [...happy, "paused", "cancelled"],
    run: (ticket, giveTurn, { nth, transferring }) =>
      holding(transferring, Effect.all([giveTurn, arrives(ticket, "transferring"), ticket.pause, ticket.cancel]), nth)
  },
  {
    name: "cancelled after a failure",
    states: [...happy, "failed", "cancelled"],
    run: (ticket, giveTurn, { nth, transferring }) =>
      Effect.zipRight(refusing(transferring, nth), Effect.all([giveTurn, Effect.flip(ticket.await), ticket.cancel]))
  }
]

it("the walks cover every transition of the state machine, and no other", () => {
  const taken = new Set(walks.flatMap(({ states }) => steps(states).map((step) => step.join(" -> "))))
  const ways = Object.entries(inQueue).flatMap(([from, to]) => to.map((to) => `${from} -> ${to}`))
  expect([...taken].sort()).toEqual(ways.sort())
})

describe.each(Object.keys(doors) as ReadonlyArray<keyof typeof doors>)("a transfer of the queue, %s", (door) => {
  for (const [name, kind] of Object.entries(kinds)) {
    for (const walk of walks.filter(({ whileChecking }) => whileChecking !== true || kind.checking !== undefined)) {
      it.scopedLive(`${name}: ${walk.name}`, () =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const directory = yield* fs.makeTempDirectoryScoped()
          yield* fs.writeFile(`${directory}/source`, data)
          yield* Cos.putObject({ key: "source", body: data })
          const queue = yield* TransferQueue.make({ concurrency: 1, abortGrace: "10 millis" })

          // The only turn is taken until it is given.
          const turn = yield* (yield* Emulator).fault({ on: { operation: "copyObject" }, do: Fault.silence() })
          const first = yield* queue.copy({ key: "first", source: { key: "source" } }, { threshold: 4 * MiB })
          yield* Effect.repeat(Effect.zipRight(Effect.yieldNow(), turn.fired), { until: (fired) => fired > 0 })
          const ticket = yield* kind.submit(queue, directory)
          const seen: Array<State> = []
          let watching: Fiber.RuntimeFiber<void> | undefined
          // A failure ends the stream: what is done after one is watched again.
          const watch = Effect.suspend(() =>
            watching === undefined
              ? Effect.map(
                  Effect.forkDaemon(
                    Stream.runForEach(ticket.state, (state) =>
                      Effect.sync(() => {
                        if (seen.at(-1) !== state) seen.push(state)
                      })
                    ).pipe(Effect.ensuring(Effect.sync(() => (watching = undefined))))
                  ),
                  (fiber) => (watching = fiber)
                )
              : Effect.void
          )
          yield* watch
          yield* Effect.repeat(Effect.yieldNow(), { until: () => seen.length > 0 })

          const ended = Effect.flatMap(ticket.current, ({ state }) =>
            state === "failed" && watching !== undefined ? Fiber.await(watching) : Effect.void
          )
          const followed = (command: Effect.Effect<void>) =>
            ended.pipe(Effect.zipRight(command), Effect.zipRight(watch))
          const watched = { ...ticket, resume: followed(ticket.resume), cancel: followed(ticket.cancel) }
          yield* walk.run(watched, first.remove, kind)
          yield* Effect.repeat(Effect.yieldNow(), { until: () => watching === undefined })
          const end = walk.states.at(-1)
          // What waits for its turn does so for no time at all where it is its turn.
          const afterFailure = walk.states.indexOf("failed") + 1 || walk.states.length
          expect(seen.slice(0, afterFailure)).toEqual(walk.states.slice(0, afterFailure))
          const isNoWait = (state: State) => state !== "waiting"
          expect(seen.filter(isNoWait)).toEqual(walk.states.filter(isNoWait))
          const [entry] = yield* queue.list
          expect(entry).toMatchObject({ id: ticket.id, kind: kind.kind, state: end })
          expect(entry?.exit?._tag).toBe(
            end === "succeeded" ? "Success" : walk.states.includes("failed") ? "Failure" : undefined
          )
          expect(yield* World.unfinishedUploads).toEqual([])
          const names = (yield* fs.readDirectory(directory)).sort()
          expect(names).toEqual(end === "succeeded" && kind.kind === "download" ? ["source", "target"] : ["source"])
          if (kind.kind === "download" && end === "succeeded") {
            expect(firstDifference(yield* fs.readFile(`${directory}/target`), data)).toBeUndefined()
          } else yield* World.expectStored("target", end === "succeeded" ? data : undefined)
        }).pipe(Effect.provide(doors[door]))
      )
    }
  }
})
