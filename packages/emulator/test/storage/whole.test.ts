import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import { Hook, Storage, StorageError } from "../../src/internal/storage/Storage.js"

import { command, compare } from "./model.js"
import {
  bytesOf,
  chunked,
  createUpload,
  failure,
  fresh,
  get,
  getText,
  keysOf,
  listAll,
  manifest,
  overEveryStorage,
  put,
  putPart,
  remove
} from "./support.js"

overEveryStorage((it, modelRuns) => {
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

    it.effect(
      "agrees with a model of plain maps",
      () =>
        Effect.gen(function* () {
          const runPromise = Runtime.runPromise(yield* Effect.runtime<Storage>())
          const agrees = FastCheck.asyncProperty(FastCheck.array(command, { maxLength: 40, size: "max" }), (commands) =>
            runPromise(compare(commands))
          )
          yield* Effect.promise(() => FastCheck.assert(agrees, { seed: 20260801, numRuns: modelRuns }))
        }),
      60_000
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
