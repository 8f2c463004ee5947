/** A signer elsewhere, which is asked for each attempt. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CosError from "../../CosError.js"
import type * as Endpoint from "../../Endpoint.js"
import * as Signature from "../../Signature.js"
import { errorOf } from "../credentials/guard.js"
import { isHeaderValue } from "../encoding/text.js"
import { runInterruptible } from "../time/runBounded.js"
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

const provider = "RemoteSigner"

const failed = (message: string, transient: boolean) => new CosError.CredentialsError({ provider, message, transient })

/** The signers that keep to time limits of their own. */
const bounded = new WeakSet<Service>()

const isText = (value: unknown): value is string => typeof value === "string" && isHeaderValue(value)

const check = (found: unknown): Effect.Effect<Authorization, CosError.CredentialsError> => {
  const { authorization, token } = Object(found) as { readonly [K in keyof Authorization]: unknown }
  return isText(authorization) && (token === undefined || isText(token))
    ? Effect.succeed({ authorization, token })
    : failed("the signer gave no signature", false)
}

/** A signer that others wrote, or that runs what they wrote: whatever it does is a typed error, within a limit. */
export const guard = (signer: Service, limit: Duration.DurationInput): Service => {
  if (bounded.has(signer)) return signer
  const guarded: Service = {
    sign: (asked) =>
      runInterruptible(
        Effect.catchAllCause(
          Effect.flatMap(
            Effect.suspend(() => signer.sign(asked)),
            check
          ),
          (cause) => {
            const failure = Option.getOrUndefined(Cause.failureOption(cause))
            return Effect.fail(
              failure instanceof CosError.AccessDenied ? failure : errorOf(provider, "the signer ", cause)
            )
          }
        ),
        { limit, onTimeout: () => failed("the signing server took too long", true) }
      )
  }
  bounded.add(guarded)
  return guarded
}

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
