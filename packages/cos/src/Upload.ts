/**
 * Uploads: in one request where one is enough, else in parts that are sent side by side, each retried by itself, and
 * proven by CRC64 from the source to the object.
 *
 * However an upload ends (a failure, a time limit, an interrupt), it either became the object whole or is aborted on the
 * server: nothing is left behind. What cannot be removed within its bound is logged as a warning that names it.
 *
 * An interrupt ends when the server has answered the abort. If it does not answer, that is after `releaseLimit`; before
 * the upload had its id, after `abortGrace` + `releaseLimit`; while it is being completed, after `abortGrace` + 2 ×
 * `releaseLimit`, since first the key is looked at: 10, 15 and 25 seconds by default.
 *
 * To go on after the process has ended, provide a `Checkpoint.Store`, such as `Checkpoint.layerDirectory`, and keep what is
 * unfinished (`onInterrupt`, `onFailure`); the same call then sends the missing parts only.
 *
 * Memory, whatever the size of the object: `partSize` × `concurrency`, and for a stream one `partSize` more; or `threshold`
 * for what goes in one request. What is larger than `maxPartBuffer`, a part or an object in one request, is read 1 MiB at a
 * time. All transfers of a client together take no more than the `memoryBudget` of its settings, 64 MiB by default, and one
 * `partSize` for each stream.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Sink from "effect/Sink"
import * as SinkModule from "effect/Sink"
import * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import * as Body from "./Body.js"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import { invalidInput } from "./internal/encoding/invalidInput.js"
import { withSpan } from "./internal/http/useSpan.js"
import { bodyRule } from "./internal/operation/bodyRule.js"
import * as controlledTransfer from "./internal/transfer/controlled.js"
import type {
  AbortReport,
  InMemory,
  LocalTree,
  ReadOnce,
  ResumableUploadOptions,
  UnfinishedSelection,
  UploadContent,
  UploadError,
  UploadFileError,
  UploadFileInput,
  UploadFilesOptions,
  UploadOptions,
  UploadResult,
  UploadTarget
} from "./internal/transfer/model.js"
import * as restartable from "./internal/transfer/restartable.js"
import * as batch from "./internal/transfer/tree/batch.js"
import * as journaled from "./internal/transfer/tree/journaled.js"
import * as local from "./internal/transfer/tree/local.js"
import * as runJournal from "./internal/transfer/tree/runJournal.js"
import * as unfinished from "./internal/transfer/upload/abortUnfinished.js"
import * as fromStream from "./internal/transfer/upload/fromStream.js"
import * as oneFile from "./internal/transfer/upload/oneFile.js"
import * as settings from "./internal/transfer/upload/settings.js"
import * as sources from "./internal/transfer/upload/source.js"
import { isReadOnce } from "./internal/transfer/upload/source.js"
import type * as Operation from "./Operation.js"
import type * as multipart from "./operations/multipart.js"

export type {
  AbortReport,
  InMemory,
  LocalFile,
  LocalTree,
  MadeObject,
  ReadOnce,
  ResumableUploadOptions,
  UnfinishedSelection,
  UnfinishedUpload,
  UploadContent,
  UploadError,
  UploadFileError,
  UploadFileInput,
  UploadFilesOptions,
  UploadOptions,
  UploadResult,
  UploadTarget
} from "./internal/transfer/model.js"

export { UploadLeft } from "./internal/transfer/upload/abortUpload.js"

/**
 * Uploads a file.
 *
 * The content type follows from the file's extension unless it is given. A file that changes while it is sent is
 * `SourceChanged`, never an object of mixed content.
 *
 * Memory: `partSize` × `concurrency`, or `threshold`; see above.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const program = Upload.file(
 *   { key: "movies/cat.mp4", path: "./cat.mp4", storageClass: "STANDARD_IA", metadata: { author: "ada" } },
 *   { concurrency: 6, onProgress: ({ bytesPerSecond, transferred }) => Console.log(transferred, bytesPerSecond) }
 * ).pipe(
 *   Effect.timeout("30 minutes"),
 *   Effect.tap(({ location, parts, response }) => Console.log(`${location}: ${parts} parts, ${response.requestId}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const file = (
  input: UploadTarget & {
    /** The path of the file to send. */
    readonly path: string
  },
  options: ResumableUploadOptions = {}
): Effect.Effect<UploadResult, UploadFileError, CosClient | FileSystem.FileSystem> =>
  oneFile.singleFile("Upload.file", input, options)

