/**
 * One owner of a directory: an exclusive lock that the operating system releases when the process ends, however it ends.
 *
 * A process id in a file would not do: two layers of one process share it, and one of another namespace means nothing
 * here. Linux gives Node no lock, so the command `flock` takes one on a descriptor of ours; where the command is missing,
 * a listening Unix socket shows that its owner is alive. The flags for macOS, BSD and Windows are those that libuv
 * documents, and have not been run there.
 */
import { spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import {
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync
} from "node:fs"
import { connect, createServer, type Server } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { StorageError } from "../Storage.js"
import { toStorageError } from "../storageErrors.js"

/** How a second owner is kept out; `unguarded` if it is not. */
export type Means = "flock" | "socket" | "openFlag" | "unguarded"

/** A lock that is held. */
interface Lock {
  readonly release: () => void
}

/** `held`: somebody else has the lock. `unsupported`: this kind of lock does not work here. */
type Attempt = Lock | "held" | "unsupported"

const openOwnerFile = (path: string, flags = 0): number =>
  openSync(path, constants.O_RDWR | constants.O_CREAT | flags, 0o644)

// -------------------------------------------------------------------------------------
// the command flock
// -------------------------------------------------------------------------------------

const heldByAnother = 1

/** The lock belongs to the file that we opened, so it outlives the command and ends with this process. */
const lockWithCommand = (path: string): Attempt => {
  const descriptor = openOwnerFile(path)
  const { status } = spawnSync("flock", ["-n", "-x", "3"], { stdio: ["ignore", "ignore", "ignore", descriptor] })
  if (status === 0) return { release: () => closeSync(descriptor) }
  closeSync(descriptor)
  return status === heldByAnother ? "held" : "unsupported"
}

// -------------------------------------------------------------------------------------
// flags of open
// -------------------------------------------------------------------------------------

const exclusiveFlags: Partial<Record<NodeJS.Platform, number>> = {
  darwin: 0x20 | constants.O_NONBLOCK,
  freebsd: 0x20 | constants.O_NONBLOCK,
  openbsd: 0x20 | constants.O_NONBLOCK,
  // UV_FS_O_EXLOCK: opened with a share mode of 0
  win32: 0x10000000
}

const inUseCodes = new Set(["EAGAIN", "EWOULDBLOCK", "EBUSY"])

const lockWithFlag = (path: string): Attempt => {
  const flags = exclusiveFlags[process.platform]
  if (flags === undefined) return "unsupported"
  try {
    const descriptor = openOwnerFile(path, flags)
    return { release: () => closeSync(descriptor) }
  } catch (error) {
    if (inUseCodes.has((error as NodeJS.ErrnoException).code ?? "")) return "held"
    throw error
  }
}

// -------------------------------------------------------------------------------------
// numbered sockets
// -------------------------------------------------------------------------------------

const socketName = /^owner-(\d+)\.sock$/

const numbersIn = (directory: string): ReadonlyArray<number> =>
  readdirSync(directory)
    .flatMap((name) => socketName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)

const isListening = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path })
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    // refused: the owner has ended. Missing: a later owner removed the socket. Otherwise the owner may be alive.
    socket.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT")
    )
  })

const listen = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once("error", reject)
    server.listen({ path }, () => resolve(server.unref()))
  })

/** How long to wait for an owner that may just be closing, in milliseconds. */
const patience = 400

/**
 * The owner listens on the socket of the highest number. A successor takes the next number, and only when nobody
 * listens on the highest. It listens before it takes the number, yields to a higher one, and removes only lower ones.
 */
const lockWithSocket = async (directory: string): Promise<Attempt> => {
  const descriptor = openSync(directory, "r")
  // Node silently cuts longer paths of sockets at 107 bytes
  const short = `/proc/self/fd/${descriptor}`
  const claim = async (): Promise<Lock | undefined> => {
    const [highest = 0] = numbersIn(directory)
    if (highest > 0 && (await isListening(`${short}/owner-${highest}.sock`))) return undefined
    const draft = `owner-${randomUUID()}.draft`
    const server = await listen(`${short}/${draft}`)
    const mine = highest + 1
    const release = () => {
      server.close()
      closeSync(descriptor)
    }
    try {
      linkSync(join(directory, draft), join(directory, `owner-${mine}.sock`))
      const numbers = numbersIn(directory)
      if (numbers[0] === mine) {
        for (const lower of numbers.slice(1)) rmSync(join(directory, `owner-${lower}.sock`), { force: true })
        return { release }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    } finally {
      rmSync(join(directory, draft), { force: true })
    }
    server.close()
    return undefined
  }
  try {
    for (const end = Date.now() + patience; ; ) {
      const lock = await claim()
      if (lock !== undefined) return lock
      if (Date.now() > end) break
      await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 30))
    }
  } catch {
    closeSync(descriptor)
    return "unsupported"
  }
  closeSync(descriptor)
  return "held"
}

// -------------------------------------------------------------------------------------
// the lock of a directory
// -------------------------------------------------------------------------------------

const meansOf = (platform: NodeJS.Platform): ReadonlyArray<Means> =>
  platform === "linux" ? ["flock", "socket"] : ["openFlag"]

const tryMeans = async (means: Means, directory: string, path: string): Promise<Attempt> => {
  switch (means) {
    case "flock":
      return lockWithCommand(path)
    case "openFlag":
      return lockWithFlag(path)
    case "socket":
      return lockWithSocket(directory)
    case "unguarded":
      return "unsupported"
  }
}

/** What the owner wrote about itself: its process id, which means something in its own namespace only. */
const ownerIn = (path: string): string => {
  try {
    const [pid = ""] = /^\d+/.exec(readFileSync(path, "utf8")) ?? []
    return pid === "" ? "another process" : `process ${pid}`
  } catch {
    return "another process"
  }
}

const nameOwner = (path: string): void => {
  if (process.platform === "win32") return
  const descriptor = openOwnerFile(path)
  try {
    ftruncateSync(descriptor)
    writeSync(descriptor, `${process.pid}\n`)
  } catch {
    // the disk may be full; the id is only for the message
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Makes the directory, when it is missing, this layer's own until the scope closes. Fails when another has it. Succeeds with
 * `unguarded` where the system offers no such lock.
 */
export const acquire = (
  directory: string,
  candidates: ReadonlyArray<Means> = meansOf(process.platform)
): Effect.Effect<Means, StorageError, Scope.Scope> => {
  const path = join(directory, "owner")
  const take = Effect.tryPromise({
    try: async (): Promise<{ readonly means: Means } & Lock> => {
      mkdirSync(directory, { recursive: true })
      for (const means of candidates) {
        const attempt = await tryMeans(means, directory, path)
        if (attempt === "held") {
          throw new StorageError({ reason: "Io", message: `${directory} is in use by ${ownerIn(path)}`, path })
        }
        if (attempt !== "unsupported") {
          nameOwner(path)
          return { means, release: attempt.release }
        }
      }
      return { means: "unguarded", release: () => undefined }
    },
    catch: (error) => (error instanceof StorageError ? error : toStorageError(error, path))
  })
  return Effect.map(
    Effect.acquireRelease(take, ({ release }) => Effect.sync(release)),
    ({ means }) => means
  )
}
