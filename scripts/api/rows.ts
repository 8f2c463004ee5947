/**
 * What COS has, row by row: written down from the protocol notes, in their notation, and not from our code. The list that
 * coverage is counted against.
 */

export interface Row {
  /** Of the protocol notes. */
  readonly section: string
  /** Our name; with a module where it is not in `Cos`. */
  readonly operation: string
  readonly wire: string
  /** The method of the official Node SDK. */
  readonly node: string | undefined
  /** Query parameters and headers that a request may have, beside its subresource. */
  readonly takes: string
  /** The document of a request: `Root{Element, Optional?, List*{Element}}`. */
  readonly sends: string
  /** Headers of the response. */
  readonly headers: string
  /** The document of the response. */
  readonly responds: string
  /** Codes that it is known to respond with. */
  readonly codes: string
}

export const row = (
  section: string,
  operation: string,
  wire: string,
  node: string | undefined,
  facts: Partial<Pick<Row, "takes" | "sends" | "headers" | "responds" | "codes">> = {}
): Row => ({ section, operation, wire, node, takes: "", sends: "", headers: "", responds: "", codes: "", ...facts })

// --- what several have: §1.4, §1.5 -----------------------------------------------------------------------------------

const grants = "x-cos-grant-read x-cos-grant-read-acp x-cos-grant-write-acp x-cos-grant-full-control"
const customerKey =
  "x-cos-server-side-encryption-customer-algorithm x-cos-server-side-encryption-customer-key x-cos-server-side-encryption-customer-key-MD5"
const sourceCustomerKey =
  "x-cos-copy-source-server-side-encryption-customer-algorithm x-cos-copy-source-server-side-encryption-customer-key x-cos-copy-source-server-side-encryption-customer-key-MD5"
const content =
  "Content-Type Cache-Control Content-Disposition Content-Encoding Expires x-cos-meta-* x-cos-storage-class x-cos-acl " +
  `${grants} x-cos-server-side-encryption x-cos-server-side-encryption-cos-kms-key-id x-cos-server-side-encryption-context`
const creation = `${content} ${customerKey} x-cos-tagging x-cos-forbid-overwrite`
const conditions = "If-Modified-Since If-Unmodified-Since If-Match If-None-Match"
const sourceConditions =
  "x-cos-copy-source-If-Match x-cos-copy-source-If-None-Match x-cos-copy-source-If-Modified-Since x-cos-copy-source-If-Unmodified-Since"
const overrides =
  "response-content-type response-content-language response-expires response-cache-control response-content-disposition response-content-encoding"
const encryption =
  "x-cos-server-side-encryption x-cos-server-side-encryption-cos-kms-key-id x-cos-server-side-encryption-customer-algorithm x-cos-server-side-encryption-customer-key-MD5"
const stored =
  "ETag Last-Modified Content-Type Content-Length Content-Range Accept-Ranges Cache-Control Content-Disposition Content-Encoding " +
  "Content-Language Expires x-cos-meta-* x-cos-hash-crc64ecma x-cos-version-id x-cos-delete-marker x-cos-storage-class x-cos-storage-tier " +
  `x-cos-object-type x-cos-next-append-position x-cos-restore x-cos-restore-status ${encryption} x-cos-acl ` +
  "x-cos-tagging-count x-cos-replication-status x-cos-symlink-target x-cos-expiration"

const uploadResult =
  "UploadResult{OriginalInfo{Key, Location, ETag, ImageInfo{Format, Width, Height, Quality}}, " +
  "ProcessResults{Object*{Key, Location, Format, Width, Height, Size, Quality, ETag}}}"

// --- documents that are put as they are read: §2, §6 -----------------------------------------------------------------

const acl =
  "AccessControlPolicy{Owner{ID, DisplayName}, AccessControlList{Grant*{Grantee{ID, DisplayName, URI}, Permission}}}"
const cors =
  "CORSConfiguration{CORSRule*{ID?, AllowedOrigin*, AllowedMethod*, AllowedHeader*, ExposeHeader*, MaxAgeSeconds?}, ResponseVary?}"
