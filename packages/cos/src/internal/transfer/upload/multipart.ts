/** The multipart program, whoever makes the parts: begun or resumed, its parts side by side, proven, and completed. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type * as Operation from "../../../Operation.js"
import type * as operations from "../../../operations/multipart.js"
import * as object from "../../../operations/object.js"
import { enterPhase, withPermit } from "../context.js"
import * as progress from "../progress.js"
import * as workers from "../workers.js"
import { complete } from "./complete.js"
import type { AnySent, InFlight, Repeated, Sent } from "./part.js"
import * as plan from "./plan.js"
import * as resume from "./resume.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"

const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)

export const unfinishedOf =
  (settings: Pick<Settings, "onInterrupt" | "onFailure">): session.Unfinished =>
  (exit) =>
    isInterrupted(exit) ? settings.onInterrupt : settings.onFailure

/** CRC64 of all parts one after another. */
export const crcOf = (sent: ReadonlyArray<Pick<Sent, "crc64" | "size">>): bigint =>
  sent.reduce((crc, part) => Crc64.combine(crc, part.crc64, part.size), 0n)

/** Fails, and removes the object if asked, when what is stored is not what was sent. */
export const verifyStored = (
  target: session.Target,
  stored: { readonly eTag: string; readonly crc64?: bigint | undefined; readonly versionId?: string | undefined },
  crc64: bigint | undefined,
  settings: Pick<Settings, "integrity" | "onMismatch">
): Effect.Effect<void, CosError.IntegrityError, CosClient> => {
  if (settings.integrity === "md5" || stored.crc64 === undefined || crc64 === undefined || stored.crc64 === crc64) {
    return Effect.void
  }
  const { bucket, key, region } = target
  const remove =
    settings.onMismatch === "delete"
      ? Effect.ignoreLogged(object.deleteObject({ bucket, key, region, versionId: stored.versionId }))
      : Effect.void
  return Effect.zipRight(
    remove,
    Effect.fail(
      new CosError.IntegrityError({
        operation: "upload",
        algorithm: "crc64",
        expected: String(crc64),
        actual: String(stored.crc64),
        bucket,
        key
      })
    )
  )
}

export interface Program<Part extends AnySent, Crc extends bigint | undefined, E, R> {
  /** Names the object and what is stored with it. */
  readonly initiate: Operation.Input<typeof operations.initiateMultipartUpload>
  readonly repeated: Repeated
  readonly identity: resume.Identity
  readonly settings: Settings
  readonly resumeFrom: resume.From
  /** Whether a part that the server holds from an earlier run can be believed. */
  readonly check: (part: plan.Part, known: resume.Known) => Effect.Effect<Option.Option<Part>, E, R>
  readonly send: (uploadId: string, part: plan.Part, inFlight: InFlight) => Effect.Effect<Part, E, R>
  /** Fails when the source is no longer what the parts were made of. */
  readonly verifySource: Effect.Effect<void, E, R>
  /** Of the whole object, as far as it can be told. */
  readonly crc64: (sent: ReadonlyArray<Part>) => Crc
}

export const run = <Part extends AnySent, Crc extends bigint | undefined, E, R>(program: Program<Part, Crc, E, R>) =>
  Effect.gen(function* () {
    const { check, identity, initiate, repeated, resumeFrom, settings } = program
    const planned = plan.parts(identity.size, identity.partSize)
    const meter = yield* progress.make({ ...settings.progress, total: identity.size, partsTotal: planned.length })
    const target: session.Target = { key: initiate.key, bucket: initiate.bucket, region: initiate.region }

    const unfinished = unfinishedOf(settings)
    const found = yield* resume.find(target, identity, resumeFrom, settings.limits)
    const opened = Option.isSome(found)
      ? yield* session.resume(target, found.value.uploadId, settings.limits, unfinished)
      : yield* session.open(initiate, settings.limits, unfinished)
    const begun = Option.match(found, { onNone: () => [], onSome: ({ parts }) => parts })
    const note = yield* resume.journal(identity, opened, begun, resumeFrom)
    const done = new Map<number, Part>()

    const checkable = begun.filter(({ partNumber, size }) => planned[partNumber - 1]?.size === size)
    const bytesToCheck = checkable.reduce((bytes, { size }) => bytes + size, 0)
    yield* workers.forEach(checkable, settings.concurrency, (known) => {
      const part = planned[known.partNumber - 1] as plan.Part
      return Effect.flatMap(check(part, known), (checked) => {
        const checkedOff = meter.checked(part.size, bytesToCheck)
        if (Option.isNone(checked)) return checkedOff
        done.set(part.partNumber, checked.value)
        return Effect.zipRight(checkedOff, meter.resumed(part.size, 1))
      })
    })
    const resumedParts = done.size
    yield* enterPhase("transferring")

    const send = (part: plan.Part) =>
      Effect.tap(withPermit(program.send(opened.uploadId, part, meter.inFlight)), (sent) => {
        const isNew = !done.has(sent.partNumber)
        done.set(sent.partNumber, sent)
        return Effect.zipRight(note(done.values()), isNew ? meter.add(sent.size, 1) : Effect.void)
      })
    const sendAll = (some: ReadonlyArray<plan.Part>) => workers.forEach(some, settings.concurrency, send)

    yield* sendAll(planned.filter((part) => !done.has(part.partNumber)))
    yield* program.verifySource

    const finish = Effect.suspend(() => {
      const sent = planned.flatMap((part) => done.get(part.partNumber) ?? [])
      const crc64 = program.crc64(sent)
      return Effect.map(
        complete(
          {
            ...target,
            uploadId: opened.uploadId,
            parts: sent.map(({ eTag, partNumber }) => ({ partNumber, eTag })),
            overwrite: initiate.overwrite
          },
          opened,
          { size: identity.size, crc64 },
          repeated,
          settings.limits
        ),
        (completed) => ({ completed, crc64 })
      )
    })
    yield* enterPhase("finishing")
    // The server lacks a part that it had acknowledged: what it lacks is sent again, once.
    const { completed, crc64 } = yield* Effect.catchTag(finish, "InvalidPart", () =>
      Effect.gen(function* () {
        const held = new Map(
          Array.from(yield* session.partsOnServer(target, opened.uploadId), (part) => [part.partNumber, part.eTag])
        )
        yield* sendAll(planned.filter(({ partNumber }) => held.get(partNumber) !== done.get(partNumber)?.eTag))
        return yield* finish
      })
    )
    yield* verifyStored(target, completed, crc64, settings)
    yield* meter.finish
    return { completed, crc64, parts: planned.length, resumedParts }
  })
