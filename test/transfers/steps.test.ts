/** Files that one request carries, by the steps of the file system: what must hold without them holds with them. */
import { execFileSync } from "node:child_process"
import * as NodeFs from "node:fs"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Cos from "effect-cos/Cos"
import { CosFileSystem, type FileReader, type Steps } from "effect-cos/CosFileSystem"
import * as Download from "effect-cos/Download"
import * as Sync from "effect-cos/Sync"
import * as Upload from "effect-cos/Upload"
import * as NodeFiles from "effect-cos-node/NodeFiles"
import { content } from "../support/content.js"
import { countSteps } from "../support/steps.js"
import * as World from "../support/world.js"

const data = content(5000)

/** A directory of the machine, and the steps of its file system. */
const withDirectory = <A, E, R>(use: (directory: string, steps: Steps) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
    const steps = yield* CosFileSystem
    return yield* use(directory, steps as Steps)
  }).pipe(Effect.scoped, Effect.provide(NodeFiles.layer), Effect.provide(World.inProcess()))

/** A file to which something happens before it is read, and after. */
const whileRead = (reader: FileReader, before: () => void, after: () => void = () => undefined): FileReader => ({
  open: reader.open,
  close: reader.close,
  read: (buffer) =>
    Effect.suspend(() => {
      before()
      return Effect.tap(reader.read(buffer), () => Effect.sync(after))
    })
})

describe("Upload.file", () => {
  /** Changes the file after it was looked at, before it is read. */
  const uploadWhile = (change: (path: string) => void) =>
    withDirectory((directory, steps) => {
      const path = `${directory}/file`
      NodeFs.writeFileSync(path, data)
      NodeFs.utimesSync(path, 1000, 1000)
      const reader: Steps["reader"] = (path) => whileRead(steps.reader(path), () => change(path))
      return Effect.gen(function* () {
        const result = yield* Effect.either(Upload.file({ key: "a", path }))
        if (result._tag === "Left") {
          yield* World.expectStored("a", undefined)
          return result.left
        }
        yield* World.expectStored("a", NodeFs.readFileSync(path))
        return "sent"
      }).pipe(Effect.provideService(CosFileSystem, { ...steps, reader }))
    })

  const changes: ReadonlyArray<readonly [string, (path: string) => void, string]> = [
    ["it grows", (path) => NodeFs.appendFileSync(path, "x"), "size"],
    ["it shrinks", (path) => NodeFs.truncateSync(path, 4000), "size"],
    ["it is written anew", (path) => NodeFs.writeFileSync(path, content(5000, 9)), "mtime"],
    [
      "another takes its place",
      (path) => {
        NodeFs.writeFileSync(`${path}2`, data)
        NodeFs.utimesSync(`${path}2`, 1000, 1000)
        NodeFs.renameSync(`${path}2`, path)
      },
      "identity"
    ]
  ]
  for (const [what, change, field] of changes) {
    it.effect(`a file that changes is not mixed: ${what}`, () =>
      Effect.gen(function* () {
        const result = yield* uploadWhile(change)
        expect(result).toMatchObject({ _tag: "SourceChanged", field })
      })
    )
  }

  it.effect("a file whose mode changes is sent, and one that was written anew with its old time", () =>
    Effect.gen(function* () {
      expect(yield* uploadWhile((path) => NodeFs.chmodSync(path, 0o600))).toBe("sent")
      const rewrite = (path: string) => {
        NodeFs.writeFileSync(path, content(5000, 9))
        NodeFs.utimesSync(path, 1000, 1000)
      }
      expect(yield* uploadWhile(rewrite)).toBe("sent")
    })
  )

  it.effect("what cannot be read says so as ever", () =>
    withDirectory((directory) =>
      Effect.gen(function* () {
        const upload = (path: string) => Effect.flip(Upload.file({ key: "a", path }))
        const missing = { _tag: "SystemError", reason: "NotFound", module: "FileSystem", method: "stat" }
        expect(yield* upload(`${directory}/none`)).toMatchObject(missing)
        expect(yield* upload(directory)).toMatchObject({ _tag: "InvalidInput", field: "path" })
        expect(yield* upload(`${directory}/a\0b`)).toMatchObject({ _tag: "SystemError" })
      })
    )
  )
})

