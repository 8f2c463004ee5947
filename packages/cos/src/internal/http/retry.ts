/** Whether a failed call is made again, and where. */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Schedule from "effect/Schedule"
import * as CosError from "../../CosError.js"
import type { RetryPolicy } from "../../RetryPolicy.js"
import type { Call } from "./call.js"
import type { ClientState } from "./clientState.js"

export interface Problem {
  readonly field: string
  readonly reason: string
}

/** What a policy cannot mean. */
export const policyProblem = ({ attempts, invalid }: RetryPolicy): Problem | undefined => {
  const [field, rule] =
    attempts >= 1 ? [invalid, "must be a duration of 0 or more"] : ["attempts", "must be at least 1"]
  return field === undefined ? undefined : { field: `retry.${field}`, reason: `retry.${field} ${rule}` }
}

/** The service has certainly not acted on the request. */
const wasNotCarriedOut = (error: unknown): boolean =>
  error instanceof CosError.Throttled ||
  error instanceof CosError.CredentialsError ||
  (error instanceof CosError.TransportError && error.phase === "connect")

/** Whether the network may have failed rather than COS itself. */
const mayBeOfTheNetwork = (error: unknown): boolean =>
  error instanceof CosError.TransportError || (error instanceof CosError.ServerFault && error.requestId === undefined)

/** Whether another attempt is safe, and the policy wants it. */
export const mayRetry = (error: unknown, call: Call, policy: RetryPolicy): boolean =>
  call.isReplayable && (call.request.idempotent || wasNotCarriedOut(error)) && policy.while(error)

/**
 * Takes a retry from the budget and prepares the call for it: the last attempt goes to the backup domain. `false` where
 * the budget is used up.
 */
export const beginRetry = (
  error: unknown,
  call: Call,
  { retryBudget }: ClientState,
  { attempts }: RetryPolicy
): boolean => {
  if (!retryBudget.take()) return false
  if (!wasNotCarriedOut(error)) call.lostResponse = true
  const isLast = call.attempts >= attempts - 1
  if (isLast && call.backup !== undefined && mayBeOfTheNetwork(error)) call.target = call.backup
  return true
}

/**
 * `Effect.retry` of `self`, `repaired` whenever it fails. Sets up its machinery, and that of `repaired`, at the first failure
 * only.
 */
export const retry = <A, R>(
  self: Effect.Effect<A, any, R>,
  options: { readonly while: (error: any) => boolean; readonly schedule: Schedule.Schedule<unknown, unknown> },
  repaired: (self: Effect.Effect<A, any, R>) => Effect.Effect<A, any, R> = identity
): Effect.Effect<A, any, R> =>
  Effect.catchAllCause(self, (cause) => {
    let begun = false
    const again = Effect.suspend(() => {
      const run = begun ? self : Effect.failCause(cause)
      begun = true
      return repaired(run)
    })
    return Effect.retry(again, options)
  })
