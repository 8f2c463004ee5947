/** `Download.files`: prefixes and lists of objects. */
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Batch from "effect-cos/Batch"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB, MiB } from "../support/content.js"
import { countSteps } from "../support/steps.js"
import * as World from "../support/world.js"
import { bytesOf, contentsOf, directoryOf, expectSame, put, summary, tree, world } from "./directory.js"

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

  it.scopedLive("a file takes as many steps with many others under way as with few", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      // Files that are refused, so that nothing but what leads to their paths is counted.
      const readLink = () => Effect.as(Effect.yieldNow(), "elsewhere")
      const keys = Array.from({ length: 300 }, (_, i) => `a/b/${i}`)
      const stepsAt = (files: number) =>
        Effect.gen(function* () {
          const directory = yield* directoryOf({})
          const { failures } = yield* Download.files({ directory, keys }, { concurrency: { files } })
          expect(failures.length).toBe(keys.length)
        }).pipe(Effect.provideService(FileSystem.FileSystem, { ...fs, readLink }), countSteps)
      const few = yield* stepsAt(4)
      expect((yield* stepsAt(256)) / few).toBeLessThan(4)
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
