/**
 * All of {@link Storage} but where the records and the files lie.
 */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Bodies, CountingTransaction } from "./bodies/bodies.js"
import * as Keys from "./records/keys.js"
import { list } from "./records/listing.js"
import {
  attempt,
  bodiesOf,
  bucketKey,
  bucketOfKey,
  documentKey,
  findBucket,
  findCurrent,
  findNull,
  findUpload,
  findVersion,
  hasAny,
  inBucket,
  type Located,
  locate,
  type Purpose,
  partKey,
  partsKey,
  partsKeyLength,
  partsOf,
  type Reader,
  type Records,
  snapshotTables,
  uploadKey,
  versionOption,
  versionsKey
} from "./records/tables.js"
import {
  type Bucket,
  BucketExists,
  BucketNotEmpty,
  type DeleteMarker,
  Hook,
  type NewObject,
  NotFound,
  type Part,
  type Snapshot,
  type Storage,
  StorageError,
  type StoredObject,
  type Upload,
  type Version
} from "./Storage.js"

/** Which records each of these entries needs: a version its bucket, a part its upload too. */
const companionsIn = (entries: Snapshot["entries"]): ((key: string) => ReadonlyArray<string>) => {
  const uploads = new Map(
    entries.flatMap(([key, value]) =>
      key.startsWith("u") ? [[partsKey((value as Upload).uploadId), key] as const] : []
    )
  )
  return (key) => {
    if (key.startsWith("o")) return [bucketOfKey(key)]
    const upload = key.startsWith("p") ? uploads.get(key.slice(0, partsKeyLength)) : undefined
    return upload === undefined ? [] : [bucketOfKey(upload), upload]
  }
}

const steps = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, step) => items.slice(step * size, (step + 1) * size))

