/**
 * Who may use the control port, and the faults that requests to the data port bring along: attacks of web pages and of
 * other machines.
 */
import * as Http from "node:http"
import * as Net from "node:net"
import { networkInterfaces } from "node:os"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { bucket } from "./support/client.js"

const token = "the control token"

const server = layerServer({
  buckets: [{ name: bucket, acl: "public-read-write" }],
  controlPort: 0,
  controlToken: Redacted.make("the-control-token"),
  controlHosts: ["emulator.test"]
})

const bearer = { authorization: "Bearer the-control-token" }

interface Got {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
}

interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Http.OutgoingHttpHeaders
  readonly body?: string
  readonly host?: string
}

/** One request over node:http, with exactly these headers. */
const ask = (base: string | undefined, { body, headers = {}, host, method = "GET", path = "/" }: Ask) =>
  Effect.async<Got, Error>((resume) => {
    const { hostname, port } = new URL(base ?? "")
    const request = Http.request(
      { host: host ?? hostname.replace(/[[\]]/g, ""), port, method, path, headers, agent: false },
      (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk
        })
        response.on("end", () =>
          resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, text }))
        )
      }
    )
    request.on("error", (error) => resume(Effect.fail(error)))
    request.end(body)
  })

/** Bytes over a bare socket; the status of what comes back. */
const rawStatus = (base: string | undefined, text: string) =>
  Effect.async<number>((resume) => {
    const { hostname, port } = new URL(base ?? "")
    const socket = Net.connect(Number(port), hostname)
    let got = ""
    socket.on("data", (chunk) => {
      got += chunk
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(got) ?? []
      if (status === undefined) return
      socket.destroy()
      resume(Effect.succeed(Number(status)))
    })
    socket.on("error", () => {})
    socket.write(text)
  })

/** Stores something, sends the request, and tells its status and whether the thing is still there. */
const attack = (options: Ask) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    yield* emulator.seed(bucket, "precious", "data")
    const { status } = yield* ask(emulator.controlEndpoint, { method: "POST", path: "/reset", ...options })
    return { status, kept: (yield* emulator.objects(bucket)).length === 1 }
  })

