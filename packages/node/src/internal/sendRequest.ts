/** How a request is sent: it becomes an {@link Exchange}, which a dispatcher of undici carries out. */
import type { Readable } from "node:stream"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import { RequestError } from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as CosTransport from "effect-cos/CosTransport"
import type { DispatchOptions } from "./connection.js"
import type { Connections, Open } from "./connections.js"
import { Exchange, type Resume } from "./exchange.js"
import { dispatchExpecting, type ExpectOptions, isExpecting } from "./expectContinue.js"
import { closed, toReadable, toUndici } from "./requestBody.js"
import { mayHaveScopeSignal, scopeSignal } from "./scopeSignal.js"

/** The exchange of every request that somebody still refers to, for {@link abort}. */
const exchanges = new WeakMap<HttpClientRequest.HttpClientRequest, Exchange>()

/** Ends the exchange of a request; `false` if this transport did not send it. */
export const abort = (request: HttpClientRequest.HttpClientRequest): boolean => exchanges.get(request)?.abort() ?? false

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
const bytesOf = (body: HttpBody.HttpBody, open: Open): Uint8Array | undefined => {
  const content = toUndici(body, open)
  return typeof content === "string" ? Buffer.from(content) : content instanceof Uint8Array ? content : undefined
}

const withServername = (expect: ExpectOptions, servername: string): ExpectOptions => ({
  ...expect,
  tls: { ...expect.tls, servername }
})

type Response = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError>

/** How the connections of a transport carry out exchanges. */
interface Carrier {
  readonly connections: Connections
  readonly servername: string | undefined
  readonly expect: ExpectOptions | undefined
}

const carryOut = (
  { connections, expect, servername }: Carrier,
  open: Open,
  exchange: Exchange,
  request: HttpClientRequest.HttpClientRequest,
  stream: Readable | undefined,
  resume: Resume
): void => {
  const { body } = request
  const url = split(request)
  if (url === undefined) {
    resume(Effect.fail(new RequestError({ request, reason: "InvalidUrl" })))
    return
  }
  exchange.begin(resume)
  const options: DispatchOptions = {
    exchange,
    origin: url.origin,
    path: url.path,
    method: request.method,
    // A copy, because a proxy agent adds `host` to what it is given.
    headers: { ...request.headers },
    body: stream ?? toUndici(body, open),
    servername,
    // Without this undici closes the connection after a HEAD.
    reset: false,
    // undici's own limits also count the time of the upload.
    headersTimeout: 0,
    bodyTimeout: 0
  }
  try {
    const content = expect !== undefined && isExpecting(request.headers) ? (stream ?? bytesOf(body, open)) : undefined
    if (expect === undefined || content === undefined) open.dispatcher.dispatch(options, exchange)
    else {
      const { method } = request
      const message = { ...url, method, headers: { ...request.headers }, body: content }
      const how = servername === undefined ? expect : withServername(expect, servername)
      dispatchExpecting(exchange, message, how, connections)
    }
  } catch (error) {
    exchange.onResponseError(undefined, error as Error)
  }
}

const dispatch = (
  carrier: Carrier,
  open: Open,
  request: HttpClientRequest.HttpClientRequest,
  runtime: Runtime.Runtime<never>,
  signal: AbortSignal | undefined
): Response =>
  Effect.async((resume) => {
    const stream = request.body._tag === "Stream" ? toReadable(runtime, request.body) : undefined
    const exchange = new Exchange(request, stream)
    exchanges.set(request, exchange)
    signal?.addEventListener("abort", () => exchange.abort())
    // The scope may have been closed already, and then the signal fires no more.
    if (signal?.aborted) {
      exchange.begin(resume)
      exchange.abort()
    } else carryOut(carrier, open, exchange, request, stream, resume)
    return Effect.suspend(() => {
      exchange.abort()
      return stream === undefined ? Effect.void : closed(stream)
    })
  })

/** As the client of the platform sends. */
export const sendRequest = (carrier: Carrier) => {
  const sendBy = (open: Open, request: HttpClientRequest.HttpClientRequest): Response =>
    Effect.withFiberRuntime((fiber) => {
      const send = (runtime: Runtime.Runtime<never>, signal: AbortSignal | undefined) =>
        dispatch(carrier, open, request, runtime, signal)
      // Most requests need neither; looking for them anyway would be a quarter of the transport's steps.
      return request.body._tag !== "Stream" && !mayHaveScopeSignal(fiber.currentContext)
        ? send(Runtime.defaultRuntime, undefined)
        : Effect.flatMap(scopeSignal(request), (signal) =>
            Effect.flatMap(Effect.runtime<never>(), (runtime) => send(runtime, signal))
          )
    })
  return (request: HttpClientRequest.HttpClientRequest): Response => {
    const open = carrier.connections.openFor(request)
    return open === undefined
      ? Effect.flatMap(carrier.connections.loadFor(request), (open) => sendBy(open, request))
      : sendBy(open, request)
  }
}

/** The response of an exchange, which lets go of the request when it is there: Effect holds what waits for it much longer. */
const responseOf = (carrier: Carrier, open: Open, exchange: Exchange): Response =>
  Effect.async((resume) => {
    if (exchange.request !== undefined) carryOut(carrier, open, exchange, exchange.request, undefined, resume)
  })

/** As the SDK sends, which ends exchanges by itself. */
const directly =
  (carrier: Carrier): CosTransport.Send =>
  (request) => {
    const exchange = new Exchange(request, undefined)
    const open = carrier.connections.openFor(request)
    return {
      response:
        open === undefined
          ? Effect.flatMap(carrier.connections.loadFor(request), (open) => responseOf(carrier, open, exchange))
          : responseOf(carrier, open, exchange),
      abort: () => exchange.abort()
    }
  }

const carriers = new WeakMap<HttpClient.HttpClient, Carrier>()

export const makeClient = (carrier: Carrier): HttpClient.HttpClient => {
  const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap(sendRequest(carrier)),
    Effect.succeed
  )
  carriers.set(client, carrier)
  return client
}

/** `undefined` for other clients, and for those made of ours, which may change requests and responses. */
export const direct = (client: HttpClient.HttpClient): CosTransport.Send | undefined => {
  const carrier = carriers.get(client)
  return carrier === undefined ? undefined : directly(carrier)
}
