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
const authorization = /\b(bearer|basic|digest|negotiate)\s+[^\s,"]{8,}/gi

const userInfo = /\/\/[^\s/?#"'<>]*@/g

/** A signature has `;` and `,` in it, so only what ends a URL in text ends the query. */
const queries = /([?#])[^\s"'<>]+/g

const isUrl = (name: string, value: string): boolean =>
  /^(?:content-)?location$|^refresh$|^link$/.test(name) || value.includes("://") || value.includes("q-sign-algorithm")

const withoutSecret = (name: string, value: string): string => {
  if (secretName.test(name)) return redactedMark
  const text = value.replace(authorization, `$1 ${redactedMark}`)
  return isUrl(name, text) ? text.replace(userInfo, `//${redactedMark}@`).replace(queries, `$1${redactedMark}`) : text
}

/** The headers of a response as errors carry them, which are printed and kept. */
export const withoutSecrets = (headers: Headers): CosError.ResponseHeaders => {
  const shown: Array<readonly [name: string, value: string]> = []
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined) shown.push([name, withoutSecret(name, value)])
  }
  return Object.fromEntries(shown)
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
