/**
 * Operations as the protocol notes describe them, through the door in process. Raw requests, the tests' own signer.
 */
import { createHash } from "node:crypto"
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpMethod from "@effect/platform/HttpMethod"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { operations } from "../src/internal/operations/registry.js"
import { bucket, host, type Send, send } from "./support/client.js"

const emulator = layer({ buckets: [bucket], minPartSize: 5 })
const versioned = layer({ buckets: [{ name: bucket, versioning: "Enabled" }] })

const md5 = (text: string | Buffer) => createHash("md5").update(text).digest("base64")
const elements = (text: string, name: string) =>
  Array.from(text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g")), ([, value]) => value)
const element = (text: string, name: string) => elements(text, name)[0]
const put = (key: string, body = "x", headers: Record<string, string> = {}) => send("PUT", { key, body, headers })
const code = (...[method, options]: Parameters<typeof send>) =>
  Effect.map(send(method, options), (answer) => answer.code ?? answer.status)

describe("putObject", () => {
  it.effect("keeps bytes, type, metadata and class", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
      const answer = yield* put("a b/ü.txt", "hello world!", {
        "content-type": "text/plain",
        "cache-control": "no-cache",
        "x-cos-meta-author": "ada",
        "x-cos-storage-class": "STANDARD_IA",
        "x-cos-tagging": "k%201=v&k2="
      })
      expect([answer.status, answer.text]).toEqual([200, ""])
      expect(answer.headers).toMatchObject({
        etag: '"fc3ff98e8c6a0d3087d515c0473f8677"',
        "x-cos-hash-crc64ecma": "9548687815775124833",
        server: "tencent-cos",
        connection: "keep-alive",
        date: "Fri, 02 Jan 2026 03:04:05 GMT"
      })
      expect(answer.headers["x-cos-version-id"]).toBeUndefined()
      for (const method of ["GET", "HEAD"] as const) {
        const read = yield* send(method, { key: "a b/ü.txt" })
        expect(read.text).toBe(method === "GET" ? "hello world!" : "")
        expect(read.headers).toMatchObject({
          "content-length": "12",
          "content-type": "text/plain",
          "cache-control": "no-cache",
          "x-cos-meta-author": "ada",
          "x-cos-storage-class": "STANDARD_IA",
          "x-cos-tagging-count": "2",
          "x-cos-object-type": "normal",
          "x-cos-hash-crc64ecma": "9548687815775124833",
          "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT",
          "accept-ranges": "bytes",
          etag: '"fc3ff98e8c6a0d3087d515c0473f8677"'
        })
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("takes an empty header for none, and a type for granted", () =>
    Effect.gen(function* () {
      yield* put("k", "", { "cache-control": "", "content-type": "", "x-cos-meta-a": "" })
      const { headers } = yield* send("HEAD", { key: "k" })
      expect(headers["content-type"]).toBe("application/octet-stream")
      expect(headers["content-length"]).toBe("0")
      expect(headers["cache-control"]).toBeUndefined()
      expect(headers["x-cos-meta-a"]).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuses what is wrong, and keeps the old object", () =>
    Effect.gen(function* () {
      yield* put("k", "old")
      const refusal = (headers: Record<string, string>) => code("PUT", { key: "k", body: "new", headers })
      expect(yield* refusal({ "content-md5": md5("other") })).toBe("BadDigest")
      expect(yield* refusal({ "content-md5": "nonsense" })).toBe("InvalidDigest")
      expect(yield* refusal({ "x-cos-storage-class": "standard" })).toBe("InvalidArgument")
      expect(yield* refusal({ "x-cos-acl": "public" })).toBe("InvalidArgument")
      expect(yield* refusal({ "x-cos-traffic-limit": "819199" })).toBe("InvalidArgument")
      expect(yield* refusal({ "x-cos-traffic-limit": "838860801" })).toBe("InvalidArgument")
      expect(yield* refusal({ "x-cos-meta-a_b": "1" })).toBe("InvalidArgument")
      expect(yield* refusal({ "x-cos-meta-a": "1".repeat(4090) })).toBe("KeyTooLong")
      expect(yield* refusal({ "x-cos-tagging": "a=1&a=2" })).toBe("InvalidTag")
      expect(yield* refusal({ "x-cos-server-side-encryption": "rot13" })).toBe("InvalidArgument")
      expect(yield* refusal({ "x-cos-forbid-overwrite": "true" })).toBe("FileAlreadyExists")
      expect(yield* refusal({ "content-length": String(5 * 1024 ** 3 + 1) })).toBe("EntityTooLarge")
      expect(yield* refusal({ "x-cos-unheard-of": "1" })).toBe("InvalidArgument")
      expect((yield* send("GET", { key: "k" })).text).toBe("old")
      expect(yield* refusal({ "content-md5": md5("new"), "x-cos-forbid-overwrite": "false" })).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("knows the limits of keys", () =>
    Effect.gen(function* () {
      expect(yield* code("PUT", { key: "ü".repeat(425), body: "" })).toBe(200)
      expect(yield* code("PUT", { key: `${"ü".repeat(425)}a`, body: "" })).toBe("InvalidURI")
      expect(yield* code("PUT", { key: "a\u001bb", body: "" })).toBe("InvalidObjectName")
      expect(yield* code("PUT", { key: "a\u0000b", body: "" })).toBe("InvalidURI")
      for (const key of [
        "//a",
        "a/./b",
        "a/../b",
        "..",
        " ",
        "+",
        "%2F",
        "\u0001",
        "a\r\nb",
        "\ufeff",
        "😀",
        "e\u0301"
      ]) {
        yield* put(key, key)
        expect((yield* send("GET", { key })).text).toBe(key)
      }
      expect(yield* (yield* Emulator).objects(bucket)).toHaveLength(13)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("needs a length or chunks, and a body that fits", () =>
    Effect.gen(function* () {
      const chunked = HttpBody.stream(Stream.make(new TextEncoder().encode("chunk"), new TextEncoder().encode("ed")))
      expect(yield* code("PUT", { key: "k", body: chunked })).toBe(200)
      expect((yield* send("GET", { key: "k" })).text).toBe("chunked")
      const long = HttpBody.raw(new TextEncoder().encode("longer"), { contentLength: 4 })
      expect(yield* code("PUT", { key: "k", body: long, headers: { "content-length": "4" } })).toBe(200)
      expect((yield* send("GET", { key: "k" })).text).toBe("long")
      const failed = yield* Effect.flip(send("PUT", { key: "k", body: "short", headers: { "content-length": "6" } }))
      expect(failed).toMatchObject({ _tag: "RequestError", reason: "Transport" })
      const source = HttpBody.stream(Stream.concat(Stream.make(new Uint8Array(9)), Stream.fail(new Error("source"))))
      const broken = yield* Effect.flip(send("PUT", { key: "k", body: source }))
      expect(broken).toMatchObject({ _tag: "RequestError", cause: { message: "source" } })
      expect((yield* send("GET", { key: "k" })).text).toBe("long")
      const outcomes = (yield* (yield* Emulator).journal).map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === "clientClosed")).toHaveLength(2)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("keeps SSE-C objects from those without the key", () =>
    Effect.gen(function* () {
      const prefix = "x-cos-server-side-encryption-customer"
      const key = Buffer.alloc(32, 7)
      const customer = {
        [`${prefix}-algorithm`]: "AES256",
        [`${prefix}-key`]: key.toString("base64"),
        [`${prefix}-key-md5`]: createHash("md5").update(key).digest("base64")
      }
      const answer = yield* put("k", "secret", customer)
      expect(answer.headers[`${prefix}-algorithm`]).toBe("AES256")
      expect(answer.headers.etag).not.toBe(`"${createHash("md5").update("secret").digest("hex")}"`)
      expect(yield* code("GET", { key: "k" })).toBe("InvalidRequest")
      expect((yield* send("GET", { key: "k", headers: customer })).text).toBe("secret")
      yield* put("plain")
      expect(yield* code("GET", { key: "plain", headers: customer })).toBe("InvalidRequest")
      const opened = yield* send("POST", { key: "k", query: { uploads: "" }, headers: customer })
      const query = { partNumber: "1", uploadId: element(opened.text, "UploadId") ?? "" }
      const copied = { "x-cos-copy-source": `${host}/plain` }
      expect(yield* code("PUT", { key: "k", query, body: "part" })).toBe("InvalidRequest")
      expect(yield* code("PUT", { key: "k", query, headers: copied })).toBe("InvalidRequest")
      expect(yield* code("PUT", { key: "k", query, body: "part", headers: customer })).toBe(200)
      expect(yield* code("PUT", { key: "k", query, headers: { ...customer, ...copied } })).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("takes as long as its traffic limit says", () =>
    Effect.gen(function* () {
      const body = new Uint8Array(102_400)
      const limit = { "x-cos-traffic-limit": "819200" }
      // So many bits are so many bytes a second: one way or the other it takes that second.
      for (const [method, limited] of [
        ["PUT", { headers: limit, body }],
        ["GET", { headers: limit }],
        ["GET", { query: limit }]
      ] as const) {
        const fiber = yield* Effect.fork(send(method, { key: "k", ...limited }))
        yield* TestClock.adjust("999 millis")
        expect(yield* Fiber.poll(fiber)).toEqual(Option.none())
        yield* TestClock.adjust("1 millis")
        expect((yield* fiber).status).toBe(200)
      }
    }).pipe(Effect.provide(emulator))
  )
})

describe("getObject", () => {
  it.effect("gives ranges", () =>
    Effect.gen(function* () {
      yield* put("k", "0123456789")
      yield* put("empty", "")
      const range = (value: string, key = "k") =>
        Effect.map(send("GET", { key, headers: { range: value } }), (answer) => [
          answer.status,
          answer.code ?? answer.text,
          answer.headers["content-range"]
        ])
      expect(yield* range("bytes=0-3")).toEqual([206, "0123", "bytes 0-3/10"])
      expect(yield* range("bytes=8-99")).toEqual([206, "89", "bytes 8-9/10"])
      expect(yield* range("bytes=4-")).toEqual([206, "456789", "bytes 4-9/10"])
      expect(yield* range("bytes=-3")).toEqual([206, "789", "bytes 7-9/10"])
      expect(yield* range("bytes=-30")).toEqual([206, "0123456789", "bytes 0-9/10"])
      expect(yield* range("bytes=10-12")).toEqual([416, "InvalidRange", "bytes */10"])
      expect(yield* range("bytes=-0")).toEqual([416, "InvalidRange", "bytes */10"])
      expect(yield* range("bytes=0-", "empty")).toEqual([416, "InvalidRange", "bytes */0"])
      for (const ignored of ["bytes=5-2", "bytes=0-1,3-4", "bytes=", "bytes=-", "lines=0-1", "0-1"]) {
        expect(yield* range(ignored)).toEqual([200, "0123456789", undefined])
      }
      const partial = yield* send("GET", { key: "k", headers: { range: "bytes=0-3" } })
      const whole = yield* send("GET", { key: "k" })
      expect(partial.headers.etag).toBe(whole.headers.etag)
      expect(partial.headers["x-cos-hash-crc64ecma"]).toBe(whole.headers["x-cos-hash-crc64ecma"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("minds conditions in the order of RFC 9110", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_000_500)
      yield* put("k")
      const same = '"9dd4e461268c8034f5c8564e155c67a6"'
      const other = '"00000000000000000000000000000000"'
      const [before, at, after] = [999_000, 1_000_000, 1_001_000].map((time) => new Date(time).toUTCString()) as [
        string,
        string,
        string
      ]
      const status = (headers: Record<string, string>) =>
        Effect.map(send("GET", { key: "k", headers }), (answer) => answer.status)
      expect(yield* status({ "if-match": same })).toBe(200)
      expect(yield* status({ "if-match": "*" })).toBe(200)
      expect(yield* status({ "if-match": `${other}, ${same}` })).toBe(200)
      expect(yield* status({ "if-match": other })).toBe(412)
      expect(yield* status({ "if-none-match": same })).toBe(304)
      expect(yield* status({ "if-none-match": other })).toBe(200)
      expect(yield* status({ "if-modified-since": before })).toBe(200)
      expect(yield* status({ "if-modified-since": at })).toBe(304)
      expect(yield* status({ "if-unmodified-since": before })).toBe(412)
      expect(yield* status({ "if-unmodified-since": at })).toBe(200)
      expect(yield* status({ "if-modified-since": "yesterday" })).toBe(200)
      // If-Match beats If-Unmodified-Since, If-None-Match beats If-Modified-Since; the first pair comes first.
      expect(yield* status({ "if-match": same, "if-unmodified-since": before })).toBe(200)
      expect(yield* status({ "if-none-match": other, "if-modified-since": after })).toBe(200)
      expect(yield* status({ "if-match": other, "if-none-match": same })).toBe(412)
      const notModified = yield* send("GET", { key: "k", headers: { "if-none-match": same } })
      expect([notModified.text, notModified.headers.etag]).toEqual(["", same])
      const head = yield* send("HEAD", { key: "k", headers: { "if-none-match": same } })
      expect([head.status, head.headers.etag]).toEqual([304, undefined])
      const failed = yield* send("HEAD", { key: "k", headers: { "if-match": other } })
      expect([failed.status, failed.text, failed.headers["content-length"]]).toEqual([412, "", "0"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("overrides headers for signed requests only", () =>
    Effect.gen(function* () {
      const query = {
        "response-content-type": "text/html; charset=utf-8",
        "response-content-disposition": 'attachment; filename="ü.txt"',
        "response-cache-control": "no-store"
      }
      yield* put("k", "x", { "x-cos-acl": "public-read" })
      expect((yield* send("GET", { key: "k", query })).headers).toMatchObject({
        "content-type": query["response-content-type"],
        "content-disposition": query["response-content-disposition"],
        "cache-control": "no-store"
      })
      expect(yield* code("GET", { key: "k", query, as: null })).toBe("InvalidRequest")
      expect(yield* code("GET", { key: "k", query: { "response-expires": "a\r\nb: c" } })).toBe("InvalidArgument")
      expect(yield* code("GET", { key: "k", query: { "response-expires": "a\u0001b" } })).toBe("InvalidArgument")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("keeps archived content back", () =>
    Effect.gen(function* () {
      yield* put("k", "x", { "x-cos-storage-class": "ARCHIVE" })
      expect(yield* code("GET", { key: "k" })).toBe("InvalidObjectState")
      expect((yield* send("HEAD", { key: "k" })).headers["x-cos-storage-class"]).toBe("ARCHIVE")
    }).pipe(Effect.provide(emulator))
  )
})

describe("access", () => {
  it.effect("without a key is what ACLs allow", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* put("private")
      yield* put("public", "x", { "x-cos-acl": "public-read" })
      yield* put("closed", "x", { "x-cos-acl": "private" })
      const anonymous = (method: "GET" | "PUT" | "DELETE", options: Send = {}) => code(method, { as: null, ...options })
      expect(yield* anonymous("GET", { key: "private" })).toBe("AccessDenied")
      expect(yield* anonymous("GET", { key: "public" })).toBe(200)
      expect(yield* anonymous("GET", { key: "missing" })).toBe("AccessDenied")
      expect(yield* anonymous("GET")).toBe("AccessDenied")
      yield* emulator.updateBucket(bucket, { acl: "public-read" })
      expect(yield* anonymous("GET", { key: "private" })).toBe(200)
      expect(yield* anonymous("GET", { key: "closed" })).toBe("AccessDenied")
      expect(yield* anonymous("GET", { key: "missing" })).toBe("NoSuchKey")
      expect(yield* anonymous("GET")).toBe(200)
      expect(yield* anonymous("PUT", { key: "new", body: "x" })).toBe("AccessDenied")
      yield* emulator.updateBucket(bucket, { acl: "public-read-write" })
      expect(yield* anonymous("PUT", { key: "new", body: "x" })).toBe(200)
      expect(yield* anonymous("DELETE", { key: "new" })).toBe(204)
      expect(yield* anonymous("DELETE")).toBe("AccessDenied")
      expect(yield* anonymous("GET", { host: "service.cos.myqcloud.com" })).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )
})

describe("hosts", () => {
  it.effect("of one's own are of a template with the bucket in it", () =>
    Effect.gen(function* () {
      for (const domain of ["cos.test", "{bucket}.{bucket}.test", "{bucket}.cos.test:80", "{Bucket}.cos.test"]) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(layer({ domain }))))
        expect(error, domain).toMatchObject({ code: "InvalidArgument" })
        expect(error.message).toContain(domain)
      }
    })
  )

  const custom = layer({ buckets: [bucket], domain: "{bucket}.{region}.cos.test" })

  it.effect("lead to the same bucket, and nowhere else", () =>
    Effect.gen(function* () {
      yield* put("k", "found")
      const at = (to: string, key = "k") =>
        Effect.map(send("GET", { host: to, key }), (answer) => answer.code ?? answer.text)
      for (const to of [
        `${bucket}.cos.ap-guangzhou.myqcloud.com`,
        `${bucket}.cos.ap-guangzhou.myqcloud.com:8080`,
        `${bucket}.cos.ap-guangzhou.tencentcos.cn`,
        `${bucket}.cos-internal.ap-guangzhou.tencentcos.cn`,
        `${bucket}.ap-guangzhou.cos.test:443`
      ]) {
        expect(yield* at(to), to).toBe("found")
      }
      expect(yield* at("127.0.0.1:9000", `${bucket}/k`)).toBe("found")
      expect(yield* at(`${bucket}.cos.ap-beijing.myqcloud.com`)).toBe("NoSuchBucket")
      expect(yield* at(`${bucket}.ap-beijing.cos.test`)).toBe("NoSuchBucket")
      expect(yield* at(`${bucket}.cos.accelerate.myqcloud.com`)).toBe("BucketAccelerateNotEnabled")
      expect(yield* at(`${bucket}.cos-website.ap-guangzhou.myqcloud.com`)).toBe("NotImplemented")
      expect(yield* at(`${bucket}.ci.ap-guangzhou.myqcloud.com`)).toBe("NotImplemented")
      expect(yield* code("PUT", { host: "new-1250000000.ci.ap-guangzhou.myqcloud.com" })).toBe("NotImplemented")
      expect(yield* at("missing-1250000000.cos.ap-guangzhou.myqcloud.com")).toBe("NoSuchBucket")
      for (const to of [
        "service.cos.myqcloud.com",
        "cos.ap-guangzhou.myqcloud.com",
        "127.0.0.1",
        "ap-guangzhou.cos.test"
      ]) {
        expect((yield* send("GET", { host: to })).text, to).toContain(`<Name>${bucket}</Name>`)
      }
    }).pipe(Effect.provide(custom))
  )
})

describe("what is unknown", () => {
  it.effect("is refused by name, whatever the operation", () =>
    Effect.gen(function* () {
      const { journal } = yield* Emulator
      for (const { method, name, on, optionalQuery, requiredQuery = [], requiredHeader } of operations) {
        const asked = Object.fromEntries(requiredQuery.map((parameter) => [parameter, "1"]))
        const copied = requiredHeader === undefined ? {} : { [requiredHeader]: `${host}/k` }
        const to: Send = {
          ...(on === "service" ? { host: "service.cos.myqcloud.com" } : {}),
          ...(on === "object" ? { key: "k" } : {}),
          query: asked,
          headers: copied
        }
        const message = (over: Send) =>
          Effect.gen(function* () {
            yield* send(method as HttpMethod.HttpMethod, { ...to, ...over })
            const entry = (yield* journal).at(-1)
            expect([entry?.operation, entry?.status], name).toEqual([name, 400])
            return entry?.message
          })
        if (optionalQuery !== "any") expect(yield* message({ query: { ...asked, unheard: "" } })).toContain("unheard")
        expect(yield* message({ headers: { ...copied, "x-cos-unheard": "1" } })).toContain("x-cos-unheard")
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("is refused by name", () =>
    Effect.gen(function* () {
      yield* put("k")
      const message = (...[method, options]: Parameters<typeof send>) =>
        Effect.map(send(method, options), (answer) => [answer.status, element(answer.text, "Message")])
      expect(yield* message("GET", { query: { "list-type": "2" } })).toEqual([
        400,
        "listObjects does not know the subresource or query parameter list-type."
      ])
      expect((yield* message("GET", { key: "k", query: { torrent: "" } }))[1]).toContain("torrent")
      expect((yield* message("PUT", { key: "k", body: "x", query: { uploadid: "U" } }))[1]).toContain("uploadid")
      expect((yield* message("POST", { key: "k" }))[0]).toBe(405)
      expect((yield* message("POST", { key: "k", query: { transmogrify: "" } }))[1]).toContain("transmogrify")
      expect((yield* message("PATCH", { key: "k" }))[0]).toBe(405)
      expect((yield* message("PUT", { key: "k", headers: { "x-cos-teleport": "1" } }))[1]).toContain("x-cos-teleport")
      expect((yield* send("GET", { key: "k" })).text).toBe("x")
    }).pipe(Effect.provide(emulator))
  )
})

describe("buckets", () => {
  it.effect("are created, listed and removed", () =>
    Effect.gen(function* () {
      const to = "new-1250000000.cos.ap-beijing.myqcloud.com"
      expect(yield* code("HEAD", { host: to })).toBe(404)
      expect(yield* code("PUT", { host: to, headers: { "x-cos-acl": "public-read" } })).toBe(200)
      expect(yield* code("PUT", { host: to })).toBe("BucketAlreadyOwnedByYou")
      const head = yield* send("HEAD", { host: to })
      expect([head.status, head.headers["x-cos-bucket-region"]]).toEqual([200, "ap-beijing"])
      const service = yield* send("GET", { host: "service.cos.myqcloud.com" })
      expect(elements(service.text, "Name")).toEqual(["new-1250000000", bucket])
      expect(elements(service.text, "ID")).toEqual(["qcs::cam::uin/100000000001:uin/100000000001"])
      const page = yield* send("GET", { host: "service.cos.myqcloud.com", query: { "max-keys": "1" } })
      expect(elements(page.text, "Name")).toEqual(["new-1250000000"])
      expect([element(page.text, "IsTruncated"), element(page.text, "NextMarker")]).toEqual(["true", "new-1250000000"])
      const rest = yield* send("GET", { host: "service.cos.myqcloud.com", query: { marker: "new-1250000000" } })
      expect(elements(rest.text, "Name")).toEqual([bucket])
      yield* TestClock.setTime(10_000)
      yield* (yield* Emulator).createBucket("late-1250000000")
      const created = (range: string) =>
        send("GET", { host: "service.cos.myqcloud.com", query: { "create-time": "10", range } })
      expect(elements((yield* created("gte")).text, "Name")).toEqual(["late-1250000000"])
      expect(elements((yield* created("lt")).text, "Name")).toEqual(["new-1250000000", bucket])
      expect((yield* created("constructor")).code).toBe("InvalidArgument")
      expect(yield* code("PUT", { host: to, key: "k", body: "x" })).toBe(200)
      expect(yield* code("DELETE", { host: to })).toBe("BucketNotEmpty")
      expect(yield* code("DELETE", { host: to, key: "k" })).toBe(204)
      expect(yield* code("POST", { host: to, key: "k", query: { uploads: "" } })).toBe(200)
      expect(yield* code("DELETE", { host: to })).toBe("BucketNotEmpty")
      const [upload] = yield* (yield* Emulator).pendingUploads
      expect(yield* code("DELETE", { host: to, key: "k", query: { uploadId: upload?.uploadId ?? "" } })).toBe(204)
      expect(yield* code("DELETE", { host: to })).toBe(204)
      expect(yield* code("DELETE", { host: to })).toBe("NoSuchBucket")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("have names of COS's form", () =>
    Effect.gen(function* () {
      const named = (name: string) => code("PUT", { host: "127.0.0.1", key: name })
      expect(yield* named("a-1250000000")).toBe(200)
      expect(yield* named("Upper-1250000000")).toBe("InvalidBucketName")
      expect(yield* named("a-1250000001")).toBe("InvalidBucketName")
      expect(yield* named("1250000000")).toBe("InvalidBucketName")
      expect(yield* named(`${"a".repeat(50)}-1250000000`)).toBe(200)
      expect(yield* named(`${"a".repeat(51)}-1250000000`)).toBe("InvalidBucketName")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("are multi-AZ if a document says so", () =>
    Effect.gen(function* () {
      const to = "maz-1250000000.cos.ap-guangzhou.myqcloud.com"
      const body = (config: string) => `<CreateBucketConfiguration>${config}</CreateBucketConfiguration>`
      expect(yield* code("PUT", { host: to, body: body("<BucketArchConfig>OFS</BucketArchConfig>") })).toBe(
        "NotImplemented"
      )
      expect(yield* code("PUT", { host: to, body: body("<BucketAZConfig>MAZ</BucketAZConfig>") })).toBe(200)
      expect((yield* send("HEAD", { host: to })).headers["x-cos-bucket-az-type"]).toBe("MAZ")
    }).pipe(Effect.provide(emulator))
  )
})

describe("listObjects", () => {
  it.effect("orders by UTF-8 bytes and pages by exclusive markers", () =>
    Effect.gen(function* () {
      // UTF-16 order would put U+1F600 before U+FFxx.
      const keys = ["a", "a/1", "a/2", "b", "ä", "ﬀ", "😀"]
      yield* Effect.forEach([...keys].reverse(), (key) => put(key, key))
      const list = (query: Record<string, string>) => Effect.map(send("GET", { query }), ({ text }) => text)
      const all = yield* list({})
      expect(elements(all, "Key")).toEqual(keys)
      expect([element(all, "IsTruncated"), element(all, "NextMarker"), element(all, "MaxKeys")]).toEqual([
        "false",
        undefined,
        "1000"
      ])
      expect(element(all, "ETag")).toBe("&quot;0cc175b9c0f1b6a831c399e269772661&quot;")
      expect(all).toContain("<Prefix/><Marker/>")
      const first = yield* list({ "max-keys": "3" })
      expect([elements(first, "Key"), element(first, "NextMarker")]).toEqual([["a", "a/1", "a/2"], "a/2"])
      expect(elements(yield* list({ marker: "a/2" }), "Key")).toEqual(keys.slice(3))
      expect(elements(yield* list({ marker: "a/1z", "max-keys": "5000" }), "Key")).toEqual(keys.slice(2))
      expect(elements(yield* list({ prefix: "a/" }), "Key")).toEqual(["a/1", "a/2"])
      const none = yield* list({ "max-keys": "0" })
      expect([elements(none, "Key"), element(none, "IsTruncated")]).toEqual([[], "false"])
      for (const query of [{ "max-keys": "-1" }, { "max-keys": "many" }, { "encoding-type": "base64" }] as const) {
        expect(yield* code("GET", { query })).toBe("InvalidArgument")
      }
      expect(yield* code("GET", { query: { delimiter: "ab" } })).toBe("InvalidDelimiter")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("groups by delimiter", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(["a/1", "a/2", "b", "c/1", "c/d/2"], (key) => put(key))
      const list = (query: Record<string, string>) =>
        Effect.map(send("GET", { query: { delimiter: "/", ...query } }), ({ text }) => ({
          keys: elements(text, "Key"),
          prefixes: elements(text, "CommonPrefixes><Prefix").concat(
            Array.from(text.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g), ([, prefix]) => prefix)
          ),
          next: element(text, "NextMarker")
        }))
      expect(yield* list({})).toEqual({ keys: ["b"], prefixes: ["a/", "c/"], next: undefined })
      expect(yield* list({ "max-keys": "1" })).toEqual({ keys: [], prefixes: ["a/"], next: "a/" })
      expect(yield* list({ "max-keys": "1", marker: "a/" })).toEqual({ keys: ["b"], prefixes: [], next: "b" })
      expect(yield* list({ prefix: "c/" })).toEqual({ keys: ["c/1"], prefixes: ["c/d/"], next: undefined })
    }).pipe(Effect.provide(emulator))
  )

  it.effect("carries any key with encoding-type=url", () =>
    Effect.gen(function* () {
      const key = "a b+\u0001<&>'\r中/é"
      yield* put(key)
      const { text } = yield* send("GET", { query: { "encoding-type": "url", prefix: "a b", delimiter: "+" } })
      expect(text).toContain("<EncodingType>url</EncodingType><Prefix>a%20b</Prefix>")
      expect(text).toContain("<Delimiter>%2B</Delimiter>")
      expect(text).toContain("<CommonPrefixes><Prefix>a%20b%2B</Prefix></CommonPrefixes>")
      const all = yield* send("GET", { query: { "encoding-type": "url" } })
      expect(element(all.text, "Key")).toBe("a%20b%2B%01%3C%26%3E%27%0D%E4%B8%AD/%C3%A9")
      expect(decodeURIComponent(element(all.text, "Key") ?? "")).toBe(key)
    }).pipe(Effect.provide(emulator))
  )
})

describe("deleting", () => {
  it.effect("one that is not there is no error", () =>
    Effect.gen(function* () {
      yield* put("k")
      expect(yield* code("DELETE", { key: "k" })).toBe(204)
      expect(yield* code("DELETE", { key: "k" })).toBe(204)
      expect(yield* code("GET", { key: "k" })).toBe("NoSuchKey")
    }).pipe(Effect.provide(emulator))
  )

  const many = (body: string | Buffer, headers: Record<string, string> = { "content-md5": md5(body) }) =>
    send("POST", { query: { delete: "" }, body, headers })

  it.effect("many answers for each", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(["a&b", "c\rd", "e"], (key) => put(key))
      const { text } = yield* many(
        "<Delete><Object><Key>a&amp;b</Key></Object><Quiet>false</Quiet><Object><Key>c&#13;d</Key></Object><Object><Key>none</Key></Object></Delete>"
      )
      expect(elements(text, "Key")).toEqual(["a&amp;b", "c&#13;d", "none"])
      const quiet = yield* many("<Delete><Quiet>TRUE</Quiet><Object><Key>e</Key></Object></Delete>")
      expect(quiet.text).toContain("<DeleteResult/>")
      expect(yield* (yield* Emulator).objects(bucket)).toEqual([])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("many needs its digest and a right document", () =>
    Effect.gen(function* () {
      yield* put("k")
      const body = "<Delete><Object><Key>k</Key></Object></Delete>"
      const objects = (count: number) => `<Delete>${"<Object><Key>z</Key></Object>".repeat(count)}</Delete>`
      expect((yield* many(body, {})).code).toBe("InvalidRequest")
      expect((yield* many(body, { "content-md5": md5("other") })).code).toBe("BadDigest")
      for (const wrong of [
        "<Delete><Object><Key>k</Key></Object>",
        "<Remove><Object><Key>k</Key></Object></Remove>",
        "<Delete></Delete>",
        "<Delete><Object></Object></Delete>",
        "<Delete><Object><Key>k</Key></Object><Loud>true</Loud></Delete>",
        "<Delete><Object><Key>k&nbsp;</Key></Object></Delete>",
        "<!DOCTYPE x><Delete><Object><Key>k</Key></Object></Delete>",
        "<Delete><Object><Key><![CDATA[k]]></Key></Object></Delete>",
        "<Delete><Object><Key>k</Object></Key></Delete>",
        "<Delete><Object><Key>k</Key/></Object></Delete>",
        '<Delete><Object><Key>k</Key a="b"></Object></Delete>',
        "<Delete><Object><Key>k\u0001</Key></Object></Delete>",
        Buffer.from("<Delete><Object><Key>\xff</Key></Object></Delete>", "latin1"),
        `${body}${body}`,
        objects(1001)
      ]) {
        expect((yield* many(wrong)).code, wrong.toString().slice(0, 60)).toBe("MalformedXML")
      }
      expect((yield* many(objects(1000))).status).toBe(200)
      expect(yield* (yield* Emulator).objects(bucket)).toHaveLength(1)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("many asks each key's permission", () =>
    Effect.gen(function* () {
      const { addCredentials, credentials } = yield* Emulator
      yield* addCredentials({
        ...credentials,
        secretId: "AKIDDELETER",
        permissions: [{ actions: ["DeleteObject", "DeleteMultipleObjects"], prefix: "mine/" }]
      })
      yield* Effect.forEach(["mine/a", "theirs/b"], (key) => put(key))
      const body = "<Delete><Object><Key>mine/a</Key></Object><Object><Key>theirs/b</Key></Object></Delete>"
      const { status, text } = yield* send("POST", {
        query: { delete: "" },
        body,
        headers: { "content-md5": md5(body) },
        as: { ...credentials, secretId: "AKIDDELETER" }
      })
      expect(status).toBe(200)
      expect(text).toContain("<Deleted><Key>mine/a</Key></Deleted>")
      expect(text).toContain("<Error><Key>theirs/b</Key><Code>AccessDenied</Code>")
      expect((yield* (yield* Emulator).objects(bucket)).map(({ key }) => key)).toEqual(["theirs/b"])
    }).pipe(Effect.provide(emulator))
  )
})

describe("versions", () => {
  const markerOf = (headers: Readonly<Record<string, string>>) => [
    headers["x-cos-delete-marker"],
    headers["x-cos-version-id"]
  ]

  it.effect("are kept, hidden and removed", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const first = (yield* put("k", "1")).headers["x-cos-version-id"] ?? ""
      const second = (yield* put("k", "2")).headers["x-cos-version-id"] ?? ""
      expect(first).not.toBe(second)
      expect((yield* send("GET", { key: "k" })).text).toBe("2")
      const old = yield* send("GET", { key: "k", query: { versionId: first } })
      expect([old.text, old.headers["x-cos-version-id"]]).toEqual(["1", first])

      const gone = yield* send("DELETE", { key: "k" })
      const [flag, marker = ""] = markerOf(gone.headers)
      expect([gone.status, flag]).toEqual([204, "true"])
      const missing = yield* send("GET", { key: "k" })
      expect([missing.status, missing.code, ...markerOf(missing.headers)]).toEqual([404, "NoSuchKey", "true", marker])
      expect((yield* send("HEAD", { key: "k", query: { versionId: marker } })).status).toBe(404)
      expect((yield* send("GET", {})).text).not.toContain("<Contents>")
      expect(yield* code("DELETE", {})).toBe("BucketNotEmpty")

      const restored = yield* send("DELETE", { key: "k", query: { versionId: marker } })
      expect(markerOf(restored.headers)).toEqual(["true", marker])
      expect((yield* send("GET", { key: "k" })).text).toBe("2")
      const removed = yield* send("DELETE", { key: "k", query: { versionId: second } })
      expect(markerOf(removed.headers)).toEqual([undefined, second])
      expect((yield* send("GET", { key: "k" })).text).toBe("1")
      expect(yield* code("GET", { key: "k", query: { versionId: second } })).toBe("NoSuchVersion")

      // No lock can be built on forbid-overwrite once versioning was ever set.
      expect((yield* put("k", "3", { "x-cos-forbid-overwrite": "true" })).status).toBe(200)
      yield* emulator.updateBucket(bucket, { versioning: "Suspended" })
      const suspended = yield* put("k", "null", { "x-cos-forbid-overwrite": "true" })
      expect([suspended.status, suspended.headers["x-cos-version-id"]]).toEqual([200, undefined])
      expect((yield* emulator.versions(bucket)).map(({ latest, versionId }) => [versionId === "null", latest])).toEqual(
        [
          [true, true],
          [false, false],
          [false, false]
        ]
      )
      expect(markerOf((yield* send("DELETE", { key: "k" })).headers)).toEqual(["true", "null"])
    }).pipe(Effect.provide(versioned))
  )
})

describe("multipart uploads", () => {
  const initiate = (headers: Record<string, string> = {}) =>
    Effect.map(
      send("POST", { key: "k", query: { uploads: "" }, headers }),
      ({ text }) => element(text, "UploadId") ?? ""
    )
  const part = (uploadId: string, partNumber: number, body: string, headers: Record<string, string> = {}) =>
    send("PUT", { key: "k", query: { partNumber: String(partNumber), uploadId }, body, headers })
  const complete = (
    uploadId: string,
    parts: ReadonlyArray<readonly [number, string | undefined]>,
    headers: Record<string, string> = {}
  ) =>
    send("POST", {
      key: "k",
      query: { uploadId },
      headers,
      body: `<CompleteMultipartUpload>${parts
        .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
        .join("")}</CompleteMultipartUpload>`
    })
  const etagOf = (text: string) => createHash("md5").update(text).digest("hex")

  it.effect("become one object", () =>
    Effect.gen(function* () {
      const uploadId = yield* initiate({ "content-type": "text/plain", "x-cos-meta-a": "1" })
      const second = yield* part(uploadId, 2, "world!")
      yield* part(uploadId, 1, "other ")
      const first = yield* part(uploadId, 1, "hello ")
      expect(first.headers).toMatchObject({
        etag: `"${etagOf("hello ")}"`,
        "x-cos-hash-crc64ecma": "1796661072844795914"
      })
      const [pending] = yield* (yield* Emulator).pendingUploads
      expect(pending?.parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
        [1, 6],
        [2, 6]
      ])
      // ETags with and without quotes.
      const done = yield* complete(uploadId, [
        [1, etagOf("hello ")],
        [2, second.headers.etag?.replaceAll('"', "&quot;")]
      ])
      expect(done.status).toBe(200)
      expect(done.headers["transfer-encoding"]).toBe("chunked")
      expect(done.headers["x-cos-hash-crc64ecma"]).toBe("9548687815775124833")
      expect(element(done.text, "Location")).toBe(`http://${host}/k`)
      const got = yield* send("GET", { key: "k" })
      expect(got.text).toBe("hello world!")
      expect(got.headers).toMatchObject({ "content-type": "text/plain", "x-cos-meta-a": "1" })
      expect(`&quot;${got.headers.etag?.replaceAll('"', "")}&quot;`).toBe(element(done.text, "ETag"))
      const digests = Buffer.from(etagOf("hello ") + etagOf("world!"), "hex")
      expect(got.headers.etag).toBe(`"${createHash("md5").update(digests).digest("hex")}-2"`)
      expect((yield* complete(uploadId, [[1, etagOf("hello ")]])).code).toBe("NoSuchUpload")
      expect(yield* (yield* Emulator).pendingUploads).toEqual([])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuse a list that does not fit, and stay open", () =>
    Effect.gen(function* () {
      const uploadId = yield* initiate()
      yield* part(uploadId, 1, "12345")
      yield* part(uploadId, 2, "1234")
      yield* part(uploadId, 4, "12345")
      const [one, two] = [etagOf("12345"), etagOf("1234")]
      const refusal = (parts: ReadonlyArray<readonly [number, string]>) =>
        Effect.map(complete(uploadId, parts), (answer) => answer.code)
      expect(yield* refusal([[1, two]])).toBe("InvalidPart")
      expect(yield* refusal([[3, one]])).toBe("InvalidPart")
      expect(
        yield* refusal([
          [1, one],
          [4, one]
        ])
      ).toBe("InvalidPart")
      expect(
        yield* refusal([
          [2, two],
          [1, one]
        ])
      ).toBe("InvalidPartOrder")
      expect(
        yield* refusal([
          [1, one],
          [1, one]
        ])
      ).toBe("InvalidPartOrder")
      yield* part(uploadId, 3, "12345")
      expect(
        yield* refusal([
          [1, one],
          [2, two],
          [3, one]
        ])
      ).toBe("EntityTooSmall")
      expect(yield* refusal([])).toBe("MalformedXML")
      expect(yield* (yield* Emulator).objects(bucket)).toEqual([])
      expect((yield* (yield* Emulator).pendingUploads)[0]?.parts).toHaveLength(4)
      expect(
        (yield* complete(uploadId, [
          [1, one],
          [2, two]
        ])).status
      ).toBe(200)
      expect((yield* send("GET", { key: "k" })).text).toBe("123451234")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuse parts that cannot be", () =>
    Effect.gen(function* () {
      const uploadId = yield* initiate()
      expect((yield* part(uploadId, 0, "x")).code).toBe("InvalidArgument")
      expect((yield* part(uploadId, 10_001, "x")).code).toBe("InvalidArgument")
      expect((yield* part(uploadId, 1, "x", { "content-md5": md5("y") })).code).toBe("BadDigest")
      expect((yield* part("none", 1, "x")).code).toBe("NoSuchUpload")
      expect((yield* send("DELETE", { key: "k", query: { uploadId: "none" } })).code).toBe("NoSuchUpload")
      expect((yield* send("DELETE", { key: "other", query: { uploadId } })).code).toBe("NoSuchUpload")
      expect((yield* part(uploadId, 10_000, "x")).status).toBe(200)
      expect((yield* send("DELETE", { key: "k", query: { uploadId } })).status).toBe(204)
      expect((yield* part(uploadId, 1, "x")).code).toBe("NoSuchUpload")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("mind forbid-overwrite at both ends", () =>
    Effect.gen(function* () {
      const forbid = { "x-cos-forbid-overwrite": "true" }
      const uploadId = yield* initiate(forbid)
      yield* part(uploadId, 1, "part")
      yield* put("k", "in between")
      expect(yield* code("POST", { key: "k", query: { uploads: "" }, headers: forbid })).toBe("FileAlreadyExists")
      expect((yield* complete(uploadId, [[1, etagOf("part")]], forbid)).code).toBe("FileAlreadyExists")
      expect((yield* send("GET", { key: "k" })).text).toBe("in between")
      expect((yield* complete(uploadId, [[1, etagOf("part")]])).status).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("are listed by key and then id, their parts by number", () =>
    Effect.gen(function* () {
      const open = (key: string) =>
        Effect.map(send("POST", { key, query: { uploads: "" } }), ({ text }) => element(text, "UploadId") ?? "")
      const ids = yield* Effect.forEach(["b", "a/1", "a/1", "a/2"], open)
      const list = (query: Record<string, string>) =>
        Effect.map(send("GET", { query: { uploads: "", ...query } }), ({ text }) => text)
      const all = yield* list({})
      expect(elements(all, "Key")).toEqual(["a/1", "a/1", "a/2", "b"])
      const listed = elements(all, "UploadId")
      expect([...listed].sort()).toEqual([...ids].sort())
      expect(listed.slice(0, 2)).toEqual([...listed.slice(0, 2)].sort())
      const page = yield* list({ "max-uploads": "1" })
      expect([elements(page, "UploadId"), element(page, "NextKeyMarker"), element(page, "NextUploadIdMarker")]).toEqual(
        [[listed[0]], "a/1", listed[0]]
      )
      expect(elements(yield* list({ "key-marker": "a/1", "upload-id-marker": listed[0] ?? "" }), "UploadId")).toEqual(
        listed.slice(1)
      )
      expect(elements(yield* list({ "key-marker": "a/1" }), "Key")).toEqual(["a/2", "b"])
      expect(yield* list({ delimiter: "/" })).toContain("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>")
      expect(elements(yield* list({ prefix: "b" }), "Key")).toEqual(["b"])
      expect(yield* code("GET", { query: { uploads: "", "max-uploads": "1001" } })).toBe("InvalidArgument")

      const uploadId = yield* initiate()
      yield* Effect.forEach([3, 1, 2], (number) => part(uploadId, number, "x"))
      const parts = (query: Record<string, string>) =>
        Effect.map(send("GET", { key: "k", query: { uploadId, ...query } }), ({ text }) => text)
      expect(elements(yield* parts({}), "PartNumber")).toEqual(["1", "2", "3"])
      const two = yield* parts({ "max-parts": "2" })
      expect([elements(two, "PartNumber"), element(two, "NextPartNumberMarker")]).toEqual([["1", "2"], "2"])
      expect(elements(yield* parts({ "part-number-marker": "2" }), "PartNumber")).toEqual(["3"])
    }).pipe(Effect.provide(emulator))
  )
})

describe("copies", () => {
  const source = `${host}/a%20b`
  const copy = (key: string, headers: Record<string, string>) =>
    send("PUT", { key, headers: { "x-cos-copy-source": source, ...headers } })

  it.effect("take content and metadata, or what the request says", () =>
    Effect.gen(function* () {
      yield* put("a b", "content", {
        "content-type": "text/plain",
        "x-cos-meta-a": "1",
        "x-cos-storage-class": "STANDARD_IA",
        "x-cos-acl": "public-read",
        "x-cos-tagging": "k=v"
      })
      const done = yield* copy("same", {})
      expect(element(done.text, "ETag")).toBe(`&quot;${createHash("md5").update("content").digest("hex")}&quot;`)
      expect(element(done.text, "CRC64")).toBe(done.headers["x-cos-hash-crc64ecma"])
      const same = yield* send("GET", { key: "same" })
      expect(same.text).toBe("content")
      expect(same.headers).toMatchObject({
        "content-type": "text/plain",
        "x-cos-meta-a": "1",
        "x-cos-tagging-count": "1"
      })
      expect(same.headers["x-cos-storage-class"]).toBeUndefined()
      expect(yield* code("GET", { key: "same", as: null })).toBe("AccessDenied")
      yield* copy("other", {
        "x-cos-metadata-directive": "Replaced",
        "x-cos-meta-b": "2",
        "x-cos-tagging-directive": "Replaced"
      })
      const other = yield* send("HEAD", { key: "other" })
      expect(other.headers).toMatchObject({ "content-type": "application/octet-stream", "x-cos-meta-b": "2" })
      expect([other.headers["x-cos-meta-a"], other.headers["x-cos-tagging-count"]]).toEqual([undefined, undefined])
      yield* send("DELETE", { key: "a b" })
      expect((yield* send("GET", { key: "same" })).text).toBe("content")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuse what is wrong", () =>
    Effect.gen(function* () {
      yield* put("a b", "content")
      yield* put("archived", "x", { "x-cos-storage-class": "ARCHIVE" })
      const refusal = (key: string, headers: Record<string, string>) => Effect.map(copy(key, headers), (a) => a.code)
      const from = (value: string) => refusal("t", { "x-cos-copy-source": value })
      expect(yield* from("nonsense")).toBe("InvalidCopySource")
      expect(yield* from(`${host}/`)).toBe("InvalidCopySource")
      expect(yield* from(`${host}/a?acl`)).toBe("InvalidCopySource")
      expect(yield* from(`${host}/missing`)).toBe("NoSuchKey")
      expect(yield* from(`missing-1250000000.cos.ap-guangzhou.myqcloud.com/k`)).toBe("NoSuchBucket")
      expect(yield* from(`${bucket}.cos.ap-beijing.myqcloud.com/a%20b`)).toBe("NoSuchBucket")
      expect(yield* from(`${host}/archived`)).toBe("InvalidObjectState")
      expect(yield* refusal("a b", {})).toBe("InvalidRequest")
      expect(yield* refusal("t", { "x-cos-meta-a": "1" })).toBe("InvalidRequest")
      expect(yield* refusal("t", { "x-cos-metadata-directive": "replaced" })).toBe("InvalidArgument")
      const when = (name: string, value: string) => refusal("t", { [`x-cos-copy-source-${name}`]: value })
      expect(yield* when("if-match", '"other"')).toBe("PreconditionFailed")
      expect(yield* when("if-none-match", "*")).toBe("PreconditionFailed")
      expect(yield* when("if-modified-since", new Date(1e12).toUTCString())).toBe("PreconditionFailed")
      expect(yield* (yield* Emulator).objects(bucket)).toHaveLength(2)
      expect((yield* copy("a b", { "x-cos-metadata-directive": "Replaced" })).status).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("of versions name the version", () =>
    Effect.gen(function* () {
      const first = (yield* put("a b", "1")).headers["x-cos-version-id"] ?? ""
      yield* put("a b", "2")
      const done = yield* copy("t", { "x-cos-copy-source": `${source}?versionId=${first}` })
      expect(done.headers["x-cos-copy-source-version-id"]).toBe(first)
      expect(element(done.text, "VersionId")).toBe(done.headers["x-cos-version-id"])
      expect((yield* send("GET", { key: "t" })).text).toBe("1")
      const marker = (yield* send("DELETE", { key: "a b" })).headers["x-cos-version-id"] ?? ""
      expect((yield* copy("t", {})).code).toBe("NoSuchKey")
      expect((yield* copy("t", { "x-cos-copy-source": `${source}?versionId=${marker}` })).status).toBe(400)
    }).pipe(Effect.provide(versioned))
  )

  it.effect("of ranges are parts", () =>
    Effect.gen(function* () {
      yield* put("a b", "0123456789")
      const opened = yield* send("POST", { key: "t", query: { uploads: "" } })
      const uploadId = element(opened.text, "UploadId") ?? ""
      const part = (partNumber: string, headers: Record<string, string> = {}) =>
        send("PUT", {
          key: "t",
          query: { partNumber, uploadId },
          headers: { "x-cos-copy-source": source, ...headers }
        })
      const range = (value: string) => ({ "x-cos-copy-source-range": value })
      expect((yield* part("1", range("bytes=5-10"))).code).toBe("InvalidRange")
      expect((yield* part("1", range("5-9"))).code).toBe("InvalidArgument")
      expect((yield* part("1", { "x-cos-copy-source-if-match": '"other"' })).code).toBe("PreconditionFailed")
      const one = yield* part("1", range("bytes=5-9"))
      expect(element(one.text, "ETag")).toBe(`&quot;${createHash("md5").update("56789").digest("hex")}&quot;`)
      const two = yield* part("2")
      const body = [one, two].map(
        ({ text }, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${element(text, "ETag")}</ETag></Part>`
      )
      yield* send("POST", {
        key: "t",
        query: { uploadId },
        body: `<CompleteMultipartUpload>${body.join("")}</CompleteMultipartUpload>`
      })
      expect((yield* send("GET", { key: "t" })).text).toBe("567890123456789")
    }).pipe(Effect.provide(emulator))
  )
})

describe("control", () => {
  it.effect("resets, remembers and brings back", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* put("k", "1")
      const snapshot = yield* emulator.snapshot
      yield* put("k", "2")
      yield* put("other")
      yield* emulator.restore(snapshot)
      expect((yield* emulator.objects(bucket)).map(({ key }) => key)).toEqual(["k"])
      expect((yield* send("GET", { key: "k" })).text).toBe("1")
      yield* emulator.clock.adjust("1 hour")
      yield* emulator.createBucket("new-1250000000", { region: "ap-beijing" })
      yield* emulator.fault({ do: Fault.status(500) })
      yield* emulator.removeCredentials(emulator.credentials.secretId)
      yield* emulator.reset
      expect(yield* emulator.objects(bucket)).toEqual([])
      expect(yield* emulator.journal).toEqual([])
      expect((yield* send("GET", {})).status).toBe(200)
      expect(yield* emulator.clock.now).toEqual(new Date(0))
      expect(yield* Effect.flip(emulator.objects("new-1250000000"))).toMatchObject({ code: "NoSuchBucket" })
      expect(yield* Effect.flip(emulator.createBucket("New"))).toMatchObject({ code: "InvalidBucketName" })
      const nowhere = emulator.createBucket("new-1250000000", { region: "Nowhere" })
      expect(yield* Effect.flip(nowhere)).toMatchObject({ code: "InvalidRegionName" })
    }).pipe(Effect.provide(emulator))
  )

  it.effect("knows every request", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* TestClock.setTime(5000)
      yield* put("k", "12345", { "x-cos-meta-a": "1" })
      yield* send("GET", { key: "k", headers: { range: "bytes=0-2" } })
      yield* send("HEAD", { key: "none" })
      yield* send("PUT", { key: "k", query: { partNumber: "7", uploadId: "U" }, body: "x" })
      const [first, second, third, fourth] = yield* emulator.journal
      expect(first).toMatchObject({
        id: 1,
        at: new Date(5000),
        method: "PUT",
        host,
        path: "/k",
        operation: "putObject",
        bucket,
        key: "k",
        signature: "header",
        secretId: emulator.credentials.secretId,
        bytesReceived: 5,
        bytesSent: 0,
        status: 200,
        outcome: "completed",
        faults: []
      })
      expect(first?.headers).toMatchObject({ authorization: "<redacted>", "x-cos-meta-a": "1", "content-length": "5" })
      expect(second).toMatchObject({
        operation: "getObject",
        bytesSent: 3,
        status: 206,
        headers: { range: "bytes=0-2" }
      })
      expect(third).toMatchObject({ operation: "headObject", status: 404, code: "NoSuchKey" })
      expect(fourth).toMatchObject({ operation: "uploadPart", partNumber: 7, uploadId: "U", code: "NoSuchUpload" })
      yield* emulator.clearJournal
      expect(yield* emulator.journal).toEqual([])
    }).pipe(Effect.provide(emulator))
  )
})
