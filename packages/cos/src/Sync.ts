/**
 * Makes a place the equal of another: a directory and a prefix of a bucket, or two prefixes. The plan is a Stream of what
 * is to be done and why, and a dry run; {@link apply} carries it out, all of it or what is left after a filter; and
 * {@link run} does both.
 *
 * Nothing is deleted because it could not be seen: see {@link run}.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import type * as Copy from "./Copy.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import type * as Download from "./Download.js"
import * as applying from "./internal/transfer/sync/apply.js"
import type { DeletionsRefused } from "./internal/transfer/sync/deletionsRefused.js"
import * as planning from "./internal/transfer/sync/plan.js"
import * as planFile from "./internal/transfer/sync/planFile.js"
import type { PlanOutdated, PlanUnusable } from "./internal/transfer/sync/planOutdated.js"
import type * as Operation from "./Operation.js"
import type * as bucketOperations from "./operations/bucket.js"
import type * as object from "./operations/object.js"
import type * as Upload from "./Upload.js"

/**
 * One side.
 *
 * @since 0.1.0
 * @category models
 */
export type Place = Directory | Prefix

/**
 * A local directory, with everything below it. Symbolic links in it are not followed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Directory {
  readonly _tag: "Directory"
  readonly path: string
}

/**
 * All keys of a bucket that begin so.
 *
 * @since 0.1.0
 * @category models
 */
export interface Prefix {
  readonly _tag: "Prefix"
  readonly bucket?: string | undefined
  readonly region?: string | undefined
  /** `photos/`, or empty for the whole bucket. */
  readonly prefix: string
}

/**
 * A local directory. {@link plan} has an example.
 *
 * @since 0.1.0
 * @category places
 */
export const directory = (path: string): Directory => ({ _tag: "Directory", path })

/**
 * A prefix of a bucket: of the client's, unless it is named.
 *
 * @since 0.1.0
 * @category places
 */
export const prefix = (
  prefix: string,
  options: { readonly bucket?: string | undefined; readonly region?: string | undefined } = {}
): Prefix => ({ _tag: "Prefix", prefix, ...options })

/**
 * One file or object, by its name below its place.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry {
  /** With `/` between its segments. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date | undefined
  /** The ETag of an object, with its double quotes. */
  readonly eTag: string | undefined
}

/**
 * Something that a sync leaves out, and why.
 *
 * - `Link`: a symbolic link. `Special`: a pipe, a socket or a device.
 * - `Temporary`: a download that is not finished, of this process or another.
 * - `NotUtf8`: a file name that is not UTF-8. What it really is cannot be known, so nothing of its directory is deleted.
 * - `Vanished`: it was seen, and gone when it was looked at. `Replaced`: another directory, or file system, took the place
 *   of this one during the run.
 * - `Unreadable`: it could not be looked at, for `error`.
 * - `Appeared`: it was to be deleted, but the source had it at the last look before that.
 * - `TargetChanged`: it was to be deleted, but the file or object is not the one any more that the plan was made of.
 * - `State`: an object that has the name of the file of `state`.
 * - `FolderWithContent`, `NoName`: an object of the target that no file can stand for, since its key ends in `/` and it
 *   has content, or since its key is the prefix.
 *
 * @since 0.1.0
 * @category models
 */
export interface Omission {
  readonly name: string
  readonly side: "source" | "target"
  readonly reason:
    | "Link"
    | "Special"
    | "Temporary"
    | "NotUtf8"
    | "Vanished"
    | "Replaced"
    | "Unreadable"
    | "Appeared"
    | "TargetChanged"
    | "State"
    | "FolderWithContent"
    | "NoName"
  /** Nothing at or below this name is deleted because of it; the empty name is the whole place. */
  readonly withholds?: string | undefined
  readonly error?: SyncError | undefined
}

/**
 * What a side held of a name when the plan was made, by which it is known again.
 *
 * @since 0.1.0
 * @category models
 */
export interface Seen {
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date | undefined
  /** Of an object. */
  readonly eTag: string | undefined
  /** Of a file, where its file system has them. */
  readonly inode: string | undefined
}

/**
 * One thing that is to be done.
 *
 * @since 0.1.0
 * @category models
 */
