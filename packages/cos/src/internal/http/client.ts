/** The client: attempts at a request, repaired and retried, and signatures for requests that others send. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { CosClient, Located, Presigned, Settings, SigningWindow } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import type { AccessKey, Credentials } from "../../Credentials.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { invalidInput } from "../encoding/invalidInput.js"
import { isDuration } from "../time/isDuration.js"
import { attempt, type SendAndDecode } from "./attempt.js"
import { AttemptWatch } from "./attemptWatch.js"
import * as calls from "./call.js"
import * as clientState from "./clientState.js"
import { locate } from "./locate.js"
import { beginToEnd } from "./onEnd.js"
import { withQuietHeaders } from "./redact.js"
import { renewAccessKey, repair } from "./repairs.js"
import type { Request } from "./request.js"
import { beginRetry, mayRetry, policyProblem, retry } from "./retry.js"
import { AllowStaleCredentials, CurrentBucket, inheritPolicy } from "./settingPrecedence.js"
import * as sign from "./sign.js"
import * as telemetry from "./telemetry.js"

type ClientState = clientState.ClientState

export const make = (
  settings: Settings = {}
): Effect.Effect<CosClient.Service, never, HttpClient.HttpClient | Credentials> =>
  Effect.gen(function* () {
    const client = yield* clientState.make(settings)
    const http = (settings.transformClient ?? ((client) => client))(yield* HttpClient.HttpClient)
    const direct = client.transport.direct?.(http as HttpClient.HttpClient)
    return {
      settings,
      transport: client.transport,
      hash: client.hash,
      execute: (request, expected, decode) =>
        execute(client, request, expected, { http, direct, decode, scope: undefined }),
      executeScoped: (request, expected, decode) =>
        Effect.flatMap(Effect.scope, (scope) => execute(client, request, expected, { http, direct, decode, scope })),
      locate: (request) => locateWithUrl(client, request),
      signingWindow: (operation, expiresIn) => signingWindow(client, operation, expiresIn),
      presign: (request, expiresIn) => presign(client, request, expiresIn)
    } satisfies CosClient.Service
  })

const execute = <A, E, R>(
  client: ClientState,
  input: Request,
  expected: ReadonlyArray<CosError.ServiceErrorClass>,
  exchange: SendAndDecode<A, E, R>
): Effect.Effect<A, any, any> =>
  Effect.withFiberRuntime((fiber) => {
    const context = fiber.currentContext
    const located = locate(client, input, Context.get(context, CurrentBucket))
    if (Either.isLeft(located)) return Effect.fail(located.left)
    const current = Context.get(context, RetryPolicy.CurrentPolicy)
    const wrong = current && policyProblem(current)
    if (wrong !== undefined) return Effect.fail(new CosError.InvalidInput({ operation: input.operation, ...wrong }))
    const policy = inheritPolicy(current, client.settings)
    const allowStale = Context.get(context, AllowStaleCredentials)
    const onFailure = Context.get(context, AttemptWatch)?.()
    const { request, signed } = located.right
    const begun = Effect.map(telemetry.begin(request, client.settings.traceObjectKeys ?? false, fiber), (recorder) => {
      const call = calls.begin(client, located.right, expected, recorder)
      const accessKey = !signed
        ? Effect.succeedNone
        : allowStale
          ? accessKeyOrLast(client, call)
          : client.credentials.get
      const once = Effect.suspend(() => {
        call.attempts += 1
        return Effect.flatMap(accessKey, (found) =>
          attempt(client, call, exchange, Option.getOrUndefined(found), signed ? client.remoteSigner : undefined)
        )
      })
      type Attempt = typeof once
      const repaired = (self: Attempt): Attempt =>
        Effect.catchAll(self, (error) => {
          onFailure?.(error)
          // The clock and the access key are put right for later calls even where this body cannot be sent again.
          return Effect.flatMap(repair(error, call, client), (again) =>
            again && call.isReplayable ? repaired(once) : Effect.fail(error)
          )
        })
      const isRetried = (error: unknown) => mayRetry(error, call, policy) && beginRetry(error, call, client, policy)
      const run = retry(once, { while: isRetried, schedule: policy.schedule }, repaired)
      return { run, end: finish(client, recorder, call.running) }
    })
    return beginToEnd(begun)
  })

/** What is done at the end. It lives on for longer than the call, so it does not know the request. */
const finish =
  ({ retryBudget }: ClientState, recorder: telemetry.Recorder, running: calls.Running) =>
  (exit: Exit.Exit<unknown, unknown>): void => {
    // Whoever gets a response whose body is still to come ends the exchange by its scope.
    if (Exit.isSuccess(exit)) retryBudget.earn()
    else running.stop?.()
    recorder.ended(exit)
  }

