import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { BucketExists, BucketNotEmpty, NotFound } from "../../src/internal/storage/Storage.js"
import { bucketOf, createUpload, failure, fresh, overEveryStorage, put, remove } from "./support.js"

overEveryStorage((it) => {
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
        assert.deepStrictEqual(yield* failure(storage.putDocument("b-2", "cors", "")), new NotFound({ what: "bucket" }))
      })
    )
  })
})
