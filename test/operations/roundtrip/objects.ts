import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import { Emulator } from "effect-cos-emulator/Emulator"
import { key } from "../configurations.js"
import { read, type Scenario, tagOf } from "./scenario.js"

export const objects: ReadonlyArray<Scenario> = [
  [
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
  ],
  [
    "conditional requests, ranges, and headers of the response set by the request",
    Effect.gen(function* () {
      const { eTag } = yield* Cos.putObject({ key, body: "hello world!" })
      const { lastModified } = yield* Cos.headObject({ key })
      const before = new Date(Number(lastModified) - 1000)
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
  ],
  [
    "uploads that are refused: a wrong digest, an unwanted type, an existing key, a wrong customer key",
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
  ],
  [
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
  ],
  [
    "appends, only at the end",
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
  ],
  [
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
  ],
  [
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
  ],
  [
    "object lock",
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
      expect(yield* tagOf(Cos.putObjectRetention({ key, retainUntilDate: earlier, mode: "COMPLIANCE" }))).toBe(
        "CosServiceError"
      )
      const later = new Date(retainUntilDate.getTime() + 86_400_000)
      yield* Cos.putObjectRetention({ key, retainUntilDate: later, mode: "COMPLIANCE" })
      yield* clock.adjust("25 hours")
      expect(yield* tagOf(Cos.deleteObject({ key }))).toBe("ObjectLocked")
      yield* clock.adjust("24 hours")
      yield* Cos.deleteObject({ key })
    })
  ]
]
