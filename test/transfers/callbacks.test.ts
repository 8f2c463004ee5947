/** Callbacks of the user's that misbehave, in every kind of transfer: none can stop, hold up or deadlock one. */
import * as NodePath from "@effect/platform-node/NodePath"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type { Controlled } from "effect-cos/Controlled"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Sync from "effect-cos/Sync"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, timed } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import { warned } from "../support/warnings.js"
import * as World from "../support/world.js"

const data = content(4 * MiB)
const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const
const world = Effect.provide(Layer.merge(World.inProcess(), NodePath.layer))

const prepared = Effect.gen(function* () {
  const disk = yield* Disk
  for (const name of ["/a", "/b", "/c"]) disk.put(name, data)
  yield* Cos.putObject({ key: "from/source", body: data })
})

// --- what they do ----------------------------------------------------------------------------------------------------

type Callback = () => Effect.Effect<void>

const misdeeds: Readonly<Record<string, Callback>> = {
  throws: () => {
    throw new Error("a bug of the user's")
  },
  dies: () => Effect.die("a bug of the user's"),
  "interrupts itself": () => Effect.interrupt,
  "interrupts its fiber": () => Effect.withFiberRuntime((fiber) => Effect.asVoid(Fiber.interrupt(fiber))),
  "never returns": () => Effect.never,
  "never returns and cannot be interrupted": () => Effect.uninterruptible(Effect.never),
  "waits an hour": () => Effect.sleep("1 hour")
}

// --- where they are called -------------------------------------------------------------------------------------------

const target = { key: "a", path: "/a" }
const files = ["a", "b", "c"].map((key) => ({ key, path: `/${key}` }))

/** Each is done when it ends as it would without a callback. */
const transfers = {
  "Upload.file onProgress": (onProgress: Callback) => Upload.file(target, { ...inParts, onProgress }),
  "Upload.file onCheckpoint": (onCheckpoint: Callback) => Upload.file(target, { ...inParts, onCheckpoint }),
  "Download.file onProgress": (onProgress: Callback) =>
    Effect.zipRight(
      Download.file({ key: "from/source", path: "/out" }, { partSize: MiB, onProgress }),
      Upload.file(target)
    ),
  "Copy.object onCheckpoint": (onCheckpoint: Callback) =>
    Copy.object({ key: "a", source: { key: "from/source" } }, { ...inParts, onCheckpoint }),
  "Upload.files onProgress": (onProgress: Callback) => Upload.files(files, { onProgress }),
  "Upload.files onFile": (onFile: Callback) => Upload.files(files, { onFile }),
  "Upload.files onFileProgress": (onFileProgress: Callback) => Upload.files(files, { onFileProgress }),
  "Sync.run onAction": (onAction: Callback) =>
    Sync.run({ from: Sync.prefix("from/"), to: Sync.prefix("to/"), onAction }).pipe(
      Effect.zipRight(Upload.file(target))
    ),
  "Upload.controlled onProgress": (onProgress: Callback) =>
    Effect.flatMap(Upload.controlled(target, { ...inParts, onProgress }), (upload) => upload.await),
  "Upload.controlled onCheckpoint": (onCheckpoint: Callback) =>
    Effect.flatMap(Upload.controlled(target, { ...inParts, onCheckpoint }), (upload) => upload.await)
}

