/**
 * A transfer in hand: watched, paused, resumed and cancelled while it runs. `Upload.controlled`, `Download.controlled` and
 * `Copy.controlled` make one; a `TransferQueue` holds many.
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
 * - `waiting`: it takes its turn, in a queue.
 * - `checking`: it looks at its source, and compares what an earlier run had done.
 * - `transferring`: bytes are on their way.
 * - `paused`: nothing is on its way; what is done is kept.
 * - `succeeded`: for good.
 * - `failed`: it can be resumed; from its start, unless `onFailure` is `keep`.
 * - `cancelled`: for good; nothing is left of it.
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
 * A transfer that has begun. `C` is what it can be resumed from.
 *
 * Commands take effect one after the other, and are finished once begun, whoever interrupts them. Each takes no longer than
 * an interrupt of the transfer may take, and `abortGrace` more where the last request is waited for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Controlled<out A, out E, out C> {
  /**
   * Stops the transfer and keeps what is done: once this returns, it sends no more requests. What is already at its last
   * request is waited for, up to `abortGrace`, and may have succeeded.
   *
   * Gives the state to go on from, also in another process; `undefined` where there is nothing to keep. No effect on a
   * transfer that has ended.
   */
  readonly pause: Effect.Effect<C | undefined>
  /** Goes on after a pause, or tries again after a failure. No effect on others. */
  readonly resume: Effect.Effect<void>
  /**
   * Stops the transfer, and removes what there is of it: the unfinished upload from the server, the temporary file from
   * the disk. No effect on one that has succeeded or was cancelled.
   */
  readonly cancel: Effect.Effect<void>
  /** Waits until it has succeeded, failed, or was cancelled. A pause is waited out. */
  readonly await: Effect.Effect<A, E | TransferCancelled>
  /** How it is now. */
  readonly current: Effect.Effect<{ readonly state: State; readonly progress: Progress }>
  /** The state now, and every one after it. Ends with the transfer's last state, or its scope. */
  readonly state: Stream.Stream<State>
  /**
   * The progress now, and what follows. It never falls, also not when a transfer begins anew. A slow reader skips some.
   * Ends as `state` does.
   */
  readonly progress: Stream.Stream<Progress>
}
