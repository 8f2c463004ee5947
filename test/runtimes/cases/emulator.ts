/** The emulator in process, in the runtime itself: no port, and time that only the case moves. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, KiB, MiB } from "../../support/content.js"
import { equalBytes, fields, same } from "../expect.js"
import { cases } from "../model.js"

const bucket = "examplebucket-1250000000"

const client = Layer.unwrapEffect(
  Effect.map(Emulator, ({ credentials, region }) =>
    CosClient.layer({ bucket, region, retry: RetryPolicy.make({ base: 0 }) }).pipe(
      // Those of the suite's transport are not the emulator's.
      Layer.provideMerge(CosTransport.layer({ rawPath: true, contentLength: true, hostHeader: true, rawBody: true })),
      Layer.provide(Credentials.layerStatic(credentials))
    )
  )
)

const inProcess = Effect.provide(
  client.pipe(
    Layer.provideMerge(layer({ buckets: [bucket], strict: true })),
    Layer.provideMerge(TestContext.TestContext)
  )
)

export const emulator = cases("emulator", {
  "operations and parts": Effect.gen(function* () {
    const control = yield* Emulator
    const bytes = content(2 * MiB + 5)
    yield* Cos.putObject({ key: "a/../b", body: "hello" })
    same("a/../b", new TextDecoder().decode(yield* control.bytes(bucket, "a/../b")), "hello")
    yield* Upload.bytes({ key: "parts", bytes }, { threshold: 0, partSize: MiB })
    equalBytes("parts", yield* control.bytes(bucket, "parts"), bytes)
    const chunks = yield* Stream.runCollect(Download.stream({ key: "parts", range: { start: 0, end: 100 * KiB } }))
    same(
      "range",
      Array.from(chunks).reduce((sum, { length }) => sum + length, 0),
      100 * KiB + 1
    )
    same("error", (yield* Effect.flip(Cos.headObject({ key: "none" })))._tag, "NoSuchKey")
    same("unfinished", yield* control.unfinishedUploads, [])
  }).pipe(inProcess),
  "a fault, and a time limit by the test clock": Effect.gen(function* () {
    const control = yield* Emulator
    const fault = yield* control.fault({ on: { operation: "headBucket", times: 1 }, do: Fault.status(503) })
    yield* Cos.headBucket()
    same("fired", yield* fault.fired, 1)
    yield* control.fault({ on: { operation: "headBucket", times: "all" }, do: Fault.silence() })
    const fiber = yield* Effect.fork(Effect.flip(RetryPolicy.withPolicy(Cos.headBucket(), RetryPolicy.none)))
    yield* TestClock.adjust("5 minutes")
    fields("error", yield* Fiber.join(fiber), { _tag: "TransportError", reason: "Timeout" })
  }).pipe(inProcess),
  "signatures are verified": Effect.gen(function* () {
    const wrong = CosClient.layer({ bucket, region: "ap-guangzhou", retry: RetryPolicy.none }).pipe(
      Layer.provide(Credentials.layerStatic({ secretId: "nobody", secretKey: "wrong" }))
    )
    const error = yield* Effect.flip(Effect.provide(Cos.headBucket(), wrong))
    same("error", ["AuthenticationFailed", "AccessDenied"].includes(error._tag), true)
  }).pipe(inProcess)
})
