/** Failures of undici and of the system, as `TransportFailure`. `http/transportError` of effect-cos makes the SDK's error of it. */

import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import { TransportFailure } from "effect-cos/CosTransport"

/** Carries the cause of a failed stream through Node's streams, which know only errors. */
export class StreamFailed extends Error {
  constructor(override readonly cause: Cause.Cause<unknown>) {
    super("the stream of the body failed")
  }
}

/** An error as undici makes it, which need not be loaded for it. */
const undiciError = (name: string, code: string, message: string): Error =>
  Object.assign(new Error(message), { name, code })

export const aborted = (): Error => undiciError("AbortError", "UND_ERR_ABORTED", "Request aborted")

export const destroyed = (): Error =>
  undiciError("ClientDestroyedError", "UND_ERR_DESTROYED", "The client is destroyed")

export const contentLengthMismatch = (): Error =>
  undiciError(
    "RequestContentLengthMismatchError",
    "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
    "Request body length does not match content-length header"
  )

/** Codes of undici's that mean a fault of the request and not of the transport. */
const notTransport: { readonly [code: string]: HttpClientError.RequestError["reason"] } = {
  ERR_INVALID_URL: "InvalidUrl",
  UND_ERR_INVALID_ARG: "Encode",
  UND_ERR_NOT_SUPPORTED: "Encode",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "Encode"
}

const closedCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : error.name)

export const requestErrorReason = (error: Error): HttpClientError.RequestError["reason"] =>
  error instanceof StreamFailed ? "Encode" : (notTransport[codeOf(error)] ?? "Transport")

/**
 * The error of a request's stream is kept as it is. Of undici's and the system's errors only what shows no secret is.
 *
 * @param isStale Whether the exchange reused a connection and has read nothing from it.
 */
export const failureCause = (
  error: Error,
  phase: TransportFailure["phase"],
  isStale: boolean
): Cause.Cause<unknown> => {
  if (error instanceof StreamFailed) return error.cause
  const code = codeOf(error)
  return Cause.fail(
    new TransportFailure({
      code,
      phase,
      staleConnection: isStale && phase !== "body" && closedCodes.has(code),
      message: error.message === "" ? code : error.message
    })
  )
}
