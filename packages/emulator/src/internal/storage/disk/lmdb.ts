/**
 * The records in LMDB, each sealed by a checksum, with a summary of all of them that every commit brings up to date.
 *
 * Transactions are synchronous: a failed commit is then an exception at its caller, and nothing can happen between a
 * decision and its write.
 */
import { Buffer } from "node:buffer"
import { closeSync, mkdirSync, openSync, readSync, statSync } from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as lmdb from "lmdb"
import type { Purpose, Records, Transaction } from "../records/tables.js"
import { StorageError } from "../Storage.js"
import { isWriteFailure, toStorageError } from "../storageErrors.js"
import type { CommitRecord } from "./commitRecord.js"
import * as ReservedSpace from "./fullDisk.js"
import { writeLockFile } from "./lmdbLockFile.js"
import * as Sealed from "./recordChecksum.js"

export interface Options {
  /** The directory of LMDB's files. */
  readonly path: string
  /** Waits for the disk at every commit. */
  readonly durable: boolean
  /** Called after every commit. */
  readonly onCommit?: (record: CommitRecord) => void
  readonly writeZeros?: ReservedSpace.WriteZeros | undefined
}

export interface Database extends Records {
  readonly summary: () => Sealed.Summary
  /** The number of the commit that wrote a record. */
  readonly sequenceOf: (key: string) => number | undefined
  /** Writes a summary of the records that are there now, as a commit with a higher number than this. */
  readonly summarize: (sequence: number) => void
}

export const dataFile = (path: string): string => join(path, "data.mdb")

/** The checksum of the whole file of the records. */
export const checksumOfFile = (path: string): CommitRecord["closed"] => {
  const descriptor = openSync(dataFile(path), "r")
  try {
    const block = Buffer.alloc(1024 * 1024)
    let [size, checksum] = [0, 0]
    for (let read = -1; read !== 0; size += read) {
      read = readSync(descriptor, block, 0, block.length, size)
      checksum = crc32(block.subarray(0, read), checksum)
    }
    return { size, checksum }
  } finally {
    closeSync(descriptor)
  }
}

interface Stats {
  readonly lastPageNumber: number
  readonly pageSize: number
  readonly root: Tree
  readonly free: Tree
}

interface Tree {
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

const pagesOf = ({ overflowPages, treeBranchPageCount, treeLeafPageCount }: Tree): number =>
  treeBranchPageCount + treeLeafPageCount + overflowPages

/** The first two pages of the file say where its trees are. */
const metaPages = 2

const usageOf = (database: lmdb.RootDatabase<Buffer, Buffer>) => (): ReservedSpace.Usage => {
  const stats = database.getStats() as Stats
  const size = stats.pageSize / ReservedSpace.pageSize
  const used = stats.lastPageNumber + 1
  return { used: used * size, free: (used - metaPages - pagesOf(stats.root) - pagesOf(stats.free)) * size }
}

/** Fails once another file is at the path than the one that was opened: what is written to that would be lost. */
const watchPlace = (path: string): (() => void) => {
  const opened = statSync(dataFile(path))
  return () => {
    const found = statSync(dataFile(path), { throwIfNoEntry: false })
    if (found?.ino === opened.ino && found.dev === opened.dev) return
    throw new StorageError({ reason: "Io", message: "the directory was removed or replaced while it was open", path })
  }
}

const openDatabase = ({
  durable,
  path
}: Options): Effect.Effect<lmdb.RootDatabase<Buffer, Buffer>, StorageError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        mkdirSync(path, { recursive: true })
        writeLockFile(path)
        return lmdb.open<Buffer, Buffer>({
          path,
          keyEncoding: "binary",
          encoding: "binary",
          noSubdir: false,
          noSync: !durable,
          overlappingSync: false
        })
      },
      catch: (error) => toStorageError(error, path)
    }),
    (database) => Effect.promise(() => database.close())
  )

interface State {
  readonly checkPlace: () => void
  readonly database: lmdb.RootDatabase<Buffer, Buffer>
  readonly onCommit: (record: CommitRecord) => void
  readonly path: string
  readonly reservedSpace: ReservedSpace.ReservedSpace
  /** The summary as of the last commit. */
  summary: Sealed.Summary
  /** Why nothing can be written any more. */
  broken: StorageError | undefined
}

export const open = (options: Options): Effect.Effect<Database, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const { onCommit = () => undefined, path } = options
    const database = yield* openDatabase(options)
    const reservedSpace = yield* ReservedSpace.make(dataFile(path), usageOf(database), options.writeZeros)
    const state: State = {
      checkPlace: guard(path, () => watchPlace(path)),
      database,
      onCommit,
      path,
      reservedSpace,
      summary: guard(path, () => Sealed.unpackSummary(database.getBinary(Sealed.summaryKey))) ?? Sealed.emptySummary,
      broken: undefined
    }
    return {
      get: (key) => get(state, key),
      range: (from, to) => range(state, from, to),
      transact: (body, purpose) => transact(state, body, purpose),
      summary: () => state.summary,
      sequenceOf: (key) => {
        const sealed = database.getBinary(Sealed.toKeyBytes(key))
        return sealed === undefined ? undefined : Sealed.sequenceOf(sealed)
      },
      summarize: (after) => guard(path, () => summarize(state, after))
    }
  })

