/** Journals of runs over many files, and plans in files: what happens to the file, and what the run after it makes of it. */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type * as Batch from "effect-cos/Batch"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Sync from "effect-cos/Sync"
import * as Upload from "effect-cos/Upload"
import type { Emulator } from "effect-cos-emulator/Emulator"
import { systemError } from "../../support/disk.js"
import * as World from "../../support/world.js"
import { type Contents, Directory, denied, on, type PortRow, success } from "../row.js"

type Services = Emulator | CosClient | FileSystem.FileSystem | Path.Path | Directory

const bytes = (text: string) => new TextEncoder().encode(text)
const names = ["a", "b", "c", "d"]
const under = (prefix: string): Contents =>
  Object.fromEntries(names.map((name) => [prefix + name, bytes(`of ${name}`)]))
const tree = under("tree/")
const stored = under("to/")
/** So that the journal of a first run stays. */
const refusesD = on("putObject", denied, { key: "to/d" })
const header = '{"journal":"effect-cos","version":1}\n'

const inDirectory = <A, E, R>(use: (root: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.all([Directory, FileSystem.FileSystem]), ([root, fs]) => use(root, fs))

/** What became of how many. */
const counted = ({ failures, outcomes, succeeded }: Batch.Report<unknown, unknown, { readonly _tag: string }>) => ({
  succeeded,
  done: outcomes.filter((outcome) => outcome._tag === "Skipped" && outcome.reason === "Done").length,
  failed: failures.map(({ error }) => error._tag)
})

const uploadWith = (journal: string) =>
  inDirectory((root) =>
    Effect.map(Upload.files({ directory: `${root}/tree`, prefix: "to/" }, { journal, concurrency: 1 }), counted)
  )
const upload = inDirectory((root) => uploadWith(`${root}/journal`))

const download = inDirectory((root) =>
  Effect.map(
    Download.files(
      { directory: `${root}/down`, prefix: "to/", platform: "posix" },
      { journal: `${root}/journal`, concurrency: 1 }
    ),
    counted
  )
)

const longAgo = new Date(1e12 + 1)

/** Files that were changed just now are not noted. */
const settle = inDirectory((root, fs) =>
  Effect.forEach(names, (name) => fs.utimes(`${root}/tree/${name}`, longAgo, longAgo))
)
const settleOne = (root: string, fs: FileSystem.FileSystem) =>
  fs.utimes(`${root}/tree/a`, new Date(1e12 + 2), new Date(1e12 + 2))

type FileChange = (file: FileSystem.File, fs: FileSystem.FileSystem) => Partial<FileSystem.File>

/** What is not changed is the file's own. */
const changed = (file: FileSystem.File, change: Partial<FileSystem.File>): FileSystem.File =>
  new Proxy(file, {
    get: (_, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(change, name) ? change : file, name)
      return typeof value === "function" ? value.bind(file) : value
    }
  })

/** Changes what is done with the files of this name's beginning. */
const opening =
  (beginning: string, change: FileChange) =>
  (fs: FileSystem.FileSystem): FileSystem.FileSystem => ({
    ...fs,
    open: (path, options) =>
      Effect.map(fs.open(path, options), (file) =>
        path.slice(path.lastIndexOf("/") + 1).startsWith(beginning) && options?.flag !== "r"
          ? changed(file, change(file, fs))
          : file
      )
  })

const withFiles = <A, E, R>(
  change: (fs: FileSystem.FileSystem) => FileSystem.FileSystem,
  self: Effect.Effect<A, E, R | FileSystem.FileSystem>
) => Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.provideService(self, FileSystem.FileSystem, change(fs)))

const full = (path: string) => Effect.fail(systemError("write", path, "Unknown", "ENOSPC"))
const broken = (path: string) => Effect.fail(systemError("sync", path, "Unknown", "EIO"))
const readOnly = (method: string, path: string) => Effect.fail(systemError(method, path, "PermissionDenied", "EROFS"))

