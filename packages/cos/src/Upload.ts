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
 * Memory, whatever the size of the object: `partSize` × `concurrency`, and for a stream one `partSize` more; or `threshold`
 * for what goes in one request. Parts larger than `maxPartBuffer` are read 1 MiB at a time.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Sink from "effect/Sink"
import * as SinkModule from "effect/Sink"
import * as Stream from "effect/Stream"
import mime from "mime/lite"
import type * as Batch from "./Batch.js"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import * as controls from "./internal/transfer/handle.js"
import * as batch from "./internal/transfer/tree/batch.js"
import * as local from "./internal/transfer/tree/local.js"
import * as settings from "./internal/transfer/upload/settings.js"
import * as sized from "./internal/transfer/upload/sized.js"
import * as sources from "./internal/transfer/upload/source.js"
import * as streamed from "./internal/transfer/upload/streamed.js"
import * as unfinished from "./internal/transfer/upload/unfinished.js"
import type * as Operation from "./Operation.js"
import type * as multipart from "./operations/multipart.js"
import type * as object from "./operations/object.js"
import type { Options as ProgressOptions } from "./Progress.js"

/**
 * Where an upload goes, and what is stored with it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target
  extends Omit<Operation.Input<typeof object.putObject>, "body" | "contentMd5" | "picOperations"> {}

/**
 * How any upload is sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends ProgressOptions {
  /** Bytes of a part: 1 MiB to 5 GiB; grows where 10,000 parts would not do. Default 8 MiB. */
  readonly partSize?: FileSystem.SizeInput | undefined
  /** Parts that are sent at once: 1 to 256. Default 4. */
  readonly concurrency?: number | undefined
  /** Up to this size, in bytes, the object is sent in one request, if `maxPartBuffer` holds it. Default 16 MiB. */
  readonly threshold?: FileSystem.SizeInput | undefined
  /**
   * Bytes of the largest part that is held in memory: 1 MiB to 2 GiB. Larger ones are read while they are sent, which a
   * stream's cannot be. Default 64 MiB.
   */
  readonly maxPartBuffer?: FileSystem.SizeInput | undefined
  /**
   * How the bytes are proven: by the CRC64 of every answer and of the object, by MD5 sent and compared with the parts'
   * ETags, or both. Default `crc64`, a quarter of the cost.
   */
  readonly integrity?: "crc64" | "md5" | "both" | undefined
  /** What becomes of an object that proves to differ from its source. Default `keep`. */
  readonly onMismatch?: "keep" | "delete" | undefined
  /** How long an interrupt waits for the answer of what begins or completes the upload. Default 5 s. */
  readonly abortGrace?: Duration.DurationInput | undefined
  /** How long the removal of what is unfinished may take. Default 10 s. */
  readonly releaseLimit?: Duration.DurationInput | undefined
}

/**
 * How an upload is sent whose source can be read again, and what is kept of it when it does not end well.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResumableOptions extends Options {
  /**
   * Whether the content's MD5 is stored with the object, as `x-cos-meta-md5` in hex. The source is read once more for it,
   * before anything is sent. Default `false`.
   */
  readonly storeMd5?: boolean | undefined
  /**
   * Where an earlier run is taken up: its checkpoint, or `discover`, which looks on the server for an upload of this key,
   * and of `storageClass` if that is given (needs the permission to list uploads). One that is found keeps the headers,
   * metadata, tags and ACL that it was begun with. With a `Checkpoint.Store` in the context the checkpoint is kept, and
   * found, by itself. Parts of an earlier run are believed only when their bytes are still the source's.
   */
  readonly resume?: Checkpoint.Upload | "discover" | undefined
  /** What becomes of the upload when it is interrupted. Default `abort`. */
  readonly onInterrupt?: "abort" | "keep" | undefined
  /** What becomes of the upload when it fails. Default `abort`. */
  readonly onFailure?: "abort" | "keep" | undefined
  /** Told of the state from which the upload can be resumed, after every part. */
  readonly onCheckpoint?: ((checkpoint: Checkpoint.Upload) => Effect.Effect<void>) | undefined
}

/**
 * The object that was made.
 *
 * @since 0.1.0
 * @category models
 */
export interface Result {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** With its double quotes. */
  readonly eTag: string
  readonly versionId: string | undefined
  /** Of the bytes that were read. */
  readonly crc64: bigint
  /** 0: it was sent in one request. */
  readonly parts: number
  /** Parts of an earlier run that were not sent again. */
  readonly resumedParts: number
}

