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
import { Disk, type MemoryDisk, systemError } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(3 * MiB + 5)
const partOf = (i: number) => data.subarray((i - 1) * MiB, i * MiB)

const world = (options: World.Options = {}) =>
  World.inProcess({ ...options, client: { retry: RetryPolicy.make({ base: 0 }), ...options.client } })

const upload = (options: Upload.ResumableOptions = {}, input: Partial<Upload.Target> = {}) =>
  Upload.bytes({ key: "a", bytes: data, ...input }, { partSize: MiB, threshold: 0, concurrency: 1, ...options })

const onPart = (partNumber: number, fault: Fault.Fault, on: Fault.Matcher = {}) =>
  World.fault({ on: { operation: "uploadPart", partNumber, ...on }, do: fault })
const on = (operation: string, fault: Fault.Fault, more: Fault.Matcher = {}) =>
  World.fault({ on: { operation, ...more }, do: fault })

/** What is left, and what each operation was asked for. */
const expectEnd = (stored: Uint8Array | undefined, asked: Readonly<Record<string, number>>) =>
  Effect.gen(function* () {
    expect(yield* World.asked).toEqual(asked)
    expect(yield* World.openUploads).toEqual([])
    yield* World.expectStored("a", stored)
  })

const whole = { initiateMultipartUpload: 1, uploadPart: 4, completeMultipartUpload: 1 }
const aborted = { initiateMultipartUpload: 1, uploadPart: 4, abortMultipartUpload: 1 }

