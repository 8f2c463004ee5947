/**
 * Where a field of a Schema stands on the wire: in which header, or in which element of a document.
 *
 * A Schema describes values; an annotation on a field names its place. Without one, field `storageClass` is element
 * `StorageClass`. A plan is compiled once from the Schema and walks documents in both directions.
 */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type * as CosXml from "../../CosXml.js"
import type { Parse } from "../xml/documentReader.js"
import { loadDocumentReader } from "../xml/loadDocumentReader.js"
import { orderOf } from "../xml/singlePassReader.js"
import type { CallSummary } from "./model.js"
import {
  type Claims,
  type Content,
  claim,
  isElements,
  isUnknownElements,
  type MutableElements,
  putBack,
  unclaimed
} from "./unknownElements.js"

/** Where one field stands. */
export type Place =
  /** Or, where it is not there, in an element of the document. */
  | {
      readonly in: "header"
      readonly name: string
      readonly orElement?: ReadonlyArray<string>
      readonly absent?: string | undefined
      readonly sent?: "always" | "usually" | undefined
    }
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
  /** Which of these elements the root's children are, one after another; where the single-pass reader read the document. */
  | { readonly in: "order"; readonly names: ReadonlyArray<string> }
  /** `Prefix1`, `Prefix2` and so on, as a list. */
  | { readonly in: "numbered"; readonly prefix: string }
  /** An attribute of the element. */
  | { readonly in: "attribute"; readonly name: string; readonly namespace: readonly [prefix: string, uri: string] }
  /** Whatever the other fields of the struct do not name, which only this reader keeps. */
  | { readonly in: "unknown"; readonly reader: Effect.Effect<Parse> }

const PlaceId: unique symbol = Symbol.for("effect-cos/wire/Place")

export const at = <A, I>(place: Place, schema: Schema.Schema<A, I>): Schema.Schema<A, I> =>
  schema.annotations({ [PlaceId]: place })

/** Elements of a struct of which several stand in an `And`. */
export interface FilterConditions {
  readonly alone: ReadonlyArray<string>
  readonly beside: ReadonlyArray<string>
}

const ConditionsId: unique symbol = Symbol.for("effect-cos/wire/Conditions")

/** A field for {@link Place} `unknown`. */
export const Unknown: Schema.Schema<CosXml.Elements> = at(
  { in: "unknown", reader: loadDocumentReader },
  Schema.declare(isUnknownElements, { description: "elements as they were read" })
)

export const filterConditions = <A, I>(
  schema: Schema.Schema<A, I>,
  conditions: FilterConditions
): Schema.Schema<A, I> => schema.annotations({ [ConditionsId]: conditions })

type Shape =
  | { readonly kind: "scalar" }
  | { readonly kind: "list"; readonly item: Shape }
  | ({ readonly kind: "struct" } & Struct)

interface Struct {
  readonly fields: ReadonlyArray<Field>
  /** The field for what the others do not name. */
  readonly keeper: Field | undefined
  readonly conditions: FilterConditions | undefined
}

interface Field {
  readonly name: string
  readonly place: Place
  readonly shape: Shape
  readonly isOptional: boolean
  readonly type: AST.AST
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
    const fields = ast.propertySignatures.map(fieldOf)
    return {
      kind: "struct",
      fields,
      keeper: fields.find(({ place }) => place.in === "unknown"),
      conditions: ast.annotations[ConditionsId] as FilterConditions | undefined
    }
  }
  return scalar
}

const placeOfField = (name: string, type: AST.AST): Place =>
  placeOf(withoutUndefined(type)) ??
  placeOf(type) ?? { in: "element", paths: [[name.charAt(0).toUpperCase() + name.slice(1)]], urlEncoded: false }

const fieldOf = (signature: AST.PropertySignature): Field => {
  const name = String(signature.name)
  const type = withoutUndefined(signature.type)
  return {
    name,
    place: placeOfField(name, signature.type),
    shape: shapeOf(type),
    isOptional: signature.isOptional,
    type
  }
}

