/** How many files and parts are transferred at once, and how much memory their buffers take. */
import { SystemError } from "@effect/platform/Error"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Path from "@effect/platform/Path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type * as Batch from "effect-cos/Batch"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Sync from "effect-cos/Sync"
import * as TransferQueue from "effect-cos/TransferQueue"
import * as Upload from "effect-cos/Upload"
import * as Buffers from "../support/buffers.js"
import { drive } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import { Disk, systemError } from "../support/disk.js"
import * as World from "../support/world.js"

/** What a network is asked for, and what it makes of it. */
interface Network {
  /** Requests with content, or for it, that are under way. */
  running: number
  peak: number
  refused: number
  /** Bytes of their bodies, or of what they asked for. */
  bytes: number
  peakBytes: number
}

const bytesOf = ({ body, headers, method }: HttpClientRequest): number => {
  const range = /bytes=(\d+)-(\d+)/.exec(headers.range ?? "")
  if (range !== null) return Number(range[2]) - Number(range[1]) + 1
  if (method !== "PUT" || body._tag === "Empty") return 0
  return Number(headers["content-length"] ?? ("contentLength" in body ? body.contentLength : 0))
}

const stored = (request: HttpClientRequest, status = 200) =>
  HttpClientResponse.fromWeb(request, new Response(null, { status, headers: { etag: '"1"', "retry-after": "0" } }))

type Send = (
  network: Network,
  request: HttpClientRequest,
  sent: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError>
) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError>

/** Counts what is under way. `send` decides what comes of it. */
const networkOf = (send: Send) => {
  const network: Network = { running: 0, peak: 0, refused: 0, bytes: 0, peakBytes: 0 }
  const transformClient = (client: HttpClient.HttpClient) =>
    HttpClient.transform(client, (sent, request) =>
      Effect.suspend(() => {
        const bytes = bytesOf(request)
        network.running += 1
        network.bytes += bytes
        network.peak = Math.max(network.peak, network.running)
        network.peakBytes = Math.max(network.peakBytes, network.bytes)
        return Effect.ensuring(
          send(network, request, sent as never),
          Effect.sync(() => {
            network.running -= 1
            network.bytes -= bytes
          })
        )
      })
    )
  return { network, transformClient }
}

const run = (send: Send, settings: CosClient.Settings = {}) => {
  const { network, transformClient } = networkOf(send)
  const layer = Layer.merge(World.inProcess({ client: { ...settings, transformClient } }), Path.layer)
  return { network, world: Effect.provide(layer) }
}

/** Stores nothing, after a time. */
const latency =
  (time: string): Send =>
  (_, request) =>
    Effect.delay(Effect.succeed(stored(request)), time as "20 millis")

/** The emulator, after a time. */
const emulatorAfter =
  (time: string): Send =>
  (_, __, sent) =>
    Effect.delay(sent, time as "20 millis")

const small = (count: number) =>
  Effect.map(Disk, (disk) => {
    disk.put("/small", content(100))
    return Array.from({ length: count }, (_, i) => ({ key: `k${i}`, path: "/small" }))
  })

/** The value of a gauge now. */
const gauge = (name: string, kind?: string) =>
  Effect.sync(() => {
    const found = Metric.unsafeSnapshot().find(
      ({ metricKey: { name: found, tags } }) =>
        found === name && (kind === undefined || tags.some(({ value }) => value === kind))
    )
    return found !== undefined && MetricState.isGaugeState(found.metricState) ? Number(found.metricState.value) : 0
  })

/** Collects the progress of a batch. */
const collect = () => {
  const told: Array<Batch.CurrentConcurrency> = []
  return {
    told,
    onProgress: ({ concurrency }: Batch.TotalProgress) => Effect.sync(() => void told.push(concurrency)),
    progressInterval: "50 millis"
  } as const
}

