/** Files of which some calls are made otherwise. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

type Calls = Partial<Pick<FileSystem.File, "seek" | "read" | "writeAll">>

/** `change` gives other calls for a file that was opened, and hears by its scope when it is closed. */
export const openFiles = (
  change: (file: FileSystem.File, path: string) => Effect.Effect<Calls, PlatformError, Scope.Scope>
): Layer.Layer<FileSystem.FileSystem, never, FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (fs) => ({
      ...fs,
      open: (path, options) =>
        Effect.flatMap(fs.open(path, options), (file) =>
          Effect.map(
            change(file, path),
            (calls): FileSystem.File => ({
              [FileSystem.FileTypeId]: FileSystem.FileTypeId,
              fd: file.fd,
              stat: file.stat,
              sync: file.sync,
              seek: (offset, from) => file.seek(offset, from),
              read: (buffer) => file.read(buffer),
              readAlloc: (size) => file.readAlloc(size),
              truncate: (length) => file.truncate(length),
              write: (buffer) => file.write(buffer),
              writeAll: (buffer) => file.writeAll(buffer),
              ...calls
            })
          )
        )
    }))
  )
