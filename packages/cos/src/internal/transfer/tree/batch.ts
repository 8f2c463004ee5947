/** Many transfers at once: `concurrencyOption` reads how many, `concurrencyGate` holds them to it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { constVoid } from "effect/Function"
import * as Stream from "effect/Stream"
import type { Concurrency, Options, Outcome, Report, RunOptions } from "../../../Batch.js"
import type { Progress } from "../../../Progress.js"
import { type Member, UnderWay } from "../../http/underWay.js"
import { checkDurations } from "../../operation/options.js"
import * as listener from "../../progress/listener.js"
import * as gates from "../concurrencyGate.js"
import * as concurrency from "../concurrencyOption.js"
import { withTransferContext } from "../context.js"
import { limitInterrupt } from "../interruptLimit.js"
import * as progress from "../meter.js"
import { fromRun } from "../outcomeStream.js"
import type { EndLimits } from "../upload/abortUpload.js"
import * as workers from "../workers.js"

/** One transfer of a batch, before it runs. */
export interface Planned<Input, E> {
  readonly input: Input
  /** Bytes, where that is known already. */
  readonly size: number | undefined
  /** Why it is not even tried. */
  readonly refused?: E | undefined
  /** It is left out, which is no failure: a download that is not finished, or what an earlier run has done. */
  readonly isTemporary?: boolean
  readonly isDone?: boolean
}

/** The transfers of a batch, found while the first of them run. */
export interface Plan<P, E, R> {
  readonly planned: Stream.Stream<P, E, R>
  /** How many there are, and their bytes, where that is known before they are found. */
  readonly known?: Totals | undefined
  /** Run when everything was found, and nothing failed or was stopped. */
  readonly onWhole?: Effect.Effect<void>
}

interface Totals {
  readonly files: number
  /** Bytes, if all sizes are known. */
  readonly bytes: number | undefined
}

/**
 * What is done with the outcomes, in the order in which they come: nothing is left to do, or what may have to wait. `index`
 * is that of the plan.
 */
type Emit<O> = (outcome: O, index: number) => Effect.Effect<unknown> | undefined

type OptionsOf<P extends Planned<unknown, unknown>, A, E> = Omit<Options<P["input"], A, E>, "concurrency"> &
  Pick<RunOptions, "dryRun">

/** How each file is transferred. */
export interface Transfer<P, A, E, R> {
  readonly run: (
    planned: P,
    onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
  ) => Effect.Effect<A, E, R>
  /** How long one may take to end when it is interrupted. */
  readonly ends: EndLimits
}

/** The limits of `Upload.files` and `Download.files`. */
export const limits = (
  operation: string,
  options: { readonly concurrency?: Concurrency | undefined; readonly progressInterval?: unknown }
) =>
  Either.flatMap(checkDurations(operation, options), () =>
    concurrency.readConcurrency(operation, options.concurrency, { totalParts: 16 })
  )

/** Counts what a plan holds while it is found. */
class Found {
  files = 0
  bytes: number | undefined = 0
  isAll = false

  readonly end = () => {
    this.isAll = true
  }

  readonly add = ({ isDone, isTemporary, refused, size }: Planned<unknown, unknown>) => {
    if (isTemporary === true || isDone === true) return
    this.files += 1
    if (refused !== undefined) return
    this.bytes = this.bytes === undefined || size === undefined ? undefined : this.bytes + size
  }
}

/** One that was begun, and what is known of it: until it ends, that it was stopped. */
interface Begun<O> {
  readonly index: number
  outcome: O
}

