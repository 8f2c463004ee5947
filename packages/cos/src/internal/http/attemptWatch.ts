/** Who is told of attempts that fail, also of those that are made again: a transfer that must do less at once. */
import * as Context from "effect/Context"

/** Called as a request begins. What it gives is told of each of its attempts that fails. */
export type Watch = () => ((error: unknown) => void) | undefined

export class AttemptWatch extends Context.Reference<AttemptWatch>()("effect-cos/internal/AttemptWatch", {
  defaultValue: (): Watch | undefined => undefined
}) {}
