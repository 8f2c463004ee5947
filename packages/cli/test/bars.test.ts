import { describe, expect, it } from "@effect/vitest"
import { lines, render, type Tracked } from "../src/terminal/bars.js"
import * as Format from "../src/terminal/format.js"

const bar: Tracked = {
  label: "photos/a.jpg",
  unit: "bytes",
  done: 5 * 1024 ** 2,
  total: 10 * 1024 ** 2,
  samples: [
    [0, 0],
    [1000, 5 * 1024 ** 2]
  ]
}

describe("bars", () => {
  it("say how far, how fast and how long, in one row of any terminal", () => {
    const wide = render(bar, 100, 1000, false)
    expect(wide).toContain("50%")
    expect(wide).toContain("5.0 MiB / 10.0 MiB")
    expect(wide).toContain("5.0 MiB/s")
    expect(wide).toMatch(/0:01$/)
    for (const columns of [5, 20, 39, 40, 60, 80, 132, 400]) {
      for (const label of ["a", "照片/".repeat(40), "x".repeat(300), "e\u0301".repeat(50)]) {
        for (const total of [undefined, 0, bar.total]) {
          const row = render({ ...bar, label, total }, columns, 1000, true)
          expect(Format.width(row)).toBeLessThan(columns)
        }
      }
    }
  })

  it("show the total last, and no more lines than the terminal has", () => {
    const many = new Map([
      ["total", { ...bar, label: "all" }],
      ...Array.from({ length: 20 }, (_, index) => [`${index}`, { ...bar, label: `file ${index}` }] as const)
    ])
    const shown = (rows: number) => lines(many, { columns: 80, rows, now: 1000, colors: false })
    expect(shown(24)).toHaveLength(8)
    expect(shown(24).at(-1)).toMatch(/^all /)
    expect(shown(24).at(-2)).toBe("and 14 more")
    expect(shown(3)).toEqual([expect.stringMatching(/^all /)])
  })

  it("keys that are too long keep their beginning and their end", () => {
    expect(Format.fit("photos/2026/11/29/cat.jpg", 15)).toBe("photos/…cat.jpg")
    expect(Format.fit("照片照片照片照片", 9)).toBe("照片…照片")
    expect(Format.width(Format.fit("照片照片照片照片", 8))).toBe(8)
  })
})
