/**
 * Batch jobs: kept, listed and changed, but not carried out. A job lies with the bucket of its manifest.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type CosFailure, failure } from "../http/failure.js"
import { notDoneHeader, type Reply } from "../http/message.js"
import type { NotFound, StorageError } from "../storage/Storage.js"
import { flag, integer, matching, maxCharacters, oneOf, type Shape, text } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { ControlCall, Operation, OperationError, ServiceCall } from "./operation.js"
import { integerParameter, invalidArgument, isoDate, readDocument } from "./parameters.js"
import { xmlReply } from "./replies.js"

/** The id in a path, `""` where the path has none; `undefined` if it is another path. */
export const jobIdOf = (path: string, actual: string): string | undefined => {
  const pattern = new RegExp(`^/${path.replace("*", "(?<id>[^/]+)")}$`)
  const found = pattern.exec(actual)
  return found === null ? undefined : (found.groups?.id ?? "")
}

/** Every request about jobs names the account's APPID. */
export const checkAppId = (call: ServiceCall): Either.Either<void, CosFailure> => {
  const appId = call.header("x-cos-appid")
  if (appId === undefined) return Either.left(invalidArgument("x-cos-appid cannot be empty."))
  return appId === call.settings.appId ? Either.void : Either.left(failure("AccessDenied"))
}

const maxPriority = 2_147_483_647

const shortText = matching(/^[\s\S]{1,64}$/, "of 1 to 64 characters")
const arn = matching(
  /^qcs::cos:[a-z0-9-]+:uid\/\d+:[a-z0-9-]+-\d+\/[\s\S]+$/,
  "qcs::cos:<region>:uid/<APPID>:<bucket>/<key>"
)
const bucketArn = matching(
  /^qcs::cos:[a-z0-9-]+:(?:uid\/\d+)?:[a-z0-9-]+-\d+$/,
  "qcs::cos:<region>:uid/<APPID>:<bucket>"
)

const copyShape: Shape = {
  "AccessControlDirective?": oneOf("Copy", "Replaced", "Add"),
  "AccessControlGrants?": {
    "COSGrant*": { Grantee: { "DisplayName?": text, Identifier: text, TypeIdentifier: text }, Permission: text }
  },
  "CannedAccessControlList?": text,
  "MetadataDirective?": oneOf("Copy", "Replaced", "Add"),
  "ModifiedSinceConstraint?": integer(0),
  "UnModifiedSinceConstraint?": integer(0),
  "NewObjectMetadata?": {
    "CacheControl?": text,
    "ContentDisposition?": text,
    "ContentEncoding?": text,
    "ContentType?": text,
    "HttpExpiresDate?": text,
    "SSEAlgorithm?": text,
    "UserMetadata?": { "member*": { Key: text, Value: text } }
  },
  "TaggingDirective?": oneOf("Copy", "Replaced", "Add"),
  "PrefixReplace?": flag,
  "ResourcesPrefix?": text,
  "TargetKeyPrefix?": text,
  "StorageClass?": text,
  TargetResource: bucketArn
}

const shape: Shape = {
  ClientRequestToken: shortText,
  "ConfirmationRequired?": flag,
  "Description?": maxCharacters(256),
  Manifest: {
    Location: { ETag: text, ObjectArn: arn, "ObjectVersionId?": text },
    Spec: {
      "Fields?": { "member*": oneOf("Ignore", "Bucket", "Key", "VersionId") },
      Format: oneOf("COSBatchOperations_CSV_V1", "COSInventoryReport_CSV_V1")
    }
  },
  Operation: {
    "COSPutObjectCopy?": copyShape,
    "COSInitiateRestoreObject?": { ExpirationInDays: integer(1), JobTier: oneOf("Expedited", "Standard", "Bulk") },
    "COSDeleteObject?": text
  },
  Priority: integer(0, maxPriority),
  Report: {
    "Bucket?": bucketArn,
    Enabled: matching(/^\s*(?:true|false|Enabled|Disabled)\s*$/i, "true or false"),
    "Format?": oneOf("Report_CSV_V1"),
    "Prefix?": text,
    "ReportScope?": oneOf("AllTasks", "FailedTasksOnly")
  },
  RoleArn: text
}

// --- what is kept ----------------------------------------------------------------------------------------------------

interface Job {
  readonly id: string
  readonly bucket: string
  readonly createdAt: number
  readonly token: string
  readonly status: string
  readonly priority: number
  readonly reason: string | undefined
  readonly endedAt: number | undefined
  /** The elements of the request that come back as they were put. */
  readonly put: Xml.Node
}

const prefix = "jobs/"

const write = (job: Job): string =>
  Xml.render([
    "Kept",
    [
      ["JobId", job.id],
      ["CreatedAt", job.createdAt],
      ["Status", job.status],
      ["Priority", job.priority],
      ["Reason", job.reason],
      ["EndedAt", job.endedAt],
      Xml.toElement(job.put)
    ]
  ])

