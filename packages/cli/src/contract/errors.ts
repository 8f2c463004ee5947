/**
 * The errors of commands, and for each its exit code and what to do about it. The table is exhaustive by type: an error that
 * a command can fail with has a row here, or the command does not compile.
 */
import type { PlatformError } from "@effect/platform/Error"
import type { ConfigError } from "effect/ConfigError"
import * as Data from "effect/Data"
import type { CosError, ObjectsRemain, TooManyObjects } from "effect-cos/CosError"
import type * as Sync from "effect-cos/Sync"
import type { ExitCode } from "./exitCode.js"

/** The command line is wrong: `message` is a whole sentence without its full stop, `advice` another. */
export class UsageError extends Data.TaggedError("UsageError")<{
  readonly message: string
  readonly advice?: string | undefined
}> {}

/** What the command itself concludes: `exitCode` and `message` as they will be shown, and the code of what it was told. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly exitCode: ExitCode
  readonly message: string
  readonly advice?: string | undefined
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}> {}

/** A part was done. What failed was listed before. */
export class DoneInPart extends Data.TaggedError("DoneInPart")<{
  readonly done: number
  readonly failed: number
  /** Such as `objects`. */
  readonly what: string
}> {
  override get message(): string {
    return `${this.failed} of ${this.done + this.failed} ${this.what} failed`
  }
}

/** Every error that a command may fail with. */
export type CommandError =
  | UsageError
  | CommandFailed
  | DoneInPart
  | CosError
  | ObjectsRemain
  | TooManyObjects
  | Sync.DeletionsRefused
  | Sync.PlanOutdated
  | Sync.PlanUnusable
  | PlatformError
  | ConfigError

type Tag = Exclude<CommandError, ConfigError>["_tag"]
type Of<T extends Tag> = Extract<CommandError, { readonly _tag: T }>

type Rows = {
  readonly [T in Tag]: {
    readonly exit: ExitCode | ((error: Of<T>) => ExitCode)
    readonly advice?: string | ((error: Of<T>) => string | undefined)
    readonly message?: (error: Of<T>) => string
  }
}

const failed = { exit: 1 } as const
const usage = { exit: 2 } as const
const notFound = { exit: 4 } as const
const refused = { exit: 5 } as const
const precondition = { exit: 6 } as const
const integrity = { exit: 7 } as const

/** The codes of a refused signature or key, each with what usually causes it. */
const authenticationAdvice: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: "The secret key does not belong to the secret id, or something between changed the request",
  InvalidAccessKeyId: "There is no such secret id, or it was disabled",
  ExpiredToken: "The temporary key has expired: fetch a new one",
  RequestTimeTooSkewed: "This machine's clock is wrong"
}

/** Where the SDK says how a program names a bucket and a region, a command line is told its own way. */
const isNotGiven = (reason: string): boolean => / must be given: in the input, /.test(reason)

const notGiven: Readonly<Record<string, string>> = {
  bucket: "Write cos://bucket-appid/…, or set --bucket or COS_BUCKET",
  region: "Set --region or COS_REGION, such as ap-guangzhou"
}

const platformExit = (reason: string): ExitCode =>
  reason === "NotFound" ? 4 : reason === "PermissionDenied" ? 5 : reason === "AlreadyExists" ? 6 : 1

