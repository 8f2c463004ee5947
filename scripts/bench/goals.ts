/** What is to be reached, and whether it was. */
import { raw, them, us } from "./bench.js"
import { filesCase, rawFiles } from "./benches/files.js"
import { notVerified, smallerUpload } from "./benches/large.js"
import { bundledProgram, emptyProgram, inOwnBuffer } from "./benches/programs.js"
import { parsedOnly } from "./benches/requests.js"
import { batchDown, batchUp, fewKeys, manyKeys, syncUp } from "./benches/scale.js"
import { benches } from "./benches.js"
import { digits, figuresOf, median, type Results, type Row, ratiosOf, rowsOf, valuesOf } from "./results.js"
import type { Figure } from "./variants.js"

export interface Goal {
  readonly what: string
  readonly bench: string
  /** The cases of the bench that count; the worst of them is judged. Default: all. */
  readonly in?: (name: string) => boolean
  readonly figure: Figure
  /** Whose figure. Default: ours. */
  readonly of?: string
  /** It is divided by this one's; of several by the best one's. */
  readonly over?: string | ((variant: string) => boolean)
  /** This one's is subtracted. */
  readonly above?: string
  /** Whether more is better. Default `false`. */
  readonly atLeast?: boolean
  /** Must be reached. */
  readonly floor: number
  /** Should be reached. */
  readonly ambitious: number
}

const is = (name: string) => (other: string) => other === name

const ofFiveThousand = (name: string) => name.startsWith("5,000 files")
const large = is(filesCase(50_000, 16, 0))

