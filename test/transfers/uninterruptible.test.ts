/** What is run where nothing can be interrupted, such as in a finalizer, ends all the same. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Upload from "effect-cos/Upload"
import { directoryWith } from "../support/tree.js"
import * as World from "../support/world.js"

/** Whether it ends, if it is given time. Not waited for: it may not end. */
const ends = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkDaemon(Effect.uninterruptible(self))
    for (let turns = 0; fiber.unsafePoll() === null && turns < 200; turns++) {
      yield* TestClock.adjust("50 millis")
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
    }
    return (yield* Fiber.poll(fiber))._tag === "Some"
  })

it.scoped("a journal of checkpoints", () =>
  Effect.gen(function* () {
    const noted = Effect.flatMap(Checkpoint.journal("a", Schema.String), ({ note }) => note("one"))
    expect(yield* ends(Effect.scoped(noted))).toBe(true)
    expect(yield* (yield* Checkpoint.Store).list).toEqual(["a"])
  }).pipe(Effect.provide(Layer.provide(Checkpoint.layerKeyValueStore, KeyValueStore.layerMemory)))
)

it.scoped("the journal of a run over many files", () =>
  Effect.gen(function* () {
    const parent = yield* directoryWith({ "root/a": "1" })
    const files = Upload.files({ directory: `${parent}/root` }, { journal: `${parent}/journal` })
    expect(yield* ends(files)).toBe(true)
    expect(yield* (yield* FileSystem.FileSystem).exists(`${parent}/journal`)).toBe(false)
  }).pipe(Effect.provide(Layer.merge(World.inProcess(), NodeContext.layer)))
)

it.scoped("a run that nobody listens to any more", () =>
  Effect.gen(function* () {
    const endless = Upload.filesStream(Stream.repeatValue({ key: "a", path: "/nowhere" }), { concurrency: 1 })
    expect(yield* ends(Effect.scoped(Effect.flatten(Stream.toPull(endless))))).toBe(true)
  }).pipe(Effect.provide(Layer.merge(World.inProcess(), NodeContext.layer)))
)
