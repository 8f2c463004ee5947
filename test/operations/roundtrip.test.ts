/**
 * Every operation of the SDK against the emulator, through both doors: what was written is what is read.
 */
import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Operation from "effect-cos/Operation"
import * as Presign from "effect-cos/Presign"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as World from "../support/world.js"
import { configurations, key, logs } from "./configurations.js"

const emulator = { buckets: [World.bucket, logs], minPartSize: 1 }

type Surroundings = Emulator | CosClient | HttpClient.HttpClient

/** The operations that the emulator carried out so far, by door. */
const carriedOut = { "in process": new Set<string>(), "on a port": new Set<string>() }

type Door = keyof typeof carriedOut

const run = <E, E2>(
  door: Door,
  body: Effect.Effect<void, E, Surroundings>,
  world: Layer.Layer<Surroundings, E2>
): Effect.Effect<void, E | E2> =>
  Effect.ensuring(
    body,
    Effect.map(World.requests(), (entries) => {
      for (const { operation } of entries) carriedOut[door].add(operation ?? "?")
    })
  ).pipe(Effect.provide(world))

const doors: ReadonlyArray<{
  readonly door: Door
  readonly test: <E>(name: string, body: Effect.Effect<void, E, Surroundings>) => void
}> = [
  {
    door: "in process",
    test: (name, body) => it.effect(name, () => run("in process", body, World.inProcess({ emulator })))
  },
  {
    door: "on a port",
    test: (name, body) =>
      it.live(name, () => run("on a port", body, Layer.merge(World.onPort({ emulator }), FetchHttpClient.layer)))
  }
]

const text = (body: Stream.Stream<Uint8Array, unknown>) => Stream.mkString(Stream.decodeText(Stream.orDie(body)))

const read = (input: Operation.Input<typeof Cos.getObject>) =>
  Effect.scoped(Effect.flatMap(Cos.getObject(input), ({ body }) => text(body)))

const tagOf = <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(self), ({ _tag }) => _tag)

const at = (iso: string) => new Date(iso)

