/**
 * A transfer that is watched, paused, resumed and cancelled while it runs. `Upload.controlled`, `Download.controlled` and
 * `Copy.controlled` start one; a `TransferQueue` has many.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { TransferCancelled } from "./CosError.js"
import type { Progress } from "./Progress.js"

/**
 * What a transfer is doing.
 *
 * - `waiting`: in a queue, until the transfers before it have made room.
 * - `checking`: it looks at its source, and compares it with what an earlier run has done.
 * - `transferring`: bytes are being sent or received.
 * - `paused`: no request is under way; the finished parts are kept.
 * - `succeeded`: final.
 * - `failed`: it can be resumed, from the start unless `onFailure` is `keep`.
 * - `cancelled`: final; nothing is left of it.
 *
 * ```text
 * waiting       ->  checking
 * checking      ->  transferring, failed
 * transferring  ->  succeeded, failed
 * paused        ->  waiting (in a queue), checking
 * failed        ->  waiting (in a queue), checking
 * ```
 *
 * The first three can be paused, and all but `succeeded` cancelled.
 *
 * @since 0.1.0
 * @category models
 */
export type State = "waiting" | "checking" | "transferring" | "paused" | "succeeded" | "failed" | "cancelled"

/**
 * A transfer that has begun. `C` is the checkpoint it can be resumed from, `P` what a pause can fail with.
 *
 * Commands take effect one after the other. A command that has begun is finished even if its caller is interrupted. Each
 * takes no longer than an interrupt of the transfer may take, plus `abortGrace` where the last request is waited for.
 * Commands may be given from within callbacks such as `onProgress`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controlled<out A, out E, out C, out P = never> {
  /**
   * Stops the transfer and keeps the finished parts: once this returns, no more requests are sent. If the request that
   * completes the parts, or a copy in one request, is under way, it is waited for, up to `abortGrace`, and the transfer may
   * have succeeded. An upload in one request is stopped at once: it has succeeded only if its response had arrived. If the
   * service stored the object all the same, `resume` replaces it by the same, or finds it where `overwrite` is `false`.
   *
   * Returns the checkpoint to resume from, also in another process; `undefined` where there is nothing to keep. No effect
   * on a transfer that has ended.
   */
  readonly pause: Effect.Effect<C | undefined, P>
  /**
   * Continues after a pause, or tries again after a failure. Otherwise no effect; none either where the source is a stream
   * that can be read only once, and has been.
   */
  readonly resume: Effect.Effect<void>
  /**
   * Stops the transfer, and removes what there is of it: the unfinished upload from the server, the temporary file from
   * the disk. No effect on one that has succeeded or was cancelled. An object that is whole stays: of an upload in one
   * request, whose last byte was sent, it may come to be there.
   */
  readonly cancel: Effect.Effect<void>
  /** Waits until the transfer has succeeded, failed, or was cancelled; a pause does not end the wait. */
  readonly await: Effect.Effect<A, E | TransferCancelled>
  /** State and progress now. */
  readonly current: Effect.Effect<{ readonly state: State; readonly progress: Progress }>
  /**
   * The current state, and every one after it until the transfer has succeeded, failed, or was cancelled, or its scope
   * has closed. A pause does not end it. What follows after a failure, once it is resumed, is a stream of its own.
   */
  readonly state: Stream.Stream<State>
  /**
   * The current progress, and what follows. It never falls, not even when a transfer begins anew. A slow reader skips
   * some. Ends as `state` does.
   */
  readonly progress: Stream.Stream<Progress>
}
