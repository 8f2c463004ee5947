/** The queue: its limits, its list, and its end. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as TransferQueue from "effect-cos/TransferQueue"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, timed } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

type Queue = TransferQueue.TransferQueue.Service

const data = content(3 * MiB)
const always = Number.POSITIVE_INFINITY
const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const

const world = Effect.provide(World.inProcess())

const slow = (operation: string) => World.fault({ on: { operation, times: always }, do: Fault.delay("2 seconds") })

const prepared = Effect.flatMap(Disk, (disk) => {
  disk.put("/data", data)
  return Cos.putObject({ key: "source", body: data })
})

const upload = (queue: Queue, key: string) => queue.upload({ key, path: "/data" }, inParts)

const states = (queue: Queue) =>
  Effect.map(queue.list, (entries) => entries.map(({ input, state }) => `${input.key} ${state}`))

describe("the queue", () => {
  it.scoped("starts transfers in order of submission up to the concurrency, which can change", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const queue = yield* TransferQueue.make({ concurrency: 2 })
      const tickets = yield* Effect.forEach(["a", "b", "c", "d", "e", "f"], (key) => upload(queue, key))
      yield* TestClock.adjust("1 second")
      const of = (running: number, done = 0) =>
        ["a", "b", "c", "d", "e", "f"].map(
          (key, i) => `${key} ${i < done ? "succeeded" : i < done + running ? "transferring" : "waiting"}`
        )
      expect(yield* states(queue)).toEqual(of(2))
      yield* queue.setConcurrency(4)
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(of(4))
      expect(yield* queue.concurrency).toBe(4)
      // Those that run go on.
      yield* queue.setConcurrency(1)
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(of(4))
      yield* TestClock.adjust("6 seconds")
      expect(yield* states(queue)).toEqual(of(1, 4))
      yield* drive(Effect.forEach(tickets, ({ await: end }) => end))
      expect((yield* World.requests("initiateMultipartUpload")).map(({ key }) => key)).toEqual([
        "a",
        "b",
        "c",
        "d",
        "e",
        "f"
      ])
      for (const concurrency of [0, 1.5, 1025]) {
        expect(yield* Effect.flip(queue.setConcurrency(concurrency))).toMatchObject({ field: "concurrency" })
      }
    }).pipe(world)
  )

  it.scoped("pauses, resumes, cancels and removes each by its id, or all", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const queue = yield* TransferQueue.make({ concurrency: 2 })
      const [a, b, c] = yield* Effect.all([upload(queue, "a"), upload(queue, "b"), upload(queue, "c")])
      yield* TestClock.adjust("1 second")

      // None begins because others stop.
      yield* drive(queue.pauseAll, "1 millis")
      expect(yield* states(queue)).toEqual(["a paused", "b paused", "c paused"])
      expect((yield* World.requests("initiateMultipartUpload")).length).toBe(2)
      expect(yield* queue.resume(c.id)).toBe(true)
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(["a paused", "b paused", "c transferring"])
      yield* queue.resumeAll
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(["a transferring", "b waiting", "c transferring"])
      expect(yield* drive(queue.pause(a.id), "1 millis")).toBe(true)
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(["a paused", "b transferring", "c transferring"])

      expect(yield* drive(queue.cancel(a.id), "1 millis")).toBe(true)
      expect(yield* drive(queue.remove(b.id), "1 millis")).toBe(true)
      expect(yield* states(queue)).toEqual(["a cancelled", "c transferring"])
      expect((yield* Effect.flip(b.await))._tag).toBe("TransferCancelled")
      const unknown = yield* Effect.forEach([queue.pause, queue.resume, queue.cancel, queue.remove], (act) => act(b.id))
      expect(unknown).toEqual([false, false, false, false])
      expect(yield* queue.get(b.id)).toEqual(Option.none())
      expect(Option.map(yield* queue.get(c.id), ({ id }) => id)).toEqual(Option.some(c.id))

      yield* upload(queue, "d")
      yield* upload(queue, "e")
      yield* TestClock.adjust("1 second")
      yield* drive(queue.cancelAll, "1 millis")
      expect(yield* states(queue)).toEqual(["a cancelled", "c cancelled", "d cancelled", "e cancelled"])
      yield* upload(queue, "f")
      yield* queue.removeFinished
      expect(yield* states(queue)).toEqual(["f checking"])
      yield* drive(queue.removeAll, "1 millis")
      expect(yield* queue.list).toEqual([])
      expect(yield* World.unfinishedUploads).toEqual([])
      expect((yield* World.asked).completeMultipartUpload).toBeUndefined()
    }).pipe(world)
  )

  const endings: { readonly [name: string]: (queue: Queue, close: Effect.Effect<void>) => Effect.Effect<void> } = {
    pauseAll: ({ pauseAll }) => pauseAll,
    cancelAll: ({ cancelAll }) => cancelAll,
    removeAll: ({ removeAll }) => removeAll,
    "the end of its scope": (_, close) => close
  }
  for (const [name, end] of Object.entries(endings)) {
    it.scoped(`${name} lets none begin because others stop`, () =>
      Effect.gen(function* () {
        yield* prepared
        yield* slow("uploadPart")
        const scope = yield* Scope.make()
        const queue = yield* TransferQueue.make({ concurrency: 2 }).pipe(Scope.extend(scope))
        // The first and the last are running, so many that they have stopped before all others have been told.
        const keys = Array.from({ length: 150 }, (_, i) => `k${i}`)
        const [first, ...others] = yield* Effect.forEach(keys, (key) => upload(queue, key))
        yield* drive(queue.pauseAll, "1 millis")
        yield* (yield* Emulator).clearJournal
        for (const ticket of [first, others.at(-1)]) yield* ticket?.resume ?? Effect.void
        yield* TestClock.adjust("1 second")
        yield* queue.resumeAll
        yield* drive(end(queue, Scope.close(scope, Exit.void)), "1 millis")
        yield* TestClock.adjust("1 minute")
        const begun = (yield* World.requests()).filter(({ operation }) => operation !== "abortMultipartUpload")
        expect(new Set(begun.map(({ key }) => key))).toEqual(new Set(["k0", "k149"]))
        yield* drive(Scope.close(scope, Exit.void))
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(world)
    )
  }

  it.scoped("remembers only the last finished transfers", () =>
    Effect.gen(function* () {
      yield* prepared
      const queue = yield* TransferQueue.make({ keepFinished: 2, concurrency: 1 })
      yield* World.fault({ on: { operation: "uploadPart", nth: 2 }, do: Fault.status(403, { code: "AccessDenied" }) })
      const failed = yield* upload(queue, "a")
      yield* drive(Effect.flip(failed.await))
      expect((yield* World.unfinishedUploads).length).toBe(1)
      yield* drive(Effect.flatMap(upload(queue, "b"), ({ await: end }) => end))
      expect(yield* states(queue)).toEqual(["a failed", "b succeeded"])
      yield* drive(Effect.flatMap(upload(queue, "c"), ({ await: end }) => end))
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(["b succeeded", "c succeeded"])
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* drive(Effect.flatMap(upload(queue, "d"), ({ await: end }) => end))
      yield* TestClock.adjust("1 second")
      expect(yield* states(queue)).toEqual(["c succeeded", "d succeeded"])
    }).pipe(world)
  )

  it.scoped("resumes a failed transfer without sending acknowledged parts again", () =>
    Effect.gen(function* () {
      yield* prepared
      const queue = yield* TransferQueue.make()
      yield* World.fault({ on: { operation: "uploadPart", nth: 3 }, do: Fault.status(403, { code: "AccessDenied" }) })
      const ticket = yield* upload(queue, "a")
      yield* drive(Effect.flip(ticket.await))
      const [entry] = yield* queue.list
      expect(entry).toMatchObject({ state: "failed", exit: { _tag: "Failure" }, progress: { transferred: 2 * MiB } })
      yield* queue.resumeAll
      expect(yield* queue.list).toMatchObject([{ state: "waiting", exit: undefined }])
      expect(yield* drive(ticket.await)).toMatchObject({ resumedParts: 2 })
      expect(yield* World.partsSent).toEqual([1, 2, 3, 3])
    }).pipe(world)
  )

  it.scoped("a waiting transfer is paused at once, whatever it did before", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({
        on: { operation: "completeMultipartUpload", key: "a", times: always },
        do: Fault.silence()
      })
      yield* slow("uploadPart")
      const queue = yield* TransferQueue.make({ concurrency: 1 })
      const a = yield* upload(queue, "a")
      yield* TestClock.adjust("7 seconds")
      // Its last request is under way: waited for, and then, as of any upload that is interrupted, once more.
      expect((yield* drive(timed(a.pause), "1 second")).millis).toBe(10_000)
      yield* upload(queue, "b")
      yield* TestClock.adjust("1 second")
      yield* a.resume
      expect(yield* states(queue)).toEqual(["a waiting", "b transferring"])
      expect((yield* drive(timed(a.pause), "1 second")).millis).toBe(0)
      yield* drive(queue.removeAll)
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )

  it.scoped("reports changes at intervals, and always the last one", () =>
    Effect.gen(function* () {
      yield* prepared
      const scope = yield* Scope.make()
      const queue = yield* TransferQueue.make({ changesInterval: "1 second" }).pipe(Scope.extend(scope))
      const told: Array<ReadonlyArray<string>> = []
      const listening = yield* Effect.fork(
        Stream.runForEach(queue.changes, (entries) =>
          Effect.sync(() => told.push(entries.map(({ input, state }) => `${input.key} ${state}`)))
        )
      )
      yield* TestClock.adjust(0)
      expect(told).toEqual([[]])
      // A hundred changes and more.
      yield* Effect.forEach(
        Array.from({ length: 30 }, (_, i) => `k${i}`),
        (key) => queue.upload({ key, path: "/data" })
      )
      yield* TestClock.adjust("10 seconds")
      expect(told.length).toBeLessThanOrEqual(3)
      expect(told.at(-1)).toEqual(Array.from({ length: 30 }, (_, i) => `k${i} succeeded`))
      const before = told.length
      yield* TestClock.adjust("1 hour")
      expect(told.length).toBe(before)
      yield* drive(Scope.close(scope, Exit.void))
      expect(yield* drive(Fiber.await(listening))).toEqual(Exit.void)
      // Also to those who come late.
      expect((yield* drive(Stream.runCollect(queue.changes))).length).toBe(2)
    }).pipe(world)
  )

  it.scoped("one limit for the parts of all transfers", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const queue = yield* TransferQueue.make({ concurrency: { files: 3, totalParts: 1 } })
      const tickets = yield* Effect.forEach(["a", "b", "c"], (key) => upload(queue, key))
      for (let parts = 1; parts <= 9; parts++) {
        yield* TestClock.adjust(parts === 1 ? "1 second" : "2 seconds")
        expect((yield* World.partsSent).length).toBe(parts)
      }
      yield* drive(Effect.forEach(tickets, ({ await: end }) => end))
    }).pipe(world)
  )

  it.scoped("a queue that closes leaves nothing behind, whatever its transfers were doing", () =>
    Effect.gen(function* () {
      yield* prepared
      const disk = yield* Disk
      yield* slow("uploadPart")
      yield* slow("getObject")
      yield* slow("uploadPartCopy")
      const scope = yield* Scope.make()
      const queue = yield* TransferQueue.make({ concurrency: 4 }).pipe(Scope.extend(scope))
      yield* World.fault({
        on: { operation: "uploadPart", key: "failed" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      const failed = yield* upload(queue, "failed")
      const paused = yield* upload(queue, "paused")
      yield* TestClock.adjust("3 seconds")
      yield* drive(paused.pause, "1 millis")
      yield* upload(queue, "running")
      yield* queue.download({ key: "source", path: "/out" }, { partSize: MiB, concurrency: 1 })
      yield* queue.copy({ key: "copy", source: { key: "source" } }, inParts)
      yield* upload(queue, "another")
      const waiting = yield* upload(queue, "waiting")
      yield* TestClock.adjust("3 seconds")
      expect(yield* states(queue)).toEqual([
        "failed failed",
        "paused paused",
        "running transferring",
        "source transferring",
        "copy transferring",
        "another transferring",
        "waiting waiting"
      ])
      expect((yield* World.unfinishedUploads).length).toBe(5)
      yield* drive(Scope.close(scope, Exit.void))
      expect(yield* World.unfinishedUploads).toEqual([])
      expect(disk.paths).toEqual(["/data"])
      expect((yield* Effect.flip(waiting.await))._tag).toBe("TransferCancelled")
      expect((yield* Effect.flip(failed.await))._tag).toBe("AccessDenied")
      const asked = (yield* World.requests()).length
      yield* waiting.resume
      yield* TestClock.adjust("1 hour")
      expect((yield* World.requests()).length).toBe(asked)
      expect((yield* World.requests()).some(({ key }) => key === "waiting")).toBe(false)
    }).pipe(world)
  )

  it.scoped("is also a layer, and refuses invalid limits", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* Effect.gen(function* () {
        const ticket = yield* upload(yield* TransferQueue.TransferQueue, "a")
        yield* drive(ticket.await)
      }).pipe(Effect.provide(TransferQueue.layer({ concurrency: 1 })))
      yield* World.expectStored("a", data)
      for (const [field, concurrency] of [
        ["concurrency", 0],
        ["concurrency.totalParts", { totalParts: 0 }]
      ] as const) {
        const error = yield* Effect.flip(TransferQueue.make({ concurrency }))
        expect(error).toMatchObject({ _tag: "InvalidInput", field })
      }
    }).pipe(world)
  )
})