const rows: Rows = {
  UsageError: { exit: 2, advice: ({ advice }) => advice },
  CommandFailed: { exit: ({ exitCode }) => exitCode, advice: ({ advice }) => advice },
  DoneInPart: { exit: ({ done }) => (done > 0 ? 3 : 1) },
  ObjectsRemain: { exit: ({ deleted }) => (deleted > 0 ? 3 : 1) },
  TooManyObjects: { exit: 2, advice: "Nothing was deleted" },
  DeletionsRefused: {
    exit: ({ reason }) => (reason === "EmptySource" ? 4 : 6),
    message: ({ limit, reason, wanted }) =>
      reason === "EmptySource"
        ? "nothing of the source was found, so nothing was deleted"
        : reason === "SourceReplaced"
          ? "the source is no longer the directory that it was, so nothing was deleted"
          : `${wanted} deletions are more than the ${limit} that are allowed, so nothing was deleted`,
    advice: ({ reason }) =>
      reason === "EmptySource"
        ? "Is the source spelt right? --allow-empty-source empties the target all the same"
        : reason === "TooMany"
          ? "--max-delete allows more"
          : undefined
  },
  PlanOutdated: { exit: 6, advice: "Make a new plan" },
  PlanUnusable: {
    exit: ({ reason }) => (reason === "Damaged" ? 7 : 2),
    advice: "`cos sync --plan` writes plans"
  },

  InvalidInput: {
    exit: 2,
    message: ({ field, message, reason }) => (isNotGiven(reason) ? `no ${field} is named` : message),
    advice: ({ field, reason }) => (isNotGiven(reason) ? notGiven[field] : undefined)
  },
  CredentialsError: {
    exit: 5,
    advice: "Set COS_SECRET_ID and COS_SECRET_KEY; `cos config` shows where keys are looked for"
  },
  TransportError: {
    exit: 1,
    advice: ({ reason }) =>
      reason === "Dns"
        ? "Is the region spelt right, and is there a network?"
        : reason === "Connect"
          ? "Is the endpoint right, and is there a network or a proxy between?"
          : undefined
  },
  MalformedResponse: { exit: 1, advice: "Is this the address of a COS service?" },
  AccessDenied: { exit: 5, advice: "These keys may not do that here" },
  AuthenticationFailed: { exit: 5, advice: ({ code }) => authenticationAdvice[code] },
  Throttled: { exit: 1, advice: "The service asks to slow down: try again later" },
  ServerFault: { exit: 1, advice: "The service failed: try again later" },
  CosServiceError: { exit: ({ status }) => (status === 404 ? 4 : status === 403 ? 5 : status === 412 ? 6 : 1) },

  NoSuchBucket: { exit: 4, advice: "Are bucket, APPID and region right?" },
  BucketAlreadyExists: precondition,
  BucketAlreadyOwnedByYou: precondition,
  BucketNotEmpty: { exit: 6, advice: "`cos rm --recursive --versions` and `cos uploads --abort` empty it" },
  InvalidBucketName: usage,
  InvalidBucketState: precondition,
  BucketVersionNotOpen: { exit: 6, advice: "`cos versioning enable` turns versioning on" },
  TooManyBuckets: failed,
  NoSuchKey: notFound,
  NoSuchVersion: notFound,
  FileAlreadyExists: precondition,
  PreconditionFailed: precondition,
  InvalidRange: usage,
  InvalidObjectState: { exit: 6, advice: "The object is archived: `cos restore` brings it back for some days" },
  ObjectLocked: precondition,
  InvalidLockedTime: usage,
  PathConflict: precondition,
  MethodNotAllowed: precondition,
  BadDigest: integrity,
  InvalidDigest: integrity,
  InvalidSHA1Digest: integrity,
  EntityTooLarge: usage,
  KeyTooLong: usage,
  AppendPositionErr: precondition,
  ObjectNotAppendable: precondition,
  RestoreAlreadyInProgress: precondition,
  RestoreNonArchiveObject: precondition,
  InvalidCopySource: usage,
  NoSuchCopySource: notFound,
  AccessForbidden: refused,
  NoSuchUpload: notFound,
  NoSuchRole: notFound,
  NoSuchJob: notFound,
  TooManyJobs: failed,
  InvalidPart: integrity,
  InvalidPartOrder: integrity,
  EntityTooSmall: usage,
  InvalidUploadStatus: failed,
  InvalidArgument: usage,
  InvalidRequest: usage,
  InvalidTag: usage,
  MalformedXML: usage,
  MalformedPolicy: usage,
  DNSRecordVerifyFailed: precondition,
  DomainConfigConflict: precondition,
  RecordAlreadyExist: precondition,
  NoSuchCORSConfiguration: notFound,
  NoSuchTagSet: notFound,
  NoSuchLifecycleConfiguration: notFound,
  ReplicationConfigurationNotFoundError: notFound,
  NoSuchWebsiteConfiguration: notFound,
  NoSuchRefererConfiguration: notFound,
  NoSuchBucketPolicy: notFound,
  NoSuchEncryptionConfiguration: notFound,
  InventoryConfigurationNotFoundError: notFound,
  OriginConfigurationNotFoundError: notFound,
  NoSuchObjectLockConfiguration: notFound,

  NotModified: precondition,
  IntegrityError: integrity,
  TruncatedBody: integrity,
  SourceFailed: failed,
  SourceChanged: { exit: 7, advice: "The source changed while it was read: try again" },
  ObjectChanged: { exit: 7, advice: "The object changed while it was read: try again" },
  UploadStateUnknown: failed,
  TooManyParts: usage,
  DiskFull: failed,
  UnsafeKey: usage,
  TransferCancelled: failed,
  TransferNotPausable: failed,
  CheckpointError: failed,
  PaginationStuck: failed,

  BadArgument: usage,
  SystemError: {
    exit: ({ reason }) => platformExit(reason),
    message: ({ description, pathOrDescriptor, reason }) =>
      `${pathOrDescriptor ?? ""}${pathOrDescriptor === undefined ? "" : ": "}${systemReasons[reason] ?? description ?? reason}`
  }
}

