/** Keys that are hard to carry, lists that are hard to follow, and documents that are none. */
import { expect } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosXml from "effect-cos/CosXml"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Fault from "effect-cos-emulator/Fault"
import { content } from "../../support/content.js"
import * as World from "../../support/world.js"
import { always, type Contents, type InProcessRow, on, success } from "../row.js"

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const objectsOf = (keys: ReadonlyArray<string>): Contents =>
  Object.fromEntries(keys.map((key) => [key, bytesOf(`content of ${key}`)]))

const listed = Effect.map(
  Stream.runCollect(Stream.map(Cos.listObjects.items(), ({ key }) => key)),
  Chunk.toReadonlyArray
)
const inOrder = (keys: ReadonlyArray<string>) =>
  [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

// --- keys ------------------------------------------------------------------------------------------------------------

const carried = [
  "a b",
  "a+b",
  "a%2Fb",
  "a%00",
  "a//b",
  "a/../b",
  "a/./b",
  "..",
  "../../etc/passwd",
  "\ufeffa",
  "\u{1f600}",
  "caf\u00e9",
  "cafe\u0301",
  "\u{10000}",
  "\uffee",
  "a\r",
  "a\n",
  "a\tb",
  "&<>\"'",
  "a\u0001",
  "C:\\x",
  "A",
  "a",
  "文".repeat(283),
  "b".repeat(850)
]
const uncarried = [
  "",
  "/",
  ".",
  "./.",
  "//a",
  "/../",
  "\\a",
  "a\0",
  "\ud800",
  "a\udc00",
  "b".repeat(851),
  "文".repeat(284)
]

const keys: ReadonlyArray<InProcessRow> = [
  {
    where: "input",
    fault: "keys that are hard to carry",
    client: Effect.gen(function* () {
      const read = yield* Effect.forEach(Object.entries(objectsOf(carried)), ([key, body]) =>
        Effect.zipRight(Cos.putObject({ key, body }), Download.text({ key }))
      )
      return { read, listed: yield* listed }
    }),
    expect: success({ read: carried.map((key) => `content of ${key}`), listed: inOrder(carried) }),
    also: Effect.map(World.requests("listObjects"), ([entry]) => expect(entry?.query["encoding-type"]).toBe("url")),
    left: { objects: objectsOf(carried) }
  },
  {
    where: "input",
    fault: "keys that cannot be carried",
    client: Effect.forEach(uncarried, (key) => Effect.flip(Cos.putObject({ key, body: "evil" }))),
    expect: success(uncarried.map(() => ({ _tag: "InvalidInput", field: "key" }))),
    asked: {},
    left: {}
  }
]

// --- multi-delete ----------------------------------------------------------------------------------------------------

const many = Array.from({ length: 1001 }, (_, i) => `k${String(i).padStart(4, "0")}`)
/** By place among the thousand of the first request. */
const refusals = new Map([
  [10, "<Code>AccessDenied</Code><Message>m</Message>"],
  [20, "<Code>InternalError</Code><Message>m</Message>"]
])
const forgotten = 30
const deleted = many.slice(0, 1000).map((key, i) => {
  const error = refusals.get(i)
  if (i === forgotten) return ""
  return error === undefined ? `<Deleted><Key>${key}</Key></Deleted>` : `<Error><Key>${key}</Key>${error}</Error>`
})

const deletes: ReadonlyArray<InProcessRow> = [
  {
    where: "input",
    fault: "of 1,001 keys to delete one is denied, one fails, and one is not mentioned",
    given: { objects: objectsOf(many) },
    faults: [on("deleteMultipleObjects", Fault.replaceBody(`<DeleteResult>${deleted.join("")}</DeleteResult>`))],
    client: Cos.deleteObjects({ objects: many, concurrency: 1 }),
    expect: {
      _tag: "ObjectsRemain",
      deleted: 998,
      remaining: [
        expect.objectContaining({ key: many[10], code: "AccessDenied" }),
        expect.objectContaining({ key: many[20], code: "InternalError" }),
        expect.objectContaining({ key: many[forgotten], code: expect.any(String) })
      ]
    },
    asked: { deleteMultipleObjects: 2 },
    also: Effect.map(World.requests("deleteMultipleObjects"), (entries) =>
      expect(entries.every(({ headers }) => headers["content-md5"] !== undefined)).toBe(true)
    ),
    left: {}
  },
  {
    where: "input",
    fault: "keys that XML alters or cannot carry are deleted with others",
    given: { objects: objectsOf(["a\r", "a\n", "a\r\n", "a", "b\u0001", "b", "&lt;", "<", "c"]) },
    client: Effect.map(Cos.deleteObjects({ objects: ["a\r", "b\u0001", "&lt;", "c"] }), (outcomes) =>
      outcomes.map(({ _tag, key }) => [_tag, key])
    ),
    expect: success(["a\r", "b\u0001", "&lt;", "c"].map((key) => ["Deleted", key])),
    left: { objects: objectsOf(["a\n", "a\r\n", "a", "b", "<"]) }
  },
  ...["a\r", "b\u0001"].map(
    (key): InProcessRow => ({
      where: "input",
      fault: `the request itself is given ${JSON.stringify(key)}`,
      given: { objects: objectsOf([key, "a\n"]) },
      client: Cos.deleteMultipleObjects({ objects: [{ key: "a\n" }, { key }] }),
      expect: { _tag: "InvalidInput", field: "objects[1].key" },
      asked: {},
      left: { objects: objectsOf([key, "a\n"]) }
    })
  )
]

// --- lists -----------------------------------------------------------------------------------------------------------

const document = (root: string, body: string): string =>
  `<?xml version='1.0' encoding='utf-8' ?>\n<${root}>${body}</${root}>`

/** What every list of objects has. */
const head = `<Name>${World.bucket}</Name><Prefix/><Marker/><MaxKeys>1000</MaxKeys>`

/** A list of 10,001, of which each request gets a thousand after its marker. */
const paged =
  (root: string, marker: string, page: (from: number, to: number, isTruncated: boolean) => string) =>
  ({ url }: { readonly url: string }): Response => {
    const from = Number(new URL(url).searchParams.get(marker)?.replace("k", "") ?? 0)
    const to = Math.min(from + 1000, 10_001)
    return new Response(document(root, page(from, to, to < 10_001)))
  }
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i + 1)
const initiated = "<Initiated>2026-01-01T00:00:00.000Z</Initiated>"

