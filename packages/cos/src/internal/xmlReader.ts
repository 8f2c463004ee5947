/** The single-pass reader: the same tree and the same refusals as the document parser. */
import type { Document, Node } from "../CosXml.js"
import * as Xml from "./xml.js"

type Elements = Record<string, Node | Array<Node>>

interface Frame {
  /** As written, with its prefix. */
  readonly name: string
  readonly local: string
  text: string
  elements: Elements | undefined
}

const isNameByte = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 45 && code <= 58 && code !== 47) || // - . 0-9 :
  code === 95

const Bare = function () {} as unknown as new () => Elements
Bare.prototype = Object.create(null)

const wholeName = new RegExp(`^${Xml.namePattern}$`)

const contentOf = (frame: Frame, at: number): Node => {
  if (frame.elements === undefined) return frame.text
  if (!Xml.isBlank(frame.text)) throw new Xml.Malformed("text beside elements", at)
  return frame.elements
}

const add = (parent: Frame, name: string, content: Node): void => {
  parent.elements ??= new Bare()
  const elements = parent.elements
  const existing = elements[name]
  if (existing === undefined) elements[name] = content
  else if (Array.isArray(existing)) existing.push(content)
  else elements[name] = [existing, content]
}

export const read = (source: string): Document => {
  const text = Xml.prepare(source)
  const locals = new Map<string, string>()
  const stack: Array<Frame> = []
  let frame: Frame | undefined
  let document: Document | undefined
  let beginning = 0
  while (/[ \t\n]/.test(text.charAt(beginning))) beginning++
  let at = beginning
  while (at < text.length) {
    const next = text.indexOf("<", at)
    const end = next === -1 ? text.length : next
    if (end > at) {
      const run = text.slice(at, end)
      if (frame === undefined) {
        if (!Xml.isBlank(run)) throw new Xml.Malformed("text outside the root", at)
      } else {
        if (run.includes("]]>")) throw new Xml.Malformed("a stray ]]>", at)
        frame.text += Xml.decodeText(run, at)
      }
    }
    if (next === -1) break
    const first = text.charCodeAt(next + 1)
    if (first === 47 /* / */) {
      if (frame === undefined || !text.startsWith(frame.name, next + 2)) {
        throw new Xml.Malformed("a mismatched end tag", next)
      }
      at = next + 2 + frame.name.length
      while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 10 || text.charCodeAt(at) === 9) at++
      if (text.charCodeAt(at) !== 62) throw new Xml.Malformed("a mismatched end tag", next)
      at++
      const content = contentOf(frame, next)
      const parent = stack.pop()
      if (parent === undefined) document = { root: frame.local, content }
      else add(parent, frame.local, content)
      frame = parent
    } else if (first === 33 /* ! */) {
      if (text.startsWith("<!--", next)) {
        at = Xml.commentEnd(text, next)
      } else if (text.startsWith("<![CDATA[", next)) {
        if (frame === undefined) throw new Xml.Malformed("text outside the root", next)
        const close = Xml.cdataEnd(text, next)
        frame.text += text.slice(next + 9, close)
        at = close + 3
      } else {
        throw new Xml.Malformed("a malformed or unsupported tag", next)
      }
    } else if (first === 63 /* ? */) {
      at = Xml.instructionEnd(text, next, next === beginning)
    } else {
      let nameEnd = next + 1
      while (isNameByte(text.charCodeAt(nameEnd))) nameEnd++
      const name = text.slice(next + 1, nameEnd)
      let local = locals.get(name)
      if (local === undefined) {
        if (!wholeName.test(name)) throw new Xml.Malformed("a malformed or unsupported tag", next)
        local = Xml.localName(name, next)
        locals.set(name, local)
      }
      let empty = false
      if (text.charCodeAt(nameEnd) === 62) at = nameEnd + 1
      else ({ end: at, empty } = Xml.skipAttributes(text, nameEnd))
      if (frame === undefined && document !== undefined) throw new Xml.Malformed("a second root", next)
      if (stack.length + (frame === undefined ? 0 : 1) >= Xml.maxDepth) throw new Xml.Malformed(Xml.tooDeep, next)
      if (!empty) {
        if (frame !== undefined) stack.push(frame)
        frame = { name, local, text: "", elements: undefined }
      } else if (frame === undefined) {
        document = { root: local, content: "" }
      } else {
        add(frame, local, "")
      }
    }
  }
  if (frame !== undefined || document === undefined) throw new Xml.Malformed("an unfinished document", text.length)
  return document
}
