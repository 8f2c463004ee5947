/** Carries out a plan. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import type { Action, Omission, Options, Report, SyncError } from "../../../Sync.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import { checkOption, count } from "../../operation/options.js"
import * as listener from "../../progress/listener.js"
import { runBounded } from "../../time/runBounded.js"
import * as concurrency from "../concurrencyOption.js"
import type { Gate } from "../gate.js"
import * as gates from "../gate.js"
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
  /** Deletions that were planned. */
  wanted = 0
  readonly failures: Array<Report["failures"][number]> = []
  readonly omissions: Array<Omission> = []
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
    /** Calls `onAction`. */
    readonly notify: (action: Action, error?: SyncError) => Effect.Effect<void>
  ) {}

  report(): Report {
    return {
      transferred: this.transferred,
      bytes: this.bytes,
      deleted: this.deleted,
      withheld: this.wanted - this.deleted + (this.planned?.withheld ?? 0),
      failures: this.failures,
      omissions: this.omissions,
      ignoredState: this.state?.ignored()
    }
  }

  fail(action: Action, error: SyncError): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.failures.push({ action, error })
      return this.notify(action, error)
    })
  }

  omit(omission: Omission): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.omissions.push(omission)
      this.withheld.add(omission)
      return this.notify({ _tag: "Omit", ...omission })
    })
  }

  refuse(reason: DeletionsRefused["reason"], limit?: number): Effect.Effect<never, DeletionsRefused> {
    return Effect.fail(new DeletionsRefused({ reason, wanted: this.wanted, limit, report: this.report() }))
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

const transfer = (sync: SyncRun, action: Transfer, mayBeBlocked: boolean): Effect.Effect<void, never, Services> =>
  Effect.matchEffect(sync.gate.file(sync.executor.transfer(action.name)), {
    onFailure: (error) =>
      Effect.suspend(() => {
        if (!mayBeBlocked || !isInTheWay(error)) return sync.fail(action, error)
        sync.blocked.push(action)
        return Effect.void
      }),
    onSuccess: () =>
      Effect.suspend(() => {
        sync.transferred += 1
        sync.bytes += action.size
        return sync.notify(action)
      })
  })

/** Removes the folder that is in the way, if it is empty by now, and tries again; else the transfer fails as before. */
const transferBlocked = (sync: SyncRun): Effect.Effect<void, never, Services> =>
  Effect.forEach(
    sync.blocked,
    (action) =>
      Effect.zipRight(
        sync.failures.length === 0 ? Effect.ignore(sync.executor.makeRoom(action.name)) : Effect.void,
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
    if (result.right !== undefined) return yield* sync.omit({ name, side: "target", reason: result.right })
    sync.deleted += 1
    yield* sync.state?.forget(name) ?? Effect.void
    yield* sync.notify(action)
  })

/** All deletions or none: what speaks against them is looked for first. */
const removeAll = (sync: SyncRun): Effect.Effect<void, SyncError | DeletionsRefused, Services> =>
  Effect.gen(function* () {
    const { options, planned, source } = sync
    const due = sync.deletions.filter(({ name }) => !sync.withheld.has(name))
    if (sync.wanted + (planned?.withheld ?? 0) === 0 || options.delete !== true) return
    if (sync.omissions.some(({ name, reason, side }) => name === "" && reason === "Replaced" && side === "source")) {
      return yield* sync.refuse("SourceReplaced")
    }
    if (sync.wanted === 0 || sync.failures.length > 0) return
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

/** A plan knows what it left out, but not what has been done of it. */
const withReport = (sync: SyncRun, { reason, report: planned }: DeletionsRefused): DeletionsRefused => {
  const omissions = [...sync.omissions, ...planned.omissions]
  return new DeletionsRefused({ reason, wanted: sync.wanted, report: { ...sync.report(), omissions } })
}

/** Transfers while the plan comes, and deletions once it has ended. */
const follow = <E, R>(
  sync: SyncRun,
  plan: Plan<E, R>
): Effect.Effect<void, E | SyncError | DeletionsRefused, R | Services> =>
  Effect.gen(function* () {
    const options = { concurrency: sync.gate.most, unordered: true }
    yield* Stream.runDrain(Stream.mapEffect(plan, (action) => begin(sync, action), options)).pipe(
      Effect.mapError((error) => (error instanceof DeletionsRefused ? withReport(sync, error) : error))
    )
    const removed = yield* Effect.either(removeAll(sync))
    yield* transferBlocked(sync)
    yield* removed
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
      planning?.state ??
      (options.state === undefined ? undefined : yield* states.load(options, options.state, yield* makeTemporaryName))
    const executor = yield* executors.make(route, options, limits.parts, state, source)
    const listen =
      onAction &&
      (yield* listener.make("onAction", ([action, error]: readonly [Action, SyncError | undefined]) =>
        onAction(action, error)
      ))
    const notify = (action: Action, error?: SyncError) => listen?.notify([action, error]) ?? Effect.void
    const gate = yield* gates.make(limits)
    const sync = new SyncRun(options, gate, planning?.found, source, state, executor, notify)
    yield* follow(sync, plan).pipe(
      gate.share,
      Effect.ensuring(state === undefined ? Effect.void : save(state, options.state))
    )
    yield* listen?.drain ?? Effect.void
    return sync.report()
  }).pipe(Effect.scoped)

/** Also when the run fails or is interrupted: what was sent needs not be compared again. */
const save = (state: states.State, file: string | undefined) =>
  runBounded(state.save, { limit: saveLimit(state.size()), onTimeout: () => ({ message: "it took too long" }) }).pipe(
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
  }).pipe(Effect.scoped, Effect.withSpan("Cos.Sync.run", { captureStackTrace: false }))
