/** Writes a type of the checker as TypeScript: plain members with their docs, and names where a type has a public one. */
import ts from "typescript-5"

/** Where a name comes from: `import type * as <namespace> from "<module>"`, or `import type { <name> }` without one. */
export interface Named {
  readonly name: string
  readonly module: string
  readonly namespace?: string | undefined
}

export interface Printer {
  readonly type: (type: ts.Type) => string
  /** The members of an interface, in the order given. */
  readonly members: (properties: ReadonlyArray<ts.Symbol>) => string
  /** The name, imported where it is used. */
  readonly use: (named: Named) => string
  /** The import statements that the printed text needs. */
  readonly imports: () => ReadonlyArray<string>
}

const width = 120

/** These stand at the end of a union, in this order. `string & {}` leaves a union of words open. */
const lastInUnions = ["CosError.Common", "(string & {})", "undefined"]

/** A doc comment, wrapped at the width of a line. */
export const comment = (text: string, indent: string, tags: ReadonlyArray<string> = []): string => {
  const oneLine = text.split("\n\n").length === 1 && tags.length === 0 ? text.replace(/\s*\n\s*/g, " ") : undefined
  if (oneLine !== undefined && indent.length + oneLine.length + 7 <= width) return `${indent}/** ${oneLine} */\n`
  const lines = text.split("\n\n").flatMap((paragraph, index) => {
    const wrapped: Array<string> = index === 0 ? [] : [""]
    let line = ""
    for (const word of paragraph.split(/\s+/)) {
      if (line !== "" && indent.length + line.length + word.length + 4 > width) {
        wrapped.push(line)
        line = word
      } else line = line === "" ? word : `${line} ${word}`
    }
    return [...wrapped, line]
  })
  const all = [...lines, ...(tags.length === 0 ? [] : ["", ...tags])]
  return `${indent}/**\n${all.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`
}

/** The text of a symbol's doc comment, without its tags. */
export const docOfSymbol = (symbol: ts.Symbol, checker: ts.TypeChecker): string =>
  ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()

const positionOf = (symbol: ts.Symbol): readonly [file: string, position: number] => {
  const declaration = symbol.declarations?.[0]
  return declaration === undefined ? ["", 0] : [declaration.getSourceFile().fileName, declaration.pos]
}

/** In the order of the sources: what the file itself declares comes before what it spreads in. */
export const inOrder = (properties: ReadonlyArray<ts.Symbol>, own: string): ReadonlyArray<ts.Symbol> =>
  properties.toSorted((a, b) => {
    const [fileA, positionA] = positionOf(a)
    const [fileB, positionB] = positionOf(b)
    if (fileA === fileB) return positionA - positionB
    if (fileA === own || fileB === own) return fileA === own ? -1 : 1
    return fileA < fileB ? -1 : 1
  })

export const isOptional = (property: ts.Symbol): boolean => (property.flags & ts.SymbolFlags.Optional) !== 0

/** A union with a name, which the compiler merges into larger ones. */
export interface NamedUnion {
  readonly type: ts.UnionType
  readonly named: Named
}

