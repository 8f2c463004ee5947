/** Parameters and fields of responses that several operations share. */
import type * as Duration from "effect/Duration"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Operation from "../../Operation.js"
import type * as Progress from "../../Progress.js"
import { md5Base64 } from "../checksum/contentMd5.js"
import { keyRule } from "../encoding/objectKey.js"
import { isWellFormed, wellFormedRule } from "../encoding/text.js"
import { isDuration } from "../time/isDuration.js"
import * as callbacks from "./callbackCodecs.js"
import * as c from "./codecs.js"
import * as images from "./imageCodecs.js"
import * as Metadata from "./metadata.js"
import { reportTo } from "./sendProgress.js"
import * as tags from "./tags.js"

// --- parameters ------------------------------------------------------------------------------------------------------

/** Always requested and always decoded, so that any key survives the document. */
export const urlEncoding = [["encoding-type", "url"]] as const

export const listing = {
  /** Only keys that begin so. */
  prefix: Operation.query("prefix"),
  /** One character; keys that share what comes before it are grouped into one common prefix. */
  delimiter: Operation.query("delimiter", c.Delimiter),
  /** Entries of a page, common prefixes included: 0 to 1,000, the default. */
  maxKeys: Operation.query("max-keys", c.MaxKeys)
}

export const version = {
  /** The version. Default: the newest. */
  versionId: Operation.query("versionId", c.VersionId)
}

/**
 * Grants by account id: `100000000001`, `100000000001/100000000011` for a sub-account of the first, or
 * `qcs::cam::uin/100000000001:uin/100000000011`.
 */
export const grants = {
  /** May read. */
  grantRead: Operation.header("x-cos-grant-read", c.Grantees),
  /** May write. Of an object COS knows no such right: it belongs to the bucket, and the object's ACL only shows it. */
  grantWrite: Operation.header("x-cos-grant-write", c.Grantees),
  /** May read the ACL. */
  grantReadAcp: Operation.header("x-cos-grant-read-acp", c.Grantees),
  /** May change the ACL. */
  grantWriteAcp: Operation.header("x-cos-grant-write-acp", c.Grantees),
  /** May do all of these. */
  grantFullControl: Operation.header("x-cos-grant-full-control", c.Grantees)
}

export const conditions = {
  /** Only if its ETag is this one: else `PreconditionFailed`. */
  ifMatch: Operation.header("If-Match"),
  /** Only if it is another: else `NotModified`. */
  ifNoneMatch: Operation.header("If-None-Match"),
  /** Only if it was changed since: else `NotModified`. Whole seconds. */
  ifModifiedSince: Operation.header("If-Modified-Since", c.HttpDate),
  /** Only if it was not: else `PreconditionFailed`. Whole seconds. */
  ifUnmodifiedSince: Operation.header("If-Unmodified-Since", c.HttpDate)
}

/** A key of the customer's (SSE-C): 256 bits, sent with its algorithm and its MD5. */
const customerKeyIn = (prefix: string) =>
  Operation.param<Redacted.Redacted<Uint8Array>>({
    place: "headers",
    wireName: `${prefix}-{algorithm,key,key-MD5}`,
    write: (draft, value) => {
      const key: unknown = Redacted.isRedacted(value) ? Redacted.value(value) : undefined
      if (!(key instanceof Uint8Array && key.byteLength === 32)) return "must be Redacted bytes, 32 of them"
      draft.headers.push(
        [`${prefix}-algorithm`, "AES256"],
        [`${prefix}-key`, Encoding.encodeBase64(key)],
        [`${prefix}-key-MD5`, md5Base64(draft.hash, key)]
      )
      return undefined
    }
  })

export const customerKey = {
  /** SSE-C: 32 bytes by which the service encrypts and which it does not keep, so every read needs them again. */
  customerKey: customerKeyIn("x-cos-server-side-encryption-customer")
}

export const sourceCustomerKey = {
  /** SSE-C: the key that the source is encrypted with. */
  sourceCustomerKey: customerKeyIn("x-cos-copy-source-server-side-encryption-customer")
}

