/**
 * What the newest pages document beyond the protocol notes that `rows.ts` is written from: counted with the rows of the
 * same operations. An operation that only they have is a row of its own, in {@link newRows}.
 */
import { type Row, row, rows } from "./rows.js"

export interface Addition {
  /** What is added, in words. */
  readonly what: string
  /** The operations that get it. */
  readonly operations: ReadonlyArray<string>
  /** Query parameters and headers of the request. */
  readonly takes?: string
  /** The document of the request, with the new elements alone, in the notation of the rows. */
  readonly sends?: string
  /** Headers of the response. */
  readonly headers?: string
  /** The document of the response, with the new elements alone. */
  readonly responds?: string
  /** Codes that the service may respond with. */
  readonly codes?: string
}

/** A document that is put as it is read. */
const configuration = (name: string, what: string, document: string): ReadonlyArray<Addition> => [
  { what, operations: [`put${name}`], sends: document },
  { what, operations: [`get${name}`], responds: document }
]

const hosts =
  "HostInfo*{HostName, Weight, StandbyHostName_N*, PrivateHost{Host, CredentialProvider{AuthorizationAlgorithm, Region, " +
  "SecretId, SecretKey, EncryptedSecretKey, Role}}, PrivateStandbyHost_N*{Host}}"
const frequency = "AccessFrequency{AccessCountLessThan, RecentDays}"

/** The first table: buckets, and what uploads share. */
const ofBuckets: ReadonlyArray<Addition> = [
  ...configuration(
    "BucketEncryption",
    "the name of old documents",
    "ServerSideEncryptionConfiguration{Rule*{ApplySideEncryptionConfiguration{SSEAlgorithm, KMSMasterKeyID, KMSAlgorithm}}}"
  ),
  ...configuration(
    "BucketOrigin",
    "several hosts, private ones, standby hosts; conditions, headers and redirects of today",
    "OriginConfiguration{OriginRule*{OriginCondition{Suffix, FilterHost{ForbidHost{DomainList{Domain*}}}}, " +
      "OriginParameter{TransparentErrorCode, FollowRedirectionConfiguration{FollowOriginHeaders, FollowUrlAutoDecode}, " +
      "HttpHeader{FollowAllHeaders, ForbidFollowHeaders{Header*{Key}}, ForbidFollowHttpHeaders{Header*}, NewHttpHeader{Header*}}}, " +
      `OriginInfo{${hosts}, FileInfo{PrefixConfiguration{Prefix, ReplacedWithPrefix}, ` +
      "SuffixConfiguration{Suffix, ReplacedWithSuffix}, FixedFileConfiguration{FixedFilePath}}}, " +
      "HTTPStandbyCode{StatusCode*}}}"
  ),
  ...configuration(
    "BucketWebsite",
    "a charity's page, redirects to addresses",
    "WebsiteConfiguration{ErrorDocument{Charity404}, RoutingRules{RoutingRule*{Redirect{URLRedirect}}}}"
  ),
  ...configuration("BucketInventory", "monthly reports", "InventoryConfiguration{Schedule{MonthlyDate}}"),
  {
    what: "monthly reports",
    operations: ["listBucketInventory"],
    responds: "ListInventoryConfigurationResult{InventoryConfiguration*{Schedule{MonthlyDate}}}"
  },
  ...configuration(
    "BucketLifecycle",
    "rules by how often objects are read, and of an old form",
    `LifecycleConfiguration{Rule*{Prefix, Transition*{${frequency}}, NoncurrentVersionTransition*{${frequency}}}}`
  ),
  ...configuration("BucketReferer", "signed addresses", "RefererConfiguration{VerifySignatureURL}"),
  {
    what: "storage class, zones",
    operations: ["putBucket"],
    sends: "CreateBucketConfiguration{BucketStorageClass, BucketAZConfig}"
  },
  { what: "metadata acceleration", operations: ["headBucket"], headers: "x-cos-bucket-arch" },
  { what: "buckets of a region", operations: ["listBuckets"], takes: "region" },
  { what: "a mode", operations: ["putObjectRetention"], sends: "Retention{Mode}" },
  { what: "a time that is not taken", operations: ["putObjectLockConfiguration"], codes: "InvalidLockedTime" }
]

const processed =
  "ProcessResults{Object*{WatermarkStatus, CodeStatus, QRcodeInfo*{CodeUrl, CodeLocation{Point*}}, AIGCMetadata{Label, " +
  "ContentProducer, ProduceID, ReservedCode1, ContentPropagator, PropagateID, ReservedCode2}, FrameCount, Md5, BitDepth}, " +
  "Text, WatermarkStatusCode}, ImgTargetRecResult"

