/** The file that a download writes to until it is whole. */
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { NewFile, Steps } from "../../../CosFileSystem.js"
import * as Crc64 from "../../../Crc64.js"
import { fill } from "../../file/fileContent.js"
import { writesAtPosition } from "../../file/positionalWrites.js"
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

/** A new one, and the handle that it was made with. */
export interface Created {
  readonly path: string
  readonly handle: FileSystem.File
}

const isTaken = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "AlreadyExists"

/** How often another name is tried where one is taken. */
const otherNames = 3

/** Makes an empty one beside the target, by one step of the file system. Nobody else can know of it. */
export const createBy = (
  steps: Steps,
  target: DownloadTarget,
  retries = otherNames
): Effect.Effect<{ readonly path: string; readonly file: NewFile }, PlatformError> =>
  Effect.flatMap(makeTemporaryName, (name) => {
    const path = directoryOf(target.path) + name
    return Effect.matchEffect(steps.create(path, temporaryMode(target)), {
      onFailure: (error) => (retries > 0 && isTaken(error) ? createBy(steps, target, retries - 1) : Effect.fail(error)),
      onSuccess: (file) => Effect.succeed({ path, file })
    })
  })

/** Makes an empty one beside the target, under a name that nothing has. The handle closes with `handles`. */
export const create = (target: DownloadTarget, handles: Scope.Scope) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const mode = temporaryMode(target)
    const path = directoryOf(target.path) + (yield* makeTemporaryName)
    const opened = fs.open(path, { flag: "wx+", ...(mode === undefined ? {} : { mode }) })
    const handle = yield* Scope.extend(opened, handles)
    yield* claimTemporaryFile(path)
    return { path, handle } satisfies Created
  }).pipe(Effect.retry({ times: otherNames, while: isTaken }))

export const remove = (path: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.catchAll(fs.remove(path, { force: true }), (error) =>
      Effect.logWarning("a temporary file could not be removed", error.message)
    )
  )

/** It is kept, though it is not known whether a later run can find it. */
export const reportUnfindable = (path: string): Effect.Effect<void> =>
  Effect.logWarning(
    "a temporary file is kept, but the store of its checkpoint does not answer, so that a later run may not find it",
    path
  )

/** A temporary file that is being written. */
export interface OpenFile {
  /** Whether ranges can be written in any order. If not, a range is only kept if all before it are there. */
  readonly isPositional: boolean
  readonly write: (offset: number, bytes: Uint8Array) => Effect.Effect<void, PlatformError>
  /** Whether the file holds the bytes that this range had. */
  readonly holds: (range: DoneRange, buffer: Uint8Array) => Effect.Effect<boolean, PlatformError>
  /** Flushes the file, which must have its whole size now, and tells whose it is. */
  readonly finish: Effect.Effect<FileSystem.File.Info, PlatformError>
}

/** Reads and writes at any place, by one fiber at a time. */
const at = (file: FileSystem.File, lock: Effect.Semaphore) => {
  let isNew = true
  const seek = (offset: number) =>
    Effect.suspend(() => {
      const isThere = isNew && offset === 0
      isNew = false
      return isThere ? Effect.void : file.seek(FileSystem.Size(offset), "start")
    })
  return <A>(offset: number, use: Effect.Effect<A, PlatformError>) =>
    Effect.zipRight(seek(offset), use).pipe(
      lock.withPermits(1),
      // The system goes on reading or writing until it is done, even if nobody waits for it any more.
      Effect.uninterruptible
    )
}

const holds =
  (read: (offset: number, bytes: Uint8Array) => Effect.Effect<number, PlatformError>): OpenFile["holds"] =>
  ({ crc64, offset, size }, buffer) =>
    Effect.gen(function* () {
      const crc = Crc64.make()
      for (let from = offset; from < offset + size; from += buffer.byteLength) {
        const bytes = buffer.subarray(0, Math.min(buffer.byteLength, offset + size - from))
        if ((yield* read(from, bytes)) < bytes.byteLength) return false
        crc.update(bytes)
      }
      return crc.value === crc64
    })

const finish = (file: FileSystem.File, path: string, size: number): OpenFile["finish"] =>
  Effect.flatMap(file.stat, (info) =>
    Number(info.size) === size
      ? Effect.as(file.sync, info)
      : new SystemError({
          module: "FileSystem",
          method: "write",
          reason: "Unknown",
          pathOrDescriptor: path,
          description: `the file has ${info.size} bytes after ${size} were written`
        })
  )

/** For a file system that only writes after what it wrote before. What lies behind a gap is cut off. */
const openInOrder = (fs: FileSystem.FileSystem, path: string, size: number) =>
  Effect.gen(function* () {
    const file = yield* fs.open(path, { flag: "a+" })
    const read = at(file, yield* Effect.makeSemaphore(1))
    const holdsRange = holds((offset, bytes) => read(offset, fill(file, bytes)))
    let end = 0
    return {
      isPositional: false,
      write: (offset, bytes) =>
        Effect.suspend(() => {
          end = offset + bytes.byteLength
          return Effect.zipRight(file.truncate(FileSystem.Size(offset)), file.writeAll(bytes))
        }).pipe(Effect.uninterruptible),
      holds: (range, buffer) =>
        range.offset !== end
          ? Effect.succeed(false)
          : Effect.tap(holdsRange(range, buffer), (held) =>
              Effect.sync(() => {
                if (held) end += range.size
              })
            ),
      finish: Effect.zipRight(
        Effect.suspend(() => file.truncate(FileSystem.Size(end))),
        finish(file, path, size)
      )
    } satisfies OpenFile
  })

const openPositional = (
  fs: FileSystem.FileSystem,
  path: string,
  created: FileSystem.File | undefined,
  { isOnePart, size }: Shape
) =>
  Effect.gen(function* () {
    const file = created ?? (yield* fs.open(path, { flag: "r+" }))
    // Its room is taken before much is fetched in vain.
    if (created === undefined || !isOnePart) yield* file.truncate(FileSystem.Size(size))
    const use = at(file, yield* Effect.makeSemaphore(1))
    return {
      isPositional: true,
      write: (offset, bytes) => use(offset, file.writeAll(bytes)),
      holds: holds((offset, bytes) => use(offset, fill(file, bytes))),
      finish: finish(file, path, size)
    } satisfies OpenFile
  })

/** What will be written. */
interface Shape {
  readonly isOnePart: boolean
  readonly size: number
}

/** A file that is written at once needs no positions. `created`: the handle of a new one. */
export const open = (
  path: string,
  created: FileSystem.File | undefined,
  shape: Shape
): Effect.Effect<OpenFile, PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const isPositional = shape.isOnePart || (yield* writesAtPosition(directoryOf(path)))
    return yield* isPositional ? openPositional(fs, path, created, shape) : openInOrder(fs, path, shape.size)
  })
