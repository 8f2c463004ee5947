/**
 * The engine of every transfer whose parts are known beforehand: uploads, downloads and copies. Parts of an earlier run
 * are checked, the others are transferred, side by side; what is done is counted and noted.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { enterPhase } from "./context.js"
import type { Meter } from "./meter.js"
import { type PartsAtOnce, withPartPermit } from "./partLimit.js"
import type { Part, PartPlan } from "./parts.js"
import * as workers from "./workers.js"

interface Sized {
  /** Bytes. */
  readonly size: number
}

/** What is done with parts, in a buffer that nobody else uses meanwhile. */
export interface Work<Saved, Done, E, R> {
  /** What an earlier run had done, if that is still there and as it was. */
  readonly check: (saved: Saved, buffer: () => Uint8Array) => Effect.Effect<Option.Option<Done>, E, R>
  readonly transfer: (part: Part, buffer: () => Uint8Array) => Effect.Effect<Done, E, R>
}

/** Runs with a buffer for one part. */
export type WithBuffer = <A, E, R>(use: (buffer: () => Uint8Array) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Where parts need none. */
export const withoutBuffer: WithBuffer = (use) => use(() => new Uint8Array(0))

/** The parts that are done. */
export interface DoneParts<Done> {
  readonly has: (part: Part) => boolean
  readonly add: (done: Done) => void
}

export interface Options<Saved, Done, E, R> {
  readonly plan: PartPlan
  readonly work: Work<Saved, Done, E, R>
  readonly withBuffer: WithBuffer
  readonly atOnce: PartsAtOnce
  /** What an earlier run had done: whole parts of this plan. */
  readonly saved: ReadonlyArray<Saved>
  readonly done: DoneParts<Done>
  /** Called after every part. */
  readonly onDone: Effect.Effect<void>
  readonly meter: Meter
}

/** Checks what an earlier run had done. Succeeds with the number of parts that need not be transferred again. */
const checkSaved = <Saved extends Sized, Done extends Sized, E, R>(
  options: Options<Saved, Done, E, R>
): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    const { atOnce, done, meter, plan, saved, withBuffer, work } = options
    const bytesToCheck = saved.reduce((bytes, { size }) => bytes + size, 0)
    let resumedParts = 0
    const checking = workers.forEach(saved, atOnce.workers, (saved) =>
      Effect.flatMap(
        withBuffer((buffer) => work.check(saved, buffer)),
        (checked) => {
          const counted = meter.checked(saved.size)
          if (Option.isNone(checked)) return counted
          done.add(checked.value)
          const parts = Math.ceil(saved.size / plan.partSize)
          resumedParts += parts
          return Effect.zipRight(counted, meter.resumed(saved.size, parts))
        }
      )
    )
    return Effect.map(Effect.zipRight(meter.toCheck(bytesToCheck), checking), () => resumedParts)
  })

/** Transfers these parts, also those that are done. */
export const transfer = <Saved, Done extends Sized, E, R>(
  parts: Iterable<Part>,
  { atOnce, done, meter, onDone, plan, withBuffer, work }: Options<Saved, Done, E, R>
): Effect.Effect<void, E, R> => {
  // Memory first: what has the turn of a part has all that it needs.
  const one = (part: Part) => withBuffer((buffer) => withPartPermit(work.transfer(part, buffer), part.size))
  return workers
    .share(parts, Math.min(atOnce.workers, plan.count), (part) =>
      Effect.flatMap(one(part), (transferred) => {
        const isNew = !done.has(part)
        done.add(transferred)
        return Effect.zipRight(onDone, isNew ? meter.add(part.size, 1) : Effect.void)
      })
    )
    .pipe(atOnce.limit)
}

/** Checks what an earlier run had done, and transfers the rest. Succeeds with the number of parts of the earlier run. */
export const run = <Saved extends Sized, Done extends Sized, E, R>(
  parts: Iterable<Part>,
  options: Options<Saved, Done, E, R>
): Effect.Effect<number, E, R> =>
  Effect.gen(function* () {
    const resumedParts = yield* checkSaved(options)
    yield* enterPhase("transferring")
    yield* transfer(missing(parts, options.done), options)
    return resumedParts
  })

function* missing<Done>(parts: Iterable<Part>, done: DoneParts<Done>): Generator<Part, void> {
  for (const part of parts) if (!done.has(part)) yield part
}