/**
 * What every upload can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type UploadError =
  | Operation.Error<typeof object.putObject>
  | Operation.Error<typeof multipart.initiateMultipartUpload>
  | Operation.Error<typeof multipart.uploadPart>
  | Operation.Error<typeof multipart.completeMultipartUpload>
  | Operation.Error<typeof multipart.listParts>
  | CosError.IntegrityError
  | CosError.PaginationStuck
  | CosError.UploadStateUnknown
  | CosError.TooManyParts

const sizedUpload = <E, R>(
  operation: string,
  target: Target,
  source: Effect.Effect<sources.Source, E, R>,
  options: ResumableOptions
) =>
  Effect.gen(function* () {
    const filled = yield* settings.fromOptions(operation, options)
    const store = yield* Effect.serviceOption(Checkpoint.Store)
    return yield* sized.upload(target, yield* source, filled, {
      checkpoint: typeof options.resume === "object" ? options.resume : undefined,
      discover: options.resume === "discover",
      store,
      onCheckpoint: options.onCheckpoint
    })
  }).pipe(Effect.withSpan(`Cos.${operation}`, { captureStackTrace: false }))

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
 *   Effect.tap(({ eTag, parts }) => Console.log(`${parts} parts, ${eTag}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category uploads
 */
export const file = (
  input: Target & {
    /** Of the file to send. */
    readonly path: string
  },
  options: ResumableOptions = {}
): Effect.Effect<Result, UploadError | PlatformError, CosClient | FileSystem.FileSystem> => {
  const { path, ...target } = input
  return sizedUpload(
    "Upload.file",
    { ...target, contentType: target.contentType ?? mime.getType(path) ?? undefined },
    sources.file(path),
    options
  )
}

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
  input: Target & { readonly bytes: Uint8Array },
  options: ResumableOptions = {}
): Effect.Effect<Result, UploadError | PlatformError, CosClient> => {
  const { bytes, ...target } = input
  return sizedUpload("Upload.bytes", target, Effect.succeed(sources.bytes(bytes)), options)
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
  input: Target & { readonly blob: Blob },
  options: ResumableOptions = {}
): Effect.Effect<Result, UploadError | PlatformError, CosClient> => {
  const { blob, ...target } = input
  const contentType = target.contentType ?? (blob.type === "" ? undefined : blob.type)
  return sizedUpload("Upload.blob", { ...target, contentType }, Effect.succeed(sources.blob(blob)), options)
}

/**
 * Uploads a stream of unknown length. What fits into one part is sent in one request; an empty stream makes an empty
 * object. When the stream fails the upload is aborted and fails with the stream's error.
 *
 * Memory: `partSize` × (`concurrency` + 1); the stream is not read faster than its parts are sent.
 * Largest object: `partSize` × 10,000.
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
  input: Target & { readonly stream: Stream.Stream<Uint8Array, E, R> },
  options: Options = {}
): Effect.Effect<Result, UploadError | E, CosClient | R> => {
  const { stream, ...target } = input
  return Effect.flatMap(settings.forStream("Upload.stream", options), (filled) =>
    Stream.run(stream, streamed.sink(target, filled))
  ).pipe(Effect.withSpan("Cos.Upload.stream", { captureStackTrace: false }))
}

/**
 * {@link stream} as a `Sink`: each run of it is an upload.
 *
 * Memory: `partSize` × (`concurrency` + 1).
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
  target: Target,
  options: Options = {}
): Sink.Sink<Result, Uint8Array, never, UploadError, CosClient> =>
  SinkModule.unwrap(Effect.map(settings.forStream("Upload.sink", options), (filled) => streamed.sink(target, filled)))

type ControlledUpload = Controlled<Result, UploadError | PlatformError, Checkpoint.Upload>

/**
 * An upload that can be paused, resumed and cancelled: of a file, or of what is in memory, such as a browser's `File`. It
 * runs by itself; closing the scope cancels it unless it is over, or keeps what it has done with `onInterrupt: "keep"`.
 *
 * Paused, it keeps the parts that are done; resumed, it compares them with the source and sends the others. What goes in
 * one request begins anew. With a `Checkpoint.Store` in the context, or with the value that `pause` gave as `resume`, an
 * upload goes on in a later process.
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
    input: Target & { readonly path: string },
    options?: ResumableOptions
  ): Effect.Effect<ControlledUpload, CosError.InvalidInput, CosClient | FileSystem.FileSystem | Scope.Scope>
  (
    input: Target & ({ readonly bytes: Uint8Array } | { readonly blob: Blob }),
    options?: ResumableOptions
  ): Effect.Effect<ControlledUpload, CosError.InvalidInput, CosClient | Scope.Scope>
} = (
  input: Target & ({ readonly path: string } | { readonly bytes: Uint8Array } | { readonly blob: Blob }),
  options: ResumableOptions = {}
): Effect.Effect<ControlledUpload, CosError.InvalidInput, any> =>
  Effect.zipRight(
    settings.fromOptions("Upload.controlled", options),
    controls.make(
      controls.upload(
        input.key,
        options,
        (options): Effect.Effect<Result, UploadError | PlatformError, CosClient | FileSystem.FileSystem> =>
          "path" in input ? file(input, options) : "bytes" in input ? bytes(input, options) : blob(input, options)
      ),
      { isKept: controls.isKeptBy(options) }
    )
  )

/**
 * A file, and the object that it becomes.
 *
 * @since 0.1.0
 * @category models
 */
