/** Workers that take items one after another, and are all waited for. */
import * as Effect from "effect/Effect"

/**
 * Hands the items out to the workers, each of which does one at a time, until one fails. Then the others are interrupted,
 * and waited for: `Effect.forEach` (3.22.4), while items are left, does not wait for all, and what is released after it
 * may still be in use. An item is not asked for before a worker is free.
 */
export const share = <A, X, E, R>(
  items: Iterable<A>,
  workers: number,
  f: (item: A, index: number) => Effect.Effect<X, E, R>
): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    const rest = items[Symbol.iterator]()
    let index = 0
    const work = Effect.gen(function* () {
      // Not `for … of`, which closes the iterator for all workers when one is interrupted.
      for (let next = rest.next(); next.done !== true; next = rest.next()) yield* f(next.value, index++)
    })
    return Effect.all(
      Array.from({ length: workers }, () => work),
      { concurrency: "unbounded", discard: true }
    )
  })

/** Does something to every item, `concurrency` of them at a time, as {@link share} does. */
export const forEach = <A, X, E, R>(
  items: ReadonlyArray<A>,
  concurrency: number,
  f: (item: A, index: number) => Effect.Effect<X, E, R>
): Effect.Effect<void, E, R> => share(items, Math.min(concurrency, items.length), f)
