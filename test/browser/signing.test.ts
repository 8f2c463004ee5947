/** Pages without keys: a server signs their requests one by one, as far as it is allowed. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpServer from "@effect/platform/HttpServer"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Download from "effect-cos/Download"
import * as Presign from "effect-cos/Presign"
import * as RemoteSigner from "effect-cos/RemoteSigner"
import * as SigningHandler from "effect-cos/SigningHandler"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const own = "https://app.example.com"

type Handler = (request: Request) => Promise<Response>

/** Everything that went between the page and the signing server. */
interface Traffic {
  readonly questions: Array<string>
  readonly answers: Array<string>
}

/** The page's client, whose browser adds the origin to what it sends to the server. */
const pageOf = (handler: Handler, traffic: Traffic, origin = own) =>
  Effect.gen(function* () {
    const emulator = yield* HttpClient.HttpClient
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input as URL, { ...init, headers: { ...(init?.headers as object), origin } })
      request.headers.set("host", "app.example.com")
      traffic.questions.push(await request.clone().text())
      const response = await handler(request)
      traffic.answers.push(await response.clone().text())
      return response
    }
    const signer = RemoteSigner.layer({
      url: `${own}/sign`,
      headers: Effect.succeed({ authorization: "Bearer user-1" })
    }).pipe(Layer.provide(FetchHttpClient.layer), Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)))
    return CosClient.layer({ bucket: World.bucket, region: World.region }).pipe(
      Layer.provide(signer),
      Layer.provide(CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true, rawBody: true })),
      Layer.provide(Layer.succeed(HttpClient.HttpClient, emulator))
    )
  })

const authorize: SigningHandler.Options["authorize"] = ({ headers, key }) =>
  headers.authorization === "Bearer user-1" && !key.endsWith(".secret")
    ? Effect.void
    : SigningHandler.refuse("you may not do this")

const world = (options: Partial<SigningHandler.Options> = {}, origin = own) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<CosClient.CosClient>()
    const { dispose, handler } = SigningHandler.toWebHandler(
      { prefix: "users/1/", authorize, ...options },
      Layer.succeedContext(context)
    )
    yield* Effect.addFinalizer(() => Effect.promise(dispose))
    const traffic: Traffic = { questions: [], answers: [] }
    return { handler, traffic, page: yield* pageOf(handler, traffic, origin) }
  })

const secretOf = (secret: string | Redacted.Redacted<string>) =>
  Redacted.isRedacted(secret) ? Redacted.value(secret) : secret

const refusal = (code: string) => ({ _tag: "AccessDenied", status: 403, code })

