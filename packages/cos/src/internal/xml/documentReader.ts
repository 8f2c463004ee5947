/**
 * The document parser. fast-xml-parser builds the tree, but by itself accepts documents that are cut short or malformed,
 * so the scan checks the text first.
 *
 * The four long lists are read by `bulkListReader.ts` instead, about ten times as fast. Both readers stay: the library is tested by
 * many, and the fast one is held to it by differential tests. Decision 0002 gives the reasons and the cost.
 */
import { constVoid } from "effect/Function"
import { XMLParser } from "fast-xml-parser"
import type { Document, Node } from "../../CosXml.js"
import * as Xml from "./wellFormed.js"

const textName = "#text"
const cdataName = "#cdata"

const parser = /*#__PURE__*/ new XMLParser({
  // Text and CDATA stay apart and in order, so that entities are decoded in text only, and once.
  preserveOrder: true,
  cdataPropName: cdataName,
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  // Above the limit of the scan, which reports it in our words.
  maxNestedTags: Xml.maxDepth + 1
})

/** One node in document order: the only key is the name of the element, {@link textName} or {@link cdataName}. */
interface Ordered {
  readonly [name: string]: ReadonlyArray<Ordered> | string
}

/**
 * The text of a document that passes the scan, without its instructions: the parser would pair quotation marks in them,
 * where a mark by itself is legal, and take in what follows.
 */
const checked = (source: string, anyCharacter: boolean): string => {
  const instructions: Array<readonly [from: number, to: number]> = []
  const text = Xml.scan(
    source,
    {
      open: constVoid,
      text: constVoid,
      close: constVoid,
      instruction: (from, to) => {
        instructions.push([from, to])
      }
    },
    anyCharacter
  )
  let rest = ""
  let at = 0
  for (const [from, to] of instructions) {
    rest += text.slice(at, from)
    at = to
  }
  return rest + text.slice(at)
}

const contentOf = (nodes: ReadonlyArray<Ordered>, anyCharacter: boolean): Node => {
  let text = ""
  let elements: Xml.Children | undefined
  for (const node of nodes) {
    for (const name in node) {
      const value = node[name] as ReadonlyArray<Ordered> | string
      if (typeof value === "string") text += Xml.decodeText(value, 0, anyCharacter)
      else if (name === cdataName) text += value.map((part) => part[textName]).join("")
      else {
        elements ??= Object.create(null) as Xml.Children
        Xml.addChild(elements, name, contentOf(value, anyCharacter))
      }
    }
  }
  if (elements === undefined) return text
  if (!Xml.isBlank(text)) throw new Xml.Malformed(Xml.mixed)
  return elements
}

/** Nothing that passes the scan is refused today; a later version of the parser may set limits of its own. */
const nodesOf = (text: string): ReadonlyArray<Ordered> => {
  try {
    return parser.parse(text)
  } catch {
    throw new Xml.Malformed("refused by the parser")
  }
}

export const parse = (source: string, anyCharacter: boolean): Document => {
  for (const node of nodesOf(checked(source, anyCharacter))) {
    for (const root in node) {
      const children = node[root] as ReadonlyArray<Ordered> | string
      if (typeof children !== "string") return { root, content: contentOf(children, anyCharacter) }
    }
  }
  throw new Xml.Malformed("refused by the parser")
}