/**
 * Uploads bytes that are in memory. They are not copied, so they must not change meanwhile.
 *
 * Memory: the bytes themselves.
 *
 * @example
 * ```ts
 * import { Upload } from "effect-cos"
 *
 * export const put = (report: object) =>
 *   Upload.bytes({
 *     key: "report.json",
 *     bytes: new TextEncoder().encode(JSON.stringify(report)),
 *     contentType: "application/json",
 *     overwrite: false
 *   })
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const bytes = (
  input: UploadTarget & { readonly bytes: Body.BytesLike },
  options: ResumableUploadOptions = {}
): Effect.Effect<UploadResult, UploadError, CosClient> => {
  const { bytes, ...target } = input
  return oneFile.singleOfBytes("Upload.bytes", target, bytes, options)
}

/**
 * Uploads a `Blob` or a browser's `File`. The content type is the blob's unless it is given.
 *
 * Memory: `partSize` × `concurrency`, or `threshold`, beside what the blob takes.
 *
 * @example
 * ```ts
 * import { Upload } from "effect-cos"
 *
 * // What a browser's <input type="file"> gives.
 * export const send = (file: File) => Upload.blob({ key: `incoming/${file.name}`, blob: file })
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const blob = (
  input: UploadTarget & { readonly blob: Blob },
  options: ResumableUploadOptions = {}
): Effect.Effect<UploadResult, UploadError, CosClient> => {
  const { blob, ...target } = input
  const contentType = target.contentType ?? (blob?.type || undefined)
  return oneFile.single(
    "Upload.blob",
    { ...target, contentType },
    (_, use) => Effect.flatMap(sources.blob(blob), use),
    options
  )
}

/**
 * Uploads a stream. When the stream fails the upload is aborted and fails with the stream's error.
 *
 * Where its `size` is known, `total` and `percent` of its progress are too, a stream that gives fewer or more bytes is
 * `InvalidInput` before the object is there, and up to `threshold` it goes in one request that is sent while it is read:
 * no slower than `timeLimits` of the client allow. What was read is kept for another attempt up to `maxPartBuffer`; above
 * that the request is sent once.
 *
 * Without a size, what fits into one part is sent in one request, once all of it is read; an empty stream makes an empty
 * object.
 *
 * Memory: `partSize` × (`concurrency` + 1), or `size` up to `maxPartBuffer` where that goes in one request; the stream is
 * not read faster than its parts are sent. Largest object: `partSize` × 10,000; of known size, where `partSize` grows with
 * it, `maxPartBuffer` × 10,000.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Upload } from "effect-cos"
 *
 * const rows = Stream.range(1, 1_000_000).pipe(Stream.map((n) => `${n},${n * n}\n`), Stream.encodeText)
 *
 * export const program = Upload.stream({ key: "squares.csv", stream: rows, contentType: "text/csv" })
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const stream = <E, R>(
  input: UploadTarget & {
    readonly stream: Stream.Stream<Uint8Array, E, R>
    /** Bytes that the stream gives, where that is known. */
    readonly size?: FileSystem.SizeInput | undefined
  },
  options: UploadOptions = {}
): Effect.Effect<UploadResult, UploadError | E, CosClient | R> => {
  const { size, stream, ...target } = input
  return Effect.flatMap(settings.forStream("Upload.stream", options, size), (filled) =>
    Effect.zipRight(
      sources.checkStream(stream),
      Effect.suspend(() => Stream.run(stream, fromStream.sink(target, filled.size, filled)))
    )
  ).pipe(withSpan("Cos.Upload.stream"))
}

