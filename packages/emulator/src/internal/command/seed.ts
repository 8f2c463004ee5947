/**
 * `--seed`: a directory whose files are in the buckets from the start.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Control } from "../../Control.js"
import { maxBody } from "../operations/parameters.js"

/** The directory cannot be used as it is. */
export class SeedError extends Data.TaggedError("SeedError")<{ readonly message: string }> {}

/** What goes into one bucket. */
export interface Seed {
  readonly bucket: string
  readonly files: ReadonlyArray<{ readonly key: string; readonly path: string; readonly size: number }>
}

const inspect = (file: string): Effect.Effect<FileSystem.File.Info, SeedError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(file)).pipe(
    Effect.mapError(({ message }) => new SeedError({ message: `--seed: ${file} cannot be read: ${message}` }))
  )

const gibibyte = 1024 ** 3

/** What is kept in memory. Beyond it the process would swap, or end. */
const maxInMemory = 2 * gibibyte

/** From here on, storing the files takes long enough to say so. */
const worthMentioning = 256 * 1024 * 1024

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
        const { size, type } = yield* inspect(file)
        if (type === "Directory") return yield* filesBelow(file, `${prefix}${name}/`, new Set([...above, real]))
        if (type !== "File") return []
        // a sparse file takes no place on the disk, but would here
        if (size > maxBody) {
          return yield* new SeedError({ message: `--seed: ${file} has more than the 5 GiB of the largest object.` })
        }
        return [{ key: `${prefix}${name}`, path: file, size: Number(size) }]
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
        const { type } = yield* inspect(folder)
        return type === "Directory" ? [{ bucket, files: yield* filesBelow(folder, "", new Set([real])) }] : []
      })
    )
    return seeds.flat()
  })

/** Fails if the files are more than memory should hold, and says on standard error if storing them takes long. */
export const checkSize = (seeds: ReadonlyArray<Seed>, isInMemory: boolean): Effect.Effect<void, SeedError> => {
  const files = seeds.flatMap(({ files }) => files)
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const gibibytes = (total / gibibyte).toFixed(1)
  if (isInMemory && total > maxInMemory) {
    return new SeedError({ message: `--seed: ${gibibytes} GiB are too much for memory; give a --dir to keep them in.` })
  }
  return total > worthMentioning ? Effect.logInfo(`storing ${files.length} files, ${gibibytes} GiB`) : Effect.void
}

/** Stores the files of a seed. */
export const storeSeed = (
  { seed }: Pick<Control, "seed">,
  { bucket, files }: Seed
): Effect.Effect<void, SeedError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.forEach(
      files,
      ({ key, path }) =>
        Effect.mapError(
          seed(bucket, key, fs.stream(path)),
          ({ message }) => new SeedError({ message: `--seed: ${path} cannot be stored: ${message}` })
        ),
      { discard: true }
    )
  )
