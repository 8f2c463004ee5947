/**
 * A multipart upload as a resource: begun in acquire, aborted in release unless it became an object. Completing is the
 * use, so that a failed Complete is a failure like any other.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import { effectivePolicy } from "../../http/effectiveSettings.js"
import type { ObjectLocation } from "../../http/place.js"
import { monotonicMillis } from "../../time/monotonic.js"
import { runBounded } from "../../time/runBounded.js"
import type { Findable } from "../confirmSaved.js"
import { ifOwner } from "../context.js"
import { claimUpload, isUploadInUse } from "../inUse.js"
import type { UnfinishedUpload } from "../model.js"
import { abortUpload, type EndLimits, removeInTime, reportLeft, reportUnfindableUpload } from "./abortUpload.js"
import { hiddenETag } from "./hiddenETag.js"

export type { ObjectLocation } from "../../http/place.js"

/** The response was lost: the upload may exist, though its id is not known. */
const isLost = (error: unknown): boolean =>
  (error instanceof CosError.TransportError && error.phase !== "connect") ||
  error instanceof CosError.MalformedResponse ||
  error instanceof CosError.ServerFault

/** An HTTP client that dies does not tell what it had done. */
const mayHaveBegun = (cause: Cause.Cause<unknown>): boolean =>
  Cause.isDie(cause) || Option.exists(Cause.failureOption(cause), isLost)

/** The times of the service are whole seconds. */
const second = 1000

/** The uploads of this key that were begun since `startedAt`, by a monotonic clock, and that nobody in this process is working on. */
const findCandidates = (location: ObjectLocation, startedAt: number) =>
  Effect.gen(function* () {
    const { response, value } = yield* Operation.withResponse(multipart.listMultipartUploads)({
      ...location,
      prefix: location.key
    })
    // The service's clock decides what is new, so its own time is counted back from.
    const elapsed = (yield* monotonicMillis) - startedAt
    const serverNow = Date.parse(response.headers.date ?? "")
    const since = (Number.isNaN(serverNow) ? yield* Clock.currentTimeMillis : serverNow) - elapsed - second
    const candidates = value.uploads
      .filter(
        ({ initiated, key, uploadId }) =>
          key === location.key && initiated.getTime() >= since && !isUploadInUse(uploadId)
      )
      .map(
        ({ initiated, key, storageClass, uploadId }): UnfinishedUpload => ({
          key,
          uploadId,
          initiated,
          storageClass
        })
      )
    return { candidates, isTruncated: value.isTruncated }
  })

/**
 * Looks for the upload that an initiate with a lost response may have begun. A list of uploads carries no mark of ours, so
 * even a single candidate may be another writer's that has sent nothing yet. It is reported, and aborted only where the
 * caller has said that nobody else writes to this key.
 */
const handleLost = (location: ObjectLocation, startedAt: number, { soleWriter }: Pick<BeginOptions, "soleWriter">) =>
  Effect.gen(function* () {
    const { candidates, isTruncated } = yield* findCandidates(location, startedAt)
    const [first] = candidates
    if (first === undefined && !isTruncated) return
    const isOnly = first !== undefined && candidates.length === 1 && !isTruncated
    if (isOnly) {
      const { uploadId } = first
      const { parts } = yield* multipart.listParts({ ...location, uploadId, maxParts: 1 })
      // Nothing was sent to the upload that was lost.
      if (parts.length > 0) return
      if (soleWriter) return yield* multipart.abortMultipartUpload({ ...location, uploadId })
    }
    const reason = isOnly
      ? "the response to its initiate was lost; this upload of the key may be it, or another writer's"
      : "the response to its initiate was lost; several uploads of the key may be it"
    yield* reportLeft(location, { candidates, reason })
  })

type InitiateInput = Operation.Input<typeof multipart.initiateMultipartUpload>

export interface Session {
  readonly uploadId: string
  /** From now on the upload is an object, or gone: release leaves it alone. */
  readonly markFinished: Effect.Effect<void>
  /** Whether a later run can find it: else there is no use in keeping it. */
  readonly markFindable: (findable: Findable) => void
  /** Whether it is to stay on the server after this end, if a later run can find it. */
  readonly isKept: (exit: Exit.Exit<unknown, unknown>) => boolean
}

export interface BeginOptions {
  readonly limits: EndLimits
  /** What is done with an upload that did not become an object. */
  readonly onUnfinished: (exit: Exit.Exit<unknown, unknown>) => "abort" | "keep"
  /** Whether nobody else uploads to this key. */
  readonly soleWriter: boolean
}

