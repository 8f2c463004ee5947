/** What the service says when it refuses, and what comes of it. */
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as CosError from "effect-cos/CosError"
import * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "./support/ScriptedClient.js"

type Run = Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>

const failing = (run: Run, answer: Scripted.Step, settings?: CosClient.Settings) =>
  Effect.gen(function* () {
    const { layer } = Scripted.make([answer, answer], { settings: { retry: RetryPolicy.none, ...settings } })
    const error = yield* run.pipe(Effect.scoped, Effect.flip, Effect.provide(layer))
    return error as CosError.ServiceFields & { readonly _tag: string; readonly message: string }
  })

/** The code table of the protocol notes. */
const codes: ReadonlyArray<readonly [status: number, codes: string]> = [
  [400, "ActionAccelerateNotSupported AttachmentFull BadDigest BadRequest BadRquest BucketAccelerateNotEnabled"],
  [400, "BucketNameTooLong InvalidBucketName BucketVersionNotOpen DNSRecordVerifyFailed UserCnameInvalid"],
  [400, "EntitySizeNotMatch EntityTooLarge EntityTooSmall ExpiredToken IncompleteBody"],
  [400, "ImageResolutionExceed ImageTooLarge InvalidImageFormat InvalidImageSource InvalidPicOperations"],
  [400, "IncorrectNumberOfFilesInPostRequest MalformedPOSTRequest InvalidPolicyDocument"],
  [400, "InvalidArgument InvalidCopySource InvalidDelimiter InvalidDigest InvalidLocationConstraint"],
  [400, "InvalidRegionName InvalidObjectName InvalidPart InvalidPartOrder InvalidRequest InvalidSHA1Digest InvalidTag"],
  [400, "InvalidTargetBucketForLogging LoggingConfExists LoggingPrefixInvalid TargetBucketNameInvalid"],
  [400, "InvalidUploadStatus InvalidURI InventoryFull KeyTooLong KmsException KmsKeyDisabled KmsKeyNotExist"],
  [400, "ListPartUploadIdIsEmpty MalformedPolicy PolicyFull PolicyVersionFull MalformedXML MissingRequestBodyError"],
  [400, "MAZOperationNotSupportOnOAZBucket OAZOperationNotSupportOnMAZBucket JsonAPINotSupportOnMAZBucket"],
  [400, "MultiAZFeatureNotSupport MultiBucketNotSupport NotifyRuleEventConflict NotifyRulePrefixConflict"],
  [400, "NotifyRuleSuffixConflict NotSupportedStorageClass RequestTimeout RequestTimeOut SSEContentNotSupported"],
  [400, "SSEHeaderNotAllowed SsecDecryptHeaderInvalid TooManyBuckets TooManyJobs UnexpectedContent UserNetworkTooSlow"],
  [400, "VerifyAlgorithmNotSupported WebsiteURLInvalid XMLSizeLimit"],
  [402, "PaymentRequired"],
  [403, "AccessDenied AccessForbidden InvalidAccessKeyId InvalidObjectState NoProcessAuthority RequestTimeTooSkewed"],
  [403, "SignatureDoesNotMatch UserNotSourceBucketOwner UserNotTargetBucketOwner"],
  [
    404,
    "InventoryConfigurationNotFoundError NoBucketQuotaPolicy NoSuchCORSConfiguration NoSuchEncryptionConfiguration"
  ],
  [
    404,
    "NoSuchLifecycleConfiguration NoSuchObjectLockConfiguration NoSuchPolicyVersion NoSuchPolicy NoSuchBucketPolicy"
  ],
  [404, "NoSuchTagSet NoSuchTagSetError NoSuchWebsiteConfiguration NoSuchRefererConfiguration"],
  [404, "OriginConfigurationNotFoundError ReplicationConfigurationNotFoundError"],
  [404, "NoSuchBucket NoSuchCopySource NoSuchKey NoSuchVersion NoSuchUpload NoSuchJob"],
  [405, "MethodNotAllowed RestoreNonArchiveObject UploadIdNotSupported"],
  [409, "AppendPositionErr ObjectNotAppendable BucketAlreadyExists BucketAlreadyOwnedByYou FileAlreadyExists"],
  [409, "BucketNotEmpty BucketLocked InvalidBucketState DomainConfigConflict RecordAlreadyExist InvalidObjectState"],
  [409, "ObjectLocked InvalidLockedTime PathConflict QuotaConflict QuotaOperationConfilct"],
  [409, "RestoreAlreadyInProgress UploadConflict"],
  [411, "MissingContentLength"],
  [412, "PreconditionFailed"],
  [416, "InvalidRange"],
  [451, "DomainAuditFailed UnavailableForLegalReasons"],
  [500, "InternalError KmsInternalException"],
  [501, "NotImplemented"],
  [503, "ServiceUnavailable SlowDown KmsFreqControl"],
  [520, "OriginError"]
]

