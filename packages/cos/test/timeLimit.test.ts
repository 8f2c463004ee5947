/** Time limits on clients that end an exchange when they are told to; CosClient.test.ts has those that cannot. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as TestServices from "effect/TestServices"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Disk from "../../../test/support/disk.js"
import * as Scripted from "./support/ScriptedClient.js"

interface World {
  readonly layer: Layer.Layer<CosClient.CosClient>
  /** URLs of the exchanges that are open. */
  readonly open: Map<HttpClientRequest.HttpClientRequest, () => void>
}

/** A client that never answers, or not with its whole body, and fails only when its exchange is aborted. */
const world = (answer: "silent" | "stalling", settings: CosClient.Settings = {}): World => {
  const open: World["open"] = new Map()
  const until = <A>(request: HttpClientRequest.HttpClientRequest) =>
    Effect.async<A, HttpClientError.RequestError>((resume) => {
      const cause = new Error("aborted")
      open.set(request, () =>
        resume(Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause })))
      )
      return Effect.sync(() => open.delete(request))
    }).pipe(Effect.ensuring(Effect.sync(() => open.delete(request))))
  const http = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap((request) => {
      if (answer === "silent") return until<HttpClientResponse.HttpClientResponse>(request)
      const headers = {
        "content-length": "100000",
        "last-modified": new Date(0).toUTCString(),
        etag: '"a"',
        ...(request.headers.range === undefined ? undefined : { "content-range": "bytes 0-99999/100000" })
      }
      const response = HttpClientResponse.fromWeb(request, new Response("", { headers }))
      const stream = Stream.concat(
        Stream.make(new Uint8Array(10)),
        Stream.fromEffect(until<Uint8Array>(request)) as unknown as Stream.Stream<Uint8Array>
      )
      return Effect.succeed(Object.create(response, { stream: { value: stream } }))
    }),
    Effect.succeed
  )
  /** A byte every four seconds, and after the tenth one none. */
  const readInto =
    ({ request }: HttpClientResponse.HttpClientResponse): CosTransport.ReadInto =>
    (buffer, onBytes) =>
      Effect.sync(() => onBytes(buffer.subarray(0, 1))).pipe(
        Effect.delay("4 seconds"),
        Effect.repeatN(9),
        Effect.zipRight(until<number>(request))
      )
  const abort = (request: HttpClientRequest.HttpClientRequest) => {
    const end = open.get(request)
    end?.()
    return end !== undefined
  }
  const layer = CosClient.layer({
    bucket: Scripted.bucket,
    region: Scripted.region,
    retry: RetryPolicy.none,
    ...settings
  }).pipe(
    Layer.provide([
      Credentials.layerStatic(Scripted.keys),
      Layer.succeed(HttpClient.HttpClient, http),
      CosTransport.layer({ hostHeader: true, contentLength: true, rawBody: true, abort, readInto })
    ])
  )
  return { layer, open }
}

/** Its failure, and when it came. */
const failing = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<readonly [E, number], A, R> =>
  Effect.zip(Effect.flip(self), Clock.currentTimeMillis)

