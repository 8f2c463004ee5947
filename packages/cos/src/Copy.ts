/**
 * Copies within the service: in one request where one will do, else in parts that the service copies side by side. The
 * bytes do not pass through here, so that memory is that of the list of parts: at most 10,000, less than 5 MB.
 *
 * An archived source is `InvalidObjectState`: ask for it with `Cos.restoreObject`, wait until it is there, and copy it then.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import { withSpan } from "./internal/http/useSpan.js"
import * as controlledTransfer from "./internal/transfer/controlled.js"
import * as internal from "./internal/transfer/copy/copy.js"
import { limitInterrupt } from "./internal/transfer/interruptLimit.js"
import type {
  CopyError,
  CopyInput,
  CopyObjectsError,
  CopyObjectsOptions,
  CopyOptions,
  CopyResult,
  CopyTree
} from "./internal/transfer/model.js"
import * as restartable from "./internal/transfer/restartable.js"
import { storeInContext } from "./internal/transfer/storeInContext.js"
import * as batch from "./internal/transfer/tree/batch.js"
import * as copies from "./internal/transfer/tree/copies.js"
import * as journaled from "./internal/transfer/tree/journaled.js"
import * as runJournal from "./internal/transfer/tree/runJournal.js"
import * as settings from "./internal/transfer/upload/settings.js"
import type * as Operation from "./Operation.js"
import type * as bucket from "./operations/bucket.js"
import type * as object from "./operations/object.js"

export type {
  CopyError,
  CopyInput,
  CopyObjectsError,
  CopyObjectsOptions,
  CopyOptions,
  CopyResult,
  CopyTree,
  RemoteObject
} from "./internal/transfer/model.js"

const filled = (operation: string, options: CopyOptions) =>
  settings.fromOptions(operation, {
    ...options,
    partSize: options.partSize ?? 64 * 1024 * 1024,
    threshold: options.threshold ?? 256 * 1024 * 1024
  })

/**
 * Copies an object of any size, also between buckets and regions.
 *
 * The source's version and ETag are pinned at the start: one that changes meanwhile is `ObjectChanged`, never a mixture.
 * The copy's CRC64 is compared with the source's. A copy in parts that does not become the object is aborted, as an
 * upload is.
 *
 * @example
 * ```ts
 * import { Copy } from "effect-cos"
 *
 * export const archive = Copy.object({
 *   key: "2026/report.pdf",
 *   bucket: "archive-1250000000",
 *   region: "ap-beijing",
 *   storageClass: "ARCHIVE",
 *   source: { bucket: "documents-1250000000", region: "ap-guangzhou", key: "report.pdf" }
 * })
 * ```
 *
 * @since 0.1.0
 * @category copies
 */
const object_ = (input: CopyInput, options: CopyOptions = {}): Effect.Effect<CopyResult, CopyError, CosClient> =>
  Effect.gen(function* () {
    const store = yield* storeInContext
    const settings = yield* filled("Copy.object", options)
    return yield* internal
      .copy(input, settings, options.tags ?? false, {
        checkpoint: options.resume,
        discover: false,
        store,
        onCheckpoint: options.onCheckpoint
      })
      .pipe(limitInterrupt(settings.limits))
  }).pipe(withSpan("Cos.Copy.object"))

export { object_ as object }

/**
 * A copy under control, as {@link controlled} starts it.
 *
 * @since 0.1.0
 * @category models
 */
export type ControlledCopy = Controlled<CopyResult, CopyError, Checkpoint.Upload>

/**
 * A copy that can be paused, resumed and cancelled. It runs by itself; closing the scope cancels it unless it is over, or
 * keeps what it has done with `onInterrupt: "keep"`. Paused, it keeps the parts that are done.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Copy } from "effect-cos"
 *
 * export const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const copy = yield* Copy.controlled({ key: "b.iso", source: { key: "a.iso" } })
 *     yield* copy.pause
 *     yield* copy.resume
 *     return yield* copy.await
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category copies
 */
export const controlled = (
  input: CopyInput,
  options: CopyOptions = {}
): Effect.Effect<ControlledCopy, CosError.InvalidInput, CosClient | Scope.Scope> =>
  Effect.zipRight(
    filled("Copy.controlled", options),
    controlledTransfer.make(
      restartable.upload(input.key, options, (options) => object_(input, options)),
      { isKept: controlledTransfer.isKeptBy(options) }
    )
  )

