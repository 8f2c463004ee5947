/**
 * Configuration documents: what is refused, what comes back, and what they change for other requests. Raw requests.
 */
import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { layer } from "effect-cos-emulator/Emulator"
import { bucket, type Send, send } from "./support/client.js"

const emulator = layer({ buckets: [bucket, "logs-1250000000"], strict: true })

const md5 = (text: string) => createHash("md5").update(text).digest("base64")
const put = (subresource: string, body: string, options: Send = {}) =>
  send("PUT", {
    body,
    ...options,
    query: { [subresource]: "", ...options.query },
    headers: { "content-md5": md5(body), ...options.headers }
  })
const get = (subresource: string, options: Send = {}) =>
  send("GET", { ...options, query: { [subresource]: "", ...options.query } })
const message = (text: string) =>
  /<Message>([^<]*)<\/Message>/.exec(text)?.[1]?.replace(/&lt;/g, "<").replace(/&gt;/g, ">")

interface Sample {
  readonly name: string
  readonly root: string
  readonly inside: string
  /** The code without one; `undefined`: the root alone. */
  readonly none: string | undefined
  readonly id?: string
  readonly md5?: false
  readonly removable?: false
}

const samples: ReadonlyArray<Sample> = [
  {
    name: "cors",
    root: "CORSConfiguration",
    inside:
      "<CORSRule><ID>1</ID><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>",
    none: "NoSuchCORSConfiguration"
  },
  {
    name: "lifecycle",
    root: "LifecycleConfiguration",
    inside:
      "<Rule><Status>Enabled</Status><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Transition><Days>0</Days><StorageClass>COLD</StorageClass></Transition><Expiration><Days>1</Days></Expiration></Rule>",
    none: "NoSuchLifecycleConfiguration"
  },
  {
    name: "website",
    root: "WebsiteConfiguration",
    inside:
      "<IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule><Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>b</ReplaceKeyWith></Redirect></RoutingRule></RoutingRules>",
    none: "NoSuchWebsiteConfiguration"
  },
  {
    name: "referer",
    root: "RefererConfiguration",
    inside:
      "<Status>Disabled</Status><RefererType>Black-List</RefererType><DomainList><Domain>a.example</Domain></DomainList>",
    none: "NoSuchRefererConfiguration"
  },
  {
    name: "logging",
    root: "BucketLoggingStatus",
    inside:
      "<LoggingEnabled><TargetBucket>logs-1250000000</TargetBucket><TargetPrefix>log/</TargetPrefix></LoggingEnabled>",
    none: undefined,
    removable: false
  },
  {
    name: "inventory",
    id: "i",
    root: "InventoryConfiguration",
    inside:
      "<Id>i</Id><IsEnabled>true</IsEnabled><Destination><COSBucketDestination><Format>CSV</Format><Bucket>qcs::cos:ap-guangzhou::logs-1250000000</Bucket></COSBucketDestination></Destination><Schedule><Frequency>Weekly</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field></OptionalFields>",
    none: "InventoryConfigurationNotFoundError"
  },
  {
    name: "accelerate",
    root: "AccelerateConfiguration",
    inside: "<Status>Suspended</Status>",
    none: undefined,
    md5: false,
    removable: false
  },
  {
    name: "encryption",
    root: "ServerSideEncryptionConfiguration",
    inside:
      "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>",
    none: "NoSuchEncryptionConfiguration"
  },
  {
    name: "domain",
    root: "DomainConfiguration",
    inside: "<DomainRule><Status>ENABLED</Status><Name>a.example</Name><Type>REST</Type></DomainRule>",
    none: undefined
  },
  {
    name: "origin",
    root: "OriginConfiguration",
    inside:
      "<OriginRule><OriginType>Proxy</OriginType><OriginCondition><HTTPStatusCode>404</HTTPStatusCode></OriginCondition><OriginInfo><HostInfo><HostName>o.example</HostName></HostInfo></OriginInfo></OriginRule>",
    none: "OriginConfigurationNotFoundError"
  },
  {
    name: "intelligenttiering",
    root: "IntelligentTieringConfiguration",
    inside: "<Status>Enabled</Status><Transition><Days>60</Days></Transition>",
    none: undefined,
    md5: false,
    removable: false
  },
  {
    name: "intelligent-tiering",
    id: "t",
    root: "IntelligentTieringConfiguration",
    inside: "<Id>t</Id><Status>Enabled</Status><Tiering><AccessTier>INFREQUENT</AccessTier><Days>30</Days></Tiering>",
    none: "NoSuchConfiguration",
    md5: false,
    removable: false
  },
  {
    name: "object-lock",
    root: "ObjectLockConfiguration",
    inside:
      "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Days>1</Days></DefaultRetention></Rule>",
    none: "NoSuchObjectLockConfiguration",
    md5: false,
    removable: false
  }
]

