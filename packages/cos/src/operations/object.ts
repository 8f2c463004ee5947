/** Operations on one object. `Operation` says what a declaration is; `pnpm generate` writes the types of its input and output. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Body from "../Body.js"
import * as CosError from "../CosError.js"
import * as Crc64 from "../Crc64.js"
import { placeOf } from "../internal/http/place.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import { withoutSecrets } from "../internal/operation/runner.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/object.js"

/**
 * Stores an object, in one request of up to 5 GB; `Upload` sends larger ones, and files, in parts.
 *
 * A key that ends in `/` with an empty body is a folder marker.
 *
 * @see https://www.tencentcloud.com/document/product/436/7749
 * @since 0.1.0
 * @category object
 */
export const putObject: types.ObjectOperations["putObject"] = Operation.recoverLostResponse(
  Operation.make({
    name: "putObject",
    method: "PUT",
    target: "object",
    doc: "https://www.tencentcloud.com/document/product/436/7749",
    params: {
      /** The content: text (sent as UTF-8), bytes in any form, a `Blob` or `File`, or a `Body`. Default: none. */
      body: Operation.requestBody,
      /** Base64 of the content's MD5: else `BadDigest`. */
      contentMd5: Operation.header("Content-MD5"),
      ...fields.contentSha1,
      ...fields.storeMd5OfBody,
      ...fields.creation,
      ...fields.trafficLimit,
      ...fields.mimeLimit,
      ...fields.picOperations,
      ...fields.callback,
      ...fields.expectContinue,
      ...fields.progress
    },
    root: "UploadResult",
    optionalDocument: true,
    success: Schema.Struct({
      ...fields.eTag,
      ...fields.crc64,
      ...fields.crc32c,
      ...fields.versionId,
      ...fields.made,
      /** What the service responded, without secrets; where that was lost, its response to the HEAD that found the object. */
      response: Operation.fromCall("response"),
      ...fields.encryption,
      ...fields.uploadResult,
      ...fields.callbackResponse
    }),
    errors: [
      CosError.NoSuchBucket,
      CosError.FileAlreadyExists,
      CosError.BadDigest,
      CosError.InvalidDigest,
      CosError.InvalidSHA1Digest,
      CosError.EntityTooLarge,
      CosError.KeyTooLong,
      CosError.InvalidArgument,
      CosError.ObjectLocked,
      CosError.PathConflict,
      CosError.SourceFailed,
      CosError.SourceChanged
    ]
  }),
  // Where overwriting is forbidden, a repeated request meets the object that the first one made.
  (error, input) =>
    error._tag === "FileAlreadyExists" ? Effect.orElseSucceed(storedAs(input), Option.none) : Effect.succeedNone
)

const crc64Of = (body: Body.Body): Effect.Effect<bigint, unknown> =>
  body._tag === "Bytes"
    ? Effect.sync(() => Crc64.of(body.bytes))
    : Effect.map(
        Effect.suspend(() => Stream.runFold(body.stream, Crc64.make(), (crc, bytes) => crc.update(bytes))),
        ({ value }) => value
      )

/** The object, if it holds what the input would store. */
const storedAs = Effect.fnUntraced(function* (
  input: Operation.Input<typeof headObject> & { readonly body?: Body.Input | undefined }
) {
  const { bucket, customerKey, key, region } = input
  const { response, value } = yield* Operation.withResponse(headObject)({ bucket, customerKey, key, region })
  const { crc64, eTag, versionId, ...head } = value
  const body = Body.fromInput(input.body ?? "")
  if (head.contentLength !== body.size || crc64 !== (yield* crc64Of(body))) return Option.none()
  const { customerAlgorithm, customerKeyMd5, kmsKeyId, serverSideEncryption } = head
  const encryption = { serverSideEncryption, kmsKeyId, customerAlgorithm, customerKeyMd5 }
  const place = yield* placeOf(input, "putObject")
  return Option.some({ eTag, crc64, versionId, ...place, response: withoutSecrets(response), ...encryption })
})

