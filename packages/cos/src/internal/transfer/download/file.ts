/** An object into a file: ranges side by side into a temporary file, which takes the file's name once it is verified. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import { constVoid } from "effect/Function"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Checkpoint from "../../../Checkpoint.js"
import { CosClient } from "../../../CosClient.js"
import * as CosError from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import type { Options as ProgressOptions } from "../../../Progress.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { fileSteps } from "../../file/steps.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import { isCoded } from "../../http/headers.js"
import { bytes, checkDurations, checkOptions, countOrAuto } from "../../operation/options.js"
import { withCheckpointOwned } from "../checkpointOwnership.js"
import * as checkpointWriter from "../checkpointWriter.js"
import type { Findable } from "../confirmSaved.js"
import { enterPhase, ifOwner } from "../context.js"
import * as engine from "../engine.js"
import { claimTemporaryFile } from "../inUse.js"
import { keepUnfinished } from "../keepUnfinished.js"
import { clientMemory, type Memory } from "../memory.js"
import * as progress from "../meter.js"
import type { DownloadFileError, DownloadFileOptions, DownloadFileResult, DownloadSource, IfRunning } from "../model.js"
import { partsAtOnce } from "../partLimit.js"
import { type PartPlan, partAt, parts, plan } from "../parts.js"
import { fetchBeginning } from "./beginning.js"
import * as doneRanges from "./doneRanges.js"
import { fetchRange } from "./fetchRange.js"
import { compareCrc64, sumAsFilled } from "./integrity.js"
import { type Head, headWithSize } from "./response.js"
import * as smallFile from "./smallFile.js"
import * as targets from "./target.js"
import * as temporary from "./temporaryFile.js"

export interface Settings {
  readonly partSize: number
  readonly concurrency: number | "auto"
  readonly ifRunning: IfRunning
  readonly onInterrupt: "remove" | "keep"
  readonly onFailure: "remove" | "keep" | "keepIfRetryable"
  readonly onChange: "fail" | "restart"
  readonly symlinks: "follow" | "refuse"
  readonly verify: boolean
  readonly progress: ProgressOptions
  readonly store: Option.Option<Checkpoint.Store.Service>
}

const ranges = { partSize: bytes(64 * 1024, 1024 ** 3), concurrency: countOrAuto(1, 256) }

export const fromOptions = (
  operation: string,
  options: DownloadFileOptions
): Either.Either<Omit<Settings, "store">, CosError.InvalidInput> => {
  const settings = {
    partSize: Number(options.partSize ?? 8 * 1024 * 1024),
    concurrency: options.concurrency ?? "auto",
    ifRunning: options.ifRunning ?? ("beside" as const),
    onInterrupt: options.onInterrupt ?? "remove",
    onFailure: options.onFailure ?? "remove",
    onChange: options.onChange ?? "fail",
    symlinks: options.symlinks ?? "follow",
    verify: options.verify ?? true,
    progress: { onProgress: options.onProgress, progressInterval: options.progressInterval }
  }
  return Either.flatMap(checkDurations(operation, options), () => checkOptions(operation, settings, ranges))
}

/** How many ranges are fetched at once where no number is given or found. */
const rangesAtOnce = 4

type SavedCheckpoint = Checkpoint.Download

// --- what an earlier run left ----------------------------------------------------------------------------------------

/** What a later run must find unchanged to resume a download. */
type ResumeKey = Pick<SavedCheckpoint, "eTag" | "size" | "crc64" | "partSize" | "settings">

const isSame = (saved: SavedCheckpoint, identity: ResumeKey): boolean =>
  saved.eTag === identity.eTag &&
  saved.size === identity.size &&
  saved.crc64 === identity.crc64 &&
  saved.partSize === identity.partSize &&
  saved.settings === identity.settings

