/**
 * Bodies of responses: as long as announced, never silent for longer than allowed, and documents within limits of size and
 * of time.
 *
 * A message of the HTTP client holds its request, with the signature and the keys of encryption. What is handed out here
 * can end in a span, a log or an error, so it holds messages in closures only, which nothing can look into.
 */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as CosError from "../../CosError.js"
import type * as CosTransport from "../../CosTransport.js"
import { monotonicMillisOf } from "../time/monotonic.js"
import type { ClientState } from "./clientState.js"
import { isCoded, malformed, type ResponseFacts } from "./headers.js"
import type { Hidden } from "./hiddenHeaders.js"
import { type RedactCause, redacted } from "./redact.js"
import type { RequestSummary } from "./request.js"
import type { Recorder } from "./telemetry.js"
import { type Abort, type Limiter, withTimeLimit } from "./timeLimit.js"
import { timeout, transportError } from "./transportError.js"

/** Where a body is read from, and by which limits. */
export interface Source {
  readonly client: ClientState
  readonly request: RequestSummary
  /** Where the request went. */
  readonly origin: string
  readonly message: HttpClientResponse.HttpClientResponse
  readonly hidden: Hidden
  readonly abort: Abort | undefined
  readonly redact: RedactCause
  /** What errors tell of the response. */
  readonly facts: () => ResponseFacts
  readonly limiter: Limiter
  readonly recorder: Recorder
}

const bodyError =
  (source: Source) =>
  (error: HttpClientError.HttpClientError): CosError.TransportError => {
    const mapped = transportError(source.request, source.origin, error, source.facts())
    return mapped._tag === "TransportError" ? mapped : bodyTimeout(source, Duration.zero)
  }

const bodyTimeout = ({ facts, origin, request }: Source, limit: Duration.Duration): CosError.TransportError =>
  timeout(request, origin, "body", limit, facts())

/** A web `Response` without a body counts as ended. */
const endOrError =
  (source: Source) =>
  (error: HttpClientError.HttpClientError): Option.Option<CosError.TransportError> =>
    error.reason === "EmptyBody" ? Option.none() : Option.some(bodyError(source)(error))

/** The length of the body as it will arrive. A client that decodes codings gives another number of bytes than announced. */
const announcedLength = ({ client, hidden, message: { headers }, request }: Source): number | undefined => {
  const length = headers["content-length"]
  return request.method !== "HEAD" &&
    length !== undefined &&
    /^\d+$/.test(length) &&
    (client.transport.rawBody || (!isCoded(headers["content-encoding"]) && !hidden.mayHide("content-encoding")))
    ? Number(length)
    : undefined
}

const truncated = ({ facts, request }: Source, expected: number, received: number) => {
  const { bucket, key, operation } = request
  return new CosError.TruncatedBody({ operation, expected, received, bucket, key, ...facts() })
}

/** What is pulled, checked. `silence` is the longest time until the next piece, counted anew for each. */
const checked = (
  source: Source,
  silence: (received: number) => Duration.Duration,
  pull: CosTransport.Pull
): Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<CosError.BodyError>> => {
  const { abort, limiter } = source
  const expected = announcedLength(source)
  let received = 0
  const bytes = redacted(Effect.mapError(pull, Option.filterMap(endOrError(source))), source.redact)
  const isWrong = (ended: boolean) => expected !== undefined && (received > expected || (ended && received < expected))
  const wrong = () => Effect.fail(Option.some<CosError.BodyError>(truncated(source, expected ?? 0, received)))
  const next = Effect.suspend(() => {
    const limit = silence(received)
    return withTimeLimit(
      limiter,
      () => bytes,
      limit,
      () => Option.some(bodyTimeout(source, limit)),
      abort
    )
  })
  return Effect.matchEffect(next, {
    onFailure: (error) => (Option.isNone(error) && isWrong(true) ? wrong() : Effect.fail(error)),
    onSuccess: (chunk) => {
      for (const bytes of chunk) {
        received += bytes.byteLength
        source.recorder.bytesReceived(bytes.byteLength)
      }
      return isWrong(false) ? wrong() : Effect.succeed(chunk)
    }
  })
}

/** The body as it comes. */
export const stream = (source: Source): Stream.Stream<Uint8Array, CosError.BodyError> => {
  const { idleLimit } = source.client
  return Stream.fromPull(
    Effect.map(Stream.toPull(source.message.stream), (pull) => checked(source, () => idleLimit, pull))
  )
}

/**
 * The body into the beginning of a buffer, with the checks of {@link stream}. A larger one is a `TruncatedBody`. Calls
 * `onBytes` with each piece, also with those that came before a failure.
 */
