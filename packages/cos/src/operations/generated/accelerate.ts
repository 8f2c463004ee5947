// Written by `pnpm generate` from ../accelerate.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `putBucketAccelerate`.
 *
 * @since 0.1.0
 * @category accelerate
 */
export interface PutBucketAccelerateInput extends Operation.BucketInput {
  /** Absent where acceleration was never enabled. */
  readonly status: "Enabled" | "Suspended" | (string & {})
  /** `COS`. */
  readonly type?: "COS" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketAccelerate`.
 *
 * @since 0.1.0
 * @category accelerate
 */
export interface GetBucketAccelerateInput extends Operation.BucketInput {}

/**
 * The output of `getBucketAccelerate`.
 *
 * @since 0.1.0
 * @category accelerate
 */
export interface GetBucketAccelerateOutput {
  /** Absent where acceleration was never enabled. */
  readonly status?: "Enabled" | "Suspended" | (string & {}) | undefined
  /** `COS`. */
  readonly type?: "COS" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface AccelerateOperations {
  readonly putBucketAccelerate: Operation.Operation<
    PutBucketAccelerateInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketAccelerate: Operation.Operation<
    GetBucketAccelerateInput,
    GetBucketAccelerateOutput,
    CosError.NoSuchBucket | CosError.Common
  >
}
