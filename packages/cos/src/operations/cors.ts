import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/cors.js"

/**
 * A CORS rule: which origins may send which requests.
 *
 * @since 0.1.0
 * @category cors
 */
const CorsRule = Schema.Struct({
  /** A name for the rule. */
  id: Schema.optional(Operation.fromElement("ID", Schema.String)),
  /** `*`, or `scheme://host[:port]` with at most one `*`. */
  allowedOrigins: Operation.fromElement("AllowedOrigin", Schema.Array(Schema.String)),
  /** `GET`, `PUT`, `POST`, `DELETE`, `HEAD`, in any case. */
  allowedMethods: Operation.fromElement(
    "AllowedMethod",
    Schema.Array(c.upperCase(c.word("GET", "PUT", "POST", "DELETE", "HEAD")))
  ),
  /** Headers that the request may have; `*`: any. */
  allowedHeaders: Schema.optional(Operation.fromElement("AllowedHeader", Schema.Array(Schema.String))),
  /** Headers of the response that a script may read. */
  exposeHeaders: Schema.optional(Operation.fromElement("ExposeHeader", Schema.Array(Schema.String))),
  /** How long a browser may cache the response to a preflight, in seconds. */
  maxAgeSeconds: Schema.optional(c.Count),
  ...fields.unknown
})

const configuration = {
  /** At most 100, of 64 KB in all. The first that matches counts. */
  rules: Operation.fromElement("CORSRule", c.atMost(100, "rules", CorsRule)),
  /** Whether every response has the header `Vary: Origin`. Default `false`. */
  responseVary: Schema.optional(c.Flag),
  ...fields.unknown
}

/**
 * Replaces the CORS rules of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/8279
 * @since 0.1.0
 * @category cors
 */
export const putBucketCors: types.CorsOperations["putBucketCors"] = Operation.make({
  name: "putBucketCors",
  method: "PUT",
  target: "bucket",
  subresource: "cors",
  permissions: { actions: ["PutBucketCORS"] },
  doc: "https://www.tencentcloud.com/document/product/436/8279",
  document: "CORSConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument, CosError.InvalidRequest]
})

/**
 * Reads the CORS rules of the bucket. Without any it is `NoSuchCORSConfiguration`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/8274
 * @since 0.1.0
 * @category cors
 */
export const getBucketCors: types.CorsOperations["getBucketCors"] = Operation.make({
  name: "getBucketCors",
  method: "GET",
  target: "bucket",
  subresource: "cors",
  permissions: { actions: ["GetBucketCORS"] },
  doc: "https://www.tencentcloud.com/document/product/436/8274",
  root: "CORSConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchCORSConfiguration, CosError.NoSuchBucket]
})

/**
 * Removes the CORS rules of the bucket. A success also where there were none.
 *
 * @see https://www.tencentcloud.com/document/product/436/8283
 * @since 0.1.0
 * @category cors
 */
export const deleteBucketCors: types.CorsOperations["deleteBucketCors"] = Operation.make({
  name: "deleteBucketCors",
  method: "DELETE",
  target: "bucket",
  subresource: "cors",
  permissions: { actions: ["DeleteBucketCORS"] },
  doc: "https://www.tencentcloud.com/document/product/436/8283",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
