/** What a controlled transfer leaves, and who waits for it, however it ends. */
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, untilDone } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(3 * MiB)
const inParts = { partSize: MiB, threshold: 0, concurrency: 1, onInterrupt: "keep" } as const
const target = { key: "a", path: "/data" }
const world = Effect.provide(World.inProcess())

const prepared = Effect.map(Disk, (disk) => {
  disk.put("/data", data)
  return disk
})

/** Not `World.fault`: it acts only where a transfer comes so far. */
const slow = (operation: string) =>
  Effect.flatMap(Emulator, (emulator) =>
    emulator.fault({ on: { operation, times: Number.POSITIVE_INFINITY }, do: Fault.delay("2 seconds") })
  )

/** Fails where it waits for longer than a minute. */
const ends = <A, E>(self: Effect.Effect<A, E>) =>
  Effect.flatMap(Effect.forkDaemon(Effect.exit(Effect.timeout(Effect.disconnect(self), "1 minute"))), (fiber) =>
    Effect.map(Effect.flatten(untilDone(fiber)), (exit) => {
      expect(String(exit)).not.toContain("TimeoutException")
      return exit
    })
  )

const unfinishedAreAborted = Effect.gen(function* () {
  yield* drive(Upload.abortUnfinished({}))
  return (yield* World.unfinishedUploads).length === 0
})

describe("a controlled transfer", () => {
  it.scoped("its progress comes to its end, however slow the reader", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const upload = yield* Upload.controlled(target, { ...inParts, progressInterval: "500 millis" })
      const goOn = yield* Deferred.make<void>()
      const seen: Array<number> = []
      const reading = yield* Effect.fork(
        Stream.runForEach(upload.progress, ({ transferred }) => {
          seen.push(transferred)
          return Deferred.await(goOn)
        })
      )
      yield* TestClock.adjust("1 second")
      yield* drive(upload.await)
      yield* Deferred.succeed(goOn, undefined)
      yield* ends(Fiber.join(reading))
      expect(seen).toEqual([0, 3 * MiB])
      yield* ends(Stream.runDrain(upload.progress))
    }).pipe(world)
  )

  for (const where of ["in a queue", "by itself"]) {
    for (const act of where === "by itself" ? ["cancelled", "closed"] : ["cancelled"]) {
      it.scoped(`an upload is ${act} by the stream that it sends, ${where}`, () =>
        Effect.gen(function* () {
          const command = yield* Deferred.make<Effect.Effect<void>>()
          const stream = Stream.concat(
            Stream.make(data.subarray(0, 2 * MiB)),
            Stream.drain(Stream.fromEffect(Effect.flatten(Deferred.await(command))))
          )
          const input = { key: "a", stream }
          const options = { partSize: MiB, threshold: 0, concurrency: 1 }
          const scope = yield* Scope.make()
          const upload = yield* (
            where === "in a queue"
              ? Effect.flatMap(TransferQueue.make(), (queue) => queue.upload(input, options))
              : Upload.controlled(input, options)
          ).pipe(Scope.extend(scope))
          yield* TestClock.adjust("1 second")
          const close = Scope.close(scope, Exit.void)
          yield* Deferred.succeed(command, act === "closed" ? close : upload.cancel)
          expect(yield* ends(upload.await)).toMatchObject({ _tag: "Failure" })
          expect((yield* upload.current).state).toBe("cancelled")
          expect(yield* World.unfinishedUploads).toEqual([])
          yield* ends(close)
        }).pipe(world)
      )
    }
  }

  it.scoped("is removed by the stream that it sends, and whoever watches the queue hears of it", () =>
    Effect.gen(function* () {
      const remove = yield* Deferred.make<Effect.Effect<void>>()
      const stream = Stream.fromEffect(Effect.flatten(Deferred.await(remove))).pipe(
        Stream.drain,
        Stream.concat(Stream.make(data))
      )
      const queue = yield* TransferQueue.make()
      const ticket = yield* queue.upload({ key: "a", stream }, inParts)
      let listed = 0
      yield* Effect.forkScoped(
        Stream.runForEach(queue.changes, ({ length }) =>
          Effect.sync(() => {
            listed = length
          })
        )
      )
      yield* TestClock.adjust("1 second")
      expect(listed).toBe(1)
      yield* Deferred.succeed(remove, ticket.remove)
      yield* ends(ticket.await)
      yield* TestClock.adjust("1 second")
      expect(listed).toBe(0)
    }).pipe(world)
  )

  it.scoped("what two have paused is in use until both have ended", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* slow("uploadPart")
      const [one, two] = [yield* Scope.make(), yield* Scope.make()]
      const first = yield* Upload.controlled(target, inParts).pipe(Scope.extend(one))
      yield* TestClock.adjust("3 seconds")
      const resume = yield* drive(first.pause)
      const second = yield* Upload.controlled(target, { ...inParts, resume }).pipe(Scope.extend(two))
      yield* TestClock.adjust("1 second")
      yield* drive(second.pause)
      yield* drive(Scope.close(one, Exit.void))
      expect(yield* unfinishedAreAborted).toBe(false)
      yield* drive(Scope.close(two, Exit.void))
      expect(yield* unfinishedAreAborted).toBe(true)
    }).pipe(world)
  )

  it.scoped("is cancelled though the file system dies as it removes what there is", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* Cos.putObject({ key: "a", body: data })
      yield* slow("getObject")
      const download = yield* Download.controlled({ key: "a", path: "/out" }, { partSize: MiB, concurrency: 1 })
      yield* TestClock.adjust("3 seconds")
      yield* drive(download.pause)
      disk.before = ({ method }) => (method === "remove" ? Effect.dieMessage("boom") : Effect.void)
      yield* ends(download.cancel)
      expect(yield* ends(download.await)).toMatchObject({ _tag: "Failure" })
      expect((yield* download.current).state).toBe("cancelled")
    }).pipe(world)
  )

  it.scoped("a copy that was made before it was paused is found, also without leave to overwrite", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "source", body: "hello" })
      const given = { key: "a", source: { key: "source" }, overwrite: false }
      yield* (yield* Emulator).fault({ on: { operation: "copyObject" }, do: Fault.delay("20 seconds", "after") })
      const copy = yield* Copy.controlled(given)
      yield* TestClock.adjust("1 second")
      yield* drive(copy.pause)
      expect((yield* copy.current).state).toBe("paused")
      yield* copy.resume
      expect(yield* drive(copy.await)).toMatchObject({
        key: "a",
        size: 5,
        eTag: (yield* Cos.headObject({ key: "a" })).eTag
      })
      // That of somebody else is not.
      expect(yield* drive(Effect.flip(Copy.object(given)))).toMatchObject({ _tag: "FileAlreadyExists" })
    }).pipe(world)
  )
})
