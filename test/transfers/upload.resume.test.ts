/** Uploads that are taken up where they were left: what was acknowledged is not sent again. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, interruptTimed } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(5 * MiB + 5)
const path = "/data"

const world = Effect.provide(World.inProcess({ client: { retry: RetryPolicy.make({ base: 0 }) } }))
const withStore = Effect.provide([
  World.inProcess({ client: { retry: RetryPolicy.make({ base: 0 }) } }),
  Checkpoint.layerMemory
] as const)

const upload = (options: Upload.ResumableUploadOptions = {}, input: Partial<Upload.UploadTarget> = {}) =>
  Upload.file(
    { key: "a", path, ...input },
    { partSize: MiB, threshold: 0, concurrency: 1, onInterrupt: "keep", onFailure: "keep", ...options }
  )

const prepared = Effect.map(Disk, (disk) => {
  disk.put(path, data)
  return disk
})

/** Runs until three of six parts are acknowledged and the fourth hangs, then interrupts it; its last checkpoint. */
const interrupted = (options: Upload.ResumableUploadOptions = {}, input: Partial<Upload.UploadTarget> = {}) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    let last: Checkpoint.Upload | undefined
    const fault = yield* emulator.fault({
      on: { operation: "uploadPart", nth: 4, times: Infinity },
      do: Fault.silence()
    })
    const fiber = yield* Effect.fork(
      upload(
        {
          onCheckpoint: (checkpoint) =>
            Effect.sync(() => {
              last = checkpoint
            }),
          ...options
        },
        input
      )
    )
    yield* TestClock.adjust("2 seconds")
    expect((yield* interruptTimed(fiber)).millis).toBe(0)
    expect(yield* fault.fired).toBe(1)
    yield* fault.remove
    yield* emulator.clearJournal
    expect(last?.parts.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3])
    return last as Checkpoint.Upload
  })

const expectResumed = (result: Upload.UploadResult) =>
  Effect.gen(function* () {
    expect(result).toMatchObject({ parts: 6, resumedParts: 3 })
    expect(yield* World.partsSent).toEqual([4, 5, 6])
    expect((yield* World.asked).initiateMultipartUpload).toBeUndefined()
    expect(yield* World.unfinishedUploads).toEqual([])
    yield* World.expectStored("a", data)
  })

const expectBegunAnew = (result: Upload.UploadResult, bytes: Uint8Array = data) =>
  Effect.gen(function* () {
    expect(result.resumedParts).toBe(0)
    expect(yield* World.asked).toMatchObject({ initiateMultipartUpload: 1, abortMultipartUpload: 1 })
    expect(yield* World.unfinishedUploads).toEqual([])
    yield* World.expectStored("a", bytes)
  })

const stored = Effect.flatMap(Checkpoint.Store, (store) => store.list)

