import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Sync from "effect-cos/Sync"
import { parse } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import { withBars } from "../terminal/bars.js"
import * as Format from "../terminal/format.js"
import * as FailedFile from "../transfers/failedFile.js"
import { keepSmall } from "../transfers/memory.js"
import * as moving from "../transfers/options.js"
import * as Report from "../transfers/report.js"
import * as State from "../transfers/state.js"
import { follow, tellAction } from "../transfers/syncRun.js"

const config = {
  delete: moving.flag("delete", "remove from the target what the source does not have"),
  maxDelete: Options.integer("max-delete").pipe(
    Options.withPseudoName("N"),
    Options.withDescription("delete nothing if it would be more; default: half of the target, 10 to 1,000"),
    Options.optional
  ),
  allowEmptySource: moving.flag("allow-empty-source", "let a source without files empty the target"),
  checksum: moving.flag("checksum", "compare contents, not times"),
  sizeOnly: moving.flag("size-only", "compare sizes only"),
  stateFile: moving.text("state", "FILE", "remember what was the same, so that edits are seen whatever the clocks say"),
  plan: moving.text("plan", "FILE", "write what would be done into a file for cos apply, and do nothing"),
  dryRun: moving.dryRun,
  ...moving.selection,
  storageClass: moving.storageClass,
  ...moving.speed,
  failed: moving.failed,
  noResume: moving.flag("no-resume", "begin large files anew"),
  sourceRegion: moving.sourceRegion,
  source: Args.text({ name: "source" }).pipe(Args.withDescription("a directory, or a prefix of a bucket")),
  target: Args.text({ name: "target" }).pipe(Args.withDescription("a prefix of a bucket, or a directory"))
}

const place = (text: string, region: string | undefined): Effect.Effect<Sync.Place, UsageError> =>
  Effect.flatMap(parse(text), (address): Effect.Effect<Sync.Place, UsageError> => {
    if (address._tag === "Standard") return new UsageError({ message: "- cannot be synced" })
    if (address._tag === "Local") return Effect.succeed(Sync.directory(address.path))
    const { bucket, key } = address
    return Effect.succeed(Sync.prefix(key === "" || key.endsWith("/") ? key : `${key}/`, { bucket, region }))
  })

export const command = make(
  {
    name: "sync",
    summary: "Make a prefix the equal of a directory, or the other way, or of another prefix",
    description: `What differs by size or time is transferred. With --delete, what the source does not have is removed from the target:
never because it could not be seen, never when something failed, and nothing at all where it would be more than
--max-delete, or where nothing of the source was found. Links, pipes and devices are left out.`,
    examples: [
      ["cos sync public cos:///site/ --delete --dry-run", "what would be done"],
      ["cos sync public cos:///site/ --delete --max-delete 100", "up, and what is gone here goes there"],
      ["cos sync cos:///site/ backup --checksum", "down, comparing contents"],
      ["cos sync public cos:///site/ --delete --plan a.plan", "look at the plan, then: cos apply a.plan"]
    ],
    changes: true
  },
  config,
  (input) =>
    withClient(
      Effect.gen(function* () {
        yield* keepSmall
        const output = yield* Output
        const words = [input.source, input.target]
        const failed = yield* FailedFile.open(Option.getOrUndefined(input.failed), "sync", words)
        const options: Sync.Options = {
          from: yield* place(input.source, Option.getOrUndefined(input.sourceRegion)),
          to: yield* place(input.target, undefined),
          delete: input.delete,
          maxDelete: Option.getOrUndefined(input.maxDelete),
          allowEmptySource: input.allowEmptySource || failed.isTakenAgain,
          compare: input.checksum ? "checksum" : input.sizeOnly ? "size" : undefined,
          include: input.include.length === 0 ? undefined : input.include,
          exclude: input.exclude.length === 0 ? undefined : input.exclude,
          filter: failed.isTakenAgain ? ({ name }) => failed.has(name) : undefined,
          state: Option.getOrUndefined(input.stateFile),
          concurrency: yield* moving.concurrency(input.concurrency),
          transfer: {
            partSize: yield* moving.size(input.partSize, "--part-size"),
            storageClass: Option.getOrUndefined(input.storageClass)
          }
        }
        if (Option.isSome(input.plan)) {
          const file = input.plan.value
          const totals = yield* Sync.writePlan(Sync.plan(options), file, options)
          return yield* output.line({ type: "plan", file, ...totals }, () =>
            [
              `${file}: ${Format.count(totals.transfers, "transfer")} of ${Format.bytes(totals.bytes)}`,
              `${Format.count(totals.deletions, "deletion")}, ${totals.refused} refused, ${totals.omitted} left out`
            ].join(", ")
          )
        }
        const report = yield* Report.make("sync", "files", failed)
        if (input.dryRun) {
          yield* Stream.runForEach(Sync.plan(options), (action) => tellAction(report, options, action))
        } else {
          const state = yield* State.open(["sync", ...words], { isResumed: !input.noResume })
          const synced = withBars((bars) => follow(Sync.runStream(options), options, report, bars), {
            json: input.jsonProgress
          })
          yield* State.withCheckpoints(state, synced)
        }
        yield* report.finish({ isDryRun: input.dryRun })
      }).pipe(Effect.scoped)
    )
)
