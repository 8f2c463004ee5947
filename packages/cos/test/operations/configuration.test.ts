import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import type * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as ScriptedClient from "../support/ScriptedClient.js"

type Call = Effect.Effect<unknown, unknown, CosClient.CosClient>

const settings = { retry: RetryPolicy.none }

/** Runs one call against one answer. */
const run = <A, E>(call: Effect.Effect<A, E, CosClient.CosClient>, answer: ScriptedClient.Step = {}) => {
  const { layer, requests } = ScriptedClient.make([answer], { settings })
  return Effect.map(Effect.either(Effect.provide(call, layer)), (result) => ({ result, requests }))
}

const tag = (key: string, value = "") => ({ key, value })
const rule = { status: "Enabled" as const }
const corsRule = { allowedOrigins: ["*"], allowedMethods: ["GET" as const] }
const grant = { grantee: { id: "1" }, permission: "READ" as const }
const inventory = {
  isEnabled: true,
  destination: { format: "CSV", bucket: "b" },
  schedule: "Daily",
  includedObjectVersions: "All"
} as const

const tagsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "v"]))

describe("what cannot be sent is refused, by its field", () => {
  const refused: ReadonlyArray<readonly [message: string, call: Call]> = [
    [
      "putBucketTagging: tags must have at most 50 tags",
      Cos.putBucketTagging({ tags: Array.from({ length: 51 }, (_, i) => tag(`${i}`)) })
    ],
    [
      "putObjectTagging: tags must have at most 10 tags",
      Cos.putObjectTagging({ key: "k", tags: Array.from({ length: 11 }, (_, i) => tag(`${i}`)) })
    ],
    [
      "putBucketTagging: tags[2].key must be a key that no other tag has",
      Cos.putBucketTagging({ tags: [tag("a"), tag("b"), tag("a")] })
    ],
    ["putBucketTagging: tags[0].key must have 1 to 128 bytes", Cos.putBucketTagging({ tags: [tag("")] })],
    ["putBucketTagging: tags[0].key must have 1 to 128 bytes", Cos.putBucketTagging({ tags: [tag("中".repeat(43))] })],
    [
      "putBucketTagging: tags[0].value must have 0 to 256 bytes",
      Cos.putBucketTagging({ tags: [tag("a", "v".repeat(257))] })
    ],
    [
      "putBucketTagging: tags[1].value must be letters, digits, spaces and + - _ = . : /",
      Cos.putBucketTagging({ tags: [tag("a"), tag("b", "x&y")] })
    ],
    ["putObject: tagging must have at most 10 tags", Cos.putObject({ key: "k", tagging: tagsOf(11) })],
    ["putBucket: tagging must have at most 50 tags", Cos.putBucket({ tagging: tagsOf(51) })],
    [
      'putObject: tagging must not have the key "": a key must have 1 to 128 bytes',
      Cos.putObject({ key: "k", tagging: { "": "a" } })
    ],
    ["putObject: tagging.a must have 0 to 256 bytes", Cos.putObject({ key: "k", tagging: { a: "中".repeat(86) } })],
    ["putBucketCors: rules must have at most 100 rules", Cos.putBucketCors({ rules: Array(101).fill(corsRule) })],
    [
      "putBucketCors: rules[1].allowedMethods[1] must be one of GET, PUT, POST, DELETE, HEAD",
      Cos.putBucketCors({ rules: [corsRule, { ...corsRule, allowedMethods: ["GET", "PATCH"] }] })
    ],
    [
      "putBucketCors: rules[0].maxAgeSeconds must be an integer from 0",
      Cos.putBucketCors({ rules: [{ ...corsRule, maxAgeSeconds: -1 }] })
    ],
    [
      "putBucketLifecycle: rules must have at most 1,000 rules",
      Cos.putBucketLifecycle({ rules: Array(1001).fill(rule) })
    ],
    [
      "putBucketLifecycle: rules[0].id must have at most 255 characters",
      Cos.putBucketLifecycle({ rules: [{ ...rule, id: "i".repeat(256) }] })
    ],
    [
      "putBucketLifecycle: rules[0].status must be one of Enabled, Disabled",
      Cos.putBucketLifecycle({ rules: [{ status: "enabled" }] })
    ],
    [
      "putBucketLifecycle: rules[0].transitions[0] must have either days or date",
      Cos.putBucketLifecycle({ rules: [{ ...rule, transitions: [{ storageClass: "ARCHIVE" }] }] })
    ],
    [
      "putBucketLifecycle: rules[0].transitions[0] must have either days or date",
      Cos.putBucketLifecycle({
        rules: [{ ...rule, transitions: [{ days: 1, date: new Date(0), storageClass: "ARCHIVE" }] }]
      })
    ],
    [
      "putBucketLifecycle: rules[0].expiration must have one of days, date and expiredObjectDeleteMarker",
      Cos.putBucketLifecycle({ rules: [{ ...rule, expiration: { days: 1, expiredObjectDeleteMarker: true } }] })
    ],
    [
      "putBucketLifecycle: rules[1] must go by days or by date throughout: one rule cannot have both",
      Cos.putBucketLifecycle({
        rules: [
          rule,
          { ...rule, transitions: [{ days: 1, storageClass: "ARCHIVE" }], expiration: { date: new Date(0) } }
        ]
      })
    ],
    [
      "putBucketLifecycle: rules[0].expiration.days must be an integer from 1 to 3,650",
      Cos.putBucketLifecycle({ rules: [{ ...rule, expiration: { days: 3651 } }] })
    ],
    [
      "putBucketLifecycle: rules[0].transitions[0].days must be an integer from 0",
      Cos.putBucketLifecycle({ rules: [{ ...rule, transitions: [{ days: -1, storageClass: "ARCHIVE" }] }] })
    ],
    [
      "putBucketLifecycle: rules[0].transitions[0].date must be a valid Date instance",
      Cos.putBucketLifecycle({
        rules: [{ ...rule, transitions: [{ date: new Date(Number.NaN), storageClass: "A" }] }]
      })
    ],
    [
      "putBucketLifecycle: rules[0].filter.tags[0].key must be letters, digits, spaces and + - _ = . : /",
      Cos.putBucketLifecycle({ rules: [{ ...rule, filter: { tags: [tag("*")] } }] })
    ],
    [
      "putBucketAcl: acl must be one of private, public-read, public-read-write, authenticated-read",
      Cos.putBucketAcl({ acl: "default" as "private" })
    ],
    [
      "putObjectAcl: acl must be one of default, private, public-read, authenticated-read, bucket-owner-read, bucket-owner-full-control",
      Cos.putObjectAcl({ key: "k", acl: "public-read-write" as "private" })
    ],
    [
      "putBucketAcl: policy must be given without acl and grants in headers",
      Cos.putBucketAcl({ acl: "private", policy: { grants: [] } })
    ],
    [
      "putObjectAcl: policy must be given without acl and grants in headers",
      Cos.putObjectAcl({ key: "k", grantRead: ["1"], policy: { grants: [] } })
    ],
    [
      "putBucketAcl: policy.grants must have at most 100 grants",
      Cos.putBucketAcl({ policy: { grants: Array(101).fill(grant) } })
    ],
    [
      "putBucketAcl: policy.grants[1].grantee must have either id or uri",
      Cos.putBucketAcl({ policy: { grants: [grant, { ...grant, grantee: { id: "1", uri: Cos.allUsers } }] } })
    ],
    [
      "putBucketAcl: policy.grants[0].permission must be one of READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL",
      Cos.putBucketAcl({ policy: { grants: [{ ...grant, permission: "OWN" }] } })
    ],
    ["putBucketInventory: id must be letters, digits and - _ .", Cos.putBucketInventory({ ...inventory, id: "a/b" })],
    ["getBucketInventory: id must be letters, digits and - _ .", Cos.getBucketInventory({ id: "" })],
    [
      "putBucketInventory: schedule must be one of Daily, Weekly",
      Cos.putBucketInventory({ ...inventory, id: "i", schedule: "Hourly" })
    ],
    [
      "putBucketInventory: filter.period.startTime must be a Date from 1970 on",
      Cos.putBucketInventory({ ...inventory, id: "i", filter: { period: { startTime: new Date(-1) } } })
    ],
    [
      "putObjectLockConfiguration: defaultRetentionDays must be an integer from 1 to 36,500",
      Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 36_501 })
    ],
    [
      "putBucketWebsite: errorDocument must be text that XML can carry",
      Cos.putBucketWebsite({ indexDocument: "index.html", errorDocument: { key: "\u0001" } })
    ],
    [
      "putBucketDomainCertificate: privateKey must be text that XML can carry",
      Cos.putBucketDomainCertificate({
        certType: "CustomCert",
        privateKey: Redacted.make("SECRET\u0001"),
        domainNames: []
      })
    ],
    [
      "completeMultipartUpload: parts[0].partNumber must be an integer from 1 to 10,000",
      Cos.completeMultipartUpload({ key: "k", uploadId: "u", parts: [{ partNumber: 0, eTag: "e" }] })
    ],
    // As from a program without types.
    ["putBucketVersioning: status must be given", Cos.putBucketVersioning({} as { status: "Enabled" })],
    [
      "putBucketReplication: rules[0].destination.bucket must be given",
      Cos.putBucketReplication({ role: "r", rules: [{ ...rule, destination: {} as { bucket: string } }] })
    ],
    [
      "putBucketPolicy: policy.statement[0].resource must be given",
      Cos.putBucketPolicy({
        policy: { statement: [{ effect: "Allow", action: ["a"] } as unknown as Cos.PolicyStatement] }
      })
    ]
  ]

  it.effect.each(refused)("%s", ([message, call]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* run(call)
      expect(result._tag === "Left" && result.left instanceof CosError.InvalidInput && result.left.message).toBe(
        message
      )
      expect(requests).toEqual([])
    })
  )

  it.effect("a secret is in no error", () =>
    Effect.gen(function* () {
      const { result } = yield* run(
        Cos.putBucketDomainCertificate({
          certType: "CustomCert",
          privateKey: "SECRET" as unknown as Redacted.Redacted<string>,
          domainNames: []
        })
      )
      expect(result._tag).toBe("Left")
      expect(JSON.stringify(result)).not.toContain("SECRET")
    })
  )
})

