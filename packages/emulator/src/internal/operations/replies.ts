/**
 * Replies and elements that several operations share.
 */
import * as Stream from "effect/Stream"
import { type Reply, reply } from "../http/message.js"
import type { Bucket, StoredObject } from "../storage/Storage.js"
import * as Xml from "../xml/xml.js"

const xmlType = { "content-type": "application/xml" }

/** A 200 with a document. */
export const xmlReply = (root: Xml.Element, headers: Readonly<Record<string, string>> = {}): Reply =>
  reply(200, { ...xmlType, ...headers }, Xml.render(root))

/** A 200 with a chunked document, as for a Complete or a copy: COS sends the status before the work is done. */
export const chunkedXmlReply = (root: Xml.Element, headers: Readonly<Record<string, string>> = {}): Reply => ({
  _tag: "Reply",
  status: 200,
  headers: { ...xmlType, "transfer-encoding": "chunked", ...headers },
  body: Stream.make(Buffer.from(Xml.render(root)))
})

/** An `Owner` or `Initiator` element. */
export const ownerElement = (name: string, id: string, displayName: string): Xml.Element => [
  name,
  [
    ["ID", id],
    ["DisplayName", displayName]
  ]
]

/** The long form of an account's id. */
export const accountId = (owner: string): string => `qcs::cam::uin/${owner}:uin/${owner}`

/** An ETag with its quotes. */
export const quoteETag = (etag: string): string => `"${etag}"`

/** The version id header of a write, present only with versioning enabled. */
export const versionHeader = (bucket: Bucket, versionId: string): Record<string, string> =>
  bucket.versioning === "Enabled" ? { "x-cos-version-id": versionId } : {}

/** The tier of an object of intelligent tiering, to the first of which a restore brings it back. */
export const tierOf = ({ restore, storageClass, storageTier }: StoredObject, now: number): string | undefined => {
  if (!storageClass.endsWith("INTELLIGENT_TIERING")) return undefined
  return storageTier === undefined || (restore !== undefined && now >= restore.readyAt) ? "FREQUENT" : storageTier
}

const tierHeader = (object: StoredObject, now: number): Record<string, string> => {
  const tier = tierOf(object, now)
  return tier === undefined ? {} : { "x-cos-storage-tier": tier }
}

/** The headers that state how far a restore is. */
const restoreHeaders = (restore: NonNullable<StoredObject["restore"]>, now: number): Record<string, string> =>
  now < restore.readyAt
    ? {
        "x-cos-restore": 'ongoing-request="true"',
        "x-cos-restore-status": `tier="${restore.tier.toLowerCase()}"; request-date="${httpDate(restore.requestedAt)}"`
      }
    : now < restore.expiresAt
      ? { "x-cos-restore": `ongoing-request="false", expiry-date="${httpDate(restore.expiresAt)}"` }
      : {}

const httpDate = (time: number): string => new Date(time).toUTCString()

/** The headers that describe a stored object. */
export const objectHeaders = (bucket: Bucket, object: StoredObject, now: number): Record<string, string> => ({
  ...object.headers,
  etag: quoteETag(object.etag),
  "last-modified": httpDate(object.lastModified),
  "accept-ranges": "bytes",
  "x-cos-object-type": object.type,
  ...(object.crc64 === undefined ? {} : { "x-cos-hash-crc64ecma": object.crc64.toString() }),
  ...(object.storageClass === "STANDARD" ? {} : { "x-cos-storage-class": object.storageClass }),
  ...tierHeader(object, now),
  ...(object.type === "appendable" ? { "x-cos-next-append-position": String(object.size) } : {}),
  ...(object.restore === undefined ? {} : restoreHeaders(object.restore, now)),
  ...(object.tags.length === 0 ? {} : { "x-cos-tagging-count": String(object.tags.length) }),
  ...(bucket.versioning === "Enabled" || object.versionId !== "null" ? { "x-cos-version-id": object.versionId } : {})
})
