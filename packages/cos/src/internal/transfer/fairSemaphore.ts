/** A semaphore whose permits are given in the order of asking, and whose number of permits can change. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { hold } from "./held.js"

/** What is done when a permit was given, and before it is given back: with the cause of a failure. */
export interface Around {
  readonly begin: () => void
  readonly end: (cause?: Cause.Cause<unknown>) => void
}

export interface FairSemaphore {
  readonly withPermit: <A, E, R>(self: Effect.Effect<A, E, R>, around?: Around) => Effect.Effect<A, E, R>
  /** To be called where no interrupt comes between the two. */
  readonly take: Effect.Effect<void>
  readonly giveBack: () => void
  readonly limit: () => number
  readonly held: () => number
  /** How many wait for a permit. */
  readonly waiting: () => number
  /** Permits that are held are not withdrawn. */
  readonly setLimit: (limit: number) => void
}

/** Effect's semaphore wakes everybody who waits whenever one can go on; here thousands may wait. */
export const make = (limit: number): FairSemaphore => {
  let held = 0
  const waiting = new Set<() => void>()
  const admit = () => {
    for (const enter of waiting) {
      if (held >= limit) return
      waiting.delete(enter)
      held += 1
      enter()
    }
  }
  const release = () => {
    held -= 1
    admit()
  }
  const wait = Effect.async<void>((resume) => {
    const enter = () => resume(Effect.void)
    waiting.add(enter)
    // There may be one since it was asked for: the fiber may have let others run in between.
    admit()
    // The interrupt may come after the permit was given, but before the fiber ran: then the permit is given back.
    return Effect.sync(() => {
      if (!waiting.delete(enter)) release()
    })
  })
  const tryTake = () => {
    if (held >= limit || waiting.size > 0) return Effect.interruptible(wait)
    held += 1
    return undefined
  }
  return {
    withPermit: (self, around) =>
      around === undefined
        ? hold(tryTake, self, () => release())
        : hold(
            () => {
              const waiting = tryTake()
              if (waiting !== undefined) return Effect.map(waiting, around.begin)
              around.begin()
              return undefined
            },
            self,
            (cause) => {
              around.end(cause)
              release()
            }
          ),
    take: Effect.suspend(() => tryTake() ?? Effect.void),
    giveBack: release,
    limit: () => limit,
    held: () => held,
    waiting: () => waiting.size,
    setLimit: (next) => {
      limit = next
      admit()
    }
  }
}
