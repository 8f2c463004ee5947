/**
 * One request and its response, as the handler that undici's `dispatch` calls. The head of the response resumes the fiber
 * that sent the request; the bytes of the body are buffered until somebody reads them.
 */

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
import type { TransportFailure } from "effect-cos/CosTransport"
import type { Dispatcher } from "undici/index.js"
import { UndiciResponse } from "./response.js"
import { aborted, failureCause, requestErrorReason } from "./undiciFailure.js"

/** How many bytes are buffered for a slow reader before reading from the connection pauses. */
const highWaterMark = 256 * 1024

/** What an exchange has to know of its connection, and does to it. */
export interface ExchangeConnection {
  /** Called when the exchange begins. */
  readonly begin: () => void
  /** Whether the connection failed before the request was wholly handed to the system. */
  readonly failedSending: boolean
  /** Whether the body waits until the server asks for it. */
  readonly awaitsContinue: boolean
  /** Whether the exchange reused the connection and has read nothing from it. */
  readonly isStale: boolean
  readonly remoteAddress: string | undefined
  readonly closeIfUnsent: () => void
  /** Ends the exchange. */
  readonly fail: (error: Error) => void
  readonly stopConnecting: (error: Error) => void
}

const empty = new Uint8Array(0)

/** undici frees a connection one turn of the event loop after the response. A request sent before that opens another one. */
const afterTurn = (f: () => void): void => queueMicrotask(() => setImmediate(f))

const endOfBody = () => Exit.fail(Option.none())

/** Closes the connection of a response that was dropped unread, for callers without a scope. */
const droppedUnread = new FinalizationRegistry<Exchange>((exchange) => {
  if (exchange.reader === "none") exchange.abort()
})

/** Goes on with what waits for the response. */
export type Resume = (
  response: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError>
) => void

/** A buffer that takes the whole body. */
interface Reading {
  readonly buffer: Uint8Array
  readonly onBytes: (bytes: Uint8Array) => void
  filled: number
}

export class Exchange implements Dispatcher.DispatchHandler {
  /** Set by the connection that takes the request. A dispatcher of the caller's sets none. */
  connection: ExchangeConnection | undefined
  reader: "none" | "stream" | "whole" | "buffer" = "none"
  private controller: Dispatcher.DispatchController | undefined
  private hasBegun = false
  private hasResponse = false
  private resume: Resume = constVoid
  private ended: Exit.Exit<void, unknown> | undefined
  /** It has ended well, and undici has not freed the connection yet. */
  private keepsConnection = false
  private chunks: Array<Uint8Array> = []
  private buffered = 0
  private limit = highWaterMark
  // A function that is written where it is assigned to a property is made in V8's old space, and holds what it refers to
  // until the next major collection. So those for this and for `sink` are constants first.
  private wake: () => void = constVoid
  /** Takes the chunks instead of the buffer. */
  private sink: ((chunk: Uint8Array) => void) | undefined
  private reading: Reading | undefined

  constructor(
    public request: HttpClientRequest.HttpClientRequest | undefined,
    private readonly requestStream: Readable | undefined
  ) {}

