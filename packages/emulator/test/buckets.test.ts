import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Emulator } from "effect-cos-emulator/Emulator"
import { bucket, send } from "./support/client.js"
import { code, element, elements, emulator, put } from "./support/requests.js"

describe("buckets", () => {
  it.effect("are created, listed and removed", () =>
    Effect.gen(function* () {
      const to = "new-1250000000.cos.ap-beijing.myqcloud.com"
      expect(yield* code("HEAD", { host: to })).toBe(404)
      expect(yield* code("PUT", { host: to, headers: { "x-cos-acl": "public-read" } })).toBe(200)
      expect(yield* code("PUT", { host: to })).toBe("BucketAlreadyOwnedByYou")
      const head = yield* send("HEAD", { host: to })
      expect([head.status, head.headers["x-cos-bucket-region"]]).toEqual([200, "ap-beijing"])
      const service = yield* send("GET", { host: "service.cos.myqcloud.com" })
      expect(elements(service.text, "Name")).toEqual(["new-1250000000", bucket])
      expect(elements(service.text, "ID")).toEqual(["qcs::cam::uin/100000000001:uin/100000000001"])
      const page = yield* send("GET", { host: "service.cos.myqcloud.com", query: { "max-keys": "1" } })
      expect(elements(page.text, "Name")).toEqual(["new-1250000000"])
      expect([element(page.text, "IsTruncated"), element(page.text, "NextMarker")]).toEqual(["true", "new-1250000000"])
      const rest = yield* send("GET", { host: "service.cos.myqcloud.com", query: { marker: "new-1250000000" } })
      expect(elements(rest.text, "Name")).toEqual([bucket])
      yield* TestClock.setTime(10_000)
      yield* (yield* Emulator).createBucket("late-1250000000")
      const created = (range: string) =>
        send("GET", { host: "service.cos.myqcloud.com", query: { "create-time": "10", range } })
      expect(elements((yield* created("gte")).text, "Name")).toEqual(["late-1250000000"])
      expect(elements((yield* created("lt")).text, "Name")).toEqual(["new-1250000000", bucket])
      expect((yield* created("constructor")).code).toBe("InvalidArgument")
      expect(yield* code("PUT", { host: to, key: "k", body: "x" })).toBe(200)
      expect(yield* code("DELETE", { host: to })).toBe("BucketNotEmpty")
      expect(yield* code("DELETE", { host: to, key: "k" })).toBe(204)
      expect(yield* code("POST", { host: to, key: "k", query: { uploads: "" } })).toBe(200)
      expect(yield* code("DELETE", { host: to })).toBe("BucketNotEmpty")
      const [upload] = yield* (yield* Emulator).unfinishedUploads
      expect(yield* code("DELETE", { host: to, key: "k", query: { uploadId: upload?.uploadId ?? "" } })).toBe(204)
      expect(yield* code("DELETE", { host: to })).toBe(204)
      expect(yield* code("DELETE", { host: to })).toBe("NoSuchBucket")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("must have a name of COS's form", () =>
    Effect.gen(function* () {
      const named = (name: string) => code("PUT", { host: "127.0.0.1", key: name })
      expect(yield* named("a-1250000000")).toBe(200)
      expect(yield* named("Upper-1250000000")).toBe("InvalidBucketName")
      expect(yield* named("a-1250000001")).toBe("InvalidBucketName")
      expect(yield* named("1250000000")).toBe("InvalidBucketName")
      expect(yield* named(`${"a".repeat(50)}-1250000000`)).toBe(200)
      expect(yield* named(`${"a".repeat(51)}-1250000000`)).toBe("InvalidBucketName")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("are multi-AZ if the request's document says so", () =>
    Effect.gen(function* () {
      const to = "maz-1250000000.cos.ap-guangzhou.myqcloud.com"
      const body = (config: string) => `<CreateBucketConfiguration>${config}</CreateBucketConfiguration>`
      expect(yield* code("PUT", { host: to, body: body("<BucketAZConfig>MAZ</BucketAZConfig>") })).toBe(200)
      expect((yield* send("HEAD", { host: to })).headers["x-cos-bucket-az-type"]).toBe("MAZ")
    }).pipe(Effect.provide(emulator))
  )
})

describe("listObjects", () => {
  it.effect("orders by UTF-8 bytes and pages by exclusive markers", () =>
    Effect.gen(function* () {
      // UTF-16 order would put U+1F600 before U+FFxx.
      const keys = ["a", "a/1", "a/2", "b", "ä", "ﬀ", "😀"]
      yield* Effect.forEach([...keys].reverse(), (key) => put(key, key))
      const list = (query: Record<string, string>) => Effect.map(send("GET", { query }), ({ text }) => text)
      const all = yield* list({})
      expect(elements(all, "Key")).toEqual(keys)
      expect([element(all, "IsTruncated"), element(all, "NextMarker"), element(all, "MaxKeys")]).toEqual([
        "false",
        undefined,
        "1000"
      ])
      expect(element(all, "ETag")).toBe("&quot;0cc175b9c0f1b6a831c399e269772661&quot;")
      expect(all).toContain("<Prefix/><Marker/>")
      const first = yield* list({ "max-keys": "3" })
      expect([elements(first, "Key"), element(first, "NextMarker")]).toEqual([["a", "a/1", "a/2"], "a/2"])
      expect(elements(yield* list({ marker: "a/2" }), "Key")).toEqual(keys.slice(3))
      expect(elements(yield* list({ marker: "a/1z", "max-keys": "5000" }), "Key")).toEqual(keys.slice(2))
      expect(elements(yield* list({ prefix: "a/" }), "Key")).toEqual(["a/1", "a/2"])
      const none = yield* list({ "max-keys": "0" })
      expect([elements(none, "Key"), element(none, "IsTruncated")]).toEqual([[], "false"])
      for (const query of [{ "max-keys": "-1" }, { "max-keys": "many" }, { "encoding-type": "base64" }] as const) {
        expect(yield* code("GET", { query })).toBe("InvalidArgument")
      }
      expect(yield* code("GET", { query: { delimiter: "ab" } })).toBe("InvalidDelimiter")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("groups by delimiter", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(["a/1", "a/2", "b", "c/1", "c/d/2"], (key) => put(key))
      const list = (query: Record<string, string>) =>
        Effect.map(send("GET", { query: { delimiter: "/", ...query } }), ({ text }) => ({
          keys: elements(text, "Key"),
          prefixes: elements(text, "CommonPrefixes><Prefix").concat(
            Array.from(text.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g), ([, prefix]) => prefix)
          ),
          next: element(text, "NextMarker")
        }))
      expect(yield* list({})).toEqual({ keys: ["b"], prefixes: ["a/", "c/"], next: undefined })
      expect(yield* list({ "max-keys": "1" })).toEqual({ keys: [], prefixes: ["a/"], next: "a/" })
      expect(yield* list({ "max-keys": "1", marker: "a/" })).toEqual({ keys: ["b"], prefixes: [], next: "b" })
      expect(yield* list({ prefix: "c/" })).toEqual({ keys: ["c/1"], prefixes: ["c/d/"], next: undefined })
    }).pipe(Effect.provide(emulator))
  )

  it.effect("carries any key with encoding-type=url", () =>
    Effect.gen(function* () {
      const key = "a b+\u0001<&>'\r中/é"
      yield* put(key)
      const { text } = yield* send("GET", { query: { "encoding-type": "url", prefix: "a b", delimiter: "+" } })
      expect(text).toContain("<EncodingType>url</EncodingType><Prefix>a%20b</Prefix>")
      expect(text).toContain("<Delimiter>%2B</Delimiter>")
      expect(text).toContain("<CommonPrefixes><Prefix>a%20b%2B</Prefix></CommonPrefixes>")
      const all = yield* send("GET", { query: { "encoding-type": "url" } })
      expect(element(all.text, "Key")).toBe("a%20b%2B%01%3C%26%3E%27%0D%E4%B8%AD/%C3%A9")
      expect(decodeURIComponent(element(all.text, "Key") ?? "")).toBe(key)
    }).pipe(Effect.provide(emulator))
  )
})
