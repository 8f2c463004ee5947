import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Presign from "effect-cos/Presign"
import { content, inPieces, MiB } from "../../support/content.js"
import { equalBytes, fields, same, stored } from "../expect.js"
import { cases, World } from "../model.js"

const key = "目录/a b+c%/~!'()*//é"
const encode = (text: string) => new TextEncoder().encode(text)

export const operations = cases("operations", {
  "an object of a hostile key, with metadata: put, head, get, range, list, delete": Effect.gen(function* () {
    const body = "hello"
    const { eTag } = yield* Cos.putObject({ key, body, contentType: "text/plain", metadata: { author: "ada" } })
    const head = yield* Cos.headObject({ key })
    fields("head", head, { eTag, contentLength: 5, contentType: "text/plain", metadata: { author: "ada" } })
    same("range", yield* Download.text({ key, range: { start: 1, end: 3 } }), "ell")
    const listed = yield* Stream.runCollect(Cos.listObjects.items({ prefix: "目录/" }))
    same(
      "keys",
      Array.from(listed, (object) => object.key),
      [key]
    )
    yield* Cos.deleteObject({ key })
    same("exists", yield* Cos.objectExists({ key }), false)
  }),
  "pages of a list, and many deletions": Effect.gen(function* () {
    const keys = Array.from({ length: 25 }, (_, i) => `many/${String(i).padStart(2, "0")}`)
    yield* Effect.forEach(keys, (key) => Cos.putObject({ key, body: key }), { concurrency: 8, discard: true })
    const pages = yield* Stream.runCollect(Cos.listObjects.pages({ prefix: "many/", maxKeys: 10 }))
    same(
      "pages",
      Array.from(pages, ({ contents }) => contents.length),
      [10, 10, 5]
    )
    yield* Cos.deleteObjects({ objects: keys.map((key) => ({ key })) })
    const { contents } = yield* Cos.listObjects({ prefix: "many/" })
    same("left", contents, [])
  }),
  "documents of a bucket's configuration": Effect.gen(function* () {
    yield* Cos.putBucketTagging({ tags: [{ key: "team", value: "R-D 1" }] })
    same("tags", (yield* Cos.getBucketTagging()).tags, [{ key: "team", value: "R-D 1" }])
    same("error", (yield* Effect.flip(Cos.getBucketCors()))._tag, "NoSuchCORSConfiguration")
  }),
  "append and copy": Effect.gen(function* () {
    const { nextAppendPosition } = yield* Cos.appendObject({ key: "log", position: 0, body: "one " })
    same("next position", nextAppendPosition, 4)
    yield* Cos.appendObject({ key: "log", position: 4, body: "two" })
    yield* stored("log", encode("one two"))
    yield* Cos.putObject({ key: "source é", body: "three" })
    yield* Cos.copyObject({ key: "copy", source: { key: "source é" } })
    yield* stored("copy", encode("three"))
  }),
  "bodies of every kind in one request, and empty ones": Effect.gen(function* () {
    const bytes = content(64)
    const bodies: Record<string, Body.Input> = {
      Uint8Array: bytes,
      ArrayBuffer: bytes.slice().buffer,
      DataView: new DataView(bytes.buffer),
      Blob: new Blob([bytes]),
      File: new File([bytes], "f.bin", { type: "image/png" })
    }
    for (const [key, body] of Object.entries(bodies)) {
      yield* Cos.putObject({ key, body, contentType: "application/x-test" })
      yield* stored(key, bytes)
      same("type", (yield* Cos.headObject({ key })).contentType, "application/x-test")
    }
    for (const [key, body] of Object.entries({ none: "", blob: new Blob([]), buffer: new ArrayBuffer(0) })) {
      yield* Cos.putObject({ key, body })
      yield* stored(key, new Uint8Array(0))
      equalBytes(key, yield* Download.bytes({ key }), new Uint8Array(0))
    }
  }),
  "a sized stream in one request, or a refusal before anything is sent": Effect.gen(function* () {
    const { transport } = yield* CosClient
    const { requests } = yield* World
    const bytes = content(MiB + 11)
    const body = Body.stream(inPieces(bytes, 65_536), { size: bytes.byteLength })
    const sent = yield* Effect.either(Cos.putObject({ key: "sized", body }))
    if (transport.contentLength) {
      same("sent", sent._tag, "Right")
      yield* stored("sized", bytes)
      const short = Body.stream(inPieces(bytes, 65_536), { size: bytes.byteLength + 1 })
      const error = yield* Effect.flip(Cos.putObject({ key: "short", body: short }))
      fields("error", error, { _tag: "InvalidInput", field: "body" })
      yield* stored("short", undefined)
    } else {
      fields("error", Either.getOrThrow(Either.flip(sent)), { _tag: "InvalidInput", field: "body" })
      same("requests", yield* requests("putObject"), [])
    }
  }),
  "keys with dot segments reach their own object, or are refused before anything is sent": Effect.gen(function* () {
    const { transport } = yield* CosClient
    const { requests } = yield* World
    const sent = yield* Effect.either(Cos.putObject({ key: "a/../b/./c", body: "1" }))
    if (transport.rawPath) yield* stored("a/../b/./c", encode("1"))
    else {
      fields("error", Either.getOrThrow(Either.flip(sent)), { _tag: "InvalidInput", field: "key" })
      same("requests", yield* requests("putObject"), [])
    }
  }),
  "an object that is stored with Content-Encoding": Effect.gen(function* () {
    const { transport } = yield* CosClient
    // gzip of "hello"
    const gzip = Uint8Array.from(atob("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="), (c) => c.charCodeAt(0))
    yield* Cos.putObject({ key: "page", body: gzip, contentEncoding: "gzip" })
    yield* stored("page", gzip)
    if (transport.rawBody) equalBytes("page", yield* Download.bytes({ key: "page" }), gzip)
    else same("page", yield* Download.text({ key: "page" }, { verify: false }), "hello")
  }),
  "presigned URLs work with the runtime's own fetch": Effect.gen(function* () {
    const put = yield* Presign.url(Cos.putObject, { key: "presigned 1" })
    yield* Effect.promise(() => fetch(Redacted.value(put), { method: "PUT", body: "hello" }))
    const get = yield* Presign.url(Cos.getObject, { key: "presigned 1" })
    same("text", yield* Effect.promise(async () => (await fetch(Redacted.value(get))).text()), "hello")
  })
})
