/** Responses as a page of another origin sees them: without the headers that the CORS rules of the bucket do not expose. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
import { warned } from "../support/warnings.js"
import * as World from "../support/world.js"

const safelisted = [
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma"
]

const complete = [
  "ETag",
  "x-cos-hash-crc64ecma",
  "x-cos-request-id",
  "x-cos-storage-class",
  "Content-Range",
  "Content-Encoding",
  "x-cos-next-append-position",
  "x-cos-meta-a",
  "Access-Control-Expose-Headers"
]

/** Hides what a browser would. */
const page =
  (exposed: ReadonlyArray<string>) =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient => {
    const visible = new Set([...safelisted, ...exposed.map((name) => name.toLowerCase())])
    return HttpClient.transformResponse(
      client,
      Effect.map((response) => {
        const all = { ...response.headers, "access-control-expose-headers": exposed.join(", ") }
        const shown = Object.entries(all).filter(([name]) => visible.has(name))
        const headers = Headers.fromInput(Object.fromEntries(shown))
        return new Proxy(response, {
          get: (target, name) => (name === "headers" ? headers : Reflect.get(target, name, target))
        })
      })
    )
  }

const world = (exposed: ReadonlyArray<string>) =>
  World.inProcess({ transport: { hidesHeaders: true }, client: { transformClient: page(exposed) } })

const without = (name: string) => complete.filter((one) => one !== name)

describe("rules that expose everything", () => {
  it.scoped("nothing is missed and nothing is warned of", () =>
    Effect.gen(function* () {
      const { value: head, warnings } = yield* warned(
        Effect.zipRight(Cos.putObject({ key: "a", body: "text", metadata: { a: "b" } }), Cos.headObject({ key: "a" }))
      )
      expect(head).toMatchObject({ metadata: { a: "b" }, storageClass: "STANDARD", contentLength: 4 })
      expect(head.crc64).toBeDefined()
      expect(warnings).toEqual([])
    }).pipe(Effect.provide(world(complete)))
  )
})

describe("ETag is hidden", () => {
  it.scoped("an object is stored by one request, and one warning names the header", () =>
    Effect.gen(function* () {
      const put = Cos.putObject({ key: "a", body: "text" })
      const { value, warnings } = yield* warned(Effect.zipRight(put, put))
      expect(value.eTag).toBeUndefined()
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain("ETag")
      expect(yield* World.asked).toEqual({ putObject: 2 })
    }).pipe(Effect.provide(world(without("ETag"))))
  )

  it.scoped("appending succeeds once", () =>
    Effect.gen(function* () {
      const appended = yield* Cos.appendObject({ key: "a", position: 0, body: "text" })
      expect(appended).toMatchObject({ nextAppendPosition: 4 })
      expect(appended.eTag).toBeUndefined()
      expect(yield* World.asked).toEqual({ appendObject: 1 })
    }).pipe(Effect.provide(world(without("ETag"))))
  )

  it.scoped("an upload in parts takes the ETags from the list of parts", () =>
    Effect.gen(function* () {
      const bytes = content(3 * MiB + 5)
      const result = yield* Upload.bytes({ key: "a", bytes }, { partSize: MiB, threshold: MiB })
      expect(result).toMatchObject({ parts: 4, size: bytes.byteLength })
      yield* World.expectStored("a", bytes)
      expect(yield* World.asked).toMatchObject({ uploadPart: 4, listParts: 1, completeMultipartUpload: 1 })
    }).pipe(Effect.provide(world(without("ETag"))))
  )

  it.scoped("a lone part is an error that names the header, and is sent once", () =>
    Effect.gen(function* () {
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "a" })
      const error = yield* Effect.flip(Cos.uploadPart({ key: "a", uploadId, partNumber: 1, body: "x" }))
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Cors", hiddenHeader: "ETag", status: 200 })
      expect(yield* World.asked).toMatchObject({ uploadPart: 1 })
    }).pipe(Effect.provide(world(without("ETag"))))
  )

  it.scoped("a download that breaks off does not go on with bytes of perhaps another object", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: content(MiB) })
      yield* World.fault({ on: { operation: "getObject" }, do: Fault.resetResponseAfterBytes(1000) })
      const error = yield* Effect.flip(drive(Download.bytes({ key: "a" })))
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Cors", hiddenHeader: "ETag" })
      expect(yield* World.asked).toMatchObject({ getObject: 1 })
    }).pipe(Effect.provide(world(without("ETag"))))
  )
})

