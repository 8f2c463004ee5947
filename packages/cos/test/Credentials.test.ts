import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { CredentialsError } from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"

const get = Effect.flatMap(Credentials.Credentials, (credentials) => credentials.get)
const plain = (found: Option.Option<Credentials.AccessKey>) =>
  Option.match(found, {
    onNone: () => "anonymous",
    onSome: ({ secretId, secretKey, token }) =>
      [secretId, Redacted.value(secretKey), ...(token ? [Redacted.value(token)] : [])].join(" ")
  })
const withEnv =
  (env: Record<string, string>) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.withConfigProvider(self, ConfigProvider.fromMap(new Map(Object.entries(env))))
const unavailable = new CredentialsError({ provider: "sts", message: "unavailable", transient: true })

describe("the environment without an access key", () => {
  it.effect.each<readonly [name: string, variables: Record<string, string>]>([
    ["nothing is set", {}],
    ["empty variables are not set", { COS_SECRET_ID: "", COS_SECRET_KEY: "", TENCENTCLOUD_SECRET_ID: "" }],
    ["a half is set", { COS_SECRET_ID: "id", COS_SECRET_KEY: "" }]
  ])("is one line in a terminal: %s", ([, variables]) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.provide(get, Credentials.layerEnv)).pipe(withEnv(variables))
      const lines = Exit.match(exit, { onFailure: Cause.pretty, onSuccess: () => "" }).split("\n")
      expect(lines).toEqual([expect.stringMatching(/^CredentialsError: .*COS_SECRET_KEY/)])
    })
  )
})

describe("fixed access keys", () => {
  it.effect("static, config and anonymous", () =>
    Effect.gen(function* () {
      const input = { secretId: "id", secretKey: "key", token: Redacted.make("token") }
      expect(plain(yield* Effect.provide(get, Credentials.layerStatic(input)))).toBe("id key token")
      expect(yield* Effect.provide(get, Credentials.layerAnonymous)).toStrictEqual(Option.none())
      const config = Credentials.layerConfig({ secretId: Config.string("ID"), secretKey: Config.redacted("KEY") })
      expect(plain(yield* Effect.provide(get, config).pipe(withEnv({ ID: "id", KEY: "key" })))).toBe("id key")
      const missing = yield* Effect.provide(get, config).pipe(withEnv({ ID: "id" }), Effect.flip)
      expect(missing._tag).toBe("ConfigError")
    })
  )

  it.effect("refuses keys that no header can carry, without showing them", () =>
    Effect.gen(function* () {
      for (const [field, value] of Object.entries({ secretId: "a b", secretKey: "hush\n", token: "tök en" })) {
        const keys = { secretId: "id", secretKey: "key", token: "token", [field]: value }
        const error = yield* Effect.flip(Effect.provide(get, Credentials.layerStatic(keys)))
        expect(error.message).toBe(`${field} must be visible ASCII characters, without blanks or line ends`)
      }
    })
  )

  it.effect("says which one is not set", () =>
    Effect.gen(function* () {
      const rows: ReadonlyArray<readonly [given: any, field: string]> = [
        [{ secretId: undefined, secretKey: "key" }, "secretId"],
        [{ secretId: "", secretKey: "key" }, "secretId"],
        [{ SecretId: "id", SecretKey: "key" }, "secretId"],
        [{}, "secretId"],
        [undefined, "secretId"],
        [null, "secretId"],
        [{ secretId: "id", secretKey: undefined }, "secretKey"],
        [{ secretId: "id", secretKey: "" }, "secretKey"],
        [{ secretId: "id", secretKey: Redacted.make("") }, "secretKey"]
      ]
      for (const [given, field] of rows) {
        const layer = Layer.suspend(() => Credentials.layerStatic(given))
        const error = yield* Effect.flip(Effect.provide(get, layer))
        expect([error._tag, error.message]).toEqual(["CredentialsError", `${field} is not set`])
      }
    })
  )

  it("never shows secrets", () => {
    const keys = Credentials.accessKey({
      secretId: "AKID",
      secretKey: "hush-key",
      token: "hush-token",
      expiresAt: new Date(0)
    })
    const lines: Array<string> = []
    const keep = (logger: Logger.Logger<unknown, string>) => Logger.add(Logger.map(logger, (line) => lines.push(line)))
    const layer = Layer.mergeAll(
      Logger.remove(Logger.defaultLogger),
      keep(Logger.stringLogger),
      keep(Logger.jsonLogger),
      keep(Logger.logfmtLogger),
      keep(Logger.map(Logger.structuredLogger, (line) => inspect(line, { depth: 9 })))
    )
    Effect.runSync(Effect.log("keys", keys).pipe(Effect.annotateLogs({ keys }), Effect.provide(layer)))
    const shown = [inspect(keys, { depth: 9, showHidden: true }), JSON.stringify(keys), ...lines].join("\n")
    expect(lines.length).toBe(4)
    expect(shown).toContain("AKID")
    expect(shown).not.toContain("hush")
  })
})

