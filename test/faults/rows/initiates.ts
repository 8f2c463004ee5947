/** Initiate: what it may have begun is found and reported, and removed only where nobody else writes to the key. */
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { setBack, setForward } from "../../support/clock.js"
import { type InProcessRow, on, success } from "../row.js"
import { abort, begin, crc64, initiate, other, stored, upload, whole } from "./upload.js"

const lost = { [initiate]: 1, listMultipartUploads: 1, listParts: 1 }
const lostAndAborted = { ...lost, [abort]: 1 }

/** By its key, and with the uploads that it may be. */
const reported = ["key"] as const

/** When the initiate's time is over. */
const now = Date.UTC(2026, 0, 1, 0, 0, 30)

/** What a service with a clock of its own says of an upload that was begun so many seconds before. */
const listed =
  (seconds: number): NonNullable<InProcessRow["network"]> =>
  ({ url }) => {
    if (!url.includes("prefix=a") && !url.includes("max-parts=1")) return undefined
    const begun = new Date(now - seconds * 1000).toISOString()
    const names = "<Bucket>examplebucket-1250000000</Bucket><IsTruncated>false</IsTruncated>"
    const upload = `<Upload><Key>a</Key><UploadId>other</UploadId><Initiated>${begun}</Initiated></Upload>`
    const document = url.includes("prefix=a")
      ? `<ListMultipartUploadsResult>${names}<MaxUploads>1000</MaxUploads>${upload}</ListMultipartUploadsResult>`
      : `<ListPartsResult>${names}<Key>a</Key><UploadId>other</UploadId><MaxParts>1</MaxParts></ListPartsResult>`
    return new Response(document, { headers: { date: new Date(now).toUTCString() } })
  }

export const initiates: ReadonlyArray<InProcessRow> = [
  ...[Fault.lostResponse, Fault.replaceBody("<InitiateMultipartUploadResult/>"), Fault.silence("after")].map(
    (fault): InProcessRow => ({
      where: "service",
      fault: `initiate is carried out, and its answer is lost (${fault._tag})`,
      faults: [on(initiate, fault)],
      client: upload(),
      expect: success({ crc64 }),
      took: fault._tag === "Silence" ? 30_000 : 0,
      asked: { ...whole, ...lost, [initiate]: 2 },
      left: { ...stored, uploads: ["a"], warned: reported }
    })
  ),
  ...[Fault.lostResponse, Fault.replaceBody("<InitiateMultipartUploadResult/>"), Fault.silence("after")].map(
    (fault): InProcessRow => ({
      where: "service",
      fault: `initiate is carried out, and its answer is lost (${fault._tag}), to the only writer of the key`,
      faults: [on(initiate, fault)],
      client: upload({ soleWriter: true }),
      expect: success({ crc64 }),
      took: fault._tag === "Silence" ? 30_000 : 0,
      asked: { ...whole, ...lostAndAborted, [initiate]: 2 },
      left: stored
    })
  ),
  {
    where: "service",
    fault: "initiate is carried out and never answered, and the upload is interrupted",
    faults: [on(initiate, Fault.silence("after"))],
    client: upload(),
    interruptAt: "1 second",
    expect: { _tag: "Interrupt" },
    took: 5000,
    asked: lost,
    left: { uploads: ["a"], warned: reported }
  },
  {
    where: "service",
    fault: "initiate is carried out and never answered, and the only writer of the key is interrupted",
    faults: [on(initiate, Fault.silence("after"))],
    client: upload({ soleWriter: true }),
    interruptAt: "1 second",
    expect: { _tag: "Interrupt" },
    took: 5000,
    asked: lostAndAborted,
    left: {}
  },
  {
    where: "service",
    fault:
      "initiate is not carried out and its connection is reset, and another writer has just begun an upload of the key",
    faults: [on(initiate, Fault.silence("before"))],
    client: upload(),
    meanwhile: ["10 seconds", begin("a")],
    expect: success({ crc64 }),
    asked: { ...whole, ...lost, [initiate]: 3 },
    left: { ...stored, uploads: ["a"], warned: reported }
  },
  {
    where: "service",
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
    where: "clock",
    fault: "initiate is carried out and never answered, and the clock of this machine is set back an hour",
    faults: [on(initiate, Fault.silence("after"))],
    client: setBack(upload(), "10 seconds"),
    network: listed(30),
    expect: success({ crc64 }),
    left: { ...stored, uploads: ["a"], warned: reported }
  },
  {
    where: "clock",
    fault: "initiate is neither carried out nor answered, and the clock of this machine is set forward an hour",
    faults: [on(initiate, Fault.silence("before"))],
    client: setForward(upload({ soleWriter: true }), "10 seconds"),
    // An upload that was begun ten minutes before is not the one that was lost.
    network: listed(630),
    expect: success({ crc64 }),
    asked: { ...whole, [initiate]: 2 },
    left: stored
  },
  {
    where: "service",
    fault: "initiate's answer is lost, and there are older uploads, and one of another key",
    client: Effect.gen(function* () {
      const { clock, fault } = yield* Emulator
      yield* begin("a")
      yield* begin("ab")
      yield* clock.adjust("10 minutes")
      const { fired } = yield* fault(on(initiate, Fault.lostResponse))
      yield* upload()
      return yield* fired
    }),
    expect: success(1),
    left: { ...stored, uploads: ["a", "a", "ab"], warned: reported }
  },
  {
    where: "service",
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
    where: "service",
    fault: "initiate's answer is lost, and another writer begins an upload of another key meanwhile",
    faults: [on(initiate, Fault.silence("after"))],
    client: upload({ soleWriter: true }),
    meanwhile: ["10 seconds", begin("ab")],
    expect: success({ crc64 }),
    asked: { ...whole, ...lostAndAborted, [initiate]: 3 },
    left: { ...stored, uploads: ["ab"] }
  },
  {
    where: "service",
    fault: "initiate was not carried out, and another writer's upload of the key has parts",
    faults: [on(initiate, Fault.silence("before"))],
    client: upload(),
    meanwhile: [
      "10 seconds",
      Effect.flatMap(begin("a"), ({ uploadId }) => Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: "part" }))
    ],
    expect: success({ crc64 }),
    left: { ...stored, uploads: ["a"] }
  },
  {
    where: "service",
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
  }
]
