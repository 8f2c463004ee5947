// Written by `pnpm generate` from ../notification.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * A part of the keys that a function is called for.
 *
 * @since 0.1.0
 * @category notification
 */
export interface FilterRule {
  /** `Prefix` or `Suffix`. */
  readonly name?: "Prefix" | "Suffix" | (string & {}) | undefined
  /** What keys begin or end with. */
  readonly value?: string | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * A cloud function, and the events that it is called for.
 *
 * @since 0.1.0
 * @category notification
 */
export interface CloudFunctionConfiguration {
  /** A name for it. */
  readonly id?: string | undefined
  /**
   * Keys that begin or end so: one or two rules. Without any, all keys. Rules must not overlap with those of others.
   */
  readonly filterRules?: ReadonlyArray<FilterRule> | undefined
  /** Its name, such as `qcs:0:video:sh:appid/1250000000:video/10010`. */
  readonly cloudFunction: string
  /** What it is called for: `*` stands for each of a kind. */
  readonly events: ReadonlyArray<
    | "cos:ObjectCreated:*"
    | "cos:ObjectCreated:Append"
    | "cos:ObjectCreated:CompleteMultipartUpload"
    | "cos:ObjectCreated:Copy"
    | "cos:ObjectCreated:Post"
    | "cos:ObjectCreated:Put"
    | "cos:ObjectRemove:*"
    | "cos:ObjectRemove:Delete"
    | "cos:ObjectRemove:DeleteMarkerCreated"
    | (string & {})
  >
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketNotification`.
 *
 * @since 0.1.0
 * @category notification
 */
export interface PutBucketNotificationInput extends Operation.BucketInput {
  /** The functions that are called. */
  readonly cloudFunctionConfigurations: ReadonlyArray<CloudFunctionConfiguration>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketNotification`.
 *
 * @since 0.1.0
 * @category notification
 */
export interface GetBucketNotificationInput extends Operation.BucketInput {}

/**
 * The output of `getBucketNotification`.
 *
 * @since 0.1.0
 * @category notification
 */
export interface GetBucketNotificationOutput {
  /** The functions that are called. */
  readonly cloudFunctionConfigurations: ReadonlyArray<CloudFunctionConfiguration>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface NotificationOperations {
  readonly putBucketNotification: Operation.Operation<
    PutBucketNotificationInput,
    void,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketNotification: Operation.Operation<
    GetBucketNotificationInput,
    GetBucketNotificationOutput,
    CosError.NoSuchBucket | CosError.Common
  >
}
