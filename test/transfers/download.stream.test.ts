/** Streams that go on where they broke off, of one object or not at all. */
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, timed } from "../support/clock.js"
import { content, firstDifference, KiB, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const data = content(MiB + 7)
const get = (fault: Fault.Fault, on: Fault.Matcher = {}) =>
  World.fault({ on: { operation: "getObject", ...on }, do: fault })

const world = (options: World.Options = {}) =>
  World.inProcess({ ...options, client: { retry: RetryPolicy.make({ base: 0 }), ...options.client } })

const stored = Effect.asVoid(Effect.orDie(Cos.putObject({ key: "a", body: data })))

/** The bytes that came, and the failure that ended them. */
const collect = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.suspend(() => {
    const chunks: Array<Uint8Array> = []
    return Stream.runForEach(stream, (bytes) => Effect.sync(() => chunks.push(bytes.slice()))).pipe(
      Effect.either,
      Effect.map((result) => ({
        bytes: new Uint8Array(Buffer.concat(chunks)),
        error: Either.isLeft(result) ? result.left : undefined
      }))
    )
  })

const download = (source: Partial<Download.DownloadSource> = {}, options?: Download.DownloadOptions) =>
  drive(collect(Download.stream({ key: "a", ...source }, options)))

/** What was asked for, request by request. */
const ranges = Effect.map(World.requests("getObject"), (entries) =>
  entries.map(({ headers }) =>
    `${headers.range ?? "all"} ${headers["if-match"] === undefined ? "" : "if-match"}`.trim()
  )
)

describe("Download.stream", () => {
  it.scoped("goes on within a range", () =>
    Effect.gen(function* () {
      yield* stored
      yield* get(Fault.resetResponseAfterBytes(100))
      const { bytes } = yield* download({ range: { start: 1000, end: 1999 } })
      expect(firstDifference(bytes, data.subarray(1000, 2000))).toBeUndefined()
      yield* get(Fault.resetResponseAfterBytes(10))
      const last = yield* download({ range: { last: 50 } })
      expect(firstDifference(last.bytes, data.subarray(-50))).toBeUndefined()
      expect(yield* ranges).toEqual([
        "bytes=1000-1999",
        "bytes=1100-1999 if-match",
        "bytes=-50",
        `bytes=${data.byteLength - 40}-${data.byteLength - 1} if-match`
      ])
    }).pipe(Effect.provide(world()))
  )

  it.scoped("continues as long as bytes arrive, and gives up when none do", () =>
    Effect.gen(function* () {
      yield* stored
      // Each answer brings 20,000 bytes more: far more breaks than the policy has attempts.
      yield* get(Fault.resetResponseAfterBytes(20_000), { times: 52 })
      const { bytes, error } = yield* download()
      expect(error).toBeUndefined()
      expect(firstDifference(bytes, data)).toBeUndefined()
      expect((yield* ranges).length).toBe(53)

      yield* (yield* Emulator).clearJournal
      yield* get(Fault.resetResponseAfterBytes(0), { times: Infinity })
      const failed = yield* download()
      expect(failed.error).toMatchObject({ _tag: "TransportError", phase: "body" })
      expect((yield* ranges).length).toBe(5)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("requests no more often than the policy allows when the server disappears midway", () =>
    Effect.gen(function* () {
      yield* stored
      yield* get(Fault.resetResponseAfterBytes(1000))
      yield* get(Fault.resetBefore, { nth: 2, times: Infinity })
      const { bytes, error } = yield* download()
      expect(bytes.byteLength).toBe(1000)
      expect(error).toMatchObject({ _tag: "TransportError" })
      // The first one, and the policy's five for what remains: not five times five.
      expect((yield* ranges).length).toBe(6)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("an object that is deleted midway is ObjectChanged", () =>
    Effect.gen(function* () {
      yield* stored
      yield* get(Fault.stall(300_000))
      const { error } = yield* drive(
        collect(Stream.tap(Download.stream({ key: "a" }), () => Cos.deleteObject({ key: "a" })))
      )
      expect(error).toMatchObject({ _tag: "ObjectChanged" })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("a truncated body without a length is an error", () =>
    Effect.gen(function* () {
      yield* stored
      yield* get(Fault.withHeaders({ "content-length": null, "x-cos-hash-crc64ecma": null }))
      yield* get(Fault.resetResponseAfterBytes(700_000))
      const { bytes, error } = yield* download()
      expect(error).toBeUndefined()
      expect(firstDifference(bytes, data)).toBeUndefined()
    }).pipe(Effect.provide(world()))
  )

  it.scoped("an empty object is an empty stream", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: "" })
      expect((yield* download()).bytes.byteLength).toBe(0)
      expect(yield* Download.bytes({ key: "a" })).toEqual(new Uint8Array(0))
      expect((yield* download({ range: { start: 0 } })).error?._tag).toBe("InvalidRange")
    }).pipe(Effect.provide(world()))
  )

  it.scoped("a missing, unmodified or forbidden object is a typed error", () =>
    Effect.gen(function* () {
      yield* stored
      const { eTag } = yield* Cos.headObject({ key: "a" })
      expect((yield* download({ key: "b" })).error?._tag).toBe("NoSuchKey")
      expect((yield* download({ ifNoneMatch: eTag })).error?._tag).toBe("NotModified")
      expect((yield* download({ ifMatch: '"other"' })).error?._tag).toBe("PreconditionFailed")
      yield* get(Fault.status(403, { code: "InvalidObjectState" }))
      expect((yield* download()).error?._tag).toBe("InvalidObjectState")
    }).pipe(Effect.provide(world()))
  )

  it.scoped("is read no faster than it is consumed, and closed when nobody consumes it", () =>
    Effect.gen(function* () {
      yield* stored
      const first = yield* Download.stream({ key: "a" }).pipe(Stream.take(1), Stream.runCollect)
      expect(Chunk.size(first)).toBe(1)
      const [entry] = yield* World.requests("getObject")
      expect(entry?.outcome).not.toBe("pending")
      expect(entry?.bytesSent).toBeLessThanOrEqual(256 * KiB)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("an interrupt closes the exchange at once", () =>
    Effect.gen(function* () {
      yield* stored
      yield* get(Fault.stall(1000))
      const { exit, millis } = yield* drive(
        timed(Effect.timeout(Stream.runDrain(Download.stream({ key: "a" })), "2 seconds"))
      )
      expect(exit._tag).toBe("Failure")
      expect(millis).toBe(2000)
      expect((yield* World.requests("getObject")).map(({ outcome }) => outcome)).toEqual(["clientClosed"])
    }).pipe(Effect.provide(world()))
  )
})

describe("Download.bytes, text, json", () => {
  it.scoped("continue like the stream, and are verified", () =>
    Effect.gen(function* () {
      yield* stored
      yield* get(Fault.resetResponseAfterBytes(300_000))
      expect(firstDifference(yield* drive(Download.bytes({ key: "a" })), data)).toBeUndefined()
      yield* get(Fault.flipBit(1))
      expect(yield* Effect.flip(drive(Download.bytes({ key: "a" })))).toMatchObject({ _tag: "IntegrityError" })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("refuse objects larger than their limit, also of unknown length", () =>
    Effect.gen(function* () {
      yield* stored
      expect(yield* Effect.flip(Download.bytes({ key: "a" }, { maxSize: MiB }))).toMatchObject({
        _tag: "InvalidInput",
        field: "maxSize"
      })
      yield* get(Fault.withHeaders({ "content-length": null }))
      expect(yield* Effect.flip(Download.bytes({ key: "a" }, { maxSize: MiB }))).toMatchObject({ field: "maxSize" })
      expect((yield* Download.bytes({ key: "a" }, { maxSize: MiB + 7 })).byteLength).toBe(MiB + 7)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("decode, or say why they cannot", () =>
    Effect.gen(function* () {
      const Settings = Schema.Struct({ name: Schema.String, at: Schema.Date })
      yield* Cos.putObject({ key: "a", body: JSON.stringify({ name: "腾讯云", at: "2026-01-01T00:00:00.000Z" }) })
      expect(yield* Download.json({ key: "a" }, Settings)).toEqual({ name: "腾讯云", at: new Date("2026-01-01") })
      yield* Cos.putObject({ key: "a", body: '{"name":1}' })
      expect(yield* Effect.flip(Download.json({ key: "a" }, Settings))).toMatchObject({ _tag: "ParseError" })
      yield* Cos.putObject({ key: "a", body: new Uint8Array([0xff, 0xfe]) })
      expect(yield* Effect.flip(Download.text({ key: "a" }))).toMatchObject({ _tag: "MalformedResponse" })
    }).pipe(Effect.provide(world()))
  )
})
