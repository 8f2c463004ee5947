/** An object into a file: ranges side by side, a temporary file, proof, and only then the name. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as Checkpoint from "../../Checkpoint.js"
import type { CosClient } from "../../CosClient.js"
import * as CosError from "../../CosError.js"
import * as Crc64 from "../../Crc64.js"
import type { FileResult } from "../../Download.js"
import type * as Operation from "../../Operation.js"
import * as object from "../../operations/object.js"
import type { Options as ProgressOptions } from "../../Progress.js"
import { bucketInForce } from "../inForce.js"
import * as progress from "../progress.js"
import { changed, contentRange, type Input, patience } from "./stream.js"

export interface Settings {
  readonly partSize: number
  readonly concurrency: number
  readonly onInterrupt: "remove" | "keep"
  readonly onFailure: "remove" | "keep"
  readonly onChange: "fail" | "restart"
  readonly verify: boolean
  readonly progress: ProgressOptions
  readonly store: Option.Option<Checkpoint.Store.Service>
}

interface Range {
  readonly offset: number
  readonly size: number
}

const rangesOf = (size: number, partSize: number): ReadonlyArray<Range> =>
  Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
    offset: i * partSize,
    size: Math.min(partSize, size - i * partSize)
  }))

const isDiskFull = (error: PlatformError): boolean =>
  error._tag === "SystemError" &&
  typeof error.cause === "object" &&
  error.cause !== null &&
  "code" in error.cause &&
  (error.cause.code === "ENOSPC" || error.cause.code === "EDQUOT")

const local =
  (path: string) =>
  <A, R>(self: Effect.Effect<A, PlatformError, R>): Effect.Effect<A, PlatformError | CosError.DiskFull, R> =>
    Effect.mapError(self, (error) => (isDiskFull(error) ? new CosError.DiskFull({ path }) : error))

type Head = Operation.Success<typeof object.headObject>

/** One range into `buffer`, asked for again as the policy says. Nothing is believed that is not this range of this object. */
const fetchRange = (input: Input, head: Head, range: Range, buffer: Uint8Array) =>
  Effect.gen(function* () {
    const end = range.offset + range.size - 1
    const { after } = yield* patience
    const once = Effect.scoped(
      Effect.gen(function* () {
        const answer = yield* object
          .getObject({ ...input, range: { start: range.offset, end }, ifMatch: head.eTag })
          .pipe(Effect.catchTag("PreconditionFailed", "NoSuchKey", () => Effect.fail(changed(input, head.eTag))))
        const extent = contentRange(answer.contentRange)
        if (answer.eTag !== head.eTag || (extent?.total !== undefined && extent.total !== head.contentLength)) {
          return yield* changed(input, head.eTag, answer.eTag)
        }
        const whole = range.offset === 0 && range.size === head.contentLength
        if (extent === undefined ? !whole : extent.start !== range.offset || extent.end !== end) {
          return yield* new CosError.MalformedResponse({
            operation: "getObject",
            status: 206,
            message: `getObject: bytes ${range.offset}-${end} were asked for, the answer has ${answer.contentRange ?? "all"}`
          })
        }
        let filled = 0
        yield* Stream.runForEachChunk(answer.body, (chunk) =>
          Effect.suspend(() => {
            for (const bytes of chunk) {
              if (filled + bytes.byteLength > range.size) {
                filled += bytes.byteLength
                return Effect.fail(truncated(input, range.size, filled))
              }
              buffer.set(bytes, filled)
              filled += bytes.byteLength
            }
            return Effect.void
          })
        )
        if (filled !== range.size) return yield* truncated(input, range.size, filled)
        return buffer.subarray(0, filled)
      })
    )
    const attempt: typeof once = Effect.catchAll(once, (error) => Effect.zipRight(after(error), attempt))
    return yield* attempt
  })

const truncated = (input: Input, expected: number, received: number) =>
  new CosError.TruncatedBody({
    operation: "getObject",
    expected,
    received,
    bucket: input.bucket,
    key: input.key
  })

/** A part that is in the temporary file. */
interface Done extends Range {
  readonly crc64: bigint
}

const isKept = (exit: Exit.Exit<unknown, unknown>, settings: Settings): boolean =>
  Exit.isFailure(exit) && (Cause.isInterruptedOnly(exit.cause) ? settings.onInterrupt : settings.onFailure) === "keep"

const temporaryName = (path: string) =>
  Effect.map(Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER), (random) => `${path}.${random.toString(36)}.part`)

/** The checkpoint of an earlier run, if it is of this object and its temporary file is still there. */
const findCheckpoint = (
  id: string,
  settings: Settings,
  same: (checkpoint: Checkpoint.Download) => boolean
): Effect.Effect<Option.Option<Checkpoint.Download>, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (Option.isNone(settings.store)) return Option.none()
    const fs = yield* FileSystem.FileSystem
    const kept = yield* settings.store.value.get(id, Checkpoint.Download)
    if (Option.isNone(kept)) return Option.none()
    if (same(kept.value) && (yield* fs.exists(kept.value.temporaryPath))) return kept
    yield* fs.remove(kept.value.temporaryPath, { force: true })
    yield* settings.store.value.remove(id)
    return Option.none()
  })

/** The target must be able to take the file before anything is asked for. */
const checkTarget = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* Effect.option(fs.stat(path))
    if (Option.isSome(info) && info.value.type === "Directory") {
      return yield* new CosError.InvalidInput({ operation: "Download.file", field: "path", limit: "not a directory" })
    }
  })

