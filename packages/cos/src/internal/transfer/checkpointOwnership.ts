/**
 * Runs a transfer while it owns its checkpoint, in a store that other processes use as well. `leases` decides which process
 * that is.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Lease, Store } from "../../Checkpoint.js"
import { CheckpointError } from "../../CosError.js"
import { withTransferContext } from "./context.js"
import type { IfRunning } from "./model.js"

const refused = (id: string) =>
  new CheckpointError({ operation: "lease", id, reason: "another process is working on this transfer" })

const takenOver = (id: string) =>
  new CheckpointError({ operation: "lease", id, reason: "another process has taken over this transfer" })

/** Writes and removes only while the checkpoint is this transfer's. */
const guarded = (store: Store.Service, { isHeld }: Lease): Store.Service => ({
  ...store,
  set: (id, schema, value) =>
    Effect.if(isHeld, { onTrue: () => store.set(id, schema, value), onFalse: () => takenOver(id) }),
  remove: (id) => Effect.asVoid(Effect.whenEffect(store.remove(id), isHeld))
})

/** Interrupts `self`, and waits for it, when `signal` comes. Not a race, which does not wait when it is interrupted. */
const interruptedBy =
  <E2>(signal: Effect.Effect<void>, onSignal: () => E2) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        let isSignalled = false
        const fiber = yield* Effect.fork(restore(self))
        const watcher = yield* Effect.forkDaemon(
          Effect.interruptible(
            Effect.flatMap(signal, () => {
              isSignalled = true
              return Fiber.interruptFork(fiber)
            })
          )
        )
        const exit = yield* restore(Fiber.await(fiber)).pipe(
          Effect.onInterrupt((by) => Fiber.interruptAs(fiber, Array.from(by).reduce(FiberId.combine, FiberId.none))),
          Effect.ensuring(Fiber.interruptFork(watcher))
        )
        if (!isSignalled || Exit.isSuccess(exit) || !Cause.isInterrupted(exit.cause)) return yield* exit
        const cause = Cause.fail(onSignal())
        // It may have died as it ended.
        const defects = Cause.keepDefects(exit.cause)
        return yield* Effect.failCause(Option.isSome(defects) ? Cause.sequential(cause, defects.value) : cause)
      })
    )

/**
 * Runs a transfer while its checkpoint belongs to it. Where another process is working on the same transfer, it waits for
 * that one, fails, or runs without a store. When the checkpoint is taken over, the transfer fails, and removes nothing.
 */
export const withCheckpointOwned = <A, E, R>(
  store: Option.Option<Store.Service>,
  id: string,
  ifRunning: IfRunning,
  use: (store: Option.Option<Store.Service>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | CheckpointError, R> => {
  const acquire = Option.getOrUndefined(store)?.lease
  if (Option.isNone(store) || acquire === undefined) return use(store)
  const run = (lease: Lease) =>
    use(Option.some(guarded(store.value, lease))).pipe(
      withTransferContext({
        isOwner: lease.isHeld,
        // Who has been taken for dead does not make the object any more: it is about to be interrupted.
        onPhase: (phase) =>
          phase === "finishing"
            ? Effect.if(lease.isHeld, { onTrue: () => Effect.void, onFalse: () => Effect.never })
            : Effect.void
      }),
      interruptedBy(lease.lost, () => takenOver(id))
    )
  return Effect.acquireUseRelease(
    Scope.make(),
    (scope) =>
      Effect.flatMap(
        Scope.extend(acquire(id, { ifRunning }), scope),
        (lease): Effect.Effect<A, E | CheckpointError, R> => {
          if (Option.isSome(lease)) return run(lease.value)
          if (ifRunning === "refuse") return Effect.fail(refused(id))
          return Effect.zipRight(
            Effect.logInfo(
              "another process is working on this transfer: this run begins its own, and saves no checkpoint"
            ),
            use(Option.none())
          )
        }
      ),
    (scope, exit) => Scope.close(scope, exit)
  )
}
