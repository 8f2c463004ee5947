/** One attempt: sign, send, decode. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Capabilities, Send } from "../../CosTransport.js"
import type { AccessKey } from "../../Credentials.js"
import type { Call } from "./call.js"
import type { ClientState } from "./clientState.js"
import * as CrossOrigin from "./crossOrigin.js"
import { requestIdOf } from "./headers.js"
import * as hiddenHeaders from "./hiddenHeaders.js"
import { redactCause, redacted, redactFacts, redactText } from "./redact.js"
import * as RemoteSigner from "./remoteSigner.js"
import type { Pairs, Request } from "./request.js"
import * as responses from "./response.js"
import { serviceError } from "./serviceError.js"
import { signedRequest } from "./sign.js"
import * as telemetry from "./telemetry.js"
import type { Abort } from "./timeLimit.js"
import * as timeLimit from "./timeLimit.js"
import { refusedByProxy, timeout, transportError } from "./transportError.js"
import { lostBytes, watchBody } from "./watchedBody.js"
import { withoutScope } from "./withoutScope.js"

/** The client that the HTTP requests go through, and how a successful response is decoded. */
export interface SendAndDecode<A, E, R> {
  readonly http: HttpClient.HttpClient.With<any, any>
  /** How the transport sends beside it, where that is its own client. */
  readonly direct: Send | undefined
  /** The scope that the connection belongs to, where its response outlives the call. */
  readonly scope: Scope.Scope | undefined
  readonly decode: (response: responses.Response) => Effect.Effect<A, E, R>
}

export const attempt = <A, E, R>(
  client: ClientState,
  call: Call,
  exchange: SendAndDecode<A, E, R>,
  accessKey: AccessKey | undefined,
  remoteSigner: RemoteSigner.Service | undefined
): Effect.Effect<A, any, any> => {
  const lost = lostBytes(call.request)
  if (lost !== undefined) return Effect.fail(lost)
  if (remoteSigner === undefined) return signAndSend(client, call, exchange, accessKey, undefined)
  const toSign = RemoteSigner.toSign(call.request, call.target, retryHeaders(call))
  return Effect.flatMap(remoteSigner.sign(toSign), (authorization) =>
    signAndSend(client, call, exchange, undefined, authorization)
  )
}

/** The headers that tell an attempt from the first. */
const retryHeaders = ({ attempts }: Call): Pairs => (attempts > 1 ? [["x-cos-sdk-retry", "true"]] : [])

const signAndSend = <A, E, R>(
  client: ClientState,
  call: Call,
  { decode, direct, http, scope }: SendAndDecode<A, E, R>,
  accessKey: AccessKey | undefined,
  authorization: RemoteSigner.Authorization | undefined
): Effect.Effect<A, any, any> => {
  const { recorder, request } = call
  call.accessKey = accessKey
  call.clockOffset = client.clockSkew.offset()
  const watched = watchBody(request, client.transport.contentLength)
  const signed = signedRequest(watched.request, call.target, {
    signing: { signer: client.signer, accessKey, signHost: client.signHost },
    now: call.clock.unsafeCurrentTimeMillis() + call.clockOffset,
    hostHeader: client.transport.hostHeader,
    canStream: client.transport.contentLength,
    headers: retryHeaders(call),
    authorization
  })
  const { crossOrigin, transport } = client
  const { host, origin } = call.target
  const observed: CrossOrigin.Observed = { isOther: transport.hidesHeaders === true, isReached: undefined }
  const sending =
    direct !== undefined && signed.body._tag !== "Stream"
      ? sendDirectly(direct, http, scope, signed)
      : send(http, scope, signed, transport, observed, () => !crossOrigin.isReadable(host, request.method))
  const { abort, sent } = sending
  const limit = attemptLimit(client, request)
  // Where it failed before the end of its response, that of the attempt before this one may still be open.
  call.running.stop?.()
  call.running.stop = abort
  recorder.requestSent()
  const redact = <E>(cause: Cause.Cause<E>) => redactCause(cause, signed, accessKey)
  const explained = Effect.mapError(
    sent,
    (error) =>
      watched.failure(error) ??
      CrossOrigin.blocked(request, call.target, error, observed, crossOrigin, "authorization" in signed.headers) ??
      transportError(request, origin, error)
  )
  const onTimeout = () => timeout(request, origin, "response", limit)
  const run = Effect.flatMap(
    sending.isDirect
      ? withinCall(call, timeLimit.watch(call.limiter, explained, limit, onTimeout, sending.abort))
      : timeLimit.withTimeLimit(
          call.limiter,
          // Redacted here as well as below, for a fiber that dies logs what it dies of.
          () => redacted(explained, redact),
          limit,
          onTimeout,
          abort
        ),
    (received): Effect.Effect<A, any, any> => {
      const isSuccess = received.status >= 200 && received.status < 300
      const requestId = requestIdOf(received.headers)
      recorder.responded(
        call.attempts,
        received.status,
        isSuccess || requestId === undefined ? requestId : redactText(requestId, signed, accessKey)
      )
      if (!transport.hostHeader) crossOrigin.readable(host, request.method)
      const hidden = observed.isOther ? hiddenHeaders.make(received.headers, host, crossOrigin) : hiddenHeaders.nothing
      const response = responses.make(client, call, received, hidden, abort, redact, () =>
        redactFacts(received, signed, accessKey)
      )
      if (received.status === 407) {
        const refused = refusedByProxy(request, origin, redactFacts(received, signed, accessKey))
        return Effect.zipRight(Effect.ignore(response.text), Effect.fail(refused))
      }
      return isSuccess
        ? decode(response)
        : Effect.flatMap(Effect.orElseSucceed(response.text, noDocument), (document) =>
            Effect.fail(serviceError(response, document, call.expected, call.clock.unsafeCurrentTimeMillis()))
          )
    }
  )
  return redacted(run, redact)
}

