/**
 * What a transfer writes down while it runs, so that a later run can go on from there. `journal` of `checkpointStore` brings
 * it to the store.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Checkpoint from "../../Checkpoint.js"
import { confirmSaved, type Findable } from "./confirmSaved.js"

export interface CheckpointWriter<in A> {
  /** Never fails: a write that fails is tried again, and logged. */
  readonly write: (checkpoint: A) => Effect.Effect<void>
}

/**
 * Writes the first checkpoint at once, so that a later run finds the transfer even if this process is killed. When the
 * scope closes, the checkpoint stays if `isKept` says so, and is removed otherwise. One that is kept is looked up, and
 * `onKept` is told whether a later run can find it: else nobody would.
 */
export const open = <A, I>(options: {
  readonly store: Checkpoint.Store.Service
  readonly id: string
  readonly schema: Schema.Schema<A, I>
  readonly first: A
  /** Whether two checkpoints are of the same transfer. */
  readonly isSame: (one: A, other: A) => boolean
  readonly isKept: (exit: Exit.Exit<unknown, unknown>) => boolean
  readonly onKept: (findable: Findable) => void
}): Effect.Effect<CheckpointWriter<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { first, id, isKept, isSame, onKept, schema, store } = options
    let last = first
    const journal = yield* Effect.provideService(Checkpoint.journal(id, schema), Checkpoint.Store, store)
    const confirm = Effect.suspend(() => confirmSaved(store, id, schema, last, (found) => isSame(found, last)))
    yield* Effect.addFinalizer((exit) =>
      isKept(exit)
        ? Effect.zipRight(
            Effect.ignore(journal.flush),
            Effect.map(confirm, (findable) => onKept(findable))
          )
        : Effect.catchAll(journal.discard, (error) =>
            Effect.logWarning("a checkpoint that is of no more use could not be removed", error.message)
          )
    )
    yield* journal.note(first)
    yield* Effect.ignore(journal.flush)
    return {
      write: (checkpoint) =>
        Effect.suspend(() => {
          last = checkpoint
          return journal.note(checkpoint)
        })
    }
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
