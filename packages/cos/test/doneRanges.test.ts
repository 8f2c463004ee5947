import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Crc64 from "../src/Crc64.js"
import * as doneRanges from "../src/internal/transfer/download/doneRanges.js"
import { parts, plan } from "../src/internal/transfer/parts.js"

const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31) & 0xff)

describe("the ranges that are done", () => {
  it("are those that were added, in any order, and sum up to the whole", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: 1, max: 100 }),
        FastCheck.integer({ min: 1, max: 20 }),
        FastCheck.infiniteStream(FastCheck.nat()),
        (size, partSize, order) => {
          const bytes = bytesOf(size)
          const planned = Array.from(parts(plan(size, partSize)))
          const shuffled = planned
            .map((part) => ({ part, at: order.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ part }) => part)
          const done = doneRanges.make()
          for (const [i, { offset, size }] of shuffled.entries()) {
            done.add({ offset, size, crc64: Crc64.of(bytes.subarray(offset, offset + size)) })
            for (const [j, part] of shuffled.entries()) {
              if (done.has(part) !== j <= i) throw new Error(`part ${part.partNumber} after ${i + 1} parts`)
            }
          }
          expect(done.values().map(({ offset }) => offset)).toEqual(planned.map(({ offset }) => offset))
          expect(done.crc64()).toBe(Crc64.of(bytes))
        }
      ),
      { seed: 20_260_101, numRuns: 100 }
    )
  })

  it("are merged where there are too many, and none is lost", () => {
    const count = 50_000
    const planned = plan(count * 3 - 1, 3)
    const bytes = bytesOf(planned.size)
    const done = doneRanges.make()
    // Side by side: every fourth is late.
    const late: Array<doneRanges.DoneRange> = []
    for (const { offset, partNumber, size } of parts(planned)) {
      const range = { offset, size, crc64: Crc64.of(bytes.subarray(offset, offset + size)) }
      if (partNumber % 4 === 0) late.push(range)
      else done.add(range)
      if (late.length > 3) done.add(late.shift() as doneRanges.DoneRange)
    }
    for (const range of late) done.add(range)
    expect(done.values().length).toBeLessThanOrEqual(10_000)
    for (const part of parts(planned)) if (!done.has(part)) throw new Error(`part ${part.partNumber} is lost`)
    expect(done.crc64()).toBe(Crc64.of(bytes))
    expect(doneRanges.usable(done.values(), planned)).toEqual(done.values())
  })

  it("of an earlier run are used only where they are whole parts, and do not overlap", () => {
    const range = (offset: number, size: number) => ({ offset, size, crc64: 1n })
    const saved = [range(10, 10), range(0, 20), range(20, 5), range(25, 10), range(30, 7), range(40, 10), range(5, 5)]
    expect(doneRanges.usable(saved, plan(37, 10)).map(({ offset, size }) => [offset, size])).toEqual([
      [0, 20],
      [30, 7]
    ])
  })
})

describe("the parts of an object of any size", () => {
  it("are computed one by one", () => {
    for (const size of [Number.MAX_SAFE_INTEGER, 48 * 1024 ** 4]) {
      const { count, partSize } = plan(size, 64 * 1024)
      expect(count).toBe(Math.ceil(size / partSize))
      const [first, second] = parts(plan(size, 64 * 1024))
      expect([first, second]).toEqual([
        { partNumber: 1, offset: 0, size: partSize },
        { partNumber: 2, offset: partSize, size: partSize }
      ])
    }
  })
})
