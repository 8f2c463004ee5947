/**
 * Who may do what: ACLs, policies, keys of limited permissions, and requests without a key.
 */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { bucket, type Send, send } from "./support/client.js"
import * as Requests from "./support/requests.js"

const emulator = layer({ buckets: [bucket, "logs-1250000000"], strict: true })

const md5 = (text: string) => createHash("md5").update(text).digest("base64")
const put = (subresource: string, body: string, options: Send = {}) =>
  send("PUT", {
    body,
    ...options,
    query: { [subresource]: "", ...options.query },
    headers: { "content-md5": md5(body), ...options.headers }
  })
const get = (subresource: string, options: Send = {}) =>
  send("GET", { ...options, query: { [subresource]: "", ...options.query } })
const message = (text: string) =>
  /<Message>([^<]*)<\/Message>/.exec(text)?.[1]?.replace(/&lt;/g, "<").replace(/&gt;/g, ">")

describe("ACLs", () => {
  const grant = (grantee: string, permission: string) =>
    `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`
  const everybody = "<URI>http://cam.qcloud.com/groups/global/AllUsers</URI>"
  const document = (...grants: ReadonlyArray<string>) =>
    `<AccessControlPolicy><Owner><ID>qcs::cam::uin/1:uin/1</ID></Owner><AccessControlList>${grants.join("")}</AccessControlList></AccessControlPolicy>`
  const anonymous = (method: "GET" | "PUT", options: Send) =>
    Effect.map(send(method, { as: null, ...options }), (answer) => answer.code ?? answer.status)

  it.effect("in documents decide what anonymous callers may do", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "k", body: "x" })
      expect(yield* anonymous("GET", { key: "k" })).toBe("AccessDenied")
      yield* put("acl", document(grant(everybody, "READ")), { key: "k" })
      expect(yield* anonymous("GET", { key: "k" })).toBe(200)
      expect(yield* anonymous("GET", { key: "k", query: { acl: "" } })).toBe("AccessDenied")
      yield* put("acl", document(grant("<ID>qcs::cam::anyone:anyone</ID>", "FULL_CONTROL")), { key: "k" })
      expect(yield* anonymous("GET", { key: "k", query: { acl: "" } })).toBe(200)
      expect(yield* anonymous("PUT", { key: "k", query: { acl: "" }, headers: { "x-cos-acl": "private" } })).toBe(200)
      expect(yield* anonymous("GET", { key: "k" })).toBe("AccessDenied")
      // An object's own list cannot let anybody write it: that is the bucket's affair.
      yield* put("acl", document(grant(everybody, "FULL_CONTROL")), { key: "k" })
      expect(yield* anonymous("PUT", { key: "k", body: "y" })).toBe("AccessDenied")
      yield* put("acl", document(grant(everybody, "WRITE")))
      expect(yield* anonymous("PUT", { key: "k", body: "y" })).toBe(200)
      expect(yield* anonymous("GET", {})).toBe("AccessDenied")
      expect(yield* anonymous("GET", { key: "k" })).toBe("AccessDenied")
      yield* send("PUT", { key: "k", query: { acl: "" }, headers: { "x-cos-acl": "default" } })
      yield* send("PUT", { query: { acl: "" }, headers: { "x-cos-acl": "public-read" } })
      expect(yield* anonymous("GET", { key: "k" })).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("are set by headers or by a document, not both", () =>
    Effect.gen(function* () {
      const code = (body: string, headers: Record<string, string> = {}) =>
        Effect.map(put("acl", body, { headers }), (answer) => answer.code ?? answer.status)
      expect(yield* code(document(), { "x-cos-acl": "private" })).toBe("InvalidRequest")
      expect(yield* code("", { "content-md5": "" })).toBe("InvalidRequest")
      expect(yield* code(document(), { "content-md5": "" })).toBe("InvalidRequest")
      expect(yield* code("", { "content-md5": "", "x-cos-acl": "default" })).toBe("InvalidArgument")
      expect(yield* code(document(grant("<DisplayName>a</DisplayName>", "READ")))).toBe("MalformedXML")
      expect(yield* code(document(grant(everybody, "SEE")))).toBe("MalformedXML")
      expect(yield* code(document(...Array.from({ length: 101 }, () => grant(everybody, "READ"))))).toBe("MalformedXML")
      expect(yield* code("", { "content-md5": "", "x-cos-grant-read": 'id="2"' })).toBe(200)
      const answer = yield* get("acl")
      expect(answer.headers["x-cos-acl"]).toBeUndefined()
      expect(answer.text).toContain("<ID>qcs::cam::uin/2:uin/2</ID>")
      expect(answer.text).toContain('xsi:type="CanonicalUser"')
    }).pipe(Effect.provide(emulator))
  )
})

