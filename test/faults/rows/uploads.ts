/** Uploads: whatever goes wrong, there is the whole object or none, and no upload stays open. */
import { createHash } from "node:crypto"
import * as FileSystem from "@effect/platform/FileSystem"
import { expect } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"
import * as Crc64 from "effect-cos/Crc64"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import type { Progress } from "effect-cos/Progress"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, firstDifference, MiB } from "../../support/content.js"
import { type Call, type MemoryDisk, systemError } from "../../support/disk.js"
import * as World from "../../support/world.js"
import {
  always,
  denied,
  type InProcessRow,
  inProcess,
  on,
  onPart,
  success,
  type Unnumbered,
  unavailable
} from "../row.js"

const data = content(2 * MiB + 5)
const other = content(1000, 2)
const large = content(64 * MiB)
const crc64 = Crc64.of(data)
const path = "/data"

/** The clock is the row's: nothing ticks. */
const options = { partSize: MiB, threshold: 0, concurrency: 1, progressInterval: "1 day" } as const

const upload = (more: Upload.ResumableOptions = {}, target: Partial<Upload.Target> = {}) =>
  Upload.bytes({ key: "a", bytes: data, ...target }, { ...options, ...more })

/** With the last that was told of its progress. */
const watched = (more: Upload.ResumableOptions = {}) =>
  Effect.suspend(() => {
    let last: Progress | undefined
    const onProgress = (progress: Progress) =>
      Effect.sync(() => {
        last = progress
      })
    return Effect.map(upload({ ...more, onProgress }), (result) => ({ ...result, progress: last }))
  })
/** What is sent again is not counted again. */
const progress = { transferred: data.byteLength, partsDone: 3 }

const file = (more: Upload.ResumableOptions = {}, target: Partial<Upload.Target> = {}) =>
  Upload.file({ key: "a", path, ...target }, { ...options, ...more })

const whole = { initiateMultipartUpload: 1, uploadPart: 3, completeMultipartUpload: 1 }
const aborted = { initiateMultipartUpload: 1, uploadPart: 3, abortMultipartUpload: 1 }
const stored = { objects: { a: data } }

const complete = "completeMultipartUpload"
const initiate = "initiateMultipartUpload"
const abort = "abortMultipartUpload"

// --- parts -----------------------------------------------------------------------------------------------------------

const parts = [
  ...inProcess(
    1,
    ...[0, 1, MiB / 2, MiB - 1, MiB].map(
      (bytes): Unnumbered<InProcessRow> => ({
        where: "NET",
        fault: `a part's connection is reset after ${bytes} bytes`,
        faults: [onPart(2, Fault.resetAfterBytes(bytes))],
        client: upload(),
        expect: success({ crc64 }),
        asked: { ...whole, uploadPart: 4 },
        parts: [1, 2, 2, 3],
        left: stored
      })
    )
  ),
  ...inProcess(
    2,
    ...[Fault.lostAnswer, Fault.silence("after")].map(
      (fault): Unnumbered<InProcessRow> => ({
        where: "NET",
        fault: `a part is stored, and its answer ${fault._tag === "Silence" ? "never comes" : "is lost"}`,
        faults: [onPart(2, fault)],
        client: upload(),
        expect: success({ crc64, size: data.byteLength, parts: 3, resumedParts: 0 }),
        parts: [1, 2, 2, 3],
        also: Effect.gen(function* () {
          const [object] = yield* Effect.orDie((yield* Emulator).objects(World.bucket))
          expect(object?.partSizes).toEqual([MiB, MiB, 5])
        }),
        left: stored
      })
    )
  ),
  ...inProcess(
    14,
    {
      where: "EMU",
      fault: "a part is denied",
      faults: [onPart(2, denied), onPart(1, Fault.silence())],
      client: upload({ concurrency: 2 }),
      expect: { _tag: "AccessDenied", operation: "uploadPart" },
      took: 0,
      asked: { ...aborted, uploadPart: 2 },
      also: Effect.map(World.requests("uploadPart"), (entries) =>
        expect(entries.map(({ outcome, partNumber }) => [partNumber, outcome])).toEqual([
          [1, "gone"],
          [2, "answered"]
        ])
      ),
      left: {}
    },
    {
      where: "EMU",
      fault: "initiate is denied",
      faults: [on("initiateMultipartUpload", denied)],
      client: upload(),
      expect: { _tag: "AccessDenied", operation: "initiateMultipartUpload" },
      asked: { initiateMultipartUpload: 1 },
      left: {}
    }
  ),
  ...inProcess(
    25,
    ...(
      [
        ["crc64", Fault.wrongCrc64, "crc64"],
        ["md5", Fault.wrongETag, "md5"],
        ["both", Fault.wrongCrc64, "crc64"],
        ["both", Fault.wrongETag, "md5"]
      ] as const
    ).flatMap(
      ([integrity, fault, algorithm]): ReadonlyArray<Unnumbered<InProcessRow>> => [
        {
          where: "EMU",
          fault: `integrity ${integrity}: twice another ${algorithm} of a part`,
          faults: [onPart(2, fault, { times: 2 })],
          client: upload({ integrity }),
          expect: success({ crc64 }),
          parts: [1, 2, 2, 2, 3],
          left: stored
        },
        {
          where: "EMU",
          fault: `integrity ${integrity}: always another ${algorithm} of a part`,
          faults: [onPart(2, fault, always)],
          client: upload({ integrity }),
          expect: { _tag: "IntegrityError", algorithm, partNumber: 2, key: "a" },
          asked: { ...aborted, uploadPart: 4 },
          parts: [1, 2, 2, 2],
          left: {}
        }
      ]
    )
  ),
  ...inProcess(63, {
    where: "NET",
    fault: "64 MiB are taken at 1 MiB/s, with the default limits",
    world: { client: { timeLimits: {} } },
    faults: [on("putObject", Fault.delay("64 seconds", "after"))],
    client: Cos.putObject({ key: "a", body: large }),
    expect: success(),
    took: 64_000,
    asked: { putObject: 1 },
    left: { objects: { a: large } }
  })
]

