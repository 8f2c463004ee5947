/**
 * Many transfers for a service or a user interface that lives long: each is submitted, waits for its turn, and can be
 * watched, paused, resumed, cancelled and removed, by itself or with all others.
 *
 * With a `Checkpoint.Store` in the context a queue survives its process: unfinished transfers come back.
 *
 * Memory: that of the transfers that run, at most `memoryBudget` of the client; about 20 KB for each that waits or is paused, and 15 KB for each that is over,
 * of which `keepFinished` are remembered. What is in memory to be uploaded stays there until it has succeeded or was
 * cancelled or removed.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import type * as Checkpoint from "./Checkpoint.js"
import type { Controlled, State } from "./Controlled.js"
import type * as Copy from "./Copy.js"
import type { CosClient } from "./CosClient.js"
import type {
  CheckpointError,
  InvalidInput,
  PaginationStuck,
  TransferCancelled,
  TransferNotPausable
} from "./CosError.js"
import type * as Download from "./Download.js"
import * as internal from "./internal/transfer/queue.js"
import type * as Operation from "./Operation.js"
import type * as bucket from "./operations/bucket.js"
import type { Progress } from "./Progress.js"
import type * as Upload from "./Upload.js"

/**
 * How many transfers run, what is kept of them, and how often changes are reported.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * A number counts transfers, not parts as in `Upload.file`. An object names each limit: `files` for the transfers at
   * once, `parts` for those of each transfer that does not say otherwise, and `totalParts` for those over all transfers,
   * where one that goes in one request counts as one part. Default: `auto`, as many as prove worth it, beginning with 4
   * transfers, and with 4 parts for each over all of them. With a number of transfers their parts have no limit together.
   * `setConcurrency` changes the number of transfers while the queue runs.
   */
  readonly concurrency?: Batch.Concurrency | undefined
  /** How many finished transfers stay in the list; the oldest are removed first, a failed one with its parts. Default 1,000. */
  readonly keepFinished?: number | undefined
  /** Between two values of `changes`. Default 100 ms. */
  readonly changesInterval?: Duration.DurationInput | undefined
  /** Between two reports of the progress of a transfer. Default 1 second. */
  readonly progressInterval?: Duration.DurationInput | undefined
  /** How long an interrupt waits for an answer that is under way. Default 5 s. */
  readonly abortGrace?: Duration.DurationInput | undefined
  /** How long the removal of what is unfinished may take. Default 10 s. */
  readonly releaseLimit?: Duration.DurationInput | undefined
  /** Tells apart the queues that share a store. Default `default`. */
  readonly name?: string | undefined
  /**
   * How what an earlier process left comes back. What was paused stays paused; all else waits for its turn, or, with
   * `paused`, for `resume`. Default `waiting`.
   */
  readonly restore?: "waiting" | "paused" | undefined
}

/**
 * Options of a transfer that a queue decides by itself, or has an event for.
 *
 * @since 0.1.0
 * @category models
 */
export type QueueDecides =
  | "abortGrace"
  | "onCheckpoint"
  | "onFailure"
  | "onInterrupt"
  | "onProgress"
  | "progressInterval"
  | "releaseLimit"
  | "resume"

/**
 * What is uploaded, and where to: a file, or what is in memory.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadInput = Upload.UploadTarget &
  (
    | {
        /** The path of the file to send. It is made absolute when it is submitted. */
        readonly path: string
      }
    | Upload.InMemory
  )

/**
 * A stream that is uploaded, and where to.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadStreamInput = Upload.UploadTarget & Upload.ReadOnce

/**
 * What is listed of an upload: where it goes, and the path of its file, if it is one.
 *
 * @since 0.1.0
 * @category models
 */
export type ListedUpload = Upload.UploadTarget & { readonly path?: string | undefined }

/**
 * How an upload of a queue is sent: what is kept of it is the queue's to say.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadOptions = Omit<Upload.ResumableUploadOptions, QueueDecides>

/**
 * The object that is downloaded, and into which file.
 *
 * @since 0.1.0
 * @category models
 */
export type DownloadInput = Omit<Download.DownloadSource, "range"> & {
  /** The path of the file to write, whose directory must exist. It is made absolute when it is submitted. */
  readonly path: string
}

/**
 * How a download of a queue is fetched.
 *
 * @since 0.1.0
 * @category models
 */
export type DownloadOptions = Omit<Download.DownloadFileOptions, QueueDecides>

/**
 * How a copy of a queue is made.
 *
 * @since 0.1.0
 * @category models
 */
export type CopyOptions = Omit<Copy.CopyOptions, QueueDecides>

