/** What rings at a time by a clock, beside all fibers. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"

export interface Alarm {
  readonly stop: () => void
  /** Whether the process stays for it. Absent where it always does, as it does for a fiber that sleeps. */
  readonly keepProcess: ((keep: boolean) => void) | undefined
}

const systemClock = Context.get(DefaultServices.liveServices, Clock.Clock)

/** The longest that a timer can run, in ms. */
const longest = 2 ** 31 - 1

/** It may ring early: whoever hears it looks at the clock. */
export const set = (clock: Clock.Clock, millis: number, ring: () => void): Alarm => {
  const wait = Math.min(millis, longest)
  return clock === systemClock ? ofSystem(wait, ring) : ofClock(clock, wait, ring)
}

const ofSystem = (millis: number, ring: () => void): Alarm => {
  // An object where there is Node, and a number elsewhere.
  const timer: unknown = setTimeout(ring, millis)
  return {
    stop: () => clearTimeout(timer as number),
    keepProcess: isNodeTimer(timer) ? (keep) => (keep ? timer.ref() : timer.unref()) : undefined
  }
}

interface NodeTimer {
  readonly ref: () => void
  readonly unref: () => void
}

const isNodeTimer = (timer: unknown): timer is NodeTimer =>
  typeof timer === "object" && timer !== null && "ref" in timer && "unref" in timer

/** A test moves its clock, and another may not be that of the system either. */
const ofClock = (clock: Clock.Clock, millis: number, ring: () => void): Alarm => {
  const fiber = Effect.runFork(clock.sleep(Duration.millis(millis)))
  fiber.addObserver((exit) => {
    if (Exit.isSuccess(exit)) ring()
  })
  return { stop: () => fiber.unsafeInterruptAsFork(FiberId.none), keepProcess: undefined }
}