// --- initiate --------------------------------------------------------------------------------------------------------

const lost = { [initiate]: 1, listMultipartUploads: 1, listParts: 1, [abort]: 1 }
const begin = (key: string) => Cos.initiateMultipartUpload({ key })

const initiates = [
  ...inProcess(
    23,
    ...[Fault.lostAnswer, Fault.replaceBody("<InitiateMultipartUploadResult/>"), Fault.silence("after")].map(
      (fault): Unnumbered<InProcessRow> => ({
        where: "EMU",
        fault: `initiate is carried out, and its answer is lost (${fault._tag})`,
        faults: [on(initiate, fault)],
        client: upload(),
        expect: success({ crc64 }),
        took: fault._tag === "Silence" ? 30_000 : 0,
        asked: { ...whole, ...lost, [initiate]: 2 },
        left: stored
      })
    ),
    {
      where: "EMU",
      fault: "initiate is carried out and never answered, and the upload is interrupted",
      faults: [on(initiate, Fault.silence("after"))],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      took: 5000,
      asked: lost,
      left: {}
    },
    {
      where: "EMU",
      fault: "initiate is neither carried out nor answered, and the upload is interrupted",
      faults: [on(initiate, Fault.silence("before"))],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      took: 5000,
      asked: { [initiate]: 1, listMultipartUploads: 1 },
      left: {}
    },
    {
      where: "EMU",
      fault: "initiate's answer is lost, and there are older uploads, and one of another key",
      client: Effect.gen(function* () {
        const { clock, fault } = yield* Emulator
        yield* begin("a")
        yield* begin("ab")
        yield* clock.adjust("10 minutes")
        const { fired } = yield* fault(on(initiate, Fault.lostAnswer))
        yield* upload()
        return yield* fired
      }),
      expect: success(1),
      left: { ...stored, uploads: ["a", "ab"] }
    },
    {
      where: "EMU",
      fault: "initiate's answer is lost, and another writer begins an upload of the key meanwhile",
      faults: [on(initiate, Fault.silence("after"))],
      client: upload(),
      meanwhile: ["10 seconds", begin("a")],
      expect: success({ crc64 }),
      // Which of the two is the other's cannot be told.
      asked: { ...whole, [initiate]: 3, listMultipartUploads: 1 },
      left: { ...stored, uploads: ["a", "a"], warned: ["key"] }
    },
    {
      where: "EMU",
      fault: "initiate's answer is lost, and another writer begins an upload of another key meanwhile",
      faults: [on(initiate, Fault.silence("after"))],
      client: upload(),
      meanwhile: ["10 seconds", begin("ab")],
      expect: success({ crc64 }),
      asked: { ...whole, ...lost, [initiate]: 3 },
      left: { ...stored, uploads: ["ab"] }
    },
    {
      where: "EMU",
      fault: "initiate was not carried out, and another writer's upload of the key has parts",
      faults: [on(initiate, Fault.silence("before"))],
      client: upload(),
      meanwhile: [
        "10 seconds",
        Effect.flatMap(begin("a"), ({ uploadId }) =>
          Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: "part" })
        )
      ],
      expect: success({ crc64 }),
      left: { ...stored, uploads: ["a"] }
    }
  ),
  ...inProcess(59, {
    where: "EMU",
    fault: "of two writers of a key one loses its initiate's answer",
    faults: [on(initiate, Fault.silence("after"))],
    client: upload(),
    meanwhile: [
      "10 seconds",
      Effect.gen(function* () {
        const { uploadId } = yield* begin("a")
        const { eTag } = yield* Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: other })
        // The first one has been given up by then, and looked for.
        yield* Effect.sleep("1 minute")
        yield* Cos.completeMultipartUpload({ key: "a", uploadId, parts: [{ partNumber: 1, eTag }] })
      })
    ],
    expect: success({ crc64 }),
    left: { objects: { a: other }, uploads: ["a"], warned: ["key"] }
  })
]

