import { describe, expect, it } from "@effect/vitest"
import type { State } from "effect-cos/Controlled"
import * as lifecycle from "../src/internal/transfer/lifecycle.js"

const states = Object.keys(lifecycle.nextStates) as ReadonlyArray<State>
const where = (holds: (state: State) => boolean) => states.filter(holds)

describe("the states of a transfer", () => {
  it("say which commands have an effect", () => {
    expect(where(lifecycle.isRunning)).toEqual(["waiting", "checking", "transferring"])
    expect(where(lifecycle.canResume)).toEqual(["paused", "failed"])
    expect(where(lifecycle.isFinal)).toEqual(["succeeded", "cancelled"])
    expect(where(lifecycle.isFinished)).toEqual(["failed", "succeeded", "cancelled"])
    expect(where((state) => lifecycle.canFollow(state, "cancelled"))).toEqual(
      where((state) => !lifecycle.isFinal(state))
    )
  })

  it("are entered once: no state follows itself", () => {
    for (const state of states) expect(lifecycle.canFollow(state, state)).toBe(false)
  })
})
