/**
 * The service: which buckets there are, and a new one.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { aclOf } from "../access.js"
import { type CosFailure, failure } from "../failure.js"
import { type BodyLost, reply } from "../http.js"
import * as Xml from "../xml.js"
import { account, person, xmlReply } from "./answers.js"
import type { NameCall, Operation, ServiceCall } from "./operation.js"
import { checkBucketName, document, integer, invalid, shortDate } from "./parameters.js"

const comparisons = new Map<string, (created: number, time: number) => boolean>([
  ["lt", (created, time) => created < time],
  ["gt", (created, time) => created > time],
  ["lte", (created, time) => created <= time],
  ["gte", (created, time) => created >= time]
])

/** The filter that `create-time` (unix seconds) and `range` are together. */
const creationFilter = (call: ServiceCall): Either.Either<(createdAt: number) => boolean, CosFailure> =>
  Either.gen(function* () {
    const time = yield* integer(call, "create-time", { min: 0, max: Number.MAX_SAFE_INTEGER })
    const range = call.query.get("range")
    if (time === undefined && range === undefined) return () => true
    const compare = comparisons.get(range ?? "")
    return time === undefined || compare === undefined
      ? yield* Either.left(invalid("create-time goes with range, which is lt, gt, lte or gte."))
      : (createdAt: number) => compare(Math.floor(createdAt / 1000), time)
  })

const maxBuckets = 2000

const listBuckets: Operation = {
  name: "listBuckets",
  action: "GetService",
  on: "service",
  method: "GET",
  query: ["tagkey", "tagvalue", "create-time", "range", "marker", "max-keys", "region"],
  right: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const limit = (yield* integer(call, "max-keys", { min: 0, max: maxBuckets, clamp: true })) ?? maxBuckets
      const created = yield* creationFilter(call)
      if (call.query.has("tagkey") !== call.query.has("tagvalue")) {
        return yield* invalid("tagkey and tagvalue go together.")
      }
      if (call.query.has("tagkey")) return yield* failure("NotImplemented", { message: "Buckets have no tags yet." })
      const region = call.region ?? (call.query.get("region") || undefined)
      const marker = call.query.get("marker") ?? ""
      const buckets = (yield* call.storage.listBuckets).filter(
        (bucket) =>
          bucket.name > marker && (region === undefined || bucket.region === region) && created(bucket.createdAt)
      )
      const page = buckets.slice(0, limit)
      const truncated = limit > 0 && buckets.length > limit
      const paged = call.query.has("marker") || call.query.has("max-keys") || truncated
      const { owner } = call.settings
      return xmlReply([
        "ListAllMyBucketsResult",
        [
          person("Owner", account(owner), owner),
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

const putBucket: Operation = {
  name: "putBucket",
  action: "PutBucket",
  on: "name",
  method: "PUT",
  right: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const { settings } = call
      yield* checkBucketName(call.name, settings)
      const multiAz = yield* multiAzOf(call)
      const acl = (yield* aclOf(call.headers, "bucket")) ?? { canned: "private", grants: [] }
      if (call.header("x-cos-tagging") !== undefined) {
        return yield* failure("NotImplemented", { message: "Buckets have no tags yet." })
      }
      yield* call.storage.createBucket({
        name: call.name,
        region: call.region ?? settings.region,
        owner: settings.owner,
        createdAt: call.now,
        ...(multiAz ? { multiAz } : {}),
        acl
      })
      return reply(200)
    })
}

/** The body is there for multi-AZ buckets only. */
const multiAzOf = (call: NameCall): Effect.Effect<boolean, CosFailure | BodyLost> =>
  Effect.gen(function* () {
    if ((call.contentLength ?? 0) === 0 && call.header("transfer-encoding") === undefined) return false
    const node = yield* document(call, "CreateBucketConfiguration")
    const unknown = node.children.find((child) => child.name !== "BucketAZConfig")
    if (unknown !== undefined) {
      return yield* failure("NotImplemented", { message: `${unknown.name} is not implemented.` })
    }
    const config = Xml.text(node, "BucketAZConfig")
    if (config !== undefined && config !== "MAZ" && config !== "OAZ")
      return yield* invalid(`BucketAZConfig cannot be ${config}.`)
    return config === "MAZ"
  })

export const serviceOperations: ReadonlyArray<Operation> = [listBuckets, putBucket]