describe("the limits themselves can be sent", () => {
  const accepted: ReadonlyArray<readonly [string, Call]> = [
    ["50 tags", Cos.putBucketTagging({ tags: Array.from({ length: 50 }, (_, i) => tag(`${i}`)) })],
    [
      "the longest tag, of all that is allowed",
      Cos.putObjectTagging({ key: "k", tags: [tag(`${"中".repeat(42)}é`, `Az09 +-_=.:/${"v".repeat(244)}`)] })
    ],
    ["100 CORS rules", Cos.putBucketCors({ rules: Array(100).fill(corsRule) })],
    ["1,000 lifecycle rules", Cos.putBucketLifecycle({ rules: Array(1000).fill({ ...rule, id: "i".repeat(255) }) })],
    [
      "days",
      Cos.putBucketLifecycle({
        rules: [{ ...rule, transitions: [{ days: 0, storageClass: "COLD" }], expiration: { days: 3650 } }]
      })
    ],
    ["50 tags", Cos.putBucket({ tagging: tagsOf(50) })],
    ["100 grants", Cos.putBucketAcl({ policy: { grants: Array(100).fill(grant) } })],
    ["100 years", Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 36_500 })]
  ]
  it.effect.each(accepted)("%s", ([, call]) =>
    Effect.gen(function* () {
      const { requests, result } = yield* run(call)
      expect([result._tag, requests.length]).toEqual(["Right", 1])
    })
  )
})

