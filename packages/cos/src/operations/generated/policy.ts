// Written by `pnpm generate` from ../policy.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"

/**
 * Who may, or may not, do what with which resources, under which conditions. Fields that are not known here are kept as
 * they are.
 *
 * @since 0.1.0
 * @category policy
 */
export interface PolicyStatement {
  readonly sid?: string | undefined
  readonly effect: "Allow" | "Deny" | (string & {})
  /**
   * `{ qcs: ["qcs::cam::uin/<owner>:uin/<user>"] }`; everyone is `qcs::cam::anyone:anyone`. Absent: that of the policy.
   */
  readonly principal?: "*" | { readonly [name: string]: ReadonlyArray<string> } | (string & {}) | undefined
  /** Such as `name/cos:GetObject`. */
  readonly action: ReadonlyArray<string>
  /** Such as `qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*`. */
  readonly resource: ReadonlyArray<string>
  readonly condition?:
    | {
        readonly [name: string]: {
          readonly [name: string]: ReadonlyArray<boolean | number | string> | boolean | number | string
        }
      }
    | undefined
}

/**
 * The policy of a bucket. Fields that are not known here are kept as they are.
 *
 * @since 0.1.0
 * @category policy
 */
export interface Policy {
  /** `2.0`, the default. */
  readonly version?: string | undefined
  /** Of statements that have none of their own. */
  readonly principal?: "*" | { readonly [name: string]: ReadonlyArray<string> } | (string & {}) | undefined
  /** What is allowed or denied: one or more. */
  readonly statement: ReadonlyArray<PolicyStatement>
}

/**
 * The input of `putBucketPolicy`.
 *
 * @since 0.1.0
 * @category policy
 */
export interface PutBucketPolicyInput extends Operation.BucketInput {
  /** All of it: what was there is gone. */
  readonly policy: Policy
}

/**
 * The input of `getBucketPolicy`.
 *
 * @since 0.1.0
 * @category policy
 */
export interface GetBucketPolicyInput extends Operation.BucketInput {}

/**
 * The output of `getBucketPolicy`.
 *
 * @since 0.1.0
 * @category policy
 */
export interface GetBucketPolicyOutput {
  readonly policy: Policy
}

/**
 * The input of `deleteBucketPolicy`.
 *
 * @since 0.1.0
 * @category policy
 */
export interface DeleteBucketPolicyInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface PolicyOperations {
  readonly putBucketPolicy: Operation.Operation<
    PutBucketPolicyInput,
    void,
    CosError.InvalidArgument | CosError.MalformedPolicy | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketPolicy: Operation.Operation<
    GetBucketPolicyInput,
    GetBucketPolicyOutput,
    CosError.NoSuchBucket | CosError.NoSuchBucketPolicy | CosError.Common
  >
  readonly deleteBucketPolicy: Operation.Operation<
    DeleteBucketPolicyInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
