/** A sync sees every change that its way to compare can see, and leaves nothing out silently. */
import { execFileSync } from "node:child_process"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as Sync from "effect-cos/Sync"
import { ahead } from "../support/clock.js"
import { systemError } from "../support/disk.js"
import { openFiles } from "../support/openFiles.js"
import { directoryWith, filesOf, keysOf, omitted, planned, putAll, write } from "../support/tree.js"
import { turn } from "../support/turn.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
const world = Layer.merge(World.inProcess(), NodeContext.layer)
const silent = Logger.minimumLogLevel(LogLevel.None)

const text = (key: string) => Effect.map(World.bytesOf(key), (bytes) => new TextDecoder().decode(bytes))

/** Gives a file the time at which an object was made, to the second, and some milliseconds. */
const touchAsObject = (path: string, key: string, milliseconds: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { lastModified } = yield* Cos.headObject({ key })
    const time = new Date(Number(lastModified) + milliseconds)
    yield* fs.utimes(path, time, time)
  })

describe("Sync sees", () => {
  it.scopedLive("an edit within the second of the upload, at the same size", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ a: "one", b: "two" })
      const options = { from: Sync.directory(root), to: Sync.prefix("to/") }
      yield* Sync.run(options)
      yield* write(`${root}/a`, "ONE")
      yield* touchAsObject(`${root}/a`, "to/a", 500)
      yield* touchAsObject(`${root}/b`, "to/b", 500)
      expect(yield* planned(options)).toEqual(["content a"])
      yield* Sync.run(options)
      expect(yield* text("to/a")).toBe("ONE")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("an object that another took the place of within its second, down and across", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({})
      yield* putAll(["from/a", "from/b"], "one")
      const down = { from: Sync.prefix("from/"), to: Sync.directory(root) }
      const across = { from: Sync.prefix("from/"), to: Sync.prefix("to/") }
      yield* Sync.run(down)
      yield* Sync.run(across)
      yield* putAll(["from/a"], "ONE")
      // As if all had been in one second.
      const { lastModified } = yield* Cos.headObject({ key: "from/a" })
      yield* fs.utimes(`${root}/a`, Number(lastModified) / 1000, Number(lastModified) / 1000)
      expect((yield* planned(down)).filter((line) => line.endsWith("a"))).toHaveLength(1)
      yield* Sync.run(down)
      expect(yield* fs.readFileString(`${root}/a`)).toBe("ONE")
      yield* Sync.run(across)
      expect(yield* text("to/a")).toBe("ONE")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("an edit after the file was read and before its object had its time", () => {
    let edit: Effect.Effect<void> = Effect.void
    const edited = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
      HttpClient.transform(client, (send, request) =>
        request.method === "PUT"
          ? Effect.zipRight(
              Effect.suspend(() => {
                const once = edit
                edit = Effect.void
                return once
              }),
              send
            )
          : send
      )
    return Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "one" })
      // An old time, so that it looks older than the object. The upload may notice it by itself.
      const old = new Date(Date.now() - 3_600_000)
      edit = Effect.orDie(Effect.zipRight(fs.writeFileString(`${root}/a`, "ONE"), fs.utimes(`${root}/a`, old, old)))
      const options = { from: Sync.directory(root), to: Sync.prefix("to/") }
      const first = yield* Sync.run(options)
      if (first.failures.length > 0) yield* Sync.run(options)
      expect(yield* text("to/a")).toBe("ONE")
    }).pipe(Effect.provide(Layer.merge(World.inProcess({ client: { transformClient: edited } }), NodeContext.layer)))
  })
})

