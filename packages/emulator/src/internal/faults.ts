/**
 * Faults at work: which ones a request meets, what they do instead of the operation, and what they make of its answer.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Fault, FaultSpec, Matcher } from "../Fault.js"
import { type Answer, type BodyLost, Cut, hangup, type Reply, reply } from "./http.js"
import type { Draft } from "./journal.js"
import type { Circumstances } from "./operations/operation.js"
import { type Hook, type HookPoint, StorageError } from "./storage/Storage.js"

/** A fault that was set. */
export interface Rule {
  readonly id: number
  readonly fault: Fault
  readonly on: Matcher
  /** Requests that matched. */
  matched: number
  /** Requests it acted on. */
  fired: number
}

/** A rule bound to one request; `act` says that it did something to it. */
export interface Active {
  readonly fault: Fault
  readonly act: Effect.Effect<void>
}

const matches = (on: Matcher, request: Draft): boolean =>
  (on.operation === undefined || on.operation === request.operation) &&
  (on.bucket === undefined || on.bucket === request.bucket) &&
  (on.key === undefined || on.key === request.key) &&
  (on.partNumber === undefined || on.partNumber === request.partNumber) &&
  (on.method === undefined || on.method === request.method)

export class FaultBook {
  #rules: Array<Rule> = []
  #count = 0

  add(spec: FaultSpec): Rule {
    this.#count += 1
    const rule: Rule = { id: this.#count, fault: spec.do, on: spec.on ?? {}, matched: 0, fired: 0 }
    this.#rules.push(rule)
    return rule
  }

  remove(id: number): void {
    this.#rules = this.#rules.filter((rule) => rule.id !== id)
  }

  list(): ReadonlyArray<Rule> {
    return this.#rules
  }

  clear(): void {
    this.#rules = []
  }

  /** The rules that this request meets, in the order they were set. */
  claim(request: Draft): ReadonlyArray<Active> {
    return this.#rules.flatMap((rule) => {
      if (!matches(rule.on, request)) return []
      rule.matched += 1
      const { nth = 1, times = 1 } = rule.on
      if (rule.matched < nth || (times !== "all" && rule.matched >= nth + times)) return []
      let acted = false
      const act = Effect.sync(() => {
        if (acted) return
        acted = true
        rule.fired += 1
        request.faults = [...request.faults, rule.id]
      })
      return [{ fault: rule.fault, act }]
    })
  }
}

/** At most so many bytes per second, in slices of a tenth of a second or more. */
export const throttle =
  (bytesPerSecond: number) =>
  <E, R>(body: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E, R> => {
    const slice = Math.max(1, Math.min(65536, Math.ceil(bytesPerSecond / 10)))
    return body.pipe(
      Stream.mapConcat((chunk) => slices(chunk, slice)),
      Stream.tap((part) => Effect.sleep((part.length / bytesPerSecond) * 1000))
    )
  }

/** A chunk in pieces of at most `size` bytes. */
export const slices = (chunk: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(chunk.length / size) }, (_, index) => chunk.subarray(index * size, (index + 1) * size))

const drain = (body: Stream.Stream<Uint8Array, BodyLost>, bytes: number): Effect.Effect<void, BodyLost> => {
  let seen = 0
  return bytes <= 0
    ? Effect.void
    : body.pipe(
        Stream.takeUntil((chunk) => {
          seen += chunk.length
          return seen >= bytes
        }),
        Stream.runDrain
      )
}

/** Makes an `<Error>` answer of the emulator's own form. */
export type ErrorReply = (status: number, code: string, message: string | undefined) => Reply

/** What a fault does instead of the operation; `undefined` lets the operation run. */
export const instead = (
  { act, fault }: Active,
  body: Stream.Stream<Uint8Array, BodyLost>,
  error: ErrorReply
): Effect.Effect<Answer, BodyLost> | undefined => {
  switch (fault._tag) {
    case "Status": {
      const base =
        fault.code === undefined || fault.body !== undefined
          ? reply(fault.status, {}, fault.body)
          : error(fault.status, fault.code, fault.message)
      const answer: Reply = { ...base, headers: { ...base.headers, ...lowerCase(fault.headers ?? {}) } }
      return drain(body, fault.afterBytes ?? 0).pipe(Effect.zipRight(act), Effect.as(answer))
    }
    case "Reset":
      return drain(body, fault.afterBytes).pipe(Effect.zipRight(act), Effect.as(hangup))
    case "Silence":
      return fault.when === "before"
        ? act.pipe(Effect.zipRight(Stream.runDrain(body)), Effect.zipRight(Effect.never))
        : undefined
    case "ErrorIn200":
      return fault.committed
        ? undefined
        : act.pipe(Effect.zipRight(Stream.runDrain(body)), Effect.as(error(200, fault.code, undefined)))
    default:
      return undefined
  }
}

