/** From what came back to a value or a typed error: the one place that knows statuses, codes and transport failures. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as CosError from "../../CosError.js"
import type * as CosTransport from "../../CosTransport.js"
import * as CosXml from "../../CosXml.js"
import { invalidInput } from "./invalidInput.js"
import type { Request } from "./request.js"
import type { Abort, TimeLimit } from "./timeLimit.js"

/** What an answer's decoder gets. */
export interface Response {
  readonly request: Request
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  /** An earlier attempt at this request may have been carried out: its answer never came, or not whole. */
  readonly afterLostResponse: boolean
  /** The whole body, as text, within the limits of documents. */
  readonly text: Effect.Effect<string, CosError.BodyError>
  /** The body as it comes, checked against its announced length; the connection belongs to the scope. */
  readonly stream: Stream.Stream<Uint8Array, CosError.BodyError>
  /** The same into a buffer that is large enough for it. */
  readonly fill: (buffer: Uint8Array, onBytes: (bytes: Uint8Array) => void) => Effect.Effect<void, CosError.BodyError>
}

/** How a body is read. */
export interface Reading {
  readonly within: TimeLimit
  readonly abort: Abort | undefined
  /** Whether the client leaves the codings of a body as they are. */
  readonly rawBody: boolean
  readonly readInto: CosTransport.Capabilities["readInto"]
  /** Between two pieces of a body. */
  readonly idle: Duration.Duration
  /** Bytes of a document. */
  readonly maxDocument: number
  /** How many bytes have come. */
  readonly received: (count: number) => void
}

// --- transport -------------------------------------------------------------------------------------------------------

const codes: ReadonlyArray<readonly [CosError.TransportError["reason"], RegExp]> = [
  ["Dns", /ENOTFOUND|EAI_/],
  ["Tls", /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|DEPTH_ZERO|EPROTO/],
  ["Timeout", /TIMEOUT|ETIMEDOUT/],
  ["Connect", /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN/]
]

/** The first code that an error, or what caused it, carries. */
const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > 4) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  if ("errors" in error && Array.isArray(error.errors) && error.errors.length > 0) {
    return codeOf(error.errors[0], depth + 1)
  }
  return "cause" in error ? codeOf(error.cause, depth + 1) : undefined
}

const phaseOf = (error: unknown): CosError.TransportError["phase"] | undefined => {
  if (typeof error !== "object" || error === null) return undefined
  if ("phase" in error) {
    const { phase } = error
    if (phase === "connect" || phase === "send" || phase === "response" || phase === "body") return phase
  }
  return "cause" in error ? phaseOf(error.cause) : undefined
}

const isStale = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  (("staleConnection" in error && error.staleConnection === true) || ("cause" in error && isStale(error.cause)))

const beforeConnection = new Set(["Dns", "Connect"])

/** Only the code of a transport's error is kept: the error itself holds the request, and that its secrets. */
export const transportError = (
  request: Request,
  error: HttpClientError.HttpClientError
): CosError.TransportError | CosError.InvalidInput => {
  if (error._tag === "RequestError" && error.reason !== "Transport") {
    return invalidInput(request.operation, "request", "must be what HTTP can carry")
  }
  const code = codeOf(error.cause)
  const reason = codes.find(([, pattern]) => code !== undefined && pattern.test(code))?.[0] ?? "Reset"
  const phase = phaseOf(error.cause) ?? (error._tag === "ResponseError" ? "body" : "response")
  return new CosError.TransportError({
    operation: request.operation,
    reason,
    phase: beforeConnection.has(reason) || reason === "Tls" ? "connect" : phase,
    message: `${request.operation}: ${reason} while ${phases[phase]}${code === undefined ? "" : ` (${code})`}`,
    bucket: request.bucket,
    key: request.key,
    ...(isStale(error.cause) ? { staleConnection: true } : undefined)
  })
}

const phases = {
  connect: "connecting",
  send: "sending the request",
  response: "waiting for the response",
  body: "reading the body of the response"
}

export const timeout = (request: Request, phase: CosError.TransportError["phase"], limit: Duration.Duration) =>
  new CosError.TransportError({
    operation: request.operation,
    reason: "Timeout",
    phase,
    message: `${request.operation}: ${phases[phase]} took longer than ${Duration.format(limit)}`,
    bucket: request.bucket,
    key: request.key
  })

