/**
 * The single-pass reader: the tree is built while the document is walked. Why there are two readers is told in
 * `documentReader`.
 */
import type * as Either from "effect/Either"
import type { Document, Node } from "../../CosXml.js"
import type { ParseOptions } from "./documentReader.js"
import * as Xml from "./wellFormed.js"
import { toEither, type XmlError } from "./xmlError.js"

interface Frame {
  readonly name: string
  readonly parent: Frame | undefined
  text: string
  elements: Xml.Children | undefined
}

const contentOf = (frame: Frame, at: number): Node => {
  if (frame.elements === undefined) return frame.text
  if (!Xml.isBlank(frame.text)) throw new Xml.Malformed(Xml.mixed, at)
  return frame.elements
}

/** The names of a root's children as they came, which the tree, by name, does not tell. */
const orders = new WeakMap<object, ReadonlyArray<string>>()

export const orderOf = (content: object): ReadonlyArray<string> | undefined => orders.get(content)

class Tree implements Xml.Builder {
  document: Document | undefined
  readonly order: Array<string> = []
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
    const { parent } = frame
    if (parent === undefined) {
      this.document = { root: frame.name, content }
      if (typeof content === "object") orders.set(content, this.order)
    } else {
      parent.elements ??= Xml.noChildren()
      Xml.addChild(parent.elements, frame.name, content)
      if (parent.parent === undefined) this.order.push(frame.name)
    }
    this.frame = parent
  }
}

const read = (source: string, anyCharacter: boolean): Document => {
  const tree = new Tree()
  Xml.scan(source, tree, anyCharacter)
  return tree.document as Document
}

/**
 * The same result as {@link parse}, read in a single pass, about ten times as fast. It reads no attributes.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parseList = (
  text: string,
  options?: Pick<ParseOptions, "anyCharacter">
): Either.Either<Document, XmlError> => toEither(() => read(text, options?.anyCharacter ?? false))
