/** Values that a request names something by, and that are empty: a service may take them for absent, and do another thing. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Operation from "effect-cos/Operation"
import * as Presign from "effect-cos/Presign"
import { resultOf } from "../support/result.js"

const operations: ReadonlyArray<Operation.SpecData> = Object.values(Cos)
  .filter((value) => typeof value === "function" && "spec" in value)
  .map((operation) => (operation as unknown as { readonly spec: Operation.SpecData }).spec)

/** The parameters that say what is meant, without which a request would mean another thing. */
const naming = operations.flatMap((spec) =>
  Object.entries(spec.params)
    .filter(
      ([field, { place, presence }]) =>
        (presence === "required" && ["query", "path", "header"].includes(place)) || field === "versionId"
    )
    .map(([field, param]) => ({ spec, field, param }))
)

const refused = (run: Effect.Effect<unknown, unknown, CosClient.CosClient>, field: string) =>
  Effect.gen(function* () {
    const { requests, result } = yield* resultOf(run)
    expect(result).toMatchObject({ left: { _tag: "InvalidInput", field } })
    expect(requests).toEqual([])
  })

describe("an empty value that names something is refused before anything is sent", () => {
  it.effect("by every operation", () =>
    Effect.gen(function* () {
      expect(naming.map(({ field, spec }) => `${spec.name} ${field}`)).toEqual(
        expect.arrayContaining([
          "abortMultipartUpload uploadId",
          "deleteObject versionId",
          "getBucketDomainCertificate domainName"
        ])
      )
      for (const { field, param, spec } of naming) {
        const alone = { ...spec, document: undefined, path: undefined, params: { [field]: param } }
        const value = field === "source" ? { key: "a", versionId: "" } : ""
        const run = Operation.request(alone, {
          bucket: "b-1",
          region: "ap-beijing",
          key: "a",
          [field]: value
        } as object)
        const { result } = yield* resultOf(run)
        expect([spec.name, result]).toMatchObject([spec.name, { left: { _tag: "InvalidInput", field } }])
      }
    })
  )

  it.effect("by an upload, a version, a key, and ids that stand in a document too", () =>
    Effect.gen(function* () {
      yield* refused(Cos.abortMultipartUpload({ key: "a", uploadId: "" }), "uploadId")
      yield* refused(Cos.uploadPart({ key: "a", uploadId: "", partNumber: 1, body: "" }), "uploadId")
      yield* refused(Cos.uploadPart({ key: "a", uploadId: "u", partNumber: 0, body: "" }), "partNumber")
      yield* refused(Cos.listParts({ key: "a", uploadId: "" }), "uploadId")
      yield* refused(Cos.deleteObject({ key: "a", versionId: "" }), "versionId")
      yield* refused(Cos.deleteObject({ key: "" }), "key")
      yield* refused(Cos.copyObject({ key: "a", source: { key: "b", versionId: "" } }), "source")
      const id = { id: "", status: "Enabled", tierings: [{ accessTier: "INFREQUENT", days: 30 }] } as const
      yield* refused(Cos.putBucketIntelligentTieringConfiguration(id), "id")
    })
  )

  it.effect("by an operation of one's own", () =>
    Effect.gen(function* () {
      const own = Operation.make({
        name: "deleteOwn",
        method: "DELETE",
        target: "bucket",
        doc: "https://example.com",
        params: {
          id: Operation.required(Operation.query("id")),
          prefix: Operation.query("prefix")
        },
        success: Schema.Void,
        errors: []
      })
      yield* refused(own({ id: "" }), "id")
      const { requests } = yield* resultOf(own({ id: "i", prefix: "" }), {})
      expect(requests[0]?.target).toBe("/?id=i&prefix=")
    })
  )

  it.effect("by a presigned URL", () =>
    Effect.gen(function* () {
      yield* refused(Presign.request(Cos.abortMultipartUpload, { key: "a", uploadId: "" }), "uploadId")
      yield* refused(Presign.url(Cos.deleteObject, { key: "a", versionId: "" }), "versionId")
      yield* refused(Presign.objectUrl({ key: "a", versionId: "" }), "versionId")
      yield* refused(Presign.objectUrl({ key: "" }), "key")
    })
  )

  it.effect("by the name of a bucket and by a region, which are not those of the client then", () =>
    Effect.gen(function* () {
      yield* refused(Cos.deleteBucket({ bucket: "" }), "bucket")
      yield* refused(Cos.deleteObject({ key: "a", region: "" }), "region")
      yield* refused(Cos.copyObject({ key: "a", source: { key: "b", bucket: "" } }), "source.bucket")
    })
  )
})
