/**
 * What goes over the wire, beside what the official SDK was seen to send. What is captured is from the protocol notes;
 * `ours` is all that ours does otherwise, and why. That a request is signed as it should be is checked by a verifier of our
 * own, written from the description of the signature.
 *
 * Not told row by row: the official SDK sends and signs `Content-Length: 0` with every request without a body but GET. Ours
 * leaves lengths to the transport, which may change them, and signs none. `User-Agent` and `Connection` are the
 * transport's, too.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Body from "effect-cos/Body"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Scripted from "../support/ScriptedClient.js"
import { verify } from "../support/verify.js"

interface Row {
  readonly title: string
  readonly run: Effect.Effect<unknown, unknown, CosClient.CosClient | Scope.Scope>
  /** Method, path and query. */
  readonly captured: string
  /** Default: the bucket's. */
  readonly host?: string
  /** Beside `Host`, `Authorization` and `Content-Length`. */
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
  /** The headers that were signed, where the notes tell them. */
  readonly signed?: string
  /** What is otherwise: `line`, or a header by its name. */
  readonly ours?: { readonly [part: string]: readonly [value: string | undefined, why: string] }
}

const urlEncoding = "asks for percent-encoded keys always, and decodes them, so that every key survives"
const noPrefix = "leaves out an empty prefix"
const unsaid = [undefined, "a header without a value says nothing"] as const
const sameName = "a name without a value and one with an empty value mean, and sign, the same"
const xml = (md5: string) => ({ "content-type": "application/xml", "content-md5": md5 })
const key = "中文 +%()!'*~/a//b"

const md5 = (text: string) => createHash("md5").update(text).digest("base64")
const policy = {
  owner: { id: "qcs::cam::uin/1:uin/1" },
  grants: [{ grantee: { id: "qcs::cam::uin/2:uin/2" }, permission: "READ" }]
}
const accessControlPolicy =
  "<AccessControlPolicy><Owner><ID>qcs::cam::uin/1:uin/1</ID></Owner><AccessControlList><Grant><Grantee>" +
  "<ID>qcs::cam::uin/2:uin/2</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
const corsConfiguration =
  "<CORSConfiguration><CORSRule><ID>r1</ID><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>" +
  "<AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>" +
  "<MaxAgeSeconds>5</MaxAgeSeconds></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>"
const tagging = "<Tagging><TagSet><Tag><Key>k1</Key><Value>v1</Value></Tag></TagSet></Tagging>"
const onePart =
  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;p1&quot;</ETag></Part></CompleteMultipartUpload>"
const restoreRequest =
  "<RestoreRequest><Days>7</Days><CASJobParameters><Tier>Expedited</Tier></CASJobParameters></RestoreRequest>"
const selectRequest =
  "<SelectRequest><Expression>select * from COSObject where _1 &lt; 5</Expression>" +
  "<ExpressionType>SQL</ExpressionType><InputSerialization><CompressionType>GZIP</CompressionType>" +
  "<CSV><FileHeaderInfo>USE</FileHeaderInfo><RecordDelimiter>\n</RecordDelimiter><FieldDelimiter>,</FieldDelimiter>" +
  "<AllowQuotedRecordDelimiter>TRUE</AllowQuotedRecordDelimiter></CSV></InputSerialization>" +
  "<OutputSerialization><CSV/></OutputSerialization><RequestProgress><Enabled>TRUE</Enabled></RequestProgress>" +
  "</SelectRequest>"

