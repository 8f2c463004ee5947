/**
 * The records that storage keeps, in one ordered store with synchronous transactions: in memory, or
 * in lmdb's file below `records/` of the emulator's directory.
 *
 * Tables, by the first byte of the key; a name inside a key is its UTF-8 bytes, NUL ends it:
 *
 * | | key | value |
 * |---|---|---|
 * | `b` | bucket | {@link Bucket} |
 * | `c` | bucket, document | text |
 * | `o` | bucket, key, falling tick | {@link Version} |
 * | `u` | bucket, key, upload id | {@link Upload} |
 * | `p` | upload id, part number | {@link Part} |
 * | `d` | body | the blocks of a body without a file |
 * | `r` | body | how many segments name it, when more than one |
 * | `g` | body | garbage: a file that no segment names |
 *
 * A body's file is announced as garbage before it is created, and is garbage until the transaction that first names it;
 * the transaction that names it last makes it garbage again. So after a crash, the table `g` lists exactly the files to
 * remove.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import {
  type Bucket,
  NotFound,
  type Part,
  type Segment,
  StorageError,
  type StoredObject,
  type Upload,
  type Version
} from "../Storage.js"
import * as Keys from "./keys.js"

// -------------------------------------------------------------------------------------
// the store
// -------------------------------------------------------------------------------------

/** Reads of an ordered store. Keys are byte strings (`keys.ts`); the reader knows which type a table holds. */
export interface Reader {
  readonly get: <A>(key: string) => A | undefined
  /** Keys in `[from, to)`, lazily, as they were when the iteration began. */
  readonly range: <A>(from: string, to: string) => Iterable<readonly [key: string, value: A]>
}

export interface Transaction extends Reader {
  /** The number of the commit that this becomes: higher than all before. */
  readonly sequence: number
  readonly put: (key: string, value: unknown) => void
  readonly remove: (key: string) => void
}

/** Its methods throw {@link StorageError} only. */
export interface Records extends Reader {
  /** Runs the body at once. When it returns, what it wrote survives the end of the process. */
  readonly transact: <A>(body: (tx: Transaction) => A, purpose?: Purpose) => A
}

/** `remove`: a transaction that frees space, and so may use what is reserved for it on a full disk. */
export type Purpose = "store" | "remove"

/** Runs a synchronous function as an Effect. It may throw only {@link StorageError}; anything else is a defect. */
export const attempt = <A, E>(body: () => Either.Either<A, E>): Effect.Effect<A, E | StorageError> =>
  Effect.suspend((): Effect.Effect<A, E | StorageError> => {
    try {
      return body()
    } catch (error) {
      if (error instanceof StorageError) return Effect.fail(error)
      throw error
    }
  })

// -------------------------------------------------------------------------------------
// keys
// -------------------------------------------------------------------------------------

/** The first byte of the keys of each table. */
export const Table = {
  buckets: "b",
  documents: "c",
  versions: "o",
  uploads: "u",
  parts: "p",
  blocks: "d",
  counts: "r",
  garbage: "g"
} as const

export const bucketKey = (name: string) => `${Table.buckets}${Keys.fromName(name)}`
/** The key of the bucket that a version, upload or document is in. */
export const bucketOfKey = (key: string) => `${Table.buckets}${key.slice(1, key.indexOf("\0"))}`
export const inBucket = (table: (typeof Table)["documents" | "uploads" | "versions"], bucket: string) =>
  `${table}${Keys.fromName(bucket)}\0`
export const documentKey = (bucket: string, name: string) => inBucket(Table.documents, bucket) + Keys.fromName(name)
export const versionsKey = (bucket: string, key: string) => `${inBucket(Table.versions, bucket)}${Keys.fromName(key)}\0`
export const uploadKey = (bucket: string, key: string, id: string) =>
  `${inBucket(Table.uploads, bucket)}${Keys.fromName(key)}\0${id}`
