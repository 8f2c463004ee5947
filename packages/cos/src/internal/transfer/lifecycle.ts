/** The states of a transfer, and which may follow which. */
import type { State } from "../../Controlled.js"

/** In a queue a run begins with `waiting`, by itself with `checking`. */
export const nextStates: { readonly [S in State]: ReadonlyArray<State> } = {
  waiting: ["checking", "failed", "paused", "cancelled"],
  checking: ["transferring", "succeeded", "failed", "paused", "cancelled"],
  transferring: ["succeeded", "failed", "paused", "cancelled"],
  paused: ["waiting", "checking", "cancelled"],
  failed: ["waiting", "checking", "cancelled"],
  succeeded: [],
  cancelled: []
}

export const canFollow = (from: State, to: State): boolean => nextStates[from].includes(to)

/** A fiber is at work, or waits for its permit. */
export const isRunning = (state: State): boolean => canFollow(state, "paused")

/** The transfer is over for good: no state follows. */
export const isFinal = (state: State): boolean => nextStates[state].length === 0

/** No run is under way, and none will be until somebody resumes it, if that is possible at all. */
export const isFinished = (state: State): boolean => state === "failed" || isFinal(state)

export const canResume = (state: State): boolean => !isRunning(state) && !isFinal(state)
