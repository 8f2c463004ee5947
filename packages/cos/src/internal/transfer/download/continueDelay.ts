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
> = Effect.map(effectivePolicy, (policy) => {
  let started: Effect.Effect.Success<ReturnType<typeof Schedule.driver<unknown, DownloadError, never>>> | undefined
  let reached = 0
  const driver = Effect.suspend(() =>
    started !== undefined
      ? Effect.succeed(started)
      : Effect.map(Schedule.driver(policy.schedule), (driver) => (started = driver))
  )
  return (error, received) => {
    if (!isBroken(error) || !policy.while(error)) return Effect.fail(error)
    return Effect.flatMap(driver, (driver) => {
      const restart = received > reached ? driver.reset : Effect.void
      reached = received
      return Effect.zipRight(
        restart,
        Effect.mapError(driver.next(error), () => error)
      )
    })
  }
})
