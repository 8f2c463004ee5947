/** What goes wrong within an upload, and what becomes of the object. */
import { createHash } from "node:crypto"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import * as Crc64 from "effect-cos/Crc64"
import type { Progress } from "effect-cos/Progress"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, KiB, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(3 * MiB + 5)
const partOf = (i: number) => data.subarray((i - 1) * MiB, i * MiB)

const world = (options: World.Options = {}) =>
  World.inProcess({ ...options, client: { retry: RetryPolicy.make({ base: 0 }), ...options.client } })

const upload = (options: Upload.ResumableUploadOptions = {}, input: Partial<Upload.UploadTarget> = {}) =>
  Upload.bytes({ key: "a", bytes: data, ...input }, { partSize: MiB, threshold: 0, concurrency: 1, ...options })

const onPart = (partNumber: number, fault: Fault.Fault, on: Fault.Matcher = {}) =>
  World.fault({ on: { operation: "uploadPart", partNumber, ...on }, do: fault })
const on = (operation: string, fault: Fault.Fault, more: Fault.Matcher = {}) =>
  World.fault({ on: { operation, ...more }, do: fault })

/** What is left, and what each operation was asked for. */
const expectEnd = (stored: Uint8Array | undefined, asked: Readonly<Record<string, number>>) =>
  Effect.gen(function* () {
    expect(yield* World.asked).toEqual(asked)
    expect(yield* World.unfinishedUploads).toEqual([])
    yield* World.expectStored("a", stored)
  })

const whole = { initiateMultipartUpload: 1, uploadPart: 4, completeMultipartUpload: 1 }
const aborted = { initiateMultipartUpload: 1, uploadPart: 4, abortMultipartUpload: 1 }

describe("integrity", () => {
  it.effect(
    "the MD5 of the content is stored on request, beside other metadata, whether in parts or in one request",
    () =>
      Effect.gen(function* () {
        const md5 = createHash("md5").update(data).digest("hex")
        for (const threshold of [0, data.byteLength]) {
          yield* upload({ storeMd5: true, threshold }, { metadata: { author: "ada" } })
          expect((yield* Cos.headObject({ key: "a" })).metadata).toEqual({ author: "ada", md5 })
        }
      }).pipe(Effect.provide(world()))
  )

  it.scoped("MD5 is sent only where it was asked for", () =>
    Effect.gen(function* () {
      const sentMd5 = Effect.map(World.requests("uploadPart"), (entries) =>
        entries.map(({ headers }) => headers["content-md5"])
      )
      yield* upload()
      expect(yield* sentMd5).toEqual([undefined, undefined, undefined, undefined])
      yield* (yield* Emulator).clearJournal
      yield* upload({ integrity: "md5" })
      expect(yield* sentMd5).toEqual([1, 2, 3, 4].map((i) => createHash("md5").update(partOf(i)).digest("base64")))
    }).pipe(Effect.provide(world()))
  )
})

describe("complete", () => {
  it.scoped("may take long, as long as the server sends blanks", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.keepAliveBlanks(30, "10 seconds"))
      yield* drive(upload())
      yield* expectEnd(data, whole)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("of an upload that somebody aborted fails with an error that names it", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.delay("10 seconds"))
      const abort = Effect.gen(function* () {
        const [uploadId = ""] = yield* World.unfinishedUploads
        yield* Cos.abortMultipartUpload({ key: "a", uploadId })
      })
      const [error] = yield* drive(
        Effect.all([Effect.flip(upload()), Effect.delay(abort, "5 seconds")], { concurrency: 2 })
      )
      expect(error._tag).toBe("NoSuchUpload")
      yield* World.expectStored("a", undefined)
    }).pipe(Effect.provide(world()))
  )
})

describe("overwrite: false", () => {
  it.scoped("an object that is there is FileAlreadyExists, also when it has the same bytes", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: data })
      expect((yield* Effect.flip(drive(upload({}, { overwrite: false }))))._tag).toBe("FileAlreadyExists")
      expect((yield* Effect.flip(drive(upload({ threshold: 16 * MiB }, { overwrite: false }))))._tag).toBe(
        "FileAlreadyExists"
      )
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(Effect.provide(world()))
  )

  it.scoped("so is one that appears before complete, and the upload is aborted", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.delay("10 seconds"))
      const [error] = yield* drive(
        Effect.all(
          [
            Effect.flip(upload({}, { overwrite: false })),
            Effect.delay(Cos.putObject({ key: "a", body: data }), "5 seconds")
          ],
          { concurrency: 2 }
        )
      )
      expect(error._tag).toBe("FileAlreadyExists")
      yield* expectEnd(data, { ...aborted, completeMultipartUpload: 1, putObject: 1 })
    }).pipe(Effect.provide(world()))
  )
})

