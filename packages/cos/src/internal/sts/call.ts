/** One call of STS: signed, sent, repaired, retried, decoded. */

import type * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as CosError from "../../CosError.js"
import type { AccessKey, Credentials } from "../../Credentials.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import type { Settings, StsError, TemporaryKey } from "../../Sts.js"
import { check } from "../credentials/accessKey.js"
import { guard } from "../credentials/guard.js"
import { quietClient } from "../credentials/quietClient.js"
import { smallText } from "../credentials/smallText.js"
import { invalidInput } from "../encoding/invalidInput.js"
import * as ClockSkew from "../http/clockSkew.js"
import { factsOf, malformed, withoutSecrets } from "../http/headers.js"
import { redactCause, redacted } from "../http/redact.js"
import { policyProblem, retry } from "../http/retry.js"
import { timeout, transportError } from "../http/transportError.js"
import { withSpan } from "../http/useSpan.js"
import { withoutRedirects } from "../http/withoutRedirects.js"
import { checkOption, duration } from "../operation/options.js"
import { runInterruptible } from "../time/runBounded.js"
import { classOf } from "./serviceError.js"
import * as Tc3 from "./tc3.js"

/** What is asked for. `fields` is the body. */
export interface StsCall {
  /** As the SDK names it. */
  readonly operation: string
  readonly action: string
  readonly fields: { readonly [name: string]: unknown }
  /** Seconds. */
  readonly duration: number
}

export interface StsState {
  readonly http: HttpClient.HttpClient.With<HttpClientError, Scope.Scope>
  readonly credentials: Credentials.Service
  readonly clockSkew: ClockSkew.ClockSkew
  readonly settings: Settings
}

const version = "2018-08-13"
const contentType = "application/json"
const defaultTimeout = "10 seconds"

export const makeState = (
  settings: Settings,
  client: HttpClient.HttpClient,
  credentials: Credentials.Service
): StsState => ({
  http: quietClient(client),
  credentials: guard(credentials, settings.timeout ?? defaultTimeout),
  clockSkew: ClockSkew.make(),
  settings
})

interface Endpoint {
  readonly origin: string
  readonly host: string
}

/** A host, or a URL without a path. */
const endpointOf = (
  operation: string,
  endpoint = "sts.tencentcloudapi.com"
): Either.Either<Endpoint, CosError.InvalidInput> => {
  const [, scheme = "https", host] =
    /^(?:(https?):\/\/)?([a-z0-9.-]+(?::\d+)?|\[[0-9a-f:.]+\](?::\d+)?)\/?$/i.exec(endpoint) ?? []
  return host === undefined
    ? Either.left(invalidInput(operation, "endpoint", "must be a host, such as sts.tencentcloudapi.com, or its URL"))
    : Either.right({
        origin: `${scheme}://${host}`,
        host: host.toLowerCase().replace(scheme === "https" ? /:443$/ : /:80$/, "")
      })
}

const Document = Schema.parseJson(
  Schema.Struct({
    Response: Schema.Struct({
      RequestId: Schema.optional(Schema.String),
      Error: Schema.optional(Schema.Struct({ Code: Schema.String, Message: Schema.optional(Schema.String) })),
      Credentials: Schema.optional(
        Schema.Struct({ Token: Schema.String, TmpSecretId: Schema.String, TmpSecretKey: Schema.String })
      ),
      /** Seconds since 1970. */
      ExpiredTime: Schema.optional(Schema.Int)
    })
  })
)
const decode = Schema.decodeOption(Document)

/** Bytes. A document has about 2,000. */
const largest = 256 * 1024

const textOf = (request: StsCall, origin: string, response: HttpClientResponse): Effect.Effect<string, StsError> =>
  smallText(response, () => malformed(request, response, "the response is too large"), largest).pipe(
    Effect.catchTag("ResponseError", (error) =>
      Effect.fail(transportError(summaryOf(request), origin, error, factsOf(response)))
    )
  )

const summaryOf = ({ operation }: StsCall) =>
  ({ operation, method: "POST", host: "service", bucket: undefined, key: undefined }) as const

