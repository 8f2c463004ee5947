/** Plans that are kept in files. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Sync from "effect-cos/Sync"
import type { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { openFiles } from "../support/openFiles.js"
import { directoryWith, filesOf, keysOf, write } from "../support/tree.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
const world = Layer.merge(World.inProcess(), NodeContext.layer)

const written = (options: Sync.Options, file: string) => Sync.plan(options).pipe(Sync.writePlan(file, options))

const applied = (file: string, more: Partial<Sync.Options> = {}) =>
  Effect.scoped(
    Effect.flatMap(Sync.readPlan(file), ({ actions, options }) => Sync.apply(actions, { ...options, ...more }))
  )

/** The names that failed, and what differs. */
const outdated = ({ failures }: Sync.Report) =>
  failures.map(({ action, error }) =>
    error._tag === "PlanOutdated"
      ? `${action.name}: ${error.field} of the ${error.side}`
      : `${action.name}: ${error._tag}`
  )

const putEach = (prefix: string, contents: Readonly<Record<string, string>>) =>
  Effect.forEach(Object.entries(contents), ([name, body]) => Cos.putObject({ key: prefix + name, body }), {
    discard: true
  })

const writeEach = (root: string, contents: Readonly<Record<string, string>>) =>
  Effect.forEach(Object.entries(contents), ([name, text]) => write(`${root}/${name}`, text), { discard: true })

const temporary = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

const ways = {
  up: (root: string) => ({ from: Sync.directory(root), to: Sync.prefix("to/") }),
  down: (root: string) => ({ from: Sync.prefix("from/"), to: Sync.directory(root) }),
  across: () => ({ from: Sync.prefix("from/"), to: Sync.prefix("to/") })
}

/** What both sides of a way hold. */
const setUp = (way: keyof typeof ways, source: Record<string, string>, target: Record<string, string>) =>
  Effect.gen(function* () {
    const root = yield* directoryWith(way === "up" ? source : way === "down" ? target : {})
    if (way !== "up") yield* putEach("from/", source)
    if (way !== "down") yield* putEach("to/", target)
    const put = (
      side: "source" | "target",
      name: string,
      text: string
    ): Effect.Effect<unknown, unknown, CosClient | FileSystem.FileSystem> =>
      (side === "source" && way === "up") || (side === "target" && way === "down")
        ? writeEach(root, { [name]: text })
        : putEach(side === "source" ? "from/" : "to/", { [name]: text })
    return { options: { ...ways[way](root), delete: true }, put, root }
  })

const targetOf = (way: keyof typeof ways, root: string) => (way === "down" ? filesOf(root) : keysOf("to/"))

/** Files that let other fibers run wherever a place in them has been set. */
const othersBetween = openFiles((file) =>
  Effect.succeed({ seek: (offset, from) => Effect.zipLeft(file.seek(offset, from), Effect.yieldNow()) })
)

