import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { countSteps } from "../../../test/support/steps.js"
import * as workers from "../src/internal/transfer/workers.js"

const fromStream: typeof workers.forEach = (items, concurrency, f) =>
  Effect.scoped(
    Effect.flatMap(workers.makeFeed(Stream.fromIterable(items)), (feed) => workers.forEachOf(feed, concurrency, f))
  )

describe.each([
  ["of a list", workers.forEach],
  ["of a stream", fromStream]
])("workers %s", (_, forEach) => {
  it.effect("take every item once, so many at a time, in order", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const say = (text: string) => Effect.sync(() => void log.push(text))
      const fiber = yield* Effect.fork(
        forEach([25, 10, 10, 10], 2, (millis, index) =>
          Effect.zipRight(say(`+${index}`), Effect.delay(say(`-${index}`), Duration.millis(millis)))
        )
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      expect(log.join(" ")).toBe("+0 +1 -1 +2 -2 +3 -0 -3")
      yield* forEach([], 2, () => Effect.die("none"))
    })
  )

  it.effect("when one fails, all others are interrupted and waited for, and none is begun", () =>
    Effect.gen(function* () {
      let begun = 0
      let released = 0
      const held = Effect.acquireUseRelease(
        Effect.sync(() => void begun++),
        () => Effect.never,
        () =>
          Effect.delay(
            Effect.sync(() => void released++),
            "1 second"
          )
      )
      const items = Array.from({ length: 20 }, (_, i) => i)
      const fiber = yield* Effect.fork(
        Effect.exit(forEach(items, 4, (i) => (i === 2 ? Effect.delay(Effect.fail("no"), "10 millis") : held)))
      )
      yield* TestClock.adjust("500 millis")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "Failure" })
      expect({ begun, released }).toEqual({ begun: 3, released: 3 })
    })
  )
})

it.effect("workers of a stream do not wake one another", () =>
  Effect.gen(function* () {
    const items = Stream.rechunk(Stream.range(1, 500), 1)
    const stepsOf = (concurrency: number) =>
      countSteps(
        Effect.scoped(
          Effect.flatMap(workers.makeFeed(items), (feed) =>
            workers.forEachOf(feed, concurrency, () => Effect.yieldNow())
          )
        )
      )
    const few = yield* stepsOf(4)
    expect((yield* stepsOf(256)) / few).toBeLessThan(2)
  })
)
