/** The files below a directory, to be uploaded. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { InvalidInput } from "../../../CosError.js"
import * as ObjectKey from "../../../ObjectKey.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { checkPath } from "../../file/checkPath.js"
import { isNotFound } from "../../file/isNotFound.js"
import { isTemporaryName } from "../../file/temporaryName.js"
import type { LocalFile, LocalTree, UploadFileInput } from "../model.js"
import type * as batch from "./batch.js"
import * as selection from "./selection.js"
import * as sortedWalk from "./sortedWalk.js"

export interface Planned extends batch.Planned<UploadFileInput, PlatformError | InvalidInput> {
  /** Below the directory that is walked. */
  readonly name?: string
  /** An empty object stands for it. */
  readonly isFolder: boolean
  /** What the file system said of it, where that was asked. */
  readonly info?: FileSystem.File.Info | undefined
}

type Plan<E, R> = batch.Plan<Planned, E, R>

/** What `Upload.files` and `Upload.filesStream` take. */
export type Files<E, R> = ReadonlyArray<UploadFileInput> | LocalTree | Stream.Stream<UploadFileInput, E, R>

/** Nothing else is read: opening a pipe waits for a writer, and a device may never end. */
const notRegular = (operation: string) => invalidInput(operation, "path", "must be a regular file or a directory")

/** The file system gave U+FFFD for what is not UTF-8, so that no file has the name that it gave. */
const notUtf8 = (operation: string) => invalidInput(operation, "path", "must be a name in UTF-8, to be a key")

/** Files of a list that are looked at, at once. */
const concurrency = 16

/** A directory that is being walked: its name, empty for the one that was given. */
type Folder = string

class Tree implements sortedWalk.Visitor<Folder, Planned, never> {
  constructor(
    readonly operation: string,
    readonly tree: LocalTree,
    readonly selected: selection.Selected<LocalFile>,
    readonly fs: FileSystem.FileSystem,
    readonly join: Path.Path["join"]
  ) {}

  readonly look = (folder: Folder, base: string) => {
    const name = folder === "" ? base : `${folder}/${base}`
    return Effect.catchAll(this.#look(name), (error) =>
      Effect.sync(() => {
        const isUnknown = name.includes("\ufffd") && isNotFound(error)
        // What the caller excluded may be as it is; of a name that is not known nothing is excluded.
        return isUnknown || this.selected.isSelected(name)
          ? {
              found: this.#planned(name, 0, { refused: isUnknown ? notUtf8(this.operation) : error }),
              isDirectory: false
            }
          : undefined
      })
    )
  }

  #look(name: string) {
    return Effect.gen(this, function* () {
      const path = this.join(this.tree.directory, name)
      const info = yield* this.fs.stat(path)
      const { mtime, size, type } = info
      if (type === "Directory") {
        // A link to a directory may lead anywhere, also to where we are.
        return this.selected.hasNothingBelow(name) || Option.isSome(yield* Effect.option(this.fs.readLink(path)))
          ? undefined
          : { found: this.#planned(name, "folder"), isDirectory: true }
      }
      const file: LocalFile = { name, path, size: Number(size), lastModified: Option.getOrUndefined(mtime) }
      if (!this.selected.has(name, file)) return undefined
      const isTemporary = isTemporaryName(name.slice(name.lastIndexOf("/") + 1))
      const refused = type === "File" ? undefined : notRegular(this.operation)
      return { found: this.#planned(name, file.size, { info, isTemporary, refused }), isDirectory: false }
    })
  }

  readonly open = (_parent: Folder, found: Planned) => {
    const folder = found.name ?? ""
    return Effect.match(this.fs.readDirectory(found.input.path), {
      onFailure: (refused) => ({ folder, names: [], before: { ...found, refused } }),
      onSuccess: (names) => ({
        folder,
        names: sortedWalk.sorted(names),
        before: this.tree.folders === true ? found : undefined
      })
    })
  }

  readonly begin = Effect.suspend(() =>
    Effect.map(this.fs.readDirectory(this.tree.directory), (names) => ({ folder: "", names: sortedWalk.sorted(names) }))
  )

  #planned(
    name: string,
    size: number | "folder",
    { info, isTemporary = false, refused }: Pick<Planned, "info" | "isTemporary" | "refused"> = {}
  ): Planned {
    const {
      directory,
      exclude: _exclude,
      filter: _filter,
      folders: _folders,
      include: _include,
      prefix = "",
      ...target
    } = this.tree
    const isFolder = size === "folder"
    const key = ObjectKey.fromLocalPath({ segments: name.split("/"), directory: isFolder }).pipe(
      Either.flatMap((key) => ObjectKey.validate(prefix + key)),
      Either.mapLeft((invalid) => new InvalidInput({ operation: this.operation, ...invalid }))
    )
    return {
      input: Object.assign({}, target, {
        key: Either.getOrElse(key, () => prefix + name),
        path: this.join(directory, name)
      }),
      name,
      size: isFolder ? 0 : size,
      isFolder,
      isTemporary,
      info,
      refused: refused ?? Option.getOrUndefined(Either.getLeft(key))
    }
  }
}

