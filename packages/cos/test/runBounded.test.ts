import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { runBounded } from "../src/internal/time/runBounded.js"

const limited = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  runBounded(self, { limit: "10 seconds", onTimeout: () => "too late" as const })

describe("runBounded", () => {
  const slow: ReadonlyArray<readonly [string, Effect.Effect<never>]> = [
    ["what never ends", Effect.never],
    ["what cannot be interrupted", Effect.uninterruptible(Effect.never)],
    ["what takes its time to be interrupted", Effect.onInterrupt(Effect.never, () => Effect.sleep("1 minute"))]
  ]
  for (const [name, self] of slow) {
    it.effect(`${name} ends at the limit, also where nothing can be interrupted`, () =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.exit(limited(self))))
        yield* TestClock.adjust("9999 millis")
        expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
        yield* TestClock.adjust("1 millis")
        expect(yield* Fiber.join(fiber)).toStrictEqual(Exit.fail("too late"))
      })
    )
  }

  it.effect("is not told of its caller's interrupt, and is waited for", () =>
    Effect.gen(function* () {
      let done = false
      const work = Effect.sync(() => {
        done = true
      })
      const fiber = yield* Effect.fork(limited(Effect.delay(work, "3 seconds")))
      yield* TestClock.adjust("1 second")
      const interrupt = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.poll(interrupt)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interrupt)
      expect(done).toBe(true)
    })
  )
})
