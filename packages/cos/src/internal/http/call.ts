/** A call of an operation: one request, in as many attempts as it takes. */
import type * as Clock from "effect/Clock"
import type { ServiceErrorClass } from "../../CosError.js"
import type { AccessKey } from "../../Credentials.js"
import * as Endpoint from "../../Endpoint.js"
import type { ClientState } from "./clientState.js"
import type { LocatedRequest } from "./locate.js"
import type { Request } from "./request.js"
import type { Recorder } from "./telemetry.js"
import type { Limiter } from "./timeLimit.js"

/** The attempt that is being made. */
export interface Running {
  /** Ends its exchange, if that is still open. Absent where an interrupt of its fiber does. */
  stop: (() => unknown) | undefined
}

export interface Call {
  readonly request: Request
  /** The errors that the operation lists. */
  readonly expected: ReadonlyArray<ServiceErrorClass>
  /** Whether its body can be sent again. */
  readonly isReplayable: boolean
  /** The same request on the backup domain, where it has one and may go there. */
  readonly backup: Endpoint.Resolved | undefined
  readonly recorder: Recorder
  readonly clock: Clock.Clock
  /** Counts by the same clock. */
  readonly limiter: Limiter

  /** Where the request goes by the client's settings. */
  readonly located: Endpoint.Resolved

  readonly running: Running

  // What changes from one attempt to the next.
  target: Endpoint.Resolved
  attempts: number
  /** An earlier attempt may have been carried out: its response never came, or not whole. */
  lostResponse: boolean
  /** What the last attempt was signed with. */
  accessKey: AccessKey | undefined
  clockOffset: number
  /** The names of the repairs that were made, each at most once. */
  repaired: ReadonlyArray<string>
}

export const begin = (
  client: ClientState,
  { request, target }: LocatedRequest,
  expected: ReadonlyArray<ServiceErrorClass>,
  recorder: Recorder
): Call => ({
  request,
  expected,
  isReplayable: request.body === undefined || request.body.replayable,
  backup: client.useBackupDomain && target.hasBackup ? Endpoint.backup(target) : undefined,
  recorder,
  clock: recorder.clock,
  limiter: client.limiters.of(recorder.clock),
  located: target,
  running: { stop: undefined },
  target,
  attempts: 0,
  lostResponse: false,
  accessKey: undefined,
  clockOffset: 0,
  repaired: []
})
