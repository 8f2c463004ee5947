/** Copies whose answers lie. */
import * as Copy from "effect-cos/Copy"
import * as Fault from "effect-cos-emulator/Fault"
import { always, type InProcessRow, on, success } from "../row.js"
import { complete, crc64, data, initiate, options, stored } from "./upload.js"

const copy = (more: Copy.CopyOptions = {}) => Copy.object({ key: "b", source: { key: "a" } }, { ...more })
const copied = { objects: { a: data, b: data } }

export const copies: ReadonlyArray<InProcessRow> = [
  ...[false, true].map(
    (committed): InProcessRow => ({
      where: "service",
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
    where: "service",
    fault: "a copy is 200 with an error, ever again",
    given: stored,
    faults: [on("copyObject", Fault.errorIn200("InternalError"), always)],
    client: copy(),
    expect: { _tag: "ServerFault", code: "InternalError" },
    left: stored
  },
  {
    where: "service",
    fault: "the copy of a part is 200 with an error",
    given: stored,
    faults: [on("uploadPartCopy", Fault.errorIn200("InternalError"), { partNumber: 2 })],
    client: copy(options),
    expect: success({ crc64, parts: 3 }),
    asked: { headObject: 1, [initiate]: 1, uploadPartCopy: 4, [complete]: 1 },
    left: copied
  },
  {
    where: "service",
    fault: "the copy of a part is 200 with an error, ever again",
    given: stored,
    faults: [on("uploadPartCopy", Fault.errorIn200("InternalError"), { partNumber: 2, ...always })],
    client: copy(options),
    expect: { _tag: "ServerFault" },
    left: stored
  }
]
