/** How many parts are under way at once: of a transfer by itself, and over all of a queue, a sync, or a batch of files. */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import * as gates from "./concurrencyGate.js"
import { TransferContext, withContext } from "./context.js"

/** Runs the request of one part, or of an object that goes in one request, when the limits allow it. */
export const withPartPermit = <A, E, R>(self: Effect.Effect<A, E, R>, bytes: number): Effect.Effect<A, E, R> =>
  withContext((context) => context.withPartPermit(self, bytes))

export interface PartsAtOnce {
  /** How many workers are worth having. */
  readonly workers: number
  /** How many may be under way now. */
  readonly current: () => number
  /** Lets what runs in it share the limit that is found. */
  readonly limit: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** More workers than this do not wait for their turn in one transfer. */
const most = 64

/** `fixed`: how many there are where files have a number, and their parts have none. */
export const partsAtOnce = (asked: number | "auto", fixed: number): Effect.Effect<PartsAtOnce, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (asked !== "auto") return { workers: asked, current: () => asked, limit: identity }
    const by = (yield* TransferContext).partsAtOnce()
    if (by === "fixed") return { workers: fixed, current: () => fixed, limit: identity }
    if (by === "shared") return { workers: most, current: () => fixed, limit: identity }
    const gate = yield* gates.make(
      { files: "auto", parts: undefined, totalParts: "auto" },
      { start: fixed, isOfOne: true }
    )
    return { workers: most, current: () => gate.current.current, limit: gate.share }
  })
