import type * as Net from "node:net"
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { TransportFailure } from "effect-cos/CosTransport"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import * as Server from "./server.js"

const MiB = 1024 * 1024
const block = new Uint8Array(64 * 1024)
const sixtyFour = new Uint8Array(64 * MiB)

const bytes = HttpBody.raw(sixtyFour, { contentLength: 64 * MiB })
const streamed = HttpBody.stream(Stream.take(Stream.repeatValue(block), 1024), undefined, 64 * MiB)

/** What the transport says of a failure, and that this is all it says. */
const failure = (error: HttpClientError.HttpClientError) => {
  assert.instanceOf(error.cause, TransportFailure)
  const { code, phase, staleConnection } = error.cause
  assert.notInclude(JSON.stringify(error.cause) + String(error.cause), "secret")
  return { tag: error._tag, code, phase, staleConnection }
}

const secrets = { headers: { authorization: "secret" }, urlParams: { sign: "secret" } }

describe("no connection", () => {
  it.scoped("refused", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(Server.make({}))
      const client = yield* UndiciTransport.make()
      const error = yield* Effect.flip(client.get(`http://127.0.0.1:${port}`, secrets))
      assert.deepStrictEqual(failure(error), {
        tag: "RequestError",
        code: "ECONNREFUSED",
        phase: "connect",
        staleConnection: false
      })
    })
  )

  it.scoped("refused to many that wait for few connections: all of them fail", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(Server.make({}))
      const client = yield* UndiciTransport.make({ connections: 2 })
      const request = Effect.flip(client.get(`http://127.0.0.1:${port}`))
      const errors = yield* Effect.all(Array(10).fill(request) as Array<typeof request>, { concurrency: "unbounded" })
      for (const error of errors) assert.strictEqual(failure(error).code, "ECONNREFUSED")
    })
  )

  it.scoped("no such host", () =>
    Effect.gen(function* () {
      const client = yield* UndiciTransport.make()
      const error = yield* Effect.flip(client.get("http://bucket.invalid", secrets))
      assert.match(failure(error).code, /^(ENOTFOUND|EAI_AGAIN)$/)
      assert.strictEqual(failure(error).phase, "connect")
    })
  )

  it.scoped("refused once, then up: the next request succeeds", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(Server.make({}))
      const client = yield* UndiciTransport.make()
      yield* Effect.flip(client.get(`http://127.0.0.1:${port}`))
      yield* Server.make({ port, onRequest: (socket) => socket.write(Server.answer()) })
      assert.strictEqual((yield* client.get(`http://127.0.0.1:${port}`)).status, 200)
    })
  )
})

describe("a connection that breaks", () => {
  it.scoped("before the answer", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({
        onRequest: (socket, head) => (head.startsWith("GET") ? socket.end() : socket.resetAndDestroy())
      })
      const client = yield* UndiciTransport.make()
      const ended = yield* Effect.flip(client.get(server.origin))
      const expected = { tag: "RequestError", phase: "response", staleConnection: false }
      assert.deepStrictEqual(failure(ended), { ...expected, code: "UND_ERR_SOCKET" })
      const reset = yield* Effect.flip(client.put(server.origin))
      assert.deepStrictEqual(failure(reset), { ...expected, code: "ECONNRESET" })
    })
  )

  for (const [name, body] of [
    ["bytes", bytes],
    ["a stream", streamed]
  ] as const) {
    it.scoped(`while ${name} are sent`, () =>
      Effect.gen(function* () {
        const server = yield* Server.make({
          onConnection: (socket) => {
            let read = 0
            socket.on("data", (data) => {
              read += data.length
              if (read > MiB) socket.resetAndDestroy()
            })
          }
        })
        const client = yield* UndiciTransport.make()
        const { code, ...rest } = failure(yield* Effect.flip(client.put(server.origin, { body })))
        assert.match(code, /^(ECONNRESET|EPIPE)$/)
        assert.deepStrictEqual(rest, { tag: "RequestError", phase: "send", staleConnection: false })
      })
    )
  }

  for (const close of ["end", "resetAndDestroy"] as const) {
    it.scoped(`a kept one, closed as the next request arrives (${close}), is told apart`, () =>
      Effect.gen(function* () {
        const requests = new Map<Net.Socket, number>()
        const server = yield* Server.make({
          onRequest: (socket) => {
            const count = (requests.get(socket) ?? 0) + 1
            requests.set(socket, count)
            if (count === 1) socket.write(Server.answer())
            else socket[close]()
          }
        })
        const client = yield* UndiciTransport.make()
        yield* client.get(server.origin)
        const error = yield* Effect.flip(client.get(server.origin))
        const { phase, staleConnection } = failure(error)
        assert.deepStrictEqual({ phase, staleConnection }, { phase: "response", staleConnection: true })
        // At once again: on a new connection.
        assert.strictEqual((yield* client.get(server.origin)).status, 200)
        assert.strictEqual(server.sockets.length, 2)
      })
    )
  }

  it.scoped("a kept one that gave a part of the answer is not", () =>
    Effect.gen(function* () {
      let count = 0
      const server = yield* Server.make({
        onRequest: (socket) => {
          if (++count === 1) socket.write(Server.answer())
          else socket.end("HTTP/1.1 200")
        }
      })
      const client = yield* UndiciTransport.make()
      yield* client.get(server.origin)
      assert.propertyVal(failure(yield* Effect.flip(client.get(server.origin))), "staleConnection", false)
    })
  )

  it.scoped("an idle one that the server closed is not used", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: (socket) => socket.write(Server.answer()) })
      const client = yield* UndiciTransport.make()
      yield* client.get(server.origin)
      server.sockets[0]?.end()
      yield* Server.closed(server.sockets[0])
      assert.strictEqual((yield* client.get(server.origin)).status, 200)
      assert.strictEqual(server.sockets.length, 2)
    })
  )

  it.scoped("what is not HTTP", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: (socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n") })
      const client = yield* UndiciTransport.make()
      const error = yield* Effect.flip(client.get(server.origin, secrets))
      assert.deepStrictEqual(failure(error), {
        tag: "RequestError",
        code: "HTTPParserError",
        phase: "response",
        staleConnection: false
      })
    })
  )
})

