import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/logging.js"

const configuration = {
  /** Absent: no logs are written. */
  loggingEnabled: Schema.optional(
    c.checkedWhenSent(
      Schema.Struct({
        /** A bucket of the same region, with its APPID. */
        targetBucket: Schema.String,
        /** What the keys of the logs begin with. It has to be given. */
        targetPrefix: Schema.optional(Schema.String),
        ...fields.unknown
      }),
      ({ targetPrefix }) => (targetPrefix === undefined ? { path: ["targetPrefix"], rule: "must be given" } : undefined)
    )
  ),
  ...fields.unknown
}

/**
 * Has the requests to the bucket logged. Without `loggingEnabled` it turns that off.
 *
 * @see https://www.tencentcloud.com/document/product/436/17054
 * @since 0.1.0
 * @category logging
 */
export const putBucketLogging: types.LoggingOperations["putBucketLogging"] = Operation.make({
  name: "putBucketLogging",
  method: "PUT",
  target: "bucket",
  subresource: "logging",
  doc: "https://www.tencentcloud.com/document/product/436/17054",
  document: "BucketLoggingStatus",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads where the requests to the bucket are logged, if they are.
 *
 * @see https://www.tencentcloud.com/document/product/436/17053
 * @since 0.1.0
 * @category logging
 */
export const getBucketLogging: types.LoggingOperations["getBucketLogging"] = Operation.make({
  name: "getBucketLogging",
  method: "GET",
  target: "bucket",
  subresource: "logging",
  doc: "https://www.tencentcloud.com/document/product/436/17053",
  root: "BucketLoggingStatus",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchBucket]
})
