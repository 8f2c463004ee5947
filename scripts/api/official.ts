/** What the official Node SDK declares: its methods, and every field that they take and give. */
import { readFileSync } from "node:fs"
import * as Arr from "effect/Array"
import { root } from "../tool.js"
import { type Syntax, statements } from "./syntax.js"

/** A method; its fields as paths, such as `Rules[].ID`. */
export interface Method {
  readonly name: string
  readonly params: ReadonlyArray<string>
  readonly results: ReadonlyArray<string>
}

const folder = `${root}/node_modules/cos-nodejs-sdk-v5`

const body = statements(`${folder}/index.d.ts`)

const found = (type: string): Syntax => {
  const node = body.find((statement) => statement.type === type)
  if (node === undefined) throw new Error(`index.d.ts has no ${type}`)
  return node
}

/** Types by name; an interface that is declared twice is both. */
const types = new Map<string, Array<Syntax>>()
for (const node of found("TSModuleDeclaration").body.body as ReadonlyArray<Syntax>) {
  if (node.id?.name !== undefined) types.set(node.id.name, [...(types.get(node.id.name) ?? []), node])
}

const nameOf = ({ typeName }: Syntax): string => typeName?.name ?? typeName?.right?.name ?? ""

/** A path and all paths below it. */
const fields = (node: Syntax | undefined, above: ReadonlyArray<string>): ReadonlyArray<string> => {
  switch (node?.type) {
    case "TSInterfaceDeclaration":
      return [
        ...(node.extends ?? []).flatMap(({ expression }: Syntax) => named(expression.name, above)),
        ...fields(node.body, above)
      ]
    case "TSTypeAliasDeclaration":
    case "TSParenthesizedType":
      return fields(node.typeAnnotation, above)
    case "TSInterfaceBody":
    case "TSTypeLiteral":
      return (node.body ?? node.members).flatMap((member: Syntax) => {
        if (member.type === "TSIndexSignature") return ["[name]"]
        const path: string = member.key.name ?? member.key.value
        return [path, ...below(path, fields(member.typeAnnotation?.typeAnnotation, above), member)]
      })
    case "TSMappedType":
      return ["x-cos-meta-*"]
    case "TSArrayType":
      return fields(node.elementType, above)
    case "TSUnionType":
    case "TSIntersectionType":
      return node.types.flatMap((type: Syntax) => fields(type, above))
    case "TSTypeReference":
      return named(nameOf(node), above)
    default:
      return []
  }
}

const named = (name: string, above: ReadonlyArray<string>): ReadonlyArray<string> =>
  above.includes(name) ? [] : (types.get(name) ?? []).flatMap((node) => fields(node, [...above, name]))

const below = (path: string, inner: ReadonlyArray<string>, member: Syntax): ReadonlyArray<string> =>
  inner.map((field) => `${path}${isList(member.typeAnnotation?.typeAnnotation) ? "[]" : ""}.${field}`)

const isList = (node: Syntax | undefined): boolean =>
  node?.type === "TSArrayType" ||
  (node?.type === "TSTypeReference" &&
    types.get(nameOf(node))?.some((type) => type.type === "TSTypeAliasDeclaration" && isList(type.typeAnnotation)) ===
      true)

const unique = (paths: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(paths)]

/** The fields of one of its types. */
export const fieldsOf = (type: string): ReadonlyArray<string> => unique(named(type, []))

/** What the result is: of the promise, of the callback, or what is returned. */
const resultOf = (method: Syntax): Syntax | undefined => {
  const promised = method.returnType?.typeAnnotation
  if (promised !== undefined && nameOf(promised) === "Promise") {
    return (promised.typeParameters ?? promised.typeArguments).params[0]
  }
  const callback = method.params.at(-1)?.typeAnnotation?.typeAnnotation
  const parameters = callback?.parameters ?? callback?.params
  return parameters === undefined ? promised : parameters.at(-1)?.typeAnnotation?.typeAnnotation
}

const declared: ReadonlyArray<Syntax> = found("ClassDeclaration").body.body.filter(
  ({ key, type }: Syntax) => type === "TSDeclareMethod" && key.name !== "constructor"
)

/** What its code hands from one of its methods to another, which no caller gives. */
const internalFields = new Set([
  "ReturnStream",
  "SwitchHost",
  "UploadData",
  "FileStat",
  "SkipTask",
  "PartList",
  "FileSize"
])

/** The parameters that its methods read, by method in lower case: its types do not name all of them. */
const readByCode: ReadonlyMap<string, ReadonlyArray<string>> = new Map(
  ["base.js", "advance.js"].flatMap((file) =>
    readFileSync(`${folder}/sdk/${file}`, "utf8")
      .split(/^function /m)
      .map((text): [string, ReadonlyArray<string>] => {
        const [body = ""] = text.split(/^\}\r?\n?/m)
        const names = Array.from(
          body.matchAll(/\bparams\.(\w+)|\bparams\[['"]([\w-]+)['"]\]/g),
          (match) => match[1] ?? match[2]
        )
        return [text.slice(0, text.indexOf("(")).toLowerCase(), names.filter((name) => name !== undefined)]
      })
  )
)

const undeclared = (method: string, declared: ReadonlyArray<string>): ReadonlyArray<string> =>
  (readByCode.get(method.toLowerCase()) ?? []).filter(
    (name) =>
      !internalFields.has(name) &&
      !declared.some((path) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[]`))
  )

/** Its methods, in their order. */
export const methods: ReadonlyArray<Method> = Object.entries(Arr.groupBy(declared, ({ key }): string => key.name)).map(
  ([name, overloads]) => {
    const last = Arr.lastNonEmpty(overloads)
    const params = unique(fields(last.params[0]?.typeAnnotation?.typeAnnotation, []))
    return {
      name,
      params: unique([...params, ...undeclared(name, params)]),
      results: unique(fields(resultOf(last), []))
    }
  }
)
