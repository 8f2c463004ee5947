/** Files in memory, and files that fail: what a transfer does to a disk, without one. */
import { type PlatformError, SystemError, type SystemErrorReason } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

interface Node {
  bytes: Uint8Array
  mtime: number
  readonly ino: number
}

/** A call that a fault can act on. */
export interface Call {
  readonly method: "open" | "read" | "write" | "sync" | "truncate" | "stat" | "rename" | "remove"
  readonly path: string
  /** Of the bytes read or written, in the file. */
  readonly offset?: number
  readonly size?: number
}

/** Fails as Node does, with the system's code as the cause. */
export const systemError = (method: string, path: string, reason: SystemErrorReason, code: string): SystemError =>
  new SystemError({
    module: "FileSystem",
    method,
    reason,
    pathOrDescriptor: path,
    description: `${code}: ${method} '${path}'`,
    cause: Object.assign(new Error(`${code}: ${method} '${path}'`), { code })
  })

/** Bytes. */
const largestFile = 1024 ** 3

/** Files in memory. */
export class MemoryDisk {
  readonly #files = new Map<string, Node>()
  readonly #directories = new Set<string>(["/"])
  #ticks = 1_700_000_000_000
  #inodes = 0

  /** Called before every call; may fail it, or change files. */
  before: (call: Call) => Effect.Effect<void, PlatformError> = () => Effect.void

  /** Whether every write goes behind the one before it, wherever it was meant for, as on Bun. */
  ignoresPositions = false

  /** The paths of all files, sorted. */
  get paths(): ReadonlyArray<string> {
    return Array.from(this.#files.keys()).sort()
  }

  bytes(path: string): Uint8Array | undefined {
    return this.#files.get(path)?.bytes
  }

  /** A new file, also where there was one. */
  put(path: string, bytes: Uint8Array, options: { readonly sameTime?: boolean } = {}): void {
    this.#inodes += 1
    const mtime = (options.sameTime === true ? this.#files.get(path)?.mtime : undefined) ?? this.#tick()
    this.#files.set(path, { bytes, mtime, ino: this.#inodes })
  }

  /** Other bytes in the same file. */
  change(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const node = this.#files.get(path)
    if (node === undefined) throw new Error(`no file ${path}`)
    node.bytes = change(node.bytes)
    node.mtime = this.#tick()
  }

  makeDirectory(path: string): void {
    this.#directories.add(path)
  }

  #tick(): number {
    this.#ticks += 1000
    return this.#ticks
  }

  #call<A>(call: Call, act: () => A): Effect.Effect<A, PlatformError> {
    return Effect.zipRight(
      Effect.suspend(() => this.before(call)),
      Effect.try({ try: act, catch: (error) => error as PlatformError })
    )
  }

