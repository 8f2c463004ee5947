/**
 * How far a transfer has come.
 *
 * @example
 * ```ts
 * import { Console, Duration, Effect } from "effect"
 * import { Upload } from "effect-cos"
 * import type { Progress } from "effect-cos/Progress"
 *
 * const report = ({ checking, eta, percent, transferred }: Progress): Effect.Effect<void> =>
 *   checking !== undefined && checking.checked < checking.total
 *     ? Console.log(`looking at what is there: ${checking.checked} of ${checking.total}`)
 *     : Console.log(
 *         percent === undefined ? `${transferred} bytes` : `${Math.floor(100 * percent)} %`,
 *         eta === undefined ? "" : `${Duration.format(eta)} left`
 *       )
 *
 * export const program = Upload.file(
 *   { key: "movie.mp4", path: "./movie.mp4" },
 *   { onProgress: report, progressInterval: "250 millis" }
 * )
 * ```
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/**
 * The state of a transfer at one moment.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  /**
   * Bytes that the other side has acknowledged (an upload's parts that are stored, a download's bytes that are written).
   * Never falls, and includes what an earlier process had done. Of a single operation, such as `Cos.putObject`: bytes that
   * the HTTP client has taken, since nothing is acknowledged before the response.
   */
  readonly transferred: number
  /** Bytes in all; `undefined`: not known, as with a stream without `size`. */
  readonly total: number | undefined
  /**
   * `transferred` of `total`, from 0 to 1; `undefined` where the total is not known. Of an empty body 0 until the transfer
   * has succeeded, and then 1.
   */
  readonly percent: number | undefined
  /** Over about the last 5 seconds; what an earlier process had done does not count. */
  readonly bytesPerSecond: number
  /** The time that the rest takes at this speed; `undefined` while that is not known. */
  readonly eta: Duration.Duration | undefined
  /** Parts that are done, of a transfer in parts. */
  readonly partsDone: number | undefined
  readonly partsTotal: number | undefined
  /**
   * Bytes that have been read, so far and in all, before any are transferred: of the source, for `storeMd5`; or of the
   * parts of an earlier run, to be compared with the source or with the temporary file.
   */
  readonly checking: { readonly checked: number; readonly total: number } | undefined
  /**
   * Bytes that are sent but not acknowledged. Only of parts that are read while they are sent, which are those of uploads
   * above `maxPartBuffer`: of others the transport does not tell.
   */
  readonly inFlight: number | undefined
}

/**
 * Hears of the progress of a transfer, or of a single operation.
 *
 * @since 0.1.0
 * @category models
 */
export type OnProgress = (progress: Progress) => Effect.Effect<void>

/**
 * How a transfer, or a single operation with a body, reports its progress.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Called with the first state, with the last one, and at most once an interval with those in between.
   *
   * Callbacks of all transfers (`onProgress`, `onCheckpoint`, `onFile`, `onFileProgress`, `onAction`) run in a fiber of
   * their own, in order and one call at a time, and never hold up the transfer; every command may be given from within
   * one. While a call is busy, a newer progress or checkpoint replaces the one that waits; the others queue up. A callback
   * that fails with a defect, or interrupts itself, is logged as a warning and is not called again.
   *
   * When the transfer has ended it waits until its callbacks have heard everything: for a call that does not return, 10
   * seconds, of `onProgress` 1 second or the interval if that is shorter; after an interrupt, 1 second in all. Then the
   * call is interrupted.
   */
  readonly onProgress?: OnProgress | undefined
  /** Default: 1 second. */
  readonly progressInterval?: Duration.DurationInput | undefined
}
