/**
 * Policies made of operations: what a temporary key, or a user, may do.
 *
 * A policy says which actions are allowed on which resources. {@link allow} writes both from what a program knows: the
 * operations that it calls, and the bucket and the keys that it calls them with.
 *
 * ```ts
 * import { Policy } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * // What `Upload` needs to put objects under `users/7/`, and nothing else.
 * const policy = Policy.allow([Cos.putObject, ...Policy.multipart], {
 *   bucket: "examplebucket-1250000000",
 *   region: "ap-guangzhou",
 *   prefix: "users/7/"
 * })
 * ```
 *
 * What can be wrong with a policy is in the `Either`, as `InvalidInput`: one that names nothing, a bucket without its
 * APPID, a prefix with `*` in it.
 *
 * Source: "Access policy language", https://cloud.tencent.com/document/product/436/14048, and the actions of each
 * operation, https://cloud.tencent.com/document/product/436/31923
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { dual } from "effect/Function"
import type { InvalidInput } from "./CosError.js"
import { invalidInput } from "./internal/encoding/invalidInput.js"
import * as document from "./internal/policy/document.js"
import { statementsOf } from "./internal/policy/statements.js"
import type { SpecData } from "./Operation.js"
import * as multipartOperations from "./operations/multipart.js"
import * as objectOperations from "./operations/object.js"

/**
 * A value that a condition compares with.
 *
 * @since 0.1.0
 * @category models
 */
export type ConditionValue = string | number | boolean

/**
 * The operators of conditions. Each may end in `_if_exist`: it then holds where the request has no such key.
 *
 * @since 0.1.0
 * @category models
 */
export type ConditionOperator =
  | "string_equal"
  | "string_not_equal"
  | "string_equal_ignore_case"
  | "string_not_equal_ignore_case"
  | "string_like"
  | "string_not_like"
  | "numeric_equal"
  | "numeric_not_equal"
  | "numeric_less_than"
  | "numeric_less_than_equal"
  | "numeric_greater_than"
  | "numeric_greater_than_equal"
  | "date_equal"
  | "date_not_equal"
  | "date_less_than"
  | "date_less_than_equal"
  | "date_greater_than"
  | "date_greater_than_equal"
  | "bool_equal"
  | "ip_equal"
  | "ip_not_equal"
  | "binary_equal"
  | "null_equal"

/**
 * Conditions by operator and key, such as `{ numeric_less_than_equal: { "cos:content-length": 1048576 } }`. All operators
 * and keys must hold, and of several values one. Without `_if_exist` a condition on a header does not hold for requests
 * that have no such header.
 *
 * Keys: `qcs:ip`, `cos:secure-transport`, `cos:tls-version`, `cos:host`, and `cos:` before the name of a header or
 * parameter, such as `cos:content-type`, `cos:content-length`, `cos:x-cos-storage-class`, `cos:x-cos-acl`.
 *
 * @see https://cloud.tencent.com/document/product/436/71307
 * @since 0.1.0
 * @category models
 */
export type Condition = {
  readonly [operator in ConditionOperator | `${ConditionOperator}_if_exist`]?: {
    readonly [key: string]: ConditionValue | ReadonlyArray<ConditionValue>
  }
}

/**
 * One statement. Of several that apply to a request, one that denies wins.
 *
 * @since 0.1.0
 * @category models
 */
export interface Statement {
  readonly effect: "allow" | "deny"
  /** Such as `name/cos:PutObject` or `name/cos:Get*`; upper and lower case differ. */
  readonly action: ReadonlyArray<string>
  /** `qcs::cos:<region>:uid/<appid>:<bucket>/<key>`, in which `*` stands for any text, or `*`. */
  readonly resource: ReadonlyArray<string>
  readonly condition?: Condition | undefined
}

/**
 * A policy. What none of its statements allows is refused.
 *
 * @since 0.1.0
 * @category models
 */
export interface Policy {
  readonly version: "2.0"
  readonly statement: ReadonlyArray<Statement>
}

/**
 * A policy, or what {@link allow} and the others give.
 *
 * @since 0.1.0
 * @category models
 */
export type PolicyInput = Policy | Either.Either<Policy, InvalidInput>

/**
 * What a policy is about: an operation of COS, or an action by its name, such as `name/cos:PostObject`, which is taken to
 * be one on objects.
 *
 * @since 0.1.0
 * @category models
 */
export type Action = { readonly spec: SpecData } | `name/${string}`

/**
 * Some or all objects of a bucket, and the bucket itself for operations on it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Objects {
  /** With its APPID, such as `examplebucket-1250000000`. */
  readonly bucket: string
  /** Such as `ap-guangzhou`. Default: any. */
  readonly region?: string | undefined
  /**
   * What keys begin with, without `*`. Listings are allowed for this prefix, and longer ones, only. Default: all keys.
   *
   * Other operations on the bucket itself, such as `getBucketCors`, know no keys: they are allowed whatever this is.
   */
  readonly prefix?: string | undefined
  /** Just these keys, as they are: not percent-encoded, without `*`. In place of `prefix`. */
  readonly keys?: ReadonlyArray<string> | undefined
}

/**
 * What the actions may be done to, and when.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target extends Objects {
  /** Where copies may come from. Default: the same objects. */
  readonly source?: Objects | undefined
  /** Default: none. */
  readonly condition?: Condition | undefined
}

/**
 * The operations of a multipart upload: initiate, send, list, complete, abort. Beside `Cos.putObject` they are what `Upload`
 * needs, to resume as well; listing is allowed on the bucket, for the prefix of the policy.
 *
 * @since 0.1.0
 * @category operations
 */
