/**
 * When a failed attempt is repeated. Every operation retries by itself, with a new signature for each attempt.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import * as CosError from "./CosError.js"
import { isDuration } from "./internal/time/isDuration.js"

/**
 * How often, and how long after a failure, an attempt is repeated.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy {
  /** Attempts in all, the first included; the last one may go to the backup domain. */
  readonly attempts: number
  /** Which errors are worth another attempt. */
  readonly while: (error: unknown) => boolean
  /** The delays between attempts. Its input is the error. */
  readonly schedule: Schedule.Schedule<unknown, unknown>
  /** The option of {@link make} that is no duration: requests then fail with `InvalidInput`. */
  readonly invalid?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Attempts in all, the first included. Default 5. */
  readonly attempts?: number | undefined
  /** The longest first delay. It doubles with each attempt, and the delay is drawn evenly below it. Default 100 ms. */
  readonly base?: Duration.DurationInput | undefined
  /** The longest delay that the service did not ask for. Default 20 s. */
  readonly cap?: Duration.DurationInput | undefined
  /** No attempt begins after this time, counted from the first failure by a monotonic clock. Default 5 minutes. */
  readonly upToMonotonic?: Duration.DurationInput | undefined
  /** A `Retry-After` longer than this ends the retries: the error carries it. Default 1 minute. */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /** Which errors are worth another attempt. Default {@link CosError.isRetryable}. */
  readonly while?: ((error: unknown) => boolean) | undefined
}

/** `Schedule.upTo` by a monotonic clock, which nobody sets back. The delay that `self` asks for counts. */
const within =
  (limit: Duration.Duration) =>
  <Out, In, R>(self: Schedule.Schedule<Out, In, R>): Schedule.Schedule<Out, In, R> =>
    Schedule.makeWithState({ state: self.initial, began: undefined as bigint | undefined }, (now, input, last) =>
      Effect.gen(function* () {
        const nanos = yield* Clock.currentTimeNanos
        const began = last.began ?? nanos
        const [state, out, decision] = yield* self.step(now, input, last.state)
        if (ScheduleDecision.isDone(decision)) return [{ state, began }, out, decision]
        const delay = Duration.millis(ScheduleIntervals.start(decision.intervals) - now)
        const begins = Duration.sum(Duration.nanos(nanos - began), delay)
        return [{ state, began }, out, Duration.lessThan(begins, limit) ? decision : ScheduleDecision.done]
      })
    )

const isOfUnknownReason = (error: unknown): boolean =>
  error instanceof CosError.TransportError && error.reason === "Unknown"

/**
 * Exponential delays with full jitter, `Retry-After` honoured, bounded in number and in time. A failure of the transport of
 * which nothing is known (`reason: "Unknown"`) is repeated once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): RetryPolicy => {
  const invalid = (["base", "cap", "upToMonotonic", "maxRetryAfter"] as const).find(
    (name) => options[name] !== undefined && !isDuration(options[name])
  )
  // It is never used.
  if (invalid !== undefined) return { ...make({ attempts: options.attempts }), invalid }
  const attempts = options.attempts ?? 5
  const base = Duration.toMillis(options.base ?? "100 millis")
  const cap = Duration.toMillis(options.cap ?? "20 seconds")
  const maxRetryAfter = Duration.decode(options.maxRetryAfter ?? "1 minute")
  const isRetryable = options.while ?? CosError.isRetryable
  return {
    attempts,
    while: (error) => {
      if (!isRetryable(error)) return false
      const asked = CosError.retryAfter(error)
      return asked === undefined || Duration.lessThanOrEqualTo(asked, maxRetryAfter)
    },
    schedule: Schedule.identity<unknown>().pipe(
      Schedule.intersect(Schedule.recurs(attempts - 1)),
      // Nothing speaks for a failure of unknown reason to pass.
      Schedule.check((error, [, retries]) => retries === 0 || !isOfUnknownReason(error)),
      Schedule.modifyDelayEffect(([error, retries]) =>
        Effect.map(Random.next, (random) => {
          // Whole milliseconds, as timers have them: fractions do not add up.
          const jittered = Duration.millis(Math.round(random * Math.min(cap, base * 2 ** retries)))
          return Duration.max(jittered, CosError.retryAfter(error) ?? Duration.zero)
        })
      ),
      within(Duration.decode(options.upToMonotonic ?? "5 minutes"))
    )
  }
}

/**
 * Five attempts within five minutes, waiting up to 100 ms, 200 ms, 400 ms … in between.
 *
 * @since 0.1.0
 * @category policies
 */
const default_: RetryPolicy = make()

export {
  /**
   * Five attempts within five minutes, waiting up to 100 ms, 200 ms, 400 ms … in between.
   *
   * @since 0.1.0
   * @category policies
   */
  default_ as default
}

/**
 * One attempt. A wrong clock and expired keys are still corrected once.
 *
 * @since 0.1.0
 * @category policies
 */
export const none: RetryPolicy = { attempts: 1, while: () => false, schedule: Schedule.stop }

/**
 * The policy of the fiber, set with {@link withPolicy}. Default: the policy of the client.
 *
 * @since 0.1.0
 * @category context
 */
export class CurrentPolicy extends Context.Reference<CurrentPolicy>()("effect-cos/RetryPolicy/CurrentPolicy", {
  defaultValue: (): RetryPolicy | undefined => undefined
}) {}

/**
 * Runs every operation within `self` by this policy.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withPolicy: {
  (policy: RetryPolicy): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: RetryPolicy): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, policy: RetryPolicy): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CurrentPolicy, policy)
)