/** From the nth write on nothing fits any more, but half of that one. */
const fullAt =
  (nth: number): FileChange =>
  (file) => {
    let written = 0
    return {
      writeAll: (data) => {
        written += 1
        if (written < nth) return file.writeAll(data)
        const half = written === nth ? file.writeAll(data.subarray(0, data.byteLength / 2)) : Effect.void
        return Effect.zipRight(half, full("journal"))
      }
    }
  }

/** A first run that something happens to, and a second one, which finishes. */
const twice = (run: typeof upload | typeof download, request: string, first: Act, between: Act) =>
  Effect.gen(function* () {
    yield* settle
    const before = yield* first
    yield* between
    const sent = (yield* World.requests(request)).length
    const second = yield* run
    return { first: before, second, sentAgain: (yield* World.requests(request)).length - sent }
  })

type Act = Effect.Effect<unknown, unknown, Services>

interface Case {
  readonly fault: string
  readonly where?: PortRow["where"]
  readonly first: Effect.Effect<unknown, unknown, Services>
  readonly between?: Act
  /** How many the second run finds done. */
  readonly done: number
  readonly expected?: unknown
}

const threeOfFour = { succeeded: 3, done: 0, failed: ["AccessDenied"] }

const rowOf = (
  { between = Effect.void, done, expected = threeOfFour, fault, first, where = "disk" }: Case,
  kind: "upload" | "download"
): PortRow => {
  const isUpload = kind === "upload"
  return {
    where,
    fault,
    given: isUpload ? { files: tree } : { files: tree, objects: stored },
    faults: [isUpload ? refusesD : on("getObject", denied, { key: "to/d" })],
    client: twice(isUpload ? upload : download, isUpload ? "putObject" : "getObject", first, between),
    expect: success({ first: expected, second: { succeeded: 4 - done, done, failed: [] }, sentAgain: 4 - done }),
    // The run that finishes leaves no journal.
    left: { objects: stored, files: isUpload ? tree : { ...tree, ...under("down/") } }
  }
}

const journal = (change: FileChange) => withFiles(opening("journal", change), upload)

const uploads: ReadonlyArray<Case> = [
  { fault: "one file of an upload with a journal is refused", where: "service", first: upload, done: 3 },
  {
    fault: "the disk is full before the first line of a journal, whose head is cut off",
    first: journal(fullAt(1)),
    done: 0
  },
  // The head, and two lines.
  { fault: "the disk is full in the middle of a line of a journal", first: journal(fullAt(4)), done: 2 },
  {
    fault: "a journal cannot be flushed",
    first: journal(() => ({ sync: broken("journal") })),
    done: 3
  },
  {
    fault: "the directory of a journal is read-only",
    first: withFiles(
      (fs) => ({
        ...fs,
        open: (path, options) =>
          path.endsWith("/journal") && options?.flag === "a" ? readOnly("open", path) : fs.open(path, options)
      }),
      upload
    ),
    done: 0
  },
  {
    fault: "objects that a journal knows are deleted and written anew",
    where: "service",
    first: upload,
    between: Effect.zipRight(Cos.deleteObject({ key: "to/a" }), Cos.putObject({ key: "to/b", body: "another" })),
    done: 1
  },
  {
    fault: "a file that a journal knows is written anew, in the same size",
    first: upload,
    between: inDirectory((root, fs) =>
      Effect.zipRight(
        fs.writeFile(`${root}/tree/a`, bytes("xx x")),
        Effect.zipRight(fs.writeFile(`${root}/tree/a`, bytes("of a")), settleOne(root, fs))
      )
    ),
    done: 2
  },
  {
    fault: "the last line of a journal is cut off, and lines of others stand in it",
    first: upload,
    between: inDirectory((root, fs) =>
      Effect.flatMap(fs.readFileString(`${root}/journal`), (text) =>
        fs.writeFileString(`${root}/journal`, `${header}${"0".repeat(40)}\n\0\n${text.slice(header.length, -7)}`)
      )
    ),
    done: 2
  }
]