describe("a callback that misbehaves", () => {
  for (const [where, transfer] of Object.entries(transfers)) {
    it.scoped(`${where}: the transfer succeeds, in bounded time, and says what happened once`, () =>
      Effect.gen(function* () {
        yield* prepared
        for (const [what, callback] of Object.entries(misdeeds)) {
          const run = warned(timed(Effect.scoped(Effect.asVoid<unknown, unknown, any>(transfer(callback)))))
          const { value, warnings } = yield* drive(run, "1 second")
          expect(Exit.isSuccess(value.exit), `${what}: ${value.exit}`).toBe(true)
          expect(value.millis, what).toBeLessThanOrEqual(11_000)
          expect(
            warnings.filter((text) => String(text).includes("is not called again")),
            what
          ).toHaveLength(1)
          yield* World.expectStored("a", data)
          yield* Cos.deleteObject({ key: "a" })
          yield* Cos.deleteObject({ key: "to/source" })
        }
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(world)
    )

    it.scoped(`${where}: an interrupt is answered within a second`, () =>
      Effect.gen(function* () {
        yield* prepared
        for (const [what, callback] of Object.entries(misdeeds)) {
          yield* Cos.deleteObject({ key: "to/source" })
          const called = yield* Deferred.make<void>()
          const run = transfer(() => Effect.zipRight(Deferred.succeed(called, undefined), Effect.suspend(callback)))
          const fiber = yield* Effect.fork(Effect.scoped(Effect.asVoid<unknown, unknown, any>(run)))
          yield* Deferred.await(called)
          const { millis } = yield* drive(timed(Fiber.interrupt(fiber)), "1 second")
          expect(millis, what).toBeLessThanOrEqual(1000)
        }
        expect(yield* World.unfinishedUploads).toEqual([])
      }).pipe(world)
    )
  }
})

// --- commands within callbacks ---------------------------------------------------------------------------------------

type AnyControlled = Controlled<unknown, unknown, unknown>

describe("a command that is given within a callback", () => {
  const commands: Readonly<
    Record<string, readonly [(upload: AnyControlled, scope: Scope.CloseableScope) => Effect.Effect<unknown>, string]>
  > = {
    pause: [({ pause }) => pause, "paused"],
    "pause in another fiber": [({ pause }) => Effect.flatMap(Effect.fork(pause), Fiber.join), "paused"],
    cancel: [({ cancel }) => cancel, "cancelled"],
    "the end of the scope": [(_, scope) => Scope.close(scope, Exit.void), "cancelled"]
  }
  for (const option of ["onCheckpoint", "onProgress"] as const) {
    for (const [name, [act, state]] of Object.entries(commands)) {
      it.scoped(`${name} within ${option} takes effect, at once`, () =>
        Effect.gen(function* () {
          yield* prepared
          yield* World.fault({
            on: { operation: "uploadPart", times: Number.POSITIVE_INFINITY },
            do: Fault.delay("2 seconds")
          })
          const scope = yield* Scope.make()
          const upload = yield* Deferred.make<AnyControlled>()
          const done = yield* Deferred.make<number>()
          let calls = 0
          const callback = () =>
            Effect.gen(function* () {
              calls += 1
              if (calls !== 3) return
              const { millis } = yield* timed(act(yield* Deferred.await(upload), scope))
              yield* Deferred.succeed(done, millis)
            })
          const controlled = yield* Upload.controlled(target, { ...inParts, [option]: callback }).pipe(
            Scope.extend(scope)
          )
          yield* Deferred.succeed(upload, controlled)
          expect(yield* drive(Deferred.await(done), "500 millis")).toBe(0)
          expect((yield* controlled.current).state).toBe(state)
          expect((yield* World.unfinishedUploads).length).toBe(state === "paused" ? 1 : 0)
          if (state !== "paused") return
          const asked = (yield* World.requests()).length
          yield* TestClock.adjust("1 hour")
          expect((yield* World.requests()).length).toBe(asked)
          yield* controlled.resume
          yield* drive(controlled.await)
          yield* World.expectStored("a", data)
        }).pipe(world)
      )
    }
  }

  it.scoped("an interrupt of a plain upload within onCheckpoint is not waited for by itself", () =>
    Effect.gen(function* () {
      yield* prepared
      const fiber = yield* Deferred.make<Fiber.RuntimeFiber<unknown, unknown>>()
      const took = yield* Deferred.make<number>()
      const onCheckpoint = () =>
        Effect.flatMap(Deferred.await(fiber), (fiber) => timed(Fiber.interrupt(fiber))).pipe(
          Effect.flatMap(({ millis }) => Deferred.succeed(took, millis))
        )
      yield* Deferred.succeed(fiber, yield* Effect.fork(Upload.file(target, { ...inParts, onCheckpoint })))
      expect(yield* drive(Deferred.await(took), "100 millis")).toBe(0)
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(world)
  )
})

describe("a callback that is slow", () => {
  it.scoped("hears of every file, in order, and of the newest checkpoint", () =>
    Effect.gen(function* () {
      yield* prepared
      const heard: Array<string> = []
      const onFile = ({ input }: { readonly input: { readonly key: string } }) =>
        Effect.delay(
          Effect.sync(() => heard.push(input.key)),
          "3 seconds"
        ).pipe(Effect.asVoid)
      yield* drive(Upload.files(files, { concurrency: 1, onFile }))
      expect(heard).toEqual(["a", "b", "c"])

      const checkpoints: Array<number> = []
      const upload = Upload.file(target, {
        ...inParts,
        onCheckpoint: ({ parts }) =>
          Effect.delay(
            Effect.sync(() => checkpoints.push(parts.length)),
            "1 second"
          ).pipe(Effect.asVoid)
      })
      yield* drive(upload)
      expect(checkpoints.at(-1)).toBe(4)
    }).pipe(world)
  )
})
