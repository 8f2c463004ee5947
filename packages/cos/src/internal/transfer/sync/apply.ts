/** Carries out a plan. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import type { Action, Omission, Options, Outcome, Report, Summary, SyncError } from "../../../Sync.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import { withSpan } from "../../http/useSpan.js"
import { checkOption, count } from "../../operation/options.js"
import * as listener from "../../progress/listener.js"
import { runBounded } from "../../time/runBounded.js"
import type { Gate } from "../concurrencyGate.js"
import * as gates from "../concurrencyGate.js"
import * as concurrency from "../concurrencyOption.js"
import { limitInterrupt } from "../interruptLimit.js"
import { fromRun } from "../outcomeStream.js"
import * as workers from "../workers.js"
import { isDue } from "./asPlanned.js"
import * as guard from "./deletionGuard.js"
import { DeletionsRefused } from "./deletionsRefused.js"
import * as executors from "./executor.js"
import { type Planning, prepare } from "./plan.js"
import { routeOf } from "./route.js"
import * as states from "./stateFile.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path
type Transfer = Extract<Action, { readonly _tag: "Transfer" }>
type Plan<E, R> = Stream.Stream<Action, E, R>

/** One run: what it works with, and what has become of the plan so far. */
class SyncRun {
  transferred = 0
  bytes = 0
  deleted = 0
  alreadyDone = 0
  /** Planned deletions of what was gone already. */
  gone = 0
  /** Deletions that were planned. */
  wanted = 0
  failed = 0
  /** The source itself was replaced during its walk. */
  isSourceReplaced = false
  readonly withheld = new guard.Withheld()
  readonly deletions: Array<executors.Deletion> = []
  /** Transfers that a target of another kind is in the way of. */
  readonly blocked: Array<Transfer> = []

  constructor(
    readonly options: Options,
    readonly gate: Gate,
    readonly planned: Planning["found"] | undefined,
    readonly source: Planning["source"],
    readonly state: Planning["state"],
    readonly executor: executors.Executor,
    /** Passes on what became of an action. */
    readonly tell: (outcome: Outcome) => Effect.Effect<void>
  ) {}

  summary(): Summary {
    return {
      transferred: this.transferred,
      bytes: this.bytes,
      deleted: this.deleted,
      withheld: this.wanted - this.deleted - this.gone + (this.planned?.withheld ?? 0),
      alreadyDone: this.options.asPlanned === true ? this.alreadyDone : undefined,
      ignoredState: this.state?.ignored()
    }
  }

  fail(action: Action, error: SyncError): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.failed += 1
      return this.tell({ _tag: "Failure", action, error })
    })
  }

  /** It was done before: by an earlier run, or by somebody else. */
  findDone(action: Action): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.alreadyDone += 1
      return this.tell({ _tag: "Success", action, alreadyDone: true })
    })
  }

  omit(omission: Omission): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { name, reason, side } = omission
      if (name === "" && reason === "Replaced" && side === "source") this.isSourceReplaced = true
      this.withheld.add(omission)
      return this.tell({ _tag: "Omission", omission })
    })
  }

  refuse(reason: DeletionsRefused["reason"], limit?: number): Effect.Effect<never, DeletionsRefused> {
    return Effect.fail(
      new DeletionsRefused({
        reason,
        wanted: this.wanted,
        limit,
        report: { ...this.summary(), failures: [], omissions: [] }
      })
    )
  }
}

/** A target of another kind is in the way, which the deletions may take away. */
const isInTheWay = (error: SyncError): boolean =>
  error._tag === "UnsafeKey" && (error.reason === "FileInPlaceOfFolder" || error.reason === "FolderInPlaceOfFile")

/** How long the state may take to be written, also when the run is interrupted: 5 seconds, and one for so many names. */
const namesPerSecond = 25_000
const saveLimit = (names: number) => Duration.seconds(5 + names / namesPerSecond)

const checked = (options: Options) =>
  Effect.gen(function* () {
    yield* checkOption("Sync", "maxDelete", options.maxDelete, count(0, Number.MAX_SAFE_INTEGER))
    const limits = yield* concurrency.readConcurrency("Sync", options.concurrency)
    return { limits, route: yield* routeOf(options) }
  })

// --- transfers -------------------------------------------------------------------------------------------------------

/** Whether there was anything to be done. */
const carryOutTransfer = (sync: SyncRun, action: Transfer): Effect.Effect<boolean, SyncError, Services> => {
  const { executor, options, state } = sync
  const transferred = Effect.as(executor.transfer(action), true)
  return options.asPlanned === true
    ? Effect.flatMap(isDue({ options, state, roots: executor.roots }, action), (isDue) =>
        isDue ? transferred : Effect.succeed(false)
      )
    : transferred
}

