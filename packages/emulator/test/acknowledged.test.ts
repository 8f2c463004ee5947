/**
 * What the emulator has acknowledged it can serve, list and delete, whatever it was given: keys, header values, documents
 * and clocks of every kind, by every way in.
 */

import type * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Runtime from "effect/Runtime"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { type Answer, bucket, type Send, send } from "./support/client.js"

const boundary = "----here"

// -------------------------------------------------------------------------------------
// what is given
// -------------------------------------------------------------------------------------

const keys = FastCheck.oneof(
  FastCheck.constantFrom(
    "a",
    "a/",
    "/",
    "//",
    ".",
    "..",
    "a/../b",
    "a?b#c%20d+e",
    "a\r\nSet-Cookie: x=1",
    "a\0b",
    "\0",
    "\u0001",
    "\u007f\u0085\u2028",
    "\ufffe\uffff",
    "\ud800",
    "a\udc00b",
    "\ufffd",
    "ü中😀",
    " a ",
    "&<>\"']]>",
    "k".repeat(850),
    "中".repeat(283),
    "k".repeat(851)
  ),
  FastCheck.string({ unit: "binary", minLength: 1, maxLength: 8 })
)

const values = FastCheck.oneof(
  FastCheck.constantFrom(
    "text/plain",
    "a\r\nSet-Cookie: x=1",
    "a\nb",
    "a\rb",
    "a\0b",
    "\u0001",
    "\u007f",
    "\u010d\u010a",
    " a\t",
    "",
    "ü",
    "中😀",
    "\ud800",
    "\ufffe",
    'attachment; filename="a\\"b"',
    "v".repeat(2_000)
  ),
  FastCheck.string({ unit: "binary", maxLength: 8 })
)

const names = FastCheck.constantFrom(
  "content-type",
  "cache-control",
  "content-disposition",
  "content-language",
  "content-encoding",
  "expires",
  "x-cos-meta-a",
  "x-cos-tagging",
  "x-cos-acl",
  "x-cos-storage-class",
  "x-cos-grant-read",
  "x-cos-server-side-encryption"
)

/** Milliseconds: the present, beyond 2255, the last moments that dates can hold, before 1970, and set back. */
const times = FastCheck.constantFrom(
  0,
  1_700_000_000_000,
  9_100_000_000_000,
  253_402_300_800_000,
  8.64e15,
  -1,
  -62_135_596_800_001,
  -8.64e15
)

const ways = ["put", "form", "append", "copy", "multipart", "metadata", "tags", "acl", "seed", "configuration"] as const

const gift = FastCheck.record({
  way: FastCheck.constantFrom(...ways),
  key: keys,
  name: names,
  value: values,
  time: times
})

type Gift = typeof gift extends FastCheck.Arbitrary<infer A> ? A : never

// -------------------------------------------------------------------------------------
// how it is given
// -------------------------------------------------------------------------------------

type Sent = Effect.Effect<Answer | undefined, never, Emulator | HttpClient.HttpClient>

