/**
 * Reads the records in a process of its own, since LMDB follows whatever a damaged file says, and may end the process that
 * it runs in. What is intact is written to a new file; the old one is only read.
 */
import { Buffer } from "node:buffer"
import { spawn } from "node:child_process"
import { closeSync, copyFileSync, mkdirSync, openSync, readSync, rmSync, writeSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as Effect from "effect/Effect"
import type { StorageError } from "../Storage.js"
import { toStorageError } from "../storageErrors.js"
import { pageSize } from "./fullDisk.js"
import { writeLockFile } from "./lmdbLockFile.js"
import * as Sealed from "./recordChecksum.js"

/** An intact record and a damaged one. A process that cannot tell them apart must not judge the file. */
const [intactSample, damagedSample] = [0, 1].map((change) => {
  const sealed = Sealed.packSummary(Sealed.emptySummary)
  sealed.writeUInt8(change, 0)
  return sealed.toString("hex")
})

// A string, because a bundler would not find a separate file. The checksum is that of `recordChecksum.ts`, as text.
const begin = `
  const { crc32 } = require("node:zlib")
  const summaryKey = Buffer.from("${Sealed.summaryKey.toString("hex")}", "hex")
  const isIntact = (key, sealed) => (${Sealed.hasChecksum})(crc32, ${Sealed.trailerLength}, key, sealed)
  const isIntactSample = (hex) => isIntact(summaryKey, Buffer.from(hex, "hex"))
  if (!isIntactSample("${intactSample}") || isIntactSample("${damagedSample}")) process.exit(1)
`

const program = `
  ${begin}
  const [library, from, to, mode] = process.argv.slice(1)
  const { writeSync } = require("node:fs")
  const lmdb = require(library)
  const say = (line) => writeSync(1, JSON.stringify(line) + "\\n")
  const options = { keyEncoding: "binary", encoding: "binary", noSubdir: false, overlappingSync: false }
  const source = lmdb.open({ ...options, path: from, readOnly: true })
  source.readerCheck()
  source.get(summaryKey)
  const readers = [...source.readerList().matchAll(/^ *([0-9]+) /gm)].map(([, pid]) => Number(pid))
  say({ ready: true, readers: readers.filter((pid) => pid !== process.pid) })
  function* entries(reverse) {
    let previous
    for (const { key, value } of source.getRange({ reverse })) {
      if (previous !== undefined && Buffer.compare(key, previous) * (reverse ? -1 : 1) <= 0) throw new Error("out of order")
      previous = key
      yield [key, value]
    }
  }
  const walk = () => {
    let [passed, count, sum, damaged, summary] = [0, 0, 0n, 0, ""]
    for (const [key, value] of entries(false)) {
      passed += 1
      if (!isIntact(key, value)) damaged += 1
      else if (key.equals(summaryKey)) summary = value.toString("hex")
      else {
        count += 1
        sum += BigInt(value.readUInt32BE(value.length - 4))
      }
    }
    // LMDB ends early without an error at a page of a wrong kind
    const complete = passed === source.getStats().root.entryCount
    say({ walked: { complete, count, sum: String(sum), damaged, summary } })
    return complete
  }
  const attempt = (body) => {
    try {
      return body()
    } catch {
      return false
    }
  }
  const run = async () => {
    const complete = mode === "check" && attempt(walk)
    // a damaged file may end this process at any record, with whatever was not written by then
    const most = complete ? 200 : 1
    const target = lmdb.open({ ...options, path: to, noSync: true })
    let batch = []
    let kept = 0
    const flush = () => {
      target.transactionSync(() => {
        for (const [key, value] of batch) target.putSync(key, value)
      })
      kept += batch.length
      batch = []
    }
    const copy = (reverse) => {
      for (const [key, value] of entries(reverse)) {
        if (!isIntact(key, value) || (mode === "older" && target.get(key) !== undefined)) continue
        batch.push([key, value])
        if (batch.length === most) flush()
      }
      flush()
    }
    if (complete) copy(false)
    else for (const reverse of mode === "backward" ? [true] : [false, true]) attempt(() => copy(reverse))
    await target.close()
    say({ ended: true, kept })
  }
  run().then(() => process.exit(0), () => process.exit(1))
`

/**
 * `check` walks through everything and copies what is intact: from the front, and if something was passed over then from
 * the back too. `backward` does only the latter. `older` copies what the new file does not have yet.
 */
type Mode = "check" | "backward" | "older"

/** What a walk through all records found. */
interface Walked {
  /** Whether it came by as many as LMDB's first pages say. */
  readonly complete: boolean
  /** Intact records beside the summary. */
  readonly count: number
  /** The sum of their checksums. */
  readonly sum: string
  readonly damaged: number
  /** The record of the summary in hexadecimal, empty if there is none. */
  readonly summary: string
}

interface Outcome {
  /** Other processes that have the file open. */
  readonly readers: ReadonlyArray<number>
  /** The process has opened the file: if it reports nothing after that, the file is damaged. */
  readonly ready: boolean
  /** Absent if the walk ended early. */
  readonly walked: Walked | undefined
  /** The process came to its end. */
  readonly ended: boolean
  /** How many records were copied, if it came to its end. */
  readonly kept: number
}

/** The summary if no record is missing or damaged. */
const wholeSummary = ({ complete, count, damaged, sum, summary }: Walked): Sealed.Summary | undefined => {
  if (damaged > 0 || !complete) return undefined
  if (summary === "") return count === 0 ? Sealed.emptySummary : undefined
  const said = Sealed.unpackSummary(Buffer.from(summary, "hex"))
  return said?.count === count && said.sum === Sealed.reduce(BigInt(sum)) ? said : undefined
}

/** No check of an intact file takes longer. In milliseconds. */
const limit = 600_000

const runProgram = (from: string, to: string, mode: Mode): Effect.Effect<Outcome> =>
  Effect.async<Outcome>((resume) => {
    const library = createRequire(import.meta.url).resolve("lmdb")
    const child = spawn(process.execPath, ["-e", program, library, from, to, mode], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, NODE_OPTIONS: "" }
    })
    let said: Record<string, unknown> = {}
    createInterface(child.stdout).on("line", (line) => {
      said = { ...said, ...JSON.parse(line) }
    })
    const end = () =>
      resume(
        Effect.succeed({
          ready: said.ready === true,
          readers: (said.readers as ReadonlyArray<number> | undefined) ?? [],
          walked: said.walked as Walked | undefined,
          ended: said.ended === true,
          kept: Number(said.kept ?? 0)
        })
      )
    const timer = setTimeout(() => child.kill("SIGKILL"), limit)
    child.once("error", end)
    child.once("close", () => {
      clearTimeout(timer)
      end()
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** What a check of the records found. */
export type Finding =
  /** Every record is there. `copied`: the new file has all of them, and nothing else of the old file. */
  | { readonly _tag: "Whole"; readonly sequence: number; readonly copied: boolean }
  /** Some records are missing or damaged; the new file has the intact ones. */
  | { readonly _tag: "Damaged" }
  /** Another process has the file open and ignored our lock. */
  | { readonly _tag: "InUse"; readonly pid: number }
  /** No process could be started to check. */
  | { readonly _tag: "Unknown" }

/** Checks the records in the directory `from`, and copies them to `to`. */
export const check = (from: string, to: string): Effect.Effect<Finding, StorageError> =>
  Effect.gen(function* () {
    const renewLock = Effect.try({ try: () => writeLockFile(from), catch: (error) => toStorageError(error, from) })
    const first = yield* runProgram(from, to, "check")
    if (first.readers[0] !== undefined) return { _tag: "InUse", pid: first.readers[0] } as const
    yield* renewLock
    // only LMDB's lock file may have been damaged, so it is renewed before a second try
    const outcome = first.ready ? first : yield* runProgram(from, to, "check")
    const { ended, ready, walked } = outcome
    const summary = walked && wholeSummary(walked)
    if (summary !== undefined) return { _tag: "Whole", sequence: summary.sequence, copied: ended } as const
    if (!ready && !(yield* canRun)) return { _tag: "Unknown" } as const
    const { kept } = ended || !ready ? outcome : yield* Effect.zipRight(renewLock, runProgram(from, to, "backward"))
    if (kept === 0) {
      // no record can be reached: the commit before may have left a tree that is whole
      const sources = yield* withOtherMeta(from, `${to}-meta`)
      yield* Effect.forEach(sources, (source) => runProgram(source, to, "older"), { discard: true })
      yield* Effect.sync(() => rmSync(`${to}-meta`, { recursive: true, force: true }))
    }
    return { _tag: "Damaged" } as const
  })

/**
 * LMDB refuses a file if either of its first two pages is damaged, though each of them says where the records are. Makes
 * two copies of the file, in each of which one of the pages replaces the other.
 */
const withOtherMeta = (from: string, to: string): Effect.Effect<ReadonlyArray<string>, StorageError> =>
  Effect.try({
    try: () =>
      [0, 1].map((damaged) => {
        const directory = join(to, String(damaged))
        const file = join(directory, "data.mdb")
        mkdirSync(directory, { recursive: true })
        writeLockFile(directory)
        copyFileSync(join(from, "data.mdb"), file)
        const descriptor = openSync(file, "r+")
        try {
          // all of a page but its number
          const page = Buffer.alloc(metaSize)
          readSync(descriptor, page, 0, metaSize, (1 - damaged) * pageSize + 8)
          writeSync(descriptor, page, 0, metaSize, damaged * pageSize + 8)
        } finally {
          closeSync(descriptor)
        }
        return directory
      }),
    catch: (error) => toStorageError(error, to)
  })

const metaSize = pageSize - 8

/** Whether this runtime runs a program given as an argument and the checksum works there: `ready` also fails when LMDB refuses the file. */
const canRun = Effect.async<boolean>((resume) => {
  const child = spawn(process.execPath, ["-e", `${begin}\n  process.exit(7)`], {
    stdio: "ignore",
    env: { ...process.env, NODE_OPTIONS: "" }
  })
  child.once("error", () => resume(Effect.succeed(false)))
  child.once("close", (code) => resume(Effect.succeed(code === 7)))
})
