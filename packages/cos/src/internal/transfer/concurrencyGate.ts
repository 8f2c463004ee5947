/** How many files and parts run at once: as many as were asked for, or as many as prove worth it. */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CurrentConcurrency } from "../../Batch.js"
import { Throttled, TransportError } from "../../CosError.js"
import { descriptorLimit, isOutOfDescriptors } from "../file/descriptors.js"
import { AttemptWatch } from "../http/attemptWatch.js"
import { type Begun, type Bounds, ConcurrencyController } from "./concurrencyController.js"
import type { ConcurrencyLimits } from "./concurrencyOption.js"
import { withTransferContext } from "./context.js"
import * as fairSemaphore from "./fairSemaphore.js"
import { waitsForMemory } from "./memory.js"

const gauge = (kind: string) =>
  Metric.tagged(
    Metric.gauge("cos_concurrency", { description: "Files, or parts, that transfers may have under way at once" }),
    "kind",
    kind
  )
const gauges = { files: gauge("files"), parts: gauge("parts") }

/** The most files, or parts, that are transferred at once without being asked for. */
const most = 256

/** A file that is sent has its file and its connection open; what else there is in the process is not known. */
const descriptorsEach = 3
const descriptorsElsewhere = 64

const mostByDescriptors = (): number =>
  Math.max(4, Math.floor(((descriptorLimit() ?? Number.POSITIVE_INFINITY) - descriptorsElsewhere) / descriptorsEach))

const boundsFrom = (start: number): Bounds => {
  const allowed = Math.min(most, mostByDescriptors())
  return { least: 1, start: Math.min(start, allowed), most: allowed }
}

/** Fractions count: at a loopback a request takes about one. */
const millisOf = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6

export interface GateOptions {
  /** How many files there are at first, where the number is found. Default 16. */
  readonly start?: number
  /** How many parts for each file there are then. Default 1. */
  readonly partsEach?: number
  /** Whether it is for the parts of a single transfer. */
  readonly isOfOne?: boolean
}

const isFull = (turns: fairSemaphore.FairSemaphore): boolean => turns.waiting() > 0 || turns.held() >= turns.limit()

export class Gate {
  #controller: ConcurrencyController | undefined
  readonly #files: fairSemaphore.FairSemaphore
  readonly #parts: fairSemaphore.FairSemaphore
  /** Those that wait for another one to end, whose descriptors they need. */
  readonly #waiting = new Set<() => void>()
  readonly #start: number
  readonly #partsEach: number
  readonly #findsParts: boolean
  readonly #isOfOne: boolean
  #told = { files: 0, parts: 0 }