export type Action =
  | {
      readonly _tag: "Transfer"
      readonly name: string
      /** Bytes. */
      readonly size: number
      readonly reason: "missing" | "size" | "newer" | "content"
      /** What was found on both sides; `target` is absent where there was none. `asPlanned` compares it. */
      readonly seen?: { readonly source: Seen; readonly target: Seen | undefined }
    }
  | {
      readonly _tag: "Delete"
      readonly name: string
      /** Bytes. */
      readonly size: number
      /** The time of what is to be deleted. */
      readonly lastModified: Date | undefined
      /** What told the source directory from others when the plan was made; absent where the source is a prefix. */
      readonly source: string | undefined
      /** What told the file or object that is to be deleted from later ones of its name when the plan was made. */
      readonly target: string | undefined
    }
  /** A key that has no safe local name. It counts as a failure. */
  | { readonly _tag: "Refuse"; readonly name: string; readonly error: CosError.UnsafeKey }
  /** It is left out, and reported. */
  | ({ readonly _tag: "Omit" } & Omission)

/**
 * What is to be made the equal of what, and when two are equal.
 *
 * @since 0.1.0
 * @category models
 */
export interface PlanOptions extends Batch.Selection<Entry> {
  readonly from: Place
  /** One of the two has to be a prefix. In one bucket neither may lie within the other. */
  readonly to: Place
  /**
   * When two are the same. What of them is not looked at cannot be seen:
   *
   * - `modified` (default): of one size, and the source not newer. Times of objects are whole seconds, so that within the
   *   same second the content is compared. It does not see what keeps the size and an older time: a file that an older one
   *   took the place of, edits by a clock that is behind the service's, and a target that was changed by somebody else.
   *   `state` sees these.
   * - `checksum`: of one size and one CRC64. It reads local files and asks for each object of equal size. What is stored
   *   equals what the source held at one moment of the run.
   * - `size`: of one size. It sees no change that keeps the size.
   */
  readonly compare?: "modified" | "checksum" | "size" | undefined
  /**
   * A file that remembers what was the same on both sides: of files size, time, inode and, where the platform tells it, the
   * time of the last change; of objects the ETag. With `modified`, what is still as it was then is the same; all else is
   * compared by content. So edits are seen whatever the clocks say, and one state serves both directions of a pair of
   * places.
   *
   * It is written when a run ends, whole or not at all. One that is damaged, or of other places, is not used: see
   * `ignoredState`. A file that no sync has written, or that cannot be read, is `InvalidInput`, and stays. A link is
   * followed. Within a directory that is synced it is passed over. It is read beside the lists, and what a run learns waits
   * beside it, in a temporary file if that is more than 10 MB: memory does not grow with the number of names.
   */
  readonly state?: string | undefined
  /**
   * Whether what the source does not have is deleted. Default `false`. Prefixes must then be empty or end in `/`, since
   * `a` is also that of `ab/c`.
   */
  readonly delete?: boolean | undefined
  /**
   * Whether a source in which nothing is selected may empty the target. Default `false`: with `delete` it is
   * {@link DeletionsRefused}, since it may be a mistyped prefix, or a directory on which nothing is mounted.
   */
  readonly allowEmptySource?: boolean | undefined
}

/**
 * How the plan is carried out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends PlanOptions {
  /**
   * A number counts files, not parts as in `Upload.file`; deletions count as files. `parts` are those of each file,
   * `totalParts` those over all files. Default: `auto`, as many as prove worth it. With a number of files each has as many
   * parts as a transfer by itself (4, a copy 8), and there is no limit over all files.
   */
  readonly concurrency?: Batch.Concurrency | undefined
  /**
   * More deletions than this are {@link DeletionsRefused}, before the first. Default: half of what the target holds, but at
   * least 10 and at most 1,000.
   */
  readonly maxDelete?: number | undefined
  /**
   * Whether a transfer is only begun while both sides are what the plan saw (size, time, and ETag or inode): else it is
   * {@link PlanOutdated}. Where the target holds the source's content by now it counts as `alreadyDone`. It takes a request
   * more for each object, and is for plans that were kept for a while. Default `false`; of {@link readPlan}, `true`.
   */
  readonly asPlanned?: boolean | undefined
  /** How each file is uploaded, downloaded, or copied. */
  readonly transfer?:
    | (Pick<Upload.UploadOptions, "partSize" | "threshold"> & {
        readonly storageClass?: Upload.UploadTarget["storageClass"]
      })
    | undefined
  /** Called with each action that was carried out, left out, or failed. For all callbacks see `Progress.Options`. */
  readonly onAction?: ((action: Action, error: SyncError | undefined) => Effect.Effect<void>) | undefined
}

