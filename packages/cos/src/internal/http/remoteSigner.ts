/** A signer elsewhere, which is asked for each attempt. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as CosError from "../../CosError.js"
import type * as Endpoint from "../../Endpoint.js"
import * as Signature from "../../Signature.js"
import type { Pairs, Request, RequestSummary } from "./request.js"

/**
 * What is to be signed: everything that the signature covers.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToSign {
  readonly request: RequestSummary
  readonly region: string | undefined
  /** The value of the `Host` header. */
  readonly host: string
  readonly query: ReadonlyArray<readonly [string, string]>
  readonly headers: ReadonlyArray<readonly [string, string]>
}

/**
 * A signature that somebody else made.
 *
 * @since 0.1.0
 * @category models
 */
export interface Authorization {
  /** The value of the `Authorization` header. */
  readonly authorization: string
  /** Of a temporary key: the value of `x-cos-security-token`. */
  readonly token?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly sign: (request: ToSign) => Effect.Effect<Authorization, CosError.AccessDenied | CosError.CredentialsError>
}

export class RemoteSigner extends Context.Reference<RemoteSigner>()("effect-cos/RemoteSigner", {
  defaultValue: (): Service | undefined => undefined
}) {}

export const toSign = (request: Request, { host }: Endpoint.Resolved, headers: Pairs): ToSign => {
  const { bucket, key, method, operation } = request
  return {
    request: { operation, method, host: request.host, bucket, key },
    region: request.region,
    host,
    query: request.query,
    headers: [...request.headers, ...headers].filter(([name]) => Signature.isSignedHeader(name))
  }
}
