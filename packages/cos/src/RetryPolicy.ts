/**
 * When a failed attempt is made again. Every operation retries by itself, signed anew on each attempt.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as CosError from "./CosError.js"

/**
 * How often, and how long after a failure, an attempt is made again.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy {
  /** Attempts in all, the first included; the last one may go to the backup domain. */
  readonly attempts: number
  /** Which errors are worth another attempt. */
  readonly while: (error: unknown) => boolean
  /** The waits between attempts; its input is the error. */
  readonly schedule: Schedule.Schedule<unknown, unknown>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Attempts in all, the first included. Default 5. */
  readonly attempts?: number | undefined
  /** The upper bound of the first wait; it doubles with each attempt and a wait is drawn evenly below it. Default 100 ms. */
  readonly base?: Duration.DurationInput | undefined
  /** The upper bound of every wait that the service did not ask for. Default 20 s. */
  readonly cap?: Duration.DurationInput | undefined
  /** After this time no new attempt is begun. Default 5 minutes. */
  readonly within?: Duration.DurationInput | undefined
  /** A `Retry-After` longer than this ends the retries: the error carries it. Default 1 minute. */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /** Which errors are worth another attempt. Default {@link CosError.isRetryable}. */
  readonly while?: ((error: unknown) => boolean) | undefined
}

/**
 * Exponential waits with full jitter, `Retry-After` honoured, bounded in number and in time.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): RetryPolicy => {
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
      Schedule.upTo(options.within ?? "5 minutes"),
      Schedule.modifyDelayEffect(([error, retries]) =>
        Effect.map(Random.next, (random) => {
          // Whole milliseconds, as timers have them: fractions do not add up.
          const jittered = Duration.millis(Math.round(random * Math.min(cap, base * 2 ** retries)))
          return Duration.max(jittered, CosError.retryAfter(error) ?? Duration.zero)
        })
      )
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
 * The policy in force where it was set with {@link withPolicy}; by default what the client was made with.
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
