/** Downloads through servers in between, such as a CDN, which leave headers out or empty. */

import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

type Change = (headers: Headers.Headers, method: string) => Headers.Headers

/** A client behind a server that changes headers. */
const behind = (change: Change) =>
  World.inProcess({
    client: {
      transformClient: HttpClient.transform((response, { method }) =>
        Effect.map(
          response,
          (response): HttpClientResponse.HttpClientResponse =>
            new Proxy(response, {
              get: (target, name) =>
                name === "headers" ? change(target.headers, method) : Reflect.get(target, name, target)
            })
        )
      )
    }
  })

const sizes = [0, 1, 200 * KiB]

const downloads = (size: number, options: { readonly store: boolean } = { store: false }) =>
  Effect.gen(function* () {
    const bytes = content(size)
    yield* Cos.putObject({ key: "k", body: bytes })
    const disk = yield* Disk
    const path = "/file"
    const download = Download.file({ key: "k", path }, { partSize: 64 * KiB })
    const file = yield* options.store ? Effect.provide(download, Checkpoint.layerMemory) : download
    expect(file.size).toBe(size)
    expect(Buffer.from(disk.bytes(path) ?? []).equals(bytes)).toBe(true)
    expect(Buffer.from(yield* Download.bytes({ key: "k" })).equals(bytes)).toBe(true)
  }).pipe(Effect.scoped)

describe.each(sizes)("an object of %i bytes", (size) => {
  it.scoped("without its length in the response to HEAD", () =>
    downloads(size, { store: true }).pipe(
      Effect.provide(
        behind((headers, method) => (method === "HEAD" ? Headers.remove(headers, "content-length") : headers))
      )
    )
  )

  it.scoped("without Last-Modified, and with headers that are empty", () =>
    downloads(size).pipe(
      Effect.provide(
        behind((headers) =>
          Headers.setAll(Headers.remove(headers, "last-modified"), {
            "x-cos-hash-crc64ecma": "",
            "x-cos-tagging-count": "",
            "x-cos-next-append-position": ""
          })
        )
      )
    )
  )
})

it.scoped("what is empty or left out is absent; the class of an object without one is STANDARD", () =>
  Effect.gen(function* () {
    yield* Cos.putObject({ key: "k", body: "x" })
    const head = yield* Cos.headObject({ key: "k" })
    expect(head).toMatchObject({ storageClass: "STANDARD", contentLength: 1 })
    for (const field of ["crc64", "lastModified", "taggingCount"]) expect(head).not.toHaveProperty(field)
    expect((yield* Effect.scoped(Cos.getObject({ key: "k" }))).storageClass).toBe("STANDARD")
  }).pipe(
    Effect.provide(
      behind((headers) =>
        Headers.setAll(Headers.remove(headers, ["last-modified", "x-cos-storage-class"]), {
          "x-cos-hash-crc64ecma": "",
          "x-cos-tagging-count": ""
        })
      )
    )
  )
)

it.scoped("a CRC64 that only HEAD tells is compared all the same", () =>
  Effect.gen(function* () {
    yield* Cos.putObject({ key: "k", body: content(1000) })
    yield* World.fault({ on: { operation: "getObject" }, do: Fault.flipBit(5) })
    const error = yield* Effect.flip(Download.file({ key: "k", path: "/file" }))
    expect(error).toMatchObject({ _tag: "IntegrityError", algorithm: "crc64" })
    expect((yield* Disk).paths).toEqual([])
    expect((yield* World.asked).headObject).toBe(1)
  }).pipe(
    Effect.provide(
      behind((headers, method) => (method === "GET" ? Headers.remove(headers, "x-cos-hash-crc64ecma") : headers))
    )
  )
)
