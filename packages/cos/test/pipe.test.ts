import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as pipes from "../src/internal/transfer/upload/pipe.js"

const piece = (n: number) => new Uint8Array([n])

describe("a pipe", () => {
  for (const keeps of [true, false]) {
    it.effect(
      `${keeps ? "that keeps all" : "that keeps nothing"} holds the last piece back until the end is known`,
      () =>
        Effect.gen(function* () {
          const pipe = pipes.make(keeps)
          const seen: Array<number> = []
          const reading = yield* Effect.fork(
            Stream.runForEach(pipe.stream, ([n = 0]) => Effect.sync(() => void seen.push(n)))
          )
          for (const n of [1, 2, 3]) yield* pipe.write(piece(n))
          yield* TestClock.adjust("1 hour")
          expect(seen).toEqual([1, 2])
          yield* pipe.end
          yield* Fiber.join(reading)
          expect(seen).toEqual([1, 2, 3])
        })
    )
  }

  it.effect("that keeps all is read again from its beginning, also while it is written", () =>
    Effect.gen(function* () {
      const pipe = pipes.make(true)
      for (let n = 0; n < 100; n++) yield* pipe.write(piece(n))
      const first = yield* Effect.fork(Stream.runCollect(pipe.stream))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(first)
      const second = yield* Effect.fork(Stream.runCollect(pipe.stream))
      yield* pipe.write(piece(100))
      yield* pipe.end
      const expected = Array.from({ length: 101 }, (_, n) => n)
      expect(Array.from(yield* Fiber.join(second), ([n]) => n)).toEqual(expected)
    })
  )

  it.effect("that keeps nothing lets its writer wait", () =>
    Effect.gen(function* () {
      const pipe = pipes.make(false)
      let written = 0
      const writing = yield* Effect.fork(
        Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8, 9], (n) =>
          Effect.zipRight(
            pipe.write(piece(n)),
            Effect.sync(() => {
              written = n
            })
          )
        )
      )
      yield* TestClock.adjust("1 hour")
      expect(written).toBe(4)
      const reading = yield* Effect.fork(Stream.runCollect(pipe.stream))
      yield* Fiber.join(writing)
      yield* pipe.end
      expect(Array.from(yield* Fiber.join(reading), ([n]) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    })
  )
})
