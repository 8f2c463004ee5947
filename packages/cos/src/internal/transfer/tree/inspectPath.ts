/** What a path is, without following links; and what a name stands for below a directory that must stay the same. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ObjectKey from "../../../ObjectKey.js"
import { isNotFound } from "../../file/isNotFound.js"
import { fileSteps } from "../../file/steps.js"

/** What is used of it. */
export type Info = Pick<FileSystem.File.Info, "type" | "size" | "mtime" | "birthtime" | "dev" | "ino">

export type Inspected =
  | { readonly _tag: "Absent" }
  | { readonly _tag: "File"; readonly info: Info }
  | { readonly _tag: "Directory"; readonly info: Info }
  /** Where it leads was not looked at. */
  | { readonly _tag: "Link" }
  /** A pipe, a socket or a device. */
  | { readonly _tag: "Special" }
  | { readonly _tag: "Unreadable"; readonly error: PlatformError }

const absent: Inspected = { _tag: "Absent" }

export const inspectPath = (path: string): Effect.Effect<Inspected, never, FileSystem.FileSystem> =>
  Effect.flatMap(fileSteps, (steps) =>
    steps === undefined
      ? inspectByLink(path)
      : Effect.match(steps.lstat(path), {
          onFailure: (error): Inspected => ({ _tag: "Unreadable", error }),
          onSuccess: (info) => (info === undefined ? absent : info.type === "SymbolicLink" ? isLink : ofInfo(info))
        })
  )

const isLink: Inspected = { _tag: "Link" }

const ofInfo = (info: Info): Inspected =>
  info.type === "Directory" || info.type === "File" ? { _tag: info.type, info } : { _tag: "Special" }

const inspectByLink = (path: string): Effect.Effect<Inspected, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    // `stat` follows links, so that they are asked for first.
    const link = yield* Effect.either(fs.readLink(path))
    if (Either.isRight(link)) return isLink
    const info = yield* Effect.either(fs.stat(path))
    if (Either.isLeft(info)) {
      const { left: error } = info
      if (!isNotFound(error)) return { _tag: "Unreadable", error }
      // If only `stat` found nothing, the path was removed in between: what is there now is not known.
      return isNotFound(link.left) ? absent : { _tag: "Unreadable", error }
    }
    return ofInfo(info.right)
  })

/** Device and inode. A file system that has no inodes tells directories apart by their device at least. */
export const identityOf = ({ dev, ino }: Info): string => `${dev}:${Option.getOrElse(ino, () => "?")}`

/** A directory as it was when it was first looked at. */
export interface Root {
  readonly path: string
  readonly identity: string
  readonly device: number
  /** The directories below, by name, that are on another device than the one that they lie in. */
  readonly mounts: ReadonlyMap<string, number> | undefined
}

/** The directory itself may be a link: it was named by whoever asked. */
export const openRoot = (
  path: string,
  mounts?: ReadonlyMap<string, number>
): Effect.Effect<Root, PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.map(fs.stat(path), (info) => ({ path, identity: identityOf(info), device: info.dev, mounts }))
  )

/** Whether the directory is still the one that it was: not moved away, unmounted, or mounted over. */
export const isSameRoot = ({ identity, path }: Root): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.match(fs.stat(path), { onFailure: () => false, onSuccess: (info) => identityOf(info) === identity })
  )

/** Something else is where a directory was: another file system, or another directory under the root's name. */
export type InspectedBelow = Inspected | { readonly _tag: "Replaced" }

const onTheWay = (root: Root, segments: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { join } = yield* Path.Path
    let device = root.device
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = segments.slice(0, depth)
      const looked = yield* inspectPath(join(root.path, ...folder))
      // Below a file, or a pipe, there is nothing.
      if (looked._tag === "File" || looked._tag === "Special") return absent
      if (looked._tag !== "Directory") return looked
      device = root.mounts?.get(folder.join("/")) ?? device
      if (root.mounts !== undefined && looked.info.dev !== device) return { _tag: "Replaced" } as const
    }
    return undefined
  })

/** What a name stands for below a directory now. It is absent only if every folder on the way was seen, and no link. */
export const inspectBelow = (
  root: Root,
  name: string
): Effect.Effect<InspectedBelow, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { join } = yield* Path.Path
    const path = ObjectKey.toLocalPath(name, { platform: "posix" })
    // No file can have such a name.
    if (Either.isLeft(path) || path.right.directory) return absent
    const { segments } = path.right
    const looked = (yield* onTheWay(root, segments)) ?? (yield* inspectPath(join(root.path, ...segments)))
    // Nothing below a folder that went meanwhile can be seen.
    const isUnchanged = (yield* isSameRoot(root)) && (looked._tag !== "Absent" || (yield* stillSeen(root, segments)))
    return isUnchanged ? looked : { _tag: "Replaced" }
  })

/** A file system below the root that went between two looks would make everything on it absent. */
const stillSeen = (root: Root, segments: ReadonlyArray<string>) =>
  root.mounts === undefined || root.mounts.size === 0
    ? Effect.succeed(true)
    : Effect.map(onTheWay(root, segments), (looked) => looked?._tag !== "Replaced")