/**
 * Uploads what an operation takes as its body: text, bytes, a `Blob`, or a `Body`, such as `Body.file`. Text, bytes and a
 * `Blob` are uploaded as by {@link bytes} and {@link blob}; a `Body` that is read while it is sent as by {@link stream}, its
 * size being known.
 *
 * Memory: as of these.
 *
 * @example
 * ```ts
 * import { Upload } from "effect-cos"
 *
 * export const note = Upload.body({ key: "note.txt", body: "Remember the milk.", contentType: "text/plain" })
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const body = (
  input: UploadTarget & { readonly body: Body.Input },
  options: ResumableUploadOptions = {}
): Effect.Effect<UploadResult, UploadError, CosClient> => {
  const { body: given, ...target } = input
  const rule = bodyRule(given)
  if (rule !== undefined) return Effect.fail(invalidInput("Upload.body", "body", rule))
  const body = Body.fromInput(given)
  if (body._tag === "Sized" && body.blob !== undefined) return blob({ ...target, blob: body.blob }, options)
  return body._tag === "Bytes"
    ? oneFile.singleOfBytes("Upload.body", target, body.bytes, options)
    : stream({ ...target, stream: sources.withTypedErrors(body.stream, input.key), size: body.size }, options)
}

/**
 * {@link stream} as a `Sink`: each run of it is an upload.
 *
 * Memory: as of {@link stream}.
 *
 * @example
 * ```ts
 * import { FileSystem } from "@effect/platform"
 * import { Effect, Stream } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const program = Effect.flatMap(FileSystem.FileSystem, (fs) =>
 *   fs.stream("./dump.sql").pipe(Stream.run(Upload.sink({ key: "dump.sql" }, { partSize: FileSystem.MiB(16) })))
 * )
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const sink = (
  input: UploadTarget & {
    /** Bytes that are written into it, where that is known. */
    readonly size?: FileSystem.SizeInput | undefined
  },
  options: UploadOptions = {}
): Sink.Sink<UploadResult, Uint8Array, never, UploadError, CosClient> => {
  const { size, ...target } = input
  return SinkModule.unwrap(
    Effect.map(settings.forStream("Upload.sink", options, size), (filled) =>
      fromStream.sink(target, filled.size, filled)
    )
  )
}

/**
 * An upload under control, as {@link controlled} starts it.
 *
 * @since 0.1.0
 * @category models
 */
export type ControlledUpload = Controlled<UploadResult, UploadFileError, Checkpoint.Upload>

/**
 * An upload under control whose content can be read only once, so that it cannot be paused.
 *
 * @since 0.1.0
 * @category models
 */
export type ControlledStreamUpload = Controlled<
  UploadResult,
  UploadFileError,
  Checkpoint.Upload,
  CosError.TransferNotPausable
>