describe("the control port", () => {
  it.live("serves requests with the token, and health checks without", () =>
    Effect.gen(function* () {
      const { controlEndpoint, controlToken = Redacted.make("") } = yield* Emulator
      expect(Redacted.value(controlToken)).toBe("the-control-token")
      expect((yield* ask(controlEndpoint, { path: "/faults", headers: bearer })).status).toBe(200)
      expect((yield* ask(controlEndpoint, { path: "/health" })).text).toContain('"ok"')
      const own = { ...bearer, origin: controlEndpoint }
      expect((yield* ask(controlEndpoint, { path: "/faults", headers: own })).status).toBe(200)
      for (const host of ["localhost", "LOCALHOST:80", "127.0.0.1:1", "127.9.9.9", "[::1]:5421", "emulator.test:99"]) {
        expect((yield* ask(controlEndpoint, { path: "/faults", headers: { ...bearer, host } })).status, host).toBe(200)
      }
      expect(yield* attack({ headers: bearer })).toEqual({ status: 204, kept: false })
    }).pipe(Effect.provide(server))
  )

  it.live("refuses requests without the token and changes nothing", () =>
    Effect.gen(function* () {
      const { controlEndpoint } = yield* Emulator
      const without: ReadonlyArray<Http.OutgoingHttpHeaders> = [
        {},
        { authorization: "" },
        { authorization: "Bearer" },
        { authorization: "Bearer " },
        { authorization: `Bearer ${token}` },
        { authorization: "Bearer the-control-toke" },
        { authorization: "Bearer the-control-token2" },
        { authorization: "Bearer undefined" },
        { authorization: "Basic the-control-token" },
        { authorization: "the-control-token" },
        // what a page can send without a preflight
        { "content-type": "text/plain" },
        { "content-type": "application/x-www-form-urlencoded" },
        { "content-type": "multipart/form-data; boundary=x" },
        // what a proxy on the way would say
        { "x-forwarded-host": "localhost", "x-forwarded-for": "127.0.0.1" }
      ]
      for (const headers of without) {
        expect(yield* attack({ headers, body: "x=y" }), JSON.stringify(headers)).toEqual({ status: 401, kept: true })
      }
      const index = yield* ask(controlEndpoint, {})
      expect([index.status, index.headers["www-authenticate"]]).toEqual([401, "Bearer"])
      expect(index.text).not.toContain("the-control-token")
      for (const path of ["/health?", "/health/", "/health/..", "//health", "/health/../faults", "/%68ealth"]) {
        expect((yield* ask(controlEndpoint, { path })).status, path).toBe(401)
      }
      expect((yield* ask(controlEndpoint, { method: "POST", path: "/health" })).status).toBe(401)
    }).pipe(Effect.provide(server))
  )

  it.live("refuses pages of other origins, even with the token", () =>
    Effect.gen(function* () {
      const { controlEndpoint } = yield* Emulator
      const port = new URL(controlEndpoint ?? "").port
      const foreign: ReadonlyArray<Http.OutgoingHttpHeaders> = [
        { origin: "null" },
        { origin: "http://evil.test" },
        { origin: "http://localhost:3000" },
        { origin: `http://localhost:${port}.evil.test` },
        { origin: `https://127.0.0.1:${port}` },
        { origin: "" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" }
      ]
      for (const headers of foreign) {
        expect(yield* attack({ headers: { ...bearer, ...headers } }), JSON.stringify(headers)).toEqual({
          status: 403,
          kept: true
        })
      }
      const preflight = yield* ask(controlEndpoint, {
        method: "OPTIONS",
        path: "/reset",
        headers: {
          origin: "http://evil.test",
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization"
        }
      })
      expect(preflight.status).toBe(403)
      expect(Object.keys(preflight.headers).filter((name) => name.startsWith("access-control"))).toEqual([])
    }).pipe(Effect.provide(server))
  )

  it.live("refuses host names that may be a web page's (DNS rebinding), even with the token", () =>
    Effect.gen(function* () {
      const { controlEndpoint } = yield* Emulator
      const hosts = [
        "evil.test",
        "evil.test:5421",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "localhost:80@evil.test",
        "evil.test, localhost",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "[::ffff:10.0.0.1]",
        "[::1].evil.test"
      ]
      for (const host of hosts) {
        expect(yield* attack({ headers: { ...bearer, host } }), host).toEqual({ status: 403, kept: true })
      }
      const forwarded = { ...bearer, host: "evil.test", "x-forwarded-host": "localhost" }
      expect(yield* attack({ headers: forwarded })).toEqual({ status: 403, kept: true })
      expect((yield* ask(controlEndpoint, { path: "/health", headers: { host: "evil.test" } })).status).toBe(403)
    }).pipe(Effect.provide(server))
  )

  it.live("refuses ambiguous heads: repeated headers, absolute targets, upgrades", () =>
    Effect.gen(function* () {
      const { controlEndpoint } = yield* Emulator
      const status = (...lines: ReadonlyArray<string>) => rawStatus(controlEndpoint, `${lines.join("\r\n")}\r\n\r\n`)
      const authorization = `Authorization: ${bearer.authorization}`
      const line = "GET /faults HTTP/1.1"
      expect(yield* status(line, "Host: localhost", authorization)).toBe(200)
      expect(yield* status(line, "Host: localhost", "Host: evil.test", authorization)).toBe(400)
      expect(yield* status(line, "Host: evil.test", "Host: localhost", authorization)).toBe(400)
      expect(yield* status(line, "Host: localhost", authorization, "Authorization: Bearer x")).toBe(400)
      expect(yield* status(line, "Host: localhost", "Authorization: Bearer x", authorization)).toBe(400)
      expect(yield* status(line, "Host: localhost", "Origin: http://localhost", "Origin: x", authorization)).toBe(400)
      expect(yield* status("GET http://localhost/faults HTTP/1.1", "Host: localhost", authorization)).toBe(400)
      expect(yield* status("GET http://evil.test/faults HTTP/1.1", "Host: localhost", authorization)).toBe(400)
      expect(yield* status("OPTIONS * HTTP/1.1", "Host: localhost", authorization)).toBe(400)
      expect(yield* status(line, "Host: localhost", authorization, "Connection: Upgrade", "Upgrade: websocket")).toBe(
        400
      )
      expect(yield* status(line, authorization)).toBe(400)
    }).pipe(Effect.provide(server))
  )

  it.live("responds to an unauthorised upload before reading its body", () =>
    Effect.gen(function* () {
      const { controlEndpoint } = yield* Emulator
      const head = `PUT /buckets/${bucket}/bytes?key=k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n`
      expect(yield* rawStatus(controlEndpoint, `${head}\r\n`)).toBe(401)
      expect(yield* rawStatus(controlEndpoint, `${head}Expect: 100-continue\r\n\r\n`)).toBe(401)
      expect(
        yield* rawStatus(
          controlEndpoint,
          `${head}Expect: 100-continue\r\nAuthorization: ${bearer.authorization}\r\n\r\n`
        )
      ).toBe(100)
    }).pipe(Effect.provide(server))
  )

  it.live("generates a token at every start, and refuses tokens that a header cannot carry", () =>
    Effect.gen(function* () {
      const tokenOf = Effect.map(Emulator, ({ controlToken }) => controlToken && Redacted.value(controlToken)).pipe(
        Effect.provide(layerServer())
      )
      const [one, other] = [yield* tokenOf, yield* tokenOf]
      expect(one).toMatch(/^[\w-]{43}$/)
      expect(other).not.toBe(one)
      for (const bad of ["", "a b", "a\r\nb", "ä", "$HOME"]) {
        const exit = yield* Effect.exit(Layer.build(layerServer({ controlToken: Redacted.make(bad) })))
        expect(Exit.isFailure(exit)).toBe(true)
      }
    }).pipe(Effect.scoped)
  )
})

const slow = '{"_tag":"Status","status":503,"code":"SlowDown"}'

/** An address of this machine that other machines could use as well. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses = []) => addresses)
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address

describe("x-emulator-fault", () => {
  const fault = (headers: Http.OutgoingHttpHeaders, options: Ask = {}) =>
    Effect.gen(function* () {
      const { endpoint } = yield* Emulator
      return (yield* ask(endpoint, {
        path: `/${bucket}`,
        headers: { "x-emulator-fault": slow, ...headers },
        ...options
      })).status
    })

  it.live("acts for programs on this machine that use a host name of the server", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* Emulator
      expect(yield* fault({})).toBe(503)
      expect(yield* fault({ host: "localhost" })).toBe(503)
      expect(yield* fault({ host: `${bucket}.cos.ap-guangzhou.myqcloud.com` }, { path: "/" })).toBe(503)
      expect(yield* fault({ origin: endpoint })).toBe(503)
    }).pipe(Effect.provide(server))
  )

  it.live("does not act for web pages", () =>
    Effect.gen(function* () {
      for (const headers of [
        { origin: "null" },
        { origin: "http://evil.test" },
        { origin: "http://evil.test", host: "evil.test" },
        { host: "evil.test" },
        { host: "evil.test:80" },
        { "sec-fetch-site": "cross-site" }
      ]) {
        expect(yield* fault(headers), JSON.stringify(headers)).toBe(403)
      }
    }).pipe(Effect.provide(server))
  )

  it.live.skipIf(outside === undefined)("does not act for other machines", () =>
    Effect.gen(function* () {
      expect(yield* fault({}, { host: outside ?? "" })).toBe(403)
      expect(yield* fault({ "x-emulator-token": "the-control-token" }, { host: outside ?? "" })).toBe(403)
    }).pipe(
      Effect.provide(
        layerServer({
          host: "0.0.0.0",
          buckets: [{ name: bucket, acl: "public-read-write" }],
          controlToken: Redacted.make("the-control-token")
        })
      )
    )
  )

  it.live("never kills the process without the control token", () =>
    Effect.gen(function* () {
      const die = '{"_tag":"Die","at":"committed"}'
      const put = { method: "PUT", path: `/${bucket}/k`, body: "x" }
      for (const given of [{}, { "x-emulator-token": "guess" }, { "x-emulator-token": "" }, bearer]) {
        for (const value of [die, `[{"_tag":"NoRequestId"},${die}]`]) {
          expect(yield* fault({ "x-emulator-fault": value, ...given }, put)).toBe(403)
          expect(yield* fault({ "x-emulator-fault": value, ...given })).toBe(403)
        }
      }
      // With it the fault is taken; a GET writes nothing, so it does not act.
      const withToken = { "x-emulator-fault": die, "x-emulator-token": "the-control-token" }
      expect(yield* fault(withToken)).toBe(200)
      const entries = yield* (yield* Emulator).journal
      expect(JSON.stringify(entries)).not.toContain("the-control-token")
    }).pipe(Effect.provide(server))
  )
})
