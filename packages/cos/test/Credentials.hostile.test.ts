/** Providers and services of credentials that do anything but give an access key: a typed error within the limit. */
import type * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Cos from "effect-cos/Cos"
import * as Credentials from "effect-cos/Credentials"
import * as Presign from "effect-cos/Presign"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "./support/ScriptedClient.js"

const secret = "SECRET-KEY-0000000000"
const usable = Credentials.accessKey({ secretId: "id", secretKey: secret })

const hostile: Readonly<Record<string, unknown>> = {
  "is undefined": undefined,
  "gives undefined": Effect.succeed(undefined),
  "gives null": Effect.succeed(null),
  "gives text": Effect.succeed(secret),
  "gives an empty object": Effect.succeed({}),
  "gives a secret that is not redacted": Effect.succeed({ secretId: "id", secretKey: secret }),
  "gives Some of undefined": Effect.succeed(Option.some(undefined)),
  "gives a redacted number": Effect.succeed({ secretId: "id", secretKey: Redacted.make(1) }),
  "gives a token that is not redacted": Effect.succeed({ ...usable, token: secret }),
  "gives an expiry that is no time": Effect.succeed({ ...usable, expiresAt: new Date(Number.NaN) }),
  "gives an expiry of text": Effect.succeed({ ...usable, expiresAt: "2030-01-01" }),
  throws: Effect.sync(() => {
    throw new TypeError(secret)
  }),
  "throws what is no error": Effect.sync(() => {
    throw secret
  }),
  dies: Effect.die(new Error(secret)),
  "rejects a promise": Effect.promise(() => Promise.reject(new Error(secret))),
  "fails with an error of its own": Effect.fail(new Error(secret)),
  "fails with text": Effect.fail(secret),
  "interrupts itself": Effect.interrupt,
  "never answers": Effect.never,
  "never answers, and cannot be interrupted": Effect.uninterruptible(Effect.never),
  "has a finalizer that never ends": Effect.ensuring(Effect.never, Effect.never)
}

const service = (get: unknown): Layer.Layer<Credentials.Credentials> =>
  Layer.succeed(Credentials.Credentials, {
    get: get as Credentials.Credentials.Service["get"],
    invalidate: () => Effect.die("odd"),
    last: Effect.die("odd")
  })

/** Whose field can be read so many times, and throws then. */
const readable = (times: number, field: keyof Credentials.AccessKey): Credentials.AccessKey =>
  Object.defineProperty({ ...usable, token: undefined, expiresAt: new Date(1e15) }, field, {
    get: () => {
      times -= 1
      if (times < 0) throw new Error(secret)
      return { ...usable, expiresAt: new Date(1e15) }[field]
    }
  })

/** The failure of a request with these credentials, and after how many milliseconds it came. */
const failing = (credentials: Layer.Layer<Credentials.Credentials>) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(0)
    const { layer, requests } = Scripted.make([{}], { credentials, settings: { retry: RetryPolicy.none } })
    const fiber = yield* Effect.fork(
      Effect.zip(Effect.flip(Effect.provide(Cos.headBucket(), layer)), Clock.currentTimeMillis)
    )
    yield* TestClock.adjust("1 hour")
    const [error, at] = yield* Fiber.join(fiber)
    expect(requests).toEqual([])
    return { error, at }
  })

describe("a provider that", () => {
  it.effect.each(Object.entries(hostile))("%s", ([, provider]) =>
    Effect.gen(function* () {
      for (const layer of [
        Credentials.layerProvider(provider as Credentials.Provider),
        Credentials.layerChain([Effect.succeedNone, provider as Credentials.Provider])
      ]) {
        const { at, error } = yield* failing(layer)
        expect(error).toMatchObject({ _tag: "CredentialsError" })
        expect(error.message).not.toContain(secret)
        expect(at).toBeLessThanOrEqual(10_000)
      }
    })
  )

  it.effect.each(["secretId", "secretKey", "token", "expiresAt"] as const)(
    "gives a key whose %s throws later",
    (field) =>
      Effect.gen(function* () {
        for (let times = 0; times < 6; times++) {
          const key = readable(times, field)
          for (const credentials of [
            Credentials.layerProvider(Effect.succeed(key)),
            service(Effect.succeedSome(key))
          ]) {
            const { layer } = Scripted.make(Array(9).fill({}), { credentials, settings: { retry: RetryPolicy.none } })
            const run = Effect.all([
              Cos.headBucket(),
              Presign.url(Cos.getObject, { key: "a" }),
              Presign.form({ key: "a" })
            ])
            const fiber = yield* Effect.fork(Effect.exit(Effect.provide(run, layer)))
            yield* TestClock.adjust("1 minute")
            const exit = yield* Fiber.join(fiber)
            if (Exit.isSuccess(exit)) continue
            const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
            expect(error, `after ${times}`).toMatchObject({ _tag: "CredentialsError" })
            expect(String(exit.cause)).not.toContain(secret)
          }
        }
      })
  )

  it.effect("gives a secret that is wiped afterwards is used all the same", () =>
    Effect.gen(function* () {
      const key = Credentials.accessKey({ secretId: "id", secretKey: "WIPED-SECRET-0000000" })
      const { layer } = Scripted.make([{}, {}], { credentials: Credentials.layerProvider(Effect.succeed(key)) })
      yield* Effect.gen(function* () {
        yield* Cos.headBucket()
        Redacted.unsafeWipe(key.secretKey)
        yield* Cos.headBucket()
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("has none, alone", () =>
    Effect.gen(function* () {
      const { error } = yield* failing(Credentials.layerProvider(Effect.succeedNone))
      expect(error).toMatchObject({ _tag: "CredentialsError", transient: false })
    })
  )

  it.scoped("hangs, does not hold those who give up", () =>
    Effect.gen(function* () {
      const credentials = yield* Credentials.make(Effect.uninterruptible(Effect.never))
      const fiber = yield* Effect.fork(credentials.get)
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
    })
  )
})

describe("a service whose get", () => {
  it.effect.each(Object.entries(hostile))("%s", ([, get]) =>
    Effect.gen(function* () {
      const { at, error } = yield* failing(service(get))
      expect(error).toMatchObject({ _tag: "CredentialsError" })
      expect(error.message).not.toContain(secret)
      expect(at).toBeLessThanOrEqual(30_000)
    })
  )

  it.effect("hangs, does not hold an interrupt", () =>
    Effect.gen(function* () {
      const { layer } = Scripted.make([{}], { credentials: service(Effect.uninterruptible(Effect.never)) })
      const fiber = yield* Effect.fork(Effect.provide(Cos.headBucket(), layer))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("is fine, is used; its invalidate may die", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([Scripted.error(403, "ExpiredToken"), { headers: { etag: '"a"' } }], {
        credentials: service(Effect.succeedSome(usable))
      })
      yield* Effect.provide(Cos.putObject({ key: "a", body: "b" }), layer)
      expect(requests).toHaveLength(2)
    })
  )
})

/** Every source is a provider. */
const chained: Layer.Layer<Credentials.Credentials, never, HttpClient.HttpClient> = Credentials.layerChain([
  Credentials.env,
  Credentials.instanceMetadata(),
  Effect.succeed(usable)
])
void chained
