/**
 * Reads bodies, from records and from files.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import { attempt, blocksKey, segmentsOf } from "../records/tables.js"
import { type OpenVersion, type Segment, StorageError, type StoredObject, type Version } from "../Storage.js"
import { type BodyState, isFile } from "./bodiesInUse.js"

/** Bodies without a file are kept in blocks of this many bytes. */
export const blockSize = 256 * 1024

/** Bytes `[start, end)`, at least one, of blocks that are all of {@link blockSize} but the last. */
const slice = (blocks: ReadonlyArray<Uint8Array>, start: number, end: number): ReadonlyArray<Uint8Array> => {
  const first = Math.floor(start / blockSize)
  return blocks.slice(first, Math.ceil(end / blockSize)).map((block, i) => {
    const offset = (first + i) * blockSize
    return block.subarray(Math.max(start - offset, 0), Math.min(end - offset, blockSize))
  })
}

/** The pieces of the segments that hold bytes `[start, end)` of the whole. */
const window = (segments: ReadonlyArray<Segment>, start: number, end: number): ReadonlyArray<Segment> => {
  const found: Array<Segment> = []
  let position = 0
  for (const { body, length, offset } of segments) {
    const from = Math.max(start - position, 0)
    const to = Math.min(end - position, length)
    if (from < to) found.push({ body, offset: offset + from, length: to - from })
    position += length
    if (position >= end) break
  }
  return found
}

const missing = (what: string, path: string): StorageError =>
  new StorageError({ reason: "Io", message: `${what}: bytes of an object are missing`, path })

const blocksOf = ({ records, unnamed }: BodyState, body: string): ReadonlyArray<Uint8Array> => {
  const blocks = unnamed.get(body) ?? records.get<ReadonlyArray<Uint8Array>>(blocksKey(body))
  if (blocks === undefined) throw missing("a record is gone", body)
  return blocks
}

const readSegment = (state: BodyState, { body, length, offset }: Segment): Stream.Stream<Uint8Array, StorageError> =>
  isFile(body) && state.files !== undefined
    ? state.files.read(body, offset, length)
    : Stream.unwrap(
        Effect.map(
          attempt(() => Either.right(blocksOf(state, body))),
          (blocks) => Stream.fromIterable(slice(blocks, offset, offset + length))
        )
      )

/** Throws {@link StorageError} if a file is gone, or shorter than what is to be read from it. */
const checkFiles = ({ files }: BodyState, pieces: ReadonlyArray<Segment>): void => {
  for (const { body, length, offset } of files === undefined ? [] : pieces) {
    if (isFile(body) && (files?.look(body).size ?? 0) < offset + length) throw missing("a file is too short", body)
  }
}

/** How many segments are remembered as verified. */
const maxVerified = 10_000

/**
 * The files of a version by their stamps, unless all were verified since they last changed. Whoever writes to a file from
 * outside may leave its size, and even its times, as they were, but not the time of its last change.
 */
const unverified = ({ files, verified }: BodyState, segments: ReadonlyArray<Segment>): ReadonlyMap<string, string> => {
  const stamps = new Map<string, string>()
  for (const { body, length, offset } of files === undefined ? [] : segments) {
    if (isFile(body)) stamps.set(`${body} ${offset} ${length}`, files?.look(body).stamp ?? "")
  }
  return Array.from(stamps).every(([segment, stamp]) => verified.get(segment) === stamp) ? new Map() : stamps
}

/** Compares the bytes of a whole version with its checksum, and fails before the last chunk if they differ. */
const verify = (
  state: BodyState,
  { crc64, segments, size }: StoredObject,
  bytes: Stream.Stream<Uint8Array, StorageError>
): Stream.Stream<Uint8Array, StorageError> =>
  Stream.unwrap(
    Effect.map(
      attempt(() => Either.right(crc64 === undefined ? new Map<string, string>() : unverified(state, segments))),
      (stamps) => {
        if (stamps.size === 0) return bytes
        const computed = Crc64.make()
        let left = size
        return Stream.mapEffect(bytes, (chunk) => {
          computed.update(chunk)
          left -= chunk.length
          if (left > 0) return Effect.succeed(chunk)
          if (computed.value !== crc64) return damaged(segments)
          for (const [segment, stamp] of stamps) state.verified.set(segment, stamp)
          for (const [oldest] of state.verified) {
            if (state.verified.size <= maxVerified) break
            state.verified.delete(oldest)
          }
          return Effect.succeed(chunk)
        })
      }
    )
  )

const damaged = (segments: ReadonlyArray<Segment>): Effect.Effect<never, StorageError> => {
  const path = segments.map(({ body }) => body).join(", ")
  return Effect.zipRight(
    Effect.logWarning(`The bytes in ${path} have changed since they were stored: an object cannot be read any more.`),
    new StorageError({ reason: "Io", message: "the bytes of an object have changed", path })
  )
}

/** Opens a version for reading. Its bodies must be held meanwhile. */
export const open = (state: BodyState, version: Version, latest: boolean): OpenVersion => {
  const segments = segmentsOf(version)
  const [only] = segments.length === 1 ? segments : []
  // the usual small object: its bytes are read at once, with the record
  const blocks = only === undefined || isFile(only.body) ? undefined : blocksOf(state, only.body)
  const sliceOf = ({ length, offset }: Segment) => slice(blocks ?? [], offset, offset + length)
  const whole = segments.length === 0 ? [new Uint8Array(0)] : blocks !== undefined && only ? sliceOf(only) : []
  const readPieces = (pieces: ReadonlyArray<Segment>): Stream.Stream<Uint8Array, StorageError> => {
    const [first] = pieces
    if (first === undefined) return Stream.empty
    if (blocks !== undefined) return Stream.fromIterable(sliceOf(first))
    return pieces.length === 1
      ? readSegment(state, first)
      : Stream.flatMap(Stream.fromIterable(pieces), (piece) => readSegment(state, piece))
  }
  return {
    version,
    latest,
    bytes: whole.length === 1 ? Option.fromNullable(whole[0]) : Option.none(),
    check: (start = 0, end = Infinity) => attempt(() => Either.right(checkFiles(state, window(segments, start, end)))),
    read: (start = 0, end = Infinity) => {
      const bytes = readPieces(window(segments, start, end))
      const isVerifiable = blocks === undefined && !version.deleteMarker && start <= 0 && end >= version.size
      return isVerifiable ? verify(state, version, bytes) : bytes
    }
  }
}
