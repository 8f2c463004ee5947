/** Temporary keys from a server of one's own: what it may respond, and what comes of it. */
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Scripted from "./support/ScriptedClient.js"

const url = "https://app.example.com/keys"
const start = 1_700_000_000
const document = (more: object = {}) =>
  JSON.stringify({
    credentials: { tmpSecretId: "AKIDTEMPORARY", tmpSecretKey: "KEY-SECRET-00", sessionToken: "TOKEN-SECRET-0" },
    startTime: start,
    expiredTime: start + 1800,
    ...more
  })

const world = (...steps: ReadonlyArray<Scripted.Step>) => {
  const { client, requests } = Scripted.make(steps)
  return { requests, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

const read = (step: Scripted.Step, options?: Credentials.RemoteOptions) =>
  Effect.zipRight(TestClock.setTime(start * 1000), Effect.provide(Credentials.remote(url, options), world(step).layer))

describe("remote", () => {
  it.effect("asks with GET, or with what the page wants, and with headers of the user's", () =>
    Effect.gen(function* () {
      const { layer, requests } = world({ body: document() }, { body: document() })
      yield* TestClock.setTime(start * 1000)
      const headers = Effect.succeed({ authorization: "Bearer of-user-7" })
      const key = yield* Effect.provide(Credentials.remote(url, { headers }), layer)
      yield* Effect.provide(Credentials.remote(url, { body: { folder: "a" } }), layer)
      expect(requests).toMatchObject([
        { method: "GET", url, text: "", headers: { authorization: "Bearer of-user-7" } },
        { method: "POST", url, text: '{"folder":"a"}', headers: { "content-type": "application/json" } }
      ])
      expect(key).toMatchObject({
        secretId: "AKIDTEMPORARY",
        startsAt: new Date(start * 1000),
        expiresAt: new Date((start + 1800) * 1000)
      })
      expect(key.token && Redacted.value(key.token)).toBe("TOKEN-SECRET-0")
      expect(JSON.stringify(key)).not.toContain("SECRET")
    })
  )

  it.effect("takes times as text, and does without the start", () =>
    Effect.gen(function* () {
      const key = yield* read({ body: document({ startTime: undefined, expiredTime: String(start + 60) }) })
      expect(key).toMatchObject({ startsAt: undefined, expiresAt: new Date((start + 60) * 1000) })
    })
  )

  const refusals: ReadonlyArray<readonly [what: string, step: Scripted.Step, message: string, transient: boolean]> = [
    ["401", { status: 401, body: "TOKEN-SECRET-0" }, "refused to give keys, with status 401", false],
    ["403", { status: 403, body: '{"message":"TOKEN-SECRET-0"}' }, "refused to give keys, with status 403", false],
    [
      "a refusal of CredentialsHandler",
      { status: 403, body: '{"_tag":"CredentialsRefused","message":"sign in first"}' },
      "refused to give keys: sign in first",
      false
    ],
    ["404", { status: 404, body: "<html>" }, "responded with status 404", false],
    ["503", { status: 503, body: "" }, "responded with status 503", true],
    ["429", { status: 429, body: "" }, "responded with status 429", true],
    ["no connection", { failure: {} }, "cannot be reached", true],
    ["a page instead of a key", { body: "<html>TOKEN-SECRET-0</html>" }, "is no temporary key", false],
    ["a key without a token", { body: document({ credentials: { tmpSecretId: "a" } }) }, "is no temporary key", false],
    ["a key without an end", { body: document({ expiredTime: undefined }) }, "is no temporary key", false],
    ["an end that is no number", { body: document({ expiredTime: "soon" }) }, "is no temporary key", false],
    [
      "a response without end",
      { body: Stream.repeatEffect(Effect.succeed(new Uint8Array(65_536))) },
      "is no temporary key",
      false
    ],
    ["an expired session", { body: document({ expiredTime: start }) }, "expired at 2023-11-14T22:13:20.000Z", false]
  ]

  it.effect.each(refusals)("%s is a CredentialsError", ([, step, message, transient]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read(step))
      expect(error).toBeInstanceOf(CosError.CredentialsError)
      expect(error).toMatchObject({ provider: "remote", transient, message: expect.stringContaining(message) })
      expect(JSON.stringify(error)).not.toContain("SECRET")
    })
  )
})