const read = (bucket: string, document: string): Job | undefined =>
  Option.getOrUndefined(
    Option.map(Either.getRight(Xml.parse(document)), (kept) => {
      const [put = kept] = Xml.all(kept, "CreateJobRequest")
      const endedAt = Xml.text(kept, "EndedAt")
      return {
        id: Xml.text(kept, "JobId") ?? "",
        bucket,
        createdAt: Number(Xml.text(kept, "CreatedAt")),
        token: Xml.text(put, "ClientRequestToken") ?? "",
        status: Xml.text(kept, "Status") ?? "",
        priority: Number(Xml.text(kept, "Priority")),
        reason: Xml.text(kept, "Reason"),
        endedAt: endedAt === undefined ? undefined : Number(endedAt),
        put
      }
    })
  )

const save = (call: ServiceCall, job: Job): Effect.Effect<void, NotFound | StorageError> =>
  call.storage.putDocument(job.bucket, prefix + job.id, write(job))

/** The jobs of the region, in the order in which they were created. */
const allJobs = (call: ServiceCall): Effect.Effect<ReadonlyArray<Job>, NotFound | StorageError> =>
  Effect.gen(function* () {
    const buckets = (yield* call.storage.listBuckets).filter(
      ({ region }) => call.region === undefined || region === call.region
    )
    const found = yield* Effect.forEach(buckets, ({ name }) =>
      Effect.map(call.storage.listDocuments(name, prefix), (documents) =>
        documents.flatMap(([, document]) => read(name, document) ?? [])
      )
    )
    return found.flat().toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  })

const findJob = (call: ControlCall): Effect.Effect<Job, OperationError> =>
  Effect.flatMap(
    allJobs(call),
    (jobs): Effect.Effect<Job, CosFailure> =>
      Effect.fromNullable(jobs.find(({ id }) => id === call.jobId)).pipe(
        Effect.mapError(() => failure("NoSuchJob", { message: "The specified job does not exist." }))
      )
  )

const ended: ReadonlySet<string> = new Set(["Complete", "Failed", "Cancelled"])

// --- what is shown ---------------------------------------------------------------------------------------------------

/** Nothing is ever carried out. */
const summary: Xml.Element = [
  "ProgressSummary",
  [
    ["NumberOfTasksFailed", 0],
    ["NumberOfTasksSucceeded", 0],
    ["TotalNumberOfTasks", 0]
  ]
]

const date = (time: number | undefined): string | undefined => (time === undefined ? undefined : isoDate(time))

/** In place of what the request had, what has become of it. */
const changed: ReadonlySet<string> = new Set(["ClientRequestToken", "Priority"])

const describe = (job: Job): ReadonlyArray<Xml.Element> => [
  ...job.put.children.filter(({ name }) => !changed.has(name)).map(Xml.toElement),
  ["CreationTime", date(job.createdAt)],
  ["JobId", job.id],
  ["Priority", job.priority],
  summary,
  ["Status", job.status],
  ["StatusUpdateReason", job.reason],
  ["TerminationDate", date(job.endedAt)]
]

const member = (job: Job): Xml.Element => [
  "member",
  [
    ["CreationTime", date(job.createdAt)],
    ["Description", Xml.text(job.put, "Description")],
    ["JobId", job.id],
    ["Operation", Xml.all(job.put, "Operation")[0]?.children[0]?.name],
    ["Priority", job.priority],
    summary,
    ["Status", job.status],
    ["TerminationDate", date(job.endedAt)]
  ]
]

// --- operations ------------------------------------------------------------------------------------------------------

const manifestBucket = (node: Xml.Node): string => {
  const [manifest] = Xml.all(node, "Manifest")
  const [location] = manifest === undefined ? [] : Xml.all(manifest, "Location")
  return /:([a-z0-9-]+-\d+)\//.exec((location && Xml.text(location, "ObjectArn")) ?? "")?.[1] ?? ""
}

const createJob = (call: ControlCall): Effect.Effect<Reply, OperationError> =>
  Effect.gen(function* () {
    const put = yield* readDocument(call, "CreateJobRequest", shape)
    const [operation] = Xml.all(put, "Operation")
    if (operation?.children.length !== 1) return yield* failure("MalformedXML", { message: "A job has one operation." })
    const token = Xml.text(put, "ClientRequestToken") ?? ""
    const bucket = manifestBucket(put)
    const isThere = yield* Effect.option(call.storage.getBucket(bucket))
    if (Option.isNone(isThere)) return yield* invalidArgument(`The manifest lies in ${bucket}, which does not exist.`)
    const jobs = yield* allJobs(call)
    if (jobs.some((job) => job.token === token)) {
      return yield* failure("InvalidRequest", { message: "The ClientRequestToken exists already." })
    }
    const digest = createHash("md5").update(`${token} ${call.now}`).digest("hex")
    const id = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    const needsConfirmation = /^\s*true\s*$/i.test(Xml.text(put, "ConfirmationRequired") ?? "")
    yield* save(call, {
      id,
      bucket,
      createdAt: call.now,
      token,
      status: needsConfirmation ? "Suspended" : "Ready",
      priority: Number(Xml.text(put, "Priority")),
      reason: undefined,
      endedAt: undefined,
      put
    })
    return xmlReply(["CreateJobResult", [["JobId", id]]], { [notDoneHeader]: "createJob" })
  })

