/** The readers of a source: as many as are needed at once. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { isOutOfDescriptors } from "../../file/descriptors.js"
import type { Reader, Source } from "./source.js"

export type WithReader<E> = <A, E2, R>(
  use: (reader: Reader<E>) => Effect.Effect<A, E2, R>
) => Effect.Effect<A, E | E2, R>

/** Opens the first one at once, to see that it can be, and others when they are needed. They close with the scope. */
export const makeReaders = <E>(source: Pick<Source<E>, "open">): Effect.Effect<WithReader<E>, E, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const idle = [yield* source.open]
    const waiting = new Set<(reader: Reader<E>) => void>()
    const another = Effect.async<Reader<E>>((resume) => {
      const given = idle.pop()
      if (given !== undefined) return resume(Effect.succeed(given))
      const take = (reader: Reader<E>) => resume(Effect.succeed(reader))
      waiting.add(take)
      return Effect.sync(() => {
        waiting.delete(take)
      })
    })
    // Where the process has no descriptor left, one of ours is waited for.
    const open = Effect.catchAll(Effect.uninterruptible(Scope.extend(source.open, scope)), (error) =>
      isOutOfDescriptors(error) ? another : Effect.fail(error)
    )
    const acquire = Effect.suspend(() => {
      const reader = idle.pop()
      return reader === undefined ? open : Effect.succeed(reader)
    })
    const giveBack = (reader: Reader<E>) => {
      for (const take of waiting) {
        waiting.delete(take)
        return take(reader)
      }
      idle.push(reader)
    }
    // After a failure or an interrupt it may still be reading; then the others stop too.
    return (use) =>
      Effect.flatMap(acquire, (reader) =>
        Effect.map(use(reader), (value) => {
          giveBack(reader)
          return value
        })
      )
  })
