/** Stores and file systems that never answer: an interrupt is bounded at whatever call, and so is a transfer by a store. */
import type { FileSystem } from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import type { Controlled } from "effect-cos/Controlled"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, timed } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { type Call, Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(4 * MiB)
const world = Effect.provide(World.inProcess())
const inParts = { partSize: MiB, threshold: 0, concurrency: 1, onInterrupt: "keep" } as const
const target = { key: "a", path: "/data" }

const prepared = Effect.flatMap(Disk, (disk) => {
  disk.put("/data", data)
  return Effect.as(Cos.putObject({ key: "source", body: data }), disk)
})

/** Each is under way, with two parts done, after five seconds. */
const slow = Effect.flatMap(Emulator, (emulator) =>
  Effect.forEach(["uploadPart", "uploadPartCopy", "getObject"], (operation) =>
    emulator.fault({ on: { operation, times: Number.POSITIVE_INFINITY }, do: Fault.delay("2 seconds") })
  )
)

const transfers = {
  "an upload": Upload.file(target, inParts),
  "a download": Download.file({ key: "source", path: "/out" }, { partSize: MiB, concurrency: 1, onInterrupt: "keep" }),
  "a copy": Copy.object({ key: "a", source: { key: "source" } }, inParts),
  "a small upload": Upload.file(target, { onInterrupt: "keep" }),
  "a controlled upload": Effect.scoped(Effect.flatMap(Upload.controlled(target, inParts), (upload) => upload.await)),
  "a queue": Effect.scoped(
    Effect.flatMap(TransferQueue.make(), (queue) =>
      Effect.flatMap(queue.upload(target, inParts), (ticket) => ticket.await)
    )
  )
}

const hangs = { "can be interrupted": Effect.never, "cannot be interrupted": Effect.uninterruptible(Effect.never) }

/** A store in memory one of whose calls hangs from its nth on. */
const hangingStore = (method: "get" | "set" | "remove" | "list", nth: number, hang: Effect.Effect<never>) =>
  Layer.map(Checkpoint.layerMemory, (context) => {
    const store = context.unsafeMap.get(Checkpoint.Store.key) as Checkpoint.Store.Service
    let calls = 0
    const act = <A, E>(called: typeof method, self: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        if (called === method) calls += 1
        return called === method && calls >= nth ? hang : self
      })
    const hanging: Checkpoint.Store.Service = {
      get: (id, schema) => act("get", store.get(id, schema)),
      set: (id, schema, value) => act("set", store.set(id, schema, value)),
      remove: (id) => act("remove", store.remove(id)),
      list: act("list", store.list)
    }
    context.unsafeMap.set(Checkpoint.Store.key, hanging)
    return context
  })

describe("a checkpoint store that never answers", () => {
  for (const [name, transfer] of Object.entries(transfers)) {
    it.scoped(
      `${name} ends, and answers an interrupt, in bounded time`,
      () =>
        Effect.gen(function* () {
          yield* prepared
          yield* slow
          for (const method of ["get", "set", "remove", "list"] as const) {
            for (const [how, hang] of Object.entries(hangs)) {
              const where = `${method}, which ${how}`
              const provide = Effect.provide(hangingStore(method, 1, hang))
              const { exit, millis } = yield* drive(timed(Effect.asVoid<unknown, unknown, any>(transfer)).pipe(provide))
              if (Exit.isFailure(exit)) expect(String(exit.cause), where).toContain("CheckpointError")
              expect(millis, where).toBeLessThanOrEqual(45_000)

              const fiber = yield* Effect.fork(Effect.asVoid<unknown, unknown, any>(transfer).pipe(provide))
              yield* TestClock.adjust("3 seconds")
              const interrupt = yield* drive(timed(Fiber.interrupt(fiber)))
              expect(interrupt.millis, where).toBeLessThanOrEqual(35_000)
            }
          }
        }).pipe(world),
      60_000
    )
  }
})

/** What a store does instead of what it should. */
const misdeeds: Readonly<Record<string, () => Effect.Effect<never>>> = {
  throws: () => {
    throw new Error("a bug of the store's")
  },
  dies: () => Effect.die("a bug of the store's"),
  "fails with something else": () => Effect.fail("a bug of the store's") as Effect.Effect<never>,
  "interrupts itself": () => Effect.interrupt,
  "gives something else": () => Effect.succeed(42) as Effect.Effect<never>
}

type AnyControlled = Controlled<unknown, unknown, unknown>

