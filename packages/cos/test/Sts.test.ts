/** Calls of STS: what is sent, how often, and what comes of it. */
import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Credentials from "effect-cos/Credentials"
import * as Policy from "effect-cos/Policy"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Sts from "effect-cos/Sts"
import { recordingTracer } from "../../../test/support/recordingTracer.js"
import * as Scripted from "./support/ScriptedClient.js"

const caller = { secretId: "AKIDEXAMPLE0000000000000000000000000", secretKey: "EXAMPLEsecretKey000000000000000" }
const json =
  '{"version":"2.0","statement":[{"effect":"allow","action":["name/cos:PutObject"],"resource":["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/dir/*"]}]}'
const policy = Policy.fromJson(json)
const roleArn = "qcs::cam::uin/100000000001:roleName/exampleRole"

const given = {
  Credentials: { Token: "TOKEN-SECRET-0", TmpSecretId: "AKIDTEMPORARY", TmpSecretKey: "KEY-SECRET-00" },
  ExpiredTime: 1_700_001_800,
  Expiration: "2023-11-14T22:43:20Z",
  RequestId: "ed93f3cb"
}
const document = (response: object) => JSON.stringify({ Response: response })
const success: Scripted.Answer = { body: document(given) }
const refusal = (Code: string, more: Scripted.Answer = {}): Scripted.Answer => ({
  body: document({ Error: { Code, Message: `about ${Code}` }, RequestId: "ed93f3cb" }),
  ...more
})

const world = (
  steps: ReadonlyArray<Scripted.Step>,
  settings?: Sts.Settings,
  credentials: Layer.Layer<Credentials.Credentials> = Credentials.layerStatic(caller)
) => {
  const { client, requests } = Scripted.make(steps)
  const layer = Sts.layer(settings).pipe(
    Layer.provide(credentials),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
  )
  return { requests, layer }
}

const now = TestClock.setTime(1_700_000_000_000)
const federation = Effect.zipRight(now, Sts.federationToken({ name: "example", policy }))

/** Lets all the time pass that it waits. */
const settled = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    for (let step = 0; step < 20; step++) yield* TestClock.adjust("10 seconds")
    return yield* Fiber.join(fiber)
  })

describe("federationToken", () => {
  it.effect("is signed as the official SDK signs it", () =>
    Effect.gen(function* () {
      const { layer, requests } = world([success])
      const key = yield* Effect.provide(federation, layer)
      expect(requests).toMatchObject([
        {
          method: "POST",
          url: "https://sts.tencentcloudapi.com/",
          text: JSON.stringify({ Name: "example", Policy: encodeURIComponent(json), DurationSeconds: 1800 }),
          headers: {
            "content-type": "application/json",
            "x-tc-action": "GetFederationToken",
            "x-tc-version": "2018-08-13",
            "x-tc-timestamp": "1700000000",
            "x-tc-region": "ap-guangzhou",
            authorization:
              "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE0000000000000000000000000/2023-11-14/sts/tc3_request, SignedHeaders=content-type;host, Signature=7cdef456ba2d311d0787759668a7c95712c8bd56cb59d3636fcca31161433967"
          }
        }
      ])
      expect(key).toMatchObject({
        secretId: "AKIDTEMPORARY",
        startsAt: new Date(1_700_000_000_000),
        expiresAt: new Date(1_700_001_800_000),
        requestId: "ed93f3cb"
      })
      expect([Redacted.value(key.secretKey), Redacted.value(key.token)]).toEqual(["KEY-SECRET-00", "TOKEN-SECRET-0"])
    })
  )

  it.effect("goes to other hosts and regions, with the token of a temporary key", () =>
    Effect.gen(function* () {
      const temporary = Credentials.layerStatic({ ...caller, token: "TOKEN-OF-CALLER" })
      for (const [endpoint, url] of [
        ["sts.intl.tencentcloudapi.com", "https://sts.intl.tencentcloudapi.com/"],
        ["http://127.0.0.1:5420/", "http://127.0.0.1:5420/"]
      ]) {
        const { layer, requests } = world([success], { endpoint, region: "ap-singapore" }, temporary)
        yield* Effect.provide(federation, layer)
        expect(requests).toMatchObject([
          { url, headers: { "x-tc-region": "ap-singapore", "x-tc-token": "TOKEN-OF-CALLER" } }
        ])
      }
    })
  )
})

