/** A queue that survives its process, and what it never writes down. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import { withBucket } from "effect-cos/CosClient"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

type Queue = TransferQueue.TransferQueue.Service

const data = content(5 * MiB)
const always = Number.POSITIVE_INFINITY
const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const

/** One store for all queues of a test; what it holds can be read. */
const world = Effect.provide(
  Layer.merge(World.inProcess(), Layer.provideMerge(Checkpoint.layerKeyValueStore, KeyValueStore.layerMemory))
)

const prepared = Effect.gen(function* () {
  const disk = yield* Disk
  disk.put("/data", data)
  yield* Cos.putObject({ key: "source", body: data })
  for (const operation of ["uploadPart", "getObject", "uploadPartCopy"]) {
    yield* (yield* Emulator).fault({ on: { operation, times: always }, do: Fault.delay("2 seconds") })
  }
  return disk
})

/** A process that has a queue, runs, and ends as its scope closes. */
const process = <A, E, R>(self: (queue: Queue) => Effect.Effect<A, E, R>, options?: TransferQueue.Options) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const queue = yield* TransferQueue.make(options).pipe(Scope.extend(scope))
    const result = yield* self(queue)
    yield* drive(Scope.close(scope, Exit.void), "1 millis")
    return result
  })

const states = (queue: Queue) =>
  Effect.map(queue.list, (entries) => entries.map(({ input, kind, state }) => `${kind} ${input.key} ${state}`))

const keptIds = Effect.flatMap(Checkpoint.Store, ({ list }) =>
  Effect.map(list, (ids) => ids.filter((id) => id.startsWith("queue-")))
)

const allDone = (queue: Queue) =>
  drive(
    Effect.flatMap(queue.list, (entries) =>
      Effect.forEach(entries, ({ id }) => Effect.flatMap(queue.get(id), (ticket) => Option.getOrThrow(ticket).await))
    )
  )

