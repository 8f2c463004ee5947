/**
 * Documents and headers as the newest pages and the live tests of the official SDK have them: accepted, given back as they
 * were put, and what the emulator cannot do said so.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, layer } from "effect-cos-emulator/Emulator"
import { bucket, send } from "./support/client.js"
import { code, md5, put } from "./support/requests.js"

const emulator = layer({ buckets: [bucket, "logs-1250000000"] })

const document = (subresource: string, body: string, query: Record<string, string> = {}) =>
  send("PUT", { body, query: { [subresource]: "", ...query }, headers: { "content-md5": md5(body) } })

/** What is given back, without its declaration. */
const kept = (subresource: string, query: Record<string, string> = {}) =>
  Effect.map(send("GET", { query: { [subresource]: "", ...query } }), ({ text }) => text.slice(text.indexOf("\n") + 1))

const header = (name: string) => `<${name}><Header><Key>x-cos</Key><Value>v</Value></Header></${name}>`
const origin = (parameter: string, info: string, rest = "") =>
  `<OriginConfiguration><OriginRule><OriginType>Mirror</OriginType><OriginCondition><HTTPStatusCode>404</HTTPStatusCode><Prefix/><Suffix>.jpg</Suffix><FilterHost><ForbidHost><DomainList><Domain>a.example</Domain></DomainList></ForbidHost></FilterHost></OriginCondition><OriginParameter>${parameter}</OriginParameter><OriginInfo>${info}</OriginInfo>${rest}</OriginRule></OriginConfiguration>`
const host = "<HostInfo><HostName>a.example</HostName></HostInfo>"

const documents: ReadonlyArray<readonly [title: string, subresource: string, body: string]> = [
  [
    "origin: several hosts with weights and standby hosts",
    "origin",
    origin(
      "<TransparentErrorCode>true</TransparentErrorCode>",
      "<HostInfo><HostName>a.example</HostName><Weight>2</Weight><StandbyHostName_1>b.example</StandbyHostName_1><StandbyHostName_2>c.example</StandbyHostName_2></HostInfo><HostInfo><HostName>d.example</HostName><Weight>1</Weight></HostInfo><FileInfo><FixedFileConfiguration><FixedFilePath>f</FixedFilePath></FixedFileConfiguration></FileInfo>",
      "<HTTPStandbyCode><StatusCode>404</StatusCode><StatusCode>5XX</StatusCode></HTTPStandbyCode>"
    )
  ],
  [
    "origin: NewHttpHeader in the singular, and a redirect code twice",
    "origin",
    origin(
      `<HTTPHeader>${header("NewHttpHeader")}</HTTPHeader><HttpRedirectCode>301</HttpRedirectCode><HttpRedirectCode>307</HttpRedirectCode>`,
      host
    )
  ],
  [
    "origin: headers that are not passed on, under either name",
    "origin",
    origin(
      "<HttpHeader><ForbidFollowHeaders><Header><Key>a</Key></Header></ForbidFollowHeaders><ForbidFollowHttpHeaders><Header><Key>b</Key></Header></ForbidFollowHttpHeaders></HttpHeader>",
      host
    )
  ],
  [
    "website: URLRedirect, Charity404, an ErrorDocument without Key",
    "website",
    "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><ErrorDocument><Charity404>Enabled</Charity404></ErrorDocument><RoutingRules><RoutingRule><Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition><Redirect><URLRedirect>Enabled</URLRedirect><ReplaceKeyWith>https://b.example</ReplaceKeyWith></Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>"
  ],
  [
    "lifecycle: AccessFrequency, a prefix of the rule, attributes and what nobody knows",
    "lifecycle",
    '<LifecycleConfiguration><Rule version="2"><Status>Enabled</Status><Prefix>a/</Prefix><Transition><StorageClass>COLD</StorageClass><AccessFrequency><AccessCountLessThan>1</AccessCountLessThan><RecentDays>30</RecentDays></AccessFrequency></Transition><Later xmlns:a="urn:a" a:b="c &amp; d">text</Later></Rule></LifecycleConfiguration>'
  ],
  [
    "CORS: methods in any case, an empty MaxAgeSeconds",
    "cors",
    "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>get</AllowedMethod><MaxAgeSeconds/></CORSRule></CORSConfiguration>"
  ],
  [
    "referer: VerifySignatureURL",
    "referer",
    "<RefererConfiguration><Status>Enabled</Status><RefererType>White-List</RefererType><DomainList><Domain>a.example</Domain></DomainList><VerifySignatureURL>Enabled</VerifySignatureURL></RefererConfiguration>"
  ],
  [
    "encryption: SM4",
    "encryption",
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm><KMSAlgorithm>SM4</KMSAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
  ]
]

