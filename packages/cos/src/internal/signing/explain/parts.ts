/** The parts that a signature covers: of a request as it was sent, and of a `FormatString` as the service made it. */
import * as percent from "../../encoding/percent.js"
import { httpStringOf, isSignedHeader, type Pairs } from "../canonical.js"
import type { SentRequest } from "./model.js"

/** Names in lower case, names and values percent-encoded, in the order in which they are signed. */
export interface Parts {
  readonly method: string
  readonly path: string
  readonly parameters: Pairs
  readonly headers: Pairs
}

/** The seven fields of a signature. */
export interface Fields {
  readonly secretId: string
  readonly signTime: string
  readonly keyTime: string
  readonly headerList: string
  readonly parameterList: string
  readonly signature: string
  /** Whether it stood in the URL. */
  readonly isPresigned: boolean
}

/** A request taken apart. */
export interface Sent {
  readonly method: string
  /** Decoded once. */
  readonly path: string
  readonly host: string
  readonly query: Pairs
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  /** `undefined`: it is not signed. */
  readonly fields: Fields | undefined
  /** What is wrong with the signature's form. */
  readonly malformed: string | undefined
}

export const fieldNames = [
  "q-sign-algorithm",
  "q-ak",
  "q-sign-time",
  "q-key-time",
  "q-header-list",
  "q-url-param-list",
  "q-signature"
] as const

const tokens = ["x-cos-security-token", "x-ci-security-token"]
const unsigned: ReadonlySet<string> = /*#__PURE__*/ new Set<string>([...fieldNames, "sign", ...tokens])

/** Decodes once; text that cannot be decoded stays as it is. */
export const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const pairsOf = (text: string): Pairs =>
  text === ""
    ? []
    : text.split("&").map((pair) => {
        const at = pair.indexOf("=")
        return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)]
      })

const fieldsOf = (pairs: Pairs, isPresigned: boolean): Pick<Sent, "fields" | "malformed"> => {
  const found = new Map(pairs.map(([name, value]) => [name.trim(), value.trim()]))
  const missing = fieldNames.filter((name) => !found.has(name))
  if (missing.length > 0) return { fields: undefined, malformed: `It has no ${missing.join(", ")}.` }
  const of = (name: (typeof fieldNames)[number]) => found.get(name) ?? ""
  const algorithm = of("q-sign-algorithm")
  const time = /^(\d+);(\d+)$/.exec(of("q-sign-time"))
  return {
    fields: {
      secretId: of("q-ak"),
      signTime: of("q-sign-time"),
      keyTime: of("q-key-time"),
      headerList: of("q-header-list").toLowerCase(),
      parameterList: of("q-url-param-list").toLowerCase(),
      signature: of("q-signature"),
      isPresigned
    },
    malformed:
      algorithm !== "sha1"
        ? "Its q-sign-algorithm is not sha1."
        : time === null
          ? "Its q-sign-time is not <start>;<end> in seconds since 1970."
          : Number(time[1]) > 1e11
            ? "Its q-sign-time is in milliseconds, and seconds are wanted."
            : Number(time[2]) < Number(time[1])
              ? "Its q-sign-time ends before it begins."
              : undefined
  }
}

const signatureOf = (headers: ReadonlyMap<string, string>, query: Pairs): Pick<Sent, "fields" | "malformed"> => {
  const header = headers.get("authorization")
  if (header !== undefined && header !== "") {
    const scheme = /^(AWS4?|Bearer|Basic|TC3-HMAC-SHA256)\b/i.exec(header.trim())
    return scheme === null
      ? fieldsOf(pairsOf(header), false)
      : { fields: undefined, malformed: `It is of the scheme ${scheme[1]}, which COS does not know.` }
  }
  const merged = query.find(([name]) => name === "sign")
  if (merged !== undefined) return fieldsOf(pairsOf(merged[1]), true)
  if (query.some(([name]) => /^x-amz-(signature|algorithm)$/i.test(name))) {
    return { fields: undefined, malformed: "It is of AWS (X-Amz-Signature), which COS does not know." }
  }
  return query.some(([name]) => name.startsWith("q-"))
    ? fieldsOf(query, true)
    : { fields: undefined, malformed: undefined }
}

