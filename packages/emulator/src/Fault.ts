/**
 * Faults as data: what goes wrong with a request, and which requests.
 *
 * A fault is set with `Emulator.fault` and acts on the requests that match it. Every constructor here returns plain
 * data that survives JSON.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const headers = Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
const bytes = Schema.NonNegativeInt
const milliseconds = Schema.NonNegative
const bytesPerSecond = Schema.Positive

/**
 * @since 0.1.0
 * @category schemas
 */
export const Fault = Schema.Union(
  Schema.TaggedStruct("Status", {
    status: Schema.Int.pipe(Schema.between(200, 599)),
    code: Schema.optional(Schema.String),
    message: Schema.optional(Schema.String),
    headers,
    body: Schema.optional(Schema.String),
    afterBytes: Schema.optional(bytes)
  }),
  Schema.TaggedStruct("Reset", { afterBytes: bytes }),
  Schema.TaggedStruct("LostResponse", {}),
  Schema.TaggedStruct("Silence", { when: Schema.Literal("before", "after") }),
  Schema.TaggedStruct("Delay", { milliseconds, when: Schema.Literal("before", "after") }),
  Schema.TaggedStruct("ForgetPart", {}),
  Schema.TaggedStruct("IgnoreHeaders", { names: Schema.Array(Schema.String) }),
  Schema.TaggedStruct("DiskFull", { afterBytes: Schema.optional(bytes) }),
  Schema.TaggedStruct("Die", {
    at: Schema.Literal("write", "staged", "commit", "committed"),
    afterBytes: Schema.optional(bytes)
  }),
  Schema.TaggedStruct("Stall", { afterBytes: bytes }),
  Schema.TaggedStruct("ResetResponse", { afterBytes: bytes }),
  Schema.TaggedStruct("Slow", { bytesPerSecond }),
  Schema.TaggedStruct("SlowHeaders", { bytesPerSecond }),
  Schema.TaggedStruct("Truncate", { bytes }),
  Schema.TaggedStruct("FlipBit", { offset: bytes }),
  Schema.TaggedStruct("WrongLength", { by: Schema.Int }),
  Schema.TaggedStruct("WrongETag", {}),
  Schema.TaggedStruct("WrongCrc64", {}),
  Schema.TaggedStruct("WithHeaders", {
    set: Schema.Record({ key: Schema.String, value: Schema.NullOr(Schema.String) })
  }),
  Schema.TaggedStruct("ReplaceBody", { body: Schema.String }),
  Schema.TaggedStruct("ErrorIn200", { code: Schema.String, committed: Schema.Boolean }),
  Schema.TaggedStruct("KeepAliveBlanks", { count: Schema.NonNegativeInt, milliseconds }),
  Schema.TaggedStruct("NoRequestId", {}),
  Schema.TaggedStruct("StaleList", { milliseconds })
).annotations({ identifier: "Fault" })

/**
 * What goes wrong.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type

/**
 * Which requests a fault acts on. A request must match every field that is set; `{}` matches every request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Matcher = Schema.Struct({
  /** The operation's name as the SDK spells it: `putObject`, `uploadPart`, `completeMultipartUpload`, … */
  operation: Schema.optional(Schema.String),
  /** The full bucket name, `name-appid`. */
  bucket: Schema.optional(Schema.String),
  /** The whole key. */
  key: Schema.optional(Schema.String),
  partNumber: Schema.optional(Schema.Int),
  /** The HTTP method, upper case. */
  method: Schema.optional(Schema.String),
  /** Acts from the nth matching request on, counted from 1 since the fault was set. Default 1. */
  nth: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** How many requests it acts on; `"all"` (or `Infinity`, which JSON does not have) for every one. Default 1. */
  times: Schema.optional(Schema.Union(Schema.Positive, Schema.Literal("all")))
}).annotations({ identifier: "Matcher" })

/**
 * @since 0.1.0
 * @category models
 */
export type Matcher = typeof Matcher.Type

/**
 * A fault and the requests it acts on.
 *
 * @since 0.1.0
 * @category schemas
 */
export const FaultSpec = Schema.Struct({ on: Schema.optional(Matcher), do: Fault }).annotations({
  identifier: "FaultSpec"
})

/**
 * @since 0.1.0
 * @category models
 */
