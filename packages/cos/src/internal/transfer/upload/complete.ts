/** Complete, which is not over when its answer is lost. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import type * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import * as object from "../../../operations/object.js"
import { runBounded } from "../bounded.js"
import type { Limits, Session, Target } from "./session.js"

/** The object that the parts make. */
export interface Expected {
  readonly size: number
  readonly crc64: bigint | undefined
}

export interface Completed {
  readonly eTag: string
  readonly crc64?: bigint | undefined
  readonly versionId?: string | undefined
}

type Completing = Operation.Error<typeof multipart.completeMultipartUpload>
type Repeated = Pick<Operation.Input<typeof object.headObject>, "customerKey">

/** The request, or an earlier attempt at it, may have been carried out all the same. */
const isUnclear = (error: Completing): boolean =>
  error._tag === "TransportError" ||
  error._tag === "ServerFault" ||
  error._tag === "MalformedResponse" ||
  ("afterLostResponse" in error && error.afterLostResponse === true)

const isGone = (target: Target, uploadId: string) =>
  multipart.listParts({ ...target, uploadId, maxParts: 1 }).pipe(
    Effect.as(false),
    Effect.catchAll((error) => Effect.succeed(error._tag === "NoSuchUpload"))
  )

/**
 * What the key holds, as far as it can be told, and whether the upload has become it: the object has its bytes, and the
 * upload is gone. The bytes alone may be those of an earlier object.
 */
const inspect = (target: Target, session: Session, expected: Expected, repeated: Repeated, knownGone: boolean) =>
  Effect.gen(function* () {
    const held = Option.getOrUndefined(yield* Effect.option(object.headObject({ ...target, ...repeated })))
    const isOurs =
      held !== undefined &&
      expected.crc64 !== undefined &&
      held.crc64 === expected.crc64 &&
      held.contentLength === expected.size &&
      (knownGone || (yield* isGone(target, session.uploadId)))
    if (isOurs || knownGone) yield* session.settled
    return { held, isOurs }
  })

/** After an unclear failure: the object that is ours, or what is to be said instead. */
const reconcile = (target: Target, session: Session, expected: Expected, repeated: Repeated, error: Completing) =>
  Effect.gen(function* () {
    const gone = error._tag === "NoSuchUpload"
    const { held, isOurs } = yield* inspect(target, session, expected, repeated, gone)
    if (held !== undefined && isOurs) return held
    if (!gone) return yield* Effect.fail(error)
    return yield* new CosError.UploadStateUnknown({
      bucket: target.bucket,
      key: target.key,
      uploadId: session.uploadId,
      expected: expected.crc64 === undefined ? undefined : `crc64 ${expected.crc64}`,
      actual: held?.eTag
    })
  })

/**
 * Makes the parts the object. Interrupted, it waits `abortGrace` for the answer; without one it asks what the key holds,
 * so that release does not abort what has become an object.
 */
export const complete = (
  input: Operation.Input<typeof multipart.completeMultipartUpload>,
  session: Session,
  expected: Expected,
  repeated: Repeated,
  limits: Limits
): Effect.Effect<Completed, Completing | CosError.UploadStateUnknown, CosClient> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const target: Target = { key: input.key, bucket: input.bucket, region: input.region }
      const completing = multipart.completeMultipartUpload(input).pipe(
        Effect.map((completed): Completed => completed),
        Effect.tap(() => session.settled),
        Effect.catchIf(isUnclear, (error) => reconcile(target, session, expected, repeated, error))
      )
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(completing))
      return yield* restore(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() =>
          runBounded(Fiber.join(fiber), { limit: limits.abortGrace, onTimeout: () => "unanswered" as const }).pipe(
            Effect.catchIf(
              (error) => error === "unanswered",
              () =>
                runBounded(
                  Effect.zipRight(Fiber.interrupt(fiber), inspect(target, session, expected, repeated, false)),
                  {
                    limit: limits.release,
                    onTimeout: () => "unanswered" as const
                  }
                )
            ),
            Effect.ignore
          )
        )
      )
    })
  )