/** The classes whose tag is not the code. */
const gathered: { readonly [code: string]: string } = {
  SignatureDoesNotMatch: "AuthenticationFailed",
  InvalidAccessKeyId: "AuthenticationFailed",
  ExpiredToken: "AuthenticationFailed",
  RequestTimeTooSkewed: "AuthenticationFailed",
  SlowDown: "Throttled",
  KmsFreqControl: "Throttled",
  InternalError: "ServerFault",
  ServiceUnavailable: "ServerFault",
  KmsInternalException: "ServerFault",
  OriginError: "ServerFault",
  NoSuchTagSetError: "NoSuchTagSet",
  NoSuchPolicy: "NoSuchBucketPolicy",
  NoSuchPolicyVersion: "NoSuchBucketPolicy"
}

/** Operations that between them declare every class, each with an input. */
const operations: ReadonlyArray<readonly [spec: Operation.SpecData, run: Run]> = [
  [Cos.getObject.spec, Cos.getObject({ key: "key" })],
  [Cos.putObject.spec, Cos.putObject({ key: "key" })],
  [Cos.deleteObject.spec, Cos.deleteObject({ key: "key" })],
  [Cos.copyObject.spec, Cos.copyObject({ key: "key", source: { key: "a" } })],
  [Cos.optionsObject.spec, Cos.optionsObject({ key: "key", origin: "https://a.example", requestMethod: "GET" })],
  [Cos.restoreObject.spec, Cos.restoreObject({ key: "key", days: 1 })],
  [Cos.appendObject.spec, Cos.appendObject({ key: "key", position: 0, body: "" })],
  [
    Cos.completeMultipartUpload.spec,
    Cos.completeMultipartUpload({ key: "key", uploadId: "u", parts: [{ partNumber: 1, eTag: '"a"' }] })
  ],
  [Cos.putBucket.spec, Cos.putBucket()],
  [Cos.deleteBucket.spec, Cos.deleteBucket()],
  [Cos.putBucketTagging.spec, Cos.putBucketTagging({ tags: [{ key: "a", value: "b" }] })],
  [Cos.putBucketPolicy.spec, Cos.putBucketPolicy({ policy: { statement: [] } })],
  [Cos.putBucketVersioning.spec, Cos.putBucketVersioning({ status: "Enabled" })],
  [
    Cos.putBucketReplication.spec,
    Cos.putBucketReplication({
      role: "qcs::cam::uin/1:uin/1",
      rules: [{ status: "Enabled", prefix: "", destination: { bucket: "qcs::cos:ap-beijing::b-1250000000" } }]
    })
  ],
  [Cos.putBucketDomain.spec, Cos.putBucketDomain({ rules: [] })],
  [Cos.getBucketCors.spec, Cos.getBucketCors()],
  [Cos.getBucketLifecycle.spec, Cos.getBucketLifecycle()],
  [Cos.getBucketReplication.spec, Cos.getBucketReplication()],
  [Cos.getBucketWebsite.spec, Cos.getBucketWebsite()],
  [Cos.getBucketReferer.spec, Cos.getBucketReferer()],
  [Cos.getBucketPolicy.spec, Cos.getBucketPolicy()],
  [Cos.getBucketTagging.spec, Cos.getBucketTagging()],
  [Cos.getBucketEncryption.spec, Cos.getBucketEncryption()],
  [Cos.getBucketInventory.spec, Cos.getBucketInventory({ id: "1" })],
  [Cos.getBucketOrigin.spec, Cos.getBucketOrigin()],
  [Cos.getObjectLockConfiguration.spec, Cos.getObjectLockConfiguration()],
  [
    Cos.putObjectLockConfiguration.spec,
    Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 30 })
  ],
  [Cos.describeJob.spec, Cos.describeJob({ uin: "100000000001", jobId: "1" })],
  [
    Cos.createJob.spec,
    Cos.createJob({
      uin: "100000000001",
      clientRequestToken: "token",
      manifest: {
        location: { eTag: '"a"', objectArn: "qcs::cos:ap-guangzhou:uid/1250000000:lists-1250000000/a.csv" },
        spec: { format: "COSBatchOperations_CSV_V1", fields: ["Bucket", "Key"] }
      },
      operation: { cosDeleteObject: {} },
      priority: 1,
      report: { enabled: false },
      roleArn: "qcs::cam::uin/1:roleName/R"
    })
  ]
]

