/**
 * A program as a user writes it, of 30 operations. It is only compiled: here against the sources, and by `scripts/check/packaging.ts` against
 * the published declarations, where `scripts/type-cost.ts` measures what it costs.
 */

import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"

const key = "reports/2026.json"

export const program = Effect.gen(function* () {
  yield* Cos.putObject({ key, body: "{}", contentType: "application/json", metadata: { author: "ada" } })
  const head = yield* Cos.headObject({ key }).pipe(
    Effect.asSome,
    Effect.catchTag("NoSuchKey", () => Effect.succeedNone)
  )
  yield* Cos.copyObject({ key: "copy", source: { key } }).pipe(Effect.catchTag("PreconditionFailed", () => Effect.void))
  const text = yield* Effect.scoped(
    Effect.flatMap(Cos.getObject({ key }), ({ body }) => Stream.mkString(Stream.decodeText(body)))
  )
  const old = yield* Cos.listObjects.items({ prefix: "reports/" }).pipe(
    Stream.filter((object) => object.size > 0),
    Stream.map((object) => ({ key: object.key })),
    Stream.runCollect
  )
  yield* Cos.deleteMultipleObjects({ objects: Array.from(old) })
  const { uploadId } = yield* Cos.initiateMultipartUpload({ key })
  const { eTag } = yield* Cos.uploadPart({ key, uploadId, partNumber: 1, body: text })
  yield* Cos.completeMultipartUpload({ key, uploadId, parts: [{ partNumber: 1, eTag }] }).pipe(
    Effect.onError(() => Effect.ignore(Cos.abortMultipartUpload({ key, uploadId })))
  )
  yield* Cos.listParts.items({ key, uploadId }).pipe(Stream.runDrain)
  yield* Cos.listMultipartUploads.items({ prefix: "reports/" }).pipe(Stream.runDrain)
  const { buckets } = yield* Cos.listBuckets({})
  yield* Cos.putBucket({ bucket: "archive-1250000000", region: "ap-beijing" }).pipe(
    Effect.catchTags({ BucketAlreadyOwnedByYou: () => Effect.void, TooManyBuckets: () => Effect.void })
  )
  yield* Cos.deleteBucket({ bucket: "archive-1250000000" }).pipe(Effect.catchTag("BucketNotEmpty", () => Effect.void))
  return { head, text, buckets: buckets.length }
})

export const configure = Effect.gen(function* () {
  const { region } = yield* Cos.headBucket()
  const cors = yield* CosError.orNone(Cos.getBucketCors())
  yield* Cos.putBucketCors({
    rules: [{ allowedOrigins: ["https://www.example.com"], allowedMethods: ["GET", "PUT"], maxAgeSeconds: 600 }]
  })
  yield* Cos.putBucketLifecycle({
    rules: [{ id: "logs", status: "Enabled", filter: { prefix: "logs/" }, expiration: { days: 30 } }]
  }).pipe(Effect.catchTag("MalformedXML", Effect.logError))
  const { rules } = yield* Cos.getBucketLifecycle()
  yield* Cos.putBucketVersioning({ status: "Enabled" })
  const { grants } = yield* Cos.getBucketAcl()
  return { region, cors, expires: rules.map((rule) => rule.expiration?.days), readers: grants.length }
})

export const maintain = Effect.gen(function* () {
  const versions = yield* Cos.listObjectVersions.items({ prefix: "reports/" }).pipe(Stream.take(10), Stream.runCollect)
  yield* Cos.putObjectTagging({ key, tags: [{ key: "kept", value: "yes" }] })
  const { tags } = yield* Cos.getObjectTagging({ key })
  yield* Cos.restoreObject({ key, days: 3, tier: "Standard" }).pipe(
    Effect.catchTag("RestoreAlreadyInProgress", () => Effect.void)
  )
  const { nextAppendPosition } = yield* Cos.appendObject({ key: "app.log", position: 0, body: "started\n" })
  const records = yield* Cos.selectObjectContent({
    key: "people.csv",
    expression: "select * from COSObject",
    input: { csv: { fileHeaderInfo: "USE" } },
    output: { json: {} }
  }).pipe(
    Stream.filter((event) => event._tag === "Records"),
    Stream.runCount
  )
  yield* Cos.uploadPartCopy({ key, uploadId: "1", partNumber: 1, source: { key: "copy" }, range: { start: 0, end: 9 } })
  yield* Cos.deleteObject({ key: "copy" })
  return { versions: versions.length, tags, nextAppendPosition, records }
})
