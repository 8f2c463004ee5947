/** What uploads have left in a bucket is removed, and nothing else. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const world = Effect.provide(World.inProcess())

const begin = (...keys: ReadonlyArray<string>) =>
  Effect.forEach(keys, (key) => Effect.map(Cos.initiateMultipartUpload({ key }), ({ uploadId }) => uploadId))

const openKeys = Effect.flatMap(Emulator, (emulator) =>
  Effect.map(emulator.unfinishedUploads, (uploads) => uploads.map(({ key }) => key).sort())
)

describe("Upload.abortUnfinished", () => {
  it.effect("aborts the uploads below a prefix, and reports them", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 20 }, (_, i) => `in/${i}`)
      yield* begin(...keys, "in/0", "out")
      const { aborted, failures, skipped } = yield* Upload.abortUnfinished({ prefix: "in/" }, { concurrency: 16 })
      expect(aborted.map(({ key }) => key).sort()).toEqual([...keys, "in/0"].sort())
      expect([failures, skipped]).toEqual([[], []])
      expect(yield* openKeys).toEqual(["out"])
    }).pipe(world)
  )

  it.effect("judges the age by the clock of the service", () =>
    Effect.gen(function* () {
      const { clock } = yield* Emulator
      // Here it is 1970.
      yield* clock.adjust("10000 days")
      yield* begin("old")
      yield* clock.adjust("3 days")
      yield* begin("young")
      const { aborted, skipped } = yield* Upload.abortUnfinished({ olderThan: "2 days" })
      expect(aborted).toMatchObject([{ key: "old" }])
      expect(skipped).toMatchObject([{ reason: "young", upload: { key: "young" } }])
      expect(yield* openKeys).toEqual(["young"])
    }).pipe(world)
  )

  it.scoped("leaves uploads alone that this process is sending or has paused", () =>
    Effect.gen(function* () {
      yield* begin("left")
      yield* World.fault({
        on: { operation: "uploadPart", times: Number.POSITIVE_INFINITY },
        do: Fault.delay("2 seconds")
      })
      const start = (key: string) =>
        Upload.controlled({ key, bytes: content(3 * MiB) }, { partSize: MiB, threshold: 0, concurrency: 1 })
      const running = yield* start("running")
      const paused = yield* start("paused")
      const cancelled = yield* start("cancelled")
      yield* TestClock.adjust("3 seconds")
      yield* drive(Effect.zip(paused.pause, cancelled.cancel), "1 millis")

      const { aborted, skipped } = yield* Upload.abortUnfinished()
      expect(aborted).toMatchObject([{ key: "left" }])
      expect(skipped.map(({ reason, upload }) => [upload.key, reason]).sort()).toEqual([
        ["paused", "inUse"],
        ["running", "inUse"]
      ])
      yield* paused.resume
      expect(yield* drive(paused.await)).toMatchObject({ resumedParts: 1 })
      yield* drive(running.await)
    }).pipe(world)
  )

  it.scoped("one that cannot be aborted does not stop the others, and one that is gone is not a failure", () =>
    Effect.gen(function* () {
      yield* begin("a", "b", "c")
      yield* World.fault({
        on: { operation: "abortMultipartUpload", key: "a" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      yield* World.fault({
        on: { operation: "abortMultipartUpload", key: "b" },
        do: Fault.status(404, { code: "NoSuchUpload" })
      })
      const { aborted, failures, skipped } = yield* Upload.abortUnfinished()
      expect(aborted).toMatchObject([{ key: "c" }])
      expect(failures).toMatchObject([{ upload: { key: "a" }, error: { _tag: "AccessDenied" } }])
      expect(skipped).toMatchObject([{ upload: { key: "b" }, reason: "gone" }])
    }).pipe(world)
  )

  it.effect("fails if the list fails, and refuses a concurrency of 0", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(Upload.abortUnfinished({ bucket: "nobody-1250000000" })))._tag).toBe("NoSuchBucket")
      expect(yield* Effect.flip(Upload.abortUnfinished({}, { concurrency: 0 }))).toMatchObject({
        _tag: "InvalidInput",
        field: "concurrency"
      })
    }).pipe(world)
  )
})
