/**
 * Where a field of a Schema stands on the wire: in which header, or in which element of a document.
 *
 * A Schema describes values; an annotation on a field names its place. Without one, field `storageClass` is element
 * `StorageClass`. A plan is compiled once from the Schema and walks documents in both directions.
 */
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type * as CosXml from "../../CosXml.js"
import { orderOf } from "../xml/bulkListReader.js"
import type { CallSummary } from "./model.js"

/** Where one field stands. */
export type Place =
  /** Or, where it is not there, in an element of the document. */
  | { readonly in: "header"; readonly name: string; readonly orElement?: ReadonlyArray<string> }
  /** All headers that begin so, as a record. */
  | { readonly in: "headers"; readonly prefix: string }
  /** Alternative spellings, each a path of element names; the first is the one that is written. */
  | { readonly in: "element"; readonly paths: ReadonlyArray<ReadonlyArray<string>>; readonly urlEncoded: boolean }
  /** The text of the document's root itself. */
  | { readonly in: "root" }
  /** The whole body, which is no document. */
  | { readonly in: "body" }
  /** What is known of the call, whatever the response holds. */
  | { readonly in: "call"; readonly fact: keyof CallSummary }
  /** Which of these elements the root's children are, one after another; of lists that are read by `parseList` only. */
  | { readonly in: "order"; readonly names: ReadonlyArray<string> }

const PlaceId: unique symbol = Symbol.for("effect-cos/wire/Place")

export const at = <A, I>(place: Place, schema: Schema.Schema<A, I>): Schema.Schema<A, I> =>
  schema.annotations({ [PlaceId]: place })

/** Elements of a struct of which several stand in an `And`. */
export interface FilterConditions {
  readonly alone: ReadonlyArray<string>
  readonly beside: ReadonlyArray<string>
}

const ConditionsId: unique symbol = Symbol.for("effect-cos/wire/Conditions")

export const filterConditions = <A, I>(
  schema: Schema.Schema<A, I>,
  conditions: FilterConditions
): Schema.Schema<A, I> => schema.annotations({ [ConditionsId]: conditions })

type Shape =
  | { readonly kind: "scalar" }
  | { readonly kind: "list"; readonly item: Shape }
  | {
      readonly kind: "struct"
      readonly fields: ReadonlyArray<Field>
      readonly conditions: FilterConditions | undefined
    }

interface Field {
  readonly name: string
  readonly place: Place
  readonly shape: Shape
}

const scalar: Shape = { kind: "scalar" }

/** The one member of `X | undefined`. */
const withoutUndefined = (ast: AST.AST): AST.AST => {
  if (!AST.isUnion(ast)) return ast
  const rest = ast.types.filter((type) => !AST.isUndefinedKeyword(type))
  return rest.length === 1 && rest[0] !== undefined ? rest[0] : ast
}

const placeOf = (ast: AST.AST): Place | undefined => ast.annotations[PlaceId] as Place | undefined

/** The shape of the encoded side: what the Schema reads and writes on the wire. */
const shapeOf = (ast: AST.AST): Shape => {
  if (AST.isSuspend(ast)) return shapeOf(ast.f())
  if (AST.isRefinement(ast) || AST.isTransformation(ast)) return shapeOf(ast.from)
  if (AST.isTupleType(ast)) {
    const item = ast.rest[0]
    return { kind: "list", item: item === undefined ? scalar : shapeOf(item.type) }
  }
  if (AST.isTypeLiteral(ast) && ast.propertySignatures.length > 0) {
    return {
      kind: "struct",
      fields: ast.propertySignatures.map(fieldOf),
      conditions: ast.annotations[ConditionsId] as FilterConditions | undefined
    }
  }
  return scalar
}

const fieldOf = (signature: AST.PropertySignature): Field => {
  const name = String(signature.name)
  const type = withoutUndefined(signature.type)
  return {
    name,
    place: placeOf(type) ??
      placeOf(signature.type) ?? {
        in: "element",
        paths: [[name.charAt(0).toUpperCase() + name.slice(1)]],
        urlEncoded: false
      },
    shape: shapeOf(type)
  }
}

