/** Uploads of streams: in one request that is sent while it is read, or in parts that are sent while the next ones fill. */
import * as Channel from "effect/Channel"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as MergeDecision from "effect/MergeDecision"
import * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as Body from "../../../Body.js"
import { CosClient } from "../../../CosClient.js"
import { type InvalidInput, TooManyParts } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import { describe, isBytes } from "../../encoding/bytes.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { enterPhase, TransferContext } from "../context.js"
import * as fairSemaphore from "../fairSemaphore.js"
import { clientMemory } from "../memory.js"
import * as progress from "../meter.js"
import type { UploadError, UploadResult, UploadTarget } from "../model.js"
import { partsAtOnce, withPartPermit } from "../partLimit.js"
import { maxParts, partSizeFor } from "../parts.js"
import { complete } from "./complete.js"
import { callbackOf, locationOf, partOptionsOf } from "./fromSource.js"
import { beginOptions, crcOf, verifyStored } from "./multipart.js"
import * as pipes from "./pipe.js"
import * as sendPart from "./sendPart.js"
import * as session from "./session.js"
import type { Settings } from "./settings.js"
import { putBytes, putStream } from "./wholeObject.js"

const notBytes = (operation: string, value: unknown): InvalidInput =>
  invalidInput(operation, "stream", `must give bytes (Uint8Array), and gave ${describe(value)}`)

/** Counts what a stream gives, where it is known how much that must be. */
const lengthCheck = (size: number | undefined, operation: string) => {
  const refuse = (found: string) =>
    invalidInput(
      operation,
      "size",
      `must be the number of bytes that the stream gives: it is ${size}, and there ${found}`
    )
  let written = 0
  return {
    add: (bytes: number): Effect.Effect<void, InvalidInput> => {
      written += bytes
      return size !== undefined && written > size ? Effect.fail(refuse("are more")) : Effect.void
    },
    end: Effect.suspend(
      (): Effect.Effect<void, InvalidInput> =>
        size !== undefined && written < size ? Effect.fail(refuse(`were ${written}`)) : Effect.void
    )
  }
}

/** Takes bytes until the stream ends. Closing the scope ends the upload. */
interface Writer {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, UploadError, CosClient>
  readonly finish: Effect.Effect<UploadResult, UploadError, CosClient>
  /** Fails when what is sent meanwhile does. */
  readonly failed: Effect.Effect<never, UploadError>
}

/** How many parts of a stream are sent at once where no number is given or found. */
const partsOfStream = 4

/** Smaller pieces are put together. */
const pieceSize = 64 * 1024

/** One request, sent while the stream is read. What was read is kept for another attempt if there is room for it. */
const makeRequestWriter = (target: UploadTarget, size: number, settings: Settings) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const meter = yield* progress.make({ ...settings.progress, total: size })
    const keeps = size <= settings.maxPartBuffer
    const pipe = pipes.make(keeps)
    const length = lengthCheck(size, settings.operation)
    const crc = Crc64.make()
    const failed = yield* Deferred.make<never, UploadError>()
    let pending = new Uint8Array(pieceSize)
    let filled = 0
    let sending: Fiber.Fiber<UploadResult, UploadError> | undefined

    let inTransport = 0
    const clear = Effect.suspend(() => {
      const bytes = inTransport
      inTransport = 0
      return meter.inFlight(-bytes)
    })
    const stream = Stream.tap(pipe.stream, ({ byteLength }) => {
      inTransport += byteLength
      return meter.inFlight(byteLength)
    })
    const body = Body.stream(Stream.unwrap(Effect.as(clear, stream)), { size, replayable: keeps })

    const writePiece = (piece: Uint8Array) =>
      Effect.gen(function* () {
        crc.update(piece)
        sending ??= yield* putStream(target, body, () => crc.value, settings).pipe(
          (put) => withPartPermit(put, size),
          Effect.ensuring(clear),
          Effect.tapErrorCause((cause) => Deferred.failCause(failed, cause)),
          Effect.forkIn(scope)
        )
        yield* pipe.write(piece)
      })
    const flush = Effect.suspend(() => {
      if (filled === 0) return Effect.void
      const piece = pending.subarray(0, filled)
      pending = new Uint8Array(pieceSize)
      filled = 0
      return writePiece(piece)
    })

    const write = Effect.fnUntraced(function* (bytes: Uint8Array) {
      if (!isBytes(bytes)) return yield* notBytes(settings.operation, bytes)
      yield* length.add(bytes.byteLength)
      if (filled + bytes.byteLength > pieceSize) yield* flush
      // The stream may use its array again.
      if (bytes.byteLength > pieceSize) return yield* writePiece(bytes.slice())
      pending.set(bytes, filled)
      filled += bytes.byteLength
    })

    const finish = Effect.gen(function* () {
      yield* length.end
      yield* flush
      yield* pipe.end
      const result = yield* Fiber.join(sending as NonNullable<typeof sending>)
      yield* meter.add(size)
      yield* meter.finish
      return result
    })
    return { write, finish, failed: Deferred.await(failed) } satisfies Writer
  })

