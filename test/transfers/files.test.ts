/** Many files up and down: what fails is named, the rest is whole, and nothing leaves the directory. */
import { createServer } from "node:net"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import type * as Batch from "effect-cos/Batch"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, firstDifference, KiB, MiB } from "../support/content.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
const within = (options?: World.Options) => Effect.provide(Layer.merge(World.inProcess(options), NodeContext.layer))
const world = within()

type Files = Readonly<Record<string, Uint8Array | string>>

const bytesOf = (value: Uint8Array | string) => (typeof value === "string" ? new TextEncoder().encode(value) : value)

/** A new directory that holds these files; a name that ends in `/` is an empty directory. */
const directoryOf = (files: Files) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
    for (const [name, value] of Object.entries(files)) {
      const path = `${root}/${name}`
      yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
      if (!name.endsWith("/")) yield* fs.writeFile(path, bytesOf(value))
    }
    return root
  })

/** The files of a directory by name, and its directories with `/` at the end. */
const contentsOf = (root: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const found: Record<string, Uint8Array | string> = {}
    for (const name of (yield* fs.readDirectory(root, { recursive: true })).sort()) {
      const { type } = yield* fs.stat(`${root}/${name}`)
      if (type === "Directory") found[`${name}/`] = ""
      else found[name] = new Uint8Array(yield* fs.readFile(`${root}/${name}`))
    }
    return found
  })

const filesOnly = (files: Files): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(files).flatMap(([name, value]) => (name.endsWith("/") ? [] : [[name, bytesOf(value)] as const]))
  )

const expectSame = (found: Files, expected: Files) => {
  const [a, b] = [filesOnly(found), filesOnly(expected)]
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort())
  for (const name of Object.keys(b)) {
    expect(firstDifference(a[name] as Uint8Array, b[name] as Uint8Array), name).toBeUndefined()
  }
}

const storedKeys = Effect.flatMap(Emulator, (emulator) =>
  Effect.map(emulator.objects(World.bucket), (objects) => objects.map(({ key }) => key))
)

const put = (objects: Files) =>
  Effect.forEach(Object.entries(objects), ([key, value]) => Cos.putObject({ key, body: bytesOf(value) }), {
    concurrency: 8,
    discard: true
  })

/** Key and tag, or the failure's own tag and reason. */
const summary = (report: Batch.Report<{ readonly key: string }, unknown, { readonly _tag: string }>) =>
  report.outcomes.map((outcome) => [
    outcome.input.key,
    outcome._tag === "Failure"
      ? "reason" in outcome.error && outcome.error._tag === "UnsafeKey"
        ? outcome.error.reason
        : outcome.error._tag
      : outcome._tag
  ])

const tree = {
  "index.html": "<p>hello</p>",
  "empty.txt": "",
  "img/cat.png": content(3 * MiB),
  "img/Zebra.png": content(10, 2),
  "img/ä 100%+.png": content(20, 3),
  "deep/er/est/x": content(30, 4),
  "void/": ""
}

