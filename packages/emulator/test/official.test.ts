/**
 * The official Node SDK as a foreign client, unmodified, with COS's own host names: it reaches the emulator as its proxy.
 */
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import COS from "cos-nodejs-sdk-v5"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Emulator from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"

const Bucket = "photos-1250000000"
const Region = "ap-guangzhou"
const at = { Bucket, Region }
const server = Emulator.layerServer({ buckets: [Bucket] })

const client = Effect.map(
  Emulator.Emulator,
  ({ credentials, endpoint }) =>
    new COS({
      SecretId: credentials.secretId,
      SecretKey: Redacted.value(credentials.secretKey),
      Protocol: "http:",
      Proxy: endpoint
    })
)

/** What the SDK throws. */
interface Refused {
  readonly statusCode?: number
  readonly code?: string
}

const refused = (call: () => Promise<unknown>): Effect.Effect<Refused> =>
  Effect.promise(() =>
    call().then(
      () => ({}),
      (error: Refused) => ({ statusCode: error.statusCode, code: error.code }) as Refused
    )
  )

const run = <A>(call: () => Promise<A>): Effect.Effect<A> => Effect.promise(call)

const domain = "{bucket}.{region}.cos.test"

describe("the official SDK", () => {
  it.live("reaches the emulator by proxy, by address and by a domain template", () =>
    Effect.gen(function* () {
      const { address, credentials, endpoint, journal } = yield* Emulator.Emulator
      const keys = { SecretId: credentials.secretId, SecretKey: Redacted.value(credentials.secretKey) }
      const ways: ReadonlyArray<readonly [options: COS.COSOptions, host: string]> = [
        [{ Proxy: endpoint }, `${Bucket}.cos.${Region}.myqcloud.com`],
        [{ Ip: `${address?.host}:${address?.port}` }, `${Bucket}.cos.${Region}.myqcloud.com`],
        // By proxy too, only to do without a name server.
        [{ Proxy: endpoint, Domain: "{Bucket}.{Region}.cos.test" }, `${Bucket}.${Region}.cos.test`]
      ]
      for (const [options, host] of ways) {
        const cos = new COS({ ...keys, Protocol: "http:", ...options } as COS.COSOptions)
        yield* run(() => cos.putObject({ ...at, Key: "k", Body: "x" }))
        expect((yield* journal).at(-1)).toMatchObject({ host, bucket: Bucket, key: "k", status: 200 })
      }
    }).pipe(Effect.provide(Emulator.layerServer({ buckets: [Bucket], domain })))
  )

  it.live("works with buckets", () =>
    Effect.gen(function* () {
      const cos = yield* client
      const other = { Bucket: "other-1250000000", Region: "ap-beijing" }
      yield* run(() => cos.putBucket({ ...other, ACL: "public-read" }))
      expect(yield* refused(() => cos.putBucket(other))).toEqual({ statusCode: 409, code: "BucketAlreadyOwnedByYou" })
      const all = yield* run(() => cos.getService({}))
      expect(all.Buckets.map(({ Location, Name }) => [Name, Location])).toEqual([
        ["other-1250000000", "ap-beijing"],
        ["photos-1250000000", "ap-guangzhou"]
      ])
      const near = yield* run(() => cos.getService({ Region: "ap-beijing" }))
      expect(near.Buckets.map(({ Name }) => Name)).toEqual(["other-1250000000"])
      expect((yield* run(() => cos.headBucket(other))).statusCode).toBe(200)
      expect(yield* refused(() => cos.headBucket({ ...other, Region: "ap-nanjing" }))).toMatchObject({
        statusCode: 404
      })
      yield* run(() => cos.putObject({ ...other, Key: "k", Body: "x" }))
      expect(yield* refused(() => cos.deleteBucket(other))).toEqual({ statusCode: 409, code: "BucketNotEmpty" })
      yield* run(() => cos.deleteObject({ ...other, Key: "k" }))
      expect((yield* run(() => cos.deleteBucket(other))).statusCode).toBe(204)
      expect(yield* refused(() => cos.getBucket(other))).toEqual({ statusCode: 404, code: "NoSuchBucket" })
    }).pipe(Effect.provide(server))
  )

  it.live("works with objects", () =>
    Effect.gen(function* () {
      const cos = yield* client
      const Key = "目录/a b+c%!'()*~.txt"
      const put = yield* run(() =>
        cos.putObject({
          ...at,
          Key,
          Body: "hello world!",
          ContentType: "text/plain",
          StorageClass: "STANDARD_IA",
          "x-cos-meta-author": "ada",
          UploadCheckContentMd5: true
        } as COS.PutObjectParams)
      )
      expect(put.ETag).toBe('"fc3ff98e8c6a0d3087d515c0473f8677"')
      const head = yield* run(() => cos.headObject({ ...at, Key }))
      expect(head.headers).toMatchObject({
        "content-length": "12",
        "content-type": "text/plain",
        "x-cos-hash-crc64ecma": "9548687815775124833",
        "x-cos-meta-author": "ada",
        "x-cos-storage-class": "STANDARD_IA"
      })
      const part = yield* run(() => cos.getObject({ ...at, Key, Range: "bytes=6-", ResponseContentType: "a/b" }))
      expect([part.statusCode, part.Body.toString(), part.headers?.["content-type"]]).toEqual([206, "world!", "a/b"])
      const unchanged = yield* run(() =>
        cos.headObject({
          ...at,
          Key,
          IfModifiedSince: new Date(Date.now() + 60_000).toUTCString()
        } as COS.HeadObjectParams)
      )
      expect(unchanged).toMatchObject({ NotModified: true, statusCode: 304 })
      expect(yield* refused(() => cos.getObject({ ...at, Key: "nothing" }))).toEqual({
        statusCode: 404,
        code: "NoSuchKey"
      })
      const copy = yield* run(() =>
        cos.putObjectCopy({
          ...at,
          Key: "copy",
          CopySource: `${Bucket}.cos.${Region}.myqcloud.com/${encodeURIComponent(Key)}`
        })
      )
      expect(copy.ETag).toBe(put.ETag)
      expect((yield* run(() => cos.getObject({ ...at, Key: "copy" }))).Body.toString()).toBe("hello world!")
      const list = yield* run(() => cos.getBucket({ ...at, Delimiter: "/" }))
      expect(list.Contents.map((entry) => entry.Key)).toEqual(["copy"])
      expect(list.CommonPrefixes.map(({ Prefix }) => Prefix)).toEqual(["目录/"])
      const gone = yield* run(() => cos.deleteMultipleObject({ ...at, Objects: [{ Key }, { Key: "copy" }] }))
      expect(gone.Deleted.map((entry) => entry.Key)).toEqual([Key, "copy"])
      expect(yield* (yield* Emulator.Emulator).objects(Bucket)).toEqual([])
    }).pipe(Effect.provide(server))
  )

  it.live("works with presigned URLs", () =>
    Effect.gen(function* () {
      const cos = yield* client
      yield* run(() => cos.putObject({ ...at, Key: "k ü", Body: "signed" }))
      const url = new URL(cos.getObjectUrl({ ...at, Key: "k ü", Sign: true }, () => {}))
      const { endpoint } = yield* Emulator.Emulator
      // The absolute form, as to a proxy: fetch itself cannot set Host.
      const text = yield* Effect.async<string>((resume) => {
        import("node:http").then((http) => {
          const { hostname, port } = new URL(endpoint)
          http.get({ hostname, port, path: url.href, headers: { host: url.host }, agent: false }, (response) => {
            let body = ""
            response.on("data", (chunk) => {
              body += String(chunk)
            })
            response.on("end", () => resume(Effect.succeed(body)))
          })
        })
      })
      expect(text).toBe("signed")
    }).pipe(Effect.provide(server))
  )

  it.live("uploads and copies in parts, and downloads in ranges", () =>
    Effect.gen(function* () {
      const cos = yield* client
      const emulator = yield* Emulator.Emulator
      const dir = mkdtempSync(join(tmpdir(), "cos-official-"))
      const [source, target] = [join(dir, "source"), join(dir, "target")]
      const bytes = Buffer.from(Uint8Array.from({ length: 2_597_152 }, (_, index) => index % 251))
      writeFileSync(source, bytes)
      yield* Effect.gen(function* () {
        // One part fails once: the SDK sends it again.
        const fault = yield* emulator.fault({ on: { operation: "uploadPart", partNumber: 2 }, do: Fault.status(503) })
        const up = yield* run(() => cos.sliceUploadFile({ ...at, Key: "big", FilePath: source }))
        expect(yield* fault.fired).toBe(1)
        expect(up.ETag).toBe('"0e777e21a9e774ab7f1c005b3ea3ae3d-3"')
        expect(up.headers?.["x-cos-hash-crc64ecma"]).toBe("486446570408309440")
        const [info] = yield* emulator.objects(Bucket)
        expect(info?.partSizes).toEqual([1_048_576, 1_048_576, 500_000])
        expect(Buffer.from(yield* emulator.bytes(Bucket, "big")).equals(bytes)).toBe(true)

        yield* run(() => cos.downloadFile({ ...at, Key: "big", FilePath: target }))
        expect(readFileSync(target).equals(bytes)).toBe(true)

        yield* run(() =>
          cos.sliceCopyFile({
            ...at,
            Key: "copied",
            CopySource: `${Bucket}.cos.${Region}.myqcloud.com/big`,
            CopySliceSize: 1,
            CopyChunkSize: 1024 * 1024
          })
        )
        const md5 = createHash("md5")
          .update(yield* emulator.bytes(Bucket, "copied"))
          .digest("hex")
        expect(md5).toBe("f5787048c12317b3c0130ef218a9d0be")
        expect(yield* emulator.unfinishedUploads).toEqual([])
      }).pipe(Effect.ensuring(Effect.sync(() => rmSync(dir, { recursive: true }))))
    }).pipe(Effect.provide(server))
  )

  it.live("lists, continues and aborts uploads", () =>
    Effect.gen(function* () {
      const cos = yield* client
      const emulator = yield* Emulator.Emulator
      const { UploadId } = yield* run(() => cos.multipartInit({ ...at, Key: "k" }))
      const part = yield* run(() => cos.multipartUpload({ ...at, Key: "k", UploadId, PartNumber: 1, Body: "a" }))
      const uploads = yield* run(() => cos.multipartList({ ...at, Prefix: "k", Delimiter: "" }))
      expect(uploads.Upload.map((upload) => [upload.Key, upload.UploadId])).toEqual([["k", UploadId]])
      const parts = yield* run(() => cos.multipartListPart({ ...at, Key: "k", UploadId }))
      expect(parts.Part.map(({ ETag, PartNumber, Size }) => [PartNumber, ETag, Size])).toEqual([["1", part.ETag, "1"]])
      const wrong = { PartNumber: 2, ETag: part.ETag }
      expect(yield* refused(() => cos.multipartComplete({ ...at, Key: "k", UploadId, Parts: [wrong] }))).toEqual({
        statusCode: 400,
        code: "InvalidPart"
      })
      const done = yield* run(() =>
        cos.multipartComplete({ ...at, Key: "k", UploadId, Parts: [{ PartNumber: 1, ETag: part.ETag }] })
      )
      expect(done.ETag).toMatch(/^"[0-9a-f]{32}-1"$/)
      const second = yield* run(() => cos.multipartInit({ ...at, Key: "k" }))
      yield* run(() => cos.multipartAbort({ ...at, Key: "k", UploadId: second.UploadId }))
      expect(yield* refused(() => cos.multipartAbort({ ...at, Key: "k", UploadId }))).toEqual({
        statusCode: 404,
        code: "NoSuchUpload"
      })
      expect(yield* emulator.unfinishedUploads).toEqual([])
    }).pipe(Effect.provide(server))
  )

  it.live("corrects its clock from the emulator's", () =>
    Effect.gen(function* () {
      const cos = yield* client
      const emulator = yield* Emulator.Emulator
      yield* emulator.clock.adjust("20 minutes")
      yield* run(() => cos.putObject({ ...at, Key: "k", Body: "late" }))
      const codes = (yield* emulator.journal).map(({ code, status }) => code ?? status)
      expect(codes).toEqual(["AccessDenied", 200])
    }).pipe(Effect.provide(server))
  )
})
