/** The states of transfers and the transitions between them. */
import { expect } from "@effect/vitest"
import type { State } from "effect-cos/Controlled"

export type Transitions = { readonly [S in State]: ReadonlyArray<State> }

/** `first` is what a run begins with: in a queue it waits for its turn. */
const transitions = (first: State): Transitions => ({
  waiting: ["checking", "paused", "cancelled"],
  checking: ["transferring", "failed", "paused", "cancelled"],
  transferring: ["succeeded", "failed", "paused", "cancelled"],
  paused: [first, "cancelled"],
  failed: [first, "cancelled"],
  succeeded: [],
  cancelled: []
})

export const inQueue = transitions("waiting")
export const byItself: Transitions = { ...transitions("checking"), waiting: [] }

/** The pairs of states that follow each other. */
export const steps = (states: ReadonlyArray<State>): ReadonlyArray<readonly [State, State]> =>
  states.slice(1).map((next, i) => [states[i] as State, next])

/** Checks observed states of a transfer against the table. */
export const expectAllowed = (states: ReadonlyArray<State>, allowed: Transitions): void => {
  for (const [from, to] of steps(states)) expect(allowed[from], states.join(" -> ")).toContain(to)
}