describe("environment", () => {
  const read = (env: Record<string, string>) =>
    Effect.provide(get, Credentials.layerEnv).pipe(withEnv(env), Effect.map(plain), Effect.either)

  it.effect("the first family that is set", () =>
    Effect.gen(function* () {
      const table: ReadonlyArray<readonly [string, Record<string, string>]> = [
        ["a b", { COS_SECRET_ID: "a", COS_SECRET_KEY: "b" }],
        ["a b c", { COS_SECRETID: "a", COS_SECRETKEY: "b", COS_SECURITY_TOKEN: "c" }],
        [
          "a b",
          { COS_SECRET_ID: "a", COS_SECRET_KEY: "b", TENCENTCLOUD_SECRET_ID: "x", TENCENTCLOUD_SESSION_TOKEN: "z" }
        ],
        ["x y z", { TENCENTCLOUD_SECRET_ID: "x", TENCENTCLOUD_SECRET_KEY: "y", TENCENTCLOUD_SESSION_TOKEN: "z" }],
        ["x y z", { TENCENTCLOUD_SECRET_ID: "x", TENCENTCLOUD_SECRET_KEY: "y", TENCENTCLOUD_SECURITY_TOKEN: "z" }],
        ["x y z", { TENCENTCLOUD_SECRETID: "x", TENCENTCLOUD_SECRETKEY: "y", TENCENTCLOUD_SESSIONTOKEN: "z" }],
        ["x y", { COS_SECRET_ID: "", COS_SECRET_KEY: "", TENCENTCLOUD_SECRET_ID: "x", TENCENTCLOUD_SECRET_KEY: "y" }]
      ]
      for (const [expected, env] of table) expect(yield* read(env)).toStrictEqual(Either.right(expected))
    })
  )

  it.effect("half a family names what is missing, and no value", () =>
    Effect.gen(function* () {
      const other = { TENCENTCLOUD_SECRET_ID: "x", TENCENTCLOUD_SECRET_KEY: "y" }
      const table: ReadonlyArray<readonly [string, Record<string, string>]> = [
        ["COS_SECRET_KEY not set, though COS_SECRET_ID is", { COS_SECRET_ID: "hush" }],
        ["COS_SECRET_ID not set, though COS_SECRET_KEY is", { COS_SECRET_KEY: "hush", ...other }],
        ["COS_SECRET_ID and COS_SECRET_KEY not set, though COS_SESSION_TOKEN is", { COS_SESSION_TOKEN: "hush" }],
        ["TENCENTCLOUD_SECRET_KEY not set, though TENCENTCLOUD_SECRETID is", { TENCENTCLOUD_SECRETID: "hush" }],
        ["set COS_SECRET_ID and COS_SECRET_KEY, or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY", {}]
      ]
      for (const [message, env] of table) {
        expect(yield* read(env)).toStrictEqual(
          Either.left(new CredentialsError({ provider: "environment", message, transient: false }))
        )
      }
    })
  )
})

describe("chain", () => {
  it.effect("takes the first access key; a failure ends the search", () =>
    Effect.gen(function* () {
      const found = Effect.asSome(Effect.succeed(Credentials.accessKey({ secretId: "id", secretKey: "key" })))
      const ask = (providers: ReadonlyArray<Credentials.Provider>) =>
        Effect.provide(get, Credentials.layerChain(providers)).pipe(withEnv({}), Effect.map(plain), Effect.either)
      expect(yield* ask([Credentials.env, found, Effect.die("not asked")])).toStrictEqual(Either.right("id key"))
      expect(yield* ask([Effect.fail(unavailable), found])).toStrictEqual(Either.left(unavailable))
      expect(Either.isLeft(yield* ask([Credentials.env]))).toBe(true)
    })
  )
})

