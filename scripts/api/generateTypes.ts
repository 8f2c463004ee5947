/**
 * `pnpm generate`: writes out the types of the operations, input, output and errors of each, as interfaces with docs in
 * `packages/cos/src/operations/generated`. A value of `Operation.make` is the one declaration; from
 * its inferred type, which editors cannot show in full, comes the written-out one that is its annotation.
 *
 * With `--check` it only tells which files are stale.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, relative } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as AST from "effect/SchemaAST"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import ts from "typescript-5"
import { Failed, main, must, root, tool } from "../tool.js"
import { comment, docOfSymbol, inOrder, makePrinter, type Named, type NamedUnion } from "./typePrinter.js"

const source = `${root}/packages/cos/src`
const folder = `${source}/operations`
const target = `${folder}/generated`

const groups = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3))
  .toSorted()

/** Schemas that several groups share. */
const model = `${source}/internal/operation/model.ts`
const codecs = `${source}/internal/operation/codecs.ts`
const shared = [`${source}/internal/operation/fields.ts`, `${source}/internal/operation/tags.ts`, codecs]

// --- the program, in which no operation has an annotation -------------------------------------------------------------

const annotation = /^(export const \w+): types\.\w+\["\w+"\] =/gm

const read = (file: string): string | undefined => {
  const text = ts.sys.readFile(file)
  return dirname(file) === folder ? text?.replace(annotation, "$1 =") : text
}

