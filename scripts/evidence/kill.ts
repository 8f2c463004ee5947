/**
 * The command with `--dir` is killed at a random moment while many write, and started again, 200 times: what it had
 * acknowledged is there byte for byte, what it had not is there whole or not at all, and no file is left over.
 */
import { createCipheriv } from "node:crypto"
import { readdir } from "node:fs/promises"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { Failed, main } from "../tool.js"
import { client, install, type Running, start } from "./command.js"

export const description =
  "kill -9 of the emulator under concurrent writes, 200 rounds (or as many as the argument says)"

const rounds = Number(process.argv[2] ?? 200)
const idleKeys = 10_000
const writers = 8
const MiB = 1024 * 1024

/** Bytes that a seed determines. */
interface Piece {
  readonly seed: number
  readonly length: number
}

/** What a body is made of: one piece for a plain object, one for each part of an upload. */
type Content = ReadonlyArray<Piece>

const bytesOfPiece = ({ length, seed }: Piece): Buffer => {
  const key = Buffer.alloc(16)
  key.writeUInt32BE(seed)
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

const bytesOf = (content: Content): Buffer => Buffer.concat(content.map(bytesOfPiece))

/** What a key may hold; `null` is nothing. More than one, while a write to it was not acknowledged. */
const expected = new Map<string, ReadonlyArray<Content | null>>()
let acknowledged = 0

/** A write, and what is known of it before and after. */
const written = <E, R>(key: string, content: Content | null, write: Effect.Effect<unknown, E, R>) =>
  Effect.suspend(() => {
    expected.set(key, [...(expected.get(key) ?? [null]), content])
    return Effect.map(write, () => {
      expected.set(key, [content])
      acknowledged += 1
    })
  })

/** A piece at random. */
const piece = (minimum: number, maximum: number): Effect.Effect<Piece> =>
  Effect.all({ seed: Random.nextIntBetween(0, 2 ** 31), length: Random.nextIntBetween(minimum, maximum) })

/** Empty, a record, or a file. */
const put = (key: string) =>
  Effect.gen(function* () {
    const maximum = yield* Random.choice([1, 60_000, 400_000])
    const content = [yield* piece(0, maximum)]
    yield* written(key, content, Cos.putObject({ key, body: bytesOf(content) }))
  })

const multipart = (key: string) =>
  Effect.gen(function* () {
    const content = yield* Effect.all([piece(MiB, 2 * MiB), piece(MiB, 2 * MiB), piece(1, 100_000)])
    const upload = Effect.gen(function* () {
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key })
      const parts = yield* Effect.forEach(
        content,
        (piece, index) =>
          Effect.map(
            Cos.uploadPart({ key, uploadId, partNumber: index + 1, body: bytesOfPiece(piece) }),
            ({ eTag }) => ({ partNumber: index + 1, eTag })
          ),
        { concurrency: 3 }
      )
      yield* Cos.completeMultipartUpload({ key, uploadId, parts })
    })
    yield* written(key, content, upload)
  })

/** Each writer has keys of its own: two writes to a key would leave open which was last. */
const writing = (writer: number) =>
  Effect.gen(function* () {
    const key = `${writer}/${yield* Random.nextIntBetween(0, 4)}`
    const chance = yield* Random.next
    yield* chance < 0.2 ? written(key, null, Cos.deleteObject({ key })) : chance < 0.6 ? put(key) : multipart(key)
  }).pipe(Effect.forever)

const write = Effect.forEach(
  Array.from({ length: writers }, (_, writer) => writer),
  writing,
  {
    concurrency: "unbounded",
    discard: true
  }
).pipe(RetryPolicy.withPolicy(RetryPolicy.none))

const same = (content: Content | null, found: Uint8Array | null): boolean =>
  content === null || found === null ? content === found : Buffer.from(found).equals(bytesOf(content))

const isFile = (size: number): boolean => size > 64 * 1024

/** The sizes of the parts that no Complete took yet. */
const pending = Cos.listMultipartUploads.items({}).pipe(
  Stream.mapEffect(({ key, uploadId }) => Cos.listParts({ key, uploadId }), { concurrency: 8 }),
  Stream.mapConcat(({ parts }) => parts.map(({ size }) => size)),
  Stream.runCollect
)

