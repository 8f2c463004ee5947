/** One attempt after another: resolve, sign, send, decode; correct what can be corrected; retry what the policy says. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { CosClient, Located, Presigned, Settings, TimeLimits } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import * as CosTransport from "../../CosTransport.js"
import { type AccessKey, Credentials } from "../../Credentials.js"
import * as Endpoint from "../../Endpoint.js"
import { Hash } from "../../Hash.js"
import * as ObjectKey from "../../ObjectKey.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as Signature from "../../Signature.js"
import * as text from "../encoding/text.js"
import { AllowStaleCredentials } from "./allowStaleCredentials.js"
import { CurrentBucket } from "./currentBucket.js"
import { invalidInput } from "./invalidInput.js"
import type { Request } from "./request.js"
import * as requests from "./request.js"
import * as responses from "./response.js"
import * as telemetry from "./telemetry.js"
import * as timeLimit from "./timeLimit.js"

const defaultTimeLimits: TimeLimits = { attempt: "30 seconds", minBytesPerSecond: 65_536, idle: "30 seconds" }

/** A difference under this is not blamed for a refusal. */
const smallSkew = 30_000

const headerName = /^[\w!#$%&'*+.^`|~-]+$/

/** Headers of which a request has one, and that one is ours. */
const ownHeaders = new Set(["authorization", "host"])

interface Problem {
  readonly field: string
  readonly reason: string
}

/** What of a request no transport, or not this one, would send unchanged. */
const unsendable = (request: Request, transport: CosTransport.Capabilities): Problem | undefined => {
  const { body, headers, key, query } = request
  if (key !== undefined) {
    const valid = ObjectKey.validate(key)
    if (Either.isLeft(valid)) return valid.left
    if (!transport.rawPath && ObjectKey.hasDotSegments(key)) {
      const rule =
        "must not have . or .. segments, which this HTTP client would resolve: use a transport with a raw path"
      return broken("key", rule)
    }
  }
  const names = new Set<string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (!headerName.test(name)) return broken(name, "must be a token to name a header")
    if (ownHeaders.has(lower)) return broken(name, "must be absent: the client sets it")
    if (names.has(lower)) return broken(name, "must be given once")
    if (!text.isHeaderValue(value)) return broken(name, text.headerValue)
    names.add(lower)
  }
  names.clear()
  for (const [name, value] of query) {
    if (!text.isWellFormed(name) || !text.isWellFormed(value)) return broken(name, text.wellFormed)
    const lower = name.toLowerCase()
    if (names.has(lower)) return broken(name, "must be given once")
    names.add(lower)
  }
  if (body?._tag === "Sized" && !transport.contentLength) {
    return broken("body", "must be bytes: this HTTP client sends a stream without its length, which COS needs")
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

/** A request with nothing left to fill in, and where it goes. */
type Completed = Omit<Located, "url">

const broken = (field: string, rule: string): Problem => ({ field, reason: `${field} ${rule}` })

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
  const reading: Omit<responses.Reading, "abort" | "received"> = {
    within,
    rawBody: transport.rawBody,
    readInto: transport.readInto,
    idle: Duration.decode(limits.idle),
    maxDocument: settings.maxDocumentBytes ?? 16 * 1024 * 1024
  }
  const signsHost = settings.signHost ?? true
  const correctsClock = settings.correctClockSkew ?? true
  // A redirect is an answer: followed, it would take the signature to another host. Of the clients only fetch follows.
  const unredirected: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = transport.hostHeader
    ? identity
    : Effect.mapInputContext((context) =>
        Context.add(context, FetchHttpClient.RequestInit, {
          ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
          redirect: "manual"
        })
      )
  const ownPolicy = settings.retry ?? RetryPolicy.default
  const budgetSize = settings.retryBudget ?? 100

  // State of this client, shared by its fibers and by nothing else.
  let budget = budgetSize
  let clockOffset = 0

  /** The header that names what is copied. Whatever the endpoint, a source is named by its standard host. */
  const sourceHeader = ({ bucket, copySource, region }: Request): Either.Either<requests.Pairs, Problem> =>
    copySource === undefined
      ? Either.right([])
      : Endpoint.resolve(Endpoint.standard, {
          host: "bucket",
          bucket: copySource.bucket ?? bucket,
          region: copySource.region ?? region
        }).pipe(
          Either.map(({ host }): requests.Pairs => {
            const { key, versionId } = copySource
            const version = versionId === undefined ? "" : `?versionId=${Signature.encode(versionId)}`
            return [["x-cos-copy-source", `${host}/${ObjectKey.encode(key)}${version}`]]
          }),
          Either.mapLeft(({ field, reason }) => ({ field: `source.${field}`, reason: `source.${reason}` }))
        )

  /** Fills in bucket and region, and refuses what cannot be sent unchanged. */
  const complete = (
    input: Request,
    current: Context.Tag.Service<CurrentBucket>
  ): Either.Either<Completed, CosError.InvalidInput> => {
    const refuse = (problem: Problem) => Either.left(invalid(input, problem))
    const problem = unsendable(input, transport)
    if (problem !== undefined) return refuse(problem)
    // The service host lists the buckets of every region.
    const isService = input.host === "service"
    const bucket = isService ? undefined : (input.bucket ?? current.bucket ?? settings.bucket)
    const region = isService ? input.region : (input.region ?? current.region ?? settings.region)
    const request = { ...input, bucket, region }
    const source = sourceHeader(request)
    if (Either.isLeft(source)) return refuse(source.left)
    const target = Endpoint.resolve(endpoint, request)
    if (Either.isLeft(target)) return refuse(target.left)
    return Either.right({
      request: source.right.length === 0 ? request : { ...request, headers: [...input.headers, ...source.right] },
      target: target.right
    })
  }

  /** Whether one more attempt may do better by what the service says of its own clock. */
  const correctClock = (error: unknown, millis: number, usedOffset: number): boolean => {
    if (clockOffset !== usedOffset) return true
    const serverTime = (error as CosError.AccessDenied).serverTime
    if (serverTime === undefined) return false
    const offset = serverTime.getTime() - millis
    if (Math.abs(offset - clockOffset) < smallSkew) return false
    clockOffset = offset
    return true
  }

  const timeFor = (request: Request): Duration.Duration =>
    request.body === undefined
      ? attemptLimit
      : Duration.sum(attemptLimit, Duration.millis(Math.round((request.body.size / limits.minBytesPerSecond) * 1000)))

  /** The first error of the body's source, or of its size, which the transport hides in one of its own. */
  const watchSource = (request: Request): { readonly request: Request; readonly failure: () => unknown } => {
    const { body } = request
    if (body?._tag !== "Sized") return { request, failure: () => undefined }
    let failure: unknown
    const isWrong = invalidInput(request.operation, "body", `must be as long as its size says: ${body.size} bytes`)
    const stream = Stream.tapError(exactly(body.stream, body.size, isWrong), (error) =>
      Effect.sync(() => {
        failure = error
      })
    )
    return { request: { ...request, body: { ...body, stream } }, failure: () => failure }
  }

  /** What the client does with a message, and how to end that, if it can be ended but by an interrupt. */
  const exchange = (client: HttpClient.HttpClient.With<any, any>, message: HttpClientRequest.HttpClientRequest) => {
    const { abort } = transport
    // A body that is a stream has finalizers to wait for, as an interrupt does.
    if (abort === undefined || message.body._tag === "Stream") {
      return { run: Effect.zipRight(telemetry.untraced, unredirected(client.execute(message))), abort: undefined }
    }
    // A client that was made of another may change what it passes on.
    let final = message
    const watched = HttpClient.transform(client, (self, request) => {
      final = request
      return self
    })
    return { run: watched.execute(message), abort: () => abort(final) }
  }

  const execute =
    (client: HttpClient.HttpClient.With<any, any>) =>
    <A, E, R>(
      input: Request,
      expected: ReadonlyArray<CosError.ServiceErrorClass>,
      decode: (answer: responses.Response) => Effect.Effect<A, E, R>
    ): Effect.Effect<A, any, any> =>
      Effect.contextWithEffect((context: Context.Context<never>) => {
        const completed = complete(input, Context.get(context, CurrentBucket))
        if (Either.isLeft(completed)) return Effect.fail(completed.left)
        const { request, target: standard } = completed.right
        const policy = Context.get(context, RetryPolicy.CurrentPolicy) ?? ownPolicy
        const replayable = request.body === undefined || request.body.replayable
        const mayLeave = (settings.backupDomain ?? true) && standard.hasBackup
        const { bucket, region } = request

        return telemetry.operation(
          request,
          { bucket, region, keys: settings.traceObjectKeys ?? false },
          (told, clock) => {
            let target = standard
            let attempts = 0
            let lostAnswer = false
            let used: { readonly keys: AccessKey | undefined; readonly offset: number } = { keys: undefined, offset: 0 }

            const sendOnce = (found: Option.Option<AccessKey>) => {
              const keys = Option.getOrUndefined(found)
              used = { keys, offset: clockOffset }
              const watched = watchSource(request)
              const message = requests.make(
                watched.request,
                target,
                { signer, keys, signHost: signsHost },
                clock.unsafeCurrentTimeMillis() + clockOffset,
                transport.hostHeader,
                attempts > 1 ? [["x-cos-sdk-retry", "true"]] : []
              )
              const { abort, run } = exchange(client, message)
              const limit = timeFor(request)
              const sent = Effect.mapError(run, (error) => {
                const failure = watched.failure()
                if (failure === undefined) return responses.transportError(request, error)
                return failure instanceof CosError.SourceChanged || failure instanceof CosError.InvalidInput
                  ? failure
                  : new CosError.SourceFailed({ operation: request.operation, key: request.key, cause: failure })
              })
              const late = () => responses.timeout(request, "response", limit)
              told.sending()
              return Effect.flatMap(
                within(() => sent, limit, late, abort),
                (response): Effect.Effect<A, any, any> => {
                  told.answered(attempts, response.status, responses.requestIdOf(response.headers))
                  const { received } = told
                  const answer = responses.answer(request, response, { ...reading, abort, received }, lostAnswer)
                  if (response.status >= 200 && response.status < 300) return decode(answer)
                  return Effect.flatMap(Effect.orElseSucceed(answer.text, noDocument), (document) =>
                    Effect.fail(responses.serviceError(answer, document, expected, clock.unsafeCurrentTimeMillis()))
                  )
                }
              )
            }
            /** What one more attempt, made at once, can put right. Each at most once. */
            const repairs = { clock: true, keys: true, stale: true, host: true }
            const keys = Context.get(context, AllowStaleCredentials)
              ? Effect.catchAll(credentials.get, (error) => {
                  // Refused once more, they are not renewed once more.
                  repairs.keys = false
                  return Effect.filterOrFail(credentials.last, Option.isSome, () => error)
                })
              : credentials.get
            const attempt = Effect.suspend(() => {
              attempts += 1
              return Effect.flatMap(keys, sendOnce)
            })

            const repair = (error: unknown): Effect.Effect<boolean> => {
              const millis = clock.unsafeCurrentTimeMillis()
              if (repairs.clock && correctsClock && CosError.isClockSkew(error, millis + used.offset)) {
                repairs.clock = false
                return Effect.succeed(correctClock(error, millis, used.offset))
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
              if (repairs.host && mayLeave && isStrangeRedirect(error)) {
                repairs.host = false
                target = Endpoint.backup(standard)
                return Effect.succeed(true)
              }
              return Effect.succeed(false)
            }
            const repaired: typeof attempt = Effect.catchAll(attempt, (error) =>
              // A wrong clock and refused keys are put right also where this body cannot be sent again.
              Effect.flatMap(repair(error), (again) => (again && replayable ? repaired : Effect.fail(error)))
            )

            const again = (error: unknown): boolean => {
              if (!policy.while(error) || !replayable || !(request.idempotent || wasNotDone(error)) || budget < 1)
                return false
              budget -= 1
              if (!wasNotDone(error)) lostAnswer = true
              if (attempts >= policy.attempts - 1 && mayLeave && isNotFromCos(error)) target = Endpoint.backup(standard)
              return true
            }
            return Effect.map(retry(repaired, { while: again, schedule: policy.schedule }), (value) => {
              budget = Math.min(budgetSize, budget + 0.1)
              told.succeeded()
              return value
            })
          }
        )
      })

  const locate = (request: Request): Effect.Effect<Located, CosError.InvalidInput> =>
    Effect.flatMap(CurrentBucket, (current) =>
      Either.map(complete({ ...request, body: undefined }, current), ({ request, target }) => ({
        request,
        target,
        url: requests.url(request, target)
      }))
    )

  const signingWindow = Effect.fnUntraced(function* (operation: string, expiresIn: Duration.DurationInput) {
    const asked = Math.floor(Duration.toSeconds(expiresIn))
    const seconds = Math.floor(((yield* Clock.currentTimeMillis) + clockOffset) / 1000)
    if (asked < 1 || seconds + asked > latestTime) {
      return yield* invalidInput(operation, "expiresIn", "must be at least 1 second and end before the year 2286")
    }
    const keys = Option.getOrUndefined(yield* credentials.get)
    const time = requests.within({ start: Math.max(0, seconds - backdated), end: seconds + asked }, keys)
    if (time.end <= seconds) {
      const message = "the keys have expired, and so would whatever is signed with them"
      return yield* new CosError.CredentialsError({ provider: operation, message, transient: false })
    }
    return { accessKey: keys, keyTime: time }
  })

  const service: CosClient.Service = {
    settings,
    transport,
    hash,
    execute: execute(http),
    executeScoped: execute(httpScoped) as CosClient.Service["executeScoped"],
    locate,
    signingWindow,
    presign: Effect.fnUntraced(function* (input: Request, expiresIn: Duration.DurationInput) {
      const { request, target } = yield* locate(input)
      const { accessKey: keys, keyTime: time } = yield* signingWindow(input.operation, expiresIn)
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

/** Fails before there is a byte too much, and at the end if there were too few. */
const exactly = <A, E>(self: Stream.Stream<Uint8Array, A>, size: number, error: E): Stream.Stream<Uint8Array, A | E> =>
  Stream.suspend(() => {
    let sent = 0
    const counted = Stream.mapChunksEffect(self, (chunk) => {
      for (const bytes of chunk) sent += bytes.byteLength
      return sent > size ? Effect.fail(error) : Effect.succeed(chunk)
    })
    return Stream.concat(
      counted,
      Stream.suspend(() => (sent < size ? Stream.fail(error) : Stream.empty))
    )
  })

const noDocument = () => ""

/** `Effect.retry`, whose machinery is not set up for what succeeds at once. */
const retry = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  options: { readonly while: (error: E) => boolean; readonly schedule: Schedule.Schedule<unknown, unknown> }
): Effect.Effect<A, E, R> =>
  Effect.catchAll(self, (first) => {
    let begun = false
    const again = Effect.suspend(() => {
      if (begun) return self
      begun = true
      return Effect.fail(first)
    })
    return Effect.retry(again, options)
  })

const isStale = (error: unknown): boolean => error instanceof CosError.TransportError && error.staleConnection === true
