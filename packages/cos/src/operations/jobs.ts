import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as CosError from "../CosError.js"
import * as c from "../internal/operation/codecs.js"
import * as fields from "../internal/operation/fields.js"
import * as Operation from "../Operation.js"
import type * as types from "./generated/jobs.js"

const account = {
  /** The APPID of the account. Default: the number that the name of the bucket ends in, as `withBucket` or the client sets it. */
  appId: Operation.header(
    "x-cos-appid",
    Schema.String.pipe(Schema.pattern(/^\d{1,64}$/)).annotations({ description: "digits" })
  )
}

const jobId = {
  /** From the output of `createJob`. */
  jobId: Operation.required(Operation.pathSegment("jobId"))
}

const Priority = c.sentInteger(0, 2_147_483_647)

const Status = c.knownWords<
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
>()

const Directive = c.knownWords<"Copy" | "Replaced" | "Add">()

/** The ETag of a manifest stands in the document without quotes. */
const BareETag: Schema.Schema<string, string> = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => text,
  encode: (eTag) => eTag.replace(/^"(.*)"$/, "$1")
})

/**
 * The list of the objects that a job is about.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobManifest = Schema.Struct({
  /** The object that the list is in. */
  location: Schema.Struct({
    /** Its ETag, with or without quotes. */
    eTag: Operation.fromElement("ETag", BareETag),
    /** `qcs::cos:<region>:uid/<APPID>:<bucket>/<key>`. */
    objectArn: Schema.String,
    /** Default: the newest version. */
    objectVersionId: Schema.optional(Schema.String),
    ...fields.unknown
  }),
  /** How the list is written. */
  spec: Schema.Struct({
    /** A table of objects, or the report of an inventory. */
    format: c.knownWords<"COSBatchOperations_CSV_V1" | "COSInventoryReport_CSV_V1">(),
    /** The columns of a table: each `Ignore`, `Bucket`, `Key` or `VersionId`. */
    fields: Schema.optional(
      Operation.fromElement("Fields/member", Schema.Array(c.knownWords<"Ignore" | "Bucket" | "Key" | "VersionId">()))
    ),
    ...fields.unknown
  }),
  ...fields.unknown
})

/**
 * A grant on the copies that a job makes.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobGrant = Schema.Struct({
  /** Who. */
  grantee: Schema.Struct({
    /** As the service names it. */
    displayName: Schema.optional(Schema.String),
    /** The account, as `typeIdentifier` says. */
    identifier: Schema.String,
    /** Such as `id`. */
    typeIdentifier: Schema.String,
    ...fields.unknown
  }),
  /** Such as `READ`. */
  permission: Schema.String,
  ...fields.unknown
})

/**
 * What copies of a job have instead of what the originals have.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobObjectMetadata = Schema.Struct({
  /** How caches may keep the copies, such as `max-age=3600`. */
  cacheControl: Schema.optional(Schema.String),
  /** Such as `attachment`. */
  contentDisposition: Schema.optional(Schema.String),
  /** How the content is coded, such as `gzip`. */
  contentEncoding: Schema.optional(Schema.String),
  /** Such as `text/plain`. */
  contentType: Schema.optional(Schema.String),
  /** A date of HTTP until which caches may keep the copies. */
  httpExpiresDate: Schema.optional(Schema.String),
  /** Such as `AES256`. */
  sseAlgorithm: Schema.optional(Operation.fromElement("SSEAlgorithm", Schema.String)),
  /** Metadata, by names without `x-cos-meta-`. */
  userMetadata: Schema.optional(
    Operation.fromElement(
      "UserMetadata/member",
      Schema.Array(
        Schema.Struct({
          /** Its name. */
          key: Schema.String,
          /** Its value. */
          value: Schema.String,
          ...fields.unknown
        })
      )
    )
  ),
  ...fields.unknown
})

