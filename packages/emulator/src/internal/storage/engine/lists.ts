/**
 * Pages of objects, versions and uploads.
 */
import * as Either from "effect/Either"
import * as Keys from "../records/keys.js"
import { list } from "../records/listing.js"
import { findBucket, findNull, inBucket, Table, versionsKey } from "../records/tables.js"
import { NotFound, type Storage, type StoredObject, type Upload, type Version } from "../Storage.js"
import { type Engine, read } from "./engineState.js"

export const makeLists = (engine: Engine): Pick<Storage.Service, "listObjects" | "listVersions" | "listUploads"> => ({
  listObjects: (bucket, options) =>
    read(engine, (records) =>
      Either.map(findBucket(records, bucket), () =>
        list<Version, StoredObject>(records, {
          ...options,
          base: inBucket(Table.versions, bucket),
          idLength: Keys.orderLength,
          afterId: "",
          firstOnly: true,
          select: (version) => (version.deleteMarker ? undefined : version),
          idOf: ({ versionId }) => versionId
        })
      )
    ),
  listVersions: (bucket, { after, afterId, ...options }) =>
    read(engine, (records) =>
      Either.gen(function* () {
        yield* findBucket(records, bucket)
        const versions = versionsKey(bucket, after)
        const order =
          afterId === ""
            ? ""
            : afterId === "null"
              ? findNull(records, versions)?.at.slice(-Keys.orderLength)
              : Keys.orderOfId(afterId)
        if (order === undefined && afterId !== "null") return yield* Either.left(new NotFound({ what: "version" }))
        return list<Version, { readonly version: Version; readonly latest: boolean }>(records, {
          ...options,
          base: inBucket(Table.versions, bucket),
          idLength: Keys.orderLength,
          after,
          // the null version is gone meanwhile: continues with the first one left, rather than leave some out
          afterId: order ?? "\0",
          firstOnly: false,
          select: (version, latest) => ({ version, latest }),
          idOf: ({ versionId }) => versionId
        })
      })
    ),
  listUploads: (bucket, options) =>
    read(engine, (records) =>
      Either.map(findBucket(records, bucket), () =>
        list<Upload, Upload>(records, {
          ...options,
          afterId: Keys.fromName(options.afterId),
          base: inBucket(Table.uploads, bucket),
          idLength: Keys.uploadIdLength,
          firstOnly: false,
          select: (upload) => upload,
          idOf: ({ uploadId }) => uploadId
        })
      )
    )
})
