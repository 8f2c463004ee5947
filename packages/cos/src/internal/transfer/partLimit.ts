/** How many parts are under way at once, over all transfers of a queue, a sync, or a batch of files. */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import { TransferContext, withTransferContext } from "./context.js"

/** Lets the transfers that run in it share one limit. */
export type PartLimit = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** At most `totalParts` at once; without a number there is no limit. Limits may lie within each other. */
export const makePartLimit = (totalParts: number | undefined): Effect.Effect<PartLimit> =>
  totalParts === undefined
    ? Effect.succeed(identity)
    : Effect.map(Effect.makeSemaphore(totalParts), (permits) =>
        withTransferContext({ withPartPermit: permits.withPermits(1) })
      )

/** Runs the request of one part, or of an object that goes in one request, when the limits allow it. */
export const withPartPermit: PartLimit = (self) =>
  Effect.flatMap(TransferContext, (context) => context.withPartPermit(self))
