/** `Upload.files`: directories and lists of files. */
import { createServer } from "node:net"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Batch from "effect-cos/Batch"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"
import { bytesOf, contentsOf, directoryOf, expectSame, storedKeys, summary, tree, within, world } from "./directory.js"

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
      // A number is as many files, however small they are.
      const small = yield* directoryOf(
        Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`s${i}`, content(1, i)]))
      )
      expected = 24
      most = 0
      full = Deferred.unsafeMake(FiberId.none)
      expect((yield* Upload.files({ directory: small }, { concurrency: 24 })).succeeded).toBe(24)
      expect(most).toBe(24)
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
      expect((yield* World.unfinishedUploads).length).toBe(2)

      const { outcomes } = yield* upload
      const resumed = outcomes.map((outcome) => (outcome._tag === "Success" ? outcome.value.resumedParts : undefined))
      expect(resumed.reduce((sum, parts) => (sum ?? Number.NaN) + (parts ?? Number.NaN))).toBe(4)
      expect(yield* World.partsAgain).toEqual([])
      expect(yield* World.unfinishedUploads).toEqual([])
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
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(yield* storedKeys).toEqual(["f0", "f1"])
    }).pipe(world)
  )
})
