// Written by `pnpm generate` from ../replication.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"
import type { Tag } from "./shared.js"

/**
 * A replication rule: which objects are copied, and where to.
 *
 * @since 0.1.0
 * @category replication
 */
export interface ReplicationRule {
  /** A name for the rule. */
  readonly id?: string | undefined
  /** Whether the rule is enabled. */
  readonly status: "Disabled" | "Enabled" | (string & {})
  /** Which rule counts where several match; needed with `filter`. */
  readonly priority?: number | undefined
  /** Only keys that begin so; empty: all. `filter` can say more. */
  readonly prefix?: string | undefined
  /** Which objects, in place of `prefix`. */
  readonly filter?:
    | {
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
        /** Keys that begin so. */
        readonly prefix?: string | undefined
        /** Objects that have all of these tags. */
        readonly tags?: ReadonlyArray<Tag> | undefined
      }
    | undefined
  /** Where they are copied to. */
  readonly destination: {
    /** `qcs::cos:<region>::<bucket>`. */
    readonly bucket: string
    /** Default: that of the object. */
    readonly storageClass?: StorageClass | (string & {}) | undefined
    /** The KMS key that copies are encrypted with. */
    readonly replicaKmsKeyId?: string | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** Whether delete markers are copied too. */
  readonly deleteMarkerReplication?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** Whether objects that KMS encrypts are copied too. */
  readonly sseKmsEncryptedObjects?: "Disabled" | "Enabled" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `putBucketReplication`.
 *
 * @since 0.1.0
 * @category replication
 */
export interface PutBucketReplicationInput extends Operation.BucketInput {
  /** Who set it up: `qcs::cam::uin/<uin>:uin/<uin>`. */
  readonly role: string
  /** One for each target and set of objects. */
  readonly rules: ReadonlyArray<ReplicationRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `getBucketReplication`.
 *
 * @since 0.1.0
 * @category replication
 */
export interface GetBucketReplicationInput extends Operation.BucketInput {}

/**
 * The output of `getBucketReplication`.
 *
 * @since 0.1.0
 * @category replication
 */
export interface GetBucketReplicationOutput {
  /** Who set it up: `qcs::cam::uin/<uin>:uin/<uin>`. */
  readonly role: string
  /** One for each target and set of objects. */
  readonly rules: ReadonlyArray<ReplicationRule>
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `deleteBucketReplication`.
 *
 * @since 0.1.0
 * @category replication
 */
export interface DeleteBucketReplicationInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface ReplicationOperations {
  readonly putBucketReplication: Operation.Operation<
    PutBucketReplicationInput,
    void,
    | CosError.BucketVersionNotOpen
    | CosError.InvalidArgument
    | CosError.InvalidRequest
    | CosError.MalformedXML
    | CosError.NoSuchBucket
    | CosError.Common
  >
  readonly getBucketReplication: Operation.Operation<
    GetBucketReplicationInput,
    GetBucketReplicationOutput,
    CosError.NoSuchBucket | CosError.ReplicationConfigurationNotFoundError | CosError.Common
  >
  readonly deleteBucketReplication: Operation.Operation<
    DeleteBucketReplicationInput,
    void,
    CosError.NoSuchBucket | CosError.Common
  >
}
