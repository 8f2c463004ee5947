/**
 * Storage in a directory: records in LMDB, bodies above 64 KiB in files named by ids of their own.
 *
 * Transactions are synchronous: a failed commit is then an exception at its caller (an asynchronous one of `lmdb` ends the
 * process when the disk is full), and nothing can happen between a decision and its write.
 */
import { Buffer } from "node:buffer"
import { mkdirSync } from "node:fs"
import { type FileHandle, open as openFile, unlink } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as lmdb from "lmdb"
import * as Bodies from "./bodies.js"
import * as Engine from "./engine.js"
import type { Records, Transaction } from "./records.js"
import { Storage, StorageError } from "./Storage.js"

export interface Options {
  /** Created when missing. One process at a time: a second one is refused. */
  readonly directory: string
  /**
   * Waits for the disk at every write. Without it, what was acknowledged survives the end of the process however it
   * ends, but a power cut or a crash of the operating system may cost the whole directory. Default `false`.
   */
  readonly durable?: boolean
}

const full = new Set<unknown>(["ENOSPC", "EDQUOT", 28, 122])

const toStorageError = (error: unknown, path: string): StorageError => {
  const { code, message } = error as NodeJS.ErrnoException
  return full.has(code)
    ? new StorageError({ reason: "DiskFull", message: "no space left on the disk", path })
    : new StorageError({ reason: "Io", message: message ?? String(error), path })
}

const tryPromise = <A>(path: string, evaluate: () => Promise<A>): Effect.Effect<A, StorageError> =>
  Effect.tryPromise({ try: evaluate, catch: (error) => toStorageError(error, path) })

// -------------------------------------------------------------------------------------
// records
// -------------------------------------------------------------------------------------

const toBytes = (key: string) => Buffer.from(key, "latin1")

const openRecords = ({ directory, durable = false }: Options): Effect.Effect<Records, StorageError, Scope.Scope> => {
  const path = join(directory, "records")
  const guard = <A>(evaluate: () => A): A => {
    try {
      return evaluate()
    } catch (error) {
      throw toStorageError(error, path)
    }
  }
  const open = Effect.try({
    try: () => {
      const database = lmdb.open<unknown, Buffer>({
        path,
        keyEncoding: "binary",
        encoding: "msgpack",
        noSync: !durable,
        overlappingSync: false
      })
      database.readerCheck()
      // our slot in the table of readers, which shows others that the directory is in use
      database.get(toBytes("\0"))
      const others = [...database.readerList().matchAll(/^ *(\d+) /gm)].filter(([, pid]) => Number(pid) !== process.pid)
      if (others.length === 0) return database
      void database.close()
      throw new Error(`in use by process ${others[0]?.[1]}`)
    },
    catch: (error) => toStorageError(error, path)
  })
  return Effect.map(
    Effect.acquireRelease(open, (database) => Effect.promise(() => database.close())),
    (database) => {
      const tx: Transaction = {
        get: <A>(key: string) => guard(() => database.get(toBytes(key)) as A | undefined),
        *range<A>(from: string, to: string) {
          const entries = guard(() => database.getRange({ start: toBytes(from), end: toBytes(to) })[Symbol.iterator]())
          try {
            for (let next = guard(() => entries.next()); next.done !== true; next = guard(() => entries.next())) {
              yield [next.value.key.toString("latin1"), next.value.value as A] as const
            }
          } finally {
            entries.return?.()
          }
        },
        put: (key, value) => {
          guard(() => database.putSync(toBytes(key), value))
        },
        remove: (key) => {
          guard(() => database.removeSync(toBytes(key)))
        }
      }
      return {
        get: tx.get,
        range: tx.range,
        transact: (body) => {
          let thrown: { readonly error: unknown } | undefined
          try {
            return database.transactionSync(() => {
              try {
                return body(tx)
              } catch (error) {
                thrown = { error }
                throw error
              }
            })
          } catch (error) {
            throw thrown === undefined ? toStorageError(error, path) : thrown.error
          }
        }
      }
    }
  )
}

// -------------------------------------------------------------------------------------
// files
// -------------------------------------------------------------------------------------

