import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/encryption.js"

/** Old documents have the second. */
const inRule = (name: string): ReadonlyArray<string> => [
  `ApplyServerSideEncryptionByDefault/${name}`,
  `ApplySideEncryptionConfiguration/${name}`
]

/**
 * How new objects are encrypted.
 *
 * @since 0.1.0
 * @category encryption
 */
const EncryptionRule = Schema.Struct({
  /** `AES256` and `SM4`: keys of the service (SSE-COS). `KMS`: keys of KMS. */
  sseAlgorithm: Operation.fromElement(inRule("SSEAlgorithm"), c.knownWords<"AES256" | "KMS" | "SM4">()),
  /** Default: the key that the service makes. */
  kmsMasterKeyId: Schema.optional(Operation.fromElement(inRule("KMSMasterKeyID"), Schema.String)),
  /** The algorithm of that key: `AES256`, the default, or `SM4`. */
  kmsAlgorithm: Schema.optional(Operation.fromElement(inRule("KMSAlgorithm"), c.knownWords<"AES256" | "SM4">())),
  ...fields.unknown
})

const configuration = {
  /** One, which holds for all new objects. */
  rules: Operation.fromElement("Rule", Schema.Array(EncryptionRule)),
  ...fields.unknown
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
