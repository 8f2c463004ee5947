/** Operations on objects: what their answers become, and what they do beyond one request. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosXml from "effect-cos/CosXml"
import * as Crc64 from "effect-cos/Crc64"
import * as EventStream from "effect-cos/EventStream"
import * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "../support/ScriptedClient.js"

const key = "key"
const stored = { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT" }

const answered = <A, E>(
  run: Effect.Effect<A, E, CosClient.CosClient | Scope.Scope>,
  ...steps: ReadonlyArray<Scripted.Step>
) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make(steps)
    const fiber = yield* Effect.fork(Effect.either(run.pipe(Effect.scoped, Effect.provide(layer))))
    yield* TestClock.adjust("1 minute")
    return { result: yield* fiber, requests }
  })

const value = <A, E>(
  run: Effect.Effect<A, E, CosClient.CosClient | Scope.Scope>,
  ...steps: ReadonlyArray<Scripted.Step>
) => Effect.flatMap(answered(run, ...steps), ({ result }) => result)

describe("putObject", () => {
  it.effect("takes text, bytes, base64, blobs and streams", () =>
    Effect.gen(function* () {
      const bytes = Buffer.from("文")
      const bodies: ReadonlyArray<Body.Input> = [
        "文",
        new Uint8Array(bytes),
        yield* Body.base64(bytes.toString("base64")),
        new Blob([bytes]),
        Body.stream(Stream.fromIterable(bytes).pipe(Stream.map((byte) => Uint8Array.of(byte))), { size: 3 })
      ]
      for (const body of bodies) {
        const { requests } = yield* answered(Cos.putObject({ key, body }), { headers: { etag: '"a"' } })
        expect(Buffer.from(requests[0]?.body ?? [])).toEqual(bytes)
        expect(requests[0]?.headers["content-length"]).toBe("3")
      }
    })
  )

  it("refuses what is not base64", () => {
    for (const text of ["a", "====", "a b", "äää="]) {
      expect(Either.flip(Body.base64(text))).toMatchObject({ right: { _tag: "InvalidInput", field: "text" } })
    }
  })

  it.effect("makes a folder of a key that ends in /", () =>
    Effect.gen(function* () {
      const { requests } = yield* answered(Cos.putObject({ key: "a/" }), { headers: { etag: '"a"' } })
      expect([requests[0]?.target, requests[0]?.body.length]).toEqual(["/a/", 0])
    })
  )

  it.effect("tells its checksum, version and encryption", () =>
    Effect.gen(function* () {
      const headers = {
        etag: '"a"',
        "x-cos-hash-crc64ecma": "18446744073709551615",
        "x-cos-version-id": "v",
        "x-cos-server-side-encryption": "AES256"
      }
      expect(yield* value(Cos.putObject({ key }), { headers })).toEqual({
        eTag: '"a"',
        crc64: 18446744073709551615n,
        versionId: "v",
        serverSideEncryption: "AES256"
      })
    })
  )

  const processed =
    "<UploadResult><OriginalInfo><Key>a.png</Key><Location>h/a.png</Location><ETag>&quot;o&quot;</ETag>" +
    "<ImageInfo><Format>PNG</Format><Width>640</Width><Height>427</Height><Quality>100</Quality></ImageInfo></OriginalInfo>" +
    "<ProcessResults><Object><Key>b.png</Key><Location>h/b.png</Location><Format>PNG</Format><Width>640</Width>" +
    "<Height>427</Height><Size>463092</Size><Quality>100</Quality><ETag>&quot;p&quot;</ETag></Object></ProcessResults>" +
    "</UploadResult>"
  const uploadResult = {
    originalInfo: {
      key: "a.png",
      location: "h/a.png",
      eTag: '"o"',
      imageInfo: { format: "PNG", width: 640, height: 427, quality: 100 }
    },
    processResults: [
      {
        key: "b.png",
        location: "h/b.png",
        format: "PNG",
        width: 640,
        height: 427,
        size: 463092,
        quality: 100,
        eTag: '"p"'
      }
    ]
  }

  it.effect("tells what the rules for images made", () =>
    Effect.gen(function* () {
      const picOperations = { rules: [{ fileId: "b.png", rule: "imageView2/1" }] }
      const answer = { headers: { etag: '"a"' }, body: processed }
      expect(yield* value(Cos.putObject({ key, picOperations }), answer)).toEqual({ eTag: '"a"', ...uploadResult })
      const operations = picOperations
      expect(yield* value(Cos.imageProcess({ key, operations }), { body: processed })).toEqual(uploadResult)
      const { result } = yield* answered(Cos.imageProcess({ key, operations }), {}, {}, {}, {}, {})
      expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      const rules = Array.from({ length: 6 }, () => ({ fileId: "b", rule: "c" }))
      expect((yield* answered(Cos.imageProcess({ key, operations: { rules } }))).result).toMatchObject({
        left: { _tag: "InvalidInput", field: "operations" }
      })
    })
  )
})

describe("putObject that may not overwrite, after a lost answer", () => {
  const exists = Scripted.error(409, "FileAlreadyExists")
  const lost: Scripted.Step = { failure: {} }
  const body = "the bytes"
  const crc64 = String(Crc64.of(Buffer.from(body)))
  const head = (more: object) => ({
    headers: { ...stored, "content-length": "9", "x-cos-hash-crc64ecma": crc64, "x-cos-version-id": "v", ...more }
  })
  const put = Cos.putObject({ key, body, overwrite: false, bucket: "other-1", region: "ap-beijing" })

  it.effect("is a success where the object is ours", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* answered(put, lost, exists, head({}))
      expect(result).toMatchObject({ right: { eTag: '"a"', crc64: BigInt(crc64), versionId: "v" } })
      expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
        ["PUT", "PUT", "HEAD"].map((method) => `${method} https://other-1.cos.ap-beijing.myqcloud.com/key`)
      )
    })
  )

  it.effect("also of a stream that can run again, and with the key of its encryption", () =>
    Effect.gen(function* () {
      const stream = Body.stream(Stream.make(Buffer.from("the "), Buffer.from("bytes")), { size: 9, replayable: true })
      const customerKey = Redacted.make(new Uint8Array(32))
      const run = Cos.putObject({ key, body: stream, overwrite: false, customerKey })
      const { requests, result } = yield* answered(run, { status: 500 }, exists, head({}))
      expect(result).toMatchObject({ right: { eTag: '"a"' } })
      expect(requests[2]?.headers["x-cos-server-side-encryption-customer-algorithm"]).toBe("AES256")
    })
  )

  const refusals: ReadonlyArray<readonly [title: string, steps: ReadonlyArray<Scripted.Step>]> = [
    ["it was there at the first attempt", [exists]],
    ["the first attempt was not let in", [Scripted.error(503, "SlowDown"), exists]],
    ["no connection was made", [{ failure: { code: "ECONNREFUSED", phase: "connect" } }, exists]],
    ["it has another size", [lost, exists, head({ "content-length": "8" })]],
    ["it has other bytes", [lost, exists, head({ "x-cos-hash-crc64ecma": "1" })]],
    ["its checksum is not told", [lost, exists, head({ "x-cos-hash-crc64ecma": undefined })]],
    ["it is gone", [lost, exists, { status: 404 }]]
  ]
  it.effect.each(refusals)("stays a failure where %s", ([, steps]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* answered(put, ...steps)
      expect(result).toMatchObject({ left: { _tag: "FileAlreadyExists", status: 409 } })
      expect(requests.length).toBe(steps.length)
    })
  )

  it.effect("withResponse goes the same way", () =>
    Effect.gen(function* () {
      const run = Operation.withResponse(Cos.putObject)({ key, body, overwrite: false })
      expect(yield* value(run, lost, exists, head({}))).toMatchObject({
        value: { eTag: '"a"' },
        response: { status: 409, requestId: Scripted.requestId }
      })
    })
  )
})

describe("headObject", () => {
  const head = (headers: object) =>
    value(Cos.headObject({ key }), { headers: { ...stored, "content-length": "3", ...headers } })

  it.effect("decodes every header", () =>
    Effect.gen(function* () {
      expect(yield* head({})).toEqual({
        eTag: '"a"',
        lastModified: new Date("2020-03-18T12:00:00Z"),
        contentLength: 3,
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

  it.effect("what an archive says, whatever it is", () =>
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

  it.effect("an answer without what every object has is malformed", () =>
    Effect.gen(function* () {
      for (const missing of ["etag", "last-modified", "content-length"]) {
        const headers = { ...stored, "content-length": "3", [missing]: undefined }
        const { result } = yield* answered(RetryPolicy.withPolicy(Cos.headObject({ key }), RetryPolicy.none), {
          headers
        })
        expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )
})

describe("objectExists", () => {
  it.effect("tells, and leaves other failures failures", () =>
    Effect.gen(function* () {
      expect(yield* value(Cos.objectExists({ key }), { headers: { ...stored, "content-length": "0" } })).toBe(true)
      expect(yield* value(Cos.objectExists({ key }), { status: 404 })).toBe(false)
      expect((yield* answered(Cos.objectExists({ key }), { status: 403 })).result).toMatchObject({
        left: { _tag: "AccessDenied" }
      })
    })
  )
})

describe("deleteObjects", () => {
  const asked = ({ text }: Scripted.Recorded): ReadonlyArray<{ readonly key: string; readonly versionId?: string }> => {
    const { content } = Either.getOrThrow(CosXml.parse(text))
    const objects = (content as CosXml.Elements).Object ?? []
    return (Array.isArray(objects) ? objects : [objects]).map(({ Key, VersionId }) => ({
      key: Key,
      ...(VersionId === undefined ? undefined : { versionId: VersionId })
    }))
  }
  type Said = "deleted" | "forgotten" | { readonly code: string }
  /** A server that answers in reverse order. */
  const server =
    (say: (key: string) => Said): Scripted.Step =>
    (request) => {
      if (request.method === "DELETE") return { status: 204 }
      const said = [...asked(request)].reverse()
      const content = {
        Deleted: said
          .filter(({ key }) => say(key) === "deleted")
          .map(({ key, versionId }) => ({
            Key: key,
            ...(versionId === undefined ? undefined : { VersionId: versionId })
          })),
        Error: said.flatMap(({ key, versionId }) => {
          const outcome = say(key)
          return typeof outcome === "string"
            ? []
            : [
                {
                  Key: key,
                  ...(versionId === undefined ? undefined : { VersionId: versionId }),
                  Code: outcome.code,
                  Message: `about ${outcome.code}`
                }
              ]
        })
      }
      return { body: Either.getOrThrow(CosXml.build("DeleteResult", content as never)) }
    }
  const steps = (count: number, step: Scripted.Step) => Array.from({ length: count }, () => step)

  it.effect("any number, 1,000 a request, with the outcome of each in order", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 1001 }, (_, i) => `k${i}`)
      const failures: { readonly [key: string]: Said } = {
        k3: { code: "AccessDenied" },
        k500: { code: "ServiceUnavailable" },
        k1000: "forgotten"
      }
      const { requests, result } = yield* answered(
        Cos.deleteObjects({ objects: keys, bucket: "other-1" }),
        ...steps(
          2,
          server((key) => failures[key] ?? "deleted")
        )
      )
      const outcomes = yield* result
      expect(outcomes.map(({ key }) => key)).toEqual(keys)
      expect(outcomes.filter(({ _tag }) => _tag === "NotDeleted")).toEqual([
        { _tag: "NotDeleted", key: "k3", versionId: undefined, code: "AccessDenied", message: "about AccessDenied" },
        {
          _tag: "NotDeleted",
          key: "k500",
          versionId: undefined,
          code: "ServiceUnavailable",
          message: "about ServiceUnavailable"
        },
        {
          _tag: "NotDeleted",
          key: "k1000",
          versionId: undefined,
          code: "Unanswered",
          message: "the answer does not mention this object"
        }
      ])
      expect(requests.map((request) => asked(request).length)).toEqual([1000, 1])
      for (const { headers, host, text } of requests) {
        expect(headers["content-md5"]).toBe(createHash("md5").update(text).digest("base64"))
        expect(host).toBe("other-1.cos.ap-guangzhou.myqcloud.com")
        expect(text).not.toContain("<Quiet>true")
      }
    })
  )

  it.effect("keys that XML alters or cannot carry go by themselves", () =>
    Effect.gen(function* () {
      const keys = ["a\r", "b", "c\u0001", "d\r\ne", "\uffff", "f&<>\"'"]
      const { requests, result } = yield* answered(
        Cos.deleteObjects({ objects: keys, concurrency: 1 }),
        ...steps(
          5,
          server(() => "deleted")
        )
      )
      const outcomes = yield* result
      expect(outcomes.map(({ _tag, key }) => [_tag, key])).toEqual(keys.map((key) => ["Deleted", key]))
      expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
        "POST /?delete=",
        "DELETE /a%0D",
        "DELETE /c%01",
        "DELETE /d%0D%0Ae",
        "DELETE /%EF%BF%BF"
      ])
      expect(requests[0] && asked(requests[0]).map(({ key }) => key)).toEqual(["b", "f&<>\"'"])
    })
  )

  it.effect("one that is refused by itself is one that is refused among others", () =>
    Effect.gen(function* () {
      const { result } = yield* answered(
        Cos.deleteObjects({ objects: ["a\r", { key: "b\r", versionId: "v" }, "c\r"], concurrency: 1 }),
        Scripted.error(403, "AccessDenied"),
        { status: 204, headers: { "x-cos-delete-marker": "true", "x-cos-version-id": "v" } },
        Scripted.error(409, "Odd")
      )
      expect(yield* result).toMatchObject([
        { _tag: "NotDeleted", key: "a\r", code: "AccessDenied" },
        { _tag: "Deleted", key: "b\r", versionId: "v", deleteMarker: true, deleteMarkerVersionId: "v" },
        { _tag: "NotDeleted", key: "c\r", code: "Odd" }
      ])
    })
  )

  it.effect("versions of one key are told apart", () =>
    Effect.gen(function* () {
      const body =
        "<DeleteResult><Deleted><Key>a</Key><VersionId>1</VersionId></Deleted>" +
        "<Error><Key>a</Key><VersionId>2</VersionId><Code>ObjectLocked</Code></Error>" +
        "<Deleted><Key>b</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>9</DeleteMarkerVersionId></Deleted>" +
        "</DeleteResult>"
      const objects = [{ key: "a", versionId: "2" }, { key: "a", versionId: "1" }, "b", { key: "a", versionId: "3" }]
      expect(yield* value(Cos.deleteObjects({ objects }), { body })).toMatchObject([
        { _tag: "NotDeleted", key: "a", versionId: "2", code: "ObjectLocked", message: "ObjectLocked" },
        { _tag: "Deleted", key: "a", versionId: "1", deleteMarker: false },
        { _tag: "Deleted", key: "b", deleteMarker: true, deleteMarkerVersionId: "9" },
        { _tag: "NotDeleted", key: "a", versionId: "3", code: "Unanswered" }
      ])
    })
  )

  it.effect("a bad key is refused before anything is sent", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* answered(Cos.deleteObjects({ objects: ["a", ""] }))
      expect(result).toMatchObject({ left: { _tag: "InvalidInput", field: "objects[1].key" } })
      expect(requests).toEqual([])
    })
  )

  it.effect("none is none", () =>
    Effect.gen(function* () {
      expect(yield* value(Cos.deleteObjects({ objects: [] }))).toEqual([])
    })
  )

  it.effect("fails where a request does", () =>
    Effect.gen(function* () {
      const { result } = yield* answered(Cos.deleteObjects({ objects: ["a"] }), Scripted.error(404, "NoSuchBucket"))
      expect(result).toMatchObject({ left: { _tag: "NoSuchBucket" } })
    })
  )

  it.effect("for any keys: each has one outcome, and it is what the server said", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.string({ unit: "grapheme", minLength: 1, maxLength: 3 }), { maxLength: 20 }),
          async (random) => {
            const keys = random.filter((key) => !/^[/\\]|[\0\x18-\x1b]|\p{Surrogate}/u.test(key))
            const say = (key: string): Said =>
              key.length % 3 === 0 ? { code: "Odd" } : key.length % 3 === 1 ? "deleted" : "forgotten"
            const { layer } = Scripted.make(steps(30, server(say)))
            const outcomes = await Effect.runPromise(Effect.provide(Cos.deleteObjects({ objects: keys }), layer))
            expect(outcomes.map(({ key }) => key)).toEqual(keys)
            for (const outcome of outcomes) {
              const alone = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\r]/.test(outcome.key)
              expect(outcome._tag).toBe(alone || say(outcome.key) === "deleted" ? "Deleted" : "NotDeleted")
            }
          }
        ),
        { seed: 1, numRuns: 100 }
      )
    )
  )
})