export const make = (records: Records, bodies: Bodies): Storage.Service => {
  let tick = 0n
  /** The entries of the snapshots that were not removed: their bodies are kept. */
  const held = new Set<Snapshot["entries"]>()

  /** Rises with every call, also while the clock stands or goes back. */
  const nextTick = (now: number, least: bigint): bigint => {
    const time = Keys.tickOfTime(now)
    tick = [tick + 1n, time, least].reduce((most, other) => (other > most ? other : most))
    return tick
  }

  const read = <A, E>(body: (records: Reader) => Either.Either<A, E>): Effect.Effect<A, E | StorageError> =>
    attempt(() => body(records))

  /** The body is to write only when nothing can fail any more: what it wrote stays. */
  const write = <A, E>(
    body: (tx: CountingTransaction) => Either.Either<A, E>,
    purpose: Purpose = "store"
  ): Effect.Effect<A, E | StorageError> => {
    const commit = attempt(() => bodies.transact(body, purpose))
    return Effect.flatMap(Hook, (hook) =>
      hook === undefined
        ? commit
        : hook("commit", 0).pipe(Effect.zipRight(commit), Effect.zipLeft(Effect.suspend(() => hook("committed", 0))))
    )
  }

  /** Puts a version where the bucket's versioning wants it. */
  const putVersion = <V extends Version>(
    tx: CountingTransaction,
    bucket: Bucket,
    versions: string,
    current: Located | undefined,
    fields: Omit<V, "versionId"> & { readonly lastModified: number }
  ): V => {
    const newest = current === undefined ? 0n : Keys.tickOfOrder(current.at.slice(-Keys.orderLength))
    const order = Keys.orderOfTick(nextTick(fields.lastModified, newest + 1n))
    const enabled = bucket.versioning === "Enabled"
    const version = { ...fields, versionId: enabled ? Keys.idOfOrder(order) : "null" } as unknown as V
    const replaced = enabled ? undefined : current?.version.versionId === "null" ? current : findNull(tx, versions)
    // a current version is replaced where it is, which is a write less
    const at = replaced !== undefined && replaced.at === current?.at ? replaced.at : versions + order
    if (replaced !== undefined && replaced.at !== at) tx.remove(replaced.at)
    tx.put(at, version, [bucketKey(bucket.name)])
    return version
  }

  const putObjectVersion = (
    tx: CountingTransaction,
    bucket: Bucket,
    key: string,
    current: Located | undefined,
    object: NewObject
  ): StoredObject =>
    putVersion<StoredObject>(tx, bucket, versionsKey(bucket.name, key), current, {
      ...object,
      key,
      deleteMarker: false
    })

  const removeUpload = (tx: CountingTransaction, bucket: string, { key, uploadId }: Upload): void => {
    for (const [at] of Array.from(partsOf(tx, uploadId))) tx.remove(at)
    tx.remove(uploadKey(bucket, key, uploadId))
  }

  const hasRecords = (records: Reader, base: string) => hasAny(records, base, Keys.after(base))

  const entriesOf = (records: Reader): Snapshot["entries"] =>
    snapshotTables.flatMap((table) => Array.from(records.range(table, Keys.after(table))))

  const restore = (snapshot: Snapshot): Effect.Effect<void, StorageError> =>
    write((tx) => {
      for (const [key] of entriesOf(tx)) tx.remove(key)
      const companionsOf = companionsIn(snapshot.entries)
      for (const [key, value] of snapshot.entries) tx.put(key, value, companionsOf(key))
      return Either.void
    })

  const removeEntries = (entries: Snapshot["entries"]): Effect.Effect<void, StorageError> =>
    write((tx) => {
      for (const [key] of entries) tx.remove(key)
      return Either.void
    }, "remove")

  /** In one transaction, or, where a full disk has no room for that, in steps of which each frees more than it takes. */
  const reset = Effect.suspend(() => removeEntries(entriesOf(records))).pipe(
    Effect.catchIf(
      ({ reason }) => reason === "DiskFull",
      () =>
        Effect.suspend(() =>
          // what others depend on goes last
          Effect.forEach(steps(entriesOf(records).toReversed(), 8), removeEntries, { discard: true })
        )
    )
  )

  return {
    createBucket: (bucket) =>
      write((tx) => {
        const existing = tx.get<Bucket>(bucketKey(bucket.name))
        if (existing !== undefined) return Either.left(new BucketExists({ bucket: existing }))
        tx.put(bucketKey(bucket.name), bucket)
        return Either.void
      }),
    getBucket: (name) => read((records) => findBucket(records, name)),
    listBuckets: read((records) =>
      Either.right(Array.from(records.range<Bucket>("b", Keys.after("b")), ([, bucket]) => bucket))
    ),
    updateBucket: (name, change) =>
      write((tx) =>
        Either.map(findBucket(tx, name), (bucket) => {
          const changed = { ...change(bucket), name }
          tx.put(bucketKey(name), changed)
          return changed
        })
      ),
    removeBucket: (name) =>
      write(
        (tx) =>
          Either.gen(function* () {
            yield* findBucket(tx, name)
            if (hasRecords(tx, inBucket("o", name)) || hasRecords(tx, inBucket("u", name))) {
              return yield* Either.left(new BucketNotEmpty({ name }))
            }
            const documents = inBucket("c", name)
            for (const [key] of Array.from(tx.range(documents, Keys.after(documents)))) tx.remove(key)
            tx.remove(bucketKey(name))
          }),
        "remove"
      ),

    putDocument: (bucket, name, text) =>
      write((tx) => Either.map(findBucket(tx, bucket), () => tx.put(documentKey(bucket, name), text))),
    getDocument: (bucket, name) =>
      read((records) =>
        Either.map(findBucket(records, bucket), () =>
          Option.fromNullable(records.get<string>(documentKey(bucket, name)))
        )
      ),
    removeDocument: (bucket, name) =>
      write(
        (tx) =>
          Either.map(findBucket(tx, bucket), () => {
            const key = documentKey(bucket, name)
            if (tx.get(key) === undefined) return false
            tx.remove(key)
            return true
          }),
        "remove"
      ),
    listDocuments: (bucket, prefix) =>
      read((records) =>
        Either.map(findBucket(records, bucket), () => {
          const base = inBucket("c", bucket)
          const begin = base + Keys.fromName(prefix)
          return Array.from(
            records.range<string>(begin, Keys.after(begin)),
            ([key, text]) => [Keys.toName(key.slice(base.length)), text] as const
          )
        })
      ),

    writeBody: bodies.write,

    getObject: (bucket, key, versionId) =>
      read((records) => Either.map(locate(records, bucket, key, versionId), ({ version }) => version)),
    openObject: (bucket, key, versionId) =>
      Effect.acquireRelease(
        read((records) =>
          Either.map(locate(records, bucket, key, versionId), (located) => {
            const opened = bodies.open(located.version, located.latest)
            bodies.hold(bodiesOf(located.version))
            return opened
          })
        ),
        ({ version }) => Effect.sync(() => bodies.release(bodiesOf(version)))
      ),
    putObject: (bucket, key, make) =>
      write((tx) =>
        Either.gen(function* () {
          const bucketRecord = yield* findBucket(tx, bucket)
          const current = findCurrent(tx, versionsKey(bucket, key))
          const object = yield* make(versionOption(current), bucketRecord)
          return putObjectVersion(tx, bucketRecord, key, current, object)
        })
      ),
    updateObject: (bucket, key, versionId, change) =>
      write((tx) =>
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
                    putVersion<DeleteMarker>(tx, bucketRecord, versions, current, {
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
      ),

    listObjects: (bucket, options) =>
      read((records) =>
        Either.map(findBucket(records, bucket), () =>
          list<Version, StoredObject>(records, {
            ...options,
            base: inBucket("o", bucket),
            idLength: Keys.orderLength,
            afterId: "",
            firstOnly: true,
            select: (version) => (version.deleteMarker ? undefined : version),
            idOf: ({ versionId }) => versionId
          })
        )
      ),
    listVersions: (bucket, { after, afterId, ...options }) =>
      read((records) =>
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
            base: inBucket("o", bucket),
            idLength: Keys.orderLength,
            after,
            // the null version is gone since: go on from the first that is left, rather than leave some out
            afterId: order ?? "\0",
            firstOnly: false,
            select: (version, latest) => ({ version, latest }),
            idOf: ({ versionId }) => versionId
          })
        })
      ),
    listUploads: (bucket, options) =>
      read((records) =>
        Either.map(findBucket(records, bucket), () =>
          list<Upload, Upload>(records, {
            ...options,
            afterId: Keys.fromName(options.afterId),
            base: inBucket("u", bucket),
            idLength: Keys.uploadIdLength,
            firstOnly: false,
            select: (upload) => upload,
            idOf: ({ uploadId }) => uploadId
          })
        )
      ),

    createUpload: (bucket, key, make) =>
      write((tx) =>
        Either.gen(function* () {
          const bucketRecord = yield* findBucket(tx, bucket)
          const fields = yield* make(versionOption(findCurrent(tx, versionsKey(bucket, key))), bucketRecord)
          const uploadId = Keys.newUploadId(fields.initiatedAt, nextTick(fields.initiatedAt, 0n), randomBytes(24))
          const upload: Upload = { ...fields, key, uploadId }
          tx.put(uploadKey(bucket, key, uploadId), upload)
          return upload
        })
      ),
    getUpload: (bucket, key, uploadId) => read((records) => findUpload(records, bucket, key, uploadId)),
    putPart: (bucket, key, uploadId, part) =>
      write((tx) =>
        Either.map(findUpload(tx, bucket, key, uploadId), () => {
          const at = partKey(uploadId, part.partNumber)
          tx.put(at, part, [bucketKey(bucket), uploadKey(bucket, key, uploadId)])
        })
      ),
    listParts: (bucket, key, uploadId, { after, limit }) =>
      read((records) =>
        Either.map(findUpload(records, bucket, key, uploadId), (upload) => {
          const parts: Array<Part> = []
          const from = partKey(uploadId, after + 1)
          for (const [, part] of limit > 0 ? records.range<Part>(from, Keys.after(partsKey(uploadId))) : []) {
            if (parts.length === limit) return { upload, parts, truncated: true }
            parts.push(part)
          }
          return { upload, parts, truncated: false }
        })
      ),
    completeUpload: (bucket, key, uploadId, make) =>
      write((tx) =>
        Either.gen(function* () {
          const bucketRecord = yield* findBucket(tx, bucket)
          const upload = yield* findUpload(tx, bucket, key, uploadId)
          const parts = Array.from(partsOf(tx, uploadId), ([, part]) => part)
          const current = findCurrent(tx, versionsKey(bucket, key))
          const object = yield* make({ upload, parts, current: versionOption(current), bucket: bucketRecord })
          removeUpload(tx, bucket, upload)
          return putObjectVersion(tx, bucketRecord, key, current, object)
        })
      ),
    abortUpload: (bucket, key, uploadId) =>
      write(
        (tx) => Either.map(findUpload(tx, bucket, key, uploadId), (upload) => removeUpload(tx, bucket, upload)),
        "remove"
      ),

    reset,
    snapshot: read((records) => {
      const entries = entriesOf(records)
      for (const [, value] of entries) bodies.hold(bodiesOf(value))
      held.add(entries)
      return Either.right({ entries })
    }),
    restore: (snapshot) =>
      Effect.suspend(() =>
        held.has(snapshot.entries)
          ? restore(snapshot)
          : Effect.fail(
              new StorageError({ reason: "Io", message: "the snapshot was removed, or is of another storage" })
            )
      ),
    removeSnapshot: ({ entries }) =>
      Effect.sync(() => {
        if (held.delete(entries)) for (const [, value] of entries) bodies.release(bodiesOf(value))
      })
  }
}
