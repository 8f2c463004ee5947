/**
 * The keys that requests are signed with, and where they come from.
 *
 * Every attempt of every request asks {@link Credentials} for its keys, so keys that change while a program runs, such as
 * temporary ones, take effect at once. Secrets are `Redacted`: printing keys, logging them or encoding them as JSON shows
 * `<redacted>`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { CredentialsError } from "./CosError.js"

/**
 * A pair of keys, with its token and its time of validity when it is temporary.
 *
 * @since 0.1.0
 * @category models
 */
export interface Keys {
  /** Names the key; it is part of every signature and not a secret. */
  readonly secretId: string
  readonly secretKey: Redacted.Redacted<string>
  /** Of temporary keys: sent as `x-cos-security-token`. */
  readonly token?: Redacted.Redacted<string> | undefined
  /** From when the keys are valid; absent: since ever. */
  readonly startsAt?: Date | undefined
  /** Until when the keys are valid; absent: for ever. */
  readonly expiresAt?: Date | undefined
}

/**
 * Provides the keys of each request.
 *
 * @since 0.1.0
 * @category tags
 */
export class Credentials extends Context.Tag("effect-cos/Credentials")<Credentials, Credentials.Service>() {}

/**
 * @since 0.1.0
 */
export declare namespace Credentials {
  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    /** The keys to sign with now; `None`: send the request unsigned. */
    readonly get: Effect.Effect<Option.Option<Keys>, CredentialsError>
    /**
     * Tells that the service refused these keys (`ExpiredToken`, `InvalidAccessKeyId`), so that the next `get` brings
     * others. Says nothing about newer keys: any number of fibers may report the same ones, and one refresh follows.
     */
    readonly invalidate: (refused: Keys) => Effect.Effect<void>
    /**
     * The keys that `get` gave last, though they be expired or refused. For cleaning up when `get` fails: the service
     * may still take them.
     */
    readonly last: Effect.Effect<Option.Option<Keys>>
  }
}

/**
 * What {@link keys} takes: secrets as text or already `Redacted`.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeysInput {
  readonly secretId: string
  readonly secretKey: string | Redacted.Redacted<string>
  readonly token?: string | Redacted.Redacted<string> | undefined
  readonly startsAt?: Date | undefined
  readonly expiresAt?: Date | undefined
}

const redacted = (secret: string | Redacted.Redacted<string>): Redacted.Redacted<string> =>
  typeof secret === "string" ? Redacted.make(secret) : secret

/**
 * Makes {@link Keys}, hiding the secrets.
 *
 * @since 0.1.0
 * @category constructors
 */
export const keys = (input: KeysInput): Keys => ({
  ...input,
  secretKey: redacted(input.secretKey),
  token: input.token === undefined ? undefined : redacted(input.token)
})

/**
 * No keys: requests are sent unsigned and may do what the bucket allows to everyone.
 *
 * @since 0.1.0
 * @category layers
 */
export const anonymous: Layer.Layer<Credentials> = Layer.succeed(Credentials, {
  get: Effect.succeedNone,
  invalidate: () => Effect.void,
  last: Effect.succeedNone
})

/**
 * Always these keys.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStatic = (input: KeysInput): Layer.Layer<Credentials> => {
  const get = Effect.succeedSome(keys(input))
  return Layer.succeed(Credentials, { get, invalidate: () => Effect.void, last: get })
}
