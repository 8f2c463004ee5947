/** Nothing that an operation hands out leads to a secret, however it is looked at. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Hash from "effect-cos/Hash"
import * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { recordingTracer } from "../../../test/support/recordingTracer.js"
import * as Scripted from "./support/ScriptedClient.js"

const customerKey = Redacted.make(new TextEncoder().encode("0123456789abcdefSECRET-OF-SSE-C!"))
const secretKey = "SECRET-KEY-0000000000"
const token = "SECRET-TOKEN-000000"
const secrets = [
  secretKey,
  token,
  "SECRET-OF-SSE-C",
  Buffer.from(Redacted.value(customerKey)).toString("base64"),
  "q-signature="
]

/** The paths by which a secret is reached from a value: through properties, getters, entries, functions and prototypes. */
const leaks = (root: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  const seen = new Set<unknown>()
  const queue: Array<readonly [value: unknown, path: string]> = [[root, ""]]
  const visit = (value: unknown, path: string) => {
    const text =
      typeof value === "string"
        ? value
        : value instanceof Uint8Array
          ? Buffer.from(value).toString("latin1")
          : undefined
    if (text !== undefined) {
      if (secrets.some((secret) => text.includes(secret) || decoded(text).includes(secret))) found.push(path)
      return
    }
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof Map || value instanceof Set) {
      for (const entry of value.entries()) queue.push([entry, `${path}<>`])
    }
    for (let one: object | null = value; one !== null && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
      for (const name of Reflect.ownKeys(one)) {
        try {
          queue.push([(value as { readonly [name: PropertyKey]: unknown })[name], `${path}.${String(name)}`])
        } catch {
          // A getter that throws shows nothing.
        }
      }
    }
  }
  for (let next = queue.pop(); next !== undefined && seen.size < 100_000; next = queue.pop()) visit(...next)
  return found
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Runs with a tracer and a logger, and gives all that they and the caller get. */
const observed = (
  run: Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>,
  step: Scripted.Step,
  settings: CosClient.Settings = {}
) =>
  Effect.gen(function* () {
    const seen: Array<unknown> = []
    const note = (part: unknown) => seen.push(part)
    const tracer = recordingTracer(note, note)
    const { layer, requests } = Scripted.make([step], {
      credentials: Credentials.layerStatic({ secretId: Scripted.keys.secretId, secretKey, token }),
      settings: { retry: RetryPolicy.none, traceObjectKeys: true, ...settings }
    })
    const exit = yield* Effect.exit(run).pipe(
      Effect.tap((exit) => Effect.logError("ended", exit)),
      Effect.tap(() => Effect.map(CosClient.CosClient, (client) => seen.push(client))),
      Effect.withSpan("program"),
      Effect.scoped,
      Effect.withTracer(tracer),
      Effect.provide(layer),
      Effect.provide(
        Layer.merge(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make((options) => seen.push(options))
          ),
          // Fibers that die say so at this level.
          Logger.minimumLogLevel(LogLevel.All)
        )
      )
    )
    seen.push(exit)
    return { seen, requests }
  })

const operations = Object.entries(Cos).flatMap(([name, operation]) =>
  typeof operation === "function" && "spec" in operation ? [[name, operation as unknown as AnyOperation] as const] : []
)

interface AnyOperation extends Operation.Has<object, unknown, unknown> {
  (input: object): Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>
}

const candidates: ReadonlyArray<unknown> = ["a", 1, "private", new Date(0), "bytes", { key: "a" }, [], {}]

/** Required fields by trial, and the keys of encryption wherever there is a place for them. */
const inputOf = ({ spec }: AnyOperation): object => {
  const input: { [field: string]: unknown } = { key: "key" }
  const draft: Operation.RequestDraft = {
    path: {},
    query: [],
    headers: [],
    body: undefined,
    elements: {},
    contentMd5: false,
    copySource: undefined,
    hash: Hash.portable
  }
  for (const [field, param] of Object.entries(spec.params)) {
    if (/customerKey/i.test(field)) input[field] = customerKey
    else if (param.presence === "required") {
      input[field] = candidates.find((value) => {
        try {
          return param.write(draft, value as never) === undefined
        } catch {
          return false
        }
      })
    }
  }
  return input
}

const headers = { etag: '"a"', "last-modified": new Date(0).toUTCString(), "content-type": "text/plain" }

