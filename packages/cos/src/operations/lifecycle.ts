import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/lifecycle.js"

/** How often an object was read. */
const AccessFrequency = Schema.Struct({
  /** Fewer times than this. */
  accessCountLessThan: Schema.optional(c.Count),
  /** In this many days up to now. */
  recentDays: Schema.optional(c.Count),
  ...fields.unknown
})

const Transition = Schema.Struct({
  /** After the last change: days, from 0. */
  days: Schema.optional(c.sentInteger(0, Number.MAX_SAFE_INTEGER)),
  /** From this time on. */
  date: Schema.optional(c.Timestamp),
  /** The class that they get. */
  storageClass: c.StorageClass,
  /** Only those that were read less often, beside `days` or `date` or in their place. */
  accessFrequency: Schema.optional(AccessFrequency),
  ...fields.unknown
})

const Expiration = Schema.Struct({
  /** After the last change: 1 to 3,650 days. */
  days: Schema.optional(c.sentInteger(1, 3650)),
  /** From this time on. */
  date: Schema.optional(c.Timestamp),
  /** Removes delete markers that no version is left under. */
  expiredObjectDeleteMarker: Schema.optional(c.Flag),
  ...fields.unknown
})

/**
 * A lifecycle rule: what happens to which objects, and when.
 *
 * @since 0.1.0
 * @category lifecycle
 */
const LifecycleRule = Schema.Struct({
  /** At most 255 characters. */
  id: Schema.optional(Operation.fromElement("ID", c.sentText(255))),
  /** Whether the rule is enabled. */
  status: c.word("Enabled", "Disabled"),
  /** Only keys that begin so, in rules of an old form, which have no `filter`. */
  prefix: Schema.optional(Schema.String),
  /** Which objects; empty: all. */
  filter: Schema.optional(
    Operation.filterConditions(
      Schema.Struct({
        ...fields.matching,
        /** Objects of more bytes. */
        objectSizeGreaterThan: Schema.optional(c.Count),
        /** Objects of fewer bytes. */
        objectSizeLessThan: Schema.optional(c.Count),
        /** Keys that do not begin so. */
        prefixNotEquals: Schema.optional(Schema.String)
      }),
      { alone: ["Prefix", "Tag"] }
    )
  ),
  /** To other storage classes, each by `days` or `date`. */
  transitions: Schema.optional(Operation.fromElement("Transition", Schema.Array(Transition))),
  /** By `days`, `date` or `expiredObjectDeleteMarker`. */
  expiration: Schema.optional(Expiration),
  /** Moves versions that are not the newest to other storage classes. */
  noncurrentVersionTransitions: Schema.optional(
    Operation.fromElement(
      "NoncurrentVersionTransition",
      Schema.Array(
        Schema.Struct({
          /** Since a newer version came. */
          noncurrentDays: Schema.optional(c.Count),
          /** The class that they get. */
          storageClass: c.StorageClass,
          /** Only those that were read less often, beside `noncurrentDays` or in its place. */
          accessFrequency: Schema.optional(AccessFrequency),
          ...fields.unknown
        })
      )
    )
  ),
  /** Removes versions that are not the newest. */
  noncurrentVersionExpiration: Schema.optional(
    Schema.Struct({
      /** Since a newer version came. */
      noncurrentDays: Schema.optional(c.Count),
      ...fields.unknown
    })
  ),
  /** Removes multipart uploads that were not completed. */
  abortIncompleteMultipartUpload: Schema.optional(
    Schema.Struct({
      /** Since they were begun. */
      daysAfterInitiation: Operation.fromElement(["DaysAfterInitiation", "DaysAfterInititation"], c.Count),
      ...fields.unknown
    })
  ),
  ...fields.unknown
})

const given = (...values: ReadonlyArray<unknown>): number => values.filter((value) => value !== undefined).length

/** Whether one of the values is given, or, where there are elements that are unknown here, none. */
const isOne = (unknown: object | undefined, ...values: ReadonlyArray<unknown>): boolean =>
  given(...values) === 1 || (unknown !== undefined && given(...values) === 0)

