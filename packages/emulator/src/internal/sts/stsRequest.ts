/**
 * Requests to STS: their parameters, who sent them, and whether the signature holds. Both signatures are written from the
 * protocol notes: version 3 (`TC3-HMAC-SHA256`) and version 1 (`HmacSHA1`, `HmacSHA256`).
 */
import { createHash, createHmac } from "node:crypto"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Credential } from "../../Access.js"
import { equalInConstantTime } from "../access/constantTime.js"
import type { Request } from "../http/message.js"
import { formDecode, pairsOf } from "../http/queryText.js"
import { type StsFailure, stsFailure } from "./failure.js"
import { isStsHost } from "./recognise.js"

export interface StsRequest {
  readonly action: string
  readonly version: string | undefined
  readonly params: ReadonlyMap<string, string>
  readonly scheme: "header" | "form" | "query" | "anonymous"
  readonly secretId: string
  readonly token: string | undefined
  /** In seconds. */
  readonly timestamp: number
  /** Checks the signature with the secret key. */
  readonly verify: (secretKey: string) => Either.Either<void, StsFailure>
}

type Message = Pick<Request, "method" | "target" | "host" | "headers">

const fieldsOf = (text: string): Either.Either<ReadonlyMap<string, string>, StsFailure> => {
  const fields = new Map<string, string>()
  for (const pair of pairsOf(text)) {
    const name = formDecode(pair.name)
    const value = formDecode(pair.value)
    if (name === undefined || value === undefined) {
      return Either.left(stsFailure("InvalidParameter", "The parameters cannot be decoded."))
    }
    fields.set(name, value)
  }
  return Either.right(fields)
}

const jsonFields = (body: string): Either.Either<ReadonlyMap<string, string>, StsFailure> => {
  const json = Either.try((): unknown => JSON.parse(body === "" ? "{}" : body))
  return Either.isRight(json) && typeof json.right === "object" && json.right !== null && !Array.isArray(json.right)
    ? Either.right(
        new Map(
          Object.entries(json.right).map(([name, value]): [string, string] => [
            name,
            typeof value === "object" ? JSON.stringify(value) : String(value)
          ])
        )
      )
    : Either.left(stsFailure("InvalidParameter", "The body is no JSON object."))
}

const mismatch = (): StsFailure =>
  stsFailure(
    "AuthFailure.SignatureFailure",
    "The provided credentials could not be validated. Please check your signature is correct."
  )

/** The official SDKs sign the host of a port with the port, or without it. */
const hostsOf = ({ headers, host }: Message): ReadonlyArray<string> => {
  const hosts = [host, headers.host ?? ""].flatMap((name) => [name, name.replace(/:\d+$/, "")])
  return [...new Set(hosts)]
}

const queryOf = (target: string): string => (target.includes("?") ? target.slice(target.indexOf("?") + 1) : "")

const hmac256 = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const authorizationPattern =
  /^TC3-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{4}-\d\d-\d\d)\/([^/,\s]+)\/tc3_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/

/** Version 3: `Authorization: TC3-HMAC-SHA256 …`. */
const versionThree = (message: Message, body: string): Either.Either<StsRequest, StsFailure> =>
  Either.gen(function* () {
    const { headers, method, target } = message
    const found = authorizationPattern.exec(headers.authorization ?? "")
    if (found === null) {
      return yield* Either.left(stsFailure("AuthFailure.InvalidAuthorization", "Authorization is malformed."))
    }
    const [, secretId = "", date = "", service = "", signedHeaders = "", signature = ""] = found
    const timestamp = Number(headers["x-tc-timestamp"] ?? Number.NaN)
    const isJson = /^application\/json/i.test(headers["content-type"] ?? "")
    const params = yield* method === "POST" && isJson ? jsonFields(body) : fieldsOf(queryOf(target))
    const names = signedHeaders.split(";")
    const canonical = (host: string): string =>
      [
        method,
        "/",
        method === "GET" ? queryOf(target) : "",
        ...names.map((name) => `${name}:${(name === "host" ? host : (headers[name] ?? "")).trim().toLowerCase()}`),
        "",
        signedHeaders,
        sha256(body)
      ].join("\n")
    return {
      action: headers["x-tc-action"] ?? "",
      version: headers["x-tc-version"],
      params,
      scheme: "header" as const,
      secretId,
      token: headers["x-tc-token"] || undefined,
      timestamp,
      verify: (secretKey) => {
        const isScope =
          // The official SDKs take the first label of the host for it, whatever the host.
          (service === "sts" || !isStsHost(message.host)) &&
          names.includes("host") &&
          names.includes("content-type") &&
          !Number.isNaN(timestamp) &&
          new Date(timestamp * 1000).toISOString().startsWith(date)
        const key = hmac256(hmac256(hmac256(`TC3${secretKey}`, date), service), "tc3_request")
        const signatures = hostsOf(message).map((host) =>
          hmac256(
            key,
            `TC3-HMAC-SHA256\n${timestamp}\n${date}/${service}/tc3_request\n${sha256(canonical(host))}`
          ).toString("hex")
        )
        return isScope && signatures.some((expected) => equalInConstantTime(expected, signature))
          ? Either.void
          : Either.left(mismatch())
      }
    }
  })

