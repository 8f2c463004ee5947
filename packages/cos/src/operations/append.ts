import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/append.js"

/**
 * Adds bytes to the end of an appendable object of up to 5 GB in all, or creates one with its first bytes. Such objects
 * have no versions, and can be neither copied nor tiered.
 *
 * Not retried when its response is lost: the `nextAppendPosition` of `headObject` shows whether the bytes arrived.
 *
 * @see https://www.tencentcloud.com/document/product/436/7741
 * @since 0.1.0
 * @category object
 */
export const appendObject: types.AppendOperations["appendObject"] = Operation.make({
  name: "appendObject",
  method: "POST",
  target: "object",
  subresource: "append",
  doc: "https://www.tencentcloud.com/document/product/436/7741",
  params: {
    /** The object's length in bytes: the `nextAppendPosition` of the previous append; 0 creates the object. */
    position: Operation.required(Operation.query("position", c.Count)),
    /** The bytes to add: text (sent as UTF-8), bytes in any form, a `Blob` or `File`, or a `Body`. */
    body: Operation.required(Operation.requestBody),
    /** Base64 of these bytes' MD5: else `BadDigest`. */
    contentMd5: Operation.header("Content-MD5"),
    ...fields.contentSha1,
    ...fields.content,
    ...fields.trafficLimit,
    ...fields.expectContinue,
    ...fields.progress
  },
  success: Schema.Struct({
    /** As COS writes it, here without quotes. */
    eTag: Schema.optional(Operation.fromHeader("ETag", c.ETag, { sent: "always" })),
    /** The `position` of the next bytes: the object's length. */
    nextAppendPosition: Schema.optional(
      Operation.fromHeader("x-cos-next-append-position", c.Count, { sent: "always" })
    ),
    /** The SHA-1 of these bytes, in hex. */
    contentSha1: Schema.optional(Operation.fromHeader("x-cos-content-sha1", Schema.String)),
    ...fields.crc64,
    ...fields.encryption
  }),
  errors: [
    CosError.NoSuchBucket,
    CosError.AppendPositionErr,
    CosError.ObjectNotAppendable,
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
})
