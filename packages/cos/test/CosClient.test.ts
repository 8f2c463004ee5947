/** One attempt after another: what is repeated, when, how often, where to, and with which clock and keys. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as Presign from "effect-cos/Presign"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "./support/ScriptedClient.js"
import { verify } from "./support/verify.js"

const key = "key"
const ok: Scripted.Answer = { headers: { etag: '"a"' } }
const put = Cos.putObject({ key, body: "bytes" })
const times = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

/** From COS itself, or from something on the way that answers without a request id. */
const fromCos = (status: number): Scripted.Answer => ({ status })
const fromElsewhere = (status: number): Scripted.Answer => ({ status, headers: { "x-cos-request-id": undefined } })

/** Runs to the end, however long that takes by the clock. */
const elapse = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  }).pipe(Effect.withRandom(Random.make("seed")))

const outcome = <A, E>(
  run: Effect.Effect<A, E, CosClient.CosClient>,
  steps: ReadonlyArray<Scripted.Step>,
  options?: Scripted.Options
) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make(steps, options)
    const result = yield* elapse(Effect.either(Effect.provide(run, layer)))
    return {
      result,
      requests,
      tag: result._tag === "Left" ? (result.left as { readonly _tag: string })._tag : "Success"
    }
  })

describe("retry", () => {
  it.effect("waits as long as the service asks, to the millisecond", () =>
    Effect.gen(function* () {
      for (const value of ["2", "Thu, 01 Jan 1970 00:00:02 GMT"]) {
        yield* TestClock.setTime(0)
        const { layer, requests } = Scripted.make([{ status: 503, headers: { "retry-after": value } }, ok])
        const fiber = yield* Effect.fork(Effect.provide(put, layer))
        yield* TestClock.adjust("1999 millis")
        expect(requests.length).toBe(1)
        yield* TestClock.adjust("1 millis")
        yield* Fiber.join(fiber)
        expect(requests.map(({ at }) => at)).toEqual([0, 2000])
      }
    })
  )

  it.effect("gives up where the service asks for too long, and says how long", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* outcome(put, [{ status: 503, headers: { "retry-after": "86400" } }])
      expect(requests.length).toBe(1)
      expect(result).toMatchObject({ left: { _tag: "ServerFault", retryAfter: Duration.days(1) } })
    })
  )

  it.effect("tries five times, each marked as a repetition and signed anew", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* outcome(put, times(5, fromCos(503)))
      expect(result).toMatchObject({ left: { _tag: "ServerFault", status: 503 } })
      expect(requests.map(({ headers }) => headers["x-cos-sdk-retry"])).toEqual([undefined, ...times(4, "true")])
      expect(requests.every((request) => verify(request, Scripted.keys))).toBe(true)
      expect(requests.every(({ text }) => text === "bytes")).toBe(true)
    })
  )

  it.effect("spreads its waits below a bound that doubles", () =>
    Effect.gen(function* () {
      const client = Scripted.make(times(200, fromCos(503)), { settings: { retryBudget: Number.POSITIVE_INFINITY } })
      const one = Effect.flip(put)
      yield* elapse(Effect.provide(Effect.all(times(40, one)), client.layer))
      const waits = times(4, 0).map((_, retry) =>
        times(40, 0).map((_, call) => {
          const at = (i: number) => client.requests[call * 5 + i]?.at ?? 0
          return at(retry + 1) - at(retry)
        })
      )
      waits.forEach((drawn, retry) => {
        const bound = 100 * 2 ** retry
        expect(Math.max(...drawn)).toBeLessThan(bound)
        expect(Math.max(...drawn)).toBeGreaterThan(bound * 0.8)
        expect(Math.min(...drawn)).toBeLessThan(bound * 0.2)
        expect(new Set(drawn).size).toBeGreaterThan(20)
      })
    })
  )

  it.effect("an outage is not multiplied: fibers of a client share a budget, which successes refill", () =>
    Effect.gen(function* () {
      const failures = times(13, fromCos(503))
      const steps = [...failures, ...times(20, ok), fromCos(503), fromCos(503), ok, fromCos(503)]
      const client = Scripted.make(steps, { settings: { retryBudget: 3 } })
      yield* elapse(
        Effect.gen(function* () {
          yield* Effect.all(times(10, Effect.flip(put)), { concurrency: "unbounded" })
          expect(client.requests.length).toBe(13)
          yield* Effect.all(times(20, put))
          // Twenty tenths: two more.
          yield* put
          yield* Effect.flip(put)
          expect(client.requests.length).toBe(37)
        }).pipe(Effect.provide(client.layer))
      )
    })
  )

  const policies: ReadonlyArray<
    readonly [
      title: string,
      steps: ReadonlyArray<Scripted.Step>,
      count: number,
      tag: string,
      options?: Scripted.Options
    ]
  > = [
    ["500", [fromCos(500), ok], 2, "Success"],
    ["502 in HTML", [{ status: 502, body: "<html><br></html>" }, ok], 2, "Success"],
    ["504", [fromCos(504), ok], 2, "Success"],
    ["520", [fromElsewhere(520), ok], 2, "Success"],
    ["501 is final", [fromCos(501)], 1, "CosServiceError"],
    ["429", [fromCos(429), ok], 2, "Success"],
    ["SlowDown", [Scripted.error(503, "SlowDown"), ok], 2, "Success"],
    ["400 RequestTimeout", [Scripted.error(400, "RequestTimeout"), ok], 2, "Success"],
    ["400 UserNetworkTooSlow", [Scripted.error(400, "UserNetworkTooSlow"), ok], 2, "Success"],
    ["400 IncompleteBody", [Scripted.error(400, "IncompleteBody"), ok], 2, "Success"],
    ["400 EntitySizeNotMatch", [Scripted.error(400, "EntitySizeNotMatch"), ok], 2, "Success"],
    ["400 is final", [Scripted.error(400, "InvalidArgument")], 1, "InvalidArgument"],
    ["403 is final", [Scripted.error(403, "AccessDenied")], 1, "AccessDenied"],
    ["404 is final", [Scripted.error(404, "NoSuchBucket")], 1, "NoSuchBucket"],
    ["a reset", [{ failure: {} }, ok], 2, "Success"],
    ["a refused connection", [{ failure: { code: "ECONNREFUSED", phase: "connect" } }, ok], 2, "Success"],
    ["a name that does not resolve", times(5, { failure: { code: "ENOTFOUND" } }), 5, "TransportError"],
    ["a bad certificate is final", [{ failure: { code: "CERT_HAS_EXPIRED" } }], 1, "TransportError"],
    ["silence", [{ silence: true }, ok], 2, "Success"],
    ["an answer without its ETag", [{}, ok], 2, "Success"],
    ["no policy", [fromCos(503)], 1, "ServerFault", { settings: { retry: RetryPolicy.none } }],
    [
      "another number of attempts",
      times(2, fromCos(503)),
      2,
      "ServerFault",
      { settings: { retry: RetryPolicy.make({ attempts: 2 }) } }
    ],
    [
      "another judgement",
      [Scripted.error(404, "NoSuchBucket"), ok],
      2,
      "Success",
      { settings: { retry: RetryPolicy.make({ while: (error) => error instanceof CosError.NoSuchBucket }) } }
    ],
    ["an empty budget", [fromCos(503)], 1, "ServerFault", { settings: { retryBudget: 0 } }]
  ]
  it.effect.each(policies)("%s", ([, steps, count, tag, options]) =>
    Effect.gen(function* () {
      const found = yield* outcome(put, steps, options)
      expect([found.tag, found.requests.length]).toEqual([tag, count])
    })
  )

  it.effect("a policy set around an operation is nearer than the client's", () =>
    Effect.gen(function* () {
      const patient = RetryPolicy.make({ attempts: 3 })
      const within = yield* outcome(put.pipe(RetryPolicy.withPolicy(RetryPolicy.none)), [fromCos(503)])
      expect(within.requests.length).toBe(1)
      const more = yield* outcome(RetryPolicy.withPolicy(put, patient), times(3, fromCos(503)), {
        settings: { retry: RetryPolicy.none }
      })
      expect(more.requests.length).toBe(3)
    })
  )

  it.effect("begins no attempt after the time for all of them", () =>
    Effect.gen(function* () {
      const schedule = Schedule.spaced("1 second")
      const policy = { ...RetryPolicy.make({ attempts: 100, within: "1 second", base: "1 minute", cap: "1 minute" }) }
      const { requests } = yield* outcome(put, times(100, fromCos(503)), { settings: { retry: policy } })
      expect(requests.length).toBeLessThan(5)
      const own = yield* outcome(put, [...times(7, fromCos(503)), ok], {
        settings: { retry: { attempts: 10, while: CosError.isRetryable, schedule } }
      })
      expect(own.requests.map(({ at }) => at - (own.requests[0]?.at ?? 0))).toEqual(
        [0, 1, 2, 3, 4, 5, 6, 7].map((n) => n * 1000)
      )
    })
  )
})

