/**
 * Everything that can go wrong, each with a type of its own.
 *
 * A code of COS that a program acts upon has its own class, whose `_tag` is the code; every other code arrives as
 * `CosServiceError`, unchanged. The type of an operation lists exactly the errors it can fail with, beside the
 * {@link Common} ones. {@link CosError} is the union of all.
 *
 * What came from a response carries its status, its request id and its headers.
 *
 * No error holds a secret, an `Authorization` value, a URL with a query, or the request or response it came from.
 *
 * @since 0.1.0
 */
import type { YieldableError } from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import { tagsOfCodes } from "./internal/encoding/errorTag.js"

/**
 * The fields of every error that the service responds with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceFields {
  /** The operation, as this SDK names it. */
  readonly operation: string
  /** The HTTP status. */
  readonly status: number
  /** The code as the service sent it; for a response without a body, the code that its status stands for. */
  readonly code: string
  readonly message: string
  readonly bucket?: string | undefined
  readonly key?: string | undefined
  /** `x-cos-request-id`: quote it to the service's support. */
  readonly requestId?: string | undefined
  readonly traceId?: string | undefined
  /** Host and path that the service reports. */
  readonly resource?: string | undefined
  /** How long the service asked to wait. */
  readonly retryAfter?: Duration.Duration | undefined
  /** The `Date` of the response. */
  readonly serverTime?: Date | undefined
  /** The version id of the delete marker, if the object is missing because of one. */
  readonly deleteMarkerVersionId?: string | undefined
  /** `true`: an earlier attempt of this call may have been carried out, because its response was lost. */
  readonly afterLostResponse?: boolean | undefined
  /** The headers of the response, by lower-case name. What may be a secret in them reads `<redacted>`. */
  readonly headers?: ResponseHeaders | undefined
}

/**
 * The headers of a response, by lower-case name, as errors carry them: cookies, tokens, keys and the like, and the
 * credentials and queries of URLs, read `<redacted>`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseHeaders {
  readonly [name: string]: string
}

const ResponseHeaders: Schema.Schema<ResponseHeaders> = Schema.Record({ key: Schema.String, value: Schema.String })

/** What an error may know of a response that came, but not whole, or not as it should be. */
const received = {
  /** The HTTP status of the response; absent where none came. */
  status: Schema.optional(Schema.Number),
  /** Its `x-cos-request-id`: quote it to the service's support. */
  requestId: Schema.optional(Schema.String),
  /** Its headers, by lower-case name. What may be a secret in them reads `<redacted>`. */
  headers: Schema.optional(ResponseHeaders)
}

/** One Schema for all classes: each would make its own of the fields. */
const Service = Schema.Struct({
  operation: Schema.String,
  status: Schema.Number,
  code: Schema.String,
  message: Schema.String,
  bucket: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String),
  requestId: Schema.optional(Schema.String),
  traceId: Schema.optional(Schema.String),
  resource: Schema.optional(Schema.String),
  retryAfter: Schema.optional(Schema.DurationFromMillis),
  serverTime: Schema.optional(Schema.Date),
  deleteMarkerVersionId: Schema.optional(Schema.String),
  afterLostResponse: Schema.optional(Schema.Boolean),
  headers: Schema.optional(ResponseHeaders)
} satisfies { readonly [Field in keyof ServiceFields]-?: Schema.Schema.Any | Schema.PropertySignature.Any })

/**
 * The JSON of an error that the service responds with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceJson extends Omit<ServiceFields, "retryAfter" | "serverTime"> {
  /** Milliseconds. */
  readonly retryAfter?: number | undefined
  /** ISO 8601. */
  readonly serverTime?: string | undefined
}

/**
 * An error that the service responds with: an Effect that fails with itself, and a Schema of itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceError<Tag extends string> extends ServiceFields, YieldableError {
  readonly _tag: Tag
  readonly message: string
}

/**
 * The base of an error's class.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceErrorBase<Tag extends string>
  extends Schema.Schema<ServiceError<Tag>, ServiceJson & { readonly _tag: Tag }> {
  new (fields: ServiceFields, options?: Schema.MakeOptions): ServiceError<Tag>
  readonly _tag: Tag
}

/**
 * `Schema.TaggedError`, which is called by the first use of the Schema: it makes a dozen classes for each of the sixty here,
 * a quarter of what the modules of this SDK take to load. Of an error that is made, only the fields are checked.
 *
 * The types are written out: inferred from the fields, each class costs a program that names it thousands of type
 * instantiations.
 */
