/**
 * A form's policy: when it expires, which fields it allows, how large the file may be.
 */
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"

type Condition =
  | { readonly _tag: "Field"; readonly how: "eq" | "starts-with"; readonly field: string; readonly value: string }
  | { readonly _tag: "Size"; readonly min: number; readonly max: number }

export interface FormPolicy {
  /** Milliseconds. */
  readonly expiration: number
  readonly conditions: ReadonlyArray<Condition>
}

const invalid = (reason: string): CosFailure =>
  failure("InvalidPolicyDocument", { message: `The policy of the form is not valid: ${reason}.` })

const fieldName = (name: unknown): string => String(name).replace(/^\$/, "").toLowerCase()

const conditionOf = (json: unknown): Condition | undefined => {
  if (Array.isArray(json)) {
    const [how, a, b] = json
    if (json.length !== 3) return undefined
    if (how === "content-length-range") {
      return Number.isSafeInteger(Number(a)) && Number.isSafeInteger(Number(b))
        ? { _tag: "Size", min: Number(a), max: Number(b) }
        : undefined
    }
    return (how === "eq" || how === "starts-with") && typeof a === "string" && typeof b === "string"
      ? { _tag: "Field", how, field: fieldName(a), value: b }
      : undefined
  }
  const [entry, ...others] = Object.entries(json ?? {})
  return entry !== undefined && others.length === 0 && typeof entry[1] === "string"
    ? { _tag: "Field", how: "eq", field: fieldName(entry[0]), value: entry[1] }
    : undefined
}

/** Fields that a policy must fix, so that its signature cannot be used with another key. */
const required = ["q-sign-algorithm", "q-ak", "q-sign-time"]

/** Parses a policy from base64. */
export const parse = (base64: string): Either.Either<FormPolicy, CosFailure> =>
  Either.gen(function* () {
    const json = yield* Either.try({
      try: (): unknown => JSON.parse(Buffer.from(base64, "base64").toString()),
      catch: () => invalid("it is no JSON in base64")
    })
    const { conditions, expiration } = (json ?? {}) as { readonly conditions?: unknown; readonly expiration?: unknown }
    const time = Date.parse(String(expiration))
    if (Number.isNaN(time)) return yield* Either.left(invalid("expiration is no time"))
    if (!Array.isArray(conditions)) return yield* Either.left(invalid("it has no conditions"))
    const read: Array<Condition> = []
    for (const condition of conditions) {
      const known = conditionOf(condition)
      if (known === undefined) return yield* Either.left(invalid(`${JSON.stringify(condition)} is no condition`))
      read.push(known)
    }
    const missing = required.find((name) => !read.some((one) => one._tag === "Field" && one.field === name))
    if (missing !== undefined) return yield* Either.left(invalid(`it does not fix ${missing}`))
    return { expiration: time, conditions: read }
  })

const denied = (reason: string): Either.Either<never, CosFailure> =>
  Either.left(failure("AccessDenied", { message: `The form is not what its policy allows: ${reason}.` }))

/** Checks the fields (by lower-case name, with `bucket`) against the policy, and its expiry. */
export const check = (
  { conditions, expiration }: FormPolicy,
  fields: ReadonlyMap<string, string>,
  now: number
): Either.Either<void, CosFailure> => {
  if (now > expiration) return denied("it has expired")
  for (const condition of conditions) {
    if (condition._tag === "Size") continue
    const { field, how, value } = condition
    // The policy's q-sign-time is the form's q-key-time.
    const given = fields.get(field === "q-sign-time" ? "q-key-time" : field)
    if (given === undefined) return denied(`${field} is missing`)
    const exact = how === "eq" || field === "bucket" || field.startsWith("x-cos-")
    if (exact ? given !== value : !given.startsWith(value)) return denied(`${field} is another`)
  }
  return Either.void
}

/** Whether the file may be of this size, in bytes. */
export const checkSize = ({ conditions }: FormPolicy, size: number): Either.Either<void, CosFailure> => {
  for (const condition of conditions) {
    if (condition._tag !== "Size") continue
    const { max, min } = condition
    if (size < min) return Either.left(failure("EntityTooSmall", { message: `The file is under ${min} bytes.` }))
    if (size > max) return Either.left(failure("EntityTooLarge", { message: `The file is over ${max} bytes.` }))
  }
  return Either.void
}
