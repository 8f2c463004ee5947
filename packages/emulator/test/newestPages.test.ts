/**
 * What the newest API pages say of objects, uploads and lists. Raw requests.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { bucket, send } from "./support/client.js"
import { code, elements, emulator, md5, put, versioned } from "./support/requests.js"

describe("intelligent tiering", () => {
  const restore = (key: string, body: string) => code("POST", { key, query: { restore: "" }, body })
  const nothing = "<RestoreRequest/>"

  it.effect("an object in an archive tier is restored without days, to the first tier, and has no copy", () =>
    Effect.gen(function* () {
      const { seed } = yield* Emulator
      for (const [storageTier, hours] of [
        ["ARCHIVE", 5],
        ["DEEP_ARCHIVE", 24]
      ] as const) {
        const key = storageTier
        yield* seed(bucket, key, "cold", { storageClass: "INTELLIGENT_TIERING", storageTier })
        const tier = Effect.map(send("HEAD", { key }), ({ headers }) => headers["x-cos-storage-tier"])
        const listed = (query: Record<string, string>) =>
          Effect.map(send("GET", { query: { prefix: key, ...query } }), ({ text }) => elements(text, "StorageTier"))
        expect(yield* tier).toBe(storageTier)
        expect([yield* listed({}), yield* listed({ versions: "" })]).toEqual([[storageTier], [storageTier]])
        expect(yield* code("GET", { key })).toBe("InvalidObjectState")
        expect(yield* restore(key, nothing)).toBe(202)
        expect(yield* restore(key, nothing)).toBe("RestoreAlreadyInProgress")
        expect((yield* send("HEAD", { key })).headers).toMatchObject({
          "x-cos-storage-tier": storageTier,
          "x-cos-restore": 'ongoing-request="true"'
        })
        yield* TestClock.adjust(`${hours} hours`)
        expect(yield* tier).toBe("FREQUENT")
        expect(yield* listed({})).toEqual(["FREQUENT"])
        const { headers, text } = yield* send("GET", { key })
        expect([text, headers["x-cos-restore"]]).toEqual(["cold", undefined])
        expect(yield* restore(key, nothing)).toBe("RestoreNonArchiveObject")
      }
      yield* put("warm", "x", { "x-cos-storage-class": "INTELLIGENT_TIERING" })
      expect(yield* restore("warm", nothing)).toBe("RestoreNonArchiveObject")
    }).pipe(Effect.provide(emulator))
  )

  it.effect.each(["ARCHIVE", "DEEP_ARCHIVE", "MAZ_ARCHIVE", "MAZ_DEEP_ARCHIVE"])(
    "the class %s needs days",
    (storageClass) =>
      Effect.gen(function* () {
        yield* put("k", "cold", { "x-cos-storage-class": storageClass })
        expect(yield* code("GET", { key: "k" })).toBe("InvalidObjectState")
        expect(yield* restore("k", nothing)).toBe("MalformedXML")
        expect(yield* restore("k", "<RestoreRequest><Days>1</Days></RestoreRequest>")).toBe(202)
        yield* TestClock.adjust("24 hours")
        expect((yield* send("GET", { key: "k" })).text).toBe("cold")
      }).pipe(Effect.provide(emulator))
  )
})

describe("versions", () => {
  it.effect("tags of the version null are those of the newest, and an ACL is always that of the newest", () =>
    Effect.gen(function* () {
      const { updateBucket } = yield* Emulator
      yield* updateBucket(bucket, { versioning: "Suspended" })
      yield* put("k", "null")
      yield* updateBucket(bucket, { versioning: "Enabled" })
      const { headers } = yield* put("k", "newest")
      const body = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
      const query = { tagging: "", versionId: "null" }
      const tagged = yield* send("PUT", { key: "k", query, body, headers: { "content-md5": md5(body) } })
      expect(tagged.headers["x-cos-version-id"]).toBe(headers["x-cos-version-id"])
      expect(yield* code("GET", { key: "k", query })).toBe("NoSuchTagSet")
      expect((yield* send("GET", { key: "k", query: { tagging: "" } })).text).toContain("<Key>a</Key>")
      const acl = { "x-cos-acl": "public-read" }
      expect(yield* code("PUT", { key: "k", query: { acl: "", versionId: "null" }, headers: acl })).toBe(200)
      const aclOf = (query: Record<string, string>) =>
        Effect.map(send("GET", { key: "k", query: { acl: "", ...query } }), ({ headers }) => headers["x-cos-acl"])
      expect([yield* aclOf({}), yield* aclOf({ versionId: "null" })]).toEqual(["public-read", "default"])
    }).pipe(Effect.provide(versioned))
  )
})

describe("callbacks", () => {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64")
  const callback = json({ callbackUrl: "http://127.0.0.1:1/", callbackBody: "b" })

  it.effect("are checked and recorded, and nobody is called", () =>
    Effect.gen(function* () {
      const headers = { "x-cos-callback": callback, "x-cos-callback-var": json({ "x:a": "1" }) }
      expect((yield* put("k", "x", headers)).status).toBe(200)
      const [entry] = yield* (yield* Emulator).journal
      expect(entry?.headers).toMatchObject(headers)
      const { text } = yield* send("POST", { key: "k", query: { uploads: "" } })
      const [uploadId = ""] = elements(text, "UploadId")
      yield* send("PUT", { key: "k", query: { partNumber: "1", uploadId }, body: "12345" })
      const part = `<Part><PartNumber>1</PartNumber><ETag>"827ccb0eea8a706c4c34a16891f84e7b"</ETag></Part>`
      const body = `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`
      const complete = (headers: Record<string, string>) =>
        code("POST", { key: "k", query: { uploadId }, body, headers })
      expect(yield* complete({ "x-cos-callback": "no JSON" })).toBe("InvalidArgument")
      expect(yield* complete(headers)).toBe(200)
      for (const wrong of ["{", json("text"), json({ callbackUrl: 1 }), json({ callbackUrl: "u" })]) {
        expect((yield* put("k", "x", { "x-cos-callback": wrong })).code).toBe("InvalidArgument")
      }
    }).pipe(Effect.provide(emulator))
  )
})

describe("lists and appends", () => {
  it.effect("a page of uploads has 1 to 1,000 entries", () =>
    Effect.gen(function* () {
      expect(yield* code("GET", { query: { uploads: "", "max-uploads": "0" } })).toBe("InvalidArgument")
      expect(yield* code("GET", { query: { uploads: "", "max-uploads": "1" } })).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("a bucket of several zones has no appendable objects", () =>
    Effect.gen(function* () {
      const host = "zones-1250000000.cos.ap-guangzhou.myqcloud.com"
      const body = "<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig></CreateBucketConfiguration>"
      expect(yield* code("PUT", { host, body })).toBe(200)
      const append = { key: "k", query: { append: "", position: "0" }, body: "x" }
      expect(yield* code("POST", { ...append, host })).toBe("InvalidRequest")
      expect(yield* code("POST", append)).toBe(200)
    }).pipe(Effect.provide(layer({ buckets: [bucket] })))
  )
})