describe("statuses", () => {
  const writes: ReadonlyArray<readonly [string, Call]> = [
    ["putBucketTagging", Cos.putBucketTagging({ tags: [] })],
    ["putObjectTagging", Cos.putObjectTagging({ key: "k", tags: [] })],
    ["putBucketPolicy", Cos.putBucketPolicy({ policy: { statement: [] } })],
    ["putBucketCors", Cos.putBucketCors({ rules: [] })],
    ["putBucketAcl", Cos.putBucketAcl({ acl: "private" })],
    ["deleteBucketPolicy", Cos.deleteBucketPolicy()],
    ["deleteBucketCors", Cos.deleteBucketCors()],
    ["postBucketInventory", Effect.map(Cos.postBucketInventory({ ...inventory, id: "i" }), () => undefined)]
  ]
  const both = writes.flatMap(([name, call]) => [200, 204].map((status) => [name, status, call] as const))
  it.effect.each(both)("%s: %s", ([, status, call]) =>
    Effect.gen(function* () {
      const { result } = yield* run(call, { status })
      expect(result).toMatchObject({ _tag: "Right", right: undefined })
    })
  )

  it.effect("an empty 200 is no configuration", () =>
    Effect.gen(function* () {
      const { result } = yield* run(Cos.getBucketVersioning())
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "MalformedResponse" } })
    })
  )

  it.effect("an <Error> under 200 is an error", () =>
    Effect.gen(function* () {
      const { result } = yield* run(Cos.getBucketCors(), {
        ...ScriptedClient.error(200, "NoSuchCORSConfiguration")
      })
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "NoSuchCORSConfiguration" } })
    })
  )
})

