/** Spans of calls. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import type * as Tracer from "effect/Tracer"
import { onEnd } from "./onEnd.js"

const endOf = (span: Tracer.Span, fiber: Fiber.RuntimeFiber<unknown, unknown>) => {
  const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
  const isTimed = fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
  let open: Tracer.Span | undefined = span
  return (exit: Exit.Exit<unknown, unknown>) => {
    open?.end(isTimed ? clock.unsafeCurrentTimeNanos() : 0n, exit)
    open = undefined
  }
}

/** `Effect.useSpan` whose region holds nothing of what it runs: see {@link onEnd}. */
export const useSpan = <A, E, R>(
  name: string,
  use: (span: Tracer.Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.makeSpan(name, { captureStackTrace: false }), (span) =>
    Effect.withFiberRuntime((fiber) => onEnd(use(span), endOf(span, fiber)))
  )