describe("what is never sent twice", () => {
  const oneShot = () => Cos.putObject({ key, body: Body.stream(Stream.make(Buffer.from("once")), { size: 4 }) })
  const sized = (size: number) =>
    Cos.putObject({ key, body: Body.stream(Stream.make(Buffer.from("four")), { size, replayable: true }) })
  const append = Cos.appendObject({ key, position: 4, body: "more" })
  const appended = { headers: { ...ok.headers, "x-cos-next-append-position": "8" } }
  const rows: ReadonlyArray<
    readonly [
      title: string,
      Effect.Effect<unknown, unknown, CosClient.CosClient>,
      ReadonlyArray<Scripted.Step>,
      count: number,
      tag: string
    ]
  > = [
    ["a body that runs once, after 503", oneShot(), [fromCos(503)], 1, "ServerFault"],
    ["a body that runs once, after a reset", oneShot(), [{ failure: {} }], 1, "TransportError"],
    [
      "a body that runs once, on a stale connection",
      oneShot(),
      [{ failure: { staleConnection: true } }],
      1,
      "TransportError"
    ],
    ["a body that runs once, after a redirect", oneShot(), [fromElsewhere(302)], 1, "CosServiceError"],
    [
      "a body that says it can run again may",
      Cos.putObject({ key, body: Body.stream(Stream.make(Buffer.from("more")), { size: 4, replayable: true }) }),
      [fromCos(503), ok],
      2,
      "Success"
    ],
    ["an append after 503", append, [fromCos(503)], 1, "ServerFault"],
    ["an append after a reset", append, [{ failure: {} }], 1, "TransportError"],
    ["an append on a stale connection", append, [{ failure: { staleConnection: true } }], 1, "TransportError"],
    ["an append that was not let in may be", append, [Scripted.error(503, "SlowDown"), appended], 2, "Success"],
    [
      "an append that did not get out may be",
      append,
      [{ failure: { code: "ECONNREFUSED", phase: "connect" } }, appended],
      2,
      "Success"
    ],
    ["a body that is shorter than it says", sized(5), [], 0, "InvalidInput"],
    ["a body that is longer than it says", sized(3), [], 0, "InvalidInput"],
    ["putBucket after a reset", Cos.putBucket(), [{ failure: {} }], 1, "TransportError"]
  ]
  it.effect.each(rows)("%s", ([, run, steps, count, tag]) =>
    Effect.gen(function* () {
      const found = yield* outcome(run, steps)
      expect([found.tag, found.requests.length]).toEqual([tag, count])
    })
  )
})

