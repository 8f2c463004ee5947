/** The same promises through sockets: real time, small limits. */
import { gzipSync } from "node:zlib"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, firstDifference, inPieces, KiB, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const data = content(3 * MiB + 5)
const options = {
  partSize: MiB,
  threshold: 0,
  concurrency: 2,
  abortGrace: "300 millis",
  releaseLimit: "2 seconds"
} as const
const upload = Upload.bytes({ key: "a", bytes: data }, options)
const port = Effect.provide(World.onPort({ client: { timeLimits: { idle: "500 millis" } } }))

/** More than the small limits, less than the default ones. */
const inTime = Effect.timeout("8 seconds")

describe("an upload through a port that is interrupted", () => {
  const cases: ReadonlyArray<{
    name: string
    silent: string
    fault: Fault.Fault
    asked: Readonly<Record<string, number>>
    open: number
    stored: boolean
  }> = [
    {
      name: "while initiate is not answered, though carried out",
      silent: "initiateMultipartUpload",
      fault: Fault.silence("after"),
      // It may be another writer's: it is reported, not aborted.
      asked: { initiateMultipartUpload: 1, listMultipartUploads: 1, listParts: 1 },
      open: 1,
      stored: false
    },
    {
      name: "while complete is not answered, though carried out",
      silent: "completeMultipartUpload",
      fault: Fault.silence("after"),
      asked: { initiateMultipartUpload: 1, uploadPart: 4, completeMultipartUpload: 1, headObject: 1, listParts: 1 },
      open: 0,
      stored: true
    },
    {
      name: "while complete is not answered, nor carried out",
      silent: "completeMultipartUpload",
      fault: Fault.silence("before"),
      asked: {
        initiateMultipartUpload: 1,
        uploadPart: 4,
        completeMultipartUpload: 1,
        headObject: 1,
        abortMultipartUpload: 1
      },
      open: 0,
      stored: false
    }
  ]
  for (const { asked, fault, name, open, silent, stored } of cases) {
    it.scopedLive(name, () =>
      Effect.gen(function* () {
        yield* World.fault({ on: { operation: silent }, do: fault })
        const fiber = yield* Effect.fork(upload)
        yield* World.untilRequested(silent)
        // What is carried out before it is not answered takes a moment.
        yield* Effect.sleep("50 millis")
        yield* inTime(Fiber.interrupt(fiber))
        expect(yield* World.asked).toEqual(asked)
        expect(yield* World.unfinishedUploads).toHaveLength(open)
        yield* World.expectStored("a", stored ? data : undefined)
      }).pipe(port)
    )
  }

  it.scopedLive("midway, with parts on the wire, closes them and sends one abort", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const slow = yield* emulator.fault({
        on: { operation: "uploadPart", times: Infinity },
        do: Fault.slow(256 * KiB)
      })
      const fiber = yield* Effect.fork(upload)
      yield* World.untilRequested("uploadPart", 2)
      yield* inTime(Fiber.interrupt(fiber))
      expect(yield* slow.matched).toBe(2)
      expect(yield* World.asked).toEqual({ initiateMultipartUpload: 1, uploadPart: 2, abortMultipartUpload: 1 })
      expect(yield* World.unfinishedUploads).toEqual([])
    }).pipe(port)
  )

  it.scopedLive("returns in time even if the abort gets no response", () =>
    Effect.gen(function* () {
      yield* World.fault({ on: { operation: "uploadPart", times: Infinity }, do: Fault.silence() })
      yield* World.fault({ on: { operation: "abortMultipartUpload", times: Infinity }, do: Fault.silence() })
      const upload = Upload.bytes({ key: "a", bytes: data }, { ...options, releaseLimit: "100 millis" })
      const fiber = yield* Effect.fork(Logger.withMinimumLogLevel(Effect.timeout(upload, "500 millis"), LogLevel.Error))
      expect(yield* inTime(Effect.flip(Fiber.join(fiber)))).toMatchObject({ _tag: "TimeoutException" })
      expect((yield* World.asked).abortMultipartUpload).toBe(1)
    }).pipe(port)
  )
})

describe("a stream through a port", () => {
  it.scopedLive("is uploaded and downloaded despite broken connections", () =>
    Effect.gen(function* () {
      yield* World.fault({ on: { operation: "uploadPart", partNumber: 2 }, do: Fault.resetAfterBytes(500_000) })
      yield* World.fault({ on: { operation: "uploadPart", partNumber: 3 }, do: Fault.lostResponse })
      yield* World.fault({ on: { operation: "completeMultipartUpload" }, do: Fault.lostResponse })
      yield* Stream.run(inPieces(data, 100_000), Upload.sink({ key: "a" }, options))
      yield* World.expectStored("a", data)

      yield* World.fault({ on: { operation: "getObject" }, do: Fault.resetResponseAfterBytes(300_000) })
      yield* World.fault({ on: { operation: "getObject", nth: 2 }, do: Fault.stall(300_000) })
      yield* World.fault({ on: { operation: "getObject", nth: 3 }, do: Fault.truncate(300_000) })
      const bytes = yield* Stream.runFold(Download.stream({ key: "a" }), [] as Array<Uint8Array>, (all, some) => [
        ...all,
        some
      ])
      expect(firstDifference(new Uint8Array(Buffer.concat(bytes)), data)).toBeUndefined()
      expect((yield* World.requests("getObject")).length).toBe(4)
    }).pipe(port)
  )
})

