/** Spans of calls. They are made in the region that ends them: Effect makes them before it, where an interrupt leaves them open. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Tracer from "effect/Tracer"
import { beginToEnd, runOnce } from "./onEnd.js"

const endOf = (span: Tracer.Span, fiber: Fiber.RuntimeFiber<unknown, unknown>) => {
  const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
  const isTimed = fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
  let open: Tracer.Span | undefined = span
  return (exit: Exit.Exit<unknown, unknown>) => {
    open?.end(isTimed ? clock.unsafeCurrentTimeNanos() : 0n, exit)
    open = undefined
  }
}

const make = (name: string, kind?: Tracer.SpanKind) => Effect.makeSpan(name, { captureStackTrace: false, kind })

/** `Effect.useSpan` whose region holds nothing of what it runs: see {@link runOnce}. */
export const useSpan = <A, E, R>(
  name: string,
  use: (span: Tracer.Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) =>
    beginToEnd(Effect.map(make(name), (span) => ({ run: use(span), end: endOf(span, fiber) })))
  )

/** `Effect.withSpan` in one region: it makes a second one to provide the span, which takes more steps than all else of it. */
export const withSpan =
  (name: string, kind?: Tracer.SpanKind) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiberRuntime((fiber) => inSpan(make(name, kind), fiber, runOnce(self)))

const provided = FiberRef.currentContext

const inSpan = <A, E, R>(
  made: Effect.Effect<Tracer.Span>,
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(made, (span) => {
      const outer = fiber.currentContext
      const end = endOf(span, fiber)
      const run = restore(self)
      return Effect.matchCauseEffect(
        Effect.flatMap(FiberRef.set(provided, Context.add(outer, Tracer.ParentSpan, span)), () => run),
        {
          onFailure: (cause) => {
            const exit = Exit.failCause(cause)
            end(exit)
            return Effect.zipRight(FiberRef.set(provided, outer), exit)
          },
          onSuccess: (value) => {
            end(Exit.succeed(value))
            return FiberRef.modify(provided, () => [value, outer])
          }
        }
      )
    })
  )
