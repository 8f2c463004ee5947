/**
 * Shows the main job on a real file: upload, interruption, kill, resume, and download. Exits with 1 if anything differs.
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Presign from "effect-cos/Presign"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import { Failed, main } from "../tool.js"
import { bar, bold, check, dim, fact, mib, say, step } from "./screen.js"
import { client, Service, service } from "./service.js"

const size = 256 * 1024 * 1024

/** Writes a file in which no two parts are alike. */
const makeFile = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.open(path, { flag: "w" })
    const block = new Uint8Array(4 * 1024 * 1024)
    let seed = 2463534242
    for (let written = 0; written < size; written += block.byteLength) {
      const words = new Uint32Array(block.buffer)
      for (let i = 0; i < words.length; i++) {
        seed ^= seed << 13
        seed ^= seed >>> 17
        seed ^= seed << 5
        words[i] = seed
      }
      yield* file.writeAll(block)
    }
  }).pipe(Effect.scoped)

const sha256 = (path: string) =>
  Effect.promise(async () => {
    const hash = createHash("sha256")
    await pipeline(createReadStream(path), hash)
    return hash.digest("hex")
  })

/** A prefix that only this run uses, and whose objects and uploads are removed at the end. */
const temporaryPrefix = Effect.acquireRelease(
  Effect.map(Clock.currentTimeMillis, (now) => `effect-cos-demo/${now.toString(36)}/`),
  (prefix) =>
    Effect.gen(function* () {
      yield* Upload.abortUnfinished({ prefix })
      const made = yield* Stream.runCollect(Cos.listObjects.items({ prefix }))
      yield* Cos.deleteObjects({ objects: Array.from(made, ({ key }) => ({ key })) })
    }).pipe(Effect.catchAll((error) => Effect.logWarning(`something may be left under ${prefix}: ${error.message}`)))
)

const ms = (since: number) => Effect.map(Clock.currentTimeMillis, (now) => now - since)

