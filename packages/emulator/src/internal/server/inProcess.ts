/**
 * The emulator without a socket: an `HttpClient` whose requests go straight to the handler.
 *
 * Built on `makeWith`, which builds no `URL`: the target and the Host arrive as the client wrote them. The handler runs
 * in a fiber of its own with the client's clock, so that an interrupt reaches it exactly when it would close a socket.
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { EmulatorState } from "../handler/emulatorState.js"
import { handle } from "../handler/handler.js"
import {
  type BodyCut,
  type HandlerResult,
  IncompleteBody,
  maxBufferedBody,
  type Reply,
  type Request
} from "../http/message.js"
import { slices } from "../http/throttle.js"

/** As much as a socket gives in one read, in bytes. */
const chunkSize = 64 * 1024

interface OutgoingBody {
  readonly length: number | undefined
  readonly bytes?: Uint8Array
  readonly stream: Stream.Stream<Uint8Array, unknown>
}

/** One chunk per pull. */
const eachOnDemand = (chunks: ReadonlyArray<Uint8Array>): Stream.Stream<Uint8Array> =>
  Stream.rechunk(Stream.fromIterable(chunks), 1)

const bytesOf = (bytes: Uint8Array): OutgoingBody => ({
  length: bytes.length,
  bytes,
  stream: eachOnDemand(slices(bytes, chunkSize))
})

const rawBody = (body: unknown): OutgoingBody | undefined => {
  if (typeof body === "string") return bytesOf(new TextEncoder().encode(body))
  if (body instanceof Uint8Array) return bytesOf(body)
  if (body instanceof ArrayBuffer) return bytesOf(new Uint8Array(body))
  if (body instanceof Blob) {
    return {
      length: body.size,
      stream: Stream.fromReadableStream(
        () => body.stream(),
        (cause) => cause
      )
    }
  }
  if (body instanceof ReadableStream) {
    return {
      length: undefined,
      stream: Stream.fromReadableStream(
        () => body,
        (cause) => cause
      )
    }
  }
  return undefined
}

const bodyOf = (body: HttpBody.HttpBody): OutgoingBody | undefined => {
  switch (body._tag) {
    case "Empty":
      return { length: 0, stream: Stream.empty }
    case "Uint8Array":
      return bytesOf(body.body)
    case "Stream":
      return { length: body.contentLength, stream: body.stream }
    case "Raw":
      return rawBody(body.body)
    case "FormData":
      return undefined
  }
}

/** Cuts a body to its announced length, as a socket would, and fails if it is shorter. */
const limitToLength = (body: Stream.Stream<Uint8Array, unknown>, length: number | undefined): Request["body"] => {
  const lost = Stream.mapError(body, (cause) => new IncompleteBody({ cause }))
  if (length === undefined) return lost
  return Stream.suspend(() => {
    let left = length
    return lost.pipe(
      Stream.map((chunk) => {
        const kept = chunk.subarray(0, left)
        left -= kept.length
        return kept
      }),
      Stream.concat(
        Stream.suspend(() =>
          left === 0
            ? Stream.empty
            : Stream.fail(new IncompleteBody({ cause: new Error("shorter than Content-Length") }))
        )
      )
    )
  })
}

const requestError = (
  request: HttpClientRequest.HttpClientRequest,
  reason: "Transport" | "Encode" | "InvalidUrl",
  cause: unknown
): HttpClientError.RequestError => new HttpClientError.RequestError({ request, reason, cause })

/** The error of a broken socket, with its code. */
const connectionError = (how: BodyCut["how"]): Error =>
  Object.assign(new Error(how === "reset" ? "read ECONNRESET" : "aborted"), { code: "ECONNRESET" })

