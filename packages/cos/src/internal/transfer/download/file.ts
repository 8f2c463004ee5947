/** An object into a file: ranges side by side, a temporary file, proof, and only then the name. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import { constVoid } from "effect/Function"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Checkpoint from "../../../Checkpoint.js"
import { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type * as Operation from "../../../Operation.js"
import * as object from "../../../operations/object.js"
import type { Options as ProgressOptions } from "../../../Progress.js"
import { effectiveBucket } from "../../http/effective.js"
import { isCoded } from "../../http/headers.js"
import { invalidInput } from "../../http/invalidInput.js"
import { bytes, checkOptions, count } from "../../operation/options.js"
import { enterPhase, withPermit } from "../context.js"
import type { DownloadError, DownloadFileOptions, DownloadFileResult } from "../model.js"
import * as progress from "../progress.js"
import { fill, type Range } from "./range.js"
import type { Input } from "./response.js"

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

export const fromOptions = (
  operation: string,
  options: DownloadFileOptions
): Either.Either<Omit<Settings, "store">, CosError.InvalidInput> => {
  const settings = {
    partSize: Number(options.partSize ?? 8 * 1024 * 1024),
    concurrency: options.concurrency ?? 4,
    onInterrupt: options.onInterrupt ?? "remove",
    onFailure: options.onFailure ?? "remove",
    onChange: options.onChange ?? "fail",
    verify: options.verify ?? true,
    progress: { onProgress: options.onProgress, progressInterval: options.progressInterval }
  }
  return checkOptions(operation, settings, { partSize: bytes(64 * 1024, 1024 ** 3), concurrency: count(1, 256) })
}

type Head = Operation.Success<typeof object.headObject>
type Kept = Checkpoint.Download
/** A part that is in the temporary file. */
type Done = Kept["parts"][number]

const rangesOf = (size: number, partSize: number): ReadonlyArray<Range> =>
  Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
    offset: i * partSize,
    size: Math.min(partSize, size - i * partSize)
  }))

// --- the bytes -------------------------------------------------------------------------------------------------------

/** The temporary file: read and written at any place, by one fiber at a time. */
const openTemporary = (path: string, size: number) =>
  Effect.gen(function* () {
    const file = yield* (yield* FileSystem.FileSystem).open(path, { flag: "r+" })
    yield* file.truncate(FileSystem.Size(size))
    const lock = yield* Effect.makeSemaphore(1)
    const at = <A>(offset: number, use: Effect.Effect<A, PlatformError>) =>
      Effect.zipRight(file.seek(FileSystem.Size(offset), "start"), use).pipe(
        lock.withPermits(1),
        // The system goes on reading or writing until it is done, whoever still wants it.
        Effect.uninterruptible
      )
    return {
      write: (offset: number, bytes: Uint8Array) => at(offset, file.writeAll(bytes)),
      /** Whether the file holds the bytes that this part had. */
      holds: (part: Done, buffer: Uint8Array) =>
        at(
          part.offset,
          Effect.gen(function* () {
            const bytes = buffer.subarray(0, part.size)
            let filled = 0
            while (filled < bytes.byteLength) {
              const count = Number(yield* file.read(bytes.subarray(filled)))
              if (count === 0) return false
              filled += count
            }
            return Crc64.of(bytes) === part.crc64
          })
        ),
      sync: file.sync
    }
  })

// --- what an earlier run left ----------------------------------------------------------------------------------------

/** What a later run has to find as it was. */
type Known = Pick<Kept, "eTag" | "size" | "crc64" | "partSize" | "settings">

/** The temporary files that this process is writing to. */
const inUse = new Set<string>()

/** The checkpoint of an earlier run, if it is of this object and its temporary file is still there. */
const findKept = (id: string, store: Option.Option<Checkpoint.Store.Service>, known: Known) =>
  Effect.gen(function* () {
    if (Option.isNone(store)) return undefined
    const kept = Option.getOrUndefined(yield* store.value.get(id, Checkpoint.Download))
    if (kept === undefined) return undefined
    const fs = yield* FileSystem.FileSystem
    const isSame =
      kept.eTag === known.eTag &&
      kept.size === known.size &&
      kept.crc64 === known.crc64 &&
      kept.partSize === known.partSize &&
      kept.settings === known.settings
    const isThere = isSame && (yield* fs.exists(kept.temporaryPath))
    // A run of this process is at it: this one makes its own.
    if (inUse.has(kept.temporaryPath)) return undefined
    if (isThere) return kept
    yield* fs.remove(kept.temporaryPath, { force: true })
    return undefined
  })

