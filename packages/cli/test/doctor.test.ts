/** Faults that are made on purpose: `cos doctor` and `cos sign explain` find each and name it. */
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Emulator, Fault } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"
import * as Raw from "./support/raw.js"

const host = `${Cos.bucket}.cos.ap-guangzhou.myqcloud.com`

interface Forwarded {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string | undefined>
}

/** A server between, which changes requests on their way to the emulator. */
const between = (
  endpoint: string,
  change: (request: Forwarded) => Forwarded
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((incoming, outgoing) => {
        const { hostname, port } = new URL(endpoint)
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
        )
        const changed = change({ method: incoming.method ?? "", path: incoming.url ?? "", headers })
        const sent = request({ ...changed, hostname, port }, (response) => {
          outgoing.writeHead(response.statusCode ?? 0, response.headers)
          response.pipe(outgoing)
        })
        incoming.pipe(sent)
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

/** Something else that answers. */
const stranger = Effect.map(
  Effect.acquireRelease(
    Effect.async<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((_, outgoing) => outgoing.end("<html>hello</html>"))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  ),
  (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
)

type Env = Readonly<Record<string, string | undefined>>

/** What a fault needs, and with which variables and words the command then runs. */
interface Seeded {
  readonly env?: Env
  readonly words?: ReadonlyArray<string>
  /** Of `sign explain`: what is pasted. */
  readonly stdin?: string
}

interface Row {
  readonly fault: string
  readonly seed: Effect.Effect<Seeded, unknown, Cos.Cos | Emulator.Emulator | Scope.Scope>
  readonly kind: string
  readonly says: RegExp
}

const key = (secretId: string, more: Partial<Parameters<Emulator.Emulator["Type"]["addCredentials"]>[0]> = {}) =>
  Effect.as(
    Effect.flatMap(Emulator.Emulator, ({ addCredentials }) =>
      addCredentials({ secretId, secretKey: Redacted.make(`${secretId}SECRETSECRET`), ...more })
    ),
    { COS_SECRET_ID: secretId, COS_SECRET_KEY: `${secretId}SECRETSECRET` }
  )

const environment = (env: Env): Row["seed"] => Effect.succeed({ env })

const changed = (change: (request: Forwarded) => Forwarded): Row["seed"] =>
  Effect.gen(function* () {
    const { endpoint } = yield* Emulator.Emulator
    return { env: { COS_ENDPOINT: yield* between(endpoint, change) } }
  })

/** COS's own host names, with the emulator as the proxy. */
const byName = (url: string, env: Env = {}): Row["seed"] =>
  Effect.map(Emulator.Emulator, ({ endpoint }) => ({ env: { COS_ENDPOINT: url, HTTP_PROXY: endpoint, ...env } }))

const clock = (minutes: number): Row["seed"] =>
  Effect.gen(function* () {
    const { clock } = yield* Emulator.Emulator
    yield* Effect.acquireRelease(clock.adjust(`${Math.abs(minutes)} minutes`), () => Effect.void)
    return {}
  })

/** A request of another client that went wrong, as `curl -v` shows it. */
const pasted = (
  signed: Omit<Raw.ToSign, "secretId" | "secretKey"> & { readonly secretKey?: (secret: string) => string },
  sent: Partial<Raw.Sent>,
  where: "header" | "url" = "header"
): Row["seed"] =>
  Effect.gen(function* () {
    const { env } = yield* Cos.Cos
    const secretKey = (signed.secretKey ?? ((secret) => secret))(env.COS_SECRET_KEY ?? "")
    const authorization = Raw.authorization({ ...signed, secretId: env.COS_SECRET_ID ?? "", secretKey })
    const { path = signed.path, method = "GET", headers = { Host: host } } = sent
    const request: Raw.Sent =
      where === "url"
        ? { method, path: `${path}?${authorization}`, headers }
        : { method, path, headers: { ...headers, Authorization: authorization } }
    const came = yield* Raw.send(env.COS_ENDPOINT ?? "", request)
    return { words: ["sign", "explain"], stdin: Raw.transcript(request, came) }
  })

const none = { COS_SECRET_ID: undefined, COS_SECRET_KEY: undefined, COS_METADATA_DISABLED: "1" }
const named = "http://{bucket}.cos.{region}.myqcloud.com"

const rows: ReadonlyArray<Row> = [
  {
    fault: "the secret of another key",
    seed: environment({ COS_SECRET_KEY: "SECRETOFANOTHERKEY" }),
    kind: "WrongSecret",
    says: /knows another secret/
  },
  {
    fault: "a blank in the secret",
    seed: Effect.map(Cos.Cos, ({ env }) => ({ env: { COS_SECRET_KEY: `${env.COS_SECRET_KEY} ` } })),
    kind: "BlankInSecret",
    says: /secretKey must be visible ASCII/
  },
  {
    fault: "a line end that another client signed with",
    seed: pasted({ path: "/a", headers: { Host: host }, secretKey: (secret) => `${secret}\n` }, {}),
    kind: "BlankInSecret",
    says: /line end around the secret/
  },
  { fault: "no key at all", seed: environment(none), kind: "NoKeys", says: /COS_SECRET_ID and COS_SECRET_KEY/ },
  {
    fault: "a key that was disabled",
    seed: Effect.gen(function* () {
      const env = yield* key("AKIDDISABLED")
      yield* Effect.flatMap(Emulator.Emulator, ({ removeCredentials }) => removeCredentials("AKIDDISABLED"))
      return { env }
    }),
    kind: "UnknownSecretId",
    says: /AKIDDISABLED/
  },
  {
    fault: "an expired token",
    seed: Effect.map(key("AKIDEXPIRED", { token: Redacted.make("TOKENTOKEN"), expiresAt: new Date(0) }), (env) => ({
      env: { ...env, COS_SESSION_TOKEN: "TOKENTOKEN" }
    })),
    kind: "TokenExpired",
    says: /expired/
  },
  {
    fault: "another key's token",
    seed: Effect.map(key("AKIDTOKEN", { token: Redacted.make("TOKENTOKEN") }), (env) => ({
      env: { ...env, COS_SESSION_TOKEN: "OTHERTOKEN" }
    })),
    kind: "WrongToken",
    says: /not the one of this access key/
  },
  { fault: "anonymous requests", seed: environment({ COS_ANONYMOUS: "1" }), kind: "Anonymous", says: /not signed/ },
  {
    fault: "a missing permission",
    seed: Effect.map(
      key("AKIDFEW", { permissions: [{ actions: ["HeadBucket", "GetObject", "GetService"] }] }),
      (env) => ({
        env
      })
    ),
    kind: "NotAllowed",
    says: /may not list objects \(name\/cos:GetBucket\)/
  },
  {
    fault: "a missing permission to write",
    seed: Effect.map(key("AKIDREAD", { permissions: [{ actions: ["Get*", "Head*", "List*"] }] }), (env) => ({
      env,
      words: ["doctor", "--write-test"]
    })),
    kind: "NotAllowed",
    says: /may not write objects \(name\/cos:PutObject\)/
  },
  {
    fault: "a key of another account",
    seed: Effect.gen(function* () {
      const { scopedFault } = yield* Emulator.Emulator
      const env = yield* key("AKIDOTHER")
      yield* scopedFault({
        on: { operation: "listObjects", times: "all" },
        do: Fault.status(403, { code: "AccessDenied" })
      })
      yield* scopedFault({
        on: { operation: "listBuckets", times: "all" },
        do: Fault.replaceBody(
          "<ListAllMyBucketsResult><Owner><ID>a</ID><DisplayName>a</DisplayName></Owner><Buckets></Buckets></ListAllMyBucketsResult>"
        )
      })
      return { env }
    }),
    kind: "OtherAccount",
    says: /not a bucket of the account of this key/
  },
  {
    fault: "the wrong APPID",
    seed: environment({ COS_BUCKET: "examplebucket-1250000001" }),
    kind: "WrongAppId",
    says: /no examplebucket-1250000001, but examplebucket-1250000000/
  },
  {
    fault: "a bucket without APPID",
    seed: environment({ COS_BUCKET: "examplebucket" }),
    kind: "WrongBucketName",
    says: /<name>-<APPID>/
  },
  {
    fault: "a bucket that is not there",
    seed: environment({ COS_BUCKET: "nothing-1250000000" }),
    kind: "NoSuchBucket",
    says: /no nothing-1250000000/
  },
  {
    fault: "the wrong region",
    seed: byName(named, { COS_REGION: "ap-beijing" }),
    kind: "WrongRegion",
    says: /is in ap-guangzhou, not in ap-beijing/
  },
  {
    fault: "a misspelt region",
    seed: byName(named, { COS_REGION: "cos.ap-guangzhou" }),
    kind: "WrongRegionName",
    says: /without 'cos\.'/
  },
  {
    fault: "path style",
    seed: environment({ COS_ENDPOINT: "https://cos.ap-guangzhou.myqcloud.com" }),
    kind: "PathStyle",
    says: /would go into the path/
  },
  {
    fault: "acceleration that is not enabled",
    seed: byName("http://{bucket}.cos.accelerate.myqcloud.com"),
    kind: "AccelerationOff",
    says: /not enabled/
  },
  {
    fault: "a name that DNS does not know",
    seed: environment({ COS_ENDPOINT: "https://nothing.invalid" }),
    kind: "DnsFailed",
    says: /nothing\.invalid/
  },
  {
    fault: "a certificate of an unknown authority",
    seed: Effect.map(Emulator.Emulator, ({ tls }) => ({ env: { COS_ENDPOINT: tls?.endpoint } })),
    kind: "TlsFailed",
    says: /authority that is not trusted/
  },
  {
    fault: "a proxy that does not answer",
    seed: environment({ HTTP_PROXY: "http://127.0.0.1:1" }),
    kind: "ProxyFailed",
    says: /127\.0\.0\.1:1 \(HTTP_PROXY\)/
  },
  {
    fault: "a server that nobody runs",
    seed: environment({ COS_ENDPOINT: "http://127.0.0.1:1" }),
    kind: "NoConnection",
    says: /ECONNREFUSED/
  },
  {
    fault: "something else than COS",
    seed: Effect.map(stranger, (COS_ENDPOINT) => ({ env: { COS_ENDPOINT } })),
    kind: "NotCos",
    says: /./
  },
  {
    fault: "a header that a proxy changes",
    seed: changed((request) => ({ ...request, headers: { ...request.headers, "cache-control": "no-cache" } })),
    kind: "HeaderChanged",
    says: /cache-control was changed on its way.*`no-store, max-age=0` was signed, and `no-cache` arrived/
  },
  {
    fault: "a header that a proxy drops",
    seed: changed((request) => ({
      ...request,
      headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== "x-cos-doctor"))
    })),
    kind: "HeaderMissing",
    says: /x-cos-doctor was signed and did not arrive/
  },
  {
    fault: "a proxy that encodes paths again",
    seed: changed((request) => ({ ...request, path: request.path.replaceAll("%", "%25") })),
    kind: "PathEncodedTwice",
    says: /percent-encoded twice/
  },
  {
    fault: "a proxy that takes + for a blank",
    seed: changed((request) => ({ ...request, path: request.path.replaceAll("%2B", "%20") })),
    kind: "PlusInPath",
    says: /`\+` and a blank were taken for each other/
  },
  {
    fault: "a + in a key of another client",
    seed: pasted({ path: "/a b", headers: { Host: host } }, { path: "/a+b" }),
    kind: "PlusInPath",
    says: /`\/a b` was signed, and `\/a\+b` arrived/
  },
  {
    fault: "a path that is encoded twice",
    seed: pasted({ path: "/目录/a", headers: { Host: host } }, { path: "/%25E7%259B%25AE%25E5%25BD%2595/a" }),
    kind: "PathEncodedTwice",
    says: /`\/目录\/a` was signed/
  },
  {
    fault: "another host than was signed",
    seed: pasted({ path: "/a", headers: { Host: `${host}:443` } }, {}),
    kind: "HostChanged",
    says: /:443` was signed/
  },
  {
    fault: "a link that is used with another method",
    seed: pasted({ path: "/a", headers: { Host: host } }, { method: "PUT" }, "url"),
    kind: "MethodChanged",
    says: /`get` was signed, and `put` arrived/
  },
  {
    fault: "a link that is over",
    seed: pasted({ path: "/a", headers: { Host: host }, ahead: -7200 }, {}, "url"),
    kind: "SignatureExpired",
    says: /before the request/
  },
  {
    fault: "a client whose clock is 20 minutes ahead",
    seed: pasted({ path: "/a", headers: { Host: host }, ahead: 1200 }, {}),
    kind: "ClockAhead",
    says: /at least 19 minutes ahead/
  },
  {
    fault: "a signature of AWS",
    seed: Effect.gen(function* () {
      const { env } = yield* Cos.Cos
      const sent = {
        method: "GET",
        path: "/a",
        headers: { Host: host, Authorization: "AWS4-HMAC-SHA256 Credential=a" }
      }
      const came = yield* Raw.send(env.COS_ENDPOINT ?? "", sent)
      return { words: ["sign", "explain"], stdin: Raw.transcript(sent, came) }
    }),
    kind: "MalformedSignature",
    says: /AWS4/
  },
  {
    fault: "a CORS header that is missing",
    seed: Effect.gen(function* () {
      const { run } = yield* Cos.Cos
      const rule = [
        {
          allowedOrigins: ["https://app.example"],
          allowedMethods: ["GET", "HEAD", "PUT", "POST", "DELETE"],
          allowedHeaders: ["*"],
          exposeHeaders: ["ETag"]
        }
      ]
      yield* run(["api", "putBucketCors", "--rules", JSON.stringify(rule)])
      return { words: ["doctor", "--origin", "https://app.example"] }
    }),
    kind: "CorsHeaderMissing",
    says: /x-cos-hash-crc64ecma/
  },
  {
    fault: "an origin that no CORS rule allows",
    seed: Effect.succeed({ words: ["doctor", "--origin", "https://other.example"] }),
    kind: "CorsNotAllowed",
    says: /other\.example/
  },
  // These leave the clock where it is, so they come last.
  { fault: "a clock that is 20 minutes behind", seed: clock(20), kind: "ClockBehind", says: /20 minutes behind/ }
]

const found = ({ lines }: Cos.Run) =>
  lines.flatMap((line) =>
    line.type === "check" && line.kind !== undefined
      ? [`${line.kind}: ${line.message}`]
      : line.type === "cause"
        ? [`${line.kind}: ${line.message}`]
        : []
  )

describe("cos doctor", () => {
  layer(Cos.layer({ tls: true }), { excludeTestServices: true })((it) => {
    it.scoped("is content where nothing is wrong", () =>
      Effect.gen(function* () {
        const { built } = yield* Cos.Cos
        const { journal } = yield* Emulator.Emulator
        const well = yield* built("doctor")
        expect(well).toMatchObject({ code: 0, stderr: "" })
        expect(well.stdout).toMatch(/^ok {7}keys {9}.* \(environment\)$/m)
        expect(well.stdout).toMatch(/^ok {7}unchanged/m)
        expect(well.stdout).not.toMatch(/wrong/)
        // nothing is written without being asked for
        const methods = new Set((yield* journal).map(({ method }) => method))
        expect(["PUT", "POST", "DELETE"].filter((method) => methods.has(method))).toEqual([])
      })
    )

    it.scoped(
      `finds and names ${rows.length} seeded faults`,
      () =>
        Effect.gen(function* () {
          const { env, run, built } = yield* Cos.Cos
          const outcomes = yield* Effect.forEach(rows, ({ fault, kind, says, seed }, index) =>
            Effect.scoped(
              Effect.gen(function* () {
                const seeded = yield* seed
                const words = [...(seeded.words ?? ["doctor"]), "--json"]
                const asked = index % 7 === 0 ? built : run
                const looked = yield* asked(words, { env: seeded.env, stdin: seeded.stdin })
                const named = found(looked)
                const isFound = named.some((text) => text.startsWith(`${kind}: `) && says.test(text))
                const wrong = new Set(
                  looked.lines.flatMap((line) => (line.type === "check" && line.status === "wrong" ? [line.kind] : []))
                )
                // Nothing else is blamed for it, but warnings.
                const isRight =
                  [...wrong].every((other) => other === kind) && looked.code === (wrong.size === 0 ? 0 : 1)
                const isSafe = [env.COS_SECRET_KEY, seeded.env?.COS_SECRET_KEY, seeded.env?.COS_SESSION_TOKEN].every(
                  (secret) => !secret || !(looked.stdout + looked.stderr).includes(secret.trim())
                )
                return isFound && isRight && isSafe ? [] : [{ fault, isSafe, named, stderr: looked.stderr }]
              })
            )
          )
          expect(outcomes.flat()).toEqual([])
        }),
      Cos.patience(120_000)
    )
  })
})
