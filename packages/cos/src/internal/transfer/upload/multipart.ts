/** A multipart upload or copy: begun or resumed, its parts transferred side by side, verified, and completed. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type * as Operation from "../../../Operation.js"
import type * as operations from "../../../operations/multipart.js"
import * as object from "../../../operations/object.js"
import { enterPhase } from "../context.js"
import * as engine from "../engine.js"
import { keepUnfinished } from "../keepUnfinished.js"
import type { Meter } from "../meter.js"
import type { UploadTarget } from "../model.js"
import type { PartsAtOnce } from "../partLimit.js"
import { type Part, type PartPlan, partAt, parts } from "../parts.js"
import { complete } from "./complete.js"
import { hiddenETag } from "./hiddenETag.js"
import * as resume from "./resume.js"
import type { AcknowledgedPart, InFlight, PartOptions, SentPart } from "./sendPart.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"

export const beginOptions = (settings: Settings): session.BeginOptions => ({
  limits: settings.limits,
  soleWriter: settings.soleWriter,
  onUnfinished: (exit) => (Exit.isFailure(exit) && keepUnfinished(exit.cause, settings) ? "keep" : "abort")
})

/** CRC64 of all parts one after another. */
export const crcOf = (sent: ReadonlyArray<Pick<SentPart, "crc64" | "size">>): bigint =>
  sent.reduce((crc, part) => Crc64.combine(crc, part.crc64, part.size), 0n)

/** Fails, and removes the object if asked, when what is stored is not what was sent. */
export const verifyStored = (
  location: session.ObjectLocation,
  stored: { readonly crc64?: bigint | undefined; readonly versionId?: string | undefined },
  crc64: bigint | undefined,
  settings: Pick<Settings, "operation" | "integrity" | "onMismatch">
): Effect.Effect<void, CosError.IntegrityError, CosClient> => {
  if (settings.integrity === "md5" || stored.crc64 === undefined || crc64 === undefined || stored.crc64 === crc64) {
    return Effect.void
  }
  const { bucket, key, region } = location
  const remove =
    settings.onMismatch === "delete"
      ? Effect.ignoreLogged(object.deleteObject({ bucket, key, region, versionId: stored.versionId }))
      : Effect.void
  return Effect.zipRight(
    remove,
    Effect.fail(
      new CosError.IntegrityError({
        operation: settings.operation,
        algorithm: "crc64",
        expected: String(crc64),
        actual: String(stored.crc64),
        bucket,
        key
      })
    )
  )
}

const isHeld = (remote: string | undefined, sent: string | undefined): boolean =>
  remote !== undefined && (remote === sent || sent === hiddenETag)

/** How parts are sent, or copied, each with a buffer of its own. */
export interface PartSender<Done extends AcknowledgedPart, E, R> {
  /** The part that the server has from an earlier run, if its bytes are still the source's. */
  readonly check: (
    part: Part,
    remote: AcknowledgedPart,
    buffer: () => Uint8Array
  ) => Effect.Effect<Option.Option<Done>, E, R>
  readonly send: (
    uploadId: string,
    part: Part,
    inFlight: InFlight,
    buffer: () => Uint8Array
  ) => Effect.Effect<Done, E, R>
}

export interface MultipartTransfer<Done extends AcknowledgedPart, Crc extends bigint | undefined, E, R> {
  /** Names the object and what is stored with it. */
  readonly initiate: Operation.Input<typeof operations.initiateMultipartUpload>
  /** Asked for when the parts become the object. */
  readonly callback?: Pick<UploadTarget, "callback" | "callbackVar">
  readonly partOptions: PartOptions
  readonly identity: resume.ResumeKey
  readonly plan: PartPlan
  readonly meter: Meter
  readonly settings: Settings
  readonly resumeFrom: resume.ResumeFrom
  readonly sender: PartSender<Done, E, R>
  readonly withBuffer: engine.WithBuffer
  readonly atOnce: PartsAtOnce
  /** Fails when the source is no longer what the parts were made of. */
  readonly verifySource: (crc64: () => Crc) => Effect.Effect<void, E, R>
  /** The CRC64 of the whole object, as far as it is known. */
  readonly crc64: (done: ReadonlyArray<Done>) => Crc
}

