/** Whether a failed call is made again, and where. */
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as CosError from "../../CosError.js"
import type { RetryPolicy } from "../../RetryPolicy.js"
import type { Call } from "./call.js"
import type { ClientState } from "./clientState.js"

/** The service has certainly not acted on the request. */
const wasNotCarriedOut = (error: unknown): boolean =>
  error instanceof CosError.Throttled ||
  error instanceof CosError.CredentialsError ||
  (error instanceof CosError.TransportError && error.phase === "connect")

/** Whether a failure may be of the way to COS rather than of COS itself. */
const mayBeOfTheNetwork = (error: unknown): boolean =>
  error instanceof CosError.TransportError || (error instanceof CosError.ServerFault && error.requestId === undefined)

/** Decides on another attempt and prepares the call for it: the last one goes to the backup domain. */
export const decideRetry = (error: unknown, call: Call, { retryBudget }: ClientState, policy: RetryPolicy): boolean => {
  const isSafe = call.isReplayable && (call.request.idempotent || wasNotCarriedOut(error))
  if (!isSafe || !policy.while(error) || !retryBudget.take()) return false
  if (!wasNotCarriedOut(error)) call.lostResponse = true
  const isLast = call.attempts >= policy.attempts - 1
  if (isLast && call.backup !== undefined && mayBeOfTheNetwork(error)) call.target = call.backup
  return true
}

/** `Effect.retry` that sets up its machinery at the first failure only. */
export const retry = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  options: { readonly while: (error: E) => boolean; readonly schedule: Schedule.Schedule<unknown, unknown> }
): Effect.Effect<A, E, R> =>
  Effect.catchAll(self, (first) => {
    let begun = false
    const again = Effect.suspend(() => {
      if (begun) return self
      begun = true
      return Effect.fail(first)
    })
    return Effect.retry(again, options)
  })
