/** A client, a network and a server as a queueing model, in simulated time: what concurrency is worth there. */
import { type Bounds, ConcurrencyController } from "../../src/internal/transfer/concurrencyController.js"

export interface Link {
  /** Milliseconds of a round trip, also of a refusal. */
  readonly latency: number | ((now: number) => number)
  /** Milliseconds of the client's processor for each request, by its number; one at a time. */
  readonly cpu: number | ((index: number) => number)
  /** Bytes a millisecond, which all requests share. */
  readonly bandwidth?: number
  /** Bytes a millisecond of a single request. */
  readonly bandwidthOfOne?: number
  /** The processor does nothing for `length` ms on average, in times of `every` ms on average: it collects garbage. */
  readonly pauses?: { readonly every: number; readonly length: number }
  /** The server refuses what would be more at once. */
  readonly throttledAbove?: number | ((now: number) => number)
  /** Of the latency and the processor's time, 0 to 1. */
  readonly noise?: number
  /** Requests begun in this time get no response for `timeout` ms. */
  readonly outage?: { readonly from: number; readonly to: number; readonly timeout: number }
  /** Bytes of a request, by its number. */
  readonly size?: (index: number) => number
}

export interface Run {
  readonly millis: number
  readonly refused: number
  /** The limit, with the time from which it was in force. */
  readonly limits: ReadonlyArray<{ readonly at: number; readonly limit: number }>
}

const random = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** Milliseconds until a refused request is sent again. */
const backoff = 100

/** What happens next is taken from a heap. */
class Agenda {
  readonly #heap: Array<{ readonly at: number; readonly run: () => void }> = []

  add(at: number, run: () => void): void {
    const heap = this.#heap
    let i = heap.push({ at, run }) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if ((heap[parent] as (typeof heap)[0]).at <= at) break
      heap[i] = heap[parent] as (typeof heap)[0]
      i = parent
    }
    heap[i] = { at, run }
  }

  take() {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as typeof last).at < (heap[child] as typeof last).at) child += 1
      if ((heap[child] as typeof last).at >= last.at) break
      heap[i] = heap[child] as typeof last
      i = child
    }
    heap[i] = last
    return first
  }
}

/** Makes `count` requests: so many at once, or as many as the controller finds. */
export const simulate = (link: Link, count: number, atOnce: number | Bounds, seed = 1): Run => {
  const { bandwidth = Number.POSITIVE_INFINITY, bandwidthOfOne = Number.POSITIVE_INFINITY, noise = 0 } = link
  const { cpu, latency, outage, pauses, size = () => 4096, throttledAbove = Number.POSITIVE_INFINITY } = link
  const controller = typeof atOnce === "number" ? undefined : new ConcurrencyController(atOnce)
  const limit = () => (typeof atOnce === "number" ? atOnce : (controller as ConcurrencyController).limit)
  const agenda = new Agenda()
  const next = random(seed)
  const noisy = (time: number) => time * (1 - noise + 2 * noise * next())
  const limits = [{ at: 0, limit: limit() }]
  let [now, begun, running, atServer, refused, cpuFree, linkFree] = [0, 0, 0, 0, 0, 0, 0]

  const rare = (mean: number) => -mean * Math.log(1 - next())
  let pauseAt = pauses === undefined ? Number.POSITIVE_INFINITY : rare(pauses.every)
  const compute = (index: number, then: () => void) => {
    cpuFree = Math.max(now, cpuFree) + noisy((typeof cpu === "number" ? cpu : cpu(index)) / 2)
    if (pauses !== undefined && cpuFree >= pauseAt) {
      cpuFree += rare(pauses.length)
      pauseAt = cpuFree + rare(pauses.every)
    }
    agenda.add(cpuFree, then)
  }
  const noteLimit = () => {
    if (limits.at(-1)?.limit !== limit()) limits.push({ at: now, limit: limit() })
  }
  const begin = () => {
    while (running < limit() && begun < count) {
      const index = begun
      const bytes = size(index)
      begun += 1
      running += 1
      const request = controller?.begin(now)
      const falls = controller?.falls ?? 0
      const send = () => {
        const most = typeof throttledAbove === "number" ? throttledAbove : throttledAbove(now)
        const trip = noisy(typeof latency === "number" ? latency : latency(now))
        const isLost = outage !== undefined && now >= outage.from && now < outage.to
        if (isLost || atServer >= most) {
          refused += 1
          agenda.add(now + (isLost ? outage.timeout : trip), () => {
            controller?.congested(falls, now, isLost ? "Timeout" : "Throttled")
            noteLimit()
            agenda.add(now + noisy(backoff), send)
          })
          return
        }
        atServer += 1
        linkFree = Math.max(now, linkFree) + bytes / bandwidth
        agenda.add(Math.max(linkFree, now + bytes / bandwidthOfOne) + trip, () => {
          atServer -= 1
          compute(index, () => {
            running -= 1
            if (request !== undefined) controller?.end(request, now, bytes, () => begun < count)
            noteLimit()
            begin()
          })
        })
      }
      compute(index, send)
    }
  }
  begin()
  for (let event = agenda.take(); event !== undefined; event = agenda.take()) {
    now = event.at
    event.run()
  }
  return { millis: now, refused, limits }
}

const fixed = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/** The shortest time that a fixed number of requests at once needs. */
export const bestFixed = (link: Link, count: number): { readonly atOnce: number; readonly millis: number } =>
  fixed
    .map((atOnce) => ({ atOnce, millis: simulate(link, count, atOnce).millis }))
    .reduce((best, next) => (next.millis < best.millis ? next : best))