/**
 * An upload that can be paused, resumed and cancelled: of a file, or of what is in memory, such as a browser's `File`. It
 * runs by itself; closing the scope cancels it unless it is over, or keeps what it has done with `onInterrupt: "keep"`.
 *
 * Paused, it keeps the parts that are done; resumed, it compares them with the source and sends the others. What goes in
 * one request begins anew. With a `Checkpoint.Store` in the context, or with the value that `pause` gave as `resume`, an
 * upload goes on in a later process.
 *
 * A stream, or a `Body` that is one, is read only once: its upload can be cancelled but not paused, which is
 * `TransferNotPausable`, nor tried again after a failure.
 *
 * Memory: as {@link file} while it runs, else none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const upload = yield* Upload.controlled({ key: "movie.mp4", path: "./movie.mp4" })
 *     yield* Effect.forkScoped(Stream.runForEach(upload.state, (state) => Effect.log(state)))
 *     const checkpoint = yield* upload.pause
 *     yield* Effect.log(`${checkpoint?.parts.length ?? 0} parts are done`)
 *     yield* upload.resume
 *     return yield* upload.await
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const controlled: {
  (
    input: UploadTarget & { readonly path: string },
    options?: ResumableUploadOptions
  ): Effect.Effect<ControlledUpload, CosError.InvalidInput, CosClient | FileSystem.FileSystem | Scope.Scope>
  (
    input: UploadTarget & InMemory,
    options?: ResumableUploadOptions
  ): Effect.Effect<ControlledUpload, CosError.InvalidInput, CosClient | Scope.Scope>
  (
    input: UploadTarget & ReadOnce,
    options?: ResumableUploadOptions
  ): Effect.Effect<ControlledStreamUpload, CosError.InvalidInput, CosClient | Scope.Scope>
} = (
  input: UploadTarget & UploadContent,
  options: ResumableUploadOptions = {}
): Effect.Effect<any, CosError.InvalidInput, any> =>
  Effect.zipRight(
    settings.fromOptions("Upload.controlled", options),
    controlledTransfer.makeAny(
      {
        ...restartable.upload(input.key, options, (options: ResumableUploadOptions) => content(input, options)),
        isOneShot: isReadOnce(input)
      },
      { isKept: controlledTransfer.isKeptBy(options) }
    )
  )

/**
 * Uploads content of any kind, each as its own function does.
 *
 * Memory: as of that function.
 *
 * @example
 * ```ts
 * import { Upload } from "effect-cos"
 *
 * export const send = (key: string, what: Upload.UploadContent) => Upload.content({ key, ...what })
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const content = (
  input: UploadTarget & UploadContent,
  options: ResumableUploadOptions = {}
): Effect.Effect<UploadResult, UploadFileError, CosClient | FileSystem.FileSystem> =>
  "path" in input
    ? file(input, options)
    : "bytes" in input
      ? bytes(input, options)
      : "blob" in input
        ? blob(input, options)
        : "stream" in input
          ? stream({ ...input, stream: sources.withTypedErrors(input.stream, input.key) }, options)
          : body(input, options)

/**
 * Uploads many files: those that are named, or those below a directory. The failure of one does not stop the others, and
 * is not a failure of the whole: the report says what became of each. What fails the whole is a directory that cannot be
 * read.
 *
 * The files of a directory are uploaded, and reported, in the order of their keys; the first of them before the last are
 * found.
 *
 * Memory: that of as many {@link file} as run at once, at most `memoryBudget` of the client; and about 2 KB for each file's outcome, which
 * {@link filesStream} does not keep.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const publish = Upload.files(
 *   { directory: "./site", prefix: "www/", exclude: ["drafts/**"], cacheControl: "max-age=60" },
 *   { concurrency: 8, onProgress: ({ files, transferred }) => Console.log(`${files.succeeded} files, ${transferred} bytes`) }
 * ).pipe(
 *   Effect.tap(({ failures }) =>
 *     Effect.forEach(failures, ({ error, input }) => Console.error(`${input.path}: ${error.message}`))
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category many
 */
export const files = (
  input: ReadonlyArray<UploadFileInput> | LocalTree,
  options: UploadFilesOptions = {}
): Effect.Effect<
  Batch.Report<UploadFileInput, UploadResult, UploadFileError>,
  CosError.InvalidInput | PlatformError,
  CosClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.flatMap(prepareFiles("Upload.files", input, options), ({ limits, plan, transfer }) =>
    batch.report(plan, limits, options, transfer)
  ).pipe(Effect.scoped, oneFile.spanOf("Upload.files"))

