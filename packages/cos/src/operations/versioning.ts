import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/versioning.js"

const configuration = {
  /** `Enabled` or `Suspended`; absent where versioning was never enabled. */
  status: Schema.optional(c.word("Enabled", "Suspended")),
  ...fields.unknown
}

/**
 * Enables or suspends versioning. Once enabled it can be suspended, never removed.
 *
 * @see https://www.tencentcloud.com/document/product/436/19889
 * @since 0.1.0
 * @category versioning
 */
export const putBucketVersioning: types.VersioningOperations["putBucketVersioning"] = Operation.make({
  name: "putBucketVersioning",
  method: "PUT",
  target: "bucket",
  subresource: "versioning",
  doc: "https://www.tencentcloud.com/document/product/436/19889",
  document: "VersioningConfiguration",
  params: Operation.elements(configuration, "status"),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.InvalidBucketState, CosError.MalformedXML, CosError.InvalidArgument]
})

/**
 * Reads whether versioning is enabled.
 *
 * @see https://www.tencentcloud.com/document/product/436/19888
 * @since 0.1.0
 * @category versioning
 */
export const getBucketVersioning: types.VersioningOperations["getBucketVersioning"] = Operation.make({
  name: "getBucketVersioning",
  method: "GET",
  target: "bucket",
  subresource: "versioning",
  doc: "https://www.tencentcloud.com/document/product/436/19888",
  root: "VersioningConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchBucket]
})

const entry = {
  key: Operation.fromUrlEncoded("Key", Schema.String),
  /**
   * Opaque; `null` for what is from before or under suspension. Empty where versioning was never enabled: `deleteObjects`
   * takes it as it is, and requests for one object go without it.
   */
  versionId: Schema.String,
  /** Whether it is what a request without `versionId` finds. */
  isLatest: c.Flag,
  lastModified: c.Timestamp
}

/**
 * A version with content.
 *
 * @since 0.1.0
 * @category versioning
 */
const ObjectVersion = Schema.Struct({
  ...entry,
  eTag: fields.ETag,
  /** Bytes. */
  size: c.Count,
  storageClass: Schema.optional(c.StorageClass),
  /** Of `INTELLIGENT_TIERING` only. */
  storageTier: Schema.optional(Schema.String),
  owner: Schema.optional(fields.Owner)
})

/**
 * A delete marker: a version that stands for the deletion of the object.
 *
 * @since 0.1.0
 * @category versioning
 */
const DeleteMarker = Schema.Struct({
  ...entry,
  owner: Schema.optional(fields.Owner)
})

const VersionsPage = Schema.Struct({
  name: Schema.String,
  ...fields.page,
  /** As it was asked for; `versionIdMarker` likewise. */
  keyMarker: Schema.optional(Operation.fromUrlEncoded("KeyMarker", Schema.String)),
  versionIdMarker: Schema.optional(Schema.String),
  /** To be passed as `keyMarker` for the next page, with `nextVersionIdMarker`; present when `isTruncated`. */
  nextKeyMarker: Schema.optional(Operation.fromUrlEncoded(["NextKeyMarker", "NextMarker"], Schema.String)),
  /** May be empty, and is passed on so. */
  nextVersionIdMarker: Schema.optional(Schema.String),
  maxKeys: Schema.optional(c.Count),
  /** In the order of the list. */
  versions: Operation.fromElement("Version", Schema.Array(ObjectVersion)),
  /** In the order of the list. */
  deleteMarkers: Operation.fromElement("DeleteMarker", Schema.Array(DeleteMarker)),
  /** Which of the two lists each entry of the page is in, from first to last: both are in this order. */
  order: Operation.orderOf("Version", "DeleteMarker")
})

/**
 * An entry of the list of versions: a version that has content, or a delete marker.
 *
 * @since 0.1.0
 * @category versioning
 */
export type ListedVersion =
  | ({ readonly _tag: "Version" } & types.ObjectVersion)
  | ({ readonly _tag: "DeleteMarker" } & types.DeleteMarker)

/** Both lists, merged into the one that the service sent. */
const entries = (page: typeof VersionsPage.Type): ReadonlyArray<ListedVersion> => {
  const versions = page.versions.map((version) => ({ _tag: "Version" as const, ...version }))
  const deleteMarkers = page.deleteMarkers.map((marker) => ({ _tag: "DeleteMarker" as const, ...marker }))
  const next = { Version: versions.values(), DeleteMarker: deleteMarkers.values() }
  return page.order.flatMap((tag) => next[tag].next().value ?? [])
}

/**
 * Lists all versions of objects and their delete markers, up to 1,000 a page: by key in the order of its UTF-8 bytes, and
 * of one key the newest first.
 *
 * A page has them apart, as `versions` and `deleteMarkers`; `listObjectVersions.items` has them together in their order,
 * told apart by `_tag`.
 *
 * @see https://www.tencentcloud.com/document/product/436/31551
 * @since 0.1.0
 * @category versioning
 */
export const listObjectVersions: types.VersioningOperations["listObjectVersions"] = Operation.paginated(
  Operation.make({
    name: "listObjectVersions",
    method: "GET",
    target: "bucket",
    subresource: "versions",
    fixed: fields.urlEncoding,
    permissions: { actions: ["GetBucketObjectVersions"] },
    doc: "https://www.tencentcloud.com/document/product/436/31551",
    params: {
      ...fields.listing,
      /** Begins after this key; with `versionIdMarker`, after that version of it. */
      keyMarker: Operation.query("key-marker"),
      /** Goes with `keyMarker`. */
      versionIdMarker: Operation.query("version-id-marker")
    },
    root: "ListVersionsResult",
    success: VersionsPage,
    errors: [CosError.NoSuchBucket, CosError.InvalidArgument]
  }),
  {
    items: entries,
    next: (page) => {
      if (!page.isTruncated) return undefined
      if (page.nextKeyMarker !== undefined) {
        return { keyMarker: page.nextKeyMarker, versionIdMarker: page.nextVersionIdMarker }
      }
      const last = entries(page).at(-1)
      return { keyMarker: last?.key ?? page.commonPrefixes.at(-1), versionIdMarker: last?.versionId }
    }
  }
)
