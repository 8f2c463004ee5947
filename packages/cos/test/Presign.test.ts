import { createHash, createHmac } from "node:crypto"
import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as Presign from "effect-cos/Presign"
import * as Scripted from "./support/ScriptedClient.js"
import { verify } from "./support/verify.js"

const now = 1_700_000_000
const key = "目录/a b.txt"
const path = "/%E7%9B%AE%E5%BD%95/a%20b.txt"

/** Nothing is sent: the script is empty. */
const make = <A, E>(run: Effect.Effect<A, E, CosClient.CosClient>, options?: Scripted.Options) =>
  Effect.zipRight(TestClock.setTime(now * 1000), Effect.provide(run, Scripted.make([], options).layer))

const takeApart = (url: string) => {
  const [, origin = "", target = ""] = /^(https?:\/\/[^/]+)(.*)$/.exec(url) ?? []
  const names = (target.split("?")[1] ?? "").split("&").map((pair) => pair.split("=")[0])
  return { origin, target, host: origin.replace(/^https?:\/\//, ""), names, query: new URL(url).searchParams }
}

const signedTime = (url: string) => takeApart(url).query.get("q-sign-time")

/** Whether the server would take it, sent with exactly these headers. */
const isValid = ({ headers, method, url }: Presign.Presigned) => {
  const { host, target } = takeApart(Redacted.value(url))
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return verify({ method, target, headers: { ...sent, host } }, Scripted.keys)
}

describe("Presign.request", () => {
  it.effect("a URL with the signature first, valid from a minute ago for what was asked", () =>
    Effect.gen(function* () {
      const signed = yield* make(Presign.request(Cos.getObject, { key, versionId: "v" }, { expiresIn: "10 minutes" }))
      const url = Redacted.value(signed.url)
      const { names, origin, target } = takeApart(url)
      expect(origin).toBe(`https://${Scripted.host}`)
      expect(target.startsWith(`${path}?q-sign-algorithm=sha1&q-ak=${Scripted.keys.secretId}&`)).toBe(true)
      expect(names.slice(-2)).toEqual(["q-signature", "versionId"])
      expect(signedTime(url)).toBe(`${now - 60};${now + 600}`)
      expect(signed).toMatchObject({
        method: "GET",
        headers: {},
        body: undefined,
        expiresAt: new Date((now + 600) * 1000)
      })
      expect(isValid(signed)).toBe(true)
    })
  )

  it.effect("shows no customer key in logs, inspect and JSON, though its headers hold it", () =>
    Effect.gen(function* () {
      const customerKey = Redacted.make(new Uint8Array(32).fill(65))
      const base64 = Buffer.from(Redacted.value(customerKey)).toString("base64")
      const signed = yield* make(Presign.request(Cos.putObject, { key, body: "b", customerKey }))
      const header = "x-cos-server-side-encryption-customer-key"
      expect(signed.headers[header]).toBe(base64)
      for (const shown of [JSON.stringify({ signed }), inspect({ signed }), Inspectable.toStringUnknown(signed)]) {
        expect(shown).not.toContain(base64)
        expect(shown).toContain(header)
        expect(shown).toContain("redacted")
        expect(shown).not.toContain("q-signature=")
      }
      // What is sent to whoever uses it is whole.
      expect(JSON.stringify(signed.headers)).toContain(base64)
      expect(isValid({ ...signed })).toBe(true)
    })
  )

  it.effect("is valid for 15 minutes unless told otherwise", () =>
    Effect.gen(function* () {
      const { expiresAt } = yield* make(Presign.request(Cos.getObject, { key }))
      expect(expiresAt).toEqual(new Date((now + 900) * 1000))
    })
  )

  it.effect("headers are signed, and part of the result", () =>
    Effect.gen(function* () {
      const input = { key, contentType: "image/png", metadata: { Author: "ada" }, contentLanguage: "zh" }
      const signed = yield* make(Presign.request(Cos.putObject, input))
      expect(signed.method).toBe("PUT")
      expect(signed.headers).toEqual({
        "Content-Type": "image/png",
        "Content-Language": "zh",
        "x-cos-meta-Author": "ada"
      })
      expect(isValid(signed)).toBe(true)
      const other = { ...signed, headers: { ...signed.headers, "Content-Type": "image/gif" } }
      expect(isValid(other)).toBe(false)
      expect(isValid({ ...signed, method: "POST" })).toBe(false)
    })
  )

  it.effect("a document is part of the result, because its MD5 is signed", () =>
    Effect.gen(function* () {
      const signed = yield* make(Presign.request(Cos.deleteMultipleObjects, { objects: [{ key: "a" }] }))
      expect(Buffer.from(signed.body ?? []).toString()).toBe("<Delete><Object><Key>a</Key></Object></Delete>")
      expect(signed.headers["Content-MD5"]).toBe(
        createHash("md5")
          .update(signed.body ?? "")
          .digest("base64")
      )
      expect(isValid(signed)).toBe(true)
    })
  )

  it.effect("takes every kind of operation", () =>
    Effect.gen(function* () {
      const all = yield* make(
        Effect.all([
          Presign.request(Cos.headObject, { key }),
          Presign.request(Cos.listBuckets, {}),
          Presign.request(Cos.listObjects, { prefix: "a b/", delimiter: "/" }),
          Presign.request(Cos.uploadPart, { key, uploadId: "u", partNumber: 1, body: "" }),
          Presign.request(Cos.copyObject, { key, source: { key: "a b", versionId: "v" } }),
          Presign.request(Cos.getObject, { key, extra: { query: { "a b": "c/d" }, headers: { "x-cos-a": "b" } } })
        ])
      )
      for (const signed of all) expect(isValid(signed)).toBe(true)
      expect(all[4]?.headers).toEqual({ "x-cos-copy-source": `${Scripted.host}/a%20b?versionId=v` })
    })
  )

  it.effect("carries the token", () =>
    Effect.gen(function* () {
      const credentials = Credentials.layerStatic({ ...Scripted.keys, token: "a+/=b" })
      const signed = yield* make(Presign.request(Cos.getObject, { key }), { credentials })
      expect(takeApart(Redacted.value(signed.url)).query.get("x-cos-security-token")).toBe("a+/=b")
      expect(isValid(signed)).toBe(true)
    })
  )

  it.effect("is never valid outside the time of its access key", () =>
    Effect.gen(function* () {
      const at = (seconds: number) => new Date((now + seconds) * 1000)
      const signed = (startsAt: number, expiresAt: number) =>
        make(Presign.request(Cos.getObject, { key }), {
          credentials: Credentials.layerStatic({ ...Scripted.keys, startsAt: at(startsAt), expiresAt: at(expiresAt) })
        })
      const short = yield* signed(-10, 100)
      expect(short.expiresAt).toEqual(at(100))
      expect(signedTime(Redacted.value(short.url))).toBe(`${now - 10};${now + 100}`)
      const over = yield* Effect.flip(signed(-100, 0))
      expect(over).toMatchObject({ _tag: "CredentialsError", transient: false })
    })
  )

  it.effect("without keys, nothing is signed", () =>
    Effect.gen(function* () {
      const { url } = yield* make(Presign.request(Cos.getObject, { key, versionId: "v" }), {
        credentials: Credentials.layerAnonymous
      })
      expect(Redacted.value(url)).toBe(`https://${Scripted.host}${path}?versionId=v`)
    })
  )

  it.effect("keeps dot segments as they are", () =>
    Effect.gen(function* () {
      const { url } = yield* make(Presign.request(Cos.getObject, { key: "a/../b" }))
      expect(Redacted.value(url)).toContain("/a/../b?")
    })
  )

  it.effect("is valid for any host with signHost off", () =>
    Effect.gen(function* () {
      const { url } = yield* make(Presign.request(Cos.getObject, { key }), { settings: { signHost: false } })
      expect(takeApart(Redacted.value(url)).query.get("q-header-list")).toBe("")
    })
  )

  it.effect("in the path style, the bucket is signed with the path", () =>
    Effect.gen(function* () {
      const endpoint = Endpoint.custom({ url: "http://127.0.0.1:9000" })
      const signed = yield* make(Presign.request(Cos.getObject, { key }), { settings: { endpoint } })
      expect(Redacted.value(signed.url)).toContain(`http://127.0.0.1:9000/${Scripted.bucket}${path}?`)
      expect(isValid(signed)).toBe(true)
    })
  )

  it.effect("refuses an expiresIn below a second or beyond 2286", () =>
    Effect.gen(function* () {
      for (const expiresIn of [
        "0 seconds",
        "999 millis",
        -5,
        Number.POSITIVE_INFINITY,
        Number.NaN,
        "soon" as never
      ] as const) {
        const error = yield* Effect.flip(make(Presign.request(Cos.getObject, { key }, { expiresIn })))
        expect(error).toMatchObject({ _tag: "InvalidInput", operation: "getObject", field: "expiresIn" })
      }
      const long = yield* make(Presign.request(Cos.getObject, { key }, { expiresIn: "18250 days" }))
      expect(isValid(long)).toBe(true)
    })
  )

  it.effect("refuses what the operation refuses", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(make(Presign.request(Cos.getObject, { key: "" })))).toMatchObject({ field: "key" })
      const range = { start: 2, end: 1 }
      expect(yield* Effect.flip(make(Presign.request(Cos.getObject, { key, range })))).toMatchObject({ field: "range" })
    })
  )

  it.effect("printed, it shows no signature", () =>
    Effect.gen(function* () {
      const signed = yield* make(Presign.request(Cos.getObject, { key }))
      expect(JSON.stringify(signed)).not.toContain("q-signature")
      expect(String(signed.url)).toBe("<redacted>")
    })
  )
})

