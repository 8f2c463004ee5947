/** Signers, and headers for a signing server, that do anything but what they should: a typed error within the limit. */
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as RemoteSigner from "effect-cos/RemoteSigner"
import * as RetryPolicy from "effect-cos/RetryPolicy"

const secret = "SECRET-KEY-0000000000"

const hostile: Readonly<Record<string, unknown>> = {
  "is undefined": undefined,
  dies: Effect.die(new Error(secret)),
  throws: Effect.sync(() => {
    throw secret
  }),
  "fails with an error of its own": Effect.fail(new Error(secret)),
  "interrupts itself": Effect.interrupt,
  "never answers": Effect.never,
  "never answers, and cannot be interrupted": Effect.uninterruptible(Effect.never),
  "has a finalizer that never ends": Effect.ensuring(Effect.never, Effect.never)
}

/** None of these requests is sent. */
const nowhere = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make(() => Effect.dieMessage("it was sent"))
)

const failing = (
  signer: Layer.Layer<RemoteSigner.RemoteSigner | Credentials.Credentials, never, HttpClient.HttpClient>
) =>
  Effect.gen(function* () {
    const layer = CosClient.layer({ bucket: "a-1250000000", region: "ap-guangzhou", retry: RetryPolicy.none })
    const head = Cos.headBucket().pipe(Effect.provide(Layer.provide(layer, signer)), Effect.provide(nowhere))
    const fiber = yield* Effect.fork(Effect.flip(head))
    yield* TestClock.adjust("1 hour")
    const status = yield* Fiber.poll(fiber)
    expect(status._tag).toBe("Some")
    const error = yield* Fiber.join(fiber)
    expect(error).toMatchObject({ _tag: "CredentialsError", provider: "RemoteSigner" })
    expect(JSON.stringify(error) + String(error)).not.toContain(secret)
    return error
  })

const custom = (sign: unknown) =>
  Layer.merge(
    Layer.succeed(RemoteSigner.RemoteSigner, { sign: sign as RemoteSigner.Service["sign"] }),
    Credentials.layerAnonymous
  )

describe("a signer whose sign", () => {
  it.effect.each(Object.entries(hostile))("%s", ([, effect]) => failing(custom(() => effect)))

  it.effect.each([null, {}, { authorization: 1 }, { authorization: "a\nb" }, { authorization: "a", token: "中" }])(
    "gives %o",
    (found) => failing(custom(() => Effect.succeed(found)))
  )

  it.effect("is no function, or throws", () =>
    Effect.gen(function* () {
      yield* failing(custom(undefined))
      yield* failing(
        custom(() => {
          throw new Error(secret)
        })
      )
    })
  )

  it.effect("refuses: its own error arrives as it is", () =>
    Effect.gen(function* () {
      const denied = new CosError.AccessDenied({
        operation: "headBucket",
        status: 403,
        code: "c",
        message: "m"
      } as never)
      const layer = CosClient.layer({ bucket: "a-1250000000", region: "ap-guangzhou" })
      const head = Cos.headBucket().pipe(
        Effect.provide(
          Layer.provide(
            layer,
            custom(() => Effect.fail(denied))
          )
        ),
        Effect.provide(nowhere)
      )
      expect(yield* Effect.flip(head)).toMatchObject({ _tag: "AccessDenied", code: "c" })
    })
  )
})

describe("headers for a signing server that are an effect which", () => {
  it.effect.each(Object.entries(hostile).slice(1))("%s", ([, headers]) =>
    failing(RemoteSigner.layer({ url: "http://signer/", headers: headers as never, timeout: "50 seconds" }))
  )
})

it.effect("a limit that is longer than that of an attempt holds for a signing server", () =>
  Effect.gen(function* () {
    const slow = Effect.delay(Effect.interrupt, "55 seconds")
    const signer = RemoteSigner.layer({ url: "http://signer/", headers: slow, timeout: "1 minute" })
    expect((yield* failing(signer)).message).toContain("was interrupted")
    expect((yield* failing(RemoteSigner.layer({ url: "http://signer/", headers: slow }))).message).toContain("too long")
  })
)
