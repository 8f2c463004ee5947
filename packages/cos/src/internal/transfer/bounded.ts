/** Time limits that hold whatever the effect does, and wherever it is run. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"

interface Limit<E> {
  readonly limit: Duration.DurationInput
  readonly onTimeout: () => E
}

/**
 * In a fiber of its own, for a time limit has no effect on a fiber that is in an uninterruptible region. Does not wait
 * for the interruption to finish once the limit is over.
 */
const start = <A, E, R, E2>(self: Effect.Effect<A, E, R>, { limit, onTimeout }: Limit<E2>) =>
  Effect.forkDaemon(Effect.interruptible(Effect.timeoutFail(Effect.disconnect(self), { duration: limit, onTimeout })))

/** Runs `self` for at most `limit`, to its end: interrupts of the caller are answered afterwards. */
export const runBounded = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  options: Limit<E2>
): Effect.Effect<A, E | E2, R> => Effect.uninterruptible(Effect.flatMap(start(self, options), Fiber.join))

/** Runs `self` for at most `limit`. An interrupt of the caller is answered at once, whatever `self` is doing. */
export const runInterruptible = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  options: Limit<E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(start(self, options), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interruptFork(fiber))
    )
  )

/** Beside the time that requests may take: for the calls of a checkpoint store, for callbacks, and for the file system. */
const othersLimit = Duration.seconds(20)

/**
 * Answers an interrupt within a limit, whatever `self` waits for: a store, a callback, a file system that does not answer
 * and cannot be interrupted. What is then still under way goes on by itself, and cleans up if it ever can.
 */
export const boundInterrupt =
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
