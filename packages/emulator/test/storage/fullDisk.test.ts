import { statSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import * as ReservedSpace from "../../src/internal/storage/disk/fullDisk.js"
import { Storage, type StorageError } from "../../src/internal/storage/Storage.js"
import {
  assertBytes,
  bytesOf,
  createUpload,
  directory,
  fresh,
  get,
  getText,
  listAll,
  put,
  putPart,
  remove
} from "./support.js"

const MiB = 1024 * 1024

/** A disk on which the records' file cannot grow beyond so many bytes. */
const fullAt =
  (limit: number): ReservedSpace.WriteZeros =>
  (descriptor, from, to) => {
    if (to > limit) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" })
    ReservedSpace.writeZeros(descriptor, from, to)
  }

/** Writes objects of a size until that is refused, and gives the keys of those that were acknowledged. */
const fill = (size: number) =>
  Effect.gen(function* () {
    const keys: Array<string> = []
    for (let number = 0; ; number++) {
      const result = yield* Effect.either(put("b-1", `${size}/${number}`, bytesOf(size, number + 1)))
      if (Either.isLeft(result)) {
        assert.strictEqual((result.left as StorageError).reason, "DiskFull")
        return keys
      }
      keys.push(`${size}/${number}`)
      assert.isBelow(number, 3_000)
    }
  })

const holds = (keys: ReadonlyArray<string>) =>
  Effect.forEach(
    keys,
    (key) =>
      Effect.gen(function* () {
        const [size, number] = key.split("/").map(Number)
        assertBytes(yield* get("b-1", key), bytesOf(size ?? 0, (number ?? 0) + 1))
      }),
    { discard: true }
  )

describe("a full disk", () => {
  const limit = 3 * MiB

  it.scoped("refuses writes, keeps what was acknowledged, and takes removals and then writes again", () =>
    Effect.gen(function* () {
      const path = yield* directory
      const open = Effect.provide(Disk.layer({ directory: path, writeZeros: fullAt(limit) }))
      const keys = yield* Effect.gen(function* () {
        yield* fresh("b-1")
        const small = yield* fill(6_000)
        const large = yield* fill(50_000)
        yield* holds([...small, ...large])
        return [...small, ...large]
      }).pipe(open)
      assert.isAbove(keys.length, 50)
      // also when it is opened full
      yield* Effect.gen(function* () {
        yield* holds(keys)
        for (const key of keys.slice(0, -10)) yield* remove("b-1", key)
        const again = yield* fill(10_000)
        assert.isAbove(again.length, 10)
        yield* holds([...keys.slice(-10), ...again])
      }).pipe(open)
      // LMDB was never made to lengthen its file itself: on a disk that is full it would have failed
      assert.isAtMost(statSync(join(path, "records", "data.mdb")).size, limit)
    })
  )

  it.scoped("can be emptied at once: objects, uploads, buckets and everything", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* Effect.gen(function* () {
        const storage = yield* fresh("b-1", "Enabled")
        const upload = yield* createUpload("b-1", "up")
        for (const partNumber of [1, 2, 3]) yield* putPart("b-1", upload, partNumber, bytesOf(50_000))
        const [first = ""] = yield* fill(20_000)
        // with versions, a removal adds a record
        for (let number = 0; number < 50; number++) yield* remove("b-1", first)
        yield* storage.abortUpload("b-1", "up", upload.uploadId)
        yield* storage.reset
        assert.deepStrictEqual(yield* storage.listBuckets, [])
        yield* fresh("b-2")
        yield* put("b-2", "k", "there is room")
        assert.strictEqual(yield* getText("b-2", "k"), "there is room")
      }).pipe(Effect.provide(Disk.layer({ directory: path, writeZeros: fullAt(limit) })))
    })
  )

  it.scoped("refuses uploads into files too, and keeps none of them", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* Effect.gen(function* () {
        const storage = yield* Storage
        yield* fresh("b-1")
        yield* fill(6_000)
        const keys = yield* fill(70_000)
        yield* holds(keys)
        const { items } = yield* storage.listObjects("b-1", { ...listAll, prefix: "70000/" })
        assert.strictEqual(items.length, keys.length)
        const entries = yield* Effect.promise(() =>
          readdir(join(path, "bodies"), { recursive: true, withFileTypes: true })
        )
        assert.strictEqual(entries.filter((entry) => entry.isFile()).length, keys.length)
      }).pipe(Effect.provide(Disk.layer({ directory: path, writeZeros: fullAt(limit) })))
    })
  )
})