const escapeXml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const document = (fields: { readonly [name: string]: string }) => {
  const elements = Object.entries(fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
  return `<Error>${elements.join("")}</Error>`
}

const everything = (request: Scripted.Recorded) => JSON.stringify([request.url, request.headers])

const sentToken = ({ headers }: Scripted.Recorded) => headers["x-cos-security-token"] ?? ""

/** What a service, or a proxy, repeats of a request, and where. */
const repeated: Readonly<Record<string, (request: Scripted.Recorded) => Omit<Scripted.Answer, "status">>> = {
  "the message": (request) => ({ body: document({ Code: "Odd", Message: everything(request) }) }),
  "the message, percent-encoded": (request) => ({
    body: document({ Code: "Odd", Message: encodeURIComponent(everything(request)) })
  }),
  "the resource": (request) => ({
    body: document({ Code: "Odd", Message: "", Resource: `/?${request.headers.authorization}` })
  }),
  "the code": (request) => ({ body: document({ Code: sentToken(request), Message: "" }) }),
  "the JSON of data processing": (request) => ({
    body: JSON.stringify({ code: -1, message: everything(request), request_id: sentToken(request) })
  }),
  "the ids": (request) => ({
    headers: { "x-cos-request-id": request.headers.authorization, "x-cos-trace-id": sentToken(request) },
    body: document({ Code: "Odd", Message: "" })
  }),
  "a field of a header that is wrong": (request) => ({
    headers: { etag: '"a"', "last-modified": new Date(0).toUTCString(), "x-cos-hash-crc64ecma": sentToken(request) }
  })
}

/** HTTP clients that die, or fail, with what they were to send. */
const dying: Readonly<Record<string, (request: HttpClientRequest.HttpClientRequest) => Effect.Effect<never, unknown>>> =
  {
    "dies with a message": (request) => Effect.die(new Error(JSON.stringify(request))),
    "dies with the request": (request) => Effect.die({ request }),
    "dies with a cause": (request) => Effect.die(new Error("odd", { cause: { deep: [request] } })),
    "throws text": (request) => {
      throw JSON.stringify(request.headers)
    },
    "fails with a code of its own": (request) =>
      Effect.fail(
        new HttpClientError.RequestError({
          request,
          reason: "Transport",
          cause: { code: JSON.stringify(request.headers) }
        })
      )
  }

/** The worst that a service can do: it sends back what it got. */
const echo: Scripted.Step = ({ headers, url }) =>
  Scripted.error(403, "Odd", { headers: { "x-echo": JSON.stringify(headers), location: url } })

describe("secrets that can be reached", () => {
  it("are found where there are some", () => {
    class Hidden {
      get deep() {
        return new Map([["a", Object.assign(() => 0, { token })]])
      }
    }
    expect(leaks([new Hidden()])).not.toEqual([])
    expect(leaks(new TextEncoder().encode(`..${secretKey}`))).not.toEqual([])
    expect(leaks(Redacted.make(secretKey))).toEqual([])
  })

  it.effect.each(operations)("%s", ([, operation]) =>
    Effect.gen(function* () {
      for (const step of [{ headers, body: "text" }, Scripted.error(404, "NoSuchKey")]) {
        const call = operation(inputOf(operation))
        const run = Stream.StreamTypeId in (call as object) ? Stream.runDrain(call as never) : call
        const { seen } = yield* observed(run as typeof call, step)
        expect(leaks(seen)).toEqual([])
      }
    })
  )

  it("most operations are sent", () => {
    const sent = operations.filter(([, operation]) => {
      const run = Operation.request(operation.spec, inputOf(operation))
      const { layer } = Scripted.make([])
      return Effect.runSync(Effect.isSuccess(Effect.provide(run, layer)))
    })
    expect(sent.length).toBeGreaterThan(operations.length * 0.6)
  })

  const runs = {
    getObject: Cos.getObject({ key: "key", customerKey }),
    "getObject, and its body": Effect.flatMap(Cos.getObject({ key: "key", customerKey }), ({ body }) =>
      Effect.as(Stream.runDrain(body), body)
    ),
    "getObject with its response": Operation.withResponse(Cos.getObject)({ key: "key", customerKey }),
    "Download.bytes": Download.bytes({ key: "key", customerKey }),
    "Download.stream": Stream.runDrain(Download.stream({ key: "key", customerKey })),
    request: Effect.flatMap(Cos.putObject({ key: "key", body: "a", customerKey }), Effect.fail)
  }
  it.effect.each(Object.entries(runs))("of %s", ([, run]) =>
    Effect.gen(function* () {
      for (const step of [
        { headers, body: "text" },
        { headers: { ...headers, "content-length": "9" }, body: "text" }
      ]) {
        const { requests, seen } = yield* observed(run, step)
        expect(requests).not.toEqual([])
        expect(leaks(seen)).toEqual([])
      }
    })
  )

  it.effect("a service that sends everything back shows it in no error", () =>
    Effect.gen(function* () {
      const { seen } = yield* observed(Cos.getObject({ key: "key", customerKey }), echo)
      expect(leaks(seen)).toEqual([])
    })
  )

  it.effect.each(Object.entries(repeated))("a service that repeats it in %s", ([, answer]) =>
    Effect.gen(function* () {
      for (const status of [200, 400, 403, 503]) {
        for (const run of [
          Cos.headObject({ key: "key", customerKey }),
          Cos.putObject({ key: "key", body: "a", customerKey }),
          Stream.runDrain(Cos.listObjects.items())
        ]) {
          const { seen } = yield* observed(run, (request) => ({ status, ...answer(request) }))
          expect(leaks(seen)).toEqual([])
        }
      }
    })
  )

  it.effect.each(Object.entries(dying))("an HTTP client that %s", ([, http]) =>
    Effect.gen(function* () {
      const transformClient = (client: HttpClient.HttpClient) =>
        HttpClient.transform(client, (_, request) => http(request) as Effect.Effect<never>)
      const run = Cos.putObject({ key: "key", body: "a", customerKey })
      const { seen } = yield* observed(run, {}, { transformClient })
      expect(leaks(seen)).toEqual([])
    })
  )

  it.effect("an input of the wrong type is not in the error that refuses it", () =>
    Effect.gen(function* () {
      const password = { secret: token } as unknown as string
      let reason = ""
      const run = Effect.tapErrorTag(Cos.docPreview({ key: "key", password }), "InvalidInput", (error) =>
        Effect.sync(() => {
          reason = error.reason
        })
      )
      const { requests, seen } = yield* observed(run, {})
      expect(requests).toEqual([])
      expect(leaks(seen)).toEqual([])
      expect(reason).toBe("password must be a string")
    })
  )

  it.effect("what dies in the HTTP client", () =>
    Effect.gen(function* () {
      const { seen } = yield* observed(Cos.putObject({ key: "key", body: "a", customerKey }), () => {
        throw new CosError.InvalidInput({ operation: "a", field: "b", reason: "b must be c" })
      })
      expect(leaks(seen)).toEqual([])
    })
  )
})
