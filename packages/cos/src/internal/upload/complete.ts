/** Complete, which is not over when its answer is lost. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { CosClient } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"
import * as multipart from "../../operations/multipart.js"
import * as object from "../../operations/object.js"
import { detached } from "../detached.js"
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

/** The request may have been carried out all the same. */
const isUnclear = (error: Completing): boolean =>
  (error._tag === "TransportError" && error.phase !== "connect") ||
  error._tag === "ServerFault" ||
  error._tag === "MalformedResponse" ||
  error._tag === "NoSuchUpload" ||
  error._tag === "InvalidUploadStatus" ||
  error._tag === "FileAlreadyExists"

/** What the key holds, if that can be told. */
const look = (target: Target, repeated: Pick<Operation.Input<typeof object.headObject>, "customerKey">) =>
  object.headObject({ ...target, ...repeated }).pipe(
    Effect.asSome,
    Effect.catchTag("NoSuchKey", () => Effect.succeedNone)
  )

const isOurs = (found: Operation.Success<typeof object.headObject>, expected: Expected): boolean =>
  expected.crc64 !== undefined && found.contentLength === expected.size && found.crc64 === expected.crc64

/** After an unclear failure: the object that is ours, or what is to be said instead. */
const reconcile = (
  target: Target,
  session: Session,
  expected: Expected,
  repeated: Pick<Operation.Input<typeof object.headObject>, "customerKey">,
  error: Completing
): Effect.Effect<Completed, Completing | CosError.UploadStateUnknown, CosClient> =>
  Effect.gen(function* () {
    const found = yield* Effect.option(look(target, repeated))
    if (found._tag === "Some" && found.value._tag === "Some" && isOurs(found.value.value, expected)) {
      yield* session.settled
      return found.value.value
    }
    // The upload is gone and the key does not hold it: either it was ours and is overwritten, or it never became one.
    if (error._tag === "NoSuchUpload" && (found._tag === "None" || found.value._tag === "Some")) {
      yield* session.settled
      return yield* new CosError.UploadStateUnknown({
        bucket: target.bucket,
        key: target.key,
        uploadId: session.uploadId,
        expected: expected.crc64 === undefined ? undefined : `crc64 ${expected.crc64}`,
        actual: found._tag === "Some" && found.value._tag === "Some" ? found.value.value.eTag : undefined
      })
    }
    return yield* Effect.fail(error)
  })

/**
 * Makes the parts the object. Interrupted, it waits `abortGrace` for the answer; without one it asks what the key holds,
 * so that release does not abort what has become an object.
 */
export const complete = (
  input: Operation.Input<typeof multipart.completeMultipartUpload>,
  session: Session,
  expected: Expected,
  repeated: Pick<Operation.Input<typeof object.headObject>, "customerKey">,
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
          detached(Fiber.join(fiber), { limit: limits.abortGrace, onTimeout: () => "unanswered" as const }).pipe(
            Effect.catchIf(
              (error) => error === "unanswered",
              () =>
                Effect.zipRight(
                  Fiber.interrupt(fiber),
                  detached(look(target, repeated), {
                    limit: limits.release,
                    onTimeout: () => "unanswered" as const
                  }).pipe(
                    Effect.flatMap((found) =>
                      found._tag === "Some" && isOurs(found.value, expected) ? session.settled : Effect.void
                    )
                  )
                )
            ),
            Effect.ignore
          )
        )
      )
    })
  )
