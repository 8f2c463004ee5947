// Written by `pnpm generate` from ../location.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"

/**
 * What `getBucketLocation` takes.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface GetBucketLocationInput extends Operation.BucketInput {}

/**
 * What `getBucketLocation` answers with.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface GetBucketLocationOutput {
  /** Such as `ap-guangzhou`. */
  readonly location: string
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface LocationOperations {
  readonly getBucketLocation: Operation.Operation<
    GetBucketLocationInput,
    GetBucketLocationOutput,
    CosError.NoSuchBucket | CosError.Common
  >
}