// --- complete --------------------------------------------------------------------------------------------------------

const failing = Fault.status(500, { code: "InternalError" })

const completes = [
  ...inProcess(
    17,
    ...[false, true].map(
      (committed): Unnumbered<InProcessRow> => ({
        where: "EMU",
        fault: `complete, ${committed ? "though" : "not"} carried out, is 200 with an error`,
        faults: [on(complete, Fault.errorIn200("InternalError", { committed }))],
        client: upload(),
        expect: success({ crc64 }),
        asked: { ...whole, [complete]: 2, ...(committed ? { headObject: 1 } : {}) },
        left: stored
      })
    ),
    {
      where: "EMU",
      fault: "complete is 200 with an error, ever again",
      faults: [on(complete, Fault.errorIn200("InternalError"), always)],
      client: upload(),
      expect: { _tag: "ServerFault", code: "InternalError" },
      asked: { ...aborted, [complete]: 5, headObject: 1 },
      left: {}
    },
    {
      where: "EMU",
      fault: "complete fails, and the key held the same bytes before",
      given: { objects: { a: data } },
      faults: [on(complete, failing, always)],
      client: upload(),
      expect: { _tag: "ServerFault" },
      asked: { ...aborted, [complete]: 5, headObject: 1, listParts: 1 },
      left: stored
    }
  ),
  ...inProcess(
    20,
    {
      where: "EMU",
      fault: "complete's answer is lost",
      faults: [on(complete, Fault.lostAnswer)],
      client: Effect.flatMap(upload(), (result) =>
        Effect.map(Cos.headObject({ key: "a" }), ({ eTag }) => ({ ...result, isItsETag: eTag === result.eTag }))
      ),
      expect: success({ crc64, parts: 3, isItsETag: true }),
      asked: { ...whole, [complete]: 2, headObject: 2 },
      left: stored
    },
    {
      where: "EMU",
      fault: "complete's answer is lost, and another deletes the object",
      faults: [on(complete, Fault.silence("after"))],
      client: upload(),
      meanwhile: ["10 seconds", Cos.deleteObject({ key: "a" })],
      expect: { _tag: "UploadStateUnknown", key: "a", expected: `crc64 ${crc64}`, actual: undefined },
      asked: { ...whole, [complete]: 2, headObject: 1, deleteObject: 1 },
      left: {}
    }
  ),
  ...inProcess(21, {
    where: "EMU",
    fault: "complete's answer is lost, and another overwrites the object",
    faults: [on(complete, Fault.silence("after"))],
    client: upload(),
    meanwhile: ["10 seconds", Cos.putObject({ key: "a", body: other })],
    expect: {
      _tag: "UploadStateUnknown",
      key: "a",
      expected: `crc64 ${crc64}`,
      actual: `"${createHash("md5").update(other).digest("hex")}"`
    },
    asked: { ...whole, [complete]: 2, headObject: 1, putObject: 1 },
    left: { objects: { a: other } }
  }),
  ...inProcess(22, {
    where: "EMU",
    fault: "complete arrives twice",
    faults: [on(complete, Fault.lostAnswer)],
    client: Effect.gen(function* () {
      const { uploadId } = yield* begin("a")
      const { eTag } = yield* Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: other })
      return yield* Cos.completeMultipartUpload({ key: "a", uploadId, parts: [{ partNumber: 1, eTag }] })
    }),
    // The operation says what the service says; that it was carried out before is told beside it.
    expect: { _tag: "NoSuchUpload", afterLostAnswer: true },
    asked: { [initiate]: 1, uploadPart: 1, [complete]: 2 },
    left: { objects: { a: other } }
  }),
  ...inProcess(
    24,
    {
      where: "EMU",
      fault: "a part that was acknowledged is missing at complete",
      faults: [onPart(2, Fault.forget)],
      client: watched(),
      expect: success({ crc64, progress }),
      asked: { ...whole, uploadPart: 4, [complete]: 2, listParts: 1 },
      parts: [1, 2, 3, 2],
      left: stored
    },
    {
      where: "EMU",
      fault: "complete finds fault with parts that are all there",
      faults: [on(complete, Fault.status(400, { code: "InvalidPart" }), always)],
      client: upload(),
      expect: { _tag: "InvalidPart" },
      asked: { ...aborted, [complete]: 2, listParts: 1 },
      left: {}
    },
    {
      where: "EMU",
      fault: "complete finds the parts out of order",
      faults: [on(complete, Fault.status(400, { code: "InvalidPartOrder" }))],
      client: upload(),
      expect: { _tag: "InvalidPartOrder" },
      asked: { ...aborted, [complete]: 1 },
      left: {}
    }
  ),
  ...inProcess(
    26,
    ...(["keep", "delete"] as const).flatMap((onMismatch) =>
      ([complete, "putObject"] as const).map(
        (operation): Unnumbered<InProcessRow> => ({
          where: "EMU",
          fault: `${operation} tells another CRC64; onMismatch: ${onMismatch}`,
          faults: [on(operation, Fault.wrongCrc64)],
          client: upload({ onMismatch, threshold: operation === complete ? 0 : 16 * MiB }),
          expect: { _tag: "IntegrityError", algorithm: "crc64", expected: String(crc64), key: "a" },
          asked: {
            ...(operation === complete ? whole : { putObject: 1 }),
            ...(onMismatch === "delete" ? { deleteObject: 1 } : {})
          },
          left: onMismatch === "delete" ? {} : stored
        })
      )
    )
  ),
  ...inProcess(
    58,
    {
      where: "EMU",
      fault: "interrupted while complete is under way, whose answer comes late",
      faults: [on(complete, Fault.delay("3 seconds"))],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      took: 2000,
      asked: whole,
      left: stored
    },
    {
      where: "EMU",
      fault: "interrupted while complete is under way, which is carried out and never answered",
      faults: [on(complete, Fault.silence("after"))],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      took: 5000,
      asked: { ...whole, headObject: 1, listParts: 1 },
      left: stored
    },
    {
      where: "EMU",
      fault: "interrupted while complete is under way, which is neither carried out nor answered",
      faults: [on(complete, Fault.silence("before"))],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      took: 5000,
      asked: { ...aborted, [complete]: 1, headObject: 1 },
      left: {}
    }
  ),
  ...inProcess(
    60,
    ...[0, 16 * MiB].map(
      (threshold): Unnumbered<InProcessRow> => ({
        where: "EMU",
        fault: `overwrite: false, and the answer is lost of ${threshold === 0 ? "complete" : "the only request"}`,
        faults: [on(threshold === 0 ? complete : "putObject", Fault.lostAnswer)],
        client: upload({ threshold }, { overwrite: false }),
        expect: success({ crc64 }),
        left: stored
      })
    ),
    ...[0, 16 * MiB].map(
      (threshold): Unnumbered<InProcessRow> => ({
        where: "EMU",
        fault: `overwrite: false, another is there by the second attempt at ${threshold === 0 ? "complete" : "the only request"}`,
        faults: [
          on(threshold === 0 ? complete : "putObject", Fault.resetBefore),
          on(threshold === 0 ? complete : "putObject", Fault.delay("10 seconds"), { nth: 2 })
        ],
        client: upload({ threshold }, { overwrite: false }),
        meanwhile: ["5 seconds", Effect.flatMap(Emulator, (emulator) => emulator.seed(World.bucket, "a", other))],
        expect: { _tag: "FileAlreadyExists" },
        left: { objects: { a: other } }
      })
    )
  )
]

