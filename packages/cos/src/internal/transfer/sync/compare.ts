/** Whether what is on both sides is the same. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import { SourceChanged } from "../../../CosError.js"
import * as Crc64 from "../../../Crc64.js"
import * as object from "../../../operations/object.js"
import type { Action, Entry, Place, PlanOptions, SyncError } from "../../../Sync.js"
import * as fileFingerprint from "../../file/fileFingerprint.js"
import { requireETag } from "../requireETag.js"
import { inspectBelow, type Root } from "../tree/inspectPath.js"
import type { Listed } from "./entries.js"
import * as states from "./stateFile.js"

/** Objects that are asked for, and files that are read, at once. */
export const compareConcurrency = 8

export type Reason = Extract<Action, { readonly _tag: "Transfer" }>["reason"]

export interface Comparison {
  readonly options: PlanOptions
  readonly state: states.State | undefined
  readonly roots: { readonly source: Root | undefined; readonly target: Root | undefined }
}

/** What a file is known by, if it is one and no link leads to it. */
export const fingerprintBelow = (root: Root, name: string) =>
  Effect.gen(function* () {
    const { join } = yield* Path.Path
    const looked = yield* inspectBelow(root, name)
    return looked._tag === "File" ? yield* fileFingerprint.fromInfo(join(root.path, name), looked.info) : undefined
  })

interface Content {
  readonly crc64: bigint | undefined
  readonly record: states.SideRecord
}

/** The content of a file that is the same before and after it is read. */
const ofFile = (root: Root, name: string): Effect.Effect<Content, SyncError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = (yield* Path.Path).join(root.path, name)
    const changed = new SourceChanged({ source: path, field: "identity", expected: "a file", actual: "none" })
    const at = yield* Clock.currentTimeMillis
    const before = yield* fingerprintBelow(root, name)
    if (before === undefined) return yield* changed
    const crc = Crc64.make()
    yield* Stream.runForEach(fs.stream(path, { chunkSize: 1024 * 1024 }), (bytes) =>
      Effect.sync(() => crc.update(bytes))
    )
    const after = yield* fingerprintBelow(root, name)
    if (after === undefined) return yield* changed
    const difference = fileFingerprint.difference(path, before, after)
    if (difference !== undefined) return yield* difference
    return { crc64: crc.value, record: states.fileRecord(before, at) }
  })

const ofObject = (
  { bucket, prefix, region }: Extract<Place, { readonly _tag: "Prefix" }>,
  name: string
): Effect.Effect<Content, SyncError, CosClient> =>
  requireETag(object.headObject({ bucket, region, key: prefix + name }), {
    operation: "headObject",
    key: prefix + name
  }).pipe(
    Effect.map(({ contentLength, crc64, eTag }) => ({
      crc64,
      record: states.objectRecord({ size: contentLength, eTag })
    }))
  )

const ofEntry = (place: Place, root: Root | undefined, name: string) =>
  place._tag === "Prefix" || root === undefined
    ? ofObject(place as Extract<Place, { readonly _tag: "Prefix" }>, name)
    : ofFile(root, name)

/** Whether both sides hold the same bytes; `false` where that cannot be known. */
export const sameContent = ({ options, roots, state }: Comparison, name: string) =>
  Effect.gen(function* () {
    const [ours, theirs] = yield* Effect.all(
      [ofEntry(options.from, roots.source, name), ofEntry(options.to, roots.target, name)],
      { concurrency: 2 }
    )
    const isSame = ours.crc64 !== undefined && ours.crc64 === theirs.crc64 && ours.record.size === theirs.record.size
    if (isSame) yield* state?.note(name, ours.record, theirs.record) ?? Effect.void
    return isSame
    // Its transfer will tell what is wrong with it, and it alone will fail.
  }).pipe(Effect.orElseSucceed(() => false))

/** What the state would hold of an entry as it is listed. */
const recordOf = (root: Root | undefined, { entry, info }: Listed) =>
  Effect.gen(function* () {
    if (entry.eTag !== undefined) return states.objectRecord({ size: entry.size, eTag: entry.eTag })
    if (root === undefined || info === undefined) return undefined
    const path = (yield* Path.Path).join(root.path, entry.name)
    return states.fileRecord(yield* fileFingerprint.fromInfo(path, info), 0)
  })

/** What tells this file or object from a later one of its name. */
export const targetIdentity = (root: Root | undefined, { entry, info }: Pick<Listed, "entry" | "info">) =>
  Effect.gen(function* () {
    if (root === undefined || info === undefined) return entry.eTag
    const path = (yield* Path.Path).join(root.path, entry.name)
    const { ctime, identity } = yield* fileFingerprint.fromInfo(path, info)
    return identity && `${identity}:${ctime ?? "?"}`
  })

const isUnchanged = ({ roots }: Comparison, source: Listed, target: Listed, known: states.Known | undefined) =>
  Effect.gen(function* () {
    const ours = yield* recordOf(roots.source, source)
    const theirs = yield* recordOf(roots.target, target)
    return ours !== undefined && theirs !== undefined && states.isUnchanged(known, ours, theirs)
  })

const secondsOf = ({ lastModified }: Entry): number =>
  lastModified === undefined ? Number.NaN : Math.floor(lastModified.getTime() / 1000)

/**
 * A file that was created so long after the object was modified, in ms, cannot hold an earlier object that was modified in
 * the same second.
 */
const settledAfter = 10_000

/**
 * Of equal seconds, only a file that was downloaded long after the object was made is sure to be of that object: it has
 * just the object's time, and was made later.
 */
const isSettled = (source: Listed, target: Listed): boolean => {
  const modified = source.entry.lastModified?.getTime() ?? Number.NaN
  return (
    source.info === undefined &&
    target.info !== undefined &&
    target.entry.lastModified?.getTime() === modified &&
    Option.exists(target.info.birthtime, (made) => made.getTime() >= modified + settledAfter)
  )
}

/** What is known at once, or else what has to be asked for. */
export type Answer<A> = Either.Either<A, Effect.Effect<A, never, CosClient | FileSystem.FileSystem | Path.Path>>

const byTime = (comparison: Comparison, source: Listed, target: Listed): Answer<Reason | undefined> => {
  const [ours, theirs] = [secondsOf(source.entry), secondsOf(target.entry)]
  if (ours > theirs) return Either.right("newer")
  if (ours < theirs || isSettled(source, target)) return Either.right(undefined)
  return Either.left(byContent(comparison, source))
}

const byContent = (comparison: Comparison, { entry }: Listed) =>
  Effect.map(sameContent(comparison, entry.name), (isSame): Reason | undefined => (isSame ? undefined : "content"))

/** Why the target is not the source's equal, if it is not. */
export const difference = (
  comparison: Comparison,
  source: Listed,
  target: Listed,
  known: states.Known | undefined
): Answer<Reason | undefined> => {
  const { compare = "modified" } = comparison.options
  if (source.entry.size !== target.entry.size) return Either.right("size")
  if (compare === "size") return Either.right(undefined)
  if (compare === "checksum") return Either.left(byContent(comparison, source))
  if (comparison.state === undefined) return byTime(comparison, source, target)
  return Either.left(
    Effect.flatMap(isUnchanged(comparison, source, target, known), (is) =>
      is ? Effect.succeed(undefined) : byContent(comparison, source)
    )
  )
}
