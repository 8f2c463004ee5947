/** Where a download goes: what is there already, and what of it a new file takes over. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidInput } from "../../../CosError.js"
import type { Steps } from "../../../CosFileSystem.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { isNotFound } from "../../file/isNotFound.js"
import { fileSteps } from "../../file/steps.js"

/** The file that is replaced. */
interface Replaced {
  readonly mode: number
  readonly uid: Option.Option<number>
  readonly gid: Option.Option<number>
}

export interface DownloadTarget {
  /** Absolute. No link. */
  readonly path: string
  readonly replaced: Replaced | undefined
}

/** The directory of an absolute path, with the separator at its end. */
export const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1)

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path)

/** As many as Linux follows. */
const mostLinks = 40

const refuse = (rule: string) => Effect.fail(invalidInput("Download.file", "path", rule))

/** The target must be able to take the file before anything is asked for: it is a regular file, or nothing yet. */
export const inspect = (
  path: string,
  symlinks: "follow" | "refuse"
): Effect.Effect<DownloadTarget, InvalidInput | PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(fileSteps, (steps) => inspectBy(steps, path, symlinks))

export const inspectBy = (
  steps: Steps | undefined,
  path: string,
  symlinks: "follow" | "refuse"
): Effect.Effect<DownloadTarget, InvalidInput | PlatformError, FileSystem.FileSystem> => {
  if (nameOf(path) === "") return refuse("must name a file")
  if (steps === undefined) return followed(path, symlinks)
  return Effect.matchEffect(steps.lstat(path), {
    // Whatever else is wrong with the path, `followed` says.
    onFailure: () => followed(path, symlinks),
    onSuccess: (info) => (info?.type === "SymbolicLink" ? followed(path, symlinks) : targetOf(path, info))
  })
}

/** Follows links, as far as that is allowed. */
const followed = (
  path: string,
  symlinks: "follow" | "refuse"
): Effect.Effect<DownloadTarget, InvalidInput | PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    let at = path
    for (let links = 0; ; links++) {
      const link = Option.getOrUndefined(yield* Effect.option(fs.readLink(at)))
      if (link === undefined) break
      if (symlinks === "refuse") return yield* refuse("must not be a symbolic link")
      if (links === mostLinks) return yield* refuse("must not be a circle of symbolic links")
      at = isAbsolute(link) ? link : directoryOf(at) + link
    }
    const info = yield* Effect.asSome(fs.stat(at)).pipe(Effect.catchIf(isNotFound, () => Effect.succeedNone))
    return yield* targetOf(at, Option.getOrUndefined(info))
  })

/** By what the system says of what is there. */
const targetOf = (
  path: string,
  info: Pick<FileSystem.File.Info, "type" | "mode" | "uid" | "gid"> | undefined
): Effect.Effect<DownloadTarget, InvalidInput> => {
  if (info === undefined) return Effect.succeed({ path, replaced: undefined })
  const { gid, mode, type, uid } = info
  return type === "File"
    ? Effect.succeed({ path, replaced: { mode, uid, gid } })
    : refuse(`must be a regular file, not ${described[type] ?? "something else"}`)
}

/**
 * What is there when the new file is whole, given by `inspect`. A download may take hours, and what has taken the target's
 * place meanwhile is respected as what was there before.
 */
export const stillSame = (before: DownloadTarget, now: DownloadTarget): Effect.Effect<DownloadTarget, InvalidInput> =>
  now.path !== before.path
    ? refuse("must lead to the same file until it is written")
    : Effect.succeed(now.replaced === undefined ? before : now)

const described: { readonly [type: string]: string } = {
  Directory: "a directory",
  FIFO: "a pipe",
  Socket: "a socket",
  BlockDevice: "a device",
  CharacterDevice: "a device"
}

/** Only the owner's, the group's and everybody's rights to read, write and execute. */
const rights = 0o777

/**
 * The mode to create the temporary file with: nobody else may read more of it than of the file that it replaces. This
 * process opens it again to write to it.
 */
export const temporaryMode = ({ replaced }: DownloadTarget): number | undefined =>
  replaced === undefined ? undefined : (replaced.mode & rights) | 0o600

/** Without its old owner, what the group may do is what everybody may: it is another group. */
const withoutOwner = (mode: number): number => (mode & 0o707) | ((mode & 0o007) << 3)

const isSameId = (one: Option.Option<number>, other: Option.Option<number>): boolean =>
  Option.isSome(one) && Option.isSome(other) && one.value === other.value

/** Gives the new file the mode of the one that it replaces, and its owner where this process may. */
export const copyModeAndOwner = (
  temporaryPath: string,
  written: Pick<FileSystem.File.Info, "mode" | "uid" | "gid">,
  { replaced }: DownloadTarget
): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (replaced === undefined) return
    const fs = yield* FileSystem.FileSystem
    const { gid, mode, uid } = replaced
    const isSameOwner = isSameId(uid, written.uid) && isSameId(gid, written.gid)
    if (isSameOwner && (mode & 0o7777) === (written.mode & 0o7777)) return
    const isOwned =
      Option.isSome(uid) &&
      Option.isSome(gid) &&
      Option.isSome(yield* Effect.option(fs.chown(temporaryPath, uid.value, gid.value)))
    // Some file systems have no modes.
    yield* Effect.ignore(fs.chmod(temporaryPath, isOwned ? mode & 0o7777 : withoutOwner(mode)))
  })
