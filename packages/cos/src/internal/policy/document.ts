/** Policies as documents: read, checked, written. */
import * as Either from "effect/Either"
import type { InvalidInput } from "../../CosError.js"
import type { Condition, Policy, Statement } from "../../Policy.js"
import { invalidInput } from "../encoding/invalidInput.js"

const refuse = (field: string, rule: string) => Either.left(invalidInput("Policy", field, rule))

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Names of elements may have capitals; those of conditions and their keys stay. */
const withLowerCaseNames = (value: unknown): { readonly [name: string]: unknown } =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member])) : {}

const listOf = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

const isTexts = (values: ReadonlyArray<unknown>): values is ReadonlyArray<string> =>
  values.every((value) => typeof value === "string" && value !== "")

const isCondition = (value: unknown): value is Condition =>
  isObject(value) &&
  Object.values(value).every(
    (keys) =>
      isObject(keys) &&
      Object.values(keys).every((values) =>
        listOf(values).every((value) => ["string", "number", "boolean"].includes(typeof value))
      )
  )

const readStatement = (value: unknown, index: number): Either.Either<Statement, InvalidInput> => {
  const { action, condition, effect, resource } = withLowerCaseNames(value)
  const field = `statement[${index}]`
  const lower = typeof effect === "string" ? effect.toLowerCase() : effect
  const [actions, resources] = [listOf(action), listOf(resource)]
  if (lower !== "allow" && lower !== "deny") return refuse(`${field}.effect`, "must be allow or deny")
  if (!isTexts(actions)) return refuse(`${field}.action`, "must be names of actions")
  if (!isTexts(resources)) return refuse(`${field}.resource`, "must be names of resources")
  if (condition !== undefined && !isCondition(condition)) {
    return refuse(`${field}.condition`, "must be values by operator and key")
  }
  return Either.right({
    effect: lower,
    action: actions,
    resource: resources,
    ...(condition === undefined ? undefined : { condition })
  })
}

export const read = (json: unknown): Either.Either<Policy, InvalidInput> => {
  if (!isObject(json)) return refuse("text", "must be the JSON of an object")
  const { statement } = withLowerCaseNames(json)
  return Either.map(Either.all(listOf(statement).map(readStatement)), (statement) => ({ version: "2.0", statement }))
}

/** `qcs:<project>:<product>:<region>:<account>:<resource>`; the last segment may have colons. */
const resource = /^qcs:[^:]*:[^:]+:[^:]*:[^:]*:./s

/** A lone half of a surrogate pair has no UTF-8, and so no percent-encoding. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** A policy that names nothing would refuse everything, or be refused: it is a mistake in any case. */
export const check = (policy: Policy): Either.Either<Policy, InvalidInput> => {
  const { statement } = policy
  if (!Array.isArray(statement) || statement.length === 0) return refuse("statement", "must name something")
  for (const [index, { action, effect, resource: resources }] of (statement as ReadonlyArray<Statement>).entries()) {
    const field = `statement[${index}]`
    if (effect !== "allow" && effect !== "deny") return refuse(`${field}.effect`, "must be allow or deny")
    if (!isTexts(action) || action.length === 0) return refuse(`${field}.action`, "must name something")
    if (!isTexts(resources) || resources.length === 0) return refuse(`${field}.resource`, "must name something")
    const wrong = resources.find((text) => text !== "*" && !(resource.test(text) && isWellFormed(text)))
    if (wrong !== undefined) {
      return refuse(`${field}.resource`, "must be * or qcs::cos:<region>:uid/<appid>:<bucket>/<key>")
    }
  }
  return Either.right(policy)
}

export const write = ({ statement, version }: Policy): string =>
  JSON.stringify({
    version,
    statement: statement.map(({ action, condition, effect, resource }) => ({ effect, action, resource, condition }))
  })

/** Both are to hold, and a key has room for the values of one: any of the values is enough. */
export const mergeConditions = (
  one: Condition | undefined,
  other: Condition | undefined
): Either.Either<Condition | undefined, InvalidInput> => {
  if (one === undefined || other === undefined) return Either.right(one ?? other)
  const operators = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Condition>
  for (const operator of operators) {
    const [before, after] = [one[operator] ?? {}, other[operator] ?? {}]
    const twice = Object.keys(after).find(
      (key) => Object.hasOwn(before, key) && JSON.stringify(before[key]) !== JSON.stringify(after[key])
    )
    if (twice !== undefined) {
      return refuse(`condition.${operator}.${twice}`, "must not be given twice: only one of the two would hold")
    }
  }
  return Either.right(
    Object.fromEntries(Array.from(operators, (operator) => [operator, { ...one[operator], ...other[operator] }]))
  )
}
