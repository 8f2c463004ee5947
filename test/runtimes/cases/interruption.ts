import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, inPieces, KiB, MiB } from "../../support/content.js"
import { nothingUnfinished, same, stored } from "../expect.js"
import { cases, casesWithFiles, World } from "../model.js"
import { until } from "../world.js"

const bytes = content(3 * MiB)
const inParts = { partSize: MiB, threshold: 0, concurrency: 2 }

/** Interrupts an effect once the nth request of an operation hangs; checks that this does not take long. */
const interruptedAt = <A, E, R>(operation: string, nth: number, self: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { fault } = yield* World
      yield* fault({ on: { operation, nth, times: "all" }, do: Fault.silence() })
      const fiber = yield* Effect.fork(self)
      yield* until(operation, (seen) => seen.length >= nth)
      const began = Date.now()
      yield* Fiber.interrupt(fiber)
      const milliseconds = Date.now() - began
      if (milliseconds > 5000) throw new Error(`the interrupt took ${milliseconds} ms`)
    })
  )

export const interruption = [
  ...cases("interruption", {
    "of an upload in parts: it is aborted": Effect.gen(function* () {
      yield* interruptedAt("uploadPart", 3, Upload.bytes({ key: "a", bytes }, inParts))
      yield* stored("a", undefined)
      yield* nothingUnfinished
    }),
    "of a stream's upload: its finalizers run": Effect.gen(function* () {
      let closed = false
      const stream = Stream.ensuring(
        inPieces(bytes, 100_000),
        Effect.sync(() => {
          closed = true
        })
      )
      yield* interruptedAt("uploadPart", 2, Upload.stream({ key: "a", stream }, inParts))
      same("closed", closed, true)
      yield* nothingUnfinished
    }),
    "of one request: its connection is closed": Effect.gen(function* () {
      const { requests } = yield* World
      yield* interruptedAt("putObject", 1, Cos.putObject({ key: "a", body: bytes }))
      yield* until("putObject", (seen) => seen.every(({ outcome }) => outcome === "clientClosed"))
      same("requests", (yield* requests("putObject")).length, 1)
      yield* stored("a", undefined)
    }),
    "by a race, of a response that never comes": Effect.gen(function* () {
      const { fault } = yield* World
      yield* fault({ on: { operation: "headObject", times: "all" }, do: Fault.silence() })
      const seen = until("headObject", (seen) => seen.length > 0)
      yield* Effect.raceFirst(Cos.headObject({ key: "a" }), seen)
      yield* until("headObject", (seen) => seen.every(({ outcome }) => outcome === "clientClosed"))
    }),
    "of a response's body: its connection is closed": Effect.gen(function* () {
      const { fault } = yield* World
      yield* Cos.putObject({ key: "a", body: bytes })
      yield* fault({ on: { operation: "getObject", times: "all" }, do: Fault.stall(MiB) })
      let received = 0
      const read = Stream.runForEach(Download.stream({ key: "a" }), (chunk) =>
        Effect.sync(() => {
          received += chunk.length
        })
      )
      const fiber = yield* Effect.fork(read)
      // All that comes.
      while (received < MiB) yield* Effect.sleep("10 millis")
      yield* Fiber.interrupt(fiber)
      yield* until("getObject", (seen) => seen.every(({ outcome }) => outcome === "clientClosed"))
    })
  }),
  ...casesWithFiles("interruption", {
    "of a file's download: no temporary file is left, and what was there stays": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${directory}/a`, "old")
      yield* Cos.putObject({ key: "a", body: bytes })
      const download = Download.file({ key: "a", path: `${directory}/a` }, { partSize: 512 * KiB, concurrency: 2 })
      yield* interruptedAt("getObject", 4, download)
      same("files", yield* fs.readDirectory(directory), ["a"])
      same("a", yield* fs.readFileString(`${directory}/a`), "old")
    }),
    "of a file's upload: it is aborted": Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/a`
      yield* fs.writeFile(path, bytes)
      yield* interruptedAt("uploadPart", 3, Upload.file({ key: "a", path }, inParts))
      yield* nothingUnfinished
    })
  })
]