/**
 * What planning can fail with, and each action by itself.
 *
 * @since 0.1.0
 * @category errors
 */
export type SyncError =
  | Operation.Error<typeof bucketOperations.listObjects>
  | Operation.Error<typeof object.deleteObject>
  | Operation.Error<typeof object.headObject>
  | CosError.PaginationStuck
  | CosError.UnsafeKey
  | Upload.UploadError
  | Download.DownloadError
  | CosError.DiskFull
  | Copy.CopyError
  | PlanOutdated
  | PlatformError

/**
 * What became of one action: it was carried out, it failed, or something is left out.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | {
      readonly _tag: "Success"
      readonly action: Action
      /** With `asPlanned`: nothing had to be done. */
      readonly alreadyDone?: true
    }
  | { readonly _tag: "Failure"; readonly action: Action; readonly error: SyncError }
  | { readonly _tag: "Omission"; readonly omission: Omission }

/**
 * What became of a plan, in numbers.
 *
 * @since 0.1.0
 * @category models
 */
export interface Summary {
  readonly transferred: number
  /** Bytes. */
  readonly bytes: number
  readonly deleted: number
  /** What the source does not have, and was not deleted all the same: failures and omissions say why. */
  readonly withheld: number
  /** Transfers and deletions that were found done, as by an earlier run that was cut off. Only with `asPlanned`. */
  readonly alreadyDone?: number | undefined
  /** Why the file of `state` was not used. */
  readonly ignoredState?: "Damaged" | "OtherPlaces" | undefined
}

/**
 * What became of the plan. With neither failures nor omissions, the selected entries of the target equal those
 * of the source.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report extends Summary {
  readonly failures: ReadonlyArray<{ readonly action: Action; readonly error: SyncError }>
  readonly omissions: ReadonlyArray<Omission>
}

export {
  /**
   * Deletions that were refused.
   *
   * @since 0.1.0
   * @category errors
   */
  DeletionsRefused
} from "./internal/transfer/sync/deletionsRefused.js"
export {
  /**
   * What a plan was made of has changed since.
   *
   * @since 0.1.0
   * @category errors
   */
  PlanOutdated,
  /**
   * A file that cannot be used as a plan.
   *
   * @since 0.1.0
   * @category errors
   */
  PlanUnusable
} from "./internal/transfer/sync/planOutdated.js"

/**
 * What is to be done, in the order of the names' UTF-8 bytes, found while both sides are listed: memory does not grow with
 * their size, but for the names of one directory and of those above it. Nothing is changed.
 *
 * What could not be looked at, or changed during the walk, is an `Omit`; nothing at or below it is deleted. One that is
 * found when the deletions below it have been planned already takes them back: {@link apply} heeds it.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Sync } from "effect-cos"
 *
 * // A dry run.
 * export const plan = Sync.plan({
 *   from: Sync.directory("./public"),
 *   to: Sync.prefix("site/"),
 *   delete: true
 * }).pipe(Stream.map((action) => `${action._tag} ${action.name}`), Stream.runCollect)
 * ```
 *
 * @since 0.1.0
 * @category sync
 */
export const plan = (
  options: PlanOptions
): Stream.Stream<Action, SyncError | DeletionsRefused, CosClient | FileSystem.FileSystem | Path.Path> =>
  planning.plan(options)

/**
 * Carries out a plan: as it comes, filtered, or looked at and kept for a while. `options` are those that it was made with.
 * Whatever the plan says, each deletion goes through the checks of {@link run}, and takes `delete: true`.
 *
 * Memory: as {@link run}, beside what the plan itself holds.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Sync } from "effect-cos"
 *
 * const options: Sync.Options = { from: Sync.directory("./public"), to: Sync.prefix("site/"), delete: true }
 *
 * // All but the large ones.
 * export const publish = Sync.plan(options).pipe(
 *   Stream.filter((action) => action._tag !== "Transfer" || action.size < 1_000_000),
 *   Sync.apply(options)
 * )
 * ```
 *
 * @since 0.1.0
 * @category sync
 */
