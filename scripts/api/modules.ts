/** A page for each public module: what it exports, by category, with types and docs, as the sources say. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import ts from "typescript-5"
import { libraries, root } from "../tool.js"
import { type Page, table } from "./reference.js"

const note = "<!-- Made by `pnpm docs:api` from the sources: change those. -->"

/** `Cos` has the reference, and an `index` only gathers the others. */
const modulesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(`${root}/packages/${folder}/src`)
    .filter((file) => /^[A-Z]\w*\.ts$/.test(file) && file !== "Cos.ts")
    .map((file) => file.slice(0, -3))
    .toSorted()

const parsed = new Map<string, ts.SourceFile>()

const sourceOf = (file: string): ts.SourceFile => {
  const known = parsed.get(file)
  if (known !== undefined) return known
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true)
  parsed.set(file, source)
  return source
}

interface Doc {
  readonly text: string
  readonly examples: ReadonlyArray<string>
  readonly category: string
  readonly since: string | undefined
  readonly see: ReadonlyArray<string>
}

/** The examples are compiled where they stand, not again in the page. */
const shown = (text: string) => text.replace(/\{@link\s+(\S+?)\}/g, "`$1`").replace(/^```ts$/gm, "```typescript")

/** A doc comment, from its first line to its last. */
const docIn = (comment: string): Doc => {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
  const [text = "", ...tags] = lines.join("\n").split(/^@(?=[a-z]+(?:\s|$))/m)
  const of = (name: string) =>
    tags.filter((tag) => tag.startsWith(name)).map((tag) => tag.slice(name.length).replace(/\s+$/, "").trimStart())
  return {
    text: shown(text.trim()),
    examples: of("example").map(shown),
    category: of("category")[0] ?? "models",
    since: of("since")[0],
    see: of("see")
  }
}

const commentOf = (node: ts.Node): string | undefined => {
  const text = node.getSourceFile().text
  const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
  return ranges.map(({ end, pos }) => text.slice(pos, end)).findLast((comment) => comment.startsWith("/**"))
}

const parameterText = (parameter: ts.ParameterDeclaration): string => {
  const optional = parameter.questionToken !== undefined || parameter.initializer !== undefined
  const name = ts.isIdentifier(parameter.name) ? parameter.name.text : "options"
  return `${parameter.dotDotDotToken ? "..." : ""}${name}${optional ? "?" : ""}: ${parameter.type?.getText() ?? "unknown"}`
}

const functionType = (node: ts.ArrowFunction | ts.FunctionExpression): string => {
  const generics = node.typeParameters?.map((parameter) => parameter.getText()).join(", ")
  const type = node.type?.getText()
  return type === undefined
    ? ""
    : `${generics === undefined ? "" : `<${generics}>`}(${node.parameters.map(parameterText).join(", ")}) => ${type}`
}

/** What a user sees of a declaration. */
const signature = (node: ts.Statement | ts.VariableDeclaration, name: string): string => {
  if (ts.isVariableDeclaration(node)) {
    const { initializer, type } = node
    if (type !== undefined) return `const ${name}: ${type.getText()}`
    if (initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))) {
      return `const ${name}: ${functionType(initializer)}`
    }
    return `const ${name}`
  }
  if (ts.isClassDeclaration(node)) {
    const heritage = node.heritageClauses?.map((clause) => clause.getText()).join(" ") ?? ""
    const members = node.members.filter(({ name }) => name !== undefined && !ts.isPrivateIdentifier(name))
    return members.length === 0
      ? `class ${name} ${heritage}`
      : `class ${name} ${heritage} {\n${members.map((member) => `  ${head(member)}`).join("\n")}\n}`
  }
  return node.getText().replace(/^export (declare )?/, "")
}

/** A member of a class without its body. */
const head = (member: ts.ClassElement): string => {
  const body = "body" in member ? (member.body as ts.Node | undefined) : undefined
  const initializer = "initializer" in member ? (member.initializer as ts.Node | undefined) : undefined
  const end = body?.getStart() ?? initializer?.getStart() ?? member.getEnd()
  return member
    .getSourceFile()
    .text.slice(member.getStart(), end)
    .replace(/\s*=?\s*$/, "")
}

interface Export {
  readonly name: string
  readonly doc: Doc
  readonly signatures: ReadonlyArray<string>
}

const nothing = docIn("")

/** The declarations of a name in a module, and the module's imports of it. */
const declared = (source: ts.SourceFile, name: string, as: string): Export | undefined => {
  const found = source.statements.flatMap((statement): ReadonlyArray<readonly [ts.Statement, string]> => {
    if (ts.isVariableStatement(statement)) {
      const declaration = statement.declarationList.declarations.find((node) => node.name.getText() === name)
      return declaration === undefined ? [] : [[statement, signature(declaration, as)]]
    }
    const isNamed =
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isModuleDeclaration(statement) ||
      ts.isFunctionDeclaration(statement)
    return isNamed && statement.name?.text === name ? [[statement, signature(statement, as)]] : []
  })
  if (found.length > 0) {
    const comment = found.map(([statement]) => commentOf(statement)).find((text) => text !== undefined)
    return {
      name: as,
      doc: comment === undefined ? nothing : docIn(comment),
      signatures: [...new Set(found.map(([, text]) => text))]
    }
  }
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue
    const bindings = statement.importClause?.namedBindings
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue
    const element = bindings.elements.find((element) => element.name.text === name)
    const target = element && fileOf(source, statement.moduleSpecifier.text)
    if (element && target) return declared(sourceOf(target), (element.propertyName ?? element.name).text, as)
  }
  return undefined
}