const downloads: ReadonlyArray<Case> = [
  { fault: "one file of a download with a journal is refused", where: "service", first: download, done: 3 },
  {
    fault: "files that a journal knows are gone, or cut off",
    first: download,
    between: inDirectory((root, fs) => Effect.zipRight(fs.remove(`${root}/down/a`), fs.truncate(`${root}/down/b`, 1))),
    done: 1
  },
  {
    fault: "the directory that a journal knows files in is gone",
    first: download,
    between: inDirectory((root, fs) => fs.remove(`${root}/down`, { recursive: true })),
    done: 0
  },
  {
    fault: "the disk is full while the last file of a download with a journal is written",
    first: withFiles((fs) => {
      let created = 0
      return opening(".effect-cos", (file) => ({
        writeAll: (data) => {
          created += 1
          return created === 3 ? full("down/c") : file.writeAll(data)
        }
      }))(fs)
    }, download),
    done: 2,
    expected: { succeeded: 2, done: 0, failed: ["DiskFull", "AccessDenied"] }
  }
]

/** Before anything is sent. */
const refused = (fault: string, content: string): PortRow => {
  const files = { ...tree, journal: bytes(content) }
  return {
    where: "disk",
    fault,
    given: { files },
    client: upload,
    expect: { _tag: "InvalidInput", field: "journal" },
    asked: {},
    left: { files }
  }
}

const others: ReadonlyArray<PortRow> = [
  refused("a journal is somebody else's file", "my notes\n"),
  refused("a journal is somebody else's file, which has no lines", "my notes ".repeat(100_000)),
  {
    where: "input",
    fault: "a journal is a device, which never ends",
    client: Effect.zipRight(
      inDirectory((root, fs) => fs.makeDirectory(`${root}/tree`)),
      uploadWith("/dev/zero")
    ),
    expect: { _tag: "InvalidInput", field: "journal" },
    asked: {},
    left: {}
  },
  refused("a journal is of a later version", '{"journal":"effect-cos","version":2}\n'),
  {
    where: "disk",
    fault: "a journal cannot be read",
    given: { files: { ...tree, journal: bytes(header) } },
    client: withFiles(
      (fs) => ({
        ...fs,
        stream: (path, options) =>
          path.endsWith("/journal") ? Stream.unwrap(readOnly("open", path)) : fs.stream(path, options)
      }),
      upload
    ),
    expect: { _tag: "InvalidInput", field: "journal" },
    asked: {},
    left: { files: { ...tree, journal: bytes(header) } }
  },
  {
    where: "process",
    fault: "a run is interrupted while a line of its journal is written",
    given: { files: tree },
    client: Effect.gen(function* () {
      yield* settle
      const writing = yield* Deferred.make<void>()
      const slow: FileChange = (file) => {
        let written = 0
        return {
          writeAll: (data) =>
            ++written === 3
              ? Effect.zipRight(Deferred.succeed(writing, undefined), Effect.delay(file.writeAll(data), "50 millis"))
              : file.writeAll(data)
        }
      }
      const fiber = yield* Effect.fork(journal(slow))
      yield* Deferred.await(writing)
      const ended = yield* Fiber.interrupt(fiber)
      const second = yield* upload
      return {
        interrupted: Exit.isInterrupted(ended),
        lost: 4 - second.succeeded - second.done,
        known: second.done >= 2
      }
    }),
    expect: success({ interrupted: true, lost: 0, known: true }),
    left: { objects: stored, files: tree }
  },
  {
    where: "process",
    fault: "two runs have one journal",
    given: { files: tree },
    client: Effect.gen(function* () {
      yield* settle
      const both = yield* Effect.all([upload, upload], { concurrency: 2 })
      return both.map(({ failed }) => failed)
    }),
    expect: success([[], []]),
    left: { objects: stored, files: tree }
  }
]

// --- plans -----------------------------------------------------------------------------------------------------------

const old: Contents = { ...tree, "a.plan": bytes("an earlier plan") }

const options = inDirectory((root) =>
  Effect.succeed<Sync.Options>({ from: Sync.directory(`${root}/tree`), to: Sync.prefix("to/"), delete: true })
)