describe("a checkpoint store that misbehaves", () => {
  const controlled: Readonly<
    Record<string, Effect.Effect<AnyControlled, unknown, CosClient | FileSystem | Scope.Scope>>
  > = {
    upload: Upload.controlled(target, inParts),
    download: Download.controlled({ key: "source", path: "/out" }, { partSize: MiB, concurrency: 1 })
  }
  for (const [name, transfer] of Object.entries(controlled)) {
    it.scoped(`${name}: pause, resume, cancel and the end of the scope do what they say`, () =>
      Effect.gen(function* () {
        yield* prepared
        yield* slow
        for (const method of ["set", "remove"] as const) {
          for (const [what, misdeed] of Object.entries(misdeeds)) {
            const where = `${method} ${what}`
            const scope = yield* Scope.make()
            const { cancel, current, pause, resume } = yield* transfer.pipe(
              Scope.extend(scope),
              Effect.provide(hangingStore(method, 1, Effect.suspend(misdeed)))
            )
            yield* TestClock.adjust("1 second")
            yield* drive(pause)
            expect((yield* current).state, where).toBe("paused")
            yield* drive(resume)
            yield* TestClock.adjust("1 second")
            expect((yield* current).state, where).toBe("transferring")
            yield* drive(cancel)
            expect((yield* current).state, where).toBe("cancelled")
            expect(yield* drive(Effect.exit(Scope.close(scope, Exit.void))), where).toEqual(Exit.void)
          }
        }
      }).pipe(world)
    )
  }

  for (const method of ["get", "set", "remove", "list"] as const) {
    it.scoped(`${method}: a transfer ends as it would, or with CheckpointError`, () =>
      Effect.gen(function* () {
        yield* prepared
        for (const [what, misdeed] of Object.entries(misdeeds)) {
          for (const name of ["an upload", "a download", "a queue"] as const) {
            const run = Effect.exit(Effect.asVoid<unknown, unknown, any>(transfers[name])).pipe(
              Effect.provide(hangingStore(method, 1, Effect.suspend(misdeed)))
            )
            const exit = yield* drive(run)
            if (Exit.isSuccess(exit)) continue
            expect(exit.cause, `${name}, ${what}`).toMatchObject({
              _tag: "Fail",
              error: { _tag: "CheckpointError", operation: method }
            })
          }
        }
      }).pipe(world)
    )
  }
})

describe("a lease that misbehaves", () => {
  const held = { isHeld: Effect.succeed(true), lost: Effect.never }
  const uninterruptible = Effect.uninterruptible(Effect.never)
  const leases: Readonly<Record<string, Checkpoint.Store.Service["lease"]>> = {
    "dies at once": () => Effect.die("a bug of the store's"),
    "is something else": () => Effect.succeed(42 as never),
    "never says whether it is held": () => Effect.succeedSome({ ...held, isHeld: uninterruptible }),
    "dies when it is asked": () => Effect.succeedSome({ ...held, isHeld: Effect.die("a bug of the store's") }),
    "is never given back": () => Effect.acquireRelease(Effect.succeedSome(held), () => Effect.never),
    "dies when it is given back": () => Effect.acquireRelease(Effect.succeedSome(held), () => Effect.die("a bug"))
  }
  it.scoped("a transfer ends as it would, or with CheckpointError, in bounded time", () =>
    Effect.gen(function* () {
      yield* prepared
      for (const [what, lease] of Object.entries(leases)) {
        const store = Layer.effect(
          Checkpoint.Store,
          Effect.map(Checkpoint.Store, (store) => ({ ...store, lease }))
        ).pipe(Layer.provide(Checkpoint.layerMemory))
        for (const name of ["an upload", "a download"] as const) {
          const transfer = Effect.asVoid<unknown, unknown, any>(transfers[name]).pipe(Effect.provide(store))
          const { exit, millis } = yield* drive(timed(transfer))
          expect(millis, `${name}, ${what}`).toBeLessThanOrEqual(60_000)
          if (Exit.isSuccess(exit)) continue
          expect(exit.cause, `${name}, ${what}`).toMatchObject({ _tag: "Fail", error: { _tag: "CheckpointError" } })
        }
      }
    }).pipe(world)
  )

  it.scoped("one that is never acquired does not hold an interrupt", () =>
    Effect.gen(function* () {
      yield* prepared
      const store = Layer.effect(
        Checkpoint.Store,
        Effect.map(Checkpoint.Store, (store) => ({ ...store, lease: () => uninterruptible }))
      ).pipe(Layer.provide(Checkpoint.layerMemory))
      const fiber = yield* Effect.fork(Effect.provide(Upload.file(target, inParts), store))
      yield* TestClock.adjust("1 second")
      expect((yield* drive(timed(Fiber.interrupt(fiber)))).millis).toBeLessThanOrEqual(35_000)
    }).pipe(world)
  )
})

describe("a file system that never answers", () => {
  const methods: ReadonlyArray<Call["method"]> = [
    "open",
    "read",
    "write",
    "sync",
    "truncate",
    "stat",
    "rename",
    "remove"
  ]
  for (const name of ["an upload", "a download", "a controlled upload"] as const) {
    it.scoped(
      `${name} answers an interrupt in bounded time`,
      () =>
        Effect.gen(function* () {
          const disk = yield* prepared
          for (const method of methods) {
            const hung = yield* Deferred.make<void>()
            disk.before = (call) =>
              call.method === method
                ? Effect.zipRight(Deferred.succeed(hung, undefined), hangs["cannot be interrupted"])
                : Effect.void
            const fiber = yield* Effect.fork(
              Effect.asVoid<unknown, unknown, any>(transfers[name]).pipe(Effect.provide(Checkpoint.layerMemory))
            )
            yield* TestClock.adjust("1 second")
            const { millis } = yield* drive(timed(Fiber.interrupt(fiber)))
            expect(millis, method).toBeLessThanOrEqual(75_000)
            disk.before = () => Effect.void
          }
        }).pipe(world),
      60_000
    )
  }

  it.scoped("a pause and the end of the scope as well", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      disk.before = ({ method }) => (method === "read" ? Effect.uninterruptible(Effect.never) : Effect.void)
      const scope = yield* Scope.make()
      const upload = yield* Upload.controlled(target, inParts).pipe(Scope.extend(scope))
      yield* TestClock.adjust("1 second")
      const pause = yield* drive(timed(upload.pause))
      expect(pause.millis).toBeLessThanOrEqual(35_000)
      const close = yield* drive(timed(Scope.close(scope, Exit.void)))
      expect(close.millis).toBeLessThanOrEqual(35_000)
    }).pipe(world)
  )
})