/** How many bodies are files: parts and objects above 64 KiB. */
const filesNamed = Effect.map(pending, (parts) => {
  const stored = Array.from(expected.values(), ([content]) => (content ?? []).map(({ length }) => length))
  return [...parts, ...stored.flat()].filter(isFile).length
})

/** Uploads that a kill left would be ever more to look at. The next kill may come while their files are being removed. */
const abortPending = Cos.listMultipartUploads
  .items({})
  .pipe(Stream.runForEach(({ key, uploadId }) => Cos.abortMultipartUpload({ key, uploadId })))

const look = (dir: string): Effect.Effect<ReadonlyArray<string>, unknown, CosClient> =>
  Effect.gen(function* () {
    const problems: Array<string> = []
    for (const [key, possible] of expected) {
      const found = yield* Download.bytes({ key }).pipe(Effect.catchTag("NoSuchKey", () => Effect.succeed(null)))
      const match = possible.find((content) => same(content, found))
      if (match === undefined) problems.push(`${key} holds neither what was acknowledged nor what was being written`)
      else expected.set(key, [match])
    }
    const entries = yield* Effect.promise(() => readdir(`${dir}/bodies`, { recursive: true, withFileTypes: true }))
    const files = entries.filter((entry) => entry.isFile()).length
    const named = yield* filesNamed
    if (files !== named) problems.push(`${files} files for ${named} bodies`)
    yield* abortPending
    return problems
  })

/** Starts it, looks at what the last kill left, writes, kills. */
const round = (command: string, dir: string, number: number): Effect.Effect<Running, Failed, Scope.Scope> =>
  Effect.gen(function* () {
    const running = yield* start(command, "--dir", dir)
    yield* Effect.gen(function* () {
      const problems = yield* Effect.mapError(look(dir), (error) => new Failed(`round ${number}: ${error}`))
      if (problems.length > 0) return yield* new Failed(`round ${number}:\n${problems.join("\n")}`)
      const fiber = yield* Effect.fork(Effect.flip(Effect.zipRight(write, Effect.never)))
      const early = yield* Fiber.join(fiber).pipe(Effect.timeoutOption(yield* Random.nextRange(20, 1000)))
      if (Option.isSome(early)) return yield* new Failed(`round ${number}: a write failed: ${early.value}`)
      running.child.kill("SIGKILL")
      yield* Effect.promise(() => running.end)
      yield* Fiber.await(fiber)
    }).pipe(Effect.provide(client(running)))
    return running
  })

const fill = (command: string, dir: string) =>
  Effect.gen(function* () {
    const running = yield* start(command, "--dir", dir)
    const body = Buffer.alloc(1024, "idle")
    yield* Effect.forEach(
      Array.from({ length: idleKeys }, (_, index) => `idle/${index}`),
      (key) => Cos.putObject({ key, body }),
      { concurrency: 16, discard: true }
    ).pipe(Effect.provide(client(running)))
  }).pipe(Effect.scoped)

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const command = yield* install
    const dir = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-kill-" })
    const empty = yield* Effect.scoped(start(command, "--memory"))
    yield* fill(command, dir)
    const times: Array<number> = []
    let unfinished = 0
    for (let number = 1; number <= rounds; number++) {
      const { milliseconds } = yield* Effect.scoped(round(command, dir, number))
      times.push(milliseconds)
      for (const possible of expected.values()) if (possible.length > 1) unfinished += 1
      if (number % 20 === 0) console.log(`${number} rounds, ${acknowledged} acknowledged writes`)
    }
    const last = yield* Effect.scoped(
      Effect.flatMap(start(command, "--dir", dir), (running) =>
        Effect.provide(Effect.zip(look(dir), Cos.headObject({ key: `idle/${idleKeys - 1}` })), client(running))
      )
    )
    if (last[0].length > 0) return yield* new Failed(last[0].join("\n"))
    const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
    console.log(
      `${rounds} kills: ${acknowledged} acknowledged writes byte-equal, ${unfinished} unfinished ones absent or whole, no file left over; ` +
        `started in ${Math.round(median)} ms (slowest ${Math.round(times.at(-1) ?? 0)} ms) with ${idleKeys} keys, in ${Math.round(empty.milliseconds)} ms with none`
    )
  }).pipe(Effect.scoped)
)
