/**
 * The one service that operations need: where requests go, how they are signed, and how often they are tried.
 *
 * What it tells of its work:
 *
 * - A span `Cos.<operation>` of kind `client`, with `cos.bucket`, `cos.region`, `http.request.method`, and of its last
 *   answer `http.response.status_code`, `cos.request_id` and `cos.attempt`, counted from 1; `cos.key` only with
 *   `traceKeys`. The HTTP client's own spans are off, since they show URLs and headers.
 * - The metrics `cos_attempts_total`, requests sent; `cos_bytes_sent_total`, bytes of their bodies;
 *   `cos_bytes_received_total`, bytes of the answers' bodies, also of those that broke off; and
 *   `cos_operation_duration`, a histogram of the milliseconds that operations took which succeeded, by `operation`.
 *   Uploads count in `cos_uploads_left_total` what they could not remove from the server.
 *
 * @since 0.1.0
 */
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
import { CurrentBucket } from "./internal/http/currentBucket.js"
import type { Request } from "./internal/http/request.js"
import type { Response, ServiceError } from "./internal/http/response.js"
import type { RetryPolicy } from "./RetryPolicy.js"
import type { KeyTime } from "./Signature.js"

/**
 * How long a request may take. All are on by default, and each fails with a `TransportError` whose reason is `Timeout`.
 * The time to connect is the transport's.
 *
 * @since 0.1.0
 * @category models
 */
export interface TimeLimits {
  /** From sending to the head of the answer, beside the time that the body is given. Default 30 s. */
  readonly attempt: Duration.DurationInput
  /** Adds its body's size ÷ this to the time of an attempt. Bytes per second; default 65,536. */
  readonly minBytesPerSecond: number
  /** Between two pieces of an answer's body. Default 30 s. */
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
   * Retries that this client's fibers share: each takes one from the budget, each success gives a tenth back. Bounds
   * what an outage makes of the load. Default 100; `Infinity`: none.
   */
  readonly retryBudget?: number | undefined
  readonly timeLimits?: Partial<TimeLimits> | undefined
  /** Whether the last attempt, and one after a strange redirect, goes to the backup domain. Default `true`. */
  readonly backupDomain?: boolean | undefined
  /** Whether a refused time is corrected from the answer's `Date`, once for this client. Default `true`. */
  readonly correctClockSkew?: boolean | undefined
  /** Whether signatures hold for one host only; off where a CDN rewrites `Host`. Default `true`. */
  readonly signHost?: boolean | undefined
  /** Whether spans carry object keys, which may be private. Default `false`. */
  readonly traceObjectKeys?: boolean | undefined
  /** Bytes of the largest document that is read. Default 16 MiB. */
  readonly maxDocumentBytes?: number | undefined
  /** A last change to the HTTP client, such as a limit on concurrent requests. */
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
    /** By which requests are signed and contents digested. */
    readonly hash: Hash.Service
    /** Sends a request, retried and signed, and decodes its answer within the attempt. */
    readonly execute: <A, E, R>(
      request: Request,
      expected: ReadonlyArray<CosError.ServiceErrorClass>,
      decode: (answer: Response) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | ServiceError | CosError.Common, Exclude<R, Scope.Scope>>
    /** The same for an answer whose body outlives the call: the connection belongs to the scope. */
    readonly executeScoped: <A, E, R>(
      request: Request,
      expected: ReadonlyArray<CosError.ServiceErrorClass>,
      decode: (answer: Response) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | ServiceError | CosError.Common, R | Scope.Scope>
    /** Where a request would go: its bucket and region filled in, its key and headers checked. */
    readonly locate: (request: Request) => Effect.Effect<Located, CosError.InvalidInput>
    /** What something that others will send is signed with; `operation` is named in errors. */
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
  /** Unsigned. */
  readonly url: string
}

/**
 * Keys, and the time for which something signed with them now is valid: as long as asked, and never longer than the
 * keys themselves.
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
  /** Signed but not in the URL: whoever uses it must send exactly these. Of SSE-C they hold the customer's key. */
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
 * The settings from configuration.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  settings: Config.Config.Wrap<Settings>
): Layer.Layer<CosClient, ConfigError.ConfigError, HttpClient.HttpClient | Credentials> =>
  Layer.effect(CosClient, Effect.flatMap(Config.unwrap(settings), make))

export {
  /**
   * Which bucket and region operations use that name none; nearer than the client's settings.
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
