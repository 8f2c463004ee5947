/**
 * Every configuration that COS keeps and gives back: a value to put, how to read and remove it, what is answered without
 * it, and the same by the official SDK where it has it. Values are such that reading them gives exactly what was put:
 * each list has two entries, each optional field is there.
 */
import type COS from "cos-nodejs-sdk-v5"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import { bucket } from "../support/world.js"

type Call<A> = Effect.Effect<A, { readonly _tag: string }, CosClient>

/** The official SDK's way; it takes and gives its own form. */
export interface Official {
  readonly put: keyof COS
  readonly given: object
  readonly get: keyof COS
  readonly remove?: keyof COS
  /** Beside bucket and region, on each of the three. */
  readonly at?: object
  /** What it reads, all scalars as texts. Default: what it was given. */
  readonly read?: object
}

export interface Configuration {
  readonly name: string
  /** What has to be there first. */
  readonly before?: Call<unknown>
  readonly value: unknown
  readonly put: Call<unknown>
  /** What is read of it: `value`, if all is well. */
  readonly get: Call<unknown>
  readonly remove?: Call<unknown>
  /** The error without it, or what is read then. */
  readonly none: string | object
  /** Why the official SDK does not take part. */
  readonly official: Official | string
}

/** One that is put as it is read. */
const configuration = <A extends object>(options: {
  readonly name: string
  readonly value: A
  readonly put: (value: A) => Call<unknown>
  readonly get: Call<unknown>
  readonly remove?: Call<unknown>
  readonly before?: Call<unknown>
  readonly none: string | object
  readonly official: Official | string
}): Configuration => ({ ...options, put: options.put(options.value) })

const noSuch = "it has no such operation"

/** What object configurations stand on. */
export const key = "目录/a b+c.txt"

/** A bucket that logs go to. */
export const logs = "logs-1250000000"

const object = Cos.putObject({ key, body: "configured" })
const account = (uin: string) => `qcs::cam::uin/${uin}:uin/${uin}`

const tags = [
  { key: "team", value: "a b/c:1" },
  { key: "空", value: "" }
]
const officialTags = tags.map(({ key, value }) => ({ Key: key, Value: value }))

const grants = [
  { grantee: { type: "CanonicalUser", id: account("100000000001") }, permission: "FULL_CONTROL" },
  { grantee: { type: "CanonicalUser", id: account("100000000002") }, permission: "READ" },
  { grantee: { type: "Group", uri: Cos.allUsers }, permission: "READ_ACP" }
]
const officialGrants = grants.map(({ grantee: { id, uri }, permission }) => ({
  Grantee: id === undefined ? { URI: uri } : { ID: id },
  Permission: permission
}))

const inventory: typeof Cos.putBucketInventory extends (input: infer I) => unknown ? I : never = {
  id: "every.day-1_a",
  isEnabled: true,
  destination: {
    format: "CSV",
    accountId: "100000000001",
    bucket: `qcs::cos:ap-guangzhou::${bucket}`,
    prefix: "reports",
    encrypted: true
  },
  schedule: "Daily",
  filter: {
    prefix: "p/",
    tags,
    storageClass: "STANDARD",
    period: { startTime: new Date(1_600_000_000_000), endTime: new Date(1_700_000_000_000) }
  },
  includedObjectVersions: "All",
  optionalFields: ["Size", "ETag"]
}
const officialInventory = {
  Id: inventory.id,
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: "100000000001",
      Bucket: `qcs::cos:ap-guangzhou::${bucket}`,
      Prefix: "reports",
      Encryption: { SSECOS: "" }
    }
  },
  Schedule: { Frequency: "Daily" },
  Filter: {
    And: { Prefix: "p/", Tag: officialTags, StorageClass: "STANDARD" },
    Period: { StartTime: "1600000000", EndTime: "1700000000" }
  },
  IncludedObjectVersions: "All",
  OptionalFields: ["Size", "ETag"]
}

