/**
 * Operations on a whole bucket: create it, look it up, list its objects, delete it.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseAclHeaders } from "../access/acl.js"
import { type CosFailure, failure } from "../http/failure.js"
import { type IncompleteBody, notDoneHeader, reply } from "../http/message.js"
import { oneOf, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { BucketNameCall, Operation } from "./operation.js"
import {
  checkBucketName,
  checkStorageClass,
  integerParameter,
  isoDate,
  listingEncoder,
  readDocument,
  tagsOf
} from "./parameters.js"
import { ownerElement, quoteETag, tierOf, xmlReply } from "./replies.js"

const putBucket: Operation = {
  name: "putBucket",
  action: "PutBucket",
  on: "bucketName",
  method: "PUT",
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const { settings } = call
      yield* checkBucketName(call.name, settings)
      const { arch, multiAz, storageClass } = yield* bucketKindOf(call)
      const acl = (yield* parseAclHeaders(call.headers, "bucket")) ?? { canned: "private", grants: [] }
      const tags = yield* tagsOf(call, 50)
      yield* call.storage.createBucket({
        name: call.name,
        region: call.region ?? settings.region,
        owner: settings.owner,
        createdAt: call.now,
        ...(multiAz ? { multiAz } : {}),
        ...(arch === undefined && storageClass === undefined
          ? {}
          : { rules: { ...(arch && { arch }), ...(storageClass && { storageClass }) } }),
        ...(tags.length === 0 ? {} : { tags }),
        acl
      })
      return reply(200, arch === undefined ? {} : { [notDoneHeader]: "BucketArchConfig" })
    })
}

interface BucketKind {
  readonly multiAz: boolean
  /** Answered by HEAD, but without effect: there is no metadata acceleration. */
  readonly arch: string | undefined
  /** Of objects that do not say so themselves. */
  readonly storageClass: string | undefined
}

/** Only requests for buckets out of the ordinary have a body. */
const bucketKindOf = (call: BucketNameCall): Effect.Effect<BucketKind, CosFailure | IncompleteBody> =>
  Effect.gen(function* () {
    if ((call.contentLength ?? 0) === 0 && call.header("transfer-encoding") === undefined) {
      return { arch: undefined, multiAz: false, storageClass: undefined }
    }
    const node = yield* readDocument(call, "CreateBucketConfiguration", createBucketShape)
    const storageClass = Xml.text(node, "BucketStorageClass")?.trim()
    if (storageClass !== undefined) yield* checkStorageClass("BucketStorageClass", storageClass)
    const arch = Xml.text(node, "BucketArchConfig")?.trim()
    return { arch, multiAz: Xml.text(node, "BucketAZConfig")?.trim() === "MAZ", storageClass }
  })

const createBucketShape: Shape = {
  "BucketAZConfig?": oneOf("MAZ", "OAZ"),
  "BucketArchConfig?": oneOf("OFS"),
  "BucketStorageClass?": text
}

const headBucket: Operation = {
  name: "headBucket",
  action: "HeadBucket",
  on: "bucket",
  method: "HEAD",
  aclPermission: "READ",
  run: ({ bucket }) =>
    Effect.succeed(
      reply(200, {
        "x-cos-bucket-region": bucket.region,
        ...(bucket.multiAz === true ? { "x-cos-bucket-az-type": "MAZ" } : {}),
        ...(bucket.rules?.arch === undefined ? {} : { "x-cos-bucket-arch": bucket.rules.arch })
      })
    )
}

const deleteBucket: Operation = {
  name: "deleteBucket",
  action: "DeleteBucket",
  on: "bucket",
  method: "DELETE",
  aclPermission: "OWNER",
  run: ({ bucket, storage }) => Effect.as(storage.removeBucket(bucket.name), reply(204))
}

const listObjects: Operation = {
  name: "listObjects",
  action: "GetBucket",
  on: "bucket",
  method: "GET",
  optionalQuery: ["prefix", "delimiter", "marker", "max-keys", "encoding-type"],
  aclPermission: "READ",
  run: (call) =>
    Effect.gen(function* () {
      const { bucket, settings } = call
      const limit = (yield* integerParameter(call, "max-keys", { min: 0, max: 1000, clamp: true })) ?? 1000
      const encode = yield* listingEncoder(call)
      const prefix = call.query.get("prefix") ?? ""
      const delimiter = call.query.get("delimiter") ?? ""
      const after = call.query.get("marker") ?? ""
      if (Array.from(delimiter).length > 1) return yield* failure("InvalidDelimiter")
      const page = yield* call.storage.listObjects(bucket.name, { prefix, delimiter, after, limit })
      const items = page.items.filter((object) => object.lastModified <= call.listedUntil)
      return xmlReply(
        [
          "ListBucketResult",
          [
            ["Name", bucket.name],
            ["EncodingType", call.query.get("encoding-type") || undefined],
            ["Prefix", encode(prefix)],
            ["Marker", encode(after)],
            ["MaxKeys", limit],
            ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
            ["IsTruncated", page.truncated],
            [
              "NextMarker",
              page.truncated ? Option.getOrUndefined(Option.map(page.last, (last) => encode(last.key))) : undefined
            ],
            ...page.prefixes.map((name): Xml.Element => ["CommonPrefixes", [["Prefix", encode(name)]]]),
            ...items.map(
              (object): Xml.Element => [
                "Contents",
                [
                  ["Key", encode(object.key)],
                  ["LastModified", isoDate(object.lastModified)],
                  ["ETag", quoteETag(object.etag)],
                  ["Size", object.size],
                  ownerElement("Owner", settings.appId, settings.appId),
                  ["StorageClass", object.storageClass],
                  ["StorageTier", tierOf(object, call.now)]
                ]
              ]
            )
          ]
        ],
        { "x-cos-bucket-region": bucket.region }
      )
    })
}

const getBucketLocation: Operation = {
  name: "getBucketLocation",
  action: "GetBucketLocation",
  on: "bucket",
  method: "GET",
  requiredQuery: ["location"],
  aclPermission: "READ",
  run: ({ bucket }) => Effect.succeed(xmlReply(["LocationConstraint", bucket.region]))
}

export const bucketOperations: ReadonlyArray<Operation> = [
  putBucket,
  headBucket,
  deleteBucket,
  listObjects,
  getBucketLocation
]