/**
 * What transfers of each kind take, give, fail with, and go on from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Kinds {
  readonly upload: {
    readonly input: ListedUpload
    readonly options: UploadOptions
    readonly success: Upload.UploadResult
    readonly error: Upload.UploadFileError
    readonly checkpoint: Checkpoint.Upload
  }
  readonly download: {
    readonly input: DownloadInput
    readonly options: DownloadOptions
    readonly success: Download.DownloadFileResult
    readonly error: Download.DownloadFileError
    readonly checkpoint: Checkpoint.Download
  }
  readonly copy: {
    readonly input: Copy.CopyInput
    readonly options: CopyOptions
    readonly success: Copy.CopyResult
    readonly error: Copy.CopyError
    readonly checkpoint: Checkpoint.Upload
  }
}

/**
 * What is transferred where.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = keyof Kinds

/**
 * A transfer of the queue, as it is at one moment.
 *
 * @since 0.1.0
 * @category models
 */
export interface EntryOf<K extends Kind> {
  /** Unique in the queue, also among those that came back. */
  readonly id: string
  readonly kind: K
  /** Bucket and region filled in. */
  readonly input: Kinds[K]["input"]
  readonly submittedAt: Date
  readonly state: State
  readonly progress: Progress
  /** How its last run ended, if it ended by itself: the result, or why it failed. */
  readonly exit: Exit.Exit<Kinds[K]["success"], Kinds[K]["error"]> | undefined
}

/**
 * A transfer of any kind, as it is at one moment: its `kind` tells what its input and result are.
 *
 * @since 0.1.0
 * @category models
 */
export type Entry = { readonly [K in Kind]: EntryOf<K> }[Kind]

/**
 * A transfer of the queue, to be controlled. `resume` puts it at the end of those that wait. `P` is what a pause can fail
 * with: `TransferNotPausable` where a stream is uploaded that can be read only once. While it waits, it can be paused.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ticket<K extends Kind, P = never>
  extends Controlled<Kinds[K]["success"], Kinds[K]["error"], Kinds[K]["checkpoint"], P> {
  readonly id: string
  /** Removes it from the list; an unfinished transfer is cancelled first. */
  readonly remove: Effect.Effect<void>
}

/**
 * Files that were submitted together. Each is a transfer of the queue by itself, which can be paused, cancelled or removed
 * alone.
 *
 * @since 0.1.0
 * @category models
 */
export interface QueuedFiles<K extends "upload" | "download", Input, E> {
  /** Those that were submitted, in the order of the input: not those that were refused, or skipped. */
  readonly files: ReadonlyArray<{ readonly input: Input; readonly ticket: Ticket<K> }>
  /** How far all of them have come. What was cancelled or removed counts as failed. */
  readonly current: Effect.Effect<Batch.TotalProgress>
  /**
   * That, and again after changes, at most once in `changesInterval`, until each has succeeded, failed, or was cancelled. A
   * pause does not end it.
   */
  readonly progress: Stream.Stream<Batch.TotalProgress>
  /**
   * Waits until each has succeeded, failed, or was cancelled, and tells what became of it; a pause does not end the wait.
   * Folders have no value where the transfer is a download. After a failure was resumed, ask again.
   */
  readonly await: Effect.Effect<
    Batch.Report<Input, Kinds[K]["success"] | undefined, E | Kinds[K]["error"] | TransferCancelled>
  >
  /** Pauses all of them that wait or run. */
  readonly pause: Effect.Effect<void>
  /** Resumes those that are paused or have failed. */
  readonly resume: Effect.Effect<void>
  /** Cancels those that have not succeeded. */
  readonly cancel: Effect.Effect<void>
}

/**
 * A stored transfer that the queue could not take up: its record is damaged, of another format, or not what a queue
 * writes. It stays in the store until it is removed; nothing is known of what it may have left on the server.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnreadableEntry {
  readonly id: string
  /** What is wrong with it, as a sentence. */
  readonly reason: string
}

/**
 * A queue in the context: see {@link layer}.
 *
 * @since 0.1.0
 * @category tags
 */
export class TransferQueue extends Context.Tag("effect-cos/TransferQueue")<TransferQueue, TransferQueue.Service>() {}

/**
 * @since 0.1.0
 */
