/**
 * Many transfers at once, and what became of each: what `Upload.files` and `Download.files` take and give.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Progress, Options as ProgressOptions } from "./Progress.js"

/**
 * What became of one file.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome<Input, A, E> =
  | { readonly _tag: "Success"; readonly input: Input; readonly value: A }
  | { readonly _tag: "Failure"; readonly input: Input; readonly error: E }
  /**
   * Not begun, or interrupted. `Stopped`: another one failed, and `stopOnFailure` was asked. `Temporary`: the file is a
   * download that is not finished, of this process or another. `Done`: an earlier run has transferred it, by its `journal`.
   * `DryRun`: it would have been transferred. `size`: its bytes, where they are known without asking for them.
   */
  | {
      readonly _tag: "Skipped"
      readonly input: Input
      readonly reason: "Stopped" | "Temporary" | "Done" | "DryRun"
      readonly size?: number | undefined
    }

/**
 * What became of all of them. Each file counts once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report<Input, A, E> {
  /** In the order of the input. */
  readonly outcomes: ReadonlyArray<Outcome<Input, A, E>>
  readonly succeeded: number
  /** Exactly those that failed, in the order of the input. */
  readonly failures: ReadonlyArray<Extract<Outcome<Input, A, E>, { readonly _tag: "Failure" }>>
  readonly skipped: number
}

/**
 * How far all files together have come. `total` is that of the files whose size is known before they are begun; it is
 * `undefined` when that is not all of them, and until all of a directory or a prefix have been found. Bytes of a file that
 * failed midway count as transferred.
 *
 * @since 0.1.0
 * @category models
 */
export interface TotalProgress extends Progress {
  /** How many files, or transfers, may be under way at once. */
  readonly concurrency: CurrentConcurrency
  readonly files: {
    readonly succeeded: number
    readonly failed: number
    /** Of a list all; of a directory, a prefix or a Stream those that have been found. */
    readonly total: number
  }
}

/**
 * How many files, or transfers, may be under way at once. Where a number was given, all three are that number.
 *
 * @since 0.1.0
 * @category models
 */
export interface CurrentConcurrency {
  readonly current: number
  /** The bounds of what is found. `most` falls when the process runs out of file descriptors. */
  readonly least: number
  readonly most: number
}

/**
 * How many run at once. A number counts files (or transfers), not parts as in `Upload.file`; an object names each limit.
 *
 * `auto` finds the number. It begins with 16 files, and ends at 1 to 256; where file descriptors are few (`ulimit -n`), at a
 * third of what is left of them. It grows as long as more is transferred in the same time, and falls on `Throttled`, on
 * timeouts, where descriptors run out, and where requests take longer though no more is transferred. As many parts may be
 * under way over all files. What is found is in `TotalProgress`, and in the metric `cos_concurrency`.
 *
 * Each number that is given is kept to. Buffers have a limit besides: `memoryBudget` of `CosClient.Settings`.
 *
 * @since 0.1.0
 * @category models
 */
export type Concurrency =
  | number
  | "auto"
  | {
      /** Files, or transfers: 1 to 1,024. Default: found, as by `auto`. */
      readonly files?: number | undefined
      /** Parts of each file: 1 to 256. Default: as many as a transfer by itself, or where files are found, as prove worth it. */
      readonly parts?: number | undefined
      /**
       * Parts over all files, a file that goes in one request counting as one: 1 to 1,024. Default: as many as files where
       * their number is found; else 16 in a batch, or as many as `files` if these are more, and no limit in a queue or a sync.
       */
      readonly totalParts?: number | undefined
    }

/**
 * How many transfers run at once, and what is told of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Input, A, E> extends Omit<ProgressOptions, "onProgress"> {
  /**
   * A number counts files, not parts as in `Upload.file`. `parts` are those of each file, `totalParts` those over all
   * files. Default: `auto`, as many as prove worth it.
   */
  readonly concurrency?: Concurrency | undefined
  /** Whether the first failure interrupts and skips the others. Default `false`. */
  readonly stopOnFailure?: boolean | undefined
  /** Called with the progress of all files together. For all callbacks see `Progress.Options`. */
  readonly onProgress?: ((progress: TotalProgress) => Effect.Effect<void>) | undefined
  /** Called with the progress of each file. */
  readonly onFileProgress?: ((input: Input, progress: Progress) => Effect.Effect<void>) | undefined
  /** Called with each file that is done, or has failed, as it happens. */
  readonly onFile?: ((outcome: Outcome<Input, A, E>) => Effect.Effect<void>) | undefined
}

/**
 * Which files of a tree are selected. Names are relative, with `/` between their parts on every system.
 *
 * A pattern is a whole name, in which
 *
 * - `*` stands for any characters but `/`, also for none, and also for a first dot; `?` for one of them;
 * - `**`, between slashes or at an end, stands for any number of folders: `drafts/**` is everything below `drafts`, and
 *   `*.html` is in the root only, but everywhere with `**` and `/` before it; elsewhere `**` is a `*`;
 * - `[a-z]` stands for one of these characters, `[!a-z]` or `[^a-z]` for any other but `/`;
 * - `{a,b}` stands for one of several patterns, which may hold braces again, at most 32 deep;
 * - `\\` makes the next character stand for itself.
 *
 * A pattern that begins with `!` takes names away: of those that match a name the last one decides, and a list that
 * begins with such a pattern begins with all names.
 *
 * What can never match is `InvalidInput`, so that a mistake does not exclude nothing: an empty pattern, or one of more
 * than 4,096 characters; a first `/`, `./` or `../`, a last `/`; brackets and braces that are not closed, `{a}` and
 * `{1..3}`; named classes such as `[:alpha:]`; `+(a|b)` and its like.
 *
 * A name is matched in time proportional to pattern × name, whatever they hold. A folder below which nothing is selected, as
 * `node_modules/**` excludes it, is not looked into.
 *
 * @since 0.1.0
 * @category models
 */
export interface Selection<File> {
  /** Only those that match one of these. Default: all. */
  readonly include?: string | ReadonlyArray<string> | undefined
  /** None of those that match one of these. */
  readonly exclude?: string | ReadonlyArray<string> | undefined
  /** Only those for which it is true. If it throws, the run dies: nothing is deleted, and what is under way is removed. */
  readonly filter?: ((file: File) => boolean) | undefined
}

/**
 * Runs over many files that go on after they were killed, or that only say what they would do.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunOptions {
  /**
   * Whether nothing is transferred, and nothing made: a file that would be is `Skipped`, for the reason `DryRun`. What is
   * refused before it would be tried fails as ever. Default `false`.
   */
  readonly dryRun?: boolean | undefined
  /**
   * A file that notes which files are done. A run that finds it leaves out what is noted there where the source and the
   * target are unchanged (size, time and inode of a file, ETag of an object), and nothing of its settings differs: such a
   * file is `Skipped`, for the reason `Done`. Whether objects are there is asked by lists, or, of files that were named or
   * come as a Stream, by a request each.
   *
   * It is removed when all files were transferred, and stays when one failed, or the run was interrupted or killed. Lines
   * are written as they come, so that a killed process loses none, and flushed to the disk each second. A file that
   * changed so shortly before that another change might not show in its time is not noted. A file that no run has written
   * is `InvalidInput`, and stays. Several runs may share it. Default: none.
   *
   * Memory: 32 bytes for each file that was noted.
   */
  readonly journal?: string | undefined
}
