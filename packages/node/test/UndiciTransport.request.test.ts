import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { CosTransport } from "effect-cos/CosTransport"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { MockAgent } from "undici"
import * as Server from "./server.js"

/** A server that answers 200 to everything, and what it was sent. */
const recording = Effect.gen(function* () {
  const heads: Array<string> = []
  const server = yield* Server.make({
    onRequest: (socket, head) => {
      heads.push(head)
      socket.write(Server.answer())
    }
  })
  const client = yield* UndiciTransport.make()
  return { server, client, heads }
})

/** The same with bodies: all that came on a connection, answered when it contains `until`. */
const recordingBodies = (until: string) =>
  Effect.gen(function* () {
    const received: Array<Buffer> = []
    const server = yield* Server.make({
      onConnection: (socket) =>
        socket.on("data", (data) => {
          received.push(data)
          if (Buffer.concat(received).includes(until)) socket.write(Server.answer())
        })
    })
    const client = yield* UndiciTransport.make()
    const text = () => Buffer.concat(received).toString("latin1")
    return { server, client, text }
  })

const targets = [
  "/a/../b/./c",
  "/a%2F%2e%2e/%2E/b",
  "//double//slash/",
  "/..",
  "/%e4%bd%a0%20%2B+~!$&'()*,;=:@",
  "/key?versionId=a/../b&x=%2e",
  "/?uploads",
  "/"
]

