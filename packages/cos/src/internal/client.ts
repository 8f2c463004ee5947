/** One attempt after another: resolve, sign, send, decode; correct what can be corrected; retry what the policy says. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { CosClient, Presigned, Settings, TimeLimits } from "../CosClient.js"
import * as CosError from "../CosError.js"
import * as CosTransport from "../CosTransport.js"
import { Credentials, type Keys } from "../Credentials.js"
import * as Endpoint from "../Endpoint.js"
import { Hash } from "../Hash.js"
import * as ObjectKey from "../ObjectKey.js"
import * as RetryPolicy from "../RetryPolicy.js"
import * as Signature from "../Signature.js"
import { CurrentBucket } from "./currentBucket.js"
import type { Request } from "./request.js"
import * as requests from "./request.js"
import * as responses from "./response.js"
import * as telemetry from "./telemetry.js"
import * as text from "./text.js"
import * as timeLimit from "./timeLimit.js"

const defaultTimeLimits: TimeLimits = { attempt: "30 seconds", minBytesPerSecond: 65_536, idle: "30 seconds" }

/** A difference under this is not blamed for a refusal. */
const smallSkew = 30_000

const headerName = /^[\w!#$%&'*+.^`|~-]+$/

/** Headers of which a request has one, and that one is ours. */
const ownHeaders = new Set(["authorization", "host"])

interface Problem {
  readonly field: string
  readonly limit: string
}

/** What of a request no transport, or not this one, would send unchanged. */
const unsendable = (request: Request, transport: CosTransport.Capabilities): Problem | undefined => {
  const { body, headers, key, query } = request
  if (key !== undefined) {
    const valid = ObjectKey.validate(key)
    if (Either.isLeft(valid)) return valid.left
    if (!transport.rawPath && ObjectKey.hasDotSegments(key)) {
      const limit = "free of . and .. segments, which this HTTP client would resolve: use a transport with a raw path"
      return { field: "key", limit }
    }
  }
  const names = new Set<string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (!headerName.test(name)) return { field: name, limit: "a token, as the name of a header" }
    if (ownHeaders.has(lower)) return { field: name, limit: "absent: the client sets it" }
    if (names.has(lower)) return { field: name, limit: "given once" }
    if (!text.isHeaderValue(value)) return { field: name, limit: text.headerValue }
    names.add(lower)
  }
  names.clear()
  for (const [name, value] of query) {
    if (!text.isWellFormed(name) || !text.isWellFormed(value)) return { field: name, limit: text.wellFormed }
    const lower = name.toLowerCase()
    if (names.has(lower)) return { field: name, limit: "given once" }
    names.add(lower)
  }
  if (body?._tag === "Sized" && !transport.contentLength) {
    return { field: "body", limit: "bytes: this HTTP client sends a stream without its length, which COS needs" }
  }
  return undefined
}

const isAuthExpired = (error: unknown): boolean =>
  error instanceof CosError.AuthenticationFailed &&
  (error.code === "ExpiredToken" || error.code === "InvalidAccessKeyId")

const isStrangeRedirect = (error: unknown): boolean =>
  error instanceof CosError.CosServiceError &&
  (error.status === 301 || error.status === 302 || error.status === 307) &&
  error.requestId === undefined

/** Whether a failure leaves open that it came from COS itself. */
const isNotFromCos = (error: unknown): boolean =>
  error instanceof CosError.TransportError || (error instanceof CosError.ServerFault && error.requestId === undefined)

/** Nothing of the request was acted upon. */
const wasNotDone = (error: unknown): boolean =>
  error instanceof CosError.Throttled ||
  error instanceof CosError.CredentialsError ||
  (error instanceof CosError.TransportError && error.phase === "connect")

/** Unix times have 10 digits. */
const latestTime = 9_999_999_999

/** What is signed for others is valid from so many seconds ago: the service's clock may be behind. */
const backdated = 60

const invalid = (request: Request, problem: Problem) =>
  new CosError.InvalidInput({ operation: request.operation, ...problem })

