/** How long an interrupted transfer may take to end. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import { runBounded } from "../time/runBounded.js"

/** Beside the time that requests may take: for the calls of a checkpoint store, for callbacks, and for the file system. */
const othersLimit = Duration.seconds(20)

/**
 * Answers an interrupt within a limit, whatever `self` waits for: a store, a callback, a file system that does not answer
 * and cannot be interrupted. What is then still under way goes on by itself, and cleans up if it ever can.
 */
export const limitInterrupt =
  (limits: { readonly abortGrace: Duration.Duration; readonly release: Duration.Duration }) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkDaemon(Effect.interruptible(self)), (fiber) => {
        const limit = Duration.sum(Duration.sum(limits.abortGrace, limits.release), othersLimit)
        return Effect.onInterrupt(restore(Fiber.join(fiber)), (by) =>
          Fiber.interruptAsFork(fiber, Array.from(by).reduce(FiberId.combine, FiberId.none)).pipe(
            Effect.zipRight(runBounded(Fiber.await(fiber), { limit, onTimeout: () => "late" as const })),
            Effect.catchAll(() =>
              Effect.logWarning(
                `an interrupted transfer has not ended within ${Duration.format(limit)}; what it began may be left`
              )
            )
          )
        )
      })
    )

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