/** Turns whatever a call of LMDB throws into a {@link StorageError}. */
const guard = <A>(path: string, evaluate: () => A): A => {
  try {
    return evaluate()
  } catch (error) {
    throw error instanceof StorageError ? error : toStorageError(error, path)
  }
}

const check = (path: string, key: Buffer, sealed: Buffer): void => {
  if (!Sealed.isIntact(key, sealed)) throw new StorageError({ reason: "Io", message: "a record is damaged", path })
}

const get = <A>({ database, path }: State, key: string): A | undefined =>
  guard(path, () => {
    const bytes = Sealed.toKeyBytes(key)
    const sealed = database.getBinaryFast(bytes)
    if (sealed === undefined) return undefined
    check(path, bytes, sealed)
    return Sealed.unpack(sealed) as A
  })

/** Does not verify checksums, which would cost more than the rest: they held when the file was opened. */
function* range<A>({ database, path }: State, from: string, to: string): Generator<readonly [string, A]> {
  const start = Sealed.toKeyBytes(from)
  const entries = guard(path, () => database.getRange({ start, end: Sealed.toKeyBytes(to) })[Symbol.iterator]())
  const next = () => entries.next()
  try {
    for (let entry = guard(path, next); entry.done !== true; entry = guard(path, next)) {
      const { key, value } = entry.value
      yield [key.toString("latin1"), Sealed.unpack(value) as A] as const
    }
  } finally {
    entries.return?.()
  }
}

/** The writes of one transaction, and what they do to the summary. */
const makeTransaction = (state: State, purpose: Purpose) => {
  const { database, path, reservedSpace } = state
  let { count, sum } = state.summary
  const sequence = state.summary.sequence + 1
  let pages = 0
  const take = (bytes: number) => {
    pages += ReservedSpace.pagesFor(bytes)
    reservedSpace.ensure(pages, purpose)
  }
  const forget = (key: Buffer): boolean => {
    const before = database.getBinaryFast(key)
    if (before === undefined) return false
    count -= 1
    sum = Sealed.subtract(sum, Sealed.checksumOf(before))
    return true
  }
  const tx: Transaction = {
    get: (key) => get(state, key),
    range: (from, to) => range(state, from, to),
    sequence,
    put: (key, value) =>
      guard(path, () => {
        const bytes = Sealed.toKeyBytes(key)
        const sealed = Sealed.seal(bytes, Sealed.pack(value), sequence)
        if (pages === 0) take(0)
        take(sealed.length)
        forget(bytes)
        count += 1
        sum = Sealed.add(sum, Sealed.checksumOf(sealed))
        database.putSync(bytes, sealed)
      }),
    remove: (key) =>
      guard(path, () => {
        const bytes = Sealed.toKeyBytes(key)
        if (pages === 0) take(0)
        take(0)
        if (forget(bytes)) database.removeSync(bytes)
      })
  }
  /** Writes the summary; `undefined` when nothing was written. */
  const finish = (): Sealed.Summary | undefined => {
    if (pages === 0) return undefined
    const next = { sequence, count, sum }
    guard(path, () => database.putSync(Sealed.summaryKey, Sealed.packSummary(next)))
    return next
  }
  return { tx, finish, pages: () => pages }
}

const transact = <A>(state: State, body: (tx: Transaction) => A, purpose: Purpose = "store"): A => {
  if (state.broken !== undefined) throw state.broken
  guard(state.path, state.checkPlace)
  const transaction = makeTransaction(state, purpose)
  let thrown: { readonly error: unknown } | undefined
  let written: Sealed.Summary | undefined
  let result: A
  try {
    result = state.database.transactionSync(() => {
      try {
        const result = body(transaction.tx)
        written = transaction.finish()
        return result
      } catch (error) {
        thrown = { error }
        throw error
      }
    })
  } catch (error) {
    if (thrown !== undefined) throw thrown.error
    // LMDB itself met a full disk: another transaction could end the process
    if (isWriteFailure(error)) state.broken = toStorageError(error, state.path)
    throw toStorageError(error, state.path)
  }
  if (written !== undefined) {
    state.summary = written
    state.reservedSpace.spend(transaction.pages())
    state.onCommit({ sequence: written.sequence })
  }
  return result
}

const summarize = (state: State, after: number): void => {
  const { database, path } = state
  const sequence = Math.max(after, state.summary.sequence) + 1
  let [count, sum] = [0, 0]
  for (const { key, value } of database.getRange({ end: Sealed.summaryKey })) {
    check(path, key, value)
    count += 1
    sum = Sealed.add(sum, Sealed.checksumOf(value))
  }
  const next = { sequence, count, sum }
  database.putSync(Sealed.summaryKey, Sealed.packSummary(next))
  state.summary = next
}

/** Whether LMDB's file is there and not empty. */
export const exists = (path: string): boolean => {
  const stats = statSync(dataFile(path), { throwIfNoEntry: false })
  return stats !== undefined && stats.size > 0
}
