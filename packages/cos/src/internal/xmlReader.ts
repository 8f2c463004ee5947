/** The single-pass reader: the tree is built while the document is walked. */
import type { Document, Node } from "../CosXml.js"
import * as Xml from "./xml.js"

type Elements = Record<string, Node | Array<Node>>

interface Frame {
  readonly name: string
  readonly parent: Frame | undefined
  text: string
  elements: Elements | undefined
}

const contentOf = (frame: Frame, at: number): Node => {
  if (frame.elements === undefined) return frame.text
  if (!Xml.isBlank(frame.text)) throw new Xml.Malformed(Xml.mixed, at)
  return frame.elements
}

const add = (parent: Frame, name: string, content: Node): void => {
  parent.elements ??= Object.create(null) as Elements
  const existing = parent.elements[name]
  if (existing === undefined) parent.elements[name] = content
  else if (Array.isArray(existing)) existing.push(content)
  else parent.elements[name] = [existing, content]
}

class Tree implements Xml.Builder {
  document: Document | undefined
  frame: Frame | undefined
  open(name: string): void {
    this.frame = { name, parent: this.frame, text: "", elements: undefined }
  }
  text(text: string): void {
    const frame = this.frame as Frame
    frame.text += text
  }
  close(at: number): void {
    const frame = this.frame as Frame
    const content = contentOf(frame, at)
    if (frame.parent === undefined) this.document = { root: frame.name, content }
    else add(frame.parent, frame.name, content)
    this.frame = frame.parent
  }
}

export const read = (source: string): Document => {
  const tree = new Tree()
  Xml.scan(source, tree)
  return tree.document as Document
}
