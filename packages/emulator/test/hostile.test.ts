/**
 * What anybody may send: headers and fields that could break a response, or do something else than they say, and patterns
 * that take for ever.
 */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import { Emulator, layer, layerServer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { matchesWildcard } from "../src/internal/access/wildcard.js"
import { anybody, converse, form, headOf } from "./support/anybody.js"
import { bucket, send } from "./support/client.js"
import { authorization } from "./support/signer.js"

describe("headers that are written out", () => {
  const overridden = (value: string, fault: string) =>
    Effect.gen(function* () {
      const { credentials } = yield* Emulator
      const now = Math.floor(Date.now() / 1000)
      const query = { "response-content-disposition": value, "response-cache-control": value }
      const path = `/${bucket}/k`
      const signature = authorization({
        secretId: credentials.secretId,
        secretKey: Redacted.value(credentials.secretKey),
        method: "GET",
        path,
        query: {},
        headers: {},
        start: now - 60,
        end: now + 600
      })
      const search = Object.entries(query).map(([name, text]) => `${name}=${encodeURIComponent(text)}`)
      return headOf(
        yield* converse(
          `GET ${path}?${search.join("&")} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${signature}\r\nConnection: close\r\n${fault}\r\n`
        )
      )
    })

  it.live("no value can begin another header, however it is encoded", () =>
    Effect.gen(function* () {
      yield* (yield* Emulator).seed(bucket, "k", "v")
      const values = [
        "a\u010d\u010aset-cookie: x=1",
        "a\u560d\u560aset-cookie: x=1",
        "a\uff0d\uff0aset-cookie: x=1",
        "a\u0a0d\u0d0aset-cookie: x=1",
        "a\u{1f40d}\u{1f40a}set-cookie: x=1",
        "a\u0085\u2028\u2029set-cookie: x=1",
        'attachment; filename="\u00fc\u010d.txt"'
      ]
      const slow = 'x-emulator-fault: {"_tag":"SlowHeaders","bytesPerSecond":1000000}\r\n'
      for (const value of values) {
        for (const fault of value === values[0] ? ["", slow] : [""]) {
          const lines = yield* overridden(value, fault)
          expect(lines[0], JSON.stringify(value)).toBe("HTTP/1.1 200 OK")
          expect(lines.filter((line) => /^set-cookie/i.test(line))).toEqual([])
          const written = Buffer.from(value, "utf8").toString("latin1")
          for (const name of ["content-disposition", "cache-control"]) {
            expect(lines.find((line) => line.toLowerCase().startsWith(name))).toBe(`${name}: ${written}`)
          }
        }
      }
      for (const value of ["a\r\nb: c", "a\nb", "a\rb", "a\u0000b", "a\u007fb"]) {
        expect((yield* overridden(value, ""))[0], JSON.stringify(value)).toContain("400")
      }
    }).pipe(Effect.provide(layerServer({ buckets: [bucket] })))
  )

  it.live("nor can the names and values of a fault", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const set = {
        "x-a": "1\r\nset-cookie: x=1",
        "x-b\r\nset-cookie": "x=1",
        "x-c: d": "e",
        "content-type": "a\nb",
        // node takes it with chunks only
        trailer: "x-d"
      }
      for (const slow of [[], [Fault.slowHeaders(1_000_000)]]) {
        for (const fault of [Fault.withHeaders(set), Fault.status(418, { headers: set, body: "" })]) {
          yield* emulator.fault({ do: fault })
          for (const one of slow) yield* emulator.fault({ do: one })
          const lines = headOf(yield* converse("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
          expect(lines[0]).toMatch(/^HTTP\/1\.1 (403|418)/)
          expect(lines.filter((line) => /^(set-cookie|x-b|x-c:)/i.test(line))).toEqual([])
          expect(lines.find((line) => line.startsWith("x-a"))).toBe("x-a: 1  set-cookie: x=1")
        }
      }
    }).pipe(Effect.provide(layerServer()))
  )
})

/** The fields of a form, and its file. */
describe("input that no response could carry", () => {
  const inProcess = layer({ buckets: [anybody], strict: true })

  it.effect("fields of forms that no header can carry are refused before anything is stored", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const names = ["x-cos-meta-a", "content-type", "Cache-Control", "Content-Disposition", "expires"]
      for (const name of names) {
        for (const value of ["a\r\nb: c", "a\nb", "a\rb", "a\u0000b", "\u0001"]) {
          const refused = yield* send(
            "POST",
            form([
              ["key", "k"],
              [name, value]
            ])
          )
          expect([refused.status, refused.code], `${name} ${JSON.stringify(value)}`).toEqual([400, "InvalidArgument"])
        }
      }
      for (const key of ["a\u0000b", "\u0000", "a\u0018"]) {
        expect((yield* send("POST", form([["key", key]]))).code).toBe("InvalidObjectName")
      }
      expect((yield* send("POST", form([["key", `$${"{filename}"}\u0000`]]))).code).toBe("InvalidObjectName")
      expect(yield* emulator.objects(bucket)).toEqual([])
      // A key may have a line end: it is in no header.
      expect(
        (yield* send(
          "POST",
          form([
            ["key", "a\r\nb"],
            ["x-cos-meta-a", "\u00fc\u010d"]
          ])
        )).status
      ).toBe(204)
      expect((yield* send("GET", { key: "a\r\nb" })).text).toBe("content")
    }).pipe(Effect.provide(inProcess))
  )

  it.effect("headers that cannot be sent back are refused, and bytes that are not UTF-8", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const value of ["a\r\nb: c", "a\nb", "a\u0000"]) {
        const put = { key: "k", body: "x", as: null, headers: { "x-cos-meta-a": value } }
        expect((yield* send("PUT", put)).code).toBe("InvalidArgument")
        const multipart = { key: "k", query: { uploads: "" }, as: null, headers: { "content-disposition": value } }
        expect((yield* send("POST", multipart)).code).toBe("InvalidArgument")
      }
      const { body, ...rest } = form([["key", "k\u00ff"]])
      const latin1 = Buffer.from(String(body), "latin1")
      expect((yield* send("POST", { ...rest, body: latin1 })).code).toBe("MalformedPOSTRequest")
      for (const key of ["", "a\u0000", "\ud800"]) {
        expect(yield* Effect.flip(emulator.seed(bucket, key, "x"))).toMatchObject({ code: "InvalidObjectName" })
      }
      expect(yield* emulator.objects(bucket)).toEqual([])
      expect(yield* emulator.unfinishedUploads).toEqual([])
    }).pipe(Effect.provide(inProcess))
  )

  it.effect("documents whose texts become headers are refused too", () =>
    Effect.gen(function* () {
      const put = (name: string, body: string) => send("PUT", { query: { [name]: "" }, body, headers: md5Of(body) })
      const encryption = (keyId: string) =>
        `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>${keyId}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
      const cors = (exposed: string) =>
        `<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>${exposed}</ExposeHeader></CORSRule></CORSConfiguration>`
      for (const text of ["a\nb: c", "a&#13;&#10;b: c", "a\u007fb"]) {
        expect((yield* put("encryption", encryption(text))).code, JSON.stringify(text)).toBe("MalformedXML")
        expect((yield* put("cors", cors(text))).code, JSON.stringify(text)).toBe("MalformedXML")
      }
      expect((yield* put("encryption", encryption("\n  id\n"))).status).toBe(200)
      expect((yield* put("cors", cors("\n  etag\n"))).status).toBe(200)
      yield* send("PUT", { key: "k", body: "x" })
      const { headers } = yield* send("GET", { key: "k", headers: { origin: "http://a.test" } })
      expect(headers).toMatchObject({
        "x-cos-server-side-encryption-cos-kms-key-id": "id",
        "access-control-expose-headers": "etag"
      })
    }).pipe(Effect.provide(inProcess))
  )
})

const md5Of = (body: string): Record<string, string> => ({
  "content-md5": createHash("md5").update(body).digest("base64")
})

/** A stream that tells how much of it was taken. */
describe("input that would do something else than it says", () => {
  const inProcess = layer({ buckets: [anybody] })

  it.effect("a copy without a source is refused, and replaces nothing", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      yield* send("PUT", { key: "k", body: "precious" })
      for (const source of ["", " ", "/", "x"]) {
        const headers = { "x-cos-copy-source": source }
        const copy = yield* send("PUT", { key: "k", headers })
        expect([copy.status, copy.code], JSON.stringify(source)).toEqual([400, "InvalidCopySource"])
        const part = yield* send("PUT", { key: "k", query: { partNumber: "1", uploadId: "x" }, headers })
        expect(part.status, JSON.stringify(source)).toBeGreaterThanOrEqual(400)
      }
      expect((yield* send("GET", { key: "k" })).text).toBe("precious")
      expect((yield* emulator.objects(bucket)).length).toBe(1)
    }).pipe(Effect.provide(inProcess))
  )

  it.effect("half of a surrogate pair names no other object", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "\ufffd", body: "precious" })
      for (const half of ["&#xD800;", "&#xdfff;", "&#55296;"]) {
        const body = `<Delete><Object><Key>${half}</Key></Object></Delete>`
        const deletion = yield* send("POST", { query: { delete: "" }, body, headers: md5Of(body) })
        expect(deletion.code, half).toBe("MalformedXML")
      }
      expect((yield* send("GET", { key: "\ufffd" })).text).toBe("precious")
      // control characters are part of names
      yield* send("PUT", { key: "a\u0001b", body: "x" })
      const body = "<Delete><Object><Key>a&#1;b</Key></Object></Delete>"
      yield* send("POST", { query: { delete: "" }, body, headers: md5Of(body) })
      expect((yield* send("GET", { key: "a\u0001b" })).status).toBe(404)
    }).pipe(Effect.provide(inProcess))
  )

  it.effect("documents that no parser could read again are refused", () =>
    Effect.gen(function* () {
      const lifecycle = (id: string) =>
        `<LifecycleConfiguration><Rule><ID>${id}</ID><Filter><Prefix/></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>`
      const acl = (id: string) =>
        `<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>${id}</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`
      for (const text of ["&#1;", "a&#31;b", "&#xFFFE;", "\uffff", "&#xD800;"]) {
        for (const [name, body] of [
          ["lifecycle", lifecycle(text)],
          ["acl", acl(text)]
        ] as const) {
          const put = yield* send("PUT", { query: { [name]: "" }, body, headers: md5Of(body) })
          expect(put.code, `${name} ${JSON.stringify(text)}`).toBe("MalformedXML")
        }
      }
      const body = lifecycle("a&#13;&#9;\u{1f600}")
      expect((yield* send("PUT", { query: { lifecycle: "" }, body, headers: md5Of(body) })).status).toBe(200)
      expect((yield* send("GET", { query: { lifecycle: "" } })).text).toContain("<ID>a&#13;\t\u{1f600}</ID>")
    }).pipe(Effect.provide(inProcess))
  )

  it.effect("ids of documents are short enough to be stored anywhere", () =>
    Effect.gen(function* () {
      const put = (id: string) => {
        const body = `<IntelligentTieringConfiguration><Id>${id}</Id><Status>Enabled</Status><Tiering><AccessTier>INFREQUENT</AccessTier><Days>30</Days><RequestFrequent>1</RequestFrequent></Tiering></IntelligentTieringConfiguration>`
        return send("PUT", { query: { "intelligent-tiering": "", id }, body, headers: md5Of(body) })
      }
      expect((yield* put("x".repeat(3000))).code).toBe("InvalidArgument")
    }).pipe(Effect.provide(inProcess))
  )

  it.live("bodies in a transfer coding that is not decoded are refused", () =>
    Effect.gen(function* () {
      const head = `PUT /${bucket}/k HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n`
      const got = yield* converse(`${head}Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`)
      expect(headOf(got)[0]).toContain("501")
      expect(yield* (yield* Emulator).objects(bucket)).toEqual([])
    }).pipe(Effect.provide(layerServer({ buckets: [anybody] })))
  )

  it.effect("a fault that no response can have is a defect of the test that sets it", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      for (const status of [42, 100, 101, 600, Number.NaN]) {
        const exit = yield* Effect.exit(emulator.fault({ do: Fault.status(status) }))
        expect(Exit.isFailure(exit), String(status)).toBe(true)
      }
      // nor can one that no request would ever match
      for (const on of [{ nth: 0 }, { nth: 1.5 }, { times: 0 }, { times: Number.NaN }]) {
        const exit = yield* Effect.exit(emulator.fault({ on, do: Fault.resetBefore }))
        expect(Exit.isFailure(exit), JSON.stringify(on)).toBe(true)
      }
      expect(yield* emulator.faults).toEqual([])
    }).pipe(Effect.provide(inProcess))
  )
})

describe("patterns", () => {
  /** What a pattern says, by the simplest means there is. */
  const simply = (pattern: string, text: string): boolean =>
    pattern === ""
      ? text === ""
      : pattern[0] === "*"
        ? simply(pattern.slice(1), text) || (text !== "" && simply(pattern, text.slice(1)))
        : text[0] === pattern[0] && simply(pattern.slice(1), text.slice(1))

  it("match as their definition says", () => {
    const letters = FastCheck.string({ unit: FastCheck.constantFrom("a", "b", "*"), maxLength: 8 })
    FastCheck.assert(
      FastCheck.property(letters, letters, (pattern, text) => matchesWildcard(pattern, text) === simply(pattern, text)),
      { numRuns: 5000, seed: 1 }
    )
  })

  it.effect("take time in proportion to pattern and name, in permissions and CORS alike", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const started = performance.now()
      const stars = "*a".repeat(2000)
      const credential = {
        secretId: "AKIDSTARS",
        secretKey: Redacted.make("s"),
        permissions: [{ actions: [`name/cos:${stars}`, `${"*".repeat(5000)}x`, "name/cos:Get*ct"] }]
      }
      yield* emulator.addCredentials(credential)
      yield* emulator.seed(bucket, "k", "v")
      expect((yield* send("GET", { key: "k", as: credential })).status).toBe(200)
      expect((yield* send("PUT", { key: "k", as: credential, body: "x" })).code).toBe("AccessDenied")
      const cors =
        "<CORSConfiguration><CORSRule><AllowedOrigin>http://*.test</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-*-y</AllowedHeader></CORSRule></CORSConfiguration>"
      yield* send("PUT", { query: { cors: "" }, body: cors, headers: md5Of(cors) })
      const preflight = (origin: string, asked: string) =>
        send("OPTIONS", {
          key: "k",
          as: null,
          headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": asked }
        })
      const allowed = (origin: string, asked: string) =>
        Effect.map(preflight(origin, asked), ({ headers }) => [
          headers["access-control-allow-origin"],
          headers["access-control-allow-headers"]
        ])
      expect(yield* allowed("http://a.test", "x-a-y")).toEqual(["http://a.test", "x-a-y"])
      expect(yield* allowed(`http://${".test".repeat(2000)}x`, "x-a-y")).toEqual([undefined, undefined])
      expect(yield* allowed("http://a.test", `x-${"-y".repeat(4000)}z`)).toEqual(["http://a.test", undefined])
      expect(performance.now() - started).toBeLessThan(2000)
    }).pipe(Effect.provide(layer({ buckets: [bucket], strict: true })))
  )
})
