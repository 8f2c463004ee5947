/**
 * What a small file beside the records says about them: the number of the last commit, and, after an orderly end, the checksum
 * of their file. It tells a file that is missing, emptied or older than it should be from a new one.
 */
import { Buffer } from "node:buffer"
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs"
import { crc32 } from "node:zlib"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StorageError } from "../Storage.js"
import { toStorageError } from "../storageErrors.js"

export interface CommitRecord {
  /** The number of the last commit, or of the one before it if the process ended between the two writes. */
  readonly sequence: number
  /** The file of the records as it was closed; absent while it is open. */
  readonly closed?: { readonly size: number; readonly checksum: number } | undefined
}

const magic = "effect-cos commits 1\n"
const length = 64
const checksumAt = length - 4

const pack = ({ closed, sequence }: CommitRecord): Buffer => {
  const bytes = Buffer.alloc(length)
  bytes.write(magic, "latin1")
  bytes.writeUIntBE(sequence, 24, 6)
  bytes.writeUInt8(closed === undefined ? 0 : 1, 30)
  bytes.writeUIntBE(closed?.size ?? 0, 32, 6)
  bytes.writeUInt32BE(closed?.checksum ?? 0, 40)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, checksumAt)), checksumAt)
  return bytes
}

const unpack = (bytes: Buffer): CommitRecord | undefined => {
  if (bytes.toString("latin1", 0, magic.length) !== magic) return undefined
  if (bytes.readUInt32BE(checksumAt) !== crc32(bytes.subarray(0, checksumAt))) return undefined
  return {
    sequence: bytes.readUIntBE(24, 6),
    ...(bytes.readUInt8(30) === 1
      ? { closed: { size: bytes.readUIntBE(32, 6), checksum: bytes.readUInt32BE(40) } }
      : {})
  }
}

export interface CommitRecordFile {
  /** The record that was there when the file was opened; `undefined` if it was missing or damaged. */
  readonly found: CommitRecord | undefined
  /** Overwrites a few bytes in place: needs no disk space, and cannot be cut by the end of the process. */
  readonly write: (record: CommitRecord) => void
}

export const open = (path: string): Effect.Effect<CommitRecordFile, StorageError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644),
        catch: (error) => toStorageError(error, path)
      }),
      (descriptor) => Effect.sync(() => closeSync(descriptor))
    ),
    (descriptor) => {
      const bytes = Buffer.alloc(length)
      const found = readSync(descriptor, bytes, 0, length, 0) === length ? unpack(bytes) : undefined
      return { found, write: (record) => void writeSync(descriptor, pack(record), 0, length, 0) }
    }
  )
