/** What is done only where an effect failed. `catchAll` and `mapError` cost a step of the fiber also where none did. */
import * as Effect from "effect/Effect"

/** `then(self)`, where `self` has failed; `then` is something like `Effect.mapError(f)`. */
export const whenFailed = <A, E, R, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  then: (failed: Effect.Effect<never, E>) => Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E2, R | R2> => Effect.catchAllCause(self, (cause) => then(Effect.failCause(cause)))