/** Closed, and no other was opened in its place. */
const closedAlone = (server: Server.Server) =>
  Effect.gen(function* () {
    yield* Server.closed(server.sockets[0])
    yield* Server.quiet(() => server.sockets.length)
    assert.strictEqual(server.sockets.length, 1)
  })

class Broken extends Data.TaggedError("Broken")<{ readonly at: number }> {}

describe("a source", () => {
  const sink = Server.make({ onConnection: (socket) => socket.resume() })

  it.scoped("that fails: its own error, and the connection is closed", () =>
    Effect.gen(function* () {
      const server = yield* sink
      const client = yield* UndiciTransport.make()
      const source = Stream.concat(Stream.take(Stream.repeatValue(block), 5), Stream.fail(new Broken({ at: 5 })))
      const error = yield* Effect.flip(client.put(server.origin, { body: HttpBody.stream(source, undefined, MiB) }))
      assert.strictEqual(error._tag, "RequestError")
      assert.strictEqual(error.reason, "Encode")
      assert.deepStrictEqual(error.cause, new Broken({ at: 5 }))
      yield* closedAlone(server)
    })
  )

  it.scoped("that fails with what is no error", () =>
    Effect.gen(function* () {
      const server = yield* sink
      const client = yield* UndiciTransport.make()
      for (const value of [undefined, null, 0, "text"]) {
        const body = HttpBody.stream(Stream.fail(value), undefined, MiB)
        assert.propertyVal(yield* Effect.flip(client.put(server.origin, { body })), "cause", value)
      }
    })
  )

  it.scoped("that dies: a defect stays one", () =>
    Effect.gen(function* () {
      const server = yield* sink
      const client = yield* UndiciTransport.make()
      const body = HttpBody.stream(Stream.die("bug"), undefined, MiB)
      const exit = yield* Effect.exit(client.put(server.origin, { body }))
      assert.deepStrictEqual(exit, Exit.die("bug"))
    })
  )

  for (const [name, count] of [
    ["nothing", 0],
    ["less", 3],
    ["more", 17]
  ] as const) {
    it.scoped(`that gives ${name} than announced: an error, and no complete request`, () =>
      Effect.gen(function* () {
        let received = 0
        let head = ""
        const server = yield* Server.make({
          onConnection: (socket) =>
            socket.on("data", (data) => {
              received += data.length
              head += data.toString("latin1", 0, 200)
            })
        })
        const client = yield* UndiciTransport.make()
        const body = HttpBody.stream(Stream.take(Stream.repeatValue(block), count), undefined, MiB)
        const error = yield* Effect.flip(client.put(server.origin, { body }))
        assert.strictEqual(error._tag, "RequestError")
        assert.strictEqual(error.reason, "Encode")
        assert.propertyVal(error.cause, "code", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH")
        yield* Server.closed(server.sockets[0])
        assert.isBelow(received, MiB)
        assert.notInclude(head, "content-length: 0")
      })
    )
  }

  it.scoped("is finalized before an interrupt returns, whether it was begun or not", () =>
    Effect.gen(function* () {
      const server = yield* sink
      const client = yield* UndiciTransport.make({ connections: 1 })
      const events: Array<string> = []
      const source = (name: string, begun: Deferred.Deferred<void>) =>
        Stream.acquireRelease(
          Effect.sync(() => events.push(`${name} opened`)),
          () =>
            Effect.zipRight(
              Effect.yieldNow(),
              Effect.sync(() => events.push(`${name} closed`))
            )
        ).pipe(
          Stream.flatMap(() => Stream.concat(Stream.make(block), Stream.never)),
          Stream.tap(() => Deferred.succeed(begun, undefined))
        )
      const begun = yield* Deferred.make<void>()
      const first = yield* Effect.fork(
        client.put(server.origin, { body: HttpBody.stream(source("first", begun), undefined, MiB) })
      )
      yield* Deferred.await(begun)
      const second = yield* Effect.fork(
        client.put(server.origin, { body: HttpBody.stream(source("second", begun), undefined, MiB) })
      )
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(second)
      assert.deepStrictEqual(events, ["first opened"])
      yield* Fiber.interrupt(first)
      assert.deepStrictEqual(events, ["first opened", "first closed"])
      yield* Server.closed(server.sockets[0])
    })
  )
})

describe("an answer before the end of a 64 MiB body is returned at once", () => {
  const refusal = Server.answer("<Error><Code>AccessDenied</Code></Error>", "403 Forbidden")
  const closings: ReadonlyArray<readonly [string, (socket: Net.Socket) => void]> = [
    ["then FIN", (socket) => socket.end(refusal)],
    ["then RST", (socket) => socket.write(refusal, () => socket.resetAndDestroy())],
    ["then the rest is read", (socket) => socket.write(refusal)],
    ["then the rest is left", (socket) => socket.write(refusal, () => socket.pause())],
    ["with Connection: close", (socket) => socket.end(refusal.replace("\r\n", "\r\nConnection: close\r\n"))]
  ]
  for (const [how, close] of closings) {
    for (const [what, body] of [
      ["bytes", bytes],
      ["stream", streamed]
    ] as const) {
      it.scoped(`${how} (${what})`, () =>
        Effect.gen(function* () {
          const server = yield* Server.make({
            onConnection: (socket) => {
              let head = ""
              socket.on("data", (data) => {
                if (head.includes("\r\n\r\n")) return
                head += data.toString("latin1", 0, 1024)
                if (head.startsWith("GET")) socket.write(Server.answer("next"))
                else close(socket)
              })
            }
          })
          const client = yield* UndiciTransport.make()
          const response = yield* client.put(server.origin, { body })
          assert.strictEqual(response.status, 403)
          assert.include(yield* response.text, "AccessDenied")
          // The next request must not wait behind a body that nobody reads.
          const next = yield* client.get(server.origin)
          assert.strictEqual(yield* next.text, "next")
          assert.strictEqual(server.sockets.length, 2)
        })
      )
    }
  }
})

describe("interruption", () => {
  const interruptedWhen = (begun: (socket: Net.Socket, done: () => void) => void, body?: HttpBody.HttpBody) =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const server = yield* Server.make({
        onConnection: (socket) => begun(socket, () => Deferred.unsafeDone(started, Effect.void))
      })
      const client = yield* UndiciTransport.make()
      const fiber = yield* Effect.fork(client.put(server.origin, { body }))
      yield* Deferred.await(started)
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      server.sockets[0]?.resume()
      yield* closedAlone(server)
    })

  it.scoped("closes a connection whose server never answers", () =>
    interruptedWhen((socket, done) => socket.once("data", done))
  )

  const stopsReading = (socket: Net.Socket, done: () => void) =>
    socket.once("data", () => {
      socket.pause()
      done()
    })

  it.scoped("closes it in the middle of sending bytes", () => interruptedWhen(stopsReading, bytes))

  it.scoped("closes it in the middle of sending a stream", () => interruptedWhen(stopsReading, streamed))

  it.scoped("leaves a connection alone that waits for its next request", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: (socket) => socket.write(Server.answer()) })
      const client = yield* UndiciTransport.make()
      yield* client.get(server.origin)
      const fiber = yield* Effect.fork(client.get(server.origin))
      yield* Fiber.join(fiber)
      yield* Fiber.interrupt(fiber)
      yield* client.get(server.origin)
      assert.strictEqual(server.sockets.length, 1)
    })
  )
})
