import * as Cos from "effect-cos/Cos"
import { awkward, declaration, describeResponses, sample } from "../support/responses.js"

const uin = "100000000001"
const account = { uin, appId: "1250000000" }

const manifest = {
  location: { eTag: "e", objectArn: "qcs::cos:ap-guangzhou:uid/1250000000:a-1250000000/m.csv" },
  spec: { format: "COSBatchOperations_CSV_V1" as const, fields: ["Bucket" as const, "Key" as const] }
}
const manifestXml =
  `<Manifest><Location><ETag>e</ETag><ObjectArn>${manifest.location.objectArn}</ObjectArn></Location>` +
  "<Spec><Fields><member>Bucket</member><member>Key</member></Fields><Format>COSBatchOperations_CSV_V1</Format></Spec></Manifest>"

const report = { enabled: false, bucket: "b", format: "Report_CSV_V1" as const, reportScope: "AllTasks" as const }

describeResponses("jobs", [
  sample(Cos.createJob, {
    title: "its id",
    input: {
      ...account,
      clientRequestToken: "t",
      manifest,
      operation: { cosDeleteObject: {} },
      priority: 1,
      report,
      roleArn: "r"
    },
    document: `${declaration}<CreateJobResult><JobId>j</JobId></CreateJobResult>`,
    expected: { jobId: "j" }
  }),
  sample(Cos.describeJob, {
    title: "what it may have",
    input: { ...account, jobId: "j" },
    document:
      `<DescribeJobResult><Job><Description>${awkward.xml}</Description><FailureReasons><JobFailure><FailureCode>c</FailureCode>` +
      `<FailureReason>r</FailureReason></JobFailure></FailureReasons><JobId>j</JobId>${manifestXml}` +
      "<Operation><COSDeleteObject/></Operation><Priority>1</Priority><ProgressSummary><NumberOfTasksFailed>0</NumberOfTasksFailed>" +
      "<NumberOfTasksSucceeded>2</NumberOfTasksSucceeded><TotalNumberOfTasks>2</TotalNumberOfTasks></ProgressSummary>" +
      "<Status>Complete</Status></Job></DescribeJobResult>",
    expected: {
      job: {
        description: awkward.text,
        failureReasons: [{ failureCode: "c", failureReason: "r" }],
        jobId: "j",
        manifest,
        operation: { cosDeleteObject: {} },
        priority: 1,
        progressSummary: { numberOfTasksFailed: 0, numberOfTasksSucceeded: 2, totalNumberOfTasks: 2 },
        status: "Complete"
      }
    }
  }),
  sample(Cos.listJobs, {
    title: "several, and more to come",
    input: account,
    document:
      "<ListJobsResult><Jobs><member><JobId>a</JobId><Status>New</Status></member><member><JobId>b</JobId>" +
      "<Status>Failed</Status></member></Jobs><NextToken>n</NextToken></ListJobsResult>",
    expected: {
      jobs: [
        { jobId: "a", status: "New" },
        { jobId: "b", status: "Failed" }
      ],
      nextToken: "n"
    }
  }),
  sample(Cos.updateJobPriority, {
    title: "as it is now",
    input: { ...account, jobId: "j", priority: 3 },
    document: "<UpdateJobPriorityResult><JobId>j</JobId><Priority>3</Priority></UpdateJobPriorityResult>",
    expected: { jobId: "j", priority: 3 }
  }),
  sample(Cos.updateJobStatus, {
    title: "as it is now",
    input: { ...account, jobId: "j", requestedJobStatus: "Ready" },
    document: "<UpdateJobStatusResult><JobId>j</JobId><Status>Ready</Status></UpdateJobStatusResult>",
    expected: { jobId: "j", status: "Ready" }
  }),
  sample(Cos.getBucketNotification, {
    title: "a function for some keys",
    input: {},
    document:
      "<NotificationConfiguration><CloudFunctionConfiguration><Id>a</Id><Filter><S3Key><FilterRule><Name>Prefix</Name>" +
      `<Value>${awkward.xml}</Value></FilterRule></S3Key></Filter><CloudFunction>f</CloudFunction>` +
      "<Event>cos:ObjectCreated:Put</Event></CloudFunctionConfiguration></NotificationConfiguration>",
    expected: {
      cloudFunctionConfigurations: [
        {
          id: "a",
          filterRules: [{ name: "Prefix", value: awkward.text }],
          cloudFunction: "f",
          events: ["cos:ObjectCreated:Put"]
        }
      ]
    }
  })
])