/** Documents with one thing wrong, and what the refusal has to name. */
const spoilt = ({ inside, root }: Sample): ReadonlyArray<readonly [body: string, named: string]> => {
  const document = `<${root}>${inside}</${root}>`
  const opened = Array.from(document.matchAll(/<(\w+)>/g))
  const leaves = Array.from(document.matchAll(/<(\w+)>([^<]+)<\/\1>/g))
  return [
    // Something unknown in every element, leaves included.
    ...opened.map((match): readonly [string, string] => {
      const at = match.index + match[0].length
      return [`${document.slice(0, at)}<Nonsense/>${document.slice(at)}`, "<Nonsense> is unknown"]
    }),
    // Text between elements.
    [document.replace(`<${root}>`, `<${root}>text`), `<${root}> holds elements, not text`],
    [document.replaceAll(root, "Other"), `the root is <Other>, not <${root}>`],
    [document.slice(0, -1), "no markup"],
    [`<!DOCTYPE x>${document}`, "no markup"],
    // What can be there once, twice.
    ...leaves
      .filter(([, name = ""]) =>
        /^(?:ID|Id|Status|Suffix|RefererType|TargetBucket|SSEAlgorithm|HostName|ObjectLockEnabled)$/.test(name)
      )
      .map((match): readonly [string, string] => [
        document.slice(0, match.index) + match[0] + document.slice(match.index),
        `has <${match[1]}> 2 times`
      ]),
    // Words that are not among those known.
    ...leaves
      .filter(([, , text = ""]) =>
        /^(?:Enabled|Disabled|true|GET|CSV|Weekly|ENABLED|Proxy|AES256|Suspended)$/.test(text)
      )
      .map((match): readonly [string, string] => [
        `${document.slice(0, match.index)}<${match[1]}>other</${match[1]}>${document.slice(match.index + match[0].length)}`,
        `<${match[1]}> must be`
      ])
  ]
}

describe.each(samples)("$name", (sample) => {
  const { id, inside, name, none, root } = sample
  const query: Record<string, string> = id === undefined ? {} : { id }
  const document = `<?xml version="1.0"?>\n<${root}>\n  ${inside}</${root}>`

  it.effect("comes back as it was put, until it is removed", () =>
    Effect.gen(function* () {
      const nothing = Effect.gen(function* () {
        const answer = yield* get(name, { query })
        if (none === undefined) expect(answer.text).toMatch(new RegExp(`<${root}/>$`))
        else expect([answer.status, answer.code]).toEqual([404, none])
      })
      yield* nothing
      const answer = yield* put(name, document, { query })
      expect([answer.status, answer.text]).toEqual([200, ""])
      const kept = yield* get(name, { query })
      expect(kept.headers["content-type"]).toBe("application/xml")
      expect(kept.text).toBe(`<?xml version='1.0' encoding='utf-8' ?>\n<${root}>${inside}</${root}>`)
      const remove = yield* send("DELETE", { query: { [name]: "", ...query } })
      if (sample.removable === false) return expect(remove.code).toBe("MethodNotAllowed")
      expect(remove.status).toBe(204)
      yield* nothing
      expect((yield* send("DELETE", { query: { [name]: "", ...query } })).status).toBe(204)
    }).pipe(Effect.provide(emulator))
  )

  it.effect("is refused by name when anything is wrong", () =>
    Effect.gen(function* () {
      for (const [body, named] of spoilt(sample)) {
        const answer = yield* put(name, body, { query })
        expect([answer.status, answer.code], body).toEqual([400, "MalformedXML"])
        expect(message(answer.text), body).toContain(named)
      }
      const digest = (value: string) => put(name, document, { query, headers: { "content-md5": value } })
      expect((yield* digest(md5("other"))).code).toBe("BadDigest")
      expect((yield* digest("nonsense")).code).toBe("InvalidDigest")
      const stranger = yield* get(name, { query: { ...query, unheard: "of" } })
      expect(message(stranger.text)).toContain("query parameter unheard")
      expect((yield* get(name, { query, as: null })).code).toBe("AccessDenied")
      const kept = yield* get(name, { query })
      expect(kept.code ?? kept.text).toEqual(none ?? expect.stringContaining(`<${root}/>`))
      expect((yield* digest("")).code).toBe(sample.md5 === false ? undefined : "InvalidRequest")
    }).pipe(Effect.provide(emulator))
  )
})

