/** Carries out a plan. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import type { Action, Omission, Options, Report, SyncError } from "../../../Sync.js"
import { checkOption, count } from "../../operation/options.js"
import * as listener from "../../progress/listener.js"
import { runBounded } from "../../progress/timeLimit.js"
import * as concurrency from "../concurrencyOption.js"
import { makePartLimit } from "../partLimit.js"
import * as guard from "./deletionGuard.js"
import { DeletionsRefused } from "./deletionsRefused.js"
import * as executors from "./executor.js"
import { type Planning, prepare } from "./plan.js"
import { routeOf } from "./route.js"
import * as states from "./stateFile.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path
type Transfer = Extract<Action, { readonly _tag: "Transfer" }>
type Plan<E, R> = Stream.Stream<Action, E, R>

/** What has become of the plan so far. */
class Tally {
  transferred = 0
  bytes = 0
  deleted = 0
  /** Deletions that were planned. */
  wanted = 0
  readonly failures: Array<Report["failures"][number]> = []
  readonly omissions: Array<Omission> = []
  readonly withheld = new guard.Withheld()

  omit(omission: Omission): void {
    this.omissions.push(omission)
    this.withheld.add(omission)
  }
}

/** A target of another kind is in the way, which the deletions may take away. */
const isInTheWay = (error: SyncError): boolean =>
  error._tag === "UnsafeKey" && (error.reason === "FileInPlaceOfFolder" || error.reason === "FolderInPlaceOfFile")

/** How long the state may take to be written when the run is interrupted. */
const saveLimit = "5 seconds"

const checked = (options: Options) =>
  Effect.gen(function* () {
    yield* checkOption("Sync", "maxDelete", options.maxDelete, count(0, Number.MAX_SAFE_INTEGER))
    const limits = yield* concurrency.readConcurrency("Sync", options.concurrency, { files: 4 })
    return { limits, route: yield* routeOf(options) }
  })

