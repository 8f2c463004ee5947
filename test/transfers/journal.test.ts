/** Runs over many files that go on where an earlier one was cut off. */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Batch from "effect-cos/Batch"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { systemError } from "../support/disk.js"
import { directoryWith, filesOf, keysOf, write } from "../support/tree.js"
import { warned } from "../support/warnings.js"
import * as World from "../support/world.js"

/** An emulator in process, and real files. */
const world = Layer.merge(World.inProcess(), NodeContext.layer)

const names = ["a", "b/c", "b/d", "e", "f/g/h"]
const contents = Object.fromEntries(names.map((name) => [name, `content of ${name}`]))

/** Long before this run, so that a later change shows in the time of a file. */
const longAgo = new Date("2020-01-01T00:00:00.123Z")

/** A directory of files that were not changed just now. */
const settledDirectory = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* directoryWith(contents)
  for (const name of names) yield* fs.utimes(`${root}/${name}`, longAgo, longAgo)
  return root
})

const journalFile = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return `${yield* fs.makeTempDirectoryScoped()}/runs/journal`
})

const linesOf = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.map(
      Effect.orElseSucceed(fs.readFileString(file), () => ""),
      (text) => text.split("\n").filter((line) => /^[0-9a-f]{40}$/.test(line)).length
    )
  )

const isThere = (file: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(file))

/** What became of each, as `Skipped Done`, counted. */
const counted = <I, A, E, E2, R>(outcomes: Stream.Stream<Batch.Outcome<I, A, E>, E2, R>) =>
  Stream.runFold(outcomes, {} as Record<string, number>, (counts, outcome) => {
    const what = outcome._tag === "Skipped" ? outcome.reason : outcome._tag
    return { ...counts, [what]: (counts[what] ?? 0) + 1 }
  })

const putAll = Effect.forEach(names, (name) => Cos.putObject({ key: `from/${name}`, body: `content of ${name}` }))

type Services = CosClient | FileSystem.FileSystem | Path.Path

interface Kind {
  readonly root: string
  /** Transfers one after another. */
  readonly run: (journal: string) => Stream.Stream<Batch.Outcome<unknown, unknown, unknown>, unknown, Services>
  readonly request: string
  readonly changeSource: (name: string) => Effect.Effect<unknown, unknown, Services>
  readonly changeTarget: (name: string) => Effect.Effect<unknown, unknown, Services>
}

const kinds: Record<string, Effect.Effect<Kind, unknown, Services | Scope.Scope>> = {
  "an upload of a directory": Effect.map(settledDirectory, (root) => ({
    root,
    run: (journal: string) => Upload.filesStream({ directory: root, prefix: "to/" }, { journal, concurrency: 1 }),
    request: "putObject",
    changeSource: (name: string) => write(`${root}/${name}`, `content of ${name}`),
    changeTarget: (name: string) => Cos.putObject({ key: `to/${name}`, body: "somebody's" })
  })),
  "an upload of a list": Effect.map(settledDirectory, (root) => ({
    root,
    run: (journal: string) =>
      Upload.filesStream(
        names.map((name) => ({ key: `to/${name}`, path: `${root}/${name}` })),
        { journal, concurrency: 1 }
      ),
    request: "putObject",
    changeSource: (name: string) => write(`${root}/${name}`, `content of ${name}`),
    changeTarget: (name: string) => Cos.deleteObject({ key: `to/${name}` })
  })),
  "a download of a prefix": Effect.map(Effect.zipRight(putAll, directoryWith({})), (root) => ({
    root,
    run: (journal: string) => Download.filesStream({ prefix: "from/", directory: root }, { journal, concurrency: 1 }),
    request: "getObject",
    changeSource: (name: string) => Cos.putObject({ key: `from/${name}`, body: "CONTENT" }),
    changeTarget: (name: string) => write(`${root}/${name}`, `content of ${name}`)
  })),
  "a copy of a prefix": Effect.map(putAll, () => ({
    root: "",
    run: (journal: string) =>
      Copy.objectsStream({ source: { prefix: "from/" }, prefix: "to/" }, { journal, concurrency: 1 }),
    request: "copyObject",
    changeSource: (name: string) => Cos.putObject({ key: `from/${name}`, body: "CONTENT" }),
    changeTarget: (name: string) => Cos.putObject({ key: `to/${name}`, body: "somebody's" })
  }))
}

