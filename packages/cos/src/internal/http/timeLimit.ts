/**
 * Time limits of many requests at once: a single fiber sleeps for all of them until the earliest limit. `Effect.timeout`
 * is a race of two fibers and a timer for each request, which costs more than the request.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"

/** Makes what is limited fail; `false` if it has not begun. */
export type Abort = () => boolean

/** The limit counts from now. */
export type Extend = () => void

/**
 * Ends `self` when it takes longer, and fails. Where there is an `abort` it is trusted to make `self` fail; else `self`
 * has a fiber of its own, to be interrupted.
 */
export type TimeLimit = <A, E, R, E2>(
  self: (extend: Extend) => Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2,
  abort: Abort | undefined
) => Effect.Effect<A, E | E2, R>

interface Running {
  deadline: number
  readonly extend: Extend
  readonly expire: Abort
  expired: boolean
}

/** What has not begun by its time, as it waits for others, is ended when it has. In ms. */
const patience = 1000

/** All who use what this returns share the sleeping fiber, which exists only while there is something to limit. */
export const make = (): TimeLimit => {
  const all = new Set<Running>()
  let sleeper: Fiber.RuntimeFiber<void> | undefined
  let wakesAt = Number.POSITIVE_INFINITY

  const sleep: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    wakesAt = Number.POSITIVE_INFINITY
    for (const one of all) {
      if (one.deadline <= now && !one.expired) {
        one.expired = one.expire()
        one.deadline = now + patience
      }
      if (!one.expired) wakesAt = Math.min(wakesAt, one.deadline)
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

  const limitedTo = (clock: Clock.Clock, limit: Duration.Duration, expire: Abort): Running => {
    // Whole ones: a clock that stands a fraction before a deadline would be asked to sleep for nothing, again and again.
    const millis = Math.ceil(Duration.toMillis(limit))
    const now = () => clock.unsafeCurrentTimeMillis()
    const one: Running = {
      deadline: now() + millis,
      expired: false,
      expire,
      // The sleeping fiber finds that there is time left when it wakes.
      extend: () => {
        one.deadline = now() + millis
      }
    }
    return one
  }

  /** Runs `self`, with the limit in force from now on. */
  const begin = <A, E, R>(one: Running, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    all.add(one)
    return one.deadline < wakesAt ? Effect.zipRight(wakeAt(one.deadline), self) : self
  }

  const end = (one: Running) => {
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
        Effect.catchAll((error) => Effect.fail(one.expired ? onTimeout() : error))
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
        const one = limitedTo(clock, limit, () => {
          fiber?.unsafeInterruptAsFork(FiberId.none)
          return fiber !== undefined
        })
        // A child would be interrupted with its parent all the same, but costs twice as much as one that is not.
        return Effect.flatMap(Effect.forkDaemon(restore(self(one.extend))), (started) => {
          fiber = started
          const exit = Effect.async<A, E | E2>((resume) => {
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
