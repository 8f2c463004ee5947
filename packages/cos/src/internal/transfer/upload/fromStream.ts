/** Uploads of unknown length: bytes are gathered into part buffers, which are sent while the next ones fill. */
import * as Channel from "effect/Channel"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as MergeDecision from "effect/MergeDecision"
import * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import type { CosClient } from "../../../CosClient.js"
import { type InvalidInput, TooManyParts } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import { describe, isBytes } from "../../encoding/bytes.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import * as progress from "../meter.js"
import type { UploadError, UploadResult, UploadTarget } from "../model.js"
import { maxParts } from "../parts.js"
import { complete } from "./complete.js"
import { locationOf, partOptionsOf, putWhole } from "./fromSource.js"
import { beginOptions, crcOf, verifyStored } from "./multipart.js"
import * as sendPart from "./sendPart.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"

const notBytes = (operation: string, value: unknown): InvalidInput =>
  invalidInput(operation, "stream", `must give bytes (Uint8Array), and gave ${describe(value)}`)

/** Takes bytes until the stream ends. Closing the scope ends the upload. */
const makeWriter = (target: UploadTarget, settings: Settings) =>
  Effect.gen(function* () {
    const { concurrency, limits, partSize } = settings
    const scope = yield* Effect.scope
    const meter = yield* progress.make(settings.progress)
    const location = locationOf(target)
    const partOptions = partOptionsOf(target)

    // One buffer more than is sent at once, to be filled meanwhile.
    const freeBuffers = yield* Effect.makeSemaphore(concurrency + 1)
    const sendPermits = yield* Effect.makeSemaphore(concurrency)
    const idle: Array<Uint8Array> = []
    let buffer: Uint8Array | undefined
    let filled = 0

    let upload: session.Session | undefined
    const sending: Array<Fiber.Fiber<sendPart.SentPart, sendPart.SendError>> = []
    const failed = yield* Deferred.make<never, sendPart.SendError>()

    const sendOne = (uploadId: string, partNumber: number, buffer: Uint8Array, size: number) =>
      sendPart.sendBytes(location, uploadId, partNumber, buffer.subarray(0, size), partOptions, settings).pipe(
        sendPermits.withPermits(1),
        Effect.tap(() => meter.add(size, 1)),
        Effect.ensuring(
          Effect.suspend(() => {
            idle.push(buffer)
            return freeBuffers.release(1)
          })
        ),
        Effect.tapErrorCause((cause) => Deferred.failCause(failed, cause))
      )

    /** Sends what the buffer holds as the next part. */
    const sendBuffer = (buffer: Uint8Array) =>
      Effect.gen(function* () {
        if (sending.length === maxParts) {
          const size = maxParts * partSize + 1
          return yield* new TooManyParts({ size, partSize, limit: maxParts })
        }
        upload ??= yield* session.begin(target, beginOptions(settings))
        // Begun after the upload, so that they end before it is aborted.
        sending.push(yield* Effect.forkIn(sendOne(upload.uploadId, sending.length + 1, buffer, filled), scope))
      }).pipe(Scope.extend(scope))

    const write = Effect.fnUntraced(function* (bytes: Uint8Array) {
      if (!isBytes(bytes)) return yield* notBytes(settings.operation, bytes)
      let rest = bytes
      while (rest.byteLength > 0) {
        // Full, and there is more: so it is not the last.
        if (buffer !== undefined && filled === partSize) {
          yield* sendBuffer(buffer)
          buffer = undefined
          filled = 0
        }
        buffer ??= yield* Effect.map(freeBuffers.take(1), () => idle.pop() ?? Crc64.allocate(partSize))
        const fits = rest.subarray(0, partSize - filled)
        buffer.set(fits, filled)
        filled += fits.byteLength
        rest = rest.subarray(fits.byteLength)
      }
    })

    const finish = Effect.gen(function* () {
      if (upload === undefined) {
        const result = yield* putWhole(target, buffer?.subarray(0, filled) ?? new Uint8Array(0), settings)
        yield* meter.add(result.size)
        yield* meter.finish
        return { ...result, parts: 0, resumedParts: 0 } satisfies UploadResult
      }
      if (buffer !== undefined) yield* sendBuffer(buffer)
      const sent = yield* Fiber.join(Fiber.all(sending))
      const expected = { size: sent.reduce((size, part) => size + part.size, 0), crc64: crcOf(sent) }
      const completed = yield* complete(
        {
          ...location,
          uploadId: upload.uploadId,
          parts: sent.map(({ eTag, partNumber }) => ({ partNumber, eTag })),
          overwrite: target.overwrite
        },
        upload,
        expected,
        partOptions,
        limits
      )
      yield* verifyStored(location, completed, expected.crc64, settings)
      yield* meter.finish
      return {
        ...completed,
        ...expected,
        parts: sent.length,
        resumedParts: 0
      } satisfies UploadResult
    })

    return { write, finish, failed: Deferred.await(failed) }
  })

/** A part that fails ends it at once, even if the source is silent. */
export const sink = (target: UploadTarget, settings: Settings) =>
  Sink.unwrapScoped<UploadResult, Uint8Array, never, UploadError, CosClient | Scope.Scope>(
    Effect.map(makeWriter(target, settings), ({ failed, finish, write }) =>
      Sink.forEach(write).pipe(
        Sink.mapEffect(() => finish),
        Sink.toChannel,
        Channel.mergeWith({
          other: Channel.fromEffect(failed),
          onSelfDone: MergeDecision.Done,
          onOtherDone: MergeDecision.Done
        }),
        Sink.fromChannel
      )
    )
  )
