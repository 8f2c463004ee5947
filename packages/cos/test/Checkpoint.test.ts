import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import { CheckpointError } from "effect-cos/CosError"

const upload: Checkpoint.Upload = {
  kind: "upload",
  version: 1,
  bucket: "examplebucket-1250000000",
  key: "a/中文 \u0001.mp4",
  uploadId: "1585130821cbb7df1d11846c073ad648",
  partSize: 1_048_576,
  size: 2_000_000,
  createdAt: new Date("2026-01-02T03:04:05Z"),
  settings: "d",
  source: { kind: "file", path: "/tmp/a.mp4", size: 2_000_000, mtime: 1, identity: "1:2" },
  parts: [{ partNumber: 1, eTag: '"e"', size: 1_048_576, crc64: 18_446_744_073_709_551_615n }]
}

const { Store } = Checkpoint
const get = (id: string) => Effect.flatMap(Store, (store) => store.get(id, Checkpoint.Upload))
const set = (id: string, value: Checkpoint.Upload) =>
  Effect.flatMap(Store, (store) => store.set(id, Checkpoint.Upload, value))
const remove = (id: string) => Effect.flatMap(Store, (store) => store.remove(id))
const list = Effect.flatMap(Store, (store) => store.list)

/** Runs with a new directory, and the warnings that were logged. */
const inDirectory = <A, E>(
  use: (path: string, warnings: Array<unknown>) => Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>
) =>
  Effect.gen(function* () {
    const warnings: Array<unknown> = []
    const logger = Logger.make(({ message }) => warnings.push((message as ReadonlyArray<unknown>)[1]))
    const path = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
    return yield* Effect.provide(use(`${path}/checkpoints`, warnings), Logger.replace(Logger.defaultLogger, logger))
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

describe("values", () => {
  it("survive JSON", () => {
    const Any = Schema.Union(Checkpoint.Upload, Checkpoint.Download)
    const json = Schema.parseJson(Any)
    FastCheck.assert(
      FastCheck.property(Arbitrary.make(Any), (value) => {
        expect(Schema.decodeSync(json)(Schema.encodeSync(json)(value))).toEqual(value)
      }),
      { seed: 1, numRuns: 100 }
    )
  })

  it("knows a source that changed", () => {
    expect(Checkpoint.sameSource(upload.source, { ...upload.source, mtime: 1 })).toBe(true)
    for (const change of [{ mtime: 2 }, { size: 1 }, { identity: "1:3" }, { path: "/b" }, { mtime: undefined }]) {
      expect(Checkpoint.sameSource(upload.source, { ...upload.source, ...change })).toBe(false)
    }
  })

  it.effect("ids tell transfers apart", () =>
    Effect.gen(function* () {
      const transfer = { kind: "upload", bucket: "b-1", key: "k", path: "/p" } as const
      const ids = yield* Effect.forEach(
        [
          transfer,
          { ...transfer, kind: "download" as const },
          { ...transfer, bucket: "b-12" },
          { ...transfer, key: "k/p", path: "" },
          { ...transfer, key: 'k","' }
        ],
        Checkpoint.id
      )
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids[0]).toBe(yield* Checkpoint.id({ ...transfer }))
      expect(ids[0]).toMatch(/^upload-[\da-f]{40}$/)
    })
  )

  it.effect("digests do not depend on order", () =>
    Effect.gen(function* () {
      const one = yield* Checkpoint.digest({ acl: "private", "x-cos-meta-a": "1", none: undefined })
      expect(yield* Checkpoint.digest({ "x-cos-meta-a": "1", acl: "private" })).toBe(one)
      expect(yield* Checkpoint.digest({ "x-cos-meta-a": 1, acl: "private" })).not.toBe(one)
    })
  )
})

describe("stores", () => {
  const conformance = Effect.gen(function* () {
    expect(yield* get("one")).toStrictEqual(Option.none())
    expect(yield* list).toStrictEqual([])
    yield* remove("one")
    const long = `two/../${"x".repeat(2000)}`
    yield* set("one", upload)
    yield* set(long, { ...upload, key: "other" })
    yield* set("one", { ...upload, parts: [] })
    expect(yield* get("one")).toStrictEqual(Option.some({ ...upload, parts: [] }))
    expect(Option.map(yield* get(long), ({ key }) => key)).toStrictEqual(Option.some("other"))
    expect(yield* list).toStrictEqual(["one", long])
    yield* remove("one")
    expect(yield* get("one")).toStrictEqual(Option.none())
    expect(yield* list).toStrictEqual([long])
    yield* Effect.forEach(
      Array.from({ length: 50 }, (_, n) => `many${n}`),
      (id) => set(id, upload),
      {
        concurrency: "unbounded",
        discard: true
      }
    )
    expect((yield* list).length).toBe(51)
    yield* Effect.all([set("same", upload), set("same", upload)], { concurrency: "unbounded" })
    expect((yield* list).filter((id) => id === "same")).toStrictEqual(["same"])
  })

  it.effect("memory", () => Effect.provide(conformance, Checkpoint.layerMemory))
  it.effect("directory", () => inDirectory((path) => Effect.provide(conformance, Checkpoint.layerDirectory(path))))

  const damage: ReadonlyArray<readonly [string, (text: string) => string, string]> = [
    ["cut off", (text) => text.slice(0, -20), "damaged"],
    ["empty", () => "", "damaged"],
    ["another value, well-formed", (text) => text.replace('"partNumber":1', '"partNumber":2'), "damaged"],
    ["under another name", (text) => text.replace('"id":"one"', '"id":"two"'), "damaged"],
    ["not ours", () => "[]", "damaged"]
  ]
  for (const [name, change, reason] of damage) {
    it.effect(`what is ${name} counts as absent, said aloud`, () =>
      inDirectory((path, warnings) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          yield* set("one", upload)
          const [file = ""] = yield* fs.readDirectory(path)
          const before = yield* fs.readFileString(`${path}/${file}`)
          expect(change(before)).not.toBe(before)
          yield* fs.writeFileString(`${path}/${file}`, change(before))
          expect(yield* get("one")).toStrictEqual(Option.none())
          expect(warnings).toStrictEqual([new Checkpoint.Unreadable({ id: "one", reason: reason as "damaged" })])
          yield* set("one", upload)
          expect(yield* get("one")).toStrictEqual(Option.some(upload))
        }).pipe(Effect.provide(Checkpoint.layerDirectory(path)))
      )
    )
  }

  it.effect("any truncation counts as absent, never as another value", () =>
    Effect.gen(function* () {
      const texts = yield* KeyValueStore.KeyValueStore
      yield* set("one", upload)
      const text = Option.getOrThrow(yield* texts.get("effect-cos/at/one"))
      for (let length = 0; length < text.length; length += 7) {
        yield* texts.set("effect-cos/at/one", text.slice(0, length))
        expect(yield* get("one")).toStrictEqual(Option.none())
        expect(yield* list).toStrictEqual([])
      }
    }).pipe(
      Effect.provide(Layer.provideMerge(Checkpoint.layerKeyValueStore, KeyValueStore.layerMemory)),
      Effect.provide(Logger.remove(Logger.defaultLogger))
    )
  )

  it.effect("a value of another format counts as absent", () =>
    inDirectory((path, warnings) =>
      Effect.gen(function* () {
        const store = yield* Store
        yield* store.set("one", Schema.Struct({ version: Schema.Number }), { version: 2 })
        expect(yield* get("one")).toStrictEqual(Option.none())
        expect(warnings).toStrictEqual([new Checkpoint.Unreadable({ id: "one", reason: "of another format" })])
      }).pipe(Effect.provide(Checkpoint.layerDirectory(path)))
    )
  )
})