describe("Presign.url", () => {
  it.effect("is the URL alone", () =>
    Effect.gen(function* () {
      const input = { key: "cat.png", rule: "imageMogr2/thumbnail/200x" }
      const url = Redacted.value(yield* make(Presign.url(Cos.processObject, input)))
      expect(url.endsWith("&imageMogr2%2Fthumbnail%2F200x=")).toBe(true)
      const { host, target } = takeApart(url)
      expect(verify({ method: "GET", target, headers: { host } }, Scripted.keys)).toBe(true)
    })
  )

  it.effect("names the field that a URL cannot carry", () =>
    Effect.gen(function* () {
      const refused = [
        [Presign.url(Cos.putObject, { key, contentType: "image/png" }), "Content-Type"],
        [Presign.url(Cos.getObject, { key, range: { start: 0, end: 1 } }), "Range"],
        [Presign.url(Cos.putObject, { key, body: "bytes" }), "body"],
        [Presign.url(Cos.deleteMultipleObjects, { objects: [{ key: "a" }] }), "body"]
      ] as const
      for (const [url, field] of refused) {
        expect(yield* Effect.flip(make(url))).toMatchObject({ _tag: "InvalidInput", field })
      }
      // A stream is the sender's.
      const body = Body.blob(new Blob([]))
      yield* make(Presign.url(Cos.putObject, { key, body }))
    })
  )
})

