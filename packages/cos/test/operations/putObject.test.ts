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
