/** What was measured, as it is kept, and the statistics of it. */
import { type Bench, type Case, units, us } from "./bench.js"
import { benches } from "./benches.js"
import type { Figure, Figures } from "./variants.js"

/** The figures of each variant, round by round. */
export type Rounds = { readonly [variant: string]: ReadonlyArray<Figures> }

/** One measured case. */
export interface Result {
  /** The day, as `2026-11-29`. */
  readonly date: string
  /** Units of work. */
  readonly count: number
  /** The load of the machine just before, over one minute. */
  readonly load: number
  readonly machine: Machine
  readonly rounds: Rounds
}

/** What it was measured on, and the versions, in words. */
export type Machine = { readonly [name: string]: string }

/** By bench and case. */
export type Results = { readonly [bench: string]: { readonly [name: string]: Result } }

/** One case with what was measured of it. */
export interface Row {
  readonly bench: string
  readonly name: string
  readonly case: Case
  readonly result: Result
}

/** In the order of the benches, whatever the order of the results. */
export const rowsOf = (results: Results, bench: string): ReadonlyArray<Row> =>
  Object.entries(benches[bench]?.cases ?? {}).flatMap(([name, found]) => {
    const result = results[bench]?.[name]
    return result === undefined ? [] : [{ bench, name, case: found, result }]
  })

export const withResult = (results: Results, bench: string, name: string, result: Result): Results => ({
  ...results,
  [bench]: { ...results[bench], [name]: result }
})

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? above : (below + above) / 2
}

/** As many digits as mean something. */
export const digits = (value: number): number => Number(value.toPrecision(3))

export const figuresOf = ({ figures }: Bench): readonly [Figure, ...ReadonlyArray<Figure>] => figures ?? ["cpu", "wall"]

const times = {
  cpu: "CPU",
  wall: "wall",
  cpuAfterStart: "CPU after the start",
  wallAfterStart: "wall after the start"
} as const

const isTime = (figure: Figure): figure is keyof typeof times => figure in times

/** A figure of every round, in the unit of the bench. */
export const valuesOf = (bench: Bench, rounds: Rounds, variant: string, figure: Figure): ReadonlyArray<number> => {
  const factor = isTime(figure) ? units[bench.unit] : 1
  return (rounds[variant] ?? []).map((figures) => (figures[figure] ?? Number.NaN) * factor)
}

/** Two figures of each round divided: what the machine did meanwhile acted on both. */
export const ratiosOf = (values: ReadonlyArray<number>, peers: ReadonlyArray<number>): ReadonlyArray<number> =>
  values.map((value, round) => value / (peers[round] ?? Number.NaN))

const labels: { readonly [figure in Exclude<Figure, keyof typeof times>]: string } = {
  memory: "memory, MB",
  lag: "p99 lag, ms",
  growth: "growth, bytes",
  size: "size, KB",
  rate: "GB/s"
}

export const labelOf = ({ unit }: Bench, figure: Figure): string =>
  isTime(figure) ? `${times[figure]}, ${unit}` : labels[figure]

/** A table of one case: a row for each variant, with its ratios to the first one and to ours. */
export const tableOf = (
  bench: Bench,
  rounds: Rounds
): { readonly [variant: string]: { readonly [column: string]: number } } => {
  const figures = figuresOf(bench)
  const [compared] = figures
  const variants = Object.keys(rounds)
  const isMeasured = (figure: Figure) =>
    variants.some((variant) => rounds[variant]?.some((figures) => figures[figure] !== undefined))
  const [peer = us] = variants
  const peers = valuesOf(bench, rounds, peer, compared)
  const mine = valuesOf(bench, rounds, us, compared)
  return Object.fromEntries(
    variants.map((variant) => {
      const values = valuesOf(bench, rounds, variant, compared)
      const ratios = ratiosOf(values, peers)
      return [
        variant,
        {
          ...Object.fromEntries(
            figures
              .filter(isMeasured)
              .map((figure) => [labelOf(bench, figure), digits(median(valuesOf(bench, rounds, variant, figure)))])
          ),
          ...(variants.length > 1
            ? {
                [`÷ ${peer}`]: digits(median(ratios)),
                min: digits(Math.min(...ratios)),
                max: digits(Math.max(...ratios))
              }
            : undefined),
          ...(mine.length > 0 && peer !== us ? { "÷ ours": digits(median(ratiosOf(values, mine))) } : undefined)
        }
      ]
    })
  )
}
