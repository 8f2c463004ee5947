/**
 * Preconditions in the order of RFC 9110, and byte ranges.
 */
import * as Either from "effect/Either"
import { type CosFailure, failure } from "./failure.js"

/** What conditions are compared with. The ETag has no quotes. */
export interface Validators {
  readonly etag: string
  readonly lastModified: number
}

/** The conditional headers, under the names of plain requests. */
export interface Conditions {
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
  readonly ifModifiedSince: string | undefined
  readonly ifUnmodifiedSince: string | undefined
}

/** The conditions of a request, or (with `x-cos-copy-source-`) those on the source of a copy. */
export const conditionsOf = (headers: Readonly<Record<string, string>>, prefix = ""): Conditions => ({
  ifMatch: headers[`${prefix}if-match`] || undefined,
  ifNoneMatch: headers[`${prefix}if-none-match`] || undefined,
  ifModifiedSince: headers[`${prefix}if-modified-since`] || undefined,
  ifUnmodifiedSince: headers[`${prefix}if-unmodified-since`] || undefined
})

const listsETag = (list: string, etag: string): boolean =>
  list.trim() === "*" || list.split(",").some((item) => item.trim().replace(/^W\//, "").replaceAll('"', "") === etag)

/** An HTTP date in seconds. One that cannot be parsed is `undefined` and counts as no condition. */
const parseHttpDate = (date: string): number | undefined => {
  const time = Date.parse(date)
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}

/** Evaluates the conditions. */
export const evaluate = (
  conditions: Conditions,
  { etag, lastModified }: Validators
): "proceed" | "not modified" | "failed" => {
  const modified = Math.floor(lastModified / 1000)
  if (conditions.ifMatch !== undefined) {
    if (!listsETag(conditions.ifMatch, etag)) return "failed"
  } else if (conditions.ifUnmodifiedSince !== undefined) {
    const since = parseHttpDate(conditions.ifUnmodifiedSince)
    if (since !== undefined && modified > since) return "failed"
  }
  if (conditions.ifNoneMatch !== undefined) {
    if (listsETag(conditions.ifNoneMatch, etag)) return "not modified"
  } else if (conditions.ifModifiedSince !== undefined) {
    const since = parseHttpDate(conditions.ifModifiedSince)
    if (since !== undefined && modified <= since) return "not modified"
  }
  return "proceed"
}

/**
 * Whether `If-Range` lets a range apply: the ETag or the date must be the object's, exactly. A weak ETag never is.
 */
export const allowsRange = (ifRange: string | undefined, { etag, lastModified }: Validators): boolean => {
  if (ifRange === undefined) return true
  const text = ifRange.trim()
  return text.startsWith('"') ? text === `"${etag}"` : parseHttpDate(text) === Math.floor(lastModified / 1000)
}

/** Bytes `[start, end)`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The range a header asks for: `a-b`, `a-` or `-n`. `undefined` is the whole, also for several or malformed ranges,
 * which are ignored.
 */
export const parseRange = (
  header: string | undefined,
  size: number
): Either.Either<ByteRange | undefined, CosFailure> => {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header ?? "")
  const [first, last] = [match?.[1] ?? "", match?.[2] ?? ""]
  if (
    match === null ||
    (first === "" && last === "") ||
    (first !== "" && last !== "" && Number(first) > Number(last))
  ) {
    return Either.right(undefined)
  }
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1)
  return start < end
    ? Either.right({ start, end })
    : Either.left(failure("InvalidRange", { headers: { "content-range": `bytes */${size}` } }))
}
