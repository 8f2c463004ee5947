import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import { pipe } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"
import * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "./support/ScriptedClient.js"
import { verify } from "./support/verify.js"

describe("a custom operation", () => {
  const getBucketQuota = Operation.make({
    name: "getBucketQuota",
    method: "GET",
    target: "bucket",
    subresource: "quota",
    doc: "https://example.com",
    params: {
      level: Operation.required(Operation.query("level", Schema.NumberFromString.pipe(Schema.positive()))),
      note: Operation.header("x-cos-note")
    },
    root: "Quota",
    success: Schema.Struct({
      bytes: Schema.NumberFromString,
      names: Operation.fromElement("Names/Name", Schema.Array(Schema.String)),
      version: Schema.optional(Operation.fromHeader("x-cos-quota", Schema.String))
    }),
    errors: [CosError.NoSuchBucket]
  })

  it.effect("is sent, signed, decoded and refused like any other", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([
        { body: "<Quota><Bytes>5</Bytes><Names><Name>a</Name></Names></Quota>", headers: { "x-cos-quota": "1" } },
        Scripted.error(404, "NoSuchBucket")
      ])
      const found = yield* Effect.provide(getBucketQuota({ level: 2, note: "n" }), layer)
      expect(found).toEqual({ bytes: 5, names: ["a"], version: "1" })
      expect(requests[0]?.target).toBe("/?quota=&level=2")
      expect(requests[0]?.headers["x-cos-note"]).toBe("n")
      const again = Scripted.make([Scripted.error(404, "NoSuchBucket")])
      expect(yield* Effect.flip(Effect.provide(getBucketQuota({ level: 1 }), again.layer))).toMatchObject({
        _tag: "NoSuchBucket",
        operation: "getBucketQuota"
      })
      expect(yield* Effect.flip(Effect.provide(getBucketQuota({ level: 0 }), layer))).toMatchObject({
        _tag: "InvalidInput",
        field: "level"
      })
    })
  )
})

describe("extra", () => {
  it.effect("headers and parameters are sent and signed like the rest", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([{ headers: { etag: '"a"' } }])
      const extra = { headers: { "x-cos-odd": "文".length.toString(), "X-Custom": "z" }, query: { "odd name": "a/b" } }
      yield* Effect.provide(Cos.putObject({ key: "a", extra }), layer)
      const [request] = requests
      expect(request?.target).toBe("/a?odd%20name=a%2Fb")
      expect(request?.headers).toMatchObject({ "x-cos-odd": "1", "x-custom": "z" })
      expect(request?.headers.authorization).toContain("q-header-list=host;x-cos-odd&q-url-param-list=odd%20name&")
      expect(request && verify(request, Scripted.keys)).toBe(true)
    })
  )
})

