/** What a queue uploads: files, what is in memory, and streams. */
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Body from "effect-cos/Body"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, inPieces, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(2 * MiB + 5)
const text = "größer\n"
const world = Effect.provide(World.inProcess())
const inParts = { partSize: MiB, threshold: 0, concurrency: 1 } as const

const prepared = Effect.map(Disk, (disk) => {
  disk.put("/a", data)
  return disk
})

const oneShot = (stream: Stream.Stream<Uint8Array, unknown>) => Body.stream(stream, { size: data.byteLength })

const contents = {
  "a file": { path: "/a" },
  bytes: { bytes: data },
  "a Blob": { blob: new Blob([data]) },
  "a Blob as a body": { body: new Blob([data]) },
  "bytes as a body": { body: data },
  "a Body of bytes": { body: Body.bytes(data) },
  text: { body: text },
  "a Body that is a stream": { body: oneShot(inPieces(data, 100_001)) },
  "a stream": { stream: inPieces(data, 100_001) },
  "a stream of known size": { stream: inPieces(data, 100_001), size: data.byteLength }
} as const

describe("a queue uploads", () => {
  for (const [name, what] of Object.entries(contents)) {
    it.scoped(`${name}, in one request and in parts, and lists no content`, () =>
      Effect.gen(function* () {
        yield* prepared
        const queue = yield* TransferQueue.make()
        const bytes = name === "text" ? new TextEncoder().encode(text) : data
        for (const options of [{ threshold: 4 * MiB, partSize: 4 * MiB }, inParts]) {
          const input: Upload.UploadTarget & Upload.UploadContent = { key: "a", ...what }
          const ticket = yield* queue.upload(input as TransferQueue.UploadInput, options)
          expect(yield* ticket.await).toMatchObject({ size: bytes.byteLength, bucket: World.bucket })
          yield* World.expectStored("a", bytes)
        }
        for (const { input, state } of yield* queue.list) {
          expect(state).toBe("succeeded")
          expect(Object.keys(input).sort()).toEqual(
            ["bucket", "key", "region", ...("path" in what ? ["path"] : [])].sort()
          )
        }
      }).pipe(world)
    )
  }

  it.scoped("what is in memory is paused and goes on like a file", () =>
    Effect.gen(function* () {
      const queue = yield* TransferQueue.make()
      yield* World.fault({ on: { operation: "uploadPart", nth: 2 }, do: Fault.silence() })
      const ticket = yield* queue.upload({ key: "a", bytes: data }, inParts)
      yield* TestClock.adjust("1 second")
      expect((yield* drive(ticket.pause))?.parts.length).toBe(1)
      yield* ticket.resume
      expect(yield* drive(ticket.await)).toMatchObject({ parts: 3, resumedParts: 1 })
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("a Body that can be read again is paused, and begins anew", () =>
    Effect.gen(function* () {
      yield* prepared
      const queue = yield* TransferQueue.make()
      yield* World.fault({ on: { operation: "putObject" }, do: Fault.silence() })
      const ticket = yield* queue.upload({ key: "a", body: yield* Body.file("/a") })
      yield* TestClock.adjust("1 second")
      yield* drive(ticket.pause)
      expect((yield* ticket.current).state).toBe("paused")
      yield* ticket.resume
      yield* drive(ticket.await)
      yield* World.expectStored("a", data)
    }).pipe(world)
  )
})

describe("an upload of a stream that can be read once", () => {
  const started = Effect.gen(function* () {
    const goOn = yield* Deferred.make<void>()
    const rest = Stream.unwrap(Effect.as(Deferred.await(goOn), inPieces(data.subarray(MiB), 100_001)))
    return {
      stream: Stream.concat(inPieces(data.subarray(0, MiB), 100_001), rest),
      goOn: Deferred.succeed(goOn, undefined)
    }
  })

  for (const known of [false, true]) {
    it.scoped(`${known ? "as a Body" : "as a stream"}: cannot be paused, says so, and goes on`, () =>
      Effect.gen(function* () {
        const { goOn, stream } = yield* started
        const queue = yield* TransferQueue.make()
        const input = known ? { key: "a", body: oneShot(stream) } : { key: "a", stream }
        const ticket = yield* queue.upload(input, { partSize: MiB })
        yield* TestClock.adjust("1 second")
        expect(yield* Effect.flip(ticket.pause)).toMatchObject({ _tag: "TransferNotPausable", key: "a" })
        expect(yield* Effect.flip(queue.pause(ticket.id))).toMatchObject({ _tag: "TransferNotPausable" })
        yield* queue.pauseAll
        expect((yield* ticket.current).state).toBe("transferring")
        yield* goOn
        expect(yield* drive(ticket.await)).toMatchObject({ size: data.byteLength })
        yield* World.expectStored("a", data)
      }).pipe(world)
    )
  }

  it.scoped("is paused and resumed while it waits", () =>
    Effect.gen(function* () {
      const { goOn, stream } = yield* started
      const queue = yield* TransferQueue.make({ concurrency: 1 })
      yield* queue.upload({ key: "first", stream })
      const ticket = yield* queue.upload({ key: "a", stream: inPieces(data, 100_001) })
      yield* ticket.pause
      yield* goOn
      yield* TestClock.adjust("1 minute")
      expect((yield* ticket.current).state).toBe("paused")
      yield* ticket.resume
      yield* drive(ticket.await)
      yield* World.expectStored("a", data)
    }).pipe(world)
  )

  it.scoped("is cancelled, and leaves nothing", () =>
    Effect.gen(function* () {
      const { stream } = yield* started
      const queue = yield* TransferQueue.make()
      const ticket = yield* queue.upload({ key: "a", stream: Stream.concat(stream, Stream.never) }, { partSize: MiB })
      yield* TestClock.adjust("1 second")
      yield* drive(ticket.cancel)
      expect(yield* Effect.flip(ticket.await)).toMatchObject({ _tag: "TransferCancelled" })
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* World.expectStored("a", undefined)
    }).pipe(world)
  )

  it.scoped("fails with what the stream failed with, and is not tried again", () =>
    Effect.gen(function* () {
      const queue = yield* TransferQueue.make()
      const ticket = yield* queue.upload({ key: "a", stream: Stream.fail("broken") })
      const failure = { _tag: "SourceFailed", cause: "broken" }
      expect(yield* Effect.flip(ticket.await)).toMatchObject(failure)
      yield* ticket.resume
      expect((yield* ticket.current).state).toBe("failed")
      expect(yield* Effect.flip(ticket.await)).toMatchObject(failure)
    }).pipe(world)
  )

  it.scoped("by itself: Upload.controlled says so too", () =>
    Effect.gen(function* () {
      const { goOn, stream } = yield* started
      const upload = yield* Upload.controlled({ key: "a", stream })
      yield* TestClock.adjust("1 second")
      expect(yield* Effect.flip(upload.pause)).toMatchObject({ _tag: "TransferNotPausable" })
      yield* goOn
      yield* drive(upload.await)
      yield* World.expectStored("a", data)
    }).pipe(world)
  )
})

it.scoped("what is in memory is not stored for a later process, but cancelled with the queue", () =>
  Effect.gen(function* () {
    const store = yield* Checkpoint.Store
    yield* World.fault({ on: { operation: "uploadPart", times: "all" }, do: Fault.silence() })
    const scope = yield* Scope.make()
    const queue = yield* Scope.extend(TransferQueue.make(), scope)
    for (const what of [{ bytes: data }, { body: text }]) yield* queue.upload({ key: "a", ...what }, inParts)
    yield* TestClock.adjust("1 second")
    expect((yield* store.list).filter((id) => id.startsWith("queue-"))).toEqual([])
    yield* drive(Scope.close(scope, Exit.void))
    expect(yield* store.list).toEqual([])
    expect(yield* World.unfinishedUploads).toEqual([])
  }).pipe(Effect.provide([World.inProcess(), Checkpoint.layerMemory]))
)
