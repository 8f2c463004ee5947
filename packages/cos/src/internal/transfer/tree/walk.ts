/**
 * The files below a directory, in the order of the names' UTF-8 bytes, and all that is left out, with its reason. Links
 * are not followed. Memory: the names of the directories on the way to where the walk is.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isNotFound } from "../../file/isNotFound.js"
import { isTemporaryName } from "../../file/temporaryName.js"
import { type Info, identityOf, inspectPath, isSameRoot, openRoot, type Root } from "./inspectPath.js"
import * as sortedWalk from "./sortedWalk.js"

/** Why something below a directory is left out. */
export type LeftOutReason =
  /** A symbolic link. */
  | "Link"
  /** A pipe, a socket or a device. */
  | "Special"
  /** A download that is not finished. */
  | "Temporary"
  /** A name that is not UTF-8, which cannot be a key. */
  | "NotUtf8"
  /** It was there when its directory was read, and gone when it was looked at. */
  | "Vanished"
  /** A directory that another took the place of while it was walked. */
  | "Replaced"
  /** It could not be looked at. */
  | "Unreadable"

export interface LeftOut {
  readonly name: string
  readonly reason: LeftOutReason
  /** What lies at and below this name may be there unseen. The empty name is the directory that is walked. */
  readonly hides: string
  readonly error: PlatformError | undefined
}

export interface Found {
  /** Below the directory, with `/` between its segments. */
  readonly name: string
  readonly info: Info
}

export interface Options {
  readonly directory: string
  /** A folder that need not be looked into. */
  readonly hasNothingBelow: (folder: string) => boolean
  readonly onLeftOut: (leftOut: LeftOut) => void
}

/** A directory that is being walked. */
interface Folder {
  readonly name: string
  readonly identity: string
  readonly device: number
}

/** The file system gave U+FFFD for what is not UTF-8, so that the real name is not known. */
const isPerhapsNotUtf8 = (name: string): boolean => name.includes("\ufffd")

const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

class Walker implements sortedWalk.Visitor<Folder, Found, FileSystem.FileSystem> {
  readonly #options: Options
  readonly #join: Path.Path["join"]
  readonly #fs: FileSystem.FileSystem
  readonly #mounts: Map<string, number>
  readonly #root: Root

  constructor(
    options: Options,
    root: Root,
    mounts: Map<string, number>,
    join: Path.Path["join"],
    fs: FileSystem.FileSystem
  ) {
    this.#options = options
    this.#root = root
    this.#mounts = mounts
    this.#join = join
    this.#fs = fs
  }

  readonly begin = Effect.suspend(() => {
    const { device, identity, path } = this.#root
    return Effect.map(this.#fs.readDirectory(path), (names) => this.#opened({ name: "", identity, device }, names))
  })

  #leaveOut(
    name: string,
    reason: LeftOutReason,
    more: { readonly hides?: string; readonly error?: PlatformError } = {}
  ) {
    this.#options.onLeftOut({ name, reason, hides: more.hides ?? name, error: more.error })
  }

  #opened(folder: Folder, found: ReadonlyArray<string>): sortedWalk.Opened<Folder, Found> {
    const names = sortedWalk.sorted(found)
    const twice = names.find((name, i) => name === names[i + 1])
    // Two names that are not UTF-8 were made one, or one of them that of another file.
    if (twice !== undefined) this.#leaveOut(below(folder.name, twice), "NotUtf8", { hides: folder.name })
    return { folder, names: twice === undefined ? names : Array.from(new Set(names)) }
  }

  readonly look = (folder: Folder, name: string) => {
    const relative = below(folder.name, name)
    if (isTemporaryName(name)) return Effect.sync(() => void this.#leaveOut(relative, "Temporary"))
    return Effect.map(inspectPath(this.#join(this.#root.path, relative)), (looked) => {
      switch (looked._tag) {
        case "File":
          return { found: { name: relative, info: looked.info }, isDirectory: false }
        case "Directory":
          return this.#options.hasNothingBelow(relative)
            ? undefined
            : { found: { name: relative, info: looked.info }, isDirectory: true }
        case "Absent":
          return isPerhapsNotUtf8(name)
            ? void this.#leaveOut(relative, "NotUtf8", { hides: folder.name })
            : void this.#leaveOut(relative, "Vanished")
        case "Unreadable":
          return void this.#leaveOut(relative, isNotFound(looked.error) ? "Vanished" : "Unreadable", {
            error: looked.error
          })
        default:
          return void this.#leaveOut(relative, looked._tag)
      }
    })
  }

  readonly open = (parent: Folder, { info, name }: Found) =>
    Effect.gen(this, function* () {
      const path = this.#join(this.#root.path, name)
      const names = yield* Effect.either(this.#fs.readDirectory(path))
      if (names._tag === "Left") {
        return void this.#leaveOut(name, isNotFound(names.left) ? "Vanished" : "Unreadable", { error: names.left })
      }
      // A link that took its place would have been followed.
      if (!(yield* this.#isStill(name, identityOf(info)))) return void this.#leaveOut(name, "Replaced")
      if (info.dev !== parent.device) this.#mounts.set(name, info.dev)
      return this.#opened({ name, identity: identityOf(info), device: info.dev }, names.right)
    })

  #isStill(name: string, identity: string) {
    return Effect.map(
      inspectPath(this.#join(this.#root.path, name)),
      (looked) => looked._tag === "Directory" && identityOf(looked.info) === identity
    )
  }

  readonly close = ({ identity, name }: Folder) => {
    const isStill = name === "" ? isSameRoot(this.#root) : this.#isStill(name, identity)
    return Effect.map(isStill, (is) => {
      if (!is) this.#leaveOut(name, "Replaced")
    })
  }
}

/** Fails where the directory itself cannot be read. The root that it gives knows more mounts as the walk goes on. */
export const walk = (
  options: Options
): Effect.Effect<
  { readonly root: Root; readonly files: Stream.Stream<Found, PlatformError, FileSystem.FileSystem> },
  PlatformError,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const mounts = new Map<string, number>()
    const root = yield* openRoot(options.directory, mounts)
    const files = Stream.suspend(() => {
      const walker = new Walker(options, root, mounts, join, fs)
      return Stream.unwrap(Effect.map(walker.begin, (opened) => sortedWalk.walk(opened, walker)))
    })
    return { root, files }
  })