const once = (input: Input, path: string, settings: Settings) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { range: _range, trafficLimit: _limit, ...readable } = input
    const head = yield* object.headObject({
      bucket: input.bucket,
      region: input.region,
      key: input.key,
      versionId: input.versionId,
      customerKey: input.customerKey,
      ifMatch: input.ifMatch,
      ifNoneMatch: input.ifNoneMatch,
      ifModifiedSince: input.ifModifiedSince,
      ifUnmodifiedSince: input.ifUnmodifiedSince
    })
    const pinned: Input = {
      ...readable,
      trafficLimit: input.trafficLimit,
      ifNoneMatch: undefined,
      ifModifiedSince: undefined,
      ifUnmodifiedSince: undefined
    }
    const size = head.contentLength
    const planned = rangesOf(size, settings.partSize)
    const meter = yield* progress.make({ ...settings.progress, total: size, partsTotal: planned.length })

    const bucket = yield* bucketInForce(input)
    const id = yield* Checkpoint.id({ kind: "download", bucket, key: input.key, path })
    const digest = yield* Checkpoint.digest({ versionId: input.versionId })
    const kept = yield* findCheckpoint(
      id,
      settings,
      (checkpoint) =>
        checkpoint.eTag === head.eTag &&
        checkpoint.size === size &&
        checkpoint.crc64 === head.crc64 &&
        checkpoint.partSize === settings.partSize &&
        checkpoint.settings === digest
    )
    const temporaryPath = Option.isSome(kept) ? kept.value.temporaryPath : yield* temporaryName(path)

    yield* Effect.addFinalizer((exit) =>
      Exit.isSuccess(exit) || isKept(exit, settings)
        ? Effect.void
        : Effect.ignoreLogged(fs.remove(temporaryPath, { force: true }))
    )
    const journal = Option.isNone(settings.store)
      ? undefined
      : yield* Effect.provideService(
          Checkpoint.journal(id, Checkpoint.Download),
          Checkpoint.Store,
          settings.store.value
        )
    yield* Effect.addFinalizer((exit) =>
      journal === undefined || isKept(exit, settings) ? Effect.void : Effect.ignoreLogged(journal.discard)
    )
    const createdAt = new Date(yield* Clock.currentTimeMillis)
    const done = new Map<number, Done>()
    const note = Effect.suspend(
      () =>
        journal?.note({
          kind: "download",
          version: 1,
          bucket,
          key: input.key,
          region: input.region,
          size,
          partSize: settings.partSize,
          createdAt,
          settings: digest,
          versionId: head.versionId,
          eTag: head.eTag,
          crc64: head.crc64,
          path,
          temporaryPath,
          parts: Array.from(done.values())
        }) ?? Effect.void
    )

    const flag = Option.isSome(kept) ? "r+" : "w+"
    const file = yield* local(path)(fs.open(temporaryPath, { flag }))
    yield* local(path)(file.truncate(FileSystem.Size(size)))

    const workers = Math.min(settings.concurrency, planned.length)
    const queue = planned.slice()
    const known = new Map(
      Option.match(kept, { onNone: () => [], onSome: ({ parts }) => parts.map((p) => [p.offset, p] as const) })
    )

    /** One worker: a handle and a buffer of its own, and ranges until there are none. */
    const work = Effect.gen(function* () {
      const handle = yield* local(path)(fs.open(temporaryPath, { flag: "r+" }))
      const buffer = Crc64.allocate(settings.partSize)
      for (let range = queue.shift(); range !== undefined; range = queue.shift()) {
        const earlier = known.get(range.offset)
        if (earlier !== undefined && earlier.size === range.size) {
          yield* handle.seek(FileSystem.Size(range.offset), "start")
          const target = buffer.subarray(0, range.size)
          let filled = 0
          while (filled < range.size) {
            const count = Number(yield* handle.read(target.subarray(filled)))
            if (count === 0) break
            filled += count
          }
          if (filled === range.size && Crc64.of(target) === earlier.crc64) {
            done.set(range.offset, { ...range, crc64: earlier.crc64 })
            yield* meter.resumed(range.size, 1)
            continue
          }
        }
        const bytes = yield* fetchRange(pinned, head, range, buffer)
        const crc64 = Crc64.of(bytes)
        yield* handle.seek(FileSystem.Size(range.offset), "start")
        yield* local(path)(handle.writeAll(bytes))
        done.set(range.offset, { ...range, crc64 })
        yield* meter.add(range.size, 1)
        yield* note
      }
    }).pipe(Effect.scoped)
    const before = known.size
    yield* Effect.all(
      Array.from({ length: workers }, () => work),
      { concurrency: workers, discard: true }
    )

    const crc64 = planned.reduce((crc, { offset, size }) => Crc64.combine(crc, done.get(offset)?.crc64 ?? 0n, size), 0n)
    if (settings.verify && head.crc64 !== undefined && head.crc64 !== crc64) {
      return yield* new CosError.IntegrityError({
        operation: "Download.file",
        algorithm: "crc64",
        expected: String(head.crc64),
        actual: String(crc64),
        bucket: input.bucket,
        key: input.key
      })
    }
    yield* local(path)(file.sync)
    yield* local(path)(fs.rename(temporaryPath, path))
    yield* meter.finish
    return {
      ...head,
      key: input.key,
      path,
      size,
      crc64,
      parts: planned.length,
      resumedParts: before
    } satisfies FileResult
  }).pipe(Effect.scoped)

export const file = (
  input: Input,
  path: string,
  settings: Settings
): Effect.Effect<
  FileResult,
  Effect.Effect.Error<ReturnType<typeof once>> | CosError.InvalidInput,
  CosClient | FileSystem.FileSystem
> => {
  const download = once(input, path, settings)
  return Effect.zipRight(
    checkTarget(path),
    settings.onChange === "restart" ? Effect.catchTag(download, "ObjectChanged", () => download) : download
  )
}