const noDocument = () => ""

/** The call stops the limit where it is interrupted: no region is needed for each attempt. */
const withinCall = <A, E, R>(call: Call, { run, stop }: timeLimit.Watched<A, E, R>): Effect.Effect<A, E, R> => {
  call.running.stop = stop
  return run
}

/** The limit of an attempt, and the time that its body needs at the slowest rate allowed. */
const attemptLimit = ({ attemptLimit, minBytesPerSecond }: ClientState, { body }: Request): Duration.Duration =>
  body === undefined
    ? attemptLimit
    : Duration.sum(attemptLimit, Duration.millis(Math.round((body.size / minBytesPerSecond) * 1000)))

/** How a message is sent, and the means to end the exchange, where the transport has one beside an interrupt. */
type Sending = {
  readonly sent: Effect.Effect<HttpClientResponse, HttpClientError, any>
} & (
  | { readonly isDirect: true; readonly abort: Abort }
  | { readonly isDirect: false; readonly abort: Abort | undefined }
)

const sendDirectly = (
  direct: Send,
  http: HttpClient.HttpClient.With<any, any>,
  scope: Scope.Scope | undefined,
  message: HttpClientRequest
): Sending => {
  const { abort, response } = direct(message)
  return {
    sent: scope === undefined ? response : endedBy(scope, abort, http, message, response),
    abort,
    isDirect: true
  }
}

/** Ends the exchange when the scope closes. */
const endedBy = (
  scope: Scope.Scope,
  abort: Abort,
  http: HttpClient.HttpClient.With<any, any>,
  message: HttpClientRequest,
  sent: Sending["sent"]
): Sending["sent"] => {
  let isClosed = false
  const close = Effect.sync(() => {
    isClosed = true
    abort()
  })
  return Effect.zipRight(
    Scope.addFinalizer(scope, close),
    Effect.suspend(() => (isClosed ? HttpClient.withScope(http).execute(message) : sent))
  )
}

const send = (
  http: HttpClient.HttpClient.With<any, any>,
  scope: Scope.Scope | undefined,
  message: HttpClientRequest,
  transport: Capabilities,
  observed: CrossOrigin.Observed,
  isUnexplained: () => boolean
): Sending => {
  // The finalizers of a stream are to be waited for, as an interrupt does.
  if (transport.abort === undefined || message.body._tag === "Stream") {
    const sent = (scope === undefined ? http : HttpClient.withScope(http)).execute(message)
    const seen = transport.hostHeader ? sent : CrossOrigin.observe(sent, observed, isUnexplained)
    return { sent: Effect.zipRight(telemetry.untraced, seen), abort: undefined, isDirect: false }
  }
  const { abort: abortExchange } = transport
  // `transformClient` may change the message, and `abort` knows the changed one only.
  let final = message
  const watched = HttpClient.transform(http, (self, request) => {
    final = request
    return self
  })
  const abort = () => abortExchange(final)
  const sent = withoutScope(watched.execute(message))
  return { sent: scope === undefined ? sent : endedBy(scope, abort, watched, message, sent), abort, isDirect: false }
}
