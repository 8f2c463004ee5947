/** The programs of the cookbook: the pages show them as they are, and they send what they should. */
import { readFileSync } from "node:fs"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Cos from "effect-cos/Cos"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import { resultOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"
import { verify } from "../support/verify.js"
import * as rapid from "./rapidBucket.js"
import { rename } from "./rename.js"

const file = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it.each([
  ["rename.md", "rename.ts"],
  ["rapid-bucket.md", "rapidBucket.ts"]
])("%s shows %s", (page, program) => {
  expect(file(`../../docs/cookbook/${page}`)).toContain(`\`\`\`ts\n${file(program)}\`\`\`\n`)
})

describe("rename", () => {
  it.effect("is one signed request, sent once", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* resultOf(rename("a/文 b", "c/d"), {})
      expect(result).toMatchObject({ _tag: "Right" })
      const [request] = requests
      if (request === undefined) return
      expect([request.method, request.host, request.target]).toEqual(["PUT", Scripted.host, "/c/d?rename="])
      expect(request.headers["x-cos-rename-source"]).toBe("/a/%E6%96%87%20b")
      expect(verify(request, Scripted.keys)).toBe(true)
      for (const step of [Scripted.error(503, "SlowDown"), Scripted.error(500, "InternalError"), { failure: {} }]) {
        expect((yield* resultOf(rename("a", "b"), step)).requests.length).toBe(1)
      }
    })
  )
})

describe("Rapid Bucket", () => {
  const bucket = "examplebucket-x--1250000000"
  const host = `${bucket}.cosrapid.${Scripted.region}.myqcloud.com`
  const session = (number: number, expiration: string) => ({
    body:
      `<CreateSessionResult><Credentials><AccessKeyId>AKID-OF-SESSION-${number}</AccessKeyId>` +
      `<SecretAccessKey>KEY-OF-SESSION-${number}</SecretAccessKey><SessionToken>TOKEN-${number}</SessionToken>` +
      `<Expiration>${expiration}</Expiration></Credentials></CreateSessionResult>`
  })
  const run = <A, E>(
    self: Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof rapid.layer>>>,
    ...steps: ReadonlyArray<Scripted.Step>
  ) =>
    Effect.gen(function* () {
      const scripted = Scripted.make(steps)
      const layer = rapid
        .layer(bucket, Scripted.region, Credentials.layerStatic(Scripted.keys))
        .pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, scripted.client)),
          Layer.provide(CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true, rawBody: true }))
        )
      return { result: yield* Effect.either(Effect.provide(self, layer)), requests: scripted.requests }
    })

  it.effect("opens a session with the key of the account, and works with that of the session", () =>
    Effect.gen(function* () {
      const stored = { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT", "content-length": "1" }
      const both = Effect.zipRight(Cos.headObject({ key: "k" }), rapid.renameObject("k", "l", { overwrite: false }))
      const { requests, result } = yield* run(both, session(1, "2032-01-01T00:00:00Z"), { headers: stored }, {})
      expect(result).toMatchObject({ _tag: "Right" })
      expect(requests.map(({ host, method, target }) => [method, host, target])).toEqual([
        ["GET", host, "/?session="],
        ["HEAD", host, "/k"],
        ["PUT", host, "/l"]
      ])
      const [opened, ...others] = requests
      expect(opened?.headers["x-cos-create-session-mode"]).toBe("ReadWrite")
      expect(opened !== undefined && verify(opened, Scripted.keys)).toBe(true)
      for (const request of others) {
        expect(request.headers["x-cos-security-token"]).toBe("TOKEN-1")
        expect(verify(request, { secretId: "AKID-OF-SESSION-1", secretKey: "KEY-OF-SESSION-1" })).toBe(true)
      }
      expect(others[1]?.headers).toMatchObject({ "x-cos-rename-source": "/k", "x-cos-forbid-overwrite": "true" })
    })
  )

  it.effect("a rename is sent once, and its refusals have their codes", () =>
    Effect.gen(function* () {
      for (const [status, code] of [
        [409, "DirAlreadyExists"],
        [503, "SlowDown"],
        [500, "InternalError"]
      ] as const) {
        const steps = [session(1, "2032-01-01T00:00:00Z"), Scripted.error(status, code)]
        const { requests, result } = yield* run(rapid.renameObject("k", "l", { overwrite: true }), ...steps)
        expect(requests.length).toBe(2)
        expect(result).toMatchObject({ left: { code } })
      }
    })
  )

  it.effect("a session that cannot be opened shows no key", () =>
    Effect.gen(function* () {
      const damaged = { body: session(1, "never").body }
      const { result } = yield* run(Cos.headObject({ key: "k" }), damaged)
      expect(result).toMatchObject({ left: { _tag: "CredentialsError" } })
      expect(JSON.stringify(result)).not.toContain("KEY-OF-SESSION")
      expect(Redacted.isRedacted(result)).toBe(false)
    })
  )
})
