/** From two listings to what is to be done. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import { UnsafeKey } from "../../../CosError.js"
import * as ObjectKey from "../../../ObjectKey.js"
import type { Action, Omission, Place, PlanOptions, Report, SyncError } from "../../../Sync.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import type { Root } from "../tree/inspectPath.js"
import * as selection from "../tree/selection.js"
import { type Answer, type Comparison, compareConcurrency, difference, type Reason, targetIdentity } from "./compare.js"
import { Withheld } from "./deletionGuard.js"
import { DeletionsRefused } from "./deletionsRefused.js"
import { join, list, nameOfState, type Pair, withKnown } from "./entries.js"
import { routeOf } from "./route.js"
import { seenOf } from "./seen.js"
import * as states from "./stateFile.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path

export interface Planning {
  readonly actions: Stream.Stream<Action, SyncError | DeletionsRefused, Services>
  /** What is known while, and after, the actions are taken. */
  readonly found: {
    /** The selected entries of each side. */
    sources: number
    targets: number
    /** Deletions that were not even planned. */
    withheld: number
  }
  readonly state: states.State | undefined
  readonly source: Root | undefined
}

const emptyReport: Report = {
  transferred: 0,
  bytes: 0,
  deleted: 0,
  withheld: 0,
  failures: [],
  omissions: []
}

/** An unsafe name is never made local. */
export const unsafeName = (to: Place, name: string): UnsafeKey | undefined => {
  if (to._tag === "Prefix") return undefined
  const refuse = (reason: string) => new UnsafeKey({ key: name, reason })
  return Either.match(ObjectKey.toLocalPath(name), {
    onLeft: ({ reason }) => refuse(reason),
    onRight: ({ directory }) => (directory ? refuse("FolderWithContent") : undefined)
  })
}

/** A fiber costs more than most answers, which are known at once: it is made only for what has to be asked. */
const mapInOrder =
  <A, B>(f: (value: A) => Answer<B>) =>
  <E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<B, E, R | Services> =>
    self.pipe(
      Stream.chunks,
      Stream.flatMap((values) => {
        const answers = Chunk.map(values, f)
        const known = Chunk.filterMap(answers, Either.getRight)
        if (known.length === answers.length) return Stream.fromChunk(known)
        const asked = Chunk.map(answers, Either.match({ onLeft: identity, onRight: Effect.succeed }))
        return Stream.mapEffect(Stream.fromChunk(asked), identity, { concurrency: compareConcurrency })
      })
    )

const counting = <A, E, R>(self: Stream.Stream<A, E, R>, count: (entries: number) => void) =>
  Stream.mapChunks(self, (entries) => {
    count(entries.length)
    return entries
  })

/** A dry run learns nothing for the state. */
export const prepare = (
  options: PlanOptions,
  isDryRun = false
): Effect.Effect<Planning, SyncError, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const { from, to } = options
    yield* routeOf(options)
    const selected = yield* selection.make("Sync", options)
    const found = { sources: 0, targets: 0, withheld: 0 }
    const withheld = new Withheld()
    const waiting: Array<Omission> = []
    const onOmission = (omission: Omission) => {
      withheld.add(omission)
      waiting.push(omission)
    }
    const ownName = yield* Effect.cached(nameOfState(options))
    const temporary = yield* makeTemporaryName
    const common = { selected, ownName, temporary, onOmission }
    const source = yield* list(from, { ...common, side: "source", isOtherLocal: to._tag === "Directory" })
    const target = yield* list(to, { ...common, side: "target", isOtherLocal: from._tag === "Directory" })
    // The first look is at the source: what takes its place afterwards is noticed.
    const state = options.state === undefined ? undefined : yield* states.load(options, options.state, temporary)
    const learning = isDryRun ? state && { ...state, note: () => Effect.void } : state
    const comparison: Comparison = { options, state: learning, roots: { source: source.root, target: target.root } }

    const takeOmissions = () => waiting.splice(0).map((omission): Action => ({ _tag: "Omit", ...omission }))
    const deletion = (listed: Pair["target"]) =>
      Effect.gen(function* () {
        if (listed === undefined) return undefined
        const { lastModified, name, size } = listed.entry
        const identity = yield* targetIdentity(target.root, listed)
        const action = { _tag: "Delete", name, size, lastModified, source: source.root?.identity, target: identity }
        return action as Extract<Action, { readonly _tag: "Delete" }>
      })
    /** What is found out while the pairs before it are compared counts as well. */
    const isWithheld = (action: Action): boolean => {
      if (action._tag !== "Delete" || !withheld.has(action.name)) return false
      found.withheld += 1
      return true
    }
    const actionOf = ({ known, source, target }: Pair): Answer<Action | undefined> => {
      if (source === undefined) return options.delete === true ? Either.left(deletion(target)) : Either.right(undefined)
      const { name, size } = source.entry
      const error = unsafeName(to, name)
      if (error !== undefined) return Either.right({ _tag: "Refuse", name, error })
      const transfer = (reason: Reason | undefined): Action | undefined =>
        reason && {
          _tag: "Transfer",
          name,
          size,
          reason,
          seen: { source: seenOf(source), target: target && seenOf(target) }
        }
      if (target === undefined) return Either.right(transfer("missing"))
      return Either.mapBoth(difference(comparison, source, target, known), {
        onLeft: Effect.map(transfer),
        onRight: transfer
      })
    }

    // Known as soon as the source has been listed, before anything of the target is planned to be deleted.
    const isEmptied = () => found.sources === 0 && options.delete === true && options.allowEmptySource !== true
    const refuseEmpty = Stream.suspend(() =>
      isEmptied()
        ? Stream.fail(
            new DeletionsRefused({
              reason: "EmptySource",
              wanted: 0,
              report: { ...emptyReport, omissions: waiting.slice(), ignoredState: state?.ignored() }
            })
          )
        : Stream.empty
    )
    const counted = {
      source: counting(source.entries, (entries) => {
        found.sources += entries
      }),
      target: counting(target.entries, (entries) => {
        found.targets += entries
      })
    }
    const pairs = join(Stream.concat(counted.source, refuseEmpty), counted.target)
    const actions = (state === undefined ? pairs : withKnown(pairs, state.known)).pipe(
      mapInOrder(actionOf),
      Stream.mapConcat(
        (action): ReadonlyArray<Action> => [
          ...takeOmissions(),
          ...(action === undefined || isWithheld(action) ? [] : [action])
        ]
      ),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(takeOmissions())))
    )
    return { actions, found, state, source: source.root }
  })

export const plan = (options: PlanOptions): Stream.Stream<Action, SyncError | DeletionsRefused, Services> =>
  Stream.unwrapScoped(Effect.map(prepare(options, true), ({ actions }) => actions))
