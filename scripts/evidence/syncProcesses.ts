/**
 * Random histories as those of `test/model/sync.ts`, with syncs in processes of their own: killed, or two at once; with a
 * bind mount as the directory or within it, that comes and goes; and in both directions.
 */
import { execFileSync, spawn } from "node:child_process"
import * as nodeFs from "node:fs"
import { fileURLToPath } from "node:url"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Sync from "effect-cos/Sync"
import { build } from "esbuild"
import * as Model from "../../test/model/sync.js"
import type { Message, Order } from "./syncChild.js"

const { constant, constantFrom, boolean, integer, option, record } = FastCheck

const mount = record({ _tag: constant("Mount" as const), isThere: boolean() })
const objectChange = record({
  _tag: constant("Object" as const),
  name: Model.name,
  /** Removed without. */
  content: constantFrom("1", "2", "44", undefined)
})
const mutation = FastCheck.oneof(
  { weight: 4, arbitrary: Model.mutation },
  { weight: 2, arbitrary: mount },
  { weight: 3, arbitrary: objectChange }
)
type Mutation = typeof mutation extends FastCheck.Arbitrary<infer A> ? A : never

const run = record({
  _tag: constant("Sync" as const),
  compare: constantFrom("checksum", "state"),
  /** Before this call, to the file system or over the network. */
  during: option(
    record({
      call: integer({ min: 0, max: 90 }),
      does: FastCheck.oneof(
        { weight: 2, arbitrary: mutation },
        { weight: 1, arbitrary: record({ _tag: constant("Kill" as const), afterMillis: constantFrom(0, 0, 1, 3, 10) }) }
      )
    }),
    { freq: 5 }
  ),
  processes: constantFrom(1, 1, 2)
})
type Run = typeof run extends FastCheck.Arbitrary<infer A> ? A : never

const history = record({
  way: constantFrom("up", "down"),
  /** Where something is mounted: `""` is the directory itself. */
  mountPoint: constantFrom(undefined, "", "d"),
  steps: FastCheck.array(FastCheck.oneof(mutation, run), { minLength: 3, maxLength: 8 })
})
type History = typeof history extends FastCheck.Arbitrary<infer A> ? A : never

/** Unmounted early, in the midst and late, of a bucket that has everything. */
const examples: ReadonlyArray<History> = ["", "d"].flatMap((mountPoint) =>
  [8, 14, 20, 30].map((call) => {
    const quiet: Run = { _tag: "Sync", compare: "checksum", during: null, processes: 1 }
    const unmounting: Run = { ...quiet, during: { call, does: { _tag: "Mount", isThere: false } } }
    return { way: "up", mountPoint, steps: [quiet, unmounting] }
  })
)

// -------------------------------------------------------------------------------------
// the two sides
// -------------------------------------------------------------------------------------

