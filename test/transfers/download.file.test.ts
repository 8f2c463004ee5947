/** Files that are whole or not there: what was at the path stays until its successor is proven. */
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import type { Progress } from "effect-cos/Progress"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { drive, interruptTimed } from "../support/clock.js"
import { content, firstDifference, KiB } from "../support/content.js"
import { Disk } from "../support/disk.js"
import * as World from "../support/world.js"

const part = 64 * KiB
const data = content(5 * part + 11)
const old = content(1000, 9)
const path = "/target"

const get = (fault: Fault.Fault, on: Fault.Matcher = {}) =>
  World.fault({ on: { operation: "getObject", ...on }, do: fault })

const world = (options: World.Options = {}) =>
  World.inProcess({ ...options, client: { retry: RetryPolicy.make({ base: 0 }), ...options.client } })

const put = (bytes: Uint8Array) => Effect.asVoid(Effect.orDie(Cos.putObject({ key: "a", body: bytes })))

/** An object, and at the target a file from before. */
const prepared = Effect.gen(function* () {
  yield* put(data)
  const disk = yield* Disk
  disk.put(path, old)
  return disk
})

const download = (options: Download.DownloadFileOptions = {}) =>
  Download.file({ key: "a", path }, { partSize: part, concurrency: 2, ...options })

const expectFile = (bytes: Uint8Array) =>
  Effect.map(Disk, (disk) => {
    expect(firstDifference(disk.bytes(path) ?? new Uint8Array(0), bytes)).toBeUndefined()
    expect(disk.paths).toEqual([path])
  })

/** The ranges that were asked for, in order of arrival. */
const ranges = Effect.map(World.requests("getObject"), (entries) => entries.map(({ headers }) => headers.range))

const rangeOf = (i: number) => `bytes=${i * part}-${Math.min((i + 1) * part, data.byteLength) - 1}`

