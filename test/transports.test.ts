/** One behaviour over every HTTP client that is supported. */
import { openAsBlob } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { runInNewContext } from "node:vm"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import type { OnProgress } from "effect-cos/Progress"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { content, firstDifference, inPieces, MiB } from "./support/content.js"
import * as World from "./support/world.js"

interface Client {
  readonly layer: Layer.Layer<HttpClient.HttpClient | CosTransport.CosTransport>
  readonly rawPath: boolean
  readonly contentLength: boolean
}

const withCapabilities = (
  layer: Layer.Layer<HttpClient.HttpClient>,
  capabilities: Layer.Layer<CosTransport.CosTransport>
) => Layer.merge(layer, capabilities)

const clients: Record<string, Client> = {
  "our undici transport": { layer: Layer.orDie(UndiciTransport.layer()), rawPath: true, contentLength: true },
  "the stock undici layer": {
    layer: withCapabilities(NodeHttpClient.layerUndici, CosTransport.layerNode),
    rawPath: false,
    contentLength: true
  },
  "the stock node:http layer": {
    layer: withCapabilities(NodeHttpClient.layer, CosTransport.layerNode),
    rawPath: false,
    contentLength: true
  },
  fetch: {
    layer: withCapabilities(FetchHttpClient.layer, CosTransport.layer({})),
    rawPath: false,
    contentLength: false
  }
}

const world = (client: Client) =>
  Layer.unwrapEffect(
    Effect.map(Emulator, ({ credentials, endpoint }) =>
      CosClient.layer({
        bucket: World.bucket,
        region: World.region,
        endpoint: Endpoint.custom({ url: endpoint })
      }).pipe(Layer.provide(Credentials.layerStatic(credentials)))
    )
  ).pipe(
    Layer.provide(client.layer),
    Layer.provideMerge(layerServer({ buckets: [World.bucket], region: World.region, strict: true })),
    Layer.merge(NodeFileSystem.layer)
  )

/** A port that had a listener, and has none any more. */
const unusedPort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