/** The types of optional fields, by whether an empty text is none of their values. */
const refusesEmpty = new WeakMap<AST.AST, boolean>()

/** An optional field that is empty on the wire is absent, unless it may be empty. */
const isAbsent = ({ isOptional, shape, type }: Field, value: unknown): boolean => {
  if (value !== "" || !isOptional || shape.kind !== "scalar") return false
  let refuses = refusesEmpty.get(type)
  if (refuses === undefined) {
    refuses = Either.isLeft(ParseResult.decodeUnknownEither(Schema.make(type) as Schema.Schema<unknown>)(""))
    refusesEmpty.set(type, refuses)
  }
  return refuses
}

/** How the values of a Schema are written and read. */
export interface Plan extends Struct {
  /** What has to read the document, because what no field names is kept. */
  readonly reader: Effect.Effect<Parse> | undefined
}

const readerFor = (shape: Shape): Effect.Effect<Parse> | undefined => {
  if (shape.kind === "list") return readerFor(shape.item)
  if (shape.kind === "scalar") return undefined
  for (const { place, shape: inner } of shape.fields) {
    const reader = place.in === "unknown" ? place.reader : readerFor(inner)
    if (reader !== undefined) return reader
  }
  return undefined
}

const noFields: Pick<Struct, "fields" | "keeper"> = { fields: [], keeper: undefined }

const plans = new WeakMap<AST.AST, Plan>()

export const planOf = (schema: Schema.Schema.All): Plan => {
  let plan = plans.get(schema.ast)
  if (plan === undefined) {
    const shape = shapeOf(schema.ast)
    const { fields, keeper } = shape.kind === "struct" ? shape : noFields
    plan = { fields, keeper, conditions: undefined, reader: readerFor(shape) }
    plans.set(schema.ast, plan)
  }
  return plan
}

/** What a field of a struct is before the struct is made. */
const signatureOf = (field: Schema.Struct.Field): { readonly type: AST.AST; readonly isOptional: boolean } => {
  const { ast } = field
  if (ast._tag === "PropertySignatureDeclaration") return ast
  return ast._tag === "PropertySignatureTransformation" ? ast.from : { type: ast, isOptional: false }
}

/** The first element of a field. */
export const nameOf = (name: string, field: Schema.Struct.Field): string => {
  const place = placeOfField(name, signatureOf(field).type)
  return place.in === "element" ? (place.paths[0]?.join("/") ?? "") : place.in
}

export const isOptional = (field: Schema.Struct.Field): boolean => signatureOf(field).isOptional

/** Thrown while reading: text where elements should be. */
export class Unreadable extends Error {}

type Wire = { [name: string]: unknown }

/** An element that may be empty but not hold text. */
const refuseText = (text: unknown): void => {
  if (typeof text === "string" && /[^ \t\r\n]/.test(text)) throw new Unreadable("text where elements should be")
}

/** An array on the way is gone through: `CommonPrefixes/Prefix` is the prefix of each. */
const follow = (node: Content | undefined, path: ReadonlyArray<string>, from = 0): Content | undefined => {
  let current = node
  for (let i = from; i < path.length; i++) {
    if (Array.isArray(current)) return current.flatMap(following(path, i))
    if (!isElements(current)) {
      refuseText(current)
      return undefined
    }
    refuseText(current["#text"])
    current = current[path[i] as string]
  }
  return current
}

// What follows makes closures where they are needed: written inside of the functions that read each field, they would have
// V8 allocate what they close over for every field.

const following =
  (path: ReadonlyArray<string>, from: number) =>
  (node: CosXml.Node): Content =>
    follow(node, path, from) ?? [""]

type Paths = ReadonlyArray<ReadonlyArray<string>>