describe("nothing configured", () => {
  const table: ReadonlyArray<readonly [code: string, tag: string, call: Call]> = [
    ["NoSuchCORSConfiguration", "NoSuchCORSConfiguration", Cos.getBucketCors()],
    ["NoSuchTagSet", "NoSuchTagSet", Cos.getBucketTagging()],
    ["NoSuchTagSetError", "NoSuchTagSet", Cos.getBucketTagging()],
    ["NoSuchTagSetError", "NoSuchTagSet", Cos.getObjectTagging({ key: "k" })],
    ["NoSuchLifecycleConfiguration", "NoSuchLifecycleConfiguration", Cos.getBucketLifecycle()],
    ["ReplicationConfigurationNotFoundError", "ReplicationConfigurationNotFoundError", Cos.getBucketReplication()],
    ["NoSuchWebsiteConfiguration", "NoSuchWebsiteConfiguration", Cos.getBucketWebsite()],
    ["NoSuchRefererConfiguration", "NoSuchRefererConfiguration", Cos.getBucketReferer()],
    ["NoSuchBucketPolicy", "NoSuchBucketPolicy", Cos.getBucketPolicy()],
    ["NoSuchPolicy", "NoSuchBucketPolicy", Cos.getBucketPolicy()],
    ["NoSuchPolicyVersion", "NoSuchBucketPolicy", Cos.getBucketPolicy()],
    ["NoSuchEncryptionConfiguration", "NoSuchEncryptionConfiguration", Cos.getBucketEncryption()],
    ["InventoryConfigurationNotFoundError", "InventoryConfigurationNotFoundError", Cos.getBucketInventory({ id: "i" })],
    ["OriginConfigurationNotFoundError", "OriginConfigurationNotFoundError", Cos.getBucketOrigin()],
    ["NoSuchObjectLockConfiguration", "NoSuchObjectLockConfiguration", Cos.getObjectLockConfiguration()]
  ]
  it.effect.each(table)("%s is %s, and None", ([code, tag, call]) =>
    Effect.gen(function* () {
      const failed = yield* run(call, ScriptedClient.error(404, code))
      expect(failed.result).toMatchObject({ _tag: "Left", left: { _tag: tag, code, status: 404 } })
      const none = yield* run(CosError.orNone(call), ScriptedClient.error(404, code))
      expect(none.result).toMatchObject({ _tag: "Right", right: Option.none() })
    })
  )

  it.effect("orNone keeps answers and other errors", () =>
    Effect.gen(function* () {
      const some = yield* run(CosError.orNone(Cos.getBucketCors()), { body: "<CORSConfiguration/>" })
      expect(some.result).toMatchObject({ _tag: "Right", right: Option.some({ rules: [] }) })
      const missing = yield* run(CosError.orNone(Cos.getBucketCors()), ScriptedClient.error(404, "NoSuchBucket"))
      expect(missing.result).toMatchObject({ _tag: "Left", left: { _tag: "NoSuchBucket" } })
    })
  )

  it("orNone takes those errors, and only those, out of the type", () => {
    const rules = Cos.getBucketCors().pipe(CosError.orNone)
    type Left = Effect.Effect.Error<typeof rules>
    const same: [Left] extends [CosError.NoSuchBucket | CosError.Common]
      ? [CosError.NoSuchBucket | CosError.Common] extends [Left]
        ? true
        : false
      : false = true
    expect(same).toBe(true)
  })
})