// --- abort -----------------------------------------------------------------------------------------------------------

const aborts = [
  ...inProcess(
    15,
    {
      where: "EMU",
      fault: "abort is 503 twice",
      faults: [onPart(2, denied), on(abort, unavailable, { times: 2 })],
      client: upload(),
      expect: { _tag: "AccessDenied" },
      asked: { ...aborted, uploadPart: 2, [abort]: 3 },
      left: {}
    },
    {
      where: "EMU",
      fault: "abort is never answered",
      faults: [onPart(2, denied), on(abort, Fault.silence(), always)],
      client: upload(),
      expect: { _tag: "AccessDenied" },
      took: 10_000,
      asked: { ...aborted, uploadPart: 2 },
      left: { uploads: ["a"], warned: ["id"] }
    },
    {
      where: "EMU",
      fault: "abort is 503 until the upload has ended",
      faults: [onPart(2, denied), on(abort, unavailable, { times: 5 })],
      client: Effect.zipRight(Effect.flip(upload()), Upload.abortUnfinished()),
      expect: success({ aborted: [{ key: "a" }], failed: [], skipped: [] }),
      left: { warned: ["id"] }
    }
  ),
  ...inProcess(16, {
    where: "EMU",
    fault: "abort, asked again, is 404 NoSuchUpload",
    faults: [onPart(2, denied), on(abort, Fault.lostAnswer)],
    client: upload(),
    expect: { _tag: "AccessDenied" },
    asked: { ...aborted, uploadPart: 2, [abort]: 2 },
    also: Effect.map(World.requests(abort), (entries) =>
      expect(entries.map(({ code }) => code)).toEqual([undefined, "NoSuchUpload"])
    ),
    left: {}
  }),
  ...inProcess(
    57,
    {
      where: "EMU",
      fault: "initiate is not answered, nor anything after it; interrupted",
      faults: [on(initiate, Fault.silence("after")), on("listMultipartUploads", Fault.silence(), always)],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      // abortGrace, and the limit of a release.
      took: 15_000,
      left: { uploads: ["a"], warned: ["key"] }
    },
    {
      where: "EMU",
      fault: "complete is not answered, nor anything after it; interrupted",
      faults: [
        on(complete, Fault.silence()),
        on("headObject", Fault.silence(), always),
        on(abort, Fault.silence(), always)
      ],
      client: upload(),
      interruptAt: "1 second",
      expect: { _tag: "Interrupt" },
      took: 25_000,
      left: { uploads: ["a"], warned: ["id"] }
    },
    {
      where: "EMU",
      fault: "a part is not answered, nor abort; timed out",
      faults: [onPart(2, Fault.silence()), on(abort, Fault.silence(), always)],
      client: Effect.timeout(upload(), "1 second"),
      expect: { _tag: "TimeoutException" },
      took: 11_000,
      left: { uploads: ["a"], warned: ["id"] }
    }
  )
]