describe("an interrupted upload resumes", () => {
  it.scoped("from its checkpoint", () =>
    Effect.gen(function* () {
      yield* prepared
      const checkpoint = yield* interrupted()
      expect(yield* World.unfinishedUploads).toEqual([checkpoint.uploadId])
      yield* expectResumed(yield* drive(upload({ resume: checkpoint })))
    }).pipe(world)
  )

  it.scoped("from the store, which then is empty", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* interrupted()
      expect((yield* stored).length).toBe(1)
      yield* expectResumed(yield* drive(upload()))
      expect(yield* stored).toEqual([])
    }).pipe(withStore)
  )

  it.scoped("from what the server holds", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* interrupted()
      // Others of this key whose parts do not fit, and of other keys, are left alone.
      const { uploadId: other } = yield* Cos.initiateMultipartUpload({ key: "a" })
      yield* Cos.uploadPart({ key: "a", uploadId: other, partNumber: 1, body: content(1000) })
      const { uploadId: longer } = yield* Cos.initiateMultipartUpload({ key: "a.txt" })
      yield* (yield* Emulator).clearJournal
      const result = yield* drive(upload({ resume: "discover" }))
      expect(result.resumedParts).toBe(3)
      expect(yield* World.partsSent).toEqual([4, 5, 6])
      expect(new Set(yield* World.unfinishedUploads)).toEqual(new Set([other, longer]))
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("from what the server holds, if the storage class matches", () =>
    Effect.gen(function* () {
      yield* prepared
      const { uploadId } = yield* interrupted({}, { storageClass: "STANDARD_IA" })
      const other = yield* drive(upload({ resume: "discover" }, { storageClass: "STANDARD" }))
      expect(other.resumedParts).toBe(0)
      expect(yield* World.unfinishedUploads).toEqual([uploadId])
      const same = yield* drive(upload({ resume: "discover" }, { storageClass: "STANDARD_IA" }))
      expect(same.resumedParts).toBe(3)
      expect(yield* World.unfinishedUploads).toEqual([])
      expect((yield* Cos.headObject({ key: "a" })).storageClass).toBe("STANDARD_IA")
    }).pipe(world)
  )

  it.scoped("after a resumed upload was interrupted again", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* interrupted()
      const emulator = yield* Emulator
      const fault = yield* emulator.fault({
        on: { operation: "uploadPart", nth: 2, times: Infinity },
        do: Fault.silence()
      })
      const fiber = yield* Effect.fork(upload())
      yield* TestClock.adjust("2 seconds")
      yield* interruptTimed(fiber)
      yield* fault.remove
      yield* emulator.clearJournal
      expect((yield* drive(upload())).resumedParts).toBe(4)
      expect(yield* World.partsSent).toEqual([5, 6])
    }).pipe(withStore)
  )

  it.scoped("sending parts again whose bytes have changed", () =>
    Effect.gen(function* () {
      const checkpoint = yield* Effect.zipRight(prepared, interrupted())
      const { uploadId } = checkpoint
      // The second part is another on the server, the third one's checksum is of other bytes than the source has.
      yield* Cos.uploadPart({ key: "a", uploadId, partNumber: 2, body: content(MiB, 3) })
      yield* (yield* Emulator).clearJournal
      const parts = checkpoint.parts.map((part) => (part.partNumber === 3 ? { ...part, crc64: 1n } : part))
      const result = yield* drive(upload({ resume: { ...checkpoint, parts } }))
      expect(result.resumedParts).toBe(1)
      expect(yield* World.partsSent).toEqual([2, 3, 4, 5, 6])
      yield* World.expectStored("a", data)
    }).pipe(world)
  )
})

describe("a failed upload resumes", () => {
  it.scoped("in the same process", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({
        on: { operation: "uploadPart", nth: 4 },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      expect((yield* Effect.flip(drive(upload())))._tag).toBe("AccessDenied")
      yield* (yield* Emulator).clearJournal
      yield* expectResumed(yield* drive(upload()))
    }).pipe(withStore)
  )

  it.scoped("unless it was not to be kept", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({
        on: { operation: "uploadPart", nth: 4 },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      yield* Effect.flip(drive(upload({ onFailure: "abort" })))
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(yield* stored).toEqual([])
    }).pipe(withStore)
  )
})

describe("an upload starts over, and the old one is aborted, when", () => {
  const secret = Redacted.make(new Uint8Array(32).fill(1))
  const differing: ReadonlyArray<{
    name: string
    options?: Upload.ResumableUploadOptions
    input?: Partial<Upload.UploadTarget>
    bytes?: Uint8Array
    aborted?: number
  }> = [
    { name: "the file is another", bytes: content(5 * MiB + 5, 2) },
    { name: "the part size is another", options: { partSize: 2 * MiB } },
    { name: "what is stored with it is other", input: { contentType: "text/plain" } },
    { name: "its metadata are others", input: { metadata: { author: "ada" } } },
    { name: "the customer's key is another", input: { customerKey: secret } },
    { name: "the file is so small now that one request will do", bytes: content(1000) }
  ]
  for (const { bytes, input, name, options } of differing) {
    it.scoped(name, () =>
      Effect.gen(function* () {
        const disk = yield* prepared
        yield* interrupted()
        if (bytes !== undefined) disk.put(path, bytes)
        const small = bytes !== undefined && bytes.byteLength < MiB
        const result = yield* drive(upload({ ...options, ...(small ? { threshold: MiB } : undefined) }, input))
        expect(result.resumedParts).toBe(0)
        expect(yield* World.asked).toMatchObject({
          abortMultipartUpload: 1,
          ...(small ? { putObject: 1 } : { initiateMultipartUpload: 1 })
        })
        expect(yield* World.unfinishedUploads).toEqual([])
        expect(yield* stored).toEqual([])
        yield* World.expectStored("a", bytes ?? data)
      }).pipe(withStore)
    )
  }

  it.scoped("the upload is gone from the server", () =>
    Effect.gen(function* () {
      yield* prepared
      const { uploadId } = yield* interrupted()
      yield* Cos.abortMultipartUpload({ key: "a", uploadId })
      yield* (yield* Emulator).clearJournal
      const result = yield* drive(upload())
      expect(result.resumedParts).toBe(0)
      expect(yield* World.partsSent).toEqual([1, 2, 3, 4, 5, 6])
      yield* World.expectStored("a", data)
    }).pipe(withStore)
  )

  it.scoped("the checkpoint is of another key", () =>
    Effect.gen(function* () {
      yield* prepared
      const checkpoint = yield* interrupted({}, { key: "b" })
      yield* expectBegunAnew(yield* drive(upload({ resume: checkpoint })))
    }).pipe(world)
  )
})