export const apply: {
  (
    options: Options
  ): <E, R>(
    plan: Stream.Stream<Action, E, R>
  ) => Effect.Effect<Report, E | SyncError | DeletionsRefused, R | CosClient | FileSystem.FileSystem | Path.Path>
  <E, R>(
    plan: Stream.Stream<Action, E, R>,
    options: Options
  ): Effect.Effect<Report, E | SyncError | DeletionsRefused, R | CosClient | FileSystem.FileSystem | Path.Path>
} = dual(2, applying.apply)

/**
 * Plans, and carries it out. What fails does not stop the rest.
 *
 * Deletions come last, and only when nothing failed. None is carried out
 *
 * - at or below what could not be looked at, was left out, or changed during the walk: see {@link Omission};
 * - unless the source directory is still the one that it was at the beginning, after the walk and before each deletion;
 * - unless at least one entry of the source, directory or prefix, is selected;
 * - of more than `maxDelete`: {@link DeletionsRefused};
 * - unless the source was asked for its name once more, just before, and does not have it;
 * - of a file or an object that is not the one any more that was listed.
 *
 * A downloaded file gets the object's time of modification, so that the next run finds it unchanged. It is only ever
 * written below its directory, and never through a link. Where a folder has to make room for a file, or a file for a
 * folder, `delete` removes it first; else it is a failure. Empty directories, and empty objects that stand for them, are
 * neither made nor removed. Keys that a file system keeps as one file overwrite each other: `Download.files` refuses those.
 *
 * Memory: that of `concurrency` transfers, `maxDelete` names, the names of one directory and of the directories that are
 * written to, and the report, which {@link runStream} does not keep.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Sync } from "effect-cos"
 *
 * export const publish = Sync.run({
 *   from: Sync.directory("./public"),
 *   to: Sync.prefix("site/"),
 *   exclude: "drafts/**",
 *   delete: true,
 *   maxDelete: 100,
 *   state: "./.site.sync",
 *   onAction: ({ _tag, name }, error) => Console.log(_tag, name, error?.message ?? "")
 * }).pipe(Effect.tap(({ failures, withheld }) => Console.log(`${failures.length} failed, ${withheld} not deleted`)))
 * ```
 *
 * @since 0.1.0
 * @category sync
 */
export const run = (
  options: Options
): Effect.Effect<Report, SyncError | DeletionsRefused, CosClient | FileSystem.FileSystem | Path.Path> =>
  applying.run(options)

/**
 * {@link run} as a Stream of what became of each action, as it happens; the summary comes last. Nothing is held for an
 * action that has been passed on, so that a million need no more memory than a hundred: that of `concurrency` transfers,
 * `maxDelete` names, the names of one directory and of those above it, and 32 bytes for each name that is left out.
 *
 * Whoever takes the outcomes slowly slows the run down, and whoever stops taking them interrupts it. The `report` of
 * {@link DeletionsRefused} has the numbers, and only those omissions that had not been passed on.
 *
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Sync } from "effect-cos"
 *
 * export const publish = Sync.runStream({ from: Sync.directory("./public"), to: Sync.prefix("site/") }).pipe(
 *   Stream.runForEach((outcome) =>
 *     outcome._tag === "Failure"
 *       ? Console.error(`${outcome.action.name}: ${outcome.error.message}`)
 *       : outcome._tag === "Summary"
 *         ? Console.log(`${outcome.transferred} transferred, ${outcome.bytes} bytes`)
 *         : Console.log(outcome._tag)
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category sync
 */
export const runStream = (
  options: Options
): Stream.Stream<
  Outcome | ({ readonly _tag: "Summary" } & Summary),
  SyncError | DeletionsRefused,
  CosClient | FileSystem.FileSystem | Path.Path
> => applying.runStream(options)

/**
 * {@link apply} as a Stream, as {@link runStream} is one.
 *
 * Memory: as {@link runStream}, beside what the plan itself holds.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Sync } from "effect-cos"
 *
 * const options: Sync.Options = { from: Sync.directory("./public"), to: Sync.prefix("site/") }
 *
 * export const failures = Sync.plan(options).pipe(
 *   Sync.applyStream(options),
 *   Stream.filter((outcome) => outcome._tag === "Failure")
 * )
 * ```
 *
 * @since 0.1.0
 * @category sync
 */
