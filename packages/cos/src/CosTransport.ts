/**
 * The abilities of the `HttpClient` that the SDK sends with.
 *
 * The SDK runs on any `HttpClient`, but they differ: `fetch` drops `Content-Length` and `Host`, and every stock client
 * rewrites the path as WHATWG URLs do, so that `a/../b` is sent as `b`: another object. The SDK
 * refuses what a client cannot send with `InvalidInput`, or sends it in another way. By default it assumes nothing.
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
import type { HttpClient } from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import type * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
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
  /** A body arrives as it is stored. (`fetch` decodes its `Content-Encoding`.) */
  readonly rawBody: boolean
  /**
   * Responses may lack headers that the server sent, because the CORS rules of the bucket do not expose them to the page.
   * Of `fetch` this need not be said: its responses tell.
   */
  readonly hidesHeaders?: boolean | undefined
  /** A body with `Expect: 100-continue` waits until the server asks for it, and is not sent where that refuses. */
  readonly expectContinue: boolean
  /**
   * Ends the exchange of a request, which then fails, also while the body of the response is read; `false` if there is
   * none. The request is the one that the client itself got, and the client makes no span for it. Without this, a time
   * limit needs a fiber for each request, which costs as much as signing and sending.
   */
  readonly abort: ((request: HttpClientRequest) => boolean) | undefined
  /**
   * How the SDK sends a request whose body is no stream, at a lower cost than by the client; `undefined` for another client
   * than the transport's own, such as one made of it that changes requests.
   */
  readonly direct?: ((client: HttpClient) => Send | undefined) | undefined
  /**
   * Reads the body of a response into a buffer without a Stream, for downloads into files; `undefined` for responses of
   * other clients. A Stream costs as much for each piece as receiving it does.
   */
  readonly readInto: ((response: HttpClientResponse) => ReadInto | undefined) | undefined
  /**
   * Pulls the body of a response without a Stream, for documents of unknown length, as copies are answered with;
   * `undefined` for responses of other clients. For a document of one piece a Stream costs more than the request.
   */
  readonly pull?: ((response: HttpClientResponse) => Pull | undefined) | undefined
}

/**
 * A request that is sent when `response` runs, which is once. An interrupt of `response` does not end the exchange: `abort`
 * does. It is `false` as long as there is none.
 *
 * @since 0.1.0
 * @category models
 */
export type Send = (request: HttpClientRequest) => {
  readonly response: Effect.Effect<HttpClientResponse, HttpClientError>
  readonly abort: () => boolean
}

/**
 * Reads the whole body into the beginning of the buffer and gives its length, which is larger than the buffer if the
 * body is: what does not fit may be dropped. `onBytes` is called with each piece as it arrives. Once
 * interrupted, nothing more is written.
 *
 * @since 0.1.0
 * @category models
 */
export type ReadInto = (
  buffer: Uint8Array,
  onBytes: (bytes: Uint8Array) => void
) => Effect.Effect<number, HttpClientError>

/**
 * The next pieces of a body, which is read once; fails with `None` at its end. An interrupt does not end the exchange:
 * `abort` does.
 *
 * @since 0.1.0
 * @category models
 */
export type Pull = Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<HttpClientError>>

const none: Capabilities = {
  rawPath: false,
  contentLength: false,
  hostHeader: false,
  rawBody: false,
  expectContinue: false,
  abort: undefined,
  readInto: undefined
}

/**
 * The abilities of the HTTP client: none, unless a layer says so.
 *
 * @since 0.1.0
 * @category context
 */
export class CosTransport extends Context.Reference<CosTransport>()("effect-cos/CosTransport", {
  defaultValue: (): Capabilities => none
}) {}

/**
 * The abilities of the `HttpClient` that the layer is merged with. Those left out are absent.
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
 * cause of any client's error, whatever its class. It holds no request, because printing one shows credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportFailure extends Data.TaggedError("TransportFailure")<{
  /** The code of the system, of TLS or of the HTTP client: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`, …. */
  readonly code: string
  /** How far the exchange had come. It is `send` until the system has the whole request. */
  readonly phase: TransportError["phase"]
  /**
   * The connection had served requests before, and ended without a byte of this response: very likely the server closed
   * an idle connection while the request was under way.
   */
  readonly staleConnection: boolean
  readonly message: string
}> {}