/**
 * Copies every object of the list.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobCopy = Schema.Struct({
  /** The bucket of the copies: `qcs::cos:<region>:uid/<APPID>:<bucket>`. */
  targetResource: Schema.String,
  /** What becomes of the ACL. */
  accessControlDirective: Schema.optional(Directive),
  /** The grants on the copies. */
  accessControlGrants: Schema.optional(Operation.fromElement("AccessControlGrants/COSGrant", Schema.Array(JobGrant))),
  /** Such as `private`. */
  cannedAccessControlList: Schema.optional(Schema.String),
  /** What becomes of the metadata. */
  metadataDirective: Schema.optional(Directive),
  /** The new metadata, where the directive is not `Copy`. */
  newObjectMetadata: Schema.optional(JobObjectMetadata),
  /** What becomes of the tags. */
  taggingDirective: Schema.optional(Directive),
  /** Only what was changed after this time. Whole seconds. */
  modifiedSinceConstraint: Schema.optional(c.UnixTime),
  /** Only what was not changed after this time. Whole seconds. */
  unModifiedSinceConstraint: Schema.optional(c.UnixTime),
  /** Whether the beginnings of keys are replaced: `resourcesPrefix` by `targetKeyPrefix`. */
  prefixReplace: Schema.optional(c.Flag),
  /** What is replaced. */
  resourcesPrefix: Schema.optional(Schema.String),
  /** What it is replaced by. */
  targetKeyPrefix: Schema.optional(Schema.String),
  /** Of the copies. Default `STANDARD`. */
  storageClass: Schema.optional(c.StorageClass),
  ...fields.unknown
})

/**
 * Restores every object of the list from its archive.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobRestore = Schema.Struct({
  /** Days that the copy can be read. */
  expirationInDays: c.sentInteger(1, 36_500),
  /** How fast. */
  jobTier: c.knownWords<"Expedited" | "Standard" | "Bulk">(),
  ...fields.unknown
})

/**
 * What a job does with every object of its list: one of these.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobOperation = Schema.Struct({
  /** Copies every object of the list. */
  cosPutObjectCopy: Schema.optional(Operation.fromElement("COSPutObjectCopy", JobCopy)),
  /** Restores every object of the list from its archive. */
  cosInitiateRestoreObject: Schema.optional(Operation.fromElement("COSInitiateRestoreObject", JobRestore)),
  /** Removes every object of the list: `{}`. */
  cosDeleteObject: Schema.optional(Operation.fromElement("COSDeleteObject", Schema.Struct(fields.unknown))),
  ...fields.unknown
})

/**
 * The report that a job writes when it has ended.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobReport = Schema.Struct({
  /** Whether there is one; then all that follows has to be given. */
  enabled: c.Flag,
  /** `qcs::cos:<region>:uid/<APPID>:<bucket>`. */
  bucket: Schema.optional(Schema.String),
  /** `Report_CSV_V1`. */
  format: Schema.optional(c.knownWords<"Report_CSV_V1">()),
  /** What its key begins with. */
  prefix: Schema.optional(Schema.String),
  /** What is in it. */
  reportScope: Schema.optional(c.knownWords<"AllTasks" | "FailedTasksOnly">()),
  ...fields.unknown
})

/**
 * How far a job is.
 *
 * @since 0.1.0
 * @category jobs
 */
const JobProgress = Schema.Struct({
  numberOfTasksFailed: Schema.optional(c.Count),
  numberOfTasksSucceeded: Schema.optional(c.Count),
  totalNumberOfTasks: Schema.optional(c.Count),
  autoManifestStatus: Schema.optional(Schema.String),
  ...fields.unknown
})

const described = {
  /** Whether it waits for `updateJobStatus` before it runs. */
  confirmationRequired: Schema.optional(c.Flag),
  /** Up to 256 characters. */
  description: Schema.optional(c.sentText(256))
}

const listed = {
  jobId: Schema.optional(Schema.String),
  creationTime: Schema.optional(c.Timestamp),
  priority: Schema.optional(Priority),
  progressSummary: Schema.optional(JobProgress),
  status: Schema.optional(Status),
  /** When it ended. */
  terminationDate: Schema.optional(c.Timestamp)
}

/**
 * A batch job.
 *
 * @since 0.1.0
 * @category jobs
 */
