/** CORS rules and preflights, compared with what a page needs. */
import type { CheckOptions, Method, Missing } from "../../Cors.js"
import type * as Operation from "../../Operation.js"
import type { getBucketCors } from "../../operations/cors.js"
import type { optionsObject } from "../../operations/preflight.js"

/** What a page needs, whatever the method. */
export interface Wanted {
  readonly exposed: ReadonlyArray<string>
  readonly sent: ReadonlyArray<string>
}

/** What a page may do with one method. */
export interface Allowed {
  readonly origin: boolean
  readonly method: boolean
  readonly sends: (name: string) => boolean
  readonly exposed: ReadonlySet<string>
}

/** Headers of requests that stand for all, since rules that do not allow any header rarely allow these. */
export const sentHeaders = (metadata: NonNullable<CheckOptions["metadata"]>): ReadonlyArray<string> => [
  "authorization",
  "content-type",
  "content-md5",
  "if-match",
  "range",
  "x-cos-acl",
  "x-cos-sdk-retry",
  "x-cos-security-token",
  ...metadata.map((name) => `x-cos-meta-${name.toLowerCase()}`)
]

const nothing: ReadonlySet<string> = new Set()

/** A refusal does not say of what: the origin, or the method. */
export const refused: Allowed = { origin: false, method: false, sends: () => false, exposed: nothing }

const lowerCase = (names: ReadonlyArray<string> = []): ReadonlySet<string> =>
  new Set(names.map((name) => name.toLowerCase()))

/** One `*` stands for any text. */
const matches = (pattern: string, text: string): boolean => {
  const at = pattern.indexOf("*")
  if (at < 0) return pattern === text
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)]
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
}

type Rules = Operation.Success<typeof getBucketCors>["rules"]

/** The first rule that allows all counts, else the first that allows some. */
export const ofRules = (rules: Rules, origin: string, method: Method, sent: ReadonlyArray<string>): Allowed => {
  const ofOrigin = rules.filter(({ allowedOrigins }) => allowedOrigins.some((pattern) => matches(pattern, origin)))
  const fitting = ofOrigin.filter(({ allowedMethods }) => allowedMethods.includes(method))
  const sends =
    ({ allowedHeaders = [] }: Rules[number]) =>
    (name: string) =>
      allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))
  const rule = fitting.find((rule) => sent.every(sends(rule))) ?? fitting[0]
  return rule === undefined
    ? { ...refused, origin: ofOrigin.length > 0 }
    : { origin: true, method: true, sends: sends(rule), exposed: lowerCase(rule.exposeHeaders) }
}

export const ofPreflight = (method: Method, allowed: Operation.Success<typeof optionsObject>): Allowed => {
  const sent = lowerCase(allowed.allowHeaders)
  return {
    origin: allowed.allowOrigin !== undefined,
    method: allowed.allowMethods?.includes(method) ?? false,
    sends: (name) => sent.has(name) || sent.has("*"),
    exposed: lowerCase(allowed.exposeHeaders)
  }
}

type Lack = Pick<Missing, "kind" | "name"> & { readonly method: Method }

export const lacking = (
  method: Method,
  { exposed, origin, sent }: Wanted & { readonly origin: string },
  allowed: Allowed
): ReadonlyArray<Lack> => {
  if (!allowed.origin) return [{ kind: "origin", name: origin, method }]
  if (!allowed.method) return [{ kind: "method", name: method, method }]
  return [
    ...sent.filter((name) => !allowed.sends(name)).map((name) => ({ kind: "requestHeader" as const, name, method })),
    ...exposed
      .filter((name) => !allowed.exposed.has(name.toLowerCase()) && !allowed.exposed.has("*"))
      .map((name) => ({ kind: "exposedHeader" as const, name, method }))
  ]
}

const sentence = (origin: string, { kind, name }: Lack, methods: ReadonlyArray<Method>): string => {
  switch (kind) {
    case "origin":
      return `no rule allows ${methods.join(", ")} to the origin ${name}`
    case "method":
      return `no rule lets ${origin} send ${name}`
    case "requestHeader":
      return `the rules do not let ${origin} send the header ${name} with ${methods.join(", ")}`
    case "exposedHeader":
      return `the rules do not expose the header ${name} of responses to ${methods.join(", ")}`
  }
}

/** The same lack of several methods is told once. */
export const merge = (origin: string, lacks: ReadonlyArray<Lack>): ReadonlyArray<Missing> => {
  const byName = new Map<string, Array<Lack>>()
  for (const lack of lacks) {
    const id = `${lack.kind} ${lack.name}`
    byName.set(id, [...(byName.get(id) ?? []), lack])
  }
  return Array.from(byName.values(), (same) => {
    const first = same[0] as Lack
    const methods = same.map(({ method }) => method)
    return { kind: first.kind, name: first.name, methods, message: sentence(origin, first, methods) }
  })
}
