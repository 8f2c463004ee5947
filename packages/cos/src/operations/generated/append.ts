// Written by `pnpm generate` from ../append.ts: change the declarations there.

import type * as Duration from "effect/Duration"
import type * as Body from "../../Body.js"
import type * as CosError from "../../CosError.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"
import type * as Progress from "../../Progress.js"

/**
 * The input of `appendObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface AppendObjectInput extends Operation.ObjectInput {
  /** The object's length in bytes: the `nextAppendPosition` of the previous append; 0 creates the object. */
  readonly position: number
  /** The bytes to add: text (sent as UTF-8), bytes in any form, a `Blob` or `File`, or a `Body`. */
  readonly body: Body.Input
  /** Base64 of these bytes' MD5: else `BadDigest`. */
  readonly contentMd5?: string | undefined
  /** The SHA-1 of these bytes, as 40 hex digits: else `InvalidSHA1Digest`. */
  readonly contentSha1?: string | undefined
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
  /** An integer from 819,200 to 838,860,800, in bit/s. In a presigned URL it is part of the URL. */
  readonly trafficLimit?: number | undefined
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
 * The output of `appendObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface AppendObjectOutput {
  /** As COS writes it, here without quotes. */
  readonly eTag?: string | undefined
  /** The `position` of the next bytes: the object's length. */
  readonly nextAppendPosition?: number | undefined
  /** The SHA-1 of these bytes, in hex. */
  readonly contentSha1?: string | undefined
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
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface AppendOperations {
  readonly appendObject: Operation.Operation<
    AppendObjectInput,
    AppendObjectOutput,
    | CosError.AppendPositionErr
    | CosError.BadDigest
    | CosError.EntityTooLarge
    | CosError.InvalidArgument
    | CosError.InvalidDigest
    | CosError.InvalidSHA1Digest
    | CosError.KeyTooLong
    | CosError.NoSuchBucket
    | CosError.ObjectLocked
    | CosError.ObjectNotAppendable
    | CosError.PathConflict
    | CosError.SourceChanged
    | CosError.SourceFailed
    | CosError.Common
  >
}