const find = (node: CosXml.Node, paths: Paths): Content | undefined => {
  for (const path of paths) {
    const found = follow(node, path)
    if (found !== undefined) return found
  }
  return undefined
}

const pathIn = (node: CosXml.Node, paths: Paths): ReadonlyArray<string> =>
  paths.find((path) => follow(node, path) !== undefined) ?? []

/** Throws `URIError` on a malformed sequence, which the caller turns into `MalformedResponse`. */
const decodeUrl = (text: string): string => (text.includes("%") ? decodeURIComponent(text) : text)

/** The text of an element, which is a node of its own where it has attributes. */
const textOf = (node: unknown): unknown =>
  isElements(node) && Object.keys(node).every((name) => name === "#text" || name.startsWith("@"))
    ? (node["#text"] ?? "")
    : node

const readValue = (shape: Shape, node: unknown, urlEncoded: boolean, inUrlEncoding: boolean): unknown => {
  switch (shape.kind) {
    case "scalar": {
      const text = textOf(node)
      return urlEncoded && inUrlEncoding && typeof text === "string" ? decodeUrl(text) : text
    }
    case "list":
      return (Array.isArray(node) ? node : node === undefined ? [] : [node]).map(
        reading(shape.item, urlEncoded, inUrlEncoding)
      )
    case "struct":
      // Several where one should be: left as it is, for the Schema to refuse.
      return Array.isArray(node) ? node : readFields(shape, node as CosXml.Node, inUrlEncoding)
  }
}

const reading =
  (shape: Shape, urlEncoded: boolean, inUrlEncoding: boolean) =>
  (node: unknown): unknown =>
    readValue(shape, node, urlEncoded, inUrlEncoding)

/** Conditions without their `And`. */
const flat = (node: CosXml.Node): CosXml.Node => {
  const and = isElements(node) ? node.And : undefined
  if (Array.isArray(and)) throw new Unreadable("several And where one should be")
  refuseText(and)
  return isElements(and) ? { ...(node as object), ...and } : node
}

/** What no field names, of conditions both in their `And` and beside it; an `And` that need not be there is kept. */
const unknownIn = (
  node: CosXml.Node,
  claims: Claims,
  conditions: FilterConditions | undefined
): CosXml.Elements | undefined => {
  if (conditions === undefined || !isElements(node) || !isElements(node.And)) return unclaimed(node, claims)
  const { And: and, ...beside } = node
  const outside = unclaimed(beside, claims)
  const inside = unclaimed(and, claims) ?? (needsAnd(and, conditions) ? undefined : {})
  return inside === undefined ? outside : { ...outside, And: inside }
}

const readField = (
  wire: Wire,
  field: Field,
  found: Content | undefined,
  urlEncoded: boolean,
  inUrlEncoding: boolean,
  keepsOthers: boolean
): void => {
  // Of several where one should be, the others are kept as they are.
  const one = keepsOthers && field.shape.kind !== "list" && Array.isArray(found) ? (found[0] as CosXml.Node) : found
  const value = readValue(field.shape, one, urlEncoded, inUrlEncoding)
  if (!isAbsent(field, value)) wire[field.name] = value
}

