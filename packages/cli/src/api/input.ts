/** The inputs of operations from options and documents, by the declarations of the operations. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import * as AST from "effect/SchemaAST"
import type { Body } from "effect-cos/Body"
import type * as Operation from "effect-cos/Operation"
import { UsageError } from "../contract/errors.js"
import { globalOptions } from "../contract/globals.js"
import { readPair } from "../contract/values.js"
import * as Json from "./json.js"

/** `responseContentType` as `response-content-type`. */
export const optionName = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** A field of an input. */
export interface Field {
  readonly name: string
  readonly isRequired: boolean
  /** Of its values; `undefined` where the declaration does not say. */
  readonly ast: AST.AST | undefined
  /** Whether it is the body itself: bytes. */
  readonly isBody: boolean
  /** Whether it is a part, or the whole, of a document that is the body. */
  readonly isDocument: boolean
}

/** The fields that an element's parameter has beside others in the operation's document. */
const elementOf = (name: string, ast: AST.AST): AST.AST =>
  AST.isTypeLiteral(ast) && ast.propertySignatures.length === 1 && ast.propertySignatures[0]?.name === name
    ? ast.propertySignatures[0].type
    : ast

export const fieldsOf = (spec: Operation.SpecData): ReadonlyArray<Field> =>
  Object.entries(spec.params)
    .filter(([, { place }]) => place !== "client")
    .map(([name, { place, presence, schema }]) => {
      const ast = schema === undefined ? undefined : AST.typeAST(schema.ast)
      return {
        name,
        isRequired: presence === "required",
        ast: ast === undefined ? undefined : elementOf(name, ast),
        isBody: place === "body" && schema === undefined,
        isDocument: place === "body" && schema !== undefined
      }
    })

/** Fields whose options are spelt like one of every command's can be given in a document only. */
export const hasOption = ({ isBody, name }: Field): boolean =>
  !isBody && name !== "unknownElements" && !(optionName(name) in globalOptions) && optionName(name) !== "help"

const keyFields: ReadonlySet<string> = new Set(["customerKey", "sourceCustomerKey"])
const switches: ReadonlySet<string> = new Set(["expectContinue"])

/** Values whose types the declaration does not say. */
const plainValue = (name: string, value: unknown): Either.Either<unknown, Json.Problem> => {
  if (!keyFields.has(name)) return Either.right(value)
  return typeof value !== "string"
    ? Either.left(`${name} must be base64 of 32 bytes`)
    : Either.mapBoth(Encoding.decodeBase64(value), {
        onLeft: () => `${name} must be base64 of 32 bytes`,
        onRight: Redacted.make
      })
}

const plainWords = (name: string, words: ReadonlyArray<string>): Either.Either<unknown, Json.Problem> => {
  const [word = ""] = words
  if (switches.has(name)) return Either.right(word === "true")
  if (/^[[{]/.test(word)) {
    return Either.try({ try: (): unknown => JSON.parse(word), catch: () => `${name} must be JSON` })
  }
  // `a=1` and `b=2` of metadata and of parameters
  return name === "metadata" || name === "parameters"
    ? Either.all(words.map(readPair)).pipe(
        Either.mapBoth({ onLeft: (reason) => `${name} ${reason}`, onRight: Object.fromEntries })
      )
    : plainValue(name, word)
}

const common: Record<Operation.Target, ReadonlyArray<string>> = {
  service: ["region", "extra"],
  bucket: ["bucket", "region", "extra"],
  object: ["key", "bucket", "region", "extra"],
  control: ["uin", "region", "extra"]
}

/** What was given of an input. */
export interface Given {
  /** The values after each option, by the name of the field. */
  readonly words: ReadonlyMap<string, ReadonlyArray<string>>
  /** A whole document of fields; options go before it. */
  readonly document: unknown
  readonly body: Body | undefined
}

const usage = (operation: string, message: string) =>
  new UsageError({ message: `${operation}: ${message}`, advice: `\`cos api ${operation} --help\` lists the fields` })

/** The input of an operation. That it is what COS takes, the operation checks. */
export const inputOf = (
  spec: Operation.SpecData,
  { body, document, words }: Given
): Effect.Effect<object, UsageError> => {
  const fields = fieldsOf(spec)
  const { name: operation } = spec
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return Effect.fail(usage(operation, "the document must be a JSON object of the operation's fields"))
  }
  const ofDocument = Object.entries(document).map(([name, value]) => {
    const field = fields.find((one) => one.name === name)
    const known = [...common[spec.target], ...fields.map((one) => one.name)]
    const found =
      field === undefined
        ? common[spec.target].includes(name)
          ? Either.right(value)
          : Either.left(Json.unknownField("", name, known))
        : field.ast === undefined
          ? plainValue(name, value)
          : Json.fromJson(field.ast, value, name)
    return [name, found] as const
  })
  const ofWords = [...words].map(([name, given]) => {
    const field = fields.find((one) => one.name === name)
    const found =
      field !== undefined && field.ast === undefined ? plainWords(name, given) : Json.fromWords(field?.ast, given, name)
    return [name, found] as const
  })
  const problem = [...ofDocument, ...ofWords].flatMap(([, found]) => (Either.isLeft(found) ? [found.left] : []))[0]
  if (problem !== undefined) return Effect.fail(usage(operation, problem))
  const input: { [name: string]: unknown } = Object.fromEntries(
    [...ofDocument, ...ofWords].map(([name, found]) => [name, Either.getOrThrow(found)])
  )
  if (body !== undefined) input.body = body
  const missing = [
    ...(spec.target === "object" ? ["key"] : spec.target === "control" ? ["uin"] : []),
    ...fields.flatMap((field) => (field.isRequired ? [field.name] : []))
  ].find((name) => input[name] === undefined)
  return missing === undefined ? Effect.succeed(input) : Effect.fail(usage(operation, `${missing} is missing`))
}
