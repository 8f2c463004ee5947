import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { key, ok, outcome, put, times } from "./support/outcome.js"
import * as Scripted from "./support/ScriptedClient.js"

describe("time limits", () => {
  const silent: Scripted.Step = { silence: true }
  const timed = (
    run: Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>,
    step: Scripted.Step,
    settings: CosClient.Settings = {}
  ) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(0)
      const { layer } = Scripted.make([step], { settings: { retry: RetryPolicy.none, ...settings } })
      const fiber = yield* run.pipe(
        Effect.scoped,
        Effect.provide(layer),
        Effect.flip,
        Effect.zip(Effect.clockWith((clock) => clock.currentTimeMillis)),
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      return yield* Fiber.join(fiber)
    })
  const timeout = (phase: string) => ({ _tag: "TransportError", reason: "Timeout", phase })

  it.effect("an attempt has 30 seconds", () =>
    Effect.gen(function* () {
      const [error, at] = yield* timed(Cos.headBucket(), silent)
      expect(error).toMatchObject(timeout("response"))
      expect(at).toBe(30_000)
    })
  )

  it.effect("gives a body the time that it needs, so that a slow upload is not cut off", () =>
    Effect.gen(function* () {
      const body = new Uint8Array(64 * 1024 * 10)
      const [error, at] = yield* timed(Cos.putObject({ key, body }), silent)
      expect(error).toMatchObject(timeout("response"))
      expect(at).toBe(40_000)
      const [, sooner] = yield* timed(Cos.putObject({ key, body }), silent, {
        timeLimits: { attempt: "1 second", minBytesPerSecond: 65_536 * 10 }
      })
      expect(sooner).toBe(2000)
    })
  )

  it.effect("limits are whole milliseconds, so that many requests share one timer", () =>
    Effect.gen(function* () {
      const many = Cos.deleteObjects({ objects: times(4, "key\r") })
      const { requests } = yield* outcome(Effect.zip(many, put, { concurrent: true }), times(25, { silence: true }))
      expect(requests).toHaveLength(25)
      expect(requests.map(({ at }) => at).filter((at) => !Number.isInteger(at))).toEqual([])
    })
  )

  it.effect("30 seconds may pass between two pieces of a body", () =>
    Effect.gen(function* () {
      const headers = { ...ok.headers, "last-modified": new Date(0).toUTCString() }
      const stalling = Stream.concat(Stream.make(Buffer.from("some")), Stream.never)
      const read = Effect.flatMap(Cos.getObject({ key }), ({ body }) => Stream.runDrain(body))
      const [error, at] = yield* timed(read, { headers, body: stalling })
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBe(30_000)
    })
  )

  it.effect("documents have the same limit between pieces", () =>
    Effect.gen(function* () {
      const stalling = Stream.concat(Stream.make(Buffer.from("<ListBucketResult>")), Stream.never)
      const [error, at] = yield* timed(Cos.listObjects(), { body: stalling }, { timeLimits: { idle: "5 seconds" } })
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBe(5000)
    })
  )
})

describe("bodies of responses", () => {
  const headers = { ...ok.headers, "last-modified": new Date(0).toUTCString() }
  const read = Cos.getObject({ key }).pipe(
    Effect.flatMap(({ body }) => Stream.runCollect(body)),
    Effect.map((chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)).toString()),
    Effect.scoped
  )
  const rows: ReadonlyArray<readonly [title: string, announced: string | undefined, expected: object]> = [
    ["whole", "5", { right: "bytes" }],
    ["of no announced length", undefined, { right: "bytes" }],
    ["cut off", "6", { left: { _tag: "TruncatedBody", expected: 6, received: 5, key, bucket: Scripted.bucket } }],
    ["too long", "4", { left: { _tag: "TruncatedBody", expected: 4, received: 5 } }]
  ]
  it.effect.each(rows)("%s", ([, announced, expected]) =>
    Effect.gen(function* () {
      const body = Stream.make(Buffer.from("by"), Buffer.from("tes"))
      const { result } = yield* outcome(read, [{ headers: { ...headers, "content-length": announced }, body }])
      expect(result).toMatchObject(expected)
    })
  )

  it.effect("documents are bounded", () =>
    Effect.gen(function* () {
      const { result } = yield* outcome(Cos.listObjects(), [{ body: "<ListBucketResult></ListBucketResult>" }], {
        settings: { maxDocumentBytes: 36, retry: RetryPolicy.none }
      })
      expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
    })
  )
})

describe("a content-length that is not digits", () => {
  const headers = { etag: '"a"', "last-modified": new Date(0).toUTCString() }
  it.effect.each(["1e3", "0x10", "5, 5", "-1", "+5", "1.0", "Infinity", "9007199254740992"])("%s", (length) =>
    Effect.gen(function* () {
      const step = { headers: { ...headers, "content-length": length }, body: "text" }
      const { layer } = Scripted.make([step, step], { settings: { retry: RetryPolicy.none } })
      for (const run of [Cos.headObject({ key }), Effect.scoped(Cos.getObject({ key }))]) {
        const error = yield* Effect.flip(
          Effect.provide(Effect.asVoid<unknown, unknown, CosClient.CosClient>(run), layer)
        )
        expect(error).toMatchObject({ _tag: "MalformedResponse" })
      }
    })
  )
})
