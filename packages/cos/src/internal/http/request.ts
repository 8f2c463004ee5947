/** From an operation's request, as data, to a signed request of the HTTP client. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Body } from "../../Body.js"
import type * as Credentials from "../../Credentials.js"
import type * as Endpoint from "../../Endpoint.js"
import * as ObjectKey from "../../ObjectKey.js"
import type { CopySource } from "../../Operation.js"
import * as Signature from "../../Signature.js"

export type Pairs = ReadonlyArray<readonly [name: string, value: string]>

/** One request, before anything that differs from attempt to attempt. */
export interface Request {
  readonly operation: string
  readonly method: HttpMethod
  readonly host: "service" | "bucket" | "processing"
  readonly bucket: string | undefined
  readonly region: string | undefined
  readonly key: string | undefined
  readonly query: Pairs
  readonly headers: Pairs
  readonly body: Body | undefined
  readonly copySource: CopySource | undefined
  /** Whether sending it twice is the same as sending it once. */
  readonly idempotent: boolean
}

export type HttpMethod = "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | "OPTIONS"

/** Seconds that a signature is valid at least; it covers the longest attempt. */
const validity = 3600
/** Windows begin on a multiple of this, so that a signing key serves for a while. */
const windowStep = 300

export const keyTime = (now: number, keys: Credentials.AccessKey): Signature.KeyTime => {
  const seconds = Math.floor(now / 1000)
  // Begun in the past: the service's clock may be behind.
  const begun = seconds - (seconds % windowStep)
  return within({ start: Math.max(0, begun - windowStep), end: begun + windowStep + validity }, keys)
}

/** The part of a time in which the keys are valid. */
export const within = (time: Signature.KeyTime, keys: Credentials.AccessKey | undefined): Signature.KeyTime => ({
  start: Math.max(time.start, keys?.startsAt === undefined ? 0 : Math.ceil(keys.startsAt.getTime() / 1000)),
  end: Math.min(time.end, keys?.expiresAt === undefined ? time.end : Math.floor(keys.expiresAt.getTime() / 1000))
})

const queryText = (query: Pairs): string =>
  query.map(([name, value]) => `${Signature.encode(name)}=${Signature.encode(value)}`).join("&")

export const encodedPath = (request: Request, target: Endpoint.Resolved): string =>
  `${target.pathPrefix}/${request.key === undefined ? "" : ObjectKey.encode(request.key)}`

/** The path that is signed: decoded. */
const signedPath = (request: Request, target: Endpoint.Resolved): string => `${target.pathPrefix}/${request.key ?? ""}`

export interface Signing {
  readonly signer: Signature.Signer
  readonly keys: Credentials.AccessKey | undefined
  readonly signHost: boolean
}

/** The URL as text: a `URL` object would rewrite dot segments. */
const urlOf = (request: Request, target: Endpoint.Resolved, query: string): string => {
  const url = target.origin + encodedPath(request, target)
  return query === "" ? url : `${url}?${query}`
}

/** Unsigned. */
export const url = (request: Request, target: Endpoint.Resolved): string =>
  urlOf(request, target, queryText(request.query))

const sign = (
  request: Request,
  target: Endpoint.Resolved,
  signing: Signing,
  keys: Credentials.AccessKey,
  headers: Pairs,
  time: Signature.KeyTime
): Signature.Signed =>
  signing.signer.sign({
    method: request.method,
    pathname: signedPath(request, target),
    query: request.query,
    headers: [
      ...(signing.signHost ? [["host", target.host] as const] : []),
      ...headers.filter(([name]) => Signature.isSignedHeader(name))
    ],
    secretId: keys.secretId,
    secretKey: Redacted.value(keys.secretKey),
    keyTime: time
  })

/** A signed request of the HTTP client; unsigned without keys. */
export const make = (
  request: Request,
  target: Endpoint.Resolved,
  signing: Signing,
  now: number,
  hostHeader: boolean,
  extra: Pairs
): HttpClientRequest.HttpClientRequest => {
  const { keys } = signing
  const token = keys?.token === undefined ? [] : [["x-cos-security-token", Redacted.value(keys.token)] as const]
  const headers: Pairs = [...request.headers, ...extra, ...token]
  const sent: { [name: string]: string } = {}
  if (hostHeader) sent.host = target.host
  for (const [name, value] of headers) sent[name.toLowerCase()] = value
  if (keys !== undefined) {
    sent.authorization = sign(request, target, signing, keys, headers, keyTime(now, keys)).authorization
  }
  return HttpClientRequest.make(request.method as "GET")(url(request, target), {
    headers: sent,
    ...(request.body === undefined ? undefined : { body: httpBody(request.body, sent["content-type"]) })
  })
}

const httpBody = (body: Body, contentType: string | undefined): HttpBody.HttpBody =>
  body._tag === "Bytes"
    ? HttpBody.raw(body.bytes, { contentType, contentLength: body.size })
    : HttpBody.stream(body.stream as Stream.Stream<Uint8Array, unknown>, contentType, body.size)

/** A URL that carries its signature, and the headers it obliges its user to send. */
export const presign = (
  request: Request,
  target: Endpoint.Resolved,
  signing: Signing,
  time: Signature.KeyTime
): { readonly url: string; readonly headers: Pairs } => {
  const { keys } = signing
  if (keys === undefined) return { url: url(request, target), headers: request.headers }
  const headers = request.headers.filter(([name]) => Signature.isSignedHeader(name))
  const token = keys.token === undefined ? "" : `&x-cos-security-token=${Signature.encode(Redacted.value(keys.token))}`
  const signature = Signature.presignQuery(sign(request, target, signing, keys, headers, time))
  const own = queryText([...request.query].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  return {
    url: urlOf(request, target, signature + token + (own === "" ? "" : `&${own}`)),
    headers: request.headers
  }
}
