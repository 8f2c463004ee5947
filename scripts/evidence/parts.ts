/**
 * Uploads a file of exactly 10,000 parts, interrupted near the end and resumed. Only the parts that were being sent at the
 * interruption are sent twice. With one byte more the parts are larger.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Crc64 from "effect-cos/Crc64"
import * as Upload from "effect-cos/Upload"
import * as Emulator from "effect-cos-emulator/Emulator"
import { Failed, main } from "../tool.js"
import { live } from "./local.js"

export const description = "An upload of 10,000 parts, interrupted near its end and resumed"

const count = Number(process.argv[2] ?? 10_000)
const MiB = 1024 ** 2
const concurrency = 8

/** A sparse file in which each part begins with its number. */
const makeFile = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.open(path, { flag: "w" })
    yield* file.truncate(count * MiB)
    for (let i = 0; i < count; i++) {
      yield* file.seek(i * MiB, "start")
      yield* file.writeAll(new Uint8Array(new Uint32Array([i + 1]).buffer))
    }
  }).pipe(Effect.scoped)

const crcOf = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const crc = Crc64.make()
    yield* Stream.runForEach(fs.stream(path, { chunkSize: MiB }), (bytes) => Effect.sync(() => crc.update(bytes)))
    return crc.value
  })

const requests = (operation: string) =>
  Effect.flatMap(Emulator.Emulator, ({ journal }) =>
    Effect.map(journal, (entries) => entries.filter((entry) => entry.operation === operation))
  )

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-parts-" })
    const path = `${directory}/source`
    yield* makeFile(path)
    const size = count * MiB
    const almost = count - 2 * concurrency

    const upload = (options: Upload.ResumableUploadOptions = {}) =>
      Upload.file({ key: "parts", path }, { partSize: MiB, threshold: 0, concurrency, ...options })
    /** Runs until so many parts are done, and gives its checkpoint. */
    const until = (parts: number, options: Upload.ResumableUploadOptions) =>
      Effect.gen(function* () {
        const reached = yield* Deferred.make<Checkpoint.Upload>()
        const onCheckpoint = (checkpoint: Checkpoint.Upload) =>
          Effect.when(Deferred.succeed(reached, checkpoint), () => checkpoint.parts.length === parts)
        const fiber = yield* Effect.fork(upload({ ...options, onCheckpoint }))
        return yield* Effect.raceFirst(
          Effect.ensuring(Deferred.await(reached), Fiber.interrupt(fiber)),
          Effect.flatMap(Fiber.join(fiber), () => new Failed(`it ended before ${parts} parts were done`))
        )
      })

    yield* Effect.gen(function* () {
      const [first] = yield* Effect.timed(until(almost, { onInterrupt: "keep" }))
      const [second, result] = yield* Effect.timed(upload())
      const sent = (yield* requests("uploadPart")).map(({ partNumber }) => partNumber)
      const again = sent.length - new Set(sent).size
      const expected = yield* crcOf(path)
      const stored = yield* Cos.headObject({ key: "parts" })
      const holds =
        result.parts === count &&
        result.resumedParts >= almost &&
        new Set(sent).size === count &&
        again <= concurrency &&
        stored.contentLength === size &&
        stored.crc64 === expected &&
        (yield* requests("initiateMultipartUpload")).length === 1
      if (!holds) {
        return yield* new Failed(`${result.parts} parts, ${result.resumedParts} taken up, ${again} sent again`)
      }

      yield* fs.truncate(path, size + 1)
      const { partSize } = yield* until(0, { onInterrupt: "abort" })
      if (count === 10_000 && partSize !== 2 * MiB)
        return yield* new Failed(`one byte more: parts of ${partSize} bytes`)
      const seconds = Duration.toSeconds(Duration.sum(first, second))
      console.log(
        `${count} parts of 1 MiB in ${seconds.toFixed(0)} s, interrupted after ${almost}: ${result.resumedParts} were taken up, ` +
          `${again} that were on their way sent again; CRC64 equal; one byte more makes parts of ${partSize / MiB} MiB`
      )
    }).pipe(Effect.provide(Checkpoint.layerMemory), Effect.provide(live({ dir: `${directory}/server` })))
  }).pipe(Effect.scoped)
)
