/**
 * Downloads: streams that go on where they broke off, files that are whole or not there, values in memory. All but those
 * of a range are compared with the object's CRC64.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import * as Checkpoint from "./Checkpoint.js"
import type { CosClient } from "./CosClient.js"
import * as CosError from "./CosError.js"
import * as files from "./internal/download/file.js"
import * as streams from "./internal/download/stream.js"
import type * as Operation from "./Operation.js"
import type * as object from "./operations/object.js"
import type { Options as ProgressOptions } from "./Progress.js"

/**
 * Which object, or part of it, is read.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = Operation.Input<typeof object.getObject>

/**
 * What every download can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadError = streams.DownloadError

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Whether the bytes are compared with the object's CRC64, where it has one. Default `true`. */
  readonly verify?: boolean | undefined
}

/**
 * The bytes of an object. When the connection breaks, the stream goes on by Range and If-Match from the byte it reached;
 * an object that has changed meanwhile is `ObjectChanged`, never a mixture.
 *
 * Memory: a few chunks, not read faster than they are taken.
 *
 * @since 0.1.0
 * @category downloads
 */
export const stream = (source: Source, options: Options = {}): Stream.Stream<Uint8Array, DownloadError, CosClient> =>
  streams.stream(source, { verify: options.verify ?? true })

/**
 * @since 0.1.0
 * @category models
 */
export interface MemoryOptions extends Options {
  /** Bytes: a larger object is `InvalidInput`. Default 64 MiB. */
  readonly maxSize?: number | undefined
}

const whole = (source: Source, options: MemoryOptions) =>
  streams.bytes(source, { verify: options.verify ?? true, maxSize: options.maxSize ?? 64 * 1024 * 1024 })

/**
 * All bytes of an object, in memory.
 *
 * @since 0.1.0
 * @category downloads
 */
export const bytes = (
  source: Source,
  options: MemoryOptions = {}
): Effect.Effect<Uint8Array, DownloadError, CosClient> => Effect.map(whole(source, options), ({ bytes }) => bytes)

/**
 * An object as text. Bytes that are not UTF-8 are `MalformedResponse`.
 *
 * @since 0.1.0
 * @category downloads
 */
export const text = (source: Source, options: MemoryOptions = {}): Effect.Effect<string, DownloadError, CosClient> =>
  Effect.flatMap(whole(source, options), ({ bytes }) =>
    Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: () =>
        new CosError.MalformedResponse({
          operation: "Download.text",
          status: 200,
          message: `${source.key} is not UTF-8`
        })
    })
  )

/**
 * An object of JSON, decoded with a Schema.
 *
 * @since 0.1.0
 * @category downloads
 */
export const json = <A, I, R>(
  source: Source,
  schema: Schema.Schema<A, I, R>,
  options: MemoryOptions = {}
): Effect.Effect<A, DownloadError | ParseResult.ParseError, CosClient | R> =>
  Effect.flatMap(text(source, options), Schema.decode(Schema.parseJson(schema)))

/**
 * @since 0.1.0
 * @category models
 */
export interface FileOptions extends Options, ProgressOptions {
  /** Bytes of a range: 64 KiB to 1 GiB. Default 8 MiB. */
  readonly partSize?: number | undefined
  /** Ranges that are fetched at once: 1 to 256. Default 4. */
  readonly concurrency?: number | undefined
  /**
   * What becomes of the temporary file when the download is interrupted, and when it fails. `keep` needs a
   * `Checkpoint.Store` to be of use. Default `remove`.
   */
  readonly onInterrupt?: "remove" | "keep" | undefined
  readonly onFailure?: "remove" | "keep" | undefined
  /** Whether an object that changes meanwhile is `ObjectChanged`, or is begun again once. Default `fail`. */
  readonly onChange?: "fail" | "restart" | undefined
}

/**
 * The object that was written.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileResult extends Operation.Success<typeof object.headObject> {
  readonly key: string
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Of the bytes that were written. */
  readonly crc64: bigint
  readonly parts: number
  /** Parts of an earlier run that were not fetched again. */
  readonly resumedParts: number
}

/**
 * Downloads an object into a file: ranges side by side, each with If-Match, into a temporary file beside the target that
 * takes its name when it is proven and flushed. When it fails, what was at the path is as it was.
 *
 * With a `Checkpoint.Store` in the context a later run fetches only what is missing; what it finds is believed by CRC64.
 *
 * Memory: `partSize` × `concurrency`.
 *
 * @since 0.1.0
 * @category downloads
 */
export const file = (
  input: Omit<Source, "range"> & {
    /** Of the file to write. Its directory must exist. */
    readonly path: string
  },
  options: FileOptions = {}
): Effect.Effect<FileResult, DownloadError | CosError.DiskFull | PlatformError, CosClient | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { path, ...source } = input
    const partSize = options.partSize ?? 8 * 1024 * 1024
    const concurrency = options.concurrency ?? 4
    const refuse = (field: string, limit: string) =>
      new CosError.InvalidInput({ operation: "Download.file", field, limit })
    if (!Number.isSafeInteger(partSize) || partSize < 64 * 1024 || partSize > 1024 ** 3) {
      return yield* refuse("partSize", "64 KiB to 1 GiB, in bytes")
    }
    if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > 256) {
      return yield* refuse("concurrency", "an integer from 1 to 256")
    }
    return yield* files.file(source, path, {
      partSize,
      concurrency,
      onInterrupt: options.onInterrupt ?? "remove",
      onFailure: options.onFailure ?? "remove",
      onChange: options.onChange ?? "fail",
      verify: options.verify ?? true,
      progress: { onProgress: options.onProgress, progressInterval: options.progressInterval },
      store: yield* Effect.serviceOption(Checkpoint.Store)
    })
  }).pipe(Effect.withSpan("Cos.Download.file", { captureStackTrace: false }))
