/** Time limits that hold whatever the effect does, and wherever it is run. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

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
