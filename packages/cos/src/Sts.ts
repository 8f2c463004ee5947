/**
 * Temporary keys, from the security token service (STS) of Tencent Cloud.
 *
 * A server with permanent keys asks for keys that may do only what a {@link Policy} allows, for a short time, and gives these
 * to a page, an app or a job. `CredentialsHandler` is such a server, and `Credentials.remote` the side of the page.
 *
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Credentials, Policy, Sts } from "effect-cos"
 * import { Effect, Layer } from "effect"
 *
 * const key = Sts.federationToken({
 *   policy: Policy.allow(Policy.upload, { bucket: "examplebucket-1250000000", prefix: "users/7/" }),
 *   duration: "30 minutes"
 * })
 *
 * const StsLive = Sts.layer().pipe(Layer.provide(Credentials.layerEnv), Layer.provide(FetchHttpClient.layer))
 *
 * const program = Effect.provide(key, StsLive)
 * ```
 *
 * Requests are signed with `TC3-HMAC-SHA256`. A failed one is retried by the policy of the fiber, of these settings, or the
 * default, in this order; a wrong clock and an expired key are corrected once.
 *
 * Source: "API Overview", https://cloud.tencent.com/document/api/1312/48195
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Common, InvalidArgument, MalformedPolicy, NoSuchRole } from "./CosError.js"
import { type AccessKey, Credentials } from "./Credentials.js"
import * as call from "./internal/sts/call.js"
import * as inputs from "./internal/sts/input.js"
import type { PolicyInput } from "./Policy.js"
import type { RetryPolicy } from "./RetryPolicy.js"

/**
 * Asks for temporary keys.
 *
 * @since 0.1.0
 * @category tags
 */
export class Sts extends Context.Tag("effect-cos/Sts")<Sts, Sts.Service>() {}

/**
 * @since 0.1.0
 */
export declare namespace Sts {
  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    readonly federationToken: (input: FederationTokenInput) => Effect.Effect<TemporaryKey, StsError>
    readonly assumeRole: (input: AssumeRoleInput) => Effect.Effect<TemporaryKey, StsError>
  }
}

/**
 * What a call of STS can fail with. `code` is the service's own, such as `InvalidParameter.StrategyFormatError`:
 *
 * - `MalformedPolicy`: the service does not take the policy
 * - `InvalidArgument`: or another parameter, such as a `duration` that is too long for the key that asks
 * - `NoSuchRole`: there is no such role
 * - `AccessDenied`: the key may not ask for this, or the policy is about another account's resources
 * - `AuthenticationFailed`: the key, its token or the signature was rejected
 * - `Throttled`, `ServerFault`, `TransportError`, `MalformedResponse`: after retries
 * - `InvalidInput`, `CredentialsError`: nothing was sent
 *
 * @since 0.1.0
 * @category errors
 */
export type StsError = Common | MalformedPolicy | InvalidArgument | NoSuchRole

/**
 * A temporary key: an `AccessKey`, for which requests carry the token.
 *
 * @since 0.1.0
 * @category models
 */
export interface TemporaryKey extends AccessKey {
  readonly token: Redacted.Redacted<string>
  readonly startsAt: Date
  readonly expiresAt: Date
  /** Of the response that gave it. */
  readonly requestId: string | undefined
}

/**
 * Settings of STS, all of them optional.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  /**
   * A host, or its URL. Default `sts.tencentcloudapi.com`; within a VPC `sts.internal.tencentcloudapi.com`, on international
   * accounts `sts.intl.tencentcloudapi.com`; for tests the emulator's `endpoint`.
   */
  readonly endpoint?: string | undefined
  /** Where the service is asked; the keys work in every region. Default `ap-guangzhou`. */
  readonly region?: string | undefined
  /** Default: that of the fiber, else `RetryPolicy.default`. */
  readonly retry?: RetryPolicy | undefined
  /** How long one attempt may take. Default 10 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * The input of {@link federationToken}.
 *
 * @since 0.1.0
 * @category models
 */
export interface FederationTokenInput {
  /** What the key may do, of what the key that asks may do. How long its text may be is not documented; keep it under 2,048. */
  readonly policy: PolicyInput
  /** Shown in audits: 1 to 128 letters, digits and `+=,.@_-`. Default `effect-cos`. */
  readonly name?: string | undefined
  /** Whole seconds; up to 2 hours for keys of a main account, up to 36 hours for those of a sub-account. Default 30 minutes. */
  readonly duration?: Duration.DurationInput | undefined
}

/**
 * The input of {@link assumeRole}.
 *
 * @since 0.1.0
 * @category models
 */
export interface AssumeRoleInput {
  /** `qcs::cam::uin/<owner>:roleName/<name>` or `qcs::cam::uin/<owner>:role/<id>`. */
  readonly roleArn: string
  /** Shown in audits: 2 to 128 letters, digits and `+=,.@_-`. Default `effect-cos`. */
  readonly sessionName?: string | undefined
  /** What the key may do, of what the role may do. Default: all of it. */
  readonly policy?: PolicyInput | undefined
  /** Whole seconds, up to 12 hours. Default 2 hours. */
  readonly duration?: Duration.DurationInput | undefined
  /** The id that the role's trust policy asks for. */
  readonly externalId?: string | undefined
  /** Who is behind the session, for audits. */
  readonly sourceIdentity?: string | undefined
  /** Up to 50 tags of the session. */
  readonly tags?: { readonly [key: string]: string } | undefined
  /** The device of multi-factor authentication, and its code. */
  readonly mfa?: { readonly serialNumber: string; readonly tokenCode: Redacted.Redacted<string> } | undefined
}

/**
 * STS with the HTTP client and the permanent key of the context.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (settings: Settings = {}): Effect.Effect<Sts.Service, never, HttpClient.HttpClient | Credentials> =>
  Effect.map(Effect.all([HttpClient.HttpClient, Credentials]), ([client, credentials]) => {
    const state = call.makeState(settings, client, credentials)
    return {
      federationToken: (input) => Effect.flatMap(inputs.federationToken(input), (request) => call.run(state, request)),
      assumeRole: (input) => Effect.flatMap(inputs.assumeRole(input), (request) => call.run(state, request))
    }
  })

/**
 * Provides {@link Sts}. The `Credentials` are those of whoever asks, as a rule permanent ones.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (settings?: Settings): Layer.Layer<Sts, never, HttpClient.HttpClient | Credentials> =>
  Layer.effect(Sts, make(settings))

/**
 * A temporary key for a user of your own (`GetFederationToken`). It may do what the policy and the key that asks both allow.
 * Only permanent keys may ask.
 *
 * @see https://cloud.tencent.com/document/api/1312/48195
 * @since 0.1.0
 * @category operations
 */
export const federationToken = (input: FederationTokenInput): Effect.Effect<TemporaryKey, StsError, Sts> =>
  Effect.flatMap(Sts, (sts) => sts.federationToken(input))

/**
 * A temporary key of a role (`AssumeRole`). It may do what the role may, as far as the policy allows it. The key that asks
 * must be one whom the role trusts; a temporary one may be such.
 *
 * @see https://cloud.tencent.com/document/api/1312/48197
 * @since 0.1.0
 * @category operations
 */
export const assumeRole = (input: AssumeRoleInput): Effect.Effect<TemporaryKey, StsError, Sts> =>
  Effect.flatMap(Sts, (sts) => sts.assumeRole(input))
