/**
 * Time limits of many requests at once: a single fiber sleeps for all of them until the earliest limit. `Effect.timeout`
 * is a race of two fibers and a timer for each request, which costs more than the request.
 *
 * Limits count by a monotonic clock, which nobody sets forward or back.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"

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
}

/**
 * How soon an exchange is aborted again if it went on, in ms: one that waits for a connection has not begun, and cannot be
 * aborted yet.
 */
const recheckInterval = 1000

/** Whole milliseconds of a clock that only goes forward; their origin means nothing. `TestClock` moves it too. */
export const monotonicMillis = (clock: Clock.Clock): number =>
  Number((clock.unsafeCurrentTimeNanos() + 500_000n) / 1_000_000n)

const monotonic = Effect.clockWith((clock) => Effect.sync(() => monotonicMillis(clock)))

/** All callers of what this returns share the sleeping fiber, which exists only while there is something to limit. */
export const make = (): TimeLimit => {
  const all = new Set<Limited>()
  let sleeper: Fiber.RuntimeFiber<void> | undefined
  let wakesAt = Number.POSITIVE_INFINITY

  const sleep: Effect.Effect<void> = Effect.flatMap(monotonic, (now) => {
    wakesAt = Number.POSITIVE_INFINITY
    for (const one of all) {
      if (one.deadline <= now && !one.ended) {
        one.expired = true
        one.ended = one.expire()
        one.deadline = now + recheckInterval
      }
      if (!one.ended) wakesAt = Math.min(wakesAt, one.deadline)
    }
    return wakesAt === Number.POSITIVE_INFINITY
      ? Effect.void
      : Effect.zipRight(Clock.sleep(Duration.millis(wakesAt - now)), sleep)
  })

  const stop = () => {
    sleeper?.unsafeInterruptAsFork(FiberId.none)
    sleeper = undefined
    wakesAt = Number.POSITIVE_INFINITY
  }

  const wakeAt = (deadline: number): Effect.Effect<void> => {
    stop()
    wakesAt = deadline
    return Effect.map(Effect.forkDaemon(Effect.interruptible(sleep)), (fiber) => {
      sleeper = fiber
    })
  }

  const limitedTo = (clock: Clock.Clock, limit: Duration.Duration, expire: () => boolean): Limited => {
    const millis = Math.ceil(Duration.toMillis(limit))
    const one: Limited = {
      deadline: monotonicMillis(clock) + millis,
      expired: false,
      ended: false,
      expire,
      // The sleeping fiber finds that there is time left when it wakes.
      extend: () => {
        one.deadline = monotonicMillis(clock) + millis
      }
    }
    return one
  }

  /** Runs `self`, with the limit counting from now. */
  const begin = <A, E, R>(one: Limited, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    all.add(one)
    return one.deadline < wakesAt ? Effect.zipRight(wakeAt(one.deadline), self) : self
  }

  const end = (one: Limited) => {
    all.delete(one)
    if (all.size === 0) stop()
  }

  const aborted = <A, E, R, E2>(
    self: (extend: Extend) => Effect.Effect<A, E, R>,
    limit: Duration.Duration,
    onTimeout: () => E2,
    abort: Abort
  ): Effect.Effect<A, E | E2, R> =>
    Effect.clockWith((clock) => {
      const one = limitedTo(clock, limit, abort)
      return Effect.suspend(() => begin(one, self(one.extend))).pipe(
        Effect.ensuring(Effect.sync(() => end(one))),
        Effect.catchAll((error) => Effect.fail(one.ended ? onTimeout() : error))
      )
    })

  const interrupted = <A, E, R, E2>(
    self: (extend: Extend) => Effect.Effect<A, E, R>,
    limit: Duration.Duration,
    onTimeout: () => E2
  ): Effect.Effect<A, E | E2, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.clockWith((clock) => {
        let fiber: Fiber.RuntimeFiber<A, E> | undefined
        let giveUp: (() => void) | undefined
        let isInterrupted = false
        const one = limitedTo(clock, limit, () => {
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
        return Effect.flatMap(Effect.forkDaemon(Effect.interruptible(self(one.extend))), (started) => {
          fiber = started
          const exit = Effect.async<A, E | E2>((resume) => {
            giveUp = () => resume(Effect.fail(onTimeout()))
            started.addObserver((exit) => {
              end(one)
              resume(one.expired && Exit.isInterrupted(exit) ? Exit.fail(onTimeout()) : exit)
            })
            return Fiber.interrupt(started)
          })
          return begin(one, restore(exit))
        })
      })
    )

  return (self, limit, onTimeout, abort) =>
    abort === undefined ? interrupted(self, limit, onTimeout) : aborted(self, limit, onTimeout, abort)
}
