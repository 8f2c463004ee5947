/** Objects that go in one request: read while they are sent, of known size, paused. */
import { describe, expect, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import type { CosClient } from "effect-cos/CosClient"
import * as Crc64 from "effect-cos/Crc64"
import type { Progress } from "effect-cos/Progress"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, timed } from "../support/clock.js"
import { content, inPieces, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(3 * MiB + 5)
const streamed = { partSize: MiB, maxPartBuffer: MiB, threshold: 4 * MiB } as const

const world = (options: World.Options = {}) =>
  Effect.provide(World.inProcess({ ...options, client: { retry: RetryPolicy.make({ base: 0 }), ...options.client } }))

/** As `fetch` is: a stream goes without its length. */
const noLength = { transport: { rawPath: true } }

const sources = {
  file: (options?: Upload.ResumableUploadOptions) => Upload.file({ key: "a", path: "/a" }, { ...streamed, ...options }),
  blob: (options?: Upload.ResumableUploadOptions) =>
    Upload.blob({ key: "a", blob: new Blob([data]) }, { ...streamed, ...options }),
  bytes: (options?: Upload.ResumableUploadOptions) =>
    Upload.bytes({ key: "a", bytes: data }, { ...streamed, ...options })
}

const prepared = Effect.map(Disk, (disk) => {
  disk.put("/a", data)
  return disk
})

const nothingStored = Effect.gen(function* () {
  yield* World.expectStored("a", undefined)
  expect(yield* World.unfinishedUploads).toEqual([])
})

for (const [name, upload] of Object.entries(sources)) {
  describe(`Upload.${name}, above maxPartBuffer and up to threshold`, () => {
    it.scoped("goes in one request, and is stored whole", () =>
      Effect.gen(function* () {
        const disk = yield* prepared
        let largest = 0
        disk.before = ({ method, size = 0 }) => {
          if (method === "read") largest = Math.max(largest, size)
          return Effect.void
        }
        const seen: Array<Progress> = []
        const result = yield* upload({ onProgress: (progress) => Effect.sync(() => void seen.push(progress)) })
        expect(result).toMatchObject({ parts: 0, size: data.byteLength, crc64: Crc64.of(data), uploadId: undefined })
        expect(yield* World.asked).toEqual({ putObject: 1 })
        expect(largest).toBeLessThanOrEqual(MiB + 1)
        expect(seen.at(-1)).toMatchObject({ transferred: data.byteLength, percent: 1, inFlight: 0 })
        yield* World.expectStored("a", data)
      }).pipe(world())
    )

    it.scoped("is read again for another attempt", () =>
      Effect.gen(function* () {
        yield* prepared
        yield* World.fault({ on: { operation: "putObject" }, do: Fault.resetAfterBytes(MiB + 7) })
        expect(yield* drive(upload())).toMatchObject({ parts: 0, crc64: Crc64.of(data) })
        expect(yield* World.asked).toEqual({ putObject: 2 })
        yield* World.expectStored("a", data)
      }).pipe(world())
    )

    it.scoped("is compared with what the service stored", () =>
      Effect.gen(function* () {
        yield* prepared
        yield* World.fault({ on: { operation: "putObject" }, do: Fault.wrongCrc64 })
        const error = yield* Effect.flip(drive(upload({ onMismatch: "delete" })))
        expect(error).toMatchObject({ _tag: "IntegrityError", algorithm: "crc64" })
        yield* nothingStored
      }).pipe(world())
    )

    it.scoped("with MD5: reads it once beforehand, and sends what it found", () =>
      Effect.gen(function* () {
        yield* prepared
        yield* upload({ integrity: "both", storeMd5: true })
        const [put] = yield* World.requests("putObject")
        const md5 = Buffer.from(put?.headers["content-md5"] ?? "", "base64").toString("hex")
        expect(put?.headers["x-cos-meta-md5"]).toBe(md5)
        expect(put?.headers.etag ?? md5).toMatch(/^[0-9a-f]{32}$/)
        yield* World.expectStored("a", data)
      }).pipe(world())
    )
  })
}

describe("on a transport that sends streams without their length", () => {
  it.scoped("a Blob goes in one request as it is, and is compared with what the service stored", () =>
    Effect.gen(function* () {
      expect(yield* sources.blob()).toMatchObject({ parts: 0, crc64: Crc64.of(data) })
      expect(yield* World.asked).toEqual({ putObject: 1 })
      yield* World.expectStored("a", data)
      yield* World.fault({ on: { operation: "putObject" }, do: Fault.wrongCrc64 })
      expect(yield* Effect.flip(sources.blob())).toMatchObject({ _tag: "IntegrityError" })
    }).pipe(world(noLength))
  )

  it.scoped("a file goes in parts above maxPartBuffer", () =>
    Effect.gen(function* () {
      yield* prepared
      expect(yield* sources.file()).toMatchObject({ parts: 4 })
      yield* World.expectStored("a", data)
    }).pipe(world(noLength))
  )
})

describe("Upload.file with storeMd5", () => {
  const forms = { "in one request": {}, "in parts": { partSize: MiB, threshold: 0 } } as const
  for (const [form, options] of Object.entries(forms)) {
    it.scoped(`tells what is read beforehand, ${form}, as checking`, () =>
      Effect.gen(function* () {
        yield* prepared
        const upload = yield* Upload.controlled({ key: "a", path: "/a" }, { ...options, storeMd5: true })
        const states = yield* Effect.fork(Stream.runCollect(upload.state))
        yield* drive(upload.await)
        const { progress } = yield* upload.current
        expect(progress.checking).toEqual({ checked: data.byteLength, total: data.byteLength })
        expect(progress).toMatchObject({ transferred: data.byteLength, percent: 1 })
        expect(Array.from(yield* Fiber.join(states))).toEqual(["checking", "transferring", "succeeded"])
      }).pipe(world())
    )
  }

  it.scoped("is checking while it reads, and has sent nothing yet", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      const seen: Array<Progress> = []
      disk.before = ({ method }) => (method === "read" ? Effect.sleep("1 second") : Effect.void)
      const upload = yield* Upload.controlled(
        { key: "a", path: "/a" },
        { storeMd5: true, onProgress: (progress) => Effect.sync(() => void seen.push(progress)) }
      )
      yield* TestClock.adjust("2500 millis")
      expect(yield* upload.current).toMatchObject({
        state: "checking",
        progress: { transferred: 0, percent: 0, checking: { checked: 2 * MiB, total: data.byteLength } }
      })
      expect(yield* World.asked).toEqual({})
      yield* drive(upload.await)
      expect(seen.at(-1)?.checking).toEqual({ checked: data.byteLength, total: data.byteLength })
    }).pipe(world())
  )
})

