import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type Bounds, ConcurrencyController } from "../src/internal/transfer/concurrencyController.js"
import { bestFixed, type Link, type Run, simulate } from "./support/simulatedLink.js"

const bounds: Bounds = { least: 1, start: 16, most: 256 }
const count = 5000

/** Milliseconds of a request of the client's processor. */
const cpu = 0.4
const noise = 0.3

const ratio = (link: Link, run: Run): number => run.millis / bestFixed(link, count).millis

/** The limits that were in force after a share of the time. */
const after = (share: number, { limits, millis }: Run): ReadonlyArray<number> => {
  const since = limits.findLastIndex(({ at }) => at <= millis * share)
  return limits.slice(since).map(({ limit }) => limit)
}

describe("the concurrency that is found", () => {
  for (const latency of [0, 5, 20, 80]) {
    it(`is nearly as fast as the best fixed number at ${latency} ms of latency`, () => {
      for (const seed of [1, 2, 3]) {
        const link = { latency, cpu, noise }
        expect(ratio(link, simulate(link, count, bounds, seed))).toBeLessThan(1.2)
      }
    })
  }

  /** A process compiles what it runs often: its first files cost ten times as much as the later ones. */
  const cold = (index: number) => 0.2 + 1.8 * Math.max(0, 1 - index / 2000)

  for (const latency of [0, 5, 20, 80]) {
    it(`in a process that is still cold comes near the best fixed number at ${latency} ms of latency`, () => {
      for (const seed of [1, 2, 3]) {
        const link = { latency, cpu: cold, noise }
        expect(ratio(link, simulate(link, count, bounds, seed))).toBeLessThan(1.1)
      }
    })
  }

  it("is not misled by pauses of the garbage collector", () => {
    const link = { latency: 20, cpu: cold, noise, pauses: { every: 60, length: 12 } }
    const total = (atOnce: number | Bounds) =>
      [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, seed) => sum + simulate(link, count, atOnce, seed).millis, 0)
    expect(total(bounds) / total(128)).toBeLessThan(1.1)
  })

  it("does not grow where the processor is the limit", () => {
    const run = simulate({ latency: 0, cpu, noise }, count, bounds)
    expect(Math.max(...after(0.1, run))).toBeLessThanOrEqual(24)
  })

  it("does not grow where the bandwidth is the limit", () => {
    const run = simulate({ latency: 20, cpu, noise, bandwidth: 1000, size: () => 50_000 }, count, bounds)
    expect(Math.max(...after(0.1, run))).toBeLessThanOrEqual(24)
  })

  it("stays below what the server throttles", () => {
    for (const throttledAbove of [2, 5, 30, 100]) {
      const link: Link = { latency: 20, cpu, noise, throttledAbove }
      const run = simulate(link, count, bounds)
      expect(ratio(link, run)).toBeLessThan(1.25)
      expect(run.refused).toBeLessThan(300)
      const later = after(0.5, run)
      expect(Math.max(...later)).toBeLessThanOrEqual(throttledAbove * 1.25 + 3)
      expect(Math.min(...later)).toBeGreaterThanOrEqual(Math.floor(throttledAbove * 0.5))
    }
  })

  it("falls when the server throttles from some time on, and goes up again when it no longer does", () => {
    const link: Link = { latency: 20, cpu, noise, throttledAbove: (now) => (now > 1000 && now < 3000 ? 5 : 1000) }
    const run = simulate(link, 10_000, bounds)
    const between = run.limits.filter(({ at }) => at > 2000 && at < 3000)
    expect(Math.max(...between.map(({ limit }) => limit))).toBeLessThanOrEqual(12)
    expect(Math.max(...run.limits.filter(({ at }) => at > 3000).map(({ limit }) => limit))).toBeGreaterThan(8)
  })

  it("goes on after requests had no response", () => {
    const link: Link = { latency: 20, cpu, noise, outage: { from: 800, to: 900, timeout: 500 } }
    const run = simulate(link, count, bounds)
    expect(Math.min(...run.limits.map(({ limit }) => limit))).toBeLessThan(48)
    expect(ratio(link, run)).toBeLessThan(1.25)
  })

  it("follows a latency that rises, and one that falls", () => {
    for (const [before, later] of [
      [20, 80],
      [80, 5]
    ] as const) {
      const link: Link = { latency: (now) => (now < 1000 ? before : later), cpu, noise }
      expect(ratio(link, simulate(link, count, bounds))).toBeLessThan(1.4)
    }
  })

  it("falls where requests take longer though no more is done", () => {
    const link: Link = { latency: 5, cpu, noise, bandwidth: 100_000, size: (i) => (i < 3000 ? 4096 : 400_000) }
    const run = simulate(link, count, bounds)
    expect(Math.min(...after(0.6, run))).toBeLessThanOrEqual(16)
    expect(ratio(link, run)).toBeLessThan(1.1)
  })

  it("is not misled by files of other sizes", () => {
    const sizes = { latency: 20, cpu, noise, bandwidth: 1e5, bandwidthOfOne: 1e4 }
    for (const size of [
      (i: number) => (i < 300 ? 4_000_000 : 4096),
      (i: number) => (i > 4700 ? 4_000_000 : 4096),
      (i: number) => (i % 10 === 0 ? 400_000 : 4096)
    ]) {
      const link = { ...sizes, size }
      expect(ratio(link, simulate(link, count, bounds))).toBeLessThan(1.2)
    }
  })

  it("on any link, keeps its bounds, and comes near the best fixed number", () => {
    const links = FastCheck.record({
      latency: FastCheck.double({ min: 0, max: 150, noNaN: true }),
      cpu: FastCheck.double({ min: 0.3, max: 1.5, noNaN: true }),
      noise: FastCheck.double({ min: 0, max: 0.5, noNaN: true }),
      bandwidth: FastCheck.option(FastCheck.integer({ min: 500, max: 50_000 }), { nil: Number.POSITIVE_INFINITY }),
      throttledAbove: FastCheck.option(FastCheck.integer({ min: 2, max: 300 }), { nil: Number.POSITIVE_INFINITY })
    })
    FastCheck.assert(
      FastCheck.property(links, FastCheck.integer({ min: 1, max: 1000 }), (link, seed) => {
        const run = simulate(link, count, bounds, seed)
        for (const { limit } of run.limits) {
          expect(Number.isInteger(limit) && limit >= bounds.least && limit <= bounds.most).toBe(true)
        }
        expect(ratio(link, run)).toBeLessThan(1.3)
      }),
      { numRuns: 8, seed: 1 }
    )
  })

  it("believes anything that happens in any order", () => {
    const happenings = FastCheck.array(
      FastCheck.tuple(
        FastCheck.constantFrom(
          "begin" as const,
          "end" as const,
          "Throttled" as const,
          "Timeout" as const,
          "Descriptors" as const
        ),
        FastCheck.nat(1000),
        FastCheck.nat(1e9),
        FastCheck.boolean()
      ),
      { maxLength: 2000 }
    )
    FastCheck.assert(
      FastCheck.property(happenings, (happened) => {
        const controller = new ConcurrencyController(bounds)
        let now = 0
        const begin = () => ({ begun: controller.begin(now), falls: controller.falls })
        const all = [begin()]
        for (const [what, wait, bytes, isLimited] of happened) {
          now += wait
          const one = all[bytes % all.length] as (typeof all)[0]
          if (what === "begin") all.push(begin())
          else if (what === "end") controller.end(one.begun, now, bytes, () => isLimited)
          else controller.congested(one.falls, now, what)
          expect(controller.limit).toBeGreaterThanOrEqual(bounds.least)
          expect(controller.limit).toBeLessThanOrEqual(controller.most)
          expect(controller.most).toBeLessThanOrEqual(bounds.most)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("never exceeds what descriptors allowed", () => {
    const controller = new ConcurrencyController(bounds)
    controller.congested(controller.falls, 0, "Descriptors")
    expect([controller.limit, controller.most]).toEqual([12, 12])
  })

  it("is answered once for all requests that were under way", () => {
    const controller = new ConcurrencyController(bounds)
    const { falls } = controller
    for (let i = 0; i < 16; i++) controller.congested(falls, 10, "Throttled")
    expect(controller.limit).toBe(12)
    controller.congested(controller.falls, 30, "Throttled")
    expect(controller.limit).toBe(9)
  })

  it("does not grow on its own", () => {
    const controller = new ConcurrencyController(bounds)
    for (let now = 0; now < 10_000; now += 10) controller.end(controller.begin(now), now + 10, 100, () => false)
    expect(controller.limit).toBe(16)
  })

  it("does not add to requests that are slow already", () => {
    const run = simulate({ latency: 20, cpu, bandwidth: 50, size: () => 50_000 }, 200, bounds)
    expect(Math.max(...run.limits.map(({ limit }) => limit))).toBeLessThanOrEqual(20)
  })
})
