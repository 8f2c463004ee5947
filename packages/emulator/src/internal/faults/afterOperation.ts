/**
 * Faults that act on the reply: it is lost, cut short, slowed down or wrong. `beforeOperation` and `insteadOfOperation` have
 * the others.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { omitHeaders } from "../http/headerText.js"
import { BodyCut, connectionReset, type HandlerResult, type Reply } from "../http/message.js"
import { throttle } from "../http/throttle.js"
import type { MakeErrorReply } from "./insteadOfOperation.js"
import type { ActiveFault } from "./rules.js"

const asStream = (body: Reply["body"]): Stream.Stream<Uint8Array, BodyCut> =>
  body instanceof Uint8Array ? (body.length === 0 ? Stream.empty : Stream.make(body)) : body

/** Passes the first `bytes` bytes and then runs `then`. A body that is not longer stays as it is. */
const cutAfter = (
  body: Stream.Stream<Uint8Array, BodyCut>,
  bytes: number,
  then: Effect.Effect<never, BodyCut>
): Stream.Stream<Uint8Array, BodyCut> =>
  Stream.suspend(() => {
    let left = bytes
    return Stream.flatMap(body, (chunk) => {
      const kept = chunk.subarray(0, left)
      left -= kept.length
      return kept.length === chunk.length
        ? Stream.make(kept)
        : Stream.concat(Stream.make(kept), Stream.fromEffect(then))
    })
  })

/** Replaces a digit by another, so that the text keeps its format. */
const changeDigit = (digit: string): string => (digit === "1" ? "2" : "1")

const changeETag = (etag: string): string => etag.replace(/[0-9a-f]/i, changeDigit)
const changeCrc64 = (crc: string): string => crc.replace(/\d$/, changeDigit)

const editDocument = (body: Reply["body"], change: (text: string) => string): Reply["body"] => {
  const edit = (chunk: Uint8Array): Uint8Array => Buffer.from(change(Buffer.from(chunk).toString("utf8")))
  return body instanceof Uint8Array ? edit(body) : Stream.map(body, edit)
}

const isDocument = (reply: Reply): boolean => reply.headers["content-type"] === "application/xml"

const replaceHeader = (reply: Reply, name: string, change: (value: string) => string): Reply => {
  const value = reply.headers[name]
  return value === undefined ? reply : { ...reply, headers: { ...reply.headers, [name]: change(value) } }
}

