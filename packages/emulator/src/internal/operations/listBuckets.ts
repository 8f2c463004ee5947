/**
 * Lists the buckets of the account.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { CosFailure } from "../http/failure.js"
import type { Bucket } from "../storage/Storage.js"
import type { Operation, ServiceCall } from "./operation.js"
import { integerParameter, invalidArgument, shortDate } from "./parameters.js"
import { accountId, ownerElement, xmlReply } from "./replies.js"

const comparisons = new Map<string, (created: number, time: number) => boolean>([
  ["lt", (created, time) => created < time],
  ["gt", (created, time) => created > time],
  ["lte", (created, time) => created <= time],
  ["gte", (created, time) => created >= time]
])

/** The filter of `create-time` (unix seconds) and `range`, which go together. */
const creationFilter = (call: ServiceCall): Either.Either<(createdAt: number) => boolean, CosFailure> =>
  Either.gen(function* () {
    const time = yield* integerParameter(call, "create-time", { min: 0, max: Number.MAX_SAFE_INTEGER })
    const range = call.query.get("range")
    if (time === undefined && range === undefined) return () => true
    const compare = comparisons.get(range ?? "")
    return time === undefined || compare === undefined
      ? yield* Either.left(invalidArgument("create-time goes with range, which is lt, gt, lte or gte."))
      : (createdAt: number) => compare(Math.floor(createdAt / 1000), time)
  })

const maxBuckets = 2000

const listBuckets: Operation = {
  name: "listBuckets",
  action: "GetService",
  on: "service",
  method: "GET",
  optionalQuery: ["tagkey", "tagvalue", "create-time", "range", "marker", "max-keys", "region"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const limit = (yield* integerParameter(call, "max-keys", { min: 0, max: maxBuckets, clamp: true })) ?? maxBuckets
      const created = yield* creationFilter(call)
      if (call.query.has("tagkey") !== call.query.has("tagvalue")) {
        return yield* invalidArgument("tagkey and tagvalue go together.")
      }
      const [tagKey, tagValue] = [call.query.get("tagkey"), call.query.get("tagvalue")]
      const tagged = ({ tags = [] }: Bucket) =>
        tagKey === undefined || tags.some(([key, value]) => key === tagKey && value === tagValue)
      const region = call.region ?? (call.query.get("region") || undefined)
      const marker = call.query.get("marker") ?? ""
      const buckets = (yield* call.storage.listBuckets).filter(
        (bucket) =>
          bucket.name > marker &&
          (region === undefined || bucket.region === region) &&
          created(bucket.createdAt) &&
          tagged(bucket)
      )
      const page = buckets.slice(0, limit)
      const truncated = limit > 0 && buckets.length > limit
      const paged = call.query.has("marker") || call.query.has("max-keys") || truncated
      const { owner } = call.settings
      return xmlReply([
        "ListAllMyBucketsResult",
        [
          ownerElement("Owner", accountId(owner), owner),
          [
            "Buckets",
            page.map((bucket) => [
              "Bucket",
              [
                ["Name", bucket.name],
                ["Location", bucket.region],
                ["CreationDate", shortDate(bucket.createdAt)],
                ["BucketType", "cos"]
              ]
            ])
          ],
          ["IsTruncated", paged ? truncated : undefined],
          ["Marker", paged ? marker : undefined],
          ["NextMarker", truncated ? page.at(-1)?.name : undefined]
        ]
      ])
    })
}

export const listBucketsOperations: ReadonlyArray<Operation> = [listBuckets]