/** What a fault changes of the circumstances that the operation finds. */
export const beforehand = ({ act, fault }: Active, circumstances: Circumstances): Effect.Effect<Circumstances> => {
  switch (fault._tag) {
    case "Delay":
      return fault.when === "before"
        ? Effect.as(Effect.zipRight(act, Effect.sleep(fault.milliseconds)), circumstances)
        : Effect.succeed(circumstances)
    case "StaleList":
      return Effect.as(act, { ...circumstances, horizon: circumstances.now - fault.milliseconds })
    case "IgnoreHeaders": {
      const names = fault.names.map((name) => name.toLowerCase())
      return Effect.as(act, { ...circumstances, headers: without(circumstances.headers, ...names) })
    }
    case "Forget":
      return Effect.succeed({ ...circumstances, storage: { ...circumstances.storage, putPart: () => act } })
    case "DiskFull": {
      // Without room for a byte there is none for a record either.
      const { afterBytes } = fault
      const isFull = (point: HookPoint, bytes: number) =>
        point === "write" ? bytes > (afterBytes ?? 0) : point === "commit" && afterBytes === undefined
      return Effect.succeed(
        withHook(circumstances, (point, bytes) => (isFull(point, bytes) ? Effect.zipRight(act, diskFull) : Effect.void))
      )
    }
    case "Die": {
      const { afterBytes = 0, at } = fault
      const isTime = (point: HookPoint, bytes: number) => point === at && (point !== "write" || bytes > afterBytes)
      return Effect.succeed(
        withHook(circumstances, (point, bytes) => (isTime(point, bytes) ? Effect.zipRight(act, killed) : Effect.void))
      )
    }
    default:
      return Effect.succeed(circumstances)
  }
}

/** What interferes with storage, after what does so already. */
const withHook = (circumstances: Circumstances, hook: NonNullable<Hook.Service>): Circumstances => {
  const { hook: before } = circumstances
  return {
    ...circumstances,
    hook: before === undefined ? hook : (point, bytes) => Effect.zipRight(before(point, bytes), hook(point, bytes))
  }
}

const diskFull = new StorageError({ reason: "DiskFull", message: "No space left on device." })

/** Nothing goes on from here: the signal may take a moment. */
const killed = Effect.zipRight(
  Effect.sync(() => process.kill(process.pid, "SIGKILL")),
  Effect.never
)

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const asStream = (body: Reply["body"]): Stream.Stream<Uint8Array, Cut> =>
  body instanceof Uint8Array ? (body.length === 0 ? Stream.empty : Stream.make(body)) : body

/** The first `bytes` bytes, then whatever `then` is; the body as it is when it is not longer. */
const cutAfter = (
  body: Stream.Stream<Uint8Array, Cut>,
  bytes: number,
  then: Effect.Effect<never, Cut>
): Stream.Stream<Uint8Array, Cut> =>
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

/** A digit that differs, so that what is changed keeps its form. */
const otherDigit = (digit: string): string => (digit === "1" ? "2" : "1")

const otherETag = (etag: string): string => etag.replace(/[0-9a-f]/i, otherDigit)
const otherCrc = (crc: string): string => crc.replace(/\d$/, otherDigit)

const inDocument = (body: Reply["body"], change: (text: string) => string): Reply["body"] => {
  const edit = (chunk: Uint8Array): Uint8Array => Buffer.from(change(Buffer.from(chunk).toString("utf8")))
  return body instanceof Uint8Array ? edit(body) : Stream.map(body, edit)
}

const isDocument = (reply: Reply): boolean => reply.headers["content-type"] === "application/xml"

const replaceHeader = (reply: Reply, name: string, change: (value: string) => string): Reply => {
  const value = reply.headers[name]
  return value === undefined ? reply : { ...reply, headers: { ...reply.headers, [name]: change(value) } }
}

