import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type { CosClient } from "../CosClient.js"
import { keyRule } from "../internal/encoding/objectKey.js"
import { invalidInput } from "../internal/http/invalidInput.js"
import * as c from "../internal/operation/codecs.js"
import type * as Operation from "../Operation.js"
import { deleteMultipleObjects, deleteObject } from "./object.js"

/**
 * One object, or one version of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectId {
  readonly key: string
  readonly versionId?: string | undefined
}

/**
 * What became of one object.
 *
 * @since 0.1.0
 * @category models
 */
export type DeleteOutcome = Deleted | NotDeleted

/**
 * It is gone, or was never there.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deleted extends ObjectId {
  readonly _tag: "Deleted"
  /** Whether a delete marker was added or removed. */
  readonly deleteMarker: boolean
  /** Of that marker. */
  readonly deleteMarkerVersionId?: string | undefined
}

/**
 * It is still there, as far as is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface NotDeleted extends ObjectId {
  readonly _tag: "NotDeleted"
  /** Such as `AccessDenied`; `Unanswered` where the service said nothing of this object. */
  readonly code: string
  readonly message: string
}

/** What a request of `deleteMultipleObjects` may hold. */
const batchSize = 1000

/**
 * Removes any number of objects, 1,000 a request, and tells of each what became of it, in the order given. An object that
 * the service does not mention in its answer is a failure, not a success.
 *
 * Keys that XML would alter or cannot carry are removed by requests of their own. Every key is checked before anything is
 * sent. It fails as a whole where a request does; what was removed by then is gone, and a second call tells of all.
 *
 * ```ts
 * import { Chunk, Stream } from "effect"
 * import * as Cos from "effect-cos/Cos"
 *
 * const removed = Cos.listObjects
 *   .items({ prefix: "tmp/" })
 *   .pipe(Stream.grouped(1000), Stream.mapEffect((page) => Cos.deleteObjects({ objects: Chunk.toReadonlyArray(page) })))
 *
 * const failed = (outcomes: ReadonlyArray<Cos.DeleteOutcome>) => outcomes.filter((one) => one._tag === "NotDeleted")
 * ```
 *
 * @since 0.1.0
 * @category object
 */
export const deleteObjects: (
  input: Operation.BucketInput & {
    /** Keys, or keys and versions; what else they have is ignored. */
    readonly objects: ReadonlyArray<string | ObjectId>
    /** Requests at once. Default 4. */
    readonly concurrency?: number | undefined
  }
) => Effect.Effect<
  ReadonlyArray<DeleteOutcome>,
  Operation.Error<typeof deleteMultipleObjects> | Operation.Error<typeof deleteObject>,
  CosClient
> = Effect.fnUntraced(function* ({ concurrency = 4, objects, ...input }) {
  const ids = Arr.map(
    objects,
    (id, index): Asked =>
      typeof id === "string"
        ? { index, key: id, versionId: undefined }
        : { index, key: id.key, versionId: id.versionId }
  )
  for (const { index, key } of ids) {
    const rule = keyRule(key)
    if (rule !== undefined) return yield* invalidInput("deleteObjects", `objects[${index}].key`, rule)
  }
  const [alone, sendable] = Arr.partition(ids, ({ key }) => c.isXmlKey(key))
  const groups = Arr.chunksOf(sendable, batchSize)
  const batch = (ids: ReadonlyArray<Asked>) =>
    Effect.map(
      deleteMultipleObjects({ ...input, objects: ids.map(({ key, versionId }) => ({ key, versionId })) }),
      (answer) => ids.map(reader(answer))
    )
  const single = (asked: Asked) => {
    const { key, versionId } = asked
    const refused = ({ code, message }: { readonly code: string; readonly message: string }) =>
      Effect.succeed(notDeleted(asked, code, message))
    return deleteObject({ ...input, key, versionId }).pipe(
      Effect.map((answer): DeleteOutcome => {
        const deleteMarker = answer.deleteMarker ?? false
        const deleteMarkerVersionId = deleteMarker ? answer.versionId : undefined
        return { _tag: "Deleted", key, versionId, deleteMarker, deleteMarkerVersionId }
      }),
      Effect.catchTags({
        AccessDenied: refused,
        ObjectLocked: refused,
        MethodNotAllowed: refused,
        CosServiceError: refused
      }),
      Effect.map((outcome) => [outcome])
    )
  }
  const answers = yield* Effect.all([...Arr.map(groups, batch), ...Arr.map(alone, single)], { concurrency })
  const outcomes = new Array<DeleteOutcome>(ids.length)
  for (const [{ index }, outcome] of Arr.zip([...sendable, ...alone], Arr.flatten(answers))) outcomes[index] = outcome
  return outcomes
})

interface Asked extends ObjectId {
  /** Where it was given. */
  readonly index: number
}

const notDeleted = ({ key, versionId }: Asked, code: string, message: string): NotDeleted => ({
  _tag: "NotDeleted",
  key,
  versionId,
  code,
  message
})

/** Finds what an answer says of an object. A version that was not asked for may be named. */
const finder = <A extends ObjectId>(entries: ReadonlyArray<A>): ((asked: ObjectId) => A | undefined) => {
  const found = new Map<string, A>()
  for (const entry of entries) {
    found.set(JSON.stringify([entry.key, entry.versionId]), entry)
    found.set(entry.key, entry)
  }
  return ({ key, versionId }) =>
    found.get(JSON.stringify([key, versionId])) ?? (versionId === undefined ? found.get(key) : undefined)
}

const reader = ({ deleted, errors }: Operation.Success<typeof deleteMultipleObjects>) => {
  const deletedOf = finder(deleted)
  const errorOf = finder(errors)
  return (asked: Asked): DeleteOutcome => {
    const error = errorOf(asked)
    if (error !== undefined) return notDeleted(asked, error.code, error.message ?? error.code)
    const { key, versionId } = asked
    const done = deletedOf(asked)
    return done === undefined
      ? notDeleted(asked, "Unanswered", "the answer does not mention this object")
      : {
          _tag: "Deleted",
          key,
          versionId,
          deleteMarker: done.deleteMarker ?? false,
          deleteMarkerVersionId: done.deleteMarkerVersionId
        }
  }
}