export const partsKey = (uploadId: string) => `${Table.parts}${uploadId}\0`
export const partsKeyLength = partsKey("").length + Keys.uploadIdLength
export const partKey = (uploadId: string, partNumber: number) =>
  partsKey(uploadId) + String(partNumber).padStart(5, "0")
export const blocksKey = (body: string) => `${Table.blocks}${body}`
export const countKey = (body: string) => `${Table.counts}${body}`
export const garbageKey = (body: string) => `${Table.garbage}${body}`

/** Whether the records of a key's table have segments. */
export const namesBodies = (key: string): boolean => key.startsWith(Table.versions) || key.startsWith(Table.parts)

/** The tables in a snapshot. Those of bodies follow from the segments. */
export const snapshotTables = [Table.buckets, Table.documents, Table.versions, Table.uploads, Table.parts]

// -------------------------------------------------------------------------------------
// reading
// -------------------------------------------------------------------------------------

export interface Located {
  readonly at: string
  readonly version: Version
}

export const findBucket = (records: Reader, name: string): Either.Either<Bucket, NotFound> =>
  Either.fromNullable(records.get<Bucket>(bucketKey(name)), () => new NotFound({ what: "bucket" }))

// `Keys.after(versions)` would be too far: names that continue with a NUL come before it
const versionsOf = (records: Reader, versions: string) => records.range<Version>(versions, `${versions}\x7f`)

export const findCurrent = (records: Reader, versions: string): Located | undefined => {
  for (const [at, version] of versionsOf(records, versions)) return { at, version }
  return undefined
}

export const findNull = (records: Reader, versions: string): Located | undefined => {
  for (const [at, version] of versionsOf(records, versions)) if (version.versionId === "null") return { at, version }
  return undefined
}

export const findVersion = (records: Reader, versions: string, versionId: string): Located | undefined => {
  if (versionId === "null") return findNull(records, versions)
  const order = Keys.orderOfId(versionId)
  if (order === undefined) return undefined
  const at = versions + order
  const version = records.get<Version>(at)
  return version?.versionId === versionId ? { at, version } : undefined
}

export const locate = (
  records: Reader,
  bucket: string,
  key: string,
  versionId: string | undefined
): Either.Either<Located & { readonly latest: boolean }, NotFound> =>
  Either.gen(function* () {
    yield* findBucket(records, bucket)
    const versions = versionsKey(bucket, key)
    const current = findCurrent(records, versions)
    if (current === undefined) return yield* Either.left(new NotFound({ what: "object" }))
    if (versionId === undefined) return { ...current, latest: true }
    const found = findVersion(records, versions, versionId)
    if (found === undefined) return yield* Either.left(new NotFound({ what: "version" }))
    return { ...found, latest: found.at === current.at }
  })

export const findUpload = (
  records: Reader,
  bucket: string,
  key: string,
  uploadId: string
): Either.Either<Upload, NotFound> =>
  Either.flatMap(findBucket(records, bucket), () =>
    Either.fromNullable(
      Keys.uploadId.test(uploadId) ? records.get<Upload>(uploadKey(bucket, key, uploadId)) : undefined,
      () => new NotFound({ what: "upload" })
    )
  )

export const partsOf = (records: Reader, uploadId: string) =>
  records.range<Part>(partsKey(uploadId), Keys.after(partsKey(uploadId)))

export const segmentsOf = (value: unknown): ReadonlyArray<Segment> =>
  (value as Partial<Part | StoredObject | undefined>)?.segments ?? []

export const bodiesOf = (value: unknown): ReadonlyArray<string> => segmentsOf(value).map(({ body }) => body)

export const versionOption = (located: Located | undefined): Option.Option<Version> =>
  Option.map(Option.fromNullable(located), ({ version }) => version)

/** Whether a key lies in `[from, to)`. */
export const hasAny = (records: Reader, from: string, to: string): boolean => {
  for (const _ of records.range(from, to)) return true
  return false
}