describe("a kept connection that the server had closed", () => {
  const stale: Scripted.Step = { failure: { code: "UND_ERR_SOCKET", staleConnection: true } }

  it.effect("is tried again at once, whatever the policy", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([stale, ok], { settings: { retry: RetryPolicy.none } })
      yield* Effect.provide(put, layer)
      expect(requests.map(({ at }) => at)).toEqual([0, 0])
    })
  )

  it.effect("but once", () =>
    Effect.gen(function* () {
      const found = yield* outcome(put, [stale, stale], { settings: { retry: RetryPolicy.none } })
      expect([found.tag, found.requests.length]).toEqual(["TransportError", 2])
    })
  )
})

describe("backup domain", () => {
  const standard = Scripted.host
  const backup = Scripted.host.replace("myqcloud.com", "tencentcos.cn")
  const attempts = (
    settings: CosClient.Settings,
    steps: ReadonlyArray<Scripted.Step>,
    run: Effect.Effect<unknown, unknown, CosClient.CosClient> = put
  ) =>
    Effect.map(outcome(run, steps, { settings }), ({ requests, tag }) => ({
      tag,
      hosts: requests.map(({ host }) => host),
      signed: requests.every((request) => request.headers.host === request.host && verify(request, Scripted.keys))
    }))
  const rows: ReadonlyArray<
    readonly [
      title: string,
      settings: CosClient.Settings,
      steps: ReadonlyArray<Scripted.Step>,
      hosts: ReadonlyArray<string>
    ]
  > = [
    ["5xx from elsewhere: the last attempt", {}, times(5, fromElsewhere(503)), [...times(4, standard), backup]],
    ["5xx from COS: never", {}, times(5, fromCos(503)), times(5, standard)],
    ["no answer: the last attempt", {}, times(5, { failure: {} }), [...times(4, standard), backup]],
    ["a redirect from elsewhere: the next attempt", {}, [fromElsewhere(302), ok], [standard, backup]],
    ["a redirect there, too", {}, times(2, fromElsewhere(307)), [standard, backup]],
    ["a redirect of COS: never", {}, [fromCos(301)], [standard]],
    ["308: never", {}, [fromElsewhere(308)], [standard]],
    ["4xx: never", {}, [fromElsewhere(404)], [standard]],
    ["two attempts", { retry: RetryPolicy.make({ attempts: 2 }) }, times(2, fromElsewhere(503)), [standard, backup]],
    ["one attempt", { retry: RetryPolicy.none }, [fromElsewhere(503)], [standard]],
    ["switched off", { backupDomain: false }, [fromElsewhere(302)], [standard]],
    [
      "acceleration has none",
      { endpoint: Endpoint.accelerate },
      times(5, fromElsewhere(503)),
      times(5, `${Scripted.bucket}.cos.accelerate.myqcloud.com`)
    ],
    [
      "a domain of one's own has none",
      { endpoint: Endpoint.custom({ url: "http://127.0.0.1:9000" }) },
      [fromElsewhere(302)],
      ["127.0.0.1:9000"]
    ]
  ]
  it.effect.each(rows)("%s", ([, settings, steps, hosts]) =>
    Effect.gen(function* () {
      const found = yield* attempts(settings, steps)
      expect(found.hosts).toEqual(hosts)
      expect(found.signed).toBe(true)
    })
  )

  it.effect("is left again with the call", () =>
    Effect.gen(function* () {
      const found = yield* attempts({}, [fromElsewhere(302), ok, ok], Effect.zipRight(put, put))
      expect(found.hosts).toEqual([standard, backup, standard])
    })
  )

  it.effect("the service as a whole has none", () =>
    Effect.gen(function* () {
      const found = yield* attempts({}, [fromElsewhere(302)], Cos.listBuckets())
      expect(found.hosts).toEqual(["service.cos.myqcloud.com"])
    })
  )
})

