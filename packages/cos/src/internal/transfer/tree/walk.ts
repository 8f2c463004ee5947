/**
 * The files below a directory, in the order of the names' UTF-8 bytes, and all that is left out, with its reason. Links
 * are not followed. Memory: the names of the directories on the way to where the walk is.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as ObjectKey from "../../../ObjectKey.js"
import { isNotFound } from "../../file/isNotFound.js"
import { isTemporaryName } from "../../file/temporaryName.js"
import { identityOf, inspectPath, isSameRoot, openRoot, type Root } from "./inspectPath.js"

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
  readonly info: FileSystem.File.Info
}

export interface Options {
  readonly directory: string
  /** A folder that need not be looked into. */
  readonly hasNothingBelow: (folder: string) => boolean
  readonly onLeftOut: (leftOut: LeftOut) => void
}

/** What a directory holds: a file, or a directory to be walked. A directory sorts as its name and `/`, as keys do. */
interface Item {
  readonly sort: string
  readonly found: Found
  readonly isDirectory: boolean
}

/** A directory that is being walked. */
interface Cursor {
  readonly name: string
  readonly identity: string
  readonly device: number
  /** Sorted, each once. */
  readonly names: ReadonlyArray<string>
  /** How many of the names have been looked at. */
  looked: number
  /** What comes next, in order. */
  ready: Array<Item>
  /** Directories that come after names which have not been looked at. */
  held: ReadonlyArray<Item>
}

/** Names that are looked at together, and how many of them at once. */
const batch = 128
const concurrency = 16

/** The file system gave U+FFFD for what is not UTF-8, so that the real name is not known. */
const isPerhapsNotUtf8 = (name: string): boolean => name.includes("\ufffd")

class Walker {
  readonly #options: Options
  readonly #join: Path.Path["join"]
  readonly #fs: FileSystem.FileSystem
  readonly #mounts: Map<string, number>
  readonly #root: Root
  readonly #cursors: Array<Cursor> = []

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
    return Effect.map(this.#fs.readDirectory(path), (names) => this.#push("", identity, device, names))
  })

  /** The next files, or the end. */
  readonly pull: Effect.Effect<Chunk.Chunk<Found>, Option.Option<never>, FileSystem.FileSystem> = Effect.gen(
    this,
    function* () {
      const found: Array<Found> = []
      for (
        let cursor = this.#cursors.at(-1);
        cursor !== undefined && found.length < batch;
        cursor = this.#cursors.at(-1)
      ) {
        const item = cursor.ready.shift()
        if (item !== undefined) {
          if (item.isDirectory) yield* this.#enter(cursor, item.found)
          else found.push(item.found)
        } else if (cursor.looked < cursor.names.length) yield* this.#lookOn(cursor)
        else {
          this.#cursors.pop()
          yield* this.#leave(cursor)
        }
      }
      return found.length === 0 ? yield* Effect.fail(Option.none()) : Chunk.unsafeFromArray(found)
    }
  )

  #leaveOut(
    name: string,
    reason: LeftOutReason,
    more: { readonly hides?: string; readonly error?: PlatformError } = {}
  ) {
    this.#options.onLeftOut({ name, reason, hides: more.hides ?? name, error: more.error })
  }

  #push(name: string, identity: string, device: number, found: ReadonlyArray<string>) {
    const names = found.slice().sort(ObjectKey.compare)
    const twice = names.find((name, i) => name === names[i + 1])
    // Two names that are not UTF-8 were made one, or one of them that of another file.
    if (twice !== undefined) this.#leaveOut(this.#below(name, twice), "NotUtf8", { hides: name })
    this.#cursors.push({
      name,
      identity,
      device,
      names: twice === undefined ? names : Array.from(new Set(names)),
      looked: 0,
      ready: [],
      held: []
    })
  }

  #below(folder: string, name: string): string {
    return folder === "" ? name : `${folder}/${name}`
  }

  /** Looks at more of a directory's names. */
  #lookOn(cursor: Cursor) {
    const names = cursor.names.slice(cursor.looked, cursor.looked + batch)
    return Effect.map(
      Effect.forEach(names, (name) => this.#look(cursor, name), { concurrency }),
      (looked) => {
        cursor.looked += names.length
        const items = [...cursor.held, ...looked.filter((item) => item !== undefined)]
        items.sort((a, b) => ObjectKey.compare(a.sort, b.sort))
        const next = cursor.names[cursor.looked]
        const end = next === undefined ? -1 : items.findIndex(({ sort }) => ObjectKey.compare(sort, next) > 0)
        cursor.ready = end < 0 ? items : items.slice(0, end)
        cursor.held = end < 0 ? [] : items.slice(end)
      }
    )
  }

  #look(cursor: Cursor, name: string): Effect.Effect<Item | undefined, never, FileSystem.FileSystem> {
    const relative = this.#below(cursor.name, name)
    if (isTemporaryName(name)) return Effect.sync(() => void this.#leaveOut(relative, "Temporary"))
    return Effect.map(inspectPath(this.#join(this.#root.path, relative)), (looked): Item | undefined => {
      switch (looked._tag) {
        case "File":
          return { sort: name, found: { name: relative, info: looked.info }, isDirectory: false }
        case "Directory":
          return this.#options.hasNothingBelow(relative)
            ? undefined
            : { sort: `${name}/`, found: { name: relative, info: looked.info }, isDirectory: true }
        case "Absent":
          return isPerhapsNotUtf8(name)
            ? void this.#leaveOut(relative, "NotUtf8", { hides: cursor.name })
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

  #enter(parent: Cursor, { info, name }: Found) {
    return Effect.gen(this, function* () {
      const path = this.#join(this.#root.path, name)
      const names = yield* Effect.either(this.#fs.readDirectory(path))
      if (names._tag === "Left") {
        return this.#leaveOut(name, isNotFound(names.left) ? "Vanished" : "Unreadable", { error: names.left })
      }
      // A link that took its place would have been followed.
      if (!(yield* this.#isStill(name, identityOf(info)))) return this.#leaveOut(name, "Replaced")
      if (info.dev !== parent.device) this.#mounts.set(name, info.dev)
      this.#push(name, identityOf(info), info.dev, names.right)
    })
  }

  #isStill(name: string, identity: string) {
    return Effect.map(
      inspectPath(this.#join(this.#root.path, name)),
      (looked) => looked._tag === "Directory" && identityOf(looked.info) === identity
    )
  }

  #leave({ identity, name }: Cursor) {
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
    const files = Stream.unwrap(
      Effect.gen(function* () {
        const walker = new Walker(options, root, mounts, join, fs)
        yield* walker.begin
        return Stream.repeatEffectChunkOption(walker.pull)
      })
    )
    return { root, files }
  })
