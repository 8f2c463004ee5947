import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Options, Progress } from "../../Progress.js"
import { runBounded } from "./bounded.js"
import { TransferContext } from "./context.js"

export interface Meter {
  /** Bytes that were acknowledged, and the parts that are done with them. */
  readonly add: (bytes: number, parts?: number) => Effect.Effect<void>
  /** The same for what an earlier process had done: it counts, but not for the speed. */
  readonly resumed: (bytes: number, parts?: number) => Effect.Effect<void>
  /** Bytes of an earlier run's parts that have been compared, and that will be in all. */
  readonly checked: (bytes: number, total: number) => Effect.Effect<void>
  /** Bytes that went on the way, and, less than 0, those that are there or lost. */
  readonly inFlight: (bytes: number) => Effect.Effect<void>
  readonly current: Effect.Effect<Progress>
  /** The latest state, and those that follow until the last; a slow reader skips some. */
  readonly changes: Stream.Stream<Progress>
  /** Reports the last state, whatever it is. Closing the scope does so as well. */
  readonly finish: Effect.Effect<void>
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

const same = (a: Progress, b: Progress): boolean =>
  a.transferred === b.transferred &&
  a.bytesPerSecond === b.bytesPerSecond &&
  a.inFlight === b.inFlight &&
  a.checking?.checked === b.checking?.checked &&
  a.partsDone === b.partsDone

export const make = (
  options: Options & { readonly total?: number | undefined; readonly partsTotal?: number | undefined }
): Effect.Effect<Meter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { onProgress, partsTotal, total } = options
    const { onBytes } = yield* TransferContext
    const interval = Duration.decode(options.progressInterval ?? "1 second")
    // Plain variables: counting is the hot path, and fibers take turns.
    let transferred = 0
    let partsDone = 0
    let inFlight: number | undefined
    let checking: Progress["checking"]
    let samples: ReadonlyArray<Sample> = []
    let finished = false

    const count = (bytes: number, parts: number) => {
      transferred += Math.max(0, bytes)
      partsDone += parts
    }

    const current = Effect.map(Clock.currentTimeMillis, (time): Progress => {
      const now = { time, transferred }
      samples = sample(samples, now)
      const bytesPerSecond = speed(samples, now)
      const left = total === undefined ? undefined : Math.max(0, total - transferred)
      return {
        transferred,
        total,
        bytesPerSecond,
        eta: left === undefined ? undefined : eta(left, bytesPerSecond),
        partsDone: partsTotal === undefined && partsDone === 0 ? undefined : partsDone,
        partsTotal,
        checking,
        inFlight
      }
    })

    const first = yield* current
    const hub = yield* PubSub.sliding<{ readonly progress: Progress; readonly last: boolean }>({
      capacity: 1,
      replay: 1
    })
    yield* PubSub.publish(hub, { progress: first, last: false })
    const changes = Stream.fromPubSub(hub).pipe(
      Stream.takeUntil(({ last }) => last),
      Stream.map(({ progress }) => progress)
    )

    const listener =
      onProgress === undefined
        ? Fiber.void
        : yield* Stream.succeed(first).pipe(
            Stream.concat(Stream.dropWhile(changes, (progress) => progress === first)),
            Stream.runForEach((progress) => Effect.suspend(() => onProgress(progress))),
            Effect.catchAllDefect(() => Effect.logWarning("onProgress died; no more progress is reported")),
            Effect.interruptible,
            Effect.forkDaemon
          )

    let reported = first
    const ticker = yield* Effect.zipRight(Effect.sleep(interval), current).pipe(
      Effect.flatMap((progress) => {
        if (same(progress, reported)) return Effect.void
        reported = progress
        return PubSub.publish(hub, { progress, last: false })
      }),
      Effect.forever,
      Effect.interruptible,
      Effect.forkDaemon
    )

    const finish = Effect.gen(function* () {
      if (finished) return
      finished = true
      yield* Fiber.interrupt(ticker)
      yield* PubSub.publish(hub, { progress: yield* current, last: true })
      yield* Effect.ignore(runBounded(Fiber.await(listener), { limit: interval, onTimeout: () => "slow" }))
      yield* Fiber.interruptFork(listener)
    }).pipe(Effect.uninterruptible)
    yield* Effect.addFinalizer(() => finish)

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
      checked: (bytes, total) =>
        Effect.sync(() => {
          checking = { checked: (checking?.checked ?? 0) + bytes, total }
        }),
      inFlight: (bytes) =>
        Effect.sync(() => {
          inFlight = (inFlight ?? 0) + bytes
        }),
      current,
      changes,
      finish
    } satisfies Meter
    // The fibers above must not be left without the finalizer that ends them.
  }).pipe(Effect.uninterruptible)
