/**
 * Checks that a user can name every type of the public modules: what an emitted declaration mentions is exported by a
 * public module of ours, or comes from another package.
 */
import { existsSync, readdirSync } from "node:fs"
import { relative } from "node:path"
import * as Effect from "effect/Effect"
import ts from "typescript-5"
import { Failed, libraries, main, root } from "../tool.js"

const dists = Object.keys(libraries).map((folder) => `${root}/packages/${folder}/dist`)

/** The declarations that a package exports by name: those beside its index. */
const modulesOf = (dist: string): ReadonlyArray<string> =>
  readdirSync(dist)
    .filter((file) => file.endsWith(".d.ts"))
    .map((file) => `${dist}/${file}`)

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
  types: [],
  // The other packages' imports lead to what was built, as for a user.
  baseUrl: root,
  paths: Object.fromEntries(
    Object.entries(libraries).flatMap(([folder, npm]) => [
      [npm, [`packages/${folder}/dist/index.d.ts`]],
      [`${npm}/*`, [`packages/${folder}/dist/*.d.ts`]]
    ])
  )
}

const find = () => {
  const files = dists.flatMap(modulesOf)
  const program = ts.createProgram(files, options)
  const checker = program.getTypeChecker()

  const resolve = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

  const modules = files.flatMap((file) => {
    const source = program.getSourceFile(file)
    const symbol = source && checker.getSymbolAtLocation(source)
    return symbol === undefined ? [] : [symbol]
  })
  const named = new Set<ts.Symbol>()
  const add = (symbol: ts.Symbol): void => {
    const target = resolve(symbol)
    if (named.has(target)) return
    named.add(target)
    // `export * as Upload`, and the namespace beside a class.
    if (target.flags & (ts.SymbolFlags.ValueModule | ts.SymbolFlags.NamespaceModule)) {
      for (const member of checker.getExportsOfModule(target)) add(member)
    }
  }
  for (const module of modules) add(module)

  const isOurs = (declaration: ts.Declaration): boolean => {
    const { fileName } = declaration.getSourceFile()
    return dists.some((dist) => fileName.startsWith(`${dist}/`))
  }

  const isDeclared = (node: ts.Node): boolean =>
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isFunctionDeclaration(node)

  /** The names in a declaration, but not its own. */
  const mentioned = (declaration: ts.Node): ReadonlyArray<ts.EntityName | ts.Expression> => {
    const names: Array<ts.EntityName | ts.Expression> = []
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node)) names.push(node.typeName)
      else if (ts.isTypeQueryNode(node)) names.push(node.exprName)
      else if (ts.isExpressionWithTypeArguments(node)) {
        // A class of the form `class A extends B("A")` is emitted with its base in a constant that is not exported.
        const base = checker.getSymbolAtLocation(node.expression)?.valueDeclaration
        if (base !== undefined && ts.isVariableDeclaration(base) && isOurs(base)) visit(base)
        else names.push(node.expression)
      } else if (ts.isImportTypeNode(node) && node.qualifier !== undefined) names.push(node.qualifier)
      ts.forEachChild(node, visit)
    }
    visit(declaration)
    return names
  }

  const leaks = new Set<string>()
  for (const symbol of named) {
    for (const declaration of symbol.declarations ?? []) {
      if (!isOurs(declaration) || ts.isSourceFile(declaration) || !isDeclared(declaration)) continue
      for (const name of mentioned(declaration)) {
        const found = checker.getSymbolAtLocation(ts.isQualifiedName(name) ? name.right : name)
        const target = found && resolve(found)
        if (target === undefined || named.has(target) || target.flags & ts.SymbolFlags.TypeParameter) continue
        const own = target.declarations?.find(isOurs)
        if (own === undefined || !isDeclared(own)) continue
        const file = relative(root, own.getSourceFile().fileName).replace("packages/", "").replace("/dist/", "/src/")
        const user = relative(root, declaration.getSourceFile().fileName)
          .replace("packages/", "")
          .replace("/dist/", "/src/")
        leaks.add(
          `${target.name} (${file.replace(".d.ts", ".ts")}), of ${symbol.name} in ${user.replace(".d.ts", ".ts")}`
        )
      }
    }
  }
  return { count: named.size, leaks: [...leaks].toSorted() }
}

main(
  Effect.gen(function* () {
    const missing = dists.filter((dist) => !existsSync(dist))
    if (missing.length > 0) return yield* new Failed(`pnpm build first: ${missing.join(", ")}`)
    const { count, leaks } = find()
    if (leaks.length > 0) return yield* new Failed(`no public module exports\n${leaks.join("\n")}`)
    console.log(`${count} names, each of whose types has a name`)
  })
)
