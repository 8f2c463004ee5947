/** Time that only goes forward, for durations: somebody may set the clock on the wall meanwhile. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whole milliseconds; their origin means nothing. `TestClock` moves them too. */
export const monotonicMillisOf = (clock: Clock.Clock): number =>
  Number((clock.unsafeCurrentTimeNanos() + 500_000n) / 1_000_000n)

export const monotonicMillis: Effect.Effect<number> = Effect.clockWith((clock) =>
  Effect.sync(() => monotonicMillisOf(clock))
)
