import type * as Net from "node:net"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { turn } from "../../../test/support/turn.js"
import * as Server from "./server.js"

const serving = (text: string) =>
  Effect.gen(function* () {
    const server = yield* Server.make({ onRequest: (socket) => socket.write(text) })
    const client = yield* UndiciTransport.make()
    return { server, client }
  })

const MiB = 1024 * 1024

/** Writes a body of `total` bytes as fast as the client takes it; counts what the system took. */
const flood = (total: number) =>
  Effect.gen(function* () {
    const block = Buffer.alloc(64 * 1024, "x")
    const written = { bytes: 0 }
    const pump = (socket: Net.Socket) => {
      while (written.bytes < total && !socket.destroyed) {
        written.bytes += block.length
        if (!socket.write(block)) return void socket.once("drain", () => pump(socket))
      }
    }
    const server = yield* Server.make({
      onRequest: (socket) => {
        written.bytes = 0
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
        pump(socket)
      }
    })
    const client = yield* UndiciTransport.make()
    return { server, client, written }
  })

describe("the answer", () => {
  it.scoped("has status, headers, cookies and the peer's address", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(
        'HTTP/1.1 404 Not Found\r\nETag: "x"\r\nX-Twice: a\r\nX-Twice: b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n' +
          "Content-Length: 0\r\n\r\n"
      )
      const response = yield* client.get(server.origin)
      assert.strictEqual(response.status, 404)
      assert.strictEqual(response.headers.etag, '"x"')
      assert.strictEqual(response.headers["x-twice"], "a, b")
      assert.deepStrictEqual(Object.keys(response.cookies.cookies), ["a", "b"])
      assert.deepStrictEqual(response.remoteAddress, Option.some("127.0.0.1"))
      assert.strictEqual(yield* response.text, "")
      assert.strictEqual(yield* response.json, null)
      assert.isTrue(Chunk.isEmpty(yield* Stream.runCollect((yield* client.get(server.origin)).stream)))
    })
  )

  it.scoped("is read whole in any form, more than once and at the same time", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(Server.answer('{"a":"ü"}'))
      const response = yield* client.get(server.origin)
      const [text, json, buffer] = yield* Effect.all([response.text, response.json, response.arrayBuffer], {
        concurrency: "unbounded"
      })
      assert.strictEqual(text, '{"a":"ü"}')
      assert.deepStrictEqual(json, { a: "ü" })
      assert.strictEqual(Buffer.from(buffer).toString(), '{"a":"ü"}')
      assert.strictEqual(yield* response.text, text)
      const again = yield* Effect.flip(Stream.runDrain(response.stream))
      assert.propertyVal(again, "reason", "Decode")
    })
  )

  it.scoped("reads forms, and fails typed on what is not JSON", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=1&b=2"
      )
      const response = yield* client.get(server.origin)
      assert.deepStrictEqual(
        [...(yield* response.urlParamsBody)].map((pair) => [...pair]),
        [
          ["a", "1"],
          ["b", "2"]
        ]
      )
      assert.strictEqual((yield* response.formData).get("b"), "2")
      assert.propertyVal(yield* Effect.flip(response.json), "reason", "Decode")
    })
  )

  it.scoped("is streamed once, as it comes", () =>
    Effect.gen(function* () {
      let more = () => {}
      const server = yield* Server.make({
        onRequest: (socket) => {
          socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
          more = () => socket.write("2\r\nde\r\n0\r\n\r\n")
        }
      })
      const client = yield* UndiciTransport.make()
      const response = yield* client.get(server.origin)
      const seen: Array<string> = []
      yield* Stream.runForEach(Stream.decodeText(response.stream), (text) =>
        Effect.sync(() => {
          seen.push(text)
          more()
          more = () => {}
        })
      )
      assert.deepStrictEqual(seen, ["abc", "de"])
      assert.propertyVal(yield* Effect.flip(Stream.runDrain(response.stream)), "reason", "Decode")
      assert.propertyVal(yield* Effect.flip(response.text), "reason", "Decode")
    })
  )

  it.scoped("whole, of many megabytes, keeps its connection", () =>
    Effect.gen(function* () {
      const { client, server } = yield* flood(64 * MiB)
      for (let i = 0; i < 2; i++) {
        const buffer = yield* Effect.flatMap(client.get(server.origin), (response) => response.arrayBuffer)
        assert.strictEqual(buffer.byteLength, 64 * MiB)
      }
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("whole, longer than MaxBodySize, closes its connection and fails", () =>
    Effect.gen(function* () {
      const { client, server, written } = yield* flood(256 * MiB)
      const response = yield* client.get(server.origin)
      const error = yield* Effect.flip(HttpIncomingMessage.withMaxBodySize(response.text, Option.some(MiB)))
      assert.propertyVal(error, "reason", "Decode")
      yield* Server.closed(server.sockets[0])
      assert.isBelow(written.bytes, 64 * MiB)
    })
  )

  it.scoped("a slow reader slows the server down", () =>
    Effect.gen(function* () {
      const { client, server, written } = yield* flood(256 * MiB)
      const read = yield* Deferred.make<void>()
      const response = yield* client.get(server.origin)
      let bytes = 0
      const fiber = yield* response.stream.pipe(
        Stream.runForEach((chunk) => {
          bytes += chunk.length
          return Deferred.await(read)
        }),
        Effect.fork
      )
      yield* Server.quiet(() => written.bytes)
      const held = written.bytes
      assert.isBelow(held, 32 * MiB)
      yield* Deferred.succeed(read, undefined)
      yield* Fiber.join(fiber)
      assert.strictEqual(bytes, 256 * MiB)
    })
  )

  it.scoped("Stream.take closes the connection", () =>
    Effect.gen(function* () {
      const { client, server, written } = yield* flood(256 * MiB)
      const response = yield* client.get(server.origin)
      const chunks = yield* Stream.runCollect(Stream.take(response.stream, 3))
      assert.strictEqual(chunks.length, 3)
      yield* Server.closed(server.sockets[0])
      assert.isBelow(written.bytes, 64 * MiB)
    })
  )

  it.scoped("interrupting a reader closes the connection, of a stream as of a whole body", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
      const stream = yield* client.get(server.origin)
      const started = yield* Deferred.make<void>()
      const reader = yield* Effect.fork(Stream.runForEach(stream.stream, () => Deferred.succeed(started, undefined)))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(reader)
      yield* Server.closed(server.sockets[0])
      const whole = yield* client.get(server.origin)
      const other = yield* Effect.fork(whole.text)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(other)
      yield* Server.closed(server.sockets[1])
      assert.strictEqual(server.sockets.length, 2)
    })
  )

  it.scoped("HttpClient.withScope: an unread body goes with the scope, as does a request under way", () =>
    Effect.gen(function* () {
      const { client, server } = yield* flood(256 * MiB)
      const scope = yield* Scope.make()
      const response = yield* HttpClient.withScope(client).get(server.origin).pipe(Scope.extend(scope))
      assert.strictEqual(response.status, 200)
      yield* Scope.close(scope, Exit.void)
      yield* Server.closed(server.sockets[0])
      assert.propertyVal((yield* Effect.flip(response.text)).cause, "code", "UND_ERR_ABORTED")
    })
  )

  it.scoped("HttpClient.withScope: nothing is sent when the scope was closed before", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(Server.answer("text"))
      const scope = yield* Scope.make()
      yield* Scope.close(scope, Exit.void)
      const error = yield* HttpClient.withScope(client).get(server.origin).pipe(Scope.extend(scope), Effect.flip)
      assert.propertyVal(error.cause, "code", "UND_ERR_ABORTED")
      assert.strictEqual(server.sockets.length, 0)
    })
  )

  it.scoped("HttpClient.withScope: makes no span and adds no header, also where tracing is on", () =>
    Effect.gen(function* () {
      const heads: Array<string> = []
      const spans: Array<string> = []
      const server = yield* Server.make({
        onRequest: (socket, head) => {
          heads.push(head)
          socket.write(Server.answer("text"))
        }
      })
      const tracer = yield* Effect.tracer
      const recording = Tracer.make({
        context: (f) => f(),
        span: (...args) => {
          spans.push(args[0])
          return tracer.span(...args)
        }
      })
      const client = HttpClient.withScope(yield* UndiciTransport.make())
      const response = yield* client.get(server.origin).pipe(Effect.withTracer(recording))
      assert.strictEqual(yield* response.text, "text")
      assert.deepStrictEqual(spans, [])
      assert.notMatch(heads[0] ?? "", /traceparent|b3/i)
    })
  )

  it.scoped("unread, but small enough to be held, keeps its connection", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(Server.answer("x".repeat(100_000)))
      for (let i = 0; i < 3; i++) {
        yield* client.get(server.origin)
        yield* Server.quiet(() => server.sockets[0]?.bytesWritten ?? 0)
      }
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("unread and out of reach, gives its connection back", () =>
    Effect.gen(function* () {
      setFlagsFromString("--expose_gc")
      const collect = runInNewContext("gc") as () => void
      const { client, server } = yield* flood(256 * MiB)
      yield* client.get(server.origin)
      yield* Effect.promise(async () => {
        while (server.sockets[0]?.destroyed === false) {
          collect()
          await new Promise(setImmediate)
        }
      })
    })
  )

  it.scoped("is shown without its body, and looking does not read it", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
      )
      const response = yield* client.get(server.origin, { headers: { authorization: "q-secret" } })
      assert.notInclude(JSON.stringify(response), "q-secret")
      assert.include(String(response), '"status": 200')
      assert.strictEqual(yield* response.text, "body")
    })
  )
})

