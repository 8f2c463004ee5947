/** The checkpoint store that the runs of one controlled transfer share. */
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as Checkpoint from "../../Checkpoint.js"
import { confirmSaved, type Findable } from "./confirmSaved.js"
import { reservePausedUpload } from "./inUse.js"
import type { AnyCheckpoint } from "./restartable.js"

/** A checkpoint, and the id that the store has it under. */
export interface Saved<C> {
  readonly id: string
  readonly checkpoint: C
}

export interface ControlledCheckpoint<C> {
  /** For the runs. Keeps what they save in memory, and in the store of the context if there is one. */
  readonly service: Checkpoint.Store.Service
  /** What the transfer can be resumed from now. */
  readonly current: () => C | undefined
  /** The checkpoint that the caller gave, until a run has saved one. */
  readonly resume: () => C | undefined
  /** Whether a later process can find the checkpoint, if there is one. */
  readonly findable: Effect.Effect<Findable>
  /** Others may take up the upload. */
  readonly release: () => void
  /** Removes the checkpoint: there is nothing left to be resumed. */
  readonly forget: Effect.Effect<void>
}

const isSameTransfer = (one: AnyCheckpoint, other: AnyCheckpoint): boolean =>
  one.kind === "upload"
    ? other.kind === "upload" && one.uploadId === other.uploadId
    : other.kind === "download" && one.temporaryPath === other.temporaryPath

interface Options<C> {
  readonly store: Option.Option<Checkpoint.Store.Service>
  /** The checkpoint of an earlier process. */
  readonly restored: Saved<C> | undefined
  /** The checkpoint that the caller gave. */
  readonly resume: C | undefined
  /** Called when a run saves its first checkpoint. */
  readonly onSaved: (id: string) => Effect.Effect<void>
}

export const make = <C extends AnyCheckpoint>({
  onSaved,
  restored,
  resume: given,
  store: found
}: Options<C>): ControlledCheckpoint<C> => {
  let saved: Saved<C> | undefined
  let resume = given
  let current: C | undefined
  let release = constVoid
  const underlying = Option.getOrUndefined(found)
  /** Another process is working on the same transfer, and the store is that one's. */
  let isBeside = false
  const store = () => (isBeside ? undefined : underlying)

  // Nobody else is to take up or remove the upload while the transfer has it, also while it is paused.
  const hold = (checkpoint: C | undefined) => {
    release()
    current = checkpoint
    release = current?.kind === "upload" ? reservePausedUpload(current.uploadId) : constVoid
  }
  const save = (next: Saved<C> | undefined) => {
    resume = undefined
    saved = next
    hold(next?.checkpoint)
  }
  if (restored === undefined) hold(given)
  else save(restored)

  const service: Checkpoint.Store.Service = {
    get: <A, I>(id: string, schema: Schema.Schema<A, I>) =>
      Effect.suspend(() => {
        if (saved?.id === id) return Effect.succeedSome(saved.checkpoint as unknown as A)
        return store()?.get(id, schema) ?? Effect.succeedNone
      }),
    set: (id, schema, value) =>
      Effect.suspend(() => {
        const isNew = saved?.id !== id
        save({ id, checkpoint: value as unknown as C })
        const stored = store()?.set(id, schema, value) ?? Effect.void
        return Effect.zipRight(stored, isNew ? onSaved(id) : Effect.void)
      }),
    remove: (id) =>
      Effect.suspend(() => {
        if (saved?.id === id) save(undefined)
        return store()?.remove(id) ?? Effect.void
      }),
    list: underlying?.list ?? Effect.succeed([]),
    lease:
      underlying?.lease &&
      ((id, options) =>
        Effect.map(underlying.lease?.(id, options) ?? Effect.succeedNone, (lease) => {
          isBeside = Option.isNone(lease) && options.ifRunning === "beside"
          // Then the checkpoint is kept here alone, for a pause.
          return isBeside ? Option.some({ isHeld: Effect.succeed(true), lost: Effect.never }) : lease
        }))
  }
  return {
    service,
    current: () => current,
    resume: () => resume,
    findable: Effect.suspend((): Effect.Effect<Findable> => {
      // Without a store the caller has the checkpoint, from `pause` or `onCheckpoint`.
      if (saved === undefined || underlying === undefined) return Effect.succeed("found")
      const { checkpoint, id } = saved
      const schema = checkpoint.kind === "upload" ? Checkpoint.Upload : Checkpoint.Download
      return isBeside
        ? Effect.succeed("lost")
        : confirmSaved(underlying, id, schema as Schema.Schema<AnyCheckpoint, unknown>, checkpoint, (found) =>
            isSameTransfer(found, checkpoint)
          )
    }),
    release: () => release(),
    forget: Effect.suspend(() => {
      const id = saved?.id
      save(undefined)
      return id === undefined
        ? Effect.void
        : Effect.catchAll(service.remove(id), (error) =>
            Effect.logWarning("a checkpoint that is of no more use could not be removed", error.message)
          )
    })
  }
}