const Job = Schema.Struct({
  ...listed,
  ...described,
  manifest: Schema.optional(JobManifest),
  operation: Schema.optional(JobOperation),
  report: Schema.optional(JobReport),
  roleArn: Schema.optional(Schema.String),
  failureReasons: Operation.fromElement(
    "FailureReasons/JobFailure",
    Schema.Array(
      Schema.Struct({
        failureCode: Schema.optional(Schema.String),
        failureReason: Schema.optional(Schema.String),
        ...fields.unknown
      })
    )
  ),
  statusUpdateReason: Schema.optional(Schema.String),
  suspendedCause: Schema.optional(Schema.String),
  suspendedDate: Schema.optional(c.Timestamp),
  ...fields.unknown
})

/**
 * A batch job in the list of jobs.
 *
 * @since 0.1.0
 * @category jobs
 */
const ListedJob = Schema.Struct({
  ...listed,
  description: Schema.optional(Schema.String),
  /** The name of what it does, such as `COSPutObjectCopy`. */
  operation: Schema.optional(Schema.String),
  ...fields.unknown
})

/**
 * Creates a job that does the same with many objects: copies, restores or removes them.
 *
 * Not retried when its response is lost. To send it again with the same `clientRequestToken` is safe: if the first one was
 * carried out, the second is `InvalidRequest`, and `listJobs` shows the job.
 *
 * @see https://cloud.tencent.com/document/product/436/38608
 * @since 0.1.0
 * @category jobs
 */
export const createJob: types.JobsOperations["createJob"] = Operation.make({
  name: "createJob",
  method: "POST",
  target: "control",
  path: "jobs",
  document: "CreateJobRequest",
  doc: "https://cloud.tencent.com/document/product/436/38608",
  params: {
    ...account,
    ...Operation.elements({
      /** 1 to 64 characters that no other job has, such as a UUID: no request with it makes a second job. */
      clientRequestToken: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(64)).annotations({
        description: "1 to 64 characters"
      }),
      ...described,
      /** The objects. */
      manifest: JobManifest,
      /** What is done with each of them: exactly one. */
      operation: c.checkedWhenSent(JobOperation, ({ unknownElements, ...known }) =>
        Object.values(known).filter((one) => one !== undefined).length + Object.keys(unknownElements ?? {}).length === 1
          ? undefined
          : "must be one operation"
      ),
      /** 0 to 2,147,483,647: jobs with a greater one run first. */
      priority: Priority,
      /** The report of what was done. */
      report: JobReport,
      /** The role that the service takes to do it: `qcs::cam::uin/<uin>:roleName/<name>`. */
      roleArn: Schema.String
    })
  },
  root: "CreateJobResult",
  success: Schema.Struct({ jobId: Schema.String }),
  idempotent: false,
  errors: [CosError.InvalidArgument, CosError.InvalidRequest, CosError.MalformedXML, CosError.TooManyJobs]
})

/**
 * Reads what a job does and how far it is.
 *
 * @see https://www.tencentcloud.com/document/product/436/33782
 * @since 0.1.0
 * @category jobs
 */
export const describeJob: types.JobsOperations["describeJob"] = Operation.make({
  name: "describeJob",
  method: "GET",
  target: "control",
  path: "jobs/{jobId}",
  doc: "https://www.tencentcloud.com/document/product/436/33782",
  params: { ...account, ...jobId },
  root: "DescribeJobResult",
  success: Schema.Struct({ job: Job }),
  errors: [CosError.NoSuchJob, CosError.InvalidArgument, CosError.InvalidRequest]
})

/**
 * Lists the jobs of the account in a region, of the last 90 days.
 *
 * @see https://cloud.tencent.com/document/product/436/38611
 * @since 0.1.0
 * @category jobs
 */
