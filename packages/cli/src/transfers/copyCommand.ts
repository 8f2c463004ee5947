/**
 * `cp` and `mv`, which differ in what becomes of the source.
 */
import type * as CliCommand from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { withClient } from "../client.js"
import type { Services } from "../contract/command.js"
import type { CommandError } from "../contract/errors.js"
import { UsageError } from "../contract/errors.js"
import { Globals } from "../contract/globals.js"
import { noLines, Output } from "../contract/output.js"
import { settingsOf } from "../keys/settings.js"
import { withBars } from "../terminal/bars.js"
import * as FailedFile from "./failedFile.js"
import * as Jobs from "./jobs.js"
import { keepSmall } from "./memory.js"
import * as Options from "./options.js"
import * as Report from "./report.js"
import * as Run from "./run.js"
import * as State from "./state.js"

export const config = { ...Options.moving, places: Options.places }

type Input = CliCommand.Command.ParseConfig<typeof config>

const moveAdvice = (job: Jobs.Job): string | undefined =>
  job._tag === "FromInput" || job._tag === "ToOutput" ? "Only files and objects can be moved" : undefined

export const body = (
  name: "cp" | "mv",
  input: Input,
  versionId?: string | undefined
): Effect.Effect<void, CommandError, Services> =>
  withClient(
    Effect.gen(function* () {
      yield* keepSmall
      const output = yield* Output
      const isMove = name === "mv"
      const globals = yield* Globals
      const jobs = yield* Jobs.read(input.places, {
        recursive: input.recursive,
        literal: input.literal,
        sourceRegion: Option.getOrUndefined(input.sourceRegion),
        versionId,
        isMove,
        defaultBucket: (yield* settingsOf(globals)).bucket.value
      })
      const advice = isMove ? jobs.map(moveAdvice).find((advice) => advice !== undefined) : undefined
      if (advice !== undefined) return yield* new UsageError({ message: "standard input and output stay", advice })
      if (jobs.some(({ _tag }) => _tag === "ToOutput")) yield* noLines("the object")
      const isMany = !Run.isSingle(jobs)
      // A dry run leaves what another has noted.
      const state = input.dryRun
        ? undefined
        : yield* State.open([name, globals.endpoint ?? "", globals.bucket ?? "", ...input.places], {
            isResumed: !input.noResume
          })
      const failed = yield* FailedFile.open(Option.getOrUndefined(input.failed), name, input.places)
      const settings: Run.Settings = {
        stored: yield* Options.stored(input),
        partSize: yield* Options.size(input.partSize, "--part-size"),
        concurrency: yield* Options.concurrency(input.concurrency),
        include: input.include,
        exclude: input.exclude,
        noClobber: input.noClobber,
        isMove,
        isDryRun: input.dryRun,
        isWatched: (output.interactive && !output.quiet) || input.jsonProgress,
        journal: isMany && !isMove ? state?.journal : undefined,
        isResumed: state !== undefined,
        failed
      }
      const report = yield* Report.make(name, "files", failed)
      const moved = withBars((bars) => Run.run(jobs, settings, bars, report), { json: input.jsonProgress })
      yield* State.withCheckpoints(state, moved)
      yield* Run.existing(report, jobs)
      if (jobs.some(({ _tag }) => _tag === "ToOutput")) return
      yield* report.finish({ isDryRun: input.dryRun, isSingle: !isMany })
    }).pipe(Effect.scoped)
  )
