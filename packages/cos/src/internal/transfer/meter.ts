/** The meter of a transfer. Its bytes count for the transfers that it is a part of as well. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as meter from "../progress/meter.js"
import { TransferContext } from "./context.js"

export type { Meter } from "../progress/meter.js"

export const make = (options: Omit<meter.MeterOptions, "onBytes">): Effect.Effect<meter.Meter, never, Scope.Scope> =>
  Effect.flatMap(TransferContext, ({ onBytes }) => meter.make({ ...options, onBytes }))
