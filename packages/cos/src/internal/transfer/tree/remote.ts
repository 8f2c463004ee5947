/** The objects below a prefix, to be downloaded, and the local names that they get. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import { type PaginationStuck, UnsafeKey } from "../../../CosError.js"
import * as ObjectKey from "../../../ObjectKey.js"
import type * as Operation from "../../../Operation.js"
import * as bucket from "../../../operations/bucket.js"
import * as object from "../../../operations/object.js"
import { checkPath } from "../../file/checkPath.js"
import type { DownloadError, DownloadFileInput, DownloadFilesItem, RemoteObject, RemoteTree } from "../model.js"
import type * as batch from "./batch.js"
import { NameSet } from "./nameSet.js"
import * as root from "./sandbox.js"
import * as selection from "./selection.js"

/**
 * Gives each key its local path, or says why there is none. Of names that a file system could keep as one, the first one
 * that is asked for has it. So all names have to be remembered, wherever they stand in the list.
 */
const makeLocator = (prefix: string, platform: ObjectKey.Platform) => {
  const taken = new NameSet()
  const fold = (name: string) => (platform === "posix" ? name : ObjectKey.collisionKey(name))
  /** The folder that was taken last. */
  let last: string | undefined
  const takeFolders = (segments: ReadonlyArray<string>): boolean => {
    const path = segments.join("/")
    if (path === last) return true
    const names = segments.map((_, i) => fold(segments.slice(0, i + 1).join("/")))
    if (names.some((name) => taken.get(name) === "file")) return false
    for (const name of names) taken.set(name, "folder")
    last = path
    return true
  }
  const take = ({ directory, segments }: ObjectKey.LocalPath): boolean => {
    if (directory) return takeFolders(segments)
    const file = fold(segments.join("/"))
    if (taken.get(file) !== undefined || !takeFolders(segments.slice(0, -1))) return false
    taken.set(file, "file")
    return true
  }
  return (key: string, size: number | undefined): Either.Either<ObjectKey.LocalPath, UnsafeKey> => {
    const refuse = (reason: string) => Either.left(new UnsafeKey({ key, reason }))
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
}

/** What is listed of a tree. */
type ListedTree = Pick<RemoteTree, "bucket" | "region" | "prefix" | "include" | "exclude" | "filter">

/** An object to be downloaded. The size is not known of keys that were given. */
interface Listed {
  readonly key: string
  readonly size: number | undefined
  readonly eTag?: string
}

export const listTree = (operation: string, tree: ListedTree) =>
  Effect.map(selection.make(operation, tree), (selected) => {
    const { bucket: name, prefix = "", region } = tree
    return bucket.listObjects.items({ bucket: name, region, prefix }).pipe(
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
      Stream.map(({ eTag, key, size }): Listed => ({ key, size, eTag }))
    )
  })

/** One object. `pathFor` makes the folders on the way and gives the path of the file, none for a folder. */
export interface Planned extends batch.Planned<DownloadFilesItem, UnsafeKey> {
  /** Of the object, where it was listed. */
  readonly eTag?: string | undefined
  readonly pathFor: Effect.Effect<string | undefined, DownloadError | UnsafeKey | PlatformError, CosClient>
}

/** Checks that a folder's marker, given without its size, is there and empty. */
const checkMarker = (target: Pick<RemoteTree, "bucket" | "region" | "customerKey">, key: string) =>
  Effect.flatMap(object.headObject({ ...target, key }), ({ contentLength }) =>
    contentLength === 0 ? Effect.void : Effect.fail(new UnsafeKey({ key, reason: "FolderWithContent" }))
  )

type Plan<E, R> = batch.Plan<Planned, E, R>

/** What `Download.files` and `Download.filesStream` take. */
export type Files<E, R> = ReadonlyArray<DownloadFileInput> | RemoteTree | Stream.Stream<DownloadFileInput, E, R>

type TreeError = Operation.Error<typeof bucket.listObjects> | PaginationStuck | PlatformError
type Services = CosClient | FileSystem.FileSystem | Path.Path

const planTree = (operation: string, tree: RemoteTree, isDryRun: boolean): Plan<TreeError, Services> => ({
  planned: Stream.unwrap(
    Effect.gen(function* () {
      const { bucket, customerKey, keys, prefix = "", region, trafficLimit } = tree
      yield* checkPath(operation, tree.directory, "directory")
      const { join } = yield* Path.Path
      const locate = makeLocator(prefix, tree.platform ?? "portable")
      const listed =
        keys === undefined
          ? yield* listTree(operation, tree)
          : Stream.map(Stream.fromIterable(keys), (key): Listed => ({ key, size: undefined }))
      // Made once there is a list, also if it is empty.
      const sandbox = yield* Effect.cached(
        Effect.provide(root.make(tree.directory), yield* Effect.context<FileSystem.FileSystem | Path.Path>())
      )
      const made = isDryRun ? Effect.void : sandbox
      const plan = ({ eTag, key, size }: Listed): Planned => {
        const local = locate(key, size)
        const target = { bucket, region, customerKey, trafficLimit }
        const path = Either.map(local, ({ segments }) => join(tree.directory, ...segments))
        return {
          input: { key, path: Either.getOrUndefined(path), ...target },
          size,
          eTag,
          refused: Option.getOrUndefined(Either.getLeft(local)),
          pathFor: Effect.gen(function* () {
            const place = yield* local
            if (place.directory && size === undefined) yield* checkMarker({ bucket, region, customerKey }, key)
            const entered = yield* (yield* sandbox).pathFor(key, place)
            return place.directory ? undefined : entered
          })
        }
      }
      return listed.pipe(
        Stream.mapChunksEffect((chunk) => Effect.as(made, Chunk.map(chunk, plan))),
        Stream.concat(Stream.drain(Stream.fromEffect(made)))
      )
    })
  ),
  known: tree.keys && { files: tree.keys.length, bytes: undefined }
})

/** The transfers of a list, a stream or a prefix. */
export const plan = <E = never, R = never>(
  operation: string,
  input: Files<E, R>,
  isDryRun = false
): Effect.Effect<Plan<E | TreeError, R | Services>, never, FileSystem.FileSystem | Path.Path> => {
  if ("directory" in input) return Effect.succeed(planTree(operation, input, isDryRun))
  return Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { dirname } = yield* Path.Path
    let last: string | undefined
    /** Once for files that follow one another into one directory. */
    const makeDirectory = (directory: string) =>
      Effect.suspend(() =>
        directory === last
          ? Effect.void
          : Effect.map(fs.makeDirectory(directory, { recursive: true }), () => {
              last = directory
            })
      )
    const planOne = (input: DownloadFileInput): Planned => ({
      input,
      size: undefined,
      pathFor: Effect.flatMap(checkPath("Download.file", input.path), () =>
        Effect.as(makeDirectory(dirname(input.path)), input.path)
      )
    })
    return Stream.StreamTypeId in input
      ? { planned: Stream.map(input, planOne) }
      : { planned: Stream.map(Stream.fromIterable(input), planOne), known: { files: input.length, bytes: undefined } }
  })
}