const anonymous = (method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT", options: Send): Sent =>
  // what no client can send cannot come in
  Effect.catchAllCause(send(method, { as: null, ...options }), () => Effect.succeed(undefined))

/** With the owner's key, whose signatures are of the moment in which the tests' clock stands. */
const signed = (method: "DELETE" | "GET" | "PUT", options: Send): Sent =>
  Effect.gen(function* () {
    const { clock } = yield* Emulator
    const now = yield* clock.now
    yield* clock.set(new Date(0))
    const answer = yield* Effect.catchAllCause(send(method, options), () => Effect.succeed(undefined))
    yield* clock.set(now)
    return answer
  })

const isTaken = (answer: Answer | undefined): boolean => answer !== undefined && answer.status < 300

const formOf = ({ key, name, value }: Gift) =>
  [
    ["key", key],
    [name === "x-cos-acl" ? "acl" : name, value]
  ]
    .map(([field, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${text}\r\n`)
    .join("") +
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--${boundary}--\r\n`

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;")

const multipart = ({ key, name, value }: Gift) =>
  Effect.gen(function* () {
    const begun = yield* anonymous("POST", { key, query: { uploads: "" }, headers: { [name]: value } })
    const uploadId = /<UploadId>([^<]*)</.exec(begun?.text ?? "")?.[1]
    if (uploadId === undefined) return begun
    const part = yield* anonymous("PUT", { key, query: { partNumber: "1", uploadId }, body: "body" })
    // the upload is listed, too
    expect((yield* anonymous("GET", { query: { uploads: "", "encoding-type": "url" } }))?.text).toContain(uploadId)
    expect((yield* signed("GET", { key, query: { uploadId } }))?.status).toBe(200)
    const etag = escaped(part?.headers.etag ?? "")
    return yield* anonymous("POST", {
      key,
      query: { uploadId },
      body: `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`
    })
  })

/** Gives it, and says whether it was taken. */
const give = (gift: Gift): Effect.Effect<boolean, never, Emulator | HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const { key, name, value } = gift
    const headers = { [name]: value }
    switch (gift.way) {
      case "put":
        return isTaken(yield* anonymous("PUT", { key, headers, body: "body" }))
      case "form": {
        const type = { "content-type": `multipart/form-data; boundary=${boundary}` }
        return isTaken(yield* anonymous("POST", { headers: type, body: formOf(gift) }))
      }
      case "append":
        return isTaken(yield* anonymous("POST", { key, query: { append: "", position: "0" }, headers, body: "body" }))
      case "copy": {
        yield* Effect.orDie(emulator.seed(bucket, "source", "body"))
        const source = `${bucket}.cos.ap-guangzhou.myqcloud.com/source`
        const replaced = { "x-cos-copy-source": source, "x-cos-metadata-directive": "Replaced", ...headers }
        return isTaken(yield* anonymous("PUT", { key, headers: replaced }))
      }
      case "multipart":
        return isTaken(yield* multipart(gift))
      case "metadata":
        return isTaken(yield* anonymous("PUT", { key, headers: { ...headers, "x-cos-meta-b": value }, body: "body" }))
      case "tags": {
        const stored = yield* anonymous("PUT", { key, body: "body" })
        if (!isTaken(stored)) return false
        const tag = `<Tag><Key>${escaped(value)}</Key><Value>${escaped(value)}</Value></Tag>`
        const body = `<Tagging><TagSet>${tag}</TagSet></Tagging>`
        if (isTaken(yield* signed("PUT", { key, query: { tagging: "" }, body }))) {
          expect((yield* signed("GET", { key, query: { tagging: "" } }))?.status).toBe(200)
        }
        return true
      }
      case "acl": {
        const stored = yield* anonymous("PUT", { key, body: "body" })
        if (!isTaken(stored)) return false
        if (isTaken(yield* signed("PUT", { key, query: { acl: "" }, headers: { "x-cos-grant-read": value } }))) {
          expect((yield* signed("GET", { key, query: { acl: "" } }))?.status).toBe(200)
          // others may read it again
          yield* signed("PUT", { key, query: { acl: "" }, headers: { "x-cos-acl": "public-read" } })
        }
        return true
      }
      case "seed":
        return yield* Effect.isSuccess(emulator.seed(bucket, key, "body", { contentType: value }))
      case "configuration": {
        const rule = `<CORSRule><AllowedOrigin>${escaped(value)}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>${escaped(value)}</ExposeHeader></CORSRule>`
        const body = `<CORSConfiguration>${rule}</CORSConfiguration>`
        const taken = isTaken(yield* signed("PUT", { query: { cors: "" }, body }))
        if (taken) expect((yield* signed("GET", { query: { cors: "" } }))?.status).toBe(200)
        return taken && isTaken(yield* anonymous("PUT", { key, body: "body" }))
      }
    }
  })

// -------------------------------------------------------------------------------------
// what is held
// -------------------------------------------------------------------------------------

/** Serves, lists and deletes all that is there, so that nothing is left. */
const holds = (taken: boolean, { key }: Gift) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const stored = (yield* Effect.orDie(emulator.objects(bucket))).filter((object) => object.key !== "source")
    if (taken) expect(stored.length).toBeGreaterThan(0)
    const listed = yield* anonymous("GET", { query: { "encoding-type": "url" } })
    expect(listed?.status).toBe(200)
    expect((yield* anonymous("GET", {}))?.status).toBe(200)
    for (const object of stored) {
      expect(listed?.text).toContain("<Contents>")
      const got = yield* anonymous("GET", { key: object.key, headers: { origin: "http://a.example" } })
      expect([key, got?.status, got?.text]).toEqual([key, 200, "body"])
      expect((yield* anonymous("HEAD", { key: object.key }))?.status).toBe(200)
      expect(new TextDecoder().decode(yield* Effect.orDie(emulator.bytes(bucket, object.key)))).toBe("body")
    }
    for (const { key, versionId } of yield* Effect.orDie(emulator.versions(bucket))) {
      const query = { versionId: versionId === "" ? "null" : versionId }
      expect((yield* anonymous("DELETE", { key, query }))?.status).toBe(204)
    }
    expect(yield* Effect.orDie(emulator.versions(bucket))).toEqual([])
  })

const scenario = FastCheck.array(gift, { minLength: 1, maxLength: 4 })

/** The clock goes where each gift wants it, so also back. */
const run = (gifts: ReadonlyArray<Gift>) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    yield* Effect.orDie(emulator.reset)
    for (const versioning of [undefined, "Enabled", "Suspended"] as const) {
      if (versioning !== undefined) yield* Effect.orDie(emulator.updateBucket(bucket, { versioning }))
      for (const gift of gifts) {
        yield* emulator.clock.set(new Date(gift.time))
        const taken = yield* give(gift)
        yield* holds(taken, gift)
      }
    }
    for (const gift of gifts) {
      yield* emulator.clock.set(new Date(gift.time))
      yield* give(gift)
    }
    const last = gifts.at(-1)
    if (last !== undefined) yield* holds(false, last)
    // nothing that was stored keeps the bucket from being removed
    yield* emulator.clock.set(new Date(0))
    for (const upload of yield* Effect.orDie(emulator.unfinishedUploads)) {
      const aborted = yield* anonymous("DELETE", { key: upload.key, query: { uploadId: upload.uploadId } })
      expect(aborted?.status).toBe(204)
    }
    expect((yield* signed("DELETE", {}))?.status).toBe(204)
  })

describe("what was acknowledged", () => {
  it.effect(
    "can be served, listed and deleted, by every way in",
    () =>
      Effect.gen(function* () {
        const runPromise = Runtime.runPromise(yield* Effect.runtime<Emulator | HttpClient.HttpClient>())
        const property = FastCheck.asyncProperty(scenario, (gifts) => runPromise(run(gifts)))
        yield* Effect.promise(() => FastCheck.assert(property, { seed: 20261128, numRuns: 30 }))
      }).pipe(Effect.provide(layer({ buckets: [{ name: bucket, acl: "public-read-write" }], minPartSize: 1 }))),
    60_000
  )
})