/** `<bucket>.cos.<region>.myqcloud.com/<encoded key>[?versionId=…]`. */
const source = Operation.param<Operation.CopySource>({
  place: "header",
  wireName: "x-cos-copy-source",
  write: (draft, source) => {
    const rule = keyRule(source.key)
    if (rule !== undefined) return `must be an object: its key ${rule}`
    if (source.versionId === "") return "must be a version of an object: its versionId must not be empty"
    if (!isWellFormed(source.versionId ?? "")) return `must be a version of an object: its versionId ${wellFormedRule}`
    draft.copySource = source
    return undefined
  }
})

export const copySource = {
  /** The object that is copied. */
  source: Operation.required(source),
  /** Only if the source's ETag is this one: else `PreconditionFailed`. */
  sourceIfMatch: Operation.header("x-cos-copy-source-If-Match"),
  /** Only if it is another: else `PreconditionFailed`. */
  sourceIfNoneMatch: Operation.header("x-cos-copy-source-If-None-Match"),
  /** Only if the source was changed since: else `PreconditionFailed`. Whole seconds. */
  sourceIfModifiedSince: Operation.header("x-cos-copy-source-If-Modified-Since", c.HttpDate),
  /** Only if it was not: else `PreconditionFailed`. Whole seconds. */
  sourceIfUnmodifiedSince: Operation.header("x-cos-copy-source-If-Unmodified-Since", c.HttpDate)
}

/** What is stored with an object. */
export const content = {
  /** Default: what the service makes of it, `application/octet-stream`. */
  contentType: Operation.header("Content-Type"),
  /** How caches may keep the object, such as `max-age=3600`. Given back as it is; so are the four that follow. */
  cacheControl: Operation.header("Cache-Control"),
  /** Such as `attachment; filename="a.txt"`. */
  contentDisposition: Operation.header("Content-Disposition"),
  /** How the content is coded, such as `gzip`. */
  contentEncoding: Operation.header("Content-Encoding"),
  /** Such as `zh-CN`. */
  contentLanguage: Operation.header("Content-Language"),
  /** A date of HTTP until which caches may keep the object. */
  expires: Operation.header("Expires"),
  /**
   * `x-cos-meta-*`: names of letters, digits and `-`, values of Latin-1. Each name and its value have at most 2,048 bytes,
   * and all of them at most 4,096, where `x-cos-meta-` counts for each.
   */
  metadata: Metadata.metadata,
  /** Default `STANDARD`. */
  storageClass: Operation.header("x-cos-storage-class", c.StorageClassInput),
  /** Default `default`: as the bucket. */
  acl: Operation.header("x-cos-acl", c.ObjectAcl),
  ...grants,
  /** At most 10 tags. */
  tagging: Operation.header("x-cos-tagging", tags.TagsHeader(10)),
  /** `AES256` and `SM4`: keys of the service (SSE-COS). `cos/kms`: keys of KMS. */
  serverSideEncryption: Operation.header("x-cos-server-side-encryption", c.oneOf("AES256", "cos/kms", "SM4")),
  /** The KMS key; default: the one that the service makes. */
  kmsKeyId: Operation.header("x-cos-server-side-encryption-cos-kms-key-id"),
  /** Base64 of JSON, for KMS. */
  kmsContext: Operation.header("x-cos-server-side-encryption-context")
}

/** The headers with which an object is created. */
export const creation = {
  ...content,
  /** `false`: an existing key is `FileAlreadyExists`. No effect where versioning was ever enabled. Default `true`. */
  overwrite: Operation.header("x-cos-forbid-overwrite", c.Overwrite),
  ...customerKey
}

const Sha1 = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{40}$/i)).annotations({ description: "40 hex digits" })

export const contentSha1 = {
  /** The SHA-1 of these bytes, as 40 hex digits: else `InvalidSHA1Digest`. */
  contentSha1: Operation.header("x-cos-content-sha1", Sha1)
}

const isMd5 = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{32}$/i.test(value)

const md5Header = "x-cos-meta-md5"