const reading = {
  ...fields.version,
  /** One range of bytes; its end is included, as in HTTP. */
  range: Operation.header("Range", c.Range),
  ...fields.conditions,
  ...fields.customerKey
}

/**
 * Reads an object, whole or in part. The connection is released with the scope; `Download` has forms without one.
 *
 * @see https://www.tencentcloud.com/document/product/436/7753
 * @since 0.1.0
 * @category object
 */
export const getObject: types.ObjectOperations["getObject"] = Operation.make({
  name: "getObject",
  method: "GET",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/7753",
  params: {
    ...reading,
    /** The `Content-Type` of the response. Not for anonymous requests, like the five that follow. */
    responseContentType: Operation.query("response-content-type"),
    /** The `Content-Language` of the response. */
    responseContentLanguage: Operation.query("response-content-language"),
    /** The `Expires` of the response. */
    responseExpires: Operation.query("response-expires"),
    /** The `Cache-Control` of the response. */
    responseCacheControl: Operation.query("response-cache-control"),
    /** The `Content-Disposition` of the response, such as `attachment; filename="a.txt"`. */
    responseContentDisposition: Operation.query("response-content-disposition"),
    /** The `Content-Encoding` of the response. */
    responseContentEncoding: Operation.query("response-content-encoding"),
    ...fields.trafficLimit
  },
  success: Operation.body(
    Schema.Struct({
      ...fields.stored,
      /** Bytes of this response's body; absent when the service sends it in chunks. */
      contentLength: Schema.optional(Operation.fromHeader("Content-Length", c.ContentLength))
    })
  ),
  errors: [
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.NoSuchVersion,
    CosError.NotModified,
    CosError.PreconditionFailed,
    CosError.InvalidRange,
    CosError.InvalidObjectState,
    CosError.InvalidArgument,
    CosError.InvalidRequest
  ]
})

/**
 * Reads an object's metadata. A missing object and a missing bucket are both `NoSuchKey`: the response has no body that
 * tells them apart.
 *
 * @see https://www.tencentcloud.com/document/product/436/7745
 * @since 0.1.0
 * @category object
 */
export const headObject: types.ObjectOperations["headObject"] = Operation.make({
  name: "headObject",
  method: "HEAD",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/7745",
  params: reading,
  success: Schema.Struct({
    ...fields.stored,
    /** Bytes. */
    contentLength: Operation.fromHeader("Content-Length", c.ContentLength)
  }),
  errors: [CosError.NoSuchKey, CosError.NotModified, CosError.PreconditionFailed, CosError.InvalidRange]
})

/**
 * Whether the object exists. Other failures, such as `AccessDenied`, stay failures.
 *
 * @since 0.1.0
 * @category object
 */
export const objectExists = (input: Operation.Input<typeof headObject>) =>
  headObject(input).pipe(
    Effect.as(true),
    Effect.catchTag("NoSuchKey", () => Effect.succeed(false))
  )

/**
 * Removes an object, or one version of it; with versioning and no `versionId`, adds a delete marker. A missing object is
 * a success.
 *
 * @see https://www.tencentcloud.com/document/product/436/7743
 * @since 0.1.0
 * @category object
 */
export const deleteObject: types.ObjectOperations["deleteObject"] = Operation.make({
  name: "deleteObject",
  method: "DELETE",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/7743",
  params: {
    ...fields.version,
    /** The code of a second factor, where the bucket asks for one. */
    mfa: Operation.header("x-cos-mfa")
  },
  success: Schema.Struct({
    /** Whether a delete marker was added or removed. */
    deleteMarker: Schema.optional(Operation.fromHeader("x-cos-delete-marker", c.Flag)),
    ...fields.versionId
  }),
  errors: [CosError.NoSuchBucket, CosError.ObjectLocked, CosError.MethodNotAllowed]
})

