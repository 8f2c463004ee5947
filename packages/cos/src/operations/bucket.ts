import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as tags from "../internal/operation/tags.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/bucket.js"

/**
 * A bucket in the list of buckets.
 *
 * @since 0.1.0
 * @category bucket
 */
const ListedBucket = Schema.Struct({
  name: Schema.String,
  /** Its region. */
  location: Schema.String,
  /** When it was created. */
  creationDate: Operation.fromElement(["CreationDate", "CreateDate"], c.Timestamp),
  /** Such as `cos`. */
  bucketType: Schema.optional(Schema.String)
})

/**
 * Lists the buckets of the account, of one region or of all.
 *
 * @see https://www.tencentcloud.com/document/product/436/8291
 * @since 0.1.0
 * @category service
 */
export const listBuckets: types.BucketOperations["listBuckets"] = Operation.paginated(
  Operation.make({
    name: "listBuckets",
    method: "GET",
    target: "service",
    permissions: { actions: ["GetService"] },
    doc: "https://www.tencentcloud.com/document/product/436/8291",
    params: {
      /** Only buckets with this tag key; goes with `tagValue`. */
      tagKey: Operation.query("tagkey"),
      /** Only buckets with this value of the tag. */
      tagValue: Operation.query("tagvalue"),
      /** Compared with the time of creation by `createRange`. Whole seconds are sent. */
      createTime: Operation.query("create-time", c.UnixTime),
      /** How `createTime` compares; goes with it. */
      createRange: Operation.query("range", c.oneOf("lt", "gt", "lte", "gte")),
      /** Begins after this name. */
      marker: Operation.query("marker"),
      /** Entries of a page: 1 to 2,000, the default. */
      maxKeys: Operation.query("max-keys", c.integer(1, 2000, "an integer from 1 to 2,000")),
      /** Only buckets of this region, such as `ap-guangzhou`, wherever the request goes. Default: those of all. */
      inRegion: Operation.query("region")
    },
    root: "ListAllMyBucketsResult",
    success: Schema.Struct({
      owner: Schema.optional(fields.Owner),
      buckets: Operation.fromElement("Buckets/Bucket", Schema.Array(ListedBucket)),
      /** Whether there are more pages. */
      isTruncated: Schema.optional(c.Flag),
      /** As it was asked for. */
      marker: Schema.optional(Schema.String),
      /** To be passed as `marker` for the next page; present when `isTruncated`. */
      nextMarker: Schema.optional(Schema.String)
    }),
    errors: []
  }),
  {
    items: (page) => page.buckets,
    next: (page) => (page.isTruncated === true ? { marker: page.nextMarker ?? page.buckets.at(-1)?.name } : undefined)
  }
)

/**
 * Creates a bucket. Not retried: a bucket of the same account that exists is `BucketAlreadyOwnedByYou`.
 *
 * @see https://www.tencentcloud.com/document/product/436/7738
 * @since 0.1.0
 * @category bucket
 */
export const putBucket: types.BucketOperations["putBucket"] = Operation.make({
  name: "putBucket",
  method: "PUT",
  target: "bucket",
  doc: "https://www.tencentcloud.com/document/product/436/7738",
  params: {
    /** Default `private`. */
    acl: Operation.header("x-cos-acl", c.BucketAcl),
    ...fields.grants,
    /** Tags of the new bucket: at most 50. */
    tagging: Operation.header("x-cos-tagging", tags.TagsHeader(50)),
    /** Default: one availability zone. */
    configuration: Operation.document(
      "CreateBucketConfiguration",
      Schema.Struct({
        /** `MAZ`: several availability zones. `OAZ`: one. */
        azConfig: Schema.optional(Operation.fromElement("BucketAZConfig", c.word("MAZ", "OAZ"))),
        /** `OFS`: metadata acceleration. */
        archConfig: Schema.optional(Operation.fromElement("BucketArchConfig", c.word("OFS"))),
        /** The storage class of objects that do not say so themselves. Default `STANDARD`. */
        storageClass: Schema.optional(Operation.fromElement("BucketStorageClass", c.StorageClassInput))
      })
    )
  },
  success: Schema.Struct({
    /** The bucket's address, as the client's endpoint spells it. */
    location: Operation.fromCall("location")
  }),
  idempotent: false,
  errors: [
    CosError.BucketAlreadyExists,
    CosError.BucketAlreadyOwnedByYou,
    CosError.InvalidBucketName,
    CosError.TooManyBuckets,
    CosError.InvalidArgument,
    CosError.InvalidRequest
  ]
})

