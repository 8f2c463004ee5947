/** A response, as its decoder gets it. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as CosError from "../../CosError.js"
import type { Call } from "./call.js"
import type { ClientState } from "./clientState.js"
import type { ResponseFacts } from "./headers.js"
import type { Hidden } from "./hiddenHeaders.js"
import type { RedactCause } from "./redact.js"
import { type RequestSummary, summaryOf } from "./request.js"
import * as body from "./responseBody.js"
import { locationOf } from "./sign.js"
import type { Abort } from "./timeLimit.js"

/**
 * A response, as its decoder gets it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Response {
  readonly request: RequestSummary
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly region: string | undefined
  /** The address of what the request was for, as the client's endpoint spells it, with the key percent-encoded. */
  readonly location: string
  /** What a browser may have hidden of the headers. */
  readonly hidden?: Hidden | undefined
  /** An earlier attempt at this request may have been carried out: its response never came, or not whole. */
  readonly afterLostResponse: boolean
  /** What errors tell of it: without secrets. */
  readonly facts: ResponseFacts
  /** The whole body, as text, within the limits of documents. */
  readonly text: Effect.Effect<string, CosError.BodyError>
  /** The body as it comes, checked against its announced length; the connection belongs to the scope. */
  readonly stream: Stream.Stream<Uint8Array, CosError.BodyError>
  /** Reads the body into a buffer that is large enough for it. */
  readonly fill: (buffer: Uint8Array, onBytes: (bytes: Uint8Array) => void) => Effect.Effect<void, CosError.BodyError>
}

/** What could lead to the request and its secrets is private, so that nothing finds it in a value that is printed. */
class ReceivedResponse implements Response {
  readonly request: RequestSummary
  readonly status: number
  readonly headers: Response["headers"]
  readonly region: string | undefined
  readonly hidden: Hidden
  readonly afterLostResponse: boolean
  readonly #call: Call
  readonly #source: body.Source

  constructor(call: Call, source: body.Source) {
    this.request = source.request
    this.status = source.message.status
    this.headers = source.message.headers
    this.region = call.request.region
    this.hidden = source.hidden
    this.afterLostResponse = call.lostResponse
    this.#call = call
    this.#source = source
  }
  get location() {
    return locationOf(this.#call.request, this.#call.located)
  }
  get facts() {
    return this.#source.facts()
  }
  get text() {
    return body.text(this.#source)
  }
  get stream() {
    return body.stream(this.#source)
  }
  fill(buffer: Uint8Array, onBytes: (bytes: Uint8Array) => void) {
    return body.fill(this.#source, buffer, onBytes)
  }
}

export const make = (
  client: ClientState,
  call: Call,
  message: HttpClientResponse.HttpClientResponse,
  hidden: Hidden,
  abort: Abort | undefined,
  redact: RedactCause,
  facts: () => ResponseFacts
): Response =>
  new ReceivedResponse(call, {
    client,
    request: summaryOf(call.request),
    origin: call.target.origin,
    message,
    hidden,
    abort,
    redact,
    facts,
    limiter: call.limiter,
    recorder: call.recorder
  })
