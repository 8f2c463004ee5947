/**
 * Every configuration as a document with all that is known of it, and a call that reads it and puts it again.
 */
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import type * as CosXml from "effect-cos/CosXml"

type Elements = CosXml.Elements

export interface Configuration {
  readonly name: string
  readonly root: string
  /** All that is known of it, each list with two items, as it is written: what it holds in the order of the declaration. */
  readonly document: Elements
  /** Where it is put and got. */
  readonly at: {
    readonly subresource: string
    readonly key?: string
    readonly id?: string
    /** A state of the bucket that it needs. */
    readonly needs?: "versioning" | "lock"
  }
  readonly again: Effect.Effect<unknown, unknown, CosClient.CosClient>
}

/** Reads with one operation, and puts what it gave with another. */
export const again = <A, E, E2>(
  get: Effect.Effect<A, E, CosClient.CosClient>,
  put: (value: A) => Effect.Effect<void, E2, CosClient.CosClient>
): Effect.Effect<void, E | E2, CosClient.CosClient> => Effect.flatMap(get, put)

const tags = [
  { Key: "team", Value: "a b" },
  { Key: "k", Value: "" }
]
const and = { And: { Prefix: "p/", Tag: tags } }
const xsi = "http://www.w3.org/2001/XMLSchema-instance"
const hosts = [
  {
    HostName: "a.example",
    Weight: "1",
    PrivateHost: {
      Host: "p.example",
      CredentialProvider: {
        AuthorizationAlgorithm: "AWS4-HMAC-SHA256",
        Region: "r",
        SecretId: "i",
        SecretKey: "s",
        EncryptedSecretKey: "e",
        Role: "r"
      }
    },
    StandbyHostName_1: "b.example",
    StandbyHostName_2: "c.example",
    PrivateStandbyHost_1: { Host: "q.example" }
  },
  { HostName: "d.example" }
]
const inventory = {
  Id: "i",
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: "100000000001",
      Bucket: "qcs::cos:ap-guangzhou::b-1250000000",
      Prefix: "p",
      Encryption: { "SSE-COS": "" }
    }
  },
  Schedule: { Frequency: "Monthly", MonthlyDate: "31" },
  Filter: {
    And: { Prefix: "p/", Tag: tags, StorageClass: "STANDARD" },
    Period: { StartTime: "1600000000", EndTime: "1700000000" }
  },
  IncludedObjectVersions: "All",
  OptionalFields: { Field: ["Size", "ETag"] }
}

const of = (
  name: string,
  root: string,
  document: Elements,
  again: Effect.Effect<void, unknown, CosClient.CosClient>
): Configuration => ({ name, root, document, again, at: places[name] ?? { subresource: name } })

const key = "k"

/** Those whose subresource is not their name. */
const places: Readonly<Record<string, Configuration["at"]>> = {
  "bucket ACL": { subresource: "acl" },
  "object ACL": { subresource: "acl", key },
  CORS: { subresource: "cors" },
  "bucket tagging": { subresource: "tagging" },
  "object tagging": { subresource: "tagging", key },
  replication: { subresource: "replication", needs: "versioning" },
  inventory: { subresource: "inventory", id: "i" },
  "intelligent tiering": { subresource: "intelligenttiering" },
  "intelligent tiering by id": { subresource: "intelligent-tiering", id: "t" },
  "object lock": { subresource: "object-lock" },
  retention: { subresource: "retention", key, needs: "lock" }
}
const required = <A>(value: A | undefined): A => value as A

const grant = (type: string, grantee: Elements) => ({
  Grantee: { "@xmlns:xsi": xsi, "@xsi:type": type, ...grantee },
  Permission: "READ"
})
const acl = {
  Owner: { ID: "1", DisplayName: "1" },
  AccessControlList: {
    Grant: [grant("CanonicalUser", { ID: "1", DisplayName: "1" }), grant("Group", { URI: Cos.allUsers })]
  }
}

