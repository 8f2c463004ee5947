import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/multipart.js"

const upload = {
  /** Opaque, from `initiateMultipartUpload`. */
  uploadId: Operation.required(Operation.query("uploadId"))
}

const part = {
  /** 1 to 10,000. The same number again replaces the part. */
  partNumber: Operation.required(Operation.query("partNumber", c.PartNumber)),
  ...upload
}

/**
 * Begins a multipart upload. Metadata, ACL, storage class, encryption and tags are given here.
 *
 * @see https://www.tencentcloud.com/document/product/436/7746
 * @since 0.1.0
 * @category multipart
 */
export const initiateMultipartUpload: types.MultipartOperations["initiateMultipartUpload"] = Operation.make({
  name: "initiateMultipartUpload",
  method: "POST",
  target: "object",
  subresource: "uploads",
  doc: "https://www.tencentcloud.com/document/product/436/7746",
  params: { ...fields.storeMd5, ...fields.creation, ...fields.mimeLimit },
  root: "InitiateMultipartUploadResult",
  success: Schema.Struct({
    bucket: Schema.String,
    key: Schema.String,
    uploadId: Schema.NonEmptyString,
    ...fields.encryption
  }),
  errors: [
    CosError.NoSuchBucket,
    CosError.FileAlreadyExists,
    CosError.KeyTooLong,
    CosError.InvalidArgument,
    CosError.PathConflict
  ]
})

/**
 * Sends one part: 1 MB to 5 GB, the last one from 1 byte.
 *
 * @see https://www.tencentcloud.com/document/product/436/7750
 * @since 0.1.0
 * @category multipart
 */
export const uploadPart: types.MultipartOperations["uploadPart"] = Operation.make({
  name: "uploadPart",
  method: "PUT",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/7750",
  params: {
    ...part,
    /** The bytes of the part: text (sent as UTF-8), bytes in any form, a `Blob` or `File`, or a `Body`. */
    body: Operation.required(Operation.requestBody),
    /** Base64 of the part's MD5: else `BadDigest`. */
    contentMd5: Operation.header("Content-MD5"),
    ...fields.contentSha1,
    ...fields.trafficLimit,
    ...fields.mimeLimit,
    ...fields.customerKey,
    ...fields.expectContinue,
    ...fields.progress
  },
  success: Schema.Struct({
    ...fields.requiredETag,
    ...fields.crc64,
    ...fields.encryption
  }),
  errors: [
    CosError.NoSuchUpload,
    CosError.NoSuchBucket,
    CosError.BadDigest,
    CosError.InvalidDigest,
    CosError.InvalidSHA1Digest,
    CosError.EntityTooLarge,
    CosError.InvalidArgument,
    CosError.InvalidUploadStatus,
    CosError.SourceFailed,
    CosError.SourceChanged
  ]
})

/**
 * Makes a part of an object that is already stored, or of a range of it.
 *
 * @see https://www.tencentcloud.com/document/product/436/8287
 * @since 0.1.0
 * @category multipart
 */