const rows: ReadonlyArray<Row> = [
  // §1.2
  {
    title: "a key with everything in it",
    run: Cos.deleteObject({ key }),
    captured: "DELETE /%E4%B8%AD%E6%96%87%20%2B%25%28%29%21%27%2A~/a//b"
  },
  { title: "dot segments", run: Cos.headObject({ key: "a/../b/./c" }), captured: "HEAD /a/../b/./c" },
  // §2.1
  {
    title: "getService",
    run: Cos.listBuckets(),
    captured: "GET /",
    host: "service.cos.myqcloud.com",
    signed: "host"
  },
  {
    title: "getService with parameters",
    run: Cos.listBuckets({
      region: "ap-beijing",
      tagKey: "k",
      tagValue: "v",
      createTime: new Date(1642662645_000),
      createRange: "lt",
      marker: "m",
      maxKeys: 5
    }),
    captured: "GET /?tagkey=k&tagvalue=v&create-time=1642662645&range=lt&marker=m&max-keys=5",
    host: "cos.ap-beijing.myqcloud.com"
  },
  // §2.2
  {
    title: "putBucket",
    run: Cos.putBucket({ acl: "private", grantRead: ["1"] }),
    captured: "PUT /",
    headers: { "x-cos-acl": "private", "x-cos-grant-read": 'id="1"' }
  },
  {
    title: "putBucket in several zones",
    run: Cos.putBucket({ configuration: { azConfig: "MAZ" } }),
    captured: "PUT /",
    body: "<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig></CreateBucketConfiguration>",
    ours: {
      "content-type": ["application/xml", "names the body's type, as the page does"],
      "content-md5": [
        md5("<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig></CreateBucketConfiguration>"),
        "the common headers ask for one with every body"
      ]
    }
  },
  // §2.3
  { title: "headBucket", run: Cos.headBucket(), captured: "HEAD /", signed: "content-length;host" },
  // §2.4
  {
    title: "getBucket",
    run: Cos.listObjects(),
    captured: "GET /?prefix=",
    ours: { line: ["GET /?encoding-type=url", `${noPrefix}; ${urlEncoding}`] }
  },
  {
    title: "getBucket with parameters",
    run: Cos.listObjects({ prefix: "a b/中", delimiter: "/", marker: "m+1", maxKeys: 10 }),
    captured: "GET /?prefix=a%20b%2F%E4%B8%AD&delimiter=%2F&marker=m%2B1&max-keys=10&encoding-type=url"
  },
  // §2.5
  { title: "deleteBucket", run: Cos.deleteBucket(), captured: "DELETE /" },
  // §2.6
  { title: "getBucketAcl", run: Cos.getBucketAcl(), captured: "GET /?acl=" },
  {
    title: "putBucketAcl by headers",
    run: Cos.putBucketAcl({ acl: "public-read", grantRead: ["1", "2"] }),
    captured: "PUT /?acl=",
    headers: { "x-cos-acl": "public-read", "x-cos-grant-read": 'id="1",id="2"' }
  },
  {
    title: "putBucketAcl by a document",
    run: Cos.putBucketAcl({ policy }),
    captured: "PUT /?acl=",
    headers: xml("9n9Cl6B9AlPdW1uY3Loq4w=="),
    body: accessControlPolicy
  },
  // §2.7
  {
    title: "putBucketCors",
    run: Cos.putBucketCors({
      rules: [
        {
          id: "r1",
          allowedOrigins: ["*"],
          allowedMethods: ["GET", "PUT"],
          allowedHeaders: ["*"],
          exposeHeaders: ["ETag"],
          maxAgeSeconds: 5
        }
      ],
      responseVary: true
    }),
    captured: "PUT /?cors=",
    headers: xml(md5(corsConfiguration)),
    body: corsConfiguration
  },
  { title: "getBucketCors", run: Cos.getBucketCors(), captured: "GET /?cors=" },
  { title: "deleteBucketCors", run: Cos.deleteBucketCors(), captured: "DELETE /?cors=" },
  // §2.8
  { title: "getBucketLocation", run: Cos.getBucketLocation(), captured: "GET /?location=" },
  // §2.9
  {
    title: "putBucketTagging",
    run: Cos.putBucketTagging({ tags: [{ key: "k1", value: "v1" }] }),
    captured: "PUT /?tagging=",
    headers: xml(md5(tagging)),
    body: tagging
  },
  { title: "getBucketTagging", run: Cos.getBucketTagging(), captured: "GET /?tagging=" },
  { title: "deleteBucketTagging", run: Cos.deleteBucketTagging(), captured: "DELETE /?tagging=" },
  // §3.1
  {
    title: "headObject",
    run: Cos.headObject({
      key: "a/1.txt",
      versionId: "V1",
      ifModifiedSince: new Date("2020-03-18T12:00:00Z")
    }),
    captured: "HEAD /a/1.txt?versionId=V1",
    headers: { "if-modified-since": "Wed, 18 Mar 2020 12:00:00 GMT" },
    signed: "content-length;host;if-modified-since"
  },
  // §3.2
  {
    title: "getObject",
    run: Cos.getObject({
      key,
      responseContentType: "text/html; charset=utf-8",
      responseContentLanguage: "zh",
      responseExpires: "x",
      responseCacheControl: "no-cache",
      responseContentDisposition: 'attachment; filename="a b.txt"',
      responseContentEncoding: "gzip",
      versionId: "v",
      range: { start: 0, end: 9 }
    }),
    captured:
      "GET /%E4%B8%AD%E6%96%87%20%2B%25%28%29%21%27%2A~/a//b" +
      "?response-content-type=text%2Fhtml%3B%20charset%3Dutf-8&response-content-language=zh&response-expires=x" +
      "&response-cache-control=no-cache&response-content-disposition=attachment%3B%20filename%3D%22a%20b.txt%22" +
      "&response-content-encoding=gzip&versionId=v",
    headers: { range: "bytes=0-9" },
    signed: "host;range"
  },
  {
    title: "getObject from an offset",
    run: Cos.getObject({ key: "a", range: { start: 10 } }),
    captured: "GET /a",
    headers: { range: "bytes=10-" }
  },
  {
    title: "getObject, the last bytes",
    run: Cos.getObject({ key: "a", range: { last: 5 } }),
    captured: "GET /a",
    headers: { range: "bytes=-5" }
  },
  // §3.3
  {
    title: "putObject",
    run: Cos.putObject({ key: "1.txt", body: "hello" }),
    captured: "PUT /1.txt",
    headers: { "cache-control": "" },
    body: "hello",
    signed: "content-length;host",
    ours: { "cache-control": unsaid }
  },
  {
    title: "putObject of a stream",
    run: Cos.putObject({
      key: "stream",
      body: Body.stream(Stream.make(Buffer.from("he"), Buffer.from("llo")), { size: 5 }),
      contentType: "image/jpeg"
    }),
    captured: "PUT /stream",
    headers: { "content-type": "image/jpeg", "transfer-encoding": "chunked" },
    body: "hello",
    signed: "content-type;host",
    ours: { "transfer-encoding": [undefined, "a stream says its size, which lets a short one be noticed"] }
  },
  {
    title: "putObject with everything",
    run: Cos.putObject({
      key: "a/",
      contentMd5: "XUFAKrxLKna5cZ2REBfFkg==",
      body: "hello",
      contentType: "text/plain",
      cacheControl: "max-age=60",
      contentDisposition: "inline",
      contentEncoding: "identity",
      contentLanguage: "zh",
      expires: "0",
      metadata: { Author: "ada" },
      storageClass: "STANDARD_IA",
      acl: "public-read",
      grantRead: ["1", "2"],
      grantReadAcp: ["3"],
      grantWriteAcp: ["4"],
      grantFullControl: ["5"],
      tagging: { k1: "v 1", k2: "v2" },
      overwrite: false,
      serverSideEncryption: "AES256",
      kmsKeyId: "kms",
      kmsContext: "e30=",
      trafficLimit: 819200,
      mimeLimit: "image/*;text/plain",
      picOperations: { pictureInfo: true, rules: [{ fileId: "图.jpg", rule: "imageMogr2/rotate/90" }] }
    }),
    captured: "PUT /a/",
    headers: {
      "content-md5": "XUFAKrxLKna5cZ2REBfFkg==",
      "content-type": "text/plain",
      "cache-control": "max-age=60",
      "content-disposition": "inline",
      "content-encoding": "identity",
      "content-language": "zh",
      expires: "0",
      "x-cos-meta-author": "ada",
      "x-cos-storage-class": "STANDARD_IA",
      "x-cos-acl": "public-read",
      "x-cos-grant-read": 'id="1",id="2"',
      "x-cos-grant-read-acp": 'id="3"',
      "x-cos-grant-write-acp": 'id="4"',
      "x-cos-grant-full-control": 'id="5"',
      "x-cos-tagging": "k1=v%201&k2=v2",
      "x-cos-forbid-overwrite": "true",
      "x-cos-server-side-encryption": "AES256",
      "x-cos-server-side-encryption-cos-kms-key-id": "kms",
      "x-cos-server-side-encryption-context": "e30=",
      "x-cos-traffic-limit": "819200",
      "x-cos-mime-limit": "image/*;text/plain",
      "pic-operations": '{"is_pic_info":1,"rules":[{"fileid":"\\u56fe.jpg","rule":"imageMogr2/rotate/90"}]}'
    },
    body: "hello"
  },
  // §3.4
  {
    title: "deleteObject",
    run: Cos.deleteObject({ key: "1.txt", versionId: "v1" }),
    captured: "DELETE /1.txt?versionId=v1"
  },
  {
    title: "deleteObject with a second factor",
    run: Cos.deleteObject({ key: "1.txt", mfa: "000000" }),
    captured: "DELETE /1.txt",
    headers: { "x-cos-mfa": "000000" }
  },
  // §3.5
  {
    title: "optionsObject",
    run: Cos.optionsObject({
      key: "1.txt",
      origin: "https://a.example",
      requestMethod: "PUT",
      requestHeaders: ["x-cos-meta-a"]
    }),
    captured: "OPTIONS /1.txt",
    headers: {
      origin: "https://a.example",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "x-cos-meta-a"
    },
    signed: "content-length;host;origin"
  },
  // §3.6
  {
    title: "getObjectAcl",
    run: Cos.getObjectAcl({ key: "1.txt", versionId: "v1" }),
    captured: "GET /1.txt?acl=&versionId=v1"
  },
  {
    title: "putObjectAcl by headers",
    run: Cos.putObjectAcl({ key: "1.txt", acl: "public-read", grantRead: ["1", "2"] }),
    captured: "PUT /1.txt?acl=",
    headers: { "x-cos-acl": "public-read", "x-cos-grant-read": 'id="1",id="2"' }
  },
  {
    title: "putObjectAcl by a document",
    run: Cos.putObjectAcl({ key: "1.txt", policy }),
    captured: "PUT /1.txt?acl=",
    headers: xml("9n9Cl6B9AlPdW1uY3Loq4w=="),
    body: accessControlPolicy
  },
  // §3.7
  {
    title: "deleteMultipleObject",
    run: Cos.deleteMultipleObjects({
      objects: [{ key: "a&b<c>" }, { key: "b", versionId: "v1" }],
      quiet: true
    }),
    captured: "POST /?delete=",
    headers: xml("r89C1l5F+/LKsHYdk84Psw=="),
    body:
      "<Delete><Object><Key>a&amp;b&lt;c&gt;</Key></Object>" +
      "<Object><Key>b</Key><VersionId>v1</VersionId></Object><Quiet>true</Quiet></Delete>"
  },
  // §4.1
  {
    title: "multipartInit",
    run: Cos.initiateMultipartUpload({ key: "big", storageClass: "STANDARD", metadata: { a: "1" } }),
    captured: "POST /big?uploads=",
    headers: { "cache-control": "", "content-type": "", "x-cos-storage-class": "STANDARD", "x-cos-meta-a": "1" },
    ours: { "cache-control": unsaid, "content-type": unsaid }
  },
  // §4.2
  {
    title: "multipartUpload",
    run: Cos.uploadPart({ key: "big", partNumber: 1, uploadId: "U1", body: "hello" }),
    captured: "PUT /big?partNumber=1&uploadId=U1",
    body: "hello"
  },
  // §4.3
  {
    title: "multipartListPart",
    run: Cos.listParts({ key: "big", uploadId: "U1", maxParts: 1, partNumberMarker: 0 }),
    captured: "GET /big?uploadId=U1&encoding-type=url&max-parts=1&part-number-marker=0"
  },
  // §4.4
  {
    title: "multipartComplete",
    run: Cos.completeMultipartUpload({
      key: "big",
      uploadId: "U1",
      parts: [
        { partNumber: 1, eTag: '"p1"' },
        { partNumber: 2, eTag: '"p2"' }
      ]
    }),
    captured: "POST /big?uploadId=U1",
    headers: xml("BYrgh4y0P8ja3n/GmxSP3w=="),
    body:
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;p1&quot;</ETag></Part>" +
      "<Part><PartNumber>2</PartNumber><ETag>&quot;p2&quot;</ETag></Part></CompleteMultipartUpload>"
  },
  {
    title: "multipartComplete with what the SDK's upload adds",
    run: Cos.completeMultipartUpload({
      key: "big",
      uploadId: "U1",
      parts: [{ partNumber: 1, eTag: '"p1"' }],
      metadata: { a: "1" },
      overwrite: false,
      picOperations: { rules: [] }
    }),
    captured: "POST /big?uploadId=U1",
    headers: {
      ...xml(md5(onePart)),
      "x-cos-meta-a": "1",
      "x-cos-forbid-overwrite": "true",
      "pic-operations": '{"is_pic_info":0,"rules":[]}'
    },
    body: onePart
  },
  // §4.5
  {
    title: "multipartAbort",
    run: Cos.abortMultipartUpload({ key: "big", uploadId: "U1" }),
    captured: "DELETE /big?uploadId=U1"
  },
  // §4.6
  {
    title: "multipartList",
    run: Cos.listMultipartUploads({
      delimiter: "/",
      prefix: "a",
      maxUploads: 2,
      keyMarker: "k",
      uploadIdMarker: "u"
    }),
    captured: "GET /?uploads=&delimiter=%2F&encoding-type=url&prefix=a&max-uploads=2&key-marker=k&upload-id-marker=u"
  },
  // §4.7
  {
    title: "uploadPartCopy",
    run: Cos.uploadPartCopy({
      key: "big",
      partNumber: 1,
      uploadId: "U1",
      source: { bucket: "src-1250000000", key: "a b", versionId: "v1" },
      range: { start: 0, end: 10 },
      sourceIfMatch: '"e"'
    }),
    captured: "PUT /big?partNumber=1&uploadId=U1",
    headers: {
      "x-cos-copy-source": "src-1250000000.cos.ap-guangzhou.myqcloud.com/a%20b?versionId=v1",
      "x-cos-copy-source-range": "bytes=0-10",
      "x-cos-copy-source-if-match": '"e"'
    }
  },
  // §4.8
  {
    title: "putObjectCopy",
    run: Cos.copyObject({
      key: "dst",
      source: { bucket: "src-1250000000", key: "a b" },
      metadataDirective: "Replaced",
      storageClass: "STANDARD"
    }),
    captured: "PUT /dst",
    headers: {
      "cache-control": "",
      "x-cos-copy-source": "src-1250000000.cos.ap-guangzhou.myqcloud.com/a%20b",
      "x-cos-metadata-directive": "Replaced",
      "x-cos-storage-class": "STANDARD"
    },
    ours: { "cache-control": unsaid }
  },
  // §6
  {
    title: "restoreObject",
    run: Cos.restoreObject({ key: "k", versionId: "v", days: 7, tier: "Expedited" }),
    captured: "POST /k?restore=&versionId=v",
    headers: xml(md5(restoreRequest)),
    body: restoreRequest
  },
  {
    title: "appendObject",
    run: Cos.appendObject({ key: "k", position: 0, body: "raw" }),
    captured: "POST /k?append=&position=0",
    headers: { "cache-control": "" },
    body: "raw",
    ours: { "cache-control": unsaid }
  },
  {
    title: "selectObjectContent",
    run: Stream.runDrain(
      Cos.selectObjectContent({
        key: "k",
        expression: "select * from COSObject where _1 < 5",
        input: {
          compressionType: "GZIP",
          csv: { fileHeaderInfo: "USE", recordDelimiter: "\n", fieldDelimiter: ",", allowQuotedRecordDelimiter: true }
        },
        output: { csv: {} },
        progress: true
      })
    ),
    captured: "POST /k?select=&select-type=2",
    headers: xml(md5(selectRequest)),
    body: selectRequest
  },
  {
    title: "putSymlink",
    run: Cos.putSymlink({ key: "k", symlinkTarget: "目录/a b" }),
    captured: "PUT /k?symlink",
    headers: { "x-cos-symlink-target": "%E7%9B%AE%E5%BD%95/a%20b" },
    ours: { line: ["PUT /k?symlink=", sameName] }
  },
  {
    title: "getSymlink",
    run: Cos.getSymlink({ key: "k" }),
    captured: "GET /k?symlink",
    ours: { line: ["GET /k?symlink=", sameName] }
  },
  {
    title: "request: image processing",
    run: Cos.imageProcess({ key: "1.png", operations: { rules: [{ fileId: "a.png", rule: "imageView2/1" }] } }),
    captured: "POST /1.png?image_process=",
    headers: { "pic-operations": '{"is_pic_info":0,"rules":[{"fileid":"a.png","rule":"imageView2/1"}]}' }
  },
  {
    title: "request: document preview",
    run: Cos.docPreview({ key: "1.docx", dstType: "pdf" }),
    captured: "GET /1.docx?ci-process=doc-preview&dstType=pdf"
  },
  {
    title: "request: any process",
    run: Cos.ciProcess({ key: "1.docx", process: "doc-preview", parameters: { dstType: "pdf" } }),
    captured: "GET /1.docx?ci-process=doc-preview&dstType=pdf"
  },
  {
    title: "request: any request",
    run: Cos.request({
      method: "POST",
      key: "1.png",
      query: { image_process: "" },
      headers: { "Pic-Operations": "{}" }
    }),
    captured: "POST /1.png?image_process=",
    headers: { "pic-operations": "{}" }
  },
  {
    title: "request: a host of data processing",
    run: Cos.request({ method: "POST", host: "processing", key: "jobs", body: "<Request/>" }),
    captured: "POST /jobs",
    host: "examplebucket-1250000000.ci.ap-guangzhou.myqcloud.com",
    body: "<Request/>"
  },
  {
    title: "imageInfo",
    run: Cos.imageInfo({ key: "1.png" }),
    captured: "GET /1.png?imageInfo",
    ours: { line: ["GET /1.png?imageInfo=", sameName] }
  },
  {
    title: "an image through a rule",
    run: Cos.processObject({ key: "1.png", rule: "imageMogr2/thumbnail/200x|imageMogr2/rotate/90" }),
    captured: "GET /1.png?imageMogr2%2Fthumbnail%2F200x%7CimageMogr2%2Frotate%2F90="
  }
]

