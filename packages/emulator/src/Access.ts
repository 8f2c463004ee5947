/**
 * The access keys that the emulator knows, and their permissions.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * One permission: all of its fields must hold.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Permission = Schema.Struct({
  /** COS action names: `PutObject`, `name/cos:PutObject`, `name/cos:Get*`, `*`. */
  actions: Schema.Array(Schema.String),
  /** The full bucket name, `name-appid`. Default: any. */
  bucket: Schema.optional(Schema.String),
  /** What keys must begin with (for listings: their `prefix`). Default: any. */
  prefix: Schema.optional(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Permission = typeof Permission.Type

/**
 * A key pair. One with a `token` is temporary: its requests must carry the token, and it is refused from `expiresAt`
 * on.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Credential = Schema.Struct({
  secretId: Schema.String,
  secretKey: Schema.Redacted(Schema.String),
  token: Schema.optional(Schema.Redacted(Schema.String)),
  /** By the emulator's clock; from then on requests get 400 `ExpiredToken`. Default: never. */
  expiresAt: Schema.optional(Schema.Date),
  /** Default: everything the owner may do. */
  permissions: Schema.optional(Schema.Array(Permission))
})

/**
 * @since 0.1.0
 * @category models
 */
export type Credential = typeof Credential.Type
