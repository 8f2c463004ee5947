/**
 * The error codes of the emulator, with their statuses and messages.
 */
import * as Data from "effect/Data"

const codes = {
  AccessDenied: [403, "Access Denied."],
  AccessForbidden: [403, "CORSResponse: This CORS request is not allowed."],
  AppendPositionErr: [409, "The position is not the length of the object."],
  BadDigest: [400, "The Content-MD5 you specified did not match what we received."],
  BucketAccelerateNotEnabled: [400, "Acceleration is not enabled for this bucket."],
  BucketAlreadyExists: [409, "The requested bucket name is not available."],
  BucketAlreadyOwnedByYou: [409, "The bucket you tried to create already exists, and you own it."],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty."],
  BucketVersionNotOpen: [400, "Versioning must be enabled for this bucket."],
  EntitySizeNotMatch: [400, "The body does not have the length that Content-Length announced."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed object size."],
  EntityTooSmall: [400, "A part other than the last is smaller than the minimum part size."],
  ExpiredToken: [400, "The security token has expired."],
  FileAlreadyExists: [409, "The object already exists and x-cos-forbid-overwrite is set."],
  IncompleteBody: [400, "The connection ended before the whole body arrived."],
  IncorrectNumberOfFilesInPostRequest: [400, "A form has exactly one file."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [403, "The access key id you provided does not exist in our records."],
  InvalidArgument: [400, "Invalid argument."],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidBucketState: [409, "The request is not valid for the state of the bucket."],
  InvalidCopySource: [400, "x-cos-copy-source is not valid."],
  InvalidDelimiter: [400, "The delimiter must be one character."],
  InvalidDigest: [400, "The Content-MD5 you specified is not valid."],
  InvalidLockedTime: [409, "A lock can be put off, never brought forward."],
  InvalidObjectName: [400, "The key contains characters that are not allowed."],
  InvalidObjectState: [403, "The operation is not valid for the object's storage class."],
  InvalidPart: [400, "One or more of the specified parts could not be found, or its ETag differs."],
  InvalidPartOrder: [400, "The list of parts is not in ascending order."],
  InvalidPicOperations: [400, "Pic-Operations is not valid."],
  InvalidPolicyDocument: [400, "The policy of the form is not valid."],
  InvalidRange: [416, "The requested range cannot be satisfied."],
  InvalidRegionName: [400, "A region has lower-case letters, digits and - only."],
  InvalidRequest: [400, "Invalid request."],
  InvalidSHA1Digest: [400, "The x-cos-content-sha1 you specified did not match what we received."],
  InvalidTag: [400, "The tag is not valid."],
  InvalidTargetBucketForLogging: [400, "The target bucket does not exist, or not in this region."],
  InvalidURI: [400, "The specified URI cannot be parsed."],
  InventoryConfigurationNotFoundError: [404, "There is no inventory of this id."],
  InventoryFull: [400, "A bucket has at most 1000 inventories."],
  KeyTooLong: [400, "Metadata is longer than 4 KB."],
  MalformedPOSTRequest: [400, "The form is not well-formed multipart/form-data."],
  MalformedPolicy: [400, "The policy is not valid."],
  MalformedXML: [400, "The XML you provided was not well-formed or did not validate against our schema."],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist."],
  NoSuchBucketPolicy: [404, "The bucket has no policy."],
  NoSuchCORSConfiguration: [404, "The CORS configuration does not exist."],
  NoSuchConfiguration: [404, "There is no configuration of this name."],
  NoSuchEncryptionConfiguration: [404, "The bucket has no encryption configuration."],
  NoSuchJob: [404, "The specified job does not exist, or has ended."],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchLifecycleConfiguration: [404, "The lifecycle configuration does not exist."],
  NoSuchObjectLockConfiguration: [404, "The object lock configuration does not exist."],
  NoSuchRefererConfiguration: [404, "The referer configuration does not exist."],
  NoSuchTagSet: [404, "There are no tags."],
  NoSuchUpload: [404, "The specified multipart upload does not exist."],
  NoSuchVersion: [404, "The specified version does not exist."],
  NoSuchWebsiteConfiguration: [404, "The bucket is no website."],
  NotImplemented: [501, "The emulator does not implement this."],
  NotSupportedStorageClass: [400, "The storage class does not go with this operation."],
  ObjectLocked: [409, "The object is locked."],
  ObjectNotAppendable: [409, "The object was not made by an append."],
  OriginConfigurationNotFoundError: [404, "The origin configuration does not exist."],
  PreconditionFailed: [412, "Precondition not match."],
  ReplicationConfigurationNotFoundError: [404, "The replication configuration does not exist."],
  RequestTimeTooSkewed: [403, "The difference between the request time and the server's time is too large."],
  RestoreAlreadyInProgress: [409, "The object is being restored."],
  RestoreNonArchiveObject: [405, "The object is not archived."],
  ServiceUnavailable: [503, "Please reduce your request rate."],
  SignatureDoesNotMatch: [403, "The Signature you specified is invalid."],
  SlowDown: [503, "Please reduce your request rate."],
  XMLSizeLimit: [400, "The XML document is too large."]
} as const

/** A code of the table above. */
export type Code = keyof typeof codes

/** The status and message of a code. An unknown code has status 400 and itself as its message. */
export const describe = (code: string): { readonly status: number; readonly message: string } => {
  const known = Object.hasOwn(codes, code) ? codes[code as Code] : undefined
  return known === undefined ? { status: 400, message: code } : { status: known[0], message: known[1] }
}

/** A refusal, answered as an `<Error>` document (or without a body to HEAD). */
export class CosFailure extends Data.TaggedError("CosFailure")<{
  readonly status: number
  readonly code: string
  readonly message: string
  /** Elements that the document carries beside the usual ones, such as `StringToSign`. */
  readonly details: ReadonlyArray<readonly [name: string, text: string]>
  readonly headers: Readonly<Record<string, string>>
}> {}

/** A refusal with the status of its code, and with its message unless another one is given. */
export const failure = (
  code: Code,
  options: {
    readonly message?: string
    readonly details?: ReadonlyArray<readonly [name: string, text: string]>
    readonly headers?: Readonly<Record<string, string>>
  } = {}
): CosFailure =>
  new CosFailure({
    status: codes[code][0],
    code,
    message: options.message ?? codes[code][1],
    details: options.details ?? [],
    headers: options.headers ?? {}
  })