const serviceError = <Tag extends string>(tag: Tag): ServiceErrorBase<Tag> => {
  const identifier = `effect-cos/${tag}`
  let made: object | undefined
  const taggedError = () =>
    (made ??= Schema.TaggedError<ServiceError<Tag>>(identifier)(tag, Service) as unknown as object)
  let check: ((fields: unknown) => ServiceFields) | undefined
  const checked = (fields: ServiceFields) => {
    check ??= Schema.validateSync(Service.annotations({ title: `${identifier} (Constructor)` }))
    return check({ ...fields })
  }
  class Base extends Data.Error<ServiceFields & { readonly _tag: Tag }> {
    static readonly _tag = tag
    static readonly [Schema.TypeId] = Schema.String[Schema.TypeId]
    // biome-ignore-start lint/complexity/noThisInStatic: the class that is asked extends this one
    static get ast(): Schema.Schema.All["ast"] {
      return Reflect.get(taggedError(), "ast", this)
    }
    /** What takes secrets out of errors goes by these. */
    static get fields(): object {
      return Reflect.get(taggedError(), "fields")
    }
    static annotations(annotations: Schema.Annotations.GenericSchema<unknown>) {
      return Schema.make(this.ast).annotations(annotations)
    }
    static pipe() {
      // biome-ignore lint/complexity/noArguments: as all of Effect
      return pipeArguments(this, arguments)
    }
    // biome-ignore-end lint/complexity/noThisInStatic: the class that is asked extends this one
    static override toString() {
      return String(taggedError())
    }
    constructor(fields: ServiceFields, options?: Schema.MakeOptions) {
      const isTrusted = typeof options === "object" ? options.disableValidation : options
      super({ ...(isTrusted === true ? fields : checked(fields)), _tag: tag })
    }
    /** By this the Schema knows an error of another copy of this package. */
    get [Symbol.for(`effect/Schema/TaggedError/${identifier}`)]() {
      return true
    }
  }
  Base.prototype.name = tag
  return Base as unknown as ServiceErrorBase<Tag>
}

/**
 * The class of an error that the service responds with.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceErrorClass {
  new (fields: ServiceFields, options?: Schema.MakeOptions): ServiceFields & Error & { readonly _tag: string }
  readonly _tag: string
}

/**
 * Any class of error that an operation may list.
 *
 * @since 0.1.0
 * @category models
 */
export type AnyErrorClass = abstract new (...args: never) => unknown

// ---------------------------------------------------------------------------------------------------------------------
// Common to all operations
// ---------------------------------------------------------------------------------------------------------------------

/**
 * An input that COS, or the HTTP client, cannot carry. Nothing was sent.
 *
 * @since 0.1.0
 * @category common
 */
