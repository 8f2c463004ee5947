/** The meter of a transfer. Its bytes count for the transfers that it is a part of as well. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as meter from "../progress/meter.js"
import { type Service, withContext } from "./context.js"

/** What a transfer tells. */
export type Meter = Omit<meter.Meter, "current">

/** Nobody asks for the progress of most transfers: of those, only the bytes are passed on. */
const unheard = (onBytes: Service["onBytes"]): Meter => ({
  add: (bytes) => onBytes(bytes, false),
  resumed: (bytes) => onBytes(bytes, true),
  toCheck: () => Effect.void,
  checked: () => Effect.void,
  inFlight: () => Effect.void,
  finish: Effect.void,
  stop: Effect.void
})

export const make = (options: Omit<meter.MeterOptions, "onBytes">): Effect.Effect<Meter, never, Scope.Scope> =>
  withContext(
    ({ onBytes }): Effect.Effect<Meter, never, Scope.Scope> =>
      options.onProgress === undefined ? Effect.succeed(unheard(onBytes)) : meter.make({ ...options, onBytes })
  )

/** Runs with a meter, which ends with it. */
export const withMeter = <A, E, R>(
  options: Omit<meter.MeterOptions, "onBytes">,
  use: (meter: Meter) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  options.onProgress === undefined
    ? withContext(({ onBytes }) => use(unheard(onBytes)))
    : (Effect.scoped(Effect.flatMap(make(options), use) as Effect.Effect<A, E, R | Scope.Scope>) as Effect.Effect<
        A,
        E,
        R
      >)
