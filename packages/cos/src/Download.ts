/**
 * Downloads: streams that go on where they broke off, files that are whole or not there, values in memory. All but those
 * of a range are compared with the object's CRC64.
 *
 * An archived object is `InvalidObjectState`: ask for it with `Cos.restoreObject`, wait until it is there, and download it
 * then.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Download } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * export const program = Download.file({ key: "2019.tar", path: "./2019.tar" }).pipe(
 *   Effect.asVoid,
 *   Effect.catchTag("InvalidObjectState", () => Cos.restoreObject({ key: "2019.tar", days: 7 }))
 * )
 * ```
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import * as CosError from "./CosError.js"
import { absolutePath, RealPaths } from "./internal/file/absolutePath.js"
import { checkPath } from "./internal/file/checkPath.js"
import * as temporaryNames from "./internal/file/temporaryName.js"
import { withSpan } from "./internal/http/useSpan.js"
import * as controlledTransfer from "./internal/transfer/controlled.js"
import * as internal from "./internal/transfer/download/file.js"
import * as inMemory from "./internal/transfer/download/inMemory.js"
import * as oneFile from "./internal/transfer/download/oneFile.js"
import * as streams from "./internal/transfer/download/stream.js"
import { defaultLimits, limitInterrupt } from "./internal/transfer/interruptLimit.js"
import type {
  DownloadError,
  DownloadFileError,
  DownloadFileInput,
  DownloadFileOptions,
  DownloadFileResult,
  DownloadFilesError,
  DownloadFilesItem,
  DownloadFilesOptions,
  DownloadOptions,
  DownloadSource,
  InMemoryOptions,
  RemoteTree
} from "./internal/transfer/model.js"
import * as restartable from "./internal/transfer/restartable.js"
import * as batch from "./internal/transfer/tree/batch.js"
import * as journaled from "./internal/transfer/tree/journaled.js"
import * as remote from "./internal/transfer/tree/remote.js"
import * as runJournal from "./internal/transfer/tree/runJournal.js"
import type * as Operation from "./Operation.js"
import type * as bucket from "./operations/bucket.js"

export type {
  DownloadError,
  DownloadFileError,
  DownloadFileInput,
  DownloadFileOptions,
  DownloadFileResult,
  DownloadFilesError,
  DownloadFilesItem,
  DownloadFilesOptions,
  DownloadOptions,
  DownloadSource,
  InMemoryOptions,
  RemoteObject,
  RemoteTree
} from "./internal/transfer/model.js"

/**
 * The bytes of an object. When the connection breaks, the stream goes on by Range and If-Match from the byte it reached;
 * an object that has changed meanwhile is `ObjectChanged`, never a mixture.
 *
 * Memory: a few chunks, not read faster than they are taken.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Download } from "effect-cos"
 *
 * export const errors = Download.stream({ key: "app.log" }).pipe(
 *   Stream.decodeText(),
 *   Stream.splitLines,
 *   Stream.filter((line) => line.includes("ERROR"))
 * )
 * ```
 *
 * @since 0.1.0
 * @category downloads
 */
export const stream = (
  source: DownloadSource,
  options: DownloadOptions = {}
): Stream.Stream<Uint8Array, DownloadError, CosClient> =>
  streams.stream(source, { operation: "Download.stream", verify: options.verify ?? true })

const whole = (operation: string, source: DownloadSource, options: InMemoryOptions) =>
  inMemory.bytes(source, {
    operation,
    verify: options.verify ?? true,
    maxSize: Number(options.maxSize ?? 64 * 1024 * 1024)
  })

/**
 * All bytes of an object, in memory.
 *
 * Memory: the object, at most `maxSize`; twice that where the answer does not tell its length.
 *
 * @example
 * ```ts
 * import { Download } from "effect-cos"
 *
 * export const head = Download.bytes({ key: "a.bin", range: { start: 0, end: 1023 } })
 * ```
 *
 * @since 0.1.0
 * @category downloads
 */
export const bytes = (
  source: DownloadSource,
  options: InMemoryOptions = {}
): Effect.Effect<Uint8Array, DownloadError, CosClient> =>
  Effect.map(whole("Download.bytes", source, options), ({ bytes }) => bytes)

/**
 * An object as text. Bytes that are not UTF-8 are `MalformedResponse`.
 *
 * Memory: as {@link bytes}, and the text.
 *
 * @example
 * ```ts
 * import { Effect, Option } from "effect"
 * import { Download } from "effect-cos"
 *
 * // Only if it is another than the one that is known already.
 * export const refreshed = (known: string) =>
 *   Download.text({ key: "robots.txt", ifNoneMatch: known }).pipe(
 *     Effect.asSome,
 *     Effect.catchTag("NotModified", () => Effect.succeed(Option.none<string>()))
 *   )
 * ```
 *
 * @since 0.1.0
 * @category downloads
 */
