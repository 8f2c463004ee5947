// Written by `pnpm generate` from ../location.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `getBucketLocation`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface GetBucketLocationInput extends Operation.BucketInput {}

/**
 * The output of `getBucketLocation`.
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
