// Written by `pnpm generate` from ../multipart.ts: change the declarations there.

import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type * as Body from "../../Body.js"
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { UploadCallback } from "../../internal/operation/callbackCodecs.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type { PicOperations } from "../../internal/operation/imageCodecs.js"
import type * as Operation from "../../Operation.js"
import type * as Progress from "../../Progress.js"
import type { ImageInfo, Owner, ProcessedImage } from "./shared.js"

/**
 * A part in the list of the parts of an upload.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface ListedPart {
  readonly partNumber: number
  readonly lastModified?: Date | undefined
  readonly eTag: string
  /** Bytes. */
  readonly size: number
}

/**
 * An upload in the list of those that are neither completed nor aborted.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface ListedUpload {
  readonly key: string
  readonly uploadId: string
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** Who began it. */
  readonly initiator?: Owner | undefined
  /** Whose the object will be. */
  readonly owner?: Owner | undefined
  /** When it was begun. */
  readonly initiated: Date
}

/**
 * The input of `initiateMultipartUpload`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface InitiateMultipartUploadInput extends Operation.ObjectInput {
  /** The MD5 of the whole content, as 32 hex digits, which is stored as `x-cos-meta-md5`. */
  readonly storeMd5?: string | undefined
  /** Default: what the service makes of it, `application/octet-stream`. */
  readonly contentType?: string | undefined
  /** How caches may keep the object, such as `max-age=3600`. Given back as it is; so are the four that follow. */
  readonly cacheControl?: string | undefined
  /** Such as `attachment; filename="a.txt"`. */
  readonly contentDisposition?: string | undefined
  /** How the content is coded, such as `gzip`. */
  readonly contentEncoding?: string | undefined
  /** Such as `zh-CN`. */
  readonly contentLanguage?: string | undefined
  /** A date of HTTP until which caches may keep the object. */
  readonly expires?: string | undefined
  /**
   * `x-cos-meta-*`: names of letters, digits and `-`, values of Latin-1. Each name and its value have at most 2,048
   * bytes, and all of them at most 4,096, where `x-cos-meta-` counts for each.
   */
  readonly metadata?: { readonly [name: string]: string } | undefined
  /** Default `STANDARD`. */
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** Default `default`: as the bucket. */
  readonly acl?:
    | "authenticated-read"
    | "bucket-owner-full-control"
    | "bucket-owner-read"
    | "default"
    | "private"
    | "public-read"
    | undefined
  /** May read. */
  readonly grantRead?: ReadonlyArray<string> | undefined
  /** May write. Of an object COS knows no such right: it belongs to the bucket, and the object's ACL only shows it. */
  readonly grantWrite?: ReadonlyArray<string> | undefined
  /** May read the ACL. */
  readonly grantReadAcp?: ReadonlyArray<string> | undefined
  /** May change the ACL. */
  readonly grantWriteAcp?: ReadonlyArray<string> | undefined
  /** May do all of these. */
  readonly grantFullControl?: ReadonlyArray<string> | undefined
  /** At most 10 tags. */
  readonly tagging?: { readonly [name: string]: string } | undefined
  /** `AES256` and `SM4`: keys of the service (SSE-COS). `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: "AES256" | "SM4" | "cos/kms" | undefined
  /** The KMS key; default: the one that the service makes. */
  readonly kmsKeyId?: string | undefined
  /** Base64 of JSON, for KMS. */
  readonly kmsContext?: string | undefined
  /** `false`: an existing key is `FileAlreadyExists`. No effect where versioning was ever enabled. Default `true`. */
  readonly overwrite?: boolean | undefined
  /** SSE-C: 32 bytes by which the service encrypts and which it does not keep, so every read needs them again. */
  readonly customerKey?: Redacted.Redacted<Uint8Array> | undefined
  /**
   * Types of content that are stored, such as `image/*;text/plain`; after a `!`, those that are not. The service looks
   * at the content.
   */
  readonly mimeLimit?: string | undefined
}

/**
 * The output of `initiateMultipartUpload`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface InitiateMultipartUploadOutput {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
}

/**
 * The input of `uploadPart`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface UploadPartInput extends Operation.ObjectInput {
  /** 1 to 10,000. The same number again replaces the part. */
  readonly partNumber: number
  /** Opaque, from `initiateMultipartUpload`. */
  readonly uploadId: string
  /** The bytes of the part: text (sent as UTF-8), bytes in any form, a `Blob` or `File`, or a `Body`. */
  readonly body: Body.Input
  /** Base64 of the part's MD5: else `BadDigest`. */
  readonly contentMd5?: string | undefined
  /** The SHA-1 of these bytes, as 40 hex digits: else `InvalidSHA1Digest`. */
  readonly contentSha1?: string | undefined
  /** An integer from 819,200 to 838,860,800, in bit/s. In a presigned URL it is part of the URL. */
  readonly trafficLimit?: number | undefined
  /**
   * Types of content that are stored, such as `image/*;text/plain`; after a `!`, those that are not. The service looks
   * at the content.
   */
  readonly mimeLimit?: string | undefined
  /** SSE-C: 32 bytes by which the service encrypts and which it does not keep, so every read needs them again. */
  readonly customerKey?: Redacted.Redacted<Uint8Array> | undefined
  /**
   * `true`: the body waits until the service has looked at the request, and is not sent at all where that is refused.
   * For large bodies: it costs a connection, and a round trip. Only with `UndiciTransport`; elsewhere it is
   * `InvalidInput`.
   */
  readonly expectContinue?: boolean | undefined
  /**
   * Called with the first state, with the last one, and at most once an interval with those in between. `transferred`
   * are the bytes that the HTTP client has taken: only the output tells that they are stored. `fetch` takes all at
   * once.
   */
  readonly onProgress?: Progress.OnProgress | undefined
  /** Default: 1 second. */
  readonly progressInterval?: Duration.DurationInput | undefined
}

