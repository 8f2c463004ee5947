// Written by `pnpm generate` from ../referer.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `putBucketReferer`.
 *
 * @since 0.1.0
 * @category referer
 */
export interface PutBucketRefererInput extends Operation.BucketInput {
  /** Whether the list is applied. */
  readonly status: "Disabled" | "Enabled" | (string & {})
  /** Whether `domains` are refused or are the only ones allowed. */
  readonly refererType: "Black-List" | "White-List" | (string & {})
  /** Hosts, with a port or `*` where wanted, such as `*.example.com`. */
  readonly domains: ReadonlyArray<string>
  /** Whether a request without `Referer` is allowed. Default `Deny`. */
  readonly emptyReferConfiguration?: "Allow" | "Deny" | (string & {}) | undefined
  /** Whether requests that are signed in their address are checked too. */
  readonly verifySignatureUrl?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketReferer`.
 *
 * @since 0.1.0
 * @category referer
 */
export interface GetBucketRefererInput extends Operation.BucketInput {}

/**
 * The output of `getBucketReferer`.
 *
 * @since 0.1.0
 * @category referer
 */
export interface GetBucketRefererOutput {
  /** Whether the list is applied. */
  readonly status?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** Whether `domains` are refused or are the only ones allowed. */
  readonly refererType?: "Black-List" | "White-List" | (string & {}) | undefined
  /** Hosts, with a port or `*` where wanted, such as `*.example.com`. */
  readonly domains: ReadonlyArray<string>
  /** Whether a request without `Referer` is allowed. Default `Deny`. */
  readonly emptyReferConfiguration?: "Allow" | "Deny" | (string & {}) | undefined
  /** Whether requests that are signed in their address are checked too. */
  readonly verifySignatureUrl?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketReferer`.
 *
 * @since 0.1.0
 * @category referer
 */
export interface DeleteBucketRefererInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefererOperations {
  readonly putBucketReferer: Operation.Operation<
    PutBucketRefererInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketReferer: Operation.Operation<
    GetBucketRefererInput,
    GetBucketRefererOutput,
    CosError.NoSuchBucket | CosError.NoSuchRefererConfiguration | CosError.Common
  >
  readonly deleteBucketReferer: Operation.Operation<
    DeleteBucketRefererInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