describe("a queue whose process ends", () => {
  it.scoped("continues in the next process without sending acknowledged parts again", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* process(
        (queue) =>
          Effect.gen(function* () {
            yield* queue.upload({ key: "up", path: "/data", metadata: { author: "ada" } }, inParts)
            yield* queue.download(
              { key: "source", path: "/out", ifModifiedSince: new Date(-1000) },
              { partSize: MiB, concurrency: 1 }
            )
            yield* queue.copy({ key: "copy", source: { key: "source" } }, inParts)
            yield* queue.upload({ key: "later", path: "/data" }, { ...inParts, partSize: FileSystem.MiB(1) })
            yield* TestClock.adjust("5 seconds")
          }),
        { concurrency: 3 }
      )
      expect((yield* World.unfinishedUploads).length).toBe(2)
      const asked = (yield* World.requests()).length
      yield* TestClock.adjust("1 hour")
      expect((yield* World.requests()).length).toBe(asked)
      yield* (yield* Emulator).clearJournal

      yield* process(
        (queue) =>
          Effect.gen(function* () {
            yield* TestClock.adjust("1 second")
            expect(yield* states(queue)).toEqual([
              "upload up transferring",
              "download source transferring",
              "copy copy transferring",
              "upload later waiting"
            ])
            const [up, down, copy, later] = yield* allDone(queue)
            expect(up).toMatchObject({ parts: 5, resumedParts: 2 })
            expect(down).toMatchObject({ parts: 5, resumedParts: 2 })
            expect(copy).toMatchObject({ parts: 5, resumedParts: 2 })
            expect(later).toMatchObject({ parts: 5, resumedParts: 0 })
          }),
        { concurrency: 3 }
      )
      const sent = yield* World.requests("uploadPart")
      expect(sent.filter(({ key }) => key === "up").map(({ partNumber }) => partNumber)).toEqual([3, 4, 5])
      expect((yield* World.requests("uploadPartCopy")).length).toBe(3)
      expect((yield* World.requests("getObject")).length).toBe(3)
      expect((yield* Cos.headObject({ key: "up" })).metadata).toEqual({ author: "ada" })
      for (const key of ["up", "copy", "later"]) yield* World.expectStored(key, data)
      expect(disk.paths).toEqual(["/data", "/out"])
      expect(firstDifference(disk.bytes("/out") ?? new Uint8Array(0), data)).toBeUndefined()
      expect(yield* World.unfinishedUploads).toEqual([])
      // Nothing is remembered of what is over.
      expect(yield* Effect.flatMap(Checkpoint.Store, ({ list }) => list)).toEqual([])
      yield* process((queue) => Effect.map(queue.list, (entries) => expect(entries).toEqual([])))
    }).pipe(world)
  )

  it.scoped("paused transfers stay paused, failed ones are tried again, finished ones do not come back", () =>
    Effect.gen(function* () {
      yield* prepared
      const left = process(
        (queue) =>
          Effect.gen(function* () {
            const refused = {
              on: { operation: "uploadPart", key: "failed", nth: 2 },
              do: Fault.status(403, { code: "AccessDenied" })
            }
            yield* World.fault(refused)
            const upload = (key: string) => queue.upload({ key, path: "/data" }, inParts)
            const paused = yield* upload("paused")
            const failed = yield* upload("failed")
            const cancelled = yield* upload("cancelled")
            yield* upload("running")
            const done = yield* queue.copy({ key: "done", source: { key: "source" } })
            yield* TestClock.adjust("5 seconds")
            yield* drive(Effect.all([paused.pause, cancelled.cancel, done.await]), "1 millis")
            expect((yield* Effect.flip(failed.await))._tag).toBe("AccessDenied")
          }),
        { concurrency: 5 }
      )
      yield* left
      const ids = yield* keptIds
      expect(ids.length).toBe(3)

      // Only looked at: still as they were.
      yield* process(
        (queue) =>
          Effect.gen(function* () {
            expect(yield* states(queue)).toEqual([
              "upload paused paused",
              "upload failed paused",
              "upload running paused"
            ])
            yield* TestClock.adjust("1 minute")
            expect(yield* states(queue)).toEqual([
              "upload paused paused",
              "upload failed paused",
              "upload running paused"
            ])
          }),
        { restore: "paused" }
      )
      expect(yield* keptIds).toEqual(ids)

      yield* process((queue) =>
        Effect.gen(function* () {
          yield* TestClock.adjust("1 second")
          const [paused, failed, running] = yield* queue.list
          expect([paused?.state, failed?.state, running?.state]).toEqual(["paused", "transferring", "transferring"])
          yield* queue.resumeAll
          expect(yield* allDone(queue)).toMatchObject([{ resumedParts: 2 }, { resumedParts: 1 }, { resumedParts: 2 }])
        })
      )
      expect(yield* keptIds).toEqual([])
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scoped("restored transfers can be cancelled or removed before they run, and nothing is left", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* process((queue) =>
        Effect.gen(function* () {
          yield* queue.upload({ key: "a", path: "/data" }, inParts)
          yield* queue.download({ key: "source", path: "/out" }, { partSize: MiB, concurrency: 1 })
          yield* TestClock.adjust("5 seconds")
        })
      )
      expect((yield* World.unfinishedUploads).length).toBe(1)
      expect(disk.paths.length).toBe(2)
      yield* process(
        (queue) =>
          Effect.gen(function* () {
            const [upload, download] = yield* queue.list
            // It is in somebody's hands.
            expect((yield* Upload.abortUnfinished()).skipped).toMatchObject([{ reason: "inUse" }])
            yield* drive(queue.cancel(upload?.id ?? ""))
            yield* drive(queue.remove(download?.id ?? ""))
          }),
        { restore: "paused" }
      )
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(disk.paths).toEqual(["/data"])
      expect(yield* keptIds).toEqual([])
    }).pipe(world)
  )

  it.scoped("keeps the bucket that was in effect at submission", () =>
    Effect.gen(function* () {
      yield* prepared
      const other = "other-1250000000"
      yield* (yield* Emulator).createBucket(other)
      yield* process((queue) => withBucket(queue.upload({ key: "a", path: "/data" }, inParts), other))
      yield* process(allDone)
      expect(yield* Effect.flatMap(Emulator, ({ bytes }) => bytes(other, "a"))).toHaveLength(data.byteLength)
    }).pipe(world)
  )

  it.scoped("queues of different names know nothing of each other", () =>
    Effect.gen(function* () {
      yield* prepared
      const submit = (name: string) =>
        process((queue) => queue.upload({ key: name, path: "/data" }, inParts), { name, restore: "paused" })
      yield* submit("a")
      yield* submit("a-b")
      yield* process((queue) => Effect.map(states(queue), (all) => expect(all).toEqual(["upload a paused"])), {
        name: "a",
        restore: "paused"
      })
      yield* process((queue) => Effect.map(states(queue), (all) => expect(all).toEqual(["upload a-b paused"])), {
        name: "a-b",
        restore: "paused"
      })
      yield* process((queue) => Effect.map(states(queue), (all) => expect(all).toEqual([])))
    }).pipe(world)
  )

  it.scoped("ids stay unique, and the order of submission is kept", () =>
    Effect.gen(function* () {
      yield* prepared
      const keys = Array.from({ length: 12 }, (_, i) => `k${i}`)
      yield* process(
        (queue) =>
          Effect.gen(function* () {
            for (const key of keys) {
              yield* queue.upload({ key, path: "/data" }, inParts)
              if (key === "k5") yield* TestClock.adjust("1 millis")
            }
          }),
        { concurrency: 1 }
      )
      yield* process(
        (queue) =>
          Effect.gen(function* () {
            yield* queue.upload({ key: "new", path: "/data" }, inParts)
            const entries = yield* queue.list
            expect(entries.map(({ input }) => input.key)).toEqual([...keys, "new"])
            expect(new Set(entries.map(({ id }) => id)).size).toBe(13)
          }),
        { restore: "paused" }
      )
    }).pipe(world)
  )

  it.scoped("stores no customer key, and cancels the transfers that would need one", () =>
    Effect.gen(function* () {
      yield* prepared
      const secret = new Uint8Array(32).fill(0x5a)
      yield* process((queue) =>
        Effect.gen(function* () {
          yield* queue.upload({ key: "a", path: "/data", customerKey: Redacted.make(secret) }, inParts)
          yield* queue.copy({ key: "b", source: { key: "source" }, sourceCustomerKey: Redacted.make(secret) }, inParts)
          yield* TestClock.adjust("5 seconds")
          expect(yield* keptIds).toEqual([])
          const texts = yield* Effect.flatMap(Checkpoint.Store, (store) =>
            Effect.flatMap(store.list, (ids) => Effect.forEach(ids, (id) => store.get(id, Schema.Unknown)))
          )
          const written = JSON.stringify([texts, yield* queue.list], (_, value) =>
            typeof value === "bigint" ? String(value) : value
          )
          expect(written).toContain("uploadId")
          expect(written).not.toContain(Buffer.from(secret).toString("base64"))
          expect(written).not.toContain("90,90")
        })
      )
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* process((queue) => Effect.map(queue.list, (entries) => expect(entries).toEqual([])))
    }).pipe(world)
  )

  it.scoped("leaves stored entries alone that it cannot read", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* process((queue) => queue.upload({ key: "a", path: "/data" }, inParts), { restore: "paused" })
      const [id] = yield* keptIds
      const store = yield* Checkpoint.Store
      yield* store.set(id ?? "", Schema.Struct({ version: Schema.Number }), { version: 2 })
      yield* process((queue) => Effect.map(queue.list, (entries) => expect(entries).toEqual([])))
      expect(yield* keptIds).toEqual([id])
    }).pipe(world)
  )

  const tampered: ReadonlyArray<readonly [name: string, change: (stored: any) => unknown, reason: string]> = [
    ["a path that is no text", (stored) => ({ ...stored, input: { ...stored.input, path: 42 } }), "path"],
    ["a relative path", (stored) => ({ ...stored, input: { ...stored.input, path: "data" } }), "not absolute"],
    ["no key", (stored) => ({ ...stored, input: { path: "/data" } }), "key"],
    ["a key of a customer", (stored) => ({ ...stored, input: { ...stored.input, customerKey: "a" } }), "customerKey"],
    ["metadata that are none", (stored) => ({ ...stored, input: { ...stored.input, metadata: 5 } }), "metadata"],
    ["options that are none", (stored) => ({ ...stored, options: { partSize: "large" } }), "partSize"],
    ["an option's word that is none", (stored) => ({ ...stored, options: { integrity: "none" } }), "integrity"],
    ["a kind that is none", (stored) => ({ ...stored, kind: "move" }), "kind"],
    ["another queue's name", (stored) => ({ ...stored, queue: "other" }), "other"],
    ["nothing of it", () => [], "version"]
  ]
  it.scoped("takes up nothing that it would not have written, says why, and runs the others", () =>
    Effect.gen(function* () {
      yield* prepared
      const store = yield* Checkpoint.Store
      for (const [name, change, reason] of tampered) {
        yield* process(
          (queue) =>
            Effect.all([queue.upload({ key: "bad", path: "/data" }), queue.upload({ key: "good", path: "/data" })]),
          { restore: "paused" }
        )
        const [bad = ""] = yield* keptIds
        const stored = Option.getOrThrow(yield* store.get(bad, Schema.Unknown))
        yield* store.set(bad, Schema.Unknown, change(stored))
        yield* process((queue) =>
          Effect.gen(function* () {
            expect(
              (yield* queue.list).map(({ input }) => input.key),
              name
            ).toEqual(["good"])
            const [entry, ...more] = yield* queue.unreadable
            expect(more).toEqual([])
            expect(bad).toContain(entry?.id)
            expect(entry?.reason, name).toContain(reason)
            yield* allDone(queue)
            expect(yield* keptIds).toEqual([bad])
            expect(yield* queue.remove(entry?.id ?? "")).toBe(true)
            expect(yield* queue.unreadable).toEqual([])
            expect(yield* queue.remove(entry?.id ?? "")).toBe(false)
          })
        )
        expect(yield* keptIds).toEqual([])
      }
      const headers = { cacheControl: 5 }
      yield* process((queue) => queue.upload({ key: "bad", path: "/data" }), { restore: "paused" })
      const [bad = ""] = yield* keptIds
      const stored = Option.getOrThrow(yield* store.get(bad, Schema.Any))
      yield* store.set(bad, Schema.Unknown, { ...stored, input: { ...stored.input, ...headers } })
      yield* process((queue) =>
        Effect.gen(function* () {
          const [entry] = yield* queue.list
          const ticket = Option.getOrThrow(yield* queue.get(entry?.id ?? ""))
          // What the operation checks fails the transfer, typed.
          expect((yield* drive(Effect.flip(ticket.await)))._tag).toBe("InvalidInput")
        })
      )
    }).pipe(world)
  )

  it.scopedLive("goes on in another working directory, with the same files", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const [here, there] = [yield* fs.makeTempDirectoryScoped(), yield* fs.makeTempDirectoryScoped()]
      const before = globalThis.process.cwd()
      yield* Effect.addFinalizer(() => Effect.sync(() => globalThis.process.chdir(before)))
      yield* fs.writeFile(`${here}/data`, data)
      yield* fs.writeFile(`${there}/data`, content(1000, 2))
      yield* Cos.putObject({ key: "source", body: data })
      const store = Effect.provide(Checkpoint.layerDirectory(`${here}/state`))
      yield* Effect.sync(() => globalThis.process.chdir(here))
      yield* Effect.gen(function* () {
        const queue = yield* TransferQueue.make({ concurrency: 1 })
        const silence = yield* (yield* Emulator).fault({ on: { operation: "copyObject" }, do: Fault.silence() })
        yield* queue.copy({ key: "first", source: { key: "source" } })
        yield* queue.upload({ key: "up", path: "data" })
        yield* queue.download({ key: "source", path: "./out" })
        yield* Effect.repeat(Effect.yieldNow(), { until: () => true })
        yield* silence.remove
      }).pipe(Effect.scoped, store)
      yield* Effect.sync(() => globalThis.process.chdir(there))
      yield* Effect.gen(function* () {
        const queue = yield* TransferQueue.make()
        for (const { id } of yield* queue.list) yield* Option.getOrThrow(yield* queue.get(id)).await
      }).pipe(Effect.scoped, store)
      yield* World.expectStored("up", data)
      expect(yield* fs.readDirectory(there)).toEqual(["data"])
      expect(firstDifference(yield* fs.readFile(`${here}/out`), data)).toBeUndefined()
    }).pipe(Effect.provide(Layer.merge(World.onPort(), NodeFileSystem.layer)))
  )

  it.scopedLive("does the same with a store of files", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const path = `${directory}/data`
      yield* fs.writeFile(path, data)
      const emulator = yield* Emulator
      const silence = yield* emulator.fault({
        on: { operation: "uploadPart", nth: 3, times: always },
        do: Fault.silence()
      })
      const store = Effect.provide(Checkpoint.layerDirectory(`${directory}/state`))
      const first = Effect.gen(function* () {
        const queue = yield* TransferQueue.make()
        yield* queue.upload({ key: "a", path }, inParts)
        yield* Effect.repeat(Effect.zipRight(Effect.sleep("5 millis"), silence.fired), { until: (fired) => fired > 0 })
      })
      yield* first.pipe(Effect.scoped, store)
      yield* silence.remove
      const second = Effect.gen(function* () {
        const queue = yield* TransferQueue.make()
        const [entry] = yield* queue.list
        const ticket = Option.getOrThrow(yield* queue.get(entry?.id ?? ""))
        expect(yield* ticket.await).toMatchObject({ resumedParts: 2 })
      })
      yield* second.pipe(Effect.scoped, store)
      expect(yield* fs.readDirectory(`${directory}/state`)).toEqual([])
      yield* World.expectStored("a", data)
    }).pipe(Effect.provide(Layer.merge(World.onPort(), NodeFileSystem.layer)))
  )
})