const openFiles = ({ directory, durable = false }: Options): Effect.Effect<Bodies.Files, StorageError> => {
  const bodies = join(directory, "bodies")
  const shards = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"))
  // an id is a letter and a UUID, which is chance from its first digit on
  const shardOf = (id: string) => join(bodies, id.slice(1, 3))
  const pathOf = (id: string) => join(shardOf(id), id)

  const openHandle = (path: string, flags: "r" | "wx"): Effect.Effect<FileHandle, StorageError, Scope.Scope> =>
    Effect.acquireRelease(
      tryPromise(path, () => openFile(path, flags)),
      // a descriptor that does not close is not the reader's or writer's problem: what counts was awaited before
      (handle) => Effect.promise(() => handle.close().catch(() => undefined))
    )

  /** Directories cannot be opened on Windows, nor need they be. */
  const syncDirectory = (path: string) =>
    process.platform === "win32"
      ? Effect.void
      : Effect.scoped(Effect.flatMap(openHandle(path, "r"), (handle) => tryPromise(path, () => handle.sync())))

  const writerOf = (handle: FileHandle, path: string, shard: string): Bodies.FileWriter => {
    let position = 0
    let spare: Uint8Array<ArrayBuffer> | undefined
    let pending: Promise<unknown> = Promise.resolve()
    const writeAll = async (block: Uint8Array, at: number): Promise<void> => {
      for (let done = 0; done < block.length; ) {
        done += (await handle.write(block, done, block.length - done, at + done)).bytesWritten
      }
    }
    const settled = tryPromise(path, () => pending)
    return {
      // the next block is filled and hashed while this one is written
      write: (block) =>
        Effect.map(settled, () => {
          pending = writeAll(block, position)
          // its failure is the next caller's; nobody may be left to ask for it
          pending.catch(() => undefined)
          position += block.length
          if (block.length < Bodies.blockSize) return new Uint8Array(0)
          const next = spare ?? new Uint8Array(Bodies.blockSize)
          spare = new Uint8Array(block.buffer as ArrayBuffer)
          return next
        }),
      finish: durable
        ? settled.pipe(Effect.zipRight(tryPromise(path, () => handle.sync())), Effect.zipRight(syncDirectory(shard)))
        : settled
    }
  }

  const files: Bodies.Files = {
    create: (id) => Effect.map(openHandle(pathOf(id), "wx"), (handle) => writerOf(handle, pathOf(id), shardOf(id))),
    read: (id, offset, length) => {
      const path = pathOf(id)
      const end = offset + length
      return Stream.unwrapScoped(
        Effect.map(openHandle(path, "r"), (handle) =>
          Stream.unfoldEffect(offset, (position) => {
            if (position >= end) return Effect.succeedNone
            const block = Buffer.allocUnsafeSlow(Math.min(Bodies.blockSize, end - position))
            return Effect.flatMap(
              tryPromise(path, () => handle.read(block, 0, block.length, position)),
              ({ bytesRead }) =>
                bytesRead === 0
                  ? Effect.fail(new StorageError({ reason: "Io", message: "the file is shorter than its body", path }))
                  : Effect.succeed(Option.some([block.subarray(0, bytesRead), position + bytesRead] as const))
            )
          })
        )
      )
    },
    remove: (id) =>
      unlink(pathOf(id)).then(
        () => true,
        (error) => error.code === "ENOENT"
      )
  }
  return Effect.gen(function* () {
    yield* Effect.try({
      try: () => {
        for (const shard of shards) mkdirSync(join(bodies, shard), { recursive: true })
      },
      catch: (error) => toStorageError(error, bodies)
    })
    if (durable) yield* Effect.forEach([bodies, directory], syncDirectory)
    return files
  })
}

// -------------------------------------------------------------------------------------
// storage
// -------------------------------------------------------------------------------------

/** Opens the directory and removes what a crash left in it. */
export const make = (options: Options): Effect.Effect<Storage.Service, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* openFiles(options)
    const records = yield* openRecords(options)
    yield* Bodies.sweep(records, files)
    const bodies = yield* Effect.acquireRelease(
      Effect.sync(() => Bodies.make(records, files)),
      (bodies) => bodies.idle
    )
    return Engine.make(records, bodies)
  })

export const layer = (options: Options): Layer.Layer<Storage, StorageError> => Layer.scoped(Storage, make(options))