export type FileInput = Target & {
  /** Of the file; of a directory where the key ends in `/`. */
  readonly path: string
}

/**
 * A file in a tree.
 *
 * @since 0.1.0
 * @category models
 */
export interface LocalFile {
  /** Below the tree's directory, with `/` between its parts. */
  readonly name: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date | undefined
}

/**
 * A directory whose files become objects of the same names, and what is stored with each.
 *
 * Links to files are followed, links to directories are not. Pipes, sockets and devices are refused, as are names that
 * cannot be keys: each is a failure of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tree extends Omit<Target, "key">, Batch.Selection<LocalFile> {
  readonly directory: string
  /** Before every key. Default: none. */
  readonly prefix?: string | undefined
  /** Whether each directory is stored as well, as an empty object whose key ends in `/`. Default `false`. */
  readonly folders?: boolean | undefined
}

/**
 * How each file is uploaded, and how many at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilesOptions
  extends Omit<ResumableOptions, keyof ProgressOptions | "resume" | "onCheckpoint">,
    Batch.Options<FileInput, Result, UploadError | PlatformError> {
  /** `discover`: as of {@link file}. */
  readonly resume?: "discover" | undefined
}

/**
 * Uploads many files: those that are named, or those below a directory. The failure of one does not stop the others, and
 * is not a failure of the whole: the report says what became of each. What fails the whole is a directory that cannot be
 * read.
 *
 * The files of a directory are uploaded, and reported, in the order of their keys.
 *
 * Memory: `files` × that of {@link file}, of which no more than `parts` parts are in use; and about 1 KB for each file's
 * outcome.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Upload } from "effect-cos"
 *
 * export const publish = Upload.files(
 *   { directory: "./site", prefix: "www/", exclude: ["drafts/**"], cacheControl: "max-age=60" },
 *   { files: 8, onProgress: ({ files, transferred }) => Console.log(`${files.succeeded} files, ${transferred} bytes`) }
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
  input: ReadonlyArray<FileInput> | Tree,
  options: FilesOptions = {}
): Effect.Effect<
  Batch.Report<FileInput, Result, UploadError | PlatformError>,
  CosError.InvalidInput | PlatformError,
  CosClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const { onFile: _onFile, onFileProgress: _onFileProgress, ...transfer } = options
    yield* settings.fromOptions("Upload.files", { ...transfer, onProgress: undefined })
    return yield* batch.run("Upload.files", yield* local.plan(input), options, ({ input, isFolder }, onProgress) => {
      if (!isFolder) return file(input, { ...transfer, onProgress })
      const { path: _path, ...target } = input
      return bytes({ ...target, bytes: new Uint8Array(0) }, { ...transfer, onProgress })
    })
  }).pipe(Effect.withSpan("Cos.Upload.files", { captureStackTrace: false }))

/**
 * Where to look for uploads that were left, and which are meant.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnfinishedInput {
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /** Only uploads of keys that begin so. Default: of all. */
  readonly prefix?: string | undefined
  /** Only uploads that were begun longer ago, by the service's clock. Default: all. */
  readonly olderThan?: Duration.DurationInput | undefined
}

/**
 * A multipart upload that is neither complete nor aborted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unfinished {
  readonly key: string
  readonly uploadId: string
  readonly initiated: Date
  readonly storageClass: string | undefined
}

/**
 * What became of each upload that was found.
 *
 * @since 0.1.0
 * @category models
 */
export interface AbortReport {
  readonly aborted: ReadonlyArray<Unfinished>
  readonly failed: ReadonlyArray<{
    readonly upload: Unfinished
    readonly error: Operation.Error<typeof multipart.abortMultipartUpload>
  }>
  /**
   * `inUse`: this process is uploading it, or has paused it. `young`: it is not older than `olderThan`. `gone`: it ended
   * by itself meanwhile.
   */
  readonly skipped: ReadonlyArray<{ readonly upload: Unfinished; readonly reason: "inUse" | "young" | "gone" }>
}

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
 *   Effect.tap(({ aborted, failed }) => Effect.log(`${aborted.length} removed, ${failed.length} could not be`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category cleaning
 */
export const abortUnfinished = (
  input: UnfinishedInput = {},
  options: {
    /** Uploads that are removed at once: 1 to 256. Default 4. */
    readonly concurrency?: number | undefined
  } = {}
): Effect.Effect<
  AbortReport,
  Operation.Error<typeof multipart.listMultipartUploads> | CosError.PaginationStuck,
  CosClient
> =>
  unfinished
    .abort(input, options.concurrency ?? 4)
    .pipe(Effect.withSpan("Cos.Upload.abortUnfinished", { captureStackTrace: false }))
