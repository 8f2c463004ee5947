/**
 * What failed requests are called, whatever the runtime says of them. The causes are those that were seen on Node 20, Bun
 * 1.4, Deno 2.9 and workerd, and those that browsers have.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import { elapse } from "./support/outcome.js"
import * as Scripted from "./support/ScriptedClient.js"

/** A client whose every request fails with a cause; how often it was asked. */
const failing = (cause: unknown, settings: CosClient.Settings = {}) => {
  let asked = 0
  const client = HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap((request) => {
      asked += 1
      return Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))
    }),
    Effect.succeed
  )
  const layer = CosClient.layer({
    bucket: Scripted.bucket,
    region: Scripted.region,
    backupDomain: false,
    ...settings
  }).pipe(
    Layer.provide([
      Credentials.layerStatic(Scripted.keys),
      Layer.succeed(HttpClient.HttpClient, client),
      CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true, rawBody: true })
    ])
  )
  return { layer, asked: () => asked }
}

const failure = (cause: unknown, settings?: CosClient.Settings) =>
  Effect.gen(function* () {
    const { asked, layer } = failing(cause, settings)
    const error = yield* elapse(Effect.provide(Effect.flip(Cos.headObject({ key: "tls/timeout dns.cert" })), layer))
    return { error, asked: asked() }
  })

const coded = (message: string, fields: object) => Object.assign(new Error(message), fields)

/** As undici's `fetch` wraps what failed. */
const fetchFailed = (cause: unknown) => new TypeError("fetch failed", { cause })

/** As Deno's `fetch` does. */
const deno = (message: string) =>
  fetchFailed(
    new Error(`error sending request for url (https://${Scripted.host}/tls/timeout%20dns.cert?sign=x): ${message}`)
  )

type Expected = readonly [
  reason: CosError.TransportError["reason"],
  phase: CosError.TransportError["phase"],
  message: RegExp,
  more?: { readonly causeCode?: string; readonly status?: number }
]

const server = `${Scripted.host}:443`

