/**
 * Parses what requests carry: numbers, tags, metadata, digests, documents.
 */
import { createHash } from "node:crypto"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import mime from "mime"
import { type CosFailure, failure } from "../http/failure.js"
import { isHeaderValue } from "../http/headerText.js"
import type { IncompleteBody } from "../http/message.js"
import { pairsOf, percentDecode } from "../http/queryText.js"
import { type Shape, shapeProblem } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"
import type { BucketCall, ObjectCall, ServiceCall, Settings } from "./operation.js"

/** A 400 that names the parameter. */
export const invalidArgument = (message: string): CosFailure => failure("InvalidArgument", { message })

/** Every `x-cos-` header that some operation reads. */
const knownHeaders =
  /^x-cos-(?:meta-.+|acl|grant-(?:read|write|read-acp|write-acp|full-control)|storage-class|tagging|tagging-directive|metadata-directive|forbid-overwrite|traffic-limit|mime-limit|mfa|security-token|sdk-retry|callback|callback-var|appid|symlink-target|content-sha1|copy-source(?:-range|-if-(?:none-)?match|-if-(?:un)?modified-since)?|(?:copy-source-)?server-side-encryption(?:-customer-(?:algorithm|key|key-md5))?|server-side-encryption-(?:cos-kms-key-id|context))$/

/** Refuses values that could not be sent back as headers; if `strict`, also headers that no operation reads. */
export const checkHeaders = (
  headers: Readonly<Record<string, string>>,
  { strict }: Pick<Settings, "strict">
): Either.Either<void, CosFailure> => {
  const broken = Object.keys(headers).find((name) => !isHeaderValue(headers[name] ?? ""))
  if (broken !== undefined) {
    return Either.left(invalidArgument(`${broken} has control characters, which no header can carry.`))
  }
  if (!strict) return Either.void
  const header = Object.keys(headers).find((name) => name.startsWith("x-cos-") && !knownHeaders.test(name))
  return header === undefined
    ? Either.void
    : Either.left(invalidArgument(`The emulator does not know the header ${header}.`))
}

/** An integer parameter within limits. With `clamp` larger values count as the maximum. */
export const integerParameter = (
  call: ServiceCall,
  name: string,
  options: { readonly min: number; readonly max: number; readonly clamp?: boolean }
): Either.Either<number | undefined, CosFailure> => {
  const text = call.query.get(name)
  if (text === undefined || text === "") return Either.right(undefined)
  const value = Number(text)
  const max = options.clamp ? Number.MAX_SAFE_INTEGER : options.max
  return /^\d+$/.test(text) && value >= options.min && value <= max
    ? Either.right(Math.min(value, options.max))
    : Either.left(invalidArgument(`${name} must be an integer from ${options.min} to ${options.max}.`))
}

/** How a listing encodes keys: percent-encoded with `encoding-type=url`, else not at all. */
export const listingEncoder = (call: ServiceCall): Either.Either<(text: string) => string, CosFailure> => {
  const type = call.query.get("encoding-type")
  if (type === undefined || type === "") return Either.right((text) => text)
  return type === "url" ? Either.right(encodeKey) : Either.left(invalidArgument("encoding-type must be url."))
}

/** Percent-encodes a key; `/` stays. */
export const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** `<name>-<appid>`: lower-case letters, digits and `-`, at most 50 of them before the appid. */
export const checkBucketName = (name: string, settings: Settings): Either.Either<void, CosFailure> =>
  name.endsWith(`-${settings.appId}`) &&
  /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/.test(name.slice(0, -settings.appId.length - 1))
    ? Either.right(undefined)
    : Either.left(
        failure("InvalidBucketName", {
          message: `${name} is not <name>-${settings.appId} of at most 50 lower-case letters, digits and -.`
        })
      )

const maxKeyBytes = 850

const slashesAndDots = /^(?:\.?\/)*\.?$/

/** Refuses keys of `/` and `.` segments only: their path names the bucket. */
export const checkSegments = (key: string): Either.Either<void, CosFailure> =>
  key !== "" && slashesAndDots.test(key)
    ? Either.left(failure("InvalidURI", { message: "A key must not consist of / and . segments only." }))
    : Either.void

/** Refuses keys that are too long, that name the bucket, or that some response could not carry. */
export const checkKey = (key: string): Either.Either<void, CosFailure> => {
  const named = checkSegments(key)
  if (Either.isLeft(named)) return named
  if (Buffer.byteLength(key) > maxKeyBytes) {
    return Either.left(failure("InvalidURI", { message: `The key is longer than ${maxKeyBytes} bytes.` }))
  }
  return key === "" || /[\u0000\u0018-\u001b]|[\ud800-\udfff]/u.test(key)
    ? Either.left(failure("InvalidObjectName"))
    : Either.right(undefined)
}