/**
 * Removes up to 1,000 objects in one request. What failed is listed in `errors`: the operation itself succeeds.
 *
 * @see https://www.tencentcloud.com/document/product/436/8289
 * @since 0.1.0
 * @category object
 */
export const deleteMultipleObjects: types.ObjectOperations["deleteMultipleObjects"] = Operation.make({
  name: "deleteMultipleObjects",
  method: "POST",
  target: "bucket",
  subresource: "delete",
  document: "Delete",
  idempotent: true,
  permissions: { actions: ["DeleteObject", "DeleteMultipleObjects"], on: "object" },
  doc: "https://www.tencentcloud.com/document/product/436/8289",
  params: Operation.elements({
    /** 1 to 1,000 keys, none of which XML alters or cannot carry. */
    objects: Operation.fromElement(
      "Object",
      Schema.Array(
        Schema.Struct({
          /** Without control characters. */
          key: c.XmlKey,
          /** This version only. Default, and where it is empty as in the list of a bucket without versions: as `deleteObject`. */
          versionId: Schema.optional(Schema.String)
        })
      )
        .pipe(Schema.minItems(1), Schema.maxItems(1000))
        .annotations({ description: "1 to 1,000 keys" })
    ),
    /** Whether only failures are listed: then a key that is not mentioned was removed. Default `false`. */
    quiet: Schema.optional(c.Flag)
  }),
  root: "DeleteResult",
  success: Schema.Struct({
    /** What is gone, or was never there; none when `quiet`. */
    deleted: Schema.Array(
      Schema.Struct({
        key: Schema.String,
        versionId: Schema.optional(Schema.String),
        /** Whether a delete marker was added or removed. */
        deleteMarker: Schema.optional(c.Flag),
        /** The version of that marker. */
        deleteMarkerVersionId: Schema.optional(Schema.String)
      })
    ),
    /** What is still there, and why. */
    errors: Operation.fromElement(
      "Error",
      Schema.Array(
        Schema.Struct({
          key: Schema.String,
          versionId: Schema.optional(Schema.String),
          /** Such as `AccessDenied`. */
          code: Schema.String,
          message: Schema.optional(Schema.String)
        })
      )
    )
  }),
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.BadDigest, CosError.InvalidRequest]
})

/**
 * Copies an object of up to 5 GB within the service; `Copy.object` copies larger ones in parts.
 *
 * @see https://www.tencentcloud.com/document/product/436/10881
 * @since 0.1.0
 * @category object
 */
export const copyObject: types.ObjectOperations["copyObject"] = Operation.make({
  name: "copyObject",
  method: "PUT",
  target: "object",
  errorIn200: true,
  permissions: { actions: ["PutObject", "PutObjectCopy"], source: ["GetObject"] },
  doc: "https://www.tencentcloud.com/document/product/436/10881",
  params: {
    ...fields.copySource,
    ...fields.sourceCustomerKey,
    /** `Copy`, the default, keeps the source's headers and metadata; `Replaced` takes those given here. */
    metadataDirective: Operation.header("x-cos-metadata-directive", c.oneOf("Copy", "Replaced")),
    /** The same for the tags. */
    taggingDirective: Operation.header("x-cos-tagging-directive", c.oneOf("Copy", "Replaced")),
    ...fields.creation
  },
  root: "CopyObjectResult",
  success: Schema.Struct({
    eTag: fields.ETag,
    lastModified: Schema.optional(c.Timestamp),
    ...fields.crc64,
    ...fields.versionId,
    ...fields.made,
    /** The version that was copied, when one was asked for. */
    sourceVersionId: Schema.optional(Operation.fromHeader("x-cos-copy-source-version-id", Schema.String)),
    ...fields.encryption
  }),
  errors: [
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.NoSuchVersion,
    CosError.NoSuchCopySource,
    CosError.InvalidCopySource,
    CosError.PreconditionFailed,
    CosError.InvalidObjectState,
    CosError.FileAlreadyExists,
    CosError.InvalidRequest,
    CosError.InvalidArgument
  ]
})
