/** The SDK's time limits on this transport, which ends an exchange without a fiber being interrupted. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import { client } from "./client.js"
import * as Server from "./server.js"

const head = Cos.headObject({ key: "a" })
const isTimeout = (error: unknown, phase: string) => {
  const { _tag, reason, ...rest } = error as { _tag: string; reason?: string; phase?: string }
  assert.deepStrictEqual([_tag, reason, rest.phase], ["TransportError", "Timeout", phase])
}

describe("a server that is silent", () => {
  it.scopedLive("instead of answering, also to those that wait for its connection", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: () => {} })
      const cos = yield* client(server.origin, { timeLimits: { attempt: "100 millis" } }, { connections: 1 })
      const both = Effect.all([Effect.flip(head), Effect.flip(head)], { concurrency: "unbounded" })
      for (const error of yield* Effect.provide(both, cos)) isTimeout(error, "response")
      for (const socket of server.sockets) yield* Server.closed(socket)
    })
  )

  it.scopedLive("within a body, be it read whole, as it comes, or into a file", () =>
    Effect.gen(function* () {
      const headers = "Content-Length: 1000\r\nLast-Modified: Sun, 22 Nov 2026 03:04:05 GMT\r\nETag: a"
      const server = yield* Server.make({
        onRequest: (socket, head) => {
          const status = /^range:/im.test(head) ? "206 Partial\r\nContent-Range: bytes 0-999/1000" : "200 OK"
          socket.write(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${head.startsWith("HEAD") ? "" : "<some"}`)
        }
      })
      const cos = yield* client(server.origin, { timeLimits: { idle: "100 millis" } })
      isTimeout(yield* Effect.provide(Effect.flip(Cos.listObjects()), cos), "body")
      const stream = Stream.unwrapScoped(Effect.map(Cos.getObject({ key: "a" }), ({ body }) => body))
      isTimeout(yield* Effect.provide(Effect.flip(Stream.runDrain(stream)), cos), "body")
      const file = Effect.flatMap(FileSystem.FileSystem, (fs) =>
        Effect.flatMap(fs.makeTempDirectoryScoped(), (directory) =>
          Download.file({ key: "a", path: `${directory}/a` }).pipe(Effect.flip)
        )
      ).pipe(Effect.provide(NodeFileSystem.layer))
      isTimeout(yield* Effect.provide(file, cos), "body")
      assert.strictEqual(server.sockets.length, 3)
      for (const socket of server.sockets) yield* Server.closed(socket)
    })
  )
})

describe("a server that answers", () => {
  /** Those that are set from now on, and for which the process stays. */
  const watchTimers = Effect.acquireRelease(
    Effect.sync(() => {
      const { setTimeout } = globalThis
      const timers: Array<NodeJS.Timeout> = []
      const watched = (...args: Parameters<typeof setTimeout>) => {
        const timer = setTimeout(...args)
        timers.push(timer)
        return timer
      }
      Object.assign(globalThis, { setTimeout: watched })
      return { setTimeout, count: () => timers.filter((timer) => timer.hasRef()).length }
    }),
    ({ setTimeout }) => Effect.sync(() => Object.assign(globalThis, { setTimeout }))
  )

  it.scopedLive("leaves no timer that would keep the process", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: (socket) => socket.write(Server.answer()) })
      const cos = yield* client(server.origin, { timeLimits: { attempt: "30 seconds" } })
      const timers = yield* watchTimers
      for (const _ of [1, 2]) {
        const request = yield* Effect.fork(Effect.provide(Cos.headBucket(), cos))
        yield* Effect.yieldNow()
        assert.isAbove(timers.count(), 0)
        yield* Fiber.join(request)
        assert.strictEqual(timers.count(), 0)
      }
    })
  )
})