const planTree = (
  operation: string,
  tree: LocalTree
): Plan<InvalidInput | PlatformError, FileSystem.FileSystem | Path.Path> => ({
  planned: Stream.unwrap(
    Effect.gen(function* () {
      yield* checkPath(operation, tree.directory, "directory")
      const { join } = yield* Path.Path
      const selected = yield* selection.make(operation, tree)
      const visitor = new Tree(operation, tree, selected, yield* FileSystem.FileSystem, join)
      return sortedWalk.walk(yield* visitor.begin, visitor)
    })
  )
})

/** What cannot be looked at fails when its turn comes. */
const lookAt = (input: UploadFileInput) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.map(
      Effect.option(fs.stat(input.path)),
      (info): Planned => ({
        input,
        info: Option.getOrUndefined(info),
        size: Option.match(info, {
          onNone: () => 0,
          onSome: ({ size, type }) => (type === "File" ? Number(size) : 0)
        }),
        isFolder: input.key.endsWith("/") && Option.exists(info, ({ type }) => type === "Directory")
      })
    )
  )

/** Only a name that ends in `/` may be that of a folder, and sizes are for progress. */
const planOne = (input: UploadFileInput, hasSize: boolean) =>
  hasSize || input.key.endsWith("/")
    ? lookAt(input)
    : Effect.succeed<Planned>({ input, size: undefined, isFolder: false })

/** The list is in memory anyway, so that its sizes, where they are asked for, are known before the first is sent. */
const planList = (files: ReadonlyArray<UploadFileInput>, hasSizes: boolean) =>
  Effect.map(
    Effect.forEach(files, (input) => planOne(input, hasSizes), { concurrency }),
    (planned): Plan<never, never> => ({
      planned: Stream.fromIterable(planned),
      known: {
        files: planned.length,
        bytes: hasSizes ? planned.reduce((sum, { size }) => sum + (size ?? 0), 0) : undefined
      }
    })
  )

/** The transfers of a list, a stream or a directory. `hasSizes`: whether sizes are asked for; a walk knows them anyway. */
export const plan = <E = never, R = never>(
  operation: string,
  input: Files<E, R>,
  { hasSizes }: { readonly hasSizes: boolean }
): Effect.Effect<
  Plan<E | InvalidInput | PlatformError, R | FileSystem.FileSystem | Path.Path>,
  never,
  FileSystem.FileSystem
> => {
  if ("directory" in input) return Effect.succeed(planTree(operation, input))
  if (!(Stream.StreamTypeId in input)) return planList(input, hasSizes)
  return Effect.succeed({ planned: Stream.mapEffect(input, (input) => planOne(input, hasSizes), { concurrency }) })
}
