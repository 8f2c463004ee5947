/** Buckets, the lists of what is in them, and configurations that are more than put, get and delete. */
import { readFileSync } from "node:fs"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Operation from "effect-cos/Operation"
import * as World from "../../support/world.js"
import { key, logs } from "../configurations.js"
import { at, read, type Scenario, tagOf } from "./scenario.js"

export const buckets: ReadonlyArray<Scenario> = [
  [
    "buckets",
    Effect.gen(function* () {
      const bucket = "other-1250000000"
      yield* Cos.putBucket({ bucket, acl: "public-read", grantRead: ["100000000002"], tagging: { team: "a b" } })
      expect(yield* tagOf(Cos.putBucket({ bucket }))).toBe("BucketAlreadyOwnedByYou")
      expect(yield* Cos.headBucket({ bucket })).toEqual({ region: World.region })
      expect(yield* Cos.getBucketLocation({ bucket })).toEqual({ location: World.region })
      expect(yield* Cos.getBucketTagging({ bucket })).toEqual({ tags: [{ key: "team", value: "a b" }] })
      const { acl, grants } = yield* Cos.getBucketAcl({ bucket })
      expect(acl).toBe("public-read")
      expect(grants.map(({ grantee, permission }) => [grantee.id ?? grantee.uri, permission])).toEqual([
        ["qcs::cam::uin/100000000001:uin/100000000001", "FULL_CONTROL"],
        [Cos.allUsers, "READ"],
        ["qcs::cam::uin/100000000002:uin/100000000002", "READ"]
      ])
      const tagged = yield* Cos.listBuckets({ tagKey: "team", tagValue: "a b" })
      expect(tagged.buckets.map(({ name }) => name)).toEqual([bucket])
      expect((yield* Cos.listBuckets({ tagKey: "team", tagValue: "b" })).buckets).toEqual([])
      const all = yield* Stream.runCollect(Cos.listBuckets.items({ maxKeys: 2 }))
      expect(Array.from(all, ({ name }) => name)).toEqual([World.bucket, logs, bucket])
      yield* Cos.deleteBucket({ bucket })
      expect(yield* tagOf(Cos.headBucket({ bucket }))).toBe("NoSuchBucket")
    })
  ],
  [
    "buckets by time of creation, and in several availability zones",
    Effect.gen(function* () {
      const bucket = "zones-1250000000"
      yield* Cos.putBucket({ bucket, configuration: { azConfig: "MAZ" } })
      expect(yield* Cos.headBucket({ bucket })).toEqual({ region: World.region, azType: "MAZ" })
      const { buckets } = yield* Cos.listBuckets({ marker: "f-1250000000" })
      expect(buckets.map(({ name }) => name)).toEqual([logs, bucket])
      const createTime = new Date((buckets[1]?.creationDate.getTime() ?? 0) + 1000)
      expect((yield* Cos.listBuckets({ createTime, createRange: "gt" })).buckets).toEqual([])
      expect((yield* Cos.listBuckets({ createTime, createRange: "lte", maxKeys: 1 })).nextMarker).toBe(World.bucket)
    })
  ],
  [
    "lists, by pages of any size, of keys of any kind",
    Effect.gen(function* () {
      const keys = ["\u0001 +%&<>/../\r\n", "a b/c", "a+b", "dir/x", "dir/y", "中/🐈", "中\uffff"]
      for (const key of keys) {
        yield* Cos.putObject({ key, body: key })
        yield* Cos.initiateMultipartUpload({ key })
      }
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "dir/x" })
      const page = yield* Cos.listObjects({ delimiter: "/" })
      expect(page).toMatchObject({ region: World.region, delimiter: "/", isTruncated: false })
      expect(page.commonPrefixes).toEqual(["\u0001 +%&<>/", "a b/", "dir/", "中/"])
      expect((yield* Cos.listMultipartUploads({ delimiter: "/" })).commonPrefixes).toEqual(page.commonPrefixes)
      for (const size of [1, 2, 1000]) {
        const objects = yield* Stream.runCollect(Cos.listObjects.items({ maxKeys: size }))
        expect(Array.from(objects, ({ key }) => key)).toEqual(keys)
        const uploads = yield* Stream.runCollect(Cos.listMultipartUploads.items({ maxUploads: size }))
        expect(Array.from(uploads, ({ key }) => key)).toEqual(
          keys.flatMap((key) => (key === "dir/x" ? [key, key] : [key]))
        )
      }
      const [first, ...later] = (yield* Cos.listMultipartUploads({ prefix: "dir/" })).uploads
      const markers = { keyMarker: "dir/x", uploadIdMarker: first?.uploadId }
      expect((yield* Cos.listMultipartUploads({ prefix: "dir/", ...markers })).uploads).toEqual(later)

      for (const partNumber of [1, 2, 10_000]) yield* Cos.uploadPart({ key: "dir/x", uploadId, partNumber, body: "x" })
      const numbers = yield* Stream.runCollect(Cos.listParts.items({ key: "dir/x", uploadId, maxParts: 1 }))
      expect(Array.from(numbers, ({ partNumber }) => partNumber)).toEqual([1, 2, 10_000])

      const removed = yield* Cos.deleteObjects({ objects: keys })
      expect(removed.map(({ _tag, key }) => [_tag, key])).toEqual(keys.map((key) => ["Deleted", key]))
      expect((yield* Cos.listObjects({ maxKeys: 0 })).contents).toEqual([])
      expect((yield* Cos.listObjects()).contents).toEqual([])
    })
  ],
  [
    "versions, newest first, by pages of any size",
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: "before" })
      expect((yield* Cos.listObjectVersions()).versions.map(({ versionId }) => versionId)).toEqual([""])
      yield* Cos.putBucketVersioning({ status: "Enabled" })
      const first = yield* Cos.putObject({ key: "a", body: "1" })
      const marker = yield* Cos.deleteObject({ key: "a" })
      const second = yield* Cos.putObject({ key: "a", body: "2" })
      yield* Cos.putObject({ key: "中", body: "3" })
      yield* Cos.putObject({ key: "dir/x", body: "4" })
      yield* Cos.putBucketVersioning({ status: "Suspended" })
      yield* Cos.putObject({ key: "中", body: "null" })

      const all = yield* Stream.runCollect(Cos.listObjectVersions.items())
      expect(Array.from(all, ({ _tag, isLatest, key, versionId }) => [key, _tag, isLatest, versionId])).toEqual([
        ["a", "Version", true, second.versionId],
        ["a", "DeleteMarker", false, marker.versionId],
        ["a", "Version", false, first.versionId],
        ["a", "Version", false, "null"],
        ["dir/x", "Version", true, expect.any(String)],
        ["中", "Version", true, "null"],
        ["中", "Version", false, expect.any(String)]
      ])
      for (const maxKeys of [1, 2, 3]) {
        expect(yield* Stream.runCollect(Cos.listObjectVersions.items({ maxKeys }))).toEqual(all)
      }
      const grouped = yield* Stream.runCollect(Cos.listObjectVersions.pages({ delimiter: "/", maxKeys: 1 }))
      expect(Array.from(grouped).flatMap(({ commonPrefixes }) => commonPrefixes)).toEqual(["dir/"])
      expect(Array.from(grouped)).toHaveLength(7)
      const some = yield* Cos.listObjectVersions({ prefix: "a", keyMarker: "a", versionIdMarker: first.versionId })
      expect(some.versions.map(({ versionId }) => versionId)).toEqual(["null"])
      expect(yield* read({ key: "a", versionId: "null" })).toBe("before")
      expect(yield* read({ key: "a", versionId: first.versionId })).toBe("1")
      const gone = yield* Effect.flip(Cos.headObject({ key: "a", versionId: marker.versionId }))
      expect(gone).toMatchObject({ _tag: "NoSuchKey", deleteMarkerVersionId: marker.versionId })
      yield* Cos.deleteObject({ key: "dir/x", mfa: "000000" })

      yield* Cos.putObjectTagging({ key: "a", versionId: first.versionId, tags: [{ key: "old", value: "" }] })
      expect(yield* tagOf(Cos.getObjectTagging({ key: "a" }))).toBe("NoSuchTagSet")
      expect((yield* Cos.getObjectTagging({ key: "a", versionId: first.versionId })).tags).toHaveLength(1)
      // The service changes the newest version, whichever is named.
      const named = { extra: { query: { versionId: first.versionId ?? "" } } }
      yield* Cos.putObjectAcl({ key: "a", acl: "public-read", ...named })
      expect((yield* Cos.getObjectAcl({ key: "a" })).acl).toBe("public-read")
      expect((yield* Cos.getObjectAcl({ key: "a", versionId: first.versionId })).acl).toBe("default")
    })
  ],
  [
    "CORS",
    Effect.gen(function* () {
      const ask = { key, origin: "https://a.example", requestMethod: "PUT" as const, requestHeaders: ["x-cos-meta-a"] }
      expect(yield* tagOf(Cos.optionsObject(ask))).toBe("AccessForbidden")
      yield* Cos.putBucketCors({
        rules: [
          { allowedOrigins: ["https://*.example"], allowedMethods: ["GET"] },
          {
            allowedOrigins: ["https://*.example"],
            allowedMethods: ["PUT", "GET"],
            allowedHeaders: ["X-COS-*"],
            exposeHeaders: ["ETag"],
            maxAgeSeconds: 5
          }
        ]
      })
      expect(yield* Cos.optionsObject(ask)).toEqual({
        allowOrigin: "https://a.example",
        allowMethods: ["PUT", "GET"],
        allowHeaders: ["x-cos-meta-a"],
        exposeHeaders: ["ETag"],
        maxAge: 5,
        allowCredentials: true
      })
      expect(yield* Cos.optionsObject({ ...ask, origin: "http://a.example" })).toEqual({})
      expect(yield* tagOf(Cos.optionsObject({ ...ask, requestMethod: "DELETE" }))).toBe("AccessForbidden")
      const partly = yield* Cos.optionsObject({ ...ask, requestHeaders: ["authorization", "x-cos-acl"] })
      expect(partly).toMatchObject({ allowOrigin: "https://a.example", allowHeaders: ["x-cos-acl"] })
      const { response } = yield* Operation.withResponse(Cos.putObject)({
        key,
        body: "",
        extra: { headers: { origin: "https://a.example" } }
      })
      expect(response.headers["access-control-allow-origin"]).toBe("https://a.example")
    })
  ],
  [
    "certificates of domains, without the key",
    Effect.gen(function* () {
      const cert = readFileSync(new URL("../../../packages/node/test/fixtures/server.pem", import.meta.url), "utf8")
      const domainName = "files.example.com"
      const domainNames = [domainName, "www.example.com"]
      const put = (cert: string) =>
        Cos.putBucketDomainCertificate({
          certType: "CustomCert",
          cert,
          privateKey: Redacted.make("secret"),
          domainNames
        })
      yield* put(cert)
      const stored = yield* Cos.getBucketDomainCertificate({ domainName })
      expect(stored.status).toBe("Enabled")
      expect(at(stored.validityBegin ?? "") < at(stored.validityExpire ?? "")).toBe(true)
      expect(yield* Cos.getBucketDomainCertificate({ domainName: "www.example.com" })).toEqual(stored)
      yield* Cos.deleteBucketDomainCertificate({ domainName })
      expect(yield* tagOf(Cos.getBucketDomainCertificate({ domainName }))).toBe("CosServiceError")
      expect(yield* tagOf(put("no certificate"))).toBe("InvalidArgument")
    })
  ],
  [
    "inventories by pages, and an inventory on request",
    Effect.gen(function* () {
      const contents = {
        destination: { format: "CSV", bucket: `qcs::cos:${World.region}::${logs}` },
        includedObjectVersions: "Current"
      }
      const ids = Array.from({ length: 103 }, (_, i) => `i${String(i).padStart(3, "0")}`)
      yield* Effect.forEach(ids, (id) =>
        Cos.putBucketInventory({ id, isEnabled: false, schedule: "Weekly", ...contents })
      )
      const listed = yield* Stream.runCollect(Cos.listBucketInventory.items())
      expect(Array.from(listed, ({ id }) => id)).toEqual(ids)
      expect((yield* World.requests("listBucketInventory")).length).toBe(2)
      expect((yield* Cos.postBucketInventory({ id: "once", ...contents })).jobId).toMatch(/^[0-9a-f]{32}$/)
    })
  ]
]
