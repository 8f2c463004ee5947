/** A request, as data. */
import type * as Effect from "effect/Effect"
import type { Body } from "../../Body.js"
import type { GivenHost } from "../../Endpoint.js"
import type { CopySource } from "../../Operation.js"

export type Pairs = ReadonlyArray<readonly [name: string, value: string]>

/**
 * A request, without anything that differs from attempt to attempt.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly operation: string
  readonly method: HttpMethod
  readonly host: "service" | "bucket" | "processing" | "control" | GivenHost
  readonly bucket: string | undefined
  readonly region: string | undefined
  /** The account whose batch jobs are meant, where the host is `control`. */
  readonly uin?: string | undefined
  readonly key: string | undefined
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Body | undefined
  readonly copySource: CopySource | undefined
  /** Runs the request and reports how much of its body has been sent. Absent where nobody asked for that. */
  readonly watch?: Watch | undefined
  /** Called with how many bytes of the body the HTTP client has taken in this attempt. */
  readonly onSent?: ((bytes: number) => Effect.Effect<void>) | undefined
  /** Whether sending it twice is the same as sending it once. */
  readonly idempotent: boolean
}

/**
 * What is done around the run of a request.
 *
 * @since 0.1.0
 * @category models
 */
export type Watch = <A, E, R>(
  request: Request,
  run: (request: Request) => Effect.Effect<A, E, R>
) => Effect.Effect<A, E, R>

/**
 * The methods of COS.
 *
 * @since 0.1.0
 * @category models
 */
export type HttpMethod = "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | "OPTIONS"

/**
 * What errors say of a request. Its headers are not in it: they may hold secrets, and responses are kept for longer.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestSummary extends Pick<Request, "operation" | "method" | "host" | "bucket" | "key"> {}

export const summaryOf = ({ bucket, host, key, method, operation }: Request): RequestSummary => ({
  operation,
  method,
  host,
  bucket,
  key
})
