// Written by `pnpm generate` from ../bucket.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"
import type { Owner } from "./shared.js"

/**
 * A bucket in the list of buckets.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface ListedBucket {
  readonly name: string
  /** Its region. */
  readonly location: string
  /** When it was created. */
  readonly creationDate: Date
  /** Such as `cos`. */
  readonly bucketType?: string | undefined
}

/**
 * An object in a list of objects.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface ListedObject {
  readonly key: string
  readonly lastModified: Date
  readonly eTag: string
  /** Bytes. */
  readonly size: number
  readonly owner?: Owner | undefined
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** Of `INTELLIGENT_TIERING` only. */
  readonly storageTier?: string | undefined
  /** Of an archived object: the state of its restored copy, as the service writes it. */
  readonly restoreStatus?: string | undefined
}

/**
 * The input of `listBuckets`.
 *
 * @since 0.1.0
 * @category service
 */
export interface ListBucketsInput extends Operation.InputBase {
  /** Only buckets with this tag key; goes with `tagValue`. */
  readonly tagKey?: string | undefined
  /** Only buckets with this value of the tag. */
  readonly tagValue?: string | undefined
  /** Compared with the time of creation by `createRange`. Whole seconds are sent. */
  readonly createTime?: Date | undefined
  /** How `createTime` compares; goes with it. */
  readonly createRange?: "gt" | "gte" | "lt" | "lte" | undefined
  /** Begins after this name. */
  readonly marker?: string | undefined
  /** Entries of a page: 1 to 2,000, the default. */
  readonly maxKeys?: number | undefined
  /** Only buckets of this region, such as `ap-guangzhou`, wherever the request goes. Default: those of all. */
  readonly inRegion?: string | undefined
}

/**
 * The output of `listBuckets`.
 *
 * @since 0.1.0
 * @category service
 */
export interface ListBucketsOutput {
  readonly owner?: Owner | undefined
  readonly buckets: ReadonlyArray<ListedBucket>
  /** Whether there are more pages. */
  readonly isTruncated?: boolean | undefined
  /** As it was asked for. */
  readonly marker?: string | undefined
  /** To be passed as `marker` for the next page; present when `isTruncated`. */
  readonly nextMarker?: string | undefined
}

/**
 * The input of `putBucket`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface PutBucketInput extends Operation.BucketInput {
  /** Default `private`. */
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
  /** Tags of the new bucket: at most 50. */
  readonly tagging?: { readonly [name: string]: string } | undefined
  /** Default: one availability zone. */
  readonly configuration?:
    | {
        /** `MAZ`: several availability zones. `OAZ`: one. */
        readonly azConfig?: "MAZ" | "OAZ" | (string & {}) | undefined
        /** `OFS`: metadata acceleration. */
        readonly archConfig?: "OFS" | (string & {}) | undefined
        /** The storage class of objects that do not say so themselves. Default `STANDARD`. */
        readonly storageClass?: StorageClass | (string & {}) | undefined
      }
    | undefined
}

/**
 * The output of `putBucket`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface PutBucketOutput {
  /** The bucket's address, as the client's endpoint spells it. */
  readonly location: string
}

/**
 * The input of `headBucket`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface HeadBucketInput extends Operation.BucketInput {}

/**
 * The output of `headBucket`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface HeadBucketOutput {
  /** The region of the bucket. */
  readonly region?: string | undefined
  /** `MAZ`: several availability zones. */
  readonly azType?: string | undefined
  /** `OFS`: metadata acceleration. */
  readonly arch?: string | undefined
}

/**
 * The input of `listObjects`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface ListObjectsInput extends Operation.BucketInput {
  /** Only keys that begin so. */
  readonly prefix?: string | undefined
  /** One character; keys that share what comes before it are grouped into one common prefix. */
  readonly delimiter?: string | undefined
  /** Entries of a page, common prefixes included: 0 to 1,000, the default. */
  readonly maxKeys?: number | undefined
  /** Begins after this key. */
  readonly marker?: string | undefined
}

/**
 * The output of `listObjects`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface ListObjectsOutput {
  readonly name: string
  /** `url`, if the service says so: keys arrived percent-encoded. They are decoded. */
  readonly encodingType?: string | undefined
  /** As in the request. */
  readonly prefix?: string | undefined
  readonly delimiter?: string | undefined
  /** Whether there are more pages. */
  readonly isTruncated: boolean
  /** What keys have in common that `delimiter` groups. */
  readonly commonPrefixes: ReadonlyArray<string>
  /** As it was asked for. */
  readonly marker?: string | undefined
  /** To be passed as `marker` for the next page; present when `isTruncated`. */
  readonly nextMarker?: string | undefined
  readonly maxKeys?: number | undefined
  /** The region of the bucket. */
  readonly region?: string | undefined
  /** The objects. */
  readonly contents: ReadonlyArray<ListedObject>
}

/**
 * The input of `deleteBucket`.
 *
 * @since 0.1.0
 * @category bucket
 */
export interface DeleteBucketInput extends Operation.BucketInput {}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketOperations {
  readonly listBuckets: Operation.Paginated<ListBucketsInput, ListBucketsOutput, CosError.Common, ListedBucket>
  readonly putBucket: Operation.Operation<
    PutBucketInput,
    PutBucketOutput,
    | CosError.BucketAlreadyExists
    | CosError.BucketAlreadyOwnedByYou
    | CosError.InvalidArgument
    | CosError.InvalidBucketName
    | CosError.InvalidRequest
    | CosError.TooManyBuckets
    | CosError.Common
  >
  readonly headBucket: Operation.Operation<HeadBucketInput, HeadBucketOutput, CosError.NoSuchBucket | CosError.Common>
  readonly listObjects: Operation.Paginated<
    ListObjectsInput,
    ListObjectsOutput,
    CosError.InvalidArgument | CosError.NoSuchBucket | CosError.Common,
    ListedObject
  >
  readonly deleteBucket: Operation.Operation<
    DeleteBucketInput,
    void,
    CosError.BucketNotEmpty | CosError.NoSuchBucket | CosError.Common
  >
}
