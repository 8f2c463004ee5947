/**
 * The XML that COS speaks, as plain trees: elements are fields, repeated elements arrays, everything else text.
 *
 * Reading is strict where leniency would lose data (a page cut short, two roots, mismatched tags) or cost more than a
 * document is worth (a DOCTYPE, deep nesting, huge size), and indifferent where COS is: namespaces, attributes,
 * declarations, comments and indentation are ignored. Text is never trimmed. Names are ASCII.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import { XMLParser } from "fast-xml-parser"
import type { ParseOptions } from "./internal/xml/documentReader.js"
import * as documentReader from "./internal/xml/documentReader.js"
import * as rules from "./internal/xml/wellFormed.js"
import { XmlError } from "./internal/xml/xmlError.js"

/**
 * The content of an element: its text, or its child elements by name in order of first appearance. The records have no
 * prototype. An empty element is `""`; an element that occurs more than once in its parent is an array.
 *
 * @since 0.1.0
 * @category models
 */
export type Node = string | Elements

/**
 * Child elements by their names, without prefixes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Elements {
  readonly [element: string]: Node | ReadonlyArray<Node>
}

/**
 * A parsed document: the name of its root, without a namespace prefix, and what the root contains.
 *
 * @since 0.1.0
 * @category models
 */
export interface Document {
  readonly root: string
  readonly content: Node
}

export { XmlError } from "./internal/xml/xmlError.js"

/**
 * The longest document that is read, 16 Mi units of text. Readers of bodies cap the bytes at the same number.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxLength: number = rules.maxLength

/**
 * The deepest nesting that is read, the root counting as 1.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxDepth: number = rules.maxDepth

/**
 * The text of a body, which must be UTF-8.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeUtf8 = (bytes: Uint8Array): Either.Either<string, XmlError> =>
  bytes.length > maxLength
    ? Either.left(new XmlError({ reason: rules.tooLong }))
    : Either.try({
        try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
        catch: () => new XmlError({ reason: "not UTF-8" })
      })

/**
 * Parses a document.
 *
 * Refused, always as a value: text that is not well-formed (cut short, mismatched tags, a second root, anything after the
 * root, unknown entities, characters that XML 1.0 forbids), `<!` other than a comment or CDATA, text beside elements,
 * names of `Object.prototype`, nesting deeper than {@link maxDepth}, text longer than {@link maxLength}.
 * Blanks before the declaration are accepted: Complete Multipart Upload sends them while it works.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parse: (text: string, options?: ParseOptions) => Either.Either<Document, XmlError> =
  documentReader.make(XMLParser)

export type { ParseOptions } from "./internal/xml/documentReader.js"
export { parseList } from "./internal/xml/singlePassReader.js"
export { build, isText } from "./internal/xml/writer.js"
