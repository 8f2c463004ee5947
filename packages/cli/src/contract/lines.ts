/**
 * The lines of `--json`, one Schema each. The package's JSON Schema is made of them, and the tests decode by them every line
 * that the built command prints. The command itself takes only their types from here.
 */
import * as Schema from "effect/Schema"
import { diagnosis } from "./diagnosisLines.js"
import { flag, integer, line, text, time } from "./lineFields.js"
import { moves } from "./moveLines.js"

const bucketOf = { bucket: Schema.optional(text("absent: the bucket of `--bucket` or COS_BUCKET")) }
const maybeText = Schema.optional(Schema.String)

/** On standard error: why a command failed. It is the last line. */
export const Error = line("error", {
  command: Schema.optional(Schema.String),
  exit: integer("the exit code"),
  code: text("the service's code, or the type of the error"),
  message: Schema.String,
  advice: Schema.optional(Schema.String),
  requestId: Schema.optional(Schema.String)
})

export const Bucket = line("bucket", {
  bucket: Schema.String,
  region: Schema.String,
  created: time("when it was created")
})

/** An object, or one version of it. */
export const ListedObject = line("object", {
  ...bucketOf,
  key: Schema.String,
  size: integer("bytes"),
  modified: time("when it was written"),
  etag: Schema.optional(Schema.String),
  storageClass: Schema.optional(Schema.String),
  versionId: Schema.optional(Schema.String),
  isLatest: Schema.optional(flag("of versions: whether it is what a request without a version finds"))
})

/** A delete marker: a version that says that the object is gone. */
export const DeleteMarker = line("delete-marker", {
  ...bucketOf,
  key: Schema.String,
  versionId: Schema.String,
  isLatest: Schema.Boolean,
  modified: time("when the object was deleted")
})

/** What several keys begin with, up to the next `/`. */
export const Prefix = line("prefix", { ...bucketOf, prefix: Schema.String })

/** Of `du`: what lies below a folder. */
export const Usage = line("usage", {
  ...bucketOf,
  prefix: Schema.String,
  objects: integer("how many"),
  bytes: integer("all together")
})

/** Of `du`, at the end: what lies below the address. */
export const TotalUsage = line("total-usage", {
  ...bucketOf,
  prefix: Schema.String,
  objects: integer("how many"),
  bytes: integer("all together"),
  classes: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({ objects: integer("how many"), bytes: integer("all together") })
  }).annotations({ description: "the same by storage class" })
})

/** Of `stat`: an object. What these keys may not see is absent. */
export const Stat = line("stat", {
  ...bucketOf,
  key: Schema.String,
  size: integer("bytes"),
  modified: Schema.optional(time("when it was written")),
  etag: maybeText,
  crc64: Schema.optional(text("CRC-64/ECMA-182, in decimal")),
  contentType: maybeText,
  cacheControl: maybeText,
  contentDisposition: maybeText,
  contentEncoding: maybeText,
  contentLanguage: maybeText,
  expires: maybeText,
  storageClass: maybeText,
  storageTier: maybeText,
  objectType: maybeText,
  versionId: maybeText,
  encryption: maybeText,
  kmsKeyId: maybeText,
  acl: maybeText,
  owner: maybeText,
  replication: maybeText,
  symlinkTarget: maybeText,
  expiration: maybeText,
  restore: Schema.optional(
    Schema.Struct({ ongoing: Schema.Boolean, expires: Schema.optional(time("until when the copy can be read")) })
  ),
  metadata: Schema.Record({ key: Schema.String, value: Schema.String }),
  tags: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
})

/** Of `stat`: a bucket. What these keys may not see is absent. */
export const BucketStat = line("bucket-stat", {
  ...bucketOf,
  region: maybeText,
  availability: maybeText,
  architecture: maybeText,
  versioning: maybeText,
  acl: maybeText,
  owner: maybeText
})

/** Of `put`: the object that was made. */
export const Put = line("put", {
  ...bucketOf,
  key: Schema.String,
  size: integer("bytes"),
  etag: maybeText,
  versionId: maybeText,
  crc64: text("CRC-64/ECMA-182 of the bytes that were read, in decimal")
})

/** Of `rm`: an object, or a version of it, that is gone, or with `--dry-run` would be. */
export const Removed = line("removed", {
  ...bucketOf,
  key: Schema.String,
  versionId: maybeText,
  deleteMarkerVersionId: Schema.optional(
    text("the delete marker that stands for the deletion: older versions are kept")
  ),
  dryRun: Schema.optional(Schema.Boolean)
})

/** Of `rm` and `uploads --abort`: what is still there, as far as is known. */
export const NotRemoved = line("not-removed", {
  ...bucketOf,
  key: Schema.String,
  versionId: maybeText,
  uploadId: maybeText,
  code: text("the service's code, or the type of the error"),
  message: Schema.String
})

/** Of `rm`, at the end: what it came to. */
export const RemovedTotal = line("removed-total", {
  objects: integer("objects, versions and delete markers that are gone"),
  failed: integer("those that are not")
})

/** Of `mb`, `rb`, `restore` and of commands that change a configuration: it is done. */
export const Done = line("done", {
  what: Schema.Literal("mb", "rb", "restore", "put", "delete"),
  /** Such as `cors`. */
  configuration: maybeText,
  ...bucketOf,
  key: maybeText
})

/** Of `get` of a configuration: what `put` takes again. */
export const Configuration = line("configuration", {
  name: text("such as `cors`"),
  ...bucketOf,
  key: maybeText,
  configuration: Schema.Unknown
})

/** Of `uploads`: an upload that was not finished. */
export const UnfinishedUpload = line("upload", {
  ...bucketOf,
  key: Schema.String,
  uploadId: Schema.String,
  began: time("when it began"),
  ageSeconds: integer("how long ago"),
  bytes: Schema.optional(integer("that are stored, and paid for; absent where they may not be seen")),
  parts: Schema.optional(integer("how many")),
  storageClass: maybeText
})

/** Of `uploads --abort`: an upload whose parts are gone. */
export const AbortedUpload = line("aborted", { ...bucketOf, key: Schema.String, uploadId: Schema.String })

/** On standard error, with `--json-progress`: how far something is, at most once a second and at its end. */
export const Progress = line("progress", {
  id: text("what the line speaks of: `total`, or one file or object"),
  label: Schema.String,
  unit: Schema.Literal("bytes", "files"),
  done: integer("how much of it is done"),
  total: Schema.optional(integer("absent where it is not known")),
  perSecond: Schema.Number.pipe(Schema.nonNegative())
})

/** Every line, on standard output but for `error` and `progress`. */
export const Line = Schema.Union(
  Error,
  Bucket,
  ListedObject,
  DeleteMarker,
  Prefix,
  Usage,
  TotalUsage,
  Stat,
  BucketStat,
  Put,
  Removed,
  NotRemoved,
  RemovedTotal,
  Done,
  Configuration,
  UnfinishedUpload,
  AbortedUpload,
  Progress,
  ...diagnosis,
  ...moves
).annotations({
  identifier: "Line",
  title: "A line of `cos --json`",
  description: "One JSON object a line. Fields may be added; a change of their meaning changes `v`."
})

export type Line = typeof Line.Type
