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
import { toStorageError } from "../diskFull.js"
import type { StorageError } from "../Storage.js"
import { writeLockFile } from "./lmdbLockFile.js"
import { pageSize } from "./lmdbReservedSpace.js"
import type { Summary } from "./recordChecksum.js"

// A string, because a bundler would not find a separate file. It repeats the checksums of `recordChecksum.ts`; the tests of damaged
// records compare the two.
const program = `
  const [library, from, to, mode] = process.argv.slice(1)
  const { writeSync } = require("node:fs")
  const { crc32 } = require("node:zlib")
  const lmdb = require(library)
  const say = (line) => writeSync(1, JSON.stringify(line) + "\\n")
  const options = { keyEncoding: "binary", encoding: "binary", noSubdir: false, overlappingSync: false }
  const source = lmdb.open({ ...options, path: from, readOnly: true })
  source.readerCheck()
  source.get(Buffer.from("z"))
  const readers = [...source.readerList().matchAll(/^ *([0-9]+) /gm)].map(([, pid]) => Number(pid))
  say({ ready: true, readers: readers.filter((pid) => pid !== process.pid) })
  const modulus = 2 ** 48
  const isIntact = (key, value) =>
    value.length >= 10 && crc32(value.subarray(0, -4), crc32(key)) === value.readUInt32BE(value.length - 4)
  function* entries(reverse) {
    let previous
    for (const { key, value } of source.getRange({ reverse })) {
      if (previous !== undefined && Buffer.compare(key, previous) * (reverse ? -1 : 1) <= 0) throw new Error("out of order")
      previous = key
      yield [key, value]
    }
  }
  const check = () => {
    let [count, sum, damaged] = [0, 0, 0]
    let summary = null
    for (const [key, value] of entries(false)) {
      if (!isIntact(key, value)) damaged += 1
      else if (key.length === 1 && key[0] === 0x7a) {
        summary = { sequence: value.readUIntBE(0, 6), count: value.readUIntBE(6, 6), sum: value.readUIntBE(12, 6) }
      } else {
        count += 1
        sum = (sum + value.readUInt32BE(value.length - 4)) % modulus
      }
    }
    const whole = summary === null ? count + damaged === 0 : damaged === 0 && summary.count === count && summary.sum === sum
    say({ whole, summary })
    return whole
  }
  const copy = (reverse) => {
    const target = lmdb.open({ ...options, path: to, noSync: true })
    let batch = []
    const flush = () => {
      target.transactionSync(() => {
        for (const [key, value] of batch) target.putSync(key, value)
      })
      batch = []
    }
    try {
      for (const [key, value] of entries(reverse)) {
        if (!isIntact(key, value)) continue
        batch.push([key, value])
        if (batch.length === 200) flush()
      }
    } finally {
      flush()
    }
    return target.close()
  }
  const run = async () => {
    if (mode === "check" && !check()) return
    await copy(mode === "backward")
    say({ copied: true })
  }
  run().then(() => process.exit(0), () => process.exit(1))
`

/** `check` copies only when nothing is missing; the others copy what they can, from either end. */
type Mode = "check" | "forward" | "backward"

interface Outcome {
  /** Other processes that have the file open. */
  readonly readers: ReadonlyArray<number>
  /** The process has opened the file: if it reports nothing after that, the file is damaged. */
  readonly ready: boolean
  readonly whole: boolean
  readonly summary: Summary | undefined
  readonly copied: boolean
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
          whole: said.whole === true,
          summary: (said.summary as Summary | null | undefined) ?? undefined,
          copied: said.copied === true
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
    const { copied, ready, summary, whole } = first.ready ? first : yield* runProgram(from, to, "check")
    if (whole) return { _tag: "Whole", sequence: summary?.sequence ?? 0, copied } as const
    if (!ready && !(yield* canRun)) return { _tag: "Unknown" } as const
    yield* salvage(ready ? [from] : yield* withOtherMeta(from, `${to}-meta`), to)
    yield* Effect.sync(() => rmSync(`${to}-meta`, { recursive: true, force: true }))
    return { _tag: "Damaged" } as const
  })

/** Copies what is intact from the front, and then from the back if the first copy ended early. */
const salvage = (sources: ReadonlyArray<string>, to: string): Effect.Effect<void, StorageError> =>
  Effect.forEach(
    sources,
    (from) =>
      Effect.gen(function* () {
        const renewLock = Effect.try({ try: () => writeLockFile(from), catch: (error) => toStorageError(error, from) })
        yield* renewLock
        const { copied } = yield* runProgram(from, to, "forward")
        if (copied) return
        yield* renewLock
        yield* runProgram(from, to, "backward")
      }),
    { discard: true }
  )

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

/** Whether this runtime runs a program given as an argument: `ready` also fails when LMDB refuses the file. */
const canRun = Effect.async<boolean>((resume) => {
  const child = spawn(process.execPath, ["-e", "process.exit(7)"], {
    stdio: "ignore",
    env: { ...process.env, NODE_OPTIONS: "" }
  })
  child.once("error", () => resume(Effect.succeed(false)))
  child.once("close", (code) => resume(Effect.succeed(code === 7)))
})
