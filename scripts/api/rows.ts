/**
 * What COS has: the operations of the protocol notes, row by row, written down from them and not from our code. The list
 * that coverage is counted against.
 */

export interface Row {
  /** Of the protocol notes. */
  readonly section: string
  /** Our name; with a module where it is not in `Cos`. */
  readonly operation: string
  readonly wire: string
  /** The method of the official Node SDK. */
  readonly node: string | undefined
}

const row = (section: string, operation: string, wire: string, node?: string): Row => ({
  section,
  operation,
  wire,
  node
})

export const rows: ReadonlyArray<Row> = [
  row("2.1", "listBuckets", "GET service", "getService"),
  row("2.2", "putBucket", "PUT bucket", "putBucket"),
  row("2.3", "headBucket", "HEAD bucket", "headBucket"),
  row("2.4", "listObjects", "GET bucket", "getBucket"),
  row("2.5", "deleteBucket", "DELETE bucket", "deleteBucket"),
  row("2.6", "getBucketAcl", "GET bucket ?acl", "getBucketAcl"),
  row("2.6", "putBucketAcl", "PUT bucket ?acl", "putBucketAcl"),
  row("2.7", "putBucketCors", "PUT bucket ?cors", "putBucketCors"),
  row("2.7", "getBucketCors", "GET bucket ?cors", "getBucketCors"),
  row("2.7", "deleteBucketCors", "DELETE bucket ?cors", "deleteBucketCors"),
  row("2.8", "getBucketLocation", "GET bucket ?location", "getBucketLocation"),
  row("2.9", "putBucketTagging", "PUT bucket ?tagging", "putBucketTagging"),
  row("2.9", "getBucketTagging", "GET bucket ?tagging", "getBucketTagging"),
  row("2.9", "deleteBucketTagging", "DELETE bucket ?tagging", "deleteBucketTagging"),
  row("3.1", "headObject", "HEAD object", "headObject"),
  row("3.2", "getObject", "GET object", "getObject"),
  row("3.3", "putObject", "PUT object", "putObject"),
  row("3.4", "deleteObject", "DELETE object", "deleteObject"),
  row("3.5", "optionsObject", "OPTIONS object", "optionsObject"),
  row("3.6", "getObjectAcl", "GET object ?acl", "getObjectAcl"),
  row("3.6", "putObjectAcl", "PUT object ?acl", "putObjectAcl"),
  row("3.7", "deleteMultipleObjects", "POST bucket ?delete", "deleteMultipleObject"),
  row("4.1", "initiateMultipartUpload", "POST object ?uploads", "multipartInit"),
  row("4.2", "uploadPart", "PUT object ?partNumber&uploadId", "multipartUpload"),
  row("4.3", "listParts", "GET object ?uploadId", "multipartListPart"),
  row("4.4", "completeMultipartUpload", "POST object ?uploadId", "multipartComplete"),
  row("4.5", "abortMultipartUpload", "DELETE object ?uploadId", "multipartAbort"),
  row("4.6", "listMultipartUploads", "GET bucket ?uploads", "multipartList"),
  row("4.7", "uploadPartCopy", "PUT object ?partNumber&uploadId, copy source", "uploadPartCopy"),
  row("4.8", "copyObject", "PUT object, copy source", "putObjectCopy"),
  row("5", "Presign.url", "(local)", "getObjectUrl"),
  row("6", "putBucketVersioning", "PUT bucket ?versioning", "putBucketVersioning"),
  row("6", "getBucketVersioning", "GET bucket ?versioning", "getBucketVersioning"),
  row("6", "listObjectVersions", "GET bucket ?versions", "listObjectVersions"),
  row("6", "putBucketLifecycle", "PUT bucket ?lifecycle", "putBucketLifecycle"),
  row("6", "getBucketLifecycle", "GET bucket ?lifecycle", "getBucketLifecycle"),
  row("6", "deleteBucketLifecycle", "DELETE bucket ?lifecycle", "deleteBucketLifecycle"),
  row("6", "putBucketReplication", "PUT bucket ?replication", "putBucketReplication"),
  row("6", "getBucketReplication", "GET bucket ?replication", "getBucketReplication"),
  row("6", "deleteBucketReplication", "DELETE bucket ?replication", "deleteBucketReplication"),
  row("6", "putBucketWebsite", "PUT bucket ?website", "putBucketWebsite"),
  row("6", "getBucketWebsite", "GET bucket ?website", "getBucketWebsite"),
  row("6", "deleteBucketWebsite", "DELETE bucket ?website", "deleteBucketWebsite"),
  row("6", "putBucketReferer", "PUT bucket ?referer", "putBucketReferer"),
  row("6", "getBucketReferer", "GET bucket ?referer", "getBucketReferer"),
  row("6", "putBucketPolicy", "PUT bucket ?policy", "putBucketPolicy"),
  row("6", "getBucketPolicy", "GET bucket ?policy", "getBucketPolicy"),
  row("6", "deleteBucketPolicy", "DELETE bucket ?policy", "deleteBucketPolicy"),
  row("6", "putBucketLogging", "PUT bucket ?logging", "putBucketLogging"),
  row("6", "getBucketLogging", "GET bucket ?logging", "getBucketLogging"),
  row("6", "putBucketInventory", "PUT bucket ?inventory&id", "putBucketInventory"),
  row("6", "getBucketInventory", "GET bucket ?inventory&id", "getBucketInventory"),
  row("6", "deleteBucketInventory", "DELETE bucket ?inventory&id", "deleteBucketInventory"),
  row("6", "listBucketInventory", "GET bucket ?inventory", "listBucketInventory"),
  row("6", "postBucketInventory", "POST bucket ?inventory&id"),
  row("6", "putBucketAccelerate", "PUT bucket ?accelerate", "putBucketAccelerate"),
  row("6", "getBucketAccelerate", "GET bucket ?accelerate", "getBucketAccelerate"),
  row("6", "putBucketEncryption", "PUT bucket ?encryption", "putBucketEncryption"),
  row("6", "getBucketEncryption", "GET bucket ?encryption", "getBucketEncryption"),
  row("6", "deleteBucketEncryption", "DELETE bucket ?encryption", "deleteBucketEncryption"),
  row("6", "putBucketDomain", "PUT bucket ?domain", "putBucketDomain"),
  row("6", "getBucketDomain", "GET bucket ?domain", "getBucketDomain"),
  row("6", "deleteBucketDomain", "DELETE bucket ?domain", "deleteBucketDomain"),
  row("6", "putBucketDomainCertificate", "PUT bucket ?domaincertificate"),
  row("6", "getBucketDomainCertificate", "GET bucket ?domaincertificate"),
  row("6", "deleteBucketDomainCertificate", "DELETE bucket ?domaincertificate"),
  row("6", "putBucketOrigin", "PUT bucket ?origin", "putBucketOrigin"),
  row("6", "getBucketOrigin", "GET bucket ?origin", "getBucketOrigin"),
  row("6", "deleteBucketOrigin", "DELETE bucket ?origin", "deleteBucketOrigin"),
  row("6", "putObjectTagging", "PUT object ?tagging", "putObjectTagging"),
  row("6", "getObjectTagging", "GET object ?tagging", "getObjectTagging"),
  row("6", "deleteObjectTagging", "DELETE object ?tagging", "deleteObjectTagging"),
  row("6", "restoreObject", "POST object ?restore", "restoreObject"),
  row("6", "appendObject", "POST object ?append&position", "appendObject"),
  row("6", "selectObjectContent", "POST object ?select&select-type=2", "selectObjectContent"),
  row("6", "request", "any method, any subresource", "request"),
  row("6", "putBucketIntelligentTiering", "PUT bucket ?intelligenttiering"),
  row("6", "getBucketIntelligentTiering", "GET bucket ?intelligenttiering"),
  row("6", "putBucketIntelligentTieringConfiguration", "PUT bucket ?intelligent-tiering&id"),
  row("6", "getBucketIntelligentTieringConfiguration", "GET bucket ?intelligent-tiering&id"),
  row("6", "listBucketIntelligentTieringConfigurations", "GET bucket ?intelligent-tiering"),
  row("6", "putObjectLockConfiguration", "PUT bucket ?object-lock"),
  row("6", "getObjectLockConfiguration", "GET bucket ?object-lock"),
  row("6", "putObjectRetention", "PUT object ?retention"),
  row("6", "getObjectRetention", "GET object ?retention"),
  row("6", "putSymlink", "PUT object ?symlink"),
  row("6", "getSymlink", "GET object ?symlink"),
  row("6", "Presign.form", "POST bucket, multipart/form-data")
]
