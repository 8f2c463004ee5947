/** When the rest of a body that broke off may be requested: `fetchRange` (files) and `stream` (streams) request it. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { CosClient } from "../../../CosClient.js"
import { effectivePolicy } from "../../http/effectiveSettings.js"
import type { DownloadError } from "../model.js"

/** The body broke off. A response that never began has been retried by the client already. */
const isBroken = (error: DownloadError): boolean =>
  error._tag === "TruncatedBody" || (error._tag === "TransportError" && error.phase === "body")

/**
 * Waits as the effective policy says until the rest of a body that broke off may be requested, or fails with the error.
 * The policy starts again if more bytes have been received since the last time.
 */
export const makeContinueDelay: Effect.Effect<
  (error: DownloadError, received: number) => Effect.Effect<void, DownloadError>,
  never,
  CosClient
> = Effect.gen(function* () {
  const policy = yield* effectivePolicy
  const driver = yield* Schedule.driver(policy.schedule)
  let reached = 0
  return (error, received) => {
    if (!isBroken(error) || !policy.while(error)) return Effect.fail(error)
    const restart = received > reached ? driver.reset : Effect.void
    reached = received
    return Effect.zipRight(
      restart,
      Effect.mapError(driver.next(error), () => error)
    )
  }
})
