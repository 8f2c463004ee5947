// Written by `pnpm generate` from ../object.ts: change the declarations there.

import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type * as Body from "../../Body.js"
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { UploadCallback } from "../../internal/operation/callbackCodecs.js"
import type { Range, StorageClass } from "../../internal/operation/codecs.js"
import type { PicOperations } from "../../internal/operation/imageCodecs.js"
import type * as Operation from "../../Operation.js"
import type * as Progress from "../../Progress.js"
import type { ImageInfo, ProcessedImage } from "./shared.js"

/**
 * The input of `putObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface PutObjectInput extends Operation.ObjectInput {
  /** The content: text (sent as UTF-8), bytes in any form, a `Blob` or `File`, or a `Body`. Default: none. */
  readonly body?: Body.Input | undefined
  /** Base64 of the content's MD5: else `BadDigest`. */
  readonly contentMd5?: string | undefined
  /** The SHA-1 of these bytes, as 40 hex digits: else `InvalidSHA1Digest`. */
  readonly contentSha1?: string | undefined
  /** Stores the MD5 of the content as `x-cos-meta-md5`: `true` for a body in memory, for others the 32 hex digits. */
  readonly storeMd5?: boolean | string | undefined
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
  /** An integer from 819,200 to 838,860,800, in bit/s. In a presigned URL it is part of the URL. */
  readonly trafficLimit?: number | undefined
  /**
   * Types of content that are stored, such as `image/*;text/plain`; after a `!`, those that are not. The service looks
   * at the content.
   */
  readonly mimeLimit?: string | undefined
  /** Up to 5 rules, each of which makes another object of the image; needs Cloud Infinite to be bound to the bucket. */
  readonly picOperations?: PicOperations | undefined
  /**
   * What COS sends to a server of yours before it responds, whose response is then `callbackResponse`. On request only.
   */
  readonly callback?: UploadCallback | undefined
  /** The variables `${x:name}` in the callback's body, by `name`. */
  readonly callbackVar?: { readonly [name: string]: string } | undefined
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
 * The output of `putObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface PutObjectOutput {
  /**
   * With its double quotes; the MD5 of the content only where it is 32 hex digits. Absent only where a browser hides
   * it.
   */
  readonly eTag?: string | undefined
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** CRC-32C of the stored bytes, where the service says it, as the service writes it. */
  readonly crc32c?: string | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
  /** The object's address, as the client's endpoint spells it, with its key percent-encoded. */
  readonly location: string
  readonly bucket: string
  /** Absent where the endpoint needs none, and none was given. */
  readonly region?: string | undefined
  /**
   * What the service responded, without secrets; where that was lost, its response to the HEAD that found the object.
   */
  readonly response: Operation.ResponseSummary
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
  /** The image that was processed. */
  readonly originalInfo?:
    | {
        readonly key?: string | undefined
        readonly location?: string | undefined
        readonly eTag?: string | undefined
        readonly imageInfo?: ImageInfo | undefined
      }
    | undefined
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
}

/**
 * The input of `getObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface GetObjectInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
  /** One range of bytes; its end is included, as in HTTP. */
  readonly range?: Range | undefined
  /** Only if its ETag is this one: else `PreconditionFailed`. */
  readonly ifMatch?: string | undefined
  /** Only if it is another: else `NotModified`. */
  readonly ifNoneMatch?: string | undefined
  /** Only if it was changed since: else `NotModified`. Whole seconds. */
  readonly ifModifiedSince?: Date | undefined
  /** Only if it was not: else `PreconditionFailed`. Whole seconds. */
  readonly ifUnmodifiedSince?: Date | undefined
  /** SSE-C: 32 bytes by which the service encrypts and which it does not keep, so every read needs them again. */
  readonly customerKey?: Redacted.Redacted<Uint8Array> | undefined
  /** The `Content-Type` of the response. Not for anonymous requests, like the five that follow. */
  readonly responseContentType?: string | undefined
  /** The `Content-Language` of the response. */
  readonly responseContentLanguage?: string | undefined
  /** The `Expires` of the response. */
  readonly responseExpires?: string | undefined
  /** The `Cache-Control` of the response. */
  readonly responseCacheControl?: string | undefined
  /** The `Content-Disposition` of the response, such as `attachment; filename="a.txt"`. */
  readonly responseContentDisposition?: string | undefined
  /** The `Content-Encoding` of the response. */
  readonly responseContentEncoding?: string | undefined
  /** An integer from 819,200 to 838,860,800, in bit/s. In a presigned URL it is part of the URL. */
  readonly trafficLimit?: number | undefined
}