describe("ACL", () => {
  const everyone = (...permissions: ReadonlyArray<string>) =>
    permissions.map((permission) => ({ grantee: { uri: Cos.allUsers }, permission }))
  it.each([
    ["private", []],
    ["private", [{ grantee: { id: "qcs::cam::uin/2:uin/2" }, permission: "FULL_CONTROL" }]],
    ["private", everyone("READ_ACP", "WRITE")],
    ["public-read", everyone("READ")],
    ["public-read-write", everyone("WRITE", "READ")],
    ["public-read-write", everyone("FULL_CONTROL")],
    ["public-read-write", [{ grantee: { id: "qcs::cam::anyone:anyone" }, permission: "FULL_CONTROL" }]],
    ["authenticated-read", [{ grantee: { uri: Cos.authenticatedUsers }, permission: "READ" }]]
  ])("%s is what the grants make", (acl, grants) => {
    expect(Cos.cannedAcl({ grants })).toBe(acl)
    expect(Cos.cannedAcl({ grants, acl: "bucket-owner-read" })).toBe("bucket-owner-read")
  })
})

describe("versions", () => {
  const version = (key: string, id: string) =>
    `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>false</IsLatest><LastModified>2020-12-10T03:37:30.000Z</LastModified><ETag>e</ETag><Size>1</Size></Version>`
  const marker = (key: string, id: string) =>
    `<DeleteMarker><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>true</IsLatest><LastModified>2020-12-10T03:37:30.000Z</LastModified></DeleteMarker>`
  const page = (next: string | undefined, ...entries: ReadonlyArray<string>) => ({
    body: `<ListVersionsResult><EncodingType>url</EncodingType><Name>b</Name><IsTruncated>${next !== undefined}</IsTruncated>${next ?? ""}${entries.join("")}</ListVersionsResult>`
  })

  it.effect("items are both kinds, in the order of the pages", () =>
    Effect.gen(function* () {
      const { layer, requests } = ScriptedClient.make([
        page(
          "<NextKeyMarker>a%2B</NextKeyMarker><NextVersionIdMarker/>",
          marker("a%2B", "5"),
          version("a%2B", "4"),
          version("a%2B", "3"),
          marker("a%2B", "2")
        ),
        // A server that names no next page: from the last entry, then from the last prefix.
        page("", version("b", "1"), marker("b", "0")),
        page("<CommonPrefixes><Prefix>c%2F</Prefix></CommonPrefixes>"),
        page(undefined, version("d", "null"))
      ])
      const items = yield* Cos.listObjectVersions.items({ maxKeys: 4 }).pipe(Stream.runCollect, Effect.provide(layer))
      expect(Chunk.toReadonlyArray(items).map((item) => [item._tag, item.key, item.versionId])).toEqual([
        ["DeleteMarker", "a+", "5"],
        ["Version", "a+", "4"],
        ["Version", "a+", "3"],
        ["DeleteMarker", "a+", "2"],
        ["Version", "b", "1"],
        ["DeleteMarker", "b", "0"],
        ["Version", "d", "null"]
      ])
      expect(requests.map(({ target }) => target)).toEqual([
        "/?versions=&encoding-type=url&max-keys=4",
        "/?versions=&encoding-type=url&max-keys=4&key-marker=a%2B&version-id-marker=",
        "/?versions=&encoding-type=url&max-keys=4&key-marker=b&version-id-marker=0",
        "/?versions=&encoding-type=url&max-keys=4&key-marker=c%2F"
      ])
    })
  )

  it.effect("a list that does not move on ends in an error", () =>
    Effect.gen(function* () {
      const stuck = page("<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>")
      const { layer } = ScriptedClient.make([stuck, stuck])
      const error = yield* Cos.listObjectVersions.items().pipe(Stream.runDrain, Effect.flip, Effect.provide(layer))
      expect(error._tag).toBe("PaginationStuck")
    })
  )
})

