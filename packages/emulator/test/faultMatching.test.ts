import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { bucket, send } from "./support/client.js"
import { emulator, put } from "./support/faulty.js"

describe("a matcher", () => {
  const status = (...[method, options]: Parameters<typeof send>) =>
    Effect.map(send(method, options), (answer) => answer.status)

  it.effect("selects by operation, bucket, key, part number and method", () =>
    Effect.gen(function* () {
      const { clearFaults, fault } = yield* Emulator
      const hits = (on: Fault.Matcher) =>
        Effect.gen(function* () {
          const handle = yield* fault({ on: { times: Number.POSITIVE_INFINITY, ...on }, do: Fault.status(500) })
          yield* send("PUT", { key: "a", body: "x" })
          yield* send("PUT", { key: "b", body: "x" })
          yield* send("GET", { key: "a" })
          yield* send("PUT", { key: "a", query: { partNumber: "2", uploadId: "U" }, body: "x" })
          yield* send("GET", {})
          yield* clearFaults
          return yield* handle.fired
        })
      expect(yield* hits({})).toBe(5)
      expect(yield* hits({ operation: "putObject" })).toBe(2)
      expect(yield* hits({ operation: "putObject", key: "b" })).toBe(1)
      expect(yield* hits({ key: "a" })).toBe(3)
      expect(yield* hits({ method: "PUT" })).toBe(3)
      expect(yield* hits({ operation: "uploadPart", partNumber: 2 })).toBe(1)
      expect(yield* hits({ partNumber: 3 })).toBe(0)
      expect(yield* hits({ bucket })).toBe(5)
      expect(yield* hits({ bucket: "other-1250000000" })).toBe(0)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("counts matching requests: nth and times", () =>
    Effect.gen(function* () {
      const { fault } = yield* Emulator
      const handle = yield* fault({ on: { nth: 2, times: 2 }, do: Fault.status(500) })
      const seen = yield* Effect.forEach([1, 2, 3, 4], () => status("GET", {}))
      expect(seen).toEqual([200, 500, 500, 200])
      expect([yield* handle.matched, yield* handle.fired]).toEqual([4, 2])
      const endless = yield* fault({ on: { times: "all" }, do: Fault.status(501) })
      expect(yield* Effect.forEach([1, 2], () => status("GET", {}))).toEqual([501, 501])
      yield* endless.remove
      expect(yield* status("GET", {})).toBe(200)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("applies several faults to one request", () =>
    Effect.gen(function* () {
      const { fault, journal } = yield* Emulator
      yield* fault({ do: Fault.status(503) })
      yield* fault({ do: Fault.noRequestId })
      const answer = yield* send("GET", {})
      expect([answer.status, answer.headers["x-cos-request-id"]]).toEqual([503, undefined])
      expect((yield* journal)[0]?.faults).toEqual([1, 2])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("must name an existing operation", () =>
    Effect.gen(function* () {
      const { fault } = yield* Emulator
      const set = (operation: string) => Effect.sandbox(fault({ on: { operation }, do: Fault.status(500) }))
      const hinted = yield* Effect.flip(set("UploadPart"))
      expect(Cause.pretty(hinted)).toContain("There is no operation UploadPart. Is it uploadPart?")
      expect(Cause.pretty(yield* Effect.flip(set("unheardOf")))).toContain("There is no operation unheardOf.")
    }).pipe(Effect.provide(emulator))
  )

  it("is data", () => {
    const spec: Fault.FaultSpec = {
      on: { operation: "putObject", nth: 2, times: "all" },
      do: Fault.keepAliveBlanks(2, "1 second")
    }
    const decode = Schema.decodeUnknownSync(Fault.FaultSpec)
    expect(decode(JSON.parse(JSON.stringify(spec)))).toEqual(spec)
    for (const wrong of [
      { do: { _tag: "Mischief" } },
      { do: { _tag: "Slow", bytesPerSecond: 0 } },
      { do: { _tag: "Reset", afterBytes: -1 } },
      { on: { nth: 0 }, do: { _tag: "LostResponse" } },
      { on: { times: "some" }, do: { _tag: "LostResponse" } }
    ]) {
      expect(() => decode(wrong), JSON.stringify(wrong)).toThrow()
    }
  })
})

describe("a scoped fault", () => {
  const scoped = (use: Effect.Effect<unknown, unknown, Emulator | HttpClient.HttpClient>) =>
    Effect.gen(function* () {
      const { faults, scopedFault } = yield* Emulator
      const spec: Fault.FaultSpec = { on: { operation: "getObject" }, do: Fault.status(503) }
      const exit = yield* Effect.exit(Effect.scoped(Effect.zipRight(scopedFault(spec), use)))
      expect(yield* faults).toEqual([])
      return exit
    })

  it.effect("must act before its scope closes", () =>
    Effect.gen(function* () {
      expect(Exit.isSuccess(yield* scoped(send("GET", { key: "k" })))).toBe(true)
      const idle = yield* scoped(send("PUT", put))
      expect(Exit.isFailure(idle) && Cause.isDie(idle.cause) && Cause.pretty(idle.cause)).toContain(
        'A fault never acted, because no request matched: {"on":{"operation":"getObject"}'
      )
      // Whoever failed has said why.
      expect(yield* scoped(Effect.fail("otherwise"))).toEqual(Exit.fail("otherwise"))
    }).pipe(Effect.provide(emulator))
  )
})
