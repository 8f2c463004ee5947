import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/preflight.js"

/**
 * Sends the preflight that a browser sends before a request to another origin. An origin that no rule allows gets an
 * output without `allowOrigin`; of the headers that were asked for, `allowHeaders` has those that are allowed.
 * `AccessForbidden` is a refusal too, as where the bucket has no CORS configuration.
 *
 * @see https://www.tencentcloud.com/document/product/436/8288
 * @since 0.1.0
 * @category object
 */
export const optionsObject: types.PreflightOperations["optionsObject"] = Operation.make({
  name: "optionsObject",
  method: "OPTIONS",
  target: "object",
  doc: "https://www.tencentcloud.com/document/product/436/8288",
  params: {
    /** The origin of the page, such as `https://www.example.com`. */
    origin: Operation.required(Operation.header("Origin")),
    /** What the page wants to do. */
    requestMethod: Operation.required(
      Operation.header("Access-Control-Request-Method", c.oneOf("GET", "PUT", "POST", "DELETE", "HEAD"))
    ),
    /** The headers that it wants to send. */
    requestHeaders: Operation.header("Access-Control-Request-Headers", c.CommaSeparated)
  },
  success: Schema.Struct({
    /** `*`, or the origin that asked. Absent: the origin is not allowed. */
    allowOrigin: Schema.optional(Operation.fromHeader("Access-Control-Allow-Origin", Schema.String)),
    /** The methods that it may use. */
    allowMethods: Schema.optional(Operation.fromHeader("Access-Control-Allow-Methods", c.CommaSeparated)),
    /** Which of the headers asked for it may send. */
    allowHeaders: Schema.optional(Operation.fromHeader("Access-Control-Allow-Headers", c.CommaSeparated)),
    /** The headers of the response that it may read. */
    exposeHeaders: Schema.optional(Operation.fromHeader("Access-Control-Expose-Headers", c.CommaSeparated)),
    /** Seconds for which the browser need not ask again. */
    maxAge: Schema.optional(Operation.fromHeader("Access-Control-Max-Age", c.Count)),
    /** Whether it may send cookies and the like. */
    allowCredentials: Schema.optional(Operation.fromHeader("Access-Control-Allow-Credentials", c.Flag))
  }),
  errors: [CosError.NoSuchBucket, CosError.AccessForbidden, CosError.InvalidArgument]
})