export const make = Effect.fnUntraced(function* (settings: Settings = {}) {
  const transport = yield* CosTransport.CosTransport
  const credentials = yield* Credentials
  const hash = yield* Hash
  const signer = Signature.make(hash)
  const http = (settings.transformClient ?? ((client) => client))(yield* HttpClient.HttpClient)
  const httpScoped = HttpClient.withScope(http)

  const endpoint = settings.endpoint ?? Endpoint.standard
  const limits = { ...defaultTimeLimits, ...settings.timeLimits }
  const attemptLimit = Duration.decode(limits.attempt)
  const within = timeLimit.make()
  const responseLimits: responses.Limits = {
    within,
    idle: Duration.decode(limits.idle),
    maxDocument: settings.maxDocumentBytes ?? 16 * 1024 * 1024
  }
  const signsHost = settings.signHost ?? true
  const ownPolicy = settings.retry ?? RetryPolicy.default
  const budgetSize = settings.retryBudget ?? 100

  // State of this client, shared by its fibers and by nothing else.
  let budget = budgetSize
  let clockOffset = 0

  const now = Effect.map(Clock.currentTimeMillis, (millis) => millis + clockOffset)

  /** Fills in bucket and region, and refuses what cannot be sent unchanged. */
  const complete = (request: Request): Effect.Effect<Request, CosError.InvalidInput> =>
    Effect.flatMap(CurrentBucket, (current) => {
      const problem = unsendable(request, transport)
      if (problem !== undefined) return Effect.fail(invalid(request, problem))
      const bucket = request.host === "service" ? undefined : (request.bucket ?? current.bucket ?? settings.bucket)
      // The service host lists the buckets of every region.
      const region = request.host === "service" ? request.region : (request.region ?? current.region ?? settings.region)
      const completed = { ...request, bucket, region }
      const { copySource } = request
      if (copySource === undefined) return Effect.succeed(completed)
      return Either.match(
        // Whatever the endpoint, a source is named by its standard host.
        Endpoint.resolve(Endpoint.standard, {
          host: "bucket",
          bucket: copySource.bucket ?? bucket,
          region: copySource.region ?? region
        }),
        {
          onLeft: ({ field, limit }) => Effect.fail(invalid(request, { field: `source.${field}`, limit })),
          onRight: ({ host }) => {
            const version =
              copySource.versionId === undefined ? "" : `?versionId=${Signature.encode(copySource.versionId)}`
            const source = `${host}/${ObjectKey.encode(copySource.key)}${version}`
            return Effect.succeed({
              ...completed,
              headers: [...request.headers, ["x-cos-copy-source", source] as const]
            })
          }
        }
      )
    })

  const resolve = (request: Request): Effect.Effect<Endpoint.Resolved, CosError.InvalidInput> =>
    Either.match(Endpoint.resolve(endpoint, request), {
      onLeft: (problem) => Effect.fail(invalid(request, problem)),
      onRight: Effect.succeed
    })

  const timeFor = (request: Request): Duration.Duration =>
    request.body === undefined
      ? attemptLimit
      : Duration.sum(attemptLimit, Duration.seconds(request.body.size / limits.minBytesPerSecond))

  /** The first error of the body's source, which the transport hides in one of its own. */
  const watchSource = (request: Request): { readonly request: Request; readonly failure: () => unknown } => {
    const { body } = request
    if (body?._tag !== "Sized") return { request, failure: () => undefined }
    let failure: unknown
    const stream = Stream.tapError(body.stream, (error) =>
      Effect.sync(() => {
        failure = error
      })
    )
    return { request: { ...request, body: { ...body, stream } }, failure: () => failure }
  }

  const send = (
    request: Request,
    client: HttpClient.HttpClient.With<any, any>,
    message: HttpClientRequest.HttpClientRequest,
    sourceFailure: () => unknown
  ) => {
    const limit = timeFor(request)
    const sent = Effect.mapError(telemetry.untraced(client.execute(message)), (error) => {
      const failure = sourceFailure()
      if (failure === undefined) return responses.transportError(request, error)
      return failure instanceof CosError.SourceChanged
        ? failure
        : new CosError.SourceFailed({ operation: request.operation, key: request.key, cause: failure })
    })
    return within(sent, limit, () => responses.timeout(request, "answer", limit))
  }

  const execute =
    (client: HttpClient.HttpClient.With<any, any>) =>
    <A, E, R>(
      input: Request,
      expected: ReadonlyArray<CosError.ServiceErrorClass>,
      decode: (answer: responses.Answer) => Effect.Effect<A, E, R>
    ): Effect.Effect<A, any, any> =>
      Effect.gen(function* () {
        const request = yield* complete(input)
        const standard = yield* resolve(request)
        const policy = (yield* RetryPolicy.CurrentPolicy) ?? ownPolicy
        const replayable = request.body === undefined || request.body.replayable

        let target = standard
        let attempts = 0
        let lostAnswer = false
        let used: { readonly keys: Keys | undefined; readonly offset: number } = { keys: undefined, offset: 0 }

        const attempt = Effect.gen(function* () {
          attempts += 1
          const keys = Option.getOrUndefined(yield* credentials.get)
          used = { keys, offset: clockOffset }
          const watched = watchSource(request)
          const message = requests.make(
            watched.request,
            target,
            { signer, keys, signHost: signsHost },
            yield* now,
            transport.hostHeader,
            attempts > 1 ? [["x-cos-sdk-retry", "true"]] : []
          )
          yield* telemetry.countAttempt(request)
          const response = yield* send(request, client, message, watched.failure)
          yield* telemetry.answered(attempts, response.status, response.headers["x-cos-request-id"])
          const answer = responses.answer(request, response, responseLimits, lostAnswer)
          if (response.status >= 200 && response.status < 300) return yield* decode(answer)
          const document = yield* Effect.orElseSucceed(answer.text, () => "")
          return yield* Effect.fail(
            responses.serviceError(
              answer,
              document,
              expected,
              yield* Clock.currentTimeMillis
            ) as CosError.CosServiceError
          )
        })

        /** What one more attempt, made at once, can put right. Each at most once. */
        const repairs = { clock: true, keys: true, stale: true, host: true }
        const repaired: typeof attempt = Effect.catchAll(attempt, (error) =>
          // A wrong clock and refused keys are put right also where this body cannot be sent again.
          Effect.flatMap(repair(error), (again) => (again && replayable ? repaired : Effect.fail(error)))
        )
        const repair = (error: unknown): Effect.Effect<boolean> =>
          Effect.flatMap(Clock.currentTimeMillis, (millis) => {
            if (
              repairs.clock &&
              (settings.correctClockSkew ?? true) &&
              CosError.isClockSkew(error, millis + used.offset)
            ) {
              repairs.clock = false
              return Effect.succeed(correctClock(error, millis))
            }
            if (repairs.keys && used.keys !== undefined && isAuthExpired(error)) {
              repairs.keys = false
              return Effect.as(credentials.invalidate(used.keys), true)
            }
            if (repairs.stale && request.idempotent && isStale(error)) {
              repairs.stale = false
              lostAnswer = true
              return Effect.succeed(true)
            }
            if (repairs.host && mayLeave() && isStrangeRedirect(error)) {
              repairs.host = false
              target = Endpoint.backup(standard)
              return Effect.succeed(true)
            }
            return Effect.succeed(false)
          })
        const correctClock = (error: unknown, millis: number): boolean => {
          if (clockOffset !== used.offset) return true
          const serverTime = (error as CosError.AccessDenied).serverTime
          if (serverTime === undefined) return false
          const offset = serverTime.getTime() - millis
          if (Math.abs(offset - clockOffset) < smallSkew) return false
          clockOffset = offset
          return true
        }
        const mayLeave = (): boolean => (settings.backupDomain ?? true) && standard.hasBackup

        const again = (error: unknown): boolean => {
          if (!policy.while(error) || !replayable || !(request.idempotent || wasNotDone(error)) || budget < 1)
            return false
          budget -= 1
          if (!wasNotDone(error)) lostAnswer = true
          if (attempts >= policy.attempts - 1 && mayLeave() && isNotFromCos(error)) target = Endpoint.backup(standard)
          return true
        }
        const result = yield* telemetry.operation(
          Effect.retry(repaired, { while: again, schedule: policy.schedule }),
          request,
          { bucket: request.bucket, region: request.region, keys: settings.traceKeys ?? false }
        )
        budget = Math.min(budgetSize, budget + 0.1)
        return result
      })

  const locate = (request: Request) =>
    Effect.flatMap(complete({ ...request, body: undefined }), (request) =>
      Effect.map(resolve(request), (target) => ({ request, target, url: requests.url(request, target) }))
    )

  const grant = Effect.fnUntraced(function* (operation: string, expiresIn: Duration.DurationInput) {
    const asked = Math.floor(Duration.toSeconds(expiresIn))
    const seconds = Math.floor((yield* now) / 1000)
    if (asked < 1 || seconds + asked > latestTime) {
      return yield* new CosError.InvalidInput({
        operation,
        field: "expiresIn",
        limit: "at least 1 second, and over before the year 2286"
      })
    }
    const keys = Option.getOrUndefined(yield* credentials.get)
    const time = requests.within({ start: Math.max(0, seconds - backdated), end: seconds + asked }, keys)
    if (time.end <= seconds) {
      const message = "the keys have expired, and so would whatever is signed with them"
      return yield* new CosError.CredentialsError({ provider: operation, message, transient: false })
    }
    return { keys, time }
  })

  const service: CosClient.Service = {
    settings,
    transport,
    hash,
    execute: (request, expected, decode) => Effect.scoped(execute(http)(request, expected, decode)),
    executeScoped: execute(httpScoped) as CosClient.Service["executeScoped"],
    locate,
    grant,
    presign: Effect.fnUntraced(function* (input: Request, expiresIn: Duration.DurationInput) {
      const { request, target } = yield* locate(input)
      const { keys, time } = yield* grant(input.operation, expiresIn)
      const { headers, url } = requests.presign(request, target, { signer, keys, signHost: signsHost }, time)
      return {
        method: request.method,
        url: Redacted.make(url),
        headers: Object.fromEntries(headers),
        body: input.body?._tag === "Bytes" ? input.body.bytes : undefined,
        expiresAt: new Date(time.end * 1000)
      } satisfies Presigned
    })
  }
  return service
})

const isStale = (error: unknown): boolean => error instanceof CosError.TransportError && error.staleConnection === true