/**
 * {@link files} as a Stream of what became of each file, in the order in which they end. Nothing is held for a file that
 * has been passed on, and files may come as a Stream as well, so that a million need no more memory than a hundred: that of
 * as many {@link file} as `concurrency` allows, the names of one directory, and of the directories above it.
 *
 * The first files are sent before the last are found. Whoever takes the outcomes slowly slows the uploads down, and whoever
 * stops taking them interrupts those that run. Where `files` fails for a directory or a list, the Stream fails after what
 * had been found is done.
 *
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const archive = Upload.filesStream({ directory: "./measurements", prefix: "2026/" }, { concurrency: 32 }).pipe(
 *   Stream.filter((outcome) => outcome._tag === "Failure"),
 *   Stream.runForEach(({ error, input }) => Console.error(`${input.path}: ${error.message}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category many
 */
export const filesStream = <E = never, R = never>(
  input: ReadonlyArray<UploadFileInput> | LocalTree | Stream.Stream<UploadFileInput, E, R>,
  options: UploadFilesOptions = {}
): Stream.Stream<
  Batch.Outcome<UploadFileInput, UploadResult, UploadFileError>,
  E | CosError.InvalidInput | PlatformError,
  R | CosClient | FileSystem.FileSystem | Path.Path
> =>
  Stream.unwrapScoped(
    Effect.map(prepareFiles("Upload.filesStream", input, options), ({ limits, plan, transfer }) =>
      batch.outcomes(plan, limits, options, transfer)
    )
  ).pipe(Stream.withSpan("Cos.Upload.filesStream", { captureStackTrace: false }))

const prepareFiles = <E = never, R = never>(operation: string, input: local.Files<E, R>, options: UploadFilesOptions) =>
  Effect.gen(function* () {
    const {
      concurrency: _concurrency,
      dryRun,
      journal,
      onFile: _onFile,
      onFileProgress: _onFileProgress,
      ...others
    } = options
    const limits = yield* batch.limits(operation, options)
    const settingsOfEach = { ...others, concurrency: limits.parts, onProgress: undefined }
    const filled = yield* settings.fromOptions(operation, settingsOfEach)
    const plan = yield* local.plan(operation, input, {
      hasSizes: options.onProgress !== undefined || journal !== undefined || dryRun === true
    })
    const run = ({ input, isFolder, size }: local.Planned, onProgress: ResumableUploadOptions["onProgress"]) => {
      if (isFolder) {
        const { path: _path, ...target } = input
        return bytes({ ...target, bytes: new Uint8Array(0) }, { ...settingsOfEach, onProgress })
      }
      const ofFile = { ...filled, operation: "Upload.file", progress: { ...filled.progress, onProgress } }
      return oneFile.upload(ofFile, input, settingsOfEach, size !== undefined && size <= filled.threshold)
    }
    const prepared = { plan, transfer: { run, ends: filled.limits } }
    if (journal === undefined) return { limits, ...prepared }
    const opened = yield* runJournal.open(operation, journal)
    return { limits, ...journaled.uploads(prepared, opened, "directory" in input ? input : undefined) }
  })

/**
 * Removes the unfinished uploads of a bucket, whose parts are stored, and paid for, until somebody does. Those that this
 * process is working on are left alone; other processes are not known, so give them time with `olderThan`.
 *
 * An upload that cannot be removed does not stop the others. What fails the whole is a list that cannot be had.
 *
 * Memory: the report.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const clean = Upload.abortUnfinished({ prefix: "incoming/", olderThan: "3 days" }).pipe(
 *   Effect.tap(({ aborted, failures }) => Effect.log(`${aborted.length} removed, ${failures.length} could not be`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category cleaning
 */
export const abortUnfinished = (
  input: UnfinishedSelection = {},
  options: {
    /** Uploads that are removed at once: 1 to 256. Default 4. */
    readonly concurrency?: number | undefined
  } = {}
): Effect.Effect<
  AbortReport,
  Operation.Error<typeof multipart.listMultipartUploads> | CosError.PaginationStuck,
  CosClient
> => unfinished.abortUnfinished(input, options.concurrency ?? 4).pipe(withSpan("Cos.Upload.abortUnfinished"))