const send = (run: Row["run"], options?: Scripted.Options) =>
  Effect.gen(function* () {
    const { layer, requests } = Scripted.make([{}], { ...options, settings: { retry: RetryPolicy.none } })
    yield* run.pipe(Effect.scoped, Effect.exit, Effect.provide(layer))
    const [request] = requests
    if (request === undefined) return yield* Effect.dieMessage("nothing was sent")
    return request
  })

/** Path, subresource first, and the other parameters in any order. */
const parts = (line: string) => {
  const [path, query = ""] = line.split("?")
  const [first, ...rest] = query.split("&")
  return { path, first: first?.endsWith("=") ? first : undefined, query: [first, ...rest].sort() }
}

const without = (headers: Scripted.Recorded["headers"], ...names: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

const present = (headers: { readonly [name: string]: string | undefined }) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))

/** The names in a list of the signature. */
const signed = ({ headers }: Scripted.Recorded, list: string) =>
  new RegExp(`&${list}=([^&]*)`).exec(headers.authorization ?? "")?.[1]

describe("requests beside those of the official SDK", () => {
  it.effect.each(rows)("$title", ({ body = "", captured, headers = {}, host = Scripted.host, ours = {}, ...row }) =>
    Effect.gen(function* () {
      const request = yield* send(row.run)
      const theirs: { readonly [part: string]: string | undefined } = { line: captured, ...headers }
      const changed = Object.entries(ours).map(([part, [value]]) => [part, value] as const)
      for (const [part, value] of changed) expect([part, value]).not.toEqual([part, theirs[part]])
      const { line = captured, ...expected } = { ...theirs, ...Object.fromEntries(changed) }

      expect(parts(`${request.method} ${request.target}`)).toEqual(parts(line))
      expect(request.host).toBe(host)
      expect(request.headers.host).toBe(host)
      expect(without(request.headers, "host", "authorization", "content-length")).toEqual(present(expected))
      expect(request.text).toBe(body)
      expect(request.headers["content-length"]).toBe(body === "" ? undefined : String(request.body.length))
      expect(verify(request, Scripted.keys)).toBe(true)
      if (row.signed !== undefined) {
        expect(signed(request, "q-header-list")).toBe(row.signed.replace("content-length;", ""))
      }
    })
  )
})

