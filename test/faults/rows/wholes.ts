/** Objects that go in one request and are read while they are sent: whole, or not at all. */
import * as Stream from "effect/Stream"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { inPieces, MiB } from "../../support/content.js"
import { denied, type InProcessRow, on, success } from "../row.js"
import { onRead } from "./sources.js"
import { crc64, data, file, given, path, replacement, stored } from "./upload.js"

const streamed = { maxPartBuffer: MiB, threshold: 4 * MiB } as const

const stream = (size: number, bytes = data) =>
  Upload.stream({ key: "a", stream: inPieces(bytes, 100_001), size }, { partSize: MiB, progressInterval: "1 day" })

export const wholes: ReadonlyArray<InProcessRow> = [
  ...[0, 1, MiB, data.byteLength - 1].map(
    (bytes): InProcessRow => ({
      where: "network",
      fault: `a file's only request is reset after ${bytes} bytes`,
      given,
      faults: [on("putObject", Fault.resetAfterBytes(bytes))],
      client: file(streamed),
      expect: success({ crc64, parts: 0 }),
      asked: { putObject: 2 },
      left: { ...stored, files: given.files }
    })
  ),
  ...[Fault.lostResponse, Fault.silence("after")].map(
    (fault): InProcessRow => ({
      where: "network",
      fault: `a file's only request is carried out, and its answer ${fault._tag === "Silence" ? "never comes" : "is lost"}; overwrite: false`,
      given,
      faults: [on("putObject", fault)],
      client: file(streamed, { overwrite: false }),
      expect: success({ crc64, parts: 0 }),
      asked: { putObject: 2, headObject: 1 },
      left: { ...stored, files: given.files }
    })
  ),
  {
    where: "service",
    fault: "a file's only request is denied",
    given,
    faults: [on("putObject", denied)],
    client: file(streamed),
    expect: { _tag: "AccessDenied", operation: "putObject" },
    asked: { putObject: 1 },
    left: { files: given.files }
  },
  {
    where: "disk",
    fault: "a file is replaced before its last block is sent in its only request",
    given,
    disk: onRead(2 * MiB, (disk) => disk.put(path, replacement)),
    client: file(streamed),
    expect: { _tag: "SourceChanged" },
    asked: { putObject: 1 },
    left: { files: { [path]: replacement } }
  },
  {
    where: "network",
    fault: "a stream of known size is reset in its only request, and is sent again from what was kept",
    faults: [on("putObject", Fault.resetAfterBytes(MiB))],
    client: stream(data.byteLength),
    expect: success({ crc64, parts: 0 }),
    asked: { putObject: 2 },
    left: stored
  },
  ...[data.byteLength - 1, data.byteLength + 1].map(
    (size): InProcessRow => ({
      where: "input",
      fault: `a stream gives ${data.byteLength} bytes where it says ${size}, over an object that is there`,
      given: { objects: { a: replacement } },
      client: stream(size),
      expect: { _tag: "InvalidInput", field: "size" },
      left: { objects: { a: replacement } }
    })
  ),
  {
    where: "service",
    fault: "a stream of known size is refused while it is still silent",
    faults: [on("putObject", denied)],
    client: Upload.stream({
      key: "a",
      stream: Stream.concat(inPieces(data.subarray(0, MiB), 100_001), Stream.never),
      size: data.byteLength
    }),
    expect: { _tag: "AccessDenied", operation: "putObject" },
    took: 0,
    left: {}
  }
]
