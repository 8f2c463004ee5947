/**
 * The elements of a document that its fields do not name: collected when it is read, and put back when it is written, so
 * that a configuration that is read, changed and written keeps what is newer than this SDK.
 */
import type * as CosXml from "../../CosXml.js"

export type Content = CosXml.Node | ReadonlyArray<CosXml.Node>

export type MutableElements = { [element: string]: Content }

/** What the fields of a struct took of an element: one of a name, all of a name, or some of the elements in it. */
export type Claims = Map<string, Claims | "one" | "all">

export const isElements = (node: unknown): node is CosXml.Elements =>
  typeof node === "object" && node !== null && !Array.isArray(node)

export const claim = (claims: Claims, path: ReadonlyArray<string>, isList: boolean): void => {
  const [name = "", ...rest] = path
  if (rest.length === 0) {
    claims.set(name, isList ? "all" : "one")
    return
  }
  const known = claims.get(name)
  const inner: Claims = known instanceof Map ? known : new Map()
  claims.set(name, inner)
  claim(inner, rest, isList)
}

const listOf = (content: Content): ReadonlyArray<CosXml.Node> =>
  Array.isArray(content) ? content : [content as CosXml.Node]

/** What is not claimed; `undefined` where there is nothing. */
export const unclaimed = (node: CosXml.Node, claims: Claims): CosXml.Elements | undefined => {
  if (!isElements(node)) return undefined
  let rest: MutableElements | undefined
  const keep = (name: string, content: Content) => {
    rest ??= Object.create(null) as MutableElements
    add(rest, name, content)
  }
  for (const name in node) {
    const content = node[name] as Content
    const claimed = claims.get(name)
    if (claimed === undefined) keep(name, content)
    else if (claimed === "one" && Array.isArray(content)) keep(name, content.slice(1))
    else if (claimed instanceof Map) {
      for (const one of listOf(content)) {
        const inner = unclaimed(one, claimed)
        if (inner !== undefined) keep(name, inner)
      }
    }
  }
  return rest
}

/** Elements of a name that is there already join it: those with elements in the one that is there, others after it. */
const add = (elements: MutableElements, name: string, content: Content): void => {
  const existing = elements[name]
  if (existing === undefined) elements[name] = content
  else if (content === "" && isElements(existing)) return
  else if (isElements(existing) && isElements(content)) elements[name] = merged(existing, content)
  else elements[name] = [...listOf(existing), ...listOf(content)]
}

const merged = (elements: CosXml.Elements, rest: CosXml.Elements): CosXml.Elements => {
  const all: MutableElements = Object.assign(Object.create(null) as MutableElements, elements)
  putBack(all, rest)
  return all
}

/** Adds what was not claimed to the elements that the fields write. */
export const putBack = (elements: MutableElements, rest: CosXml.Elements): void => {
  for (const name in rest) add(elements, name, rest[name] as Content)
}

const maxDepth = 32

/** Whether a value is what {@link unclaimed} gives, and can be written. */
export const isUnknownElements = (value: unknown): value is CosXml.Elements => isWritable(value, 0)

const isWritable = (value: unknown, depth: number): boolean =>
  depth < maxDepth &&
  isElements(value) &&
  Object.entries(value).every(([name, content]) =>
    name === "#text" || name.startsWith("@")
      ? typeof content === "string" && (name === "#text" || isName(name.slice(1)))
      : isName(name) && listOf(content as Content).every((one) => typeof one === "string" || isWritable(one, depth + 1))
  )

const isName = (name: string): boolean => /^[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?$/.test(name)
