/** Owners of one directory, under the test clock, with files in memory. */
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type * as Checkpoint from "effect-cos/Checkpoint"
import { setBack, setForward } from "../../../test/support/clock.js"
import { withCheckpointOwned } from "../src/internal/transfer/checkpointOwnership.js"
import * as leases from "../src/internal/transfer/leases.js"

const notFound = (path: string) =>
  new SystemError({ module: "FileSystem", method: "open", reason: "NotFound", pathOrDescriptor: path })

/** Processes share the files; each has a number, and may stand still. */
const makeDisk = () => {
  const files = new Map<string, string>()
  const alive = new Set<string>()
  const find = (path: string) =>
    Effect.suspend(() => {
      const text = files.get(path)
      return text === undefined ? Effect.fail(notFound(path)) : Effect.succeed(text)
    })
  const stat = (pid: string) => `${pid} (node (x) y) S ${Array.from({ length: 18 }, () => "0").join(" ")} 4711 0`
  /** `system` undefined: the system does not tell its processes apart. */
  const processOf = (pid: string, system: string | undefined) => {
    alive.add(pid)
    const process = { isStopped: false }
    const fs = FileSystem.makeNoop({
      readDirectory: (directory) =>
        Effect.sync(() => Array.from(files.keys(), (path) => path.slice(directory.length + 1))),
      readLink: (path) => (system === undefined ? Effect.fail(notFound(path)) : Effect.succeed(system)),
      readFileString: (path) => {
        if (!path.startsWith("/proc/")) return find(path)
        if (system === undefined) return Effect.fail(notFound(path))
        if (path.endsWith("boot_id")) return Effect.succeed("boot\n")
        const [, , number = ""] = path.split("/")
        const seen = number === "self" ? pid : number
        return Effect.suspend(() => (alive.has(seen) ? Effect.succeed(stat(seen)) : Effect.fail(notFound(path))))
      },
      writeFileString: (path, text) => Effect.sync(() => void files.set(path, text)),
      remove: (path) => Effect.sync(() => void files.delete(path)),
      open: (path) =>
        Effect.suspend(() => (process.isStopped ? Effect.never : find(path))).pipe(
          Effect.as({
            writeAll: (bytes: Uint8Array) => Effect.sync(() => void files.set(path, new TextDecoder().decode(bytes)))
          } as unknown as FileSystem.File)
        )
    })
    const acquire = (wait: boolean) => leases.acquire(fs, "/d", "name", wait)
    return { acquire, fs, kill: () => alive.delete(pid), process }
  }
  return { files, processOf }
}

const seconds = (count: number) => TestClock.adjust(`${count} seconds`)

