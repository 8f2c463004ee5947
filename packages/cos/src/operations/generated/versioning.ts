// Written by `pnpm generate` from ../versioning.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"
import type { ListedVersion } from "../versioning.js"
import type { Owner } from "./shared.js"

/**
 * A version with content.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface ObjectVersion {
  readonly key: string
  /**
   * Opaque; `null` for what is from before or under suspension. Empty where versioning was never enabled:
   * `deleteObjects` takes it as it is, and requests for one object go without it.
   */
  readonly versionId: string
  /** Whether it is what a request without `versionId` finds. */
  readonly isLatest: boolean
  readonly lastModified: Date
  readonly eTag: string
  /** Bytes. */
  readonly size: number
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** Of `INTELLIGENT_TIERING` only. */
  readonly storageTier?: string | undefined
  readonly owner?: Owner | undefined
}

/**
 * A delete marker: a version that stands for the deletion of the object.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface DeleteMarker {
  readonly key: string
  /**
   * Opaque; `null` for what is from before or under suspension. Empty where versioning was never enabled:
   * `deleteObjects` takes it as it is, and requests for one object go without it.
   */
  readonly versionId: string
  /** Whether it is what a request without `versionId` finds. */
  readonly isLatest: boolean
  readonly lastModified: Date
  readonly owner?: Owner | undefined
}

/**
 * The input of `putBucketVersioning`.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface PutBucketVersioningInput extends Operation.BucketInput {
  /** `Enabled` or `Suspended`; absent where versioning was never enabled. */
  readonly status: "Enabled" | "Suspended" | (string & {})
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketVersioning`.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface GetBucketVersioningInput extends Operation.BucketInput {}

/**
 * The output of `getBucketVersioning`.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface GetBucketVersioningOutput {
  /** `Enabled` or `Suspended`; absent where versioning was never enabled. */
  readonly status?: "Enabled" | "Suspended" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `listObjectVersions`.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface ListObjectVersionsInput extends Operation.BucketInput {
  /** Only keys that begin so. */
  readonly prefix?: string | undefined
  /** One character; keys that share what comes before it are grouped into one common prefix. */
  readonly delimiter?: string | undefined
  /** Entries of a page, common prefixes included: 0 to 1,000, the default. */
  readonly maxKeys?: number | undefined
  /** Begins after this key; with `versionIdMarker`, after that version of it. */
  readonly keyMarker?: string | undefined
  /** Goes with `keyMarker`. */
  readonly versionIdMarker?: string | undefined
}

/**
 * The output of `listObjectVersions`.
 *
 * @since 0.1.0
 * @category versioning
 */
export interface ListObjectVersionsOutput {
  readonly name: string
  /** `url`, if the service says so: keys arrived percent-encoded. They are decoded. */
  readonly encodingType?: string | undefined
  /** As in the request. */
  readonly prefix?: string | undefined
  readonly delimiter?: string | undefined
  /** Whether there are more pages. */
  readonly isTruncated: boolean
  /** What keys have in common that `delimiter` groups. */
  readonly commonPrefixes: ReadonlyArray<string>
  /** As it was asked for; `versionIdMarker` likewise. */
  readonly keyMarker?: string | undefined
  readonly versionIdMarker?: string | undefined
  /** To be passed as `keyMarker` for the next page, with `nextVersionIdMarker`; present when `isTruncated`. */
  readonly nextKeyMarker?: string | undefined
  /** May be empty, and is passed on so. */
  readonly nextVersionIdMarker?: string | undefined
  readonly maxKeys?: number | undefined
  /** In the order of the list. */
  readonly versions: ReadonlyArray<ObjectVersion>
  /** In the order of the list. */
  readonly deleteMarkers: ReadonlyArray<DeleteMarker>
  /** Which of the two lists each entry of the page is in, from first to last: both are in this order. */
  readonly order: ReadonlyArray<"DeleteMarker" | "Version">
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface VersioningOperations {
  readonly putBucketVersioning: Operation.Operation<
    PutBucketVersioningInput,
    void,
    | CosError.InvalidArgument
    | CosError.InvalidBucketState
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.Common
  >
  readonly getBucketVersioning: Operation.Operation<
    GetBucketVersioningInput,
    GetBucketVersioningOutput,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly listObjectVersions: Operation.Paginated<
    ListObjectVersionsInput,
    ListObjectVersionsOutput,
    CosError.InvalidArgument | CosError.NoSuchBucket | CosError.Common,
    ListedVersion
  >
}
