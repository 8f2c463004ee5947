/** Failures of the transport, and of time limits, as errors that hold no secrets. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Duration from "effect/Duration"
import * as CosError from "../../CosError.js"
import { invalidInput } from "../encoding/invalidInput.js"
import type { ResponseFacts } from "./headers.js"
import type { RequestSummary } from "./request.js"
import { failureOf } from "./transportFailure.js"

/** The host and port of an origin. Whoever reads of a failed connection wants to know where to. */
const serverOf = (origin: string): string => {
  const [, scheme = "", host = origin] = /^(\w+):\/\/(?:[^/@]*@)?([^/?#]+)/.exec(origin) ?? []
  return /:\d+$/.test(host) ? host : `${host}:${scheme === "http" ? 80 : 443}`
}

const sentences = {
  connect: (server: string) => `no connection to ${server}`,
  send: (server: string) => `the request to ${server} could not be sent`,
  response: (server: string) => `no response from ${server}`,
  body: (server: string) => `the response from ${server} broke off`
}

/**
 * Keeps only the code of the transport's error, because the error itself holds the request with its secrets.
 *
 * @param origin Where the request went.
 * @param received What came before the failure.
 */
export const transportError = (
  request: RequestSummary,
  origin: string,
  error: HttpClientError.HttpClientError,
  received?: ResponseFacts
): CosError.TransportError | CosError.InvalidInput => {
  if (error._tag === "RequestError" && error.reason !== "Transport") {
    return invalidInput(request.operation, "request", "must be what HTTP can carry")
  }
  const failure = failureOf(error.cause)
  const server = serverOf(origin)
  if (failure === "blocked") {
    return invalidInput(request.operation, "endpoint", `must not have a port that fetch blocks, as ${server}`)
  }
  const { address, advice, code, reason, staleConnection, status } = failure
  const detail = [code, address === server ? undefined : address].filter((part) => part !== undefined).join(" ")
  const phase = error._tag === "ResponseError" ? "body" : (failure.phase ?? "response")
  return new CosError.TransportError({
    operation: request.operation,
    reason,
    phase,
    message: `${request.operation}: ${sentences[phase](server)}${detail === "" ? "" : ` (${detail})`}. ${advice}`,
    server,
    causeCode: code,
    bucket: request.bucket,
    key: request.key,
    ...(staleConnection ? { staleConnection: true } : undefined),
    ...(status === undefined ? undefined : { status }),
    ...received
  })
}

/** A response of a proxy on the way, which has not passed the request on. */
export const refusedByProxy = (request: RequestSummary, origin: string, received: ResponseFacts) => {
  const server = serverOf(origin)
  return new CosError.TransportError({
    operation: request.operation,
    reason: "Proxy",
    phase: "connect",
    message: `${request.operation}: ${sentences.connect(server)}. The proxy refused with 407: are its user and password right?`,
    server,
    bucket: request.bucket,
    key: request.key,
    ...received
  })
}

const late = {
  ...sentences,
  send: (server: string) => `the request to ${server} was not sent`,
  body: (server: string) => `nothing more of the response from ${server}`
}

/**
 * @param origin Where the request went.
 * @param received What came before the time was over.
 */
export const timeout = (
  request: RequestSummary,
  origin: string,
  phase: CosError.TransportError["phase"],
  limit: Duration.Duration,
  received?: ResponseFacts
) => {
  const server = serverOf(origin)
  return new CosError.TransportError({
    operation: request.operation,
    reason: "Timeout",
    phase,
    message: `${request.operation}: ${late[phase](server)} within ${Duration.format(limit)}`,
    server,
    bucket: request.bucket,
    key: request.key,
    ...received
  })
}
