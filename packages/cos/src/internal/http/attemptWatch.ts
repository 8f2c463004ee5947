/** Who is told of attempts that fail, also of those that are made again: a transfer that must do less at once. */
import * as Context from "effect/Context"

export class AttemptWatch extends Context.Reference<AttemptWatch>()("effect-cos/internal/AttemptWatch", {
  defaultValue: (): ((error: unknown) => void) | undefined => undefined
}) {}
