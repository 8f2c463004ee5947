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

export const make = (
  client: ClientState,
  call: Call,
  message: HttpClientResponse.HttpClientResponse,
  hidden: Hidden,
  abort: Abort | undefined,
  redact: RedactCause,
  facts: () => ResponseFacts
): Response => {
  const request = summaryOf(call.request)
  const source: body.Source = {
    client,
    request,
    origin: call.target.origin,
    message,
    hidden,
    abort,
    redact,
    facts,
    clock: call.clock,
    onBytes: call.recorder.bytesReceived
  }
  return {
    request,
    status: message.status,
    headers: message.headers,
    region: call.request.region,
    get location() {
      return locationOf(call.request, call.located)
    },
    hidden,
    afterLostResponse: call.lostResponse,
    get facts() {
      return facts()
    },
    get text() {
      return body.text(source)
    },
    get stream() {
      return body.stream(source)
    },
    fill: (buffer, onBytes) => body.fill(source, buffer, onBytes)
  }
}