/** A provider that answers 10 ms after it is asked, with keys valid for `lifetime` and numbered by the attempt. */
const numbered = (
  lifetime: number | undefined,
  outcome: (attempt: number) => Effect.Effect<unknown, CredentialsError> = () => Effect.void
) =>
  Effect.gen(function* () {
    const calls = yield* Ref.make(0)
    const fetch = Effect.gen(function* () {
      const attempt = yield* Ref.updateAndGet(calls, (n) => n + 1)
      yield* Effect.sleep(10)
      yield* outcome(attempt)
      const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      return Credentials.accessKey({
        secretId: `id${attempt}`,
        secretKey: "hush",
        expiresAt: lifetime === undefined ? undefined : new Date(now + lifetime)
      })
    })
    return { calls, fetch }
  })

/** What `get` answers once the clock has moved by 10 ms, so that a fetch it started or joined is over. */
const now = (credentials: Credentials.Credentials.Service) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.either(credentials.get))
    yield* TestClock.adjust(10)
    return Either.map(yield* Fiber.join(fiber), (keys) => Option.getOrThrow(keys).secretId)
  })

describe("refreshing provider", () => {
  it.scoped("one fetch for 100 fibers, and one more after 100 of them reported the key rejected", () =>
    Effect.gen(function* () {
      const { calls, fetch } = yield* numbered(undefined)
      const credentials = yield* Credentials.make(fetch)
      const round = Effect.gen(function* () {
        const fibers = yield* Effect.forEach(Array.from({ length: 100 }), () => Effect.fork(credentials.get))
        yield* TestClock.adjust(10)
        return yield* Fiber.join(Fiber.all(fibers))
      })
      const first = yield* round
      expect(yield* Ref.get(calls)).toBe(1)
      expect(new Set(first.map((keys) => Option.getOrThrow(keys).secretId))).toStrictEqual(new Set(["id1"]))

      // Each reports, then asks: those who come late must not refuse the new keys.
      const fibers = yield* Effect.forEach(first, (keys, index) =>
        Effect.fork(
          Effect.sleep(index).pipe(
            Effect.zipRight(credentials.invalidate(Option.getOrThrow(keys))),
            Effect.zipRight(credentials.get)
          )
        )
      )
      yield* TestClock.adjust(200)
      const second = yield* Fiber.join(Fiber.all(fibers))
      expect(yield* Ref.get(calls)).toBe(2)
      expect(new Set(second.map((keys) => Option.getOrThrow(keys).secretId))).toStrictEqual(new Set(["id2"]))
    })
  )

  it.scoped("an interrupted waiter interrupts nobody else, and nothing is fetched twice", () =>
    Effect.gen(function* () {
      const { calls, fetch } = yield* numbered(undefined)
      const credentials = yield* Credentials.make(fetch)
      const starter = yield* Effect.fork(credentials.get)
      const other = yield* Effect.fork(credentials.get)
      yield* TestClock.adjust(5)
      yield* Fiber.interrupt(starter)
      yield* TestClock.adjust(5)
      expect(plain(yield* Fiber.join(other))).toBe("id1 hush")
      expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
      expect(yield* Ref.get(calls)).toBe(1)
    })
  )

  it.scoped("renews in the background first, then makes requests wait", () =>
    Effect.gen(function* () {
      const { calls, fetch } = yield* numbered(600_000)
      const credentials = yield* Credentials.make(fetch)
      expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
      yield* TestClock.adjust(539_000)
      expect(yield* credentials.get.pipe(Effect.map(plain))).toBe("id1 hush")
      expect(yield* Ref.get(calls)).toBe(1)
      // Less than a minute is left: the old keys now, new ones in the background.
      yield* TestClock.adjust(2_000)
      expect(yield* credentials.get.pipe(Effect.map(plain))).toBe("id1 hush")
      yield* TestClock.adjust(10)
      expect(yield* credentials.get.pipe(Effect.map(plain))).toBe("id2 hush")
      expect(yield* Ref.get(calls)).toBe(2)
      // Nobody asked for a while: less than half a minute is left.
      yield* TestClock.adjust(575_000)
      expect(yield* now(credentials)).toStrictEqual(Either.right("id3"))
      // Long over.
      yield* TestClock.adjust("2 hours")
      expect(yield* now(credentials)).toStrictEqual(Either.right("id4"))
      expect(yield* Ref.get(calls)).toBe(4)
    })
  )

  it.scoped("keys that live shorter than refreshBefore are not fetched for every request", () =>
    Effect.gen(function* () {
      const { calls, fetch } = yield* numbered(30_000)
      const credentials = yield* Credentials.make(fetch, { refreshBefore: "1 minute" })
      expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
      yield* Effect.repeatN(Effect.zipRight(TestClock.adjust("1 second"), credentials.get), 13)
      expect(yield* Ref.get(calls)).toBe(1)
    })
  )

  it.scoped("keeps serving a valid key while the provider fails, and leaves it alone for 5 seconds", () =>
    Effect.gen(function* () {
      const warnings: Array<string> = []
      const logger = Logger.make(({ message }) => warnings.push(JSON.stringify(message)))
      const { calls, fetch } = yield* numbered(600_000, (attempt) =>
        attempt === 1 ? Effect.void : Effect.fail(unavailable)
      )
      const credentials = yield* Credentials.make(fetch, { name: "sts" })
      expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
      yield* Effect.gen(function* () {
        yield* TestClock.adjust(580_000)
        expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
        expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
        expect(yield* Ref.get(calls)).toBe(2)
        yield* TestClock.adjust(5_000)
        expect(yield* now(credentials)).toStrictEqual(Either.right("id1"))
        expect(yield* Ref.get(calls)).toBe(3)
        yield* TestClock.adjust(20_000)
        expect(yield* now(credentials)).toStrictEqual(Either.left(unavailable))
        expect(plain(yield* credentials.last)).toBe("id1 hush")
      }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      expect(warnings).toStrictEqual(
        Array.from({ length: 2 }, () =>
          JSON.stringify([
            "The access key could not be renewed; the current one is still valid",
            { provider: "sts", reason: "unavailable" }
          ])
        )
      )
    })
  )

  it.scoped("fails everyone who waits, and recovers", () =>
    Effect.gen(function* () {
      const { fetch } = yield* numbered(undefined, (attempt) =>
        attempt === 1 ? Effect.fail(unavailable) : Effect.void
      )
      const credentials = yield* Credentials.make(fetch)
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(Effect.either(credentials.get)))
      yield* TestClock.adjust(10)
      expect(yield* Fiber.join(Fiber.all(fibers))).toStrictEqual(
        Array.from({ length: 3 }, () => Either.left(unavailable))
      )
      expect(yield* credentials.last).toStrictEqual(Option.none())
      expect(yield* now(credentials)).toStrictEqual(Either.right("id2"))
    })
  )

  it.scoped("a provider that hangs is given up, also by an uninterruptible caller", () =>
    Effect.gen(function* () {
      const credentials = yield* Credentials.make(Effect.never, { timeout: "3 seconds" })
      const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flip(credentials.get)))
      yield* TestClock.adjust("3 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "CredentialsError", transient: true })
    })
  )

  it.scoped("a provider that interrupts itself or dies does not hang those who wait", () =>
    Effect.gen(function* () {
      const interrupting = yield* Credentials.make(Effect.interrupt)
      expect(yield* Effect.flip(interrupting.get)).toMatchObject({ _tag: "CredentialsError", transient: true })
      const dying = yield* Credentials.make(Effect.die("bug"))
      expect(yield* Effect.flip(dying.get)).toMatchObject({ _tag: "CredentialsError", transient: false })
    })
  )

  it.effect("after its scope closed, get fails instead of waiting", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const credentials = yield* Scope.extend(Credentials.make(Effect.never), scope)
      const waiting = yield* Effect.fork(Effect.flip(credentials.get))
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "CredentialsError" })
      expect(yield* Effect.flip(credentials.get)).toMatchObject({ _tag: "CredentialsError" })
    })
  )

  it.scoped("a provider that gives a rejected key again is asked at most every 5 seconds", () =>
    Effect.gen(function* () {
      const calls = yield* Ref.make(0)
      const keys = Credentials.accessKey({ secretId: "id", secretKey: "key" })
      const credentials = yield* Credentials.make(
        Effect.as(
          Ref.update(calls, (n) => n + 1),
          keys
        )
      )
      const attempt = Effect.zipRight(credentials.get, credentials.invalidate(keys))
      yield* Effect.repeatN(attempt, 9)
      expect(yield* Ref.get(calls)).toBe(2)
      yield* TestClock.adjust("5 seconds")
      yield* Effect.repeatN(attempt, 9)
      expect(yield* Ref.get(calls)).toBe(3)
    })
  )

  it.scoped("closes the scope of each fetch", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const fetch = Effect.acquireRelease(
        Effect.succeed(Credentials.accessKey({ secretId: "id", secretKey: "key" })),
        () => Deferred.succeed(closed, undefined)
      )
      const credentials = yield* Credentials.make(fetch)
      yield* credentials.get
      expect(yield* Deferred.isDone(closed)).toBe(true)
    })
  )
})

