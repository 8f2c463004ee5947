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
import type * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import * as Checkpoint from "./Checkpoint.js"
import type { Controlled } from "./Controlled.js"
import type { CosClient } from "./CosClient.js"
import * as CosError from "./CosError.js"
import type * as answer from "./internal/transfer/download/answer.js"
import * as internal from "./internal/transfer/download/file.js"
import * as streams from "./internal/transfer/download/stream.js"
import * as controls from "./internal/transfer/handle.js"
import * as batch from "./internal/transfer/tree/batch.js"
import * as remote from "./internal/transfer/tree/remote.js"
import type * as ObjectKey from "./ObjectKey.js"
import type * as Operation from "./Operation.js"
import type * as bucket from "./operations/bucket.js"
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
export type DownloadError = answer.DownloadError

/**
 * How any download is proven.
 *
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
export const stream = (source: Source, options: Options = {}): Stream.Stream<Uint8Array, DownloadError, CosClient> =>
  streams.stream(source, { verify: options.verify ?? true })

/**
 * How much a download may hold in memory.
 *
 * @since 0.1.0
 * @category models
 */
export interface MemoryOptions extends Options {
  /** Bytes: a larger object is `InvalidInput`. Default 64 MiB. */
  readonly maxSize?: FileSystem.SizeInput | undefined
}

const whole = (source: Source, options: MemoryOptions) =>
  streams.bytes(source, { verify: options.verify ?? true, maxSize: Number(options.maxSize ?? 64 * 1024 * 1024) })

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
  source: Source,
  options: MemoryOptions = {}
): Effect.Effect<Uint8Array, DownloadError, CosClient> => Effect.map(whole(source, options), ({ bytes }) => bytes)

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
  source: Source,
  schema: Schema.Schema<A, I, R>,
  options: MemoryOptions = {}
): Effect.Effect<A, DownloadError | ParseResult.ParseError, CosClient | R> =>
  Effect.flatMap(text(source, options), Schema.decode(Schema.parseJson(schema)))

/**
 * How a file is downloaded, and what is kept of it when that does not end well.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileOptions extends Options, ProgressOptions {
  /** Bytes of a range: 64 KiB to 1 GiB. Default 8 MiB. */
  readonly partSize?: FileSystem.SizeInput | undefined
  /** Ranges that are fetched at once: 1 to 256. Default 4. */
  readonly concurrency?: number | undefined
  /**
   * What becomes of the temporary file when the download is interrupted, and when it fails. `keep` needs a
   * `Checkpoint.Store` to be of use. Default `remove`.
   */
  readonly onInterrupt?: "remove" | "keep" | undefined
  readonly onFailure?: "remove" | "keep" | undefined
  /** Whether an object that changes meanwhile is `ObjectChanged`, or is begun again once, its progress as well. Default `fail`. */
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
  /** Of the bytes that were written; with `verify: false` and no `Checkpoint.Store`, what the object says of itself. */
  readonly crc64?: bigint | undefined
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
  input: Omit<Source, "range"> & {
    /** Of the file to write. Its directory must exist. */
    readonly path: string
  },
  options: FileOptions = {}
): Effect.Effect<FileResult, DownloadError | CosError.DiskFull | PlatformError, CosClient | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { path, ...source } = input
    const settings = yield* internal.fromOptions("Download.file", options)
    const store = yield* Effect.serviceOption(Checkpoint.Store)
    return yield* internal.file(source, path, { ...settings, store })
  }).pipe(Effect.withSpan("Cos.Download.file", { captureStackTrace: false }))

/**
 * What a download into a file can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type FileError = DownloadError | CosError.DiskFull | PlatformError

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
  input: Omit<Source, "range"> & {
    /** Of the file to write. Its directory must exist. */
    readonly path: string
  },
  options: FileOptions = {}
): Effect.Effect<
  Controlled<FileResult, FileError, Checkpoint.Download>,
  CosError.InvalidInput,
  CosClient | FileSystem.FileSystem | Scope.Scope
