/**
 * Time limits of many requests at once: a single alarm for all of them rings at the earliest limit. `Effect.timeout` is a
 * race of two fibers and a timer for each request, which costs more than the request.
 *
 * `attempt` puts each attempt under one; how long they are is in `CosClient.TimeLimits`.
 *
 * Limits count by a monotonic clock, which nobody sets forward or back.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as alarms from "../time/alarm.js"
import { monotonicMillisOf } from "../time/monotonic.js"
import { onEnd } from "./onEnd.js"
import { type Member, UnderWay } from "./underWay.js"

/** Makes an exchange fail; `false` if it has not begun. */
export type Abort = () => boolean

/** The limit counts from now. */
type Extend = () => void

interface Limited {
  deadline: number
  readonly extend: Extend
  /** Ends it; called again, every {@link recheckInterval}, until it says that it did. */
  readonly expire: () => boolean
  expired: boolean
  ended: boolean
  /** Once it is under way. */
  member: Member<Limited> | undefined
}

/**
 * How soon an exchange is aborted again if it went on, in ms: one that waits for a connection has not begun, and cannot be
 * aborted yet.
 */
const recheckInterval = 1000

/**
 * Ends the runs whose deadline, by its clock, comes. The alarm stays set when the last run ends, since a request mostly
 * follows the one before, and setting it anew costs more than the rest of a limit; but no process stays for an alarm
 * without runs.
 */
export class Limiter {
  readonly #limitedRuns = new UnderWay<Limited>()
  #alarm: alarms.Alarm | undefined
  #ringsAt = Number.POSITIVE_INFINITY

  constructor(readonly clock: Clock.Clock) {}