describe("instance metadata", () => {
  const base = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"
  const serve = (answers: Record<string, Response>) =>
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() =>
          HttpClientResponse.fromWeb(request, answers[request.url] ?? new Response("", { status: 404 }))
        )
      )
    )
  const document = () =>
    Response.json({
      TmpSecretId: "id",
      TmpSecretKey: "hush",
      ExpiredTime: 1_700_000_000,
      Expiration: "2023-11-14T22:13:20Z",
      Token: "token",
      Code: "Success"
    })

  it.effect("reads no more of a response than an access key may have", () =>
    Effect.gen(function* () {
      let sent = 0
      const endless = () =>
        new Response(
          new ReadableStream({
            pull: (controller) => {
              sent += 1
              if (sent > 1000) controller.close()
              else controller.enqueue(new Uint8Array(4096).fill(0x20))
            }
          })
        )
      for (const role of [undefined, "r"]) {
        sent = 0
        const error = yield* Credentials.instanceMetadata({ role }).pipe(
          Effect.provide(serve({ [base]: endless(), [`${base}r`]: endless() })),
          Effect.flip
        )
        expect(error).toMatchObject({ _tag: "CredentialsError", provider: "instance metadata" })
        expect(sent).toBeLessThan(30)
      }
    })
  )

  it.effect("asks for the role, or takes the one given", () =>
    Effect.gen(function* () {
      const found = yield* Credentials.instanceMetadata().pipe(
        Effect.provide(serve({ [base]: new Response("my role\n"), [`${base}my%20role`]: document() }))
      )
      expect(plain(Option.some(found))).toBe("id hush token")
      expect(found.expiresAt).toStrictEqual(new Date("2023-11-14T22:13:20Z"))
      const layer = Credentials.layerChain([
        Credentials.env,
        Effect.asSome(Credentials.instanceMetadata({ role: "r" }))
      ])
      const provided = Effect.provide(get, Layer.provide(layer, serve({ [`${base}r`]: document() })))
      expect(plain(yield* withEnv({})(provided))).toBe("id hush token")
    })
  )

  it.effect("fails with a CredentialsError that never shows the response", () =>
    Effect.gen(function* () {
      const read = (answers: Record<string, Response>) =>
        Credentials.instanceMetadata({ role: "r" }).pipe(Effect.provide(serve(answers)), Effect.flip)
      expect(yield* read({})).toMatchObject({ message: "no such role is bound to this instance", transient: false })
      expect(yield* read({ [`${base}r`]: new Response("", { status: 503 }) })).toMatchObject({ transient: true })
      for (const body of ['{"TmpSecretKey":"hush"}', "hush"]) {
        const error = yield* read({ [`${base}r`]: new Response(body) })
        expect(error._tag).toBe("CredentialsError")
        expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain("hush")
      }
    })
  )
})

describe("a key that never expires", () => {
  it.scoped("is fetched once, however long before its end it is to be renewed", () =>
    Effect.gen(function* () {
      let fetches = 0
      const provider = Effect.sync(() => {
        fetches += 1
        return Credentials.accessKey({ secretId: "id", secretKey: "key" })
      })
      const { get } = yield* Credentials.make(provider, { refreshBefore: Number.POSITIVE_INFINITY })
      yield* get
      yield* TestClock.adjust("1 day")
      yield* get
      expect(fetches).toBe(1)
    })
  )
})
