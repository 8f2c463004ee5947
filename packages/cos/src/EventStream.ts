/**
 * The event stream of Select Object Content: messages of headers and payload, each with two CRC-32s.
 *
 * Source: "SELECT Object Content", https://www.tencentcloud.com/document/product/436/32360
 *
 * @since 0.1.0
 */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as crc32 from "./internal/checksum/crc32.js"

/**
 * One message. COS sends string headers only.
 *
 * @since 0.1.0
 * @category models
 */
export interface Message {
  readonly headers: ReadonlyMap<string, string>
  readonly payload: Uint8Array
}

/**
 * The bytes are not an event stream: damaged (a CRC differs), malformed, too long, or cut in mid-message.
 *
 * @since 0.1.0
 * @category errors
 */
export class EventStreamError extends Data.TaggedError("EventStreamError")<{
  readonly reason: "PreludeChecksum" | "MessageChecksum" | "Length" | "Header" | "Truncated"
  /** Where the message begins, in bytes from the beginning of the stream. */
  readonly offset: number
}> {
  override get message(): string {
    return `${this.reason} in the message at byte ${this.offset}`
  }
}

/**
 * An incremental decoder. Mutable: owned by one stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decoder {
  /**
   * Takes the next bytes and returns the messages that they complete. Bytes after a failure are not read; messages
   * before a failure are returned first, and the failure by the next call.
   */
  readonly push: (chunk: Uint8Array) => Either.Either<ReadonlyArray<Message>, EventStreamError>
  /** To be called when the bytes end: fails if they end inside a message. */
  readonly end: () => Either.Either<void, EventStreamError>
}

/**
 * The default of {@link make}'s `maxMessageBytes`: 16 MiB.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultMaxMessageBytes = 16 * 1024 * 1024

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const readHeaders = (view: DataView, from: number, to: number): ReadonlyMap<string, string> | undefined => {
  const headers = new Map<string, string>()
  const text = (at: number, length: number) => utf8.decode(new Uint8Array(view.buffer, view.byteOffset + at, length))
  try {
    let at = from
    while (at < to) {
      const nameLength = view.getUint8(at)
      const valueAt = at + 1 + nameLength + 3
      if (valueAt > to || view.getUint8(valueAt - 3) !== 7) return undefined
      const valueLength = view.getUint16(valueAt - 2)
      if (valueAt + valueLength > to) return undefined
      headers.set(text(at + 1, nameLength), text(valueAt, valueLength))
      at = valueAt + valueLength
    }
    return headers
  } catch {
    return undefined // not UTF-8
  }
}

/**
 * A decoder at the beginning of a stream.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options?: {
  /** Longer messages are refused before they are buffered. Default 16 MiB. */
  readonly maxMessageBytes?: number | undefined
}): Decoder => {
  const maxMessageBytes = options?.maxMessageBytes ?? defaultMaxMessageBytes
  // Bytes not decoded yet stand at the beginning of the buffer, which grows by doubling; `offset` is where they begin.
  let buffer = new Uint8Array(4096)
  let filled = 0
  let offset = 0
  let failure: EventStreamError | undefined

  const decodeOne = (from: number): { readonly message: Message; readonly length: number } | undefined => {
    const available = filled - from
    if (available < 12) return undefined
    const view = new DataView(buffer.buffer, from, available)
    const fail = (reason: EventStreamError["reason"]) => {
      failure = new EventStreamError({ reason, offset: offset + from })
      return undefined
    }
    if (crc32.of(buffer.subarray(from, from + 8)) !== view.getUint32(8)) return fail("PreludeChecksum")
    const length = view.getUint32(0)
    const headersLength = view.getUint32(4)
    if (length > maxMessageBytes || length < 16 + headersLength) return fail("Length")
    if (available < length) return undefined
    if (crc32.of(buffer.subarray(from, from + length - 4)) !== view.getUint32(length - 4)) {
      return fail("MessageChecksum")
    }
    const headers = readHeaders(view, 12, 12 + headersLength)
    if (headers === undefined) return fail("Header")
    return { message: { headers, payload: buffer.slice(from + 12 + headersLength, from + length - 4) }, length }
  }

  return {
    push: (chunk) => {
      if (failure !== undefined) return Either.left(failure)
      if (filled + chunk.length > buffer.length) {
        const larger = new Uint8Array(Math.max(2 * buffer.length, filled + chunk.length))
        larger.set(buffer.subarray(0, filled))
        buffer = larger
      }
      buffer.set(chunk, filled)
      filled += chunk.length
      const messages: Array<Message> = []
      let at = 0
      for (let next = decodeOne(at); next !== undefined; next = decodeOne(at)) {
        messages.push(next.message)
        at += next.length
      }
      buffer.copyWithin(0, at, filled)
      filled -= at
      offset += at
      return failure !== undefined && messages.length === 0 ? Either.left(failure) : Either.right(messages)
    },
    end: () => {
      if (failure !== undefined) return Either.left(failure)
      return filled === 0 ? Either.void : Either.left(new EventStreamError({ reason: "Truncated", offset }))
    }
  }
}

