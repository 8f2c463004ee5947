import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Sync from "effect-cos/Sync"
import * as Fault from "effect-cos-emulator/Fault"
import { systemError } from "../support/disk.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
const world = Layer.merge(World.inProcess(), NodeContext.layer)

/** In the order of their UTF-8 bytes, which is not that of JavaScript: the last two would be the other way round. */
const files = { "a.txt": "1", "a/b": "2", "a/c/d": "3", a0: "4", "ä/é": "5", "\uff5e": "6", "😀": "7" }
const names = Object.keys(files)

/** A directory with these files. */
const directoryWith = (contents: Record<string, string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* fs.makeTempDirectoryScoped()
    for (const [name, text] of Object.entries(contents)) {
      yield* fs.makeDirectory(`${root}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true })
      yield* fs.writeFileString(`${root}/${name}`, text)
    }
    return root
  })

const planned = (options: Sync.PlanOptions) =>
  Effect.map(Stream.runCollect(Sync.plan(options)), (actions) =>
    Array.from(actions, (action) =>
      action._tag === "Transfer" ? `${action.reason} ${action.name}` : `${action._tag} ${action.name}`
    )
  )

/** The files below a directory. */
const filesOf = (root: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const all = yield* fs.readDirectory(root, { recursive: true })
    const isFile = (name: string) => Effect.map(fs.stat(`${root}/${name}`), ({ type }) => type === "File")
    return (yield* Effect.filter(all, isFile)).sort()
  })

const keys = (prefix: string) =>
  Effect.map(Stream.runCollect(Cos.listObjects.items({ prefix })), (objects) =>
    Chunk.toReadonlyArray(Chunk.map(objects, ({ key }) => key.slice(prefix.length)))
  )

describe("Sync", () => {
  it.scopedLive("a directory to a prefix, and again nothing; the plan is in the order of the lists", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith(files)
      const options = { from: Sync.directory(root), to: Sync.prefix("site/") }
      expect(yield* planned(options)).toEqual(names.map((name) => `missing ${name}`))
      expect(yield* keys("site/")).toEqual([])
      expect(yield* Sync.run(options)).toEqual({
        transferred: 7,
        bytes: 7,
        deleted: 0,
        withheld: 0,
        failures: [],
        omissions: []
      })
      expect(yield* keys("site/")).toEqual(names)
      expect(yield* planned(options)).toEqual([])
      // Also where only one side has the name.
      yield* Cos.deleteObject({ key: "site/\uff5e" })
      expect(yield* planned({ ...options, delete: true })).toEqual(["missing \uff5e"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("sizes, times and checksums tell what differs", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith(files)
      const options = { from: Sync.directory(root), to: Sync.prefix("site/") }
      yield* Sync.run(options)
      yield* fs.writeFileString(`${root}/a0`, "longer")
      yield* fs.writeFileString(`${root}/a/b`, "x")
      const later = new Date(Date.now() + 60_000)
      yield* fs.utimes(`${root}/a.txt`, later, later)
      expect(yield* planned({ ...options, compare: "size" })).toEqual(["size a0"])
      expect(yield* planned({ ...options, compare: "checksum" })).toEqual(["content a/b", "size a0"])
      expect(yield* planned(options)).toContain("newer a.txt")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a prefix to a directory, and again nothing; what has no safe name is reported, the rest arrives", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      for (const key of ["in/a", "in/b/c", "in/../x", "in/b//d"]) yield* Cos.putObject({ key, body: key })
      const root = yield* directoryWith({})
      const options = { from: Sync.prefix("in/"), to: Sync.directory(`${root}/target`) }
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 2, deleted: 0 })
      expect(report.failures.map(({ action, error }) => [action.name, error._tag])).toEqual([
        ["../x", "UnsafeKey"],
        ["b//d", "UnsafeKey"]
      ])
      expect(yield* fs.readDirectory(root, { recursive: true })).toEqual(
        expect.arrayContaining(["target/a", "target/b/c"])
      )
      expect(yield* fs.readFileString(`${root}/target/b/c`)).toBe("in/b/c")
      const { mtime } = yield* fs.stat(`${root}/target/b/c`)
      expect(Option.getOrThrow(mtime)).toEqual((yield* Cos.headObject({ key: "in/b/c" })).lastModified)
      expect((yield* planned(options)).filter((action) => !action.startsWith("Refuse"))).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a prefix to a prefix, deleting what the source lacks, but not what is filtered out", () =>
    Effect.gen(function* () {
      for (const key of ["from/a", "from/b", "to/b", "to/old", "to/keep.log"]) yield* Cos.putObject({ key, body: "1" })
      const options = {
        from: Sync.prefix("from/"),
        to: Sync.prefix("to/"),
        delete: true,
        filter: ({ name }: Sync.Entry) => !name.endsWith(".log")
      }
      expect(yield* planned(options)).toEqual(["missing a", "Delete old"])
      expect(yield* Sync.run(options)).toMatchObject({ transferred: 1, deleted: 1, withheld: 0 })
      expect(yield* keys("to/")).toEqual(["a", "b", "keep.log"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a prefix without a bucket is the default one's, also beside one of another bucket", () =>
    Effect.gen(function* () {
      const other = "other-1250000000"
      yield* Cos.putBucket({ bucket: other })
      for (const key of ["from/a", "from/b"]) yield* Cos.putObject({ key, body: "ours" })
      yield* Cos.putObject({ bucket: other, key: "from/a", body: "theirs" })
      const report = yield* Sync.run({ from: Sync.prefix("from/"), to: Sync.prefix("to/", { bucket: other }) })
      expect(report).toMatchObject({ transferred: 2, failures: [] })
      const { contents } = yield* Cos.listObjects({ bucket: other })
      expect(contents.map(({ key, size }) => [key, size])).toEqual([
        ["from/a", 6],
        ["to/a", 4],
        ["to/b", 4]
      ])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("deletes nothing when a transfer failed, and nothing when it would be too much", () =>
    Effect.gen(function* () {
      for (const key of ["from/a", "to/x", "to/y"]) yield* Cos.putObject({ key, body: "1" })
      const options = { from: Sync.prefix("from/"), to: Sync.prefix("to/"), delete: true }
      expect(yield* Effect.flip(Sync.run({ ...options, maxDelete: 1 }))).toMatchObject({
        _tag: "DeletionsRefused",
        reason: "TooMany",
        wanted: 2,
        limit: 1,
        report: { transferred: 1, deleted: 0, withheld: 2 }
      })
      yield* Cos.deleteObject({ key: "to/a" })
      yield* World.fault({ on: { operation: "copyObject" }, do: Fault.status(403, { code: "AccessDenied" }) })
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 0, deleted: 0, withheld: 2 })
      expect(report.failures.map(({ error }) => error._tag)).toEqual(["AccessDenied"])
      expect(yield* keys("to/")).toEqual(["x", "y"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a prefix to a directory, deleting only what passes the filter and the prefix lacks", () =>
    Effect.gen(function* () {
      for (const key of ["in/a.txt", "in/b/c.txt", "in/b/d.log"]) yield* Cos.putObject({ key, body: "1" })
      const root = yield* directoryWith({
        "a.txt": "1",
        "old.txt": "2",
        "b/old.txt": "3",
        "old.log": "4",
        "x/y.txt": "5"
      })
      const options = {
        from: Sync.prefix("in/"),
        to: Sync.directory(root),
        delete: true,
        include: "**/*.txt",
        exclude: "x/**",
        compare: "size"
      } as const
      expect(yield* planned(options)).toEqual(["missing b/c.txt", "Delete b/old.txt", "Delete old.txt"])
      expect(yield* Sync.run(options)).toMatchObject({ transferred: 1, deleted: 2, withheld: 0, failures: [] })
      expect(yield* filesOf(root)).toEqual(["a.txt", "b/c.txt", "old.log", "x/y.txt"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("does not follow links below the directory", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* directoryWith({ "outside/passwd": "secret", "inside/real/x": "old" })
      yield* fs.symlink(`${parent}/outside`, `${parent}/inside/out`)
      yield* fs.symlink(`${parent}/outside/passwd`, `${parent}/inside/file`)
      for (const key of ["out/passwd", "out/new/er", "file", "real/x"]) yield* Cos.putObject({ key, body: "other" })
      const report = yield* Sync.run({ from: Sync.prefix(""), to: Sync.directory(`${parent}/inside`), delete: true })
      expect(report).toMatchObject({ transferred: 1, deleted: 0 })
      expect(report.failures.map(({ action, error }) => [action.name, error._tag]).sort()).toEqual([
        ["file", "UnsafeKey"],
        ["out/new/er", "UnsafeKey"],
        ["out/passwd", "UnsafeKey"]
      ])
      expect(yield* filesOf(`${parent}/outside`)).toEqual(["passwd"])
      expect(yield* fs.readFileString(`${parent}/outside/passwd`)).toBe("secret")
      expect(yield* fs.readFileString(`${parent}/inside/real/x`)).toBe("other")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("what cannot be read is not taken for missing, so its copy is not deleted", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      for (const key of ["to/a", "to/b", "to/c"]) yield* Cos.putObject({ key, body: "1" })
      const root = yield* directoryWith({ a: "1", b: "1" })
      const to = Sync.prefix("to/")
      const nowhere = { from: Sync.directory(`${root}/nowhere`), to, delete: true }
      expect(yield* Effect.flip(Sync.run(nowhere))).toMatchObject({ _tag: "SystemError", reason: "NotFound" })
      const withoutStat = (reason: "PermissionDenied" | "NotFound") =>
        Effect.provideService(FileSystem.FileSystem, {
          ...fs,
          stat: (path) =>
            path.endsWith("/b") ? Effect.fail(systemError("stat", path, reason, "EACCES")) : fs.stat(path)
        })
      const options = { from: Sync.directory(root), to, delete: true, compare: "size" } as const
      expect(yield* planned(options).pipe(withoutStat("PermissionDenied"))).toEqual(["Omit b", "Delete c"])
      // It went meanwhile.
      expect(yield* planned(options).pipe(withoutStat("NotFound"))).toEqual(["Omit b", "Delete c"])
      const report = yield* Sync.run(options).pipe(withoutStat("PermissionDenied"))
      expect(report).toMatchObject({
        deleted: 1,
        withheld: 1,
        failures: [],
        omissions: [{ name: "b", side: "source", reason: "Unreadable", error: { reason: "PermissionDenied" } }]
      })
      expect(yield* keys("to/")).toEqual(["a", "b"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a file that cannot be compared is transferred, or fails by itself", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "1", b: "2", c: "3" })
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), compare: "checksum" } as const
      yield* Sync.run(options)
      yield* fs.writeFileString(`${root}/c`, "4")
      yield* World.fault({
        on: { operation: "headObject", key: "to/b" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      yield* World.fault({
        on: { operation: "putObject", key: "to/b" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 1, failures: [{ action: { name: "b", reason: "content" } }] })
      yield* World.expectStored("to/c", new TextEncoder().encode("4"))
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("refuses overlapping source and target, and changes nothing", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "from/a": "1", "to/b": "2" })
      for (const key of ["a/x", "a/b/y"]) yield* Cos.putObject({ key, body: "1" })
      const places: ReadonlyArray<readonly [Sync.Place, Sync.Place]> = [
        [Sync.directory(`${root}/from`), Sync.directory(`${root}/to`)],
        [Sync.prefix("a/"), Sync.prefix("a/b/")],
        [Sync.prefix("a/b/"), Sync.prefix("")],
        [Sync.prefix("a/"), Sync.prefix("a/", { bucket: World.bucket })]
      ]
      for (const [from, to] of places) {
        const options = { from, to, delete: true }
        for (const error of [yield* Effect.flip(planned(options)), yield* Effect.flip(Sync.run(options))]) {
          expect(error).toMatchObject({ _tag: "InvalidInput", operation: "Sync", field: "to" })
        }
      }
      const options = { from: Sync.prefix("a/"), to: Sync.prefix("b/"), concurrency: 0 }
      expect(yield* Effect.flip(Sync.run(options))).toMatchObject({ _tag: "InvalidInput", field: "concurrency" })
      expect(yield* keys("")).toEqual(["a/b/y", "a/x"])
      expect(yield* filesOf(root)).toEqual(["from/a", "to/b"])
    }).pipe(Effect.provide(world))
  )
})