const without = (headers: Readonly<Record<string, string>>, ...names: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

/** The reply with a fault in it. */
const spoil = ({ act, fault }: Active, reply: Reply, error: ErrorReply): Effect.Effect<Answer> => {
  const acting = (answer: Answer): Effect.Effect<Answer> => Effect.as(act, answer)
  const body = asStream(reply.body)
  switch (fault._tag) {
    case "LostAnswer":
      return acting(hangup)
    case "Silence":
      return fault.when === "after" ? Effect.zipRight(act, Effect.never) : Effect.succeed(reply)
    case "Delay":
      return fault.when === "after"
        ? Effect.zipRight(Effect.sleep(fault.milliseconds), acting(reply))
        : Effect.succeed(reply)
    case "Stall":
      return Effect.succeed({ ...reply, body: cutAfter(body, fault.afterBytes, Effect.zipRight(act, Effect.never)) })
    case "ResetAnswer":
      return Effect.succeed({
        ...reply,
        body: cutAfter(body, fault.afterBytes, Effect.zipRight(act, new Cut({ how: "reset" })))
      })
    case "Truncate":
      return Effect.succeed({
        ...reply,
        body: cutAfter(body, fault.bytes, Effect.zipRight(act, new Cut({ how: "close" })))
      })
    case "Slow":
      return acting({ ...reply, body: throttle(fault.bytesPerSecond)(body) })
    case "SlowHeaders":
      return acting({ ...reply, headRate: fault.bytesPerSecond })
    case "FlipBit":
      return Effect.succeed({ ...reply, body: flip(body, fault.offset, act) })
    case "WrongLength": {
      const changed = replaceHeader(reply, "content-length", (value) => String(Math.max(0, Number(value) + fault.by)))
      const whole = fault.by > 0 ? Stream.concat(body, Stream.fail(new Cut({ how: "close" }))) : body
      return acting({ ...changed, body: whole })
    }
    case "WrongETag": {
      const changed = replaceHeader(reply, "etag", otherETag)
      return acting(
        isDocument(reply)
          ? {
              ...changed,
              body: inDocument(changed.body, (text) =>
                text.replace(/(?<=<ETag>)[^<]*/g, (etag) => {
                  const hex = etag.replace(/&quot;/g, "")
                  return etag.replace(hex, otherETag(hex))
                })
              )
            }
          : changed
      )
    }
    case "WrongCrc64": {
      const changed = replaceHeader(reply, "x-cos-hash-crc64ecma", otherCrc)
      return acting(
        isDocument(reply)
          ? { ...changed, body: inDocument(changed.body, (text) => text.replace(/(?<=<CRC64>)\d+/g, otherCrc)) }
          : changed
      )
    }
    case "WithHeaders": {
      const removed = Object.keys(fault.set).map((name) => name.toLowerCase())
      const set = Object.entries(fault.set).flatMap(([name, value]) =>
        value === null ? [] : [[name.toLowerCase(), value] as const]
      )
      return acting({ ...reply, headers: { ...without(reply.headers, ...removed), ...Object.fromEntries(set) } })
    }
    case "ReplaceBody": {
      const bytes = Buffer.from(fault.body)
      const headers = { ...without(reply.headers, "transfer-encoding"), "content-length": String(bytes.length) }
      return acting({ ...reply, headers, body: bytes })
    }
    case "ErrorIn200":
      return fault.committed ? acting(error(200, fault.code, undefined)) : Effect.succeed(reply)
    case "KeepAliveBlanks": {
      const blanks = Stream.repeatEffect(Effect.as(Effect.sleep(fault.milliseconds), Buffer.from(" "))).pipe(
        Stream.take(fault.count)
      )
      const headers = { ...without(reply.headers, "content-length"), "transfer-encoding": "chunked" }
      return acting({ ...reply, headers, body: Stream.concat(blanks, body) })
    }
    case "NoRequestId": {
      const headers = without(reply.headers, "x-cos-request-id", "x-cos-trace-id")
      if (!isDocument(reply)) return acting({ ...reply, headers })
      const spoilt = inDocument(reply.body, (text) => text.replace(/<(RequestId|TraceId)>[^<]*<\/\1>/g, ""))
      return acting(withLength({ ...reply, headers, body: spoilt }))
    }
    default:
      return Effect.succeed(reply)
  }
}

/** The length of a body that was edited; of one that another fault made a stream, nobody knows it. */
const withLength = (reply: Reply): Reply => {
  const { body, headers } = reply
  return body instanceof Uint8Array
    ? replaceHeader(reply, "content-length", () => String(body.length))
    : { ...reply, headers: { ...without(headers, "content-length"), "transfer-encoding": "chunked" } }
}

const flip = (
  body: Stream.Stream<Uint8Array, Cut>,
  offset: number,
  act: Effect.Effect<void>
): Stream.Stream<Uint8Array, Cut> =>
  Stream.suspend(() => {
    let start = 0
    return Stream.mapEffect(body, (chunk) => {
      const at = offset - start
      start += chunk.length
      if (at < 0 || at >= chunk.length) return Effect.succeed(chunk)
      const copy = Uint8Array.from(chunk)
      copy[at] = (copy[at] ?? 0) ^ 1
      return Effect.as(act, copy)
    })
  })

/** The answer as the faults leave it. */
export const afterwards = (actives: ReadonlyArray<Active>, answer: Answer, error: ErrorReply): Effect.Effect<Answer> =>
  Effect.reduce(actives, answer, (current, active) =>
    current._tag === "Hangup" ? Effect.succeed(current) : spoil(active, current, error)
  )
