/** The rules for pages, and what a bucket lacks of them. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Cors from "effect-cos/Cors"
import * as Cos from "effect-cos/Cos"
import * as Presign from "effect-cos/Presign"
import * as World from "../support/world.js"

const origin = "https://app.example.com"

describe("Cors", () => {
  it.scoped("a preflight of a presigned URL is allowed, whose signature is for the request that follows", () =>
    Effect.gen(function* () {
      yield* Cos.putBucketCors(Cors.forBrowser({ origins: [origin] }))
      const url = Redacted.value((yield* Presign.request(Cos.putObject, { key: "a" })).url)
      const http = yield* HttpClient.HttpClient
      const preflight = HttpClientRequest.options(url, {
        headers: { origin, "access-control-request-method": "PUT" }
      })
      const { headers, status } = yield* http.execute(preflight)
      expect([status, headers["access-control-allow-origin"]]).toEqual([200, origin])
    }).pipe(Effect.provide(World.inProcess()))
  )

  for (const by of ["rules", "preflight"] as const) {
    it.scoped(`by ${by}: a bucket without rules lacks the origin; with those of forBrowser nothing is missing`, () =>
      Effect.gen(function* () {
        const none = yield* Cors.check({ origin, by })
        expect(none).toMatchObject({ isComplete: false, missing: [{ kind: "origin", name: origin }] })
        yield* Cos.putBucketCors(Cors.forBrowser({ origins: [`${origin}/`], metadata: ["author"] }))
        expect(yield* Cors.check({ origin, by, metadata: ["author"] })).toEqual({ isComplete: true, missing: [] })
        const foreign = yield* Cors.check({ origin: "https://other.example.com", by })
        expect(foreign.missing.map(({ kind }) => kind)).toEqual(["origin"])
      }).pipe(Effect.provide(World.inProcess()))
    )

    it.scoped(`by ${by}: each header, and each method, that is left out is named`, () =>
      Effect.gen(function* () {
        const { rules } = Cors.forBrowser({ origins: [origin] })
        const rule = rules[0]
        if (rule === undefined) throw new Error("no rule")
        for (const name of ["ETag", "x-cos-hash-crc64ecma", "Content-Range"]) {
          const exposeHeaders = rule.exposeHeaders?.filter((exposed) => exposed !== name) ?? []
          yield* Cos.putBucketCors({ rules: [{ ...rule, exposeHeaders }] })
          const { missing } = yield* Cors.check({ origin, by })
          expect(missing).toMatchObject([{ kind: "exposedHeader", name, methods: rule.allowedMethods }])
          expect(missing[0]?.message).toContain(name)
        }
        yield* Cos.putBucketCors({
          rules: [{ ...rule, allowedHeaders: ["authorization", "content-*", "x-cos-*", "range"] }]
        })
        expect((yield* Cors.check({ origin, by })).missing).toMatchObject([{ kind: "requestHeader", name: "if-match" }])
        yield* Cos.putBucketCors({ rules: [{ ...rule, allowedMethods: ["GET", "HEAD", "POST"] }] })
        const { missing } = yield* Cors.check({ origin, by })
        expect(missing.flatMap(({ methods }) => methods)).toEqual(["PUT", "DELETE"])
      }).pipe(Effect.provide(World.inProcess()))
    )
  }
})
