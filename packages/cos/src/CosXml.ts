/**
 * The XML that COS speaks, as plain trees: elements are fields, repeated elements arrays, everything else text.
 *
 * Reading is strict where leniency would lose data (a page cut short, two roots, mismatched tags) or cost more than a
 * document is worth (a DOCTYPE, deep nesting, huge size), and indifferent where COS is: namespaces, attributes,
 * declarations, comments and indentation are ignored. Text is never trimmed. Names are ASCII.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as reader from "./internal/xml/bulkListReader.js"
import * as document from "./internal/xml/documentReader.js"
import * as rules from "./internal/xml/wellFormed.js"

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

/**
 * The text is not a document that COS may have sent, or a value cannot be written as XML.
 *
 * @since 0.1.0
 * @category errors
 */
export class XmlError extends Data.TaggedError("XmlError")<{
  /** What is wrong, as a phrase. It never contains text of the document. */
  readonly reason: string
  /** Where, in UTF-16 units, if that is known. */
  readonly offset?: number | undefined
}> {
  override get message(): string {
    return this.offset === undefined ? this.reason : `${this.reason} at offset ${this.offset}`
  }
}

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

const toEither = (run: () => Document): Either.Either<Document, XmlError> => {
  try {
    return Either.right(run())
  } catch (error) {
    if (error instanceof rules.Malformed) {
      return Either.left(new XmlError({ reason: error.message, offset: error.offset }))
    }
    throw error
  }
}

/**
 * How a document is read.
 *
 * @since 0.1.0
 * @category models
 */
export interface ParseOptions {
  /**
   * Whether characters that XML 1.0 forbids are read as they are, raw or as references: a server that is asked about a key
   * with such characters repeats it so. Default `false`.
   */
  readonly anyCharacter?: boolean | undefined
  /**
   * Whether attributes are read, as fields that begin with `@`; the text of an element that has any is its field `#text`.
   * An element of another namespace than its parent's has an `@xmlns`, in place of its prefix. Default `false`.
   */
  readonly attributes?: boolean | undefined
}

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
export const parse = (text: string, options?: ParseOptions): Either.Either<Document, XmlError> =>
  toEither(() =>
    document.parse(text, {
      anyCharacter: options?.anyCharacter ?? false,
      attributes: options?.attributes ?? false
    })
  )

/**
 * The same result as {@link parse}, read in a single pass, about ten times as fast: for bulk lists. It reads no attributes.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parseList = (
  text: string,
  options?: Pick<ParseOptions, "anyCharacter">
): Either.Either<Document, XmlError> => toEither(() => reader.read(text, options?.anyCharacter ?? false))

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