export const goals: ReadonlyArray<Goal> = [
  {
    what: "50,000 small files up, 16 at once: CPU ÷ raw undici with node:fs",
    bench: "files-up",
    in: large,
    figure: "cpu",
    over: rawFiles,
    floor: 4,
    ambitious: 2.5
  },
  {
    what: "5,000 small files up: CPU ÷ official SDK, worst of all cells",
    bench: "files-up",
    in: ofFiveThousand,
    figure: "cpu",
    over: them,
    floor: 0.9,
    ambitious: 0.6
  },
  {
    what: "5,000 small files up: wall ÷ official SDK, worst of all cells",
    bench: "files-up",
    in: ofFiveThousand,
    figure: "wall",
    over: them,
    floor: 0.9,
    ambitious: 0.6
  },
  {
    what: "50,000 small files down, 16 at once: CPU ÷ raw undici with node:fs",
    bench: "files-down",
    in: large,
    figure: "cpu",
    over: rawFiles,
    floor: 5,
    ambitious: 3
  },
  {
    what: "Upload.bytes of one request: CPU ÷ Cos.putObject",
    bench: "one",
    figure: "cpu",
    of: "Upload.bytes",
    over: "Cos.putObject",
    floor: 1.3,
    ambitious: 1.15
  },
  {
    what: "Upload.file of one request: CPU ÷ Cos.putObject",
    bench: "one",
    figure: "cpu",
    of: "Upload.file",
    over: "Cos.putObject",
    floor: 1.8,
    ambitious: 1.5
  },
  {
    what: "download verified: CPU ÷ the same not verified",
    bench: "download",
    figure: "cpu",
    over: notVerified,
    floor: 1.35,
    ambitious: 1.25
  },
  {
    what: "download verified: CPU ÷ official SDK, which verifies nothing",
    bench: "download",
    figure: "cpu",
    over: them,
    floor: 1,
    ambitious: 0.8
  },
  {
    what: "download verified: wall ÷ official SDK, which verifies nothing",
    bench: "download",
    figure: "wall",
    over: them,
    floor: 1,
    ambitious: 0.8
  },
  {
    // 0.2 of them for the checksum.
    what: "download verified: CPU ÷ undici.stream into a file",
    bench: "download",
    figure: "cpu",
    over: "undici.stream",
    floor: 1.4,
    ambitious: 0.95
  },
  {
    what: "upload, 8 MiB parts, no checksum: CPU ÷ raw undici",
    bench: "upload",
    figure: "cpu",
    of: "uploadPart, no checksum",
    over: raw,
    floor: 1.25,
    ambitious: 1.15
  },
  {
    what: "upload, 8 MiB parts, CRC64 of every byte verified: CPU ÷ raw undici without",
    bench: "upload",
    figure: "cpu",
    over: raw,
    floor: 1.7,
    ambitious: 1.5
  },
  {
    what: "upload, 8 MiB parts: CPU of the official SDK ÷ ours, each with its checks",
    bench: "upload",
    figure: "cpu",
    of: them,
    over: us,
    atLeast: true,
    floor: 4,
    ambitious: 5
  },
  {
    what: "upload, 1 MiB parts: CPU ÷ raw undici",
    bench: "upload-small-parts",
    figure: "cpu",
    over: raw,
    floor: 2,
    ambitious: 1.5
  },
  { what: "PUT of 4 KiB: CPU ÷ raw undici", bench: "put", figure: "cpu", over: raw, floor: 2.5, ambitious: 1.8 },
  { what: "HEAD: CPU ÷ raw undici", bench: "head", figure: "cpu", over: raw, floor: 2.5, ambitious: 1.8 },
  {
    what: "page of 1,000 keys, text to values: CPU ÷ parsing it alone",
    bench: "page",
    figure: "cpu",
    over: parsedOnly,
    floor: 2.5,
    ambitious: 1.6
  },
  {
    what: "page of 1,000 keys, text to values: ms of CPU",
    bench: "page",
    figure: "cpu",
    floor: 4.5,
    ambitious: 2.8
  },
  {
    what: "cold start over an empty program, imports of effect-cos-node: ms",
    bench: "cold-start",
    figure: "wall",
    above: emptyProgram,
    floor: 350,
    ambitious: 300
  },
  {
    what: "cold start over an empty program, bundled: ms",
    bench: "cold-start",
    figure: "wall",
    of: bundledProgram,
    above: emptyProgram,
    floor: 110,
    ambitious: 80
  },
  {
    what: "files at once found by the transfers: wall ÷ the best fixed number, worst latency of 0, 5, 20, 80 ms",
    bench: "concurrency",
    figure: "wall",
    over: (variant) => variant !== us,
    floor: 1.3,
    ambitious: 1.15
  },
  {
    what: "listed, planned, copied: wall for each of 1,000,000 keys ÷ of 10,000",
    bench: "scale",
    figure: "wall",
    of: manyKeys,
    over: fewKeys,
    floor: 1.3,
    ambitious: 1.1
  },
  {
    what: "listed, planned, copied: growth for each of 1,000,000 keys, bytes",
    bench: "scale",
    figure: "growth",
    of: manyKeys,
    floor: 100,
    // None, but for what measuring itself varies by.
    ambitious: 1
  },
  ...[batchUp, batchDown, syncUp].map(
    (of): Goal => ({
      what: `held for each of 50,000 files, ${of}: bytes`,
      bench: "growth",
      figure: "growth",
      of,
      floor: 100,
      // None, but for what measuring itself varies by.
      ambitious: 10
    })
  ),
  {
    what: "event loop during an upload 8 MiB × 4 with CRC64: p99 lag, ms",
    bench: "lag",
    figure: "lag",
    floor: 20,
    ambitious: 10
  },
  {
    what: "memory of an upload, 8 MiB × 4: peak, MB",
    bench: "memory",
    figure: "memory",
    floor: 170,
    ambitious: 150
  },
  {
    what: "memory of an upload of 1 GiB ÷ of 256 MiB: it does not grow with the object",
    bench: "memory",
    figure: "memory",
    over: smallerUpload,
    floor: 1.15,
    ambitious: 1.05
  },
  { what: "CRC64: GB/s", bench: "crc64", figure: "rate", of: inOwnBuffer, atLeast: true, floor: 3, ambitious: 3.5 },
  { what: "bundle of one operation, minified: KB", bench: "bundle", figure: "size", floor: 330, ambitious: 300 },
  { what: "interrupt to the fiber's return: ms", bench: "interrupt", figure: "wall", floor: 10, ambitious: 5 }
]

/** Whether a goal is about a variant, or compares another with it. */
export const isInGoals = (bench: string, variant: string): boolean =>
  goals.some(
    ({ above, bench: of, of: judged = us, over }) =>
      of === bench &&
      (variant === judged || variant === above || (typeof over === "function" ? over(variant) : variant === over))
  )

export type Verdict = "held" | "missed"

