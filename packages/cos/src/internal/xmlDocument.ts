/**
 * The document parser: fast-xml-parser builds the tree, after a scan that refuses what it would accept (it reads cut and
 * mismatched documents) and leaves it nothing to interpret but tags and text.
 */
import { XMLParser } from "fast-xml-parser"
import type { Document, Node } from "../CosXml.js"
import * as Xml from "./xml.js"

const tag = new RegExp(`<(/?)(${Xml.namePattern})`, "y")

/** The document with nothing left but tags and escaped text; throws unless it is well-formed. */
const scan = (text: string): string => {
  let kept = ""
  let from = 0
  const open: Array<string> = []
  let started = false
  let at = 0
  const prolog = /^[ \n\t]*/.exec(text) as RegExpExecArray
  const start = prolog[0].length
  while (at < text.length) {
    const next = text.indexOf("<", at)
    const end = next === -1 ? text.length : next
    if (end > at) {
      const run = text.slice(at, end)
      if (open.length === 0) {
        if (!Xml.isBlank(run)) throw new Xml.Malformed("text outside the root", at)
      } else {
        if (run.includes("]]>")) throw new Xml.Malformed("a stray ]]>", at)
        Xml.decodeText(run, at)
      }
    }
    if (next === -1) break
    if (text.startsWith("<!--", next)) {
      at = Xml.commentEnd(text, next)
      kept += text.slice(from, next)
      from = at
    } else if (text.startsWith("<![CDATA[", next)) {
      if (open.length === 0) throw new Xml.Malformed("text outside the root", next)
      const close = Xml.cdataEnd(text, next)
      const content = text.slice(next + 9, close)
      kept += text.slice(from, next) + content.replace(/[&<]/g, (c) => (c === "&" ? "&amp;" : "&lt;"))
      at = close + 3
      from = at
    } else if (text.startsWith("<?", next)) {
      at = Xml.instructionEnd(text, next, next === start)
      kept += text.slice(from, next)
      from = at
    } else {
      tag.lastIndex = next
      const match = tag.exec(text)
      if (match === null) throw new Xml.Malformed("a malformed or unsupported tag", next)
      const [whole, slash, name] = match as unknown as [string, string, string]
      const nameEnd = next + whole.length
      const { end: tagEnd, empty } = Xml.skipAttributes(text, nameEnd)
      if (slash === "/") {
        if (empty || !/^[ \n\t]*>$/.test(text.slice(nameEnd, tagEnd)) || open.pop() !== name) {
          throw new Xml.Malformed("a mismatched end tag", next)
        }
      } else {
        if (started && open.length === 0) throw new Xml.Malformed("a second root", next)
        started = true
        if (open.length >= Xml.maxDepth) throw new Xml.Malformed(Xml.tooDeep, next)
        Xml.localName(name, next)
        if (!empty) open.push(name)
        kept += `${text.slice(from, nameEnd)}${empty ? "/>" : ">"}`
        from = tagEnd
      }
      at = tagEnd
    }
  }
  if (open.length > 0 || !started) throw new Xml.Malformed("an unfinished document", text.length)
  return kept + text.slice(from)
}

const parser = (): XMLParser =>
  new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    trimValues: false,
    processEntities: false,
    removeNSPrefix: true,
    maxNestedTags: Xml.maxDepth + 1
  })

const textName = "#text"

const convert = (value: unknown): Node => {
  if (typeof value === "string") return Xml.decodeText(value, 0)
  const elements: Record<string, Node | ReadonlyArray<Node>> = Object.create(null)
  for (const [name, child] of Object.entries(value as Record<string, unknown>)) {
    if (name === textName) {
      if (!Xml.isBlank(Xml.decodeText(child as string, 0))) throw new Xml.Malformed("text beside elements")
    } else {
      elements[name] = Array.isArray(child) ? child.map(convert) : convert(child)
    }
  }
  return elements
}

export const parse = (source: string): Document => {
  const tree = parser().parse(scan(Xml.prepare(source))) as Record<string, unknown>
  const root = Object.keys(tree).find((name) => name !== textName) as string
  return { root, content: convert(tree[root]) }
}