describe("documents", () => {
  it.effect.each(documents)("%s", ([, subresource, body]) =>
    Effect.gen(function* () {
      const { status, text } = yield* document(subresource, body)
      expect([status, text]).toEqual([200, ""])
      expect(yield* kept(subresource)).toBe(body)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("encryption: the old name is answered as the new one", () =>
    Effect.gen(function* () {
      const named = (name: string) =>
        `<ServerSideEncryptionConfiguration><Rule><${name}><SSEAlgorithm>SM4</SSEAlgorithm></${name}></Rule></ServerSideEncryptionConfiguration>`
      expect((yield* document("encryption", named("ApplySideEncryptionConfiguration"))).status).toBe(200)
      expect(yield* kept("encryption")).toBe(named("ApplyServerSideEncryptionByDefault"))
      yield* put("k")
      expect((yield* send("HEAD", { key: "k" })).headers["x-cos-server-side-encryption"]).toBe("SM4")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("inventory: monthly", () =>
    Effect.gen(function* () {
      const body =
        "<InventoryConfiguration><Id>i</Id><IsEnabled>true</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><Bucket>qcs::cos:ap-guangzhou::logs-1250000000</Bucket></COSBucketDestination></Destination><Schedule><Frequency>Monthly</Frequency><MonthlyDate>31</MonthlyDate></Schedule><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>"
      expect((yield* document("inventory", body, { id: "i" })).status).toBe(200)
      expect(yield* kept("inventory", { id: "i" })).toBe(body)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("a CORS rule of lower-case methods answers preflights", () =>
    Effect.gen(function* () {
      yield* document("cors", documents.find(([, name]) => name === "cors")?.[2] ?? "")
      const headers = { origin: "https://a.example", "access-control-request-method": "GET" }
      expect((yield* send("OPTIONS", { key: "k", headers, as: null })).headers["access-control-allow-methods"]).toBe(
        "GET"
      )
    }).pipe(Effect.provide(emulator))
  )
})

describe("buckets and objects", () => {
  it.effect("a bucket's storage class is that of objects without one", () =>
    Effect.gen(function* () {
      const host = "cold-1250000000.cos.ap-guangzhou.myqcloud.com"
      const body =
        "<CreateBucketConfiguration><BucketAZConfig>OAZ</BucketAZConfig><BucketArchConfig>OFS</BucketArchConfig><BucketStorageClass>COLD</BucketStorageClass></CreateBucketConfiguration>"
      expect((yield* send("PUT", { host, body })).status).toBe(200)
      expect((yield* send("HEAD", { host })).headers).toMatchObject({ "x-cos-bucket-arch": "OFS" })
      yield* send("PUT", { host, key: "k", body: "x" })
      expect((yield* send("HEAD", { host, key: "k" })).headers["x-cos-storage-class"]).toBe("COLD")
      expect((yield* (yield* Emulator).journal)[0]?.notDone).toEqual(["BucketArchConfig"])
    }).pipe(Effect.provide(emulator))
  )

  it.effect("classes and encryption of today are stored", () =>
    Effect.gen(function* () {
      for (const storageClass of ["MAZ_ARCHIVE", "MAZ_DEEP_ARCHIVE"]) {
        const headers = { "x-cos-storage-class": storageClass, "x-cos-server-side-encryption": "SM4" }
        yield* send("PUT", { key: "k", body: "x", headers })
        expect((yield* send("HEAD", { key: "k" })).headers).toMatchObject(headers)
      }
    }).pipe(Effect.provide(emulator))
  )

  it.effect("a callback is checked, not sent, and said so", () =>
    Effect.gen(function* () {
      const header = (callback: unknown) => ({
        "x-cos-callback": Buffer.from(JSON.stringify(callback)).toString("base64")
      })
      const url = "https://a.example"
      expect(yield* code("PUT", { key: "k", body: "x", headers: header({ callbackUrl: url }) })).toBe("InvalidArgument")
      expect(yield* code("HEAD", { key: "k" })).toBe(404)
      const whole = header({ callbackUrl: url, callbackBody: "k" })
      const { headers, status } = yield* send("PUT", { key: "k", body: "x", headers: whole })
      expect([status, headers["x-emulator-not-done"]]).toEqual([200, "x-cos-callback"])
      expect((yield* (yield* Emulator).journal).at(-1)?.notDone).toEqual(["x-cos-callback"])
    }).pipe(Effect.provide(emulator))
  )
})