const rows = codes.flatMap(([status, line]) =>
  line.split(" ").map((code) => {
    const own = CosError.byCode.get(code)
    const declaring = operations.find(([{ errors }]) => own !== undefined && errors.includes(own))
    return { status, code, tag: gathered[code] ?? (own === undefined ? "CosServiceError" : code), declaring }
  })
)

describe("every code", () => {
  it("with a class of its own is in the table", () => {
    const known = new Set([...rows.map(({ code }) => code), "Request has expired"])
    expect([...CosError.byCode.keys()].filter((code) => !known.has(code))).toEqual([])
  })

  it.effect.each(rows)("$status $code", ({ code, declaring, status, tag }) =>
    Effect.gen(function* () {
      const common = ["AccessDenied", "AuthenticationFailed", "Throttled", "ServerFault", "CosServiceError"]
      const [spec, run] = declaring ?? [Cos.deleteBucket.spec, Cos.deleteBucket()]
      expect(common.includes(tag) || declaring !== undefined).toBe(true)
      const error = yield* failing(run, Scripted.error(status, code))
      expect(error).toMatchObject({
        _tag: tag,
        operation: spec.name,
        status,
        code,
        bucket: spec.target === "control" ? undefined : Scripted.bucket,
        key: spec.target === "object" ? "key" : undefined,
        requestId: Scripted.requestId,
        traceId: "TRACE-ID",
        resource: `${Scripted.host}/key`
      })
      expect(error.message).toContain(`${status} ${code}: about ${code}`)

      const undeclared = yield* failing(Cos.listBuckets(), Scripted.error(status, code))
      expect(undeclared).toMatchObject({ _tag: common.includes(tag) ? tag : "CosServiceError", status, code })
    })
  )
})

