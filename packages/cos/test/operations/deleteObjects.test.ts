/** `deleteObjects`: batches, outcomes in the order given, and keys that XML cannot carry. */
/** `deleteObjects`: batches, outcomes in the order given, and keys that XML cannot carry. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Cos from "effect-cos/Cos"
import * as CosXml from "effect-cos/CosXml"
import { resultOf, valueOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"

describe("deleteObjects", () => {
  const asked = ({ text }: Scripted.Recorded): ReadonlyArray<{ readonly key: string; readonly versionId?: string }> => {
    const { content } = Either.getOrThrow(CosXml.parse(text))
    const objects = (content as CosXml.Elements).Object ?? []
    return (Array.isArray(objects) ? objects : [objects]).map(({ Key, VersionId }) => ({
      key: Key,
      ...(VersionId === undefined ? undefined : { versionId: VersionId })
    }))
  }
  type Said = "deleted" | "forgotten" | { readonly code: string }
  /** A server that answers in reverse order. */
  const server =
    (say: (key: string) => Said): Scripted.Step =>
    (request) => {
      if (request.method === "DELETE") return { status: 204 }
      const said = [...asked(request)].reverse()
      const content = {
        Deleted: said
          .filter(({ key }) => say(key) === "deleted")
          .map(({ key, versionId }) => ({
            Key: key,
            ...(versionId === undefined ? undefined : { VersionId: versionId })
          })),
        Error: said.flatMap(({ key, versionId }) => {
          const outcome = say(key)
          return typeof outcome === "string"
            ? []
            : [
                {
                  Key: key,
                  ...(versionId === undefined ? undefined : { VersionId: versionId }),
                  Code: outcome.code,
                  Message: `about ${outcome.code}`
                }
              ]
        })
      }
      return { body: Either.getOrThrow(CosXml.build("DeleteResult", content as never)) }
    }
  const steps = (count: number, step: Scripted.Step) => Array.from({ length: count }, () => step)

  it.effect("removes any number, 1,000 a request, and returns the outcome of each in order", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 1001 }, (_, i) => `k${i}`)
      const failures: { readonly [key: string]: Said } = {
        k3: { code: "AccessDenied" },
        k500: { code: "ServiceUnavailable" },
        k1000: "forgotten"
      }
      const { requests, result } = yield* resultOf(
        Cos.deleteObjects({ objects: keys, bucket: "other-1" }),
        ...steps(
          2,
          server((key) => failures[key] ?? "deleted")
        )
      )
      const outcomes = yield* result
      expect(outcomes.map(({ key }) => key)).toEqual(keys)
      expect(outcomes.filter(({ _tag }) => _tag === "NotDeleted")).toEqual([
        { _tag: "NotDeleted", key: "k3", versionId: undefined, code: "AccessDenied", message: "about AccessDenied" },
        {
          _tag: "NotDeleted",
          key: "k500",
          versionId: undefined,
          code: "ServiceUnavailable",
          message: "about ServiceUnavailable"
        },
        {
          _tag: "NotDeleted",
          key: "k1000",
          versionId: undefined,
          code: "Unanswered",
          message: "the answer does not mention this object"
        }
      ])
      expect(requests.map((request) => asked(request).length)).toEqual([1000, 1])
      for (const { headers, host, text } of requests) {
        expect(headers["content-md5"]).toBe(createHash("md5").update(text).digest("base64"))
        expect(host).toBe("other-1.cos.ap-guangzhou.myqcloud.com")
        expect(text).not.toContain("<Quiet>true")
      }
    })
  )

  it.effect("keys that XML alters or cannot carry are removed by requests of their own", () =>
    Effect.gen(function* () {
      const keys = ["a\r", "b", "c\u0001", "d\r\ne", "\uffff", "f&<>\"'"]
      const { requests, result } = yield* resultOf(
        Cos.deleteObjects({ objects: keys, concurrency: 1 }),
        ...steps(
          5,
          server(() => "deleted")
        )
      )
      const outcomes = yield* result
      expect(outcomes.map(({ _tag, key }) => [_tag, key])).toEqual(keys.map((key) => ["Deleted", key]))
      expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
        "POST /?delete=",
        "DELETE /a%0D",
        "DELETE /c%01",
        "DELETE /d%0D%0Ae",
        "DELETE /%EF%BF%BF"
      ])
      expect(requests[0] && asked(requests[0]).map(({ key }) => key)).toEqual(["b", "f&<>\"'"])
    })
  )

  it.effect("one that is refused by itself is one that is refused among others", () =>
    Effect.gen(function* () {
      const { result } = yield* resultOf(
        Cos.deleteObjects({ objects: ["a\r", { key: "b\r", versionId: "v" }, "c\r"], concurrency: 1 }),
        Scripted.error(403, "AccessDenied"),
        { status: 204, headers: { "x-cos-delete-marker": "true", "x-cos-version-id": "v" } },
        Scripted.error(409, "Odd")
      )
      expect(yield* result).toMatchObject([
        { _tag: "NotDeleted", key: "a\r", code: "AccessDenied" },
        { _tag: "Deleted", key: "b\r", versionId: "v", deleteMarker: true, deleteMarkerVersionId: "v" },
        { _tag: "NotDeleted", key: "c\r", code: "Odd" }
      ])
    })
  )

  it.effect("versions of one key are told apart", () =>
    Effect.gen(function* () {
      const body =
        "<DeleteResult><Deleted><Key>a</Key><VersionId>1</VersionId></Deleted>" +
        "<Error><Key>a</Key><VersionId>2</VersionId><Code>ObjectLocked</Code></Error>" +
        "<Deleted><Key>b</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>9</DeleteMarkerVersionId></Deleted>" +
        "</DeleteResult>"
      const objects = [{ key: "a", versionId: "2" }, { key: "a", versionId: "1" }, "b", { key: "a", versionId: "3" }]
      expect(yield* valueOf(Cos.deleteObjects({ objects }), { body })).toMatchObject([
        { _tag: "NotDeleted", key: "a", versionId: "2", code: "ObjectLocked", message: "ObjectLocked" },
        { _tag: "Deleted", key: "a", versionId: "1", deleteMarker: false },
        { _tag: "Deleted", key: "b", deleteMarker: true, deleteMarkerVersionId: "9" },
        { _tag: "NotDeleted", key: "a", versionId: "3", code: "Unanswered" }
      ])
    })
  )

  it.effect("a bad key is refused before anything is sent", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* resultOf(Cos.deleteObjects({ objects: ["a", ""] }))
      expect(result).toMatchObject({ left: { _tag: "InvalidInput", field: "objects[1].key" } })
      expect(requests).toEqual([])
    })
  )

  it.effect("none is none", () =>
    Effect.gen(function* () {
      expect(yield* valueOf(Cos.deleteObjects({ objects: [] }))).toEqual([])
    })
  )

  it.effect("fails where a request does", () =>
    Effect.gen(function* () {
      const { result } = yield* resultOf(Cos.deleteObjects({ objects: ["a"] }), Scripted.error(404, "NoSuchBucket"))
      expect(result).toMatchObject({ left: { _tag: "NoSuchBucket" } })
    })
  )

  it.effect("for any keys: each has one outcome, and it is what the server said", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          FastCheck.array(FastCheck.string({ unit: "grapheme", minLength: 1, maxLength: 3 }), { maxLength: 20 }),
          async (random) => {
            const keys = random.filter((key) => !/^[/\\]|[\0\x18-\x1b]|\p{Surrogate}/u.test(key))
            const say = (key: string): Said =>
              key.length % 3 === 0 ? { code: "Odd" } : key.length % 3 === 1 ? "deleted" : "forgotten"
            const { layer } = Scripted.make(steps(30, server(say)))
            const outcomes = await Effect.runPromise(Effect.provide(Cos.deleteObjects({ objects: keys }), layer))
            expect(outcomes.map(({ key }) => key)).toEqual(keys)
            for (const outcome of outcomes) {
              const alone = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\r]/.test(outcome.key)
              expect(outcome._tag).toBe(alone || say(outcome.key) === "deleted" ? "Deleted" : "NotDeleted")
            }
          }
        ),
        { seed: 1, numRuns: 100 }
      )
    )
  )
})
