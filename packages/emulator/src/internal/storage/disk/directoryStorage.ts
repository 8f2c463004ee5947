/**
 * Storage in a directory: records in LMDB, bodies above 64 KiB in files named by ids of their own.
 *
 * | | |
 * |---|---|
 * | `owner` | locked by whoever has the directory open |
 * | `records/` | LMDB's files |
 * | `commits` | the number of the last commit: what the records are checked against |
 * | `bodies/` | a file for each large body, in 256 folders |
 * | `damaged-<n>/` | what was put aside when the records had to be recovered |
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Bodies from "../bodies/bodies.js"
import * as Files from "../bodies/files.js"
import * as Engine from "../engine/engine.js"
import { Storage, type StorageError } from "../Storage.js"
import type { WriteZeros } from "./fullDisk.js"
import * as Lock from "./lock.js"
import { openRecords } from "./openRecords.js"

export interface Options {
  /** Created when missing. It has one owner at a time: a second one is refused, in this process too. */
  readonly directory: string
  /**
   * Waits for the disk at every write. Without it, what was acknowledged survives the end of the process however it
   * ends, but a power cut or a crash of the operating system may cost the whole directory. Default `false`.
   */
  readonly durable?: boolean
  /** Replaces the writes that reserve space for records, to simulate a full disk. */
  readonly writeZeros?: WriteZeros
}

/** Locks the directory, checks its records, opens it, and removes what a crash left in it. */
export const make = ({
  directory,
  durable = false,
  writeZeros
}: Options): Effect.Effect<Storage.Service, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const means = yield* Lock.acquire(directory)
    if (means === "unguarded") {
      yield* Effect.logWarning(
        `${directory} is not locked: this system offers no way, so see to it that nobody else opens it`
      )
    }
    const files = yield* Files.make({ directory, durable })
    const records = yield* openRecords({ directory, durable, writeZeros })
    yield* Bodies.sweep(records, files)
    const bodies = yield* Effect.acquireRelease(
      Effect.sync(() => Bodies.make(records, files)),
      (bodies) => bodies.idle
    )
    return Engine.make(records, bodies)
  })

export const layer = (options: Options): Layer.Layer<Storage, StorageError> => Layer.scoped(Storage, make(options))
