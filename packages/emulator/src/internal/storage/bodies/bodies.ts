/**
 * The bytes of objects: staged while they are written, counted while segments name them, kept while somebody reads them.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as Keys from "../records/keys.js"
import { attempt, type Purpose, type Records, Table } from "../records/tables.js"
import type { OpenVersion, StagedBody, StorageError, Version } from "../Storage.js"
import { hold, makeState, release } from "./bodiesInUse.js"
import type { Files } from "./files.js"
import { open } from "./reading.js"
import { type CountingTransaction, transact } from "./referenceCounts.js"
import { write } from "./writing.js"

/** Removes what a crash left behind. Run it before {@link make}. */
export const sweep = (records: Records, files: Files): Effect.Effect<void, StorageError> =>
  Effect.gen(function* () {
    const garbage = yield* attempt(() =>
      Either.right(Array.from(records.range(Table.garbage, Keys.after(Table.garbage)), ([key]) => key))
    )
    const remove = (key: string) => Effect.promise(() => files.remove(key.slice(1)))
    const gone = yield* Effect.filter(garbage, remove, { concurrency: 16 })
    yield* attempt(() =>
      Either.right(
        records.transact((tx) => {
          for (const key of gone) tx.remove(key)
        }, "remove")
      )
    )
  })

export interface Bodies {
  /** Runs a transaction, and keeps or removes bodies as its records name them or no longer do. */
  readonly transact: <A>(body: (tx: CountingTransaction) => A, purpose?: Purpose) => A
  readonly write: <E, R>(
    body: Uint8Array | Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<StagedBody, E | StorageError, R | Scope.Scope>
  /** Opens a version for reading. Its bodies must be held meanwhile. */
  readonly open: (version: Version, latest: boolean) => OpenVersion
  /** Keeps bodies, even if no record names them any more, until they are released as often. */
  readonly hold: (bodies: ReadonlyArray<string>) => void
  readonly release: (bodies: ReadonlyArray<string>) => void
  /** Waits for the removals that are under way. */
  readonly idle: Effect.Effect<void>
}

export const make = (records: Records, files?: Files): Bodies => {
  const state = makeState(records, files)
  return {
    transact: (body, purpose) => transact(state, body, purpose),
    write: (body) => write(state, body),
    open: (version, latest) => open(state, version, latest),
    hold: (bodies) => hold(state, bodies),
    release: (bodies) => release(state, bodies),
    idle: Effect.promise(() => Promise.all(state.removals))
  }
}
