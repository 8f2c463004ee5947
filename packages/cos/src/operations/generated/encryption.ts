// Written by `pnpm generate` from ../encryption.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * How new objects are encrypted.
 *
 * @since 0.1.0
 * @category encryption
 */
export interface EncryptionRule {
  /** `AES256` and `SM4`: keys of the service (SSE-COS). `KMS`: keys of KMS. */
  readonly sseAlgorithm: "AES256" | "KMS" | "SM4" | (string & {})
  /** Default: the key that the service makes. */
  readonly kmsMasterKeyId?: string | undefined
  /** The algorithm of that key: `AES256`, the default, or `SM4`. */
  readonly kmsAlgorithm?: "AES256" | "SM4" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketEncryption`.
 *
 * @since 0.1.0
 * @category encryption
 */
export interface PutBucketEncryptionInput extends Operation.BucketInput {
  /** One, which holds for all new objects. */
  readonly rules: ReadonlyArray<EncryptionRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketEncryption`.
 *
 * @since 0.1.0
 * @category encryption
 */
export interface GetBucketEncryptionInput extends Operation.BucketInput {}

/**
 * The output of `getBucketEncryption`.
 *
 * @since 0.1.0
 * @category encryption
 */
export interface GetBucketEncryptionOutput {
  /** One, which holds for all new objects. */
  readonly rules: ReadonlyArray<EncryptionRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketEncryption`.
 *
 * @since 0.1.0
 * @category encryption
 */
export interface DeleteBucketEncryptionInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface EncryptionOperations {
  readonly putBucketEncryption: Operation.Operation<
    PutBucketEncryptionInput,
    void,
    CosError.InvalidArgument | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketEncryption: Operation.Operation<
    GetBucketEncryptionInput,
    GetBucketEncryptionOutput,
    CosError.NoSuchBucket | CosError.NoSuchEncryptionConfiguration | CosError.Common
  >
  readonly deleteBucketEncryption: Operation.Operation<
    DeleteBucketEncryptionInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
