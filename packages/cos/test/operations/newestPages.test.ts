/** What the newest pages have, and what old documents have: sent and read. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as ScriptedClient from "../support/ScriptedClient.js"

const sent = <E>(call: Effect.Effect<unknown, E, CosClient.CosClient>, answer: ScriptedClient.Step = {}) =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([answer])
    yield* Effect.provide(call, layer)
    return requests[0] as ScriptedClient.Recorded
  })

const read = <A, E>(call: Effect.Effect<A, E, CosClient.CosClient>, body: string) =>
  Effect.provide(call, ScriptedClient.make([{ body }]).layer)

const refused = <A>(call: Effect.Effect<A, unknown, CosClient.CosClient>) =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([{}])
    const error = yield* Effect.flip(Effect.provide(call, layer))
    expect(requests).toEqual([])
    return (error as Error).message
  })

describe("requests", () => {
  it.effect("buckets of one region, wherever they are asked for", () =>
    Effect.gen(function* () {
      const body = "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
      const { host, target } = yield* sent(Cos.listBuckets({ inRegion: "ap-beijing" }), { body })
      expect([host, target]).toEqual(["service.cos.myqcloud.com", "/?region=ap-beijing"])
    })
  )

  it.effect("a bucket with a storage class, in one zone", () =>
    Effect.gen(function* () {
      const { text } = yield* sent(Cos.putBucket({ configuration: { azConfig: "OAZ", storageClass: "COLD" } }))
      expect(text).toBe(
        "<CreateBucketConfiguration><BucketAZConfig>OAZ</BucketAZConfig><BucketStorageClass>COLD</BucketStorageClass></CreateBucketConfiguration>"
      )
    })
  )

  it.effect("a storage class that nobody knows yet, and SM4", () =>
    Effect.gen(function* () {
      const answer = { headers: { etag: '"e"' } }
      const input = { key: "k", storageClass: "A_CLASS_OF_TOMORROW", serverSideEncryption: "SM4" } as const
      const { headers } = yield* sent(Cos.putObject(input), answer)
      expect(headers).toMatchObject({
        "x-cos-storage-class": "A_CLASS_OF_TOMORROW",
        "x-cos-server-side-encryption": "SM4"
      })
      expect(yield* refused(Cos.putObject({ key: "k", storageClass: "standard" }))).toContain("storageClass")
    })
  )

  it.effect("the list of referers is removed", () =>
    Effect.gen(function* () {
      const { method, target } = yield* sent(Cos.deleteBucketReferer(), { status: 204 })
      expect([method, target]).toEqual(["DELETE", "/?referer="])
    })
  )

  it.effect("CORS methods are sent in capitals, whatever their case", () =>
    Effect.gen(function* () {
      const rules = [{ allowedOrigins: ["*"], allowedMethods: ["get", "Put"] }]
      const { text } = yield* sent(Cos.putBucketCors({ rules }))
      expect(text).toContain("<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>")
    })
  )

  const rule = (transition: object) =>
    Cos.putBucketLifecycle({
      rules: [{ status: "Enabled", transitions: [{ storageClass: "COLD", ...transition }] }]
    })
  const invalid: ReadonlyArray<readonly [message: string, call: Effect.Effect<unknown, unknown, CosClient.CosClient>]> =
    [
      ["loggingEnabled.targetPrefix must be given", Cos.putBucketLogging({ loggingEnabled: { targetBucket: "b-1" } })],
      ["defaultRetentionDays must be given", Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled" } as never)],
      ["mode must be given", Cos.putObjectRetention({ key: "k", retainUntilDate: new Date(0) } as never)],
      [
        "mode must be one of COMPLIANCE",
        Cos.putObjectRetention({ key: "k", retainUntilDate: new Date(0), mode: "GOVERNANCE" })
      ],
      ["must have either days or date", rule({})],
      [
        "must have noncurrentDays",
        Cos.putBucketLifecycle({ rules: [{ status: "Enabled", noncurrentVersionExpiration: {} }] })
      ],
      [
        "must have at most 10 hosts",
        Cos.putBucketOrigin({
          rules: [
            { originType: "Mirror", originCondition: {}, originInfo: { hosts: Array(11).fill({ hostName: "h" }) } }
          ]
        })
      ]
    ]
  it.effect.each(invalid)("%s", ([message, call]) =>
    Effect.gen(function* () {
      expect(yield* refused(call)).toContain(message)
    })
  )

  it.effect("a transition by how often objects are read needs no days", () =>
    Effect.gen(function* () {
      const { text } = yield* sent(rule({ accessFrequency: { accessCountLessThan: 1, recentDays: 30 } }))
      expect(text).toContain(
        "<AccessFrequency><AccessCountLessThan>1</AccessCountLessThan><RecentDays>30</RecentDays></AccessFrequency>"
      )
    })
  )
})

describe("responses", () => {
  it.effect("owners and initiators in old spellings, UploadID and Etag", () =>
    Effect.gen(function* () {
      const page = yield* read(
        Cos.listParts({ key: "k", uploadId: "u" }),
        "<ListPartsResult><Bucket>b</Bucket><Encoding-type>url</Encoding-type><Key>k</Key><UploadID>u</UploadID><Initiator><UID>1</UID></Initiator><Owner><uin>2</uin></Owner><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Etag>e</Etag><Size>1</Size></Part></ListPartsResult>"
      )
      expect(page).toMatchObject({
        encodingType: "url",
        uploadId: "u",
        initiator: { id: "1" },
        owner: { id: "2" },
        parts: [{ eTag: "e" }]
      })
      const { grants } = yield* read(
        Cos.getBucketAcl(),
        "<AccessControlPolicy><AccessControlList><Grant><Grantee><Subaccount>3</Subaccount></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
      )
      expect(grants).toEqual([{ grantee: { id: "3" }, permission: "READ" }])
    })
  )

  it.effect("CORS methods in any case; a MaxAgeSeconds that is empty is absent", () =>
    Effect.gen(function* () {
      const { rules } = yield* read(
        Cos.getBucketCors(),
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>get</AllowedMethod><MaxAgeSeconds/></CORSRule></CORSConfiguration>"
      )
      expect(rules).toEqual([{ allowedOrigins: ["*"], allowedMethods: ["GET"], allowedHeaders: [], exposeHeaders: [] }])
    })
  )

  it.effect("encryption under the name of old documents", () =>
    Effect.gen(function* () {
      const { rules } = yield* read(
        Cos.getBucketEncryption(),
        "<ServerSideEncryptionConfiguration><Rule><ApplySideEncryptionConfiguration><SSEAlgorithm>KMS</SSEAlgorithm><KMSAlgorithm>SM4</KMSAlgorithm></ApplySideEncryptionConfiguration></Rule></ServerSideEncryptionConfiguration>"
      )
      expect(rules).toEqual([{ sseAlgorithm: "KMS", kmsAlgorithm: "SM4" }])
    })
  )

  it.effect("a bucket with metadata acceleration", () =>
    Effect.gen(function* () {
      const { layer } = ScriptedClient.make([{ headers: { "x-cos-bucket-arch": "OFS" } }])
      expect(yield* Effect.provide(Cos.headBucket(), layer)).toEqual({ arch: "OFS" })
    })
  )
})