/** Key and value, each key once. */
export type Tags = ReadonlyArray<readonly [key: string, value: string]>

const tagText = /^[\p{L}\p{N} +\-_=.:/]*$/u

/** Checks tags by COS's rules; at most `most`. */
export const checkTags = (tags: Tags, most: number): Either.Either<Tags, CosFailure> => {
  const wrong = (message: string) => Either.left(failure("InvalidTag", { message }))
  if (tags.length > most) return wrong(`There are at most ${most} tags.`)
  const keys = new Set<string>()
  for (const [key, value] of tags) {
    if (keys.has(key)) return wrong(`The tag ${key} is given twice.`)
    keys.add(key)
    if (key === "" || Buffer.byteLength(key) > 128 || Buffer.byteLength(value) > 256) {
      return wrong(`The tag ${key}: a key has 1 to 128 bytes, a value at most 256.`)
    }
    if (!tagText.test(key) || !tagText.test(value)) {
      return wrong(`The tag ${key} may have letters, digits, spaces and + - _ = . : / only.`)
    }
  }
  return Either.right(tags)
}

/** `x-cos-tagging`: `name=value` pairs, percent-encoded; by default at most ten. */
export const tagsOf = (call: ServiceCall, most = 10): Either.Either<Tags, CosFailure> => {
  const tags: Array<readonly [key: string, value: string]> = []
  for (const pair of pairsOf(call.header("x-cos-tagging") ?? "")) {
    const key = percentDecode(pair.name)
    const value = percentDecode(pair.value)
    if (key === undefined || value === undefined) {
      return Either.left(failure("InvalidTag", { message: `x-cos-tagging is wrong at ${pair.text}.` }))
    }
    tags.push([key, value])
  }
  return checkTags(tags, most)
}

const storageClasses = new Set([
  "STANDARD",
  "STANDARD_IA",
  "INTELLIGENT_TIERING",
  "ARCHIVE",
  "DEEP_ARCHIVE",
  "COLD",
  "MAZ_STANDARD",
  "MAZ_STANDARD_IA",
  "MAZ_INTELLIGENT_TIERING",
  "MAZ_COLD",
  "MAZ_ARCHIVE",
  "MAZ_DEEP_ARCHIVE"
])

/** A storage class that the emulator knows. */
export const checkStorageClass = (name: string, value: string): Either.Either<string, CosFailure> =>
  storageClasses.has(value) ? Either.right(value) : Either.left(invalidArgument(`${name} cannot be ${value}.`))

/** `x-cos-storage-class`, by default that of the bucket, which is STANDARD unless it was made with another. */
export const storageClassOf = (call: BucketCall): Either.Either<string, CosFailure> =>
  checkStorageClass(
    "x-cos-storage-class",
    call.header("x-cos-storage-class") ?? call.bucket.rules?.storageClass ?? "STANDARD"
  )

const contentHeaders = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires"
]

const metadataPrefix = "x-cos-meta-"

/** Bytes of one: its name without the prefix, and its value. */
const maxMetadataOfOne = 2048

/** Bytes of all: their names with the prefix, and their values. */
const maxMetadata = 4096

/** The content type of an object that was stored without one: by the extension of its key. */
export const typeOfKey = (key: string): string => mime.getType(`/${key}`) ?? "application/octet-stream"

/** The headers that are stored with an object and come back with it. */
export const metadataOf = (call: ObjectCall): Either.Either<Record<string, string>, CosFailure> => {
  const stored: Record<string, string> = {}
  let bytes = 0
  for (const [name, value] of Object.entries(call.headers)) {
    if (value === "") continue
    if (contentHeaders.includes(name)) stored[name] = value
    if (!name.startsWith(metadataPrefix)) continue
    if (!/^x-cos-meta-[a-z0-9-]+$/.test(name)) {
      return Either.left(invalidArgument(`${name} may have letters, digits and - only.`))
    }
    if (name.length - metadataPrefix.length + value.length > maxMetadataOfOne) {
      return Either.left(failure("KeyTooLong", { message: `${name} is longer than 2 KB.` }))
    }
    bytes += name.length + value.length
    stored[name] = value
  }
  stored["content-type"] ??= typeOfKey(call.key)
  return bytes > maxMetadata ? Either.left(failure("KeyTooLong")) : Either.right(stored)
}

const ssePrefix = "x-cos-server-side-encryption"

/**
 * The encryption headers of the request, else those of the bucket. They are stored and returned, but nothing is
 * encrypted. Only the MD5 of a customer's key is stored.
 */