const tagging = "Tagging{TagSet{Tag*{Key, Value}}}"
const versioning = "VersioningConfiguration{Status}"
const lifecycle =
  "LifecycleConfiguration{Rule*{ID, Status, Filter{Prefix | Tag{Key, Value} | And{Prefix, Tag*{Key, Value}, " +
  "ObjectSizeGreaterThan, ObjectSizeLessThan, PrefixNotEquals}}, Transition*{Days | Date, StorageClass}, " +
  "Expiration{Days | Date | ExpiredObjectDeleteMarker}, NoncurrentVersionTransition*{NoncurrentDays, StorageClass}, " +
  "NoncurrentVersionExpiration{NoncurrentDays}, AbortIncompleteMultipartUpload{DaysAfterInitiation}}}"
const replication =
  "ReplicationConfiguration{Role, Rule*{ID, Status, Priority, Prefix | Filter{And{Prefix, Tag*{Key, Value}}}, " +
  "Destination{Bucket, StorageClass?, EncryptionConfiguration{ReplicaKmsKeyID}}, DeleteMarkerReplication{Status}, " +
  "SourceSelectionCriteria{SseKmsEncryptedObjects{Status}}}}"
const website =
  "WebsiteConfiguration{IndexDocument{Suffix}, RedirectAllRequestsTo{Protocol}, AutoAddressing{Status}, " +
  "ErrorDocument{Key, OriginalHttpStatus}, RoutingRules{RoutingRule*{Condition{HttpErrorCodeReturnedEquals | " +
  "KeyPrefixEquals}, Redirect{Protocol, ReplaceKeyWith | ReplaceKeyPrefixWith}}}}"
const referer = "RefererConfiguration{Status, RefererType, DomainList{Domain*}, EmptyReferConfiguration}"
const logging = "BucketLoggingStatus{LoggingEnabled?{TargetBucket, TargetPrefix}}"
const report =
  "Id, Destination{COSBucketDestination{Format, AccountId, Bucket, Prefix, Encryption{SSE-COS}}}, " +
  "Filter{Prefix | And{Prefix, Tag*{Key, Value}, StorageClass}, Period{StartTime, EndTime}}, IncludedObjectVersions, " +
  "OptionalFields{Field*}"
const inventory = `${report}, IsEnabled, Schedule{Frequency}`
const accelerate = "AccelerateConfiguration{Status, Type}"
const encryptionRules =
  "ServerSideEncryptionConfiguration{Rule*{ApplyServerSideEncryptionByDefault{SSEAlgorithm, KMSMasterKeyID?, KMSAlgorithm?}}}"
const domain = "DomainConfiguration{DomainRule*{Status, Name, Type, ForcedReplacement}}"
const origin =
  "OriginConfiguration{OriginRule*{RulePriority, OriginType, OriginCondition{HTTPStatusCode, Prefix}, " +
  "OriginParameter{Protocol, FollowQueryString, HttpHeader{NewHttpHeaders{Header*{Key, Value}}, " +
  "FollowHttpHeaders{Header*{Key}}}, FollowRedirection, HttpRedirectCode, CopyOriginData}, " +
  "OriginInfo{HostInfo{HostName}, FileInfo{PrefixDirective, Prefix, Suffix}}}}"
const tiering = "IntelligentTieringConfiguration{Status, Transition{Days, RequestFrequent}}"
const tieringById = "Id, Status, Filter{And{Prefix, Tag*{Key, Value}}}, Tiering*{AccessTier, Days, RequestFrequent?}"
const lock = "ObjectLockConfiguration{ObjectLockEnabled, Rule{DefaultRetention{Days}}}"
const retention = "Retention{RetainUntilDate, Mode?}"

