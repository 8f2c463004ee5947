/** What all benches share: the shape of a variant, sizes, and keys. */

/** Does `count` units of work: requests, pages or MiB. Returns figures in µs only if it measures them itself. */
export type Run = (count: number) => Promise<Figures | unknown>

export interface Figures {
  /** User and system time. */
  readonly cpu: number
  readonly wall: number
}

/** One way to do the work, against the server at `origin`. */
export type Variant = (origin: string) => Run

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
  }
