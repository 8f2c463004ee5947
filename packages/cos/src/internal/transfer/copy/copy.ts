/** Copies: in one request, or as a multipart upload whose parts the service itself copies. */
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import type * as Operation from "../../../Operation.js"
import * as multipartOperations from "../../../operations/multipart.js"
import * as object from "../../../operations/object.js"
import * as tagging from "../../../operations/tagging.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import { enterPhase, withContext } from "../context.js"
import { withoutBuffer } from "../engine.js"
import * as progress from "../meter.js"
import type { CopyInput, CopyResult } from "../model.js"
import { partsAtOnce, withPartPermit } from "../partLimit.js"
import { partSizeFor, plan } from "../parts.js"
import { requireETag } from "../requireETag.js"
import * as multipart from "../upload/multipart.js"
import * as resume from "../upload/resume.js"
import type { AcknowledgedPart } from "../upload/sendPart.js"
import type { Settings } from "../upload/settings.js"
import { madeInOneRequest, storedBefore } from "../upload/wholeObject.js"

/** How many parts are copied at once where no number is given or found. */
const partsOfCopy = 8

type Head = Operation.Success<typeof object.headObject> & { readonly eTag: string }

/** Headers and metadata that a copy takes from its source or from its input, never from both. */
const described = [
  "contentType",
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
  "expires",
  "metadata"
] as const

const refuse = (operation: string, field: string, rule: string) => Effect.fail(invalidInput(operation, field, rule))

/** Where the source is, each place named. */
const placeOf = (input: CopyInput) =>
  Effect.map(effectiveBucket(input), (bucket) => ({
    bucket: input.source.bucket ?? bucket,
    region: input.source.region ?? input.region,
    key: input.source.key
  }))

const headOf = (input: CopyInput, ifMatch?: string) =>
  Effect.flatMap(placeOf(input), (place) =>
    requireETag(
      object.headObject({
        ...place,
        versionId: input.source.versionId,
        customerKey: input.sourceCustomerKey,
        ifMatch
      }),
      { operation: "Copy.object", key: input.source.key }
    )
  )

const changed = (input: CopyInput, head: { readonly eTag: string }) =>
  new CosError.ObjectChanged({ bucket: input.source.bucket, key: input.source.key, expected: head.eTag })

const tagsOf = (input: CopyInput, wanted: boolean) =>
  Effect.gen(function* () {
    if (!wanted || input.tagging !== undefined) return input.tagging
    const place = yield* placeOf(input)
    return yield* tagging.getObjectTagging({ ...place, versionId: input.source.versionId }).pipe(
      Effect.map(({ tags }) => Object.fromEntries(tags.map(({ key, value }) => [key, value]))),
      Effect.catchTag("NoSuchTagSet", () => Effect.succeed(undefined))
    )
  })

/** One copy, whose source has been looked at. */
interface Plan {
  readonly input: CopyInput
  /** What is stored, and where. */
  readonly target: Omit<CopyInput, "source" | "sourceCustomerKey" | "metadataDirective">
  readonly metadataDirective: "Copy" | "Replaced"
  readonly head: Head
  /** The version that was looked at. */
  readonly source: Operation.CopySource
  readonly settings: Settings
  readonly tags: boolean
}

const resultOf = ({ head }: Plan) => ({
  size: head.contentLength,
  source: { eTag: head.eTag, versionId: head.versionId }
})

export const copy = (input: CopyInput, settings: Settings, tags: boolean, from: resume.ResumeFrom) =>
  Effect.gen(function* () {
    const { metadataDirective = "Copy", source, sourceCustomerKey: _, ...target } = input
    const given = described.find((field) => target[field] !== undefined)
    if (metadataDirective === "Copy" && given !== undefined) {
      return yield* refuse("Copy.object", given, 'must be given with metadataDirective "Replaced" only')
    }
    const head = yield* headOf(input)
    const pinned = { ...source, versionId: source.versionId ?? head.versionId }
    const planned: Plan = { input, target, metadataDirective, head, source: pinned, settings, tags }
    return yield* head.contentLength <= settings.threshold ? inOneRequest(planned) : inParts(planned, from)
  }).pipe(Effect.scoped)

const inOneRequest = (planned: Plan) =>
  Effect.gen(function* () {
    const { head, input, metadataDirective, settings, source, tags, target } = planned
    const size = head.contentLength
    const meter = yield* progress.make({ ...settings.progress, total: size })
    yield* enterPhase("transferring")
    const copying = object
      .copyObject({
        ...target,
        // Without a directive the service would copy them.
        taggingDirective: tags && target.tagging === undefined ? "Copy" : "Replaced",
        source,
        sourceCustomerKey: input.sourceCustomerKey,
        sourceIfMatch: head.eTag,
        metadataDirective
      })
      .pipe(
        Effect.catchTag("PreconditionFailed", () => Effect.fail(changed(input, head))),
        Effect.catchTag("FileAlreadyExists", (error) => madeBefore(planned, error))
      )
    const copied = yield* withPartPermit(Effect.zipRight(enterPhase("finishing"), copying), size)
    yield* multipart.verifyStored(target, copied, head.crc64, settings)
    yield* meter.add(size)
    yield* meter.finish
    return {
      ...madeInOneRequest(input.key, copied),
      ...resultOf(planned),
      crc64: copied.crc64 ?? head.crc64,
      parts: 0,
      resumedParts: 0
    } satisfies CopyResult
  })

