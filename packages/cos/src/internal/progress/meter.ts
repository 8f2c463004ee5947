/** The meter of a transfer, or of one request: counts bytes and parts, measures the speed, and reports both. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Options, Progress } from "../../Progress.js"
import { monotonicMillis } from "../time/monotonic.js"
import * as listener from "./listener.js"

export interface Meter {
  /** Bytes that were acknowledged, and the parts that are done with them. */
  readonly add: (bytes: number, parts?: number) => Effect.Effect<void>
  /** The same for what an earlier process had done: it counts, but not for the speed. */
  readonly resumed: (bytes: number, parts?: number) => Effect.Effect<void>
  /** So many bytes more are to be read, or compared, beforehand. */
  readonly toCheck: (bytes: number) => Effect.Effect<void>
  /** Bytes that have been. */
  readonly checked: (bytes: number) => Effect.Effect<void>
  /** Bytes that went on the way, and, less than 0, those that are there or lost. */
  readonly inFlight: (bytes: number) => Effect.Effect<void>
  readonly current: Effect.Effect<Progress>
  /** Reports the last state of a transfer that has succeeded, and waits until that is heard. */
  readonly finish: Effect.Effect<void>
  /** The same for one that has not. Closing the scope does so as well. */
  readonly stop: Effect.Effect<void>
}

/** Over how much time the speed is measured, in ms. */
const window = 5_000

interface Sample {
  readonly time: number
  readonly transferred: number
}

/**
 * Keeps one sample that is as old as the window, for the speed to be measured from, and those after it. Ones that come
 * in quick succession are not needed.
 */
export const sample = (samples: ReadonlyArray<Sample>, next: Sample): ReadonlyArray<Sample> => {
  const last = samples.at(-1)
  const all = last === undefined || next.time - last.time >= window / 10 ? [...samples, next] : samples
  const first = all.findLastIndex(({ time }) => time <= next.time - window)
  return first > 0 ? all.slice(first) : all
}

/** Bytes per second from the oldest sample until now. */
export const speed = (samples: ReadonlyArray<Sample>, { time, transferred }: Sample): number => {
  const oldest = samples[0]
  return oldest === undefined || time <= oldest.time
    ? 0
    : Math.round(((transferred - oldest.transferred) * 1000) / (time - oldest.time))
}

const eta = (left: number, bytesPerSecond: number): Duration.Duration | undefined =>
  left === 0
    ? Duration.zero
    : bytesPerSecond === 0
      ? undefined
      : Duration.millis(Math.ceil((left * 1000) / bytesPerSecond))

/** An empty body is 0 or 1. */
export const percentOf = (transferred: number, total: number | undefined, isDone: boolean): number | undefined =>
  total === undefined ? undefined : total === 0 ? Number(isDone) : Math.min(1, transferred / total)

const same = (a: Progress, b: Progress): boolean =>
  a.transferred === b.transferred &&
  a.total === b.total &&
  a.bytesPerSecond === b.bytesPerSecond &&
  a.inFlight === b.inFlight &&
  a.checking?.checked === b.checking?.checked &&
  a.partsDone === b.partsDone

export interface MeterOptions extends Options {
  /** A function where it becomes known later. */
  readonly total?: number | (() => number | undefined) | undefined
  readonly partsTotal?: number | undefined
  /** Called with bytes that were acknowledged, or that an earlier run had done. */
  readonly onBytes?: ((bytes: number, resumed: boolean) => Effect.Effect<void>) | undefined
}

export const make = (options: MeterOptions): Effect.Effect<Meter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { onBytes = () => Effect.void, onProgress, partsTotal } = options
    const totalNow = typeof options.total === "function" ? options.total : () => options.total as number | undefined
    const interval = Duration.decode(options.progressInterval ?? "1 second")
    // Plain variables: counting is the hot path, and fibers take turns.
    let transferred = 0
    let partsDone = 0
    let inFlight: number | undefined
    let checking: Progress["checking"]
    let samples: ReadonlyArray<Sample> = []
    let isStopped = false
    let isDone = false

    const count = (bytes: number, parts: number) => {
      transferred += Math.max(0, bytes)
      partsDone += parts
    }

    const current = Effect.map(monotonicMillis, (time): Progress => {
      const now = { time, transferred }
      const total = totalNow()
      samples = sample(samples, now)
      const bytesPerSecond = speed(samples, now)
      const left = total === undefined ? undefined : Math.max(0, total - transferred)
      return {
        transferred,
        total,
        percent: percentOf(transferred, total, isDone),
        bytesPerSecond,
        eta: left === undefined ? undefined : eta(left, bytesPerSecond),
        partsDone: partsTotal === undefined && partsDone === 0 ? undefined : partsDone,
        partsTotal,
        checking,
        inFlight
      }
    })

    // Nobody asks for the reports of most transfers.
    const reports =
      onProgress === undefined
        ? undefined
        : yield* listener.make("onProgress", onProgress, {
            ...listener.newest,
            limit: Duration.min(interval, listener.interruptLimit)
          })
    const report = (progress: Progress) => reports?.notify(progress) ?? Effect.void

    let reported = yield* current
    yield* report(reported)
    const ticker =
      reports === undefined
        ? Fiber.void
        : yield* Effect.zipRight(Effect.sleep(interval), current).pipe(
            Effect.flatMap((progress) => {
              if (same(progress, reported)) return Effect.void
              reported = progress
              return report(progress)
            }),
            Effect.forever,
            Effect.interruptible,
            Effect.forkDaemon
          )

    const stop = Effect.suspend(() => {
      if (isStopped) return Effect.void
      isStopped = true
      return Effect.zipRight(Fiber.interrupt(ticker), Effect.flatMap(current, report))
    }).pipe(Effect.uninterruptible)
    yield* Effect.addFinalizer(() => stop)
    const stopAndDrain = Effect.zipRight(stop, reports?.drain ?? Effect.void)

    return {
      add: (bytes, parts = 0) =>
        Effect.suspend(() => {
          count(bytes, parts)
          return onBytes(bytes, false)
        }),
      resumed: (bytes, parts = 0) =>
        Effect.suspend(() => {
          count(bytes, parts)
          samples = samples.map(({ time, transferred }) => ({ time, transferred: transferred + bytes }))
          return onBytes(bytes, true)
        }),
      toCheck: (bytes) =>
        Effect.sync(() => {
          if (bytes > 0) checking = { checked: checking?.checked ?? 0, total: (checking?.total ?? 0) + bytes }
        }),
      checked: (bytes) =>
        Effect.sync(() => {
          if (checking !== undefined) checking = { ...checking, checked: checking.checked + bytes }
        }),
      inFlight: (bytes) =>
        Effect.sync(() => {
          inFlight = (inFlight ?? 0) + bytes
        }),
      current,
      finish: Effect.suspend(() => {
        isDone = true
        return stopAndDrain
      }),
      stop: stopAndDrain
    } satisfies Meter
    // The fibers above must not be left without the finalizer that ends them.
  }).pipe(Effect.uninterruptible)
