/** Whether a later run can find what a transfer leaves. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Checkpoint from "../../Checkpoint.js"

/** `unknown`: the store does not answer. */
export type Findable = "found" | "lost" | "unknown"

/**
 * Looks the value up, since a write that the store acknowledged may be lost: directories are cleaned up, caches are
 * emptied. What is missing is written once more.
 */
export const confirmSaved = <A, I>(
  store: Checkpoint.Store.Service,
  id: string,
  schema: Schema.Schema<A, I>,
  value: A,
  isSame: (found: A) => boolean
): Effect.Effect<Findable> => {
  const look = Effect.map(store.get(id, schema), Option.exists(isSame))
  const writeAgain = Effect.zipRight(Effect.ignore(store.set(id, schema, value)), look)
  return Effect.match(
    Effect.flatMap(look, (isThere) => (isThere ? Effect.succeed(true) : writeAgain)),
    { onFailure: () => "unknown" as const, onSuccess: (isThere) => (isThere ? "found" : "lost") }
  )
}
