/**
 * A configuration that is read and put again is the same document, whatever it holds: elements that no declaration names,
 * anywhere and more than once, with attributes and namespaces. For every configuration, of generated documents.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosXml from "effect-cos/CosXml"
import * as ScriptedClient from "../support/ScriptedClient.js"

type Elements = CosXml.Elements
type Content = CosXml.Node | ReadonlyArray<CosXml.Node>

interface Configuration {
  readonly name: string
  readonly root: string
  /** All that is known of it, each list with two items, as it is written: what it holds in the order of the declaration. */
  readonly document: Elements
  readonly again: Effect.Effect<unknown, unknown, CosClient.CosClient>
}

/** Reads with one operation, and puts what it gave with another. */
const again = <A, E, E2>(
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
): Configuration => ({ name, root, document, again })

const key = "k"
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

const configurations: ReadonlyArray<Configuration> = [
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

// --- what is compared ------------------------------------------------------------------------------------------------

const parsed = (document: string): unknown => {
  const { content, root } = Either.getOrThrow(CosXml.parse(document, { attributes: true }))
  return { root, content: canonical(content) }
}

/** Elements of different names have no order; those of one name do. */
const canonical = (content: Content): unknown =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
      ? content.map(canonical)
      : Object.entries(content as Elements)
          .map(([name, inner]) => [name, canonical(inner)])
          .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))

/** What is put after the document was read. */
const putAfter = (call: Configuration["again"], document: string) =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([{ body: document }, {}])
    yield* Effect.provide(call, layer)
    return requests[1]?.text ?? ""
  })

// --- documents -------------------------------------------------------------------------------------------------------

const text = FastCheck.string({ unit: FastCheck.constantFrom(..."aZ0 <&>\"'é中\n"), maxLength: 6 })

const attributes = FastCheck.dictionary(
  FastCheck.constantFrom("@version", "@xsi:type", "@xmlns", "@xsi:nil"),
  FastCheck.constantFrom("1", "Group", "urn:a <&> b"),
  { maxKeys: 2 }
).map(
  (found): Elements =>
    Object.keys(found).some((name) => name.startsWith("@xsi:")) ? { "@xmlns:xsi": xsi, ...found } : found
)

/** Nothing of a configuration is called so. */
const name = FastCheck.constantFrom("Unknown", "New-Thing", "Prefix2", "Value_1", "x.y")

const { node } = FastCheck.letrec<{ node: CosXml.Node; elements: CosXml.Node; leaf: CosXml.Node }>((tie) => ({
  leaf: FastCheck.tuple(attributes, text).map(([attributes, text]) =>
    Object.keys(attributes).length === 0 ? text : text === "" ? attributes : { ...attributes, "#text": text }
  ),
  elements: FastCheck.tuple(
    attributes,
    FastCheck.dictionary(
      name,
      FastCheck.oneof(tie("node"), FastCheck.array(tie("node"), { minLength: 2, maxLength: 3 })),
      {
        minKeys: 1,
        maxKeys: 3
      }
    )
  ).map(([attributes, inner]) => ({ ...attributes, ...inner }) as Elements),
  node: FastCheck.oneof({ depthSize: "small" }, tie("leaf"), tie("elements"))
}))

const unknown = FastCheck.dictionary(
  name,
  FastCheck.oneof(node, FastCheck.array(node, { minLength: 2, maxLength: 3 })),
  { maxKeys: 2 }
)

/** The document with something unknown in any of its elements that hold elements, and in the root. */
const extended = (content: Content): FastCheck.Arbitrary<Content> => {
  if (typeof content === "string") return FastCheck.constant(content)
  if (Array.isArray(content)) return FastCheck.tuple(...content.map(extended)) as FastCheck.Arbitrary<Content>
  const known = Object.entries(content as Elements)
  return FastCheck.tuple(unknown, ...known.map(([, inner]) => extended(inner))).map(([more, ...inner]) => ({
    ...Object.fromEntries(known.map(([name], index) => [name, inner[index] as Content])),
    ...(more as Elements)
  }))
}

const built = (root: string, content: Content): string => Either.getOrThrow(CosXml.build(root, content as CosXml.Node))

const parameters = { seed: 20_261_129, numRuns: 25 }

describe.each(configurations)("$name", ({ again, document, root }) => {
  it.effect("a document of all that is known is put as it was read", () =>
    Effect.gen(function* () {
      const whole = built(root, document)
      expect(parsed(yield* putAfter(again, whole))).toEqual(parsed(whole))
    })
  )

  it("one with anything unknown in it, too", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(extended(document), async (content) => {
        const whole = built(root, content)
        expect(parsed(await Effect.runPromise(putAfter(again, whole)))).toEqual(parsed(whole))
      }),
      parameters
    ))
})

// --- JSON ------------------------------------------------------------------------------------------------------------

const known = /^(?:version|principal|statement|sid|effect|action|resource|condition|__proto__)$/i

const unknownJson = FastCheck.dictionary(
  FastCheck.string({ unit: FastCheck.constantFrom(..."aE_-.中 "), minLength: 1, maxLength: 6 }),
  FastCheck.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3 }
).filter((found) => Object.keys(found).every((name) => !known.test(name)))

const principal = FastCheck.constantFrom<object | string>(
  "*",
  { qcs: ["qcs::cam::anyone:anyone"] },
  { qcs: ["a", "b"] }
)

