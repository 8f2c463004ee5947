import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { layerServer } from "effect-cos-emulator/Emulator"
import { Bucket, call, head, put, Region } from "./officialClient.js"

layer(layerServer({ buckets: [Bucket], region: Region }), { excludeTestServices: true })("the official SDK", (it) => {
  describe("configurations", () => {
    it.effect("of logging are turned off by an empty one", () =>
      Effect.gen(function* () {
        const BucketLoggingStatus = { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: "logs/" } }
        yield* call("putBucketLogging", { BucketLoggingStatus })
        expect(yield* call("getBucketLogging")).toMatchObject({ BucketLoggingStatus })
        yield* call("putBucketLogging", { BucketLoggingStatus: "" })
        expect(yield* call("getBucketLogging")).toMatchObject({ BucketLoggingStatus: "" })
      })
    )

    it.effect("that are not there are none, or said to be missing", () =>
      Effect.gen(function* () {
        expect(yield* call("getBucketReferer")).toMatchObject({ statusCode: 404 })
        expect(yield* call("getBucketEncryption")).toMatchObject({ EncryptionConfiguration: { Rules: [] } })
        expect(yield* call("getBucketWebsite")).toMatchObject({ WebsiteConfiguration: {} })
        expect(yield* Effect.flip(call("getBucketReplication"))).toMatchObject({ statusCode: 404 })
        expect(yield* Effect.flip(call("getBucketOrigin"))).toMatchObject({ statusCode: 404 })
      })
    )

    it.effect("of websites keep their redirects", () =>
      Effect.gen(function* () {
        const WebsiteConfiguration = {
          IndexDocument: { Suffix: "index.html" },
          RedirectAllRequestsTo: { Protocol: "https" },
          ErrorDocument: { Key: "error.html", Charity404: "Disabled" },
          RoutingRules: [
            {
              Condition: { HttpErrorCodeReturnedEquals: "404" },
              Redirect: { Protocol: "https", ReplaceKeyWith: "404.html", URLRedirect: "Enabled" }
            },
            {
              Condition: { KeyPrefixEquals: "docs/" },
              Redirect: { Protocol: "https", ReplaceKeyPrefixWith: "documents/", URLRedirect: "Disabled" }
            }
          ]
        }
        yield* call("putBucketWebsite", { WebsiteConfiguration })
        expect(yield* call("getBucketWebsite")).toMatchObject({ WebsiteConfiguration })
        yield* call("deleteBucketWebsite")
      })
    )

    it.effect("of origins keep their odd names and their two redirect codes", () =>
      Effect.gen(function* () {
        const rule = {
          RulePriority: "1",
          OriginType: "Mirror",
          OriginCondition: { HTTPStatusCode: "404", Prefix: "" },
          OriginParameter: {
            Protocol: "HTTP",
            FollowQueryString: "true",
            HttpHeader: { NewHttpHeader: { Header: { Key: "a", Value: "a" } } },
            FollowRedirection: "true",
            HttpRedirectCode: ["301", "302"]
          },
          OriginInfo: {
            HostInfo: { HostName: "qq.com" },
            FileInfo: { PrefixConfiguration: { Prefix: "prefix/" }, SuffixConfiguration: { Suffix: ".jpg" } }
          }
        }
        yield* call("putBucketOrigin", { OriginRule: [rule] })
        expect((yield* call("getBucketOrigin")).OriginRule).toEqual([rule])
        yield* call("deleteBucketOrigin")
      })
    )

    it.effect("of encryption may have their old name", () =>
      Effect.gen(function* () {
        const Rule = [{ ApplySideEncryptionConfiguration: { SSEAlgorithm: "AES256" } }]
        yield* call("putBucketEncryption", { ServerSideEncryptionConfiguration: { Rule } })
        expect(yield* call("getBucketEncryption")).toMatchObject({
          ServerSideEncryptionConfiguration: {
            Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }
          }
        })
        expect(yield* Effect.zipRight(put("new"), head("new"))).toMatchObject({
          "x-cos-server-side-encryption": "AES256"
        })
        yield* call("deleteBucketEncryption")
      })
    )

    it.effect("of lifecycles, referers and domains come back as they were put", () =>
      Effect.gen(function* () {
        const Rules = ["1", "2"].map((ID) => ({
          ID,
          Filter: { Prefix: `test${ID}_` },
          Status: "Enabled",
          Transition: { Date: "2018-07-29T16:00:00.000Z", StorageClass: "STANDARD_IA" }
        }))
        yield* call("putBucketLifecycle", { Rules })
        expect((yield* call("getBucketLifecycle")).Rules).toEqual(Rules)
        yield* call("deleteBucketLifecycle")
        const RefererConfiguration = {
          Status: "Enabled",
          RefererType: "White-List",
          DomainList: { Domains: ["a.qq.com", "*.qcloud.com"] },
          EmptyReferConfiguration: "Allow"
        }
        yield* call("putBucketReferer", { RefererConfiguration })
        expect(yield* call("getBucketReferer")).toMatchObject({ RefererConfiguration })
        const DomainRule = [
          { Status: "DISABLED", Name: "www.testDomain1.com", Type: "REST" },
          { Status: "DISABLED", Name: "www.testDomain2.com", Type: "WEBSITE" }
        ]
        yield* call("putBucketDomain", { DomainRule })
        expect((yield* call("getBucketDomain")).DomainRule).toEqual(DomainRule)
        yield* call("deleteBucketDomain")
      })
    )

    it.effect("of inventories keep their empty encryption", () =>
      Effect.gen(function* () {
        const InventoryConfiguration = {
          Id: "inventory_test",
          IsEnabled: "true",
          Destination: {
            COSBucketDestination: {
              Format: "CSV",
              AccountId: "100000000001",
              Bucket: `qcs::cos:${Region}::${Bucket}`,
              Prefix: "inventory_prefix_1",
              Encryption: { SSECOS: "" }
            }
          },
          Schedule: { Frequency: "Daily" },
          Filter: { Prefix: "myPrefix" },
          IncludedObjectVersions: "All",
          OptionalFields: ["Size"]
        }
        const { Id } = InventoryConfiguration
        yield* call("putBucketInventory", { Id, InventoryConfiguration })
        expect(yield* call("getBucketInventory", { Id })).toMatchObject({ InventoryConfiguration })
        yield* call("deleteBucketInventory", { Id })
        expect(yield* Effect.flip(call("getBucketInventory", { Id }))).toMatchObject({ statusCode: 404 })
      })
    )
  })

  it.effect("selects from JSON to the digit, and refuses what is none", () =>
    Effect.gen(function* () {
      const select = {
        Key: "1.json",
        SelectType: 2,
        SelectRequest: {
          Expression: "Select * from COSObject",
          ExpressionType: "SQL",
          InputSerialization: { JSON: { Type: "DOCUMENT" } },
          OutputSerialization: { JSON: { RecordDelimiter: "\n" } },
          RequestProgress: { Enabled: "FALSE" }
        }
      }
      const document = '{"a":9007199254740993,"b":"x","c":{"d":1.10}}'
      yield* put("1.json", { Body: document })
      expect(String((yield* call("selectObjectContent", select)).Payload)).toBe(`${document}\n`)
      yield* put("1.json", { Body: document.slice(0, -1) })
      expect(yield* Effect.flip(call("selectObjectContent", select))).toBeDefined()
    })
  )
})