export const listJobs: types.JobsOperations["listJobs"] = Operation.paginated(
  Operation.make({
    name: "listJobs",
    method: "GET",
    target: "control",
    path: "jobs",
    doc: "https://cloud.tencent.com/document/product/436/38611",
    params: {
      ...account,
      /** Only jobs of this status. */
      jobStatuses: Operation.query("jobStatuses", Status),
      /** Entries of a page: 1 to 1,000, the default. */
      maxResults: Operation.query("maxResults", c.integer(1, 1000, "an integer from 1 to 1,000")),
      /** Begins after this job. */
      nextToken: Operation.query("nextToken")
    },
    root: "ListJobsResult",
    success: Schema.Struct({
      jobs: Operation.fromElement("Jobs/member", Schema.Array(ListedJob)),
      /** To be passed for the next page. */
      nextToken: Schema.optional(Schema.String)
    }),
    errors: [CosError.InvalidArgument, CosError.InvalidRequest]
  }),
  {
    items: (page) => page.jobs,
    // The last page is known to name its last job too.
    next: ({ jobs, nextToken }) =>
      nextToken === undefined || nextToken === "" || jobs.length === 0 ? undefined : { nextToken }
  }
)

/**
 * Changes the priority of a job that has not ended.
 *
 * @see https://cloud.tencent.com/document/product/436/38612
 * @since 0.1.0
 * @category jobs
 */
export const updateJobPriority: types.JobsOperations["updateJobPriority"] = Operation.make({
  name: "updateJobPriority",
  method: "POST",
  target: "control",
  path: "jobs/{jobId}/priority",
  idempotent: true,
  doc: "https://cloud.tencent.com/document/product/436/38612",
  params: {
    ...account,
    ...jobId,
    /** 0 to 2,147,483,647: jobs with a greater one run first. */
    priority: Operation.required(Operation.query("priority", Priority))
  },
  root: "UpdateJobPriorityResult",
  success: Schema.Struct({ jobId: Schema.optional(Schema.String), priority: Schema.optional(Priority) }),
  errors: [CosError.NoSuchJob, CosError.InvalidArgument, CosError.InvalidRequest]
})

const Reason = Schema.String.pipe(Schema.filter((text) => new TextEncoder().encode(text).length <= 256)).annotations({
  description: "at most 256 bytes"
})

/**
 * Confirms a job that waits for it, or cancels one.
 *
 * @see https://www.tencentcloud.com/document/product/436/33785
 * @since 0.1.0
 * @category jobs
 */
export const updateJobStatus: types.JobsOperations["updateJobStatus"] = Operation.recoverLostResponse(
  Operation.make({
    name: "updateJobStatus",
    method: "POST",
    target: "control",
    path: "jobs/{jobId}/status",
    idempotent: true,
    doc: "https://www.tencentcloud.com/document/product/436/33785",
    params: {
      ...account,
      ...jobId,
      /** `Ready` confirms the job, `Cancelled` ends it. */
      requestedJobStatus: Operation.required(Operation.query("requestedJobStatus", c.oneOf("Ready", "Cancelled"))),
      /** Up to 256 bytes. */
      statusUpdateReason: Operation.query("statusUpdateReason", Reason)
    },
    root: "UpdateJobStatusResult",
    success: Schema.Struct({
      jobId: Schema.optional(Schema.String),
      status: Schema.optional(Status),
      statusUpdateReason: Schema.optional(Schema.String)
    }),
    errors: [CosError.NoSuchJob, CosError.InvalidArgument, CosError.InvalidRequest]
  }),
  // A repeated request finds the job as the first one left it.
  (error, { appId, jobId, region, requestedJobStatus, uin }) =>
    error._tag === "InvalidRequest" || error._tag === "NoSuchJob"
      ? describeJob({ appId, jobId, region, uin }).pipe(
          Effect.map(({ job }) =>
            isAsRequested(job.status, requestedJobStatus)
              ? Option.some({ jobId: job.jobId, status: job.status, statusUpdateReason: job.statusUpdateReason })
              : Option.none()
          ),
          Effect.orElseSucceed(Option.none)
        )
      : Effect.succeedNone
)

const isAsRequested = (status: string | undefined, requested: "Ready" | "Cancelled"): boolean =>
  requested === "Cancelled"
    ? status === "Cancelled" || status === "Cancelling"
    : ["Ready", "Active", "Completing", "Complete"].includes(status ?? "")
