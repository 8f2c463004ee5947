/** Errors that the service answers with: statuses, codes and documents of errors as typed errors. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as CosError from "../../CosError.js"
import type * as CosXml from "../../CosXml.js"
import { tagOf } from "../encoding/errorTag.js"
import { parseList } from "../xml/singlePassReader.js"
import { isText } from "../xml/writer.js"
import { requestIdOf, withoutSecrets } from "./headers.js"
import type { RequestSummary } from "./request.js"
import type { Response } from "./response.js"

/** The code that a status stands for, for responses without a document. */
const codeOfStatus = (request: RequestSummary, status: number): string => {
  switch (status) {
    case 403:
      return "AccessDenied"
    case 404:
      return request.key !== undefined ? "NoSuchKey" : request.host === "bucket" ? "NoSuchBucket" : "NotFound"
    case 405:
      return "MethodNotAllowed"
    case 409:
      return "Conflict"
    case 412:
      return "PreconditionFailed"
    case 416:
      return "InvalidRange"
    case 429:
      return "SlowDown"
    default:
      return String(status)
  }
}

const textAt = (document: CosXml.Node | undefined, name: string): string | undefined => {
  if (typeof document !== "object") return undefined
  const node = document[name]
  return typeof node === "string" && node !== "" ? node : undefined
}

/** Seconds, or a date by the clock of the server. */
const retryAfterOf = (value: string | undefined, now: number): Duration.Duration | undefined => {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Duration.seconds(Number(value))
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Duration.millis(Math.max(0, date - now))
}

const dateOf = (value: string | undefined): Date | undefined => {
  const date = new Date(value ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const common: ReadonlyArray<CosError.ServiceErrorClass> = [
  CosError.AccessDenied,
  CosError.AuthenticationFailed,
  CosError.Throttled,
  CosError.ServerFault
]

/**
 * Only the classes that the operation lists are looked through: a table of all would put them into every program that is
 * bundled.
 */
const classOf = (
  code: string,
  status: number,
  expected: ReadonlyArray<CosError.ServiceErrorClass>
): CosError.ServiceErrorClass => {
  const tag = tagOf(code)
  const known = [...expected, ...common].find((one) => one._tag === tag)
  if (known !== undefined) return known
  if (status === 429) return CosError.Throttled
  return status >= 500 && status !== 501 ? CosError.ServerFault : CosError.CosServiceError
}

/** The fields of an error document. It may be XML, the JSON of data processing, the HTML of a proxy, or nothing. */
interface ErrorDocument {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly resource?: string | undefined
  readonly requestId?: string | undefined
  readonly traceId?: string | undefined
  readonly serverTime?: string | undefined
}

/** The service repeats the key in its documents, also one that XML cannot carry. */
export const parseOptions = ({ key }: Pick<RequestSummary, "key">): Pick<CosXml.ParseOptions, "anyCharacter"> => ({
  anyCharacter: key !== undefined && !isText(key)
})

const parseDocument = (request: RequestSummary, text: string): ErrorDocument => {
  if (/^\s*\{/.test(text)) return parseJson(text)
  if (!/^\s*</.test(text)) return {}
  const parsed = parseList(text.trimStart(), parseOptions(request))
  if (Either.isLeft(parsed) || parsed.right.root !== "Error") return {}
  const { content } = parsed.right
  return {
    code: textAt(content, "Code"),
    message: textAt(content, "Message"),
    resource: textAt(content, "Resource"),
    requestId: textAt(content, "RequestId"),
    traceId: textAt(content, "TraceId"),
    serverTime: textAt(content, "ServerTime")
  }
}

/** Its `code` is left out: a number that no program can act upon. */
const parseJson = (text: string): ErrorDocument => {
  try {
    const { message, request_id } = JSON.parse(text) as { readonly [name: string]: unknown }
    return {
      message: typeof message === "string" ? message : undefined,
      requestId: typeof request_id === "string" ? request_id : undefined
    }
  } catch {
    return {}
  }
}

/** The error that a status, or an `<Error>` document under any status, stands for. */
export const serviceError = (
  response: Pick<Response, "request" | "status" | "headers" | "afterLostResponse">,
  text: string,
  expected: ReadonlyArray<CosError.ServiceErrorClass>,
  now: number
): CosError.AnyServiceError => {
  const { headers, request, status } = response
  const document = parseDocument(request, text)
  const code = document.code ?? headers["x-cos-error-code"] ?? codeOfStatus(request, status)
  const serverTime = dateOf(headers.date) ?? dateOf(document.serverTime)
  const where = [request.bucket, request.key].filter((part) => part !== undefined).join("/")
  const fields = {
    operation: request.operation,
    status,
    code,
    message: `${request.operation} ${where}: ${code === String(status) ? code : `${status} ${code}`}${document.message === undefined ? "" : `: ${document.message}`}`,
    bucket: request.bucket,
    // A path of the control host names no object.
    key: request.host === "control" ? undefined : request.key,
    requestId: requestIdOf(headers) ?? document.requestId,
    traceId: headers["x-cos-trace-id"] ?? headers["x-ci-trace-id"] ?? document.traceId,
    resource: document.resource,
    retryAfter: retryAfterOf(headers["retry-after"], serverTime?.getTime() ?? now),
    serverTime,
    ...(headers["x-cos-delete-marker"] === "true" ? { deleteMarkerVersionId: headers["x-cos-version-id"] } : undefined),
    ...(response.afterLostResponse ? { afterLostResponse: true } : undefined),
    headers: withoutSecrets(headers)
  }
  if (status === 304 && expected.includes(CosError.NotModified)) {
    return new CosError.NotModified({
      ...fields,
      code: "NotModified",
      eTag: headers.etag,
      lastModified: dateOf(headers["last-modified"])
    })
  }
  return new (classOf(code, status, expected))(fields)
}
