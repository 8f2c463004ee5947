import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/policy.js"

const Scalar = Schema.Union(Schema.String, Schema.Number, Schema.Boolean)

/** Operator, such as `ip_equal`, then key, such as `qcs:ip`, then what is compared. */
const Condition = Schema.Record({
  key: Schema.String,
  value: Schema.Record({ key: Schema.String, value: Schema.Union(Scalar, Schema.Array(Scalar)) })
})

/** `*`, or accounts by the kind of account. */
const Principal = Schema.Union(c.knownWords<"*">(), Schema.Record({ key: Schema.String, value: c.OneOrMany }))

/**
 * Who may, or may not, do what with which resources, under which conditions. Fields that are not known here are kept as
 * they are.
 *
 * @since 0.1.0
 * @category policy
 */
const PolicyStatement = c.jsonObject(
  {
    sid: Schema.optional(Schema.String),
    effect: c.knownWords<"Allow" | "Deny">(),
    /**
     * `{ qcs: ["qcs::cam::uin/<owner>:uin/<user>"] }`; everyone is `qcs::cam::anyone:anyone`. Absent: that of the policy.
     */
    principal: Schema.optional(Principal),
    /** Such as `name/cos:GetObject`. */
    action: c.OneOrMany,
    /** Such as `qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*`. */
    resource: c.OneOrMany,
    condition: Schema.optional(Condition)
  },
  {
    sid: "Sid",
    effect: "Effect",
    principal: "Principal",
    action: "Action",
    resource: "Resource",
    condition: "Condition"
  }
)

/**
 * The policy of a bucket. Fields that are not known here are kept as they are.
 *
 * @since 0.1.0
 * @category policy
 */
const Policy = c.jsonObject(
  {
    /** `2.0`, the default. */
    version: Schema.optional(Schema.String),
    /** Of statements that have none of their own. */
    principal: Schema.optional(Principal),
    /** What is allowed or denied: one or more. */
    statement: c.oneOrMany(PolicyStatement)
  },
  { version: "version", principal: "principal", statement: "Statement" }
)

const document = Operation.json(Policy)

const policy = Operation.param({
  ...document,
  write: (draft, value: typeof Policy.Type) => document.write(draft, { version: "2.0", ...value })
})

/**
 * Replaces the policy of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/8282
 * @since 0.1.0
 * @category policy
 */
export const putBucketPolicy: types.PolicyOperations["putBucketPolicy"] = Operation.make({
  name: "putBucketPolicy",
  method: "PUT",
  target: "bucket",
  subresource: "policy",
  doc: "https://www.tencentcloud.com/document/product/436/8282",
  params: {
    /** All of it: what was there is gone. */
    policy: Operation.required(policy)
  },
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedPolicy, CosError.InvalidArgument]
})

/**
 * Reads the policy of the bucket. Without one it is `NoSuchBucketPolicy`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/8276
 * @since 0.1.0
 * @category policy
 */
export const getBucketPolicy: types.PolicyOperations["getBucketPolicy"] = Operation.make({
  name: "getBucketPolicy",
  method: "GET",
  target: "bucket",
  subresource: "policy",
  doc: "https://www.tencentcloud.com/document/product/436/8276",
  success: Schema.Struct({ policy: Operation.fromBody(Schema.parseJson(Policy)) }),
  errors: [CosError.NoSuchBucketPolicy, CosError.NoSuchBucket]
})

/**
 * Removes the policy of the bucket. A success also where there was none.
 *
 * @see https://www.tencentcloud.com/document/product/436/8285
 * @since 0.1.0
 * @category policy
 */
export const deleteBucketPolicy: types.PolicyOperations["deleteBucketPolicy"] = Operation.make({
  name: "deleteBucketPolicy",
  method: "DELETE",
  target: "bucket",
  subresource: "policy",
  doc: "https://www.tencentcloud.com/document/product/436/8285",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
