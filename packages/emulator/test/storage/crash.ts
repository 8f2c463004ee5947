/**
 * Kills a process that writes, again and again, and looks at what it left:
 *
 *     tsx packages/emulator/test/storage/crash.ts [rounds = 200] [directory]
 *
 * Every acknowledged write must be there byte for byte, every other one absent or whole, and no file may be left that
 * nothing names. Exits with 1 when that does not hold.
 */
import { spawn } from "node:child_process"
import { writeSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import { type NewObject, type Segment, Storage } from "../../src/internal/storage/Storage.js"

const bucket = "crash-1250000000"
const attributes = { owner: "1", storageClass: "STANDARD", headers: {}, tags: [] }

const objectOf = (size: number, segments: ReadonlyArray<Segment>): NewObject => ({
  ...attributes,
  type: "normal",
  lastModified: Date.now(),
  size,
  etag: "",
  segments
})

/** What is written is told by its seeds: each stands for a piece, the large ones for one in a file. */
type Content = ReadonlyArray<number>

const pieceOf = (seed: number): Uint8Array => {
  const piece = new Uint8Array((seed % 3) * 150_000 + (seed % 5_000))
  for (let i = 0; i < piece.length; i++) piece[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff
  return piece
}

const bytesOf = (content: Content): Buffer => Buffer.concat(content.map(pieceOf))

// -------------------------------------------------------------------------------------
// the process that is killed
// -------------------------------------------------------------------------------------

interface Line {
  readonly key: string
  /** `null`: removed. */
  readonly content: Content | null
  readonly done: boolean
}

const tell = (line: Line) => Effect.sync(() => writeSync(1, `${JSON.stringify(line)}\n`))

const seed = Effect.sync(() => Math.floor(Math.random() * 1_000_000))

const put = (key: string) =>
  Effect.gen(function* () {
    const storage = yield* Storage
    const content = [yield* seed]
    yield* tell({ key, content, done: false })
    const body = yield* storage.writeBody(bytesOf(content))
    yield* storage.putObject(bucket, key, () => Either.right(objectOf(body.size, body.segments)))
    yield* tell({ key, content, done: true })
  })

const multipart = (key: string) =>
  Effect.gen(function* () {
    const storage = yield* Storage
    const content = [yield* seed, yield* seed, yield* seed]
    yield* tell({ key, content, done: false })
    const { uploadId } = yield* storage.createUpload(bucket, key, () =>
      Either.right({ ...attributes, initiatedAt: Date.now(), initiator: "1" })
    )
    yield* Effect.forEach(
      content,
      (seed, i) =>
        Effect.scoped(
          Effect.flatMap(storage.writeBody(Stream.make(pieceOf(seed))), ({ crc64, md5, segments, size }) =>
            storage.putPart(bucket, key, uploadId, {
              partNumber: i + 1,
              lastModified: 0,
              etag: md5,
              crc64,
              segments,
              size
            })
          )
        ),
      { concurrency: 3 }
    )
    yield* storage.completeUpload(bucket, key, uploadId, ({ parts }) =>
      Either.right(
        objectOf(
          parts.reduce((size, part) => size + part.size, 0),
          parts.flatMap((part) => part.segments)
        )
      )
    )
    yield* tell({ key, content, done: true })
  })

const remove = (key: string) =>
  Effect.gen(function* () {
    const storage = yield* Storage
    yield* tell({ key, content: null, done: false })
    yield* storage.removeObject(bucket, key, { lastModified: Date.now(), owner: "1" })
    yield* tell({ key, content: null, done: true })
  })

const writeForEver = Effect.forEach(
  Array.from({ length: 8 }, (_, worker) => worker),
  (worker) =>
    Effect.suspend(() => {
      const key = `${worker}/${Math.floor(Math.random() * 4)}`
      const chance = Math.random()
      return Effect.scoped(chance < 0.2 ? remove(key) : chance < 0.6 ? put(key) : multipart(key))
    }).pipe(Effect.forever),
  { concurrency: "unbounded" }
)

// -------------------------------------------------------------------------------------
// the process that looks
// -------------------------------------------------------------------------------------

/** Starts the writer, kills it after a moment, and gives what it had told. */
const killOne = (directory: string): Promise<ReadonlyArray<Line>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "write", directory], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const lines: Array<Line> = []
    createInterface(child.stdout).on("line", (line) => {
      // the first line is the sign that it writes; the moment after it is up to chance
      if (lines.length === 0) setTimeout(() => child.kill("SIGKILL"), Math.random() * 800)
      try {
        lines.push(JSON.parse(line))
      } catch {
        // cut off by the end of the process
      }
    })
    child.on("close", (code, signal) =>
      signal === "SIGKILL" ? resolve(lines) : reject(new Error(`the writer ended by itself: ${code}`))
    )
  })