export class InvalidInput extends Schema.TaggedError<InvalidInput>("effect-cos/InvalidInput")("InvalidInput", {
  operation: Schema.String,
  /** The field of the input, as the operation spells it. */
  field: Schema.String,
  /** What the field has to satisfy, as a whole sentence: `key must not be empty`. */
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.operation}: ${this.reason}`
  }
}

/**
 * No usable credentials: none configured, or their provider failed.
 *
 * @since 0.1.0
 * @category common
 */
export class CredentialsError extends Schema.TaggedError<CredentialsError>("effect-cos/CredentialsError")(
  "CredentialsError",
  {
    /** Which provider failed. */
    provider: Schema.String,
    message: Schema.String,
    /** Whether asking again later can help. */
    transient: Schema.Boolean
  }
) {}

/**
 * Why a transport failed.
 *
 * - `Connect`: there was no connection; `Dns`: because the name of the host was not found; `Tls`: because TLS could not be
 *   agreed on; `Proxy`: because a proxy refused, with `status` if that is known.
 * - `Reset`: the connection broke.
 * - `Timeout`: something took too long.
 * - `Protocol`: what came is not HTTP.
 * - `Cors`: a browser let the page send nothing, or hides of the response what cannot be done without. It is not retried,
 *   and `Cors.check` says which rule the bucket lacks.
 * - `Unknown`: the HTTP client did not say. It is retried once.
 *
 * @since 0.1.0
 * @category models
 */
export const TransportReason: Schema.Literal<
  ["Connect", "Dns", "Tls", "Proxy", "Reset", "Timeout", "Protocol", "Cors", "Unknown"]
> = Schema.Literal("Connect", "Dns", "Tls", "Proxy", "Reset", "Timeout", "Protocol", "Cors", "Unknown")

/**
 * How far the exchange had come when the transport failed.
 *
 * @since 0.1.0
 * @category models
 */
export const TransportPhase: Schema.Literal<["connect", "send", "response", "body"]> = Schema.Literal(
  "connect",
  "send",
  "response",
  "body"
)

/**
 * There was no response, or only part of one.
 *
 * @since 0.1.0
 * @category common
 */
export class TransportError extends Schema.TaggedError<TransportError>("effect-cos/TransportError")("TransportError", {
  operation: Schema.String,
  reason: TransportReason,
  phase: TransportPhase,
  message: Schema.String,
  /** The host and the port that the request went to. */
  server: Schema.optional(Schema.String),
  /** The code of the system, of TLS or of the HTTP client, such as `ECONNREFUSED`. */
  causeCode: Schema.optional(Schema.String),
  bucket: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String),
  /** The connection was a kept one that the server had closed: asking again at once is safe. */
  staleConnection: Schema.optional(Schema.Boolean),
  /** Of the reason `Cors`: the header that the browser hides and the bucket's CORS rules must expose. */
  hiddenHeader: Schema.optional(Schema.String),
  ...received
}) {}

/**
 * A response that breaks the protocol: not well-formed, cut off, or without a required field.
 *
 * @since 0.1.0
 * @category common
 */
export class MalformedResponse extends Schema.TaggedError<MalformedResponse>("effect-cos/MalformedResponse")(
  "MalformedResponse",
  {
    operation: Schema.String,
    ...received,
    status: Schema.Number,
    message: Schema.String
  }
) {}

/**
 * The credentials may not do this, or an anonymous request was refused.
 *
 * @since 0.1.0
 * @category common
 */
export class AccessDenied extends serviceError("AccessDenied") {}

/**
 * The signature or the access key was rejected: `SignatureDoesNotMatch`, `InvalidAccessKeyId`, `ExpiredToken`,
 * `RequestTimeTooSkewed`; `code` tells which.
 *
 * @since 0.1.0
 * @category common
 */
export class AuthenticationFailed extends serviceError("AuthenticationFailed") {}

/**
 * The service asks to slow down: `SlowDown`, `KmsFreqControl`, or status 429.
 *
 * @since 0.1.0
 * @category common
 */
export class Throttled extends serviceError("Throttled") {}

/**
 * The service failed: any other 5xx except 501, for example `InternalError`, `ServiceUnavailable`, or the 520 of a layer in
 * front of COS.
 *
 * @since 0.1.0
 * @category common
 */
export class ServerFault extends serviceError("ServerFault") {}

/**
 * Any code without a class of its own, or one that the operation does not list.
 *
 * @since 0.1.0
 * @category common
 */
export class CosServiceError extends serviceError("CosServiceError") {}

/**
 * Any error that the service responds with.
 *
 * @since 0.1.0
 * @category models
 */
export type AnyServiceError = InstanceType<ServiceErrorClass>

/**
 * The errors that every operation can fail with.
 *
 * @since 0.1.0
 * @category common
 */
export type Common =
  | InvalidInput
  | CredentialsError
  | TransportError
  | MalformedResponse
  | AccessDenied
  | AuthenticationFailed
  | Throttled
  | ServerFault
  | CosServiceError

// ---------------------------------------------------------------------------------------------------------------------
// Codes that a program acts upon
// ---------------------------------------------------------------------------------------------------------------------

/**
 * The bucket does not exist, or not in the region that was asked.
 *
 * @since 0.1.0
 * @category bucket
 */
export class NoSuchBucket extends serviceError("NoSuchBucket") {}

/**
 * Another account has a bucket of this name.
 *
 * @since 0.1.0
 * @category bucket
 */
export class BucketAlreadyExists extends serviceError("BucketAlreadyExists") {}

/**
 * This account has a bucket of this name already.
 *
 * @since 0.1.0
 * @category bucket
 */
export class BucketAlreadyOwnedByYou extends serviceError("BucketAlreadyOwnedByYou") {}

/**
 * The bucket holds objects, versions, delete markers or unfinished multipart uploads.
 *
 * @since 0.1.0
 * @category bucket
 */
export class BucketNotEmpty extends serviceError("BucketNotEmpty") {}

/**
 * The service rejected the bucket's name.
 *
 * @since 0.1.0
 * @category bucket
 */
export class InvalidBucketName extends serviceError("InvalidBucketName") {}

/**
 * The bucket's state, such as versioning, does not allow this.
 *
 * @since 0.1.0
 * @category bucket
 */
export class InvalidBucketState extends serviceError("InvalidBucketState") {}

/**
 * This needs versioning to be enabled.
 *
 * @since 0.1.0
 * @category bucket
 */
export class BucketVersionNotOpen extends serviceError("BucketVersionNotOpen") {}

/**
 * The account has as many buckets as it may have (200 by default).
 *
 * @since 0.1.0
 * @category bucket
 */
export class TooManyBuckets extends serviceError("TooManyBuckets") {}

/**
 * The object does not exist; also the 404 of `headObject`, which cannot tell a missing bucket.
 *
 * @since 0.1.0
 * @category object
 */
export class NoSuchKey extends serviceError("NoSuchKey") {}

/**
 * The object has no such version.
 *
 * @since 0.1.0
 * @category object
 */
export class NoSuchVersion extends serviceError("NoSuchVersion") {}

/**
 * The key exists and `overwrite: false` was asked.
 *
 * @since 0.1.0
 * @category object
 */
export class FileAlreadyExists extends serviceError("FileAlreadyExists") {}

/**
 * A condition such as `ifMatch` did not hold.
 *
 * @since 0.1.0
 * @category object
 */
export class PreconditionFailed extends serviceError("PreconditionFailed") {}

/**
 * The range lies beyond the end of the object.
 *
 * @since 0.1.0
 * @category object
 */
export class InvalidRange extends serviceError("InvalidRange") {}

/**
 * The object is archived and not restored: call `restoreObject` first and wait for it.
 *
 * @since 0.1.0
 * @category object
 */
export class InvalidObjectState extends serviceError("InvalidObjectState") {}

/**
 * The object is under retention.
 *
 * @since 0.1.0
 * @category object
 */
export class ObjectLocked extends serviceError("ObjectLocked") {}

/**
 * The default retention of a bucket is longer than the service takes, or shorter than it is.
 *
 * @since 0.1.0
 * @category object
 */
export class InvalidLockedTime extends serviceError("InvalidLockedTime") {}

/**
 * The key is in conflict with a file or a folder of a bucket with metadata acceleration.
 *
 * @since 0.1.0
 * @category object
 */
export class PathConflict extends serviceError("PathConflict") {}

/**
 * Not possible on this resource, for example on a delete marker.
 *
 * @since 0.1.0
 * @category object
 */
export class MethodNotAllowed extends serviceError("MethodNotAllowed") {}

/**
 * The body does not match its `Content-MD5`.
 *
 * @since 0.1.0
 * @category object
 */
export class BadDigest extends serviceError("BadDigest") {}

/**
 * `Content-MD5` is not the base64 of 16 bytes.
 *
 * @since 0.1.0
 * @category object
 */
export class InvalidDigest extends serviceError("InvalidDigest") {}

/**
 * The body does not match its `contentSha1`.
 *
 * @since 0.1.0
 * @category object
 */
export class InvalidSHA1Digest extends serviceError("InvalidSHA1Digest") {}

/**
 * Over 5 GB in one request.
 *
 * @since 0.1.0
 * @category object
 */
export class EntityTooLarge extends serviceError("EntityTooLarge") {}

/**
 * A metadata name and value of over 4 KB, or a key that is too long.
 *
 * @since 0.1.0
 * @category object
 */
export class KeyTooLong extends serviceError("KeyTooLong") {}

/**
 * The append position is not the object's length.
 *
 * @since 0.1.0
 * @category object
 */
export class AppendPositionErr extends serviceError("AppendPositionErr") {}

/**
 * The object was not made by appending.
 *
 * @since 0.1.0
 * @category object
 */
export class ObjectNotAppendable extends serviceError("ObjectNotAppendable") {}

/**
 * A restore of this object is under way.
 *
 * @since 0.1.0
 * @category object
 */
export class RestoreAlreadyInProgress extends serviceError("RestoreAlreadyInProgress") {}

/**
 * The object is not archived.
 *
 * @since 0.1.0
 * @category object
 */
export class RestoreNonArchiveObject extends serviceError("RestoreNonArchiveObject") {}

/**
 * The copy source is malformed.
 *
 * @since 0.1.0
 * @category object
 */
export class InvalidCopySource extends serviceError("InvalidCopySource") {}

/**
 * The copy source does not exist.
 *
 * @since 0.1.0
 * @category object
 */
export class NoSuchCopySource extends serviceError("NoSuchCopySource") {}

/**
 * The CORS configuration does not allow this preflight, or there is none.
 *
 * @since 0.1.0
 * @category object
 */
export class AccessForbidden extends serviceError("AccessForbidden") {}

/**
 * The multipart upload does not exist: completed, aborted, or never begun.
 *
 * @since 0.1.0
 * @category multipart
 */
export class NoSuchUpload extends serviceError("NoSuchUpload") {}

/**
 * STS knows no such role.
 *
 * @since 0.1.0
 * @category keys
 */
export class NoSuchRole extends serviceError("NoSuchRole") {}

/**
 * The batch job does not exist, or has ended.
 *
 * @since 0.1.0
 * @category jobs
 */
export class NoSuchJob extends serviceError("NoSuchJob") {}

/**
 * The account has as many batch jobs as it may have.
 *
 * @since 0.1.0
 * @category jobs
 */
export class TooManyJobs extends serviceError("TooManyJobs") {}

/**
 * A listed part is missing or its ETag differs.
 *
 * @since 0.1.0
 * @category multipart
 */
export class InvalidPart extends serviceError("InvalidPart") {}

/**
 * The parts are not in ascending order.
 *
 * @since 0.1.0
 * @category multipart
 */
export class InvalidPartOrder extends serviceError("InvalidPartOrder") {}

/**
 * A part other than the last is under 1 MB.
 *
 * @since 0.1.0
 * @category multipart
 */
export class EntityTooSmall extends serviceError("EntityTooSmall") {}

/**
 * The multipart upload is being completed or aborted.
 *
 * @since 0.1.0
 * @category multipart
 */
export class InvalidUploadStatus extends serviceError("InvalidUploadStatus") {}

/**
 * The service rejected a parameter.
 *
 * @since 0.1.0
 * @category request
 */
export class InvalidArgument extends serviceError("InvalidArgument") {}

/**
 * The service found the request contradictory.
 *
 * @since 0.1.0
 * @category request
 */
export class InvalidRequest extends serviceError("InvalidRequest") {}

/**
 * The service rejected a tag.
 *
 * @since 0.1.0
 * @category request
 */
export class InvalidTag extends serviceError("InvalidTag") {}

/**
 * The service rejected the document.
 *
 * @since 0.1.0
 * @category request
 */
export class MalformedXML extends serviceError("MalformedXML") {}

/**
 * The service rejected the policy.
 *
 * @since 0.1.0
 * @category request
 */
export class MalformedPolicy extends serviceError("MalformedPolicy") {}

/**
 * The domain does not lead to the bucket yet: its CNAME or TXT record is missing, or not yet seen.
 *
 * @since 0.1.0
 * @category domain
 */
export class DNSRecordVerifyFailed extends serviceError("DNSRecordVerifyFailed") {}

/**
 * The domain is in use elsewhere: `forcedReplacement` takes it over.
 *
 * @since 0.1.0
 * @category domain
 */
export class DomainConfigConflict extends serviceError("DomainConfigConflict") {}

/**
 * The domain has a record already: `forcedReplacement` takes it over.
 *
 * @since 0.1.0
 * @category domain
 */
export class RecordAlreadyExist extends serviceError("RecordAlreadyExist") {}

/**
 * The bucket has no CORS configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchCORSConfiguration extends serviceError("NoSuchCORSConfiguration") {}

/**
 * The bucket or object has no tags.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchTagSet extends serviceError("NoSuchTagSet") {}

/**
 * The bucket has no lifecycle configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchLifecycleConfiguration extends serviceError("NoSuchLifecycleConfiguration") {}

/**
 * The bucket has no replication configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class ReplicationConfigurationNotFoundError extends serviceError("ReplicationConfigurationNotFoundError") {}

/**
 * The bucket has no website configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchWebsiteConfiguration extends serviceError("NoSuchWebsiteConfiguration") {}

/**
 * The bucket has no referer configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchRefererConfiguration extends serviceError("NoSuchRefererConfiguration") {}

/**
 * The bucket has no policy.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchBucketPolicy extends serviceError("NoSuchBucketPolicy") {}

/**
 * The bucket has no default encryption.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchEncryptionConfiguration extends serviceError("NoSuchEncryptionConfiguration") {}

/**
 * The bucket has no inventory of this id.
 *
 * @since 0.1.0
 * @category configuration
 */
export class InventoryConfigurationNotFoundError extends serviceError("InventoryConfigurationNotFoundError") {}

/**
 * The bucket has no origin configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class OriginConfigurationNotFoundError extends serviceError("OriginConfigurationNotFoundError") {}

/**
 * The bucket has no object lock configuration.
 *
 * @since 0.1.0
 * @category configuration
 */
export class NoSuchObjectLockConfiguration extends serviceError("NoSuchObjectLockConfiguration") {}

/**
 * The object has not changed, as `ifNoneMatch` or `ifModifiedSince` asked: your copy is still current.
 *
 * @since 0.1.0
 * @category object
 */
export class NotModified extends Schema.TaggedError<NotModified>("effect-cos/NotModified")("NotModified", {
  ...Service.fields,
  /** Absent in the 304 of a HEAD. */
  eTag: Schema.optional(Schema.String),
  lastModified: Schema.optional(Schema.Date)
}) {}

/** Those whose name is a code. */
const named: ReadonlyArray<ServiceErrorClass> = [
  NoSuchBucket,
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  BucketNotEmpty,
  InvalidBucketName,
  InvalidBucketState,
  BucketVersionNotOpen,
  TooManyBuckets,
  NoSuchKey,
  NoSuchVersion,
  FileAlreadyExists,
  PreconditionFailed,
  InvalidRange,
  InvalidObjectState,
  ObjectLocked,
  InvalidLockedTime,
  PathConflict,
  MethodNotAllowed,
  BadDigest,
  InvalidDigest,
  InvalidSHA1Digest,
  EntityTooLarge,
  KeyTooLong,
  AppendPositionErr,
  ObjectNotAppendable,
  RestoreAlreadyInProgress,
  RestoreNonArchiveObject,
  InvalidCopySource,
  NoSuchCopySource,
  AccessForbidden,
  NoSuchUpload,
  NoSuchJob,
  TooManyJobs,
  InvalidPart,
  InvalidPartOrder,
  EntityTooSmall,
  InvalidUploadStatus,
  InvalidArgument,
  InvalidRequest,
  InvalidTag,
  MalformedXML,
  MalformedPolicy,
  DNSRecordVerifyFailed,
  DomainConfigConflict,
  RecordAlreadyExist,
  NoSuchCORSConfiguration,
  NoSuchTagSet,
  NoSuchLifecycleConfiguration,
  ReplicationConfigurationNotFoundError,
  NoSuchWebsiteConfiguration,
  NoSuchRefererConfiguration,
  NoSuchBucketPolicy,
  NoSuchEncryptionConfiguration,
  InventoryConfigurationNotFoundError,
  OriginConfigurationNotFoundError,
  NoSuchObjectLockConfiguration,
  AccessDenied
]

const byTag = new Map([...named, AuthenticationFailed, Throttled, ServerFault].map((one) => [one._tag, one]))

/**
 * The class of each code that has one. Codes that the service spells two ways share a class.
 *
 * @since 0.1.0
 * @category codes
 */
export const byCode: ReadonlyMap<string, ServiceErrorClass> = new Map([
  ...named.map((one) => [one._tag, one] as const),
  ...Object.entries(tagsOfCodes).map(([code, tag]) => [code, byTag.get(tag) as ServiceErrorClass] as const)
])

// ---------------------------------------------------------------------------------------------------------------------
// Bodies and transfers
// ---------------------------------------------------------------------------------------------------------------------

/**
 * The bytes that arrived are not the bytes that were sent.
 *
 * @since 0.1.0
 * @category transfers
 */
export class IntegrityError extends Schema.TaggedError<IntegrityError>("effect-cos/IntegrityError")("IntegrityError", {
  operation: Schema.String,
  algorithm: Schema.Literal("crc64", "md5", "size"),
  expected: Schema.String,
  actual: Schema.String,
  bucket: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String),
  partNumber: Schema.optional(Schema.Number)
}) {
  override get message(): string {
    const part = this.partNumber === undefined ? "" : `, part ${this.partNumber}`
    return `${this.operation} ${this.key ?? ""}${part}: ${this.algorithm} is ${this.actual}, not ${this.expected}`
  }
}

/**
 * A body was shorter or longer than its response announced.
 *
 * @since 0.1.0
 * @category transfers
 */
export class TruncatedBody extends Schema.TaggedError<TruncatedBody>("effect-cos/TruncatedBody")("TruncatedBody", {
  operation: Schema.String,
  /** Bytes announced. */
  expected: Schema.Number,
  /** Bytes received. */
  received: Schema.Number,
  bucket: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String),
  ...received
}) {
  override get message(): string {
    return `${this.operation} ${this.key ?? ""}: ${this.received} bytes of ${this.expected}`
  }
}

/**
 * The source of a body failed while it was being sent.
 *
 * @since 0.1.0
 * @category transfers
 */
export class SourceFailed extends Schema.TaggedError<SourceFailed>("effect-cos/SourceFailed")("SourceFailed", {
  operation: Schema.String,
  key: Schema.optional(Schema.String),
  /** The error of the source, as it was. */
  cause: Schema.Defect
}) {
  override get message(): string {
    return `${this.operation} ${this.key ?? ""}: the source of the body failed`
  }
}

/**
 * The local source has changed since the upload began.
 *
 * @since 0.1.0
 * @category transfers
 */
export class SourceChanged extends Schema.TaggedError<SourceChanged>("effect-cos/SourceChanged")("SourceChanged", {
  /** The path, or the kind of source where it has none. */
  source: Schema.String,
  /** What differs. */
  field: Schema.Literal("size", "mtime", "identity", "ctime", "content"),
  expected: Schema.String,
  actual: Schema.String
}) {
  override get message(): string {
    return `${this.source} changed while it was sent: ${this.field} is ${this.actual}, was ${this.expected}`
  }
}

/**
 * The object has changed since the download or copy began.
 *
 * @since 0.1.0
 * @category transfers
 */
export class ObjectChanged extends Schema.TaggedError<ObjectChanged>("effect-cos/ObjectChanged")("ObjectChanged", {
  bucket: Schema.optional(Schema.String),
  key: Schema.String,
  expected: Schema.String,
  /** The ETag found, where one was. */
  actual: Schema.optional(Schema.String)
}) {
  override get message(): string {
    return `${this.key} changed while it was read: its ETag was ${this.expected}`
  }
}

/**
 * It cannot be told whether the upload became the object: the response of Complete was lost, and the key holds something
 * that is not provably this upload's.
 *
 * @since 0.1.0
 * @category transfers
 */
export class UploadStateUnknown extends Schema.TaggedError<UploadStateUnknown>("effect-cos/UploadStateUnknown")(
  "UploadStateUnknown",
  {
    bucket: Schema.optional(Schema.String),
    key: Schema.String,
    uploadId: Schema.optional(Schema.String),
    /** What identifies our object: its ETag, or its CRC64 where the ETag is not known before. */
    expected: Schema.optional(Schema.String),
    /** What the key holds now; absent when it holds nothing or could not be asked. */
    actual: Schema.optional(Schema.String)
  }
) {
  override get message(): string {
    return `${this.key}: whether upload ${this.uploadId ?? ""} was completed is unknown (expected ${this.expected ?? "?"}, found ${this.actual ?? "nothing"})`
  }
}

/**
 * The object would need more than 10,000 parts, or parts of more than 5 GB.
 *
 * @since 0.1.0
 * @category transfers
 */
export class TooManyParts extends Schema.TaggedError<TooManyParts>("effect-cos/TooManyParts")("TooManyParts", {
  /** Bytes. */
  size: Schema.Number,
  /** Bytes of a part. */
  partSize: Schema.Number,
  limit: Schema.Number
}) {
  override get message(): string {
    return `${this.size} bytes in parts of ${this.partSize} bytes need more than ${this.limit} parts`
  }
}

/**
 * The local disk is full. What had been written is removed.
 *
 * @since 0.1.0
 * @category transfers
 */
export class DiskFull extends Schema.TaggedError<DiskFull>("effect-cos/DiskFull")("DiskFull", {
  path: Schema.String
}) {
  override get message(): string {
    return `no space left on the device of ${this.path}`
  }
}

/**
 * Some of the objects that were to be removed are still there, as far as is known. The others are gone.
 *
 * @since 0.1.0
 * @category transfers
 */
export class ObjectsRemain extends Schema.TaggedError<ObjectsRemain>("effect-cos/ObjectsRemain")("ObjectsRemain", {
  /** In the order in which they were given. */
  remaining: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      versionId: Schema.optional(Schema.String),
      /** The service's code, such as `AccessDenied`; the tag of an error without a code; or `Unanswered`, where the response does not mention the object. */
      code: Schema.String,
      message: Schema.String
    })
  ),
  /** How many are gone. */
  deleted: Schema.Number
}) {
  override get message(): string {
    const [first] = this.remaining
    return `${this.remaining.length} objects were not deleted, the first of them ${JSON.stringify(first?.key)}: ${first?.code}`
  }
}

/**
 * More objects lie below the prefix than may be removed. Nothing was.
 *
 * @since 0.1.0
 * @category transfers
 */
export class TooManyObjects extends Schema.TaggedError<TooManyObjects>("effect-cos/TooManyObjects")("TooManyObjects", {
  prefix: Schema.String,
  limit: Schema.Number
}) {
  override get message(): string {
    return `more than ${this.limit} objects lie below ${JSON.stringify(this.prefix)}; none was deleted`
  }
}

/**
 * A key that has no safe local name under the root it was to be written to.
 *
 * @since 0.1.0
 * @category transfers
 */
export class UnsafeKey extends Schema.TaggedError<UnsafeKey>("effect-cos/UnsafeKey")("UnsafeKey", {
  key: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${JSON.stringify(this.key)} has no safe local name: ${this.reason}`
  }
}

