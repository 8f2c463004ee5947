import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/symlink.js"

/**
 * Makes a key a symbolic link to another one of the same bucket. Whether that one exists is not asked.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category object
 */
export const putSymlink: types.SymlinkOperations["putSymlink"] = Operation.make({
  name: "putSymlink",
  method: "PUT",
  target: "object",
  subresource: "symlink",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  params: {
    /** The key to lead to, as it is: it is sent percent-encoded. */
    symlinkTarget: Operation.required(Operation.header("x-cos-symlink-target", c.EncodedKey)),
    metadata: fields.content.metadata,
    storageClass: fields.content.storageClass,
    acl: fields.content.acl,
    overwrite: fields.creation.overwrite
  },
  success: Schema.Struct({
    eTag: Schema.optional(Operation.fromHeader("ETag", c.ETag)),
    ...fields.versionId
  }),
  errors: [CosError.NoSuchBucket, CosError.FileAlreadyExists, CosError.InvalidArgument, CosError.KeyTooLong]
})

/**
 * Tells where a symbolic link leads, without following it.
 *
 * @see https://www.tencentcloud.com/document/product/436/10111
 * @since 0.1.0
 * @category object
 */
export const getSymlink: types.SymlinkOperations["getSymlink"] = Operation.make({
  name: "getSymlink",
  method: "GET",
  target: "object",
  subresource: "symlink",
  doc: "https://www.tencentcloud.com/document/product/436/10111",
  params: fields.version,
  success: Schema.Struct({
    /** The key, decoded. */
    symlinkTarget: Operation.fromHeader("x-cos-symlink-target", c.EncodedKey),
    eTag: Schema.optional(Operation.fromHeader("ETag", c.ETag)),
    lastModified: Schema.optional(Operation.fromHeader("Last-Modified", c.HttpDate)),
    ...fields.versionId
  }),
  errors: [CosError.NoSuchKey, CosError.NoSuchBucket, CosError.NoSuchVersion, CosError.InvalidArgument]
})
