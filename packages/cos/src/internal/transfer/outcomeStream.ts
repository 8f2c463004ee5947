/** What a run tells as it goes, as a Stream. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Stream from "effect/Stream"

/** Outcomes that wait to be taken. When there are more, the run waits. */
const waiting = 64

/** Runs while it is listened to: whoever stops interrupts the run, and waits for its end. */
export const fromRun = <A, E, R>(
  run: (emit: (outcome: A) => Effect.Effect<unknown>) => Effect.Effect<unknown, E, R>
): Stream.Stream<A, E, R> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const mailbox = yield* Mailbox.make<A, E>(waiting)
      yield* run((outcome) => mailbox.offer(outcome)).pipe(
        Effect.interruptible,
        Effect.matchCauseEffect({
          onFailure: (cause: Cause.Cause<E>) => mailbox.failCause(cause),
          onSuccess: () => mailbox.end
        }),
        Effect.forkScoped
      )
      // Before the run is interrupted, or what waits for room in the mailbox would wait for ever.
      yield* Effect.addFinalizer(() => mailbox.shutdown)
      return Mailbox.toStream(mailbox)
    }).pipe(Effect.uninterruptible)
  )