const rows: Readonly<Record<string, readonly [cause: unknown, expected: Expected]>> = {
  "Node: refused": [
    fetchFailed(coded("connect ECONNREFUSED 127.0.0.1:3", { code: "ECONNREFUSED", syscall: "connect" })),
    [
      "Connect",
      "connect",
      /^headObject: no connection to \S+:443 \(ECONNREFUSED 127\.0\.0\.1:3\)\. .*listen there/,
      { causeCode: "ECONNREFUSED" }
    ]
  ],
  "Node: refused at both addresses": [
    fetchFailed(
      Object.assign(new AggregateError([coded("connect ECONNREFUSED ::1:3", { code: "ECONNREFUSED" })], ""), {
        code: "ECONNREFUSED"
      })
    ),
    ["Connect", "connect", /listen there/, { causeCode: "ECONNREFUSED" }]
  ],
  "Node: no such name": [
    fetchFailed(coded("getaddrinfo ENOTFOUND x.invalid", { code: "ENOTFOUND", syscall: "getaddrinfo" })),
    ["Dns", "connect", /\(ENOTFOUND\)\. .*are region and endpoint right/, { causeCode: "ENOTFOUND" }]
  ],
  "Node: DNS does not answer": [
    coded("getaddrinfo EAI_AGAIN x", { code: "EAI_AGAIN" }),
    ["Dns", "connect", /does DNS answer/, { causeCode: "EAI_AGAIN" }]
  ],
  "Node: self-signed": [
    fetchFailed(coded("self-signed certificate", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })),
    ["Tls", "connect", /authority that is not trusted here/, { causeCode: "DEPTH_ZERO_SELF_SIGNED_CERT" }]
  ],
  "Node: expired": [
    fetchFailed(coded("certificate has expired", { code: "CERT_HAS_EXPIRED" })),
    ["Tls", "connect", /has expired, or the clock here is wrong/, { causeCode: "CERT_HAS_EXPIRED" }]
  ],
  "Node: a certificate of another name": [
    coded("Hostname/IP does not match", { code: "ERR_TLS_CERT_ALTNAME_INVALID" }),
    ["Tls", "connect", /is for another name/]
  ],
  "Node: no TLS on that port": [
    coded("80:error:0A00010B:SSL routines::wrong version number", { code: "ERR_SSL_WRONG_VERSION_NUMBER" }),
    ["Tls", "connect", /speak TLS/]
  ],
  "Node: ended while TLS was agreed on": [
    coded("Client network socket disconnected before secure TLS connection was established", { code: "ECONNRESET" }),
    ["Reset", "connect", /^headObject: no connection to .*The connection broke/]
  ],
  "Node: damaged on its way": [
    coded("SSL alert", { code: "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC" }),
    ["Reset", "response", /connection broke/]
  ],
  "Node: no route": [
    coded("connect EHOSTUNREACH 10.0.0.1:443", { code: "EHOSTUNREACH", syscall: "connect" }),
    ["Connect", "connect", /cannot be reached from here/]
  ],
  "Node: too many files": [coded("connect EMFILE", { code: "EMFILE" }), ["Connect", "connect", /Too many files/]],
  "Node: reset": [
    fetchFailed(coded("read ECONNRESET", { code: "ECONNRESET", syscall: "read" })),
    ["Reset", "response", /^headObject: no response from \S+:443 \(ECONNRESET\)\. The connection broke/]
  ],
  "Node: reset while writing": [
    coded("write EPIPE", { code: "EPIPE", syscall: "write" }),
    ["Reset", "send", /the request to \S+:443 could not be sent \(EPIPE\)/]
  ],
  "Node: connecting took too long": [
    coded("connect ETIMEDOUT 10.0.0.1:443", { code: "ETIMEDOUT", syscall: "connect" }),
    ["Timeout", "connect", /^headObject: no connection to .*too long/]
  ],
  "undici: connecting took too long": [
    fetchFailed(coded("Connect Timeout Error", { code: "UND_ERR_CONNECT_TIMEOUT" })),
    ["Timeout", "connect", /^headObject: no connection to/]
  ],
  "undici: no head in time": [
    coded("Headers Timeout Error", { code: "UND_ERR_HEADERS_TIMEOUT" }),
    ["Timeout", "response", /^headObject: no response from/]
  ],
  "undici: closed": [
    fetchFailed(coded("other side closed", { code: "UND_ERR_SOCKET" })),
    ["Reset", "response", /UND_ERR_SOCKET/]
  ],
  "undici: not HTTP": [
    fetchFailed(coded("Response does not match the HTTP/1.1 protocol", { code: "HPE_INVALID_CONSTANT" })),
    ["Protocol", "response", /is not HTTP/]
  ],
  "undici: a proxy refuses": [
    coded("Proxy response (407) !== 200 when HTTP Tunneling", { code: "UND_ERR_ABORTED" }),
    [
      "Proxy",
      "connect",
      /no connection to .*The proxy refused with 407: are its user and password right/,
      { status: 407 }
    ]
  ],
  "undici: a proxy cannot connect": [
    coded("Proxy response (502) !== 200 when HTTP Tunneling", { code: "UND_ERR_ABORTED" }),
    ["Proxy", "connect", /refused with 502/, { status: 502 }]
  ],
  "node:http: closed": [coded("socket hang up", { code: "ECONNRESET" }), ["Reset", "response", /ECONNRESET/]],
  "Bun: refused": [
    coded("ECONNREFUSED: Unable to connect. Is the computer able to access the url?", { code: "ECONNREFUSED" }),
    ["Connect", "connect", /listen there/]
  ],
  "Bun before 1.3: refused": [
    coded("Unable to connect. Is the computer able to access the url?", { code: "ConnectionRefused" }),
    ["Connect", "connect", /ConnectionRefused/]
  ],
  "Bun: closed": [
    coded("ECONNRESET: The socket connection was closed unexpectedly.", { code: "ECONNRESET" }),
    ["Reset", "response", /connection broke/]
  ],
  "Bun: not HTTP": [
    coded('Malformed_HTTP_Response fetching "http://127.0.0.1/x"', { code: "Malformed_HTTP_Response" }),
    ["Protocol", "response", /is not HTTP/]
  ],
  "Bun: no TLS on that port": [
    coded("EPROTO: The TLS handshake failed.", { code: "EPROTO" }),
    ["Tls", "connect", /speak TLS/]
  ],
  "Deno: refused": [
    deno("client error (Connect): tcp connect error: Connection refused (os error 111)"),
    ["Connect", "connect", /listen there/]
  ],
  "Deno: no such name": [
    deno("client error (Connect): dns error: failed to lookup address information: Name or service not known"),
    ["Dns", "connect", /are region and endpoint right/]
  ],
  "Deno: self-signed": [
    deno("client error (Connect): invalid peer certificate: UnknownIssuer"),
    ["Tls", "connect", /not trusted here/]
  ],
  "Deno: no TLS on that port": [
    deno("client error (Connect): received corrupt message of type InvalidContentType"),
    ["Tls", "connect", /speak TLS/]
  ],
  "Deno: connecting took too long": [
    deno("client error (Connect): tcp connect error: Connection timed out (os error 110)"),
    ["Timeout", "connect", /too long/]
  ],
  "Deno: no route": [
    deno("client error (Connect): tcp connect error: No route to host (os error 113)"),
    ["Connect", "connect", /cannot be reached/]
  ],
  "Deno: reset": [fetchFailed(new Error("Connection reset by peer (os error 104)")), ["Reset", "response", /broke/]],
  "Deno: closed": [
    deno("client error (SendRequest): connection closed before message completed"),
    ["Reset", "response", /broke/]
  ],
  "Deno: not HTTP": [
    deno("client error (SendRequest): invalid HTTP version parsed"),
    ["Protocol", "response", /not HTTP/]
  ],
  "Deno: a proxy refuses": [
    deno("client error (Connect): tunnel error: proxy authorization required"),
    ["Proxy", "connect", /407/, { status: 407 }]
  ],
  "workerd: the connection was lost": [
    Object.assign(new Error("Network connection lost."), { retryable: true }),
    ["Reset", "response", /broke/]
  ],
  "workerd: who knows": [
    new Error("internal error; reference = lvedkk5eqam39osck1j01mp2"),
    ["Unknown", "response", /^headObject: no response from \S+:443\. The HTTP client does not say why\.$/]
  ],
  "Safari: no network": [
    new TypeError("The Internet connection appears to be offline."),
    ["Connect", "connect", /cannot be reached/]
  ],
  "Safari: no such name": [
    new TypeError("A server with the specified hostname could not be found."),
    ["Dns", "connect", /region/]
  ],
  "Safari: refused": [new TypeError("Could not connect to the server."), ["Connect", "connect", /listen/]],
  "Safari: lost": [new TypeError("The network connection was lost."), ["Reset", "response", /broke/]],
  "Electron: no such name": [new Error("net::ERR_NAME_NOT_RESOLVED"), ["Dns", "connect", /ERR_NAME_NOT_RESOLVED/]],
  "Electron: no network": [new Error("net::ERR_INTERNET_DISCONNECTED"), ["Connect", "connect", /cannot be reached/]],
  "a limit of the client's own": [
    new DOMException("The operation was aborted due to timeout", "TimeoutError"),
    ["Timeout", "response", /too long/]
  ],
  "a text": ["connect ECONNREFUSED 10.0.0.1:443", ["Connect", "connect", /ECONNREFUSED 10\.0\.0\.1:443/]],
  nothing: [undefined, ["Unknown", "response", /does not say why/]],
  "a number": [42, ["Unknown", "response", /does not say why/]],
  "an error that means nothing": [new Error("tls, timeout and dns".slice(20)), ["Unknown", "response", /not say why/]],
  "a code that means nothing": [
    coded("odd", { code: "E_ODD" }),
    ["Unknown", "response", /\(E_ODD\)/, { causeCode: "E_ODD" }]
  ],
  "an error that cannot be looked at": [
    Object.defineProperty(new Error("x"), "code", {
      get: () => {
        throw new Error("no")
      }
    }),
    ["Unknown", "response", /not say why/]
  ],
  "what the transport knows of the phase": [
    new CosTransport.TransportFailure({ code: "ECONNRESET", phase: "send", staleConnection: false, message: "x" }),
    ["Reset", "send", /could not be sent/]
  ],
  "TLS that failed after the request was sent": [
    new CosTransport.TransportFailure({ code: "ERR_SSL_X", phase: "response", staleConnection: false, message: "x" }),
    ["Tls", "response", /^headObject: no response from/]
  ]
}