/**
 * The bytes of one message. Names are at most 255 bytes of UTF-8, values 65,535: longer ones throw a `RangeError`.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode = (message: {
  readonly headers: Iterable<readonly [name: string, value: string]>
  readonly payload?: Uint8Array | undefined
}): Uint8Array => {
  const encoder = new TextEncoder()
  const headers: Array<readonly [Uint8Array, Uint8Array]> = []
  let headersLength = 0
  for (const [name, value] of message.headers) {
    const pair = [encoder.encode(name), encoder.encode(value)] as const
    if (pair[0].length > 0xff || pair[1].length > 0xffff) throw new RangeError(`header ${name} is too long`)
    headers.push(pair)
    headersLength += 4 + pair[0].length + pair[1].length
  }
  const payload = message.payload ?? new Uint8Array(0)
  const bytes = new Uint8Array(16 + headersLength + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length)
  view.setUint32(4, headersLength)
  view.setUint32(8, crc32.of(bytes.subarray(0, 8)))
  let at = 12
  for (const [name, value] of headers) {
    view.setUint8(at, name.length)
    bytes.set(name, at + 1)
    at += 1 + name.length
    view.setUint8(at, 7)
    view.setUint16(at + 1, value.length)
    bytes.set(value, at + 3)
    at += 3 + value.length
  }
  bytes.set(payload, at)
  view.setUint32(bytes.length - 4, crc32.of(bytes.subarray(0, -4)))
  return bytes
}

/**
 * The messages of a stream of bytes, each delivered as soon as it is complete.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode =
  (options?: { readonly maxMessageBytes?: number | undefined }) =>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Message, E | EventStreamError, R> =>
    Stream.suspend(() => {
      const decoder = make(options)
      type Loop = Channel.Channel<
        Chunk.Chunk<Message>,
        Chunk.Chunk<Uint8Array>,
        E | EventStreamError,
        E,
        unknown,
        unknown
      >
      const loop: Loop = Channel.readWithCause({
        onInput: (chunk: Chunk.Chunk<Uint8Array>) => {
          const messages: Array<Message> = []
          for (const bytes of chunk) {
            const result = decoder.push(bytes)
            if (Either.isLeft(result)) return emit(messages, Channel.fail(result.left))
            for (const message of result.right) messages.push(message)
          }
          return emit(messages, loop)
        },
        onFailure: Channel.failCause,
        onDone: () => Either.match(decoder.end(), { onLeft: Channel.fail, onRight: () => Channel.void })
      })
      return Stream.pipeThroughChannel(bytes, loop)
    })

const emit = <A, B, C, D, E, F>(
  messages: ReadonlyArray<Message>,
  next: Channel.Channel<A, B, C, D, E, F>
): Channel.Channel<A | Chunk.Chunk<Message>, B, C, D, E, F> =>
  messages.length === 0 ? next : Channel.zipRight(Channel.write(Chunk.unsafeFromArray(messages)), next)
