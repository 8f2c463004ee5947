import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Sync from "effect-cos/Sync"
import * as Fault from "effect-cos-emulator/Fault"
import * as World from "../support/world.js"

const world = World.onPort().pipe(Layer.provideMerge(NodeContext.layer))

const files: Record<string, string> = { "a.txt": "1", "a/b": "2", "a/c/d": "3", a0: "4", "ä/é": "5" }

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

const keys = (prefix: string) =>
  Effect.map(Stream.runCollect(Cos.listObjects.items({ prefix })), (objects) =>
    Chunk.toReadonlyArray(Chunk.map(objects, ({ key }) => key.slice(prefix.length)))
  )

describe("Sync", () => {
  it.scopedLive("a directory to a prefix, and again nothing; the plan is in the order of the lists", () =>
    Effect.gen(function* () {
      const root = yield* directoryWith(files)
      const options = { from: Sync.directory(root), to: Sync.prefix("site/") }
      expect(yield* planned(options)).toEqual(["a.txt", "a/b", "a/c/d", "a0", "ä/é"].map((name) => `missing ${name}`))
      expect(yield* keys("site/")).toEqual([])
      expect(yield* Sync.run(options)).toEqual({ transferred: 5, bytes: 5, deleted: 0, withheld: 0, failed: [] })
      expect(yield* keys("site/")).toEqual(["a.txt", "a/b", "a/c/d", "a0", "ä/é"])
      expect(yield* planned(options)).toEqual([])
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
      expect(report.failed.map(({ action, error }) => [action.name, error._tag])).toEqual([
        ["../x", "UnsafeKey"],
        ["b//d", "UnsafeKey"]
      ])
      expect(yield* fs.readDirectory(root, { recursive: true })).toEqual(
        expect.arrayContaining(["target/a", "target/b/c"])
      )
      expect(yield* fs.readFileString(`${root}/target/b/c`)).toBe("in/b/c")
      expect((yield* planned(options)).filter((action) => !action.startsWith("Refuse"))).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("a prefix to a prefix, deleting what the source does not have, but not what is filtered out", () =>
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

  it.scopedLive("deletes nothing when a transfer failed, and nothing when it would be too much", () =>
    Effect.gen(function* () {
      for (const key of ["from/a", "to/x", "to/y"]) yield* Cos.putObject({ key, body: "1" })
      const options = { from: Sync.prefix("from/"), to: Sync.prefix("to/"), delete: true }
      expect(yield* Sync.run({ ...options, maxDelete: 1 })).toMatchObject({ transferred: 1, deleted: 0, withheld: 2 })
      yield* Cos.deleteObject({ key: "to/a" })
      yield* World.fault({ on: { operation: "copyObject" }, do: Fault.status(403, { code: "AccessDenied" }) })
      const report = yield* Sync.run(options)
      expect(report).toMatchObject({ transferred: 0, deleted: 0, withheld: 2 })
      expect(report.failed.map(({ error }) => error._tag)).toEqual(["AccessDenied"])
      expect(yield* keys("to/")).toEqual(["x", "y"])
    }).pipe(Effect.provide(world))
  )
})
