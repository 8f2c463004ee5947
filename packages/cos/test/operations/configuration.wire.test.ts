/**
 * The official SDK, asked the same, sends the same: method, path, query, body, and the headers that matter. Where ours
 * differs the row says why. Not compared are `Authorization`, which has vectors of its own, `User-Agent`, and what the
 * transport adds: `Host`, `Content-Length`, `Connection`.
 */

import { createHash } from "node:crypto"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { expect, it } from "@effect/vitest"
import COS from "cos-nodejs-sdk-v5"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Scope } from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as ScriptedClient from "../support/ScriptedClient.js"

/** What of a request matters. */
interface Sent {
  readonly method: string
  readonly path: string
  readonly query: ReadonlyArray<string>
  /** `Content-Type`, and those of the ACL. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  /** Whether `Content-MD5` is the body's; absent where there is none. */
  readonly contentMd5?: boolean
}

const md5 = (body: string): string => createHash("md5").update(body).digest("base64")

const sent = (method: string, target: string, headers: http.IncomingHttpHeaders, body: string): Sent => {
  const [path = "", query = ""] = target.split("?")
  return {
    method,
    path,
    query: query.split("&"),
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        /^(content-type|x-cos-acl|x-cos-grant.*)$/.test(name) ? [[name, String(value)]] : []
      )
    ),
    body,
    ...(headers["content-md5"] === undefined ? undefined : { contentMd5: headers["content-md5"] === md5(body) })
  }
}

type Callback = (error: unknown, data: unknown) => void