/** The checkpoint of an earlier run, if it is of this object and its temporary file is still there. */
const findSaved = (id: string, target: targets.DownloadTarget, identity: ResumeKey, store: Checkpoint.Store.Service) =>
  Effect.gen(function* () {
    const saved = Option.getOrUndefined(yield* store.get(id, Checkpoint.Download))
    if (saved === undefined) return undefined
    if (!temporary.canBeOurs(saved.temporaryPath, target)) {
      yield* Effect.logWarning(
        "a checkpoint names a temporary file that cannot be a download's, and counts as absent",
        saved.temporaryPath
      )
      return undefined
    }
    // Another run of this process is writing to it: this one makes its own.
    if (!(yield* claimTemporaryFile(saved.temporaryPath))) return undefined
    if (isSame(saved, identity) && (yield* temporary.isThere(saved.temporaryPath))) return saved
    yield* temporary.remove(saved.temporaryPath)
    return undefined
  })

/** Whether a later run is to go on from here: not from bytes that proved to be wrong. */
const isKept = (exit: Exit.Exit<unknown, unknown>, settings: Settings): boolean =>
  Exit.isFailure(exit) &&
  Option.isSome(settings.store) &&
  keepUnfinished(exit.cause, settings) &&
  !Option.exists(Cause.failureOption(exit.cause), (error) => error instanceof CosError.IntegrityError)

interface TemporaryFile {
  readonly path: string
  /** Of a new one. Nothing may have it open that removes the file, or gives it a name. */
  readonly handle: FileSystem.File | undefined
  readonly close: Effect.Effect<void>
  /** Whether a later run can find it. */
  findable: Findable
}

/** That of an earlier run, or a new, empty one. It is removed with a run that fails, unless it is kept for a later one. */
const acquireTemporary = (
  target: targets.DownloadTarget,
  saved: SavedCheckpoint | undefined,
  settings: Settings
): Effect.Effect<TemporaryFile, PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      if (saved !== undefined) {
        const file: TemporaryFile = {
          path: saved.temporaryPath,
          handle: undefined,
          close: Effect.void,
          findable: "found"
        }
        return file
      }
      const handles = yield* Scope.make()
      const created = yield* temporary.create(target, handles)
      const file: TemporaryFile = { ...created, close: Scope.close(handles, Exit.void), findable: "lost" }
      return file
    }),
    ({ close, findable, path }, exit) => {
      if (Exit.isSuccess(exit)) return Effect.void
      const rest =
        !isKept(exit, settings) || findable === "lost"
          ? ifOwner(temporary.remove(path))
          : findable === "found"
            ? Effect.void
            : temporary.reportUnfindable(path)
      return Effect.zipRight(close, rest)
    }
  )

// --- the bytes -------------------------------------------------------------------------------------------------------

