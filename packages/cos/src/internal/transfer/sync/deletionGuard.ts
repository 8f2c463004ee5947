/**
 * What stands between a planned deletion and the deletion: the names that are withheld, how many may be deleted, and the
 * last look at the source. `plan` has refused a source that is empty, which may be a mistyped prefix or a directory that is
 * not mounted; here it is refused once more, before the deletions. The executor compares a local file once more before it removes it.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import * as ObjectKey from "../../../ObjectKey.js"
import * as object from "../../../operations/object.js"
import type { Omission, Options, SyncError } from "../../../Sync.js"
import { inspectBelow, isSameRoot, openRoot, type Root } from "../tree/inspectPath.js"
import { NameSet } from "../tree/nameSet.js"
import * as selection from "../tree/selection.js"
import type { DeletionsRefused } from "./deletionsRefused.js"
import { list, nameOfState } from "./entries.js"
import type { Deletion } from "./executor.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path

/** Names at and below which nothing is deleted. One that is taken for another withholds more, not less. */
export class Withheld {
  readonly #names = new NameSet(16)
  #isEmpty = true

  add({ withholds }: Omission): void {
    if (withholds === undefined) return
    this.#isEmpty = false
    this.#names.set(withholds, "folder")
  }

  has(name: string): boolean {
    if (this.#isEmpty) return false
    if (this.#names.has("") || this.#names.has(name)) return true
    for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
      if (this.#names.has(name.slice(0, end))) return true
    }
    return false
  }
}

/** The part of the target's entries that may be deleted unless `maxDelete` says otherwise, and its bounds. */
export const deletionLimit = { part: 1 / 2, least: 10, most: 1000 } as const

const limitOf = (targets: number): number =>
  Math.min(deletionLimit.most, Math.max(deletionLimit.least, Math.floor(targets * deletionLimit.part)))

const entriesOf = (options: Options, side: Omission["side"]) =>
  Effect.gen(function* () {
    const selected = yield* selection.make("Sync", options)
    const [place, other] = side === "source" ? [options.from, options.to] : [options.to, options.from]
    return yield* list(place, {
      side,
      selected,
      isOtherLocal: other._tag === "Directory",
      ownName: nameOfState(options),
      onOmission: () => undefined
    })
  })

const countTargets = (options: Options): Effect.Effect<number, SyncError, Services> =>
  Effect.flatMap(entriesOf(options, "target"), ({ entries }) => Stream.runCount(entries))

/** How many deletions are allowed. `targets` is the number of the target's entries, which are counted if it is not known. */
export const limitFor = (
  options: Options,
  wanted: number,
  targets: number | undefined
): Effect.Effect<number, SyncError, Services> => {
  if (options.maxDelete !== undefined) return Effect.succeed(options.maxDelete)
  if (wanted <= deletionLimit.least) return Effect.succeed(deletionLimit.least)
  return Effect.map(targets === undefined ? countTargets(options) : Effect.succeed(targets), limitOf)
}

/** The source as it was when the run began. */
export const openSource = ({ from }: Options): Effect.Effect<Root | undefined, SyncError, FileSystem.FileSystem> =>
  from._tag === "Prefix" ? Effect.succeed(undefined) : openRoot(from.path)

/** Why nothing at all may be deleted now. */
export const reasonToRefuse = (
  options: Options,
  root: Root | undefined,
  deletions: ReadonlyArray<Deletion>
): Effect.Effect<DeletionsRefused["reason"] | undefined, SyncError, Services> =>
  Effect.gen(function* () {
    if (root !== undefined) {
      if (!(yield* isSameRoot(root))) return "SourceReplaced"
      if (deletions.some(({ source }) => source !== undefined && source !== root.identity)) return "SourceReplaced"
    }
    if (options.allowEmptySource === true) return undefined
    const { entries } = yield* entriesOf(options, "source")
    return Option.isNone(yield* Stream.runHead(entries)) ? "EmptySource" : undefined
  })

type ReasonToKeep = Pick<Omission, "reason" | "error">

/** Why a name must not be deleted: the source has it, or it cannot be known that it does not. */
export const reasonToKeep = (
  { from }: Options,
  root: Root | undefined,
  name: string
): Effect.Effect<ReasonToKeep | undefined, never, Services> => {
  if (from._tag === "Prefix" || root === undefined) {
    const { bucket, prefix, region } = from as Extract<Options["from"], { readonly _tag: "Prefix" }>
    // No object can have such a key.
    if (Either.isLeft(ObjectKey.validate(prefix + name))) return Effect.succeed(undefined)
    return object.headObject({ bucket, region, key: prefix + name }).pipe(
      Effect.as<ReasonToKeep | undefined>({ reason: "Appeared" }),
      Effect.catchTag("NoSuchKey", () => Effect.succeed(undefined)),
      Effect.catchAll((error) => Effect.succeed<ReasonToKeep>({ reason: "Unreadable", error }))
    )
  }
  return Effect.map(inspectBelow(root, name), (looked): ReasonToKeep | undefined => {
    switch (looked._tag) {
      case "Absent":
      // A folder of this name is no file of this name.
      case "Directory":
        return undefined
      case "File":
        return { reason: "Appeared" }
      case "Unreadable":
        return { reason: "Unreadable", error: looked.error }
      default:
        return { reason: looked._tag }
    }
  })
}