describe("Sync with a state sees", () => {
  it.scopedLive("an older file of the same size, and edits by a clock that is behind", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* directoryWith({ "root/a": "one", "root/b": "two", "root/c": "three", "root/same": "four" })
      const root = `${parent}/root`
      const past = (name: string, hours: number) => {
        const time = new Date(Date.now() - hours * 3_600_000)
        return fs.utimes(`${root}/${name}`, time, time)
      }
      for (const name of ["a", "b", "c", "same"]) yield* past(name, 5)
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), state: `${parent}/state/file` }
      expect(yield* ahead(Sync.run(options))).toMatchObject({ transferred: 4, failures: [] })
      expect(yield* planned(options)).toEqual([])
      yield* write(`${root}/a`, "ONE")
      yield* past("a", 3)
      // The time as it was, to the millisecond, in another file.
      const { mtime } = yield* fs.stat(`${root}/b`)
      yield* write(`${root}/b.new`, "TWO")
      yield* fs.utimes(`${root}/b.new`, Option.getOrThrow(mtime), Option.getOrThrow(mtime))
      yield* fs.rename(`${root}/b.new`, `${root}/b`)
      // And in the same file.
      yield* write(`${root}/c`, "THREE")
      yield* fs.utimes(`${root}/c`, Option.getOrThrow(mtime), Option.getOrThrow(mtime))
      expect(yield* planned(options)).toEqual(["content a", "content b", "content c"])
      yield* Sync.run(options)
      for (const [name, content] of [
        ["a", "ONE"],
        ["b", "TWO"],
        ["c", "THREE"]
      ] as const) {
        expect(yield* text(`to/${name}`)).toBe(content)
      }
      // A target that somebody else changed.
      yield* Cos.putObject({ key: "to/same", body: "FOUR" })
      expect(yield* planned(options)).toEqual(["content same"])
      expect(yield* planned({ ...options, state: undefined })).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("that what was pushed need not be pulled", () =>
    Effect.gen(function* () {
      const parent = yield* directoryWith({ "root/a": "one", "root/b/c": "two" })
      const fs = yield* FileSystem.FileSystem
      const old = new Date(Date.now() - 3_600_000)
      yield* fs.utimes(`${parent}/root/a`, old, old)
      const [here, there] = [Sync.directory(`${parent}/root`), Sync.prefix("to/")]
      const state = `${parent}/state`
      yield* Sync.run({ from: here, to: there, state })
      expect(yield* planned({ from: there, to: here })).toContain("newer a")
      expect(yield* Sync.run({ from: there, to: here, state })).toMatchObject({ transferred: 0, failures: [] })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("nothing in one that is damaged, or of other places, and says so", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "one", "dir/b": "two" })
      // Within what is synced: it is passed over.
      const state = `${root}/dir/.state`
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), state, delete: true }
      expect(yield* Sync.run(options)).toMatchObject({ transferred: 2, omissions: [], ignoredState: undefined })
      expect(yield* keysOf("to/")).toEqual(["a", "dir/b"])
      const good = yield* fs.readFileString(state)
      expect(good).toContain("dir/b")
      for (const damaged of ["", "{}", good.slice(0, -2), good.replace("dir/b", "dir/c"), good.slice(40)]) {
        yield* fs.writeFileString(state, damaged)
        expect(yield* Sync.run(options)).toMatchObject({ transferred: 0, failures: [], ignoredState: "Damaged" })
        expect(yield* Sync.run(options)).toMatchObject({ transferred: 0, ignoredState: undefined })
      }
      const elsewhere = { ...options, to: Sync.prefix("elsewhere/") }
      expect(yield* Sync.run(elsewhere)).toMatchObject({ transferred: 2, ignoredState: "OtherPlaces" })
      // Down, it is not taken for what the source does not have.
      const down = { from: Sync.prefix("to/"), to: Sync.directory(root), state, delete: true }
      expect(yield* Sync.run(down)).toMatchObject({ deleted: 0, omissions: [] })
      expect(yield* filesOf(root)).toEqual(["a", "dir/.state", "dir/b"])
    }).pipe(Effect.provide(Layer.merge(world, silent)))
  )
})