/** `nameOf` says what a type is called elsewhere. */
export const makePrinter = (
  checker: ts.TypeChecker,
  own: string,
  nameOf: (type: ts.Type) => Named | undefined,
  unions: ReadonlyArray<NamedUnion>
): Printer => {
  const needed = new Map<string, Set<string>>()

  const use = ({ module, name, namespace }: Named): string => {
    if (module === "") return name
    const names = needed.get(module) ?? new Set<string>()
    needed.set(module, names.add(namespace === undefined ? `{ ${name} }` : `* as ${namespace}`))
    return namespace === undefined ? name : `${namespace}.${name}`
  }

  const union = (type: ts.UnionType, indent: string): string => {
    const printed = new Set<string>()
    let rest = type.types
    for (const known of unions) {
      if (!known.type.types.every((member) => rest.includes(member))) continue
      rest = rest.filter((member) => !known.type.types.includes(member))
      printed.add(use(known.named))
    }
    if (rest.filter(({ flags }) => flags & ts.TypeFlags.BooleanLiteral).length === 2) {
      rest = rest.filter(({ flags }) => !(flags & ts.TypeFlags.BooleanLiteral))
      printed.add("boolean")
    }
    for (const member of rest) printed.add(print(member, indent))
    // The compiler's own order depends on what it met before.
    return [...printed].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).join(" | ")
  }

  const rank = (text: string): number => lastInUnions.indexOf(text)

  const list = (item: ts.Type, indent: string): string => `ReadonlyArray<${print(item, indent)}>`

  const reference = (type: ts.TypeReference, indent: string): string => {
    const symbol = type.symbol
    const parameters = checker
      .getTypeArguments(type)
      .filter((argument) => !(argument as { isThisType?: boolean }).isThisType)
    const [first] = parameters
    if ((symbol.name === "ReadonlyArray" || symbol.name === "Array") && first !== undefined) return list(first, indent)
    if (symbol.name === "Uint8Array" || symbol.name === "Date" || symbol.name === "Blob") return symbol.name
    const name = nameOf(type)
    if (name === undefined) throw new Error(`${own}: no public name for ${checker.typeToString(type)}`)
    return parameters.length === 0
      ? use(name)
      : `${use(name)}<${parameters.map((parameter) => print(parameter, indent)).join(", ")}>`
  }

  const literal = (type: ts.Type, indent: string): string => {
    const index = checker.getIndexInfosOfType(type)
    const members = membersOf(inOrder(checker.getPropertiesOfType(type), own), `${indent}  `)
    const signatures = index.map(
      ({ keyType, type: value }) => `readonly [name: ${print(keyType, indent)}]: ${print(value, indent)}`
    )
    if (members === "") return `{ ${signatures.join("; ")} }`
    return `{\n${members}${signatures.map((signature) => `${indent}  ${signature}\n`).join("")}${indent}}`
  }

  const print = (type: ts.Type, indent: string): string => {
    const name = nameOf(type)
    if (
      name !== undefined &&
      !(type.flags & ts.TypeFlags.Object && checker.getTypeArguments(type as ts.TypeReference)?.length)
    ) {
      return use(name)
    }
    if (type.isUnion()) return union(type, indent)
    if (type.isIntersection()) {
      if (type.types.some(({ flags }) => flags & ts.TypeFlags.String)) return "(string & {})"
      return literal(type, indent)
    }
    if (type.isStringLiteral() || type.isNumberLiteral()) return JSON.stringify(type.value)
    if (type.flags & ts.TypeFlags.Object) {
      const { objectFlags } = type as ts.ObjectType
      const isAnonymous = objectFlags & (ts.ObjectFlags.Anonymous | ts.ObjectFlags.Mapped)
      return isAnonymous ? literal(type, indent) : reference(type as ts.TypeReference, indent)
    }
    return checker.typeToString(type)
  }

  const membersOf = (properties: ReadonlyArray<ts.Symbol>, indent: string): string =>
    properties
      .map((property) => {
        const doc = docOfSymbol(property, checker)
        const type = print(checker.getTypeOfSymbol(property), indent)
        const value = isOptional(property) && !/(^|\| )undefined$/.test(type) ? `${type} | undefined` : type
        return `${doc === "" ? "" : comment(doc, indent)}${indent}readonly ${property.name}${isOptional(property) ? "?" : ""}: ${value}\n`
      })
      .join("")

  return {
    use,
    type: (type) => print(type, ""),
    members: (properties) => membersOf(properties, "  "),
    imports: () =>
      [...needed]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([module, names]) => {
          const plain = [...names]
            .filter((name) => name.startsWith("{"))
            .map((name) => name.slice(2, -2))
            .toSorted()
          const spaces = [...names].filter((name) => !name.startsWith("{"))
          return [
            ...spaces.map((name) => `import type ${name} from "${module}"`),
            ...(plain.length === 0 ? [] : [`import type { ${plain.join(", ")} } from "${module}"`])
          ]
        })
  }
}