/** What the service refuses as a whole. */
const checkRule = ({
  expiration,
  noncurrentVersionExpiration: noncurrent,
  noncurrentVersionTransitions = [],
  transitions = []
}: typeof LifecycleRule.Type) => {
  const wrong = transitions.findIndex(
    ({ accessFrequency, date, days, unknownElements }) => !isOne(unknownElements ?? accessFrequency, days, date)
  )
  if (wrong !== -1) return { path: ["transitions", wrong], rule: "must have either days or date" }
  if (
    expiration &&
    !isOne(expiration.unknownElements, expiration.days, expiration.date, expiration.expiredObjectDeleteMarker)
  ) {
    return { path: ["expiration"], rule: "must have one of days, date and expiredObjectDeleteMarker" }
  }
  const undated = noncurrentVersionTransitions.findIndex(
    ({ accessFrequency, noncurrentDays, unknownElements }) => !isOne(unknownElements ?? accessFrequency, noncurrentDays)
  )
  if (undated !== -1) return { path: ["noncurrentVersionTransitions", undated], rule: "must have noncurrentDays" }
  if (noncurrent && !isOne(noncurrent.unknownElements, noncurrent.noncurrentDays)) {
    return { path: ["noncurrentVersionExpiration"], rule: "must have noncurrentDays" }
  }
  const times = [...transitions, ...(expiration === undefined ? [] : [expiration])]
  return times.some(({ days }) => days !== undefined) && times.some(({ date }) => date !== undefined)
    ? "must go by days or by date throughout: one rule cannot have both"
    : undefined
}

const configuration = {
  /** At most 1,000. */
  rules: Operation.fromElement("Rule", c.atMost(1000, "rules", c.checkedWhenSent(LifecycleRule, checkRule))),
  ...fields.unknown
}

/**
 * Replaces the lifecycle rules of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/8280
 * @since 0.1.0
 * @category lifecycle
 */
export const putBucketLifecycle: types.LifecycleOperations["putBucketLifecycle"] = Operation.make({
  name: "putBucketLifecycle",
  method: "PUT",
  target: "bucket",
  subresource: "lifecycle",
  doc: "https://www.tencentcloud.com/document/product/436/8280",
  document: "LifecycleConfiguration",
  params: Operation.elements(configuration),
  success: Schema.Void,
  errors: [CosError.NoSuchBucket, CosError.MalformedXML, CosError.InvalidArgument, CosError.InvalidRequest]
})

/**
 * Reads the lifecycle rules of the bucket. Without any it is `NoSuchLifecycleConfiguration`, see `CosError.orNone`.
 *
 * @see https://www.tencentcloud.com/document/product/436/8278
 * @since 0.1.0
 * @category lifecycle
 */
export const getBucketLifecycle: types.LifecycleOperations["getBucketLifecycle"] = Operation.make({
  name: "getBucketLifecycle",
  method: "GET",
  target: "bucket",
  subresource: "lifecycle",
  doc: "https://www.tencentcloud.com/document/product/436/8278",
  root: "LifecycleConfiguration",
  success: Schema.Struct(configuration),
  errors: [CosError.NoSuchLifecycleConfiguration, CosError.NoSuchBucket]
})

/**
 * Removes the lifecycle rules of the bucket.
 *
 * @see https://www.tencentcloud.com/document/product/436/8284
 * @since 0.1.0
 * @category lifecycle
 */
export const deleteBucketLifecycle: types.LifecycleOperations["deleteBucketLifecycle"] = Operation.make({
  name: "deleteBucketLifecycle",
  method: "DELETE",
  target: "bucket",
  subresource: "lifecycle",
  doc: "https://www.tencentcloud.com/document/product/436/8284",
  success: Schema.Void,
  errors: [CosError.NoSuchLifecycleConfiguration, CosError.NoSuchBucket]
})
