/** `performance.md` and its charts are what the kept results give, and every goal is judged. */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { benches } from "../../scripts/bench/benches.js"
import { type Goal, goals, judge, slowerThanOfficial } from "../../scripts/bench/goals.js"
import { folder, readResults, reportOf } from "../../scripts/bench/report/files.js"
import type { Result, Results, Rounds } from "../../scripts/bench/results.js"
import { root } from "../../scripts/tool.js"

const measured = (rounds: Rounds): Result => ({ date: "2026-11-29", count: 1, load: 0, machine: {}, rounds })

const goal = (more: Partial<Goal>): Goal => ({
  what: "a goal",
  bench: "put",
  figure: "cpu",
  floor: 2.5,
  ambitious: 1.8,
  ...more
})

describe("performance.md", () => {
  it("and its charts are what `pnpm bench --page` writes", () => {
    const report = reportOf(readResults())
    for (const [path, text] of Object.entries(report)) expect(readFileSync(path, "utf8"), path).toBe(text)
    const charts = readdirSync(folder).filter((name) => name.endsWith(".svg"))
    expect(charts.map((name) => `${folder}/${name}`).filter((path) => !(path in report))).toEqual([])
  })

  it("has charts that follow the colour scheme", () => {
    const charts = Object.entries(reportOf(readResults())).filter(([path]) => path.endsWith(".svg"))
    expect(charts.length).toBeGreaterThan(0)
    for (const [path, svg] of charts) {
      const colors = new Set(Array.from(svg.matchAll(/(?:fill|stroke)="(#\w+)"/g), ([, color]) => color))
      expect(colors.size, path).toBeGreaterThan(1)
      for (const color of colors) expect(svg, path).toMatch(new RegExp(`prefers-color-scheme: dark[^<]*"${color}"\\]`))
    }
  })

  it("lends one to the README", () => {
    const [, path] =
      /!\[[^\]]+\]\((packages\/cos\/docs\/performance\/[\w-]+\.svg)\)/.exec(
        readFileSync(`${root}/README.md`, "utf8")
      ) ?? []
    expect(`${root}/${path}` in reportOf(readResults())).toBe(true)
  })
})

describe("goals", () => {
  it("name benches, cases and variants that exist", () => {
    const unknown = goals.flatMap(({ above, bench, in: selected = () => true, of = "effect-cos", over, what }) => {
      const cases = Object.entries(benches[bench]?.cases ?? {}).filter(([name]) => selected(name))
      const named = [of, above, typeof over === "string" ? over : undefined].filter((name) => name !== undefined)
      const has = cases.some(([, { variants }]) => named.every((name) => name in variants))
      return has ? [] : [what]
    })
    expect(unknown).toEqual([])
  })

  const rounds = {
    "raw undici": [{ cpu: 10 }, { cpu: 20 }, { cpu: 10 }],
    "effect-cos": [{ cpu: 20 }, { cpu: 36 }, { cpu: 100 }],
    official: [{ cpu: 10 }, { cpu: 90 }, { cpu: 40 }]
  }
  const results: Results = { put: { PUT: measured(rounds) } }

  it("are ratios within a round, of which the median counts", () => {
    expect(judge(goal({ over: "raw undici" }), results)).toMatchObject({ value: 2, floor: "held", ambitious: "missed" })
  })

  it("are held where they are just met", () => {
    const met = goal({ over: "raw undici", floor: 2, ambitious: 2 })
    expect(judge(met, results)).toMatchObject({ floor: "held", ambitious: "held" })
    expect(judge({ ...met, atLeast: true, ambitious: 2.01 }, results)).toMatchObject({
      floor: "held",
      ambitious: "missed"
    })
  })

  it("may be a figure, or what comes upon another one's", () => {
    expect(judge(goal({}), results)?.value).toBe(36)
    expect(judge(goal({ above: "raw undici" }), results)?.value).toBe(16)
  })

  it("are divided by the best of several", () => {
    const best = goal({ over: (variant: string) => variant !== "effect-cos" })
    expect(judge(best, results)?.value).toBe(2)
  })

  it("are judged by the worst case", () => {
    const worse = measured({ ...rounds, "effect-cos": [{ cpu: 30 }, { cpu: 60 }, { cpu: 30 }] })
    const both = { concurrency: { "0 ms": measured(rounds), "5 ms": worse } }
    const found = judge(goal({ bench: "concurrency", over: "raw undici" }), both)
    expect(found).toMatchObject({ value: 3, worst: "5 ms", floor: "missed", partial: { measured: 2, of: 4 } })
    const least = judge(goal({ bench: "concurrency", over: "raw undici", atLeast: true }), both)
    expect(least).toMatchObject({ value: 2, worst: "0 ms" })
  })

  it("are not judged where nothing was measured", () => {
    expect(judge(goal({ bench: "head" }), results)).toBeUndefined()
    expect(judge(goal({ over: "curl" }), results)).toBeUndefined()
    expect(judge(goal({ in: () => false }), results)).toBeUndefined()
  })

  it("tell where the official SDK takes less", () => {
    expect(slowerThanOfficial(results)).toEqual([
      { bench: "put", name: "PUT", figure: "cpu", ratio: 2, afterStart: undefined }
    ])
  })

  it("tell whether the start of the process is why", () => {
    const name = "5,000 files, 4 at once, 0 ms"
    const rounds = {
      "effect-cos": [{ cpu: 30, cpuAfterStart: 18, wall: 10, wallAfterStart: 9 }],
      official: [{ cpu: 24, cpuAfterStart: 20, wall: 11, wallAfterStart: 8 }]
    }
    expect(slowerThanOfficial({ "files-up": { [name]: measured(rounds) } })).toEqual([
      { bench: "files-up", name, figure: "cpu", ratio: 1.25, afterStart: 0.9 }
    ])
  })
})