describe("Presign.objectUrl", () => {
  it.effect("needs no access key and never expires", () =>
    Effect.gen(function* () {
      const url = yield* make(Presign.objectUrl({ key, versionId: "v", query: { "imageView2/1": "" } }))
      expect(url).toBe(`https://${Scripted.host}${path}?versionId=v&imageView2%2F1=`)
      expect(yield* make(Presign.objectUrl({ key: "a", bucket: "b-1", region: "ap-beijing" }))).toBe(
        "https://b-1.cos.ap-beijing.myqcloud.com/a"
      )
      const elsewhere = make(Presign.objectUrl({ key: "a" }).pipe(CosClient.withBucket("c-1")))
      expect(yield* elsewhere).toBe("https://c-1.cos.ap-guangzhou.myqcloud.com/a")
      expect(yield* Effect.flip(make(Presign.objectUrl({ key: "/a" })))).toMatchObject({ field: "key" })
    })
  )
})

describe("Presign.form", () => {
  const policyOf = (fields: { readonly [name: string]: string }) =>
    JSON.parse(Buffer.from(fields.policy ?? "", "base64").toString())

  it.effect("fixes each field, signed as the page says", () =>
    Effect.gen(function* () {
      const form = yield* make(
        Presign.form(
          {
            key: "inbox/a.png",
            acl: "private",
            contentType: "image/png",
            metadata: { author: "ada" },
            storageClass: "STANDARD_IA",
            overwrite: false,
            successActionStatus: 201,
            extra: { headers: { "x-cos-a": "b" } }
          },
          { expiresIn: "5 minutes", size: { min: 1, max: 1024 }, conditions: [["starts-with", "$Cache-Control", ""]] }
        )
      )
      const fields = Redacted.value(form.fields)
      const time = `${now - 60};${now + 300}`
      expect(form.url).toBe(`https://${Scripted.host}/`)
      expect(form.expiresAt).toEqual(new Date((now + 300) * 1000))
      const { policy, "q-signature": signature, ...rest } = fields
      expect(rest).toEqual({
        key: "inbox/a.png",
        acl: "private",
        "Content-Type": "image/png",
        "x-cos-meta-author": "ada",
        "x-cos-storage-class": "STANDARD_IA",
        "x-cos-forbid-overwrite": "true",
        success_action_status: "201",
        "x-cos-a": "b",
        "q-sign-algorithm": "sha1",
        "q-ak": Scripted.keys.secretId,
        "q-key-time": time
      })
      expect(policyOf(fields)).toEqual({
        expiration: form.expiresAt.toISOString(),
        conditions: [
          { bucket: Scripted.bucket },
          { key: "inbox/a.png" },
          { "Content-Type": "image/png" },
          { "x-cos-meta-author": "ada" },
          { "x-cos-storage-class": "STANDARD_IA" },
          { acl: "private" },
          { "x-cos-forbid-overwrite": "true" },
          { success_action_status: "201" },
          { "x-cos-a": "b" },
          ["content-length-range", 1, 1024],
          ["starts-with", "$Cache-Control", ""],
          { "q-sign-algorithm": "sha1" },
          { "q-ak": Scripted.keys.secretId },
          { "q-sign-time": time }
        ]
      })
      const hmac = (key: string, text: string) => createHmac("sha1", key).update(text).digest("hex")
      const digest = createHash("sha1")
        .update(Buffer.from(policy ?? "", "base64"))
        .digest("hex")
      expect(signature).toBe(hmac(hmac(Scripted.keys.secretKey, time), digest))
    })
  )

  it.effect("the name of the file may be left open", () =>
    Effect.gen(function* () {
      const key = "inbox/$" + "{filename}"
      const fields = Redacted.value((yield* make(Presign.form({ key }))).fields)
      expect(fields.key).toBe(key)
      expect(policyOf(fields).conditions[1]).toEqual(["starts-with", "$key", "inbox/"])
    })
  )

  it.effect("carries the token; without an access key there is no policy", () =>
    Effect.gen(function* () {
      const credentials = Credentials.layerStatic({ ...Scripted.keys, token: "token" })
      const form = yield* make(Presign.form({ key: "a" }), { credentials })
      expect(Redacted.value(form.fields)["x-cos-security-token"]).toBe("token")
      const open = yield* make(Presign.form({ key: "a" }), { credentials: Credentials.layerAnonymous })
      expect(Redacted.value(open.fields)).toEqual({ key: "a" })
    })
  )

  it.effect("refuses what the service would", () =>
    Effect.gen(function* () {
      const refused = [
        [Presign.form({ key: "" }), "key"],
        [Presign.form({ key: "a", acl: "public" as "private" }), "acl"],
        [Presign.form({ key: "a", successActionStatus: 302 as 200 }), "successActionStatus"],
        [Presign.form({ key: "a" }, { size: { min: 2, max: 1 } }), "size"],
        [Presign.form({ key: "a" }, { size: { max: 5 * 1024 ** 3 + 1 } }), "size"],
        [Presign.form({ key: "a" }, { expiresIn: 0 }), "expiresIn"]
      ] as const
      for (const [form, field] of refused) {
        expect(yield* Effect.flip(make(form))).toMatchObject({ _tag: "InvalidInput", operation: "postObject", field })
      }
    })
  )
})