/** Version 1: the signature is a field among the others, of a form or of the query. */
const versionOne = (message: Message, body: string): Either.Either<StsRequest, StsFailure> =>
  Either.gen(function* () {
    const { method, target } = message
    const fields = yield* fieldsOf(method === "POST" ? body : queryOf(target))
    const algorithm = fields.get("SignatureMethod") || "HmacSHA1"
    if (algorithm !== "HmacSHA1" && algorithm !== "HmacSHA256") {
      return yield* Either.left(stsFailure("InvalidParameterValue", "SignatureMethod must be HmacSHA1 or HmacSHA256."))
    }
    const signed = Array.from(fields)
      .filter(([name]) => name !== "Signature")
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, value]) => `${name}=${value}`)
      .join("&")
    const { Signature: signature = "", SecretId: secretId = "" } = Object.fromEntries(fields)
    return {
      action: fields.get("Action") ?? "",
      version: fields.get("Version"),
      params: fields,
      scheme: method === "POST" ? ("form" as const) : ("query" as const),
      secretId,
      token: fields.get("Token") || undefined,
      timestamp: Number(fields.get("Timestamp") ?? Number.NaN),
      verify: (secretKey) => {
        const hash = algorithm === "HmacSHA1" ? "sha1" : "sha256"
        const signatures = hostsOf(message).map((host) =>
          createHmac(hash, secretKey).update(`${method}${host}/?${signed}`).digest("base64")
        )
        return signatures.some((expected) => equalInConstantTime(expected, signature))
          ? Either.void
          : Either.left(mismatch())
      }
    }
  })

/** Reads a request, without checking anything but its form. */
export const parseStsRequest = (message: Message, body: string): Either.Either<StsRequest, StsFailure> =>
  message.method !== "GET" && message.method !== "POST"
    ? Either.left(stsFailure("UnsupportedProtocol", "The method must be GET or POST."))
    : message.headers.authorization !== undefined || message.headers["x-tc-action"] !== undefined
      ? versionThree(message, body)
      : versionOne(message, body)

/** How far the Timestamp may be from the server's clock, in seconds. */
const maxSkew = 300

/** The key that signed a request, once its signature holds. `now` in milliseconds. */
export const authenticateStsRequest = (
  request: StsRequest,
  credentials: ReadonlyMap<string, Credential>,
  now: number
): Either.Either<Credential, StsFailure> =>
  Either.gen(function* () {
    const { secretId, timestamp, token, verify } = request
    if (secretId === "") return yield* Either.left(stsFailure("MissingParameter", "SecretId is missing."))
    if (!Number.isInteger(timestamp)) {
      return yield* Either.left(stsFailure("MissingParameter", "Timestamp is missing, or no number of seconds."))
    }
    const credential = credentials.get(secretId)
    if (credential === undefined) {
      return yield* Either.left(stsFailure("AuthFailure.SecretIdNotFound", "The SecretId is not found."))
    }
    if (Math.abs(timestamp - Math.floor(now / 1000)) > maxSkew) {
      return yield* Either.left(
        stsFailure(
          "AuthFailure.SignatureExpire",
          "The signature has expired: Timestamp is more than five minutes from the server's time."
        )
      )
    }
    yield* verify(Redacted.value(credential.secretKey))
    const isOver = credential.expiresAt !== undefined && now >= credential.expiresAt.getTime()
    if (isOver || token !== (credential.token && Redacted.value(credential.token))) {
      return yield* Either.left(
        stsFailure("AuthFailure.TokenFailure", isOver ? "The token has expired." : "The token is not the key's.")
      )
    }
    return credential
  })