const statement = FastCheck.tuple(
  unknownJson,
  FastCheck.record(
    {
      Sid: FastCheck.string(),
      Effect: FastCheck.constantFrom("Allow", "Deny", "Later"),
      Principal: principal,
      Action: FastCheck.array(FastCheck.string(), { minLength: 1, maxLength: 2 }),
      Resource: FastCheck.array(FastCheck.string(), { minLength: 1, maxLength: 2 }),
      Condition: FastCheck.constant({ ip_equal: { "qcs:ip": ["10.0.0.0/8", 1, true] }, later: { key: "value" } })
    },
    { requiredKeys: ["Effect", "Action", "Resource"] }
  )
).map(([more, known]) => ({ ...known, ...more }))

const policies = FastCheck.tuple(
  unknownJson,
  FastCheck.record({ principal }, { requiredKeys: [] }),
  FastCheck.array(statement, { minLength: 1, maxLength: 2 })
).map(([more, top, Statement]) => ({ version: "2.0", ...top, Statement, ...more }))

const policyAgain = again(Cos.getBucketPolicy(), Cos.putBucketPolicy)

describe("policy", () => {
  it("with anything unknown in it is put as it was read", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(policies, async (policy) => {
        const document = JSON.stringify(policy)
        const put = await Effect.runPromise(putAfter(policyAgain, document))
        expect(JSON.parse(put)).toEqual(JSON.parse(document))
      }),
      parameters
    ))

  it.effect("a single statement is a list of one, a principal may stand at the top, names have any case", () =>
    Effect.gen(function* () {
      const { layer } = ScriptedClient.make([
        {
          body: '{"version":"2.0","principal":{"qcs":["a"]},"statement":{"effect":"allow","action":"x","resource":["r"],"EFFECT":"deny"}}'
        }
      ])
      const { policy } = yield* Effect.provide(Cos.getBucketPolicy(), layer)
      expect(policy).toEqual({
        version: "2.0",
        principal: { qcs: ["a"] },
        statement: [{ effect: "allow", action: ["x"], resource: ["r"], EFFECT: "deny" }]
      })
    })
  )
})

// --- beside the property -----------------------------------------------------------------------------------------------

it.effect("unknown elements can be read, and survive JSON and a change beside them", () =>
  Effect.gen(function* () {
    const lifecycle = (status: string) =>
      `<LifecycleConfiguration><Rule><Status>${status}</Status><Expiration><Days>1</Days></Expiration><NewThing a="1">x</NewThing><NewThing/></Rule></LifecycleConfiguration>`
    const { layer, requests } = ScriptedClient.make([{ body: lifecycle("Enabled") }, {}])
    yield* Effect.gen(function* () {
      const { rules } = JSON.parse(JSON.stringify(yield* Cos.getBucketLifecycle()))
      expect(rules[0].unknownElements).toEqual({ NewThing: [{ "@a": "1", "#text": "x" }, ""] })
      yield* Cos.putBucketLifecycle({ rules: [{ ...rules[0], status: "Disabled" }] })
    }).pipe(Effect.provide(layer))
    expect(requests[1]?.text).toBe(lifecycle("Disabled"))
  })
)

it.effect("of an element that should be there once, further ones are kept", () =>
  Effect.gen(function* () {
    const document =
      "<OriginConfiguration><OriginRule><OriginType>Redirect</OriginType><OriginCondition/><OriginParameter><HttpRedirectCode>301</HttpRedirectCode><HttpRedirectCode>302</HttpRedirectCode></OriginParameter><OriginInfo><HostInfo><HostName>h</HostName><StandbyHostName_2>b</StandbyHostName_2></HostInfo></OriginInfo></OriginRule></OriginConfiguration>"
    const { layer, requests } = ScriptedClient.make([{ body: document }, {}])
    yield* Effect.gen(function* () {
      const origin = yield* Cos.getBucketOrigin()
      expect(origin.rules[0]?.originParameter?.httpRedirectCode).toBe(301)
      yield* Cos.putBucketOrigin(origin)
    }).pipe(Effect.provide(layer))
    expect(requests[1]?.text).toBe(document)
  })
)

it.effect("the key of a private origin is a secret", () =>
  Effect.gen(function* () {
    const key = "SECRET-KEY-OF-AN-ORIGIN"
    const document = `<OriginConfiguration><OriginRule><OriginType>Mirror</OriginType><OriginCondition/><OriginInfo><HostInfo><PrivateHost><CredentialProvider><SecretKey>${key}</SecretKey><EncryptedSecretKey>${key}</EncryptedSecretKey></CredentialProvider></PrivateHost></HostInfo></OriginInfo></OriginRule></OriginConfiguration>`
    const { layer, requests } = ScriptedClient.make([{ body: document }, {}])
    yield* Effect.gen(function* () {
      const origin = yield* Cos.getBucketOrigin()
      expect(JSON.stringify(origin)).not.toContain(key)
      yield* Cos.putBucketOrigin(origin)
    }).pipe(Effect.provide(layer))
    expect(requests[1]?.text).toBe(document)
  })
)

const wrong: ReadonlyArray<readonly [what: string, unknown: object]> = [
  ["a name with markup", { "a><b": "x" }],
  ["a value that is no text", { a: 1 }],
  ["an attribute that is no text", { "@a": { b: "c" } }],
  ["a value that is null", { a: null }],
  ["nothing but a list", ["a"]]
]
it.effect.each(wrong)("%s is refused before anything is sent", ([, unknownElements]) =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([{}])
    const error = yield* Effect.flip(
      Effect.provide(Cos.putBucketVersioning({ status: "Enabled", unknownElements: unknownElements as never }), layer)
    )
    expect(error).toMatchObject({ _tag: "InvalidInput", field: "unknownElements" })
    expect(requests).toEqual([])
  })
)
