/**
 * Requests and replies as plain values: each server makes the one and writes out the other.
 */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/** The client went away, or its source failed, before the body was whole. */
export class IncompleteBody extends Data.TaggedError("IncompleteBody")<{ readonly cause?: unknown }> {}

/** A request as it arrived. */
export interface Request {
  readonly method: string
  /** The request target in origin form, byte for byte: nothing collapsed, nothing decoded. */
  readonly target: string
  /** The Host header, port included. */
  readonly host: string
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Where it comes from: from this process, from this machine, or from another one. */
  readonly origin: "process" | "loopback" | "network"
  /** The client's IP address; in process a loopback address. */
  readonly address: string
  /** The version of TLS, such as `1.3`; `undefined` without TLS, and in process. */
  readonly tlsVersion: string | undefined
  readonly secure: boolean
  /** Pulled at the handler's pace; never pulled if the reply does not need it. */
  readonly body: Stream.Stream<Uint8Array, IncompleteBody>
  /** The whole body at once, if its announced length is short. Cheaper than the stream; use only one of them. */
  readonly bufferedBody: Effect.Effect<Uint8Array, IncompleteBody> | undefined
}

/** The longest announced length of a body that is taken at once, in bytes. */
export const maxBufferedBody = 64 * 1024

/** A reply's body ends early: by a reset, or by an orderly close. */
export class BodyCut extends Data.TaggedError("BodyCut")<{ readonly how: "reset" | "close" }> {}

/** A reply with a status line. */
export interface Reply {
  readonly _tag: "Reply"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | Stream.Stream<Uint8Array, BodyCut>
  /** How fast to send the status line and headers, in bytes per second, if a fault slows them down. */
  readonly headBytesPerSecond?: number | undefined
}

/** No reply: the connection is reset. */
export interface ConnectionReset {
  readonly _tag: "ConnectionReset"
  /** Why the client's own body failed, if that is the reason. */
  readonly cause?: unknown
}

export type HandlerResult = Reply | ConnectionReset

export const connectionReset: HandlerResult = { _tag: "ConnectionReset" }

/** What the request asked for that was not done, as a list of names. */
export const notDoneHeader = "x-emulator-not-done"

const noBytes = new Uint8Array(0)
const encoder = new TextEncoder()

/** A reply with a body of known length, or none. */
export const reply = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array | string = noBytes
): Reply => {
  const bytes = typeof body === "string" ? encoder.encode(body) : body
  // 204 and 304 have no body, and so no length.
  const length = status === 204 || status === 304 ? {} : { "content-length": String(bytes.length) }
  return { _tag: "Reply", status, headers: { ...length, ...headers }, body: bytes }
}
