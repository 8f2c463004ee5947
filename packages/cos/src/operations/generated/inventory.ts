// Written by `pnpm generate` from ../inventory.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"
import type { Tag } from "./shared.js"

/**
 * What is reported of which objects, how often, and where to.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface InventoryConfiguration {
  /** Letters, digits, `-`, `_` and `.`. */
  readonly id: string
  /** Where the report goes. */
  readonly destination: {
    /** `CSV`, `ORC` or `Parquet`. */
    readonly format: "CSV" | "ORC" | "Parquet" | (string & {})
    /** The owner of the bucket, such as `100000000001`. */
    readonly accountId?: string | undefined
    /** `qcs::cos:<region>::<bucket>`; its policy has to let the service write there. */
    readonly bucket: string
    /** What the keys of the reports begin with; the service adds a `/`. */
    readonly prefix?: string | undefined
    /** `true`: the report is encrypted with keys of the service. */
    readonly encrypted?: true | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** Which objects; absent: all. With `tags`, the report has to have the field `Tag`. */
  readonly filter?:
    | {
        /** Objects of this class. */
        readonly storageClass?: StorageClass | (string & {}) | undefined
        /** When they were created. Whole seconds. */
        readonly period?:
          | {
              /** Not before. */
              readonly startTime?: Date | undefined
              /** Not after. */
              readonly endTime?: Date | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** Their versions: all, or the current ones. */
  readonly includedObjectVersions: "All" | "Current" | (string & {})
  /** The columns of the report, beside the key; also `x-cos-meta-*`, an object's metadata. */
  readonly optionalFields?:
    | ReadonlyArray<
        | "Crc64"
        | "ETag"
        | "IsMultipartUploaded"
        | "LastModifiedDate"
        | "ReplicationStatus"
        | "Size"
        | "StorageClass"
        | "Tag"
        | (string & {})
      >
    | undefined
  /** Whether reports are made. */
  readonly isEnabled: boolean
  /** How often. */
  readonly schedule: "Daily" | "Monthly" | "Weekly" | (string & {})
  /** The day of the month, for `Monthly`. */
  readonly monthlyDate?: number | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface PutBucketInventoryInput extends Operation.BucketInput {
  readonly id: string
  /** Whether reports are made. */
  readonly isEnabled: boolean
  /** Where the report goes. */
  readonly destination: {
    /** `CSV`, `ORC` or `Parquet`. */
    readonly format: "CSV" | "ORC" | "Parquet" | (string & {})
    /** The owner of the bucket, such as `100000000001`. */
    readonly accountId?: string | undefined
    /** `qcs::cos:<region>::<bucket>`; its policy has to let the service write there. */
    readonly bucket: string
    /** What the keys of the reports begin with; the service adds a `/`. */
    readonly prefix?: string | undefined
    /** `true`: the report is encrypted with keys of the service. */
    readonly encrypted?: true | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** How often. */
  readonly schedule: "Daily" | "Monthly" | "Weekly" | (string & {})
  /** Their versions: all, or the current ones. */
  readonly includedObjectVersions: "All" | "Current" | (string & {})
  /** The day of the month, for `Monthly`. */
  readonly monthlyDate?: number | undefined
  /** Which objects; absent: all. With `tags`, the report has to have the field `Tag`. */
  readonly filter?:
    | {
        /** Objects of this class. */
        readonly storageClass?: StorageClass | (string & {}) | undefined
        /** When they were created. Whole seconds. */
        readonly period?:
          | {
              /** Not before. */
              readonly startTime?: Date | undefined
              /** Not after. */
              readonly endTime?: Date | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** The columns of the report, beside the key; also `x-cos-meta-*`, an object's metadata. */
  readonly optionalFields?:
    | ReadonlyArray<
        | "Crc64"
        | "ETag"
        | "IsMultipartUploaded"
        | "LastModifiedDate"
        | "ReplicationStatus"
        | "Size"
        | "StorageClass"
        | "Tag"
        | (string & {})
      >
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface GetBucketInventoryInput extends Operation.BucketInput {
  /** The id of the configuration. */
  readonly id: string
}

/**
 * The input of `deleteBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface DeleteBucketInventoryInput extends Operation.BucketInput {
  /** The id of the configuration. */
  readonly id: string
}

/**
 * The input of `listBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface ListBucketInventoryInput extends Operation.BucketInput {
  /** Opaque, of the page before. */
  readonly continuationToken?: string | undefined
}

/**
 * The output of `listBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface ListBucketInventoryOutput {
  readonly configurations: ReadonlyArray<InventoryConfiguration>
  /** Whether there are more pages. */
  readonly isTruncated: boolean
  /** As it was asked for. */
  readonly continuationToken?: string | undefined
  /** To be passed as `continuationToken` for the next page; present when `isTruncated`. */
  readonly nextContinuationToken?: string | undefined
}

/**
 * The input of `postBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface PostBucketInventoryInput extends Operation.BucketInput {
  readonly id: string
  /** Where the report goes. */
  readonly destination: {
    /** `CSV`, `ORC` or `Parquet`. */
    readonly format: "CSV" | "ORC" | "Parquet" | (string & {})
    /** The owner of the bucket, such as `100000000001`. */
    readonly accountId?: string | undefined
    /** `qcs::cos:<region>::<bucket>`; its policy has to let the service write there. */
    readonly bucket: string
    /** What the keys of the reports begin with; the service adds a `/`. */
    readonly prefix?: string | undefined
    /** `true`: the report is encrypted with keys of the service. */
    readonly encrypted?: true | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** Their versions: all, or the current ones. */
  readonly includedObjectVersions: "All" | "Current" | (string & {})
  /** Which objects; absent: all. With `tags`, the report has to have the field `Tag`. */
  readonly filter?:
    | {
        /** Objects of this class. */
        readonly storageClass?: StorageClass | (string & {}) | undefined
        /** When they were created. Whole seconds. */
        readonly period?:
          | {
              /** Not before. */
              readonly startTime?: Date | undefined
              /** Not after. */
              readonly endTime?: Date | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** The columns of the report, beside the key; also `x-cos-meta-*`, an object's metadata. */
  readonly optionalFields?:
    | ReadonlyArray<
        | "Crc64"
        | "ETag"
        | "IsMultipartUploaded"
        | "LastModifiedDate"
        | "ReplicationStatus"
        | "Size"
        | "StorageClass"
        | "Tag"
        | (string & {})
      >
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The output of `postBucketInventory`.
 *
 * @since 0.1.0
 * @category inventory
 */
export interface PostBucketInventoryOutput {
  /** If the service responds with it: its documentation says that the response is empty. */
  readonly jobId?: string | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface InventoryOperations {
  readonly putBucketInventory: Operation.Operation<
    PutBucketInventoryInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketInventory: Operation.Operation<
    GetBucketInventoryInput,
    InventoryConfiguration,
    CosError.InventoryConfigurationNotFoundError | CosError.NoSuchBucket | CosError.Common
  >
  readonly deleteBucketInventory: Operation.Operation<
    DeleteBucketInventoryInput,
    void,
    CosError.InventoryConfigurationNotFoundError | CosError.NoSuchBucket | CosError.Common
  >
  readonly listBucketInventory: Operation.Paginated<
    ListBucketInventoryInput,
    ListBucketInventoryOutput,
    CosError.NoSuchBucket | CosError.Common,
    InventoryConfiguration
  >
  readonly postBucketInventory: Operation.Operation<
    PostBucketInventoryInput,
    PostBucketInventoryOutput,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
}
