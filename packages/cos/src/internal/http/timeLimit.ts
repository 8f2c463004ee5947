/**
 * Time limits of many requests at once: a single fiber sleeps for all of them until the earliest limit. `Effect.timeout`
 * is a race of two fibers and a timer for each request, which costs more than the request.
 *
 * `attempt` puts each attempt under one; how long they are is in `CosClient.TimeLimits`.
 *
 * Limits count by a monotonic clock, which nobody sets forward or back.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { monotonicMillis, monotonicMillisOf } from "../time/monotonic.js"
import { onEnd } from "./onEnd.js"
import { type Member, UnderWay } from "./underWay.js"
import { whenFailed } from "./whenFailed.js"

/** Makes an exchange fail; `false` if it has not begun. */
export type Abort = () => boolean

/** The limit counts from now. */
export type Extend = () => void

/**
 * Ends `self` when it takes longer, and fails, also in an uninterruptible region. An `abort` is trusted to make `self`
 * fail. Without one `self` runs in a fiber of its own, which can be interrupted; if it does not end when it is, it is no
 * longer waited for.
 */
export type TimeLimit = <A, E, R, E2>(
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort | undefined
) => Effect.Effect<A, E | E2, R>

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

/** The fiber that sleeps until the earliest deadline of all runs. It exists only while there is one. */
export class Sleeper {
  readonly #limitedRuns = new UnderWay<Limited>()
  #fiber: Fiber.RuntimeFiber<void> | undefined
  #wakesAt = Number.POSITIVE_INFINITY

  /** Runs `self`, with the limit counting from now. */
  begin<A, E, R>(limited: Limited, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    limited.member = this.#limitedRuns.begin(limited)
    return limited.deadline < this.#wakesAt ? Effect.zipRight(this.#wakeAt(limited.deadline), self) : self
  }

  end(limited: Limited): void {
    this.#limitedRuns.end(limited.member)
    if (this.#limitedRuns.isEmpty) this.#stop()
  }

  readonly #sleep: Effect.Effect<void> = Effect.flatMap(monotonicMillis, (now) => {
    this.#wakesAt = Number.POSITIVE_INFINITY
    for (const { value: limited } of this.#limitedRuns.members()) {
      if (limited.deadline <= now && !limited.ended) {
        limited.expired = true
        limited.ended = limited.expire()
        limited.deadline = now + recheckInterval
      }
      if (!limited.ended) this.#wakesAt = Math.min(this.#wakesAt, limited.deadline)
    }
    return this.#wakesAt === Number.POSITIVE_INFINITY
      ? Effect.void
      : Effect.zipRight(Clock.sleep(Duration.millis(this.#wakesAt - now)), this.#sleep)
  })

  #stop(): void {
    this.#fiber?.unsafeInterruptAsFork(FiberId.none)
    this.#fiber = undefined
    this.#wakesAt = Number.POSITIVE_INFINITY
  }

  #wakeAt(deadline: number): Effect.Effect<void> {
    this.#stop()
    this.#wakesAt = deadline
    return Effect.map(Effect.forkDaemon(Effect.interruptible(this.#sleep)), (fiber) => {
      this.#fiber = fiber
    })
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
    // The sleeping fiber finds that there is time left when it wakes.
    extend: () => {
      limited.deadline = monotonicMillisOf(clock) + millis
    }
  }
  return limited
}

/** Runs what was begun, ends its limit with it, and fails with the timeout where the limit ended it. */
const untilEnd = <A, E, R, E2>(
  sleeper: Sleeper,
  limited: Limited,
  begun: Effect.Effect<A, E, R>,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  // Not `ensuring` and `catchAll`, which are twice as many steps for each request.
  Effect.matchCauseEffect(begun, {
    onFailure: (cause): Effect.Effect<never, E | E2> => {
      sleeper.end(limited)
      const failed = Effect.failCause(cause)
      return limited.ended ? Effect.mapError(failed, onTimeout) : failed
    },
    onSuccess: (value) => {
      sleeper.end(limited)
      return Effect.succeed(value)
    }
  })

const endedByAbort = <A, E, R, E2>(
  sleeper: Sleeper,
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort
): Effect.Effect<A, E | E2, R> =>
  Effect.clockWith((clock) => {
    const limited = limitedTo(clock, limit, abort)
    const begun = Effect.suspend(() => sleeper.begin(limited, self(limited.extend)))
    return whenFailed(
      onEnd(begun, endOf(sleeper, limited)),
      (failed): Effect.Effect<never, E | E2> => (limited.ended ? Effect.mapError(failed, onTimeout) : failed)
    )
  })

/** By itself, so that the region of a limit holds nothing of what runs: see {@link onEnd}. */
const endOf = (sleeper: Sleeper, limited: Limited) => () => sleeper.end(limited)

const endedByInterrupt = <A, E, R, E2>(
  sleeper: Sleeper,
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.clockWith((clock) => {
      let fiber: Fiber.RuntimeFiber<A, E> | undefined
      let giveUp: (() => void) | undefined
      let isInterrupted = false
      const limited = limitedTo(clock, limit, () => {
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
        const exit = Effect.async<A, E | E2>((resume) => {
          giveUp = () => resume(Effect.fail(onTimeout()))
          started.addObserver((exit) => {
            sleeper.end(limited)
            resume(limited.expired && Exit.isInterrupted(exit) ? Exit.fail(onTimeout()) : exit)
          })
          return Fiber.interrupt(started)
        })
        return sleeper.begin(limited, restore(exit))
      })
    })
  )

/** All callers of what this returns share one sleeping fiber. */
export const make =
  (sleeper: Sleeper = new Sleeper()): TimeLimit =>
  (self, limit, onTimeout, abort) =>
    abort === undefined
      ? endedByInterrupt(sleeper, self, limit, onTimeout)
      : endedByAbort(sleeper, self, limit, onTimeout, abort)

/**
 * A limit without an uninterruptible region of its own, for `self` in one of the caller's: where it is interrupted, `stop`
 * has to be called, which ends it too.
 */
export interface Watched<A, E, R> {
  readonly run: Effect.Effect<A, E, R>
  readonly stop: () => void
}

export const watch = <A, E, R, E2>(
  sleeper: Sleeper,
  clock: Clock.Clock,
  self: Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort
): Watched<A, E | E2, R> => {
  const limited = limitedTo(clock, limit, abort)
  return {
    run: untilEnd(sleeper, limited, sleeper.begin(limited, self), onTimeout),
    stop: () => {
      sleeper.end(limited)
      abort()
    }
  }
}
