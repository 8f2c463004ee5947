/** One request and its answer on undici's `dispatch`: the answer's head settles a fiber, its body is held for pulls. */

import type { IncomingHttpHeaders } from "node:http"
import type { Readable } from "node:stream"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constVoid } from "effect/Function"
import * as Option from "effect/Option"
import { TransportFailure } from "effect-cos/CosTransport"
import { type Dispatcher, errors } from "undici"
import type { Connection } from "./connection.js"
import { Incoming } from "./incoming.js"
import { SourceFailed } from "./source.js"

/** Bytes of an answer that are held for a slow reader before the connection is read no further. */
const highWaterMark = 256 * 1024

/** Faults of the request, not of the transport. */
const notTransport: { readonly [code: string]: HttpClientError.RequestError["reason"] } = {
  ERR_INVALID_URL: "InvalidUrl",
  UND_ERR_INVALID_ARG: "Encode",
  UND_ERR_NOT_SUPPORTED: "Encode",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "Encode"
}

const empty = new Uint8Array(0)

const closedCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])

/** undici frees a connection a turn of the event loop after the answer; who sends before that opens another. */
const afterTurn = (f: () => void): void => queueMicrotask(() => setImmediate(f))

const endOfBody = () => Exit.fail(Option.none())

/** An answer that nobody can read any more shall not keep its connection: for callers without a scope. */
const unread = new FinalizationRegistry<Exchange>((exchange) => {
  if (exchange.reader === "none") exchange.abort()
})

export class Exchange implements Dispatcher.DispatchHandler {
  /** Set by the connection that takes the request; dispatchers that are not ours set none. */
  connection: Connection | undefined
  reader: "none" | "stream" | "whole" | "buffer" = "none"
  private controller: Dispatcher.DispatchController | undefined
  private answered = false
  private ended: Exit.Exit<void, unknown> | undefined
  private chunks: Array<Uint8Array> = []
  private size = 0
  private limit = highWaterMark
  private onProgress: () => void = constVoid
  /** Where chunks go instead of being held. */
  private place: ((chunk: Uint8Array) => void) | undefined

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    private readonly source: Readable | undefined,
    private resume: (answer: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError>) => void
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection. A throw here makes undici drop the request and keep the connection.
    if (this.ended !== undefined) throw new errors.RequestAbortedError()
    this.controller = controller
    this.connection?.begin()
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.answered = true
    const response = new Incoming(this, status, headers)
    afterTurn(() => {
      if (this.ended === undefined) unread.register(response, this)
      this.settle(Exit.succeed(response))
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.place === undefined) this.hold(controller, chunk)
    else this.place(chunk)
  }

  private hold(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.size += chunk.length
    this.onProgress()
    if (this.size >= this.limit) controller.pause()
  }

  onResponseEnd(): void {
    this.ended = Exit.void
    this.source?.destroy()
    this.connection?.closeIfUnsent()
    afterTurn(() => this.onProgress())
  }

  /** Without a controller when nothing was sent. */
  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.ended !== undefined) return
    const cause = this.causeOf(error)
    this.ended = Exit.failCause(cause)
    if (this.connection === undefined) this.controller?.abort(error)
    else if (this.controller === undefined) this.connection.giveUp(error)
    else this.connection.fail(error)
    this.source?.destroy()
    if (this.answered) {
      this.onProgress()
      return
    }
    const { request } = this
    const reason = error instanceof SourceFailed ? "Encode" : (notTransport[codeOf(error)] ?? "Transport")
    this.settle(
      Effect.failCause(Cause.map(cause, (cause) => new HttpClientError.RequestError({ request, reason, cause })))
    )
  }

  /** Closes the connection, or leaves the queue for one. Nothing once the answer is complete. */
  abort(): void {
    if (this.ended === undefined) this.onResponseError(undefined, new errors.RequestAbortedError())
  }

  /**
   * What has come, as soon as something has; `None` at the end of the body. One turn of the event loop may bring several
   * chunks: together they cost the reader as much as one.
   */
  take(): Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<unknown>> {
    return Effect.async((resume) => {
      let turn: NodeJS.Immediate | undefined
      const settle = () => {
        if (this.size > 0) resume(Exit.succeed(Chunk.unsafeFromArray(this.chunks)))
        else if (this.ended !== undefined) resume(Exit.flatMap(Exit.mapError(this.ended, Option.some), endOfBody))
        else return
        clearImmediate(turn)
        this.chunks = []
        this.size = 0
        this.onProgress = constVoid
        // Last: it may bring the next chunk at once.
        this.controller?.resume()
      }
      this.onProgress = () => {
        if (this.ended === undefined && this.size < this.limit) turn ??= setImmediate(settle)
        else settle()
      }
      settle()
    })
  }

  /** All of the body, which may be asked for more than once. `None` when it is longer than `max` bytes. */
  whole(max: number): Effect.Effect<Option.Option<Uint8Array>, unknown> {
    return Effect.async((resume) => {
      const others = this.onProgress
      this.onProgress = () => {
        others()
        if (this.size > max) {
          resume(Effect.succeedNone)
          this.abort()
        } else if (this.ended !== undefined) resume(Exit.map(this.ended, () => Option.some(this.bytes())))
      }
      this.limit = Number.POSITIVE_INFINITY
      this.controller?.resume()
      this.onProgress()
      return Effect.sync(() => this.abort())
    })
  }

  /** All of the body into a buffer. Gives its length, which is more than the buffer's if it does not fit. */
  into(buffer: Uint8Array, onBytes: (bytes: Uint8Array) => void): Effect.Effect<number, unknown> {
    return Effect.async((resume) => {
      let filled = 0
      this.place = (chunk) => {
        const end = filled + chunk.length
        if (end > buffer.length) {
          resume(Effect.succeed(end))
          this.place = constVoid
          this.abort()
        } else {
          buffer.set(chunk, filled)
          onBytes(buffer.subarray(filled, end))
          filled = end
        }
      }
      this.onProgress = () => {
        if (this.ended !== undefined) resume(Exit.as(this.ended, filled))
      }
      for (const chunk of this.chunks.splice(0)) this.place(chunk)
      this.size = 0
      this.controller?.resume()
      this.onProgress()
      return Effect.sync(() => {
        this.place = constVoid
        this.abort()
      })
    })
  }

  private bytes(): Uint8Array {
    const [first = empty] = this.chunks
    if (first.length === this.size) return first
    const bytes = new Uint8Array(this.size)
    let offset = 0
    for (const chunk of this.chunks) {
      bytes.set(chunk, offset)
      offset += chunk.length
    }
    this.chunks = [bytes]
    return bytes
  }

  private settle(answer: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError>): void {
    const resume = this.resume
    // It leads to the fiber, and that to the answer, which then would never be collected.
    this.resume = constVoid
    resume(answer)
  }

  /** A source's error is the caller's own; of undici's and the system's only what shows no secret is kept. */
  private causeOf(error: Error): Cause.Cause<unknown> {
    if (error instanceof SourceFailed) return error.cause
    const code = codeOf(error)
    return Cause.fail(
      new TransportFailure({
        code,
        phase: this.phase,
        staleConnection: closedCodes.has(code) && this.phase !== "body" && this.connection?.isStale === true,
        message: error.message === "" ? code : error.message
      })
    )
  }

  private get phase(): TransportFailure["phase"] {
    if (this.answered) return "body"
    if (this.controller === undefined) return "connect"
    return this.source?.readableEnded === false || this.connection?.failedSending === true ? "send" : "response"
  }
}

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : error.name)