/** A `URL` object would rewrite what it is about. */
const urlForm = /^(?:[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?/i

export const takeApart = (request: SentRequest): Sent => {
  const [, authority = "", path = "", search = ""] = urlForm.exec(request.url) ?? []
  const headers = new Map<string, string>()
  for (const [name, value] of request.headers) {
    const lower = name.trim().toLowerCase()
    const before = headers.get(lower)
    headers.set(lower, before === undefined ? value : `${before}, ${value}`)
  }
  const query = pairsOf(search).map(([name, value]) => [decode(name), decode(value)] as const)
  return {
    method: request.method,
    path: decode(path === "" ? "/" : path),
    host: headers.get("host") ?? authority.toLowerCase(),
    query,
    headers,
    ...signatureOf(headers, query)
  }
}

const listOf = (list: string): ReadonlyArray<string> => (list === "" ? [] : list.split(";"))

/** The listed ones in the order of the list; those that are not there are left out, as the service does. */
const listed = (list: ReadonlyArray<string>, from: Pairs): Pairs => {
  const values = new Map(from.map(([name, value]) => [percent.encode(name).toLowerCase(), percent.encode(value)]))
  return list.flatMap((name) => {
    const value = values.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * What a signature of this request covers. Without a signature it is what the service saw signed, or else what this package
 * would sign.
 */
export const partsOf = (sent: Sent, seen: Parts | undefined): Parts => {
  const headers: Pairs = [...new Map([["host", sent.host], ...sent.headers])]
  const query = sent.query.filter(
    ([name]) => !unsigned.has(name) || listOf(sent.fields?.parameterList ?? "").includes(name)
  )
  const names = (pairs: Pairs | undefined, otherwise: Pairs) =>
    pairs?.map(([name]) => name) ?? otherwise.map(([name]) => percent.encode(name).toLowerCase()).sort(byName)
  return {
    method: sent.method.toLowerCase(),
    path: sent.path,
    parameters: listed(
      sent.fields === undefined ? names(seen?.parameters, query) : listOf(sent.fields.parameterList),
      query
    ),
    headers: listed(
      sent.fields === undefined
        ? names(
            seen?.headers,
            headers.filter(([name]) => isSignedHeader(name))
          )
        : listOf(sent.fields.headerList),
      headers
    )
  }
}

/** The parts of a `FormatString`. The path may have line ends in it. */
export const readFormatString = (text: string): Parts | undefined => {
  const lines = text.split("\n")
  if (lines.length < 5) return undefined
  const tail = lines.slice(-3)
  return {
    method: lines[0] ?? "",
    path: lines.slice(1, -3).join("\n"),
    parameters: pairsOf(tail[0] ?? ""),
    headers: pairsOf(tail[1] ?? "")
  }
}

const text = (pairs: Pairs): string => pairs.map(([name, value]) => `${name}=${value}`).join("&")

export const formatOf = (parts: Parts): string =>
  httpStringOf({
    method: parts.method,
    pathname: parts.path,
    query: text(parts.parameters),
    headers: text(parts.headers)
  })

const secretName = /token|authorization|cookie|customer-key(?!-md5)/

export const redactedMark = "<redacted>"

export const isSecret = (name: string): boolean => secretName.test(name)

const quiet = (pairs: Pairs): Pairs => pairs.map(([name, value]) => [name, isSecret(name) ? redactedMark : value])

export const withoutSecrets = (parts: Parts): Parts => ({
  ...parts,
  parameters: quiet(parts.parameters),
  headers: quiet(parts.headers)
})
