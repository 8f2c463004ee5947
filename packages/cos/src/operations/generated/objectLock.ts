// Written by `pnpm generate` from ../objectLock.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `putObjectLockConfiguration`.
 *
 * @since 0.1.0
 * @category object lock
 */
export interface PutObjectLockConfigurationInput extends Operation.BucketInput {
  /** `Enabled`. */
  readonly objectLockEnabled: "Enabled" | (string & {})
  /** How long each new object is locked: 1 to 36,500 days. It has to be given. */
  readonly defaultRetentionDays: number
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getObjectLockConfiguration`.
 *
 * @since 0.1.0
 * @category object lock
 */
export interface GetObjectLockConfigurationInput extends Operation.BucketInput {}

/**
 * The output of `getObjectLockConfiguration`.
 *
 * @since 0.1.0
 * @category object lock
 */
export interface GetObjectLockConfigurationOutput {
  /** `Enabled`. */
  readonly objectLockEnabled: "Enabled" | (string & {})
  /** How long each new object is locked: 1 to 36,500 days. It has to be given. */
  readonly defaultRetentionDays?: number | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putObjectRetention`.
 *
 * @since 0.1.0
 * @category object lock
 */
export interface PutObjectRetentionInput extends Operation.ObjectInput {
  /** Until when it cannot be overwritten or removed. */
  readonly retainUntilDate: Date
  /** `COMPLIANCE`: nobody can bring the time forward. */
  readonly mode: "COMPLIANCE" | (string & {})
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getObjectRetention`.
 *
 * @since 0.1.0
 * @category object lock
 */
export interface GetObjectRetentionInput extends Operation.ObjectInput {}

/**
 * The output of `getObjectRetention`.
 *
 * @since 0.1.0
 * @category object lock
 */
export interface GetObjectRetentionOutput {
  /** Until when it cannot be overwritten or removed. */
  readonly retainUntilDate: Date
  /** `COMPLIANCE`: nobody can bring the time forward. */
  readonly mode?: "COMPLIANCE" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectLockOperations {
  readonly putObjectLockConfiguration: Operation.Operation<
    PutObjectLockConfigurationInput,
    void,
    | CosError.InvalidArgument
    | CosError.InvalidBucketState
    | CosError.InvalidLockedTime
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.Common
  >
  readonly getObjectLockConfiguration: Operation.Operation<
    GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput,
    CosError.NoSuchBucket | CosError.NoSuchObjectLockConfiguration | CosError.Common
  >
  readonly putObjectRetention: Operation.Operation<
    PutObjectRetentionInput,
    void,
    | CosError.InvalidArgument
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.NoSuchObjectLockConfiguration
    | CosError.ObjectLocked
    | CosError.Common
  >
  readonly getObjectRetention: Operation.Operation<
    GetObjectRetentionInput,
    GetObjectRetentionOutput,
    CosError.NoSuchBucket | CosError.NoSuchKey | CosError.NoSuchObjectLockConfiguration | CosError.Common
  >
}
