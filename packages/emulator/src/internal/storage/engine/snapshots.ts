/**
 * Empties, saves and restores everything that is stored.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Keys from "../records/keys.js"
import {
  bodiesOf,
  bucketOfKey,
  partsKey,
  partsKeyLength,
  type Reader,
  snapshotTables,
  Table
} from "../records/tables.js"
import { type Snapshot, type Storage, StorageError, type Upload } from "../Storage.js"
import { type Engine, read, write } from "./engineState.js"

/** Finds the records that an entry needs: a version needs its bucket, a part also its upload. */
const companionsIn = (entries: Snapshot["entries"]): ((key: string) => ReadonlyArray<string>) => {
  const uploads = new Map(
    entries.flatMap(([key, value]) =>
      key.startsWith(Table.uploads) ? [[partsKey((value as Upload).uploadId), key] as const] : []
    )
  )
  return (key) => {
    if (key.startsWith(Table.versions)) return [bucketOfKey(key)]
    const upload = key.startsWith(Table.parts) ? uploads.get(key.slice(0, partsKeyLength)) : undefined
    return upload === undefined ? [] : [bucketOfKey(upload), upload]
  }
}

const steps = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, step) => items.slice(step * size, (step + 1) * size))

const entriesOf = (records: Reader): Snapshot["entries"] =>
  snapshotTables.flatMap((table) => Array.from(records.range(table, Keys.after(table))))

const restoreEntries = (engine: Engine, snapshot: Snapshot): Effect.Effect<void, StorageError> =>
  write(engine, (tx) => {
    for (const [key] of entriesOf(tx)) tx.remove(key)
    const companionsOf = companionsIn(snapshot.entries)
    for (const [key, value] of snapshot.entries) tx.put(key, value, companionsOf(key))
    return Either.void
  })

const removeEntries = (engine: Engine, entries: Snapshot["entries"]): Effect.Effect<void, StorageError> =>
  write(
    engine,
    (tx) => {
      for (const [key] of entries) tx.remove(key)
      return Either.void
    },
    "remove"
  )

/** Uses one transaction; if a full disk has no room for it, many small ones, each of which frees more than it takes. */
const reset = (engine: Engine): Effect.Effect<void, StorageError> =>
  Effect.suspend(() => removeEntries(engine, entriesOf(engine.records))).pipe(
    Effect.catchIf(
      ({ reason }) => reason === "DiskFull",
      () =>
        Effect.suspend(() =>
          // records that others depend on go last
          Effect.forEach(
            steps(entriesOf(engine.records).toReversed(), 8),
            (entries) => removeEntries(engine, entries),
            { discard: true }
          )
        )
    )
  )

export const makeSnapshots = (
  engine: Engine
): Pick<Storage.Service, "reset" | "snapshot" | "restore" | "removeSnapshot"> => {
  const { bodies } = engine
  /** The entries of the snapshots that were not removed: their bodies are kept. */
  const held = new Set<Snapshot["entries"]>()
  return {
    reset: reset(engine),
    snapshot: read(engine, (records) => {
      const entries = entriesOf(records)
      for (const [, value] of entries) bodies.hold(bodiesOf(value))
      held.add(entries)
      return Either.right({ entries })
    }),
    restore: (snapshot) =>
      Effect.suspend(() =>
        held.has(snapshot.entries)
          ? restoreEntries(engine, snapshot)
          : Effect.fail(
              new StorageError({ reason: "Io", message: "the snapshot was removed, or is of another storage" })
            )
      ),
    removeSnapshot: ({ entries }) =>
      Effect.sync(() => {
        if (held.delete(entries)) for (const [, value] of entries) bodies.release(bodiesOf(value))
      })
  }
}
