/**
 * STS: who gets temporary keys, and what these may do.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it, layer as suite } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { bucket, type Send, send } from "./support/client.js"
import * as Sts from "./support/sts.js"

const emulator = layer({ buckets: [bucket, "logs-1250000000"], strict: true })

const resource = (path: string, region = "ap-guangzhou", appId = "1250000000") =>
  `qcs::cos:${region}:uid/${appId}:${path}`

const statement = (action: string | ReadonlyArray<string>, path = `${bucket}/dir/*`, more: object = {}) => ({
  effect: "allow",
  action,
  resource: path === "*" ? "*" : resource(path),
  ...more
})

const policyOf = (...statements: ReadonlyArray<object>) => ({ version: "2.0", statement: statements })

const federation = (policy: object = policyOf(statement("name/cos:PutObject")), more: Sts.Fields = {}): Sts.Fields => ({
  Action: "GetFederationToken",
  Name: "cos-sts-nodejs",
  Policy: Sts.encode(policy),
  ...more
})

const role = (more: Sts.Fields = {}): Sts.Fields => ({
  Action: "AssumeRole",
  RoleArn: "qcs::cam::uin/100000000001:roleName/uploader",
  RoleSessionName: "session",
  ...more
})

interface Key {
  readonly secretId: string
  readonly secretKey: Redacted.Redacted
  readonly token?: string
}

/** The status, or the code of the refusal. */
const ask = (key: Key, method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD", options: Send = {}) =>
  Effect.map(
    send(method, {
      ...options,
      as: key,
      headers: { ...(key.token === undefined ? {} : { "x-cos-security-token": key.token }), ...options.headers }
    }),
    ({ code, status }) => code ?? status
  )

describe("signatures of STS", () => {
  const caller = {
    secretId: "AKIDEXAMPLE0000000000000000000000000",
    secretKey: Redacted.make("EXAMPLEsecretKey000000000000000")
  }
  const policy =
    '{"version":"2.0","statement":[{"effect":"allow","action":["name/cos:PutObject"],"resource":["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/dir/*"]}]}'
  const world = layer({ credentials: [caller] })
  const request = (headers: Record<string, string>, body: string) =>
    Effect.gen(function* () {
      yield* Sts.at(1_700_000_000)
      const client = yield* HttpClient.HttpClient
      const response = yield* client.execute(
        HttpClientRequest.post("https://sts.tencentcloudapi.com/", { headers }).pipe(
          HttpClientRequest.bodyText(body, headers["content-type"])
        )
      )
      return JSON.parse(yield* response.text).Response
    })

  it.effect.each([
    ["GetFederationToken", "9/5hvRPwot0rY8bLsRdRiVhlzgs=", { Action: "GetFederationToken", Name: "cos-sts-nodejs" }],
    [
      "AssumeRole",
      "MF5gV1KsUF/CuMXWrE1I3YinZtc=",
      {
        Action: "AssumeRole",
        RoleSessionName: "cos-sts-nodejs",
        RoleArn: "qcs::cam::uin/100000000001:roleName/exampleRole"
      }
    ]
  ] as const)("as qcloud-cos-sts makes them: %s", ([, Signature, fields]) =>
    Effect.gen(function* () {
      const body = new URLSearchParams({
        SecretId: caller.secretId,
        Timestamp: "1700000000",
        Nonce: "15000",
        DurationSeconds: "1800",
        Version: "2018-08-13",
        Region: "ap-guangzhou",
        Policy: encodeURIComponent(policy),
        ...fields,
        Signature
      })
      const response = yield* request({ "content-type": "application/x-www-form-urlencoded" }, body.toString())
      expect(response).toMatchObject({ ExpiredTime: 1_700_001_800, Expiration: "2023-11-14T22:43:20Z" })
    }).pipe(Effect.provide(world))
  )

  it.effect("as the SDKs of Tencent Cloud's API make them, with TC3-HMAC-SHA256", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ Name: "example", Policy: encodeURIComponent(policy), DurationSeconds: 1800 })
      const response = yield* request(
        {
          "content-type": "application/json",
          "x-tc-action": "GetFederationToken",
          "x-tc-version": "2018-08-13",
          "x-tc-timestamp": "1700000000",
          authorization: `TC3-HMAC-SHA256 Credential=${caller.secretId}/2023-11-14/sts/tc3_request, SignedHeaders=content-type;host, Signature=7cdef456ba2d311d0787759668a7c95712c8bd56cb59d3636fcca31161433967`
        },
        body
      )
      expect(Object.keys(response.Credentials)).toEqual(["Token", "TmpSecretId", "TmpSecretKey"])
      const [entry] = yield* Effect.flatMap(Emulator, ({ journal }) => journal)
      expect(entry).toMatchObject({ operation: "federationToken", signature: "header", secretId: caller.secretId })
    }).pipe(Effect.provide(world))
  )

  it.effect("are taken under every host of STS, with HmacSHA256, and under a host of one's own", () =>
    Effect.gen(function* () {
      for (const host of [
        "sts.intl.tencentcloudapi.com",
        "sts.ap-guangzhou.tencentcloudapi.com",
        "cos.emulator:8080"
      ]) {
        expect((yield* Sts.form(federation(), { host })).code).toBeUndefined()
        expect((yield* Sts.json(federation(), { host })).code).toBeUndefined()
      }
      expect((yield* Sts.form(federation(), { method: "HmacSHA256" })).code).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )

  it.effect("that do not hold are refused with status 200, each with its code", () =>
    Effect.gen(function* () {
      const nobody = { secretId: "AKIDNOBODY", secretKey: Redacted.make("x") }
      for (const by of [Sts.form, Sts.json]) {
        const code = (options: Sts.Send, fields: Sts.Fields = federation()) =>
          Effect.map(by(fields, options), ({ code, status }) => [status, code])
        expect(yield* code({ as: nobody })).toEqual([200, "AuthFailure.SecretIdNotFound"])
        expect(yield* code({ signature: "00" })).toEqual([200, "AuthFailure.SignatureFailure"])
        expect(yield* code({ ago: 301 })).toEqual([200, "AuthFailure.SignatureExpire"])
        expect(yield* code({ ago: -299 })).toEqual([200, undefined])
        expect(yield* code({ version: "2017-03-12" })).toEqual([200, "NoSuchVersion"])
        expect(yield* code({}, federation(undefined, { Action: "GetSessionToken" }))).toEqual([200, "InvalidAction"])
      }
    }).pipe(Effect.provide(emulator))
  )
})