// --- streams whose size is known -------------------------------------------------------------------------------------

class Broken extends Data.TaggedError("Broken") {}

type Run = <E>(
  stream: Stream.Stream<Uint8Array, E>,
  size: number,
  options?: Upload.UploadOptions
) => Effect.Effect<Upload.UploadResult, Upload.UploadError | E, CosClient>

const runs: Readonly<Record<string, Run>> = {
  "Upload.stream": (stream, size, options) => Upload.stream({ key: "a", stream, size }, { partSize: MiB, ...options }),
  "Upload.sink": (stream, size, options) =>
    Stream.run(stream, Upload.sink({ key: "a", size }, { partSize: MiB, ...options }))
}

const ways: Readonly<Record<string, readonly [options: Upload.UploadOptions, world: World.Options, parts: number]>> = {
  "one request, kept": [{}, {}, 0],
  "one request, not kept": [streamed, {}, 0],
  "one request, gathered for its MD5": [{ integrity: "md5" }, {}, 0],
  "one request, gathered where the transport needs that": [{}, noLength, 0],
  parts: [{ threshold: 0 }, {}, 4]
}

for (const [name, run] of Object.entries(runs)) {
  describe(`${name} of known size`, () => {
    for (const [way, [options, where, parts]] of Object.entries(ways)) {
      it.effect(`${way}: is stored whole, and its total is known`, () =>
        Effect.gen(function* () {
          const seen: Array<Progress> = []
          const onProgress = (progress: Progress) => Effect.sync(() => void seen.push(progress))
          const result = yield* run(inPieces(data, 100_001), data.byteLength, { ...options, onProgress })
          expect(result).toMatchObject({ parts, size: data.byteLength, crc64: Crc64.of(data) })
          expect((yield* World.asked).putObject ?? 0).toBe(parts === 0 ? 1 : 0)
          expect(seen[0]).toMatchObject({ transferred: 0, total: data.byteLength, percent: 0 })
          expect(seen.at(-1)).toMatchObject({ transferred: data.byteLength, percent: 1 })
          yield* World.expectStored("a", data)
        }).pipe(world(where))
      )

      // What is written into a sink is counted by the same code.
      if (name === "Upload.sink") continue

      for (const [wrong, size] of [
        ["a byte more", data.byteLength - 1],
        ["a byte less", data.byteLength + 1],
        ["nothing like it", 2 * data.byteLength]
      ] as const) {
        it.effect(`${way}: ${wrong} than it says is InvalidInput, and nothing is stored`, () =>
          Effect.gen(function* () {
            const limits = options.threshold === streamed.threshold ? { threshold: 12 * MiB } : {}
            const error = yield* Effect.flip(run(inPieces(data, 100_001), size, { ...options, ...limits }))
            expect(error).toMatchObject({ _tag: "InvalidInput", operation: name, field: "size" })
            yield* nothingStored
          }).pipe(world(where))
        )
      }

      it.effect(`${way}: fails with the error of the stream, and nothing is stored`, () =>
        Effect.gen(function* () {
          for (const given of [0, 5, data.byteLength]) {
            const stream = Stream.concat(inPieces(data.subarray(0, given), 100_001), Stream.fail(new Broken()))
            expect(yield* Effect.flip(run(stream, data.byteLength, options))).toBeInstanceOf(Broken)
            yield* nothingStored
          }
        }).pipe(world(where))
      )
    }

    it.scoped("is sent while it is read: a refusal ends it though the stream does not", () =>
      Effect.gen(function* () {
        yield* World.fault({ on: { operation: "putObject" }, do: Fault.status(403) })
        const stream = Stream.concat(inPieces(data.subarray(0, 2 * MiB), 100_001), Stream.never)
        expect(yield* Effect.flip(run(stream, data.byteLength))).toMatchObject({ _tag: "AccessDenied" })
      }).pipe(world())
    )

    for (const [what, late] of [
      ["a byte too much", Stream.make(new Uint8Array(1))],
      ["a failure", Stream.fail(new Broken())]
    ] as const) {
      it.scoped(`${what} that comes long after the last byte leaves no object either`, () =>
        Effect.gen(function* () {
          const rest = Stream.unwrap(Effect.as(Effect.sleep("5 seconds"), late))
          for (const options of [{}, streamed]) {
            const stream = Stream.concat(inPieces(data.subarray(0, 3 * MiB), MiB), rest)
            yield* Effect.flip(drive(run(stream, 3 * MiB, options)))
            yield* nothingStored
          }
        }).pipe(world())
      )
    }

    it.scoped("is sent again from what was kept, and not at all above maxPartBuffer", () =>
      Effect.gen(function* () {
        yield* World.fault({ on: { operation: "putObject", times: 2 }, do: Fault.resetAfterBytes(MiB + 7) })
        const error = yield* Effect.flip(drive(run(inPieces(data, 100_001), data.byteLength, streamed)))
        expect(error).toMatchObject({ _tag: "TransportError" })
        yield* nothingStored
        expect(yield* drive(run(inPieces(data, 100_001), data.byteLength))).toMatchObject({ crc64: Crc64.of(data) })
        expect(yield* World.asked).toEqual({ putObject: 3 })
        yield* World.expectStored("a", data)
      }).pipe(world())
    )

    it.effect("may use its array again", () =>
      Effect.gen(function* () {
        const piece = new Uint8Array(MiB)
        const stream = Stream.map(Stream.range(1, 3, 1), (n) => piece.fill(n))
        yield* run(stream, 3 * MiB)
        const expected = new Uint8Array(3 * MiB)
        for (const n of [1, 2, 3]) expected.fill(n, (n - 1) * MiB, n * MiB)
        yield* World.expectStored("a", expected)
      }).pipe(world())
    )

    it.effect("nothing at all, and what is not a size", () =>
      Effect.gen(function* () {
        expect(yield* run(Stream.empty, 0)).toMatchObject({ parts: 0, size: 0 })
        yield* World.expectStored("a", new Uint8Array(0))
        expect(yield* Effect.flip(run(Stream.make(new Uint8Array(1)), 0))).toMatchObject({ field: "size" })
        for (const size of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          expect(yield* Effect.flip(run(Stream.empty, size))).toMatchObject({ _tag: "InvalidInput", field: "size" })
        }
      }).pipe(world())
    )
  })
}

