/** The response of an exchange, as the platform's `HttpClientResponse`. */

import type { IncomingHttpHeaders } from "node:http"
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as CosTransport from "effect-cos/CosTransport"
import type { Exchange } from "./exchange.js"

const decoder = new TextDecoder()

export class UndiciResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly headers: Headers.Headers

  constructor(
    private readonly exchange: Exchange,
    readonly request: HttpClientRequest.HttpClientRequest,
    readonly status: number,
    private readonly rawHeaders: IncomingHttpHeaders
  ) {
    super()
    this.headers = Headers.fromInput(rawHeaders)
  }

  get cookies(): Cookies.Cookies {
    return Cookies.fromSetCookie(this.rawHeaders["set-cookie"] ?? [])
  }

  get remoteAddress(): Option.Option<string> {
    return Option.fromNullable(this.exchange.connection?.remoteAddress)
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    return Stream.suspend(() => {
      const { exchange } = this
      if (exchange.reader !== "none") return Stream.fail(this.alreadyRead)
      exchange.reader = "stream"
      return Stream.fromPull(Effect.succeed(this.nextChunks)).pipe(Stream.ensuring(Effect.sync(() => exchange.abort())))
    })
  }

  /** The pieces of {@link stream} without a Stream, for whoever asks first. */
  pull(): CosTransport.Pull {
    const { exchange } = this
    if (exchange.reader !== "none") return Effect.fail(Option.some(this.alreadyRead))
    exchange.reader = "stream"
    return this.nextChunks
  }

  private get nextChunks() {
    return Effect.mapError(
      this.exchange.nextChunks(),
      Option.map((cause) => this.error(cause))
    )
  }

  readInto(
    buffer: Uint8Array,
    onBytes: (bytes: Uint8Array) => void
  ): Effect.Effect<number, HttpClientError.ResponseError> {
    return Effect.suspend(() => {
      const { exchange } = this
      if (exchange.reader !== "none") return Effect.fail(this.alreadyRead)
      exchange.reader = "buffer"
      return Effect.mapError(exchange.readInto(buffer, onBytes), (cause) => this.error(cause))
    })
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => {
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
      return own.buffer as ArrayBuffer
    })
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => decoder.decode(bytes))
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return Effect.tryMap(this.text, {
      try: (text): unknown => (text === "" ? null : JSON.parse(text)),
      catch: (cause) => this.error(cause)
    })
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    const headers = { "content-type": this.headers["content-type"] ?? "" }
    return Effect.flatMap(this.arrayBuffer, (body) =>
      Effect.tryPromise({ try: () => new Response(body, { headers }).formData(), catch: (cause) => this.error(cause) })
    )
  }

  /** Leaves out the body, which showing it would consume, and the request with its secrets. */
  toJSON(): unknown {
    return {
      _id: "@effect/platform/HttpClientResponse",
      status: this.status,
      headers: this.headers
    }
  }

  private get bytes(): Effect.Effect<Uint8Array, HttpClientError.ResponseError> {
    return Effect.flatMap(HttpIncomingMessage.MaxBodySize, (max) => {
      const { exchange } = this
      if (exchange.reader === "stream" || exchange.reader === "buffer") return Effect.fail(this.alreadyRead)
      exchange.reader = "whole"
      const limit = Option.match(max, { onNone: () => Number.POSITIVE_INFINITY, onSome: Number })
      return exchange.readAll(limit).pipe(
        Effect.mapError((cause) => this.error(cause)),
        Effect.flatMap(Effect.mapError(() => this.error(`the body is longer than ${limit} bytes`)))
      )
    })
  }

  private get alreadyRead() {
    return this.error("the body was read before")
  }

  private error(cause: unknown) {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }
}

/** `undefined` for responses of other clients. */
export const pull = (response: HttpClientResponse.HttpClientResponse): CosTransport.Pull | undefined =>
  response instanceof UndiciResponse ? response.pull() : undefined

/** `undefined` for responses of other clients. */
export const readInto = (response: HttpClientResponse.HttpClientResponse): CosTransport.ReadInto | undefined =>
  response instanceof UndiciResponse ? (buffer, onBytes) => response.readInto(buffer, onBytes) : undefined
