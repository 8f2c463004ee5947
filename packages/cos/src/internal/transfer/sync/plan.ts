/** From two listings to what is to be done. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import { UnsafeKey } from "../../../CosError.js"
import * as ObjectKey from "../../../ObjectKey.js"
import type { Action, Omission, Place, PlanOptions, Report, SyncError } from "../../../Sync.js"
import type { Root } from "../tree/look.js"
import * as selection from "../tree/selection.js"
import { type Comparison, compareConcurrency, difference } from "./compare.js"
import { DeletionsRefused } from "./deletionsRefused.js"
import { join, list, type Pair } from "./entries.js"
import { routeOf } from "./route.js"
import * as states from "./state.js"

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

/** Names at and below which nothing is deleted. */
export class Withheld {
  readonly #names = new Set<string>()

  add({ withholds }: Omission): void {
    if (withholds !== undefined) this.#names.add(withholds)
  }

  has(name: string): boolean {
    if (this.#names.size === 0) return false
    if (this.#names.has("") || this.#names.has(name)) return true
    for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
      if (this.#names.has(name.slice(0, end))) return true
    }
    return false
  }
}

export const emptyReport: Report = {
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

export const prepare = (options: PlanOptions): Effect.Effect<Planning, SyncError, Services> =>
  Effect.gen(function* () {
    const { from, to } = options
    yield* routeOf(options)
    const selected = yield* selection.make("Sync", options)
    const state = options.state === undefined ? undefined : yield* states.load(options, options.state)
    const found = { sources: 0, targets: 0, withheld: 0 }
    const withheld = new Withheld()
    const waiting: Array<Omission> = []
    const onOmission = (omission: Omission) => {
      withheld.add(omission)
      waiting.push(omission)
    }
    const common = { selected, statePath: options.state, onOmission }
    const source = yield* list(from, { ...common, side: "source", isOtherLocal: to._tag === "Directory" })
    const target = yield* list(to, { ...common, side: "target", isOtherLocal: from._tag === "Directory" })
    const comparison: Comparison = { options, state, roots: { source: source.root, target: target.root } }

    const takeOmissions = () => waiting.splice(0).map((omission): Action => ({ _tag: "Omit", ...omission }))
    const deletion = ({ entry }: NonNullable<Pair["target"]>): ReadonlyArray<Action> => {
      if (options.delete !== true) return []
      if (withheld.has(entry.name)) {
        found.withheld += 1
        return []
      }
      const { lastModified, name, size } = entry
      return [{ _tag: "Delete", name, size, lastModified, source: source.root?.identity }]
    }
    const actionOf = ({ source, target }: Pair) =>
      Effect.gen(function* () {
        if (source === undefined) return undefined
        const { name, size } = source.entry
        const error = unsafeName(to, name)
        if (error !== undefined) return { _tag: "Refuse", name, error } satisfies Action
        const reason = target === undefined ? ("missing" as const) : yield* difference(comparison, source, target)
        return reason === undefined ? undefined : ({ _tag: "Transfer", name, size, reason } satisfies Action)
      })

    // Known as soon as the source has been listed, before anything of the target is planned to be deleted.
    const isEmptied = () => found.sources === 0 && options.delete === true && options.allowEmptySource !== true
    const refuseEmpty = Stream.suspend(() =>
      isEmptied()
        ? Stream.fail(
            new DeletionsRefused({
              reason: "EmptySource",
              wanted: 0,
              report: { ...emptyReport, omissions: waiting.slice(), ignoredState: state?.ignored }
            })
          )
        : Stream.empty
    )
    const counted = {
      source: Stream.tap(source.entries, () => Effect.sync(() => void found.sources++)),
      target: Stream.tap(target.entries, () => Effect.sync(() => void found.targets++))
    }
    const actions = join(Stream.concat(counted.source, refuseEmpty), counted.target).pipe(
      Stream.mapEffect((pair) => Effect.map(actionOf(pair), (action) => ({ pair, action })), {
        concurrency: compareConcurrency
      }),
      Stream.mapConcat(({ action, pair }) => [
        ...takeOmissions(),
        ...(action === undefined ? [] : [action]),
        ...(pair.source === undefined && pair.target !== undefined ? deletion(pair.target) : [])
      ]),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(takeOmissions())))
    )
    return { actions, found, state, source: source.root }
  })

export const plan = (options: PlanOptions): Stream.Stream<Action, SyncError | DeletionsRefused, Services> =>
  Stream.unwrap(Effect.map(prepare(options), ({ actions }) => actions))