/** Of objects, multipart uploads and lists. */
const ofObjects: ReadonlyArray<Addition> = [
  {
    what: "callbacks",
    operations: ["putObject", "completeMultipartUpload"],
    takes: "x-cos-callback x-cos-callback-var",
    headers: "x-cos-hash-crc32c",
    responds: "(body)"
  },
  ...["putObject", "imageProcess"].map((operation) => ({
    what: "what rules find",
    operations: [operation],
    responds: `UploadResult{${processed}}`
  })),
  {
    what: "what rules find",
    operations: ["completeMultipartUpload"],
    responds: `CompleteMultipartUploadResult{${processed}}`
  },
  {
    what: "old spellings of accounts",
    operations: ["getBucketAcl", "getObjectAcl"],
    responds: "AccessControlPolicy{AccessControlList{Grant*{Grantee{uin, Subaccount}}}}"
  },
  {
    what: "previews",
    operations: ["docPreview"],
    takes:
      "comment quality zoom scale imageDpi excelPaperDirection excelPaperSize excelRow excelCol txtPagination type " +
      "htmlwaterword htmlfillstyle htmlfront htmlrotate htmlhorizontal htmlvertical"
  },
  {
    what: "encryption by a customer's key, and callbacks, of forms",
    operations: ["Presign.form"],
    takes:
      "x-cos-server-side-encryption-customer-algorithm x-cos-server-side-encryption-customer-key " +
      "x-cos-server-side-encryption-customer-key-MD5 x-cos-callback x-cos-callback-var"
  }
]

export const additions: ReadonlyArray<Addition> = [...ofBuckets, ...ofObjects]

const none = { node: undefined, takes: "", sends: "", headers: "", responds: "", codes: "" }

const ofProcessing = (operation: string, wire: string, takes: string): Row => ({
  ...none,
  section: "6",
  operation,
  wire,
  takes
})

const notification =
  "NotificationConfiguration{CloudFunctionConfiguration*{Id, Filter{S3Key{FilterRule*{Name, Value}}}, CloudFunction, Event*}}"
const job =
  "ConfirmationRequired, Description, Manifest{Location{ETag, ObjectArn, ObjectVersionId}, Spec{Fields{member*}, Format}}, " +
  "Operation{COSPutObjectCopy{AccessControlDirective, AccessControlGrants{COSGrant*{Grantee{DisplayName, Identifier, " +
  "TypeIdentifier}, Permission}}, CannedAccessControlList, MetadataDirective, ModifiedSinceConstraint, " +
  "UnModifiedSinceConstraint, NewObjectMetadata{CacheControl, ContentDisposition, ContentEncoding, ContentType, " +
  "HttpExpiresDate, SSEAlgorithm, UserMetadata{member*{Key, Value}}}, StorageClass, TaggingDirective, TargetResource} | " +
  "COSInitiateRestoreObject{ExpirationInDays, JobTier} | COSDeleteObject}, Priority, Report{Bucket, Enabled, Format, Prefix, " +
  "ReportScope}, RoleArn"
const jobState =
  "CreationTime, JobId, ProgressSummary{NumberOfTasksFailed, NumberOfTasksSucceeded, TotalNumberOfTasks}, Status, TerminationDate"

/** Operations that only the newest pages have. */
export const newRows: ReadonlyArray<Row> = [
  row("P", "deleteBucketReferer", "DELETE bucket ?referer", undefined),
  ofProcessing("imageProcess", "POST object ?image_process", "Pic-Operations"),
  ofProcessing("imageInfo", "GET object ?imageInfo", "versionId"),
  ofProcessing("docPreview", "GET object ?ci-process", "dstType page sheet srcType password ImageParams"),
  { ...none, section: "9", operation: "putBucketNotification", wire: "PUT bucket ?notification", sends: notification },
  {
    ...none,
    section: "9",
    operation: "getBucketNotification",
    wire: "GET bucket ?notification",
    responds: notification
  },
  {
    ...none,
    section: "9",
    operation: "createJob",
    wire: "POST control",
    takes: "x-cos-appid",
    sends: `CreateJobRequest{ClientRequestToken, ${job}}`,
    responds: "CreateJobResult{JobId}",
    codes: "InvalidArgument InvalidRequest MalformedXML TooManyJobs"
  },
  {
    ...none,
    section: "9",
    operation: "describeJob",
    wire: "GET control",
    takes: "x-cos-appid",
    responds:
      `DescribeJobResult{Job{${job}, ${jobState}, FailureReasons{JobFailure*{FailureCode, FailureReason}}, ` +
      "StatusUpdateReason, SuspendedCause, SuspendedDate}}",
    codes: "NoSuchJob"
  },
  {
    ...none,
    section: "9",
    operation: "listJobs",
    wire: "GET control",
    takes: "x-cos-appid jobStatuses maxResults nextToken",
    responds: `ListJobsResult{Jobs{member*{Description, Operation, Priority, ${jobState}}}, NextToken}`,
    codes: "InvalidArgument"
  },
  {
    ...none,
    section: "9",
    operation: "updateJobPriority",
    wire: "POST control",
    takes: "x-cos-appid priority",
    responds: "UpdateJobPriorityResult{JobId, Priority}",
    codes: "NoSuchJob InvalidRequest"
  },
  {
    ...none,
    section: "9",
    operation: "updateJobStatus",
    wire: "POST control",
    takes: "x-cos-appid requestedJobStatus statusUpdateReason",
    responds: "UpdateJobStatusResult{JobId, Status, StatusUpdateReason}",
    codes: "NoSuchJob InvalidRequest InvalidArgument"
  }
]

/** Every row, and what is added to it. */
export const allRows: ReadonlyArray<{ readonly row: Row; readonly added: ReadonlyArray<Addition> }> = [
  ...rows,
  ...newRows
].map((row) => ({ row, added: additions.filter(({ operations }) => operations.includes(row.operation)) }))
