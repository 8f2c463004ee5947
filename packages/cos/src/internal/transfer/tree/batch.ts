/** Many transfers at once. */
import * as Effect from "effect/Effect"
import type { Options, Outcome, Report } from "../../../Batch.js"
import { InvalidInput } from "../../../CosError.js"
import type { Progress } from "../../../Progress.js"
import { invalidInput } from "../../http/invalidInput.js"
import { within } from "../context.js"
import * as listener from "../listener.js"
import * as progress from "../progress.js"
import * as workers from "../workers.js"

/** One of many. */
export interface Planned<Input, E> {
  readonly input: Input
  /** Bytes, where that is known already. */
  readonly size: number | undefined
  /** Why it is not even tried. */
  readonly refused?: E | undefined
}

const isLimit = (value: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= 1024

export const run = <P extends Planned<unknown, E>, A, E, R>(
  operation: string,
  planned: ReadonlyArray<P>,
  options: Options<P["input"], A, E>,
  transfer: (
    planned: P,
    onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
  ) => Effect.Effect<A, E, R>
): Effect.Effect<Report<P["input"], A, E>, InvalidInput, R> =>
  Effect.gen(function* () {
    type Input = P["input"]
    const { files = 4, onFile, onFileProgress, onProgress, parts = 16, stopOnFailure = false } = options
    for (const [field, value] of Object.entries({ files, parts })) {
      if (!isLimit(value)) return yield* invalidInput(operation, field, "must be an integer from 1 to 1,024")
    }
    const counts = { succeeded: 0, failed: 0, total: planned.length }
    const sizes = planned.map(({ refused, size }) => (refused === undefined ? size : 0))
    const meter = yield* progress.make({
      progressInterval: options.progressInterval,
      total: sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined,
      onProgress: onProgress && ((progress) => onProgress({ ...progress, files: { ...counts } }))
    })
    const finished = onFile && (yield* listener.make("onFile", onFile))
    const ofFiles =
      onFileProgress &&
      (yield* listener.make(
        "onFileProgress",
        ([input, progress]: readonly [Input, Progress]) => onFileProgress(input, progress),
        { key: ([input]) => input }
      ))
    const semaphore = yield* Effect.makeSemaphore(parts)
    const outcomes: Array<Outcome<Input, A, E>> = planned.map(({ input }) => ({ _tag: "Skipped", input }))

    const settle = (index: number, outcome: Outcome<Input, A, E>): Effect.Effect<void, "stopped"> =>
      Effect.suspend(() => {
        outcomes[index] = outcome
        const failed = outcome._tag === "Failure"
        counts[failed ? "failed" : "succeeded"] += 1
        const told = finished?.notify(outcome) ?? Effect.void
        return failed && stopOnFailure ? Effect.zipRight(told, Effect.fail("stopped" as const)) : told
      })
    yield* workers
      .forEach(planned, files, (one, index) => {
        const { input, refused } = one
        const transferred =
          refused === undefined
            ? transfer(one, ofFiles && ((progress) => ofFiles.notify([input, progress])))
            : Effect.fail(refused)
        return Effect.matchEffect(transferred, {
          onFailure: (error) => settle(index, { _tag: "Failure", input, error }),
          onSuccess: (value) => settle(index, { _tag: "Success", input, value })
        })
      })
      .pipe(
        within({
          withPermit: semaphore.withPermits(1),
          onBytes: (bytes, resumed) => (resumed ? meter.resumed(bytes) : meter.add(bytes))
        }),
        Effect.ignore
      )
    yield* meter.finish
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