const dateOf = (text: string | undefined): Date | undefined => {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** The key, or the refusal, of a response. What it says is left out of errors, since it may hold the key. */
const read = (request: StsCall, response: HttpClientResponse, text: string): Either.Either<TemporaryKey, StsError> => {
  const document = Option.getOrUndefined(decode(text))?.Response
  const { headers, status } = response
  const refusal = document?.Error
  if (refusal !== undefined || status < 200 || status >= 300) {
    const code = refusal?.Code ?? String(status)
    const message = `${request.operation}: ${code}${refusal?.Message === undefined ? "" : `: ${refusal.Message}`}`
    return Either.left(
      new (classOf(code, status))({
        operation: request.operation,
        status,
        code,
        message,
        requestId: document?.RequestId,
        serverTime: dateOf(headers.date),
        headers: withoutSecrets(headers)
      }) as StsError
    )
  }
  const { Credentials: found, ExpiredTime: expired, RequestId: requestId } = document ?? {}
  if (found === undefined || expired === undefined || expired <= 0) {
    return Either.left(malformed(request, response, "the response is no temporary key"))
  }
  const key = {
    secretId: found.TmpSecretId,
    secretKey: Redacted.make(found.TmpSecretKey),
    token: Redacted.make(found.Token),
    startsAt: new Date((expired - request.duration) * 1000),
    expiresAt: new Date(expired * 1000)
  }
  return check(request.operation, key).pipe(
    Either.mapLeft(() => malformed(request, response, "the temporary key cannot be used")),
    Either.map(() => ({ ...key, requestId }))
  )
}

const attempt = (
  state: StsState,
  request: StsCall,
  { host, origin }: Endpoint,
  accessKey: AccessKey,
  now: number
): Effect.Effect<TemporaryKey, StsError> => {
  const body = JSON.stringify(request.fields)
  const timestamp = Math.floor(now / 1000)
  const message = HttpClientRequest.post(`${origin}/`, {
    headers: {
      "x-tc-action": request.action,
      "x-tc-version": version,
      "x-tc-timestamp": String(timestamp),
      "x-tc-region": state.settings.region ?? "ap-guangzhou",
      ...(accessKey.token === undefined ? undefined : { "x-tc-token": Redacted.value(accessKey.token) }),
      authorization: Tc3.authorization({
        service: "sts",
        host,
        contentType,
        body,
        timestamp,
        secretId: accessKey.secretId,
        secretKey: Redacted.value(accessKey.secretKey)
      })
    }
  }).pipe(HttpClientRequest.bodyText(body, contentType))
  const limit = Duration.decode(state.settings.timeout ?? defaultTimeout)
  const exchange = Effect.scoped(
    Effect.mapInputContext(state.http.execute(message), withoutRedirects<Scope.Scope>).pipe(
      Effect.mapError((error) => transportError(summaryOf(request), origin, error)),
      Effect.flatMap((response) =>
        Effect.flatMap(textOf(request, origin, response), (text) => read(request, response, text))
      )
    )
  )
  const bounded: Effect.Effect<TemporaryKey, StsError> = runInterruptible(exchange, {
    limit,
    onTimeout: () => timeout(summaryOf(request), origin, "response", limit)
  })
  return redacted(bounded, (cause) => redactCause(cause, message, accessKey))
}

const noAccessKey = (operation: string) =>
  new CosError.CredentialsError({
    provider: operation,
    message: "there is no access key, and STS answers nobody without one",
    transient: false
  })

const staleKey = /^AuthFailure\.(?:TokenFailure|SecretIdNotFound|InvalidSecretId)$/

/** Runs a call. Each repair is made at most once: the clock, and the access key. */
export const run = (state: StsState, request: StsCall): Effect.Effect<TemporaryKey, StsError> =>
  Effect.gen(function* () {
    const endpoint = yield* endpointOf(request.operation, state.settings.endpoint)
    const policy = (yield* RetryPolicy.CurrentPolicy) ?? state.settings.retry ?? RetryPolicy.default
    const wrong = policyProblem(policy)
    if (wrong !== undefined) return yield* new CosError.InvalidInput({ operation: request.operation, ...wrong })
    yield* checkOption(request.operation, "timeout", state.settings.timeout, duration)
    let mayCorrectClock = true
    let mayRenewKey = true
    const once: Effect.Effect<TemporaryKey, StsError> = Effect.gen(function* () {
      const accessKey = Option.getOrUndefined(yield* state.credentials.get)
      if (accessKey === undefined) return yield* noAccessKey(request.operation)
      const offset = state.clockSkew.offset()
      const now = yield* Clock.currentTimeMillis
      return yield* attempt(state, request, endpoint, accessKey, now + offset).pipe(
        Effect.catchTag("AuthenticationFailed", (error) => {
          if (mayCorrectClock && error.code === "AuthFailure.SignatureExpire") {
            mayCorrectClock = false
            return state.clockSkew.learn(error.serverTime, now, offset) ? once : Effect.fail(error)
          }
          if (mayRenewKey && staleKey.test(error.code)) {
            mayRenewKey = false
            return Effect.zipRight(state.credentials.invalidate(accessKey), once)
          }
          return Effect.fail(error)
        })
      )
    })
    return yield* retry(once, { while: policy.while, schedule: policy.schedule })
  }).pipe(withSpan(`Sts.${request.operation}`, "client"))