describe("restoreObject", () => {
  it.effect("asks once, also where the answer to that is lost", () =>
    Effect.gen(function* () {
      const restore = Cos.restoreObject({ key, days: 1 })
      expect(yield* value(restore, { status: 202 })).toBe(undefined)
      const progress = Scripted.error(409, "RestoreAlreadyInProgress")
      expect((yield* answered(restore, progress)).result).toMatchObject({ left: { _tag: "RestoreAlreadyInProgress" } })
      expect((yield* answered(restore, { failure: {} }, progress)).result).toMatchObject({ _tag: "Right" })
    })
  )
})

describe("appendObject", () => {
  it.effect("tells where the next bytes go", () =>
    Effect.gen(function* () {
      const headers = { etag: "a", "x-cos-next-append-position": "3", "x-cos-content-sha1": "sha" }
      expect(yield* value(Cos.appendObject({ key, position: 0, body: "raw" }), { headers })).toEqual({
        eTag: "a",
        nextAppendPosition: 3,
        contentSha1: "sha"
      })
    })
  )
})

describe("optionsObject", () => {
  it.effect("tells what is allowed", () =>
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
      expect(yield* value(options, { headers })).toEqual({
        allowOrigin: "https://a.example",
        allowMethods: ["PUT", "GET"],
        allowHeaders: ["x-cos-meta-a", "content-type"],
        exposeHeaders: ["ETag"],
        maxAge: 600,
        allowCredentials: true
      })
      const { result } = yield* answered(options, Scripted.error(403, "AccessForbidden"))
      expect(result).toMatchObject({ left: { _tag: "AccessForbidden" } })
    })
  )
})