// --- copies ----------------------------------------------------------------------------------------------------------

const copy = (more: Copy.Options = {}) => Copy.object({ key: "b", source: { key: "a" } }, { ...more })
const copied = { objects: { a: data, b: data } }

const copies = inProcess(
  18,
  ...[false, true].map(
    (committed): Unnumbered<InProcessRow> => ({
      where: "EMU",
      fault: `a copy, ${committed ? "though" : "not"} carried out, is 200 with an error`,
      given: stored,
      faults: [on("copyObject", Fault.errorIn200("InternalError", { committed }))],
      client: copy(),
      expect: success({ crc64 }),
      asked: { headObject: 1, copyObject: 2 },
      left: copied
    })
  ),
  {
    where: "EMU",
    fault: "a copy is 200 with an error, ever again",
    given: stored,
    faults: [on("copyObject", Fault.errorIn200("InternalError"), always)],
    client: copy(),
    expect: { _tag: "ServerFault", code: "InternalError" },
    left: stored
  },
  {
    where: "EMU",
    fault: "the copy of a part is 200 with an error",
    given: stored,
    faults: [on("uploadPartCopy", Fault.errorIn200("InternalError"), { partNumber: 2 })],
    client: copy(options),
    expect: success({ crc64, parts: 3 }),
    asked: { headObject: 1, [initiate]: 1, uploadPartCopy: 4, [complete]: 1 },
    left: copied
  },
  {
    where: "EMU",
    fault: "the copy of a part is 200 with an error, ever again",
    given: stored,
    faults: [on("uploadPartCopy", Fault.errorIn200("InternalError"), { partNumber: 2, ...always })],
    client: copy(options),
    expect: { _tag: "ServerFault" },
    left: stored
  }
)

