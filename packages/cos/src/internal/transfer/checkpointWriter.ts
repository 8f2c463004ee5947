/** What a transfer writes down while it runs, so that a later run can go on from there. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Checkpoint from "../../Checkpoint.js"
import { TransferContext } from "./context.js"

export interface CheckpointWriter<in A> {
  /** Never fails: a write that fails is tried again, and logged. */
  readonly write: (checkpoint: A) => Effect.Effect<void>
}

/**
 * Writes the first checkpoint at once, so that a later run finds the transfer even if this process is killed. When the
 * scope closes, the checkpoint stays if `isKept` says so, and is removed otherwise. `onSaved` is called once a checkpoint
 * is in the store: before that, a transfer that is kept would be found by nobody.
 */
export const open = <A, I>(options: {
  readonly store: Checkpoint.Store.Service
  readonly id: string
  readonly schema: Schema.Schema<A, I>
  readonly first: A
  /** Whether an earlier run's checkpoint is in the store already. */
  readonly isSaved: boolean
  readonly isKept: (exit: Exit.Exit<unknown, unknown>) => boolean
  readonly onSaved: () => void
}): Effect.Effect<CheckpointWriter<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { first, id, isKept, onSaved, schema, store } = options
    const journal = yield* Effect.provideService(Checkpoint.journal(id, schema), Checkpoint.Store, store)
    let isSaved = options.isSaved
    const save = Effect.matchEffect(journal.flush, {
      onFailure: () => Effect.void,
      onSuccess: () =>
        Effect.sync(() => {
          isSaved = true
          onSaved()
        })
    })
    yield* Effect.addFinalizer((exit) =>
      isKept(exit)
        ? isSaved
          ? Effect.void
          : save
        : Effect.catchAll(journal.discard, (error) =>
            Effect.logWarning("a checkpoint that is of no more use could not be removed", error.message)
          )
    )
    yield* journal.note(first)
    yield* save
    if ((yield* TransferContext).remembersCheckpoint) onSaved()
    return { write: journal.note }
  })

/** Without a store nothing is written down. */
export const openOptional = <A, I>(
  options: Omit<Parameters<typeof open<A, I>>[0], "store"> & {
    readonly store: Option.Option<Checkpoint.Store.Service>
  }
): Effect.Effect<CheckpointWriter<A>, never, Scope.Scope> =>
  Option.match(options.store, {
    onNone: () => Effect.succeed({ write: () => Effect.void }),
    onSome: (store) => open({ ...options, store })
  })
