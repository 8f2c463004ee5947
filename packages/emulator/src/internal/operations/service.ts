/**
 * Lists and creates buckets.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { parseAclHeaders } from "../access/acl.js"
import { type CosFailure, failure } from "../request/failure.js"
import { type IncompleteBody, reply } from "../request/message.js"
import type { Bucket } from "../storage/Storage.js"
import { oneOf, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { NameCall, Operation, ServiceCall } from "./operation.js"
import { checkBucketName, integerParameter, invalidArgument, readDocument, shortDate, tagsOf } from "./parameters.js"
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

const putBucket: Operation = {
  name: "putBucket",
  action: "PutBucket",
  on: "name",
  method: "PUT",
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const { settings } = call
      yield* checkBucketName(call.name, settings)
      const multiAz = yield* multiAzOf(call)
      const acl = (yield* parseAclHeaders(call.headers, "bucket")) ?? { canned: "private", grants: [] }
      const tags = yield* tagsOf(call, 50)
      yield* call.storage.createBucket({
        name: call.name,
        region: call.region ?? settings.region,
        owner: settings.owner,
        createdAt: call.now,
        ...(multiAz ? { multiAz } : {}),
        ...(tags.length === 0 ? {} : { tags }),
        acl
      })
      return reply(200)
    })
}

/** Only requests for multi-AZ buckets have a body. */
const multiAzOf = (call: NameCall): Effect.Effect<boolean, CosFailure | IncompleteBody> =>
  Effect.gen(function* () {
    if ((call.contentLength ?? 0) === 0 && call.header("transfer-encoding") === undefined) return false
    const node = yield* readDocument(call, "CreateBucketConfiguration", createBucketShape)
    if (Xml.text(node, "BucketArchConfig") !== undefined) {
      return yield* failure("NotImplemented", { message: "BucketArchConfig is not implemented." })
    }
    return Xml.text(node, "BucketAZConfig") === "MAZ"
  })

const createBucketShape: Shape = { "BucketAZConfig?": oneOf("MAZ", "OAZ"), "BucketArchConfig?": text }

export const serviceOperations: ReadonlyArray<Operation> = [listBuckets, putBucket]
