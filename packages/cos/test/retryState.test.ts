/** The values that the fibers of one client share: its budget of retries, and what it knows of the service's clock. */
import { describe, expect, it } from "@effect/vitest"
import * as ClockSkew from "../src/internal/http/clockSkew.js"
import * as RetryBudget from "../src/internal/http/retryBudget.js"

describe("RetryBudget", () => {
  it("gives as many retries as it has", () => {
    const budget = RetryBudget.make(2)
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false])
  })

  it("earns a tenth with each success, and never more than its size", () => {
    const budget = RetryBudget.make(1)
    budget.take()
    for (let i = 0; i < 9; i++) budget.earn()
    expect(budget.take()).toBe(false)
    for (let i = 0; i < 50; i++) budget.earn()
    expect([budget.take(), budget.take()]).toEqual([true, false])
  })

  it("of infinite size never ends", () => {
    const budget = RetryBudget.make(Number.POSITIVE_INFINITY)
    for (let i = 0; i < 1000; i++) expect(budget.take()).toBe(true)
  })
})

describe("ClockSkew", () => {
  const now = 1_000_000
  const at = (millis: number) => new Date(now + millis)

  it("learns the difference", () => {
    const skew = ClockSkew.make()
    expect(skew.learn(at(3_600_000), now, 0)).toBe(true)
    expect(skew.offset()).toBe(3_600_000)
  })

  it("does not blame a small difference", () => {
    const skew = ClockSkew.make()
    expect(skew.learn(at(29_999), now, 0)).toBe(false)
    expect(skew.learn(undefined, now, 0)).toBe(false)
    expect(skew.offset()).toBe(0)
  })

  it("takes a request up again that was signed before another one learned it", () => {
    const skew = ClockSkew.make()
    skew.learn(at(60_000), now, 0)
    expect(skew.learn(at(60_000), now, 0)).toBe(true)
    expect(skew.learn(at(60_000), now, 60_000)).toBe(false)
    expect(skew.offset()).toBe(60_000)
  })
})
