/** The objects below a prefix, to be downloaded, and the local names that they get. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import { UnsafeKey } from "../../../CosError.js"
import * as ObjectKey from "../../../ObjectKey.js"
import * as bucket from "../../../operations/bucket.js"
import * as object from "../../../operations/object.js"
import type { DownloadError, DownloadFileInput, DownloadFilesItem, RemoteObject, RemoteTree } from "../model.js"
import type * as batch from "./batch.js"
import * as root from "./sandbox.js"
import * as selection from "./selection.js"

export interface LocatedObject {
  readonly key: string
  /** Bytes; not known of keys that were given. */
  readonly size: number | undefined
  readonly local: Either.Either<ObjectKey.LocalPath, UnsafeKey>
}

/**
 * Gives each key its local path, or says why there is none. Of names that a file system could keep as one, the first one
 * in the list has it.
 */
export const locate = (
  objects: ReadonlyArray<Pick<LocatedObject, "key" | "size">>,
  prefix: string,
  platform: ObjectKey.Platform
): ReadonlyArray<LocatedObject> => {
  const taken = new Map<string, "file" | "folder">()
  const fold = (name: string) => (platform === "posix" ? name : ObjectKey.collisionKey(name))
  const take = (path: ObjectKey.LocalPath): boolean => {
    const names = path.segments.map((_, i) => fold(path.segments.slice(0, i + 1).join("/")))
    const folders = path.directory ? names : names.slice(0, -1)
    const file = path.directory ? undefined : names.at(-1)
    if (folders.some((name) => taken.get(name) === "file") || (file !== undefined && taken.has(file))) return false
    for (const name of folders) taken.set(name, "folder")
    if (file !== undefined) taken.set(file, "file")
    return true
  }
  return objects.map(({ key, size }) => {
    const refuse = (reason: string) => Either.left(new UnsafeKey({ key, reason }))
    const path = (): Either.Either<ObjectKey.LocalPath, UnsafeKey> => {
      if (!key.startsWith(prefix)) return refuse("NotBelowPrefix")
      // The marker of the prefix itself.
      if (key === prefix && key.endsWith("/")) return Either.right({ segments: [], directory: true })
      return Either.match(ObjectKey.toLocalPath(key.slice(prefix.length), { platform }), {
        onLeft: ({ reason }) => refuse(reason),
        onRight: (path) =>
          path.directory && size !== undefined && size > 0
            ? refuse("FolderWithContent")
            : take(path)
              ? Either.right(path)
              : refuse("Collision")
      })
    }
    return { key, size, local: path() }
  })
}

const listTree = (tree: RemoteTree) =>
  Effect.gen(function* () {
    const { bucket: name, prefix = "", region } = tree
    const selected = yield* selection.make("Download.files", tree)
    const objects = yield* bucket.listObjects.items({ bucket: name, region, prefix }).pipe(
      Stream.map(
        ({ eTag, key, lastModified, size, storageClass }): RemoteObject => ({
          name: key.slice(prefix.length),
          key,
          size,
          lastModified,
          eTag,
          storageClass
        })
      ),
      Stream.filter((object) => selected.has(object.name, object)),
      Stream.runCollect
    )
    return Array.from(objects, ({ key, size }) => ({ key, size }))
  })

/** One object. `pathFor` makes the folders on the way and gives the path of the file, none for a folder. */
export interface Planned extends batch.Planned<DownloadFilesItem, UnsafeKey> {
  readonly pathFor: Effect.Effect<string | undefined, DownloadError | UnsafeKey | PlatformError, CosClient>
}

/** Checks that a folder's marker, given without its size, is there and empty. */
const checkMarker = (target: Pick<RemoteTree, "bucket" | "region" | "customerKey">, key: string) =>
  Effect.flatMap(object.headObject({ ...target, key }), ({ contentLength }) =>
    contentLength === 0 ? Effect.void : Effect.fail(new UnsafeKey({ key, reason: "FolderWithContent" }))
  )

export const plan = (tree: RemoteTree) =>
  Effect.gen(function* () {
    const { bucket, customerKey, keys, prefix = "", region, trafficLimit } = tree
    const { join } = yield* Path.Path
    const objects = keys === undefined ? yield* listTree(tree) : keys.map((key) => ({ key, size: undefined }))
    const { pathFor } = yield* root.make(tree.directory)
    return locate(objects, prefix, tree.platform ?? "portable").map(({ key, local, size }): Planned => {
      const target = { bucket, region, customerKey, trafficLimit }
      const path = Either.map(local, ({ segments }) => join(tree.directory, ...segments))
      return {
        input: { ...target, key, path: Either.getOrUndefined(path) },
        size,
        refused: Option.getOrUndefined(Either.getLeft(local)),
        pathFor: Effect.gen(function* () {
          const place = yield* local
          if (place.directory && size === undefined) yield* checkMarker({ bucket, region, customerKey }, key)
          const entered = yield* pathFor(key, place)
          return place.directory ? undefined : entered
        })
      }
    })
  })

export const planList = (inputs: ReadonlyArray<DownloadFileInput>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { dirname } = yield* Path.Path
    return inputs.map(
      (input): Planned => ({
        input,
        size: undefined,
        pathFor: Effect.as(fs.makeDirectory(dirname(input.path), { recursive: true }), input.path)
      })
    )
  })
