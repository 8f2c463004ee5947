/** What all benches share: the shape of a variant, what is measured of it, sizes, and keys. */

/** What a run costs. A run leaves out what it does not measure. */
export interface Figures {
  /** User and system time of the client's process, in µs for each unit of work. */
  readonly cpu?: number
  /** In µs for each unit of work. */
  readonly wall?: number
  /** Where the start of the process counts: `cpu` and `wall` from when all was imported. */
  readonly cpuAfterStart?: number
  readonly wallAfterStart?: number
  /** The most memory that the process had, in MB (10^6 bytes). */
  readonly memory?: number
  /** The 99th percentile of the event loop's delay, in milliseconds. */
  readonly lag?: number
  /** What is held after a unit of work, in bytes, garbage not counted. */
  readonly growth?: number
  /** Of a bundle, in KB (10^3 bytes). */
  readonly size?: number
  /** GB (10^9 bytes) in a second. */
  readonly rate?: number
}

export type Figure = keyof Figures

/**
 * Does `count` units of work: requests, pages, files or MiB. `cpu`, `wall` and `memory` are measured from outside; a run
 * returns what it measures itself, which then counts.
 */
export type Run = (count: number) => Promise<Figures | undefined>

/** One way to do the work, against the server at `origin`. */
export type Variant = (origin: string) => Run

/** A variant whose code is loaded only in the process that runs it. */
export type LazyVariant = (origin: string) => Promise<Run>

/** The variants of a module, so that no process loads what only another one needs. */
export const variantsOf =
  <M>(load: () => Promise<M>) =>
  (pick: (peer: M) => Variant): LazyVariant =>
  async (origin) =>
    pick(await load())(origin)

export const region = "ap-guangzhou"
export const bucket = "examplebucket-1250000000"
export const secretId = "AKIDbenchbenchbenchbenchbenchbench"
export const secretKey = "benchbenchbenchbenchbenchbenchbe"

/** How many small requests are sent at once. */
export const concurrency = 32

/** How many parts or ranges are transferred at once. */
export const workers = 4

export const small = new Uint8Array(4096).fill(7)

/** Calls `one` `count` times, `atOnce` at a time. */
export const inParallel =
  (atOnce: number, one: (i: number) => Promise<unknown>): Run =>
  async (count) => {
    let i = 0
    const work = async () => {
      while (i < count) await one(i++)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return undefined
  }
