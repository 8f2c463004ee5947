/** The steps of a file system by `node:fs`: each is one Effect, whatever number of calls it takes. */
import * as NodeFs from "node:fs"
import { type PlatformError, SystemError, type SystemErrorReason } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { FileInfo, NewFile, Steps } from "effect-cos/CosFileSystem"

type Failed = (error: NodeJS.ErrnoException) => void

/** As the platform's `FileSystem` names them. */
const reasons: { readonly [code: string]: SystemErrorReason } = {
  ENOENT: "NotFound",
  EACCES: "PermissionDenied",
  EEXIST: "AlreadyExists",
  EISDIR: "BadResource",
  ENOTDIR: "BadResource",
  ELOOP: "BadResource",
  EBUSY: "Busy"
}

/**
 * Runs calls of the system to their end: until then it may use the buffer, or hold the file.
 *
 * What Effect makes to wait for a callback lives in V8's old space until the next major collection. So it refers to `run`,
 * and by that to the bytes of a file, only until it is called.
 */
const step = <A>(
  method: string,
  path: string,
  run: (succeed: (value: A) => void, fail: Failed) => void
): Effect.Effect<A, PlatformError> =>
  Effect.suspend(() => {
    let held: typeof run | undefined = run
    return Effect.async<A, PlatformError>((resume) => {
      const fail: Failed = (cause) =>
        resume(
          new SystemError({
            module: "FileSystem",
            method,
            reason: reasons[cause.code ?? ""] ?? "Unknown",
            pathOrDescriptor: path,
            syscall: cause.syscall,
            description: cause.message,
            cause
          })
        )
      const calls = held
      held = undefined
      try {
        calls?.((value) => resume(Effect.succeed(value)), fail)
      } catch (error) {
        // A path with a zero byte, for one.
        fail(error as NodeJS.ErrnoException)
      }
    })
  }).pipe(Effect.uninterruptible)

const typeOf = (stats: NodeFs.BigIntStats): FileSystem.File.Type =>
  stats.isFile()
    ? "File"
    : stats.isDirectory()
      ? "Directory"
      : stats.isSymbolicLink()
        ? "SymbolicLink"
        : stats.isBlockDevice()
          ? "BlockDevice"
          : stats.isCharacterDevice()
            ? "CharacterDevice"
            : stats.isFIFO()
              ? "FIFO"
              : stats.isSocket()
                ? "Socket"
                : "Unknown"

const second = 1_000_000_000n

/** In whole milliseconds, rounded as Node does for `Stats.mtime`. */
const dateOf = (nanoseconds: bigint): Date =>
  new Date(Math.round(Number(nanoseconds / second) * 1000 + Number(nanoseconds % second) / 1e6))

/** Only big integers tell times to the nanosecond. */
const inFull = { bigint: true } as const

const infoOf = (stats: NodeFs.BigIntStats): FileInfo => ({
  type: typeOf(stats),
  size: FileSystem.Size(stats.size),
  mtime: Option.some(dateOf(stats.mtimeNs)),
  birthtime: Option.some(dateOf(stats.birthtimeNs)),
  ctime: stats.ctimeNs,
  dev: Number(stats.dev),
  ino: Option.some(Number(stats.ino)),
  mode: Number(stats.mode),
  uid: Option.some(Number(stats.uid)),
  gid: Option.some(Number(stats.gid))
})

const stat = (path: string): Effect.Effect<FileInfo, PlatformError> =>
  step("stat", path, (succeed, fail) =>
    NodeFs.stat(path, inFull, (error, stats) => (error === null ? succeed(infoOf(stats)) : fail(error)))
  )

const lstat = (path: string): Effect.Effect<FileInfo | undefined, PlatformError> =>
  step("stat", path, (succeed, fail) =>
    NodeFs.lstat(path, inFull, (error, stats) => {
      if (error === null) succeed(infoOf(stats))
      else if (error.code === "ENOENT") succeed(undefined)
      else fail(error)
    })
  )

/** A pipe that took a file's place is not waited for. Windows has no such flag. */
const forReading = NodeFs.constants.O_RDONLY | (NodeFs.constants.O_NONBLOCK ?? 0)

const read: Steps["read"] = (path, buffer) =>
  step("read", path, (succeed, fail) =>
    NodeFs.open(path, forReading, (error, fd) => {
      if (error !== null) return fail(error)
      const close = (then: () => void) => NodeFs.close(fd, then)
      const failed: Failed = (error) => close(() => fail(error))
      const readFrom = (bytes: number): void =>
        NodeFs.read(fd, buffer, bytes, buffer.byteLength - bytes, bytes, (error, count) => {
          if (error !== null) return failed(error)
          const now = bytes + count
          NodeFs.fstat(fd, inFull, (error, stats) => {
            if (error !== null) return failed(error)
            if (count > 0 && now < buffer.byteLength && now !== Number(stats.size)) return readFrom(now)
            close(() => succeed({ bytes: now, info: infoOf(stats) }))
          })
        })
      readFrom(0)
    })
  )

class OpenFile implements NewFile {
  #fd: number | undefined

  constructor(
    fd: number,
    readonly path: string
  ) {
    this.#fd = fd
  }

  #close(then: (error?: NodeJS.ErrnoException | null) => void): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd === undefined) then()
    else NodeFs.close(fd, then)
  }

  readonly write = (content: Uint8Array): Effect.Effect<void, PlatformError> =>
    step("write", this.path, (succeed, fail) => {
      const fd = this.#fd as number
      const failed: Failed = (error) => this.#close(() => fail(error))
      const flush = () =>
        NodeFs.fsync(fd, (error) => {
          if (error !== null) return failed(error)
          // Some file systems tell only here what could not be written.
          this.#close((error) => (error == null ? succeed() : fail(error)))
        })
      const writeFrom = (bytes: number): void =>
        NodeFs.write(fd, content, bytes, content.byteLength - bytes, bytes, (error, count) => {
          if (error !== null) return failed(error)
          if (count === 0) return failed(new Error("write returned 0 bytes written"))
          if (bytes + count < content.byteLength) writeFrom(bytes + count)
          else flush()
        })
      if (content.byteLength === 0) flush()
      else writeFrom(0)
    })

  readonly close = Effect.uninterruptible(Effect.async<void>((resume) => this.#close(() => resume(Effect.void))))
}

const create: Steps["create"] = (path, mode) =>
  step("open", path, (succeed, fail) =>
    NodeFs.open(path, "wx", mode, (error, fd) => (error === null ? succeed(new OpenFile(fd, path)) : fail(error)))
  )

/** The steps of Node's file system, as the platform makes it. */
export const make = (fileSystem: FileSystem.FileSystem): Steps => ({ fileSystem, stat, lstat, read, create })
