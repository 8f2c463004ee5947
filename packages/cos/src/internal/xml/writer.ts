/** Writes documents. */
import * as Either from "effect/Either"
import type { Node } from "../../CosXml.js"
import * as rules from "./wellFormed.js"
import { XmlError } from "./xmlError.js"

/**
 * Whether XML 1.0 can carry the text: no control characters but tab, line feed and carriage return, no lone surrogates,
 * no U+FFFE, U+FFFF.
 *
 * @since 0.1.0
 * @category encoding
 */
export const isText = (text: string): boolean => rules.forbiddenAt(text) === -1

/**
 * Writes a document without declaration and indentation, in the order of the fields. Text is escaped so that it is read
 * back unchanged (`\r` as `&#13;`, which a server would otherwise turn into a line feed). An array repeats its element, an
 * empty one writes nothing. A field whose name begins with `@` is an attribute of its element, and `#text` the text beside
 * attributes: `{ "@xsi:type": "…", "#text": "…" }`.
 *
 * Fails if a text holds a character that XML cannot carry, see {@link isText}.
 *
 * @since 0.1.0
 * @category encoding
 */
export const build = (root: string, content: Node): Either.Either<string, XmlError> => {
  const xml = writeElement(root, content)
  return isText(xml) ? Either.right(xml) : Either.left(new XmlError({ reason: rules.forbidden }))
}

const writeElement = (name: string, content: Node): string => {
  if (typeof content === "string") return content === "" ? `<${name}/>` : `<${name}>${rules.escape(content)}</${name}>`
  let attributes = ""
  let children = ""
  for (const field in content) {
    const value = content[field] as Node | ReadonlyArray<Node>
    if (field === "#text") {
      children += rules.escape(String(value))
    } else if (field.startsWith("@")) {
      attributes += ` ${field.slice(1)}="${rules.escapeAttribute(String(value))}"`
    } else if (Array.isArray(value)) {
      for (const item of value as ReadonlyArray<Node>) children += writeElement(field, item)
    } else {
      children += writeElement(field, value as Node)
    }
  }
  return children === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${children}</${name}>`
}
