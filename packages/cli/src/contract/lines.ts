/**
 * The lines of `--json`, one Schema each. The package's JSON Schema is made of them, and the tests decode by them every line
 * that the built command prints. The command itself takes only their types from here.
 */
import * as Schema from "effect/Schema"
import { diagnosis } from "./diagnosisLines.js"
import { flag, integer, line, text, time } from "./lineFields.js"
import { moves } from "./moveLines.js"

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
  bucket: Schema.optional(Schema.String),
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
  bucket: Schema.optional(Schema.String),
  key: Schema.String,
  versionId: Schema.String,
  isLatest: Schema.Boolean,
  modified: time("when the object was deleted")
})

/** What several keys begin with, up to the next `/`. */
export const Prefix = line("prefix", { bucket: Schema.optional(Schema.String), prefix: Schema.String })

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
  Progress,
  ...diagnosis,
  ...moves
).annotations({
  identifier: "Line",
  title: "A line of `cos --json`",
  description: "One JSON object a line. Fields may be added; a change of their meaning changes `v`."
})

export type Line = typeof Line.Type