describe("Download.file", () => {
  const put = Cos.putObject({ key: "a", body: data })

  it.effect("takes one request, and leaves nothing beside the file", () =>
    withDirectory((directory) =>
      Effect.gen(function* () {
        yield* put
        yield* Download.file({ key: "a", path: `${directory}/a` })
        expect(yield* World.asked).toEqual({ putObject: 1, getObject: 1 })
        expect(NodeFs.readdirSync(directory)).toEqual(["a"])
        expect(NodeFs.readFileSync(`${directory}/a`).equals(data)).toBe(true)
      })
    )
  )

  it.effect("a larger object goes on from what has come", () =>
    withDirectory((directory) =>
      Effect.gen(function* () {
        const large = content(400_000)
        yield* Cos.putObject({ key: "a", body: large })
        yield* Download.file({ key: "a", path: `${directory}/a` })
        expect(NodeFs.readdirSync(directory)).toEqual(["a"])
        expect(NodeFs.readFileSync(`${directory}/a`).equals(large)).toBe(true)
        const ranges = (yield* World.requests("getObject")).map(({ headers }) => headers.range)
        expect(ranges).toEqual(["bytes=0-262143", "bytes=262144-399999"])
      })
    )
  )

  const full = (method: string) =>
    new SystemError({
      module: "FileSystem",
      method,
      reason: "Unknown",
      cause: Object.assign(new Error("ENOSPC"), { code: "ENOSPC" })
    })

  const failing: { readonly [when: string]: (steps: Steps) => Partial<Steps> } = {
    "it is written": ({ create }) => ({
      create: (path, mode) =>
        Effect.map(create(path, mode), (file) => ({ ...file, write: () => Effect.fail(full("write")) }))
    }),
    "it gets its name": () => ({ rename: () => Effect.fail(full("rename")) })
  }
  for (const [when, stepsOf] of Object.entries(failing)) {
    it.effect(`a disk that is full when ${when} is DiskFull, and what was there stays`, () =>
      withDirectory((directory, steps) =>
        Effect.gen(function* () {
          yield* put
          const path = `${directory}/a`
          NodeFs.writeFileSync(path, "old")
          const download = Effect.provideService(Download.file({ key: "a", path }), CosFileSystem, {
            ...steps,
            ...stepsOf(steps)
          })
          expect(yield* Effect.flip(download)).toMatchObject({ _tag: "DiskFull", path })
          expect(NodeFs.readdirSync(directory)).toEqual(["a"])
          expect(NodeFs.readFileSync(path, "utf8")).toBe("old")
        })
      )
    )
  }

  it.effect("a name that cannot be given says why, as the platform's file system does", () =>
    withDirectory((directory, steps) =>
      Effect.gen(function* () {
        const [from, to] = [`${directory}/none`, `${directory}/a`]
        const byStep = yield* Effect.flip(steps.rename(from, to))
        expect(byStep).toMatchObject({ _tag: "SystemError", reason: "NotFound", method: "rename" })
        expect(byStep.message).toBe((yield* Effect.flip(steps.fileSystem.rename(from, to))).message)
      })
    )
  )

  it.effect("an interrupt removes the temporary file", () =>
    withDirectory((directory, steps) =>
      Effect.gen(function* () {
        yield* put
        const created = yield* Deferred.make<void>()
        const create: Steps["create"] = (path, mode) =>
          Effect.tap(steps.create(path, mode), () => Deferred.succeed(created, undefined))
        yield* World.fault({ on: { operation: "getObject" }, do: { _tag: "Silence", when: "before" } })
        const fiber = yield* Effect.fork(
          Effect.provideService(Download.file({ key: "a", path: `${directory}/a` }), CosFileSystem, {
            ...steps,
            create
          })
        )
        yield* Deferred.await(created)
        yield* World.untilRequested("getObject")
        yield* Fiber.interrupt(fiber)
        expect(NodeFs.readdirSync(directory)).toEqual([])
      })
    )
  )
})

