/** What only sockets, or only a real file system, can do. */
import { createServer, type Server, type Socket } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content } from "../../support/content.js"
import * as World from "../../support/world.js"
import { Directory, on, type PortRow, success } from "../row.js"

const bytes = content(1000)
/** A server made of sockets, which counts its connections. */
const listen = (onRequest: (socket: Socket, head: string) => void) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly sockets: ReadonlySet<Socket>; readonly server: Server }>((resume) => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        socket.on("data", (data) => onRequest(socket, data.toString("latin1")))
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" ? address?.port : 0
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, sockets, server }))
      })
    }),
    ({ server, sockets }) =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
        server.close()
      })
  )

const at = (endpoint: string) => Effect.updateService(Emulator, (emulator) => ({ ...emulator, endpoint }))

/** An answer that nobody asked for, and one that somebody did. */
const smuggled =
  'HTTP/1.1 200 OK\r\ncontent-length: 4\r\netag: "evil"\r\nlast-modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nevil'
const honest = smuggled.replaceAll("evil", "good")

const fetching = Layer.unwrapEffect(
  Effect.map(Emulator, ({ credentials, endpoint }) =>
    CosClient.layer({
      bucket: World.bucket,
      region: World.region,
      endpoint: Endpoint.custom({ url: endpoint }),
      retry: RetryPolicy.none
    }).pipe(Layer.provide(Credentials.layerStatic(credentials)), Layer.provide(FetchHttpClient.layer))
  )
)

const hostile: Readonly<Record<string, string>> = {
  "../../etc/passwd": "DotSegment",
  "..": "DotSegment",
  "./a": "DotSegment",
  "a/../../../b": "DotSegment",
  "a/./b": "DotSegment",
  "...": "TrailingDotOrSpace",
  "a//b": "EmptySegment",
  "C:\\x": "ReservedCharacter",
  "..\\..\\x": "ReservedCharacter",
  "a:b": "ReservedCharacter",
  CON: "ReservedName",
  "NUL.txt": "ReservedName",
  "a.": "TrailingDotOrSpace",
  "b ": "TrailingDotOrSpace",
  "c\u0001": "ControlCharacter",
  [`${"x".repeat(256)}`]: "TooLong",
  // Of twins the first has the name.
  twin: "Collision"
}
const harmless = { "good.txt": bytes, "sub/good": bytes, "\u{1f600}/\u00e9": bytes, ".hidden": bytes, Twin: bytes }

const inRoot = (objects: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(objects).map(([name, bytes]) => [`inside/${name}`, bytes]))
const everyHostile = Object.fromEntries(Object.keys(hostile).map((key) => [key, bytes]))

/** What of the objects of the bucket came into a directory of the row's, and why the others did not. */
const downloadAll = (directory: string) =>
  Effect.map(Download.files({ directory }), ({ failures, succeeded }) => ({
    succeeded,
    failures: failures.map(({ error, input }) => [input.key, error])
  }))
const byKey = (refused: Readonly<Record<string, string>>) =>
  Object.entries(refused)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, reason]) => [key, { _tag: "UnsafeKey", key, reason }])

export const ports: ReadonlyArray<PortRow> = [
  {
    where: "network",
    fault: "a kept connection is closed just when it is used again",
    world: { client: { retry: RetryPolicy.none } },
    faults: [on("putObject", Fault.resetBefore, { nth: 2 })],
    client: Effect.zipRight(Cos.putObject({ key: "a", body: bytes }), Cos.putObject({ key: "b", body: bytes })),
    expect: success(),
    asked: { putObject: 3 },
    left: { objects: { a: bytes, b: bytes } }
  },
  {
    where: "service",
    fault: "a body after 204, which reads like the next answer",
    client: Effect.gen(function* () {
      const { sockets, url } = yield* listen((socket, head) =>
        socket.write(head.startsWith("DELETE") ? `HTTP/1.1 204 No Content\r\n\r\n${smuggled}` : honest)
      )
      const read = Effect.zipRight(Cos.deleteObject({ key: "a" }), Download.text({ key: "a" }, { verify: false }))
      return { read: yield* read.pipe(Effect.provide(World.portClient()), at(url)), connections: sockets.size }
    }),
    expect: success({ read: "good", connections: 2 }),
    left: {}
  },
  {
    where: "service",
    fault: "307 to another host, through fetch, which would follow",
    client: Effect.gen(function* () {
      const elsewhere = yield* listen((socket) => socket.write(honest))
      yield* (yield* Emulator).fault(on("putObject", Fault.redirect(307, `${elsewhere.url}/a`)))
      const error = yield* Effect.flip(Effect.provide(Cos.putObject({ key: "a", body: bytes }), fetching))
      return { error, connections: elsewhere.sockets.size }
    }),
    expect: success({ error: { _tag: "CosServiceError", status: 307 }, connections: 0 }),
    asked: { putObject: 1 },
    left: {}
  },
  {
    where: "disk",
    fault: "links below the target lead out of it",
    given: { objects: { "out/new": bytes, file: bytes, good: bytes }, files: { "outside/old": bytes } },
    client: Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const parent = yield* Directory
      yield* fs.makeDirectory(`${parent}/inside`)
      yield* fs.symlink(`${parent}/outside`, `${parent}/inside/out`)
      yield* fs.symlink(`${parent}/outside/new`, `${parent}/inside/file`)
      const report = yield* downloadAll(`${parent}/inside`)
      yield* fs.remove(`${parent}/inside/file`)
      return report
    }),
    expect: success({ succeeded: 1, failures: byKey({ file: "Link", "out/new": "Link" }) }),
    asked: { listObjects: 1, getObject: 1 },
    left: {
      objects: { "out/new": bytes, file: bytes, good: bytes },
      // As it is seen through the link.
      files: { "outside/old": bytes, "inside/out/old": bytes, "inside/good": bytes }
    }
  },
  {
    where: "input",
    fault: "keys that have no local name",
    given: { objects: { ...everyHostile, ...harmless }, files: { "outside/keep": bytes } },
    client: Effect.flatMap(Directory, (parent) => downloadAll(`${parent}/inside`)),
    expect: success({ succeeded: Object.keys(harmless).length, failures: byKey(hostile) }),
    left: {
      objects: { ...everyHostile, ...harmless },
      files: { "outside/keep": bytes, ...inRoot(harmless) }
    }
  }
]