const readFields = ({ conditions, fields, keeper }: Struct, given: CosXml.Node, inUrlEncoding: boolean): Wire => {
  const wire: Wire = {}
  // What the fields take is noted only where something is done with the rest.
  const claims: Claims | undefined = keeper === undefined ? undefined : new Map()
  const node = conditions === undefined ? given : flat(given)
  if (keeper !== undefined) refuseText(node)
  for (const field of fields) {
    const { isOptional, name, place, shape } = field
    switch (place.in) {
      case "root":
        wire[name] = node
        break
      case "order":
        wire[name] = typeof node === "object" ? orderOf(node)?.filter(among(place.names)) : []
        break
      case "element": {
        const found = find(node, place.paths)
        const isList = shape.kind === "list"
        if (found !== undefined) {
          if (claims !== undefined) claim(claims, pathIn(node, place.paths), isList)
          readField(wire, field, found, place.urlEncoded, inUrlEncoding, claims !== undefined)
        } else if (isList) {
          wire[name] = []
          // A required list is written without entries too; of an optional one the empty element is kept as it is.
          if (claims !== undefined && !isOptional) claim(claims, place.paths[0] as ReadonlyArray<string>, true)
        }
        break
      }
      case "numbered": {
        const found: Array<CosXml.Node> = []
        for (let number = 1; isElements(node) && `${place.prefix}${number}` in node; number++) {
          if (claims !== undefined) claim(claims, [`${place.prefix}${number}`], false)
          const content = node[`${place.prefix}${number}`] as Content
          found.push(Array.isArray(content) ? content[0] : content)
        }
        if (found.length > 0 || !isOptional) wire[name] = readValue(shape, found, false, false)
        break
      }
      case "attribute": {
        const found = attributeOf(node, place)
        if (found === undefined) break
        if (claims !== undefined) for (const attribute of found.names) claim(claims, [attribute], false)
        wire[name] = found.value
      }
    }
  }
  if (keeper !== undefined && claims !== undefined) {
    const unknown = unknownIn(given, claims, conditions)
    if (unknown !== undefined) wire[keeper.name] = unknown
  }
  return wire
}

const among =
  (names: ReadonlyArray<string>) =>
  (element: string): boolean =>
    names.includes(element)

/** An attribute of a namespace, whatever its prefix. */
const attributeOf = (node: CosXml.Node, { name, namespace: [prefix, uri] }: Extract<Place, { in: "attribute" }>) => {
  if (!isElements(node)) return undefined
  for (const field in node) {
    const [, found] = /^@([^:]+):/.exec(field) ?? []
    if (found === undefined || found === "xmlns" || field !== `@${found}:${name}`) continue
    const declaration = `@xmlns:${found}`
    if ((node[declaration] ?? (found === prefix ? uri : undefined)) !== uri) continue
    return { value: node[field], names: [field, declaration] }
  }
  return undefined
}

/** Which headers a browser may have hidden, and a note of those that a reader missed because of that. */
export interface HiddenHeaders {
  readonly mayHide: (name: string) => boolean
  readonly missed: (name: string) => void
}

const nothingHidden: HiddenHeaders = { mayHide: () => false, missed: () => undefined }

/** The first header that may be hidden, of fields that must be there and are not. */
export const missingHeader = (plan: Plan, wire: Wire, mayHide: (header: string) => boolean): string | undefined => {
  for (const { isOptional, name, place } of plan.fields) {
    if (place.in === "header" && !isOptional && wire[name] === undefined && mayHide(place.name)) return place.name
  }
  return undefined
}

/** The values of a document and of headers by our names, still as text. May throw `URIError`. */
export const read = (
  plan: Plan,
  headers: { readonly [name: string]: string | undefined },
  content: CosXml.Node | undefined,
  body: string | undefined,
  call?: (fact: keyof CallSummary) => unknown,
  hidden: HiddenHeaders = nothingHidden
): Wire => {
  const inUrlEncoding =
    isElements(content) &&
    find(content, [["EncodingType"], ["Encoding-Type"], ["Encoding-type"]])
      ?.toString()
      .toLowerCase() === "url"
  const wire = content === undefined ? {} : readFields(plan, content, inUrlEncoding)
  for (const field of plan.fields) {
    const { name, place } = field
    if (place.in === "body") {
      if (body !== undefined && !isAbsent(field, body)) wire[name] = body
    } else if (place.in === "call") {
      const value = call?.(place.fact)
      if (value !== undefined) wire[name] = value
    } else if (place.in === "header") {
      const isHidden = headers[place.name] === undefined && hidden.mayHide(place.name)
      const value =
        headers[place.name] ||
        ((place.orElement && follow(content, place.orElement)) ??
          (isHidden ? undefined : place.absent) ??
          headers[place.name])
      if (value === undefined && place.sent !== undefined) {
        if (isHidden && content === undefined) hidden.missed(place.name)
        else if (place.sent === "always") throw new Unreadable(`${name}: is missing`)
      }
      if (value !== undefined && !isAbsent(field, value)) wire[name] = value
    } else if (place.in === "headers") {
      const values: { [name: string]: string } = {}
      for (const header in headers) {
        const value = headers[header]
        if (header.startsWith(place.prefix) && value !== undefined) values[header.slice(place.prefix.length)] = value
      }
      if (Object.keys(values).length === 0 && hidden.mayHide(`${place.prefix}*`)) hidden.missed(`${place.prefix}*`)
      wire[name] = values
    }
  }
  return wire
}

