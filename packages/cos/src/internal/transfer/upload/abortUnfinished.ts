/** Removing what uploads have left in a bucket. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import { checkOption, checkOptions, count, duration } from "../../operation/options.js"
import { isUploadInUse } from "../inUse.js"
import type { AbortReport, UnfinishedSelection, UnfinishedUpload } from "../model.js"

/** The service's own time: uploads carry it, and this machine's may be wrong. */
const serverTime = ({ bucket, prefix, region }: UnfinishedSelection) =>
  Effect.gen(function* () {
    const { response } = yield* Operation.withResponse(multipart.listMultipartUploads)({
      bucket,
      region,
      prefix,
      maxUploads: 1
    })
    const date = Date.parse(response.headers.date ?? "")
    return Number.isNaN(date) ? yield* Clock.currentTimeMillis : date
  })

export const abortUnfinished = (input: UnfinishedSelection, concurrency: number) =>
  Effect.gen(function* () {
    yield* checkOptions("Upload.abortUnfinished", { concurrency }, { concurrency: count(1, 256) })
    const { bucket, olderThan, prefix, region } = input
    yield* checkOption("Upload.abortUnfinished", "olderThan", olderThan, duration)
    const newest = olderThan === undefined ? Infinity : (yield* serverTime(input)) - Duration.toMillis(olderThan)
    const aborted: Array<UnfinishedUpload> = []
    const failures: Array<AbortReport["failures"][number]> = []
    const skipped: Array<AbortReport["skipped"][number]> = []

    yield* multipart.listMultipartUploads.items({ bucket, region, prefix }).pipe(
      Stream.mapEffect(
        ({ initiated, key, storageClass, uploadId }) => {
          const upload: UnfinishedUpload = { key, uploadId, initiated, storageClass }
          const skip = (reason: AbortReport["skipped"][number]["reason"]) =>
            Effect.sync(() => void skipped.push({ upload, reason }))
          if (isUploadInUse(uploadId)) return skip("inUse")
          if (initiated.getTime() > newest) return skip("young")
          return Effect.matchEffect(multipart.abortMultipartUpload({ bucket, region, key, uploadId }), {
            onFailure: (error) =>
              error._tag === "NoSuchUpload" ? skip("gone") : Effect.sync(() => void failures.push({ upload, error })),
            onSuccess: () => Effect.sync(() => void aborted.push(upload))
          })
        },
        { concurrency, unordered: true }
      ),
      Stream.runDrain
    )
    return { aborted, failures, skipped } satisfies AbortReport
  })
