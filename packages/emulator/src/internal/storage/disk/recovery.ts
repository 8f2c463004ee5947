/**
 * Repairs the records when some are damaged or gone, from those that are intact and from the labels of the bodies'
 * files. Nothing is deleted: files that no record names any more are kept aside.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, renameSync, statSync } from "node:fs"
import { join } from "node:path"
import * as Crc64 from "effect-cos/Crc64"
import { isFile } from "../bodies/bodiesInUse.js"
import * as Files from "../bodies/files.js"
import * as Labels from "../bodies/recoveryLabels.js"
import * as Keys from "../records/keys.js"
import {
  blocksKey,
  bodiesOf,
  bucketKey,
  bucketOfKey,
  countKey,
  partsKey,
  partsKeyLength,
  segmentsOf,
  Table
} from "../records/tables.js"
import type { Bucket, Part, Segment, StoredObject, Upload, Version } from "../Storage.js"
import type { Database } from "./lmdb.js"

/** The result of a recovery, in numbers. */
export interface Report {
  /** Versions of objects and parts whose records were intact. */
  readonly kept: number
  /** Those that the labels of files brought back. */
  readonly recovered: number
  /** Those that were left out because some of their bytes are missing. */
  readonly lost: number
  /** Files of bodies that no record names. */
  readonly aside: number
}

type Entry = readonly [key: string, value: unknown]

const entriesOf = (database: Database, table: string): ReadonlyArray<Entry> =>
  Array.from(database.range<unknown>(table, Keys.after(table)))

const filesIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(Files.directoryOf(directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^f[0-9a-f-]{36}$/.test(entry.name))
    .map((entry) => entry.name)

/** Applies changes in transactions of limited size. */
const apply = (database: Database, changes: ReadonlyArray<Entry>): void => {
  const size = 500
  for (let start = 0; start < changes.length; start += size) {
    database.transact((tx) => {
      for (const [key, value] of changes.slice(start, start + size)) {
        if (value === undefined) tx.remove(key)
        else tx.put(key, value)
      }
    })
  }
}

// -------------------------------------------------------------------------------------
// what labels say
// -------------------------------------------------------------------------------------

interface Proof {
  /** The last label of each record. */
  readonly labels: ReadonlyMap<string, Labels.Label>
  /** Companions, each as the latest label has it. */
  readonly companions: ReadonlyMap<string, { readonly sequence: number; readonly value: unknown }>
  /** The commits that ended uploads. */
  readonly ended: ReadonlyMap<string, number>
  /** The highest number of a commit that any label has. */
  readonly sequence: number
}

const readLabels = (directory: string, files: ReadonlyArray<string>): Proof => {
  const labels = new Map<string, Labels.Label>()
  const companions = new Map<string, { readonly sequence: number; readonly value: unknown }>()
  const ended = new Map<string, number>()
  let last = 0
  for (const file of files) {
    for (const label of Labels.read(Files.pathOf(directory, file), file)) {
      const { sequence } = label
      last = Math.max(last, sequence)
      if (sequence >= (labels.get(label.at)?.sequence ?? 0)) labels.set(label.at, label)
      for (const [key, value] of label.companions) {
        if (sequence >= (companions.get(key)?.sequence ?? 0)) companions.set(key, { sequence, value })
      }
      for (const key of label.ended) ended.set(key, Math.max(sequence, ended.get(key) ?? 0))
    }
  }
  return { labels, companions, ended, sequence: last }
}

// -------------------------------------------------------------------------------------
// what bytes prove
// -------------------------------------------------------------------------------------

const checksumOfSegment = (directory: string, { body, length, offset }: Segment): bigint | undefined => {
  const crc64 = Crc64.make()
  const descriptor = openSync(Files.pathOf(directory, body), "r")
  try {
    const block = new Uint8Array(1024 * 1024)
    for (let done = 0; done < length; ) {
      const read = readSync(descriptor, block, 0, Math.min(block.length, length - done), offset + done)
      if (read === 0) return undefined
      crc64.update(block.subarray(0, read))
      done += read
    }
    return crc64.value
  } finally {
    closeSync(descriptor)
  }
}

/** Whether all bytes of a record are there. */
const hasBytes = (database: Database, directory: string, value: unknown): boolean =>
  segmentsOf(value).every(({ body, length, offset }) =>
    isFile(body)
      ? (statSync(Files.pathOf(directory, body), { throwIfNoEntry: false })?.size ?? 0) >= offset + length
      : database.get(blocksKey(body)) !== undefined
  )

/** Whether all bytes are there and unchanged. Bytes inside records are covered by the checksums of the records. */
const isProven = (database: Database, directory: string, value: unknown): boolean => {
  if (!hasBytes(database, directory, value)) return false
  const { crc64 } = value as StoredObject | Part
  const segments = segmentsOf(value)
  if (crc64 === undefined || !segments.every(({ body }) => isFile(body))) return true
  let combined = 0n
  for (const segment of segments) {
    const checksum = checksumOfSegment(directory, segment)
    if (checksum === undefined) return false
    combined = Crc64.combine(combined, checksum, segment.length)
  }
  return combined === crc64
}

// -------------------------------------------------------------------------------------
// recovery
// -------------------------------------------------------------------------------------

/** Updates the records to what the labels prove. Returns how many were recovered. */
const takeLabels = (database: Database, directory: string, proof: Proof): number => {
  const changes: Array<Entry> = []
  const needed = new Set<string>()
  let recovered = 0
  for (const [key, { companions, sequence, value }] of proof.labels) {
    if ((database.sequenceOf(key) ?? 0) >= sequence) continue
    const upload = companions.find(([at]) => at.startsWith(Table.uploads))?.[0]
    const isOver = upload !== undefined && (proof.ended.get(upload) ?? 0) >= sequence
    if (value === undefined || isOver) {
      changes.push([key, undefined])
    } else if (isProven(database, directory, value)) {
      changes.push([key, value])
      for (const [at] of companions) needed.add(at)
      recovered += 1
    }
  }
  for (const key of needed) {
    const companion = proof.companions.get(key)
    if (companion !== undefined && (database.sequenceOf(key) ?? 0) < companion.sequence) {
      changes.push([key, companion.value])
    }
  }
  apply(database, changes)
  return recovered
}

/** Removes versions and parts whose bytes are missing, and parts without their upload. Returns how many. */
const leaveOutIncomplete = (
  database: Database,
  directory: string
): { readonly kept: number; readonly lost: number } => {
  const uploads = new Set(entriesOf(database, Table.uploads).map(([, upload]) => partsKey((upload as Upload).uploadId)))
  const named = [...entriesOf(database, Table.versions), ...entriesOf(database, Table.parts)]
  const incomplete = named.filter(
    ([key, value]) =>
      !hasBytes(database, directory, value) ||
      (key.startsWith(Table.parts) && !uploads.has(key.slice(0, partsKeyLength)))
  )
  apply(
    database,
    incomplete.map(([key]) => [key, undefined])
  )
  return { kept: named.length - incomplete.length, lost: incomplete.length }
}

/** Creates lost buckets again, with what their objects and other buckets show of their settings. */
const makeBuckets = (database: Database): void => {
  const [neighbour] = entriesOf(database, Table.buckets).map(([, bucket]) => bucket as Bucket)
  const made = new Map<string, Bucket>()
  for (const [key, value] of [...entriesOf(database, Table.versions), ...entriesOf(database, Table.uploads)]) {
    const at = bucketOfKey(key)
    if (database.get(at) !== undefined) continue
    const { owner, ...rest } = value as Version | Upload
    const versioned = made.get(at)?.versioning === "Enabled" || ("versionId" in rest && rest.versionId !== "null")
    made.set(at, {
      name: Keys.toName(at.slice(1)),
      region: neighbour?.region ?? "ap-guangzhou",
      owner,
      createdAt: 0,
      acl: { canned: "private", grants: [] },
      ...(versioned ? { versioning: "Enabled" } : {})
    })
  }
  apply(
    database,
    Array.from(made.values(), (bucket) => [bucketKey(bucket.name), bucket])
  )
}

/** Recounts how many segments name each body, and removes blocks that none names. Returns the bodies that are named. */
const countBodies = (database: Database): ReadonlySet<string> => {
  const counts = new Map<string, number>()
  for (const [, value] of [...entriesOf(database, Table.versions), ...entriesOf(database, Table.parts)]) {
    for (const body of bodiesOf(value)) counts.set(body, (counts.get(body) ?? 0) + 1)
  }
  const stale = [Table.counts, Table.garbage].flatMap((table) =>
    entriesOf(database, table).map(([key]): Entry => [key, undefined])
  )
  const blocks = entriesOf(database, Table.blocks).flatMap(
    ([key]): ReadonlyArray<Entry> => (counts.has(key.slice(1)) ? [] : [[key, undefined]])
  )
  const shared = Array.from(counts)
    .filter(([, count]) => count > 1)
    .map(([body, count]): Entry => [countKey(body), count])
  apply(database, [...stale, ...blocks, ...shared])
  return new Set(counts.keys())
}

/** Recovers into the records, which nobody uses yet, and moves files that none of them names to `aside`. */
export const recover = (database: Database, directory: string, lastCommit: number, aside: string): Report => {
  const files = filesIn(directory)
  const proof = readLabels(directory, files)
  database.summarize(Math.max(lastCommit, proof.sequence))
  const recovered = takeLabels(database, directory, proof)
  const { kept, lost } = leaveOutIncomplete(database, directory)
  makeBuckets(database)
  const named = countBodies(database)
  const unnamed = files.filter((file) => !named.has(file))
  if (unnamed.length > 0) mkdirSync(aside, { recursive: true })
  for (const file of unnamed) renameSync(Files.pathOf(directory, file), join(aside, file))
  return { kept: kept - recovered, recovered, lost, aside: unnamed.length }
}
