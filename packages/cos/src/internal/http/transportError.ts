/** Failures of the transport, and of time limits, as errors that hold no secrets. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Duration from "effect/Duration"
import * as CosError from "../../CosError.js"
import { invalidInput } from "../encoding/invalidInput.js"
import type { ResponseFacts } from "./headers.js"
import type { RequestSummary } from "./request.js"

const codes: ReadonlyArray<readonly [CosError.TransportError["reason"], RegExp]> = [
  ["Dns", /ENOTFOUND|EAI_/],
  ["Tls", /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|DEPTH_ZERO|EPROTO/],
  ["Timeout", /TIMEOUT|ETIMEDOUT/],
  ["Connect", /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|EMFILE|ENFILE/]
]

/** Errors may be caused by one another in a circle. */
const maxDepth = 4

/** The first code that an error, or what caused it, carries. */
const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > maxDepth) return undefined
  // What looks otherwise is not a code, and may hold anything.
  if ("code" in error && typeof error.code === "string" && /^\w{1,64}$/.test(error.code)) return error.code
  if ("errors" in error && Array.isArray(error.errors) && error.errors.length > 0) {
    return codeOf(error.errors[0], depth + 1)
  }
  return "cause" in error ? codeOf(error.cause, depth + 1) : undefined
}

const phaseOf = (error: unknown, depth = 0): CosError.TransportError["phase"] | undefined => {
  if (typeof error !== "object" || error === null || depth > maxDepth) return undefined
  if ("phase" in error) {
    const { phase } = error
    if (phase === "connect" || phase === "send" || phase === "response" || phase === "body") return phase
  }
  return "cause" in error ? phaseOf(error.cause, depth + 1) : undefined
}

const isStale = (error: unknown, depth = 0): boolean =>
  typeof error === "object" &&
  error !== null &&
  depth <= maxDepth &&
  (("staleConnection" in error && error.staleConnection === true) ||
    ("cause" in error && isStale(error.cause, depth + 1)))

const beforeConnection = new Set(["Dns", "Connect", "Tls"])

/**
 * Keeps only the code of the transport's error, because the error itself holds the request with its secrets. `received`:
 * what came before it.
 */
export const transportError = (
  request: RequestSummary,
  error: HttpClientError.HttpClientError,
  received?: ResponseFacts
): CosError.TransportError | CosError.InvalidInput => {
  if (error._tag === "RequestError" && error.reason !== "Transport") {
    return invalidInput(request.operation, "request", "must be what HTTP can carry")
  }
  const code = codeOf(error.cause)
  const reason = codes.find(([, pattern]) => code !== undefined && pattern.test(code))?.[0] ?? "Reset"
  const phase = beforeConnection.has(reason)
    ? "connect"
    : (phaseOf(error.cause) ?? (error._tag === "ResponseError" ? "body" : "response"))
  return new CosError.TransportError({
    operation: request.operation,
    reason,
    phase,
    message: `${request.operation}: ${reason} while ${phases[phase]}${code === undefined ? "" : ` (${code})`}`,
    bucket: request.bucket,
    key: request.key,
    ...(isStale(error.cause) ? { staleConnection: true } : undefined),
    ...received
  })
}

const phases = {
  connect: "connecting",
  send: "sending the request",
  response: "waiting for the response",
  body: "reading the body of the response"
}

/** `received`: what came before the time was over. */
export const timeout = (
  request: RequestSummary,
  phase: CosError.TransportError["phase"],
  limit: Duration.Duration,
  received?: ResponseFacts
) =>
  new CosError.TransportError({
    operation: request.operation,
    reason: "Timeout",
    phase,
    message: `${request.operation}: ${phases[phase]} took longer than ${Duration.format(limit)}`,
    bucket: request.bucket,
    key: request.key,
    ...received
  })