const load = (): ts.Program => {
  const { config } = ts.readConfigFile(`${root}/tsconfig.base.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (file, version) => {
    const text = read(file)
    return text === undefined ? undefined : ts.createSourceFile(file, text, version)
  }
  const files = groups.map((group) => `${folder}/${group}.ts`)
  return ts.createProgram({
    rootNames: files,
    options: { ...options, noEmit: true, types: [] },
    host: { ...host, getSourceFile }
  })
}

const program = load()
const checker = program.getTypeChecker()

// --- what has a name -------------------------------------------------------------------------------------------------

const tagsOf = (node: ts.Node): ReadonlyArray<ts.JSDocTag> => ts.getJSDocTags(node)

const hasSince = (node: ts.Node): boolean => tagsOf(node).some(({ tagName }) => tagName.text === "since")

const categoryOf = (node: ts.Node): string => {
  const tag = tagsOf(node).find(({ tagName }) => tagName.text === "category")
  return ts.getTextOfJSDocComment(tag?.comment) ?? "models"
}

interface Constant {
  readonly name: string
  readonly node: ts.VariableDeclaration
  readonly statement: ts.VariableStatement
  readonly type: ts.Type
}

const constantsOf = (file: string): ReadonlyArray<Constant> =>
  (program.getSourceFile(file)?.statements ?? []).flatMap((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.flatMap((node) =>
          ts.isIdentifier(node.name)
            ? [{ name: node.name.text, node, statement, type: checker.getTypeAtLocation(node.name) }]
            : []
        )
      : []
  )

/** A schema with docs of its own is a public type of the same name. */
interface Model extends Constant {
  readonly value: ts.Type
}

const modelsOf = (file: string): ReadonlyArray<Model> =>
  constantsOf(file).flatMap((constant) => {
    if (!/^[A-Z]/.test(constant.name) || !hasSince(constant.statement)) return []
    const property = constant.type.getProperty("Type")
    return property === undefined ? [] : [{ ...constant, value: checker.getTypeOfSymbol(property) }]
  })

/** Files of types, by the files that declare them. */
const outputs = [
  ...groups.map((group) => ({ name: group, files: [`${folder}/${group}.ts`] })),
  { name: "shared", files: shared }
]

const models = new Map<ts.Type, Named>()
for (const { files, name } of outputs) {
  for (const model of files.flatMap(modelsOf)) models.set(model.value, { name: model.name, module: `./${name}.js` })
}

/** What a declared type is called where it is public. */
const declared = (symbol: ts.Symbol | undefined): Named | undefined => {
  const declaration = symbol?.declarations?.[0]
  if (symbol === undefined || declaration === undefined) return undefined
  const file = declaration.getSourceFile().fileName
  const external = /node_modules\/((?:@effect\/platform|effect)\/)(?:dist\/dts|src)\/(\w+)\.(?:d\.)?ts$/.exec(file)
  if (external !== null) return { name: symbol.name, module: `${external[1]}${external[2]}`, namespace: external[2] }
  if (!file.startsWith(source) || !ts.canHaveModifiers(declaration)) return undefined
  const isExported = ts.getModifiers(declaration)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  if (isExported !== true || file.startsWith(target)) return undefined
  // The types of operations are the public module's.
  const path = relative(target, file === model ? `${source}/Operation.ts` : file).replace(/\.ts$/, ".js")
  const [, namespace] = /^\.\.\/\.\.\/(\w+)\.js$/.exec(path) ?? []
  return { name: symbol.name, module: path, namespace }
}

const nameOf = (type: ts.Type): Named | undefined =>
  models.get(type) ??
  declared(type.aliasSymbol) ??
  (type.symbol?.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class) ? declared(type.symbol) : undefined)

const unionNamed = (file: string, name: string): NamedUnion => {
  for (const statement of program.getSourceFile(file)?.statements ?? []) {
    if (!ts.isTypeAliasDeclaration(statement) || statement.name.text !== name) continue
    const type = checker.getTypeAtLocation(statement.name)
    const named = declared(checker.getSymbolAtLocation(statement.name))
    if (named !== undefined && type.isUnion()) return { type, named }
  }
  throw new Error(`${file} exports no union ${name}`)
}

const durations = program
  .getSourceFiles()
  .flatMap(({ fileName }) => (/\/effect\/dist\/dts\/Duration\.d\.ts$/.test(fileName) ? [fileName] : []))

const unions = [
  unionNamed(`${source}/CosError.ts`, "Common"),
  unionNamed(`${source}/Body.ts`, "Input"),
  unionNamed(codecs, "StorageClass"),
  unionNamed(codecs, "Range"),
  unionNamed(durations[0] ?? "", "DurationInput")
]

// --- the text --------------------------------------------------------------------------------------------------------

const specOf = (operation: string): Operation.SpecData => {
  const { spec } =
    (Cos as unknown as { readonly [name: string]: { readonly spec: Operation.SpecData } })[operation] ?? {}
  if (spec === undefined) throw new Error(`${operation} is not exported by Cos.ts`)
  return spec
}

/** What has to be given comes first. */
const inputOrder = (operation: string): ReadonlyArray<string> =>
  Object.entries(specOf(operation).params)
    .toSorted(([, a], [, b]) => Number(a.presence === "optional") - Number(b.presence === "optional"))
    .map(([name]) => name)

const outputOrder = (operation: string): ReadonlyArray<string> => {
  const { success } = specOf(operation)
  if ("_tag" in success && success._tag === "Events") return []
  const { ast } = "_tag" in success ? success.schema : success
  return AST.getPropertySignatures(AST.typeAST(ast)).map(({ name }) => String(name))
}

const kinds = new Set(["Operation", "BodyOperation", "EventsOperation", "Paginated"])

/** The bases of inputs and of outputs with a body: their members are inherited. */
const bases = ["ObjectInput", "BucketInput", "ControlInput", "InputBase", "WithBody"]

const parentOf = (property: ts.Symbol): string => {
  const parent = property.declarations?.[0]?.parent
  return parent !== undefined && ts.isInterfaceDeclaration(parent) ? parent.name.text : ""
}

const fileOf = (name: string, files: ReadonlyArray<string>) => {
  const file = files[0] as string
  const local = (type: ts.Type): Named | undefined => {
    const named = nameOf(type)
    return named?.module === `./${name}.js` ? { ...named, module: "" } : named
  }
  const printer = makePrinter(checker, file, local, unions)

  const tags = (category: string) => ["@since 0.1.0", `@category ${category}`]

  const interfaceOf = (title: string, type: ts.Type, order: ReadonlyArray<string>, doc: string, category: string) => {
    const properties = checker.getPropertiesOfType(type)
    const inherited = properties.map(parentOf)
    const base = bases.find((one) => inherited.includes(one))
    const own = inOrder(
      properties.filter((property) => !bases.includes(parentOf(property))),
      file
    ).toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    const index = checker
      .getIndexInfosOfType(type)
      .map(({ keyType, type }) => `  readonly [name: ${printer.type(keyType)}]: ${printer.type(type)}\n`)
    const extended = base === undefined ? "" : ` extends ${use(base)}`
    const body = `${printer.members(own)}${index.join("")}`
    return `${comment(doc, "", tags(category))}export interface ${title}${extended} {${body === "" ? "" : `\n${body}`}}\n`
  }

  const use = (kind: string): string =>
    printer.use({ name: kind, module: "../../Operation.js", namespace: "Operation" })

  const operation = ({ name: constant, statement, type }: Constant) => {
    const [input, output, error, item] = checker.getTypeArguments(type as ts.TypeReference)
    if (input === undefined || output === undefined || error === undefined) throw new Error(`${constant} is untyped`)
    const title = capital(constant)
    const category = categoryOf(statement)
    const takes = interfaceOf(`${title}Input`, input, inputOrder(constant), `The input of \`${constant}\`.`, category)
    // Nothing, or what has a name already.
    const isPlain = (output.flags & ts.TypeFlags.Void) !== 0 || local(output) !== undefined
    const outputDoc = `The output of \`${constant}\`.`
    const returns = isPlain ? "" : interfaceOf(`${title}Output`, output, outputOrder(constant), outputDoc, category)
    const parameters = [
      `${title}Input`,
      isPlain ? printer.type(output) : `${title}Output`,
      printer.type(error),
      ...(item === undefined ? [] : [printer.type(item)])
    ]
    return {
      blocks: isPlain ? [takes] : [takes, returns],
      member: `  readonly ${constant}: ${use(type.symbol.name)}<${parameters.join(", ")}>\n`
    }
  }

  const modelBlocks = files.flatMap(modelsOf).map((model) => {
    const symbol = checker.getSymbolAtLocation(model.node.name) as ts.Symbol
    return interfaceOf(model.name, model.value, [], docOfSymbol(symbol, checker), categoryOf(model.statement))
  })
  const operations = files.flatMap(constantsOf).filter(isOperation).map(operation)
  const all = `${comment("The types of the operations, by their names.", "", tags("models"))}export interface ${interfaceName(name)} {\n${operations
    .map(({ member }) => member)
    .join("")}}\n`
  const blocks = [
    ...modelBlocks,
    ...operations.flatMap(({ blocks }) => blocks),
    ...(operations.length === 0 ? [] : [all])
  ]
  const origin = files.map((file) => relative(target, file)).join(" and ")
  return {
    isEmpty: blocks.length === 0,
    text: `// Written by \`pnpm generate\` from ${origin}: change the declarations there.\n${printer.imports().join("\n")}\n\n${blocks.join("\n")}`
  }
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** The interface of a group that has the type of each operation: `CorsOperations`. */
const interfaceName = (group: string): string => `${capital(group)}Operations`