const transfer = (sync: SyncRun, action: Transfer, mayBeBlocked: boolean): Effect.Effect<void, never, Services> =>
  Effect.matchEffect(sync.gate.file(carryOutTransfer(sync, action)), {
    onFailure: (error) =>
      Effect.suspend(() => {
        if (!mayBeBlocked || !isInTheWay(error)) return sync.fail(action, error)
        sync.blocked.push(action)
        return Effect.void
      }),
    onSuccess: (wasDue) =>
      Effect.suspend(() => {
        if (!wasDue) return sync.findDone(action)
        sync.transferred += 1
        sync.bytes += action.size
        return sync.tell({ _tag: "Success", action })
      })
  })

/** Removes the folder that is in the way, if it is empty by now, and tries again; else the transfer fails as before. */
const transferBlocked = (sync: SyncRun): Effect.Effect<void, never, Services> =>
  Effect.forEach(
    sync.blocked,
    (action) =>
      Effect.zipRight(
        sync.failed === 0 ? Effect.ignore(sync.executor.makeRoom(action.name)) : Effect.void,
        transfer(sync, action, false)
      ),
    { concurrency: sync.gate.most, discard: true }
  )

// --- deletions -------------------------------------------------------------------------------------------------------

const remove = (sync: SyncRun, action: executors.Deletion): Effect.Effect<void, "lost", Services> =>
  Effect.gen(function* () {
    const { name } = action
    const kept = yield* guard.reasonToKeep(sync.options, sync.source, name)
    if (kept !== undefined) {
      yield* sync.omit({ name, side: "source", withholds: name, ...kept })
      return kept.reason === "Replaced" ? yield* Effect.fail("lost" as const) : undefined
    }
    const result = yield* Effect.either(sync.executor.remove(action))
    if (result._tag === "Left") return yield* sync.fail(action, result.left)
    const isGone = result.right === "Absent"
    if (result.right !== undefined && result.right !== "Absent") {
      return yield* sync.omit({ name, side: "target", reason: result.right })
    }
    yield* sync.state?.forget(name) ?? Effect.void
    if (isGone && sync.options.asPlanned === true) {
      sync.gone += 1
      return yield* sync.findDone(action)
    }
    sync.deleted += 1
    yield* sync.tell({ _tag: "Success", action })
  })

/** All deletions or none: what speaks against them is looked for first. */
const removeAll = (sync: SyncRun): Effect.Effect<void, SyncError | DeletionsRefused, Services> =>
  Effect.gen(function* () {
    const { options, planned, source } = sync
    const due = sync.deletions.filter(({ name }) => !sync.withheld.has(name))
    if (sync.wanted + (planned?.withheld ?? 0) === 0 || options.delete !== true) return
    if (sync.isSourceReplaced) return yield* sync.refuse("SourceReplaced")
    if (sync.wanted === 0 || sync.failed > 0) return
    const limit = yield* guard.limitFor(options, sync.wanted, planned?.targets)
    if (sync.wanted > limit) return yield* sync.refuse("TooMany", limit)
    if (due.length === 0) return
    const reason = yield* guard.reasonToRefuse(options, source, due)
    if (reason !== undefined) return yield* sync.refuse(reason)
    const concurrency = sync.gate.current.current
    yield* Effect.forEach(due, (action) => remove(sync, action), { concurrency, discard: true }).pipe(
      Effect.catchAll(() => sync.refuse("SourceReplaced"))
    )
  })

// --- the plan --------------------------------------------------------------------------------------------------------

const begin = (sync: SyncRun, action: Action): Effect.Effect<void, never, Services> => {
  switch (action._tag) {
    case "Refuse":
      return sync.fail(action, action.error)
    case "Omit": {
      const { _tag, ...omission } = action
      return sync.omit(omission)
    }
    case "Delete":
      return Effect.sync(() => {
        sync.wanted += 1
        // Any more than the limit need not be remembered: then all are refused.
        if (sync.deletions.length < (sync.options.maxDelete ?? guard.deletionLimit.most)) sync.deletions.push(action)
      })
    case "Transfer":
      return transfer(sync, action, sync.options.delete === true)
  }
}

/** A plan knows what it left out and has not told yet, but not what has been done of it. */
const withSummary = (sync: SyncRun, { reason, report: { omissions } }: DeletionsRefused): DeletionsRefused =>
  new DeletionsRefused({ reason, wanted: sync.wanted, report: { ...sync.summary(), failures: [], omissions } })

/** Transfers while the plan comes, and deletions once it has ended. */
const follow = <E, R>(
  sync: SyncRun,
  plan: Plan<E, R>
): Effect.Effect<void, E | SyncError | DeletionsRefused, R | Services> =>
  Effect.gen(function* () {
    // Not around each transfer, which would take a fiber of its own.
    const limited = limitInterrupt(sync.executor.ends)
    const feed = yield* workers.makeFeed(plan)
    yield* workers.forEachOf(feed, sync.gate.most, (action) => begin(sync, action), limited)
    yield* Effect.mapError(feed.exit, (error) => (error instanceof DeletionsRefused ? withSummary(sync, error) : error))
    const removed = yield* Effect.either(removeAll(sync))
    yield* limited(transferBlocked(sync))
    yield* removed
  }).pipe(Effect.scoped)

