import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/encryption.js"

/**
 * How new objects are encrypted.
 *
 * @since 0.1.0
 * @category encryption
 */
const EncryptionRule = Schema.Struct({
  /** `AES256`: keys of the service (SSE-COS). `KMS`: keys of KMS. */
  sseAlgorithm: Operation.fromElement(
    "ApplyServerSideEncryptionByDefault/SSEAlgorithm",
    c.knownWords<"AES256" | "KMS">()
  ),
  /** Default: the key that the service makes. */
  kmsMasterKeyId: Schema.optional(
    Operation.fromElement("ApplyServerSideEncryptionByDefault/KMSMasterKeyID", Schema.String)
  ),
  /** The algorithm of that key. */
  kmsAlgorithm: Schema.optional(Operation.fromElement("ApplyServerSideEncryptionByDefault/KMSAlgorithm", Schema.String))
})

const configuration = {
  /** One, which holds for all new objects. */
  rules: Operation.fromElement("Rule", Schema.Array(EncryptionRule))
}

/**
 * Sets how new objects are encrypted that do not say so themselves.
 *
 * @see https://www.tencentcloud.com/document/product/436/33459
 * @since 0.1.0
 * @category encryption
 */
export const putBucketEncryption: types.EncryptionOperations["putBucketEncryption"] = Operation.make({
  name: "putBucketEncryption",
  method: "PUT",
  target: "bucket",
  subresource: "encryption",
  doc: "https://www.tencentcloud.com/document/product/436/33459",
  document: "ServerSideEncryptionConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads how new objects are encrypted. Where that is not set it is `NoSuchEncryptionConfiguration`, see
 * `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/33460
 * @since 0.1.0
 * @category encryption
 */
export const getBucketEncryption: types.EncryptionOperations["getBucketEncryption"] = Operation.make({
  name: "getBucketEncryption",
  method: "GET",
  target: "bucket",
  subresource: "encryption",
  doc: "https://www.tencentcloud.com/document/product/436/33460",
  root: "ServerSideEncryptionConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchEncryptionConfiguration, CosError.NoSuchBucket]
})

/**
 * Ends the default encryption. Objects that are stored stay as they are.
 *
 * @see https://www.tencentcloud.com/document/product/436/33461
 * @since 0.1.0
 * @category encryption
 */
export const deleteBucketEncryption: types.EncryptionOperations["deleteBucketEncryption"] = Operation.make({
  name: "deleteBucketEncryption",
  method: "DELETE",
  target: "bucket",
  subresource: "encryption",
  doc: "https://www.tencentcloud.com/document/product/436/33461",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
