import type { Readable } from "node:stream"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { InvalidInput } from "effect-cos/CosError"
import { Agent, type Dispatcher, FormData, Pool, ProxyAgent } from "undici"
import type { Options } from "../UndiciTransport.js"
import { type DispatchOptions, factory } from "./connection.js"
import { Exchange } from "./exchange.js"
import { closed, toReadable } from "./source.js"

/** Where `HttpClient.withScope` leaves the controller of a request; the platform has no public name for it. */
const scoped = globalValue(
  "@effect/platform/HttpClient/scopedRequests",
  () => new WeakMap<HttpClientRequest.HttpClientRequest, AbortController>()
)

const exchanges = new WeakMap<HttpClientRequest.HttpClientRequest, Exchange>()

export const abort = (request: HttpClientRequest.HttpClientRequest): boolean => {
  const exchange = exchanges.get(request)
  exchange?.abort()
  return exchange !== undefined
}

/** Origin and target as they were given: an URL object would rewrite the path. The fragment is never sent. */
const split = (request: HttpClientRequest.HttpClientRequest) => {
  const match = /^(https?:\/\/[^/?#]+)([^?#]*)(\?[^#]*)?/.exec(request.url)
  if (match === null) return undefined
  const [, origin = "", path = "", query = ""] = match
  const params = UrlParams.toString(request.urlParams)
  const separator = query === "" ? "?" : "&"
  return { origin, path: (path === "" ? "/" : path) + query + (params === "" ? "" : separator + params) }
}

/** undici takes its own `FormData` only, and would add the type of a `Blob` as a header that nobody signed. */
const bodyOf = (body: HttpBody.HttpBody): NonNullable<Dispatcher.DispatchOptions["body"]> | null => {
  switch (body._tag) {
    case "Uint8Array":
      return body.body
    case "Raw":
      return (body.body instanceof Blob ? body.body.slice(0, body.body.size, "") : body.body) as Readable
    case "FormData": {
      const form = new FormData()
      body.formData.forEach((value, name) => {
        if (typeof value === "string") form.append(name, value)
        else form.append(name, value, value.name)
      })
      return form
    }
    default:
      return null
  }
}

const send =
  (dispatcher: Dispatcher, servername: string | undefined) =>
  (
    request: HttpClientRequest.HttpClientRequest
  ): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
    const { body } = request
    const start = (runtime: Runtime.Runtime<never>) =>
      Effect.async<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError>((resume) => {
        const url = split(request)
        if (url === undefined) {
          return resume(Effect.fail(new HttpClientError.RequestError({ request, reason: "InvalidUrl" })))
        }
        const source = body._tag === "Stream" ? toReadable(runtime, body.stream, body.contentLength) : undefined
        const exchange = new Exchange(request, source, resume)
        const options: DispatchOptions = {
          exchange,
          origin: url.origin,
          path: url.path,
          method: request.method,
          // A copy: a proxy agent adds `host` to what it is given.
          headers: { ...request.headers },
          body: source ?? bodyOf(body),
          servername,
          // Without this undici closes the connection after a HEAD.
          reset: false,
          // undici's limits count the upload as well.
          headersTimeout: 0,
          bodyTimeout: 0
        }
        exchanges.set(request, exchange)
        scoped.get(request)?.signal.addEventListener("abort", () => exchange.abort())
        try {
          dispatcher.dispatch(options, exchange)
        } catch (error) {
          exchange.onResponseError(undefined, error as Error)
        }
        return Effect.suspend(() => {
          exchange.abort()
          return source === undefined ? Effect.void : closed(source)
        })
      })
    return body._tag === "Stream" ? Effect.flatMap(Effect.runtime<never>(), start) : start(Runtime.defaultRuntime)
  }

/** Whole, and no longer than timers run. */
const millis = (duration: Duration.DurationInput): number =>
  Math.min(Math.ceil(Duration.toMillis(duration)), 2 ** 31 - 1)

const invalid = (field: string, rule: string) =>
  Effect.fail(new InvalidInput({ operation: "UndiciTransport", field, reason: `${field} ${rule}` }))

const makeDispatcher = (options: Options): Effect.Effect<Dispatcher, InvalidInput> => {
  const { connections, tls } = options
  const proxy = Redacted.isRedacted(options.proxy) ? Redacted.value(options.proxy) : options.proxy
  if (connections !== undefined && !(connections >= 1)) return invalid("connections", "must be at least 1")
  if (proxy !== undefined && !/^https?:$/.test(proxy.protocol))
    return invalid("proxy", "must be an http: or https: URL")
  const timeout = millis(options.connectTimeout ?? "10 seconds")
  const keepAlive = millis(options.keepAlive ?? "4 seconds")
  const ca = typeof tls?.ca === "object" ? [...tls.ca] : tls?.ca
  const connect = { ...tls, ca, key: tls?.key && Redacted.value(tls.key), timeout }
  const pool = {
    factory,
    connections: connections ?? null,
    ...(keepAlive === 0 ? { pipelining: 0 } : { keepAliveTimeout: keepAlive })
  }
  return Effect.sync(() =>
    proxy === undefined
      ? new Agent({ ...pool, connect })
      : new ProxyAgent({
          ...pool,
          uri: proxy.href,
          requestTls: connect,
          proxyTls: { ca, timeout },
          // Waiting for the tunnel is connecting.
          clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeout })
        })
  )
}

/** @internal */
export const make = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<HttpClient.HttpClient, InvalidInput, Scope.Scope> {
  const dispatcher =
    options.dispatcher ??
    (yield* Effect.acquireRelease(makeDispatcher(options), (dispatcher) => Effect.promise(() => dispatcher.destroy())))
  return HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap(send(dispatcher, options.tls?.servername)),
    Effect.succeed
  )
})