/** Fetches what is missing into the temporary file. Succeeds with the CRC64 of all, and the parts of the earlier run. */
const fetchAll = (options: {
  readonly input: DownloadSource
  readonly head: Head
  /** The first bytes, as far as they are there. */
  readonly beginning: Uint8Array
  readonly plan: PartPlan
  readonly temporary: TemporaryFile
  readonly saved: ReadonlyArray<doneRanges.DoneRange>
  readonly meter: progress.Meter
  readonly note: (done: ReadonlyArray<doneRanges.DoneRange>) => Effect.Effect<void>
  readonly memory: Memory
  readonly settings: Settings
}) =>
  Effect.gen(function* () {
    const { beginning, head, input, memory, meter, note, plan, settings } = options
    const { crc64: expected, eTag } = head
    const { handle, path } = options.temporary
    const file = yield* temporary.open(path, handle, { isOnePart: plan.count <= 1, size: plan.size })
    // For the proof at the end, and for a later run to know its parts by.
    const isSummed = settings.verify || Option.isSome(settings.store)
    const work: engine.Work<doneRanges.DoneRange, doneRanges.DoneRange, DownloadFileError, CosClient> = {
      check: (range, buffer) =>
        Effect.map(file.holds(range, buffer()), (holds) => (holds ? Option.some(range) : Option.none())),
      transfer: ({ offset, size }, buffer) =>
        Effect.gen(function* () {
          const bytes = buffer().subarray(0, size)
          const sum = sumAsFilled(bytes)
          const filled = offset === 0 ? beginning.byteLength : 0
          bytes.set(beginning.subarray(0, filled))
          const onFilled = isSummed ? sum.filledTo : constVoid
          yield* fetchRange(input, { eTag, total: plan.size }, { offset, size }, bytes, onFilled, { filled })
          yield* file.write(offset, bytes)
          return { offset, size, crc64: sum.crc.value }
        })
    }
    const done = doneRanges.make()
    const first = beginning.byteLength
    if (first > 0 && first === partAt(plan, 1).size) {
      yield* file.write(0, beginning)
      done.add({ offset: 0, size: first, crc64: isSummed ? Crc64.of(beginning) : 0n })
      yield* meter.add(first, 1)
    }
    const fetchParts = Effect.gen(function* () {
      const atOnce = yield* partsAtOnce(settings.concurrency, rangesAtOnce)
      yield* memory.reuse
      return yield* engine.run(parts(plan), {
        plan,
        meter,
        done,
        saved: doneRanges.usable(options.saved, plan),
        onDone: Effect.suspend(() => note(done.values())),
        work,
        withBuffer: (use) => memory.withBuffer(Math.min(plan.partSize, plan.size), use),
        atOnce: file.isPositional ? atOnce : { ...atOnce, workers: 1 }
      })
    })
    const resumedParts = first > 0 && first === plan.size ? 0 : yield* fetchParts
    const crc64 = isSummed ? done.crc64() : expected
    if (settings.verify) yield* compareCrc64("Download.file", input, expected, crc64)
    yield* enterPhase("finishing")
    return { crc64, resumedParts, written: yield* file.finish }
  }).pipe(Effect.scoped)

// --- the whole -------------------------------------------------------------------------------------------------------

/** By HEAD. */
const headOf = ({ trafficLimit: _, ...input }: DownloadSource) =>
  Effect.gen(function* () {
    const head = yield* headWithSize(input)
    if ((yield* CosClient).transport.rawBody || !isCoded(head.contentEncoding)) return head
    return yield* invalidInput(
      "Download.file",
      "key",
      `must be of an object without Content-Encoding, since this HTTP client decodes it (${head.contentEncoding})`
    )
  })

interface Destination {
  readonly path: string
  readonly target: targets.DownloadTarget
}

/** The temporary file, what of it is done, and how more is noted. */
const openResumable = (
  input: DownloadSource,
  head: Head,
  planned: PartPlan,
  { path, target }: Destination,
  store: Checkpoint.Store.Service,
  settings: Settings
) =>
  Effect.gen(function* () {
    const { key, region, versionId } = input
    const bucket = yield* effectiveBucket(input)
    const id = yield* Checkpoint.id({ kind: "download", bucket, key, path })
    const identity: ResumeKey = {
      eTag: head.eTag,
      size: planned.size,
      crc64: head.crc64,
      partSize: planned.partSize,
      settings: yield* Checkpoint.digest({ versionId })
    }
    const saved = yield* findSaved(id, target, identity, store)
    const file = yield* acquireTemporary(target, saved, settings)
    const checkpoint: SavedCheckpoint = {
      kind: "download",
      version: 1,
      bucket,
      key,
      region,
      ...identity,
      createdAt: new Date(yield* Clock.currentTimeMillis),
      versionId: head.versionId,
      path,
      temporaryPath: file.path,
      parts: saved?.parts ?? []
    }
    const notes = yield* checkpointWriter.open({
      store,
      id,
      schema: Checkpoint.Download,
      first: checkpoint,
      isSame: (one, other) => one.temporaryPath === other.temporaryPath,
      isKept: (exit) => isKept(exit, settings),
      onKept: (findable) => {
        file.findable = findable
      }
    })
    const note = (parts: SavedCheckpoint["parts"]) => notes.write({ ...checkpoint, parts })
    return { file, saved: checkpoint.parts, note }
  })

const noBytes = new Uint8Array(0)

