/**
 * The HttpClient without a socket.
 */

import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { request, send } from "./support/client.js"
import { emulator, keys } from "./support/faulty.js"

describe("the HttpClient in process", () => {
  it.effect("pulls a request's body only as far as the handler reads", () =>
    Effect.gen(function* () {
      const pulled = yield* Ref.make(0)
      const closed = yield* Ref.make(false)
      const source = Stream.repeatEffect(
        Effect.as(
          Ref.update(pulled, (n) => n + 1),
          new Uint8Array(1000)
        )
      ).pipe(Stream.take(100), Stream.rechunk(1), Stream.ensuring(Ref.set(closed, true)))
      const body = HttpBody.stream(source, "application/octet-stream", 100_000)
      yield* (yield* Emulator).fault({ do: Fault.statusAfterBytes(5000, 500) })
      expect((yield* send("PUT", { key: "k", body })).status).toBe(500)
      expect(yield* Ref.get(pulled)).toBe(5)
      expect(yield* Ref.get(closed)).toBe(true)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("stops the response when the client stops reading", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "k", body: new Uint8Array(4 * 1024 * 1024) })
      const client = yield* HttpClient.HttpClient
      const response = yield* client.execute(yield* request("GET", { key: "k" }))
      const first = yield* response.stream.pipe(Stream.take(2), Stream.runCollect)
      const length = Chunk.reduce(first, 0, (sum, chunk) => sum + chunk.length)
      expect(length).toBeLessThan(1024 * 1024)
      expect((yield* (yield* Emulator).journal).at(-1)?.bytesSent).toBeLessThan(1024 * 1024)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("keeps a download intact while the object is replaced", () =>
    Effect.gen(function* () {
      const old = new Uint8Array(1024 * 1024).fill(1)
      yield* send("PUT", { key: "k", body: old })
      const client = yield* HttpClient.HttpClient
      const response = yield* client.execute(yield* request("GET", { key: "k" }))
      yield* send("PUT", { key: "k", body: "new" })
      const bytes = new Uint8Array(yield* response.arrayBuffer)
      expect(Buffer.from(bytes).equals(Buffer.from(old))).toBe(true)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("runs the finalizers of an interrupted handler", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const started = yield* Deferred.make<void>()
      const source = Stream.fromEffect(Effect.as(Deferred.succeed(started, undefined), new Uint8Array(10))).pipe(
        Stream.concat(Stream.never),
        Stream.ensuring(Deferred.succeed(closed, undefined))
      )
      const fiber = yield* Effect.fork(send("PUT", { key: "k", body: HttpBody.stream(source) }))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(closed)
      expect((yield* (yield* Emulator).journal)[0]?.outcome).toBe("clientClosed")
      expect(yield* keys).toEqual([])
    }).pipe(Effect.provide(emulator))
  )
})
