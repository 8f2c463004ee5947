import { gzipSync } from "node:zlib"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Operation from "effect-cos/Operation"
import * as Presign from "effect-cos/Presign"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as World from "../../support/world.js"
import { key } from "../configurations.js"
import { read, type Scenario, tagOf } from "./scenario.js"

export const requests: ReadonlyArray<Scenario> = [
  [
    "SQL over objects",
    Effect.gen(function* () {
      const csv = 'name,age,city\nada,36,London\n"Grace ""G""",85,"New York, NY"\nalan,41,London\n'
      yield* Cos.putObject({ key: "csv", body: csv })
      yield* Cos.putObject({ key: "gzip", body: gzipSync(csv) })
      yield* Cos.putObject({ key: "json", body: '{"name":"ada","at":{"x":1}}\n{"name":"alan","at":{"x":2}}\n' })
      const select = (input: Operation.Input<typeof Cos.selectObjectContent>) =>
        Effect.map(Stream.runCollect(Cos.selectObjectContent(input)), (events) => {
          const records = Array.from(events).flatMap((event) => (event._tag === "Records" ? [event.bytes] : []))
          return { records: Buffer.concat(records).toString(), tags: Array.from(events, ({ _tag }) => _tag), events }
        })
      const named = { input: { csv: { fileHeaderInfo: "USE" as const } }, output: { csv: {} } }
      const london = yield* select({
        ...named,
        key: "csv",
        expression: "select s.name, age from COSObject s where s.city = 'London' and age > 40",
        progress: true
      })
      expect(london.records).toBe("alan,41\n")
      expect(london.tags).toEqual(["Records", "Progress", "Stats"])
      expect(Chunk.unsafeLast(london.events)).toEqual({
        _tag: "Stats",
        bytesScanned: csv.length,
        bytesProcessed: csv.length,
        bytesReturned: 8
      })
      const zipped = yield* select({
        key: "gzip",
        expression: "SELECT * FROM COSObject LIMIT 2",
        input: { compressionType: "GZIP", csv: { fileHeaderInfo: "IGNORE" } },
        output: { json: {} }
      })
      expect(zipped.records).toBe(
        '{"_1":"ada","_2":"36","_3":"London"}\n{"_1":"Grace \\"G\\"","_2":"85","_3":"New York, NY"}\n'
      )
      const counted = yield* select({ ...named, key: "csv", expression: "select count(*) from COSObject" })
      expect(counted.records).toBe("3\n")
      const json = yield* select({
        key: "json",
        expression: "select o.at.x as x, o.name from COSObject o where o.at.x >= 2",
        input: { json: { type: "LINES" } },
        output: { json: {} }
      })
      expect(json.records).toBe('{"x":2,"name":"alan"}\n')
      expect(yield* tagOf(select({ ...named, key: "csv", expression: "select max(age) from COSObject" }))).toBe(
        "CosServiceError"
      )
      expect(yield* tagOf(select({ ...named, key: "nothing", expression: "select * from COSObject" }))).toBe(
        "NoSuchKey"
      )
    })
  ],
  [
    "uploads by HTML forms",
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const post = (
        input: Presign.FormInput,
        options: Presign.FormOptions,
        content: string,
        change: Record<string, string> = {}
      ) =>
        Effect.gen(function* () {
          const { fields, url } = yield* Presign.form(input, options)
          const data = new FormData()
          for (const [name, value] of Object.entries({ ...Redacted.value(fields), ...change })) data.append(name, value)
          data.append("file", new Blob([content]), "cat 猫.txt")
          const encoded = new Response(data)
          const bytes = new Uint8Array(yield* Effect.promise(() => encoded.arrayBuffer()))
          const request = HttpClientRequest.post(url, {
            body: HttpBody.uint8Array(bytes, encoded.headers.get("content-type") ?? "")
          })
          const response = yield* client.execute(request)
          return { status: response.status, headers: response.headers, text: yield* response.text }
        })
      const size = { min: 1, max: 20 }
      const sent = yield* post(
        {
          key: `inbox/\${filename}`,
          contentType: "text/plain",
          metadata: { a: "1" },
          acl: "private",
          successActionStatus: 201
        },
        { size },
        "hello world!"
      )
      expect(sent.status).toBe(201)
      expect([sent.text, sent.headers.etag]).toEqual(["", '"fc3ff98e8c6a0d3087d515c0473f8677"'])
      expect(yield* read({ key: "inbox/cat 猫.txt" })).toBe("hello world!")
      expect(yield* Cos.headObject({ key: "inbox/cat 猫.txt" })).toMatchObject({
        contentType: "text/plain",
        metadata: { a: "1" },
        crc64: 9548687815775124833n
      })
      expect((yield* Cos.getObjectAcl({ key: "inbox/cat 猫.txt" })).acl).toBe("private")
      const refused = (...args: Parameters<typeof post>) =>
        Effect.map(post(...args), ({ text }) => /<Code>(.*)<\/Code>/.exec(text)?.[1])
      expect(yield* refused({ key: "k" }, { size }, "x".repeat(21))).toBe("EntityTooLarge")
      expect(yield* refused({ key: "k" }, { size }, "")).toBe("EntityTooSmall")
      expect(yield* refused({ key: "k" }, {}, "x", { key: "other" })).toBe("AccessDenied")
      expect(yield* refused({ key: "k" }, {}, "x", { "q-signature": "0".repeat(40) })).toBe("SignatureDoesNotMatch")
      expect(yield* refused({ key: "k", contentMd5: "AAAAAAAAAAAAAAAAAAAAAA==" }, {}, "x")).toBe("BadDigest")
      expect(yield* tagOf(Cos.headObject({ key: "k" }))).toBe("NoSuchKey")
    })
  ],
  [
    "data processing is refused by its name, or left out and said so",
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a.png", body: "png" })
      const refused = <A, E extends { readonly _tag: string; readonly message: string }, R>(
        self: Effect.Effect<A, E, R>
      ) => Effect.map(Effect.flip(self), ({ message }) => /no data processing: (.*)\./.exec(message)?.[1])
      const operations = { rules: [{ fileId: "b.png", rule: "imageMogr2/thumbnail/1x" }] }
      expect(yield* refused(Cos.imageInfo({ key: "a.png" }))).toBe("imageInfo")
      yield* Cos.ciProcess({ key: "a.png", process: "snapshot", parameters: { time: "1" } })
      yield* Cos.docPreview({ key: "a.png", page: 1 })
      const made = yield* Cos.imageProcess({ key: "a.png", operations })
      expect(made.processResults).toMatchObject([{ key: "b.png", size: 3 }])
      expect(yield* read({ key: "b.png" })).toBe("png")
      yield* Cos.processObject({ key: "a.png", rule: "imageMogr2/thumbnail/200x" })
      yield* Cos.putObject({ key: "new", body: "new", picOperations: operations })
      const { uploadId } = yield* Cos.initiateMultipartUpload({ key: "parts" })
      const { eTag } = yield* Cos.uploadPart({ key: "parts", uploadId, partNumber: 1, body: "x" })
      const callback = { url: ["https://a.example/?q=1", "https://b.example"], body: "key&v" }
      yield* Cos.completeMultipartUpload({
        key: "parts",
        uploadId,
        parts: [{ partNumber: 1, eTag }],
        callback,
        callbackVar: { v: "中" }
      })
      expect(yield* Cos.objectExists({ key: "new" })).toBe(true)
      const left = (yield* (yield* Emulator).journal).map(({ notDone }) => notDone).filter((names) => names.length > 0)
      expect(left).toEqual([
        ["ci-process=snapshot"],
        ["ci-process=doc-preview"],
        ["Pic-Operations"],
        ["imageMogr2/thumbnail/200x"],
        ["Pic-Operations"],
        ["x-cos-callback"]
      ])
    }).pipe(Effect.scoped)
  ],
  [
    "batch jobs are kept, and not carried out",
    Effect.gen(function* () {
      const uin = "100000000001"
      const operation = { cosDeleteObject: {} }
      const job = {
        uin,
        manifest: {
          location: { eTag: "e", objectArn: `qcs::cos:ap-guangzhou:uid/1250000000:${World.bucket}/a.csv` },
          spec: { format: "COSBatchOperations_CSV_V1", fields: ["Bucket", "Key"] }
        },
        operation,
        priority: 1,
        report: { enabled: false },
        roleArn: "qcs::cam::uin/100000000001:roleName/Batch"
      }
      yield* Cos.putObject({ key: "a.csv", body: `${World.bucket},a.csv` })
      const first = yield* Cos.createJob({ ...job, clientRequestToken: "1", description: "first" })
      const second = yield* Cos.createJob({ ...job, clientRequestToken: "2", confirmationRequired: true })
      expect((yield* World.requests("createJob")).map(({ notDone }) => notDone)).toEqual([["createJob"], ["createJob"]])
      expect(yield* tagOf(Cos.createJob({ ...job, clientRequestToken: "1" }))).toBe("InvalidRequest")
      expect(yield* tagOf(Cos.createJob({ ...job, appId: "1", clientRequestToken: "3" }))).toBe("AccessDenied")
      const elsewhere = { ...job.manifest, location: { eTag: "e", objectArn: "qcs::cos:a:uid/1:none-1/a" } }
      const nowhere = Cos.createJob({ ...job, clientRequestToken: "3", manifest: elsewhere })
      expect(yield* tagOf(nowhere)).toBe("InvalidArgument")

      const { job: described } = yield* Cos.describeJob({ uin, jobId: first.jobId })
      expect(described).toMatchObject({
        ...first,
        description: "first",
        manifest: job.manifest,
        operation,
        priority: 1,
        progressSummary: { totalNumberOfTasks: 0 },
        report: { enabled: false },
        status: "Ready"
      })
      expect(yield* tagOf(Cos.describeJob({ uin, jobId: "none" }))).toBe("NoSuchJob")

      const listed = (input: object) =>
        Effect.map(Stream.runCollect(Cos.listJobs.items({ uin, ...input })), (jobs) =>
          Array.from(jobs, ({ jobId, operation, status }) => [jobId, operation, status])
        )
      const rows = [
        [first.jobId, "COSDeleteObject", "Ready"],
        [second.jobId, "COSDeleteObject", "Suspended"]
      ]
      expect((yield* listed({ maxResults: 1 })).toSorted()).toEqual(rows.toSorted())
      expect(yield* listed({ jobStatuses: "Suspended" })).toEqual(rows.slice(1))
      expect(yield* tagOf(Cos.listJobs({ uin, nextToken: "none" }))).toBe("InvalidArgument")

      const set = { uin, jobId: second.jobId }
      expect(yield* Cos.updateJobPriority({ ...set, priority: 9 })).toEqual({ ...second, priority: 9 })
      expect(yield* Cos.updateJobStatus({ ...set, requestedJobStatus: "Ready" })).toMatchObject({ status: "Ready" })
      expect(yield* tagOf(Cos.updateJobStatus({ ...set, requestedJobStatus: "Ready" }))).toBe("InvalidRequest")
      yield* Cos.updateJobStatus({ ...set, requestedJobStatus: "Cancelled", statusUpdateReason: "enough" })
      const { job: ended } = yield* Cos.describeJob(set)
      expect(ended).toMatchObject({ priority: 9, status: "Cancelled", statusUpdateReason: "enough" })
      expect(ended.terminationDate).toBeInstanceOf(Date)
      expect(yield* tagOf(Cos.updateJobStatus({ ...set, requestedJobStatus: "Cancelled" }))).toBe("InvalidRequest")
      expect(yield* tagOf(Cos.updateJobPriority({ ...set, priority: 1 }))).toBe("NoSuchJob")
      expect(yield* Cos.objectExists({ key: "a.csv" })).toBe(true)
    })
  ],
  [
    "a request that has no operation",
    Effect.gen(function* () {
      const answer = yield* Cos.request({ method: "PUT", key, body: "raw", headers: { "x-cos-meta-a": "1" } })
      expect(answer.status).toBe(200)
      expect(yield* Cos.headObject({ key })).toMatchObject({ metadata: { a: "1" }, contentLength: 3 })
    }).pipe(Effect.scoped)
  ]
]
