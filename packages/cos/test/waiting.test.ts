/** What one fiber waits for, another may give back between any two of its steps. */
import { SystemError } from "@effect/platform/Error"
import { expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import * as gates from "../src/internal/transfer/concurrencyGate.js"
import { ownTurn } from "../src/internal/transfer/eventLoopTurn.js"
import * as fairSemaphore from "../src/internal/transfer/fairSemaphore.js"
import { Memory } from "../src/internal/transfer/memory.js"
import { makeReaders } from "../src/internal/transfer/upload/readers.js"

/** Gives back before a step of the fiber that waits, and lets others hear of that. */
const givingBack = (step: number, giveBack: () => void): Scheduler.Scheduler => {
  let steps = 0
  return {
    scheduleTask: (task) => queueMicrotask(task),
    shouldYield: () => {
      steps += 1
      if (steps !== step) return false
      giveBack()
      return 0
    }
  }
}

interface Taken {
  readonly giveBack: () => void
  /** What waits until it is given back. */
  readonly another: Effect.Effect<unknown, unknown>
}

/** The steps of `another` at which it was given back, and `another` waits all the same. */
const lostAt = (take: Effect.Effect<Taken, unknown, Scope.Scope>) =>
  Effect.gen(function* () {
    const lost: Array<number> = []
    let isGivenBack = true
    for (let step = 1; isGivenBack; step++) {
      isGivenBack = false
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { another, giveBack } = yield* take
          const scheduler = givingBack(step, () => {
            isGivenBack = true
            giveBack()
          })
          const fiber = Effect.runFork(another, { scheduler })
          yield* Effect.repeatN(
            Effect.promise(() => Promise.resolve()),
            20
          )
          if (isGivenBack && fiber.unsafePoll() === null) lost.push(step)
          giveBack()
          yield* Effect.raceFirst(Fiber.await(fiber), Effect.yieldNow())
        })
      )
    }
    return lost
  })

const outOfDescriptors = new SystemError({
  module: "FileSystem",
  method: "open",
  reason: "Unknown",
  pathOrDescriptor: "a",
  cause: Object.assign(new Error("EMFILE"), { code: "EMFILE" })
})

/** Without a descriptor at the first try. */
const makeFile = () => {
  let isFirst = true
  return Effect.suspend(() => {
    if (!isFirst) return Effect.void
    isFirst = false
    return Effect.fail(outOfDescriptors)
  })
}

const makeGate = gates.make({ files: 3, parts: undefined, totalParts: undefined })

const cases: ReadonlyArray<{ readonly what: string; readonly take: Effect.Effect<Taken, unknown, Scope.Scope> }> = [
  {
    what: "a permit",
    take: Effect.sync(() => {
      const permits = fairSemaphore.make(1)
      Effect.runSync(permits.take)
      return { giveBack: permits.giveBack, another: permits.withPermit(Effect.void) }
    })
  },
  {
    what: "memory",
    take: Effect.sync(() => {
      const memory = new Memory(10)
      Effect.runSync(memory.acquire(10))
      return { giveBack: () => memory.release(10), another: memory.withRoom(10, Effect.void) }
    })
  },
  {
    what: "a turn of the event loop",
    take: Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => {
          const { setImmediate } = globalThis
          const ends: Array<() => void> = []
          Object.assign(globalThis, { setImmediate: (end: () => void) => ends.push(end) })
          return { setImmediate, ends }
        }),
        ({ ends, setImmediate }) =>
          Effect.sync(() => {
            Object.assign(globalThis, { setImmediate })
            for (const end of ends) end()
          })
      ),
      ({ ends }) => {
        Effect.runSync(ownTurn)
        return { giveBack: () => ends.shift()?.(), another: ownTurn }
      }
    )
  },
  {
    what: "descriptors of another file",
    take: Effect.gen(function* () {
      const gate = yield* makeGate
      const end = Deferred.unsafeMake<void>(yield* Effect.fiberId)
      Effect.runFork(gate.file(Deferred.await(end)))
      return { giveBack: () => Deferred.unsafeDone(end, Exit.void), another: gate.file(makeFile()) }
    })
  },
  {
    what: "the reader of another part",
    take: Effect.gen(function* () {
      let isFirst = true
      const open = Effect.suspend(() => {
        if (!isFirst) return Effect.fail(outOfDescriptors)
        isFirst = false
        return Effect.succeed({ read: () => Effect.succeed(new Uint8Array(0)) })
      })
      const withReader = yield* makeReaders({ open })
      const end = Deferred.unsafeMake<void>(yield* Effect.fiberId)
      Effect.runFork(withReader(() => Deferred.await(end)))
      return { giveBack: () => Deferred.unsafeDone(end, Exit.void), another: withReader(() => Effect.void) }
    })
  }
]

it.scopedLive.each(cases)("nobody waits for ever for $what", ({ take }) =>
  Effect.gen(function* () {
    expect(yield* lostAt(take)).toEqual([])
  })
)

it.scopedLive("a file that is interrupted when it could go on lets the next one go on", () =>
  Effect.gen(function* () {
    const gate = yield* makeGate
    const end = yield* Deferred.make<void>()
    const first = yield* Effect.fork(gate.file(Deferred.await(end)))
    yield* Effect.yieldNow()
    const tasks: Array<() => void> = []
    const second = Effect.runFork(gate.file(makeFile()), {
      scheduler: { scheduleTask: (task) => tasks.push(task), shouldYield: () => false }
    })
    const third = yield* Effect.fork(gate.file(makeFile()))
    yield* Effect.yieldNow()
    yield* Deferred.succeed(end, undefined)
    yield* Fiber.join(first)
    expect(tasks).toHaveLength(1)
    second.unsafeInterruptAsFork(yield* Effect.fiberId)
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
    yield* Fiber.join(third)
  })
)
