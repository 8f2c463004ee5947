/**
 * A multipart upload as a resource: begun in acquire, aborted in release unless it became an object. Completing is the
 * use, so that a failed Complete is a failure like any other.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import { effectivePolicy } from "../../http/effective.js"
import { AllowStaleCredentials } from "../../http/settings.js"
import { runBounded } from "../bounded.js"

/** Which object, in which bucket. */
export interface Target {
  readonly key: string
  readonly bucket?: string | undefined
  readonly region?: string | undefined
}

export interface Limits {
  /** How long an interrupt waits for an answer that is under way. */
  readonly abortGrace: Duration.Duration
  /** How long a release may take. */
  readonly release: Duration.Duration
}

/** A multipart upload, or one that may exist, that could not be removed. Logged as a warning, and counted. */
export class UploadLeft extends Data.TaggedClass("UploadLeft")<{
  readonly key: string
  readonly bucket: string | undefined
  /** Absent when even the id was not learned. */
  readonly uploadId: string | undefined
  readonly reason: string
}> {}

const uploadsLeft = Metric.counter("cos_uploads_left_total", {
  description: "Multipart uploads that may have been left on the server",
  incremental: true
})

const reportLeft = (target: Target, uploadId: string | undefined, reason: string): Effect.Effect<void> =>
  Effect.zipRight(
    Metric.increment(uploadsLeft),
    Effect.logWarning(
      "a multipart upload may be left on the server; Upload.abortUnfinished removes it",
      new UploadLeft({ key: target.key, bucket: target.bucket, uploadId, reason })
    )
  )

// --- which uploads this process is working on ------------------------------------------------------------------------

const working = new Set<string>()
const held = new Set<string>()

/** Whether a fiber of this process is working on it. */
export const isInUse = (uploadId: string): boolean => working.has(uploadId)

/** Whether it is in use, or paused: nobody else is to take it up or remove it. */
export const isOurs = (uploadId: string): boolean => working.has(uploadId) || held.has(uploadId)

/** Keeps an upload for whoever has paused it. */
export const hold = (uploadId: string): void => {
  held.add(uploadId)
}

export const letGo = (uploadId: string): void => {
  held.delete(uploadId)
}

// --- ending ----------------------------------------------------------------------------------------------------------

/** Removes within the limit of releases. Never fails: what cannot be removed is reported. */
const removing = <E extends { readonly _tag: string; readonly message?: string }, R>(
  target: Target,
  uploadId: string | undefined,
  limits: Limits,
  remove: Effect.Effect<void, E, R>
): Effect.Effect<void, never, R> =>
  runBounded(Effect.provideService(remove, AllowStaleCredentials, true), {
    limit: limits.release,
    onTimeout: () => ({ _tag: "Timeout", message: `no answer within ${Duration.format(limits.release)}` }) as const
  }).pipe(
    Effect.catchAll((error) =>
      error._tag === "NoSuchUpload" ? Effect.void : reportLeft(target, uploadId, error.message ?? error._tag)
    )
  )

export const abort = (target: Target, uploadId: string, limits: Limits): Effect.Effect<void, never, CosClient> =>
  removing(target, uploadId, limits, multipart.abortMultipartUpload({ ...target, uploadId }))

// --- beginning -------------------------------------------------------------------------------------------------------

/** The answer was lost: the upload may exist, though its id is not known. */
const isLost = (error: unknown): boolean =>
  (error instanceof CosError.TransportError && error.phase !== "connect") ||
  error instanceof CosError.MalformedResponse ||
  error instanceof CosError.ServerFault

/** The times of the service are whole seconds. */
const second = 1000

/**
 * Removes what a lost initiate may have left: the single upload of this key that was begun since `startedAt`, has no parts
 * and is not this process's. Several may be another writer's; they are reported, never aborted.
 */