  /** Called once, before it is carried out. */
  begin(resume: Resume): void {
    this.hasBegun = true
    this.resume = resume
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It was aborted while it waited for a connection. Throwing here makes undici drop the request and keep the connection.
    if (this.ended !== undefined) throw aborted()
    this.controller = controller
    this.connection?.begin()
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.hasResponse = true
    const response = new UndiciResponse(this, this.request as HttpClientRequest.HttpClientRequest, status, headers)
    // Whoever holds the exchange, to end it, is not to hold all that was sent.
    this.request = undefined
    afterTurn(() => {
      if (this.ended === undefined) droppedUnread.register(response, this)
      this.settle(Exit.succeed(response))
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.sink === undefined) this.enqueue(controller, chunk)
    else this.sink(chunk)
  }

  private enqueue(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.buffered += chunk.length
    this.wake()
    if (this.buffered >= this.limit) controller.pause()
  }

  onResponseEnd(): void {
    this.ended = Exit.void
    // It holds the head of the response as it came, which would live on with this exchange.
    this.controller = undefined
    this.requestStream?.destroy()
    this.connection?.closeIfUnsent()
    this.keepsConnection = true
    afterTurn(() => {
      this.keepsConnection = false
      this.wake()
    })
  }

  /** undici's callback; called without a controller when nothing was sent. */
  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.ended !== undefined) return
    const cause = failureCause(error, this.phase, this.connection?.isStale === true)
    this.ended = Exit.failCause(cause)
    if (this.connection === undefined) this.controller?.abort(error)
    else if (this.controller === undefined) this.connection.stopConnecting(error)
    else this.connection.fail(error)
    this.requestStream?.destroy()
    if (this.hasResponse) {
      this.wake()
      return
    }
    const request = this.request as HttpClientRequest.HttpClientRequest
    const reason = requestErrorReason(error)
    this.settle(
      Effect.failCause(Cause.map(cause, (cause) => new HttpClientError.RequestError({ request, reason, cause })))
    )
  }

  /** Closes the connection, or stops waiting for one. Does nothing once the response is complete. `false` before the beginning. */
  abort(): boolean {
    if (this.hasBegun && this.ended === undefined) this.onResponseError(undefined, aborted())
    return this.hasBegun
  }

  /**
   * The buffered chunks, as soon as there are any; `None` at the end of the body. Waits for the end of the turn of the event
   * loop, since several chunks together cost the reader as much as one.
   */
  nextChunks(): Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<unknown>> {
    return Effect.async((resume) => {
      let turn: NodeJS.Immediate | undefined
      const settle = () => {
        const taken = this.take()
        if (taken === undefined) return
        clearImmediate(turn)
        resume(taken)
      }
      const wake = () => {
        if (this.ended === undefined && this.buffered < this.limit) turn ??= setImmediate(settle)
        else settle()
      }
      this.wake = wake
      settle()
      if (this.wake !== wake) return
      // What comes after an interrupt is for whoever asks next.
      return Effect.sync(() => {
        clearImmediate(turn)
        if (this.wake === wake) this.wake = constVoid
      })
    })
  }

  /** The buffered chunks, or the end of the body; nobody waits for them any more. */
  private take(): Exit.Exit<Chunk.Chunk<Uint8Array>, Option.Option<unknown>> | undefined {
    if (this.buffered === 0) {
      if (this.ended === undefined || this.keepsConnection) return undefined
      this.wake = constVoid
      return Exit.flatMap(Exit.mapError(this.ended, Option.some), endOfBody)
    }
    const { chunks } = this
    this.chunks = []
    this.buffered = 0
    this.wake = constVoid
    // Last: it may bring the next chunk at once.
    this.controller?.resume()
    return Exit.succeed(Chunk.unsafeFromArray(chunks))
  }

  /** The whole body; may be called more than once. `None` if it is longer than `max` bytes. */
  readAll(max: number): Effect.Effect<Option.Option<Uint8Array>, unknown> {
    return Effect.async((resume) => {
      const wakeOthers = this.wake
      const wake = () => {
        wakeOthers()
        if (this.buffered > max) {
          resume(Effect.succeedNone)
          this.abort()
        } else if (this.ended !== undefined) resume(Exit.map(this.ended, () => Option.some(this.bytes())))
      }
      this.wake = wake
      this.limit = Number.POSITIVE_INFINITY
      this.controller?.resume()
      this.wake()
      return Effect.sync(() => this.abort())
    })
  }

  /** Reads the whole body into a buffer. Returns its length, which is larger than the buffer if it does not fit. */
  readInto(buffer: Uint8Array, onBytes: (bytes: Uint8Array) => void): Effect.Effect<number, unknown> {
    this.reading = { buffer, onBytes, filled: 0 }
    return this.allRead
  }

  /** Refers to the exchange alone: Effect holds what waits for the end long after the exchange has let go of the buffer. */
  private get allRead(): Effect.Effect<number, unknown> {
    return Effect.async((resume) => {
      const sink = (chunk: Uint8Array) => {
        const end = this.fill(chunk)
        if (end !== undefined) {
          resume(Effect.succeed(end))
          this.stopReading()
        }
      }
      const wake = () => {
        if (this.ended === undefined || this.reading === undefined) return
        resume(Exit.as(this.ended, this.reading.filled))
        this.reading = undefined
      }
      this.sink = sink
      this.wake = wake
      for (const chunk of this.chunks.splice(0)) this.sink(chunk)
      this.buffered = 0
      this.controller?.resume()
      this.wake()
      return Effect.sync(() => this.stopReading())
    })
  }

  /** Where the chunk would end, if that is behind the buffer. */
  private fill(chunk: Uint8Array): number | undefined {
    const { reading } = this
    if (reading === undefined) return undefined
    const { buffer, filled, onBytes } = reading
    const end = filled + chunk.length
    if (end > buffer.length) return end
    buffer.set(chunk, filled)
    onBytes(buffer.subarray(filled, end))
    reading.filled = end
    return undefined
  }

  private stopReading(): void {
    this.reading = undefined
    this.sink = constVoid
    this.abort()
  }

  private bytes(): Uint8Array {
    const [first = empty] = this.chunks
    if (first.length === this.buffered) return first
    const bytes = new Uint8Array(this.buffered)
    let offset = 0
    for (const chunk of this.chunks) {
      bytes.set(chunk, offset)
      offset += chunk.length
    }
    this.chunks = [bytes]
    return bytes
  }

  private settle(response: Parameters<Resume>[0]): void {
    const resume = this.resume
    // It refers to the fiber, and the fiber to the response, which then would never be collected.
    this.resume = constVoid
    resume(response)
  }

  private get phase(): TransportFailure["phase"] {
    if (this.hasResponse) return "body"
    if (this.controller === undefined) return "connect"
    if (this.connection?.awaitsContinue === true) return "response"
    return this.requestStream?.readableEnded === false || this.connection?.failedSending === true ? "send" : "response"
  }
}
