/** Controlled transfers, and queues, whose checkpoint store cannot be written, or keeps nothing. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import { CheckpointError } from "effect-cos/CosError"
import * as Download from "effect-cos/Download"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(5 * MiB)
const options = { partSize: MiB, concurrency: 1, onInterrupt: "keep", onFailure: "keep" } as const

const full = Effect.fail(new CheckpointError({ operation: "set", reason: "the disk is full" }))

/** Keeps only what `has` says; what it has not it refuses, or acknowledges all the same. */
const storeOf = (has: (id: string) => boolean, refused: Effect.Effect<void, CheckpointError>) => {
  const kept = new Map<string, unknown>()
  const store: Checkpoint.Store.Service = {
    get: (id) => Effect.sync(() => Option.fromNullable(kept.get(id) as never)),
    set: (id, _, value) => (has(id) ? Effect.sync(() => void kept.set(id, value)) : refused),
    remove: (id) => (has(id) ? Effect.sync(() => void kept.delete(id)) : refused),
    list: Effect.sync(() => Array.from(kept.keys()))
  }
  return Layer.succeed(Checkpoint.Store, store)
}

const stores = {
  "cannot be written": storeOf(() => false, full),
  "is acknowledged and lost": storeOf(() => false, Effect.void)
}

const prepared = Effect.gen(function* () {
  const emulator = yield* Emulator
  const disk = yield* Disk
  disk.put("/data", data)
  yield* emulator.seed(World.bucket, "b", data)
  yield* World.fault({
    on: { operation: "uploadPart", times: Number.POSITIVE_INFINITY },
    do: Fault.delay("2 seconds")
  }).pipe(
    Effect.zipRight(
      World.fault({ on: { operation: "getObject", times: Number.POSITIVE_INFINITY }, do: Fault.delay("2 seconds") })
    ),
    Effect.provideService(Scope.Scope, yield* Scope.make())
  )
  return disk
})

for (const [what, store] of Object.entries(stores)) {
  describe(`a controlled transfer whose checkpoint ${what}`, () => {
    const world = Effect.provide(Layer.merge(World.inProcess(), store))
    const upload = Upload.controlled({ key: "a", path: "/data" }, { ...options, threshold: 0 })
    const download = Download.controlled({ key: "b", path: "/out" }, options)

    it.scoped("keeps what an upload has done through a pause", () =>
      Effect.gen(function* () {
        yield* prepared
        const controlled = yield* upload
        yield* TestClock.adjust("5 seconds")
        const checkpoint = yield* drive(controlled.pause)
        expect(checkpoint?.parts.length).toBe(2)
        expect(yield* World.unfinishedUploads).toEqual([checkpoint?.uploadId])
        yield* controlled.resume
        expect(yield* drive(controlled.await)).toMatchObject({ parts: 5, resumedParts: 2 })
        yield* World.expectStored("a", data)
      }).pipe(world)
    )

    it.scoped("keeps what a download has done through a pause", () =>
      Effect.gen(function* () {
        const disk = yield* prepared
        const controlled = yield* download
        yield* TestClock.adjust("5 seconds")
        expect((yield* drive(controlled.pause))?.parts.length).toBe(2)
        yield* controlled.resume
        expect(yield* drive(controlled.await)).toMatchObject({ parts: 5, resumedParts: 2 })
        expect(disk.paths).toEqual(["/data", "/out"])
      }).pipe(world)
    )

    it.scoped("leaves nothing when its scope closes, since nobody would find it", () =>
      Effect.gen(function* () {
        const disk = yield* prepared
        const scope = yield* Scope.make()
        yield* Effect.all([upload, download]).pipe(Scope.extend(scope))
        yield* TestClock.adjust("5 seconds")
        expect((yield* World.unfinishedUploads).length).toBe(1)
        expect(disk.paths.length).toBe(2)
        yield* drive(Scope.close(scope, Exit.void))
        expect(yield* World.unfinishedUploads).toEqual([])
        expect(disk.paths).toEqual(["/data"])
      }).pipe(world)
    )
  })
}

describe("a queue of whose transfers not all that a later queue needs can be stored", () => {
  const parts: Readonly<Record<string, (id: string) => boolean>> = {
    "the checkpoints": (id) => id.startsWith("queue-"),
    "the records": (id) => !id.startsWith("queue-")
  }
  for (const [what, has] of Object.entries(parts)) {
    for (const [how, refused] of Object.entries({
      "cannot be written": full,
      "are acknowledged and lost": Effect.void
    })) {
      it.scoped(`leaves nothing when its scope closes: ${what} ${how}`, () =>
        Effect.gen(function* () {
          const disk = yield* prepared
          const scope = yield* Scope.make()
          const queue = yield* TransferQueue.make().pipe(Scope.extend(scope))
          yield* queue.upload({ key: "a", path: "/data" }, { partSize: MiB, concurrency: 1, threshold: 0 })
          yield* queue.download({ key: "b", path: "/out" }, { partSize: MiB, concurrency: 1 })
          yield* TestClock.adjust("5 seconds")
          expect((yield* World.unfinishedUploads).length).toBe(1)
          expect(disk.paths.length).toBe(2)
          yield* drive(Scope.close(scope, Exit.void))
          expect(yield* World.unfinishedUploads).toEqual([])
          expect(disk.paths).toEqual(["/data"])
        }).pipe(Effect.provide(Layer.merge(World.inProcess(), storeOf(has, refused))))
      )
    }
  }
})
