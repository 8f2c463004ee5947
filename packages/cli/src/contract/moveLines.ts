/** The lines of `cp`, `mv`, `sync` and `apply`. */
import * as Schema from "effect/Schema"
import { integer, line, text } from "./lineFields.js"

const action = Schema.Literal("upload", "download", "copy")
const place = text("an address, or a local path")

/** What was transferred, its source being gone where `moved` says so. */
export const Transfer = line("transfer", {
  action,
  source: place,
  target: place,
  size: integer("bytes"),
  moved: Schema.optional(Schema.Boolean),
  etag: Schema.optional(Schema.String),
  versionId: Schema.optional(Schema.String)
})

/** What a sync removed because its source does not have it. */
export const SyncDelete = line("sync-delete", { target: place, size: integer("bytes") })

/** What would be done: by `--dry-run`. */
export const Planned = line("planned", {
  action: Schema.Literal("upload", "download", "copy", "delete"),
  source: Schema.optional(place),
  target: place,
  size: Schema.optional(integer("bytes, where they are known")),
  reason: Schema.optional(Schema.Literal("missing", "size", "newer", "content"))
})

/** What was left out, which is no failure. */
export const Skipped = line("skipped", {
  source: Schema.optional(place),
  target: Schema.optional(place),
  reason: text("`exists`, `done` by an earlier run, `temporary`, or what a sync leaves out, such as `Link`")
})

/** What failed: after everything else but the summary's failure. */
export const Failed = line("failed", {
  source: Schema.optional(place),
  target: Schema.optional(place),
  exit: integer("the exit code that it alone would have ended with"),
  code: text("the service's code, or the type of the error"),
  message: Schema.String,
  requestId: Schema.optional(Schema.String)
})

/** What a command over many files came to. */
export const Summary = line("summary", {
  command: Schema.String,
  transferred: integer("files and objects"),
  bytes: integer("of these"),
  deleted: Schema.optional(integer("by a sync")),
  withheld: Schema.optional(integer("deletions that were not carried out, although the source does not have them")),
  skipped: integer("left out, which is no failure"),
  failed: integer("which are listed next"),
  seconds: Schema.Number.pipe(Schema.nonNegative())
})

/** What a plan that was written comes to. */
export const Plan = line("plan", {
  file: Schema.String,
  transfers: integer("files and objects"),
  bytes: integer("of these"),
  deletions: integer("files and objects"),
  refused: integer("keys without a safe local name"),
  omitted: integer("left out")
})

export const moves = [Transfer, SyncDelete, Planned, Skipped, Failed, Summary, Plan] as const