// --- bodies ----------------------------------------------------------------------------------------------------------

type Headers = { readonly [name: string]: string | undefined }

/** Data processing has ids of its own. */
export const requestIdOf = (headers: Headers): string | undefined =>
  headers["x-cos-request-id"] ?? headers["x-ci-request-id"]

export const malformed = (
  request: Request,
  response: { readonly status: number; readonly headers: Headers },
  message: string
): CosError.MalformedResponse =>
  new CosError.MalformedResponse({
    operation: request.operation,
    status: response.status,
    message: `${request.operation}: ${message}`,
    requestId: requestIdOf(response.headers)
  })

const bodyError =
  (request: Request) =>
  (error: HttpClientError.HttpClientError): CosError.TransportError => {
    const mapped = transportError(request, error)
    return mapped._tag === "TransportError" ? mapped : timeout(request, "body", Duration.zero)
  }

/** A body that is not there at all, as a web `Response` may have it, has ended. */
const bodyFailure =
  (request: Request) =>
  (error: HttpClientError.HttpClientError): Option.Option<CosError.TransportError> =>
    error.reason === "EmptyBody" ? Option.none() : Option.some(bodyError(request)(error))

/** Whether a client that undoes codings has one to undo. */
export const isCoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && encoding !== "" && encoding !== "identity"

/** A length counts the coded bytes; a client that undoes codings gives others. */
const announced = (
  request: Request,
  { headers }: HttpClientResponse.HttpClientResponse,
  { rawBody }: Reading
): number | undefined => {
  const length = headers["content-length"]
  return request.method !== "HEAD" &&
    length !== undefined &&
    /^\d+$/.test(length) &&
    (rawBody || !isCoded(headers["content-encoding"]))
    ? Number(length)
    : undefined
}

const truncated = (request: Request, expected: number, received: number) =>
  new CosError.TruncatedBody({
    operation: request.operation,
    expected,
    received,
    bucket: request.bucket,
    key: request.key
  })

/** The body as it comes: never silent for longer than `idle`, and as long as it was announced. */
const streamOf = (
  request: Request,
  response: HttpClientResponse.HttpClientResponse,
  reading: Reading
): Stream.Stream<Uint8Array, CosError.BodyError> => {
  const expected = announced(request, response, reading)
  const silent = () => Option.some(timeout(request, "body", reading.idle))
  const checked = (pull: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<HttpClientError.HttpClientError>>) => {
    let received = 0
    const isWrong = (ended: boolean) =>
      expected !== undefined && (received > expected || (ended && received < expected))
    const wrong = () => Effect.fail(Option.some<CosError.BodyError>(truncated(request, expected ?? 0, received)))
    const bytes = Effect.mapError(pull, Option.filterMap(bodyFailure(request)))
    return Effect.matchEffect(
      reading.within(() => bytes, reading.idle, silent, reading.abort),
      {
        onFailure: (error) => (Option.isNone(error) && isWrong(true) ? wrong() : Effect.fail(error)),
        onSuccess: (chunk) => {
          for (const bytes of chunk) {
            received += bytes.byteLength
            reading.received(bytes.byteLength)
          }
          return isWrong(false) ? wrong() : Effect.succeed(chunk)
        }
      }
    )
  }
  return Stream.fromPull(Effect.map(Stream.toPull(response.stream), checked))
}

/**
 * The body into the beginning of a buffer, with the checks of {@link streamOf}, and refused where it is larger than that.
 * `onBytes` is told of each piece, also of those that came before a failure.
 */
