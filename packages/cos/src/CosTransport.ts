/**
 * What the `HttpClient` below the SDK can do.
 *
 * The SDK runs on any `HttpClient`, but they differ: `fetch` drops `Content-Length` and `Host`, and every stock client
 * rewrites the path as WHATWG URLs do, so that `a/../b` is sent as `b`: another object. What a client cannot send the
 * SDK refuses with an `InvalidInput`, or sends in another way; so it has to know. Nothing is assumed by default.
 *
 * @example
 * ```ts
 * import { NodeHttpClient } from "@effect/platform-node"
 * import { CosTransport } from "effect-cos"
 * import { Layer } from "effect"
 *
 * const Transport = Layer.merge(NodeHttpClient.layerUndici, CosTransport.layerNode)
 * ```
 *
 * @since 0.1.0
 */
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { TransportError } from "./CosError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Capabilities {
  /** The URL is sent as it was given: keys with `.` and `..` segments reach their own object. */
  readonly rawPath: boolean
  /** A stream of known size is sent with `Content-Length`, not chunked. */
  readonly contentLength: boolean
  /** A `Host` header of ours is sent. */
  readonly hostHeader: boolean
  /** A body arrives as it is stored: its `Content-Encoding` is not undone, as `fetch` does. */
  readonly rawBody: boolean
  /**
   * Ends the exchange of a request, which then fails, also while the answer's body is read; `false` if there is none. The
   * request is the one that the client itself got, and the client makes no span for it. Without this a time limit needs
   * a fiber of its own for each request, for it to be interrupted, which costs as much as signing and sending.
   */
  readonly abort: ((request: HttpClientRequest) => boolean) | undefined
  /**
   * How to read the body of an answer into a buffer with no Stream between, for downloads into files; `undefined` if the
   * answer is not of this client. A Stream costs as much for each piece as receiving it. Without this it is used.
   */
  readonly readInto: ((response: HttpClientResponse) => ReadInto | undefined) | undefined
}

/**
 * Reads the whole body into the beginning of the buffer and gives its length, which is larger than the buffer if the
 * body is: what does not fit may be dropped. `onBytes` is told of each piece when it is there. Interrupted, it writes
 * no more.
 *
 * @since 0.1.0
 * @category models
 */
export type ReadInto = (
  buffer: Uint8Array,
  onBytes: (bytes: Uint8Array) => void
) => Effect.Effect<number, HttpClientError>

const none: Capabilities = {
  rawPath: false,
  contentLength: false,
  hostHeader: false,
  rawBody: false,
  abort: undefined,
  readInto: undefined
}

/**
 * The abilities of the client in use: none, unless a layer says so.
 *
 * @since 0.1.0
 * @category context
 */
export class CosTransport extends Context.Reference<CosTransport>()("effect-cos/CosTransport", {
  defaultValue: (): Capabilities => none
}) {}

/**
 * Says what the `HttpClient` it is merged with can do; what is not named it cannot.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (capabilities: Partial<Capabilities>): Layer.Layer<CosTransport> =>
  Layer.succeed(CosTransport, { ...none, ...capabilities })

/**
 * For the clients of `@effect/platform-node`, `NodeHttpClient.layer` and `layerUndici`: all but raw paths.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNode: Layer.Layer<CosTransport> = layer({ contentLength: true, hostHeader: true, rawBody: true })

/**
 * What a transport knows of a failure, as the `cause` of its `HttpClientError`. The SDK reads these fields from the
 * cause of any client's error, whatever its class. It holds no request: printed, that shows credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportFailure extends Data.TaggedError("TransportFailure")<{
  /** Of the system, of TLS or of the HTTP client: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`, …; else a name. */
  readonly code: string
  /** How far the exchange had come; `send` until the whole request was handed to the system. */
  readonly phase: TransportError["phase"]
  /**
   * The connection had served requests before, and ended without a byte of this answer: very likely the server closed
   * an idle connection while the request was under way.
   */
  readonly staleConnection: boolean
  readonly message: string
}> {}
