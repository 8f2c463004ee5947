/** Configurations of buckets: statuses, what is not configured, pages, and reading what was put. */
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
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

const inventory = {
  isEnabled: true,
  destination: { format: "CSV", bucket: "b" },
  schedule: "Daily",
  includedObjectVersions: "All"
} as const

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

  it.effect("orNone keeps values and other errors", () =>
    Effect.gen(function* () {
      const some = yield* run(CosError.orNone(Cos.getBucketCors()), { body: "<CORSConfiguration/>" })
      expect(some.result).toMatchObject({ _tag: "Right", right: Option.some({ rules: [] }) })
      const missing = yield* run(CosError.orNone(Cos.getBucketCors()), ScriptedClient.error(404, "NoSuchBucket"))
      expect(missing.result).toMatchObject({ _tag: "Left", left: { _tag: "NoSuchBucket" } })
    })
  )

  it("orNone removes those errors, and only those, from the type", () => {
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

  it.effect("items are versions and delete markers, in the order of the pages", () =>
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

  it.effect("a list whose marker does not advance fails", () =>
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

describe("the output of one operation is the input of another", () => {
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
