/** Requests within an acquire or a release. */

import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/**
 * Runs `self` in a fiber of its own and waits for it, at most `limit`. Within an uninterruptible region a time limit has
 * no effect on the region's own fiber, and a child is told of its parent's interrupt at once; this fiber is neither. What
 * takes its time to be interrupted is not waited for.
 */
export const runBounded = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  options: { readonly limit: Duration.DurationInput; readonly onTimeout: () => E2 }
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptible(
    Effect.flatMap(
      Effect.forkDaemon(
        Effect.interruptible(
          Effect.timeoutFail(Effect.disconnect(self), { duration: options.limit, onTimeout: options.onTimeout })
        )
      ),
      Fiber.join
    )
  )
