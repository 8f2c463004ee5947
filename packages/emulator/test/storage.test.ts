import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { cp, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import * as Disk from "../src/internal/storage/disk.js"
import * as Memory from "../src/internal/storage/memory.js"
import {
  BucketExists,
  BucketNotEmpty,
  Hook,
  type ListOptions,
  type NewObject,
  NotFound,
  type Page,
  type Part,
  type Snapshot,
  type StagedBody,
  Storage,
  StorageError,
  type StoredObject,
  type Upload,
  type Version
} from "../src/internal/storage/Storage.js"

// -------------------------------------------------------------------------------------
// helpers
// -------------------------------------------------------------------------------------

const directory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-cos-storage-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const diskLayer = (durable: boolean) =>
  Layer.unwrapScoped(Effect.map(directory, (directory) => Disk.layer({ directory, durable })))

const attributes = { owner: "100", storageClass: "STANDARD", headers: { "content-type": "text/plain" }, tags: [] }

const bucketOf = (name: string, versioning?: "Enabled" | "Suspended") => ({
  name,
  region: "ap-guangzhou",
  owner: "100",
  createdAt: 1_000,
  acl: { canned: "private", grants: [] },
  ...(versioning === undefined ? {} : { versioning })
})

const objectOf = (body: StagedBody, lastModified = 0): NewObject => ({
  ...attributes,
  type: "normal",
  lastModified,
  size: body.size,
  etag: body.md5,
  crc64: body.crc64,
  segments: body.segments
})

/** Bytes in which every range is different from its neighbours. */
const bytesOf = (size: number, seed = 1): Uint8Array => {
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

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex")

const text = (value: string) => new TextEncoder().encode(value)

const collect = <E>(stream: Stream.Stream<Uint8Array, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Uint8Array.from(Buffer.concat(Chunk.toReadonlyArray(chunks))))

const chunked = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  )

const put = (
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

const get = (bucket: string, key: string, versionId?: string, start?: number, end?: number) =>
  Effect.scoped(
    Effect.flatMap(Storage, (storage) =>
      Effect.flatMap(storage.openObject(bucket, key, versionId), (object) => collect(object.read(start, end)))
    )
  )

const getText = (bucket: string, key: string, versionId?: string) =>
  Effect.map(get(bucket, key, versionId), (bytes) => new TextDecoder().decode(bytes))

const remove = (bucket: string, key: string, versionId?: string) =>
  Effect.flatMap(Storage, (storage) =>
    storage.removeObject(bucket, key, {
      lastModified: 0,
      owner: "100",
      ...(versionId === undefined ? {} : { versionId })
    })
  )

const partOf = (partNumber: number, body: StagedBody): Part => ({
  partNumber,
  lastModified: 0,
  size: body.size,
  etag: body.md5,
  crc64: body.crc64,
  segments: body.segments
})

const putPart = (bucket: string, { key, uploadId }: Upload, partNumber: number, content: string | Uint8Array) =>
  Effect.scoped(
    Effect.gen(function* () {
      const storage = yield* Storage
      const body = yield* storage.writeBody(typeof content === "string" ? text(content) : content)
      yield* storage.putPart(bucket, key, uploadId, partOf(partNumber, body))
    })
  )

const createUpload = (bucket: string, key: string) =>
  Effect.flatMap(Storage, (storage) =>
    storage.createUpload(bucket, key, () =>
      Either.right({ ...attributes, initiatedAt: 1_700_000_000_000, initiator: "100" })
    )
  )

const manifest = (parts: ReadonlyArray<Part>): NewObject => ({
  ...attributes,
  type: "normal",
  lastModified: 0,
  size: parts.reduce((size, part) => size + part.size, 0),
  etag: `${"0".repeat(32)}-${parts.length}`,
  crc64: parts.reduce((crc64, part) => Crc64.combine(crc64, part.crc64, part.size), 0n),
  segments: parts.flatMap((part) => part.segments),
  partSizes: parts.map((part) => part.size)
})

const fresh = (name: string, versioning?: "Enabled" | "Suspended") =>
  Effect.gen(function* () {
    const storage = yield* Storage
    yield* storage.reset
    yield* storage.createBucket(bucketOf(name, versioning))
    return storage
  })

const keysOf = (page: Page<StoredObject>) => page.items.map((object) => object.key)

const listAll = { prefix: "", delimiter: "", limit: 1000, after: "" }

const failure = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<E, A, R> => Effect.flip(effect)

// -------------------------------------------------------------------------------------
// a model of plain maps
// -------------------------------------------------------------------------------------

interface ModelVersion {
  readonly id: string
  /** `undefined`: a delete marker. */
  readonly content: string | undefined
}

/** Sizes on both sides of what is kept in a record, few enough to tell apart by their first character. */
const contents = ["", "1", "2", "3".repeat(70_000), "4".repeat(300_000)]
const names = ["a", "a\0", "a/", "a/b", "a/b/c", "ab", "中/文", "\u{1f600}"]

type Command =
  | { readonly do: "put"; readonly key: string; readonly content: string }
  | { readonly do: "remove"; readonly key: string }
  | { readonly do: "removeVersion"; readonly key: string; readonly nth: number }
  | { readonly do: "copy"; readonly key: string; readonly nth: number; readonly to: string }
  | { readonly do: "versioning"; readonly status: "Enabled" | "Suspended" }
  | { readonly do: "createUpload"; readonly key: string }
  | { readonly do: "putPart"; readonly nth: number; readonly partNumber: number; readonly content: string }
  | { readonly do: "complete" | "abort"; readonly nth: number }
  | { readonly do: "snapshot" | "restore" }
  | { readonly do: "listObjects" | "listVersions" | "listUploads"; readonly options: ListOptions }

const { integer, nat, record } = FastCheck
const among = <const A>(...values: ReadonlyArray<A>) => FastCheck.constantFrom(...values)
const key = among(...names)
const content = among(...contents)
/** Chooses among what there is at that moment. */
const nth = nat({ max: 1_000 })

const command: FastCheck.Arbitrary<Command> = FastCheck.oneof(
  { weight: 6, arbitrary: record({ do: among("put"), key, content }) },
  { weight: 3, arbitrary: record({ do: among("remove"), key }) },
  { weight: 3, arbitrary: record({ do: among("removeVersion"), key, nth }) },
  { weight: 3, arbitrary: record({ do: among("copy"), key, nth, to: key }) },
  {
    weight: 1,
    arbitrary: record({ do: among("versioning"), status: among("Enabled", "Suspended") })
  },
  { weight: 2, arbitrary: record({ do: among("createUpload"), key }) },
  {
    weight: 5,
    arbitrary: record({ do: among("putPart"), nth, partNumber: integer({ min: 1, max: 3 }), content })
  },
  { weight: 3, arbitrary: record({ do: among("complete", "complete", "abort"), nth }) },
  { weight: 1, arbitrary: record({ do: among("snapshot", "restore") }) },
  {
    weight: 3,
    arbitrary: record({
      do: among("listObjects", "listVersions", "listUploads"),
      options: record({
        prefix: among("", "a", "a/", "中", "x"),
        delimiter: among("", "/", "b"),
        limit: integer({ min: 1, max: 5 })
      })
    })
  }
)

interface Model {
  readonly versioning: "Enabled" | "Suspended" | undefined
  /** Newest first. */
  readonly objects: ReadonlyMap<string, ReadonlyArray<ModelVersion>>
  readonly uploads: ReadonlyMap<string, { readonly key: string; readonly parts: ReadonlyMap<number, string> }>
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What all pages of a list hold together, in order; a prefix as `prefix/…`. */
const grouped = (
  entries: ReadonlyArray<readonly [key: string, id: string]>,
  { delimiter, prefix }: { readonly delimiter: string; readonly prefix: string }
): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const [key, id] of entries) {
    if (!key.startsWith(prefix)) continue
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length)
    const line = cut === -1 ? `${key}=${id}` : `prefix ${key.slice(0, cut + delimiter.length)}`
    if (lines.at(-1) !== line) lines.push(line)
  }
  return lines
}

