/**
 * What a server has acknowledged, written down beside it, and whether it is there: for scripts that kill the server, fill its
 * disk or damage its files.
 */
import { createCipheriv } from "node:crypto"
import { readdir } from "node:fs/promises"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"

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

const same = (content: Content | null, found: Uint8Array | null): boolean =>
  content === null || found === null ? content === found : Buffer.from(found).equals(bytesOf(content))

/** Larger bodies are files of their own. */
const isFile = (size: number): boolean => size > 64 * 1024

const piece = (minimum: number, maximum: number): Effect.Effect<Piece> =>
  Effect.all({ seed: Random.nextIntBetween(0, 2 ** 31), length: Random.nextIntBetween(minimum, maximum) })

/** A page of the ledger: what is known of the keys of one directory. */
export interface Ledger {
  /** What a key may hold; `null` is nothing. More than one while a write to it is not acknowledged. */
  readonly expected: Map<string, ReadonlyArray<Content | null>>
  acknowledged: number
}

export const make = (): Ledger => ({ expected: new Map(), acknowledged: 0 })

/** The same, to be compared with a copy of the directory. */
export const copy = (ledger: Ledger): Ledger => ({ ...ledger, expected: new Map(ledger.expected) })

export const unfinished = ({ expected }: Ledger): number =>
  Array.from(expected.values()).filter((possible) => possible.length > 1).length

// -------------------------------------------------------------------------------------
// writing
// -------------------------------------------------------------------------------------

/** A write, and what is known of it before and after. */
const written = <E, R>(ledger: Ledger, key: string, content: Content | null, write: Effect.Effect<unknown, E, R>) =>
  Effect.suspend(() => {
    ledger.expected.set(key, [...(ledger.expected.get(key) ?? [null]), content])
    return Effect.map(write, () => {
      ledger.expected.set(key, [content])
      ledger.acknowledged += 1
    })
  })

/** Empty, a record, or a file. */
const put = (ledger: Ledger, key: string) =>
  Effect.gen(function* () {
    const maximum = yield* Random.choice([1, 60_000, 400_000])
    const content = [yield* piece(0, maximum)]
    yield* written(ledger, key, content, Cos.putObject({ key, body: bytesOf(content) }))
  })

const multipart = (ledger: Ledger, key: string) =>
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
    yield* written(ledger, key, content, upload)
  })

export const remove = (ledger: Ledger, key: string) => written(ledger, key, null, Cos.deleteObject({ key }))

/** One write by a writer; each has keys of its own: two writes to a key would leave open which was last. */
const writeOne = (ledger: Ledger, writer: number, keys: number) =>
  Effect.gen(function* () {
    const key = `${writer}/${yield* Random.nextIntBetween(0, keys)}`
    const chance = yield* Random.next
    yield* chance < 0.2 ? remove(ledger, key) : chance < 0.6 ? put(ledger, key) : multipart(ledger, key)
  })

const byAllWriters = <A, E, R>(write: (writer: number) => Effect.Effect<A, E, R>) =>
  Effect.forEach(
    Array.from({ length: writers }, (_, writer) => writer),
    write,
    { concurrency: "unbounded", discard: true }
  ).pipe(RetryPolicy.withPolicy(RetryPolicy.none))

/** Writes until it is interrupted, or a write fails. */
export const writeForever = (ledger: Ledger) => byAllWriters((writer) => Effect.forever(writeOne(ledger, writer, 4)))

/** Puts objects until each writer was refused, and gives what the refusals said. */
export const fill = (ledger: Ledger) =>
  Effect.gen(function* () {
    const refusals: Array<unknown> = []
    yield* byAllWriters((writer) =>
      Effect.flatMap(Random.nextIntBetween(0, 200), (number) => put(ledger, `${writer}/${number}`)).pipe(
        Effect.forever,
        Effect.catchAll((error) => Effect.sync(() => refusals.push(error)))
      )
    )
    return refusals
  })

// -------------------------------------------------------------------------------------
// looking
// -------------------------------------------------------------------------------------

const uploads = Cos.listMultipartUploads.items({})

/** The sizes of the parts that no Complete took yet. */
const pendingParts = uploads.pipe(
  Stream.mapEffect(({ key, uploadId }) => Cos.listParts({ key, uploadId }), { concurrency: 8 }),
  Stream.mapConcat(({ parts }) => parts.map(({ size }) => size)),
  Stream.runCollect,
  Effect.map(Chunk.toReadonlyArray)
)

/** How many bodies are files: parts and objects above 64 KiB. */
const filesNamed = ({ expected }: Ledger) =>
  Effect.map(pendingParts, (parts) => {
    const stored = Array.from(expected.values(), ([content]) => (content ?? []).map(({ length }) => length))
    return [...parts, ...stored.flat()].filter(isFile).length
  })

/** Uploads that a kill left would be ever more to look at. */
const abortPending = Stream.runForEach(uploads, ({ key, uploadId }) => Cos.abortMultipartUpload({ key, uploadId }))

const read = (key: string) => Download.bytes({ key }).pipe(Effect.catchTag("NoSuchKey", () => Effect.succeed(null)))

/** What is not as it was acknowledged. What an unfinished write has become is known from then on. */
export const look = (ledger: Ledger, directory: string): Effect.Effect<ReadonlyArray<string>, unknown, CosClient> =>
  Effect.gen(function* () {
    const problems: Array<string> = []
    for (const [key, possible] of ledger.expected) {
      const found = yield* read(key)
      const match = possible.find((content) => same(content, found))
      if (match === undefined) problems.push(`${key} holds neither what was acknowledged nor what was being written`)
      else ledger.expected.set(key, [match])
    }
    const entries = yield* Effect.promise(() =>
      readdir(`${directory}/bodies`, { recursive: true, withFileTypes: true })
    )
    const files = entries.filter((entry) => entry.isFile()).length
    const named = yield* filesNamed(ledger)
    if (files !== named) problems.push(`${files} files for ${named} bodies`)
    yield* abortPending
    return problems
  })

/** How damage shows: wrong bytes never, and what lies in files of its own is there. */
export const lookAtDamage = (ledger: Ledger): Effect.Effect<ReadonlyArray<string>, unknown, CosClient> =>
  Effect.gen(function* () {
    const problems: Array<string> = []
    for (const [key, possible] of ledger.expected) {
      const found = yield* read(key)
      const proven = possible.every(
        (content) => content !== null && content.length > 0 && content.every(({ length }) => isFile(length))
      )
      if (found === null ? proven : !possible.some((content) => same(content, found))) {
        problems.push(
          `${key} ${found === null ? "is gone, though its bytes lie in files" : "holds what was never written"}`
        )
      }
    }
    return problems
  })
