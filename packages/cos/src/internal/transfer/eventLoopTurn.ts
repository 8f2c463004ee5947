/**
 * A turn of the event loop for each piece of work that keeps it for milliseconds. Reads of files that have ended are all
 * told of in one turn: four parts of 8 MiB, summed and handed to their sockets there, would keep others waiting for 15 ms.
 */
import * as Effect from "effect/Effect"

declare const globalThis: { readonly setImmediate?: (callback: () => void) => unknown }

/** Those that wait for a turn of their own. */
const waiting = new Set<() => void>()
let isTaken = false

const take = (endOfTurn: (callback: () => void) => unknown): void => {
  isTaken = true
  endOfTurn(() => {
    isTaken = false
    for (const enter of waiting) {
      waiting.delete(enter)
      take(endOfTurn)
      enter()
      return
    }
  })
}

/** Waits for a turn in which nobody else has begun such work. Browsers cannot tell the end of a turn: there it does not. */
export const ownTurn: Effect.Effect<void> = Effect.async<void>((resume) => {
  const { setImmediate } = globalThis
  if (setImmediate === undefined) return resume(Effect.void)
  const enter = () => resume(Effect.void)
  if (!isTaken) {
    take(setImmediate)
    return enter()
  }
  waiting.add(enter)
  return Effect.sync(() => {
    waiting.delete(enter)
  })
})
