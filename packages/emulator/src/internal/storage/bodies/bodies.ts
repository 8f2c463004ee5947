/**
 * The bytes of objects: staged while they are written, counted while segments name them, kept while somebody reads them.
 */
import { createHash, randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import * as Keys from "../records/keys.js"
import {
  attempt,
  blocksKey,
  bodiesOf,
  countKey,
  garbageKey,
  namesBodies,
  type Purpose,
  partsKey,
  partsKeyLength,
  type Records,
  segmentsOf,
  type Transaction
} from "../records/tables.js"
import { Hook, type OpenVersion, type Segment, type StagedBody, type StorageError, type Version } from "../Storage.js"
import type { Label } from "./labels.js"

// -------------------------------------------------------------------------------------
// files
// -------------------------------------------------------------------------------------

export interface Files {
  /** A new, empty file; closed with the scope. */
  readonly create: (id: string) => Effect.Effect<FileWriter, StorageError, Scope.Scope>
  /** The chunks may be given back with `BufferPool.release`. */
  readonly read: (id: string, offset: number, length: number) => Stream.Stream<Uint8Array, StorageError>
  /** Answers whether it is gone; never rejects. */
  readonly remove: (id: string) => Promise<boolean>
  /** Writes behind the bytes of a body which record names it; throws {@link StorageError}. */
  readonly label: (id: string, size: number, label: Label) => void
}

export interface FileWriter {
  /** Appends the bytes, which are copied before it ends. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, StorageError>
  /** Waits until all is written, and gives its MD5, in hexadecimal. */
  readonly finish: Effect.Effect<string, StorageError>
}

/** The unit in which bodies without a file are kept, in bytes. */
const blockSize = 256 * 1024

/** Bodies up to this many bytes are records where there are files for the others. */
const inlineLimit = 64 * 1024

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
        }, "remove")
      )
    )
  })

// -------------------------------------------------------------------------------------
// ranges
// -------------------------------------------------------------------------------------

export const isFile = (body: string) => body.startsWith("f")