  begin(limited: Limited): void {
    if (this.#limitedRuns.isEmpty) this.#alarm?.keepProcess?.(true)
    limited.member = this.#limitedRuns.begin(limited)
    if (limited.deadline < this.#ringsAt) this.#ringAt(limited.deadline)
  }

  end(limited: Limited): void {
    this.#limitedRuns.end(limited.member)
    if (!this.#limitedRuns.isEmpty) return
    if (this.#alarm?.keepProcess === undefined) this.#stop()
    else this.#alarm.keepProcess(false)
  }

  #ring(): void {
    const now = monotonicMillisOf(this.clock)
    let next = Number.POSITIVE_INFINITY
    for (const { value: limited } of this.#limitedRuns.members()) {
      if (limited.deadline <= now && !limited.ended) {
        limited.expired = true
        limited.ended = limited.expire()
        limited.deadline = now + recheckInterval
      }
      if (!limited.ended) next = Math.min(next, limited.deadline)
    }
    if (next === Number.POSITIVE_INFINITY) this.#stop()
    else this.#ringAt(next)
  }

  #stop(): void {
    this.#alarm?.stop()
    this.#alarm = undefined
    this.#ringsAt = Number.POSITIVE_INFINITY
  }

  #ringAt(deadline: number): void {
    this.#stop()
    this.#ringsAt = deadline
    this.#alarm = alarms.set(this.clock, deadline - monotonicMillisOf(this.clock), () => this.#ring())
  }
}

const limitedTo = (clock: Clock.Clock, limit: Duration.Duration, expire: () => boolean): Limited => {
  const millis = Math.ceil(Duration.toMillis(limit))
  const limited: Limited = {
    deadline: monotonicMillisOf(clock) + millis,
    expired: false,
    ended: false,
    member: undefined,
    expire,
    // Where the alarm rings before, it finds that there is time left.
    extend: () => {
      limited.deadline = monotonicMillisOf(clock) + millis
    }
  }
  return limited
}

/** Runs what was begun, ends its limit with it, and fails with the timeout where the limit ended it. */
const untilEnd = <A, E, R, E2>(
  limiter: Limiter,
  limited: Limited,
  begun: Effect.Effect<A, E, R>,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  // Not `ensuring` and `catchAll`, which are twice as many steps for each request.
  Effect.matchCauseEffect(begun, {
    onFailure: (cause): Effect.Effect<never, E | E2> => {
      limiter.end(limited)
      const failed = Effect.failCause(cause)
      return limited.ended ? Effect.mapError(failed, onTimeout) : failed
    },
    onSuccess: (value) => {
      limiter.end(limited)
      return Effect.succeed(value)
    }
  })

const endedByAbort = <A, E, R, E2>(
  limiter: Limiter,
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort
): Effect.Effect<A, E | E2, R> =>
  Effect.suspend(() => {
    const limited = limitedTo(limiter.clock, limit, abort)
    const begun = Effect.suspend(() => {
      limiter.begin(limited)
      return self(limited.extend)
    })
    return Effect.catchAllCause(onEnd(begun, endOf(limiter, limited)), (cause) =>
      Effect.failCause<E | E2>(limited.ended ? Cause.map(cause, onTimeout) : cause)
    )
  })

/** By itself, so that the region of a limit holds nothing of what runs: see {@link onEnd}. */
const endOf = (limiter: Limiter, limited: Limited) => () => limiter.end(limited)

const endedByInterrupt = <A, E, R, E2>(
  limiter: Limiter,
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.suspend(() => {
      let fiber: Fiber.RuntimeFiber<A, E> | undefined
      let giveUp: (() => void) | undefined
      let isInterrupted = false
      const limited = limitedTo(limiter.clock, limit, () => {
        if (isInterrupted) {
          giveUp?.()
          return giveUp !== undefined
        }
        isInterrupted = fiber !== undefined
        fiber?.unsafeInterruptAsFork(FiberId.none)
        return false
      })
      // Interruptible whatever the caller is, so that the limit can end it. A child would be interrupted with its parent
      // all the same, but costs twice as much as a daemon.
      return Effect.flatMap(Effect.forkDaemon(Effect.interruptible(self(limited.extend))), (started) => {
        fiber = started
        limiter.begin(limited)
        started.addObserver(() => limiter.end(limited))
        const exit = Effect.async<A, E | E2>((resume) => {
          giveUp = () => resume(Effect.fail(onTimeout()))
          started.addObserver((exit) =>
            resume(limited.expired && Exit.isInterrupted(exit) ? Exit.fail(onTimeout()) : exit)
          )
        })
        // Not by what `async` does when it is interrupted, since an interrupt may come just before that is known.
        return Effect.onError(restore(exit), () => (limited.ended ? Effect.void : Fiber.interrupt(started)))
      })
    })
  )

/** The limiters of a client. What one clock tells means nothing to another. */
export class Limiters {
  readonly #ofClocks = new WeakMap<Clock.Clock, Limiter>()

  of(clock: Clock.Clock): Limiter {
    const known = this.#ofClocks.get(clock)
    if (known !== undefined) return known
    const limiter = new Limiter(clock)
    this.#ofClocks.set(clock, limiter)
    return limiter
  }
}

/**
 * Ends `self` when it takes longer, and fails, also in an uninterruptible region. An `abort` is trusted to make `self`
 * fail. Without one `self` runs in a fiber of its own, which can be interrupted; if it does not end when it is, it is no
 * longer waited for.
 */
export const withTimeLimit = <A, E, R, E2>(
  limiter: Limiter,
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort | undefined
): Effect.Effect<A, E | E2, R> =>
  abort === undefined
    ? endedByInterrupt(limiter, self, limit, onTimeout)
    : endedByAbort(limiter, self, limit, onTimeout, abort)

/**
 * A limit without an uninterruptible region of its own, which costs more than all else of a limit, for `self` in one of the
 * caller's: where it is interrupted, `stop` has to be called, which ends it too.
 */
export interface Watched<A, E, R> {
  readonly run: Effect.Effect<A, E, R>
  readonly stop: () => void
}

export const watch = <A, E, R, E2>(
  limiter: Limiter,
  self: Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort
): Watched<A, E | E2, R> => {
  const limited = limitedTo(limiter.clock, limit, abort)
  limiter.begin(limited)
  return {
    run: untilEnd(limiter, limited, self, onTimeout),
    stop: () => {
      limiter.end(limited)
      abort()
    }
  }
}
