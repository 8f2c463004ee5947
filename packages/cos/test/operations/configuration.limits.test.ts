/** Configurations of buckets: what is refused before anything is sent, and the limits that are accepted. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
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

describe("invalid input is refused and names the field", () => {
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
      "putBucketInventory: schedule must be one of Daily, Weekly, Monthly",
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

  it.effect("no error contains a secret", () =>
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

describe("values at the limits are sent", () => {
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
