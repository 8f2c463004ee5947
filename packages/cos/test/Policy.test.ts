/** Policies that are made of operations. */
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Cos from "effect-cos/Cos"
import * as Policy from "effect-cos/Policy"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"
const resource = (path: string, where = region) => `qcs::cos:${where}:uid/1250000000:${bucket}/${path}`

const statements = (policy: Either.Either<Policy.Policy, unknown>) => Either.getOrThrow(policy).statement
const names = (...actions: ReadonlyArray<string>) => actions.map((action) => `name/cos:${action}`)

describe("allow", () => {
  it("names the actions of the operations, and the objects", () => {
    expect(Either.getOrThrow(Policy.allow([Cos.putObject, Cos.getObject, Cos.putObject], { bucket, region }))).toEqual({
      version: "2.0",
      statement: [{ effect: "allow", action: names("PutObject", "GetObject"), resource: [resource("*")] }]
    })
    const prefixed = Policy.allow([Cos.putObject], { bucket, prefix: "目录/a b/" })
    expect(statements(prefixed)).toEqual([
      { effect: "allow", action: names("PutObject"), resource: [resource("目录/a b/*", "*")] }
    ])
    const exact = Policy.allow([Cos.headObject, "name/cos:PostObject"], { bucket, region, keys: ["a", "b/c:d"] })
    expect(statements(exact)).toEqual([
      { effect: "allow", action: names("HeadObject", "PostObject"), resource: [resource("a"), resource("b/c:d")] }
    ])
  })

  it("operations on the bucket are allowed on the bucket, those without one on everything", () => {
    expect(
      statements(Policy.allow([Cos.listBuckets, Cos.getBucketCors, Cos.getObject], { bucket, region, prefix: "a/" }))
    ).toEqual([
      { effect: "allow", action: names("GetObject"), resource: [resource("a/*")] },
      { effect: "allow", action: names("GetBucketCORS"), resource: [resource(""), resource("*")] },
      { effect: "allow", action: names("GetService"), resource: ["*"] }
    ])
    expect(statements(Policy.allow([Cos.listBuckets, Cos.listObjects, Cos.copyObject], "*"))).toEqual([
      {
        effect: "allow",
        action: names("GetService", "GetBucket", "PutObject", "PutObjectCopy", "GetObject"),
        resource: ["*"]
      }
    ])
  })

  it("listings are allowed for the prefix only", () => {
    const listing = (condition: object) => [
      { effect: "allow", action: names("GetBucket"), resource: [expect.stringContaining(bucket)] },
      { effect: "allow", action: names("GetBucket"), resource: [resource("")], condition }
    ]
    expect(statements(Policy.allow([Cos.listObjects], { bucket, region, prefix: "a/" }))).toEqual(
      listing({ string_like: { "cos:prefix": ["a/*", "a%2F*"] } })
    )
    expect(statements(Policy.allow([Cos.listObjects], { bucket, region, keys: ["a/b"] }))).toEqual(
      listing({ string_equal: { "cos:prefix": ["a/b", "a%2Fb"] } })
    )
    expect(statements(Policy.allow([Cos.listObjects], { bucket, region, prefix: "" }))).toEqual([
      { effect: "allow", action: names("GetBucket"), resource: [resource(""), resource("*")] }
    ])
  })

  it("copies need their source: the same objects, or those that are named", () => {
    const target = { bucket, region, prefix: "a/" }
    const [whole, ...others] = statements(Policy.allow([Cos.copyObject], target))
    expect([whole?.action, others]).toEqual([names("PutObject", "PutObjectCopy", "GetObject"), []])
    const source = { bucket: "other-1250000000", prefix: "b/" }
    expect(statements(Policy.allow([Cos.copyObject], { ...target, source }))).toEqual([
      { effect: "allow", action: names("PutObject", "PutObjectCopy"), resource: [resource("a/*")] },
      { effect: "allow", action: names("GetObject"), resource: ["qcs::cos:*:uid/1250000000:other-1250000000/b/*"] }
    ])
  })

  it("deny, merge and when", () => {
    const one = Policy.allow([Cos.putObject], { bucket, condition: { string_equal: { "cos:x-cos-acl": "private" } } })
    const conditioned = Policy.when(one, {
      string_equal: { "cos:content-type": "a/b" },
      ip_equal: { "qcs:ip": "10.0.0.0/8" }
    })
    const all = statements(Policy.merge(conditioned, Policy.deny([Cos.copyObject], { bucket })))
    expect(all.map(({ action, condition, effect }) => ({ action, condition, effect }))).toEqual([
      {
        effect: "allow",
        action: names("PutObject"),
        condition: {
          string_equal: { "cos:x-cos-acl": "private", "cos:content-type": "a/b" },
          ip_equal: { "qcs:ip": "10.0.0.0/8" }
        }
      },
      // Reading the source is not denied.
      { effect: "deny", action: names("PutObject", "PutObjectCopy"), condition: undefined }
    ])
  })
})