// --- paused ----------------------------------------------------------------------------------------------------------

describe("a paused upload in one request", () => {
  for (const [way, options] of [
    ["from memory", {}],
    ["read while it is sent", streamed]
  ] as const) {
    it.scoped(`${way}: stops at once though the service has carried it out, and is sent again`, () =>
      Effect.gen(function* () {
        yield* prepared
        yield* World.fault({ on: { operation: "putObject" }, do: Fault.silence("after") })
        const upload = yield* Upload.controlled({ key: "a", path: "/a" }, options)
        yield* TestClock.adjust("1 second")
        yield* World.expectStored("a", data)
        expect((yield* upload.current).state).toBe("transferring")
        const { millis } = yield* drive(timed(upload.pause), "1 second")
        expect(millis).toBe(0)
        expect((yield* upload.current).state).toBe("paused")
        yield* TestClock.adjust("1 hour")
        expect((yield* upload.current).state).toBe("paused")
        yield* upload.resume
        expect(yield* drive(upload.await)).toMatchObject({ crc64: Crc64.of(data) })
        expect(yield* World.asked).toEqual({ putObject: 2 })
      }).pipe(world())
    )

    it.scoped(`${way}, overwrite: false: finds the object that the broken-off request made`, () =>
      Effect.gen(function* () {
        yield* prepared
        yield* World.fault({ on: { operation: "putObject" }, do: Fault.silence("after") })
        const upload = yield* Upload.controlled({ key: "a", path: "/a", overwrite: false }, options)
        yield* TestClock.adjust("1 second")
        yield* drive(upload.pause)
        yield* upload.resume
        const result = yield* drive(upload.await)
        const [head] = yield* World.requests("headObject")
        expect(result).toMatchObject({ crc64: Crc64.of(data), response: { status: 200, requestId: head?.requestId } })
      }).pipe(world())
    )

    it.scoped(`${way}, overwrite: false: another's object stays FileAlreadyExists`, () =>
      Effect.gen(function* () {
        yield* prepared
        yield* World.fault({ on: { operation: "putObject" }, do: Fault.silence("before") })
        const upload = yield* Upload.controlled({ key: "a", path: "/a", overwrite: false }, options)
        yield* TestClock.adjust("1 second")
        yield* drive(upload.pause)
        yield* Upload.bytes({ key: "a", bytes: content(3 * MiB + 5, 9) })
        yield* upload.resume
        expect(yield* Effect.flip(drive(upload.await))).toMatchObject({ _tag: "FileAlreadyExists" })
      }).pipe(world())
    )
  }

  it.scoped("whose response has arrived has succeeded, though the run has not quite ended", () =>
    Effect.gen(function* () {
      yield* prepared
      const isLeaving = yield* Deferred.make<void>()
      const store: Checkpoint.Store.Service = {
        get: () => Effect.succeedNone,
        set: () => Effect.void,
        remove: () => Effect.void,
        list: Effect.succeed([]),
        lease: () =>
          Effect.acquireRelease(Effect.succeed(Option.some({ isHeld: Effect.succeed(true), lost: Effect.never })), () =>
            Effect.zipRight(Deferred.succeed(isLeaving, undefined), Effect.sleep("2 seconds"))
          )
      }
      const upload = yield* Effect.provideService(Upload.controlled({ key: "a", path: "/a" }), Checkpoint.Store, store)
      yield* Deferred.await(isLeaving)
      yield* drive(upload.pause, "1 second")
      expect(yield* upload.current).toMatchObject({
        state: "succeeded",
        progress: { transferred: data.byteLength, percent: 1 }
      })
      expect(yield* upload.await).toMatchObject({ crc64: Crc64.of(data) })
      expect(yield* World.asked).toEqual({ putObject: 1 })
    }).pipe(world())
  )

  it.scoped("is cancelled at once as well", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* World.fault({ on: { operation: "putObject" }, do: Fault.silence("before") })
      const upload = yield* Upload.controlled({ key: "a", path: "/a" })
      yield* TestClock.adjust("1 second")
      expect((yield* drive(timed(upload.cancel), "1 second")).millis).toBe(0)
      expect((yield* upload.current).state).toBe("cancelled")
      yield* nothingStored
    }).pipe(world())
  )
})
