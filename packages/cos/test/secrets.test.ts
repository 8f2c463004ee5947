/** Operations that fail in every way, with everything that they leave behind searched for secrets. */
import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as Body from "effect-cos/Body"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Presign from "effect-cos/Presign"
import * as Upload from "effect-cos/Upload"
import { recordingTracer } from "../../../test/support/recordingTracer.js"
import * as Scripted from "./support/ScriptedClient.js"

const key = "key"
const customerKey = Redacted.make(Buffer.from("0123456789abcdefSECRET-OF-SSE-C!"))
const secretKey = "SECRET-KEY-0000000000"
const token = "SECRET-TOKEN-000000"

/** What must not be found, encoded or not; the signatures are added as they are sent. */
const secrets = [secretKey, token, Buffer.from(Redacted.value(customerKey)).toString("base64"), "SECRET-OF-SSE-C"]

type Run = Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>

const runs: ReadonlyArray<readonly [string, Run]> = [
  ["putObject", Cos.putObject({ key, body: "bytes", customerKey })],
  ["putObject of a stream", Cos.putObject({ key, body: Body.stream(Stream.fail("odd"), { size: 1 }) })],
  ["getObject", Effect.flatMap(Cos.getObject({ key, customerKey }), ({ body }) => Stream.runDrain(body))],
  ["headObject", Cos.headObject({ key, customerKey })],
  ["copyObject", Cos.copyObject({ key, source: { key: "a" }, sourceCustomerKey: customerKey, customerKey })],
  ["listObjects", Stream.runDrain(Cos.listObjects.items())],
  ["deleteObjects", Cos.deleteObjects({ objects: ["a", "b\r"] })],
  [
    "an upload in parts",
    Upload.bytes({ key, bytes: Buffer.alloc(3 << 20), customerKey }, { threshold: 0, partSize: 1 << 20 })
  ],
  [
    "a streamed upload",
    Stream.run(Stream.make(Buffer.alloc(3 << 20)), Upload.sink({ key, customerKey }, { partSize: 1 << 20 }))
  ],
  ["a download", Download.bytes({ key, customerKey })],
  ["a copy", Copy.object({ key, source: { key: "a" }, sourceCustomerKey: customerKey, customerKey }, { threshold: 0 })],
  ["a refused input", Cos.putObject({ key, customerKey, extra: { headers: { "x-cos-a": "文" } } })],
  ["request", Cos.request({ method: "POST", headers: { "x-cos-server-side-encryption-customer-key": "文" } })]
]

/** The worst that can be said: everything that was sent is sent back. */
const echo =
  (status: number): Scripted.Step =>
  ({ headers, url }) =>
    Scripted.error(status, status === 403 ? "SignatureDoesNotMatch" : "Odd", {
      message: "no",
      headers: { "x-echo": JSON.stringify(headers), location: url, "set-cookie": `a=${headers.authorization}` }
    })

/** Lets uploads and copies begin, so that it is their parts that fail, and their removal. */
const begun =
  (step: Scripted.Step): Scripted.Step =>
  (request) => {
    if (request.method === "POST" && request.target.includes("?uploads")) return initiated
    if (request.method === "HEAD" && request.target === "/a") return { headers: found }
    return typeof step === "function" ? step(request) : step
  }
const initiated = {
  body: `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>${key}</Key><UploadId>1</UploadId></InitiateMultipartUploadResult>`
}
const found = { etag: '"a"', "content-length": "9", "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT" }

const steps: ReadonlyArray<Scripted.Step> = [
  echo(302),
  echo(400),
  echo(403),
  echo(404),
  echo(409),
  echo(500),
  { status: 200 },
  { status: 200, body: "<cut" },
  { status: 502, body: "<html>" },
  { failure: {} },
  { failure: { code: "ECONNREFUSED", phase: "connect" } },
  { failure: { code: "CERT_HAS_EXPIRED" } },
  { silence: true }
]

