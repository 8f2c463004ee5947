/** Many transfers at once. */
import * as Effect from "effect/Effect"
import type { Concurrency, Options, Outcome, Report } from "../../../Batch.js"
import type { Progress } from "../../../Progress.js"
import * as listener from "../../progress/listener.js"
import * as concurrency from "../concurrencyOption.js"
import { withTransferContext } from "../context.js"
import * as gates from "../gate.js"
import * as progress from "../meter.js"
import * as workers from "../workers.js"

/** One transfer of a batch, before it runs. */
export interface Planned<Input, E> {
  readonly input: Input
  /** Bytes, where that is known already. */
  readonly size: number | undefined
  /** Why it is not even tried. */
  readonly refused?: E | undefined
  /** It is left out, which is no failure. */
  readonly isTemporary?: boolean
}

/** The limits of `Upload.files` and `Download.files`. */
export const limits = (operation: string, options: { readonly concurrency?: Concurrency | undefined }) =>
  concurrency.readConcurrency(operation, options.concurrency, { totalParts: 16 })

export const run = <P extends Planned<unknown, E>, A, E, R>(
  planned: ReadonlyArray<P>,
  limits: concurrency.ConcurrencyLimits,
  options: Omit<Options<P["input"], A, E>, "concurrency">,
  transfer: (
    planned: P,
    onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
  ) => Effect.Effect<A, E, R>
): Effect.Effect<Report<P["input"], A, E>, never, R> =>
  Effect.gen(function* () {
    type Input = P["input"]
    const { onFile, onFileProgress, onProgress, stopOnFailure = false } = options
    const counts = { succeeded: 0, failed: 0, total: planned.filter(({ isTemporary }) => isTemporary !== true).length }
    const sizes = planned.map(({ isTemporary, refused, size }) =>
      refused === undefined && isTemporary !== true ? size : 0
    )
    const gate = yield* gates.make(limits)
    const meter = yield* progress.make({
      progressInterval: options.progressInterval,
      total: sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined,
      onProgress:
        onProgress && ((progress) => onProgress({ ...progress, files: { ...counts }, concurrency: gate.current }))
    })
    const finished = onFile && (yield* listener.make("onFile", onFile))
    const ofFiles =
      onFileProgress &&
      (yield* listener.make(
        "onFileProgress",
        ([input, progress]: readonly [Input, Progress]) => onFileProgress(input, progress),
        { key: ([input]) => input }
      ))
    const outcomes: Array<Outcome<Input, A, E>> = planned.map(({ input, isTemporary }) => ({
      _tag: "Skipped",
      input,
      reason: isTemporary === true ? "Temporary" : "Stopped"
    }))

    const settle = (index: number, outcome: Outcome<Input, A, E>): Effect.Effect<void, "stopped"> =>
      Effect.suspend(() => {
        outcomes[index] = outcome
        const failed = outcome._tag === "Failure"
        counts[failed ? "failed" : "succeeded"] += 1
        const told = finished?.notify(outcome) ?? Effect.void
        return failed && stopOnFailure ? Effect.zipRight(told, Effect.fail("stopped" as const)) : told
      })
    yield* workers
      .forEach(planned, gate.most, (one, index) => {
        const { input, isTemporary, refused } = one
        if (isTemporary === true) return Effect.void
        const transferred =
          refused === undefined
            ? gate.file(transfer(one, ofFiles && ((progress) => ofFiles.notify([input, progress]))))
            : Effect.fail(refused)
        return Effect.matchEffect(transferred, {
          onFailure: (error) => settle(index, { _tag: "Failure", input, error }),
          onSuccess: (value) => settle(index, { _tag: "Success", input, value })
        })
      })
      .pipe(
        withTransferContext({
          onBytes: (bytes, resumed) => (resumed ? meter.resumed(bytes) : meter.add(bytes))
        }),
        gate.share,
        Effect.ignore
      )
    yield* counts.failed === 0 ? meter.finish : meter.stop
    yield* finished?.drain ?? Effect.void
    yield* ofFiles?.drain ?? Effect.void
    const failures = outcomes.filter((outcome) => outcome._tag === "Failure")
    return {
      outcomes,
      succeeded: counts.succeeded,
      failures,
      skipped: planned.length - counts.succeeded - failures.length
    } satisfies Report<Input, A, E>
  }).pipe(Effect.scoped)