describe("A journal", () => {
  for (const [kind, made] of Object.entries(kinds)) {
    it.scopedLive(`lets ${kind} go on where it was cut off, but for what has changed`, () =>
      Effect.gen(function* () {
        const { changeSource, changeTarget, request, run } = yield* made
        const journal = yield* journalFile
        yield* run(journal).pipe(Stream.take(3), Stream.runDrain)
        const done = yield* linesOf(journal)
        expect(done).toBeGreaterThanOrEqual(3)
        yield* changeSource("a")
        yield* changeTarget("b/c")
        const before = (yield* World.requests(request)).length
        expect(yield* counted(run(journal))).toEqual({ Success: names.length - done + 2, Done: done - 2 })
        expect((yield* World.requests(request)).length - before).toBe(names.length - done + 2)
        expect(yield* isThere(journal)).toBe(false)
        // Without one everything is transferred again.
        expect(yield* counted(run(journal))).toEqual({ Success: names.length })
      }).pipe(Effect.provide(world))
    )

    it.scopedLive(`of ${kind} stays while something fails`, () =>
      Effect.gen(function* () {
        const { request, root, run } = yield* made
        const journal = yield* journalFile
        yield* World.fault({ on: { operation: request, nth: 2 }, do: Fault.status(403, { code: "AccessDenied" }) })
        expect(yield* counted(run(journal))).toEqual({ Success: 4, Failure: 1 })
        expect(yield* linesOf(journal)).toBe(4)
        expect(yield* counted(run(journal))).toEqual({ Success: 1, Done: 4 })
        expect(yield* isThere(journal)).toBe(false)
        expect(yield* root !== "" && request === "getObject" ? filesOf(root) : keysOf("to/")).toEqual(names)
      }).pipe(Effect.provide(world))
    )
  }

  it.scopedLive("is believed as far as it was written: cut off, damaged, or of other files and settings", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* settledDirectory
      const other = yield* settledDirectory
      const journal = yield* journalFile
      const run = (more: Partial<Upload.LocalTree> = {}) =>
        counted(Upload.filesStream({ directory: root, prefix: "to/", ...more }, { journal, concurrency: 1 }))
      // Kept by a failure that comes again.
      yield* World.fault({ on: { key: "to/f/g/h", times: "all" }, do: Fault.status(403, { code: "AccessDenied" }) })
      expect(yield* run()).toEqual({ Success: 4, Failure: 1 })
      const text = yield* fs.readFileString(journal)
      const lines = text.trimEnd().split("\n")
      const tried = (content: string, more?: Partial<Upload.LocalTree>) =>
        Effect.zipRight(fs.writeFileString(journal, content), run(more))
      expect(yield* tried(text)).toEqual({ Done: 4, Failure: 1 })
      expect(yield* tried(text.slice(0, -10))).toEqual({ Done: 3, Success: 1, Failure: 1 })
      // The line that was cut off did not spoil the one that was written after it.
      expect(yield* run()).toEqual({ Done: 4, Failure: 1 })
      expect(yield* tried(`${lines.toSpliced(2, 1, "0".repeat(40)).join("\n")}\n`)).toMatchObject({ Done: 3 })
      expect(yield* tried(`${lines.toSpliced(2, 0, "\0\0\0\0").join("\n")}\n`)).toMatchObject({ Done: 4 })
      for (const begun of ["", text.slice(0, 10)]) {
        expect(yield* tried(begun)).toEqual({ Success: 4, Failure: 1 })
        expect(yield* run()).toEqual({ Done: 4, Failure: 1 })
      }
      for (const more of [{ directory: other }, { storageClass: "STANDARD_IA" as const }, { metadata: { a: "1" } }]) {
        expect(yield* tried(text, more)).toEqual({ Success: 4, Failure: 1 })
        expect(yield* run()).toMatchObject({ Failure: 1 })
      }
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("is no file of somebody else's", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* settledDirectory
      const journal = `${yield* fs.makeTempDirectoryScoped()}/notes.txt`
      for (const text of ["my notes\n", "my notes", '{"journal":"another"}\n']) {
        yield* fs.writeFileString(journal, text)
        const run = counted(Upload.filesStream({ directory: root, prefix: "to/" }, { journal }))
        expect(yield* Effect.flip(run)).toMatchObject({ _tag: "InvalidInput", field: "journal" })
        expect(yield* fs.readFileString(journal)).toBe(text)
      }
      const files = (journal: string) => Upload.files([], { journal })
      expect(yield* Effect.flip(files(""))).toMatchObject({ field: "journal" })
      expect(yield* Effect.flip(files(root))).toMatchObject({ field: "journal" })
      expect(yield* keysOf("to/")).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("does not know a file that changed just now, whose next change might not show", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* settledDirectory
      const journal = yield* journalFile
      const now = new Date(Date.now() + 1000)
      yield* fs.utimes(`${root}/a`, now, now)
      yield* World.fault({ on: { key: "to/e" }, do: Fault.status(403, { code: "AccessDenied" }) })
      const run = () => counted(Upload.filesStream({ directory: root, prefix: "to/" }, { journal }))
      expect(yield* run()).toEqual({ Success: 4, Failure: 1 })
      expect(yield* run()).toEqual({ Done: 3, Success: 2 })
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("that cannot be written does not stop the run", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* settledDirectory
      yield* fs.writeFileString(`${root}/a.file`, "")
      const journal = `${root}/a.file/journal`
      const run = Upload.files({ directory: root, prefix: "to/", exclude: "a.file" }, { journal })
      expect(yield* Effect.either(run)).toMatchObject({ _tag: "Left", left: { field: "journal" } })
      const open: FileSystem.FileSystem["open"] = (path, options) =>
        options?.flag === "a" ? Effect.fail(systemError("open", path, "Unknown", "ENOSPC")) : fs.open(path, options)
      // A failure, so that there is something to be kept.
      yield* World.fault({ on: { key: "to/e" }, do: Fault.status(403, { code: "AccessDenied" }) })
      const { value, warnings } = yield* Upload.files(
        { directory: root, prefix: "to/", exclude: "a.file" },
        { journal: yield* journalFile }
      ).pipe(Effect.provideService(FileSystem.FileSystem, { ...fs, open }), warned)
      expect(value).toMatchObject({ succeeded: 4 })
      expect(warnings).toContain("The journal of a run cannot be written")
    }).pipe(Effect.provide(world))
  )
})

describe("Copy.objects", () => {
  it.scopedLive("moves what lies below a prefix, and reports what did not go", () =>
    Effect.gen(function* () {
      yield* putAll
      yield* World.fault({
        on: { operation: "copyObject", key: "to/e" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const report = yield* Copy.objects(
        { source: { prefix: "from/" }, prefix: "to/", exclude: "b/*" },
        { move: true, concurrency: 2 }
      )
      expect(report).toMatchObject({ succeeded: 2, skipped: 0 })
      expect(report.failures.map(({ error, input }) => [input.source.key, error._tag])).toEqual([
        ["from/e", "AccessDenied"]
      ])
      expect(yield* keysOf("from/")).toEqual(["b/c", "b/d", "e"])
      expect(yield* keysOf("to/")).toEqual(["a", "f/g/h"])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("copies a list, and nothing into its own source", () =>
    Effect.gen(function* () {
      yield* putAll
      const { failures, succeeded } = yield* Copy.objects([
        { key: "x", source: { key: "from/a" } },
        { key: "y", source: { key: "from/none" } }
      ])
      expect([succeeded, failures.map(({ error }) => error._tag)]).toEqual([1, ["NoSuchKey"]])
      const within = Copy.objects({ source: { prefix: "from/" }, prefix: "from/copies/" })
      expect(yield* Effect.flip(within)).toMatchObject({ _tag: "InvalidInput", field: "prefix" })
    }).pipe(Effect.provide(world))
  )
})

describe("A dry run", () => {
  it.scopedLive("says what would be transferred, with sizes, and does and makes nothing", () =>
    Effect.gen(function* () {
      const root = yield* settledDirectory
      yield* putAll
      const journal = yield* journalFile
      const target = `${root}/new`
      const sizes = <I, A, E, E2, R>(outcomes: Stream.Stream<Batch.Outcome<I, A, E>, E2, R>) =>
        Stream.runFold(outcomes, [] as ReadonlyArray<unknown>, (all, outcome) => [
          ...all,
          outcome._tag === "Skipped" ? [outcome.reason, outcome.size] : outcome._tag
        ])
      const expected = names.map((name) => ["DryRun", `content of ${name}`.length])
      const before = (yield* World.requests()).length
      const options = { dryRun: true, journal, concurrency: 1 }
      expect(yield* sizes(Upload.filesStream({ directory: root, prefix: "to/" }, options))).toEqual(expected)
      expect(yield* sizes(Download.filesStream({ prefix: "from/", directory: target }, options))).toEqual(expected)
      expect(yield* sizes(Copy.objectsStream({ source: { prefix: "from/" }, prefix: "to/" }, options))).toEqual(
        expected
      )
      const asked = (yield* World.requests()).slice(before).map(({ operation }) => operation)
      expect(asked.filter((operation) => operation !== "listObjects")).toEqual([])
      expect([yield* isThere(journal), yield* isThere(target)]).toEqual([false, false])
    }).pipe(Effect.provide(world))
  )
})
