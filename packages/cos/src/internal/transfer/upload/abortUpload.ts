/**
 * Aborting an upload that does not become an object, within a limit; one that may be left all the same is reported. `session`
 * does it in its release, when a transfer fails or is interrupted.
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { CosClient } from "../../../CosClient.js"
import * as multipart from "../../../operations/multipart.js"
import type { ObjectLocation } from "../../http/place.js"
import { AllowStaleCredentials } from "../../http/settingPrecedence.js"
import { runBounded } from "../../time/runBounded.js"
import type { UnfinishedUpload } from "../model.js"

export interface EndLimits {
  /** How long an interrupt waits for a response that is on its way. */
  readonly abortGrace: Duration.Duration
  /** How long a release may take. */
  readonly release: Duration.Duration
}

/**
 * A multipart upload, or one that may exist, that was not removed. Logged as a warning, and counted in
 * `cos_uploads_left_total`.
 *
 * @since 0.1.0
 * @category models
 */
export class UploadLeft extends Data.TaggedClass("UploadLeft")<{
  readonly key: string
  readonly bucket: string | undefined
  /** Absent when not even the id is known. */
  readonly uploadId: string | undefined
  /** Uploads of the key that it may be, where its id is not known. Each of them may as well be another writer's. */
  readonly candidates: ReadonlyArray<UnfinishedUpload>
  readonly reason: string
}> {}

const uploadsLeft = Metric.counter("cos_uploads_left_total", {
  description: "Multipart uploads that may have been left on the server",
  incremental: true
})

/** Logs and counts an upload that may be left. */
export const reportLeft = (
  { bucket, key }: ObjectLocation,
  left: { readonly uploadId?: string; readonly candidates?: ReadonlyArray<UnfinishedUpload>; readonly reason: string }
): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.increment(uploadsLeft),
    Effect.logWarning(
      "a multipart upload may be left on the server; Upload.abortUnfinished removes it",
      new UploadLeft({ key, bucket, uploadId: left.uploadId, candidates: left.candidates ?? [], reason: left.reason })
    )
  )

/** It is kept, though it is not known whether a later run can find it. */
export const reportUnfindableUpload = (location: ObjectLocation, uploadId: string): Effect.Effect<void> =>
  reportLeft(location, {
    uploadId,
    reason: "it is kept, but the store of its checkpoint does not answer, so that a later run may not find it"
  })

/** Removes within the limit of releases. Never fails: what cannot be removed is reported. */
export const removeInTime = <E extends { readonly _tag: string; readonly message?: string }, R>(
  location: ObjectLocation,
  uploadId: string | undefined,
  limits: EndLimits,
  remove: Effect.Effect<void, E, R>
): Effect.Effect<void, never, R> =>
  runBounded(Effect.provideService(remove, AllowStaleCredentials, true), {
    limit: limits.release,
    onTimeout: () => ({ _tag: "Timeout", message: `no response within ${Duration.format(limits.release)}` }) as const
  }).pipe(
    Effect.catchAll((error) =>
      error._tag === "NoSuchUpload"
        ? Effect.void
        : reportLeft(location, { ...(uploadId && { uploadId }), reason: error.message ?? error._tag })
    ),
    // A retry policy or an HTTP client of the user's may throw.
    Effect.catchAllCause((cause) =>
      reportLeft(location, { ...(uploadId && { uploadId }), reason: `its removal died: ${Cause.squash(cause)}` })
    )
  )

/** Aborts an upload that was begun: of a transfer that failed or was interrupted, or of one that nothing can resume. */
export const abortUpload = (
  location: ObjectLocation,
  uploadId: string,
  limits: EndLimits
): Effect.Effect<void, never, CosClient> =>
  removeInTime(location, uploadId, limits, multipart.abortMultipartUpload({ ...location, uploadId }))