describe("documents that contradict", () => {
  const code = (subresource: string, body: string, query: Record<string, string> = {}) =>
    Effect.map(put(subresource, body, { query }), (answer) => answer.code ?? answer.status)

  it.effect("themselves, or the state of the bucket, are refused", () =>
    Effect.gen(function* () {
      const rule = (inside: string) =>
        `<LifecycleConfiguration><Rule><Status>Enabled</Status>${inside}</Rule></LifecycleConfiguration>`
      const transition = (inside: string) => `<Transition>${inside}<StorageClass>ARCHIVE</StorageClass></Transition>`
      const date = "<Date>2030-01-01T12:00:00.000Z</Date>"
      expect(yield* code("lifecycle", rule(transition("")))).toBe("InvalidRequest")
      expect(yield* code("lifecycle", rule(transition(`<Days>1</Days>${date}`)))).toBe("InvalidRequest")
      expect(yield* code("lifecycle", rule(`${transition("<Days>1</Days>")}<Expiration>${date}</Expiration>`))).toBe(
        "InvalidRequest"
      )
      expect(yield* code("lifecycle", rule("<Expiration/>"))).toBe("InvalidRequest")
      expect(yield* code("lifecycle", rule("<Expiration><Days>0</Days></Expiration>"))).toBe("MalformedXML")
      expect(yield* code("lifecycle", rule(transition("<Date>tomorrow</Date>")))).toBe("MalformedXML")
      expect(yield* code("lifecycle", rule(`<ID>${"x".repeat(256)}</ID>`))).toBe("MalformedXML")
      const rules = (count: number) =>
        `<LifecycleConfiguration>${"<Rule><Status>Enabled</Status></Rule>".repeat(count)}</LifecycleConfiguration>`
      expect(yield* code("lifecycle", rules(1001))).toBe("MalformedXML")
      expect(yield* code("lifecycle", rules(1000))).toBe(200)

      const log = (target: string) =>
        `<BucketLoggingStatus><LoggingEnabled><TargetBucket>${target}</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>`
      expect(yield* code("logging", log("missing-1250000000"))).toBe("InvalidTargetBucketForLogging")

      const replication =
        "<ReplicationConfiguration><Role>r</Role><Rule><Status>Enabled</Status><Destination><Bucket>qcs::cos:ap-beijing::b-1</Bucket></Destination></Rule></ReplicationConfiguration>"
      expect(yield* code("replication", replication)).toBe("BucketVersionNotOpen")
      yield* put("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
      expect(yield* code("replication", replication)).toBe(200)

      const locked = (days: number) =>
        `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Days>${days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`
      const lock = locked(1)
      for (const days of [0, 36_501]) expect(yield* code("object-lock", locked(days))).toBe("InvalidLockedTime")
      const suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
      yield* put("versioning", suspend)
      expect(yield* code("object-lock", lock)).toBe("InvalidBucketState")
      yield* put("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
      expect(yield* code("object-lock", lock)).toBe(200)
      expect(yield* code("versioning", suspend)).toBe("InvalidBucketState")

      const tiering = (days: number) =>
        `<IntelligentTieringConfiguration><Status>Enabled</Status><Transition><Days>${days}</Days></Transition></IntelligentTieringConfiguration>`
      expect(yield* code("intelligenttiering", tiering(30))).toBe(200)
      expect(yield* code("intelligenttiering", tiering(30))).toBe(200)
      expect(yield* code("intelligenttiering", tiering(60))).toBe("InvalidBucketState")

      const { inside = "" } = samples.find(({ name }) => name === "inventory") ?? {}
      const inventory = `<InventoryConfiguration>${inside}</InventoryConfiguration>`
      expect(yield* code("inventory", inventory, { id: "other" })).toBe("InvalidArgument")
      const origin = (text: string) =>
        `<CORSConfiguration><CORSRule><AllowedOrigin>${text}</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>`
      for (const wrong of ["", "a.example", "https://*.*.example", "https://a b"]) {
        expect(yield* code("cors", origin(wrong)), wrong).toBe("MalformedXML")
      }
    }).pipe(Effect.provide(emulator))
  )
})

describe("what documents change", () => {
  it.effect("the bucket's encryption applies to new objects without encryption headers", () =>
    Effect.gen(function* () {
      const sse = "x-cos-server-side-encryption"
      const document = (algorithm: string) =>
        `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${algorithm}</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`
      const stored = (headers: Record<string, string> = {}) =>
        Effect.gen(function* () {
          const answer = yield* send("PUT", { key: "k", body: "x", headers })
          const head = yield* send("HEAD", { key: "k" })
          expect(head.headers[sse]).toBe(answer.headers[sse])
          return head.headers
        })
      expect((yield* stored())[sse]).toBeUndefined()
      yield* put("encryption", document("KMS"))
      const encrypted = yield* stored()
      expect(encrypted[sse]).toBe("cos/kms")
      expect(encrypted.etag).not.toBe(`"${createHash("md5").update("x").digest("hex")}"`)
      expect((yield* stored({ [sse]: "AES256" }))[sse]).toBe("AES256")
      yield* put("encryption", document("AES256"))
      expect((yield* stored())[sse]).toBe("AES256")
      yield* send("DELETE", { query: { encryption: "" } })
      expect((yield* stored())[sse]).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )

  it.effect("acceleration switches the accelerate host on and off", () =>
    Effect.gen(function* () {
      const host = `${bucket}.cos.accelerate.myqcloud.com`
      const document = (status: string) =>
        `<AccelerateConfiguration><Status>${status}</Status></AccelerateConfiguration>`
      yield* send("PUT", { key: "k", body: "fast" })
      expect((yield* send("GET", { key: "k", host })).code).toBe("BucketAccelerateNotEnabled")
      yield* put("accelerate", document("Enabled"))
      expect((yield* send("GET", { key: "k", host })).text).toBe("fast")
      yield* put("accelerate", document("Suspended"))
      expect((yield* send("GET", { key: "k", host })).code).toBe("BucketAccelerateNotEnabled")
    }).pipe(Effect.provide(emulator))
  )

  it.effect("responses and errors carry the CORS headers of the rules", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "k", body: "x" })
      const origin = "https://shop.example"
      const ask = (method: "GET" | "PUT" | "HEAD", key: string, from: string = origin) =>
        Effect.map(
          send(method, { key, headers: { origin: from }, body: method === "PUT" ? "x" : "" }),
          ({ headers }) => [
            headers["access-control-allow-origin"],
            headers["access-control-allow-credentials"],
            headers["access-control-expose-headers"],
            headers.vary
          ]
        )
      const none = [undefined, undefined, undefined, undefined]
      expect(yield* ask("GET", "k")).toEqual(none)
      yield* put(
        "cors",
        `<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>ETag</ExposeHeader></CORSRule><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule></CORSConfiguration>`
      )
      expect(yield* ask("GET", "k")).toEqual([origin, "true", "ETag", undefined])
      expect(yield* ask("GET", "missing")).toEqual([origin, "true", "ETag", undefined])
      expect(yield* ask("GET", "k", "https://example")).toEqual(none)
      expect(yield* ask("PUT", "k")).toEqual(none)
      expect(yield* ask("HEAD", "k")).toEqual(["*", undefined, undefined, undefined])
      yield* put(
        "cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>"
      )
      expect((yield* send("GET", { key: "k" })).headers.vary).toBe("Origin")
      yield* send("DELETE", { query: { cors: "" } })
      expect((yield* send("GET", { key: "k" })).headers.vary).toBeUndefined()
    }).pipe(Effect.provide(emulator))
  )

  it.effect("preflights need no signature, and any path will do", () =>
    Effect.gen(function* () {
      yield* put(
        "cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-cos-*</AllowedHeader><MaxAgeSeconds>7</MaxAgeSeconds></CORSRule></CORSConfiguration>"
      )
      const ask = (headers: Record<string, string>, options: Send = {}) =>
        send("OPTIONS", { as: null, key: "k", ...options, headers })
      const good = { origin: "https://a.example", "access-control-request-method": "PUT" }
      for (const options of [{}, { key: "" }, { key: "", query: { lifecycle: "" } }, { query: { partNumber: "1" } }]) {
        const answer = yield* ask(good, options)
        expect([answer.status, answer.text]).toEqual([200, ""])
        expect(answer.headers).toMatchObject({
          "access-control-allow-origin": "https://a.example",
          "access-control-allow-methods": "PUT",
          "access-control-max-age": "7"
        })
      }
      expect((yield* ask({ ...good, "access-control-request-headers": "X-Cos-Meta-A, x-cos-acl" })).status).toBe(200)
      const partly = yield* ask({ ...good, "access-control-request-headers": "x-cos-acl,range" })
      expect([partly.status, partly.headers["access-control-allow-headers"]]).toEqual([200, "x-cos-acl"])
      const foreign = yield* ask({ ...good, origin: "https://b.example" })
      expect([
        foreign.status,
        Object.keys(foreign.headers).filter((name) => name.startsWith("access-control"))
      ]).toEqual([200, []])
      expect((yield* ask({ ...good, "access-control-request-method": "GET" })).code).toBe("AccessForbidden")
      expect((yield* ask({ origin: "https://a.example" })).code).toBe("InvalidArgument")
      expect((yield* ask(good, { host: "missing-1250000000.cos.ap-guangzhou.myqcloud.com" })).code).toBe("NoSuchBucket")
    }).pipe(Effect.provide(emulator))
  )
})