describe("symlinks", () => {
  it.effect("lead to a key", () =>
    Effect.gen(function* () {
      const headers = { "x-cos-symlink-target": "%E6%96%87/a%20b", etag: '"a"', "x-cos-version-id": "v" }
      expect(yield* value(Cos.getSymlink({ key }), { headers })).toEqual({
        symlinkTarget: "文/a b",
        eTag: '"a"',
        versionId: "v"
      })
      const { result } = yield* answered(Cos.putSymlink({ key, symlinkTarget: "/a" }))
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
      expect(yield* value(Cos.imageInfo({ key }), { body })).toEqual({
        format: "jpeg",
        width: 960,
        height: 540,
        size: 158421,
        md5: "77a1",
        frameCount: 1,
        photoRgb: "0x736246"
      })
      for (const damaged of ["", "{", '{"format": "jpeg"}', "<Error/>"]) {
        const run = RetryPolicy.withPolicy(Cos.imageInfo({ key }), RetryPolicy.none)
        expect((yield* answered(run, { body: damaged })).result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )

  it.effect("gives the bytes it makes, and what stands beside them", () =>
    Effect.gen(function* () {
      const read = Effect.flatMap(Cos.docPreview({ key, page: 2 }), ({ body, ...rest }) =>
        Effect.map(Stream.mkString(Stream.decodeText(body)), (text) => ({ text, ...rest }))
      )
      const headers = { "content-type": "image/jpeg", "x-total-page": "9", "x-total-sheet": "2" }
      expect(yield* value(read, { headers, body: "page" })).toEqual({
        text: "page",
        contentType: "image/jpeg",
        contentLength: 4,
        totalPages: 9,
        totalSheets: 2
      })
      const { result } = yield* answered(Cos.processObject({ key, rule: "" }))
      expect(result).toMatchObject({ left: { _tag: "InvalidInput", field: "rule" } })
    })
  )

  it.effect("any request answers with what it got", () =>
    Effect.gen(function* () {
      const read = Effect.flatMap(Cos.request({ method: "GET", query: { odd: "" } }), ({ body, headers, status }) =>
        Effect.map(Stream.mkString(Stream.decodeText(body)), (text) => [status, headers["x-odd"], text])
      )
      expect(yield* value(read, { status: 201, headers: { "x-odd": "1" }, body: "<A/>" })).toEqual([201, "1", "<A/>"])
      const { requests, result } = yield* answered(
        Cos.request({ method: "POST" }),
        Scripted.error(500, "InternalError")
      )
      expect(result).toMatchObject({ left: { _tag: "ServerFault" } })
      expect(requests.length).toBe(1)
    })
  )
})

describe("selectObjectContent", () => {
  const select = Cos.selectObjectContent({
    key,
    expression: "select * from COSObject",
    input: { json: { type: "LINES" } },
    output: { json: {} }
  })
  const event = (type: string, payload = "") =>
    EventStream.encode({
      headers: [
        [":message-type", "event"],
        [":event-type", type]
      ],
      payload: Buffer.from(payload)
    })
  const counts = (root: string) =>
    `<${root}><BytesScanned>1</BytesScanned><BytesProcessed>2</BytesProcessed><BytesReturned>3</BytesReturned></${root}>`
  const messages = [
    event("Records", '{"a":1}\n{"a'),
    event("Cont"),
    event("Progress", counts("Progress")),
    event("New", "later versions may say more"),
    event("Records", '":2}\n'),
    event("Stats", counts("Stats")),
    event("End")
  ]
  const events = (...chunks: ReadonlyArray<Uint8Array>) =>
    answered(
      Effect.map(Stream.runCollect(select), (events) =>
        Chunk.toReadonlyArray(events).map((event) =>
          event._tag === "Records" ? { ...event, bytes: Buffer.from(event.bytes).toString() } : event
        )
      ),
      { body: Stream.fromIterable(chunks) }
    )
  const expected = [
    { _tag: "Records", bytes: '{"a":1}\n{"a' },
    { _tag: "Continuation" },
    { _tag: "Progress", bytesScanned: 1, bytesProcessed: 2, bytesReturned: 3 },
    { _tag: "Records", bytes: '":2}\n' },
    { _tag: "Stats", bytesScanned: 1, bytesProcessed: 2, bytesReturned: 3 }
  ]
  const whole = Buffer.concat(messages)

  it.effect("gives events, however they are cut", () =>
    Effect.gen(function* () {
      expect((yield* events(whole)).result).toEqual(Either.right(expected))
      const bytewise = Array.from(whole, (byte) => Uint8Array.of(byte))
      expect((yield* events(...bytewise)).result).toEqual(Either.right(expected))
    })
  )

  it.effect("is not whole without End", () =>
    Effect.gen(function* () {
      for (const length of [
        0,
        1,
        messages[0]?.length ?? 0,
        whole.length - (messages[6]?.length ?? 0),
        whole.length - 1
      ]) {
        const { result } = yield* events(whole.subarray(0, length))
        expect(result).toMatchObject({ left: { _tag: "MalformedResponse", operation: "selectObjectContent" } })
      }
    })
  )

  it.effect("any damage is noticed", () =>
    Effect.gen(function* () {
      for (let at = 0; at < whole.length; at += 7) {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] ?? 0) ^ 1
        expect((yield* events(damaged)).result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )

  it.effect("an error of the selection has its code", () =>
    Effect.gen(function* () {
      const error = EventStream.encode({
        headers: [
          [":message-type", "error"],
          [":error-code", "OverMaxColumn"],
          [":error-message", "too many columns"]
        ]
      })
      expect((yield* events(event("Records", "a"), error)).result).toMatchObject({
        left: {
          _tag: "CosServiceError",
          code: "OverMaxColumn",
          message: "selectObjectContent: OverMaxColumn: too many columns"
        }
      })
    })
  )

  it.effect("counts that do not count are malformed", () =>
    Effect.gen(function* () {
      for (const payload of ["", "<Stats/>", counts("Stats").replace("1", "one")]) {
        const { result } = yield* events(event("Stats", payload), event("End"))
        expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      }
    })
  )

  it.effect("a refusal is an error of the stream", () =>
    Effect.gen(function* () {
      const { result } = yield* answered(Stream.runDrain(select), Scripted.error(404, "NoSuchKey"))
      expect(result).toMatchObject({ left: { _tag: "NoSuchKey" } })
    })
  )

  it.effect("one format in and one out", () =>
    Effect.gen(function* () {
      const refuse = (input: object, output: object) =>
        Effect.map(
          answered(Stream.runDrain(Cos.selectObjectContent({ key, expression: "", input, output }))),
          ({ result }) => result
        )
      expect(yield* refuse({}, { csv: {} })).toMatchObject({
        left: { _tag: "InvalidInput", field: "input", reason: "input must be one of csv, json, parquet" }
      })
      expect(yield* refuse({ csv: {}, parquet: true }, { csv: {} })).toMatchObject({ left: { field: "input" } })
      expect(yield* refuse({ csv: {} }, { csv: {}, json: {} })).toMatchObject({ left: { field: "output" } })
    })
  )
})
