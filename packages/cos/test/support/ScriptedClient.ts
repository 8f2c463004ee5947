/** An `HttpClient` that answers from a script and records what it was asked: operations without a server. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as CosClient from "../../src/CosClient.js"
import * as CosTransport from "../../src/CosTransport.js"
import * as Credentials from "../../src/Credentials.js"

/** A request as it would have gone out. */
export interface Recorded {
  readonly method: string
  /** As text, never normalised. */
  readonly url: string
  /** The host of the URL. */
  readonly host: string
  /** Path and query, as in the request line. */
  readonly target: string
  /** By lower-case name. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Uint8Array
  /** The body as UTF-8. */
  readonly text: string
  /** When it was sent, by the clock in use. */
  readonly at: number
}

/** One answer. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  /** `content-length` and `x-cos-request-id: REQUEST-ID` are added; `undefined` leaves one out. */
  readonly headers?: { readonly [name: string]: string | undefined }
  readonly body?: string | Uint8Array | Stream.Stream<Uint8Array, unknown>
  /** How long it takes to come. */
  readonly after?: Duration.DurationInput
}

/** What happens to one request: an answer, a broken connection, silence, or what the request decides. */
export type Step =
  | Answer
  | { readonly failure: Partial<CosTransport.TransportFailure> }
  | { readonly silence: true }
  | ((request: Recorded) => Step)

export const requestId = "REQUEST-ID"
export const bucket = "examplebucket-1250000000"
export const region = "ap-guangzhou"
export const host = `${bucket}.cos.${region}.myqcloud.com`

/** The fake keys of the signing vectors. */
export const keys = {
  secretId: "AKIDEXAMPLE0000000000000000000000",
  secretKey: "EXAMPLEKEY0000000000000000000000"
}

const bodyOf = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<Uint8Array, unknown> => {
  const { body } = request
  switch (body._tag) {
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Raw":
      return Effect.succeed(body.body as Uint8Array)
    case "Stream":
      return Effect.map(Stream.runCollect(body.stream), (chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)))
    default:
      return Effect.succeed(new Uint8Array(0))
  }
}

const record = (request: HttpClientRequest.HttpClientRequest, body: Uint8Array, at: number): Recorded => {
  const [, host = "", target = ""] = /^https?:\/\/([^/]+)(.*)$/.exec(request.url) ?? []
  return {
    method: request.method,
    url: request.url,
    host,
    target,
    headers: { ...request.headers },
    body,
    text: new TextDecoder().decode(body),
    at
  }
}

const respond = (request: HttpClientRequest.HttpClientRequest, answer: Answer) => {
  const { body, status = 200 } = answer
  const size = typeof body === "string" ? Buffer.byteLength(body) : body instanceof Uint8Array ? body.length : undefined
  const headers = new Headers()
  const all = {
    "content-length": body === undefined ? "0" : size === undefined ? undefined : String(size),
    "x-cos-request-id": requestId,
    ...answer.headers
  }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers.set(name, value)
  const content =
    body === undefined || request.method === "HEAD" || status === 204 || status === 304
      ? null
      : typeof body === "string" || body instanceof Uint8Array
        ? (body as BodyInit)
        : Stream.toReadableStream(body)
  return HttpClientResponse.fromWeb(request, new Response(content, { status, headers }))
}

const broken = (request: HttpClientRequest.HttpClientRequest, cause: unknown) =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause })

/**
 * The client and its record. One step for each request; a request after the last step is a defect.
 *
 * `layer` provides `CosClient` on {@link bucket} and {@link region}, with the fake {@link keys} and a transport that can
 * do everything.
 */
export const make = (steps: ReadonlyArray<Step>, options: Options = {}) => {
  const requests: Array<Recorded> = []
  const take = (request: HttpClientRequest.HttpClientRequest) =>
    Effect.gen(function* () {
      const body = yield* Effect.mapError(bodyOf(request), (cause) => broken(request, cause))
      const recorded = record(request, body, yield* Clock.currentTimeMillis)
      let step = steps[requests.push(recorded) - 1]
      while (typeof step === "function") step = step(recorded)
      if (step === undefined) {
        return yield* Effect.dieMessage(
          `no answer for request ${requests.length}: ${request.method} ${recorded.target}`
        )
      }
      if ("silence" in step) return yield* Effect.never
      if ("failure" in step)
        return yield* broken(request, new CosTransport.TransportFailure({ ...reset, ...step.failure }))
      if (step.after !== undefined) yield* Effect.sleep(step.after)
      return respond(request, step)
    })
  const client = HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap(take),
    Effect.succeed
  )
  const layer: Layer.Layer<CosClient.CosClient> = CosClient.layer({ bucket, region, ...options.settings }).pipe(
    Layer.provide([
      options.credentials ?? Credentials.layerStatic(keys),
      Layer.succeed(HttpClient.HttpClient, client),
      CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true, rawBody: true, ...options.transport })
    ])
  )
  return { requests, layer, client }
}

export interface Options {
  readonly settings?: CosClient.Settings
  readonly credentials?: Layer.Layer<Credentials.Credentials>
  readonly transport?: Partial<CosTransport.Capabilities>
}

const reset = { code: "ECONNRESET", phase: "response", staleConnection: false, message: "reset" } as const

/** An error as the service writes it. */
export const error = (
  status: number,
  code: string,
  more: Partial<Answer> & { readonly message?: string } = {}
): Answer => ({
  ...more,
  status,
  headers: { "content-type": "application/xml", "x-cos-trace-id": "TRACE-ID", ...more.headers },
  body: [
    "<?xml version='1.0' encoding='utf-8' ?>",
    "<Error>",
    `\t<Code>${code}</Code>`,
    `\t<Message>${more.message ?? `about ${code}`}</Message>`,
    `\t<Resource>${host}/key</Resource>`,
    `\t<RequestId>${requestId}</RequestId>`,
    "\t<TraceId>TRACE-ID</TraceId>",
    "</Error>"
  ].join("\n")
})