/** Metadata like any other, and counted with it. */
export const storeMd5 = {
  /** The MD5 of the whole content, as 32 hex digits, which is stored as `x-cos-meta-md5`. */
  storeMd5: Operation.param<string>({
    place: "header",
    wireName: md5Header,
    write: (draft, md5) => {
      if (!isMd5(md5)) return "must be 32 hex digits"
      draft.headers.push([md5Header, md5.toLowerCase()])
      return undefined
    }
  })
}

/** After `body` among the parameters. */
export const storeMd5OfBody = {
  /** Stores the MD5 of the content as `x-cos-meta-md5`: `true` for a body in memory, for others the 32 hex digits. */
  storeMd5: Operation.param<boolean | string>({
    place: "header",
    wireName: md5Header,
    write: (draft, md5) => {
      if (md5 === false) return undefined
      if (md5 !== true) return storeMd5.storeMd5.write(draft, md5)
      const { body } = draft
      if (body !== undefined && body._tag !== "Bytes") {
        return "must be the 32 hex digits themselves, where the body is not in memory"
      }
      const digest = draft.hash.md5()
      if (body !== undefined) digest.update(body.bytes)
      draft.headers.push([md5Header, Encoding.encodeHex(digest.digest())])
      return undefined
    }
  })
}

/** After `body` among the parameters. */
export const expectContinue = {
  /**
   * `true`: the body waits until the service has looked at the request, and is not sent at all where that is refused. For
   * large bodies: it costs a connection, and a round trip. Only with `UndiciTransport`; elsewhere it is `InvalidInput`.
   */
  expectContinue: Operation.param<boolean>({
    place: "header",
    wireName: "Expect",
    write: (draft, value) => {
      if (typeof value !== "boolean") return "must be true or false"
      // Without a body there is nothing to wait with.
      if (value && draft.body !== undefined && draft.body.size > 0) draft.headers.push(["Expect", "100-continue"])
      return undefined
    }
  })
}

/** Parameters of the client itself. */
const option = <A>(write: Parameters<typeof Operation.param<A>>[0]["write"]) =>
  Operation.param<A>({ place: "client", wireName: "(not sent)", write })

export const progress = {
  /**
   * Called with the first state, with the last one, and at most once an interval with those in between. `transferred` are
   * the bytes that the HTTP client has taken: only the output tells that they are stored. `fetch` takes all at once.
   */
  onProgress: option<Progress.OnProgress>((draft, onProgress) => {
    if (typeof onProgress !== "function") return "must be a function"
    draft.progress = { ...draft.progress, onProgress }
    draft.watch = reportTo(() => draft.progress ?? {})
    return undefined
  }),
  /** Default: 1 second. */
  progressInterval: option<Duration.DurationInput>((draft, interval) => {
    if (!isDuration(interval)) return "must be a duration of 0 or more"
    draft.progress = { ...draft.progress, progressInterval: interval }
    return undefined
  })
}

export const picOperations = {
  /** Up to 5 rules, each of which makes another object of the image; needs Cloud Infinite to be bound to the bucket. */
  picOperations: Operation.header("Pic-Operations", images.PicOperations)
}

export const trafficLimit = {
  /** An integer from 819,200 to 838,860,800, in bit/s. In a presigned URL it is part of the URL. */
  trafficLimit: Operation.header("x-cos-traffic-limit", c.TrafficLimit)
}

export const callback = {
  /** What COS sends to a server of yours before it responds, whose response is then `callbackResponse`. On request only. */
  callback: Operation.header("x-cos-callback", callbacks.UploadCallback),
  /** The variables `${x:name}` in the callback's body, by `name`. */
  callbackVar: Operation.header("x-cos-callback-var", callbacks.CallbackVariables)
}

export const mimeLimit = {
  /**
   * Types of content that are stored, such as `image/*;text/plain`; after a `!`, those that are not. The service looks at
   * the content.
   */
  mimeLimit: Operation.header("x-cos-mime-limit")
}

// --- responses -------------------------------------------------------------------------------------------------------

/** How old documents name an account, after today's `ID`. */
export const accountIds = ["ID", "UIN", "uin", "UID", "Subaccount"]

