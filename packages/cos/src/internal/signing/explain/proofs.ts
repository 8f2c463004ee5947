/** Mistakes that are tried out: the one whose signature is the one that was sent, is the one that was made. */
import type { Hash } from "../../../Hash.js"
import * as percent from "../../encoding/percent.js"
import { type Pairs, stringToSignOf } from "../canonical.js"
import { cause } from "./advice.js"
import { causesOfDifferences, normalized, pathCause } from "./causes.js"
import { differencesOf } from "./differences.js"
import type { Cause } from "./model.js"
import { decode, type Fields, formatOf, type Parts } from "./parts.js"

/** A secret as it may have been copied. */
const copiedSecrets = (secret: string): ReadonlyArray<string> => {
  const bare = secret.trim().replace(/^(["'])(.*)\1$/, "$2")
  return [
    bare,
    `${bare}\n`,
    `${bare}\r\n`,
    `${bare}\r`,
    `${bare} `,
    ` ${bare}`,
    `${bare}\t`,
    `"${bare}"`,
    `'${bare}'`,
    `${bare};`
  ].filter((copy) => copy !== secret)
}

const encodePath = (path: string): string => path.split("/").map(percent.encode).join("/")

const bucketOf = (host: string): string | undefined => /^([a-z\d][a-z\d-]*-\d+)\./.exec(host)?.[1]

/** What else the client may have signed in place of a path. */
const otherPaths = (path: string, host: string): ReadonlyArray<string> => {
  const bucket = bucketOf(host)
  return [
    decode(path),
    encodePath(path),
    encodeURI(path),
    path.replaceAll("+", " "),
    path.replaceAll(" ", "+"),
    path.normalize("NFC"),
    path.normalize("NFD"),
    normalized(path),
    path.slice(1),
    `/${path}`,
    `${path}/`,
    path.replace(/^\/[a-z\d][a-z\d-]*-\d+(?=\/)/, ""),
    ...(bucket === undefined ? [] : [`/${bucket}${path}`, `/${bucket}`])
  ]
}

const otherHosts = (host: string): ReadonlyArray<string> => {
  const bare = host.replace(/:\d+$/, "")
  return [bare, `${bare}:80`, `${bare}:443`, bare.toUpperCase(), bare.replace(/^[^.]+\./, "")]
}

const withHeader = (headers: Pairs, at: number, value: string): Pairs =>
  headers.map((pair, index) => (index === at ? [pair[0], value] : pair))

/** Each with one thing changed. */
function* mutations(parts: Parts): Generator<Parts> {
  const host = decode(parts.headers.find(([name]) => name === "host")?.[1] ?? "")
  for (const path of otherPaths(parts.path, host)) yield { ...parts, path }
  for (const method of ["get", "head", "put", "post", "delete", "options", parts.method.toUpperCase()]) {
    yield { ...parts, method }
  }
  for (const [index, [name, value]] of parts.headers.entries()) {
    const plain = decode(value)
    const values =
      name === "host" ? otherHosts(plain) : [plain.trim(), plain.toLowerCase(), plain.replace(/;.*$/, ""), ""]
    for (const other of values) yield { ...parts, headers: withHeader(parts.headers, index, percent.encode(other)) }
    yield { ...parts, headers: withHeader(parts.headers, index, plain) }
    yield { ...parts, headers: parts.headers.filter((_, at) => at !== index) }
  }
  for (const [index, [, value]] of parts.parameters.entries()) {
    const plain = decode(value)
    for (const other of [
      plain,
      percent.encode(plain.replaceAll("+", " ")),
      percent.encode(plain.replaceAll(" ", "+")),
      ""
    ]) {
      yield { ...parts, parameters: withHeader(parts.parameters, index, other) }
    }
    yield { ...parts, parameters: parts.parameters.filter((_, at) => at !== index) }
  }
  yield { ...parts, parameters: [] }
}

/** What the client signed instead of `parts`, by the difference. */
const causesOf = (signed: Parts, seen: Parts): ReadonlyArray<Cause> => {
  const found = causesOfDifferences(differencesOf(signed, seen))
  return found.length > 0
    ? found
    : signed.method !== seen.method
      ? [cause("MethodChanged", "The method was signed in upper case.")]
      : signed.path !== seen.path
        ? [pathCause(signed.path, seen.path)]
        : [cause("ParameterChanged", "A value was signed without being percent-encoded.")]
}

export interface Evidence {
  readonly hash: Hash.Service
  readonly fields: Fields
  readonly secretKey: string
}

/** Whether the signature that was sent is that of these texts. */
export const isSignatureOf = ({ fields, hash, secretKey }: Evidence, stringToSign: string): boolean =>
  hash.hmacSha1Hex(hash.hmacSha1Hex(secretKey, fields.keyTime), stringToSign) === fields.signature

const textOf = ({ fields, hash }: Evidence, parts: Parts): string =>
  stringToSignOf(fields.signTime, hash.sha1Hex(formatOf(parts)))

/** What is proved by the signature. `seen` is the request as the service saw it, or as it was sent. */
export const proofOf = (evidence: Evidence, seen: Parts): ReadonlyArray<Cause> | undefined => {
  const stringToSign = textOf(evidence, seen)
  for (const secretKey of copiedSecrets(evidence.secretKey)) {
    if (isSignatureOf({ ...evidence, secretKey }, stringToSign)) {
      const blanks =
        "The request was signed with blanks, quotes or a line end around the secret, or without those it has."
      return [cause("BlankInSecret", blanks, true)]
    }
  }
  for (const signed of mutations(seen)) {
    if (isSignatureOf(evidence, textOf(evidence, signed))) {
      return causesOf(signed, seen).map((found) => ({ ...found, proven: true }))
    }
  }
  return undefined
}
