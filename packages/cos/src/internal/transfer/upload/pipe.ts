/** What one fiber writes, another reads as a stream: while it is written, and with `keeps` again from the beginning. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

export interface Pipe {
  /** Waits while there is much that was not read, unless everything is kept. The bytes must not change any more. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void>
  /** Nothing follows. */
  readonly end: Effect.Effect<void>
  /** Gives a piece only when the next one, or the end, is there: the last is held back until all is known to be right. */
  readonly stream: Stream.Stream<Uint8Array>
}

/** Pieces that may wait to be read. */
const mostUnread = 4

export const make = (keeps: boolean): Pipe => {
  /** Those from `dropped` on. */
  const pieces: Array<Uint8Array> = []
  let dropped = 0
  let isEnded = false
  let changed = Deferred.unsafeMake<void>(FiberId.none)

  const notify = Effect.suspend(() => {
    const before = changed
    changed = Deferred.unsafeMake<void>(FiberId.none)
    return Deferred.succeed(before, undefined)
  })
  const waitUntil = (isTrue: () => boolean): Effect.Effect<void> =>
    Effect.suspend(() => (isTrue() ? Effect.void : Effect.zipRight(Deferred.await(changed), waitUntil(isTrue))))

  const read = (at: number) =>
    Effect.flatMap(
      waitUntil(() => isEnded || at + 1 < dropped + pieces.length),
      () => {
        const piece = pieces[at - dropped]
        if (piece === undefined) return Effect.succeedNone
        if (!keeps) {
          pieces.splice(0, at + 1 - dropped)
          dropped = at + 1
        }
        return Effect.as(notify, Option.some([piece, at + 1] as const))
      }
    )

  return {
    write: (bytes) =>
      Effect.flatMap(
        waitUntil(() => keeps || pieces.length < mostUnread),
        () => {
          pieces.push(bytes)
          return Effect.asVoid(notify)
        }
      ),
    end: Effect.suspend(() => {
      isEnded = true
      return Effect.asVoid(notify)
    }),
    stream: Stream.unfoldEffect(0, read)
  }
}
