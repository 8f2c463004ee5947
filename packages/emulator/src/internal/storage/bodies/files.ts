/**
 * Bodies in files of a directory, named by ids of their own.
 */
import { mkdirSync, readdirSync, statSync } from "node:fs"
import { type FileHandle, open as openFile, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { StorageError } from "../Storage.js"
import { toStorageError } from "../storageErrors.js"
import * as BufferPool from "./bufferPool.js"
import * as Md5Thread from "./md5Thread.js"
import * as Labels from "./recoveryLabels.js"

export interface Files {
  /** A new, empty file; closed with the scope. */
  readonly create: (id: string) => Effect.Effect<FileWriter, StorageError, Scope.Scope>
  /** Throws {@link StorageError} when there is no such file. */
  readonly look: (id: string) => Look
  /** The chunks may be given back with `BufferPool.release`. */
  readonly read: (id: string, offset: number, length: number) => Stream.Stream<Uint8Array, StorageError>
  /** Resolves to whether the file is gone; never rejects. */
  readonly remove: (id: string) => Promise<boolean>
  /** Writes behind the bytes of a body which record names it; throws {@link StorageError}. */
  readonly label: (id: string, size: number, label: Labels.Label) => void
}

export interface Look {
  /** In bytes, with the labels behind the body. */
  readonly size: number
  /** Another one whenever the file was changed. */
  readonly stamp: string
}

export interface FileWriter {
  /** Appends the bytes, which are copied before it ends. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, StorageError>
  /** Waits until all is written, and gives its MD5, in hexadecimal. */
  readonly finish: Effect.Effect<string, StorageError>
}

const tryPromise = <A>(path: string, evaluate: () => Promise<A>): Effect.Effect<A, StorageError> =>
  Effect.tryPromise({ try: evaluate, catch: (error) => toStorageError(error, path) })

const openHandle = (path: string, flags: "r" | "wx"): Effect.Effect<FileHandle, StorageError, Scope.Scope> =>
  Effect.acquireRelease(
    tryPromise(path, () => openFile(path, flags)),
    // ignores errors of closing: everything that matters was awaited before
    (handle) => Effect.promise(() => handle.close().catch(() => undefined))
  )

/** Does nothing on Windows, where directories cannot be opened and need no sync. */
const syncDirectory = (path: string) =>
  process.platform === "win32"
    ? Effect.void
    : Effect.scoped(Effect.flatMap(openHandle(path, "r"), (handle) => tryPromise(path, () => handle.sync())))

/** A writer with two blocks: one is filled while the other is hashed and written. */
const makeWriter = (
  handle: FileHandle,
  path: string,
  startMd5: () => Md5Thread.Md5
): Effect.Effect<FileWriter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const md5 = startMd5()
    let block = BufferPool.shared.take()
    let other = BufferPool.shared.take()
    let used = 0
    let position = 0
    let pending: Promise<unknown> = Promise.resolve()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        md5.drop()
        const giveBack = () => {
          BufferPool.shared.giveBack(block)
          BufferPool.shared.giveBack(other)
        }
        // after a failure the blocks may still be in use, so they are not given back
        pending.then(giveBack, () => undefined)
      })
    )
    const writeAll = async (bytes: Uint8Array, at: number): Promise<void> => {
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
      }
    }
    const settled = tryPromise(path, () => pending)
    const flush = Effect.map(settled, () => {
      const bytes = block.subarray(0, used)
      pending = Promise.all([md5.update(bytes), writeAll(bytes, position)])
      // a later call reports the failure; without a later call it must not become an unhandled rejection
      pending.catch(() => undefined)
      position += used
      used = 0
      ;[block, other] = [other, block]
    })
    const write = (bytes: Uint8Array): Effect.Effect<void, StorageError> =>
      Effect.suspend(() => {
        const next = bytes.subarray(0, BufferPool.size - used)
        BufferPool.copyInto(block, next, used)
        used += next.length
        if (used < BufferPool.size) return Effect.void
        return Effect.zipRight(flush, write(bytes.subarray(next.length)))
      })
    return {
      write,
      finish: Effect.suspend(() => (used > 0 ? flush : Effect.void)).pipe(
        Effect.zipRight(settled),
        Effect.zipRight(tryPromise(path, () => md5.digest()))
      )
    }
  })

/** Where the files of bodies lie. */
export const directoryOf = (directory: string): string => join(directory, "bodies")

/** An id is a letter and a UUID, whose first digits spread the files evenly over the folders. */
export const pathOf = (directory: string, id: string): string => join(directoryOf(directory), id.slice(1, 3), id)

export const make = (options: {
  readonly directory: string
  /** Waits for the disk at every write. */
  readonly durable: boolean
}): Effect.Effect<Files, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const { directory, durable } = options
    const bodies = directoryOf(directory)
    const shards = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"))
    const startMd5 = yield* Md5Thread.make

    yield* Effect.try({
      try: () => {
        mkdirSync(bodies, { recursive: true })
        const made = new Set(readdirSync(bodies))
        for (const shard of shards) if (!made.has(shard)) mkdirSync(join(bodies, shard))
      },
      catch: (error) => toStorageError(error, bodies)
    })
    if (durable) yield* Effect.forEach([bodies, directory], syncDirectory)

    return {
      create: (id) =>
        Effect.gen(function* () {
          const path = pathOf(directory, id)
          const handle = yield* openHandle(path, "wx")
          const writer = yield* makeWriter(handle, path, startMd5)
          if (!durable) return writer
          const sync = Effect.zipRight(
            tryPromise(path, () => handle.sync()),
            syncDirectory(dirname(path))
          )
          return { ...writer, finish: Effect.zipLeft(writer.finish, sync) }
        }),
      look: (id) => {
        const path = pathOf(directory, id)
        try {
          const { ctimeMs, ino, mtimeMs, size } = statSync(path)
          return { size, stamp: `${ino} ${size} ${mtimeMs} ${ctimeMs}` }
        } catch (error) {
          throw toStorageError(error, path)
        }
      },
      read: (id, offset, length) => {
        const path = pathOf(directory, id)
        const end = offset + length
        return Stream.unwrapScoped(
          Effect.map(openHandle(path, "r"), (handle) =>
            Stream.unfoldEffect(offset, (position) => {
              if (position >= end) return Effect.succeedNone
              const block = BufferPool.forReading(end - position)
              return Effect.flatMap(
                tryPromise(path, () => handle.read(block, 0, block.length, position)),
                ({ bytesRead }) =>
                  bytesRead === 0
                    ? Effect.fail(
                        new StorageError({ reason: "Io", message: "the file is shorter than its body", path })
                      )
                    : Effect.succeed(Option.some([BufferPool.lend(block, bytesRead), position + bytesRead] as const))
              )
            })
          )
        )
      },
      remove: (id) =>
        unlink(pathOf(directory, id)).then(
          () => true,
          (error) => error.code === "ENOENT"
        ),
      label: (id, size, label) => {
        const path = pathOf(directory, id)
        try {
          Labels.write(path, id, size, label)
        } catch (error) {
          const failure = toStorageError(error, path)
          // ignores files that were changed from outside: their readers get an error
          if (failure.reason === "DiskFull") throw failure
        }
      }
    }
  })
