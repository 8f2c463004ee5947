/** A call that ends before the response does ends the exchange: its connection is closed, or serves the next request. */

import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import { interruptAtEachStep } from "../../../test/support/interruptAt.js"
import { turn } from "../../../test/support/turn.js"
import { client } from "./client.js"
import * as Server from "./server.js"

const turns = (count: number) => Effect.repeatN(turn, count - 1)

/** The service works on a copy, and sends blanks meanwhile. */
const working = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n"
const copy = Cos.copyObject({ key: "a", source: { key: "b" } })
const streamed = Cos.putObject({
  key: "a",
  body: Body.stream(Stream.make(new Uint8Array(1)), { size: 1 }),
  callback: { url: "http://a.example.com", body: "a" }
})

const clients: ReadonlyArray<{ readonly name: string; readonly settings: CosClient.Settings }> = [
  { name: "the transport's own client", settings: {} },
  { name: "one that is made of it", settings: { transformClient: HttpClient.mapRequest((request) => request) } }
]

for (const { name, settings } of clients) {
  describe(name, () => {
    it.scopedLive.each([
      { what: "a copy", call: copy },
      { what: "an object that comes as a stream", call: streamed }
    ])("is interrupted while the service works on $what", ({ call }) =>
      Effect.gen(function* () {
        const server = yield* Server.make({ onRequest: (socket) => socket.write(working) })
        const cos = yield* client(server.origin, settings)
        const fiber = yield* Effect.fork(
          Effect.provide(call as Effect.Effect<unknown, unknown, CosClient.CosClient>, cos)
        )
        yield* Effect.repeat(turn, { until: () => server.sockets[0]?.bytesWritten === working.length })
        yield* turns(20)
        yield* Fiber.interrupt(fiber)
        yield* Server.closed(server.sockets[0])
      })
    )

    it.scopedLive("gets a longer document than it may be", () =>
      Effect.gen(function* () {
        const piece = Buffer.alloc(64 * 1024, "a").toString()
        const server = yield* Server.make({
          onRequest: (socket) => socket.write(`${working}10000\r\n${piece}\r\n`)
        })
        const cos = yield* client(server.origin, { ...settings, maxDocumentBytes: 1000 })
        const error = yield* Effect.provide(Effect.flip(copy), cos)
        assert.strictEqual(error._tag, "MalformedResponse")
        yield* Server.closed(server.sockets[0])
      })
    )

    it.scopedLive("is interrupted anywhere in a download that is larger than what is read ahead", () =>
      Effect.gen(function* () {
        const body = Buffer.alloc(300_000)
        const headers = `Content-Length: ${body.length}\r\nLast-Modified: Sun, 22 Nov 2026 03:04:05 GMT\r\nETag: a`
        const server = yield* Server.make({
          onRequest: (socket, head) => {
            socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n`)
            if (!head.startsWith("HEAD")) socket.write(body)
          }
        })
        const cos = yield* client(server.origin, settings, { connections: 1 })
        yield* Effect.provide(
          interruptAtEachStep(Download.bytes({ key: "a" }, { verify: false }), () => Cos.headObject({ key: "a" })),
          cos
        )
      })
    )
  })
}