describe("a state", () => {
  it.scopedLive("never takes the place of a file that no sync has written, nor of what is no file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "one", "notes.txt": "all that I know", "data.json": '{"version":1}' })
      const pipe = `${root}/pipe`
      execFileSync("mkfifo", [pipe])
      for (const state of [`${root}/notes.txt`, `${root}/data.json`, root, pipe, ""]) {
        const options = { from: Sync.directory(root), to: Sync.prefix("to/"), state, delete: true }
        const refused = { _tag: "InvalidInput", field: "state" }
        expect(yield* Effect.flip(Sync.run(options)), state).toMatchObject(refused)
        expect(yield* Effect.flip(planned(options)), state).toMatchObject(refused)
        expect(yield* Effect.flip(Sync.apply(Stream.empty, options)), state).toMatchObject(refused)
      }
      expect(yield* fs.readFileString(`${root}/notes.txt`)).toBe("all that I know")
      expect(yield* keysOf("to/")).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("never takes the place of a file that cannot be read, or that only resembles one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const manifest = '[{"name":"a","tags":["x"],"crc64":"12"}]'
      const root = yield* directoryWith({ a: "one", "dir/film": "", "dir/list": manifest, "dir/locked": "mine" })
      yield* fs.truncate(`${root}/dir/film`, FileSystem.GiB(3))
      const unreadable = Effect.provideService(FileSystem.FileSystem, {
        ...fs,
        open: (path, options) =>
          path.endsWith("/locked")
            ? Effect.fail(systemError("open", path, "PermissionDenied", "EACCES"))
            : fs.open(path, options)
      })
      for (const name of ["film", "list", "locked"]) {
        const options = {
          from: Sync.directory(root),
          to: Sync.prefix("to/"),
          exclude: "dir/**",
          state: `${root}/dir/${name}`
        }
        expect(yield* Effect.flip(Sync.run(options).pipe(unreadable)), name).toMatchObject({
          _tag: "InvalidInput",
          field: "state"
        })
      }
      expect(Number((yield* fs.stat(`${root}/dir/film`)).size)).toBe(3 * 1024 ** 3)
      expect(yield* fs.readFileString(`${root}/dir/list`)).toBe(manifest)
      expect(yield* fs.readFileString(`${root}/dir/locked`)).toBe("mine")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("is written where a link leads, and the link stays", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "one", "b/c": "two" })
      const elsewhere = yield* directoryWith({ state: "" })
      const options = { from: Sync.directory(root), to: Sync.prefix("to/") }
      yield* fs.symlink(`${elsewhere}/state`, `${elsewhere}/link`)
      expect(yield* Sync.run({ ...options, state: `${elsewhere}/link` })).toMatchObject({ transferred: 2 })
      expect(yield* fs.readLink(`${elsewhere}/link`)).toBe(`${elsewhere}/state`)
      expect(yield* fs.readFileString(`${elsewhere}/state`)).toContain("b/c")
      yield* fs.symlink(`${elsewhere}/none`, `${elsewhere}/dangling`)
      const error = yield* Effect.flip(Sync.run({ ...options, state: `${elsewhere}/dangling` }))
      expect(error).toMatchObject({ _tag: "InvalidInput", field: "state" })
      // In the directory that is synced, the file is passed over, and the link is one as any other.
      yield* fs.symlink("b/.state", `${root}/link`)
      yield* fs.writeFileString(`${root}/b/.state`, "")
      const report = yield* Sync.run({ ...options, state: `${root}/link` })
      expect(omitted(report)).toEqual(["source Link link"])
      expect(yield* keysOf("to/")).toEqual(["a", "b/c"])
    }).pipe(Effect.provide(Layer.merge(world, silent)))
  )

  it.scopedLive("keeps its name from an object that has it, which is reported", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({})
      yield* putAll(["from/..state", "from/a"], "1")
      const [far, here] = [Sync.prefix("from/"), Sync.directory(root)]
      const options = { state: `${root}/..state`, delete: true }
      for (const transferred of [1, 0]) {
        const report = yield* Sync.run({ ...options, from: far, to: here })
        expect(report).toMatchObject({ transferred, ignoredState: undefined })
        expect(omitted(report)).toEqual(["source State ..state"])
      }
      const up = yield* Sync.run({ ...options, from: here, to: far })
      expect(up).toMatchObject({ transferred: 0, deleted: 0 })
      expect(omitted(up)).toEqual(["target State ..state"])
      expect(yield* keysOf("from/")).toEqual(["..state", "a"])
    }).pipe(Effect.provide(world))
  )
})

