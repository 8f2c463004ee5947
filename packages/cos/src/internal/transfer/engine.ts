/**
 * The engine of every transfer whose parts are known beforehand: uploads, downloads and copies. Parts of an earlier run
 * are checked, the others are transferred, side by side; what is done is counted and noted.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { enterPhase } from "./context.js"
import type { Meter } from "./meter.js"
import { withPartPermit } from "./partLimit.js"
import type { Part, PartPlan } from "./parts.js"
import * as workers from "./workers.js"

interface Sized {
  /** Bytes. */
  readonly size: number
}

/** Does one thing at a time, and may therefore own a buffer. */
export interface Worker<Saved, Done, E, R> {
  /** What an earlier run had done, if that is still there and as it was. */
  readonly check: (saved: Saved) => Effect.Effect<Option.Option<Done>, E, R>
  readonly transfer: (part: Part) => Effect.Effect<Done, E, R>
}

/** The parts that are done. */
export interface DoneParts<Done> {
  readonly has: (part: Part) => boolean
  readonly add: (done: Done) => void
}

export interface Options<Saved, Done, E, R> {
  readonly plan: PartPlan
  readonly workers: ReadonlyArray<Worker<Saved, Done, E, R>>
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
    const { done, meter, plan, saved } = options
    const bytesToCheck = saved.reduce((bytes, { size }) => bytes + size, 0)
    let resumedParts = 0
    const checking = workers.share(saved, options.workers, (worker, saved) =>
      Effect.flatMap(worker.check(saved), (checked) => {
        const counted = meter.checked(saved.size)
        if (Option.isNone(checked)) return counted
        done.add(checked.value)
        const parts = Math.ceil(saved.size / plan.partSize)
        resumedParts += parts
        return Effect.zipRight(counted, meter.resumed(saved.size, parts))
      })
    )
    return Effect.map(Effect.zipRight(meter.toCheck(bytesToCheck), checking), () => resumedParts)
  })

/** Transfers these parts, also those that are done. */
export const transfer = <Saved, Done extends Sized, E, R>(
  parts: Iterable<Part>,
  { done, meter, onDone, workers: ours }: Options<Saved, Done, E, R>
): Effect.Effect<void, E, R> =>
  workers.share(parts, ours, (worker, part) =>
    Effect.flatMap(withPartPermit(worker.transfer(part)), (transferred) => {
      const isNew = !done.has(part)
      done.add(transferred)
      return Effect.zipRight(onDone, isNew ? meter.add(part.size, 1) : Effect.void)
    })
  )

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
