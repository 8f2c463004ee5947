/** Whether both sides are still what the plan of a transfer saw. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type { CosClient } from "../../../CosClient.js"
import * as object from "../../../operations/object.js"
import type { Action, Place, Seen, SyncError } from "../../../Sync.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { inspectBelow, type Root } from "../tree/inspectPath.js"
import { type Comparison, sameContent } from "./compare.js"
import { PlanOutdated } from "./planOutdated.js"
import { SeenFile } from "./seen.js"

type Transfer = Extract<Action, { readonly _tag: "Transfer" }>
type Side = PlanOutdated["side"]

const none = "none"

const text = (value: Date | string | number | undefined): string =>
  value === undefined ? none : value instanceof Date ? value.toISOString() : String(value)

/** Lists tell the times of objects in milliseconds, a HEAD in seconds. */
const timeOf = ({ eTag, lastModified }: Seen): number | undefined =>
  lastModified && (eTag === undefined ? lastModified.getTime() : Math.floor(lastModified.getTime() / 1000))

const difference = (name: string, side: Side, expected: Seen | undefined, actual: Seen | undefined) => {
  const differs = (field: PlanOutdated["field"], before: Seen[keyof Seen], now: Seen[keyof Seen]) =>
    new PlanOutdated({ name, side, field, expected: text(before), actual: text(now) })
  if (expected === undefined || actual === undefined) {
    return expected === actual
      ? undefined
      : differs("presence", expected === undefined ? none : "there", actual === undefined ? none : "there")
  }
  if (expected.size !== actual.size) return differs("size", expected.size, actual.size)
  if (expected.eTag !== actual.eTag) return differs("eTag", expected.eTag, actual.eTag)
  if (expected.inode !== actual.inode) return differs("inode", expected.inode, actual.inode)
  return timeOf(expected) === timeOf(actual)
    ? undefined
    : differs("lastModified", expected.lastModified, actual.lastModified)
}

const lookAtFile = (root: Root, name: string, side: Side) =>
  Effect.flatMap(inspectBelow(root, name), (looked): Effect.Effect<Seen | undefined, SyncError> => {
    switch (looked._tag) {
      case "File":
        return Effect.succeed(new SeenFile(looked.info))
      case "Absent":
      // A folder of this name is no file of this name; one that is in the way is what the transfer fails with.
      case "Directory":
        return Effect.succeed(undefined)
      case "Unreadable":
        return Effect.fail(looked.error)
      default:
        return new PlanOutdated({ name, side, field: "kind", expected: "File", actual: looked._tag })
    }
  })

const lookAtObject = ({ bucket, prefix, region }: Extract<Place, { readonly _tag: "Prefix" }>, name: string) =>
  object.headObject({ bucket, region, key: prefix + name }).pipe(
    Effect.map(
      ({ contentLength, eTag, lastModified }): Seen => ({ size: contentLength, lastModified, eTag, inode: undefined })
    ),
    Effect.catchTag("NoSuchKey", () => Effect.succeed(undefined))
  )

const lookAt = (
  place: Place,
  root: Root | undefined,
  name: string,
  side: Side
): Effect.Effect<Seen | undefined, SyncError, CosClient | FileSystem.FileSystem | Path.Path> =>
  place._tag === "Prefix"
    ? lookAtObject(place, name)
    : root === undefined
      ? Effect.succeed(undefined)
      : lookAtFile(root, name, side)

/**
 * Whether a transfer is due: both sides are what the plan saw. It is done where the source is, and the target holds its
 * content by now, as after a run that was cut off. Anything else is `PlanOutdated`.
 */
export const isDue = (
  comparison: Comparison,
  { name, seen }: Transfer
): Effect.Effect<boolean, SyncError, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { options, roots } = comparison
    if (seen === undefined) return yield* Effect.fail(invalidInput("Sync", "seen", "must be given with asPlanned"))
    const source = difference(name, "source", seen.source, yield* lookAt(options.from, roots.source, name, "source"))
    if (source !== undefined) return yield* source
    const target = difference(name, "target", seen.target, yield* lookAt(options.to, roots.target, name, "target"))
    if (target === undefined) return true
    return (yield* sameContent(comparison, name)) ? false : yield* target
  })
