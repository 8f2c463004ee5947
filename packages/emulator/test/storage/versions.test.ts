import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { NotFound, type Version } from "../../src/internal/storage/Storage.js"
import { failure, fresh, getText, listAll, overEveryStorage, put, remove } from "./support.js"

overEveryStorage((it) => {
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

    it.effect("are newest first whatever the clock says: beyond 2255, set back, before 1970, or nonsense", () =>
      Effect.gen(function* () {
        const storage = yield* fresh("b-1", "Enabled")
        const times = [
          9.1e12,
          9.1e12,
          253_402_300_799_999,
          8.64e15,
          8.64e15,
          1e300,
          Infinity,
          1_700_000_000_000,
          0,
          -1,
          NaN
        ]
        const written: Array<string> = []
        for (const [index, time] of times.entries()) {
          written.unshift((yield* put("b-1", "k", `${index}`, time)).versionId)
          assert.strictEqual(yield* getText("b-1", "k"), `${index}`)
        }
        assert.strictEqual(new Set(written).size, times.length)
        const { items } = yield* storage.listVersions("b-1", { ...listAll, afterId: "" })
        assert.deepStrictEqual(
          items.map(({ version }) => version.versionId),
          written
        )
        for (const [index, versionId] of written.toReversed().entries()) {
          assert.strictEqual(yield* getText("b-1", "k", versionId), `${index}`)
          yield* remove("b-1", "k", versionId)
        }
        yield* storage.removeBucket("b-1")
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
})