describe("temporary keys", () => {
  it.effect("are refused where the request is wrong", () =>
    Effect.gen(function* () {
      const code = (fields: Sts.Fields) => Effect.map(Sts.json(fields), ({ code }) => code)
      const raw = (Policy: string) => code({ ...federation(), Policy })
      expect(yield* raw("%")).toBe("InvalidParameter.StrategyFormatError")
      expect(yield* raw("{")).toBe("InvalidParameter.StrategyFormatError")
      expect(yield* raw("")).toBe("MissingParameter")
      const policies: ReadonlyArray<readonly [object, string]> = [
        [policyOf(), "InvalidParameter.StrategyFormatError"],
        [policyOf({ effect: "permit", action: "*", resource: "*" }), "InvalidParameter.StrategyFormatError"],
        [policyOf({ effect: "allow", action: [], resource: "*" }), "InvalidParameter.StrategyFormatError"],
        [policyOf(statement("*", "*", { condition: { like: { a: "b" } } })), "InvalidParameter.StrategyFormatError"],
        [policyOf({ effect: "allow", action: "*", resource: `${bucket}/*` }), "InvalidParameter.ResouceError"],
        [
          policyOf({ effect: "allow", action: "*", resource: resource("b-1/*", "ap-guangzhou", "1") }),
          "InvalidParameter.GrantOtherResource"
        ]
      ]
      for (const [policy, expected] of policies)
        expect([policy, yield* code(federation(policy))]).toEqual([policy, expected])
      expect(yield* code(federation(undefined, { Name: "" }))).toBe("MissingParameter")
      expect(yield* code(federation(undefined, { DurationSeconds: 7201 }))).toBe("InvalidParameter.OverTimeError")
      expect(yield* code(federation(undefined, { DurationSeconds: 0 }))).toBe("InvalidParameter.ParamError")
      expect(yield* code(role({ DurationSeconds: 43_201 }))).toBe("InvalidParameter.OverTimeError")
      expect(yield* code(role({ RoleSessionName: "a b" }))).toBe("InvalidParameter.ParamError")
      expect(yield* code(role({ RoleArn: "uploader" }))).toBe("InvalidParameter.ParamError")
      expect(yield* code(role({ RoleArn: "qcs::cam::uin/1:roleName/uploader" }))).toBe("ResourceNotFound.RoleNotFound")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("obey their policy, need their token, and end", () =>
    Effect.gen(function* () {
      const { clock } = yield* Emulator
      const { key } = yield* Sts.form(federation(undefined, { DurationSeconds: 900 }))
      const put = (key: Key, path: string) => ask(key, "PUT", { key: path, body: "x" })
      expect(yield* put(key, "dir/a")).toBe(200)
      expect(yield* put(key, "other/a")).toBe("AccessDenied")
      expect(yield* ask(key, "GET", { key: "dir/a" })).toBe("AccessDenied")
      const { token: _, ...withoutToken } = key
      expect(yield* put(withoutToken, "dir/a")).toBe("InvalidAccessKeyId")
      expect(yield* put({ ...key, token: "another" }, "dir/a")).toBe("InvalidAccessKeyId")
      expect(yield* put({ ...key, secretKey: Redacted.make("another") }, "dir/a")).toBe("SignatureDoesNotMatch")
      yield* clock.adjust("14 minutes")
      expect(yield* ask({ ...key }, "PUT", { key: "dir/a", body: "x" })).toBe(200)
      yield* clock.adjust("1 minute")
      expect(yield* put(key, "dir/a")).toBe("ExpiredToken")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("may do no more than who asked for them", () =>
    Effect.gen(function* () {
      const { addCredentials } = yield* Emulator
      const limited = { secretId: "AKIDLIMITED", secretKey: Redacted.make("s") }
      yield* addCredentials({ ...limited, permissions: [{ actions: ["PutObject"], prefix: "dir/mine/" }] })
      const all = policyOf(statement("name/cos:*", "*"))
      const { key } = yield* Sts.json(federation(all, { DurationSeconds: 129_600 }), { as: limited })
      expect(yield* ask(key, "PUT", { key: "dir/mine/a", body: "x" })).toBe(200)
      expect(yield* ask(key, "PUT", { key: "dir/a", body: "x" })).toBe("AccessDenied")
      const temporary = { ...key, token: Redacted.make(key.token) }
      expect((yield* Sts.json(federation(), { as: temporary })).code).toBe("InvalidParameter.AccessKeyNotSupport")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("of a role have its rights, less what their policy leaves out; a temporary key may assume one", () =>
    Effect.gen(function* () {
      const { key } = yield* Sts.json(role())
      expect(yield* ask(key, "PUT", { key: "dir/a", body: "x" })).toBe(200)
      expect(yield* ask(key, "PUT", { key: "other", body: "x" })).toBe("AccessDenied")
      expect((yield* Sts.json(role({ RoleArn: "qcs::cam::uin/100000000001:roleName/nobody" }))).code).toBe(
        "ResourceNotFound.RoleNotFound"
      )
      const policy = Sts.encode(policyOf(statement("name/cos:PutObject", `${bucket}/dir/b*`)))
      const as = { ...key, token: Redacted.make(key.token) }
      const chained = yield* Sts.form(role({ Policy: policy }), { as })
      expect(yield* ask(chained.key, "PUT", { key: "dir/b", body: "x" })).toBe(200)
      expect(yield* ask(chained.key, "PUT", { key: "dir/a", body: "x" })).toBe("AccessDenied")
      expect((yield* Sts.form(role(), { as: { ...as, token: Redacted.make("x") } })).code).toBe(
        "AuthFailure.TokenFailure"
      )
    }).pipe(
      Effect.provide(
        layer({ buckets: [bucket], roles: [{ name: "uploader", permissions: [{ actions: ["*"], prefix: "dir/" }] }] })
      )
    )
  )

  it.effect("are seen by the control service, without secrets, until they are removed", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const policy = policyOf(statement("name/cos:PutObject"))
      const { key } = yield* Sts.json(federation(policy, { Name: "page" }))
      const sessions = yield* emulator.sessions
      expect(sessions).toMatchObject([
        {
          secretId: key.secretId,
          action: "GetFederationToken",
          name: "page",
          issuedTo: emulator.credentials.secretId,
          policy
        }
      ])
      expect(JSON.stringify(sessions)).not.toContain(key.token)
      expect(JSON.stringify(yield* emulator.journal)).not.toContain(key.token)
      yield* emulator.removeCredentials(key.secretId)
      expect(yield* emulator.sessions).toEqual([])
      expect(yield* ask(key, "PUT", { key: "dir/a", body: "x" })).toBe("InvalidAccessKeyId")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("faults act on STS by its operations' names", () =>
    Effect.gen(function* () {
      const { fault } = yield* Emulator
      yield* fault({ on: { operation: "federationToken" }, do: Fault.status(503, { code: "InternalError" }) })
      yield* fault({ on: { operation: "assumeRole" }, do: Fault.status(200, { code: "RequestLimitExceeded" }) })
      expect(yield* Sts.json(federation())).toMatchObject({ status: 503, code: "InternalError" })
      expect(yield* Sts.form(role())).toMatchObject({ status: 200, code: "RequestLimitExceeded" })
      expect((yield* Sts.form(role())).code).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )
})

suite(emulator)("policies of sessions", (it) => {
  type Case = readonly [
    title: string,
    statements: ReadonlyArray<object>,
    method: "GET" | "PUT" | "POST",
    Send,
    expected: unknown
  ]

  const put: Send = { key: "dir/a", body: "x" }
  const denied = "AccessDenied"
  const when = (condition: object) => [statement("*", "*", { condition })]

  const cases: ReadonlyArray<Case> = [
    ["an action with a wildcard", [statement("name/cos:Put*")], "PUT", put, 200],
    ["actions are case-sensitive", [statement("name/cos:putobject")], "PUT", put, denied],
    ["actions of other products are others", [statement("name/ci:*")], "PUT", put, denied],
    ["all actions", [statement("*")], "PUT", put, 200],
    ["an action without its prefix", [statement("cos:PutObject")], "PUT", put, 200],
    ["* in a resource spans slashes", [statement("*", `${bucket}/*/c`)], "PUT", { ...put, key: "a/b/c" }, 200],
    ["one object", [statement("*", `${bucket}/dir/a`)], "PUT", { ...put, key: "dir/ab" }, denied],
    ["another region", [{ ...statement("*"), resource: resource(`${bucket}/*`, "ap-beijing") }], "PUT", put, denied],
    ["any region", [{ ...statement("*"), resource: resource(`${bucket}/*`, "*") }], "PUT", put, 200],
    ["another bucket", [statement("*", "logs-1250000000/*")], "PUT", put, denied],
    ["the old spelling of a resource", [statement("*", "prefix//1250000000/photos/dir/*")], "PUT", put, 200],
    ["deny wins", [statement("*"), { ...statement("name/cos:PutObject"), effect: "deny" }], "PUT", put, denied],
    [
      "deny of something else",
      [statement("*"), { ...statement("name/cos:GetObject"), effect: "deny" }],
      "PUT",
      put,
      200
    ],
    ["a bucket by <bucket>/", [statement("name/cos:GetBucket", `${bucket}/`)], "GET", {}, 200],
    ["a bucket by <bucket>/*", [statement("name/cos:GetBucket", `${bucket}/*`)], "GET", {}, 200],
    ["a listing of a prefix", [statement("name/cos:GetBucket")], "GET", { query: { prefix: "dir/" } }, 200],
    ["a listing of more than the prefix", [statement("name/cos:GetBucket")], "GET", { query: { prefix: "d" } }, denied],
    [
      "the list of buckets by *",
      [statement("name/cos:GetService", "*")],
      "GET",
      { host: "service.cos.myqcloud.com" },
      200
    ],
    [
      "the list of buckets by a bucket",
      [statement("name/cos:GetService", `${bucket}/*`)],
      "GET",
      { host: "service.cos.myqcloud.com" },
      denied
    ],
    [
      "a header",
      when({ string_equal: { "cos:content-type": ["a/b", "c/d"] } }),
      "PUT",
      { ...put, headers: { "content-type": "c/d" } },
      200
    ],
    [
      "another header",
      when({ string_equal: { "cos:content-type": "a/b" } }),
      "PUT",
      { ...put, headers: { "content-type": "c/d" } },
      denied
    ],
    ["a missing header", when({ string_equal: { "cos:x-cos-acl": "private" } }), "PUT", put, denied],
    ["a missing header if it exists", when({ string_equal_if_exist: { "cos:x-cos-acl": "private" } }), "PUT", put, 200],
    ["a missing header must be missing", when({ null_equal: { "cos:x-cos-acl": true } }), "PUT", put, 200],
    ["a size", when({ numeric_less_than_equal: { "cos:content-length": 1 } }), "PUT", put, 200],
    ["too large a size", when({ numeric_less_than: { "cos:content-length": "1" } }), "PUT", put, denied],
    [
      "a pattern",
      when({ string_like: { "cos:content-type": "image/*" } }),
      "PUT",
      { ...put, headers: { "content-type": "image/png" } },
      200
    ],
    [
      "not a pattern",
      when({ string_not_like: { "cos:content-type": ["image/*"] } }),
      "PUT",
      { ...put, headers: { "content-type": "image/png" } },
      denied
    ],
    [
      "an encoded prefix",
      when({ string_equal: { "cos:prefix": "dir%2F" } }),
      "GET",
      { query: { prefix: "dir/" } },
      200
    ],
    ["an address", when({ ip_equal: { "qcs:ip": ["10.0.0.0/8", "127.0.0.0/8"] } }), "PUT", put, 200],
    ["not an address", when({ ip_not_equal: { "qcs:ip": "127.0.0.1" } }), "PUT", put, denied],
    ["without TLS", when({ bool_equal: { "cos:secure-transport": true } }), "PUT", put, denied],
    ["after a date", when({ date_greater_than: { "qcs:current_time": "2999-01-01T00:00:00Z" } }), "PUT", put, denied],
    [
      "all operators and keys",
      when({ string_equal: { "cos:content-type": "a/b" }, ip_equal: { "qcs:ip": "10.0.0.1" } }),
      "PUT",
      { ...put, headers: { "content-type": "a/b" } },
      denied
    ],
    [
      "for any value",
      when({ "for_any_value:string_equal": { "cos:content-type": "a/b" } }),
      "PUT",
      { ...put, headers: { "content-type": "a/b" } },
      200
    ]
  ]

  it.effect.each(cases)("%s", ([, statements, method, options, expected]) =>
    Effect.gen(function* () {
      const { key } = yield* Sts.json(federation(policyOf(...statements)))
      expect(yield* ask(key, method, options)).toBe(expected)
    })
  )

  it.effect("copies need the source as well, by any of their names", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "source", body: "x" })
      const copy: Send = {
        key: "dir/copy",
        headers: { "x-cos-copy-source": `${bucket}.cos.ap-guangzhou.myqcloud.com/source` }
      }
      const keyOf = (...statements: ReadonlyArray<object>) =>
        Effect.map(Sts.json(federation(policyOf(...statements))), ({ key }) => key)
      const read = statement("name/cos:GetObject", `${bucket}/source`)
      for (const action of ["name/cos:PutObject", "name/cos:PutObjectCopy"]) {
        expect(yield* ask(yield* keyOf(statement(action)), "PUT", copy)).toBe(denied)
        expect(yield* ask(yield* keyOf(statement(action), read), "PUT", copy)).toBe(200)
      }
    })
  )
})