export const text = (
  source: DownloadSource,
  options: InMemoryOptions = {}
): Effect.Effect<string, DownloadError, CosClient> =>
  Effect.flatMap(whole("Download.text", source, options), ({ bytes, response }) =>
    Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: () =>
        new CosError.MalformedResponse({
          operation: "Download.text",
          message: `${source.key} is not UTF-8`,
          ...response.facts
        })
    })
  )

/**
 * An object of JSON, decoded with a Schema.
 *
 * Memory: as {@link text}, and what it is decoded to.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Download } from "effect-cos"
 *
 * const Settings = Schema.Struct({ theme: Schema.Literal("light", "dark"), retries: Schema.Int })
 *
 * export const settings = Download.json({ key: "settings.json" }, Settings)
 * ```
 *
 * @since 0.1.0
 * @category downloads
 */
export const json = <A, I, R>(
  source: DownloadSource,
  schema: Schema.Schema<A, I, R>,
  options: InMemoryOptions = {}
): Effect.Effect<A, DownloadError | ParseResult.ParseError, CosClient | R> =>
  Effect.flatMap(text(source, options), Schema.decode(Schema.parseJson(schema)))

/**
 * Downloads an object into a file: ranges side by side, each with If-Match, into a temporary file beside the target that
 * takes its name when it is verified and flushed. When it fails, what was at the path is as it was.
 *
 * A file that is replaced gives its mode to the new one, and its owner where this process may; attributes beyond these
 * and hard links are not kept. A new file has the rights that the process gives its files. What is neither a regular
 * file nor a link to one (a directory, a pipe, a socket, a device) is `InvalidInput`.
 *
 * The temporary file is named by {@link isTemporaryName}'s pattern, and is hidden.
 *
 * With a `Checkpoint.Store` in the context a later run fetches only what is missing; what it finds is believed by CRC64.
 *
 * Memory: `partSize` × `concurrency`, and of all transfers of the client at most the `memoryBudget` of its settings.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Checkpoint, Download } from "effect-cos"
 *
 * // Run again after a crash, it fetches what is missing.
 * export const program = Download.file(
 *   { key: "movies/cat.mp4", path: "./cat.mp4" },
 *   { concurrency: 8, onInterrupt: "keep", onFailure: "keep" }
 * ).pipe(Effect.provide(Checkpoint.layerDirectory("./.checkpoints")))
 * ```
 *
 * @since 0.1.0
 * @category downloads
 */
export const file = (
  input: Omit<DownloadSource, "range"> & {
    /** The path of the file to write. Its directory must exist. */
    readonly path: string
  },
  options: DownloadFileOptions = {}
): Effect.Effect<DownloadFileResult, DownloadFileError, CosClient | FileSystem.FileSystem> =>
  Effect.flatMap(internal.fromOptions("Download.file", options), (settings) =>
    limitInterrupt(defaultLimits)(oneFile.downloadWith(settings, input))
  ).pipe(oneFile.spanOf)

/**
 * Whether a file of this name (without its directory) is the temporary file of a download, of this process or another:
 * not finished, or left by a crash. Backups and watchers pass over it, as trees and syncs do.
 *
 * @since 0.1.0
 * @category naming
 */
export const isTemporaryName: (name: string) => boolean = temporaryNames.isTemporaryName

/**
 * A download under control, as {@link controlled} starts it.
 *
 * @since 0.1.0
 * @category models
 */
export type ControlledDownload = Controlled<DownloadFileResult, DownloadFileError, Checkpoint.Download>

/**
 * A download into a file that can be paused, resumed and cancelled. It runs by itself; closing the scope cancels it
 * unless it is over, or keeps what it has done with `onInterrupt: "keep"` and a `Checkpoint.Store` in the context.
 *
 * Paused, it keeps the temporary file; resumed, it compares what is there, and fetches the rest.
 *
 * Memory: as {@link file} while it runs, else none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Download } from "effect-cos"
 *
 * export const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const download = yield* Download.controlled({ key: "movie.mp4", path: "./movie.mp4" })
 *     yield* Effect.forkScoped(
 *       Stream.runForEach(download.progress, ({ total, transferred }) => Effect.log(`${transferred} of ${total}`))
 *     )
 *     yield* download.pause
 *     yield* download.resume
 *     return yield* download.await
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category downloads
 */
export const controlled = (
  input: Omit<DownloadSource, "range"> & {
    /** The path of the file to write. Its directory must exist. */
    readonly path: string
  },
  options: DownloadFileOptions = {}
): Effect.Effect<ControlledDownload, CosError.InvalidInput, CosClient | FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    yield* internal.fromOptions("Download.controlled", options)
    // Also when the working directory changes between two runs.
    yield* checkPath("Download.controlled", input.path)
    const path = yield* absolutePath(input.path)
    return yield* controlledTransfer.make(
      restartable.download(input.key, options, (options) => file({ ...input, path }, options)),
      { isKept: controlledTransfer.isKeptBy(options) }
    )
  })

