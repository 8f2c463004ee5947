/** Time limits where an interrupt does nothing, of documents that trickle, and by a clock that is set back. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { setBack } from "../../../test/support/clock.js"
import * as Scripted from "./support/ScriptedClient.js"

const headers = { etag: '"a"', "last-modified": new Date(0).toUTCString() }
const settings = { retry: RetryPolicy.none, timeLimits: { attempt: "300 millis" } } as const
const timeout = (phase: string) => ({ _tag: "TransportError", reason: "Timeout", phase })

/** The failure, and after how many milliseconds it came. */
const timed = <A, E, R>(self: Effect.Effect<A, E, R>, limit: Duration.DurationInput = "1 hour") =>
  Effect.gen(function* () {
    yield* TestClock.setTime(0)
    const fiber = yield* Effect.fork(Effect.zip(Effect.flip(self), Clock.currentTimeMillis))
    yield* TestClock.adjust(limit)
    return yield* Fiber.join(fiber)
  })

describe("in an uninterruptible region", () => {
  const { layer } = Scripted.make(Array(9).fill({ silence: true }), { settings })

  it.effect("an attempt keeps its limit", () =>
    Effect.gen(function* () {
      const [error, at] = yield* timed(Effect.provide(Effect.uninterruptible(Cos.headObject({ key: "a" })), layer))
      expect(error).toMatchObject(timeout("response"))
      expect(at).toBe(300)
    })
  )

  it.effect("so does one in a finalizer", () =>
    Effect.gen(function* () {
      let error: unknown
      const finalizer = Effect.map(Effect.exit(Cos.deleteObject({ key: "a" })), (exit) => {
        error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.failureOption(exit.cause)) : undefined
      })
      const fiber = yield* Effect.void.pipe(Effect.ensuring(finalizer), Effect.provide(layer), Effect.fork)
      yield* TestClock.adjust("300 millis")
      yield* Fiber.join(fiber)
      expect(error).toMatchObject(timeout("response"))
    })
  )

  it.effect("so does a body that stops", () =>
    Effect.gen(function* () {
      const body = Stream.concat(Stream.make(Buffer.from("some")), Stream.never)
      const { layer } = Scripted.make([{ headers, body }], { settings: { timeLimits: { idle: "2 seconds" } } })
      const read = Effect.flatMap(Cos.getObject({ key: "a" }), ({ body }) => Stream.runDrain(body))
      const [error, at] = yield* timed(Effect.provide(Effect.uninterruptible(Effect.scoped(read)), layer))
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBe(2000)
    })
  )

  it.effect("a client that cannot be interrupted is not waited for", () =>
    Effect.gen(function* () {
      const http = HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
        () => Effect.uninterruptible(Effect.never),
        Effect.succeed
      )
      const layer = CosClient.layer({ bucket: Scripted.bucket, region: Scripted.region, ...settings }).pipe(
        Layer.provide([
          Credentials.layerStatic(Scripted.keys),
          Layer.succeed(HttpClient.HttpClient, http),
          CosTransport.layer({})
        ])
      )
      const [error, at] = yield* timed(Effect.provide(Cos.headObject({ key: "a" }), layer))
      expect(error).toMatchObject(timeout("response"))
      expect(at).toBe(1300)
    })
  )
})

/** Responses whose bodies come by the clock of the test, which those of a web `Response` do not. */
const trickling = (status: number, body: Stream.Stream<Uint8Array>, settings: CosClient.Settings = {}) => {
  const http = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
    Effect.map((request) =>
      Object.create(HttpClientResponse.fromWeb(request, new Response("", { status, headers })), {
        stream: { value: body }
      })
    ),
    Effect.succeed
  )
  return CosClient.layer({
    bucket: Scripted.bucket,
    region: Scripted.region,
    retry: RetryPolicy.none,
    ...settings
  }).pipe(
    Layer.provide([
      Credentials.layerStatic(Scripted.keys),
      Layer.succeed(HttpClient.HttpClient, http),
      CosTransport.layer({ rawBody: true })
    ])
  )
}

