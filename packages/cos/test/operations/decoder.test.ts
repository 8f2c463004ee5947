/** The decoders of responses, beside `ParseResult`, for every operation: the same values, and the same refusals. */
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import * as decoder from "../../src/internal/operation/decoder.js"

const schemaOf = (success: Operation.SpecData["success"]): Schema.Schema<unknown, unknown> | undefined =>
  Schema.isSchema(success) ? (success as Schema.Schema<unknown, unknown>) : undefined

const schemas = Object.values(Cos as { readonly [name: string]: unknown }).flatMap((operation) => {
  if (typeof operation !== "function" || !("spec" in operation)) return []
  const { name, success } = operation.spec as Operation.SpecData
  const schema = schemaOf(success) ?? ("schema" in success ? schemaOf(success.schema) : undefined)
  return schema === undefined ? [] : [[name, schema] as const]
})

/** What some fields take, since hardly any random text is a number, a time or a word. */
const texts = [
  "0",
  "12",
  "true",
  "2026-11-22T03:04:05Z",
  "Sun, 22 Nov 2026 03:04:05 GMT",
  "STANDARD",
  "Enabled",
  "a/b",
  ""
]
const others = [undefined, null, 1, [], {}, ["", 1], { name: "x" }]

/** Those of the texts that a Schema takes. */
const fitting = (ast: AST.AST): ReadonlyArray<string> => {
  const is = ParseResult.decodeUnknownEither(Schema.make<unknown, unknown>(ast))
  return texts.filter((text) => Either.isRight(is(text)))
}

/** An input of about the shape that a Schema decodes: now and then something is absent, or of another type. */
const inputOf = (ast: AST.AST, choose: (below: number) => number): unknown => {
  if (choose(60) === 0) return others[choose(others.length)]
  switch (ast._tag) {
    case "Refinement":
    case "Transformation": {
      const known = fitting(ast)
      return known.length > 0 && choose(20) > 0 ? known[choose(known.length)] : inputOf(ast.from, choose)
    }
    case "Suspend":
      return inputOf(ast.f(), choose)
    case "Union":
      return inputOf(ast.types[choose(ast.types.length)] as AST.AST, choose)
    case "TupleType":
      return Array.from({ length: choose(4) }, () => inputOf((ast.rest[0] as AST.Type).type, choose))
    case "TypeLiteral":
      return Object.fromEntries(
        ast.propertySignatures
          .filter(({ isOptional }) => choose(isOptional ? 4 : 60) > 0)
          .map(({ name, type }) => [name, inputOf(type, choose)] as const)
          .concat(choose(5) === 0 ? [["other", ""]] : [])
      )
    default:
      return AST.isLiteral(ast) ? ast.literal : texts[choose(texts.length)]
  }
}

describe("decoders", () => {
  const accepted = new Set<string>()

  it.each(schemas)("%s", (name, schema) => {
    FastCheck.assert(
      FastCheck.property(FastCheck.infiniteStream(FastCheck.nat()), (numbers) => {
        const input = inputOf(schema.ast, (below) => Number(numbers.next().value) % below)
        const expected = ParseResult.decodeUnknownEither(schema)(input)
        if (Either.isRight(expected)) accepted.add(name)
        expect(decoder.decode(schema, input)).toStrictEqual(expected)
      }),
      { numRuns: 40, seed: 1 }
    )
  })

  it("were given values that most of them accept", () => {
    expect(accepted.size).toBeGreaterThan(schemas.length * 0.8)
  })
})
