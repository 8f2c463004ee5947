/**
 * Decodes what a response says, by a Schema. `ParseResult` wraps every field of every entry in an `Either`, which costs
 * more than parsing the document. Here a Schema of structs, lists and texts becomes plain functions, which tell only that
 * a value is refused: then `ParseResult` decodes it again and says why. It also decodes whatever has no function here.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

const refused: unique symbol = Symbol()

/** The value, or {@link refused}. */
type Decode = (input: unknown) => unknown

const general = (ast: AST.AST): Decode => {
  const decode = ParseResult.decodeUnknownEither(Schema.make<unknown, unknown>(ast))
  return (input) => Either.getOrElse(decode(input), () => refused)
}

const where =
  (accepts: (input: unknown) => boolean): Decode =>
  (input) =>
    accepts(input) ? input : refused

const isText = where((input) => typeof input === "string")
const isNumber = where((input) => typeof input === "number")
const isBoolean = where((input) => typeof input === "boolean")
const isUndefined = where((input) => input === undefined)

const struct = ({ propertySignatures }: AST.TypeLiteral): Decode => {
  const fields = propertySignatures.map(({ isOptional, name, type }) => ({ name, isOptional, decode: decodeOf(type) }))
  return (input) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return refused
    const output: { [name: PropertyKey]: unknown } = {}
    for (const { decode, isOptional, name } of fields) {
      if (isOptional && !Object.hasOwn(input, name)) continue
      const value = decode((input as { readonly [name: PropertyKey]: unknown })[name])
      if (value === refused) return refused
      output[name] = value
    }
    return output
  }
}

const list = (item: AST.AST): Decode => {
  const decode = decodeOf(item)
  return (input) => {
    if (!Array.isArray(input)) return refused
    const output: Array<unknown> = []
    for (const one of input) {
      const value = decode(one)
      if (value === refused) return refused
      output.push(value)
    }
    return output
  }
}

const either = (first: AST.AST, second: AST.AST): Decode => {
  const [decodeFirst, decodeSecond] = [decodeOf(first), decodeOf(second)]
  return (input) => {
    const value = decodeFirst(input)
    return value === refused ? decodeSecond(input) : value
  }
}

const refinement = (ast: AST.Refinement): Decode => {
  const decode = decodeOf(ast.from)
  return (input) => {
    const value = decode(input)
    return value !== refused && Option.isNone(ast.filter(value, AST.defaultParseOption, ast)) ? value : refused
  }
}

const transformation = (ast: AST.Transformation, decode: AST.FinalTransformation["decode"]): Decode => {
  const [decodeFrom, decodeTo] = [decodeOf(ast.from), decodeOf(ast.to)]
  return (input) => {
    const from = decodeFrom(input)
    if (from === refused) return refused
    const to = decode(from, AST.defaultParseOption, ast, input)
    return Either.isEither(to) && Either.isRight(to) ? decodeTo(to.right) : refused
  }
}

const compile = (ast: AST.AST): Decode => {
  if (AST.ParseOptionsAnnotationId in ast.annotations || AST.DecodingFallbackAnnotationId in ast.annotations) {
    return general(ast)
  }
  switch (ast._tag) {
    case "StringKeyword":
      return isText
    case "NumberKeyword":
      return isNumber
    case "BooleanKeyword":
      return isBoolean
    case "UndefinedKeyword":
      return isUndefined
    case "Literal":
      return where((input) => input === ast.literal)
    case "TypeLiteral":
      return ast.propertySignatures.length > 0 && ast.indexSignatures.length === 0 ? struct(ast) : general(ast)
    case "TupleType": {
      const [item, ...more] = ast.rest
      return ast.elements.length === 0 && item !== undefined && more.length === 0 ? list(item.type) : general(ast)
    }
    case "Union": {
      const [first, second, ...more] = ast.types
      return second !== undefined && AST.isUndefinedKeyword(second) && more.length === 0
        ? either(first, second)
        : general(ast)
    }
    case "Refinement":
      return refinement(ast)
    case "Transformation":
      if (AST.isComposeTransformation(ast.transformation)) return transformation(ast, ParseResult.succeed)
      return AST.isFinalTransformation(ast.transformation)
        ? transformation(ast, ast.transformation.decode)
        : general(ast)
    default:
      return general(ast)
  }
}

const compiled = new WeakMap<AST.AST, Decode>()

const decodeOf = (ast: AST.AST): Decode => {
  let decode = compiled.get(ast)
  if (decode === undefined) {
    decode = compile(ast)
    compiled.set(ast, decode)
  }
  return decode
}

/** What `ParseResult.decodeUnknownEither` gives. */
export const decode = <A>(schema: Schema.Schema<A, any>, input: unknown): Either.Either<A, ParseResult.ParseIssue> => {
  const value = decodeOf(schema.ast)(input)
  return value === refused ? ParseResult.decodeUnknownEither(schema)(input) : Either.right(value as A)
}