describe("policies", () => {
  it.effect("are validated as JSON", () =>
    Effect.gen(function* () {
      const statement = { Effect: "allow", Principal: { qcs: ["a"] }, Action: ["name/cos:*"], Resource: "*" }
      const code = (policy: unknown) =>
        Effect.map(put("policy", typeof policy === "string" ? policy : JSON.stringify(policy)), (answer) => [
          answer.code ?? answer.status,
          message(answer.text)
        ])
      const refused = (named: string) => ["MalformedPolicy", expect.stringContaining(named)]
      expect(yield* code("{")).toEqual(refused("no JSON"))
      expect(yield* code([])).toEqual(refused("no object"))
      expect(yield* code({ version: "2.0" })).toEqual(refused("no Statement"))
      expect(yield* code({ Statement: [statement], other: 1 })).toEqual(refused("other is unknown"))
      expect(yield* code({ Statement: [{ ...statement, Acton: "x" }] })).toEqual(refused("Acton is unknown"))
      expect(yield* code({ Statement: [{ ...statement, Effect: "maybe" }] })).toEqual(refused("Effect"))
      expect(yield* code({ Statement: [{ ...statement, Action: [] }] })).toEqual(refused("Action"))
      expect(yield* code({ Statement: [{ ...statement, Resource: 1 }] })).toEqual(refused("Resource"))
      expect(yield* code({ Statement: [{ ...statement, Principal: "a" }] })).toEqual(refused("Principal"))
      expect(yield* code({ Statement: [{ ...statement, condition: "a" }] })).toEqual(refused("Condition"))
      const text = ` {"Statement": [${JSON.stringify(statement)}], "version":"2.0"}\n`
      expect(yield* code(text)).toEqual([204, undefined])
      const kept = yield* get("policy")
      expect([kept.headers["content-type"], kept.text]).toEqual(["application/json", text])
    }).pipe(Effect.provide(emulator))
  )
})

describe("keys of limited permissions", () => {
  it.effect("allow the actions that they name", () =>
    Effect.gen(function* () {
      const credential = {
        secretId: "AKIDLIMITED",
        secretKey: Redacted.make("limited"),
        permissions: [{ actions: ["name/cos:GetBucketCORS", "GetBucketLifecycle", "PutObjectTagging"], prefix: "" }]
      }
      yield* (yield* Emulator).addCredentials(credential)
      expect((yield* get("lifecycle", { as: credential })).code).toBe("NoSuchLifecycleConfiguration")
      expect((yield* get("website", { as: credential })).code).toBe("AccessDenied")
      expect((yield* get("cors", { as: credential })).code).toBe("NoSuchCORSConfiguration")
      expect((yield* put("tagging", "<Tagging><TagSet/></Tagging>", { key: "k", as: credential })).code).toBe(
        "NoSuchKey"
      )
      expect((yield* put("tagging", "<Tagging><TagSet/></Tagging>", { as: credential })).code).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )
})

describe("access", () => {
  it.effect("without an access key follows the ACLs", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* Requests.put("private")
      yield* Requests.put("public", "x", { "x-cos-acl": "public-read" })
      yield* Requests.put("closed", "x", { "x-cos-acl": "private" })
      const anonymous = (method: "GET" | "PUT" | "DELETE", options: Send = {}) =>
        Requests.code(method, { as: null, ...options })
      expect(yield* anonymous("GET", { key: "private" })).toBe("AccessDenied")
      expect(yield* anonymous("GET", { key: "public" })).toBe(200)
      expect(yield* anonymous("GET", { key: "missing" })).toBe("AccessDenied")
      expect(yield* anonymous("GET")).toBe("AccessDenied")
      yield* emulator.updateBucket(bucket, { acl: "public-read" })
      expect(yield* anonymous("GET", { key: "private" })).toBe(200)
      expect(yield* anonymous("GET", { key: "closed" })).toBe("AccessDenied")
      expect(yield* anonymous("GET", { key: "missing" })).toBe("NoSuchKey")
      expect(yield* anonymous("GET")).toBe(200)
      expect(yield* anonymous("PUT", { key: "new", body: "x" })).toBe("AccessDenied")
      yield* emulator.updateBucket(bucket, { acl: "public-read-write" })
      expect(yield* anonymous("PUT", { key: "new", body: "x" })).toBe(200)
      expect(yield* anonymous("DELETE", { key: "new" })).toBe(204)
      expect(yield* anonymous("DELETE")).toBe("AccessDenied")
      expect(yield* anonymous("GET", { host: "service.cos.myqcloud.com" })).toBe("AccessDenied")
    }).pipe(Effect.provide(Requests.emulator))
  )
})