export type FaultSpec = typeof FaultSpec.Type

/**
 * Responds with a status and does not run the operation. With a `code` the body is COS's `<Error>` document; `body`
 * sets it literally (an HTML page of a proxy, say). The request's body is not read.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const status = (
  status: number,
  options: {
    readonly code?: string | undefined
    readonly message?: string | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body?: string | undefined
  } = {}
): Fault => ({ _tag: "Status", status, ...options })

/**
 * Like {@link status}, after reading `bytes` of the request's body (or all of it, if it is shorter).
 *
 * @since 0.1.0
 * @category before the operation
 */
export const statusAfterBytes = (
  bytes: number,
  status: number,
  options: {
    readonly code?: string | undefined
    readonly message?: string | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body?: string | undefined
  } = {}
): Fault => ({ _tag: "Status", status, ...options, afterBytes: bytes })

/**
 * Resets the connection before anything of the body is read.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const resetBefore: Fault = { _tag: "Reset", afterBytes: 0 }

/**
 * Resets the connection after `bytes` of the request's body (or all of it, if it is shorter). Nothing is stored.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const resetAfterBytes = (bytes: number): Fault => ({ _tag: "Reset", afterBytes: bytes })

/**
 * Runs the operation to its end, then resets the connection instead of responding.
 *
 * @since 0.1.0
 * @category after the operation
 */
export const lostResponse: Fault = { _tag: "LostResponse" }

/**
 * Accepts the request and never responds: `"before"` the operation (the server reads the body and does nothing) or
 * `"after"` it was carried out.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const silence = (when: "before" | "after" = "before"): Fault => ({ _tag: "Silence", when })

/**
 * Waits `"before"` the operation (the body is not read meanwhile) or `"after"` it, before the response.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const delay = (duration: Duration.DurationInput, when: "before" | "after" = "before"): Fault => ({
  _tag: "Delay",
  milliseconds: Duration.toMillis(duration),
  when
})

/**
 * UploadPart and Upload Part - Copy acknowledge the part and do not store it.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const forgetPart: Fault = { _tag: "ForgetPart" }

/**
 * Hides these request headers from the operation, but not from the signature check: with `range` the response is the
 * whole object, with `if-match` the condition is ignored.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const ignoreHeaders = (...names: ReadonlyArray<string>): Fault => ({ _tag: "IgnoreHeaders", names })

/**
 * The response's body stops for ever after `bytes`; the connection stays open.
 *
 * @since 0.1.0
 * @category the response
 */
export const stall = (bytes: number): Fault => ({ _tag: "Stall", afterBytes: bytes })

/**
 * Resets the connection after `bytes` of the response's body.
 *
 * @since 0.1.0
 * @category the response
 */
export const resetResponseAfterBytes = (bytes: number): Fault => ({ _tag: "ResetResponse", afterBytes: bytes })

/**
 * Limits the response's body and the request's body to so many bytes per second.
 *
 * @since 0.1.0
 * @category the response
 */
export const slow = (bytesPerSecond: number): Fault => ({ _tag: "Slow", bytesPerSecond })

/**
 * Sends the status line and headers at so many bytes per second. In process the whole head arrives that much later.
 *
 * @since 0.1.0
 * @category the response
 */
export const slowHeaders = (bytesPerSecond: number): Fault => ({ _tag: "SlowHeaders", bytesPerSecond })

/**
 * Closes the connection normally after `bytes` of the response's body, though Content-Length promised more.
 *
 * @since 0.1.0
 * @category the response
 */
export const truncate = (bytes: number): Fault => ({ _tag: "Truncate", bytes })

/**
 * Flips the lowest bit of the byte at `offset` (from 0) of the response's body.
 *
 * @since 0.1.0
 * @category the response
 */
export const flipBit = (offset: number): Fault => ({ _tag: "FlipBit", offset })

/**
 * Announces a Content-Length that is off `by` so many bytes: 1 promises a byte that never comes (the connection then
 * closes), -1 sends one byte too many.
 *
 * @since 0.1.0
 * @category the response
 */
export const wrongLength = (by: number): Fault => ({ _tag: "WrongLength", by })

/**
 * Responds with another ETag than the stored one, in the header and in the document.
 *
 * @since 0.1.0
 * @category the response
 */