/** The access key; where there is none, the last one, even if it is expired or rejected. */
const accessKeyOrLast = (
  { credentials }: ClientState,
  call: calls.Call
): Effect.Effect<Option.Option<AccessKey>, CosError.CredentialsError> =>
  Effect.catchAll(credentials.get, (error) => {
    call.repaired = [...call.repaired, renewAccessKey]
    return Effect.filterOrFail(credentials.last, Option.isSome, () => error)
  })

const locateWithUrl = (client: ClientState, request: Request): Effect.Effect<Located, CosError.InvalidInput> =>
  Effect.flatMap(CurrentBucket, (current) =>
    Either.map(locate(client, { ...request, body: undefined }, current), (located) => ({
      ...located,
      url: sign.unsignedUrl(located.request, located.target)
    }))
  )

/** Unix times have 10 digits. */
const latestTime = 9_999_999_999

/** Signatures for others are valid from so many seconds ago, since the service's clock may be behind. */
const backdated = 60

const signingWindow = (
  client: ClientState,
  operation: string,
  expiresIn: Duration.DurationInput
): Effect.Effect<SigningWindow, CosError.InvalidInput | CosError.CredentialsError> =>
  Effect.gen(function* () {
    if (client.remoteSigner !== undefined) {
      const message = "a request that others send cannot be signed by a remote signer: presign it on the server"
      return yield* new CosError.CredentialsError({ provider: operation, message, transient: false })
    }
    const asked = isDuration(expiresIn) ? Math.floor(Duration.toSeconds(expiresIn)) : 0
    const seconds = Math.floor(((yield* Clock.currentTimeMillis) + client.clockSkew.offset()) / 1000)
    if (!(asked >= 1 && seconds + asked <= latestTime)) {
      return yield* invalidInput(operation, "expiresIn", "must be at least 1 second and end before the year 2286")
    }
    const accessKey = Option.getOrUndefined(yield* client.credentials.get)
    const keyTime = sign.clampToKeyValidity(
      { start: Math.max(0, seconds - backdated), end: seconds + asked },
      accessKey
    )
    if (keyTime.end <= seconds) {
      const message = "the access key has expired, and so would whatever is signed with it"
      return yield* new CosError.CredentialsError({ provider: operation, message, transient: false })
    }
    return { accessKey, keyTime }
  })

const presign = (
  client: ClientState,
  input: Request,
  expiresIn: Duration.DurationInput
): Effect.Effect<Presigned, CosError.InvalidInput | CosError.CredentialsError> =>
  Effect.gen(function* () {
    const { request, signed, target } = yield* locateWithUrl(client, input)
    const { accessKey, keyTime } = yield* signingWindow(client, input.operation, expiresIn)
    const { headers, url } = sign.presign(
      request,
      target,
      { signer: client.signer, accessKey: signed ? accessKey : undefined, signHost: client.signHost },
      keyTime
    )
    return withQuietHeaders({
      method: request.method,
      url: Redacted.make(url),
      headers: Object.fromEntries(headers),
      body: input.body?._tag === "Bytes" ? input.body.bytes : undefined,
      expiresAt: new Date(keyTime.end * 1000)
    })
  })