> =>
  Effect.zipRight(
    internal.fromOptions("Download.controlled", options),
    controls.make(
      controls.download(input.key, options, (options) => file(input, options)),
      { isKept: controls.isKeptBy(options) }
    )
  )

/**
 * An object, and the file that it becomes.
 *
 * @since 0.1.0
 * @category models
 */
export type FileInput = Omit<Source, "range"> & {
  /** Of the file. Directories on the way are made. */
  readonly path: string
}

/**
 * An object below the prefix of a tree.
 *
 * @since 0.1.0
 * @category models
 */
export interface RemoteObject {
  /** What follows the prefix. */
  readonly name: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
  readonly eTag: string
  readonly storageClass: string | undefined
}

/**
 * The objects below a prefix, each of which becomes a file of the same name below a directory.
 *
 * Keys are hostile input: a file is only ever written below `directory`, under its own name, and never through a link.
 * A key that has no such name is `UnsafeKey`, and the others proceed. Its `reason` is one of `ObjectKey.Unsafe`, or
 *
 * - `Collision`: a file system that ignores case, or Unicode's ways to write a letter, would keep it and an earlier one
 *   as one file; or it would have to be a file and a folder.
 * - `Link`: what has its name, or that of a folder on the way, is a link.
 * - `FileInPlaceOfFolder`: a file that was there has the name of a folder on the way.
 * - `FolderWithContent`: it ends in `/`, yet has content. Empty ones make folders.
 * - `NotBelowPrefix`: it was given, and does not begin with `prefix`.
 *
 * Links that somebody else makes below the directory meanwhile may not be seen.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tree
  extends Pick<Source, "bucket" | "region" | "customerKey" | "trafficLimit">,
    Batch.Selection<RemoteObject> {
  /** Made if it is not there. */
  readonly directory: string
  /** Of the keys that are meant; what follows it is the local name. Default: none, for the whole bucket. */
  readonly prefix?: string | undefined
  /** Just these keys, which are not asked for by a list; `include`, `exclude` and `filter` do not apply. */
  readonly keys?: ReadonlyArray<string> | undefined
  /**
   * `posix` allows all names that POSIX systems do, and trusts the file system to keep apart those that differ. Default
   * `portable`: only names that every system allows and keeps apart.
   */
  readonly platform?: ObjectKey.Platform | undefined
}

/**
 * One of many.
 *
 * @since 0.1.0
 * @category models
 */
export type FilesItem = Omit<Source, "range"> & {
  /** Absent when the key has no safe local name. */
  readonly path: string | undefined
}

/**
 * What one of many downloads can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type FilesError = FileError | CosError.UnsafeKey

/**
 * How each file is downloaded, and how many at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface FilesOptions
  extends Omit<FileOptions, keyof ProgressOptions>,
    Batch.Options<FilesItem, FileResult | undefined, FilesError> {}

/**
 * Downloads many objects into files: those that are named, or those below a prefix. The failure of one does not stop the
 * others, and is not a failure of the whole: the report says what became of each, folders that were made having no
 * value. What fails the whole is a list that cannot be had, or a directory that cannot be made.
 *
 * Memory: `files` × that of {@link file}, of which no more than `parts` parts are in use; and about 1 KB for each
 * object's outcome.
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
  input: ReadonlyArray<FileInput> | Tree,
  options: FilesOptions = {}
): Effect.Effect<
  Batch.Report<FilesItem, FileResult | undefined, FilesError>,
  Operation.Error<typeof bucket.listObjects> | CosError.PaginationStuck | PlatformError,
  CosClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const { onFile: _onFile, onFileProgress: _onFileProgress, onProgress: _onProgress, ...transfer } = options
    yield* internal.fromOptions("Download.files", transfer)
    return yield* batch.run(
      "Download.files",
      yield* "directory" in input ? remote.plan(input) : remote.given(input),
      options,
      ({ enter, input }, onProgress) =>
        Effect.flatMap(enter, (path) =>
          path === undefined ? Effect.succeed(undefined) : file({ ...input, path }, { ...transfer, onProgress })
        )
    )
  }).pipe(Effect.withSpan("Cos.Download.files", { captureStackTrace: false }))
