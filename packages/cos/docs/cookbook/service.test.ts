/**
 * A test of the service in `service.ts`, with the emulator in its process: no port, no account, no waiting, and failures on
 * demand.
 *
 * `npm install -D vitest@3 @effect/vitest@0.30 effect-cos-emulator`
 */
import { expect, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"
import { CosClient, Credentials } from "effect-cos"
import { Emulator, Fault } from "effect-cos-emulator"
import { Note, Notes, NotesLive } from "./service.js"

const bucket = "notes-1250000000"

const CosTest = CosClient.layer({ bucket, region: "ap-guangzhou" }).pipe(
  Layer.provide(
    Layer.unwrapEffect(Effect.map(Emulator.Emulator, ({ credentials }) => Credentials.layerStatic(credentials)))
  ),
  Layer.provideMerge(Emulator.layer({ buckets: [bucket] }))
)

layer(NotesLive.pipe(Layer.provideMerge(CosTest)))("Notes", (it) => {
  const milk = new Note({ title: "Milk", text: "Two bottles" })

  it.effect("keeps notes, and never overwrites one", () =>
    Effect.gen(function* () {
      const notes = yield* Notes
      yield* notes.create("shopping", milk)
      expect(yield* notes.get("shopping")).toEqual(milk)
      expect((yield* Effect.flip(notes.create("shopping", milk)))._tag).toBe("NoteExists")
      expect((yield* Effect.flip(notes.get("missing")))._tag).toBe("NoteNotFound")
    })
  )

  it.effect("bears with a service that is busy for a moment", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const notes = yield* Notes
      const fault = yield* emulator.scopedFault({
        on: { operation: "putObject" },
        do: Fault.status(503, { code: "SlowDown" })
      })
      const created = yield* Effect.fork(notes.create("retried", milk))
      // The wait before a retry is a wait of the test clock, which stands still until it is told to go on.
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(created)
      expect(yield* fault.fired).toBe(1)
    }).pipe(Effect.scoped)
  )

  it.effect("says that it is unavailable when access is denied", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const notes = yield* Notes
      yield* emulator.scopedFault({ on: { operation: "getObject" }, do: Fault.status(403, { code: "AccessDenied" }) })
      expect((yield* Effect.flip(notes.get("shopping")))._tag).toBe("NotesUnavailable")
    }).pipe(Effect.scoped)
  )
})