export const wrongETag: Fault = { _tag: "WrongETag" }

/**
 * Responds with another CRC64 than the stored one, in the header and in the document.
 *
 * @since 0.1.0
 * @category the response
 */
export const wrongCrc64: Fault = { _tag: "WrongCrc64" }

/**
 * Sets headers of the response, or removes them (`null`): a wrong `Content-Range`, a `Content-Encoding`, and so on.
 * Control characters in values are replaced by blanks.
 *
 * @since 0.1.0
 * @category the response
 */
export const withHeaders = (set: Readonly<Record<string, string | null>>): Fault => ({ _tag: "WithHeaders", set })

/**
 * Replaces the response's body and adjusts Content-Length; status and other headers stay.
 *
 * @since 0.1.0
 * @category the response
 */
export const replaceBody = (body: string): Fault => ({ _tag: "ReplaceBody", body })

/**
 * Responds 200 with an `<Error>` document, as COS does for a Complete or a copy that failed midway. With `committed`
 * (default `false`) the operation is carried out all the same.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const errorIn200 = (code: string, options: { readonly committed?: boolean | undefined } = {}): Fault => ({
  _tag: "ErrorIn200",
  code,
  committed: options.committed ?? false
})

/**
 * Sends the head at once, then `count` blanks, one each `interval`, and then the response's body, chunked, as COS does
 * during a long Complete.
 *
 * @since 0.1.0
 * @category the response
 */
export const keepAliveBlanks = (count: number, interval: Duration.DurationInput): Fault => ({
  _tag: "KeepAliveBlanks",
  count,
  milliseconds: Duration.toMillis(interval)
})

/**
 * 503 `SlowDown` with a `Retry-After` header: seconds, or an HTTP date.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const retryAfter = (after: number | string): Fault =>
  status(503, { code: "SlowDown", headers: { "retry-after": String(after) } })

/**
 * Leaves out `x-cos-request-id` and the ids in an error document, as when something other than COS responds.
 *
 * @since 0.1.0
 * @category the response
 */
export const noRequestId: Fault = { _tag: "NoRequestId" }

/**
 * Responds with this `Date` header; `null` for none.
 *
 * @since 0.1.0
 * @category the response
 */
export const date = (value: Date | string | null): Fault =>
  withHeaders({ date: value instanceof Date ? value.toUTCString() : value })

/**
 * Listings leave out what was written within the last `lag`.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const staleList = (lag: Duration.DurationInput): Fault => ({
  _tag: "StaleList",
  milliseconds: Duration.toMillis(lag)
})

/**
 * Responds 400 `ExpiredToken`, whichever access key signed. For a key that really expires, add one with an `expiresAt`.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const expiredCredentials: Fault = status(400, { code: "ExpiredToken" })

/**
 * The server's disk is full: a write fails with 500 `InternalError`, and nothing of it is kept.
 *
 * @since 0.1.0
 * @category within the operation
 */
export const diskFull: Fault = { _tag: "DiskFull" }

/**
 * The server's disk has room for `bytes` more: a longer body fails as with {@link diskFull}, a shorter one is stored.
 *
 * @since 0.1.0
 * @category within the operation
 */
export const diskFullAfterBytes = (bytes: number): Fault => ({ _tag: "DiskFull", afterBytes: bytes })

/**
 * The process that the emulator runs in is killed (`SIGKILL`, no finalizer runs) at a point of a write: `"write"` once
 * more than `afterBytes` (default 0) of the body have come, `"staged"` when all of it is stored, `"commit"` just before
 * it becomes the object, `"committed"` just after, before the response. Meant for the command: a test that runs the
 * emulator in its own process ends with it.
 *
 * @since 0.1.0
 * @category within the operation
 */
export const die = (at: "write" | "staged" | "commit" | "committed", afterBytes?: number): Fault => ({
  _tag: "Die",
  at,
  ...(afterBytes === undefined ? {} : { afterBytes })
})

/**
 * Responds with a redirect to `location` and without an `<Error>` document, as something other than COS would.
 *
 * @since 0.1.0
 * @category before the operation
 */
export const redirect = (status: 301 | 302 | 307 | 308, location: string): Fault => ({
  _tag: "Status",
  status,
  headers: { location },
  body: ""
})
