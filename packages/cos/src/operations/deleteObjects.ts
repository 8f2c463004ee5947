import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CosClient } from "../CosClient.js"
import * as CosError from "../CosError.js"
import { invalidInput } from "../internal/encoding/invalidInput.js"
import { keyRule } from "../internal/encoding/objectKey.js"
import * as c from "../internal/operation/codecs.js"
import { checkOption, count } from "../internal/operation/options.js"
import type * as Operation from "../Operation.js"
import { listObjects } from "./bucket.js"
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
  /** The version of that marker. */
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
 * Removes any number of objects, 1,000 a request. It works through all of them, whatever becomes of some, and then fails
 * with `ObjectsRemain`, which lists those that are still there as far as is known: refused, in a request that failed, or
 * not mentioned in the service's response. What was removed comes in the order given.
 *
 * Keys that XML would alter or cannot carry are removed by requests of their own. Every key is checked before anything is
 * sent.
 *
 * Memory: about 200 bytes for each object.
 *
 * ```ts
 * import { Console, Effect } from "effect"
 * import * as Cos from "effect-cos/Cos"
 *
 * const removed = Cos.deleteObjects({ objects: new Set(["a.txt", "b.txt"]) }).pipe(
 *   Effect.catchTag("ObjectsRemain", ({ remaining }) =>
 *     Effect.forEach(remaining, ({ code, key }) => Console.error(`${key}: ${code}`))
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category object
 */
export const deleteObjects: (
  input: Operation.BucketInput & {
    /** Keys, or keys and versions; what else they have is ignored. */
    readonly objects: Iterable<string | ObjectId> & object
    /** How many requests are sent at once, each for up to 1,000 objects: 1 to 256. Default 4. */
    readonly concurrency?: number | undefined
  }
) => Effect.Effect<ReadonlyArray<Deleted>, CosError.InvalidInput | CosError.ObjectsRemain, CosClient> =
  Effect.fnUntraced(function* ({ concurrency = 4, objects, ...input }) {
    yield* checkOption("deleteObjects", "concurrency", concurrency, count(1, 256))
    const ids = Array.from(objects, askedOf)
    for (const { index, key } of ids) {
      const rule = keyRule(key)
      if (rule !== undefined) return yield* invalidInput("deleteObjects", `objects[${index}].key`, rule)
    }
    const outcomes = new Array<DeleteOutcome>(ids.length)
    const [alone, sendable] = Arr.partition(ids, ({ key }) => c.isXmlKey(key))
    const requests = Stream.concat(
      requestsFor(input, Stream.fromIterable(sendable)),
      requestsFor(input, Stream.fromIterable(alone))
    )
    const answers = Stream.mapEffect(requests, (request) => request, { concurrency, unordered: true })
    yield* Stream.runForEach(answers, (answered) =>
      Effect.sync(() => {
        for (const [{ index }, outcome] of answered) outcomes[index] = outcome
      })
    )
    const [remaining, deleted] = Arr.partitionMap(outcomes, (outcome) =>
      outcome._tag === "Deleted" ? Either.right(outcome) : Either.left(outcome)
    )
    if (remaining.length === 0) return deleted
    return yield* new CosError.ObjectsRemain({
      remaining: remaining.map(({ code, key, message, versionId }) => ({ code, key, message, versionId })),
      deleted: deleted.length
    })
  })

/**
 * {@link deleteObjects} as a Stream of what became of each object, in the order in which the requests end. Objects may come
 * as a Stream too, such as those of a list. It works through all of them, whatever becomes of some; a key that is not
 * valid is `NotDeleted` as well. Whoever takes the outcomes slowly slows the deletions down, and whoever stops taking them
 * interrupts those that run.
 *
 * Memory: that of `concurrency` requests, each of up to 1,000 objects.
 *
 * ```ts
 * import { Console, Stream } from "effect"
 * import * as Cos from "effect-cos/Cos"
 *
 * const cleared = Cos.listObjects.items({ prefix: "tmp/" }).pipe(
 *   (objects) => Cos.deleteObjectsStream({ objects: Stream.map(objects, ({ key }) => key) }),
 *   Stream.filter((outcome) => outcome._tag === "NotDeleted"),
 *   Stream.runForEach(({ code, key }) => Console.error(`${key}: ${code}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category object
 */
export const deleteObjectsStream = <E = never, R = never>({
  concurrency = 4,
  objects,
  ...input
}: Operation.BucketInput & {
  /** Keys, or keys and versions; what else they have is ignored. */
  readonly objects: (Iterable<string | ObjectId> & object) | Stream.Stream<string | ObjectId, E, R>
  /** How many requests are sent at once, each for up to 1,000 objects: 1 to 256. Default 4. */
  readonly concurrency?: number | undefined
}): Stream.Stream<DeleteOutcome, E | CosError.InvalidInput, R | CosClient> =>
  Stream.unwrap(
    Effect.map(checkOption("deleteObjectsStream", "concurrency", concurrency, count(1, 256)), () => {
      const asked = Stream.StreamTypeId in objects ? objects : Stream.fromIterable(objects)
      return requestsFor(
        input,
        Stream.map(asked, (id) => askedOf(id, 0))
      ).pipe(
        Stream.mapEffect((request) => request, { concurrency, unordered: true }),
        Stream.mapConcat(Arr.map(([, outcome]) => outcome))
      )
    })
  )

const askedOf = (id: string | ObjectId, index: number): Asked =>
  typeof id === "string" ? { index, key: id, versionId: undefined } : { index, key: id.key, versionId: id.versionId }

type Answered = readonly [Asked, DeleteOutcome]

/** The requests that remove the objects, of up to 1,000 each, and those that go alone. */
const requestsFor = <E, R>(input: Operation.BucketInput, asked: Stream.Stream<Asked, E, R>) =>
  Stream.suspend(() => {
    const batch: Array<Asked> = []
    const flush = () => deleteBatch(input, batch.splice(0))
    const requestOf = (one: Asked): Option.Option<Effect.Effect<ReadonlyArray<Answered>, never, CosClient>> => {
      const rule = keyRule(one.key)
      if (rule !== undefined)
        return Option.some(Effect.succeed([[one, notDeleted(one, "InvalidInput", `key ${rule}`)]]))
      if (!c.isXmlKey(one.key)) {
        return Option.some(Effect.map(deleteAlone(input, one), (outcome): ReadonlyArray<Answered> => [[one, outcome]]))
      }
      batch.push(one)
      return batch.length < batchSize ? Option.none() : Option.some(flush())
    }
    return asked.pipe(
      Stream.filterMap(requestOf),
      Stream.concat(Stream.suspend(() => (batch.length === 0 ? Stream.empty : Stream.make(flush()))))
    )
  })

type Failure = Operation.Error<typeof deleteMultipleObjects> | Operation.Error<typeof deleteObject>

const codeOf = (error: Failure): string => ("code" in error ? error.code : error._tag)

/** Nothing is known of a request that failed, so everything in it counts as remaining. */
const deleteBatch = (
  input: Operation.BucketInput,
  ids: ReadonlyArray<Asked>
): Effect.Effect<ReadonlyArray<Answered>, never, CosClient> => {
  const answered = (outcomeOf: (asked: Asked) => DeleteOutcome) =>
    ids.map((asked): Answered => [asked, outcomeOf(asked)])
  return Effect.match(
    deleteMultipleObjects({ ...input, objects: ids.map(({ key, versionId }) => ({ key, versionId })) }),
    {
      onFailure: (error) => answered((asked) => notDeleted(asked, codeOf(error), error.message)),
      onSuccess: (answer) => answered(reader(answer))
    }
  )
}

const deleteAlone = (input: Operation.BucketInput, asked: Asked): Effect.Effect<DeleteOutcome, never, CosClient> => {
  const { key, versionId } = asked
  // Lists have an empty one where versioning was never enabled.
  return Effect.match(deleteObject({ ...input, key, versionId: versionId || undefined }), {
    onFailure: (error) => notDeleted(asked, codeOf(error), error.message),
    onSuccess: (answer): DeleteOutcome => {
      const deleteMarker = answer.deleteMarker ?? false
      const deleteMarkerVersionId = deleteMarker ? answer.versionId : undefined
      return { _tag: "Deleted", key, versionId, deleteMarker, deleteMarkerVersionId }
    }
  })
}

/**
 * An object below a prefix that is, or would be, removed.
 *
 * @since 0.1.0
 * @category models
 */
export interface PrefixObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
}

/**
 * Removes every object below a prefix, but none where there are more than `limit`: that is `TooManyObjects`. With `dryRun`
 * nothing is removed, and the result is what would be. In a bucket with versioning each object gets a delete marker.
 *
 * Objects that are put below the prefix while it is listed may be removed or not.
 *
 * Memory: about 200 bytes for each object.
 *
 * ```ts
 * import { Console, Effect } from "effect"
 * import * as Cos from "effect-cos/Cos"
 *
 * const look = Cos.deletePrefix({ prefix: "tmp/", dryRun: true }).pipe(
 *   Effect.tap((objects) => Console.log(`${objects.length} objects would be removed`))
 * )
 *
 * const clean = Cos.deletePrefix({ prefix: "tmp/", limit: 5000 })
 * ```
 *
 * @since 0.1.0
 * @category object
 */
export const deletePrefix: (
  input: Operation.BucketInput & {
    /** Such as `tmp/`. It must not be empty: that is the whole bucket, for which `Cos.listObjects` is at hand. */
    readonly prefix: string
    /** The most objects that may be removed. Default 1,000. */
    readonly limit?: number | undefined
    /** Default `false`. */
    readonly dryRun?: boolean | undefined
    /** How many requests are sent at once, each for up to 1,000 objects: 1 to 256. Default 4. */
    readonly concurrency?: number | undefined
  }
) => Effect.Effect<
  ReadonlyArray<PrefixObject>,
  Operation.Error<typeof listObjects> | CosError.PaginationStuck | CosError.TooManyObjects | CosError.ObjectsRemain,
  CosClient
> = Effect.fnUntraced(function* ({ concurrency, dryRun = false, limit = 1000, prefix, ...input }) {
  yield* checkOption("deletePrefix", "limit", limit, count(0, Number.MAX_SAFE_INTEGER))
  if (prefix === "")
    return yield* invalidInput("deletePrefix", "prefix", "must not be empty, which is the whole bucket")
  const objects = yield* listObjects.items({ ...input, prefix }).pipe(
    Stream.take(limit + 1),
    Stream.map(({ key, lastModified, size }): PrefixObject => ({ key, size, lastModified })),
    Stream.runCollect,
    Effect.map(Chunk.toReadonlyArray)
  )
  if (objects.length > limit) return yield* new CosError.TooManyObjects({ prefix, limit })
  if (!dryRun) yield* deleteObjects({ ...input, objects, concurrency })
  return objects
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
