/** Runs programs under the test clock to their end. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"

/**
 * Moves the test clock on, a step at a time, until the fiber has ended. Each step runs everything that needs no time to
 * pass, so nothing may wait for real input or output. Every sleep ends at its own instant.
 */
export const untilDone = <A, E>(
  fiber: Fiber.RuntimeFiber<A, E>,
  step: Duration.DurationInput = "5 seconds"
): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.gen(function* () {
    for (let steps = 0; steps < 10_000; steps++) {
      const exit = yield* Fiber.poll(fiber)
      if (Option.isSome(exit)) return exit.value
      yield* TestClock.adjust(step)
    }
    return yield* Effect.dieMessage("10,000 steps of the clock did not end the program")
  })

/** Runs `self` in a fiber of its own and moves the test clock on until it has ended. */
export const drive = <A, E, R>(self: Effect.Effect<A, E, R>, step?: Duration.DurationInput): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.fork(self), (fiber) => Effect.flatten(untilDone(fiber, step)))

/** Adds how long a program takes, in milliseconds, to how it ends. */
export const timed = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly exit: Exit.Exit<A, E>; readonly millis: number }, never, R> =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const exit = yield* Effect.exit(self)
    return { exit, millis: (yield* Clock.currentTimeMillis) - begun }
  })

/** Interrupts a fiber, and returns how it ended and how long that took. */
export const interruptTimed = <A, E>(
  fiber: Fiber.RuntimeFiber<A, E>
): Effect.Effect<{ readonly exit: Exit.Exit<A, E>; readonly millis: number }> =>
  drive(timed(Effect.zipRight(Fiber.interrupt(fiber), Fiber.join(fiber))))

/** Runs `self` by a clock on the wall that is set by some hours after some time, over one that only goes forward. */
const set =
  (hours: number) =>
  <A, E, R>(self: Effect.Effect<A, E, R>, after: Duration.DurationInput): Effect.Effect<A, E, R> =>
    Effect.clockWith((clock) => {
      const at = clock.unsafeCurrentTimeNanos() + BigInt(Duration.toMillis(after)) * 1_000_000n
      const millis = () =>
        clock.unsafeCurrentTimeMillis() +
        (clock.unsafeCurrentTimeNanos() < at ? 0 : Duration.toMillis(Duration.hours(1)) * hours)
      const wall: Clock.Clock = {
        [Clock.ClockTypeId]: Clock.ClockTypeId,
        unsafeCurrentTimeMillis: millis,
        unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
        currentTimeMillis: Effect.sync(millis),
        currentTimeNanos: clock.currentTimeNanos,
        sleep: (duration) => clock.sleep(duration)
      }
      return Effect.withClock(self, wall)
    })

/** An hour back. */
export const setBack = set(-1)

/** An hour forward. */
export const setForward = set(1)

/** Runs `self` by a clock that is 10 seconds ahead, so that files which were just written count as old. */
export const ahead = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.clockWith((clock) =>
    Effect.withClock(
      self,
      Object.create(clock, {
        currentTimeMillis: { value: Effect.map(clock.currentTimeMillis, (now) => now + 10_000) },
        unsafeCurrentTimeMillis: { value: () => clock.unsafeCurrentTimeMillis() + 10_000 }
      })
    )
  )
