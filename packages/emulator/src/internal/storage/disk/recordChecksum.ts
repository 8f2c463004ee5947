/**
 * The bytes of a record on disk: the value, the number of the commit that wrote it, and a checksum over both and the key.
 */
import { Buffer } from "node:buffer"
import { crc32 } from "node:zlib"
import { type Options, Packr } from "msgpackr"

/** Copies the bytes inside a value, because LMDB reuses the buffers that it reads into. */
const packr = new Packr({ copyBuffers: true, useRecords: false } as Options)

/** Bytes behind the value: six of the sequence number, four of the checksum. */
export const trailerLength = 10

export const toKeyBytes = (key: string): Buffer => Buffer.from(key, "latin1")

export const pack = (value: unknown): Buffer => packr.pack(value)

/** The value of a sealed record. Does not verify its checksum. */
export const unpack = (sealed: Buffer): unknown => packr.unpack(sealed, { end: sealed.length - trailerLength })

/**
 * Whether the checksum at the end of a record fits. Uses nothing but its parameters, because `check.ts` also runs its text
 * in a process of its own.
 */
export const hasChecksum = (crc: typeof crc32, least: number, key: Uint8Array, sealed: Buffer): boolean =>
  sealed.length >= least &&
  // LMDB's buffers may be longer than the record in them
  crc(sealed.subarray(0, sealed.length - 4), crc(key)) === sealed.readUInt32BE(sealed.length - 4)

/** Whether no byte of the record, nor of its key, has changed. */
export const isIntact = (key: Uint8Array, sealed: Buffer): boolean => hasChecksum(crc32, trailerLength, key, sealed)

/** Puts the trailer behind the value. */
export const seal = (key: Buffer, value: Uint8Array, sequence: number): Buffer => {
  const sealed = Buffer.allocUnsafe(value.length + trailerLength)
  sealed.set(value)
  sealed.writeUIntBE(sequence, value.length, 6)
  sealed.writeUInt32BE(crc32(sealed.subarray(0, -4), crc32(key)), value.length + 6)
  return sealed
}

/** The number of the commit that wrote it. */
export const sequenceOf = (sealed: Buffer): number => sealed.readUIntBE(sealed.length - trailerLength, 6)

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

/** The sum of all checksums as a summary has it. */
export const reduce = (sum: bigint): number => Number(sum % BigInt(modulus))

export const add = (sum: number, checksum: number): number => (sum + checksum) % modulus
export const subtract = (sum: number, checksum: number): number => (sum - checksum + modulus) % modulus

/** The key of the summary, behind those of all tables. The summary does not count itself. */
export const summaryKey = toKeyBytes("z")

export const packSummary = ({ count, sequence, sum }: Summary): Buffer => {
  const bytes = Buffer.allocUnsafe(18)
  bytes.writeUIntBE(sequence, 0, 6)
  bytes.writeUIntBE(count, 6, 6)
  bytes.writeUIntBE(sum, 12, 6)
  return seal(summaryKey, bytes, sequence)
}

export const unpackSummary = (sealed: Buffer | undefined): Summary | undefined =>
  sealed === undefined || sealed.length !== 18 + trailerLength || !isIntact(summaryKey, sealed)
    ? undefined
    : { sequence: sealed.readUIntBE(0, 6), count: sealed.readUIntBE(6, 6), sum: sealed.readUIntBE(12, 6) }