/**
 * Downloads many objects into files: those that are named, or those below a prefix. The failure of one does not stop the
 * others, and is not a failure of the whole: the report says what became of each, folders that were made having no
 * value. What fails the whole is a list that cannot be had, or a directory that cannot be made.
 *
 * The first objects are downloaded before the list is over. What has been downloaded when it fails stays.
 *
 * Memory: that of as many {@link file} as run at once, at most `memoryBudget` of the client; and about 1 KB for each object's outcome, which
 * {@link filesStream} does not keep.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Download } from "effect-cos"
 *
 * export const restore = Download.files({ prefix: "photos/", directory: "./photos", include: "*.jpg" }).pipe(
 *   Effect.tap(({ failures }) =>
 *     Effect.forEach(failures, ({ error, input }) => Console.error(`${input.key}: ${error.message}`))
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category many
 */
export const files = (
  input: ReadonlyArray<DownloadFileInput> | RemoteTree,
  options: DownloadFilesOptions = {}
): Effect.Effect<
  Batch.Report<DownloadFilesItem, DownloadFileResult | undefined, DownloadFilesError>,
  Operation.Error<typeof bucket.listObjects> | CosError.PaginationStuck | PlatformError,
  CosClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.flatMap(prepareFiles("Download.files", input, options), ({ limits, plan, transfer }) =>
    batch.report(plan, limits, options, transfer)
  ).pipe(Effect.scoped, withSpan("Cos.Download.files"))

/**
 * {@link files} as a Stream of what became of each object, in the order in which they end. Nothing is held for an object
 * that has been passed on, but for 32 bytes of its name: names that a file system may keep as one are refused wherever they
 * stand in the list. Objects may come as a Stream as well, with paths of your own, of which nothing is held.
 *
 * The first objects are downloaded before the list is over. Whoever takes the outcomes slowly slows the downloads down, and
 * whoever stops taking them interrupts those that run. Where the list fails, the Stream fails after what had been listed is
 * done.
 *
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Download } from "effect-cos"
 *
 * export const restore = Download.filesStream({ prefix: "2026/", directory: "./measurements" }, { concurrency: 32 }).pipe(
 *   Stream.filter((outcome) => outcome._tag === "Failure"),
 *   Stream.runForEach(({ error, input }) => Console.error(`${input.key}: ${error.message}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category many
 */
export const filesStream = <E = never, R = never>(
  input: ReadonlyArray<DownloadFileInput> | RemoteTree | Stream.Stream<DownloadFileInput, E, R>,
  options: DownloadFilesOptions = {}
): Stream.Stream<
  Batch.Outcome<DownloadFilesItem, DownloadFileResult | undefined, DownloadFilesError>,
  E | Operation.Error<typeof bucket.listObjects> | CosError.PaginationStuck | PlatformError,
  R | CosClient | FileSystem.FileSystem | Path.Path
> =>
  Stream.unwrapScoped(
    Effect.map(prepareFiles("Download.filesStream", input, options), ({ limits, plan, transfer }) =>
      batch.outcomes(plan, limits, options, transfer)
    )
  ).pipe(Stream.withSpan("Cos.Download.filesStream", { captureStackTrace: false }))

const prepareFiles = <E = never, R = never>(
  operation: string,
  input: remote.Files<E, R>,
  options: DownloadFilesOptions
) =>
  Effect.gen(function* () {
    const {
      concurrency: _concurrency,
      dryRun: _dryRun,
      journal,
      onFile: _onFile,
      onFileProgress: _onFileProgress,
      onProgress: _onProgress,
      ...others
    } = options
    const limits = yield* batch.limits(operation, options)
    // Links below the directory of a tree may have been made by others.
    const symlinks = "directory" in input ? "refuse" : others.symlinks
    const settings = yield* internal.fromOptions(operation, { ...others, symlinks, concurrency: limits.parts })
    const plan = yield* remote.plan(operation, input, options.dryRun)
    const directories = new RealPaths()
    const run = ({ input, pathFor, size }: remote.Planned, onProgress: DownloadFileOptions["onProgress"]) =>
      Effect.flatMap(pathFor, (path) => {
        if (path === undefined) return Effect.succeed(undefined)
        const ofFile = { ...settings, progress: { ...settings.progress, onProgress } }
        // What is one part has nothing to be resumed.
        const isOnePart = size !== undefined && size <= settings.partSize
        return oneFile.download(ofFile, { ...input, path }, directories, isOnePart)
      })
    const prepared = { plan, transfer: { run, ends: defaultLimits } }
    if (journal === undefined) return { limits, ...prepared }
    return { limits, ...journaled.downloads(prepared, yield* runJournal.open(operation, journal)) }
  })
