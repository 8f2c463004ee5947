import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { CosTransport } from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import { Hash } from "effect-cos/Hash"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as NodeCos from "effect-cos-node/NodeCos"
import { nodeHash } from "effect-cos-node/NodeHash"
import { capabilities } from "effect-cos-node/UndiciTransport"
import * as Server from "./server.js"

const credentials = { secretId: "id", secretKey: "secret" }

const settings = (origin: string) => ({
  bucket: "examplebucket-1250000000",
  region: "ap-guangzhou",
  endpoint: Endpoint.custom({ url: origin })
})

const recording = Effect.gen(function* () {
  const heads: Array<string> = []
  const server = yield* Server.make({
    onRequest: (socket, head) => {
      heads.push(head)
      socket.write(
        head.startsWith("PUT") ? 'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 0\r\n\r\n' : Server.answer()
      )
    }
  })
  return { server, heads }
})

describe("NodeCos", () => {
  it.scoped("layer: a key with dot segments, signed for its host, over a transport with options", () =>
    Effect.gen(function* () {
      const { heads, server } = yield* recording
      const program = Cos.putObject({ key: "a/../b", body: "text" })
      yield* Effect.provide(
        program,
        NodeCos.layer({
          bucket: "examplebucket-1250000000",
          region: "ap-guangzhou",
          endpoint: Endpoint.custom({ url: server.origin }),
          credentials,
          transport: { connections: 1, connectTimeout: "1 second" }
        })
      )
      assert.match(heads[0] ?? "", /^PUT \/(examplebucket-1250000000\/)?a\/\.\.\/b HTTP\/1\.1\r\n/)
      assert.match(heads[0] ?? "", /authorization: q-sign-algorithm=sha1&q-ak=id&/)
      assert.notInclude(heads[0] ?? "", "secret")
    })
  )

  it.scoped("layer: what transfers need besides the client", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      assert.isTrue(yield* fs.exists(path.dirname(import.meta.filename)))
      assert.strictEqual(yield* Hash, nodeHash)
      assert.deepStrictEqual(yield* CosTransport, capabilities)
    }).pipe(Effect.provide(NodeCos.layer({ credentials })))
  )

  it.effect("layer: what is no source of an access key is a CredentialsError", () =>
    Effect.gen(function* () {
      const others = [
        { SecretId: "id", SecretKey: "key" },
        { secretKey: "key" },
        {},
        "id:key",
        7,
        null,
        () => undefined
      ]
      for (const credentials of others as ReadonlyArray<any>) {
        const built = Effect.suspend(() => Effect.provide(Cos.headBucket(), NodeCos.layer({ credentials })))
        const error = yield* Effect.flip(built)
        assert.strictEqual(error._tag, "CredentialsError")
        assert.strictEqual(error.message, "credentials must be { secretId, secretKey }, a provider or a layer")
      }
    })
  )

  it.scoped("layerEnv: all from the environment", () =>
    Effect.gen(function* () {
      const { heads, server } = yield* recording
      const environment = {
        COS_REGION: "ap-guangzhou",
        COS_BUCKET: "examplebucket-1250000000",
        COS_ENDPOINT: server.origin,
        COS_SECRET_ID: "id",
        COS_SECRET_KEY: "secret"
      }
      const provider = ConfigProvider.fromMap(new Map(Object.entries(environment)))
      yield* Cos.putObject({ key: "a", body: "text" }).pipe(
        Effect.provide(NodeCos.layerEnv),
        Effect.withConfigProvider(provider)
      )
      assert.include(heads[0], "q-ak=id&")
    })
  )

  it.scoped("layer: takes from the environment what it is not given", () =>
    Effect.gen(function* () {
      const { heads, server } = yield* recording
      const environment = (variables: { readonly [name: string]: string }) =>
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
      const put = (options: NodeCos.Options) =>
        Effect.provide(Cos.putObject({ key: "a", body: "text" }), NodeCos.layer(options))
      const keys = { COS_SECRET_ID: "id", COS_SECRET_KEY: "secret" }
      const place = { COS_REGION: "ap-guangzhou", COS_BUCKET: "examplebucket-1250000000" }
      yield* put({ credentials }).pipe(environment({ ...place, COS_ENDPOINT: server.origin }))
      yield* put({ bucket: "other-1250000000", endpoint: Endpoint.custom({ url: server.origin }) }).pipe(
        environment({ ...place, ...keys, COS_ENDPOINT: "http://127.0.0.1:1" })
      )
      // A variable that is empty says nothing.
      yield* put({ ...settings(server.origin), credentials }).pipe(environment({ COS_ENDPOINT: "" }))
      assert.deepStrictEqual(
        heads.map((head) => /(?<=[/ :])\w+-1250000000/.exec(head)?.[0]),
        ["examplebucket-1250000000", "other-1250000000", "examplebucket-1250000000"]
      )
    })
  )

  it.scoped("layer: credentials are a key, a provider with or without an Option, one that needs HTTP, or a layer", () =>
    Effect.gen(function* () {
      const { heads, server } = yield* recording
      const key = (secretId: string) => Credentials.accessKey({ secretId, secretKey: "secret" })
      const overHttp = Effect.flatMap(HttpClient.HttpClient, (client) =>
        Effect.as(Effect.orDie(client.get(`${server.origin}/keys`)), key("http"))
      )
      const sources: ReadonlyArray<NonNullable<NodeCos.Options["credentials"]>> = [
        { secretId: "key", secretKey: "secret" },
        Effect.succeed(key("effect")),
        Effect.succeedSome(key("option")),
        overHttp,
        Credentials.layerStatic(key("layer")),
        Credentials.layerProvider(overHttp)
      ]
      for (const source of sources) {
        yield* Cos.putObject({ key: "a", body: "text" }).pipe(
          Effect.provide(NodeCos.layer({ ...settings(server.origin), credentials: source }))
        )
      }
      assert.deepStrictEqual(
        heads.map((head) => /q-ak=(\w+)/.exec(head)?.[1] ?? head.split(" ")[1]),
        ["key", "effect", "option", "/keys", "http", "layer", "/keys", "http"]
      )
    })
  )

  it.scoped("layer: a provider without a key is a CredentialsError of the operation", () =>
    Effect.gen(function* () {
      const { server } = yield* recording
      const error = yield* Cos.putObject({ key: "a", body: "text" }).pipe(
        Effect.provide(NodeCos.layer({ ...settings(server.origin), credentials: Effect.succeedNone })),
        Effect.flip
      )
      assert.strictEqual(error._tag, "CredentialsError")
      assert.strictEqual(server.sockets.length, 0)
    })
  )

  it.scoped("layerEnv: without keys a CredentialsError", () =>
    Effect.gen(function* () {
      const error = yield* Cos.headBucket().pipe(
        Effect.provide(NodeCos.layerEnv),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map())),
        Effect.flip
      )
      assert.strictEqual(error._tag, "CredentialsError")
    })
  )
})