export const multipart: ReadonlyArray<{ readonly spec: SpecData }> = [
  multipartOperations.initiateMultipartUpload,
  multipartOperations.uploadPart,
  multipartOperations.listParts,
  multipartOperations.listMultipartUploads,
  multipartOperations.completeMultipartUpload,
  multipartOperations.abortMultipartUpload
]

/**
 * What `Upload` needs: `Cos.putObject`, {@link multipart}, and `Cos.headObject`, by which it finds out whether an upload
 * whose response was lost is there.
 *
 * @since 0.1.0
 * @category operations
 */
export const upload: ReadonlyArray<{ readonly spec: SpecData }> = [
  objectOperations.putObject,
  objectOperations.headObject,
  ...multipart
]

/**
 * What `Download` needs: `Cos.getObject` and `Cos.headObject`.
 *
 * @since 0.1.0
 * @category operations
 */
export const download: ReadonlyArray<{ readonly spec: SpecData }> = [
  objectOperations.getObject,
  objectOperations.headObject
]

const make =
  (effect: Statement["effect"]) =>
  (actions: ReadonlyArray<Action>, target: Target | "*"): Either.Either<Policy, InvalidInput> =>
    Either.map(statementsOf(effect, actions, target), (statement) => ({ version: "2.0", statement }))

/**
 * A policy that allows operations on a target. `"*"`: on everything that the account has, which operations without a
 * bucket, such as `Cos.listBuckets`, need in any case.
 *
 * `InvalidInput`: no operation; a `bucket` without its APPID; an empty list of `keys`, or `keys` beside `prefix`; `*` in
 * any of them, which the language has no other spelling for.
 *
 * @since 0.1.0
 * @category constructors
 */
export const allow: (operations: ReadonlyArray<Action>, target: Target | "*") => Either.Either<Policy, InvalidInput> =
  make("allow")

/**
 * A policy that denies operations on a target, whatever else is allowed. It allows nothing: {@link merge} it with one that
 * does.
 *
 * An action that operations share is denied to all of them: who must not `Cos.copyObject` must not `Cos.putObject` either.
 *
 * @since 0.1.0
 * @category constructors
 */
export const deny: (operations: ReadonlyArray<Action>, target: Target | "*") => Either.Either<Policy, InvalidInput> =
  make("deny")

const toEither = (policy: PolicyInput): Either.Either<Policy, InvalidInput> =>
  Either.isEither(policy) ? policy : Either.right(policy)

/**
 * One policy with the statements of all.
 *
 * ```ts
 * import { Policy } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const bucket = "examplebucket-1250000000"
 * const policy = Policy.merge(
 *   Policy.allow(Policy.upload, { bucket, prefix: "inbox/" }),
 *   Policy.allow(Policy.download, { bucket, prefix: "public/" }),
 *   Policy.deny([Cos.deleteObject], { bucket })
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (...policies: ReadonlyArray<PolicyInput>): Either.Either<Policy, InvalidInput> =>
  Either.map(Either.all(policies.map(toEither)), (all) => ({
    version: "2.0",
    statement: all.flatMap(({ statement }) => statement)
  }))

const withCondition = (statement: Statement, added: Condition): Either.Either<Statement, InvalidInput> =>
  Either.map(document.mergeConditions(statement.condition, added), (condition) => ({ ...statement, condition }))

/**
 * Adds conditions to every statement. `InvalidInput`: a statement has one on the same key, by the same operator, with other
 * values.
 *
 * ```ts
 * import { Policy } from "effect-cos"
 * import * as Cos from "effect-cos/Cos"
 *
 * const policy = Policy.allow([Cos.putObject], { bucket: "examplebucket-1250000000" }).pipe(
 *   Policy.when({ numeric_less_than_equal: { "cos:content-length": 10 * 1024 * 1024 } })
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const when: {
  (condition: Condition): (self: PolicyInput) => Either.Either<Policy, InvalidInput>
  (self: PolicyInput, condition: Condition): Either.Either<Policy, InvalidInput>
} = dual(
  2,
  (self: PolicyInput, condition: Condition): Either.Either<Policy, InvalidInput> =>
    Either.flatMap(toEither(self), ({ statement, version }) =>
      Either.map(Either.all(statement.map((one) => withCondition(one, condition))), (statement) => ({
        version,
        statement
      }))
    )
)

/**
 * The JSON text of a policy, as the console of CAM takes it.
 *
 * `InvalidInput`: it has no statement, a statement without action or resource, or a resource that is neither `*` nor of six
 * segments.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toJson = (policy: PolicyInput): Either.Either<string, InvalidInput> =>
  Either.map(Either.flatMap(toEither(policy), document.check), document.write)

/**
 * The text that `Policy` of STS wants: the JSON of {@link toJson}, percent-encoded once. `Sts` does this by itself.
 *
 * @since 0.1.0
 * @category encoding
 */
export const toParameter = (policy: PolicyInput): Either.Either<string, InvalidInput> =>
  // JSON escapes halves of surrogate pairs, so that all of it can be encoded.
  Either.map(toJson(policy), encodeURIComponent)

/**
 * Reads a policy from its JSON text. Element names may have capitals, and an element may stand alone where a list belongs, as
 * in bucket policies; a `principal`, which policies of keys have not, is dropped.
 *
 * @since 0.1.0
 * @category encoding
 */
export const fromJson = (text: string): Either.Either<Policy, InvalidInput> =>
  Either.try({
    try: (): unknown => JSON.parse(text),
    catch: () => invalidInput("Policy", "text", "must be JSON")
  }).pipe(Either.flatMap(document.read), Either.flatMap(document.check))
