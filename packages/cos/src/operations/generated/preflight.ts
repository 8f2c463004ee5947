// Written by `pnpm generate` from ../preflight.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as Operation from "../../Operation.js"

/**
 * The input of `optionsObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface OptionsObjectInput extends Operation.ObjectInput {
  /** The origin of the page, such as `https://www.example.com`. */
  readonly origin: string
  /** What the page wants to do. */
  readonly requestMethod: "DELETE" | "GET" | "HEAD" | "POST" | "PUT"
  /** The headers that it wants to send. */
  readonly requestHeaders?: ReadonlyArray<string> | undefined
}

/**
 * The output of `optionsObject`.
 *
 * @since 0.1.0
 * @category object
 */
export interface OptionsObjectOutput {
  /** `*`, or the origin that asked. Absent: the origin is not allowed. */
  readonly allowOrigin?: string | undefined
  /** The methods that it may use. */
  readonly allowMethods?: ReadonlyArray<string> | undefined
  /** Which of the headers asked for it may send. */
  readonly allowHeaders?: ReadonlyArray<string> | undefined
  /** The headers of the response that it may read. */
  readonly exposeHeaders?: ReadonlyArray<string> | undefined
  /** Seconds for which the browser need not ask again. */
  readonly maxAge?: number | undefined
  /** Whether it may send cookies and the like. */
  readonly allowCredentials?: boolean | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface PreflightOperations {
  readonly optionsObject: Operation.Operation<
    OptionsObjectInput,
    OptionsObjectOutput,
    CosError.AccessForbidden | CosError.InvalidArgument | CosError.NoSuchBucket | CosError.Common
  >
}