/** How the values of a Schema are written and read. */
export interface Plan {
  readonly fields: ReadonlyArray<Field>
}

const plans = new WeakMap<AST.AST, Plan>()

export const planOf = (schema: Schema.Schema.All): Plan => {
  let plan = plans.get(schema.ast)
  if (plan === undefined) {
    const shape = shapeOf(schema.ast)
    plan = { fields: shape.kind === "struct" ? shape.fields : [] }
    plans.set(schema.ast, plan)
  }
  return plan
}

/** The first element of each field. */
export const nameOf = (schema: Schema.Schema.All): string =>
  planOf(schema)
    .fields.map(({ place }) => (place.in === "element" ? (place.paths[0]?.join("/") ?? "") : place.in))
    .join(", ")

export const isOptional = (schema: Schema.Schema.All, field: string): boolean =>
  AST.getPropertySignatures(schema.ast).some(({ isOptional, name }) => name === field && isOptional)

/** Thrown while reading: text where elements should be. */
export class Unreadable extends Error {}

type Wire = { [name: string]: unknown }

/** An element that may be empty but not hold text. */
const refuseText = (node: unknown): void => {
  if (typeof node === "string" && /[^ \t\r\n]/.test(node)) throw new Unreadable("text where elements should be")
}

const isRecord = (node: unknown): node is { readonly [element: string]: CosXml.Node | ReadonlyArray<CosXml.Node> } =>
  typeof node === "object" && node !== null && !Array.isArray(node)

/** An array on the way is gone through: `CommonPrefixes/Prefix` is the prefix of each. */
const follow = (
  node: CosXml.Node | ReadonlyArray<CosXml.Node> | undefined,
  path: ReadonlyArray<string>,
  from = 0
): CosXml.Node | ReadonlyArray<CosXml.Node> | undefined => {
  let current = node
  for (let i = from; i < path.length; i++) {
    if (Array.isArray(current)) return current.flatMap((one) => follow(one, path, i) ?? [""])
    if (!isRecord(current)) {
      refuseText(current)
      return undefined
    }
    current = current[path[i] as string]
  }
  return current
}

const find = (
  node: CosXml.Node,
  paths: ReadonlyArray<ReadonlyArray<string>>
): CosXml.Node | ReadonlyArray<CosXml.Node> | undefined => {
  for (const path of paths) {
    const found = follow(node, path)
    if (found !== undefined) return found
  }
  return undefined
}

/** Throws `URIError` on a malformed sequence, which the caller turns into `MalformedResponse`. */
const decodeUrl = (text: string): string => (text.includes("%") ? decodeURIComponent(text) : text)

const readValue = (shape: Shape, node: unknown, urlEncoded: boolean, inUrlEncoding: boolean): unknown => {
  switch (shape.kind) {
    case "scalar":
      return urlEncoded && inUrlEncoding && typeof node === "string" ? decodeUrl(node) : node
    case "list":
      return (Array.isArray(node) ? node : node === undefined ? [] : [node]).map((item) =>
        readValue(shape.item, item, urlEncoded, inUrlEncoding)
      )
    case "struct":
      // Several where one should be: left as it is, for the Schema to refuse.
      return Array.isArray(node)
        ? node
        : readFields(
            shape.fields,
            shape.conditions === undefined ? (node as CosXml.Node) : flat(node as CosXml.Node),
            inUrlEncoding
          )
  }
}

/** Conditions without their `And`. */
const flat = (node: CosXml.Node): CosXml.Node => {
  const and = isRecord(node) ? node.And : undefined
  if (Array.isArray(and)) throw new Unreadable("several And where one should be")
  refuseText(and)
  return isRecord(and) ? { ...(node as object), ...and } : node
}