describe("parts that are larger than their buffer", () => {
  const options = { partSize: 3 * MiB, threshold: 0, maxPartBuffer: MiB, concurrency: 2 }
  const large = content(7 * MiB + 123, 4)

  it.scoped("are read while they are sent, and read again", () =>
    Effect.gen(function* () {
      ;(yield* Disk).put("/data", large)
      yield* onPart(2, Fault.resetAfterBytes(2 * MiB))
      yield* onPart(1, Fault.wrongCrc64)
      const result = yield* drive(Upload.file({ key: "a", path: "/data" }, options))
      expect(result).toMatchObject({ parts: 3, crc64: Crc64.of(large) })
      expect([...(yield* World.partsSent)].sort()).toEqual([1, 1, 2, 2, 3])
      yield* World.expectStored("a", large)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("report how many of their bytes are in flight", () =>
    Effect.gen(function* () {
      ;(yield* Disk).put("/data", large)
      yield* on("uploadPart", Fault.slow(MiB), { times: Infinity })
      yield* onPart(1, Fault.resetAfterBytes(2 * MiB))
      const seen: Array<Progress> = []
      const onProgress = (progress: Progress) => Effect.sync(() => void seen.push(progress))
      yield* drive(Upload.file({ key: "a", path: "/data" }, { ...options, onProgress }), "500 millis")
      expect(seen[0]?.inFlight).toBeUndefined()
      const onTheWay = seen.slice(1).map(({ inFlight }) => inFlight ?? -1)
      expect(Math.max(...onTheWay)).toBeGreaterThan(3 * MiB)
      // Two parts of 3 MiB at once, whatever is sent again.
      expect(onTheWay.every((bytes) => bytes >= 0 && bytes <= 6 * MiB)).toBe(true)
      expect(seen.at(-1)).toMatchObject({ inFlight: 0, transferred: large.byteLength })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("are refused before the upload begins if the transport would send them without a length", () =>
    Effect.gen(function* () {
      ;(yield* Disk).put("/data", large)
      const error = yield* Effect.flip(Upload.file({ key: "a", path: "/data" }, options))
      expect(error).toMatchObject({ _tag: "InvalidInput", field: "partSize" })
      expect(yield* World.asked).toEqual({})
    }).pipe(Effect.provide(world({ transport: {} })))
  )

  it.live("arrive as they were read, however slowly they are taken", () =>
    Effect.scoped(
      Effect.gen(function* () {
        // The port reads slowly, so that sockets and streams hold what they were given.
        yield* on("uploadPart", Fault.slow(16 * MiB), { times: Infinity })
        const fs = yield* FileSystem.FileSystem
        const path = yield* fs.makeTempFileScoped()
        yield* fs.writeFile(path, large)
        const result = yield* Upload.file({ key: "a", path }, options)
        expect(result.crc64).toBe(Crc64.of(large))
        expect([...(yield* World.partsSent)].sort()).toEqual([1, 2, 3])
        yield* World.expectStored("a", large)
      })
    ).pipe(Effect.provide(World.onPort()))
  )
})

describe("sizes", () => {
  it.scoped("may be given as FileSystem.Size", () =>
    Effect.gen(function* () {
      yield* upload({ partSize: FileSystem.MiB(2), threshold: FileSystem.Size(0), maxPartBuffer: FileSystem.MiB(2) })
      yield* expectEnd(data, { ...whole, uploadPart: 2 })
    }).pipe(Effect.provide(world()))
  )

  const refused: ReadonlyArray<[string, Upload.UploadOptions]> = [
    ["partSize", { partSize: MiB - 1 }],
    ["partSize", { partSize: 5120 * MiB + 1 }],
    ["partSize", { partSize: 1.5 * MiB + 0.5 }],
    ["concurrency", { concurrency: 0 }],
    ["concurrency", { concurrency: 257 }],
    ["threshold", { threshold: -1 }],
    ["maxPartBuffer", { maxPartBuffer: 512 * KiB }],
    ["maxPartBuffer", { maxPartBuffer: 2048 * MiB + 1 }]
  ]
  for (const [field, options] of refused) {
    it.effect(`${JSON.stringify(options)} is refused`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Upload.bytes({ key: "a", bytes: data }, options))
        expect(error).toMatchObject({ _tag: "InvalidInput", field })
        expect(yield* World.asked).toEqual({})
      }).pipe(Effect.provide(world()))
    )
  }
})
