import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/inventory.js"

/** Letters, digits, `-`, `_` and `.`. */
const Id = c.checkedWhenSent(Schema.String, (id) =>
  /^[\w.-]+$/.test(id) ? undefined : "must be letters, digits and - _ ."
)

const Destination = Schema.Struct({
  /** `CSV`, `ORC` or `Parquet`. */
  format: c.knownWords<"CSV" | "ORC" | "Parquet">(),
  /** The owner of the bucket, such as `100000000001`. */
  accountId: Schema.optional(Schema.String),
  /** `qcs::cos:<region>::<bucket>`; its policy has to let the service write there. */
  bucket: Schema.String,
  /** What the keys of the reports begin with; the service adds a `/`. */
  prefix: Schema.optional(Schema.String),
  /** `true`: the report is encrypted with keys of the service. */
  encrypted: Schema.optional(Operation.fromElement("Encryption/SSE-COS", c.Present)),
  ...fields.unknown
})

const Filter = Schema.Struct({
  ...fields.matching,
  /** Objects of this class. */
  storageClass: Schema.optional(c.StorageClass),
  /** When they were created. Whole seconds. */
  period: Schema.optional(
    Schema.Struct({
      /** Not before. */
      startTime: Schema.optional(c.UnixTime),
      /** Not after. */
      endTime: Schema.optional(c.UnixTime),
      ...fields.unknown
    })
  ),
  ...fields.unknown
})

const ReportField = c.knownWords<
  "Size" | "LastModifiedDate" | "ETag" | "StorageClass" | "IsMultipartUploaded" | "ReplicationStatus" | "Tag" | "Crc64"
>()

const identity = {
  /** Letters, digits, `-`, `_` and `.`. */
  id: Id
}

const destination = {
  /** Where the report goes. */
  destination: Operation.fromElement("Destination/COSBucketDestination", Destination)
}

const contents = {
  /** Which objects; absent: all. With `tags`, the report has to have the field `Tag`. */
  filter: Schema.optional(Operation.filterConditions(Filter, { alone: ["Prefix"], beside: ["Period"] })),
  /** Their versions: all, or the current ones. */
  includedObjectVersions: c.word("All", "Current"),
  /** The columns of the report, beside the key; also `x-cos-meta-*`, an object's metadata. */
  optionalFields: Schema.optional(Operation.fromElement("OptionalFields/Field", Schema.Array(ReportField))),
  ...fields.unknown
}

const configuration = {
  ...identity,
  /** Whether reports are made. */
  isEnabled: c.Flag,
  ...destination,
  /** How often. */
  schedule: Operation.fromElement("Schedule/Frequency", c.word("Daily", "Weekly", "Monthly")),
  /** The day of the month, for `Monthly`. */
  monthlyDate: Schema.optional(Operation.fromElement("Schedule/MonthlyDate", c.sentInteger(1, 31))),
  ...contents
}

/**
 * What is reported of which objects, how often, and where to.
 *
 * @since 0.1.0
 * @category inventory
 */
const InventoryConfiguration = Schema.Struct(configuration)

/** Letters, digits, `-`, `_` and `.`: in the query and in the document. */
const id = Operation.both(Operation.elements(identity).id, Operation.query("id"))

const byId = {
  /** The id of the configuration. */
  id: Operation.required(Operation.query("id", Id))
}

/**
 * Makes an inventory, or replaces that of this id. A bucket has at most 1,000.
 *
 * @see https://www.tencentcloud.com/document/product/436/30625
 * @since 0.1.0
 * @category inventory
 */
export const putBucketInventory: types.InventoryOperations["putBucketInventory"] = Operation.make({
  name: "putBucketInventory",
  method: "PUT",
  target: "bucket",
  subresource: "inventory",
  doc: "https://www.tencentcloud.com/document/product/436/30625",
  document: "InventoryConfiguration",
  params: { ...Operation.elements(configuration), id },
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads the inventory of this id. Without one it is `InventoryConfigurationNotFoundError`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/30623
 * @since 0.1.0
 * @category inventory
 */
export const getBucketInventory: types.InventoryOperations["getBucketInventory"] = Operation.make({
  name: "getBucketInventory",
  method: "GET",
  target: "bucket",
  subresource: "inventory",
  doc: "https://www.tencentcloud.com/document/product/436/30623",
  params: byId,
  root: "InventoryConfiguration",
  success: InventoryConfiguration,
  errors: [CosError.InventoryConfigurationNotFoundError, CosError.NoSuchBucket]
})

/**
 * Removes the inventory of this id. Reports that were made stay.
 *
 * @see https://www.tencentcloud.com/document/product/436/30626
 * @since 0.1.0
 * @category inventory
 */
export const deleteBucketInventory: types.InventoryOperations["deleteBucketInventory"] = Operation.make({
  name: "deleteBucketInventory",
  method: "DELETE",
  target: "bucket",
  subresource: "inventory",
  doc: "https://www.tencentcloud.com/document/product/436/30626",
  params: byId,
  success: Schema.Void,
  errors: [CosError.InventoryConfigurationNotFoundError, CosError.NoSuchBucket]
})

/**
 * Lists the inventories of the bucket, up to 100 a page.
 *
 * @see https://www.tencentcloud.com/document/product/436/30627
 * @since 0.1.0
 * @category inventory
 */
export const listBucketInventory: types.InventoryOperations["listBucketInventory"] = Operation.paginated(
  Operation.make({
    name: "listBucketInventory",
    method: "GET",
    target: "bucket",
    subresource: "inventory",
    doc: "https://www.tencentcloud.com/document/product/436/30627",
    params: {
      /** Opaque, of the page before. */
      continuationToken: Operation.query("continuation-token")
    },
    root: "ListInventoryConfigurationResult",
    success: Schema.Struct({
      configurations: Operation.fromElement("InventoryConfiguration", Schema.Array(InventoryConfiguration)),
      /** Whether there are more pages. */
      isTruncated: c.Flag,
      /** As it was asked for. */
      continuationToken: Schema.optional(Schema.String),
      /** To be passed as `continuationToken` for the next page; present when `isTruncated`. */
      nextContinuationToken: Schema.optional(Schema.String)
    }),
    errors: [CosError.NoSuchBucket]
  }),
  {
    items: (page) => page.configurations,
    next: (page) => (page.isTruncated ? { continuationToken: page.nextContinuationToken } : undefined)
  }
)

/**
 * Makes one report now. An id serves once a day, and should not be that of an inventory.
 *
 * @see https://www.tencentcloud.com/document/product/436/46869
 * @since 0.1.0
 * @category inventory
 */
export const postBucketInventory: types.InventoryOperations["postBucketInventory"] = Operation.make({
  name: "postBucketInventory",
  method: "POST",
  target: "bucket",
  subresource: "inventory",
  doc: "https://www.tencentcloud.com/document/product/436/46869",
  document: "InventoryConfiguration",
  params: { ...Operation.elements({ ...identity, ...destination, ...contents }), id },
  root: "PostInventoryConfigurationResult",
  optionalDocument: true,
  success: Schema.Struct({
    /** If the service responds with it: its documentation says that the response is empty. */
    jobId: Schema.optional(Schema.String)
  }),
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})