describe("files at once", () => {
  it.scoped("grow while more is transferred in the same time, which progress and a metric show", () => {
    const { network, world } = run(latency("100 millis"))
    return Effect.gen(function* () {
      const { told, ...options } = collect()
      const fiber = yield* Effect.fork(Upload.files(yield* small(80), options))
      yield* TestClock.adjust("150 millis")
      expect(yield* gauge("cos_concurrency", "files")).toBe(64)
      const report = yield* drive(Fiber.join(fiber))
      expect(report.succeeded).toBe(80)
      expect(network.peak).toBe(64)
      expect(told[0]).toEqual({ current: 16, least: 1, most: 256 })
      expect(Math.max(...told.map(({ current }) => current))).toBe(network.peak)
      expect(yield* gauge("cos_concurrency", "files")).toBe(0)
      expect(yield* gauge("cos_concurrency", "parts")).toBe(0)
    }).pipe(world)
  })

  it.scoped("do not grow where more at once do no more", () => {
    // So many at a time are carried out.
    const server = Effect.unsafeMakeSemaphore(16)
    const { world } = run((_, request) =>
      server.withPermits(1)(Effect.delay(Effect.succeed(stored(request)), "30 millis"))
    )
    return Effect.gen(function* () {
      const { told, ...options } = collect()
      yield* drive(Upload.files(yield* small(140), options))
      expect(told.at(-1)?.current).toBeLessThanOrEqual(24)
    }).pipe(world)
  })

  it.scoped("fall when the service throttles, and all files succeed", () => {
    const { network, world } = run((network, request) => {
      if (network.running <= 10) return Effect.delay(Effect.succeed(stored(request)), "20 millis")
      network.refused += 1
      return Effect.delay(Effect.succeed(stored(request, 429)), "1 millis")
    })
    return Effect.gen(function* () {
      const { told, ...options } = collect()
      const report = yield* drive(Upload.files(yield* small(80), options))
      expect(report).toMatchObject({ failures: [], succeeded: 80 })
      expect(network.refused).toBeGreaterThan(0)
      expect(network.refused).toBeLessThan(40)
      expect(told.at(-1)?.current).toBeLessThanOrEqual(12)
      expect(told.at(-1)?.current).toBeGreaterThanOrEqual(5)
    }).pipe(world)
  })

  it.scoped("fall when there is no response in time", () => {
    let lost = 0
    const { world } = run(
      (_, request) => {
        lost += 1
        return lost <= 16 ? Effect.never : Effect.delay(Effect.succeed(stored(request)), "20 millis")
      },
      { timeLimits: { attempt: "1 second" } }
    )
    return Effect.gen(function* () {
      const { told, ...options } = collect()
      const report = yield* drive(Upload.files(yield* small(60), options))
      expect(report.succeeded).toBe(60)
      expect(Math.min(...told.map(({ current }) => current))).toBe(8)
    }).pipe(world)
  })

  it.scoped("are exactly as many as were asked for", () => {
    return Effect.forEach([1, 7, 24, { files: 7 }, { files: 7, parts: 2, totalParts: 64 }], (concurrency) => {
      const { network, world } = run(latency("20 millis"))
      return Effect.gen(function* () {
        const { told, ...options } = collect()
        yield* drive(Upload.files(yield* small(40), { ...options, concurrency }))
        const files = typeof concurrency === "number" ? concurrency : concurrency.files
        expect(network.peak).toBe(files)
        expect(new Set(told.map((now) => JSON.stringify(now)))).toEqual(
          new Set([JSON.stringify({ current: files, least: files, most: files })])
        )
      }).pipe(world)
    })
  })

  it.scoped("refuse what is no number", () => {
    const { world } = run(latency("20 millis"))
    return Effect.gen(function* () {
      for (const concurrency of ["unbounded", 0, 1.5, 1025, null]) {
        const error = yield* Effect.flip(Upload.files([], { concurrency: concurrency as number }))
        expect(error).toMatchObject({ _tag: "InvalidInput", field: "concurrency" })
      }
      yield* Upload.files([], { concurrency: "auto" })
      const single = yield* Effect.flip(
        Upload.bytes({ key: "a", bytes: content(1) }, { concurrency: "many" as "auto" })
      )
      expect(single).toMatchObject({ _tag: "InvalidInput", field: "concurrency" })
    }).pipe(world)
  })

  for (const concurrency of ["auto", 24] as const) {
    it.scoped(`wait for one another where there are no more file descriptors: ${concurrency}`, () => {
      const { world } = run(latency("20 millis"))
      return Effect.gen(function* () {
        const disk = yield* Disk
        const files = yield* small(40)
        let open = 0
        let refused = 0
        // Ten files can be open; each is, for as long as it is read.
        disk.before = ({ method, path }) =>
          method !== "open"
            ? Effect.void
            : Effect.suspend(() => {
                if (open >= 10) {
                  refused += 1
                  return Effect.fail(systemError("open", path, "Unknown", "EMFILE"))
                }
                open += 1
                return Effect.ensuring(
                  Effect.sleep("5 millis"),
                  Effect.sync(() => {
                    open -= 1
                  })
                )
              })
        const { told, ...options } = collect()
        const report = yield* drive(Upload.files(files, { ...options, concurrency }))
        expect(refused).toBeGreaterThan(0)
        expect(report).toMatchObject({ succeeded: 40, failures: [] })
        if (concurrency === "auto") expect(told.at(-1)?.most).toBeLessThan(16)
      }).pipe(world)
    })
  }

  it.scoped("fail where there is not one file descriptor", () => {
    const { world } = run(latency("20 millis"))
    return Effect.gen(function* () {
      const files = yield* small(20)
      const disk = yield* Disk
      disk.before = ({ method, path }) =>
        method === "open" ? Effect.fail(systemError("open", path, "Unknown", "EMFILE")) : Effect.void
      const report = yield* drive(Upload.files(files))
      expect(report.failures.length).toBe(20)
      expect(report.failures[0]?.error).toBeInstanceOf(SystemError)
    }).pipe(world)
  })

  it.scoped("of a queue are found, can be given, and be found again", () => {
    const { network, world } = run(latency("20 millis"))
    return Effect.gen(function* () {
      const queue = yield* TransferQueue.make()
      expect(yield* queue.concurrency).toBe(4)
      yield* Effect.forEach(yield* small(60), (file) => queue.upload(file), { discard: true })
      yield* TestClock.adjust("50 millis")
      expect([yield* queue.concurrency, network.running]).toEqual([16, 16])
      yield* queue.setConcurrency(2)
      yield* TestClock.adjust("30 millis")
      expect([yield* queue.concurrency, network.running]).toEqual([2, 2])
      yield* queue.setConcurrency("auto")
      expect(yield* queue.concurrency).toBe(4)
      yield* TestClock.adjust("10 seconds")
      expect((yield* queue.list).every(({ state }) => state === "succeeded")).toBe(true)
    }).pipe(world)
  })

  it.scoped("of a sync grow as well", () => {
    const { network, world } = run(emulatorAfter("20 millis"))
    return Effect.gen(function* () {
      yield* drive(
        Effect.forEach(
          Array.from({ length: 44 }, (_, i) => `from/${i}`),
          (key) => Cos.putObject({ key, body: content(10) }),
          { concurrency: "unbounded", discard: true }
        )
      )
      network.peak = 0
      const report = yield* drive(Sync.run({ from: Sync.prefix("from/"), to: Sync.prefix("to/") }))
      expect(report).toMatchObject({ transferred: 44, failures: [] })
      expect(network.peak).toBeGreaterThan(20)
    }).pipe(world)
  })
})

