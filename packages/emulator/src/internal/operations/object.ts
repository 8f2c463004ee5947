/**
 * Objects: written, read, removed.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { aclOf } from "../access.js"
import { conditionsOf, evaluate, rangeOf } from "../conditions.js"
import { type CosFailure, failure } from "../failure.js"
import { throttle } from "../faults.js"
import { Cut, type Reply, reply } from "../http.js"
import type { Attributes, Bucket, StoredObject, Version } from "../storage/Storage.js"
import * as Xml from "../xml.js"
import { objectHeaders, quoted, versionHeader, xmlReply } from "./answers.js"
import type { BucketCall, ObjectCall, Operation, Refusal } from "./operation.js"
import {
  checkCustomerKey,
  checkKey,
  checkLength,
  contentMd5,
  document,
  encryptionIn,
  encryptionOf,
  etagOf,
  malformed,
  metadataOf,
  storageClassOf,
  tagsOf,
  trafficLimit
} from "./parameters.js"

/** What a request gives the object it creates. */
export const attributesOf = (call: ObjectCall): Either.Either<Attributes, CosFailure> =>
  Either.gen(function* () {
    yield* checkKey(call.key)
    const metadata = yield* metadataOf(call)
    const encryption = yield* encryptionOf(call)
    const acl = yield* aclOf(call.headers, "object")
    return {
      owner: call.settings.owner,
      storageClass: yield* storageClassOf(call),
      headers: { ...metadata, ...encryption },
      tags: yield* tagsOf(call),
      ...(acl === undefined ? {} : { acl })
    }
  })

/** `x-cos-forbid-overwrite` refuses an existing key; it has no effect once versioning was ever set. */
export const checkOverwrite = (
  call: ObjectCall,
  current: Option.Option<Version>,
  bucket: Bucket
): Either.Either<void, CosFailure> =>
  call.header("x-cos-forbid-overwrite") === "true" &&
  bucket.versioning === undefined &&
  Option.exists(current, (version) => !version.deleteMarker)
    ? Either.left(failure("FileAlreadyExists"))
    : Either.right(undefined)

/** The request's body, staged and checked against its Content-MD5. */
export const stageBody = (call: ObjectCall) =>
  Effect.gen(function* () {
    yield* checkLength(call)
    const md5 = yield* contentMd5(call)
    const limit = yield* trafficLimit(call)
    const staged = yield* call.storage.writeBody(
      limit !== undefined ? throttle(limit)(call.body) : call.whole === undefined ? call.body : yield* call.whole
    )
    return md5 === undefined || md5 === staged.md5 ? staged : yield* failure("BadDigest")
  })

const putObject: Operation = {
  name: "putObject",
  action: "PutObject",
  on: "object",
  method: "PUT",
  query: ["x-cos-traffic-limit"],
  right: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const attributes = yield* attributesOf(call)
      const body = yield* stageBody(call)
      const encryption = encryptionIn(attributes.headers)
      const object = yield* call.storage.putObject(call.bucket.name, call.key, (current, bucket) =>
        Either.map(checkOverwrite(call, current, bucket), () => ({
          ...attributes,
          type: "normal" as const,
          lastModified: call.now,
          size: body.size,
          etag: etagOf(body.md5, encryption),
          crc64: body.crc64,
          segments: body.segments
        }))
      )
      return reply(200, {
        etag: quoted(object.etag),
        "x-cos-hash-crc64ecma": body.crc64.toString(),
        ...versionHeader(call.bucket, object.versionId),
        ...encryption
      })
    })
}

/** What a delete marker answers with: it is not there, and says why. */
const missing = (version: Version): CosFailure =>
  failure("NoSuchKey", { headers: { "x-cos-delete-marker": "true", "x-cos-version-id": version.versionId } })

const overrides = [
  "response-content-type",
  "response-content-language",
  "response-expires",
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding"
]

/** `response-*` replaces headers of the answer, for signed requests only. */
const overridesOf = (call: ObjectCall): Either.Either<Record<string, string>, CosFailure> => {
  const headers: Record<string, string> = {}
  for (const name of overrides) {
    const value = call.query.get(name)
    if (value === undefined) continue
    if (call.anonymous) {
      return Either.left(failure("InvalidRequest", { message: `${name} needs a signed request.` }))
    }
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      return Either.left(failure("InvalidArgument", { message: `${name} cannot be a header.` }))
    headers[name.slice("response-".length)] = value
  }
  return Either.right(headers)
}

const archived = new Set(["ARCHIVE", "DEEP_ARCHIVE"])

/** Archived content can be read only while a restored copy lives. */
export const checkReadable = (object: StoredObject, now: number): Either.Either<void, CosFailure> =>
  archived.has(object.storageClass) &&
  !(object.restore !== undefined && now >= object.restore.readyAt && now < object.restore.expiresAt)
    ? Either.left(failure("InvalidObjectState", { message: "The object is archived and not restored." }))
    : Either.right(undefined)

