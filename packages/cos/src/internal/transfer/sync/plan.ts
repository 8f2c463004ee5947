/** From two listings to what is to be done. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { UnsafeKey } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import * as ObjectKey from "../../../ObjectKey.js"
import * as object from "../../../operations/object.js"
import type { Action, Entry, Place, PlanOptions } from "../../../Sync.js"
import * as selection from "../tree/selection.js"
import { entries, join } from "./entries.js"
import { routeOf } from "./route.js"

/** Objects that are asked for, and files that are read, at once while comparing. */
const compared = 8

const crcOf = (place: Place, name: string) =>
  place._tag === "Prefix"
    ? Effect.map(
        object.headObject({ bucket: place.bucket, region: place.region, key: place.prefix + name }),
        ({ crc64 }) => crc64
      )
    : Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const crc = Crc64.make()
        yield* Stream.runForEach(fs.stream(path.join(place.path, name), { chunkSize: 1024 * 1024 }), (bytes) =>
          Effect.sync(() => crc.update(bytes))
        )
        return crc.value
      })

const isNewer = (source: Entry, target: Entry): boolean =>
  source.lastModified !== undefined &&
  target.lastModified !== undefined &&
  // Objects' times are whole seconds.
  Math.floor(source.lastModified.getTime() / 1000) > Math.floor(target.lastModified.getTime() / 1000)

/** Why the target is not the source's equal, if it is not. */
const difference = (options: PlanOptions, source: Entry, target: Entry) =>
  Effect.gen(function* () {
    if (source.size !== target.size) return "size" as const
    switch (options.compare ?? "modified") {
      case "size":
        return undefined
      case "modified":
        return isNewer(source, target) ? ("newer" as const) : undefined
      case "checksum": {
        const [ours, theirs] = yield* Effect.all([crcOf(options.from, source.name), crcOf(options.to, target.name)], {
          concurrency: 2
        }).pipe(
          // Its transfer will tell what is wrong with it, and it alone will fail.
          Effect.orElseSucceed(() => [undefined, undefined] as const)
        )
        return ours === undefined || ours !== theirs ? ("content" as const) : undefined
      }
    }
  })

/** An unsafe name is never made local. */
const unsafe = (to: Place, name: string): UnsafeKey | undefined => {
  if (to._tag === "Prefix") return undefined
  return Either.match(ObjectKey.toLocalPath(name), {
    onLeft: ({ reason }) => new UnsafeKey({ key: name, reason }),
    onRight: () => undefined
  })
}

export const plan = (options: PlanOptions) => {
  const { from, to } = options
  const joined = Effect.gen(function* () {
    yield* routeOf(options)
    const selected = yield* selection.make("Sync", options)
    const isMeant = (entry: Entry) => selected.has(entry.name, entry)
    return join(Stream.filter(entries(from, "from"), isMeant), Stream.filter(entries(to, "to"), isMeant))
  })
  return Stream.unwrap(joined).pipe(
    Stream.mapEffect(
      ({ source, target }) =>
        Effect.gen(function* () {
          if (source === undefined) {
            return target !== undefined && options.delete === true
              ? Option.some<Action>({ _tag: "Delete", name: target.name, size: target.size })
              : Option.none()
          }
          const { name, size } = source
          const error = unsafe(to, name)
          if (error !== undefined) return Option.some<Action>({ _tag: "Refuse", name, error })
          const reason = target === undefined ? ("missing" as const) : yield* difference(options, source, target)
          return reason === undefined ? Option.none() : Option.some<Action>({ _tag: "Transfer", name, size, reason })
        }),
      { concurrency: compared }
    ),
    Stream.filterMap((action) => action)
  )
}
