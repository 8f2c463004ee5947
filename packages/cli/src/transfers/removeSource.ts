/**
 * The end of a move: the source is removed once its copy was looked at, and only if it is still what was copied.
 */
import { rmdir } from "node:fs/promises"
import { dirname, sep } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import { IntegrityError, ObjectChanged, SourceChanged } from "effect-cos/CosError"
import * as Crc64 from "effect-cos/Crc64"
import type * as Download from "effect-cos/Download"
import type * as Upload from "effect-cos/Upload"
import type { CommandError } from "../contract/errors.js"

interface Location {
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  readonly key: string
}

const factsOf = (info: FileSystem.File.Info) =>
  `${info.size} bytes, ${Option.getOrElse(
    Option.map(info.mtime, (time) => time.toISOString()),
    () => "?"
  )}, ${Option.getOrElse(info.ino, () => "?")}`

/** Removes a file whose object has its size and CRC64, and which still has that content. */
export const removeVerifiedFile = (
  path: string,
  location: Location,
  sent: Upload.UploadResult
): Effect.Effect<void, CommandError, CosClient | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const stored = yield* Cos.headObject(location)
    if (stored.contentLength !== sent.size || (stored.crc64 !== undefined && stored.crc64 !== sent.crc64)) {
      return yield* new IntegrityError({
        operation: "mv",
        algorithm: stored.contentLength === sent.size ? "crc64" : "size",
        expected: String(stored.contentLength === sent.size ? sent.crc64 : sent.size),
        actual: String(stored.contentLength === sent.size ? stored.crc64 : stored.contentLength),
        ...location
      })
    }
    const before = factsOf(yield* fs.stat(path))
    const crc = Crc64.make()
    yield* Stream.runForEach(fs.stream(path, { chunkSize: 1024 * 1024 }), (bytes) =>
      Effect.sync(() => crc.update(bytes))
    )
    const after = factsOf(yield* fs.stat(path))
    if (crc.value !== sent.crc64 || before !== after) {
      return yield* new SourceChanged({ source: path, field: "content", expected: before, actual: after })
    }
    yield* fs.remove(path)
  })

/**
 * Removes the directories that a move has emptied, below the one that was named: that one stays, since others may go on to put
 * files there. A directory that has anything left is not removed, whatever came there meanwhile.
 */
export const removeEmptied = (root: string, files: Iterable<string>): Effect.Effect<void> =>
  Effect.promise(async () => {
    const inside = root.endsWith(sep) ? root : `${root}${sep}`
    const emptied = new Set<string>()
    for (const file of files) {
      for (let path = dirname(file); path.startsWith(inside) && path.length > inside.length; path = dirname(path)) {
        if (emptied.has(path)) break
        emptied.add(path)
      }
    }
    const deepestFirst = [...emptied].toSorted((a, b) => b.length - a.length)
    for (const path of deepestFirst) await rmdir(path).catch(() => {})
  })

/** Removes an object that is still the one that was downloaded, and verified. */
export const removeObject = (
  location: Location,
  got: Download.DownloadFileResult
): Effect.Effect<void, CommandError, CosClient> =>
  Effect.gen(function* () {
    const changed = new ObjectChanged({ bucket: location.bucket, key: location.key, expected: got.eTag ?? "" })
    if (got.eTag === undefined) return yield* changed
    yield* Effect.catchTag(Cos.headObject({ ...location, ifMatch: got.eTag }), "PreconditionFailed", () =>
      Effect.fail(changed)
    )
    yield* Cos.deleteObject(location)
  })
