/** Replacing a file as a whole. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/**
 * Lets `write` fill `temporary`, which must be new and in the directory of `path`, flushes it, and gives it the name `path`.
 * A reader of `path` finds the old content or the new one, never a part of it. Only the owner may read the file. Where
 * `write` fails or is interrupted, `temporary` is removed.
 */
export const replaceFileWith = <E, R>(
  fs: FileSystem.FileSystem,
  path: string,
  temporary: string,
  write: (file: FileSystem.File) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | PlatformError, R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
      yield* write(file)
      yield* file.sync
    })
  ).pipe(
    // A rename that is abandoned still happens, perhaps after somebody has removed the file.
    Effect.zipRight(Effect.uninterruptible(fs.rename(temporary, path))),
    Effect.onError(() => Effect.ignore(fs.remove(temporary)))
  )

export const replaceFile = (
  fs: FileSystem.FileSystem,
  path: string,
  temporary: string,
  text: string
): Effect.Effect<void, PlatformError> =>
  Effect.uninterruptible(replaceFileWith(fs, path, temporary, (file) => file.writeAll(new TextEncoder().encode(text))))
