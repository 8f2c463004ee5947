/**
 * Keys that the emulator knows, and what they may do.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"

/**
 * One permission: all of its fields must hold.
 *
 * @since 0.1.0
 * @category models
 */
export interface Permission {
  /** COS action names: `PutObject`, `name/cos:PutObject`, `name/cos:Get*`, `*`. */
  readonly actions: ReadonlyArray<string>
  /** The full bucket name, `name-appid`. Default: any. */
  readonly bucket?: string | undefined
  /** What keys must begin with (for listings: their `prefix`). Default: any. */
  readonly prefix?: string | undefined
}

/**
 * A key pair. One with a `token` is temporary: its requests must carry the token, and it is refused from `expiresAt` on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credential {
  readonly secretId: string
  readonly secretKey: Redacted.Redacted
  readonly token?: Redacted.Redacted | undefined
  /** By the emulator's clock; from then on requests get 400 `ExpiredToken`. Default: never. */
  readonly expiresAt?: Date | undefined
  /** Default: everything the owner may do. */
  readonly permissions?: ReadonlyArray<Permission> | undefined
}