describe("Download.bytes", () => {
  it.effect("of a small object costs little more than a request", () =>
    Effect.gen(function* () {
      const put = Cos.putObject({ key: "a", body: data })
      yield* Effect.zipRight(put, Download.bytes({ key: "a" }))
      const request = yield* countSteps(put)
      const download = yield* countSteps(Download.bytes({ key: "a" }))
      expect(download - request).toBeLessThan(60)
      expect(yield* World.asked).toEqual({ putObject: 2, getObject: 2 })
    }).pipe(Effect.provide(World.onPort()))
  )
})

it.effect("a copy, whose document comes without its length, costs little more than a request", () =>
  Effect.gen(function* () {
    const put = Cos.putObject({ key: "a", body: data })
    const copy = Cos.copyObject({ key: "b", source: { key: "a" } })
    yield* Effect.zipRight(put, copy)
    const request = yield* countSteps(put)
    const copied = yield* countSteps(copy)
    expect(copied - request).toBeLessThan(70)
    yield* World.expectStored("b", data)
  }).pipe(Effect.provide(World.onPort()))
)

it.effect("a request costs few steps, be it alone or one of four that end at once", () =>
  Effect.gen(function* () {
    const put = Cos.putObject({ key: "a", body: data })
    yield* put
    const alone = yield* countSteps(Effect.repeatN(put, 19))
    const four = yield* countSteps(Effect.replicateEffect(Effect.repeatN(put, 9), 4, { concurrency: 4, discard: true }))
    expect(alone / 20).toBeLessThan(50)
    expect(four / 40).toBeLessThan(55)
  }).pipe(Effect.provide(World.onPort()))
)

it.effect("a file of many costs few steps", () =>
  withDirectory((directory) =>
    Effect.gen(function* () {
      const names = Array.from({ length: 80 }, (_, i) => String(i))
      for (const name of names) NodeFs.writeFileSync(`${directory}/${name}`, data)
      const files = names.map((name) => ({ key: name, path: `${directory}/${name}` }))
      const stepsEach = <E, R>(run: (some: typeof files) => Effect.Effect<unknown, E, R>) =>
        Effect.zipWith(countSteps(run(files.slice(0, 40))), countSteps(run(files)), (some, all) => (all - some) / 40)
      const up = yield* stepsEach((some) => Upload.files(some, { concurrency: 1 }))
      const down = yield* stepsEach((some) => {
        for (const { path } of files) NodeFs.rmSync(path, { force: true })
        return Download.files(some, { concurrency: 1 })
      })
      expect(up).toBeLessThan(150)
      expect(down).toBeLessThan(230)
    }).pipe(Effect.provide(Path.layer), Effect.provide(World.onPort()))
  )
)

it.effect("Upload.bytes of a small object costs little more than a request", () =>
  Effect.gen(function* () {
    const put = Cos.putObject({ key: "a", body: data })
    const upload = Upload.bytes({ key: "a", bytes: data })
    yield* Effect.zipRight(put, upload)
    const request = yield* countSteps(put)
    const uploaded = yield* countSteps(upload)
    expect(uploaded - request).toBeLessThan(55)
    expect(yield* World.asked).toEqual({ putObject: 4 })
  }).pipe(Effect.provide(World.onPort()))
)

it.effect("Upload.files: a number that is found costs a file few steps more than one that is given", () =>
  withDirectory((directory) =>
    Effect.gen(function* () {
      const names = Array.from({ length: 40 }, (_, i) => String(i))
      for (const name of names) NodeFs.writeFileSync(`${directory}/${name}`, data)
      const files = names.map((name) => ({ key: name, path: `${directory}/${name}` }))
      const given = yield* countSteps(Upload.files(files, { concurrency: names.length }))
      const found = yield* countSteps(Upload.files(files))
      expect((found - given) / names.length).toBeLessThan(20)
    }).pipe(Effect.provide(Path.layer))
  )
)

