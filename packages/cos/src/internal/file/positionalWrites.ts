/** Whether a file system writes where it is told to. On Bun, the platform's `File.write` ignores `seek`. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { fill } from "./fileContent.js"
import { makeTemporaryName } from "./temporaryName.js"

const known = new WeakMap<FileSystem.FileSystem, boolean>()

/** Writes the end of a new file before its beginning, and reads both. */
const probe = (fs: FileSystem.FileSystem, path: string): Effect.Effect<boolean, PlatformError> =>
  Effect.gen(function* () {
    const file = yield* fs.open(path, { flag: "wx+", mode: 0o600 })
    yield* file.truncate(FileSystem.Size(4))
    yield* file.seek(FileSystem.Size(2), "start")
    yield* file.writeAll(Uint8Array.of(3, 4))
    yield* file.seek(FileSystem.Size(0), "start")
    yield* file.writeAll(Uint8Array.of(1, 2))
    yield* file.seek(FileSystem.Size(0), "start")
    const content = new Uint8Array(5)
    const size = yield* fill(file, content)
    return size === 4 && [1, 2, 3, 4].every((byte, i) => content[i] === byte)
  }).pipe(Effect.scoped, Effect.ensuring(Effect.ignore(fs.remove(path, { force: true }))), Effect.uninterruptible)

/** Tried once for each `FileSystem`, with a file of its own in `directory`, which ends in a separator. */
export const writesAtPosition = (directory: string): Effect.Effect<boolean, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const result = known.get(fs) ?? (yield* probe(fs, directory + (yield* makeTemporaryName)))
    known.set(fs, result)
    return result
  })
