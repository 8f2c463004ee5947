/**
 * The control service's view of what is stored: buckets, objects, versions, and uploads that were not finished.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Control, UnfinishedUpload, VersionInfo } from "../../Control.js"
import { now } from "../handler/emulatorState.js"
import { checkKey, typeOfKey } from "../operations/parameters.js"
import { quoteETag } from "../operations/replies.js"
import { type NotFound, type Page, type Storage, StorageError, type Upload, type Version } from "../storage/Storage.js"
import { toEmulatorError } from "./emulatorError.js"
import { createBucket, type StartedState } from "./startedState.js"

const versionInfo = (version: Version, latest: boolean): VersionInfo => ({
  key: version.key,
  versionId: version.versionId,
  latest,
  deleteMarker: version.deleteMarker,
  lastModified: new Date(version.lastModified),
  ...(version.deleteMarker
    ? { size: 0, eTag: "", crc64: undefined, storageClass: "", headers: {}, partSizes: undefined }
    : {
        size: version.size,
        eTag: quoteETag(version.etag),
        crc64: version.crc64,
        storageClass: version.storageClass,
        headers: version.headers,
        partSizes: version.partSizes
      })
})

/** All pages of a listing. */
const allPages = <A, E>(
  page: (after: { readonly key: string; readonly id: string }) => Effect.Effect<Page<A>, E>
): Effect.Effect<ReadonlyArray<A>, E> =>
  Stream.paginateChunkEffect({ key: "", id: "" }, (after) =>
    Effect.map(page(after), ({ items, last, truncated }) => [
      Chunk.unsafeFromArray(items),
      Option.filter(last, () => truncated)
    ])
  ).pipe(Stream.runCollect, Effect.map(Chunk.toReadonlyArray))

const wholeListing = { prefix: "", delimiter: "", limit: 1000 }

const unfinishedUpload = (
  storage: Storage.Service,
  bucket: string,
  upload: Upload
): Effect.Effect<UnfinishedUpload, NotFound | StorageError> =>
  Effect.map(storage.listParts(bucket, upload.key, upload.uploadId, { after: 0, limit: 10_000 }), ({ parts }) => ({
    bucket,
    key: upload.key,
    uploadId: upload.uploadId,
    initiatedAt: new Date(upload.initiatedAt),
    parts: parts.map((part) => ({ partNumber: part.partNumber, size: part.size, eTag: quoteETag(part.etag) }))
  }))

/** Buckets: those that are there, new ones, and their settings. */
export const makeBuckets = (state: StartedState): Pick<Control, "buckets" | "createBucket" | "updateBucket"> => ({
  buckets: state.storage.listBuckets.pipe(
    Effect.map((buckets) => buckets.map(({ name }) => name)),
    Effect.mapError(toEmulatorError)
  ),
  createBucket: (name, options = {}) => createBucket(state, name, options),
  updateBucket: (name, { acl, versioning }) =>
    state.storage
      .updateBucket(name, (bucket) => ({
        ...bucket,
        ...(acl === undefined ? {} : { acl: { canned: acl, grants: [] } }),
        ...(versioning === undefined ? {} : { versioning })
      }))
      .pipe(Effect.asVoid, Effect.mapError(toEmulatorError))
})

const seed =
  (state: StartedState): Control["seed"] =>
  (bucket, key, body, options) =>
    Effect.gen(function* () {
      yield* Effect.mapError(checkKey(key), toEmulatorError)
      const staged = yield* state.storage
        .writeBody(typeof body === "string" ? Buffer.from(body) : body)
        .pipe(Effect.mapError((error) => (error instanceof StorageError ? toEmulatorError(error) : error)))
      const lastModified = yield* now(state)
      yield* state.storage
        .putObject(bucket, key, () =>
          Either.right({
            type: "normal",
            owner: state.settings.owner,
            storageClass: options?.storageClass ?? "STANDARD",
            ...(options?.storageTier === undefined ? {} : { storageTier: options.storageTier }),
            headers: { "content-type": options?.contentType ?? typeOfKey(key) },
            tags: [],
            lastModified,
            size: staged.size,
            etag: staged.md5,
            crc64: staged.crc64,
            segments: staged.segments
          })
        )
        .pipe(Effect.mapError(toEmulatorError))
    }).pipe(Effect.scoped)

/** What is in the buckets. */
export const makeContent = (
  state: StartedState
): Pick<Control, "seed" | "objects" | "versions" | "bytes" | "unfinishedUploads"> => {
  const { storage } = state
  return {
    seed: seed(state),
    objects: (bucket) =>
      allPages(({ key }) => storage.listObjects(bucket, { ...wholeListing, after: key })).pipe(
        Effect.map((items) => items.map((object) => versionInfo(object, true))),
        Effect.mapError(toEmulatorError)
      ),
    versions: (bucket) =>
      allPages(({ id, key }) => storage.listVersions(bucket, { ...wholeListing, after: key, afterId: id })).pipe(
        Effect.map((items) => items.map(({ latest, version }) => versionInfo(version, latest))),
        Effect.mapError(toEmulatorError)
      ),
    bytes: (bucket, key, options) =>
      storage.openObject(bucket, key, options?.versionId).pipe(
        Effect.flatMap((opened) => Stream.runCollect(opened.read())),
        Effect.map((chunks) => Uint8Array.from(Buffer.concat(Chunk.toReadonlyArray(chunks)))),
        Effect.scoped,
        Effect.mapError(toEmulatorError)
      ),
    unfinishedUploads: Effect.gen(function* () {
      const buckets = yield* storage.listBuckets
      const uploads = yield* Effect.forEach(buckets, ({ name }) =>
        allPages(({ id, key }) => storage.listUploads(name, { ...wholeListing, after: key, afterId: id })).pipe(
          Effect.flatMap((found) => Effect.forEach(found, (upload) => unfinishedUpload(storage, name, upload)))
        )
      )
      return uploads.flat()
    }).pipe(Effect.mapError(toEmulatorError))
  }
}