const isOperation = ({ node, type }: Constant): boolean =>
  kinds.has(type.symbol?.name ?? "") && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0

/**
 * The source of a group in which every operation has its annotation. A member of an interface, since an alias would hide
 * from an editor what it stands for.
 */
const annotated = (group: string): string => {
  const text = readFileSync(`${folder}/${group}.ts`, "utf8")
  const names = constantsOf(`${folder}/${group}.ts`)
    .filter(isOperation)
    .map(({ name }) => name)
  const withTypes = names.reduce(
    (text, name) =>
      text.replace(
        new RegExp(`^export const ${name}(?:: [^=]*)? =`, "m"),
        `export const ${name}: types.${interfaceName(group)}["${name}"] =`
      ),
    text
  )
  return names.length === 0 || /^import type \* as types/m.test(withTypes)
    ? withTypes
    : withTypes.replace(/(^import [\s\S]*?\n)\n/m, `$1import type * as types from "./generated/${group}.js"\n\n`)
}

const generated = outputs.map(({ files, name }) => ({ name, ...fileOf(name, files) })).filter(({ isEmpty }) => !isEmpty)

const index = `// Written by \`pnpm generate\`.\n${generated.map(({ name }) => `export type * from "./${name}.js"\n`).join("")}`

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const isCheck = process.argv.includes("--check")
    const scratch = yield* fs.makeTempDirectoryScoped({ directory: root, prefix: ".types-" })
    for (const { name, text } of [...generated, { name: "index", text: index }]) {
      yield* fs.writeFileString(`${scratch}/${name}.ts`, text)
    }
    yield* must(tool("biome", "check", "--write", "--vcs-enabled=false", scratch))
    const names = yield* fs.readDirectory(scratch)
    const stale: Array<string> = []
    for (const file of names) {
      const before = existsSync(`${target}/${file}`) ? readFileSync(`${target}/${file}`, "utf8") : undefined
      if (before !== (yield* fs.readFileString(`${scratch}/${file}`))) stale.push(`generated/${file}`)
    }
    const left = existsSync(target) ? readdirSync(target).filter((file) => !names.includes(file)) : []
    const bare = groups.filter((group) => annotated(group) !== readFileSync(`${folder}/${group}.ts`, "utf8"))
    if (isCheck) {
      const wrong = [...stale, ...left.map((file) => `generated/${file}`), ...bare.map((group) => `${group}.ts`)]
      if (wrong.length > 0) return yield* new Failed(`pnpm generate would change: ${wrong.join(", ")}`)
      return
    }
    yield* fs.makeDirectory(target, { recursive: true })
    for (const file of left) yield* fs.remove(`${target}/${file}`)
    for (const file of names) yield* fs.copyFile(`${scratch}/${file}`, `${target}/${file}`)
    for (const group of bare) yield* fs.writeFileString(`${folder}/${group}.ts`, annotated(group))
    if (bare.length > 0)
      yield* must(tool("biome", "format", "--write", ...bare.map((group) => `${folder}/${group}.ts`)))
    console.log(
      `${names.length} files, changed: ${[...stale, ...bare.map((group) => `${group}.ts`)].join(", ") || "none"}`
    )
  }).pipe(Effect.scoped)
)