  constructor(
    limits: ConcurrencyLimits,
    readonly waitsForMemory: () => boolean,
    readonly clock: Clock.Clock,
    { isOfOne = false, partsEach = 1, start = 16 }: GateOptions
  ) {
    this.#isOfOne = isOfOne
    this.#start = start
    this.#partsEach = partsEach
    this.#findsParts = limits.totalParts === "auto"
    if (limits.files === "auto") this.#controller = new ConcurrencyController(boundsFrom(start))
    this.#files = fairSemaphore.make(limits.files === "auto" ? start : limits.files)
    this.#parts = fairSemaphore.make(
      typeof limits.totalParts === "number" ? limits.totalParts : Number.POSITIVE_INFINITY
    )
    this.#apply()
  }

  /** How many fibers are worth starting. */
  get most(): number {
    return this.#controller?.bounds.most ?? this.#files.limit()
  }

  get current(): CurrentConcurrency {
    const { bounds, most } = this.#controller ?? {}
    const current = this.#files.limit()
    return { current, least: bounds?.least ?? current, most: most ?? current }
  }

  setLimit(limit: number | "auto"): void {
    this.#controller = limit === "auto" ? new ConcurrencyController(boundsFrom(this.#start)) : undefined
    if (limit !== "auto") {
      this.#files.setLimit(limit)
      if (this.#findsParts) this.#parts.setLimit(Number.POSITIVE_INFINITY)
    }
    this.#apply()
  }

  /** What the controller says comes into force, and the metric is brought up to date. */
  #apply(): void {
    const { limit } = this.#controller ?? {}
    if (limit !== undefined && limit !== this.#files.limit()) this.#files.setLimit(limit)
    if (limit !== undefined && this.#findsParts) this.#parts.setLimit(limit * this.#partsEach)
    this.#tell(this.#isOfOne ? 0 : this.#files.limit(), Number.isFinite(this.#parts.limit()) ? this.#parts.limit() : 0)
  }

  #tell(files: number, parts: number): void {
    if (files !== this.#told.files) gauges.files.unsafeModify(files - this.#told.files, [])
    if (parts !== this.#told.parts) gauges.parts.unsafeModify(parts - this.#told.parts, [])
    this.#told = { files, parts }
  }

  /** Nothing of it is under way any more. */
  close(): void {
    this.#tell(0, 0)
  }

  /** Called as a request begins, and told of its attempts that fail. */
  readonly #watch = (): ((error: unknown) => void) | undefined => {
    const falls = this.#controller?.falls
    return falls === undefined ? undefined : (error) => this.#fall(error, falls)
  }

  #fall(error: unknown, falls: number): void {
    const why =
      error instanceof Throttled
        ? "Throttled"
        : error instanceof TransportError && error.reason === "Timeout"
          ? "Timeout"
          : isOutOfDescriptors(error)
            ? "Descriptors"
            : undefined
    if (why === undefined) return
    this.#controller?.congested(falls, millisOf(this.clock), why)
    this.#apply()
  }

  /**
   * Runs a file's transfer when it is its turn. One that has no file descriptor runs again when another one has ended, and
   * fails where there is no other.
   */
  readonly file = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.catchAll(this.#whenItsTurn(self), (error) => {
      if (!isOutOfDescriptors(error)) return Effect.fail(error)
      if (this.#files.held() > 0) return Effect.zipRight(this.#anotherEnd, this.file(self))
      this.#wakeOne()
      return Effect.fail(error)
    })

  #whenItsTurn<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    let falls = 0
    return this.#files.withPermit(self, {
      begin: () => {
        falls = this.#controller?.falls ?? 0
      },
      end: (cause) => {
        const failure = cause && Cause.failureOption(cause)
        if (failure === undefined || Option.isNone(failure) || !isOutOfDescriptors(failure.value)) this.#wakeOne()
        else this.#fall(failure.value, falls)
      }
    })
  }

  #wakeOne(): void {
    for (const goOn of this.#waiting) {
      this.#waiting.delete(goOn)
      goOn()
      return
    }
  }

  readonly #anotherEnd = Effect.async<void>((resume) => {
    const goOn = () => resume(Effect.void)
    // The last of the others may have ended since it failed.
    if (this.#files.held() === 0) return goOn()
    this.#waiting.add(goOn)
    return Effect.sync(() => {
      // Interrupted when it was woken already: then it is the turn of the next.
      if (!this.#waiting.delete(goOn)) this.#wakeOne()
    })
  })

  /** Runs one part, or an object that goes in one request, when it is its turn, and learns from it. */
  readonly #part = <A, E, R>(self: Effect.Effect<A, E, R>, bytes: number): Effect.Effect<A, E, R> => {
    let begun: Begun | undefined
    return this.#parts.withPermit(self, {
      begin: () => {
        begun = this.#controller?.begin(millisOf(this.clock))
      },
      end: (cause) => {
        if (begun === undefined || cause !== undefined) return
        this.#controller?.end(begun, millisOf(this.clock), bytes, this.#isLimited)
        this.#apply()
      }
    })
  }

  /** Whether all turns are taken, and only they limit what is done. Nobody waits where there are no more workers than turns. */
  readonly #isLimited = (): boolean => (isFull(this.#files) || isFull(this.#parts)) && !this.waitsForMemory()

  /** Lets the transfers that run in it share the limits. */
  get share(): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> {
    const inContext = withTransferContext({
      withPartPermit: this.#part,
      partsAtOnce: () => (this.#controller === undefined ? "fixed" : "shared")
    })
    return (self) => Effect.provideService(inContext(self), AttemptWatch, this.#watch)
  }
}

export const make = (limits: ConcurrencyLimits, options: GateOptions = {}): Effect.Effect<Gate, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.zipWith(waitsForMemory, Effect.clock, (waits, clock) => new Gate(limits, waits, clock, options)),
    (gate) => Effect.sync(() => gate.close())
  )
