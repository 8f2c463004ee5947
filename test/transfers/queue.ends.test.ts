/** The end of a queue: of one that could not begin, of what it was saving, and for those who watch it. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import { CheckpointError } from "effect-cos/CosError"
import * as TransferQueue from "effect-cos/TransferQueue"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const
const world = Effect.provide(
  Layer.merge(World.inProcess(), Layer.provideMerge(Checkpoint.layerKeyValueStore, KeyValueStore.layerMemory))
)

const prepared = Effect.gen(function* () {
  ;(yield* Disk).put("/data", content(3 * MiB))
  yield* (yield* Emulator).fault({
    on: { operation: "uploadPart", times: Number.POSITIVE_INFINITY },
    do: Fault.delay("2 seconds")
  })
})

/** A queue, and what closes it. */
const opened = (store: (store: Checkpoint.Store.Service) => Checkpoint.Store.Service = (store) => store) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const queue = yield* TransferQueue.make({ concurrency: 2 }).pipe(
      Scope.extend(scope),
      Effect.provideService(Checkpoint.Store, store(yield* Checkpoint.Store))
    )
    return { queue, scope, close: drive(Scope.close(scope, Exit.void), "100 millis") }
  })

/** Fails where it would have to wait. */
const endsAtOnce = <A, E>(self: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkDaemon(self)
    yield* TestClock.adjust(0)
    return yield* Option.getOrThrow(yield* fiber.poll)
  })

it.scoped("a queue that cannot take up all that was stored leaves none of it running", () =>
  Effect.gen(function* () {
    yield* prepared
    const { close, queue } = yield* opened()
    for (const key of ["a", "b"]) yield* queue.upload({ key, path: "/data" }, inParts)
    yield* TestClock.adjust("3 seconds")
    yield* close
    let asked = 0
    const failing = opened((store) => ({
      ...store,
      get: (id, schema) => {
        if (id.startsWith("upload-")) asked += 1
        return id.startsWith("upload-") && asked === 2
          ? Effect.fail(new CheckpointError({ operation: "get", id, reason: "out of order" }))
          : store.get(id, schema)
      }
    }))
    const scope = yield* Scope.make()
    expect(yield* Effect.flip(Scope.extend(failing, scope))).toMatchObject({ _tag: "CheckpointError" })
    yield* drive(Scope.close(scope, Exit.void))
    const before = (yield* World.requests()).length
    yield* TestClock.adjust("1 minute")
    expect((yield* World.requests()).length).toBe(before)
  }).pipe(world)
)

it.scoped("a checkpoint that was being saved as the queue closed goes with its transfer", () =>
  Effect.gen(function* () {
    yield* prepared
    const { close, queue } = yield* opened((store) => ({
      ...store,
      set: (id, schema, value) =>
        Effect.delay(store.set(id, schema, value), id.startsWith("upload-") ? "1 second" : "0 seconds")
    }))
    yield* Effect.fork(queue.upload({ key: "a", path: "/data" }, inParts))
    yield* TestClock.adjust("500 millis")
    yield* close
    expect((yield* World.unfinishedUploads).length).toBe(1)
    const later = yield* opened()
    yield* later.queue.pauseAll
    yield* drive(later.queue.removeAll)
    yield* later.close
    expect(yield* World.unfinishedUploads).toEqual([])
    expect(yield* (yield* Checkpoint.Store).list).toEqual([])
  }).pipe(world)
)

it.scoped("whoever watches a closed queue hears the end, whatever is done with it afterwards", () =>
  Effect.gen(function* () {
    yield* prepared
    const { close, queue } = yield* opened()
    const ticket = yield* queue.upload({ key: "a", path: "/data" }, inParts)
    const watch = Effect.fork(Stream.runDrain(queue.changes))
    const watching = yield* watch
    yield* TestClock.adjust("1 second")
    yield* close
    yield* drive(ticket.remove)
    for (const one of [watching, yield* watch]) {
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.poll(one)).toMatchObject({ _tag: "Some", value: { _tag: "Success" } })
    }
  }).pipe(world)
)

it.scoped("a queue that a stream closes, which one of its uploads sends, leaves nothing running and ends", () =>
  Effect.gen(function* () {
    yield* prepared
    const { queue, scope } = yield* opened()
    const stream = Stream.concat(
      Stream.make(content(2 * MiB)),
      Stream.drain(Stream.fromEffect(Effect.delay(Scope.close(scope, Exit.void), "1 second")))
    )
    const closing = yield* queue.upload({ key: "a", stream }, inParts)
    // More than are closed at once.
    const others = yield* Effect.forEach(Array.from({ length: 40 }), (_, i) =>
      queue.upload({ key: `b${i}`, stream: Stream.make(content(3 * MiB)) }, inParts)
    )
    const watching = yield* Effect.fork(Stream.runDrain(queue.changes))
    yield* TestClock.adjust("1 minute")
    expect(yield* Effect.flip(endsAtOnce(closing.await))).toMatchObject({ _tag: "TransferCancelled" })
    for (const other of others) expect((yield* other.current).state).toMatch(/cancelled|succeeded/)
    yield* endsAtOnce(Fiber.join(watching))
    expect(yield* World.unfinishedUploads).toEqual([])
  }).pipe(world)
)
