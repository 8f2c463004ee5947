/** What a place holds, in the order of the names' UTF-8 bytes, whichever kind of place it is. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import * as ObjectKey from "../../../ObjectKey.js"
import * as bucketOperations from "../../../operations/bucket.js"
import type { Directory, Entry, Place, Prefix, SyncError } from "../../../Sync.js"

const isGone = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

/** What goes while it is looked at was not there. What cannot be looked at is: taken for missing, its copy would be deleted. */
const orGone = <A, R>(self: Effect.Effect<A, PlatformError, R>): Effect.Effect<A | undefined, PlatformError, R> =>
  Effect.catchIf(self, isGone, () => Effect.succeed(undefined))

/** A directory sorts as its name with `/`: everything below it begins so. */
const walk = (root: string, below: string): Stream.Stream<Entry, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const read = fs.readDirectory(path.join(root, below))
      // The place itself has to be there.
      const names = below === "" ? yield* read : ((yield* orGone(read)) ?? [])
      const found = yield* Effect.forEach(
        names,
        (name) =>
          Effect.gen(function* () {
            const relative = below === "" ? name : `${below}/${name}`
            const full = path.join(root, relative)
            // A link leads elsewhere; `stat` would follow it.
            if (Option.isSome(yield* Effect.option(fs.readLink(full)))) return []
            const info = yield* orGone(fs.stat(full))
            if (info === undefined) return []
            const { mtime, size, type } = info
            return type === "Directory"
              ? [{ sort: `${name}/`, relative, entry: undefined }]
              : type === "File"
                ? [
                    {
                      sort: name,
                      relative,
                      entry: {
                        name: relative,
                        size: Number(size),
                        lastModified: Option.getOrUndefined(mtime),
                        eTag: undefined
                      }
                    }
                  ]
                : []
          }),
        { concurrency: 16 }
      )
      return Stream.fromIterable(found.flat().sort((a, b) => ObjectKey.compare(a.sort, b.sort))).pipe(
        Stream.flatMap(({ entry, relative }) => (entry === undefined ? walk(root, relative) : Stream.succeed(entry)))
      )
    })
  )

/** A target that is not there yet is empty. A source that is not there is a mistake: its copy would be deleted. */
const files = ({ path }: Directory, side: Side) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      return side === "from" || (yield* fs.exists(path)) ? walk(path, "") : Stream.empty
    })
  )

/** Folder markers are not files. */
const objects = ({ bucket, prefix, region }: Prefix) =>
  bucketOperations.listObjects.items({ bucket, region, prefix }).pipe(
    Stream.filter(({ key }) => !key.endsWith("/") && key !== prefix),
    Stream.map(
      ({ eTag, key, lastModified, size }): Entry => ({ name: key.slice(prefix.length), size, lastModified, eTag })
    )
  )

type Entries = Stream.Stream<Entry, SyncError, CosClient | FileSystem.FileSystem | Path.Path>

export type Side = "from" | "to"

export const entries = (place: Place, side: Side): Entries =>
  place._tag === "Directory" ? files(place, side) : objects(place)

/** Both sides side by side: what only one has, and what both have. */
export const join = (left: Entries, right: Entries) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const reader = (stream: Entries) =>
        Effect.gen(function* () {
          const pull = yield* Stream.toPull(stream)
          let buffer: ReadonlyArray<Entry> = []
          let at = 0
          /** The entry that is next, `undefined` at the end. */
          const peek: Effect.Effect<Entry | undefined, SyncError, CosClient | FileSystem.FileSystem | Path.Path> =
            Effect.suspend(() => {
              const entry = buffer[at]
              if (entry !== undefined) return Effect.succeed(entry)
              return Effect.matchEffect(pull, {
                onFailure: Option.match({ onNone: () => Effect.succeed(undefined), onSome: Effect.fail }),
                onSuccess: (chunk) => {
                  buffer = Chunk.toReadonlyArray(chunk)
                  at = 0
                  return peek
                }
              })
            })
          const take = () => {
            at += 1
          }
          return { peek, take }
        })
      const a = yield* reader(left)
      const b = yield* reader(right)
      return Stream.repeatEffectOption(
        Effect.gen(function* () {
          const source = yield* Effect.mapError(a.peek, Option.some)
          const target = yield* Effect.mapError(b.peek, Option.some)
          if (source === undefined && target === undefined) return yield* Effect.fail(Option.none())
          const order =
            source === undefined ? 1 : target === undefined ? -1 : ObjectKey.compare(source.name, target.name)
          if (order <= 0) a.take()
          if (order >= 0) b.take()
          return { source: order <= 0 ? source : undefined, target: order >= 0 ? target : undefined }
        })
      )
    })
  )
