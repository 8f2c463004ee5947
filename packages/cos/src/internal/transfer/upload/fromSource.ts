/** Uploads of known size: one request, or parts that are sent side by side, resumed, and made the object. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import { CosClient } from "../../../CosClient.js"
import * as Crc64 from "../../../Crc64.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { TransferContext, withContext } from "../context.js"
import * as engine from "../engine.js"
import { clientMemory, type Memory, memoryOf } from "../memory.js"
import * as progress from "../meter.js"
import type { UploadError, UploadResult, UploadTarget } from "../model.js"
import { partsAtOnce } from "../partLimit.js"
import { partSizeFor, plan } from "../parts.js"
import * as multipart from "./multipart.js"
import { makeReaders } from "./readers.js"
import * as resume from "./resume.js"
import * as sendPart from "./sendPart.js"
import type { ObjectLocation } from "./session.js"
import type { Settings } from "./settings.js"
import { blockSize, readThrough, type Source } from "./source.js"
import { putBlob, putBytes, putSource } from "./wholeObject.js"

export const locationOf = ({ bucket, key, region }: UploadTarget): ObjectLocation => ({ bucket, key, region })

/** Of an upload in parts, what goes with the request that completes it. */
export const callbackOf = ({
  callback,
  callbackVar
}: UploadTarget): Pick<UploadTarget, "callback" | "callbackVar"> => ({
  callback,
  callbackVar
})

export const partOptionsOf = ({ customerKey, mimeLimit, trafficLimit }: UploadTarget): sendPart.PartOptions => ({
  trafficLimit,
  mimeLimit,
  customerKey
})

/** How many parts are sent at once where no number is given or found. */
const partsOfUpload = 4

const withBuffer = (
  { isInMemory }: Pick<Source<unknown>, "isInMemory">,
  size: number,
  memory: Memory
): engine.WithBuffer =>
  // A reader needs room for one byte more than it gives.
  isInMemory ? engine.withoutBuffer : (use) => memory.withBuffer(size + 1, use)

/** All of it, verified. */
const readAll = <E>(source: Source<E>, buffer: () => Uint8Array): Effect.Effect<Uint8Array, E> =>
  source.size > 0 && source.readAll !== undefined
    ? source.readAll(buffer)
    : Effect.scoped(
        Effect.flatMap(source.open, (reader) =>
          source.size === 0 ? Effect.succeed(new Uint8Array(0)) : reader.read(0, source.size, buffer)
        )
      ).pipe(Effect.tap((bytes) => source.verify(() => Crc64.of(bytes))))

/** How an object is sent. */
type Way = "buffered" | "streamed" | "blob" | "parts"

const wayOf = <E>(source: Source<E>, settings: Settings, sendsLength: boolean): Way => {
  if (source.size > 0 && source.size > settings.threshold) return "parts"
  if (source.size <= settings.maxPartBuffer) return "buffered"
  return sendsLength ? "streamed" : source.blob === undefined ? "parts" : "blob"
}

interface Digests {
  readonly md5: Uint8Array | undefined
  readonly crc64: bigint
}

/** Reads the source once, before anything is sent. */
const readDigests = <E>(source: Source<E>, needsMd5: boolean, meter: progress.Meter) =>
  Effect.gen(function* () {
    const { hash } = yield* CosClient
    const md5 = needsMd5 ? hash.md5() : undefined
    const crc = Crc64.make()
    yield* meter.toCheck(source.size)
    yield* readThrough(source, (block) => {
      md5?.update(block)
      crc.update(block)
      return meter.checked(block.byteLength)
    })
    return { md5: md5?.digest(), crc64: crc.value } satisfies Digests
  })

/** What one upload needs to know of itself. */
interface Plan<E> {
  readonly target: UploadTarget
  readonly way: Way
  readonly source: Source<E>
  readonly settings: Settings
  readonly partSize: number
  readonly meter: progress.Meter
  readonly memory: Memory
  /** Where the source was read beforehand. */
  readonly digests: Digests | undefined
  /** Whether a header is to tell the MD5. */
  readonly sendsMd5: boolean
}

/** Whether it goes in one request that is sent from a buffer, and nothing has to be known of it but its bytes. */
export const isOneRequest = <E>(
  source: Source<E>,
  settings: Settings,
  { checkpoint, store }: Pick<resume.ResumeFrom, "checkpoint" | "store">,
  { transport }: CosClient.Service
): boolean =>
  wayOf(source, settings, transport.contentLength) === "buffered" &&
  checkpoint === undefined &&
  Option.isNone(store) &&
  !settings.storeMd5

export const upload = <E>(
  given: UploadTarget,
  source: Source<E>,
  settings: Settings,
  resumeFrom: resume.ResumeFrom
): Effect.Effect<UploadResult, UploadError | E, CosClient> =>
  Effect.withFiberRuntime(({ currentContext }): Effect.Effect<UploadResult, UploadError | E, CosClient> => {
    const client = Context.unsafeGet(currentContext, CosClient)
    if (!isOneRequest(source, settings, resumeFrom, client)) {
      return prepared(given, source, settings, resumeFrom, wayOf(source, settings, client.transport.contentLength))
    }
    const { partSize } = settings
    return Effect.flatMap(memoryOf(client), (memory) =>
      progress.withMeter({ total: source.size, ...settings.progress }, (meter) =>
        inOneRequest({
          target: given,
          way: "buffered",
          source,
          settings,
          partSize,
          meter,
          memory,
          digests: undefined,
          sendsMd5: false
        })
      )
    )
  })