/** What an earlier run has made, though its response was never heard. */
const madeBefore = ({ head, target }: Plan, error: CosError.FileAlreadyExists) =>
  withContext(({ mayBeStored }) =>
    mayBeStored && head.crc64 !== undefined
      ? Effect.flatMap(storedBefore(target, head.contentLength, head.crc64), (found) =>
          found?.eTag === undefined ? Effect.fail(error) : Effect.succeed({ ...found, eTag: found.eTag })
        )
      : Effect.fail(error)
  )

const inParts = (planned: Plan, from: resume.ResumeFrom) =>
  Effect.gen(function* () {
    const { head, input, metadataDirective, settings, tags, target } = planned
    const size = head.contentLength
    const partSize = yield* partSizeFor(size, settings.partSize)
    const headers = metadataDirective === "Copy" ? headersOf(head) : {}
    const identity = yield* resume.identify("copy", target, yield* sourceOf(planned), partSize)
    const parts = plan(size, partSize)
    const atOnce = yield* partsAtOnce(settings.concurrency, partsOfCopy)
    const tagging = yield* tagsOf(input, tags)
    const meter = yield* progress.make({ ...settings.progress, total: size, partsTotal: parts.count })
    const { completed, crc64, ...counts } = yield* resume.withUploadOwned(identity.id, settings, from, (resumeFrom) =>
      Effect.scoped(
        multipart.run<AcknowledgedPart, bigint | undefined, PartError, CosClient>({
          meter,
          initiate: { ...target, ...headers, tagging },
          partOptions: { customerKey: target.customerKey },
          identity,
          plan: parts,
          settings,
          resumeFrom,
          sender: senderOf(planned),
          withBuffer: withoutBuffer,
          atOnce,
          verifySource: () => Effect.void,
          crc64: () => head.crc64
        })
      )
    )
    yield* meter.finish
    return {
      ...(yield* requireETag(Effect.succeed(completed), { operation: "Copy.object", key: input.key })),
      ...resultOf(planned),
      crc64: completed.crc64 ?? crc64,
      ...counts
    } satisfies CopyResult
  })

/** By what a later run knows the source again. */
const sourceOf = ({ head, input, source }: Plan) =>
  Effect.map(placeOf(input), ({ bucket, key }) => {
    const size = head.contentLength
    const path = `${bucket}/${key}?${source.versionId ?? ""}`
    return { size, identity: Effect.succeed({ kind: "object" as const, path, size, identity: head.eTag }) }
  })

const senderOf = ({
  head,
  input,
  source,
  target
}: Plan): multipart.PartSender<AcknowledgedPart, PartError, CosClient> => {
  const { bucket, customerKey, key, region } = target
  return {
    // The checkpoint says that the part is of this very source; the CRC64 of the whole is the proof.
    check: (_, remote) => Effect.succeedSome(remote),
    send: (uploadId, { offset, partNumber, size }) =>
      multipartOperations
        .uploadPartCopy({
          bucket,
          region,
          key,
          customerKey,
          uploadId,
          partNumber,
          source,
          sourceCustomerKey: input.sourceCustomerKey,
          sourceIfMatch: head.eTag,
          range: { start: offset, end: offset + size - 1 }
        })
        .pipe(
          Effect.map(({ crc64, eTag }) => ({ partNumber, size, eTag, crc64 })),
          Effect.catchTag("PreconditionFailed", () => Effect.fail(changed(input, head)))
        )
  }
}

type PartError =
  | Exclude<Operation.Error<typeof multipartOperations.uploadPartCopy>, CosError.PreconditionFailed>
  | CosError.ObjectChanged

const headersOf = (head: Head) => Object.fromEntries(described.map((field) => [field, head[field]]))

export const refuseOntoItself = (input: CopyInput) =>
  Effect.flatMap(Effect.zip(effectiveBucket(input), placeOf(input)), ([bucket, place]) =>
    bucket === place.bucket && input.key === place.key
      ? refuse("Copy.move", "key", "must be another than the source's")
      : Effect.void
  )

/** Removes the source, but only if the copy is there and equals it. */
export const removeSource = (input: CopyInput, copied: CopyResult) =>
  Effect.gen(function* () {
    const { bucket, customerKey, key, region } = input
    const found = yield* object.headObject({ bucket, region, key, customerKey })
    if (found.contentLength !== copied.size || found.crc64 !== copied.crc64) {
      return yield* new CosError.IntegrityError({
        operation: "Copy.move",
        algorithm: found.contentLength === copied.size ? "crc64" : "size",
        expected: String(found.contentLength === copied.size ? copied.crc64 : copied.size),
        actual: String(found.contentLength === copied.size ? found.crc64 : found.contentLength),
        bucket,
        key
      })
    }
    yield* Effect.catchTag(headOf(input, copied.source.eTag), "PreconditionFailed", "NoSuchKey", () =>
      Effect.fail(changed(input, copied.source))
    )
    yield* object.deleteObject({ ...(yield* placeOf(input)), versionId: input.source.versionId })
  })
