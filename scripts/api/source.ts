/** The doc comments of the operations, found in their sources: they are not there at run time. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { root } from "../tool.js"
import { docOf, type Syntax, statements } from "./syntax.js"

/** Whether a file has codecs, whose docs are for those who declare an operation, not for its users. */
const isCodec = (file: string | undefined): boolean => /\/(codecs|tags)\.ts$/.test(file ?? "")

const folder = `${root}/packages/cos/src/operations`

/** The groups of operations: a file each. */
export const groups: ReadonlyArray<string> = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3))
  .toSorted()

interface Constant {
  readonly doc: string | undefined
  readonly value: Syntax
  readonly module: Module
  /** As it is declared, where it is. */
  readonly type?: Syntax | undefined
}

interface Module {
  readonly file: string
  /** In their order. */
  readonly exports: ReadonlyArray<string>
  readonly constants: ReadonlyMap<string, Constant>
  readonly imports: ReadonlyMap<string, string>
}

const modules = new Map<string, Module>()

const moduleOf = (file: string): Module => {
  const known = modules.get(file)
  if (known !== undefined) return known
  const exports: Array<string> = []
  const constants = new Map<string, Constant>()
  const imports = new Map<string, string>()
  const module: Module = { file, exports, constants, imports }
  modules.set(file, module)
  for (const statement of statements(file)) {
    if (statement.type === "ImportDeclaration" && statement.source.value.startsWith(".")) {
      const target = resolve(dirname(file), statement.source.value.replace(/\.js$/, ".ts"))
      for (const { local } of statement.specifiers) imports.set(local.name, target)
    }
    if (statement.type === "ExportAllDeclaration" && statement.exportKind !== "type") {
      const target = resolve(dirname(file), statement.source.value.replace(/\.js$/, ".ts"))
      for (const [name, constant] of moduleOf(target).constants) constants.set(name, constant)
    }
    const isExport = statement.type === "ExportNamedDeclaration"
    const declaration = isExport ? statement.declaration : statement
    if (declaration?.type !== "VariableDeclaration") continue
    for (const { id, init } of declaration.declarations) {
      constants.set(id.name, { doc: docOf(statement), value: init, module, type: id.typeAnnotation?.typeAnnotation })
      if (isExport) exports.push(id.name)
    }
  }
  return module
}

type Members = ReadonlyMap<string, Constant>

/** What an expression that is a name stands for. */
const referred = (node: Syntax, module: Module): Constant | undefined => {
  if (node.type === "Identifier") return module.constants.get(node.name)
  if (node.type !== "MemberExpression" || node.object.type === "ThisExpression") return undefined
  const imported = node.object.type === "Identifier" ? module.imports.get(node.object.name) : undefined
  if (imported !== undefined && existsSync(imported)) return moduleOf(imported).constants.get(node.property.name)
  const object = referred(node.object, module)
  return object && membersOf(object.value, object.module).get(node.property.name)
}

/** What a codec of our own with parameters makes, such as `c.Tags(10)`. */
const madeBy = (callee: Syntax, module: Module): Members => {
  const target = referred(callee, module)
  return target !== undefined && isCodec(target.module.file) && target.value.type === "ArrowFunctionExpression"
    ? membersOf(target.value.body, target.module)
    : new Map()
}

/** The fields of the objects in an expression, through calls, names and spreads. */
const membersOf = (node: Syntax, module: Module): Members => {
  const members = new Map<string, Constant>()
  const add = (more: Members) => {
    for (const [name, member] of more) if (!members.has(name)) members.set(name, member)
  }
  switch (node.type) {
    case "ObjectExpression":
      for (const property of node.properties) {
        if (property.type === "SpreadElement") {
          add(membersOf(property.argument, module))
        } else if (property.type === "ObjectProperty") {
          const name = property.key.name ?? property.key.value
          const target = referred(property.value, module)
          // A codec's comment is about the codec.
          const doc = docOf(property) ?? (isCodec(target?.module.file) ? undefined : target?.doc)
          members.set(name, { doc, value: property.value, module })
        }
      }
      break
    case "CallExpression":
      if (node.callee.type === "MemberExpression") add(membersOf(node.callee.object, module))
      for (const argument of node.arguments) add(membersOf(argument, module))
      add(madeBy(node.callee, module))
      break
    case "TSAsExpression":
      add(membersOf(node.expression, module))
      break
    case "Identifier":
    case "MemberExpression": {
      const target = referred(node, module)
      if (target !== undefined) add(membersOf(target.value, target.module))
    }
  }
  return members
}

/** What a file of operations exports, in its order. */
export const exportsOf = (group: string): ReadonlyArray<string> => moduleOf(`${folder}/${group}.ts`).exports

const found = (group: string, name: string, path: ReadonlyArray<string>): Constant | undefined => {
  let current = moduleOf(`${folder}/${group}.ts`).constants.get(name)
  for (const field of path) current = current && membersOf(current.value, current.module).get(field)
  return current
}

/** The doc comment of an export, or of a field below it: `docsOf("cors", "putBucketCors", "params", "rules", "id")`. */
export const docsOf = (group: string, name: string, ...path: ReadonlyArray<string>): string | undefined =>
  found(group, name, path)?.doc

/** The first type argument in an expression: of `Operation.param<A>(...)`, or of the `Param<A, ...>` it stands for. */
const typeArgument = (node: Syntax, module: Module): string | undefined => {
  const parameters = node.typeParameters ?? node.typeArguments
  if (parameters != null) return textOf(parameters.params[0], module)
  const target = referred(node, module)
  if (target !== undefined) {
    return target.type ? typeArgument(target.type, target.module) : typeArgument(target.value, target.module)
  }
  if (node.type === "ArrowFunctionExpression") return typeArgument(node.body, module)
  if (node.type !== "CallExpression") return undefined
  for (const part of [...node.arguments, node.callee]) {
    const type = typeArgument(part, module)
    if (type !== undefined) return type
  }
  return undefined
}

const textOf = ({ end, start }: Syntax, { file }: Module): string =>
  readFileSync(file, "utf8")
    .slice(start, end)
    .replace(/\breadonly /g, "")

/** The type of a parameter that no schema describes, as it is declared. */
export const typeOf = (group: string, name: string, ...path: ReadonlyArray<string>): string | undefined => {
  const field = found(group, name, path)
  return field && typeArgument(field.value, field.module)
}