describe("clock", () => {
  const now = 1_700_000_100_000
  const minutes = (n: number) => n * 60_000
  const date = (offset: number) => ({ date: new Date(now + offset).toUTCString() })
  const skewed = (offset: number) => Scripted.error(403, "RequestTimeTooSkewed", { headers: date(offset) })
  const start = ({ headers }: Scripted.Recorded) =>
    Number(/q-sign-time=(\d+)/.exec(headers.authorization ?? "")?.[1]) * 1000
  const starts = (
    run: Effect.Effect<unknown, unknown, CosClient.CosClient>,
    steps: ReadonlyArray<Scripted.Step>,
    settings: CosClient.Settings = {}
  ) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const { layer, requests } = Scripted.make(steps, { settings: { retry: RetryPolicy.none, ...settings } })
      yield* Effect.ignore(Effect.provide(run, layer))
      return requests.map((request) => start(request) - start(requests[0] ?? request))
    })
  const rows: ReadonlyArray<
    readonly [title: string, steps: ReadonlyArray<Scripted.Step>, offsets: ReadonlyArray<number>]
  > = [
    ["behind", [skewed(minutes(20)), ok], [0, minutes(20)]],
    ["ahead", [skewed(-minutes(20)), ok], [0, -minutes(20)]],
    [
      "an expired request",
      [Scripted.error(403, "AccessDenied", { message: "Request has expired", headers: date(minutes(20)) }), ok],
      [0, minutes(20)]
    ],
    ["the server's time is not told", [Scripted.error(403, "RequestTimeTooSkewed")], [0]],
    ["the clock is right, after all", [skewed(1000)], [0]],
    [
      "another refusal, at another time",
      [Scripted.error(403, "AccessDenied", { headers: date(minutes(20)) }), ok],
      [0, minutes(20)]
    ],
    ["another refusal, at the same time", [Scripted.error(403, "AccessDenied", { headers: date(minutes(10)) })], [0]]
  ]
  it.effect.each(rows)("%s", ([, steps, offsets]) =>
    Effect.gen(function* () {
      expect(yield* starts(put, steps)).toEqual(offsets)
    })
  )

  it.effect("a HEAD has no document to say so, but a time", () =>
    Effect.gen(function* () {
      const answer = { status: 403, headers: date(minutes(20)) }
      const found = { headers: { ...ok.headers, "content-length": "1", "last-modified": new Date(0).toUTCString() } }
      expect(yield* starts(Cos.headObject({ key }), [answer, found])).toEqual([0, minutes(20)])
    })
  )

  it.effect("is corrected at most once a call, however odd the server's", () =>
    Effect.gen(function* () {
      const offsets = yield* starts(put, [skewed(-now), skewed(minutes(40)), ok])
      expect(offsets.length).toBe(2)
    })
  )

  it.effect("is corrected for all who were refused together", () =>
    Effect.gen(function* () {
      const both = Effect.all([put, put], { concurrency: 2 })
      const late = { ...skewed(minutes(20)), after: "1 second" } as const
      const { requests, tag } = yield* outcome(both, [skewed(minutes(20)), late, ok, ok], {
        settings: { retry: RetryPolicy.none }
      })
      expect([tag, requests.length]).toEqual(["Success", 4])
    })
  )

  it.effect("once corrected, is right for the client's other calls", () =>
    Effect.gen(function* () {
      const offsets = yield* starts(Effect.zipRight(put, put), [skewed(minutes(20)), ok, ok])
      expect(offsets).toEqual([0, minutes(20), minutes(20)])
    })
  )

  it.effect("is corrected although this body cannot be sent again", () =>
    Effect.gen(function* () {
      const oneShot = Cos.putObject({ key, body: Body.stream(Stream.make(Buffer.from("once")), { size: 4 }) })
      const offsets = yield* starts(Effect.zipRight(Effect.ignore(oneShot), put), [skewed(minutes(20)), ok])
      expect(offsets).toEqual([0, minutes(20)])
    })
  )

  it.effect("can be left alone", () =>
    Effect.gen(function* () {
      expect(yield* starts(put, [skewed(minutes(20))], { correctClockSkew: false })).toEqual([0])
    })
  )

  it.effect("every attempt is signed for its own time", () =>
    Effect.gen(function* () {
      const { requests } = yield* outcome(
        put,
        [{ status: 503, headers: { "retry-after": "60" } }, { ...fromCos(503), after: "20 minutes" }, ok],
        {
          settings: { timeLimits: { attempt: "1 hour" }, retry: RetryPolicy.make({ within: "1 hour" }) }
        }
      )
      const [first, second, third] = requests.map((request) => request.at - start(request))
      for (const age of [first, second, third]) {
        expect(age).toBeLessThanOrEqual(600_000)
        expect(age).toBeGreaterThanOrEqual(0)
      }
      expect(requests.length).toBe(3)
    })
  )
})