export const uploadPartCopy: types.MultipartOperations["uploadPartCopy"] = Operation.make({
  name: "uploadPartCopy",
  method: "PUT",
  target: "object",
  errorIn200: true,
  permissions: { actions: ["PutObject", "UploadPartCopy"], source: ["GetObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/8287",
  params: {
    ...part,
    ...fields.copySource,
    /** Default: the whole source. */
    range: Operation.header("x-cos-copy-source-Range", c.ClosedRange),
    ...fields.sourceCustomerKey,
    ...fields.customerKey
  },
  root: "CopyPartResult",
  success: Schema.Struct({
    eTag: fields.ETag,
    lastModified: Schema.optional(c.Timestamp),
    ...fields.crc64,
    /** The version that was copied, when one was asked for. */
    sourceVersionId: Schema.optional(Operation.fromHeader("x-cos-copy-source-version-id", Schema.String)),
    ...fields.encryption
  }),
  errors: [
    CosError.NoSuchUpload,
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.NoSuchVersion,
    CosError.NoSuchCopySource,
    CosError.InvalidCopySource,
    CosError.PreconditionFailed,
    CosError.InvalidObjectState,
    CosError.InvalidRange,
    CosError.InvalidArgument
  ]
})

/**
 * A part in the list of the parts of an upload.
 *
 * @since 0.1.0
 * @category multipart
 */
const ListedPart = Schema.Struct({
  partNumber: c.Count,
  lastModified: Schema.optional(c.Timestamp),
  eTag: fields.ETag,
  /** Bytes. */
  size: c.Count
})

/**
 * Lists the parts that have been stored, by ascending number, up to 1,000 a page.
 *
 * @see https://www.tencentcloud.com/document/product/436/7747
 * @since 0.1.0
 * @category multipart
 */
export const listParts: types.MultipartOperations["listParts"] = Operation.paginated(
  Operation.make({
    name: "listParts",
    method: "GET",
    target: "object",
    fixed: fields.urlEncoding,
    doc: "https://www.tencentcloud.com/document/product/436/7747",
    params: {
      ...upload,
      /** Entries of a page: 0 to 1,000, the default. */
      maxParts: Operation.query("max-parts", c.MaxKeys),
      /** Begins after this number. */
      partNumberMarker: Operation.query("part-number-marker", c.Count)
    },
    root: "ListPartsResult",
    success: Schema.Struct({
      bucket: Schema.String,
      ...fields.encodingType,
      key: Operation.fromUrlEncoded("Key", Schema.String),
      uploadId: Operation.fromElement(["UploadId", "UploadID"], Schema.String),
      /** Who began the upload. */
      initiator: Schema.optional(fields.Owner),
      /** Whose the object will be. */
      owner: Schema.optional(fields.Owner),
      storageClass: Schema.optional(c.StorageClass),
      /** As it was asked for. */
      partNumberMarker: Schema.optional(c.Count),
      /** To be passed as `partNumberMarker` for the next page; present when `isTruncated`. */
      nextPartNumberMarker: Schema.optional(c.Count),
      maxParts: Schema.optional(c.Count),
      /** Whether there are more pages. */
      isTruncated: c.Flag,
      /** By ascending number. */
      parts: Operation.fromElement("Part", Schema.Array(ListedPart))
    }),
    errors: [CosError.NoSuchUpload, CosError.NoSuchBucket, CosError.InvalidArgument]
  }),
  {
    items: (page) => page.parts,
    next: (page) =>
      page.isTruncated ? { partNumberMarker: page.nextPartNumberMarker ?? page.parts.at(-1)?.partNumber } : undefined
  }
)

/**
 * An upload in the list of those that are neither completed nor aborted.
 *
 * @since 0.1.0
 * @category multipart
 */
const ListedUpload = Schema.Struct({
  key: Operation.fromUrlEncoded("Key", Schema.String),
  uploadId: Operation.fromElement(["UploadId", "UploadID"], Schema.String),
  storageClass: Schema.optional(c.StorageClass),
  /** Who began it. */
  initiator: Schema.optional(fields.Owner),
  /** Whose the object will be. */
  owner: Schema.optional(fields.Owner),
  /** When it was begun. */
  initiated: c.Timestamp
})

/**
 * Lists the multipart uploads that are neither completed nor aborted, up to 1,000 a page.
 *
 * @see https://www.tencentcloud.com/document/product/436/7736
 * @since 0.1.0
 * @category multipart
 */
export const listMultipartUploads: types.MultipartOperations["listMultipartUploads"] = Operation.paginated(
  Operation.make({
    name: "listMultipartUploads",
    method: "GET",
    target: "bucket",
    subresource: "uploads",
    fixed: fields.urlEncoding,
    doc: "https://www.tencentcloud.com/document/product/436/7736",
    params: {
      prefix: fields.listing.prefix,
      delimiter: fields.listing.delimiter,
      /** Entries of a page: 1 to 1,000, the default. */
      maxUploads: Operation.query("max-uploads", c.MaxUploads),
      /** Begins after this key; with `uploadIdMarker`, after that upload of it. */
      keyMarker: Operation.query("key-marker"),
      /** Goes with `keyMarker`. */
      uploadIdMarker: Operation.query("upload-id-marker")
    },
    root: "ListMultipartUploadsResult",
    success: Schema.Struct({
      bucket: Schema.String,
      ...fields.page,
      /** As it was asked for; `uploadIdMarker` likewise. */
      keyMarker: Schema.optional(Operation.fromUrlEncoded("KeyMarker", Schema.String)),
      uploadIdMarker: Schema.optional(Schema.String),
      /** To be passed as `keyMarker` for the next page, with `nextUploadIdMarker`; present when `isTruncated`. */
      nextKeyMarker: Schema.optional(Operation.fromUrlEncoded("NextKeyMarker", Schema.String)),
      nextUploadIdMarker: Schema.optional(Schema.String),
      maxUploads: Schema.optional(c.Count),
      uploads: Operation.fromElement("Upload", Schema.Array(ListedUpload))
    }),
    errors: [CosError.NoSuchBucket, CosError.InvalidArgument]
  }),
  {
    items: (page) => page.uploads,
    next: (page) => {
      if (!page.isTruncated) return undefined
      if (page.nextKeyMarker !== undefined) {
        return { keyMarker: page.nextKeyMarker, uploadIdMarker: page.nextUploadIdMarker }
      }
      const last = page.uploads.at(-1)
      return { keyMarker: last?.key ?? page.commonPrefixes.at(-1), uploadIdMarker: last?.uploadId }
    }
  }
)

/**
 * Joins the listed parts into the object. The service may take minutes to respond.
 *
 * Retried after a lost response it is `NoSuchUpload` although it succeeded: `Upload` then looks at the object.
 *
 * @see https://www.tencentcloud.com/document/product/436/7742
 * @since 0.1.0
 * @category multipart
 */
export const completeMultipartUpload: types.MultipartOperations["completeMultipartUpload"] = Operation.make({
  name: "completeMultipartUpload",
  method: "POST",
  target: "object",
  document: "CompleteMultipartUpload",
  idempotent: true,
  errorIn200: true,
  doc: "https://www.tencentcloud.com/document/product/436/7742",
  params: {
    ...upload,
    ...Operation.elements({
      /** 1 to 10,000, by ascending number. */
      parts: Operation.fromElement(
        "Part",
        Schema.Array(
          Schema.Struct({
            /** 1 to 10,000. */
            partNumber: c.PartNumber,
            /** From the output of `uploadPart`. */
            eTag: fields.ETag
          })
        )
          .pipe(Schema.minItems(1), Schema.maxItems(10_000), Schema.filter(c.isAscending))
          .annotations({ description: "1 to 10,000 parts by ascending number" })
      )
    }),
    /** Checked when the upload is completed, as it is when it is begun. */
    overwrite: fields.creation.overwrite,
    /** The metadata that was given when the upload was begun, once more, as the official SDK has it. */
    metadata: fields.content.metadata,
    ...fields.picOperations,
    ...fields.callback
  },
  root: "CompleteMultipartUploadResult",
  success: Schema.Struct({
    /** The object's URL, with its key percent-encoded. */
    location: Schema.optional(Schema.String),
    bucket: Schema.optional(Schema.String),
    key: Schema.optional(Schema.String),
    eTag: fields.ETag,
    /** The CRC64 of the whole object; present when every part had one. */
    ...fields.crc64,
    ...fields.crc32c,
    ...fields.versionId,
    /** The image that was processed. */
    imageInfo: Schema.optional(fields.ImageInfo),
    ...fields.processResults,
    ...fields.callbackResponse,
    ...fields.encryption
  }),
  errors: [
    CosError.NoSuchUpload,
    CosError.NoSuchBucket,
    CosError.InvalidPart,
    CosError.InvalidPartOrder,
    CosError.EntityTooSmall,
    CosError.EntityTooLarge,
    CosError.FileAlreadyExists,
    CosError.InvalidUploadStatus,
    CosError.MalformedXML,
    CosError.InvalidArgument
  ]
})

/**
 * Discards a multipart upload and its parts.
 *
 * @see https://www.tencentcloud.com/document/product/436/7740
 * @since 0.1.0
 * @category multipart
 */
export const abortMultipartUpload: types.MultipartOperations["abortMultipartUpload"] = Operation.make({
  name: "abortMultipartUpload",
  method: "DELETE",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/7740",
  params: upload,
  success: Schema.Void,
  errors: [CosError.NoSuchUpload, CosError.NoSuchBucket, CosError.InvalidUploadStatus]
})