describe("inventory", () => {
  it.effect("items are those of all pages", () =>
    Effect.gen(function* () {
      const one = (id: string) =>
        `<InventoryConfiguration><Id>${id}</Id><IsEnabled>true</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><Bucket>b</Bucket></COSBucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>`
      const page = (content: string) => ({
        body: `<ListInventoryConfigurationResult>${content}</ListInventoryConfigurationResult>`
      })
      const { layer, requests } = ScriptedClient.make([
        page(`${one("a")}${one("b")}<IsTruncated>true</IsTruncated><NextContinuationToken>t/1</NextContinuationToken>`),
        page(`${one("c")}<IsTruncated>false</IsTruncated>`)
      ])
      const items = yield* Cos.listBucketInventory.items().pipe(Stream.runCollect, Effect.provide(layer))
      expect(Chunk.toReadonlyArray(items).map(({ id }) => id)).toEqual(["a", "b", "c"])
      expect(requests.map(({ target }) => target)).toEqual(["/?inventory=", "/?inventory=&continuation-token=t%2F1"])
    })
  )
})

describe("what one operation answers another takes", () => {
  /** Reads the document, writes what was read, and reads what was written. */
  const roundTrip = <A extends object, I>(
    title: string,
    get: Call & Effect.Effect<A, unknown, CosClient.CosClient>,
    put: (input: A) => Effect.Effect<I, unknown, CosClient.CosClient>,
    document: string
  ) => [title, get, put as (input: object) => Call, document] as const

  const all = [
    roundTrip(
      "acl",
      Cos.getBucketAcl(),
      (policy) => Cos.putBucketAcl({ policy }),
      "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee><ID>1</ID><DisplayName>d</DisplayName></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
    ),
    roundTrip(
      "cors",
      Cos.getBucketCors(),
      Cos.putBucketCors,
      "<CORSConfiguration><CORSRule><ID>&#13;&lt;&amp;amp;</ID><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>a</ExposeHeader></CORSRule><ResponseVary>false</ResponseVary></CORSConfiguration>"
    ),
    roundTrip(
      "lifecycle",
      Cos.getBucketLifecycle(),
      Cos.putBucketLifecycle,
      "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><And><Prefix>p</Prefix><Tag><Key>a</Key><Value/></Tag></And></Filter><Transition><Days>1</Days><StorageClass>NEW</StorageClass></Transition></Rule></LifecycleConfiguration>"
    ),
    roundTrip(
      "replication",
      Cos.getBucketReplication(),
      Cos.putBucketReplication,
      "<ReplicationConfiguration><Role>r</Role><Rule><Status>Enabled</Status><Priority>1</Priority><Filter><And><Prefix>p</Prefix></And></Filter><Destination><Bucket>b</Bucket><EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID></EncryptionConfiguration></Destination><DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication></Rule></ReplicationConfiguration>"
    ),
    roundTrip(
      "inventory",
      Cos.getBucketInventory({ id: "i" }),
      Cos.putBucketInventory,
      "<InventoryConfiguration><Id>i</Id><IsEnabled>false</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><Bucket>b</Bucket><Encryption><SSE-COS/></Encryption></COSBucketDestination></Destination><Schedule><Frequency>Weekly</Frequency></Schedule><Filter><Prefix>p</Prefix><Period><EndTime>5</EndTime></Period></Filter><IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields></InventoryConfiguration>"
    ),
    roundTrip(
      "logging",
      Cos.getBucketLogging(),
      Cos.putBucketLogging,
      "<BucketLoggingStatus><LoggingEnabled><TargetBucket>b</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>"
    ),
    roundTrip("logging, off", Cos.getBucketLogging(), Cos.putBucketLogging, "<BucketLoggingStatus/>"),
    roundTrip(
      "domain",
      Cos.getBucketDomain(),
      Cos.putBucketDomain,
      "<DomainConfiguration><DomainRule><Status>ENABLED</Status><Name>n</Name><Type>REST</Type></DomainRule></DomainConfiguration>"
    ),
    roundTrip(
      "policy",
      Cos.getBucketPolicy(),
      Cos.putBucketPolicy,
      '{"version":"2.0","Statement":[{"Sid":"s","Effect":"Deny","Principal":"*","Action":["a"],"Resource":["r"],"Condition":{"x":{"y":[1,true,"z"]}},"NotKnown":{"Effect":[1]}}],"Id":"i"}'
    )
  ]
  it.effect.each(all)("%s", ([, get, put, document]) =>
    Effect.gen(function* () {
      const { layer, requests } = ScriptedClient.make([{ body: document }, {}, (request) => again(request)], {
        settings
      })
      const again = (_: ScriptedClient.Recorded): ScriptedClient.Step => ({ body: requests[1]?.text ?? "" })
      yield* Effect.gen(function* () {
        const read = (yield* get) as object
        yield* put(read)
        expect(yield* get).toEqual(read)
      }).pipe(Effect.provide(layer))
      expect(requests[1]?.text).toEqual(document)
    })
  )
})