describe("a request that fails", () => {
  it.effect.each(Object.entries(rows))("%s", ([, [cause, [reason, phase, message, more = {}]]]) =>
    Effect.gen(function* () {
      const { error } = yield* failure(cause)
      expect(error).toMatchObject({ _tag: "TransportError", reason, phase, server, ...more })
      expect(error.message).toMatch(message)
      expect(error.message).toContain(server)
      expect(error.message).not.toMatch(/sign=|tls\/timeout/)
      const json = yield* Schema.encodeUnknown(CosError.TransportError)(error)
      expect((yield* Schema.decode(CosError.TransportError)(json)).message).toBe(error.message)
    })
  )

  it.effect("an error that causes itself", () =>
    Effect.gen(function* () {
      const cause = new Error("round")
      cause.cause = cause
      expect((yield* failure(cause)).error).toMatchObject({ reason: "Unknown" })
    })
  )

  it.effect("names the port of the endpoint, and no user of it", () =>
    Effect.gen(function* () {
      const endpoint = Endpoint.custom({ url: "http://[::1]:9000" })
      const { error } = yield* failure(coded("x", { code: "ECONNREFUSED" }), { endpoint })
      expect(error).toMatchObject({ server: "[::1]:9000" })
      const plain = yield* failure(coded("x", { code: "ECONNREFUSED" }), {
        endpoint: Endpoint.custom({ url: "http://cos.test" })
      })
      expect(plain.error).toMatchObject({ server: "cos.test:80" })
    })
  )
})