export const encryptionOf = (call: BucketCall): Either.Either<Record<string, string>, CosFailure> => {
  const algorithm = call.header(ssePrefix)
  const customer = call.header(`${ssePrefix}-customer-algorithm`)
  if (algorithm !== undefined && customer !== undefined) {
    return Either.left(failure("InvalidRequest", { message: "SSE-C excludes other encryption." }))
  }
  if (customer !== undefined) {
    const md5 = call.header(`${ssePrefix}-customer-key-md5`)
    const key = Buffer.from(call.header(`${ssePrefix}-customer-key`) ?? "", "base64")
    if (customer !== "AES256" || key.length !== 32 || createHash("md5").update(key).digest("base64") !== md5) {
      return Either.left(invalidArgument("SSE-C needs AES256, a key of 32 bytes and its MD5."))
    }
    return Either.right({ [`${ssePrefix}-customer-algorithm`]: customer, [`${ssePrefix}-customer-key-md5`]: md5 })
  }
  if (algorithm === undefined) return Either.right({ ...call.bucket.rules?.encryption })
  if (algorithm !== "AES256" && algorithm !== "cos/kms" && algorithm !== "SM4") {
    return Either.left(invalidArgument(`${ssePrefix} must be AES256, SM4 or cos/kms.`))
  }
  const keyId = call.header(`${ssePrefix}-cos-kms-key-id`)
  return Either.right(
    keyId === undefined
      ? { [ssePrefix]: algorithm }
      : { [ssePrefix]: algorithm, [`${ssePrefix}-cos-kms-key-id`]: keyId }
  )
}

/** The encryption headers among an object's. */
export const encryptionIn = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(ssePrefix)))

/** Refuses to open an object that was stored with a customer's key unless the request has that key. */
export const checkCustomerKey = (
  call: ServiceCall,
  headers: Readonly<Record<string, string>>,
  prefix = ""
): Either.Either<void, CosFailure> => {
  const stored = headers[`${ssePrefix}-customer-key-md5`]
  const name = prefix === "" ? `${ssePrefix}-customer-key-md5` : `${prefix}server-side-encryption-customer-key-md5`
  const given = call.header(name)
  if (stored === given) return Either.right(undefined)
  return Either.left(
    failure("InvalidRequest", {
      message:
        stored === undefined ? `${name} is given for an object without SSE-C.` : `${name} does not fit the object.`
    })
  )
}

/** An ETag is the content's MD5, except where encryption hides it. */
export const etagOf = (md5: string, encryption: Readonly<Record<string, string>>): string =>
  encryption[`${ssePrefix}-customer-algorithm`] === undefined && encryption[ssePrefix] !== "cos/kms"
    ? md5
    : createHash("md5").update(md5).update("encrypted").digest("hex")

/** Five gigabytes: the limit of one PUT, one part, one copy. */
export const maxBody = 5 * 1024 ** 3

/** A body needs Content-Length or chunks, and must not be too large. Chunks must not be compressed. */
export const checkLength = (call: ServiceCall): Either.Either<void, CosFailure> => {
  const coding = call.header("transfer-encoding")
  if (coding !== undefined && !/^(?:chunked|identity)$/i.test(coding.trim())) {
    return Either.left(failure("NotImplemented", { message: `The transfer coding ${coding} is not implemented.` }))
  }
  if (call.contentLength === undefined && coding === undefined) {
    return Either.left(failure("MissingContentLength"))
  }
  return (call.contentLength ?? 0) > call.settings.maxBodySize
    ? Either.left(failure("EntityTooLarge"))
    : Either.right(undefined)
}

/** Content-MD5 as hex digits. */
export const contentMd5 = (call: ServiceCall): Either.Either<string | undefined, CosFailure> => {
  const header = call.header("content-md5")
  if (header === undefined) return Either.right(undefined)
  const bytes = Buffer.from(header, "base64")
  return bytes.length === 16 && bytes.toString("base64") === header
    ? Either.right(bytes.toString("hex"))
    : Either.left(failure("InvalidDigest"))
}

/** The traffic limit of the request, 819200 to 838860800 bit/s, in bytes per second. */
export const trafficLimit = (call: ServiceCall): Either.Either<number | undefined, CosFailure> => {
  const text = call.header("x-cos-traffic-limit") ?? call.query.get("x-cos-traffic-limit")
  if (text === undefined || text === "") return Either.right(undefined)
  const bits = Number(text)
  return Number.isInteger(bits) && bits >= 819_200 && bits <= 838_860_800
    ? Either.right(bits / 8)
    : Either.left(invalidArgument("x-cos-traffic-limit must be from 819200 to 838860800 bit/s."))
}

/**
 * `x-cos-mime-limit`: content types that are allowed (`image/*;text/plain`), or with a leading `!` forbidden. COS
 * inspects the content; the emulator believes the `Content-Type` header, if there is one.
 */