const writePlan = Effect.flatMap(Effect.all([Directory, options]), ([root, options]) =>
  Sync.plan(options).pipe(Sync.writePlan(`${root}/a.plan`, options))
)

const applyPlan = inDirectory((root) =>
  Effect.scoped(
    Effect.flatMap(Sync.readPlan(`${root}/a.plan`), ({ actions, options }) =>
      Sync.apply(actions, { ...options, concurrency: 1 })
    )
  )
)

/** A plan is written, and removed again once it was used. */
const planned = <A, E, R>(use: Effect.Effect<A, E, R>) =>
  Effect.zipRight(
    writePlan,
    Effect.ensuring(
      use,
      inDirectory((root, fs) => Effect.orDie(fs.remove(`${root}/a.plan`)))
    )
  )

/** A plan that is not written leaves nothing, and the one that was there. */
const unwritten = (
  fault: string,
  change: (fs: FileSystem.FileSystem) => FileSystem.FileSystem,
  expect: PortRow["expect"]
): PortRow => ({
  where: "disk",
  fault,
  given: { files: old },
  client: withFiles(change, writePlan),
  expect,
  left: { files: old }
})

const gone: Contents = { "to/gone": bytes("gone") }

const plans: ReadonlyArray<PortRow> = [
  unwritten("the disk is full while a plan is written", opening(".", fullAt(1)), { _tag: "SystemError" }),
  unwritten(
    "a plan cannot be flushed",
    opening(".", () => ({ sync: broken("plan") })),
    { _tag: "SystemError" }
  ),
  unwritten("a plan cannot be given its name", (fs) => ({ ...fs, rename: (_, to) => readOnly("rename", to) }), {
    _tag: "SystemError",
    reason: "PermissionDenied"
  }),
  unwritten(
    "the directory of a plan is read-only",
    (fs) => ({
      ...fs,
      open: (path, options) => (options?.flag === "wx" ? readOnly("open", path) : fs.open(path, options))
    }),
    { _tag: "SystemError", reason: "PermissionDenied" }
  ),
  {
    where: "process",
    fault: "a plan is interrupted while it is written",
    given: { files: old },
    client: Effect.gen(function* () {
      const writing = yield* Deferred.make<void>()
      const stops: FileChange = () => ({
        writeAll: () => Effect.zipRight(Deferred.succeed(writing, undefined), Effect.never)
      })
      const fiber = yield* Effect.fork(withFiles(opening(".", stops), writePlan))
      yield* Deferred.await(writing)
      return Exit.isInterrupted(yield* Fiber.interrupt(fiber))
    }),
    expect: success(true),
    left: { files: old }
  },
  {
    where: "disk",
    fault: "a plan can no longer be read while it is applied",
    given: { files: tree, objects: gone },
    client: planned(
      withFiles(
        (fs) => ({
          ...fs,
          open: (path, options) =>
            Effect.map(fs.open(path, options), (file) => {
              if (!path.endsWith("a.plan")) return file
              let reads = 0
              const read = (buffer: Uint8Array) =>
                Effect.suspend(() => (++reads > 3 ? broken("a.plan") : file.read(buffer)))
              return changed(file, { read })
            })
        }),
        Effect.asVoid(applyPlan)
      )
    ),
    expect: { _tag: "SystemError" },
    // What is deleted is deleted when everything else was done.
    left: { files: tree, objects: gone }
  },
  {
    where: "process",
    fault: "a plan is applied twice at once",
    given: { files: tree, objects: gone },
    client: planned(
      Effect.map(Effect.all([applyPlan, applyPlan], { concurrency: 2 }), (both) =>
        both.flatMap(({ failures }) => failures.map(({ error }) => error._tag)).filter((tag) => tag !== "PlanOutdated")
      )
    ),
    expect: success([]),
    left: { files: tree, objects: stored }
  }
]

export const journals: ReadonlyArray<PortRow> = [
  ...uploads.map((one) => rowOf(one, "upload")),
  ...downloads.map((one) => rowOf(one, "download")),
  ...others,
  ...plans
]
