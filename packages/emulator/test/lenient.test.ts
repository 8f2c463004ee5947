/**
 * What COS ignores, the emulator ignores too; a strict one refuses it, to find misspelt requests.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { layer } from "effect-cos-emulator/Emulator"
import { bucket, type Send, send } from "./support/client.js"
import { code, md5, put } from "./support/requests.js"

const buckets = [bucket]
const lenient = layer({ buckets })
const strict = layer({ buckets, strict: true })

const odd = "aksjhdlash sajlhj!@#$%^&*()_+=-[]{}';:\"/.<>?.,??sadasd#/.,/~`"

const lifecycle =
  "<LifecycleConfiguration><Rule><ID>1</ID><Color>red</Color><Status>Enabled</Status>" +
  "<Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"

const misspelt: ReadonlyArray<readonly [what: string, method: "PUT" | "GET" | "POST", request: Send]> = [
  ["a header", "PUT", { key: "a", body: "x", headers: { "x-cos-test": odd } }],
  ["a header of a list", "GET", { query: { prefix: odd }, headers: { "x-cos-test": odd } }],
  ["a header of an append", "POST", { key: "b", query: { append: "", position: "0" }, headers: { "x-cos-test": "1" } }],
  ["a query parameter", "GET", { key: "k", query: { a: "1", [odd]: odd } }],
  ["a query parameter of a list", "GET", { query: { Prefix: "x" } }],
  ["an element", "PUT", { query: { lifecycle: "" }, headers: { "content-md5": md5(lifecycle) }, body: lifecycle }]
]

describe.each(misspelt)("%s that no operation knows", (_, method, request) => {
  it.effect("is ignored, also where the signature covers it", () =>
    Effect.gen(function* () {
      yield* put("k")
      expect(yield* code(method, request)).toBe(200)
    }).pipe(Effect.provide(lenient))
  )

  it.effect("is refused by name by a strict emulator", () =>
    Effect.gen(function* () {
      yield* put("k")
      expect((yield* send(method, request)).status).toBe(400)
    }).pipe(Effect.provide(strict))
  )

  it.effect("needs a signature like any other request", () =>
    Effect.gen(function* () {
      yield* put("k")
      expect(yield* code(method, { ...request, as: null })).toBe("AccessDenied")
    }).pipe(Effect.provide(lenient))
  )
})

it.effect("unknown elements come back where they stood", () =>
  Effect.gen(function* () {
    yield* send("PUT", { query: { lifecycle: "" }, headers: { "content-md5": md5(lifecycle) }, body: lifecycle })
    const { text } = yield* send("GET", { query: { lifecycle: "" } })
    expect(text.slice(text.indexOf("<LifecycleConfiguration>"))).toBe(lifecycle)
  }).pipe(Effect.provide(lenient))
)

it.effect("known parameters, headers and elements are checked all the same", () =>
  Effect.gen(function* () {
    yield* put("k")
    expect(yield* code("GET", { query: { "max-keys": "x" } })).toBe("InvalidArgument")
    expect(yield* code("PUT", { key: "k", body: "", headers: { "x-cos-storage-class": "GOLD" } })).toBe(
      "InvalidArgument"
    )
    expect(yield* code("DELETE", { query: { acl: "" } })).toBe("MethodNotAllowed")
    for (const method of ["PUT", "DELETE"] as const) {
      expect(yield* code(method, { query: { subresource: "" } })).toBe("MethodNotAllowed")
    }
    const wrong = lifecycle.replace("Enabled", "On")
    const request = { query: { lifecycle: "" }, headers: { "content-md5": md5(wrong) }, body: wrong }
    expect(yield* code("PUT", request)).toBe("MalformedXML")
  }).pipe(Effect.provide(lenient))
)

describe("policies", () => {
  const statement = { effect: "allow", action: ["name/cos:GetObject"], resource: ["qcs::cos:*"] }
  const write = (policy: unknown) => {
    const body = typeof policy === "string" ? policy : JSON.stringify(policy)
    return send("PUT", { query: { policy: "" }, headers: { "content-md5": md5(body) }, body })
  }
  const read = Effect.map(send("GET", { query: { policy: "" } }), ({ text }) => text)
  const qcs = { qcs: ["qcs::cam::uin/10001:uin/10001"] }

  it.effect("may have their principal at the top, and come back with a capital Statement", () =>
    Effect.gen(function* () {
      expect((yield* write({ version: "2.0", principal: qcs, statement: [statement] })).status).toBe(204)
      expect(JSON.parse(yield* read)).toEqual({ version: "2.0", principal: qcs, Statement: [statement] })
    }).pipe(Effect.provide(strict))
  )

  it.effect("keep their text but for that name", () =>
    Effect.gen(function* () {
      const inner = `[{"Effect":"deny", "sid":"{\\"statement\\":[", "Principal":"*","action":"*","resource":"*",
        "condition":{"numeric_equal":{"statement":12345678901234567890.10}}}]`
      expect((yield* write(` {"statement" :${inner},"version":"2.0"}`)).status).toBe(204)
      expect(yield* read).toBe(` {"Statement" :${inner},"version":"2.0"}`)
    }).pipe(Effect.provide(strict))
  )

  it.effect("may have one statement without a list", () =>
    Effect.gen(function* () {
      const policy = { version: "2.0", Statement: { ...statement, principal: qcs } }
      expect((yield* write(policy)).status).toBe(204)
      expect(JSON.parse(yield* read)).toEqual(policy)
    }).pipe(Effect.provide(strict))
  )

  it.effect("need a principal somewhere", () =>
    Effect.gen(function* () {
      expect((yield* write({ version: "2.0", statement: [statement] })).code).toBe("MalformedPolicy")
    }).pipe(Effect.provide(lenient))
  )

  it.effect("may have unknown names, unless the emulator is strict", () =>
    Effect.gen(function* () {
      const policy = { version: "2.0", colour: 1, Statement: [{ ...statement, principal: "*", shape: 2 }] }
      expect((yield* Effect.provide(write(policy), lenient)).status).toBe(204)
      expect((yield* Effect.provide(write(policy), strict)).code).toBe("MalformedPolicy")
    })
  )
})
