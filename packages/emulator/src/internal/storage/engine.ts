/**
 * All of {@link Storage} but where the records and the files lie: one ordered store of records with synchronous
 * transactions, and (on disk) files for the bodies that are too large for a record.
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
import { createHash, randomBytes, randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import * as Keys from "./keys.js"
import {
  type Bucket,
  BucketExists,
  BucketNotEmpty,
  type DeleteMarker,
  Hook,
  type ListOptions,
  type NewObject,
  NotFound,
  type OpenVersion,
  type Page,
  type Part,
  type Segment,
  type Snapshot,
  type StagedBody,
  type Storage,
  StorageError,
  type StoredObject,
  type Upload,
  type Version
} from "./Storage.js"

// -------------------------------------------------------------------------------------
// what it stands on
// -------------------------------------------------------------------------------------

/** Reads of an ordered store. Keys are byte strings (`keys.ts`); the reader knows which type a table holds. */
export interface Reader {
  readonly get: <A>(key: string) => A | undefined
  /** Keys in `[from, to)`, lazily, as they were when the iteration began. */
  readonly range: <A>(from: string, to: string) => Iterable<readonly [key: string, value: A]>
}

export interface Transaction extends Reader {
  readonly put: (key: string, value: unknown) => void
  readonly remove: (key: string) => void
}

/** A transaction that also counts who names which body. */
interface Counting extends Transaction {
  readonly name: (segments: ReadonlyArray<Segment>) => void
  readonly unname: (segments: ReadonlyArray<Segment>) => void
}

/** Its methods throw {@link StorageError} only. */
export interface Records extends Reader {
  /** Runs the body at once. When it returns, what it wrote survives the end of the process. */
  readonly transact: <A>(body: (tx: Transaction) => A) => A
}

export interface Files {
  /** A new, empty file; closed with the scope. */
  readonly create: (id: string) => Effect.Effect<FileWriter, StorageError, Scope.Scope>
  readonly read: (id: string, offset: number, length: number) => Stream.Stream<Uint8Array, StorageError>
  /** Answers whether it is gone; never rejects. */
  readonly remove: (id: string) => Promise<boolean>
}

export interface FileWriter {
  /** Appends the block, which is the writer's from then on, and gives another to fill; a short one must be the last. */
  readonly write: (block: Uint8Array) => Effect.Effect<Uint8Array<ArrayBuffer>, StorageError>
  /** Waits until all is written. */
  readonly finish: Effect.Effect<void, StorageError>
}

/** The unit in which bodies are written and read, in bytes. */
export const blockSize = 256 * 1024

/** Bodies up to this many bytes are records where there are files for the others. */
const inlineLimit = 64 * 1024

// -------------------------------------------------------------------------------------
// keys of records
// -------------------------------------------------------------------------------------

const bucketKey = (name: string) => `b${Keys.fromName(name)}`
const inBucket = (table: "c" | "o" | "u", bucket: string) => `${table}${Keys.fromName(bucket)}\0`
const documentKey = (bucket: string, name: string) => inBucket("c", bucket) + Keys.fromName(name)
const versionsKey = (bucket: string, key: string) => `${inBucket("o", bucket)}${Keys.fromName(key)}\0`
const uploadKey = (bucket: string, key: string, id: string) => `${inBucket("u", bucket)}${Keys.fromName(key)}\0${id}`
const partsKey = (uploadId: string) => `p${uploadId}\0`
const partKey = (uploadId: string, partNumber: number) => partsKey(uploadId) + String(partNumber).padStart(5, "0")
const blocksKey = (body: string) => `d${body}`
const countKey = (body: string) => `r${body}`
const garbageKey = (body: string) => `g${body}`

/** The tables a snapshot holds; those of bodies follow from the segments. */
const contents = ["b", "c", "o", "u", "p"]

// -------------------------------------------------------------------------------------
// reading records
// -------------------------------------------------------------------------------------

interface Located {
  readonly at: string
  readonly version: Version
}

const findBucket = (records: Reader, name: string): Either.Either<Bucket, NotFound> =>
  Either.fromNullable(records.get<Bucket>(bucketKey(name)), () => new NotFound({ what: "bucket" }))

