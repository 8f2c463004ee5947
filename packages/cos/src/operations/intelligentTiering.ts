import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/intelligentTiering.js"

const tiering = {
  /** `Enabled`; absent where it was never enabled. */
  status: Schema.optional(c.word("Enabled", "Suspended")),
  /** When an object goes to the infrequent tier. */
  transition: Schema.optional(
    Schema.Struct({
      /** 30, 60 or 90 days in which it was asked for less often than `requestFrequent`. */
      days: c.Count,
      /** Default 1. */
      requestFrequent: Schema.optional(c.Count),
      ...fields.unknown
    })
  ),
  ...fields.unknown
}

/**
 * Enables intelligent tiering for the bucket. It cannot be changed or ended.
 *
 * @see https://www.tencentcloud.com/document/product/436/38314
 * @since 0.1.0
 * @category intelligent tiering
 */
export const putBucketIntelligentTiering: types.IntelligentTieringOperations["putBucketIntelligentTiering"] =
  Operation.make({
    name: "putBucketIntelligentTiering",
    method: "PUT",
    target: "bucket",
    subresource: "intelligenttiering",
    doc: "https://www.tencentcloud.com/document/product/436/38314",
    document: "IntelligentTieringConfiguration",
    params: Operation.elements(tiering, "status", "transition"),
    success: Schema.Void,
    errors: [CosError.NoSuchBucket, CosError.InvalidBucketState, CosError.MalformedXML, CosError.InvalidArgument]
  })

/**
 * Reads whether the bucket has intelligent tiering.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category intelligent tiering
 */
export const getBucketIntelligentTiering: types.IntelligentTieringOperations["getBucketIntelligentTiering"] =
  Operation.make({
    name: "getBucketIntelligentTiering",
    method: "GET",
    target: "bucket",
    subresource: "intelligenttiering",
    doc: "https://www.tencentcloud.com/document/product/436/10111",
    root: "IntelligentTieringConfiguration",
    success: Schema.Struct(tiering),
    errors: [CosError.NoSuchBucket]
  })

const configuration = {
  /** Its name in the bucket. */
  id: Schema.String,
  /** Whether the configuration is enabled. */
  status: c.word("Enabled", "Disabled"),
  /** Which objects; absent: all. */
  filter: Schema.optional(Operation.filterConditions(Schema.Struct(fields.matching), { alone: [] })),
  /** When an object goes to which tier. */
  tierings: Operation.fromElement(
    "Tiering",
    Schema.Array(
      Schema.Struct({
        /** `INFREQUENT`, `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`. */
        accessTier: c.knownWords<"INFREQUENT" | "ARCHIVE_ACCESS" | "DEEP_ARCHIVE_ACCESS">(),
        /** In which it was asked for less often than `requestFrequent`. */
        days: c.Count,
        /** Times in those days. Default 1. */
        requestFrequent: Schema.optional(c.Count),
        ...fields.unknown
      })
    )
  ),
  ...fields.unknown
}

/**
 * Which objects go to which tier, and when.
 *
 * @since 0.1.0
 * @category intelligent tiering
 */
const IntelligentTieringConfiguration = Schema.Struct(configuration)

/**
 * Sets the intelligent tiering of this id: for some objects, and for the archive tiers too.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category intelligent tiering
 */
export const putBucketIntelligentTieringConfiguration: types.IntelligentTieringOperations["putBucketIntelligentTieringConfiguration"] =
  Operation.make({
    name: "putBucketIntelligentTieringConfiguration",
    method: "PUT",
    target: "bucket",
    subresource: "intelligent-tiering",
    permissions: { actions: ["PutBucketIntelligentTiering"] },
    doc: "https://www.tencentcloud.com/document/product/436/10111",
    document: "IntelligentTieringConfiguration",
    params: {
      ...Operation.elements(configuration),
      /** Its name in the bucket: in the query and in the document. */
      id: Operation.both(Operation.elements({ id: configuration.id }).id, Operation.query("id"))
    },
    success: Schema.Void,
    errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
  })

/**
 * Reads the intelligent tiering of this id.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category intelligent tiering
 */
export const getBucketIntelligentTieringConfiguration: types.IntelligentTieringOperations["getBucketIntelligentTieringConfiguration"] =
  Operation.make({
    name: "getBucketIntelligentTieringConfiguration",
    method: "GET",
    target: "bucket",
    subresource: "intelligent-tiering",
    permissions: { actions: ["GetBucketIntelligentTiering"] },
    doc: "https://www.tencentcloud.com/document/product/436/10111",
    params: {
      /** The id of the configuration. */
      id: Operation.required(Operation.query("id"))
    },
    root: "IntelligentTieringConfiguration",
    success: IntelligentTieringConfiguration,
    errors: [CosError.NoSuchBucket]
  })

/**
 * Lists the intelligent tierings of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category intelligent tiering
 */
export const listBucketIntelligentTieringConfigurations: types.IntelligentTieringOperations["listBucketIntelligentTieringConfigurations"] =
  Operation.make({
    name: "listBucketIntelligentTieringConfigurations",
    method: "GET",
    target: "bucket",
    subresource: "intelligent-tiering",
    doc: "https://www.tencentcloud.com/document/product/436/10111",
    root: "ListBucketIntelligentTieringConfigurationsOutput",
    success: Schema.Struct({
      configurations: Operation.fromElement(
        "IntelligentTieringConfiguration",
        Schema.Array(IntelligentTieringConfiguration)
      )
    }),
    errors: [CosError.NoSuchBucket]
  })
