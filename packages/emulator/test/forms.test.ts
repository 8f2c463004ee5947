/**
 * Uploads by HTML forms, byte by byte and signed by the tests' own hand.
 */
import { createHash, createHmac } from "node:crypto"
import * as HttpBody from "@effect/platform/HttpBody"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { Credential } from "effect-cos-emulator/Access"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { bucket, host, send } from "./support/client.js"

const emulator = layer({ buckets: [bucket], strict: true })
const open = layer({ buckets: [{ name: bucket, acl: "public-read-write" }], strict: true })

type Fields = ReadonlyArray<readonly [name: string, value: string]>

const boundary = "----here"

/** Stands for the name of the file. */
const filename = "$" + "{filename}"

const part = (name: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

const file = (content: string, name = "cat.txt") =>
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/html\r\n\r\n${content}\r\n`

const form = (fields: Fields, rest: string) =>
  `${fields.map(([name, value]) => part(name, value)).join("")}${rest}--${boundary}--\r\n`

const headers = { "content-type": `multipart/form-data; boundary=${boundary}` }

const post = (body: string | HttpBody.HttpBody) => send("POST", { as: null, body, headers })

const code = (body: string) => Effect.map(post(body), (answer) => answer.code ?? answer.status)

/** Valid for a quarter of an hour from the epoch, where the test clock begins. */
const keyTime = "0;900"

/** The fields that sign a policy of these conditions. */
const signed = (
  conditions: ReadonlyArray<unknown>,
  options: { readonly credential?: Credential; readonly expiration?: string; readonly policy?: string } = {}
): Effect.Effect<Fields, never, Emulator> =>
  Effect.map(Emulator, ({ credentials }) => {
    const { secretId, secretKey, token } = options.credential ?? credentials
    const policy =
      options.policy ??
      JSON.stringify({
        expiration: options.expiration ?? "1970-01-01T00:15:00.000Z",
        conditions: [{ "q-sign-algorithm": "sha1" }, { "q-ak": secretId }, { "q-sign-time": keyTime }, ...conditions]
      })
    const hmac = (key: string, text: string) => createHmac("sha1", key).update(text).digest("hex")
    return [
      ["policy", Buffer.from(policy).toString("base64")],
      ["q-sign-algorithm", "sha1"],
      ["q-ak", secretId],
      ["q-key-time", keyTime],
      ["q-signature", hmac(hmac(Redacted.value(secretKey), keyTime), createHash("sha1").update(policy).digest("hex"))],
      ...(token === undefined ? [] : [["x-cos-security-token", Redacted.value(token)] as const])
    ]
  })

describe("forms", () => {
  it.effect("store the file with the metadata of their fields, under a key with the file's name", () =>
    Effect.gen(function* () {
      const fields: Fields = [
        ["key", `a/${filename}/${filename}`],
        ["Content-Type", "text/plain"],
        ["x-cos-meta-a", "1"],
        ["x-cos-storage-class", "STANDARD_IA"],
        ["acl", "public-read"],
        ["submit", "Upload"]
      ]
      const answer = yield* post(form(fields, file("hello\r\n--world", "C:\\cats\\$&.txt")))
      expect([answer.status, answer.text]).toEqual([204, ""])
      expect(answer.headers.location).toBe(`http://${host}/a/%24%26.txt/%24%26.txt`)
      const key = "a/$&.txt/$&.txt"
      const read = yield* send("GET", { key })
      expect(read.text).toBe("hello\r\n--world")
      expect(read.headers).toMatchObject({
        etag: answer.headers.etag,
        "content-type": "text/plain",
        "x-cos-meta-a": "1",
        "x-cos-storage-class": "STANDARD_IA"
      })
      expect((yield* send("GET", { key, query: { acl: "" } })).headers["x-cos-acl"]).toBe("public-read")
      expect((yield* send("HEAD", { key })).headers.submit).toBeUndefined()
    }).pipe(Effect.provide(open))
  )

  it.effect("respond as success_action_status and success_action_redirect ask", () =>
    Effect.gen(function* () {
      const success = (name: string, value: string) =>
        post(
          form(
            [
              ["key", "k ü"],
              [name, value]
            ],
            file("x")
          )
        )
      expect((yield* success("success_action_status", "200")).status).toBe(200)
      expect((yield* success("success_action_status", "418")).status).toBe(204)
      const created = yield* success("success_action_status", "201")
      expect([created.status, created.text, created.headers.location]).toEqual([201, "", `http://${host}/k%20%C3%BC`])
      const redirected = yield* success("success_action_redirect", "https://a.example/done?a=1")
      expect([redirected.status, redirected.headers.location]).toEqual([
        303,
        `https://a.example/done?a=1&bucket=${bucket}&key=k+%C3%BC&etag=%22${createHash("md5").update("x").digest("hex")}%22`
      ])
      const both = yield* post(
        form(
          [
            ["key", "k"],
            ["success_action_status", "200"],
            ["success_action_redirect", "https://a.example/"]
          ],
          file("x")
        )
      )
      expect(both.status).toBe(303)
      expect((yield* success("success_action_redirect", "nowhere")).code).toBe("InvalidArgument")
    }).pipe(Effect.provide(open))
  )

  it.effect("may arrive in pieces of any size", () =>
    Effect.gen(function* () {
      const content = `\r\n--${boundary.slice(0, -1)}\r\n\r\n-${"x".repeat(100)}\r`
      const bytes = new TextEncoder().encode(form([["key", "k"]], file(content)))
      for (const size of [1, 2, 3, 7, 64, bytes.length]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.slice(i * size, (i + 1) * size)
        )
        const body = HttpBody.stream(Stream.rechunk(Stream.fromIterable(pieces), 1))
        expect((yield* post(body)).status).toBe(204)
        expect((yield* send("GET", { key: "k" })).text).toBe(content)
        yield* send("DELETE", { key: "k" })
      }
      expect((yield* post(form([["key", "empty"]], file("")))).status).toBe(204)
      expect((yield* send("GET", { key: "empty" })).text).toBe("")
    }).pipe(Effect.provide(open))
  )

  it.effect("must be complete and have one file", () =>
    Effect.gen(function* () {
      const good = form([["key", "k"]], file("content"))
      for (let length = 0; length < good.length - 4; length += 11) {
        expect(yield* code(good.slice(0, length)), `${length}`).toBe("MalformedPOSTRequest")
      }
      expect(yield* code(form([["key", "k"]], ""))).toBe("IncorrectNumberOfFilesInPostRequest")
      expect(yield* code(form([], file("x")))).toBe("InvalidArgument")
      expect(
        yield* code(
          form(
            [
              ["key", "k"],
              ["key", "l"]
            ],
            file("x")
          )
        )
      ).toBe("MalformedPOSTRequest")
      expect(
        yield* code(
          form(
            [
              ["key", "k"],
              ["x-cos-unheard-of", "1"]
            ],
            file("x")
          )
        )
      ).toBe("InvalidArgument")
      expect(
        yield* code(
          form(
            [
              ["key", "k"],
              ["x-cos-storage-class", "COLDER"]
            ],
            file("x")
          )
        )
      ).toBe("InvalidArgument")
      expect((yield* send("POST", { as: null, body: good })).code).toBe("MalformedPOSTRequest")
      expect((yield* send("POST", { as: null, body: good, headers, query: { other: "" } })).code).toBe(
        "InvalidArgument"
      )
      expect(yield* (yield* Emulator).objects(bucket)).toEqual([])
    }).pipe(Effect.provide(open))
  )

  it.effect("without a signature need a public-read-write bucket", () =>
    Effect.gen(function* () {
      expect(yield* code(form([["key", "k"]], file("x")))).toBe("AccessDenied")
      yield* (yield* Emulator).updateBucket(bucket, { acl: "public-read" })
      expect(yield* code(form([["key", "k"]], file("x")))).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("must comply with their policy", () =>
    Effect.gen(function* () {
      const conditions = [
        { bucket },
        ["starts-with", "$key", "in/"],
        ["eq", "$Content-Type", "text/plain"],
        ["starts-with", "$x-cos-meta-a", "exact"],
        ["content-length-range", 2, 4]
      ]
      const fields = yield* signed(conditions)
      const given: Fields = [
        ["key", `in/${filename}`],
        ["Content-Type", "text/plain"],
        ["x-cos-meta-a", "exact"]
      ]
      const change = (name: string, value: string | undefined): Fields =>
        given.flatMap(([other, old]) => (other !== name ? [[other, old]] : value === undefined ? [] : [[name, value]]))
      const sent = (own: Fields, content = "abc", by: Fields = fields) => code(form([...own, ...by], file(content)))
      expect(yield* sent(given)).toBe(204)
      expect((yield* send("GET", { key: "in/cat.txt" })).text).toBe("abc")
      expect(yield* sent(change("key", `out/${filename}`))).toBe("AccessDenied")
      expect(yield* sent(change("Content-Type", "text/plainer"))).toBe("AccessDenied")
      expect(yield* sent(change("Content-Type", undefined))).toBe("AccessDenied")
      // x-cos-* matches exactly, whatever the condition says.
      expect(yield* sent(change("x-cos-meta-a", "exactly"))).toBe("AccessDenied")
      expect(yield* sent(given, "a")).toBe("EntityTooSmall")
      expect(yield* sent(given, "abcde")).toBe("EntityTooLarge")
      const without = (name: string) => fields.filter(([other]) => other !== name)
      for (const name of ["policy", "q-sign-algorithm", "q-ak", "q-key-time", "q-signature"]) {
        expect(yield* sent(given, "abc", without(name)), name).toBe("AccessDenied")
      }
      const other = (name: string, value: string) => [...without(name), [name, value] as const]
      expect(yield* sent(given, "abc", other("q-ak", "AKIDOTHER"))).toBe("InvalidAccessKeyId")
      expect(yield* sent(given, "abc", other("q-signature", "0".repeat(40)))).toBe("SignatureDoesNotMatch")
      expect(yield* sent(given, "abc", other("policy", Buffer.from("{}").toString("base64")))).toBe(
        "SignatureDoesNotMatch"
      )
      expect(yield* sent(given, "abc", yield* signed([{ bucket: "other-1250000000" }]))).toBe("AccessDenied")
      for (const policy of ["{", "[]", "{}", '{"expiration":"1970-01-01T00:15:00Z","conditions":[]}']) {
        expect(yield* sent(given, "abc", yield* signed([], { policy })), policy).toBe("InvalidPolicyDocument")
      }
      expect(yield* sent(given, "abc", yield* signed([["like", "$key", "a"]]))).toBe("InvalidPolicyDocument")
      const early = yield* signed(conditions, { expiration: "1970-01-01T00:00:05.000Z" })
      expect(yield* sent(given, "abc", early)).toBe(204)
      yield* TestClock.adjust("6 seconds")
      expect(yield* sent(given, "abc", early)).toBe("AccessDenied")
      yield* TestClock.adjust("15 minutes")
      expect(yield* sent(given)).toBe("AccessDenied")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("of temporary keys need the token and the permission", () =>
    Effect.gen(function* () {
      const credential: Credential = {
        secretId: "AKIDTEMP",
        secretKey: Redacted.make("temporary"),
        token: Redacted.make("token"),
        permissions: [{ actions: ["name/cos:PostObject"], prefix: "mine/" }]
      }
      yield* (yield* Emulator).addCredentials(credential)
      const fields = yield* signed([], { credential })
      const sent = (key: string, by: Fields) => code(form([["key", key], ...by], file("x")))
      expect(yield* sent("mine/k", fields)).toBe(204)
      expect(yield* sent("other/k", fields)).toBe("AccessDenied")
      const tokenless = fields.filter(([name]) => name !== "x-cos-security-token")
      expect(yield* sent("mine/k", tokenless)).toBe("InvalidAccessKeyId")
    }).pipe(Effect.provide(emulator))
  )
})