export declare namespace TransferQueue {
  /**
   * The transfers of a queue begin in the order in which they were submitted, or resumed. What has failed keeps its parts
   * until it is resumed or removed.
   *
   * Commands by id give whether there is such a transfer, whatever its state.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** Puts an upload at the end of the queue: of a file, of text, bytes, a `Blob`, a `Body`, or a stream. */
    readonly upload: {
      (input: UploadInput, options?: UploadOptions): Effect.Effect<Ticket<"upload">>
      (input: UploadStreamInput, options?: UploadOptions): Effect.Effect<Ticket<"upload", TransferNotPausable>>
    }
    /** Puts a download into a file at the end of the queue. */
    readonly download: (input: DownloadInput, options?: DownloadOptions) => Effect.Effect<Ticket<"download">>
    /**
     * Puts many files at the end of the queue: those that are named, or those below a directory, in the order of their
     * keys. Each is submitted at once, which takes about 20 KB for each. After a restart they come back one by one.
     */
    readonly uploadFiles: (
      input: ReadonlyArray<Upload.UploadFileInput> | Upload.LocalTree,
      options?: UploadOptions
    ) => Effect.Effect<
      QueuedFiles<"upload", Upload.UploadFileInput, Upload.UploadFileError>,
      InvalidInput | PlatformError,
      Path.Path
    >
    /** The same for objects that become files: those that are named, or those below a prefix. */
    readonly downloadFiles: (
      input: ReadonlyArray<Download.DownloadFileInput> | Download.RemoteTree,
      options?: DownloadOptions
    ) => Effect.Effect<
      QueuedFiles<"download", Download.DownloadFilesItem, Download.DownloadFilesError>,
      Operation.Error<typeof bucket.listObjects> | PaginationStuck | PlatformError,
      Path.Path
    >
    /** Puts a copy at the end of the queue. */
    readonly copy: (input: Copy.CopyInput, options?: CopyOptions) => Effect.Effect<Ticket<"copy">>

    /** All transfers, in the order in which they were submitted. */
    readonly list: Effect.Effect<ReadonlyArray<Entry>>
    /** The list now, and again after changes, at most once an interval. Ends with the queue. */
    readonly changes: Stream.Stream<ReadonlyArray<Entry>>
    readonly get: (id: string) => Effect.Effect<Option.Option<Ticket<Kind, TransferNotPausable>>>

    readonly pause: (id: string) => Effect.Effect<boolean, TransferNotPausable>
    readonly resume: (id: string) => Effect.Effect<boolean>
    readonly cancel: (id: string) => Effect.Effect<boolean>
    /** Also of an {@link UnreadableEntry}, from the store. */
    readonly remove: (id: string) => Effect.Effect<boolean>
    /** What the queue found in its store and could not take up. */
    readonly unreadable: Effect.Effect<ReadonlyArray<UnreadableEntry>>

    /** Pauses all that wait or run, except for streams that are being read. */
    readonly pauseAll: Effect.Effect<void>
    /** Resumes all that are paused or have failed. */
    readonly resumeAll: Effect.Effect<void>
    /** Cancels all that are unfinished. */
    readonly cancelAll: Effect.Effect<void>
    /** Removes all. */
    readonly removeAll: Effect.Effect<void>
    /** Removes all that have succeeded, failed, or were cancelled. */
    readonly removeFinished: Effect.Effect<void>

    /** How many transfers may run at once now. */
    readonly concurrency: Effect.Effect<number>
    /** From now on so many at once: 1 to 1,024, or as many as prove worth it. Those that run already go on. */
    readonly setConcurrency: (concurrency: number | "auto") => Effect.Effect<void, InvalidInput>
  }
}

/**
 * A queue that lives as long as the scope. When that closes, unfinished transfers are cancelled, so that nothing is left on
 * the server or the disk; with a `Checkpoint.Store` in the context they are kept, and a queue of the same `name` continues
 * them, in this process or a later one. Two queues of one name must not use a store at the same time.
 *
 * Not kept, for a store is no place for keys: transfers with a `customerKey`, or a `sourceCustomerKey`. Nor is an upload
 * of anything but a file. Everything else of an input is, `extra` headers as they are.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { TransferQueue } from "effect-cos"
 *
 * export const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const queue = yield* TransferQueue.make({ concurrency: 2 })
 *     yield* queue.changes.pipe(
 *       Stream.map((entries) => entries.map(({ input, state }) => `${input.key}: ${state}`).join(", ")),
 *       Stream.runForEach(Effect.log),
 *       Effect.forkScoped
 *     )
 *     const movie = yield* queue.upload({ key: "movie.mp4", path: "/data/movie.mp4" })
 *     const logs = yield* queue.download({ key: "app.log", path: "/var/tmp/app.log" })
 *     yield* movie.pause
 *     yield* queue.setConcurrency(4)
 *     yield* logs.await
 *     yield* movie.resume
 *     return yield* movie.await
 *   })
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options?: Options
) => Effect.Effect<
  TransferQueue.Service,
  InvalidInput | CheckpointError,
  CosClient | FileSystem.FileSystem | Scope.Scope
> = internal.make

/**
 * {@link make} as a layer: the queue lives as long as what is built with it.
 *
 * @example
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Checkpoint, TransferQueue } from "effect-cos"
 *
 * // Goes on, after a restart, with what was not over.
 * export const QueueLive = TransferQueue.layer({ concurrency: 4, keepFinished: 100 }).pipe(
 *   Layer.provide(Checkpoint.layerDirectory("./transfers"))
 * )
 *
 * export const submit = (key: string, path: string) =>
 *   Effect.flatMap(TransferQueue.TransferQueue, (queue) => queue.upload({ key, path }))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<TransferQueue, InvalidInput | CheckpointError, CosClient | FileSystem.FileSystem> =>
  Layer.scoped(TransferQueue, make(options))