const systemReasons: Readonly<Record<string, string>> = {
  NotFound: "no such file or directory",
  PermissionDenied: "permission denied",
  AlreadyExists: "exists already",
  Busy: "is in use"
}

/** How a failure is told. */
export interface Report {
  readonly exit: ExitCode
  /** The type of the error, or the code of the service. */
  readonly code: string
  readonly message: string
  readonly advice?: string | undefined
  readonly requestId?: string | undefined
}

/** Line ends and what would move the cursor, so that a message stays one line whatever a server put into it. */
export const oneLine = (text: string): string =>
  text
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .trim()

const isConfigError = (error: CommandError): error is ConfigError => !((error as { _tag: string })._tag in rows)

/** What is said where the service gives but a code, as it does to a HEAD. */
const unsaid: Readonly<Record<string, string>> = {
  NoSuchKey: "no such object",
  NoSuchBucket: "no such bucket",
  AccessDenied: "access denied",
  PreconditionFailed: "a precondition did not hold"
}

/** What the service said, of an address: the SDK says it of an operation, and with the code, which is told after it. */
const messageOf = (error: CommandError): string => {
  if (!("status" in error) || !("operation" in error)) return error.message
  const { bucket, code, key, message, operation, status } = error as typeof error & {
    readonly bucket?: string | undefined
    readonly code?: string | undefined
    readonly key?: string | undefined
  }
  if (bucket === undefined) return message
  const starts = [`${operation} ${key === undefined ? bucket : `${bucket}/${key}`}: `, `${status} ${code}: `]
  const said = starts.reduce((text, start) => (text.startsWith(start) ? text.slice(start.length) : text), message)
  return `cos://${bucket}/${key ?? ""}: ${said === `${status} ${code}` ? (unsaid[code ?? ""] ?? said) : said}`
}

/** What is told of a failure: one line, its exit code, and what to do. */
export const reportOf = (error: CommandError): Report => {
  if (isConfigError(error)) return { exit: 2, code: "ConfigError", message: oneLine(String(error)) }
  const row = rows[error._tag] as Rows["CommandFailed"]
  const same = error as Of<"CommandFailed">
  const code = (error as { readonly code?: unknown }).code
  const requestId = (error as { readonly requestId?: string | undefined }).requestId
  const advice = typeof row.advice === "function" ? row.advice(same) : row.advice
  return {
    exit: typeof row.exit === "function" ? row.exit(same) : row.exit,
    code: typeof code === "string" ? code : error._tag,
    message: oneLine(row.message?.(same) ?? messageOf(error)),
    advice: advice === undefined ? undefined : oneLine(advice),
    requestId
  }
}
