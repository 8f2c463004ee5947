/** Single operations whose progress is watched. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import type { OnProgress, Progress } from "effect-cos/Progress"
import * as Fault from "effect-cos-emulator/Fault"
import * as World from "../support/world.js"

const key = "key"
const emulator = { minPartSize: 1 }
const world = World.inProcess({ emulator })

/** Runs to the end, however long that takes by the clock, and gives what was reported. */
const watched = <A, E>(run: (onProgress: OnProgress) => Effect.Effect<A, E, CosClient>) =>
  Effect.gen(function* () {
    const seen: Array<Progress> = []
    const fiber = yield* Effect.fork(run((state) => Effect.sync(() => void seen.push(state))))
    yield* TestClock.adjust("10 minutes")
    const exit = yield* Fiber.await(fiber)
    return { exit, seen, transferred: seen.map(({ transferred }) => transferred) }
  })

/** One piece a second. */
const pieces = (count: number, size = 1000) =>
  Body.stream(
    Stream.range(1, count).pipe(
      Stream.mapEffect((n) => Effect.as(Effect.sleep("1 second"), new Uint8Array(size).fill(n)), { unordered: false })
    ),
    { size: count * size, replayable: true }
  )

describe("onProgress", () => {
  const begun = Effect.map(Cos.initiateMultipartUpload({ key }), ({ uploadId }) => uploadId)
  const writes: Record<
    string,
    (body: Body.Input, onProgress: OnProgress) => Effect.Effect<unknown, unknown, CosClient>
  > = {
    putObject: (body, onProgress) => Cos.putObject({ key, body, onProgress, progressInterval: "1 second" }),
    uploadPart: (body, onProgress) =>
      Effect.flatMap(begun, (uploadId) => Cos.uploadPart({ key, uploadId, partNumber: 1, body, onProgress })),
    appendObject: (body, onProgress) => Cos.appendObject({ key, position: 0, body, onProgress })
  }

  it.effect.each(Object.entries(writes))(
    "of %s hears of the first state, of one a second, and of the last",
    ([, write]) =>
      Effect.gen(function* () {
        const { exit, seen, transferred } = yield* watched((onProgress) => write(pieces(5), onProgress))
        expect(Exit.isSuccess(exit)).toBe(true)
        expect(transferred[0]).toBe(0)
        expect(transferred.at(-1)).toBe(5000)
        expect(transferred.length).toBeGreaterThan(4)
        expect(transferred).toEqual(transferred.toSorted((a, b) => a - b))
        expect(seen.at(-1)).toMatchObject({ total: 5000, percent: 1 })
        expect(seen[3]?.bytesPerSecond).toBeGreaterThan(0)
      }).pipe(Effect.provide(world))
  )

  it.effect("of bytes in memory as well, slice by slice", () =>
    Effect.gen(function* () {
      const body = new Uint8Array(500_000).fill(1)
      const { transferred } = yield* watched((onProgress) =>
        Cos.putObject({ key, body, onProgress, trafficLimit: 819_200 })
      )
      expect(transferred[0]).toBe(0)
      expect(transferred.at(-1)).toBe(body.length)
      expect(transferred.length).toBeGreaterThan(4)
      yield* World.expectStored(key, body)
    }).pipe(Effect.provide(world))
  )

  it.effect("of an HTTP client that takes all at once: nothing, and all", () =>
    Effect.gen(function* () {
      const { transferred } = yield* watched((onProgress) => Cos.putObject({ key, body: "12345", onProgress }))
      expect(transferred).toEqual([0, 5])
    }).pipe(Effect.provide(World.inProcess({ emulator, transport: {} })))
  )

  it.effect("of nothing at all", () =>
    Effect.gen(function* () {
      const { seen } = yield* watched((onProgress) => Cos.putObject({ key, onProgress }))
      expect(seen.map(({ total }) => total)).toEqual([0, 0])
    }).pipe(Effect.provide(world))
  )

  it.scoped("never falls where a request is sent again, and says how far a failed one came", () =>
    Effect.gen(function* () {
      yield* World.fault({ on: { operation: "putObject", times: 1 }, do: Fault.resetAfterBytes(2500) })
      const { exit, transferred } = yield* watched((onProgress) => Cos.putObject({ key, body: pieces(4), onProgress }))
      expect(Exit.isSuccess(exit)).toBe(true)
      expect(transferred).toEqual(transferred.toSorted((a, b) => a - b))
      expect(transferred.at(-1)).toBe(4000)
      const once = Body.stream(Stream.concat(Stream.make(new Uint8Array(700)), Stream.fail("broken")), { size: 1000 })
      const failed = yield* watched((onProgress) => Cos.putObject({ key, body: once, onProgress }))
      expect(failed.exit).toMatchObject({ cause: { error: { _tag: "SourceFailed" } } })
      expect(failed.transferred).toEqual([0, 700])
    }).pipe(Effect.provide(world))
  )

  it.effect("that fails or never returns holds nothing up", () =>
    Effect.gen(function* () {
      for (const onProgress of [() => Effect.die("no"), () => Effect.never]) {
        const { exit } = yield* watched(() => Cos.putObject({ key, body: pieces(3), onProgress }))
        expect(Exit.isSuccess(exit)).toBe(true)
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("is refused where it is none", () =>
    Effect.gen(function* () {
      const refused = (input: object) => Effect.flip(Cos.putObject({ key, body: "a", ...input }))
      expect(yield* refused({ onProgress: 5 })).toMatchObject({ reason: "onProgress must be a function" })
      expect(yield* refused({ progressInterval: "often" })).toMatchObject({
        reason: "progressInterval must be a duration of 0 or more"
      })
      expect(yield* World.requests()).toEqual([])
    }).pipe(Effect.provide(world))
  )
})