const fileOf = (source: ts.SourceFile, specifier: string): string | undefined => {
  if (!specifier.startsWith(".")) return undefined
  const file = resolve(dirname(source.fileName), specifier.replace(/\.js$/, ".ts"))
  return existsSync(file) ? file : undefined
}

const isExported = (statement: ts.Statement) =>
  ts.canHaveModifiers(statement) &&
  ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

const exportsOf = (source: ts.SourceFile): ReadonlyArray<Export> => {
  const all = new Map<string, Export>()
  const add = (found: Export | undefined, own?: string) => {
    if (found === undefined || all.has(found.name)) return
    all.set(found.name, own === undefined ? found : { ...found, doc: docIn(own) })
  }
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      const specifier = statement.moduleSpecifier
      const target = specifier && ts.isStringLiteral(specifier) ? fileOf(source, specifier.text) : source.fileName
      if (target === undefined) continue
      if (statement.exportClause === undefined) for (const found of exportsOf(sourceOf(target))) add(found)
      else if (ts.isNamedExports(statement.exportClause)) {
        for (const element of statement.exportClause.elements) {
          const name = (element.propertyName ?? element.name).text
          add(declared(sourceOf(target), name, element.name.text), commentOf(element))
        }
      }
    } else if (isExported(statement)) {
      const names = ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map(({ name }) => name.getText())
        : "name" in statement && statement.name !== undefined
          ? [(statement.name as ts.Identifier).text]
          : []
      for (const name of names) add(declared(source, name, name))
    }
  }
  return [...all.values()]
}

/** The comment that begins a module, and not its first statement. */
const headOf = (source: ts.SourceFile): Doc => {
  const [first] = ts.getLeadingCommentRanges(source.text, 0) ?? []
  return first === undefined ? nothing : docIn(source.text.slice(first.pos, first.end))
}

const section = ({ doc, name, signatures }: Export): ReadonlyArray<string> => [
  `### ${name}`,
  "",
  ...(doc.text === "" ? [] : [doc.text, ""]),
  ...signatures.flatMap((text) => ["```typescript", text, "```", ""]),
  ...doc.examples.flatMap((example) => ["Example:", "", example, ""]),
  ...doc.see.map((page) => `See ${page}.`).flatMap((line) => [line, ""]),
  ...(doc.since === undefined ? [] : [`Since ${doc.since}.`, ""])
]

/** What a reader looks up, after what a reader calls. */
const last = ["options", "models", "errors"]

const page = (folder: string, npm: string, module: string): Page => {
  const source = sourceOf(`${root}/packages/${folder}/src/${module}.ts`)
  const doc = headOf(source)
  const all = exportsOf(source)
  const categories = [...new Set(all.map(({ doc }) => doc.category))].toSorted(
    (a, b) => last.indexOf(a) - last.indexOf(b)
  )
  const text = [
    note,
    "",
    `# ${module}`,
    "",
    "```typescript",
    `import { ${module} } from "${npm}" // or: import * as ${module} from "${npm}/${module}"`,
    "```",
    "",
    doc.text,
    "",
    ...doc.examples.flatMap((example) => [example, ""]),
    ...categories.flatMap((category) => [
      `## ${category}`,
      "",
      ...all.filter(({ doc }) => doc.category === category).flatMap(section)
    ])
  ]
  return { path: `modules/${npm}/${module}.md`, text: `${text.join("\n").trimEnd()}\n` }
}

const firstSentence = (text: string) => /^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0].replace(/\s+/g, " ") ?? text

/** The page of each module, and their index. */
export const modules = (): ReadonlyArray<Page> => {
  const groups = Object.entries(libraries).map(
    ([folder, npm]) => [npm, modulesOf(folder).map((module) => ({ folder, module }))] as const
  )
  const index = [
    note,
    "",
    "# Modules",
    "",
    "Operations are in the [reference](../reference).",
    "",
    ...groups.flatMap(([npm, list]) => [
      `## ${npm}`,
      "",
      ...table(
        ["module", ""],
        list.map(({ folder, module }) => [
          `[${module}](${npm}/${module}.md)`,
          firstSentence(headOf(sourceOf(`${root}/packages/${folder}/src/${module}.ts`)).text)
        ])
      ),
      ""
    ])
  ]
  return [
    { path: "modules/README.md", text: `${index.join("\n").trimEnd()}\n` },
    ...groups.flatMap(([npm, list]) => list.map(({ folder, module }) => page(folder, npm, module)))
  ]
}
