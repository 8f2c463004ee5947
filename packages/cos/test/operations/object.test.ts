/** Operations on objects: how their responses are decoded, and what they do beyond one request. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { resultOf, valueOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"

const key = "key"
const stored = { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT" }

describe("headObject", () => {
  const head = (headers: object) =>
    valueOf(Cos.headObject({ key }), { headers: { ...stored, "content-length": "3", ...headers } })

  it.effect("decodes every header", () =>
    Effect.gen(function* () {
      expect(yield* head({})).toEqual({
        eTag: '"a"',
        lastModified: new Date("2020-03-18T12:00:00Z"),
        contentLength: 3,
        storageClass: "STANDARD",
        metadata: {}
      })
      const all = {
        "content-type": "image/png",
        "cache-control": "no-cache",
        "content-disposition": "inline",
        "content-encoding": "br",
        "content-language": "zh",
        expires: "never",
        "x-cos-hash-crc64ecma": "7",
        "x-cos-version-id": "v",
        "x-cos-meta-author": "ada",
        "x-cos-meta-a-b": "c",
        "x-cos-storage-class": "ARCHIVE",
        "x-cos-storage-tier": "FREQUENT",
        "x-cos-object-type": "appendable",
        "x-cos-next-append-position": "9",
        "x-cos-restore": 'ongoing-request="false", expiry-date="Fri, 20 Mar 2020 12:00:00 GMT"',
        "x-cos-restore-status": 'tier="expedited"; request-date="Thu, 19 Mar 2020 12:00:00 GMT"',
        "x-cos-server-side-encryption": "cos/kms",
        "x-cos-server-side-encryption-cos-kms-key-id": "kms",
        "x-cos-server-side-encryption-customer-algorithm": "AES256",
        "x-cos-server-side-encryption-customer-key-md5": "md5",
        "x-cos-acl": "default",
        "x-cos-tagging-count": "2",
        "x-cos-replication-status": "Complete",
        "x-cos-symlink-target": "%E6%96%87/a%20b",
        "x-cos-expiration": "soon"
      }
      expect(yield* head(all)).toEqual({
        eTag: '"a"',
        lastModified: new Date("2020-03-18T12:00:00Z"),
        contentLength: 3,
        contentType: "image/png",
        cacheControl: "no-cache",
        contentDisposition: "inline",
        contentEncoding: "br",
        contentLanguage: "zh",
        expires: "never",
        crc64: 7n,
        versionId: "v",
        metadata: { author: "ada", "a-b": "c" },
        storageClass: "ARCHIVE",
        storageTier: "FREQUENT",
        objectType: "appendable",
        nextAppendPosition: 9,
        restore: { ongoing: false, expiresAt: new Date("2020-03-20T12:00:00Z") },
        restoreStatus: { tier: "Expedited", requestedAt: new Date("2020-03-19T12:00:00Z") },
        serverSideEncryption: "cos/kms",
        kmsKeyId: "kms",
        customerAlgorithm: "AES256",
        customerKeyMd5: "md5",
        acl: "default",
        taggingCount: 2,
        replicationStatus: "Complete",
        symlinkTarget: "文/a b",
        expiration: "soon"
      })
    })
  )

  it.effect("decodes the restore headers of an archived object, known or not", () =>
    Effect.gen(function* () {
      const restore = (text: string) => Effect.map(head({ "x-cos-restore": text }), (answer) => answer.restore)
      expect(yield* restore('ongoing-request="true"')).toEqual({ ongoing: true })
      expect(yield* restore('ongoing-request="false", expiry-date="soon"')).toEqual({ ongoing: false })
      expect(yield* restore("odd")).toEqual({ ongoing: false })
      const status = yield* head({ "x-cos-restore-status": 'tier="odd"' })
      expect(status.restoreStatus).toEqual({ tier: "odd" })
      const target = yield* head({ "x-cos-symlink-target": "100%" })
      expect(target.symlinkTarget).toBe("100%")
    })
  )

  it.effect(
    "a response without ETag or length is malformed; one without a time is not, as servers in between give it",
    () =>
      Effect.gen(function* () {
        const without = (name: string) =>
          resultOf(RetryPolicy.withPolicy(Cos.headObject({ key }), RetryPolicy.none), {
            headers: { ...stored, "content-length": "3", [name]: undefined }
          })
        expect((yield* without("etag")).result).toMatchObject({ left: { _tag: "MalformedResponse" } })
        expect((yield* without("last-modified")).result).toMatchObject({ right: { eTag: '"a"', contentLength: 3 } })
        expect((yield* without("content-length")).result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      })
  )
})

describe("objectExists", () => {
  it.effect("is true or false; other errors remain errors", () =>
    Effect.gen(function* () {
      expect(yield* valueOf(Cos.objectExists({ key }), { headers: { ...stored, "content-length": "0" } })).toBe(true)
      expect(yield* valueOf(Cos.objectExists({ key }), { status: 404 })).toBe(false)
      expect((yield* resultOf(Cos.objectExists({ key }), { status: 403 })).result).toMatchObject({
        left: { _tag: "AccessDenied" }
      })
    })
  )
})

describe("restoreObject", () => {
  it.effect("is sent once, also if its response is lost", () =>
    Effect.gen(function* () {
      const restore = Cos.restoreObject({ key, days: 1 })
      expect(yield* valueOf(restore, { status: 202 })).toBe(undefined)
      const progress = Scripted.error(409, "RestoreAlreadyInProgress")
      expect((yield* resultOf(restore, progress)).result).toMatchObject({ left: { _tag: "RestoreAlreadyInProgress" } })
      expect((yield* resultOf(restore, { failure: {} }, progress)).result).toMatchObject({ _tag: "Right" })
    })
  )
})

describe("appendObject", () => {
  it.effect("returns the position of the next append", () =>
    Effect.gen(function* () {
      const headers = { etag: "a", "x-cos-next-append-position": "3", "x-cos-content-sha1": "sha" }
      expect(yield* valueOf(Cos.appendObject({ key, position: 0, body: "raw" }), { headers })).toEqual({
        eTag: "a",
        nextAppendPosition: 3,
        contentSha1: "sha"
      })
    })
  )
})

describe("optionsObject", () => {
  it.effect("returns what is allowed", () =>
    Effect.gen(function* () {
      const headers = {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-methods": "PUT,GET",
        "access-control-allow-headers": "x-cos-meta-a, content-type",
        "access-control-expose-headers": "ETag",
        "access-control-max-age": "600",
        "access-control-allow-credentials": "true"
      }
      const options = Cos.optionsObject({ key, origin: "https://a.example", requestMethod: "PUT" })
      expect(yield* valueOf(options, { headers })).toEqual({
        allowOrigin: "https://a.example",
        allowMethods: ["PUT", "GET"],
        allowHeaders: ["x-cos-meta-a", "content-type"],
        exposeHeaders: ["ETag"],
        maxAge: 600,
        allowCredentials: true
      })
      const { result } = yield* resultOf(options, Scripted.error(403, "AccessForbidden"))
      expect(result).toMatchObject({ left: { _tag: "AccessForbidden" } })
    })
  )
})

describe("symlinks", () => {
  it.effect("lead to a key", () =>
    Effect.gen(function* () {
      const headers = { "x-cos-symlink-target": "%E6%96%87/a%20b", etag: '"a"', "x-cos-version-id": "v" }
      expect(yield* valueOf(Cos.getSymlink({ key }), { headers })).toEqual({
        symlinkTarget: "文/a b",
        eTag: '"a"',
        versionId: "v"
      })
      const { result } = yield* resultOf(Cos.putSymlink({ key, symlinkTarget: "/a" }))
      expect(result).toMatchObject({ left: { _tag: "InvalidInput", field: "symlinkTarget" } })
    })
  )
})

describe("data processing", () => {
  it.effect("describes an image", () =>
    Effect.gen(function* () {
      const body =
        '{"format": "jpeg", "width": "960", "height": "540", "size": "158421", "md5": "77a1", "frame_count": "1", ' +
        '"photo_rgb": "0x736246", "new": 1}'
      expect(yield* valueOf(Cos.imageInfo({ key }), { body })).toEqual({
        format: "jpeg",
        width: 960,
        height: 540,
        size: 158421,
        md5: "77a1",
        frameCount: 1,
        photoRgb: "0x736246",
        rest: { new: 1 }
      })
      const deep =
        '{"format": "heif", "width": "1", "height": "1", "bit_depth": "10", "vertical_dpi": "72", ' +
        '"horizontal_dpi": "300", "dynamic_range": "gainmap hdr", "tiles": [{"x": null}]}'
      expect(yield* valueOf(Cos.imageInfo({ key }), { body: deep })).toEqual({
        format: "heif",
        width: 1,
        height: 1,
        bitDepth: 10,
        verticalDpi: 72,
        horizontalDpi: 300,
        dynamicRange: "gainmap hdr",
        rest: { tiles: [{ x: null }] }
      })
      for (const damaged of ["", "{", '{"format": "jpeg"}', "<Error/>"]) {
        const run = RetryPolicy.withPolicy(Cos.imageInfo({ key }), RetryPolicy.none)
        expect((yield* resultOf(run, { body: damaged })).result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )

  it.effect("returns the bytes and the headers of the result", () =>
    Effect.gen(function* () {
      const read = Effect.flatMap(Cos.docPreview({ key, page: 2 }), ({ body, ...rest }) =>
        Effect.map(Stream.mkString(Stream.decodeText(body)), (text) => ({ text, ...rest }))
      )
      const headers = { "content-type": "image/jpeg", "x-total-page": "9", "x-total-sheet": "2" }
      expect(yield* valueOf(read, { headers, body: "page" })).toEqual({
        text: "page",
        contentType: "image/jpeg",
        contentLength: 4,
        totalPages: 9,
        totalSheets: 2
      })
      const { result } = yield* resultOf(Cos.processObject({ key, rule: "" }))
      expect(result).toMatchObject({ left: { _tag: "InvalidInput", field: "rule" } })
    })
  )

  it.effect("a raw request returns the response as it is", () =>
    Effect.gen(function* () {
      const read = Effect.flatMap(Cos.request({ method: "GET", query: { odd: "" } }), ({ body, headers, status }) =>
        Effect.map(Stream.mkString(Stream.decodeText(body)), (text) => [status, headers["x-odd"], text])
      )
      expect(yield* valueOf(read, { status: 201, headers: { "x-odd": "1" }, body: "<A/>" })).toEqual([201, "1", "<A/>"])
      const { requests, result } = yield* resultOf(
        Cos.request({ method: "POST" }),
        Scripted.error(500, "InternalError")
      )
      expect(result).toMatchObject({ left: { _tag: "ServerFault" } })
      expect(requests.length).toBe(1)
    })
  )
})
