import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/replication.js"

const Status = c.word("Enabled", "Disabled")

/**
 * A replication rule: which objects are copied, and where to.
 *
 * @since 0.1.0
 * @category replication
 */
const ReplicationRule = Schema.Struct({
  /** A name for the rule. */
  id: Schema.optional(Operation.fromElement("ID", Schema.String)),
  /** Whether the rule is enabled. */
  status: Status,
  /** Which rule counts where several match; needed with `filter`. */
  priority: Schema.optional(c.Count),
  /** Only keys that begin so; empty: all. `filter` can say more. */
  prefix: Schema.optional(Schema.String),
  /** Which objects, in place of `prefix`. */
  filter: Schema.optional(Operation.filterConditions(Schema.Struct(fields.matching), { alone: [] })),
  /** Where they are copied to. */
  destination: Schema.Struct({
    /** `qcs::cos:<region>::<bucket>`. */
    bucket: Schema.String,
    /** Default: that of the object. */
    storageClass: Schema.optional(c.StorageClass),
    /** The KMS key that copies are encrypted with. */
    replicaKmsKeyId: Schema.optional(Operation.fromElement("EncryptionConfiguration/ReplicaKmsKeyID", Schema.String)),
    ...fields.unknown
  }),
  /** Whether delete markers are copied too. */
  deleteMarkerReplication: Schema.optional(Operation.fromElement("DeleteMarkerReplication/Status", Status)),
  /** Whether objects that KMS encrypts are copied too. */
  sseKmsEncryptedObjects: Schema.optional(
    Operation.fromElement("SourceSelectionCriteria/SseKmsEncryptedObjects/Status", Status)
  ),
  ...fields.unknown
})

const configuration = {
  /** Who set it up: `qcs::cam::uin/<uin>:uin/<uin>`. */
  role: Schema.String,
  /** One for each target and set of objects. */
  rules: Operation.fromElement("Rule", Schema.Array(ReplicationRule)),
  ...fields.unknown
}

/**
 * Replaces the replication rules of the bucket. Both buckets need versioning: else `BucketVersionNotOpen`.
 *
 * @see https://www.tencentcloud.com/document/product/436/19223
 * @since 0.1.0
 * @category replication
 */
export const putBucketReplication: types.ReplicationOperations["putBucketReplication"] = Operation.make({
  name: "putBucketReplication",
  method: "PUT",
  target: "bucket",
  subresource: "replication",
  doc: "https://www.tencentcloud.com/document/product/436/19223",
  document: "ReplicationConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [
    CosError.NoSuchBucket,
    CosError.BucketVersionNotOpen,
    CosError.MalformedXML,
    CosError.InvalidArgument,
    CosError.InvalidRequest
  ]
})

/**
 * Reads the replication rules of the bucket. Without any it is `ReplicationConfigurationNotFoundError`, see
 * `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/19222
 * @since 0.1.0
 * @category replication
 */
export const getBucketReplication: types.ReplicationOperations["getBucketReplication"] = Operation.make({
  name: "getBucketReplication",
  method: "GET",
  target: "bucket",
  subresource: "replication",
  doc: "https://www.tencentcloud.com/document/product/436/19222",
  root: "ReplicationConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.ReplicationConfigurationNotFoundError, CosError.NoSuchBucket]
})

/**
 * Removes the replication rules of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/19221
 * @since 0.1.0
 * @category replication
 */
export const deleteBucketReplication: types.ReplicationOperations["deleteBucketReplication"] = Operation.make({
  name: "deleteBucketReplication",
  method: "DELETE",
  target: "bucket",
  subresource: "replication",
  doc: "https://www.tencentcloud.com/document/product/436/19221",
  success: Schema.Void,
  errors: [CosError.NoSuchBucket]
})
