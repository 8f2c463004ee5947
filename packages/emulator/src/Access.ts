/**
 * The access keys that the emulator knows, their permissions and policies, and the sessions of temporary ones.
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

const OneOrMany = Schema.Union(Schema.String, Schema.Array(Schema.String))
const Scalar = Schema.Union(Schema.String, Schema.Number, Schema.Boolean)

/**
 * A statement of a {@link Policy}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PolicyStatement = Schema.Struct({
  effect: Schema.Literal("allow", "deny"),
  /** `name/cos:PutObject`, `name/cos:Get*`, `*`. */
  action: OneOrMany,
  /** `qcs::cos:<region>:uid/<appid>:<bucket>/<key>`, in which `*` stands for any text, or `*`. */
  resource: OneOrMany,
  /** By operator, such as `string_like`, and then by key, such as `cos:content-type`. All must hold. */
  condition: Schema.optional(
    Schema.Record({
      key: Schema.String,
      value: Schema.Record({ key: Schema.String, value: Schema.Union(Scalar, Schema.Array(Scalar)) })
    })
  )
})

/**
 * @since 0.1.0
 * @category models
 */
export type PolicyStatement = typeof PolicyStatement.Type

/**
 * A policy in the language of CAM: what no statement allows is refused, and what one denies is refused in any case.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Policy = Schema.Struct({
  version: Schema.optional(Schema.String),
  statement: Schema.Array(PolicyStatement)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Policy = typeof Policy.Type

/**
 * A role that `AssumeRole` gives temporary keys for.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Role = Schema.Struct({
  /** What stands in its ARN: `qcs::cam::uin/<owner>:roleName/<name>`. */
  name: Schema.String,
  /** Default: everything the owner may do. */
  permissions: Schema.optional(Schema.Array(Permission))
})

/**
 * @since 0.1.0
 * @category models
 */
export type Role = typeof Role.Type

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
  permissions: Schema.optional(Schema.Array(Permission)),
  /** The policies of its session, each of which must allow a request, beside `permissions`. Default: none. */
  policies: Schema.optional(Schema.Array(Policy))
})

/**
 * @since 0.1.0
 * @category models
 */
export type Credential = typeof Credential.Type

/**
 * Temporary keys that the emulator's STS has given out, without their secrets.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  /** The temporary key's id. */
  readonly secretId: string
  readonly action: "GetFederationToken" | "AssumeRole"
  /** `Name`, or `RoleSessionName`. */
  readonly name: string
  readonly roleArn: string | undefined
  /** The id of the key that asked for it. */
  readonly issuedTo: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  /** What it may do at most. */
  readonly policy: Policy | undefined
}
