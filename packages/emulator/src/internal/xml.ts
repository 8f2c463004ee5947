/**
 * The XML that the emulator writes and reads. Its own, not the SDK's: each would hide the other's mistakes.
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
  return text === "" ? `<${name}/>` : `<${name}>${text}</${name.split(" ")[0]}>`
}

/** A whole document. */
export const render = (root: Element): string => `<?xml version='1.0' encoding='utf-8' ?>\n${write(root)}`

/** An element that was read. */
export interface Node {
  readonly name: string
  readonly text: string
  readonly children: ReadonlyArray<Node>
}

const entities = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"]
])

const unescape = (text: string): string =>
  text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const reference = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(name)
    const point = reference && Number.parseInt(reference[1] ?? reference[2]!, reference[1] === undefined ? 10 : 16)
    const char = point && point <= 0x10ffff ? String.fromCodePoint(point) : entities.get(name)
    if (char === undefined || !whole.endsWith(";")) throw `unknown entity ${whole}`
    return char
  })

const token =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y

const read = (text: string): Node => {
  const top: { name: string; text: string; children: Array<Node> } = { name: "", text: "", children: [] }
  const stack = [top]
  token.lastIndex = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (token.lastIndex < text.length) {
    const start = token.lastIndex
    const match = token.exec(text)
    if (match === null) throw `unexpected markup at ${start}`
    const [, closing, name, , selfClosing, chars] = match
    const open = stack[stack.length - 1]!
    if (chars !== undefined) {
      open.text += unescape(chars.replace(/\r\n?/g, "\n"))
    } else if (name !== undefined && closing === "/") {
      if (open.name !== name) throw `</${name}> where </${open.name}> was expected`
      stack.pop()
    } else if (name !== undefined) {
      const node = { name, text: "", children: [] }
      open.children.push(node)
      if (selfClosing !== "/") stack.push(node)
      if (stack.length > 33) throw "too deep"
    }
  }
  if (stack.length > 1) throw `<${stack[stack.length - 1]!.name}> is not closed`
  if (top.children.length !== 1 || top.text.trim() !== "") throw "one root element was expected"
  return top.children[0]!
}

/** Reads a document. No DOCTYPE, no CDATA, no undeclared entities; at most 32 levels. */
export const parse = (text: string): Either.Either<Node, string> =>
  Either.try({ try: () => read(text), catch: (error) => (typeof error === "string" ? error : "not well-formed") })

/** The children of a name, in order. */
export const all = (node: Node, name: string): ReadonlyArray<Node> =>
  node.children.filter((child) => child.name === name)

/** The text of the first child of a name. */
export const text = (node: Node, name: string): string | undefined => all(node, name)[0]?.text
