/** Errors that came from a response carry its status, its request id and its headers, and none of its secrets. */
import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "./support/ScriptedClient.js"

type Run = Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>

const secretKey = "SECRET-KEY-0000000000"
const token = "SECRET-TOKEN-000000"
const credentials = Credentials.layerStatic({ secretId: Scripted.keys.secretId, secretKey, token })

const failure = (run: Run, ...steps: ReadonlyArray<Scripted.Step>) =>
  Effect.gen(function* () {
    const { layer } = Scripted.make(steps, { credentials, settings: { retry: RetryPolicy.none } })
    const exit = yield* Effect.exit(Effect.scoped(Effect.provide(run, layer)))
    const error = yield* Effect.flip(exit)
    return { error: error as Partial<CosError.ServiceFields> & { readonly _tag: string }, exit }
  })

const key = "key"
const read = Effect.flatMap(Cos.getObject({ key }), ({ body }) => Stream.runDrain(body))
const found = { etag: '"a"', "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT", "x-edge": "edge-7" }
const cut = Stream.concat(Stream.make(new Uint8Array(3)), Stream.fail("reset"))
const short = { ...found, "content-length": "5" }

const rows: ReadonlyArray<readonly [tag: string, status: number, Run, Scripted.Step]> = [
  ["NoSuchKey", 404, read, Scripted.error(404, "NoSuchKey", { headers: { "x-edge": "edge-7" } })],
  ["NotModified", 304, Cos.headObject({ key }), { status: 304, headers: { "x-edge": "edge-7" } }],
  ["ServerFault", 502, Cos.headBucket(), { status: 502, body: "<html>", headers: { "x-edge": "edge-7" } }],
  ["CosServiceError", 302, Cos.headBucket(), { status: 302, headers: { "x-edge": "edge-7" } }],
  ["MalformedResponse", 200, Cos.getBucketCors(), { body: "<cut", headers: { "x-edge": "edge-7" } }],
  ["MalformedResponse", 200, Cos.putObject({ key, body: "a" }), { headers: { "x-edge": "edge-7" } }],
  ["MalformedResponse", 200, Cos.getBucketCors(), { body: new Uint8Array([0xff]), headers: { "x-edge": "edge-7" } }],
  ["MalformedResponse", 200, Download.text({ key }), { body: new Uint8Array([0xff]), headers: found }],
  ["MalformedResponse", 200, Download.bytes({ key, range: { start: 1 } }), { body: "abc", headers: found }],
  ["TruncatedBody", 200, read, { body: Stream.make(new Uint8Array(3)), headers: short }],
  ["TransportError", 200, read, { body: cut, headers: short }],
  [
    "MalformedResponse",
    200,
    Stream.runDrain(
      Cos.selectObjectContent({
        key,
        expression: "select * from COSObject",
        input: { json: { type: "LINES" } },
        output: { json: {} }
      })
    ),
    { body: new Uint8Array(64), headers: { "x-edge": "edge-7" } }
  ]
]

describe("what came", () => {
  it.effect.each(rows)("%s of %d carries status, request id and headers", ([tag, status, run, step]) =>
    Effect.gen(function* () {
      const { error } = yield* failure(run, step)
      expect(error).toMatchObject({ _tag: tag, status, requestId: Scripted.requestId })
      expect(error.headers).toMatchObject({ "x-edge": "edge-7", "x-cos-request-id": Scripted.requestId })
    })
  )

  it.effect("is nothing where no response came", () =>
    Effect.gen(function* () {
      const { error } = yield* failure(Cos.headBucket(), { failure: { code: "ECONNREFUSED" } })
      expect(error._tag).toBe("TransportError")
      expect([error.status, error.requestId, error.headers]).toEqual([undefined, undefined, undefined])
    })
  )

  it.effect("survives JSON", () =>
    Effect.gen(function* () {
      const { error } = yield* failure(
        Cos.deleteBucket(),
        Scripted.error(409, "BucketNotEmpty", { headers: { "x-edge": "edge-7" } })
      )
      const json = yield* Schema.encode(CosError.BucketNotEmpty)(error as CosError.BucketNotEmpty)
      const back = yield* Schema.decode(CosError.BucketNotEmpty)(JSON.parse(JSON.stringify(json)))
      expect(back.headers).toEqual(error.headers)
    })
  )
})