/**
 * The transfer that was awaited was cancelled, or the scope that it lived in was closed.
 *
 * @since 0.1.0
 * @category transfers
 */
export class TransferCancelled extends Schema.TaggedError<TransferCancelled>("effect-cos/TransferCancelled")(
  "TransferCancelled",
  { key: Schema.String }
) {
  override get message(): string {
    return `the transfer of ${this.key} was cancelled`
  }
}

/**
 * An upload of a stream that can be read only once, and is being read, cannot be paused: it goes on. `cancel` ends it.
 *
 * @since 0.1.0
 * @category transfers
 */
export class TransferNotPausable extends Schema.TaggedError<TransferNotPausable>("effect-cos/TransferNotPausable")(
  "TransferNotPausable",
  { key: Schema.String }
) {
  override get message(): string {
    return `the upload of ${this.key} cannot be paused: its stream can be read only once`
  }
}

/**
 * The `Checkpoint.Store` failed, or did not answer within 5 seconds.
 *
 * @since 0.1.0
 * @category transfers
 */
export class CheckpointError extends Schema.TaggedError<CheckpointError>("effect-cos/CheckpointError")(
  "CheckpointError",
  {
    /** `open`: the store could not be built. `lease`: the checkpoint is, or has become, another process's. */
    operation: Schema.Literal("open", "get", "set", "remove", "list", "lease"),
    /** The id of the value; absent where the call is not about one. */
    id: Schema.optional(Schema.String),
    /** What went wrong, as a sentence. */
    reason: Schema.String,
    /** The error of the store, if it gave one. */
    cause: Schema.optional(Schema.Defect)
  }
) {
  override get message(): string {
    return `the checkpoint store failed at ${this.operation}${this.id === undefined ? "" : ` of ${this.id}`}: ${this.reason}`
  }
}