/** Runs the transfers and passes on what became of each, once. Fails as the plan does, after what it had found. */
const runEach = <P extends Planned<unknown, E>, A, E, R, E2, R2>(
  { known, onWhole = Effect.void, planned }: Plan<P, E2, R2>,
  limits: concurrency.ConcurrencyLimits,
  options: OptionsOf<P, A, E>,
  transfer: Transfer<P, A, E, R>,
  emit: Emit<Outcome<P["input"], A, E>>
): Effect.Effect<void, E2, R | R2> =>
  Effect.gen(function* () {
    type Input = P["input"]
    const { dryRun: isDryRun = false, onFile, onFileProgress, onProgress, stopOnFailure = false } = options
    const counts = { succeeded: 0, failed: 0 }
    const found = new Found()
    const gate = yield* gates.make(limits)
    const meter = yield* progress.make({
      progressInterval: options.progressInterval,
      total: () => (known === undefined ? (found.isAll ? found.bytes : undefined) : known.bytes),
      onProgress:
        onProgress &&
        ((progress) =>
          onProgress({
            ...progress,
            files: { ...counts, total: known?.files ?? found.files },
            concurrency: gate.current
          }))
    })
    const finished = onFile && (yield* listener.make("onFile", onFile))
    const ofFiles =
      onFileProgress &&
      (yield* listener.make(
        "onFileProgress",
        ([input, progress]: readonly [Input, Progress]) => onFileProgress(input, progress),
        { key: ([input]) => input }
      ))
    const feed = yield* workers.makeFeed(
      planned.pipe(
        Stream.mapChunks((chunk) => {
          for (const one of chunk) found.add(one)
          return chunk
        }),
        Stream.onEnd(Effect.sync(found.end))
      )
    )
    /** Those that were begun, and have not been passed on. */
    const begun = new UnderWay<Begun<Outcome<Input, A, E>>>()
    /** At once, where it need not wait. */
    const pass = (outcome: Outcome<Input, A, E>, index: number, then = constVoid): Effect.Effect<void> => {
      const passing = emit(outcome, index)
      if (passing !== undefined) return Effect.uninterruptible(Effect.map(passing, then))
      then()
      return Effect.void
    }
    const passBegun = (member: Member<Begun<Outcome<Input, A, E>>>) =>
      pass(member.value.outcome, member.value.index, () => begun.end(member))

    const settle = (
      outcome: Outcome<Input, A, E>,
      member: Member<Begun<Outcome<Input, A, E>>>
    ): Effect.Effect<void, "stopped"> => {
      member.value.outcome = outcome
      const failed = outcome._tag === "Failure"
      counts[failed ? "failed" : "succeeded"] += 1
      const told =
        finished === undefined ? passBegun(member) : Effect.flatMap(finished.notify(outcome), () => passBegun(member))
      return failed && stopOnFailure ? Effect.zipRight(told, Effect.fail("stopped" as const)) : told
    }
    type Reason = Extract<Outcome<Input, A, E>, { readonly _tag: "Skipped" }>["reason"]
    const reasonToSkip = ({ isDone, isTemporary, refused }: P): Reason | undefined => {
      if (isTemporary === true) return "Temporary"
      if (isDone === true) return "Done"
      return isDryRun && refused === undefined ? "DryRun" : undefined
    }
    const skip = (one: P, index: number) => {
      const { input, size } = one
      return pass({ _tag: "Skipped", input, reason: reasonToSkip(one) ?? "Stopped", size }, index)
    }
    const run = (one: P, index: number) => {
      const { input, refused } = one
      if (reasonToSkip(one) !== undefined) return skip(one, index)
      const member = begun.begin({ index, outcome: { _tag: "Skipped", input, reason: "Stopped", size: one.size } })
      const transferred =
        refused === undefined
          ? gate.file(transfer.run(one, ofFiles && ((progress) => ofFiles.notify([input, progress]))))
          : Effect.fail(refused)
      return Effect.matchEffect(transferred, {
        onFailure: (error) => settle({ _tag: "Failure", input, error }, member),
        onSuccess: (value) => settle({ _tag: "Success", input, value }, member)
      })
    }
    const atMost = Math.min(gate.most, known?.files ?? gate.most)
    // Not around each file, which would take a fiber of its own.
    yield* workers.forEachOf(feed, atMost, run, limitInterrupt(transfer.ends)).pipe(
      withTransferContext({
        onBytes: (bytes, resumed) => (resumed ? meter.resumed(bytes) : meter.add(bytes))
      }),
      gate.share,
      Effect.catchAll(() =>
        Effect.zipRight(Effect.forEach(begun.members(), passBegun, { discard: true }), workers.forEachOf(feed, 1, skip))
      )
    )
    yield* counts.failed === 0 ? meter.finish : meter.stop
    yield* finished?.drain ?? Effect.void
    yield* ofFiles?.drain ?? Effect.void
    yield* feed.exit
    if (counts.failed === 0 && !isDryRun) yield* onWhole
  }).pipe(Effect.scoped)

/** What became of all of them, in the order of the plan. */
export const report = <P extends Planned<unknown, E>, A, E, R, E2, R2>(
  plan: Plan<P, E2, R2>,
  limits: concurrency.ConcurrencyLimits,
  options: OptionsOf<P, A, E>,
  transfer: Transfer<P, A, E, R>
): Effect.Effect<Report<P["input"], A, E>, E2, R | R2> =>
  Effect.suspend(() => {
    const outcomes: Array<Outcome<P["input"], A, E>> = []
    const keep = (outcome: Outcome<P["input"], A, E>, index: number) => {
      outcomes[index] = outcome
      return undefined
    }
    return Effect.map(runEach(plan, limits, options, transfer, keep), () => {
      const failures = outcomes.filter((outcome) => outcome._tag === "Failure")
      const succeeded = outcomes.filter((outcome) => outcome._tag === "Success").length
      return { outcomes, succeeded, failures, skipped: outcomes.length - succeeded - failures.length }
    })
  })

/** What becomes of each, as it happens. Whoever stops listening interrupts the transfers. */
export const outcomes = <P extends Planned<unknown, E>, A, E, R, E2, R2>(
  plan: Plan<P, E2, R2>,
  limits: concurrency.ConcurrencyLimits,
  options: OptionsOf<P, A, E>,
  transfer: Transfer<P, A, E, R>
): Stream.Stream<Outcome<P["input"], A, E>, E2, R | R2> =>
  fromRun((emit) => runEach(plan, limits, options, transfer, emit))
