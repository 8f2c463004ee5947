import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as Upload from "effect-cos/Upload"
import { drive, interruptTimed } from "./clock.js"
import { content } from "./content.js"
import { Disk } from "./disk.js"
import * as World from "./world.js"

describe("the test kit", () => {
  it.effect("drives a program through its sleeps, each to its own instant", () =>
    Effect.gen(function* () {
      const instants: Array<number> = []
      yield* drive(
        Effect.forEach([10, 20_000, 7], (millis) =>
          Effect.zipRight(
            Effect.sleep(millis),
            Effect.tap(Clock.currentTimeMillis, (now) => Effect.sync(() => instants.push(now)))
          )
        )
      )
      expect(instants).toEqual([10, 20_010, 20_017])
    })
  )

  it.effect("measures how long an interrupt takes", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.ensuring(Effect.never, Effect.sleep("12 seconds")))
      yield* TestClock.adjust("1 second")
      const { exit, millis } = yield* interruptTimed(fiber)
      expect(millis).toBe(12_000)
      expect(exit._tag).toBe("Failure")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "Some" })
    })
  )

  it.effect("in process: emulator, client and files", () =>
    Effect.gen(function* () {
      ;(yield* Disk).put("/data", content(1000))
      yield* Upload.file({ key: "a", path: "/data" })
      yield* World.expectStored("a", content(1000))
      expect(yield* World.asked).toEqual({ putObject: 1 })
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.live("on a port", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: content(1000) })
      yield* World.expectStored("a", content(1000))
    }).pipe(Effect.provide(World.onPort()))
  )
})
