/** Keeps the record of one transfer of a queue up to date. */
import * as Effect from "effect/Effect"
import type * as Checkpoint from "../../Checkpoint.js"
import type { CheckpointError } from "../../CosError.js"
import { confirmSaved, type Findable } from "./confirmSaved.js"
import { QueueRecord } from "./queueRecord.js"

/** What the store holds of one transfer. Trouble with the store is logged: the transfer itself goes on. */
export interface RecordWriter {
  readonly update: (change: Partial<Pick<QueueRecord, "paused" | "checkpoint">>) => Effect.Effect<void>
  readonly remove: Effect.Effect<void>
  /** Whether a later queue can find the record. */
  readonly findable: Effect.Effect<Findable>
}

export const make = (store: Checkpoint.Store.Service | undefined, id: string, first: QueueRecord): RecordWriter => {
  if (store === undefined) return { update: () => Effect.void, remove: Effect.void, findable: Effect.succeed("lost") }
  const lock = Effect.unsafeMakeSemaphore(1)
  const logged = (self: Effect.Effect<void, CheckpointError>): Effect.Effect<void> =>
    Effect.catchAll(self, (error) =>
      Effect.logWarning("the queue could not be written to its store; it will not survive this process", error.message)
    )
  let current = first
  let isRemoved = false
  return {
    update: (change) =>
      Effect.suspend(() => {
        if (isRemoved) return Effect.void
        current = { ...current, ...change } as QueueRecord
        return logged(store.set(id, QueueRecord, current))
      }).pipe(lock.withPermits(1)),
    remove: Effect.suspend(() => {
      isRemoved = true
      return logged(store.remove(id))
    }).pipe(lock.withPermits(1)),
    findable: Effect.suspend(() =>
      confirmSaved(store, id, QueueRecord, current, (found) => found.checkpoint === current.checkpoint)
    ).pipe(lock.withPermits(1))
  }
}
