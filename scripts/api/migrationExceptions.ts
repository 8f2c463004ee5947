/**
 * Where the migration table does not follow from the names: what stands in another place here, and what is not offered
 * and why. A key is `method.field` in the words of the official SDK, `*` for any method; it holds for what is in the field
 * too.
 */

/** Methods whose fields are those of another operation. */
export const modelled: Record<string, string> = {
  getObjectStream: "getObject",
  selectObjectContentStream: "selectObjectContent",
  sliceUploadFile: "putObject",
  uploadFile: "putObject",
  uploadFiles: "putObject",
  sliceCopyFile: "copyObject",
  downloadFile: "getObject"
}

const controlledBy = "of `Upload.controlled`, or of a ticket of the `TransferQueue`"

/** What a method is, where that is not one operation. */
export const methodNotes: Record<string, string> = {
  deleteMultipleObject:
    "`Cos.deleteMultipleObjects`, up to 1,000; `Cos.deleteObjects` for any number, `Cos.deletePrefix` for all below a prefix.",
  getObject:
    "`Cos.getObject`, whose body is a Stream under a scope; `Download.bytes`, `Download.text` and `Download.json`.",
  getObjectStream: "`Download.stream`, which continues where the connection broke; or `Cos.getObject`.",
  selectObjectContentStream: "`Cos.selectObjectContent`: it is a Stream of events.",
  sliceUploadFile: "`Upload.file`; `Upload.bytes`, `Upload.blob`, `Upload.stream` and `Upload.sink` for other sources.",
  abortUploadTask: "`Upload.abortUnfinished` for many; `Cos.abortMultipartUpload` for one.",
  uploadFile: "`Upload.file`: one request or parts, by size.",
  uploadFiles: "`Upload.files`, also for whole directories.",
  sliceCopyFile: "`Copy.object`; `Copy.move` removes the source afterwards.",
  downloadFile: "`Download.file`; `Download.files` for many.",
  getTaskList: "`list` of `TransferQueue.TransferQueue`, whose `changes` is a Stream of the same.",
  pauseTask: `\`pause\` of \`Controlled.Controlled\`: ${controlledBy}.`,
  restartTask: `\`resume\` of \`Controlled.Controlled\`: ${controlledBy}.`,
  cancelTask: `\`cancel\` of \`Controlled.Controlled\`: ${controlledBy}. It also removes the unfinished upload from the server.`,
  isUploadRunning: "`list` of `TransferQueue.TransferQueue`: whether an entry is `checking` or `transferring`.",
  request: "`Cos.request`, or `Operation.make` for an operation of your own, with types.",
  getObjectUrl:
    "`Presign.url` of any operation; `Presign.request` where headers are signed; `Presign.objectUrl` unsigned.",
  getV4Auth: "Not offered: the signature of an API that the service retired.",
  getAuth: "`Signature.sign`, which is pure; `Presign.request` for whole requests.",
  on: "`changes` of `TransferQueue.TransferQueue`, in place of the event `list-update`.",
  off: "Interrupting the Stream `changes` of `TransferQueue.TransferQueue`.",
  emit: "Not offered: only the queue itself publishes its changes."
}

const urlAlways = "Not offered: keys are always asked for percent-encoded, and always decoded"
const derivedGrants = "Not given: it is put together there from the grants, which are in `grants`"
const queued = "`id` of `TransferQueue.Ticket`, which `upload` of `TransferQueue.TransferQueue` gives"
const progress = "`onProgress`, of every transfer, and of the operations `putObject`, `uploadPart` and `appendObject`"
const partSize = "`partSize` of `Upload.UploadOptions`"
const threshold = "`threshold` of `Upload.UploadOptions`"
const customerKey = "`customerKey`"

