import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type { Progress } from "effect-cos/Progress"
import * as progress from "../src/internal/progress/meter.js"

/** A meter and what its callback was told. */
const listened = (options: Parameters<typeof progress.make>[0]) =>
  Effect.gen(function* () {
    const seen: Array<Progress> = []
    const meter = yield* progress.make({ ...options, onProgress: (state) => Effect.sync(() => void seen.push(state)) })
    return { ...meter, seen }
  })

describe("progress", () => {
  it.scoped("tells of the first and the last state, and of the others once a second", () =>
    Effect.gen(function* () {
      const { add, finish, seen } = yield* listened({ total: 1000 })
      yield* TestClock.adjust(0)
      expect(seen.map(({ transferred }) => transferred)).toStrictEqual([0])
      for (let step = 0; step < 50; step++) {
        yield* add(10)
        yield* TestClock.adjust(100)
      }
      expect(seen.map(({ transferred }) => transferred)).toStrictEqual([0, 100, 200, 300, 400, 500])
      yield* add(7)
      yield* TestClock.adjust("1 minute")
      // Nothing moves: told of until the speed is down to 0.
      expect(seen.length).toBeLessThan(13)
      expect(seen.at(-1)?.bytesPerSecond).toBe(0)
      const told = seen.length
      yield* finish
      expect(seen.at(-1)?.transferred).toBe(507)
      yield* finish
      yield* TestClock.adjust("1 minute")
      expect(seen.length).toBe(told + 1)
    })
  )

  it.scoped("a transfer that is over at once has a first and a last state", () =>
    Effect.gen(function* () {
      const { add, finish, seen } = yield* listened({ total: 5 })
      yield* add(5)
      yield* finish
      expect(seen).toMatchObject([
        { transferred: 0, bytesPerSecond: 0, eta: undefined },
        { transferred: 5, eta: Duration.zero }
      ])
    })
  )

  it.scoped("tells the share of the total that is transferred, where there is a total", () =>
    Effect.gen(function* () {
      const ofKnown = yield* listened({ total: 8 })
      yield* ofKnown.add(2)
      expect((yield* ofKnown.current).percent).toBe(0.25)
      yield* ofKnown.add(6)
      yield* ofKnown.finish
      expect(ofKnown.seen.map(({ percent }) => percent)).toStrictEqual([0, 1])

      const ofUnknown = yield* listened({})
      yield* ofUnknown.add(2)
      yield* ofUnknown.finish
      expect(ofUnknown.seen.map(({ percent }) => percent)).toStrictEqual([undefined, undefined])
    })
  )

  it.scoped("an empty body is whole when it is done, and not when it has failed", () =>
    Effect.gen(function* () {
      const done = yield* listened({ total: 0 })
      yield* done.finish
      expect(done.seen.map(({ percent }) => percent)).toStrictEqual([0, 1])
      const failed = yield* listened({ total: 0 })
      yield* failed.stop
      expect(failed.seen.map(({ percent }) => percent)).toStrictEqual([0, 0])
    })
  )

  it.scoped("measures speed over 5 seconds and what is left at that speed", () =>
    Effect.gen(function* () {
      const meter = yield* progress.make({ total: 10_000 })
      const after = (seconds: number, bytes: number) =>
        Effect.gen(function* () {
          for (let second = 0; second < seconds; second++) {
            yield* meter.add(bytes)
            yield* TestClock.adjust("1 second")
          }
          return yield* meter.current
        })
      expect(yield* after(10, 100)).toMatchObject({ bytesPerSecond: 100, eta: Duration.seconds(90) })
      expect(yield* after(5, 1000)).toMatchObject({ transferred: 6000, bytesPerSecond: 1000, eta: Duration.seconds(4) })
      expect(yield* after(6, 0)).toMatchObject({ transferred: 6000, bytesPerSecond: 0, eta: undefined })
    })
  )

  it.scoped("what was done before counts, but not for the speed", () =>
    Effect.gen(function* () {
      const meter = yield* progress.make({ total: 1000, partsTotal: 10 })
      yield* meter.resumed(500, 5)
      yield* TestClock.adjust("1 second")
      yield* meter.add(100, 1)
      expect(yield* meter.current).toStrictEqual({
        transferred: 600,
        total: 1000,
        percent: 0.6,
        bytesPerSecond: 100,
        eta: Duration.seconds(4),
        partsDone: 6,
        partsTotal: 10,
        checking: undefined,
        inFlight: undefined
      })
      yield* meter.inFlight(42)
      expect((yield* meter.current).inFlight).toBe(42)
    })
  )

  it.scoped("says when the total is not known", () =>
    Effect.gen(function* () {
      const { add, finish, seen } = yield* listened({})
      yield* add(5)
      yield* TestClock.adjust("1 second")
      yield* finish
      expect(seen.every(({ eta, total }) => eta === undefined && total === undefined)).toBe(true)
    })
  )

  it.effect("closing the scope reports the last state", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { add, seen } = yield* Scope.extend(listened({ total: 10 }), scope)
      yield* add(3)
      yield* Scope.close(scope, Exit.fail("broken"))
      expect(seen.at(-1)?.transferred).toBe(3)
    })
  )

  it.scoped("a slow listener holds nothing up, sees the newest states, and the last", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const { add, finish } = yield* progress.make({
        onProgress: ({ transferred }) =>
          Effect.delay(
            Effect.sync(() => seen.push(transferred)),
            2_700
          )
      })
      for (let second = 1; second <= 9; second++) {
        yield* add(1)
        yield* TestClock.adjust("1 second")
      }
      // Told of 0 at 0 s, of what was newest at 2.7, 5.4 and 8.1 s.
      expect(seen).toStrictEqual([0, 2, 5])
      const ending = yield* Effect.fork(finish)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(ending)
    })
  )

  it.effect("a listener that never returns delays the end by one interval at most", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Effect.scoped(
          Effect.gen(function* () {
            yield* progress.make({
              onProgress: () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
            })
            yield* Effect.never
          })
        )
      )
      yield* TestClock.adjust(1)
      yield* Fiber.interruptFork(fiber)
      yield* TestClock.adjust("1 second")
      yield* Fiber.await(fiber)
      yield* Deferred.await(interrupted)
    })
  )

  it.scoped("a listener that dies ends the reports, not the transfer", () =>
    Effect.gen(function* () {
      const warnings: Array<unknown> = []
      const logger = Logger.make(({ message }) => warnings.push(message))
      let calls = 0
      yield* Effect.gen(function* () {
        const { add, finish } = yield* progress.make({
          onProgress: () => {
            calls++
            throw new Error("bug")
          }
        })
        yield* TestClock.adjust("1 second")
        yield* add(1)
        yield* TestClock.adjust("1 second")
        yield* finish
      }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      expect(calls).toBe(1)
      expect(warnings.length).toBe(1)
    })
  )

  it("keeps few samples, and one as old as the window", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat(3_000), { maxLength: 200 }), (pauses) => {
        let samples: Parameters<typeof progress.sample>[0] = []
        let time = 0
        for (const pause of pauses) {
          time += pause
          samples = progress.sample(samples, { time, transferred: time })
          expect(samples.length).toBeLessThanOrEqual(12)
          expect(progress.speed(samples, { time, transferred: time })).toBe(time === samples[0]?.time ? 0 : 1000)
          const second = samples[1]
          if (second !== undefined) expect(second.time).toBeGreaterThan(time - 5_000)
        }
      }),
      { seed: 1, numRuns: 200 }
    )
  })
})