/** Parts, each gathered in a buffer and sent while the next ones fill; or one request, where all fits into one buffer. */
const makePartWriter = (target: UploadTarget, size: number | undefined, settings: Settings) =>
  Effect.gen(function* () {
    const { limits, partSize } = settings
    const memory = yield* clientMemory
    const atOnce = yield* partsAtOnce(settings.concurrency, partsOfStream)
    const scope = yield* Effect.scope
    const isInParts = size !== undefined && size > partSize
    const meter = yield* progress.make({
      ...settings.progress,
      total: size,
      partsTotal: isInParts ? Math.ceil(size / partSize) : undefined
    })
    const length = lengthCheck(size, settings.operation)
    const location = locationOf(target)
    const partOptions = partOptionsOf(target)

    yield* memory.reuse
    const turns = fairSemaphore.make(atOnce.current())
    /** It is not counted before it is full: the source, which fills it, may wait for other transfers. */
    let buffer: Uint8Array | undefined
    let filled = 0

    let upload: session.Session | undefined
    const sending: Array<Fiber.Fiber<sendPart.SentPart, sendPart.SendError>> = []
    const failed = yield* Deferred.make<never, sendPart.SendError>()

    const sendOne = (uploadId: string, partNumber: number, buffer: Uint8Array, size: number) =>
      sendPart.sendBytes(location, uploadId, partNumber, buffer.subarray(0, size), partOptions, settings).pipe(
        (send) => withPartPermit(send, size),
        atOnce.limit,
        Effect.tap(() => {
          memory.giveBack(buffer)
          return meter.add(size, 1)
        }),
        Effect.tapErrorCause((cause) => Deferred.failCause(failed, cause))
      )

    /** Forks it when it is its turn and there is memory for it. */
    const forkInTurn = <A, E, R>(send: Effect.Effect<A, E, R>) =>
      Effect.uninterruptible(
        Effect.gen(function* () {
          yield* turns.take
          yield* Effect.onInterrupt(memory.acquire(partSize), () => Effect.sync(turns.giveBack))
          const release = Effect.sync(() => {
            memory.release(partSize)
            turns.giveBack()
            turns.setLimit(atOnce.current())
          })
          return yield* Effect.forkIn(Effect.ensuring(Effect.interruptible(send), release), scope)
        })
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
        sending.push(yield* forkInTurn(sendOne(upload.uploadId, sending.length + 1, buffer, filled)))
      }).pipe(Scope.extend(scope))

    const write = Effect.fnUntraced(function* (bytes: Uint8Array) {
      if (!isBytes(bytes)) return yield* notBytes(settings.operation, bytes)
      yield* length.add(bytes.byteLength)
      let rest = bytes
      while (rest.byteLength > 0) {
        // Full, and there is more: so it is not the last.
        if (buffer !== undefined && filled === partSize) {
          yield* sendBuffer(buffer)
          buffer = undefined
          filled = 0
        }
        buffer ??= memory.take(partSize)
        const fits = rest.subarray(0, partSize - filled)
        buffer.set(fits, filled)
        filled += fits.byteLength
        rest = rest.subarray(fits.byteLength)
      }
    })

    const finish = Effect.gen(function* () {
      yield* length.end
      if (upload === undefined) {
        const bytes = buffer?.subarray(0, filled) ?? new Uint8Array(0)
        const result = yield* withPartPermit(putBytes(target, bytes, settings), bytes.byteLength)
        yield* meter.add(result.size)
        yield* meter.finish
        return result
      }
      if (buffer !== undefined) yield* sendBuffer(buffer)
      const sent = yield* Effect.flatMap(Fiber.join(Fiber.all(sending)), (parts) =>
        session.withHiddenETags(location, upload?.uploadId ?? "", parts)
      )
      const expected = { size: sent.reduce((size, part) => size + part.size, 0), crc64: crcOf(sent) }
      yield* enterPhase("finishing")
      const completed = yield* complete(
        {
          ...location,
          uploadId: upload.uploadId,
          parts: sent.map(({ eTag, partNumber }) => ({ partNumber, eTag })),
          overwrite: target.overwrite,
          ...callbackOf(target)
        },
        upload,
        expected,
        partOptions,
        limits
      )
      yield* verifyStored(location, completed, expected.crc64, settings)
      const result: UploadResult = { ...completed, ...expected, parts: sent.length, resumedParts: 0 }
      yield* (yield* TransferContext).onStored(result)
      yield* meter.finish
      return result
    })

    return { write, finish, failed: Deferred.await(failed) } satisfies Writer
  })

/** How a stream is sent whose size may be known. */
const makeWriter = (target: UploadTarget, size: number | undefined, settings: Settings) =>
  Effect.gen(function* () {
    yield* enterPhase("transferring")
    if (size === undefined) return yield* makePartWriter(target, size, settings)
    const { integrity, maxPartBuffer, operation, threshold } = settings
    const isWhole = size <= threshold
    // The MD5 goes into a header, and is known only when all has been read.
    const isStreamed = size > 0 && integrity === "crc64" && (yield* CosClient).transport.contentLength
    if (isWhole && isStreamed) return yield* makeRequestWriter(target, size, settings)
    if (isWhole && size <= maxPartBuffer) {
      return yield* makePartWriter(target, size, { ...settings, partSize: Math.max(1, size) })
    }
    const partSize = yield* partSizeFor(size, settings.partSize)
    if (partSize > maxPartBuffer) {
      return yield* invalidInput(
        operation,
        "maxPartBuffer",
        `must be at least ${partSize} bytes, the size of the parts of ${size} bytes: those of a stream are held in memory`
      )
    }
    return yield* makePartWriter(target, size, { ...settings, partSize })
  })

/** A part that fails ends it at once, even if the source is silent. */
export const sink = (target: UploadTarget, size: number | undefined, settings: Settings) =>
  Sink.unwrapScoped<UploadResult, Uint8Array, never, UploadError, CosClient | Scope.Scope>(
    Effect.map(makeWriter(target, size, settings), ({ failed, finish, write }) =>
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
