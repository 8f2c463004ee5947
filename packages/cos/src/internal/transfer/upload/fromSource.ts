/** Uploads of known size: one request, or parts that are sent side by side, resumed, and made the object. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Checkpoint from "../../../Checkpoint.js"
import { CosClient } from "../../../CosClient.js"
import * as Crc64 from "../../../Crc64.js"
import type * as Operation from "../../../Operation.js"
import * as object from "../../../operations/object.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import { enterPhase } from "../context.js"
import * as progress from "../meter.js"
import type { UploadResult, UploadTarget } from "../model.js"
import { withPartPermit } from "../partLimit.js"
import { partSizeFor, plan } from "../parts.js"
import * as multipart from "./multipart.js"
import * as resume from "./resume.js"
import * as sendPart from "./sendPart.js"
import type { ObjectLocation } from "./session.js"
import type { Settings } from "./settings.js"
import type { Source } from "./source.js"

export const locationOf = ({ bucket, key, region }: UploadTarget): ObjectLocation => ({ bucket, key, region })

export const partOptionsOf = ({ customerKey, mimeLimit, trafficLimit }: UploadTarget): sendPart.PartOptions => ({
  trafficLimit,
  mimeLimit,
  customerKey
})

/** What a result says of an object that one request made. */
export const madeInOneRequest = (
  key: string,
  {
    bucket,
    eTag,
    location,
    region,
    response,
    versionId
  }: Operation.Success<typeof object.putObject> | Operation.Success<typeof object.copyObject>
) => ({ key, bucket, region, location, uploadId: undefined, response, eTag, versionId })

/** One request. */
export const putWhole = (target: UploadTarget, bytes: Uint8Array, settings: Settings) =>
  Effect.gen(function* () {
    const { crc64, md5 } = yield* sendPart.partChecksums(bytes, settings)
    const contentMd5 = md5 === undefined ? undefined : Encoding.encodeBase64(md5)
    const stored = yield* object.putObject({ ...target, body: bytes, contentMd5 })
    yield* multipart.verifyStored(target, stored, crc64, settings)
    return { ...madeInOneRequest(target.key, stored), size: bytes.byteLength, crc64 }
  })

/** A reader needs room for one byte more than it gives. */
const allocate = (size: number): Uint8Array => Crc64.allocate(size + 1)

const readAll = <E>(source: Source<E>) =>
  Effect.scoped(
    Effect.flatMap(source.open, (reader) =>
      source.size === 0 ? Effect.succeed(new Uint8Array(0)) : reader.read(0, source.size, () => allocate(source.size))
    )
  )

/** Metadata is stored when an upload is begun, so the content is read beforehand. */
const withMd5 = <E>(target: UploadTarget, source: Source<E>) =>
  Effect.gen(function* () {
    const { hash } = yield* CosClient
    const reader = yield* source.open
    const blockSize = Math.min(source.size, sendPart.blockSize)
    const block = new Uint8Array(blockSize + 1)
    const md5 = hash.md5()
    for (let at = 0; at < source.size; at += blockSize) {
      md5.update(yield* reader.read(at, Math.min(blockSize, source.size - at), () => block))
    }
    return { ...target, metadata: { ...target.metadata, md5: Encoding.encodeHex(md5.digest()) } }
  }).pipe(Effect.scoped)

export const upload = <E>(given: UploadTarget, source: Source<E>, settings: Settings, resumeFrom: resume.ResumeFrom) =>
  Effect.gen(function* () {
    const target = settings.storeMd5 ? yield* withMd5(given, source) : given
    const isWhole = source.size === 0 || (source.size <= settings.threshold && source.size <= settings.maxPartBuffer)
    const bucket = yield* effectiveBucket(target)
    const path = source.identity.path ?? ""
    const id = yield* Checkpoint.id({ kind: "upload", bucket, key: target.key, path })
    return yield* resume.withUploadOwned(id, settings, resumeFrom, (resumeFrom) =>
      Effect.scoped(
        Effect.gen(function* () {
          return yield* (isWhole ? inOneRequest : inParts)(target, source, settings, resumeFrom)
        })
      )
    )
  })

const inOneRequest = <E>(target: UploadTarget, source: Source<E>, settings: Settings, resumeFrom: resume.ResumeFrom) =>
  Effect.gen(function* () {
    const meter = yield* progress.make({ ...settings.progress, total: source.size })
    if (resumeFrom.checkpoint !== undefined || Option.isSome(resumeFrom.store)) {
      const identity = yield* resume.identify("upload", target, source, settings.partSize)
      yield* resume.forget(locationOf(target), identity, resumeFrom, settings.limits)
    }
    const result = yield* withPartPermit(
      Effect.gen(function* () {
        yield* enterPhase("transferring")
        const bytes = yield* readAll(source)
        yield* source.verify(() => Crc64.of(bytes))
        yield* enterPhase("finishing")
        return yield* putWhole(target, bytes, settings)
      })
    )
    yield* meter.add(source.size)
    yield* meter.finish
    return { ...result, parts: 0, resumedParts: 0 } satisfies UploadResult
  })

/** Each has a reader, and a buffer which is made when first needed and then used again. */
const openWorkers = <E>(
  target: UploadTarget,
  source: Source<E>,
  count: number,
  bufferSize: number,
  settings: Settings,
  isBuffered: boolean
) =>
  Effect.replicateEffect(
    Effect.map(source.open, (reader): multipart.UploadWorker<sendPart.SentPart, sendPart.SendError | E, CosClient> => {
      const location = locationOf(target)
      const partOptions = partOptionsOf(target)
      let made: Uint8Array | undefined
      const buffer = () => (made ??= allocate(bufferSize))
      return {
        check: (part, remote) => resume.check(part, remote, reader, buffer, bufferSize),
        send: (uploadId, part, inFlight) =>
          isBuffered
            ? Effect.flatMap(reader.read(part.offset, part.size, buffer), (bytes) =>
                sendPart.sendBytes(location, uploadId, part.partNumber, bytes, partOptions, settings)
              )
            : sendPart.sendStream(location, uploadId, part, reader, partOptions, settings, inFlight)
      }
    }),
    count
  )

const inParts = <E>(target: UploadTarget, source: Source<E>, settings: Settings, resumeFrom: resume.ResumeFrom) =>
  Effect.gen(function* () {
    const partSize = yield* partSizeFor(source.size, settings.partSize)
    const isBuffered = partSize <= settings.maxPartBuffer
    if (!isBuffered && !(yield* CosClient).transport.contentLength) {
      return yield* invalidInput(
        settings.operation,
        "partSize",
        `must be at most maxPartBuffer (${settings.maxPartBuffer} bytes): this HTTP client sends a stream without its length`
      )
    }
    const planned = plan(source.size, partSize)
    // Before an upload begins on the server: a file that cannot be opened needs none.
    const workers = yield* openWorkers(
      target,
      source,
      Math.min(settings.concurrency, planned.count),
      isBuffered ? partSize : sendPart.blockSize,
      settings,
      isBuffered
    )
    const { completed, crc64, ...counts } = yield* multipart.run<
      sendPart.SentPart,
      bigint,
      sendPart.SendError | E,
      CosClient
    >({
      initiate: target,
      partOptions: partOptionsOf(target),
      identity: yield* resume.identify("upload", target, source, partSize),
      plan: planned,
      settings,
      resumeFrom,
      workers,
      verifySource: source.verify,
      crc64: multipart.crcOf
    })
    return { ...completed, size: source.size, crc64, ...counts } satisfies UploadResult
  })
