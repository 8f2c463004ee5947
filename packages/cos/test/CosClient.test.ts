/** What a client refuses to send, where it sends the rest, and what it records. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Presign from "effect-cos/Presign"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { fromCos, key, ok, outcome, put, times } from "./support/outcome.js"
import * as Scripted from "./support/ScriptedClient.js"

const redactedKey = (size: number) => Redacted.make(new Uint8Array(size))
const complete = (...numbers: ReadonlyArray<number>) =>
  Cos.completeMultipartUpload({
    key,
    uploadId: "u",
    parts: numbers.map((partNumber) => ({ partNumber, eTag: '"a"' }))
  })

describe("what cannot be sent unchanged", () => {
  const bare = new Uint8Array(32) as unknown as Redacted.Redacted<Uint8Array>
  const loneSurrogate = "\ud800"
  const sized = (size: number) => Body.stream(Stream.empty, { size })
  const rows: ReadonlyArray<
    readonly [
      title: string,
      Effect.Effect<unknown, unknown, CosClient.CosClient>,
      field: string,
      options?: Scripted.Options
    ]
  > = [
    ["no bucket", Cos.headBucket(), "bucket", { settings: { bucket: undefined } }],
    ["no region", Cos.headBucket(), "region", { settings: { region: undefined } }],
    ["a negative budget of retries", Cos.headBucket(), "retryBudget", { settings: { retryBudget: -1 } }],
    ["a budget that is no number", Cos.headBucket(), "retryBudget", { settings: { retryBudget: Number.NaN } }],
    ["documents of less than nothing", Cos.headBucket(), "maxDocumentBytes", { settings: { maxDocumentBytes: -1 } }],
    [
      "a rate of nothing",
      Cos.headBucket(),
      "timeLimits.minBytesPerSecond",
      { settings: { timeLimits: { minBytesPerSecond: 0 } } }
    ],
    ["no attempt", Cos.headBucket(), "retry.attempts", { settings: { retry: RetryPolicy.make({ attempts: 0 }) } }],
    [
      "a negative number of attempts",
      Cos.headBucket(),
      "retry.attempts",
      { settings: { retry: RetryPolicy.make({ attempts: -3 }) } }
    ],
    ["a bucket without its number", Cos.headBucket({ bucket: "bucket" }), "bucket"],
    ["a region with dots", Cos.headBucket({ region: "cos.ap-guangzhou" }), "region"],
    ["an empty key", Cos.deleteObject({ key: "" }), "key"],
    ["a key of 851 bytes", Cos.deleteObject({ key: "a".repeat(851) }), "key"],
    ["a key that begins with /", Cos.deleteObject({ key: "/a" }), "key"],
    ["a key with a lone surrogate", Cos.deleteObject({ key: loneSurrogate }), "key"],
    ["a key with NUL", Cos.deleteObject({ key: "a\0" }), "key"],
    ["dot segments, without a raw path", Cos.deleteObject({ key: "a/../b" }), "key", { transport: { rawPath: false } }],
    [
      "a stream, without its length",
      Cos.putObject({ key, body: sized(0) }),
      "body",
      { transport: { contentLength: false } }
    ],
    ["a query with a lone surrogate", Cos.listObjects({ prefix: loneSurrogate }), "prefix"],
    ["a header outside of Latin-1", Cos.putObject({ key, contentType: "文" }), "contentType"],
    ["a header with a line end", Cos.putObject({ key, cacheControl: "a\r\nx-cos-acl: public-read" }), "cacheControl"],
    ["metadata outside of Latin-1", Cos.putObject({ key, metadata: { a: "文" } }), "metadata"],
    ["a name of metadata", Cos.putObject({ key, metadata: { a_b: "1" } }), "metadata"],
    ["metadata of over 2 KB", Cos.putObject({ key, metadata: { a: "b".repeat(2049) } }), "metadata"],
    [
      "metadata of over 4 KB",
      Cos.putObject({ key, metadata: { a: "a".repeat(2048), b: "b".repeat(2047) } }),
      "metadata"
    ],
    ["too slow", Cos.putObject({ key, trafficLimit: 819_199 }), "trafficLimit"],
    ["too fast", Cos.putObject({ key, trafficLimit: 838_860_801 }), "trafficLimit"],
    ["part 0", Cos.uploadPart({ key, uploadId: "u", partNumber: 0, body: "" }), "partNumber"],
    ["part 10,001", Cos.uploadPart({ key, uploadId: "u", partNumber: 10_001, body: "" }), "partNumber"],
    ["half a part", Cos.uploadPart({ key, uploadId: "u", partNumber: 1.5, body: "" }), "partNumber"],
    ["an object of over 5 GiB", Cos.putObject({ key, body: sized(5 * 1024 ** 3 + 1) }), "body"],
    ["a part of over 5 GiB", Cos.uploadPart({ key, uploadId: "u", partNumber: 1, body: sized(2 ** 40) }), "body"],
    ["half a byte", Cos.appendObject({ key, position: 0, body: sized(0.5) }), "body"],
    ["less than nothing", Cos.putObject({ key, body: sized(-1) }), "body"],
    ["an unknown ACL", Cos.putObject({ key, acl: "public" as "private" }), "acl"],
    [
      "eleven tags",
      Cos.putObject({ key, tagging: Object.fromEntries(times(11, 0).map((_, i) => [`k${i}`, ""])) }),
      "tagging"
    ],
    ["a page of 1,001", Cos.listObjects({ maxKeys: 1001 }), "maxKeys"],
    ["a delimiter of two", Cos.listObjects({ delimiter: "ab" }), "delimiter"],
    ["a range that ends before it begins", Cos.headObject({ key, range: { start: 2, end: 1 } }), "range"],
    ["no keys to delete", Cos.deleteMultipleObjects({ objects: [] }), "objects"],
    ["1,001 keys to delete", Cos.deleteMultipleObjects({ objects: times(1001, { key }) }), "objects"],
    ["a key that XML alters", Cos.deleteMultipleObjects({ objects: [{ key: "a\r" }] }), "objects[0].key"],
    ["a key of encryption that is not redacted", Cos.putObject({ key, customerKey: bare }), "customerKey"],
    ["a short key of encryption", Cos.putObject({ key, customerKey: redactedKey(31) }), "customerKey"],
    ["a source with a bad version", Cos.copyObject({ key, source: { key, versionId: loneSurrogate } }), "source"],
    ["a source with a bad key", Cos.copyObject({ key, source: { key: "" } }), "source"],
    ["a source with a bad bucket", Cos.copyObject({ key, source: { key, bucket: "b" } }), "source.bucket"],
    ["parts out of order", complete(2, 1), "parts"],
    ["a part twice", complete(1, 1), "parts"],
    ["no parts", complete(), "parts"],
    ["an unknown header that is ours", Cos.putObject({ key, extra: { headers: { Host: "a" } } }), "Host"],
    [
      "a header given twice",
      Cos.putObject({ key, contentType: "a", extra: { headers: { "content-type": "b" } } }),
      "content-type"
    ],
    ["a name of a header", Cos.putObject({ key, extra: { headers: { "a b": "c" } } }), "a b"],
    ["a parameter given twice", Cos.listObjects({ prefix: "a", extra: { query: { prefix: "b" } } }), "prefix"],
    // Transports drop outer blanks and tabs, which the signature would count.
    ["a blank before a value", Cos.putObject({ key, contentType: " text/plain" }), "contentType"],
    ["a tab after a value", Cos.putObject({ key, cacheControl: "no-cache\t" }), "cacheControl"],
    ["a blank after a condition", Cos.headObject({ key, ifMatch: '"a" ' }), "ifMatch"],
    ["a value of nothing but a blank", Cos.putObject({ key, contentLanguage: " " }), "contentLanguage"],
    ["a blank before metadata", Cos.putObject({ key, metadata: { a: " b" } }), "metadata"],
    ["a tab before a header", Cos.putObject({ key, extra: { headers: { "x-cos-a": "\tb" } } }), "x-cos-a"],
    ["a blank in what is presigned", Presign.request(Cos.putObject, { key, contentType: "a " }), "contentType"],
    ["a blank in a field of a form", Presign.form({ key, contentType: "a " }), "contentType"],
    ["a parameter with a lone surrogate", Cos.listObjects({ extra: { query: { a: loneSurrogate } } }), "a"]
  ]
  it.effect.each(rows)("%s", ([, run, field, options]) =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([], options)
      const error = yield* Effect.flip(Effect.provide(run, layer))
      expect(error).toMatchObject({ _tag: "InvalidInput", field })
      expect((error as CosError.InvalidInput).reason).not.toBe("")
      expect(requests).toEqual([])
    })
  )
})

describe("bucket and region", () => {
  const hostOf = (run: Effect.Effect<unknown, unknown, CosClient.CosClient>) =>
    Effect.map(outcome(run, [{}]), ({ requests }) => requests[0]?.host)

  it.effect("the nearest wins: input, fiber, client", () =>
    Effect.gen(function* () {
      const inside = CosClient.withBucket("inside-1", { region: "ap-beijing" })
      expect(yield* hostOf(Cos.headBucket())).toBe(Scripted.host)
      expect(yield* hostOf(Cos.headBucket().pipe(inside))).toBe("inside-1.cos.ap-beijing.myqcloud.com")
      expect(yield* hostOf(CosClient.withBucket(Cos.headBucket(), "inside-1"))).toBe(
        "inside-1.cos.ap-guangzhou.myqcloud.com"
      )
      expect(yield* hostOf(Cos.headBucket({ bucket: "input-1", region: "sg" }).pipe(inside))).toBe(
        "input-1.sg.myqcloud.com"
      )
    })
  )
})

describe("telemetry", () => {
  const collect = () => {
    const spans: Array<{ readonly name: string; readonly attributes: ReadonlyMap<string, unknown> }> = []
    const tracer = Tracer.make({
      context: (f) => f(),
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        spans.push({ name, attributes })
        return {
          _tag: "Span",
          name,
          spanId: String(spans.length),
          traceId: "trace",
          parent,
          context,
          status: { _tag: "Started", startTime },
          attributes,
          links,
          sampled: true,
          kind,
          end: () => {},
          attribute: (key, value) => attributes.set(key, value),
          event: () => {},
          addLinks: () => {}
        } as Tracer.Span
      }
    })
    return { spans, tracer }
  }

  it.effect("a span for each operation, with the response of its last attempt", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collect()
      yield* outcome(put.pipe(Effect.withTracer(tracer)), [fromCos(503), ok])
      expect(spans.map(({ name }) => name)).toEqual(["Cos.putObject"])
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toEqual({
        "http.request.method": "PUT",
        "http.response.status_code": 200,
        "cos.attempt": 2,
        "cos.bucket": Scripted.bucket,
        "cos.region": Scripted.region,
        "cos.request_id": Scripted.requestId
      })
    })
  )

  it.effect("no span of the HTTP client, which shows URLs and headers", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collect()
      const http = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { headers: { etag: '"a"' } })))
      )
      const layer = CosClient.layer({ bucket: Scripted.bucket, region: Scripted.region }).pipe(
        Layer.provide([Credentials.layerStatic(Scripted.keys), Layer.succeed(HttpClient.HttpClient, http)])
      )
      yield* put.pipe(Effect.provide(layer), Effect.withTracer(tracer))
      expect(spans.map(({ name }) => name)).toEqual(["Cos.putObject"])
    })
  )

  it.effect("metrics of attempts, bytes, and the duration of operations that succeeded", () =>
    Effect.gen(function* () {
      const counts = Effect.map(Metric.snapshot, (pairs) => {
        const stateOf = (name: string) => {
          const found = Array.from(pairs).find(
            ({ metricKey }) =>
              metricKey.name === name &&
              metricKey.tags.every(({ key, value }) => key !== "operation" || value === "putObject")
          )
          return (found?.metricState ?? {}) as { readonly count?: number; readonly sum?: number }
        }
        const duration = stateOf("cos_operation_duration")
        return [
          stateOf("cos_attempts_total").count,
          stateOf("cos_bytes_sent_total").count,
          stateOf("cos_bytes_received_total").count,
          duration.count,
          duration.sum
        ].map((value) => value ?? 0)
      })
      const before = yield* counts
      yield* outcome(put, [fromCos(503), { ...ok, after: "2 seconds" }], {
        settings: { retry: RetryPolicy.make({ base: 0 }) }
      })
      yield* outcome(put, [{ status: 404, body: "<Error></Error>" }])
      const after = yield* counts
      expect(after.map((value, i) => value - (before[i] ?? 0))).toEqual([3, 15, 15, 1, 2000])
    })
  )

  it.effect("spans name object keys with traceObjectKeys", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collect()
      yield* outcome(put.pipe(Effect.withTracer(tracer)), [ok], { settings: { traceObjectKeys: true } })
      expect(spans[0]?.attributes.get("cos.key")).toBe(key)
    })
  )
})
