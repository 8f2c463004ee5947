/**
 * The one service that operations need: where requests go, how they are signed, and how often they are tried.
 *
 * Traces and metrics:
 *
 * - A span `Cos.<operation>` of kind `client` with the attributes `cos.bucket`, `cos.region` and `http.request.method`,
 *   and, of the last response, `http.response.status_code`, `cos.request_id` and `cos.attempt`, counted from 1;
 *   `cos.key` only with `traceObjectKeys`. The HTTP client's own spans are off, since they show URLs and headers.
 * - The metrics `cos_attempts_total`, requests sent; `cos_bytes_sent_total`, bytes of their bodies;
 *   `cos_bytes_received_total`, bytes of response bodies, also of those that broke off; and
 *   `cos_operation_duration`, a histogram of the milliseconds of operations that succeeded, by `operation`.
 *   `cos_uploads_left_total` counts the uploads that could not be removed from the server.
 *   `cos_concurrency` is a gauge of the files, and the parts, by `kind`, that transfers may have under way at once;
 *   `cos_buffer_bytes` one of the bytes of their buffers, which `memoryBudget` bounds.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type { Redacted } from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as CosError from "./CosError.js"
import type { Capabilities } from "./CosTransport.js"
import { type AccessKey, Credentials } from "./Credentials.js"
import type * as Endpoint from "./Endpoint.js"
import type { Hash } from "./Hash.js"
import * as internal from "./internal/http/client.js"
import type { Request } from "./internal/http/request.js"
import type { Response } from "./internal/http/response.js"
import { CurrentBucket } from "./internal/http/settingPrecedence.js"
import type { RetryPolicy } from "./RetryPolicy.js"
import type { KeyTime } from "./Signature.js"

export type { ResponseFacts } from "./internal/http/headers.js"
export type { Hidden } from "./internal/http/hiddenHeaders.js"
export type { HttpMethod, Request, RequestSummary, Watch } from "./internal/http/request.js"
export type { Response } from "./internal/http/response.js"
export type { Location } from "./internal/http/settingPrecedence.js"

/**
 * How long a request may take. All are on by default, and each fails with a `TransportError` whose reason is `Timeout`.
 * The time to connect is the transport's.
 *
 * @since 0.1.0
 * @category models
 */
