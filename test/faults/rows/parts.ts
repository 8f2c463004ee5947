/** Parts: each is sent until it is there, and no other again. */
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../../support/content.js"
import * as World from "../../support/world.js"
import { always, denied, type InProcessRow, on, onPart, success } from "../row.js"
import { aborted, crc64, data, stored, upload, whole } from "./upload.js"

const large = content(64 * MiB)

export const parts: ReadonlyArray<InProcessRow> = [
  ...[0, 1, MiB / 2, MiB - 1, MiB].map(
    (bytes): InProcessRow => ({
      where: "network",
      fault: `a part's connection is reset after ${bytes} bytes`,
      faults: [onPart(2, Fault.resetAfterBytes(bytes))],
      client: upload(),
      expect: success({ crc64 }),
      asked: { ...whole, uploadPart: 4 },
      parts: [1, 2, 2, 3],
      left: stored
    })
  ),
  ...[Fault.lostResponse, Fault.silence("after")].map(
    (fault): InProcessRow => ({
      where: "network",
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
  ),
  {
    where: "service",
    fault: "a part is denied",
    faults: [onPart(2, denied), onPart(1, Fault.silence())],
    client: upload({ concurrency: 2 }),
    expect: { _tag: "AccessDenied", operation: "uploadPart" },
    took: 0,
    asked: { ...aborted, uploadPart: 2 },
    also: Effect.map(World.requests("uploadPart"), (entries) =>
      expect(entries.map(({ outcome, partNumber }) => [partNumber, outcome])).toEqual([
        [1, "clientClosed"],
        [2, "completed"]
      ])
    ),
    left: {}
  },
  {
    where: "service",
    fault: "initiate is denied",
    faults: [on("initiateMultipartUpload", denied)],
    client: upload(),
    expect: { _tag: "AccessDenied", operation: "initiateMultipartUpload" },
    asked: { initiateMultipartUpload: 1 },
    left: {}
  },
  ...(
    [
      ["crc64", Fault.wrongCrc64, "crc64"],
      ["md5", Fault.wrongETag, "md5"],
      ["both", Fault.wrongCrc64, "crc64"],
      ["both", Fault.wrongETag, "md5"]
    ] as const
  ).flatMap(
    ([integrity, fault, algorithm]): ReadonlyArray<InProcessRow> => [
      {
        where: "service",
        fault: `integrity ${integrity}: twice another ${algorithm} of a part`,
        faults: [onPart(2, fault, { times: 2 })],
        client: upload({ integrity }),
        expect: success({ crc64 }),
        parts: [1, 2, 2, 2, 3],
        left: stored
      },
      {
        where: "service",
        fault: `integrity ${integrity}: always another ${algorithm} of a part`,
        faults: [onPart(2, fault, always)],
        client: upload({ integrity }),
        expect: { _tag: "IntegrityError", algorithm, partNumber: 2, key: "a" },
        asked: { ...aborted, uploadPart: 4 },
        parts: [1, 2, 2, 2],
        left: {}
      }
    ]
  ),
  {
    where: "network",
    fault: "64 MiB are taken at 1 MiB/s, with the default limits",
    world: { client: { timeLimits: {} } },
    faults: [on("putObject", Fault.delay("64 seconds", "after"))],
    client: Cos.putObject({ key: "a", body: large }),
    expect: success(),
    took: 64_000,
    asked: { putObject: 1 },
    left: { objects: { a: large } }
  }
]