/**
 * The output of `getObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface GetObjectOutput extends Operation.WithBody {
  /**
   * With its double quotes; the MD5 of the content only where it is 32 hex digits. Absent only where a browser hides
   * it.
   */
  readonly eTag?: string | undefined
  /** Whole seconds. The service always says it; what stands in between may not. */
  readonly lastModified?: Date | undefined
  readonly contentType?: string | undefined
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly expires?: string | undefined
  /** `bytes 0-9/100`, where a range was asked for. */
  readonly contentRange?: string | undefined
  /** `bytes`: ranges can be asked for. */
  readonly acceptRanges?: string | undefined
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
  /** `x-cos-meta-*`, names in lower case and without that prefix. */
  readonly metadata: { readonly [name: string]: string }
  /** `STANDARD` where the header is left out. Absent where a browser may hide it. */
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** Of `INTELLIGENT_TIERING` only. From the archive tiers `restoreObject` brings it back to `FREQUENT`. */
  readonly storageTier?: "ARCHIVE" | "DEEP_ARCHIVE" | "FREQUENT" | "INFREQUENT" | (string & {}) | undefined
  /** `normal` or `appendable`. */
  readonly objectType?: string | undefined
  /** The `position` of the next append. */
  readonly nextAppendPosition?: number | undefined
  /** For an archived object that was restored: whether that is still going on, and until when the copy can be read. */
  readonly restore?:
    | {
        /** The restored copy is not readable yet. */
        readonly ongoing: boolean
        /** Until when the restored copy can be read. */
        readonly expiresAt?: Date | undefined
      }
    | undefined
  /** The request for the restore, while it is going on. */
  readonly restoreStatus?:
    | {
        readonly tier?: "Bulk" | "Expedited" | "Standard" | (string & {}) | undefined
        readonly requestedAt?: Date | undefined
      }
    | undefined
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
  /** The canned ACL; `default`: as the bucket. */
  readonly acl?: string | undefined
  /** How many tags it has; absent where it has none. */
  readonly taggingCount?: number | undefined
  /** The state of its replication, such as `Complete`. */
  readonly replicationStatus?: string | undefined
  /** The key that a symbolic link leads to. */
  readonly symlinkTarget?: string | undefined
  /** When a lifecycle rule removes it, as the service writes it. */
  readonly expiration?: string | undefined
  /** Bytes of this response's body; absent when the service sends it in chunks. */
  readonly contentLength?: number | undefined
}

/**
 * The input of `headObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface HeadObjectInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
  /** One range of bytes; its end is included, as in HTTP. */
  readonly range?: Range | undefined
  /** Only if its ETag is this one: else `PreconditionFailed`. */
  readonly ifMatch?: string | undefined
  /** Only if it is another: else `NotModified`. */
  readonly ifNoneMatch?: string | undefined
  /** Only if it was changed since: else `NotModified`. Whole seconds. */
  readonly ifModifiedSince?: Date | undefined
  /** Only if it was not: else `PreconditionFailed`. Whole seconds. */
  readonly ifUnmodifiedSince?: Date | undefined
  /** SSE-C: 32 bytes by which the service encrypts and which it does not keep, so every read needs them again. */
  readonly customerKey?: Redacted.Redacted<Uint8Array> | undefined
}

