import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import { CosClient } from "effect-cos/CosClient"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, interruptTimed } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const bytes = content(5 * MiB + 17)
const archive = "archive-1250000000"
const inParts = { threshold: 0, partSize: MiB, concurrency: 2 }

const store = (key: string) =>
  Upload.bytes({ key, bytes, contentType: "video/mp4", cacheControl: "no-cache", metadata: { author: "ada" } })

const world = World.inProcess({ emulator: { buckets: [World.bucket, { name: archive, region: "ap-beijing" }] } })

describe("Copy.object", () => {
  it.effect("copies in one request, with the source's headers and metadata, pinned to its ETag", () =>
    Effect.gen(function* () {
      const { eTag } = yield* store("a")
      const copied = yield* Copy.object({ key: "b", source: { key: "a" } })
      expect(copied).toMatchObject({ key: "b", size: bytes.length, parts: 0, source: { eTag } })
      yield* World.expectStored("b", bytes)
      expect(yield* Cos.headObject({ key: "b" })).toMatchObject({
        contentType: "video/mp4",
        metadata: { author: "ada" }
      })
      const [request] = yield* World.requests("copyObject")
      expect(request?.headers["x-cos-copy-source-if-match"]).toBe(eTag)
    }).pipe(Effect.provide(world))
  )

  it.effect("copies in parts, between buckets of two regions, with headers, and metadata", () =>
    Effect.gen(function* () {
      yield* store("a")
      const copied = yield* Copy.object(
        {
          bucket: archive,
          region: "ap-beijing",
          key: "b",
          storageClass: "STANDARD_IA",
          source: { bucket: World.bucket, region: World.region, key: "a" }
        },
        inParts
      )
      expect(copied).toMatchObject({ parts: 6, resumedParts: 0 })
      const head = yield* Cos.headObject({ bucket: archive, region: "ap-beijing", key: "b" })
      expect(head).toMatchObject({
        contentLength: bytes.length,
        contentType: "video/mp4",
        cacheControl: "no-cache",
        storageClass: "STANDARD_IA",
        metadata: { author: "ada" },
        crc64: copied.crc64
      })
    }).pipe(Effect.provide(world))
  )

  it.effect("Replaced takes headers and metadata from the input; Copy refuses any", () =>
    Effect.gen(function* () {
      yield* store("a")
      for (const options of [{}, inParts]) {
        yield* Copy.object(
          { key: "b", source: { key: "a" }, metadataDirective: "Replaced", contentType: "text/plain", metadata: {} },
          options
        )
        expect(yield* Cos.headObject({ key: "b" })).toMatchObject({ contentType: "text/plain", metadata: {} })
        const refused = yield* Effect.flip(Copy.object({ key: "b", source: { key: "a" }, contentType: "x/y" }, options))
        expect(refused).toMatchObject({ _tag: "InvalidInput", field: "contentType" })
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("a source that changes between two parts is ObjectChanged, and the copy is aborted", () =>
    Effect.gen(function* () {
      yield* store("a")
      const client = yield* CosClient
      const overwrite = Cos.putObject({ key: "a", body: "other" }).pipe(
        Effect.provideService(CosClient, client),
        Effect.orDie
      )
      const failed = yield* Effect.flip(
        Copy.object(
          { key: "b", source: { key: "a" } },
          { ...inParts, concurrency: 1, onCheckpoint: ({ parts }) => Effect.when(overwrite, () => parts.length === 2) }
        )
      )
      expect(failed._tag).toBe("ObjectChanged")
      expect(yield* World.openUploads).toEqual([])
      yield* World.expectStored("b", undefined)
      expect((yield* World.asked).abortMultipartUpload).toBe(1)
    }).pipe(Effect.provide(world))
  )

  it.scoped("interrupted midway it is aborted; kept, it goes on from its checkpoint", () =>
    Effect.gen(function* () {
      yield* store("a")
      const fault = yield* World.fault({
        on: { operation: "uploadPartCopy", partNumber: 4, times: 2 },
        do: Fault.silence()
      })
      const interruptedCopy = (onInterrupt: "abort" | "keep") =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Copy.object({ key: "b", source: { key: "a" } }, { ...inParts, onInterrupt }))
          yield* drive(Effect.sleep("1 second"))
          yield* interruptTimed(fiber)
        })
      yield* interruptedCopy("abort")
      expect(yield* World.openUploads).toEqual([])

      yield* interruptedCopy("keep")
      expect(yield* World.openUploads).toHaveLength(1)
      yield* fault.remove
      yield* (yield* Emulator).clearJournal
      const copied = yield* drive(Copy.object({ key: "b", source: { key: "a" } }, inParts))
      expect(copied).toMatchObject({ parts: 6 })
      expect(copied.resumedParts).toBeGreaterThan(0)
      expect(yield* World.requests("uploadPartCopy")).toHaveLength(6 - copied.resumedParts)
      expect(yield* World.requests("initiateMultipartUpload")).toHaveLength(0)
      yield* World.expectStored("b", bytes)
    }).pipe(Effect.provide(Checkpoint.layerMemory), Effect.provide(world))
  )
})

describe("Copy.move", () => {
  it.effect("removes the source once the copy is proven", () =>
    Effect.gen(function* () {
      yield* store("a")
      yield* Copy.move({ key: "b", source: { key: "a" } })
      yield* World.expectStored("b", bytes)
      yield* World.expectStored("a", undefined)
    }).pipe(Effect.provide(world))
  )

  it.scoped("keeps the source when the copy is not its equal, and when it is asked to move onto itself", () =>
    Effect.gen(function* () {
      yield* store("a")
      const onto = yield* Effect.flip(Copy.move({ key: "a", source: { key: "a" } }))
      expect(onto).toMatchObject({ _tag: "InvalidInput", field: "key" })
      yield* World.fault({ on: { operation: "headObject", key: "b" }, do: Fault.wrongCrc64 })
      const failed = yield* Effect.flip(Copy.move({ key: "b", source: { key: "a" } }))
      expect(failed._tag).toBe("IntegrityError")
      yield* World.expectStored("a", bytes)
    }).pipe(Effect.provide(world))
  )
})
