import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/accelerate.js"

const configuration = {
  /** Absent where acceleration was never enabled. */
  status: Schema.optional(c.word("Enabled", "Suspended")),
  /** `COS`. */
  type: Schema.optional(c.word("COS")),
  ...fields.unknown
}

/**
 * Enables or suspends global acceleration, which `Endpoint.accelerate` needs.
 *
 * @see https://www.tencentcloud.com/document/product/436/33411
 * @since 0.1.0
 * @category accelerate
 */
export const putBucketAccelerate: types.AccelerateOperations["putBucketAccelerate"] = Operation.make({
  name: "putBucketAccelerate",
  method: "PUT",
  target: "bucket",
  subresource: "accelerate",
  doc: "https://www.tencentcloud.com/document/product/436/33411",
  document: "AccelerateConfiguration",
  params: Operation.elements(configuration, "status"),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads whether global acceleration is enabled.
 *
 * @see https://www.tencentcloud.com/document/product/436/33412
 * @since 0.1.0
 * @category accelerate
 */
export const getBucketAccelerate: types.AccelerateOperations["getBucketAccelerate"] = Operation.make({
  name: "getBucketAccelerate",
  method: "GET",
  target: "bucket",
  subresource: "accelerate",
  doc: "https://www.tencentcloud.com/document/product/436/33412",
  root: "AccelerateConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchBucket]
})
