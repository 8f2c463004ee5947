import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import * as Memory from "../../src/internal/storage/memory.js"
import { NotFound, Storage, StorageError } from "../../src/internal/storage/Storage.js"

import {
  bytesOf,
  chunked,
  collect,
  failure,
  fresh,
  get,
  md5,
  objectOf,
  overEveryStorage,
  put,
  remove,
  text
} from "./support.js"

overEveryStorage((it) => {
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
          assert.deepStrictEqual([whole.size, whole.etag, whole.crc64], [streamed.size, streamed.etag, streamed.crc64])
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

    it.effect("of a source that fails are not kept, and the caller gets its error", () =>
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
})

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