describe("a document that trickles", () => {
  const trickle = Stream.fromIterable(new TextEncoder().encode("<ListBucketResult>".padEnd(10_000))).pipe(
    Stream.mapEffect((byte) => Effect.delay(Effect.succeed(Uint8Array.of(byte)), "500 millis"))
  )

  it.effect("ends in the time of an attempt and that of its bytes", () =>
    Effect.gen(function* () {
      const layer = trickling(200, trickle)
      const [error, at] = yield* timed(Effect.provide(Cos.listObjects(), layer), "10 minutes")
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBeGreaterThanOrEqual(30_000)
      expect(at).toBeLessThan(31_000)
    })
  )

  it.effect("so does that of an error, which then counts by its status", () =>
    Effect.gen(function* () {
      const layer = trickling(403, trickle)
      const [error, at] = yield* timed(Effect.provide(Cos.listObjects(), layer), "10 minutes")
      expect(error).toMatchObject({ _tag: "AccessDenied" })
      expect(at).toBeLessThan(31_000)
    })
  )

  it.effect("one that is slow, and not too slow, is read", () =>
    Effect.gen(function* () {
      const line = new TextEncoder().encode(" ".repeat(1000))
      const lines = Stream.repeatEffect(Effect.delay(Effect.succeed(line), "1 second")).pipe(Stream.take(120))
      const layer = trickling(404, lines, { timeLimits: { minBytesPerSecond: 1000 } })
      const [error, at] = yield* timed(Effect.provide(Cos.listObjects(), layer), "10 minutes")
      expect(error).toMatchObject({ _tag: "NoSuchBucket" })
      expect(at).toBe(120_000)
    })
  )

  it.effect("the service may send blanks while it works, up to a limit", () =>
    Effect.gen(function* () {
      const blanks = Stream.repeatEffect(Effect.delay(Effect.succeed(new TextEncoder().encode(" ")), "10 seconds"))
      const document = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
      const complete = Cos.completeMultipartUpload({
        key: "a",
        uploadId: "1",
        parts: [{ partNumber: 1, eTag: "e" }]
      })
      const layer = trickling(
        200,
        Stream.concat(Stream.take(blanks, 60), Stream.make(new TextEncoder().encode(document)))
      )
      const fiber = yield* Effect.fork(Effect.exit(Effect.provide(complete, layer)))
      yield* TestClock.adjust("10 minutes")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "Success" })
      const [error, at] = yield* timed(Effect.provide(complete, trickling(200, blanks)))
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBe(15 * 60_000)
    })
  )

  it.effect("an object may be as slow as it likes", () =>
    Effect.gen(function* () {
      const layer = trickling(200, Stream.take(trickle, 200))
      const read = Effect.flatMap(Cos.getObject({ key: "a" }), ({ body }) => Stream.runCount(body))
      const fiber = yield* Effect.fork(Effect.provide(Effect.scoped(read), layer))
      yield* TestClock.adjust("10 minutes")
      expect(yield* Fiber.join(fiber)).toBe(200)
    })
  )
})

describe("a clock that is set back", () => {
  it.effect("delays no time limit", () =>
    Effect.gen(function* () {
      const timeLimits = { attempt: "2 seconds" } as const
      const { layer } = Scripted.make(Array(9).fill({ silence: true }), {
        settings: { retry: RetryPolicy.none, timeLimits }
      })
      const head = Cos.headObject({ key: "a" })
      // Set back between the beginning of the first request and that of the second.
      const both = Effect.zip(head, Effect.delay(head, "1 second"), { concurrent: true })
      const fiber = yield* Effect.fork(Effect.flip(setBack(Effect.provide(both, layer), "500 millis")))
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject(timeout("response"))
    })
  )

  it.effect("prolongs no retries", () =>
    Effect.gen(function* () {
      const retry = RetryPolicy.make({
        attempts: 1000,
        base: "10 seconds",
        cap: "10 seconds",
        upToMonotonic: "1 minute"
      })
      const { layer, requests } = Scripted.make(Array(1000).fill(Scripted.error(503, "ServiceUnavailable")), {
        settings: { retry, retryBudget: 1000 }
      })
      const fiber = yield* Effect.fork(Effect.flip(setBack(Effect.provide(Cos.headBucket(), layer), "500 millis")))
      yield* TestClock.adjust("2 minutes")
      expect(fiber.unsafePoll()).not.toBeNull()
      expect(requests.length).toBeLessThan(100)
    })
  )
})
