/**
 * The document parser. fast-xml-parser builds the tree, but by itself accepts documents that are cut short or malformed,
 * so the scan checks the text first.
 *
 * It reads what is written again with all that it holds: configurations, attributes and namespaces included. Errors, lists
 * and other documents that are only looked at are read by `singlePassReader`, without loading the library. Both readers
 * stay: the library is tested by many, and the fast one is held to it by differential tests. Decision 0002 gives the
 * reasons and the cost.
 */
import type * as Either from "effect/Either"
import { constVoid } from "effect/Function"
import type { XMLParser } from "fast-xml-parser"
import type { Document, Node } from "../../CosXml.js"
import * as Xml from "./wellFormed.js"
import { toEither, type XmlError } from "./xmlError.js"

const textName = "#text"
const cdataName = "#cdata"
const attributesName = ":@"

const options = {
  // Text and CDATA stay apart and in order, so that entities are decoded in text only, and once.
  preserveOrder: true,
  cdataPropName: cdataName,
  processEntities: false,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  // Above the limit of the scan, which reports it in our words.
  maxNestedTags: Xml.maxDepth + 1
}

/** To read attributes too; prefixes are left, since they are resolved here. */
const attributeOptions = {
  ...options,
  removeNSPrefix: false,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseAttributeValue: false
}

type Attributes = { readonly [name: string]: string }

/**
 * One node in document order: the only key is the name of the element, {@link textName} or {@link cdataName}, beside the
 * attributes of the element.
 */
interface Ordered {
  readonly [name: string]: ReadonlyArray<Ordered> | string | Attributes
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

/** The namespaces that are declared around an element, the default one under "". */
type Namespaces = { readonly [prefix: string]: string }

const prefixOf = (name: string): string => (name.includes(":") ? name.slice(0, name.indexOf(":")) : "")

const localNameOf = (name: string): string => name.slice(name.indexOf(":") + 1)

/** An element whose prefix is resolved: what it declares itself suffices to read it where no other element is around it. */
const resolve = (
  name: string,
  raw: Attributes,
  around: Namespaces,
  outer: string | undefined,
  anyCharacter: boolean
) => {
  const attributes: Record<string, string> = {}
  const declared: Record<string, string> = {}
  for (const field in raw) {
    // A parser has every blank in an attribute read as a space.
    const value = Xml.decodeText((raw[field] as string).replace(/[\t\n]/g, " "), 0, anyCharacter)
    if (field === "@xmlns") declared[""] = value
    else if (field.startsWith("@xmlns:")) declared[localNameOf(field)] = value
    else attributes[field] = value
  }
  const namespaces: Namespaces = { ...around, ...declared }
  const namespace = namespaces[prefixOf(name)] ?? ""
  const own: Record<string, string> = {}
  if (outer !== undefined && namespace !== outer) own["@xmlns"] = namespace
  for (const field in attributes) {
    const prefix = prefixOf(field.slice(1))
    const uri = namespaces[prefix]
    if (prefix !== "" && uri !== undefined) own[`@xmlns:${prefix}`] = uri
  }
  return { local: localNameOf(name), attributes: { ...own, ...attributes }, namespaces, namespace }
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

const noAttributes: Attributes = {}

const resolvedContent = (
  nodes: ReadonlyArray<Ordered>,
  attributes: Attributes,
  namespaces: Namespaces,
  namespace: string,
  anyCharacter: boolean
): Node => {
  let text = ""
  let hasElements = false
  const content = Object.assign(Xml.noChildren(), attributes)
  for (const node of nodes) {
    for (const name in node) {
      const value = node[name] as ReadonlyArray<Ordered> | string
      if (name === attributesName) continue
      if (typeof value === "string") text += Xml.decodeText(value, 0, anyCharacter)
      else if (name === cdataName) text += value.map((part) => part[textName]).join("")
      else {
        hasElements = true
        const raw = (node[attributesName] ?? noAttributes) as Attributes
        const child = resolve(name, raw, namespaces, namespace, anyCharacter)
        Xml.addChild(
          content,
          child.local,
          resolvedContent(value, child.attributes, child.namespaces, child.namespace, anyCharacter)
        )
      }
    }
  }
  if (hasElements) {
    if (!Xml.isBlank(text)) throw new Xml.Malformed(Xml.mixed)
  } else {
    if (Object.keys(attributes).length === 0) return text
    if (text !== "") content[textName] = text
  }
  return content
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
        elements ??= Xml.noChildren()
        Xml.addChild(elements, name, contentOf(value, anyCharacter))
      }
    }
  }
  if (elements === undefined) return text
  if (!Xml.isBlank(text)) throw new Xml.Malformed(Xml.mixed)
  return elements
}

/** Nothing that passes the scan is refused today; a later version of the parser may set limits of its own. */
const nodesOf = (parser: XMLParser, text: string): ReadonlyArray<Ordered> => {
  try {
    return parser.parse(text)
  } catch {
    throw new Xml.Malformed("refused by the parser")
  }
}

const read = (parser: XMLParser, source: string, anyCharacter: boolean, attributes: boolean): Document => {
  for (const node of nodesOf(parser, checked(source, anyCharacter))) {
    for (const root in node) {
      const children = node[root] as ReadonlyArray<Ordered> | string
      if (root === attributesName || typeof children === "string") continue
      if (!attributes) return { root, content: contentOf(children, anyCharacter) }
      const raw = (node[attributesName] ?? noAttributes) as Attributes
      const top = resolve(root, raw, {}, undefined, anyCharacter)
      return {
        root: top.local,
        content: resolvedContent(children, top.attributes, top.namespaces, top.namespace, anyCharacter)
      }
    }
  }
  throw new Xml.Malformed("refused by the parser")
}

/** What reads documents. */
export type Parse = (text: string, options?: ParseOptions) => Either.Either<Document, XmlError>

/** Makes it of the library, which whoever reads documents loads. */
export const make = (Parser: typeof XMLParser): Parse => {
  const parser = new Parser(options)
  const attributeParser = new Parser(attributeOptions)
  return (text, { anyCharacter = false, attributes = false } = {}) =>
    toEither(() => read(attributes ? attributeParser : parser, text, anyCharacter, attributes))
}
