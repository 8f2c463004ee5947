/** The settings with their defaults, and the values that all requests of one client share. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Settings, TimeLimits } from "../../CosClient.js"
import * as CosTransport from "../../CosTransport.js"
import { Credentials } from "../../Credentials.js"
import * as Endpoint from "../../Endpoint.js"
import { Hash } from "../../Hash.js"
import * as Signature from "../../Signature.js"
import { guard } from "../credentials/guard.js"
import { isDuration } from "../time/isDuration.js"
import * as ClockSkew from "./clockSkew.js"
import * as CrossOrigin from "./crossOrigin.js"
import * as RemoteSigner from "./remoteSigner.js"
import { type Problem, policyProblem } from "./retry.js"
import * as RetryBudget from "./retryBudget.js"
import * as timeLimit from "./timeLimit.js"

/** What a client has no use for: `NaN` is less than nothing and more. */
const problemOf = ({ maxDocumentBytes, retry, retryBudget, timeLimits }: Settings): Problem | undefined => {
  const checks: ReadonlyArray<readonly [field: string, value: number | undefined, least: number]> = [
    ["retryBudget", retryBudget, 0],
    ["maxDocumentBytes", maxDocumentBytes, 1],
    ["timeLimits.minBytesPerSecond", timeLimits?.minBytesPerSecond, 1]
  ]
  for (const [field, value, least] of checks) {
    if (value !== undefined && !(value >= least)) return { field, reason: `${field} must be at least ${least}` }
  }
  for (const name of ["attempt", "processing", "idle"] as const) {
    const limit = timeLimits?.[name]
    if (limit !== undefined && !(isDuration(limit) && Duration.toMillis(limit) > 0)) {
      return { field: `timeLimits.${name}`, reason: `timeLimits.${name} must be longer than 0` }
    }
  }
  return retry && policyProblem(retry)
}

export interface ClientState {
  readonly settings: Settings
  /** The first setting that makes no sense: every request is refused for it. */
  readonly problem: Problem | undefined
  readonly transport: CosTransport.Capabilities
  readonly credentials: Credentials.Service
  readonly remoteSigner: RemoteSigner.Service | undefined
  readonly hash: Hash.Service
  readonly signer: Signature.Signer
  readonly endpoint: Endpoint.Endpoint
  readonly resolve: (target: Endpoint.Target) => ReturnType<typeof Endpoint.resolve>
  readonly attemptLimit: Duration.Duration
  readonly processingLimit: Duration.Duration
  readonly idleLimit: Duration.Duration
  readonly minBytesPerSecond: number
  /** Bytes. */
  readonly maxDocument: number
  readonly limiters: timeLimit.Limiters
  readonly signHost: boolean
  readonly correctClockSkew: boolean
  readonly useBackupDomain: boolean
  readonly retryBudget: RetryBudget.RetryBudget
  readonly clockSkew: ClockSkew.ClockSkew
  readonly crossOrigin: CrossOrigin.CrossOrigin
}

/** Nearly all requests of a client go where the last one went. */
const resolver = (endpoint: Endpoint.Endpoint): ClientState["resolve"] => {
  let last: (Endpoint.Target & { readonly resolved: ReturnType<typeof Endpoint.resolve> }) | undefined
  return ({ bucket, host, region, uin }) => {
    if (last?.host === host && last.bucket === bucket && last.region === region && last.uin === uin)
      return last.resolved
    const resolved = Endpoint.resolve(endpoint, { bucket, host, region, uin })
    last = { bucket, host, region, uin, resolved }
    return resolved
  }
}

const defaultTimeLimits: TimeLimits = {
  attempt: "30 seconds",
  processing: "15 minutes",
  minBytesPerSecond: 65_536,
  idle: "30 seconds"
}

export const make = (settings: Settings): Effect.Effect<ClientState, never, Credentials> =>
  Effect.gen(function* () {
    const hash = yield* Hash
    const endpoint = settings.endpoint ?? Endpoint.standard
    const problem = problemOf(settings)
    const limits = { ...defaultTimeLimits, ...(problem === undefined ? settings.timeLimits : undefined) }
    const attemptLimit = Duration.decode(limits.attempt)
    const remoteSigner = yield* RemoteSigner.RemoteSigner
    return {
      settings,
      problem,
      transport: yield* CosTransport.CosTransport,
      credentials: guard(yield* Credentials, attemptLimit),
      remoteSigner: remoteSigner && RemoteSigner.guard(remoteSigner, attemptLimit),
      hash,
      signer: Signature.make(hash),
      endpoint,
      resolve: resolver(endpoint),
      attemptLimit,
      processingLimit: Duration.decode(limits.processing),
      idleLimit: Duration.decode(limits.idle),
      minBytesPerSecond: limits.minBytesPerSecond,
      maxDocument: settings.maxDocumentBytes ?? 16 * 1024 * 1024,
      limiters: new timeLimit.Limiters(),
      signHost: settings.signHost ?? true,
      correctClockSkew: settings.correctClockSkew ?? true,
      useBackupDomain: settings.backupDomain ?? true,
      retryBudget: RetryBudget.make(settings.retryBudget ?? 100),
      clockSkew: ClockSkew.make(),
      crossOrigin: CrossOrigin.make()
    }
  })