it.effect("Sync: a file up costs few steps beside its upload", () =>
  withDirectory((directory) =>
    Effect.gen(function* () {
      const names = Array.from({ length: 40 }, (_, i) => String(i))
      for (const name of names) NodeFs.writeFileSync(`${directory}/${name}`, data)
      const files = names.map((name) => ({ key: `files/${name}`, path: `${directory}/${name}` }))
      const options: Sync.Options = { from: Sync.directory(directory), to: Sync.prefix("sync/"), concurrency: 16 }
      const uploaded = yield* countSteps(Upload.files(files, { concurrency: 16 }))
      const synced = yield* countSteps(Sync.apply(Sync.plan(options), options))

      expect((synced - uploaded) / names.length).toBeLessThan(150)
      expect(yield* World.asked).toMatchObject({ putObject: 80 })
    }).pipe(Effect.provide(Path.layer))
  )
)

describe("Sync of a directory up", () => {
  type Happening = (parent: string) => void
  const nothing = () => undefined
  const secret = content(5000, 9)

  /** Syncs `tree`, which holds the file `a/x`. Something happens before and after this is read first; `stored` is there then. */
  const syncWhile = (before: Happening, after: Happening, stored: Uint8Array | undefined) =>
    withDirectory((parent, steps) => {
      NodeFs.mkdirSync(`${parent}/tree/a`, { recursive: true })
      NodeFs.mkdirSync(`${parent}/other`)
      NodeFs.writeFileSync(`${parent}/tree/a/x`, data)
      NodeFs.writeFileSync(`${parent}/other/x`, secret)
      for (const path of ["tree/a/x", "other/x"]) NodeFs.utimesSync(`${parent}/${path}`, 1000, 1000)
      let isFirst = true
      const calls: Array<string> = []
      const noted = <A, E, R>(call: string, path: string, self: Effect.Effect<A, E, R>) =>
        Effect.suspend(() => {
          if (path.endsWith("/x")) calls.push(call)
          return self
        })
      const hooked: Steps = {
        ...steps,
        stat: (path) => noted("stat", path, steps.stat(path)),
        lstat: (path) => noted("lstat", path, steps.lstat(path)),
        reader: (path) => {
          calls.push("read")
          const reader = steps.reader(path)
          if (!isFirst) return reader
          isFirst = false
          const open = Effect.suspend(() => {
            before(parent)
            return reader.open
          })
          return { ...whileRead(reader, nothing, () => after(parent)), open }
        }
      }
      const options: Sync.Options = { from: Sync.directory(`${parent}/tree`), to: Sync.prefix("to/") }
      return Effect.gen(function* () {
        const { failures, transferred } = yield* Effect.provideService(Sync.run(options), CosFileSystem, hooked)
        yield* World.expectStored("to/a/x", stored)
        return { failures: failures.map(({ error }) => error._tag), transferred, calls }
      }).pipe(Effect.provide(Path.layer))
    })

  it.effect("looks at a file before and after, and reads it once", () =>
    Effect.gen(function* () {
      expect(yield* syncWhile(nothing, nothing, data)).toEqual({
        failures: [],
        transferred: 1,
        calls: ["lstat", "read", "lstat"]
      })
    })
  )

  const linkFolder: Happening = (parent) => {
    NodeFs.rmSync(`${parent}/tree/a`, { recursive: true })
    NodeFs.symlinkSync(`${parent}/other`, `${parent}/tree/a`)
  }
  const swaps: ReadonlyArray<readonly [string, Happening]> = [
    ["its folder is a link by now", linkFolder],
    [
      "it is a link by now",
      (parent) => {
        NodeFs.rmSync(`${parent}/tree/a/x`)
        NodeFs.symlinkSync(`${parent}/other/x`, `${parent}/tree/a/x`)
      }
    ],
    [
      "it was moved and linked",
      (parent) => {
        NodeFs.renameSync(`${parent}/tree/a/x`, `${parent}/moved`)
        NodeFs.symlinkSync(`${parent}/moved`, `${parent}/tree/a/x`)
      }
    ],
    [
      "it is a pipe by now",
      (parent) => {
        NodeFs.rmSync(`${parent}/tree/a/x`)
        execFileSync("mkfifo", [`${parent}/tree/a/x`])
      }
    ],
    ["it is gone", (parent) => NodeFs.rmSync(`${parent}/tree/a/x`)],
    [
      "the directory is another one",
      (parent) => {
        NodeFs.renameSync(`${parent}/tree`, `${parent}/moved`)
        NodeFs.mkdirSync(`${parent}/tree/a`, { recursive: true })
        NodeFs.writeFileSync(`${parent}/tree/a/x`, secret)
      }
    ]
  ]
  for (const [what, swap] of swaps) {
    it.effect(`sends nothing of a file that the plan saw if ${what}`, () =>
      Effect.gen(function* () {
        expect(yield* syncWhile(swap, nothing, undefined)).toMatchObject({
          failures: ["SourceChanged"],
          transferred: 0
        })
      })
    )
  }

  const rewrite: Happening = (parent) => {
    NodeFs.writeFileSync(`${parent}/tree/a/x`, secret)
    NodeFs.utimesSync(`${parent}/tree/a/x`, 1000, 1000)
  }

  it.effect("sends a file as it is by now, also if it was written anew with its old time", () =>
    Effect.gen(function* () {
      expect(yield* syncWhile(rewrite, nothing, secret)).toMatchObject({ failures: [], transferred: 1 })
    })
  )

  it.effect("sends a file once more that changed after it was read", () =>
    Effect.gen(function* () {
      expect(yield* syncWhile(nothing, rewrite, secret)).toMatchObject({ failures: [], transferred: 1 })
      expect(yield* syncWhile(nothing, linkFolder, data)).toMatchObject({ failures: ["SourceChanged"] })
    })
  )
})