/** What is known of the object, and of its bytes, before they are written. */
const begin = (
  input: DownloadSource,
  { path, target }: Destination,
  settings: Settings,
  tried: smallFile.Larger | undefined
) =>
  Effect.gen(function* () {
    const { partSize, store } = settings
    if (Option.isSome(store)) {
      // Which bytes are there is known by the object that they are of.
      const head = yield* headOf(input)
      const planned = plan(head.contentLength, partSize)
      const opened = yield* openResumable(input, head, planned, { path, target }, store.value, settings)
      return { ...opened, head, planned, beginning: noBytes }
    }
    const file = yield* acquireTemporary(target, undefined, settings)
    const begun = tried === undefined ? yield* fetchBeginning(input, settings) : tried.begun
    const head = begun?.head ?? (yield* headOf(input))
    const beginning = begun?.bytes ?? noBytes
    return { file, saved: [], note: () => Effect.void, head, planned: plan(head.contentLength, partSize), beginning }
  })

const downloadOnce = (
  input: DownloadSource,
  path: string,
  settings: Settings
): Effect.Effect<DownloadFileResult, DownloadFileError, CosClient | FileSystem.FileSystem> =>
  Effect.flatMap(fileSteps, (steps) =>
    steps === undefined || Option.isSome(settings.store) || settings.progress.onProgress !== undefined
      ? inRanges(input, path, settings)
      : Effect.flatMap(smallFile.download(steps, input, path, settings), (result) =>
          result instanceof smallFile.Larger ? inRanges(input, path, settings, result) : Effect.succeed(result)
        )
  )

const inRanges = (input: DownloadSource, path: string, settings: Settings, tried?: smallFile.Larger) =>
  Effect.gen(function* () {
    const { key } = input
    const memory = yield* clientMemory
    const target = yield* targets.inspect(path, settings.symlinks)
    const { beginning, file, head, note, planned, saved } = yield* begin(input, { path, target }, settings, tried)
    const meter = yield* progress.make({ ...settings.progress, total: planned.size, partsTotal: planned.count })

    const { crc64, resumedParts, written } = yield* fetchAll({
      input,
      head,
      beginning,
      plan: planned,
      temporary: file,
      saved,
      meter,
      note,
      memory,
      settings
    })
    yield* file.close

    const now = yield* targets.stillSame(target, yield* targets.inspect(path, settings.symlinks))
    yield* targets.copyModeAndOwner(file.path, written, now)
    yield* Effect.uninterruptible((yield* FileSystem.FileSystem).rename(file.path, target.path))
    yield* meter.finish
    return {
      ...head,
      key,
      path,
      size: planned.size,
      crc64,
      parts: planned.count,
      resumedParts
    } satisfies DownloadFileResult
  }).pipe(Effect.scoped)

const isDiskFull = (error: DownloadFileError): boolean =>
  error._tag === "SystemError" &&
  typeof error.cause === "object" &&
  error.cause !== null &&
  "code" in error.cause &&
  (error.cause.code === "ENOSPC" || error.cause.code === "EDQUOT")

/** `path` is absolute. */
export const file = (
  input: DownloadSource,
  path: string,
  settings: Settings
): Effect.Effect<DownloadFileResult, DownloadFileError, CosClient | FileSystem.FileSystem> => {
  const run = (store: Settings["store"]) => {
    const download = downloadOnce(input, path, { ...settings, store })
    return settings.onChange === "restart" ? Effect.catchTag(download, "ObjectChanged", () => download) : download
  }
  const owned = Option.isNone(settings.store)
    ? run(settings.store)
    : effectiveBucket(input).pipe(
        Effect.flatMap((bucket) => Checkpoint.id({ kind: "download", bucket, key: input.key, path })),
        Effect.flatMap((id) => withCheckpointOwned(settings.store, id, settings.ifRunning, run))
      )
  return Effect.mapError(owned, (error) => (isDiskFull(error) ? new CosError.DiskFull({ path }) : error))
}
