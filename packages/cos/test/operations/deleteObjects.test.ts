/** `deleteObjects`: batches, what remains, and keys that XML cannot carry; `deletePrefix`: its bounds. */
/** `deleteObjects`: batches, what remains, and keys that XML cannot carry; `deletePrefix`: its bounds. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
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

  it.effect("as a Stream takes a Stream, and tells of each object, also of keys that cannot be sent", () =>
    Effect.gen(function* () {
      const keys = Stream.range(0, 2498).pipe(
        Stream.map((i) => `k${i}`),
        Stream.concat(Stream.make("", "control\u0001", { key: "v", versionId: "1" }))
      )
      const { requests, result } = yield* resultOf(
        Stream.runCollect(Cos.deleteObjectsStream({ objects: keys, concurrency: 1 })),
        ...steps(
          4,
          server((key) => (key === "k7" ? { code: "AccessDenied" } : "deleted"))
        )
      )
      const outcomes = Array.from(yield* result)
      expect(outcomes.length).toBe(2502)
      expect(new Set(outcomes.map(({ key }) => key)).size).toBe(2502)
      const remaining = outcomes.flatMap((outcome) =>
        outcome._tag === "NotDeleted" ? [`${outcome.key} ${outcome.code}`] : []
      )
      expect(remaining.sort()).toEqual([" InvalidInput", "k7 AccessDenied"])
      expect(requests.map(({ method }) => method)).toEqual(["POST", "POST", "DELETE", "POST"])
    })
  )

  it.effect("removes any number, 1,000 a request, and lists what remains in order", () =>
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
      const error = yield* Effect.flip(result)
      expect(error).toMatchObject({ _tag: "ObjectsRemain", deleted: 998 })
      expect("remaining" in error && error.remaining).toEqual([
        { key: "k3", versionId: undefined, code: "AccessDenied", message: "about AccessDenied" },
        {
          key: "k500",
          versionId: undefined,
          code: "ServiceUnavailable",
          message: "about ServiceUnavailable"
        },
        {
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
      expect(yield* Effect.flip(result)).toMatchObject({
        deleted: 1,
        remaining: [
          { key: "a\r", code: "AccessDenied" },
          { key: "c\r", code: "Odd" }
        ]
      })
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
      const { result } = yield* resultOf(Cos.deleteObjects({ objects }), { body })
      expect(yield* Effect.flip(result)).toMatchObject({
        deleted: 2,
        remaining: [
          { key: "a", versionId: "2", code: "ObjectLocked", message: "ObjectLocked" },
          { key: "a", versionId: "3", code: "Unanswered" }
        ]
      })
      const known = Cos.deleteObjects({ objects: [objects[1], objects[2]].filter((id) => id !== undefined) })
      expect(yield* valueOf(known, { body })).toMatchObject([
        { _tag: "Deleted", key: "a", versionId: "1", deleteMarker: false },
        { _tag: "Deleted", key: "b", deleteMarker: true, deleteMarkerVersionId: "9" }
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

  it.effect("works through all, also where a request fails, and takes what can be iterated over", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 2500 }, (_, i) => `k${i}`)
      const { requests, result } = yield* resultOf(
        Cos.deleteObjects({ objects: new Set(keys), concurrency: 1 }),
        server(() => "deleted"),
        Scripted.error(403, "AccessDenied"),
        server(() => "deleted")
      )
      expect(requests).toHaveLength(3)
      const error = yield* Effect.flip(result)
      expect(error).toMatchObject({ _tag: "ObjectsRemain", deleted: 1500 })
      expect("remaining" in error && error.remaining.map(({ code, key }) => `${code} ${key}`)).toEqual(
        keys.slice(1000, 2000).map((key) => `AccessDenied ${key}`)
      )
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
            const isDeleted = (key: string) =>
              /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\r]/.test(key) || say(key) === "deleted"
            const remaining = keys.filter((key) => !isDeleted(key))
            const removed = await Effect.runPromise(
              Effect.provide(Effect.either(Cos.deleteObjects({ objects: keys })), layer)
            )
            const keysOf = (objects: ReadonlyArray<{ readonly key: string }>) => objects.map(({ key }) => key)
            if (Either.isRight(removed)) expect([keysOf(removed.right), remaining]).toEqual([keys, []])
            else expect("remaining" in removed.left && keysOf(removed.left.remaining)).toEqual(remaining)
          }
        ),
        { seed: 1, numRuns: 100 }
      )
    )
  )
})

describe("deletePrefix", () => {
  const page = (keys: ReadonlyArray<string>): Scripted.Step => ({
    body: `<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>${keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>5</Size></Contents>`
      )
      .join("")}</ListBucketResult>`
  })
  const removed = {
    body: "<DeleteResult><Deleted><Key>t/a</Key></Deleted><Deleted><Key>t/b</Key></Deleted></DeleteResult>"
  }

  it.effect("removes what lies below, or says what it would remove", () =>
    Effect.gen(function* () {
      const listed = page(["t/a", "t/b"])
      const dry = yield* resultOf(Cos.deletePrefix({ prefix: "t/", dryRun: true }), listed)
      expect((yield* dry.result).map(({ key, size }) => [key, size])).toEqual([
        ["t/a", 5],
        ["t/b", 5]
      ])
      expect(dry.requests.map(({ method }) => method)).toEqual(["GET"])
      const wet = yield* resultOf(Cos.deletePrefix({ prefix: "t/", limit: 2 }), listed, removed)
      expect((yield* wet.result).length).toBe(2)
      expect(wet.requests.map(({ method }) => method)).toEqual(["GET", "POST"])
    })
  )

  it.effect("removes nothing of more than is allowed, nor of a whole bucket", () =>
    Effect.gen(function* () {
      for (const dryRun of [true, false]) {
        const { requests, result } = yield* resultOf(
          Cos.deletePrefix({ prefix: "t/", limit: 1, dryRun }),
          page(["t/a", "t/b"])
        )
        expect(result).toMatchObject({ left: { _tag: "TooManyObjects", prefix: "t/", limit: 1 } })
        expect(requests.map(({ method }) => method)).toEqual(["GET"])
      }
      for (const [input, field] of [
        [{ prefix: "" }, "prefix"],
        [{ prefix: "t/", limit: -1 }, "limit"]
      ] as const) {
        const { requests, result } = yield* resultOf(Cos.deletePrefix(input))
        expect(result).toMatchObject({ left: { _tag: "InvalidInput", operation: "deletePrefix", field } })
        expect(requests).toEqual([])
      }
    })
  )
})