describe("the checksum is hidden", () => {
  it.scoped("stored objects are not compared, which a warning says once", () =>
    Effect.gen(function* () {
      const bytes = content(1000)
      const { warnings } = yield* warned(
        Effect.zipRight(Upload.bytes({ key: "a", bytes }), Download.bytes({ key: "a" }))
      )
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain("x-cos-hash-crc64ecma")
      expect(warnings[0]).toContain("not compared")
    }).pipe(Effect.provide(world(without("x-cos-hash-crc64ecma"))))
  )
})

describe("Content-Range is hidden", () => {
  it.scoped("a range is read, and a warning names the header", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: "0123456789" })
      const { value, warnings } = yield* warned(Download.bytes({ key: "a", range: { start: 2, end: 4 } }))
      expect(new TextDecoder().decode(value)).toBe("234")
      expect(warnings.join()).toContain("Content-Range")
      const rest = yield* Download.bytes({ key: "a", range: { start: 7 } })
      expect(new TextDecoder().decode(rest)).toBe("789")
    }).pipe(Effect.provide(world(without("Content-Range"))))
  )

  it.scoped("the last bytes are an error that names the header, and are requested once", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: "0123456789" })
      const error = yield* Effect.flip(Download.bytes({ key: "a", range: { last: 2 } }))
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Cors", hiddenHeader: "Content-Range" })
      expect(yield* World.asked).toMatchObject({ getObject: 1 })
    }).pipe(Effect.provide(world(without("Content-Range"))))
  )

  it.scoped("a download that broke off goes on", () =>
    Effect.gen(function* () {
      const bytes = content(MiB)
      yield* Cos.putObject({ key: "a", body: bytes })
      yield* World.fault({ on: { operation: "getObject" }, do: Fault.resetResponseAfterBytes(1000) })
      const found = yield* drive(Download.bytes({ key: "a" }))
      expect(firstDifference(found, bytes)).toBeUndefined()
    }).pipe(Effect.provide(world(without("Content-Range"))))
  )
})

describe("a header that only some objects have is hidden", () => {
  it.scoped("the storage class is not guessed, and metadata may be missing", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: "text", metadata: { a: "b" }, storageClass: "STANDARD_IA" })
      const { value, warnings } = yield* warned(Cos.headObject({ key: "a" }))
      expect(value.storageClass).toBeUndefined()
      expect(warnings.join()).toContain("x-cos-meta-*")
    }).pipe(Effect.provide(world(["ETag", "x-cos-hash-crc64ecma"])))
  )
})

describe("no rules at all", () => {
  const blocked = (settled: { count: number; probes: number }, reachable: boolean) =>
    CosClient.layer({ bucket: World.bucket, region: World.region }).pipe(
      Layer.provide(Credentials.layerStatic({ secretId: "AKIDexample", secretKey: "secret" })),
      Layer.provide(FetchHttpClient.layer),
      Layer.provideMerge(
        Layer.succeed(FetchHttpClient.Fetch, (_, init) => {
          if (init?.mode === "no-cors") {
            settled.probes += 1
            if (reachable) return Promise.resolve(new Response(null))
          } else settled.count += 1
          return Promise.reject(new TypeError("Failed to fetch"))
        })
      )
    )

  for (const reachable of [true, false]) {
    it.effect(`one error names CORS, and the request is sent once; the host is ${reachable ? "there" : "silent"}`, () =>
      Effect.gen(function* () {
        const sent = { count: 0, probes: 0 }
        const error = yield* Effect.flip(
          Effect.provide(Cos.putObject({ key: "a", body: "text" }), blocked(sent, reachable))
        )
        expect(error).toMatchObject({ _tag: "TransportError", reason: "Cors", phase: "connect" })
        expect(error.message).toContain("CORS")
        expect(sent).toEqual({ count: 1, probes: 1 })
      })
    )
  }
})