describe("Plans in files", () => {
  for (const way of ["up", "down", "across"] as const) {
    it.scopedLive(`${way}: written, read and applied; applied again, nothing is done`, () =>
      Effect.gen(function* () {
        const { options, root } = yield* setUp(
          way,
          { a: "1", "b/c": "22", same: "0" },
          { "b/c": "x", old: "3", same: "0" }
        )
        const file = `${yield* temporary}/plans/a.plan`
        const totals = yield* written({ ...options, compare: "checksum" }, file)
        expect(totals).toEqual({ transfers: 2, bytes: 3, deletions: 1, refused: 0, omitted: 0 })
        const before = yield* targetOf(way, root)
        const read = yield* Sync.readPlan(file)
        expect(read.totals).toEqual(totals)
        const actions = yield* Stream.runCollect(read.actions)
        const planned = yield* Stream.runCollect(Sync.plan({ ...options, compare: "checksum" }))
        expect(Array.from(actions)).toEqual(Array.from(planned))
        expect(yield* targetOf(way, root)).toEqual(before)
        expect(yield* applied(file)).toMatchObject({
          transferred: 2,
          bytes: 3,
          deleted: 1,
          alreadyDone: 0,
          failures: []
        })
        expect(yield* targetOf(way, root)).toEqual(["a", "b/c", "same"])
        const sent = (yield* World.requests()).length
        expect(yield* applied(file)).toMatchObject({
          transferred: 0,
          bytes: 0,
          deleted: 0,
          withheld: 0,
          alreadyDone: 3,
          failures: []
        })
        const again = (yield* World.requests()).slice(sent).map(({ operation }) => operation)
        expect(again.filter((operation) => operation !== "headObject" && operation !== "listObjects")).toEqual([])
      }).pipe(Effect.provide(world))
    )

    it.scopedLive(`${way}: what changed since, on either side, is not begun, and nothing is deleted`, () =>
      Effect.gen(function* () {
        const { options, put, root } = yield* setUp(
          way,
          { a: "1", b: "22", c: "333", d: "4" },
          { b: "x", c: "y", d: "z", old: "5" }
        )
        const file = `${yield* temporary}/a.plan`
        yield* written({ ...options, compare: "checksum" }, file)
        yield* put("target", "a", "somebody's")
        yield* put("source", "b", "longer than before")
        yield* put("target", "c", "w")
        const report = yield* applied(file)
        expect(
          outdated(report)
            .map((text) => text.replace(/eTag|inode|lastModified/, "content"))
            .sort()
        ).toEqual(["a: presence of the target", "b: size of the source", `c: content of the target`])
        expect(report).toMatchObject({ transferred: 1, deleted: 0, withheld: 1 })
        expect(yield* targetOf(way, root)).toEqual(["a", "b", "c", "d", "old"])
        const text = (name: string): Effect.Effect<string, unknown, Emulator | FileSystem.FileSystem> =>
          way === "down"
            ? Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(`${root}/${name}`))
            : Effect.map(World.bytesOf(`to/${name}`), (bytes) => new TextDecoder().decode(bytes))
        expect(yield* Effect.forEach(["a", "b", "c", "d"], text)).toEqual(["somebody's", "x", "w", "4"])
      }).pipe(Effect.provide(world))
    )
  }

  it.scopedLive("a source that is gone, and a target that came with another content of the same size and time", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { options, root } = yield* setUp("down", { a: "1", b: "2" }, { b: "3" })
      const file = `${yield* temporary}/a.plan`
      yield* written({ ...options, compare: "checksum" }, file)
      const { mtime } = yield* fs.stat(`${root}/b`)
      yield* Cos.deleteObject({ key: "from/a" })
      yield* fs.writeFileString(`${root}/other`, "4")
      yield* fs.rename(`${root}/other`, `${root}/b`)
      const time = mtime._tag === "Some" ? mtime.value : new Date()
      yield* fs.utimes(`${root}/b`, time, time)
      expect(outdated(yield* applied(file)).sort()).toEqual(["a: presence of the source", "b: inode of the target"])
      expect(yield* fs.readFileString(`${root}/b`)).toBe("4")
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("an apply that is cut off is repeated, and sends only what was left", () =>
    Effect.gen(function* () {
      const { options } = yield* setUp("up", { a: "1", b: "2", c: "3", d: "4" }, { old: "5" })
      const file = `${yield* temporary}/a.plan`
      yield* written(options, file)
      yield* Effect.scoped(
        Effect.flatMap(Sync.readPlan(file), ({ actions, options }) =>
          Sync.applyStream(actions, { ...options, concurrency: 1 }).pipe(Stream.take(2), Stream.runDrain)
        )
      )
      const before = (yield* World.requests("putObject")).length
      const stored = (yield* keysOf("to/")).length - 1
      const report = yield* applied(file)
      expect(report).toMatchObject({ transferred: 4 - stored, alreadyDone: stored, deleted: 1, failures: [] })
      expect((yield* World.requests("putObject")).length - before).toBe(4 - stored)
      expect(yield* keysOf("to/")).toEqual(["a", "b", "c", "d"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive(
    "the guards of deletions hold: another directory, too many, what was changed, what the source has",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { options, put, root } = yield* setUp("up", { a: "1" }, { a: "1", old: "2", old2: "3", old3: "4" })
        const file = `${yield* temporary}/a.plan`
        yield* written({ ...options, compare: "size" }, file)
        expect(yield* Effect.flip(applied(file, { maxDelete: 2 }))).toMatchObject({ reason: "TooMany" })
        yield* put("target", "old2", "another")
        yield* writeEach(root, { old3: "4" })
        const report = yield* applied(file)
        expect(report.omissions.map(({ name, reason }) => `${name} ${reason}`).sort()).toEqual([
          "old2 TargetChanged",
          "old3 Appeared"
        ])
        expect(report).toMatchObject({ deleted: 1, withheld: 2 })
        yield* putEach("to/", { old: "2" })
        yield* written({ ...options, compare: "size" }, file)
        yield* fs.rename(root, `${root}.aside`)
        yield* fs.makeDirectory(root)
        yield* writeEach(root, { a: "1" })
        expect(yield* Effect.flip(applied(file))).toMatchObject({ _tag: "DeletionsRefused", reason: "SourceReplaced" })
        expect(yield* keysOf("to/")).toEqual(["a", "old", "old2", "old3"])
        yield* fs.remove(`${root}.aside`, { recursive: true })
      }).pipe(Effect.provide(world))
  )

  it.scopedLive("a file that was cut off, changed, or is none, is refused before anything is done", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { options } = yield* setUp("up", { a: "1", b: "2", "ä\n😀": "3" }, { old: "5" })
      const file = `${yield* temporary}/a.plan`
      yield* written(options, file)
      const text = yield* fs.readFileString(file)
      const tried = (content: string) => Effect.zipRight(fs.writeFileString(file, content), Effect.flip(applied(file)))
      for (const cut of [text.length - 1, text.length >> 1, text.indexOf("\n") + 1, 20]) {
        expect(yield* tried(text.slice(0, cut))).toMatchObject({ reason: cut === 20 ? "Foreign" : "Damaged" })
      }
      const lines = text.split("\n")
      for (const content of [text.replace('"name":"a"', '"name":"b"'), lines.toSpliced(1, 1).join("\n"), `${text}x`]) {
        expect(yield* tried(content)).toMatchObject({ _tag: "PlanUnusable", reason: "Damaged", file })
      }
      expect(yield* tried(text.replace('"version":1', '"version":2'))).toMatchObject({ reason: "OtherVersion" })
      for (const content of ["", "{}", "a,b\n1,2\n"]) expect(yield* tried(content)).toMatchObject({ reason: "Foreign" })
      expect(yield* Effect.flip(applied(`${file}.none`))).toMatchObject({ _tag: "SystemError", reason: "NotFound" })
      expect(yield* keysOf("to/")).toEqual(["old"])
      yield* fs.writeFileString(file, text)
      expect(yield* applied(file)).toMatchObject({ transferred: 3, deleted: 1 })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a plan that fails leaves no file, and the one that was there; in the directory it is left out", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { options, root } = yield* setUp("up", { a: "1" }, {})
      const file = `${root}/a.plan`
      expect(yield* written(options, file)).toMatchObject({ transfers: 1, omitted: 0 })
      expect(yield* written(options, file)).toMatchObject({ transfers: 1, omitted: 0 })
      const text = yield* fs.readFileString(file)
      yield* World.fault({ on: { operation: "listObjects" }, do: Fault.status(403, { code: "AccessDenied" }) })
      expect(yield* Effect.flip(written(options, file))).toMatchObject({ _tag: "AccessDenied" })
      expect(yield* filesOf(root)).toEqual(["a", "a.plan"])
      expect(yield* fs.readFileString(file)).toBe(text)
      expect(yield* Effect.flip(written({ ...options, filter: () => true }, file))).toMatchObject({ field: "filter" })
      expect(yield* Effect.flip(written(options, ""))).toMatchObject({ field: "file" })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("the lines have their Schemas, and the places are named in full", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { options, root } = yield* setUp("up", { a: "1" }, { old: "2" })
      yield* fs.symlink("a", `${root}/link`)
      const file = `${yield* temporary}/a.plan`
      yield* written({ ...options, include: ["*"], maxDelete: 7, transfer: { storageClass: "STANDARD_IA" } }, file)
      const [header = "", ...lines] = (yield* fs.readFileString(file)).trimEnd().split("\n")
      expect(yield* Schema.decode(Schema.parseJson(Sync.PlanHeader))(header)).toMatchObject({
        version: 1,
        from: { path: yield* fs.realPath(root) },
        to: { bucket: World.bucket, region: World.region, prefix: "to/" },
        delete: true,
        maxDelete: 7,
        include: ["*"],
        transfer: { storageClass: "STANDARD_IA" }
      })
      const actions = yield* Effect.forEach(lines.slice(0, -1), (line) =>
        Schema.decode(Schema.parseJson(Sync.PlannedAction))(line)
      )
      expect(actions.map(({ _tag, name }) => `${_tag} ${name}`).sort()).toEqual([
        "Delete old",
        "Omit link",
        "Transfer a"
      ])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("whoever reads its actions at the same time gets all of them", () =>
    Effect.gen(function* () {
      const { options } = yield* setUp("up", { a: "1", b: "22", c: "333" }, {})
      const file = `${yield* temporary}/a.plan`
      yield* written(options, file)
      const { actions } = yield* Effect.provide(Sync.readPlan(file), othersBetween)
      const names = Effect.map(Stream.runCollect(actions), (all) => Array.from(all, ({ name }) => name))
      const all = ["a", "b", "c"]
      expect(yield* Effect.all([names, names, names], { concurrency: "unbounded" })).toEqual([all, all, all])
      expect(yield* names).toEqual(all)
    }).pipe(Effect.provide(world))
  )
})
