import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import { CosTransport } from "effect-cos/CosTransport"
import * as Endpoint from "effect-cos/Endpoint"
import { Hash } from "effect-cos/Hash"
import * as NodeCos from "effect-cos-node/NodeCos"
import { nodeHash } from "effect-cos-node/NodeHash"
import { capabilities } from "effect-cos-node/UndiciTransport"
import * as Server from "./server.js"

const credentials = { secretId: "id", secretKey: "secret" }

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
