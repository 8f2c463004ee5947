import { readFileSync } from "node:fs"
import * as Net from "node:net"
import type { TLSSocket } from "node:tls"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import * as Server from "./server.js"

// Made for these tests: an authority, and a server's certificate for cos.test and 127.0.0.1.
const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")
const ca = fixture("ca.pem")
const cert = fixture("server.pem")
const key = fixture("server.key")

const host = "bucket-1.cos.test"
const hello = { tls: { cert, key }, onRequest: (socket: Net.Socket) => socket.write(Server.answer("hello")) }

describe("TLS", () => {
  it.scoped("with a private authority", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ ...hello, onRequest: (socket) => socket.write(Server.answer()) })
      const client = yield* UndiciTransport.make({ tls: { ca: [ca] } })
      for (let i = 0; i < 2; i++) {
        yield* client.get(`${server.origin}/a/../b`)
        yield* client.head(server.origin)
      }
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped(
    "with an unknown authority, an other name, and no TLS at all: told apart by code, all while connecting",
    () =>
      Effect.gen(function* () {
        const server = yield* Server.make(hello)
        const plain = yield* Server.make({ onConnection: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n") })
        const codes: Array<string> = []
        for (const [origin, tls, headers] of [
          [server.origin, undefined, {}],
          [server.origin, { ca }, { host }],
          [server.origin, { ca, servername: "other.test" }, {}],
          [`https://127.0.0.1:${plain.port}`, { ca }, {}]
        ] as const) {
          const client = yield* UndiciTransport.make({ tls })
          const error = yield* Effect.flip(client.get(origin, { headers }))
          assert.strictEqual(error._tag, "RequestError")
          assert.propertyVal(error.cause, "phase", "connect")
          codes.push((error.cause as { code: string }).code)
        }
        assert.deepStrictEqual(codes, [
          "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
          "ERR_TLS_CERT_ALTNAME_INVALID",
          "ERR_TLS_CERT_ALTNAME_INVALID",
          "ERR_SSL_WRONG_VERSION_NUMBER"
        ])
      })
  )

  it.scoped("servername goes before the Host header; rejectUnauthorized: false accepts anything", () =>
    Effect.gen(function* () {
      const names: Array<unknown> = []
      const server = yield* Server.make({
        ...hello,
        onConnection: (socket) => names.push((socket as TLSSocket & { servername?: string | false }).servername)
      })
      const named = yield* UndiciTransport.make({ tls: { ca, servername: "cos.test" } })
      yield* named.get(server.origin, { headers: { host } })
      const trusting = yield* UndiciTransport.make({ tls: { rejectUnauthorized: false } })
      yield* trusting.get(server.origin, { headers: { host } })
      assert.deepStrictEqual(names, ["cos.test", host])
    })
  )

  it.scoped("with a certificate of the client's", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({
        tls: { cert, key, ca, requestCert: true, rejectUnauthorized: true },
        onRequest: (socket) => {
          const { subject } = (socket as TLSSocket).getPeerCertificate()
          socket.write(Server.answer(String(subject.CN)))
        }
      })
      const client = yield* UndiciTransport.make({ tls: { ca, cert, key: Redacted.make(key) } })
      assert.strictEqual(yield* Effect.flatMap(client.get(server.origin), (response) => response.text), "cos.test")
    })
  )

  it.scoped("a kept connection that was closed as the next request arrives is told apart, alert or not", () =>
    Effect.gen(function* () {
      for (const close of ["end", "destroy"] as const) {
        let count = 0
        const server = yield* Server.make({
          ...hello,
          onRequest: (socket) => (++count === 1 ? socket.write(Server.answer()) : socket[close]())
        })
        const client = yield* UndiciTransport.make({ tls: { ca } })
        yield* client.get(server.origin)
        const error = yield* Effect.flip(client.get(server.origin))
        assert.deepInclude(error.cause, { phase: "response", staleConnection: true })
      }
    })
  )

  it.scoped("a server that never shakes hands: connectTimeout", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onConnection: (socket) => socket.resume() })
      const client = yield* UndiciTransport.make({ connectTimeout: "100 millis" })
      const error = yield* Effect.flip(client.get(`https://127.0.0.1:${server.port}`))
      assert.deepInclude(error.cause, { code: "UND_ERR_CONNECT_TIMEOUT", phase: "connect" })
      yield* Server.closed(server.sockets[0])
    })
  )

  it.scoped("nor does it keep the socket of a request that was interrupted, or of a scope that was closed", () =>
    Effect.gen(function* () {
      let connected = yield* Deferred.make<void>()
      const server = yield* Server.make({
        onConnection: (socket) => {
          socket.resume()
          Deferred.unsafeDone(connected, Effect.void)
        }
      })
      const request = Effect.flatMap(UndiciTransport.make({ connectTimeout: "1 hour" }), (client) =>
        client.get(`https://127.0.0.1:${server.port}`)
      )
      const client = yield* UndiciTransport.make({ connectTimeout: "1 hour" })
      const fiber = yield* Effect.fork(client.get(`https://127.0.0.1:${server.port}`))
      yield* Deferred.await(connected)
      yield* Fiber.interrupt(fiber)
      yield* Server.closed(server.sockets[0])
      connected = yield* Deferred.make<void>()
      const scoped = yield* Effect.fork(Effect.scoped(Effect.zipRight(Effect.fork(request), Deferred.await(connected))))
      yield* Fiber.join(scoped)
      yield* Server.closed(server.sockets[1])
    })
  )
})

