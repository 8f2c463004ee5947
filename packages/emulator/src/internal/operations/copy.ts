/**
 * Copies of objects, and of ranges of objects as parts.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { parseAclHeaders } from "../access/acl.js"
import { conditionsOf, evaluate } from "../http/conditions.js"
import { type CosFailure, failure } from "../http/failure.js"
import type { Bucket, StoredObject } from "../storage/Storage.js"
import { partNumberOf, uploadIdOf } from "./multipart.js"
import { checkOverwrite, checkReadable, checkUnlocked, lockOf, readPermission } from "./object.js"
import type { ObjectCall, Operation } from "./operation.js"
import {
  checkCustomerKey,
  checkKey,
  encryptionIn,
  encryptionOf,
  etagOf,
  invalidArgument,
  metadataOf,
  shortDate,
  storageClassOf,
  tagsOf
} from "./parameters.js"
import { chunkedXmlReply, quoteETag } from "./replies.js"

interface SourceName {
  readonly bucket: string
  readonly region: string | undefined
  readonly key: string
  readonly versionId: string | undefined
}

/** `<bucket>.cos.<region>.myqcloud.com/<encoded key>[?versionId=…]`. */
const parseCopySource = (call: ObjectCall): Either.Either<SourceName, CosFailure> => {
  const header = call.header("x-cos-copy-source") ?? ""
  const slash = header.indexOf("/")
  return call.resolve(header.slice(0, Math.max(0, slash)), header.slice(slash)).pipe(
    Either.flatMap(({ bucket, key, query, region }) =>
      bucket === undefined || key === undefined || Array.from(query.keys()).some((name) => name !== "versionId")
        ? Either.left(failure("InvalidCopySource"))
        : Either.right({ bucket, region, key, versionId: query.get("versionId") || undefined })
    ),
    Either.mapLeft(() => failure("InvalidCopySource"))
  )
}

/** Checks the caller's permission and the conditions, then opens the source. */
const openSource = (call: ObjectCall) =>
  Effect.gen(function* () {
    const source = yield* parseCopySource(call)
    const bucket = yield* call.storage.getBucket(source.bucket)
    if (source.region !== undefined && source.region !== bucket.region) return yield* failure("NoSuchBucket")
    yield* call.authorize(readPermission, bucket, source.key, source.versionId)
    const opened = yield* call.storage.openObject(bucket.name, source.key, source.versionId)
    const object = opened.version
    if (object.deleteMarker) {
      return yield* source.versionId === undefined
        ? failure("NoSuchKey")
        : failure("InvalidRequest", { message: "The source version is a delete marker." })
    }
    if (object.type !== "normal") {
      const kind = object.type === "symlink" ? "Symbolic links" : "Appendable objects"
      return yield* failure("InvalidRequest", { message: `${kind} cannot be copied.` })
    }
    yield* checkCustomerKey(call, object.headers, "x-cos-copy-source-")
    // All four conditions of a copy fail with 412, also those for which a GET responds 304.
    if (evaluate(conditionsOf(call.headers, "x-cos-copy-source-"), object) !== "proceed") {
      return yield* failure("PreconditionFailed")
    }
    yield* checkReadable(object, call.now)
    const headers = source.versionId === undefined ? {} : { "x-cos-copy-source-version-id": object.versionId }
    return { source, bucket, object, headers, read: opened.read }
  })

const parseDirective = (call: ObjectCall, name: string): Either.Either<"Copy" | "Replaced", CosFailure> => {
  const value = call.header(name) ?? "Copy"
  return value === "Copy" || value === "Replaced"
    ? Either.right(value)
    : Either.left(invalidArgument(`${name} must be Copy or Replaced.`))
}

/** Metadata of the copy: the source's, or what the request gives instead. */
const copiedMetadata = (
  call: ObjectCall,
  object: StoredObject,
  how: "Copy" | "Replaced"
): Either.Either<Record<string, string>, CosFailure> => {
  if (how === "Replaced") return metadataOf(call)
  const given = Object.keys(call.headers).find((name) => name.startsWith("x-cos-meta-") && call.header(name))
  if (given !== undefined) {
    return Either.left(failure("InvalidRequest", { message: `${given} needs x-cos-metadata-directive: Replaced.` }))
  }
  const encryption = encryptionIn(object.headers)
  return Either.right(
    Object.fromEntries(Object.entries(object.headers).filter(([name]) => encryption[name] === undefined))
  )
}

const sameObject = (call: ObjectCall, source: SourceName, bucket: Bucket): boolean =>
  bucket.name === call.bucket.name && source.key === call.key && source.versionId === undefined