const owner = {
  /** An account: `qcs::cam::uin/100000000001:uin/100000000011`, in lists of objects the APPID. */
  id: Schema.optional(Operation.fromElement(accountIds, Schema.String)),
  /** As the service names it. */
  displayName: Schema.optional(Schema.String)
}

/**
 * The owner of a bucket, an object or an upload.
 *
 * @since 0.1.0
 * @category models
 */
export const Owner = Schema.Struct(owner)

/** In every struct of a configuration, so that one that is read and written again loses nothing. */
export const unknown = {
  /** What this SDK does not know of it: kept, and written again where it stood. */
  unknownElements: Schema.optional(Operation.unknownElements)
}

/** The owner in a document that is written again. */
export const KeptOwner = Schema.Struct({ ...owner, ...unknown })

/** The objects that a rule applies to: those that meet all of these. */
export const matching = {
  /** Keys that begin so. */
  prefix: Schema.optional(Schema.String),
  /** Objects that have all of these tags. */
  tags: Schema.optional(Operation.fromElement("Tag", Schema.Array(tags.Tag))),
  ...unknown
}

/** With its double quotes; the MD5 of the content only where it is 32 hex digits. */
export const ETag = Operation.fromElement(["ETag", "Etag"], c.ETag)

/** Of the names in a list, as the service says it. They are always asked for percent-encoded, and are decoded here. */
export const encodingType = {
  /** `url`, if the service says so: keys arrived percent-encoded. They are decoded. */
  encodingType: Schema.optional(
    Operation.fromElement(["EncodingType", "Encoding-Type", "Encoding-type"], Schema.NonEmptyString)
  )
}

/** What every page of a list of keys has. */
export const page = {
  ...encodingType,
  /** As in the request. */
  prefix: Schema.optional(Operation.fromUrlEncoded("Prefix", Schema.String)),
  delimiter: Schema.optional(Operation.fromUrlEncoded(["Delimiter", "delimiter"], Schema.String)),
  /** Whether there are more pages. */
  isTruncated: c.Flag,
  /** What keys have in common that `delimiter` groups. */
  commonPrefixes: Operation.fromUrlEncoded(
    ["CommonPrefixes/Prefix", "CommonPrefixs/Prefix"],
    Schema.Array(Schema.String)
  )
}

export const requiredETag = {
  /** With its double quotes; the MD5 of the content only where it is 32 hex digits. */
  eTag: Operation.fromHeader("ETag", c.ETag)
}

export const eTag = {
  /** With its double quotes; the MD5 of the content only where it is 32 hex digits. Absent only where a browser hides it. */
  eTag: Schema.optional(Operation.fromHeader("ETag", c.ETag, { sent: "always" }))
}

/** Where the object is, and what the service said. */
export const made = {
  /** The object's address, as the client's endpoint spells it, with its key percent-encoded. */
  location: Operation.fromCall("location"),
  bucket: Operation.fromCall("bucket"),
  /** Absent where the endpoint needs none, and none was given. */
  region: Schema.optional(Operation.fromCall("region")),
  /** What the service responded, without secrets. */
  response: Operation.fromCall("response")
}

export const versionId = {
  /** Where versioning is or was enabled. */
  versionId: Schema.optional(Operation.fromHeaderOrElement("x-cos-version-id", "VersionId", Schema.String))
}

export const encryption = {
  /** `AES256`: keys of the service. `cos/kms`: keys of KMS. */
  serverSideEncryption: Schema.optional(Operation.fromHeader("x-cos-server-side-encryption", Schema.String)),
  /** The KMS key. */
  kmsKeyId: Schema.optional(Operation.fromHeader("x-cos-server-side-encryption-cos-kms-key-id", Schema.String)),
  /** `AES256`, where the customer's key is needed (SSE-C). */
  customerAlgorithm: Schema.optional(
    Operation.fromHeader("x-cos-server-side-encryption-customer-algorithm", Schema.String)
  ),
  /** Base64 of that key's MD5. */
  customerKeyMd5: Schema.optional(Operation.fromHeader("x-cos-server-side-encryption-customer-key-MD5", Schema.String))
}

