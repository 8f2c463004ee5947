import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { fromCos, key, ok, outcome, put, times } from "./support/outcome.js"
import * as Scripted from "./support/ScriptedClient.js"

describe("a kept connection that the server had closed", () => {
  const stale: Scripted.Step = { failure: { code: "UND_ERR_SOCKET", staleConnection: true } }

  it.effect("is replaced at once, whatever the policy", () =>
    Effect.gen(function* () {
      const { layer, requests } = Scripted.make([stale, ok], { settings: { retry: RetryPolicy.none } })
      yield* Effect.provide(put, layer)
      expect(requests.map(({ at }) => at)).toEqual([0, 0])
    })
  )

  it.effect("is tried again only once", () =>
    Effect.gen(function* () {
      const found = yield* outcome(put, [stale, stale], { settings: { retry: RetryPolicy.none } })
      expect([found.tag, found.requests.length]).toEqual(["TransportError", 2])
    })
  )
})

describe("a clock that the service rejects", () => {
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

  it.effect("the response to a HEAD shows it by its Date alone", () =>
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

  it.effect("is corrected for all requests that were rejected together", () =>
    Effect.gen(function* () {
      const both = Effect.all([put, put], { concurrency: 2 })
      const late = { ...skewed(minutes(20)), after: "1 second" } as const
      const { requests, tag } = yield* outcome(both, [skewed(minutes(20)), late, ok, ok], {
        settings: { retry: RetryPolicy.none }
      })
      expect([tag, requests.length]).toEqual(["Success", 4])
    })
  )

  it.effect("stays corrected for the other calls of the client", () =>
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

  it.effect("is left alone with correctClockSkew off", () =>
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
          settings: { timeLimits: { attempt: "1 hour" }, retry: RetryPolicy.make({ upToMonotonic: "1 hour" }) }
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

describe("rejected access keys", () => {
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

  it.effect("an anonymous client signs nothing", () =>
    Effect.gen(function* () {
      const { requests } = yield* outcome(put, [ok], { credentials: Credentials.layerAnonymous })
      expect(requests[0]?.headers).not.toHaveProperty("authorization")
    })
  )
})
