import * as Effect from "effect/Effect"

/**
 * Does something to every item, `concurrency` of them at a time, until one fails. Then the others are interrupted, and
 * waited for: `Effect.forEach` (3.22.4), while items are left, does not wait for all, and what is released after it may
 * still be in use.
 */
export const forEach = <A, X, E, R>(
  items: ReadonlyArray<A>,
  concurrency: number,
  f: (item: A, index: number) => Effect.Effect<X, E, R>
): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    const rest = items.entries()
    const worker = Effect.gen(function* () {
      for (const [index, item] of rest) yield* f(item, index)
    })
    return Effect.all(Effect.replicate(worker, Math.min(concurrency, items.length)), {
      concurrency: "unbounded",
      discard: true
    })
  })
