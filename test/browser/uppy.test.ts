/** Uppy's HTTP protocol: what is refused, and what each step does. Uppy itself uploads in `chromium.test.ts`. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CosClient } from "effect-cos/CosClient"
import * as SigningHandler from "effect-cos/SigningHandler"
import * as UppyHandler from "effect-cos/UppyHandler"
import * as World from "../support/world.js"

const own = "https://app.example.com"

const world = (options: Partial<UppyHandler.Options> = {}, mount = "/any/s3") =>
  Effect.gen(function* () {
    const context = yield* Effect.context<CosClient>()
    const { dispose, handler } = UppyHandler.toWebHandler(
      {
        prefix: "users/1/",
        authorize: ({ filename, headers }) =>
          headers.cookie === "session=1"
            ? Effect.succeed({ key: `users/1/${filename}` })
            : SigningHandler.refuse("sign in first"),
        ...options
      },
      Layer.succeedContext(context)
    )
    yield* Effect.addFinalizer(() => Effect.promise(dispose))
    return (method: string, path: string, body?: unknown, headers: Record<string, string> = { cookie: "session=1" }) =>
      Effect.promise(async () => {
        const response = await handler(
          new Request(`${own}${mount}${path}`, {
            method,
            headers: { host: "app.example.com", origin: own, ...headers },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          })
        )
        return { status: response.status, body: await response.json().catch(() => undefined) }
      })
  })

const begin = { filename: "a b.png", type: "image/png", metadata: {} }

describe("UppyHandler", () => {
  it.live("begins, lists, signs one part and several, and aborts", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const ask = yield* world()
        const begun = yield* ask("POST", "/multipart", begin)
        expect(begun).toMatchObject({ status: 200, body: { key: "users/1/a b.png", bucket: World.bucket } })
        const { key, uploadId } = begun.body
        const at = (rest = "") => `/multipart/${encodeURIComponent(uploadId)}${rest}`
        const query = `key=${encodeURIComponent(key)}`
        expect(yield* ask("GET", `${at()}?${query}`)).toEqual({ status: 200, body: [] })
        const part = yield* ask("GET", `${at("/1")}?${query}`)
        expect(part.body.url).toContain("q-header-list=host&")
        const batch = yield* ask("GET", `${at("/batch")}?${query}&partNumbers=1,2`)
        expect(Object.keys(batch.body.presignedUrls)).toEqual(["1", "2"])
        expect(yield* World.unfinishedUploads).toEqual([uploadId])
        expect(yield* ask("DELETE", `${at()}?${query}`)).toEqual({ status: 200, body: {} })
        expect(yield* World.unfinishedUploads).toEqual([])
        expect((yield* ask("DELETE", `${at()}?${query}`)).status).toBe(404)
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.live("a form for one request has its key and no redirect", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const ask = yield* world()
        const { body, status } = yield* ask("GET", "/params?filename=a.png&type=image%2Fpng&metadata[x]=1")
        expect(status).toBe(200)
        expect(body).toMatchObject({ method: "POST", expires: 900, fields: { key: "users/1/a.png" } })
        expect(body.fields.success_action_redirect).toBeUndefined()
      })
    ).pipe(Effect.provide(World.inProcess()))
  )

  it.live(
    "who is not allowed, a foreign origin, a key outside, and what cannot be read are refused, and nothing is begun",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const ask = yield* world({
            authorizeStep: ({ operation }) =>
              operation === "completeMultipartUpload" ? SigningHandler.refuse("not yet") : Effect.void
          })
          const status = (...args: Parameters<typeof ask>) => Effect.map(ask(...args), ({ status }) => status)
          expect(yield* ask("POST", "/multipart", begin, {})).toMatchObject({
            status: 403,
            body: { error: "sign in first" }
          })
          expect(yield* status("POST", "/multipart", begin, { cookie: "session=1", origin: "https://evil.test" })).toBe(
            403
          )
          expect(yield* status("POST", "/multipart", { ...begin, filename: "../2/a" })).toBe(403)
          expect(yield* status("POST", "/multipart", { type: 1 })).toBe(400)
          expect(yield* status("POST", "/multipart", { ...begin, metadata: { x: { toString: 1 } } })).toBe(400)
          expect(yield* status("POST", "/multipart", { ...begin, metadata: { x: [["a"]] } })).toBe(400)
          expect(yield* status("GET", "/multipart/u?key=users%2F2%2Fa")).toBe(403)
          expect(yield* status("GET", "/multipart/u")).toBe(403)
          expect(yield* status("GET", "/multipart/%E0%A4%A?key=users%2F1%2Fa")).toBe(400)
          expect(yield* status("GET", "/multipart/u/0?key=users%2F1%2Fa")).toBe(400)
          const many = Array.from({ length: 101 }, (_, i) => i + 1)
          expect(yield* status("GET", `/multipart/u/batch?key=users%2F1%2Fa&partNumbers=${many}`)).toBe(400)
          expect(yield* status("GET", `/multipart/u/batch?key=users%2F1%2Fa&partNumbers=${many.slice(1)}`)).toBe(200)
          const parts = { parts: [{ PartNumber: 1, ETag: "x" }] }
          expect(yield* status("POST", "/multipart/u/complete?key=users%2F1%2Fa", parts)).toBe(403)
          expect(yield* status("GET", "/sts")).toBe(404)
          expect(yield* status("DELETE", "/multipart/?key=users%2F1%2Fa")).toBe(404)
          expect(yield* status("PUT", "/multipart")).toBe(405)
          expect(yield* World.requests()).toEqual([])
        })
      ).pipe(Effect.provide(World.inProcess()))
  )

  it.live("a path that looks like a host is a path", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const ask = yield* world({}, "")
        expect((yield* ask("GET", "//")).status).toBe(404)
        const form = yield* ask("GET", "//a:99999/s3/params?filename=a.png")
        expect(form).toMatchObject({ status: 200, body: { fields: { key: "users/1/a.png" } } })
      })
    ).pipe(Effect.provide(World.inProcess()))
  )
})
