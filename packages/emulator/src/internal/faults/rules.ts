/**
 * The faults that are set, and which of them act on a request.
 */
import * as Effect from "effect/Effect"
import type { Fault, FaultSpec, Matcher } from "../../Fault.js"
import type { PendingEntry } from "../journal/journal.js"

/** A fault that was set. */
export interface Rule {
  readonly id: number
  readonly fault: Fault
  readonly on: Matcher
  /** The number of requests that matched. */
  matched: number
  /** The number of requests that it acted on. */
  fired: number
}

/** A fault that is to act on a request; `markFired` records that it did. */
export interface ActiveFault {
  readonly fault: Fault
  readonly markFired: Effect.Effect<void>
}

const matches = (on: Matcher, request: PendingEntry): boolean =>
  (on.operation === undefined || on.operation === request.operation) &&
  (on.bucket === undefined || on.bucket === request.bucket) &&
  (on.key === undefined || on.key === request.key) &&
  (on.partNumber === undefined || on.partNumber === request.partNumber) &&
  (on.method === undefined || on.method === request.method)

export class FaultRules {
  #rules: Array<Rule> = []
  #count = 0

  add(spec: FaultSpec): Rule {
    this.#count += 1
    const rule: Rule = { id: this.#count, fault: spec.do, on: spec.on ?? {}, matched: 0, fired: 0 }
    this.#rules.push(rule)
    return rule
  }

  remove(id: number): void {
    this.#rules = this.#rules.filter((rule) => rule.id !== id)
  }

  list(): ReadonlyArray<Rule> {
    return this.#rules
  }

  clear(): void {
    this.#rules = []
  }

  /** The faults that are to act on this request, in the order in which they were set. Counts the request as a match. */
  match(request: PendingEntry): ReadonlyArray<ActiveFault> {
    return this.#rules.flatMap((rule) => {
      if (!matches(rule.on, request)) return []
      rule.matched += 1
      const { nth = 1, times = 1 } = rule.on
      if (rule.matched < nth || (times !== "all" && rule.matched >= nth + times)) return []
      let acted = false
      const markFired = Effect.sync(() => {
        if (acted) return
        acted = true
        rule.fired += 1
        request.faults = [...request.faults, rule.id]
      })
      return [{ fault: rule.fault, markFired }]
    })
  }
}