/**
 * A truncated list that gives the same marker again.
 *
 * @since 0.1.0
 * @category transfers
 */
export class PaginationStuck extends Schema.TaggedError<PaginationStuck>("effect-cos/PaginationStuck")(
  "PaginationStuck",
  {
    operation: Schema.String,
    marker: Schema.String
  }
) {
  override get message(): string {
    return `${this.operation}: the list does not move on from ${JSON.stringify(this.marker)}`
  }
}

/**
 * Every error of this SDK: what any operation, transfer, sync or signature can fail with, but for the errors of the file
 * system. Its `_tag` tells them apart.
 *
 * @since 0.1.0
 * @category models
 */
export type CosError =
  | Common
  | NoSuchBucket
  | BucketAlreadyExists
  | BucketAlreadyOwnedByYou
  | BucketNotEmpty
  | InvalidBucketName
  | InvalidBucketState
  | BucketVersionNotOpen
  | TooManyBuckets
  | NoSuchKey
  | NoSuchVersion
  | FileAlreadyExists
  | PreconditionFailed
  | InvalidRange
  | InvalidObjectState
  | ObjectLocked
  | InvalidLockedTime
  | PathConflict
  | MethodNotAllowed
  | BadDigest
  | InvalidDigest
  | InvalidSHA1Digest
  | EntityTooLarge
  | KeyTooLong
  | AppendPositionErr
  | ObjectNotAppendable
  | RestoreAlreadyInProgress
  | RestoreNonArchiveObject
  | InvalidCopySource
  | NoSuchCopySource
  | AccessForbidden
  | NoSuchUpload
  | NoSuchJob
  | NoSuchRole
  | TooManyJobs
  | InvalidPart
  | InvalidPartOrder
  | EntityTooSmall
  | InvalidUploadStatus
  | InvalidArgument
  | InvalidRequest
  | InvalidTag
  | MalformedXML
  | MalformedPolicy
  | DNSRecordVerifyFailed
  | DomainConfigConflict
  | RecordAlreadyExist
  | NoSuchCORSConfiguration
  | NoSuchTagSet
  | NoSuchLifecycleConfiguration
  | ReplicationConfigurationNotFoundError
  | NoSuchWebsiteConfiguration
  | NoSuchRefererConfiguration
  | NoSuchBucketPolicy
  | NoSuchEncryptionConfiguration
  | InventoryConfigurationNotFoundError
  | OriginConfigurationNotFoundError
  | NoSuchObjectLockConfiguration
  | NotModified
  | IntegrityError
  | TruncatedBody
  | SourceFailed
  | SourceChanged
  | ObjectChanged
  | UploadStateUnknown
  | TooManyParts
  | DiskFull
  | UnsafeKey
  | TransferCancelled
  | TransferNotPausable
  | CheckpointError
  | PaginationStuck

