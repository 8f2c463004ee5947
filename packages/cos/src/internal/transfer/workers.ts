/** Workers that take items one after another, and are all waited for. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fairSemaphore from "./fairSemaphore.js"

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

/** Hands out what a stream brings, each to one worker. */
export interface Feed<A, E> {
  /** Does something with one item after another, each begun in the very step that takes it, until there is none. */
  readonly each: <X, E2, R>(f: (item: A, index: number) => Effect.Effect<X, E2, R>) => Effect.Effect<void, E2, R>
  /** How the stream has ended, once `each` has: items that came before its failure are handed out first. */
  readonly exit: Effect.Effect<void, E>
}

/** How many chunks a feed reads ahead, so that no worker waits where the stream is faster. */
const ahead = 8

export const makeFeed = <A, E, R>(items: Stream.Stream<A, E, R>): Effect.Effect<Feed<A, E>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(
      Stream.provideContext(Stream.bufferChunks(items, { capacity: ahead }), yield* Effect.context<R>())
    )
    const lock = fairSemaphore.make(1)
    let chunk: ReadonlyArray<A> = []
    let taken = 0
    let index = 0
    let exit: Exit.Exit<void, E> | undefined

    const isEmpty = () => taken === chunk.length && exit === undefined
    const fill = Effect.whenEffect(
      Effect.matchCause(pull, {
        onFailure: (cause) => {
          const failure = Cause.flatMap(cause, Option.match({ onNone: () => Cause.empty, onSome: Cause.fail }))
          exit = Cause.isEmpty(failure) ? Exit.void : Exit.failCause(failure)
        },
        onSuccess: (next) => {
          chunk = Chunk.toReadonlyArray(next)
          taken = 0
        }
      }),
      Effect.sync(isEmpty)
    ).pipe(lock.withPermit)
    const each = <X, E2, R>(f: (item: A, index: number) => Effect.Effect<X, E2, R>): Effect.Effect<void, E2, R> => {
      const next = (): Effect.Effect<void, E2, R> =>
        taken < chunk.length
          ? Effect.flatMap(f(chunk[taken++] as A, index++), next)
          : exit === undefined
            ? Effect.flatMap(fill, next)
            : Effect.void
      return Effect.suspend(next)
    }
    return { each, exit: Effect.suspend(() => exit ?? Effect.void) }
  })

/** Does something to every item of a feed, `concurrency` of them at a time, as {@link share} does. */
export const forEachOf = <A, X, E, E2, R>(
  { each }: Feed<A, E2>,
  concurrency: number,
  f: (item: A, index: number) => Effect.Effect<X, E, R>,
  /** What each worker runs in. */
  around: (worker: Effect.Effect<unknown, E, R>) => Effect.Effect<unknown, E, R> = identity
): Effect.Effect<void, E, R> => {
  const work = around(each(f))
  return Effect.all(
    Array.from({ length: concurrency }, () => work),
    { concurrency: "unbounded", discard: true }
  )
}
