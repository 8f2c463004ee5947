/**
 * Makes a place the equal of another: a directory and a prefix of a bucket, or two prefixes. First the plan, a Stream of
 * what is to be done and why; running it does just that, so a dry run is the plan.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Batch from "./Batch.js"
import type * as Copy from "./Copy.js"
import type { CosClient } from "./CosClient.js"
import type * as CosError from "./CosError.js"
import type * as Download from "./Download.js"
import * as plans from "./internal/transfer/sync/plan.js"
import * as runs from "./internal/transfer/sync/run.js"
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
  /** Of an object, with its double quotes. */
  readonly eTag: string | undefined
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
    }
  | { readonly _tag: "Delete"; readonly name: string; readonly size: number }
  /** A key that has no safe local name: it is left out, and reported. */
  | { readonly _tag: "Refuse"; readonly name: string; readonly error: CosError.UnsafeKey }

/**
 * `include`, `exclude` and `filter` go for both sides: what they leave out is neither transferred nor deleted.
 *
 * @since 0.1.0
 * @category models
 */
export interface PlanOptions extends Batch.Selection<Entry> {
  /** A directory that is not there is a failure: its copy would be deleted. */
  readonly from: Place
  /** A prefix, or, of one, a directory, which need not be there. In one bucket neither may lie within the other. */
  readonly to: Place
  /**
   * When two are the same: `modified`, of one size and the source not newer; `checksum`, of one size and one CRC64, which
   * reads local files and asks for each object of equal size; `size`, of one size. Default `modified`.
   */
  readonly compare?: "modified" | "checksum" | "size" | undefined
  /** Whether what the source does not have is deleted. Default `false`. */
  readonly delete?: boolean | undefined
}

/**
 * How the plan is carried out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends PlanOptions {
  /** Files at once: 1 to 256. Default 4. */
  readonly concurrency?: number | undefined
  /** More deletions than this are not begun: none of them is carried out. Default 1,000. */
  readonly maxDelete?: number | undefined
  /** How each file is uploaded, downloaded, or copied. */
  readonly transfer?:
    | (Pick<Upload.UploadOptions, "partSize" | "concurrency" | "threshold"> & {
        readonly storageClass?: Upload.UploadTarget["storageClass"]
      })
    | undefined
  /** Called with each action that was carried out or failed. For all callbacks see `Progress.Options`. */
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
  | CosError.PaginationStuck
  | CosError.UnsafeKey
  | Upload.UploadError
  | Download.DownloadError
  | CosError.DiskFull
  | Copy.CopyError
  | PlatformError

/**
 * What became of the plan.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report {
  readonly transferred: number
  /** Bytes. */
  readonly bytes: number
  readonly deleted: number
  /** Deletions that were not carried out: something had failed, or they were more than `maxDelete`. */
  readonly withheld: number
  readonly failed: ReadonlyArray<{ readonly action: Action; readonly error: SyncError }>
}

/**
 * What is to be done, in the order of the names' UTF-8 bytes, found while both sides are listed: memory does not grow with
 * their size. Nothing is changed.
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
): Stream.Stream<Action, SyncError, CosClient | FileSystem.FileSystem | Path.Path> => plans.plan(options)

/**
 * Carries out the plan. What fails does not stop the rest; deletions are carried out last, and only when everything else
 * succeeded and they are no more than `maxDelete`.
 *
 * A downloaded file gets the object's time of modification, so that the next run finds it unchanged. It is only ever
 * written below its directory, and never through a link. Empty directories, and objects that stand for them, are neither
 * made nor removed. Keys that a file system keeps as one file overwrite each other: `Download.files` refuses those.
 *
 * Memory: that of `concurrency` transfers, `maxDelete` names, and the names of the directories that are written to.
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
 *   onAction: ({ _tag, name }, error) => Console.log(_tag, name, error?.message ?? "")
 * }).pipe(Effect.tap(({ failed, withheld }) => Console.log(`${failed.length} failed, ${withheld} not deleted`)))
 * ```
 *
 * @since 0.1.0
 * @category sync
 */
export const run = (
  options: Options
): Effect.Effect<Report, SyncError, CosClient | FileSystem.FileSystem | Path.Path> => runs.run(options)
