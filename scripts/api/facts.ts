/** What the declarations of the operations say at run time: each field, its place on the wire, and what it may be. */
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import { type Plan, planOf } from "../../packages/cos/src/internal/operation/wireFormat.js"

/** The specs of all operations, by name. */
export const specs: ReadonlyMap<string, Operation.SpecData> = new Map(
  Object.values(Cos).flatMap((value) =>
    typeof value === "function" && "spec" in value ? [[value.spec.name, value.spec as Operation.SpecData]] : []
  )
)

/** One field, or a field of a field: `rules[].id`. */
export interface Field {
  readonly path: string
  readonly place: string
  /** In the form `Rule/ID` for elements. */
  readonly wire: string
  /** Every name that is read, or that it is written under; `wire` the first. */
  readonly names: ReadonlyArray<string>
  readonly type: string
  /** Of what is sent: what it has to be, where the type does not say so. */
  readonly limit: string | undefined
  readonly isRequired: boolean
}

type PlanField = Plan["fields"][number]

const withoutUndefined = (ast: AST.AST): AST.AST => {
  if (!AST.isUnion(ast) || !ast.types.some(AST.isUndefinedKeyword)) return ast
  return withoutUndefined(AST.Union.make(ast.types.filter((type) => !AST.isUndefinedKeyword(type))))
}

/** The type of a schema's values, as one writes it. */
export const typeName = (given: AST.AST): string => {
  const ast = withoutUndefined(AST.typeAST(given))
  if (AST.isRefinement(ast)) return typeName(ast.from)
  if (AST.isSuspend(ast)) return typeName(ast.f())
  if (AST.isLiteral(ast)) return JSON.stringify(ast.literal)
  if (AST.isUnion(ast)) return ast.types.map(typeName).join(" | ")
  if (AST.isTupleType(ast)) {
    const item = ast.rest[0] === undefined ? "unknown" : typeName(ast.rest[0].type)
    return item.includes(" ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`
  }
  if (AST.isTypeLiteral(ast)) {
    const [index] = ast.indexSignatures
    if (index !== undefined) return `{ [name]: ${typeName(index.type)} }`
    const fields = ast.propertySignatures.map(
      ({ isOptional, name, type }) => `${String(name)}${isOptional ? "?" : ""}: ${typeName(type)}`
    )
    return fields.length === 0 ? "nothing" : `{ ${fields.join("; ")} }`
  }
  if (AST.isDeclaration(ast)) {
    const identifier = Option.getOrElse(AST.getIdentifierAnnotation(ast), () => "")
    return /Date/.test(identifier) ? "Date" : identifier.replace(/FromSelf$/, "") || "value"
  }
  return String(ast).replace(/^a /, "")
}

const limitOf = (ast: AST.AST): string | undefined =>
  Option.getOrUndefined(AST.getDescriptionAnnotation(withoutUndefined(ast) as AST.Annotated))

const structOf = (given: AST.AST): AST.TypeLiteral | undefined => {
  const ast = withoutUndefined(AST.typeAST(given))
  if (AST.isRefinement(ast)) return structOf(ast.from)
  if (AST.isTupleType(ast)) return ast.rest[0] && structOf(ast.rest[0].type)
  return AST.isTypeLiteral(ast) && ast.propertySignatures.length > 0 ? ast : undefined
}

const isList = (shape: PlanField["shape"]): boolean => shape.kind === "list"

const fieldsOf = (shape: PlanField["shape"]): ReadonlyArray<PlanField> | undefined =>
  shape.kind === "struct" ? shape.fields : shape.kind === "list" ? fieldsOf(shape.item) : undefined

const wireOf = (
  { place }: PlanField,
  above: string
): readonly [place: string, wire: string, ...other: ReadonlyArray<string>] => {
  switch (place.in) {
    case "header":
      return ["header", place.name, ...(place.orElement === undefined ? [] : [place.orElement.join("/")])]
    case "headers":
      return ["headers", `${place.prefix}*`]
    case "element": {
      const [first = "", ...rest] = place.paths.map((path) => above + path.join("/"))
      return ["element", first, ...rest]
    }
    case "root":
      return ["element", "(root)"]
    case "body":
      return ["body", "(body)"]
    case "call":
      return ["call", `(${place.fact})`]
    case "numbered":
      return ["element", `${above}${place.prefix}N`]
    case "attribute":
      return ["element", `${above}@${place.namespace[0]}:${place.name}`]
    case "unknown":
      return ["element", `${above}*`]
    case "order":
      return ["element", `order of ${place.names.join(", ")}`]
  }
}

const flatten = (ast: AST.AST, plan: ReadonlyArray<PlanField>, path: string, above: string): ReadonlyArray<Field> => {
  const struct = structOf(ast)
  return plan.flatMap((field) => {
    const signature = struct?.propertySignatures.find(({ name }) => name === field.name)
    if (signature === undefined) return []
    const [place, wire, ...other] = wireOf(field, above)
    const inner = fieldsOf(field.shape)
    const here = `${path}${field.name}${isList(field.shape) ? "[]" : ""}`
    const own: Field = {
      path: `${path}${field.name}`,
      place,
      wire,
      names: [wire, ...other],
      type: inner === undefined ? typeName(signature.type) : isList(field.shape) ? "list" : "group",
      limit: limitOf(signature.type),
      isRequired: !signature.isOptional
    }
    return [own, ...(inner === undefined ? [] : flatten(signature.type, inner, `${here}.`, `${wire}/`))]
  })
}

/** The fields that a schema reads and writes. */
export const fieldsOfSchema = (schema: Schema.Schema.All): ReadonlyArray<Field> =>
  flatten(schema.ast, planOf(schema).fields, "", "")

/** The parameters of an operation, those of its document with the fields in them. */
export const parameters = (spec: Operation.SpecData): ReadonlyArray<Field> =>
  Object.entries(spec.params).flatMap(([name, { place, presence, schema, wireName }]): ReadonlyArray<Field> => {
    const isRequired = presence === "required"
    // A parameter that is an element of the operation's document: the schema is a struct of just that one.
    const own = schema === undefined ? [] : fieldsOfSchema(schema)
    if (spec.document !== undefined && own[0]?.path === name) {
      return own.map((field, index) => (index === 0 ? { ...field, isRequired, names: wireName.split(" and ") } : field))
    }
    const inner = place === "body" ? own.map((field) => ({ ...field, path: `${name}.${field.path}` })) : []
    const type = schema === undefined ? "" : inner.length > 0 ? "group" : typeName(schema.ast)
    const limit = schema === undefined ? undefined : limitOf(schema.ast)
    return [{ path: name, place, wire: wireName, names: [wireName], type, limit, isRequired }, ...inner]
  })

/** The fields of an operation's output. */
export const outputFields = ({ success }: Operation.SpecData): ReadonlyArray<Field> =>
  "_tag" in success && success._tag === "Events"
    ? []
    : "_tag" in success && success._tag === "Body"
      ? fieldsOfSchema(success.schema)
      : fieldsOfSchema(success as Schema.Schema.All)