describe("refused keys", () => {
  const provider = () => {
    let asked = 0
    const layer = Credentials.layerProvider(
      Effect.sync(() => {
        asked += 1
        return Credentials.accessKey({ secretId: `id-${asked}`, secretKey: "secret", token: `token-${asked}` })
      })
    )
    return { layer, asked: () => asked }
  }
  const usesFirst = (request: Scripted.Recorded) => request.headers["x-cos-security-token"] === "token-1"
  const refuseFirst =
    (code: string): Scripted.Step =>
    (request) =>
      usesFirst(request) ? Scripted.error(code === "ExpiredToken" ? 400 : 403, code) : ok

  it.effect("are renewed once, for any number of fibers", () =>
    Effect.gen(function* () {
      for (const code of ["ExpiredToken", "InvalidAccessKeyId"]) {
        const { asked, layer } = provider()
        const client = Scripted.make(times(40, refuseFirst(code)), {
          credentials: layer,
          settings: { retry: RetryPolicy.none }
        })
        yield* Effect.all(times(20, put), { concurrency: "unbounded" }).pipe(Effect.provide(client.layer))
        expect(asked()).toBe(2)
        expect(client.requests.filter(usesFirst).length).toBe(20)
        expect(client.requests.length).toBe(40)
      }
    })
  )

  it.effect("are renewed although this body cannot be sent again", () =>
    Effect.gen(function* () {
      const { layer } = provider()
      const oneShot = Cos.putObject({ key, body: Body.stream(Stream.make(Buffer.from("once")), { size: 4 }) })
      const client = Scripted.make(times(2, refuseFirst("ExpiredToken")), { credentials: layer })
      yield* Effect.zipRight(Effect.flip(oneShot), put).pipe(Effect.provide(client.layer))
      expect(client.requests.map(usesFirst)).toEqual([true, false])
    })
  )

  it.effect("a wrong signature is final", () =>
    Effect.gen(function* () {
      const found = yield* outcome(put, [Scripted.error(403, "SignatureDoesNotMatch")])
      expect([found.tag, found.requests.length]).toEqual(["AuthenticationFailed", 1])
    })
  )

  it.effect("no keys, no signature", () =>
    Effect.gen(function* () {
      const { requests } = yield* outcome(put, [ok], { credentials: Credentials.layerAnonymous })
      expect(requests[0]?.headers).not.toHaveProperty("authorization")
    })
  )
})

describe("time limits", () => {
  const silent: Scripted.Step = { silence: true }
  const timed = (
    run: Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>,
    step: Scripted.Step,
    settings: CosClient.Settings = {}
  ) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(0)
      const { layer } = Scripted.make([step], { settings: { retry: RetryPolicy.none, ...settings } })
      const fiber = yield* run.pipe(
        Effect.scoped,
        Effect.provide(layer),
        Effect.flip,
        Effect.zip(Effect.clockWith((clock) => clock.currentTimeMillis)),
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      return yield* Fiber.join(fiber)
    })
  const timeout = (phase: string) => ({ _tag: "TransportError", reason: "Timeout", phase })

  it.effect("an attempt: 30 seconds", () =>
    Effect.gen(function* () {
      const [error, at] = yield* timed(Cos.headBucket(), silent)
      expect(error).toMatchObject(timeout("response"))
      expect(at).toBe(30_000)
    })
  )

  it.effect("and the time that its body may take, so that a slow upload is not cut", () =>
    Effect.gen(function* () {
      const body = new Uint8Array(64 * 1024 * 10)
      const [error, at] = yield* timed(Cos.putObject({ key, body }), silent)
      expect(error).toMatchObject(timeout("response"))
      expect(at).toBe(40_000)
      const [, sooner] = yield* timed(Cos.putObject({ key, body }), silent, {
        timeLimits: { attempt: "1 second", minBytesPerSecond: 65_536 * 10 }
      })
      expect(sooner).toBe(2000)
    })
  )

  it.effect("all in whole milliseconds, so that those of many requests at once come to the same", () =>
    Effect.gen(function* () {
      const many = Cos.deleteObjects({ objects: times(4, "key\r") })
      const { requests } = yield* outcome(Effect.zip(many, put, { concurrent: true }), times(25, { silence: true }))
      expect(requests).toHaveLength(25)
      expect(requests.map(({ at }) => at).filter((at) => !Number.isInteger(at))).toEqual([])
    })
  )

  it.effect("between two pieces of a body: 30 seconds", () =>
    Effect.gen(function* () {
      const headers = { ...ok.headers, "last-modified": new Date(0).toUTCString() }
      const stalling = Stream.concat(Stream.make(Buffer.from("some")), Stream.never)
      const read = Effect.flatMap(Cos.getObject({ key }), ({ body }) => Stream.runDrain(body))
      const [error, at] = yield* timed(read, { headers, body: stalling })
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBe(30_000)
    })
  )

  it.effect("of documents too", () =>
    Effect.gen(function* () {
      const stalling = Stream.concat(Stream.make(Buffer.from("<ListBucketResult>")), Stream.never)
      const [error, at] = yield* timed(Cos.listObjects(), { body: stalling }, { timeLimits: { idle: "5 seconds" } })
      expect(error).toMatchObject(timeout("body"))
      expect(at).toBe(5000)
    })
  )
})