export const fill = (
  source: Source,
  buffer: Uint8Array,
  onBytes: (bytes: Uint8Array) => void
): Effect.Effect<void, CosError.BodyError> =>
  Effect.suspend(() => {
    const expected = announcedLength(source)
    const tooLong = (received: number) => Effect.fail(truncated(source, expected ?? buffer.byteLength, received))
    if (expected !== undefined && expected > buffer.byteLength) return tooLong(buffer.byteLength)
    const readInto = source.client.transport.readInto?.(source.message)
    if (readInto === undefined) return fillByPieces(source, buffer, onBytes, tooLong)
    const { abort, client, limiter } = source
    const read = (extend: () => void) =>
      redacted(
        readInto(buffer, (bytes) => {
          extend()
          source.recorder.bytesReceived(bytes.byteLength)
          onBytes(bytes)
        }),
        source.redact
      )
    return Effect.mapError(
      withTimeLimit(limiter, read, client.idleLimit, () => undefined, abort),
      (error) => (error === undefined ? bodyTimeout(source, client.idleLimit) : bodyError(source)(error))
    ).pipe(
      Effect.flatMap((received) =>
        received > buffer.byteLength || (expected !== undefined && received !== expected)
          ? tooLong(received)
          : Effect.void
      )
    )
  })

const fillByPieces = (
  source: Source,
  buffer: Uint8Array,
  onBytes: (bytes: Uint8Array) => void,
  tooLong: (received: number) => Effect.Effect<never, CosError.BodyError>
): Effect.Effect<void, CosError.BodyError> => {
  let filled = 0
  return Stream.runForEachChunk(stream(source), (chunk) => {
    for (const bytes of chunk) {
      const end = filled + bytes.byteLength
      if (end > buffer.byteLength) return tooLong(end)
      buffer.set(bytes, filled)
      onBytes(buffer.subarray(filled, end))
      filled = end
    }
    return Effect.void
  })
}

// --- documents -------------------------------------------------------------------------------------------------------

/** Bytes of a document that is read in one go. */
const small = 64 * 1024

/** In all, a document has the time of an attempt and that which its bytes need at the slowest rate allowed. */
const documentLimit = ({ attemptLimit, minBytesPerSecond }: ClientState, bytes: number): Duration.Duration =>
  Duration.sum(attemptLimit, Duration.millis(Math.round((bytes / minBytesPerSecond) * 1000)))

const documentBytes = (source: Source): Effect.Effect<Uint8Array, CosError.BodyError> => {
  const { abort, client, limiter, message, request } = source
  const size = announcedLength(source)
  if (size !== undefined && size <= Math.min(small, client.maxDocument)) {
    const limit = Duration.min(client.idleLimit, documentLimit(client, size))
    return Effect.flatMap(
      withTimeLimit(
        limiter,
        () => redacted(Effect.mapError(message.arrayBuffer, bodyError(source)), source.redact),
        limit,
        () => bodyTimeout(source, limit),
        abort
      ),
      (buffer) => {
        source.recorder.bytesReceived(buffer.byteLength)
        return buffer.byteLength === size
          ? Effect.succeed(new Uint8Array(buffer))
          : Effect.fail(truncated(source, size, buffer.byteLength))
      }
    )
  }
  const now = () => monotonicMillisOf(limiter.clock)
  let began = now()
  let isWorking = maySendBlanks(source)
  let received = 0
  const chunks: Array<Uint8Array> = []
  const left = (bytes: number) => {
    const limit = isWorking ? client.processingLimit : documentLimit(client, bytes)
    return Duration.min(client.idleLimit, Duration.subtract(limit, Duration.millis(now() - began)))
  }
  const takeIn = (pieces: Chunk.Chunk<Uint8Array>): void => {
    for (const bytes of pieces) {
      received += bytes.byteLength
      if (isWorking && !bytes.every(isBlank)) {
        isWorking = false
        began = now()
      }
      chunks.push(bytes)
    }
  }
  const readAll = (pull: CosTransport.Pull): Effect.Effect<Uint8Array, CosError.BodyError> => {
    const next = checked(source, left, pull)
    const rest: Effect.Effect<Uint8Array, CosError.BodyError> = Effect.matchEffect(next, {
      onFailure: Option.match({ onNone: () => Effect.succeed(join(chunks, received)), onSome: Effect.fail }),
      onSuccess: (pieces) => {
        takeIn(pieces)
        return received > client.maxDocument
          ? Effect.fail(malformed(request, message, `a document of more than ${client.maxDocument} bytes`))
          : rest
      }
    })
    return rest
  }
  // Who pulls ends the exchange.
  const pull = abort && client.transport.pull?.(message)
  return pull === undefined ? Effect.scoped(Effect.flatMap(Stream.toPull(message.stream), readAll)) : readAll(pull)
}

/** While the service works on a request, it may keep the connection alive with blanks before the document. */
const maySendBlanks = ({ message, request }: Source): boolean =>
  (request.method === "PUT" || request.method === "POST") && message.status === 200

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

const join = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

const decoder = new TextDecoder("utf-8", { fatal: true })

const noText = Effect.succeed("")

/** The whole body, as text. */
export const text = (source: Source): Effect.Effect<string, CosError.BodyError> => {
  const { message, request } = source
  if (request.method === "HEAD" || message.status === 204 || message.headers["content-length"] === "0") return noText
  return Effect.suspend(() =>
    Effect.flatMap(documentBytes(source), (bytes) =>
      Effect.try({
        try: () => decoder.decode(bytes),
        catch: () => malformed(request, message, "a document that is not UTF-8")
      })
    )
  )
}