/**
 * The output of `headObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface HeadObjectOutput {
  /**
   * With its double quotes; the MD5 of the content only where it is 32 hex digits. Absent only where a browser hides
   * it.
   */
  readonly eTag?: string | undefined
  /** Whole seconds. The service always says it; what stands in between may not. */
  readonly lastModified?: Date | undefined
  readonly contentType?: string | undefined
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly expires?: string | undefined
  /** `bytes 0-9/100`, where a range was asked for. */
  readonly contentRange?: string | undefined
  /** `bytes`: ranges can be asked for. */
  readonly acceptRanges?: string | undefined
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
  /** `x-cos-meta-*`, names in lower case and without that prefix. */
  readonly metadata: { readonly [name: string]: string }
  /** `STANDARD` where the header is left out. Absent where a browser may hide it. */
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** Of `INTELLIGENT_TIERING` only. From the archive tiers `restoreObject` brings it back to `FREQUENT`. */
  readonly storageTier?: "ARCHIVE" | "DEEP_ARCHIVE" | "FREQUENT" | "INFREQUENT" | (string & {}) | undefined
  /** `normal` or `appendable`. */
  readonly objectType?: string | undefined
  /** The `position` of the next append. */
  readonly nextAppendPosition?: number | undefined
  /** For an archived object that was restored: whether that is still going on, and until when the copy can be read. */
  readonly restore?:
    | {
        /** The restored copy is not readable yet. */
        readonly ongoing: boolean
        /** Until when the restored copy can be read. */
        readonly expiresAt?: Date | undefined
      }
    | undefined
  /** The request for the restore, while it is going on. */
  readonly restoreStatus?:
    | {
        readonly tier?: "Bulk" | "Expedited" | "Standard" | (string & {}) | undefined
        readonly requestedAt?: Date | undefined
      }
    | undefined
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  readonly serverSideEncryption?: string | undefined
  /** The KMS key. */
  readonly kmsKeyId?: string | undefined
  /** `AES256`, where the customer's key is needed (SSE-C). */
  readonly customerAlgorithm?: string | undefined
  /** Base64 of that key's MD5. */
  readonly customerKeyMd5?: string | undefined
  /** The canned ACL; `default`: as the bucket. */
  readonly acl?: string | undefined
  /** How many tags it has; absent where it has none. */
  readonly taggingCount?: number | undefined
  /** The state of its replication, such as `Complete`. */
  readonly replicationStatus?: string | undefined
  /** The key that a symbolic link leads to. */
  readonly symlinkTarget?: string | undefined
  /** When a lifecycle rule removes it, as the service writes it. */
  readonly expiration?: string | undefined
  /** Bytes. */
  readonly contentLength: number
}

/**
 * The input of `deleteObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface DeleteObjectInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
  /** The code of a second factor, where the bucket asks for one. */
  readonly mfa?: string | undefined
}

/**
 * The output of `deleteObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface DeleteObjectOutput {
  /** Whether a delete marker was added or removed. */
  readonly deleteMarker?: boolean | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
}

/**
 * The input of `deleteMultipleObjects`.
 *
 * @since 0.1.0
 * @category object
 */
export interface DeleteMultipleObjectsInput extends Operation.BucketInput {
  /** 1 to 1,000 keys, none of which XML alters or cannot carry. */
  readonly objects: ReadonlyArray<{
    /** Without control characters. */
    readonly key: string
    /**
     * This version only. Default, and where it is empty as in the list of a bucket without versions: as `deleteObject`.
     */
    readonly versionId?: string | undefined
  }>
  /** Whether only failures are listed: then a key that is not mentioned was removed. Default `false`. */
  readonly quiet?: boolean | undefined
}

/**
 * The output of `deleteMultipleObjects`.
 *
 * @since 0.1.0
 * @category object
 */