/**
 * The output of `uploadPart`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface UploadPartOutput {
  /** With its double quotes; the MD5 of the content only where it is 32 hex digits. */
  readonly eTag: string
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
}

/**
 * The input of `uploadPartCopy`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface UploadPartCopyInput extends Operation.ObjectInput {
  /** 1 to 10,000. The same number again replaces the part. */
  readonly partNumber: number
  /** Opaque, from `initiateMultipartUpload`. */
  readonly uploadId: string
  /** The object that is copied. */
  readonly source: Operation.CopySource
  /** Only if the source's ETag is this one: else `PreconditionFailed`. */
  readonly sourceIfMatch?: string | undefined
  /** Only if it is another: else `PreconditionFailed`. */
  readonly sourceIfNoneMatch?: string | undefined
  /** Only if the source was changed since: else `PreconditionFailed`. Whole seconds. */
  readonly sourceIfModifiedSince?: Date | undefined
  /** Only if it was not: else `PreconditionFailed`. Whole seconds. */
  readonly sourceIfUnmodifiedSince?: Date | undefined
  /** Default: the whole source. */
  readonly range?:
    | {
        readonly start: number
        readonly end: number
      }
    | undefined
  /** SSE-C: the key that the source is encrypted with. */
  readonly sourceCustomerKey?: Redacted.Redacted<Uint8Array> | undefined
  /** SSE-C: 32 bytes by which the service encrypts and which it does not keep, so every read needs them again. */
  readonly customerKey?: Redacted.Redacted<Uint8Array> | undefined
}

/**
 * The output of `uploadPartCopy`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface UploadPartCopyOutput {
  readonly eTag: string
  readonly lastModified?: Date | undefined
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** The version that was copied, when one was asked for. */
  readonly sourceVersionId?: string | undefined
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
}

/**
 * The input of `listParts`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface ListPartsInput extends Operation.ObjectInput {
  /** Opaque, from `initiateMultipartUpload`. */
  readonly uploadId: string
  /** Entries of a page: 0 to 1,000, the default. */
  readonly maxParts?: number | undefined
  /** Begins after this number. */
  readonly partNumberMarker?: number | undefined
}

/**
 * The output of `listParts`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface ListPartsOutput {
  readonly bucket: string
  /** `url`, if the service says so: keys arrived percent-encoded. They are decoded. */
  readonly encodingType?: string | undefined
  readonly key: string
  readonly uploadId: string
  /** Who began the upload. */
  readonly initiator?: Owner | undefined
  /** Whose the object will be. */
  readonly owner?: Owner | undefined
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** As it was asked for. */
  readonly partNumberMarker?: number | undefined
  /** To be passed as `partNumberMarker` for the next page; present when `isTruncated`. */
  readonly nextPartNumberMarker?: number | undefined
  readonly maxParts?: number | undefined
  /** Whether there are more pages. */
  readonly isTruncated: boolean
  /** By ascending number. */
  readonly parts: ReadonlyArray<ListedPart>
}

/**
 * The input of `listMultipartUploads`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface ListMultipartUploadsInput extends Operation.BucketInput {
  readonly prefix?: string | undefined
  readonly delimiter?: string | undefined
  /** Entries of a page: 1 to 1,000, the default. */
  readonly maxUploads?: number | undefined
  /** Begins after this key; with `uploadIdMarker`, after that upload of it. */
  readonly keyMarker?: string | undefined
  /** Goes with `keyMarker`. */
  readonly uploadIdMarker?: string | undefined
}

/**
 * The output of `listMultipartUploads`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface ListMultipartUploadsOutput {
  readonly bucket: string
  /** `url`, if the service says so: keys arrived percent-encoded. They are decoded. */
  readonly encodingType?: string | undefined
  /** As in the request. */
  readonly prefix?: string | undefined
  readonly delimiter?: string | undefined
  /** Whether there are more pages. */
  readonly isTruncated: boolean
  /** What keys have in common that `delimiter` groups. */
  readonly commonPrefixes: ReadonlyArray<string>
  /** As it was asked for; `uploadIdMarker` likewise. */
  readonly keyMarker?: string | undefined
  readonly uploadIdMarker?: string | undefined
  /** To be passed as `keyMarker` for the next page, with `nextUploadIdMarker`; present when `isTruncated`. */
  readonly nextKeyMarker?: string | undefined
  readonly nextUploadIdMarker?: string | undefined
  readonly maxUploads?: number | undefined
  readonly uploads: ReadonlyArray<ListedUpload>
}

