/**
 * Operations on a whole bucket: does it exist, list it, delete it.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { failure } from "../request/failure.js"
import { reply } from "../request/message.js"
import type { Element } from "../xml/xml.js"
import type { Operation } from "./operation.js"
import { integerParameter, isoDate, listingEncoder } from "./parameters.js"
import { ownerElement, quoteETag, xmlReply } from "./replies.js"

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
        ...(bucket.multiAz === true ? { "x-cos-bucket-az-type": "MAZ" } : {})
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
            ...page.prefixes.map((name): Element => ["CommonPrefixes", [["Prefix", encode(name)]]]),
            ...items.map(
              (object): Element => [
                "Contents",
                [
                  ["Key", encode(object.key)],
                  ["LastModified", isoDate(object.lastModified)],
                  ["ETag", quoteETag(object.etag)],
                  ["Size", object.size],
                  ownerElement("Owner", settings.appId, settings.appId),
                  ["StorageClass", object.storageClass],
                  ["StorageTier", object.storageClass === "INTELLIGENT_TIERING" ? "FREQUENT" : undefined]
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

export const bucketOperations: ReadonlyArray<Operation> = [headBucket, deleteBucket, listObjects, getBucketLocation]
