/**
 * Takes the secrets of a request out of what it fails with, and out of what logs show of it: servers, proxies and HTTP
 * clients may repeat what they got.
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Redacted from "effect/Redacted"
import type { AccessKey } from "../../Credentials.js"
import { factsOf, type ResponseFacts, redactedMark } from "./headers.js"

const secretHeader = /^cookie$|authorization$|-token$|-customer-key$/

/** Adds what logs, `inspect` and `JSON.stringify` show of a value: its headers without secrets. The value keeps them. */
export const withQuietHeaders = <A extends { readonly headers: { readonly [name: string]: string } }>(value: A): A => {
  const quiet = ([name, text]: readonly [string, string]) => [name, secretHeader.test(name) ? redactedMark : text]
  const shown = () => ({ ...value, headers: Object.fromEntries(Object.entries(value.headers).map(quiet)) })
  return Object.defineProperties(value, { toJSON: { value: shown }, [NodeInspectSymbol]: { value: shown } })
}

/** What is shorter is no secret, and would be found in every sentence. */
const shortest = 8

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const named: Readonly<Record<string, string>> = {
  "&#38;": "&amp;",
  "&#60;": "&lt;",
  "&#62;": "&gt;",
  "&#34;": "&quot;"
}

/** A secret as documents, URLs and headers may spell it. */
const spellings = (secret: string): ReadonlyArray<string> => {
  const percent = encodeURIComponent(secret)
  const xml = escapeXml(secret)
  return [
    secret,
    percent,
    percent.replace(/%../g, (octet) => octet.toLowerCase()),
    encodeURI(secret),
    JSON.stringify(secret).slice(1, -1),
    xml.replace(/&#(?:38|60|62);/g, (entity) => named[entity] ?? entity),
    xml.replace(/&#(?:38|60|62|34);/g, (entity) => named[entity] ?? entity),
    Encoding.encodeBase64(secret)
  ]
}

const signatures = /(q-signature(?:=|%3D))[0-9a-f]+/gi

const signatureIn = (authorization: string | undefined): ReadonlyArray<string> =>
  /(?:q-s|\bS)ignature=([0-9a-f]+)/.exec(authorization ?? "")?.slice(1) ?? []

type Redact = (text: string) => string

/** All that a request was signed and encrypted with, as it may be spelled. */
const secretsOf = (
  { headers }: HttpClientRequest.HttpClientRequest,
  accessKey: AccessKey | undefined
): ReadonlyArray<string> => {
  const secrets = Object.entries(headers).flatMap(([name, value]) => (secretHeader.test(name) ? [value] : []))
  if (accessKey !== undefined) secrets.push(Redacted.value(accessKey.secretKey))
  return (
    [...secrets, ...signatureIn(headers.authorization)]
      .filter((secret) => secret.length >= shortest)
      .flatMap(spellings)
      // A spelling may contain another.
      .sort((a, b) => b.length - a.length)
  )
}

/** Replaces what the request was signed and encrypted with, which is gathered for the first text: most causes have none. */
const redactor = (message: HttpClientRequest.HttpClientRequest, accessKey: AccessKey | undefined): Redact => {
  let secrets: ReadonlyArray<string> | undefined
  return (text) => {
    secrets ??= secretsOf(message, accessKey)
    return secrets
      .reduce((text, secret) => text.replaceAll(secret, redactedMark), text)
      .replace(signatures, `$1${redactedMark}`)
  }
}

/** What the caller said, not the server. */
const ownFields: ReadonlySet<string> = new Set(["_tag", "operation", "bucket", "key"])

/** A text, or the headers of a response. */
const redactField = (value: unknown, redact: Redact): unknown => {
  if (typeof value === "string") return redact(value)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const clean = Object.entries(value).map(([name, text]) => [name, redactField(text, redact)] as const)
  return clean.some(([name, text]) => (value as { readonly [name: string]: unknown })[name] !== text)
    ? Object.fromEntries(clean)
    : value
}

/** The error, or a copy of it if what the server said in it holds a secret. */
const redactError = <E>(error: E, redact: Redact): E => {
  const { constructor } = (error ?? {}) as { readonly constructor?: { readonly fields?: object } }
  // Errors of responses are those that may name a request.
  if (constructor?.fields === undefined || !("requestId" in constructor.fields)) return error
  const fields: { [name: string]: unknown } = {}
  let isChanged = false
  for (const name of Object.keys(constructor.fields)) {
    const value = (error as { readonly [name: string]: unknown })[name]
    const clean = ownFields.has(name) ? value : redactField(value, redact)
    isChanged ||= clean !== value
    if (name !== "_tag" && clean !== undefined) fields[name] = clean
  }
  return isChanged ? new (constructor as unknown as new (fields: object) => E)(fields) : error
}

/** How many objects of a defect are searched. A larger one is taken to hold a secret. */
const maxVisited = 1000

/** Whether a secret can be reached from a value. */
const reaches = (root: unknown, redact: Redact): boolean => {
  const seen = new Set<unknown>()
  const stack = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (typeof value === "string" && redact(value) !== value) return true
    if (typeof value !== "object" || value === null || seen.has(value)) continue
    if (seen.size === maxVisited) return true
    seen.add(value)
    for (const name of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, name)
      if (property === undefined || property.get !== undefined) continue
      stack.push(property.value)
    }
  }
  return false
}

/** The defect, or, if a secret can be reached from it, an error with its name and its message. */
const redactDefect = (defect: unknown, redact: Redact): unknown => {
  try {
    if (!reaches(defect, redact)) return defect
  } catch {
    // What cannot be looked at may hold anything.
  }
  const known = defect instanceof Error ? defect : undefined
  const error = new Error(
    known === undefined ? "the HTTP client died with a value that holds secrets" : redact(known.message)
  )
  if (known !== undefined) {
    error.name = known.name
    error.stack = redact(known.stack ?? "")
  }
  return error
}

/** The cause without the secrets that `message` was sent with. */
export const redactCause = <E>(
  cause: Cause.Cause<E>,
  message: HttpClientRequest.HttpClientRequest,
  accessKey: AccessKey | undefined
): Cause.Cause<E> => {
  const redact = redactor(message, accessKey)
  return Cause.match(cause, {
    onEmpty: Cause.empty as Cause.Cause<E>,
    onFail: (error) => Cause.fail(redactError(error, redact)),
    onDie: (defect) => Cause.die(redactDefect(defect, redact)),
    onInterrupt: Cause.interrupt,
    onSequential: Cause.sequential,
    onParallel: Cause.parallel
  })
}

/** The headers of a response as errors carry them, without the secrets that `message` was sent with. */
export const redactFacts = (
  response: Parameters<typeof factsOf>[0],
  message: HttpClientRequest.HttpClientRequest,
  accessKey: AccessKey | undefined
): ResponseFacts => {
  const facts = factsOf(response)
  return { ...facts, headers: redactField(facts.headers, redactor(message, accessKey)) as ResponseFacts["headers"] }
}

/** The text of a response without the secrets that `message` was sent with. */
export const redactText = (
  text: string,
  message: HttpClientRequest.HttpClientRequest,
  accessKey: AccessKey | undefined
): string => redactor(message, accessKey)(text)

export type RedactCause = <E>(cause: Cause.Cause<E>) => Cause.Cause<E>

export const redacted = <A, E, R>(self: Effect.Effect<A, E, R>, redact: RedactCause): Effect.Effect<A, E, R> =>
  Effect.catchAllCause(self, (cause) => Effect.failCause(redact(cause)))
