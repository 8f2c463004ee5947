/** Uploads of known size: one request, or parts that are sent side by side, resumed, and made the object. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import * as object from "../../../operations/object.js"
import { enterPhase, withPermit } from "../context.js"
import type { UploadTarget as Input, UploadResult } from "../model.js"
import * as progress from "../progress.js"
import * as multipart from "./multipart.js"
import * as parts from "./part.js"
import * as plan from "./plan.js"
import * as resume from "./resume.js"
import type { Target } from "./session.js"
import type { Settings } from "./settings.js"
import type { Reader, Source, SourceError } from "./source.js"

/** A reader and its buffer, which is made when first needed and then used again. */
interface Slot {
  readonly reader: Reader
  readonly buffer: () => Uint8Array
}

/** As many slots as there are workers, so that one is free for whoever asks. */
const makeSlots = (source: Source, count: number, size: number) =>
  Effect.gen(function* () {
    const readers = yield* Effect.replicateEffect(source.open, count)
    const free = readers.map((reader): Slot => {
      let buffer: Uint8Array | undefined
      return { reader, buffer: () => (buffer ??= Crc64.allocate(size)) }
    })
    return <A, E, R>(use: (slot: Slot) => Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(
        Effect.sync(() => free.pop() as Slot),
        use,
        (slot) => Effect.sync(() => free.push(slot))
      )
  })

export const targetOf = ({ bucket, key, region }: Input): Target => ({ bucket, key, region })

export const repeatedOf = (input: Input): parts.Repeated => ({
  trafficLimit: input.trafficLimit,
  mimeLimit: input.mimeLimit,
  customerKey: input.customerKey
})

/** One request. */
export const single = (input: Input, bytes: Uint8Array, settings: Settings) =>
  Effect.gen(function* () {
    const crc64 = Crc64.of(bytes)
    const md5 = yield* parts.md5Of(bytes, settings)
    const contentMd5 = md5 === undefined ? undefined : Encoding.encodeBase64(md5)
    const stored = yield* object.putObject({ ...input, body: bytes, contentMd5 })
    yield* multipart.verifyStored(input, stored, crc64, settings)
    return { key: input.key, size: bytes.byteLength, eTag: stored.eTag, versionId: stored.versionId, crc64 }
  })

const readAll = (source: Source) =>
  Effect.scoped(
    Effect.flatMap(source.open, (reader) =>
      source.size === 0
        ? Effect.succeed(new Uint8Array(0))
        : reader.read(0, source.size, () => Crc64.allocate(source.size))
    )
  )

/** Metadata is stored when an upload is begun, so the content is read beforehand. */
const withMd5 = (input: Input, source: Source) =>
  Effect.gen(function* () {
    const { hash } = yield* CosClient
    const reader = yield* source.open
    const block = new Uint8Array(Math.min(source.size, parts.blockSize))
    const md5 = hash.md5()
    for (let at = 0; at < source.size; at += block.byteLength) {
      md5.update(yield* reader.read(at, Math.min(block.byteLength, source.size - at), () => block))
    }
    return { ...input, metadata: { ...input.metadata, md5: Encoding.encodeHex(md5.digest()) } }
  }).pipe(Effect.scoped)

export const upload = (given: Input, source: Source, settings: Settings, resumeFrom: resume.From) =>
  Effect.gen(function* () {
    const input = settings.storeMd5 ? yield* withMd5(given, source) : given
    if (source.size === 0 || (source.size <= settings.threshold && source.size <= settings.maxPartBuffer)) {
      const meter = yield* progress.make({ ...settings.progress, total: source.size })
      if (resumeFrom.checkpoint !== undefined || Option.isSome(resumeFrom.store)) {
        const identity = yield* resume.identify("upload", input, source, settings.partSize)
        yield* resume.forget(targetOf(input), identity, resumeFrom, settings.limits)
      }
      const result = yield* withPermit(
        Effect.gen(function* () {
          yield* enterPhase("transferring")
          const bytes = yield* readAll(source)
          yield* source.verify
          yield* enterPhase("finishing")
          return yield* single(input, bytes, settings)
        })
      )
      yield* meter.add(source.size)
      yield* meter.finish
      return { ...result, parts: 0, resumedParts: 0 } satisfies UploadResult
    }
    return yield* inParts(input, source, settings, resumeFrom)
  }).pipe(Effect.scoped)

const inParts = (input: Input, source: Source, settings: Settings, resumeFrom: resume.From) =>
  Effect.gen(function* () {
    const partSize = yield* plan.partSizeFor(source.size, settings.partSize)
    const buffered = partSize <= settings.maxPartBuffer
    if (!buffered && !(yield* CosClient).transport.contentLength) {
      return yield* new CosError.InvalidInput({
        operation: "upload",
        field: "partSize",
        reason: `partSize must be at most maxPartBuffer (${settings.maxPartBuffer} bytes): this HTTP client sends a stream without its length`
      })
    }
    const bufferSize = buffered ? partSize : parts.blockSize
    const slots = Math.min(settings.concurrency, Math.ceil(source.size / partSize))
    // Before anything is begun on the server: a file that cannot be opened is no reason to.
    const withSlot = yield* makeSlots(source, slots, bufferSize)
    const target = targetOf(input)
    const repeated = repeatedOf(input)
    const { completed, crc64, ...counts } = yield* multipart.run<
      parts.Sent,
      bigint,
      parts.SendError | SourceError,
      CosClient
    >({
      initiate: input,
      repeated,
      identity: yield* resume.identify("upload", input, source, partSize),
      settings,
      resumeFrom,
      check: (part, known) => withSlot((slot) => resume.check(part, known, slot.reader, slot.buffer, bufferSize)),
      send: (uploadId, part, inFlight) =>
        withSlot((slot) =>
          buffered
            ? Effect.flatMap(slot.reader.read(part.offset, part.size, slot.buffer), (bytes) =>
                parts.sendBytes(target, uploadId, part.partNumber, bytes, repeated, settings)
              )
            : parts.sendStream(target, uploadId, part, slot.reader, repeated, settings, inFlight)
        ),
      verifySource: source.verify,
      crc64: multipart.crcOf
    })
    return {
      key: input.key,
      size: source.size,
      eTag: completed.eTag,
      versionId: completed.versionId,
      crc64,
      ...counts
    } satisfies UploadResult
  })
