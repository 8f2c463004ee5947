/**
 * Random histories of a directory that is synced to a prefix, with real files. Between the runs and within them files are
 * written, removed, turned into folders and into links, given times that lie and names that are not UTF-8; the directory
 * itself is moved away and replaced; runs are interrupted, and two go on at once.
 *
 * What must hold of every run: nothing is deleted that the source had, or that could not be looked at, all the while; and
 * what is stored equals what the source held at one moment of the run.
 */
import * as nodeFs from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Sync from "effect-cos/Sync"
import { ahead } from "../support/clock.js"
import { keysOf, namesLeft } from "../support/tree.js"

const { constant, constantFrom, boolean, integer, option, record } = FastCheck

/** Few names, so that files meet folders. */
export const name = constantFrom("a", "b", "d/a", "d/b", "d/e/a", "a/x")
const path = constantFrom("a", "b", "d", "d/a", "d/e", "d/b")

export const mutation = FastCheck.oneof(
  {
    weight: 9,
    arbitrary: record({
      _tag: constant("Write" as const),
      name,
      content: constantFrom("1", "2", "3", "44"),
      lies: boolean()
    })
  },
  { weight: 3, arbitrary: record({ _tag: constant("Remove" as const), path }) },
  { weight: 1, arbitrary: record({ _tag: constant("Link" as const), path }) },
  { weight: 1, arbitrary: record({ _tag: constant("NotUtf8" as const), folder: constantFrom("", "d") }) },
  {
    weight: 1,
    arbitrary: record({ _tag: constant("Root" as const), becomes: constantFrom("away", "empty", "other", "back") })
  }
)
export type Mutation = typeof mutation extends FastCheck.Arbitrary<infer A> ? A : never

const run = record({
  _tag: constant("Sync" as const),
  compare: constantFrom("checksum", "state", "state"),
  /** Before this call to the file system something happens; the first one is the first look at the directory. */
  during: option(
    record({
      call: integer({ min: 1, max: 60 }),
      does: FastCheck.oneof(mutation, record({ _tag: constant("Interrupt" as const) }))
    })
  ),
  isTwofold: FastCheck.oneof(
    { weight: 4, arbitrary: constantFrom(false) },
    { weight: 1, arbitrary: constantFrom(true) }
  )
})
type Run = typeof run extends FastCheck.Arbitrary<infer A> ? A : never

export type Step = Mutation | Run
export const history: FastCheck.Arbitrary<ReadonlyArray<Step>> = FastCheck.array(
  FastCheck.oneof({ weight: 1, arbitrary: mutation }, { weight: 1, arbitrary: run }),
  { minLength: 3, maxLength: 10 }
)

/** Milliseconds: longer than any system takes between two times that it gives to files. */
const tick = 12

/** Histories that have something particular to say, and that few random ones come upon. */
const examples: ReadonlyArray<ReadonlyArray<Step>> = (() => {
  const quiet: Run = { _tag: "Sync", compare: "state", during: null, isTwofold: false }
  const before = (call: number, does: Mutation): Run => ({ ...quiet, during: { call, does } })
  const write = (name: string, content: string): Mutation => ({ _tag: "Write", name, content, lies: true })
  return [
    [quiet, write("a", "1"), quiet],
    [quiet, write("d/a", "1"), quiet, write("d/a", "0"), quiet],
    [quiet, { _tag: "Remove", path: "d" }, { _tag: "NotUtf8", folder: "" }, quiet],
    ...[1, 5, 10, 20].flatMap((call) => [
      [quiet, before(call, { _tag: "Root", becomes: "away" })],
      [quiet, before(call, { _tag: "Root", becomes: "other" })],
      [quiet, before(call, { _tag: "Link", path: "d" })],
      [quiet, before(call, { _tag: "Remove", path: "d" })],
      [quiet, before(call, write("a", "1")), quiet],
      [quiet, { _tag: "Remove" as const, path: "a" }, before(call, write("a", "1"))]
    ])
  ]
})()

// --- the directory ---------------------------------------------------------------------------------------------------

/** What can be seen of the source at one moment. */
export interface Snapshot {
  /** What tells the directory from others; none where there is no directory. */
  readonly root: string | undefined
  readonly files: ReadonlyMap<string, string>
  /** At and below these names nothing can be seen. */
  readonly hidden: ReadonlyArray<string>
}

export const isAtOrBelow = (name: string, above: string): boolean =>
  above === "" || name === above || name.startsWith(`${above}/`)

/** A directory at `<parent>/root`, and what is moved out of it beside it. */
export class Tree {
  #moved = 0
  /** What each name has ever held. */
  readonly held = new Map<string, Set<string>>()

  constructor(readonly parent: string) {
    nodeFs.mkdirSync(this.root)
    for (const name of ["a", "b", "d/a", "d/e/a"]) this.#write(name, "0")
  }

  get root(): string {
    return `${this.parent}/root`
  }