it.effect("assumeRole sends what is given, and nothing else", () =>
  Effect.gen(function* () {
    const { layer, requests } = world([success, success])
    yield* Effect.provide(Sts.assumeRole({ roleArn }), layer)
    const mfa = { serialNumber: "qcs:cam:uin/1::mfa/softToken", tokenCode: Redacted.make("123456") }
    yield* Effect.provide(
      Sts.assumeRole({
        roleArn,
        sessionName: "a@b",
        duration: "12 hours",
        policy,
        externalId: "a:b/c",
        sourceIdentity: "ada",
        tags: { a: "1" },
        mfa
      }),
      layer
    )
    expect(requests.map(({ text }) => JSON.parse(text))).toEqual([
      { RoleArn: roleArn, RoleSessionName: "effect-cos", DurationSeconds: 7200 },
      {
        RoleArn: roleArn,
        RoleSessionName: "a@b",
        DurationSeconds: 43_200,
        Policy: encodeURIComponent(json),
        ExternalId: "a:b/c",
        SourceIdentity: "ada",
        Tags: [{ Key: "a", Value: "1" }],
        SerialNumber: "qcs:cam:uin/1::mfa/softToken",
        TokenCode: "123456"
      }
    ])
  })
)

describe("is InvalidInput, and nothing is sent", () => {
  const wrong: ReadonlyArray<
    readonly [field: string, Effect.Effect<unknown, unknown, Sts.Sts>, settings?: Sts.Settings]
  > = [
    ["name", Sts.federationToken({ policy, name: "" })],
    ["name", Sts.federationToken({ policy, name: "a b" })],
    ["duration", Sts.federationToken({ policy, duration: "37 hours" })],
    ["duration", Sts.federationToken({ policy, duration: 0 })],
    ["duration", Sts.federationToken({ policy, duration: 1500 })],
    ["duration", Sts.federationToken({ policy, duration: "a while" as never })],
    ["policy.statement", Sts.federationToken({ policy: { version: "2.0", statement: [] } })],
    ["policy.bucket", Sts.federationToken({ policy: Policy.allow(Policy.upload, { bucket: "photos" }) })],
    ["roleArn", Sts.assumeRole({ roleArn: "exampleRole" })],
    ["roleArn", Sts.assumeRole({ roleArn: undefined as never })],
    ["sessionName", Sts.assumeRole({ roleArn, sessionName: "a" })],
    ["duration", Sts.assumeRole({ roleArn, duration: "13 hours" })],
    ["externalId", Sts.assumeRole({ roleArn, externalId: "a b" })],
    ["sourceIdentity", Sts.assumeRole({ roleArn, sourceIdentity: "" })],
    [
      "tags",
      Sts.assumeRole({ roleArn, tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ""])) })
    ],
    ["timeout", Sts.federationToken({ policy }), { timeout: -1 }],
    ["timeout", Sts.federationToken({ policy }), { timeout: "soon" as never }],
    ["retry.attempts", Sts.federationToken({ policy }), { retry: RetryPolicy.make({ attempts: -1 }) }],
    ["endpoint", Sts.federationToken({ policy }), { endpoint: "https://sts.tencentcloudapi.com/v3?a=b" }]
  ]

  it.effect.each(wrong)("%s", ([field, call, settings]) =>
    Effect.gen(function* () {
      const { layer, requests } = world([], settings)
      const error = yield* Effect.flip(Effect.provide(call, layer))
      expect(error).toMatchObject({ _tag: "InvalidInput", field, reason: expect.stringContaining(`${field} must `) })
      expect(requests).toEqual([])
    })
  )
})

