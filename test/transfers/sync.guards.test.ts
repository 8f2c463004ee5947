/** What a sync could not see, it does not delete. */
import { writeFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Sync from "effect-cos/Sync"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { systemError } from "../support/disk.js"
import { directoryWith, filesOf, keysOf, omitted, planned, putAll, write } from "../support/tree.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
const world = Layer.merge(World.inProcess(), NodeContext.layer)

const numbered = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${prefix}${String(from + i).padStart(3, "0")}`)

/** Does something once, before the first call for which this is true. */
const hooked = <A, E, R>(
  call: (method: "readDirectory" | "stat", path: string) => boolean,
  happens: (fs: FileSystem.FileSystem) => Effect.Effect<unknown>
) => {
  let done = false
  const hook = <A2, E2>(
    fs: FileSystem.FileSystem,
    method: "readDirectory" | "stat",
    path: string,
    self: Effect.Effect<A2, E2>
  ) =>
    Effect.suspend(() => {
      if (done || !call(method, path)) return self
      done = true
      return Effect.zipRight(happens(fs), self)
    })
  return (self: Effect.Effect<A, E, R | FileSystem.FileSystem>) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) =>
      Effect.provideService(self, FileSystem.FileSystem, {
        ...fs,
        readDirectory: (path, options) => hook(fs, "readDirectory", path, fs.readDirectory(path, options)),
        stat: (path) => hook(fs, "stat", path, fs.stat(path))
      })
    )
}

describe("Sync deletes nothing that it could not see", () => {
  for (const moved of ["a directory of which is read", "a file of which is looked at"]) {
    it.scopedLive(`from a source that is moved away while ${moved}`, () =>
      Effect.gen(function* () {
        const parent = yield* directoryWith({ "root/a/1": "1", "root/b/2": "2", "root/c/3": "3" })
        const options = { from: Sync.directory(`${parent}/root`), to: Sync.prefix("to/"), delete: true }
        yield* Sync.run(options)
        const isAt = moved.startsWith("a directory")
          ? (method: string, path: string) => method === "readDirectory" && path.endsWith("/b")
          : (method: string, path: string) => method === "stat" && path.endsWith("/b/2")
        const exit = yield* Sync.run(options).pipe(
          hooked(isAt, (fs) => Effect.orDie(fs.rename(`${parent}/root`, `${parent}/elsewhere`))),
          Effect.either
        )
        expect(yield* keysOf("to/")).toEqual(["a/1", "b/2", "c/3"])
        expect(exit).toMatchObject({ _tag: "Left", left: { _tag: "DeletionsRefused", reason: "SourceReplaced" } })
      }).pipe(Effect.provide(world))
    )
  }

  it.scopedLive("from a directory that another takes the place of, with the same names or without", () =>
    Effect.gen(function* () {
      for (const others of [{}, { "other/x": "1" }] as ReadonlyArray<Record<string, string>>) {
        const parent = yield* directoryWith({ "root/a/1": "1", "root/b/2": "2", ...others })
        const fs = yield* FileSystem.FileSystem
        yield* fs.makeDirectory(`${parent}/other`, { recursive: true })
        const options = { from: Sync.directory(`${parent}/root`), to: Sync.prefix("to/"), delete: true }
        yield* Sync.run(options)
        const error = yield* Sync.run(options).pipe(
          hooked(
            (method, path) => method === "readDirectory" && path.endsWith("/b"),
            (fs) =>
              Effect.orDie(
                Effect.zipRight(
                  fs.rename(`${parent}/root`, `${parent}/elsewhere`),
                  fs.rename(`${parent}/other`, `${parent}/root`)
                )
              )
          ),
          Effect.flip
        )
        expect(error).toMatchObject({ _tag: "DeletionsRefused", reason: "SourceReplaced", report: { deleted: 0 } })
        expect(yield* keysOf("to/")).toEqual(["a/1", "b/2"])
      }
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("from a source that is empty, or of which nothing is selected, unless that is allowed", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ "only.log": "1" })
      const empty = yield* directoryWith({})
      yield* fs.makeDirectory(`${empty}/lost+found`)
      yield* putAll(["to/a", "to/b", "folder/"], "")
      const target = yield* directoryWith({ a: "1", b: "2" })
      const pairs: ReadonlyArray<Pick<Sync.PlanOptions, "from" | "to" | "exclude">> = [
        { from: Sync.directory(empty), to: Sync.prefix("to/") },
        { from: Sync.directory(root), to: Sync.prefix("to/"), exclude: "*.log" },
        { from: Sync.prefix("mistyped/"), to: Sync.prefix("to/") },
        { from: Sync.prefix("folder/"), to: Sync.prefix("to/") },
        { from: Sync.prefix("mistyped/"), to: Sync.directory(target) }
      ]
      for (const pair of pairs) {
        const options = { ...pair, delete: true }
        const refused = { _tag: "DeletionsRefused", reason: "EmptySource" }
        expect(yield* Effect.flip(Sync.run(options))).toMatchObject({ ...refused, report: { deleted: 0 } })
        expect(yield* Effect.flip(planned(options))).toMatchObject(refused)
        expect(yield* Sync.run({ ...pair })).toMatchObject({ deleted: 0 })
      }
      expect(yield* keysOf("to/")).toEqual(["a", "b"])
      expect(yield* filesOf(target)).toEqual(["a", "b"])
      for (const pair of [pairs[0], pairs[4]] as const) {
        expect(yield* Sync.run({ ...(pair as Sync.Options), delete: true, allowEmptySource: true })).toMatchObject({
          deleted: 2
        })
      }
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("below what is a link now, and of what was moved and linked", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* directoryWith({ "root/dir/1": "1", "root/dir/2": "2", "root/file": "3", "root/gone": "4" })
      const root = `${parent}/root`
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      yield* Sync.run(options)
      yield* fs.rename(`${root}/dir`, `${parent}/dir`)
      yield* fs.symlink(`${parent}/dir`, `${root}/dir`)
      yield* fs.rename(`${root}/file`, `${parent}/file`)
      yield* fs.symlink(`${parent}/file`, `${root}/file`)
      yield* fs.remove(`${root}/gone`)
      yield* write(`${root}/new`, "5")
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 1, deleted: 1, withheld: 3, failures: [] })
      expect(omitted(report)).toEqual(["source Link dir", "source Link file"])
      expect(yield* keysOf("to/")).toEqual(["dir/1", "dir/2", "file", "new"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of a directory that holds a name which is not UTF-8", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "a/good": "1", "b/gone": "2", "\ufffd": "a name of its own", top: "3" })
      const notUtf8 = (folder: string) =>
        Effect.sync(() => writeFileSync(Buffer.from(`${root}/${folder}name-\xff`, "latin1"), "?"))
      yield* putAll(["to/a/name-1", "to/a/sub/x", "to/b/old"])
      yield* notUtf8("a/")
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 4, deleted: 1, withheld: 2, failures: [] })
      expect(omitted(report)).toEqual(["source NotUtf8 a/name-\ufffd"])
      expect(yield* keysOf("to/")).toEqual(["a/good", "a/name-1", "a/sub/x", "b/gone", "top", "\ufffd"])
      // Two that look alike, or one that looks as another that is UTF-8.
      yield* Effect.sync(() => writeFileSync(Buffer.from(`${root}/\xfe`, "latin1"), "?"))
      yield* putAll(["to/old"])
      expect(yield* Sync.run(options)).toMatchObject({ deleted: 0, withheld: 3 })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of what went while it was walked", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "dir/1": "1", "dir/2": "2", file: "3", rest: "4" })
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      yield* Sync.run(options)
      const first = yield* Sync.run(options).pipe(
        hooked(
          (method, path) => method === "readDirectory" && path.endsWith("/dir"),
          (fs) => Effect.orDie(fs.rename(`${root}/dir`, `${root}-dir`))
        )
      )
      expect(omitted(first)).toEqual(["source Vanished dir"])
      const second = yield* Sync.run(options).pipe(
        hooked(
          (method, path) => method === "stat" && path.endsWith("/file"),
          (fs) => Effect.orDie(fs.remove(`${root}/file`))
        )
      )
      expect(omitted(second).filter((line) => line.endsWith("file"))).toHaveLength(1)
      expect(yield* keysOf("to/")).toContain("file")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of a special file, or below what cannot be read; and the rest goes on", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "dir/1": "1", pipe: "2", rest: "3" })
      yield* putAll(["to/dir/old", "to/gone", "to/pipe"])
      const withTrouble = Effect.flatMap(FileSystem.FileSystem, (fs) =>
        Effect.provideService(
          Sync.run({ from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }),
          FileSystem.FileSystem,
          {
            ...fs,
            readDirectory: (path, options) =>
              path.endsWith("/dir")
                ? Effect.fail(systemError("readDirectory", path, "PermissionDenied", "EACCES"))
                : fs.readDirectory(path, options),
            stat: (path) =>
              Effect.map(fs.stat(path), (info) => (path.endsWith("/pipe") ? { ...info, type: "FIFO" as const } : info))
          }
        )
      )
      const report = yield* withTrouble
      expect(report).toMatchObject({ transferred: 1, deleted: 1, withheld: 2, failures: [] })
      expect(omitted(report)).toEqual(["source Special pipe", "source Unreadable dir"])
      expect(report.omissions.find(({ name }) => name === "dir")?.error).toMatchObject({ reason: "PermissionDenied" })
      expect(yield* keysOf("to/")).toEqual(["dir/old", "pipe", "rest"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("that came back after it was looked for", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "dir/keep": "1", "dir/back": "2" })
      const target = yield* directoryWith({})
      yield* putAll(["from/dir/keep", "from/dir/back", "from/dir/gone"])
      const fs = yield* FileSystem.FileSystem
      const ways = [
        {
          options: { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true },
          remove: fs.remove(`${root}/dir/back`),
          back: write(`${root}/dir/back`, "2"),
          rest: keysOf("to/"),
          left: ["dir/back", "dir/keep"]
        },
        {
          options: { from: Sync.prefix("from/"), to: Sync.prefix("copy/"), delete: true },
          remove: Effect.all([Cos.deleteObject({ key: "from/dir/back" }), Cos.deleteObject({ key: "from/dir/gone" })]),
          back: putAll(["from/dir/back"]),
          rest: keysOf("copy/"),
          left: ["dir/back", "dir/keep"]
        },
        {
          options: { from: Sync.prefix("from/"), to: Sync.directory(target), delete: true },
          remove: Cos.deleteObject({ key: "from/dir/back" }),
          back: putAll(["from/dir/back"]),
          rest: filesOf(target),
          left: ["dir/back", "dir/keep"]
        }
      ] as const
      for (const { back, left, options, remove, rest } of ways) {
        yield* Sync.run(options)
        yield* remove
        const plan = yield* Stream.runCollect(Sync.plan(options))
        yield* back
        const report = yield* Sync.apply(Stream.fromChunk(plan), options)
        expect(omitted(report)).toEqual(["source Appeared dir/back"])
        expect(yield* rest).toEqual(left)
      }
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("when the source cannot be asked for it", () =>
    Effect.gen(function* () {
      yield* putAll(["from/a", "to/a", "to/b"])
      yield* World.fault({
        on: { operation: "headObject", key: "from/b", times: Number.POSITIVE_INFINITY },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const options = { from: Sync.prefix("from/"), to: Sync.prefix("to/"), delete: true, compare: "size" } as const
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ deleted: 0, withheld: 1, omissions: [{ name: "b", reason: "Unreadable" }] })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of a local file that is not the one any more that was planned to be deleted", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* directoryWith({ "root/a": "1", "root/old": "2", "root/dir/x": "3", "outside/x": "3" })
      yield* putAll(["from/a"], "1")
      const options = { from: Sync.prefix("from/"), to: Sync.directory(`${parent}/root`), delete: true }
      const plan = yield* Stream.runCollect(Sync.plan(options))
      yield* fs.writeFileString(`${parent}/root/old`, "written since")
      yield* fs.remove(`${parent}/root/dir`, { recursive: true })
      yield* fs.symlink(`${parent}/outside`, `${parent}/root/dir`)
      const report = yield* Sync.apply(Stream.fromChunk(plan), options)
      expect(report).toMatchObject({ deleted: 0, withheld: 2 })
      expect(omitted(report)).toEqual(["target TargetChanged dir/x", "target TargetChanged old"])
      expect(yield* filesOf(`${parent}/outside`)).toEqual(["x"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("nor more than half of the target, or ten, or what is allowed", () =>
    Effect.gen(function* () {
      const options = { from: Sync.prefix("from/"), to: Sync.prefix("to/"), delete: true, compare: "size" } as const
      yield* putAll(numbered("from/", 0, 14), "1")
      yield* putAll(numbered("to/", 0, 30), "1")
      const error = yield* Effect.flip(Sync.run(options))
      expect(error).toMatchObject({ _tag: "DeletionsRefused", reason: "TooMany", wanted: 16, limit: 15 })
      // A plan that was kept is held to the same.
      const plan = yield* Stream.runCollect(Sync.plan(options))
      const kept = Sync.apply(Stream.fromChunk(plan), options)
      expect(yield* Effect.flip(kept)).toMatchObject({ reason: "TooMany", wanted: 16, limit: 15 })
      expect((yield* keysOf("to/")).length).toBe(30)
      expect(yield* Effect.flip(Sync.run({ ...options, maxDelete: 15 }))).toMatchObject({ wanted: 16, limit: 15 })
      yield* putAll(numbered("from/", 14, 15), "1")
      expect(yield* Sync.run(options)).toMatchObject({ deleted: 15, withheld: 0 })
      // Ten are allowed of fewer than twenty.
      yield* putAll(numbered("to/", 15, 26), "1")
      yield* Effect.forEach(numbered("from/", 1, 15), (key) => Cos.deleteObject({ key }))
      expect(yield* Effect.flip(Sync.run(options))).toMatchObject({ wanted: 25, limit: 13 })
      expect(yield* Sync.run({ ...options, maxDelete: 25 })).toMatchObject({ deleted: 25 })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("when none is allowed, which is refused as any other number is", () =>
    Effect.gen(function* () {
      const options = { from: Sync.prefix("from/"), to: Sync.prefix("to/"), delete: true, compare: "size" } as const
      yield* putAll(["from/1", "to/1", "to/2", "to/3"], "1")
      const refused = { _tag: "DeletionsRefused", reason: "TooMany", wanted: 2, limit: 0, report: { withheld: 2 } }
      expect(yield* Effect.flip(Sync.run({ ...options, maxDelete: 0 }))).toMatchObject(refused)
      expect(yield* keysOf("to/")).toEqual(["1", "2", "3"])
      yield* putAll(["from/2", "from/3"], "1")
      expect(yield* Sync.run({ ...options, maxDelete: 0 })).toMatchObject({ deleted: 0, withheld: 0 })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of a prefix that is no folder, since it is that of other folders too", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ "/1": "1" })
      yield* putAll(["a/1", "a/2", "ab/1", "ac", "b/1"])
      const pairs: ReadonlyArray<readonly [Pick<Sync.Options, "from" | "to">, string]> = [
        [{ from: Sync.directory(root), to: Sync.prefix("a") }, "to"],
        [{ from: Sync.prefix("a"), to: Sync.prefix("b/") }, "from"],
        [{ from: Sync.prefix("b/"), to: Sync.prefix("a") }, "to"],
        [{ from: Sync.prefix("a"), to: Sync.directory(root) }, "from"]
      ]
      for (const [pair, field] of pairs) {
        const refused = { _tag: "InvalidInput", field }
        expect(yield* Effect.flip(Sync.run({ ...pair, delete: true }))).toMatchObject(refused)
        expect(yield* Effect.flip(planned({ ...pair, delete: true }))).toMatchObject(refused)
        expect(yield* Effect.flip(Sync.apply(Stream.empty, { ...pair, delete: true }))).toMatchObject(refused)
      }
      expect(yield* keysOf("")).toEqual(["a/1", "a/2", "ab/1", "ac", "b/1"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of an object that another writer has put there since it was listed", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ a: "1" })
      for (const from of [Sync.directory(root), Sync.prefix("from/")]) {
        yield* putAll(["from/a", "to/a", "to/gone", "to/later", "to/replaced"], "1")
        const options = { from, to: Sync.prefix("to/"), delete: true, compare: "size" } as const
        const plan = yield* Stream.runCollect(Sync.plan(options))
        yield* Cos.putObject({ key: "to/replaced", body: "2" })
        yield* Cos.deleteObject({ key: "to/gone" })
        const report = yield* Sync.apply(Stream.fromChunk(plan), options)
        expect(report).toMatchObject({ deleted: 2, withheld: 1, failures: [] })
        expect(omitted(report)).toEqual(["target TargetChanged replaced"])
        expect(yield* keysOf("to/")).toEqual(["a", "replaced"])
        yield* Cos.deleteObject({ key: "to/replaced" })
      }
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of a local file whose content changed since it was listed, though size and time are the same", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "1", same: "1", renamed: "1", rewritten: "1", other: "2" })
      for (const name of ["renamed", "rewritten", "other"]) yield* fs.utimes(`${root}/${name}`, 1000, 1000)
      yield* putAll(["from/a"], "1")
      const options = { from: Sync.prefix("from/"), to: Sync.directory(root), delete: true, compare: "size" } as const
      const plan = yield* Stream.runCollect(Sync.plan(options))
      yield* fs.rename(`${root}/other`, `${root}/renamed`)
      yield* fs.writeFileString(`${root}/rewritten`, "2")
      yield* fs.utimes(`${root}/rewritten`, 1000, 1000)
      const report = yield* Sync.apply(Stream.fromChunk(plan), options)
      expect(omitted(report)).toEqual(["target TargetChanged renamed", "target TargetChanged rewritten"])
      expect(yield* filesOf(root)).toEqual(["a", "renamed", "rewritten"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("by a plan of another directory, or without being asked to delete", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* directoryWith({ "root/a": "1", "root/b": "2" })
      const options = { from: Sync.directory(`${parent}/root`), to: Sync.prefix("to/"), delete: true }
      yield* Sync.run(options)
      yield* fs.remove(`${parent}/root/b`)
      const plan = yield* Stream.runCollect(Sync.plan(options))
      const apply = (more: Partial<Sync.Options>) => Sync.apply(Stream.fromChunk(plan), { ...options, ...more })
      expect(yield* apply({ delete: false })).toMatchObject({ deleted: 0, withheld: 1 })
      yield* fs.rename(`${parent}/root`, `${parent}/old`)
      yield* write(`${parent}/root/a`, "1")
      expect(yield* Effect.flip(apply({}))).toMatchObject({ _tag: "DeletionsRefused", reason: "SourceReplaced" })
      expect(yield* keysOf("to/")).toEqual(["a", "b"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("by a plan of a source that has been emptied since", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* directoryWith({ a: "1" })
      yield* putAll(["from/a", "to/a", "to/b"], "1")
      for (const [from, empty] of [
        [Sync.directory(root), fs.remove(`${root}/a`)],
        [Sync.prefix("from/"), Cos.deleteObject({ key: "from/a" })]
      ] as const) {
        const options = { from, to: Sync.prefix("to/"), delete: true, compare: "size" } as const
        const plan = yield* Stream.runCollect(Sync.plan(options))
        yield* empty
        const error = yield* Effect.flip(Sync.apply(Stream.fromChunk(plan), options))
        expect(error).toMatchObject({ _tag: "DeletionsRefused", reason: "EmptySource", wanted: 1 })
      }
      expect(yield* keysOf("to/")).toEqual(["a", "b"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("when the filter throws, at whatever call", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ a: "1", "b/c": "2", d: "3" })
      yield* putAll(["to/a", "to/gone", "to/z"], "1")
      for (let nth = 1; nth <= 6; nth++) {
        let calls = 0
        const filter = () => {
          calls += 1
          if (calls === nth) throw new Error("a bug of the user's")
          return true
        }
        const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true, filter }
        const cause = yield* Effect.flip(Effect.sandbox(Sync.run(options)))
        expect(Cause.isDie(cause), String(nth)).toBe(true)
        expect(yield* keysOf("to/"), String(nth)).toEqual(expect.arrayContaining(["a", "gone", "z"]))
        expect(yield* World.unfinishedUploads).toEqual([])
      }
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("because of a pattern that matches nothing by mistake", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ a: "1" })
      yield* putAll(["to/a", "to/keep/b", "to/keep/c.log"])
      for (const exclude of ["keep/", "{keep/**}", "keep/[", "/keep/**"]) {
        const options = { from: Sync.directory(root), to: Sync.prefix("to/"), exclude, delete: true }
        const error = yield* Effect.flip(Sync.run(options))
        expect(error).toMatchObject({ _tag: "InvalidInput", operation: "Sync", field: "exclude" })
      }
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), exclude: "{keep/{b,**/*.log},x}" }
      expect(yield* Sync.run({ ...options, delete: true })).toMatchObject({ deleted: 0 })
      expect(yield* keysOf("to/")).toEqual(["a", "keep/b", "keep/c.log"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of an object whose folder is only partly excluded", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith({ a: "1", "tmp/x": "2", "tmp/deep/y": "3" })
      const options = { from: Sync.directory(root), to: Sync.prefix("to/"), delete: true }
      yield* Sync.run(options)
      expect(yield* Sync.run({ ...options, exclude: "tmp/*" })).toMatchObject({ deleted: 0 })
      expect(yield* keysOf("to/")).toEqual(["a", "tmp/deep/y", "tmp/x"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("of downloads that are not finished: they are neither sent nor removed", () =>
    Effect.gen(function* () {
      const temporary = ".effect-cos-0123456789abcdef0123456789.part"
      const root = yield* directoryWith({ a: "1", [`dir/${temporary}`]: "half" })
      const up = yield* Sync.run({ from: Sync.directory(root), to: Sync.prefix("to/") })
      expect(omitted(up)).toEqual([`source Temporary dir/${temporary}`])
      expect(yield* keysOf("to/")).toEqual(["a"])
      const down = yield* Sync.run({ from: Sync.prefix("to/"), to: Sync.directory(root), delete: true })
      expect(down).toMatchObject({ deleted: 0 })
      expect(omitted(down)).toEqual([`target Temporary dir/${temporary}`])
      expect(yield* filesOf(root)).toEqual(["a", `dir/${temporary}`])
      const files = yield* Upload.files({ directory: root, prefix: "files/" })
      expect(files).toMatchObject({
        succeeded: 1,
        skipped: 1,
        outcomes: [{}, { _tag: "Skipped", reason: "Temporary" }]
      })
      expect(yield* keysOf("files/")).toEqual(["a"])
    }).pipe(Effect.provide(world))
  )
})

it.scopedLive("an empty folder that is in the way comes back where it cannot be looked at", () =>
  Effect.gen(function* () {
    const root = yield* directoryWith({})
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(`${root}/a`)
    yield* putAll(["from/a"])
    const { failures } = yield* Sync.run({ from: Sync.prefix("from/"), to: Sync.directory(root), delete: true }).pipe(
      Effect.provideService(FileSystem.FileSystem, {
        ...fs,
        readDirectory: (path, options) =>
          path.endsWith(".part")
            ? Effect.fail(systemError("readDirectory", path, "PermissionDenied", "EACCES"))
            : fs.readDirectory(path, options)
      })
    )
    expect(failures).toMatchObject([{ action: { name: "a" }, error: { reason: "FolderInPlaceOfFile" } }])
    expect(yield* fs.readDirectory(root)).toEqual(["a"])
  }).pipe(Effect.provide(world))
)
