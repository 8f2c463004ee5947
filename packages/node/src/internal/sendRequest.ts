/** How a request is sent: it becomes an {@link Exchange}, which a dispatcher of undici carries out. */
import type * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import { RequestError } from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type { DispatchOptions } from "./connection.js"
import type { Connections, Open, Undici } from "./connections.js"
import { Exchange } from "./exchange.js"
import { dispatchExpecting, type ExpectOptions, isExpecting } from "./expectContinue.js"
import { closed, toReadable, toUndici } from "./requestBody.js"
import { mayHaveScopeSignal, scopeSignal } from "./scopeSignal.js"

/** The exchange of every request that somebody still refers to, for {@link abort}. */
const exchanges = new WeakMap<HttpClientRequest.HttpClientRequest, Exchange>()

/** Ends the exchange of a request; `false` if this transport did not send it. */
export const abort = (request: HttpClientRequest.HttpClientRequest): boolean => {
  const exchange = exchanges.get(request)
  exchange?.abort()
  return exchange !== undefined
}

/** Origin and path as they were given: a `URL` would rewrite the path. The fragment is never sent. */
const split = (request: HttpClientRequest.HttpClientRequest) => {
  const match = /^(https?:\/\/[^/?#]+)([^?#]*)(\?[^#]*)?/.exec(request.url)
  if (match === null) return undefined
  const [, origin = "", path = "", query = ""] = match
  const params = UrlParams.toString(request.urlParams)
  const separator = query === "" ? "?" : "&"
  return { origin, path: (path === "" ? "/" : path) + query + (params === "" ? "" : separator + params) }
}

/** What `node:http` sends as it is. */
const bytesOf = (body: HttpBody.HttpBody, undici: Undici): Uint8Array | undefined => {
  const content = toUndici(body, undici)
  return typeof content === "string" ? Buffer.from(content) : content instanceof Uint8Array ? content : undefined
}

const withServername = (expect: ExpectOptions, servername: string): ExpectOptions => ({
  ...expect,
  tls: { ...expect.tls, servername }
})

type Sent = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError>

const dispatch = (
  { dispatcher, undici }: Open,
  servername: string | undefined,
  expect: ExpectOptions | undefined,
  request: HttpClientRequest.HttpClientRequest,
  runtime: Runtime.Runtime<never>,
  signal: AbortSignal | undefined
): Sent =>
  Effect.async((resume) => {
    const { body } = request
    const url = split(request)
    if (url === undefined) return resume(Effect.fail(new RequestError({ request, reason: "InvalidUrl" })))
    const stream = body._tag === "Stream" ? toReadable(runtime, body) : undefined
    const exchange = new Exchange(request, stream, resume)
    const options: DispatchOptions = {
      exchange,
      origin: url.origin,
      path: url.path,
      method: request.method,
      // A copy, because a proxy agent adds `host` to what it is given.
      headers: { ...request.headers },
      body: stream ?? toUndici(body, undici),
      servername,
      // Without this undici closes the connection after a HEAD.
      reset: false,
      // undici's own limits also count the time of the upload.
      headersTimeout: 0,
      bodyTimeout: 0
    }
    exchanges.set(request, exchange)
    signal?.addEventListener("abort", () => exchange.abort())
    // The scope may have been closed already, and then the signal fires no more.
    if (signal?.aborted) exchange.abort()
    else {
      try {
        const content =
          expect !== undefined && isExpecting(request.headers) ? (stream ?? bytesOf(body, undici)) : undefined
        if (expect === undefined || content === undefined) dispatcher.dispatch(options, exchange)
        else {
          const { method } = request
          const message = { ...url, method, headers: { ...request.headers }, body: content }
          dispatchExpecting(exchange, message, servername === undefined ? expect : withServername(expect, servername))
        }
      } catch (error) {
        exchange.onResponseError(undefined, error as Error)
      }
    }
    return Effect.suspend(() => {
      exchange.abort()
      return stream === undefined ? Effect.void : closed(stream)
    })
  })

export const sendRequest = (
  connections: Connections,
  servername: string | undefined,
  expect: ExpectOptions | undefined
) => {
  const sendBy = (open: Open, request: HttpClientRequest.HttpClientRequest): Sent =>
    Effect.withFiberRuntime((fiber) => {
      const send = (runtime: Runtime.Runtime<never>, signal: AbortSignal | undefined) =>
        dispatch(open, servername, expect, request, runtime, signal)
      // Most requests need neither; looking for them anyway would be a quarter of the transport's steps.
      return request.body._tag !== "Stream" && !mayHaveScopeSignal(fiber.currentContext)
        ? send(Runtime.defaultRuntime, undefined)
        : Effect.flatMap(scopeSignal(request), (signal) =>
            Effect.flatMap(Effect.runtime<never>(), (runtime) => send(runtime, signal))
          )
    })
  return (request: HttpClientRequest.HttpClientRequest): Sent => {
    const { current } = connections
    return current === undefined
      ? Effect.flatMap(connections.open, (open) => sendBy(open, request))
      : sendBy(current, request)
  }
}
