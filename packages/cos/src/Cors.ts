/**
 * The CORS rules that a page needs to use a bucket, and whether a bucket has them.
 *
 * A browser lets a page of another origin send a signed request, and read what comes back, only as far as the rules of the
 * bucket allow: without a rule nothing is sent, and without `ExposeHeader` most headers of a response are hidden.
 *
 * ```ts
 * import { Cors } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   yield* Cos.putBucketCors(Cors.forBrowser({ origins: ["https://app.example.com"] }))
 *   const { missing } = yield* Cors.check({ origin: "https://app.example.com" })
 *   yield* Effect.log(missing.map(({ message }) => message))
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { CosClient } from "./CosClient.js"
import type { AccessForbidden, NoSuchCORSConfiguration } from "./CosError.js"
import * as evaluate from "./internal/cors/evaluate.js"
import type * as Operation from "./Operation.js"
import { getBucketCors, type putBucketCors } from "./operations/cors.js"
import { optionsObject } from "./operations/preflight.js"

/**
 * A method that a rule can allow.
 *
 * @since 0.1.0
 * @category models
 */
export type Method = "GET" | "HEAD" | "PUT" | "POST" | "DELETE"

/**
 * What pages of some origins may do.
 *
 * @since 0.1.0
 * @category models
 */
export interface BrowserOptions {
  /** `https://app.example.com`, with the port if it is not the scheme's own, and at most one `*`. A `/` at the end is dropped. */
  readonly origins: ReadonlyArray<string>
  /** Default: all that operations on objects use: `GET`, `HEAD`, `PUT`, `POST`, `DELETE`. */
  readonly methods?: ReadonlyArray<Method> | undefined
  /** Names of metadata that pages read, without `x-cos-meta-`: each has to be exposed by its name. Default: none. */
  readonly metadata?: ReadonlyArray<string> | undefined
  /** Headers that pages read beside {@link exposedHeaders}. Default: none. */
  readonly exposeHeaders?: ReadonlyArray<string> | undefined
  /** How long a browser may remember what it may do. Default 10 minutes. */
  readonly maxAge?: Duration.DurationInput | undefined
  /** The name of the rule. Default `effect-cos-browser`. */
  readonly id?: string | undefined
}

/**
 * The headers of responses that the SDK reads and that a browser hides unless a rule exposes them.
 * `Access-Control-Expose-Headers` is among them so that a header that is absent can be told from one that is hidden.
 *
 * @since 0.1.0
 * @category headers
 */
export const exposedHeaders: ReadonlyArray<string> = [
  "ETag",
  "Content-Length",
  "Content-Range",
  "Content-Encoding",
  "Content-Disposition",
  "Accept-Ranges",
  "Date",
  "Retry-After",
  "Location",
  "Access-Control-Expose-Headers",
  "x-cos-request-id",
  "x-cos-trace-id",
  "x-cos-error-code",
  "x-cos-hash-crc64ecma",
  "x-cos-version-id",
  "x-cos-delete-marker",
  "x-cos-storage-class",
  "x-cos-storage-tier",
  "x-cos-object-type",
  "x-cos-next-append-position",
  "x-cos-content-sha1",
  "x-cos-copy-source-version-id",
  "x-cos-restore",
  "x-cos-restore-status",
  "x-cos-acl",
  "x-cos-tagging-count",
  "x-cos-expiration",
  "x-cos-symlink-target",
  "x-cos-server-side-encryption",
  "x-cos-server-side-encryption-cos-kms-key-id",
  "x-cos-server-side-encryption-customer-algorithm",
  "x-cos-server-side-encryption-customer-key-MD5"
]

const methods: ReadonlyArray<Method> = ["GET", "HEAD", "PUT", "POST", "DELETE"]

const exposedOf = ({ exposeHeaders = [], metadata = [] }: Pick<BrowserOptions, "exposeHeaders" | "metadata">) => [
  ...exposedHeaders,
  ...metadata.map((name) => `x-cos-meta-${name}`),
  ...exposeHeaders
]

