import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type NewObject, NotFound, type StoredObject } from "../../src/internal/storage/Storage.js"
import { attributes, failure, fresh, getText, objectOf, overEveryStorage, put, remove, text } from "./support.js"

overEveryStorage((it) => {
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

    it.effect("are reported missing, with a reason", () =>
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
})
