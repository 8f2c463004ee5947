/**
 * Verifies `q-sign-algorithm=sha1`. Written from the protocol notes and independent of the SDK on purpose.
 */
import { createHash, createHmac } from "node:crypto"
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"
import type { Request } from "../http/message.js"
import type { Target } from "../http/target.js"
import { equalInConstantTime } from "./constantTime.js"

/** How a request was signed, if at all. */
export type Scheme = "header" | "query" | "sign"

/** The seven fields of a signature, not yet verified. */
export interface SignatureFields {
  readonly scheme: Scheme
  readonly accessKeyId: string
  readonly signTime: string
  readonly keyTime: string
  readonly headerList: string
  readonly urlParamList: string
  readonly signature: string
}

const fieldNames = [
  "q-sign-algorithm",
  "q-ak",
  "q-sign-time",
  "q-key-time",
  "q-header-list",
  "q-url-param-list",
  "q-signature"
]

/** Query parameters that belong to the signature, not to the operation. */
export const signatureParameters: ReadonlySet<string> = new Set([
  ...fieldNames,
  "sign",
  "x-cos-security-token",
  "x-ci-security-token"
])

const parseFields = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("&").map((pair): [string, string] => {
      const at = pair.indexOf("=")
      return at < 0 ? [pair.trim(), ""] : [pair.slice(0, at).trim(), pair.slice(at + 1)]
    })
  )

/** The request's signature, from its header, else `sign`, else `q-*` parameters; `undefined` if it is anonymous. */
export const parseSignature = (
  request: Request,
  target: Target
): Either.Either<SignatureFields | undefined, CosFailure> => {
  const header = request.headers.authorization
  const sign = target.query.get("sign")
  const [scheme, fields]: [Scheme, ReadonlyMap<string, string>] = header
    ? ["header", parseFields(header)]
    : sign
      ? ["sign", parseFields(sign)]
      : ["query", target.query]
  if (scheme === "query" && !fieldNames.some((name) => fields.has(name))) return Either.right(undefined)
  const missing = fieldNames.find((name) => !fields.has(name))
  if (missing !== undefined) {
    return Either.left(failure("AccessDenied", { message: `The signature has no ${missing}.` }))
  }
  if (fields.get("q-sign-algorithm") !== "sha1") {
    return Either.left(failure("AccessDenied", { message: "q-sign-algorithm must be sha1." }))
  }
  const field = (name: string): string => fields.get(name) ?? ""
  return Either.right({
    scheme,
    accessKeyId: field("q-ak"),
    signTime: field("q-sign-time"),
    keyTime: field("q-key-time"),
    headerList: field("q-header-list"),
    urlParamList: field("q-url-param-list"),
    signature: field("q-signature")
  })
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const hmac = (key: string, text: string): string => createHmac("sha1", key).update(text).digest("hex")

/** How far ahead of the server's clock a signature may start, in seconds. */
export const maxSkew = 900

/** Checks that a time `<start>;<end>` has come and is not over. */
export const checkTime = (name: string, value: string, now: number): Either.Either<void, CosFailure> => {
  const match = /^(\d+);(\d+)$/.exec(value)
  if (match === null) {
    return Either.left(failure("InvalidArgument", { message: `${name} must be <start>;<end> in unix seconds.` }))
  }
  const start = Number(match[1])
  if (start > now + maxSkew) return Either.left(failure("RequestTimeTooSkewed"))
  return now < start || now > Number(match[2])
    ? Either.left(failure("AccessDenied", { message: "Request has expired" }))
    : Either.right(undefined)
}

/**
 * The two strings that are signed. Listed names that the request lacks are left out, so that the signature cannot
 * match.
 */
const stringsToSign = (
  fields: SignatureFields,
  request: Request,
  target: Target
): { readonly format: string; readonly text: string } => {
  // Names in both lists are encoded first and then lower-cased.
  const parameters = new Map(Array.from(target.query, ([name, value]) => [encode(name).toLowerCase(), value] as const))
  const headers = new Map(
    Object.entries(request.headers).map(([name, value]) => [encode(name).toLowerCase(), value] as const)
  )
  const split = new Map<string, ReadonlyArray<string>>()
  const linesOf = (value: string): ReadonlyArray<string> => {
    const lines = split.get(value) ?? value.split(", ")
    split.set(value, lines)
    return lines
  }
  const signedPairs = (list: string, from: ReadonlyMap<string, string>): string => {
    const names = list.split(";")
    const times = new Map<string, number>()
    for (const name of names) times.set(name, (times.get(name) ?? 0) + 1)
    const seen = new Map<string, number>()
    return names
      .flatMap((name) => {
        const value = from.get(name)
        if (value === undefined) return []
        // A header that is sent several times is listed as often.
        const nth = seen.get(name) ?? 0
        seen.set(name, nth + 1)
        const line = times.get(name) === 1 ? value : linesOf(value)[nth]
        return line === undefined ? [] : [`${name}=${encode(line)}`]
      })
      .join("&")
  }
  const format = [
    request.method.toLowerCase(),
    target.path,
    signedPairs(fields.urlParamList, parameters),
    signedPairs(fields.headerList, headers),
    ""
  ].join("\n")
  const digest = createHash("sha1").update(format).digest("hex")
  return { format, text: `sha1\n${fields.signTime}\n${digest}\n` }
}

/**
 * Checks a signature with the secret key at `now` (unix seconds). The error of a mismatch carries the strings that the
 * server computed, as COS's does.
 */
export const verify = (
  fields: SignatureFields,
  secretKey: string,
  now: number,
  request: Request,
  target: Target
): Either.Either<void, CosFailure> =>
  Either.gen(function* () {
    yield* checkTime("q-sign-time", fields.signTime, now)
    yield* checkTime("q-key-time", fields.keyTime, now)
    const { format, text } = stringsToSign(fields, request, target)
    if (!equalInConstantTime(hmac(hmac(secretKey, fields.keyTime), text), fields.signature)) {
      return yield* Either.left(
        failure("SignatureDoesNotMatch", {
          details: [
            ["StringToSign", text],
            ["FormatString", format]
          ]
        })
      )
    }
  })

/** Checks the signature of a form's policy, given in base64, at `now` (unix seconds). */
export const verifyPolicy = (
  form: { readonly policy: string; readonly keyTime: string; readonly signature: string },
  secretKey: string,
  now: number
): Either.Either<void, CosFailure> =>
  Either.flatMap(checkTime("q-key-time", form.keyTime, now), () => {
    const digest = createHash("sha1").update(Buffer.from(form.policy, "base64")).digest("hex")
    return equalInConstantTime(hmac(hmac(secretKey, form.keyTime), digest), form.signature)
      ? Either.void
      : Either.left(failure("SignatureDoesNotMatch", { details: [["StringToSign", digest]] }))
  })