describe("refusals", () => {
  const codes: ReadonlyArray<readonly [code: string, tag: string, sent: number]> = [
    ["AuthFailure.SignatureFailure", "AuthenticationFailed", 1],
    ["AuthFailure.UnauthorizedOperation", "AccessDenied", 1],
    ["UnauthorizedOperation", "AccessDenied", 1],
    ["InvalidParameter.GrantOtherResource", "AccessDenied", 1],
    ["InvalidParameter.StrategyFormatError", "MalformedPolicy", 1],
    ["InvalidParameter.ResouceError", "MalformedPolicy", 1],
    ["InvalidParameter.PolicyTooLong", "MalformedPolicy", 1],
    ["InvalidParameter.OverTimeError", "InvalidArgument", 1],
    ["MissingParameter", "InvalidArgument", 1],
    ["ResourceNotFound.RoleNotFound", "NoSuchRole", 1],
    ["UnsupportedOperation", "CosServiceError", 1],
    ["RequestLimitExceeded.GlobalRegionUinLimitExceeded", "Throttled", 5],
    ["InvalidParameter.OverLimit", "Throttled", 5],
    ["InternalError.DbError", "ServerFault", 5]
  ]

  it.effect.each(codes)("%s is %s", ([code, tag, sent]) =>
    Effect.gen(function* () {
      const { layer, requests } = world(Array.from({ length: sent }, () => refusal(code)))
      const error = yield* Effect.flip(settled(Effect.provide(federation, layer)))
      expect(error).toMatchObject({
        _tag: tag,
        operation: "federationToken",
        status: 200,
        code,
        requestId: "ed93f3cb",
        message: `federationToken: ${code}: about ${code}`
      })
      expect(requests.length).toBe(sent)
    })
  )

  const broken: ReadonlyArray<readonly [what: string, step: Scripted.Step, tag: string]> = [
    ["a gateway's 502", { status: 502, body: "<html>" }, "ServerFault"],
    ["a 429", { status: 429, body: "" }, "Throttled"],
    ["a connection that breaks", { failure: {} }, "TransportError"],
    ["silence", { silence: true }, "TransportError"],
    ["no JSON", { body: "<html>" }, "MalformedResponse"],
    ["no key", { body: document({ RequestId: "1" }) }, "MalformedResponse"],
    ["a key without a time", { body: document({ ...given, ExpiredTime: undefined }) }, "MalformedResponse"],
    [
      "a key with blanks",
      { body: document({ ...given, Credentials: { ...given.Credentials, Token: "a b" } }) },
      "MalformedResponse"
    ],
    [
      "a response without end",
      { body: Stream.repeatEffect(Effect.succeed(new Uint8Array(65_536))) },
      "MalformedResponse"
    ]
  ]

  it.effect.each(broken)("%s: five attempts, and then a typed error", ([, step, tag]) =>
    Effect.gen(function* () {
      const { layer, requests } = world(Array.from({ length: 5 }, () => step))
      expect(yield* Effect.flip(settled(Effect.provide(federation, layer)))).toMatchObject({ _tag: tag })
      expect(requests.length).toBe(5)
    })
  )

  it.effect("a later attempt succeeds; with RetryPolicy.none there is none", () =>
    Effect.gen(function* () {
      const { layer } = world([{ status: 503, body: "" }, refusal("RequestLimitExceeded"), success])
      expect(yield* settled(Effect.provide(federation, layer))).toMatchObject({ secretId: "AKIDTEMPORARY" })
      for (const [settings, policy] of [
        [{ retry: RetryPolicy.none }, undefined],
        [{}, RetryPolicy.none]
      ] as const) {
        const { layer, requests } = world([{ status: 503, body: "" }], settings)
        const call = policy === undefined ? federation : RetryPolicy.withPolicy(federation, policy)
        expect(yield* Effect.flip(Effect.provide(call, layer))).toMatchObject({ _tag: "ServerFault" })
        expect(requests.length).toBe(1)
      }
    })
  )

  it.effect("a wrong clock is corrected once, by the date of the response", () =>
    Effect.gen(function* () {
      const late = refusal("AuthFailure.SignatureExpire", { headers: { date: "Tue, 14 Nov 2023 23:13:20 GMT" } })
      const { layer, requests } = world([late, success, success, refusal("AuthFailure.SignatureExpire")])
      yield* Effect.gen(function* () {
        yield* federation
        yield* federation
        expect(yield* Effect.flip(federation)).toMatchObject({ code: "AuthFailure.SignatureExpire" })
      }).pipe(Effect.provide(layer))
      const times = requests.map(({ headers }) => headers["x-tc-timestamp"])
      expect(times).toEqual(["1700000000", "1700003600", "1700003600", "1700003600"])
    })
  )

  it.effect("a key that was rejected is renewed once", () =>
    Effect.gen(function* () {
      let fetched = 0
      const renewed = Credentials.layerProvider(
        Effect.sync(() => Credentials.accessKey({ ...caller, secretId: `AKID${++fetched}` }))
      )
      const stale = refusal("AuthFailure.TokenFailure")
      const { layer, requests } = world([stale, success, stale, stale], {}, renewed)
      yield* Effect.gen(function* () {
        yield* federation
        expect(yield* Effect.flip(federation)).toMatchObject({ _tag: "AuthenticationFailed" })
      }).pipe(Effect.provide(layer))
      const ids = requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1])
      expect(ids).toEqual(["AKID1", "AKID2", "AKID2", "AKID3"])
    })
  )

  it.effect("without an access key nothing is sent", () =>
    Effect.gen(function* () {
      const { layer, requests } = world([], {}, Credentials.layerAnonymous)
      expect(yield* Effect.flip(Effect.provide(federation, layer))).toMatchObject({ _tag: "CredentialsError" })
      expect(requests).toEqual([])
    })
  )
})

