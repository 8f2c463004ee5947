/**
 * The document parser: fast-xml-parser builds the tree. Alone it would read cut and mismatched documents and decode CDATA
 * once too often, so the document is walked first and handed over as nothing but tags and text.
 */
import { XMLParser } from "fast-xml-parser"
import type { Document, Node } from "../../CosXml.js"
import * as Xml from "./rules.js"

/** The document in its plainest form. */
const simplify = (source: string, anyCharacter: boolean): string => {
  const open: Array<string> = []
  let plain = ""
  const builder: Xml.Builder = {
    open: (name) => {
      open.push(name)
      plain += `<${name}>`
    },
    text: (text) => {
      plain += Xml.escape(text)
    },
    close: () => {
      plain += `</${open.pop()}>`
    }
  }
  Xml.scan(source, builder, anyCharacter)
  return plain
}

const parser = /*#__PURE__*/ new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: false
})

const textName = "#text"

const convert = (value: unknown): Node => {
  if (typeof value === "string") return Xml.decodeText(value, 0)
  const elements: Record<string, Node | ReadonlyArray<Node>> = Object.create(null)
  for (const [name, child] of Object.entries(value as Record<string, unknown>)) {
    if (name === textName) {
      if (!Xml.isBlank(Xml.decodeText(child as string, 0))) throw new Xml.Malformed(Xml.mixed)
    } else {
      elements[name] = Array.isArray(child) ? child.map(convert) : convert(child)
    }
  }
  return elements
}

/** Nothing that {@link simplify} writes is refused today; a later version may set limits of its own. */
const tree = (plain: string): object => {
  try {
    return parser.parse(plain)
  } catch {
    throw new Xml.Malformed("refused by the parser")
  }
}

export const parse = (source: string, anyCharacter: boolean): Document => {
  const [[root, content]] = Object.entries(tree(simplify(source, anyCharacter))) as [[string, unknown]]
  return { root, content: convert(content) }
}
