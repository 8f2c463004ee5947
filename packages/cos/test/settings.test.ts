/** Settings and options that no client has a use for, which are refused before anything is sent. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as Presign from "effect-cos/Presign"
import * as RemoteSigner from "effect-cos/RemoteSigner"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import * as Scripted from "./support/ScriptedClient.js"

type Run = Effect.Effect<unknown, unknown, any>

const refused = (run: Run, settings: CosClient.Settings = {}) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make([], { settings })
    const error = yield* run.pipe(
      Effect.scoped,
      Effect.flip,
      Effect.provide([layer, FileSystem.layerNoop({})])
    ) as Effect.Effect<any>
    expect(requests).toEqual([])
    expect(error).toMatchObject({ _tag: "InvalidInput" })
    return { field: error.field as string, reason: error.reason as string }
  })

const noDurations = [-1, Number.NaN, "-1 seconds", "soon", -1n] as ReadonlyArray<any>

describe("a duration that is none, or negative", () => {
  it.effect.each(["attempt", "processing", "idle"])("as a time limit: %s", (name) =>
    Effect.gen(function* () {
      const field = `timeLimits.${name}`
      for (const limit of [...noDurations, 0]) {
        const settings = { timeLimits: { [name]: limit } }
        expect(yield* refused(Cos.headBucket(), settings)).toEqual({ field, reason: `${field} must be longer than 0` })
      }
    })
  )

  it.effect.each(["base", "cap", "upToMonotonic", "maxRetryAfter"])("of a retry policy: %s", (name) =>
    Effect.gen(function* () {
      const expected = { field: `retry.${name}`, reason: `retry.${name} must be a duration of 0 or more` }
      for (const duration of noDurations) {
        const retry = RetryPolicy.make({ [name]: duration })
        expect(yield* refused(Cos.headBucket(), { retry })).toEqual(expected)
        expect(yield* refused(RetryPolicy.withPolicy(Cos.headBucket(), retry))).toEqual(expected)
      }
    })
  )

  const key = "a"
  const path = "/a"
  const source = { key: "b" }
  const bytes = new Uint8Array(1)
  const common = ["progressInterval"]
  const ends = ["progressInterval", "abortGrace", "releaseLimit"]
  const transfers: ReadonlyArray<readonly [string, (options: any) => Run, ReadonlyArray<string>]> = [
    ["Upload.file", (options) => Upload.file({ key, path }, options), ends],
    ["Upload.bytes", (options) => Upload.bytes({ key, bytes }, options), ends],
    ["Upload.stream", (options) => Upload.stream({ key, stream: Stream.empty }, options), ends],
    ["Upload.sink", (options) => Stream.run(Stream.empty, Upload.sink({ key }, options)), ends],
    ["Upload.controlled", (options) => Upload.controlled({ key, bytes }, options), ends],
    ["Upload.files", (options) => Upload.files([{ key, path }], options), ends],
    ["Download.file", (options) => Download.file({ key, path }, options), common],
    ["Download.controlled", (options) => Download.controlled({ key, path }, options), common],
    ["Download.files", (options) => Download.files([{ key, path }], options), common],
    ["Copy.object", (options) => Copy.object({ key, source }, options), ends],
    ["Copy.controlled", (options) => Copy.controlled({ key, source }, options), ends],
    ["TransferQueue.make", (options) => TransferQueue.make(options), [...ends, "changesInterval"]],
    ["putObject", (options) => Cos.putObject({ key, body: "", ...options }), common],
    ["Upload.abortUnfinished", (options) => Upload.abortUnfinished(options), ["olderThan"]]
  ]
  it.effect.each(transfers)("as an option of %s", ([, run, fields]) =>
    Effect.gen(function* () {
      for (const field of fields) {
        for (const duration of noDurations) {
          const expected = { field, reason: `${field} must be a duration of 0 or more` }
          expect(yield* refused(Effect.suspend(() => run({ [field]: duration })))).toEqual(expected)
        }
      }
    })
  )
})

describe("an endpoint, a bucket or a region that is none", () => {
  const endpoint = "endpoint must be made by Endpoint, such as Endpoint.custom({ url })"
  const bucket =
    "bucket must be <name>-<APPID>: at most 63 lower-case letters, digits and '-', such as examplebucket-1250000000"
  const region = "region must be lower-case letters, digits and '-', without 'cos.', such as ap-guangzhou"
  const given = "must be given: in the input, by CosClient.withBucket, or in the client's settings"
  const rows: ReadonlyArray<readonly [title: string, settings: any, field: string, reason: string]> = [
    ["the endpoint as text", { endpoint: "http://127.0.0.1:1" }, "endpoint", endpoint],
    ["the endpoint as a URL", { endpoint: new URL("http://127.0.0.1:1") }, "endpoint", endpoint],
    ["the endpoint as an object", { endpoint: { url: "http://127.0.0.1:1" } }, "endpoint", endpoint],
    ["a custom endpoint without a URL", { endpoint: Endpoint.custom({} as never) }, "endpoint", endpoint],
    ["text without TLS", { endpoint: Endpoint.insecure("http://a" as never) }, "endpoint", endpoint],
    ["no bucket", { bucket: undefined }, "bucket", `bucket ${given} (COS_BUCKET with NodeCos)`],
    ["no region", { region: undefined }, "region", `region ${given} (COS_REGION with NodeCos)`],
    ["a bucket without APPID", { bucket: "examplebucket" }, "bucket", `${bucket}, not "examplebucket"`],
    ["a bucket with a line end", { bucket: "a-1\n" }, "bucket", `${bucket}, not "a-1\\n"`],
    ["a region with a capital", { region: "ap-Guangzhou" }, "region", `${region}, not "ap-Guangzhou"`]
  ]
  it.effect.each(rows)("%s", ([, settings, field, reason]) =>
    Effect.gen(function* () {
      expect(yield* refused(Cos.headBucket(), settings)).toEqual({ field, reason })
      expect(yield* refused(Presign.url(Cos.getObject, { key: "a" }), settings)).toEqual({ field, reason })
    })
  )
})

describe("a time of a source of access keys", () => {
  it.effect.each(["refreshBefore", "timeout"])("of a provider: %s", (name) =>
    Effect.gen(function* () {
      for (const duration of noDurations) {
        const provider = Effect.succeed(Credentials.accessKey({ secretId: "id", secretKey: "key" }))
        const credentials = Credentials.layerProvider(provider, { [name]: duration })
        const { layer, requests } = Scripted.make([], { credentials })
        const error = yield* Effect.flip(Effect.provide(Cos.headBucket(), layer))
        expect(error).toMatchObject({ _tag: "CredentialsError", message: `${name} must be a duration of 0 or more` })
        expect(requests).toEqual([])
      }
    })
  )

  it.effect("of a server that signs", () =>
    Effect.gen(function* () {
      for (const timeout of noDurations) {
        const signer = RemoteSigner.make({ url: "/sign", timeout })
        const http = HttpClient.make(() => Effect.dieMessage("asked"))
        const { sign } = yield* Effect.provideService(signer, HttpClient.HttpClient, http)
        const error = yield* Effect.flip(sign({} as never))
        expect(error).toMatchObject({ _tag: "CredentialsError", message: "timeout must be a duration of 0 or more" })
      }
    })
  )
})

describe("a path that is left out", () => {
  const rows: ReadonlyArray<readonly [title: string, run: () => Run, field: string, reason: string]> = [
    [
      "of a directory to upload",
      () => Upload.files({ directory: undefined as never }),
      "directory",
      "directory must be given"
    ],
    ["of a directory to download to", () => Download.files({ directory: "" }), "directory", "directory must be given"]
  ]
  it.effect.each(rows)("%s", ([, run, field, reason]) =>
    Effect.gen(function* () {
      const all = Effect.provide(Effect.suspend(run), Path.layer)
      expect(yield* refused(all)).toEqual({ field, reason })
    })
  )

  const one = (run: Effect.Effect<any, any, any>) =>
    Effect.provide(
      Effect.flatMap(run, ({ failures: [failure] }) => Effect.fail(failure.error)),
      Path.layer
    )
  const expected = { field: "path", reason: "path must be given" }

  it.effect("of one file of many", () =>
    Effect.gen(function* () {
      expect(yield* refused(one(Upload.files([{ key: "a" } as never])))).toEqual(expected)
      expect(yield* refused(one(Download.files([{ key: "a" } as never])))).toEqual(expected)
    })
  )

  it.effect("in a queue", () =>
    Effect.gen(function* () {
      const queued = (kind: "upload" | "download") =>
        Effect.gen(function* () {
          const queue = yield* TransferQueue.make()
          const ticket: any = yield* queue[kind]({ key: "a", path: undefined } as never)
          return yield* ticket.await
        })
      expect(yield* refused(queued("upload"))).toEqual(expected)
      expect(yield* refused(queued("download"))).toEqual(expected)
    })
  )
})

describe("a number of attempts below one", () => {
  it.effect.each([0, -1, Number.NaN])("of the client and of a fiber: %s", (attempts) =>
    Effect.gen(function* () {
      const retry = RetryPolicy.make({ attempts })
      const expected = { field: "retry.attempts", reason: "retry.attempts must be at least 1" }
      expect(yield* refused(Cos.headBucket(), { retry })).toEqual(expected)
      expect(yield* refused(RetryPolicy.withPolicy(Cos.headBucket(), retry))).toEqual(expected)
    })
  )
})
