/**
 * How much memory a run takes that makes much garbage: on a machine with room V8 lets it grow to several times what is in use.
 */
import { setFlagsFromString } from "node:v8"
import * as Effect from "effect/Effect"

/** Collects garbage when a fifth more is in use, which costs a few percent of the time. */
export const keepSmall: Effect.Effect<void> = Effect.sync(() => setFlagsFromString("--heap-growing-percent=20"))
