import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, layer, type Vitest } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import * as Memory from "../../src/internal/storage/memory.js"
import {
  type NewObject,
  NotFound,
  type Page,
  type Part,
  type StagedBody,
  Storage,
  StorageError,
  type StoredObject,
  type Upload
} from "../../src/internal/storage/Storage.js"

export const directory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-cos-storage-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

export const diskLayer = (durable: boolean) =>
  Layer.unwrapScoped(Effect.map(directory, (directory) => Disk.layer({ directory, durable })))

export const attributes = {
  owner: "100",
  storageClass: "STANDARD",
  headers: { "content-type": "text/plain" },
  tags: []
}

export const bucketOf = (name: string, versioning?: "Enabled" | "Suspended") => ({
  name,
  region: "ap-guangzhou",
  owner: "100",
  createdAt: 1_000,
  acl: { canned: "private", grants: [] },
  ...(versioning === undefined ? {} : { versioning })
})

export const objectOf = (body: StagedBody, lastModified = 0): NewObject => ({
  ...attributes,
  type: "normal",
  lastModified,
  size: body.size,
  etag: body.md5,
  crc64: body.crc64,
  segments: body.segments
})

/** Bytes in which every range is different from its neighbours. */
export const bytesOf = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = seed >>> 0 || 1
  for (let i = 0; i < size; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state & 0xff
  }
  return bytes
}

/** Compares large bodies in one go: a deep comparison of a megabyte takes longer than what is tested. */
export const assertBytes = (actual: Uint8Array, expected: Uint8Array): void => {
  assert.isTrue(Buffer.from(actual).equals(expected), `${actual.length} bytes are not the expected ${expected.length}`)
}

export const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

export const text = (value: string) => new TextEncoder().encode(value)

export const collect = <E>(stream: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Uint8Array.from(Buffer.concat(Chunk.toReadonlyArray(chunks))))

export const chunked = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  )

export const put = (
  bucket: string,
  key: string,
  content: string | Uint8Array | Stream.Stream<Uint8Array>,
  lastModified = 0
): Effect.Effect<StoredObject, NotFound | StorageError, Storage> =>
  Effect.scoped(
    Effect.gen(function* () {
      const storage = yield* Storage
      const body = yield* storage.writeBody(typeof content === "string" ? text(content) : content)
      return yield* storage.putObject(bucket, key, () => Either.right(objectOf(body, lastModified)))
    })
  )

export const get = (bucket: string, key: string, versionId?: string, start?: number, end?: number) =>
  Effect.scoped(
    Effect.flatMap(Storage, (storage) =>
      Effect.flatMap(storage.openObject(bucket, key, versionId), (object) => collect(object.read(start, end)))
    )
  )

export const getText = (bucket: string, key: string, versionId?: string) =>
  Effect.map(get(bucket, key, versionId), (bytes) => new TextDecoder().decode(bytes))

export const remove = (bucket: string, key: string, versionId?: string) =>
  Effect.flatMap(Storage, (storage) =>
    storage.removeObject(bucket, key, {
      lastModified: 0,
      owner: "100",
      ...(versionId === undefined ? {} : { versionId })
    })
  )

export const partOf = (partNumber: number, body: StagedBody): Part => ({
  partNumber,
  lastModified: 0,
  size: body.size,
  etag: body.md5,
  crc64: body.crc64,
  segments: body.segments
})

export const putPart = (bucket: string, { key, uploadId }: Upload, partNumber: number, content: string | Uint8Array) =>
  Effect.scoped(
    Effect.gen(function* () {
      const storage = yield* Storage
      const body = yield* storage.writeBody(typeof content === "string" ? text(content) : content)
      yield* storage.putPart(bucket, key, uploadId, partOf(partNumber, body))
    })
  )

export const createUpload = (bucket: string, key: string) =>
  Effect.flatMap(Storage, (storage) =>
    storage.createUpload(bucket, key, () =>
      Either.right({ ...attributes, initiatedAt: 1_700_000_000_000, initiator: "100" })
    )
  )

export const manifest = (parts: ReadonlyArray<Part>): NewObject => ({
  ...attributes,
  type: "normal",
  lastModified: 0,
  size: parts.reduce((size, part) => size + part.size, 0),
  etag: `${"0".repeat(32)}-${parts.length}`,
  crc64: parts.reduce((crc64, part) => Crc64.combine(crc64, part.crc64, part.size), 0n),
  segments: parts.flatMap((part) => part.segments),
  partSizes: parts.map((part) => part.size)
})

export const fresh = (name: string, versioning?: "Enabled" | "Suspended") =>
  Effect.gen(function* () {
    const storage = yield* Storage
    yield* storage.reset
    yield* storage.createBucket(bucketOf(name, versioning))
    return storage
  })

export const keysOf = (page: Page<StoredObject>) => page.items.map((object) => object.key)

export const listAll = { prefix: "", delimiter: "", limit: 1000, after: "" }

export const failure = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<E, A, R> => Effect.flip(effect)

/** The same tests over every storage; a model is tried fewer times where every write waits for the disk. */
export const overEveryStorage = (define: (it: Vitest.MethodsNonLive<Storage>, modelRuns: number) => void): void => {
  layer(Memory.layer)("memory", (it) => define(it, 200))
  layer(diskLayer(false))("disk", (it) => define(it, 200))
  layer(diskLayer(true))("disk, durable", (it) => define(it, 20))
}
