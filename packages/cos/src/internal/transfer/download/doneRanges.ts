/** The ranges of an object that are in the temporary file. */
import type * as Checkpoint from "../../../Checkpoint.js"
import * as Crc64 from "../../../Crc64.js"
import type { Part } from "../parts.js"

export type DoneRange = Checkpoint.Download["parts"][number]

/** How many ranges are remembered one by one; beyond that, neighbours are merged. */
const most = 10_000

const endOf = ({ offset, size }: DoneRange): number => offset + size

const merge = (a: DoneRange, b: DoneRange): DoneRange => ({
  offset: a.offset,
  size: a.size + b.size,
  crc64: Crc64.combine(a.crc64, b.crc64, b.size)
})

/** Every other range joined to the one before it, where they touch. */
const mergePairs = (ranges: ReadonlyArray<DoneRange>): Array<DoneRange> => {
  const merged: Array<DoneRange> = []
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i] as DoneRange
    const next = ranges[i + 1]
    const touches = next !== undefined && endOf(range) === next.offset
    merged.push(touches ? merge(range, next) : range)
    if (touches) i += 1
  }
  return merged
}

export interface DoneRanges {
  readonly has: (part: Part) => boolean
  readonly add: (range: DoneRange) => void
  /** By their offsets. */
  readonly values: () => ReadonlyArray<DoneRange>
  /** CRC64 of all of them, one after another. */
  readonly crc64: () => bigint
}

/** An object may have more ranges than there is memory to remember: neighbours are merged where there are too many. */
export const make = (): DoneRanges => {
  let ranges: Array<DoneRange> = []
  /** The index of the last range that begins at or before the offset, or -1. */
  const indexOf = (offset: number): number => {
    let [low, high] = [0, ranges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle] as DoneRange).offset <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }
  return {
    has: ({ offset }) => {
      const range = ranges[indexOf(offset)]
      return range !== undefined && offset < endOf(range)
    },
    add: (range) => {
      ranges.splice(indexOf(range.offset) + 1, 0, range)
      if (ranges.length > most) ranges = mergePairs(ranges)
    },
    values: () => ranges.slice(),
    crc64: () => ranges.reduce((crc, { crc64, size }) => Crc64.combine(crc, crc64, size), 0n)
  }
}

/** Those of an earlier run that are whole parts of this one, and do not overlap. */
export const usable = (
  saved: ReadonlyArray<DoneRange>,
  { partSize, size: total }: { readonly partSize: number; readonly size: number }
): ReadonlyArray<DoneRange> => {
  let reached = 0
  return saved
    .filter((range) => {
      const end = endOf(range)
      return range.offset % partSize === 0 && end <= total && (end % partSize === 0 || end === total)
    })
    .sort((a, b) => a.offset - b.offset)
    .filter((range) => {
      const isFree = range.offset >= reached
      if (isFree) reached = endOf(range)
      return isFree
    })
}
