/**
 * Versioning: its status, and listings of versions.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import type { StoredObject, Version } from "../storage/Storage.js"
import { oneOf, type Shape } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { keptReply, keptText } from "./keptDocument.js"
import type { Operation } from "./operation.js"
import { integerParameter, invalidArgument, isoDate, listingEncoder, readDocument } from "./parameters.js"
import { ownerElement, quoteETag, tierOf, xmlReply } from "./replies.js"

const root = "VersioningConfiguration"
const shape: Shape = { Status: oneOf("Enabled", "Suspended") }

const getBucketVersioning: Operation = {
  name: "getBucketVersioning",
  action: "GetBucketVersioning",
  on: "bucket",
  method: "GET",
  requiredQuery: ["versioning"],
  aclPermission: "OWNER",
  run: ({ bucket, storage }) =>
    Effect.map(
      storage.getDocument(bucket.name, root),
      Option.match({
        onNone: () => xmlReply([root, [["Status", bucket.versioning]]]),
        onSome: (document) => keptReply(document)
      })
    )
}

const putBucketVersioning: Operation = {
  name: "putBucketVersioning",
  action: "PutBucketVersioning",
  on: "bucket",
  method: "PUT",
  requiredQuery: ["versioning"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const node = yield* readDocument(call, root, shape)
      const versioning = Xml.text(node, "Status")?.trim() === "Enabled" ? ("Enabled" as const) : ("Suspended" as const)
      // With suspended versioning a write could replace a locked version.
      if (versioning === "Suspended" && call.bucket.rules?.lock !== undefined) {
        return yield* failure("InvalidBucketState", { message: "Object lock is on: versioning cannot be suspended." })
      }
      yield* call.storage.updateBucket(call.bucket.name, (bucket) => ({ ...bucket, versioning }))
      const kept = keptText(node, shape)
      yield* kept === undefined
        ? call.storage.removeDocument(call.bucket.name, root)
        : call.storage.putDocument(call.bucket.name, root, kept.document)
      return reply(200)
    })
}

const listObjectVersions: Operation = {
  name: "listObjectVersions",
  action: "GetBucketObjectVersions",
  on: "bucket",
  method: "GET",
  requiredQuery: ["versions"],
  optionalQuery: ["prefix", "delimiter", "key-marker", "version-id-marker", "max-keys", "encoding-type"],
  aclPermission: "READ",
  run: (call) =>
    Effect.gen(function* () {
      const { bucket, settings } = call
      const limit = (yield* integerParameter(call, "max-keys", { min: 0, max: 1000, clamp: true })) ?? 1000
      const encode = yield* listingEncoder(call)
      const prefix = call.query.get("prefix") ?? ""
      const delimiter = call.query.get("delimiter") ?? ""
      const after = call.query.get("key-marker") ?? ""
      const afterId = call.query.get("version-id-marker") ?? ""
      if (Array.from(delimiter).length > 1) return yield* failure("InvalidDelimiter")
      if (after === "" && afterId !== "") return yield* invalidArgument("version-id-marker goes with key-marker.")
      const page = yield* call.storage
        .listVersions(bucket.name, { prefix, delimiter, after, afterId, limit })
        .pipe(
          Effect.mapError((error) =>
            error._tag === "NotFound" && error.what === "version"
              ? invalidArgument("version-id-marker is no version id.")
              : error
          )
        )
      // Without versioning, versions have no id.
      const idOf = (id: string) => (bucket.versioning === undefined ? "" : id)
      const entry = ({ latest, version }: { readonly version: Version; readonly latest: boolean }): Xml.Element => [
        version.deleteMarker ? "DeleteMarker" : "Version",
        [
          ["Key", encode(version.key)],
          ["VersionId", idOf(version.versionId)],
          ["IsLatest", latest],
          ["LastModified", isoDate(version.lastModified)],
          ...(version.deleteMarker ? [] : contentOf(version, call.now)),
          ownerElement("Owner", settings.appId, settings.appId)
        ]
      ]
      const next = page.truncated ? Option.getOrUndefined(page.last) : undefined
      return xmlReply([
        "ListVersionsResult",
        [
          ["Name", bucket.name],
          ["EncodingType", call.query.get("encoding-type") || undefined],
          ["Prefix", encode(prefix)],
          ["KeyMarker", encode(after)],
          ["VersionIdMarker", afterId],
          ["MaxKeys", limit],
          ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
          ["IsTruncated", page.truncated],
          ["NextKeyMarker", next && encode(next.key)],
          ["NextVersionIdMarker", next && idOf(next.id)],
          ...page.prefixes.map((name): Xml.Element => ["CommonPrefixes", [["Prefix", encode(name)]]]),
          ...page.items.filter(({ version }) => version.lastModified <= call.listedUntil).map(entry)
        ]
      ])
    })
}

const contentOf = (version: StoredObject, now: number): ReadonlyArray<Xml.Element> => [
  ["ETag", quoteETag(version.etag)],
  ["Size", version.size],
  ["StorageClass", version.storageClass],
  ["StorageTier", tierOf(version, now)]
]

export const versioningOperations: ReadonlyArray<Operation> = [
  getBucketVersioning,
  putBucketVersioning,
  listObjectVersions
]
