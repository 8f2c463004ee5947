/**
 * Objects: written, read, removed, and their versions.
 */
import { createHash } from "node:crypto"
import * as HttpBody from "@effect/platform/HttpBody"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Emulator } from "effect-cos-emulator/Emulator"
import { bucket, host, send } from "./support/client.js"
import { code, element, elements, emulator, md5, put, versioned } from "./support/requests.js"

describe("putObject", () => {
  it.effect("stores bytes, content type, metadata and storage class", () =>
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

  it.effect("ignores empty headers, and has a default content type", () =>
    Effect.gen(function* () {
      yield* put("k", "", { "cache-control": "", "content-type": "", "x-cos-meta-a": "" })
      const { headers } = yield* send("HEAD", { key: "k" })
      expect(headers["content-type"]).toBe("application/octet-stream")
      expect(headers["content-length"]).toBe("0")
      expect(headers["cache-control"]).toBeUndefined()
      expect(headers["x-cos-meta-a"]).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuses invalid requests, and keeps the old object", () =>
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

  it.effect("limits keys in length and characters", () =>
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

  it.effect("needs a length or chunks, and a body of that length", () =>
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

  it.effect("opens SSE-C objects with the customer's key only", () =>
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

  it.effect("is slowed down by its traffic limit", () =>
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
  it.effect("returns ranges", () =>
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

  it.effect("evaluates conditions in the order of RFC 9110", () =>
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
        // The bytes of the UTF-8, a character for each, as HTTP clients read them.
        "content-disposition": 'attachment; filename="Ã¼.txt"',
        "cache-control": "no-store"
      })
      expect(yield* code("GET", { key: "k", query, as: null })).toBe("InvalidRequest")
      expect(yield* code("GET", { key: "k", query: { "response-expires": "a\r\nb: c" } })).toBe("InvalidArgument")
      expect(yield* code("GET", { key: "k", query: { "response-expires": "a\u0001b" } })).toBe("InvalidArgument")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuses to read archived content", () =>
    Effect.gen(function* () {
      yield* put("k", "x", { "x-cos-storage-class": "ARCHIVE" })
      expect(yield* code("GET", { key: "k" })).toBe("InvalidObjectState")
      expect((yield* send("HEAD", { key: "k" })).headers["x-cos-storage-class"]).toBe("ARCHIVE")
    }).pipe(Effect.provide(emulator))
  )
})

describe("deleting", () => {
  it.effect("a missing object is not an error", () =>
    Effect.gen(function* () {
      yield* put("k")
      expect(yield* code("DELETE", { key: "k" })).toBe(204)
      expect(yield* code("DELETE", { key: "k" })).toBe(204)
      expect(yield* code("GET", { key: "k" })).toBe("NoSuchKey")
    }).pipe(Effect.provide(emulator))
  )

  const many = (body: string | Buffer, headers: Record<string, string> = { "content-md5": md5(body) }) =>
    send("POST", { query: { delete: "" }, body, headers })

  it.effect("many objects reports each", () =>
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

  it.effect("many objects needs Content-MD5 and a valid document", () =>
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

  it.effect("many objects checks the permission for each key", () =>
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

  it.effect("are stored, hidden by delete markers and removed", () =>
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
