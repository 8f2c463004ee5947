/** The steps of a file system by `node:fs`: each is one Effect, whatever number of calls it takes. */
import * as NodeFs from "node:fs"
import { type PlatformError, SystemError, type SystemErrorReason } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { FileInfo, FileReader, NewFile, Steps } from "effect-cos/CosFileSystem"

type Failed = (error: NodeJS.ErrnoException) => void
type Run<A> = (succeed: (value: A) => void, fail: Failed) => void

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
 * Runs the calls of one turn of the event loop together. To wake a thread of the pool takes longer than most calls, but those
 * that are awake take one call after the other.
 */
const atEndOfTurn = (call: () => void): void => {
  if (calls.push(call) === 1) setImmediate(runCalls)
}

let calls: Array<() => void> = []

const runCalls = () => {
  const ofTurn = calls
  calls = []
  for (const call of ofTurn) call()
}

/**
 * Runs calls of the system.
 *
 * What Effect makes to wait for a callback lives in V8's old space until the next major collection. So it refers to `run`,
 * and by that to the bytes of a file, only until it is called.
 */
const callOnce = <A>(method: string, path: string, run: Run<A>): Effect.Effect<A, PlatformError> => {
  let held: Run<A> | undefined = run
  return Effect.async((resume) => {
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
    const run = held
    held = undefined
    atEndOfTurn(() => {
      try {
        run?.((value) => resume(Effect.succeed(value)), fail)
      } catch (error) {
        // A path with a zero byte, for one.
        fail(error as NodeJS.ErrnoException)
      }
    })
  })
}

// Apart from `callOnce`, because a closure keeps alive whatever any closure around it refers to.
const call = <A>(method: string, path: string, run: Run<A>): Effect.Effect<A, PlatformError> =>
  Effect.suspend(() => callOnce(method, path, run))

/** Runs them to their end: until then the system may use the buffer, or hold the file. */
const step: typeof call = (method, path, run) =>
  Effect.suspend(() => Effect.uninterruptible(callOnce(method, path, run)))

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
  call("stat", path, (succeed, fail) =>
    NodeFs.stat(path, inFull, (error, stats) => (error === null ? succeed(infoOf(stats)) : fail(error)))
  )

const lstat = (path: string): Effect.Effect<FileInfo | undefined, PlatformError> =>
  call("stat", path, (succeed, fail) =>
    NodeFs.lstat(path, inFull, (error, stats) => {
      if (error === null) succeed(infoOf(stats))
      else if (error.code === "ENOENT") succeed(undefined)
      else fail(error)
    })
  )

/** A pipe is not waited for. Windows has no such flag. */
const forReading = NodeFs.constants.O_RDONLY | (NodeFs.constants.O_NONBLOCK ?? 0)

const isUnchanged = (before: NodeFs.BigIntStats | undefined, now: NodeFs.BigIntStats): boolean =>
  before !== undefined &&
  before.size === now.size &&
  before.ctimeNs === now.ctimeNs &&
  before.mtimeNs === now.mtimeNs &&
  before.ino === now.ino &&
  before.dev === now.dev

const nobodyWaits = () => undefined

class Reader implements FileReader {
  #fd: number | undefined
  #isReading = false
  #isClosed = false
  #stats: NodeFs.BigIntStats | undefined
  #info: FileInfo | undefined

  constructor(readonly path: string) {}

  /**
   * What the system says of the file that it has just opened or read. It knows that by then, without asking a disk or a
   * server, so that a trip to the thread pool would cost many times as much. All other calls may have to wait for one.
   */
  #look(fd: number): FileInfo {
    const now = NodeFs.fstatSync(fd, inFull)
    if (this.#info === undefined || !isUnchanged(this.#stats, now)) this.#info = infoOf(now)
    this.#stats = now
    return this.#info
  }

  /** Calls `then` when the system has opened or read it, and closes the file if that throws, or if nobody reads on. */
  #callback(fail: Failed, then: () => void): void {
    this.#isReading = false
    try {
      if (this.#isClosed) this.close()
      else then()
    } catch (error) {
      this.close()
      fail(error as NodeJS.ErrnoException)
    }
  }

  get open(): FileReader["open"] {
    return call("open", this.path, (succeed, fail) =>
      NodeFs.open(this.path, forReading, (error, fd) => {
        if (error !== null) return fail(error)
        this.#fd = fd
        this.#callback(fail, () => succeed(this.#look(fd)))
      })
    )
  }

  readonly read: FileReader["read"] = (buffer) =>
    call("read", this.path, (succeed, fail) => {
      const fd = this.#fd
      if (fd === undefined || this.#isClosed) return fail(new Error("the file is closed"))
      const readFrom = (bytes: number): void => {
        this.#isReading = true
        NodeFs.read(fd, buffer, bytes, buffer.byteLength - bytes, bytes, (error, count) =>
          this.#callback(fail, () => {
            if (error !== null) throw error
            const now = bytes + count
            const info = this.#look(fd)
            if (count > 0 && now < buffer.byteLength && now !== Number(info.size)) return readFrom(now)
            this.close()
            succeed({ bytes: now, info })
          })
        )
      }
      readFrom(0)
    })

  readonly close = (): void => {
    this.#isClosed = true
    // Whoever closes it in the end is known for longer.
    this.#stats = undefined
    this.#info = undefined
    const fd = this.#fd
    if (fd === undefined || this.#isReading) return
    this.#fd = undefined
    // Whoever opens another file later has its descriptor, since the threads take calls in their order.
    atEndOfTurn(() => NodeFs.close(fd, nobodyWaits))
  }
}

const reader: Steps["reader"] = (path) => new Reader(path)

class FileToWrite implements NewFile {
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
    else atEndOfTurn(() => NodeFs.close(fd, then))
  }

  readonly write = (content: Uint8Array): Effect.Effect<void, PlatformError> =>
    step("write", this.path, (succeed, fail) => {
      const fd = this.#fd as number
      const failed: Failed = (error) => this.#close(() => fail(error))
      const flush = () =>
        atEndOfTurn(() =>
          NodeFs.fsync(fd, (error) => {
            if (error !== null) return failed(error)
            // Some file systems tell only here what could not be written.
            this.#close((error) => (error == null ? succeed() : fail(error)))
          })
        )
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
    NodeFs.open(path, "wx", mode, (error, fd) => (error === null ? succeed(new FileToWrite(fd, path)) : fail(error)))
  )

const rename: Steps["rename"] = (from, to) =>
  step("rename", from, (succeed, fail) =>
    NodeFs.rename(from, to, (error) => (error === null ? succeed() : fail(error)))
  )

/** The steps of Node's file system, as the platform makes it. */
export const make = (fileSystem: FileSystem.FileSystem): Steps => ({ fileSystem, stat, lstat, reader, create, rename })
