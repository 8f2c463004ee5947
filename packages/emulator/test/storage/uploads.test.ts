import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Crc64 from "effect-cos/Crc64"
import { NotFound } from "../../src/internal/storage/Storage.js"
import {
  attributes,
  bucketOf,
  bytesOf,
  createUpload,
  failure,
  fresh,
  get,
  listAll,
  manifest,
  overEveryStorage,
  putPart
} from "./support.js"

overEveryStorage((it) => {
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

    it.effect("are found, listed, completed and aborted whatever the clock says", () =>
      Effect.gen(function* () {
        const storage = yield* fresh("b-1")
        for (const initiatedAt of [9.1e12, 1e13, 8.64e15, -1, -1e12, 1_700_000_000_000, NaN]) {
          const { uploadId } = yield* storage.createUpload("b-1", "k", () =>
            Either.right({ ...attributes, initiatedAt, initiator: "100" })
          )
          assert.match(uploadId, /^[0-9a-f]{74}$/)
          assert.strictEqual((yield* storage.getUpload("b-1", "k", uploadId)).uploadId, uploadId)
          const { items } = yield* storage.listUploads("b-1", { ...listAll, afterId: "" })
          assert.deepStrictEqual(
            items.map((upload) => upload.uploadId),
            [uploadId]
          )
          yield* storage.abortUpload("b-1", "k", uploadId)
        }
        yield* storage.removeBucket("b-1")
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
})
