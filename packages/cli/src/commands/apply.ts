import * as Args from "@effect/cli/Args"
import * as Effect from "effect/Effect"
import * as Sync from "effect-cos/Sync"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { withBars } from "../terminal/bars.js"
import * as FailedFile from "../transfers/failedFile.js"
import { keepSmall } from "../transfers/memory.js"
import * as moving from "../transfers/options.js"
import * as Report from "../transfers/report.js"
import * as State from "../transfers/state.js"
import { follow } from "../transfers/syncRun.js"

const config = {
  concurrency: moving.speed.concurrency,
  jsonProgress: moving.speed.jsonProgress,
  noResume: moving.flag("no-resume", "begin large files anew"),
  file: Args.text({ name: "file" }).pipe(Args.withDescription("a plan that cos sync --plan has written"))
}

export const command = make(
  {
    name: "apply",
    summary: "Carry out a plan of cos sync --plan",
    description: `Each name is compared with what the plan saw: where source or target is another by now, nothing is done to it, and
nothing at all is deleted. A run that was cut off is repeated by the same line, and does what is left. A file that was cut
off or changed is refused before anything is done.`,
    examples: [["cos apply a.plan", "what the plan says"]],
    changes: true
  },
  config,
  (input) =>
    withClient(
      Effect.gen(function* () {
        yield* keepSmall
        const concurrency = yield* moving.concurrency(input.concurrency)
        const { actions, options } = yield* Sync.readPlan(input.file)
        const failed = yield* FailedFile.open(undefined, "apply", [])
        const report = yield* Report.make("apply", "files", failed)
        const state = yield* State.open(["apply", input.file], { isResumed: !input.noResume })
        const outcomes = Sync.applyStream(actions, { ...options, concurrency })
        const applied = withBars((bars) => follow(outcomes, options, report, bars), { json: input.jsonProgress })
        yield* State.withCheckpoints(state, applied)
        yield* report.finish({ isDryRun: false })
      }).pipe(Effect.scoped)
    )
)
