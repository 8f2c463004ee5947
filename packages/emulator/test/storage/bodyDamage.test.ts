/** What happens when files of bodies are changed, cut or removed from outside while the server runs. */
import { readdirSync, renameSync, statSync, truncateSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { layer } from "effect-cos-emulator/Emulator"
import * as Disk from "../../src/internal/storage/disk/directoryStorage.js"
import { Storage } from "../../src/internal/storage/Storage.js"
import { bucket, send } from "../support/client.js"
import { flipByte } from "./flip.js"
import { assertBytes, bytesOf, createUpload, directory, fresh, get, manifest, put, putPart } from "./support.js"

const filesOf = (path: string): ReadonlyArray<string> =>
  readdirSync(join(path, "bodies"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const large = bytesOf(1_500_000)

const parts = Effect.gen(function* () {
  const storage = yield* Storage
  const upload = yield* createUpload("b-1", "k")
  yield* putPart("b-1", upload, 1, large)
  yield* putPart("b-1", upload, 2, bytesOf(200_000, 3))
  yield* storage.completeUpload("b-1", "k", upload.uploadId, ({ parts }) => Either.right(manifest(parts)))
})

/** Reads the object; how many bytes come before it fails, and why it does. */
const failedRead = Effect.scoped(
  Effect.gen(function* () {
    const { read } = yield* (yield* Storage).openObject("b-1", "k")
    let bytes = 0
    const counted = Stream.runForEach(read(), (chunk) =>
      Effect.sync(() => {
        bytes += chunk.length
      })
    )
    const { message } = yield* Effect.flip(counted)
    return { bytes, message }
  })
)

/** Whether the bytes of the object are all there. */
const isThere = (start?: number, end?: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { check } = yield* (yield* Storage).openObject("b-1", "k")
      return Either.isRight(yield* Effect.either(check(start, end)))
    })
  )

describe("files of bodies", () => {
  it.scoped("that are too short are a 500, not a response that breaks off", () =>
    Effect.gen(function* () {
      const path = yield* directory
      yield* Effect.gen(function* () {
        yield* send("PUT", { key: "k", body: bytesOf(300_000) })
        const [file = ""] = filesOf(path)
        truncateSync(file, 200_000)
        const { code, status } = yield* send("GET", { key: "k" })
        assert.deepStrictEqual([status, code], [500, "InternalError"])
        const range = { range: "bytes=0-99999" }
        assert.strictEqual((yield* send("GET", { key: "k", headers: range })).bytes.length, 100_000)
        assert.strictEqual((yield* send("HEAD", { key: "k" })).status, 200)
      }).pipe(Effect.provide(layer({ buckets: [bucket], dir: path })))
    })
  )

  for (const [what, store, size] of [
    ["one file", put("b-1", "k", large), large.length],
    ["the files of parts", parts, large.length + 200_000]
  ] as const) {
    it.scoped(`${what}: bytes that have changed are found before the last of them is sent`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        yield* Effect.gen(function* () {
          yield* fresh("b-1")
          yield* store
          const before = yield* get("b-1", "k")
          assert.strictEqual(before.length, size)
          for (const file of filesOf(path)) {
            const { atime, mtime } = statSync(file)
            flipByte(file, 100_000)
            // as whoever wants to hide it does
            utimesSync(file, atime, mtime)
            const { bytes, message } = yield* failedRead
            assert.include(message, "have changed")
            assert.isBelow(bytes, size)
            flipByte(file, 100_000)
            assertBytes(yield* get("b-1", "k"), before)
          }
        }).pipe(Effect.provide(Disk.layer({ directory: path })))
      })
    )

    it.scoped(`${what}: one that is cut or gone is known before anything is read`, () =>
      Effect.gen(function* () {
        const path = yield* directory
        yield* Effect.gen(function* () {
          yield* fresh("b-1")
          yield* store
          const file = filesOf(path).find((file) => statSync(file).size > large.length) ?? ""
          renameSync(file, `${path}/aside`)
          assert.isFalse(yield* isThere())
          renameSync(`${path}/aside`, file)
          assert.isTrue(yield* isThere())
          truncateSync(file, large.length - 10)
          assert.isFalse(yield* isThere())
          assert.isFalse(yield* isThere(large.length - 20, large.length))
          assert.isTrue(yield* isThere(0, large.length - 10))
          yield* failedRead
        }).pipe(Effect.provide(Disk.layer({ directory: path })))
      })
    )
  }
})