describe("Download.file", () => {
  it.scoped("replaces the target only after verification", () =>
    Effect.gen(function* () {
      yield* prepared
      const result = yield* drive(download())
      expect(result).toMatchObject({ key: "a", path, size: data.byteLength, parts: 6, resumedParts: 0 })
      expect(result.crc64).toBe((yield* Cos.headObject({ key: "a" })).crc64)
      yield* expectFile(data)
      expect([...(yield* ranges)].sort()).toEqual([0, 1, 2, 3, 4, 5].map(rangeOf).sort())
      // The first one tells which object it is.
      const [, ...others] = yield* World.requests("getObject")
      for (const { headers } of others) expect(headers["if-match"]).toBe(result.eTag)
      expect(yield* World.requests("headObject")).toHaveLength(1)
    }).pipe(Effect.provide(world()))
  )

  it.scoped(
    "with verify: false computes no checksum: a flipped bit passes, and the CRC64 is the one of the header",
    () =>
      Effect.gen(function* () {
        yield* prepared
        yield* World.fault({ on: { operation: "getObject" }, do: Fault.flipBit(10) })
        const result = yield* drive(download({ verify: false }))
        expect(result.crc64).toBe((yield* Cos.headObject({ key: "a" })).crc64)
        const bytes = (yield* Disk).bytes(path) ?? new Uint8Array(0)
        expect(bytes.byteLength).toBe(data.byteLength)
        expect(firstDifference(bytes, data)).toBeDefined()
      }).pipe(Effect.provide(world()))
  )

  const sizes = [0, 1, part - 1, part, part + 1, 3 * part]
  for (const size of sizes) {
    it.scoped(`${size} bytes`, () =>
      Effect.gen(function* () {
        const bytes = content(size, 3)
        yield* put(bytes)
        const result = yield* drive(download())
        expect(result).toMatchObject({ size, parts: Math.ceil(size / part) })
        yield* expectFile(bytes)
        // Without a first byte there is no range, and HEAD is asked instead.
        expect((yield* ranges).length).toBe(Math.max(1, Math.ceil(size / part)))
        expect(yield* World.requests("headObject")).toHaveLength(size === 0 ? 1 : 0)
      }).pipe(Effect.provide(world()))
    )
  }

  describe("by default", () => {
    const most = 256 * KiB
    const whole = Download.file({ key: "a", path })
    const first = `bytes=0-${most - 1}`

    for (const size of [1, most]) {
      it.scoped(`${size} bytes are one request`, () =>
        Effect.gen(function* () {
          const bytes = content(size, 3)
          yield* put(bytes)
          const { crc64, eTag } = yield* Cos.headObject({ key: "a" })
          const { parts, ...result } = yield* whole
          expect([result.crc64, result.eTag, result.contentLength, parts]).toEqual([crc64, eTag, size, 1])
          yield* expectFile(bytes)
          expect(yield* World.asked).toEqual({ putObject: 1, headObject: 1, getObject: 1 })
          expect(yield* ranges).toEqual([first])
        }).pipe(Effect.provide(world()))
      )
    }

    it.scoped("larger ones go on from the bytes that came with the first response", () =>
      Effect.gen(function* () {
        const bytes = content(most + 5, 3)
        yield* put(bytes)
        expect(yield* whole).toMatchObject({ size: most + 5, parts: 1 })
        yield* expectFile(bytes)
        expect(yield* ranges).toEqual([first, `bytes=${most}-${most + 4}`])
        expect((yield* World.asked).headObject).toBeUndefined()
      }).pipe(Effect.provide(world()))
    )

    it.scoped("with a store the object is looked at first, as only so it is known what an earlier run left of it", () =>
      Effect.gen(function* () {
        yield* put(data)
        yield* Effect.provide(whole, Checkpoint.layerMemory)
        yield* expectFile(data)
        expect(yield* World.asked).toEqual({ putObject: 1, headObject: 1, getObject: 1 })
      }).pipe(Effect.provide(world()))
    )
  })

  describe("requests the missing bytes again", () => {
    const breaks: ReadonlyArray<{ name: string; fault: Fault.Fault; range: string | undefined }> = [
      { name: "no answer", fault: Fault.silence(), range: rangeOf(1) },
      { name: "503", fault: Fault.status(503), range: rangeOf(1) }
    ]
    for (const { fault, name, range } of breaks) {
      it.scoped(name, () =>
        Effect.gen(function* () {
          yield* prepared
          yield* get(fault, { nth: 2 })
          yield* drive(download({ concurrency: 1 }))
          yield* expectFile(data)
          expect(yield* ranges).toEqual([rangeOf(0), rangeOf(1), range, ...[2, 3, 4, 5].map(rangeOf)])
        }).pipe(Effect.provide(world()))
      )
    }
  })

  describe("leaves the old file, and nothing else, when it fails", () => {
    const failing = (name: string, tag: string, faults: ReadonlyArray<[Fault.Fault, Fault.Matcher?]>) =>
      it.scoped(name, () =>
        Effect.gen(function* () {
          yield* prepared
          for (const [fault, on] of faults) yield* get(fault, on)
          const error = yield* Effect.flip(drive(download()))
          expect(error._tag).toBe(tag)
          yield* expectFile(old)
        }).pipe(Effect.provide(world()))
      )
    failing("a denied part", "AccessDenied", [[Fault.status(403, { code: "AccessDenied" }), { nth: 4 }]])
    failing("a server that breaks every answer", "TransportError", [
      [Fault.resetResponseAfterBytes(0), { times: Infinity }]
    ])

    it.scoped("an archived object", () =>
      Effect.gen(function* () {
        yield* Cos.putObject({ key: "a", body: data, storageClass: "ARCHIVE" })
        ;(yield* Disk).put(path, old)
        const error = yield* Effect.flip(drive(download()))
        expect(error).toMatchObject({ _tag: "InvalidObjectState", status: 403, key: "a" })
        yield* expectFile(old)
        for (const read of [Download.bytes({ key: "a" }), Stream.runDrain(Download.stream({ key: "a" }))]) {
          expect((yield* Effect.flip(drive<unknown, Download.DownloadError, CosClient>(read)))._tag).toBe(
            "InvalidObjectState"
          )
        }
      }).pipe(Effect.provide(world()))
    )

    it.scoped("a missing object", () =>
      Effect.gen(function* () {
        const disk = yield* Disk
        disk.put(path, old)
        expect((yield* Effect.flip(drive(download())))._tag).toBe("NoSuchKey")
        yield* expectFile(old)
      }).pipe(Effect.provide(world()))
    )

    it.scoped("an interrupt", () =>
      Effect.gen(function* () {
        yield* prepared
        yield* get(Fault.silence(), { nth: 3, times: Infinity })
        const fiber = yield* Effect.fork(download())
        yield* TestClock.adjust("1 second")
        expect((yield* Disk).paths.length).toBe(2)
        expect((yield* interruptTimed(fiber)).millis).toBe(0)
        yield* expectFile(old)
      }).pipe(Effect.provide(world()))
    )
  })

  it.scoped("refuses a directory as target, and invalid options, before any request", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      disk.makeDirectory("/directory")
      const refused = (input: Partial<{ path: string }>, options: Download.DownloadFileOptions) =>
        Effect.flip(Download.file({ key: "a", path, ...input }, options))
      expect(yield* refused({ path: "/directory" }, {})).toMatchObject({ _tag: "InvalidInput", field: "path" })
      expect(yield* refused({}, { partSize: 1000 })).toMatchObject({ _tag: "InvalidInput", field: "partSize" })
      expect(yield* refused({}, { concurrency: 0 })).toMatchObject({ _tag: "InvalidInput", field: "concurrency" })
      expect(yield* World.requests("headObject")).toEqual([])
      yield* expectFile(old)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("accepts sizes as FileSystem.Size", () =>
    Effect.gen(function* () {
      yield* prepared
      expect(yield* drive(download({ partSize: FileSystem.KiB(128) }))).toMatchObject({ parts: 3 })
      const large = yield* Effect.flip(Download.bytes({ key: "a" }, { maxSize: FileSystem.KiB(1) }))
      expect(large).toMatchObject({ _tag: "InvalidInput", field: "maxSize" })
    }).pipe(Effect.provide(world()))
  )

  it.scoped("a condition of the caller that fails is PreconditionFailed or NotModified", () =>
    Effect.gen(function* () {
      yield* prepared
      const { eTag } = yield* Cos.headObject({ key: "a" })
      const of = (input: Partial<Download.DownloadSource>) =>
        Effect.map(Effect.flip(Download.file({ key: "a", path, ...input })), ({ _tag }) => _tag)
      expect(yield* of({ ifNoneMatch: eTag })).toBe("NotModified")
      expect(yield* of({ ifMatch: '"other"' })).toBe("PreconditionFailed")
      yield* expectFile(old)
    }).pipe(Effect.provide(world()))
  )

  it.scoped("progress never falls, and ends at the total", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* get(Fault.resetResponseAfterBytes(1000), { nth: 2 })
      yield* get(Fault.slow(part), { times: Infinity })
      const seen: Array<Progress> = []
      yield* drive(
        download({ progressInterval: "100 millis", onProgress: (progress) => Effect.sync(() => seen.push(progress)) }),
        "100 millis"
      )
      expect(seen[0]).toMatchObject({ transferred: 0, total: data.byteLength, partsDone: 0, partsTotal: 6 })
      expect(seen.at(-1)).toMatchObject({ transferred: data.byteLength, partsDone: 6, partsTotal: 6 })
      expect(seen.length).toBeGreaterThan(3)
      const transferred = seen.map((progress) => progress.transferred)
      expect(transferred).toEqual([...transferred].sort((a, b) => a - b))
    }).pipe(Effect.provide(world()))
  )
})

