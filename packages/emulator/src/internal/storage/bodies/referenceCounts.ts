/**
 * Transactions that count how many segments of records name each body, and keep or remove the bodies accordingly.
 */
import * as Keys from "../records/keys.js"
import {
  blocksKey,
  bodiesOf,
  countKey,
  garbageKey,
  namesBodies,
  type Purpose,
  partsKey,
  partsKeyLength,
  segmentsOf,
  Table,
  type Transaction
} from "../records/tables.js"
import type { Segment } from "../Storage.js"
import { type BodyState, isFile, removeFile } from "./bodiesInUse.js"
import type { Files } from "./files.js"

/** A transaction that also counts how many segments of records name each body. */
export interface CountingTransaction extends Transaction {
  /** `companions` are the keys of the records without which this one means nothing. */
  readonly put: (key: string, value: unknown, companions?: ReadonlyArray<string>) => void
}

/** A change of a record that names bodies, or did before. */
interface Change {
  readonly key: string
  readonly before: unknown
  /** `undefined`: removed. */
  readonly value: unknown
  readonly companions: ReadonlyArray<string>
}

/** Follows what a transaction does to the records that name bodies. */
const countBodies = (tx: Transaction) => {
  const counts = new Map<string, number>()
  const changes = new Map<string, Change>()
  const ended = new Set<string>()
  const count = (value: unknown, change: number) => {
    for (const body of bodiesOf(value)) counts.set(body, (counts.get(body) ?? 0) + change)
  }
  const note = (key: string, value: unknown, companions: ReadonlyArray<string>) => {
    const before = tx.get<unknown>(key)
    count(before, -1)
    count(value, 1)
    if (bodiesOf(before).length + bodiesOf(value).length === 0) return
    changes.set(key, { key, before: changes.get(key)?.before ?? before, value, companions })
  }
  const counting: CountingTransaction = {
    ...tx,
    put: (key, value, companions = []) => {
      if (namesBodies(key)) note(key, value, companions)
      else ended.delete(key)
      tx.put(key, value)
    },
    remove: (key) => {
      if (namesBodies(key)) note(key, undefined, [])
      else if (key.startsWith(Table.uploads)) ended.add(key)
      tx.remove(key)
    }
  }
  return { tx: counting, counts, changes, ended }
}

const fileOf = (value: unknown): Segment | undefined => segmentsOf(value).find(({ body }) => isFile(body))

const sizeOfBody = ({ length, offset }: Segment): number => offset + length

/**
 * Labels the first file of each record that changed, and the file that a record no longer names, if it stays. The parts of
 * an upload that became an object may be thousands; the object's label speaks for them.
 */
const writeLabels = (
  tx: Transaction,
  files: Files,
  { changes, ended }: ReturnType<typeof countBodies>,
  stays: (body: string) => boolean
): void => {
  const covered = new Set<string>()
  const label = (key: string) => ({ sequence: tx.sequence, at: key, companions: [], ended: [] })
  for (const { companions, key, value } of changes.values()) {
    const file = fileOf(value)
    if (file === undefined) continue
    const found = companions.map((at) => [at, tx.get<unknown>(at)] as const)
    files.label(file.body, sizeOfBody(file), { ...label(key), value, companions: found, ended: [...ended] })
    for (const upload of ended) covered.add(partsKey(upload.slice(-Keys.uploadIdLength)))
  }
  for (const { before, key, value } of changes.values()) {
    const former = fileOf(before)
    if (former === undefined || former.body === fileOf(value)?.body || !stays(former.body)) continue
    if (covered.has(key.slice(0, partsKeyLength))) continue
    try {
      files.label(former.body, sizeOfBody(former), label(key))
    } catch {
      // a full disk must not keep anything from being removed
    }
  }
}

/** Records that a body is named more or less often. Returns what to do after the commit. */
const updateCount = (state: BodyState, tx: Transaction, body: string, change: number): (() => void) => {
  const { held, unnamed } = state
  const blocks = unnamed.get(body)
  const before = blocks === undefined ? (tx.get<number>(countKey(body)) ?? 1) : 0
  const count = before + change
  if (count > 1) tx.put(countKey(body), count)
  else if (before > 1) tx.remove(countKey(body))
  if (blocks !== undefined) {
    if (isFile(body)) tx.remove(garbageKey(body))
    else tx.put(blocksKey(body), blocks)
    return () => unnamed.delete(body)
  }
  if (count > 0) return () => undefined
  const inUse = held.has(body)
  if (isFile(body)) {
    tx.put(garbageKey(body), true)
    return () => (inUse ? unnamed.set(body, []) : removeFile(state, body))
  }
  const kept = inUse ? tx.get<ReadonlyArray<Uint8Array>>(blocksKey(body)) : undefined
  tx.remove(blocksKey(body))
  return () => kept && unnamed.set(body, kept)
}

/** Runs a transaction, and keeps or removes bodies as its records name them or no longer do. */
export const transact = <A>(state: BodyState, body: (tx: CountingTransaction) => A, purpose: Purpose = "store"): A => {
  const { files, held, records } = state
  let committed: ReadonlyArray<() => void> = []
  const result = records.transact((tx) => {
    const counted = countBodies(tx)
    const result = body(counted.tx)
    const stays = (body: string) =>
      held.has(body) || (tx.get<number>(countKey(body)) ?? 1) + (counted.counts.get(body) ?? 0) > 0
    if (files !== undefined) writeLabels(tx, files, counted, stays)
    committed = Array.from(counted.counts)
      .filter(([, change]) => change !== 0)
      .map(([body, change]) => updateCount(state, tx, body, change))
    return result
  }, purpose)
  for (const run of committed) run()
  return result
}
