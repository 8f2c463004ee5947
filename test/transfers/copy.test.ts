import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, interruptTimed } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
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
      expect(yield* World.unfinishedUploads).toEqual([])
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
      expect(yield* World.unfinishedUploads).toEqual([])

      yield* interruptedCopy("keep")
      expect(yield* World.unfinishedUploads).toHaveLength(1)
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

  it.scoped("fails if the copy differs from its source", () =>
    Effect.gen(function* () {
      yield* store("a")
      for (const [operation, options] of [
        ["copyObject", {}],
        ["completeMultipartUpload", inParts]
      ] as const) {
        yield* World.fault({ on: { operation }, do: Fault.wrongCrc64 })
        const error = yield* Effect.flip(
          Copy.object({ key: "b", source: { key: "a" } }, { ...options, onMismatch: "delete" })
        )
        expect(error).toMatchObject({ _tag: "IntegrityError", algorithm: "crc64", key: "b" })
        yield* World.expectStored("b", undefined)
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("copies the tags of the source if asked, unless others are given", () =>
    Effect.gen(function* () {
      const tags = { team: "films" }
      yield* Upload.bytes({ key: "a", bytes, tagging: tags })
      yield* Upload.bytes({ key: "untagged", bytes })
      const tagsOf = (source: string, input: Partial<Copy.CopyInput>, options: Copy.CopyOptions) =>
        Effect.gen(function* () {
          yield* Copy.object({ key: "b", source: { key: source }, ...input }, options)
          return yield* Cos.getObjectTagging({ key: "b" }).pipe(
            Effect.map(({ tags }) => Object.fromEntries(tags.map(({ key, value }) => [key, value]))),
            Effect.catchTag("NoSuchTagSet", () => Effect.succeed({}))
          )
        })
      for (const options of [{}, inParts]) {
        expect(yield* tagsOf("a", {}, options)).toEqual({})
        expect(yield* tagsOf("a", {}, { ...options, tags: true })).toEqual(tags)
        expect(yield* tagsOf("a", { tagging: { other: "1" } }, { ...options, tags: true })).toEqual({ other: "1" })
        expect(yield* tagsOf("untagged", {}, { ...options, tags: true })).toEqual({})
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("copies the version that it found, or the requested one", () =>
    Effect.gen(function* () {
      yield* Cos.putBucketVersioning({ status: "Enabled" })
      const first = yield* store("a")
      const other = content(5 * MiB + 17, 2)
      const second = yield* Upload.bytes({ key: "a", bytes: other })
      for (const options of [{}, inParts]) {
        yield* (yield* Emulator).clearJournal
        const latest = yield* Copy.object({ key: "b", source: { key: "a" } }, options)
        expect(latest.source.versionId).toBe(second.versionId)
        yield* World.expectStored("b", other)
        const asked = yield* World.requests("parts" in options ? "uploadPartCopy" : "copyObject")
        for (const { headers } of asked) {
          expect(headers["x-cos-copy-source"]).toContain(`?versionId=${second.versionId}`)
        }
        const source = { key: "a", versionId: first.versionId }
        const older = yield* Copy.object({ key: "b", source }, options)
        expect(older.source.versionId).toBe(first.versionId)
        yield* World.expectStored("b", bytes)
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("decrypts with the source's key, encrypts with another", () =>
    Effect.gen(function* () {
      const [key, other] = [3, 4].map((byte) => Redacted.make(new Uint8Array(32).fill(byte)))
      yield* Upload.bytes({ key: "a", bytes, customerKey: key })
      for (const options of [{}, inParts]) {
        yield* Copy.object({ key: "b", source: { key: "a" }, sourceCustomerKey: key, customerKey: other }, options)
        expect((yield* Cos.headObject({ key: "b", customerKey: other })).contentLength).toBe(bytes.length)
        expect(firstDifference(yield* Download.bytes({ key: "b", customerKey: other }), bytes)).toBeUndefined()
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("an archived source is InvalidObjectState, and nothing is left", () =>
    Effect.gen(function* () {
      yield* Upload.bytes({ key: "a", bytes, storageClass: "ARCHIVE" })
      for (const options of [{}, inParts]) {
        const error = yield* Effect.flip(Copy.object({ key: "b", source: { key: "a" } }, options))
        expect(error).toMatchObject({ _tag: "InvalidObjectState", status: 403 })
      }
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* World.expectStored("b", undefined)
    }).pipe(Effect.provide(world))
  )

  it.effect("an option that is undefined has its default", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: new Uint8Array(17 * MiB) })
      const source = { key: "a" }
      const options = { threshold: undefined, partSize: undefined, concurrency: undefined }
      expect((yield* Copy.object({ key: "b", source }, options)).parts).toBe(0)
      expect((yield* Copy.object({ key: "b", source }, { ...options, threshold: 0 })).parts).toBe(1)
    }).pipe(Effect.provide(world))
  )
})

describe("Copy.move", () => {
  it.effect("removes the source once the copy is verified", () =>
    Effect.gen(function* () {
      for (const options of [{}, inParts]) {
        yield* store("a")
        yield* Copy.move({ key: "b", source: { key: "a" } }, options)
        yield* World.expectStored("b", bytes)
        yield* World.expectStored("a", undefined)
        expect((yield* World.requests()).at(-1)?.operation).toBe("deleteObject")
      }
    }).pipe(Effect.provide(world))
  )

  it.scoped("keeps the source if the copy differs, and if source and target are the same", () =>
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

  const denied = Fault.status(403, { code: "AccessDenied" })
  const faults: ReadonlyArray<readonly [string, Fault.Fault, Fault.Matcher]> = [
    ["the copy is refused", denied, { operation: "completeMultipartUpload" }],
    ["the copy has gone again", Fault.status(404, { code: "NoSuchKey" }), { operation: "headObject", key: "b" }],
    ["the source is another by then", Fault.status(412), { operation: "headObject", key: "a", nth: 2 }],
    ["the source may not be removed", denied, { operation: "deleteObject" }]
  ]
  for (const [name, fault, on] of faults) {
    it.scoped(`keeps the source when ${name}`, () =>
      Effect.gen(function* () {
        yield* store("a")
        yield* World.fault({ on, do: fault })
        const error = yield* Effect.flip(Copy.move({ key: "b", source: { key: "a" } }, inParts))
        expect(["AccessDenied", "NoSuchKey", "ObjectChanged"]).toContain(error._tag)
        yield* World.expectStored("a", bytes)
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(Effect.provide(world))
    )
  }

  it.effect("removes the given version; without one, adds a delete marker in a versioned bucket", () =>
    Effect.gen(function* () {
      yield* Cos.putBucketVersioning({ status: "Enabled" })
      const { versionId: first } = yield* store("a")
      const { versionId: second } = yield* store("a")
      const versions = Effect.map(Cos.listObjectVersions({ prefix: "a" }), ({ deleteMarkers, versions }) => ({
        markers: deleteMarkers.length,
        versions: versions.map(({ versionId }) => versionId)
      }))
      yield* Copy.move({ key: "b", source: { key: "a", versionId: first } })
      expect(yield* versions).toEqual({ markers: 0, versions: [second] })
      yield* Copy.move({ key: "b", source: { key: "a" } })
      expect(yield* versions).toEqual({ markers: 1, versions: [second] })
    }).pipe(Effect.provide(world))
  )
})