  #aside(): string {
    this.#moved += 1
    return `${this.parent}/aside-${this.#moved}`
  }

  #write(name: string, content: string): void {
    const path = `${this.root}/${name}`
    nodeFs.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true })
    nodeFs.writeFileSync(path, content)
    const held = this.held.get(name) ?? new Set()
    this.held.set(name, held.add(content))
  }

  mutate(mutation: Mutation): void {
    try {
      this.#mutate(mutation)
    } catch {
      // A file is in the way, or the directory is not there: nothing happens.
    }
  }

  #mutate(mutation: Mutation): void {
    switch (mutation._tag) {
      case "Write": {
        if (!nodeFs.existsSync(this.root)) return
        const path = `${this.root}/${mutation.name}`
        const before = nodeFs.existsSync(path) ? nodeFs.statSync(path) : undefined
        // Not through a link, whose file is none of ours.
        if (nodeFs.realpathSync(path.replace(/\/[^/]*$/, "")) !== path.replace(/\/[^/]*$/, "")) return
        if (before !== undefined && nodeFs.lstatSync(path).isSymbolicLink()) return
        // Two changes within one tick of the file system's clock cannot be told apart by their times.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, tick)
        this.#write(mutation.name, mutation.content)
        if (mutation.lies && before !== undefined) nodeFs.utimesSync(path, before.atime, before.mtime)
        return
      }
      case "Remove":
        nodeFs.rmSync(`${this.root}/${mutation.path}`, { recursive: true })
        return
      case "Link": {
        const aside = this.#aside()
        nodeFs.renameSync(`${this.root}/${mutation.path}`, aside)
        nodeFs.symlinkSync(aside, `${this.root}/${mutation.path}`)
        return
      }
      case "NotUtf8": {
        const folder = mutation.folder === "" ? this.root : `${this.root}/${mutation.folder}`
        nodeFs.writeFileSync(Buffer.from(`${folder}/n\xff`, "latin1"), "?")
        return
      }
      case "Root":
        this.#root(mutation.becomes)
    }
  }

  #root(becomes: string): void {
    const original = `${this.parent}/original`
    if (becomes === "back") {
      if (!nodeFs.existsSync(original)) return
      nodeFs.rmSync(this.root, { recursive: true, force: true })
      nodeFs.renameSync(original, this.root)
      return
    }
    if (!nodeFs.existsSync(original)) nodeFs.renameSync(this.root, original)
    nodeFs.rmSync(this.root, { recursive: true, force: true })
    if (becomes === "away") return
    nodeFs.mkdirSync(this.root)
    if (becomes === "other") this.#write("z", "other")
  }

  snapshot(): Snapshot {
    const files = new Map<string, string>()
    const hidden: Array<string> = []
    const walk = (folder: string) => {
      for (const name of nodeFs.readdirSync(folder === "" ? this.root : `${this.root}/${folder}`)) {
        const below = folder === "" ? name : `${folder}/${name}`
        if (name.startsWith(".effect-cos-")) continue // A download that a kill left unfinished.
        if (name.includes("\ufffd")) hidden.push(folder)
        else {
          const info = nodeFs.lstatSync(`${this.root}/${below}`)
          if (info.isSymbolicLink()) hidden.push(below)
          else if (info.isDirectory()) walk(below)
          else files.set(below, nodeFs.readFileSync(`${this.root}/${below}`, "utf8"))
        }
      }
    }
    if (!nodeFs.existsSync(this.root)) return { root: undefined, files, hidden: [""] }
    const { dev, ino } = nodeFs.statSync(this.root)
    walk("")
    return { root: `${dev}:${ino}`, files, hidden }
  }
}

// --- a run -----------------------------------------------------------------------------------------------------------

/** Unlike `Effect.never` it keeps no process alive: within a region that cannot be interrupted it is left behind. */
const unanswered = Effect.async<never>(() => undefined)

/** A file system in which something happens before a call. */
const hooked = (fs: FileSystem.FileSystem, at: number, happens: Effect.Effect<void>): FileSystem.FileSystem => {
  let calls = 0
  const before = <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => (calls++ === at ? Effect.zipRight(happens, self) : self))
  return {
    ...fs,
    readDirectory: (path, options) => before(fs.readDirectory(path, options)),
    readLink: (path) => before(fs.readLink(path)),
    stat: (path) => before(fs.stat(path)),
    open: (path, options) => before(fs.open(path, options))
  }
}

export class Violation extends Error {}

/** The contents of the objects below the prefix. */
export const stored = (prefix: string) =>
  Effect.gen(function* () {
    const contents = new Map<string, string>()
    for (const name of yield* keysOf(prefix)) {
      contents.set(name, yield* Download.text({ key: prefix + name }))
    }
    return contents
  })

const isProtected = (name: string, snapshots: ReadonlyArray<Snapshot>): boolean =>
  snapshots.some(({ root }) => root !== snapshots[0]?.root) ||
  snapshots.every(({ files, hidden }) => files.has(name) || hidden.some((above) => isAtOrBelow(name, above)))

export const checkDeletions = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  snapshots: ReadonlyArray<Snapshot>
) => {
  for (const name of before.keys()) {
    if (!after.has(name) && isProtected(name, snapshots))
      throw new Violation(`${name} was deleted, and was there or hidden`)
  }
}