describe("a part", () => {
  for (const bytes of [0, 1, MiB / 2, MiB - 1, MiB]) {
    it.scoped(`whose connection is reset after ${bytes} bytes is sent again, and no other is`, () =>
      Effect.gen(function* () {
        yield* onPart(2, Fault.resetAfterBytes(bytes))
        yield* drive(upload())
        expect(yield* World.partsSent).toEqual([1, 2, 2, 3, 4])
        yield* expectEnd(data, { ...whole, uploadPart: 5 })
      }).pipe(Effect.provide(world()))
    )
  }

  it.scoped("whose answer is lost is sent again under the same number", () =>
    Effect.gen(function* () {
      yield* onPart(2, Fault.lostAnswer)
      yield* onPart(3, Fault.silence("after"))
      const result = yield* drive(upload())
      expect(yield* World.partsSent).toEqual([1, 2, 2, 3, 3, 4])
      expect(result).toMatchObject({ size: data.byteLength, parts: 4, resumedParts: 0, crc64: Crc64.of(data) })
      yield* expectEnd(data, { ...whole, uploadPart: 6 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("that is denied is not sent again, and its siblings are given up", () =>
    Effect.gen(function* () {
      yield* onPart(2, Fault.status(403, { code: "AccessDenied" }))
      yield* onPart(1, Fault.silence())
      const error = yield* Effect.flip(drive(upload({ concurrency: 2 })))
      expect(error).toMatchObject({ _tag: "AccessDenied", operation: "uploadPart" })
      expect((yield* World.requests("uploadPart")).map(({ outcome, partNumber }) => [partNumber, outcome])).toEqual([
        [1, "gone"],
        [2, "answered"]
      ])
      yield* expectEnd(undefined, { ...aborted, uploadPart: 2 })
    }).pipe(Effect.provide(world()))
  )
})

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

  const modes = [
    { integrity: "crc64", fault: Fault.wrongCrc64, algorithm: "crc64" },
    { integrity: "md5", fault: Fault.wrongETag, algorithm: "md5" },
    { integrity: "both", fault: Fault.wrongCrc64, algorithm: "crc64" },
    { integrity: "both", fault: Fault.wrongETag, algorithm: "md5" }
  ] as const
  for (const { algorithm, fault, integrity } of modes) {
    it.scoped(
      `${integrity}: a part whose ${algorithm} is another is sent again, twice, and then fails by its number`,
      () =>
        Effect.gen(function* () {
          const once = yield* onPart(2, fault, { times: 2 })
          const seen: Array<Progress> = []
          yield* drive(upload({ integrity, onProgress: (progress) => Effect.sync(() => seen.push(progress)) }))
          expect(yield* once.fired).toBe(2)
          expect(yield* World.partsSent).toEqual([1, 2, 2, 2, 3, 4])
          expect(seen.at(-1)).toMatchObject({ transferred: data.byteLength, partsDone: 4 })
          yield* expectEnd(data, { ...whole, uploadPart: 6 })

          yield* (yield* Emulator).clearJournal
          yield* onPart(2, fault, { times: Infinity })
          const error = yield* Effect.flip(drive(upload({ integrity })))
          expect(error).toMatchObject({ _tag: "IntegrityError", algorithm, partNumber: 2, key: "a" })
          expect(yield* World.partsSent).toEqual([1, 2, 2, 2])
          yield* expectEnd(data, aborted)
        }).pipe(Effect.provide(world()))
    )
  }

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

  for (const onMismatch of ["keep", "delete"] as const) {
    it.scoped(`an object whose CRC64 is another is reported, and ${onMismatch === "keep" ? "kept" : "deleted"}`, () =>
      Effect.gen(function* () {
        yield* on("completeMultipartUpload", Fault.wrongCrc64)
        const error = yield* Effect.flip(drive(upload({ onMismatch })))
        expect(error).toMatchObject({ _tag: "IntegrityError", algorithm: "crc64", expected: String(Crc64.of(data)) })
        yield* expectEnd(onMismatch === "keep" ? data : undefined, {
          ...whole,
          ...(onMismatch === "delete" ? { deleteObject: 1 } : undefined)
        })
        yield* on("putObject", Fault.wrongCrc64)
        const single = yield* Effect.flip(drive(upload({ onMismatch, threshold: 16 * MiB })))
        expect(single).toMatchObject({ _tag: "IntegrityError", algorithm: "crc64" })
      }).pipe(Effect.provide(world()))
    )
  }
})

describe("initiate", () => {
  for (const fault of [Fault.lostAnswer, Fault.replaceBody("<InitiateMultipartUploadResult/>")]) {
    it.scoped(
      `whose answer is ${fault._tag === "LostAnswer" ? "lost" : "damaged"} leaves nothing: another is begun`,
      () =>
        Effect.gen(function* () {
          yield* on("initiateMultipartUpload", fault)
          yield* drive(upload())
          yield* expectEnd(data, {
            ...whole,
            initiateMultipartUpload: 2,
            listMultipartUploads: 1,
            listParts: 1,
            abortMultipartUpload: 1
          })
        }).pipe(Effect.provide(world()))
    )
  }

  it.scoped("whose answer is lost aborts no upload that may be another's", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      // One from before, one of another key, one that another began meanwhile.
      yield* Cos.initiateMultipartUpload({ key: "a" })
      yield* Cos.initiateMultipartUpload({ key: "ab" })
      yield* emulator.clock.adjust("1 hour")
      const others = yield* World.openUploads
      yield* on("initiateMultipartUpload", Fault.lostAnswer)
      yield* drive(upload())
      expect(yield* World.openUploads).toEqual(others)

      yield* emulator.clearJournal
      // One of another key that is begun meanwhile is no candidate.
      yield* on("initiateMultipartUpload", Fault.silence("after"))
      yield* drive(
        Effect.all([upload(), Effect.delay(Cos.initiateMultipartUpload({ key: "ab" }), "10 seconds")], {
          concurrency: 2
        })
      )
      expect((yield* World.openUploads).length).toBe(others.length + 1)
      expect((yield* World.asked)["abortMultipartUpload"]).toBe(1)

      yield* emulator.clearJournal
      yield* on("initiateMultipartUpload", Fault.silence("after"))
      yield* drive(
        Effect.all([upload(), Effect.delay(Cos.initiateMultipartUpload({ key: "a" }), "10 seconds")], {
          concurrency: 2
        })
      )
      // Which of the two was lost cannot be told: both stay, and it was said.
      expect((yield* World.openUploads).length).toBe(others.length + 3)
      expect((yield* World.asked).abortMultipartUpload).toBeUndefined()
    }).pipe(Effect.provide(world()))
  )

  it.scoped("another's upload with parts is never aborted for ours", () =>
    Effect.gen(function* () {
      yield* on("initiateMultipartUpload", Fault.silence("before"))
      const other = Effect.gen(function* () {
        const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "a" })
        yield* Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: "x" })
        return uploadId
      })
      const [, uploadId] = yield* drive(Effect.all([upload(), Effect.delay(other, "10 seconds")], { concurrency: 2 }))
      expect(yield* World.openUploads).toEqual([uploadId])
    }).pipe(Effect.provide(world()))
  )

  it.scoped("that is denied leaves nothing and asks for nothing more", () =>
    Effect.gen(function* () {
      yield* on("initiateMultipartUpload", Fault.status(403, { code: "AccessDenied" }))
      expect((yield* Effect.flip(drive(upload())))._tag).toBe("AccessDenied")
      yield* expectEnd(undefined, { initiateMultipartUpload: 1 })
    }).pipe(Effect.provide(world()))
  )
})