const carryOut = <E, R>(
  plan: Plan<E, R>,
  options: Options,
  planning: Pick<Planning, "found" | "state" | "source"> | undefined
): Effect.Effect<Report, E | SyncError | DeletionsRefused, R | Services> =>
  Effect.gen(function* () {
    const { limits, route } = yield* checked(options)
    const { onAction } = options
    // The root of the walk, where there was one: it knows what is mounted below.
    const source = planning?.source ?? (yield* guard.openSource(options))
    const state =
      planning?.state ?? (options.state === undefined ? undefined : yield* states.load(options, options.state))
    const executor = yield* executors.make(route, options, limits.parts, state, source)
    const listen =
      onAction &&
      (yield* listener.make("onAction", ([action, error]: readonly [Action, SyncError | undefined]) =>
        onAction(action, error)
      ))
    const tally = new Tally()
    const deletions: Array<executors.Deletion> = []
    /** Transfers that a target of another kind is in the way of. */
    const blocked: Array<Transfer> = []

    const report = (): Report => ({
      transferred: tally.transferred,
      bytes: tally.bytes,
      deleted: tally.deleted,
      withheld: tally.wanted - tally.deleted + (planning?.found.withheld ?? 0),
      failures: tally.failures,
      omissions: tally.omissions,
      ignoredState: state?.ignored
    })
    const notify = (action: Action, error?: SyncError) => listen?.notify([action, error]) ?? Effect.void
    const fail = (action: Action, error: SyncError) =>
      Effect.suspend(() => {
        tally.failures.push({ action, error })
        return notify(action, error)
      })
    const omit = (omission: Omission) =>
      Effect.suspend(() => {
        tally.omit(omission)
        return notify({ _tag: "Omit", ...omission })
      })
    const refuse = (reason: DeletionsRefused["reason"], limit?: number) =>
      Effect.fail(new DeletionsRefused({ reason, wanted: tally.wanted, limit, report: report() }))

    /** A plan knows what it left out, but not what has been done of it. */
    const withReport = ({ reason, report: planned }: DeletionsRefused) => {
      const omissions = [...tally.omissions, ...planned.omissions]
      return new DeletionsRefused({ reason, wanted: tally.wanted, report: { ...report(), omissions } })
    }

    const transfer = (action: Transfer, mayBeBlocked: boolean) =>
      Effect.matchEffect(executor.transfer(action.name), {
        onFailure: (error) =>
          Effect.suspend(() => {
            if (!mayBeBlocked || !isInTheWay(error)) return fail(action, error)
            blocked.push(action)
            return Effect.void
          }),
        onSuccess: () =>
          Effect.suspend(() => {
            tally.transferred += 1
            tally.bytes += action.size
            return notify(action)
          })
      })

    const begin = (action: Action): Effect.Effect<void, never, Services> => {
      switch (action._tag) {
        case "Refuse":
          return fail(action, action.error)
        case "Omit": {
          const { _tag, ...omission } = action
          return omit(omission)
        }
        case "Delete":
          return Effect.sync(() => {
            tally.wanted += 1
            // Any more than the limit need not be remembered: then all are refused.
            if (deletions.length < (options.maxDelete ?? guard.deletionLimit.most)) deletions.push(action)
          })
        case "Transfer":
          return transfer(action, options.delete === true)
      }
    }

    const remove = (action: executors.Deletion): Effect.Effect<void, "lost", Services> =>
      Effect.gen(function* () {
        const { name } = action
        const kept = yield* guard.reasonToKeep(options, source, name)
        if (kept !== undefined) {
          yield* omit({ name, side: "source", withholds: name, ...kept })
          return kept.reason === "Replaced" ? yield* Effect.fail("lost" as const) : undefined
        }
        const result = yield* Effect.either(executor.remove(action))
        if (result._tag === "Left") return yield* fail(action, result.left)
        if (result.right !== undefined) return yield* omit({ name, side: "target", reason: result.right })
        tally.deleted += 1
        state?.forget(name)
        yield* notify(action)
      })

    const removeAll = Effect.gen(function* () {
      const due = deletions.filter(({ name }) => !tally.withheld.has(name))
      const wanted = tally.wanted + (planning?.found.withheld ?? 0)
      if (wanted === 0 || options.delete !== true) return
      if (tally.omissions.some(({ name, reason, side }) => name === "" && reason === "Replaced" && side === "source")) {
        return yield* refuse("SourceReplaced")
      }
      if (tally.wanted === 0 || tally.failures.length > 0) return
      const limit = yield* guard.limitFor(options, tally.wanted, planning?.found.targets)
      if (tally.wanted > limit) return yield* refuse("TooMany", limit)
      if (due.length === 0) return
      const reason = yield* guard.reasonToRefuse(options, source, due)
      if (reason !== undefined) return yield* refuse(reason)
      yield* Effect.forEach(due, remove, { concurrency: limits.files, discard: true }).pipe(
        Effect.catchAll(() => refuse("SourceReplaced"))
      )
    })

    /** Removes the folder that is in the way, if it is empty by now, and tries again; else the transfer fails as before. */
    const transferBlocked = Effect.forEach(
      blocked,
      (action) =>
        Effect.zipRight(
          tally.failures.length === 0 ? Effect.ignore(executor.makeRoom(action.name)) : Effect.void,
          transfer(action, false)
        ),
      { concurrency: limits.files, discard: true }
    )

    const all = Effect.gen(function* () {
      yield* Stream.runDrain(Stream.mapEffect(plan, begin, { concurrency: limits.files, unordered: true })).pipe(
        Effect.mapError((error) => (error instanceof DeletionsRefused ? withReport(error) : error))
      )
      const removed = yield* Effect.either(removeAll)
      yield* transferBlocked
      yield* removed
    })
    const limitParts = yield* makePartLimit(limits.totalParts)
    yield* all.pipe(limitParts, Effect.ensuring(state === undefined ? Effect.void : save(state, options.state)))
    yield* listen?.drain ?? Effect.void
    return report()
  }).pipe(Effect.scoped)

/** Also when the run fails or is interrupted: what was sent needs not be compared again. */
const save = (state: states.State, file: string | undefined) =>
  runBounded(state.save, { limit: saveLimit, onTimeout: () => ({ message: "it took too long" }) }).pipe(
    Effect.catchAll(({ message }) => Effect.logWarning("The state of a sync could not be written", { file, message }))
  )

export const apply = <E, R>(
  plan: Plan<E, R>,
  options: Options
): Effect.Effect<Report, E | SyncError | DeletionsRefused, R | Services> =>
  carryOut(plan, options, undefined).pipe(Effect.withSpan("Cos.Sync.apply", { captureStackTrace: false }))

export const run = (options: Options): Effect.Effect<Report, SyncError | DeletionsRefused, Services> =>
  Effect.gen(function* () {
    yield* checked(options)
    const planning = yield* prepare(options)
    return yield* carryOut(planning.actions, options, planning)
  }).pipe(Effect.withSpan("Cos.Sync.run", { captureStackTrace: false }))