describe("responses without a document", () => {
  const head = Cos.headObject({ key: "key" })
  const heads: ReadonlyArray<readonly [status: number, Run, tag: string, code: string]> = [
    [304, head, "NotModified", "NotModified"],
    [400, head, "CosServiceError", "400"],
    [403, head, "AccessDenied", "AccessDenied"],
    [403, Cos.headBucket(), "AccessDenied", "AccessDenied"],
    [404, head, "NoSuchKey", "NoSuchKey"],
    [404, Cos.headBucket(), "NoSuchBucket", "NoSuchBucket"],
    [405, head, "CosServiceError", "MethodNotAllowed"],
    [412, head, "PreconditionFailed", "PreconditionFailed"],
    [416, head, "InvalidRange", "InvalidRange"],
    [429, head, "Throttled", "SlowDown"],
    [500, head, "ServerFault", "500"],
    [503, Cos.headBucket(), "ServerFault", "503"]
  ]
  it.effect.each([503, 500, 418, 301])("a status that no code stands for is said once: %s", (status) =>
    Effect.gen(function* () {
      const error = yield* failing(head, { status })
      expect(error.message).toBe(`headObject ${Scripted.bucket}/key: ${status}`)
    })
  )

  it.effect.each(heads)("HEAD %s", ([status, run, tag, code]) =>
    Effect.gen(function* () {
      const error = yield* failing(run, { status, headers: { "x-cos-trace-id": "TRACE-ID" } })
      expect(error).toMatchObject({
        _tag: tag,
        status,
        code,
        bucket: Scripted.bucket,
        key: run === head ? "key" : undefined,
        requestId: Scripted.requestId,
        traceId: "TRACE-ID",
        resource: undefined
      })
      expect(error.deleteMarkerVersionId).toBeUndefined()
    })
  )

  it.effect("a delete marker gives its version id", () =>
    Effect.gen(function* () {
      const headers = { "x-cos-delete-marker": "true", "x-cos-version-id": "MTg0" }
      const marker = { _tag: "NoSuchKey", deleteMarkerVersionId: "MTg0" }
      expect(yield* failing(head, { status: 404, headers })).toMatchObject(marker)
      const get = Cos.getObject({ key: "key" })
      expect(yield* failing(get, Scripted.error(404, "NoSuchKey", { headers }))).toMatchObject(marker)
    })
  )

  const rows: ReadonlyArray<readonly [title: string, Run, Scripted.Answer, expected: object]> = [
    [
      "GET 304",
      Cos.getObject({ key: "key" }),
      { status: 304, headers: { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT" } },
      { _tag: "NotModified", eTag: '"a"', lastModified: new Date("2020-03-18T12:00:00Z") }
    ],
    ["304 that was not asked for", Cos.getBucketCors(), { status: 304 }, { _tag: "CosServiceError", code: "304" }],
    ["520", Cos.deleteBucket(), { status: 520 }, { _tag: "ServerFault", code: "520" }],
    [
      "503 with a code that other operations list",
      Cos.deleteBucket(),
      Scripted.error(503, "NoSuchKey"),
      { _tag: "ServerFault", code: "NoSuchKey" }
    ],
    [
      "429 with a code that other operations list",
      Cos.deleteBucket(),
      Scripted.error(429, "NoSuchKey"),
      { _tag: "Throttled", code: "NoSuchKey" }
    ],
    ["501", Cos.deleteBucket(), { status: 501 }, { _tag: "CosServiceError", code: "501" }],
    [
      "502 in HTML",
      Cos.deleteBucket(),
      { status: 502, body: "<html><body><p>Bad Gateway<br></body></html>", headers: { "x-cos-request-id": undefined } },
      { _tag: "ServerFault", code: "502", requestId: undefined }
    ],
    [
      "JSON of data processing",
      Cos.docPreview({ key: "key" }),
      {
        status: 400,
        headers: { "x-cos-request-id": undefined },
        body: '{"code": -46628, "message": "not a document", "request_id": "CI"}'
      },
      { _tag: "CosServiceError", code: "400", requestId: "CI" }
    ],
    ["not quite JSON", Cos.docPreview({ key: "key" }), { status: 400, body: "{oops" }, { code: "400" }],
    [
      "ids of data processing",
      Cos.docPreview({ key: "key" }),
      { status: 400, headers: { "x-cos-request-id": undefined, "x-ci-request-id": "CI", "x-ci-trace-id": "T" } },
      { requestId: "CI", traceId: "T" }
    ],
    [
      "the code in a header",
      Cos.deleteBucket(),
      { status: 404, headers: { "x-cos-error-code": "NoSuchBucket" } },
      { _tag: "NoSuchBucket" }
    ],
    [
      "a document cut off",
      Cos.getObject({ key: "key" }),
      { status: 404, body: "<Error><Code>NoSuchKey</Code>" },
      { _tag: "NoSuchKey" }
    ],
    ["a document of another kind", Cos.deleteBucket(), { status: 409, body: "<Other/>" }, { code: "Conflict" }],
    [
      "bytes that are not UTF-8",
      Cos.deleteBucket(),
      { status: 500, body: Uint8Array.of(0x3c, 0xff) },
      { _tag: "ServerFault" }
    ],
    [
      "a document that repeats a key which XML cannot carry",
      Cos.putObject({ key: "a\u0001" }),
      { status: 404, body: "<Error><Code>NoSuchBucket</Code><Resource>b/a&#1;\u0001</Resource></Error>" },
      { _tag: "NoSuchBucket", resource: "b/a\u0001\u0001" }
    ],
    [
      "ids in the document only",
      Cos.deleteBucket(),
      Scripted.error(404, "NoSuchBucket", { headers: { "x-cos-request-id": undefined, "x-cos-trace-id": undefined } }),
      { requestId: "REQUEST-ID", traceId: "TRACE-ID" }
    ]
  ]
  it.effect.each(rows)("%s", ([, run, answer, expected]) =>
    Effect.gen(function* () {
      expect(yield* failing(run, answer)).toMatchObject({ status: answer.status, ...expected })
    })
  )

  it.effect("Retry-After and Date are in the error", () =>
    Effect.gen(function* () {
      const date = "Wed, 18 Mar 2020 12:00:00 GMT"
      const after = (value: string) => failing(head, { status: 503, headers: { "retry-after": value, date } })
      expect(yield* after("120")).toMatchObject({
        retryAfter: Duration.seconds(120),
        serverTime: new Date(date)
      })
      // By the server's own clock.
      expect(yield* after("Wed, 18 Mar 2020 12:00:07 GMT")).toMatchObject({ retryAfter: Duration.seconds(7) })
      expect(yield* after("Wed, 18 Mar 2020 11:00:00 GMT")).toMatchObject({ retryAfter: Duration.zero })
      expect(yield* after("soon")).toMatchObject({ retryAfter: undefined })
    })
  )
})

describe("200 with an error", () => {
  const complete = Cos.completeMultipartUpload({ key: "key", uploadId: "u", parts: [{ partNumber: 1, eTag: '"a"' }] })
  const runs: ReadonlyArray<readonly [string, Run]> = [
    ["completeMultipartUpload", complete],
    ["copyObject", Cos.copyObject({ key: "key", source: { key: "a" } })],
    ["uploadPartCopy", Cos.uploadPartCopy({ key: "key", uploadId: "u", partNumber: 1, source: { key: "a" } })],
    ["deleteMultipleObjects", Cos.deleteMultipleObjects({ objects: [{ key: "a" }] })],
    ["initiateMultipartUpload", Cos.initiateMultipartUpload({ key: "key" })],
    ["listObjects", Cos.listObjects()]
  ]
  it.effect.each(runs)("%s", ([, run]) =>
    Effect.gen(function* () {
      for (const [code, tag] of [
        ["InternalError", "ServerFault"],
        ["SlowDown", "Throttled"],
        ["AccessDenied", "AccessDenied"],
        ["Odd", "CosServiceError"]
      ] as const) {
        expect(yield* failing(run, Scripted.error(200, code))).toMatchObject({ _tag: tag, status: 200, code })
      }
      expect(yield* failing(run, { body: "" })).toMatchObject({ _tag: "MalformedResponse", status: 200 })
      expect(yield* failing(run, { body: "   \n  " })).toMatchObject({ _tag: "MalformedResponse" })
      expect(yield* failing(run, { body: "<Other/>" })).toMatchObject({ _tag: "MalformedResponse" })
    })
  )

  it.effect("blanks before the document are skipped", () =>
    Effect.gen(function* () {
      const document =
        "<?xml version='1.0'?><CompleteMultipartUploadResult><ETag>&quot;e-1&quot;</ETag></CompleteMultipartUploadResult>"
      const blanks = Stream.make(" ", " ", "\n", document).pipe(Stream.encodeText)
      const { layer } = Scripted.make([{ body: blanks, headers: { "x-cos-hash-crc64ecma": "18446744073709551615" } }])
      expect(yield* Effect.provide(complete, layer)).toMatchObject({ eTag: '"e-1"', crc64: 18446744073709551615n })
    })
  )

  it.effect("an object that looks like an error document is an object", () =>
    Effect.gen(function* () {
      const body = "<Error><Code>NoSuchKey</Code></Error>"
      const { layer } = Scripted.make([
        { body, headers: { etag: '"a"', "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT" } }
      ])
      const text = Effect.flatMap(Cos.getObject({ key: "key" }), (object) =>
        Stream.mkString(Stream.decodeText(object.body))
      )
      expect(yield* Effect.provide(Effect.scoped(text), layer)).toBe(body)
    })
  )
})

describe("withResponse", () => {
  it.effect("gives status, request id and headers beside the value", () =>
    Effect.gen(function* () {
      const { layer } = Scripted.make([
        { status: 202, headers: { "x-odd": "1" } },
        {
          body: "bytes",
          headers: {
            etag: '"a"',
            "last-modified": "Wed, 18 Mar 2020 12:00:00 GMT"
          }
        }
      ])
      const restored = yield* Effect.provide(Operation.withResponse(Cos.restoreObject)({ key: "key", days: 1 }), layer)
      expect(restored).toMatchObject({
        response: { status: 202, requestId: Scripted.requestId, headers: { "x-odd": "1" } }
      })
      const read = yield* Operation.withResponse(Cos.getObject)({ key: "key" }).pipe(
        Effect.map(({ response, value }) => [response.status, value.eTag]),
        Effect.scoped,
        Effect.provide(layer)
      )
      expect(read).toEqual([200, '"a"'])
      const processing = Scripted.make([{ headers: { "x-cos-request-id": undefined, "x-ci-request-id": "CI" } }])
      const preview = yield* Operation.withResponse(Cos.docPreview)({ key: "key" }).pipe(
        Effect.scoped,
        Effect.provide(processing.layer)
      )
      expect(preview.response.requestId).toBe("CI")
    })
  )
})

describe("the class of a service's error", () => {
  const fields = { operation: "headObject", status: 404, code: "NoSuchKey", message: "gone", key: "a" }
  const json = { ...fields, _tag: "NoSuchKey" } as const

  it("is a Schema of itself, as Schema.TaggedError makes it", () => {
    const error = Schema.decodeUnknownSync(CosError.NoSuchKey)(json)
    expect(error).toBeInstanceOf(CosError.NoSuchKey)
    expect(Schema.encodeSync(CosError.NoSuchKey)(error)).toEqual(json)
    expect([error, json].map(Schema.is(CosError.NoSuchKey))).toEqual([true, false])
    expect(Schema.is(CosError.NoSuchBucket)(error)).toBe(false)
    expect(() => Schema.decodeUnknownSync(CosError.NoSuchBucket)(json)).toThrow('Expected "NoSuchBucket"')
    expect(JSONSchema.make(CosError.NoSuchKey)).toMatchObject({ $ref: "#/$defs/effect-cos~1NoSuchKey" })
    expect(String(CosError.NoSuchKey)).toContain("<-> effect-cos/NoSuchKey")
    const named = CosError.NoSuchKey.annotations({ identifier: "Missing" }).pipe(Schema.isSchema)
    expect(named).toBe(true)
  })

  it("decodes to a class that extends it", () => {
    class Missing extends CosError.NoSuchKey {}
    expect(Schema.decodeUnknownSync(Missing)(json)).toBeInstanceOf(Missing)
    expect(Schema.is(CosError.NoSuchKey)(new Missing(fields))).toBe(true)
  })

  it("checks its fields, unless it is told not to", () => {
    const wrong = { ...fields, status: "404" } as never
    expect(() => new CosError.NoSuchKey(wrong)).toThrow(/effect-cos\/NoSuchKey.*\n.*\["status"\]/)
    expect(new CosError.NoSuchKey(wrong, true).status).toBe("404")
    expect(new CosError.NoSuchKey(wrong, { disableValidation: true }).status).toBe("404")
    const error = new CosError.NoSuchKey(fields)
    expect(error.toJSON()).toEqual(json)
    expect([error.name, error.message, String(error)]).toEqual(["NoSuchKey", "gone", "NoSuchKey: gone"])
  })
})