describe("complete", () => {
  it.scoped("whose answer is lost is asked again, and believed by the object", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.lostAnswer)
      const result = yield* drive(upload())
      const { eTag } = yield* Cos.headObject({ key: "a" })
      expect(result).toMatchObject({ eTag, crc64: Crc64.of(data), parts: 4 })
      yield* expectEnd(data, { ...whole, completeMultipartUpload: 2, headObject: 2 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("whose answer is lost, and whose object another has replaced, is unknown", () =>
    Effect.gen(function* () {
      const other = content(1000, 2)
      yield* on("completeMultipartUpload", Fault.silence("after"))
      const [error] = yield* drive(
        Effect.all([Effect.flip(upload()), Effect.delay(Cos.putObject({ key: "a", body: other }), "10 seconds")], {
          concurrency: 2
        })
      )
      const { eTag } = yield* Cos.headObject({ key: "a" })
      expect(error).toMatchObject({
        _tag: "UploadStateUnknown",
        key: "a",
        expected: `crc64 ${Crc64.of(data)}`,
        actual: eTag
      })
      yield* expectEnd(other, { ...whole, putObject: 1, completeMultipartUpload: 2, headObject: 2 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("whose answer is lost, and whose object another has deleted, is unknown", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.silence("after"))
      const [error] = yield* drive(
        Effect.all([Effect.flip(upload()), Effect.delay(Cos.deleteObject({ key: "a" }), "10 seconds")], {
          concurrency: 2
        })
      )
      expect(error).toMatchObject({ _tag: "UploadStateUnknown", actual: undefined })
      yield* expectEnd(undefined, { ...whole, deleteObject: 1, completeMultipartUpload: 2, headObject: 1 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("that fails is not taken for done because the key held the same bytes before", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: data })
      yield* on("completeMultipartUpload", Fault.status(500, { code: "InternalError" }), { times: Infinity })
      const error = yield* Effect.flip(drive(upload()))
      expect(error._tag).toBe("ServerFault")
      yield* expectEnd(data, {
        ...aborted,
        putObject: 1,
        completeMultipartUpload: 5,
        headObject: 1,
        listParts: 1
      })
    }).pipe(Effect.provide(world()))
  )

  for (const committed of [false, true]) {
    it.scoped(`that answers 200 with an error, ${committed ? "though" : "not"} carried out, is asked again`, () =>
      Effect.gen(function* () {
        yield* on("completeMultipartUpload", Fault.errorIn200("InternalError", { committed }))
        yield* drive(upload())
        yield* expectEnd(data, {
          ...whole,
          completeMultipartUpload: 2,
          ...(committed ? { headObject: 1 } : undefined)
        })
      }).pipe(Effect.provide(world()))
    )
  }

  it.scoped("may take its time, as long as it says so", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.keepAliveBlanks(30, "10 seconds"))
      yield* drive(upload())
      yield* expectEnd(data, whole)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("that finds a part missing has it sent again, and no other", () =>
    Effect.gen(function* () {
      // Acknowledged, and not stored.
      yield* onPart(
        2,
        Fault.status(200, {
          headers: {
            etag: `"${createHash("md5").update(partOf(2)).digest("hex")}"`,
            "x-cos-hash-crc64ecma": String(Crc64.of(partOf(2)))
          }
        })
      )
      const seen: Array<Progress> = []
      yield* drive(upload({ onProgress: (progress) => Effect.sync(() => seen.push(progress)) }))
      expect(yield* World.partsSent).toEqual([1, 2, 3, 4, 2])
      expect(seen.at(-1)).toMatchObject({ transferred: data.byteLength, partsDone: 4 })
      yield* expectEnd(data, { ...whole, uploadPart: 5, completeMultipartUpload: 2, listParts: 1 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("that finds fault with parts which are all there fails", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.status(400, { code: "InvalidPart" }), { times: Infinity })
      expect((yield* Effect.flip(drive(upload())))._tag).toBe("InvalidPart")
      yield* expectEnd(undefined, { ...aborted, completeMultipartUpload: 2, listParts: 1 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("of an upload that somebody aborted fails by its name", () =>
    Effect.gen(function* () {
      yield* on("completeMultipartUpload", Fault.delay("10 seconds"))
      const abort = Effect.gen(function* () {
        const [uploadId = ""] = yield* World.openUploads
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
      expect(yield* World.openUploads).toEqual([])
    }).pipe(Effect.provide(world()))
  )

  it.scoped("one that comes before complete is, too, and the upload is aborted", () =>
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

  for (const threshold of [0, 16 * MiB]) {
    it.scoped(`a lost answer is not a refusal (${threshold === 0 ? "in parts" : "in one request"})`, () =>
      Effect.gen(function* () {
        yield* on(threshold === 0 ? "completeMultipartUpload" : "putObject", Fault.lostAnswer)
        const result = yield* drive(upload({ threshold }, { overwrite: false }))
        expect(result.crc64).toBe(Crc64.of(data))
        yield* World.expectStored("a", data)
        expect(yield* World.openUploads).toEqual([])
      }).pipe(Effect.provide(world()))
    )
  }
})

describe("abort", () => {
  const failing = onPart(2, Fault.status(403, { code: "AccessDenied" }))

  it.scoped("is asked again when it fails", () =>
    Effect.gen(function* () {
      yield* failing
      yield* on("abortMultipartUpload", Fault.status(503), { times: 2 })
      yield* Effect.flip(drive(upload()))
      yield* expectEnd(undefined, { ...aborted, uploadPart: 2, abortMultipartUpload: 3 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("of what is gone is done", () =>
    Effect.gen(function* () {
      yield* failing
      yield* on("abortMultipartUpload", Fault.lostAnswer)
      yield* Effect.flip(drive(upload()))
      yield* expectEnd(undefined, { ...aborted, uploadPart: 2, abortMultipartUpload: 2 })
    }).pipe(Effect.provide(world()))
  )
})

describe("a file", () => {
  const file = (threshold: number) =>
    Upload.file({ key: "a", path: "/data" }, { partSize: MiB, threshold, concurrency: 1 })

  const changes: ReadonlyArray<{ name: string; field: string; change: (disk: MemoryDisk) => void }> = [
    { name: "truncated", field: "size", change: (disk) => disk.change("/data", (bytes) => bytes.subarray(0, MiB)) },
    { name: "grown", field: "size", change: (disk) => disk.change("/data", (bytes) => Buffer.concat([bytes, bytes])) },
    { name: "written to", field: "mtime", change: (disk) => disk.change("/data", (bytes) => bytes.map((b) => b ^ 1)) },
    {
      name: "replaced by one of the same size and time",
      field: "identity",
      change: (disk) => disk.put("/data", content(data.byteLength, 2), { sameTime: true })
    }
  ]
  for (const { change, field, name } of changes) {
    for (const [threshold, asked] of [
      [0, aborted],
      [16 * MiB, {}]
    ] as const) {
      it.scoped(`that is ${name} while it is ${threshold === 0 ? "sent in parts" : "read"} is SourceChanged`, () =>
        Effect.gen(function* () {
          const disk = yield* Disk
          disk.put("/data", data)
          let reads = 0
          disk.before = ({ method, offset = 0 }) =>
            Effect.sync(() => {
              if (method !== "read" || offset < (threshold === 0 ? MiB : 0) || reads++ > 0) return
              change(disk)
            })
          const error = yield* Effect.flip(drive(file(threshold)))
          expect(reads).toBeGreaterThan(0)
          expect(error).toMatchObject({ _tag: "SourceChanged", source: "/data", field })
          const { uploadPart: _, ...left } = { uploadPart: 0, ...(yield* World.asked) }
          const { uploadPart: __, ...expected } = { uploadPart: 0, ...asked }
          expect(left).toEqual(expected)
          expect(yield* World.openUploads).toEqual([])
          yield* World.expectStored("a", undefined)
        }).pipe(Effect.provide(world()))
      )
    }
  }

  it.scoped("that cannot be read is a typed error with its path, and the upload is aborted", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", data)
      disk.before = ({ method, offset = 0, path }) =>
        method === "read" && offset >= 2 * MiB ? Effect.fail(systemError("read", path, "Unknown", "EIO")) : Effect.void
      const error = yield* Effect.flip(drive(file(0)))
      expect(error).toMatchObject({ _tag: "SystemError", method: "read", pathOrDescriptor: "/data" })
      yield* expectEnd(undefined, { ...aborted, uploadPart: 2 })
    }).pipe(Effect.provide(world()))
  )

  for (const method of ["open", "stat"] as const) {
    it.scoped(`that fails to ${method} is no reason to begin anything`, () =>
      Effect.gen(function* () {
        const disk = yield* Disk
        disk.put("/data", data)
        disk.before = (call) =>
          call.method === method
            ? Effect.fail(systemError(method, call.path, "PermissionDenied", "EACCES"))
            : Effect.void
        const error = yield* Effect.flip(drive(file(0)))
        expect(error).toMatchObject({ _tag: "SystemError", reason: "PermissionDenied", pathOrDescriptor: "/data" })
        yield* expectEnd(undefined, {})
      }).pipe(Effect.provide(world()))
    )
  }
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

  it.scoped("tell how much of them is on the way", () =>
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

  it.scoped("that the transport would send without a length are refused before anything is begun", () =>
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
  const cases = [
    { size: 0, requests: { putObject: 1 }, parts: 0 },
    { size: 1, requests: { putObject: 1 }, parts: 0 },
    { size: 2 * MiB - 1, requests: { putObject: 1 }, parts: 0 },
    { size: 2 * MiB, requests: { putObject: 1 }, parts: 0 },
    { size: 2 * MiB + 1, requests: { ...whole, uploadPart: 3 }, parts: 3 },
    { size: 3 * MiB - 1, requests: { ...whole, uploadPart: 3 }, parts: 3 },
    { size: 3 * MiB, requests: { ...whole, uploadPart: 3 }, parts: 3 },
    { size: 3 * MiB + 1, requests: { ...whole, uploadPart: 4 }, parts: 4 }
  ]
  for (const { parts, requests, size } of cases) {
    it.scoped(`${size} bytes, of a file and of a blob`, () =>
      Effect.gen(function* () {
        const bytes = content(size, 8)
        ;(yield* Disk).put("/data.json", bytes)
        const options = { partSize: MiB, threshold: 2 * MiB }
        const result = yield* Upload.file({ key: "a", path: "/data.json" }, options)
        expect(result).toMatchObject({ size, parts, crc64: Crc64.of(bytes) })
        yield* expectEnd(bytes, requests)
        expect((yield* Cos.headObject({ key: "a" })).contentType).toBe("application/json")

        const blob = new Blob([bytes], { type: "image/png" })
        expect(yield* Upload.blob({ key: "b", blob }, options)).toEqual({ ...result, key: "b" })
        yield* World.expectStored("b", bytes)
        expect((yield* Cos.headObject({ key: "b" })).contentType).toBe("image/png")
      }).pipe(Effect.provide(world()))
    )
  }

  it.scoped("may be given as the file system's", () =>
    Effect.gen(function* () {
      yield* upload({ partSize: FileSystem.MiB(2), threshold: FileSystem.Size(0), maxPartBuffer: FileSystem.MiB(2) })
      yield* expectEnd(data, { ...whole, uploadPart: 2 })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("a threshold of nothing still sends nothing in one request", () =>
    Effect.gen(function* () {
      yield* Upload.bytes({ key: "a", bytes: new Uint8Array(0) }, { threshold: 0 })
      yield* expectEnd(new Uint8Array(0), { putObject: 1 })
    }).pipe(Effect.provide(world()))
  )

  it.effect("more than 10,000 parts of 5 GiB are refused before anything is begun", () =>
    Effect.gen(function* () {
      const blob = { size: 10_000 * 5120 * MiB + 1, type: "", slice: () => new Blob() } as unknown as Blob
      expect(yield* Effect.flip(Upload.blob({ key: "a", blob }))).toMatchObject({ _tag: "TooManyParts", limit: 10_000 })
      expect(yield* World.asked).toEqual({})
    }).pipe(Effect.provide(world()))
  )

  const refused: ReadonlyArray<[string, Upload.Options]> = [
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
