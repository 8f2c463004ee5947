import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Cos from "effect-cos/Cos"
import * as Presign from "effect-cos/Presign"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as World from "../support/world.js"

const key = "目录/a b+c.txt"

describe("presigned, and sent by plain fetch", () => {
  it.live("a GET: with overrides of the response headers, until it expires", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key, body: "hello" })
      const url = yield* Presign.url(Cos.getObject, { key, responseContentType: "text/csv" }, { expiresIn: "1 minute" })
      const get = Effect.promise(async () => {
        const response = await fetch(Redacted.value(url))
        return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
      })
      expect(yield* get).toEqual({ status: 200, type: "text/csv", text: "hello" })
      yield* (yield* Emulator).clock.adjust("3 minutes")
      expect(yield* get).toMatchObject({ status: 403, text: expect.stringContaining("Request has expired") })
    }).pipe(Effect.provide(World.onPort()))
  )

  it.live("a PUT: with the headers that were signed, and not without them", () =>
    Effect.gen(function* () {
      const { headers, method, url } = yield* Presign.request(Cos.putObject, { key, contentType: "text/plain" })
      const put = (headers: Record<string, string>) =>
        Effect.promise(async () => (await fetch(Redacted.value(url), { method, headers, body: "hello" })).status)
      expect(yield* put({ ...headers, "content-type": "text/html" })).toBe(403)
      expect(yield* put(headers)).toBe(200)
      expect(yield* Cos.headObject({ key })).toMatchObject({ contentType: "text/plain", contentLength: 5 })
    }).pipe(Effect.provide(World.onPort()))
  )
})