describe("an answer that breaks", () => {
  const broken: ReadonlyArray<readonly [string, string, string, (socket: Net.Socket) => void]> = [
    ["closed before its length", "Content-Length: 10", "abc", (socket) => socket.end()],
    ["reset before its length", "Content-Length: 10", "abc", (socket) => socket.resetAndDestroy()],
    ["chunked and closed", "Transfer-Encoding: chunked", "3\r\nabc\r\n", (socket) => socket.end()],
    ["chunked and wrong", "Transfer-Encoding: chunked", "3\r\nabc\r\nzz\r\n", () => {}]
  ]
  for (const [name, header, body, close] of broken) {
    it.scoped(`${name}: what came, then an error of the body`, () =>
      Effect.gen(function* () {
        let finish = () => {}
        const server = yield* Server.make({
          onRequest: (socket) => {
            socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`)
            finish = () => socket.write(body, () => close(socket))
          }
        })
        const client = yield* UndiciTransport.make()
        for (const read of [
          (response: HttpClientResponse) => response.text,
          (response: HttpClientResponse) => Stream.runDrain(response.stream)
        ]) {
          const response = yield* client.get(server.origin)
          finish()
          const error = yield* Effect.flip(read(response))
          assert.strictEqual(error._tag, "ResponseError")
          assert.strictEqual(error.reason, "Decode")
          assert.propertyVal(error.cause, "phase", "body")
          assert.propertyVal(error.cause, "staleConnection", false)
          assert.match((error.cause as { code: string }).code, /^(UND_ERR_|ECONNRESET|HTTPParserError)/)
        }
      })
    )
  }
})

describe("a body into a buffer", () => {
  const readInto = (response: HttpClientResponse, buffer: Uint8Array) => {
    let told = 0
    const read = UndiciTransport.capabilities.readInto?.(response)
    assert.isDefined(read)
    return Effect.map(
      read(buffer, (bytes) => {
        assert.strictEqual(bytes.buffer, buffer.buffer)
        assert.strictEqual(bytes.byteOffset, told)
        told += bytes.byteLength
      }),
      (received) => ({ received, told })
    )
  }

  it.scoped("is there, piece by piece, and the connection serves the next request", () =>
    Effect.gen(function* () {
      const { client, server } = yield* flood(10 * MiB)
      const buffer = new Uint8Array(10 * MiB + 1)
      const expected = new Uint8Array(buffer.length).fill(120, 0, 10 * MiB)
      for (const _ of [1, 2]) {
        buffer.fill(0)
        const response = yield* client.get(server.origin)
        assert.deepStrictEqual(yield* readInto(response, buffer), { received: 10 * MiB, told: 10 * MiB })
        assert.strictEqual(Buffer.compare(buffer, expected), 0)
      }
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("is known to be larger than the buffer, and closes the connection", () =>
    Effect.gen(function* () {
      const { client, server } = yield* flood(10 * MiB)
      const response = yield* client.get(server.origin)
      const { received, told } = yield* readInto(response, new Uint8Array(MiB))
      assert.isAbove(received, MiB)
      assert.isAtMost(told, MiB)
      yield* Server.closed(server.sockets[0])
    })
  )

  it.scoped("that breaks off is an error, after the bytes that came", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({
        onRequest: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome")
      })
      const client = yield* UndiciTransport.make()
      const buffer = new Uint8Array(10)
      const error = yield* Effect.flip(readInto(yield* client.get(server.origin), buffer))
      assert.propertyVal(error, "_tag", "ResponseError")
      assert.strictEqual(Buffer.from(buffer).toString("latin1", 0, 4), "some")
    })
  )

  it.scoped("is written no more after an interrupt", () =>
    Effect.gen(function* () {
      const { client, server } = yield* flood(Number.MAX_SAFE_INTEGER)
      const buffer = new Uint8Array(16 * MiB)
      const begun = yield* Deferred.make<void>()
      const read = UndiciTransport.capabilities.readInto?.(yield* client.get(server.origin))
      assert.isDefined(read)
      const fiber = yield* Effect.fork(read(buffer, () => Deferred.unsafeDone(begun, Exit.void)))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      buffer.fill(0)
      yield* Server.closed(server.sockets[0])
      assert.strictEqual(Buffer.compare(buffer, new Uint8Array(buffer.length)), 0)
    })
  )

  it.scoped("is read once", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(Server.answer("text"))
      const response = yield* client.get(server.origin)
      yield* readInto(response, new Uint8Array(4))
      for (const again of [readInto(response, new Uint8Array(4)), Stream.runDrain(response.stream), response.text]) {
        assert.propertyVal(yield* Effect.flip<unknown, HttpClientError, never>(again), "reason", "Decode")
      }
    })
  )
})

describe("a body that is pulled", () => {
  const pull = (response: HttpClientResponse) => {
    const next = UndiciTransport.capabilities.pull?.(response)
    assert.isDefined(next)
    return next
  }

  it.scoped("comes piece by piece to its end, and the connection serves the next request", () =>
    Effect.gen(function* () {
      const { client, server } = yield* flood(10 * MiB)
      for (const _ of [1, 2]) {
        const next = pull(yield* client.get(server.origin))
        let received = 0
        const end = yield* Effect.flip(
          Effect.forever(
            Effect.map(next, (pieces) => (received += Chunk.reduce(pieces, 0, (n, { length }) => n + length)))
          )
        )
        assert.isTrue(Option.isNone(end))
        assert.strictEqual(received, 10 * MiB)
      }
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("loses nothing that comes after an interrupt", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({
        onRequest: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsome")
      })
      const client = yield* UndiciTransport.make()
      const next = Effect.map(pull(yield* client.get(server.origin)), (pieces) =>
        Buffer.concat(Chunk.toReadonlyArray(pieces)).toString()
      )
      assert.strictEqual(yield* next, "some")
      const fiber = yield* Effect.fork(next)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      server.sockets[0]?.write("more")
      yield* Effect.repeatN(turn, 20)
      assert.strictEqual(yield* next, "more")
    })
  )

  it.scoped("is read once", () =>
    Effect.gen(function* () {
      const { client, server } = yield* serving(Server.answer("text"))
      const response = yield* client.get(server.origin)
      yield* pull(response)
      for (const again of [
        Effect.mapError(pull(response), Option.getOrThrow),
        Stream.runDrain(response.stream),
        response.text
      ]) {
        assert.propertyVal(yield* Effect.flip<unknown, HttpClientError, never>(again), "reason", "Decode")
      }
    })
  )
})
