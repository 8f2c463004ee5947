/** A value that changes, as a stream of its latest values. */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
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
  let hub: PubSub.PubSub<Latest<A>> | undefined
  const makeHub = (): Effect.Effect<PubSub.PubSub<Latest<A>>> =>
    keep === "all" ? PubSub.unbounded({ replay: 1 }) : PubSub.sliding({ capacity: 1, replay: 1 })
  const started = Effect.suspend(() =>
    hub !== undefined
      ? Effect.succeed(hub)
      : Effect.map(makeHub(), (made) => {
          // Another fiber may have been first.
          if (hub === undefined) {
            hub = made
            hub.unsafeOffer(latest())
          }
          return hub
        })
  )
  return {
    publish: () => {
      hub?.unsafeOffer(latest())
    },
    stream: Stream.unwrap(Effect.map(started, (hub) => Stream.fromPubSub(hub))).pipe(
      Stream.takeUntil(({ isLast }) => isLast),
      Stream.map(({ value }) => value),
      Stream.changesWith((a, b) => a === b)
    )
  }
}
