/**
 * Objects and their versions.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { CountingTransaction } from "../bodies/referenceCounts.js"
import * as Keys from "../records/keys.js"
import {
  bodiesOf,
  bucketKey,
  findBucket,
  findCurrent,
  findNull,
  findVersion,
  type Located,
  locate,
  versionOption,
  versionsKey
} from "../records/tables.js"
import {
  type Bucket,
  type DeleteMarker,
  type NewObject,
  NotFound,
  type Storage,
  type StoredObject,
  type Version
} from "../Storage.js"
import { type Engine, nextTick, read, write } from "./engineState.js"

/** Puts a version beside the others or in the place of one, as the bucket's versioning requires. */
const putVersion = <V extends Version>(
  engine: Engine,
  tx: CountingTransaction,
  bucket: Bucket,
  versions: string,
  current: Located | undefined,
  fields: Omit<V, "versionId"> & { readonly lastModified: number }
): V => {
  const newest = current === undefined ? 0n : Keys.tickOfOrder(current.at.slice(-Keys.orderLength))
  const order = Keys.orderOfTick(nextTick(engine, fields.lastModified, newest + 1n))
  const enabled = bucket.versioning === "Enabled"
  const version = { ...fields, versionId: enabled ? Keys.idOfOrder(order) : "null" } as unknown as V
  const replaced = enabled ? undefined : current?.version.versionId === "null" ? current : findNull(tx, versions)
  // a current version is replaced in its place, which saves a write
  const at = replaced !== undefined && replaced.at === current?.at ? replaced.at : versions + order
  if (replaced !== undefined && replaced.at !== at) tx.remove(replaced.at)
  tx.put(at, version, [bucketKey(bucket.name)])
  return version
}

export const putObjectVersion = (
  engine: Engine,
  tx: CountingTransaction,
  bucket: Bucket,
  key: string,
  current: Located | undefined,
  object: NewObject
): StoredObject =>
  putVersion<StoredObject>(engine, tx, bucket, versionsKey(bucket.name, key), current, {
    ...object,
    key,
    deleteMarker: false
  })

export const makeObjects = (
  engine: Engine
): Pick<Storage.Service, "getObject" | "openObject" | "putObject" | "updateObject" | "removeObject"> => ({
  getObject: (bucket, key, versionId) =>
    read(engine, (records) => Either.map(locate(records, bucket, key, versionId), ({ version }) => version)),
  openObject: (bucket, key, versionId) =>
    Effect.acquireRelease(
      read(engine, (records) =>
        Either.map(locate(records, bucket, key, versionId), (located) => {
          const opened = engine.bodies.open(located.version, located.latest)
          engine.bodies.hold(bodiesOf(located.version))
          return opened
        })
      ),
      ({ version }) => Effect.sync(() => engine.bodies.release(bodiesOf(version)))
    ),
  putObject: (bucket, key, make) =>
    write(engine, (tx) =>
      Either.gen(function* () {
        const bucketRecord = yield* findBucket(tx, bucket)
        const current = findCurrent(tx, versionsKey(bucket, key))
        const object = yield* make(versionOption(current), bucketRecord)
        return putObjectVersion(engine, tx, bucketRecord, key, current, object)
      })
    ),
  updateObject: (bucket, key, versionId, change) =>
    write(engine, (tx) =>
      Either.gen(function* () {
        const { at, version } = yield* locate(tx, bucket, key, versionId)
        if (version.deleteMarker) {
          return yield* Either.left(new NotFound({ what: versionId === undefined ? "object" : "version" }))
        }
        const { segments, size } = version
        const changed = { ...(yield* change(version)), key, versionId: version.versionId, segments, size }
        tx.put(at, changed, [bucketKey(bucket)])
        return changed
      })
    ),
  removeObject: (bucket, key, { check = () => Either.void, lastModified, owner, versionId }) =>
    write(
      engine,
      (tx) =>
        Either.gen(function* () {
          const bucketRecord = yield* findBucket(tx, bucket)
          const versions = versionsKey(bucket, key)
          const current = findCurrent(tx, versions)
          const marks = versionId === undefined && bucketRecord.versioning !== undefined
          const gone =
            versionId !== undefined
              ? findVersion(tx, versions, versionId)
              : bucketRecord.versioning === undefined
                ? current
                : bucketRecord.versioning === "Suspended"
                  ? findNull(tx, versions)
                  : undefined
          if (gone !== undefined) yield* check(gone.version)
          if (gone !== undefined && !marks) tx.remove(gone.at)
          return {
            removed: versionOption(gone),
            marker: marks
              ? Option.some(
                  putVersion<DeleteMarker>(engine, tx, bucketRecord, versions, current, {
                    key,
                    deleteMarker: true,
                    lastModified,
                    owner
                  })
                )
              : Option.none()
          }
        }),
      "remove"
    )
})