describe("a directory and crashes", () => {
  /** A process that is killed at a step: this step and everything after it does not happen, cleaning up neither. */
  const killedAt = (step: "open" | "write" | "sync" | "rename") =>
    Layer.map(NodeFileSystem.layer, (context) => {
      const fs = Effect.runSync(Effect.provide(FileSystem.FileSystem, context))
      const killed = Effect.fail(
        new PlatformError.SystemError({ reason: "Unknown", module: "FileSystem", method: step, description: "killed" })
      )
      return Effect.runSync(
        Effect.provideService(Effect.context<FileSystem.FileSystem>(), FileSystem.FileSystem, {
          ...fs,
          remove: () => killed,
          rename: step === "rename" ? () => killed : fs.rename,
          open: (path, options) =>
            step === "open"
              ? killed
              : Effect.map(fs.open(path, options), (file) => ({
                  ...file,
                  writeAll: (bytes: Uint8Array) =>
                    step === "write"
                      ? Effect.zipRight(file.writeAll(bytes.subarray(0, 50)), killed)
                      : file.writeAll(bytes),
                  sync: step === "sync" ? killed : file.sync
                }))
        })
      )
    })

  for (const step of ["open", "write", "sync", "rename"] as const) {
    it.effect(`killed at ${step}: the old value is there, whole`, () =>
      inDirectory((path, warnings) =>
        Effect.gen(function* () {
          const layer = Checkpoint.layerDirectory(path)
          yield* Effect.provide(set("one", upload), layer)
          const crash = set("one", { ...upload, parts: [] }).pipe(Effect.provide(Layer.provide(layer, killedAt(step))))
          expect(Exit.isFailure(yield* Effect.exit(crash))).toBe(true)

          const fs = yield* FileSystem.FileSystem
          expect((yield* fs.readDirectory(path)).length).toBe(step === "open" ? 1 : 2)
          yield* Effect.gen(function* () {
            expect(yield* get("one")).toStrictEqual(Option.some(upload))
            expect(yield* list).toStrictEqual(["one"])
          }).pipe(Effect.provide(layer))

          // Somebody else may be writing that file just now, until it is an hour old.
          yield* TestClock.setTime(Date.now())
          yield* Effect.provide(list, layer)
          expect((yield* fs.readDirectory(path)).length).toBe(step === "open" ? 1 : 2)
          yield* TestClock.adjust("2 hours")
          yield* Effect.provide(list, layer)
          expect((yield* fs.readDirectory(path)).length).toBe(1)
          expect(warnings).toStrictEqual([])
        })
      )
    )
  }

  /** Runs `self` by a clock on the wall that stands still; time goes on as it did. */
  const byWallClock = <A, E, R>(millis: number, self: Effect.Effect<A, E, R>) =>
    Effect.clockWith((clock) =>
      Effect.withClock(self, {
        [Clock.ClockTypeId]: Clock.ClockTypeId,
        unsafeCurrentTimeMillis: () => millis,
        unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
        currentTimeMillis: Effect.succeed(millis),
        currentTimeNanos: clock.currentTimeNanos,
        sleep: (duration) => clock.sleep(duration)
      })
    )

  it.scoped("the lease of a living process stays, though the clock is set forward", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const layer = Checkpoint.layerDirectory(path)
        const { lease } = yield* Effect.provide(Store, layer)
        yield* lease?.("one", { ifRunning: "refuse" }) ?? Effect.dieMessage("no lease")
        const before = yield* fs.readDirectory(path)
        expect(before.length).toBe(1)
        yield* byWallClock(Date.now() + Duration.toMillis("2 hours"), Effect.provide(list, layer))
        expect(yield* fs.readDirectory(path)).toStrictEqual(before)
      })
    )
  )

  it.effect("a failed write leaves no file behind, and is typed", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const failing = Layer.succeed(FileSystem.FileSystem, {
          ...fs,
          rename: () =>
            Effect.fail(new PlatformError.SystemError({ reason: "Busy", module: "FileSystem", method: "rename" }))
        })
        const layer = Layer.provide(Checkpoint.layerDirectory(path), failing)
        expect(yield* Effect.flip(Effect.provide(set("one", upload), layer))).toMatchObject({
          _tag: "CheckpointError",
          operation: "set",
          cause: { reason: "Busy" }
        })
        expect(yield* fs.readDirectory(path)).toStrictEqual([])
      })
    )
  )

  it.effect("a write is finished before an interruption is answered", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const written = yield* Deferred.make<void>()
        const goOn = yield* Deferred.make<void>()
        const slow = Layer.succeed(FileSystem.FileSystem, {
          ...fs,
          rename: (from, to) =>
            Deferred.succeed(written, undefined).pipe(
              Effect.zipRight(Deferred.await(goOn)),
              Effect.zipRight(fs.rename(from, to))
            )
        })
        const fiber = yield* Effect.fork(
          Effect.provide(set("one", upload), Layer.provide(Checkpoint.layerDirectory(path), slow))
        )
        yield* Deferred.await(written)
        yield* Fiber.interruptFork(fiber)
        yield* Effect.yieldNow()
        yield* Deferred.succeed(goOn, undefined)
        yield* Fiber.await(fiber)
        expect(yield* Effect.provide(get("one"), Checkpoint.layerDirectory(path))).toStrictEqual(Option.some(upload))
        expect((yield* fs.readDirectory(path)).length).toBe(1)
      })
    )
  )

  it.effect("many writers of one id: one of their values, whole", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const values = Array.from({ length: 20 }, (_, n) => ({ ...upload, key: `${n}`.repeat(5000) }))
        yield* Effect.forEach(
          values,
          (value) => Effect.provide(set("one", value), Layer.fresh(Checkpoint.layerDirectory(path))),
          { concurrency: "unbounded", discard: true }
        )
        const found = Option.getOrThrow(yield* Effect.provide(get("one"), Checkpoint.layerDirectory(path)))
        expect(values).toContainEqual(found)
        expect((yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(path))).length).toBe(1)
      })
    )
  )
})