export interface DeleteMultipleObjectsOutput {
  /** What is gone, or was never there; none when `quiet`. */
  readonly deleted: ReadonlyArray<{
    readonly key: string
    readonly versionId?: string | undefined
    /** Whether a delete marker was added or removed. */
    readonly deleteMarker?: boolean | undefined
    /** The version of that marker. */
    readonly deleteMarkerVersionId?: string | undefined
  }>
  /** What is still there, and why. */
  readonly errors: ReadonlyArray<{
    readonly key: string
    readonly versionId?: string | undefined
    /** Such as `AccessDenied`. */
    readonly code: string
    readonly message?: string | undefined
  }>
}

/**
 * The input of `copyObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface CopyObjectInput extends Operation.ObjectInput {
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
  /** SSE-C: the key that the source is encrypted with. */
  readonly sourceCustomerKey?: Redacted.Redacted<Uint8Array> | undefined
  /** `Copy`, the default, keeps the source's headers and metadata; `Replaced` takes those given here. */
  readonly metadataDirective?: "Copy" | "Replaced" | undefined
  /** The same for the tags. */
  readonly taggingDirective?: "Copy" | "Replaced" | undefined
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
}

/**
 * The output of `copyObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface CopyObjectOutput {
  readonly eTag: string
  readonly lastModified?: Date | undefined
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  readonly crc64?: bigint | undefined
  /** Where versioning is or was enabled. */
  readonly versionId?: string | undefined
  /** The object's address, as the client's endpoint spells it, with its key percent-encoded. */
  readonly location: string
  readonly bucket: string
  /** Absent where the endpoint needs none, and none was given. */
  readonly region?: string | undefined
  /** What the service responded, without secrets. */
  readonly response: Operation.ResponseSummary
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
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectOperations {
  readonly putObject: Operation.Operation<
    PutObjectInput,
    PutObjectOutput,
    | CosError.BadDigest
    | CosError.EntityTooLarge
    | CosError.FileAlreadyExists
    | CosError.InvalidArgument
    | CosError.InvalidDigest
    | CosError.InvalidSHA1Digest
    | CosError.KeyTooLong
    | CosError.NoSuchBucket
    | CosError.ObjectLocked
    | CosError.PathConflict
    | CosError.SourceChanged
    | CosError.SourceFailed
    | CosError.Common
  >
  readonly getObject: Operation.BodyOperation<
    GetObjectInput,
    GetObjectOutput,
    | CosError.InvalidArgument
    | CosError.InvalidObjectState
    | CosError.InvalidRange
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.NoSuchVersion
    | CosError.NotModified
    | CosError.PreconditionFailed
    | CosError.Common
  >
  readonly headObject: Operation.Operation<
    HeadObjectInput,
    HeadObjectOutput,
    CosError.InvalidRange | CosError.NoSuchKey | CosError.NotModified | CosError.PreconditionFailed | CosError.Common
  >
  readonly deleteObject: Operation.Operation<
    DeleteObjectInput,
    DeleteObjectOutput,
    CosError.MethodNotAllowed | CosError.NoSuchBucket | CosError.ObjectLocked | CosError.Common
  >
  readonly deleteMultipleObjects: Operation.Operation<
    DeleteMultipleObjectsInput,
    DeleteMultipleObjectsOutput,
    CosError.BadDigest | CosError.InvalidRequest | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly copyObject: Operation.Operation<
    CopyObjectInput,
    CopyObjectOutput,
    | CosError.FileAlreadyExists
    | CosError.InvalidArgument
    | CosError.InvalidCopySource
    | CosError.InvalidObjectState
    | CosError.InvalidRequest
    | CosError.NoSuchBucket
    | CosError.NoSuchCopySource
    | CosError.NoSuchKey
    | CosError.NoSuchVersion
    | CosError.PreconditionFailed
    | CosError.Common
  >
}