export interface Judged {
  readonly goal: Goal
  /** Of the worst case. */
  readonly value: number
  /** The worst case, where there are several. */
  readonly worst: string | undefined
  /** How many cases were measured, if not all of them. */
  readonly partial: { readonly measured: number; readonly of: number } | undefined
  readonly floor: Verdict
  readonly ambitious: Verdict
}

const valueIn = (goal: Goal, { bench: name, result: { rounds } }: Row): number | undefined => {
  const bench = benches[name]
  if (bench === undefined) return undefined
  const values = (variant: string) => valuesOf(bench, rounds, variant, goal.figure)
  const mine = values(goal.of ?? us)
  if (mine.length === 0) return undefined
  const { above, over } = goal
  if (above !== undefined) return median(mine.map((value, round) => value - (values(above)[round] ?? Number.NaN)))
  if (over === undefined) return median(mine)
  const peers = typeof over === "string" ? [over] : Object.keys(rounds).filter(over)
  // Of several the one that was best on the whole, so that chance does not choose another one in each round.
  const [best] = peers.map(values).sort((a, b) => median(a) - median(b))
  return best === undefined || best.length === 0 ? undefined : median(ratiosOf(mine, best))
}

/** `undefined` for what was not measured. */
export const judge = (goal: Goal, results: Results): Judged | undefined => {
  const cases = rowsOf(results, goal.bench)
    .filter(({ name }) => goal.in?.(name) ?? true)
    .flatMap((row) => {
      const value = valueIn(goal, row)
      return value === undefined || Number.isNaN(value) ? [] : [{ name: row.name, value }]
    })
    .sort((a, b) => (goal.atLeast === true ? a.value - b.value : b.value - a.value))
  const [worst] = cases
  if (worst === undefined) return undefined
  const all = Object.entries(benches[goal.bench]?.cases ?? {}).filter(
    ([name, { slow }]) => (goal.in?.(name) ?? true) && slow !== true
  ).length
  // As it is printed, so that nobody sees 1.7 miss 1.7.
  const value = digits(worst.value)
  const verdict = (limit: number): Verdict =>
    (goal.atLeast === true ? value >= limit : value <= limit) ? "held" : "missed"
  return {
    goal,
    value,
    worst: cases.length > 1 ? worst.name : undefined,
    partial: cases.length < all ? { measured: cases.length, of: all } : undefined,
    floor: verdict(goal.floor),
    ambitious: verdict(goal.ambitious)
  }
}

/** Of which case a value is, and whether all were measured. */
export const whereOf = ({ partial, worst }: Judged): string =>
  [worst, partial === undefined ? undefined : `${partial.measured} of ${partial.of} cases`]
    .filter((text) => text !== undefined)
    .join("; ")

/** A limit in words. */
export const limitOf = ({ atLeast }: Goal, limit: number): string => `${atLeast === true ? "≥" : "≤"} ${limit}`

/** Where ours takes more than the official SDK: both figures as multiples of the official SDK's. */
export interface Slower {
  readonly bench: string
  readonly name: string
  readonly figure: "cpu" | "wall"
  readonly ratio: number
  /** The same of what follows the start, where the start of the process counts. */
  readonly afterStart: number | undefined
}

const afterStart = { cpu: "cpuAfterStart", wall: "wallAfterStart" } as const

/** The cases in which the official SDK takes less CPU or wall time than ours with the same checks. */
export const slowerThanOfficial = (results: Results): ReadonlyArray<Slower> =>
  Object.entries(benches)
    .filter(([, { officialMayWin }]) => officialMayWin !== true)
    .flatMap(([bench, found]) =>
      rowsOf(results, bench).flatMap(({ name, result: { rounds } }) => {
        const ratioOf = (figure: Figure) => {
          const mine = valuesOf(found, rounds, found.alike ?? us, figure)
          return digits(median(ratiosOf(mine, valuesOf(found, rounds, them, figure))))
        }
        return (["cpu", "wall"] as const)
          .filter((figure) => figuresOf(found).includes(figure) && ratioOf(figure) > 1)
          .map((figure) => {
            const later = ratioOf(afterStart[figure])
            return { bench, name, figure, ratio: ratioOf(figure), afterStart: Number.isNaN(later) ? undefined : later }
          })
      })
    )