describe.each(Object.entries(clients))("%s", (_, client) => {
  const bytes = content(3 * MiB + 11)

  it.scopedLive("operations: bytes, headers, queries, lists, errors of HEAD and GET", () =>
    Effect.gen(function* () {
      const key = "目录/a b+c%/~!'()*//é"
      const stored = yield* Cos.putObject({
        key,
        body: "hello",
        contentType: "text/plain",
        metadata: { author: "ada" }
      })
      expect(yield* Cos.headObject({ key })).toMatchObject({
        eTag: stored.eTag,
        contentLength: 5,
        contentType: "text/plain",
        metadata: { author: "ada" }
      })
      expect(yield* Download.text({ key, range: { start: 1, end: 3 } })).toBe("ell")
      const listed = yield* Stream.runCollect(Cos.listObjects.items({ prefix: "目录/" }))
      expect(Array.from(listed, (object) => object.key)).toEqual([key])
      yield* Cos.deleteObject({ key })
      expect(yield* Cos.objectExists({ key })).toBe(false)
      expect((yield* Effect.flip(Download.text({ key })))._tag).toBe("NoSuchKey")
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("transfers: parts up, ranges down", () =>
    Effect.gen(function* () {
      const uploaded = yield* Upload.bytes({ key: "big", bytes }, { threshold: 0, partSize: MiB })
      expect(uploaded.parts).toBe(4)
      yield* World.expectStored("big", bytes)
      yield* Upload.stream({ key: "streamed", stream: inPieces(bytes, 100_000) }, { partSize: MiB })
      yield* World.expectStored("streamed", bytes)
      expect(firstDifference(yield* Download.bytes({ key: "big" }), bytes)).toBeUndefined()
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("bytes in whatever holds them, a Blob and a File", () =>
    Effect.gen(function* () {
      const backing = new Uint8Array(Array.from({ length: 64 }, (_, i) => i))
      const window = backing.subarray(8, 40)
      const bodies: Record<string, Body.Input> = {
        ArrayBuffer: window.slice().buffer,
        DataView: new DataView(backing.buffer, 8, 32),
        Uint8ClampedArray: new Uint8ClampedArray(backing.buffer, 8, 32),
        Float64Array: new Float64Array(backing.buffer, 8, 4),
        BigInt64Array: new BigInt64Array(backing.buffer, 8, 4),
        Buffer: Buffer.from(window),
        "another realm's": runInNewContext("new Uint16Array(numbers).buffer", {
          numbers: new Uint16Array(window.slice().buffer)
        }) as ArrayBuffer,
        Blob: new Blob([window]),
        File: new File([window.subarray(0, 16), window.subarray(16)], "f.bin", { type: "image/png" }),
        Body: Body.bytes(new DataView(backing.buffer, 8, 32))
      }
      for (const [key, body] of Object.entries(bodies)) {
        yield* Cos.putObject({ key, body, contentType: "application/x-test" })
        yield* World.expectStored(key, window)
        expect((yield* Cos.headObject({ key })).contentType).toBe("application/x-test")
      }
      for (const [key, body] of Object.entries({ blob: new Blob([]), buffer: new ArrayBuffer(0) })) {
        yield* Cos.putObject({ key, body })
        yield* World.expectStored(key, new Uint8Array(0))
      }
      yield* Cos.appendObject({ key: "appended", position: 0, body: new Blob([window]) })
      yield* World.expectStored("appended", window)
      yield* Upload.bytes({ key: "uploaded", bytes: new DataView(backing.buffer, 8, 32) })
      yield* World.expectStored("uploaded", window)
      // A type of the Blob's own would be a header that is not signed.
      const heads = (yield* World.requests("putObject")).filter(({ key }) => key === "File")
      expect(heads.map(({ headers }) => headers["content-type"])).toEqual(["application/x-test"])
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("a Blob is sent again after a 503, with its length", () =>
    Effect.gen(function* () {
      yield* World.fault({ on: { operation: "putObject", times: 1 }, do: Fault.status(503) })
      yield* Cos.putObject({ key: "again", body: new Blob([bytes]) })
      yield* World.expectStored("again", bytes)
      const sent = yield* World.requests("putObject")
      expect(sent.map(({ headers }) => headers["content-length"])).toEqual(Array(2).fill(String(bytes.byteLength)))
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("the progress of a single operation, from nothing to all", () =>
    Effect.gen(function* () {
      const seen: Array<number> = []
      const onProgress: OnProgress = ({ transferred }) => Effect.sync(() => void seen.push(transferred))
      for (const body of [bytes, new Blob([bytes])]) {
        yield* Cos.putObject({ key: "watched", body, onProgress, progressInterval: "5 millis" })
        yield* World.expectStored("watched", bytes)
        expect([seen[0], seen.at(-1)]).toEqual([0, bytes.byteLength])
        expect(seen).toEqual(seen.toSorted((a, b) => a - b))
        seen.length = 0
      }
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("a Blob of a file that has changed is SourceFailed", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = `${yield* fs.makeTempDirectoryScoped()}/file`
      yield* fs.writeFile(path, new Uint8Array(1000))
      const blob = yield* Effect.promise(() => openAsBlob(path))
      yield* fs.writeFile(path, new Uint8Array(1001))
      expect(yield* Effect.flip(Cos.putObject({ key: "changed", body: blob }))).toMatchObject({ _tag: "SourceFailed" })
      yield* World.expectStored("changed", undefined)
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("a sized stream in one request, or a refusal before anything is sent", () =>
    Effect.gen(function* () {
      const body = Body.stream(inPieces(bytes, 65_536), { size: bytes.byteLength })
      const sent = yield* Effect.either(Cos.putObject({ key: "sized", body }))
      if (client.contentLength) {
        expect(sent._tag).toBe("Right")
        yield* World.expectStored("sized", bytes)
        for (const size of [bytes.byteLength - 1, bytes.byteLength + 1]) {
          const wrong = Body.stream(inPieces(bytes, 65_536), { size })
          const error = yield* Effect.flip(Cos.putObject({ key: "wrong", body: wrong }))
          expect(error).toMatchObject({ _tag: "InvalidInput", field: "body" })
          yield* World.expectStored("wrong", undefined)
        }
      } else {
        expect(sent).toMatchObject({ left: { _tag: "InvalidInput", field: "body" } })
        expect(yield* World.requests("putObject")).toEqual([])
      }
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("keys with dot segments reach their own object, or are refused before anything is sent", () =>
    Effect.gen(function* () {
      const sent = yield* Effect.either(Cos.putObject({ key: "a/../b/./c", body: "1" }))
      if (client.rawPath) {
        yield* World.expectStored("a/../b/./c", new TextEncoder().encode("1"))
      } else {
        expect(sent).toMatchObject({ left: { _tag: "InvalidInput", field: "key" } })
        expect(yield* World.requests("putObject")).toEqual([])
      }
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("a redirect is not followed", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* Emulator
      yield* World.fault({ on: { operation: "headBucket" }, do: Fault.redirect(307, `${endpoint}/elsewhere`) })
      const error = yield* Effect.flip(Cos.headBucket())
      expect(["CosServiceError", "TransportError"]).toContain(error._tag)
      expect(yield* World.requests()).toHaveLength(1)
    }).pipe(Effect.provide(world(client)))
  )

  it.scopedLive("nobody listens: TransportError", () =>
    Effect.gen(function* () {
      const port = yield* unusedPort
      const error = yield* Effect.flip(Cos.headBucket()).pipe(
        Effect.provide(
          CosClient.layer({
            bucket: World.bucket,
            endpoint: Endpoint.custom({ url: `http://127.0.0.1:${port}` }),
            retry: RetryPolicy.none
          }).pipe(Layer.provide([Credentials.layerAnonymous, client.layer]))
        )
      )
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Connect", phase: "connect" })
    })
  )
})
