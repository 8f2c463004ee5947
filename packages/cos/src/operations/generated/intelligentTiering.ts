// Written by `pnpm generate` from ../intelligentTiering.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"
import type { Tag } from "./shared.js"

/**
 * Which objects go to which tier, and when.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface IntelligentTieringConfiguration {
  /** Its name in the bucket. */
  readonly id: string
  /** Whether the configuration is enabled. */
  readonly status: "Disabled" | "Enabled" | (string & {})
  /** Which objects; absent: all. */
  readonly filter?:
    | {
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** When an object goes to which tier. */
  readonly tierings: ReadonlyArray<{
    /** `INFREQUENT`, `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`. */
    readonly accessTier: "ARCHIVE_ACCESS" | "DEEP_ARCHIVE_ACCESS" | "INFREQUENT" | (string & {})
    /** In which it was asked for less often than `requestFrequent`. */
    readonly days: number
    /** Times in those days. Default 1. */
    readonly requestFrequent?: number | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketIntelligentTiering`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface PutBucketIntelligentTieringInput extends Operation.BucketInput {
  /** `Enabled`; absent where it was never enabled. */
  readonly status: "Enabled" | "Suspended" | (string & {})
  /** When an object goes to the infrequent tier. */
  readonly transition: {
    /** 30, 60 or 90 days in which it was asked for less often than `requestFrequent`. */
    readonly days: number
    /** Default 1. */
    readonly requestFrequent?: number | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketIntelligentTiering`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface GetBucketIntelligentTieringInput extends Operation.BucketInput {}

/**
 * The output of `getBucketIntelligentTiering`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface GetBucketIntelligentTieringOutput {
  /** `Enabled`; absent where it was never enabled. */
  readonly status?: "Enabled" | "Suspended" | (string & {}) | undefined
  /** When an object goes to the infrequent tier. */
  readonly transition?:
    | {
        /** 30, 60 or 90 days in which it was asked for less often than `requestFrequent`. */
        readonly days: number
        /** Default 1. */
        readonly requestFrequent?: number | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketIntelligentTieringConfiguration`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface PutBucketIntelligentTieringConfigurationInput extends Operation.BucketInput {
  /** Its name in the bucket: in the query and in the document. */
  readonly id: string
  /** Whether the configuration is enabled. */
  readonly status: "Disabled" | "Enabled" | (string & {})
  /** When an object goes to which tier. */
  readonly tierings: ReadonlyArray<{
    /** `INFREQUENT`, `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`. */
    readonly accessTier: "ARCHIVE_ACCESS" | "DEEP_ARCHIVE_ACCESS" | "INFREQUENT" | (string & {})
    /** In which it was asked for less often than `requestFrequent`. */
    readonly days: number
    /** Times in those days. Default 1. */
    readonly requestFrequent?: number | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }>
  /** Which objects; absent: all. */
  readonly filter?:
    | {
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketIntelligentTieringConfiguration`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface GetBucketIntelligentTieringConfigurationInput extends Operation.BucketInput {
  /** The id of the configuration. */
  readonly id: string
}

/**
 * The input of `listBucketIntelligentTieringConfigurations`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface ListBucketIntelligentTieringConfigurationsInput extends Operation.BucketInput {}

/**
 * The output of `listBucketIntelligentTieringConfigurations`.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
export interface ListBucketIntelligentTieringConfigurationsOutput {
  readonly configurations: ReadonlyArray<IntelligentTieringConfiguration>
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface IntelligentTieringOperations {
  readonly putBucketIntelligentTiering: Operation.Operation<
    PutBucketIntelligentTieringInput,
    void,
    | CosError.InvalidArgument
    | CosError.InvalidBucketState
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.Common
  >
  readonly getBucketIntelligentTiering: Operation.Operation<
    GetBucketIntelligentTieringInput,
    GetBucketIntelligentTieringOutput,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly putBucketIntelligentTieringConfiguration: Operation.Operation<
    PutBucketIntelligentTieringConfigurationInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketIntelligentTieringConfiguration: Operation.Operation<
    GetBucketIntelligentTieringConfigurationInput,
    IntelligentTieringConfiguration,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly listBucketIntelligentTieringConfigurations: Operation.Operation<
    ListBucketIntelligentTieringConfigurationsInput,
    ListBucketIntelligentTieringConfigurationsOutput,
    CosError.NoSuchBucket | CosError.Common
  >
}