describe("refused with InvalidInput that names the field", () => {
  const put = [Cos.putObject]
  const cases: ReadonlyArray<readonly [field: string, Either.Either<unknown, { readonly field: string }>]> = [
    ["operations", Policy.allow([], { bucket })],
    ["operations", Policy.allow([], "*")],
    ["operations[1]", Policy.allow([Cos.putObject, "PutObject" as "name/cos:PutObject"], { bucket })],
    ["operations[0]", Policy.allow([Cos.request as never], { bucket })],
    ["bucket", Policy.allow(put, { bucket: "examplebucket" })],
    ["bucket", Policy.allow(put, { bucket: "" })],
    ["bucket", Policy.allow(put, { bucket: "*" })],
    ["bucket", Policy.allow(put, { bucket: "a/b-1250000000" })],
    ["region", Policy.allow(put, { bucket, region: "ap:guangzhou" })],
    ["prefix", Policy.allow(put, { bucket, prefix: "a*" })],
    ["prefix", Policy.allow(put, { bucket, prefix: "\ud800" })],
    ["keys", Policy.allow(put, { bucket, keys: [] })],
    ["keys", Policy.allow(put, { bucket, keys: ["a"], prefix: "b" })],
    ["keys[1]", Policy.allow(put, { bucket, keys: ["a", ""] })],
    ["keys[0]", Policy.allow(put, { bucket, keys: ["*"] })],
    ["source.bucket", Policy.allow([Cos.copyObject], { bucket, source: { bucket: "a" } })],
    ["statement", Policy.toJson({ version: "2.0", statement: [] })],
    ["statement", Policy.toJson(Policy.merge())],
    [
      "statement[0].action",
      Policy.toJson({ version: "2.0", statement: [{ effect: "allow", action: [], resource: ["*"] }] })
    ],
    [
      "statement[0].resource",
      Policy.toJson({ version: "2.0", statement: [{ effect: "allow", action: ["*"], resource: [] }] })
    ],
    [
      "statement[0].resource",
      Policy.toJson({ version: "2.0", statement: [{ effect: "allow", action: ["*"], resource: [`${bucket}/*`] }] })
    ],
    ["text", Policy.fromJson("{")],
    ["text", Policy.fromJson("[]")],
    ["statement", Policy.fromJson("{}")],
    ["statement[0].effect", Policy.fromJson('{"statement":[{"effect":"permit","action":"*","resource":"*"}]}')],
    ["statement[0].action", Policy.fromJson('{"statement":[{"effect":"allow","action":[1],"resource":"*"}]}')],
    [
      "statement[0].condition",
      Policy.fromJson('{"statement":{"effect":"allow","action":"*","resource":"*","condition":{"a":1}}}')
    ]
  ]

  it.each(cases)("%s", (field, refused) => {
    expect(Either.flip(refused).pipe(Either.getOrThrow)).toMatchObject({
      _tag: "InvalidInput",
      operation: "Policy",
      field,
      reason: expect.stringMatching(new RegExp(`^${field.replace(/[[\].]/g, "\\$&")} must `))
    })
  })
})

describe("as text", () => {
  it("is JSON, and percent-encoded once for STS", () => {
    const policy = Policy.allow([Cos.putObject], { bucket, region, prefix: "dir/" })
    const text =
      '{"version":"2.0","statement":[{"effect":"allow","action":["name/cos:PutObject"],"resource":["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/dir/*"]}]}'
    expect(Either.getOrThrow(Policy.toJson(policy))).toBe(text)
    expect(decodeURIComponent(Either.getOrThrow(Policy.toParameter(policy)))).toBe(text)
  })

  it("is read back as it was, and in the spellings of others", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "grapheme" }), (prefix) => {
        const policy = Policy.allow(Policy.upload, { bucket, prefix: prefix.replaceAll("*", "+") })
        const text = Either.getOrThrow(Policy.toJson(policy))
        expect(Policy.fromJson(text)).toEqual(policy)
      })
    )
    const other =
      '{"Version":"2.0","principal":{"qcs":"*"},"Statement":{"Effect":"Allow","Principal":"*","Action":"name/cos:*","Resource":"*"}}'
    expect(Either.getOrThrow(Policy.fromJson(other))).toEqual({
      version: "2.0",
      statement: [{ effect: "allow", action: ["name/cos:*"], resource: ["*"] }]
    })
  })
})

describe("conditions", () => {
  const inOffice = { ip_equal: { "qcs:ip": "10.0.0.0/8" } }
  const elsewhere = { ip_equal: { "qcs:ip": "192.0.2.0/24" } }

  it("a later one does not take the place of an earlier one", () => {
    const put = Policy.allow([Cos.putObject], { bucket, condition: inOffice })
    expect(Policy.when(put, inOffice)).toEqual(put)
    const field = "condition.ip_equal.qcs:ip"
    expect(Policy.when(put, elsewhere)).toMatchObject({ _tag: "Left", left: { _tag: "InvalidInput", field } })
  })

  it("nor that of the prefix", () => {
    const condition = { string_like: { "cos:prefix": "b/*" } }
    expect(Policy.allow([Cos.listObjects], { bucket, prefix: "a/", condition })).toMatchObject({
      _tag: "Left",
      left: { _tag: "InvalidInput", field: "condition.string_like.cos:prefix" }
    })
  })
})
