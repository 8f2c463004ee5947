/** Complete: whatever its answer, it is known whether the object is there. */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import type { Progress } from "effect-cos/Progress"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { MiB } from "../../support/content.js"
import * as World from "../../support/world.js"
import { always, type InProcessRow, on, onPart, success } from "../row.js"
import { aborted, begin, complete, crc64, data, initiate, other, stored, upload, whole } from "./upload.js"

/** With the last that was told of its progress. */
const watched = (more: Upload.ResumableUploadOptions = {}) =>
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

const failing = Fault.status(500, { code: "InternalError" })

export const completes: ReadonlyArray<InProcessRow> = [
  ...[false, true].map(
    (committed): InProcessRow => ({
      where: "service",
      fault: `complete, ${committed ? "though" : "not"} carried out, is 200 with an error`,
      faults: [on(complete, Fault.errorIn200("InternalError", { committed }))],
      client: upload(),
      expect: success({ crc64 }),
      asked: { ...whole, [complete]: 2, ...(committed ? { headObject: 1 } : {}) },
      left: stored
    })
  ),
  {
    where: "service",
    fault: "complete is 200 with an error, ever again",
    faults: [on(complete, Fault.errorIn200("InternalError"), always)],
    client: upload(),
    expect: { _tag: "ServerFault", code: "InternalError" },
    asked: { ...aborted, [complete]: 5, headObject: 1 },
    left: {}
  },
  {
    where: "service",
    fault: "complete fails, and the key held the same bytes before",
    given: { objects: { a: data } },
    faults: [on(complete, failing, always)],
    client: upload(),
    expect: { _tag: "ServerFault" },
    asked: { ...aborted, [complete]: 5, headObject: 1, listParts: 1 },
    left: stored
  },
  {
    where: "service",
    fault: "complete's answer is lost",
    faults: [on(complete, Fault.lostResponse)],
    client: Effect.flatMap(upload(), (result) =>
      Effect.map(Cos.headObject({ key: "a" }), ({ eTag }) => ({ ...result, isItsETag: eTag === result.eTag }))
    ),
    expect: success({ crc64, parts: 3, isItsETag: true }),
    asked: { ...whole, [complete]: 2, headObject: 2 },
    left: stored
  },
  {
    where: "service",
    fault: "complete's answer is lost, and another deletes the object",
    faults: [on(complete, Fault.silence("after"))],
    client: upload(),
    meanwhile: ["10 seconds", Cos.deleteObject({ key: "a" })],
    expect: { _tag: "UploadStateUnknown", key: "a", expected: `crc64 ${crc64}`, actual: undefined },
    asked: { ...whole, [complete]: 2, headObject: 1, deleteObject: 1 },
    left: {}
  },
  {
    where: "service",
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
  },
  {
    where: "service",
    fault: "complete arrives twice",
    faults: [on(complete, Fault.lostResponse)],
    client: Effect.gen(function* () {
      const { uploadId } = yield* begin("a")
      const { eTag } = yield* Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: other })
      return yield* Cos.completeMultipartUpload({ key: "a", uploadId, parts: [{ partNumber: 1, eTag }] })
    }),
    // The operation says what the service says; that it was carried out before is told beside it.
    expect: { _tag: "NoSuchUpload", afterLostResponse: true },
    asked: { [initiate]: 1, uploadPart: 1, [complete]: 2 },
    left: { objects: { a: other } }
  },
  {
    where: "service",
    fault: "a part that was acknowledged is missing at complete",
    faults: [onPart(2, Fault.forgetPart)],
    client: watched(),
    expect: success({ crc64, progress }),
    asked: { ...whole, uploadPart: 4, [complete]: 2, listParts: 1 },
    parts: [1, 2, 3, 2],
    left: stored
  },
  {
    where: "service",
    fault: "complete finds fault with parts that are all there",
    faults: [on(complete, Fault.status(400, { code: "InvalidPart" }), always)],
    client: upload(),
    expect: { _tag: "InvalidPart" },
    asked: { ...aborted, [complete]: 2, listParts: 1 },
    left: {}
  },
  {
    where: "service",
    fault: "complete finds the parts out of order",
    faults: [on(complete, Fault.status(400, { code: "InvalidPartOrder" }))],
    client: upload(),
    expect: { _tag: "InvalidPartOrder" },
    asked: { ...aborted, [complete]: 1 },
    left: {}
  },
  ...(["keep", "delete"] as const).flatMap((onMismatch) =>
    ([complete, "putObject"] as const).map(
      (operation): InProcessRow => ({
        where: "service",
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
  ),
  {
    where: "service",
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
    where: "service",
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
    where: "service",
    fault: "interrupted while complete is under way, which is neither carried out nor answered",
    faults: [on(complete, Fault.silence("before"))],
    client: upload(),
    interruptAt: "1 second",
    expect: { _tag: "Interrupt" },
    took: 5000,
    asked: { ...aborted, [complete]: 1, headObject: 1 },
    left: {}
  },
  ...[0, 16 * MiB].map(
    (threshold): InProcessRow => ({
      where: "service",
      fault: `overwrite: false, and the answer is lost of ${threshold === 0 ? "complete" : "the only request"}`,
      faults: [on(threshold === 0 ? complete : "putObject", Fault.lostResponse)],
      client: upload({ threshold }, { overwrite: false }),
      expect: success({ crc64 }),
      left: stored
    })
  ),
  ...[0, 16 * MiB].map(
    (threshold): InProcessRow => ({
      where: "service",
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
]
