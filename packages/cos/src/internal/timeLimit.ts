/**
 * Time limits of many requests at once. `Effect.timeout` is a race of two fibers and a timer for each; here the request
 * has a fiber of its own, and a single one sleeps for all of them until the earliest limit.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"

/** Interrupts `self` when it takes longer, and fails. Interrupted, it waits for `self` to end. */
export type TimeLimit = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  onTimeout: () => E2
) => Effect.Effect<A, E | E2, R>

interface Running {
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  readonly deadline: number
  expired: boolean
}

/** All who use what this returns share the sleeping fiber, which exists only while there is something to limit. */
export const make = (): TimeLimit => {
  const all = new Set<Running>()
  let sleeper: Fiber.RuntimeFiber<void> | undefined
  let wakesAt = Number.POSITIVE_INFINITY

  const sleep: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (now) => {
    wakesAt = Number.POSITIVE_INFINITY
    for (const one of all) {
      if (one.deadline > now) {
        wakesAt = Math.min(wakesAt, one.deadline)
      } else if (!one.expired) {
        one.expired = true
        one.fiber.unsafeInterruptAsFork(FiberId.none)
      }
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

  const remove = (one: Running) => {
    all.delete(one)
    if (all.size === 0) stop()
  }

  return <A, E, R, E2>(self: Effect.Effect<A, E, R>, limit: Duration.Duration, onTimeout: () => E2) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.clockWith((clock) =>
        // A child would be interrupted with its parent all the same, but costs twice as much as one that is not.
        Effect.flatMap(Effect.forkDaemon(restore(self)), (fiber) => {
          const deadline = clock.unsafeCurrentTimeMillis() + Duration.toMillis(limit)
          const one: Running = { fiber, deadline, expired: false }
          const end = Effect.async<A, E | E2>((resume) => {
            fiber.addObserver((exit) => {
              remove(one)
              resume(one.expired && Exit.isInterrupted(exit) ? Exit.fail(onTimeout()) : exit)
            })
            return Fiber.interrupt(fiber)
          })
          all.add(one)
          return deadline < wakesAt ? Effect.zipRight(wakeAt(deadline), restore(end)) : restore(end)
        })
      )
    )
}
