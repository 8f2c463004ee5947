import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as ServerResponse from "effect-cos/ServerResponse"
import * as Scripted from "./support/ScriptedClient.js"

const date = "Wed, 18 Mar 2020 12:00:00 GMT"
const stored = {
  etag: '"a"',
  "last-modified": date,
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "max-age=60",
  "content-disposition": "inline",
  "content-encoding": "identity",
  "content-language": "zh",
  expires: date,
  "accept-ranges": "bytes",
  "x-cos-meta-secret": "not for the browser",
  "x-cos-hash-crc64ecma": "7"
}

/** What the browser gets, and what the service was asked. */
const exchange = (
  browser: { readonly method?: string; readonly headers?: { readonly [name: string]: string } },
  step: Scripted.Step | ReadonlyArray<Scripted.Step>,
  options: Scripted.Options = {}
) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make([step].flat(), { ...options, settings: { retry: RetryPolicy.none } })
    const request = HttpServerRequest.fromWeb(new Request("http://localhost/files/a", browser))
    return yield* Effect.gen(function* () {
      const response = HttpServerResponse.toWeb(yield* ServerResponse.object({ key: "a", versionId: "v" }))
      const text = yield* Effect.promise(() => response.text())
      return { status: response.status, headers: Object.fromEntries(response.headers), text, asked: requests.at(-1) }
    }).pipe(Effect.provideService(HttpServerRequest.HttpServerRequest, request), Effect.scoped, Effect.provide(layer))
  })

describe("ServerResponse.object", () => {
  const { "x-cos-hash-crc64ecma": _crc, "x-cos-meta-secret": _meta, ...told } = stored

  it.effect("200: the bytes and their headers", () =>
    Effect.gen(function* () {
      const { asked, headers, status, text } = yield* exchange({}, { headers: stored, body: "文" })
      expect([status, text]).toEqual([200, "文"])
      expect(headers).toEqual({ ...told, "content-length": "3" })
      expect([asked?.method, asked?.target]).toEqual(["GET", "/a?versionId=v"])
    })
  )

  it.effect("206: a range", () =>
    Effect.gen(function* () {
      const headers = { ...stored, "content-range": "bytes 1-2/3" }
      const found = yield* exchange({ headers: { range: "bytes=1-" } }, { status: 206, headers, body: "bc" })
      expect([found.status, found.text]).toEqual([206, "bc"])
      expect(found.headers).toMatchObject({ "content-range": "bytes 1-2/3", "content-length": "2" })
      expect(found.asked?.headers.range).toBe("bytes=1-")
    })
  )

  it.effect("passes conditions on, signed, and nothing else", () =>
    Effect.gen(function* () {
      const conditions = {
        "if-match": '"a"',
        "if-none-match": '"b"',
        "if-modified-since": date,
        "if-unmodified-since": date
      }
      const browser = { headers: { ...conditions, cookie: "session", accept: "text/plain" } }
      const { asked } = yield* exchange(browser, { headers: stored, body: "" })
      expect(asked?.headers).toMatchObject(conditions)
      expect(asked?.headers).not.toHaveProperty("cookie")
      expect(asked?.headers.authorization).toContain("if-none-match")
    })
  )

  it.effect("leaves out a Range under an If-Range", () =>
    Effect.gen(function* () {
      const browser = { headers: { range: "bytes=1-", "if-range": '"a"' } }
      const { asked, status } = yield* exchange(browser, { headers: stored, body: "abc" })
      expect(status).toBe(200)
      expect(asked?.headers).not.toHaveProperty("range")
    })
  )

  // The scripted client does not decode: what it gives here stands for decoded bytes.
  const decoding = { transport: { rawBody: false } }
  const coded = { ...stored, "content-encoding": "gzip", "content-length": "999" }
  const { "accept-ranges": _ranges, "content-encoding": _coding, ...decoded } = told

  it.effect("coded bytes, where the HTTP client leaves them so", () =>
    Effect.gen(function* () {
      const headers = { ...coded, "content-length": "5" }
      const found = yield* exchange({}, { headers, body: "coded" })
      expect(found.text).toBe("coded")
      expect(found.headers).toMatchObject({ "content-encoding": "gzip", "content-length": "5" })
    })
  )

  it.effect("decoded bytes without the headers of the coded ones, where the HTTP client decodes", () =>
    Effect.gen(function* () {
      const found = yield* exchange({}, { headers: coded, body: "decoded" }, decoding)
      expect(found).toMatchObject({ status: 200, text: "decoded" })
      expect(found.headers).toEqual(decoded)
      const head = yield* exchange({ method: "HEAD" }, { headers: coded }, decoding)
      expect(head.headers).toEqual(decoded)
    })
  )

  it.effect("the whole object instead of a range of coded bytes that the HTTP client cannot decode", () =>
    Effect.gen(function* () {
      const part = { status: 206, headers: { ...coded, "content-range": "bytes 1-2/999" }, body: "" }
      const found = yield* exchange(
        { headers: { range: "bytes=1-2", "if-match": '"a"' } },
        [part, { headers: coded, body: "decoded" }],
        decoding
      )
      expect(found).toMatchObject({ status: 200, text: "decoded" })
      expect(found.headers).toEqual(decoded)
      expect(found.asked?.headers).not.toHaveProperty("range")
      expect(found.asked?.headers["if-match"]).toBe('"a"')
    })
  )

  it.effect("an empty object", () =>
    Effect.gen(function* () {
      const { headers, status, text } = yield* exchange({}, { headers: stored, body: "" })
      expect([status, text, headers["content-length"]]).toEqual([200, "", "0"])
    })
  )

  it.effect("HEAD: the same without the bytes", () =>
    Effect.gen(function* () {
      const answer = { headers: { ...stored, "content-length": "3" } }
      const { asked, headers, status, text } = yield* exchange({ method: "HEAD" }, answer)
      expect([status, text]).toEqual([200, ""])
      expect(headers).toEqual({ ...told, "content-length": "3" })
      expect(asked?.method).toBe("HEAD")
    })
  )

  const rows: ReadonlyArray<
    readonly [title: string, method: string, Scripted.Answer, status: number, headers: object]
  > = [
    [
      "304",
      "GET",
      { status: 304, headers: { etag: '"a"', "last-modified": date } },
      304,
      { etag: '"a"', "last-modified": date }
    ],
    ["304 of a HEAD", "HEAD", { status: 304 }, 304, {}],
    ["412", "GET", Scripted.error(412, "PreconditionFailed"), 412, {}],
    ["416", "GET", Scripted.error(416, "InvalidRange"), 416, {}],
    ["404 of a key", "GET", Scripted.error(404, "NoSuchKey"), 404, {}],
    ["404 of a version", "GET", Scripted.error(404, "NoSuchVersion"), 404, {}],
    ["404 of a HEAD", "HEAD", { status: 404 }, 404, {}],
    ["405", "POST", {}, 405, { allow: "GET, HEAD" }]
  ]
  it.effect.each(rows)("%s", ([, method, answer, status, headers]) =>
    Effect.gen(function* () {
      const found = yield* exchange({ method }, answer)
      expect(found).toMatchObject({ status, text: "", headers })
    })
  )

  it.effect("other failures stay failures", () =>
    Effect.gen(function* () {
      for (const [status, code] of [
        [403, "AccessDenied"],
        [404, "NoSuchBucket"],
        [403, "InvalidObjectState"]
      ] as const) {
        const error = yield* Effect.flip(exchange({}, Scripted.error(status, code)))
        expect(error).toMatchObject({ _tag: code })
      }
    })
  )
})
