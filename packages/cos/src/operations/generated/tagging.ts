// Written by `pnpm generate` from ../tagging.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"
import type { Tag } from "./shared.js"

/**
 * The input of `putBucketTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface PutBucketTaggingInput extends Operation.BucketInput {
  /** At most 50, each key once. */
  readonly tags: ReadonlyArray<Tag>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface GetBucketTaggingInput extends Operation.BucketInput {}

/**
 * The output of `getBucketTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface GetBucketTaggingOutput {
  /** At most 50, each key once. */
  readonly tags: ReadonlyArray<Tag>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface DeleteBucketTaggingInput extends Operation.BucketInput {}

/**
 * The input of `putObjectTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface PutObjectTaggingInput extends Operation.ObjectInput {
  /** At most 10, each key once. */
  readonly tags: ReadonlyArray<Tag>
  /** The version. Default: the newest. Not `null`, for which the service would tag the newest. */
  readonly versionId?: string | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getObjectTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface GetObjectTaggingInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
}

/**
 * The output of `getObjectTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface GetObjectTaggingOutput {
  /** At most 10, each key once. */
  readonly tags: ReadonlyArray<Tag>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteObjectTagging`.
 *
 * @since 0.1.0
 * @category tagging
 */
export interface DeleteObjectTaggingInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaggingOperations {
  readonly putBucketTagging: Operation.Operation<
    PutBucketTaggingInput,
    void,
    CosError.InvalidTag | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketTagging: Operation.Operation<
    GetBucketTaggingInput,
    GetBucketTaggingOutput,
    CosError.NoSuchBucket | CosError.NoSuchTagSet | CosError.Common
  >
  readonly deleteBucketTagging: Operation.Operation<
    DeleteBucketTaggingInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly putObjectTagging: Operation.Operation<
    PutObjectTaggingInput,
    void,
    | CosError.InvalidTag
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.NoSuchVersion
    | CosError.Common
  >
  readonly getObjectTagging: Operation.Operation<
    GetObjectTaggingInput,
    GetObjectTaggingOutput,
    CosError.NoSuchBucket | CosError.NoSuchKey | CosError.NoSuchTagSet | CosError.NoSuchVersion | CosError.Common
  >
  readonly deleteObjectTagging: Operation.Operation<
    DeleteObjectTaggingInput,
    void,
    CosError.NoSuchBucket | CosError.NoSuchKey | CosError.NoSuchVersion | CosError.Common
  >
}