/** The ways in which a method is called that are no field of it. */
export const forms: Record<string, ReadonlyArray<readonly [there: string, here: string]>> = {
  getObjectUrl: [
    ['`Method: "GET"`, the default', "`Presign.url(Cos.getObject, { key })`"],
    ['`Method: "HEAD"`', "`Presign.url(Cos.headObject, { key })`"],
    ['`Method: "PUT"`', "`Presign.url(Cos.putObject, { key })`; with headers or a known body `Presign.request`"],
    ['`Method: "POST"`', "`Presign.request` of the operation; `Presign.form` for HTML forms"],
    ['`Method: "DELETE"`', "`Presign.url(Cos.deleteObject, { key })`"],
    ['`Method: "OPTIONS"`', "`Presign.request(Cos.optionsObject, { … })`"],
    [
      'a method with a subresource, such as `Query: { tagging: "" }`',
      "the operation that has it: `Presign.url(Cos.getObjectTagging, { key })`; one that is not there is declared with `Operation.make`"
    ],
    [
      "`Query: { partNumber, uploadId }`",
      "`Presign.url(Cos.uploadPart, { … })` without its body, or `Presign.request`"
    ],
    [
      "a bucket: without `Key`, or with an empty one",
      "any operation on a bucket: `Presign.url(Cos.listObjects, { prefix })`; unsigned, `Presign.objectUrl` without `key`"
    ],
    ["the URL that the method returns", "`Presign.url` is an Effect, whose value is the URL"],
    [
      "the callback, where the access key comes later from `getAuthorization`",
      "the same Effect: it waits for the credentials, wherever they come from, `Credentials.layerProvider` for example"
    ],
    ["an error in the callback", "`Presign.PresignError`: `InvalidInput` or `CredentialsError`"],
    [
      "a temporary key's `SecurityToken`",
      "the token of the credentials: it is in the URL, whose signature ends with the key"
    ]
  ]
}

