/**
 * Appendable objects.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Crc64 from "effect-cos/Crc64"
import { type CosFailure, failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import type { Attributes, NewObject, StagedBody, Version } from "../storage/Storage.js"
import { attributesOf, checkUnlocked, stageBody } from "./object.js"
import type { ObjectCall, Operation } from "./operation.js"
import { encryptionIn, integerParameter, invalidArgument, maxBody } from "./parameters.js"

/** The ETag is not an MD5 of the content, and is longer than one, so that nobody takes it for one. */
const appendedETag = (before: string, md5: string): string =>
  createHash("sha1").update(`${before} ${md5}`).digest("hex")

/** The object with the bytes appended; its attributes are those of the first append. */
const appended = (
  call: ObjectCall,
  version: Option.Option<Version>,
  position: number,
  body: StagedBody,
  attributes: Attributes
): Either.Either<NewObject, CosFailure> => {
  const current = Option.filter(version, (version) => !version.deleteMarker)
  const object: NewObject =
    Option.isSome(current) && !current.value.deleteMarker
      ? current.value
      : { ...attributes, type: "appendable", lastModified: 0, size: 0, etag: "", crc64: 0n, segments: [] }
  if (object.type !== "appendable") return Either.left(failure("ObjectNotAppendable"))
  if (position !== object.size) {
    const message = `The position is ${position}, the object has ${object.size} bytes.`
    return Either.left(failure("AppendPositionErr", { message }))
  }
  const size = object.size + body.size
  return size > maxBody
    ? Either.left(failure("EntityTooLarge"))
    : Either.right({
        ...object,
        lastModified: call.now,
        size,
        etag: appendedETag(object.etag, body.md5),
        crc64: Crc64.combine(object.crc64 ?? 0n, body.crc64, body.size),
        segments: [...object.segments, ...body.segments]
      })
}

const appendObject: Operation = {
  name: "appendObject",
  action: "AppendObject",
  on: "object",
  method: "POST",
  requiredQuery: ["append"],
  optionalQuery: ["position", "x-cos-traffic-limit"],
  aclPermission: "WRITE",
  run: (call) =>
    Effect.gen(function* () {
      if (call.contentLength === undefined) return yield* failure("MissingContentLength")
      const position = yield* integerParameter(call, "position", { min: 0, max: maxBody })
      if (position === undefined) return yield* invalidArgument("position is missing.")
      if (call.bucket.versioning === "Enabled") {
        return yield* failure("InvalidRequest", { message: "Appendable objects have no versions." })
      }
      if (call.bucket.multiAz === true) {
        return yield* failure("InvalidRequest", { message: "A bucket of several zones has no appendable objects." })
      }
      const attributes = yield* attributesOf(call)
      if (attributes.storageClass.endsWith("INTELLIGENT_TIERING")) return yield* failure("NotSupportedStorageClass")
      const body = yield* stageBody(call, { sha1: true })
      const object = yield* call.storage.putObject(call.bucket.name, call.key, (current, bucket) =>
        Either.flatMap(checkUnlocked(call, current, bucket), () => appended(call, current, position, body, attributes))
      )
      return reply(200, {
        // COS sends this ETag without quotes.
        etag: object.etag,
        "x-cos-next-append-position": String(object.size),
        "x-cos-content-sha1": body.sha1 ?? "",
        "x-cos-hash-crc64ecma": (object.crc64 ?? 0n).toString(),
        ...encryptionIn(object.headers)
      })
    })
}

export const appendOperations: ReadonlyArray<Operation> = [appendObject]