const writeValue = (shape: Shape, value: unknown): CosXml.Node => {
  if (shape.kind === "struct") {
    return writeFields(shape.fields, value as Wire, Object.create(null), shape.conditions)
  }
  return typeof value === "string" ? value : String(value)
}

/** Whether conditions stand in an `And`: unless there is one and that may stand alone. */
const needsAnd = (content: CosXml.Elements, { alone, beside }: FilterConditions): boolean => {
  const names = Object.keys(content).filter((name) => !beside.includes(name))
  return names.length > 1 || names.some((name) => !alone.includes(name) || isMany(content[name]))
}

const joined = (content: MutableElements, conditions: FilterConditions, keepsAnd: boolean): MutableElements => {
  if (!needsAnd(content, conditions) && !keepsAnd) return content
  const and: MutableElements = Object.create(null)
  const outside: MutableElements = Object.create(null)
  outside.And = and
  for (const name in content) (conditions.beside.includes(name) ? outside : and)[name] = content[name] as CosXml.Node
  return outside
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const isMany = (node: unknown): boolean => Array.isArray(node) && node.length > 1

const writeFields = (
  fields: ReadonlyArray<Field>,
  wire: Wire,
  content: MutableElements,
  conditions?: FilterConditions
): MutableElements => {
  let unknown: CosXml.Elements | undefined
  for (const { isOptional, name, place, shape } of fields) {
    const value = wire[name]
    if (value === undefined) continue
    if (place.in === "unknown") unknown = value as CosXml.Elements
    else if (place.in === "element") {
      if (!(isOptional && isEmptyList(value))) writeElement(shape, value, place.paths[0] ?? [name], content)
    } else if (place.in === "numbered" && shape.kind === "list") {
      for (const [index, item] of (value as ReadonlyArray<unknown>).entries()) {
        content[`${place.prefix}${index + 1}`] = writeValue(shape.item, item)
      }
    } else if (place.in === "attribute") {
      const [prefix, uri] = place.namespace
      content[`@xmlns:${prefix}`] = uri
      content[`@${prefix}:${place.name}`] = String(value)
    }
  }
  const written = conditions === undefined ? content : joined(content, conditions, unknown?.And !== undefined)
  if (unknown !== undefined) putBack(written, unknown)
  return written
}

const writeElement = (shape: Shape, value: unknown, path: ReadonlyArray<string>, content: MutableElements): void => {
  let parent = content
  for (const element of path.slice(0, -1)) {
    const existing = parent[element]
    const next: MutableElements = isElements(existing) ? (existing as MutableElements) : Object.create(null)
    parent[element] = next
    parent = next
  }
  const last = path[path.length - 1] as string
  if (shape.kind !== "list") {
    parent[last] = writeValue(shape, value)
    return
  }
  const items = (value as ReadonlyArray<unknown>).map((item) => writeValue(shape.item, item))
  if (items.length > 0) parent[last] = items
}

/** Adds the elements for `wire` to the content of a document. */
export const write = (plan: Plan, wire: unknown, content: MutableElements = Object.create(null)): CosXml.Node =>
  writeFields(plan.fields, wire as Wire, content)
