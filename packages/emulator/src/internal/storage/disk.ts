/**
 * Storage in a directory: records in LMDB, bodies above 64 KiB in files named by ids of their own.
 *
 * Transactions are synchronous: a failed commit is then an exception at its caller (an asynchronous one of `lmdb` ends the
 * process when the disk is full), and nothing can happen between a decision and its write.
 */
import { Buffer } from "node:buffer"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as lmdb from "lmdb"
import * as Bodies from "./bodies/bodies.js"
import * as Files from "./bodies/files.js"
import { toStorageError } from "./directory/diskError.js"
import * as Engine from "./engine.js"
import type { Records, Transaction } from "./records/tables.js"
import { Storage, type StorageError } from "./Storage.js"

export interface Options {
  /** Created when missing. One process at a time: a second one is refused. */
  readonly directory: string
  /**
   * Waits for the disk at every write. Without it, what was acknowledged survives the end of the process however it
   * ends, but a power cut or a crash of the operating system may cost the whole directory. Default `false`.
   */
  readonly durable?: boolean
}

// -------------------------------------------------------------------------------------
// records
// -------------------------------------------------------------------------------------

const toBytes = (key: string) => Buffer.from(key, "latin1")

const openRecords = ({ directory, durable }: Required<Options>): Effect.Effect<Records, StorageError, Scope.Scope> => {
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
// storage
// -------------------------------------------------------------------------------------

/** Opens the directory and removes what a crash left in it. */
export const make = ({
  directory,
  durable = false
}: Options): Effect.Effect<Storage.Service, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const options = { directory, durable }
    const files = yield* Files.make(options)
    const records = yield* openRecords(options)
    yield* Bodies.sweep(records, files)
    const bodies = yield* Effect.acquireRelease(
      Effect.sync(() => Bodies.make(records, files)),
      (bodies) => bodies.idle
    )
    return Engine.make(records, bodies)
  })

export const layer = (options: Options): Layer.Layer<Storage, StorageError> => Layer.scoped(Storage, make(options))