// --- keys ------------------------------------------------------------------------------------------------------------

/** Keys for ten minutes, as often as there are any. */
const temporary = (times: number): Layer.Layer<Credentials.Credentials, never, Emulator> => {
  let given = 0
  return Layer.unwrapEffect(
    Effect.map(Emulator, (emulator) =>
      Credentials.layerProvider(
        Effect.gen(function* () {
          given += 1
          if (given > times) {
            return yield* new CosError.CredentialsError({ provider: "test", message: "no more", transient: false })
          }
          const keys = { secretId: `AKID${given}`, secretKey: Redacted.make("key"), token: Redacted.make("token") }
          const expiresAt = new Date((yield* emulator.clock.now).getTime() + 600_000)
          yield* emulator.addCredentials({ ...keys, expiresAt })
          return Credentials.keys(keys)
        }),
        { name: "test" }
      )
    )
  )
}

/** Their end, once three parts have been acknowledged. */
const expiring = (more: Upload.ResumableOptions = {}) =>
  Effect.flatMap(Emulator, ({ clock }) =>
    Upload.bytes(
      { key: "a", bytes: six },
      {
        ...options,
        onCheckpoint: ({ parts }) => Effect.when(clock.adjust("11 minutes"), () => parts.length === 3),
        ...more
      }
    )
  )
const six = content(6 * MiB)

const keys = [
  ...inProcess(37, {
    where: "EMU",
    fault: "a temporary key ends midway, while three parts are sent at once",
    world: { credentials: temporary(2) },
    client: expiring({ concurrency: 3 }),
    expect: success({ parts: 6 }),
    also: Effect.map(World.requests("uploadPart"), (entries) => {
      const sent = entries.filter(({ status }) => status === 200)
      expect(sent.map(({ partNumber }) => partNumber).sort()).toEqual([1, 2, 3, 4, 5, 6])
      // Asked for once more, whoever needs them.
      expect(new Set(sent.map(({ secretId }) => secretId))).toEqual(new Set(["AKID1", "AKID2"]))
    }),
    left: { objects: { a: six } }
  }),
  ...inProcess(
    38,
    {
      where: "EMU",
      fault: "a temporary key ends midway, and there is no other",
      world: { credentials: temporary(1) },
      client: expiring(),
      expect: { _tag: "CredentialsError", provider: "test" },
      asked: { [initiate]: 1, uploadPart: 4, [abort]: 1 },
      left: { uploads: ["a"], warned: ["id"] }
    },
    {
      where: "EMU",
      fault: "a key is refused to a part, and there is no other, but abort still takes it",
      world: { credentials: temporary(1) },
      faults: [onPart(2, Fault.expiredKey)],
      client: upload(),
      expect: { _tag: "CredentialsError", provider: "test" },
      asked: { ...aborted, uploadPart: 2 },
      left: {}
    }
  )
]

// --- files -----------------------------------------------------------------------------------------------------------

const given = { files: { [path]: data } }

/** Acts once, on the first read from an offset on. */
const onRead = (offset: number, change: (disk: MemoryDisk) => void) => {
  let acted = false
  return ({ method, offset: at = 0 }: Call, disk: MemoryDisk): true | undefined => {
    if (acted || method !== "read" || at < offset) return undefined
    acted = true
    change(disk)
    return true
  }
}