describe("bodies of answers", () => {
  const headers = { ...ok.headers, "last-modified": new Date(0).toUTCString() }
  const read = Cos.getObject({ key }).pipe(
    Effect.flatMap(({ body }) => Stream.runCollect(body)),
    Effect.map((chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)).toString()),
    Effect.scoped
  )
  const rows: ReadonlyArray<readonly [title: string, announced: string | undefined, expected: object]> = [
    ["whole", "5", { right: "bytes" }],
    ["of no announced length", undefined, { right: "bytes" }],
    ["cut off", "6", { left: { _tag: "TruncatedBody", expected: 6, received: 5, key, bucket: Scripted.bucket } }],
    ["too long", "4", { left: { _tag: "TruncatedBody", expected: 4, received: 5 } }]
  ]
  it.effect.each(rows)("%s", ([, announced, expected]) =>
    Effect.gen(function* () {
      const body = Stream.make(Buffer.from("by"), Buffer.from("tes"))
      const { result } = yield* outcome(read, [{ headers: { ...headers, "content-length": announced }, body }])
      expect(result).toMatchObject(expected)
    })
  )

  it.effect("documents are bounded", () =>
    Effect.gen(function* () {
      const { result } = yield* outcome(Cos.listObjects(), [{ body: "<ListBucketResult></ListBucketResult>" }], {
        settings: { maxDocumentBytes: 36, retry: RetryPolicy.none }
      })
      expect(result).toMatchObject({ left: { _tag: "MalformedResponse" } })
    })
  )
})

const redactedKey = (size: number) => Redacted.make(new Uint8Array(size))
const complete = (...numbers: ReadonlyArray<number>) =>
  Cos.completeMultipartUpload({
    key,
    uploadId: "u",
    parts: numbers.map((partNumber) => ({ partNumber, eTag: '"a"' }))
  })