const toRequest = (
  request: HttpClientRequest.HttpClientRequest
): Either.Either<Request, HttpClientError.RequestError> => {
  const match = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(request.url)
  const body = bodyOf(request.body)
  if (match === null) return Either.left(requestError(request, "InvalidUrl", new Error("not an absolute URL")))
  if (body === undefined) return Either.left(requestError(request, "Encode", new Error("no body of COS's")))
  const [, authority = "", rest = ""] = match
  const path = rest.startsWith("/") ? rest : `/${rest}`
  const params = UrlParams.toString(request.urlParams)
  const target = params === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${params}`
  const hasBody = request.method !== "GET" && request.method !== "HEAD"
  const announced = request.headers["content-length"] ?? (body.length === undefined ? undefined : String(body.length))
  const framing: Record<string, string> =
    announced !== undefined
      ? hasBody || body.length !== 0
        ? { "content-length": announced }
        : {}
      : { "transfer-encoding": "chunked" }
  const host = request.headers.host ?? authority
  return Either.right({
    method: request.method,
    target,
    host,
    headers: { ...request.headers, host, ...framing },
    origin: "process",
    address: "127.0.0.1",
    secure: /^https/i.test(request.url),
    tlsVersion: undefined,
    body: limitToLength(body.stream, announced === undefined ? undefined : Number(announced)),
    bufferedBody:
      body.bytes !== undefined && body.bytes.length <= maxBufferedBody && Number(announced) === body.bytes.length
        ? Effect.succeed(body.bytes)
        : undefined
  })
}

class InProcessResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly status: number
  readonly headers: Headers.Headers
  readonly cookies = Cookies.empty
  readonly remoteAddress = Option.none<string>()
  readonly stream: Stream.Stream<Uint8Array, HttpClientError.ResponseError>

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    reply: Reply,
    body: Stream.Stream<Uint8Array, BodyCut>
  ) {
    super()
    this.status = reply.status
    this.headers = Headers.fromInput(reply.headers)
    this.stream = Stream.mapError(body, ({ how }) => this.#error(connectionError(how)))
  }

  #error(cause: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }

  #decoded<A>(decode: (bytes: Buffer) => A): Effect.Effect<A, HttpClientError.ResponseError> {
    return Effect.flatMap(Stream.runCollect(this.stream), (chunks) =>
      Effect.try({
        try: () => decode(Buffer.concat(Chunk.toReadonlyArray(chunks))),
        catch: (cause) => this.#error(cause)
      })
    )
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return this.#decoded((bytes) => bytes.toString("utf8"))
  }
  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return this.#decoded((bytes) => (bytes.length === 0 ? null : JSON.parse(bytes.toString("utf8"))))
  }
  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return this.#decoded((bytes) => UrlParams.fromInput(new URLSearchParams(bytes.toString("utf8"))))
  }
  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return this.#decoded((bytes) => Uint8Array.from(bytes).buffer)
  }
  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.fail(this.#error(new Error("COS sends no forms")))
  }
  toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }
}

/** The body, cut to its announced length as HTTP framing would. */
const replyBody = (reply: Reply): Stream.Stream<Uint8Array, BodyCut> => {
  const body = reply.body instanceof Uint8Array ? eachOnDemand(slices(reply.body, chunkSize)) : reply.body
  const announced = reply.headers["content-length"]
  if (announced === undefined || (reply.body instanceof Uint8Array && reply.body.length === 0)) return body
  return Stream.suspend(() => {
    let left = Number(announced)
    return body.pipe(
      Stream.map((chunk) => {
        const kept = chunk.subarray(0, left)
        left -= kept.length
        return kept
      }),
      Stream.filter((chunk) => chunk.length > 0)
    )
  })
}

/** Roughly the bytes of status line and headers on the wire. */
const headLength = (reply: Reply): number =>
  Object.entries(reply.headers).reduce((length, [name, value]) => length + name.length + value.length + 4, 32)

/** The client. Closing `scope` interrupts running handlers. */
export const make = (state: EmulatorState, scope: Scope.Scope): HttpClient.HttpClient =>
  HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap((request) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const raw = yield* toRequest(request)
          const exchange = yield* Scope.fork(scope, ExecutionStrategy.sequential)
          const close = (exit: Exit.Exit<unknown, unknown>) => Scope.close(exchange, exit)
          const fiber = yield* handle(state, raw).pipe(
            Effect.tap((result) =>
              result._tag === "Reply" && result.headBytesPerSecond !== undefined
                ? Effect.sleep((headLength(result) / result.headBytesPerSecond) * 1000)
                : Effect.void
            ),
            Scope.extend(exchange),
            Effect.interruptible,
            Effect.forkIn(scope)
          )
          const result: HandlerResult = yield* restore(Fiber.join(fiber)).pipe(
            Effect.onError((cause) => Effect.zipRight(Fiber.interrupt(fiber), close(Exit.failCause(cause))))
          )
          if (result._tag === "ConnectionReset") {
            yield* close(Exit.void)
            return yield* requestError(request, "Transport", result.cause ?? connectionError("reset"))
          }
          if (result.body instanceof Uint8Array) yield* close(Exit.void)
          return new InProcessResponse(request, result, Stream.ensuringWith(replyBody(result), close))
        })
      )
    ),
    Effect.succeed
  )
