/**
 * An interrupt may come between any two steps of a fiber. Not for what runs effects beside one another: Effect's own
 * `forEach`, `race` and `timeout` wait for ever if they are interrupted at some of the steps by which they begin.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scheduler from "effect/Scheduler"
import { turn } from "./turn.js"

/** Interrupts the first of its fibers before step number `step` of all, and lets it hear of that. */
const interrupting = (step: number, onInterrupt: () => void): Scheduler.Scheduler => {
  let first: Fiber.RuntimeFiber<unknown, unknown> | undefined
  let steps = 0
  return {
    scheduleTask: (task) => queueMicrotask(task),
    shouldYield: (fiber) => {
      first ??= fiber
      steps += 1
      if (steps !== step) return false
      onInterrupt()
      first.unsafeInterruptAsFork(FiberId.none)
      return 0
    }
  }
}

/**
 * Runs it again and again, and interrupts it before its first step, its second and so on, until it ends before that; what
 * never ends, until it waits.
 */
export const interruptAtEachStep = <A, E, E2, R, R2>(
  self: Effect.Effect<A, E, R>,
  onEnd: (step: number) => Effect.Effect<unknown, E2, R2>,
  { isEndless = false } = {}
): Effect.Effect<void, E2, R | R2> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<R>()
    let wasInterrupted = true
    for (let step = 1; wasInterrupted; step++) {
      wasInterrupted = false
      const fiber = Runtime.runFork(runtime)(self, {
        scheduler: interrupting(step, () => {
          wasInterrupted = true
        })
      })
      yield* isEndless ? turn : Fiber.await(fiber)
      yield* Fiber.interrupt(fiber)
      yield* onEnd(step)
    }
  })