const fillFrom = (
  request: Request,
  response: HttpClientResponse.HttpClientResponse,
  reading: Reading,
  buffer: Uint8Array,
  onBytes: (bytes: Uint8Array) => void
): Effect.Effect<void, CosError.BodyError> => {
  const expected = announced(request, response, reading)
  const tooLong = (received: number) => Effect.fail(truncated(request, expected ?? buffer.byteLength, received))
  if (expected !== undefined && expected > buffer.byteLength) return tooLong(buffer.byteLength)
  const readInto = reading.readInto?.(response)
  if (readInto !== undefined) {
    const read = (extend: () => void) =>
      readInto(buffer, (bytes) => {
        extend()
        reading.received(bytes.byteLength)
        onBytes(bytes)
      })
    return Effect.mapError(
      reading.within(read, reading.idle, () => undefined, reading.abort),
      (error) => (error === undefined ? timeout(request, "body", reading.idle) : bodyError(request)(error))
    ).pipe(
      Effect.flatMap((received) =>
        received > buffer.byteLength || (expected !== undefined && received !== expected)
          ? tooLong(received)
          : Effect.void
      )
    )
  }
  return Effect.suspend(() => {
    let filled = 0
    return Stream.runForEachChunk(streamOf(request, response, reading), (chunk) => {
      for (const bytes of chunk) {
        const end = filled + bytes.byteLength
        if (end > buffer.byteLength) return tooLong(end)
        buffer.set(bytes, filled)
        onBytes(buffer.subarray(filled, end))
        filled = end
      }
      return Effect.void
    })
  })
}

const decoder = new TextDecoder("utf-8", { fatal: true })

/** Bytes of a document that is read in one go. */
const small = 64 * 1024

const bytesOf = (
  request: Request,
  response: HttpClientResponse.HttpClientResponse,
  reading: Reading
): Effect.Effect<Uint8Array, CosError.BodyError> => {
  const size = announced(request, response, reading)
  if (size !== undefined && size <= Math.min(small, reading.maxDocument)) {
    const silent = () => timeout(request, "body", reading.idle)
    const whole = Effect.mapError(response.arrayBuffer, bodyError(request))
    return Effect.flatMap(
      reading.within(() => whole, reading.idle, silent, reading.abort),
      (buffer) => {
        reading.received(buffer.byteLength)
        return buffer.byteLength === size
          ? Effect.succeed(new Uint8Array(buffer))
          : Effect.fail(truncated(request, size, buffer.byteLength))
      }
    )
  }
  return Effect.suspend(() => {
    let received = 0
    return streamOf(request, response, reading).pipe(
      Stream.mapEffect((bytes) => {
        received += bytes.byteLength
        return received > reading.maxDocument
          ? Effect.fail(malformed(request, response, `a document of more than ${reading.maxDocument} bytes`))
          : Effect.succeed(bytes)
      }),
      Stream.runCollect,
      Effect.map((chunks) => join(chunks, received))
    )
  })
}

