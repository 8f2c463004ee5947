// Written by `pnpm generate` from ../lifecycle.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"
import type { Tag } from "./shared.js"

/**
 * A lifecycle rule: what happens to which objects, and when.
 *
 * @since 0.1.0
 * @category lifecycle
 */
export interface LifecycleRule {
  /** At most 255 characters. */
  readonly id?: string | undefined
  /** Whether the rule is enabled. */
  readonly status: "Disabled" | "Enabled" | (string & {})
  /** Only keys that begin so, in rules of an old form, which have no `filter`. */
  readonly prefix?: string | undefined
  /** Which objects; empty: all. */
  readonly filter?:
    | {
        /** Objects of more bytes. */
        readonly objectSizeGreaterThan?: number | undefined
        /** Objects of fewer bytes. */
        readonly objectSizeLessThan?: number | undefined
        /** Keys that do not begin so. */
        readonly prefixNotEquals?: string | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** To other storage classes, each by `days` or `date`. */
  readonly transitions?:
    | ReadonlyArray<{
        /** After the last change: days, from 0. */
        readonly days?: number | undefined
        /** From this time on. */
        readonly date?: Date | undefined
        /** The class that they get. */
        readonly storageClass: StorageClass | (string & {})
        /** Only those that were read less often, beside `days` or `date` or in their place. */
        readonly accessFrequency?:
          | {
              /** Fewer times than this. */
              readonly accessCountLessThan?: number | undefined
              /** In this many days up to now. */
              readonly recentDays?: number | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }>
    | undefined
  /** By `days`, `date` or `expiredObjectDeleteMarker`. */
  readonly expiration?:
    | {
        /** After the last change: 1 to 3,650 days. */
        readonly days?: number | undefined
        /** From this time on. */
        readonly date?: Date | undefined
        /** Removes delete markers that no version is left under. */
        readonly expiredObjectDeleteMarker?: boolean | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Moves versions that are not the newest to other storage classes. */
  readonly noncurrentVersionTransitions?:
    | ReadonlyArray<{
        /** Since a newer version came. */
        readonly noncurrentDays?: number | undefined
        /** The class that they get. */
        readonly storageClass: StorageClass | (string & {})
        /** Only those that were read less often, beside `noncurrentDays` or in its place. */
        readonly accessFrequency?:
          | {
              /** Fewer times than this. */
              readonly accessCountLessThan?: number | undefined
              /** In this many days up to now. */
              readonly recentDays?: number | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }>
    | undefined
  /** Removes versions that are not the newest. */
  readonly noncurrentVersionExpiration?:
    | {
        /** Since a newer version came. */
        readonly noncurrentDays?: number | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Removes multipart uploads that were not completed. */
  readonly abortIncompleteMultipartUpload?:
    | {
        /** Since they were begun. */
        readonly daysAfterInitiation: number
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketLifecycle`.
 *
 * @since 0.1.0
 * @category lifecycle
 */
export interface PutBucketLifecycleInput extends Operation.BucketInput {
  /** At most 1,000. */
  readonly rules: ReadonlyArray<LifecycleRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketLifecycle`.
 *
 * @since 0.1.0
 * @category lifecycle
 */
export interface GetBucketLifecycleInput extends Operation.BucketInput {}

/**
 * The output of `getBucketLifecycle`.
 *
 * @since 0.1.0
 * @category lifecycle
 */
export interface GetBucketLifecycleOutput {
  /** At most 1,000. */
  readonly rules: ReadonlyArray<LifecycleRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketLifecycle`.
 *
 * @since 0.1.0
 * @category lifecycle
 */
export interface DeleteBucketLifecycleInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface LifecycleOperations {
  readonly putBucketLifecycle: Operation.Operation<
    PutBucketLifecycleInput,
    void,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketLifecycle: Operation.Operation<
    GetBucketLifecycleInput,
    GetBucketLifecycleOutput,
    CosError.NoSuchBucket | CosError.NoSuchLifecycleConfiguration | CosError.Common
  >
  readonly deleteBucketLifecycle: Operation.Operation<
    DeleteBucketLifecycleInput,
    void,
    CosError.NoSuchBucket | CosError.NoSuchLifecycleConfiguration | CosError.Common
  >
}
