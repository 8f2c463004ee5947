/** Bodies that wait until the service asks for them. */
import { once } from "node:events"
import { readFileSync } from "node:fs"
import * as Net from "node:net"
import type { TlsOptions } from "node:tls"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { Agent } from "undici"
import * as World from "../../../test/support/world.js"
import * as Server from "./server.js"

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")

const GiB = 1024 ** 3
const key = "key"
const etag = 'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 0\r\n\r\n'
const refusal = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"

const client = (url: string, options: UndiciTransport.Options = {}) =>
  CosClient.layer({
    bucket: World.bucket,
    region: World.region,
    endpoint: Endpoint.custom({ url }),
    retry: RetryPolicy.none
  }).pipe(
    Layer.provide(Credentials.layerStatic({ secretId: "AKIDEXAMPLE", secretKey: "SECRETEXAMPLE" })),
    Layer.provide(UndiciTransport.layer(options))
  )

/** A body of any size that costs nothing, and how many pieces of it were taken. */
const watchedBody = (size: number, piece = 1024) => {
  const taken = { pieces: 0 }
  const stream = Stream.repeatEffect(
    Effect.sync(() => {
      taken.pieces++
      return new Uint8Array(piece)
    })
  )
  return { taken, body: Body.stream(Stream.take(stream, size / piece), { size }) }
}

/** Answers the head of each request, and what comes after it. */
const serving = (
  onHead: (socket: Net.Socket, head: string) => void,
  onBody: (socket: Net.Socket, bytes: number) => void = () => {},
  tls?: TlsOptions
) =>
  Effect.gen(function* () {
    const heads: Array<string> = []
    const server = yield* Server.make({
      tls,
      onConnection: (socket) => {
        let text = ""
        let body = 0
        socket.on("data", (data) => {
          if (text.includes("\r\n\r\n")) {
            body += data.length
            return onBody(socket, body)
          }
          text += data.toString("latin1")
          const end = text.indexOf("\r\n\r\n")
          if (end === -1) return
          heads.push(text.slice(0, end))
          onHead(socket, text.slice(0, end))
          body = text.length - end - 4
          if (body > 0) onBody(socket, body)
        })
      }
    })
    return { server, heads }
  })

const put = (body: Body.Input) => Cos.putObject({ key, body, expectContinue: true })

describe("a body that is refused is not sent", () => {
  it.scopedLive("1 GiB: only the head of the request goes over the wire, and nothing is read", () =>
    Effect.gen(function* () {
      const { heads, server } = yield* serving((socket) => socket.write(Server.answer(refusal, "403 Forbidden")))
      const { body, taken } = watchedBody(GiB)
      const error = yield* Effect.flip(Effect.provide(put(body), client(server.origin)))
      assert.strictEqual(error._tag, "AccessDenied")
      assert.strictEqual(taken.pieces, 0)
      assert.match(heads[0] ?? "", /^expect: 100-continue$/im)
      assert.match(heads[0] ?? "", /^content-length: 1073741824$/im)
      assert.match(heads[0] ?? "", /q-header-list=[^&]*expect/)
      yield* Server.closed(server.sockets[0])
      assert.isBelow(server.sockets[0]?.bytesRead ?? GiB, 2048)
    })
  )

  it.scopedLive("by the emulator, of a wrong key: each operation with a body, bytes and streams", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const { port } = new URL(emulator.endpoint)
      let sent = 0
      const relay = Net.createServer((socket) => {
        const upstream = Net.connect(Number(port), "127.0.0.1")
        socket.on("data", (data) => (sent += data.length))
        socket.pipe(upstream).pipe(socket)
        for (const end of [socket, upstream]) end.on("error", () => {}).on("close", () => socket.destroy())
      })
      yield* Effect.promise(() => once(relay.listen(0, "127.0.0.1"), "listening"))
      yield* Effect.addFinalizer(() => Effect.sync(() => relay.close()))
      const through = client(`http://127.0.0.1:${(relay.address() as Net.AddressInfo).port}`)
      const { body, taken } = watchedBody(GiB)
      const bytes = new Uint8Array(32 * 1024 * 1024)
      const runs: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }, CosClient.CosClient>> = [
        put(body),
        put(bytes),
        put(new Blob([bytes])),
        Cos.uploadPart({ key, uploadId: "u", partNumber: 1, body, expectContinue: true }),
        Cos.appendObject({ key, position: 0, body, expectContinue: true }),
        Upload.bytes({ key, bytes, expectContinue: true }, { threshold: bytes.length })
      ]
      for (const run of runs) {
        sent = 0
        const error = yield* Effect.flip(Effect.provide(run, through))
        assert.strictEqual(error._tag, "AuthenticationFailed")
        assert.isBelow(sent, 4096)
      }
      assert.strictEqual(taken.pieces, 0)
    }).pipe(Effect.provide(World.onPort()))
  )

  it.scopedLive("nor the rest of one that is refused in the middle", () =>
    Effect.gen(function* () {
      const { server } = yield* serving(
        (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"),
        (socket, bytes) => {
          if (bytes > 0) socket.pause().write(Server.answer(refusal, "403 Forbidden"))
        }
      )
      const { body, taken } = watchedBody(GiB, 64 * 1024)
      const error = yield* Effect.flip(Effect.provide(put(body), client(server.origin)))
      assert.strictEqual(error._tag, "AccessDenied")
      assert.isBelow(taken.pieces, GiB / 65_536 / 2)
    })
  )
})