export const crc64 = {
  /** CRC-64/ECMA-182 of the stored bytes; absent on very old objects. A `bigint`, which `JSON.stringify` refuses. */
  crc64: Schema.optional(Operation.fromHeaderOrElement("x-cos-hash-crc64ecma", "CRC64", c.Crc64, { sent: "usually" }))
}

export const crc32c = {
  /** CRC-32C of the stored bytes, where the service says it, as the service writes it. */
  crc32c: Schema.optional(Operation.fromHeader("x-cos-hash-crc32c", Schema.String))
}

export const callbackResponse = {
  /** What the server that `callback` names responded with. */
  callbackResponse: Schema.optional(Operation.fromBody(Schema.String))
}

/**
 * The properties of an image.
 *
 * @since 0.1.0
 * @category processing
 */
export const ImageInfo = Schema.Struct({
  format: Schema.optional(Schema.String),
  /** Pixels. */
  width: Schema.optional(c.Count),
  /** Pixels. */
  height: Schema.optional(c.Count),
  /** 1 to 100. */
  quality: Schema.optional(c.Count),
  /** Its average colour, such as `0xa59a8c`. */
  ave: Schema.optional(Schema.String),
  /** That of Exif: 1 to 8. */
  orientation: Schema.optional(c.Count)
})

/**
 * A QR code in an image.
 *
 * @since 0.1.0
 * @category processing
 */
export const QrCode = Schema.Struct({
  /** What it says. */
  codeUrl: Schema.optional(Schema.String),
  /** Its corners, as `x,y` in pixels. */
  points: Operation.fromElement("CodeLocation/Point", Schema.Array(Schema.String))
})

/**
 * The label of content that a model made.
 *
 * @since 0.1.0
 * @category processing
 */
export const AigcMetadata = Schema.Struct({
  label: Schema.optional(Schema.String),
  contentProducer: Schema.optional(Schema.String),
  produceId: Schema.optional(Operation.fromElement("ProduceID", Schema.String)),
  reservedCode1: Schema.optional(Schema.String),
  contentPropagator: Schema.optional(Schema.String),
  propagateId: Schema.optional(Operation.fromElement("PropagateID", Schema.String)),
  reservedCode2: Schema.optional(Schema.String)
})

/**
 * An object that a rule of image processing made.
 *
 * @since 0.1.0
 * @category processing
 */
export const ProcessedImage = Schema.Struct({
  /** Absent where the rule makes no object. */
  key: Schema.optional(Schema.String),
  location: Schema.optional(Schema.String),
  format: Schema.optional(Schema.String),
  /** Pixels. */
  width: Schema.optional(c.Count),
  /** Pixels. */
  height: Schema.optional(c.Count),
  /** Bytes. */
  size: Schema.optional(c.Count),
  /** 1 to 100. */
  quality: Schema.optional(c.Count),
  eTag: Schema.optional(c.ETag),
  md5: Schema.optional(Schema.String),
  /** Frames: 1 unless it moves. */
  frameCount: Schema.optional(c.Count),
  /** Bits of a colour. */
  bitDepth: Schema.optional(c.Count),
  /** Of a rule that looks for a watermark: how sure it is, from 0 to 100. */
  watermarkStatus: Schema.optional(c.Count),
  /** Of a rule that looks for QR codes: whether there is one, 0 or 1. */
  codeStatus: Schema.optional(c.Count),
  /** The QR codes that were found; absent where none was. */
  qrCodeInfo: Schema.optional(Operation.fromElement("QRcodeInfo", c.absentIfEmpty(QrCode))),
  /** The label of content that a model made. */
  aigcMetadata: Schema.optional(Operation.fromElement("AIGCMetadata", AigcMetadata))
})