const lists: ReadonlyArray<InProcessRow> = [
  {
    where: "service",
    fault: "a list of 10,001 uploads",
    network: paged(
      "ListMultipartUploadsResult",
      "key-marker",
      (from, to, isTruncated) =>
        `<Bucket>${World.bucket}</Bucket><MaxUploads>1000</MaxUploads><IsTruncated>${isTruncated}</IsTruncated>` +
        (isTruncated ? `<NextKeyMarker>k${to}</NextKeyMarker><NextUploadIdMarker>u${to}</NextUploadIdMarker>` : "") +
        numbers(from, to)
          .map((n) => `<Upload><Key>k${n}</Key><UploadId>u${n}</UploadId>${initiated}</Upload>`)
          .join("")
    ),
    client: Effect.map(Stream.runCollect(Cos.listMultipartUploads.items()), (uploads) =>
      Chunk.toReadonlyArray(uploads).map(({ uploadId }) => uploadId)
    ),
    expect: success(numbers(0, 10_001).map((n) => `u${n}`)),
    left: {}
  },
  {
    where: "service",
    fault: "a list of 10,001 parts",
    network: paged(
      "ListPartsResult",
      "part-number-marker",
      (from, to, isTruncated) =>
        `<Bucket>${World.bucket}</Bucket><Key>a</Key><UploadId>u</UploadId><MaxParts>1000</MaxParts>` +
        `<IsTruncated>${isTruncated}</IsTruncated><PartNumberMarker>${from}</PartNumberMarker>` +
        (isTruncated ? `<NextPartNumberMarker>${to}</NextPartNumberMarker>` : "") +
        numbers(from, to)
          .map(
            (n) =>
              `<Part><PartNumber>${n}</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified>` +
              `<ETag>"e"</ETag><Size>1</Size></Part>`
          )
          .join("")
    ),
    client: Effect.map(Stream.runCollect(Cos.listParts.items({ key: "a", uploadId: "u" })), (parts) =>
      Chunk.toReadonlyArray(parts).map(({ partNumber }) => partNumber)
    ),
    expect: success(numbers(0, 10_001)),
    left: {}
  },
  {
    where: "service",
    fault: "a list of 1,001 keys, of which some pages break",
    given: { objects: objectsOf(many) },
    faults: [on("listObjects", Fault.truncate(1000)), on("listObjects", Fault.resetResponseAfterBytes(10), { nth: 3 })],
    client: listed,
    expect: success(many),
    asked: { listObjects: 4 },
    left: { objects: objectsOf(many) }
  },
  {
    where: "service",
    fault: "an empty page that is truncated",
    given: { objects: objectsOf(["a", "b", "c"]) },
    faults: [
      on(
        "listObjects",
        Fault.replaceBody(
          document("ListBucketResult", `${head}<IsTruncated>true</IsTruncated><NextMarker>a</NextMarker>`)
        )
      )
    ],
    client: listed,
    expect: success(["b", "c"]),
    asked: { listObjects: 2 },
    left: { objects: objectsOf(["a", "b", "c"]) }
  },
  {
    where: "service",
    fault: "a marker that does not move",
    given: { objects: objectsOf(["a"]) },
    faults: [
      on(
        "listObjects",
        Fault.replaceBody(
          document("ListBucketResult", `${head}<IsTruncated>true</IsTruncated><NextMarker>a</NextMarker>`)
        ),
        { times: 10 }
      )
    ],
    client: listed,
    expect: { _tag: "PaginationStuck", operation: "listObjects", marker: "a" },
    asked: { listObjects: 2 },
    left: { objects: objectsOf(["a"]) }
  }
]