const originRule = {
  RulePriority: "1",
  OriginType: "Mirror",
  OriginCondition: {
    HTTPStatusCode: "404",
    Prefix: "missing/",
    FilterHost: { ForbidHost: { DomainList: { Domain: ["a.example.com", "b.example.com"] } } }
  },
  OriginParameter: {
    Protocol: "HTTPS",
    FollowQueryString: "true",
    HttpHeader: {
      FollowAllHeaders: "false",
      NewHttpHeaders: {
        Header: [
          { Key: "x-a", Value: "1" },
          { Key: "x-b", Value: "2" }
        ]
      },
      FollowHttpHeaders: { Header: [{ Key: "accept" }, { Key: "range" }] },
      ForbidFollowHeaders: { Header: [{ Key: "cookie" }, { Key: "host" }] }
    },
    FollowRedirection: "true",
    HttpRedirectCode: "302",
    CopyOriginData: "true"
  },
  OriginInfo: {
    HostInfo: [
      {
        HostName: "origin.example.com:8080",
        Weight: "1",
        StandbyHostName_1: "s.example.com",
        StandbyHostName_2: "t.example.com"
      },
      { HostName: "other.example.com" }
    ],
    FileInfo: { PrefixDirective: "true", Prefix: "from/", Suffix: ".bak" }
  },
  HTTPStandbyCode: { StatusCode: ["404", "500"] }
}

