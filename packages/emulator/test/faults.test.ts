import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it, vi } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { request, type Send, send } from "./support/client.js"
import { answered, broken, emulator, failed, keys, put, reset } from "./support/faulty.js"

describe("a fault instead of the operation", () => {
  it.effect("responds with a status, and nothing is stored", () =>
    Effect.gen(function* () {
      const plain = yield* answered(Fault.status(520), "PUT", put)
      expect([plain.status, plain.text]).toEqual([520, ""])
      expect(plain.headers["x-cos-request-id"]).toBeDefined()
      const slow = yield* answered(Fault.retryAfter(2), "PUT", put)
      expect([slow.status, slow.code, slow.headers["retry-after"]]).toEqual([503, "SlowDown", "2"])
      const page = yield* answered(
        Fault.status(502, { headers: { "Content-Type": "text/html" }, body: "<html>" }),
        "PUT",
        put
      )
      expect([page.text, page.headers["content-type"]]).toEqual(["<html>", "text/html"])
      const moved = yield* answered(Fault.redirect(301, "http://elsewhere/"), "GET", { key: "k" })
      expect([moved.status, moved.headers.location]).toEqual([301, "http://elsewhere/"])
      const over = yield* answered(Fault.expiredCredentials, "PUT", put)
      expect([over.status, over.code]).toEqual([400, "ExpiredToken"])
      expect(yield* keys).toEqual([])
      const received = (yield* (yield* Emulator).journal).map(({ bytesReceived }) => bytesReceived)
      expect(received).toEqual([0, 0, 0, 0, 0])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("resets the connection before or within the request's body", () =>
    Effect.gen(function* () {
      const big: Send = { key: "k", body: new Uint8Array(300_000) }
      expect(yield* failed(Fault.resetBefore, "PUT", big)).toMatchObject(reset)
      expect(yield* failed(Fault.resetAfterBytes(100_000), "PUT", big)).toMatchObject(reset)
      expect(yield* failed(Fault.resetAfterBytes(1_000_000), "PUT", big)).toMatchObject(reset)
      expect((yield* answered(Fault.statusAfterBytes(100_000, 403, { code: "AccessDenied" }), "PUT", big)).status).toBe(
        403
      )
      const received = (yield* (yield* Emulator).journal).map(({ bytesReceived }) => bytesReceived)
      expect(received).toEqual([0, 131_072, 300_000, 131_072])
      expect(yield* keys).toEqual([])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("acts before the signature is checked", () =>
    Effect.gen(function* () {
      expect((yield* answered(Fault.status(500), "GET", { key: "k", as: null })).status).toBe(500)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("waits before or after the operation", () =>
    Effect.gen(function* () {
      for (const when of ["before", "after"] as const) {
        yield* (yield* Emulator).reset
        yield* (yield* Emulator).fault({ do: Fault.delay("5 seconds", when) })
        const fiber = yield* Effect.fork(send("PUT", put))
        yield* TestClock.adjust("4999 millis")
        expect(yield* keys).toEqual(when === "before" ? [] : ["k"])
        expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
        yield* TestClock.adjust("1 millis")
        expect((yield* Fiber.join(fiber)).status).toBe(200)
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("acknowledges a part without storing it", () =>
    Effect.gen(function* () {
      const opened = yield* send("POST", { key: "k", query: { uploads: "" } })
      const uploadId = /<UploadId>([^<]*)</.exec(opened.text)?.[1] ?? ""
      const part = yield* answered(Fault.forgetPart, "PUT", {
        key: "k",
        query: { partNumber: "1", uploadId },
        body: "x"
      })
      expect([part.status, part.headers.etag]).toEqual([200, '"9dd4e461268c8034f5c8564e155c67a6"'])
      expect((yield* (yield* Emulator).unfinishedUploads)[0]?.parts).toEqual([])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("hides headers from the operation, but not from the signature check", () =>
    Effect.gen(function* () {
      yield* send("PUT", put)
      const ranged: Send = { key: "k", headers: { range: "bytes=0-1", "if-match": '"other"' } }
      const whole = yield* answered(Fault.ignoreHeaders("Range", "If-Match"), "GET", ranged)
      expect([whole.status, whole.text]).toEqual([200, "0123456789"])
      expect((yield* send("GET", ranged)).status).toBe(412)
    }).pipe(Effect.provide(emulator))
  )
})

describe("a fault within the operation", () => {
  it.effect("makes the disk full", () =>
    Effect.gen(function* () {
      const big: Send = { key: "big", body: new Uint8Array(300_000) }
      for (const [fault, request] of [
        [Fault.diskFull, put],
        [Fault.diskFull, big],
        [Fault.diskFullAfterBytes(299_999), big]
      ] as const) {
        const full = yield* answered(fault, "PUT", request)
        expect([full.status, full.code]).toEqual([500, "InternalError"])
        expect(full.text).toContain("No space left")
      }
      expect((yield* answered(Fault.diskFull, "POST", { key: "k", query: { uploads: "" } })).status).toBe(500)
      expect(yield* (yield* Emulator).unfinishedUploads).toEqual([])
      expect(yield* keys).toEqual([])
      const { fault } = yield* Emulator
      const roomy = yield* fault({ do: Fault.diskFullAfterBytes(300_000) })
      expect((yield* send("PUT", big)).status).toBe(200)
      expect([yield* roomy.matched, yield* roomy.fired]).toEqual([1, 0])
      expect((yield* send("GET", { key: "big" })).bytes).toHaveLength(300_000)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("kills the process at a point of the write", () =>
    Effect.gen(function* () {
      const { fault } = yield* Emulator
      const kill = vi.spyOn(process, "kill").mockReturnValue(true)
      yield* Effect.addFinalizer(() => Effect.sync(() => kill.mockRestore()))
      const big: Send = { key: "k", body: new Uint8Array(300_000) }
      /** What is stored when the process would be gone: it never goes on from there. */
      const left = (how: Fault.Fault) =>
        Effect.gen(function* () {
          kill.mockClear()
          const handle = yield* fault({ do: how })
          const fiber = yield* Effect.fork(send("PUT", big))
          yield* Effect.repeat(Effect.yieldNow(), { until: () => kill.mock.calls.length > 0 })
          expect(kill.mock.calls).toEqual([[process.pid, "SIGKILL"]])
          expect(yield* handle.fired).toBe(1)
          const [entry] = (yield* (yield* Emulator).journal).slice(-1)
          expect(entry).toMatchObject({ outcome: "pending", status: undefined })
          const found = yield* keys
          yield* Fiber.interrupt(fiber)
          return [found, entry?.bytesReceived]
        })
      expect(yield* left(Fault.die("write"))).toEqual([[], 65_536])
      expect(yield* left(Fault.die("write", 200_000))).toEqual([[], 262_144])
      expect(yield* left(Fault.die("staged"))).toEqual([[], 300_000])
      expect(yield* left(Fault.die("commit"))).toEqual([[], 300_000])
      expect(yield* left(Fault.die("committed"))).toEqual([["k"], 300_000])
    }).pipe(Effect.scoped, Effect.provide(emulator))
  )
})

describe("a fault after the operation", () => {
  it.effect("loses the response, not the object", () =>
    Effect.gen(function* () {
      expect(yield* failed(Fault.lostResponse, "PUT", put)).toMatchObject(reset)
      expect(yield* keys).toEqual(["k"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("responds 200 with an error document, with or without doing the operation", () =>
    Effect.gen(function* () {
      const said = yield* answered(Fault.errorIn200("InternalError"), "PUT", put)
      expect([said.status, said.code]).toEqual([200, "InternalError"])
      expect(yield* keys).toEqual([])
      const done = yield* answered(Fault.errorIn200("SlowDown", { committed: true }), "PUT", put)
      expect([done.status, done.code]).toEqual([200, "SlowDown"])
      expect(yield* keys).toEqual(["k"])
    }).pipe(Effect.provide(emulator))
  )
})

describe("silence", () => {
  for (const when of ["before", "after"] as const) {
    it.effect(`${when} the operation ends when the client goes`, () =>
      Effect.gen(function* () {
        const { fault, journal } = yield* Emulator
        const handle = yield* fault({ do: Fault.silence(when) })
        const fiber = yield* Effect.fork(Effect.timeoutOption(send("PUT", put), "1 minute"))
        yield* TestClock.adjust("59 seconds")
        expect((yield* journal)[0]).toMatchObject({ outcome: "pending", bytesReceived: 10 })
        yield* TestClock.adjust("1 seconds")
        expect(Option.isNone(yield* Fiber.join(fiber))).toBe(true)
        expect(yield* handle.fired).toBe(1)
        expect((yield* journal)[0]).toMatchObject({ outcome: "clientClosed", status: undefined })
        expect(yield* keys).toEqual(when === "before" ? [] : ["k"])
      }).pipe(Effect.provide(emulator))
    )
  }

  it.effect("holds up a client that cannot be interrupted, as a socket would", () =>
    Effect.gen(function* () {
      yield* (yield* Emulator).fault({ do: Fault.silence() })
      const fiber = yield* Effect.fork(Effect.uninterruptible(send("PUT", put)))
      yield* TestClock.adjust("1 minute")
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 minute")
      expect(Option.isNone(yield* Fiber.poll(interrupting))).toBe(true)
      expect((yield* (yield* Emulator).journal)[0]?.outcome).toBe("pending")
    }).pipe(Effect.provide(emulator))
  )
})

describe("a fault in the response", () => {
  const stored = Effect.zipRight(send("PUT", put), Effect.void)

  it.effect("breaks it off", () =>
    Effect.gen(function* () {
      yield* stored
      const partly = (fault: Fault.Fault) =>
        Effect.gen(function* () {
          const handle = yield* (yield* Emulator).fault({ do: fault })
          const client = yield* HttpClient.HttpClient
          const response = yield* client.execute(yield* request("GET", { key: "k" }))
          const seen = yield* Ref.make("")
          const error = yield* response.stream.pipe(
            Stream.runForEach((chunk) => Ref.update(seen, (text) => text + Buffer.from(chunk).toString())),
            Effect.flip
          )
          expect(yield* handle.fired).toBe(1)
          return [response.headers["content-length"], yield* Ref.get(seen), error] as const
        })
      const [length, seen, error] = yield* partly(Fault.truncate(4))
      expect([length, seen]).toEqual(["10", "0123"])
      expect(error).toMatchObject(broken)
      expect((yield* partly(Fault.resetResponseAfterBytes(0))).slice(0, 2)).toEqual(["10", ""])
      expect((yield* partly(Fault.wrongLength(2))).slice(0, 2)).toEqual(["12", "0123456789"])
      expect((yield* (yield* Emulator).journal).at(-1)).toMatchObject({
        outcome: "serverClosed",
        bytesSent: 10,
        status: 200
      })
    }).pipe(Effect.provide(emulator))
  )

  it.effect("alters it", () =>
    Effect.gen(function* () {
      yield* stored
      const get: Send = { key: "k" }
      expect((yield* answered(Fault.flipBit(3), "GET", get)).text).toBe("0122456789")
      expect((yield* answered(Fault.wrongLength(-2), "GET", get)).text).toBe("01234567")
      const right = yield* send("GET", get)
      const etag = yield* answered(Fault.wrongETag, "GET", get)
      expect(etag.headers.etag).toMatch(/^"[0-9a-f]{32}"$/)
      expect(etag.headers.etag).not.toBe(right.headers.etag)
      const crc = yield* answered(Fault.wrongCrc64, "GET", get)
      expect(crc.headers["x-cos-hash-crc64ecma"]).not.toBe(right.headers["x-cos-hash-crc64ecma"])
      expect(crc.headers["x-cos-hash-crc64ecma"]).toMatch(/^\d+$/)
      const listed = yield* answered(Fault.wrongETag, "GET", {})
      expect(listed.text).toContain("<ETag>&quot;")
      expect(listed.text).not.toContain(right.headers.etag?.replaceAll('"', "") ?? "")
      const set = Fault.withHeaders({ "Content-Range": "bytes 0-1/2", "Accept-Ranges": null })
      const headers = (yield* answered(set, "GET", get)).headers
      expect([headers["content-range"], headers["accept-ranges"]]).toEqual(["bytes 0-1/2", undefined])
      expect((yield* answered(Fault.replaceBody("<a>"), "GET", {})).text).toBe("<a>")
      expect((yield* answered(Fault.date(new Date(0)), "GET", get)).headers.date).toBe("Thu, 01 Jan 1970 00:00:00 GMT")
      expect((yield* answered(Fault.date(null), "GET", get)).headers.date).toBeUndefined()
      const anonymous = yield* answered(Fault.noRequestId, "GET", { key: "none" })
      expect(anonymous.headers["x-cos-request-id"]).toBeUndefined()
      expect(anonymous.headers["x-cos-trace-id"]).toBeUndefined()
      expect(anonymous.text).not.toContain("RequestId")
      expect(anonymous.headers["content-length"]).toBe(String(anonymous.bytes.length))
      const flip = yield* (yield* Emulator).fault({ do: Fault.flipBit(0) })
      const both = yield* answered(Fault.noRequestId, "GET", { key: "none" })
      expect([yield* flip.fired, both.text]).toEqual([1, anonymous.text.replace("<", "=")])
      expect(both.headers).toMatchObject({ "transfer-encoding": "chunked" })
      expect(both.headers["content-length"]).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )

  it.effect("slows it down", () =>
    Effect.gen(function* () {
      yield* stored
      const { fault } = yield* Emulator
      const during = (what: Fault.Fault, enough: number) =>
        Effect.gen(function* () {
          yield* fault({ do: what })
          const fiber = yield* Effect.fork(send("GET", { key: "k" }))
          yield* TestClock.adjust(enough - 1)
          expect(Option.isNone(yield* Fiber.poll(fiber)), what._tag).toBe(true)
          yield* TestClock.adjust(1)
          return (yield* Fiber.join(fiber)).text
        })
      expect(yield* during(Fault.slow(5), 2000)).toBe("0123456789")
      expect(yield* during(Fault.keepAliveBlanks(3, "10 seconds"), 30_000)).toBe("   0123456789")
      yield* fault({ do: Fault.slowHeaders(1) })
      const headers = yield* Effect.fork(send("GET", { key: "k" }))
      yield* TestClock.adjust("1 minute")
      expect(Option.isNone(yield* Fiber.poll(headers))).toBe(true)
      yield* TestClock.adjust("1 hour")
      expect((yield* Fiber.join(headers)).text).toBe("0123456789")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("stalls until the client leaves", () =>
    Effect.gen(function* () {
      yield* stored
      const handle = yield* (yield* Emulator).fault({ do: Fault.stall(4) })
      const client = yield* HttpClient.HttpClient
      const response = yield* client.execute(yield* request("GET", { key: "k" }))
      const got = yield* Deferred.make<string>()
      const fiber = yield* Effect.fork(
        Stream.runForEach(response.stream, (chunk) => Deferred.succeed(got, Buffer.from(chunk).toString()))
      )
      expect(yield* Deferred.await(got)).toBe("0123")
      yield* TestClock.adjust("1 day")
      expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
      yield* Fiber.interrupt(fiber)
      expect((yield* (yield* Emulator).journal).at(-1)).toMatchObject({ outcome: "clientClosed", bytesSent: 4 })
      expect(yield* handle.fired).toBe(1)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("hides new objects from listings", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "old", body: "x" })
      yield* TestClock.adjust("1 minute")
      yield* send("PUT", { key: "new", body: "x" })
      const stale = yield* answered(Fault.staleList("30 seconds"), "GET", {})
      expect([stale.text.includes("<Key>old<"), stale.text.includes("<Key>new<")]).toEqual([true, false])
      expect((yield* send("GET", {})).text).toContain("<Key>new<")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("that needs a longer response has not fired", () =>
    Effect.gen(function* () {
      yield* stored
      const { fault, journal } = yield* Emulator
      const handles = yield* Effect.forEach([Fault.truncate(10), Fault.stall(11), Fault.flipBit(10)], (fault_) =>
        fault({ do: fault_ })
      )
      expect((yield* send("GET", { key: "k" })).text).toBe("0123456789")
      expect(yield* Effect.forEach(handles, (handle) => Effect.all([handle.matched, handle.fired]))).toEqual([
        [1, 0],
        [1, 0],
        [1, 0]
      ])
      expect((yield* journal).at(-1)?.faults).toEqual([])
    }).pipe(Effect.provide(emulator))
  )
})
