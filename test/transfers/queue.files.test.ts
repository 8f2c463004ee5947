/** Many files that are submitted to a queue together. */
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TransferQueue from "effect-cos/TransferQueue"
import type { FaultHandle } from "effect-cos-emulator/Control"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"
import { contentsOf, directoryOf, expectSame, storedKeys, summary, world } from "./directory.js"

const files = { "a.bin": content(MiB), "b.bin": content(2 * MiB, 2), "c.bin": content(10, 3), "d.bin": content(5, 4) }
const size = 3 * MiB + 15
const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const

const named = (root: string) => Object.keys(files).map((key) => ({ key, path: `${root}/${key}` }))

const acted = ({ fired }: FaultHandle) =>
  Effect.repeat(Effect.zipRight(Effect.sleep("1 millis"), fired), { until: (fired) => fired > 0 })

describe("TransferQueue.uploadFiles", () => {
  it.scopedLive("a directory: each file is a transfer, and all have one progress and one report", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ ...files, "sub/": "" })
      const queue = yield* TransferQueue.make({ changesInterval: "1 millis" })
      const batch = yield* queue.uploadFiles({ directory: root, prefix: "x/", folders: true }, inParts)
      const totals = yield* Effect.fork(Stream.runCollect(batch.progress))
      expect(batch.files.map(({ input }) => input.key)).toEqual(["x/a.bin", "x/b.bin", "x/c.bin", "x/d.bin", "x/sub/"])
      expect((yield* queue.list).map(({ id }) => id)).toEqual(batch.files.map(({ ticket }) => ticket.id))
      const report = yield* batch.await
      expect(report).toMatchObject({ succeeded: 5, failures: [], skipped: 0 })
      expect(summary(report)).toEqual(batch.files.map(({ input }) => [input.key, "Success"]))
      const seen = Array.from(yield* Fiber.join(totals))
      expect(seen[0]).toMatchObject({ total: size, files: { total: 5 } })
      expect(seen.at(-1)).toMatchObject({ transferred: size, percent: 1, files: { succeeded: 5, failed: 0, total: 5 } })
      const shares = seen.map(({ percent }) => percent ?? -1)
      expect(shares).toEqual([...shares].sort((a, b) => a - b))
      expect(yield* storedKeys).toEqual(["x/a.bin", "x/b.bin", "x/c.bin", "x/d.bin", "x/sub/"])
    }).pipe(world)
  )

  it.scopedLive("one of many is paused, and another cancelled, while they wait; the report waits for the first", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(files)
      const queue = yield* TransferQueue.make({ concurrency: 1 })
      const hold = yield* World.fault({ on: { operation: "uploadPart", times: "all" }, do: Fault.silence() })
      const batch = yield* queue.uploadFiles(named(root), inParts)
      const [, second, third] = batch.files.map(({ ticket }) => ticket)
      yield* second?.pause ?? Effect.void
      yield* third?.cancel ?? Effect.void
      yield* acted(hold)
      // What was begun before is sent again.
      yield* hold.remove
      yield* batch.files[0]?.ticket.pause ?? Effect.void
      yield* batch.files[0]?.ticket.resume ?? Effect.void
      yield* batch.files[0]?.ticket.await ?? Effect.void
      yield* batch.files[3]?.ticket.await ?? Effect.void
      const report = yield* Effect.fork(batch.await)
      expect((yield* batch.current).files).toEqual({ succeeded: 2, failed: 1, total: 4 })
      expect((yield* batch.current).percent).toBeCloseTo((MiB + 5) / size)
      yield* batch.resume
      const { failures, outcomes, succeeded } = yield* Fiber.join(report)
      expect(outcomes.map(({ _tag }) => _tag)).toEqual(["Success", "Success", "Failure", "Success"])
      expect(failures.map(({ error }) => error._tag)).toEqual(["TransferCancelled"])
      expect(succeeded).toBe(3)
      expect(yield* storedKeys).toEqual(["a.bin", "b.bin", "d.bin"])
    }).pipe(world)
  )

  it.scopedLive("the failure of one, or what it is, does not stop the others", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(files)
      yield* (yield* FileSystem.FileSystem).symlink("/dev/null", `${root}/null`)
      const queue = yield* TransferQueue.make()
      yield* World.fault({ on: { key: "b.bin" }, do: Fault.status(403) })
      const batch = yield* queue.uploadFiles({ directory: root }, inParts)
      expect(batch.files.length).toBe(4)
      const { failures, succeeded } = yield* batch.await
      expect(succeeded).toBe(3)
      expect(failures.map(({ error, input }) => [input.key, error._tag])).toEqual([
        ["b.bin", "AccessDenied"],
        ["null", "InvalidInput"]
      ])
      expect((yield* batch.current).files).toEqual({ succeeded: 3, failed: 2, total: 5 })
      yield* batch.resume
      expect((yield* batch.await).succeeded).toBe(4)
    }).pipe(world)
  )

  it.scopedLive("all of them are cancelled, and none of the others", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(files)
      const queue = yield* TransferQueue.make({ concurrency: 1, restore: "paused" })
      const hold = yield* World.fault({ on: { operation: "uploadPart", times: "all" }, do: Fault.silence() })
      const batch = yield* queue.uploadFiles(named(root), inParts)
      yield* acted(hold)
      const other = yield* queue.upload({ key: "other", body: "other" })
      yield* batch.pause
      yield* batch.cancel
      const { failures } = yield* batch.await
      expect(failures.map(({ error }) => error._tag)).toEqual(Array.from({ length: 4 }, () => "TransferCancelled"))
      yield* other.await
      expect(yield* storedKeys).toEqual(["other"])
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scopedLive("nothing at all is over at once", () =>
    Effect.gen(function* () {
      const queue = yield* TransferQueue.make()
      const batch = yield* queue.uploadFiles([])
      expect(yield* batch.await).toEqual({ outcomes: [], succeeded: 0, failures: [], skipped: 0 })
      expect(Array.from(yield* Stream.runCollect(batch.progress))).toMatchObject([{ percent: 1, total: 0 }])
    }).pipe(world)
  )
})

describe("TransferQueue.downloadFiles", () => {
  it.scopedLive("a prefix: each object is a transfer, folders are made, and unsafe keys are refused", () =>
    Effect.gen(function* () {
      const queue = yield* TransferQueue.make()
      for (const [name, bytes] of Object.entries(files)) yield* queue.upload({ key: `x/${name}`, bytes })
      yield* queue.upload({ key: "x/sub/", body: "" })
      yield* queue.upload({ key: "x/sub/../../out", body: "no" })
      yield* Effect.forEach(yield* queue.list, ({ id }) =>
        Effect.flatMap(Effect.flatten(queue.get(id)), (ticket) => ticket.await)
      )
      const root = yield* directoryOf({})
      const batch = yield* queue.downloadFiles({ prefix: "x/", directory: root }, { partSize: MiB })
      expect(batch.files.length).toBe(4)
      const { failures, succeeded } = yield* batch.await
      expect(succeeded).toBe(5)
      expect(failures.map(({ error }) => error._tag)).toEqual(["UnsafeKey"])
      expect(yield* batch.current).toMatchObject({ transferred: size, files: { succeeded: 5, failed: 1, total: 6 } })
      expectSame(yield* contentsOf(root), { ...files, "sub/": "" })
    }).pipe(world)
  )
})
