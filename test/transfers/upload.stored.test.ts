/** What is stored with an object, and with which request it is said. */
import { createHash } from "node:crypto"
import type * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Upload from "effect-cos/Upload"
import type { JournalEntry } from "effect-cos-emulator/Journal"
import { drive } from "../support/clock.js"
import { content, inPieces, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const data = content(2 * MiB + 5)
const secret = new Uint8Array(32).fill(7)
const world = Effect.provide(World.inProcess())

const target: Upload.UploadTarget = {
  key: "a.json",
  acl: "public-read",
  grantRead: ["100000000002"],
  storageClass: "STANDARD_IA",
  tagging: { team: "a b" },
  metadata: { author: "ada" },
  cacheControl: "no-cache",
  contentDisposition: "attachment",
  contentLanguage: "tr",
  overwrite: false,
  trafficLimit: 838_860_800,
  customerKey: Redacted.make(secret)
}

/** The headers of each kind. */
const stored = {
  "x-cos-acl": "public-read",
  "x-cos-grant-read": 'id="100000000002"',
  "x-cos-storage-class": "STANDARD_IA",
  "x-cos-tagging": "team=a%20b",
  "x-cos-meta-author": "ada",
  "cache-control": "no-cache",
  "content-disposition": "attachment",
  "content-language": "tr",
  "content-type": "application/json"
}
const refusing = { "x-cos-forbid-overwrite": "true" }
const limited = { "x-cos-traffic-limit": "838860800" }
const encrypted = {
  "x-cos-server-side-encryption-customer-algorithm": "AES256",
  "x-cos-server-side-encryption-customer-key-md5": createHash("md5").update(secret).digest("base64")
}
const all = { ...stored, ...refusing, ...limited, ...encrypted }

/** Of a request, those headers that say what is stored, and how. */
const said = ({ headers }: JournalEntry) =>
  Object.fromEntries(Object.entries(headers).filter(([name, value]) => name in all && value !== "application/xml"))

const forms: ReadonlyArray<
  readonly [
    string,
    (options: Upload.UploadOptions) => Effect.Effect<Upload.UploadResult, unknown, CosClient | FileSystem.FileSystem>
  ]
> = [
  ["file", (options) => Upload.file({ ...target, path: "/data.json" }, options)],
  ["bytes", (options) => Upload.bytes({ ...target, contentType: "application/json", bytes: data }, options)],
  ["blob", (options) => Upload.blob({ ...target, blob: new Blob([data], { type: "application/json" }) }, options)],
  [
    "stream",
    (options) => Upload.stream({ ...target, contentType: "application/json", stream: inPieces(data, 100_000) }, options)
  ],
  [
    "sink",
    (options) =>
      Stream.run(inPieces(data, 100_000), Upload.sink({ ...target, contentType: "application/json" }, options))
  ]
]

describe.each(forms)("Upload.%s", (_, run) => {
  it.effect("sends everything in one request", () =>
    Effect.gen(function* () {
      ;(yield* Disk).put("/data.json", data)
      yield* drive(run({ threshold: 4 * MiB, partSize: 4 * MiB }))
      expect((yield* World.requests()).map((entry) => [entry.operation, said(entry)])).toEqual([["putObject", all]])
      yield* World.expectStored("a.json", data)
    }).pipe(world)
  )

  it.effect("in parts says what is stored first, repeats limit and key with each part, and overwrite at the end", () =>
    Effect.gen(function* () {
      ;(yield* Disk).put("/data.json", data)
      yield* drive(run({ threshold: 0, partSize: MiB, concurrency: 1 }))
      const part = { ...limited, ...encrypted }
      expect((yield* World.requests()).map((entry) => [entry.operation, said(entry)])).toEqual([
        ["initiateMultipartUpload", { ...stored, ...refusing, ...encrypted }],
        ["uploadPart", part],
        ["uploadPart", part],
        ["uploadPart", part],
        ["completeMultipartUpload", refusing]
      ])
      yield* World.expectStored("a.json", data)
      expect(yield* Cos.headObject({ key: "a.json", customerKey: Redacted.make(secret) })).toMatchObject({
        contentType: "application/json",
        cacheControl: "no-cache",
        contentDisposition: "attachment",
        storageClass: "STANDARD_IA",
        metadata: { author: "ada" }
      })
      expect((yield* Cos.getObjectTagging({ key: "a.json" })).tags).toEqual([{ key: "team", value: "a b" }])
    }).pipe(world)
  )
})

describe("the content type", () => {
  it.effect("follows the extension of the file, unless it is given or unknown", () =>
    Effect.gen(function* () {
      const disk = yield* Disk
      const typeOf = (path: string, contentType?: string) =>
        Effect.gen(function* () {
          disk.put(path, data.subarray(0, 10))
          yield* Upload.file({ key: "a", path, contentType })
          const [request] = (yield* World.requests("putObject")).slice(-1)
          return request?.headers["content-type"]
        })
      expect(yield* typeOf("/data.json")).toBe("application/json")
      expect(yield* typeOf("/cat.PNG")).toBe("image/png")
      expect(yield* typeOf("/movie.mp4", "video/x-own")).toBe("video/x-own")
      expect(yield* typeOf("/data.nobody-knows")).toBeUndefined()
      expect(yield* typeOf("/data")).toBeUndefined()
    }).pipe(world)
  )
})

it.effect("a callback is asked for by the request that makes the object, and by no other", () =>
  Effect.gen(function* () {
    const callback = { url: "https://a.example", body: "b" }
    const input = { key: "k", callback, callbackVar: { a: "1" } }
    const asked = Effect.map(World.requests(), (entries) =>
      entries
        .filter(({ headers }) => "x-cos-callback" in headers)
        .map(({ headers, operation }) => [
          operation,
          JSON.parse(Buffer.from(headers["x-cos-callback"] ?? "", "base64").toString()),
          JSON.parse(Buffer.from(headers["x-cos-callback-var"] ?? "", "base64").toString())
        ])
    )
    const expected = [{ callbackUrl: "https://a.example", callbackBody: "b" }, { "x:a": "1" }]
    yield* drive(Upload.bytes({ ...input, bytes: data }))
    yield* drive(Upload.bytes({ ...input, bytes: data }, { threshold: 0, partSize: MiB }))
    yield* drive(Upload.stream({ ...input, stream: Stream.make(data) }, { threshold: 0, partSize: MiB }))
    expect(yield* asked).toEqual([
      ["putObject", ...expected],
      ["completeMultipartUpload", ...expected],
      ["completeMultipartUpload", ...expected]
    ])
  }).pipe(world)
)