const look = (directory: string, expected: Map<string, ReadonlyArray<Content | null>>) =>
  Effect.gen(function* () {
    const storage = yield* Storage
    const faults: Array<string> = []
    const named = new Set<string>()
    for (const [key, possible] of expected) {
      const found = yield* Effect.scoped(
        Effect.flatMap(storage.openObject(bucket, key), (object) => Stream.runCollect(object.read()))
      ).pipe(
        Effect.map((chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks))),
        Effect.catchTag("NotFound", () => Effect.succeed(null))
      )
      const match = possible.find((content) =>
        content === null || found === null ? content === found : found.equals(bytesOf(content))
      )
      if (match === undefined) faults.push(`${key}: neither what was acknowledged nor what was being written`)
      else expected.set(key, [match])
    }
    const { items } = yield* storage.listObjects(bucket, { prefix: "", delimiter: "", after: "", limit: 1000 })
    const uploads = yield* storage.listUploads(bucket, {
      prefix: "",
      delimiter: "",
      after: "",
      afterId: "",
      limit: 1000
    })
    const parts = yield* Effect.forEach(uploads.items, ({ key, uploadId }) =>
      storage.listParts(bucket, key, uploadId, { after: 0, limit: 1000 })
    )
    for (const { segments } of [...items, ...parts.flatMap((upload) => upload.parts)]) {
      for (const { body } of segments) if (body.startsWith("f")) named.add(body)
    }
    const entries = yield* Effect.promise(() =>
      readdir(join(directory, "bodies"), { recursive: true, withFileTypes: true })
    )
    const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
    for (const file of files) if (!named.delete(file)) faults.push(`${file}: a file that nothing names`)
    for (const file of named) faults.push(`${file}: a file that is missing`)
    // of every other round, so that they also pile up
    if (Math.random() < 0.5) {
      yield* Effect.forEach(uploads.items, ({ key, uploadId }) => storage.abortUpload(bucket, key, uploadId))
    }
    return faults
  })

const run = async (rounds: number, directory: string): Promise<boolean> => {
  const open = Disk.layer({ directory })
  const expected = new Map<string, ReadonlyArray<Content | null>>()
  let [acknowledged, unfinished, slowest] = [0, 0, 0]
  await Effect.runPromise(
    Effect.flatMap(Storage, (storage) =>
      storage.createBucket({ name: bucket, region: "r", owner: "1", createdAt: 0, acl: { grants: [] } })
    ).pipe(Effect.provide(open))
  )
  for (let round = 1; round <= rounds; round++) {
    for (const { content, done, key } of await killOne(directory)) {
      // a key is one worker's: it writes what it began before it begins again
      expected.set(key, done ? [content] : [...(expected.get(key) ?? [null]), content])
      if (done) acknowledged++
    }
    for (const possible of expected.values()) if (possible.length > 1) unfinished++
    const start = performance.now()
    const faults = await Effect.runPromise(
      Effect.zipRight(
        Effect.sync(() => {
          slowest = Math.max(slowest, performance.now() - start)
        }),
        look(directory, expected)
      ).pipe(Effect.provide(open))
    )
    if (faults.length > 0) {
      console.error(`round ${round}:\n${faults.join("\n")}`)
      return false
    }
  }
  console.log(
    `${rounds} kills: ${acknowledged} acknowledged writes there, ${unfinished} unfinished ones absent or whole, ` +
      `no file left over, slowest start ${slowest.toFixed(0)} ms`
  )
  return true
}

const [mode, directory] = process.argv.slice(2)
if (mode === "write" && directory !== undefined) {
  await Effect.runPromise(Effect.provide(writeForEver, Disk.layer({ directory })))
} else {
  const path = directory ?? (await mkdtemp(join(tmpdir(), "effect-cos-crash-")))
  const held = await run(Number(mode ?? 200), path)
  if (directory === undefined && held) await rm(path, { recursive: true })
  process.exitCode = held ? 0 : 1
}
