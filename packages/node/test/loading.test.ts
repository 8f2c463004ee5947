import * as HttpBody from "@effect/platform/HttpBody"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { vi } from "vitest"
import * as Server from "./server.js"

const loaded = vi.hoisted(() => ({ all: 0, agent: 0 }))

vi.mock("undici/index.js", (original) => {
  loaded.all++
  return original()
})

vi.mock("undici/lib/dispatcher/agent.js", (original) => {
  loaded.agent++
  return original()
})

// Other files of the same process may have loaded it.
vi.resetModules()
const Cos = await import("effect-cos/Cos")
const Endpoint = await import("effect-cos/Endpoint")
const Presign = await import("effect-cos/Presign")
const NodeCos = await import("effect-cos-node/NodeCos")
const UndiciTransport = await import("effect-cos-node/UndiciTransport")

const settings = {
  bucket: "examplebucket-1250000000",
  region: "ap-guangzhou",
  credentials: { secretId: "id", secretKey: "secret" }
}

describe("undici is loaded", () => {
  it.effect("by no program that only signs", () =>
    Effect.gen(function* () {
      const url = yield* Presign.url(Cos.getObject, { key: "a" })
      assert.include(Redacted.value(url), "q-signature=")
      assert.deepStrictEqual(loaded, { all: 0, agent: 0 })
    }).pipe(Effect.provide(NodeCos.layer(settings)))
  )

  it.scoped("by the first request, once for all that come at the same time", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: (socket) => socket.write(Server.answer()) })
      const layer = NodeCos.layer({ ...settings, endpoint: Endpoint.custom({ url: server.origin }) })
      const heads = Effect.replicate(Cos.headBucket(), 4)
      yield* Effect.provide(Effect.all(heads, { concurrency: "unbounded" }), layer)
      assert.deepStrictEqual(loaded, { all: 0, agent: 1 })
    })
  )

  it.scoped("as a whole by the first request with a form, and its files hold the same classes", () =>
    Effect.gen(function* () {
      const server = yield* Server.make({ onRequest: (socket) => socket.write(Server.answer()) })
      const client = yield* UndiciTransport.make()
      yield* client.get(server.origin)
      const form = new FormData()
      form.append("name", "value")
      const sent = () => Effect.asVoid(client.post(server.origin, { body: HttpBody.formData(form) }))
      assert.strictEqual(loaded.all, 0)
      yield* Effect.all([sent(), sent()], { concurrency: 2 })
      assert.strictEqual(loaded.all, 1)
      const { all, pools } = yield* Effect.promise(() => import("../src/internal/undici.js"))
      const [{ Agent, Client, Pool }, files] = yield* Effect.promise(() => Promise.all([all(), pools()]))
      assert.deepStrictEqual(files, { Agent, Client, Pool })
    })
  )

  it.effect("and a transport whose scope is closed sends nothing, also if nothing was sent before", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const client = yield* Scope.extend(UndiciTransport.make(), scope)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(client.get("http://127.0.0.1:1/"))
      assert.strictEqual(error.reason, "Transport")
      assert.propertyVal(error.cause, "code", "UND_ERR_DESTROYED")
    })
  )

  it.effect("as a whole where a release has moved its files", () =>
    Effect.gen(function* () {
      vi.doMock("undici/lib/dispatcher/agent.js", () => {
        throw new Error("Cannot find module")
      })
      const { all, pools } = yield* Effect.promise(() => import("../src/internal/undici.js"))
      const [whole, { Agent, Client, Pool }] = yield* Effect.promise(() => Promise.all([all(), pools()]))
      assert.deepStrictEqual([Agent, Client, Pool], [whole.Agent, whole.Client, whole.Pool])
    })
  )
})