export const applyStream: {
  (
    options: Options
  ): <E, R>(
    plan: Stream.Stream<Action, E, R>
  ) => Stream.Stream<
    Outcome | ({ readonly _tag: "Summary" } & Summary),
    E | SyncError | DeletionsRefused,
    R | CosClient | FileSystem.FileSystem | Path.Path
  >
  <E, R>(
    plan: Stream.Stream<Action, E, R>,
    options: Options
  ): Stream.Stream<
    Outcome | ({ readonly _tag: "Summary" } & Summary),
    E | SyncError | DeletionsRefused,
    R | CosClient | FileSystem.FileSystem | Path.Path
  >
} = dual(2, applying.applyStream)

/**
 * What a plan in a file comes to.
 *
 * @since 0.1.0
 * @category plans in files
 */
export interface PlanTotals {
  readonly transfers: number
  /** Bytes to be transferred. */
  readonly bytes: number
  readonly deletions: number
  readonly refused: number
  readonly omitted: number
}

/**
 * A plan that was read from a file.
 *
 * @since 0.1.0
 * @category plans in files
 */
export interface PlanFile {
  readonly createdAt: Date
  readonly totals: PlanTotals
  /** What {@link apply} takes with the actions: both places by their full names, and `asPlanned`. */
  readonly options: Options
  readonly actions: Stream.Stream<Action, PlanUnusable | PlatformError>
}

/**
 * The first line of a plan in a file, as a Schema: what is synced, when that was planned, and the settings that it was
 * planned with.
 *
 * @since 0.1.0
 * @category plans in files
 */
export const PlanHeader = planFile.Header

/**
 * Each further line of a plan in a file but the last, which has its {@link PlanTotals} and a checksum. What an omission
 * failed with is not kept.
 *
 * @since 0.1.0
 * @category plans in files
 */
export const PlannedAction = planFile.PlannedAction

/**
 * Writes a plan into a file, while it comes: lines of JSON, the first of which says what is synced. The file is whole or
 * not there, and one that was there before is replaced. `options` are those that the plan was made with, but for `filter`,
 * which no file can hold.
 *
 * The plan may be filtered. The file itself is left out of it where it lies in the directory that is synced.
 *
 * Memory: as {@link plan}.
 *
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Sync } from "effect-cos"
 *
 * const options: Sync.Options = { from: Sync.directory("./public"), to: Sync.prefix("site/"), delete: true }
 *
 * export const program = Sync.plan(options).pipe(
 *   Sync.writePlan("./publish.plan", options),
 *   Effect.tap(({ deletions, transfers }) => Console.log(`${transfers} to send, ${deletions} to delete`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category plans in files
 */
export const writePlan: {
  (
    file: string,
    options: Options
  ): <E, R>(
    plan: Stream.Stream<Action, E, R>
  ) => Effect.Effect<
    PlanTotals,
    E | CosError.InvalidInput | PlatformError,
    R | CosClient | FileSystem.FileSystem | Path.Path
  >
  <E, R>(
    plan: Stream.Stream<Action, E, R>,
    file: string,
    options: Options
  ): Effect.Effect<
    PlanTotals,
    E | CosError.InvalidInput | PlatformError,
    R | CosClient | FileSystem.FileSystem | Path.Path
  >
} = dual(3, planFile.write)

/**
 * Reads what {@link writePlan} has written. The file stays open within the scope. It is read once to compare its checksum
 * before any of it is believed: a file that was cut off or changed, or that is no plan, is {@link PlanUnusable}.
 *
 * Its actions are carried out by {@link apply} or {@link applyStream}. A transfer is not begun unless both sides are what
 * the plan saw ({@link PlanOutdated}, and then nothing is deleted either), a deletion only of what was seen and is
 * unchanged. An interrupted run may be repeated, and does what is left.
 *
 * Memory: a few lines of the file.
 *
 * @example
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { Sync } from "effect-cos"
 *
 * export const program = Stream.unwrapScoped(
 *   Effect.map(Sync.readPlan("./publish.plan"), ({ actions, options }) => Sync.applyStream(actions, options))
 * ).pipe(Stream.runForEach((outcome) => Console.log(outcome)))
 * ```
 *
 * @since 0.1.0
 * @category plans in files
 */
export const readPlan = (
  file: string
): Effect.Effect<PlanFile, PlanUnusable | PlatformError, FileSystem.FileSystem | Scope.Scope> => planFile.read(file)
