/**
 * The official Node SDK, unmodified, with COS's own host names (the emulator is its proxy), beside ours: what the one
 * writes the other reads.
 */
import { readFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import COS from "cos-nodejs-sdk-v5"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Emulator from "effect-cos-emulator/Emulator"
import { configurations, key, logs } from "../operations/configurations.js"
import { content, firstDifference, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const world = World.portClient().pipe(
  Layer.provideMerge(Emulator.layerServer({ buckets: [World.bucket, logs], region: World.region }))
)

const at = { Bucket: World.bucket, Region: World.region }

const official = Effect.map(
  Emulator.Emulator,
  ({ credentials, endpoint }) =>
    new COS({
      SecretId: credentials.secretId,
      SecretKey: Redacted.value(credentials.secretKey),
      Protocol: "http:",
      Proxy: endpoint
    })
)

type Answer = Readonly<Record<string, unknown>>

/** Calls a method by its name. */
const answer = (cos: COS, method: keyof COS, params: object): Effect.Effect<Answer, Answer> =>
  Effect.tryPromise({
    try: () => (cos[method] as (params: object) => Promise<Answer>).call(cos, { ...at, ...params }),
    catch: (error) => error as Answer
  })

/** Of the answer, what is not the same for all methods. */
const call = (cos: COS, method: keyof COS, params: object): Effect.Effect<Answer, Answer> =>
  Effect.map(answer(cos, method, params), ({ RequestId: _, headers: __, statusCode: ___, ...answer }) => answer)

const host = `${World.bucket}.cos.${World.region}.myqcloud.com`
const oddKey = "目录/a b+c%!'()*~.txt"
const small = "hello world!"
const large = content(2 * MiB + 5)

const fileOf = (bytes: Uint8Array) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = `${yield* fs.makeTempDirectoryScoped()}/file`
    yield* fs.writeFile(path, bytes)
    return path
  }).pipe(Effect.provide(NodeFileSystem.layer))

const both = configurations.filter(({ official }) => typeof official !== "string")

describe.each(both)("$name", (configuration) => {
  const { before = Effect.void, get, none, put, value } = configuration
  const theirs = typeof configuration.official === "string" ? undefined : configuration.official
  if (theirs === undefined) return
  const { given, read = given, remove } = theirs
  const theirRead = Effect.flatMap(official, (cos) => call(cos, theirs.get, { ...theirs.at }))
  const theirPut = Effect.flatMap(official, (cos) => call(cos, theirs.put, { ...theirs.at, ...given }))

  it.live("the official SDK reads what ours wrote", () =>
    Effect.gen(function* () {
      yield* before
      yield* put
      expect(yield* theirRead).toMatchObject(read)
    }).pipe(Effect.provide(world))
  )

  it.live("ours reads what the official SDK wrote", () =>
    Effect.gen(function* () {
      yield* before
      yield* theirPut
      expect(yield* get).toEqual(value)
      // It reads its own as it reads ours.
      expect(yield* theirRead).toMatchObject(read)
      if (remove === undefined) return
      const cos = yield* official
      yield* call(cos, remove, { ...theirs.at })
      if (typeof none === "string") expect((yield* Effect.flip(get))._tag).toBe(none)
      else expect(yield* get).toEqual(none)
    }).pipe(Effect.provide(world))
  )
})

/** Where nothing is configured the official SDK answers with an empty value, for some of the codes. */
const emptiness: ReadonlyArray<readonly [method: keyof COS, params: object, answer: object]> = [
  ["getBucketCors", {}, { CORSRules: [] }],
  ["getBucketTagging", {}, { Tags: [] }],
  ["getObjectTagging", { Key: key }, { Tags: [] }],
  ["getBucketLifecycle", {}, { Rules: [] }],
  ["getBucketWebsite", {}, { WebsiteConfiguration: {} }],
  ["getBucketReferer", {}, { WebsiteConfiguration: {} }],
  ["getBucketEncryption", {}, { EncryptionConfiguration: { Rules: [] } }],
  ["getBucketDomain", {}, { DomainRule: [] }],
  ["getBucketVersioning", {}, { VersioningConfiguration: {} }],
  ["getBucketAccelerate", {}, { AccelerateConfiguration: {} }]
]

it.live.each(emptiness)("%s knows that nothing is configured", ([method, params, answer]) =>
  Effect.gen(function* () {
    yield* Cos.putObject({ key, body: "" })
    expect(yield* call(yield* official, method, params)).toEqual(answer)
  }).pipe(Effect.provide(world))
)

