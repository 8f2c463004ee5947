/** The files below a directory, to be uploaded. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { InvalidInput } from "../../../CosError.js"
import * as ObjectKey from "../../../ObjectKey.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { isNotFound } from "../../file/isNotFound.js"
import { isTemporaryName } from "../../file/temporaryName.js"
import type { LocalFile, LocalTree, UploadFileInput } from "../model.js"
import type * as batch from "./batch.js"
import * as selection from "./selection.js"

/** A file, or a directory, of a tree. */
interface TreeEntry {
  readonly path: string
  readonly key: string
  readonly size: number
  readonly isFolder: boolean
  readonly isTemporary: boolean
  readonly refused: PlatformError | InvalidInput | undefined
}

export interface Planned extends batch.Planned<UploadFileInput, PlatformError | InvalidInput> {
  /** An empty object stands for it. */
  readonly isFolder: boolean
}

/** Nothing else is read: opening a pipe waits for a writer, and a device may never end. */
const notRegular = invalidInput("Upload.files", "path", "must be a regular file or a directory")

/** The file system gave U+FFFD for what is not UTF-8, so that no file has the name that it gave. */
const notUtf8 = invalidInput("Upload.files", "path", "must be a name in UTF-8, to be a key")

/** Directories that are read at once, and entries of each that are looked at. */
const concurrency = 8

const entriesOfTree = (tree: LocalTree) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const { directory, folders = false, prefix = "" } = tree
    const selected = yield* selection.make("Upload.files", tree)
    const entries: Array<TreeEntry> = []

    const add = (
      name: string,
      size: number | "folder",
      { isTemporary = false, refused }: Partial<Pick<TreeEntry, "isTemporary" | "refused">> = {}
    ) => {
      const isFolder = size === "folder"
      const key = ObjectKey.fromLocalPath({ segments: name.split("/"), directory: isFolder }).pipe(
        Either.flatMap((key) => ObjectKey.validate(prefix + key)),
        Either.mapLeft((invalid) => new InvalidInput({ operation: "Upload.files", ...invalid }))
      )
      entries.push({
        path: join(directory, name),
        key: Either.getOrElse(key, () => prefix + name),
        size: isFolder ? 0 : size,
        isFolder,
        isTemporary,
        refused: refused ?? Option.getOrUndefined(Either.getLeft(key))
      })
    }

    /** Adds one entry of a directory; gives its name if it is a directory to be looked into. */
    const addEntry = (name: string) =>
      Effect.gen(function* () {
        const path = join(directory, name)
        const { mtime, size, type } = yield* fs.stat(path)
        const file: LocalFile = { name, path, size: Number(size), lastModified: Option.getOrUndefined(mtime) }
        if (type !== "Directory") {
          if (!selected.has(name, file)) return []
          add(name, file.size, {
            isTemporary: isTemporaryName(name.slice(name.lastIndexOf("/") + 1)),
            refused: type === "File" ? undefined : notRegular
          })
          return []
        }
        // A link to a directory may lead anywhere, also to where we are.
        if (selected.hasNothingBelow(name) || Option.isSome(yield* Effect.option(fs.readLink(path)))) return []
        if (folders) add(name, "folder")
        return [name]
      }).pipe(
        Effect.catchAll((error) =>
          Effect.sync(() => {
            const isUnknown = name.includes("\ufffd") && isNotFound(error)
            // What the caller excluded may be as it is; of a name that is not known nothing is excluded.
            if (isUnknown || selected.isSelected(name)) add(name, 0, { refused: isUnknown ? notUtf8 : error })
            return []
          })
        )
      )
    /** Adds the entries of a directory, and gives those that are directories. */
    const addEntries = (name: string, names: ReadonlyArray<string>) =>
      Effect.map(
        Effect.forEach(names, (entry) => addEntry(name === "" ? entry : `${name}/${entry}`), { concurrency }),
        (names) => names.flat()
      )

    let level: ReadonlyArray<string> = yield* Effect.flatMap(fs.readDirectory(directory), (names) =>
      addEntries("", names)
    )
    while (level.length > 0) {
      const next = yield* Effect.forEach(
        level,
        (name) =>
          Effect.matchEffect(fs.readDirectory(join(directory, name)), {
            onFailure: (error) =>
              Effect.sync(() => {
                add(name, "folder", { refused: error })
                return []
              }),
            onSuccess: (names) => addEntries(name, names)
          }),
        { concurrency }
      )
      level = next.flat()
    }
    return entries.sort((a, b) => ObjectKey.compare(a.key, b.key))
  })

/** What cannot be looked at fails when its turn comes. */
const planList = (files: ReadonlyArray<UploadFileInput>) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.forEach(
      files,
      (input) =>
        Effect.map(
          Effect.option(fs.stat(input.path)),
          (info): Planned => ({
            input,
            size: Option.match(info, {
              onNone: () => 0,
              onSome: ({ size, type }) => (type === "File" ? Number(size) : 0)
            }),
            isFolder: input.key.endsWith("/") && Option.exists(info, ({ type }) => type === "Directory")
          })
        ),
      { concurrency: concurrency * 2 }
    )
  )

export const plan = (
  input: ReadonlyArray<UploadFileInput> | LocalTree
): Effect.Effect<ReadonlyArray<Planned>, InvalidInput | PlatformError, FileSystem.FileSystem | Path.Path> => {
  if (!("directory" in input)) return planList(input)
  const {
    directory: _directory,
    exclude: _exclude,
    filter: _filter,
    folders: _folders,
    include: _include,
    prefix: _prefix,
    ...target
  } = input
  return Effect.map(entriesOfTree(input), (entries) =>
    entries.map(({ isFolder, isTemporary, key, path, refused, size }) => ({
      input: { ...target, key, path },
      size,
      isFolder,
      isTemporary,
      refused
    }))
  )
}
