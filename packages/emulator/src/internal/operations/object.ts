/**
 * Objects: put, get, head and delete, and what other operations share with them.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { parseAclHeaders } from "../access/acl.js"
import { allowsRange, conditionsOf, evaluate, parseRange } from "../http/conditions.js"
import { type CosFailure, failure } from "../http/failure.js"
import { isHeaderValue, utf8Value } from "../http/headerText.js"
import { BodyCut, type Reply, reply } from "../http/message.js"
import { throttle } from "../http/throttle.js"
import type {
  Attributes,
  Bucket,
  NewObject,
  NotFound,
  StagedBody,
  StorageError,
  StoredObject,
  Version
} from "../storage/Storage.js"
import { flag, matching, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { BucketCall, ObjectCall, Operation, OperationError } from "./operation.js"
import {
  checkCustomerKey,
  checkKey,
  checkLength,
  checkMime,
  contentMd5,
  encryptionIn,
  encryptionOf,
  etagOf,
  invalidArgument,
  isoDate,
  malformed,
  metadataOf,
  readDocument,
  storageClassOf,
  tagsOf,
  trafficLimit
} from "./parameters.js"
import { objectHeaders, quoteETag, tierOf, versionHeader, xmlReply } from "./replies.js"

/** The attributes of a new object, from the request's headers. */
export const attributesOf = (call: ObjectCall): Either.Either<Attributes, CosFailure> =>
  Either.gen(function* () {
    yield* checkKey(call.key)
    yield* checkMime(call)
    const metadata = yield* metadataOf(call)
    const encryption = yield* encryptionOf(call)
    const acl = yield* parseAclHeaders(call.headers, "object")
    return {
      owner: call.settings.owner,
      storageClass: yield* storageClassOf(call),
      headers: { ...metadata, ...encryption },
      tags: yield* tagsOf(call),
      ...lockOf(call),
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

const day = 86_400_000

/** How long a new object is locked, where its bucket says so. */
export const lockOf = (call: ObjectCall): Pick<Attributes, "retention"> => {
  const days = call.bucket.rules?.lock?.days
  return days === undefined ? {} : { retention: { until: call.now + days * day } }
}

/** Refuses to remove a locked version. */
const checkLock = (now: number, version: Version): Either.Either<void, CosFailure> =>
  version.deleteMarker || version.retention === undefined || version.retention.until <= now
    ? Either.void
    : Either.left(
        failure("ObjectLocked", { message: `The object is locked until ${isoDate(version.retention.until)}.` })
      )

/** Refuses to replace a locked object. With versioning enabled a write replaces nothing. */
export const checkUnlocked = (
  call: ObjectCall,
  current: Option.Option<Version>,
  bucket: Bucket
): Either.Either<void, CosFailure> =>
  bucket.versioning === "Enabled" || Option.isNone(current) ? Either.void : checkLock(call.now, current.value)

/**
 * Fails as soon as more bytes have come: chunks announce no length, and a body without an end must not fill the disk.
 */
const limitSize = <E>(body: Stream.Stream<Uint8Array, E>, most: number): Stream.Stream<Uint8Array, E | CosFailure> =>
  Stream.suspend(() => {
    let size = 0
    return Stream.mapEffect(body, (chunk) => {
      size += chunk.length
      return size > most ? failure("EntityTooLarge") : Effect.succeed(chunk)
    })
  })

/** The request's body, staged and checked against its Content-MD5 and x-cos-content-sha1. */
export const stageBody = (call: ObjectCall, options: { readonly sha1?: boolean } = {}) =>
  Effect.gen(function* () {
    yield* checkLength(call)
    const md5 = yield* contentMd5(call)
    const limit = yield* trafficLimit(call)
    const expected = call.header("x-cos-content-sha1")?.toLowerCase()
    const sha1 = options.sha1 === true || expected !== undefined ? createHash("sha1") : undefined
    const hash = (chunk: Uint8Array): Uint8Array => {
      sha1?.update(chunk)
      return chunk
    }
    const body = sha1 === undefined ? call.body : Stream.map(call.body, hash)
    const { maxBodySize } = call.settings
    const bounded = call.contentLength === undefined ? limitSize(body, maxBodySize) : body
    const content = limit !== undefined ? throttle(limit)(bounded) : bounded
    const buffered = limit === undefined ? call.bufferedBody : undefined
    const staged = yield* call.storage.writeBody(buffered === undefined ? content : hash(yield* buffered))
    if (md5 !== undefined && md5 !== staged.md5) return yield* failure("BadDigest")
    const digest = sha1?.digest("hex")
    return expected === undefined || expected === digest
      ? { ...staged, sha1: digest }
      : yield* failure("InvalidSHA1Digest")
  })

/** Stores what was staged, and gives the headers of the reply. */
export const storeObject = (
  call: ObjectCall,
  attributes: Attributes,
  body: StagedBody,
  as: Pick<NewObject, "type" | "symlinkTarget"> = { type: "normal" }
) =>
  Effect.map(
    call.storage.putObject(call.bucket.name, call.key, (current, bucket) =>
      Either.map(Either.all([checkOverwrite(call, current, bucket), checkUnlocked(call, current, bucket)]), () => ({
        ...attributes,
        ...as,
        lastModified: call.now,
        size: body.size,
        etag: etagOf(body.md5, encryptionIn(attributes.headers)),
        crc64: body.crc64,
        segments: body.segments
      }))
    ),
    (object) => ({
      etag: quoteETag(object.etag),
      "x-cos-hash-crc64ecma": body.crc64.toString(),
      ...versionHeader(call.bucket, object.versionId),
      ...encryptionIn(attributes.headers)
    })
  )

/** The error for a delete marker: NoSuchKey, with headers that say why. */
const deleteMarkerFailure = (version: Version): CosFailure =>
  failure("NoSuchKey", { headers: { "x-cos-delete-marker": "true", "x-cos-version-id": version.versionId } })

const overrideParameters = [
  "response-content-type",
  "response-content-language",
  "response-expires",
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding"
]

/** The headers that `response-*` parameters replace; for signed requests only. */
const overriddenHeaders = (call: ObjectCall): Either.Either<Record<string, string>, CosFailure> => {
  const headers: Record<string, string> = {}
  for (const name of overrideParameters) {
    const value = call.query.get(name)
    if (value === undefined) continue
    if (call.anonymous) {
      return Either.left(failure("InvalidRequest", { message: `${name} needs a signed request.` }))
    }
    if (!isHeaderValue(value)) {
      return Either.left(invalidArgument(`${name} has control characters, which no header can carry.`))
    }
    headers[name.slice("response-".length)] = utf8Value(value)
  }
  return Either.right(headers)
}

const classes: ReadonlyMap<string, Archive> = new Map([
  ["ARCHIVE", "ARCHIVE"],
  ["MAZ_ARCHIVE", "ARCHIVE"],
  ["DEEP_ARCHIVE", "DEEP_ARCHIVE"],
  ["MAZ_DEEP_ARCHIVE", "DEEP_ARCHIVE"]
])

export type Archive = "ARCHIVE" | "DEEP_ARCHIVE"

/** The archive that an object is in, by its class or by its tier. */
export const archiveOf = (object: StoredObject, now: number): Archive | undefined => {
  const tier = tierOf(object, now)
  return tier === "ARCHIVE" || tier === "DEEP_ARCHIVE" ? tier : classes.get(object.storageClass)
}

/** Archived content can be read only while a restored copy lives. */
export const checkReadable = (object: StoredObject, now: number): Either.Either<void, CosFailure> =>
  archiveOf(object, now) !== undefined &&
  !(object.restore !== undefined && now >= object.restore.readyAt && now < object.restore.expiresAt)
    ? Either.left(failure("InvalidObjectState", { message: "The object is archived and not restored." }))
    : Either.right(undefined)

const versionOf = (call: ObjectCall): string | undefined => call.query.get("versionId") || undefined

/** Finds the object or version that the request names. */
export const findObject = (call: ObjectCall): Effect.Effect<StoredObject, NotFound | StorageError | CosFailure> =>
  Effect.flatMap(
    call.storage.getObject(call.bucket.name, call.key, versionOf(call)),
    (version): Effect.Effect<StoredObject, CosFailure> =>
      version.deleteMarker ? deleteMarkerFailure(version) : Effect.succeed(version)
  )

/** Updates the object or version that the request names. */
export const changeObject = <E = never>(
  call: ObjectCall,
  change: (object: StoredObject) => Either.Either<StoredObject, E>
): Effect.Effect<StoredObject, NotFound | StorageError | E> =>
  call.storage.updateObject(call.bucket.name, call.key, versionOf(call), change)

/** The permission to read another object than the request's: the source of a copy, the target of a link. */
export const readPermission = { action: "GetObject", on: "object", aclPermission: "READ" } as const

/** The permission to write another object than the request's. */
export const writePermission = { action: "PutObject", on: "object", aclPermission: "WRITE" } as const

/** Opens the object, following a symbolic link. */
export const openObject = (call: ObjectCall) =>
  Effect.gen(function* () {
    const opened = yield* call.storage.openObject(call.bucket.name, call.key, versionOf(call))
    const { version } = opened
    if (version.deleteMarker) return yield* deleteMarkerFailure(version)
    if (version.type !== "symlink") return { object: version, opened, link: {} }
    const key = decodeURIComponent(version.symlinkTarget ?? "")
    yield* call.authorize(readPermission, call.bucket, key)
    const target = yield* call.storage.openObject(call.bucket.name, key)
    if (target.version.deleteMarker) return yield* deleteMarkerFailure(target.version)
    return target.version.type === "symlink"
      ? yield* failure("InvalidRequest", { message: "The symbolic link leads to another one." })
      : { object: target.version, opened: target, link: { "x-cos-symlink-target": version.symlinkTarget ?? "" } }
  })

/** Reads an object, or its headers. */
export const readObject = (call: ObjectCall) =>
  Effect.gen(function* () {
    const { link, object, opened } = yield* openObject(call)
    yield* checkCustomerKey(call, object.headers)
    const headers = { ...objectHeaders(call.bucket, object, call.now), ...link }
    const verdict = evaluate(conditionsOf(call.headers), object)
    if (verdict === "failed") return yield* failure("PreconditionFailed")
    if (verdict === "not modified") return notModified(call, headers)
    if (call.method === "GET") yield* checkReadable(object, call.now)
    const asked = allowsRange(call.header("if-range"), object) ? call.header("range") : undefined
    const range = yield* parseRange(asked, object.size)
    const { start, end } = range ?? { start: 0, end: object.size }
    if (call.method === "GET") yield* opened.check(start, end)
    const limit = yield* trafficLimit(call)
    const stream = opened.read(start, end).pipe(
      // The status was sent already: the only way to report the error is to break the connection.
      Stream.mapError(() => new BodyCut({ how: "reset" }))
    )
    const short = Option.map(opened.bytes, (bytes) => bytes.subarray(start, end))
    const reply: Reply = {
      _tag: "Reply",
      status: range === undefined ? 200 : 206,
      headers: {
        ...headers,
        "content-length": String(end - start),
        ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${object.size}` }),
        ...(yield* overriddenHeaders(call))
      },
      body: limit === undefined ? Option.getOrElse(short, () => stream) : throttle(limit)(stream)
    }
    return reply
  })

/** The 304 reply. For GET it has type, ETag, CRC64 and version; for HEAD none of them. */
const notModified = (call: ObjectCall, headers: Readonly<Record<string, string>>): Reply => {
  const kept = call.method === "GET" ? ["content-type", "etag", "x-cos-hash-crc64ecma", "x-cos-version-id"] : []
  return reply(304, Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name))))
}

const getObject: Operation = {
  name: "getObject",
  action: "GetObject",
  on: "object",
  method: "GET",
  optionalQuery: ["versionId", "x-cos-traffic-limit", ...overrideParameters],
  aclPermission: "READ",
  run: readObject
}

const headObject: Operation = {
  name: "headObject",
  action: "HeadObject",
  on: "object",
  method: "HEAD",
  optionalQuery: ["versionId", ...overrideParameters],
  aclPermission: "READ",
  run: readObject
}

interface Deletion {
  readonly versionId: string | undefined
  readonly deleteMarker: boolean
  readonly markerVersionId: string | undefined
}

/** Removes one key or version. A missing one counts as removed. */
const removeVersion = (
  call: BucketCall,
  key: string,
  versionId: string | undefined
): Effect.Effect<Deletion, OperationError> =>
  call.storage
    .removeObject(call.bucket.name, key, {
      lastModified: call.now,
      owner: call.settings.owner,
      check: (version) => checkLock(call.now, version),
      ...(versionId === undefined ? {} : { versionId })
    })
    .pipe(
      Effect.map(({ marker, removed }) => {
        // A delete marker was written, or the removed version was one.
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
  optionalQuery: ["versionId"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.map(removeVersion(call, call.key, call.query.get("versionId") || undefined), (deletion) => {
      const versionId = deletion.versionId ?? deletion.markerVersionId
      return reply(204, {
        ...(deletion.deleteMarker ? { "x-cos-delete-marker": "true" } : {}),
        ...(versionId === undefined ? {} : { "x-cos-version-id": versionId })
      })
    })
}

const deletion: Shape = {
  "Quiet?": flag,
  "Object+": { Key: matching(/[\s\S]/, "a key"), "VersionId?": text }
}

/** The keys that a document names: 1 to 1000. */
const keysToDelete = (
  node: Xml.Node
): Either.Either<ReadonlyArray<{ readonly key: string; readonly versionId: string | undefined }>, CosFailure> => {
  const objects = Xml.all(node, "Object")
  return objects.length > 1000
    ? Either.left(malformed("1 to 1000 <Object> are expected"))
    : Either.right(
        objects.map((object) => ({
          key: Xml.text(object, "Key") ?? "",
          versionId: Xml.text(object, "VersionId") || undefined
        }))
      )
}

const deletePermission = {
  action: "DeleteObject",
  actionAliases: ["DeleteMultipleObjects"],
  on: "object",
  aclPermission: "WRITE"
} as const

const deleteMultipleObjects: Operation = {
  name: "deleteMultipleObjects",
  action: "DeleteMultipleObjects",
  on: "bucket",
  method: "POST",
  requiredQuery: ["delete"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      const node = yield* readDocument(call, "Delete", deletion, { requireMd5: true })
      const quiet = Xml.text(node, "Quiet")?.trim().toLowerCase() === "true"
      const results = yield* Effect.forEach(yield* keysToDelete(node), ({ key, versionId }) =>
        call.authorize(deletePermission, call.bucket, key).pipe(
          Effect.zipRight(removeVersion(call, key, versionId)),
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

export const objectOperations: ReadonlyArray<Operation> = [getObject, headObject, deleteObject, deleteMultipleObjects]
