import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/notification.js"

/**
 * A part of the keys that a function is called for.
 *
 * @since 0.1.0
 * @category notification
 */
const FilterRule = Schema.Struct({
  /** `Prefix` or `Suffix`. */
  name: Schema.optional(c.knownWords<"Prefix" | "Suffix">()),
  /** What keys begin or end with. */
  value: Schema.optional(Schema.String),
  ...fields.unknown
})

/**
 * A cloud function, and the events that it is called for.
 *
 * @since 0.1.0
 * @category notification
 */
const CloudFunctionConfiguration = Schema.Struct({
  /** A name for it. */
  id: Schema.optional(Schema.String),
  /** Keys that begin or end so: one or two rules. Without any, all keys. Rules must not overlap with those of others. */
  filterRules: Schema.optional(Operation.fromElement("Filter/S3Key/FilterRule", Schema.Array(FilterRule))),
  /** Its name, such as `qcs:0:video:sh:appid/1250000000:video/10010`. */
  cloudFunction: Schema.String,
  /** What it is called for: `*` stands for each of a kind. */
  events: Operation.fromElement(
    "Event",
    Schema.Array(
      c.knownWords<
        | "cos:ObjectCreated:*"
        | "cos:ObjectCreated:Put"
        | "cos:ObjectCreated:Post"
        | "cos:ObjectCreated:Copy"
        | "cos:ObjectCreated:Append"
        | "cos:ObjectCreated:CompleteMultipartUpload"
        | "cos:ObjectRemove:*"
        | "cos:ObjectRemove:Delete"
        | "cos:ObjectRemove:DeleteMarkerCreated"
      >()
    )
  ),
  ...fields.unknown
})

const configuration = {
  /** The functions that are called. */
  cloudFunctionConfigurations: Operation.fromElement(
    "CloudFunctionConfiguration",
    Schema.Array(CloudFunctionConfiguration)
  ),
  ...fields.unknown
}

/**
 * Sets which cloud functions are called when objects are created and removed, instead of those that were set before. An
 * empty list removes all. What lifecycle and replication do calls none.
 *
 * The pages of this configuration are old, and others configure the functions themselves.
 *
 * @see https://cloud.tencent.com/document/product/436/8588
 * @since 0.1.0
 * @category notification
 */
export const putBucketNotification: types.NotificationOperations["putBucketNotification"] = Operation.make({
  name: "putBucketNotification",
  method: "PUT",
  target: "bucket",
  subresource: "notification",
  document: "NotificationConfiguration",
  doc: "https://cloud.tencent.com/document/product/436/8588",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument, CosError.InvalidRequest]
})

/**
 * Reads which cloud functions are called. Without any the list is empty.
 *
 * @see https://cloud.tencent.com/document/product/436/8588
 * @since 0.1.0
 * @category notification
 */
export const getBucketNotification: types.NotificationOperations["getBucketNotification"] = Operation.make({
  name: "getBucketNotification",
  method: "GET",
  target: "bucket",
  subresource: "notification",
  doc: "https://cloud.tencent.com/document/product/436/8588",
  root: "NotificationConfiguration",
  optionalDocument: true,
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchBucket]
})
