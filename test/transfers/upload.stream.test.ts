/** Streams of unknown length, and sinks. */
import { describe, expect, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { CosClient } from "effect-cos/CosClient"
import * as Crc64 from "effect-cos/Crc64"
import type { Progress } from "effect-cos/Progress"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import * as Buffers from "../support/buffers.js"
import { drive, interruptTimed } from "../support/clock.js"
import { content, inPieces, KiB, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const world = (options: World.Options = {}) =>
  World.inProcess({ ...options, client: { retry: RetryPolicy.make({ base: 0 }), ...options.client } })

class Broken extends Data.TaggedError("Broken")<{ readonly at: number }> {}

type Run = <E>(
  source: Stream.Stream<Uint8Array, E>,
  options?: Upload.UploadOptions
) => Effect.Effect<Upload.UploadResult, Upload.UploadError | E, CosClient>

const forms: ReadonlyArray<readonly [string, Run]> = [
  ["Upload.stream", (stream, options) => Upload.stream({ key: "a", stream }, { partSize: MiB, ...options })],
  ["Upload.sink", (stream, options) => Stream.run(stream, Upload.sink({ key: "a" }, { partSize: MiB, ...options }))]
]

for (const [name, run] of forms) {
  describe(name, () => {
    const sizes = [
      { size: 0, parts: 0 },
      { size: 1, parts: 0 },
      { size: MiB - 1, parts: 0 },
      { size: MiB, parts: 0 },
      { size: MiB + 1, parts: 2 },
      { size: 3 * MiB, parts: 3 },
      { size: 3 * MiB + 1, parts: 4 }
    ]
    for (const { parts, size } of sizes) {
      it.effect(`${size} bytes make ${parts === 0 ? "one request" : `${parts} parts`}`, () =>
        Effect.gen(function* () {
          const bytes = content(size)
          const result = yield* run(inPieces(bytes, 100_000))
          expect(result).toMatchObject({ key: "a", size, parts, resumedParts: 0, crc64: Crc64.of(bytes) })
          expect(yield* World.asked).toEqual(
            parts === 0
              ? { putObject: 1 }
              : { initiateMultipartUpload: 1, uploadPart: parts, completeMultipartUpload: 1 }
          )
          yield* World.expectStored("a", bytes)
        }).pipe(Effect.provide(world()))
      )
    }

    it.effect("pieces of any size, also empty ones and ones of several parts, however they are chunked", () =>
      Effect.gen(function* () {
        const bytes = content(2 * MiB + 12_345, 2)
        const lengths = FastCheck.sample(
          FastCheck.array(
            FastCheck.oneof(
              FastCheck.constant(0),
              FastCheck.integer({ min: 1, max: 1000 }),
              FastCheck.integer({ min: 1, max: 2 * MiB })
            ),
            { minLength: 1, maxLength: 20 }
          ),
          { seed: 7, numRuns: 10 }
        )
        for (const [i, some] of lengths.entries()) {
          const pieces: Array<Uint8Array> = []
          let at = 0
          for (const length of some) {
            pieces.push(bytes.subarray(at, at + length))
            at = Math.min(bytes.byteLength, at + length)
          }
          const result = yield* run(Stream.rechunk(Stream.fromIterable(pieces), (i % 4) + 1))
          expect(result).toMatchObject({ size: at, parts: at <= MiB ? 0 : Math.ceil(at / MiB) })
          yield* World.expectStored("a", bytes.subarray(0, at))
        }
      }).pipe(Effect.provide(world()))
    )

    it.scoped("a source that fails arrives as it is, and nothing is left", () =>
      Effect.gen(function* () {
        const source = Stream.concat(inPieces(content(2 * MiB + 5), 64 * KiB), Stream.fail(new Broken({ at: 7 })))
        const error = yield* Effect.flip(drive(run(source)))
        expect(error).toEqual(new Broken({ at: 7 }))
        expect(yield* World.unfinishedUploads).toEqual([])
        yield* World.expectStored("a", undefined)
        // Before a part was full nothing was begun.
        const early = yield* Effect.flip(
          run(Stream.concat(Stream.make(content(5)), Stream.fail(new Broken({ at: 1 }))))
        )
        expect(early).toEqual(new Broken({ at: 1 }))
        expect(yield* World.asked).toMatchObject({ initiateMultipartUpload: 1, abortMultipartUpload: 1 })
      }).pipe(Effect.provide(world()))
    )

    it.scoped("a source that dies is a defect, and nothing is left", () =>
      Effect.gen(function* () {
        const source = Stream.concat(inPieces(content(2 * MiB + 5), 64 * KiB), Stream.die("bug"))
        const exit = yield* Effect.exit(drive(run(source)))
        expect(exit).toMatchObject({ _tag: "Failure" })
        expect(String(exit)).toContain("bug")
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(Effect.provide(world()))
    )

    it.scoped("reads the source no faster than parts are sent, and holds no more than documented", () =>
      Effect.gen(function* () {
        const concurrency = 3
        const piece = 64 * KiB
        let pulled = 0
        const source = inPieces(content(12 * MiB), piece).pipe(
          Stream.tap((bytes) =>
            Effect.sync(() => {
              pulled += bytes.byteLength
            })
          )
        )
        // The first part goes through; then no part is answered.
        yield* World.fault({ on: { operation: "uploadPart", nth: 2, times: Infinity }, do: Fault.silence() })
        const fiber = yield* Effect.fork(run(source, { concurrency }))
        yield* TestClock.adjust("5 seconds")
        const sent = (yield* World.requests("uploadPart")).length
        expect(sent).toBe(1 + concurrency)
        // One part that is done, as many as are sent at once, one that is full; and what the stream itself has in hand.
        expect(pulled).toBeGreaterThanOrEqual((1 + concurrency + 1) * MiB)
        expect(pulled).toBeLessThanOrEqual((1 + concurrency + 1) * MiB + 3 * piece)
        yield* interruptTimed(fiber)
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(Effect.provide(world()))
    )

    it.scoped("reuses its buffers", () =>
      Effect.gen(function* () {
        const concurrency = 2
        const allocated = yield* Buffers.made
        yield* World.fault({ on: { operation: "uploadPart", times: Infinity }, do: Fault.delay("1 second") })
        yield* drive(run(inPieces(content(8 * MiB), 200_000), { concurrency }))
        expect(allocated.filter((bytes) => bytes >= MiB).length).toBe(concurrency + 1)
      }).pipe(Effect.provide(world()))
    )

    it.scoped("a part that fails ends it, though the source goes on", () =>
      Effect.gen(function* () {
        yield* World.fault({
          on: { operation: "uploadPart", partNumber: 2 },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        let pulled = 0
        const endless = Stream.repeatEffect(
          Effect.sync(() => {
            pulled += 64 * KiB
            return content(64 * KiB, pulled)
          })
        )
        const error = yield* Effect.flip(drive(run(endless)))
        expect(error).toMatchObject({ _tag: "AccessDenied" })
        expect(yield* World.unfinishedUploads).toEqual([])
        expect(pulled).toBeLessThan(16 * MiB)
      }).pipe(Effect.provide(world()))
    )

    it.scoped("a part that fails ends it, though the source is silent", () =>
      Effect.gen(function* () {
        yield* World.fault({
          on: { operation: "uploadPart", partNumber: 2 },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const silent = Stream.concat(inPieces(content(2 * MiB + 5), 64 * KiB), Stream.never)
        const fiber = yield* Effect.fork(Effect.flip(run(silent)))
        yield* TestClock.adjust("1 second")
        expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "Some", value: { value: { _tag: "AccessDenied" } } })
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(Effect.provide(world()))
    )

    it.scoped("progress counts acknowledged bytes, without a total", () =>
      Effect.gen(function* () {
        yield* World.fault({ on: { operation: "uploadPart", partNumber: 2 }, do: Fault.resetAfterBytes(MiB) })
        const seen: Array<Progress> = []
        yield* drive(
          run(inPieces(content(3 * MiB + 7), 64 * KiB).pipe(Stream.tap(() => Effect.sleep("100 millis"))), {
            onProgress: (progress) => Effect.sync(() => seen.push(progress))
          })
        )
        expect(seen[0]).toMatchObject({ transferred: 0, total: undefined })
        expect(seen.at(-1)).toMatchObject({ transferred: 3 * MiB + 7, total: undefined, partsDone: 4 })
        const transferred = seen.map((progress) => progress.transferred)
        expect(transferred.every((bytes) => bytes % MiB === 0 || bytes === 3 * MiB + 7)).toBe(true)
        expect(transferred).toEqual([...transferred].sort((a, b) => a - b))
      }).pipe(Effect.provide(world()))
    )
  })
}

describe("Upload.sink", () => {
  it.effect("can be one of two readers of a source", () =>
    Effect.gen(function* () {
      const bytes = content(3 * MiB)
      const [result, count] = yield* Effect.scoped(
        Effect.gen(function* () {
          const [left, right] = yield* Stream.broadcast(inPieces(bytes, 64 * KiB), 2, 4)
          return yield* Effect.all(
            [Stream.run(left, Upload.sink({ key: "a" }, { partSize: MiB })), Stream.runCount(right)],
            { concurrency: 2 }
          )
        })
      )
      expect(result.size).toBe(bytes.byteLength)
      expect(count).toBe(48)
      yield* World.expectStored("a", bytes)
    }).pipe(Effect.provide(world()))
  )

  it.effect("can be run again: each run is an upload of its own", () =>
    Effect.gen(function* () {
      const sink = Upload.sink({ key: "a" }, { partSize: MiB })
      for (const seed of [1, 2]) {
        const bytes = content(2 * MiB + seed, seed)
        yield* Stream.run(inPieces(bytes, 64 * KiB), sink)
        yield* World.expectStored("a", bytes)
      }
    }).pipe(Effect.provide(world()))
  )

  it.effect("refuses invalid options when it is run, such as parts that are too large", () =>
    Effect.gen(function* () {
      for (const partSize of [1, 65 * MiB]) {
        const error = yield* Effect.flip(Stream.run(Stream.empty, Upload.sink({ key: "a" }, { partSize })))
        expect(error).toMatchObject({ _tag: "InvalidInput", field: "partSize" })
      }
    }).pipe(Effect.provide(world()))
  )
})