const join = (chunks: Chunk.Chunk<Uint8Array>, size: number): Uint8Array => {
  const only = Chunk.size(chunks) === 1 ? Chunk.unsafeHead(chunks) : undefined
  if (only !== undefined) return only
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

const noText = Effect.succeed("")

const textOf = (
  request: Request,
  response: HttpClientResponse.HttpClientResponse,
  reading: Reading
): Effect.Effect<string, CosError.BodyError> =>
  request.method === "HEAD" || response.status === 204 || response.headers["content-length"] === "0"
    ? noText
    : Effect.flatMap(bytesOf(request, response, reading), (bytes) =>
        Effect.try({
          try: () => decoder.decode(bytes),
          catch: () => malformed(request, response, "a document that is not UTF-8")
        })
      )

export const answer = (
  request: Request,
  response: HttpClientResponse.HttpClientResponse,
  reading: Reading,
  afterLostResponse: boolean
): Response => ({
  request,
  status: response.status,
  headers: response.headers,
  afterLostResponse,
  get text() {
    return textOf(request, response, reading)
  },
  get stream() {
    return streamOf(request, response, reading)
  },
  fill: (buffer, onBytes) => fillFrom(request, response, reading, buffer, onBytes)
})

// --- errors of the service -------------------------------------------------------------------------------------------

/** For answers without a document: what a status says. */
const codeOfStatus = (request: Request, status: number): string => {
  switch (status) {
    case 403:
      return "AccessDenied"
    case 404:
      return request.key !== undefined ? "NoSuchKey" : request.host === "bucket" ? "NoSuchBucket" : "NotFound"
    case 405:
      return "MethodNotAllowed"
    case 409:
      return "Conflict"
    case 412:
      return "PreconditionFailed"
    case 416:
      return "InvalidRange"
    case 429:
      return "SlowDown"
    default:
      return String(status)
  }
}

const textAt = (document: CosXml.Node | undefined, name: string): string | undefined => {
  if (typeof document !== "object") return undefined
  const node = document[name]
  return typeof node === "string" && node !== "" ? node : undefined
}

/** Seconds, or a date of the server's clock. */
const retryAfterOf = (value: string | undefined, now: number): Duration.Duration | undefined => {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Duration.seconds(Number(value))
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Duration.millis(Math.max(0, date - now))
}

const dateOf = (value: string | undefined): Date | undefined => {
  const date = new Date(value ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const classOf = (code: string, status: number): CosError.ServiceErrorClass => {
  const known = CosError.byCode.get(code)
  if (known !== undefined) return known
  if (status === 429) return CosError.Throttled
  return status >= 500 && status !== 501 ? CosError.ServerFault : CosError.CosServiceError
}

const common: ReadonlySet<CosError.ServiceErrorClass> = new Set<CosError.ServiceErrorClass>([
  CosError.AccessDenied,
  CosError.AuthenticationFailed,
  CosError.Throttled,
  CosError.ServerFault
])

export type ServiceError = InstanceType<CosError.ServiceErrorClass>

/** What the body of an error says. It may be XML, the JSON of data processing, a proxy's HTML, or nothing. */
interface Said {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly resource?: string | undefined
  readonly requestId?: string | undefined
  readonly traceId?: string | undefined
  readonly serverTime?: string | undefined
}

/** A key that XML cannot carry is repeated all the same. */
export const parseOptions = ({ key }: Pick<Request, "key">): CosXml.ParseOptions => ({
  anyCharacter: key !== undefined && !CosXml.isText(key)
})

const said = (request: Request, text: string): Said => {
  if (/^\s*\{/.test(text)) return saidInJson(text)
  if (!/^\s*</.test(text)) return {}
  const parsed = CosXml.parse(text.trimStart(), parseOptions(request))
  if (Either.isLeft(parsed) || parsed.right.root !== "Error") return {}
  const { content } = parsed.right
  return {
    code: textAt(content, "Code"),
    message: textAt(content, "Message"),
    resource: textAt(content, "Resource"),
    requestId: textAt(content, "RequestId"),
    traceId: textAt(content, "TraceId"),
    serverTime: textAt(content, "ServerTime")
  }
}

/** Its `code` is a number that says nothing to a program. */
const saidInJson = (text: string): Said => {
  try {
    const { message, request_id } = JSON.parse(text) as { readonly [name: string]: unknown }
    return {
      message: typeof message === "string" ? message : undefined,
      requestId: typeof request_id === "string" ? request_id : undefined
    }
  } catch {
    return {}
  }
}

/** The error that a status, or an `<Error>` document under any status, stands for. */
export const serviceError = (
  answer: Pick<Response, "request" | "status" | "headers" | "afterLostResponse">,
  text: string,
  expected: ReadonlyArray<CosError.ServiceErrorClass>,
  now: number
): ServiceError => {
  const { headers, request, status } = answer
  const body = said(request, text)
  const code = body.code ?? headers["x-cos-error-code"] ?? codeOfStatus(request, status)
  const serverTime = dateOf(headers.date) ?? dateOf(body.serverTime)
  const where = [request.bucket, request.key].filter((part) => part !== undefined).join("/")
  const fields = {
    operation: request.operation,
    status,
    code,
    message: `${request.operation} ${where}: ${status} ${code}${body.message === undefined ? "" : `: ${body.message}`}`,
    bucket: request.bucket,
    key: request.key,
    requestId: requestIdOf(headers) ?? body.requestId,
    traceId: headers["x-cos-trace-id"] ?? headers["x-ci-trace-id"] ?? body.traceId,
    resource: body.resource,
    retryAfter: retryAfterOf(headers["retry-after"], serverTime?.getTime() ?? now),
    serverTime,
    ...(headers["x-cos-delete-marker"] === "true" ? { deleteMarkerVersionId: headers["x-cos-version-id"] } : undefined),
    ...(answer.afterLostResponse ? { afterLostResponse: true } : undefined)
  }
  if (status === 304 && expected.includes(CosError.NotModified)) {
    return new CosError.NotModified({
      ...fields,
      code: "NotModified",
      eTag: headers.etag,
      lastModified: dateOf(headers["last-modified"])
    })
  }
  const known = classOf(code, status)
  return new (common.has(known) || expected.includes(known) ? known : CosError.CosServiceError)(fields)
}