export const checkMime = (call: ServiceCall): Either.Either<void, CosFailure> => {
  const limit = call.header("x-cos-mime-limit") ?? ""
  const type = call.header("content-type")?.split(";")[0]?.trim().toLowerCase()
  if (limit === "" || type === undefined) return Either.void
  const listed = limit
    .replace(/^!/, "")
    .split(";")
    .map((one) => one.trim().toLowerCase())
    .some((one) => one === type || (one.endsWith("/*") && type.startsWith(one.slice(0, -1))))
  return listed === limit.startsWith("!")
    ? Either.left(failure("AccessDenied", { message: `x-cos-mime-limit does not let in ${type}.` }))
    : Either.void
}

/** JSON in Base64; `undefined` if it is something else. */
const base64Json = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, "base64").toString())
  } catch {
    return undefined
  }
}

const isTextRecord = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === "string")

/** `x-cos-callback` and `x-cos-callback-var` are checked and recorded in the journal; nobody is called. */
export const checkCallback = (call: ServiceCall): Either.Either<void, CosFailure> => {
  for (const name of ["x-cos-callback", "x-cos-callback-var"] as const) {
    const header = call.header(name)
    if (header === undefined) continue
    const value = base64Json(header)
    if (!isTextRecord(value)) return Either.left(invalidArgument(`${name} is no JSON object of texts in Base64.`))
    if (name === "x-cos-callback" && value.callbackUrl && !value.callbackBody) {
      return Either.left(invalidArgument("x-cos-callback has no callbackBody."))
    }
  }
  return Either.void
}

const maxDocument = 1024 * 1024

/** Collects the bytes, but stops once they are too many for a document. */
const collect = <E>(body: Stream.Stream<Uint8Array, E>): Effect.Effect<Uint8Array, E> =>
  Effect.suspend(() => {
    let size = 0
    return body.pipe(
      Stream.takeUntil((chunk) => {
        size += chunk.length
        return size > maxDocument
      }),
      Stream.runCollect,
      Effect.map((chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)))
    )
  })

/**
 * The request's document as text, at most 1 MB, checked against its Content-MD5, which may be required. `malformed`
 * makes the error for bytes that are not UTF-8.
 */
export const readDocumentText = (
  call: ServiceCall,
  malformedXml: (reason: string) => CosFailure,
  options: { readonly requireMd5?: boolean } = {}
): Effect.Effect<string, CosFailure | IncompleteBody> =>
  Effect.gen(function* () {
    const md5 = yield* contentMd5(call)
    if (md5 === undefined && options.requireMd5 === true) {
      return yield* failure("InvalidRequest", { message: "Content-MD5 is required." })
    }
    const bytes = call.bufferedBody === undefined ? yield* collect(call.body) : yield* call.bufferedBody
    if (bytes.length > maxDocument) return yield* failure("XMLSizeLimit")
    if (md5 !== undefined && createHash("md5").update(bytes).digest("hex") !== md5) return yield* failure("BadDigest")
    return yield* Effect.try({
      try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      catch: () => malformedXml("it is not UTF-8")
    })
  })

/** The request's XML document. A strict emulator refuses unknown elements by name. */
export const readDocument = (
  call: ServiceCall,
  root: string,
  shape: Shape,
  options: { readonly requireMd5?: boolean } = {}
): Effect.Effect<Xml.Node, CosFailure | IncompleteBody> =>
  Effect.gen(function* () {
    const node = yield* Either.mapLeft(Xml.parse(yield* readDocumentText(call, malformed, options)), malformed)
    if (node.name !== root) return yield* malformed(`the root is <${node.name}>, not <${root}>`)
    const wrong = shapeProblem(node, shape, call.settings.strict)
    return wrong === undefined ? node : yield* malformed(wrong)
  })

/** The error for a document that is not well-formed or not valid. */
export const malformed = (reason: string): CosFailure =>
  failure("MalformedXML", { message: `The XML you provided is not valid: ${reason}.` })

/** Refuses a document to store that no parser could read again. */
export const checkReadability = (node: Xml.Node): Either.Either<void, CosFailure> => {
  const unreadable = Xml.unreadable(node)
  return unreadable === undefined
    ? Either.void
    : Either.left(malformed(`<${unreadable.name}> has a character that no XML document can have`))
}

/** `2020-12-10T03:37:30.000Z`, as in the lists of objects, versions and parts. */
export const isoDate = (time: number): string => new Date(time).toISOString()

/** `2020-12-10T03:37:30Z`, as in the list of buckets and in copies. */
export const shortDate = (time: number): string => isoDate(time).replace(/\.\d{3}Z$/, "Z")
