/**
 * `sync` and `apply`: what becomes of a plan, told as it happens.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Sync from "effect-cos/Sync"
import { print } from "../address.js"
import type { CommandError } from "../contract/errors.js"
import { CommandFailed } from "../contract/errors.js"
import type { Bars } from "../terminal/bars.js"
import type { Report } from "./report.js"

type Outcome = Sync.Outcome | ({ readonly _tag: "Summary" } & Sync.Summary)

/** How a name is written where it is. */
const nameAt = (place: Sync.Place, name: string): string =>
  place._tag === "Prefix"
    ? print({ bucket: place.bucket, key: place.prefix + name })
    : `${place.path.replace(/[\\/]$/, "")}/${name}`

const actionOf = ({ from, to }: Sync.PlanOptions) =>
  from._tag === "Directory" ? "upload" : to._tag === "Directory" ? "download" : "copy"

/** What a sync leaves out although it should be there: with it the target is not the source's equal. */
const incomplete: ReadonlySet<Sync.Omission["reason"]> = new Set([
  "NotUtf8",
  "Unreadable",
  "Replaced",
  "TargetChanged",
  "Appeared"
])

const sentences: { readonly [R in Sync.Omission["reason"]]?: string } = {
  NotUtf8: "its name is not UTF-8, so that it cannot be a key",
  Unreadable: "it cannot be read",
  Replaced: "another directory took its place",
  TargetChanged: "it was changed meanwhile, and not deleted",
  Appeared: "the source has it by now, and it was not deleted"
}

const omitted = (report: Report, options: Sync.PlanOptions, { error, name, reason, side }: Sync.Omission) => {
  const at = nameAt(side === "source" ? options.from : options.to, name)
  const place = side === "source" ? { source: at } : { target: at }
  if (!incomplete.has(reason)) return report.skip({ ...place, reason })
  const failure = error ?? new CommandFailed({ exitCode: 1, message: sentences[reason] ?? reason })
  return report.fail(name, { source: undefined, target: undefined, ...place, error: failure })
}

/** Tells an action of a dry run. */
export const tellAction = (report: Report, options: Sync.PlanOptions, action: Sync.Action) => {
  const source = nameAt(options.from, action.name)
  const target = nameAt(options.to, action.name)
  switch (action._tag) {
    case "Transfer":
      return report.planned({ action: actionOf(options), source, target, size: action.size, reason: action.reason })
    case "Delete":
      return report.planned({ action: "delete", target, size: action.size })
    case "Refuse":
      return report.fail(action.name, { source, target, error: action.error })
    case "Omit":
      return omitted(report, options, action)
  }
}

const tell = (report: Report, options: Sync.PlanOptions, outcome: Outcome) => {
  if (outcome._tag === "Summary") {
    return Effect.sync(() => {
      report.withheld = outcome.withheld
    })
  }
  if (outcome._tag === "Omission") return omitted(report, options, outcome.omission)
  const { action } = outcome
  const source = nameAt(options.from, action.name)
  const target = nameAt(options.to, action.name)
  if (outcome._tag === "Failure") return report.fail(action.name, { source, target, error: outcome.error })
  if (outcome.alreadyDone === true) return report.skip({ source, target, reason: "done" })
  return action._tag === "Transfer"
    ? report.transfer({ action: actionOf(options), source, target, size: action.size })
    : action._tag === "Delete"
      ? report.remove(target, action.size)
      : Effect.void
}

/** Tells what becomes of each action. A refusal of the deletions comes after everything else was told. */
export const follow = <R>(
  outcomes: Stream.Stream<Outcome, CommandError, R>,
  options: Sync.PlanOptions,
  report: Report,
  bars: Bars
): Effect.Effect<void, CommandError, R> =>
  Stream.runForEach(outcomes, (outcome) =>
    Effect.zipRight(
      tell(report, options, outcome),
      bars.set("total", {
        label: `${report.transferred.toLocaleString("en-US")} transferred`,
        unit: "bytes",
        done: report.bytes,
        total: undefined
      })
    )
  )