describe("request vectors", () => {
  const file = new URL("../fixtures/signing-vectors.json", import.meta.url)
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly vectors: ReadonlyArray<{
      readonly id: string
      readonly kind: string
      readonly note: string
      readonly expect: {
        readonly method: string
        readonly requestTarget: string
        readonly headers: { readonly [name: string]: string }
        readonly body: string
      }
    }>
  }
  const ours: { readonly [id: string]: Row["run"] } = {
    "request-001": Cos.listBuckets(),
    "request-002": Cos.putObject({ key: "1.txt", body: "hello" }),
    "request-003": Cos.putObject({
      key: "目录/a b.txt",
      body: "hello",
      contentType: "text/plain",
      cacheControl: "max-age=60",
      acl: "private",
      storageClass: "STANDARD_IA",
      metadata: { Test: "A b" },
      extra: { headers: { "X-Custom": "z" } }
    }),
    "request-004": Cos.getObject({
      key: "中文 +%.txt",
      range: { start: 0, end: 9 },
      responseContentType: "text/html",
      versionId: "v"
    }),
    "request-005": Cos.headObject({ key: "a" }),
    "request-006": Cos.deleteObject({ key: "a" }),
    "request-007": Cos.listObjects({ prefix: "a/", delimiter: "/", maxKeys: 10 }),
    "request-008": Cos.deleteMultipleObjects({ objects: [{ key: "a&b" }, { key: "b", versionId: "v1" }], quiet: true }),
    "request-009": Cos.initiateMultipartUpload({ key: "big" }),
    "request-010": Cos.completeMultipartUpload({
      key: "big",
      uploadId: "U1",
      parts: [
        { partNumber: 1, eTag: '"p1"' },
        { partNumber: 2, eTag: '"p2"' }
      ]
    }),
    "request-011": Cos.copyObject({ key: "dst", source: { bucket: "src-1250000000", key: "a b" } }),
    "request-012": Cos.putBucketCors({
      rules: [
        { allowedOrigins: ["*"], allowedMethods: ["GET"], allowedHeaders: ["*"], exposeHeaders: [], maxAgeSeconds: 5 }
      ]
    }),
    "request-013": Cos.getObject({ key: "a" }),
    "request-014": Cos.optionsObject({
      key: "a",
      origin: "https://a.example",
      requestMethod: "PUT",
      requestHeaders: ["x-cos-meta-a"]
    })
  }
  /** What the two SDKs add on their own, and headers without a value. */
  const ownHeaders = ["user-agent", "authorization", "content-length"]
  const lowerCase = (headers: { readonly [name: string]: string }) =>
    Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === "" ? [] : [[name.toLowerCase(), value]]))
    )
  const requests = vectors.filter(({ kind }) => kind === "request")

  it("each has a request of ours", () => {
    expect(requests.map(({ id }) => id)).toEqual(Object.keys(ours))
  })

  it.effect.each(requests)("$id $note", ({ expect: expected, id }) =>
    Effect.gen(function* () {
      const token = expected.headers["x-cos-security-token"]
      const keys = { ...Scripted.keys, token }
      const request = yield* send(ours[id] ?? Effect.void, { credentials: Credentials.layerStatic(keys) })
      const target = request.target.replace("encoding-type=url&", "")
      expect(parts(`${request.method} ${target}`)).toEqual(parts(`${expected.method} ${expected.requestTarget}`))
      expect(without(request.headers, ...ownHeaders)).toEqual(without(lowerCase(expected.headers), ...ownHeaders))
      expect(request.text).toBe(expected.body)
      expect(verify(request, Scripted.keys)).toBe(true)
    })
  )
})
