import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import type { Controlled } from "effect-cos/Controlled"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"
import * as Download from "effect-cos/Download"
import type { Progress } from "effect-cos/Progress"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
import { Disk, systemError } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(5 * MiB)
const small = { partSize: MiB, threshold: 0, concurrency: 1 } as const
const target = { key: "a", path: "/data" }
const world = Effect.provide(World.inProcess())

const prepared = Effect.map(Disk, (disk) => {
  disk.put("/data", data)
  return disk
})

const slow = (operation: string) =>
  World.fault({ on: { operation, times: Number.POSITIVE_INFINITY }, do: Fault.delay("2 seconds") })

const collect = <A>(stream: Stream.Stream<A>) =>
  Effect.map(Effect.fork(Stream.runCollect(stream)), (fiber) =>
    Effect.map(drive(Fiber.join(fiber)), Chunk.toReadonlyArray)
  )

const stateOf = <A, E, C>(transfer: Controlled<A, E, C>) => Effect.map(transfer.current, ({ state }) => state)

describe("a controlled transfer", () => {
  it.scoped("a paused upload sends nothing, and resumes with the missing parts", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const upload = yield* Upload.controlled(target, small)
      const states = yield* collect(upload.state)
      yield* TestClock.adjust("5 seconds")
      expect(yield* stateOf(upload)).toBe("transferring")
      const checkpoint = yield* drive(upload.pause)
      expect(checkpoint?.parts.map(({ partNumber }) => partNumber)).toEqual([1, 2])
      expect(yield* upload.current).toMatchObject({
        state: "paused",
        progress: { transferred: 2 * MiB, total: 5 * MiB, bytesPerSecond: 0, eta: undefined }
      })
      const before = (yield* World.requests()).length
      yield* TestClock.adjust("1 hour")
      expect((yield* World.requests()).length).toBe(before)
      expect(yield* World.unfinishedUploads).toEqual([checkpoint?.uploadId])

      yield* upload.resume
      expect(yield* drive(upload.await)).toMatchObject({ parts: 5, resumedParts: 2 })
      // The third had been under way.
      expect(yield* World.partsSent).toEqual([1, 2, 3, 3, 4, 5])
      expect(yield* World.asked).toMatchObject({ initiateMultipartUpload: 1, completeMultipartUpload: 1 })
      expect((yield* upload.current).progress.checking).toEqual({ checked: 2 * MiB, total: 2 * MiB })
      expect(yield* states).toEqual(["checking", "transferring", "paused", "checking", "transferring", "succeeded"])
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("a paused download keeps its temporary file, and resumes with the missing ranges", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* Cos.putObject({ key: "a", body: data })
      yield* slow("getObject")
      const download = yield* Download.controlled({ key: "a", path: "/out" }, { partSize: MiB, concurrency: 1 })
      const states = yield* collect(download.state)
      yield* TestClock.adjust("5 seconds")
      const checkpoint = yield* drive(download.pause)
      expect(checkpoint?.parts.map(({ offset }) => offset)).toEqual([0, MiB])
      expect(disk.paths).toEqual([checkpoint?.temporaryPath, "/data"])
      const before = (yield* World.requests()).length
      yield* TestClock.adjust("1 hour")
      expect((yield* World.requests()).length).toBe(before)

      yield* download.resume
      expect(yield* drive(download.await)).toMatchObject({ parts: 5, resumedParts: 2 })
      const ranges = (yield* World.requests("getObject")).map(({ headers }) => Number(/\d+/.exec(headers.range ?? "")))
      expect(ranges.map((start) => start / MiB)).toEqual([0, 1, 2, 2, 3, 4])
      expect(yield* states).toEqual(["checking", "transferring", "paused", "checking", "transferring", "succeeded"])
      expect(disk.paths).toEqual(["/data", "/out"])
      expect(firstDifference(disk.bytes("/out") ?? new Uint8Array(0), data)).toBeUndefined()
    }).pipe(world)
  )

  it.scoped("a paused copy resumes with the missing parts", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "source", body: data })
      yield* slow("uploadPartCopy")
      const copy = yield* Copy.controlled({ key: "a", source: { key: "source" } }, small)
      yield* TestClock.adjust("5 seconds")
      expect((yield* drive(copy.pause))?.parts.length).toBe(2)
      yield* copy.resume
      expect(yield* drive(copy.await)).toMatchObject({ parts: 5, resumedParts: 2 })
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("bytes and blobs as well", () =>
    Effect.gen(function* () {
      yield* slow("uploadPart")
      const bytes = yield* Upload.controlled({ key: "a", bytes: data }, small)
      yield* TestClock.adjust("5 seconds")
      yield* drive(bytes.pause)
      yield* bytes.resume
      expect(yield* drive(bytes.await)).toMatchObject({ resumedParts: 2 })
      yield* World.expectStored("a", data)

      const blob = yield* Upload.controlled({ key: "b", blob: new Blob([data], { type: "image/png" }) })
      expect(yield* drive(blob.await)).toMatchObject({ size: data.byteLength })
      expect((yield* drive(Cos.headObject({ key: "b" }))).contentType).toBe("image/png")
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scoped("the checkpoint of a pause can be resumed elsewhere", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const scope = yield* Scope.make()
      const upload = yield* Upload.controlled(target, { ...small, onInterrupt: "keep" }).pipe(Scope.extend(scope))
      yield* TestClock.adjust("5 seconds")
      const paused = yield* drive(upload.pause)
      yield* drive(Scope.close(scope, Exit.void))
      const text = JSON.stringify(yield* Schema.encode(Schema.NullOr(Checkpoint.Upload))(paused ?? null))
      const resume = (yield* Schema.decode(Schema.parseJson(Schema.NullOr(Checkpoint.Upload)))(text)) ?? undefined
      const again = yield* Upload.controlled(target, { ...small, resume })
      expect(yield* drive(again.await)).toMatchObject({ resumedParts: 2 })
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("cancelling aborts the upload once and fails whoever awaits it", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* Cos.putObject({ key: "b", body: data })
      yield* slow("uploadPart")
      yield* slow("getObject")
      const upload = yield* Upload.controlled(target, small)
      const download = yield* Download.controlled({ key: "b", path: "/out" }, { partSize: MiB, concurrency: 1 })
      const waiting = yield* Effect.fork(Effect.flip(upload.await))
      yield* TestClock.adjust("5 seconds")
      yield* drive(Effect.all([upload.cancel, download.cancel]))
      expect(yield* drive(Fiber.join(waiting))).toEqual(new CosError.TransferCancelled({ key: "a" }))
      expect(yield* World.asked).toMatchObject({ abortMultipartUpload: 1 })
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(disk.paths).toEqual(["/data"])
      // For good.
      yield* upload.resume
      expect(yield* drive(upload.pause)).toBeUndefined()
      yield* upload.cancel
      expect(yield* stateOf(upload)).toBe("cancelled")
      expect(yield* Stream.runCollect(upload.state)).toEqual(Chunk.of("cancelled"))
      expect(yield* World.asked).toMatchObject({ abortMultipartUpload: 1 })
    }).pipe(world)
  )

  it.scoped("cancelling a paused transfer leaves nothing behind", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* Cos.putObject({ key: "b", body: data })
      yield* slow("uploadPart")
      yield* slow("getObject")
      const upload = yield* Upload.controlled(target, small)
      const download = yield* Download.controlled({ key: "b", path: "/out" }, { partSize: MiB, concurrency: 1 })
      yield* TestClock.adjust("5 seconds")
      yield* drive(Effect.all([upload.pause, download.pause, upload.cancel, download.cancel]))
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(disk.paths).toEqual(["/data"])
    }).pipe(world)
  )

  it.scoped("closing the scope cancels it, paused or not, unless it is to be kept", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const left = (
        options: Upload.ResumableUploadOptions,
        act: (upload: Controlled<unknown, unknown, unknown>) => Effect.Effect<unknown>
      ) =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const upload = yield* Upload.controlled(target, { ...small, ...options }).pipe(Scope.extend(scope))
          const waiting = yield* Effect.fork(Effect.flip(upload.await))
          yield* TestClock.adjust("3 seconds")
          yield* drive(act(upload))
          yield* drive(Scope.close(scope, Exit.void))
          expect((yield* Fiber.join(waiting))._tag).toBe("TransferCancelled")
          yield* upload.resume
          return { state: yield* stateOf(upload), open: (yield* World.unfinishedUploads).length }
        })
      const nothing = () => Effect.void
      expect(yield* left({}, nothing)).toEqual({ state: "cancelled", open: 0 })
      expect(yield* left({}, ({ pause }) => pause)).toEqual({ state: "cancelled", open: 0 })
      expect(yield* left({ onInterrupt: "keep" }, nothing)).toEqual({ state: "paused", open: 1 })
      expect(yield* left({ onInterrupt: "keep" }, ({ pause }) => pause)).toEqual({ state: "paused", open: 2 })
      // It is nobody's any more.
      expect((yield* Upload.abortUnfinished()).aborted.length).toBe(2)
    }).pipe(world)
  )

  it.scoped("a pause or cancel during the last request comes too late", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({
        on: { operation: "completeMultipartUpload", times: Number.POSITIVE_INFINITY },
        do: Fault.delay("3 seconds", "after")
      })
      for (const command of ["pause", "cancel"] as const) {
        const upload = yield* Upload.controlled(target, small)
        yield* TestClock.adjust("1 second")
        yield* drive(Effect.asVoid<unknown, never, never>(upload[command]))
        expect(yield* stateOf(upload)).toBe("succeeded")
        expect(yield* drive(upload.await)).toMatchObject({ parts: 5 })
      }
      expect((yield* World.asked).abortMultipartUpload).toBeUndefined()
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("a failed transfer can be resumed from the start, or from the parts that were kept", () =>
    Effect.gen(function* () {
      yield* prepared
      for (const onFailure of ["abort", "keep"] as const) {
        yield* (yield* Emulator).clearJournal
        const fault = yield* World.fault({
          on: { operation: "uploadPart", nth: 3 },
          do: Fault.status(403, { code: "AccessDenied" })
        })
        const upload = yield* Upload.controlled(target, { ...small, onFailure })
        const states = yield* collect(upload.state)
        expect(yield* drive(Effect.flip(upload.await))).toMatchObject({ _tag: "AccessDenied" })
        expect(yield* stateOf(upload)).toBe("failed")
        expect((yield* World.unfinishedUploads).length).toBe(onFailure === "keep" ? 1 : 0)
        expect(yield* fault.fired).toBe(1)
        expect(yield* states).toEqual(["checking", "transferring", "failed"])
        expect(Chunk.toReadonlyArray(yield* Stream.runCollect(upload.progress)).length).toBe(1)
        yield* upload.resume
        const more = yield* collect(upload.state)
        expect(yield* drive(upload.await)).toMatchObject({ resumedParts: onFailure === "keep" ? 2 : 0 })
        expect(yield* World.partsSent).toEqual(onFailure === "keep" ? [1, 2, 3, 3, 4, 5] : [1, 2, 3, 1, 2, 3, 4, 5])
        expect(yield* more).toEqual(["checking", "transferring", "succeeded"])
      }
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scoped("a failed transfer whose parts were kept can be cancelled", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({ on: { operation: "uploadPart", nth: 3 }, do: Fault.status(403, { code: "AccessDenied" }) })
      const upload = yield* Upload.controlled(target, { ...small, onFailure: "keep" })
      yield* drive(Effect.flip(upload.await))
      yield* drive(upload.cancel)
      expect(yield* stateOf(upload)).toBe("cancelled")
      // What was waited for before is as it was.
      expect((yield* Effect.flip(upload.await))._tag).toBe("AccessDenied")
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scoped("progress never falls, not even over pauses, and ends at the total", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const told: Array<Progress> = []
      const upload = yield* Upload.controlled(target, {
        ...small,
        onProgress: (progress) => Effect.sync(() => void told.push(progress))
      })
      const progress = yield* collect(upload.progress)
      for (let i = 0; i < 3; i++) {
        yield* TestClock.adjust("3 seconds")
        yield* drive(upload.pause)
        yield* upload.resume
      }
      yield* drive(upload.await)
      for (const seen of [yield* progress, told]) {
        const transferred = seen.map(({ transferred }) => transferred)
        expect(transferred).toEqual(transferred.toSorted((a, b) => a - b))
        expect(transferred.at(-1)).toBe(5 * MiB)
        expect(transferred.length).toBeGreaterThan(5)
      }
    }).pipe(world)
  )

  it.scoped("a command is carried out even if its caller is interrupted", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      yield* slow("abortMultipartUpload")
      const upload = yield* Upload.controlled(target, small)
      yield* TestClock.adjust("3 seconds")
      const cancelling = yield* Effect.fork(Effect.timeout(upload.cancel, "1 second"))
      yield* drive(Fiber.await(cancelling))
      expect(yield* stateOf(upload)).toBe("cancelled")
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scoped("concurrent commands take effect one after the other", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      yield* slow("abortMultipartUpload")
      const upload = yield* Upload.controlled(target, small)
      const states = yield* collect(upload.state)
      yield* TestClock.adjust("3 seconds")
      yield* drive(Effect.all([upload.pause, upload.resume, upload.resume], { concurrency: 3 }), "1 millis")
      yield* TestClock.adjust("1 second")
      expect(yield* stateOf(upload)).toBe("transferring")
      yield* drive(Effect.all([upload.cancel, upload.resume, upload.cancel], { concurrency: 3 }))
      expect(yield* states).toEqual(["checking", "transferring", "paused", "checking", "transferring", "cancelled"])
      expect(yield* World.asked).toMatchObject({ initiateMultipartUpload: 1, abortMultipartUpload: 1 })
    }).pipe(world)
  )

  it.scoped("an upload that was already complete behaves the same", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* Cos.putObject({ key: "a", body: data })
      disk.before = ({ method, path }) =>
        method === "rename" ? Effect.fail(systemError("rename", path, "PermissionDenied", "EACCES")) : Effect.void
      const options = { partSize: MiB, onFailure: "keep" } as const
      const download = yield* Download.controlled({ key: "a", path: "/out" }, options)
      const states = yield* collect(download.state)
      yield* drive(Effect.flip(download.await))
      expect(yield* states).toEqual(["checking", "transferring", "failed"])
      disk.before = () => Effect.void
      yield* download.resume
      const more = yield* collect(download.state)
      expect(yield* drive(download.await)).toMatchObject({ parts: 5, resumedParts: 5 })
      expect(yield* more).toEqual(["checking", "transferring", "succeeded"])
    }).pipe(world)
  )

  it.scoped("refuses invalid options before any request", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Upload.controlled(target, { concurrency: 0 }))
      expect(error).toMatchObject({ _tag: "InvalidInput", operation: "Upload.controlled", field: "concurrency" })
      const wrong = yield* Effect.flip(Download.controlled(target, { partSize: 1 }))
      expect(wrong).toMatchObject({ _tag: "InvalidInput", operation: "Download.controlled", field: "partSize" })
      expect(yield* World.requests()).toEqual([])
    }).pipe(world)
  )
})
