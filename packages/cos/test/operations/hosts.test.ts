/** `Cos.request` reaches every host of COS; a signature and a token go to no other unless somebody says so. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as Scripted from "../support/ScriptedClient.js"
import { verify } from "../support/verify.js"

const token = "TOKEN-OF-THE-SESSION"
const temporary = { credentials: Credentials.layerStatic({ ...Scripted.keys, token }) }

const send = (input: Partial<Cos.RawRequest>, options: Scripted.Options = temporary, answer: Scripted.Step = {}) => {
  const { layer, requests } = Scripted.make([answer, answer], options)
  return Effect.gen(function* () {
    const result = yield* Effect.either(Effect.scoped(Cos.request({ method: "GET", ...input })))
    return { result, requests }
  }).pipe(Effect.provide(layer))
}

const { region } = Scripted
const rapid = `examplebucket-x--1250000000.cosrapid.${region}.myqcloud.com`

describe("Cos.request", () => {
  const hosts: ReadonlyArray<readonly [string, Partial<Cos.RawRequest>, string]> = [
    ["the bucket", {}, Scripted.host],
    ["the service", { host: "service" }, "service.cos.myqcloud.com"],
    ["the service in a region", { host: "service", region }, `cos.${region}.myqcloud.com`],
    ["data processing", { host: "processing" }, `${Scripted.bucket}.ci.${region}.myqcloud.com`],
    ["batch jobs", { host: "control", uin: "100000000001" }, `100000000001.cos-control.${region}.myqcloud.com`],
    ["a given host of COS", { host: { url: `https://${rapid}` } }, rapid],
    [
      "a given host with placeholders",
      { host: { url: "https://{bucket}.cosrapid.{region}.myqcloud.com" }, bucket: "examplebucket-x--1250000000" },
      rapid
    ],
    [
      "a historic region",
      { host: { url: "https://examplebucket-1250000000.sg.myqcloud.com" } },
      "examplebucket-1250000000.sg.myqcloud.com"
    ],
    [
      "any host that is said to get the signature",
      { host: { url: "https://cdn.example.com", sign: true } },
      "cdn.example.com"
    ]
  ]
  it.effect.each(hosts)("%s: signed, with the token", ([, input, host]) =>
    Effect.gen(function* () {
      const { requests } = yield* send({ key: "a key", query: { x: "1" }, ...input })
      expect(requests.map(({ target, url }) => [url.slice(0, -target.length), target])).toEqual([
        [`https://${host}`, "/a%20key?x=1"]
      ])
      const [request] = requests
      if (request === undefined) return
      expect(request.headers["x-cos-security-token"]).toBe(token)
      expect(verify(request, Scripted.keys)).toBe(true)
      expect(request.headers["x-cos-appid"]).toBe(input.host === "control" ? "1250000000" : undefined)
    })
  )

  const foreign = [
    "https://example.com",
    `https://${Scripted.host}.example.com`,
    "https://myqcloud.com",
    "https://lb.clb.myqcloud.com",
    "https://cos.ap-guangzhou.example.com",
    "https://examplebucket-1250000000.file.myqcloud.com",
    "http://127.0.0.1:9000"
  ]
  it.effect.each(foreign)("%s may be anybody's: refused before anything is sent", (url) =>
    Effect.gen(function* () {
      const { requests, result } = yield* send({ host: { url } })
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "InvalidInput", field: "host" } })
      expect(requests).toEqual([])
    })
  )

  it.effect.each([
    "https://user@example.com",
    "https://example.com/path",
    "ftp://example.com",
    "https://{unknown}.example.com",
    "example.com"
  ])("%s is no host", (url) =>
    Effect.gen(function* () {
      const { requests, result } = yield* send({ host: { url, sign: true } })
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "InvalidInput", field: "host" } })
      expect(requests).toEqual([])
    })
  )

  it.effect("sign: false sends neither signature nor token, and learns no time", () =>
    Effect.gen(function* () {
      const late = {
        ...Scripted.error(403, "RequestTimeTooSkewed"),
        headers: { "content-type": "application/xml", date: "Thu, 01 Jan 2032 00:00:00 GMT" }
      }
      const { requests, result } = yield* send({ host: { url: "https://example.com", sign: false } }, temporary, late)
      expect(result._tag).toBe("Left")
      expect(requests.length).toBe(1)
      expect(JSON.stringify(requests)).not.toContain(token)
      expect(JSON.stringify(requests)).not.toContain(Scripted.keys.secretId)
      expect(requests[0]?.headers.authorization).toBeUndefined()
    })
  )

  it.effect("the host of the client's own endpoint is as trusted as the client is", () =>
    Effect.gen(function* () {
      const endpoint = Endpoint.custom({ url: "http://127.0.0.1:9000" })
      const { requests } = yield* send(
        { host: { url: "http://127.0.0.1:9000" } },
        { ...temporary, settings: { endpoint } }
      )
      expect(requests[0]?.headers.authorization).toContain(Scripted.keys.secretId)
      const other = yield* send({ host: { url: "http://127.0.0.1:9001" } }, { ...temporary, settings: { endpoint } })
      expect(other.requests).toEqual([])
    })
  )

  it.effect.each([
    [{ host: "control" }, "uin"],
    [{ host: "control", uin: "me" }, "uin"],
    [{ host: { url: "https://{bucket}.example.com", sign: true }, bucket: "A" }, "bucket"]
  ] as const)("%o is refused for its %s", ([input, field]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* send(input)
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "InvalidInput", field } })
      expect(requests).toEqual([])
    })
  )

  it.effect("batch jobs need the APPID, from the bucket or from the header", () =>
    Effect.gen(function* () {
      const control = { host: "control", uin: "1", region } as const
      const without = { ...temporary, settings: { bucket: undefined } }
      const refused = yield* send(control, without)
      expect(refused.result).toMatchObject({ _tag: "Left", left: { _tag: "InvalidInput", field: "appId" } })
      const given = yield* send({ ...control, headers: { "X-Cos-AppId": "1250000001" } }, without)
      expect(given.requests[0]?.headers["x-cos-appid"]).toBe("1250000001")
    })
  )
})