it.effect("Sync: a file that came down is looked at afterwards only for a state", () =>
  withDirectory((directory, steps) =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "from/x", body: data })
      const looks: Array<string> = []
      const hooked: Steps = {
        ...steps,
        stat: (path) =>
          Effect.suspend(() => {
            if (path.endsWith("/x")) looks.push("stat")
            return steps.stat(path)
          })
      }
      const sync = (options: Pick<Sync.Options, "state">) =>
        Sync.run({ from: Sync.prefix("from/"), to: Sync.directory(`${directory}/to`), ...options }).pipe(
          Effect.provideService(CosFileSystem, hooked)
        )
      expect(yield* sync({})).toMatchObject({ transferred: 1 })
      expect(looks).toEqual([])
      NodeFs.rmSync(`${directory}/to/x`)
      expect(yield* sync({ state: `${directory}/state` })).toMatchObject({ transferred: 1 })
      expect(looks).toEqual(["stat"])
    }).pipe(Effect.provide(Path.layer))
  )
)

it.effect("a FileSystem that wraps another sees every call", () =>
  withDirectory((directory) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const seen: Array<string> = []
      const wrapped: FileSystem.FileSystem = {
        ...fs,
        open: (path, options) => {
          seen.push(`open ${options?.flag}`)
          return fs.open(path, options)
        },
        rename: (from, to) => {
          seen.push("rename")
          return fs.rename(from, to)
        }
      }
      NodeFs.writeFileSync(`${directory}/a`, data)
      yield* Effect.zipRight(
        Upload.file({ key: "a", path: `${directory}/a` }),
        Download.file({ key: "a", path: `${directory}/b` })
      ).pipe(Effect.provideService(FileSystem.FileSystem, wrapped))
      expect(seen).toEqual(["open r", "open wx+", "rename"])
    })
  )
)
