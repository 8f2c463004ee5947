/**
 * Multipart uploads and copies.
 */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator } from "effect-cos-emulator/Emulator"
import { bucket, host, send } from "./support/client.js"
import { code, element, elements, emulator, md5, put, versioned } from "./support/requests.js"

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
      const [pending] = yield* (yield* Emulator).unfinishedUploads
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
      expect(yield* (yield* Emulator).unfinishedUploads).toEqual([])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuse a wrong list of parts, and stay open", () =>
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
      expect((yield* (yield* Emulator).unfinishedUploads)[0]?.parts).toHaveLength(4)
      expect(
        (yield* complete(uploadId, [
          [1, one],
          [2, two]
        ])).status
      ).toBe(200)
      expect((yield* send("GET", { key: "k" })).text).toBe("123451234")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("refuse invalid parts", () =>
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

  it.effect("check x-cos-forbid-overwrite at initiate and at complete", () =>
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

  it.effect("are listed by key and id, their parts by number", () =>
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

  it.effect("copy content and metadata, or replace the metadata", () =>
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

  it.effect("refuse wrong sources and directives", () =>
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

  it.effect("of a version return its id", () =>
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

  it.effect("of ranges become parts", () =>
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
