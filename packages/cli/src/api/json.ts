/**
 * Inputs and outputs of operations as JSON. Times are texts in ISO 8601, whole numbers beyond what JSON holds are texts, bytes
 * are base64, secrets are read and not shown; everything else is as it is.
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import * as AST from "effect/SchemaAST"
import { meant } from "../contract/spelling.js"

/** Why a value is none, such as `rules[0].id: unknown field`. */
export type Problem = string

type Read = Either.Either<unknown, Problem>

/** Without what may be absent, and without rules, which the operation itself checks. */
export const bare = (ast: AST.AST): AST.AST => {
  if (AST.isRefinement(ast)) return bare(ast.from)
  if (AST.isSuspend(ast)) return bare(ast.f())
  if (AST.isUnion(ast)) {
    const types = ast.types.filter((type) => !AST.isUndefinedKeyword(type))
    return types.length === ast.types.length ? ast : bare(AST.Union.make(types))
  }
  return ast
}

const isDate = (ast: AST.AST): boolean =>
  AST.isDeclaration(ast) && /^Date/.test(String(ast.annotations[AST.IdentifierAnnotationId] ?? ""))

/** What is not shown, such as the secret of another store. */
const isRedacted = (ast: AST.AST): boolean =>
  AST.isDeclaration(ast) && /^Redacted\(/.test(String(ast.annotations[AST.DescriptionAnnotationId] ?? ""))

/** How JSON shows what it does not show. */
const hidden = String(Redacted.make(""))

const redactedOf = (value: unknown, path: string): Read =>
  typeof value !== "string"
    ? Either.left(`${path} must be a text`)
    : value === hidden
      ? Either.left(`${path} is ${hidden}, since secrets are not shown: write the secret itself`)
      : Either.right(Redacted.make(value))

const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const dateOf = (value: unknown, path: string): Read => {
  const date = new Date(typeof value === "string" ? value : Number.NaN)
  return Number.isNaN(date.getTime())
    ? Either.left(`${path} must be a time such as 2026-11-29T06:30:00Z`)
    : Either.right(date)
}

const all = <A>(entries: Iterable<readonly [name: string, value: Either.Either<A, Problem>]>) =>
  Either.map(
    Either.all(Array.from(entries, ([name, value]) => Either.map(value, (found) => [name, found] as const))),
    Object.fromEntries
  )

/** What would be meant by a name that is none. */
export const unknownField = (path: string, name: string, known: ReadonlyArray<string>): Problem => {
  const lower = meant(
    name.toLowerCase(),
    known.map((one) => one.toLowerCase())
  )
  const found = known.find((one) => one.toLowerCase() === lower)
  return `there is no field ${path}${name}${found === undefined ? "" : `: did you mean ${found}?`}`
}

const structOf = (ast: AST.TypeLiteral, value: { readonly [name: string]: unknown }, path: string): Read => {
  const [index] = ast.indexSignatures
  return all(
    Object.entries(value).map(([name, field]) => {
      const signature = ast.propertySignatures.find((one) => one.name === name)
      const type = signature?.type ?? index?.type
      return [
        name,
        type === undefined
          ? Either.left(
              unknownField(
                `${path}.`,
                name,
                ast.propertySignatures.map((one) => String(one.name))
              )
            )
          : fromJson(type, field, `${path}.${name}`)
      ] as const
    })
  )
}

/** A value of a type, from its JSON. What the type does not say is left to the operation. */
export const fromJson = (given: AST.AST, value: unknown, path: string): Read => {
  const ast = bare(given)
  if (isDate(ast)) return dateOf(value, path)
  if (isRedacted(ast)) return redactedOf(value, path)
  if (AST.isTypeLiteral(ast) && isRecord(value)) return structOf(ast, value, path)
  if (AST.isTupleType(ast) && Array.isArray(value)) {
    const item = ast.rest[0]?.type
    return item === undefined
      ? Either.right(value)
      : Either.all(value.map((one, index) => fromJson(item, one, `${path}[${index}]`)))
  }
  return Either.right(value)
}

const parse = (text: string, path: string): Read =>
  Either.try({
    try: () => JSON.parse(text),
    catch: () => `${path} must be JSON`
  })

const isText = (ast: AST.AST): boolean =>
  AST.isStringKeyword(ast) ||
  (AST.isLiteral(ast) && typeof ast.literal === "string") ||
  AST.isTemplateLiteral(ast) ||
  (AST.isUnion(ast) && ast.types.every((type) => isText(bare(type))))

/** A value of a type, from the words after an option: lists may be given one by one, what has fields as JSON. */
export const fromWords = (given: AST.AST | undefined, words: ReadonlyArray<string>, path: string): Read => {
  const ast = given === undefined ? undefined : bare(given)
  const [word = ""] = words
  if (ast !== undefined && AST.isTupleType(ast) && !(words.length === 1 && word.startsWith("["))) {
    const item = ast.rest[0]?.type
    return Either.all(words.map((one, index) => fromWords(item, [one], `${path}[${index}]`)))
  }
  if (words.length > 1) return Either.left(`${path} is given ${words.length} times`)
  if (ast === undefined || isText(ast)) return Either.right(word)
  if (isDate(ast)) return dateOf(word, path)
  if (isRedacted(ast)) return redactedOf(word, path)
  if (AST.isNumberKeyword(ast)) {
    return word.trim() !== "" && Number.isFinite(Number(word))
      ? Either.right(Number(word))
      : Either.left(`${path} must be a number`)
  }
  if (AST.isBooleanKeyword(ast)) {
    return word === "true" || word === "false"
      ? Either.right(word === "true")
      : Either.left(`${path} must be true or false`)
  }
  return Either.flatMap(parse(word, path), (value) => fromJson(ast, value, path))
}

/** JSON of what operations give. */
export const toJson = (value: unknown): unknown => {
  if (typeof value === "bigint") return String(value)
  if (value instanceof Uint8Array) return Encoding.encodeBase64(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== "object" || value === null) return value
  if ("toJSON" in value && typeof value.toJSON === "function") return value.toJSON()
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]))
}