describe("is tried again", () => {
  it.effect.each<readonly [name: string, cause: unknown, attempts: number]>([
    ["five times: a reset", coded("x", { code: "ECONNRESET" }), 5],
    ["five times: a proxy that cannot connect", coded("Proxy response (502) !== 200", {}), 5],
    ["once: a certificate", coded("x", { code: "CERT_HAS_EXPIRED" }), 1],
    ["once: a proxy that wants a password", coded("Proxy response (407) !== 200", {}), 1],
    ["twice: a failure of unknown reason", new Error("internal error; reference = x"), 2]
  ])("%s", ([, cause, attempts]) =>
    Effect.gen(function* () {
      expect((yield* failure(cause)).asked).toBe(attempts)
    })
  )
})

describe("a response with 407 of a proxy", () => {
  it.effect("is the proxy's refusal, and is not tried again", () =>
    Effect.gen(function* () {
      const headers = { "x-cos-request-id": undefined, "proxy-authenticate": "Basic" }
      const { layer, requests } = Scripted.make([{ status: 407, headers, body: "<html>" }])
      const error = yield* elapse(Effect.provide(Effect.flip(Cos.putObject({ key: "a", body: "b" })), layer))
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Proxy", phase: "connect", status: 407, server })
      expect(error.message).toMatch(/proxy refused with 407/)
      expect(requests.length).toBe(1)
    })
  )
})

describe("ports that fetch blocks", () => {
  for (const message of ["bad port", "Fetch failed: Requests to port 6000 are blocked"]) {
    it.effect(`are InvalidInput: ${message}`, () =>
      Effect.gen(function* () {
        const { asked, error } = yield* failure(fetchFailed(new Error(message)))
        expect(error).toMatchObject({ _tag: "InvalidInput", field: "endpoint" })
        expect(asked).toBe(1)
      })
    )
  }
})

describe("a body that breaks off", () => {
  for (const [name, cause, reason] of [
    ["Chromium", new TypeError("network error"), "Reset"],
    ["Firefox", new TypeError("Error in input stream"), "Reset"],
    ["Deno", new TypeError("error reading a body from connection"), "Reset"],
    ["undici", new TypeError("terminated", { cause: coded("other side closed", { code: "UND_ERR_SOCKET" }) }), "Reset"],
    ["workerd", new Error("Network connection lost."), "Reset"],
    ["a decoder", new TypeError("terminated", { cause: coded("x", { code: "Z_DATA_ERROR" }) }), "Reset"]
  ] as const) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const client = HttpClient.makeWith<
          HttpClientError.HttpClientError,
          never,
          HttpClientError.HttpClientError,
          never
        >(
          Effect.map((request) => {
            const body = new ReadableStream({ start: (controller) => controller.error(cause) })
            return HttpClientResponse.fromWeb(request, new Response(body, { headers: { etag: '"a"' } }))
          }),
          Effect.succeed
        )
        const { layer } = Scripted.make([])
        const read = Effect.scoped(Effect.flatMap(Cos.getObject({ key: "a" }), ({ body }) => Stream.runDrain(body)))
        const own = CosClient.layer({ bucket: Scripted.bucket, region: Scripted.region }).pipe(
          Layer.provide([Credentials.layerStatic(Scripted.keys), Layer.succeed(HttpClient.HttpClient, client)])
        )
        const error = yield* elapse(Effect.provide(Effect.flip(read), Layer.provideMerge(own, layer)))
        expect(error).toMatchObject({ _tag: "TransportError", reason, phase: "body", server })
        expect(error.message).toMatch(/^getObject: the response from \S+ broke off/)
      })
    )
  }
})