const sorted = <A>(map: ReadonlyMap<string, A>) => [...map].sort(([a], [b]) => byBytes(a, b))

/** Runs the commands against storage and model, comparing what they answer, and at the end all that is left. */
const compare = (commands: ReadonlyArray<Command>) =>
  Effect.gen(function* () {
    const storage = yield* fresh("m-1")
    let model: Model = { versioning: undefined, objects: new Map(), uploads: new Map() }
    let saved: { readonly model: Model; readonly snapshot: Snapshot } | undefined

    const setVersions = (key: string, versions: ReadonlyArray<ModelVersion>) => {
      const objects = new Map(model.objects)
      if (versions.length === 0) objects.delete(key)
      else objects.set(key, versions)
      model = { ...model, objects }
    }
    const add = (key: string, version: ModelVersion) => {
      assert.strictEqual(version.id === "null", model.versioning !== "Enabled")
      const before = model.objects.get(key) ?? []
      setVersions(key, [
        version,
        ...(model.versioning === "Enabled" ? before : before.filter(({ id }) => id !== "null"))
      ])
    }
    const setUpload = (
      id: string,
      upload: { readonly key: string; readonly parts: ReadonlyMap<number, string> } | null
    ) => {
      const uploads = new Map(model.uploads)
      if (upload === null) uploads.delete(id)
      else uploads.set(id, upload)
      model = { ...model, uploads }
    }
    const pickUpload = (index: number) => [...model.uploads][index % (model.uploads.size || 1)]

    /** All pages, following the marker. */
    const pages = <A>(
      limit: number,
      read: (marker: { readonly key: string; readonly id: string }) => Effect.Effect<Page<A>, NotFound | StorageError>,
      lineOf: (item: A) => string,
      keyOf: (item: A) => string
    ) =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        let marker = { key: "", id: "" }
        for (;;) {
          const { items, last, prefixes, truncated } = yield* read(marker)
          assert.isAtMost(items.length + prefixes.length, limit)
          const entries = [
            ...items.map((item) => [keyOf(item), lineOf(item)] as const),
            ...prefixes.map((prefix) => [prefix, `prefix ${prefix}`] as const)
          ]
          // stable, so versions and uploads of one key stay as they came
          lines.push(...entries.sort(([a], [b]) => byBytes(a, b)).map(([, line]) => line))
          if (!truncated) return lines
          assert.strictEqual(items.length + prefixes.length, limit)
          const next = Option.getOrThrow(last)
          assert.notDeepEqual(next, marker)
          marker = next
        }
      })

    const listObjects = (options: ListOptions) =>
      Effect.map(
        pages(
          options.limit,
          ({ key }) => storage.listObjects("m-1", { ...options, after: key }),
          ({ key, versionId }) => `${key}=${versionId}`,
          ({ key }) => key
        ),
        (lines) =>
          assert.deepStrictEqual(
            lines,
            grouped(
              sorted(model.objects).flatMap(([key, [current]]) =>
                current?.content === undefined ? [] : [[key, current.id] as const]
              ),
              options
            )
          )
      )
    const listVersions = (options: ListOptions) =>
      Effect.map(
        pages(
          options.limit,
          ({ id, key }) => storage.listVersions("m-1", { ...options, after: key, afterId: id }),
          ({ latest, version }) => `${version.key}=${version.versionId} ${version.deleteMarker} ${latest}`,
          ({ version }) => version.key
        ),
        (lines) =>
          assert.deepStrictEqual(
            lines,
            grouped(
              sorted(model.objects).flatMap(([key, versions]) =>
                versions.map(({ content, id }, i) => [key, `${id} ${content === undefined} ${i === 0}`] as const)
              ),
              options
            )
          )
      )
    const listUploads = (options: ListOptions) =>
      Effect.map(
        pages(
          options.limit,
          ({ id, key }) => storage.listUploads("m-1", { ...options, after: key, afterId: id }),
          ({ key, uploadId }) => `${key}=${uploadId}`,
          ({ key }) => key
        ),
        (lines) =>
          assert.deepStrictEqual(
            lines,
            grouped(
              [...model.uploads]
                .map(([id, { key }]) => [key, id] as const)
                .sort((a, b) => byBytes(a[0], b[0]) || byBytes(a[1], b[1])),
              options
            )
          )
      )

    const lists = { listObjects, listVersions, listUploads }

    for (const step of commands) {
      switch (step.do) {
        case "put": {
          const { versionId } = yield* put("m-1", step.key, step.content)
          add(step.key, { id: versionId, content: step.content })
          break
        }
        case "remove": {
          const { marker, removed } = yield* remove("m-1", step.key)
          const before = model.objects.get(step.key) ?? []
          const replaced = model.versioning === "Enabled" ? undefined : before.find(({ id }) => id === "null")
          assert.strictEqual(Option.isSome(removed), replaced !== undefined)
          assert.strictEqual(Option.isSome(marker), model.versioning !== undefined)
          if (Option.isSome(marker)) add(step.key, { id: marker.value.versionId, content: undefined })
          else setVersions(step.key, [])
          break
        }
        case "removeVersion": {
          const before = model.objects.get(step.key) ?? []
          const version = before[step.nth % (before.length || 1)]
          const { removed } = yield* remove("m-1", step.key, version?.id ?? "null")
          assert.strictEqual(Option.getOrUndefined(removed)?.versionId, version?.id)
          setVersions(
            step.key,
            before.filter((other) => other !== version)
          )
          break
        }
        case "copy": {
          const before = model.objects.get(step.key) ?? []
          const version = before[step.nth % (before.length || 1)]
          if (version?.content === undefined) break
          const copy = yield* Effect.scoped(
            Effect.gen(function* () {
              const source = yield* storage.openObject("m-1", step.key, version.id)
              assert.strictEqual(source.latest, version === before[0])
              return yield* storage.putObject("m-1", step.to, () => Either.right(source.version as StoredObject))
            })
          )
          add(step.to, { id: copy.versionId, content: version.content })
          break
        }
        case "versioning": {
          yield* storage.updateBucket("m-1", (bucket) => ({ ...bucket, versioning: step.status }))
          model = { ...model, versioning: step.status }
          break
        }
        case "createUpload": {
          const { uploadId } = yield* createUpload("m-1", step.key)
          setUpload(uploadId, { key: step.key, parts: new Map() })
          break
        }
        case "putPart": {
          const [id, upload] = pickUpload(step.nth) ?? []
          if (id === undefined || upload === undefined) break
          yield* putPart("m-1", yield* storage.getUpload("m-1", upload.key, id), step.partNumber, step.content)
          setUpload(id, { ...upload, parts: new Map([...upload.parts, [step.partNumber, step.content]]) })
          break
        }
        case "abort": {
          const [id, upload] = pickUpload(step.nth) ?? []
          if (id === undefined || upload === undefined) break
          yield* storage.abortUpload("m-1", upload.key, id)
          setUpload(id, null)
          break
        }
        case "complete": {
          const [id, upload] = pickUpload(step.nth) ?? []
          if (id === undefined || upload === undefined) break
          const { versionId } = yield* storage.completeUpload("m-1", upload.key, id, ({ parts }) =>
            Either.right(manifest(parts))
          )
          setUpload(id, null)
          const parts = [...upload.parts].sort(([a], [b]) => a - b)
          add(upload.key, { id: versionId, content: parts.map(([, content]) => content).join("") })
          break
        }
        case "snapshot": {
          saved = { model, snapshot: yield* storage.snapshot }
          break
        }
        case "restore": {
          if (saved === undefined) break
          yield* storage.restore(saved.snapshot)
          model = saved.model
          break
        }
        default:
          yield* lists[step.do](step.options)
      }
    }

    const everything = { prefix: "", delimiter: "", limit: 1000 }
    yield* listObjects(everything)
    yield* listVersions(everything)
    yield* listUploads(everything)
    for (const [key, versions] of model.objects) {
      for (const { content, id } of versions) {
        assert.strictEqual(yield* getText("m-1", key, id), content ?? "")
      }
    }
  })

