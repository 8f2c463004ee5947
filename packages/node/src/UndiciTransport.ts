/**
 * The `HttpClient` for Node, directly on undici's `dispatch`: the one that sends every key and every body as it is.
 *
 * Against the stock layers: the URL is sent verbatim (no WHATWG normalisation, so keys with `.` and `..` segments
 * work), a `Host` header is kept, HEAD keeps its connection, an answer that comes before a large body was sent is
 * returned at once, and a request costs about a third of the CPU. It makes no span and adds no header: the SDK has its own.
 *
 * It sets no time limit but the one for connecting; the SDK has limits for the rest, others use `Effect.timeout`.
 * Interruption closes the connection of the exchange, and ends only when the finalizers of a streamed body have run.
 *
 * The body of an answer is read whole (`text`, `json`, `arrayBuffer`), or as a stream, once; what is not read is not
 * read ahead beyond 256 KiB. Larger bodies hold their connection until read, so use `HttpClient.withScope`, or read
 * them; a response that was dropped unread gives its connection back when it is collected as garbage.
 *
 * What undici cannot do: `Expect: 100-continue` (a `RequestError`), and an unasked-for `100 Continue` from the server
 * fails the request. Other 1xx answers are ignored. Redirects are answers, and bodies are never decompressed.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { InvalidInput } from "effect-cos/CosError"
import * as CosTransport from "effect-cos/CosTransport"
import type { Dispatcher } from "undici"
import { readInto } from "./internal/incoming.js"
import * as internal from "./internal/transport.js"

/**
 * How a server proves who it is, and this client to it. PEM text, as in `node:tls`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tls {
  /** Certificate authorities to trust instead of Node's own; an `https:` proxy is held to them as well. */
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
   * The time for DNS, TCP and TLS together, to about a second; behind a proxy for reaching it, for its tunnel, and for
   * TLS through that. Default 10 s.
   */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /**
   * How long an idle connection is kept for the next request, if the server announces no time of its own; zero closes
   * it after every answer. Default 4 s.
   */
  readonly keepAlive?: Duration.DurationInput | undefined
  /** The most connections to one origin; further requests wait. At least 1. Default: no limit but the program's. */
  readonly connections?: number | undefined
  readonly tls?: Tls | undefined
  /**
   * An `http:` or `https:` proxy, with `user:password@` if it asks for them (then better `Redacted`). Requests, plain
   * ones as well, pass through it in a tunnel (`CONNECT`), so that it neither sees nor alters what was signed.
   */
  readonly proxy?: URL | Redacted.Redacted<URL> | undefined
  /**
   * A dispatcher of your own in place of all other options; it stays open. On one that is not ours a failure is never
   * known to be of a stale connection, and a connection is not closed when an answer came before the request was sent.
   */
  readonly dispatcher?: Dispatcher | undefined
}

/**
 * A client whose connections close with the scope.
 *
 * A failure's `cause` is a `CosTransport.TransportFailure` with the system's code and the phase. Of a `RequestError`
 * with reason `Encode` it may instead be the error that the stream of the body failed with, or undici's when that
 * stream was longer or shorter than announced (`UND_ERR_REQ_CONTENT_LENGTH_MISMATCH`).
 *
 * Fails with `InvalidInput` on a proxy that is not `http:` or `https:`, and on less than one connection.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (options?: Options) => Effect.Effect<HttpClient.HttpClient, InvalidInput, Scope.Scope> =
  internal.make

/**
 * It can do all that the SDK asks for. `abort` and `readInto` know the exchanges and answers of these clients only.
 *
 * @since 0.1.0
 * @category models
 */
export const capabilities: CosTransport.Capabilities = {
  rawPath: true,
  contentLength: true,
  hostHeader: true,
  rawBody: true,
  abort: internal.abort,
  readInto
}

/**
 * The client, and its capabilities.
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
  Layer.merge(Layer.scoped(HttpClient.HttpClient, make(options)), CosTransport.layer(capabilities))