/** Every operation of the protocol's configuration sections is there, under its name. */
it("names", () => {
  const groups = {
    ...Object.fromEntries(
      "Cors Tagging Lifecycle Replication Website Policy Inventory Encryption Domain DomainCertificate Origin"
        .split(" ")
        .map((group) => [group, ["put", "get", "delete"]])
    ),
    ...Object.fromEntries(
      "Acl Versioning Referer Logging Accelerate IntelligentTiering IntelligentTieringConfiguration"
        .split(" ")
        .map((group) => [group, ["put", "get"]])
    )
  }
  const names = [
    ...Object.entries(groups).flatMap(([group, verbs]) => verbs.map((verb) => `${verb}Bucket${group}`)),
    "getBucketLocation",
    "listObjectVersions",
    "listBucketInventory",
    "postBucketInventory",
    "listBucketIntelligentTieringConfigurations",
    "putObjectAcl",
    "getObjectAcl",
    "putObjectTagging",
    "getObjectTagging",
    "deleteObjectTagging",
    "putObjectLockConfiguration",
    "getObjectLockConfiguration",
    "putObjectRetention",
    "getObjectRetention"
  ]
  const exported = Cos as unknown as { readonly [name: string]: Partial<Operation.Has<never, unknown, unknown>> }
  for (const name of names) expect([name, exported[name]?.spec?.name]).toEqual([name, name])
  expect(names.length).toBe(61)
})
