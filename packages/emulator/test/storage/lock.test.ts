import { spawn } from "node:child_process"
import { readdirSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as esbuild from "esbuild"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import * as Lock from "../../src/internal/storage/disk/lock.js"
import { Storage } from "../../src/internal/storage/Storage.js"
import { directory, put } from "./support.js"

/** The program of another owner, as a module that needs no loader. */
const program = Effect.acquireRelease(
  Effect.promise(async () => {
    const folder = await mkdtemp(join(tmpdir(), "effect-cos-owner-"))
    const script = join(folder, "owner.mjs")
    await esbuild.build({
      entryPoints: [fileURLToPath(new URL("owner.ts", import.meta.url))],
      outfile: script,
      bundle: true,
      format: "esm",
      platform: "node"
    })
    return { folder, script }
  }),
  ({ folder }) => Effect.promise(() => rm(folder, { recursive: true }))
).pipe(Effect.map(({ script }) => script))

interface Contender {
  /** What it said of its attempt. */
  readonly said: string
  readonly pid: number | undefined
  readonly kill: Effect.Effect<void>
}

/** Another process that tries to own the directory. */
const contend = (path: string, ...means: ReadonlyArray<Lock.Means>) =>
  Effect.flatMap(program, (script) =>
    Effect.acquireRelease(
      Effect.async<Contender>((resume) => {
        const child = spawn(process.execPath, [script, path, ...means], { stdio: ["ignore", "pipe", "inherit"] })
        const exit = new Promise((resolve) => child.once("exit", resolve))
        const kill = Effect.promise(() => {
          child.kill("SIGKILL")
          return exit
        })
        child.stdout.once("data", (line) =>
          resume(Effect.succeed({ said: String(line).trim(), pid: child.pid, kill: Effect.asVoid(kill) }))
        )
      }),
      ({ kill }) => kill
    )
  )

const refused = (path: string, ...means: ReadonlyArray<Lock.Means>) =>
  Effect.map(
    Effect.flip(Effect.scoped(Lock.acquire(path, means.length === 0 ? undefined : means))),
    (error) => error.message
  )

describe("a directory has one owner", () => {
  it.scoped("among the layers of a process: the second is refused, and the first loses nothing", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const other = Effect.flip(Effect.provide(Storage, Disk.layer({ directory: path })))
      yield* Effect.gen(function* () {
        const storage = yield* Storage
        yield* storage.createBucket({ name: "b-1", region: "r", owner: "1", createdAt: 0, acl: { grants: [] } })
        yield* put("b-1", "k", new Uint8Array(300_000))
        assert.include((yield* other).message, "in use by process")
        assert.strictEqual((yield* storage.getObject("b-1", "k")).key, "k")
      }).pipe(Effect.provide(Disk.layer({ directory: path })))
      // closed, it is free
      yield* Effect.provide(Storage, Disk.layer({ directory: path }))
    })
  )

  it.scoped("among worker threads", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const script = yield* program
      const said = yield* Effect.scoped(
        Effect.zipRight(
          Lock.acquire(path),
          Effect.async<string>((resume) => {
            const worker = new Worker(script, { workerData: [path] })
            worker.once("message", (line) => {
              resume(
                Effect.as(
                  Effect.promise(() => worker.terminate()),
                  line
                )
              )
            })
          })
        )
      )
      assert.include(said, `in use by process ${process.pid}`)
    })
  )

  for (const means of ["flock", "socket"] as const) {
    it.scoped(`among processes, until it is killed: by ${means}`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        const first = yield* contend(path, means)
        assert.strictEqual(first.said, `owner by ${means}`)
        assert.include(yield* refused(path, means), `in use by process ${first.pid}`)
        assert.include((yield* contend(path, means)).said, "in use by")
        yield* first.kill
        assert.strictEqual(yield* Effect.scoped(Lock.acquire(path, [means])), means)
      })
    )
  }

  it.scoped("whatever an owner of another namespace has left", () =>
    Effect.gen(function* () {
      const path = yield* directory
      // this process has the number, and is another one
      for (const left of [`${process.pid}\n`, "null", ""]) {
        writeFileSync(join(path, "owner"), left)
        assert.strictEqual(yield* Effect.scoped(Lock.acquire(path, ["flock"])), "flock")
      }
    })
  )

  it.scoped("even if many want it at the same time", () =>
    Effect.gen(function* () {
      const path = yield* directory
      for (let round = 0; round < 5; round++) {
        const scope = yield* Scope.make()
        const results = yield* Effect.forEach(
          Array.from({ length: 4 }),
          () => Effect.either(Scope.extend(Lock.acquire(path, ["socket"]), scope)),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(results.filter(Either.isRight).length, 1)
        yield* Scope.close(scope, Exit.void)
      }
      assert.strictEqual(readdirSync(path).filter((name) => name.endsWith(".sock")).length, 1)
    })
  )

  it.scoped("or a warning says that nothing guards it", () =>
    Effect.gen(function* () {
      const path = yield* directory
      assert.strictEqual(yield* Effect.scoped(Lock.acquire(path, [])), "unguarded")
    })
  )
})
