/**
 * The bucket's policy: validated as JSON, stored and returned, but not evaluated. Permissions of access keys and ACLs
 * decide instead.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type CosFailure, failure } from "../http/failure.js"
import { reply } from "../http/message.js"
import type { Operation } from "./operation.js"
import { readDocumentText } from "./parameters.js"

const name = "policy"
const common = { requiredQuery: [name], aclPermission: "OWNER" } as const

/** Names are case-insensitive. */
const policyNames = new Set(["version", "id", "principal", "statement"])
const statementNames = new Set(["sid", "effect", "principal", "action", "resource", "condition"])

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const isTexts = (value: unknown): boolean =>
  typeof value === "string" ||
  (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))

const member = (object: Json, name: string): unknown =>
  Object.entries(object).find(([key]) => key.toLowerCase() === name)?.[1]

const unknown = (object: Json, names: ReadonlySet<string>): string | undefined =>
  Object.keys(object).find((key) => !names.has(key.toLowerCase()))

const statementProblem = (statement: unknown, policy: Json, strict: boolean): string | undefined => {
  if (!isObject(statement)) return "a Statement is no object"
  const other = unknown(statement, statementNames)
  if (strict && other !== undefined) return `${other} is unknown in a Statement`
  const [effect, condition] = ["effect", "condition"].map((name) => member(statement, name))
  if (!/^(?:allow|deny)$/i.test(String(effect))) return "Effect must be allow or deny"
  if (!isTexts(member(statement, "action"))) return "Action must be one or more names"
  if (!isTexts(member(statement, "resource"))) return "Resource must be one or more names"
  if (!isPrincipal(member(statement, "principal") ?? member(policy, "principal"))) {
    return "Principal must be * or name who, as { qcs: […] }, in each Statement or beside them"
  }
  return condition === undefined || (isObject(condition) && Object.values(condition).every(isObject))
    ? undefined
    : "Condition must be objects by operator"
}

const isPrincipal = (value: unknown): boolean =>
  value === "*" || (isObject(value) && Object.values(value).every(isTexts))

const problem = (policy: unknown, strict: boolean): string | undefined => {
  if (!isObject(policy)) return "it is no object"
  const other = unknown(policy, policyNames)
  if (strict && other !== undefined) return `${other} is unknown`
  const statement = member(policy, "statement")
  // A single one may stand without its list.
  const statements = isObject(statement) ? [statement] : statement
  if (!Array.isArray(statements) || statements.length === 0) return "it has no Statement"
  return statements
    .map((statement) => statementProblem(statement, policy, strict))
    .find((problem) => problem !== undefined)
}

const malformed = (reason: string): CosFailure =>
  failure("MalformedPolicy", { message: `The policy is not valid: ${reason}.` })

/**
 * COS gives back `Statement`, whatever the spelling that was put. Everything else, names inside the statements too, stays
 * as it was put.
 */
const withCapital = (policy: string): string => {
  let depth = 0
  return policy.replace(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g, (token, colon: string | undefined) => {
    if (token === "{" || token === "[") depth++
    else if (token === "}" || token === "]") depth--
    else if (depth === 1 && colon !== undefined && /^"statement"/i.test(token)) return `"Statement"${colon}`
    return token
  })
}

/** The policy of a request, checked, as a GET gives it back. */
const policyIn = (text: string, strict: boolean): Effect.Effect<string, CosFailure> =>
  Effect.try({ try: (): unknown => JSON.parse(text), catch: () => malformed("it is no JSON") }).pipe(
    Effect.flatMap((policy) => {
      const wrong = problem(policy, strict)
      return wrong === undefined ? Effect.succeed(withCapital(text)) : malformed(wrong)
    })
  )

export const policyOperations: ReadonlyArray<Operation> = [
  {
    ...common,
    on: "bucket",
    name: "putBucketPolicy",
    action: "PutBucketPolicy",
    method: "PUT",
    run: (call) =>
      readDocumentText(call, malformed, { requireMd5: true }).pipe(
        Effect.flatMap((text) => policyIn(text, call.settings.strict)),
        Effect.flatMap((text) => call.storage.putDocument(call.bucket.name, name, text)),
        Effect.as(reply(204))
      )
  },
  {
    ...common,
    on: "bucket",
    name: "getBucketPolicy",
    action: "GetBucketPolicy",
    method: "GET",
    run: (call) =>
      Effect.flatMap(
        call.storage.getDocument(call.bucket.name, name),
        Option.match({
          onNone: () => failure("NoSuchBucketPolicy"),
          onSome: (text) => Effect.succeed(reply(200, { "content-type": "application/json" }, text))
        })
      )
  },
  {
    ...common,
    on: "bucket",
    name: "deleteBucketPolicy",
    action: "DeleteBucketPolicy",
    method: "DELETE",
    run: (call) => Effect.as(call.storage.removeDocument(call.bucket.name, name), reply(204))
  }
]
