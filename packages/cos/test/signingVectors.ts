/**
 * Checks signing vectors: what an official SDK signed, given as its input, against what `Signature` makes of it. The
 * choices that are the SDK's and not the protocol's (which headers it signs, how it names hosts) are made here.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Hash } from "../src/Hash.js"
import * as ObjectKey from "../src/ObjectKey.js"
import * as Signature from "../src/Signature.js"

const Value = Schema.Union(Schema.String, Schema.Number, Schema.Null)
const Values = Schema.Record({ key: Schema.String, value: Value })

const Vector = Schema.Struct({
  id: Schema.String,
  kind: Schema.Literal("authorization", "presign", "request"),
  contested: Schema.optional(Schema.String),
  input: Schema.Struct({
    secretId: Schema.String,
    secretKey: Schema.String,
    keyTime: Schema.optional(Schema.String),
    signTime: Schema.optional(Schema.Number),
    expires: Schema.optional(Schema.Number),
    method: Schema.optional(Schema.String),
    pathname: Schema.optional(Schema.String),
    key: Schema.optional(Schema.String),
    useRawKey: Schema.optional(Schema.Boolean),
    bucket: Schema.optional(Schema.String),
    region: Schema.optional(Schema.String),
    forceSignHost: Schema.optional(Schema.Boolean),
    instanceForceSignHost: Schema.optional(Schema.Boolean),
    useAccelerate: Schema.optional(Schema.Boolean),
    domain: Schema.optional(Schema.String),
    protocol: Schema.optional(Schema.String),
    sign: Schema.optional(Schema.Boolean),
    securityToken: Schema.optional(Schema.String),
    query: Schema.optional(Values),
    queryString: Schema.optional(Schema.String),
    headers: Schema.optional(Values)
  }),
  expect: Schema.Struct({
    method: Schema.optional(Schema.String),
    requestTarget: Schema.optional(Schema.String),
    headers: Schema.optional(Values),
    url: Schema.optional(Schema.String),
    urlWithEncodedParamList: Schema.optional(Schema.String),
    authorization: Schema.optional(Schema.String),
    headerList: Schema.optional(Schema.String),
    urlParamList: Schema.optional(Schema.String),
    signKey: Schema.optional(Schema.String),
    httpString: Schema.optional(Schema.String),
    stringToSign: Schema.optional(Schema.String),
    signature: Schema.optional(Schema.String)
  })
})

/** One vector. */
export type Vector = typeof Vector.Type

/** Reads the text of a vector file. */
export const decodeFile = Schema.decodeEither(Schema.parseJson(Schema.Struct({ vectors: Schema.Array(Vector) })))

type Pair = readonly [name: string, value: string]
type Given = { readonly [name: string]: string | number | null } | undefined

const pairs = (given: Given): ReadonlyArray<Pair> =>
  Object.entries(given ?? {}).map(([name, value]) => [name, value === null ? "" : String(value)])

// The official SDK looks for x-cos- and x-ci- anywhere in a name, not only at its beginning.
const isSigned = ([name]: Pair): boolean => Signature.isSignedHeader(name) || /x-(?:cos|ci)-/i.test(name)

const withHost = (headers: ReadonlyArray<Pair>, host: string | undefined): ReadonlyArray<Pair> =>
  host === undefined || headers.some(([name]) => name.toLowerCase() === "host") ? headers : [...headers, ["Host", host]]

const parseTime = (keyTime: string): Signature.KeyTime => {
  const [start, end] = keyTime.split(";")
  return { start: Number(start), end: Number(end) }
}

const timeFrom = (start: number, expires = 900): Signature.KeyTime => ({ start, end: start + expires })