export const rows: ReadonlyArray<Row> = [
  row("2.1", "listBuckets", "GET service", "getService", {
    takes: "tagkey tagvalue create-time range marker max-keys",
    responds:
      "ListAllMyBucketsResult{Owner{ID, DisplayName}, Buckets{Bucket*{Name, Location, CreationDate, BucketType?}}, IsTruncated, Marker, NextMarker}",
    codes: "AccessDenied InvalidAccessKeyId SignatureDoesNotMatch"
  }),
  row("2.2", "putBucket", "PUT bucket", "putBucket", {
    takes: `x-cos-acl ${grants} x-cos-grant-write x-cos-tagging`,
    sends: "CreateBucketConfiguration{BucketAZConfig, BucketArchConfig}",
    codes:
      "BucketAlreadyOwnedByYou BucketAlreadyExists InvalidBucketName InvalidRequest TooManyBuckets InvalidRegionName InvalidLocationConstraint AccessDenied"
  }),
  row("2.3", "headBucket", "HEAD bucket", "headBucket", {
    headers: "x-cos-bucket-region x-cos-bucket-az-type",
    codes: "NoSuchBucket AccessDenied"
  }),
  row("2.4", "listObjects", "GET bucket", "getBucket", {
    takes: "prefix delimiter marker max-keys encoding-type",
    headers: "x-cos-bucket-region",
    responds:
      "ListBucketResult{Name, EncodingType?, Prefix, Marker, MaxKeys, Delimiter?, IsTruncated, NextMarker?, CommonPrefixes*{Prefix}, " +
      "Contents*{Key, LastModified, ETag, Size, Owner{ID, DisplayName?}, StorageClass, StorageTier?, RestoreStatus?}}",
    codes: "NoSuchBucket AccessDenied InvalidArgument InvalidDelimiter"
  }),
  row("2.5", "deleteBucket", "DELETE bucket", "deleteBucket", { codes: "NoSuchBucket BucketNotEmpty AccessDenied" }),
  row("2.6", "getBucketAcl", "GET bucket ?acl", "getBucketAcl", { headers: "x-cos-acl", responds: acl }),
  row("2.6", "putBucketAcl", "PUT bucket ?acl", "putBucketAcl", {
    takes: `x-cos-acl ${grants} x-cos-grant-write`,
    sends: acl,
    codes: "InvalidRequest AttachmentFull MalformedXML"
  }),
  row("2.7", "putBucketCors", "PUT bucket ?cors", "putBucketCors", {
    sends: cors,
    codes: "InvalidRequest MalformedXML"
  }),
  row("2.7", "getBucketCors", "GET bucket ?cors", "getBucketCors", {
    responds: cors,
    codes: "NoSuchCORSConfiguration"
  }),
  row("2.7", "deleteBucketCors", "DELETE bucket ?cors", "deleteBucketCors"),
  row("2.8", "getBucketLocation", "GET bucket ?location", "getBucketLocation", { responds: "LocationConstraint" }),
  row("2.9", "putBucketTagging", "PUT bucket ?tagging", "putBucketTagging", {
    sends: tagging,
    codes: "InvalidTag MalformedXML"
  }),
  row("2.9", "getBucketTagging", "GET bucket ?tagging", "getBucketTagging", {
    responds: tagging,
    codes: "NoSuchTagSet NoSuchTagSetError"
  }),
  row("2.9", "deleteBucketTagging", "DELETE bucket ?tagging", "deleteBucketTagging"),
  row("3.1", "headObject", "HEAD object", "headObject", {
    takes: `versionId ${conditions} Range ${customerKey}`,
    headers: stored,
    codes: "NoSuchKey NotModified PreconditionFailed AccessDenied"
  }),
  row("3.2", "getObject", "GET object", "getObject", {
    takes: `${overrides} Range ${conditions} versionId x-cos-traffic-limit ${customerKey}`,
    headers: stored,
    codes:
      "NoSuchKey NoSuchBucket NoSuchVersion PreconditionFailed InvalidRange InvalidObjectState AccessDenied NotModified InvalidRequest"
  }),
  row("3.3", "putObject", "PUT object", "putObject", {
    takes: `Content-MD5 ${creation} x-cos-traffic-limit x-cos-mime-limit Pic-Operations`,
    sends: "(body)",
    headers: `ETag x-cos-hash-crc64ecma x-cos-version-id ${encryption}`,
    responds: uploadResult,
    codes:
      "BadDigest InvalidDigest EntityTooLarge EntitySizeNotMatch IncompleteBody InvalidURI KeyTooLong InvalidArgument " +
      "MissingContentLength NoSuchBucket AccessDenied ObjectLocked FileAlreadyExists RequestTimeout UserNetworkTooSlow"
  }),
  row("3.4", "deleteObject", "DELETE object", "deleteObject", {
    takes: "versionId x-cos-mfa",
    headers: "x-cos-delete-marker x-cos-version-id",
    codes: "NoSuchBucket AccessDenied ObjectLocked"
  }),
  row("3.5", "optionsObject", "OPTIONS object", "optionsObject", {
    takes: "Origin Access-Control-Request-Method Access-Control-Request-Headers",
    headers:
      "Access-Control-Allow-Origin Access-Control-Allow-Methods Access-Control-Allow-Headers Access-Control-Expose-Headers " +
      "Access-Control-Max-Age Access-Control-Allow-Credentials",
    codes: "AccessForbidden InvalidArgument"
  }),
  row("3.6", "getObjectAcl", "GET object ?acl", "getObjectAcl", {
    takes: "versionId",
    headers: "x-cos-acl",
    responds: acl,
    codes: "NoSuchKey"
  }),
  row("3.6", "putObjectAcl", "PUT object ?acl", "putObjectAcl", {
    takes: `x-cos-acl ${grants}`,
    sends: acl,
    codes: "NoSuchKey InvalidRequest AttachmentFull MalformedXML"
  }),
  row("3.7", "deleteMultipleObjects", "POST bucket ?delete", "deleteMultipleObject", {
    sends: "Delete{Object*{Key, VersionId?}, Quiet?}",
    responds:
      "DeleteResult{Deleted*{Key, VersionId?, DeleteMarker?, DeleteMarkerVersionId?}, Error*{Key, VersionId?, Code, Message}}",
    codes: "MalformedXML"
  }),
  row("4.1", "initiateMultipartUpload", "POST object ?uploads", "multipartInit", {
    takes: creation,
    headers: encryption,
    responds: "InitiateMultipartUploadResult{Bucket, Key, UploadId}"
  }),
  row("4.2", "uploadPart", "PUT object ?partNumber&uploadId", "multipartUpload", {
    takes: `Content-MD5 x-cos-traffic-limit ${customerKey}`,
    sends: "(body)",
    headers: `ETag x-cos-hash-crc64ecma ${encryption}`,
    codes: "NoSuchUpload InvalidArgument BadDigest EntityTooLarge"
  }),
  row("4.3", "listParts", "GET object ?uploadId", "multipartListPart", {
    takes: "encoding-type max-parts part-number-marker",
    responds:
      "ListPartsResult{Bucket, Encoding-type, Key, UploadId, Initiator{ID, DisplayName}, Owner{ID, DisplayName}, StorageClass, " +
      "PartNumberMarker, NextPartNumberMarker?, MaxParts, IsTruncated, Part*{PartNumber, LastModified, ETag, Size}}",
    codes: "NoSuchUpload"
  }),
  row("4.4", "completeMultipartUpload", "POST object ?uploadId", "multipartComplete", {
    takes: "x-cos-forbid-overwrite x-cos-meta-* Pic-Operations",
    sends: "CompleteMultipartUpload{Part*{PartNumber, ETag}}",
    headers: `x-cos-version-id x-cos-hash-crc64ecma ${encryption}`,
    responds:
      "CompleteMultipartUploadResult{Location, Bucket, Key, ETag, VersionId, ImageInfo{Format, Width, Height, Quality}, " +
      "ProcessResults{Object*{Key, Location, Format, Width, Height, Size, Quality, ETag}}}",
    codes: "NoSuchUpload InvalidPart InvalidPartOrder EntityTooSmall FileAlreadyExists MalformedXML XMLSizeLimit"
  }),
  row("4.5", "abortMultipartUpload", "DELETE object ?uploadId", "multipartAbort", { codes: "NoSuchUpload" }),
  row("4.6", "listMultipartUploads", "GET bucket ?uploads", "multipartList", {
    takes: "delimiter encoding-type prefix max-uploads key-marker upload-id-marker",
    responds:
      "ListMultipartUploadsResult{Bucket, Encoding-Type, KeyMarker, UploadIdMarker, NextKeyMarker?, NextUploadIdMarker?, MaxUploads, " +
      "IsTruncated, Prefix, Delimiter, Upload*{Key, UploadId, StorageClass, Initiator{ID, DisplayName}, Owner{ID, DisplayName}, " +
      "Initiated}, CommonPrefixes*{Prefix}}",
    codes: "InvalidArgument"
  }),
  row("4.7", "uploadPartCopy", "PUT object ?partNumber&uploadId, copy source", "uploadPartCopy", {
    takes: `x-cos-copy-source x-cos-copy-source-Range ${sourceConditions} ${sourceCustomerKey} ${customerKey}`,
    headers: `x-cos-hash-crc64ecma x-cos-copy-source-version-id ${encryption}`,
    responds: "CopyPartResult{ETag, LastModified, CRC64}",
    codes: "PreconditionFailed"
  }),
  row("4.8", "copyObject", "PUT object, copy source", "putObjectCopy", {
    takes: `x-cos-copy-source x-cos-metadata-directive x-cos-tagging-directive ${sourceConditions} ${sourceCustomerKey} ${creation}`,
    headers: `x-cos-copy-source-version-id ${encryption}`,
    responds: "CopyObjectResult{ETag, CRC64, LastModified, VersionId}",
    codes:
      "PreconditionFailed InvalidRequest NoSuchKey NoSuchCopySource InvalidCopySource InvalidObjectState FileAlreadyExists"
  }),
  row("5", "Presign.url", "(local)", "getObjectUrl"),
  row("6", "putBucketVersioning", "PUT bucket ?versioning", "putBucketVersioning", { sends: versioning }),
  row("6", "getBucketVersioning", "GET bucket ?versioning", "getBucketVersioning", { responds: versioning }),
  row("6", "listObjectVersions", "GET bucket ?versions", "listObjectVersions", {
    takes: "prefix delimiter key-marker version-id-marker max-keys encoding-type",
    responds:
      "ListVersionsResult{Name, EncodingType?, Prefix, KeyMarker, VersionIdMarker, MaxKeys, Delimiter?, IsTruncated, NextKeyMarker?, " +
      "NextVersionIdMarker?, CommonPrefixes*{Prefix}, Version*{Key, VersionId, IsLatest, LastModified, ETag, Size, StorageClass, " +
      "StorageTier, Owner{ID, DisplayName}}, DeleteMarker*{Key, VersionId, IsLatest, LastModified, Owner{ID, DisplayName}}}"
  }),
  row("6", "putBucketLifecycle", "PUT bucket ?lifecycle", "putBucketLifecycle", { sends: lifecycle }),
  row("6", "getBucketLifecycle", "GET bucket ?lifecycle", "getBucketLifecycle", {
    responds: lifecycle,
    codes: "NoSuchLifecycleConfiguration"
  }),
  row("6", "deleteBucketLifecycle", "DELETE bucket ?lifecycle", "deleteBucketLifecycle"),
  row("6", "putBucketReplication", "PUT bucket ?replication", "putBucketReplication", { sends: replication }),
  row("6", "getBucketReplication", "GET bucket ?replication", "getBucketReplication", {
    responds: replication,
    codes: "ReplicationConfigurationNotFoundError"
  }),
  row("6", "deleteBucketReplication", "DELETE bucket ?replication", "deleteBucketReplication"),
  row("6", "putBucketWebsite", "PUT bucket ?website", "putBucketWebsite", { sends: website }),
  row("6", "getBucketWebsite", "GET bucket ?website", "getBucketWebsite", {
    responds: website,
    codes: "NoSuchWebsiteConfiguration"
  }),
  row("6", "deleteBucketWebsite", "DELETE bucket ?website", "deleteBucketWebsite"),
  row("6", "putBucketReferer", "PUT bucket ?referer", "putBucketReferer", { sends: referer }),
  row("6", "getBucketReferer", "GET bucket ?referer", "getBucketReferer", {
    responds: referer,
    codes: "NoSuchRefererConfiguration"
  }),
  row("6", "putBucketPolicy", "PUT bucket ?policy", "putBucketPolicy", { sends: "(body)" }),
  row("6", "getBucketPolicy", "GET bucket ?policy", "getBucketPolicy", {
    responds: "(body)",
    codes: "NoSuchBucketPolicy NoSuchPolicy NoSuchPolicyVersion"
  }),
  row("6", "deleteBucketPolicy", "DELETE bucket ?policy", "deleteBucketPolicy"),
  row("6", "putBucketLogging", "PUT bucket ?logging", "putBucketLogging", { sends: logging }),
  row("6", "getBucketLogging", "GET bucket ?logging", "getBucketLogging", { responds: logging }),
  row("6", "putBucketInventory", "PUT bucket ?inventory&id", "putBucketInventory", {
    sends: `InventoryConfiguration{${inventory}}`
  }),
  row("6", "getBucketInventory", "GET bucket ?inventory&id", "getBucketInventory", {
    responds: `InventoryConfiguration{${inventory}}`,
    codes: "InventoryConfigurationNotFoundError"
  }),
  row("6", "deleteBucketInventory", "DELETE bucket ?inventory&id", "deleteBucketInventory"),
  row("6", "listBucketInventory", "GET bucket ?inventory", "listBucketInventory", {
    takes: "continuation-token",
    responds: `ListInventoryConfigurationResult{InventoryConfiguration*{${inventory}}, IsTruncated, ContinuationToken?, NextContinuationToken?}`
  }),
  row("6", "postBucketInventory", "POST bucket ?inventory&id", undefined, {
    sends: `InventoryConfiguration{${report}}`,
    responds: "PostInventoryConfigurationResult{JobId}"
  }),
  row("6", "putBucketAccelerate", "PUT bucket ?accelerate", "putBucketAccelerate", { sends: accelerate }),
  row("6", "getBucketAccelerate", "GET bucket ?accelerate", "getBucketAccelerate", { responds: accelerate }),
  row("6", "putBucketEncryption", "PUT bucket ?encryption", "putBucketEncryption", { sends: encryptionRules }),
  row("6", "getBucketEncryption", "GET bucket ?encryption", "getBucketEncryption", {
    responds: encryptionRules,
    codes: "NoSuchEncryptionConfiguration"
  }),
  row("6", "deleteBucketEncryption", "DELETE bucket ?encryption", "deleteBucketEncryption"),
  row("6", "putBucketDomain", "PUT bucket ?domain", "putBucketDomain", { sends: domain }),
  row("6", "getBucketDomain", "GET bucket ?domain", "getBucketDomain", {
    headers: "x-cos-domain-txt-verification",
    responds: domain
  }),
  row("6", "deleteBucketDomain", "DELETE bucket ?domain", "deleteBucketDomain"),
  row("6", "putBucketDomainCertificate", "PUT bucket ?domaincertificate", undefined, {
    sends:
      "DomainCertificate{CertificateInfo{CertType, CustomCert{CertId?, Cert, PrivateKey}}, DomainList{DomainName*}}"
  }),
  row("6", "getBucketDomainCertificate", "GET bucket ?domaincertificate&domainname", undefined, {
    responds: "DomainCertificate{Status, CertificateInfo{CertId, ValidityBegin, ValidityExpire}}"
  }),
  row("6", "deleteBucketDomainCertificate", "DELETE bucket ?domaincertificate&domainname", undefined),
  row("6", "putBucketOrigin", "PUT bucket ?origin", "putBucketOrigin", { sends: origin }),
  row("6", "getBucketOrigin", "GET bucket ?origin", "getBucketOrigin", {
    responds: origin,
    codes: "OriginConfigurationNotFoundError"
  }),
  row("6", "deleteBucketOrigin", "DELETE bucket ?origin", "deleteBucketOrigin"),
  row("6", "putObjectTagging", "PUT object ?tagging", "putObjectTagging", { takes: "versionId", sends: tagging }),
  row("6", "getObjectTagging", "GET object ?tagging", "getObjectTagging", { takes: "versionId", responds: tagging }),
  row("6", "deleteObjectTagging", "DELETE object ?tagging", "deleteObjectTagging", { takes: "versionId" }),
  row("6", "restoreObject", "POST object ?restore", "restoreObject", {
    takes: "versionId",
    sends: "RestoreRequest{Days, CASJobParameters{Tier}}",
    codes: "RestoreAlreadyInProgress RestoreNonArchiveObject"
  }),
  row("6", "appendObject", "POST object ?append&position", "appendObject", {
    takes: `Content-MD5 ${content}`,
    sends: "(body)",
    headers: "ETag x-cos-next-append-position x-cos-content-sha1 x-cos-hash-crc64ecma",
    codes: "AppendPositionErr ObjectNotAppendable InvalidArgument MissingContentLength"
  }),
  row("6", "selectObjectContent", "POST object ?select&select-type", "selectObjectContent", {
    sends:
      "SelectRequest{Expression, ExpressionType, InputSerialization{CompressionType, CSV{FileHeaderInfo, RecordDelimiter, " +
      "FieldDelimiter, QuoteCharacter, QuoteEscapeCharacter, Comments, AllowQuotedRecordDelimiter} | JSON{Type} | Parquet}, " +
      "OutputSerialization{CSV{QuoteFields, RecordDelimiter, FieldDelimiter, QuoteCharacter, QuoteEscapeCharacter} | " +
      "JSON{RecordDelimiter}}, RequestProgress{Enabled}}"
  }),
  row("6", "request", "any method, any subresource", "request"),
  row("6", "putBucketIntelligentTiering", "PUT bucket ?intelligenttiering", undefined, { sends: tiering }),
  row("6", "getBucketIntelligentTiering", "GET bucket ?intelligenttiering", undefined, { responds: tiering }),
  row("6", "putBucketIntelligentTieringConfiguration", "PUT bucket ?intelligent-tiering&id", undefined, {
    sends: `IntelligentTieringConfiguration{${tieringById}}`
  }),
  row("6", "getBucketIntelligentTieringConfiguration", "GET bucket ?intelligent-tiering&id", undefined, {
    responds: `IntelligentTieringConfiguration{${tieringById}}`
  }),
  row("6", "listBucketIntelligentTieringConfigurations", "GET bucket ?intelligent-tiering", undefined, {
    responds: `ListBucketIntelligentTieringConfigurationsOutput{IntelligentTieringConfiguration*{${tieringById}}}`
  }),
  row("6", "putObjectLockConfiguration", "PUT bucket ?object-lock", undefined, { sends: lock }),
  row("6", "getObjectLockConfiguration", "GET bucket ?object-lock", undefined, {
    responds: lock,
    codes: "NoSuchObjectLockConfiguration"
  }),
  row("6", "putObjectRetention", "PUT object ?retention", undefined, { sends: retention }),
  row("6", "getObjectRetention", "GET object ?retention", undefined, { responds: retention }),
  row("6", "putSymlink", "PUT object ?symlink", undefined, { takes: "x-cos-symlink-target" }),
  row("6", "getSymlink", "GET object ?symlink", undefined, { headers: "x-cos-symlink-target" }),
  row("6", "Presign.form", "POST bucket, multipart/form-data", undefined)
]

/** What of the above is no field of its own, and why. */
export const elsewhere: Readonly<Record<string, string>> = {
  EncodingType: "`url` is asked for always, and decoded",
  "Encoding-type": "`url` is asked for always, and decoded",
  "Encoding-Type": "`url` is asked for always, and decoded",
  "x-cos-delete-marker": "of an object that is not there: `deleteMarkerVersionId` of the error"
}