/** A part of the tree that is mounted from beside it, where this user may mount. */
class Mount {
  constructor(
    readonly tree: Model.Tree,
    readonly at: string | undefined
  ) {
    if (at === undefined) return
    nodeFs.renameSync(this.#path, `${tree.parent}/volume`)
    nodeFs.mkdirSync(this.#path)
    this.#mount()
  }

  get #path(): string {
    return this.at === "" ? this.tree.root : `${this.tree.root}/${this.at}`
  }

  #mount(): void {
    execFileSync("mount", ["--bind", `${this.tree.parent}/volume`, this.#path], { stdio: "ignore" })
  }

  #unmount(): boolean {
    const mounted = Mount.below(this.tree.parent).includes(this.#path)
    if (mounted) execFileSync("umount", ["-l", this.#path], { stdio: "ignore" })
    return mounted
  }

  change(isThere: boolean): void {
    if (this.at === undefined) return
    this.#unmount()
    if (isThere && nodeFs.existsSync(this.#path)) this.#mount()
  }

  static below(parent: string): ReadonlyArray<string> {
    return nodeFs
      .readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .flatMap((line) => line.split(" ")[4] ?? [])
      .filter((path) => path.startsWith(`${parent}/`))
  }

  /** Whatever happened to the tree. */
  static removeAll(parent: string): void {
    for (const path of process.platform === "linux" ? Mount.below(parent).toReversed() : []) {
      execFileSync("umount", ["-l", path], { stdio: "ignore" })
    }
  }
}

export const canMount: Effect.Effect<boolean, never, FileSystem.FileSystem> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const parent = yield* Effect.orDie(Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath))
  yield* Effect.addFinalizer(() => Effect.sync(() => Mount.removeAll(parent)))
  return yield* Effect.sync(() => new Mount(new Model.Tree(parent), "d")).pipe(
    Effect.as(process.platform === "linux"),
    Effect.catchAllCause(() => Effect.succeed(false))
  )
}).pipe(Effect.scoped)

/** What has happened, so that the figure says what it is worth. */
interface Tally {
  runs: number
  kills: number
  changes: number
  unmounts: number
}

class World {
  readonly mount: Mount
  constructor(
    readonly tree: Model.Tree,
    readonly prefix: string,
    readonly way: History["way"],
    mountPoint: string | undefined,
    readonly tally: Tally
  ) {
    this.mount = new Mount(tree, mountPoint)
  }

  /** As in a directory, a name and what would be below it are not there at once. */
  put(name: string, content: string) {
    return Effect.gen(this, function* () {
      const inTheWay = ["a", "a/x"].filter((other) => other !== name && name.startsWith("a"))
      yield* Effect.forEach(inTheWay, (other) => Cos.deleteObject({ key: this.prefix + other }))
      yield* Cos.putObject({ key: this.prefix + name, body: content })
      this.tree.held.set(name, (this.tree.held.get(name) ?? new Set()).add(content))
    })
  }

  mutate(mutation: Mutation) {
    switch (mutation._tag) {
      case "Mount":
        return Effect.sync(() => this.mount.change(mutation.isThere))
      case "Object":
        // On the way up the bucket is changed by nobody else.
        if (this.way === "up") return Effect.void
        return mutation.content === undefined
          ? Cos.deleteObject({ key: this.prefix + mutation.name })
          : this.put(mutation.name, mutation.content)
      default:
        return Effect.sync(() => this.tree.mutate(mutation))
    }
  }

  /** Whether a change is one of the source. */
  isOfSource(mutation: Mutation): boolean {
    return (mutation._tag === "Object") === (this.way === "down")
  }

  get source(): Effect.Effect<Model.Snapshot, unknown, CosClient> {
    return this.way === "up"
      ? Effect.sync(() => this.tree.snapshot())
      : Effect.map(Model.stored(this.prefix), (files) => ({ root: "bucket", files, hidden: [] }))
  }

  get target(): Effect.Effect<ReadonlyMap<string, string>, unknown, CosClient> {
    return this.way === "up" ? Model.stored(this.prefix) : Effect.sync(() => this.tree.snapshot().files)
  }

  get places() {
    const [directory, prefix] = [Sync.directory(this.tree.root), Sync.prefix(this.prefix)]
    return this.way === "up" ? { from: directory, to: prefix } : { from: prefix, to: directory }
  }
}

// -------------------------------------------------------------------------------------
// a run in processes of their own
// -------------------------------------------------------------------------------------

const bundle = Effect.promise(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./syncChild.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["lmdb"],
    write: false
  })
  return outputFiles[0]?.text ?? ""
})

/** Puts the child's program into a directory. */
export const writeProgram = (directory: string) =>
  Effect.gen(function* () {
    const path = `${directory}/child.cjs`
    yield* (yield* FileSystem.FileSystem).writeFileString(path, yield* bundle)
    return path
  })

/** How long a run may take in all. */
const limit = "60 seconds"

/** A child at work, killed with the scope. */
const start = (program: string, order: Order) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [program, JSON.stringify(order)], {
        stdio: ["ignore", "ignore", "inherit", "ipc"]
      })
      const messages: Array<Message> = []
      let wake = () => {}
      child.on("message", (message: Message) => {
        messages.push(message)
        wake()
      })
      child.on("exit", () => wake())
      const isOver = () => child.exitCode !== null || child.signalCode !== null
      /** The next message, or none when the child is no more. */
      const next = Effect.async<Message | undefined>((resume) => {
        wake = () => {
          const message = messages.shift()
          if (message !== undefined || isOver()) resume(Effect.succeed(message))
        }
        wake()
      }).pipe(Effect.timeoutFail({ duration: limit, onTimeout: () => new Model.Violation("a run hangs") }))
      return { child, next, isOver }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** What the directory looks like. */
const viewOf = ({ tree }: World) => {
  const { files, hidden, root } = tree.snapshot()
  return JSON.stringify([root, [...files], hidden])
}