describe("a body that is asked for", () => {
  it.scopedLive("is sent whole, by the emulator's leave", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(300_000).map((_, i) => i % 251)
      const stream = Body.stream(Stream.fromIterable([bytes.subarray(0, 7), bytes.subarray(7)]), { size: bytes.length })
      const bodies = { bytes, stream, blob: new Blob([bytes]), progress: bytes }
      const seen: Array<number> = []
      for (const [name, body] of Object.entries(bodies)) {
        yield* Cos.putObject({
          key: name,
          body,
          expectContinue: true,
          onProgress:
            name === "progress" ? ({ transferred }) => Effect.sync(() => void seen.push(transferred)) : undefined
        })
        yield* World.expectStored(name, bytes)
      }
      assert.deepStrictEqual([seen[0], seen.at(-1)], [0, bytes.length])
      yield* Upload.bytes({ key: "uploaded", bytes, expectContinue: true })
      yield* World.expectStored("uploaded", bytes)
      yield* Cos.putObject({ key: "empty", body: "", expectContinue: true })
      yield* Cos.putObject({ key: "off", body: "a", expectContinue: false })
      const expected = (yield* World.requests("putObject")).map(({ headers, key }) => [key, headers.expect])
      assert.deepStrictEqual(expected, [
        ...[...Object.keys(bodies), "uploaded"].map((key) => [key, "100-continue"]),
        ["empty", undefined],
        ["off", undefined]
      ])
    }).pipe(Effect.provide(World.onPort()))
  )

  it.scopedLive("is sent after a while where nobody asks, once, though the answer to the question comes late", () =>
    Effect.gen(function* () {
      const { server } = yield* serving(
        () => {},
        (socket, bytes) => {
          if (bytes === 5) socket.write(`HTTP/1.1 100 Continue\r\n\r\n${etag}`)
        }
      )
      const stored = yield* Effect.provide(put("hello"), client(server.origin, { continueTimeout: "10 millis" }))
      assert.strictEqual(stored.eTag, '"a"')
      yield* Server.closed(server.sockets[0])
      assert.isBelow(server.sockets[0]?.bytesRead ?? GiB, 2048)
    })
  )

  it.scopedLive("over TLS, with the options of the transport", () =>
    Effect.gen(function* () {
      const { heads, server } = yield* serving(
        (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"),
        (socket, bytes) => {
          if (bytes === 5) socket.write(etag)
        },
        { cert: fixture("server.pem"), key: fixture("server.key") }
      )
      yield* Effect.provide(put("hello"), client(server.origin, { tls: { ca: fixture("ca.pem") } }))
      assert.lengthOf(heads, 1)
      const distrusted = yield* Effect.flip(Effect.provide(put("hello"), client(server.origin)))
      assert.deepInclude(distrusted, { _tag: "TransportError", reason: "Tls", phase: "connect" })
    })
  )

  it.scopedLive("and whose source fails, fails with it, and closes the connection", () =>
    Effect.gen(function* () {
      const { server } = yield* serving((socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n"))
      const body = Body.stream(Stream.concat(Stream.make(new Uint8Array(3)), Stream.fail("broken")), { size: 9 })
      const error = yield* Effect.flip(Effect.provide(put(body), client(server.origin)))
      assert.deepInclude(error, { _tag: "SourceFailed", cause: "broken" })
      yield* Server.closed(server.sockets[0])
    })
  )
})

describe("while it waits", () => {
  it.scopedLive("an interrupt closes the connection, and nothing was read", () =>
    Effect.gen(function* () {
      let begun = () => {}
      const started = new Promise<void>((resolve) => {
        begun = resolve
      })
      const { server } = yield* serving(() => begun())
      const { body, taken } = watchedBody(GiB)
      const fiber = yield* Effect.fork(Effect.provide(put(body), client(server.origin)))
      yield* Effect.promise(() => started)
      yield* Fiber.interrupt(fiber)
      yield* Server.closed(server.sockets[0])
      assert.strictEqual(taken.pieces, 0)
    })
  )

  it.scopedLive("a server that closes, or is not there, is a TransportError that says how far it came", () =>
    Effect.gen(function* () {
      const { server } = yield* serving((socket) => socket.destroy())
      const closed = yield* Effect.flip(Effect.provide(put("hello"), client(server.origin)))
      assert.deepInclude(closed, { _tag: "TransportError", reason: "Reset", phase: "response" })
      const { body } = watchedBody(GiB)
      const streamed = yield* Effect.flip(Effect.provide(put(body), client(server.origin)))
      assert.deepInclude(streamed, { _tag: "TransportError", phase: "response" })
      const gone = yield* Effect.scoped(Effect.map(Server.make({}), ({ origin }) => origin))
      const refused = yield* Effect.flip(Effect.provide(put("hello"), client(gone)))
      assert.deepInclude(refused, { _tag: "TransportError", reason: "Connect", phase: "connect" })
    })
  )

  it.scopedLive("a connection that is never made is given up", () =>
    Effect.gen(function* () {
      // A TLS handshake that nobody answers.
      const server = yield* Server.make({ onConnection: (socket) => socket.resume() })
      const silent = client(`https://127.0.0.1:${server.port}`, { connectTimeout: "20 millis" })
      const error = yield* Effect.flip(Effect.provide(put("hello"), silent))
      assert.deepInclude(error, { _tag: "TransportError", reason: "Timeout", phase: "connect" })
      yield* Server.closed(server.sockets[0])
    })
  )
})

describe("the transport closes", () => {
  const ask = (url: string) => HttpClientRequest.put(url, { headers: { expect: "100-continue" } })
  const put = (transport: HttpClient.HttpClient, url: string) =>
    Effect.flip(Effect.flatMap(transport.execute(HttpClientRequest.bodyText(ask(url), "hello")), ({ text }) => text))
  const moments: Record<string, (socket: Net.Socket) => void> = {
    "a request that waits to be asked for its body": () => {},
    "one whose response has begun": (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na")
  }
  for (const [moment, onHead] of Object.entries(moments)) {
    it.scopedLive(`and ends ${moment}`, () =>
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        const { server } = yield* serving((socket) => {
          onHead(socket)
          Deferred.unsafeDone(reached, Effect.void)
        })
        const scope = yield* Scope.make()
        const transport = yield* Scope.extend(UndiciTransport.make({ continueTimeout: "1 hour" }), scope)
        const asked = yield* Effect.fork(put(transport, server.origin))
        yield* Deferred.await(reached)
        yield* Scope.close(scope, Exit.void)
        yield* Server.closed(server.sockets[0])
        yield* Fiber.join(asked)
      })
    )
  }

  it.scopedLive("and one that comes afterwards fails as any other does, without a connection", () =>
    Effect.gen(function* () {
      const { server } = yield* serving((socket) => socket.write(etag))
      const transport = yield* Effect.scoped(UndiciTransport.make())
      const plain = yield* Effect.flip(transport.execute(HttpClientRequest.put(server.origin)))
      const error = yield* put(transport, server.origin)
      assert.deepStrictEqual([error._tag, error.reason], [plain._tag, plain.reason])
      assert.strictEqual(server.sockets.length, 0)
    })
  )
})