const listing = document(
  "ListBucketResult",
  `${head}<IsTruncated>false</IsTruncated>` +
    ["x", "y"]
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag>` +
          "<Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"
      )
      .join("")
)
const damaged: ReadonlyArray<readonly [name: string, document: string]> = [
  ["is cut in an entry", listing.slice(0, listing.indexOf("<Key>y"))],
  ["is cut between two entries", listing.slice(0, listing.lastIndexOf("<Contents>"))],
  ["has two roots", listing + listing.slice(listing.indexOf("<ListBucketResult>"))],
  ["has mismatched tags", listing.replace("</Key>", "</key>")],
  ["has garbage at its end", `${listing}garbage`],
  ["is empty", ""]
]

const xmlDocuments: ReadonlyArray<InProcessRow> = [
  ...damaged.flatMap(
    ([name, text]): ReadonlyArray<InProcessRow> => [
      {
        where: "service",
        fault: `a list ${name}, once`,
        faults: [on("listObjects", Fault.replaceBody(text)), on("listObjects", Fault.replaceBody(listing), { nth: 2 })],
        client: listed,
        expect: success(["x", "y"]),
        asked: { listObjects: 2 },
        left: {}
      },
      {
        where: "service",
        fault: `a list ${name}, always`,
        faults: [on("listObjects", Fault.replaceBody(text), always)],
        client: listed,
        expect: { _tag: "MalformedResponse", operation: "listObjects" },
        asked: { listObjects: 5 },
        left: {}
      }
    ]
  )
]

// --- XML -------------------------------------------------------------------------------------------------------------

let pulled = 0
/** A text node of a gigabyte, as it comes. */
const endless = () => {
  const piece = bytesOf("x".repeat(1024 * 1024))
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      pulled = 0
      controller.enqueue(bytesOf("<ListBucketResult><Prefix>"))
    },
    pull: (controller) => {
      pulled += piece.byteLength
      if (pulled > 1024 ** 3) controller.close()
      else controller.enqueue(piece)
    }
  })
}

/** A list that is well but for what is in front of it, and what it has beside its entries. */
const spoilt = (beside: string, before = "") =>
  `${before}<ListBucketResult>${head}<IsTruncated>false</IsTruncated>${beside}</ListBucketResult>`
const entities = `<!DOCTYPE a [<!ENTITY a "${"x".repeat(100)}"><!ENTITY b "${"&a;".repeat(100)}">]>`

const hostile: ReadonlyArray<readonly [fault: string, body: () => BodyInit]> = [
  ["a DOCTYPE", () => spoilt("", "<!DOCTYPE ListBucketResult>")],
  ["entities within entities", () => spoilt(`<A>${"&b;".repeat(100)}</A>`, entities)],
  ["elements nested 33 deep", () => spoilt(`${"<A>".repeat(32)}${"</A>".repeat(32)}`)],
  ["a document of over 16 MiB", () => spoilt(`<A>${"x".repeat(CosXml.maxLength)}</A>`)],
  ["a text node of a gigabyte, as it comes", endless],
  ["elements called __proto__", () => spoilt("<__proto__/><__proto__/>")],
  ["a document that is not UTF-8", () => Buffer.from(spoilt("<A>\xe9</A>"), "latin1")],
  ["a document that is not closed", () => spoilt("").replace("</ListBucketResult>", "")]
]

const xml = hostile.map(
  ([fault, body]): InProcessRow => ({
    where: "document",
    fault,
    world: { client: { retry: RetryPolicy.none } },
    network: () => new Response(body()),
    client: Cos.listObjects(),
    expect: { _tag: "MalformedResponse", operation: "listObjects" },
    also: Effect.sync(() => expect(pulled).toBeLessThan(32 * 1024 ** 2)),
    left: {}
  })
)

/** An error says what it can without its document. */
const errors: ReadonlyArray<InProcessRow> = [
  {
    where: "document",
    fault: "a DOCTYPE in an error",
    given: { objects: { a: content(1) } },
    faults: [
      on("getObject", Fault.status(404, { body: "<!DOCTYPE a [<!ENTITY x 'y'>]><Error><Code>&x;</Code></Error>" }))
    ],
    client: Download.text({ key: "a" }),
    expect: { _tag: "NoSuchKey", status: 404 },
    left: { objects: { a: content(1) } }
  }
]

export const documents: ReadonlyArray<InProcessRow> = [
  ...keys,
  ...deletes,
  ...lists,
  ...xmlDocuments,
  ...xml,
  ...errors
]