const changed = (
  fault: string,
  field: CosError.SourceChanged["field"],
  bytes: Uint8Array,
  change: (disk: MemoryDisk) => void
): ReadonlyArray<Unnumbered<InProcessRow>> =>
  [0, 16 * MiB].map((threshold) => ({
    where: "FS",
    fault: `a file is ${fault} while it is ${threshold === 0 ? "sent in parts" : "read"}`,
    given,
    disk: onRead(threshold === 0 ? MiB : 0, change),
    client: file({ threshold }),
    expect: { _tag: "SourceChanged", source: path, field },
    also: Effect.map(World.asked, (asked) => expect(asked[abort]).toBe(threshold === 0 ? 1 : undefined)),
    left: { files: { [path]: bytes } }
  }))

const flipped = data.map((byte) => byte ^ 1)
const replacement = content(data.byteLength, 2)

const files = [
  ...inProcess(
    40,
    ...changed("truncated", "size", data.subarray(0, MiB), (disk) =>
      disk.change(path, (bytes) => bytes.subarray(0, MiB))
    )
  ),
  ...inProcess(
    41,
    ...changed("grown", "size", Buffer.concat([data, data]), (disk) =>
      disk.change(path, (bytes) => Buffer.concat([bytes, bytes]))
    ),
    ...changed("written to", "mtime", flipped, (disk) => disk.change(path, () => flipped)),
    ...changed("replaced by one of the same size and time", "identity", replacement, (disk) =>
      disk.put(path, replacement, { sameTime: true })
    )
  ),
  ...inProcess(
    42,
    {
      where: "FS",
      fault: "EIO in the third part of a file",
      given,
      disk: ({ method, offset = 0 }) =>
        method === "read" && offset >= 2 * MiB ? systemError("read", path, "Unknown", "EIO") : undefined,
      client: file(),
      expect: { _tag: "SystemError", method: "read", pathOrDescriptor: path },
      asked: { ...aborted, uploadPart: 2 },
      left: {}
    },
    ...(["open", "stat"] as const).map(
      (method): Unnumbered<InProcessRow> => ({
        where: "FS",
        fault: `EACCES at ${method}`,
        given,
        disk: (call) => (call.method === method ? systemError(method, path, "PermissionDenied", "EACCES") : undefined),
        client: file(),
        expect: { _tag: "SystemError", reason: "PermissionDenied", pathOrDescriptor: path },
        asked: {},
        left: {}
      })
    )
  )
]

// --- resuming --------------------------------------------------------------------------------------------------------

/** Interrupted when one part is there, and the second one hangs; what `again` makes of it. */
const resumed = (
  again: (checkpoint: Checkpoint.Upload) => ReturnType<typeof file>,
  target: Partial<Upload.Target> = {}
) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const hang = yield* emulator.fault(onPart(2, Fault.silence(), always))
    const first = yield* Deferred.make<Checkpoint.Upload>()
    const onCheckpoint = (checkpoint: Checkpoint.Upload) =>
      Effect.when(Deferred.succeed(first, checkpoint), () => checkpoint.parts.length === 1)
    const checkpoint = yield* Effect.race(
      Deferred.await(first),
      Effect.zipRight(file({ onInterrupt: "keep", onCheckpoint }, target), Effect.never)
    )
    expect(yield* World.openUploads).toEqual([checkpoint.uploadId])
    yield* hang.remove
    yield* emulator.clearJournal
    return yield* again(checkpoint)
  })

const elsewhere = "archive-1250000000"
const anew = { ...whole, [abort]: 1 }

