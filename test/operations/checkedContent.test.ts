/** What single operations say of their content beside it: its SHA-1, its MD5, metadata and grants. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Presign from "effect-cos/Presign"
import * as Upload from "effect-cos/Upload"
import * as World from "../support/world.js"

const key = "key"
const body = "the content"
const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("hex")
const wrong = hex("sha1", "something else")

const world = World.inProcess({ emulator: { minPartSize: 1 } })

const begun = Effect.map(Cos.initiateMultipartUpload({ key }), ({ uploadId }) => uploadId)

describe("contentSha1", () => {
  const writes: Record<string, (contentSha1: string) => Effect.Effect<unknown, unknown, CosClient>> = {
    putObject: (contentSha1) => Cos.putObject({ key, body, contentSha1 }),
    uploadPart: (contentSha1) =>
      Effect.flatMap(begun, (uploadId) => Cos.uploadPart({ key, uploadId, partNumber: 1, body, contentSha1 })),
    appendObject: (contentSha1) => Cos.appendObject({ key, position: 0, body, contentSha1 })
  }

  it.effect.each(Object.entries(writes))("of %s is compared by the service", ([, write]) =>
    Effect.gen(function* () {
      yield* write(hex("sha1", body))
      yield* Effect.ignore(Cos.deleteObject({ key }))
      yield* write(hex("sha1", body).toUpperCase())
      expect(yield* Effect.flip(write(wrong))).toMatchObject({ _tag: "InvalidSHA1Digest", status: 400 })
      expect(yield* Effect.flip(write("abc"))).toMatchObject({
        _tag: "InvalidInput",
        reason: "contentSha1 must be 40 hex digits"
      })
    }).pipe(Effect.provide(world))
  )
})

describe("storeMd5", () => {
  const stored = Effect.map(Cos.headObject({ key }), ({ metadata }) => metadata)

  it.effect("of putObject is computed of what is in memory, and taken as it is for the rest", () =>
    Effect.gen(function* () {
      const md5 = hex("md5", body)
      yield* Cos.putObject({ key, body, storeMd5: true, metadata: { a: "b" } })
      expect(yield* stored).toEqual({ a: "b", md5 })
      yield* Cos.putObject({ key, body: "", storeMd5: true })
      expect(yield* stored).toEqual({ md5: hex("md5", "") })
      const stream = Body.stream(Stream.make(Buffer.from(body)), { size: body.length })
      yield* Cos.putObject({ key, body: stream, storeMd5: md5.toUpperCase() })
      expect(yield* stored).toEqual({ md5 })
      yield* Cos.putObject({ key, body: stream, storeMd5: false })
      expect(yield* stored).toEqual({})
      const refused = (storeMd5: string | boolean) =>
        Effect.map(Effect.flip(Cos.putObject({ key, body: stream, storeMd5 })), ({ message }) => message)
      expect(yield* refused(true)).toContain("storeMd5 must be the 32 hex digits themselves")
      expect(yield* refused("?")).toContain("storeMd5 must be 32 hex digits")
      const twice = Cos.putObject({ key, body, storeMd5: true, metadata: { MD5: md5 } })
      expect(yield* Effect.flip(twice)).toMatchObject({ _tag: "InvalidInput", reason: expect.stringMatching("once") })
    }).pipe(Effect.provide(world))
  )

  it.effect("of initiateMultipartUpload is stored with the object", () =>
    Effect.gen(function* () {
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key, storeMd5: hex("md5", body) })
      const { eTag } = yield* Cos.uploadPart({ key, uploadId, partNumber: 1, body })
      yield* Cos.completeMultipartUpload({ key, uploadId, parts: [{ partNumber: 1, eTag }] })
      expect(yield* stored).toEqual({ md5: hex("md5", body) })
    }).pipe(Effect.provide(world))
  )
})

it.effect("grantWrite of objects reaches their ACL", () =>
  Effect.gen(function* () {
    const grantWrite = ["100000000022"]
    const grants = (name: string) =>
      Effect.map(Cos.getObjectAcl({ key: name }), ({ grants }) =>
        grants.flatMap(({ grantee, permission }) => (permission === "WRITE" ? [grantee.id] : []))
      )
    yield* Cos.putObject({ key, body, grantWrite })
    expect(yield* grants(key)).toEqual(["qcs::cam::uin/100000000022:uin/100000000022"])
    yield* Cos.copyObject({ key: "copy", source: { key }, grantWrite })
    expect(yield* grants("copy")).toHaveLength(1)
    yield* Cos.appendObject({ key: "log", position: 0, body, grantWrite })
    expect(yield* grants("log")).toHaveLength(1)
    const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "parts", grantWrite })
    const { eTag } = yield* Cos.uploadPart({ key: "parts", uploadId, partNumber: 1, body })
    yield* Cos.completeMultipartUpload({ key: "parts", uploadId, parts: [{ partNumber: 1, eTag }] })
    expect(yield* grants("parts")).toHaveLength(1)
    yield* Cos.putObject({ key: "later", body })
    yield* Cos.putObjectAcl({ key: "later", grantWrite })
    expect(yield* grants("later")).toHaveLength(1)
  }).pipe(Effect.provide(world))
)

const prefix = "x-cos-meta-".length

describe("metadata", () => {
  /** Names and values of so many bytes in all, as the service counts them. */
  const ofSize = (all: number) => {
    const first = { a: "é".repeat(2047) }
    return { ...first, bc: "b".repeat(all - (prefix + 1 + 2047) - (prefix + 2)) }
  }

  const writes: Record<string, (metadata: Record<string, string>) => Effect.Effect<unknown, unknown, CosClient>> = {
    putObject: (metadata) => Cos.putObject({ key, body, metadata }),
    appendObject: (metadata) =>
      Effect.zipRight(Cos.deleteObject({ key }), Cos.appendObject({ key, position: 0, body, metadata })),
    copyObject: (metadata) =>
      Effect.zipRight(
        Cos.putObject({ key: "from", body }),
        Cos.copyObject({ key, source: { key: "from" }, metadataDirective: "Replaced", metadata })
      ),
    initiateMultipartUpload: (metadata) => Cos.initiateMultipartUpload({ key, metadata }),
    "Upload.bytes": (metadata) => Upload.bytes({ key, bytes: Buffer.from(body), metadata }),
    "Copy.object": (metadata) =>
      Effect.zipRight(
        Cos.putObject({ key: "from", body }),
        Copy.object({ key, source: { key: "from" }, metadataDirective: "Replaced", metadata })
      ),
    "Presign.form": (metadata) => Presign.form({ key, metadata })
  }

  it.effect.each(Object.entries(writes))("of %s: 2,048 bytes each and 4,096 in all are the most", ([, write]) =>
    Effect.gen(function* () {
      yield* write({ abc: "d".repeat(2045) })
      yield* write(ofSize(4096))
      for (const metadata of [{ abc: "d".repeat(2046) }, ofSize(4097)]) {
        expect(yield* Effect.flip(write(metadata))).toMatchObject({ _tag: "InvalidInput", field: "metadata" })
      }
    }).pipe(Effect.provide(world))
  )

  it.effect("counts what other fields add", () =>
    Effect.gen(function* () {
      const metadata = ofSize(4096)
      const put = Cos.putObject({ key, body, metadata, storeMd5: true })
      expect(yield* Effect.flip(put)).toMatchObject({ _tag: "InvalidInput", field: "metadata" })
      const extra = { headers: { "X-Cos-Meta-D": "" } }
      const more = Cos.putObject({ key, body, metadata, extra })
      expect(yield* Effect.flip(more)).toMatchObject({ _tag: "InvalidInput", field: "metadata" })
    }).pipe(Effect.provide(world))
  )

  it.effect("is stored, or refused before anything is sent, and by the emulator alike", () =>
    Effect.gen(function* () {
      const sizes = FastCheck.record({
        name: FastCheck.integer({ min: 1, max: 60 }),
        value: FastCheck.integer({ min: 0, max: 2100 })
      })
      for (const entries of FastCheck.sample(FastCheck.array(sizes, { minLength: 1, maxLength: 4 }), {
        numRuns: 60,
        seed: 7
      })) {
        const metadata = Object.fromEntries(
          entries.map(({ name, value }, i) => [`${i}`.padEnd(name, "n"), "v".repeat(value)])
        )
        const before = (yield* World.requests()).length
        const result = yield* Effect.either(Cos.putObject({ key, body, metadata }))
        if (Either.isLeft(result)) {
          expect(result.left).toMatchObject({ _tag: "InvalidInput", field: "metadata" })
          expect((yield* World.requests()).length).toBe(before)
        }
      }
    }).pipe(Effect.provide(world))
  )
})
