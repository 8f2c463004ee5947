/** Processes that end midway, and the ones that go on: by SIGKILL, which nobody can answer, and by SIGINT. */
import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, firstDifference, KiB, MiB } from "../../support/content.js"
import * as World from "../../support/world.js"
import { Order } from "./order.js"

type Transfer = (typeof Order.Type)["transfers"][number]

const tsx = createRequire(import.meta.url).resolve("tsx")

/** A child at work, killed with the scope if it is still there. */
const start = (checkpoints: string, transfers: ReadonlyArray<Transfer>) =>
  Effect.gen(function* () {
    const { credentials, endpoint } = yield* Emulator
    const order = yield* Schema.encode(Order)({
      url: endpoint,
      bucket: World.bucket,
      region: World.region,
      secretId: credentials.secretId,
      secretKey: Redacted.value(credentials.secretKey),
      checkpoints,
      transfers
    })
    return yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--import", tsx, fileURLToPath(new URL("./child.ts", import.meta.url)), order], {
          stdio: ["ignore", "inherit", "inherit"]
        })
      ),
      (child) => Effect.sync(() => child.exitCode === null && child.kill("SIGKILL"))
    )
  })

const end = (child: ChildProcess, signal: NodeJS.Signals) =>
  Effect.async<number | NodeJS.Signals>((resume) => {
    child.once("exit", (code, signal) => resume(Effect.succeed(code ?? signal ?? -1)))
    child.kill(signal)
  })

/** Waits for what another process does. */
const eventually = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(condition, { until: (done) => done, schedule: Schedule.spaced("20 millis") }).pipe(
    Effect.timeout("15 seconds")
  )

const hang = (operation: string, key: string, nth: number) =>
  Effect.flatMap(Emulator, (emulator) =>
    emulator.fault({ on: { operation, key, nth, times: Infinity }, do: Fault.silence() })
  )

const sentFor = (key: string, after: number) =>
  Effect.map(World.requests("uploadPart"), (entries) =>
    entries.filter((entry) => entry.key === key && entry.id > after).map(({ partNumber }) => partNumber)
  )

const openFor = (key: string) =>
  Effect.flatMap(Emulator, (emulator) =>
    Effect.map(emulator.pendingUploads, (uploads) => uploads.filter((upload) => upload.key === key))
  )

const data = content(5 * MiB + 5)
const part = 64 * KiB
const object = content(5 * part + 11, 2)

/** What a killed process left. */
class Killed extends Context.Tag("test/Killed")<
  Killed,
  {
    readonly directory: string
    readonly checkpoints: string
    /** The last request of the process. */
    readonly mark: number
  }
>() {}

const uploads = ["resumed", "discovered", "changed", "corrupted"] as const

/** One process with all transfers under way, each with three parts done and the fourth hanging, and then SIGKILL. */
const killed = Layer.scoped(
  Killed,
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const emulator = yield* Emulator
    const directory = yield* fs.makeTempDirectoryScoped()
    const checkpoints = `${directory}/checkpoints`
    yield* Cos.putObject({ key: "downloaded", body: object })
    const faults = [yield* hang("getObject", "downloaded", 4)]
    for (const key of uploads) {
      yield* fs.writeFile(`${directory}/${key}`, data)
      faults.push(yield* hang("uploadPart", key, 4))
    }
    yield* fs.writeFileString(`${directory}/downloaded`, "old")
    const onInterrupt = "end"
    const child = yield* start(checkpoints, [
      ...uploads.map(
        (key) => ({ kind: "upload", key, path: `${directory}/${key}`, partSize: MiB, onInterrupt }) as const
      ),
      { kind: "download", key: "downloaded", path: `${directory}/downloaded`, partSize: part, onInterrupt }
    ])
    // All are where they hang, and what a download has done is written.
    yield* eventually(
      Effect.map(
        Effect.forEach(faults, ({ fired }) => fired),
        (fired) => fired.every((n) => n > 0)
      )
    )
    yield* eventually(
      Effect.map(
        download(checkpoints, directory),
        Option.exists(({ parts }) => parts.length === 3)
      )
    )
    yield* end(child, "SIGKILL")
    for (const { remove } of faults) yield* remove
    return { directory, checkpoints, mark: (yield* emulator.journal).at(-1)?.id ?? 0 }
  })
)

const download = (checkpoints: string, directory: string) =>
  Effect.gen(function* () {
    const store = yield* Checkpoint.Store
    const id = yield* Checkpoint.id({
      kind: "download",
      bucket: World.bucket,
      key: "downloaded",
      path: `${directory}/downloaded`
    })
    return yield* store.get(id, Checkpoint.Download)
  }).pipe(Effect.provide(Checkpoint.layerDirectory(checkpoints)))

const upload = (key: (typeof uploads)[number], options: Upload.ResumableOptions = {}) =>
  Effect.flatMap(Killed, ({ directory }) =>
    Upload.file({ key, path: `${directory}/${key}` }, { partSize: MiB, threshold: 0, ...options })
  )

const withCheckpoints = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Killed, ({ checkpoints }) => Effect.provide(self, Checkpoint.layerDirectory(checkpoints)))

/** With what was logged meanwhile. */
const saying = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const said: Array<unknown> = []
    const logger = Logger.make(({ message }) => said.push(message))
    return Effect.map(
      Effect.provide(self, Logger.replace(Logger.defaultLogger, logger)),
      (value) => [value, JSON.stringify(said)] as const
    )
  })

