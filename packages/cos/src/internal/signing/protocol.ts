/** What a page and the server that signs for it tell each other. */
import * as Schema from "effect/Schema"

const Pairs = Schema.Array(Schema.Tuple(Schema.String, Schema.String))

/** A request that a page wants to send, without its body. */
export const Question = Schema.Struct({
  method: Schema.Literal("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"),
  bucket: Schema.optional(Schema.String),
  region: Schema.optional(Schema.String),
  /** As it is, not percent-encoded. Absent: the bucket itself. */
  key: Schema.optional(Schema.String),
  /** Where the page sends it. */
  host: Schema.String,
  query: Pairs,
  /** Those that are to be signed. */
  headers: Pairs
})

export const Answer = Schema.Struct({
  /** The value of the header `Authorization`. */
  authorization: Schema.String,
  /** Of a temporary key: the value of `x-cos-security-token`. Worth nothing without the key's secret. */
  token: Schema.optional(Schema.String),
  expiresAt: Schema.Date
})

/** Why a server does not sign. */
export const Reason = Schema.Literal(
  "Unauthorized",
  "ForeignOrigin",
  "PathNotAllowed",
  "OperationNotAllowed",
  "BucketNotAllowed",
  "HostNotAllowed",
  "HeaderNotAllowed"
)

/** A refusal as it is sent. */
export const Refusal = Schema.Struct({ _tag: Schema.Literal("SigningRefused"), reason: Reason, message: Schema.String })

export type Asked = typeof Question.Encoded