const readFields = (fields: ReadonlyArray<Field>, node: CosXml.Node, inUrlEncoding: boolean): Wire => {
  const wire: Wire = {}
  for (const { name, place, shape } of fields) {
    if (place.in === "root") {
      wire[name] = node
    } else if (place.in === "order") {
      wire[name] = typeof node === "object" ? orderOf(node)?.filter((element) => place.names.includes(element)) : []
    } else if (place.in === "element") {
      const found = find(node, place.paths)
      if (found !== undefined || shape.kind === "list") {
        wire[name] = readValue(shape, found, place.urlEncoded, inUrlEncoding)
      }
    }
  }
  return wire
}

/** The values of a document and of headers by our names, still as text. May throw `URIError`. */
export const read = (
  plan: Plan,
  headers: { readonly [name: string]: string | undefined },
  content: CosXml.Node | undefined,
  body: string | undefined,
  call?: (fact: keyof CallSummary) => unknown
): Wire => {
  const inUrlEncoding =
    isRecord(content) &&
    find(content, [["EncodingType"], ["Encoding-Type"], ["Encoding-type"]])
      ?.toString()
      .toLowerCase() === "url"
  const wire = content === undefined ? {} : readFields(plan.fields, content, inUrlEncoding)
  for (const { name, place } of plan.fields) {
    if (place.in === "body") {
      if (body !== undefined) wire[name] = body
    } else if (place.in === "call") {
      const value = call?.(place.fact)
      if (value !== undefined) wire[name] = value
    } else if (place.in === "header") {
      const value = headers[place.name] ?? (place.orElement && follow(content, place.orElement))
      if (value !== undefined) wire[name] = value
    } else if (place.in === "headers") {
      const values: { [name: string]: string } = {}
      for (const header in headers) {
        const value = headers[header]
        if (header.startsWith(place.prefix) && value !== undefined) values[header.slice(place.prefix.length)] = value
      }
      wire[name] = values
    }
  }
  return wire
}

type MutableNode = { [element: string]: CosXml.Node | ReadonlyArray<CosXml.Node> }

const writeValue = (shape: Shape, value: unknown): CosXml.Node => {
  if (shape.kind === "struct") {
    const content = writeFields(shape.fields, value as Wire, Object.create(null))
    return shape.conditions === undefined ? content : joined(content, shape.conditions)
  }
  return typeof value === "string" ? value : String(value)
}

/** Conditions, in an `And` unless there is one and that may stand alone. */
const joined = (content: MutableNode, { alone, beside }: FilterConditions): MutableNode => {
  const names = Object.keys(content).filter((name) => !beside.includes(name))
  const several = names.length > 1 || names.some((name) => !alone.includes(name) || isMany(content[name]))
  if (!several) return content
  const and: MutableNode = Object.create(null)
  const outside: MutableNode = Object.create(null)
  outside.And = and
  for (const name in content) (beside.includes(name) ? outside : and)[name] = content[name] as CosXml.Node
  return outside
}

const isMany = (node: unknown): boolean => Array.isArray(node) && node.length > 1

const writeFields = (fields: ReadonlyArray<Field>, wire: Wire, content: MutableNode): MutableNode => {
  for (const { name, place, shape } of fields) {
    const value = wire[name]
    if (value === undefined || place.in !== "element") continue
    const path = place.paths[0] ?? []
    let parent = content
    for (const element of path.slice(0, -1)) {
      const existing = parent[element]
      const next: MutableNode = isRecord(existing) ? (existing as MutableNode) : Object.create(null)
      parent[element] = next
      parent = next
    }
    const last = path[path.length - 1] ?? name
    if (shape.kind === "list") {
      const items = (value as ReadonlyArray<unknown>).map((item) => writeValue(shape.item, item))
      if (items.length > 0) parent[last] = items
    } else {
      parent[last] = writeValue(shape, value)
    }
  }
  return content
}

/** Adds the elements for `wire` to the content of a document. */
export const write = (plan: Plan, wire: unknown, content: MutableNode = Object.create(null)): CosXml.Node =>
  writeFields(plan.fields, wire as Wire, content)
