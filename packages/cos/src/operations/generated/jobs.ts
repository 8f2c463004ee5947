// Written by `pnpm generate` from ../jobs.ts: change the declarations there.
import type * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import type { StorageClass } from "../../internal/operation/codecs.js"
import type * as Operation from "../../Operation.js"

/**
 * The list of the objects that a job is about.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobManifest {
  /** The object that the list is in. */
  readonly location: {
    /** Its ETag, with or without quotes. */
    readonly eTag: string
    /** `qcs::cos:<region>:uid/<APPID>:<bucket>/<key>`. */
    readonly objectArn: string
    /** Default: the newest version. */
    readonly objectVersionId?: string | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** How the list is written. */
  readonly spec: {
    /** A table of objects, or the report of an inventory. */
    readonly format: "COSBatchOperations_CSV_V1" | "COSInventoryReport_CSV_V1" | (string & {})
    /** The columns of a table: each `Ignore`, `Bucket`, `Key` or `VersionId`. */
    readonly fields?: ReadonlyArray<"Bucket" | "Ignore" | "Key" | "VersionId" | (string & {})> | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * A grant on the copies that a job makes.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobGrant {
  /** Who. */
  readonly grantee: {
    /** As the service names it. */
    readonly displayName?: string | undefined
    /** The account, as `typeIdentifier` says. */
    readonly identifier: string
    /** Such as `id`. */
    readonly typeIdentifier: string
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }
  /** Such as `READ`. */
  readonly permission: string
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * What copies of a job have instead of what the originals have.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobObjectMetadata {
  /** How caches may keep the copies, such as `max-age=3600`. */
  readonly cacheControl?: string | undefined
  /** Such as `attachment`. */
  readonly contentDisposition?: string | undefined
  /** How the content is coded, such as `gzip`. */
  readonly contentEncoding?: string | undefined
  /** Such as `text/plain`. */
  readonly contentType?: string | undefined
  /** A date of HTTP until which caches may keep the copies. */
  readonly httpExpiresDate?: string | undefined
  /** Such as `AES256`. */
  readonly sseAlgorithm?: string | undefined
  /** Metadata, by names without `x-cos-meta-`. */
  readonly userMetadata?:
    | ReadonlyArray<{
        /** Its name. */
        readonly key: string
        /** Its value. */
        readonly value: string
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }>
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * Copies every object of the list.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobCopy {
  /** The bucket of the copies: `qcs::cos:<region>:uid/<APPID>:<bucket>`. */
  readonly targetResource: string
  /** What becomes of the ACL. */
  readonly accessControlDirective?: "Add" | "Copy" | "Replaced" | (string & {}) | undefined
  /** The grants on the copies. */
  readonly accessControlGrants?: ReadonlyArray<JobGrant> | undefined
  /** Such as `private`. */
  readonly cannedAccessControlList?: string | undefined
  /** What becomes of the metadata. */
  readonly metadataDirective?: "Add" | "Copy" | "Replaced" | (string & {}) | undefined
  /** The new metadata, where the directive is not `Copy`. */
  readonly newObjectMetadata?: JobObjectMetadata | undefined
  /** What becomes of the tags. */
  readonly taggingDirective?: "Add" | "Copy" | "Replaced" | (string & {}) | undefined
  /** Only what was changed after this time. Whole seconds. */
  readonly modifiedSinceConstraint?: Date | undefined
  /** Only what was not changed after this time. Whole seconds. */
  readonly unModifiedSinceConstraint?: Date | undefined
  /** Whether the beginnings of keys are replaced: `resourcesPrefix` by `targetKeyPrefix`. */
  readonly prefixReplace?: boolean | undefined
  /** What is replaced. */
  readonly resourcesPrefix?: string | undefined
  /** What it is replaced by. */
  readonly targetKeyPrefix?: string | undefined
  /** Of the copies. Default `STANDARD`. */
  readonly storageClass?: StorageClass | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * Restores every object of the list from its archive.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobRestore {
  /** Days that the copy can be read. */
  readonly expirationInDays: number
  /** How fast. */
  readonly jobTier: "Bulk" | "Expedited" | "Standard" | (string & {})
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * What a job does with every object of its list: one of these.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobOperation {
  /** Copies every object of the list. */
  readonly cosPutObjectCopy?: JobCopy | undefined
  /** Restores every object of the list from its archive. */
  readonly cosInitiateRestoreObject?: JobRestore | undefined
  /** Removes every object of the list: `{}`. */
  readonly cosDeleteObject?:
    | {
        /** What this SDK does not know of it: kept, and written again where it stood. */
        readonly unknownElements?: CosXml.Elements | undefined
      }
    | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The report that a job writes when it has ended.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobReport {
  /** Whether there is one; then all that follows has to be given. */
  readonly enabled: boolean
  /** `qcs::cos:<region>:uid/<APPID>:<bucket>`. */
  readonly bucket?: string | undefined
  /** `Report_CSV_V1`. */
  readonly format?: "Report_CSV_V1" | (string & {}) | undefined
  /** What its key begins with. */
  readonly prefix?: string | undefined
  /** What is in it. */
  readonly reportScope?: "AllTasks" | "FailedTasksOnly" | (string & {}) | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * How far a job is.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface JobProgress {
  readonly numberOfTasksFailed?: number | undefined
  readonly numberOfTasksSucceeded?: number | undefined
  readonly totalNumberOfTasks?: number | undefined
  readonly autoManifestStatus?: string | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * A batch job.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface Job {
  /** Whether it waits for `updateJobStatus` before it runs. */
  readonly confirmationRequired?: boolean | undefined
  /** Up to 256 characters. */
  readonly description?: string | undefined
  readonly jobId?: string | undefined
  readonly creationTime?: Date | undefined
  readonly priority?: number | undefined
  readonly progressSummary?: JobProgress | undefined
  readonly status?:
    | "Active"
    | "Cancelled"
    | "Cancelling"
    | "Complete"
    | "Completing"
    | "Failed"
    | "Failing"
    | "New"
    | "Paused"
    | "Pausing"
    | "Preparing"
    | "Ready"
    | "Suspended"
    | (string & {})
    | undefined
  /** When it ended. */
  readonly terminationDate?: Date | undefined
  readonly manifest?: JobManifest | undefined
  readonly operation?: JobOperation | undefined
  readonly report?: JobReport | undefined
  readonly roleArn?: string | undefined
  readonly failureReasons: ReadonlyArray<{
    readonly failureCode?: string | undefined
    readonly failureReason?: string | undefined
    /** What this SDK does not know of it: kept, and written again where it stood. */
    readonly unknownElements?: CosXml.Elements | undefined
  }>
  readonly statusUpdateReason?: string | undefined
  readonly suspendedCause?: string | undefined
  readonly suspendedDate?: Date | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * A batch job in the list of jobs.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface ListedJob {
  readonly jobId?: string | undefined
  readonly creationTime?: Date | undefined
  readonly priority?: number | undefined
  readonly progressSummary?: JobProgress | undefined
  readonly status?:
    | "Active"
    | "Cancelled"
    | "Cancelling"
    | "Complete"
    | "Completing"
    | "Failed"
    | "Failing"
    | "New"
    | "Paused"
    | "Pausing"
    | "Preparing"
    | "Ready"
    | "Suspended"
    | (string & {})
    | undefined
  /** When it ended. */
  readonly terminationDate?: Date | undefined
  readonly description?: string | undefined
  /** The name of what it does, such as `COSPutObjectCopy`. */
  readonly operation?: string | undefined
  /** What this SDK does not know of it: kept, and written again where it stood. */
  readonly unknownElements?: CosXml.Elements | undefined
}

/**
 * The input of `createJob`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface CreateJobInput extends Operation.ControlInput {
  /** 1 to 64 characters that no other job has, such as a UUID: no request with it makes a second job. */
  readonly clientRequestToken: string
  /** The objects. */
  readonly manifest: JobManifest
  /** What is done with each of them: exactly one. */
  readonly operation: JobOperation
  /** 0 to 2,147,483,647: jobs with a greater one run first. */
  readonly priority: number
  /** The report of what was done. */
  readonly report: JobReport
  /** The role that the service takes to do it: `qcs::cam::uin/<uin>:roleName/<name>`. */
  readonly roleArn: string
  /**
   * The APPID of the account. Default: the number that the name of the bucket ends in, as `withBucket` or the client
   * sets it.
   */
  readonly appId?: string | undefined
  /** Whether it waits for `updateJobStatus` before it runs. */
  readonly confirmationRequired?: boolean | undefined
  /** Up to 256 characters. */
  readonly description?: string | undefined
}

/**
 * The output of `createJob`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface CreateJobOutput {
  readonly jobId: string
}

/**
 * The input of `describeJob`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface DescribeJobInput extends Operation.ControlInput {
  /** From the output of `createJob`. */
  readonly jobId: string
  /**
   * The APPID of the account. Default: the number that the name of the bucket ends in, as `withBucket` or the client
   * sets it.
   */
  readonly appId?: string | undefined
}

/**
 * The output of `describeJob`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface DescribeJobOutput {
  readonly job: Job
}

/**
 * The input of `listJobs`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface ListJobsInput extends Operation.ControlInput {
  /**
   * The APPID of the account. Default: the number that the name of the bucket ends in, as `withBucket` or the client
   * sets it.
   */
  readonly appId?: string | undefined
  /** Only jobs of this status. */
  readonly jobStatuses?:
    | "Active"
    | "Cancelled"
    | "Cancelling"
    | "Complete"
    | "Completing"
    | "Failed"
    | "Failing"
    | "New"
    | "Paused"
    | "Pausing"
    | "Preparing"
    | "Ready"
    | "Suspended"
    | (string & {})
    | undefined
  /** Entries of a page: 1 to 1,000, the default. */
  readonly maxResults?: number | undefined
  /** Begins after this job. */
  readonly nextToken?: string | undefined
}

/**
 * The output of `listJobs`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface ListJobsOutput {
  readonly jobs: ReadonlyArray<ListedJob>
  /** To be passed for the next page. */
  readonly nextToken?: string | undefined
}

/**
 * The input of `updateJobPriority`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface UpdateJobPriorityInput extends Operation.ControlInput {
  /** From the output of `createJob`. */
  readonly jobId: string
  /** 0 to 2,147,483,647: jobs with a greater one run first. */
  readonly priority: number
  /**
   * The APPID of the account. Default: the number that the name of the bucket ends in, as `withBucket` or the client
   * sets it.
   */
  readonly appId?: string | undefined
}

/**
 * The output of `updateJobPriority`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface UpdateJobPriorityOutput {
  readonly jobId?: string | undefined
  readonly priority?: number | undefined
}

/**
 * The input of `updateJobStatus`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface UpdateJobStatusInput extends Operation.ControlInput {
  /** From the output of `createJob`. */
  readonly jobId: string
  /** `Ready` confirms the job, `Cancelled` ends it. */
  readonly requestedJobStatus: "Cancelled" | "Ready"
  /**
   * The APPID of the account. Default: the number that the name of the bucket ends in, as `withBucket` or the client
   * sets it.
   */
  readonly appId?: string | undefined
  /** Up to 256 bytes. */
  readonly statusUpdateReason?: string | undefined
}

/**
 * The output of `updateJobStatus`.
 *
 * @since 0.1.0
 * @category jobs
 */
export interface UpdateJobStatusOutput {
  readonly jobId?: string | undefined
  readonly status?:
    | "Active"
    | "Cancelled"
    | "Cancelling"
    | "Complete"
    | "Completing"
    | "Failed"
    | "Failing"
    | "New"
    | "Paused"
    | "Pausing"
    | "Preparing"
    | "Ready"
    | "Suspended"
    | (string & {})
    | undefined
  readonly statusUpdateReason?: string | undefined
}

/**
 * The types of the operations, by their names.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobsOperations {
  readonly createJob: Operation.Operation<
    CreateJobInput,
    CreateJobOutput,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.MalformedXML | CosError.TooManyJobs | CosError.Common
  >
  readonly describeJob: Operation.Operation<
    DescribeJobInput,
    DescribeJobOutput,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.NoSuchJob | CosError.Common
  >
  readonly listJobs: Operation.Paginated<
    ListJobsInput,
    ListJobsOutput,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.Common,
    ListedJob
  >
  readonly updateJobPriority: Operation.Operation<
    UpdateJobPriorityInput,
    UpdateJobPriorityOutput,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.NoSuchJob | CosError.Common
  >
  readonly updateJobStatus: Operation.Operation<
    UpdateJobStatusInput,
    UpdateJobStatusOutput,
    CosError.InvalidArgument | CosError.InvalidRequest | CosError.NoSuchJob | CosError.Common
  >
}