const demo = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-demo-" })
  const results: Array<boolean> = []
  const holds = (claim: string, value: boolean) =>
    Effect.map(check(claim, value), (held) => {
      results.push(held)
    })

  const run = Effect.gen(function* () {
    const { description, environment } = yield* Service
    yield* say(description)
    const prefix = yield* temporaryPrefix
    const unfinished = Effect.map(Stream.runCollect(Cos.listMultipartUploads.items({ prefix })), Chunk.toReadonlyArray)
    const source = `${directory}/movie.bin`
    yield* makeFile(source)
    const digest = yield* sha256(source)
    yield* fact(dim(`${source}: ${mib(size)}, sha256 ${digest.slice(0, 16)}…`))

    yield* step(1, "Upload in parts")
    const first = `${prefix}first.bin`
    const started = yield* Clock.currentTimeMillis
    const uploaded = yield* Upload.file(
      { key: first, path: source },
      { concurrency: 4, progressInterval: "100 millis", onProgress: bar("up  ") }
    )
    yield* fact(
      `${uploaded.parts} parts in ${((yield* ms(started)) / 1000).toFixed(2)} s, ETag ${uploaded.eTag}, CRC64 ${uploaded.crc64}`
    )

    yield* step(2, "Interrupt midway: nothing is left on the server")
    const halfway = yield* Deferred.make<number>()
    const interrupted = yield* Effect.fork(
      Upload.file(
        { key: `${prefix}interrupted.bin`, path: source },
        {
          concurrency: 2,
          onCheckpoint: ({ parts }) => (parts.length >= 12 ? Deferred.succeed(halfway, parts.length) : Effect.void)
        }
      )
    )
    const reached = yield* Effect.raceFirst(
      Deferred.await(halfway),
      Effect.flatMap(Fiber.join(interrupted), () => Effect.succeed(0))
    )
    const from = yield* Clock.currentTimeMillis
    const exit = yield* Fiber.interrupt(interrupted)
    yield* fact(`interrupted after ${reached} of ${uploaded.parts} parts; the fiber ended ${yield* ms(from)} ms later`)
    yield* holds("the fiber was interrupted", Exit.isInterrupted(exit))
    yield* holds("no unfinished upload on the server", (yield* unfinished).length === 0)
    yield* holds("no object either", !(yield* Cos.objectExists({ key: `${prefix}interrupted.bin` })))

    yield* step(3, "Upload in a child process that is killed (SIGKILL) midway")
    const resumed = `${prefix}resumed.bin`
    const checkpoints = `${directory}/checkpoints`
    const killedAt = yield* killed({
      ...environment,
      DEMO_KEY: resumed,
      DEMO_FILE: source,
      DEMO_CHECKPOINTS: checkpoints
    })
    const [left] = yield* unfinished
    const stored = left === undefined ? [] : (yield* Cos.listParts({ key: left.key, uploadId: left.uploadId })).parts
    yield* fact(
      `killed after it reported ${killedAt} parts; the server holds an unfinished upload with ${stored.length}`
    )
    yield* holds("the upload is there to be resumed", left !== undefined && stored.length >= killedAt)

    yield* step(4, "Resume in this process")
    const again = yield* Upload.file(
      { key: resumed, path: source },
      { concurrency: 4, progressInterval: "100 millis", onProgress: bar("up  ") }
    ).pipe(Effect.provide(Checkpoint.layerDirectory(checkpoints)))
    yield* fact(`${again.resumedParts} of ${again.parts} parts were not sent again`)
    yield* holds("every acknowledged part was used", again.resumedParts >= killedAt && again.resumedParts > 0)
    yield* holds("no unfinished upload is left", (yield* unfinished).length === 0)

    yield* step(5, "List, head, download, compare")
    const listed = yield* Stream.runCollect(Cos.listObjects.items({ prefix }))
    for (const { key, size } of listed) yield* fact(dim(`${key}  ${mib(size)}`))
    yield* holds(
      "the list is of these two objects",
      Array.from(listed, ({ key }) => key).join() === [first, resumed].join()
    )
    const head = yield* Cos.headObject({ key: resumed })
    yield* holds(
      "both objects have the file's size and CRC64",
      head.contentLength === size && head.crc64 === uploaded.crc64
    )
    const target = `${directory}/downloaded.bin`
    const downloaded = yield* Download.file(
      { key: resumed, path: target },
      { concurrency: 4, progressInterval: "100 millis", onProgress: bar("down") }
    )
    yield* holds(`the downloaded file is byte-equal (${mib(downloaded.size)})`, (yield* sha256(target)) === digest)

    yield* step(6, "A presigned URL, fetched with plain fetch")
    const url = yield* Presign.url(
      Cos.getObject,
      { key: first, responseContentType: "video/mp4" },
      { expiresIn: "5 minutes" }
    )
    const fetched = yield* Effect.promise(async () => {
      const response = await fetch(Redacted.value(url))
      const hash = createHash("sha256")
      for await (const chunk of response.body ?? []) hash.update(chunk)
      return { status: response.status, type: response.headers.get("content-type"), digest: hash.digest("hex") }
    })
    yield* holds(`${fetched.status} ${fetched.type}, byte-equal`, fetched.status === 200 && fetched.digest === digest)

    yield* step(7, "A queue: an upload that is paused and resumed, a copy and a download beside it")
    const copied = `${directory}/copied.bin`
    const states = yield* Effect.scoped(
      Effect.gen(function* () {
        const queue = yield* TransferQueue.make({ concurrency: 2, changesInterval: "50 millis" })
        const upload = yield* queue.upload({ key: `${prefix}queued.bin`, path: source }, { concurrency: 2 })
        const copy = yield* queue.copy({ key: `${prefix}copied.bin`, source: { key: first } })
        yield* queue.changes.pipe(
          Stream.takeUntil((entries) =>
            entries.some(({ id, progress }) => id === upload.id && (progress.partsDone ?? 0) >= 12)
          ),
          Stream.runDrain
        )
        const checkpoint = yield* upload.pause
        yield* fact(`upload paused after ${checkpoint?.parts.length ?? 0} parts; the copy goes on`)
        yield* copy.await
        const download = yield* queue.download({ key: `${prefix}copied.bin`, path: copied })
        yield* upload.resume
        const done = yield* Effect.all([upload.await, download.await], { concurrency: 2 })
        yield* fact(`resumed: ${done[0].resumedParts} of its ${done[0].parts} parts were not sent again`)
        return (yield* queue.list).map(({ kind, state }) => `${kind} ${state}`)
      })
    )
    yield* holds(states.join(", "), states.length === 3 && states.every((state) => state.endsWith("succeeded")))
    yield* holds("what was copied and downloaded is byte-equal", (yield* sha256(copied)) === digest)
    yield* holds("no unfinished upload is left", (yield* unfinished).length === 0)

    yield* step(8, "Errors by type")
    const missing = yield* Cos.headObject({ key: `${prefix}missing` }).pipe(
      Effect.as("found"),
      Effect.catchTag("NoSuchKey", (error) =>
        Effect.succeed(`NoSuchKey: status ${error.status}, request ${error.requestId}`)
      )
    )
    yield* holds(missing, missing.startsWith("NoSuchKey"))
    const twice = yield* Cos.putObject({ key: first, body: "other", overwrite: false }).pipe(
      Effect.as("overwritten"),
      Effect.catchTag("FileAlreadyExists", (error) => Effect.succeed(`FileAlreadyExists: ${error.key} was kept`))
    )
    yield* holds(twice, twice.startsWith("FileAlreadyExists"))
    const invalid = yield* Cos.getObject({ key: "k".repeat(851) }).pipe(
      Effect.scoped,
      Effect.as("sent"),
      Effect.catchTag("InvalidInput", ({ reason }) => Effect.succeed(`InvalidInput: ${reason}; nothing was sent`))
    )
    yield* holds(invalid, invalid.startsWith("InvalidInput"))
  }).pipe(Effect.scoped)

  const live = Layer.provideMerge(client, service(`${directory}/server`))
  yield* Effect.provide(run, live)
  const failed = results.filter((held) => !held).length
  yield* say(
    failed === 0
      ? bold(`\nAll ${results.length} checks hold.`)
      : bold(`\n${failed} of ${results.length} checks do not hold.`)
  )
  if (failed > 0) return yield* new Failed()
}).pipe(Effect.scoped)

/** Starts the uploader, kills it midway, and returns how many parts it had reported. */
const killed = (environment: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const child = yield* Command.start(
      Command.make(process.execPath, ...process.execArgv, fileURLToPath(new URL("uploader.ts", import.meta.url))).pipe(
        Command.env(environment),
        Command.stderr("inherit")
      )
    )
    const reported = yield* child.stdout.pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.map(Number),
      Stream.takeUntil((parts) => parts >= 12),
      Stream.runLast
    )
    yield* child.kill("SIGKILL").pipe(Effect.ignore)
    return reported._tag === "Some" ? reported.value : 0
  }).pipe(Effect.scoped)

main(demo)