/**
 * Copies an object and then removes the source: only when what the new key holds has the source's size and CRC64, and the
 * source is still the one that was copied.
 *
 * In a bucket with versioning the source gets a delete marker; with `source.versionId`, that version is removed.
 *
 * @example
 * ```ts
 * import { Copy } from "effect-cos"
 *
 * export const rename = Copy.move({ key: "2026/report.pdf", source: { key: "incoming/report.pdf" } }, { tags: true })
 * ```
 *
 * @since 0.1.0
 * @category copies
 */
export const move = (
  input: CopyInput,
  options: CopyOptions = {}
): Effect.Effect<CopyResult, CopyError | Operation.Error<typeof object.deleteObject>, CosClient> =>
  Effect.gen(function* () {
    yield* internal.refuseOntoItself(input)
    const copied = yield* object_(input, options)
    yield* internal.removeSource(input, copied)
    return copied
  }).pipe(withSpan("Cos.Copy.move"))

/**
 * Copies many objects: those that are named, or those below a prefix. The failure of one does not stop the others, and is
 * not a failure of the whole: the report says what became of each. What fails the whole is a list that cannot be had.
 *
 * Memory: that of as many {@link object} as run at once, and about 1 KB for each object's outcome, which
 * {@link objectsStream} does not keep.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Copy } from "effect-cos"
 *
 * export const archive = Copy.objects(
 *   { source: { prefix: "2025/" }, bucket: "archive-1250000000", prefix: "years/2025/", storageClass: "ARCHIVE" },
 *   { move: true }
 * ).pipe(
 *   Effect.tap(({ failures }) =>
 *     Effect.forEach(failures, ({ error, input }) => Console.error(`${input.source.key}: ${error.message}`))
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category many
 */
export const objects = (
  input: ReadonlyArray<CopyInput> | CopyTree,
  options: CopyObjectsOptions = {}
): Effect.Effect<
  Batch.Report<CopyInput, CopyResult, CopyObjectsError>,
  Operation.Error<typeof bucket.listObjects> | CosError.PaginationStuck,
  CosClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.flatMap(prepare("Copy.objects", input, options), ({ limits, plan, transfer }) =>
    batch.report(plan, limits, options, transfer)
  ).pipe(Effect.scoped, withSpan("Cos.Copy.objects"))

/**
 * {@link objects} as a Stream of what became of each object, in the order in which they end. Nothing is held for an object
 * that has been passed on, and objects may come as a Stream as well.
 *
 * Whoever takes the outcomes slowly slows the copies down, and whoever stops taking them interrupts those that run.
 *
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Copy } from "effect-cos"
 *
 * export const copy = Copy.objectsStream({ source: { prefix: "photos/" }, prefix: "backup/" }).pipe(
 *   Stream.filter((outcome) => outcome._tag === "Failure"),
 *   Stream.runForEach(({ error, input }) => Console.error(`${input.source.key}: ${error.message}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category many
 */
export const objectsStream = <E = never, R = never>(
  input: ReadonlyArray<CopyInput> | CopyTree | Stream.Stream<CopyInput, E, R>,
  options: CopyObjectsOptions = {}
): Stream.Stream<
  Batch.Outcome<CopyInput, CopyResult, CopyObjectsError>,
  E | Operation.Error<typeof bucket.listObjects> | CosError.PaginationStuck,
  R | CosClient | FileSystem.FileSystem | Path.Path
> =>
  Stream.unwrapScoped(
    Effect.map(prepare("Copy.objectsStream", input, options), ({ limits, plan, transfer }) =>
      batch.outcomes(plan, limits, options, transfer)
    )
  ).pipe(Stream.withSpan("Cos.Copy.objectsStream", { captureStackTrace: false }))

const prepare = <E = never, R = never>(operation: string, input: copies.Copies<E, R>, options: CopyObjectsOptions) =>
  Effect.gen(function* () {
    const {
      concurrency: _concurrency,
      dryRun: _dryRun,
      journal,
      move: isMove = false,
      onFile: _onFile,
      onFileProgress: _onFileProgress,
      ...others
    } = options
    const limits = yield* batch.limits(operation, options)
    const ofEach = { ...others, concurrency: limits.parts, onProgress: undefined }
    const { limits: ends } = yield* filled(operation, ofEach)
    const run = (
      { input }: copies.Planned,
      onProgress: CopyOptions["onProgress"]
    ): Effect.Effect<CopyResult, CopyObjectsError, CosClient> =>
      (isMove ? move : object_)(input, { ...ofEach, onProgress })
    const prepared = { plan: copies.plan(operation, input), transfer: { run, ends } }
    if (journal === undefined || isMove) return { limits, ...prepared }
    const opened = yield* runJournal.open(operation, journal)
    return { limits, ...journaled.copies(prepared, opened, "source" in input ? input : undefined) }
  })