/**
 * What can end the body of a response early.
 *
 * @since 0.1.0
 * @category transfers
 */
export type BodyError = TransportError | TruncatedBody | MalformedResponse

// ---------------------------------------------------------------------------------------------------------------------
// What to do about an error
// ---------------------------------------------------------------------------------------------------------------------

/** Codes of 4xx that are passing troubles of the way, not faults of the request. */
const transientCodes = new Set([
  "RequestTimeout",
  "RequestTimeOut",
  "UserNetworkTooSlow",
  "IncompleteBody",
  "EntitySizeNotMatch"
])

/**
 * The errors that say that nothing of the kind is configured.
 *
 * @since 0.1.0
 * @category configuration
 */
export type NotConfigured =
  | NoSuchCORSConfiguration
  | NoSuchTagSet
  | NoSuchLifecycleConfiguration
  | ReplicationConfigurationNotFoundError
  | NoSuchWebsiteConfiguration
  | NoSuchRefererConfiguration
  | NoSuchBucketPolicy
  | NoSuchEncryptionConfiguration
  | InventoryConfigurationNotFoundError
  | OriginConfigurationNotFoundError
  | NoSuchObjectLockConfiguration

const notConfigured: ReadonlyArray<ServiceErrorClass> = [
  NoSuchCORSConfiguration,
  NoSuchTagSet,
  NoSuchLifecycleConfiguration,
  ReplicationConfigurationNotFoundError,
  NoSuchWebsiteConfiguration,
  NoSuchRefererConfiguration,
  NoSuchBucketPolicy,
  NoSuchEncryptionConfiguration,
  InventoryConfigurationNotFoundError,
  OriginConfigurationNotFoundError,
  NoSuchObjectLockConfiguration
]

