/**
 * Every method of the official Node SDK, as it comes from npm: COS's own host names, TLS, and nothing to tell it where the
 * emulator is but the proxy variables. Prints what each method came to as one line of JSON.
 */
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { request } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import COS from "cos-nodejs-sdk-v5"

const { COS_BUCKET: Bucket, COS_REGION: Region, COS_SECRET_ID: SecretId, COS_SECRET_KEY: SecretKey } = process.env
const cos = new COS({ SecretId, SecretKey, Protocol: "https:", FileParallelLimit: 2, ChunkParallelLimit: 2 })
const at = { Bucket, Region }
const appId = Bucket.split("-").at(-1)
const host = `${Bucket}.cos.${Region}.myqcloud.com`
const resource = `qcs::cos:${Region}:uid/${appId}:${Bucket}/*`
const folder = mkdtempSync(join(tmpdir(), "cos-official-"))
const file = (name) => join(folder, name)

const bytes = Buffer.from(Uint8Array.from({ length: 2_597_152 }, (_, index) => (index * 7 + (index >> 8)) % 251))
writeFileSync(file("big"), bytes)
writeFileSync(file("small"), "small")

const results = {}
const called = new Set()
const tell = async (name, call, check = () => true) => {
  try {
    const answer = await call()
    results[name] = check(answer) ? "ok" : `unexpected: ${JSON.stringify(answer)}`
  } catch (error) {
    results[name] = `${error.statusCode ?? ""} ${error.code ?? ""} ${error.message ?? error}`
  }
}
/** A method with its parameters; several calls of one method have names of their own. */
const run = (method, params, check, name = method) => {
  called.add(method)
  return tell(name, () => cos[method]({ ...at, ...params }), check)
}