describe("lists", () => {
  const page = (content: string) => ({ body: `<ListBucketResult><Name>b</Name>${content}</ListBucketResult>` })
  const entry = (key: string) =>
    `<Contents><Key>${key}</Key><LastModified>2020-03-18T12:00:00.000Z</LastModified><ETag>"a"</ETag><Size>1</Size></Contents>`
  const truncated = (...keys: ReadonlyArray<string>) =>
    page(`<IsTruncated>true</IsTruncated><NextMarker>${keys.at(-1)}</NextMarker>${keys.map(entry).join("")}`)
  const last = (...keys: ReadonlyArray<string>) => page(`<IsTruncated>false</IsTruncated>${keys.map(entry).join("")}`)
  const targets = (requests: ReadonlyArray<Scripted.Recorded>) =>
    requests.map(({ target }) => new URLSearchParams(target.slice(2)).get("marker"))

  it.effect("items of every page, each asked for when it is needed", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([truncated("a", "b"), truncated("c"), last("d")])
      const keys = Cos.listObjects.items({ prefix: "p" }).pipe(Stream.map(({ key }) => key))
      expect(yield* Stream.runCollect(keys).pipe(Effect.map(Chunk.toReadonlyArray), Effect.provide(layer))).toEqual([
        "a",
        "b",
        "c",
        "d"
      ])
      expect(targets(requests)).toEqual([null, "b", "c"])
      expect(requests.every(({ target }) => target.includes("prefix=p"))).toBe(true)

      const lazy = Scripted.make([truncated("a", "b")])
      yield* Cos.listObjects.items().pipe(Stream.take(2), Stream.runDrain, Effect.provide(lazy.layer))
      expect(lazy.requests.length).toBe(1)
    })
  )

  it.effect("pages, an empty one among them", () =>
    Effect.gen(function* () {
      const empty = page("<IsTruncated>true</IsTruncated><NextMarker>m</NextMarker>")
      const { layer } = Scripted.make([empty, last("a")])
      const sizes = Cos.listObjects.pages().pipe(Stream.map(({ contents }) => contents.length))
      expect(yield* Stream.runCollect(sizes).pipe(Effect.map(Chunk.toReadonlyArray), Effect.provide(layer))).toEqual([
        0, 1
      ])
    })
  )

  it.effect("a marker that does not move is noticed", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([truncated("a"), truncated("a")])
      const error = yield* Effect.flip(Effect.provide(Stream.runDrain(Cos.listObjects.items()), layer))
      expect(error).toMatchObject({ _tag: "PaginationStuck", operation: "listObjects", marker: "a" })
      expect(requests.length).toBe(2)
    })
  )

  it.effect("a truncated page that names no next one goes on after its last entry", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([page(`<IsTruncated>true</IsTruncated>${entry("a")}`), last("b")])
      yield* Effect.provide(Stream.runDrain(Cos.listObjects.items()), layer)
      expect(targets(requests)).toEqual([null, "a"])
    })
  )

  it.effect("a page that is cut off is never a shorter list", () =>
    Effect.gen(function* () {
      const { body } = last("a", "b")
      for (let length = 0; length < body.length; length += 3) {
        const { layer } = Scripted.make([{ body: body.slice(0, length) }], { settings: { retry: RetryPolicy.none } })
        expect(yield* Effect.flip(Effect.provide(Cos.listObjects(), layer))).toMatchObject({
          _tag: "MalformedResponse"
        })
      }
    })
  )

  it.effect("uploads go on after key and id, parts after their number, buckets after their name", () =>
    Effect.gen(function* () {
      const upload = (key: string, id: string) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>2020-03-18T12:00:00.000Z</Initiated></Upload>`
      const uploads = Scripted.make([
        {
          body: `<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker>${upload("k", "1")}</ListMultipartUploadsResult>`
        },
        {
          body: `<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated>${upload("k", "2")}</ListMultipartUploadsResult>`
        }
      ])
      const ids = Cos.listMultipartUploads.items().pipe(Stream.map(({ uploadId }) => uploadId))
      const found = yield* Effect.provide(Stream.runCollect(ids), uploads.layer)
      expect(Chunk.toReadonlyArray(found)).toEqual(["1", "2"])
      expect(uploads.requests[1]?.target).toContain("key-marker=k&upload-id-marker=1")

      const list = (isTruncated: boolean, content: string) => ({
        body: `<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>${isTruncated}</IsTruncated>${content}</ListMultipartUploadsResult>`
      })
      // After a common prefix, not after the last upload; where no next page is named, after that.
      const prefixes = Scripted.make([
        list(true, `<NextKeyMarker>dir/</NextKeyMarker>${upload("a", "1")}`),
        list(true, upload("e", "2")),
        list(false, "")
      ])
      yield* Effect.provide(Stream.runDrain(Cos.listMultipartUploads.items({ delimiter: "/" })), prefixes.layer)
      expect(prefixes.requests.map(({ target }) => target.split("&").slice(3))).toEqual([
        [],
        ["key-marker=dir%2F"],
        ["key-marker=e", "upload-id-marker=2"]
      ])

      const buckets = Scripted.make([
        {
          body: "<ListAllMyBucketsResult><Buckets/><IsTruncated>true</IsTruncated><NextMarker>b-1</NextMarker></ListAllMyBucketsResult>"
        },
        { body: "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>" }
      ])
      yield* Effect.provide(Stream.runDrain(Cos.listBuckets.items()), buckets.layer)
      expect(buckets.requests[1]?.target).toBe("/?marker=b-1")

      const part = (number: number) => `<Part><PartNumber>${number}</PartNumber><ETag>"a"</ETag><Size>1</Size></Part>`
      const parts = Scripted.make([
        {
          body: `<ListPartsResult><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>${part(1)}</ListPartsResult>`
        },
        {
          body: `<ListPartsResult><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId><IsTruncated>false</IsTruncated>${part(2)}</ListPartsResult>`
        }
      ])
      yield* Effect.provide(Stream.runDrain(Cos.listParts.items({ key: "k", uploadId: "u" })), parts.layer)
      expect(parts.requests[1]?.target).toContain("part-number-marker=1")
    })
  )
})

describe("combinators", () => {
  it.effect("take the operation first or last", () =>
    Effect.gen(function* () {
      const declared = Operation.make({
        name: "listThings",
        method: "GET",
        target: "bucket",
        doc: "https://www.tencentcloud.com/document/product/436/7734",
        params: { marker: Operation.query("marker") },
        success: Schema.Struct({ next: Schema.optional(Operation.fromHeader("next", Schema.String)) }),
        errors: [CosError.NoSuchBucket]
      })
      const recovered = Option.some({ next: undefined })
      const last = pipe(
        declared,
        Operation.recoverLostResponse(() => Effect.succeed(recovered)),
        Operation.paginated({
          items: (page) => [page.next ?? "none"],
          next: ({ next }) => (next === undefined ? undefined : { marker: next })
        })
      )
      expect(last.spec).toMatchObject({ name: "listThings" })
      const { layer } = Scripted.make([{ headers: { next: "b" } }, {}])
      const items = yield* Effect.provide(Stream.runCollect(last.items()), layer)
      expect(Chunk.toReadonlyArray(items)).toEqual(["b", "none"])
    })
  )
})

describe("every operation", () => {
  const operations = Object.entries(Cos).flatMap(([name, value]) =>
    typeof value === "function" && "spec" in value ? [[name, value.spec as Operation.SpecData] as const] : []
  )

  it("is named by its spec, has a page, and is repeatable as HTTP says, or says otherwise", () => {
    expect(operations.length).toBeGreaterThan(70)
    for (const [name, spec] of operations) {
      expect(spec.name).toBe(name)
      expect(spec.doc).toMatch(
        /^https:\/\/(?:www\.tencentcloud|cloud\.tencent)\.com\/document\/product\/(436|1045)\/\d+$/
      )
      expect([spec.name, spec.errors.length]).toEqual([spec.name, new Set(spec.errors).size])
    }
    const unlike = operations.filter(([, { idempotent, method }]) => idempotent !== (method !== "POST"))
    expect(unlike.map(([name]) => name).sort()).toEqual([
      "completeMultipartUpload",
      "deleteMultipleObjects",
      "imageProcess",
      "putBucket",
      "restoreObject",
      "selectObjectContent",
      "updateJobPriority",
      "updateJobStatus"
    ])
  })

  it("declares NoSuchBucket if it has a bucket", () => {
    const without = operations.filter(
      ([, { errors, target }]) =>
        target !== "service" && target !== "control" && !errors.includes(CosError.NoSuchBucket)
    )
    expect(without.map(([name]) => name)).toEqual(["putBucket", "headObject"])
  })
})
