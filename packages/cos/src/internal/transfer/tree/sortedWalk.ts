/**
 * Walks a directory in the order of the names' UTF-8 bytes, which is that of COS lists: `a-b`, `a.txt`, then what is in `a`.
 * Memory: the names of the directories on the way to where the walk is.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as ObjectKey from "../../../ObjectKey.js"
import * as workers from "../workers.js"

/** What a name stands for: something that the walk gives, or a directory to be opened. */
export interface Looked<Found> {
  readonly found: Found
  readonly isDirectory: boolean
}

/** A directory that was opened, or could not be: then it has no names. */
export interface Opened<Folder, Found> {
  readonly folder: Folder
  /** Sorted by `ObjectKey.compare`. */
  readonly names: ReadonlyArray<string>
  /** What is given before all that lies in it. */
  readonly before?: Found | undefined
}

export interface Visitor<Folder, Found, R> {
  /** Looks at one name of a directory; nothing comes of what is left out. */
  readonly look: (folder: Folder, name: string) => Effect.Effect<Looked<Found> | undefined, never, R>
  /** Opens a directory that was found, when its turn has come. */
  readonly open: (folder: Folder, found: Found) => Effect.Effect<Opened<Folder, Found> | undefined, never, R>
  /** Called when all that lies in a directory has been given. */
  readonly close?: (folder: Folder) => Effect.Effect<void, never, R>
}

export const sorted = (names: ReadonlyArray<string>): ReadonlyArray<string> => names.slice().sort(ObjectKey.compare)

/** A directory sorts as its name and `/`, as keys do. */
interface Item<Found> extends Looked<Found> {
  readonly sort: string
}

/** A directory that is being walked. */
interface Cursor<Folder, Found> {
  readonly folder: Folder
  readonly names: ReadonlyArray<string>
  /** How many of the names have been looked at. */
  looked: number
  /** What comes next, in order. */
  ready: Array<Item<Found>>
  /** Directories that come after names which have not been looked at. */
  held: ReadonlyArray<Item<Found>>
}

/** Names that are looked at together, and how many of them at once. */
const batch = 128
const concurrency = 16

const compareItems = (a: Item<unknown>, b: Item<unknown>) => ObjectKey.compare(a.sort, b.sort)

/** Looks at more of a directory's names. */
const lookOn = <Folder, Found, R>(cursor: Cursor<Folder, Found>, { look }: Visitor<Folder, Found, R>) => {
  const names = cursor.names.slice(cursor.looked, cursor.looked + batch)
  const items = cursor.held.slice()
  const lookAt = (name: string) =>
    Effect.map(look(cursor.folder, name), (looked) => {
      if (looked === undefined) return
      const { found, isDirectory } = looked
      items.push({ found, isDirectory, sort: isDirectory ? `${name}/` : name })
    })
  // Not `Effect.forEach`, which makes a fiber for each name.
  return Effect.map(workers.forEach(names, concurrency, lookAt), () => {
    cursor.looked += names.length
    items.sort(compareItems)
    const next = cursor.names[cursor.looked]
    const end = next === undefined ? -1 : items.findIndex(({ sort }) => ObjectKey.compare(sort, next) > 0)
    cursor.ready = end < 0 ? items : items.slice(0, end)
    cursor.held = end < 0 ? [] : items.slice(end)
  })
}

/** Everything below `root`. What has been found is given before more is looked at. */
export const walk = <Folder, Found, R>(
  root: Opened<Folder, Found>,
  visitor: Visitor<Folder, Found, R>
): Stream.Stream<Found, never, R> =>
  Stream.suspend(() => {
    const cursors: Array<Cursor<Folder, Found>> = []
    const found: Array<Found> = []
    const enter = ({ before, folder, names }: Opened<Folder, Found>) => {
      if (before !== undefined) found.push(before)
      cursors.push({ folder, names, looked: 0, ready: [], held: [] })
    }
    enter(root)
    const pull = Effect.gen(function* () {
      for (let cursor = cursors.at(-1); cursor !== undefined; cursor = cursors.at(-1)) {
        while (cursor.ready[0]?.isDirectory === false) found.push((cursor.ready.shift() as Item<Found>).found)
        if (found.length > 0) break
        const directory = cursor.ready.shift()
        if (directory !== undefined) {
          const opened = yield* visitor.open(cursor.folder, directory.found)
          if (opened !== undefined) enter(opened)
        } else if (cursor.looked < cursor.names.length) yield* lookOn(cursor, visitor)
        else {
          cursors.pop()
          yield* visitor.close?.(cursor.folder) ?? Effect.void
        }
      }
      return found.length === 0 ? yield* Effect.fail(Option.none()) : Chunk.unsafeFromArray(found.splice(0))
    })
    return Stream.repeatEffectChunkOption(pull)
  })