const withoutSlash = (key: string): string => key.replace(/^\//, "")

interface Prepared {
  readonly signature: Signature.Input | undefined
  /** The URL up to its path, and what follows the signature in it. */
  readonly url?: { readonly base: string; readonly rest: ReadonlyArray<string> }
}

const authorization = ({ input }: Vector): Prepared => {
  const path = input.pathname || input.key || ""
  const host = input.bucket && input.region && `${input.bucket}.cos.${input.region}.myqcloud.com`
  return {
    signature: {
      secretId: input.secretId,
      secretKey: input.secretKey,
      method: input.method ?? "get",
      pathname: input.useRawKey ? input.pathname || `/${input.key ?? ""}` : path.startsWith("/") ? path : `/${path}`,
      query: pairs(input.query),
      headers: withHost(
        pairs(input.headers).filter(isSigned),
        input.forceSignHost === false ? undefined : host || undefined
      ),
      keyTime: parseTime(input.keyTime ?? "")
    }
  }
}

const historicRegions = ["cn-south", "cn-south-2", "cn-north", "cn-east", "cn-southwest", "sg"]

const originOf = (input: Vector["input"]): string => {
  const bucket = input.bucket ?? ""
  const at = bucket.lastIndexOf("-")
  const region = input.useAccelerate ? "accelerate" : (input.region ?? "")
  const fallback = historicRegions.includes(region)
    ? "{Bucket}.{Region}.myqcloud.com"
    : "{Bucket}.cos.{Region}.myqcloud.com"
  const short = bucket.slice(0, at)
  const host = (input.domain || fallback)
    .replace(/\{\{Bucket\}\}|\{BucketName\}/gi, short)
    .replace(/\{\{AppId\}\}|\{AppId\}/gi, bucket.slice(at + 1))
    .replace(/\{\{Region\}\}|\{Region\}/gi, region)
    .replace(/\{Bucket\}/gi, bucket)
    .replace(/\/$/, "")
  if (/^[a-z]+:\/\//i.test(host)) return host
  return `${(input.protocol || "https:").replace(/:?$/, ":")}//${host}`
}

const presign = ({ input }: Vector): Prepared => {
  const key = input.useRawKey ? (input.key ?? "") : withoutSlash(input.key ?? "")
  const origin = originOf(input)
  const query = pairs(input.query)
  const rest = [...query]
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(([name, value]) => `${Signature.encode(name)}=${Signature.encode(value)}`)
  if (input.queryString) rest.push(input.queryString)
  const url = { base: `${origin}/${ObjectKey.encode(key)}`, rest }
  if (input.sign === false) return { signature: undefined, url }
  const signHost =
    (input.forceSignHost ?? input.instanceForceSignHost) !== false && input.instanceForceSignHost !== false
  return {
    // The SDK puts the token in as it is.
    url: { ...url, rest: input.securityToken ? [`x-cos-security-token=${input.securityToken}`, ...rest] : rest },
    signature: {
      secretId: input.secretId,
      secretKey: input.secretKey,
      method: input.method ?? "get",
      pathname: `/${key}`,
      query,
      headers: withHost(
        pairs(input.headers).filter((header) => header[1] !== "" && isSigned(header)),
        signHost ? origin.replace(/^[a-z]+:\/\//i, "").replace(/\/.*$/, "") : undefined
      ),
      keyTime: timeFrom(input.signTime ?? 0, input.expires)
    }
  }
}

const request = ({ expect, input }: Vector): Prepared => {
  const [path = "", query] = (expect.requestTarget ?? "").split(/\?(.*)/s)
  return {
    signature: {
      secretId: input.secretId,
      secretKey: input.secretKey,
      method: expect.method ?? "",
      pathname: decodeURIComponent(path),
      query: (query ?? "")
        .split("&")
        .filter((parameter) => parameter !== "")
        .map((parameter) => {
          const [name = "", value = ""] = parameter.split(/=(.*)/s)
          return [decodeURIComponent(name), decodeURIComponent(value)]
        }),
      // Empty headers are sent and not signed; the token is added after signing.
      headers: pairs(expect.headers).filter(
        (header) => header[1] !== "" && isSigned(header) && !/^x-(?:cos|ci)-security-token$/i.test(header[0])
      ),
      keyTime: timeFrom(input.signTime ?? 0, input.expires)
    }
  }
}

const prepare = { authorization, presign, request }

/** What differs from the vector, one line each; empty if the vector holds. */
export const check = (signer: Signature.Signer, vector: Vector): ReadonlyArray<string> => {
  const { signature, url } = prepare[vector.kind](vector)
  const signed = signature && signer.sign(signature)
  const actual: { readonly [field: string]: string | undefined } = {
    ...signed,
    ...(url && {
      url: join(url.base, [signed?.authorization, ...url.rest]),
      urlWithEncodedParamList: join(url.base, [signed && Signature.presignQuery(signed), ...url.rest])
    })
  }
  return Object.entries(vector.expect).flatMap(([field, expected]) =>
    ["method", "requestTarget", "headers"].includes(field) || actual[field] === expected
      ? []
      : [
          `${field}: expected ${JSON.stringify(expected)}`,
          `${" ".repeat(field.length)}  but got  ${JSON.stringify(actual[field])}`
        ]
  )
}

const join = (base: string, query: ReadonlyArray<string | undefined>): string => {
  const text = query.filter((part) => part !== undefined && part !== "").join("&")
  return text === "" ? base : `${base}?${text}`
}

/** The result of a file. */
export interface Report {
  readonly failures: ReadonlyArray<{ readonly vector: Vector; readonly problems: ReadonlyArray<string> }>
  readonly total: number
}

/** Checks every vector of a file. */
export const checkAll = (hash: Hash.Service, vectors: ReadonlyArray<Vector>): Report => {
  const signer = Signature.make(hash)
  return {
    total: vectors.length,
    failures: vectors.flatMap((vector) => {
      const problems = Either.getOrElse(
        Either.try({ try: () => check(signer, vector), catch: (error) => [`threw ${String(error)}`] }),
        (problems) => problems
      )
      return problems.length === 0 ? [] : [{ vector, problems }]
    })
  }
}
