/** Operations on objects: how their responses are decoded, and what they do beyond one request. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as Crc64 from "effect-cos/Crc64"
import * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { resultOf, valueOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"

const key = "key"
const stored = { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT" }

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
        const { requests } = yield* resultOf(Cos.putObject({ key, body }), { headers: { etag: '"a"' } })
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
      const { requests } = yield* resultOf(Cos.putObject({ key: "a/" }), { headers: { etag: '"a"' } })
      expect([requests[0]?.target, requests[0]?.body.length]).toEqual(["/a/", 0])
    })
  )

  it.effect("returns the checksum, version and encryption", () =>
    Effect.gen(function* () {
      const headers = {
        etag: '"a"',
        "x-cos-hash-crc64ecma": "18446744073709551615",
        "x-cos-version-id": "v",
        "x-cos-server-side-encryption": "AES256"
      }
      expect(yield* valueOf(Cos.putObject({ key }), { headers })).toMatchObject({
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

  it.effect("returns what the rules found", () =>
    Effect.gen(function* () {
      const body =
        "<UploadResult><ProcessResults><Object><Format>PNG</Format><FrameCount>2</FrameCount><Md5>77a1</Md5>" +
        "<BitDepth>8</BitDepth><WatermarkStatus>100</WatermarkStatus><CodeStatus>1</CodeStatus><QRcodeInfo><CodeUrl>u</CodeUrl>" +
        "<CodeLocation><Point>1,2</Point><Point>3,4</Point></CodeLocation></QRcodeInfo><QRcodeInfo/><AIGCMetadata><Label>1</Label>" +
        "<ContentProducer>p</ContentProducer><ProduceID>i</ProduceID><ReservedCode1>r1</ReservedCode1>" +
        "<ContentPropagator>q</ContentPropagator><PropagateID>j</PropagateID><ReservedCode2>r2</ReservedCode2></AIGCMetadata>" +
        "</Object><Text>hidden</Text><WatermarkStatusCode>3</WatermarkStatusCode></ProcessResults>" +
        "<ImgTargetRecResult><Car><Score>9</Score></Car></ImgTargetRecResult></UploadResult>"
      const found = {
        processResults: [
          {
            format: "PNG",
            frameCount: 2,
            md5: "77a1",
            bitDepth: 8,
            watermarkStatus: 100,
            codeStatus: 1,
            qrCodeInfo: [{ codeUrl: "u", points: ["1,2", "3,4"] }, { points: [] }],
            aigcMetadata: {
              label: "1",
              contentProducer: "p",
              produceId: "i",
              reservedCode1: "r1",
              contentPropagator: "q",
              propagateId: "j",
              reservedCode2: "r2"
            }
          }
        ],
        processResultsText: "hidden",
        watermarkStatusCode: 3
      }
      const operations = { rules: [{ fileId: "b.png", rule: "watermark/4" }] }
      expect(yield* valueOf(Cos.imageProcess({ key, operations }), { body })).toMatchObject({
        ...found,
        imgTargetRecResult: { Car: { Score: "9" } }
      })
      const completed = body
        .replaceAll("UploadResult", "CompleteMultipartUploadResult")
        .replace("<ProcessResults>", "<ETag>e</ETag><ProcessResults>")
      const complete = Cos.completeMultipartUpload({ key, uploadId: "u", parts: [{ partNumber: 1, eTag: "e" }] })
      expect(yield* valueOf(complete, { body: completed, headers: { "x-cos-hash-crc32c": "7" } })).toMatchObject({
        ...found,
        eTag: "e",
        crc32c: "7"
      })
    })
  )

  it.effect("asks a server for a callback, whose response is given as it is", () =>
    Effect.gen(function* () {
      const callback = {
        url: ["https://a.example/%E6%B5%8B?k=v", "http://b.example"],
        host: "c.example",
        body: `k=\${object}&e=\${etag}&v=\${x:my_var}`,
        bodyType: "application/json"
      } as const
      const input = { key, callback, callbackVar: { my_var: "中" } }
      const headers = { etag: '"a"' }
      const json = (header: string | undefined) => JSON.parse(Buffer.from(header ?? "", "base64").toString())
      for (const body of ['{"ok":true}', "<html>no XML", "<own/>"]) {
        const { requests, result } = yield* resultOf(Cos.putObject(input), { headers, body })
        expect(result).toMatchObject({ right: { eTag: '"a"', callbackResponse: body } })
        expect(json(requests[0]?.headers["x-cos-callback"])).toEqual({
          callbackUrl: "https://a.example/%E6%B5%8B?k=v;http://b.example",
          callbackHost: "c.example",
          callbackBody: callback.body,
          callbackBodyType: "application/json"
        })
        expect(json(requests[0]?.headers["x-cos-callback-var"])).toEqual({ "x:my_var": "中" })
      }
      const parts = [{ partNumber: 1, eTag: "e" }]
      const complete = Cos.completeMultipartUpload({ ...input, uploadId: "u", parts })
      expect(yield* valueOf(complete, { headers, body: "{}" })).toMatchObject({ eTag: '"a"', callbackResponse: "{}" })
      const xml = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"
      expect(yield* valueOf(complete, { headers, body: xml })).toMatchObject({ eTag: "x" })
      const failed = yield* resultOf(complete, { body: "<Error><Code>CallbackFailed</Code></Error>", headers })
      expect(failed.result).toMatchObject({ left: { _tag: "CosServiceError", code: "CallbackFailed" } })
      const once = RetryPolicy.withPolicy(Cos.putObject({ key }), RetryPolicy.none)
      const without = yield* resultOf(once, { headers, body: "{}" })
      expect(without.result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      for (const wrong of [
        { url: [], body: "b" },
        { url: Array(6).fill("u"), body: "b" },
        { url: "a;b", body: "b" },
        { url: "u", body: "" },
        { url: "u", body: "b", bodyType: "text/plain" }
      ]) {
        const refused = yield* resultOf(Cos.putObject({ key, callback: wrong as Cos.UploadCallback }))
        expect(refused.result).toMatchObject({ left: { _tag: "InvalidInput", field: "callback" } })
      }
    })
  )

  it.effect("returns the images that the rules made", () =>
    Effect.gen(function* () {
      const picOperations = { rules: [{ fileId: "b.png", rule: "imageView2/1" }] }
      const answer = { headers: { etag: '"a"' }, body: processed }
      expect(yield* valueOf(Cos.putObject({ key, picOperations }), answer)).toMatchObject({
        eTag: '"a"',
        ...uploadResult
      })
      const operations = picOperations
      expect(yield* valueOf(Cos.imageProcess({ key, operations }), { body: processed })).toEqual(uploadResult)
      const { result } = yield* resultOf(Cos.imageProcess({ key, operations }), {}, {}, {}, {}, {})
      expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
      const rules = Array.from({ length: 6 }, () => ({ fileId: "b", rule: "c" }))
      expect((yield* resultOf(Cos.imageProcess({ key, operations: { rules } }))).result).toMatchObject({
        left: { _tag: "InvalidInput", field: "operations" }
      })
    })
  )
})

describe("putObject that may not overwrite, after a lost response", () => {
  const exists = Scripted.error(409, "FileAlreadyExists")
  const lost: Scripted.Step = { failure: {} }
  const body = "the bytes"
  const crc64 = String(Crc64.of(Buffer.from(body)))
  const head = (more: object) => ({
    headers: { ...stored, "content-length": "9", "x-cos-hash-crc64ecma": crc64, "x-cos-version-id": "v", ...more }
  })
  const put = Cos.putObject({ key, body, overwrite: false, bucket: "other-1", region: "ap-beijing" })

  it.effect("succeeds if the object is the one that was sent", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* resultOf(put, lost, exists, head({}))
      expect(result).toMatchObject({ right: { eTag: '"a"', crc64: BigInt(crc64), versionId: "v" } })
      expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
        ["PUT", "PUT", "HEAD"].map((method) => `${method} https://other-1.cos.ap-beijing.myqcloud.com/key`)
      )
    })
  )

  it.effect("also for a stream that can be run again, and with a customer key", () =>
    Effect.gen(function* () {
      const stream = Body.stream(Stream.make(Buffer.from("the "), Buffer.from("bytes")), { size: 9, replayable: true })
      const customerKey = Redacted.make(new Uint8Array(32))
      const run = Cos.putObject({ key, body: stream, overwrite: false, customerKey })
      const { requests, result } = yield* resultOf(run, { status: 500 }, exists, head({}))
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
  it.effect.each(refusals)("fails if %s", ([, steps]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* resultOf(put, ...steps)
      expect(result).toMatchObject({ left: { _tag: "FileAlreadyExists", status: 409 } })
      expect(requests.length).toBe(steps.length)
    })
  )

  it.effect("withResponse does the same", () =>
    Effect.gen(function* () {
      const run = Operation.withResponse(Cos.putObject)({ key, body, overwrite: false })
      expect(yield* valueOf(run, lost, exists, head({}))).toMatchObject({
        value: { eTag: '"a"' },
        response: { status: 409, requestId: Scripted.requestId }
      })
    })
  )
})

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