const timed = <A, E>(self: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(0)
    const fiber = yield* Effect.fork(failing(self))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

const head = Cos.headObject({ key: "a" })
const timeout = (phase: string) => ({ _tag: "TransportError", reason: "Timeout", phase })

describe("a client that ends exchanges when it is told to", () => {
  it.effect("is told after the time of an attempt", () =>
    Effect.gen(function* () {
      const { layer, open } = world("silent")
      const [error, after] = yield* timed(Effect.provide(head, layer))
      expect(error).toMatchObject(timeout("response"))
      expect(after).toBe(30_000)
      expect(open.size).toBe(0)
    })
  )

  it.scoped("each request in its time", () =>
    Effect.gen(function* () {
      const { layer } = world("silent", { timeLimits: { minBytesPerSecond: 1000 } })
      yield* TestClock.setTime(0)
      const put = (seconds: number) =>
        Effect.provide(failing(Cos.putObject({ key: "a", body: new Uint8Array(seconds * 1000) })), client)
      const client = yield* Layer.build(layer)
      const fiber = yield* Effect.fork(Effect.all([put(20), put(0), put(5)], { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 hour")
      expect((yield* Fiber.join(fiber)).map(([, at]) => at)).toEqual([50_000, 30_000, 35_000])
    })
  )

  it.effect("is told when a body is silent", () =>
    Effect.gen(function* () {
      const { layer, open } = world("stalling", { timeLimits: { idle: "5 seconds" } })
      const read = Cos.getObject({ key: "a" }).pipe(
        Effect.flatMap(({ body }) => Stream.runDrain(body)),
        Effect.scoped
      )
      const [error, after] = yield* timed(Effect.provide(read, layer))
      expect(error).toMatchObject(timeout("body"))
      expect(after).toBe(5000)
      expect(open.size).toBe(0)
    })
  )

  it.effect("is told when a body that is read into a buffer is silent, not when it is slow", () =>
    Effect.gen(function* () {
      const { layer, open } = world("stalling", { timeLimits: { idle: "5 seconds" } })
      const [error, after] = yield* timed(
        Download.file({ key: "a", path: "/a" }).pipe(Effect.provide(layer), Effect.provide(Disk.layer))
      )
      expect(error).toMatchObject(timeout("body"))
      expect(after).toBe(10 * 4000 + 5000)
      expect(open.size).toBe(0)
    })
  )

  it.effect("is told of the request that it got, although transformClient changed it", () =>
    Effect.gen(function* () {
      const transformClient = HttpClient.mapRequest(HttpClientRequest.setHeader("x-more", "1"))
      const { layer } = world("silent", { transformClient })
      const [error, after] = yield* timed(Effect.provide(head, layer))
      expect(error).toMatchObject(timeout("response"))
      expect(after).toBe(30_000)
    })
  )

  it.scoped("is told by the clock of the request, also after one by another", () =>
    Effect.gen(function* () {
      const { layer } = world("silent")
      const silent = Effect.provide(head, yield* Layer.build(layer))
      yield* TestServices.provideLive(Effect.flip(Effect.timeout(silent, "1 milli")))
      // Later than the other clock has it.
      yield* TestClock.setTime(10 ** 13)
      const fiber = yield* Effect.fork(failing(silent))
      yield* TestClock.adjust("1 hour")
      const [error, after] = yield* Fiber.join(fiber)
      expect(error).toMatchObject(timeout("response"))
      expect(after).toBe(10 ** 13 + 30_000)
    })
  )

  it.scoped("is told by the clock of the request, also while one by another is under way", () =>
    Effect.gen(function* () {
      const { layer } = world("silent")
      const silent = Effect.provide(head, yield* Layer.build(layer))
      yield* TestClock.setTime(10_000)
      const fiber = yield* Effect.fork(failing(silent))
      yield* TestClock.adjust("1 second")
      const other = yield* Effect.fork(Effect.provide(silent, TestContext.TestContext))
      yield* Effect.repeatN(Effect.yieldNow(), 10)
      yield* TestClock.adjust("1 hour")
      expect(fiber.unsafePoll()).not.toBeNull()
      expect((yield* Fiber.join(fiber))[1]).toBe(40_000)
      yield* Fiber.interrupt(other)
    })
  )

  it.effect("is told as soon as a request begins that had to wait for others", () =>
    Effect.gen(function* () {
      const transformClient = (self: HttpClient.HttpClient) =>
        HttpClient.transformResponse(self, Effect.delay("39500 millis"))
      const { layer } = world("silent", { transformClient })
      const [error, after] = yield* timed(Effect.provide(head, layer))
      expect(error).toMatchObject(timeout("response"))
      expect(after).toBe(40_000)
    })
  )

  it.effect("is left alone by a request that was interrupted", () =>
    Effect.gen(function* () {
      const { layer, open } = world("silent")
      const fiber = yield* Effect.fork(Effect.provide(head, layer))
      yield* TestClock.adjust("10 seconds")
      expect(open.size).toBe(1)
      yield* Fiber.interrupt(fiber)
      expect(open.size).toBe(0)
    })
  )
})
