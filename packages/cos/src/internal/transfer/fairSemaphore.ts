/** Turns that are taken in the order of asking, so many at once; and that number can change. */
import * as Effect from "effect/Effect"

export interface FairSemaphore {
  readonly inTurn: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly limit: () => number
  /** Those who have their turn keep it. */
  readonly setLimit: (limit: number) => Effect.Effect<void>
}

/** A semaphore wakes all who wait whenever one can go on; here thousands may wait. */
export const make = (limit: number): FairSemaphore => {
  let taken = 0
  const waiting = new Set<() => void>()
  const admit = () => {
    for (const enter of waiting) {
      if (taken >= limit) return
      waiting.delete(enter)
      taken += 1
      enter()
    }
  }
  const leave = () => {
    taken -= 1
    admit()
  }
  const turn = Effect.async<void>((resume) => {
    const enter = () => resume(Effect.void)
    waiting.add(enter)
    admit()
    // Interrupted after it was let in, it has not noticed yet.
    return Effect.sync(() => {
      if (!waiting.delete(enter)) leave()
    })
  })
  return {
    inTurn: (self) =>
      Effect.acquireUseRelease(
        Effect.interruptible(turn),
        () => self,
        () => Effect.sync(leave)
      ),
    limit: () => limit,
    setLimit: (next) =>
      Effect.sync(() => {
        limit = next
        admit()
      })
  }
}
