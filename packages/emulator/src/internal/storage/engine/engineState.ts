/**
 * What all functions of the engine work on, and how they read and write it.
 */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type { Bodies } from "../bodies/bodies.js"
import type { CountingTransaction } from "../bodies/referenceCounts.js"
import * as Keys from "../records/keys.js"
import { attempt, type Purpose, type Reader, type Records } from "../records/tables.js"
import { Hook, type StorageError } from "../Storage.js"

export interface Engine {
  readonly records: Records
  readonly bodies: Bodies
  /** The tick of the newest version or upload. */
  lastTick: bigint
}

export const makeState = (records: Records, bodies: Bodies): Engine => ({ records, bodies, lastTick: 0n })

/** A tick above all before it and not below `least`. It rises also while the clock stands still or goes back. */
export const nextTick = (engine: Engine, now: number, least: bigint): bigint => {
  const candidates = [engine.lastTick + 1n, Keys.tickOfTime(now), least]
  engine.lastTick = candidates.reduce((most, other) => (other > most ? other : most))
  return engine.lastTick
}

export const read = <A, E>(
  { records }: Engine,
  body: (records: Reader) => Either.Either<A, E>
): Effect.Effect<A, E | StorageError> => attempt(() => body(records))

/** Runs a transaction. What the body has written stays even if it fails, so it must check first and write last. */
export const write = <A, E>(
  { bodies }: Engine,
  body: (tx: CountingTransaction) => Either.Either<A, E>,
  purpose: Purpose = "store"
): Effect.Effect<A, E | StorageError> => {
  const commit = attempt(() => bodies.transact(body, purpose))
  return Effect.flatMap(Hook, (hook) =>
    hook === undefined
      ? commit
      : hook("commit", 0).pipe(Effect.zipRight(commit), Effect.zipLeft(Effect.suspend(() => hook("committed", 0))))
  )
}
