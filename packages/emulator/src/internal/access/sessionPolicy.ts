/**
 * The policies of access keys and of sessions of STS, as text (a bucket's policy is stored and not evaluated, see
 * `operations/policy`): `{"version":"2.0","statement":[{"effect","action","resource","condition"}]}`.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { Policy } from "../../Access.js"
import { unknownOperator } from "./policyConditions.js"

/** Why a policy is refused: its form, a resource, or a resource of another account. */
export interface PolicyProblem {
  readonly kind: "form" | "resource" | "foreign"
  readonly message: string
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Element names may have capitals. */
const withLowerCaseNames = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]))
    : value

const normalise = (json: unknown): unknown => {
  const policy = withLowerCaseNames(json)
  if (!isObject(policy)) return policy
  const { statement } = policy
  const statements = Array.isArray(statement) ? statement : statement === undefined ? [] : [statement]
  return {
    ...policy,
    statement: statements.map((statement) => {
      const lower = withLowerCaseNames(statement)
      return isObject(lower) && typeof lower.effect === "string"
        ? { ...lower, effect: lower.effect.toLowerCase() }
        : lower
    })
  }
}

const decode = Schema.decodeUnknownEither(Policy)

export const listOf = <A>(value: A | ReadonlyArray<A>): ReadonlyArray<A> =>
  Array.isArray(value) ? value : [value as A]

/** `qcs::cos:<region>:uid/<appid>:<resource>`; the last segment may have colons. */
export const segmentsOf = (
  resource: string
):
  | { readonly product: string; readonly region: string; readonly account: string; readonly path: string }
  | undefined => {
  const [qcs, , product, region, account, ...path] = resource.split(":")
  return qcs === "qcs" && product !== undefined && region !== undefined && account !== undefined && path.length > 0
    ? { product, region, account, path: path.join(":") }
    : undefined
}

const problem = (kind: PolicyProblem["kind"], message: string): PolicyProblem => ({ kind, message })

const problemOf = (policy: Policy, appId: string): PolicyProblem | undefined => {
  if (policy.statement.length === 0) return problem("form", "it has no statement")
  for (const { action, condition, resource } of policy.statement) {
    if (listOf(action).length === 0) return problem("form", "a statement has no action")
    if (listOf(resource).length === 0) return problem("form", "a statement has no resource")
    const operator = unknownOperator(condition)
    if (operator !== undefined) return problem("form", `there is no operator ${operator}`)
    for (const text of listOf(resource)) {
      if (text === "*") continue
      const segments = segmentsOf(text)
      if (segments === undefined) return problem("resource", `${text} has not six segments`)
      const uid = /^uid\/(\d+)$/.exec(segments.account)?.[1]
      if (segments.product === "cos" && uid !== undefined && uid !== appId) {
        return problem("foreign", "[QC_STS] cant grant other resource ")
      }
    }
  }
  return undefined
}

/** Parses and checks the JSON text of a policy. */
export const parsePolicy = (text: string, appId: string): Either.Either<Policy, PolicyProblem> =>
  Either.gen(function* () {
    const json = yield* Either.try({
      try: (): unknown => JSON.parse(text),
      catch: () => problem("form", "it is no JSON")
    })
    const policy = yield* Either.mapLeft(decode(normalise(json)), () =>
      problem("form", "a statement needs effect, action and resource")
    )
    const wrong = problemOf(policy, appId)
    return wrong === undefined ? policy : yield* Either.left(wrong)
  })