/** A part of the plan that the server holds from an earlier run. */
interface SavedPart {
  readonly part: Part
  readonly remote: AcknowledgedPart
  readonly size: number
}

const savedParts = (plan: PartPlan, remotes: ReadonlyArray<AcknowledgedPart>): ReadonlyArray<SavedPart> =>
  remotes.flatMap((remote) => {
    if (remote.partNumber > plan.count) return []
    const part = partAt(plan, remote.partNumber)
    return part.size === remote.size ? [{ part, remote, size: part.size }] : []
  })

export const run = <Done extends AcknowledgedPart, Crc extends bigint | undefined, E, R>(
  transfer: MultipartTransfer<Done, Crc, E, R>
) =>
  Effect.gen(function* () {
    const { identity, initiate, meter, partOptions, plan, resumeFrom, sender, settings } = transfer
    const { bucket, key, region } = initiate
    const location: session.ObjectLocation = { bucket, key, region }

    const found = Option.getOrUndefined(yield* resume.find(location, identity, resumeFrom, settings.limits))
    const upload =
      found === undefined
        ? yield* session.begin(initiate, beginOptions(settings))
        : yield* session.resume(location, found.uploadId, beginOptions(settings))
    const note = yield* resume.openCheckpoint(identity, upload, found?.parts, resumeFrom)

    const done = new Map<number, Done>()
    const running: engine.Options<SavedPart, Done, E, R> = {
      plan,
      meter,
      saved: savedParts(plan, found?.parts ?? []),
      done: {
        has: ({ partNumber }) => done.has(partNumber),
        add: (part) => done.set(part.partNumber, part)
      },
      onDone: Effect.suspend(() => note(done.values())),
      withBuffer: transfer.withBuffer,
      atOnce: transfer.atOnce,
      work: {
        check: ({ part, remote }, buffer) => sender.check(part, remote, buffer),
        transfer: (part, buffer) => sender.send(upload.uploadId, part, meter.inFlight, buffer)
      }
    }
    const resumedParts = yield* engine.run(parts(plan), running)
    const sorted = () => Array.from(done.values()).sort((a, b) => a.partNumber - b.partNumber)
    yield* transfer.verifySource(() => transfer.crc64(sorted()))

    const finish = Effect.gen(function* () {
      const all = yield* session.withHiddenETags(location, upload.uploadId, sorted())
      const crc64 = transfer.crc64(all)
      const completing = complete(
        {
          ...location,
          uploadId: upload.uploadId,
          parts: all.map(({ eTag, partNumber }) => ({ partNumber, eTag })),
          overwrite: initiate.overwrite,
          ...transfer.callback
        },
        upload,
        { size: plan.size, crc64 },
        partOptions,
        settings.limits
      )
      return { completed: yield* completing, crc64 }
    })
    yield* enterPhase("finishing")
    // The server lacks a part that it had acknowledged: what it lacks is sent again, once.
    const { completed, crc64 } = yield* Effect.catchTag(finish, "InvalidPart", () =>
      Effect.gen(function* () {
        const remote = yield* session.partsOnServer(location, upload.uploadId)
        const eTags = new Map(Array.from(remote, ({ eTag, partNumber }) => [partNumber, eTag]))
        const lacking = Array.from(parts(plan)).filter(
          ({ partNumber }) => !isHeld(eTags.get(partNumber), done.get(partNumber)?.eTag)
        )
        yield* engine.transfer(lacking, running)
        return yield* finish
      })
    )
    yield* verifyStored(location, completed, crc64, settings)
    return { completed, crc64, parts: plan.count, resumedParts }
  })