describe("signing by the server", () => {
  it.live("a page uploads in parts, reads, and never sees a secret", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { page, traffic } = yield* world()
        const bytes = content(3 * MiB)
        const key = "users/1/a b+ü&=%.bin"
        yield* Upload.bytes({ key, bytes, metadata: { a: "b" } }, { partSize: MiB, threshold: MiB }).pipe(
          Effect.provide(page)
        )
        yield* World.expectStored(key, bytes)
        const part = yield* Effect.provide(Download.bytes({ key, range: { start: 5, end: 9 } }), page)
        expect(Array.from(part)).toEqual(Array.from(bytes.subarray(5, 10)))
        const { credentials } = yield* Emulator
        expect(traffic.answers.length).toBeGreaterThan(5)
        expect(traffic.answers.join()).not.toContain(secretOf(credentials.secretKey))
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.live("what authorize refuses is AccessDenied on the page, and nothing goes to the bucket", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { page } = yield* world()
        const denied = (operation: Effect.Effect<unknown, unknown, CosClient.CosClient>) =>
          Effect.flip(Effect.provide(operation, page))
        expect(yield* denied(Cos.putObject({ key: "users/1/a.secret", body: "x" }))).toMatchObject({
          ...refusal("SigningUnauthorized"),
          key: "users/1/a.secret"
        })
        for (const key of ["users/2/a", "users/1/../2/a", "users/1", "a"]) {
          expect(yield* denied(Cos.putObject({ key, body: "x" })), key).toMatchObject(refusal("SigningPathNotAllowed"))
        }
        expect(yield* denied(Cos.listMultipartUploads({ prefix: "users/" }))).toMatchObject(
          refusal("SigningPathNotAllowed")
        )
        const notAllowed = [
          Cos.deleteObject({ key: "users/1/a" }),
          Cos.putObjectAcl({ key: "users/1/a", cannedAcl: "public-read" } as never),
          Cos.copyObject({ key: "users/1/a", source: { key: "users/2/a" } }),
          Cos.listObjects({ prefix: "users/1/" }),
          Cos.getBucketPolicy({}),
          // Aborted without an id: what a service may take for its removal.
          Cos.request({ method: "DELETE", key: "users/1/a", query: { uploadId: "" } }).pipe(Effect.scoped),
          Cos.request({ method: "GET", key: "users/1/a", query: { versionId: "" } }).pipe(Effect.scoped),
          Cos.getObject({ key: "users/1/a", extra: { query: { acl: "" } } }).pipe(Effect.scoped)
        ]
        for (const operation of notAllowed) {
          expect(yield* denied(operation)).toMatchObject(refusal("SigningOperationNotAllowed"))
        }
        expect(yield* denied(Cos.putObject({ key: "users/1/a", body: "x", bucket: "other-1250000000" }))).toMatchObject(
          refusal("SigningBucketNotAllowed")
        )
        expect(yield* World.requests()).toEqual([])
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.live("a foreign origin is refused; one that is listed may ask, and is told so by CORS", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const put = Cos.putObject({ key: "users/1/a", body: "x" })
        const foreign = yield* world({}, "https://evil.example.com")
        expect(yield* Effect.flip(Effect.provide(put, foreign.page))).toMatchObject(refusal("SigningForeignOrigin"))
        expect(yield* World.requests()).toEqual([])
        const other = "https://other.example.com"
        const listed = yield* world({ origins: [other] }, other)
        yield* Effect.provide(put, listed.page)
        const preflight = (origin: string) =>
          Effect.promise(() =>
            listed.handler(
              new Request(`${own}/sign`, {
                method: "OPTIONS",
                headers: { origin, "access-control-request-headers": "authorization,content-type" }
              })
            )
          )
        const allowed = yield* preflight(other)
        expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([204, other])
        expect(allowed.headers.get("access-control-allow-headers")).toBe("authorization,content-type")
        expect((yield* preflight("https://evil.example.com")).status).toBe(403)
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.live("what is no question, too large or another method is refused without asking authorize", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { handler } = yield* world({ authorize: () => Effect.die("asked") })
        const status = (init: RequestInit) =>
          Effect.promise(async () => (await handler(new Request(`${own}/sign`, init))).status)
        expect(yield* status({ method: "GET" })).toBe(405)
        expect(yield* status({ method: "POST", body: "{" })).toBe(400)
        expect(yield* status({ method: "POST", body: JSON.stringify({ method: "PATCH" }) })).toBe(400)
        expect(yield* status({ method: "POST", body: "x".repeat(300_000) })).toBe(413)
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.scoped("a signature is for its method, key, query, headers and time only", () =>
    Effect.gen(function* () {
      const http = yield* HttpClient.HttpClient
      const { target } = yield* (yield* CosClient.CosClient).locate({
        operation: "putObject",
        method: "PUT",
        host: "bucket",
        bucket: undefined,
        region: undefined,
        key: "users/1/a",
        query: [],
        headers: [],
        body: undefined,
        copySource: undefined,
        idempotent: true
      })
      const sign = (headers: Readonly<Record<string, string>> = {}) =>
        SigningHandler.sign(
          {
            method: "PUT",
            key: "users/1/a",
            host: target.host,
            query: [],
            headers: Object.entries(headers)
          },
          { authorization: "Bearer user-1" } as never,
          { authorize, prefix: "users/1/", expiresIn: "1 minute" }
        )
      const send = (authorization: string, path = "/users/1/a", method = "PUT", headers = {}) =>
        Effect.gen(function* () {
          const message = HttpClientRequest.make(method as "PUT")(`${target.origin}${path}`, {
            headers: { host: target.host, authorization, ...headers }
          })
          return (yield* http.execute(message)).status
        })
      const { authorization } = yield* sign({ "x-cos-meta-a": "b" })
      const meta = { "x-cos-meta-a": "b" }
      expect(yield* send(authorization, "/users/1/a", "PUT", meta)).toBe(200)
      expect(yield* send(authorization, "/users/1/a", "DELETE", meta)).toBe(403)
      expect(yield* send(authorization, "/users/1/b", "PUT", meta)).toBe(403)
      expect(yield* send(authorization, "/users/1/a?tagging", "PUT", meta)).toBeGreaterThanOrEqual(400)
      expect(yield* send(authorization, "/users/1/a", "PUT", { "x-cos-meta-a": "c" })).toBe(403)
      expect(yield* send(authorization, "/users/1/a", "PUT")).toBe(403)
      yield* TestClock.adjust("3 minutes")
      expect(yield* send(authorization, "/users/1/a", "PUT", meta)).toBe(403)
      const elsewhere = SigningHandler.sign(
        { method: "PUT", key: "users/1/a", host: "evil.example.com", query: [], headers: [] },
        { authorization: "Bearer user-1" } as never,
        { authorize }
      )
      expect(yield* Effect.flip(elsewhere)).toMatchObject({ _tag: "SigningRefused", reason: "HostNotAllowed" })
      const hidden = sign({ "x-cos-security-token": "t" })
      expect(yield* Effect.flip(hidden)).toMatchObject({ _tag: "SigningRefused", reason: "HeaderNotAllowed" })
    }).pipe(Effect.provide(World.inProcess()))
  )

  it.live("a server that is away or talks nonsense is CredentialsError; presigning needs a key", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const traffic: Traffic = { questions: [], answers: [] }
        const failure = (handler: Handler) =>
          Effect.gen(function* () {
            const page = yield* pageOf(handler, traffic)
            const once = Effect.provide(Cos.headObject({ key: "a" }), page)
            return yield* Effect.flip(once)
          })
        const nonsense = yield* failure(() => Promise.resolve(new Response("<html>", { status: 200 })))
        expect(nonsense).toMatchObject({ _tag: "CredentialsError", provider: "RemoteSigner", transient: false })
        expect(traffic.questions).toHaveLength(1)
        const away = yield* failure(() => Promise.reject(new TypeError("fetch failed")))
        expect(away).toMatchObject({ _tag: "CredentialsError", transient: true })
        const page = yield* pageOf(() => Promise.resolve(new Response()), traffic)
        const presigned = yield* Effect.flip(Effect.provide(Presign.url(Cos.getObject, { key: "a" }), page))
        expect(presigned).toMatchObject({ _tag: "CredentialsError" })
        expect(yield* World.requests()).toEqual([])
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.live("as a group of an HttpApi", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* Effect.context<CosClient.CosClient>()
        const api = HttpApi.make("api").add(SigningHandler.group)
        const signing = HttpApiBuilder.group(api, "cosSigning", (handlers) =>
          handlers.handle("sign", SigningHandler.handle({ prefix: "users/1/", authorize }))
        ).pipe(Layer.provide(Layer.succeedContext(context)))
        const { dispose, handler } = HttpApiBuilder.toWebHandler(
          Layer.mergeAll(HttpApiBuilder.api(api).pipe(Layer.provide(signing)), HttpServer.layerContext)
        )
        yield* Effect.addFinalizer(() => Effect.promise(dispose))
        const page = yield* pageOf(handler, { questions: [], answers: [] })
        yield* Effect.provide(Cos.putObject({ key: "users/1/a", body: "x" }), page)
        yield* World.expectStored("users/1/a", new TextEncoder().encode("x"))
        const denied = Effect.flip(Effect.provide(Cos.putObject({ key: "users/2/a", body: "x" }), page))
        expect(yield* denied).toMatchObject(refusal("SigningPathNotAllowed"))
      })
    ).pipe(Effect.provide(World.inProcess()))
  )
})

describe("what a page asks is looked at in a time that grows with its size", () => {
  const asks: { readonly [what: string]: Partial<SigningHandler.SigningQuestion> } = {
    "names of headers": { headers: Array.from({ length: 40_000 }, (_, i) => [`x-cos-${i}`, ""]) },
    "names of the query": { query: Array.from({ length: 40_000 }, (_, i) => [`prefix${i}`, ""]) }
  }
  for (const [what, part] of Object.entries(asks)) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const question = { method: "PUT", key: "users/1/a", host: "a", query: [], headers: [], ...part } as const
        const before = process.cpuUsage()
        yield* Effect.ignore(
          SigningHandler.sign(question, {} as never, { authorize: () => SigningHandler.refuse("no") })
        )
        const { system, user } = process.cpuUsage(before)
        expect((system + user) / 1000).toBeLessThan(500)
      }).pipe(Effect.provide(World.inProcess()))
    )
  }
})
