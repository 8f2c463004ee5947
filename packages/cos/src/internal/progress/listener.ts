/**
 * Calls of the user's own code: `onProgress`, `onCheckpoint`, `onFile` and the others. They run in fibers of their own,
 * so that nothing that a callback does can stop the transfer, and a command that is given within one can wait for it.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as HashSet from "effect/HashSet"
import * as Scope from "effect/Scope"
import { runBounded, runInterruptible } from "../time/runBounded.js"

export interface Listener<in A> {
  /** Passes the value on and returns at once. Values are heard in order, one at a time. */
  readonly notify: (value: A) => Effect.Effect<void>
  /** Waits until every value has been heard, or until one call has taken longer than the limit. */
  readonly drain: Effect.Effect<void>
}

export interface Options<A> {
  /** A value replaces the one of the same key that waits to be heard. Default: every value is heard. */
  readonly key?: ((value: A) => unknown) | undefined
  /** How long a single call is waited for when the transfer has ended. Default: {@link callLimit}. */
  readonly limit?: Duration.Duration | undefined
}

/** How long a transfer that has ended waits for a call to return. */
export const callLimit = Duration.seconds(10)

/** How long an interrupted transfer waits for all of its calls. */
export const interruptLimit = Duration.seconds(1)

/** The listeners whose calls the current fiber is part of: waiting for one of these would wait for itself. */
class Calling extends Context.Reference<Calling>()("effect-cos/internal/Calling", {
  defaultValue: (): ReadonlySet<object> => new Set()
}) {}

/**
 * Closing the scope drains the listener; an interrupt waits no longer than {@link interruptLimit}. What the callback
 * itself ends is not waited for: the callback may be waiting for that end. A defect is logged, and the callback is not
 * called again.
 */
export const make = <A>(
  name: string,
  callback: (value: A) => Effect.Effect<void>,
  options: Options<A> = {}
): Effect.Effect<Listener<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { key = () => ({}), limit = callLimit } = options
    const self = {}
    const waiting = new Map<unknown, A>()
    let call: Fiber.RuntimeFiber<void> | undefined
    let idle: Deferred.Deferred<void> | undefined
    let returned = 0
    let stopped = false

    const stop = (message: string, cause: Cause.Cause<unknown> = Cause.empty) => {
      stopped = true
      waiting.clear()
      return Effect.logWarning(`${name} ${message}; it is not called again`, cause)
    }

    const run = (value: A) =>
      Effect.flatMap(Calling, (outer) =>
        Effect.suspend(() => callback(value)).pipe(
          Effect.provideService(Calling, new Set([...outer, self])),
          Effect.interruptible,
          Effect.forkDaemon
        )
      )

    const hearAll = Effect.gen(function* () {
      for (const [at, value] of waiting) {
        waiting.delete(at)
        call = yield* run(value)
        const exit = yield* Fiber.await(call)
        call = undefined
        returned += 1
        if (Exit.isFailure(exit) && !stopped) yield* stop("failed", exit.cause)
      }
      const ended = idle
      idle = undefined
      if (ended !== undefined) yield* Deferred.succeed(ended, undefined)
    })

    const notify = (value: A) =>
      Effect.suspend(() => {
        if (stopped) return Effect.void
        waiting.set(key(value), value)
        if (idle !== undefined) return Effect.void
        idle = Deferred.unsafeMake(FiberId.none)
        return Effect.asVoid(Effect.forkDaemon(hearAll))
      }).pipe(Effect.uninterruptible)

    const giveUp = Effect.suspend(() => {
      if (stopped) return Effect.void
      const late = call
      return Effect.zipRight(stop("has not returned"), late === undefined ? Effect.void : Fiber.interruptFork(late))
    })

    const drainBy = (bound: typeof runBounded): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (idle === undefined || stopped) return Effect.void
        const before = returned
        return Effect.catchAll(bound(Deferred.await(idle), { limit, onTimeout: () => "late" as const }), () =>
          returned === before ? giveUp : drainBy(bound)
        )
      })

    const isEndedByCall = (exit: Exit.Exit<unknown, unknown>): Effect.Effect<boolean> =>
      Effect.map(Calling, (calling) => {
        if (calling.has(self)) return true
        const id = call?.id()
        return id !== undefined && Exit.isFailure(exit) && HashSet.has(Cause.interruptors(exit.cause), id)
      })

    const close = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.flatMap(isEndedByCall(exit), (isEnded) => {
        if (isEnded) return Effect.void
        if (!Exit.isInterrupted(exit)) return drainBy(runBounded)
        const least = Duration.min(limit, interruptLimit)
        return Effect.catchAll(
          runBounded(drainBy(runInterruptible), { limit: least, onTimeout: () => "late" as const }),
          () => giveUp
        )
      })

    // Not `Effect.addFinalizer`, which would give `close` the context of now: `Calling` is of who closes the scope.
    const scope = yield* Effect.scope
    yield* Scope.addFinalizerExit(scope, close)
    return { notify, drain: drainBy(runInterruptible) }
  })

/** Values of which only the newest matters. */
export const newest = { key: () => "newest" } as const