export const checkContents = (tree: Pick<Tree, "held">, after: ReadonlyMap<string, string>) => {
  for (const [name, content] of after) {
    // Its kept copies are of an earlier root, whose names are the same.
    if (!(tree.held.get(name)?.has(content) ?? false))
      throw new Violation(`${name} never held ${JSON.stringify(content)}`)
  }
}

/** `left` are the names that the run reported as failed or left out. */
export const checkCurrent = (
  left: ReadonlyArray<string>,
  after: ReadonlyMap<string, string>,
  snapshots: ReadonlyArray<Snapshot>
) => {
  for (const name of snapshots[0]?.files.keys() ?? []) {
    if (!snapshots.every(({ files }) => files.has(name)) || left.some((above) => isAtOrBelow(name, above))) continue
    const held = snapshots.map(({ files }) => files.get(name))
    if (!held.includes(after.get(name))) {
      throw new Violation(`${name} is stored as ${JSON.stringify(after.get(name))}, and held ${JSON.stringify(held)}`)
    }
  }
}

const sync = (tree: Tree, prefix: string, { compare, during, isTwofold }: Run) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const before = yield* stored(prefix)
    const snapshots = [tree.snapshot()]
    const interrupted = yield* Deferred.make<void>()
    const happens = Effect.suspend(() => {
      if (during === null) return Effect.void
      const { does } = during
      if (does._tag === "Interrupt") return Effect.zipRight(Deferred.succeed(interrupted, undefined), unanswered)
      tree.mutate(does)
      snapshots.push(tree.snapshot())
      return Effect.void
    })
    const options: Sync.Options = {
      from: Sync.directory(tree.root),
      to: Sync.prefix(prefix),
      delete: true,
      concurrency: 2,
      ...(compare === "state" ? { state: `${tree.parent}/state` } : { compare: "checksum" })
    }
    const one = Sync.run(options).pipe(
      // So that the state is believed.
      ahead,
      Effect.provideService(FileSystem.FileSystem, hooked(fs, during?.call ?? -1, happens))
    )
    const fiber = yield* Effect.fork(
      isTwofold ? Effect.map(Effect.all([one, Sync.run(options)], { concurrency: 2 }), ([report]) => report) : one
    )
    yield* Effect.raceFirst(
      Effect.asVoid(Fiber.await(fiber)),
      Effect.zipRight(Deferred.await(interrupted), Effect.asVoid(Fiber.interrupt(fiber)))
    )
    const exit = yield* Fiber.await(fiber)
    if (Exit.isFailure(exit) && Cause.isDie(exit.cause)) throw new Violation(`a defect: ${Cause.pretty(exit.cause)}`)
    snapshots.push(tree.snapshot())
    const after = yield* stored(prefix)
    checkDeletions(before, after, snapshots)
    checkContents(tree, after)
    if (Exit.isSuccess(exit) && !isTwofold) checkCurrent(namesLeft(exit.value), after, snapshots)
  })

/** Carries out a history, and fails where something does not hold that must. */
export const holds = (
  steps: ReadonlyArray<Step>,
  prefix: string
): Effect.Effect<void, unknown, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const tree = new Tree(yield* fs.realPath(yield* fs.makeTempDirectoryScoped()))
    const prefixed = `${prefix}/`
    for (const step of steps) {
      if (step._tag === "Sync") yield* sync(tree, prefixed, step)
      else yield* Effect.sync(() => tree.mutate(step))
    }
    // In the end, and undisturbed, all comes together.
    tree.mutate({ _tag: "Root", becomes: "back" })
    const last = { from: Sync.directory(tree.root), to: Sync.prefix(prefixed), delete: true, allowEmptySource: true }
    const report = yield* Sync.run({ ...last, compare: "checksum", maxDelete: 1000 })
    const { files, hidden } = tree.snapshot()
    const after = yield* stored(prefixed)
    if (report.failures.length > 0)
      throw new Violation(`failures at rest: ${report.failures.map(({ error }) => error)}`)
    for (const [name, content] of files) {
      if (after.get(name) !== content) throw new Violation(`${name} is not what it is at rest`)
    }
    for (const name of after.keys()) {
      if (!files.has(name) && !hidden.some((above) => isAtOrBelow(name, above))) throw new Violation(`${name} was left`)
    }
    yield* Effect.forEach(after.keys(), (name) => Cos.deleteObject({ key: prefixed + name }), { discard: true })
  }).pipe(Effect.scoped)

/** Carries out as many histories, and gives the number of runs of a sync. A failure names the seed and the smallest one. */
export const check = (seed: number, histories: number) =>
  Effect.gen(function* () {
    const services = yield* Effect.context<CosClient | FileSystem.FileSystem | Path.Path>()
    let nth = 0
    let runs = 0
    const property = FastCheck.asyncProperty(history, async (steps) => {
      nth += 1
      runs += steps.filter(({ _tag }) => _tag === "Sync").length + 1
      await Effect.runPromise(Effect.provide(holds(steps, `history-${nth}`), services))
    })
    yield* Effect.promise(() =>
      FastCheck.assert(property, {
        seed,
        numRuns: histories,
        examples: examples.map((steps) => [steps])
      })
    )
    return runs
  })
