/** From a request, as data, to a signed request of the HTTP client, or to a URL that carries its signature. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Body } from "../../Body.js"
import type * as Credentials from "../../Credentials.js"
import type * as Endpoint from "../../Endpoint.js"
import * as ObjectKey from "../../ObjectKey.js"
import * as Signature from "../../Signature.js"
import * as percent from "../encoding/percent.js"
import type { Authorization } from "./remoteSigner.js"
import type { Pairs, Request } from "./request.js"

/** A signature is valid for at least so many seconds, which cover the longest attempt. */
const validity = 3600
/** Signing windows begin on a multiple of this, so that a signing key can be used again. In seconds. */
const windowStep = 300

const keyTimeAt = (now: number, accessKey: Credentials.AccessKey): Signature.KeyTime => {
  const seconds = Math.floor(now / 1000)
  // Begins in the past, since the service's clock may be behind.
  const begun = seconds - (seconds % windowStep)
  return clampToKeyValidity({ start: Math.max(0, begun - windowStep), end: begun + windowStep + validity }, accessKey)
}

/** The part of a time in which the access key is valid. */
export const clampToKeyValidity = (
  time: Signature.KeyTime,
  accessKey: Credentials.AccessKey | undefined
): Signature.KeyTime => ({
  start: Math.max(time.start, accessKey?.startsAt === undefined ? 0 : Math.ceil(accessKey.startsAt.getTime() / 1000)),
  end: Math.min(
    time.end,
    accessKey?.expiresAt === undefined ? time.end : Math.floor(accessKey.expiresAt.getTime() / 1000)
  )
})

const queryText = (query: Pairs): string =>
  query.map(([name, value]) => `${percent.encode(name)}=${percent.encode(value)}`).join("&")

const encodedPath = (request: Request, target: Endpoint.Resolved): string =>
  `${target.pathPrefix}/${request.key === undefined ? "" : ObjectKey.encode(request.key)}`

/** The signature covers the decoded path. */
const signedPath = (request: Request, target: Endpoint.Resolved): string => `${target.pathPrefix}/${request.key ?? ""}`

export interface Signing {
  readonly signer: Signature.Signer
  readonly accessKey: Credentials.AccessKey | undefined
  readonly signHost: boolean
}

/** The URL as text: a `URL` object would rewrite dot segments. */
const urlOf = (request: Request, target: Endpoint.Resolved, query: string): string => {
  const url = target.origin + encodedPath(request, target)
  return query === "" ? url : `${url}?${query}`
}

/** The address of what the request is for. */
export const locationOf = (request: Request, target: Endpoint.Resolved): string => urlOf(request, target, "")

export const unsignedUrl = (request: Request, target: Endpoint.Resolved): string =>
  urlOf(request, target, queryText(request.query))

const sign = (
  request: Request,
  target: Endpoint.Resolved,
  signing: Signing,
  accessKey: Credentials.AccessKey,
  headers: Pairs,
  keyTime: Signature.KeyTime
): Signature.Signed =>
  signing.signer.sign({
    method: request.method,
    pathname: signedPath(request, target),
    query: request.query,
    headers: [
      ...(signing.signHost ? [["host", target.host] as const] : []),
      ...headers.filter(([name]) => Signature.isSignedHeader(name))
    ],
    secretId: accessKey.secretId,
    secretKey: Redacted.value(accessKey.secretKey),
    keyTime
  })

/** A signed request of the HTTP client; unsigned without an access key. */
export const signedRequest = (
  request: Request,
  target: Endpoint.Resolved,
  options: {
    readonly signing: Signing
    /** The service's time, in ms. */
    readonly now: number
    readonly hostHeader: boolean
    /** Whether a stream is sent with its length. */
    readonly canStream: boolean
    /** The headers of this attempt. */
    readonly headers: Pairs
    /** Made elsewhere, where there is no access key. */
    readonly authorization?: Authorization | undefined
  }
): HttpClientRequest.HttpClientRequest => {
  const { accessKey } = options.signing
  const { authorization } = options
  const secret = accessKey?.token === undefined ? authorization?.token : Redacted.value(accessKey.token)
  const token = secret === undefined ? [] : [["x-cos-security-token", secret] as const]
  const headers: Pairs = [...request.headers, ...options.headers, ...token]
  const sent: { [name: string]: string } = {}
  if (options.hostHeader) sent.host = target.host
  for (const [name, value] of headers) sent[name.toLowerCase()] = value
  if (accessKey !== undefined) {
    const keyTime = keyTimeAt(options.now, accessKey)
    sent.authorization = sign(request, target, options.signing, accessKey, headers, keyTime).authorization
  }
  if (authorization !== undefined) sent.authorization = authorization.authorization
  return HttpClientRequest.make(request.method as "GET")(unsignedUrl(request, target), {
    headers: sent,
    ...(request.body === undefined
      ? undefined
      : { body: httpBody(request.body, sent["content-type"], options.canStream) })
  })
}

const httpBody = (body: Body, contentType: string | undefined, canStream: boolean): HttpBody.HttpBody => {
  if (body._tag === "Bytes") return HttpBody.raw(body.bytes, { contentType, contentLength: body.size })
  return body.blob === undefined || canStream
    ? HttpBody.stream(body.stream as Stream.Stream<Uint8Array, unknown>, contentType, body.size)
    : HttpBody.raw(plainBlob(body.blob), { contentType, contentLength: body.size })
}

/** Some runtimes send an empty Blob in chunks, and would send the type of any as a header that was not signed. */
const plainBlob = (blob: Blob): Blob | Uint8Array =>
  blob.size === 0 ? new Uint8Array(0) : blob.type === "" ? blob : blob.slice(0, blob.size, "")

/** A URL with its signature, and the headers that must be sent with it. */
export const presign = (
  request: Request,
  target: Endpoint.Resolved,
  signing: Signing,
  keyTime: Signature.KeyTime
): { readonly url: string; readonly headers: Pairs } => {
  const { accessKey } = signing
  if (accessKey === undefined) return { url: unsignedUrl(request, target), headers: request.headers }
  const headers = request.headers.filter(([name]) => Signature.isSignedHeader(name))
  const token =
    accessKey.token === undefined ? "" : `&x-cos-security-token=${percent.encode(Redacted.value(accessKey.token))}`
  const signature = Signature.presignQuery(sign(request, target, signing, accessKey, headers, keyTime))
  const own = queryText([...request.query].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  return {
    url: urlOf(request, target, signature + token + (own === "" ? "" : `&${own}`)),
    headers: request.headers
  }
}