describe("parts at once", () => {
  it.scoped("of one object grow while more is transferred in the same time", () => {
    const { network, world } = run(emulatorAfter("20 millis"))
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(32 * MiB))
      yield* drive(Upload.file({ key: "a", path: "/data" }, { partSize: MiB, threshold: 0 }))
      expect(network.peak).toBeGreaterThan(8)
      network.peak = 0
      yield* drive(Download.file({ key: "a", path: "/out" }, { partSize: MiB }))
      expect(network.peak).toBeGreaterThan(8)
      expect(disk.bytes("/out")?.byteLength).toBe(32 * MiB)
      expect(yield* gauge("cos_concurrency", "parts")).toBe(0)
    }).pipe(world)
  })

  it.scoped("are exactly as many as were asked for", () => {
    const { network, world } = run(emulatorAfter("20 millis"))
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(20 * MiB))
      yield* drive(Upload.file({ key: "a", path: "/data" }, { partSize: MiB, threshold: 0, concurrency: 3 }))
      expect(network.peak).toBe(3)
      network.peak = 0
      yield* drive(Download.file({ key: "a", path: "/out" }, { partSize: MiB, concurrency: 5 }))
      expect(network.peak).toBe(5)
    }).pipe(world)
  })
})

describe("the memory of buffers", () => {
  const partSize = MiB
  const each = { partSize, threshold: 0 } as const

  it.scoped("is bounded by the budget, whatever the numbers", () => {
    const { network, world } = run(emulatorAfter("20 millis"), { memoryBudget: 4 * MiB })
    return Effect.gen(function* () {
      const disk = yield* Disk
      const files = Array.from({ length: 3 }, (_, i) => ({ key: `k${i}`, path: `/f${i}` }))
      for (const { path } of files) disk.put(path, content(3 * MiB))
      const concurrency = { files: 3, parts: 3, totalParts: 9 }
      const up = yield* drive(Upload.files(files, { ...each, concurrency }))
      expect(up.succeeded).toBe(3)
      // Each has room for a byte more, to see that the file ends.
      expect(network.peakBytes).toBe(3 * MiB)
      network.peakBytes = 0
      yield* drive(
        Effect.forEach(files, ({ key }) => Download.file({ key, path: `/out-${key}` }, { partSize, concurrency: 3 }), {
          concurrency: "unbounded"
        })
      )
      expect(network.peakBytes).toBeGreaterThan(2 * MiB)
      expect(network.peakBytes).toBeLessThanOrEqual(4 * MiB)
      expect(yield* gauge("cos_buffer_bytes")).toBe(0)
    }).pipe(world)
  })

  it.scoped("is that of few buffers, which are used again where the budget bounds them", () => {
    const budget = 4
    const { world } = run(emulatorAfter("20 millis"), { memoryBudget: budget * MiB })
    return Effect.gen(function* () {
      const disk = yield* Disk
      const sizes = yield* Buffers.made
      const largeOnes = () => sizes.splice(0).filter((bytes) => bytes >= partSize).length
      disk.put("/data", content(16 * MiB))
      yield* drive(Upload.file({ key: "a", path: "/data" }, { ...each, concurrency: 8 }))
      // Each has room for a byte more.
      expect(largeOnes()).toBe(budget - 1)
      yield* drive(Download.file({ key: "a", path: "/out" }, { partSize, concurrency: 8 }))
      expect(largeOnes()).toBe(budget)
      const stream = Stream.fromIterable(Array.from({ length: 16 }, (_, i) => content(MiB, i)))
      yield* drive(Upload.stream({ key: "b", stream }, { ...each, concurrency: 8 }))
      // One is being filled.
      expect(largeOnes()).toBe(budget + 1)
    }).pipe(world)
  })

  it.scoped("is bounded for what goes in one request", () => {
    const { network, world } = run(latency("20 millis"), { memoryBudget: 5 * MiB })
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(2 * MiB - 1))
      const files = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, path: "/data" }))
      const report = yield* drive(Upload.files(files))
      expect(report.succeeded).toBe(20)
      expect(network.peakBytes).toBe(2 * (2 * MiB - 1))
    }).pipe(world)
  })

  it.scoped("a part that is larger than the budget goes alone", () => {
    const { network, world } = run(emulatorAfter("20 millis"), { memoryBudget: 2 * MiB })
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(12 * MiB))
      yield* drive(Upload.file({ key: "a", path: "/data" }, { partSize: 4 * MiB, threshold: 0, concurrency: 3 }))
      expect(network.peakBytes).toBe(4 * MiB)
      yield* World.expectStored("a", content(12 * MiB))
    }).pipe(world)
  })

  it.scoped("of bytes in memory, and of copies, none is needed", () => {
    const { network, world } = run(emulatorAfter("20 millis"), { memoryBudget: MiB })
    return Effect.gen(function* () {
      yield* drive(Upload.bytes({ key: "a", bytes: content(6 * MiB) }, { ...each, concurrency: 6 }))
      expect(network.peakBytes).toBe(6 * MiB)
    }).pipe(world)
  })

  it.scoped("streams that are fed by one another's source never wait for one another", () => {
    const { world } = run(emulatorAfter("20 millis"), { memoryBudget: MiB })
    return Effect.gen(function* () {
      const pieces = Stream.fromIterable(Array.from({ length: 24 }, (_, i) => content(MiB / 4, i)))
      const all = yield* drive(
        Effect.scoped(
          Effect.flatMap(Stream.broadcast(pieces, 3, 1), (streams) =>
            Effect.forEach(
              Array.from(streams),
              (stream, i) => Upload.stream({ key: `k${i}`, stream }, { ...each, partSize: 2 * MiB }),
              { concurrency: "unbounded" }
            )
          )
        )
      )
      expect(all.map(({ size }) => size)).toEqual([6 * MiB, 6 * MiB, 6 * MiB])
      expect(yield* gauge("cos_buffer_bytes")).toBe(0)
    }).pipe(world)
  })

  it.scoped("a stream may upload others while it is uploaded", () => {
    const { world } = run(emulatorAfter("20 millis"), { memoryBudget: MiB })
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(2 * MiB))
      const stream = Stream.fromIterable([1, 2, 3, 4]).pipe(
        Stream.mapEffect((i) =>
          Effect.as(Effect.orDie(Upload.file({ key: `inner${i}`, path: "/data" }, each)), content(MiB * 1.5, i))
        )
      )
      const outer = yield* drive(Upload.stream({ key: "outer", stream }, each))
      expect(outer).toMatchObject({ size: 6 * MiB })
    }).pipe(world)
  })

  it.scoped("is given back by what is interrupted, and by what fails", () => {
    const silent: Send = () => Effect.never
    const { network, world } = run(
      (network, request, sent) =>
        request.url.includes("good") || request.method !== "PUT" ? sent : silent(network, request, sent),
      { memoryBudget: 3 * MiB, retry: undefined }
    )
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(8 * MiB))
      const fibers = yield* Effect.forEach([1, 2, 3], (i) =>
        Effect.fork(Upload.file({ key: `bad${i}`, path: "/data" }, { ...each, concurrency: 4 }))
      )
      yield* TestClock.adjust("1 second")
      expect(network.bytes).toBe(2 * MiB)
      expect(yield* gauge("cos_buffer_bytes")).toBe(2 * (MiB + 1))
      // Those that wait for memory are interrupted as well.
      yield* drive(Fiber.interruptAll(fibers))
      expect(yield* gauge("cos_buffer_bytes")).toBe(0)
      yield* drive(Upload.file({ key: "good", path: "/data" }, { ...each, concurrency: 2 }))
      disk.before = ({ method, offset }) =>
        method === "read" && (offset ?? 0) > MiB
          ? Effect.fail(systemError("read", "/data", "Unknown", "EIO"))
          : Effect.void
      const failed = yield* drive(Effect.option(Upload.file({ key: "good", path: "/data" }, each)))
      expect(failed).toEqual(Option.none())
      expect(yield* gauge("cos_buffer_bytes")).toBe(0)
    }).pipe(world)
  })

  it.scoped("a budget that is none is refused before anything is sent", () => {
    const { network, world } = run(latency("20 millis"), { memoryBudget: 1000 })
    return Effect.gen(function* () {
      const disk = yield* Disk
      disk.put("/data", content(10))
      for (const transfer of [
        Upload.file({ key: "a", path: "/data" }),
        Download.file({ key: "a", path: "/out" }),
        Upload.stream({ key: "a", stream: Stream.empty })
      ]) {
        expect(yield* Effect.flip(transfer as Effect.Effect<unknown, unknown, CosClient.CosClient>)).toMatchObject({
          _tag: "InvalidInput",
          field: "memoryBudget"
        })
      }
      expect(network.peak).toBe(0)
    }).pipe(world)
  })
})
