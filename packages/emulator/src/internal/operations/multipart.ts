/**
 * Multipart uploads: initiated, filled, listed, completed or aborted.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Crc64 from "effect-cos/Crc64"
import { type CosFailure, failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import type { Part } from "../storage/Storage.js"
import { integer as integerText, matching, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import { attributesOf, checkOverwrite, checkUnlocked, lockOf, stageBody } from "./object.js"
import type { ObjectCall, Operation } from "./operation.js"
import {
  checkCallback,
  checkCustomerKey,
  encodeKey,
  encryptionIn,
  etagOf,
  integerParameter,
  invalidArgument,
  isoDate,
  listingEncoder,
  readDocument
} from "./parameters.js"
import { processedKeys, processResults } from "./processed.js"
import { accountId, chunkedXmlReply, ownerElement, quoteETag, xmlReply } from "./replies.js"

const maxParts = 10_000

/** The part that a request names. */
export const partNumberOf = (call: ObjectCall): Either.Either<number, CosFailure> =>
  Either.flatMap(integerParameter(call, "partNumber", { min: 1, max: maxParts }), (number) =>
    number === undefined ? Either.left(invalidArgument("partNumber is missing.")) : Either.right(number)
  )

/** The upload id of a request. An empty one is invalid. */
export const uploadIdOf = (call: ObjectCall): Either.Either<string, CosFailure> => {
  const id = call.query.get("uploadId")
  return id ? Either.right(id) : Either.left(invalidArgument("uploadId is missing."))
}

/** The spelling of storage classes in listings of uploads and parts. */
const className = (storageClass: string): string => (storageClass === "STANDARD" ? "Standard" : storageClass)

const initiateMultipartUpload: Operation = {
  name: "initiateMultipartUpload",
  action: "InitiateMultipartUpload",
  on: "object",
  method: "POST",
  requiredQuery: ["uploads"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const attributes = yield* attributesOf(call)
      const upload = yield* call.storage.createUpload(call.bucket.name, call.key, (current, bucket) =>
        Either.map(checkOverwrite(call, current, bucket), () => ({
          ...attributes,
          initiatedAt: call.now,
          initiator: call.settings.owner
        }))
      )
      return xmlReply(
        [
          "InitiateMultipartUploadResult",
          [
            ["Bucket", call.bucket.name],
            ["Key", call.key],
            ["UploadId", upload.uploadId]
          ]
        ],
        encryptionIn(attributes.headers)
      )
    })
}

const uploadPart: Operation = {
  name: "uploadPart",
  action: "UploadPart",
  on: "object",
  method: "PUT",
  requiredQuery: ["partNumber", "uploadId"],
  optionalQuery: ["x-cos-traffic-limit"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const partNumber = yield* partNumberOf(call)
      const uploadId = yield* uploadIdOf(call)
      const upload = yield* call.storage.getUpload(call.bucket.name, call.key, uploadId)
      yield* checkCustomerKey(call, upload.headers)
      const encryption = encryptionIn(upload.headers)
      const body = yield* stageBody(call)
      const etag = etagOf(body.md5, encryption)
      yield* call.storage.putPart(call.bucket.name, call.key, uploadId, {
        partNumber,
        lastModified: call.now,
        size: body.size,
        etag,
        crc64: body.crc64,
        segments: body.segments
      })
      return reply(200, { etag: quoteETag(etag), "x-cos-hash-crc64ecma": body.crc64.toString(), ...encryption })
    })
}

