/**
 * CORS: evaluates the bucket's rules for preflights and for the headers of other responses.
 */
import * as Effect from "effect/Effect"
import { matchesWildcard } from "../access/wildcard.js"
import { type CosFailure, failure } from "../http/failure.js"
import { type Reply, reply } from "../http/message.js"
import type { BucketRules, CorsRule } from "../storage/Storage.js"
import * as Xml from "../xml/xml.js"
import type { BucketCall, Operation } from "./operation.js"
import { invalidArgument } from "./parameters.js"

const texts = (node: Xml.Node, name: string): ReadonlyArray<string> =>
  Xml.all(node, name).map(({ text }) => text.trim())

/** The rules of a document. */
export const corsOf = (node: Xml.Node): NonNullable<BucketRules["cors"]> => ({
  rules: Xml.all(node, "CORSRule").map((rule) => ({
    origins: texts(rule, "AllowedOrigin"),
    methods: texts(rule, "AllowedMethod").map((method) => method.toUpperCase()),
    headers: texts(rule, "AllowedHeader"),
    exposed: texts(rule, "ExposeHeader"),
    maxAge: Xml.text(rule, "MaxAgeSeconds")?.trim() || undefined
  })),
  vary: Xml.text(node, "ResponseVary")?.trim().toLowerCase() === "true"
})

const allowsOrigin = (rule: CorsRule, origin: string): boolean =>
  rule.origins.some((pattern) => matchesWildcard(pattern, origin))

const allowsHeader = (rule: CorsRule, name: string): boolean =>
  rule.headers.some((pattern) => matchesWildcard(pattern.toLowerCase(), name.toLowerCase()))

/** The first rule that lets an origin do this with these headers, else the first that lets it without some of them. */
const ruleFor = (
  rules: ReadonlyArray<CorsRule>,
  origin: string,
  method: string,
  headers: ReadonlyArray<string>
): CorsRule | undefined => {
  const fitting = rules.filter((rule) => allowsOrigin(rule, origin) && rule.methods.includes(method))
  return fitting.find((rule) => headers.every((name) => allowsHeader(rule, name))) ?? fitting[0]
}

/** The response headers of a rule for an origin. */
const headersOf = (rule: CorsRule, origin: string): Record<string, string> => ({
  // A wildcard rule allows no credentials.
  ...(rule.origins.includes("*")
    ? { "access-control-allow-origin": "*" }
    : { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" }),
  "access-control-allow-methods": rule.methods.join(","),
  ...(rule.exposed.length === 0 ? {} : { "access-control-expose-headers": rule.exposed.join(",") }),
  ...(rule.maxAge === undefined ? {} : { "access-control-max-age": rule.maxAge })
})

/** The CORS headers of a response that is not a preflight's. */
export const corsHeaders = ({
  bucket,
  header,
  method
}: Pick<BucketCall, "bucket" | "header" | "method">): Record<string, string> => {
  const cors = bucket.rules?.cors
  if (cors === undefined) return {}
  const origin = header("origin")
  const rule = origin === undefined || method === "OPTIONS" ? undefined : ruleFor(cors.rules, origin, method, [])
  return {
    ...(rule === undefined || origin === undefined ? {} : headersOf(rule, origin)),
    ...(cors.vary ? { vary: "Origin" } : {})
  }
}

const preflight = ({ bucket, header }: BucketCall): Effect.Effect<Reply, CosFailure> =>
  Effect.gen(function* () {
    const origin = header("origin")
    const method = header("access-control-request-method")
    if (origin === undefined || method === undefined) {
      return yield* invalidArgument("A preflight has Origin and Access-Control-Request-Method.")
    }
    const headers = (header("access-control-request-headers") ?? "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
    const rules = bucket.rules?.cors?.rules ?? []
    const rule = ruleFor(rules, origin, method, headers)
    if (rule === undefined) {
      // A refused origin learns it by the headers that are missing.
      if (rules.length > 0 && !rules.some((rule) => allowsOrigin(rule, origin))) return reply(200)
      return yield* failure("AccessForbidden", {
        message: `CORSResponse: This CORS request is not allowed. ${
          rules.length === 0 ? "The bucket has no CORS configuration." : "No rule has this origin and method."
        }`
      })
    }
    const allowed = headers.filter((name) => allowsHeader(rule, name))
    return reply(200, {
      ...headersOf(rule, origin),
      ...(allowed.length === 0 ? {} : { "access-control-allow-headers": allowed.join(",") })
    })
  })

/** Browsers send preflights unsigned, and for any path. */
const options = (on: "bucket" | "object"): Operation => ({
  name: "optionsObject",
  action: "OptionsObject",
  on,
  method: "OPTIONS",
  optionalQuery: "any",
  aclPermission: "NONE",
  run: preflight
})

export const corsOperations: ReadonlyArray<Operation> = [options("bucket"), options("object")]