export interface TimeLimits {
  /**
   * From sending to the head of the response; a body that is sent adds the time of `minBytesPerSecond`. Documents, such as
   * lists and errors, have the same time once more to arrive, with that of their own bytes. Default 30 s.
   */
  readonly attempt: Duration.DurationInput
  /**
   * How long the service may work on a request while it keeps the connection alive with blanks, as it does to complete an
   * upload and to copy. Default 15 minutes.
   */
  readonly processing: Duration.DurationInput
  /** The slowest rate at which bodies are sent, and documents arrive, in bytes per second. Default 65,536. */
  readonly minBytesPerSecond: number
  /** Between two pieces of a response body. Default 30 s. */
  readonly idle: Duration.DurationInput
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  /** Such as `ap-guangzhou`; the region of every operation that names none. */
  readonly region?: string | undefined
  /** Such as `examplebucket-1250000000`; the bucket of every operation that names none. */
  readonly bucket?: string | undefined
  /** Default `Endpoint.standard`. */
  readonly endpoint?: Endpoint.Endpoint | undefined
  /** Default `RetryPolicy.default`. */
  readonly retry?: RetryPolicy | undefined
  /**
   * Retries that the fibers of this client share: each takes one from the budget, each success gives a tenth back. Bounds
   * the load during an outage. At least 0; default 100; `Infinity` for no bound.
   */
  readonly retryBudget?: number | undefined
  readonly timeLimits?: Partial<TimeLimits> | undefined
  /**
   * Bytes, at least 1 MiB, that the buffers of all transfers of this client take together: of the parts, and the objects in
   * one request, that are read, sent, fetched or written. Further ones wait for their turn. What is larger goes alone, and
   * each stream that is uploaded fills one part besides. Default 64 MiB.
   */
  readonly memoryBudget?: FileSystem.SizeInput | undefined
  /** Whether the last attempt, and the one after an unexpected redirect, goes to the backup domain. Default `true`. */
  readonly backupDomain?: boolean | undefined
  /** Whether a clock that the service rejects is corrected by the `Date` of its response. Default `true`. */
  readonly correctClockSkew?: boolean | undefined
  /** Whether signatures hold for one host only; off where a CDN rewrites `Host`. Default `true`. */
  readonly signHost?: boolean | undefined
  /** Whether spans carry object keys, which may be private. Default `false`. */
  readonly traceObjectKeys?: boolean | undefined
  /** Bytes of the largest document that is read. Default 16 MiB. */
  readonly maxDocumentBytes?: number | undefined
  /** Changes the HTTP client, for example to limit concurrent requests. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class CosClient extends Context.Tag("effect-cos/CosClient")<CosClient, CosClient.Service>() {}

/**
 * @since 0.1.0
 */
export declare namespace CosClient {
  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    readonly settings: Settings
    /** What the HTTP client can carry. */
    readonly transport: Capabilities
    /** Computes signatures and digests. */
    readonly hash: Hash.Service
    /** Sends a request, signed and retried, and decodes its response within the attempt. */
    readonly execute: <A, E, R>(
      request: Request,
      expected: ReadonlyArray<CosError.ServiceErrorClass>,
      decode: (response: Response) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | CosError.AnyServiceError | CosError.Common, Exclude<R, Scope.Scope>>
    /** The same for a response whose body outlives the call: the connection belongs to the scope. */
    readonly executeScoped: <A, E, R>(
      request: Request,
      expected: ReadonlyArray<CosError.ServiceErrorClass>,
      decode: (response: Response) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | CosError.AnyServiceError | CosError.Common, R | Scope.Scope>
    /** Where a request would go: its bucket and region filled in, its key and headers checked. */
    readonly locate: (request: Request) => Effect.Effect<Located, CosError.InvalidInput>
    /** The access key and the time for a signature of a request that others send; errors name `operation`. */
    readonly signingWindow: (
      operation: string,
      expiresIn: Duration.DurationInput
    ) => Effect.Effect<SigningWindow, CosError.InvalidInput | CosError.CredentialsError>
    /** Signs a request without sending it. */
    readonly presign: (
      request: Request,
      expiresIn: Duration.DurationInput
    ) => Effect.Effect<Presigned, CosError.InvalidInput | CosError.CredentialsError>
  }
}

/**
 * A request with nothing left to fill in, and where it goes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Located {
  readonly request: Request
  readonly target: Endpoint.Resolved
  /** Whether it is signed if there is an access key: always but for a given host that says otherwise. */
  readonly signed: boolean
  /** Unsigned. */
  readonly url: string
}

/**
 * An access key, and the time for which a signature made with it now is valid: as long as asked, and never longer than
 * the key itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface SigningWindow {
  /** Absent for anonymous clients. */
  readonly accessKey: AccessKey | undefined
  /** Begins a minute ago, for clocks that differ. */
  readonly keyTime: KeyTime
}

/**
 * A request that anyone who has it can send until it expires.
 *
 * @since 0.1.0
 * @category models
 */
export interface Presigned {
  readonly method: string
  readonly url: Redacted<string>
  /**
   * Signed but not in the URL: whoever uses it must send exactly these. Of SSE-C they hold the customer's key, which logs,
   * `inspect` and `JSON.stringify` of the whole request show as redacted, as they do the URL; of `headers` alone they show
   * it. A span of yours that ends with the request holds it.
   */
  readonly headers: { readonly [name: string]: string }
  /** The bytes to send, where the input had them in memory or made a document of them: their MD5 may be signed. */
  readonly body: Uint8Array | undefined
  readonly expiresAt: Date
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  settings?: Settings
) => Effect.Effect<CosClient.Service, never, HttpClient.HttpClient | Credentials> = internal.make

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (settings?: Settings): Layer.Layer<CosClient, never, HttpClient.HttpClient | Credentials> =>
  Layer.effect(CosClient, make(settings))

/**
 * The settings from configuration. An empty region or bucket counts as not set.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  settings: Config.Config.Wrap<Settings>
): Layer.Layer<CosClient, ConfigError.ConfigError, HttpClient.HttpClient | Credentials> =>
  Layer.effect(
    CosClient,
    Effect.flatMap(Config.unwrap(settings), (found) =>
      make({ ...found, region: found.region || undefined, bucket: found.bucket || undefined })
    )
  )

export {
  /**
   * The bucket and region of operations that name none, instead of those of the client.
   *
   * @since 0.1.0
   * @category context
   */
  CurrentBucket
}

/**
 * Runs every operation within `self` on this bucket, unless its input names another.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withBucket: {
  (
    bucket: string,
    options?: { readonly region?: string | undefined }
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    bucket: string,
    options?: { readonly region?: string | undefined }
  ): Effect.Effect<A, E, R>
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    bucket: string,
    options?: { readonly region?: string | undefined }
  ): Effect.Effect<A, E, R> => Effect.provideService(self, CurrentBucket, { bucket, region: options?.region })
)