describe("a checkpoint", () => {
  it.scoped("exists before the first part, and identifies its source", () =>
    Effect.gen(function* () {
      yield* prepared
      const seen: Array<Checkpoint.Upload> = []
      yield* upload({ onCheckpoint: (checkpoint) => Effect.sync(() => seen.push(checkpoint)) })
      expect(seen.map(({ parts }) => parts.length)).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(seen[0]).toMatchObject({
        kind: "upload",
        bucket: World.bucket,
        key: "a",
        size: data.byteLength,
        partSize: MiB,
        source: { kind: "file", path, size: data.byteLength }
      })
    }).pipe(world)
  )

  it.scoped("holds neither the customer's key nor the access key", () =>
    Effect.gen(function* () {
      yield* prepared
      const customerKey = new Uint8Array(32).fill(0x5a)
      const checkpoint = yield* interrupted({}, { customerKey: Redacted.make(customerKey) })
      const { secretId, secretKey } = (yield* Emulator).credentials
      const written = JSON.stringify(yield* Schema.encode(Checkpoint.Upload)(checkpoint))
      const base64 = Buffer.from(customerKey).toString("base64")
      for (const secret of [base64, base64.slice(0, 16), secretId, Redacted.value(secretKey)]) {
        expect(written).not.toContain(secret)
      }
      expect(written).toContain(checkpoint.uploadId)
    }).pipe(world)
  )

  it.scoped("is written before the first part is sent", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({ on: { operation: "uploadPart", times: Infinity }, do: Fault.silence() })
      const fiber = yield* Effect.fork(upload())
      yield* TestClock.adjust(0)
      const store = yield* Checkpoint.Store
      const [id = ""] = yield* store.list
      const [uploadId] = yield* World.unfinishedUploads
      expect(Option.getOrThrow(yield* store.get(id, Checkpoint.Upload)).uploadId).toBe(uploadId)
      yield* interruptTimed(fiber)
    }).pipe(withStore)
  )

  it.scoped("belongs to one run at a time; a concurrent second one starts its own", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({ on: { operation: "uploadPart", partNumber: 3 }, do: Fault.delay("10 seconds") })
      const [first, second] = yield* drive(
        Effect.all([upload(), Effect.delay(upload(), "1 second")], { concurrency: 2 })
      )
      expect([first.resumedParts, second.resumedParts]).toEqual([0, 0])
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* World.expectStored("a", data)
    }).pipe(withStore)
  )
})

describe("with onFailure: keepIfRetryable", () => {
  for (const [what, status, code, isKept] of [
    ["that may succeed later", 503, "ServiceUnavailable", true],
    ["that was refused", 403, "AccessDenied", false]
  ] as const) {
    it.scoped(`an upload ${what} is ${isKept ? "kept and resumed" : "aborted"}`, () =>
      Effect.gen(function* () {
        yield* prepared
        const emulator = yield* Emulator
        const fault = yield* emulator.fault({
          on: { operation: "uploadPart", nth: 4, times: Infinity },
          do: Fault.status(status, { code })
        })
        yield* Effect.flip(drive(upload({ onFailure: "keepIfRetryable" })))
        yield* fault.remove
        expect((yield* World.unfinishedUploads).length).toBe(isKept ? 1 : 0)
        expect((yield* stored).length).toBe(isKept ? 1 : 0)
        expect(yield* drive(upload())).toMatchObject({ resumedParts: isKept ? 3 : 0 })
      }).pipe(withStore)
    )
  }
})