it.effect("no secret is in keys, errors, logs or spans, whatever the service sends back", () =>
  Effect.gen(function* () {
    const left: Array<unknown> = []
    const logger = Logger.make(({ cause, message }) => left.push(message, Cause.pretty(cause)))
    const note = (part: unknown) => left.push(part)
    const tracer = recordingTracer(note, ({ name }) => note(name))
    const token = "TOKEN-OF-CALLER"
    const echo: Scripted.Step = ({ headers }) =>
      refusal("AuthFailure.SignatureFailure", {
        headers: { "x-echo": headers.authorization },
        body: document({
          Error: {
            Code: "AuthFailure.SignatureFailure",
            Message: `${headers.authorization} ${headers["x-tc-token"]} ${caller.secretKey}`
          }
        })
      })
    const steps: ReadonlyArray<Scripted.Step> = [success, echo, { body: document({ ...given, ExpiredTime: "soon" }) }]
    const { layer, requests } = world(steps, { retry: RetryPolicy.none }, Credentials.layerStatic({ ...caller, token }))
    yield* Effect.gen(function* () {
      left.push(yield* federation)
      left.push(yield* Effect.exit(federation))
      left.push(yield* Effect.exit(federation))
      yield* Effect.logInfo(left[0])
    }).pipe(
      Effect.provide(layer),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Effect.withTracer(tracer)
    )
    const signatures = requests.map(({ headers }) => /Signature=(\w+)/.exec(headers.authorization ?? "")?.[1] ?? "?")
    const text = `${inspect(left, { depth: 20, showHidden: true })} ${JSON.stringify(left)}`
    expect(text).toContain("AuthFailure.SignatureFailure")
    for (const secret of [token, caller.secretKey, "TOKEN-SECRET-0", "KEY-SECRET-00", ...signatures]) {
      expect(text).not.toContain(secret)
    }
  })
)

it.effect("a renewal is retried as the provider's, whoever of its users happens to start it", () =>
  Effect.gen(function* () {
    const { layer, requests } = world([refusal("InternalError"), success])
    yield* now
    const keys = Layer.provide(Credentials.layerSts(Sts.federationToken({ policy })), layer)
    const get = Effect.flatMap(Credentials.Credentials, ({ get }) => get)
    yield* settled(Effect.provide(RetryPolicy.withPolicy(get, RetryPolicy.none), keys))
    expect(requests.length).toBe(2)
  })
)
