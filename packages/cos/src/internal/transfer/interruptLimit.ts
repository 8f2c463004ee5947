/** How long an interrupted transfer may take to end. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { identity } from "effect/Function"
import type * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import { runOnce } from "../http/onEnd.js"
import { runBounded } from "../time/runBounded.js"

/** Beside the time that requests may take: for the calls of a checkpoint store, for callbacks, and for the file system. */
const othersLimit = Duration.seconds(20)

interface Limits {
  readonly abortGrace: Duration.Duration
  readonly release: Duration.Duration
}

/** Runs `self` in a fiber of its own, with a context made of the caller's, and waits for its end, or for an interrupt. */
const inFiber = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  contextOf: (context: Context.Context<R>) => Context.Context<R>,
  limits: Limits
): Effect.Effect<A, E, R> => Effect.suspend(() => inFiberOnce(runOnce(self), contextOf, limits))

const inFiberOnce = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  contextOf: (context: Context.Context<R>) => Context.Context<R>,
  limits: Limits
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiberRuntime<A, E, R>((caller, { runtimeFlags }) => {
      const context = contextOf(caller.currentContext as Context.Context<R>)
      const runtime = Runtime.make({ context, runtimeFlags, fiberRefs: caller.getFiberRefs() })
      const begun: Begun<A, E> = { fiber: Runtime.runFork(runtime, Effect.interruptible(self)) }
      return Effect.onInterrupt(restore(exitOf(begun)), (by) =>
        begun.fiber === undefined ? Effect.void : endWithin(begun.fiber, by, limits)
      )
    })
  )

interface Begun<A, E> {
  /** Until it has ended. */
  fiber: Fiber.RuntimeFiber<A, E> | undefined
}

/** Not `Fiber.join`, which compares all fiber references of both for each small file. */
const exitOf = <A, E>(begun: Begun<A, E>): Effect.Effect<A, E> =>
  Effect.async((resume) =>
    begun.fiber?.addObserver((exit) => {
      begun.fiber = undefined
      resume(exit)
    })
  )

const endWithin = <A, E>(
  fiber: Fiber.RuntimeFiber<A, E>,
  by: HashSet.HashSet<FiberId.FiberId>,
  limits: Limits
): Effect.Effect<void> => {
  const limit = Duration.sum(Duration.sum(limits.abortGrace, limits.release), othersLimit)
  return Fiber.interruptAsFork(fiber, Array.from(by).reduce(FiberId.combine, FiberId.none)).pipe(
    Effect.zipRight(runBounded(Fiber.await(fiber), { limit, onTimeout: () => "late" as const })),
    Effect.catchAll(() =>
      Effect.logWarning(
        `an interrupted transfer has not ended within ${Duration.format(limit)}; what it began may be left`
      )
    )
  )
}

/**
 * Answers an interrupt within a limit, whatever `self` waits for: a store, a callback, a file system that does not answer
 * and cannot be interrupted. What is then still under way goes on by itself, and cleans up if it ever can.
 */
export const limitInterrupt =
  (limits: Limits) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    inFiber(self, identity, limits)

/** The same within a span. The fiber begins with the span in its context, which is cheaper than to add it later. */
export const limitInterruptInSpan = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  span: Tracer.Span,
  limits: Limits
): Effect.Effect<A, E, R> => inFiber(self, Context.add(Tracer.ParentSpan, span), limits)

/** The limits of transfers that have no options for them. */
export const defaultLimits = { abortGrace: Duration.seconds(5), release: Duration.seconds(10) }

/** With the default for what is no duration, which is refused elsewhere. */
export const limitsOf = ({
  abortGrace,
  releaseLimit
}: {
  readonly abortGrace?: unknown
  readonly releaseLimit?: unknown
}): typeof defaultLimits => ({
  abortGrace: durationOr(abortGrace, defaultLimits.abortGrace),
  release: durationOr(releaseLimit, defaultLimits.release)
})

/** Effect finds out what is no duration by an error, which costs as much as a request. */
const durationOr = (value: unknown, otherwise: Duration.Duration): Duration.Duration =>
  value === undefined ? otherwise : Option.getOrElse(Duration.decodeUnknown(value), () => otherwise)
