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
  /** Not begun, or interrupted, because another one failed and `stopOnFailure` was asked. */
  | { readonly _tag: "Skipped"; readonly input: Input }

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
 * `undefined` when that is not all of them. Bytes of a file that failed midway count as transferred.
 *
 * @since 0.1.0
 * @category models
 */
export interface TotalProgress extends Progress {
  readonly files: {
    readonly succeeded: number
    readonly failed: number
    readonly total: number
  }
}

/**
 * How many transfers run at once, and what is told of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<Input, A, E> extends Omit<ProgressOptions, "onProgress"> {
  /** Files at once: 1 to 1,024. Default 4. */
  readonly files?: number | undefined
  /** Parts at once over all files, a file that goes in one request counting as one: 1 to 1,024. Default 16. */
  readonly parts?: number | undefined
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
 * Which files of a tree are meant. Names are relative, with `/` between their parts on every system.
 *
 * A pattern is a whole name in which `*` stands for any characters but `/`, `?` for one of them, `**` for any number of
 * folders, and `{a,b}` for one of several. `*.html` is in the root only; with `**` and `/` before it, everywhere. A folder
 * of which everything is excluded, as by `node_modules/**`, is not looked into.
 *
 * @since 0.1.0
 * @category models
 */
export interface Selection<File> {
  /** Only those that match one of these. Default: all. */
  readonly include?: string | ReadonlyArray<string> | undefined
  /** None of those that match one of these. */
  readonly exclude?: string | ReadonlyArray<string> | undefined
  /** Only those for which it is true. */
  readonly filter?: ((file: File) => boolean) | undefined
}