describe("what cannot be sent unchanged", () => {
  const loneSurrogate = "\ud800"
  const sized = (size: number) => Body.stream(Stream.empty, { size })
  const rows: ReadonlyArray<
    readonly [
      title: string,
      Effect.Effect<unknown, unknown, CosClient.CosClient>,
      field: string,
      options?: Scripted.Options
    ]
  > = [
    ["no bucket", Cos.headBucket(), "bucket", { settings: { bucket: undefined } }],
    ["no region", Cos.headBucket(), "region", { settings: { region: undefined } }],
    ["a bucket without its number", Cos.headBucket({ bucket: "bucket" }), "bucket"],
    ["a region with dots", Cos.headBucket({ region: "cos.ap-guangzhou" }), "region"],
    ["an empty key", Cos.deleteObject({ key: "" }), "key"],
    ["a key of 851 bytes", Cos.deleteObject({ key: "a".repeat(851) }), "key"],
    ["a key that begins with /", Cos.deleteObject({ key: "/a" }), "key"],
    ["a key with a lone surrogate", Cos.deleteObject({ key: loneSurrogate }), "key"],
    ["a key with NUL", Cos.deleteObject({ key: "a\0" }), "key"],
    ["dot segments, without a raw path", Cos.deleteObject({ key: "a/../b" }), "key", { transport: { rawPath: false } }],
    [
      "a stream, without its length",
      Cos.putObject({ key, body: sized(0) }),
      "body",
      { transport: { contentLength: false } }
    ],
    ["a query with a lone surrogate", Cos.listObjects({ prefix: loneSurrogate }), "prefix"],
    ["a header outside of Latin-1", Cos.putObject({ key, contentType: "文" }), "contentType"],
    ["a header with a line end", Cos.putObject({ key, cacheControl: "a\r\nx-cos-acl: public-read" }), "cacheControl"],
    ["metadata outside of Latin-1", Cos.putObject({ key, metadata: { a: "文" } }), "metadata"],
    ["a name of metadata", Cos.putObject({ key, metadata: { a_b: "1" } }), "metadata"],
    ["metadata of over 2 KB", Cos.putObject({ key, metadata: { a: "b".repeat(2049) } }), "metadata"],
    [
      "metadata of over 4 KB",
      Cos.putObject({ key, metadata: { a: "a".repeat(2048), b: "b".repeat(2047) } }),
      "metadata"
    ],
    ["too slow", Cos.putObject({ key, trafficLimit: 819_199 }), "trafficLimit"],
    ["too fast", Cos.putObject({ key, trafficLimit: 838_860_801 }), "trafficLimit"],
    ["part 0", Cos.uploadPart({ key, uploadId: "u", partNumber: 0, body: "" }), "partNumber"],
    ["part 10,001", Cos.uploadPart({ key, uploadId: "u", partNumber: 10_001, body: "" }), "partNumber"],
    ["half a part", Cos.uploadPart({ key, uploadId: "u", partNumber: 1.5, body: "" }), "partNumber"],
    ["an object of over 5 GiB", Cos.putObject({ key, body: sized(5 * 1024 ** 3 + 1) }), "body"],
    ["a part of over 5 GiB", Cos.uploadPart({ key, uploadId: "u", partNumber: 1, body: sized(2 ** 40) }), "body"],
    ["half a byte", Cos.appendObject({ key, position: 0, body: sized(0.5) }), "body"],
    ["less than nothing", Cos.putObject({ key, body: sized(-1) }), "body"],
    ["an unknown ACL", Cos.putObject({ key, acl: "public" as "private" }), "acl"],
    [
      "eleven tags",
      Cos.putObject({ key, tagging: Object.fromEntries(times(11, 0).map((_, i) => [`k${i}`, ""])) }),
      "tagging"
    ],
    ["a page of 1,001", Cos.listObjects({ maxKeys: 1001 }), "maxKeys"],
    ["a delimiter of two", Cos.listObjects({ delimiter: "ab" }), "delimiter"],
    ["a range that ends before it begins", Cos.headObject({ key, range: { start: 2, end: 1 } }), "range"],
    ["no keys to delete", Cos.deleteMultipleObjects({ objects: [] }), "objects"],
    ["1,001 keys to delete", Cos.deleteMultipleObjects({ objects: times(1001, { key }) }), "objects"],
    ["a key that XML alters", Cos.deleteMultipleObjects({ objects: [{ key: "a\r" }] }), "objects[0].key"],
    ["a short key of encryption", Cos.putObject({ key, customerKey: redactedKey(31) }), "customerKey"],
    ["a source with a bad version", Cos.copyObject({ key, source: { key, versionId: loneSurrogate } }), "source"],
    ["a source with a bad key", Cos.copyObject({ key, source: { key: "" } }), "source"],
    ["a source with a bad bucket", Cos.copyObject({ key, source: { key, bucket: "b" } }), "source.bucket"],
    ["parts out of order", complete(2, 1), "parts"],
    ["a part twice", complete(1, 1), "parts"],
    ["no parts", complete(), "parts"],
    ["an unknown header that is ours", Cos.putObject({ key, extra: { headers: { Host: "a" } } }), "Host"],
    [
      "a header given twice",
      Cos.putObject({ key, contentType: "a", extra: { headers: { "content-type": "b" } } }),
      "content-type"
    ],
    ["a name of a header", Cos.putObject({ key, extra: { headers: { "a b": "c" } } }), "a b"],
    ["a parameter given twice", Cos.listObjects({ prefix: "a", extra: { query: { prefix: "b" } } }), "prefix"],
    // Transports drop outer blanks and tabs, which the signature would count.
    ["a blank before a value", Cos.putObject({ key, contentType: " text/plain" }), "contentType"],
    ["a tab after a value", Cos.putObject({ key, cacheControl: "no-cache\t" }), "cacheControl"],
    ["a blank after a condition", Cos.headObject({ key, ifMatch: '"a" ' }), "ifMatch"],
    ["a value of nothing but a blank", Cos.putObject({ key, contentLanguage: " " }), "contentLanguage"],
    ["a blank before metadata", Cos.putObject({ key, metadata: { a: " b" } }), "metadata"],
    ["a tab before a header", Cos.putObject({ key, extra: { headers: { "x-cos-a": "\tb" } } }), "x-cos-a"],
    ["a blank in what is presigned", Presign.request(Cos.putObject, { key, contentType: "a " }), "contentType"],
    ["a blank in a field of a form", Presign.form({ key, contentType: "a " }), "contentType"],
    ["a parameter with a lone surrogate", Cos.listObjects({ extra: { query: { a: loneSurrogate } } }), "a"]
  ]
  it.effect.each(rows)("%s", ([, run, field, options]) =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([], options)
      const error = yield* Effect.flip(Effect.provide(run, layer))
      expect(error).toMatchObject({ _tag: "InvalidInput", field })
      expect((error as CosError.InvalidInput).reason).not.toBe("")
      expect(requests).toEqual([])
    })
  )
})

