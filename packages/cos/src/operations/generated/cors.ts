// Written by `pnpm generate` from ../cors.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * A CORS rule: which origins may send which requests.
 *
 * @since 0.1.0
 * @category cors
 */
export interface CorsRule {
  /** A name for the rule. */
  readonly id?: string | undefined
  /** `*`, or `scheme://host[:port]` with at most one `*`. */
  readonly allowedOrigins: ReadonlyArray<string>
  /** `GET`, `PUT`, `POST`, `DELETE`, `HEAD`, in any case. */
  readonly allowedMethods: ReadonlyArray<"DELETE" | "GET" | "HEAD" | "POST" | "PUT" | (string & {})>
  /** Headers that the request may have; `*`: any. */
  readonly allowedHeaders?: ReadonlyArray<string> | undefined
  /** Headers of the response that a script may read. */
  readonly exposeHeaders?: ReadonlyArray<string> | undefined
  /** How long a browser may cache the response to a preflight, in seconds. */
  readonly maxAgeSeconds?: number | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketCors`.
 *
 * @since 0.1.0
 * @category cors
 */
export interface PutBucketCorsInput extends Operation.BucketInput {
  /** At most 100, of 64 KB in all. The first that matches counts. */
  readonly rules: ReadonlyArray<CorsRule>
  /** Whether every response has the header `Vary: Origin`. Default `false`. */
  readonly responseVary?: boolean | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketCors`.
 *
 * @since 0.1.0
 * @category cors
 */
export interface GetBucketCorsInput extends Operation.BucketInput {}

/**
 * The output of `getBucketCors`.
 *
 * @since 0.1.0
 * @category cors
 */
export interface GetBucketCorsOutput {
  /** At most 100, of 64 KB in all. The first that matches counts. */
  readonly rules: ReadonlyArray<CorsRule>
  /** Whether every response has the header `Vary: Origin`. Default `false`. */
  readonly responseVary?: boolean | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketCors`.
 *
 * @since 0.1.0
 * @category cors
 */
export interface DeleteBucketCorsInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface CorsOperations {
  readonly putBucketCors: Operation.Operation<
    PutBucketCorsInput,
    void,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketCors: Operation.Operation<
    GetBucketCorsInput,
    GetBucketCorsOutput,
    CosError.NoSuchBucket | CosError.NoSuchCORSConfiguration | CosError.Common
  >
  readonly deleteBucketCors: Operation.Operation<DeleteBucketCorsInput, void, CosError.NoSuchBucket | CosError.Common>
}
