/**
 * Writes and parses XML. Independent of the SDK's XML on purpose: shared code would hide mistakes from the tests.
 */
import * as Either from "effect/Either"

/** An element to write: its name (attributes may follow it) and its text or children. `undefined` leaves it out. */
export type Element = readonly [name: string, content: Content]
export type Content = string | number | boolean | undefined | ReadonlyArray<Element>

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" }

// A bare CR would come back as LF, and control characters have no other spelling (it is not legal XML 1.0 either way).
const escape = (text: string): string =>
  text.replace(/[&<>"'\u0000-\u0008\u000b-\u001f]/g, (char) => escapes[char] ?? `&#${char.charCodeAt(0)};`)

const write = ([name, content]: Element): string => {
  if (content === undefined) return ""
  const text = Array.isArray(content) ? content.map(write).join("") : escape(String(content))
  return text === "" ? `<${name}/>` : `<${name}>${text}</${name.split(/\s/, 1)[0]}>`
}

/** A whole document. */
export const render = (root: Element): string => `<?xml version='1.0' encoding='utf-8' ?>\n${write(root)}`

/** An element that was read. */
export interface Node {
  readonly name: string
  /** As they were written, with the blanks before them. */
  readonly attributes: string
  readonly text: string
  readonly children: ReadonlyArray<Node>
}

/** Why a document is refused. */
class Malformed extends Error {}

const entities = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"]
])

const character = (name: string): string | undefined => {
  const point = /^#\d+$/.test(name)
    ? Number(name.slice(1))
    : /^#x[0-9a-f]+$/i.test(name)
      ? Number(`0${name.slice(1)}`)
      : undefined
  if (point === undefined) return entities.get(name)
  // half of a surrogate pair would become U+FFFD, which may be the name of something else
  const isHalf = point >= 0xd800 && point <= 0xdfff
  return point > 0 && point <= 0x10ffff && !isHalf ? String.fromCodePoint(point) : undefined
}

const unescape = (text: string): string =>
  text.replace(/&([^;]*)(;?)/g, (whole, name: string, end: string) => {
    const char = end === "" ? undefined : character(name)
    if (char === undefined) throw new Malformed(`${whole.slice(0, 20)} is no entity`)
    return char
  })

/** An element that is being read. */
interface OpenElement extends Node {
  text: string
  readonly children: Array<Node>
  readonly parent: OpenElement | undefined
  readonly depth: number
}

const openElement = (name: string, attributes: string, parent: OpenElement | undefined): OpenElement => ({
  name,
  attributes,
  text: "",
  children: [],
  parent,
  depth: parent === undefined ? 0 : parent.depth + 1
})

const elementName = String.raw`[A-Za-z_][\w.:-]*`
const attributes = String.raw`(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*`
const token = new RegExp(
  String.raw`<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<\/(?<closed>${elementName})\s*>|<(?<name>${elementName})(?<attributes>${attributes})(?<empty>\/?)>|(?<text>[^<]+)`,
  "y"
)

/** Control characters, which XML documents cannot contain. */
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

const read = (document: string): Node => {
  const top = openElement("", "", undefined)
  let current = top
  if (controlCharacters.test(document)) throw new Malformed("it has a control character")
  // A byte order mark may stand in front.
  token.lastIndex = document.startsWith("\ufeff") ? 1 : 0
  while (token.lastIndex < document.length) {
    const at = token.lastIndex
    const groups = token.exec(document)
    if (groups === null) throw new Malformed(`no markup at ${at}`)
    const { attributes = "", closed, empty, name, text } = groups.groups ?? {}
    if (text !== undefined) {
      current.text += unescape(text.replace(/\r\n?/g, "\n"))
    } else if (closed !== undefined) {
      if (current.name !== closed || current.parent === undefined)
        throw new Malformed(`</${closed}> closes <${current.name}>`)
      current = current.parent
    } else if (name !== undefined) {
      const element = openElement(name, attributes.trimEnd(), current)
      if (element.depth > 32) throw new Malformed("more than 32 levels")
      current.children.push(element)
      if (empty === "") current = element
    }
  }
  if (current !== top) throw new Malformed(`<${current.name}> is not closed`)
  const [root, ...others] = top.children
  if (root === undefined || others.length > 0 || top.text.trim() !== "") throw new Malformed("one root is expected")
  return root
}

/** Reads a document. No DOCTYPE, no CDATA, no undeclared entities; at most 32 levels. */
export const parse = (document: string): Either.Either<Node, string> =>
  Either.try({ try: () => read(document), catch: (error) => (error as Error).message })

/** Characters that no XML 1.0 document can have, not even as references. */
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** The first element with a text that a parser of XML 1.0 refuses. */
export const unreadable = (node: Node): Node | undefined =>
  illegal.test(node.text) ? node : node.children.map(unreadable).find((found) => found !== undefined)

/** Turns a parsed document back into one to write. Blanks between elements are lost. */
export const toElement = ({ attributes, children, name, text }: Node): Element => [
  name + attributes,
  children.length === 0 ? text : children.map(toElement)
]

/** The children of a name, in order. */
export const all = (node: Node, name: string): ReadonlyArray<Node> =>
  node.children.filter((child) => child.name === name)

/** The text of the first child of a name. */
export const text = (node: Node, name: string): string | undefined => all(node, name)[0]?.text