/** Whether a later run can go on from here: not from bytes that proved to be wrong. */
const isKept = (exit: Exit.Exit<unknown, unknown>, settings: Settings): boolean =>
  Exit.isFailure(exit) &&
  Option.isSome(settings.store) &&
  (Cause.isInterruptedOnly(exit.cause) ? settings.onInterrupt : settings.onFailure) === "keep" &&
  !Option.exists(Cause.failureOption(exit.cause), (error) => error instanceof CosError.IntegrityError)

const temporaryName = (path: string) =>
  Effect.map(Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER), (random) => `${path}.${random.toString(36)}.part`)

/** The temporary file: that of an earlier run, or a new, empty one. It goes with a run that fails, unless it is noted. */
const makeTemporary = (path: string, kept: Kept | undefined, settings: Settings) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.acquireRelease(
      Effect.gen(function* () {
        if (kept !== undefined) return { path: kept.temporaryPath, noted: true }
        const name = yield* temporaryName(path)
        yield* fs.writeFile(name, new Uint8Array(0), { flag: "wx" })
        return { path: yield* fs.realPath(name), noted: false }
      }).pipe(Effect.tap(({ path }) => Effect.sync(() => inUse.add(path)))),
      (temporary, exit) => {
        inUse.delete(temporary.path)
        return Exit.isSuccess(exit) || (temporary.noted && isKept(exit, settings))
          ? Effect.void
          : Effect.catchAll(fs.remove(temporary.path, { force: true }), (error) =>
              Effect.logWarning("a temporary file could not be removed", error.message)
            )
      }
    )
  )

/** Notes the parts that are done, where a later run finds them. They are forgotten when there is nothing to go on with. */
const makeNote = (id: string, settings: Settings, checkpoint: Omit<Kept, "parts">, begun: ReadonlyArray<Done>) =>
  Effect.gen(function* () {
    if (Option.isNone(settings.store)) return () => Effect.void
    const journal = yield* Effect.provideService(
      Checkpoint.journal(id, Checkpoint.Download),
      Checkpoint.Store,
      settings.store.value
    )
    yield* Effect.addFinalizer((exit) =>
      isKept(exit, settings)
        ? Effect.void
        : Effect.catchAll(journal.discard, (error) =>
            Effect.logWarning("a checkpoint that is of no more use could not be removed", error.message)
          )
    )
    const note = (parts: Iterable<Done>) => journal.note({ ...checkpoint, parts: Array.from(parts) })
    // From here on a killed process is to find its file again. A write that fails is tried again, and logged, later.
    yield* note(begun)
    yield* Effect.ignore(journal.flush)
    return note
  })

// --- the whole -------------------------------------------------------------------------------------------------------

