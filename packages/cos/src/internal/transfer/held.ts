/** What is held while something runs. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"

/**
 * Runs `self` between two plain calls. `take` gives an effect where it has to wait; nobody else runs between the two, so that
 * what was taken is always given back. `Effect.acquireUseRelease` takes twice as many steps, for each file and part.
 */
export const hold = <A, E, R>(
  take: () => Effect.Effect<void> | undefined,
  self: Effect.Effect<A, E, R>,
  giveBack: (cause?: Cause.Cause<E>) => void
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) => {
    const waiting = take()
    const held = Effect.matchCauseEffect(restore(self), {
      onFailure: (cause) => {
        giveBack(cause)
        return Effect.failCause(cause)
      },
      onSuccess: (value) => {
        giveBack()
        return Effect.succeed(value)
      }
    })
    return waiting === undefined ? held : Effect.zipRight(waiting, held)
  })