export const configurations: ReadonlyArray<Configuration> = [
  configuration({
    name: "bucket ACL",
    value: { grants },
    put: ({ grants }) => Cos.putBucketAcl({ policy: { owner: { id: account("100000000001") }, grants } }),
    get: Effect.map(Cos.getBucketAcl(), ({ grants }) => ({ grants })),
    none: {
      grants: [{ grantee: { type: "CanonicalUser", id: account("100000000001") }, permission: "FULL_CONTROL" }]
    },
    official: {
      put: "putBucketAcl",
      given: { AccessControlPolicy: { Owner: { ID: account("100000000001") }, Grants: officialGrants } },
      get: "getBucketAcl",
      read: { Grants: officialGrants, ACL: "private" }
    }
  }),
  configuration({
    name: "notification",
    value: {
      cloudFunctionConfigurations: [
        {
          id: "a",
          filterRules: [{ name: "Prefix", value: "in/" }],
          cloudFunction: "qcs:0:video:sh:appid/1250000000:video/10010",
          events: ["cos:ObjectCreated:*"]
        }
      ]
    },
    put: Cos.putBucketNotification,
    get: Cos.getBucketNotification(),
    none: { cloudFunctionConfigurations: [] },
    remove: Cos.putBucketNotification({ cloudFunctionConfigurations: [] }),
    official: noSuch
  }),
  configuration({
    name: "object ACL",
    before: object,
    value: { grants },
    put: ({ grants }) => Cos.putObjectAcl({ key, policy: { grants } }),
    get: Effect.map(Cos.getObjectAcl({ key }), ({ grants }) => ({ grants })),
    none: {
      grants: [{ grantee: { type: "CanonicalUser", id: account("100000000001") }, permission: "FULL_CONTROL" }]
    },
    official: {
      put: "putObjectAcl",
      at: { Key: key },
      given: { AccessControlPolicy: { Owner: { ID: account("100000000001") }, Grants: officialGrants } },
      get: "getObjectAcl",
      read: { Grants: officialGrants, ACL: "private" }
    }
  }),
  configuration({
    name: "canned ACL",
    value: { acl: "public-read" },
    put: () => Cos.putBucketAcl({ acl: "public-read" }),
    get: Effect.map(Cos.getBucketAcl(), (answer) => ({ acl: Cos.cannedAcl(answer) })),
    none: { acl: "private" },
    official: {
      put: "putBucketAcl",
      given: { ACL: "public-read" },
      get: "getBucketAcl"
    }
  }),
  configuration({
    name: "CORS",
    value: {
      rules: [
        {
          id: "first",
          allowedOrigins: ["https://*.example.com", "http://localhost:8080"],
          allowedMethods: ["GET", "PUT"],
          allowedHeaders: ["x-cos-*", "content-type"],
          exposeHeaders: ["ETag", "x-cos-request-id"],
          maxAgeSeconds: 600
        },
        { allowedOrigins: ["*"], allowedMethods: ["HEAD"], allowedHeaders: ["*"], exposeHeaders: ["ETag"] }
      ],
      responseVary: true
    },
    put: Cos.putBucketCors,
    get: Cos.getBucketCors(),
    remove: Cos.deleteBucketCors(),
    none: "NoSuchCORSConfiguration",
    official: {
      put: "putBucketCors",
      given: {
        ResponseVary: "true",
        CORSRules: [
          {
            ID: "first",
            AllowedOrigin: ["https://*.example.com", "http://localhost:8080"],
            AllowedMethod: ["GET", "PUT"],
            AllowedHeader: ["x-cos-*", "content-type"],
            ExposeHeader: ["ETag", "x-cos-request-id"],
            MaxAgeSeconds: 600
          },
          { AllowedOrigin: ["*"], AllowedMethod: ["HEAD"], AllowedHeader: ["*"], ExposeHeader: ["ETag"] }
        ]
      },
      get: "getBucketCors",
      remove: "deleteBucketCors",
      read: {
        ResponseVary: "true",
        CORSRules: [
          {
            ID: "first",
            AllowedOrigins: ["https://*.example.com", "http://localhost:8080"],
            AllowedMethods: ["GET", "PUT"],
            AllowedHeaders: ["x-cos-*", "content-type"],
            ExposeHeaders: ["ETag", "x-cos-request-id"],
            MaxAgeSeconds: "600"
          },
          { AllowedOrigins: ["*"], AllowedMethods: ["HEAD"], AllowedHeaders: ["*"], ExposeHeaders: ["ETag"] }
        ]
      }
    }
  }),
  configuration({
    name: "bucket tagging",
    value: { tags },
    put: Cos.putBucketTagging,
    get: Cos.getBucketTagging(),
    remove: Cos.deleteBucketTagging(),
    none: "NoSuchTagSet",
    official: {
      put: "putBucketTagging",
      given: { Tags: officialTags },
      get: "getBucketTagging",
      remove: "deleteBucketTagging"
    }
  }),
  configuration({
    name: "object tagging",
    before: object,
    value: { tags },
    put: ({ tags }) => Cos.putObjectTagging({ key, tags }),
    get: Cos.getObjectTagging({ key }),
    remove: Cos.deleteObjectTagging({ key }),
    none: "NoSuchTagSet",
    official: {
      put: "putObjectTagging",
      at: { Key: key },
      given: { Tags: officialTags },
      get: "getObjectTagging",
      remove: "deleteObjectTagging"
    }
  }),
  configuration({
    name: "versioning",
    value: { status: "Enabled" },
    put: Cos.putBucketVersioning,
    get: Cos.getBucketVersioning(),
    none: {},
    official: {
      put: "putBucketVersioning",
      given: { VersioningConfiguration: { Status: "Enabled" } },
      get: "getBucketVersioning"
    }
  }),
  configuration({
    name: "lifecycle",
    value: {
      rules: [
        {
          id: "by days & <all>",
          status: "Enabled",
          filter: {
            prefix: "a\"b'",
            tags,
            objectSizeGreaterThan: 1,
            objectSizeLessThan: 1_000_000,
            prefixNotEquals: "no/"
          },
          transitions: [
            { days: 30, storageClass: "STANDARD_IA" },
            { days: 90, storageClass: "ARCHIVE" }
          ],
          expiration: { days: 365 },
          noncurrentVersionTransitions: [
            { noncurrentDays: 1, storageClass: "STANDARD_IA" },
            { noncurrentDays: 2, storageClass: "ARCHIVE" }
          ],
          noncurrentVersionExpiration: { noncurrentDays: 7 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 3 }
        },
        {
          id: "by date",
          status: "Disabled",
          filter: { prefix: "", tags: [] },
          transitions: [
            { date: new Date("2030-01-01T12:00:00.000Z"), storageClass: "ARCHIVE" },
            { date: new Date("2031-01-01T12:00:00.000Z"), storageClass: "DEEP_ARCHIVE" }
          ],
          expiration: { date: new Date("2040-01-01T12:00:00.000Z") },
          noncurrentVersionTransitions: []
        }
      ]
    },
    put: Cos.putBucketLifecycle,
    get: Cos.getBucketLifecycle(),
    remove: Cos.deleteBucketLifecycle(),
    none: "NoSuchLifecycleConfiguration",
    official: {
      put: "putBucketLifecycle",
      given: {
        Rules: [
          {
            ID: "by days & <all>",
            Status: "Enabled",
            Filter: {
              And: {
                Prefix: "a\"b'",
                Tag: officialTags,
                ObjectSizeGreaterThan: "1",
                ObjectSizeLessThan: "1000000",
                PrefixNotEquals: "no/"
              }
            },
            Transition: [
              { Days: "30", StorageClass: "STANDARD_IA" },
              { Days: "90", StorageClass: "ARCHIVE" }
            ],
            Expiration: { Days: "365" },
            NoncurrentVersionTransition: [
              { NoncurrentDays: "1", StorageClass: "STANDARD_IA" },
              { NoncurrentDays: "2", StorageClass: "ARCHIVE" }
            ],
            NoncurrentVersionExpiration: { NoncurrentDays: "7" },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: "3" }
          },
          {
            ID: "by date",
            Status: "Disabled",
            Filter: { Prefix: "" },
            Transition: [
              { Date: "2030-01-01T12:00:00.000Z", StorageClass: "ARCHIVE" },
              { Date: "2031-01-01T12:00:00.000Z", StorageClass: "DEEP_ARCHIVE" }
            ],
            Expiration: { Date: "2040-01-01T12:00:00.000Z" }
          }
        ]
      },
      get: "getBucketLifecycle",
      remove: "deleteBucketLifecycle"
    }
  }),
  configuration({
    name: "replication",
    before: Cos.putBucketVersioning({ status: "Enabled" }),
    value: {
      role: account("100000000001"),
      rules: [
        {
          id: "all",
          status: "Enabled",
          priority: 1,
          filter: { prefix: "p/", tags },
          destination: {
            bucket: "qcs::cos:ap-chengdu::target-1250000000",
            storageClass: "STANDARD_IA",
            replicaKmsKeyId: "kms-1"
          },
          deleteMarkerReplication: "Enabled",
          sseKmsEncryptedObjects: "Enabled"
        },
        {
          status: "Disabled",
          prefix: "q/",
          destination: { bucket: "qcs::cos:ap-beijing::other-1250000000" }
        }
      ]
    },
    put: Cos.putBucketReplication,
    get: Cos.getBucketReplication(),
    remove: Cos.deleteBucketReplication(),
    none: "ReplicationConfigurationNotFoundError",
    official: {
      put: "putBucketReplication",
      given: {
        ReplicationConfiguration: {
          Role: account("100000000001"),
          Rules: [
            {
              ID: "all",
              Status: "Enabled",
              Priority: "1",
              Filter: { And: { Prefix: "p/", Tag: officialTags } },
              Destination: {
                Bucket: "qcs::cos:ap-chengdu::target-1250000000",
                StorageClass: "STANDARD_IA",
                EncryptionConfiguration: { ReplicaKmsKeyID: "kms-1" }
              },
              DeleteMarkerReplication: { Status: "Enabled" },
              SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: "Enabled" } }
            },
            {
              Status: "Disabled",
              Prefix: "q/",
              Destination: { Bucket: "qcs::cos:ap-beijing::other-1250000000" }
            }
          ]
        }
      },
      get: "getBucketReplication",
      remove: "deleteBucketReplication"
    }
  }),
  configuration({
    name: "website",
    value: {
      indexDocument: "index.html",
      redirectAllRequestsTo: "https",
      autoAddressing: "Enabled",
      errorDocument: { key: "error.html", originalHttpStatus: "Disabled" },
      routingRules: [
        {
          condition: { httpErrorCodeReturnedEquals: 404 },
          redirect: { protocol: "https", replaceKeyWith: "missing.html" }
        },
        { condition: { keyPrefixEquals: "docs/" }, redirect: { replaceKeyPrefixWith: "documents/" } }
      ]
    },
    put: Cos.putBucketWebsite,
    get: Cos.getBucketWebsite(),
    remove: Cos.deleteBucketWebsite(),
    none: "NoSuchWebsiteConfiguration",
    official: {
      put: "putBucketWebsite",
      given: {
        WebsiteConfiguration: {
          IndexDocument: { Suffix: "index.html" },
          RedirectAllRequestsTo: { Protocol: "https" },
          AutoAddressing: { Status: "Enabled" },
          ErrorDocument: { Key: "error.html", OriginalHttpStatus: "Disabled" },
          RoutingRules: [
            {
              Condition: { HttpErrorCodeReturnedEquals: "404" },
              Redirect: { Protocol: "https", ReplaceKeyWith: "missing.html" }
            },
            { Condition: { KeyPrefixEquals: "docs/" }, Redirect: { ReplaceKeyPrefixWith: "documents/" } }
          ]
        }
      },
      get: "getBucketWebsite",
      remove: "deleteBucketWebsite"
    }
  }),
  configuration({
    name: "referer",
    value: {
      status: "Enabled",
      refererType: "White-List",
      domains: ["*.example.com", "example.net:8080"],
      emptyReferConfiguration: "Allow"
    },
    put: Cos.putBucketReferer,
    get: Cos.getBucketReferer(),
    remove: Cos.deleteBucketReferer(),
    none: "NoSuchRefererConfiguration",
    official: {
      put: "putBucketReferer",
      given: {
        RefererConfiguration: {
          Status: "Enabled",
          RefererType: "White-List",
          DomainList: { Domains: ["*.example.com", "example.net:8080"] },
          EmptyReferConfiguration: "Allow"
        }
      },
      get: "getBucketReferer"
    }
  }),
  configuration({
    name: "policy",
    value: {
      policy: {
        version: "2.0",
        statement: [
          {
            sid: "readers",
            effect: "Allow",
            principal: { qcs: [account("100000000002"), account("100000000003")] },
            action: ["name/cos:GetObject", "name/cos:HeadObject"],
            resource: [`qcs::cos:ap-guangzhou:uid/1250000000:${bucket}/a/*`],
            condition: { ip_equal: { "qcs:ip": ["10.0.0.0/8", "192.168.0.0/16"] } }
          },
          {
            effect: "Deny",
            principal: { qcs: ["qcs::cam::anyone:anyone"] },
            action: ["name/cos:*"],
            resource: [`qcs::cos:ap-guangzhou:uid/1250000000:${bucket}/*`]
          }
        ]
      }
    },
    put: Cos.putBucketPolicy,
    get: Cos.getBucketPolicy(),
    remove: Cos.deleteBucketPolicy(),
    none: "NoSuchBucketPolicy",
    official: {
      put: "putBucketPolicy",
      given: {
        Policy: {
          version: "2.0",
          Statement: [
            {
              Sid: "readers",
              Effect: "Allow",
              Principal: { qcs: [account("100000000002"), account("100000000003")] },
              Action: ["name/cos:GetObject", "name/cos:HeadObject"],
              Resource: [`qcs::cos:ap-guangzhou:uid/1250000000:${bucket}/a/*`],
              Condition: { ip_equal: { "qcs:ip": ["10.0.0.0/8", "192.168.0.0/16"] } }
            },
            {
              Effect: "Deny",
              Principal: { qcs: ["qcs::cam::anyone:anyone"] },
              Action: ["name/cos:*"],
              Resource: [`qcs::cos:ap-guangzhou:uid/1250000000:${bucket}/*`]
            }
          ]
        }
      },
      get: "getBucketPolicy",
      remove: "deleteBucketPolicy"
    }
  }),
  configuration({
    name: "logging",
    value: { loggingEnabled: { targetBucket: logs, targetPrefix: "log/" } },
    put: Cos.putBucketLogging,
    get: Cos.getBucketLogging(),
    none: {},
    official: {
      put: "putBucketLogging",
      given: { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: logs, TargetPrefix: "log/" } } },
      get: "getBucketLogging"
    }
  }),
  configuration({
    name: "inventory",
    value: inventory,
    put: Cos.putBucketInventory,
    get: Cos.getBucketInventory({ id: inventory.id }),
    remove: Cos.deleteBucketInventory({ id: inventory.id }),
    none: "InventoryConfigurationNotFoundError",
    official: {
      put: "putBucketInventory",
      at: { Id: inventory.id },
      given: { InventoryConfiguration: officialInventory },
      get: "getBucketInventory",
      remove: "deleteBucketInventory"
    }
  }),
  configuration({
    name: "inventories",
    value: { configurations: [inventory], isTruncated: false },
    put: () => Cos.putBucketInventory(inventory),
    get: Cos.listBucketInventory(),
    remove: Cos.deleteBucketInventory({ id: inventory.id }),
    none: { configurations: [], isTruncated: false },
    official: {
      put: "putBucketInventory",
      at: { Id: inventory.id },
      given: { InventoryConfiguration: officialInventory },
      get: "listBucketInventory",
      remove: "deleteBucketInventory",
      read: { InventoryConfigurations: [officialInventory], IsTruncated: "false" }
    }
  }),
  configuration({
    name: "accelerate",
    value: { status: "Enabled", type: "COS" },
    put: Cos.putBucketAccelerate,
    get: Cos.getBucketAccelerate(),
    none: {},
    official: {
      put: "putBucketAccelerate",
      given: { AccelerateConfiguration: { Status: "Enabled", Type: "COS" } },
      get: "getBucketAccelerate"
    }
  }),
  configuration({
    name: "encryption",
    value: { rules: [{ sseAlgorithm: "KMS", kmsMasterKeyId: "kms-1", kmsAlgorithm: "AES256" }] },
    put: Cos.putBucketEncryption,
    get: Cos.getBucketEncryption(),
    remove: Cos.deleteBucketEncryption(),
    none: "NoSuchEncryptionConfiguration",
    official: {
      put: "putBucketEncryption",
      given: {
        ServerSideEncryptionConfiguration: {
          Rule: [
            {
              ApplyServerSideEncryptionByDefault: {
                SSEAlgorithm: "KMS",
                KMSMasterKeyID: "kms-1",
                KMSAlgorithm: "AES256"
              }
            }
          ]
        }
      },
      get: "getBucketEncryption",
      remove: "deleteBucketEncryption",
      // It looks for the rules under another name than the service's, and so finds none.
      read: { EncryptionConfiguration: { Rules: [] } }
    }
  }),
  configuration({
    name: "domain",
    value: {
      rules: [
        { status: "ENABLED", name: "files.example.com", type: "REST", forcedReplacement: "TXT" },
        { status: "DISABLED", name: "www.example.com", type: "WEBSITE" }
      ]
    },
    put: Cos.putBucketDomain,
    get: Effect.map(Cos.getBucketDomain(), ({ rules }) => ({ rules })),
    remove: Cos.deleteBucketDomain(),
    none: { rules: [] },
    official: {
      put: "putBucketDomain",
      given: {
        DomainRule: [
          { Status: "ENABLED", Name: "files.example.com", Type: "REST", ForcedReplacement: "TXT" },
          { Status: "DISABLED", Name: "www.example.com", Type: "WEBSITE" }
        ]
      },
      get: "getBucketDomain",
      remove: "deleteBucketDomain"
    }
  }),
  configuration({
    name: "origin",
    value: {
      rules: [
        {
          rulePriority: 1,
          originType: "Mirror",
          originCondition: {
            httpStatusCode: "404",
            prefix: "missing/",
            forbiddenHosts: ["a.example.com", "b.example.com"]
          },
          originParameter: {
            protocol: "HTTPS",
            followQueryString: true,
            httpHeader: {
              followAllHeaders: false,
              newHttpHeaders: [
                { key: "x-a", value: "1" },
                { key: "x-b", value: "2" }
              ],
              followHttpHeaders: [{ key: "accept" }, { key: "range" }],
              forbidFollowHeaders: [{ key: "cookie" }, { key: "host" }]
            },
            followRedirection: true,
            httpRedirectCode: 302,
            copyOriginData: true
          },
          originInfo: {
            hosts: [
              {
                hostName: "origin.example.com:8080",
                weight: 1,
                standbyHostNames: ["s.example.com", "t.example.com"]
              },
              { hostName: "other.example.com" }
            ],
            fileInfo: { prefixDirective: true, prefix: "from/", suffix: ".bak" }
          },
          httpStandbyCodes: ["404", "500"]
        }
      ]
    },
    put: Cos.putBucketOrigin,
    get: Cos.getBucketOrigin(),
    remove: Cos.deleteBucketOrigin(),
    none: "OriginConfigurationNotFoundError",
    official: {
      put: "putBucketOrigin",
      given: { OriginRule: [originRule] },
      get: "getBucketOrigin",
      remove: "deleteBucketOrigin"
    }
  }),
  configuration({
    name: "intelligent tiering",
    value: { status: "Enabled", transition: { days: 30, requestFrequent: 1 } },
    put: Cos.putBucketIntelligentTiering,
    get: Cos.getBucketIntelligentTiering(),
    none: {},
    official: noSuch
  }),
  configuration({
    name: "intelligent tiering by id",
    value: {
      id: "t 1/中",
      status: "Enabled",
      filter: { prefix: "p/", tags },
      tierings: [
        { accessTier: "INFREQUENT", days: 30, requestFrequent: 1 },
        { accessTier: "ARCHIVE_ACCESS", days: 91 }
      ]
    },
    put: Cos.putBucketIntelligentTieringConfiguration,
    get: Cos.getBucketIntelligentTieringConfiguration({ id: "t 1/中" }),
    none: "CosServiceError",
    official: noSuch
  }),
  configuration({
    name: "intelligent tierings",
    value: {
      configurations: [{ id: "t1", status: "Disabled", tierings: [{ accessTier: "INFREQUENT", days: 60 }] }]
    },
    put: () =>
      Cos.putBucketIntelligentTieringConfiguration({
        id: "t1",
        status: "Disabled",
        tierings: [{ accessTier: "INFREQUENT", days: 60 }]
      }),
    get: Cos.listBucketIntelligentTieringConfigurations(),
    none: { configurations: [] },
    official: noSuch
  }),
  configuration({
    name: "object lock",
    value: { objectLockEnabled: "Enabled", defaultRetentionDays: 30 },
    put: Cos.putObjectLockConfiguration,
    get: Cos.getObjectLockConfiguration(),
    none: "NoSuchObjectLockConfiguration",
    official: noSuch
  }),
  configuration({
    name: "retention",
    before: Effect.zipRight(
      object,
      Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 1 })
    ),
    value: { retainUntilDate: new Date("2100-01-01T00:00:00.000Z"), mode: "COMPLIANCE" },
    put: (value) => Cos.putObjectRetention({ key, ...value }),
    get: Cos.getObjectRetention({ key }),
    none: "NoSuchObjectLockConfiguration",
    official: noSuch
  })
]
