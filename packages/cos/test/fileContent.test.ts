import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fill } from "../src/internal/file/fileContent.js"

/** Reads as Node does, which refuses to read 2 GiB at once; it writes nothing, so that no memory is touched. */
const sparse = (size: number) => {
  const reads: Array<number> = []
  let position = 0
  const file = {
    read: (buffer: Uint8Array) =>
      Effect.sync(() => {
        if (buffer.byteLength > 2 ** 31 - 1) throw new RangeError('The value of "length" is out of range')
        const count = Math.min(buffer.byteLength, size - position)
        reads.push(count)
        position += count
        return FileSystem.Size(count)
      })
  } as unknown as FileSystem.File
  return { file, reads }
}

describe("a part of 2 GiB", () => {
  it.effect("is read in slices", () =>
    Effect.gen(function* () {
      const { file, reads } = sparse(2 ** 31)
      expect(yield* fill(file, new Uint8Array(2 ** 31 + 1))).toBe(2 ** 31)
      expect(reads).toEqual([2 ** 30, 2 ** 30, 0])
    })
  )

  it.effect("of a file that goes on is seen to do so", () =>
    Effect.gen(function* () {
      const { file } = sparse(2 ** 31 + 100)
      expect(yield* fill(file, new Uint8Array(2 ** 31 + 1))).toBe(2 ** 31 + 1)
    })
  )
})