export const exceptions: Record<string, string> = {
  // Everywhere.
  "*.QueryString": "`extra.query`",
  "*.EncodingType": urlAlways,
  "getBucket.→ EncodingType": "`encodingType`, as it came; keys are decoded",
  "listObjectVersions.→ EncodingType": "`encodingType`, as it came; keys are decoded",
  "*.ContentLength": "The size of `body`; for a Stream it is given to `Body.stream`",
  "*.Expect": "`expectContinue`, of the operations with a body and of uploads in one request",
  "*.SSECustomerAlgorithm": "Not given: it is always `AES256`",
  "*.SSECustomerKey": customerKey,
  "*.SSECustomerKeyMD5": "Not given: it is computed",
  "*.SSEKMSKeyId": "`kmsKeyId`",
  "*.SSEContext": "`kmsContext`",
  "*.onProgress": progress,
  "*.onTaskReady": queued,
  "*.onTaskStart": "`changes` of `TransferQueue.TransferQueue`",
  "*.CopySource": "`source`, as a bucket, a region, a key and a version: not as a host and an encoded path",
  "*.Location": "`location`, with its protocol",

  // Buckets.
  "getService.CreateRange": "`createRange`",
  "listObjectVersions.Marker": "`keyMarker`",
  "listObjectVersions.NextMarker": "`nextKeyMarker`",
  "putBucketAcl.AccessControlPolicy": "`policy`",
  "putBucketAcl.AccessControlPolicy.Owner": "`policy.owner`",
  "putBucketAcl.AccessControlPolicy.Owner.ID": "`policy.owner.id`",
  "putBucketAcl.AccessControlPolicy.Grants": "`policy.grants`",
  "putBucketAcl.AccessControlPolicy.Grants[].Grantee": "`policy.grants[].grantee`",
  "putBucketAcl.AccessControlPolicy.Grants[].Grantee.ID": "`policy.grants[].grantee.id`",
  "putBucketAcl.AccessControlPolicy.Grants[].Grantee.URI": "`policy.grants[].grantee.uri`",
  "putBucketAcl.AccessControlPolicy.Grants[].Permission": "`policy.grants[].permission`",
  "getBucketAcl.ACL": "`acl` if the service names it; `Cos.cannedAcl` of the output in any case",
  "getObjectAcl.ACL": "`acl` if the service names it; `Cos.cannedAcl` of the output in any case",
  ...Object.fromEntries(
    ["GrantRead", "GrantReadAcp", "GrantWriteAcp", "GrantFullControl"].flatMap((grant) => [
      [`getBucketAcl.${grant}`, derivedGrants],
      [`getObjectAcl.${grant}`, derivedGrants]
    ])
  ),
  "getBucketAcl.GrantWrite": derivedGrants,
  "putBucketPolicy.Policy": "`policy`",
  "getBucketPolicy.Policy": "`policy`",
  "getBucketLocation.LocationConstraint": "`location`",
  ...Object.fromEntries(
    ["putBucketInventory.", "getBucketInventory.→ "].map((of) => [
      `${of}InventoryConfiguration.Schedule`,
      "`schedule`, and `monthlyDate` of a monthly one"
    ])
  ),
  "putBucketInventory.InventoryConfiguration.Schedule.Frequency": "`schedule`",
  "getBucketInventory.→ InventoryConfiguration.Schedule.Frequency": "`schedule`",
  "getBucketAccelerate.InventoryConfiguration": "The output itself (a slip of the typings)",
  "getBucketAccelerate.InventoryConfiguration.Status": "`status`",
  ...Object.fromEntries(
    ["putBucketOrigin", "getBucketOrigin"].flatMap((method) => [
      [
        `${method}.OriginRule[].OriginParameter.HttpHeader.FollowHttpHeader`,
        "`rules[].originParameter.httpHeader.followAllHeaders`; some: `rules[].originParameter.httpHeader.followHttpHeaders`"
      ]
    ])
  ),
  ...Object.fromEntries(
    ["putBucketEncryption", "getBucketEncryption"].map((method) => [
      `${method}.ServerSideEncryptionConfiguration.Rule[].ApplySideEncryptionConfiguration`,
      "`rules[].sseAlgorithm`"
    ])
  ),

  // Objects.
  "getObject.Output": "Not given: `body` is a Stream; `Download.file` writes a file",
  "getObjectStream.Output": "Not given: it is a Stream",
  "getObject.Body": "`body`, a Stream; `Download.bytes` for all of it",
  "getObjectStream.Body": "The Stream itself",
  "appendObject.SSECustomerKey": "Not offered: appendable objects have no customer keys",
  "appendObject.SSECustomerAlgorithm": "Not offered: as `SSECustomerKey`",
  "appendObject.SSECustomerKeyMD5": "Not offered: as `SSECustomerKey`",
  "multipartUpload.ServerSideEncryption": "Not offered: it is given once, to `Cos.initiateMultipartUpload`",
  "multipartComplete.Parts": "`parts`",
  "multipartComplete.Parts[].PartNumber": "`parts`, of each `partNumber`",
  "multipartComplete.Parts[].ETag": "`parts`, of each `eTag`",
  "multipartComplete.Location": "`location`",
  ...Object.fromEntries(
    ["selectObjectContent", "selectObjectContentStream"].flatMap((method) => [
      [`${method}.SelectType`, "Not given: it is always 2"],
      [`${method}.SelectRequest`, "`expression`, `input`, `output` and `progress`"],
      [`${method}.VersionId`, "Not offered: the operation has none; `extra.query` sends any"],
      [`${method}.Stats`, "The event `Stats`"],
      [`${method}.Stats.BytesScanned`, "`bytesScanned` of `Cos.SelectCounts`"],
      [`${method}.Stats.BytesProcessed`, "`bytesProcessed` of `Cos.SelectCounts`"],
      [`${method}.Stats.BytesReturned`, "`bytesReturned` of `Cos.SelectCounts`"],
      [`${method}.Payload`, "`bytes` of `Cos.SelectRecords`, the events `Records`"]
    ])
  ),

  // What is read though it is not declared.
  "getService.AppId": "Not offered: the access key says whose buckets are listed",
  "putObject.TaskId": queued,
  "multipartUpload.TaskId": queued,
  "sliceUploadFile.TaskId": queued,
  "multipartInit.Body": "Not given: the request has none",
  "selectObjectContent.DataType": "Not given: `Cos.selectObjectContent` is a Stream of events, whose records are bytes",
  "putObjectCopy.VersionId":
    "Not offered: a copy makes a version of its own; `versionId` of `Operation.CopySource` is that of the source",
  "uploadPartCopy.VersionId":
    "Not offered: a part has no version; `versionId` of `Operation.CopySource` is that of the source",
  "sliceUploadFile.AsyncLimit": "`concurrency` of `Upload.UploadOptions`",
  "abortUploadTask.AsyncLimit": "`concurrency`, to `Upload.abortUnfinished`",
  "sliceCopyFile.UploadId": "Not given: `Copy.object` finds an unfinished copy by its checkpoint",
  "sliceCopyFile.ChunkSize": "`partSize` of `Copy.CopyOptions`",

  // Anything else.
  "request.Method": "`method` of `Cos.RawRequest`",
  "request.Body": "`body` of `Cos.RawRequest`; of the response, `body` of `Cos.RawResponse`, a Stream",
  "request.Action": "`query` of `Cos.RawRequest`, as a name with an empty value",
  "request.Url": "Not offered: requests go to the client's endpoint only; `host` of `Cos.RawRequest` selects the host",
  "request.RawBody": "Not given: the response is always bytes, see `body` of `Cos.RawResponse`",
  "request.ContentType": "`headers` of `Cos.RawRequest`",
  "request.Response": "`status` and `headers` of `Cos.RawResponse`",
  "request.[name]": "Not given: nothing is parsed; `CosXml.parse` reads documents",
  "getObjectUrl.Key": "`key`; an empty one stands for the bucket, see above",
  "getObjectUrl.Headers":
    "`extra.headers`, to `Presign.request`: they are signed, and its result has them in `headers`, for whoever sends it",
  "getObjectUrl.Query": "`extra.query`, or the parameters of the operation; `query` of `Presign.ObjectUrlInput`",
  "getObjectUrl.ForceSignHost": "`signHost` of `CosClient.Settings`",
  "getObjectUrl.Sign": "`false`: `Presign.objectUrl`",
  "getObjectUrl.Method": "The operation that is given to `Presign.url`, which has its method: see above",
  "getObjectUrl.Expires": "`expiresIn` of `Presign.Options`",
  "getObjectUrl.UseAccelerate": "`endpoint` of `CosClient.Settings`: `Endpoint.accelerate`",
  "getObjectUrl.Domain": "`endpoint` of `CosClient.Settings`: `Endpoint.custom`",
  "getObjectUrl.Protocol": "`endpoint` of `CosClient.Settings`: `Endpoint.insecure`",
  "getObjectUrl.Url": "The result of `Presign.url`, redacted since it is a secret",

  // Uploads.
  "*.FilePath": "`path`",
  ...Object.fromEntries(
    ["sliceUploadFile", "uploadFile", "uploadFiles"].flatMap((method) => [
      [`${method}.ChunkSize`, partSize],
      [`${method}.SliceSize`, threshold],
      [`${method}.onHashProgress`, "`checking` of `Progress.Progress`"]
    ])
  ),
  ...Object.fromEntries(
    ["uploadFile", "uploadFiles"].flatMap((method) => [
      [`${method}.ContentLength`, "Not given: the size of the file"],
      [`${method}.Body`, "`Upload.bytes`, `Upload.blob`, `Upload.stream`, `Upload.body`"],
      [`${method}.onFileFinish`, "`onFile` of `Batch.Options`; for one file, the result of `Upload.file`"]
    ])
  ),
  ...Object.fromEntries(
    ["sliceUploadFile", "uploadFile"].flatMap((method) => [
      [`${method}.onProgress`, "`onProgress` of `Progress.Options`"],
      [`${method}.ETag`, "`eTag` of `Upload.UploadResult`"],
      [`${method}.VersionId`, "`versionId` of `Upload.UploadResult`"],
      [`${method}.Location`, "`location` of `Upload.MadeObject`, with its protocol"]
    ])
  ),
  "uploadFiles.files": "The first argument: `Upload.UploadFileInput`, or a directory as `Upload.LocalTree`",
  "uploadFiles.files[].onProgress": "`onFileProgress` of `Batch.Options`",
  "uploadFiles.onProgress": "`onProgress` of `Batch.Options`, over all files",
  "uploadFiles.→ files": "`outcomes` of `Batch.Report`, in the order of the input; `failures` of `Batch.Report`",
  "uploadFiles.→ files[].options": "The outcome's `input`",
  "uploadFiles.→ files[].error": "The outcome's `error`",
  "uploadFiles.→ files[].data": "The outcome's `value`: `Upload.UploadResult`",
  "abortUploadTask.Level":
    "`bucket`: `Upload.abortUnfinished`. `file`: with `prefix` of `Upload.UnfinishedSelection`. `task`: `Cos.abortMultipartUpload`",
  "abortUploadTask.UploadId": "`uploadId`, to `Cos.abortMultipartUpload`",

  // Copies and downloads.
  "sliceCopyFile.CopySliceSize": "`threshold` of `Copy.CopyOptions`",
  "sliceCopyFile.CopyChunkSize": "`partSize` of `Copy.CopyOptions`",
  "sliceCopyFile.onProgress": "`onProgress` of `Progress.Options`",
  "downloadFile.ChunkSize": "`partSize` of `Download.DownloadFileOptions`",
  "downloadFile.ParallelLimit": "`concurrency` of `Download.DownloadFileOptions`",
  "downloadFile.RetryTimes": "`attempts` of `RetryPolicy.Options`, by `RetryPolicy.withPolicy`",
  "downloadFile.TaskId": "Not given: `Download.controlled`, or `id` of `TransferQueue.Ticket`",
  "downloadFile.onProgress": "`onProgress` of `Progress.Options`",
  "downloadFile.ETag": "`eTag` of the result, which has every field of `Cos.HeadObjectOutput`",
  "downloadFile.VersionId": "`versionId` of the result, which has every field of `Cos.HeadObjectOutput`",

  // The queue.
  "getTaskList.id": "`id` of `TransferQueue.EntryOf`",
  "getTaskList.FilePath": "`input` of `TransferQueue.EntryOf`",
  "getTaskList.state":
    "`state` of `TransferQueue.EntryOf`: `uploading` is `transferring`, `error` is `failed`, `success` is `succeeded`",
  "getTaskList.error": "`exit` of `TransferQueue.EntryOf`, with the typed error",
  "getTaskList.loaded": "`transferred` of `Progress.Progress`",
  "getTaskList.size": "`total` of `Progress.Progress`",
  "getTaskList.speed": "`bytesPerSecond` of `Progress.Progress`",
  "getTaskList.percent": "`percent` of `Progress.Progress`",
  "getTaskList.hashPercent": "`checking` of `Progress.Progress`",

  // Signatures.
  "getV4Auth.SecretId": "Not offered, as the method",
  "getV4Auth.SecretKey": "Not offered, as the method",
  "getV4Auth.Expires": "Not offered, as the method",
  "getAuth.SecretId": "`secretId` of `Signature.Input`",
  "getAuth.SecretKey": "`secretKey` of `Signature.Input`",
  "getAuth.Method": "`method` of `Signature.Input`",
  "getAuth.Pathname": "`pathname` of `Signature.Input`",
  "getAuth.Expires": "`keyTime` of `Signature.Input`",
  "getAuth.KeyTime": "`keyTime` of `Signature.Input`",
  "getAuth.SystemClockOffset": "`keyTime` of `Signature.Input`, by the caller's clock",
  "getAuth.ForceSignHost": "Whether `headers` of `Signature.Input` has the host",

  // new COS({ ... })
  "COS.SecretId": "`secretId` of `Credentials.AccessKeyInput`: `Credentials.layerStatic`, `Credentials.layerEnv`",
  "COS.SecretKey": "`secretKey` of `Credentials.AccessKeyInput`",
  "COS.SecurityToken": "`token` of `Credentials.AccessKeyInput`",
  "COS.XCosSecurityToken": "`token` of `Credentials.AccessKeyInput`",
  "COS.Credentials": "`Credentials.layerProvider`",
  "COS.getAuthorization":
    "`Credentials.layerProvider` for access keys, which are renewed before they expire. Signatures from elsewhere are not offered: every attempt is signed anew",
  "COS.ChunkRetryTimes": "`attempts` of `RetryPolicy.Options`",
  "COS.FileParallelLimit": "`concurrency` of `Batch.Options`, of `Sync.Options` and of `TransferQueue.Options`",
  "COS.ChunkParallelLimit":
    "`concurrency` of `Upload.UploadOptions`; of many files `parts`, and over all of them `totalParts`, of `Batch.Concurrency`",
  "COS.ChunkSize": partSize,
  "COS.SliceSize": threshold,
  "COS.CopyChunkParallelLimit": "`concurrency` of `Copy.CopyOptions`",
  "COS.CopyChunkSize": "`partSize` of `Copy.CopyOptions`",
  "COS.CopySliceSize": "`threshold` of `Copy.CopyOptions`",
  "COS.MaxPartNumber":
    "Not offered: it is the service's 10,000; larger parts make fewer: `partSize` of `Upload.UploadOptions`",
  "COS.ProgressInterval": "`progressInterval` of `Progress.Options`",
  "COS.UploadQueueSize": "`keepFinished` of `TransferQueue.Options`",
  "COS.Domain": "`endpoint` of `CosClient.Settings`: `Endpoint.custom`",
  "COS.ServiceDomain": "`endpoint` of `CosClient.Settings`: `Endpoint.custom`",
  "COS.Protocol": "`endpoint` of `CosClient.Settings`: `Endpoint.insecure`",
  "COS.Proxy": "`proxy` of `UndiciTransport.Options`",
  "COS.Tunnel": "Not given: requests always pass a proxy in a tunnel, see `proxy` of `UndiciTransport.Options`",
  "COS.CompatibilityMode": "`Endpoint.custom`, which needs no region of the service",
  "COS.ForcePathStyle": "`style` of `Endpoint.Endpoint`, by `Endpoint.custom`",
  "COS.UseRawKey": "Not offered: a key is sent as it is given, and one that begins with `/` is `InvalidInput`",
  "COS.Timeout": "`timeLimits` of `CosClient.Settings`; `Effect.timeout` around anything",
  "COS.CorrectClockSkew": "`correctClockSkew` of `CosClient.Settings`",
  "COS.SystemClockOffset": "Not offered: it is detected, see `correctClockSkew` of `CosClient.Settings`",
  "COS.UploadCheckContentMd5": "`integrity` of `Upload.UploadOptions`; of single requests, their `contentMd5`",
  "COS.UploadAddMetaMd5":
    "`storeMd5` of `Upload.ResumableUploadOptions`, of `putObject`, and of `initiateMultipartUpload` as the digits",
  "COS.UploadIdCacheLimit": "Not offered: a checkpoint is removed when its transfer is over",
  "COS.ConfCwd": "`Checkpoint.layerDirectory`, `Checkpoint.layerKeyValueStore`",
  "COS.FollowRedirect": "Not offered: a redirect is an error, so that signatures go nowhere else",
  "COS.UseAccelerate": "`endpoint` of `CosClient.Settings`: `Endpoint.accelerate`",
  "COS.KeepAlive": "`keepAlive` of `UndiciTransport.Options`",
  "COS.Ip": "`Endpoint.custom`, or `dispatcher` of `UndiciTransport.Options`",
  "COS.StrictSsl": "`rejectUnauthorized` of `UndiciTransport.Tls`",
  "COS.UserAgent": "`transformClient` of `CosClient.Settings`, which may set any header",
  "COS.ForceSignHost": "`signHost` of `CosClient.Settings`",
  "COS.AutoSwitchHost": "`backupDomain` of `CosClient.Settings`",
  "COS.ObjectKeySimplifyCheck":
    "Not offered: keys with `.` and `..` segments are sent as they are, or refused before anything is sent",
  "COS.CopySourceParser": "Not needed: a source is an `Operation.CopySource`, not a string",

  // Statics.
  "COS.getAuthorization()": "`Signature.sign`: pure, synchronous",
  "COS.version": "Not offered: the version is in `package.json`",
  "COS.util.md5": "`Hash.Hash`",
  "COS.util.xml2json": "`CosXml.parse`",
  "COS.util.json2xml": "`CosXml.build`",
  "COS.util.encodeBase64": "Not offered: `effect/Encoding` has it"
}