describe("journal", () => {
  const counting = Effect.gen(function* () {
    const store = yield* Store
    const writes = yield* Ref.make(0)
    const failing = yield* Ref.make(false)
    const service: Checkpoint.Store.Service = {
      ...store,
      set: (id, schema, value) =>
        Effect.flatMap(Ref.get(failing), (fails) =>
          fails
            ? new CheckpointError({ operation: "set", id, reason: "the disk is full" })
            : Effect.zipRight(
                Ref.update(writes, (n) => n + 1),
                store.set(id, schema, value)
              )
        )
    }
    const journal = Effect.provideService(Checkpoint.journal("one", Checkpoint.Upload), Store, service)
    return { writes, failing, journal }
  })

  it.scoped("writes the last of many values, once an interval", () =>
    Effect.gen(function* () {
      const { journal, writes } = yield* counting
      const { note, flush } = yield* journal
      for (let partNumber = 1; partNumber <= 100; partNumber++) {
        yield* note({ ...upload, parts: [{ partNumber, eTag: "e", size: 1 }] })
      }
      expect(yield* Ref.get(writes)).toBe(0)
      yield* TestClock.adjust("1 second")
      expect(yield* Ref.get(writes)).toBe(1)
      expect(Option.getOrThrow(yield* get("one")).parts[0]?.partNumber).toBe(100)
      yield* TestClock.adjust("1 minute")
      yield* flush
      expect(yield* Ref.get(writes)).toBe(1)
      yield* note(upload)
      yield* flush
      expect(yield* get("one")).toStrictEqual(Option.some(upload))
    }).pipe(Effect.provide(Checkpoint.layerMemory))
  )

  it.effect("closing its scope writes what is noted, also by interruption", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        Effect.scoped(
          Effect.gen(function* () {
            const { note } = yield* Checkpoint.journal("one", Checkpoint.Upload)
            yield* note(upload)
            yield* Effect.never
          })
        )
      )
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(fiber)
      expect(yield* get("one")).toStrictEqual(Option.some(upload))
    }).pipe(Effect.provide(Checkpoint.layerMemory))
  )

  it.effect("what was discarded does not come back", () =>
    Effect.gen(function* () {
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { discard, note } = yield* Checkpoint.journal("one", Checkpoint.Upload)
          yield* note(upload)
          yield* TestClock.adjust("1 second")
          yield* note({ ...upload, parts: [] })
          yield* discard
          yield* TestClock.adjust("1 minute")
        })
      )
      expect(yield* get("one")).toStrictEqual(Option.none())
    }).pipe(Effect.provide(Checkpoint.layerMemory))
  )

  it.scoped("a failed write breaks nothing and is made up for", () =>
    Effect.gen(function* () {
      const { failing, journal } = yield* counting
      const { flush, note } = yield* journal
      yield* Ref.set(failing, true)
      yield* note(upload)
      yield* Effect.provide(TestClock.adjust("1 second"), Logger.remove(Logger.defaultLogger))
      expect(yield* Effect.flip(flush)).toMatchObject({ reason: "the disk is full" })
      yield* Ref.set(failing, false)
      yield* TestClock.adjust("1 second")
      expect(yield* get("one")).toStrictEqual(Option.some(upload))
    }).pipe(Effect.provide(Checkpoint.layerMemory))
  )
})