/** Through a tunnel of node's own making: an agent that knows proxies is no part of Node 20. */
const fetched = (url, method = "GET") =>
  new Promise((resolve, reject) => {
    const { hostname, pathname, search } = new URL(url)
    import("node:http").then(({ request: connect }) => {
      const proxy = new URL(process.env.HTTPS_PROXY)
      connect({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${hostname}:443` })
        .on("connect", (_, socket) =>
          request(
            { method, host: hostname, path: pathname + search, socket, agent: false, servername: hostname },
            (answer) => {
              const chunks = []
              answer.on("data", (chunk) => chunks.push(chunk))
              answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }))
            }
          )
            .on("error", reject)
            .end()
        )
        .on("error", reject)
        .end()
    })
  })

/** Slowed down, so that there is a moment to stop it in. */
const queue = new COS({ SecretId, SecretKey, Protocol: "https:", ProgressInterval: 10 })
const slowly = { FilePath: file("big"), ChunkSize: 1048576, AsyncLimit: 1, TrafficLimit: 40_000_000 }
const stateOf = (task) => queue.getTaskList().find(({ id }) => id === task)?.state

/** Begins an upload, and waits until so much of it is under way. */
const upload = (Key, share) =>
  new Promise((resolve, reject) => {
    let task
    const answer = new Promise((done) => {
      queue.sliceUploadFile(
        {
          ...at,
          ...slowly,
          Key,
          onTaskReady: (id) => {
            task = id
          },
          onProgress: ({ percent }) => percent > share && resolve({ task, answer })
        },
        (error, data) => (error ? reject(error) : done(data))
      )
    })
  })

const md5 = (body) => createHash("md5").update(body).digest("hex")
const other = { Bucket: `other-${appId}`, Region }
const documents = [
  ["Acl", { ACL: "public-read" }, undefined, (got) => got.ACL === "public-read"],
  [
    "Cors",
    { CORSRules: [{ AllowedOrigin: ["*"], AllowedMethod: ["GET"], AllowedHeader: ["*"], MaxAgeSeconds: "5" }] },
    "Cors"
  ],
  [
    "Policy",
    {
      Policy: {
        version: "2.0",
        statement: [
          {
            effect: "allow",
            principal: { qcs: ["qcs::cam::uin/1:uin/1"] },
            action: ["name/cos:GetObject"],
            resource: [resource]
          }
        ]
      }
    },
    "Policy"
  ],
  ["Tagging", { Tags: [{ Key: "a", Value: "b" }] }, "Tagging", (got) => got.Tags[0].Value === "b"],
  [
    "Lifecycle",
    { Rules: [{ ID: "1", Status: "Enabled", Filter: { Prefix: "x/" }, Expiration: { Days: "9" } }] },
    "Lifecycle"
  ],
  [
    "Versioning",
    { VersioningConfiguration: { Status: "Enabled" } },
    undefined,
    (got) => got.VersioningConfiguration.Status === "Enabled"
  ],
  [
    "Replication",
    {
      ReplicationConfiguration: {
        Role: `qcs::cam::uin/1:uin/1`,
        Rules: [
          { ID: "1", Status: "Enabled", Prefix: "p", Destination: { Bucket: `qcs::cos:ap-beijing::${other.Bucket}` } }
        ]
      }
    },
    "Replication"
  ],
  ["Website", { WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } } }, "Website"],
  [
    "Referer",
    {
      RefererConfiguration: {
        Status: "Enabled",
        RefererType: "White-List",
        DomainList: { Domains: ["*.example.com"] },
        EmptyReferConfiguration: "Allow"
      }
    }
  ],
  ["Domain", { DomainRule: [{ Status: "ENABLED", Name: "cos.example.com", Type: "REST" }] }, "Domain"],
  [
    "Origin",
    {
      OriginRule: [
        {
          OriginType: "Mirror",
          OriginCondition: { HTTPStatusCode: 404, Prefix: "" },
          OriginParameter: { Protocol: "HTTP", FollowQueryString: "true", HttpHeader: { FollowAllHeaders: "true" } },
          OriginInfo: { HostInfo: { HostName: "origin.example.com" } }
        }
      ]
    },
    "Origin"
  ],
  ["Logging", { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: "log/" } } }],
  ["Accelerate", { AccelerateConfiguration: { Status: "Enabled" } }],
  [
    "Encryption",
    {
      ServerSideEncryptionConfiguration: { Rule: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] }
    },
    "Encryption"
  ]
]

const inventory = {
  Id: "daily",
  InventoryConfiguration: {
    Id: "daily",
    IsEnabled: "true",
    Destination: {
      COSBucketDestination: { Format: "CSV", AccountId: appId, Bucket: `qcs::cos:${Region}::${Bucket}`, Prefix: "inv" }
    },
    Schedule: { Frequency: "Daily" },
    IncludedObjectVersions: "All"
  }
}

try {
  await run("getService", {}, (got) => got.Buckets.some(({ Name }) => Name === Bucket))
  await run("putBucket", other)
  await run("headBucket", other)
  await run("getBucketLocation", other)
  for (const [name, put, removes, check] of documents) {
    await run(`putBucket${name}`, { ...other, ...put })
    await run(`getBucket${name}`, other, check)
    if (removes !== undefined) await run(`deleteBucket${name}`, other)
  }
  await run("putBucketInventory", { ...other, ...inventory })
  await run("getBucketInventory", { ...other, Id: "daily" })
  await run("listBucketInventory", other)
  await run("deleteBucketInventory", { ...other, Id: "daily" })
  await run("deleteBucket", other)

  await run(
    "putObject",
    { Key: "目录/a b+c%!'()*~.txt", Body: "hello world!" },
    ({ ETag }) => ETag === `"${md5("hello world!")}"`
  )
  await run("headObject", { Key: "目录/a b+c%!'()*~.txt" }, ({ headers }) => headers["content-length"] === "12")
  await run("getObject", { Key: "目录/a b+c%!'()*~.txt" }, ({ Body }) => Body.toString() === "hello world!")
  called.add("getObjectStream")
  await tell(
    "getObjectStream",
    async () => {
      const chunks = []
      for await (const chunk of cos.getObjectStream({ ...at, Key: "目录/a b+c%!'()*~.txt" })) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    },
    (text) => text === "hello world!"
  )
  await run("getBucket", { Delimiter: "/" }, ({ CommonPrefixes }) => CommonPrefixes[0].Prefix === "目录/")
  await run("listObjectVersions", {})
  await run("putObjectAcl", { Key: "目录/a b+c%!'()*~.txt", ACL: "public-read" })
  await run("getObjectAcl", { Key: "目录/a b+c%!'()*~.txt" }, ({ ACL }) => ACL === "public-read")
  await run("putObjectTagging", { Key: "目录/a b+c%!'()*~.txt", Tags: [{ Key: "k", Value: "v" }] })
  await run("getObjectTagging", { Key: "目录/a b+c%!'()*~.txt" }, ({ Tags }) => Tags[0].Key === "k")
  await run("deleteObjectTagging", { Key: "目录/a b+c%!'()*~.txt" })
  await run("putBucketCors", documents[1][1])
  await run("optionsObject", {
    Key: "x",
    Origin: "https://a.example",
    AccessControlRequestMethod: "GET",
    AccessControlRequestHeaders: ""
  })
  await run("putObjectCopy", { Key: "copy", CopySource: `${host}/${encodeURIComponent("目录/a b+c%!'()*~.txt")}` })
  await run("putObject", { Key: "archived", Body: "x", StorageClass: "ARCHIVE" }, undefined, "putObject (archive)")
  await run("restoreObject", { Key: "archived", RestoreRequest: { Days: 1, CASJobParameters: { Tier: "Expedited" } } })
  await run("appendObject", { Key: "log", Body: "one", Position: 0 })
  await run("putObject", { Key: "t.csv", Body: "a,1\nb,2\n" }, undefined, "putObject (csv)")
  const select = {
    Key: "t.csv",
    SelectType: 2,
    SelectRequest: {
      Expression: "Select * from COSObject",
      ExpressionType: "SQL",
      InputSerialization: {
        CompressionType: "NONE",
        CSV: { FileHeaderInfo: "NONE", RecordDelimiter: "\\n", FieldDelimiter: "," }
      },
      OutputSerialization: { CSV: { RecordDelimiter: "\\n", FieldDelimiter: "," } },
      RequestProgress: { Enabled: "FALSE" }
    }
  }
  await run("selectObjectContent", select, ({ Payload }) => Payload.toString().includes("b,2"))
  called.add("selectObjectContentStream")
  await tell(
    "selectObjectContentStream",
    () =>
      new Promise((resolve, reject) => {
        let text = ""
        cos
          .selectObjectContentStream({ ...at, ...select, DataType: "raw" }, (error) => error && reject(error))
          .on("data", (chunk) => {
            text += chunk
          })
          .on("end", () => resolve(text))
          .on("error", reject)
      }),
    (text) => text.includes("b,2")
  )
  await run("request", { Method: "GET", Key: "copy", RawBody: true }, ({ statusCode }) => statusCode === 200)

  const { UploadId } = await cos.multipartInit({ ...at, Key: "parts" })
  called.add("multipartInit")
  const { ETag } = await cos.multipartUpload({
    ...at,
    Key: "parts",
    UploadId,
    PartNumber: 1,
    Body: bytes.subarray(0, 1048576)
  })
  called.add("multipartUpload")
  let copied
  await run("uploadPartCopy", { Key: "parts", UploadId, PartNumber: 2, CopySource: `${host}/copy` }, (got) => {
    copied = got.ETag
    return true
  })
  await run("multipartListPart", { Key: "parts", UploadId }, ({ Part }) => Part.length === 2)
  await run("multipartList", { Prefix: "parts" }, ({ Upload }) => Upload.length === 1)
  await run("multipartComplete", {
    Key: "parts",
    UploadId,
    Parts: [
      { PartNumber: 1, ETag },
      { PartNumber: 2, ETag: copied }
    ]
  })
  const again = await cos.multipartInit({ ...at, Key: "parts" })
  await run("multipartAbort", { Key: "parts", UploadId: again.UploadId })
  await cos.multipartInit({ ...at, Key: "left" })
  await run("abortUploadTask", { Level: "bucket" })

  await run("sliceUploadFile", { Key: "big", FilePath: file("big"), ChunkSize: 1048576 })
  await run("uploadFile", { Key: "file", FilePath: file("big"), SliceSize: 1048576 })
  called.add("uploadFiles")
  await tell(
    "uploadFiles",
    () =>
      cos.uploadFiles({
        SliceSize: 1048576,
        files: ["q/1", "q/2", "q/3", "q/4"].map((Key, index) => ({
          ...at,
          Key,
          FilePath: file(index % 2 === 0 ? "big" : "small")
        }))
      }),
    ({ files }) => files.every(({ error }) => !error) && files.length === 4
  )
  await tell(
    "pauseTask",
    async () => {
      const { answer, task } = await upload("paused", 0.3)
      queue.pauseTask(task)
      const paused = stateOf(task)
      queue.restartTask(task)
      await answer
      return [paused, stateOf(task), queue.isUploadRunning()]
    },
    (got) => got.join() === "paused,success,false"
  )
  await tell(
    "cancelTask",
    async () => {
      const { task } = await upload("cancelled", 0.3)
      const running = Boolean(queue.isUploadRunning())
      queue.cancelTask(task)
      // It leaves its parts behind.
      const { successList } = await queue.abortUploadTask({ ...at, Level: "file", Key: "cancelled" })
      return [running, stateOf(task), successList.length]
    },
    (got) => got.join() === "true,canceled,1"
  )
  await run("sliceCopyFile", { Key: "copied", CopySource: `${host}/big`, CopySliceSize: 1, CopyChunkSize: 1048576 })
  await run("downloadFile", { Key: "q/3", FilePath: file("back"), ChunkSize: 1048576 }, () =>
    readFileSync(file("back")).equals(bytes)
  )
  called.add("getObjectUrl")
  await tell(
    "getObjectUrl",
    () => fetched(cos.getObjectUrl({ ...at, Key: "copy", Sign: true, Protocol: "https:" }, () => {})),
    ({ status, text }) => status === 200 && text === "hello world!"
  )
  await run("deleteObject", { Key: "copy" })
  await run(
    "deleteMultipleObject",
    { Objects: [{ Key: "q/1" }, { Key: "q/2" }] },
    ({ Deleted }) => Deleted.length === 2
  )
} finally {
  rmSync(folder, { recursive: true })
}
for (const name of ["pauseTask", "restartTask", "cancelTask", "getTaskList", "isUploadRunning"]) called.add(name)
// Methods whose other spelling was called, that only sign, that only listen, and the constructor.
const spelling = (name) => name.replace("ACL", "Acl").replace("CORS", "Cors")
const local = ["constructor", "getAuth", "getV4Auth", "options", "on", "off", "emit"]
const uncalled = [...Object.getOwnPropertyNames(COS.prototype), ...Object.keys(cos)].filter(
  (name) => !called.has(spelling(name)) && !local.includes(name) && !name.startsWith("_")
)
console.log(JSON.stringify({ results, uncalled }))