describe("through fetch, which undoes codings", () => {
  const fetching = Layer.unwrapEffect(
    Effect.map(Emulator, ({ credentials, endpoint }) =>
      CosClient.layer({
        bucket: World.bucket,
        region: World.region,
        endpoint: Endpoint.custom({ url: endpoint })
      }).pipe(Layer.provide(Credentials.layerStatic(credentials)), Layer.provide(FetchHttpClient.layer))
    )
  )
  const plain = new Uint8Array(Buffer.from("hello ".repeat(1000)))

  it.scopedLive("content without a coding is verified, and resumes", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: data })
      yield* World.fault({ on: { operation: "getObject" }, do: Fault.resetResponseAfterBytes(1_000_000) })
      expect(firstDifference(yield* Effect.provide(Download.bytes({ key: "a" }), fetching), data)).toBeUndefined()
    }).pipe(port)
  )

  it.scopedLive(
    "content with one cannot be verified: it is decoded where that is asked for, and never stored as a file",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = `${yield* fs.makeTempDirectoryScoped()}/a`
        yield* Cos.putObject({ key: "a", body: new Uint8Array(gzipSync(plain)), contentEncoding: "gzip" })
        yield* Effect.gen(function* () {
          expect(yield* Effect.flip(Download.bytes({ key: "a" }))).toMatchObject({
            _tag: "InvalidInput",
            field: "verify"
          })
          const bytes = yield* Download.bytes({ key: "a" }, { verify: false })
          expect(firstDifference(bytes, plain)).toBeUndefined()
          expect(yield* Effect.flip(Download.file({ key: "a", path }))).toMatchObject({
            _tag: "InvalidInput",
            field: "key"
          })
        }).pipe(Effect.provide(fetching))
        expect((yield* World.asked).getObject).toBe(2)
        expect(yield* fs.exists(path)).toBe(false)
      }).pipe(port)
  )
})

describe("a file through a port", () => {
  it.scopedLive("is uploaded and downloaded despite broken connections", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFile(`${directory}/up`, data)
      yield* fs.writeFileString(`${directory}/down`, "old")
      yield* World.fault({ on: { operation: "uploadPart", partNumber: 2 }, do: Fault.resetBefore })
      yield* Upload.file({ key: "a", path: `${directory}/up` }, options)
      yield* World.fault({ on: { operation: "getObject" }, do: Fault.resetResponseAfterBytes(1000) })
      yield* World.fault({ on: { operation: "getObject", nth: 2 }, do: Fault.stall(1000) })
      yield* Download.file({ key: "a", path: `${directory}/down` }, { partSize: 512 * KiB })
      expect(firstDifference(yield* fs.readFile(`${directory}/down`), data)).toBeUndefined()
      expect([...(yield* fs.readDirectory(directory))].sort()).toEqual(["down", "up"])
    }).pipe(port)
  )

  it.scopedLive("is counted as it arrives, however it is read", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/down`
      yield* Cos.putObject({ key: "a", body: data })
      const received = Effect.map(Metric.snapshot, (pairs) => {
        const found = Array.from(pairs).find(({ metricKey }) => metricKey.name === "cos_bytes_received_total")
        return ((found?.metricState ?? { count: 0 }) as { readonly count: number }).count
      })
      const reads: ReadonlyArray<Effect.Effect<unknown, unknown, FileSystem.FileSystem | CosClient.CosClient>> = [
        Download.file({ key: "a", path }, { partSize: 512 * KiB }),
        Download.bytes({ key: "a" }),
        Stream.runDrain(Download.stream({ key: "a" }))
      ]
      for (const read of reads) {
        const before = yield* received
        yield* read
        expect((yield* received) - before).toBe(data.byteLength)
      }
    }).pipe(port)
  )

  it.scopedLive("that is replaced while it is sent is SourceChanged", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const path = `${directory}/up`
      yield* fs.writeFile(path, data)
      const replace = Effect.zipRight(fs.writeFile(`${directory}/other`, data), fs.rename(`${directory}/other`, path))
      yield* World.fault({ on: { operation: "uploadPart", nth: 4 }, do: Fault.delay("300 millis") })
      const fiber = yield* Effect.fork(Effect.flip(Upload.file({ key: "a", path }, options)))
      yield* World.untilRequested("uploadPart", 4)
      yield* replace
      const error = yield* Fiber.join(fiber)
      expect(error).toMatchObject({ _tag: "SourceChanged" })
      expect(yield* World.unfinishedUploads).toEqual([])
      yield* World.expectStored("a", undefined)
    }).pipe(port)
  )

  it.scopedLive("downloaded into a read-only directory is a typed error", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: "x" })
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const error = yield* Effect.flip(Download.file({ key: "a", path: `${directory}/nowhere/down` }))
      expect(error).toMatchObject({ _tag: "SystemError", reason: "NotFound" })
      expect(yield* World.requests("getObject")).toEqual([])
    }).pipe(port)
  )
})