describe("bucket and region", () => {
  const hostOf = (run: Effect.Effect<unknown, unknown, CosClient.CosClient>) =>
    Effect.map(outcome(run, [{}]), ({ requests }) => requests[0]?.host)

  it.effect("the nearest wins: the input, what surrounds it, the client", () =>
    Effect.gen(function* () {
      const inside = CosClient.withBucket("inside-1", { region: "ap-beijing" })
      expect(yield* hostOf(Cos.headBucket())).toBe(Scripted.host)
      expect(yield* hostOf(Cos.headBucket().pipe(inside))).toBe("inside-1.cos.ap-beijing.myqcloud.com")
      expect(yield* hostOf(CosClient.withBucket(Cos.headBucket(), "inside-1"))).toBe(
        "inside-1.cos.ap-guangzhou.myqcloud.com"
      )
      expect(yield* hostOf(Cos.headBucket({ bucket: "input-1", region: "sg" }).pipe(inside))).toBe(
        "input-1.sg.myqcloud.com"
      )
    })
  )
})

describe("telemetry", () => {
  const collect = () => {
    const spans: Array<{ readonly name: string; readonly attributes: ReadonlyMap<string, unknown> }> = []
    const tracer = Tracer.make({
      context: (f) => f(),
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        spans.push({ name, attributes })
        return {
          _tag: "Span",
          name,
          spanId: String(spans.length),
          traceId: "trace",
          parent,
          context,
          status: { _tag: "Started", startTime },
          attributes,
          links,
          sampled: true,
          kind,
          end: () => {},
          attribute: (key, value) => attributes.set(key, value),
          event: () => {},
          addLinks: () => {}
        } as Tracer.Span
      }
    })
    return { spans, tracer }
  }

  it.effect("a span for each operation, with what came of its last attempt", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collect()
      yield* outcome(put.pipe(Effect.withTracer(tracer)), [fromCos(503), ok])
      expect(spans.map(({ name }) => name)).toEqual(["Cos.putObject"])
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toEqual({
        "http.request.method": "PUT",
        "http.response.status_code": 200,
        "cos.attempt": 2,
        "cos.bucket": Scripted.bucket,
        "cos.region": Scripted.region,
        "cos.request_id": Scripted.requestId
      })
    })
  )

  it.effect("and none of the HTTP client's own, which shows URLs and headers", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collect()
      const http = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { headers: { etag: '"a"' } })))
      )
      const layer = CosClient.layer({ bucket: Scripted.bucket, region: Scripted.region }).pipe(
        Layer.provide([Credentials.layerStatic(Scripted.keys), Layer.succeed(HttpClient.HttpClient, http)])
      )
      yield* put.pipe(Effect.provide(layer), Effect.withTracer(tracer))
      expect(spans.map(({ name }) => name)).toEqual(["Cos.putObject"])
    })
  )

  it.effect("metrics: what was sent, what came, and how long the operations took that succeeded", () =>
    Effect.gen(function* () {
      const counts = Effect.map(Metric.snapshot, (pairs) => {
        const stateOf = (name: string) => {
          const found = Array.from(pairs).find(
            ({ metricKey }) =>
              metricKey.name === name &&
              metricKey.tags.every(({ key, value }) => key !== "operation" || value === "putObject")
          )
          return (found?.metricState ?? {}) as { readonly count?: number; readonly sum?: number }
        }
        const duration = stateOf("cos_operation_duration")
        return [
          stateOf("cos_attempts_total").count,
          stateOf("cos_bytes_sent_total").count,
          stateOf("cos_bytes_received_total").count,
          duration.count,
          duration.sum
        ].map((value) => value ?? 0)
      })
      const before = yield* counts
      yield* outcome(put, [fromCos(503), { ...ok, after: "2 seconds" }], {
        settings: { retry: RetryPolicy.make({ base: 0 }) }
      })
      yield* outcome(put, [{ status: 404, body: "<Error></Error>" }])
      const after = yield* counts
      expect(after.map((value, i) => value - (before[i] ?? 0))).toEqual([3, 15, 15, 1, 2000])
    })
  )

  it.effect("with keys where that is asked for", () =>
    Effect.gen(function* () {
      const { spans, tracer } = collect()
      yield* outcome(put.pipe(Effect.withTracer(tracer)), [ok], { settings: { traceObjectKeys: true } })
      expect(spans[0]?.attributes.get("cos.key")).toBe(key)
    })
  )
})
