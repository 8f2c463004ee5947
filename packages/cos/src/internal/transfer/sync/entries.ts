/** What a place holds, in the order of the names' UTF-8 bytes, whichever kind of place it is. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import * as ObjectKey from "../../../ObjectKey.js"
import * as bucketOperations from "../../../operations/bucket.js"
import type { Directory, Entry, Omission, Place, PlanOptions, Prefix, SyncError } from "../../../Sync.js"
import type { Info, Root } from "../tree/inspectPath.js"
import type { Selected } from "../tree/selection.js"
import { walk } from "../tree/walk.js"
import { fileOf, type Known } from "./stateFile.js"

/** An entry, and what the file system says of it where it is a file. */
export interface Listed {
  readonly entry: Entry
  readonly info: Info | undefined
}

export interface Listing {
  readonly entries: Stream.Stream<Listed, SyncError, CosClient | FileSystem.FileSystem | Path.Path>
  /** The root of the walk, where the place is a directory that is there. */
  readonly root: Root | undefined
}

export interface ListOptions {
  readonly side: Omission["side"]
  /** The other side is a directory. */
  readonly isOtherLocal: boolean
  readonly selected: Selected<Entry>
  /** Of the file of `state`, where it lies in the directory that is synced. */
  readonly ownName: Effect.Effect<string | undefined, SyncError, FileSystem.FileSystem | Path.Path>
  /** Of the temporary file beside it. */
  readonly temporary?: string | undefined
  readonly onOmission: (omission: Omission) => void
}

/** The name of a file below a directory, if it lies there. */
export const nameBelow = (directory: string, file: string) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const fs = yield* FileSystem.FileSystem
    const real = (path: string) => Effect.orElseSucceed(fs.realPath(path), () => path)
    const folder = yield* real(path.resolve(path.dirname(file)))
    const relative = path.relative(yield* real(path.resolve(directory)), path.join(folder, path.basename(file)))
    const segments = relative.split(path.sep)
    return segments[0] === ".." || path.isAbsolute(relative) ? undefined : segments.join("/")
  })

/** The name that the file of `state` takes from all others: it is passed over on both sides. */
export const nameOfState = ({ from, state, to }: PlanOptions) => {
  const directory = from._tag === "Directory" ? from : to
  return state === undefined || directory._tag === "Prefix"
    ? Effect.succeed(undefined)
    : Effect.flatMap(fileOf(state), (file) => nameBelow(directory.path, file))
}

/** Whether it is the temporary file beside the state. */
const isBeside = (own: string | undefined, name: string, temporary: string | undefined): boolean =>
  own !== undefined && temporary !== undefined && name === own.slice(0, own.lastIndexOf("/") + 1) + temporary

const files = ({ path }: Directory, { onOmission, ownName, selected, side, temporary }: ListOptions) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    // A target that is not there yet is empty. A source that is not there is a mistake.
    if (side === "target" && !(yield* fs.exists(path))) return { entries: Stream.empty, root: undefined }
    let own: string | undefined
    const isOfNoInterest = (name: string) =>
      name === own ||
      isBeside(own, name, temporary) ||
      (name !== "" && !selected.isSelected(name) && selected.hasNothingBelow(name))
    const { files, root } = yield* walk({
      directory: path,
      hasNothingBelow: selected.hasNothingBelow,
      onLeftOut: ({ error, hides, name, reason }) => {
        if (!isOfNoInterest(name))
          onOmission({ name, side, reason, error, withholds: side === "source" ? hides : undefined })
      }
    })
    // After the first look at the root, for what takes its place afterwards is noticed.
    own = yield* ownName
    const entries = files.pipe(
      Stream.filter(({ name }) => name !== own),
      Stream.map(({ info, name }): Listed => {
        const lastModified = Option.getOrUndefined(info.mtime)
        return { entry: { name, size: Number(info.size), lastModified, eTag: undefined }, info }
      })
    )
    return { entries, root }
  })

/** An object that no file can stand for. */
const fileless = (name: string): Omission["reason"] | undefined =>
  name === "" ? "NoName" : name.endsWith("/") ? "FolderWithContent" : undefined

const objects = (
  { bucket, prefix, region }: Prefix,
  { isOtherLocal, onOmission, ownName, side }: ListOptions
): Listing => {
  const entries = (own: string | undefined) =>
    bucketOperations.listObjects.items({ bucket, region, prefix }).pipe(
      Stream.filter(({ key, size }) => {
        const name = key.slice(prefix.length)
        // An empty object whose key ends in `/` stands for a folder.
        if (size === 0 && key.endsWith("/")) return false
        const reason = name === own ? "State" : isOtherLocal && side === "target" ? fileless(name) : undefined
        if (reason !== undefined) onOmission({ name, side, reason })
        return reason === undefined
      }),
      Stream.map(
        ({ eTag, key, lastModified, size }): Listed => ({
          entry: { name: key.slice(prefix.length), size, lastModified, eTag },
          info: undefined
        })
      )
    )
  return { entries: Stream.unwrap(Effect.map(ownName, entries)), root: undefined }
}

/** The selected entries of a place. */
export const list = (
  place: Place,
  context: ListOptions
): Effect.Effect<Listing, SyncError, FileSystem.FileSystem | Path.Path> =>
  Effect.map(
    place._tag === "Directory" ? files(place, context) : Effect.succeed(objects(place, context)),
    ({ entries, root }): Listing => ({
      entries: Stream.filter(entries, ({ entry }) => context.selected.has(entry.name, entry)),
      root
    })
  )

/** What both sides have of one name. */
export interface Pair {
  readonly source: Listed | undefined
  readonly target: Listed | undefined
  /** What the state knows of it. */
  readonly known?: Known | undefined
}

const byName = Order.make<string>(ObjectKey.compare)

/** Both sides side by side: what only one has, and what both have. */
export const join = <E, R>(source: Stream.Stream<Listed, E, R>, target: Stream.Stream<Listed, E, R>) => {
  const keyed = (entries: Stream.Stream<Listed, E, R>) =>
    Stream.map(entries, (listed) => [listed.entry.name, listed] as const)
  return keyed(source).pipe(
    Stream.zipAllSortedByKeyWith({
      other: keyed(target),
      onSelf: (source): Pair => ({ source, target: undefined }),
      onOther: (target): Pair => ({ source: undefined, target }),
      onBoth: (source, target): Pair => ({ source, target }),
      order: byName
    }),
    Stream.map(([, pair]) => pair)
  )
}

/** Adds what the state knows. Of what neither side has it may know as well. */
export const withKnown = <E, R>(pairs: Stream.Stream<Pair, E, R>, known: Stream.Stream<Known>) =>
  pairs.pipe(
    Stream.map((pair) => [(pair.source ?? pair.target)?.entry.name ?? "", pair] as const),
    Stream.zipAllSortedByKeyWith({
      other: Stream.map(known, (known) => [known.name, known] as const),
      onSelf: (pair): Pair | undefined => pair,
      onOther: () => undefined,
      onBoth: (pair: Pair, known: Known): Pair | undefined => ({ ...pair, known }),
      order: byName
    }),
    Stream.filterMap(([, pair]) => Option.fromNullable(pair))
  )
