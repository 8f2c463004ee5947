import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/acl.js"

/**
 * The group of all users, anonymous ones included, as a grantee's `uri`.
 *
 * @since 0.1.0
 * @category acl
 */
export const allUsers = "http://cam.qcloud.com/groups/global/AllUsers"

/**
 * The group of all users that sign their requests, as a grantee's `uri`.
 *
 * @since 0.1.0
 * @category acl
 */
export const authenticatedUsers = "http://cam.qcloud.com/groups/global/AuthenticatedUsers"

const Grantee = Schema.Struct({
  /** What the grantee is, as the service writes it: `CanonicalUser` or `RootAccount`, `SubAccount`, `Group`. */
  type: Schema.optional(Operation.fromXsiType(Schema.String)),
  /**
   * An account, such as `qcs::cam::uin/100000000001:uin/100000000001`. Of old documents the number of the account, or
   * of the sub-account where it alone is named.
   */
  id: Schema.optional(Operation.fromElement(fields.accountIds, Schema.String)),
  /** A group, such as {@link allUsers}. */
  uri: Schema.optional(Operation.fromElement("URI", Schema.String)),
  /** As the service names it. */
  displayName: Schema.optional(Schema.String),
  ...fields.unknown
})

/**
 * A grant: who may do what.
 *
 * @since 0.1.0
 * @category acl
 */
const Grant = Schema.Struct({
  /** Who: either `id` or `uri`. */
  grantee: c.checkedWhenSent(Grantee, ({ id, uri }) =>
    (id === undefined) === (uri === undefined) ? "must have either id or uri" : undefined
  ),
  /** `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`. */
  permission: c.word("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"),
  ...fields.unknown
})

const list = {
  /** Who owns it. */
  owner: Schema.optional(fields.KeptOwner),
  /** Who may do what: at most 100. */
  grants: Operation.fromElement("AccessControlList/Grant", c.atMost(100, "grants", Grant)),
  ...fields.unknown
}

const document = Operation.document("AccessControlPolicy", Schema.Struct(list))

/** The whole list in place of headers: the service takes one or the other. */
const policy = Operation.param({
  ...document,
  write: (draft, value: typeof document.Type) =>
    draft.headers.length > 0 ? "must be given without acl and grants in headers" : document.write(draft, value)
})

const success = Schema.Struct({
  ...list,
  /** The canned ACL, if the service names it; {@link cannedAcl} finds it in any case. */
  acl: Schema.optional(Operation.fromHeader("x-cos-acl", Schema.String))
})

/**
 * Replaces the ACL of the bucket: by a canned one or grants, as headers, or by a whole `policy`. The output of
 * `getBucketAcl` is such a policy.
 *
 * @see https://www.tencentcloud.com/document/product/436/7737
 * @since 0.1.0
 * @category acl
 */
export const putBucketAcl: types.AclOperations["putBucketAcl"] = Operation.make({
  name: "putBucketAcl",
  method: "PUT",
  target: "bucket",
  subresource: "acl",
  permissions: { actions: ["PutBucketACL"] },
  doc: "https://www.tencentcloud.com/document/product/436/7737",
  params: {
    /** `private`, `public-read`, `public-read-write` or `authenticated-read`. */
    acl: Operation.header("x-cos-acl", c.BucketAcl),
    ...fields.grants,
    /** The owner and at most 100 grants. Excludes `acl` and the grants above. */
    policy
  },
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument, CosError.InvalidRequest]
})

/**
 * Reads the ACL of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/7733
 * @since 0.1.0
 * @category acl
 */
export const getBucketAcl: types.AclOperations["getBucketAcl"] = Operation.make({
  name: "getBucketAcl",
  method: "GET",
  target: "bucket",
  subresource: "acl",
  permissions: { actions: ["GetBucketACL"] },
  doc: "https://www.tencentcloud.com/document/product/436/7733",
  root: "AccessControlPolicy",
  success,
  errors: [CosError.NoSuchBucket]
})

/**
 * Replaces the ACL of the object: by a canned one or grants, as headers, or by a whole `policy`. The output of
 * `getObjectAcl` is such a policy. It is that of the newest version: the service knows no other here.
 *
 * @see https://www.tencentcloud.com/document/product/436/7748
 * @since 0.1.0
 * @category acl
 */
export const putObjectAcl: types.AclOperations["putObjectAcl"] = Operation.make({
  name: "putObjectAcl",
  method: "PUT",
  target: "object",
  subresource: "acl",
  permissions: { actions: ["PutObjectACL"] },
  doc: "https://www.tencentcloud.com/document/product/436/7748",
  params: {
    /** `default`: as the bucket. */
    acl: Operation.header("x-cos-acl", c.ObjectAcl),
    ...fields.grants,
    /** The owner and at most 100 grants. Excludes `acl` and the grants above. */
    policy
  },
  success: Schema.Void,
  errors: [
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.MalformedXML,
    CosError.InvalidArgument,
    CosError.InvalidRequest
  ]
})

/**
 * Reads the ACL of the object. One that never had its own has `acl: "default"`: that of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/7744
 * @since 0.1.0
 * @category acl
 */
export const getObjectAcl: types.AclOperations["getObjectAcl"] = Operation.make({
  name: "getObjectAcl",
  method: "GET",
  target: "object",
  subresource: "acl",
  permissions: { actions: ["GetObjectACL"] },
  doc: "https://www.tencentcloud.com/document/product/436/7744",
  params: fields.version,
  root: "AccessControlPolicy",
  success,
  errors: [CosError.NoSuchKey, CosError.NoSuchBucket, CosError.NoSuchVersion]
})

/** An older name of {@link allUsers}. */
const anyone = "qcs::cam::anyone:anyone"

/**
 * The canned ACL of an output: the one that the service names, else the widest that the grants to everyone amount to. Grants to
 * single accounts do not count: `private` means that no group may do anything.
 *
 * @since 0.1.0
 * @category acl
 */
export const cannedAcl = (output: typeof success.Type): string => {
  if (output.acl !== undefined) return output.acl
  const may = (permission: string, group: string) =>
    output.grants.some(
      (grant) =>
        (grant.grantee.uri === group || (group === allUsers && grant.grantee.id === anyone)) &&
        (grant.permission === permission || grant.permission === "FULL_CONTROL")
    )
  if (may("READ", allUsers)) return may("WRITE", allUsers) ? "public-read-write" : "public-read"
  return may("READ", authenticatedUsers) ? "authenticated-read" : "private"
}