/** Everything that a program can come by: the failure in every spelling, the log, the spans. */
const traces = async (
  run: Run,
  step: Scripted.Step,
  traceObjectKeys: boolean
): Promise<{ readonly seen: string; readonly sent: ReadonlyArray<string> }> => {
  const seen: Array<string> = []
  const note = (value: unknown) => {
    seen.push(inspect(value, { depth: 8 }), String(value))
    try {
      seen.push(JSON.stringify(value) ?? "")
    } catch {
      // Not everything is JSON.
    }
  }
  const logger = Logger.make(({ annotations, cause, message, spans }) => {
    for (const part of [message, cause, spans, ...annotations]) note(part)
  })
  const tracer = recordingTracer(note, ({ name }) => note(name))
  const credentials = Credentials.layerStatic({ secretId: Scripted.keys.secretId, secretKey, token })
  const client = Scripted.make(
    Array.from({ length: 24 }, () => begun(step)),
    { credentials, settings: { traceObjectKeys } }
  )
  const exit = await Effect.runPromise(
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.exit(Effect.scoped(run)))
      yield* TestClock.adjust("1 hour")
      const exit = yield* fiber
      note(yield* CosClient.CosClient)
      yield* Effect.logDebug("the failure", exit)
      return exit
    }).pipe(
      Effect.provide(client.layer),
      Effect.withTracer(tracer),
      Effect.withSpan("program"),
      Effect.provide(
        Layer.mergeAll(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(LogLevel.All))
      ),
      Effect.provide(TestContext.TestContext)
    )
  )
  note(exit)
  if (Exit.isFailure(exit)) {
    note(Cause.pretty(exit.cause, { renderErrorCause: true }))
    for (const error of Cause.failures(exit.cause)) {
      note(error)
      note((error as Error).stack)
      note((error as { readonly cause?: unknown }).cause)
    }
  }
  const sent = client.requests.flatMap(({ headers }) => [
    headers.authorization ?? "",
    /q-signature=(\w+)/.exec(headers.authorization ?? "")?.[1] ?? ""
  ])
  return { seen: seen.join("\n"), sent: sent.filter((text) => text !== "") }
}

const expectClean = (seen: string, hidden: ReadonlyArray<string>) => {
  const text = seen.toLowerCase()
  for (const secret of hidden) {
    for (const spelling of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
      expect(text.includes(spelling.toLowerCase())).toBe(false)
    }
  }
  expect(text).not.toContain("q-signature")
  expect(text).not.toContain("q-key-time")
}

describe("secrets", () => {
  it("the search finds what it looks for", () => {
    expect(() => expectClean(`a ${encodeURIComponent("a/b")} c`, ["a/b"])).toThrow()
    expect(() => expectClean("?q-signature=1", [])).toThrow()
  })

  it("are in no error, log or span, whatever fails", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.constantFrom(...runs),
        FastCheck.constantFrom(...steps),
        FastCheck.boolean(),
        async ([, run], step, traceObjectKeys) => {
          const { seen, sent } = await traces(run, step, traceObjectKeys)
          if (sent.length > 0) expect(seen).toContain("Cos.")
          expectClean(seen, [...secrets, ...sent])
        }
      ),
      { seed: 1, numRuns: 30, examples: runs.map((run, i) => [run, steps[i % steps.length] ?? {}, true]) }
    ))

  it("spans name no key unless asked", async () => {
    const run = Cos.headBucket({ bucket: "named-1" })
    const { seen } = await traces(run, { status: 200 }, false)
    expect(seen).toContain("named-1")
    expect(seen).not.toContain("cos.key")
  })

  it.effect("are redacted in what is presigned", () =>
    Effect.gen(function* () {
      const credentials = Credentials.layerStatic({ secretId: Scripted.keys.secretId, secretKey, token })
      const { layer } = Scripted.make([], { credentials })
      const [signed, form] = yield* Effect.provide(
        Effect.all([Presign.request(Cos.getObject, { key }), Presign.form({ key })]),
        layer
      )
      expectClean(inspect([signed, form], { depth: 9 }) + JSON.stringify([signed, form]), secrets)
      expect(Redacted.value(signed.url)).toContain("q-signature")
      expect(Redacted.value(form.fields)).toHaveProperty("q-signature")
    })
  )
})