const once = (input: Input, path: string, settings: Settings) =>
  Effect.gen(function* () {
    const { partSize } = settings
    const { trafficLimit: _, ...asked } = input
    const head: Head = yield* object.headObject(asked)
    const { contentLength: size, crc64: expected, eTag } = head
    if (!(yield* CosClient).transport.rawBody && isCoded(head.contentEncoding)) {
      return yield* invalidInput(
        "Download.file",
        "key",
        `must be of an object without Content-Encoding, since this HTTP client decodes it (${head.contentEncoding})`
      )
    }
    const planned = rangesOf(size, partSize)
    const meter = yield* progress.make({ ...settings.progress, total: size, partsTotal: planned.length })

    const bucket = yield* effectiveBucket(input)
    const id = yield* Checkpoint.id({ kind: "download", bucket, key: input.key, path })
    const digest = yield* Checkpoint.digest({ versionId: input.versionId })
    const known = { eTag, size, crc64: expected, partSize, settings: digest }
    const kept = yield* findKept(id, settings.store, known)
    const temporary = yield* makeTemporary(path, kept, settings)
    const temporaryPath = temporary.path
    const { key, region } = input
    const note = yield* makeNote(
      id,
      settings,
      {
        kind: "download",
        version: 1,
        bucket,
        key,
        region,
        ...known,
        createdAt: new Date(yield* Clock.currentTimeMillis),
        versionId: head.versionId,
        path,
        temporaryPath
      },
      kept?.parts ?? []
    )
    temporary.noted = true

    const earlier = new Map((kept?.parts ?? []).map((part) => [part.offset, part]))
    const bytesToCheck = (kept?.parts ?? []).reduce((bytes, { size }) => bytes + size, 0)
    const done = new Map<number, Done>()
    // For the proof at the end, and for a later run to know its parts by.
    const isSummed = settings.verify || Option.isSome(settings.store)
    let resumedParts = 0
    const crc64 = yield* Effect.gen(function* () {
      const file = yield* openTemporary(temporaryPath, size)
      const waiting = planned.values()
      /** Takes ranges until there are none, into a buffer of its own. */
      const work = Effect.gen(function* () {
        const buffer = Crc64.allocate(Math.min(partSize, size))
        for (const range of waiting) {
          const had = earlier.get(range.offset)
          if (had !== undefined && had.size === range.size) {
            const isHeld = yield* file.holds(had, buffer)
            yield* meter.checked(range.size, bytesToCheck)
            if (isHeld) {
              done.set(range.offset, had)
              resumedParts += 1
              yield* meter.resumed(range.size, 1)
              continue
            }
          }
          yield* enterPhase("transferring")
          const crc = Crc64.make()
          const sum = isSummed ? (bytes: Uint8Array) => void crc.update(bytes) : constVoid
          yield* withPermit(fill(input, { eTag, total: size }, range, buffer, sum))
          yield* file.write(range.offset, buffer.subarray(0, range.size))
          done.set(range.offset, { ...range, crc64: crc.value })
          yield* meter.add(range.size, 1)
          yield* note(done.values())
        }
      })
      yield* Effect.all(Effect.replicate(work, Math.min(settings.concurrency, planned.length)), {
        concurrency: "unbounded",
        discard: true
      })
      const crc64 = isSummed
        ? planned.reduce((crc, { offset, size }) => Crc64.combine(crc, done.get(offset)?.crc64 ?? 0n, size), 0n)
        : expected
      if (settings.verify && expected !== undefined && expected !== crc64) {
        return yield* new CosError.IntegrityError({
          operation: "Download.file",
          algorithm: "crc64",
          expected: String(expected),
          actual: String(crc64),
          bucket,
          key
        })
      }
      yield* enterPhase("finishing")
      yield* file.sync
      return crc64
    }).pipe(Effect.scoped)

    yield* Effect.uninterruptible((yield* FileSystem.FileSystem).rename(temporaryPath, path))
    yield* meter.finish
    return { ...head, key, path, size, crc64, parts: planned.length, resumedParts } satisfies DownloadFileResult
  }).pipe(Effect.scoped)

// --- what can be wrong with the place --------------------------------------------------------------------------------

const isDiskFull = (error: DownloadError | CosError.CheckpointError | PlatformError): boolean =>
  error._tag === "SystemError" &&
  typeof error.cause === "object" &&
  error.cause !== null &&
  "code" in error.cause &&
  (error.cause.code === "ENOSPC" || error.cause.code === "EDQUOT")

/** The target must be able to take the file before anything is asked for. */
const checkTarget = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const info = yield* Effect.option(fs.stat(path))
    if (Option.isSome(info) && info.value.type === "Directory") {
      return yield* invalidInput("Download.file", "path", "must not be a directory")
    }
  })

export const file = (
  input: Input,
  path: string,
  settings: Settings
): Effect.Effect<
  DownloadFileResult,
  DownloadError | CosError.DiskFull | CosError.CheckpointError | PlatformError,
  CosClient | FileSystem.FileSystem
> => {
  const download = once(input, path, settings)
  return checkTarget(path).pipe(
    Effect.zipRight(
      settings.onChange === "restart" ? Effect.catchTag(download, "ObjectChanged", () => download) : download
    ),
    Effect.mapError((error) => (isDiskFull(error) ? new CosError.DiskFull({ path }) : error))
  )
}