it.scopedLive("a connectTimeout of zero is no limit", () =>
  Effect.gen(function* () {
    const { server } = yield* serving(
      (socket) => socket.write(etag),
      () => {},
      { cert: fixture("server.pem"), key: fixture("server.key") }
    )
    const options = { connectTimeout: 0, tls: { ca: fixture("ca.pem") } }
    assert.strictEqual((yield* Effect.provide(put("hello"), client(server.origin, options))).eTag, '"a"')
  })
)

it.scopedLive("is InvalidInput, before anything is sent, where the HTTP client cannot wait", () =>
  Effect.gen(function* () {
    const server = yield* Server.make({ onConnection: () => {} })
    const dispatcher = new Agent()
    yield* Effect.addFinalizer(() => Effect.promise(() => dispatcher.destroy()))
    const fetch = CosClient.layer({ bucket: World.bucket, endpoint: Endpoint.custom({ url: server.origin }) }).pipe(
      Layer.provide([Credentials.layerAnonymous, FetchHttpClient.layer])
    )
    const clients = [
      fetch,
      client(server.origin, { dispatcher }),
      client(server.origin, { proxy: new URL(server.origin) })
    ]
    for (const layer of clients) {
      const error = yield* Effect.flip(Effect.provide(put("hello"), layer))
      assert.deepInclude(error, { _tag: "InvalidInput", field: "expectContinue" })
      const extra = { headers: { Expect: "100-continue" } }
      const raw = yield* Effect.flip(Effect.provide(Cos.putObject({ key, body: "a", extra }), layer))
      assert.deepInclude(raw, { _tag: "InvalidInput", field: "expectContinue" })
    }
    assert.strictEqual(server.sockets.length, 0)
  })
)

it.scopedLive("a server that switches to a protocol nobody asked for fails the request", () =>
  Effect.gen(function* () {
    const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\n"
    const { server } = yield* serving((socket) => socket.write(head))
    const error = yield* Effect.flip(Effect.provide(put("x"), client(server.origin)))
    assert.deepInclude(error, { _tag: "TransportError", reason: "Reset" })
    yield* Server.closed(server.sockets[0])
  })
)