describe("tags", () => {
  const document = (...tags: ReadonlyArray<readonly [key: string, value: string]>) =>
    `<Tagging><TagSet>${tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join("")}</TagSet></Tagging>`
  const many = (count: number) => Array.from({ length: count }, (_, i) => [`k${i}`, "v"] as const)

  it.effect("are limited in number, length and characters", () =>
    Effect.gen(function* () {
      yield* send("PUT", { key: "k", body: "x" })
      const code = (body: string, key = "") =>
        Effect.map(put("tagging", body, { key }), (answer) => answer.code ?? answer.status)
      expect(yield* code(document(...many(50)))).toBe(204)
      expect(yield* code(document(...many(51)))).toBe("InvalidTag")
      expect(yield* code(document(...many(10)), "k")).toBe(204)
      expect(yield* code(document(...many(11)), "k")).toBe("InvalidTag")
      expect((yield* send("HEAD", { key: "k" })).headers["x-cos-tagging-count"]).toBe("10")
      expect(yield* code(document(["a", "1"], ["a", "2"]))).toBe("InvalidTag")
      expect(yield* code(document(["", "1"]))).toBe("InvalidTag")
      expect(yield* code(document(["x".repeat(129), ""]))).toBe("InvalidTag")
      expect(yield* code(document(["a", "x".repeat(257)]))).toBe("InvalidTag")
      expect(yield* code(document(["a!", ""]))).toBe("InvalidTag")
      expect(yield* code(document(["Ä +-_=.:/1", "中"]))).toBe(204)
      expect(yield* code("<Tagging/>")).toBe("MalformedXML")
      expect(yield* code(document(), "missing")).toBe("NoSuchKey")
      const header = (value: string) =>
        Effect.map(send("PUT", { key: "h", body: "", headers: { "x-cos-tagging": value } }), ({ code }) => code)
      expect(
        yield* header(
          many(11)
            .map(([key]) => `${key}=v`)
            .join("&")
        )
      ).toBe("InvalidTag")
      expect(yield* header("a%21=b")).toBe("InvalidTag")
      expect(yield* header("a=%zz")).toBe("InvalidTag")
    }).pipe(Effect.provide(emulator))
  )
})
