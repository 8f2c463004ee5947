import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Upload } from "../../src/internal/storage/Storage.js"
import { bucketOf, createUpload, fresh, getText, keysOf, listAll, overEveryStorage, put, remove } from "./support.js"

overEveryStorage((it) => {
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
        const expected = keys.filter((key) => key !== "").sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
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
})