/** Applies one fault to the reply. */
const applyToReply = (
  { markFired, fault }: ActiveFault,
  reply: Reply,
  error: MakeErrorReply
): Effect.Effect<HandlerResult> => {
  const acting = (result: HandlerResult): Effect.Effect<HandlerResult> => Effect.as(markFired, result)
  const body = asStream(reply.body)
  switch (fault._tag) {
    case "LostResponse":
      return acting(connectionReset)
    case "Silence":
      return fault.when === "after" ? Effect.zipRight(markFired, Effect.never) : Effect.succeed(reply)
    case "Delay":
      return fault.when === "after"
        ? Effect.zipRight(Effect.sleep(fault.milliseconds), acting(reply))
        : Effect.succeed(reply)
    case "Stall":
      return Effect.succeed({
        ...reply,
        body: cutAfter(body, fault.afterBytes, Effect.zipRight(markFired, Effect.never))
      })
    case "ResetResponse":
      return Effect.succeed({
        ...reply,
        body: cutAfter(body, fault.afterBytes, Effect.zipRight(markFired, new BodyCut({ how: "reset" })))
      })
    case "Truncate":
      return Effect.succeed({
        ...reply,
        body: cutAfter(body, fault.bytes, Effect.zipRight(markFired, new BodyCut({ how: "close" })))
      })
    case "Slow":
      return acting({ ...reply, body: throttle(fault.bytesPerSecond)(body) })
    case "SlowHeaders":
      return acting({ ...reply, headBytesPerSecond: fault.bytesPerSecond })
    case "FlipBit":
      return Effect.succeed({ ...reply, body: flipBit(body, fault.offset, markFired) })
    case "WrongLength": {
      const changed = replaceHeader(reply, "content-length", (value) => String(Math.max(0, Number(value) + fault.by)))
      const whole = fault.by > 0 ? Stream.concat(body, Stream.fail(new BodyCut({ how: "close" }))) : body
      return acting({ ...changed, body: whole })
    }
    case "WrongETag": {
      const changed = replaceHeader(reply, "etag", changeETag)
      return acting(
        isDocument(reply)
          ? {
              ...changed,
              body: editDocument(changed.body, (text) =>
                text.replace(/(?<=<ETag>)[^<]*/g, (etag) => {
                  const hex = etag.replace(/&quot;/g, "")
                  return etag.replace(hex, changeETag(hex))
                })
              )
            }
          : changed
      )
    }
    case "WrongCrc64": {
      const changed = replaceHeader(reply, "x-cos-hash-crc64ecma", changeCrc64)
      return acting(
        isDocument(reply)
          ? { ...changed, body: editDocument(changed.body, (text) => text.replace(/(?<=<CRC64>)\d+/g, changeCrc64)) }
          : changed
      )
    }
    case "WithHeaders": {
      const removed = Object.keys(fault.set).map((name) => name.toLowerCase())
      const set = Object.entries(fault.set).flatMap(([name, value]) =>
        value === null ? [] : [[name.toLowerCase(), value] as const]
      )
      return acting({ ...reply, headers: { ...omitHeaders(reply.headers, ...removed), ...Object.fromEntries(set) } })
    }
    case "ReplaceBody": {
      const bytes = Buffer.from(fault.body)
      const headers = { ...omitHeaders(reply.headers, "transfer-encoding"), "content-length": String(bytes.length) }
      return acting({ ...reply, headers, body: bytes })
    }
    case "ErrorIn200":
      return fault.committed ? acting(error(200, fault.code, undefined)) : Effect.succeed(reply)
    case "KeepAliveBlanks": {
      const blanks = Stream.repeatEffect(Effect.as(Effect.sleep(fault.milliseconds), Buffer.from(" "))).pipe(
        Stream.take(fault.count)
      )
      const headers = { ...omitHeaders(reply.headers, "content-length"), "transfer-encoding": "chunked" }
      return acting({ ...reply, headers, body: Stream.concat(blanks, body) })
    }
    case "NoRequestId": {
      const headers = omitHeaders(reply.headers, "x-cos-request-id", "x-cos-trace-id")
      if (!isDocument(reply)) return acting({ ...reply, headers })
      const spoilt = editDocument(reply.body, (text) => text.replace(/<(RequestId|TraceId)>[^<]*<\/\1>/g, ""))
      return acting(fixContentLength({ ...reply, headers, body: spoilt }))
    }
    default:
      return Effect.succeed(reply)
  }
}

/** Sets the length of an edited body; a stream has none and is sent chunked. */
const fixContentLength = (reply: Reply): Reply => {
  const { body, headers } = reply
  return body instanceof Uint8Array
    ? replaceHeader(reply, "content-length", () => String(body.length))
    : { ...reply, headers: { ...omitHeaders(headers, "content-length"), "transfer-encoding": "chunked" } }
}

const flipBit = (
  body: Stream.Stream<Uint8Array, BodyCut>,
  offset: number,
  markFired: Effect.Effect<void>
): Stream.Stream<Uint8Array, BodyCut> =>
  Stream.suspend(() => {
    let start = 0
    return Stream.mapEffect(body, (chunk) => {
      const at = offset - start
      start += chunk.length
      if (at < 0 || at >= chunk.length) return Effect.succeed(chunk)
      const copy = Uint8Array.from(chunk)
      copy[at] = (copy[at] ?? 0) ^ 1
      return Effect.as(markFired, copy)
    })
  })

/** Applies all faults to the reply, in order. */
export const afterOperation = (
  faults: ReadonlyArray<ActiveFault>,
  result: HandlerResult,
  error: MakeErrorReply
): Effect.Effect<HandlerResult> =>
  Effect.reduce(faults, result, (current, fault) =>
    current._tag === "ConnectionReset" ? Effect.succeed(current) : applyToReply(fault, current, error)
  )
