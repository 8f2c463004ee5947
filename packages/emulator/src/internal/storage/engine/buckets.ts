/**
 * Buckets and their configuration documents.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Keys from "../records/keys.js"
import { bucketKey, documentKey, findBucket, hasAny, inBucket, type Reader, Table } from "../records/tables.js"
import { type Bucket, BucketExists, BucketNotEmpty, type Storage } from "../Storage.js"
import { type Engine, read, write } from "./engineState.js"

const hasRecords = (records: Reader, base: string): boolean => hasAny(records, base, Keys.after(base))

export const makeBuckets = (
  engine: Engine
): Pick<Storage.Service, "createBucket" | "getBucket" | "listBuckets" | "updateBucket" | "removeBucket"> => ({
  createBucket: (bucket) =>
    write(engine, (tx) => {
      const existing = tx.get<Bucket>(bucketKey(bucket.name))
      if (existing !== undefined) return Either.left(new BucketExists({ bucket: existing }))
      tx.put(bucketKey(bucket.name), bucket)
      return Either.void
    }),
  getBucket: (name) => read(engine, (records) => findBucket(records, name)),
  listBuckets: read(engine, (records) =>
    Either.right(Array.from(records.range<Bucket>(Table.buckets, Keys.after(Table.buckets)), ([, bucket]) => bucket))
  ),
  updateBucket: (name, change) =>
    write(engine, (tx) =>
      Either.map(findBucket(tx, name), (bucket) => {
        const changed = { ...change(bucket), name }
        tx.put(bucketKey(name), changed)
        return changed
      })
    ),
  removeBucket: (name) =>
    write(
      engine,
      (tx) =>
        Either.gen(function* () {
          yield* findBucket(tx, name)
          if (hasRecords(tx, inBucket(Table.versions, name)) || hasRecords(tx, inBucket(Table.uploads, name))) {
            return yield* Either.left(new BucketNotEmpty({ name }))
          }
          const documents = inBucket(Table.documents, name)
          for (const [key] of Array.from(tx.range(documents, Keys.after(documents)))) tx.remove(key)
          tx.remove(bucketKey(name))
        }),
      "remove"
    )
})

export const makeDocuments = (
  engine: Engine
): Pick<Storage.Service, "putDocument" | "getDocument" | "removeDocument" | "listDocuments"> => ({
  putDocument: (bucket, name, text) =>
    write(engine, (tx) => Either.map(findBucket(tx, bucket), () => tx.put(documentKey(bucket, name), text))),
  getDocument: (bucket, name) =>
    read(engine, (records) =>
      Either.map(findBucket(records, bucket), () => Option.fromNullable(records.get<string>(documentKey(bucket, name))))
    ),
  removeDocument: (bucket, name) =>
    write(
      engine,
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
    read(engine, (records) =>
      Either.map(findBucket(records, bucket), () => {
        const base = inBucket(Table.documents, bucket)
        const begin = base + Keys.fromName(prefix)
        return Array.from(
          records.range<string>(begin, Keys.after(begin)),
          ([key, text]) => [Keys.toName(key.slice(base.length)), text] as const
        )
      })
    )
})
