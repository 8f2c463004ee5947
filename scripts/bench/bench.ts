/** The shape of a bench, and the names that all of them share. */
import type { Figure, LazyVariant } from "./variants.js"

/** One table: the same work done by each variant. */
export interface Case {
  /** Units of work. */
  readonly count: number
  /** Units of work done before measuring starts, in runs of `count` at most. Default 0. */
  readonly warmUp?: number
  /** Units of work with `--quick`, which leaves out cases that have none. */
  readonly quick?: number
  /** Default 3. */
  readonly rounds?: number
  /** How long the server waits before every response, in milliseconds. Default 0. */
  readonly latency?: number
  /** Whether the start of the process counts. Default `false`. */
  readonly fromStart?: boolean
  /** Takes minutes, and runs only when a text of its name is given, or with `--all`. Default `false`. */
  readonly slow?: boolean
  /** The first is what the others are divided by. */
  readonly variants: { readonly [name: string]: LazyVariant }
}

export interface Bench {
  readonly title: string
  /** The unit of `cpu` and `wall`. */
  readonly unit: keyof typeof units
  /** What is shown. Variants are compared by the first one. Default: `cpu`, `wall`. */
  readonly figures?: readonly [Figure, ...ReadonlyArray<Figure>]
  /** The variant that checks as little as the official SDK, where ours checks more by default. */
  readonly alike?: string
  /** A sentence about its variants. */
  readonly note?: string
  /** Whether the official SDK may be faster without being listed for it. Default `false`. */
  readonly officialMayWin?: boolean
  readonly cases: { readonly [name: string]: Case }
}

/** Factors from µs for one unit of work. */
export const units = { "s/GiB": 1024 / 1e6, µs: 1, ms: 1 / 1000, s: 1 / 1e6 }

/** The names of the variants that most tables have. */
export const us = "effect-cos"
export const them = "official"
export const raw = "raw undici"
export const aws = "aws"
