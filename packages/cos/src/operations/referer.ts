import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/referer.js"

const configuration = {
  /** Whether the list is applied. */
  status: Schema.optional(c.word("Enabled", "Disabled")),
  /** Whether `domains` are refused or are the only ones allowed. */
  refererType: Schema.optional(c.word("Black-List", "White-List")),
  /** Hosts, with a port or `*` where wanted, such as `*.example.com`. */
  domains: Operation.fromElement("DomainList/Domain", Schema.Array(Schema.String)),
  /** Whether a request without `Referer` is allowed. Default `Deny`. */
  emptyReferConfiguration: Schema.optional(c.word("Allow", "Deny")),
  /** Whether requests that are signed in their address are checked too. */
  verifySignatureUrl: Schema.optional(
    Operation.fromElement("VerifySignatureURL", c.knownWords<"Enabled" | "Disabled">())
  ),
  ...fields.unknown
}

/**
 * Sets which pages may link to the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/31423
 * @since 0.1.0
 * @category referer
 */
export const putBucketReferer: types.RefererOperations["putBucketReferer"] = Operation.make({
  name: "putBucketReferer",
  method: "PUT",
  target: "bucket",
  subresource: "referer",
  doc: "https://www.tencentcloud.com/document/product/436/31423",
  document: "RefererConfiguration",
  params: Operation.elements(configuration, "status", "refererType"),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads which pages may link to the bucket. Where that was never set every field is absent, or it is
 * `NoSuchRefererConfiguration`: the service is known to do both.
 *
 * @see https://www.tencentcloud.com/document/product/436/30615
 * @since 0.1.0
 * @category referer
 */
export const getBucketReferer: types.RefererOperations["getBucketReferer"] = Operation.make({
  name: "getBucketReferer",
  method: "GET",
  target: "bucket",
  subresource: "referer",
  doc: "https://www.tencentcloud.com/document/product/436/30615",
  root: "RefererConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchRefererConfiguration, CosError.NoSuchBucket]
})

/**
 * Removes the list. The service is known to have a permission of this name; that the request has this form is inferred.
 * `status: "Disabled"` has the same effect.
 *
 * @see https://www.tencentcloud.com/document/product/436/31423
 * @since 0.1.0
 * @category referer
 */
export const deleteBucketReferer: types.RefererOperations["deleteBucketReferer"] = Operation.make({
  name: "deleteBucketReferer",
  method: "DELETE",
  target: "bucket",
  subresource: "referer",
  doc: "https://www.tencentcloud.com/document/product/436/31423",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
