import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as fields from "../internal/operation/fields.js"
import * as tags from "../internal/operation/tags.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/tagging.js"

const bucketTags = {
  /** At most 50, each key once. */
  tags: Operation.fromElement("TagSet/Tag", tags.Tags(50)),
  ...fields.unknown
}

const objectTags = {
  /** At most 10, each key once. */
  tags: Operation.fromElement("TagSet/Tag", tags.Tags(10)),
  ...fields.unknown
}

/**
 * Replaces the tags of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/8281
 * @since 0.1.0
 * @category tagging
 */
export const putBucketTagging: types.TaggingOperations["putBucketTagging"] = Operation.make({
  name: "putBucketTagging",
  method: "PUT",
  target: "bucket",
  subresource: "tagging",
  doc: "https://www.tencentcloud.com/document/product/436/8281",
  document: "Tagging",
  params: Operation.elements(bucketTags),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.InvalidTag, CosError.MalformedXML]
})

/**
 * Reads the tags of the bucket. Without any it is `NoSuchTagSet`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/8277
 * @since 0.1.0
 * @category tagging
 */
export const getBucketTagging: types.TaggingOperations["getBucketTagging"] = Operation.make({
  name: "getBucketTagging",
  method: "GET",
  target: "bucket",
  subresource: "tagging",
  doc: "https://www.tencentcloud.com/document/product/436/8277",
  root: "Tagging",
  success: Schema.Struct(bucketTags),
  errors: [CosError.NoSuchTagSet, CosError.NoSuchBucket]
})

/**
 * Removes the tags of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/8286
 * @since 0.1.0
 * @category tagging
 */
export const deleteBucketTagging: types.TaggingOperations["deleteBucketTagging"] = Operation.make({
  name: "deleteBucketTagging",
  method: "DELETE",
  target: "bucket",
  subresource: "tagging",
  doc: "https://www.tencentcloud.com/document/product/436/8286",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})

const TaggedVersion = Schema.String.pipe(
  Schema.filter((versionId) => versionId !== "null" && versionId !== "")
).annotations({
  description: "other than null, for which the service would tag the newest version, and not empty"
})

/**
 * Replaces the tags of the object, or of one version of it.
 *
 * @see https://www.tencentcloud.com/document/product/436/35709
 * @since 0.1.0
 * @category tagging
 */
export const putObjectTagging: types.TaggingOperations["putObjectTagging"] = Operation.make({
  name: "putObjectTagging",
  method: "PUT",
  target: "object",
  subresource: "tagging",
  doc: "https://www.tencentcloud.com/document/product/436/35709",
  document: "Tagging",
  params: {
    /** The version. Default: the newest. Not `null`, for which the service would tag the newest. */
    versionId: Operation.query("versionId", TaggedVersion),
    ...Operation.elements(objectTags)
  },
  success: Schema.Void,
  errors: [
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.NoSuchVersion,
    CosError.InvalidTag,
    CosError.MalformedXML
  ]
})

/**
 * Reads the tags of the object, or of one version of it. Without any the list is empty, or it is `NoSuchTagSet`: the
 * service is known to do both.
 *
 * @see https://www.tencentcloud.com/document/product/436/35710
 * @since 0.1.0
 * @category tagging
 */
export const getObjectTagging: types.TaggingOperations["getObjectTagging"] = Operation.make({
  name: "getObjectTagging",
  method: "GET",
  target: "object",
  subresource: "tagging",
  doc: "https://www.tencentcloud.com/document/product/436/35710",
  params: fields.version,
  root: "Tagging",
  success: Schema.Struct(objectTags),
  errors: [CosError.NoSuchTagSet, CosError.NoSuchKey, CosError.NoSuchBucket, CosError.NoSuchVersion]
})

/**
 * Removes the tags of the object, or of one version of it.
 *
 * @see https://www.tencentcloud.com/document/product/436/35711
 * @since 0.1.0
 * @category tagging
 */
export const deleteObjectTagging: types.TaggingOperations["deleteObjectTagging"] = Operation.make({
  name: "deleteObjectTagging",
  method: "DELETE",
  target: "object",
  subresource: "tagging",
  doc: "https://www.tencentcloud.com/document/product/436/35711",
  params: fields.version,
  success: Schema.Void,
  errors: [CosError.NoSuchKey, CosError.NoSuchBucket, CosError.NoSuchVersion]
})
