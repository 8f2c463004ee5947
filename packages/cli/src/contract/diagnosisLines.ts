/** The lines of `config`, `sign explain`, `doctor`, `api`, `presign`, `form` and `emulator`. */
import * as Schema from "effect/Schema"
import { flag, integer, line, text, time } from "./lineFields.js"

/** Of `config`: a setting and where it is from. */
export const Setting = line("setting", {
  name: Schema.Literal("endpoint", "region", "bucket", "proxy"),
  value: Schema.optional(Schema.String),
  from: Schema.optional(text("the option, the variable or the profile"))
})

/** Of `config`: the key that is used. */
export const AccessKey = line("access-key", {
  secretId: Schema.optional(Schema.String),
  from: Schema.optional(text("the source that has it")),
  anonymous: flag("whether requests are sent unsigned because COS_ANONYMOUS says so"),
  temporary: flag("whether it goes with a token"),
  expires: Schema.optional(time("until when it is valid"))
})

/** Of `config`: a place where a key was looked for. */
export const KeySource = line("key-source", {
  name: Schema.String,
  outcome: Schema.Literal("found", "none", "failed", "notAsked"),
  detail: text("which variables, which file, or why there is none")
})

/** Of `sign explain`: the texts of a signature. */
export const CanonicalTexts = line("canonical-texts", {
  of: Schema.Literal("client", "service").annotations({
    description: "made here from the request, or what the service said that it made"
  }),
  httpString: text("FormatString of error documents; secrets in it read `<redacted>`"),
  stringToSign: Schema.String
})

/** Of `sign explain`: where the client's and the service's texts differ. */
export const Difference = line("difference", {
  part: Schema.Literal("method", "path", "parameter", "header", "time"),
  name: Schema.optional(text("of a parameter or header, in lower case")),
  client: Schema.optional(text("what was signed; absent where nothing of the kind was")),
  service: Schema.optional(text("what arrived; absent where nothing of the kind did")),
  at: integer("the first character that differs, from 0, in UTF-16 units")
})

/** Of `sign explain`: a reason why a request was refused. */
export const Cause = line("cause", {
  kind: text("such as `PathEncodedTwice`"),
  proven: flag("whether it must be so"),
  message: Schema.String,
  advice: Schema.String
})

/** Of `doctor`: one thing that was looked at. */
export const Check = line("check", {
  check: text("such as `clock`"),
  status: Schema.Literal("ok", "warning", "wrong", "skipped"),
  kind: Schema.optional(text("what is wrong, for programs, such as `ClockBehind`")),
  message: Schema.String,
  advice: Schema.optional(text("what to do"))
})

/** Of `api`: what an operation gave. */
export const ApiOutput = line("output", {
  operation: Schema.String,
  output: Schema.optional(
    Schema.Unknown.annotations({ description: "as the operation's reference says; times are ISO 8601" })
  )
})

/** Of `api` without an operation: one that there is. */
export const ApiOperation = line("operation", {
  operation: Schema.String,
  summary: Schema.String
})

/** Of `presign`: a request that anybody can send. */
export const Presigned = line("presigned", {
  method: Schema.String,
  url: Schema.String,
  headers: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
    description: "to be sent exactly so"
  }),
  expires: time("until when it is valid")
})

/** Of `form`: a form that uploads a file. */
export const Form = line("form", {
  url: Schema.String,
  fields: Schema.Record({ key: Schema.String, value: Schema.String }).annotations({
    description: "all but `file`, which goes last"
  }),
  expires: time("until when it is valid")
})

/** Of `policy`. */
export const Policy = line("policy", {
  policy: Schema.Unknown.annotations({ description: "as the console of CAM takes it" })
})

/** Of `emulator`: where it listens. */
export const Emulator = line("emulator", {
  endpoint: Schema.String,
  tlsEndpoint: Schema.optional(Schema.String),
  controlEndpoint: Schema.optional(Schema.String),
  region: Schema.String,
  bucket: Schema.String,
  variables: Schema.Record({ key: Schema.String, value: Schema.String })
})

export const diagnosis = [
  Setting,
  AccessKey,
  KeySource,
  CanonicalTexts,
  Difference,
  Cause,
  Check,
  ApiOutput,
  ApiOperation,
  Presigned,
  Form,
  Policy,
  Emulator
] as const