// -------------------------------------------------------------------------------------
// the suite
// -------------------------------------------------------------------------------------

const suite = (name: string, storageLayer: Layer.Layer<Storage, StorageError>, modelRuns: number) => {
  layer(storageLayer)(name, (it) => {
    describe("buckets", () => {
      it.effect("are created once, read, changed, listed by name and removed when empty", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          yield* storage.createBucket(bucketOf("a-1"))
          yield* storage.createBucket(bucketOf("b-12"))
          assert.deepStrictEqual(
            (yield* storage.listBuckets).map((bucket) => bucket.name),
            ["a-1", "b-1", "b-12"]
          )
          const again = yield* failure(storage.createBucket({ ...bucketOf("b-1"), owner: "200" }))
          assert.instanceOf(again, BucketExists)
          assert.strictEqual(again._tag === "BucketExists" && again.bucket.owner, "100")
          yield* storage.updateBucket("b-1", (bucket) => ({ ...bucket, versioning: "Enabled" }))
          assert.deepStrictEqual(yield* storage.getBucket("b-1"), bucketOf("b-1", "Enabled"))
          yield* storage.removeBucket("b-1")
          assert.deepStrictEqual(yield* failure(storage.getBucket("b-1")), new NotFound({ what: "bucket" }))
          assert.deepStrictEqual(yield* failure(storage.removeBucket("b-1")), new NotFound({ what: "bucket" }))
          assert.strictEqual((yield* storage.getBucket("b-12")).name, "b-12")
        })
      )

      it.effect("are not removed while they hold an object, a delete marker or an upload", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1", "Enabled")
          const refused = Effect.map(failure(storage.removeBucket("b-1")), (error) =>
            assert.deepStrictEqual(error, new BucketNotEmpty({ name: "b-1" }))
          )
          const upload = yield* createUpload("b-1", "k")
          yield* refused
          yield* storage.abortUpload("b-1", "k", upload.uploadId)
          const object = yield* put("b-1", "k", "1")
          yield* refused
          const marker = (yield* remove("b-1", "k")).marker
          yield* remove("b-1", "k", object.versionId)
          yield* refused
          yield* remove("b-1", "k", Option.getOrThrow(marker).versionId)
          yield* storage.removeBucket("b-1")
        })
      )

      it.effect("keep documents by name, and lose them when removed", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          assert.isTrue(Option.isNone(yield* storage.getDocument("b-1", "cors")))
          yield* storage.putDocument("b-1", "cors", "<é/>")
          yield* storage.putDocument("b-1", "inventory/2", "two")
          yield* storage.putDocument("b-1", "inventory/1", "one")
          yield* storage.putDocument("b-1", "inventory/1", "once")
          assert.deepStrictEqual(yield* storage.getDocument("b-1", "cors"), Option.some("<é/>"))
          assert.deepStrictEqual(yield* storage.listDocuments("b-1", "inventory/"), [
            ["inventory/1", "once"],
            ["inventory/2", "two"]
          ])
          assert.isTrue(yield* storage.removeDocument("b-1", "cors"))
          assert.isFalse(yield* storage.removeDocument("b-1", "cors"))
          yield* storage.removeBucket("b-1")
          yield* storage.createBucket(bucketOf("b-1"))
          assert.deepStrictEqual(yield* storage.listDocuments("b-1", ""), [])
          assert.deepStrictEqual(
            yield* failure(storage.putDocument("b-2", "cors", "")),
            new NotFound({ what: "bucket" })
          )
        })
      )
    })

    describe("bodies", () => {
      for (const [label, size, piece] of [
        ["empty", 0, 1],
        ["one byte", 1, 1],
        ["the largest inside a record", 65_536, 1_000],
        ["the smallest in a file", 65_537, 1_000],
        ["exactly one block", 262_144, 262_144],
        ["exactly one block of a file", 524_288, 65_536],
        ["four of them, in chunks that do not fit them", 2_097_152, 300_001],
        ["blocks and a rest, in chunks that do not fit them", 1_000_003, 70_001],
        ["one chunk of many blocks", 3_000_000, 3_000_000]
      ] as const) {
        it.effect(`come back as they were: ${label}`, () =>
          Effect.gen(function* () {
            yield* fresh("b-1")
            const bytes = bytesOf(size)
            const streamed = yield* put("b-1", "streamed", chunked(bytes, piece))
            const whole = yield* put("b-1", "whole", bytes)
            assert.strictEqual(streamed.size, size)
            assert.strictEqual(streamed.etag, md5(bytes))
            assert.strictEqual(streamed.crc64, Crc64.of(bytes))
            assert.deepStrictEqual(
              [whole.size, whole.etag, whole.crc64],
              [streamed.size, streamed.etag, streamed.crc64]
            )
            assert.deepStrictEqual(yield* get("b-1", "streamed"), bytes)
            assert.deepStrictEqual(yield* get("b-1", "whole"), bytes)
          })
        )
      }

      it.effect("are read by range, in chunks of at most 512 KiB", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const bytes = bytesOf(1_000_003)
          yield* put("b-1", "k", bytes)
          for (const [start, end] of [
            [0, 1],
            [1, 2],
            [262_143, 262_145],
            [262_144, 524_288],
            [524_287, 524_289],
            [0, 1_000_003],
            [1_000_002, 1_000_003],
            [999_999, 2_000_000],
            [500_000, 500_000],
            [2_000_000, 3_000_000]
          ] as const) {
            assert.deepStrictEqual(yield* get("b-1", "k", undefined, start, end), bytes.slice(start, end))
          }
          const chunks = yield* Effect.scoped(
            Effect.flatMap(storage.openObject("b-1", "k"), (object) => Stream.runCollect(object.read()))
          )
          assert.isTrue(Chunk.every(chunks, (chunk) => chunk.length > 0 && chunk.length <= 524_288))
          const bytesAtHand = (key: string) =>
            Effect.scoped(Effect.map(storage.openObject("b-1", key), (object) => object.bytes))
          assert.isTrue(Option.isNone(yield* bytesAtHand("k")))
          for (const content of ["", "small"]) {
            yield* put("b-1", "k", content)
            assert.deepStrictEqual(
              Option.map(yield* bytesAtHand("k"), (bytes) => Uint8Array.from(bytes)),
              Option.some(text(content))
            )
          }
        })
      )

      it.effect("are copied: the caller may use its buffers again", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          for (const size of [10, 100_000]) {
            const buffer = bytesOf(size)
            const bytes = buffer.slice()
            yield* Effect.scoped(
              Effect.gen(function* () {
                const reused = Stream.fromIterable([0, 1]).pipe(
                  Stream.mapEffect((i) => Effect.sync(() => (i === 0 ? buffer : buffer.fill(7))))
                )
                const streamed = yield* storage.writeBody(reused)
                yield* storage.putObject("b-1", "streamed", () => Either.right(objectOf(streamed)))
                buffer.set(bytes)
                const whole = yield* storage.writeBody(buffer)
                buffer.fill(7)
                yield* storage.putObject("b-1", "whole", () => Either.right(objectOf(whole)))
              })
            )
            assert.deepStrictEqual(yield* get("b-1", "whole"), bytes)
            assert.deepStrictEqual(yield* get("b-1", "streamed", undefined, 0, size), bytes)
          }
        })
      )

      it.effect("of a source that fails are not kept, and its error is the caller's", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const source = Stream.concat(Stream.make(bytesOf(600_000)), Stream.fail("source" as const))
          assert.strictEqual(yield* failure(Effect.scoped(storage.writeBody(source))), "source")
        })
      )

      it.effect("stay readable for those who hold them open, whatever happens to the object", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          for (const size of [5, 1_000_003]) {
            for (const change of [put("b-1", "k", "other"), remove("b-1", "k"), storage.reset] as ReadonlyArray<
              Effect.Effect<unknown, NotFound | StorageError, Storage>
            >) {
              yield* fresh("b-1")
              const bytes = bytesOf(size, size)
              yield* put("b-1", "k", bytes)
              yield* Effect.scoped(
                Effect.gen(function* () {
                  const object = yield* storage.openObject("b-1", "k")
                  const second = yield* storage.openObject("b-1", "k")
                  const begun = yield* Deferred.make<void>()
                  const changed = yield* Deferred.make<void>()
                  const reader = yield* Effect.fork(
                    collect(
                      Stream.tap(object.read(), () =>
                        Effect.zipRight(Deferred.succeed(begun, void 0), Deferred.await(changed))
                      )
                    )
                  )
                  yield* Deferred.await(begun)
                  yield* change
                  yield* Deferred.succeed(changed, void 0)
                  assert.deepStrictEqual(yield* Fiber.join(reader), bytes)
                  assert.deepStrictEqual(yield* collect(second.read(1)), bytes.slice(1))
                })
              )
            }
          }
        })
      )

      it.effect("can be shared with another object, and outlive the first", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          for (const size of [100, 300_000]) {
            const bytes = bytesOf(size)
            yield* put("b-1", "source", bytes)
            const copy = (to: string) =>
              Effect.scoped(
                Effect.gen(function* () {
                  const { version } = yield* storage.openObject("b-1", "source")
                  if (version.deleteMarker) return
                  yield* storage.putObject("b-1", to, () => Either.right(version))
                })
              )
            yield* copy("one")
            yield* copy("two")
            yield* copy("source")
            yield* remove("b-1", "source")
            assert.deepStrictEqual(yield* get("b-1", "one"), bytes)
            yield* remove("b-1", "one")
            assert.deepStrictEqual(yield* get("b-1", "two"), bytes)
            yield* remove("b-1", "two")
          }
        })
      )

      it.effect("that were dropped can be shared again while they are held open", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          for (const size of [100, 300_000]) {
            const bytes = bytesOf(size)
            yield* put("b-1", "source", bytes)
            yield* Effect.scoped(
              Effect.gen(function* () {
                const { version } = yield* storage.openObject("b-1", "source")
                yield* remove("b-1", "source")
                if (!version.deleteMarker) yield* storage.putObject("b-1", "copy", () => Either.right(version))
              })
            )
            assert.deepStrictEqual(yield* get("b-1", "copy"), bytes)
          }
        })
      )
    })

    describe("objects", () => {
      it.effect("keep every field they were given", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const object: NewObject = {
            ...attributes,
            type: "appendable",
            lastModified: 1_700_000_000_123,
            size: 0,
            etag: "d41d8cd98f00b204e9800998ecf8427e",
            crc64: 2n ** 64n - 1n,
            segments: [],
            partSizes: [],
            headers: { "content-type": "text/plain", "x-cos-meta-a": "中" },
            tags: [["k", "v"]],
            acl: { grants: [{ grantee: "id", permission: "READ" }] },
            retention: { mode: "GOVERNANCE", until: 2_000_000_000_000 },
            restore: { tier: "Standard", requestedAt: 1, readyAt: 2, expiresAt: 3 },
            symlinkTarget: "a%20b"
          }
          const stored = yield* storage.putObject("b-1", "k", () => Either.right(object))
          assert.deepStrictEqual(stored, { ...object, key: "k", versionId: "null", deleteMarker: false })
          assert.deepStrictEqual(yield* storage.getObject("b-1", "k"), stored)
          yield* storage.putObject("b-1", "k", () => Either.right({ ...object, crc64: 5n }))
          assert.strictEqual(((yield* storage.getObject("b-1", "k")) as StoredObject).crc64, 5n)
        })
      )

      it.effect("are missing with a reason", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const missing = <R>(effect: Effect.Effect<unknown, unknown, R>, what: NotFound["what"]) =>
            Effect.map(failure(effect), (error) => assert.deepStrictEqual(error, new NotFound({ what })))
          yield* missing(storage.getObject("b-2", "k"), "bucket")
          yield* missing(storage.getObject("b-1", "k"), "object")
          yield* put("b-1", "k", "1")
          for (const id of ["", "x", "MTg0NDUxNzgxMjEzNTU3NTk1Mjg", "ÿ\0", "中"]) {
            yield* missing(storage.getObject("b-1", "k", id), "version")
          }
          yield* missing(storage.getObject("b-1", "k\0"), "object")
          yield* missing(storage.getUpload("b-1", "k", "ÿ"), "upload")
          yield* missing(put("b-2", "k", "1"), "bucket")
        })
      )

      it.effect("are decided on and written in one step", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const append = (piece: string) =>
            Effect.scoped(
              Effect.gen(function* () {
                const body = yield* storage.writeBody(text(piece))
                yield* Effect.yieldNow()
                return yield* storage.putObject("b-1", "log", (current) => {
                  const old = Option.getOrUndefined(current)
                  const before = old !== undefined && !old.deleteMarker ? old : undefined
                  return Either.right({
                    ...objectOf(body),
                    type: "appendable" as const,
                    size: (before?.size ?? 0) + body.size,
                    segments: [...(before?.segments ?? []), ...body.segments]
                  })
                })
              })
            )
          yield* Effect.forEach(Array.from({ length: 50 }), (_, i) => append(`${i % 10}`), { concurrency: "unbounded" })
          assert.strictEqual((yield* getText("b-1", "log")).length, 50)
          const create = Effect.scoped(
            Effect.flatMap(storage.writeBody(text("x")), (body) =>
              storage.putObject("b-1", "once", (current) =>
                Option.isSome(current) ? Either.left("exists" as const) : Either.right(objectOf(body))
              )
            )
          )
          const results = yield* Effect.all(
            Array.from({ length: 20 }, () => Effect.either(create)),
            {
              concurrency: "unbounded"
            }
          )
          assert.strictEqual(results.filter(Either.isRight).length, 1)
        })
      )

      it.effect("change their attributes in place, and only those", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1", "Enabled")
          const first = yield* put("b-1", "k", "first")
          yield* put("b-1", "k", "second")
          yield* storage.updateObject("b-1", "k", first.versionId, (object) =>
            Either.right({ ...object, tags: [["a", "b"]], size: 99, key: "other", versionId: "other", segments: [] })
          )
          const changed = yield* storage.getObject("b-1", "k", first.versionId)
          assert.deepStrictEqual(changed, { ...first, tags: [["a", "b"]] })
          assert.strictEqual(yield* getText("b-1", "k", first.versionId), "first")
          assert.strictEqual(
            yield* failure(storage.updateObject("b-1", "k", undefined, () => Either.left("no" as const))),
            "no"
          )
          const marker = Option.getOrThrow((yield* remove("b-1", "k")).marker)
          const same = (object: StoredObject) => Either.right(object)
          assert.deepStrictEqual(
            yield* failure(storage.updateObject("b-1", "k", undefined, same)),
            new NotFound({ what: "object" })
          )
          assert.deepStrictEqual(
            yield* failure(storage.updateObject("b-1", "k", marker.versionId, same)),
            new NotFound({ what: "version" })
          )
        })
      )

      it.effect("are not removed when the check refuses", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          yield* put("b-1", "k", "kept")
          const options = { lastModified: 0, owner: "100", check: () => Either.left("locked" as const) }
          assert.strictEqual(yield* failure(storage.removeObject("b-1", "k", options)), "locked")
          assert.strictEqual(yield* getText("b-1", "k"), "kept")
          const nothing = yield* storage.removeObject("b-1", "missing", options)
          assert.deepStrictEqual(nothing, { removed: Option.none(), marker: Option.none() })
        })
      )
    })

    describe("versions", () => {
      const idsOf = (versions: ReadonlyArray<{ readonly version: Version; readonly latest: boolean }>) =>
        versions.map(({ latest, version }) => `${version.key}:${version.versionId}:${latest}`)

      it.effect("stand beside each other when enabled, with ids like the service's", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1", "Enabled")
          const one = yield* put("b-1", "k", "one", 1_700_000_000_000)
          const two = yield* put("b-1", "k", "two", 1_700_000_000_000)
          // a clock that goes back does not change the order
          const three = yield* put("b-1", "k", "three", 1)
          assert.match(one.versionId, /^[A-Za-z0-9_-]{27}$/)
          assert.strictEqual(yield* getText("b-1", "k"), "three")
          assert.strictEqual(yield* getText("b-1", "k", one.versionId), "one")
          const { marker } = yield* remove("b-1", "k")
          const id = Option.getOrThrow(marker).versionId
          assert.isTrue((yield* storage.getObject("b-1", "k")).deleteMarker)
          const { items } = yield* storage.listVersions("b-1", { ...listAll, afterId: "" })
          assert.deepStrictEqual(
            items.map(({ version }) => version.versionId),
            [id, three.versionId, two.versionId, one.versionId]
          )
          assert.deepStrictEqual(
            items.map(({ latest }) => latest),
            [true, false, false, false]
          )
          yield* remove("b-1", "k", id)
          assert.strictEqual(yield* getText("b-1", "k"), "three")
          const { removed } = yield* remove("b-1", "k", three.versionId)
          assert.deepStrictEqual(removed, Option.some(three))
          assert.strictEqual(yield* getText("b-1", "k"), "two")
          assert.deepStrictEqual(yield* remove("b-1", "k", three.versionId), {
            removed: Option.none(),
            marker: Option.none()
          })
        })
      )

      it.effect("written under suspension replace the null version and no other", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const suspend = (versioning: "Enabled" | "Suspended") =>
            storage.updateBucket("b-1", (bucket) => ({ ...bucket, versioning }))
          yield* put("b-1", "k", "before")
          yield* suspend("Enabled")
          const kept = yield* put("b-1", "k", "kept")
          assert.strictEqual(yield* getText("b-1", "k", "null"), "before")
          yield* suspend("Suspended")
          yield* put("b-1", "k", "null one")
          yield* put("b-1", "k", "null two")
          assert.strictEqual(yield* getText("b-1", "k"), "null two")
          assert.strictEqual(yield* getText("b-1", "k", "null"), "null two")
          const page = yield* storage.listVersions("b-1", { ...listAll, afterId: "" })
          assert.deepStrictEqual(idsOf(page.items), ["k:null:true", `k:${kept.versionId}:false`])
          const { marker, removed } = yield* remove("b-1", "k")
          assert.strictEqual(Option.getOrThrow(marker).versionId, "null")
          assert.strictEqual(Option.getOrThrow(removed).versionId, "null")
          assert.deepStrictEqual(idsOf((yield* storage.listVersions("b-1", { ...listAll, afterId: "" })).items), [
            "k:null:true",
            `k:${kept.versionId}:false`
          ])
          yield* suspend("Enabled")
          const last = yield* put("b-1", "k", "last")
          assert.deepStrictEqual(idsOf((yield* storage.listVersions("b-1", { ...listAll, afterId: "" })).items), [
            `k:${last.versionId}:true`,
            "k:null:false",
            `k:${kept.versionId}:false`
          ])
        })
      )

      it.effect("are listed page by page, from any marker", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1", "Enabled")
          for (const key of ["a", "b", "a\0", "a/b", "a"]) {
            yield* put("b-1", key, key)
            yield* put("b-1", key, key)
          }
          yield* remove("b-1", "a")
          const whole = yield* storage.listVersions("b-1", { ...listAll, afterId: "" })
          assert.strictEqual(whole.items.length, 11)
          for (const limit of [1, 2, 3, 7]) {
            const seen: Array<string> = []
            let marker = { key: "", id: "" }
            for (;;) {
              const page = yield* storage.listVersions("b-1", {
                ...listAll,
                limit,
                after: marker.key,
                afterId: marker.id
              })
              seen.push(...idsOf(page.items))
              if (!page.truncated) break
              assert.strictEqual(page.items.length, limit)
              marker = Option.getOrThrow(page.last)
            }
            assert.deepStrictEqual(seen, idsOf(whole.items))
          }
          // markers that are gone since
          const [newest, second] = whole.items.map(({ version }) => version)
          yield* remove("b-1", "a", newest?.versionId)
          yield* remove("b-1", "a", second?.versionId)
          const rest = yield* storage.listVersions("b-1", { ...listAll, after: "a", afterId: second?.versionId ?? "" })
          assert.deepStrictEqual(idsOf(rest.items)[0], `a:${whole.items[2]?.version.versionId}:true`)
          assert.deepStrictEqual(
            yield* failure(storage.listVersions("b-1", { ...listAll, after: "a", afterId: "?" })),
            new NotFound({ what: "version" })
          )
          const afterNull = yield* storage.listVersions("b-1", { ...listAll, after: "b", afterId: "null" })
          assert.deepStrictEqual(
            afterNull.items.map(({ version }) => version.key),
            ["b", "b"]
          )
          const after = yield* storage.listVersions("b-1", { ...listAll, after: "a/b", afterId: "" })
          assert.deepStrictEqual(
            after.items.map(({ version }) => version.key),
            ["b", "b"]
          )
        })
      )
    })

    describe("lists", () => {
      const keys = [
        "",
        "\0",
        "a",
        "a\0",
        "a\0b",
        "a\x01",
        "a/",
        "a/b",
        "a/b/c",
        "a0",
        "é",
        "\uff5e",
        "\u{1f600}",
        "中",
        "中/文"
      ]

      it.effect("are in the order of UTF-8 bytes", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          for (const key of [...keys].reverse()) if (key !== "") yield* put("b-1", key, key)
          const expected = keys
            .filter((key) => key !== "")
            .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          assert.deepStrictEqual(keysOf(yield* storage.listObjects("b-1", listAll)), expected)
          for (const after of expected) {
            assert.deepStrictEqual(
              keysOf(yield* storage.listObjects("b-1", { ...listAll, after })),
              expected.slice(expected.indexOf(after) + 1)
            )
          }
          const byNul = yield* storage.listObjects("b-1", { ...listAll, delimiter: "\0" })
          assert.deepStrictEqual(byNul.prefixes, ["\0", "a\0"])
          for (const prefix of ["a", "a\0", "a/", "中", "中/", "é", "x"]) {
            assert.deepStrictEqual(
              keysOf(yield* storage.listObjects("b-1", { ...listAll, prefix })),
              expected.filter((key) => key.startsWith(prefix))
            )
          }
        })
      )

      it.effect("group by a delimiter, and a marker that is a group skips it", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          for (const key of ["a", "b/1", "b/2", "b/c/3", "b0", "中/1", "中/2"]) yield* put("b-1", key, key)
          const grouped = { ...listAll, delimiter: "/" }
          const page = yield* storage.listObjects("b-1", grouped)
          assert.deepStrictEqual(
            [keysOf(page), page.prefixes],
            [
              ["a", "b0"],
              ["b/", "中/"]
            ]
          )
          const inside = yield* storage.listObjects("b-1", { ...grouped, prefix: "b/" })
          assert.deepStrictEqual([keysOf(inside), inside.prefixes], [["b/1", "b/2"], ["b/c/"]])
          const after = yield* storage.listObjects("b-1", { ...grouped, after: "b/" })
          assert.deepStrictEqual([keysOf(after), after.prefixes], [["b0"], ["中/"]])
          const amid = yield* storage.listObjects("b-1", { ...grouped, after: "b/1" })
          assert.deepStrictEqual([keysOf(amid), amid.prefixes], [["b0"], ["b/", "中/"]])
          const cut = yield* storage.listObjects("b-1", { ...grouped, limit: 2 })
          assert.deepStrictEqual([keysOf(cut), cut.prefixes, cut.truncated], [["a"], ["b/"], true])
          assert.deepStrictEqual(cut.last, Option.some({ key: "b/", id: "" }))
          const exact = yield* storage.listObjects("b-1", { ...grouped, limit: 4 })
          assert.isFalse(exact.truncated)
          const none = yield* storage.listObjects("b-1", { ...grouped, limit: 0 })
          assert.deepStrictEqual(none, { items: [], prefixes: [], truncated: false, last: Option.none() })
        })
      )

      it.effect("of objects leave out what is deleted, groups of it too", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1", "Enabled")
          for (const key of ["a", "b/1", "b/2", "c"]) for (const _ of [1, 2, 3]) yield* put("b-1", key, key)
          for (const key of ["b/1", "b/2", "c"]) yield* remove("b-1", key)
          const page = yield* storage.listObjects("b-1", { ...listAll, delimiter: "/", limit: 1 })
          assert.deepStrictEqual([keysOf(page), page.prefixes, page.truncated], [["a"], [], false])
          const versions = yield* storage.listVersions("b-1", { ...listAll, delimiter: "/", afterId: "" })
          assert.deepStrictEqual([versions.items.length, versions.prefixes], [7, ["b/"]])
        })
      )

      it.effect("do not mix buckets", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          yield* storage.createBucket(bucketOf("b-10"))
          yield* put("b-1", "k", "1")
          yield* put("b-10", "k", "10")
          assert.deepStrictEqual(keysOf(yield* storage.listObjects("b-1", listAll)), ["k"])
          assert.strictEqual(yield* getText("b-1", "k"), "1")
          yield* remove("b-1", "k")
          yield* storage.removeBucket("b-1")
          assert.strictEqual(yield* getText("b-10", "k"), "10")
        })
      )

      it.effect("of uploads are by key, then by age", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const uploads: Array<Upload> = []
          for (const key of ["b", "a", "a", "d/1", "a"]) uploads.push(yield* createUpload("b-1", key))
          const [b, a1, a2, d, a3] = uploads.map((upload) => upload.uploadId)
          const ids = (after: string, afterId: string, delimiter = "") =>
            Effect.map(storage.listUploads("b-1", { ...listAll, delimiter, after, afterId }), (page) => [
              ...page.items.map((upload) => upload.uploadId),
              ...page.prefixes
            ])
          assert.deepStrictEqual(yield* ids("", ""), [a1, a2, a3, b, d])
          assert.deepStrictEqual(yield* ids("a", ""), [b, d])
          assert.deepStrictEqual(yield* ids("a", a2 ?? ""), [a3, b, d])
          assert.deepStrictEqual(yield* ids("a", "0"), [a1, a2, a3, b, d])
          assert.deepStrictEqual(yield* ids("a", "中"), [b, d])
          assert.deepStrictEqual(yield* ids("b", "", "/"), ["d/"])
          assert.match(a1 ?? "", /^1700000000[0-9a-f]{64}$/)
        })
      )
    })

    describe("uploads", () => {
      it.effect("become an object without copying, and are gone", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const upload = yield* createUpload("b-1", "big")
          const pieces = [bytesOf(300_000, 1), bytesOf(1_000, 2), bytesOf(70_000, 3)]
          yield* putPart("b-1", upload, 7, pieces[2] ?? "")
          yield* putPart("b-1", upload, 1, "replaced")
          yield* putPart("b-1", upload, 2, pieces[1] ?? "")
          yield* putPart("b-1", upload, 1, pieces[0] ?? "")
          yield* putPart("b-1", upload, 10_000, "left out")
          const listed = yield* storage.listParts("b-1", "big", upload.uploadId, { after: 0, limit: 10 })
          assert.deepStrictEqual(
            listed.parts.map((part) => part.partNumber),
            [1, 2, 7, 10_000]
          )
          assert.deepStrictEqual(listed.upload, upload)
          const page = yield* storage.listParts("b-1", "big", upload.uploadId, { after: 1, limit: 2 })
          assert.deepStrictEqual([page.parts.map((part) => part.partNumber), page.truncated], [[2, 7], true])
          const before = page.parts.flatMap((part) => part.segments)
          const refused = storage.completeUpload("b-1", "big", upload.uploadId, () => Either.left("refused" as const))
          assert.strictEqual(yield* failure(refused), "refused")
          const object = yield* storage.completeUpload("b-1", "big", upload.uploadId, ({ parts }) =>
            Either.right(manifest(parts.slice(0, 3)))
          )
          const bytes = Uint8Array.from(Buffer.concat(pieces))
          assert.deepStrictEqual(object.segments.slice(1), before)
          assert.strictEqual(object.crc64, Crc64.of(bytes))
          assert.deepStrictEqual(yield* get("b-1", "big"), bytes)
          assert.deepStrictEqual(yield* get("b-1", "big", undefined, 299_999, 301_001), bytes.slice(299_999, 301_001))
          assert.deepStrictEqual(
            yield* failure(storage.getUpload("b-1", "big", upload.uploadId)),
            new NotFound({ what: "upload" })
          )
          assert.strictEqual((yield* storage.listUploads("b-1", { ...listAll, afterId: "" })).items.length, 0)
        })
      )

      it.effect("are found under their own bucket and key only", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          yield* storage.createBucket(bucketOf("b-2"))
          const { uploadId } = yield* createUpload("b-1", "k")
          assert.strictEqual((yield* storage.getUpload("b-1", "k", uploadId)).key, "k")
          for (const [bucket, key] of [
            ["b-2", "k"],
            ["b-1", "k2"],
            ["b-1", ""]
          ] as const) {
            assert.deepStrictEqual(
              yield* failure(storage.getUpload(bucket, key, uploadId)),
              new NotFound({ what: "upload" })
            )
          }
        })
      )

      it.effect("that are aborted take no further parts", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const upload = yield* createUpload("b-1", "k")
          yield* putPart("b-1", upload, 1, bytesOf(100_000))
          yield* storage.abortUpload("b-1", "k", upload.uploadId)
          assert.deepStrictEqual(yield* failure(putPart("b-1", upload, 2, "late")), new NotFound({ what: "upload" }))
          assert.deepStrictEqual(
            yield* failure(storage.abortUpload("b-1", "k", upload.uploadId)),
            new NotFound({ what: "upload" })
          )
          yield* storage.removeBucket("b-1")
        })
      )
    })

    describe("the whole", () => {
      it.effect("is emptied by reset, and brought back from a snapshot, more than once", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1", "Enabled")
          const bytes = bytesOf(300_000)
          yield* put("b-1", "small", "small")
          yield* put("b-1", "large", bytes)
          yield* storage.putDocument("b-1", "cors", "text")
          const upload = yield* createUpload("b-1", "up")
          yield* putPart("b-1", upload, 1, bytes)
          const snapshot = yield* storage.snapshot
          const check = Effect.gen(function* () {
            assert.strictEqual(yield* getText("b-1", "small"), "small")
            assert.deepStrictEqual(yield* get("b-1", "large"), bytes)
            assert.deepStrictEqual(yield* storage.getDocument("b-1", "cors"), Option.some("text"))
            assert.strictEqual(
              (yield* storage.listParts("b-1", "up", upload.uploadId, { after: 0, limit: 9 })).parts.length,
              1
            )
            assert.deepStrictEqual(keysOf(yield* storage.listObjects("b-1", listAll)), ["large", "small"])
          })
          yield* storage.reset
          assert.deepStrictEqual(yield* storage.listBuckets, [])
          yield* storage.restore(snapshot)
          yield* check
          yield* remove("b-1", "small")
          yield* put("b-1", "large", "other")
          yield* put("b-1", "new", bytes)
          yield* storage.completeUpload("b-1", "up", upload.uploadId, ({ parts }) => Either.right(manifest(parts)))
          yield* storage.restore(snapshot)
          yield* check
          yield* storage.reset
          yield* storage.restore(snapshot)
          yield* check
        })
      )

      it.effect("lets a hook refuse, or end the caller after the write", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const full = new StorageError({ reason: "DiskFull", message: "injected" })
          const failAt = (at: string, bytes = 0) =>
            Effect.provideService(Hook, (point, size) => (point === at && size >= bytes ? full : Effect.void))
          assert.deepStrictEqual(
            yield* failure(put("b-1", "k", chunked(bytesOf(1_000_000), 1_000)).pipe(failAt("write", 500_000))),
            full
          )
          assert.deepStrictEqual(yield* failure(put("b-1", "k", "1").pipe(failAt("staged"))), full)
          assert.deepStrictEqual(yield* failure(put("b-1", "k", "1").pipe(failAt("commit"))), full)
          assert.deepStrictEqual(keysOf(yield* storage.listObjects("b-1", listAll)), [])
          assert.deepStrictEqual(yield* failure(put("b-1", "k", "1").pipe(failAt("committed"))), full)
          assert.strictEqual(yield* getText("b-1", "k"), "1")
        })
      )

      it.effect("agrees with a model of plain maps", () =>
        Effect.gen(function* () {
          const runPromise = Runtime.runPromise(yield* Effect.runtime<Storage>())
          const agrees = FastCheck.asyncProperty(FastCheck.array(command, { maxLength: 40, size: "max" }), (commands) =>
            runPromise(compare(commands))
          )
          yield* Effect.promise(() => FastCheck.assert(agrees, { seed: 20260801, numRuns: modelRuns }))
        })
      )

      it.effect("a handler that throws is a defect, and writes nothing", () =>
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          const exit = yield* Effect.exit(
            storage.putObject("b-1", "k", () => {
              throw new Error("bug")
            })
          )
          assert.isTrue(Exit.isFailure(exit) && exit.cause._tag === "Die")
          assert.deepStrictEqual(keysOf(yield* storage.listObjects("b-1", listAll)), [])
        })
      )
    })
  })
}

