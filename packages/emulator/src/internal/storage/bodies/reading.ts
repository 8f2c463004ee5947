/**
 * Reads bodies, from records and from files.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { attempt, blocksKey, segmentsOf } from "../records/tables.js"
import type { OpenVersion, Segment, StorageError, Version } from "../Storage.js"
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

const blocksOf = ({ records, unnamed }: BodyState, body: string): ReadonlyArray<Uint8Array> =>
  unnamed.get(body) ?? records.get(blocksKey(body)) ?? []

const readSegment = (state: BodyState, { body, length, offset }: Segment): Stream.Stream<Uint8Array, StorageError> =>
  isFile(body) && state.files !== undefined
    ? state.files.read(body, offset, length)
    : Stream.unwrap(
        Effect.map(
          attempt(() => Either.right(blocksOf(state, body))),
          (blocks) => Stream.fromIterable(slice(blocks, offset, offset + length))
        )
      )

/** Opens a version for reading. Its bodies must be held meanwhile. */
export const open = (state: BodyState, version: Version, latest: boolean): OpenVersion => {
  const segments = segmentsOf(version)
  const [only] = segments.length === 1 ? segments : []
  // the usual small object: its bytes are read at once, with the record
  const blocks = only === undefined || isFile(only.body) ? undefined : blocksOf(state, only.body)
  const sliceOf = ({ length, offset }: Segment) => slice(blocks ?? [], offset, offset + length)
  const whole = segments.length === 0 ? [new Uint8Array(0)] : blocks !== undefined && only ? sliceOf(only) : []
  return {
    version,
    latest,
    bytes: whole.length === 1 ? Option.fromNullable(whole[0]) : Option.none(),
    read: (start = 0, end = Infinity) => {
      const pieces = window(segments, start, end)
      const [first] = pieces
      if (first === undefined) return Stream.empty
      if (blocks !== undefined) return Stream.fromIterable(sliceOf(first))
      return pieces.length === 1
        ? readSegment(state, first)
        : Stream.flatMap(Stream.fromIterable(pieces), (piece) => readSegment(state, piece))
    }
  }
}
