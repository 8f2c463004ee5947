/**
 * The `HttpClient` for Node, directly on undici's `dispatch`: the one that sends every key and every body as it is.
 *
 * Compared with the stock layers, it sends the URL verbatim (without WHATWG normalisation, so keys with `.` and `..`
 * segments work), keeps a `Host` header, keeps the connection of a HEAD, returns a response at once that comes before a
 * large body was sent, and needs about a third of the CPU time. It makes no span and adds no header, since the SDK has its
 * own.
 *
 * undici is loaded by the first request. The only time limit is the one for connecting. The SDK has limits for the rest; elsewhere use `Effect.timeout`.
 * Interruption closes the connection, and returns only when the finalizers of a streamed body have run.
 *
 * The body of a response is read whole (`text`, `json`, `arrayBuffer`) any number of times, or as a stream once. At most
 * 256 KiB are read ahead. A larger body keeps its connection until it is read, so read it or use `HttpClient.withScope`. A
 * response that was dropped unread frees its connection when it is collected as garbage.
 *
 * With the header `Expect: 100-continue` a body waits until the server asks for it. undici cannot do that, so `node:http`
 * sends such a request, on a connection of its own. With a proxy or a dispatcher of your own it is a `RequestError`. A
 * `100 Continue` that nobody asked for fails the request. Other 1xx responses are ignored. Redirects are not followed, and
 * bodies are never decompressed.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { InvalidInput } from "effect-cos/CosError"
import * as CosTransport from "effect-cos/CosTransport"
import type { Dispatcher } from "undici/index.js"
import { acquire, expectOptions } from "./internal/dispatcher.js"
import { pull, readInto } from "./internal/response.js"
import { abort, direct, makeClient } from "./internal/sendRequest.js"

/**
 * The certificates of a connection, as PEM text: which servers are trusted, and how this client identifies itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tls {
  /** Certificate authorities to trust instead of Node's own, also for an `https:` proxy. */
  readonly ca?: string | ReadonlyArray<string> | undefined
  /** This client's certificate. */
  readonly cert?: string | undefined
  /** Its private key. */
  readonly key?: Redacted.Redacted<string> | undefined
  /** The name in the server's certificate. Default: the `Host` header, else the host of the URL. */
  readonly servername?: string | undefined
  /** `false` accepts any certificate: anyone on the way can then read and change everything. Default `true`. */
  readonly rejectUnauthorized?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The limit for DNS, TCP and TLS together, accurate to about a second. With a proxy it applies to each of three steps:
   * reaching the proxy, opening the tunnel, and TLS through the tunnel. Zero: no limit. Default 10 s.
   */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /**
   * How long an idle connection is kept for the next request, unless the server announces its own time. Zero closes the
   * connection after every response. Default 4 s.
   */
  readonly keepAlive?: Duration.DurationInput | undefined
  /**
   * How long a body with `Expect: 100-continue` waits to be asked for, counted from the connection, before it is sent all the
   * same. Default 1 s.
   */
  readonly continueTimeout?: Duration.DurationInput | undefined
  /** The largest number of connections to one origin, at least 1; further requests wait. Default: no limit. */
  readonly connections?: number | undefined
  readonly tls?: Tls | undefined
  /**
   * An `http:` or `https:` proxy, with `user:password@` if it needs them (use `Redacted` then). All requests, also those
   * to `http:` servers, go through a tunnel (`CONNECT`), so that the proxy can neither see nor alter what was signed.
   */
  readonly proxy?: URL | Redacted.Redacted<URL> | undefined
  /**
   * A dispatcher of your own, used instead of all other options and never closed. With it the transport cannot tell that
   * a connection was stale, and does not close a connection whose response came before the whole request was sent.
   */
  readonly dispatcher?: Dispatcher | undefined
}

/**
 * A client whose connections close with the scope.
 *
 * The `cause` of its errors is a `CosTransport.TransportFailure` with the system's code and the phase. The `cause` of a
 * `RequestError` with reason `Encode` can also be the error with which the stream of the body failed, or undici's
 * (`UND_ERR_REQ_CONTENT_LENGTH_MISMATCH`) when that stream was longer or shorter than announced.
 *
 * Fails with `InvalidInput` if the proxy is not `http:` or `https:`, `connections` is less than 1, or a time is negative or
 * no duration.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<HttpClient.HttpClient, InvalidInput, Scope.Scope> =>
  Effect.map(acquire(options), (connections) =>
    makeClient({ connections, servername: options.tls?.servername, expect: expectOptions(options) })
  )

/**
 * This transport can do everything that the SDK makes use of; {@link capabilitiesOf} says what it cannot with some options.
 * `abort`, `direct`, `readInto` and `pull` work for its own requests and responses.
 *
 * @since 0.1.0
 * @category models
 */
export const capabilities: CosTransport.Capabilities = {
  rawPath: true,
  contentLength: true,
  hostHeader: true,
  rawBody: true,
  expectContinue: true,
  abort,
  direct,
  readInto,
  pull
}

/**
 * What the transport with these options can do: with a proxy or a dispatcher of your own there is no `Expect: 100-continue`.
 *
 * @since 0.1.0
 * @category models
 */
export const capabilitiesOf = (options: Options = {}): CosTransport.Capabilities => ({
  ...capabilities,
  expectContinue: expectOptions(options) !== undefined
})

/**
 * Provides the client, and tells the SDK its capabilities.
 *
 * @example
 * ```ts
 * import { CosClient, Credentials } from "effect-cos"
 * import { UndiciTransport } from "effect-cos-node"
 * import { Layer } from "effect"
 *
 * const Cos = CosClient.layer({ region: "ap-guangzhou", bucket: "examplebucket-1250000000" }).pipe(
 *   Layer.provide(Credentials.layerEnv),
 *   Layer.provide(UndiciTransport.layer({ connectTimeout: "5 seconds" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<HttpClient.HttpClient | CosTransport.CosTransport, InvalidInput> =>
  Layer.merge(Layer.scoped(HttpClient.HttpClient, make(options)), CosTransport.layer(capabilitiesOf(options)))
