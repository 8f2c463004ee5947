/** What the newest pages say of objects, uploads and lists beyond the older notes: what is sent, and what is read. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Presign from "effect-cos/Presign"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { resultOf, valueOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"
import { verify } from "../support/verify.js"

const key = "key"
const stored = { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT", "content-length": "1" }

describe("requests", () => {
  const sent: ReadonlyArray<
    readonly [
      string,
      Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>,
      { readonly line: string; readonly body?: string; readonly headers?: { readonly [name: string]: string } }
    ]
  > = [
    [
      "restore without days, of intelligent tiering",
      Cos.restoreObject({ key, tier: "Standard" }),
      {
        line: "POST /key?restore=",
        body: "<RestoreRequest><CASJobParameters><Tier>Standard</Tier></CASJobParameters></RestoreRequest>"
      }
    ],
    ["restore with nothing", Cos.restoreObject({ key }), { line: "POST /key?restore=", body: "<RestoreRequest/>" }],
    [
      "the document of a bucket with its digest",
      Cos.putBucket({ configuration: { archConfig: "OFS" } }),
      {
        line: "PUT /",
        body: "<CreateBucketConfiguration><BucketArchConfig>OFS</BucketArchConfig></CreateBucketConfiguration>",
        headers: {
          "content-md5": createHash("md5")
            .update("<CreateBucketConfiguration><BucketArchConfig>OFS</BucketArchConfig></CreateBucketConfiguration>")
            .digest("base64")
        }
      }
    ],
    ...(["MAZ_ARCHIVE", "MAZ_DEEP_ARCHIVE"] as const).map(
      (storageClass) =>
        [
          storageClass,
          Cos.initiateMultipartUpload({ key, storageClass }),
          { line: "POST /key?uploads=", headers: { "x-cos-storage-class": storageClass } }
        ] as const
    ),
    [
      "a grant to a sub-account",
      Cos.putObjectAcl({ key, grantRead: ["100000000001/100000000011"] }),
      { line: "PUT /key?acl=", headers: { "x-cos-grant-read": 'id="100000000001/100000000011"' } }
    ],
    [
      "1 upload",
      Cos.listMultipartUploads({ maxUploads: 1 }),
      { line: "GET /?uploads=&encoding-type=url&max-uploads=1" }
    ],
    [
      "a preview of a document",
      Cos.docPreview({
        key,
        comment: true,
        quality: 50,
        zoom: 200,
        scale: 10,
        imageDpi: 600,
        excelPaperDirection: 1,
        excelPaperSize: 2,
        excelRow: 1,
        excelCol: 0,
        txtPagination: true,
        type: "t",
        watermark: { text: "中?", fillStyle: "red", font: "bold 20px Serif", rotate: 0, horizontal: 1, vertical: 2 }
      }),
      {
        line:
          "GET /key?ci-process=doc-preview&comment=1&quality=50&zoom=200&scale=10&imageDpi=600&excelPaperDirection=1" +
          "&excelPaperSize=2&excelRow=1&excelCol=0&txtPagination=true&type=t&htmlwaterword=5LitPw&htmlfillstyle=cmVk" +
          "&htmlfront=Ym9sZCAyMHB4IFNlcmlm&htmlrotate=0&htmlhorizontal=1&htmlvertical=2"
      }
    ]
  ]

  it.effect.each(sent)("%s", ([, run, { body = "", headers = {}, line }]) =>
    Effect.gen(function* () {
      const { requests } = yield* resultOf(RetryPolicy.withPolicy(run, RetryPolicy.none), {})
      expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual([line])
      expect(requests[0]?.text).toBe(body)
      expect(requests[0]?.headers).toMatchObject(headers)
    })
  )

  const refused: ReadonlyArray<
    readonly [string, string, Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>]
  > = [
    ["no uploads at all", "maxUploads", Cos.listMultipartUploads({ maxUploads: 0 })],
    ["more than 1,000 uploads", "maxUploads", Cos.listMultipartUploads({ maxUploads: 1001 })],
    [
      "tags of the version null, for which the service takes the newest",
      "versionId",
      Cos.putObjectTagging({ key, versionId: "null", tags: [] })
    ],
    ["a watermark without text", "watermark", Cos.docPreview({ key, watermark: { text: "" } })],
    ["a quality of 101", "quality", Cos.docPreview({ key, quality: 101 })]
  ]

  it.effect.each(refused)("refuses %s", ([, field, run]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* resultOf(run)
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "InvalidInput", field } })
      expect(requests).toEqual([])
    })
  )
})

describe("responses", () => {
  it.effect.each(["FREQUENT", "INFREQUENT", "ARCHIVE", "DEEP_ARCHIVE", "NEW"])("the tier %s", (tier) =>
    Effect.gen(function* () {
      const headers = { ...stored, "x-cos-storage-class": "INTELLIGENT_TIERING", "x-cos-storage-tier": tier }
      expect(yield* valueOf(Cos.headObject({ key }), { headers })).toMatchObject({ storageTier: tier })
    })
  )

  it.effect("CRC-32C of a PUT", () =>
    Effect.gen(function* () {
      const headers = { etag: '"a"', "x-cos-hash-crc32c": "3808858755" }
      expect(yield* valueOf(Cos.putObject({ key }), { headers })).toMatchObject({ crc32c: "3808858755" })
    })
  )

  it.effect.each(["uin", "UIN", "UID", "Subaccount"])(
    "a grantee of an old document, named by <%s>, can be put again",
    (name) =>
      Effect.gen(function* () {
        const body =
          `<AccessControlPolicy><AccessControlList><Grant><Grantee><${name}>100000000011</${name}></Grantee>` +
          "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
        const policy = yield* valueOf(Cos.getObjectAcl({ key }), { body })
        expect(policy.grants).toEqual([{ grantee: { id: "100000000011" }, permission: "READ" }])
        const { requests } = yield* resultOf(Cos.putObjectAcl({ key, policy }), {})
        expect(requests[0]?.text).toContain("<Grantee><ID>100000000011</ID></Grantee>")
      })
  )
})

describe("presigned", () => {
  const make = <A, E>(run: Effect.Effect<A, E, CosClient.CosClient>) => Effect.provide(run, Scripted.make([]).layer)

  it.effect("a link with a traffic limit carries it, signed", () =>
    Effect.gen(function* () {
      for (const [method, operation] of [
        ["GET", Cos.getObject],
        ["PUT", Cos.putObject]
      ] as const) {
        const url = Redacted.value(yield* make(Presign.url(operation, { key, trafficLimit: 819_200 })))
        const target = url.slice(`https://${Scripted.host}`.length)
        expect(target).toMatch(/[?&]x-cos-traffic-limit=819200(&|$)/)
        expect(verify({ method, target, headers: { host: Scripted.host } }, Scripted.keys)).toBe(true)
      }
      const part = { key, uploadId: "u", partNumber: 1, body: "x", trafficLimit: 819_200 }
      const { headers, url } = yield* make(Presign.request(Cos.uploadPart, part))
      expect(headers).toEqual({})
      expect(Redacted.value(url)).toContain("x-cos-traffic-limit=819200")
      const error = yield* Effect.flip(make(Presign.url(Cos.getObject, { key, trafficLimit: 1 })))
      expect(error).toMatchObject({ _tag: "InvalidInput", field: "trafficLimit" })
    })
  )

  it.effect("a form encrypts with a customer's key and asks for a callback", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(32).fill(7)
      const callback = { url: "https://a.example", body: "b" }
      const form = yield* make(Presign.form({ key, customerKey: Redacted.make(bytes), callback }))
      const fields = Redacted.value(form.fields)
      expect(fields).toMatchObject({
        "x-cos-server-side-encryption-customer-algorithm": "AES256",
        "x-cos-server-side-encryption-customer-key": Buffer.from(bytes).toString("base64"),
        "x-cos-server-side-encryption-customer-key-MD5": createHash("md5").update(bytes).digest("base64")
      })
      expect(JSON.parse(Buffer.from(fields["x-cos-callback"] ?? "", "base64").toString())).toEqual({
        callbackUrl: "https://a.example",
        callbackBody: "b"
      })
      expect(JSON.stringify(form)).not.toContain(fields["x-cos-server-side-encryption-customer-key"])
    })
  )
})