describe("the request", () => {
  it.scoped("sends the URL as it was given", () =>
    Effect.gen(function* () {
      const { client, heads, server } = yield* recording
      for (const target of targets) yield* client.get(`${server.origin}${target}`)
      assert.deepStrictEqual(
        heads.map((head) => head.split("\r\n")[0]),
        targets.map((target) => `GET ${target} HTTP/1.1`)
      )
    })
  )

  it.scoped("completes an empty path, appends urlParams, and leaves fragments out", () =>
    Effect.gen(function* () {
      const { client, heads, server } = yield* recording
      yield* client.get(server.origin)
      yield* client.get(`${server.origin}?acl`)
      yield* client.get(`${server.origin}/a#b?c`)
      yield* client.get(`${server.origin}/a?acl`, { urlParams: { b: "1 2" } })
      yield* client.get(new URL(`${server.origin}/a?b=1#c`))
      assert.deepStrictEqual(
        heads.map((head) => head.split(" ")[1]),
        ["/", "/?acl", "/a", "/a?acl&b=1+2", "/a?b=1"]
      )
    })
  )

  it.scoped("keeps the Host header and all others, and adds none but connection", () =>
    Effect.gen(function* () {
      const { client, heads, server } = yield* recording
      const headers = { host: "bucket-1.cos.ap-guangzhou.myqcloud.com", authorization: "q-sign", "x-cos-meta-a": "b" }
      yield* client.get(server.origin, { headers })
      yield* client.get(server.origin)
      assert.deepStrictEqual(heads, [
        "GET / HTTP/1.1\r\nhost: bucket-1.cos.ap-guangzhou.myqcloud.com\r\nconnection: keep-alive\r\n" +
          "authorization: q-sign\r\nx-cos-meta-a: b",
        `GET / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive`
      ])
    })
  )

  it.scoped("uses one connection for requests in sequence, HEAD included", () =>
    Effect.gen(function* () {
      const { client, heads, server } = yield* recording
      for (let i = 0; i < 3; i++) {
        yield* client.head(server.origin)
        yield* client.put(server.origin, { body: HttpBody.raw("x", { contentLength: 1 }) })
        yield* client.get(server.origin)
      }
      assert.strictEqual(heads.length, 9)
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("closes connections after each answer without keepAlive", () =>
    Effect.gen(function* () {
      const { server, heads } = yield* recording
      const client = yield* UndiciTransport.make({ keepAlive: 0 })
      yield* client.head(server.origin)
      yield* client.get(server.origin)
      assert.strictEqual(server.sockets.length, 2)
      assert.include(heads[0], "connection: close")
      yield* Server.closed(server.sockets[1])
    })
  )

  it.scoped("opens no more connections than told, and a request that gave up waiting costs none", () =>
    Effect.gen(function* () {
      let begun = 0
      const waiting: Array<() => void> = []
      const server = yield* Server.make({
        onRequest: (socket) => {
          begun++
          waiting.push(() => socket.write(Server.answer()))
        }
      })
      const client = yield* UndiciTransport.make({ connections: 1 })
      const first = yield* Effect.fork(client.get(server.origin))
      yield* Effect.repeat(
        Effect.promise(() => new Promise(setImmediate)),
        { until: () => begun === 1 }
      )
      const second = yield* Effect.fork(client.get(server.origin))
      const third = yield* Effect.fork(client.get(server.origin))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(second)
      waiting.shift()?.()
      yield* Fiber.join(first)
      yield* Effect.repeat(
        Effect.promise(() => new Promise(setImmediate)),
        { until: () => begun === 2 }
      )
      waiting.shift()?.()
      yield* Fiber.join(third)
      assert.strictEqual(begun, 2)
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("ignores 1xx answers before the real one, and fails typed on a 100 that nobody asked for", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({
        onRequest: (socket, head) => {
          if (head.startsWith("GET /early")) {
            socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
            socket.write(Server.answer("done"))
          } else socket.write("HTTP/1.1 100 Continue\r\n\r\n")
        }
      })
      const client = yield* UndiciTransport.make()
      const response = yield* client.get(`${server.origin}/early`)
      assert.strictEqual(response.status, 200)
      assert.strictEqual(yield* response.text, "done")
      const error = yield* Effect.flip(client.get(`${server.origin}/unasked`))
      assert.strictEqual(error._tag, "RequestError")
      assert.propertyVal(error.cause, "code", "UND_ERR_SOCKET")
      assert.propertyVal(error.cause, "staleConnection", false)
    })
  )

  it.scoped("does not follow redirects", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({
        onRequest: (socket) =>
          socket.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
      })
      const client = yield* UndiciTransport.make()
      const response = yield* client.get(server.origin, { headers: { authorization: "q-sign" } })
      assert.strictEqual(response.status, 307)
      assert.strictEqual(server.sockets.length, 1)
    })
  )

  it.scoped("refuses what is no http URL, and what cannot be a header, typed and without the value", () =>
    Effect.gen(function* () {
      const { client, server, heads } = yield* recording
      for (const url of ["/relative", "ftp://127.0.0.1/", "http://", "http://[::/"]) {
        const error = yield* Effect.flip(client.get(url))
        assert.propertyVal(error, "_tag", "RequestError")
        assert.propertyVal(error, "reason", "InvalidUrl")
      }
      for (const headers of [{ "x-a": "a\r\nb: secret" }, { "x-a": "你 secret" }, { expect: "100-continue secret" }]) {
        const error = yield* Effect.flip(client.get(server.origin, { headers }))
        assert.propertyVal(error, "reason", "Encode")
        assert.propertyVal(error.cause, "phase", "connect")
        assert.notInclude(String(error.cause), "secret")
      }
      assert.deepStrictEqual(heads, [])
    })
  )
})

describe("bodies", () => {
  const bodies: ReadonlyArray<readonly [string, HttpBody.HttpBody]> = [
    ["Uint8Array", HttpBody.uint8Array(new TextEncoder().encode("..abcde..").subarray(2, 7))],
    ["raw Uint8Array", HttpBody.raw(new TextEncoder().encode("abcde"), { contentLength: 5 })],
    ["raw string", HttpBody.raw("abcde", { contentLength: 5 })],
    ["raw Blob", HttpBody.raw(new Blob(["ab", "cde"], { type: "text/html" }), { contentLength: 5 })],
    ["sized stream", HttpBody.stream(Stream.make("ab", "", "cde").pipe(Stream.encodeText), undefined, 5)]
  ]
  for (const [name, body] of bodies) {
    it.scoped(`${name}: with its length, and no header of its own`, () =>
      Effect.gen(function* () {
        const { client, server, text } = yield* recordingBodies("abcde")
        const request = HttpClientRequest.put(server.origin).pipe(HttpClientRequest.setBody(body))
        assert.strictEqual((yield* client.execute(request)).status, 200)
        const type = body.contentType === undefined ? "" : `content-type: ${body.contentType}\r\n`
        assert.strictEqual(
          text(),
          `PUT / HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive\r\n${type}content-length: 5\r\n\r\nabcde`
        )
        yield* client.execute(request)
        assert.strictEqual(server.sockets.length, 1)
      })
    )
  }

  it.scoped("empty ones say that they are", () =>
    Effect.gen(function* () {
      const { client, server, heads } = yield* recording
      yield* client.put(server.origin)
      yield* client.put(server.origin, { body: HttpBody.uint8Array(new Uint8Array(0)) })
      yield* client.put(server.origin, { body: HttpBody.stream(Stream.empty, undefined, 0) })
      for (const head of heads) assert.include(head, "content-length: 0")
      assert.strictEqual(heads.length, 3)
    })
  )

  it.scoped("a stream without length is chunked", () =>
    Effect.gen(function* () {
      const { client, server, text } = yield* recordingBodies("0\r\n\r\n")
      yield* client.put(server.origin, { body: HttpBody.stream(Stream.make("ab", "cde").pipe(Stream.encodeText)) })
      assert.include(text(), "transfer-encoding: chunked\r\n")
      assert.notInclude(text(), "content-length")
    })
  )

  it.scoped("FormData is sent with its boundary and length", () =>
    Effect.gen(function* () {
      const { client, server, text } = yield* recordingBodies("hello")
      const form = new FormData()
      form.append("key", "a/b")
      form.append("file", new Blob(["hello"], { type: "text/plain" }), "x.txt")
      yield* client.post(server.origin, { body: HttpBody.formData(form) })
      assert.match(text(), /content-type: multipart\/form-data; boundary=/)
      assert.match(text(), /content-length: \d+/)
      assert.match(text(), /name="file"; filename="x.txt"\r\nContent-Type: text\/plain\r\n\r\nhello/i)
    })
  )

  it.scoped("a stream runs in the context of the request", () =>
    Effect.gen(function* () {
      const { client, server, text } = yield* recordingBodies("ann")
      const source = Stream.fromEffect(Effect.map(Effect.logAnnotations, (map) => String([...map].flat())))
      yield* client
        .put(server.origin, { body: HttpBody.stream(Stream.encodeText(source), undefined, 5) })
        .pipe(Effect.annotateLogs("k", "ann"))
      assert.include(text(), "k,ann")
    })
  )

  it.scoped("a stream is pulled no faster than the server reads", () =>
    Effect.gen(function* () {
      let pulled = 0
      const block = new Uint8Array(64 * 1024)
      const source = Stream.repeatValue(block).pipe(
        Stream.tap(() => Effect.sync(() => pulled++)),
        Stream.rechunk(1)
      )
      const server = yield* Server.make({ onConnection: (socket) => socket.pause() })
      const client = yield* UndiciTransport.make()
      const total = 256 * 1024 * 1024
      const fiber = yield* Effect.fork(client.put(server.origin, { body: HttpBody.stream(source, undefined, total) }))
      yield* Server.quiet(() => pulled)
      assert.isAbove(pulled, 0)
      // What the system buffers on loopback is a few megabytes.
      assert.isBelow(pulled * block.length, 32 * 1024 * 1024)
      yield* Fiber.interrupt(fiber)
      server.sockets[0]?.resume()
      yield* Server.closed(server.sockets[0])
    })
  )
})

describe("the layer", () => {
  it.effect("provides the client and what it can do", () =>
    Effect.gen(function* () {
      const { abort, direct, pull, readInto, ...others } = yield* CosTransport
      assert.deepStrictEqual(others, {
        rawPath: true,
        contentLength: true,
        hostHeader: true,
        rawBody: true,
        expectContinue: true
      })
      const request = HttpClientRequest.get("http://127.0.0.1")
      assert.isFalse(abort?.(request))
      const foreign = HttpClientResponse.fromWeb(request, new Response())
      assert.isUndefined(readInto?.(foreign))
      assert.isUndefined(pull?.(foreign))
      const client = yield* HttpClient.HttpClient
      assert.isDefined(direct?.(client))
      // What changes requests has to see each of them.
      assert.isUndefined(direct?.(HttpClient.mapRequest(client, HttpClientRequest.setHeader("a", "b"))))
    }).pipe(Effect.provide(UndiciTransport.layer()))
  )

  it.effect("closes connections with its scope, and fails what is under way", () =>
    Effect.gen(function* () {
      let begun = () => {}
      const started = new Promise<void>((resolve) => {
        begun = resolve
      })
      const server = yield* Server.make({
        onRequest: (socket, head) => (head.startsWith("GET") ? socket.write(Server.answer()) : begun())
      })
      const fiber = yield* Effect.scoped(
        Effect.gen(function* () {
          const context = yield* Layer.build(UndiciTransport.layer())
          const client = Context.get(context, HttpClient.HttpClient)
          yield* client.get(server.origin)
          const fiber = yield* Effect.forkDaemon(Effect.flip(client.put(server.origin)))
          yield* Effect.promise(() => started)
          return fiber
        })
      )
      assert.propertyVal(yield* Fiber.join(fiber), "reason", "Transport")
      yield* Effect.forEach(server.sockets, Server.closed)
    }).pipe(Effect.scoped)
  )

  it.scoped("refuses other proxies, and less than one connection", () =>
    Effect.gen(function* () {
      const socks = yield* Effect.flip(UndiciTransport.make({ proxy: new URL("ftp://user:secret@127.0.0.1") }))
      assert.strictEqual(socks.message, "UndiciTransport: proxy must be an http: or https: URL")
      assert.propertyVal(yield* Effect.flip(UndiciTransport.make({ connections: 0 })), "field", "connections")
    })
  )

  it.scoped.each(["connectTimeout", "keepAlive", "continueTimeout"])("refuses what is no duration: %s", (field) =>
    Effect.gen(function* () {
      for (const duration of [-1, Number.NaN, "-1 seconds", "soon"] as ReadonlyArray<any>) {
        const error = yield* Effect.flip(UndiciTransport.make({ [field]: duration }))
        assert.strictEqual(error.message, `UndiciTransport: ${field} must be a duration of 0 or more`)
      }
    })
  )

  it.scoped("runs on a dispatcher of the caller's, and does not close it", () =>
    Effect.gen(function* () {
      const dispatcher = new MockAgent()
      dispatcher.disableNetConnect()
      dispatcher
        .get("http://mock.test")
        .intercept({ path: "/a" })
        .reply(200, "mocked", { headers: { etag: '"x"' } })
      const response = yield* Effect.scoped(
        Effect.flatMap(UndiciTransport.make({ dispatcher }), (client) => client.get("http://mock.test/a"))
      )
      assert.strictEqual(yield* response.text, "mocked")
      assert.strictEqual(response.headers.etag, '"x"')
      yield* Effect.promise(() => dispatcher.close())
    })
  )
})