const resumes = inProcess(
  50,
  {
    where: "PROC",
    fault: "resumed with another file",
    given,
    client: resumed((resume) =>
      Effect.zipRight(
        Effect.orDie(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFile(path, replacement))),
        file({ resume })
      )
    ),
    expect: success({ resumedParts: 0 }),
    asked: anew,
    left: { objects: { a: replacement }, files: { [path]: replacement } }
  },
  {
    where: "PROC",
    fault: "resumed with another part size",
    given,
    client: resumed((resume) => file({ resume, partSize: 2 * MiB })),
    expect: success({ resumedParts: 0, parts: 2 }),
    asked: { ...anew, uploadPart: 2 },
    left: stored
  },
  {
    where: "PROC",
    fault: "resumed to another bucket",
    given,
    world: { emulator: { buckets: [World.bucket, elsewhere] } },
    client: resumed((resume) => file({ resume }, { bucket: elsewhere })),
    expect: success({ resumedParts: 0 }),
    asked: anew,
    also: Effect.flatMap(Emulator, (emulator) =>
      Effect.map(Effect.orDie(emulator.bytes(elsewhere, "a")), (bytes) =>
        expect(firstDifference(bytes, data)).toBeUndefined()
      )
    ),
    left: {}
  },
  {
    where: "PROC",
    fault: "resumed with another key of encryption",
    given,
    client: Effect.zipRight(
      resumed((resume) => file({ resume }, { customerKey: Redacted.make(new Uint8Array(32).fill(2)) }), {
        customerKey: Redacted.make(new Uint8Array(32).fill(1))
      }),
      Download.bytes({ key: "a", customerKey: Redacted.make(new Uint8Array(32).fill(2)) })
    ),
    expect: success(),
    asked: { ...anew, getObject: 1 },
    left: stored
  }
)

// --- sizes -----------------------------------------------------------------------------------------------------------

const threshold = 2 * MiB

const sizes = [
  ...inProcess(
    53,
    ...[
      [10_000 * MiB, MiB],
      [10_000 * MiB + 1, 2 * MiB]
    ].map(
      ([size = 0, partSize]): Unnumbered<InProcessRow> => ({
        where: "API",
        fault: `${size} bytes in parts of 1 MiB`,
        faults: [onPart(1, Fault.silence())],
        // The part size is chosen before anything is begun: the first checkpoint tells it.
        client: Effect.gen(function* () {
          const chosen = yield* Deferred.make<number>()
          const slice = () => new Blob([new Uint8Array(MiB)])
          const blob = { size, type: "", slice } as unknown as Blob
          const onCheckpoint = (checkpoint: Checkpoint.Upload) => Deferred.succeed(chosen, checkpoint.partSize)
          const sent = Upload.blob({ key: "a", blob }, { ...options, onCheckpoint })
          return yield* Effect.race(
            Effect.zipLeft(Deferred.await(chosen), Effect.sleep("1 second")),
            Effect.zipRight(sent, Effect.never)
          )
        }),
        expect: success(partSize),
        left: {}
      })
    ),
    {
      where: "API",
      fault: "more than 10,000 parts of 5 GiB",
      client: Upload.blob({
        key: "a",
        blob: { size: 10_000 * 5120 * MiB + 1, type: "", slice: () => new Blob() } as unknown as Blob
      }),
      expect: { _tag: "TooManyParts", limit: 10_000 },
      asked: {},
      left: {}
    }
  ),
  ...inProcess(
    54,
    ...[
      [0, 0],
      [1, 0],
      [threshold - 1, 0],
      [threshold, 0],
      [threshold + 1, 3],
      [3 * MiB - 1, 3],
      [3 * MiB, 3],
      [3 * MiB + 1, 4]
    ].map(([size = 0, parts = 0]): Unnumbered<InProcessRow> => {
      const bytes = content(size, 8)
      const each = parts === 0 ? { putObject: 2 } : { [initiate]: 2, uploadPart: 2 * parts, [complete]: 2 }
      const result = { size, parts, crc64: Crc64.of(bytes) }
      return {
        where: "API",
        fault: `${size} bytes, of a file and of a blob, with a threshold of ${threshold}`,
        given: { files: { [path]: bytes } },
        client: Effect.all([
          file({ threshold }),
          Upload.blob({ key: "b", blob: new Blob([bytes]) }, { ...options, threshold })
        ]),
        expect: success([result, result]),
        asked: each,
        left: { objects: { a: bytes, b: bytes } }
      }
    }),
    {
      where: "API",
      fault: "no bytes, with a threshold of nothing",
      client: Upload.bytes({ key: "a", bytes: new Uint8Array(0) }, options),
      expect: success({ parts: 0 }),
      asked: { putObject: 1 },
      left: { objects: { a: new Uint8Array(0) } }
    }
  )
]

export const uploads: ReadonlyArray<InProcessRow> = [
  ...parts,
  ...initiates,
  ...completes,
  ...aborts,
  ...copies,
  ...keys,
  ...files,
  ...resumes,
  ...sizes
]