describe("Upload.files", () => {
  it.scopedLive("a directory, in the order of the keys, each with its content type", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(tree)
      const fs = yield* FileSystem.FileSystem
      yield* fs.symlink(`${root}/index.html`, `${root}/link.html`)
      yield* fs.symlink(root, `${root}/img/loop`)
      const totals: Array<Batch.TotalProgress> = []
      const each = new Map<string, number>()
      const report = yield* Upload.files(
        { directory: root, prefix: "site/", folders: true, cacheControl: "no-cache" },
        {
          partSize: MiB,
          threshold: MiB,
          onProgress: (progress) => Effect.sync(() => void totals.push(progress)),
          onFileProgress: ({ key }, { transferred }) => Effect.sync(() => void each.set(key, transferred))
        }
      )
      const keys = [
        "site/deep/",
        "site/deep/er/",
        "site/deep/er/est/",
        "site/deep/er/est/x",
        "site/empty.txt",
        "site/img/",
        "site/img/Zebra.png",
        "site/img/cat.png",
        "site/img/ä 100%+.png",
        "site/index.html",
        "site/link.html",
        "site/void/"
      ]
      expect(summary(report)).toEqual(keys.map((key) => [key, "Success"]))
      expect(report).toMatchObject({ succeeded: 12, failures: [], skipped: 0 })
      expect(yield* storedKeys).toEqual(keys)
      yield* World.expectStored("site/img/cat.png", tree["img/cat.png"])
      yield* World.expectStored("site/link.html", bytesOf(tree["index.html"]))
      expect(yield* Cos.headObject({ key: "site/index.html" })).toMatchObject({
        contentType: "text/html",
        cacheControl: "no-cache"
      })
      const size = 3 * MiB + 60 + 2 * 12
      expect(totals.at(-1)).toMatchObject({
        transferred: size,
        total: size,
        files: { succeeded: 12, failed: 0, total: 12 }
      })
      expect(each.get("site/img/cat.png")).toBe(3 * MiB)
    }).pipe(world)
  )

  it.scopedLive("filters a directory by include and exclude", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ ...tree, "img/big.png": content(5000) })
      const report = yield* Upload.files({
        directory: root,
        include: ["**/*.png", "*.html"],
        exclude: "img/Z*",
        filter: ({ size }) => size < 5000
      })
      expect(summary(report)).toEqual([
        ["img/ä 100%+.png", "Success"],
        ["index.html", "Success"]
      ])
    }).pipe(world)
  )

  it.scopedLive("entries that are not files, or have no key, fail by themselves", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ good: "1", "bad\u0018name": "2" })
      const fs = yield* FileSystem.FileSystem
      yield* fs.symlink(`${root}/nowhere`, `${root}/broken`)
      yield* Effect.acquireRelease(
        Effect.async<ReturnType<typeof createServer>>((resume) => {
          const server = createServer().listen(`${root}/socket`, () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const report = yield* Upload.files({ directory: root })
      expect(summary(report)).toEqual([
        ["bad\u0018name", "InvalidInput"],
        ["broken", "SystemError"],
        ["good", "Success"],
        ["socket", "InvalidInput"]
      ])
      expect(report.failures.map(({ input }) => input.path)).toEqual(
        ["bad\u0018name", "broken", "socket"].map((name) => `${root}/${name}`)
      )
      expect(yield* storedKeys).toEqual(["good"])
    }).pipe(world)
  )

  it.scopedLive("a list, in its own order, and a folder in it", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(tree)
      const report = yield* Upload.files([
        { key: "z", path: `${root}/index.html`, metadata: { author: "ada" } },
        { key: "missing", path: `${root}/missing` },
        { key: "folder/", path: `${root}/img` },
        { key: "directory", path: `${root}/img` },
        { key: "a", path: `${root}/empty.txt` }
      ])
      expect(summary(report)).toEqual([
        ["z", "Success"],
        ["missing", "SystemError"],
        ["folder/", "Success"],
        ["directory", "InvalidInput"],
        ["a", "Success"]
      ])
      expect(report.failures).toMatchObject([
        { input: { key: "missing" }, error: { reason: "NotFound" } },
        { input: { key: "directory" }, error: { field: "path", reason: "path must be a regular file" } }
      ])
      expect((yield* Cos.headObject({ key: "z" })).metadata).toEqual({ author: "ada" })
      yield* World.expectStored("folder/", new Uint8Array(0))
    }).pipe(world)
  )

  it.scopedLive("fails as a whole only when the directory cannot be read, or an option is wrong", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(Upload.files({ directory: "/nowhere/at/all" }))).toMatchObject({ reason: "NotFound" })
      for (const [options, field] of [
        [{ concurrency: 0 }, "concurrency"],
        [{ concurrency: { files: 0 } }, "concurrency.files"],
        [{ concurrency: { totalParts: 1.5 } }, "concurrency.totalParts"],
        [{ concurrency: { parts: 0 } }, "concurrency.parts"],
        [{ partSize: 1 }, "partSize"]
      ] as const) {
        const error = yield* Effect.flip(Upload.files([], options))
        expect(error).toMatchObject({ _tag: "InvalidInput", operation: "Upload.files", field })
      }
      expect(yield* Upload.files([])).toEqual({ outcomes: [], succeeded: 0, failures: [], skipped: 0 })
    }).pipe(world)
  )

  it.scopedLive("limits files, and the parts of all files together", () => {
    let expected = 0
    let now = 0
    let most = 0
    let full = Deferred.unsafeMake<void>(FiberId.none)
    /** Holds parts back until as many as are expected have come, and a little longer, for those that should not. */
    const hold = Effect.suspend(() => {
      const more = Effect.zipRight(Effect.sleep("20 millis"), Deferred.succeed(full, undefined))
      return Effect.zipRight(now === expected ? Effect.forkDaemon(more) : Effect.void, Deferred.await(full))
    })
    const held = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
      HttpClient.transform(client, (send, request) =>
        request.method === "PUT"
          ? Effect.acquireUseRelease(
              Effect.sync(() => {
                now += 1
                most = Math.max(most, now)
              }),
              () => Effect.zipRight(hold, send),
              () => Effect.sync(() => void now--)
            )
          : send
      )
    return Effect.gen(function* () {
      const root = yield* directoryOf(
        Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}`, content(3 * MiB, i)]))
      )
      for (const [limits, parts] of [
        [{ files: 2, totalParts: 5 }, 5],
        [{ files: 6, totalParts: 4 }, 4],
        [{ files: 1, totalParts: 16 }, 3],
        [{ files: 3, totalParts: 16 }, 9]
      ] as const) {
        expected = parts
        most = 0
        full = Deferred.unsafeMake(FiberId.none)
        const report = yield* Upload.files(
          { directory: root },
          { partSize: MiB, threshold: MiB, concurrency: { parts: 3, ...limits } }
        )
        expect(report.succeeded).toBe(6)
        expect(most).toBe(expected)
      }
    }).pipe(within({ client: { transformClient: held } }))
  })

  it.scopedLive("one that fails does not stop the others", () =>
    Effect.gen(function* () {
      const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`d${i % 7}/f${i}`, content(i * 10, i)]))
      const root = yield* directoryOf(files)
      yield* World.fault({
        on: { operation: "putObject", key: "up/d3/f66", times: Number.POSITIVE_INFINITY },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const up = yield* Upload.files({ directory: root, prefix: "up/" }, { concurrency: 16 })
      expect(up).toMatchObject({
        succeeded: 199,
        skipped: 0,
        failures: [{ input: { key: "up/d3/f66", path: `${root}/d3/f66` }, error: { _tag: "AccessDenied" } }]
      })
      expect(up.outcomes.length).toBe(200)

      yield* World.fault({
        on: { operation: "getObject", key: "up/d4/f11", times: Number.POSITIVE_INFINITY },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const copy = yield* directoryOf({})
      const down = yield* Download.files({ prefix: "up/", directory: copy }, { concurrency: 16 })
      expect(down).toMatchObject({
        succeeded: 198,
        failures: [{ input: { key: "up/d4/f11", path: `${copy}/d4/f11` }, error: { _tag: "AccessDenied" } }]
      })
      const { "d3/f66": _up, "d4/f11": _down, ...rest } = files
      expectSame(yield* contentsOf(copy), rest)
    }).pipe(world)
  )

  it.scopedLive("with a store, a second run sends what the first one did not", () =>
    Effect.gen(function* () {
      const files = { a: content(4 * MiB, 1), b: content(4 * MiB, 2), c: content(10, 3) }
      const root = yield* directoryOf(files)
      const options = { partSize: MiB, threshold: MiB, concurrency: { parts: 1 }, onInterrupt: "keep" } as const
      const upload = Upload.files({ directory: root, prefix: "up/" }, options)
      const silent = yield* World.fault({
        on: { operation: "uploadPart", nth: 5, times: Infinity },
        do: Fault.silence()
      })
      const fiber = yield* Effect.fork(upload)
      yield* Effect.repeat(Effect.zipRight(Effect.yieldNow(), silent.fired), { until: (fired) => fired >= 2 })
      yield* Fiber.interrupt(fiber)
      yield* silent.remove
      expect((yield* World.openUploads).length).toBe(2)

      const { outcomes } = yield* upload
      const resumed = outcomes.map((outcome) => (outcome._tag === "Success" ? outcome.value.resumedParts : undefined))
      expect(resumed.reduce((sum, parts) => (sum ?? Number.NaN) + (parts ?? Number.NaN))).toBe(4)
      expect(yield* World.partsAgain).toEqual([])
      expect(yield* World.openUploads).toEqual([])
      for (const [name, bytes] of Object.entries(files)) yield* World.expectStored(`up/${name}`, bytes)
    }).pipe(Effect.provide(Checkpoint.layerMemory), world)
  )

  it.scopedLive("or it does, if asked: the others are skipped and leave nothing behind", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(
        Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, content(2 * MiB, i)]))
      )
      const silent = {
        on: { operation: "uploadPart", key: "f2", times: Number.POSITIVE_INFINITY },
        do: Fault.silence()
      }
      yield* World.fault(silent)
      yield* World.fault({
        on: { operation: "uploadPart", key: "f3", times: Number.POSITIVE_INFINITY },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const told: Array<string> = []
      const report = yield* Upload.files(
        { directory: root },
        {
          concurrency: 2,
          threshold: 0,
          partSize: MiB,
          stopOnFailure: true,
          onFile: ({ _tag, input }) => Effect.sync(() => void told.push(`${input.key} ${_tag}`))
        }
      )
      expect(summary(report)).toEqual([
        ["f0", "Success"],
        ["f1", "Success"],
        ["f2", "Skipped"],
        ["f3", "AccessDenied"],
        ...[4, 5, 6, 7, 8].map((i) => [`f${i}`, "Skipped"])
      ])
      expect(report).toMatchObject({ succeeded: 2, skipped: 6 })
      expect(told.sort()).toEqual(["f0 Success", "f1 Success", "f3 Failure"])
      expect(yield* World.openUploads).toEqual([])
      expect(yield* storedKeys).toEqual(["f0", "f1"])
    }).pipe(world)
  )
})

describe("Download.files", () => {
  it.scopedLive("restores a directory that was uploaded", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf(tree)
      yield* Upload.files({ directory: root, prefix: "site/", folders: true })
      const parent = yield* directoryOf({})
      const totals: Array<Batch.TotalProgress> = []
      const report = yield* Download.files(
        { prefix: "site/", directory: `${parent}/a/b` },
        { partSize: MiB, onProgress: (progress) => Effect.sync(() => void totals.push(progress)) }
      )
      expect(report.failures).toEqual([])
      const [found, expected] = [yield* contentsOf(`${parent}/a/b`), yield* contentsOf(root)]
      expect(Object.keys(found)).toEqual(Object.keys(expected))
      expectSame(found, expected)
      expect(totals.at(-1)).toMatchObject({ total: 3 * MiB + 60 + 12, transferred: 3 * MiB + 60 + 12 })
      expect(report.outcomes.find(({ input }) => input.key === "site/void/")).toMatchObject({ value: undefined })
      // Again, over what is there.
      expect((yield* Download.files({ prefix: "site/", directory: `${parent}/a/b` })).failures).toEqual([])
    }).pipe(world)
  )

  it.scopedLive("interrupted, leaves no partial file", () =>
    Effect.gen(function* () {
      yield* put({ a: content(2 * MiB), b: content(3 * MiB), c: "1" })
      const root = yield* directoryOf({ a: "old" })
      const silent = yield* World.fault({
        on: { operation: "getObject", nth: 2, times: Infinity },
        do: Fault.silence()
      })
      const fiber = yield* Effect.fork(
        Download.files({ directory: root }, { partSize: MiB, concurrency: { parts: 1 } })
      )
      yield* Effect.repeat(Effect.zipRight(Effect.yieldNow(), silent.fired), { until: (fired) => fired >= 2 })
      yield* Fiber.interrupt(fiber)
      const { c: _, ...left } = yield* contentsOf(root)
      expectSame(left, { a: "old" })
    }).pipe(world)
  )

  it.scopedLive("of keys that map to one name the first wins, and no file is also a directory", () =>
    Effect.gen(function* () {
      yield* put({
        A: "1",
        a: "2",
        "caf\u00e9": "3",
        "cafe\u0301": "4",
        f: "5",
        "f/g": "6",
        "g/": "",
        G: "7",
        "h/": "content",
        "K/x": "8",
        k: "9"
      })
      const root = yield* directoryOf({})
      const report = yield* Download.files({ directory: root })
      expect(summary(report)).toEqual([
        ["A", "Success"],
        ["G", "Success"],
        ["K/x", "Success"],
        ["a", "Collision"],
        ["cafe\u0301", "Success"],
        ["caf\u00e9", "Collision"],
        ["f", "Success"],
        ["f/g", "Collision"],
        ["g/", "Collision"],
        ["h/", "FolderWithContent"],
        ["k", "Collision"]
      ])
      expectSame(yield* contentsOf(root), { A: "1", G: "7", "cafe\u0301": "4", f: "5", "K/x": "8" })

      // Where the caller says that the file system keeps them apart.
      const posix = yield* directoryOf({})
      const all = yield* Download.files({ directory: posix, platform: "posix" })
      expect(all.failures.map(({ input }) => input.key)).toEqual(["f/g", "h/"])
      expectSame(yield* contentsOf(posix), {
        A: "1",
        a: "2",
        "caf\u00e9": "3",
        "cafe\u0301": "4",
        f: "5",
        "K/x": "8",
        k: "9",
        G: "7"
      })
    }).pipe(world)
  )

  it.scopedLive("does not follow links below the directory", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* directoryOf({
        "outside/passwd": "secret",
        "inside/real/x": "old",
        "inside/taken": "a file"
      })
      yield* fs.symlink(`${parent}/outside`, `${parent}/inside/out`)
      yield* fs.symlink(`${parent}/inside/real`, `${parent}/inside/alias`)
      yield* fs.symlink(`${parent}/outside/passwd`, `${parent}/inside/file`)
      yield* fs.symlink(`${parent}/outside/new`, `${parent}/inside/dangling`)
      yield* put({
        "out/passwd": "evil",
        "out/new/er": "evil",
        "alias/x": "evil",
        file: "evil",
        dangling: "evil",
        "taken/x": "evil",
        "real/x": "new"
      })
      // The directory itself may be reached through a link.
      yield* fs.symlink(`${parent}/inside`, `${parent}/door`)
      const report = yield* Download.files({ directory: `${parent}/door` })
      expect(summary(report)).toEqual([
        ["alias/x", "Link"],
        ["dangling", "Link"],
        ["file", "Link"],
        ["out/new/er", "Link"],
        ["out/passwd", "Link"],
        ["real/x", "Success"],
        ["taken/x", "FileInPlaceOfFolder"]
      ])
      expectSame(yield* contentsOf(`${parent}/outside`), { passwd: "secret" })
      expect(yield* fs.readFileString(`${parent}/inside/real/x`)).toBe("new")
      expect(yield* fs.readFileString(`${parent}/inside/taken`)).toBe("a file")
    }).pipe(world)
  )

  it.scopedLive("just the keys that are given, in their order", () =>
    Effect.gen(function* () {
      yield* put({ "in/b": "1", "in/a": "2", "in/f/": "", "in/g/": "content", out: "3" })
      const root = yield* directoryOf({})
      const keys = ["in/b", "in/missing", "in/a", "out", "in/f/", "in/g/", "in/h/", "in/../../x"]
      const report = yield* Download.files({ directory: root, prefix: "in/", keys })
      expect(summary(report)).toEqual([
        ["in/b", "Success"],
        ["in/missing", "NoSuchKey"],
        ["in/a", "Success"],
        ["out", "NotBelowPrefix"],
        ["in/f/", "Success"],
        ["in/g/", "FolderWithContent"],
        ["in/h/", "NoSuchKey"],
        ["in/../../x", "DotSegment"]
      ])
      expect(yield* contentsOf(root)).toEqual({ b: bytesOf("1"), a: bytesOf("2"), "f/": "" })
      expect((yield* World.asked).listObjects).toBeUndefined()
    }).pipe(world)
  )

  it.scopedLive("a list of objects and files, whose directories are made", () =>
    Effect.gen(function* () {
      yield* put({ a: "1", b: "2" })
      const root = yield* directoryOf({})
      const report = yield* Download.files([
        { key: "b", path: `${root}/new/er/b` },
        { key: "a", path: `${root}/a` }
      ])
      expect(summary(report)).toEqual([
        ["b", "Success"],
        ["a", "Success"]
      ])
      expectSame(yield* contentsOf(root), { "new/er/b": "2", a: "1" })
    }).pipe(world)
  )

  it.scopedLive("filters a prefix by include and exclude", () =>
    Effect.gen(function* () {
      yield* put({ "p/a.jpg": "1", "p/b.png": "2", "p/sub/c.jpg": "3", "p/big.jpg": content(4 * KiB), "q/d.jpg": "4" })
      const root = yield* directoryOf({})
      yield* Download.files({ prefix: "p/", directory: root, include: "**/*.jpg", filter: ({ size }) => size < KiB })
      expectSame(yield* contentsOf(root), { "a.jpg": "1", "sub/c.jpg": "3" })
    }).pipe(world)
  )

  it.scopedLive("fails as a whole when there is no list, or the directory cannot be made", () =>
    Effect.gen(function* () {
      const root = yield* directoryOf({ file: "1" })
      const gone = yield* Effect.flip(Download.files({ bucket: "nobody-1250000000", directory: root }))
      expect(gone._tag).toBe("NoSuchBucket")
      expect((yield* Effect.flip(Download.files({ directory: `${root}/file` })))._tag).toBe("SystemError")
      for (const [options, field] of [
        [{ concurrency: 0 }, "concurrency"],
        [{ concurrency: { totalParts: 0 } }, "concurrency.totalParts"],
        [{ concurrency: { parts: 0 } }, "concurrency.parts"],
        [{ partSize: 1 }, "partSize"]
      ] as const) {
        const error = yield* Effect.flip(Download.files([], options))
        expect(error).toMatchObject({
          _tag: "InvalidInput",
          operation: "Download.files",
          field
        })
      }
    }).pipe(world)
  )
})