const listParts: Operation = {
  name: "listParts",
  action: "ListParts",
  on: "object",
  method: "GET",
  requiredQuery: ["uploadId"],
  optionalQuery: ["max-parts", "part-number-marker", "encoding-type"],
  aclPermission: "OWNER",
  run: (call) =>
    Effect.gen(function* () {
      const uploadId = yield* uploadIdOf(call)
      const limit = (yield* integerParameter(call, "max-parts", { min: 0, max: 1000, clamp: true })) ?? 1000
      const after = (yield* integerParameter(call, "part-number-marker", { min: 0, max: maxParts, clamp: true })) ?? 0
      const encode = yield* listingEncoder(call)
      const { parts, truncated, upload } = yield* call.storage.listParts(call.bucket.name, call.key, uploadId, {
        after,
        limit
      })
      return xmlReply([
        "ListPartsResult",
        [
          ["Bucket", call.bucket.name],
          ["EncodingType", call.query.get("encoding-type") || undefined],
          ["Key", encode(call.key)],
          ["UploadId", uploadId],
          ownerElement("Owner", call.settings.appId, call.settings.appId),
          ["PartNumberMarker", after],
          ownerElement("Initiator", accountId(upload.initiator), upload.initiator),
          ["StorageClass", className(upload.storageClass)],
          ["NextPartNumberMarker", truncated ? parts.at(-1)?.partNumber : undefined],
          ["MaxParts", limit],
          ["IsTruncated", truncated],
          ...parts.map(
            (part): Xml.Element => [
              "Part",
              [
                ["PartNumber", part.partNumber],
                ["LastModified", isoDate(part.lastModified)],
                ["ETag", quoteETag(part.etag)],
                ["Size", part.size]
              ]
            ]
          )
        ]
      ])
    })
}