const copyObject: Operation = {
  name: "copyObject",
  action: "PutObjectCopy",
  actionAliases: ["PutObject"],
  on: "object",
  method: "PUT",
  requiredHeader: "x-cos-copy-source",
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      yield* checkKey(call.key)
      const { bucket, headers, object, source } = yield* openSource(call)
      const how = yield* parseDirective(call, "x-cos-metadata-directive")
      if (how === "Copy" && sameObject(call, source, bucket)) {
        return yield* failure("InvalidRequest", {
          message: "A copy onto itself needs x-cos-metadata-directive: Replaced."
        })
      }
      if (object.size > call.settings.maxBodySize) {
        return yield* failure("InvalidRequest", { message: "The source is over 5 GB: copy it in parts." })
      }
      const metadata = yield* copiedMetadata(call, object, how)
      const encryption = yield* encryptionOf(call)
      const tags =
        (yield* parseDirective(call, "x-cos-tagging-directive")) === "Replaced" ? yield* tagsOf(call) : object.tags
      const storageClass = yield* storageClassOf(call)
      const acl = yield* parseAclHeaders(call.headers, "object")
      const copy = yield* call.storage.putObject(call.bucket.name, call.key, (current, target) =>
        Either.map(Either.all([checkOverwrite(call, current, target), checkUnlocked(call, current, target)]), () => ({
          owner: call.settings.owner,
          storageClass,
          headers: { ...metadata, ...encryption },
          tags,
          ...lockOf(call),
          ...(acl === undefined ? {} : { acl }),
          type: "normal" as const,
          lastModified: call.now,
          size: object.size,
          etag: etagOf(object.etag, encryption),
          ...(object.crc64 === undefined ? {} : { crc64: object.crc64 }),
          segments: object.segments
        }))
      )
      const versionId = call.bucket.versioning === "Enabled" ? copy.versionId : undefined
      return chunkedXmlReply(
        [
          "CopyObjectResult",
          [
            ["ETag", quoteETag(copy.etag)],
            ["CRC64", copy.crc64?.toString()],
            ["LastModified", shortDate(copy.lastModified)],
            ["VersionId", versionId]
          ]
        ],
        {
          ...headers,
          ...(copy.crc64 === undefined ? {} : { "x-cos-hash-crc64ecma": copy.crc64.toString() }),
          ...(versionId === undefined ? {} : { "x-cos-version-id": versionId }),
          ...encryption
        }
      )
    })
}

/** The range of the source to copy, `bytes=a-b`; the whole source if there is none. */
const sourceRange = (
  call: ObjectCall,
  size: number
): Either.Either<{ readonly start: number; readonly end: number }, CosFailure> => {
  const header = call.header("x-cos-copy-source-range")
  if (header === undefined) return Either.right({ start: 0, end: size })
  const match = /^bytes=(\d+)-(\d+)$/i.exec(header)
  if (match === null) return Either.left(invalidArgument("x-cos-copy-source-range must be bytes=<first>-<last>."))
  const [start, end] = [Number(match[1]), Number(match[2]) + 1]
  return start < end && end <= size ? Either.right({ start, end }) : Either.left(failure("InvalidRange"))
}

const uploadPartCopy: Operation = {
  name: "uploadPartCopy",
  action: "UploadPartCopy",
  actionAliases: ["PutObject"],
  on: "object",
  method: "PUT",
  requiredQuery: ["partNumber", "uploadId"],
  requiredHeader: "x-cos-copy-source",
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const partNumber = yield* partNumberOf(call)
      const uploadId = yield* uploadIdOf(call)
      const upload = yield* call.storage.getUpload(call.bucket.name, call.key, uploadId)
      yield* checkCustomerKey(call, upload.headers)
      const { headers, object, read } = yield* openSource(call)
      const { end, start } = yield* sourceRange(call, object.size)
      if (end - start > call.settings.maxBodySize) return yield* failure("EntityTooLarge")
      // The bytes are read rather than shared, because a part needs their digests.
      const body = yield* call.storage.writeBody(read(start, end))
      const encryption = encryptionIn(upload.headers)
      const etag = etagOf(body.md5, encryption)
      yield* call.storage.putPart(call.bucket.name, call.key, uploadId, {
        partNumber,
        lastModified: call.now,
        size: body.size,
        etag,
        crc64: body.crc64,
        segments: body.segments
      })
      return chunkedXmlReply(
        [
          "CopyPartResult",
          [
            ["ETag", quoteETag(etag)],
            ["CRC64", body.crc64.toString()],
            ["LastModified", shortDate(call.now)]
          ]
        ],
        { ...headers, "x-cos-hash-crc64ecma": body.crc64.toString(), ...encryption }
      )
    })
}

export const copyOperations: ReadonlyArray<Operation> = [copyObject, uploadPartCopy]
