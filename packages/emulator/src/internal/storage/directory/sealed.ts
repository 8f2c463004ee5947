/**
 * The bytes of a record on disk: the value, the number of the commit that wrote it, and a checksum over both and the key.
 */
import { Buffer } from "node:buffer"
import { crc32 } from "node:zlib"
import { Packr } from "msgpackr"

const packr = new Packr()

/** Bytes behind the value: six of the sequence number, four of the checksum. */
export const trailerLength = 10

export const toKeyBytes = (key: string): Buffer => Buffer.from(key, "latin1")

export const pack = (value: unknown): Buffer => packr.pack(value)

export const unpack = (bytes: Uint8Array): unknown => packr.unpack(bytes)

/** Puts the trailer behind the value. */
export const seal = (key: Buffer, value: Uint8Array, sequence: number): Buffer => {
  const sealed = Buffer.allocUnsafe(value.length + trailerLength)
  sealed.set(value)
  sealed.writeUIntBE(sequence, value.length, 6)
  sealed.writeUInt32BE(crc32(sealed.subarray(0, -4), crc32(key)), value.length + 6)
  return sealed
}

/** The value and its sequence number; `undefined` when a byte of it, or of its key, has changed. */
export const open = (
  key: Uint8Array,
  sealed: Buffer
): { readonly value: Buffer; readonly sequence: number } | undefined => {
  if (sealed.length < trailerLength) return undefined
  const end = sealed.length - trailerLength
  const intact = crc32(sealed.subarray(0, -4), crc32(key)) === sealed.readUInt32BE(end + 6)
  return intact ? { value: sealed.subarray(0, end), sequence: sealed.readUIntBE(end, 6) } : undefined
}

/** The checksum in the trailer. */
export const checksumOf = (sealed: Buffer): number => sealed.readUInt32BE(sealed.length - 4)

// -------------------------------------------------------------------------------------
// the summary of all records
// -------------------------------------------------------------------------------------

/** How many records there are after a commit, and the sum of their checksums. */
export interface Summary {
  readonly sequence: number
  readonly count: number
  readonly sum: number
}

export const emptySummary: Summary = { sequence: 0, count: 0, sum: 0 }

/** Sums stay exact numbers below this. */
const modulus = 2 ** 48

export const add = (sum: number, checksum: number): number => (sum + checksum) % modulus
export const subtract = (sum: number, checksum: number): number => (sum - checksum + modulus) % modulus

/** The key of the summary, behind those of all tables. It is not part of itself. */
export const summaryKey = toKeyBytes("z")

export const packSummary = ({ count, sequence, sum }: Summary): Buffer => {
  const bytes = Buffer.allocUnsafe(18)
  bytes.writeUIntBE(sequence, 0, 6)
  bytes.writeUIntBE(count, 6, 6)
  bytes.writeUIntBE(sum, 12, 6)
  return seal(summaryKey, bytes, sequence)
}

export const unpackSummary = (sealed: Buffer | undefined): Summary | undefined => {
  const opened = sealed === undefined ? undefined : open(summaryKey, sealed)
  if (opened === undefined || opened.value.length !== 18) return undefined
  const { value } = opened
  return { sequence: value.readUIntBE(0, 6), count: value.readUIntBE(6, 6), sum: value.readUIntBE(12, 6) }
}