const make = (
  location: ObjectLocation,
  uploadId: string,
  { limits, onUnfinished }: BeginOptions,
  resumable: boolean
): Effect.Effect<Session, never, CosClient | Scope.Scope> =>
  Effect.gen(function* () {
    let isFinished = false
    let findable: Findable = resumable ? "found" : "lost"
    const isKept = (exit: Exit.Exit<unknown, unknown>) =>
      !isFinished && Exit.isFailure(exit) && onUnfinished(exit) === "keep"
    yield* claimUpload(uploadId)
    yield* Effect.addFinalizer((exit) => {
      if (isFinished) return Effect.void
      if (!isKept(exit) || findable === "lost") return ifOwner(abortUpload(location, uploadId, limits))
      return findable === "found" ? Effect.void : reportUnfindableUpload(location, uploadId)
    })
    return {
      uploadId,
      markFinished: Effect.sync(() => {
        isFinished = true
      }),
      markFindable: (found) => {
        findable = found
      },
      isKept
    }
  })

/**
 * Begins an upload. Interrupted before the response, it waits `abortGrace` for the id to abort; without a response it
 * looks for what may have been begun.
 */
export const begin = (
  input: InitiateInput,
  options: BeginOptions
): Effect.Effect<Session, Operation.Error<typeof multipart.initiateMultipartUpload>, CosClient | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const { limits } = options
      const location: ObjectLocation = { key: input.key, bucket: input.bucket, region: input.region }
      const { schedule, while: isRetryable } = yield* effectivePolicy
      // When the attempt was sent that may have begun an upload whose id never arrived.
      let lostSince: number | undefined
      const lookForLost = Effect.suspend(() =>
        lostSince === undefined ? Effect.void : handleLost(location, lostSince, options)
      )
      // Not repeated by itself, for each repetition would begin one more: what the lost one left is looked for first.
      const initiate = Effect.flatMap(monotonicMillis, (now) => {
        lostSince = now
        return multipart.initiateMultipartUpload(input)
      }).pipe(
        Effect.tapErrorCause((cause) =>
          Effect.zipRight(
            mayHaveBegun(cause) ? removeInTime(location, undefined, limits, lookForLost) : Effect.void,
            Effect.sync(() => {
              lostSince = undefined
            })
          )
        ),
        Effect.retry({ while: (error) => isLost(error) && isRetryable(error), schedule })
      )
      // Not a child: it must outlive this fiber's interrupt for the id to be learned.
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(initiate))
      const { uploadId } = yield* restore(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() =>
          runBounded(Fiber.join(fiber), { limit: limits.abortGrace, onTimeout: () => "no response" as const }).pipe(
            Effect.matchEffect({
              onSuccess: (begun) => abortUpload(location, begun.uploadId, limits),
              onFailure: (error) =>
                error === "no response"
                  ? removeInTime(location, undefined, limits, Effect.zipRight(Fiber.interrupt(fiber), lookForLost))
                  : Effect.void
            })
          )
        )
      )
      return yield* make(location, uploadId, options, false)
    })
  )

/** Continues an upload that an earlier run began. */
export const resume = (
  location: ObjectLocation,
  uploadId: string,
  options: BeginOptions
): Effect.Effect<Session, never, CosClient | Scope.Scope> => make(location, uploadId, options, true)

/** The parts with the ETags that a browser hid when they were sent: the list of parts is a document, which it shows. */
export const withHiddenETags = <
  P extends { readonly partNumber: number; readonly eTag: string; readonly size: number }
>(
  location: ObjectLocation,
  uploadId: string,
  parts: ReadonlyArray<P>
) =>
  parts.every(({ eTag }) => eTag !== hiddenETag)
    ? Effect.succeed(parts)
    : Effect.map(partsOnServer(location, uploadId), (remotes) => {
        const known = new Map(Array.from(remotes, (remote) => [remote.partNumber, remote]))
        return parts.map((part): P => {
          const remote = known.get(part.partNumber)
          return part.eTag === hiddenETag && remote?.size === part.size ? { ...part, eTag: remote.eTag } : part
        })
      })

/** All parts that the server holds. */
export const partsOnServer = (location: ObjectLocation, uploadId: string) =>
  Stream.runCollect(multipart.listParts.items({ ...location, uploadId }))