describe("Sync leaves out nothing silently", () => {
  it.scopedLive("objects whose key ends in / and have content", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "folder/x": "1" })
      yield* putAll(["from/folder/", "from/folder/x", "from/deep/er/"], "1")
      yield* Cos.putObject({ key: "from/empty/", body: "" })
      const across = { from: Sync.prefix("from/"), to: Sync.prefix("to/"), delete: true }
      expect(yield* Sync.run(across)).toMatchObject({ transferred: 3, failures: [], omissions: [] })
      expect(yield* keysOf("to/")).toEqual(["deep/er/", "folder/", "folder/x"])
      expect(yield* planned(across)).toEqual([])
      yield* Cos.deleteObject({ key: "from/deep/er/" })
      expect(yield* planned(across)).toEqual(["Delete deep/er/"])
      expect(yield* Sync.run(across)).toMatchObject({ deleted: 1 })

      const down = yield* Sync.run({ from: Sync.prefix("from/"), to: Sync.directory(`${root}/down`) })
      expect(down).toMatchObject({ transferred: 1 })
      expect(down.failures.map(({ action, error }) => [action.name, "reason" in error && error.reason])).toEqual([
        ["folder/", "FolderWithContent"]
      ])

      const up = yield* Sync.run({
        from: Sync.directory(root),
        to: Sync.prefix("to/"),
        exclude: "down/**",
        delete: true
      })
      expect(omitted(up)).toEqual(["target FolderWithContent folder/"])
      expect(yield* keysOf("to/")).toEqual(["folder/", "folder/x"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("an object whose key is the prefix", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "/b": "1" })
      yield* putAll(["a", "a/b"], "1")
      expect(yield* Sync.run({ from: Sync.prefix("a"), to: Sync.prefix("x") })).toMatchObject({ transferred: 2 })
      const report = yield* Sync.run({ from: Sync.prefix("a"), to: Sync.directory(`${root}/down`) })
      expect(report.failures.map(({ error }) => error._tag)).toEqual(["UnsafeKey", "UnsafeKey"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("files that turned into folders, and folders that turned into files", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ file: "1", "folder/a": "2", "folder/b/c": "3", rest: "4" })
      const up = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      yield* Sync.run(up)
      const mirror = yield* directoryWith({})
      const down = { from: Sync.prefix("to/"), to: Sync.directory(mirror), delete: true }
      yield* Sync.run(down)
      yield* fs.remove(`${root}/file`)
      yield* fs.remove(`${root}/folder`, { recursive: true })
      yield* write(`${root}/file/inside/it`, "5")
      yield* write(`${root}/folder`, "6")
      expect(yield* Sync.run(up)).toMatchObject({ transferred: 2, deleted: 3, failures: [], omissions: [] })
      expect(yield* keysOf("to/")).toEqual(["file/inside/it", "folder", "rest"])
      // Without the permission to delete, each is a failure.
      const refused = yield* Sync.run({ ...down, delete: false })
      expect(
        refused.failures.map(({ action, error }) => [action.name, "reason" in error && error.reason]).sort()
      ).toEqual([
        ["file/inside/it", "FileInPlaceOfFolder"],
        ["folder", "FolderInPlaceOfFile"]
      ])
      expect(yield* Sync.run(down)).toMatchObject({ transferred: 2, deleted: 3, failures: [], omissions: [] })
      expect(yield* filesOf(mirror)).toEqual(["file/inside/it", "folder", "rest"])
      expect(yield* fs.readFileString(`${mirror}/folder`)).toBe("6")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a folder is not taken away with a file in it that the sync does not mean", () =>
    Effect.gen(function* () {
      const mirror = yield* directoryWith({ "folder/a": "1", "folder/mine.log": "2" })
      yield* putAll(["to/folder", "to/rest"], "3")
      const options = { from: Sync.prefix("to/"), to: Sync.directory(mirror), exclude: "**/*.log", delete: true }
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 1, deleted: 1, failures: [{ action: { name: "folder" } }] })
      expect(yield* filesOf(mirror)).toEqual(["folder/mine.log", "rest"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a plan can be filtered, and then applied", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ small: "1", large: "x".repeat(1000) })
      yield* putAll(["to/old", "to/older"])
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      const report = yield* Sync.plan(options).pipe(
        Stream.filter((action) => action.name !== "old" && !(action._tag === "Transfer" && action.size > 100)),
        Sync.apply(options)
      )
      expect(report).toMatchObject({ transferred: 1, deleted: 1, withheld: 0, failures: [] })
      expect(yield* keysOf("to/")).toEqual(["old", "small"])
    }).pipe(Effect.provide(world))
  )
})

it.scoped("a state that is written too late is whole: what it is made of stays open as long", () =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const parent = yield* directoryWith({ "root/a": "one" })
    const options = { from: Sync.directory(`${parent}/root`), to: Sync.prefix("to/"), state: `${parent}/state` }
    yield* Sync.run(options)
    yield* write(`${parent}/root/b`, "two")
    const isWriting = yield* Deferred.make<void>()
    const goOn = yield* Deferred.make<void>()
    let readLate = 0
    const slow = openFiles((file, path) =>
      Effect.gen(function* () {
        let isClosed = false
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            isClosed = true
          })
        )
        return {
          read: (buffer) => {
            if (isClosed) readLate += 1
            return file.read(buffer)
          },
          writeAll: (bytes) =>
            path.startsWith(`${parent}/root`)
              ? file.writeAll(bytes)
              : Effect.all([Deferred.succeed(isWriting, undefined), Deferred.await(goOn), file.writeAll(bytes)], {
                  discard: true
                })
        }
      })
    )
    const running = yield* Effect.fork(Effect.provide(Sync.run(options), slow))
    yield* Deferred.await(isWriting)
    yield* TestClock.adjust("1 minute")
    expect(yield* Fiber.join(running)).toMatchObject({ transferred: 1, failures: [] })
    const before = yield* fs.readFileString(options.state)
    yield* Deferred.succeed(goOn, undefined)
    const now = Effect.zipRight(turn, fs.readFileString(options.state))
    expect((yield* Effect.repeat(now, { until: (text) => text !== before })).split("\n")).toMatchObject(
      [/"sync":/, /^\["a",/, /^\["b",/, /"names":2/, ""].map((line) => expect.stringMatching(line))
    )
    expect(readLate).toBe(0)
    expect(yield* fs.readDirectory(parent)).toEqual(["root", "state"])
  }).pipe(Effect.provide(Layer.merge(world, silent)))
)
