import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Endpoint from "effect-cos/Endpoint"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { elapse, fromCos, fromElsewhere, key, ok, outcome, put, times } from "./support/outcome.js"
import * as Scripted from "./support/ScriptedClient.js"
import { verify } from "./support/verify.js"

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

  it.effect("gives up when the service asks for too long a delay, and says how long", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* outcome(put, [{ status: 503, headers: { "retry-after": "86400" } }])
      expect(requests.length).toBe(1)
      expect(result).toMatchObject({ left: { _tag: "ServerFault", retryAfter: Duration.days(1) } })
    })
  )

  it.effect("makes five attempts, each marked as a retry and signed anew", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* outcome(put, times(5, fromCos(503)))
      expect(result).toMatchObject({ left: { _tag: "ServerFault", status: 503 } })
      expect(requests.map(({ headers }) => headers["x-cos-sdk-retry"])).toEqual([undefined, ...times(4, "true")])
      expect(requests.every((request) => verify(request, Scripted.keys))).toBe(true)
      expect(requests.every(({ text }) => text === "bytes")).toBe(true)
    })
  )

  it.effect("draws its delays below a bound that doubles", () =>
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

  it.effect("the policy of the fiber overrides that of the client", () =>
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

  it.effect("begins no attempt after its time is over", () =>
    Effect.gen(function* () {
      const schedule = Schedule.spaced("1 second")
      const policy = {
        ...RetryPolicy.make({ attempts: 100, upToMonotonic: "1 second", base: "1 minute", cap: "1 minute" })
      }
      const { requests } = yield* outcome(put, times(100, fromCos(503)), { settings: { retry: policy } })
      expect(requests.length).toBeLessThan(5)
      // The delay counts, whatever asks for it.
      const slowDown = { ...Scripted.error(503, "SlowDown"), headers: { "retry-after": "30" } }
      for (const [limit, count] of [
        ["29 seconds", 1],
        ["31 seconds", 2],
        ["61 seconds", 3]
      ] as const) {
        const asked = yield* outcome(put, times(100, slowDown), {
          settings: { retry: RetryPolicy.make({ attempts: 100, upToMonotonic: limit }) }
        })
        expect([limit, asked.requests.length]).toEqual([limit, count])
      }
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

  it.effect("is left again when the call ends", () =>
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
