/** A value that changes, as a stream of its latest values. */
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Stream from "effect/Stream"

export interface Latest<A> {
  readonly value: A
  /** Nothing follows: whoever watches has seen it all. */
  readonly isLast: boolean
}

/**
 * A value that changes, for whoever watches it. Not a `SubscriptionRef`, whose stream never ends, and which holds every
 * value that a slow reader has not taken; and a queue has thousands of these that nobody watches, which cost nothing.
 */
export interface Watched<A> {
  /** Passes the latest value to those who watch. */
  readonly publish: () => void
  /** The latest value, and those that follow until the last. */
  readonly stream: Stream.Stream<A>
}

/** With `newest`, a slow reader skips values. */
export const make = <A>(latest: () => Latest<A>, keep: "all" | "newest"): Watched<A> => {
  const readers = new Set<Mailbox.Mailbox<Latest<A>>>()
  const reader = Effect.acquireRelease(
    Effect.map(
      Mailbox.make<Latest<A>>(keep === "all" ? undefined : { capacity: 1, strategy: "sliding" }),
      (mailbox) => {
        readers.add(mailbox)
        mailbox.unsafeOffer(latest())
        return mailbox
      }
    ),
    (mailbox) => Effect.sync(() => readers.delete(mailbox))
  )
  return {
    publish: () => {
      // Not a `PubSub`: `unsafeOffer` of one that slides leaves out the newest value, and with it the last.
      for (const mailbox of readers) mailbox.unsafeOffer(latest())
    },
    stream: Stream.unwrapScoped(Effect.map(reader, Mailbox.toStream)).pipe(
      Stream.takeUntil(({ isLast }) => isLast),
      Stream.map(({ value }) => value),
      Stream.changesWith((a, b) => a === b)
    )
  }
}