export const configurations: ReadonlyArray<Configuration> = [
  of(
    "bucket ACL",
    "AccessControlPolicy",
    acl,
    again(Cos.getBucketAcl(), (policy) => Cos.putBucketAcl({ policy }))
  ),
  of(
    "object ACL",
    "AccessControlPolicy",
    acl,
    again(Cos.getObjectAcl({ key }), (policy) => Cos.putObjectAcl({ key, policy }))
  ),
  of(
    "CORS",
    "CORSConfiguration",
    {
      CORSRule: [
        {
          ID: "1",
          AllowedOrigin: ["https://a.example", "*"],
          AllowedMethod: ["GET", "PUT"],
          AllowedHeader: ["*", "a"],
          ExposeHeader: ["ETag", "b"],
          MaxAgeSeconds: "5"
        },
        { AllowedOrigin: "*", AllowedMethod: "GET" }
      ],
      ResponseVary: "true"
    },
    again(Cos.getBucketCors(), Cos.putBucketCors)
  ),
  of("bucket tagging", "Tagging", { TagSet: { Tag: tags } }, again(Cos.getBucketTagging(), Cos.putBucketTagging)),
  of(
    "object tagging",
    "Tagging",
    { TagSet: { Tag: tags } },
    again(Cos.getObjectTagging({ key }), (value) => Cos.putObjectTagging({ key, ...value }))
  ),
  of(
    "versioning",
    "VersioningConfiguration",
    { Status: "Enabled" },
    again(Cos.getBucketVersioning(), ({ status, ...value }) =>
      Cos.putBucketVersioning({ status: required(status), ...value })
    )
  ),
  of(
    "lifecycle",
    "LifecycleConfiguration",
    {
      Rule: [
        {
          ID: "1",
          Status: "Enabled",
          Filter: {
            And: {
              Prefix: "p/",
              Tag: tags,
              ObjectSizeGreaterThan: "1",
              ObjectSizeLessThan: "9",
              PrefixNotEquals: "q/"
            }
          },
          Transition: [
            { Days: "30", StorageClass: "STANDARD_IA" },
            { StorageClass: "ARCHIVE", AccessFrequency: { AccessCountLessThan: "3", RecentDays: "30" } }
          ],
          Expiration: { Days: "365" },
          NoncurrentVersionTransition: [
            { NoncurrentDays: "1", StorageClass: "STANDARD_IA" },
            {
              NoncurrentDays: "2",
              StorageClass: "A_NEW_CLASS",
              AccessFrequency: { AccessCountLessThan: "3", RecentDays: "30" }
            }
          ],
          NoncurrentVersionExpiration: { NoncurrentDays: "7" },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: "3" }
        },
        { Status: "Disabled", Prefix: "old/", Expiration: { Days: "1" } }
      ]
    },
    again(Cos.getBucketLifecycle(), Cos.putBucketLifecycle)
  ),
  of(
    "replication",
    "ReplicationConfiguration",
    {
      Role: "qcs::cam::uin/1:uin/1",
      Rule: [
        {
          ID: "1",
          Status: "Enabled",
          Priority: "1",
          Filter: and,
          Destination: {
            Bucket: "qcs::cos:ap-chengdu::t-1250000000",
            StorageClass: "STANDARD_IA",
            EncryptionConfiguration: { ReplicaKmsKeyID: "k" }
          },
          DeleteMarkerReplication: { Status: "Enabled" },
          SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: "Enabled" } }
        },
        { Status: "Disabled", Prefix: "q/", Destination: { Bucket: "qcs::cos:ap-beijing::o-1250000000" } }
      ]
    },
    again(Cos.getBucketReplication(), Cos.putBucketReplication)
  ),
  of(
    "website",
    "WebsiteConfiguration",
    {
      IndexDocument: { Suffix: "index.html" },
      RedirectAllRequestsTo: { Protocol: "https" },
      AutoAddressing: { Status: "Enabled" },
      ErrorDocument: { Key: "e.html", OriginalHttpStatus: "Disabled", Charity404: "Enabled" },
      RoutingRules: {
        RoutingRule: [
          {
            Condition: { HttpErrorCodeReturnedEquals: "404" },
            Redirect: { Protocol: "https", ReplaceKeyWith: "m.html", URLRedirect: "Enabled" }
          },
          { Condition: { KeyPrefixEquals: "a/" }, Redirect: { ReplaceKeyPrefixWith: "b/" } }
        ]
      }
    },
    again(Cos.getBucketWebsite(), ({ indexDocument, ...value }) =>
      Cos.putBucketWebsite({ indexDocument: required(indexDocument), ...value })
    )
  ),
  of(
    "referer",
    "RefererConfiguration",
    {
      Status: "Enabled",
      RefererType: "White-List",
      DomainList: { Domain: ["a.example", "b.example"] },
      EmptyReferConfiguration: "Allow",
      VerifySignatureURL: "Enabled"
    },
    again(Cos.getBucketReferer(), ({ refererType, status, ...value }) =>
      Cos.putBucketReferer({ refererType: required(refererType), status: required(status), ...value })
    )
  ),
  of(
    "logging",
    "BucketLoggingStatus",
    { LoggingEnabled: { TargetBucket: "b-1250000000", TargetPrefix: "" } },
    again(Cos.getBucketLogging(), Cos.putBucketLogging)
  ),
  of(
    "inventory",
    "InventoryConfiguration",
    inventory,
    again(Cos.getBucketInventory({ id: "i" }), Cos.putBucketInventory)
  ),
  of(
    "accelerate",
    "AccelerateConfiguration",
    { Status: "Enabled", Type: "COS" },
    again(Cos.getBucketAccelerate(), ({ status, ...value }) =>
      Cos.putBucketAccelerate({ status: required(status), ...value })
    )
  ),
  of(
    "encryption",
    "ServerSideEncryptionConfiguration",
    {
      Rule: {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "KMS", KMSMasterKeyID: "k", KMSAlgorithm: "SM4" }
      }
    },
    again(Cos.getBucketEncryption(), Cos.putBucketEncryption)
  ),
  of(
    "domain",
    "DomainConfiguration",
    {
      DomainRule: [
        { Status: "ENABLED", Name: "a.example", Type: "REST", ForcedReplacement: "TXT" },
        { Status: "DISABLED", Name: "b.example", Type: "WEBSITE" }
      ]
    },
    again(Cos.getBucketDomain(), Cos.putBucketDomain)
  ),
  of(
    "origin",
    "OriginConfiguration",
    {
      OriginRule: [
        {
          RulePriority: "1",
          OriginType: "Mirror",
          OriginCondition: {
            HTTPStatusCode: "404",
            Prefix: "p/",
            Suffix: ".jpg",
            FilterHost: { ForbidHost: { DomainList: { Domain: ["a.example", "b.example"] } } }
          },
          OriginParameter: {
            Protocol: "HTTPS",
            TransparentErrorCode: "true",
            FollowQueryString: "true",
            HttpHeader: {
              FollowAllHeaders: "true",
              NewHttpHeaders: {
                Header: [
                  { Key: "x-a", Value: "1" },
                  { Key: "x-b", Value: "" }
                ]
              },
              FollowHttpHeaders: { Header: [{ Key: "accept" }, { Key: "range" }] },
              ForbidFollowHeaders: { Header: [{ Key: "cookie" }, { Key: "host" }] }
            },
            FollowRedirection: "true",
            FollowRedirectionConfiguration: { FollowOriginHeaders: "true", FollowUrlAutoDecode: "false" },
            HttpRedirectCode: "307",
            CopyOriginData: "true"
          },
          OriginInfo: {
            HostInfo: hosts,
            FileInfo: {
              PrefixDirective: "true",
              Prefix: "p",
              Suffix: "s",
              PrefixConfiguration: { Prefix: "a", ReplacedWithPrefix: "b" },
              SuffixConfiguration: { Suffix: "c", ReplacedWithSuffix: "d" },
              FixedFileConfiguration: { FixedFilePath: "f" }
            }
          },
          HTTPStandbyCode: { StatusCode: ["404", "5XX"] }
        },
        { OriginType: "Proxy", OriginCondition: "", OriginInfo: { HostInfo: { HostName: "e.example" } } }
      ]
    },
    again(Cos.getBucketOrigin(), Cos.putBucketOrigin)
  ),
  of(
    "intelligent tiering",
    "IntelligentTieringConfiguration",
    { Status: "Enabled", Transition: { Days: "30", RequestFrequent: "1" } },
    again(Cos.getBucketIntelligentTiering(), ({ status, transition, ...value }) =>
      Cos.putBucketIntelligentTiering({ status: required(status), transition: required(transition), ...value })
    )
  ),
  of(
    "intelligent tiering by id",
    "IntelligentTieringConfiguration",
    {
      Id: "t",
      Status: "Enabled",
      Filter: and,
      Tiering: [
        { AccessTier: "INFREQUENT", Days: "30", RequestFrequent: "1" },
        { AccessTier: "ARCHIVE_ACCESS", Days: "91" }
      ]
    },
    again(Cos.getBucketIntelligentTieringConfiguration({ id: "t" }), Cos.putBucketIntelligentTieringConfiguration)
  ),
  of(
    "object lock",
    "ObjectLockConfiguration",
    { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention: { Days: "30" } } },
    again(Cos.getObjectLockConfiguration(), ({ defaultRetentionDays, ...value }) =>
      Cos.putObjectLockConfiguration({ defaultRetentionDays: required(defaultRetentionDays), ...value })
    )
  ),
  of(
    "retention",
    "Retention",
    { RetainUntilDate: "2100-01-01T00:00:00.000Z", Mode: "COMPLIANCE" },
    again(Cos.getObjectRetention({ key }), ({ mode, ...value }) =>
      Cos.putObjectRetention({ key, mode: required(mode), ...value })
    )
  )
]
