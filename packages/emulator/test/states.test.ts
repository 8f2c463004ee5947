/**
 * Objects that are more than bytes under a key: locked, archived, appended to, links. Raw requests.
 */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { bucket, host, type Send, send } from "./support/client.js"

const emulator = layer({ buckets: [bucket], minPartSize: 1, strict: true })
const versioned = layer({ buckets: [{ name: bucket, versioning: "Enabled" }], strict: true })

const code = (...[method, options]: Parameters<typeof send>) =>
  Effect.map(send(method, options), (answer) => answer.code ?? answer.status)
const put = (key: string, body = "x", headers: Record<string, string> = {}) => code("PUT", { key, body, headers })

describe("locks", () => {
  const lock = (days = 1) =>
    code("PUT", {
      query: { "object-lock": "" },
      body: `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Days>${days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`
    })
  const retain = (until: string, options: Send = {}) =>
    code("PUT", {
      key: "k",
      body: `<Retention><RetainUntilDate>${until}</RetainUntilDate><Mode>COMPLIANCE</Mode></Retention>`,
      ...options,
      query: { retention: "", ...options.query }
    })

  it.effect("protect an object from removal and replacement until they expire", () =>
    Effect.gen(function* () {
      expect(yield* retain("1970-01-03T00:00:00Z")).toBe("NoSuchObjectLockConfiguration")
      yield* lock()
      yield* put("k", "locked")
      yield* put("source", "other")
      const copy = { "x-cos-copy-source": `${host}/source` }
      const refused = Effect.gen(function* () {
        expect(yield* put("k", "other")).toBe("ObjectLocked")
        expect(yield* code("PUT", { key: "k", headers: copy })).toBe("ObjectLocked")
        expect(yield* code("PUT", { key: "k", query: { symlink: "" }, headers: { "x-cos-symlink-target": "a" } })).toBe(
          "ObjectLocked"
        )
        expect(yield* code("DELETE", { key: "k" })).toBe("ObjectLocked")
        expect((yield* send("GET", { key: "k" })).text).toBe("locked")
      })
      yield* refused
      const initiated = yield* send("POST", { key: "k", query: { uploads: "" } })
      const uploadId = /<UploadId>(.*)<\/UploadId>/.exec(initiated.text)?.[1] ?? ""
      const part = yield* send("PUT", { key: "k", body: "p", query: { partNumber: "1", uploadId } })
      const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`
      expect(yield* code("POST", { key: "k", query: { uploadId }, body })).toBe("ObjectLocked")
      yield* TestClock.adjust("23 hours")
      yield* refused
      yield* TestClock.adjust("1 hour")
      expect(yield* code("POST", { key: "k", query: { uploadId }, body })).toBe(200)
      expect(yield* code("DELETE", { key: "k" })).toBe("ObjectLocked")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("can be extended, not shortened", () =>
    Effect.gen(function* () {
      yield* put("k")
      yield* lock()
      expect(yield* code("GET", { key: "k", query: { retention: "" } })).toBe("NoSuchObjectLockConfiguration")
      yield* TestClock.adjust("1 hour")
      expect(yield* retain("1970-01-01T01:00:00Z")).toBe("InvalidArgument")
      expect(yield* retain("soon")).toBe("MalformedXML")
      expect(yield* retain("1970-01-03T00:00:00Z")).toBe(200)
      expect(yield* retain("1970-01-02T23:59:59Z")).toBe("InvalidLockedTime")
      expect(yield* retain("1970-01-03T00:00:00Z")).toBe(200)
      expect(yield* retain("1970-01-04T08:00:00+08:00")).toBe(200)
      const kept = yield* send("GET", { key: "k", query: { retention: "" } })
      expect(kept.text).toContain("<RetainUntilDate>1970-01-04T00:00:00.000Z</RetainUntilDate>")
      yield* TestClock.adjust("4 days")
      expect(yield* retain("1970-01-10T00:00:00Z")).toBe(200)
      expect(yield* retain("1970-01-10T00:00:00Z", { key: "missing" })).toBe("NoSuchKey")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("protect versions if there are any", () =>
    Effect.gen(function* () {
      yield* lock()
      const first = yield* send("PUT", { key: "k", body: "1" })
      const versionId = first.headers["x-cos-version-id"] ?? ""
      expect(yield* put("k", "2")).toBe(200)
      expect(yield* code("DELETE", { key: "k" })).toBe(204)
      expect(yield* code("DELETE", { key: "k", query: { versionId } })).toBe("ObjectLocked")
      yield* TestClock.adjust("1 day")
      expect(yield* code("DELETE", { key: "k", query: { versionId } })).toBe(204)
    }).pipe(Effect.provide(versioned))
  )
})

describe("archives", () => {
  const restore = (days: number, tier?: string, key = "k") =>
    send("POST", {
      key,
      query: { restore: "" },
      body: `<RestoreRequest><Days>${days}</Days>${tier === undefined ? "" : `<CASJobParameters><Tier>${tier}</Tier></CASJobParameters>`}</RestoreRequest>`
    })
  const head = Effect.map(send("HEAD", { key: "k" }), ({ headers }) => [
    headers["x-cos-restore"],
    headers["x-cos-restore-status"]
  ])

  it.effect("are restored after a time, for some days", () =>
    Effect.gen(function* () {
      yield* put("k", "cold", { "x-cos-storage-class": "ARCHIVE" })
      expect(yield* head).toEqual([undefined, undefined])
      const first = yield* restore(2, "Expedited")
      expect(first.status).toBe(202)
      expect((yield* restore(2)).code).toBe("RestoreAlreadyInProgress")
      expect(yield* head).toEqual([
        'ongoing-request="true"',
        'tier="expedited"; request-date="Thu, 01 Jan 1970 00:00:00 GMT"'
      ])
      yield* TestClock.adjust("299 seconds")
      expect(yield* code("GET", { key: "k" })).toBe("InvalidObjectState")
      yield* TestClock.adjust("1 second")
      expect((yield* send("GET", { key: "k" })).text).toBe("cold")
      expect(yield* head).toEqual(['ongoing-request="false", expiry-date="Sat, 03 Jan 1970 00:05:00 GMT"', undefined])
      expect((yield* restore(1)).status).toBe(200)
      expect(yield* head).toEqual(['ongoing-request="false", expiry-date="Fri, 02 Jan 1970 00:05:00 GMT"', undefined])
      yield* TestClock.adjust("1 day")
      expect(yield* head).toEqual([undefined, undefined])
      expect(yield* code("GET", { key: "k" })).toBe("InvalidObjectState")
      expect((yield* restore(1)).status).toBe(202)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("take the time of their class and tier to restore", () =>
    Effect.gen(function* () {
      const hours: ReadonlyArray<readonly [storageClass: string, tier: string | undefined, hours: number]> = [
        ["ARCHIVE", undefined, 5],
        ["ARCHIVE", "Bulk", 12],
        ["DEEP_ARCHIVE", "Standard", 24],
        ["DEEP_ARCHIVE", "Bulk", 48]
      ]
      for (const [storageClass, tier, time] of hours) {
        yield* put("k", "cold", { "x-cos-storage-class": storageClass })
        expect((yield* restore(1, tier)).status).toBe(202)
        yield* TestClock.adjust(`${time * 3600 - 1} seconds`)
        expect(yield* code("GET", { key: "k" }), `${storageClass} ${tier}`).toBe("InvalidObjectState")
        yield* TestClock.adjust("1 second")
        expect(yield* code("GET", { key: "k" }), `${storageClass} ${tier}`).toBe(200)
      }
      yield* put("k", "cold", { "x-cos-storage-class": "DEEP_ARCHIVE" })
      expect((yield* restore(1, "Expedited")).code).toBe("InvalidArgument")
      expect((yield* restore(1, "Slow")).code).toBe("MalformedXML")
      expect((yield* restore(0)).code).toBe("MalformedXML")
      yield* put("k", "warm")
      const warm = yield* restore(1)
      expect([warm.status, warm.code]).toEqual([405, "RestoreNonArchiveObject"])
      expect((yield* restore(1, undefined, "missing")).code).toBe("NoSuchKey")
    }).pipe(Effect.provide(emulator))
  )
})

describe("appends", () => {
  const append = (position: string | undefined, body: string, headers: Record<string, string> = {}) =>
    send("POST", { key: "k", body, headers, query: { append: "", ...(position === undefined ? {} : { position }) } })

  it.effect("add to the end, and keep the attributes of the first one", () =>
    Effect.gen(function* () {
      const first = yield* append("0", "ab", { "x-cos-meta-a": "1", "x-cos-storage-class": "STANDARD_IA" })
      expect(first.headers).toMatchObject({
        "x-cos-next-append-position": "2",
        "x-cos-content-sha1": createHash("sha1").update("ab").digest("hex")
      })
      expect(first.headers.etag).toMatch(/^[0-9a-f]{40}$/)
      const wrong = yield* append("1", "c")
      expect([wrong.status, wrong.code]).toEqual([409, "AppendPositionErr"])
      expect((yield* append(undefined, "c")).code).toBe("InvalidArgument")
      expect((yield* append("x", "c")).code).toBe("InvalidArgument")
      expect((yield* append("2", "c", { "x-cos-content-sha1": "0".repeat(40) })).code).toBe("InvalidSHA1Digest")
      expect((yield* append("2", "c", { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" })).code).toBe("BadDigest")
      const sha1 = createHash("sha1").update("c").digest("hex")
      const second = yield* append("2", "c", { "x-cos-content-sha1": sha1, "x-cos-meta-a": "2" })
      expect([second.status, second.headers["x-cos-next-append-position"]]).toEqual([200, "3"])
      const read = yield* send("GET", { key: "k" })
      expect(read.text).toBe("abc")
      expect(read.headers).toMatchObject({
        etag: `"${second.headers.etag}"`,
        "x-cos-hash-crc64ecma": second.headers["x-cos-hash-crc64ecma"],
        "x-cos-object-type": "appendable",
        "x-cos-next-append-position": "3",
        "x-cos-meta-a": "1",
        "x-cos-storage-class": "STANDARD_IA"
      })
      yield* put("same", "abc")
      const same = yield* send("HEAD", { key: "same" })
      expect(same.headers["x-cos-hash-crc64ecma"]).toBe(read.headers["x-cos-hash-crc64ecma"])
      expect(yield* code("PUT", { key: "copy", headers: { "x-cos-copy-source": `${host}/k` } })).toBe("InvalidRequest")
      expect(yield* put("k", "normal")).toBe(200)
      expect((yield* append("6", "c")).code).toBe("ObjectNotAppendable")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("are refused with versioning and intelligent tiering", () =>
    Effect.gen(function* () {
      expect((yield* append("0", "a", { "x-cos-storage-class": "INTELLIGENT_TIERING" })).code).toBe(
        "NotSupportedStorageClass"
      )
      yield* (yield* Emulator).updateBucket(bucket, { versioning: "Enabled" })
      expect((yield* append("0", "a")).code).toBe("InvalidRequest")
    }).pipe(Effect.provide(emulator))
  )
})

describe("links", () => {
  const link = (key: string, target: string, headers: Record<string, string> = {}) =>
    code("PUT", { key, query: { symlink: "" }, headers: { "x-cos-symlink-target": target, ...headers } })

  it.effect("are followed once, and only to objects that the caller may read", () =>
    Effect.gen(function* () {
      yield* put("ü b", "target", { "content-type": "text/plain" })
      expect(yield* link("link", "%C3%BC%20b", { "x-cos-acl": "public-read" })).toBe(200)
      for (const method of ["GET", "HEAD"] as const) {
        const read = yield* send(method, { key: "link" })
        expect(read.headers).toMatchObject({ "content-type": "text/plain", "x-cos-symlink-target": "%C3%BC%20b" })
        expect(read.headers["content-length"]).toBe("6")
      }
      expect((yield* send("GET", { key: "link", headers: { range: "bytes=1-3" } })).text).toBe("arg")
      expect(yield* code("GET", { key: "link", as: null })).toBe("AccessDenied")
      yield* code("PUT", { key: "ü b", query: { acl: "" }, headers: { "x-cos-acl": "public-read" } })
      expect((yield* send("GET", { key: "link", as: null })).text).toBe("target")
      yield* link("again", "link")
      expect(yield* code("GET", { key: "again" })).toBe("InvalidRequest")
      expect(yield* code("PUT", { key: "copy", headers: { "x-cos-copy-source": `${host}/link` } })).toBe(
        "InvalidRequest"
      )
      expect(yield* code("GET", { key: "ü b", query: { symlink: "" } })).toBe("InvalidArgument")
      yield* send("DELETE", { key: "ü b" })
      expect(yield* code("GET", { key: "link" })).toBe("NoSuchKey")
      const where = yield* send("GET", { key: "link", query: { symlink: "" } })
      expect(where.headers["x-cos-symlink-target"]).toBe("%C3%BC%20b")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("need a valid target", () =>
    Effect.gen(function* () {
      expect(yield* code("PUT", { key: "k", query: { symlink: "" } })).toBe("InvalidArgument")
      expect(yield* link("k", "%zz")).toBe("InvalidArgument")
      expect(yield* link("k", "k")).toBe("InvalidRequest")
      expect(yield* link("k", "x".repeat(851))).toBe("InvalidURI")
      expect(yield* link("k", "other", { "x-cos-forbid-overwrite": "true" })).toBe(200)
      expect(yield* link("k", "other", { "x-cos-forbid-overwrite": "true" })).toBe("FileAlreadyExists")
    }).pipe(Effect.provide(emulator))
  )
})

describe("versions in a list", () => {
  it.effect("respect their markers, and may be stale", () =>
    Effect.gen(function* () {
      yield* put("k", "1")
      yield* TestClock.adjust("10 seconds")
      yield* put("k", "2")
      const list = (query: Record<string, string> = {}) => send("GET", { query: { versions: "", ...query } })
      const sizes = (text: string) => Array.from(text.matchAll(/<IsLatest>(\w+)<\/IsLatest>/g), ([, latest]) => latest)
      expect(sizes((yield* list()).text)).toEqual(["true", "false"])
      yield* (yield* Emulator).fault({ on: { operation: "listObjectVersions" }, do: Fault.staleList("5 seconds") })
      expect(sizes((yield* list()).text)).toEqual(["false"])
      const page = yield* list({ "max-keys": "1" })
      expect(page.text).toContain(
        "<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>"
      )
      expect((yield* list({ "version-id-marker": "x" })).code).toBe("InvalidArgument")
      expect((yield* list({ "key-marker": "k", "version-id-marker": "x" })).code).toBe("InvalidArgument")
      expect((yield* list({ delimiter: "ab" })).code).toBe("InvalidDelimiter")
      expect((yield* list({ "max-keys": "x" })).code).toBe("InvalidArgument")
      expect(sizes((yield* list({ "max-keys": "0" })).text)).toEqual([])
    }).pipe(Effect.provide(versioned))
  )
})
