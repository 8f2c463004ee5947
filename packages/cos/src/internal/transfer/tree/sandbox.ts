/** A directory that nothing leaves: hostile names and links lead nowhere else. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UnsafeKey } from "../../../CosError.js"
import type { LocalPath } from "../../../ObjectKey.js"
import * as fairSemaphore from "../fairSemaphore.js"

export interface Sandbox {
  /**
   * Makes the folders that a key's file lies in, or the folder that it stands for, and gives its path. A link on the way
   * is refused, wherever it leads: two names could be one file.
   */
  readonly pathFor: (key: string, path: LocalPath) => Effect.Effect<string, UnsafeKey | PlatformError>
}

const isThere = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "AlreadyExists"

/** Folders that are not looked at again. */
const remembered = 10_000

/** Makes the directory if it is not there. */
export const make = (directory: string): Effect.Effect<Sandbox, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    yield* fs.makeDirectory(directory, { recursive: true })
    const root = yield* fs.realPath(directory)
    const known = new Set<string>()
    /** The first of many files makes their folder, and the others find it made. */
    const lock = fairSemaphore.make(1)

    const refuse = (key: string, reason: string) => Effect.fail(new UnsafeKey({ key, reason }))
    const isLink = (path: string) => Effect.map(Effect.option(fs.readLink(path)), Option.isSome)
    const folder = (key: string, path: string) =>
      Effect.gen(function* () {
        if (known.has(path)) return
        yield* fs.makeDirectory(path).pipe(
          Effect.catchIf(isThere, () =>
            Effect.gen(function* () {
              if (yield* isLink(path)) return yield* refuse(key, "Link")
              const { type } = yield* fs.stat(path)
              if (type !== "Directory") return yield* refuse(key, "FileInPlaceOfFolder")
            })
          )
        )
        // With a list in order, the folders to come are rarely those of long ago.
        if (known.size === remembered) known.clear()
        known.add(path)
      })
    const makeFolders = (key: string, segments: ReadonlyArray<string>) =>
      lock.withPermit(
        Effect.gen(function* () {
          let path = root
          for (const segment of segments) {
            path = join(path, segment)
            yield* folder(key, path)
          }
        })
      )
    return {
      pathFor: (key, { directory, segments }) =>
        Effect.gen(function* () {
          const folders = directory ? segments : segments.slice(0, -1)
          const parent = join(root, ...folders)
          if (folders.length > 0 && !known.has(parent)) yield* makeFolders(key, folders)
          if (directory) return parent
          const path = join(parent, segments.at(-1) ?? "")
          return (yield* isLink(path)) ? yield* refuse(key, "Link") : path
        })
    }
  })