describe("a proxy", () => {
  const through = (proxy: string) =>
    Effect.flip(Cos.headBucket()).pipe(
      Effect.provide(
        NodeCos.layer({
          ...settings("http://cos.invalid"),
          credentials,
          retry: RetryPolicy.make({ base: 0 }),
          transport: { proxy: new URL(proxy) }
        })
      )
    )

  it.scoped("that asks for credentials is what the error says, and is asked once", () =>
    Effect.gen(function* () {
      let asked = 0
      const server = yield* Server.make({
        onRequest: (socket) => {
          asked += 1
          socket.end("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        }
      })
      const error = yield* through(`http://user:hush-hush@127.0.0.1:${server.port}`)
      assert.deepInclude(error, { _tag: "TransportError", reason: "Proxy", phase: "connect", status: 407 })
      assert.match(error.message, /no connection to cos\.invalid:80 .*The proxy refused with 407/)
      assert.notInclude(JSON.stringify(error), "hush-hush")
      assert.strictEqual(asked, 1)
    })
  )

  it.scoped("that is not there is named by its address", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(Server.make({}))
      const error = yield* through(`http://127.0.0.1:${port}`)
      assert.deepInclude(error, { _tag: "TransportError", reason: "Connect", phase: "connect" })
      assert.include(error.message, `no connection to cos.invalid:80 (ECONNREFUSED 127.0.0.1:${port})`)
    })
  )
})
