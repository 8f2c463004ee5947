/**
 * Tags of buckets and of objects.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"
import { type IncompleteBody, type Reply, reply } from "../http/message.js"
import { type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { changeObject, findObject } from "./object.js"
import type { BucketCall, ObjectCall, Operation, OperationError } from "./operation.js"
import { checkTags, readDocument, type Tags } from "./parameters.js"
import { versionHeader, xmlReply } from "./replies.js"

const shape: Shape = { TagSet: { "Tag*": { Key: text, Value: text } } }

/** The tags in a request's document; at most `most`. */
const requestedTags = (call: BucketCall, most: number): Effect.Effect<Tags, CosFailure | IncompleteBody> =>
  Effect.flatMap(readDocument(call, "Tagging", shape, { requireMd5: true }), (node) =>
    checkTags(
      Xml.all(node, "TagSet")
        .flatMap((set) => Xml.all(set, "Tag"))
        .map((tag) => [Xml.text(tag, "Key") ?? "", Xml.text(tag, "Value") ?? ""] as const),
      most
    )
  )

const taggingReply = (tags: Tags, headers: Readonly<Record<string, string>> = {}): Either.Either<Reply, CosFailure> =>
  tags.length === 0
    ? Either.left(failure("NoSuchTagSet", { headers }))
    : Either.right(
        xmlReply(
          [
            "Tagging",
            [
              [
                "TagSet",
                tags.map(([key, value]) => [
                  "Tag",
                  [
                    ["Key", key],
                    ["Value", value]
                  ]
                ])
              ]
            ]
          ],
          headers
        )
      )

const tagBucket = (call: BucketCall, tags: Tags): Effect.Effect<Reply, OperationError> =>
  Effect.as(
    call.storage.updateBucket(call.bucket.name, (bucket) => ({ ...bucket, tags })),
    reply(204)
  )

const tagObject = (call: ObjectCall, tags: Tags): Effect.Effect<Reply, OperationError> =>
  Effect.map(
    changeObject(call.method === "PUT" ? newestForNull(call) : call, (object) => Either.right({ ...object, tags })),
    ({ versionId }) => reply(204, versionHeader(call.bucket, versionId))
  )

/** To tag the version `null` tags the newest. */
const newestForNull = (call: ObjectCall): ObjectCall =>
  call.query.get("versionId") === "null"
    ? { ...call, query: new Map([...call.query].filter(([name]) => name !== "versionId")) }
    : call

const bucketTagging = { requiredQuery: ["tagging"], aclPermission: "OWNER" } as const
const objectTagging = { requiredQuery: ["tagging"], optionalQuery: ["versionId"], aclPermission: "OWNER" } as const

export const taggingOperations: ReadonlyArray<Operation> = [
  {
    ...bucketTagging,
    on: "bucket",
    name: "getBucketTagging",
    action: "GetBucketTagging",
    method: "GET",
    run: ({ bucket }) => taggingReply(bucket.tags ?? [])
  },
  {
    ...bucketTagging,
    on: "bucket",
    name: "putBucketTagging",
    action: "PutBucketTagging",
    method: "PUT",
    run: (call) => Effect.flatMap(requestedTags(call, 50), (tags) => tagBucket(call, tags))
  },
  {
    ...bucketTagging,
    on: "bucket",
    name: "deleteBucketTagging",
    action: "DeleteBucketTagging",
    method: "DELETE",
    run: (call) => tagBucket(call, [])
  },
  {
    ...objectTagging,
    on: "object",
    name: "getObjectTagging",
    action: "GetObjectTagging",
    method: "GET",
    run: (call) =>
      Effect.flatMap(findObject(call), ({ tags, versionId }) =>
        taggingReply(tags, versionHeader(call.bucket, versionId))
      )
  },
  {
    ...objectTagging,
    on: "object",
    name: "putObjectTagging",
    action: "PutObjectTagging",
    method: "PUT",
    run: (call) => Effect.flatMap(requestedTags(call, 10), (tags) => tagObject(call, tags))
  },
  {
    ...objectTagging,
    on: "object",
    name: "deleteObjectTagging",
    action: "DeleteObjectTagging",
    method: "DELETE",
    run: (call) => tagObject(call, [])
  }
]
