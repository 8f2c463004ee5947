/** What is told of an object that was made: its address, and the response of the request that made it. */
import * as NodePath from "@effect/platform-node/NodePath"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Endpoint from "effect-cos/Endpoint"
import * as Presign from "effect-cos/Presign"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import { drive } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const key = "a b/ü+1.txt"
const location = `https://${World.bucket}.cos.${World.region}.myqcloud.com/a%20b/%C3%BC%2B1.txt`
const data = content(2 * MiB + 5)

const forms = {
  "in one request": {},
  "in parts": { partSize: MiB, threshold: 0 }
} as const

type Form = (typeof forms)[keyof typeof forms]

const prepared = Effect.gen(function* () {
  const disk = yield* Disk
  disk.put("/a", data)
  yield* Cos.putObject({ key: "source", body: data })
})

const streamOf = (form: Form) => ("partSize" in form ? { partSize: MiB } : {})

const makes = {
  file: (form: Form) => Upload.file({ key, path: "/a" }, form),
  bytes: (form: Form) => Upload.bytes({ key, bytes: data }, form),
  blob: (form: Form) => Upload.blob({ key, blob: new Blob([data]) }, form),
  stream: (form: Form) => Upload.stream({ key, stream: Stream.make(data) }, streamOf(form)),
  sink: (form: Form) => Stream.run(Stream.make(data), Upload.sink({ key }, streamOf(form))),
  controlled: (form: Form) =>
    Effect.scoped(Effect.flatMap(Upload.controlled({ key, path: "/a" }, form), (upload) => upload.await)),
  queue: (form: Form) =>
    Effect.gen(function* () {
      const queue = yield* TransferQueue.make()
      return yield* (yield* queue.upload({ key, path: "/a" }, form)).await
    }).pipe(Effect.scoped),
  files: (form: Form) =>
    Effect.map(Upload.files([{ key, path: "/a" }], form), ({ outcomes: [outcome] }) =>
      outcome?._tag === "Success" ? outcome.value : undefined
    ),
  copy: (form: Form) => Copy.object({ key, source: { key: "source" } }, form)
}

const world = Effect.provide(Layer.merge(World.inProcess(), NodePath.layer))

/** The requests that make an object, of all that the emulator got. */
const making = Effect.map(World.requests(), (entries) =>
  entries.filter(
    (entry) =>
      entry.key === key &&
      ["putObject", "copyObject", "completeMultipartUpload"].includes(entry.operation ?? "") &&
      entry.status === 200
  )
)