/** What the official SDK sends, to a server that only listens. */
const official = (
  call: (cos: COS, at: { Bucket: string; Region: string }, done: Callback) => void
): Effect.Effect<Sent, never, Scope> =>
  Effect.gen(function* () {
    const requests: Array<Sent> = []
    const server = yield* Effect.acquireRelease(
      Effect.async<http.Server>((resume) => {
        const server = http.createServer((request, response) => {
          const chunks: Array<Buffer> = []
          request.on("data", (chunk) => chunks.push(chunk))
          request.on("end", () => {
            const body = Buffer.concat(chunks).toString()
            requests.push(sent(request.method ?? "", request.url ?? "", request.headers, body))
            response.writeHead(403, { "x-cos-request-id": "R" }).end("<Error><Code>AccessDenied</Code></Error>")
          })
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const cos = new COS({
      SecretId: ScriptedClient.keys.secretId,
      SecretKey: ScriptedClient.keys.secretKey,
      Protocol: "http:",
      Domain: `127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    yield* Effect.async<void>((resume) => {
      call(cos, { Bucket: ScriptedClient.bucket, Region: ScriptedClient.region }, () => resume(Effect.void))
    })
    return requests[0] as Sent
  })

/** What ours sends. */
const ours = (call: Effect.Effect<unknown, unknown, CosClient.CosClient>): Effect.Effect<Sent> =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([{}], { settings: { retry: RetryPolicy.none } })
    yield* Effect.exit(Effect.provide(call, layer))
    const request = requests[0]
    return request === undefined
      ? yield* Effect.dieMessage("nothing was sent")
      : sent(request.method, request.target, request.headers, request.text)
  })

interface Row {
  readonly name: string
  readonly official: Parameters<typeof official>[0]
  readonly ours: Effect.Effect<unknown, unknown, CosClient.CosClient>
  /** What ours does otherwise, and why. */
  readonly differs?: { readonly why: string; readonly make: (request: Sent) => Sent }
}

/**
 * A query's first parameter is what a server routes by; the order of the others is not ours to copy. An empty element is
 * `<a></a>` there and `<a/>` here.
 */
const comparable = ({ body, query: [first, ...rest], ...request }: Sent) => ({
  ...request,
  first,
  rest: [...rest].sort(),
  body: body.replace(/<([\w-]+)><\/\1>/g, "<$1/>")
})

const rule = {
  ID: "r1",
  AllowedOrigin: ["*"],
  AllowedMethod: ["GET", "PUT"],
  AllowedHeader: ["*"],
  ExposeHeader: ["ETag"],
  MaxAgeSeconds: 5
}

const inventory: COS.InventoryConfiguration = {
  Id: "inv1",
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: "100000000001",
      Bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
      Prefix: "list1",
      Encryption: { SSECOS: "" }
    }
  },
  Schedule: { Frequency: "Daily" },
  Filter: { Prefix: "myPrefix" },
  IncludedObjectVersions: "All",
  OptionalFields: ["Size", "ETag"]
}

const pem = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"

const statement = {
  Effect: "Allow",
  Principal: { qcs: ["qcs::cam::uin/1:uin/1"] },
  Action: ["name/cos:GetObject"],
  Resource: ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"],
  Condition: { ip_equal: { "qcs:ip": "10.0.0.0/8" } }
}

/** A row without a body on either side. */
const plain = (
  name: string,
  call: (cos: COS) => (params: any, done: Callback) => void,
  own: Row["ours"],
  params: object = {}
): Row => ({ name, official: (cos, at, done) => call(cos).call(cos, { ...at, ...params }, done), ours: own })

const key = "中文 +%()!'*~/a//b"

const rows: ReadonlyArray<Row> = [
  plain("getBucketAcl", (cos) => cos.getBucketAcl, Cos.getBucketAcl()),
  plain(
    "putBucketAcl: headers",
    (cos) => cos.putBucketAcl,
    Cos.putBucketAcl({ acl: "public-read", grantRead: ["1", "2"], grantWriteAcp: ["3"] }),
    { ACL: "public-read", GrantRead: 'id="1",id="2"', GrantWriteAcp: 'id="3"' }
  ),
  plain(
    "putBucketAcl: document",
    (cos) => cos.putBucketAcl,
    Cos.putBucketAcl({
      policy: {
        owner: { id: "qcs::cam::uin/1:uin/1" },
        grants: [
          { grantee: { id: "qcs::cam::uin/2:uin/2" }, permission: "READ" },
          { grantee: { uri: Cos.allUsers }, permission: "WRITE" }
        ]
      }
    }),
    {
      AccessControlPolicy: {
        Owner: { ID: "qcs::cam::uin/1:uin/1" },
        Grants: [
          { Grantee: { ID: "qcs::cam::uin/2:uin/2" }, Permission: "READ" },
          { Grantee: { URI: Cos.allUsers }, Permission: "WRITE" }
        ]
      }
    }
  ),
  plain("getObjectAcl", (cos) => cos.getObjectAcl, Cos.getObjectAcl({ key, versionId: "v/1" }), {
    Key: key,
    VersionId: "v/1"
  }),
  plain(
    "putObjectAcl: headers",
    (cos) => cos.putObjectAcl,
    Cos.putObjectAcl({ key, acl: "default", grantFullControl: ["1"] }),
    { Key: key, ACL: "default", GrantFullControl: 'id="1"' }
  ),
  plain("getBucketCors", (cos) => cos.getBucketCors, Cos.getBucketCors()),
  plain("deleteBucketCors", (cos) => cos.deleteBucketCors, Cos.deleteBucketCors()),
  plain(
    "putBucketCors",
    (cos) => cos.putBucketCors,
    Cos.putBucketCors({
      rules: [
        {
          id: "r1",
          allowedOrigins: ["*"],
          allowedMethods: ["GET", "PUT"],
          allowedHeaders: ["*"],
          exposeHeaders: ["ETag"],
          maxAgeSeconds: 5
        },
        { allowedOrigins: ["https://a.example"], allowedMethods: ["HEAD"] }
      ],
      responseVary: true
    }),
    {
      ResponseVary: "true",
      CORSRules: [rule, { AllowedOrigin: ["https://a.example"], AllowedMethod: ["HEAD"] }]
    }
  ),
  plain("getBucketLocation", (cos) => cos.getBucketLocation, Cos.getBucketLocation()),
  plain("getBucketTagging", (cos) => cos.getBucketTagging, Cos.getBucketTagging()),
  plain("deleteBucketTagging", (cos) => cos.deleteBucketTagging, Cos.deleteBucketTagging()),
  plain(
    "putBucketTagging",
    (cos) => cos.putBucketTagging,
    Cos.putBucketTagging({
      tags: [
        { key: "k1", value: "v1" },
        { key: "k 2", value: "" }
      ]
    }),
    {
      Tags: [
        { Key: "k1", Value: "v1" },
        { Key: "k 2", Value: "" }
      ]
    }
  ),
  plain("getObjectTagging", (cos) => cos.getObjectTagging, Cos.getObjectTagging({ key, versionId: "v1" }), {
    Key: key,
    VersionId: "v1"
  }),
  plain("deleteObjectTagging", (cos) => cos.deleteObjectTagging, Cos.deleteObjectTagging({ key, versionId: "v1" }), {
    Key: key,
    VersionId: "v1"
  }),
  plain(
    "putObjectTagging",
    (cos) => cos.putObjectTagging,
    Cos.putObjectTagging({ key, versionId: "v1", tags: [{ key: "k1", value: "v1" }] }),
    { Key: key, VersionId: "v1", Tags: [{ Key: "k1", Value: "v1" }] }
  ),
  plain("getBucketVersioning", (cos) => cos.getBucketVersioning, Cos.getBucketVersioning()),
  plain("putBucketVersioning", (cos) => cos.putBucketVersioning, Cos.putBucketVersioning({ status: "Enabled" }), {
    VersioningConfiguration: { Status: "Enabled" }
  }),
  plain(
    "listObjectVersions",
    (cos) => cos.listObjectVersions,
    Cos.listObjectVersions({
      prefix: "a b/中",
      delimiter: "/",
      keyMarker: "k+1",
      versionIdMarker: "v",
      maxKeys: 1
    }),
    { Prefix: "a b/中", Delimiter: "/", KeyMarker: "k+1", VersionIdMarker: "v", MaxKeys: 1, EncodingType: "url" }
  ),
  {
    ...plain("listObjectVersions: defaults", (cos) => cos.listObjectVersions, Cos.listObjectVersions()),
    differs: {
      why: "keys that XML cannot carry need encoding-type=url; an empty prefix says nothing",
      make: (request) => ({ ...request, query: ["versions=", "encoding-type=url"] })
    }
  },
  plain("getBucketLifecycle", (cos) => cos.getBucketLifecycle, Cos.getBucketLifecycle()),
  plain("deleteBucketLifecycle", (cos) => cos.deleteBucketLifecycle, Cos.deleteBucketLifecycle()),
  plain(
    "putBucketLifecycle",
    (cos) => cos.putBucketLifecycle,
    Cos.putBucketLifecycle({
      rules: [
        {
          id: "1",
          status: "Enabled",
          filter: { prefix: "test_1/" },
          transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
          expiration: { days: 365 }
        },
        {
          id: "2",
          status: "Disabled",
          filter: { prefix: "a&b<c>", tags: [{ key: "d", value: "" }] },
          transitions: [{ date: new Date("2030-01-01T00:00:00.000Z"), storageClass: "ARCHIVE" }],
          noncurrentVersionTransitions: [{ noncurrentDays: 1, storageClass: "COLD" }],
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 }
        }
      ]
    }),
    {
      Rules: [
        {
          ID: "1",
          Status: "Enabled",
          Filter: { Prefix: "test_1/" },
          Transition: { Days: "30", StorageClass: "STANDARD_IA" },
          Expiration: { Days: "365" }
        },
        {
          ID: "2",
          Status: "Disabled",
          Filter: { And: { Prefix: "a&b<c>", Tag: [{ Key: "d", Value: "" }] } },
          Transition: { Date: "2030-01-01T00:00:00.000Z", StorageClass: "ARCHIVE" },
          NoncurrentVersionTransition: { NoncurrentDays: 1, StorageClass: "COLD" },
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }
        }
      ]
    }
  ),
  plain("getBucketReplication", (cos) => cos.getBucketReplication, Cos.getBucketReplication()),
  plain("deleteBucketReplication", (cos) => cos.deleteBucketReplication, Cos.deleteBucketReplication()),
  plain(
    "putBucketReplication",
    (cos) => cos.putBucketReplication,
    Cos.putBucketReplication({
      role: "qcs::cam::uin/1:uin/1",
      rules: [
        {
          id: "1",
          status: "Enabled",
          prefix: "sync/",
          destination: { bucket: "qcs::cos:ap-chengdu::target-1250000000", storageClass: "STANDARD" }
        }
      ]
    }),
    {
      ReplicationConfiguration: {
        Role: "qcs::cam::uin/1:uin/1",
        Rules: [
          {
            ID: "1",
            Status: "Enabled",
            Prefix: "sync/",
            Destination: { Bucket: "qcs::cos:ap-chengdu::target-1250000000", StorageClass: "STANDARD" }
          }
        ]
      }
    }
  ),
  plain("getBucketWebsite", (cos) => cos.getBucketWebsite, Cos.getBucketWebsite()),
  plain("deleteBucketWebsite", (cos) => cos.deleteBucketWebsite, Cos.deleteBucketWebsite()),
  plain(
    "putBucketWebsite",
    (cos) => cos.putBucketWebsite,
    Cos.putBucketWebsite({
      indexDocument: "index.html",
      redirectAllRequestsTo: "https",
      autoAddressing: "Enabled",
      errorDocument: { key: "error.html", originalHttpStatus: "Enabled" },
      routingRules: [
        {
          condition: { httpErrorCodeReturnedEquals: 404 },
          redirect: { protocol: "https", replaceKeyWith: "404.html" }
        },
        { condition: { keyPrefixEquals: "docs/" }, redirect: { replaceKeyPrefixWith: "documents/" } }
      ]
    }),
    {
      WebsiteConfiguration: {
        IndexDocument: { Suffix: "index.html" },
        RedirectAllRequestsTo: { Protocol: "https" },
        AutoAddressing: { Status: "Enabled" },
        ErrorDocument: { Key: "error.html", OriginalHttpStatus: "Enabled" },
        RoutingRules: [
          {
            Condition: { HttpErrorCodeReturnedEquals: "404" },
            Redirect: { Protocol: "https", ReplaceKeyWith: "404.html" }
          },
          { Condition: { KeyPrefixEquals: "docs/" }, Redirect: { ReplaceKeyPrefixWith: "documents/" } }
        ]
      }
    }
  ),
  plain("getBucketReferer", (cos) => cos.getBucketReferer, Cos.getBucketReferer()),
  plain(
    "putBucketReferer",
    (cos) => cos.putBucketReferer,
    Cos.putBucketReferer({
      status: "Enabled",
      refererType: "White-List",
      domains: ["*.qq.com", "*.qcloud.com"],
      emptyReferConfiguration: "Allow"
    }),
    {
      RefererConfiguration: {
        Status: "Enabled",
        RefererType: "White-List",
        DomainList: { Domains: ["*.qq.com", "*.qcloud.com"] },
        EmptyReferConfiguration: "Allow"
      }
    }
  ),
  plain("getBucketPolicy", (cos) => cos.getBucketPolicy, Cos.getBucketPolicy()),
  plain("deleteBucketPolicy", (cos) => cos.deleteBucketPolicy, Cos.deleteBucketPolicy()),
  {
    ...plain(
      "putBucketPolicy",
      (cos) => cos.putBucketPolicy,
      Cos.putBucketPolicy({
        policy: {
          statement: [
            {
              effect: "Allow",
              principal: { qcs: ["qcs::cam::uin/1:uin/1"] },
              action: ["name/cos:GetObject"],
              resource: ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"],
              condition: { ip_equal: { "qcs:ip": "10.0.0.0/8" } }
            }
          ]
        }
      }),
      { Policy: { Statement: [statement] } }
    ),
    differs: {
      why: "the version, which the official SDK means to send and does not",
      make: (request) => ({
        ...request,
        body: JSON.stringify({ version: "2.0", Statement: [statement] })
      })
    }
  },
  plain("getBucketLogging", (cos) => cos.getBucketLogging, Cos.getBucketLogging()),
  plain(
    "putBucketLogging",
    (cos) => cos.putBucketLogging,
    Cos.putBucketLogging({ loggingEnabled: { targetBucket: "logs-1250000000", targetPrefix: "p/" } }),
    { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: "logs-1250000000", TargetPrefix: "p/" } } }
  ),
  plain("getBucketInventory", (cos) => cos.getBucketInventory, Cos.getBucketInventory({ id: "inv1" }), { Id: "inv1" }),
  plain("deleteBucketInventory", (cos) => cos.deleteBucketInventory, Cos.deleteBucketInventory({ id: "inv1" }), {
    Id: "inv1"
  }),
  plain(
    "listBucketInventory",
    (cos) => cos.listBucketInventory,
    Cos.listBucketInventory({ continuationToken: "t/1" }),
    { ContinuationToken: "t/1" }
  ),
  plain(
    "putBucketInventory",
    (cos) => cos.putBucketInventory,
    Cos.putBucketInventory({
      id: "inv1",
      isEnabled: true,
      destination: {
        format: "CSV",
        accountId: "100000000001",
        bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
        prefix: "list1",
        encrypted: true
      },
      schedule: "Daily",
      filter: { prefix: "myPrefix" },
      includedObjectVersions: "All",
      optionalFields: ["Size", "ETag"]
    }),
    { Id: "inv1", InventoryConfiguration: inventory }
  ),
  plain("getBucketAccelerate", (cos) => cos.getBucketAccelerate, Cos.getBucketAccelerate()),
  plain(
    "putBucketAccelerate",
    (cos) => cos.putBucketAccelerate,
    Cos.putBucketAccelerate({ status: "Enabled", type: "COS" }),
    { AccelerateConfiguration: { Status: "Enabled", Type: "COS" } }
  ),
  plain("getBucketEncryption", (cos) => cos.getBucketEncryption, Cos.getBucketEncryption()),
  plain("deleteBucketEncryption", (cos) => cos.deleteBucketEncryption, Cos.deleteBucketEncryption()),
  plain(
    "putBucketEncryption",
    (cos) => cos.putBucketEncryption,
    Cos.putBucketEncryption({ rules: [{ sseAlgorithm: "KMS", kmsMasterKeyId: "id" }] }),
    {
      ServerSideEncryptionConfiguration: {
        Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "KMS", KMSMasterKeyID: "id" } }]
      }
    }
  ),
  plain("getBucketDomain", (cos) => cos.getBucketDomain, Cos.getBucketDomain()),
  plain("deleteBucketDomain", (cos) => cos.deleteBucketDomain, Cos.deleteBucketDomain()),
  plain(
    "putBucketDomain",
    (cos) => cos.putBucketDomain,
    Cos.putBucketDomain({
      rules: [
        { status: "ENABLED", name: "www.example.com", type: "REST", forcedReplacement: "CNAME" },
        { status: "DISABLED", name: "www.example.net", type: "WEBSITE" }
      ]
    }),
    {
      DomainRule: [
        { Status: "ENABLED", Name: "www.example.com", Type: "REST", ForcedReplacement: "CNAME" },
        { Status: "DISABLED", Name: "www.example.net", Type: "WEBSITE" }
      ]
    }
  ),
  plain("getBucketOrigin", (cos) => cos.getBucketOrigin, Cos.getBucketOrigin()),
  plain("deleteBucketOrigin", (cos) => cos.deleteBucketOrigin, Cos.deleteBucketOrigin()),
  plain(
    "putBucketOrigin",
    (cos) => cos.putBucketOrigin,
    Cos.putBucketOrigin({
      rules: [
        {
          rulePriority: 1,
          originType: "Mirror",
          originCondition: { httpStatusCode: "404", prefix: "" },
          originParameter: {
            protocol: "HTTP",
            followQueryString: true,
            httpHeader: {
              newHttpHeaders: [{ key: "a", value: "1" }],
              followHttpHeaders: [{ key: "b" }]
            },
            followRedirection: true,
            httpRedirectCode: 302,
            copyOriginData: true
          },
          originInfo: {
            hosts: [{ hostName: "origin.example" }],
            fileInfo: { prefixDirective: true, prefix: "p/", suffix: ".jpg" }
          }
        }
      ]
    }),
    {
      OriginRule: [
        {
          RulePriority: 1,
          OriginType: "Mirror",
          OriginCondition: { HTTPStatusCode: "404", Prefix: "" },
          OriginParameter: {
            Protocol: "HTTP",
            FollowQueryString: "true",
            HttpHeader: {
              NewHttpHeaders: { Header: [{ Key: "a", Value: "1" }] },
              FollowHttpHeaders: { Header: [{ Key: "b" }] }
            },
            FollowRedirection: "true",
            HttpRedirectCode: "302",
            CopyOriginData: "true"
          },
          OriginInfo: {
            HostInfo: { HostName: "origin.example" },
            FileInfo: { PrefixDirective: "true", Prefix: "p/", Suffix: ".jpg" }
          }
        }
      ]
    }
  ),
  plain(
    "restoreObject",
    (cos) => cos.restoreObject,
    Cos.restoreObject({ key, versionId: "v1", days: 7, tier: "Expedited" }),
    { Key: key, VersionId: "v1", RestoreRequest: { Days: 7, CASJobParameters: { Tier: "Expedited" } } }
  ),
  plain(
    "selectObjectContent",
    (cos) => cos.selectObjectContent,
    Stream.runDrain(
      Cos.selectObjectContent({
        key,
        expression: "select * from COSObject where _1 < 5",
        input: {
          compressionType: "GZIP",
          csv: {
            fileHeaderInfo: "USE",
            recordDelimiter: "\n",
            fieldDelimiter: ",",
            quoteCharacter: '"',
            quoteEscapeCharacter: "'",
            comments: "#",
            allowQuotedRecordDelimiter: true
          }
        },
        output: { json: { recordDelimiter: "\n" } },
        progress: true
      })
    ),
    {
      Key: key,
      SelectType: 2,
      SelectRequest: {
        Expression: "select * from COSObject where _1 < 5",
        ExpressionType: "SQL",
        InputSerialization: {
          CompressionType: "GZIP",
          CSV: {
            FileHeaderInfo: "USE",
            RecordDelimiter: "\n",
            FieldDelimiter: ",",
            QuoteCharacter: '"',
            QuoteEscapeCharacter: "'",
            Comments: "#",
            AllowQuotedRecordDelimiter: "TRUE"
          }
        },
        OutputSerialization: { JSON: { RecordDelimiter: "\n" } },
        RequestProgress: { Enabled: "TRUE" }
      }
    }
  )
]

it.scoped.each(rows)("$name is sent as the official SDK sends it", (row) =>
  Effect.gen(function* () {
    const theirs = yield* official(row.official)
    const expected = row.differs === undefined ? theirs : row.differs.make(theirs)
    expect(comparable(yield* ours(row.ours))).toEqual(comparable(expected))
    if (row.differs !== undefined) expect(comparable(expected)).not.toEqual(comparable(theirs))
  })
)

/** Operations that the official SDK does not have: as the protocol notes have them. */
const others: ReadonlyArray<
  readonly [name: string, call: Row["ours"], line: string, body: string, headers?: { readonly [name: string]: string }]
> = [
  [
    "postBucketInventory",
    Cos.postBucketInventory({
      id: "once",
      destination: { format: "CSV", bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000" },
      filter: { prefix: "p", tags: [{ key: "age", value: "18" }], period: { startTime: new Date(1568688761999) } },
      includedObjectVersions: "All"
    }),
    "POST /?inventory=&id=once",
    "<InventoryConfiguration><Id>once</Id><Destination><COSBucketDestination><Format>CSV</Format><Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket></COSBucketDestination></Destination><Filter><And><Prefix>p</Prefix><Tag><Key>age</Key><Value>18</Value></Tag></And><Period><StartTime>1568688761</StartTime></Period></Filter><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>"
  ],
  [
    "putBucketDomainCertificate",
    Cos.putBucketDomainCertificate({
      certType: "CustomCert",
      cert: "<PEM>",
      privateKey: Redacted.make(pem),
      domainNames: ["www.example.com", "a.example"]
    }),
    "PUT /?domaincertificate=",
    `<DomainCertificate><CertificateInfo><CertType>CustomCert</CertType><CustomCert><Cert>&lt;PEM&gt;</Cert><PrivateKey>${pem}</PrivateKey></CustomCert></CertificateInfo><DomainList><DomainName>www.example.com</DomainName><DomainName>a.example</DomainName></DomainList></DomainCertificate>`
  ],
  [
    "getBucketDomainCertificate",
    Cos.getBucketDomainCertificate({ domainName: "www.example.com" }),
    "GET /?domaincertificate=&domainname=www.example.com",
    ""
  ],
  [
    "deleteBucketDomainCertificate",
    Cos.deleteBucketDomainCertificate({ domainName: "www.example.com" }),
    "DELETE /?domaincertificate=&domainname=www.example.com",
    ""
  ],
  [
    "putBucketIntelligentTiering",
    Cos.putBucketIntelligentTiering({ status: "Enabled", transition: { days: 30, requestFrequent: 1 } }),
    "PUT /?intelligenttiering=",
    "<IntelligentTieringConfiguration><Status>Enabled</Status><Transition><Days>30</Days><RequestFrequent>1</RequestFrequent></Transition></IntelligentTieringConfiguration>"
  ],
  ["getBucketIntelligentTiering", Cos.getBucketIntelligentTiering(), "GET /?intelligenttiering=", ""],
  [
    "putBucketIntelligentTieringConfiguration",
    Cos.putBucketIntelligentTieringConfiguration({
      id: "t 1",
      status: "Enabled",
      filter: { prefix: "p/" },
      tierings: [{ accessTier: "INFREQUENT", days: 30, requestFrequent: 1 }]
    }),
    "PUT /?intelligent-tiering=&id=t%201",
    "<IntelligentTieringConfiguration><Id>t 1</Id><Status>Enabled</Status><Filter><And><Prefix>p/</Prefix></And></Filter><Tiering><AccessTier>INFREQUENT</AccessTier><Days>30</Days><RequestFrequent>1</RequestFrequent></Tiering></IntelligentTieringConfiguration>"
  ],
  [
    "getBucketIntelligentTieringConfiguration",
    Cos.getBucketIntelligentTieringConfiguration({ id: "t1" }),
    "GET /?intelligent-tiering=&id=t1",
    ""
  ],
  [
    "listBucketIntelligentTieringConfigurations",
    Cos.listBucketIntelligentTieringConfigurations(),
    "GET /?intelligent-tiering=",
    ""
  ],
  [
    "putObjectLockConfiguration",
    Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 30 }),
    "PUT /?object-lock=",
    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Days>30</Days></DefaultRetention></Rule></ObjectLockConfiguration>"
  ],
  ["getObjectLockConfiguration", Cos.getObjectLockConfiguration(), "GET /?object-lock=", ""],
  [
    "putObjectRetention",
    Cos.putObjectRetention({ key: "k", retainUntilDate: new Date("2030-01-01T00:00:00Z"), mode: "COMPLIANCE" }),
    "PUT /k?retention=",
    "<Retention><RetainUntilDate>2030-01-01T00:00:00.000Z</RetainUntilDate><Mode>COMPLIANCE</Mode></Retention>"
  ],
  ["getObjectRetention", Cos.getObjectRetention({ key: "k" }), "GET /k?retention=", ""],
  ["putBucketLogging, off", Cos.putBucketLogging(), "PUT /?logging=", "<BucketLoggingStatus/>"],
  ["putBucketTagging, none", Cos.putBucketTagging({ tags: [] }), "PUT /?tagging=", "<Tagging><TagSet/></Tagging>"],
  [
    "a filter of one tag",
    Cos.putBucketLifecycle({ rules: [{ status: "Enabled", filter: { tags: [{ key: "a", value: "b" }] } }] }),
    "PUT /?lifecycle=",
    "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter></Rule></LifecycleConfiguration>"
  ],
  [
    "a filter of two tags",
    Cos.putBucketLifecycle({
      rules: [
        {
          status: "Enabled",
          filter: {
            tags: [
              { key: "a", value: "b" },
              { key: "c", value: "" }
            ]
          }
        }
      ]
    }),
    "PUT /?lifecycle=",
    "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><And><Tag><Key>a</Key><Value>b</Value></Tag><Tag><Key>c</Key><Value/></Tag></And></Filter></Rule></LifecycleConfiguration>"
  ],
  [
    "a filter of a size",
    Cos.putBucketLifecycle({ rules: [{ status: "Enabled", filter: { objectSizeGreaterThan: 1 } }] }),
    "PUT /?lifecycle=",
    "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><And><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></And></Filter></Rule></LifecycleConfiguration>"
  ],
  [
    "an empty filter",
    Cos.putBucketLifecycle({ rules: [{ status: "Enabled", filter: {} }] }),
    "PUT /?lifecycle=",
    "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/></Rule></LifecycleConfiguration>"
  ],
  [
    "putObjectAcl with an empty policy",
    Cos.putObjectAcl({ key: "k", policy: { grants: [] } }),
    "PUT /k?acl=",
    "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>"
  ]
]

it.effect.each(others)("%s", ([, call, line, body]) =>
  Effect.gen(function* () {
    const request = yield* ours(call)
    expect(`${request.method} ${request.path}?${request.query.join("&")}`).toEqual(line)
    expect(request.body).toEqual(body)
    expect(request.headers["content-type"]).toEqual(body === "" ? undefined : "application/xml")
    expect(request.contentMd5).toEqual(body === "" ? undefined : true)
  })
)
