/**
 * An object of 10 GiB, uploaded in parts and put together, through a server that is not allowed the memory for it; then
 * ranges of it.
 */
import { readFile } from "node:fs/promises"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Upload from "effect-cos/Upload"
import { Failed, main } from "../tool.js"
import { client, install, start } from "./command.js"

export const description =
  "An object of 10 GiB (or as many as the argument says) through the emulator, its memory watched"

const gibibytes = Number(process.argv[2] ?? 10)
const size = gibibytes * 1024 ** 3
const limit = 200

/** A block that tells where it stands: its number, over and over. */
const blockSize = 1024 * 1024
const block = (number: number): Uint8Array => new Uint8Array(new Uint32Array(blockSize / 4).fill(number).buffer)
const content = Stream.map(Stream.range(0, size / blockSize - 1, 1), block)

/** What the process holds in memory, in MB, and the most it ever held. */
const memoryOf = (pid: number | undefined) =>
  Effect.map(
    Effect.promise(() => readFile(`/proc/${pid}/status`, "utf8")),
    (status) => ({
      now: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1000,
      most: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1000
    })
  )

const range = (start: number) =>
  Effect.gen(function* () {
    const [duration, bytes] = yield* Effect.timed(
      Effect.scoped(
        Effect.flatMap(Cos.getObject({ key: "large", range: { start, end: start + 7 } }), ({ body }) =>
          Stream.runFold(body, new Uint8Array(0), (all, chunk) => Buffer.concat([all, chunk]))
        )
      )
    )
    const words = new Uint32Array(Uint8Array.from(bytes).buffer)
    if (words.length !== 2 || words.some((word) => word !== Math.floor(start / blockSize))) {
      return yield* new Failed(`the range at ${start} is ${words}`)
    }
    return Duration.toMillis(duration)
  })

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const command = yield* install
    const dir = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-large-" })
    const running = yield* start(command, "--dir", dir)
    const memory = memoryOf(running.child.pid)
    const before = yield* memory
    yield* Effect.gen(function* () {
      const [duration] = yield* Effect.timed(
        Upload.stream({ key: "large", stream: content }, { partSize: 16 * 1024 * 1024, concurrency: 3 })
      )
      const offsets = [0, 1, size / 2, size - blockSize].map((offset) => Math.floor(offset / 4) * 4)
      const times = yield* Effect.forEach(offsets, range)
      const [read] = yield* Effect.timed(
        Effect.scoped(Effect.flatMap(Cos.getObject({ key: "large" }), ({ body }) => Stream.runDrain(body)))
      )
      const { most } = yield* memory
      if (most > limit) return yield* new Failed(`the server held ${Math.round(most)} MB`)
      const rate = (time: Duration.Duration) => Math.round(size / 1e6 / Duration.toSeconds(time))
      console.log(
        `${gibibytes} GiB written at ${rate(duration)} MB/s and read at ${rate(read)} MB/s; the server held at most ${Math.round(most)} MB ` +
          `(${Math.round(before.now)} MB idle); ranges answered in ${Math.round(Math.max(...times))} ms or less`
      )
    }).pipe(Effect.provide(client(running)))
  }).pipe(Effect.scoped)
)