/** Tunnels to where it is told; `answer` is for what it does instead. */
const proxy = (answer?: (socket: Net.Socket) => void) =>
  Effect.gen(function* () {
    const heads: Array<string> = []
    const server = yield* Server.make({
      onConnection: (socket) => {
        socket.once("data", (data) => {
          heads.push(data.toString("latin1"))
          if (answer !== undefined) return answer(socket)
          const [, target = ""] = data.toString("latin1").split(" ")
          const upstream = Net.connect(Number(target.split(":")[1]), "127.0.0.1", () => {
            socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
            socket.pipe(upstream).pipe(socket)
          })
          upstream.on("error", () => socket.destroy())
          upstream.on("close", () => socket.destroy())
        })
      }
    })
    return { url: new URL(server.origin), server, heads }
  })

describe("a proxy", () => {
  it.scoped("tunnels TLS and plain requests alike: raw path, Host and body reach the server as they were", () =>
    Effect.gen(function* () {
      const heads: Array<string> = []
      const record = {
        onRequest: (socket: Net.Socket, head: string) => {
          heads.push(head)
          socket.write(Server.answer("hello"))
        }
      }
      const secure = yield* Server.make({ ...record, tls: { cert, key } })
      const plain = yield* Server.make(record)
      const { heads: connects, server, url } = yield* proxy()
      url.username = "user"
      url.password = "p%40ss"
      const client = yield* UndiciTransport.make({ proxy: Redacted.make(url), tls: { ca } })
      for (const { origin } of [secure, plain]) {
        for (let i = 0; i < 2; i++) {
          const request = HttpClientRequest.put(`${origin}/a/../b`, {
            headers: { "x-cos-meta-a": "b" },
            body: HttpBody.raw("body", { contentLength: 4 })
          })
          assert.strictEqual(yield* Effect.flatMap(client.execute(request), (response) => response.text), "hello")
          assert.notProperty(request.headers, "host")
        }
      }
      for (const head of heads) {
        assert.isTrue(head.startsWith("PUT /a/../b HTTP/1.1\r\nhost: 127.0.0.1:"))
        assert.notInclude(head, "proxy")
        assert.include(head, "content-length: 4")
      }
      assert.strictEqual(heads.length, 4)
      assert.strictEqual(server.sockets.length, 2)
      const credentials = Buffer.from("user:p@ss").toString("base64")
      assert.deepStrictEqual(
        connects.map((head) => head.split("\r\n")[0]),
        [secure, plain].map(({ port }) => `CONNECT 127.0.0.1:${port} HTTP/1.1`)
      )
      for (const head of connects) assert.include(head, `proxy-authorization: Basic ${credentials}`)
    })
  )

  it.scoped("knows stale connections behind it, and closes them with the scope", () =>
    Effect.gen(function* () {
      let count = 0
      const server = yield* Server.make({
        onRequest: (socket) => (++count === 1 ? socket.write(Server.answer()) : socket.end())
      })
      const { server: between, url } = yield* proxy()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const client = yield* UndiciTransport.make({ proxy: url })
          yield* client.get(server.origin)
          const error = yield* Effect.flip(client.get(server.origin))
          assert.deepInclude(error.cause, { phase: "response", staleConnection: true })
          count = 0
          yield* client.get(server.origin)
        })
      )
      yield* Effect.forEach(between.sockets, Server.closed)
    })
  )

  const failures: ReadonlyArray<readonly [string, (socket: Net.Socket) => void, string]> = [
    ["asks for credentials", (socket) => socket.end("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), "UND_ERR_ABORTED"],
    ["closes", (socket) => socket.end(), "ECONNRESET"],
    ["resets", (socket) => socket.resetAndDestroy(), "ECONNRESET"],
    ["never answers", () => {}, "UND_ERR_HEADERS_TIMEOUT"]
  ]
  for (const [name, answer, code] of failures) {
    it.scoped(`that ${name}: an error while connecting, at the first attempt`, () =>
      Effect.gen(function* () {
        const { heads, url } = yield* proxy(answer)
        url.username = "user"
        url.password = "secret"
        const client = yield* UndiciTransport.make({ proxy: url, connectTimeout: "100 millis" })
        const error = yield* Effect.flip(client.get("http://bucket.invalid/"))
        assert.deepInclude(error.cause, { code, phase: "connect", staleConnection: false })
        assert.notInclude(String(error.cause) + JSON.stringify(error), "secret")
        assert.strictEqual(heads.length, 1)
      })
    )
  }

  it.scoped("that is not there", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(Server.make({}))
      const client = yield* UndiciTransport.make({ proxy: new URL(`http://127.0.0.1:${port}`) })
      const error = yield* Effect.flip(client.get("http://bucket.invalid/"))
      assert.deepInclude(error.cause, { code: "ECONNREFUSED", phase: "connect" })
    })
  )
})