describe("Download.file to a file system that does not do what it is told", () => {
  it.scoped("that ignores positions", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      disk.ignoresPositions = true
      for (const concurrency of [1, 4]) {
        yield* drive(download({ concurrency }))
        yield* expectFile(data)
        disk.put(path, old)
      }
    }).pipe(Effect.provide(world()))
  )

  it.scoped("that makes the file longer", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      let writes = 0
      disk.before = (call) =>
        Effect.sync(() => {
          if (call.method !== "write" || !call.path.endsWith(".part")) return
          writes += 1
          if (writes === 6) disk.change(call.path, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]))
        })
      expect((yield* Effect.flip(drive(download())))._tag).toBe("SystemError")
      yield* expectFile(old)
    }).pipe(Effect.provide(world()))
  )
})

describe("Download.file with a Checkpoint.Store", () => {
  const stored = (options?: World.Options) => Effect.provide([world(options), Checkpoint.layerMemory] as const)
  const kept = { onInterrupt: "keep", onFailure: "keep", concurrency: 1 } as const

  /** Stops before part `nth`, and keeps what has come. */
  const interrupted = (nth: number) =>
    Effect.gen(function* () {
      const emulator = yield* Emulator
      const fault = yield* emulator.fault({ on: { operation: "getObject", nth, times: Infinity }, do: Fault.silence() })
      const fiber = yield* Effect.fork(download(kept))
      yield* TestClock.adjust("2 seconds")
      yield* interruptTimed(fiber)
      expect(yield* fault.fired).toBe(1)
      yield* fault.remove
      yield* emulator.clearJournal
    })

  it.scoped("resumes after an interrupt without requesting received ranges again", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* interrupted(4)
      expect(disk.paths.length).toBe(2)
      expect(firstDifference(disk.bytes(path) as Uint8Array, old)).toBeUndefined()

      const result = yield* drive(download(kept))
      expect(result).toMatchObject({ parts: 6, resumedParts: 3 })
      yield* expectFile(data)
      expect(yield* ranges).toEqual([3, 4, 5].map(rangeOf))
      expect(yield* Effect.flatMap(Checkpoint.Store, (store) => store.list)).toEqual([])
    }).pipe(stored())
  )

  for (const [what, status, code, isKept] of [
    ["that may succeed later", 503, "ServiceUnavailable", true],
    ["that was refused", 403, "AccessDenied", false]
  ] as const) {
    it.scoped(`with onFailure: keepIfRetryable, one ${what} is ${isKept ? "kept and resumed" : "removed"}`, () =>
      Effect.gen(function* () {
        const disk = yield* prepared
        const emulator = yield* Emulator
        const fault = yield* emulator.fault({
          on: { operation: "getObject", nth: 4, times: Infinity },
          do: Fault.status(status, { code })
        })
        yield* Effect.flip(drive(download({ ...kept, onFailure: "keepIfRetryable" })))
        yield* fault.remove
        expect(disk.paths.length).toBe(isKept ? 2 : 1)
        expect(yield* drive(download(kept))).toMatchObject({ resumedParts: isKept ? 3 : 0 })
        yield* expectFile(data)
      }).pipe(stored())
    )
  }

  const resumesAfterFailure = (ignoresPositions: boolean) =>
    Effect.gen(function* () {
      const disk = yield* prepared
      disk.ignoresPositions = ignoresPositions
      yield* get(Fault.status(403, { code: "AccessDenied" }), { nth: 3 })
      expect((yield* Effect.flip(drive(download(kept))))._tag).toBe("AccessDenied")
      yield* (yield* Emulator).clearJournal
      const result = yield* drive(download(kept))
      expect(result.resumedParts).toBe(2)
      expect(yield* ranges).toEqual([2, 3, 4, 5].map(rangeOf))
      yield* expectFile(data)
    }).pipe(stored())

  it.scoped("resumes after a failure", () => resumesAfterFailure(false))

  it.scoped("on a file system that ignores positions, parts are written in order, and a later run goes on", () =>
    resumesAfterFailure(true)
  )

  it.scoped("on a file system that ignores positions, nothing behind a gap is taken up", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* interrupted(4)
      const temporary = disk.paths.find((name) => name !== path) as string
      disk.change(temporary, (bytes) => Uint8Array.from(bytes, (byte, i) => (i === part + 5 ? byte ^ 1 : byte)))
      disk.ignoresPositions = true
      const onAnother = Effect.provideService(FileSystem.FileSystem, disk.fileSystem)
      const result = yield* drive(onAnother(download({ ...kept, concurrency: 4 })))
      expect(result.resumedParts).toBe(1)
      yield* expectFile(data)
    }).pipe(stored())
  )

  it.scoped("fetches a part again whose bytes on the disk have changed", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* interrupted(4)
      const temporary = disk.paths.find((name) => name !== path) as string
      disk.change(temporary, (bytes) => Uint8Array.from(bytes, (byte, i) => (i === part + 5 ? byte ^ 1 : byte)))
      const result = yield* drive(download(kept))
      expect(result.resumedParts).toBe(2)
      expect([...(yield* ranges)].sort()).toEqual([1, 3, 4, 5].map(rangeOf).sort())
      yield* expectFile(data)
    }).pipe(stored())
  )

  it.scoped("starts over if the object, the part size or the temporary file has changed", () =>
    Effect.gen(function* () {
      const disk = yield* prepared
      yield* interrupted(4)
      const changed = content(5 * part, 6)
      yield* put(changed)
      expect((yield* drive(download(kept))).resumedParts).toBe(0)
      yield* expectFile(changed)

      yield* interrupted(4)
      expect((yield* drive(download({ ...kept, partSize: 2 * part }))).resumedParts).toBe(0)
      yield* expectFile(changed)

      yield* interrupted(4)
      for (const name of disk.paths) if (name !== path) yield* Effect.orDie(disk.fileSystem.remove(name))
      expect((yield* drive(download(kept))).resumedParts).toBe(0)
      yield* expectFile(changed)
    }).pipe(stored())
  )

  it.scoped("keeps nothing after a failed verification, and nothing unless asked to", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* get(Fault.flipBit(5), { nth: 3 })
      expect((yield* Effect.flip(drive(download(kept))))._tag).toBe("IntegrityError")
      yield* expectFile(old)
      yield* get(Fault.status(403, { code: "AccessDenied" }), { nth: 3 })
      yield* Effect.flip(drive(download()))
      yield* expectFile(old)
      expect(yield* Effect.flatMap(Checkpoint.Store, (store) => store.list)).toEqual([])
      expect((yield* drive(download(kept))).resumedParts).toBe(0)
    }).pipe(stored())
  )

  it.scoped("a concurrent second download uses a file of its own", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* get(Fault.delay("2 seconds"), { times: Infinity })
      const second = Effect.delay(download(kept), "3 seconds")
      const results = yield* drive(Effect.all([download(kept), second], { concurrency: 2 }))
      expect(results.map(({ resumedParts }) => resumedParts)).toEqual([0, 0])
      yield* expectFile(data)
    }).pipe(stored())
  )

  it.scoped("without a store nothing is kept", () =>
    Effect.gen(function* () {
      yield* prepared
      yield* get(Fault.status(403, { code: "AccessDenied" }), { nth: 3 })
      yield* Effect.flip(drive(download(kept)))
      yield* expectFile(old)
    }).pipe(Effect.provide(world()))
  )
})
