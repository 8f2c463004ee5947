/** Files that change, or cannot be read, while they are sent. */
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as CosError from "effect-cos/CosError"
import { MiB } from "../../support/content.js"
import { type Call, type MemoryDisk, systemError } from "../../support/disk.js"
import * as World from "../../support/world.js"
import { type InProcessRow } from "../row.js"
import { abort, aborted, data, file, given, path, replacement } from "./upload.js"

/** Acts once, on the first read from an offset on. */
export const onRead = (offset: number, change: (disk: MemoryDisk) => void) => {
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
): ReadonlyArray<InProcessRow> =>
  [0, 16 * MiB].map((threshold) => ({
    where: "disk",
    fault: `a file is ${fault} while it is ${threshold === 0 ? "sent in parts" : "read"}`,
    given,
    disk: onRead(threshold === 0 ? MiB : 0, change),
    client: file({ threshold }),
    expect: { _tag: "SourceChanged", source: path, field },
    also: Effect.map(World.asked, (asked) => expect(asked[abort]).toBe(threshold === 0 ? 1 : undefined)),
    left: { files: { [path]: bytes } }
  }))

const flipped = data.map((byte) => byte ^ 1)

export const sources: ReadonlyArray<InProcessRow> = [
  ...changed("truncated", "size", data.subarray(0, MiB), (disk) =>
    disk.change(path, (bytes) => bytes.subarray(0, MiB))
  ),
  ...changed("grown", "size", Buffer.concat([data, data]), (disk) =>
    disk.change(path, (bytes) => Buffer.concat([bytes, bytes]))
  ),
  ...changed("written to", "mtime", flipped, (disk) => disk.change(path, () => flipped)),
  ...changed("replaced by one of the same size and time", "identity", replacement, (disk) =>
    disk.put(path, replacement, { sameTime: true })
  ),
  {
    where: "disk",
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
    (method): InProcessRow => ({
      where: "disk",
      fault: `EACCES at ${method}`,
      given,
      disk: (call) => (call.method === method ? systemError(method, path, "PermissionDenied", "EACCES") : undefined),
      client: file(),
      expect: { _tag: "SystemError", reason: "PermissionDenied", pathOrDescriptor: path },
      asked: {},
      left: {}
    })
  )
]
