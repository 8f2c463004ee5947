/** Headers of responses. */
import * as CosError from "../../CosError.js"
import type { RequestSummary } from "./request.js"

/** Stands in the place of a secret. */
export const redactedMark = "<redacted>"

export type Headers = { readonly [name: string]: string | undefined }

/** Names of headers whose values may be secrets, whoever sent them. The MD5 of a customer's key is none. */
const secretName =
  /cookie|authorization|token|secret|passw|credential|session|signature|(?:api|access|private|customer)-?key(?!-md5)/

/** Schemes of `Authorization`, whose values some gateways repeat under other names. */
const authorization = /\b(?:bearer|basic|digest|negotiate)\s/i
const authorizations = /\b(bearer|basic|digest|negotiate)\s+[^\s,"]{8,}/gi

const userInfo = /\/\/[^\s/?#"'<>]*@/g

/** A signature has `;` and `,` in it, so only what ends a URL in text ends the query. */
const queries = /([?#])[^\s"'<>]+/g

const urlHeader = /^(?:content-)?location$|^refresh$|^link$/

/** What a name says of values: the same few names come in every response. */
type Kind = "secret" | "url" | "plain"

const kinds = new Map<string, Kind>()

/** A server may send any number of names. */
const maxKinds = 200

const kindOf = (name: string): Kind => {
  let kind = kinds.get(name)
  if (kind === undefined) {
    kind = secretName.test(name) ? "secret" : urlHeader.test(name) ? "url" : "plain"
    if (kinds.size < maxKinds) kinds.set(name, kind)
  }
  return kind
}

const withoutSecret = (name: string, value: string): string => {
  const kind = kindOf(name)
  if (kind === "secret") return redactedMark
  const text = authorization.test(value) ? value.replace(authorizations, `$1 ${redactedMark}`) : value
  return kind === "url" || text.includes("://") || text.includes("q-sign-algorithm")
    ? text.replace(userInfo, `//${redactedMark}@`).replace(queries, `$1${redactedMark}`)
    : text
}

/** The headers of a response as errors carry them, which are printed and kept. */
export const withoutSecrets = (headers: Headers): CosError.ResponseHeaders => {
  const shown: { [name: string]: string } = { ...(headers as CosError.ResponseHeaders) }
  for (const name of Object.keys(shown)) {
    const value = shown[name]
    if (value === undefined) delete shown[name]
    else {
      const clean = withoutSecret(name, value)
      if (clean !== value) shown[name] = clean
    }
  }
  return shown
}

/** What looks otherwise is no id of the service's, and may be anything that was sent. */
const plainId = /^[\w+/=.:-]{1,128}$/

/** Data processing has ids of its own. */
export const requestIdOf = (headers: Headers): string | undefined => {
  const id = headers["x-cos-request-id"] ?? headers["x-ci-request-id"]
  return id !== undefined && plainId.test(id) ? id : undefined
}

/**
 * What errors tell of a response.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseFacts {
  readonly status: number
  /** `x-cos-request-id`. */
  readonly requestId?: string | undefined
  /** By lower-case name, without secrets. */
  readonly headers: CosError.ResponseHeaders
}

export const factsOf = (response: { readonly status: number; readonly headers: Headers }): ResponseFacts => {
  const requestId = requestIdOf(response.headers)
  return {
    status: response.status,
    ...(requestId === undefined ? undefined : { requestId }),
    headers: withoutSecrets(response.headers)
  }
}

export const malformed = (
  request: Pick<RequestSummary, "operation">,
  response: { readonly status: number; readonly headers: Headers },
  message: string
): CosError.MalformedResponse =>
  new CosError.MalformedResponse({
    operation: request.operation,
    message: `${request.operation}: ${message}`,
    ...factsOf(response)
  })

/** Whether a body has a coding that some clients decode on their own. */
export const isCoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && encoding !== "" && encoding !== "identity"