describe("what was made", () => {
  for (const [name, make] of Object.entries(makes)) {
    for (const [how, form] of Object.entries(forms)) {
      it.scoped(`${name}, ${how}: address, bucket, region, upload and response`, () =>
        Effect.gen(function* () {
          yield* prepared
          const made = yield* make(form)
          const [request] = yield* making
          const inParts = how === "in parts"
          expect(made).toMatchObject({ key, location, bucket: World.bucket, region: World.region })
          expect(made?.uploadId).toBe(inParts ? request?.uploadId : undefined)
          expect(made?.uploadId !== undefined).toBe(inParts)
          expect(made?.response).toMatchObject({ status: 200, requestId: request?.requestId })
          expect(made?.response.headers["x-cos-request-id"]).toBe(request?.requestId)
        }).pipe(world)
      )
    }
  }

  it.scoped("single requests: putObject, copyObject and putBucket", () =>
    Effect.gen(function* () {
      const expected = { location, bucket: World.bucket, region: World.region, response: { status: 200 } }
      const put = yield* Cos.putObject({ key, body: data })
      expect(put).toMatchObject(expected)
      expect(put.response.requestId).toBe((yield* making)[0]?.requestId)
      expect(put.response.headers.etag).toBe(put.eTag)
      expect(put.location).toBe(yield* Presign.objectUrl({ key }))
      expect(yield* Cos.copyObject({ key, source: { key }, metadataDirective: "Replaced" })).toMatchObject(expected)
      expect(yield* Cos.putBucket({ bucket: "other-1250000000" })).toEqual({
        location: `https://other-1250000000.cos.${World.region}.myqcloud.com/`
      })
    }).pipe(world)
  )

  const path = "a%20b/%C3%BC%2B1.txt"
  const endpoints = [
    [Endpoint.internal, `https://${World.bucket}.cos-internal.${World.region}.tencentcos.cn/${path}`],
    [Endpoint.backupDomain, `https://${World.bucket}.cos.${World.region}.tencentcos.cn/${path}`],
    [Endpoint.insecure(Endpoint.standard), `http://${World.bucket}.cos.${World.region}.myqcloud.com/${path}`],
    [Endpoint.custom({ url: "http://127.0.0.1:9000" }), `http://127.0.0.1:9000/${World.bucket}/${path}`]
  ] as const
  for (const [endpoint, expected] of endpoints) {
    it.scoped(`the address as the endpoint spells it: ${expected}`, () =>
      Effect.gen(function* () {
        yield* prepared
        expect(yield* Presign.objectUrl({ key })).toBe(expected)
        for (const form of Object.values(forms)) {
          expect((yield* Upload.bytes({ key, bytes: data }, form)).location).toBe(expected)
        }
      }).pipe(Effect.provide(World.inProcess({ client: { endpoint } })))
    )
  }

  it.scoped("the bucket and region that withBucket names", () =>
    Effect.gen(function* () {
      const bucket = "other-1250000000"
      yield* Cos.putBucket({ bucket })
      for (const form of Object.values(forms)) {
        const made = yield* CosClient.withBucket(bucket)(Upload.bytes({ key: "k", bytes: data }, form))
        expect(made).toMatchObject({ bucket, location: `https://${bucket}.cos.${World.region}.myqcloud.com/k` })
      }
    }).pipe(world)
  )

  it.scoped("what looks like a secret in the response is not passed on", () =>
    Effect.gen(function* () {
      for (const [operation, form] of [
        ["putObject", forms["in one request"]],
        ["completeMultipartUpload", forms["in parts"]]
      ] as const) {
        yield* World.fault({ on: { operation }, do: Fault.withHeaders({ "x-echo-token": "TOP-SECRET" }) })
        const { response } = yield* Upload.bytes({ key, bytes: data }, form)
        expect(response.headers["x-echo-token"]).toBe("<redacted>")
      }
    }).pipe(world)
  )

  it.scoped("the answer to the only request is lost: the response is that of the HEAD which found the object", () =>
    Effect.gen(function* () {
      yield* World.fault({ on: { operation: "putObject", times: 1 }, do: Fault.lostResponse })
      const made = yield* drive(Upload.bytes({ key, bytes: data, overwrite: false }))
      const [head] = yield* World.requests("headObject")
      expect(made).toMatchObject({ location, bucket: World.bucket, region: World.region, uploadId: undefined })
      expect(made.response).toMatchObject({ status: 200, requestId: head?.requestId })
      expect(made.response.headers["content-length"]).toBe(String(data.byteLength))
    }).pipe(world)
  )

  it.scoped("the answer to the request that completes is lost: the response is that of the HEAD", () =>
    Effect.gen(function* () {
      yield* World.fault({ on: { operation: "completeMultipartUpload", times: 1 }, do: Fault.lostResponse })
      const made = yield* drive(Upload.bytes({ key, bytes: data }, forms["in parts"]))
      const [head] = yield* World.requests("headObject")
      expect(made).toMatchObject({ location, bucket: World.bucket, region: World.region })
      expect(made.uploadId).toBe((yield* World.requests("completeMultipartUpload"))[0]?.uploadId)
      expect(made.response).toMatchObject({ status: 200, requestId: head?.requestId })
      expect(made.response.headers["content-length"]).toBe(String(data.byteLength))
    }).pipe(world)
  )
})