describe("the rest of the official SDK", () => {
  it.live("missing policies and origins are errors", () =>
    Effect.gen(function* () {
      const cos = yield* official
      expect(yield* Effect.flip(call(cos, "getBucketPolicy", {}))).toMatchObject({ statusCode: 404 })
      expect(yield* Effect.flip(call(cos, "getBucketOrigin", {}))).toMatchObject({
        code: "OriginConfigurationNotFoundError"
      })
    }).pipe(Effect.provide(world))
  )

  it.live("location", () =>
    Effect.gen(function* () {
      expect(yield* call(yield* official, "getBucketLocation", {})).toMatchObject({ LocationConstraint: World.region })
    }).pipe(Effect.provide(world))
  )

  it.live("versions", () =>
    Effect.gen(function* () {
      const cos = yield* official
      yield* Cos.putBucketVersioning({ status: "Enabled" })
      yield* Cos.putObject({ key, body: "1" })
      yield* Cos.deleteObject({ key })
      const { DeleteMarkers, Versions } = yield* call(cos, "listObjectVersions", { Prefix: "" })
      expect(Versions).toMatchObject([{ Key: key, IsLatest: "false", Size: "1" }])
      expect(DeleteMarkers).toMatchObject([{ Key: key, IsLatest: "true" }])
    }).pipe(Effect.provide(world))
  )

  it.live("preflights", () =>
    Effect.gen(function* () {
      const cos = yield* official
      const ask = { Key: key, Origin: "https://a.example", AccessControlRequestMethod: "PUT" }
      expect(yield* call(cos, "optionsObject", ask)).toMatchObject({ OptionsForbidden: true })
      yield* Cos.putBucketCors({ rules: [{ allowedOrigins: ["*"], allowedMethods: ["PUT"] }] })
      expect(yield* call(cos, "optionsObject", ask)).toMatchObject({ AccessControlAllowOrigin: "*" })
    }).pipe(Effect.provide(world))
  )

  it.live("restored archives", () =>
    Effect.gen(function* () {
      const cos = yield* official
      const { clock } = yield* Emulator.Emulator
      yield* Cos.putObject({ key, body: "cold", storageClass: "ARCHIVE" })
      const RestoreRequest = { Days: 1, CASJobParameters: { Tier: "Expedited" } }
      yield* call(cos, "restoreObject", { Key: key, RestoreRequest })
      expect((yield* Cos.headObject({ key })).restore).toEqual({ ongoing: true })
      yield* clock.adjust("5 minutes")
      const { Body } = yield* call(cos, "getObject", { Key: key })
      expect(String(Body)).toBe("cold")
    }).pipe(Effect.provide(world))
  )

  it.live("appends", () =>
    Effect.gen(function* () {
      const cos = yield* official
      yield* call(cos, "appendObject", { Key: key, Position: 0, Body: "hello " })
      expect(yield* Cos.appendObject({ key, position: 6, body: "world!" })).toMatchObject({ nextAppendPosition: 12 })
      expect(yield* Effect.flip(call(cos, "appendObject", { Key: key, Position: 6, Body: "x" }))).toMatchObject({
        code: "AppendPositionErr"
      })
    }).pipe(Effect.provide(world))
  )

  it.live("selections", () =>
    Effect.gen(function* () {
      const cos = yield* official
      yield* Cos.putObject({ key, body: "ada,36\nalan,41\n" })
      const answer = yield* call(cos, "selectObjectContent", {
        Key: key,
        SelectType: 2,
        SelectRequest: {
          Expression: "select _1 from COSObject where _2 > 40",
          ExpressionType: "SQL",
          InputSerialization: {
            CompressionType: "NONE",
            CSV: {
              FileHeaderInfo: "NONE",
              RecordDelimiter: "\n",
              FieldDelimiter: ",",
              QuoteCharacter: '"',
              QuoteEscapeCharacter: '"',
              Comments: "#",
              AllowQuotedRecordDelimiter: "FALSE"
            }
          },
          OutputSerialization: { JSON: { RecordDelimiter: "\n" } },
          RequestProgress: { Enabled: "FALSE" }
        }
      })
      expect(String(answer.Payload)).toBe('{"_1":"alan"}\n')
      // Not its statistics: it pipes its parser into itself, and often loses what comes after the records.
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("ours reads the objects that it wrote, in one request and in parts", () =>
    Effect.gen(function* () {
      const cos = yield* official
      yield* call(cos, "putObject", { Key: oddKey, Body: small, ContentType: "a/b", "x-cos-meta-a": "1" })
      yield* call(cos, "sliceUploadFile", { Key: "large", FilePath: yield* fileOf(large), ChunkSize: MiB })
      yield* call(cos, "putObjectCopy", { Key: "copied", CopySource: `${host}/large` })

      expect(yield* Download.text({ key: oddKey })).toBe(small)
      expect(yield* Cos.headObject({ key: oddKey })).toMatchObject({ contentType: "a/b", metadata: { a: "1" } })
      for (const key of ["large", "copied"]) {
        expect(firstDifference(yield* Download.bytes({ key }), large)).toBeUndefined()
      }
      const listed = yield* Stream.runCollect(Cos.listObjects.items())
      expect(Array.from(listed, ({ key, size }) => [key, size])).toEqual([
        ["copied", large.byteLength],
        ["large", large.byteLength],
        [oddKey, 12]
      ])
      yield* Cos.deleteMultipleObjects({ objects: [{ key: "copied" }, { key: "large" }] })
      expect((yield* call(cos, "getBucket", {})).Contents).toMatchObject([{ Key: oddKey }])
    }).pipe(Effect.provide(world))
  )

  it.scopedLive("reads the objects that ours wrote, in one request and in parts", () =>
    Effect.gen(function* () {
      const cos = yield* official
      yield* Cos.putObject({ key: oddKey, body: small, contentType: "a/b", metadata: { a: "1" } })
      yield* Upload.bytes({ key: "large", bytes: large }, { partSize: MiB, threshold: 0 })
      yield* Cos.copyObject({ key: "copied", source: { key: "large" } })

      expect(yield* call(cos, "getObject", { Key: oddKey }).pipe(Effect.map(({ Body }) => String(Body)))).toBe(small)
      const { headers } = yield* answer(cos, "headObject", { Key: oddKey })
      expect(headers).toMatchObject({ "content-type": "a/b", "x-cos-meta-a": "1" })
      for (const Key of ["large", "copied"]) {
        const { Body } = yield* call(cos, "getObject", { Key })
        expect(firstDifference(Body as Uint8Array, large)).toBeUndefined()
      }
      const path = yield* fileOf(new Uint8Array())
      yield* call(cos, "downloadFile", { Key: "large", FilePath: path, ChunkSize: MiB })
      expect(firstDifference(readFileSync(path), large)).toBeUndefined()
      const Objects = [{ Key: "copied" }, { Key: "large" }]
      expect((yield* call(cos, "deleteMultipleObject", { Objects })).Deleted).toHaveLength(2)
      const left = yield* Stream.runCollect(Cos.listObjects.items())
      expect(Array.from(left, ({ key }) => key)).toEqual([oddKey])
    }).pipe(Effect.provide(world))
  )

  it.live("resumes an upload that ours began, and ours resumes one of its", () =>
    Effect.gen(function* () {
      const cos = yield* official
      const { UploadId } = yield* call(cos, "multipartInit", { Key: "theirs" })
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "ours" })
      expect((yield* call(cos, "multipartList", {})).Upload).toMatchObject([{ Key: "ours" }, { Key: "theirs" }])

      yield* Cos.uploadPart({ key: "theirs", uploadId: String(UploadId), partNumber: 1, body: "both" })
      const { Part } = yield* call(cos, "multipartListPart", { Key: "theirs", UploadId })
      yield* call(cos, "multipartComplete", { Key: "theirs", UploadId, Parts: Part })
      expect(yield* Download.text({ key: "theirs" })).toBe("both")

      yield* call(cos, "multipartUpload", { Key: "ours", UploadId: uploadId, PartNumber: 1, Body: "ours" })
      const { parts } = yield* Cos.listParts({ key: "ours", uploadId })
      yield* Cos.completeMultipartUpload({ key: "ours", uploadId, parts })
      expect(String((yield* call(cos, "getObject", { Key: "ours" })).Body)).toBe("ours")

      const again = yield* Cos.initiateMultipartUpload({ key: "ours" })
      yield* call(cos, "multipartAbort", { Key: "ours", UploadId: again.uploadId })
      expect((yield* Effect.flip(Cos.listParts({ key: "ours", uploadId: again.uploadId })))._tag).toBe("NoSuchUpload")
    }).pipe(Effect.provide(world))
  )
})