/**
 * The input of `completeMultipartUpload`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface CompleteMultipartUploadInput extends Operation.ObjectInput {
  /** Opaque, from `initiateMultipartUpload`. */
  readonly uploadId: string
  /** 1 to 10,000, by ascending number. */
  readonly parts: ReadonlyArray<{
    /** 1 to 10,000. */
    readonly partNumber: number
    /** From the output of `uploadPart`. */
    readonly eTag: string
  }>
  /** Checked when the upload is completed, as it is when it is begun. */
  readonly overwrite?: boolean | undefined
  /** The metadata that was given when the upload was begun, once more, as the official SDK has it. */
  readonly metadata?: { readonly [name: string]: string } | undefined
  /** Up to 5 rules, each of which makes another object of the image; needs Cloud Infinite to be bound to the bucket. */
  readonly picOperations?: PicOperations | undefined
  /**
   * What COS sends to a server of yours before it responds, whose response is then `callbackResponse`. On request only.
   */
  readonly callback?: UploadCallback | undefined
  /** The variables `${x:name}` in the callback's body, by `name`. */
  readonly callbackVar?: { readonly [name: string]: string } | undefined
}

/**
 * The output of `completeMultipartUpload`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface CompleteMultipartUploadOutput {
  /** The object's URL, with its key percent-encoded. */
  readonly location?: string | undefined
  readonly bucket?: string | undefined
  readonly key?: string | undefined
  readonly eTag: string
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** CRC-32C of the stored bytes, where the service says it, as the service writes it. */
  readonly crc32c?: string | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
  /** The image that was processed. */
  readonly imageInfo?: ImageInfo | undefined
  /** What the rules of `picOperations` made. */
  readonly processResults?: ReadonlyArray<ProcessedImage> | undefined
  /** The text that a rule found, such as that of a blind watermark. */
  readonly processResultsText?: string | undefined
  /** How the search for a watermark ended. */
  readonly watermarkStatusCode?: number | undefined
  /** What a rule recognised, as it is in the document. */
  readonly imgTargetRecResult?: CosXml.Elements | string | undefined
  /** What the server that `callback` names responded with. */
  readonly callbackResponse?: string | undefined
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
}

/**
 * The input of `abortMultipartUpload`.
 *
 * @since 0.1.0
 * @category multipart
 */
export interface AbortMultipartUploadInput extends Operation.ObjectInput {
  /** Opaque, from `initiateMultipartUpload`. */
  readonly uploadId: string
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultipartOperations {
  readonly initiateMultipartUpload: Operation.Operation<
    InitiateMultipartUploadInput,
    InitiateMultipartUploadOutput,
    | CosError.FileAlreadyExists
    | CosError.InvalidArgument
    | CosError.KeyTooLong
    | CosError.NoSuchBucket
    | CosError.PathConflict
    | CosError.Common
  >
  readonly uploadPart: Operation.Operation<
    UploadPartInput,
    UploadPartOutput,
    | CosError.BadDigest
    | CosError.EntityTooLarge
    | CosError.InvalidArgument
    | CosError.InvalidDigest
    | CosError.InvalidSHA1Digest
    | CosError.InvalidUploadStatus
    | CosError.NoSuchBucket
    | CosError.NoSuchUpload
    | CosError.SourceChanged
    | CosError.SourceFailed
    | CosError.Common
  >
  readonly uploadPartCopy: Operation.Operation<
    UploadPartCopyInput,
    UploadPartCopyOutput,
    | CosError.InvalidArgument
    | CosError.InvalidCopySource
    | CosError.InvalidObjectState
    | CosError.InvalidRange
    | CosError.NoSuchBucket
    | CosError.NoSuchCopySource
    | CosError.NoSuchKey
    | CosError.NoSuchUpload
    | CosError.NoSuchVersion
    | CosError.PreconditionFailed
    | CosError.Common
  >
  readonly listParts: Operation.Paginated<
    ListPartsInput,
    ListPartsOutput,
    CosError.InvalidArgument | CosError.NoSuchBucket | CosError.NoSuchUpload | CosError.Common,
    ListedPart
  >
  readonly listMultipartUploads: Operation.Paginated<
    ListMultipartUploadsInput,
    ListMultipartUploadsOutput,
    CosError.InvalidArgument | CosError.NoSuchBucket | CosError.Common,
    ListedUpload
  >
  readonly completeMultipartUpload: Operation.Operation<
    CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput,
    | CosError.EntityTooLarge
    | CosError.EntityTooSmall
    | CosError.FileAlreadyExists
    | CosError.InvalidArgument
    | CosError.InvalidPart
    | CosError.InvalidPartOrder
    | CosError.InvalidUploadStatus
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.NoSuchUpload
    | CosError.Common
  >
  readonly abortMultipartUpload: Operation.Operation<
    AbortMultipartUploadInput,
    void,
    CosError.InvalidUploadStatus | CosError.NoSuchBucket | CosError.NoSuchUpload | CosError.Common
  >
}
