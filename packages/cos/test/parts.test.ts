import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import {
  maxPartSize,
  maxParts,
  minPartSize,
  type Part,
  partSizeFor,
  parts,
  plan
} from "../src/internal/transfer/parts.js"

const MiB = 1024 * 1024
const largest = maxParts * maxPartSize

describe("the size of a part", () => {
  const borders: ReadonlyArray<[size: number, asked: number, partSize: number]> = [
    [1, MiB, MiB],
    [10_000 * MiB, MiB, MiB],
    [10_000 * MiB + 1, MiB, 2 * MiB],
    [20_000 * MiB, MiB, 2 * MiB],
    [20_000 * MiB + 1, MiB, 4 * MiB],
    [80_000 * MiB, 8 * MiB, 8 * MiB],
    [80_000 * MiB + 1, 8 * MiB, 16 * MiB],
    // A size that was asked for stays as long as it will do; above it the steps are the round ones.
    [50_000 * MiB, 5 * MiB, 5 * MiB],
    [50_000 * MiB + 1, 5 * MiB, 8 * MiB],
    [640_000 * MiB, 8 * MiB, 64 * MiB],
    [640_000 * MiB + 1, 8 * MiB, 128 * MiB],
    [40_960_000 * MiB + 1, MiB, 5120 * MiB],
    [largest, MiB, 5120 * MiB]
  ]
  for (const [size, asked, partSize] of borders) {
    it(`of ${size} bytes, asked for ${asked / MiB} MiB, is ${partSize / MiB} MiB`, () => {
      expect(Either.getOrThrow(partSizeFor(size, asked))).toBe(partSize)
    })
  }

  it("10,000 parts exactly; one byte more has no plan", () => {
    expect(plan(10_000 * MiB, MiB).count).toBe(maxParts)
    expect(Either.getOrThrow(Either.flip(partSizeFor(largest + 1, MiB)))).toMatchObject({
      _tag: "TooManyParts",
      size: largest + 1,
      limit: maxParts
    })
  })
})

describe("the parts", () => {
  it("cover the object without gap or overlap, in order, none but the last smaller, for any size", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.oneof(FastCheck.integer({ min: 1, max: 64 * MiB }), FastCheck.maxSafeInteger().map(Math.abs)),
        FastCheck.integer({ min: minPartSize, max: 64 * MiB }),
        (any, asked) => {
          const size = 1 + (any % largest)
          const partSize = Either.getOrThrow(partSizeFor(size, asked))
          expect(partSize).toBeGreaterThanOrEqual(asked)
          expect(partSize).toBeLessThanOrEqual(maxPartSize)
          const planned = Array.from(parts(plan(size, partSize)))
          expect(planned.length).toBe(plan(size, partSize).count)
          expect(planned.length).toBeLessThanOrEqual(maxParts)
          let offset = 0
          planned.forEach((part: Part, i) => {
            if (part.partNumber !== i + 1 || part.offset !== offset) throw new Error(`part ${i + 1}`)
            if (i < planned.length - 1 ? part.size !== partSize : part.size < 1 || part.size > partSize) {
              throw new Error(`size of part ${i + 1}`)
            }
            offset += part.size
          })
          expect(offset).toBe(size)
        }
      ),
      { seed: 20_260_101, numRuns: 200 }
    )
  })
})