const listMultipartUploads: Operation = {
  name: "listMultipartUploads",
  action: "ListMultipartUploads",
  on: "bucket",
  method: "GET",
  requiredQuery: ["uploads"],
  optionalQuery: ["prefix", "delimiter", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"],
  aclPermission: "READ",
  run: (call) =>
    Effect.gen(function* () {
      const limit = (yield* integerParameter(call, "max-uploads", { min: 1, max: 1000 })) ?? 1000
      const encode = yield* listingEncoder(call)
      const prefix = call.query.get("prefix") ?? ""
      const delimiter = call.query.get("delimiter") ?? ""
      const after = call.query.get("key-marker") ?? ""
      const afterId = after === "" ? "" : (call.query.get("upload-id-marker") ?? "")
      if (Array.from(delimiter).length > 1) return yield* failure("InvalidDelimiter")
      const page = yield* call.storage.listUploads(call.bucket.name, { prefix, delimiter, after, afterId, limit })
      const last = page.truncated ? Option.getOrUndefined(page.last) : undefined
      return xmlReply([
        "ListMultipartUploadsResult",
        [
          ["Bucket", call.bucket.name],
          ["Encoding-Type", call.query.get("encoding-type") || undefined],
          ["KeyMarker", encode(after)],
          ["UploadIdMarker", call.query.get("upload-id-marker") ?? ""],
          ["NextKeyMarker", last && encode(last.key)],
          ["NextUploadIdMarker", last?.id],
          ["MaxUploads", limit],
          ["IsTruncated", page.truncated],
          ["Prefix", encode(prefix)],
          ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
          ...page.prefixes.map((name): Xml.Element => ["CommonPrefixes", [["Prefix", encode(name)]]]),
          ...page.items
            .filter((upload) => upload.initiatedAt <= call.listedUntil)
            .map(
              (upload): Xml.Element => [
                "Upload",
                [
                  ["Key", encode(upload.key)],
                  ["UploadId", upload.uploadId],
                  ["StorageClass", className(upload.storageClass)],
                  ownerElement("Initiator", accountId(upload.initiator), upload.initiator),
                  ownerElement("Owner", accountId(upload.owner), upload.owner),
                  ["Initiated", isoDate(upload.initiatedAt)]
                ]
              ]
            )
        ]
      ])
    })
}

interface ListedPart {
  readonly partNumber: number
  readonly etag: string
}

/** Clients may send parts back as a listing of parts returned them. */
const completeShape: Shape = {
  "Part+": { PartNumber: integerText(0), ETag: matching(/[^"\s]/, "an ETag"), "LastModified?": text, "Size?": text }
}

const listedParts = (node: Xml.Node): ReadonlyArray<ListedPart> =>
  Xml.all(node, "Part").map((part) => ({
    partNumber: Number(Xml.text(part, "PartNumber")),
    etag: (Xml.text(part, "ETag") ?? "").trim().replaceAll('"', "")
  }))

/** Checks the list of a Complete and gives the stored parts. */
const chooseParts = (
  listed: ReadonlyArray<ListedPart>,
  stored: ReadonlyArray<Part>,
  minPartSize: number
): Either.Either<ReadonlyArray<Part>, CosFailure> => {
  const byNumber = new Map(stored.map((part) => [part.partNumber, part]))
  const chosen: Array<Part> = []
  for (const [index, { etag, partNumber }] of listed.entries()) {
    const before = listed[index - 1]?.partNumber
    if (before !== undefined && partNumber <= before) return Either.left(failure("InvalidPartOrder"))
    const part = byNumber.get(partNumber)
    if (part === undefined || part.etag !== etag) {
      return Either.left(failure("InvalidPart", { message: `Part ${partNumber} is missing, or its ETag differs.` }))
    }
    if (before !== undefined && partNumber !== before + 1) {
      return Either.left(failure("InvalidPart", { message: `The parts have a gap before ${partNumber}.` }))
    }
    chosen.push(part)
  }
  const small = chosen.slice(0, -1).find((part) => part.size < minPartSize)
  return small === undefined
    ? Either.right(chosen)
    : Either.left(failure("EntityTooSmall", { message: `Part ${small.partNumber} is under ${minPartSize} bytes.` }))
}

/** MD5 of the parts' digests, and their number. */
const combinedETag = (parts: ReadonlyArray<Part>): string => {
  const hash = createHash("md5")
  for (const part of parts) hash.update(part.etag, "hex")
  return `${hash.digest("hex")}-${parts.length}`
}

const completeMultipartUpload: Operation = {
  name: "completeMultipartUpload",
  action: "CompleteMultipartUpload",
  on: "object",
  method: "POST",
  requiredQuery: ["uploadId"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const uploadId = yield* uploadIdOf(call)
      yield* checkCallback(call)
      const processed = yield* processedKeys(call)
      const listed = listedParts(yield* readDocument(call, "CompleteMultipartUpload", completeShape))
      const object = yield* call.storage.completeUpload(
        call.bucket.name,
        call.key,
        uploadId,
        ({ bucket, current, parts, upload }) =>
          Either.gen(function* () {
            yield* checkOverwrite(call, current, bucket)
            yield* checkUnlocked(call, current, bucket)
            const chosen = yield* chooseParts(listed, parts, call.settings.minPartSize)
            const { initiatedAt: _, initiator: __, key: ___, uploadId: ____, ...attributes } = upload
            return {
              ...attributes,
              // The lock begins now, not when the upload was initiated.
              ...lockOf(call),
              type: "normal" as const,
              lastModified: call.now,
              size: chosen.reduce((size, part) => size + part.size, 0),
              etag: combinedETag(chosen),
              crc64: chosen.reduce((crc, part) => Crc64.combine(crc, part.crc64, part.size), 0n),
              segments: chosen.flatMap((part) => part.segments),
              partSizes: chosen.map((part) => part.size)
            }
          })
      )
      const results = processed === undefined ? [] : [yield* processResults(call, processed)]
      const { bucket } = call
      const host = `${bucket.name}.cos.${bucket.region}.myqcloud.com`
      return chunkedXmlReply(
        [
          'CompleteMultipartUploadResult xmlns="http://www.qcloud.com/document/product/436/7751"',
          [
            ["Location", `http://${host}/${encodeKey(call.key)}`],
            ["Bucket", bucket.name],
            ["Key", call.key],
            ["ETag", quoteETag(object.etag)],
            ["VersionId", bucket.versioning === "Enabled" ? object.versionId : undefined],
            ...results
          ]
        ],
        {
          ...(object.crc64 === undefined ? {} : { "x-cos-hash-crc64ecma": object.crc64.toString() }),
          // Unlike PUT Object, Complete returns `null` while versioning is suspended.
          ...(bucket.versioning === undefined ? {} : { "x-cos-version-id": object.versionId }),
          ...encryptionIn(object.headers)
        }
      )
    })
}

const abortMultipartUpload: Operation = {
  name: "abortMultipartUpload",
  action: "AbortMultipartUpload",
  on: "object",
  method: "DELETE",
  requiredQuery: ["uploadId"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.flatMap(uploadIdOf(call), (uploadId) =>
      Effect.as(call.storage.abortUpload(call.bucket.name, call.key, uploadId), reply(204))
    )
}

export const multipartOperations: ReadonlyArray<Operation> = [
  initiateMultipartUpload,
  uploadPart,
  listParts,
  listMultipartUploads,
  completeMultipartUpload,
  abortMultipartUpload
]
