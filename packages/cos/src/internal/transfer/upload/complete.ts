/** The request that makes the parts an object. It may have been carried out although its response is lost. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Operation from "../../../Operation.js"
import * as multipart from "../../../operations/multipart.js"
import * as object from "../../../operations/object.js"
import { placeOf } from "../../http/place.js"
import { withoutSecrets } from "../../operation/runner.js"
import { runBounded } from "../../time/runBounded.js"
import type { MadeObject } from "../model.js"
import type { EndLimits } from "./abortUpload.js"
import type { PartOptions } from "./sendPart.js"
import type { ObjectLocation, Session } from "./session.js"

/** The object that the parts make. */
export interface Expected {
  readonly size: number
  readonly crc64: bigint | undefined
}

export interface Completed extends MadeObject {
  readonly eTag: string | undefined
  readonly crc64: bigint | undefined
  readonly versionId: string | undefined
}

const completeMultipartUpload = Operation.withResponse(multipart.completeMultipartUpload)
const headObject = Operation.withResponse(object.headObject)

type CompleteError = Operation.Error<typeof multipart.completeMultipartUpload>
type HeadOptions = Pick<PartOptions, "customerKey">

/** The request, or an earlier attempt at it, may have been carried out all the same. */
const isUnclear = (error: CompleteError): boolean =>
  error._tag === "TransportError" ||
  error._tag === "ServerFault" ||
  error._tag === "MalformedResponse" ||
  ("afterLostResponse" in error && error.afterLostResponse === true)

const isGone = (location: ObjectLocation, uploadId: string) =>
  multipart.listParts({ ...location, uploadId, maxParts: 1 }).pipe(
    Effect.as(false),
    Effect.catchAll((error) => Effect.succeed(error._tag === "NoSuchUpload"))
  )

/**
 * What the key holds, as far as it can be seen, and whether the upload has become it: the object has its bytes, and the
 * upload is gone. The bytes alone may be those of an earlier object.
 */
const inspect = (
  location: ObjectLocation,
  session: Session,
  expected: Expected,
  headOptions: HeadOptions,
  knownGone: boolean
) =>
  Effect.gen(function* () {
    const found = Option.getOrUndefined(yield* Effect.option(headObject({ ...location, ...headOptions })))
    const isOurs =
      found !== undefined &&
      expected.crc64 !== undefined &&
      found.value.crc64 === expected.crc64 &&
      found.value.contentLength === expected.size &&
      (knownGone || (yield* isGone(location, session.uploadId)))
    if (isOurs || knownGone) yield* session.markFinished
    return { found, isOurs }
  })

/** After an unclear failure: the object if it is ours, or else the error that tells what is known. */
const reconcile = (
  location: ObjectLocation,
  session: Session,
  expected: Expected,
  headOptions: HeadOptions,
  error: CompleteError
) =>
  Effect.gen(function* () {
    const gone = error._tag === "NoSuchUpload"
    const { found, isOurs } = yield* inspect(location, session, expected, headOptions, gone)
    if (found !== undefined && isOurs) return found
    if (!gone) return yield* Effect.fail(error)
    return yield* new CosError.UploadStateUnknown({
      bucket: location.bucket,
      key: location.key,
      uploadId: session.uploadId,
      expected: expected.crc64 === undefined ? undefined : `crc64 ${expected.crc64}`,
      actual: found?.value.eTag
    })
  })

/**
 * Makes the parts the object. Interrupted, it waits `abortGrace` for the response; without one it asks what the key holds,
 * so that release does not abort what has become an object.
 */
export const complete = (
  input: Operation.Input<typeof multipart.completeMultipartUpload>,
  session: Session,
  expected: Expected,
  headOptions: HeadOptions,
  limits: EndLimits
): Effect.Effect<Completed, CompleteError | CosError.UploadStateUnknown, CosClient> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const location: ObjectLocation = { key: input.key, bucket: input.bucket, region: input.region }
      const place = yield* placeOf(location, "completeMultipartUpload")
      const sending = completeMultipartUpload(input).pipe(
        Effect.tap(() => session.markFinished),
        Effect.catchIf(isUnclear, (error) => reconcile(location, session, expected, headOptions, error)),
        Effect.map(({ response, value }): Completed => {
          const { crc64, eTag, versionId } = value
          const callbackResponse = "callbackResponse" in value ? value.callbackResponse : undefined
          const { bucket, location, region } = place
          const { key, uploadId } = input
          const made = { key, bucket, region, location, uploadId, response: withoutSecrets(response), callbackResponse }
          return { ...made, eTag, crc64, versionId }
        })
      )
      const fiber = yield* Effect.forkDaemon(Effect.interruptible(sending))
      return yield* restore(Fiber.join(fiber)).pipe(
        Effect.onInterrupt(() =>
          runBounded(Fiber.join(fiber), { limit: limits.abortGrace, onTimeout: () => "no response" as const }).pipe(
            Effect.catchIf(
              (error) => error === "no response",
              () =>
                runBounded(
                  Effect.zipRight(Fiber.interrupt(fiber), inspect(location, session, expected, headOptions, false)),
                  {
                    limit: limits.release,
                    onTimeout: () => "no response" as const
                  }
                )
            ),
            Effect.ignore
          )
        )
      )
    })
  )
