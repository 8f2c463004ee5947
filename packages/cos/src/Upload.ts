/**
 * Uploads: in one request where one is enough, else in parts that are sent side by side, each retried by itself, and
 * proven by CRC64 from the source to the object.
 *
 * However an upload ends (a failure, a time limit, an interrupt), it either became the object whole or is aborted on the
 * server: nothing is left behind. What cannot be removed within its bound is logged as a warning that names it.
 *
 * Memory: min(`partSize`, `maxPartBuffer`) × (`concurrency` + 1), whatever the size of the object.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Sink from "effect/Sink"
import * as SinkModule from "effect/Sink"
import * as Stream from "effect/Stream"
import mime from "mime/lite"
import * as Checkpoint from "./Checkpoint.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import * as settings from "./internal/upload/settings.js"
import * as sized from "./internal/upload/sized.js"
import * as sources from "./internal/upload/source.js"
import * as streamed from "./internal/upload/streamed.js"
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
 * @since 0.1.0
 * @category models
 */
export interface Options extends ProgressOptions {
  /** Bytes of a part: 1 MiB to 5 GiB; grows where 10,000 parts would not do. Default 8 MiB. */
  readonly partSize?: number | undefined
  /** Parts that are sent at once: 1 to 256. Default 4. */
  readonly concurrency?: number | undefined
  /** Up to this size, in bytes, the object is sent in one request. Default 16 MiB. */
  readonly threshold?: number | undefined
  /** Bytes of the largest part that is held in memory; larger ones are read while they are sent. Default 64 MiB. */
  readonly maxPartBuffer?: number | undefined
  /**
   * How the bytes are proven: by the CRC64 of every answer and of the object, by MD5 sent and compared with the parts'
   * ETags, or both. Default `crc64`, a quarter of the cost.
   */
  readonly integrity?: "crc64" | "md5" | "both" | undefined
  /** What becomes of an object that proves to differ from its source. Default `keep`. */
  readonly onMismatch?: "keep" | "delete" | undefined
  /** How long an interrupt waits for an answer that is under way. Default 5 s. */
  readonly abortGrace?: Duration.DurationInput | undefined
  /** How long the removal of what is unfinished may take. Default 10 s. */
  readonly releaseLimit?: Duration.DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ResumableOptions extends Options {
  /**
   * Where an earlier run is taken up: its checkpoint, or `discover`, which looks on the server for an upload of this key
   * (needs the permission to list uploads). With a `Checkpoint.Store` in the context the checkpoint is kept, and found,
   * by itself. Parts of an earlier run are believed only when their bytes are still the source's.
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
    { contentType: mime.getType(path) ?? undefined, ...target },
    sources.file(path),
    options
  )
}

/**
 * Uploads bytes that are in memory.
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
 * Uploads a `Blob` or a browser's `File`.
 *
 * @since 0.1.0
 * @category uploads
 */
export const blob = (
  input: Target & { readonly blob: Blob },
  options: ResumableOptions = {}
): Effect.Effect<Result, UploadError | PlatformError, CosClient> => {
  const { blob, ...target } = input
  const contentType = blob.type === "" ? undefined : blob.type
  return sizedUpload("Upload.blob", { contentType, ...target }, Effect.succeed(sources.blob(blob)), options)
}

/**
 * Uploads a stream of unknown length. What fits into one part is sent in one request; an empty stream makes an empty
 * object. When the stream fails the upload is aborted and fails with the stream's error.
 *
 * Memory: `partSize` × (`concurrency` + 1); the stream is not read faster than its parts are sent.
 * Largest object: `partSize` × 10,000.
 *
 * @since 0.1.0
 * @category uploads
 */
export const stream = <E, R>(
  input: Target & { readonly stream: Stream.Stream<Uint8Array, E, R> },
  options: Options = {}
): Effect.Effect<Result, UploadError | E, CosClient | R> => {
  const { stream, ...target } = input
  return Effect.flatMap(settings.fromOptions("Upload.stream", options), (filled) =>
    Stream.run(stream, streamed.sink(target, filled))
  ).pipe(Effect.withSpan("Cos.Upload.stream", { captureStackTrace: false }))
}

/**
 * {@link stream} as a `Sink`.
 *
 * @since 0.1.0
 * @category uploads
 */
export const sink = (
  target: Target,
  options: Options = {}
): Sink.Sink<Result, Uint8Array, never, UploadError, CosClient> =>
  SinkModule.unwrap(Effect.map(settings.fromOptions("Upload.sink", options), (filled) => streamed.sink(target, filled)))
