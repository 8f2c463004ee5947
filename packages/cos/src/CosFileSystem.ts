/**
 * What a file system can do in few steps.
 *
 * The `FileSystem` of `@effect/platform` makes one call of the system at a time, each with an Effect of its own, and a file
 * handle with a lock; and it has no `lstat`, so that a link is found by a call that fails for all else. For a small file
 * that costs more than its request. Where the runtime has these steps, transfers use them instead; without them they do
 * the same by `FileSystem` alone.
 *
 * `NodeCos.layer` of `effect-cos-node` provides them, and `NodeFiles.layer` them alone.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/**
 * What the system says of a file.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileInfo
  extends Pick<FileSystem.File.Info, "type" | "size" | "mtime" | "birthtime" | "dev" | "ino" | "mode" | "uid" | "gid"> {
  /** When content or attributes were last changed, in nanoseconds since 1970: no program can set it back. */
  readonly ctime: bigint
}

/**
 * A file that is read once. An interrupt does not wait for the system, which may hang: what it still does is thrown away.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileReader {
  /** Opens it, and succeeds with what the system says of it. A pipe is not waited for. */
  readonly open: Effect.Effect<FileInfo, PlatformError>
  /**
   * Reads from its beginning until the buffer is full, or the file ends, and closes it, also after a failure. Succeeds with
   * the number of bytes, and with what the system says of the file afterwards: what `open` gave, if that has not changed.
   */
  readonly read: (
    buffer: Uint8Array
  ) => Effect.Effect<{ readonly bytes: number; readonly info: FileInfo }, PlatformError>
  /** Closes it where `read` has not, as soon as the system is done. Nobody has to wait for that. */
  readonly close: () => void
}

/**
 * A file that was made, and that is open.
 *
 * @since 0.1.0
 * @category models
 */
export interface NewFile {
  /** Writes its whole content, flushes it to the disk, and closes it, also after a failure. */
  readonly write: (content: Uint8Array) => Effect.Effect<void, PlatformError>
  /** Closes it where `write` has not. */
  readonly close: Effect.Effect<void>
}

/**
 * The steps. They fail as `fileSystem` does. What only looks or reads leaves the system to its work when it is interrupted; what
 * makes or writes a file waits for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Steps {
  /** The file system whose files these are. With any other in the context, such as one that wraps it, they are not used. */
  readonly fileSystem: FileSystem.FileSystem
  /** What is at a path, or where the link there leads. */
  readonly stat: (path: string) => Effect.Effect<FileInfo, PlatformError>
  /** What is at a path, which may be a link; `undefined` if there is nothing. */
  readonly lstat: (path: string) => Effect.Effect<FileInfo | undefined, PlatformError>
  /** A reader of what is at a path, or where the link there leads. Whoever asks for it closes it. */
  readonly reader: (path: string) => FileReader
  /** Makes a file where there is nothing yet. */
  readonly create: (path: string, mode: number | undefined) => Effect.Effect<NewFile, PlatformError>
  /** Gives a file another name, which no other file has afterwards. */
  readonly rename: (from: string, to: string) => Effect.Effect<void, PlatformError>
}

/**
 * The steps of the file system: none, unless a layer says so.
 *
 * @since 0.1.0
 * @category context
 */
export class CosFileSystem extends Context.Reference<CosFileSystem>()("effect-cos/CosFileSystem", {
  defaultValue: (): Steps | undefined => undefined
}) {}