const read = (call: ObjectCall) =>
  Effect.gen(function* () {
    const versionId = call.query.get("versionId") || undefined
    const opened = yield* call.storage.openObject(call.bucket.name, call.key, versionId)
    const object = opened.version
    if (object.deleteMarker) return yield* missing(object)
    yield* checkCustomerKey(call, object.headers)
    const headers = objectHeaders(call.bucket, object)
    const verdict = evaluate(conditionsOf(call.headers), object)
    if (verdict === "failed") return yield* failure("PreconditionFailed")
    if (verdict === "not modified") return notModified(call, headers)
    if (call.method === "GET") yield* checkReadable(object, call.now)
    const range = yield* rangeOf(call.header("range"), object.size)
    const { start, end } = range ?? { start: 0, end: object.size }
    const limit = yield* trafficLimit(call)
    const stream = opened.read(start, end).pipe(
      // The status is out already: all that is left is to break the connection.
      Stream.mapError(() => new Cut({ how: "reset" }))
    )
    const short = Option.map(opened.bytes, (bytes) => bytes.subarray(start, end))
    const answer: Reply = {
      _tag: "Reply",
      status: range === undefined ? 200 : 206,
      headers: {
        ...headers,
        "content-length": String(end - start),
        ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${object.size}` }),
        ...(yield* overridesOf(call))
      },
      body: limit === undefined ? Option.getOrElse(short, () => stream) : throttle(limit)(stream)
    }
    return answer
  })

/** 304: that of GET has type, length, ETag and CRC; that of HEAD none of them. */
const notModified = (call: ObjectCall, headers: Readonly<Record<string, string>>): Reply => {
  const kept = call.method === "GET" ? ["content-type", "etag", "x-cos-hash-crc64ecma", "x-cos-version-id"] : []
  return reply(304, Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name))))
}

const getObject: Operation = {
  name: "getObject",
  action: "GetObject",
  on: "object",
  method: "GET",
  query: ["versionId", "x-cos-traffic-limit", ...overrides],
  right: "READ",
  run: read
}

const headObject: Operation = {
  name: "headObject",
  action: "HeadObject",
  on: "object",
  method: "HEAD",
  query: ["versionId", ...overrides],
  right: "READ",
  run: read
}

interface Deletion {
  readonly versionId: string | undefined
  readonly deleteMarker: boolean
  readonly markerVersionId: string | undefined
}

/** Removes one key or version. One that is not there counts as removed. */
const remove = (
  call: BucketCall,
  key: string,
  versionId: string | undefined
): Effect.Effect<Deletion, Exclude<Refusal, CosFailure>> =>
  call.storage
    .removeObject(call.bucket.name, key, {
      lastModified: call.now,
      owner: call.settings.owner,
      ...(versionId === undefined ? {} : { versionId })
    })
    .pipe(
      Effect.map(({ marker, removed }) => {
        // A marker was written, or the version that is gone was one.
        const touched = Option.orElse(marker, () => Option.filter(removed, (version) => version.deleteMarker))
        return {
          versionId,
          deleteMarker: Option.isSome(touched),
          markerVersionId: Option.getOrUndefined(Option.map(touched, (version) => version.versionId))
        }
      })
    )

const deleteObject: Operation = {
  name: "deleteObject",
  action: "DeleteObject",
  on: "object",
  method: "DELETE",
  query: ["versionId"],
  right: "WRITE",
  run: (call) =>
    Effect.map(remove(call, call.key, call.query.get("versionId") || undefined), (deletion) => {
      const versionId = deletion.versionId ?? deletion.markerVersionId
      return reply(204, {
        ...(deletion.deleteMarker ? { "x-cos-delete-marker": "true" } : {}),
        ...(versionId === undefined ? {} : { "x-cos-version-id": versionId })
      })
    })
}

/** The keys that a document names: 1 to 1000. */
const keysOf = (
  node: Xml.Node
): Either.Either<ReadonlyArray<{ readonly key: string; readonly versionId: string | undefined }>, CosFailure> => {
  const unknown = node.children.find(({ name }) => name !== "Object" && name !== "Quiet")
  if (unknown !== undefined) return Either.left(malformed(`<${unknown.name}> is unknown`))
  const objects = Xml.all(node, "Object")
  if (objects.length === 0 || objects.length > 1000) return Either.left(malformed("1 to 1000 <Object> are expected"))
  return Either.all(
    objects.map((object) => {
      const key = Xml.text(object, "Key")
      return key === undefined || key === ""
        ? Either.left(malformed("an <Object> has no <Key>"))
        : Either.right({ key, versionId: Xml.text(object, "VersionId") || undefined })
    })
  )
}

const deleteMultipleObjects: Operation = {
  name: "deleteMultipleObjects",
  action: "DeleteMultipleObjects",
  on: "bucket",
  method: "POST",
  selects: ["delete"],
  right: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const node = yield* document(call, "Delete", { requireMd5: true })
      const quiet = Xml.text(node, "Quiet")?.trim() === "true"
      const results = yield* Effect.forEach(yield* keysOf(node), ({ key, versionId }) =>
        call.authorize("DeleteObject", "WRITE", call.bucket, key).pipe(
          Effect.zipRight(remove(call, key, versionId)),
          Effect.map((deletion): Xml.Element | undefined =>
            quiet
              ? undefined
              : [
                  "Deleted",
                  [
                    ["Key", key],
                    ["VersionId", versionId],
                    ["DeleteMarker", deletion.deleteMarker || undefined],
                    ["DeleteMarkerVersionId", deletion.markerVersionId]
                  ]
                ]
          ),
          Effect.catchTag("CosFailure", ({ code, message }) =>
            Effect.succeed<Xml.Element>([
              "Error",
              [
                ["Key", key],
                ["VersionId", versionId],
                ["Code", code],
                ["Message", message]
              ]
            ])
          )
        )
      )
      return xmlReply(["DeleteResult", results.filter((result) => result !== undefined)])
    })
}

export const objectOperations: ReadonlyArray<Operation> = [
  putObject,
  getObject,
  headObject,
  deleteObject,
  deleteMultipleObjects
]