/** Bytes `[start, end)`, at least one, of blocks that are all of {@link blockSize} but the last. */
const slice = (blocks: ReadonlyArray<Uint8Array>, start: number, end: number): ReadonlyArray<Uint8Array> => {
  const first = Math.floor(start / blockSize)
  return blocks.slice(first, Math.ceil(end / blockSize)).map((block, i) => {
    const offset = (first + i) * blockSize
    return block.subarray(Math.max(start - offset, 0), Math.min(end - offset, blockSize))
  })
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
// bytes gathered in memory
// -------------------------------------------------------------------------------------

interface Gathered {
  /** Appends a copy of the bytes. */
  readonly add: (bytes: Uint8Array) => void
  /** All of {@link blockSize} but the last. */
  readonly blocks: () => ReadonlyArray<Uint8Array>
  /** In hexadecimal; nothing can be added any more. */
  readonly md5: () => string
}

const gather = (): Gathered => {
  const md5 = createHash("md5")
  const blocks: Array<Uint8Array> = []
  let block = new Uint8Array(0)
  let used = 0
  const add = (bytes: Uint8Array): void => {
    md5.update(bytes)
    for (let rest = bytes; rest.length > 0; ) {
      const next = rest.subarray(0, blockSize - used)
      if (used + next.length > block.length) {
        const larger = new Uint8Array(Math.min(blockSize, Math.max(used + next.length, 2 * block.length)))
        larger.set(block.subarray(0, used))
        block = larger
      }
      block.set(next, used)
      used += next.length
      rest = rest.subarray(next.length)
      if (used < blockSize) continue
      blocks.push(block)
      block = new Uint8Array(blockSize)
      used = 0
    }
  }
  return {
    add,
    blocks: () => (used === 0 ? blocks : [...blocks, block.slice(0, used)]),
    md5: () => md5.digest("hex")
  }
}

// -------------------------------------------------------------------------------------
// records that name bodies
// -------------------------------------------------------------------------------------

/** A change of a record that names, or named, bodies. */
interface Change {
  readonly key: string
  readonly before: unknown
  /** `undefined`: removed. */
  readonly value: unknown
  readonly companions: ReadonlyArray<string>
}

/** Follows what a transaction does to the records that name bodies. */
const countBodies = (tx: Transaction) => {
  const counts = new Map<string, number>()
  const changes = new Map<string, Change>()
  const ended = new Set<string>()
  const count = (value: unknown, change: number) => {
    for (const body of bodiesOf(value)) counts.set(body, (counts.get(body) ?? 0) + change)
  }
  const note = (key: string, value: unknown, companions: ReadonlyArray<string>) => {
    const before = tx.get<unknown>(key)
    count(before, -1)
    count(value, 1)
    if (bodiesOf(before).length + bodiesOf(value).length === 0) return
    changes.set(key, { key, before: changes.get(key)?.before ?? before, value, companions })
  }
  const counting: CountingTransaction = {
    ...tx,
    put: (key, value, companions = []) => {
      if (namesBodies(key)) note(key, value, companions)
      else ended.delete(key)
      tx.put(key, value)
    },
    remove: (key) => {
      if (namesBodies(key)) note(key, undefined, [])
      else if (key.startsWith("u")) ended.add(key)
      tx.remove(key)
    }
  }
  return { tx: counting, counts, changes, ended }
}

const fileOf = (value: unknown): Segment | undefined => segmentsOf(value).find(({ body }) => isFile(body))

const sizeOfBody = ({ length, offset }: Segment): number => offset + length

/**
 * Labels the first file of each record that changed, and the file that a record no longer names, if it stays. The parts of an
 * upload that became an object, which may be thousands, are told by the object's label.
 */
const writeLabels = (
  tx: Transaction,
  files: Files,
  { changes, ended }: ReturnType<typeof countBodies>,
  stays: (body: string) => boolean
): void => {
  const told = new Set<string>()
  const label = (key: string) => ({ sequence: tx.sequence, at: key, companions: [], ended: [] })
  for (const { companions, key, value } of changes.values()) {
    const file = fileOf(value)
    if (file === undefined) continue
    const found = companions.map((at) => [at, tx.get<unknown>(at)] as const)
    files.label(file.body, sizeOfBody(file), { ...label(key), value, companions: found, ended: [...ended] })
    for (const upload of ended) told.add(partsKey(upload.slice(-Keys.uploadIdLength)))
  }
  for (const { before, key, value } of changes.values()) {
    const former = fileOf(before)
    if (former === undefined || former.body === fileOf(value)?.body || !stays(former.body)) continue
    if (told.has(key.slice(0, partsKeyLength))) continue
    try {
      files.label(former.body, sizeOfBody(former), label(key))
    } catch {
      // a full disk must not keep anything from being removed
    }
  }
}

// -------------------------------------------------------------------------------------
// bodies
// -------------------------------------------------------------------------------------

/** A transaction that also counts how many segments of records name each body. */
export interface CountingTransaction extends Transaction {
  /** `companions` are the keys of the records without which this one means nothing. */
  readonly put: (key: string, value: unknown, companions?: ReadonlyArray<string>) => void
}

export interface Bodies {
  /** Runs a transaction, and keeps or removes bodies as its records name them or no longer do. */
  readonly transact: <A>(body: (tx: CountingTransaction) => A, purpose?: Purpose) => A
  readonly write: <E, R>(
    body: Uint8Array | Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<StagedBody, E | StorageError, R | Scope.Scope>
  /** What it gives can be read while the version's bodies are held. */
  readonly open: (version: Version, latest: boolean) => OpenVersion
  /** Keeps bodies, whoever unnames them, until they are released as often. */
  readonly hold: (bodies: ReadonlyArray<string>) => void
  readonly release: (bodies: ReadonlyArray<string>) => void
  /** Waits for the removals that are under way. */
  readonly idle: Effect.Effect<void>
}

export const make = (records: Records, files?: Files): Bodies => {
  // The bodies in use by readers, writers and snapshots of this process, and of them those that no segment names, with
  // their blocks. Such a body is removed when its last user leaves.
  const held = new Map<string, number>()
  const unnamed = new Map<string, ReadonlyArray<Uint8Array>>()
  const removals = new Set<Promise<void>>()

  const removeFile = (body: string): void => {
    if (files === undefined) return
    const removal: Promise<void> = files
      .remove(body)
      .then((gone) => {
        if (gone) records.transact((tx) => tx.remove(garbageKey(body)), "remove")
      })
      // it stays garbage, and is swept at the next start
      .catch(() => undefined)
      .finally(() => removals.delete(removal))
    removals.add(removal)
  }

  const hold = (bodies: ReadonlyArray<string>): void => {
    for (const body of bodies) held.set(body, (held.get(body) ?? 0) + 1)
  }

  const release = (bodies: ReadonlyArray<string>): void => {
    for (const body of bodies) {
      const count = (held.get(body) ?? 0) - 1
      if (count > 0) {
        held.set(body, count)
      } else {
        held.delete(body)
        if (unnamed.delete(body) && isFile(body)) removeFile(body)
      }
    }
  }

  /** Writes what it means that a body is named more or less often. Gives what is to be done after the commit. */
  const updateCount = (tx: Transaction, body: string, change: number): (() => void) => {
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
    const inUse = held.has(body)
    if (isFile(body)) {
      tx.put(garbageKey(body), true)
      return () => (inUse ? unnamed.set(body, []) : removeFile(body))
    }
    const kept = inUse ? tx.get<ReadonlyArray<Uint8Array>>(blocksKey(body)) : undefined
    tx.remove(blocksKey(body))
    return () => kept && unnamed.set(body, kept)
  }

  const transact = <A>(body: (tx: CountingTransaction) => A, purpose: Purpose = "store"): A => {
    let committed: ReadonlyArray<() => void> = []
    const result = records.transact((tx) => {
      const counted = countBodies(tx)
      const result = body(counted.tx)
      const stays = (body: string) =>
        held.has(body) || (tx.get<number>(countKey(body)) ?? 1) + (counted.counts.get(body) ?? 0) > 0
      if (files !== undefined) writeLabels(tx, files, counted, stays)
      committed = Array.from(counted.counts)
        .filter(([, change]) => change !== 0)
        .map(([body, change]) => updateCount(tx, body, change))
      return result
    }, purpose)
    for (const run of committed) run()
    return result
  }

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

  const open = (version: Version, latest: boolean): OpenVersion => {
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
        const pieces = window(segments, start, end)
        const [first] = pieces
        if (first === undefined) return Stream.empty
        if (blocks !== undefined) return Stream.fromIterable(sliceOf(first))
        return pieces.length === 1 ? readSegment(first) : Stream.flatMap(Stream.fromIterable(pieces), readSegment)
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
        hold([body])
      }),
      () => Effect.sync(() => release([body]))
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
          const crc64 = Crc64.make()
          const gathered = gather()
          let size = 0
          let writer: FileWriter | undefined

          const openWriter = (files: Files) =>
            Effect.gen(function* () {
              yield* attempt(() => Either.right(records.transact((tx) => tx.put(garbageKey(`f${id}`), true))))
              yield* Scope.extend(newBody(`f${id}`, []), outer)
              writer = yield* Scope.extend(files.create(`f${id}`), inner)
              yield* Effect.forEach(gathered.blocks(), writer.write, { discard: true })
              return writer
            })

          const take = (bytes: Uint8Array): Effect.Effect<void, StorageError> => {
            crc64.update(bytes)
            size += bytes.length
            if (writer !== undefined) return writer.write(bytes)
            if (files !== undefined && size > inlineLimit) {
              return Effect.flatMap(openWriter(files), ({ write }) => write(bytes))
            }
            gathered.add(bytes)
            return Effect.void
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
          if (writer !== undefined) return staged(`f${id}`, size, yield* writer.finish, crc64.value)
          yield* Scope.extend(newBody(`i${id}`, gathered.blocks()), outer)
          return staged(`i${id}`, size, gathered.md5(), crc64.value)
        })
      )
    )

  return {
    transact,
    write: (body) =>
      Effect.flatMap(Hook, (hook) => {
        const small = body instanceof Uint8Array && body.length <= inlineLimit && hook === undefined
        if (small) return writeBytes(body)
        const stored = writeStream(body instanceof Uint8Array ? Stream.make(body) : body, hook)
        return hook === undefined ? stored : Effect.tap(stored, ({ size }) => hook("staged", size))
      }),
    open,
    hold,
    release,
    idle: Effect.promise(() => Promise.all(removals))
  }
}
