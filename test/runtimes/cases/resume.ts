import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB, MiB } from "../../support/content.js"
import { equalBytes, fields, nothingUnfinished, same, stored } from "../expect.js"
import { cases, casesWithFiles, World } from "../model.js"
import { until } from "../world.js"

const bytes = content(3 * MiB + 5)
const options: Upload.ResumableUploadOptions = { partSize: MiB, threshold: 0, concurrency: 1, onInterrupt: "keep" }

/** Interrupts an upload whose third part hangs; its last checkpoint. */
const interrupted = <E, R>(upload: (options: Upload.ResumableUploadOptions) => Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const { fault, forgetRequests } = yield* World
    let last: Checkpoint.Upload | undefined
    yield* Effect.scoped(
      Effect.gen(function* () {
        yield* fault({ on: { operation: "uploadPart", nth: 3, times: "all" }, do: Fault.silence() })
        const onCheckpoint = (checkpoint: Checkpoint.Upload) =>
          Effect.sync(() => {
            last = checkpoint
          })
        const fiber = yield* Effect.fork(upload({ ...options, onCheckpoint }))
        yield* until("uploadPart", (parts) => parts.length === 3)
        yield* Fiber.interrupt(fiber)
      })
    )
    yield* forgetRequests
    same(
      "parts",
      last?.parts.map(({ partNumber }) => partNumber),
      [1, 2]
    )
    return last as Checkpoint.Upload
  })

const expectResumed = (result: Upload.UploadResult) =>
  Effect.gen(function* () {
    const { requests } = yield* World
    fields("result", result, { parts: 4, resumedParts: 2 })
    same("parts sent", (yield* requests("uploadPart")).map(({ partNumber }) => partNumber).sort(), [3, 4])
    yield* stored("a", bytes)
    yield* nothingUnfinished
  })

const withFile = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFile(`${directory}/source`, bytes)
  return directory
})

export const resume = [
  ...cases("resume", {
    "a Blob from its checkpoint": Effect.gen(function* () {
      const upload = (options: Upload.ResumableUploadOptions) =>
        Upload.blob({ key: "a", blob: new Blob([bytes]) }, options)
      const checkpoint = yield* interrupted(upload)
      yield* expectResumed(yield* upload({ ...options, resume: checkpoint }))
    }),
    "bytes from what the server holds": Effect.gen(function* () {
      const upload = (options: Upload.ResumableUploadOptions) => Upload.bytes({ key: "a", bytes }, options)
      yield* interrupted(upload)
      yield* expectResumed(yield* upload({ ...options, resume: "discover" }))
    }),
    "from a store in memory": Effect.gen(function* () {
      const upload = (options: Upload.ResumableUploadOptions) => Upload.bytes({ key: "a", bytes }, options)
      yield* interrupted(upload)
      yield* expectResumed(yield* upload(options))
    }).pipe(Effect.provide(Checkpoint.layerMemory))
  }),
  ...casesWithFiles("resume", {
    "a file from its checkpoint": Effect.gen(function* () {
      const path = `${yield* withFile}/source`
      const upload = (options: Upload.ResumableUploadOptions) => Upload.file({ key: "a", path }, options)
      const checkpoint = yield* interrupted(upload)
      yield* expectResumed(yield* upload({ ...options, resume: checkpoint }))
    }),
    "a file from a store in a directory": Effect.gen(function* () {
      const directory = yield* withFile
      const upload = (options: Upload.ResumableUploadOptions) =>
        Upload.file({ key: "a", path: `${directory}/source` }, options).pipe(
          Effect.provide(Checkpoint.layerDirectory(`${directory}/checkpoints`))
        )
      yield* interrupted(upload)
      yield* expectResumed(yield* upload(options))
    }),
    "a download, of which what was written is not fetched again": Effect.gen(function* () {
      const { fault, forgetRequests, requests } = yield* World
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const path = `${directory}/a`
      yield* Cos.putObject({ key: "a", body: bytes })
      const download = Download.file({ key: "a", path }, { partSize: 512 * KiB, concurrency: 1, onInterrupt: "keep" })
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* fault({ on: { operation: "getObject", nth: 4, times: "all" }, do: Fault.silence() })
          const fiber = yield* Effect.fork(download)
          yield* until("getObject", (ranges) => ranges.length === 4)
          yield* Fiber.interrupt(fiber)
        })
      )
      yield* forgetRequests
      const { parts, resumedParts } = yield* download
      same("parts", [parts, resumedParts], [7, 3])
      same("ranges", (yield* requests("getObject")).length, 4)
      equalBytes("a", yield* fs.readFile(path), bytes)
      same("files", yield* fs.readDirectory(directory), ["a"])
    }).pipe(Effect.provide(Checkpoint.layerMemory))
  })
]
