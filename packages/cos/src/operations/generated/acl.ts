// Written by `pnpm generate` from ../acl.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type * as Operation from "../../Operation.js"

/**
 * A grant: who may do what.
 *
 * @since 0.1.0
 * @category acl
 */
export interface Grant {
  /** Who: either `id` or `uri`. */
  readonly grantee: {
    /** What the grantee is, as the service writes it: `CanonicalUser` or `RootAccount`, `SubAccount`, `Group`. */
    readonly type?: string | undefined
    /**
     * An account, such as `qcs::cam::uin/100000000001:uin/100000000001`. Of old documents the number of the account, or
     * of the sub-account where it alone is named.
     */
    readonly id?: string | undefined
    /** A group, such as {@link allUsers}. */
    readonly uri?: string | undefined
    /** As the service names it. */
    readonly displayName?: string | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`. */
  readonly permission: "FULL_CONTROL" | "READ" | "READ_ACP" | "WRITE" | "WRITE_ACP" | (string & {})
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketAcl`.
 *
 * @since 0.1.0
 * @category acl
 */
export interface PutBucketAclInput extends Operation.BucketInput {
  /** `private`, `public-read`, `public-read-write` or `authenticated-read`. */
  readonly acl?: "authenticated-read" | "private" | "public-read" | "public-read-write" | undefined
  /** May read. */
  readonly grantRead?: ReadonlyArray<string> | undefined
  /** May write. Of an object COS knows no such right: it belongs to the bucket, and the object's ACL only shows it. */
  readonly grantWrite?: ReadonlyArray<string> | undefined
  /** May read the ACL. */
  readonly grantReadAcp?: ReadonlyArray<string> | undefined
  /** May change the ACL. */
  readonly grantWriteAcp?: ReadonlyArray<string> | undefined
  /** May do all of these. */
  readonly grantFullControl?: ReadonlyArray<string> | undefined
  /** The owner and at most 100 grants. Excludes `acl` and the grants above. */
  readonly policy?:
    | {
        /** Who owns it. */
        readonly owner?:
          | {
              /** An account: `qcs::cam::uin/100000000001:uin/100000000011`, in lists of objects the APPID. */
              readonly id?: string | undefined
              /** As the service names it. */
              readonly displayName?: string | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** Who may do what: at most 100. */
        readonly grants: ReadonlyArray<Grant>
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
}

/**
 * The input of `getBucketAcl`.
 *
 * @since 0.1.0
 * @category acl
 */
export interface GetBucketAclInput extends Operation.BucketInput {}

/**
 * The output of `getBucketAcl`.
 *
 * @since 0.1.0
 * @category acl
 */
export interface GetBucketAclOutput {
  /** Who owns it. */
  readonly owner?:
    | {
        /** An account: `qcs::cam::uin/100000000001:uin/100000000011`, in lists of objects the APPID. */
        readonly id?: string | undefined
        /** As the service names it. */
        readonly displayName?: string | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Who may do what: at most 100. */
  readonly grants: ReadonlyArray<Grant>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
  /** The canned ACL, if the service names it; {@link cannedAcl} finds it in any case. */
  readonly acl?: string | undefined
}

/**
 * The input of `putObjectAcl`.
 *
 * @since 0.1.0
 * @category acl
 */
export interface PutObjectAclInput extends Operation.ObjectInput {
  /** `default`: as the bucket. */
  readonly acl?:
    | "authenticated-read"
    | "bucket-owner-full-control"
    | "bucket-owner-read"
    | "default"
    | "private"
    | "public-read"
    | undefined
  /** May read. */
  readonly grantRead?: ReadonlyArray<string> | undefined
  /** May write. Of an object COS knows no such right: it belongs to the bucket, and the object's ACL only shows it. */
  readonly grantWrite?: ReadonlyArray<string> | undefined
  /** May read the ACL. */
  readonly grantReadAcp?: ReadonlyArray<string> | undefined
  /** May change the ACL. */
  readonly grantWriteAcp?: ReadonlyArray<string> | undefined
  /** May do all of these. */
  readonly grantFullControl?: ReadonlyArray<string> | undefined
  /** The owner and at most 100 grants. Excludes `acl` and the grants above. */
  readonly policy?:
    | {
        /** Who owns it. */
        readonly owner?:
          | {
              /** An account: `qcs::cam::uin/100000000001:uin/100000000011`, in lists of objects the APPID. */
              readonly id?: string | undefined
              /** As the service names it. */
              readonly displayName?: string | undefined
              /** What this SDK does not know of it: kept, and written again where it stood. */
              readonly unknownElements?: CosXml.Elements | undefined
            }
          | undefined
        /** Who may do what: at most 100. */
        readonly grants: ReadonlyArray<Grant>
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
}

/**
 * The input of `getObjectAcl`.
 *
 * @since 0.1.0
 * @category acl
 */
export interface GetObjectAclInput extends Operation.ObjectInput {
  /** The version. Default: the newest. */
  readonly versionId?: string | undefined
}

/**
 * The output of `getObjectAcl`.
 *
 * @since 0.1.0
 * @category acl
 */
export interface GetObjectAclOutput {
  /** Who owns it. */
  readonly owner?:
    | {
        /** An account: `qcs::cam::uin/100000000001:uin/100000000011`, in lists of objects the APPID. */
        readonly id?: string | undefined
        /** As the service names it. */
        readonly displayName?: string | undefined
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** Who may do what: at most 100. */
  readonly grants: ReadonlyArray<Grant>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
  /** The canned ACL, if the service names it; {@link cannedAcl} finds it in any case. */
  readonly acl?: string | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface AclOperations {
  readonly putBucketAcl: Operation.Operation<
    PutBucketAclInput,
    void,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.MalformedXML | CosError.NoSuchBucket | CosError.Common
  >
  readonly getBucketAcl: Operation.Operation<
    GetBucketAclInput,
    GetBucketAclOutput,
    CosError.NoSuchBucket | CosError.Common
  >
  readonly putObjectAcl: Operation.Operation<
    PutObjectAclInput,
    void,
    | CosError.InvalidArgument
    | CosError.InvalidRequest
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.NoSuchKey
    | CosError.Common
  >
  readonly getObjectAcl: Operation.Operation<
    GetObjectAclInput,
    GetObjectAclOutput,
    CosError.NoSuchBucket | CosError.NoSuchKey | CosError.NoSuchVersion | CosError.Common
  >
}
