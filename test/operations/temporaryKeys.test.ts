/** Temporary keys from STS to a page: asked for, renewed, handed on, and used, against the emulator. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as CredentialsHandler from "effect-cos/CredentialsHandler"
import * as Policy from "effect-cos/Policy"
import * as Sts from "effect-cos/Sts"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import * as World from "../support/world.js"

const { bucket, region } = World
const policy = Policy.allow([Cos.putObject, Cos.getObject], { bucket, region, prefix: "users/7/" })

/** STS of the emulator, asked with the owner's key. */
const sts = Sts.layer().pipe(
  Layer.provide(Layer.unwrapEffect(Effect.map(Emulator, ({ credentials }) => Credentials.layerStatic(credentials))))
)

const put = (key: string) =>
  Effect.match(Cos.putObject({ key, body: "x" }), { onSuccess: () => "stored", onFailure: ({ _tag }) => _tag })

describe("layerSts", () => {
  it.effect.each([
    ["federationToken", Sts.federationToken({ policy, duration: "10 minutes" })],
    ["assumeRole", Sts.assumeRole({ roleArn: "qcs::cam::uin/100000000001:roleName/r", policy, duration: "10 minutes" })]
  ] as const)("%s: a key that obeys its policy, and is renewed before it expires", ([operation, request]) =>
    Effect.gen(function* () {
      const { sessions } = yield* Emulator
      const client = CosClient.layer({ bucket, region }).pipe(
        Layer.provide(Credentials.layerSts(request)),
        Layer.provide(sts)
      )
      yield* Effect.gen(function* () {
        expect(yield* put("users/7/a")).toBe("stored")
        expect(yield* put("users/8/a")).toBe("AccessDenied")
        for (let minute = 0; minute < 30; minute++) {
          expect(yield* put("users/7/a")).toBe("stored")
          yield* TestClock.adjust("1 minute")
        }
      }).pipe(Effect.provide(client))
      expect((yield* sessions).length).toBe(4)
      const codes = (yield* World.requests()).flatMap(({ code }) => (code === undefined ? [] : [code]))
      expect(codes).toEqual(["AccessDenied"])
      expect((yield* World.requests(operation)).length).toBe(4)
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.effect("a clock that is an hour late is corrected by STS's own", () =>
    Effect.gen(function* () {
      const { clock } = yield* Emulator
      yield* clock.adjust("1 hour")
      const key = yield* Effect.provide(Sts.federationToken({ policy }), sts)
      expect(key.expiresAt.getTime()).toBe(90 * 60_000)
      expect((yield* World.requests("federationToken")).map(({ code }) => code)).toEqual([
        "AuthFailure.SignatureExpire",
        undefined
      ])
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.effect("what STS refuses is a CredentialsError with its code, and is not asked again", () =>
    Effect.gen(function* () {
      const refused = Sts.assumeRole({ roleArn: "qcs::cam::uin/1:roleName/nobody" })
      const client = CosClient.layer({ bucket, region }).pipe(
        Layer.provide(Credentials.layerSts(refused)),
        Layer.provide(sts)
      )
      const error = yield* Effect.flip(Effect.provide(Cos.putObject({ key: "a", body: "x" }), client))
      expect(error).toMatchObject({
        _tag: "CredentialsError",
        provider: "STS",
        transient: false,
        message: expect.stringContaining("ResourceNotFound.RoleNotFound")
      })
      expect((yield* World.requests()).length).toBe(1)
    }).pipe(Effect.provide(World.inProcess()))
  )
})

describe("CredentialsHandler", () => {
  const origin = "https://app.example.com"
  const options: CredentialsHandler.Options = {
    authorize: ({ body, headers, query }) =>
      headers.authorization !== "Bearer of-user-7"
        ? CredentialsHandler.refuse("sign in first")
        : Policy.allow([Cos.putObject], {
            bucket,
            region,
            prefix: `users/7/${(body as { folder?: string } | undefined)?.folder ?? query.folder ?? ""}`
          }),
    duration: "15 minutes",
    origins: [origin]
  }

  /** A page whose requests to the server reach the handler. */
  const page = Effect.gen(function* () {
    const emulator = yield* Effect.context<Emulator | HttpClient.HttpClient>()
    const { handler } = CredentialsHandler.toWebHandler(
      options,
      Layer.merge(Layer.provide(sts, Layer.succeedContext(emulator)), Logger.remove(Logger.defaultLogger))
    )
    const ask = (init: RequestInit = {}, path = "/keys") =>
      Effect.promise(() => handler(new Request(`https://server.example.com${path}`, init)))
    const client = HttpClient.make((request) =>
      Effect.map(
        Effect.promise(async () =>
          handler(
            new Request(request.url, {
              method: request.method,
              headers: request.headers,
              ...(request.body._tag === "Uint8Array" ? { body: request.body.body as BodyInit } : {})
            })
          )
        ),
        (response) => HttpClientResponse.fromWeb(request, response)
      )
    )
    return { ask, client }
  })

  const signedIn = { authorization: "Bearer of-user-7" }
  const url = "https://server.example.com/keys"

  it.live("a page gets a key by Credentials.remote, and may do what authorize decided", () =>
    Effect.gen(function* () {
      const { client } = yield* page
      const keysOf = (options: Credentials.RemoteOptions) =>
        Credentials.layerRemote(url, options).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client)))
      const clientOf = (options: Credentials.RemoteOptions) =>
        CosClient.layer({ bucket, region }).pipe(Layer.provide(keysOf(options)))
      const headers = Effect.succeed(signedIn)
      yield* Effect.gen(function* () {
        expect(yield* put("users/7/a")).toBe("stored")
        expect(yield* put("users/8/a")).toBe("AccessDenied")
      }).pipe(Effect.provide(clientOf({ headers })))
      yield* Effect.gen(function* () {
        expect(yield* put("users/7/b/c")).toBe("stored")
        expect(yield* put("users/7/a")).toBe("AccessDenied")
      }).pipe(Effect.provide(clientOf({ headers, body: { folder: "b/" } })))
      const refused = yield* Effect.flip(Effect.provide(Cos.putObject({ key: "a", body: "x" }), clientOf({})))
      expect(refused).toMatchObject({
        _tag: "CredentialsError",
        transient: false,
        message: expect.stringContaining("sign in first")
      })
      const star = yield* Effect.flip(
        Effect.provide(Cos.putObject({ key: "a", body: "x" }), clientOf({ headers, body: { folder: "*" } }))
      )
      expect(star).toMatchObject({ message: expect.stringContaining("prefix must be text without *") })
      const sessions = yield* (yield* Emulator).sessions
      expect(sessions.map(({ expiresAt, issuedAt }) => expiresAt.getTime() - issuedAt.getTime())).toEqual([
        900_000, 900_000
      ])
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.live("responds as the demos of qcloud-cos-sts do, to its own pages only", () =>
    Effect.gen(function* () {
      const { ask } = yield* page
      const { credentials } = yield* Emulator
      const given = yield* ask({ headers: { ...signedIn, origin } })
      const text = yield* Effect.promise(() => given.text())
      const document = JSON.parse(text)
      expect(Object.keys(document.credentials)).toEqual(["tmpSecretId", "tmpSecretKey", "sessionToken"])
      expect(document.expiredTime - document.startTime).toBe(900)
      expect(text).not.toContain(Redacted.value(credentials.secretKey))
      expect(given.headers.get("cache-control")).toBe("no-store")
      expect(given.headers.get("access-control-allow-origin")).toBe(origin)

      const status = (init: RequestInit) => Effect.map(ask(init), ({ status }) => status)
      expect(yield* status({})).toBe(403)
      expect(yield* status({ headers: { ...signedIn, origin: "https://evil.example.com" } })).toBe(403)
      expect(yield* status({ method: "POST", headers: signedIn, body: "{" })).toBe(400)
      expect(yield* status({ method: "POST", headers: signedIn, body: `"${"x".repeat(300_000)}"` })).toBe(413)
      expect(yield* status({ method: "DELETE", headers: signedIn })).toBe(405)
      expect(yield* status({ method: "OPTIONS", headers: { origin } })).toBe(204)
      expect(yield* status({ method: "OPTIONS", headers: { origin: "https://evil.example.com" } })).toBe(403)
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.live("a body that broke off is not taken for a whole one", () =>
    Effect.gen(function* () {
      const { ask } = yield* page
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("1")),
        pull: (controller) => controller.error(new Error("broken off"))
      })
      const answer = yield* ask({ method: "POST", headers: signedIn, body, duplex: "half" } as RequestInit)
      expect([answer.status, yield* Effect.promise(() => answer.text())]).toEqual([
        400,
        '{"message":"the request broke off"}'
      ])
      expect(yield* (yield* Emulator).sessions).toEqual([])
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.live("where STS gives no key it is 503 or 500, and says nothing", () =>
    Effect.gen(function* () {
      const { ask } = yield* page
      const { fault } = yield* Emulator
      const on = { operation: "federationToken", times: "all" } as const
      const throttled = yield* fault({ on, do: Fault.status(200, { code: "InvalidParameter.OverLimit" }) })
      const answer = yield* ask({ headers: signedIn })
      expect([answer.status, yield* Effect.promise(() => answer.text())]).toEqual([503, ""])
      expect(yield* throttled.fired).toBe(5)
      yield* throttled.remove
      yield* fault({ on, do: Fault.status(200, { code: "UnsupportedOperation" }) })
      expect((yield* ask({ headers: signedIn })).status).toBe(500)
    }).pipe(Effect.provide(World.inProcess()))
  )
})