/**
 * Whether the error says that nothing of the kind is configured.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isNotConfigured = (error: unknown): error is NotConfigured =>
  notConfigured.some((one) => error instanceof one)

/**
 * A configuration if there is one: those errors become `None`, all others stay. For one operation alone that is
 * `Effect.asSome` and `Effect.catchTag("NoSuchCORSConfiguration", () => Effect.succeedNone)`.
 *
 * ```ts
 * import * as Cos from "effect-cos/Cos"
 * import * as CosError from "effect-cos/CosError"
 *
 * const rules = Cos.getBucketCors().pipe(CosError.orNone)
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const orNone = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<Option.Option<A>, Exclude<E, NotConfigured>, R> =>
  Effect.catchAll(Effect.asSome(self), (error) =>
    isNotConfigured(error) ? Effect.succeedNone : Effect.fail(error as Exclude<E, NotConfigured>)
  )

const hasTag = (error: unknown): error is { readonly _tag: string } =>
  typeof error === "object" && error !== null && "_tag" in error

/**
 * Whether the same request, sent again, may succeed: transport failures, throttling, 5xx except 501, malformed responses
 * and the few 4xx codes that blame the connection.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isRetryable = (error: unknown): boolean => {
  if (!hasTag(error)) return false
  switch (error._tag) {
    case "TransportError": {
      const { reason, status } = error as TransportError
      // A proxy may fail to connect, but what it refuses it will refuse again.
      return reason !== "Tls" && reason !== "Cors" && !(reason === "Proxy" && status !== undefined && status < 500)
    }
    case "Throttled":
    case "ServerFault":
    case "MalformedResponse":
    case "TruncatedBody":
      return true
    case "CredentialsError":
      return (error as CredentialsError).transient
    case "CosServiceError":
      return transientCodes.has((error as CosServiceError).code)
    default:
      return false
  }
}

/**
 * How long the service asks to wait, if it does.
 *
 * @since 0.1.0
 * @category predicates
 */
export const retryAfter = (error: unknown): Duration.Duration | undefined =>
  hasTag(error) && "retryAfter" in error && Duration.isDuration(error.retryAfter) ? error.retryAfter : undefined

/** Farther off than this, a refusal is blamed on the clock whatever its code: that of a HEAD has no body to say so. */
const grossSkew = 15 * 60_000

/**
 * Whether the service rejected the request for its time: the client's clock is wrong, or the signature too old.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isClockSkew = (error: unknown, now: number): boolean =>
  (error instanceof AccessDenied || error instanceof AuthenticationFailed) &&
  (error.code === "RequestTimeTooSkewed" ||
    error.message.includes("Request has expired") ||
    (error.serverTime !== undefined && Math.abs(error.serverTime.getTime() - now) > grossSkew))