/** The action that an outcome is of, as `onAction` is told of it. */
const actionOf = (outcome: Outcome): Action =>
  outcome._tag === "Omission" ? { _tag: "Omit", ...outcome.omission } : outcome.action

const carryOut = <E, R>(
  plan: Plan<E, R>,
  options: Options,
  planning: Pick<Planning, "found" | "state" | "source"> | undefined,
  emit: (outcome: Outcome) => Effect.Effect<unknown>
): Effect.Effect<Summary, E | SyncError | DeletionsRefused, R | Services> =>
  Effect.gen(function* () {
    const { limits, route } = yield* checked(options)
    const { onAction } = options
    // The root of the walk, where there was one: it knows what is mounted below.
    const source = planning?.source ?? (yield* guard.openSource(options))
    const state =
      planning?.state ??
      (options.state === undefined ? undefined : yield* states.load(options, options.state, yield* makeTemporaryName))
    const executor = yield* executors.make(route, options, limits.parts, state, source)
    const listen =
      onAction &&
      (yield* listener.make("onAction", ([action, error]: readonly [Action, SyncError | undefined]) =>
        onAction(action, error)
      ))
    const tell = (outcome: Outcome) =>
      Effect.zipRight(
        listen?.notify([actionOf(outcome), outcome._tag === "Failure" ? outcome.error : undefined]) ?? Effect.void,
        Effect.asVoid(emit(outcome))
      )
    const gate = yield* gates.make(limits)
    const sync = new SyncRun(options, gate, planning?.found, source, state, executor, tell)
    yield* follow(sync, plan).pipe(
      gate.share,
      Effect.ensuring(state === undefined ? Effect.void : save(state, options.state))
    )
    yield* listen?.drain ?? Effect.void
    return sync.summary()
  }).pipe(Effect.scoped)

/** Also when the run fails or is interrupted: what was sent needs not be compared again. */
const save = (state: states.State, file: string | undefined) =>
  runBounded(state.save, { limit: saveLimit(state.size()), onTimeout: () => ({ message: "it took too long" }) }).pipe(
    Effect.catchAll(({ message }) => Effect.logWarning("The state of a sync could not be written", { file, message }))
  )

type Emit = (outcome: Outcome) => Effect.Effect<unknown>
type Carried<E, R> = (emit: Emit) => Effect.Effect<Summary, E | SyncError | DeletionsRefused, R | Services>

const applied =
  <E, R>(plan: Plan<E, R>, options: Options): Carried<E, R> =>
  (emit) =>
    carryOut(plan, options, undefined, emit)

const ran =
  (options: Options): Carried<never, never> =>
  (emit) =>
    Effect.gen(function* () {
      yield* checked(options)
      const planning = yield* prepare(options)
      return yield* carryOut(planning.actions, options, planning, emit)
    }).pipe(Effect.scoped)

/** Gathers what became of each action. */
const reported = <E, R>(
  carried: Carried<E, R>
): Effect.Effect<Report, E | SyncError | DeletionsRefused, R | Services> =>
  Effect.suspend(() => {
    const failures: Array<Report["failures"][number]> = []
    const omissions: Array<Omission> = []
    const gather = (outcome: Outcome) =>
      Effect.sync(() => {
        if (outcome._tag === "Omission") omissions.push(outcome.omission)
        if (outcome._tag === "Failure") failures.push({ action: outcome.action, error: outcome.error })
      })
    return Effect.mapBoth(carried(gather), {
      onFailure: (error) =>
        error instanceof DeletionsRefused
          ? new DeletionsRefused({
              reason: error.reason,
              wanted: error.wanted,
              limit: error.limit,
              report: { ...error.report, failures, omissions: [...omissions, ...error.report.omissions] }
            })
          : error,
      onSuccess: (summary) => ({ ...summary, failures, omissions })
    })
  })

/** The summary comes last. */
const streamed = <E, R>(carried: Carried<E, R>) =>
  fromRun<Outcome | ({ readonly _tag: "Summary" } & Summary), E | SyncError | DeletionsRefused, R | Services>((emit) =>
    Effect.flatMap(carried(emit), (summary) => emit({ _tag: "Summary", ...summary }))
  )

export const apply = <E, R>(plan: Plan<E, R>, options: Options) =>
  reported(applied(plan, options)).pipe(withSpan("Cos.Sync.apply"))

export const applyStream = <E, R>(plan: Plan<E, R>, options: Options) =>
  streamed(applied(plan, options)).pipe(Stream.withSpan("Cos.Sync.applyStream", { captureStackTrace: false }))

export const run = (options: Options) => reported(ran(options)).pipe(withSpan("Cos.Sync.run"))

export const runStream = (options: Options) =>
  streamed(ran(options)).pipe(Stream.withSpan("Cos.Sync.runStream", { captureStackTrace: false }))
