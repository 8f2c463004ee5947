import { crc32 } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as EventStream from "../src/EventStream.js"

const utf8 = (text: string) => new TextEncoder().encode(text)

const records = {
  headers: new Map([
    [":message-type", "event"],
    [":event-type", "Records"],
    [":content-type", "application/octet-stream"]
  ]),
  payload: utf8("1,a\n2,b\n")
}
const end = {
  headers: new Map([
    [":message-type", "event"],
    [":event-type", "End"]
  ]),
  payload: new Uint8Array(0)
}

/** The messages of some bytes pushed in pieces, and how the stream ended. */
const decodeAll = (pieces: Iterable<Uint8Array>, options?: { readonly maxMessageBytes?: number }) => {
  const decoder = EventStream.make(options)
  const messages: Array<EventStream.Message> = []
  for (const piece of pieces) {
    const result = decoder.push(piece)
    if (Either.isLeft(result)) return { messages, result }
    messages.push(...result.right)
  }
  return { messages, result: decoder.end() }
}

const failure = (reason: EventStream.EventStreamError["reason"], offset: number) =>
  Either.left(new EventStream.EventStreamError({ reason, offset }))

/** A message with the fields as given, its checksums right. */
const raw = (total: number, headersLength: number, headersAndPayload: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(16 + headersAndPayload.length)
  bytes.writeUInt32BE(total, 0)
  bytes.writeUInt32BE(headersLength, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  bytes.set(headersAndPayload, 12)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return Uint8Array.from(bytes)
}

describe("EventStream", () => {
  it("encode writes the bytes of the protocol notes", () => {
    const header = (name: string, value: string) => [name.length, ...utf8(name), 7, 0, value.length, ...utf8(value)]
    const headers = Uint8Array.from([...header(":message-type", "event"), ...header(":event-type", "End")])
    expect(EventStream.encode(end)).toEqual(raw(16 + headers.length, headers.length, headers))
  })

  it("decodes what encode writes, in any pieces", () => {
    const message = FastCheck.record({
      headers: FastCheck.array(
        FastCheck.tuple(FastCheck.string({ unit: "binary", maxLength: 20 }), FastCheck.string({ unit: "binary" })),
        { maxLength: 3 }
      ).map((pairs) => new Map(pairs)),
      payload: FastCheck.uint8Array({ maxLength: 6000 })
    })
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(message, { maxLength: 4 }),
        FastCheck.array(FastCheck.nat({ max: 20000 }), { maxLength: 8 }),
        (sent, cuts) => {
          const bytes = Uint8Array.from(Buffer.concat(sent.map(EventStream.encode)))
          const positions = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
          const pieces = positions.slice(1).map((to, i) => bytes.subarray(positions[i], to))
          expect(decodeAll(pieces)).toEqual({ messages: sent, result: Either.void })
        }
      ),
      { seed: 1 }
    )
  })

  it("byte by byte", () => {
    const bytes = Buffer.concat([EventStream.encode(records), EventStream.encode(end)])
    expect(decodeAll([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual({
      messages: [records, end],
      result: Either.void
    })
  })

  it("a payload is a copy: neither the pieces nor later messages change it", () => {
    const piece = EventStream.encode(records)
    const decoder = EventStream.make()
    const first = decoder.push(piece)
    piece.set(EventStream.encode({ headers: records.headers, payload: new Uint8Array(records.payload.length) }))
    decoder.push(piece)
    expect(first).toEqual(Either.right([{ headers: records.headers, payload: utf8("1,a\n2,b\n") }]))
  })

  it("every cut inside a message is a failure", () => {
    const bytes = EventStream.encode(records)
    for (let length = 1; length < bytes.length; length++) {
      expect(decodeAll([EventStream.encode(end), bytes.subarray(0, length)])).toEqual({
        messages: [end],
        result: failure("Truncated", EventStream.encode(end).length)
      })
    }
    expect(decodeAll([])).toEqual({ messages: [], result: Either.void })
  })

  it("every flipped bit is noticed", () => {
    const bytes = EventStream.encode(end)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(decodeAll([damaged])).toEqual({
        messages: [],
        result: failure(bit < 12 * 8 ? "PreludeChecksum" : "MessageChecksum", 0)
      })
    }
  })

  it("messages before the damage come first, the failure next, and it stays", () => {
    const good = EventStream.encode(records)
    const damaged = Uint8Array.from(EventStream.encode(end)).fill(0, 20)
    const decoder = EventStream.make()
    expect(decoder.push(Buffer.concat([good, good, damaged]))).toEqual(Either.right([records, records]))
    const failed = failure("MessageChecksum", 2 * good.length)
    expect(decoder.push(good)).toEqual(failed)
    expect(decoder.push(good)).toEqual(failed)
    expect(decoder.end()).toEqual(failed)
  })

  it.each<readonly [name: string, reason: "Length" | "Header", bytes: Uint8Array]>([
    ["shorter than its own frame", "Length", raw(15, 0, new Uint8Array(0))],
    ["headers longer than the message", "Length", raw(18, 3, new Uint8Array(2))],
    ["a header of another type", "Header", raw(21, 5, Uint8Array.of(1, 97, 2, 0, 0))],
    ["a header name past the headers", "Header", raw(21, 5, Uint8Array.of(9, 97, 7, 0, 0))],
    ["a header value past the headers", "Header", raw(21, 5, Uint8Array.of(1, 97, 7, 0, 1))],
    ["half a header", "Header", raw(19, 3, Uint8Array.of(1, 97, 7))],
    ["a header that is not UTF-8", "Header", raw(21, 5, Uint8Array.of(1, 0xff, 7, 0, 0))]
  ])("malformed: %s", (_, reason, bytes) => {
    expect(decodeAll([bytes])).toEqual({ messages: [], result: failure(reason, 0) })
  })

  it("longer messages than allowed are refused before they are read", () => {
    const bytes = EventStream.encode(records)
    expect(decodeAll([bytes.subarray(0, 12)], { maxMessageBytes: bytes.length - 1 }).result).toEqual(
      failure("Length", 0)
    )
    expect(decodeAll([bytes], { maxMessageBytes: bytes.length }).messages).toEqual([records])
    expect(decodeAll([raw(EventStream.defaultMaxMessageBytes + 1, 0, new Uint8Array(0))]).result).toEqual(
      failure("Length", 0)
    )
  })

  it("encode refuses what the format cannot hold", () => {
    expect(() => EventStream.encode({ headers: [["n".repeat(256), ""]] })).toThrow(RangeError)
    expect(() => EventStream.encode({ headers: [["n", "v".repeat(65536)]] })).toThrow(RangeError)
    expect(EventStream.encode({ headers: [["n".repeat(255), "v".repeat(65535)]] }).length).toBe(16 + 4 + 255 + 65535)
  })

  describe("decode", () => {
    const bytes = Uint8Array.from(Buffer.concat([records, records, end].map(EventStream.encode)))

    it.effect("a stream of bytes becomes a stream of messages", () =>
      Effect.gen(function* () {
        const source = Stream.fromIterable(bytes).pipe(
          Stream.grouped(7),
          Stream.map((group) => Uint8Array.from(group))
        )
        const messages = yield* Stream.runCollect(EventStream.decode()(source))
        expect([...messages]).toEqual([records, records, end])
      })
    )

    it.effect("each message is delivered before more bytes are asked for", () =>
      Effect.gen(function* () {
        const first = EventStream.encode(records)
        const source = Stream.concat(Stream.make(first), Stream.never)
        const messages = yield* source.pipe(EventStream.decode(), Stream.take(1), Stream.runCollect)
        expect([...messages]).toEqual([records])
      })
    )

    it.effect("damage and a cut end the stream with the error, after what was whole", () =>
      Effect.gen(function* () {
        const cut = Stream.make(bytes.subarray(0, -1))
        const seen: Array<EventStream.Message> = []
        const run = (source: Stream.Stream<Uint8Array, string>) =>
          source.pipe(
            EventStream.decode(),
            Stream.runForEach((message) => Effect.sync(() => seen.push(message))),
            Effect.exit
          )
        const offset = 2 * EventStream.encode(records).length
        expect(yield* run(cut)).toEqual(Exit.fail(new EventStream.EventStreamError({ reason: "Truncated", offset })))
        expect(seen.splice(0)).toEqual([records, records])
        const damaged = Stream.make(Uint8Array.from(bytes).fill(0, offset + 20))
        expect(yield* run(damaged)).toEqual(
          Exit.fail(new EventStream.EventStreamError({ reason: "MessageChecksum", offset }))
        )
        expect(seen.splice(0)).toEqual([records, records])
        const inOneChunk = Stream.make(EventStream.encode(records), new Uint8Array(12))
        expect(Exit.isFailure(yield* run(inOneChunk))).toBe(true)
        expect(seen.splice(0)).toEqual([records])
        const broken = Stream.concat(Stream.make(EventStream.encode(records)), Stream.fail("reset"))
        expect(yield* run(broken)).toEqual(Exit.fail("reset"))
        expect(seen).toEqual([records])
      })
    )

    it.effect("a decoder for each run", () =>
      Effect.gen(function* () {
        const messages = EventStream.decode()(Stream.make(bytes.subarray(0, 40), bytes.subarray(40)))
        expect(yield* Stream.runCount(messages)).toBe(3)
        expect(yield* Stream.runCount(messages)).toBe(3)
      })
    )
  })
})