const removeLost = (target: Target, startedAt: number) =>
  Effect.gen(function* () {
    const { response, value } = yield* Operation.withResponse(multipart.listMultipartUploads)({
      ...target,
      prefix: target.key
    })
    // The service's clock decides what is new, so its own time is counted back from.
    const elapsed = (yield* Clock.currentTimeMillis) - startedAt
    const serverNow = Date.parse(response.headers.date ?? "")
    const since = (Number.isNaN(serverNow) ? startedAt : serverNow - elapsed) - second
    const candidates = value.uploads.filter(
      (upload) => upload.key === target.key && upload.initiated.getTime() >= since && !isOurs(upload.uploadId)
    )
    const [only] = candidates
    if (only === undefined) return
    if (candidates.length > 1 || value.isTruncated) {
      return yield* reportLeft(target, undefined, `${candidates.length} uploads could be the one whose answer was lost`)
    }
    const { uploadId } = only
    const { parts } = yield* multipart.listParts({ ...target, uploadId, maxParts: 1 })
    if (parts.length === 0) yield* multipart.abortMultipartUpload({ ...target, uploadId })
  })

type InitiateInput = Operation.Input<typeof multipart.initiateMultipartUpload>

export interface Session {
  readonly uploadId: string
  /** From now on the upload is an object, or gone: release leaves it alone. */
  readonly settled: Effect.Effect<void>
  /** From now on it is noted where a later run finds it: before that there is no use in keeping it. */
  readonly noted: Effect.Effect<void>
  /** Whether it stays on the server after this end, to be resumed. */
  readonly isKept: (exit: Exit.Exit<unknown, unknown>) => boolean
}

/** What is done with an upload that did not become an object. */
export type Unfinished = (exit: Exit.Exit<unknown, unknown>) => "abort" | "keep"

const make = (
  target: Target,
  uploadId: string,
  limits: Limits,
  unfinished: Unfinished,
  isNoted: boolean
): Effect.Effect<Session, never, CosClient | Scope.Scope> =>
  Effect.gen(function* () {
    let settled = false
    let noted = isNoted
    const isKept = (exit: Exit.Exit<unknown, unknown>) =>
      !settled && noted && Exit.isFailure(exit) && unfinished(exit) === "keep"
    working.add(uploadId)
    yield* Effect.addFinalizer((exit) => {
      working.delete(uploadId)
      return settled || isKept(exit) ? Effect.void : abort(target, uploadId, limits)
    })
    return {
      uploadId,
      settled: Effect.sync(() => {
        settled = true
      }),
      noted: Effect.sync(() => {
        noted = true
      }),
      isKept
    }
  })

/**
 * Begins an upload. Interrupted before the answer, it waits `abortGrace` for the id to abort; without an answer it looks
 * for what may have been begun.
 */
export const open = (
  input: InitiateInput,
  limits: Limits,
  unfinished: Unfinished
): Effect.Effect<Session, Operation.Error<typeof multipart.initiateMultipartUpload>, CosClient | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const target: Target = { key: input.key, bucket: input.bucket, region: input.region }
      const { schedule, while: isRetryable } = yield* effectivePolicy
      // Not repeated by itself, for each repetition would begin one more: what the lost one left is removed first.
      const initiate = Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
        Effect.tapError(multipart.initiateMultipartUpload(input), (error) =>
          isLost(error) ? removing(target, undefined, limits, removeLost(target, startedAt)) : Effect.void
        )
      ).pipe(Effect.retry({ while: (error) => isLost(error) && isRetryable(error), schedule }))
      const startedAt = yield* Clock.currentTimeMillis
      // Not a child: it must outlive this fiber's interrupt for the id to be learned.
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(initiate))
      const { uploadId } = yield* restore(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() =>
          runBounded(Fiber.join(fiber), { limit: limits.abortGrace, onTimeout: () => "unanswered" as const }).pipe(
            Effect.matchEffect({
              onSuccess: (begun) => abort(target, begun.uploadId, limits),
              onFailure: (error) =>
                error === "unanswered"
                  ? removing(
                      target,
                      undefined,
                      limits,
                      Effect.zipRight(Fiber.interrupt(fiber), removeLost(target, startedAt))
                    )
                  : Effect.void
            })
          )
        )
      )
      return yield* make(target, uploadId, limits, unfinished, false)
    })
  )

/** Takes up an upload that was begun before. */
export const resume = (
  target: Target,
  uploadId: string,
  limits: Limits,
  unfinished: Unfinished
): Effect.Effect<Session, never, CosClient | Scope.Scope> => make(target, uploadId, limits, unfinished, true)

/** All parts that the server holds. */
export const partsOnServer = (target: Target, uploadId: string) =>
  Stream.runCollect(multipart.listParts.items({ ...target, uploadId }))