layer(Layer.provideMerge(killed, World.onPort()), { excludeTestServices: true, timeout: "20 seconds" })(
  "after SIGKILL",
  (it) => {
    it.effect("an upload goes on: what was acknowledged is not sent again", () =>
      Effect.gen(function* () {
        const { mark } = yield* Killed
        expect(yield* sentFor("resumed", 0)).toEqual([1, 2, 3, 4])
        const result = yield* withCheckpoints(upload("resumed"))
        expect(result).toMatchObject({ parts: 6, resumedParts: 3 })
        expect([...(yield* sentFor("resumed", mark))].sort()).toEqual([4, 5, 6])
        expect(yield* openFor("resumed")).toEqual([])
        yield* World.expectStored("resumed", data)
      })
    )

    it.effect("an upload goes on by what the server holds", () =>
      Effect.gen(function* () {
        const { mark } = yield* Killed
        const result = yield* upload("discovered", { resume: "discover" })
        expect(result.resumedParts).toBe(3)
        expect([...(yield* sentFor("discovered", mark))].sort()).toEqual([4, 5, 6])
        expect(yield* openFor("discovered")).toEqual([])
        yield* World.expectStored("discovered", data)
      })
    )

    it.effect("an upload of a file that was changed begins anew, and the old one is aborted", () =>
      Effect.gen(function* () {
        const { directory, mark } = yield* Killed
        const changed = content(5 * MiB + 5, 3)
        yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFile(`${directory}/changed`, changed))
        const [result, said] = yield* saying(withCheckpoints(upload("changed")))
        expect(result.resumedParts).toBe(0)
        expect(said).toContain("begun anew")
        expect([...(yield* sentFor("changed", mark))].sort()).toEqual([1, 2, 3, 4, 5, 6])
        expect(yield* openFor("changed")).toEqual([])
        yield* World.expectStored("changed", changed)
      })
    )

    it.effect("a checkpoint that is damaged counts as none, which is said", () =>
      Effect.gen(function* () {
        const { checkpoints, directory, mark } = yield* Killed
        const fs = yield* FileSystem.FileSystem
        for (const name of yield* fs.readDirectory(checkpoints)) {
          const text = yield* fs.readFileString(`${checkpoints}/${name}`)
          if (text.includes(`${directory}/corrupted`)) {
            yield* fs.writeFileString(`${checkpoints}/${name}`, text.slice(0, text.length / 2))
          }
        }
        const [result, said] = yield* saying(withCheckpoints(upload("corrupted")))
        expect(result.resumedParts).toBe(0)
        expect(said).toContain("damaged")
        expect([...(yield* sentFor("corrupted", mark))].sort()).toEqual([1, 2, 3, 4, 5, 6])
        yield* World.expectStored("corrupted", data)
      })
    )

    it.effect("a download goes on: what was written is not fetched again", () =>
      Effect.gen(function* () {
        const { directory, mark } = yield* Killed
        const fs = yield* FileSystem.FileSystem
        const path = `${directory}/downloaded`
        expect(yield* fs.readFileString(path)).toBe("old")
        const result = yield* withCheckpoints(Download.file({ key: "downloaded", path }, { partSize: part }))
        expect(result).toMatchObject({ parts: 6, resumedParts: 3 })
        const fetched = (yield* World.requests("getObject"))
          .filter(({ id }) => id > mark)
          .map(({ headers }) => headers.range)
        expect(fetched.sort()).toEqual(
          [3, 4, 5].map((i) => `bytes=${i * part}-${Math.min((i + 1) * part, object.byteLength) - 1}`)
        )
        expect(firstDifference(yield* fs.readFile(path), object)).toBeUndefined()
        expect((yield* fs.readDirectory(directory)).filter((name) => name.includes(".part"))).toEqual([])
      })
    )
  }
)

describe("after SIGINT", () => {
  it.scopedLive("what is kept can go on, the rest is removed, and the exit code tells", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const checkpoints = `${directory}/checkpoints`
      yield* Cos.putObject({ key: "downloaded", body: object })
      const faults = [yield* hang("getObject", "downloaded", 4)]
      for (const key of ["ended", "kept"]) {
        yield* fs.writeFile(`${directory}/${key}`, data)
        faults.push(yield* hang("uploadPart", key, 4))
      }
      const child = yield* start(checkpoints, [
        { kind: "upload", key: "ended", path: `${directory}/ended`, partSize: MiB, onInterrupt: "end" },
        { kind: "upload", key: "kept", path: `${directory}/kept`, partSize: MiB, onInterrupt: "keep" },
        { kind: "download", key: "downloaded", path: `${directory}/downloaded`, partSize: part, onInterrupt: "end" }
      ])
      yield* eventually(
        Effect.map(
          Effect.forEach(faults, ({ fired }) => fired),
          (fired) => fired.every((n) => n > 0)
        )
      )
      expect(yield* end(child, "SIGINT")).toBe(130)
      for (const { remove } of faults) yield* remove

      expect(yield* openFor("ended")).toEqual([])
      expect((yield* openFor("kept")).map(({ parts }) => parts.length)).toEqual([3])
      expect([...(yield* fs.readDirectory(directory))].sort()).toEqual(["checkpoints", "ended", "kept"])
      const result = yield* Upload.file(
        { key: "kept", path: `${directory}/kept` },
        { partSize: MiB, threshold: 0 }
      ).pipe(Effect.provide(Checkpoint.layerDirectory(checkpoints)))
      expect(result.resumedParts).toBe(3)
      yield* World.expectStored("kept", data)
    }).pipe(Effect.provide(World.onPort()))
  )
})
