/** Batch jobs and notifications: what is sent, and what is read. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Operation from "effect-cos/Operation"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import { resultOf, valueOf } from "../support/result.js"
import * as Scripted from "../support/ScriptedClient.js"
import { verify } from "../support/verify.js"

const uin = "100000000001"
const host = `${uin}.cos-control.${Scripted.region}.myqcloud.com`
const manifest = {
  location: {
    eTag: '"d41d8"',
    objectArn: "qcs::cos:ap-guangzhou:uid/1250000000:lists-1250000000/a.csv",
    objectVersionId: "v"
  },
  spec: { format: "COSBatchOperations_CSV_V1", fields: ["Bucket", "Key"] }
}
const report = {
  enabled: true,
  bucket: "qcs::cos:ap-guangzhou:uid/1250000000:reports-1250000000",
  format: "Report_CSV_V1",
  prefix: "r/",
  reportScope: "AllTasks"
}
const targetResource = "qcs::cos:ap-beijing:uid/1250000000:to-1250000000"
const job = { uin, clientRequestToken: "token", manifest, priority: 7, report, roleArn: "qcs::cam::uin/1:roleName/R" }

const manifestXml =
  "<Manifest><Location><ETag>d41d8</ETag><ObjectArn>qcs::cos:ap-guangzhou:uid/1250000000:lists-1250000000/a.csv</ObjectArn>" +
  "<ObjectVersionId>v</ObjectVersionId></Location><Spec><Format>COSBatchOperations_CSV_V1</Format><Fields>" +
  "<member>Bucket</member><member>Key</member></Fields></Spec></Manifest>"
const reportXml =
  "<Report><Enabled>true</Enabled><Bucket>qcs::cos:ap-guangzhou:uid/1250000000:reports-1250000000</Bucket>" +
  "<Format>Report_CSV_V1</Format><Prefix>r/</Prefix><ReportScope>AllTasks</ReportScope></Report>"

describe("createJob", () => {
  const operations: ReadonlyArray<readonly [string, Cos.JobOperation, string]> = [
    ["removes", { cosDeleteObject: {} }, "<COSDeleteObject/>"],
    [
      "restores",
      { cosInitiateRestoreObject: { expirationInDays: 3, jobTier: "Bulk" } },
      "<COSInitiateRestoreObject><ExpirationInDays>3</ExpirationInDays><JobTier>Bulk</JobTier></COSInitiateRestoreObject>"
    ],
    [
      "copies",
      {
        cosPutObjectCopy: {
          targetResource,
          accessControlDirective: "Replaced",
          accessControlGrants: [{ grantee: { identifier: "1", typeIdentifier: "id" }, permission: "READ" }],
          metadataDirective: "Replaced",
          newObjectMetadata: { contentType: "text/plain", userMetadata: [{ key: "a", value: "b" }] },
          taggingDirective: "Copy",
          modifiedSinceConstraint: new Date(5000),
          prefixReplace: true,
          resourcesPrefix: "a/",
          targetKeyPrefix: "b/",
          storageClass: "STANDARD_IA"
        }
      },
      `<COSPutObjectCopy><TargetResource>${targetResource}</TargetResource>` +
        "<AccessControlDirective>Replaced</AccessControlDirective><AccessControlGrants><COSGrant><Grantee>" +
        "<Identifier>1</Identifier><TypeIdentifier>id</TypeIdentifier></Grantee><Permission>READ</Permission></COSGrant>" +
        "</AccessControlGrants><MetadataDirective>Replaced</MetadataDirective><NewObjectMetadata>" +
        "<ContentType>text/plain</ContentType><UserMetadata><member><Key>a</Key><Value>b</Value></member></UserMetadata>" +
        "</NewObjectMetadata><TaggingDirective>Copy</TaggingDirective><ModifiedSinceConstraint>5</ModifiedSinceConstraint>" +
        "<PrefixReplace>true</PrefixReplace><ResourcesPrefix>a/</ResourcesPrefix><TargetKeyPrefix>b/</TargetKeyPrefix>" +
        "<StorageClass>STANDARD_IA</StorageClass></COSPutObjectCopy>"
    ]
  ]
  it.effect.each(operations)("%s", ([, operation, xml]) =>
    Effect.gen(function* () {
      const answer = { body: "<CreateJobResult><JobId>j-1</JobId></CreateJobResult>" }
      const input = { ...job, operation, confirmationRequired: true, description: "d" }
      const { requests, result } = yield* resultOf(Cos.createJob(input), answer)
      expect(result).toMatchObject({ right: { jobId: "j-1" } })
      const [request] = requests
      expect(request?.url).toBe(`https://${host}/jobs`)
      expect(request?.headers["x-cos-appid"]).toBe("1250000000")
      expect(request?.text).toBe(
        "<CreateJobRequest><ClientRequestToken>token</ClientRequestToken><ConfirmationRequired>true</ConfirmationRequired>" +
          `<Description>d</Description>${manifestXml}<Operation>${xml}</Operation><Priority>7</Priority>${reportXml}` +
          "<RoleArn>qcs::cam::uin/1:roleName/R</RoleArn></CreateJobRequest>"
      )
      expect(request === undefined ? false : verify(request, Scripted.keys)).toBe(true)
    })
  )

  it.effect("refuses before anything is sent", () =>
    Effect.gen(function* () {
      const operation = { cosDeleteObject: {} }
      const refused = [
        [{ ...job, operation: {} }, "operation"],
        [
          { ...job, operation: { ...operation, cosInitiateRestoreObject: { expirationInDays: 1, jobTier: "Bulk" } } },
          "operation"
        ],
        [{ ...job, operation, uin: "a" }, "uin"],
        [{ ...job, operation, appId: "a" }, "appId"],
        [{ ...job, operation, priority: -1 }, "priority"],
        [{ ...job, operation, clientRequestToken: "" }, "clientRequestToken"]
      ] as const
      for (const [input, field] of refused) {
        const { requests, result } = yield* resultOf(Cos.createJob(input))
        expect(result).toMatchObject({ left: { _tag: "InvalidInput", operation: "createJob", field } })
        expect(requests).toEqual([])
      }
    })
  )

  it.effect("is not sent again when its response is lost", () =>
    Effect.gen(function* () {
      const lost = { failure: { phase: "response" } } as const
      const { requests, result } = yield* resultOf(Cos.createJob({ ...job, operation: { cosDeleteObject: {} } }), lost)
      expect([requests.length, result]).toMatchObject([1, { left: { _tag: "TransportError" } }])
    })
  )
})

describe("jobs", () => {
  it.effect("are described, with what is not known kept", () =>
    Effect.gen(function* () {
      const body =
        "<DescribeJobResult><Job><ConfirmationRequired>false</ConfirmationRequired><CreationTime>2019-12-19T18:00:30Z</CreationTime>" +
        "<Description>d</Description><FailureReasons><JobFailure><FailureCode>c</FailureCode><FailureReason>r</FailureReason>" +
        `</JobFailure></FailureReasons><JobId>j-1</JobId>${manifestXml}<Operation><COSDeleteObject/></Operation><Priority>10</Priority>` +
        "<ProgressSummary><NumberOfTasksFailed>0</NumberOfTasksFailed><NumberOfTasksSucceeded>10</NumberOfTasksSucceeded>" +
        `<TotalNumberOfTasks>10</TotalNumberOfTasks></ProgressSummary>${reportXml}<RoleArn>role</RoleArn><Status>Complete</Status>` +
        "<StatusUpdateReason>u</StatusUpdateReason><TerminationDate>2019-12-19T18:00:42Z</TerminationDate></Job></DescribeJobResult>"
      const { requests, result } = yield* resultOf(Cos.describeJob({ uin, jobId: "j 1" }), { body })
      expect(requests[0]?.url).toBe(`https://${host}/jobs/j%201`)
      expect(result).toMatchObject({
        right: {
          job: {
            confirmationRequired: false,
            creationTime: new Date("2019-12-19T18:00:30Z"),
            description: "d",
            failureReasons: [{ failureCode: "c", failureReason: "r" }],
            jobId: "j-1",
            manifest: { ...manifest, location: { ...manifest.location, eTag: "d41d8" } },
            operation: { cosDeleteObject: {} },
            priority: 10,
            progressSummary: { numberOfTasksFailed: 0, numberOfTasksSucceeded: 10, totalNumberOfTasks: 10 },
            report,
            roleArn: "role",
            status: "Complete",
            statusUpdateReason: "u",
            terminationDate: new Date("2019-12-19T18:00:42Z")
          }
        }
      })
      const unknown = yield* resultOf(Cos.describeJob({ uin, jobId: "x" }), Scripted.error(404, "NoSuchJob"))
      expect(unknown.result).toMatchObject({ left: { _tag: "NoSuchJob" } })
      for (const jobId of ["", ".", "..", "a/b"]) {
        const refused = yield* resultOf(Cos.describeJob({ uin, jobId }))
        expect(refused.result).toMatchObject({ left: { _tag: "InvalidInput", field: "jobId" } })
      }
    })
  )

  it.effect("are listed in pages, though the last page names its last job too", () =>
    Effect.gen(function* () {
      const page = (id: string) => ({
        body:
          `<ListJobsResult><Jobs><member><JobId>${id}</JobId><Operation>COSDeleteObject</Operation><Status>Ready</Status>` +
          `</member></Jobs><NextToken>${id}</NextToken></ListJobsResult>`
      })
      const empty = { body: "<ListJobsResult><Jobs/><NextToken>b</NextToken></ListJobsResult>" }
      const list = Stream.runCollect(Cos.listJobs.items({ uin, jobStatuses: "Ready", maxResults: 1 }))
      const { requests, result } = yield* resultOf(list, page("a"), page("b"), empty)
      expect(requests.map(({ target }) => target)).toEqual([
        "/jobs?jobStatuses=Ready&maxResults=1",
        "/jobs?jobStatuses=Ready&maxResults=1&nextToken=a",
        "/jobs?jobStatuses=Ready&maxResults=1&nextToken=b"
      ])
      if (result._tag === "Left") throw result.left
      expect(Array.from(result.right, ({ jobId, operation }) => [jobId, operation])).toEqual([
        ["a", "COSDeleteObject"],
        ["b", "COSDeleteObject"]
      ])
    })
  )

  it.effect("change their priority and status", () =>
    Effect.gen(function* () {
      const body = "<UpdateJobPriorityResult><JobId>j</JobId><Priority>0</Priority></UpdateJobPriorityResult>"
      const priority = yield* resultOf(Cos.updateJobPriority({ uin, jobId: "j", priority: 0 }), { body })
      expect(priority.requests[0]).toMatchObject({ method: "POST", target: "/jobs/j/priority?priority=0" })
      expect(priority.result).toMatchObject({ right: { jobId: "j", priority: 0 } })
      const ready = "<UpdateJobStatusResult><JobId>j</JobId><Status>Ready</Status></UpdateJobStatusResult>"
      const update = Cos.updateJobStatus({
        uin,
        jobId: "j",
        requestedJobStatus: "Ready",
        statusUpdateReason: "why not"
      })
      const status = yield* resultOf(update, { body: ready })
      expect(status.requests[0]?.target).toBe("/jobs/j/status?requestedJobStatus=Ready&statusUpdateReason=why%20not")
      expect(status.result).toMatchObject({ right: { jobId: "j", status: "Ready" } })
    })
  )

  it.effect("a change of status whose response was lost is a success if the job is as it was asked for", () =>
    Effect.gen(function* () {
      const lost = { failure: { phase: "response" } } as const
      const described = (status: string) => ({
        body: `<DescribeJobResult><Job><JobId>j</JobId><Status>${status}</Status></Job></DescribeJobResult>`
      })
      const update = (requestedJobStatus: "Ready" | "Cancelled") =>
        Cos.updateJobStatus({ uin, jobId: "j", requestedJobStatus })
      for (const [asked, status, expected] of [
        ["Ready", "Active", "Right"],
        ["Cancelled", "Cancelled", "Right"],
        ["Ready", "Cancelled", "Left"],
        ["Cancelled", "Complete", "Left"]
      ] as const) {
        const steps = [lost, Scripted.error(400, "InvalidRequest"), described(status)]
        const { result } = yield* resultOf(update(asked), ...steps)
        expect([asked, status, result._tag]).toEqual([asked, status, expected])
      }
      const refused = RetryPolicy.withPolicy(update("Ready"), RetryPolicy.none)
      const { requests, result } = yield* resultOf(refused, Scripted.error(400, "InvalidRequest"))
      expect([requests.length, result]).toMatchObject([1, { left: { _tag: "InvalidRequest" } }])
    })
  )
})

describe("an operation of one's own", () => {
  it.effect("has a path with parameters", () =>
    Effect.gen(function* () {
      const pause = Operation.make({
        name: "pauseJob",
        method: "POST",
        target: "control",
        path: "jobs/{jobId}/pause",
        doc: "https://example.com",
        params: { jobId: Operation.required(Operation.pathSegment("jobId")) },
        success: Schema.Void,
        errors: []
      })
      expect(
        (yield* Operation.request(pause.spec, { jobId: "ä" } as object).pipe(Effect.provide(Scripted.make([]).layer)))
          .key
      ).toBe("jobs/ä/pause")
    })
  )
})

describe("notifications", () => {
  const configuration = {
    cloudFunctionConfigurations: [
      {
        id: "a",
        filterRules: [
          { name: "Prefix", value: "in/" },
          { name: "Suffix", value: ".jpg" }
        ],
        cloudFunction: "qcs:0:video:sh:appid/1250000000:video/10010",
        events: ["cos:ObjectCreated:*", "cos:ObjectRemove:Delete"]
      },
      { cloudFunction: "f", events: ["cos:ObjectCreated:Put"] }
    ]
  }
  const xml =
    "<NotificationConfiguration><CloudFunctionConfiguration><Id>a</Id><Filter><S3Key><FilterRule><Name>Prefix</Name>" +
    "<Value>in/</Value></FilterRule><FilterRule><Name>Suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter>" +
    "<CloudFunction>qcs:0:video:sh:appid/1250000000:video/10010</CloudFunction><Event>cos:ObjectCreated:*</Event>" +
    "<Event>cos:ObjectRemove:Delete</Event></CloudFunctionConfiguration><CloudFunctionConfiguration>" +
    "<CloudFunction>f</CloudFunction><Event>cos:ObjectCreated:Put</Event></CloudFunctionConfiguration></NotificationConfiguration>"

  it.effect("are put as they are read", () =>
    Effect.gen(function* () {
      const { requests } = yield* resultOf(Cos.putBucketNotification(configuration), {})
      expect(requests[0]).toMatchObject({ method: "PUT", target: "/?notification=", text: xml })
      expect(yield* valueOf(Cos.getBucketNotification(), { body: xml })).toMatchObject(configuration)
      const none = yield* resultOf(Cos.putBucketNotification({ cloudFunctionConfigurations: [] }), {})
      expect(none.requests[0]?.text).toBe("<NotificationConfiguration/>")
      const body = "<NotificationConfiguration/>"
      expect(yield* valueOf(Cos.getBucketNotification(), { body })).toEqual({ cloudFunctionConfigurations: [] })
    })
  )
})