const statuses: ReadonlySet<string> = new Set(
  "Active Cancelled Cancelling Complete Completing Failed Failing New Paused Pausing Preparing Ready Suspended".split(
    " "
  )
)

const describeJob = (call: ControlCall): Effect.Effect<Reply, OperationError> =>
  Effect.map(findJob(call), (job) => xmlReply(["DescribeJobResult", [["Job", describe(job)]]]))

const listJobs = (call: ControlCall): Effect.Effect<Reply, OperationError> =>
  Effect.gen(function* () {
    const status = call.query.get("jobStatuses") || undefined
    if (status !== undefined && !statuses.has(status)) return yield* invalidArgument(`${status} is no status of a job.`)
    const most = (yield* integerParameter(call, "maxResults", { min: 1, max: 1000 })) ?? 1000
    const jobs = yield* allJobs(call)
    const token = call.query.get("nextToken") || undefined
    const at = token === undefined ? -1 : jobs.findIndex(({ id }) => id === token)
    if (token !== undefined && at === -1) return yield* invalidArgument("The nextToken is not valid.")
    const rest = jobs.slice(at + 1).filter((job) => status === undefined || job.status === status)
    const page = rest.slice(0, most)
    return xmlReply([
      "ListJobsResult",
      [
        ["Jobs", page.map(member)],
        ["NextToken", rest.length > page.length ? page.at(-1)?.id : undefined]
      ]
    ])
  })

const updatePriority = (call: ControlCall): Effect.Effect<Reply, OperationError> =>
  Effect.gen(function* () {
    const job = yield* findJob(call)
    if (ended.has(job.status)) return yield* failure("NoSuchJob")
    const priority = yield* integerParameter(call, "priority", { min: 0, max: maxPriority })
    if (priority === undefined) return yield* failure("InvalidRequest", { message: "No priority is given." })
    yield* save(call, { ...job, priority })
    return xmlReply([
      "UpdateJobPriorityResult",
      [
        ["JobId", job.id],
        ["Priority", priority]
      ]
    ])
  })

const updateStatus = (call: ControlCall): Effect.Effect<Reply, OperationError> =>
  Effect.gen(function* () {
    const job = yield* findJob(call)
    const status = call.query.get("requestedJobStatus") ?? ""
    if (status !== "Ready" && status !== "Cancelled") {
      return yield* invalidArgument("requestedJobStatus must be Ready or Cancelled.")
    }
    const reason = call.query.get("statusUpdateReason") || undefined
    if (Buffer.byteLength(reason ?? "") > 256)
      return yield* invalidArgument("statusUpdateReason has at most 256 bytes.")
    if (ended.has(job.status)) return yield* failure("InvalidRequest", { message: "The job has ended." })
    if (status === "Ready" && job.status !== "Suspended") {
      return yield* failure("InvalidRequest", { message: `A job that is ${job.status} is not confirmed.` })
    }
    yield* save(call, { ...job, status, reason, endedAt: status === "Cancelled" ? call.now : undefined })
    return xmlReply([
      "UpdateJobStatusResult",
      [
        ["JobId", job.id],
        ["Status", status],
        ["StatusUpdateReason", reason]
      ]
    ])
  })

const common = { on: "control", aclPermission: "OWNER" } as const

export const jobOperations: ReadonlyArray<Operation> = [
  { ...common, name: "createJob", action: "CreateJob", method: "POST", path: "jobs", run: createJob },
  {
    ...common,
    name: "listJobs",
    action: "ListJobs",
    method: "GET",
    path: "jobs",
    optionalQuery: ["jobStatuses", "maxResults", "nextToken"],
    run: listJobs
  },
  {
    ...common,
    name: "describeJob",
    action: "DescribeJob",
    method: "GET",
    path: "jobs/*",
    run: describeJob
  },
  {
    ...common,
    name: "updateJobPriority",
    action: "UpdateJobPriority",
    method: "POST",
    path: "jobs/*/priority",
    optionalQuery: ["priority"],
    run: updatePriority
  },
  {
    ...common,
    name: "updateJobStatus",
    action: "UpdateJobStatus",
    method: "POST",
    path: "jobs/*/status",
    optionalQuery: ["requestedJobStatus", "statusUpdateReason"],
    run: updateStatus
  }
]
