/** The file that a download writes to until it is whole. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Crc64 from "../../../Crc64.js"
import { isTemporaryName, makeTemporaryName } from "../../file/temporaryName.js"
import { claimTemporaryFile } from "../inUse.js"
import type { DoneRange } from "./doneRanges.js"
import { type DownloadTarget, directoryOf, nameOf, temporaryMode } from "./target.js"

/** Whether a path that was stored can be that of a temporary file of this target. It may have been written by anybody. */
export const canBeOurs = (temporaryPath: string, target: DownloadTarget): boolean =>
  directoryOf(temporaryPath) === directoryOf(target.path) && isTemporaryName(nameOf(temporaryPath))

/** Whether it is still there, and no link to elsewhere. */
export const isThere = (temporaryPath: string): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (Option.isSome(yield* Effect.option(fs.readLink(temporaryPath)))) return false
    return Option.exists(yield* Effect.option(fs.stat(temporaryPath)), ({ type }) => type === "File")
  })

/** Makes an empty one beside the target, under a name that nothing has. */
export const create = (target: DownloadTarget) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const mode = temporaryMode(target)
    const path = directoryOf(target.path) + (yield* makeTemporaryName)
    yield* fs.writeFile(path, new Uint8Array(0), { flag: "wx", ...(mode === undefined ? {} : { mode }) })
    yield* claimTemporaryFile(path)
    return path
  }).pipe(
    Effect.retry({ times: 3, while: (error) => error._tag === "SystemError" && error.reason === "AlreadyExists" })
  )

export const remove = (path: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.catchAll(fs.remove(path, { force: true }), (error) =>
      Effect.logWarning("a temporary file could not be removed", error.message)
    )
  )

/** Opens it to be read and written at any place, by one fiber at a time. */
export const open = (path: string, size: number) =>
  Effect.gen(function* () {
    const file = yield* (yield* FileSystem.FileSystem).open(path, { flag: "r+" })
    yield* file.truncate(FileSystem.Size(size))
    const lock = yield* Effect.makeSemaphore(1)
    const at = <A>(offset: number, use: Effect.Effect<A, PlatformError>) =>
      Effect.zipRight(file.seek(FileSystem.Size(offset), "start"), use).pipe(
        lock.withPermits(1),
        // The system goes on reading or writing until it is done, even if nobody waits for it any more.
        Effect.uninterruptible
      )
    /** Whether the buffer was filled. */
    const fill = (buffer: Uint8Array) =>
      Effect.gen(function* () {
        let filled = 0
        while (filled < buffer.byteLength) {
          const count = Number(yield* file.read(buffer.subarray(filled)))
          if (count === 0) return false
          filled += count
        }
        return true
      })
    return {
      write: (offset: number, bytes: Uint8Array) => at(offset, file.writeAll(bytes)),
      /** Whether the file holds the bytes that this range had. */
      holds: ({ crc64, offset, size }: DoneRange, buffer: Uint8Array) =>
        Effect.gen(function* () {
          const crc = Crc64.make()
          for (let at_ = offset; at_ < offset + size; at_ += buffer.byteLength) {
            const bytes = buffer.subarray(0, Math.min(buffer.byteLength, offset + size - at_))
            if (!(yield* at(at_, fill(bytes)))) return false
            crc.update(bytes)
          }
          return crc.value === crc64
        }),
      sync: file.sync
    }
  })