/**
 * The rules with which pages of these origins can do all that the SDK does with objects, as `Cos.putBucketCors` takes them.
 * That replaces the rules that the bucket has: add those that others need to `rules`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const forBrowser = (options: BrowserOptions): Operation.Input<typeof putBucketCors> => ({
  rules: [
    {
      id: options.id ?? "effect-cos-browser",
      allowedOrigins: options.origins.map((origin) => origin.replace(/\/$/, "")),
      allowedMethods: options.methods ?? methods,
      allowedHeaders: ["*"],
      exposeHeaders: exposedOf(options),
      maxAgeSeconds: Math.round(Duration.toSeconds(options.maxAge ?? "10 minutes"))
    }
  ],
  // Caches must not give one origin the response that names another.
  responseVary: true
})

/**
 * What a page is expected to do.
 *
 * @since 0.1.0
 * @category models
 */
export interface CheckOptions extends Pick<BrowserOptions, "methods" | "metadata" | "exposeHeaders"> {
  /** The origin of the page, such as `https://app.example.com`. */
  readonly origin: string
  /** Default: `CosClient.withBucket`, then the client's settings. */
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /**
   * `rules` reads the rules of the bucket, which needs the permission for that; `preflight` asks what a browser asks, which
   * needs none. Default `rules`.
   */
  readonly by?: "rules" | "preflight" | undefined
}

/**
 * Something that the rules of a bucket lack.
 *
 * @since 0.1.0
 * @category models
 */
export interface Missing {
  /** An origin or method that no rule allows, a header that may not be sent, or one of responses that may not be read. */
  readonly kind: "origin" | "method" | "requestHeader" | "exposedHeader"
  readonly name: string
  /** The methods that lack it. */
  readonly methods: ReadonlyArray<Method>
  /** A sentence for people. */
  readonly message: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CheckResult {
  /** Whether nothing is missing. */
  readonly isComplete: boolean
  readonly missing: ReadonlyArray<Missing>
}

/**
 * @since 0.1.0
 * @category errors
 */
export type CheckError = Exclude<
  Operation.Error<typeof getBucketCors> | Operation.Error<typeof optionsObject>,
  NoSuchCORSConfiguration | AccessForbidden
>

/**
 * Says what the rules of a bucket lack for a page of an origin. For servers and scripts: a page cannot ask a preflight itself.
 * A bucket without rules lacks the origin.
 *
 * @since 0.1.0
 * @category checks
 */
export const check = (options: CheckOptions): Effect.Effect<CheckResult, CheckError, CosClient> =>
  Effect.gen(function* () {
    const { bucket, origin, region } = options
    const sent = evaluate.sentHeaders(options.metadata ?? [])
    const rules = options.by === "preflight" ? [] : yield* rulesOf({ bucket, region })
    const allowedBy = (method: Method) =>
      options.by === "preflight"
        ? optionsObject({ bucket, region, key: "any", origin, requestMethod: method, requestHeaders: sent }).pipe(
            Effect.map((allowed) => evaluate.ofPreflight(method, allowed)),
            Effect.catchTag("AccessForbidden", () => Effect.succeed(evaluate.refused))
          )
        : Effect.succeed(evaluate.ofRules(rules, origin, method, sent))
    const lacks = yield* Effect.forEach(options.methods ?? methods, (method) =>
      Effect.map(allowedBy(method), (allowed) =>
        evaluate.lacking(method, { origin, exposed: exposedOf(options), sent }, allowed)
      )
    )
    const missing = evaluate.merge(origin, lacks.flat())
    return { isComplete: missing.length === 0, missing }
  })

const rulesOf = (location: Operation.Input<typeof getBucketCors>) =>
  Effect.map(getBucketCors(location), ({ rules }) => rules).pipe(
    Effect.catchTag("NoSuchCORSConfiguration", () => Effect.succeed([]))
  )