const sync = (world: World, program: string, server: Omit<Order, "options" | "waitAt">, step: Run) =>
  Effect.gen(function* () {
    const { compare, during, processes } = step
    world.tally.runs += processes
    const options: Sync.Options = {
      ...world.places,
      delete: true,
      concurrency: 2,
      ...(compare === "state" ? { state: `${world.tree.parent}/state` } : { compare: "checksum" })
    }
    let before = yield* world.target
    const snapshots = [yield* world.source]
    let unmounted: ReadonlyArray<string> = []
    let isTargetChanged = false
    const one = yield* start(program, { ...server, options, waitAt: during?.call ?? -1 })
    const other = processes === 2 ? yield* start(program, { ...server, options, waitAt: -1 }) : undefined
    let message = yield* one.next
    if (message?._tag === "Waits" && during !== null) {
      const { does } = during
      if (does._tag === "Kill") {
        if (does.afterMillis > 0) one.child.send("go on")
        yield* Effect.sleep(does.afterMillis)
        world.tally.kills += 1
        one.child.kill("SIGKILL")
        // The server may still carry out what was sent.
        yield* Effect.sleep("50 millis")
      } else {
        // What changes and what is looked at is of one moment for all. Requests under way go on, so that the bucket is not
        // looked at while it is the target.
        const children = [one.child, ...(other === undefined ? [] : [other.child])]
        for (const child of children) child.kill("SIGSTOP")
        const view = viewOf(world)
        yield* world.mutate(does)
        snapshots.push(yield* world.source)
        if (does._tag === "Object" ? world.way === "down" : view !== viewOf(world)) {
          world.tally.changes += 1
          if (does._tag === "Mount" && !does.isThere) world.tally.unmounts += 1
        }
        if (world.way === "down" && !world.isOfSource(does)) {
          isTargetChanged = true
          before = yield* world.target
        }
        const folder = `${world.tree.root}/${world.mount.at}`
        // What the run has seen is not deleted because its file system is there no more.
        if (does._tag === "Mount" && world.way === "up" && processes === 1 && message.read.includes(folder)) {
          unmounted = [...(snapshots[0]?.files.keys() ?? [])].filter((name) => name.startsWith(`${world.mount.at}/`))
        }
        for (const child of children) child.kill("SIGCONT")
        one.child.send("go on")
      }
      message = yield* one.next
    }
    const ends = [message, other === undefined ? undefined : yield* other.next]
    for (const end of ends) {
      if (end?._tag === "Failed" && end.isDefect) throw new Model.Violation(`a defect: ${end.message}`)
    }
    if (message === undefined && during?.does._tag !== "Kill") throw new Model.Violation("a process died of itself")
    snapshots.push(yield* world.source)
    const after = yield* world.target
    Model.checkDeletions(before, after, snapshots)
    Model.checkContents(world.tree, after)
    const lost = unmounted.find((name) => before.has(name) && !after.has(name))
    if (lost !== undefined) throw new Model.Violation(`${lost} was deleted after it had been seen, and then unmounted`)
    if (message?._tag === "Ended" && processes === 1 && !isTargetChanged) {
      Model.checkCurrent(message.left, after, snapshots)
    }
  }).pipe(Effect.scoped)

// -------------------------------------------------------------------------------------
// a history
// -------------------------------------------------------------------------------------

/** Undisturbed, both sides become the same. */
const checkAtRest = (world: World) =>
  Effect.gen(function* () {
    yield* world.mutate({ _tag: "Root", becomes: "back" })
    yield* world.mutate({ _tag: "Mount", isThere: true })
    const report = yield* Sync.run({
      ...world.places,
      delete: true,
      allowEmptySource: true,
      compare: "checksum",
      maxDelete: 1000
    })
    const { hidden } = world.tree.snapshot()
    const isHidden = (name: string) => hidden.some((above) => Model.isAtOrBelow(name, above))
    const failure = report.failures.find(({ action }) => !isHidden(action.name))
    if (failure !== undefined) throw new Model.Violation(`a failure at rest: ${failure.action.name}: ${failure.error}`)
    const [{ files }, after] = [yield* world.source, yield* world.target]
    for (const name of new Set([...files.keys(), ...after.keys()])) {
      // Nothing is deleted when something failed.
      const isKept = !files.has(name) && report.failures.length > 0
      if (after.get(name) !== files.get(name) && !isHidden(name) && !isKept) {
        throw new Model.Violation(`${name} is ${after.get(name)} at rest, and not ${files.get(name)}`)
      }
    }
  })

const holds = (
  { mountPoint, steps, way }: History,
  prefix: string,
  program: string,
  server: Omit<Order, "options" | "waitAt">,
  tally: Tally
): Effect.Effect<void, unknown, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const parent = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
    yield* Effect.addFinalizer(() => Effect.sync(() => Mount.removeAll(parent)))
    const world = yield* Effect.sync(() => new World(new Model.Tree(parent), prefix, way, mountPoint, tally))
    if (way === "down") {
      yield* Effect.forEach(["a", "b", "d/a", "d/e/a"], (name) => world.put(name, "0"), { discard: true })
    }
    for (const step of steps) {
      if (step._tag === "Sync") yield* sync(world, program, server, step)
      else yield* world.mutate(step)
    }
    yield* checkAtRest(world)
  }).pipe(Effect.scoped)

/** Carries out as many histories, and gives what happened in them. A failure names the seed and the smallest one. */
export const check = (
  seed: number,
  histories: number,
  {
    mounts,
    program,
    server
  }: {
    readonly mounts: boolean
    readonly program: string
    readonly server: Omit<Order, "options" | "waitAt">
  }
) =>
  Effect.gen(function* () {
    const services = yield* Effect.context<CosClient | FileSystem.FileSystem | Path.Path>()
    let nth = 0
    const tally: Tally = { runs: 0, kills: 0, changes: 0, unmounts: 0 }
    const property = FastCheck.asyncProperty(history, async (drawn) => {
      nth += 1
      const mountPoint = mounts ? drawn.mountPoint : undefined
      const held = holds({ ...drawn, mountPoint }, `process-${nth}/`, program, server, tally)
      await Effect.runPromise(Effect.provide(held, services))
    })
    yield* Effect.promise(() =>
      FastCheck.assert(property, { seed, numRuns: histories, examples: examples.map((history) => [history]) })
    )
    return tally
  })
