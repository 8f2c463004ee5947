import * as Effect from "effect/Effect"

/** Waits for the next turn of the event loop, so that what the system has answered is heard of. */
export const turn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))