describe.each(doors)("$door", ({ test }) => {
  for (const { before, get, name, none, put, remove, value } of configurations) {
    test(
      `${name}: read as it was put`,
      Effect.gen(function* () {
        yield* before ?? Effect.void
        const nothing = Effect.gen(function* () {
          if (typeof none === "string") expect(yield* tagOf(get)).toBe(none)
          else expect(yield* get).toEqual(none)
        })
        yield* nothing
        yield* put
        expect(yield* get).toEqual(value)
        yield* put
        expect(yield* get).toEqual(value)
        if (remove === undefined) return
        yield* remove
        yield* nothing
        yield* remove
      })
    )
  }

  test(
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
  )

  test(
    "objects",
    Effect.gen(function* () {
      const { eTag } = yield* Cos.putObject({
        key,
        body: "hello world!",
        contentType: "text/plain",
        cacheControl: "no-cache",
        contentDisposition: "attachment",
        contentEncoding: "identity",
        contentLanguage: "de",
        expires: "Thu, 01 Jan 2032 00:00:00 GMT",
        metadata: { author: "ada" },
        storageClass: "STANDARD_IA",
        tagging: { a: "1", "b c": "" },
        serverSideEncryption: "AES256"
      })
      expect(yield* Cos.headObject({ key })).toMatchObject({
        eTag,
        contentLength: 12,
        contentType: "text/plain",
        cacheControl: "no-cache",
        contentDisposition: "attachment",
        contentEncoding: "identity",
        contentLanguage: "de",
        expires: "Thu, 01 Jan 2032 00:00:00 GMT",
        metadata: { author: "ada" },
        storageClass: "STANDARD_IA",
        taggingCount: 2,
        serverSideEncryption: "AES256",
        crc64: 9548687815775124833n
      })
      expect(yield* read({ key, range: { start: 6, end: 10 } })).toBe("world")
      expect(yield* Cos.objectExists({ key: "nothing" })).toBe(false)

      yield* Cos.copyObject({ key: "copy", source: { key } })
      expect((yield* Cos.getObjectTagging({ key: "copy" })).tags).toHaveLength(2)
      yield* Cos.copyObject({ key: "copy", source: { key }, taggingDirective: "Replaced", tagging: { only: "one" } })
      expect((yield* Cos.getObjectTagging({ key: "copy" })).tags).toEqual([{ key: "only", value: "one" }])
      expect((yield* Cos.listObjects({ delimiter: "/" })).contents.map(({ key }) => key)).toEqual(["copy"])

      const { deleted } = yield* Cos.deleteMultipleObjects({ objects: [{ key: "copy" }, { key: "nothing" }] })
      expect(deleted.map(({ key }) => key)).toEqual(["copy", "nothing"])
      yield* Cos.deleteObject({ key })
      expect(yield* tagOf(Cos.headObject({ key }))).toBe("NoSuchKey")
    })
  )

  test(
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
      yield* Cos.putObjectAcl({ key: "a", versionId: first.versionId, acl: "public-read" })
      expect((yield* Cos.getObjectAcl({ key: "a" })).acl).toBe("default")
      expect((yield* Cos.getObjectAcl({ key: "a", versionId: first.versionId })).acl).toBe("public-read")
    })
  )

  test(
    "uploads in parts",
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "source", body: "0123456789" })
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key, metadata: { a: "b" } })
      const one = yield* Cos.uploadPart({ key, uploadId, partNumber: 1, body: "hello " })
      const two = yield* Cos.uploadPartCopy({
        key,
        uploadId,
        partNumber: 2,
        source: { key: "source" },
        range: { start: 2, end: 4 }
      })
      expect((yield* Cos.listMultipartUploads()).uploads).toMatchObject([{ key, uploadId }])
      const { parts } = yield* Cos.listParts({ key, uploadId })
      expect(parts).toMatchObject([
        { partNumber: 1, eTag: one.eTag, size: 6 },
        { partNumber: 2, eTag: two.eTag, size: 3 }
      ])
      const done = yield* Cos.completeMultipartUpload({ key, uploadId, parts })
      expect(yield* read({ key })).toBe("hello 234")
      expect(yield* Cos.headObject({ key })).toMatchObject({ eTag: done.eTag, metadata: { a: "b" } })
      const odd = "\u0001\r\n&#1;\uffff"
      const other = yield* Cos.initiateMultipartUpload({ key: odd })
      const only = yield* Cos.uploadPart({ key: odd, uploadId: other.uploadId, partNumber: 1, body: "odd" })
      const completed = yield* Cos.completeMultipartUpload({
        key: odd,
        uploadId: other.uploadId,
        parts: [{ partNumber: 1, ...only }]
      })
      expect(completed).toMatchObject({ key: odd })
      expect(yield* read({ key: odd })).toBe("odd")
      const aborted = yield* Cos.initiateMultipartUpload({ key })
      yield* Cos.abortMultipartUpload({ key, uploadId: aborted.uploadId })
      expect((yield* Cos.listMultipartUploads()).uploads).toEqual([])
    })
  )

  test(
    "buckets by time, in several zones",
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
  )

  test(
    "conditions, ranges and what an answer is told to say",
    Effect.gen(function* () {
      const { eTag } = yield* Cos.putObject({ key, body: "hello world!" })
      const { lastModified } = yield* Cos.headObject({ key })
      const before = new Date(lastModified.getTime() - 1000)
      const none = '"0"'
      const reads = [
        (input: object) => Effect.asVoid(Cos.headObject({ key, ...input })),
        (input: object) => Effect.asVoid(Effect.scoped(Cos.getObject({ key, ...input })))
      ]
      for (const read of reads) {
        yield* read({ ifMatch: eTag, ifNoneMatch: none, ifModifiedSince: before, ifUnmodifiedSince: lastModified })
        expect(yield* tagOf(read({ ifMatch: none }))).toBe("PreconditionFailed")
        expect(yield* tagOf(read({ ifUnmodifiedSince: before }))).toBe("PreconditionFailed")
        expect(yield* tagOf(read({ ifNoneMatch: eTag }))).toBe("NotModified")
        expect(yield* tagOf(read({ ifModifiedSince: lastModified }))).toBe("NotModified")
        expect(yield* tagOf(read({ range: { start: 12 } }))).toBe("InvalidRange")
      }
      expect(yield* Cos.headObject({ key, range: { last: 6 } })).toMatchObject({
        contentLength: 6,
        contentRange: "bytes 6-11/12",
        acceptRanges: "bytes",
        crc64: 9548687815775124833n
      })
      const said = {
        contentType: "text/html; charset=utf-8",
        contentLanguage: "zh",
        expires: "0",
        cacheControl: "no-cache",
        contentDisposition: 'attachment; filename="a b.txt"',
        contentEncoding: "identity"
      }
      const told = Cos.getObject({
        key,
        trafficLimit: 819_200,
        responseContentType: said.contentType,
        responseContentLanguage: said.contentLanguage,
        responseExpires: said.expires,
        responseCacheControl: said.cacheControl,
        responseContentDisposition: said.contentDisposition,
        responseContentEncoding: said.contentEncoding
      })
      expect(yield* Effect.scoped(told)).toMatchObject(said)

      const copy = (input: object) => Cos.copyObject({ key: "copy", source: { key }, ...input })
      const part = (input: object) =>
        Effect.gen(function* () {
          const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "copy" })
          return yield* Cos.uploadPartCopy({ key: "copy", uploadId, partNumber: 1, source: { key }, ...input })
        })
      const writes: ReadonlyArray<(input: object) => Effect.Effect<object, { readonly _tag: string }, CosClient>> = [
        copy,
        part
      ]
      for (const write of writes) {
        const written = yield* write({ sourceIfMatch: eTag, sourceIfUnmodifiedSince: lastModified })
        expect(written).toMatchObject({ eTag, crc64: 9548687815775124833n })
        yield* write({ sourceIfNoneMatch: none, sourceIfModifiedSince: before })
        for (const refused of [
          { sourceIfMatch: none },
          { sourceIfNoneMatch: eTag },
          { sourceIfUnmodifiedSince: before },
          { sourceIfModifiedSince: lastModified }
        ]) {
          expect(yield* tagOf(write(refused))).toBe("PreconditionFailed")
        }
      }
    })
  )

  test(
    "what may be stored: digests, types, no second time, and by whose key",
    Effect.gen(function* () {
      const body = "hello"
      const contentMd5 = "XUFAKrxLKna5cZ2REBfFkg=="
      yield* Cos.putObject({ key, body, contentMd5 })
      expect(yield* tagOf(Cos.putObject({ key, body: "jello", contentMd5 }))).toBe("BadDigest")
      expect(yield* tagOf(Cos.putObject({ key, body, contentMd5: "?" }))).toBe("InvalidDigest")

      const image = { key: "a.png", contentType: "image/png", body }
      yield* Cos.putObject({ ...image, mimeLimit: "text/plain;image/*" })
      expect(yield* tagOf(Cos.putObject({ ...image, mimeLimit: "!image/png" }))).toBe("AccessDenied")
      expect(yield* tagOf(Cos.initiateMultipartUpload({ ...image, mimeLimit: "text/plain" }))).toBe("AccessDenied")

      const once = { key, overwrite: false }
      expect(yield* tagOf(Cos.putObject({ ...once, body }))).toBe("FileAlreadyExists")
      expect(yield* tagOf(Cos.copyObject({ ...once, source: { key: "a.png" } }))).toBe("FileAlreadyExists")
      expect(yield* tagOf(Cos.initiateMultipartUpload(once))).toBe("FileAlreadyExists")
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key })
      const sent = yield* Cos.uploadPart({ key, uploadId, partNumber: 1, body, contentMd5, mimeLimit: "image/*" })
      const parts = [{ partNumber: 1, eTag: sent.eTag }]
      expect(yield* tagOf(Cos.completeMultipartUpload({ ...once, uploadId, parts }))).toBe("FileAlreadyExists")

      const customerKey = Redacted.make(new Uint8Array(32).fill(1))
      const other = Redacted.make(new Uint8Array(32).fill(2))
      const stored = yield* Cos.putObject({ key: "secret", body, customerKey })
      expect(stored).toMatchObject({ customerAlgorithm: "AES256", customerKeyMd5: expect.any(String) })
      expect(yield* read({ key: "secret", customerKey })).toBe(body)
      expect(yield* tagOf(read({ key: "secret", customerKey: other }))).toBe("InvalidRequest")
      const source = { key: "secret" }
      yield* Cos.copyObject({ key: "mine", source, sourceCustomerKey: customerKey, customerKey: other })
      expect(yield* read({ key: "mine", customerKey: other })).toBe(body)
      const hidden = yield* Cos.initiateMultipartUpload({ key: "mine", customerKey })
      const part = { key: "mine", uploadId: hidden.uploadId, partNumber: 1, body }
      expect(yield* tagOf(Cos.uploadPart(part))).toBe("CosServiceError")
      expect(yield* Cos.uploadPart({ ...part, customerKey })).toMatchObject({ customerAlgorithm: "AES256" })
    })
  )

  test(
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
  )

  test(
    "appends, at the end only",
    Effect.gen(function* () {
      const first = yield* Cos.appendObject({ key, position: 0, body: "hello ", metadata: { a: "1" } })
      expect(first).toMatchObject({
        nextAppendPosition: 6,
        contentSha1: "c4d871ad13ad00fde9a7bb7ff7ed2543aec54241"
      })
      expect(yield* tagOf(Cos.appendObject({ key, position: 5, body: "x" }))).toBe("AppendPositionErr")
      const second = yield* Cos.appendObject({ key, position: 6, body: "world!" })
      expect(second).toMatchObject({ nextAppendPosition: 12, crc64: 9548687815775124833n })
      expect(yield* read({ key })).toBe("hello world!")
      expect(yield* Cos.headObject({ key })).toMatchObject({
        objectType: "appendable",
        nextAppendPosition: 12,
        metadata: { a: "1" },
        crc64: 9548687815775124833n
      })
      yield* Cos.putObject({ key, body: "normal" })
      expect(yield* tagOf(Cos.appendObject({ key, position: 6, body: "x" }))).toBe("ObjectNotAppendable")
      expect(yield* tagOf(Cos.appendObject({ key: "new", position: 1, body: "x" }))).toBe("AppendPositionErr")
    })
  )

  test(
    "symbolic links",
    Effect.gen(function* () {
      yield* Cos.putObject({ key, body: "target", contentType: "text/plain" })
      yield* Cos.putSymlink({ key: "link", symlinkTarget: key })
      expect(yield* Cos.getSymlink({ key: "link" })).toMatchObject({ symlinkTarget: key })
      expect(yield* read({ key: "link" })).toBe("target")
      expect(yield* Cos.headObject({ key: "link" })).toMatchObject({ symlinkTarget: key, contentType: "text/plain" })
      expect(yield* tagOf(Cos.getSymlink({ key }))).toBe("InvalidArgument")
      expect(yield* tagOf(Cos.putSymlink({ key: "link", symlinkTarget: "b", overwrite: false }))).toBe(
        "FileAlreadyExists"
      )
      yield* Cos.deleteObject({ key })
      expect(yield* tagOf(Cos.headObject({ key: "link" }))).toBe("NoSuchKey")
    })
  )

  test(
    "archives, restored for a while",
    Effect.gen(function* () {
      const { clock } = yield* Emulator
      yield* Cos.putObject({ key, body: "cold", storageClass: "ARCHIVE" })
      const unreadable = Effect.scoped(tagOf(Cos.getObject({ key })))
      expect(yield* unreadable).toBe("InvalidObjectState")
      yield* Cos.restoreObject({ key, days: 2, tier: "Expedited" })
      expect(yield* tagOf(Cos.restoreObject({ key, days: 2 }))).toBe("RestoreAlreadyInProgress")
      expect(yield* Cos.headObject({ key })).toMatchObject({
        restore: { ongoing: true },
        restoreStatus: { tier: "Expedited" }
      })
      expect(yield* unreadable).toBe("InvalidObjectState")
      yield* clock.adjust("5 minutes")
      const ready = yield* Cos.headObject({ key })
      expect(ready.restore?.ongoing).toBe(false)
      expect(yield* read({ key })).toBe("cold")
      yield* clock.adjust("1 day")
      yield* Cos.restoreObject({ key, days: 2 })
      const longer = yield* Cos.headObject({ key })
      expect(longer.restore?.expiresAt?.getTime()).toBeGreaterThan(ready.restore?.expiresAt?.getTime() ?? 0)
      yield* clock.adjust("2 days")
      expect(yield* unreadable).toBe("InvalidObjectState")
      yield* Cos.putObject({ key: "warm", body: "" })
      expect(yield* tagOf(Cos.restoreObject({ key: "warm", days: 1 }))).toBe("RestoreNonArchiveObject")
      yield* Cos.putObject({ key: "deep", body: "", storageClass: "DEEP_ARCHIVE" })
      expect(yield* tagOf(Cos.restoreObject({ key: "deep", days: 1, tier: "Expedited" }))).toBe("InvalidArgument")
    })
  )

  test(
    "locks",
    Effect.gen(function* () {
      const { clock } = yield* Emulator
      yield* Cos.putObject({ key: "before", body: "" })
      yield* Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 1 })
      yield* Cos.putObject({ key, body: "locked" })
      expect(yield* tagOf(Cos.deleteObject({ key }))).toBe("ObjectLocked")
      expect(yield* tagOf(Cos.putObject({ key, body: "other" }))).toBe("ObjectLocked")
      const many = yield* Cos.deleteMultipleObjects({ objects: [{ key }, { key: "before" }] })
      expect(many.errors.map(({ code }) => code)).toEqual(["ObjectLocked"])
      expect(many.deleted.map(({ key }) => key)).toEqual(["before"])
      const { retainUntilDate } = yield* Cos.getObjectRetention({ key })
      const earlier = new Date(retainUntilDate.getTime() - 1000)
      expect(yield* tagOf(Cos.putObjectRetention({ key, retainUntilDate: earlier }))).toBe("CosServiceError")
      const later = new Date(retainUntilDate.getTime() + 86_400_000)
      yield* Cos.putObjectRetention({ key, retainUntilDate: later })
      yield* clock.adjust("25 hours")
      expect(yield* tagOf(Cos.deleteObject({ key }))).toBe("ObjectLocked")
      yield* clock.adjust("24 hours")
      yield* Cos.deleteObject({ key })
    })
  )

  test(
    "selections",
    Effect.gen(function* () {
      const csv = 'name,age,city\nada,36,London\n"Grace ""G""",85,"New York, NY"\nalan,41,London\n'
      yield* Cos.putObject({ key: "csv", body: csv })
      yield* Cos.putObject({ key: "gzip", body: gzipSync(csv) })
      yield* Cos.putObject({ key: "json", body: '{"name":"ada","at":{"x":1}}\n{"name":"alan","at":{"x":2}}\n' })
      const select = (input: Operation.Input<typeof Cos.selectObjectContent>) =>
        Effect.map(Stream.runCollect(Cos.selectObjectContent(input)), (events) => {
          const records = Array.from(events).flatMap((event) => (event._tag === "Records" ? [event.bytes] : []))
          return { records: Buffer.concat(records).toString(), tags: Array.from(events, ({ _tag }) => _tag), events }
        })
      const named = { input: { csv: { fileHeaderInfo: "USE" as const } }, output: { csv: {} } }
      const london = yield* select({
        ...named,
        key: "csv",
        expression: "select s.name, age from COSObject s where s.city = 'London' and age > 40",
        progress: true
      })
      expect(london.records).toBe("alan,41\n")
      expect(london.tags).toEqual(["Records", "Progress", "Stats"])
      expect(Chunk.unsafeLast(london.events)).toEqual({
        _tag: "Stats",
        bytesScanned: csv.length,
        bytesProcessed: csv.length,
        bytesReturned: 8
      })
      const zipped = yield* select({
        key: "gzip",
        expression: "SELECT * FROM COSObject LIMIT 2",
        input: { compressionType: "GZIP", csv: { fileHeaderInfo: "IGNORE" } },
        output: { json: {} }
      })
      expect(zipped.records).toBe(
        '{"_1":"ada","_2":"36","_3":"London"}\n{"_1":"Grace \\"G\\"","_2":"85","_3":"New York, NY"}\n'
      )
      const counted = yield* select({ ...named, key: "csv", expression: "select count(*) from COSObject" })
      expect(counted.records).toBe("3\n")
      const json = yield* select({
        key: "json",
        expression: "select o.at.x as x, o.name from COSObject o where o.at.x >= 2",
        input: { json: { type: "LINES" } },
        output: { json: {} }
      })
      expect(json.records).toBe('{"x":2,"name":"alan"}\n')
      expect(yield* tagOf(select({ ...named, key: "csv", expression: "select max(age) from COSObject" }))).toBe(
        "CosServiceError"
      )
      expect(yield* tagOf(select({ ...named, key: "nothing", expression: "select * from COSObject" }))).toBe(
        "NoSuchKey"
      )
    })
  )

  test(
    "what browsers of other origins may do",
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
      expect(yield* tagOf(Cos.optionsObject({ ...ask, origin: "http://a.example" }))).toBe("AccessForbidden")
      expect(yield* tagOf(Cos.optionsObject({ ...ask, requestMethod: "DELETE" }))).toBe("AccessForbidden")
      expect(yield* tagOf(Cos.optionsObject({ ...ask, requestHeaders: ["authorization"] }))).toBe("AccessForbidden")
      const { response } = yield* Operation.withResponse(Cos.putObject)({
        key,
        body: "",
        extra: { headers: { origin: "https://a.example" } }
      })
      expect(response.headers["access-control-allow-origin"]).toBe("https://a.example")
    })
  )

  test(
    "certificates of domains, without the key",
    Effect.gen(function* () {
      const cert = readFileSync(new URL("../../packages/node/test/fixtures/server.pem", import.meta.url), "utf8")
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
  )

  test(
    "inventories by pages, and one made now",
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
  )

  test(
    "forms",
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const post = (
        input: Presign.FormInput,
        options: Presign.FormOptions,
        content: string,
        change: Record<string, string> = {}
      ) =>
        Effect.gen(function* () {
          const { fields, url } = yield* Presign.form(input, options)
          const data = new FormData()
          for (const [name, value] of Object.entries({ ...Redacted.value(fields), ...change })) data.append(name, value)
          data.append("file", new Blob([content]), "cat 猫.txt")
          const encoded = new Response(data)
          const bytes = new Uint8Array(yield* Effect.promise(() => encoded.arrayBuffer()))
          const request = HttpClientRequest.post(url, {
            body: HttpBody.uint8Array(bytes, encoded.headers.get("content-type") ?? "")
          })
          const response = yield* client.execute(request)
          return { status: response.status, headers: response.headers, text: yield* response.text }
        })
      const size = { min: 1, max: 20 }
      const sent = yield* post(
        {
          key: `inbox/\${filename}`,
          contentType: "text/plain",
          metadata: { a: "1" },
          acl: "private",
          successActionStatus: 201
        },
        { size },
        "hello world!"
      )
      expect(sent.status).toBe(201)
      expect(sent.text).toContain("<Key>inbox/cat 猫.txt</Key>")
      expect(yield* read({ key: "inbox/cat 猫.txt" })).toBe("hello world!")
      expect(yield* Cos.headObject({ key: "inbox/cat 猫.txt" })).toMatchObject({
        contentType: "text/plain",
        metadata: { a: "1" },
        crc64: 9548687815775124833n
      })
      expect((yield* Cos.getObjectAcl({ key: "inbox/cat 猫.txt" })).acl).toBe("private")
      const refused = (...args: Parameters<typeof post>) =>
        Effect.map(post(...args), ({ text }) => /<Code>(.*)<\/Code>/.exec(text)?.[1])
      expect(yield* refused({ key: "k" }, { size }, "x".repeat(21))).toBe("EntityTooLarge")
      expect(yield* refused({ key: "k" }, { size }, "")).toBe("EntityTooSmall")
      expect(yield* refused({ key: "k" }, {}, "x", { key: "other" })).toBe("AccessDenied")
      expect(yield* refused({ key: "k" }, {}, "x", { "q-signature": "0".repeat(40) })).toBe("SignatureDoesNotMatch")
      expect(yield* refused({ key: "k", contentMd5: "AAAAAAAAAAAAAAAAAAAAAA==" }, {}, "x")).toBe("BadDigest")
      expect(yield* tagOf(Cos.headObject({ key: "k" }))).toBe("NoSuchKey")
    })
  )

  test(
    "data processing is refused by its name",
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a.png", body: "png" })
      const refused = <A, E extends { readonly _tag: string; readonly message: string }, R>(
        self: Effect.Effect<A, E, R>
      ) => Effect.map(Effect.flip(self), ({ message }) => /no data processing: (.*)\./.exec(message)?.[1])
      const operations = { rules: [{ fileId: "b.png", rule: "imageMogr2/thumbnail/1x" }] }
      expect(yield* refused(Cos.processObject({ key: "a.png", rule: "imageMogr2/thumbnail/200x" }))).toBe(
        "imageMogr2/thumbnail/200x"
      )
      expect(yield* refused(Cos.ciProcess({ key: "a.png", process: "snapshot", parameters: { time: "1" } }))).toBe(
        "ci-process=snapshot"
      )
      expect(yield* refused(Cos.docPreview({ key: "a.png", page: 1 }))).toBe("ci-process=doc-preview")
      expect(yield* refused(Cos.imageInfo({ key: "a.png" }))).toBe("imageInfo")
      expect(yield* refused(Cos.imageProcess({ key: "a.png", operations }))).toBe("Pic-Operations")
      expect(yield* refused(Cos.putObject({ key: "new", body: "", picOperations: operations }))).toBe("Pic-Operations")
      expect(yield* Cos.objectExists({ key: "new" })).toBe(false)
    }).pipe(Effect.scoped)
  )

  test(
    "what no operation makes",
    Effect.gen(function* () {
      const answer = yield* Cos.request({ method: "PUT", key, body: "raw", headers: { "x-cos-meta-a": "1" } })
      expect(answer.status).toBe(200)
      expect(yield* Cos.headObject({ key })).toMatchObject({ metadata: { a: "1" }, contentLength: 3 })
    }).pipe(Effect.scoped)
  )
})

/** Those that the emulator knows under another's name. */
const others: Readonly<Record<string, string>> = { processObject: "getObject", docPreview: "ciProcess" }

it.each(Object.entries(carriedOut))("%s: every operation was carried out", (_, done) => {
  const operations = Object.values(Cos).flatMap((value) =>
    (typeof value === "function" || typeof value === "object") && "spec" in value
      ? [(value as Operation.Has<never, unknown, unknown>).spec.name]
      : []
  )
  expect(operations.length).toBeGreaterThanOrEqual(90)
  expect(operations.filter((name) => !done.has(others[name] ?? name))).toEqual([])
})