/** What must not be read anywhere, by the header that it comes in. */
const hidden: ReadonlyArray<readonly [name: string, value: string, secrets: ReadonlyArray<string>, kept?: string]> = [
  ["set-cookie", "session=c00kie-jar; Path=/", ["c00kie-jar"]],
  ["authorization", "q-sign-algorithm=sha1&q-signature=0123456789abcdef", ["0123456789abcdef"]],
  ["proxy-authorization", "Basic dXNlcjpwYXNzd29yZA==", ["dXNlcjpwYXNzd29yZA=="]],
  ["x-gateway-auth", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", ["eyJhbGciOiJIUzI1NiJ9"]],
  ["x-cos-security-token", "another-token-of-theirs", ["another-token-of-theirs"]],
  ["x-cos-server-side-encryption-customer-key", "a2V5LW9mLXRoZS1jdXN0b21lcg==", ["a2V5LW9mLXRoZS1jdXN0b21lcg=="]],
  ["x-api-key", "an-api-key-of-theirs", ["an-api-key-of-theirs"]],
  ["location", "https://ada:hunter22@login.example/a", ["hunter22"], "login.example/a"],
  ["location", "/login?return=x&sign=q1-w2-e3", ["q1-w2-e3"], "/login?"],
  [
    "location",
    "https://b.example/k?q-sign-algorithm=sha1&q-sign-time=1;2&q-ak=AKID&q-signature=abcdef&x-cos-security-token=t0k3n",
    ["abcdef", "t0k3n", "AKID"],
    "b.example/k?"
  ],
  ["x-next", "see https://a.example/#access_token=fr4gm3nt", ["fr4gm3nt"], "see https://a.example/#"],
  ["link", '<https://a.example/p?sig=l1nk>; rel="next"', ["l1nk"], 'rel="next"'],
  ["x-echo", `key ${secretKey} token ${token}`, [secretKey, token], "key <redacted>"]
]

describe("secrets in the headers of a response", () => {
  const steps: ReadonlyArray<
    readonly [string, Run, (headers: { readonly [name: string]: string }) => Scripted.Answer]
  > = [
    ["a refusal", Cos.headBucket(), (headers) => Scripted.error(403, "AccessDenied", { headers })],
    ["a malformed response", Cos.getBucketCors(), (headers) => ({ body: "<cut", headers })],
    [
      "a body that is cut",
      read,
      (headers) => ({ body: Stream.make(new Uint8Array(3)), headers: { ...short, ...headers } })
    ],
    ["a body that is reset", read, (headers) => ({ body: cut, headers: { ...short, ...headers } })],
    [
      "text that is none",
      Download.text({ key }),
      (headers) => ({ body: new Uint8Array([255]), headers: { ...found, ...headers } })
    ]
  ]

  it.effect.each(
    hidden.flatMap(([name, value, secrets, kept]) =>
      steps.map(([what, run, step]) => ({ name, what, run, step: step({ [name]: value }), secrets, kept }))
    )
  )("$name of $what", ({ kept, name, run, secrets, step }) =>
    Effect.gen(function* () {
      const { error, exit } = yield* failure(run, step)
      expect(error.headers).toHaveProperty(name)
      if (kept !== undefined) expect(error.headers?.[name]).toContain(kept)
      const seen = [
        inspect(exit, { depth: 9 }),
        JSON.stringify(error),
        JSON.stringify(error.headers),
        String(error),
        Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : ""
      ].join("\n")
      for (const secret of secrets) expect(seen).not.toContain(secret)
    })
  )

  it.effect("the MD5 of a customer's key is none", () =>
    Effect.gen(function* () {
      const customerKey = Redacted.make(Buffer.alloc(32, 7))
      const { error } = yield* failure(Cos.headObject({ key, customerKey }), ({ headers }) => ({
        status: 400,
        headers: {
          "x-cos-server-side-encryption-customer-key-md5": headers["x-cos-server-side-encryption-customer-key-md5"]
        }
      }))
      expect(error.headers?.["x-cos-server-side-encryption-customer-key-md5"]).toMatch(/^.{22}==$/)
    })
  )
})
