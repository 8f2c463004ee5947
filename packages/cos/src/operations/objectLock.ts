import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/objectLock.js"

const configuration = {
  /** `Enabled`. */
  objectLockEnabled: c.word("Enabled"),
  /** How long each new object is locked: 1 to 36,500 days. It has to be given. */
  defaultRetentionDays: Schema.optional(Operation.fromElement("Rule/DefaultRetention/Days", c.sentInteger(1, 36_500))),
  ...fields.unknown
}

/**
 * Enables object lock: what is locked cannot be overwritten or removed until its time is over. It cannot be disabled.
 *
 * @see https://www.tencentcloud.com/document/product/436/40133
 * @since 0.1.0
 * @category object lock
 */
export const putObjectLockConfiguration: types.ObjectLockOperations["putObjectLockConfiguration"] = Operation.make({
  name: "putObjectLockConfiguration",
  method: "PUT",
  target: "bucket",
  subresource: "object-lock",
  permissions: { actions: ["PutBucketObjectLockConfiguration"] },
  doc: "https://www.tencentcloud.com/document/product/436/40133",
  document: "ObjectLockConfiguration",
  params: Operation.elements(configuration, "defaultRetentionDays"),
  success: Schema.Void,
  errors: [
    CosError.NoSuchBucket,
    CosError.InvalidBucketState,
    CosError.InvalidLockedTime,
    CosError.MalformedXML,
    CosError.InvalidArgument
  ]
})

/**
 * Reads whether object lock is enabled. Where it is not it is `NoSuchObjectLockConfiguration`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/40134
 * @since 0.1.0
 * @category object lock
 */
export const getObjectLockConfiguration: types.ObjectLockOperations["getObjectLockConfiguration"] = Operation.make({
  name: "getObjectLockConfiguration",
  method: "GET",
  target: "bucket",
  subresource: "object-lock",
  permissions: { actions: ["GetBucketObjectLockConfiguration"] },
  doc: "https://www.tencentcloud.com/document/product/436/40134",
  root: "ObjectLockConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchObjectLockConfiguration, CosError.NoSuchBucket]
})

const retention = {
  /** Until when it cannot be overwritten or removed. */
  retainUntilDate: c.Timestamp,
  /** `COMPLIANCE`: nobody can bring the time forward. */
  mode: Schema.optional(c.word("COMPLIANCE")),
  ...fields.unknown
}

/**
 * Locks the object until this time. It can be put off, never brought forward.
 *
 * @see https://www.tencentcloud.com/document/product/436/58038
 * @since 0.1.0
 * @category object lock
 */
export const putObjectRetention: types.ObjectLockOperations["putObjectRetention"] = Operation.make({
  name: "putObjectRetention",
  method: "PUT",
  target: "object",
  subresource: "retention",
  doc: "https://www.tencentcloud.com/document/product/436/58038",
  document: "Retention",
  params: Operation.elements(retention, "mode"),
  success: Schema.Void,
  errors: [
    CosError.NoSuchKey,
    CosError.NoSuchBucket,
    CosError.NoSuchObjectLockConfiguration,
    CosError.ObjectLocked,
    CosError.MalformedXML,
    CosError.InvalidArgument
  ]
})

/**
 * Reads until when the object is locked.
 *
 * @see https://www.tencentcloud.com/document/product/436/40135
 * @since 0.1.0
 * @category object lock
 */
export const getObjectRetention: types.ObjectLockOperations["getObjectRetention"] = Operation.make({
  name: "getObjectRetention",
  method: "GET",
  target: "object",
  subresource: "retention",
  doc: "https://www.tencentcloud.com/document/product/436/40135",
  root: "Retention",
  success: Schema.Struct(retention),
  errors: [CosError.NoSuchKey, CosError.NoSuchBucket, CosError.NoSuchObjectLockConfiguration]
})
