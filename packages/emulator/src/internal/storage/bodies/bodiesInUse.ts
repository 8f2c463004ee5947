/**
 * The bodies in use in this process: kept while somebody reads, writes or remembers them, and removed after the last user.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { garbageKey, type Records } from "../records/tables.js"
import type { Files } from "./files.js"

export interface BodyState {
  readonly records: Records
  /** Absent in memory: then all bodies are records. */
  readonly files: Files | undefined
  /** How often each body is in use by readers, writers and snapshots. */
  readonly held: Map<string, number>
  /** The bodies in use that no segment names, with their blocks. */
  readonly unnamed: Map<string, ReadonlyArray<Uint8Array>>
  /** Segments of files whose bytes were as their checksum says, with the stamp of the file then. */
  readonly verified: Map<string, string>
  /** The removals of files that are under way. */
  readonly removals: Set<Promise<void>>
}

export const makeState = (records: Records, files: Files | undefined): BodyState => ({
  records,
  files,
  held: new Map(),
  unnamed: new Map(),
  verified: new Map(),
  removals: new Set()
})

/** Whether a body lies in a file. */
export const isFile = (body: string) => body.startsWith("f")

export const removeFile = ({ files, records, removals }: BodyState, body: string): void => {
  if (files === undefined) return
  const removal: Promise<void> = files
    .remove(body)
    .then((gone) => {
      if (gone) records.transact((tx) => tx.remove(garbageKey(body)), "remove")
    })
    // it stays garbage until the next start sweeps it
    .catch(() => undefined)
    .finally(() => removals.delete(removal))
  removals.add(removal)
}

export const hold = ({ held }: BodyState, bodies: ReadonlyArray<string>): void => {
  for (const body of bodies) held.set(body, (held.get(body) ?? 0) + 1)
}

export const release = (state: BodyState, bodies: ReadonlyArray<string>): void => {
  const { held, unnamed } = state
  for (const body of bodies) {
    const count = (held.get(body) ?? 0) - 1
    if (count > 0) {
      held.set(body, count)
    } else {
      held.delete(body)
      if (unnamed.delete(body) && isFile(body)) removeFile(state, body)
    }
  }
}

/** Keeps a new body in use until the scope closes. */
export const newBody = (
  state: BodyState,
  body: string,
  blocks: ReadonlyArray<Uint8Array>
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      state.unnamed.set(body, blocks)
      hold(state, [body])
    }),
    () => Effect.sync(() => release(state, [body]))
  )