describe("a lease", () => {
  it.scoped("has one owner, until that one's scope closes; then nothing is left of it", () =>
    Effect.gen(function* () {
      const { files, processOf } = makeDisk()
      const scope = yield* Scope.make()
      const first = yield* processOf("1", "a").acquire(false).pipe(Scope.extend(scope))
      expect(Option.isSome(first)).toBe(true)
      const second = yield* Effect.fork(processOf("2", "a").acquire(false))
      yield* seconds(1)
      expect(yield* Fiber.join(second)).toEqual(Option.none())
      yield* seconds(60)
      expect(yield* (Option.getOrThrow(first) as Checkpoint.Lease).isHeld).toBe(true)
      const waiting = yield* Effect.fork(processOf("3", "a").acquire(true))
      yield* seconds(60)
      expect(yield* Fiber.poll(waiting)).toEqual(Option.none())
      yield* Scope.close(scope, Exit.void)
      yield* seconds(2)
      expect(Option.isSome(yield* Fiber.join(waiting))).toBe(true)
      expect(files.size).toBe(1)
    })
  )

  it.scoped("of a process that is gone is taken over at once, where that can be seen", () =>
    Effect.gen(function* () {
      const { files, processOf } = makeDisk()
      const owner = processOf("1", "a")
      const scope = yield* Scope.make()
      yield* owner.acquire(false).pipe(Scope.extend(scope))
      const [file = "", text = ""] = Array.from(files)[0] ?? []
      yield* Scope.close(scope, Exit.void)
      files.set(file, text)
      owner.kill()
      expect(Option.isSome(yield* processOf("2", "a").acquire(false))).toBe(true)
      expect(files.has(file)).toBe(false)
    })
  )

  for (const [where, ours, theirs] of [
    ["another system", "a", "b"],
    ["a system that does not say", undefined, undefined]
  ] as const) {
    it.scoped(`of a process of ${where} is taken over after 15 seconds of silence, and not before`, () =>
      Effect.gen(function* () {
        const { files, processOf } = makeDisk()
        const owner = processOf("1", theirs)
        const lease = Option.getOrThrow(yield* owner.acquire(false))
        // It beats: it lives, though nobody sees its process.
        const early = yield* Effect.fork(processOf("2", ours).acquire(false))
        yield* seconds(20)
        expect(yield* Fiber.join(early)).toEqual(Option.none())
        owner.process.isStopped = true
        const late = yield* Effect.fork(processOf("3", ours).acquire(true))
        yield* seconds(12)
        expect(yield* Fiber.poll(late)).toEqual(Option.none())
        yield* seconds(8)
        expect(Option.isSome(yield* Fiber.join(late))).toBe(true)
        // The one that stood still knows before it does anything, and does not come back.
        expect(yield* lease.isHeld).toBe(false)
        owner.process.isStopped = false
        yield* seconds(10)
        yield* lease.lost
        expect(yield* lease.isHeld).toBe(false)
        expect(files.size).toBe(1)
      })
    )
  }

  it.scoped("of a process that stands still is waited for no longer than 15 seconds, though the process is there", () =>
    Effect.gen(function* () {
      const { processOf } = makeDisk()
      const owner = processOf("1", "a")
      const lease = Option.getOrThrow(yield* owner.acquire(false))
      owner.process.isStopped = true
      const waiting = yield* Effect.fork(processOf("2", "a").acquire(true))
      yield* seconds(20)
      expect(Option.isSome(yield* Fiber.join(waiting))).toBe(true)
      expect(yield* lease.isHeld).toBe(false)
    })
  )

  it.scoped("of a process that lives is not taken over because the clock on the wall is set", () =>
    Effect.gen(function* () {
      const { processOf } = makeDisk()
      const lease = Option.getOrThrow(yield* processOf("1", undefined).acquire(false))
      const watching = yield* Effect.fork(setForward(processOf("2", undefined).acquire(false), "1 second"))
      yield* seconds(20)
      expect(yield* Fiber.join(watching)).toEqual(Option.none())
      expect(yield* lease.isHeld).toBe(true)
    })
  )

  it.scoped("of a process that is gone is taken over in time, though the clock on the wall is set back", () =>
    Effect.gen(function* () {
      const { processOf } = makeDisk()
      const owner = processOf("1", undefined)
      yield* owner.acquire(false)
      owner.process.isStopped = true
      const waiting = yield* Effect.fork(setBack(processOf("2", undefined).acquire(true), "5 seconds"))
      yield* seconds(20)
      expect(Option.isSome(yield* Fiber.join(waiting))).toBe(true)
    })
  )

  it.scoped("that a full disk keeps from being written leaves nothing behind", () =>
    Effect.gen(function* () {
      const { files, processOf } = makeDisk()
      const full = new SystemError({ module: "FileSystem", method: "write", reason: "Unknown", pathOrDescriptor: "/d" })
      const { fs } = processOf("1", "a")
      const failing = FileSystem.makeNoop({
        ...fs,
        writeFileString: (path) => Effect.suspend(() => Effect.zipRight(fs.writeFileString(path, ""), full))
      })
      expect(yield* Effect.flip(leases.acquire(failing, "/d", "name", false))).toBe(full)
      expect(files.size).toBe(0)
    })
  )

  it.scoped("that was lost as it was taken does not keep its process from taking it", () =>
    Effect.gen(function* () {
      const { files, processOf } = makeDisk()
      const { fs } = processOf("1", "a")
      let opened = 0
      // As a network file system may say for a moment.
      const stale = FileSystem.makeNoop({
        ...fs,
        open: (path) => Effect.suspend(() => (opened++ === 0 ? Effect.fail(notFound(path)) : fs.open(path)))
      })
      const acquiring = yield* Effect.fork(leases.acquire(stale, "/d", "name", false))
      yield* seconds(1)
      expect(Option.isSome(yield* Fiber.join(acquiring))).toBe(true)
      expect(files.size).toBe(1)
    })
  )

  it.scoped("of many that come at once goes to one at most", () =>
    Effect.gen(function* () {
      const { processOf } = makeDisk()
      const found = yield* Effect.fork(
        Effect.forEach(
          Array.from({ length: 8 }, (_, i) => processOf(`${i}`, "a")),
          ({ acquire }) => acquire(false),
          { concurrency: 8 }
        )
      )
      yield* seconds(60)
      expect((yield* Fiber.join(found)).filter(Option.isSome).length).toBeLessThanOrEqual(1)
    })
  )
})

it.effect("a transfer whose checkpoint is taken over fails with that, and with what it dies of as it ends", () =>
  Effect.gen(function* () {
    const lost = yield* Deferred.make<void>()
    const store: Checkpoint.Store.Service = {
      get: () => Effect.succeedNone,
      set: () => Effect.void,
      remove: () => Effect.void,
      list: Effect.succeed([]),
      lease: () => Effect.succeedSome({ isHeld: Effect.succeed(true), lost: Deferred.await(lost) })
    }
    const running = yield* Effect.fork(
      withCheckpointOwned(Option.some(store), "upload", "refuse", () =>
        Effect.onInterrupt(Effect.never, () => Effect.die("a bug"))
      )
    )
    yield* Effect.yieldNow()
    yield* Deferred.succeed(lost, undefined)
    const exit = yield* Fiber.await(running)
    const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
    expect(Option.getOrUndefined(Cause.failureOption(cause))).toMatchObject({ _tag: "CheckpointError", id: "upload" })
    expect(Array.from(Cause.defects(cause))).toEqual(["a bug"])
  })
)