suite("memory", Memory.layer, 200)
suite("disk", diskLayer(false), 200)
suite("disk, durable", diskLayer(true), 20)

describe("memory", () => {
  it("needs no scheduler: every step is synchronous", () => {
    const bytes = bytesOf(1_000_000)
    const read = Effect.gen(function* () {
      yield* fresh("b-1")
      yield* put("b-1", "k", chunked(bytes, 10_000))
      return yield* get("b-1", "k")
    })
    assert.deepStrictEqual(Effect.runSync(Effect.provide(read, Memory.layer)), bytes)
  })
})

/** Opens the records and stays. */
const holdOpen = `
  const database = require("lmdb").open({ path: process.argv[1], keyEncoding: "binary" })
  database.get(Buffer.from("x"))
  setInterval(() => database.get(Buffer.from("x")), 1000)
  console.log("open")
`

describe("disk", () => {
  const filesOf = (directory: string) =>
    Effect.promise(async () => {
      const entries = await readdir(join(directory, "bodies"), { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    })

  const open =
    (directory: string) =>
    <A, E>(effect: Effect.Effect<A, E, Storage>) =>
      Effect.provide(effect, Disk.layer({ directory }))

  it.scoped("finds everything again when it is opened again", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const bytes = bytesOf(300_000)
      const upload = yield* Effect.gen(function* () {
        const storage = yield* fresh("b-1", "Enabled")
        yield* put("b-1", "small", "small", 4_000_000_000_000)
        yield* put("b-1", "large", bytes)
        yield* storage.putDocument("b-1", "cors", "text")
        const upload = yield* createUpload("b-1", "up")
        yield* putPart("b-1", upload, 1, bytes)
        return upload
      }).pipe(open(path))
      yield* Effect.gen(function* () {
        const storage = yield* Storage
        assert.strictEqual(yield* getText("b-1", "small"), "small")
        assert.deepStrictEqual(yield* get("b-1", "large"), bytes)
        assert.deepStrictEqual(yield* storage.getDocument("b-1", "cors"), Option.some("text"))
        yield* storage.completeUpload("b-1", "up", upload.uploadId, ({ parts }) => Either.right(manifest(parts)))
        assert.deepStrictEqual(yield* get("b-1", "up"), bytes)
        // the clock was ahead when the version before was written
        const newer = yield* put("b-1", "small", "newer", 0)
        assert.strictEqual((yield* storage.getObject("b-1", "small")).versionId, newer.versionId)
      }).pipe(open(path))
    })
  )

  it.scoped("keeps no file that nothing names", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const bytes = bytesOf(300_000)
      yield* Effect.gen(function* () {
        const storage = yield* fresh("b-1")
        yield* put("b-1", "overwritten", bytes)
        yield* put("b-1", "overwritten", "small")
        yield* put("b-1", "removed", bytes)
        yield* remove("b-1", "removed")
        const shared = yield* put("b-1", "shared", bytes)
        for (const key of ["shared", "copy 1", "copy 2"])
          yield* storage.putObject("b-1", key, () => Either.right(shared))
        for (const key of ["copy 2", "shared", "copy 1"]) yield* remove("b-1", key)
        yield* Effect.scoped(storage.writeBody(bytes))
        yield* Effect.ignore(Effect.scoped(storage.writeBody(Stream.concat(Stream.make(bytes), Stream.fail("source")))))
        yield* Effect.ignore(put("b-2", "k", bytes))
        const aborted = yield* createUpload("b-1", "aborted")
        yield* putPart("b-1", aborted, 1, bytes)
        yield* storage.abortUpload("b-1", "aborted", aborted.uploadId)
        const completed = yield* createUpload("b-1", "completed")
        for (const partNumber of [1, 1, 2, 3]) yield* putPart("b-1", completed, partNumber, bytes)
        yield* storage.completeUpload("b-1", "completed", completed.uploadId, ({ parts }) =>
          Either.right(manifest(parts.slice(0, 2)))
        )
        const begun = yield* Deferred.make<void>()
        const stalled = Stream.fromEffect(Effect.zipRight(Deferred.succeed(begun, void 0), Effect.never))
        const writing = yield* Effect.fork(Effect.scoped(storage.writeBody(Stream.concat(Stream.make(bytes), stalled))))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(writing)
      }).pipe(open(path))
      assert.strictEqual((yield* filesOf(path)).length, 2)
      yield* open(path)(Effect.flatMap(Storage, (storage) => storage.reset))
      assert.deepStrictEqual(yield* filesOf(path), [])
    })
  )

  it.scoped("removes at start what a crash left behind", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const copy = yield* directory
      const bytes = bytesOf(300_000)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const storage = yield* fresh("b-1")
          yield* put("b-1", "kept", bytes)
          yield* put("b-1", "held", bytes)
          yield* storage.openObject("b-1", "held")
          yield* remove("b-1", "held")
          yield* storage.writeBody(bytes)
          // what a process that ends here leaves
          yield* Effect.promise(() => cp(path, copy, { recursive: true }))
        })
      ).pipe(open(path))
      assert.strictEqual((yield* filesOf(copy)).length, 3)
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* filesOf(copy)).length, 1)
        assert.deepStrictEqual(yield* get("b-1", "kept"), bytes)
      }).pipe(open(copy))
    })
  )

  it.scoped("says when a body's file was cut or removed behind its back", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* Effect.gen(function* () {
        yield* fresh("b-1")
        yield* put("b-1", "k", bytesOf(300_000))
        const [file = ""] = yield* filesOf(path)
        yield* Effect.promise(() => truncate(file, 200_000))
        assert.deepStrictEqual(
          yield* Effect.flip(get("b-1", "k")),
          new StorageError({ reason: "Io", message: "the file is shorter than its body", path: file })
        )
        yield* Effect.promise(() => rm(file))
        const gone = yield* Effect.flip(get("b-1", "k"))
        assert.isTrue(gone._tag === "StorageError" && gone.reason === "Io" && gone.message.includes("ENOENT"))
      }).pipe(open(path))
    })
  )

  it.scoped("refuses a directory that another process has open, or that cannot be one", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const other = yield* Effect.acquireRelease(
        Effect.async<ChildProcess>((resume) => {
          const child = spawn(process.execPath, ["-e", holdOpen, join(path, "records")], { cwd: import.meta.dirname })
          child.stdout.once("data", () => resume(Effect.succeed(child)))
        }),
        (child) =>
          Effect.async<void>((resume) => {
            child.once("exit", () => resume(Effect.void))
            child.kill("SIGKILL")
          })
      ).pipe(
        Effect.tap((child) =>
          Effect.map(Effect.flip(open(path)(Storage)), (error) =>
            assert.include(error.message, `in use by process ${child.pid}`)
          )
        ),
        Effect.scoped
      )
      assert.isNumber(other.pid)
      // killed, it is in nobody's way
      yield* open(path)(fresh("b-1"))
      const file = join(path, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      assert.strictEqual((yield* Effect.flip(open(file)(Storage))).reason, "Io")
    })
  )
})
