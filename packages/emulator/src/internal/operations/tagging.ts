/**
 * Tags of buckets and of objects.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"
import { type IncompleteBody, type Reply, reply } from "../http/message.js"
import { type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { keptReply, keptText } from "./keptDocument.js"
import { changeObject, findObject } from "./object.js"
import type { BucketCall, ObjectCall, Operation, OperationError } from "./operation.js"
import { checkTags, readDocument, type Tags } from "./parameters.js"
import { versionHeader, xmlReply } from "./replies.js"

const shape: Shape = { TagSet: { "Tag*": { Key: text, Value: text } } }

/** Tags, and their document where it holds more. */
interface Tagging {
  readonly tags: Tags
  readonly tagsDocument?: string | undefined
}

/** The tags in a request's document; at most `most`. */
const requestedTags = (call: BucketCall, most: number): Effect.Effect<Tagging, CosFailure | IncompleteBody> =>
  Effect.flatMap(readDocument(call, "Tagging", shape, { requireMd5: true }), (node) =>
    Either.map(
      checkTags(
        Xml.all(node, "TagSet")
          .flatMap((set) => Xml.all(set, "Tag"))
          .map((tag) => [Xml.text(tag, "Key") ?? "", Xml.text(tag, "Value") ?? ""] as const),
        most
      ),
      (tags) => ({ tags, tagsDocument: keptText(node, shape)?.document })
    )
  )

const taggingReply = (
  { tags, tagsDocument }: Tagging,
  headers: Readonly<Record<string, string>> = {}
): Either.Either<Reply, CosFailure> =>
  tagsDocument !== undefined
    ? Either.right(keptReply(tagsDocument, headers))
    : tags.length === 0
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

const noTags: Tagging = { tags: [], tagsDocument: undefined }

const tagBucket = (call: BucketCall, tagging: Tagging): Effect.Effect<Reply, OperationError> =>
  Effect.as(
    call.storage.updateBucket(call.bucket.name, (bucket) => ({ ...bucket, ...tagging })),
    reply(204)
  )

const tagObject = (call: ObjectCall, tagging: Tagging): Effect.Effect<Reply, OperationError> =>
  Effect.map(
    changeObject(call.method === "PUT" ? newestForNull(call) : call, (object) =>
      Either.right({ ...object, ...tagging })
    ),
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
    run: ({ bucket }) => taggingReply({ tags: [], ...bucket })
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
    run: (call) => tagBucket(call, noTags)
  },
  {
    ...objectTagging,
    on: "object",
    name: "getObjectTagging",
    action: "GetObjectTagging",
    method: "GET",
    run: (call) =>
      Effect.flatMap(findObject(call), (object) => taggingReply(object, versionHeader(call.bucket, object.versionId)))
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
    run: (call) => tagObject(call, noTags)
  }
]
