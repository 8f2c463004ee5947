/**
 * `--seed`: a directory whose files are in the buckets from the start.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Control, EmulatorError } from "../../Control.js"

/** The directory cannot be used as it is. */
export class SeedError extends Data.TaggedError("SeedError")<{ readonly message: string }> {}

/** What goes into one bucket. */
export interface Seed {
  readonly bucket: string
  readonly files: ReadonlyArray<{ readonly key: string; readonly path: string }>
}

const typeOf = (file: string): Effect.Effect<FileSystem.File.Type, SeedError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(file)).pipe(
    Effect.map(({ type }) => type),
    Effect.mapError(({ message }) => new SeedError({ message: `--seed: ${file} cannot be read: ${message}` }))
  )

/**
 * The files below a directory, in order. Follows links. A link that leads nowhere, or back to a directory that contains it,
 * is an error: following it would lose files or never end.
 */
const filesBelow = (
  directory: string,
  prefix: string,
  above: ReadonlySet<string>
): Effect.Effect<Seed["files"], PlatformError | SeedError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const real = yield* fs.realPath(directory)
    if (above.has(real)) {
      return yield* new SeedError({ message: `--seed: ${directory} is a link to a directory that it is in.` })
    }
    const found = yield* Effect.forEach((yield* fs.readDirectory(directory)).toSorted(), (name) =>
      Effect.gen(function* () {
        const file = path.join(directory, name)
        const type = yield* typeOf(file)
        if (type === "Directory") return yield* filesBelow(file, `${prefix}${name}/`, new Set([...above, real]))
        return type === "File" ? [{ key: `${prefix}${name}`, path: file }] : []
      })
    )
    return found.flat()
  })

/** The files of a directory by bucket: the first folder names it. Ignores files beside those folders. */
export const seedsOf = (
  directory: string
): Effect.Effect<ReadonlyArray<Seed>, PlatformError | SeedError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const real = yield* fs.realPath(directory)
    const seeds = yield* Effect.forEach((yield* fs.readDirectory(directory)).toSorted(), (bucket) =>
      Effect.gen(function* () {
        const folder = path.join(directory, bucket)
        const type = yield* typeOf(folder)
        return type === "Directory" ? [{ bucket, files: yield* filesBelow(folder, "", new Set([real])) }] : []
      })
    )
    return seeds.flat()
  })

/** Stores the files of a seed. */
export const storeSeed = (
  { seed }: Control,
  { bucket, files }: Seed
): Effect.Effect<void, EmulatorError | PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.forEach(files, ({ key, path }) => seed(bucket, key, fs.stream(path)), { discard: true })
  )
