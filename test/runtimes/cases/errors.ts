import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../../support/content.js"
import { fields, matches, same, stored } from "../expect.js"
import { type ClientOptions, cases, World } from "../model.js"

const withClient = (options: ClientOptions) => Layer.unwrapEffect(Effect.map(World, ({ client }) => client(options)))

const once = { retry: RetryPolicy.none }

/** workerd does not say why there was no connection. */
const noConnection = (error: object, reason: string) =>
  Effect.map(World, ({ config }) =>
    config.runtime.startsWith("workerd")
      ? same("reason", "reason" in error && ["Reset", "Unknown"].includes(String(error.reason)), true)
      : fields("error", error, { _tag: "TransportError", reason, phase: "connect" })
  )

const hostOf = (url: string) => new URL(url).host

export const errors = cases("errors", {
  "of the service, by their codes": Effect.gen(function* () {
    same("get", (yield* Effect.flip(Download.text({ key: "none" })))._tag, "NoSuchKey")
    same("head", (yield* Effect.flip(Cos.headObject({ key: "none" })))._tag, "NoSuchKey")
    same("bucket", (yield* Effect.flip(Cos.listObjects({ bucket: "none-1250000000" })))._tag, "NoSuchBucket")
    yield* Cos.putObject({ key: "a", body: "1", overwrite: false })
    const again = yield* Effect.flip(Cos.putObject({ key: "a", body: "2", overwrite: false }))
    same("again", again._tag, "FileAlreadyExists")
    same("range", (yield* Effect.flip(Download.bytes({ key: "a", range: { start: 10 } })))._tag, "InvalidRange")
    const condition = yield* Effect.flip(Download.bytes({ key: "a", ifMatch: '"b"' }))
    same("condition", condition._tag, "PreconditionFailed")
  }),
  "of credentials": Effect.gen(function* () {
    const wrong = Credentials.layerStatic({ secretId: "nobody", secretKey: Redacted.make("wrong") })
    const refused = yield* Effect.flip(Effect.provide(Cos.headBucket(), withClient({ ...once, credentials: wrong })))
    same("refused", ["AuthenticationFailed", "AccessDenied"].includes(refused._tag), true)
    const anonymous = withClient({ ...once, credentials: Credentials.layerAnonymous })
    same("anonymous", (yield* Effect.flip(Effect.provide(Cos.listObjects(), anonymous)))._tag, "AccessDenied")
  }),
  "of input: nothing is sent": Effect.gen(function* () {
    const { requests } = yield* World
    fields("error", yield* Effect.flip(Cos.putObject({ key: "" })), { _tag: "InvalidInput", field: "key" })
    same("requests", yield* requests(), [])
  }),
  "a 503 is tried again": Effect.gen(function* () {
    const { fault, requests } = yield* World
    yield* fault({ on: { operation: "putObject", times: 2 }, do: Fault.status(503, { code: "SlowDown" }) })
    yield* Cos.putObject({ key: "a", body: "1" })
    same("requests", (yield* requests("putObject")).length, 3)
  }),
  "a 503 without end is Throttled after five attempts": Effect.gen(function* () {
    const { fault, requests } = yield* World
    yield* fault({ on: { operation: "listObjects", times: "all" }, do: Fault.status(503, { code: "SlowDown" }) })
    same("error", (yield* Effect.flip(Cos.listObjects()))._tag, "Throttled")
    same("requests", (yield* requests("listObjects")).length, 5)
  }),
  "a connection that is refused": Effect.gen(function* () {
    const { refusingEndpoint } = (yield* World).config
    const error = yield* Effect.flip(Cos.headBucket()).pipe(
      Effect.provide(withClient({ ...once, endpointUrl: refusingEndpoint }))
    )
    yield* noConnection(error, "Connect")
    matches("message", error.message, new RegExp(hostOf(refusingEndpoint)))
  }),
  "a host that does not exist": Effect.gen(function* () {
    const error = yield* Effect.flip(Cos.headBucket()).pipe(
      Effect.provide(withClient({ ...once, endpointUrl: "http://nobody.invalid" }))
    )
    yield* noConnection(error, "Dns")
    matches("message", error.message, /nobody\.invalid:80/)
  }),
  "a certificate that nobody trusts": Effect.gen(function* () {
    const { untrustedEndpoint } = (yield* World).config
    const error = yield* Effect.flip(Cos.headBucket()).pipe(
      Effect.provide(withClient({ endpointUrl: untrustedEndpoint }))
    )
    yield* noConnection(error, "Tls")
    matches("message", error.message, new RegExp(hostOf(untrustedEndpoint)))
  }),
  "a connection that breaks before the response": Effect.gen(function* () {
    const { config, fault } = yield* World
    yield* fault({ on: { operation: "headBucket", times: "all" }, do: Fault.resetBefore })
    const error = yield* Effect.flip(Effect.provide(Cos.headBucket(), withClient(once)))
    fields("error", error, { _tag: "TransportError", reason: "Reset" })
    matches("message", error.message, new RegExp(hostOf(config.endpoint)))
  }),
  "a response that is lost, of a request that cannot be repeated": Effect.gen(function* () {
    const { config, fault, requests } = yield* World
    yield* fault({ on: { operation: "appendObject", times: "all" }, do: Fault.lostResponse })
    const error = yield* Effect.flip(Cos.appendObject({ key: "log", position: 0, body: "1" }))
    fields("error", error, { _tag: "TransportError", reason: "Reset", phase: "response" })
    yield* stored("log", new TextEncoder().encode("1"))
    // On a kept connection that breaks, Deno's fetch repeats every request once, and says nothing of it.
    const repeats = config.transport === "fetch" && config.runtime.startsWith("Deno")
    same("requests", (yield* requests("appendObject")).length, repeats ? 2 : 1)
  }),
  "a response that is lost, of a request that can be repeated": Effect.gen(function* () {
    const { fault } = yield* World
    yield* fault({ on: { operation: "putObject", times: 1 }, do: Fault.lostResponse })
    yield* Cos.putObject({ key: "a", body: "1" })
    yield* stored("a", new TextEncoder().encode("1"))
  }),
  "a body that breaks off": Effect.gen(function* () {
    const { fault } = yield* World
    yield* Cos.putObject({ key: "a", body: content(MiB) })
    yield* fault({ on: { operation: "getObject", times: "all" }, do: Fault.resetResponseAfterBytes(1000) })
    const read = Effect.scoped(Effect.flatMap(Cos.getObject({ key: "a" }), ({ body }) => Stream.runDrain(body)))
    const error = yield* Effect.flip(read)
    same("tag", ["TransportError", "TruncatedBody"].includes(error._tag), true)
  }),
  "a response that does not come in time": Effect.gen(function* () {
    const { fault } = yield* World
    yield* fault({ on: { operation: "headBucket", times: "all" }, do: Fault.silence() })
    const error = yield* Effect.flip(Cos.headBucket()).pipe(
      Effect.provide(withClient({ ...once, timeLimits: { attempt: "1 second" } }))
    )
    fields("error", error, { _tag: "TransportError", reason: "Timeout", phase: "response" })
  }),
  "a redirect is not followed": Effect.gen(function* () {
    const { config, fault, requests } = yield* World
    yield* fault({ on: { operation: "headBucket" }, do: Fault.redirect(307, `${config.endpoint}/elsewhere`) })
    const error = yield* Effect.flip(Effect.provide(Cos.headBucket(), withClient(once)))
    same("tag", ["CosServiceError", "TransportError"].includes(error._tag), true)
    same("requests", (yield* requests()).length, 1)
  })
})