export const processResults = {
  /** What the rules of `picOperations` made. */
  processResults: Schema.optional(Operation.fromElement("ProcessResults/Object", Schema.Array(ProcessedImage))),
  /** The text that a rule found, such as that of a blind watermark. */
  processResultsText: Schema.optional(Operation.fromElement("ProcessResults/Text", Schema.String)),
  /** How the search for a watermark ended. */
  watermarkStatusCode: Schema.optional(Operation.fromElement("ProcessResults/WatermarkStatusCode", c.Count)),
  /** What a rule recognised, as it is in the document. */
  imgTargetRecResult: Schema.optional(Operation.fromElement("ImgTargetRecResult", c.XmlContent))
}

/** The document `UploadResult`. */
export const uploadResult = {
  /** The image that was processed. */
  originalInfo: Schema.optional(
    Schema.Struct({
      key: Schema.optional(Schema.String),
      location: Schema.optional(Schema.String),
      eTag: Schema.optional(c.ETag),
      imageInfo: Schema.optional(ImageInfo)
    })
  ),
  ...processResults
}

/** The headers of a stored object. */
export const stored = {
  ...eTag,
  /** Whole seconds. The service always says it; what stands in between may not. */
  lastModified: Schema.optional(Operation.fromHeader("Last-Modified", c.HttpDate)),
  contentType: Schema.optional(Operation.fromHeader("Content-Type", Schema.String)),
  cacheControl: Schema.optional(Operation.fromHeader("Cache-Control", Schema.String)),
  contentDisposition: Schema.optional(Operation.fromHeader("Content-Disposition", Schema.String)),
  contentEncoding: Schema.optional(Operation.fromHeader("Content-Encoding", Schema.String)),
  contentLanguage: Schema.optional(Operation.fromHeader("Content-Language", Schema.String)),
  expires: Schema.optional(Operation.fromHeader("Expires", Schema.String)),
  /** `bytes 0-9/100`, where a range was asked for. */
  contentRange: Schema.optional(Operation.fromHeader("Content-Range", Schema.String)),
  /** `bytes`: ranges can be asked for. */
  acceptRanges: Schema.optional(Operation.fromHeader("Accept-Ranges", Schema.String)),
  ...crc64,
  ...versionId,
  /** `x-cos-meta-*`, names in lower case and without that prefix. */
  metadata: Operation.fromHeaders(Metadata.prefix),
  /** `STANDARD` where the header is left out. Absent where a browser may hide it. */
  storageClass: Schema.optional(Operation.fromHeader("x-cos-storage-class", c.StorageClass, { absent: "STANDARD" })),
  /** Of `INTELLIGENT_TIERING` only. From the archive tiers `restoreObject` brings it back to `FREQUENT`. */
  storageTier: Schema.optional(Operation.fromHeader("x-cos-storage-tier", c.StorageTier)),
  /** `normal` or `appendable`. */
  objectType: Schema.optional(Operation.fromHeader("x-cos-object-type", Schema.String)),
  /** The `position` of the next append. */
  nextAppendPosition: Schema.optional(Operation.fromHeader("x-cos-next-append-position", c.Count)),
  /** For an archived object that was restored: whether that is still going on, and until when the copy can be read. */
  restore: Schema.optional(Operation.fromHeader("x-cos-restore", c.Restore)),
  /** The request for the restore, while it is going on. */
  restoreStatus: Schema.optional(Operation.fromHeader("x-cos-restore-status", c.RestoreStatus)),
  ...encryption,
  /** The canned ACL; `default`: as the bucket. */
  acl: Schema.optional(Operation.fromHeader("x-cos-acl", Schema.String)),
  /** How many tags it has; absent where it has none. */
  taggingCount: Schema.optional(Operation.fromHeader("x-cos-tagging-count", c.Count)),
  /** The state of its replication, such as `Complete`. */
  replicationStatus: Schema.optional(Operation.fromHeader("x-cos-replication-status", Schema.String)),
  /** The key that a symbolic link leads to. */
  symlinkTarget: Schema.optional(Operation.fromHeader("x-cos-symlink-target", c.EncodedKey)),
  /** When a lifecycle rule removes it, as the service writes it. */
  expiration: Schema.optional(Operation.fromHeader("x-cos-expiration", Schema.String))
}
