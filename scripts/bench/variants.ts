/** What every bench is made of. */

/** Does so much of the work: requests, pages, MiB. What it measures by itself, in µs, it returns. */
export type Run = (count: number) => Promise<Figures | unknown>

export interface Figures {
  /** User and system time. */
  readonly cpu: number
  readonly wall: number
}

/** A way to do the work, against the server at an origin. */
export type Variant = (origin: string) => Run

export const region = "ap-guangzhou"
export const bucket = "examplebucket-1250000000"
export const secretId = "AKIDbenchbenchbenchbenchbenchbench"
export const secretKey = "benchbenchbenchbenchbenchbenchbe"

/** Of small requests. */
export const concurrency = 32

/** Of parts and ranges. */
export const workers = 4

export const small = new Uint8Array(4096).fill(7)

/** Calls `one` so often, some at a time. */
export const inParallel =
  (atOnce: number, one: (i: number) => Promise<unknown>): Run =>
  async (count) => {
    let i = 0
    const work = async () => {
      while (i < count) await one(i++)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  }