// not up to `Keys.after(versions)`: keys that go on with a NUL are in between
const versionsOf = (records: Reader, versions: string) => records.range<Version>(versions, `${versions}\x7f`)

const findCurrent = (records: Reader, versions: string): Located | undefined => {
  for (const [at, version] of versionsOf(records, versions)) return { at, version }
  return undefined
}

const findNull = (records: Reader, versions: string): Located | undefined => {
  for (const [at, version] of versionsOf(records, versions)) if (version.versionId === "null") return { at, version }
  return undefined
}

const findVersion = (records: Reader, versions: string, versionId: string): Located | undefined => {
  if (versionId === "null") return findNull(records, versions)
  const order = Keys.orderOfId(versionId)
  if (order === undefined) return undefined
  const at = versions + order
  const version = records.get<Version>(at)
  return version?.versionId === versionId ? { at, version } : undefined
}

const locate = (
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

const findUpload = (records: Reader, bucket: string, key: string, uploadId: string): Either.Either<Upload, NotFound> =>
  Either.flatMap(findBucket(records, bucket), () =>
    Either.fromNullable(
      Keys.uploadId.test(uploadId) ? records.get<Upload>(uploadKey(bucket, key, uploadId)) : undefined,
      () => new NotFound({ what: "upload" })
    )
  )

const partsOf = (records: Reader, uploadId: string) =>
  records.range<Part>(partsKey(uploadId), Keys.after(partsKey(uploadId)))

const segmentsOf = (value: unknown): ReadonlyArray<Segment> =>
  (value as Partial<Part | StoredObject | undefined>)?.segments ?? []

const bodiesOf = (value: unknown): ReadonlyArray<string> => segmentsOf(value).map(({ body }) => body)

const versionOption = (located: Located | undefined): Option.Option<Version> =>
  Option.map(Option.fromNullable(located), ({ version }) => version)

const removeUpload = (tx: Counting, bucket: string, { key, uploadId }: Upload): void => {
  for (const [at, part] of Array.from(partsOf(tx, uploadId))) {
    tx.unname(part.segments)
    tx.remove(at)
  }
  tx.remove(uploadKey(bucket, key, uploadId))
}

const isEmpty = (records: Reader, base: string): boolean => {
  for (const _ of records.range(base, Keys.after(base))) return false
  return true
}

// -------------------------------------------------------------------------------------
// lists
// -------------------------------------------------------------------------------------

interface Listed<V, A> extends ListOptions {
  readonly base: string
  readonly idLength: number
  readonly after: string
  /** The id in the last field of the key after which to go on; "" for after all of them. */
  readonly afterId: string
  /** Whether only the first record of each name can be listed. */
  readonly sole: boolean
  /** `undefined` when not listed. */
  readonly see: (value: V, first: boolean) => A | undefined
  readonly idOf: (value: V) => string
}

const list = <V extends { readonly key: string }, A>(records: Reader, options: Listed<V, A>): Page<A> => {
  const { base, idLength, limit } = options
  const prefix = Keys.fromName(options.prefix)
  const delimiter = Keys.fromName(options.delimiter)
  const marker = Keys.fromName(options.after)
  const items: Array<A> = []
  const prefixes: Array<string> = []
  let last: Page<A>["last"] = Option.none()
  let truncated = false

  const groupOf = (name: string): string | undefined => {
    if (delimiter === "") return undefined
    const at = name.indexOf(delimiter, prefix.length)
    return at === -1 ? undefined : name.slice(0, at + delimiter.length)
  }

  const begin = base + prefix
  const end = Keys.after(begin)
  let from = begin
  let previous: string | undefined
  if (marker !== "") {
    const id = options.afterId
    const next =
      id !== ""
        ? `${base}${marker}\0${id}\0`
        : marker.startsWith(prefix) && groupOf(marker) === marker
          ? Keys.after(base + marker)
          : base + marker + Keys.afterIds
    if (next > from) from = next
    // going on within a name: the first record met is not the first of that name
    if (id !== "") for (const _ of records.range(`${base}${marker}\0`, next)) previous = marker
  }

  /** One run over neighbouring records; where to go on, or `undefined` at the end of the page. */
  const run = (): string | undefined => {
    for (const [key, value] of records.range<V>(from, end)) {
      const name = key.slice(base.length, -(idLength + 1))
      const first = name !== previous
      previous = name
      if (options.sole && !first) return base + name + Keys.afterIds
      const item = options.see(value, first)
      if (item === undefined) continue
      if (items.length + prefixes.length === limit) {
        truncated = true
        return undefined
      }
      const group = groupOf(name)
      if (group !== undefined) {
        const text = Keys.toName(group)
        prefixes.push(text)
        last = Option.some({ key: text, id: "" })
        return Keys.after(base + group)
      }
      items.push(item)
      last = Option.some({ key: value.key, id: options.idOf(value) })
    }
    return undefined
  }

  for (let next: string | undefined = limit > 0 ? from : undefined; next !== undefined; next = run()) from = next
  return { items, prefixes, truncated, last }
}

// -------------------------------------------------------------------------------------
// bodies
// -------------------------------------------------------------------------------------

const isFile = (body: string) => body.startsWith("f")

/** Bytes `[start, end)` of blocks that are all of {@link blockSize} but the last. */
const slice = (blocks: ReadonlyArray<Uint8Array>, start: number, end: number): ReadonlyArray<Uint8Array> => {
  const slices: Array<Uint8Array> = []
  for (let index = Math.floor(start / blockSize); index * blockSize < end; index++) {
    const offset = index * blockSize
    slices.push(blocks[index]!.subarray(Math.max(start - offset, 0), Math.min(end - offset, blockSize)))
  }
  return slices
}

/** The parts of the segments that bytes `[start, end)` of them together fall in. */
const window = (segments: ReadonlyArray<Segment>, start: number, end: number): ReadonlyArray<Segment> => {
  const found: Array<Segment> = []
  let position = 0
  for (const { body, length, offset } of segments) {
    const from = Math.max(start - position, 0)
    const to = Math.min(end - position, length)
    if (from < to) found.push({ body, offset: offset + from, length: to - from })
    position += length
    if (position >= end) break
  }
  return found
}

// -------------------------------------------------------------------------------------
// the service
// -------------------------------------------------------------------------------------

/** Removes what a crash left behind. To be run before {@link make}. */
export const sweep = (records: Records, files: Files): Effect.Effect<void, StorageError> =>
  Effect.gen(function* () {
    const garbage = yield* attempt(() => Either.right(Array.from(records.range("g", Keys.after("g")), ([key]) => key)))
    const remove = (key: string) => Effect.promise(() => files.remove(key.slice(1)))
    const gone = yield* Effect.filter(garbage, remove, { concurrency: 16 })
    yield* attempt(() =>
      Either.right(
        records.transact((tx) => {
          for (const key of gone) tx.remove(key)
        })
      )
    )
  })

/** What a synchronous function answers, as an Effect; of what it throws, only {@link StorageError} is expected. */
const attempt = <A, E>(body: () => Either.Either<A, E>): Effect.Effect<A, E | StorageError> =>
  Effect.suspend((): Effect.Effect<A, E | StorageError> => {
    try {
      return body()
    } catch (error) {
      if (error instanceof StorageError) return Effect.fail(error)
      throw error
    }
  })

/** Storage, and an Effect that waits for what it still does in the background. */
export interface Engine {
  readonly storage: Storage.Service
  readonly idle: Effect.Effect<void>
}

export const make = (records: Records, files?: Files): Engine => {
  // The bodies in use by readers, writers and snapshots of this process, and of them those that no segment names, with
  // their blocks. Such a body is removed when its last user leaves.
  const pins = new Map<string, number>()
  const unnamed = new Map<string, ReadonlyArray<Uint8Array>>()
  const removals = new Set<Promise<void>>()
  let tick = 0

  const nextTick = (now: number, least: number): number => {
    tick = Math.max(tick + 1, Math.floor(now) * 1000, least)
    return tick
  }

  // -----------------------------------------------------------------------------------
  // transactions
  // -----------------------------------------------------------------------------------

  const removeFile = (body: string): void => {
    if (files === undefined) return
    const removal: Promise<void> = files
      .remove(body)
      .then((gone) => {
        if (gone) records.transact((tx) => tx.remove(garbageKey(body)))
      })
      // it stays garbage, and is swept at the next start
      .catch(() => undefined)
      .finally(() => removals.delete(removal))
    removals.add(removal)
  }

  const pin = (bodies: Iterable<string>): void => {
    for (const body of bodies) pins.set(body, (pins.get(body) ?? 0) + 1)
  }

  const unpin = (bodies: Iterable<string>): void => {
    for (const body of bodies) {
      const count = (pins.get(body) ?? 0) - 1
      if (count > 0) {
        pins.set(body, count)
      } else {
        pins.delete(body)
        if (unnamed.delete(body) && isFile(body)) removeFile(body)
      }
    }
  }

  /** Writes what it means that a body is named more or less often; the answer is to be run after the commit. */
  const settle = (tx: Transaction, body: string, change: number): (() => void) => {
    const blocks = unnamed.get(body)
    const before = blocks === undefined ? (tx.get<number>(countKey(body)) ?? 1) : 0
    const count = before + change
    if (count > 1) tx.put(countKey(body), count)
    else if (before > 1) tx.remove(countKey(body))
    if (blocks !== undefined) {
      if (isFile(body)) tx.remove(garbageKey(body))
      else tx.put(blocksKey(body), blocks)
      return () => unnamed.delete(body)
    }
    if (count > 0) return () => undefined
    const pinned = pins.has(body)
    if (isFile(body)) {
      tx.put(garbageKey(body), true)
      return () => (pinned ? unnamed.set(body, []) : removeFile(body))
    }
    const kept = pinned ? tx.get<ReadonlyArray<Uint8Array>>(blocksKey(body)) : undefined
    tx.remove(blocksKey(body))
    return () => kept && unnamed.set(body, kept)
  }

  const transact = <A>(body: (tx: Counting) => A): A => {
    let committed: ReadonlyArray<() => void> = []
    const result = records.transact((tx) => {
      const changes = new Map<string, number>()
      const add = (change: number) => (segments: ReadonlyArray<Segment>) => {
        for (const { body } of segments) changes.set(body, (changes.get(body) ?? 0) + change)
      }
      const result = body({ ...tx, name: add(1), unname: add(-1) })
      committed = Array.from(changes)
        .filter(([, change]) => change !== 0)
        .map(([body, change]) => settle(tx, body, change))
      return result
    })
    for (const run of committed) run()
    return result
  }

  const read = <A, E>(body: (records: Reader) => Either.Either<A, E>): Effect.Effect<A, E | StorageError> =>
    attempt(() => body(records))

  /** The body is to write only when nothing can fail any more: what it wrote stays. */
  const write = <A, E>(body: (tx: Counting) => Either.Either<A, E>): Effect.Effect<A, E | StorageError> => {
    const commit = attempt(() => transact(body))
    return Effect.flatMap(Hook, (hook) =>
      hook === undefined
        ? commit
        : hook("commit", 0).pipe(Effect.zipRight(commit), Effect.zipLeft(Effect.suspend(() => hook("committed", 0))))
    )
  }

  // -----------------------------------------------------------------------------------
  // versions
  // -----------------------------------------------------------------------------------

  /** Puts a version where the bucket's versioning wants it. */
  const place = <V extends Version>(
    tx: Counting,
    bucket: Bucket,
    versions: string,
    current: Located | undefined,
    fields: Omit<V, "versionId"> & { readonly lastModified: number }
  ): V => {
    const newest = current === undefined ? 0 : Keys.tickOfOrder(current.at.slice(-Keys.orderLength))
    const order = Keys.orderOfTick(nextTick(fields.lastModified, newest + 1))
    const enabled = bucket.versioning === "Enabled"
    const version = { ...fields, versionId: enabled ? Keys.idOfOrder(order) : "null" } as unknown as V
    const replaced = enabled ? undefined : current?.version.versionId === "null" ? current : findNull(tx, versions)
    // a current version is replaced where it is, which is a write less
    const at = replaced !== undefined && replaced.at === current?.at ? replaced.at : versions + order
    if (replaced !== undefined) {
      tx.unname(segmentsOf(replaced.version))
      if (replaced.at !== at) tx.remove(replaced.at)
    }
    tx.name(segmentsOf(version))
    tx.put(at, version)
    return version
  }

  const placeObject = (
    tx: Counting,
    bucket: Bucket,
    key: string,
    current: Located | undefined,
    object: NewObject
  ): StoredObject =>
    place<StoredObject>(tx, bucket, versionsKey(bucket.name, key), current, { ...object, key, deleteMarker: false })

  // -----------------------------------------------------------------------------------
  // bodies
  // -----------------------------------------------------------------------------------

  const blocksOf = (body: string): ReadonlyArray<Uint8Array> => unnamed.get(body) ?? records.get(blocksKey(body)) ?? []

  const readSegment = ({ body, length, offset }: Segment): Stream.Stream<Uint8Array, StorageError> =>
    isFile(body) && files !== undefined
      ? files.read(body, offset, length)
      : Stream.unwrap(
          Effect.map(
            attempt(() => Either.right(blocksOf(body))),
            (blocks) => Stream.fromIterable(slice(blocks, offset, offset + length))
          )
        )

  const open = ({ latest, version }: { readonly latest: boolean; readonly version: Version }): OpenVersion => {
    const segments = segmentsOf(version)
    const [only] = segments.length === 1 ? segments : []
    // of the usual small object the bytes are fetched with the record
    const blocks = only === undefined || isFile(only.body) ? undefined : blocksOf(only.body)
    const sliceOf = ({ length, offset }: Segment) => slice(blocks ?? [], offset, offset + length)
    const whole = segments.length === 0 ? [new Uint8Array(0)] : blocks !== undefined && only ? sliceOf(only) : []
    return {
      version,
      latest,
      bytes: whole.length === 1 ? Option.fromNullable(whole[0]) : Option.none(),
      read: (start = 0, end = Infinity) => {
        const [first, ...rest] = window(segments, start, end)
        if (first === undefined) return Stream.empty
        if (blocks !== undefined) return Stream.fromIterable(sliceOf(first))
        return rest.length === 0 ? readSegment(first) : Stream.flatMap(Stream.make(first, ...rest), readSegment)
      }
    }
  }

  const staged = (body: string, size: number, md5: string, crc64: bigint): StagedBody => ({
    size,
    md5,
    crc64,
    segments: size === 0 ? [] : [{ body, offset: 0, length: size }]
  })

  /** A body that is the scope's until it is named. */
  const newBody = (body: string, blocks: ReadonlyArray<Uint8Array>): Effect.Effect<void, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => {
        unnamed.set(body, blocks)
        pin([body])
      }),
      () => Effect.sync(() => unpin([body]))
    )

  const writeBytes = (bytes: Uint8Array): Effect.Effect<StagedBody, StorageError, Scope.Scope> =>
    Effect.suspend(() => {
      const body = `i${randomUUID()}`
      const result = staged(body, bytes.length, createHash("md5").update(bytes).digest("hex"), Crc64.of(bytes))
      return Effect.as(newBody(body, [new Uint8Array(bytes)]), result)
    })

  const writeStream = <E, R>(
    stream: Stream.Stream<Uint8Array, E, R>,
    hook: Hook.Service
  ): Effect.Effect<StagedBody, E | StorageError, Exclude<R, Scope.Scope> | Scope.Scope> =>
    Effect.flatMap(Effect.scope, (outer) =>
      Effect.scoped(
        Effect.gen(function* () {
          const inner = yield* Effect.scope
          const id = randomUUID()
          const md5 = createHash("md5")
          const crc64 = Crc64.make()
          const blocks: Array<Uint8Array> = []
          let size = 0
          let block = new Uint8Array(0)
          let used = 0
          let writer: FileWriter | undefined

          const flush = Effect.gen(function* () {
            if (files === undefined) {
              blocks.push(used === block.length ? block : block.slice(0, used))
              block = new Uint8Array(blockSize)
            } else {
              if (writer === undefined) {
                yield* attempt(() => Either.right(records.transact((tx) => tx.put(garbageKey(`f${id}`), true))))
                yield* Scope.extend(newBody(`f${id}`, []), outer)
                writer = yield* Scope.extend(files.create(`f${id}`), inner)
              }
              block = yield* writer.write(block.subarray(0, used))
            }
            used = 0
          })

          const take = (bytes: Uint8Array): Effect.Effect<void, StorageError> => {
            const next = bytes.subarray(0, blockSize - used)
            md5.update(next)
            crc64.update(next)
            size += next.length
            if (used + next.length > block.length) {
              const larger = new Uint8Array(Math.min(blockSize, Math.max(used + next.length, 2 * block.length)))
              larger.set(block.subarray(0, used))
              block = larger
            }
            block.set(next, used)
            used += next.length
            if (used < blockSize) return Effect.void
            return Effect.flatMap(flush, () => take(bytes.subarray(next.length)))
          }

          const step = (bytes: Uint8Array) =>
            hook === undefined
              ? take(bytes)
              : Effect.zipRight(
                  hook("write", size + bytes.length),
                  Effect.suspend(() => take(bytes))
                )

          // pulling costs half of what Stream.runForEach does
          const pull = yield* Stream.toPull(stream)
          const takeAll: Effect.Effect<void, Option.Option<E | StorageError>, R> = Effect.flatMap(pull, (chunk) =>
            Effect.flatMap(Effect.mapError(Effect.forEach(chunk, step, { discard: true }), Option.some), () => takeAll)
          )
          yield* Effect.catchAll(takeAll, Option.match({ onNone: () => Effect.void, onSome: Effect.fail }))
          const inline = files === undefined || size <= inlineLimit
          if (used > 0 && !inline) yield* flush
          if (writer !== undefined) yield* writer.finish
          if (inline) {
            if (used > 0) blocks.push(block.slice(0, used))
            yield* Scope.extend(newBody(`i${id}`, blocks), outer)
          }
          return staged(inline ? `i${id}` : `f${id}`, size, md5.digest("hex"), crc64.value)
        })
      )
    )

  // -----------------------------------------------------------------------------------
  // the whole
  // -----------------------------------------------------------------------------------

  const entriesOf = (records: Reader): Snapshot["entries"] =>
    contents.flatMap((table) => Array.from(records.range(table, Keys.after(table))))

  const restore = (snapshot: Snapshot): Effect.Effect<void, StorageError> =>
    write((tx) => {
      for (const [key, value] of entriesOf(tx)) {
        tx.unname(segmentsOf(value))
        tx.remove(key)
      }
      for (const [key, value] of snapshot.entries) {
        tx.name(segmentsOf(value))
        tx.put(key, value)
      }
      return Either.void
    })

  // -----------------------------------------------------------------------------------
  // the service
  // -----------------------------------------------------------------------------------

  const storage: Storage.Service = {
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
      write((tx) =>
        Either.gen(function* () {
          yield* findBucket(tx, name)
          if (!isEmpty(tx, inBucket("o", name)) || !isEmpty(tx, inBucket("u", name))) {
            return yield* Either.left(new BucketNotEmpty({ name }))
          }
          const documents = inBucket("c", name)
          for (const [key] of Array.from(tx.range(documents, Keys.after(documents)))) tx.remove(key)
          tx.remove(bucketKey(name))
        })
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
      write((tx) =>
        Either.map(findBucket(tx, bucket), () => {
          const key = documentKey(bucket, name)
          if (tx.get(key) === undefined) return false
          tx.remove(key)
          return true
        })
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

    writeBody: (body) =>
      Effect.flatMap(Hook, (hook) => {
        const small = body instanceof Uint8Array && body.length <= inlineLimit && hook === undefined
        if (small) return writeBytes(body)
        const stored = writeStream(body instanceof Uint8Array ? Stream.make(body) : body, hook)
        return hook === undefined ? stored : Effect.tap(stored, ({ size }) => hook("staged", size))
      }),

    getObject: (bucket, key, versionId) =>
      read((records) => Either.map(locate(records, bucket, key, versionId), ({ version }) => version)),
    openObject: (bucket, key, versionId) =>
      Effect.acquireRelease(
        read((records) =>
          Either.map(locate(records, bucket, key, versionId), (located) => {
            const opened = open(located)
            pin(bodiesOf(located.version))
            return opened
          })
        ),
        ({ version }) => Effect.sync(() => unpin(bodiesOf(version)))
      ),
    putObject: (bucket, key, make) =>
      write((tx) =>
        Either.gen(function* () {
          const owner = yield* findBucket(tx, bucket)
          const current = findCurrent(tx, versionsKey(bucket, key))
          const object = yield* make(versionOption(current), owner)
          return placeObject(tx, owner, key, current, object)
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
          tx.put(at, changed)
          return changed
        })
      ),
    removeObject: (bucket, key, { check = () => Either.void, lastModified, owner, versionId }) =>
      write((tx) =>
        Either.gen(function* () {
          const record = yield* findBucket(tx, bucket)
          const versions = versionsKey(bucket, key)
          const current = findCurrent(tx, versions)
          const marks = versionId === undefined && record.versioning !== undefined
          const gone =
            versionId !== undefined
              ? findVersion(tx, versions, versionId)
              : record.versioning === undefined
                ? current
                : record.versioning === "Suspended"
                  ? findNull(tx, versions)
                  : undefined
          if (gone !== undefined) yield* check(gone.version)
          if (gone !== undefined && !marks) {
            tx.unname(segmentsOf(gone.version))
            tx.remove(gone.at)
          }
          return {
            removed: versionOption(gone),
            marker: marks
              ? Option.some(
                  place<DeleteMarker>(tx, record, versions, current, { key, deleteMarker: true, lastModified, owner })
                )
              : Option.none()
          }
        })
      ),

    listObjects: (bucket, options) =>
      read((records) =>
        Either.map(findBucket(records, bucket), () =>
          list<Version, StoredObject>(records, {
            ...options,
            base: inBucket("o", bucket),
            idLength: Keys.orderLength,
            afterId: "",
            sole: true,
            see: (version) => (version.deleteMarker ? undefined : version),
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
            sole: false,
            see: (version, latest) => ({ version, latest }),
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
            sole: false,
            see: (upload) => upload,
            idOf: ({ uploadId }) => uploadId
          })
        )
      ),

    createUpload: (bucket, key, make) =>
      write((tx) =>
        Either.gen(function* () {
          const owner = yield* findBucket(tx, bucket)
          const fields = yield* make(versionOption(findCurrent(tx, versionsKey(bucket, key))), owner)
          const uploadId = Keys.newUploadId(fields.initiatedAt, nextTick(fields.initiatedAt, 0), randomBytes(24))
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
          tx.unname(segmentsOf(tx.get<Part>(at)))
          tx.name(part.segments)
          tx.put(at, part)
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
          const owner = yield* findBucket(tx, bucket)
          const upload = yield* findUpload(tx, bucket, key, uploadId)
          const parts = Array.from(partsOf(tx, uploadId), ([, part]) => part)
          const current = findCurrent(tx, versionsKey(bucket, key))
          const object = yield* make({ upload, parts, current: versionOption(current), bucket: owner })
          removeUpload(tx, bucket, upload)
          return placeObject(tx, owner, key, current, object)
        })
      ),
    abortUpload: (bucket, key, uploadId) =>
      write((tx) => Either.map(findUpload(tx, bucket, key, uploadId), (upload) => removeUpload(tx, bucket, upload))),

    reset: restore({ entries: [] }),
    snapshot: read((records) => {
      const entries = entriesOf(records)
      for (const [, value] of entries) pin(bodiesOf(value))
      return Either.right({ entries })
    }),
    restore
  }

  return {
    storage,
    idle: Effect.promise(() => Promise.all(removals))
  }
}