  #node(method: string, path: string): Node {
    const node = this.#files.get(path)
    if (node === undefined) throw systemError(method, path, "NotFound", "ENOENT")
    return node
  }

  #info(method: string, path: string): FileSystem.File.Info {
    const directory = this.#directories.has(path)
    const node = directory ? { bytes: new Uint8Array(0), mtime: 0, ino: 0 } : this.#node(method, path)
    const none = Option.none()
    return {
      type: directory ? "Directory" : "File",
      mtime: Option.some(new Date(node.mtime)),
      atime: none,
      birthtime: none,
      dev: 1,
      rdev: none,
      ino: Option.some(node.ino),
      mode: 0o644,
      nlink: none,
      uid: none,
      gid: none,
      size: FileSystem.Size(node.bytes.byteLength),
      blksize: none,
      blocks: none
    }
  }

  #open(path: string, flag: FileSystem.OpenFlag): FileSystem.File {
    if (this.#directories.has(path)) throw systemError("open", path, "BadResource", "EISDIR")
    const exists = this.#files.has(path)
    if (exists && flag.includes("x")) throw systemError("open", path, "AlreadyExists", "EEXIST")
    if (!exists && flag.startsWith("r")) throw systemError("open", path, "NotFound", "ENOENT")
    if (!exists) this.put(path, new Uint8Array(0))
    const node = this.#node("open", path)
    if (flag.startsWith("w")) node.bytes = new Uint8Array(0)
    let position = 0
    let afterLastWrite = 0
    const read = (buffer: Uint8Array) => {
      const bytes = node.bytes.subarray(position, position + buffer.byteLength)
      buffer.set(bytes)
      position += bytes.byteLength
      return FileSystem.Size(bytes.byteLength)
    }
    const resize = (size: number) => {
      if (size > largestFile) throw systemError("truncate", path, "Unknown", "EFBIG")
      const bytes = new Uint8Array(size)
      bytes.set(node.bytes.subarray(0, size))
      node.bytes = bytes
      node.mtime = this.#tick()
    }
    const write = (buffer: Uint8Array) => {
      const start = flag.startsWith("a") ? node.bytes.byteLength : this.ignoresPositions ? afterLastWrite : position
      afterLastWrite = start + buffer.byteLength
      if (afterLastWrite > node.bytes.byteLength) resize(afterLastWrite)
      node.bytes.set(buffer, start)
      node.mtime = this.#tick()
      position += buffer.byteLength
      return FileSystem.Size(buffer.byteLength)
    }
    const at = (method: Call["method"], buffer: Uint8Array): Call => ({
      method,
      path,
      offset: position,
      size: buffer.byteLength
    })
    return {
      [FileSystem.FileTypeId]: FileSystem.FileTypeId,
      fd: FileSystem.FileDescriptor(node.ino),
      stat: this.#call({ method: "stat", path }, () => this.#info("stat", path)),
      seek: (offset, from) =>
        Effect.sync(() => {
          position = Number(offset) + (from === "start" ? 0 : position)
        }),
      sync: this.#call({ method: "sync", path }, () => undefined),
      read: (buffer) => Effect.suspend(() => this.#call(at("read", buffer), () => read(buffer))),
      readAlloc: () => Effect.dieMessage("not needed"),
      truncate: (length = 0) => this.#call({ method: "truncate", path }, () => resize(Number(length))),
      write: (buffer) => Effect.suspend(() => this.#call(at("write", buffer), () => write(buffer))),
      writeAll: (buffer) =>
        Effect.suspend(() => this.#call(at("write", buffer), () => write(buffer))).pipe(Effect.asVoid)
    }
  }

  get fileSystem(): FileSystem.FileSystem {
    return FileSystem.makeNoop({
      open: (path, options) =>
        Effect.acquireRelease(
          this.#call({ method: "open", path }, () => this.#open(path, options?.flag ?? "r")),
          () => Effect.void
        ),
      writeFile: (path, bytes, options) =>
        Effect.scoped(
          Effect.flatMap(
            this.#call({ method: "open", path }, () => this.#open(path, options?.flag ?? "w")),
            (file) => (bytes.byteLength === 0 ? Effect.void : file.writeAll(bytes))
          )
        ),
      stat: (path) => this.#call({ method: "stat", path }, () => this.#info("stat", path)),
      exists: (path) => Effect.sync(() => this.#files.has(path) || this.#directories.has(path)),
      realPath: (path) => Effect.succeed(path),
      rename: (from, to) =>
        this.#call({ method: "rename", path: to }, () => {
          this.#files.set(to, this.#node("rename", from))
          this.#files.delete(from)
        }),
      remove: (path, options) =>
        this.#call({ method: "remove", path }, () => {
          if (options?.force !== true) this.#node("remove", path)
          this.#files.delete(path)
        })
    })
  }
}

/** The disk of a test. */
export class Disk extends Context.Tag("test/Disk")<Disk, MemoryDisk>() {}

export const layer: Layer.Layer<Disk | FileSystem.FileSystem> = Layer.suspend(() => {
  const disk = new MemoryDisk()
  return Layer.merge(Layer.succeed(Disk, disk), Layer.succeed(FileSystem.FileSystem, disk.fileSystem))
})