/** What is read beforehand, sent in parts, or may be resumed. */
const prepared = <E>(
  given: UploadTarget,
  source: Source<E>,
  settings: Settings,
  resumeFrom: resume.ResumeFrom,
  way: Way
) =>
  Effect.gen(function* () {
    const memory = yield* clientMemory
    const isInParts = way === "parts"
    const partSize = isInParts ? yield* partSizeFor(source.size, settings.partSize) : settings.partSize
    const partsTotal = isInParts ? plan(source.size, partSize).count : undefined
    const meter = yield* progress.make({ ...settings.progress, total: source.size, partsTotal })
    // The MD5 goes into headers, which are sent before the content.
    const sendsMd5 = settings.integrity !== "crc64" && (way === "streamed" || way === "blob")
    const needsMd5 = settings.storeMd5 || sendsMd5
    const digests = needsMd5 || way === "blob" ? yield* readDigests(source, needsMd5, meter) : undefined
    const md5 = settings.storeMd5 && digests?.md5 !== undefined ? Encoding.encodeHex(digests.md5) : undefined
    const target = md5 === undefined ? given : { ...given, metadata: { ...given.metadata, md5 } }
    const planned = { target, way, source, settings, partSize, meter, memory, digests, sendsMd5 }
    // Nothing is left of one request, so that no later run has to know the source again.
    if (!isInParts && resumeFrom.checkpoint === undefined && Option.isNone(resumeFrom.store)) {
      return yield* inOneRequest(planned)
    }
    const identity = yield* resume.identify("upload", target, source, partSize)
    return yield* resume.withUploadOwned(identity.id, settings, resumeFrom, (resumeFrom) =>
      Effect.scoped(
        Effect.gen(function* () {
          if (isInParts) return yield* inParts(planned, identity, resumeFrom)
          yield* resume.forget(locationOf(target), identity, resumeFrom, settings.limits)
          return yield* inOneRequest(planned)
        })
      )
    )
  }).pipe(Effect.scoped)

/** The content of one request, in a buffer where it is read before it is sent. */
const putWhole = <E>(
  { digests, meter, sendsMd5, settings, source, target, way }: Plan<E>,
  buffer: () => Uint8Array
) => {
  const { blob } = source
  const md5 = sendsMd5 ? digests?.md5 : undefined
  if (way === "streamed") return putSource(target, source, md5, settings, meter.inFlight)
  if (way === "blob" && blob !== undefined && digests !== undefined) {
    return putBlob(target, blob, { ...digests, md5 }, settings)
  }
  return Effect.flatMap(readAll(source, buffer), (bytes) => putBytes(target, bytes, settings))
}

const inOneRequest = <E>(planned: Plan<E>) => {
  const { memory, meter, source, way } = planned
  const { size } = source
  const inBuffer = withBuffer(source, way === "buffered" ? size : 2 * blockSize, memory)
  return withContext(({ onPhase, withPartPermit }) =>
    Effect.flatMap(
      inBuffer((buffer) =>
        withPartPermit(
          Effect.flatMap(onPhase("transferring"), () => putWhole(planned, buffer)),
          size
        )
      ),
      (result) => Effect.as(Effect.zipRight(meter.add(size), meter.finish), result)
    )
  )
}

const makeSender = <E>(
  target: UploadTarget,
  source: Source<E>,
  settings: Settings,
  { bufferSize, isBuffered }: { readonly bufferSize: number; readonly isBuffered: boolean }
) =>
  Effect.map(
    makeReaders(source),
    (withReader): multipart.PartSender<sendPart.SentPart, sendPart.SendError | E, CosClient> => {
      const location = locationOf(target)
      const partOptions = partOptionsOf(target)
      return {
        check: (part, remote, buffer) => withReader((reader) => resume.check(part, remote, reader, buffer, bufferSize)),
        send: (uploadId, part, inFlight, buffer) =>
          withReader((reader) =>
            isBuffered
              ? Effect.flatMap(reader.read(part.offset, part.size, buffer), (bytes) =>
                  sendPart.sendBytes(location, uploadId, part.partNumber, bytes, partOptions, settings)
                )
              : sendPart.sendStream(location, uploadId, part, reader, partOptions, settings, inFlight)
          )
      }
    }
  )

const inParts = <E>(
  { memory, meter, partSize, settings, source, target }: Plan<E>,
  identity: resume.ResumeKey,
  resumeFrom: resume.ResumeFrom
) =>
  Effect.gen(function* () {
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
    const bufferSize = isBuffered ? partSize : 2 * blockSize
    const sender = yield* makeSender(target, source, settings, { bufferSize, isBuffered })
    const atOnce = yield* partsAtOnce(settings.concurrency, partsOfUpload)
    yield* memory.reuse
    const { completed, crc64, ...counts } = yield* multipart.run<
      sendPart.SentPart,
      bigint,
      sendPart.SendError | E,
      CosClient
    >({
      initiate: target,
      callback: callbackOf(target),
      partOptions: partOptionsOf(target),
      identity,
      plan: planned,
      meter,
      settings,
      resumeFrom,
      sender,
      withBuffer: withBuffer(source, bufferSize, memory),
      atOnce,
      verifySource: source.verify,
      crc64: multipart.crcOf
    })
    const result: UploadResult = { ...completed, size: source.size, crc64, ...counts }
    yield* (yield* TransferContext).onStored(result)
    yield* meter.finish
    return result
  })