/**
 * Tells whether the bucket exists and may be read: `NoSuchBucket` and `AccessDenied` otherwise.
 *
 * @see https://www.tencentcloud.com/document/product/436/7735
 * @since 0.1.0
 * @category bucket
 */
export const headBucket: types.BucketOperations["headBucket"] = Operation.make({
  name: "headBucket",
  method: "HEAD",
  target: "bucket",
  doc: "https://www.tencentcloud.com/document/product/436/7735",
  success: Schema.Struct({
    /** The region of the bucket. */
    region: Schema.optional(Operation.fromHeader("x-cos-bucket-region", Schema.String)),
    /** `MAZ`: several availability zones. */
    azType: Schema.optional(Operation.fromHeader("x-cos-bucket-az-type", Schema.String)),
    /** `OFS`: metadata acceleration. */
    arch: Schema.optional(Operation.fromHeader("x-cos-bucket-arch", Schema.String))
  }),
  errors: [CosError.NoSuchBucket]
})

/**
 * An object in a list of objects.
 *
 * @since 0.1.0
 * @category bucket
 */
const ListedObject = Schema.Struct({
  key: Operation.fromUrlEncoded("Key", Schema.String),
  lastModified: c.Timestamp,
  eTag: fields.ETag,
  /** Bytes. */
  size: c.Count,
  owner: Schema.optional(fields.Owner),
  storageClass: Schema.optional(c.StorageClass),
  /** Of `INTELLIGENT_TIERING` only. */
  storageTier: Schema.optional(Schema.String),
  /** Of an archived object: the state of its restored copy, as the service writes it. */
  restoreStatus: Schema.optional(Schema.String)
})

/**
 * Lists objects in the order of their keys' UTF-8 bytes, up to 1,000 a page. `listObjects.items` lists all.
 *
 * @see https://www.tencentcloud.com/document/product/436/7734
 * @since 0.1.0
 * @category bucket
 */
export const listObjects: types.BucketOperations["listObjects"] = Operation.paginated(
  Operation.make({
    name: "listObjects",
    method: "GET",
    target: "bucket",
    permissions: { actions: ["GetBucket"] },
    doc: "https://www.tencentcloud.com/document/product/436/7734",
    fixed: fields.urlEncoding,
    params: {
      ...fields.listing,
      /** Begins after this key. */
      marker: Operation.query("marker")
    },
    root: "ListBucketResult",
    success: Schema.Struct({
      name: Schema.String,
      ...fields.page,
      /** As it was asked for. */
      marker: Schema.optional(Operation.fromUrlEncoded("Marker", Schema.String)),
      /** To be passed as `marker` for the next page; present when `isTruncated`. */
      nextMarker: Schema.optional(Operation.fromUrlEncoded("NextMarker", Schema.String)),
      maxKeys: Schema.optional(c.Count),
      /** The region of the bucket. */
      region: Schema.optional(Operation.fromHeader("x-cos-bucket-region", Schema.String)),
      /** The objects. */
      contents: Schema.Array(ListedObject)
    }),
    errors: [CosError.NoSuchBucket, CosError.InvalidArgument]
  }),
  {
    items: (page) => page.contents,
    next: (page) =>
      page.isTruncated
        ? { marker: page.nextMarker ?? page.contents.at(-1)?.key ?? page.commonPrefixes.at(-1) }
        : undefined
  }
)

/**
 * Removes an empty bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/7732
 * @since 0.1.0
 * @category bucket
 */
export const deleteBucket: types.BucketOperations["deleteBucket"] = Operation.make({
  name: "deleteBucket",
  method: "DELETE",
  target: "bucket",
  doc: "https://www.tencentcloud.com/document/product/436/7732",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.BucketNotEmpty]
})
